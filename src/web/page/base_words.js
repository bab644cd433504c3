// SPDX-License-Identifier: Apache-2.0
//
// What a document and its segments are, in words and small pieces of the page.
// Whatever comes out of a file becomes text, and nothing but text.

import { h } from './dom.js';
import { tag } from './app_tools.js';
import { UNKNOWN, number } from './format.js';
import { visible } from './job_words.js';

// What people call the types they meet most.
const TYPES = new Map([
	['application/pdf', 'PDF'],
	['application/zip', 'ZIP archive'],
	['application/x-tar', 'tar archive'],
	['application/x-7z-compressed', '7z archive'],
	['application/epub+zip', 'e-book'],
	['application/rtf', 'RTF'],
	['application/json', 'JSON'],
	['application/xml', 'XML'],
	['application/msword', 'Word'],
	['application/vnd.ms-excel', 'Excel'],
	['application/vnd.ms-powerpoint', 'PowerPoint'],
	['application/vnd.ms-outlook', 'mail'],
	['message/rfc822', 'mail'],
	['application/mbox', 'mailbox'],
	['text/plain', 'text'],
	['text/html', 'web page'],
	['text/markdown', 'Markdown'],
	['text/csv', 'CSV table'],
	['text/tab-separated-values', 'TSV table'],
]);
const FAMILIES = [
	[/wordprocessingml|ms-word/, 'Word'],
	[/spreadsheetml|ms-excel/, 'Excel'],
	[/presentationml|ms-powerpoint/, 'PowerPoint'],
	[/opendocument\.text/, 'OpenDocument text'],
	[/opendocument\.spreadsheet/, 'OpenDocument table'],
	[/opendocument\.presentation/, 'OpenDocument slides'],
	[/^image\//, 'picture'],
];

export function typeWords(type) {
	if (!type)
		return null;
	return TYPES.get(type) ??
	    FAMILIES.find(([pattern]) => pattern.test(type))?.[1] ?? type;
}

// A name on one line: whole in its title, its own direction, nothing unseen.
export function nameText(name, props = {}) {
	return h('bdi', { class: 'cut', title: visible(name), ...props },
	    visible(name));
}

// How it stands with a document.  One that failed may be found all the same,
// by what it was before.
export function documentTag(document) {
	if (document.state === null)
		return tag(document.is_indexed ? 'completed' : 'queued');
	return tag(document.state);
}

export function failureWords({ state, error, code, is_indexed: isIndexed }) {
	if (!code)
		return null;
	const words = error?.message ? `${code}: ${visible(error.message)}`
	    : code;

	return state === 'failed' && isIndexed
	    ? `${words} \u2013 its earlier content is still found` : words;
}

export function pagesWords(first, last) {
	if (first === null || first === undefined)
		return null;
	return last === null || last === first ? `page ${number(first)}`
	    : `pages ${number(first)}\u2013${number(last)}`;
}

// The headings above a text; null where it has none.
export function sectionPath(section) {
	if (!section || section.length === 0)
		return null;
	return h('p', { class: 'section-path', title: 'Headings above it' },
	    section.map((heading, i) => [
		i > 0 ? h('span', { class: 'section-mark',
		    'aria-label': 'below it' }, '\u203a') : null,
		h('bdi', visible(heading)),
	    ]));
}

const LANGUAGES = new Intl.DisplayNames(['en'], { type: 'language',
	fallback: 'code' });

export function languageWords(code) {
	if (!code)
		return UNKNOWN;
	try {
		return LANGUAGES.of(code);
	} catch {
		return code;	// a document may say of itself what it likes
	}
}

// A pair of a <dl>; null where nothing is known.
export function fact(name, value) {
	if (value === null || value === undefined || value === '')
		return null;
	return [h('dt', name), h('dd', value)];
}

export function basePath(id, rest = '') {
	return `#/bases/${encodeURIComponent(id)}${rest}`;
}

export function documentPath(id, position = null) {
	return `#/documents/${encodeURIComponent(id)}` +
	    (position === null ? '' : `?segment=${position}`);
}

// Not at each of many events: when some time has passed without one since the
// last call, and at the end once more.  The function has stop().
export function seldom(call, ms = 1000) {
	let timer = null;
	let isDue = false;

	function due() {
		timer = null;
		if (!isDue)
			return;
		isDue = false;
		timer = setTimeout(due, ms);
		call();
	}
	function ask() {
		isDue = true;
		timer ??= setTimeout(due, Math.min(ms, 100));
	}
	ask.stop = () => {
		clearTimeout(timer);
		timer = -1;
	};
	return ask;
}

const CONTROLS = 'a[href], button, input, select, summary';

/*
 * Draw the place anew; whoever was at one of its controls is at the same one
 * afterwards, and what was unfolded stays so.
 */
export function redraw(place, draw) {
	const all = () => [...place.querySelectorAll(CONTROLS)];
	const open = () => [...place.querySelectorAll('details')];
	const at = all().indexOf(document.activeElement);
	const name = document.activeElement?.textContent;
	const were = open().map((el) => el.open);

	draw();
	open().forEach((el, i) => {
		el.open = were[i] ?? el.open;
	});
	if (at >= 0)
		(all()[at]?.textContent === name ? all()[at]
		    : all().find((el) => el.textContent === name))?.focus(
		    { preventScroll: true });
}

// Rows of lists grow with the text in them.
export function remPixels(rem) {
	return Math.round(rem * parseFloat(
	    getComputedStyle(document.documentElement).fontSize));
}
