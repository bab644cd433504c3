// SPDX-License-Identifier: Apache-2.0
//
// A segment's text as it is stored: its lines, its blanks, its direction.  What
// is long is folded, and laid out only when somebody unfolds it.

import { h, put } from './dom.js';
import { button } from './app_tools.js';
import { number } from './format.js';
import { firstMark, marked } from './base_marks.js';

const SHOWN = 1300;	// characters; the usual segment is shown whole
const NEAR = 60;	// to a blank

// Not within a character, and at a blank where one is near.
function cutAt(text, at) {
	const blank = text.lastIndexOf(' ', at);
	const end = blank > at - NEAR ? blank : at;

	return /[\uD800-\uDBFF]/.test(text[end - 1]) ? end - 1 : end;
}

// About so many characters, with the first mark among them.
function partOf(text, shown, words) {
	const first = words.length > 0 ? firstMark(text, words) : 0;
	const from = first < shown * 0.7 ? 0
	    : cutAt(text, first - Math.floor(shown * 0.3));
	const to = from + shown >= text.length ? text.length
	    : cutAt(text, from + shown);

	return `${from > 0 ? '\u2026 ' : ''}${text.slice(from, to).trim()}${
		to < text.length ? ' \u2026' : ''}`;
}

// words: to be marked, of wordsOf(); shown: characters of a folded text.
export function textBlock(text, words = [], shown = SHOWN) {
	const el = h('div', { class: 'segment-text', dir: 'auto' });
	const fill = (part) => put(el, words.length > 0 ? marked(part, words)
	    : part);

	if (text.length <= shown * 1.25) {
		fill(text);
		return el;
	}
	const box = h('div', { class: 'folded' }, el);
	const more = button(`Show all ${number(text.length)} characters`,
	    () => {
		const isOpen = more.getAttribute('aria-expanded') === 'true';

		more.setAttribute('aria-expanded', String(!isOpen));
		more.textContent = isOpen
		    ? `Show all ${number(text.length)} characters` : 'Fold it';
		fill(isOpen ? partOf(text, shown, words) : text);
	    }, { kind: 'link', 'aria-expanded': 'false' });

	fill(partOf(text, shown, words));
	box.append(more);
	return box;
}
