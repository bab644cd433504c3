// SPDX-License-Identifier: Apache-2.0
//
// The segments of a document, some at a time: where each stands, what it says,
// what it is found by.

import { get } from './api.js';
import { h, put } from './dom.js';
import { button, empty, errorBox, skeleton } from './app_tools.js';
import { number, plural } from './format.js';
import { textBlock } from './base_text.js';
import { pagesWords, sectionPath } from './base_words.js';
import { visible } from './job_words.js';

const PAGE = 25;
const CHILDREN = 50;	// shown at first

function childrenOf(children) {
	if (!children || children.length === 0)
		return null;
	return h('details', { class: 'more' }, h('summary',
	    `Found through ${plural(children.length, 'smaller part')}`),
	h('ol', { class: 'children' }, children.slice(0, CHILDREN)
	    .map((child) => h('li', textBlock(child.text)))),
	children.length > CHILDREN ? h('p', { class: 'muted' },
	    `And ${number(children.length - CHILDREN)} more.`) : null);
}

function segmentOf(segment, isAsked) {
	return h('li', { class: `card segment${isAsked ? ' is-asked' : ''}${
		segment.is_enabled ? '' : ' is-off'}`,
	id: `segment-${segment.position}`, tabindex: '-1' },
	h('p', { class: 'row small muted segment-head' },
	    h('strong', `Segment ${number(segment.position + 1)}`),
	    pagesWords(segment.page_start, segment.page_end),
	    h('span', plural(segment.characters, 'character')),
	    isAsked ? h('span', { class: 'tag tag-processing tag-plain' },
		'the one that was found') : null,
	    segment.is_enabled ? null : h('span', { class: 'tag tag-cancelled',
		title: 'Queries do not find it.' }, 'switched off')),
	sectionPath(segment.section), textBlock(segment.text),
	segment.answer === null ? null : h('div', { class: 'answer' },
	    h('p', { class: 'small muted' }, 'Answer'),
	    textBlock(segment.answer)),
	segment.keywords.length === 0 ? null : h('p', { class: 'small' },
	    h('span', { class: 'muted' }, 'Keywords: '),
	    segment.keywords.map(visible).join(', ')),
	childrenOf(segment.children));
}

export class BaseSegments {
	// asked: the position (from 0) to be seen, as a text; null none.
	constructor(document, asked) {
		this.document = document;
		this.asked = /^\d{1,8}$/.test(asked ?? '') ? Number(asked)
		    : null;
		this.from = this.asked === null ||
		    (document.segments ?? 0) <= PAGE ? 0
		    : Math.max(0, this.asked - 2);
		this.list = h('ol', { class: 'segments' });
		this.range = h('span', { class: 'muted', role: 'status' });
		this.before = button('Previous', () =>
		    this.go(this.from - PAGE), { kind: 'small' });
		this.after = button('Next', () => this.go(this.from + PAGE),
		    { kind: 'small' });
		this.number = h('input', { type: 'number', min: '1',
			'aria-label': 'Number of a segment',
			placeholder: 'No.' });
		this.tools = h('form', { class: 'row segment-tools', on: {
			submit: (event) => {
				event.preventDefault();
				if (this.number.value !== '')
					this.go(this.number.value - 1);
			} } }, this.before, this.after, this.number,
		h('button', { type: 'submit', class: 'button button-small' },
		    'Go'));
		this.element = h('section', { class: 'stack',
			'aria-labelledby': 'segments-title' },
		h('div', { class: 'row row-spread' }, h('div', { class: 'row' },
		    h('h2', { id: 'segments-title' }, 'Segments'), this.range),
		this.tools), this.list);
	}

	close() {
		this.control?.abort();
	}

	go(from) {
		this.from = Math.max(0, Math.min(from,
		    (this.document.segments ?? 1) - 1));
		return this.load().then(() => this.element.scrollIntoView(
		    { block: 'start' }));
	}

	reload(document) {
		this.document = document;
		return this.load();
	}

	async load() {
		this.control?.abort();
		const control = this.control = new AbortController();

		if (this.list.children.length === 0)
			put(this.list, h('li', skeleton(4)));
		try {
			const { segments } = await get(`/documents/${
				this.document.id}/segments?from=${this.from
				}&limit=${PAGE}&children=true`,
			    { signal: control.signal });

			this.draw(segments);
		} catch (error) {
			if (!control.signal.aborted)
				put(this.list, h('li', errorBox(error,
				    () => this.load())));
		}
	}

	draw(segments) {
		const all = this.document.segments ?? segments.length;
		const end = this.from + segments.length;

		this.tools.hidden = all <= PAGE && this.from === 0;
		this.number.max = String(all);
		this.before.disabled = this.from === 0;
		this.after.disabled = end >= all;
		this.range.textContent = segments.length === 0 ? ''
		    : `${number(this.from + 1)} to ${number(end)} of ${
			number(all)}`;
		if (segments.length === 0) {
			put(this.list, h('li', empty(this.document.is_indexed
			    ? 'There is no text in it.'
			    : 'Nothing of it is indexed.')));
			return;
		}
		put(this.list, segments.map((segment) => segmentOf(segment,
		    segment.position === this.asked)));
		this.showAsked();
	}

	// Once, when it is on the page: the view's own way to the top comes
	// after that.
	showAsked() {
		const el = this.list.querySelector('.is-asked');

		if (el === null || this.wasShown)
			return;
		this.wasShown = true;
		requestAnimationFrame(() => setTimeout(() =>
		    el.scrollIntoView({ block: 'center' }), 0));
	}
}
