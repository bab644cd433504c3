// SPDX-License-Identifier: Apache-2.0
//
// A job's six counters as one bar.  The parts have widths only: the words and
// numbers are the bar's text alternative, and whoever shows a legend beside it
// takes PARTS.

import { h } from './dom.js';
import { number } from './format.js';

// In the order in which they are drawn.
export const PARTS = ['completed', 'skipped', 'failed', 'cancelled',
	'processing', 'queued'];

export function countsWords(counts) {
	const parts = PARTS.filter((name) => counts[name] > 0)
	    .map((name) => `${number(counts[name])} ${name}`);

	return parts.length > 0
	    ? `${parts.join(', ')} of ${number(counts.total)}` : 'nothing yet';
}

// The bar; it has update(counts).
export function countsBar(counts) {
	const parts = new Map(PARTS.map((name) =>
	    [name, h('span', { class: `bar-part bar-${name}` })]));
	const el = h('div', { class: 'bar', role: 'img' }, [...parts.values()]);

	el.update = (now) => {
		for (const [name, part] of parts) {
			part.hidden = !(now[name] > 0);
			// What is there is seen: at least 3 px, by the style.
			part.style.flexGrow = String(now[name] || 0);
		}
		el.setAttribute('aria-label', countsWords(now));
	};
	el.update(counts);
	return el;
}
