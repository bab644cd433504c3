// SPDX-License-Identifier: Apache-2.0
//
// A small plot of bars, oldest at the left.

import { h, svg } from './dom.js';

const WIDTH = 6;	// of a bar and the gap behind it, in units of the box
const GAP = 1.5;
const HEIGHT = 60;

function bar(x, top, height, className) {
	return svg('rect', { x: String(x), y: String(top.toFixed(2)),
		width: String(WIDTH - GAP), height: String(height.toFixed(2)),
		rx: '0.8', class: className });
}

// values: [{good, bad, words}]; words are what one bar says when it is pointed
// at.  label: what a screen reader says of all of it.  Both kinds of a bar
// stand on each other.
export function bars(values, { label }) {
	const most = Math.max(1, ...values.map(({ good, bad }) => good + bad));
	const width = values.length * WIDTH - GAP;
	const el = svg('svg', { class: 'plot', role: 'img',
		'aria-label': label, viewBox: `0 0 ${width} ${HEIGHT}`,
		preserveAspectRatio: 'none' },
	    values.map(({ good, bad, words }, i) => {
		const x = i * WIDTH;
		// What is there is seen.
		const tall = (n) => n === 0 ? 0
		    : Math.max(2, n / most * (HEIGHT - 2));
		const up = tall(good);
		const down = tall(bad);

		return svg('g', svg('title', words),
		    svg('rect', { x: String(x), y: '0', width: String(WIDTH),
			height: String(HEIGHT), class: 'plot-reach' }),
		    up + down === 0 ? bar(x, HEIGHT - 1, 1, 'plot-none') : null,
		    up > 0 ? bar(x, HEIGHT - up - down, up, 'plot-good') : null,
		    down > 0 ? bar(x, HEIGHT - down, down, 'plot-bad') : null);
	    }));

	return h('figure', { class: 'plot-box' }, el);
}
