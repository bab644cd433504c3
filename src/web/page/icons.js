// SPDX-License-Identifier: Apache-2.0
//
// Small drawings of 20 by 20, in the colour of the text beside them.  They say
// nothing that the text does not: a screen reader leaves them out.

import { svg } from './dom.js';

const PATHS = {
	overview: 'M3 11h4v6H3zM8.5 3h4v14h-4zM14 7h4v10h-4z',
	jobs: 'M3 5h14M3 10h9M3 15h11',
	bases: 'M3 5.5C3 3.5 17 3.5 17 5.5v9c0 2-14 2-14 0zM3 5.5c0 2 14 2 14 ' +
	    '0M3 10c0 2 14 2 14 0',
	access: 'M12.5 8.5a4 4 0 1 1-2.2-3.6 4 4 0 0 1 2.2 3.6zM12 10l5.5 5.5' +
	    'M15 13.2l-1.6 1.6',
	webhooks: 'M8 10.5a2.5 2.5 0 1 1 0-1M10.5 10H17M14.5 7.5 17 10l-2.5 2.5',
	docs: 'M5 3h7l3.5 3.5V17H5zM12 3v3.5h3.5M7.5 10h5.5M7.5 13h5.5',
	copy: 'M7 7h10v10H7zM13 7V3H3v10h4',
	sun: 'M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM10 2v1.5M10 16.5V18' +
	    'M2 10h1.5M16.5 10H18M4.5 4.5l1 1M14.5 14.5l1 1M15.5 4.5l-1 1M5.5 ' +
	    '14.5l-1 1',
	leave: 'M8 3H4v14h4M9 10h8M14 7l3 3-3 3',
	close: 'M5 5l10 10M15 5 5 15',
	good: 'M4 10.5l4 4 8-9',
	bad: 'M10 4v8M10 15v1',
	retry: 'M16 10a6 6 0 1 1-1.8-4.3M16.5 3v3.5H13',
	plus: 'M10 4v12M4 10h12',
};

export function icon(name) {
	return svg('svg', { class: `icon icon-${name}`, viewBox: '0 0 20 20',
		width: '20', height: '20', 'aria-hidden': 'true',
		focusable: 'false' },
	    svg('path', { d: PATHS[name], fill: 'none',
		stroke: 'currentColor', 'stroke-width': '1.6',
		'stroke-linecap': 'round', 'stroke-linejoin': 'round' }));
}
