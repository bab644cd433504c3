// SPDX-License-Identifier: Apache-2.0
//
// Uploads go on whatever page is shown; the base's page shows how they stand.

import { get } from './api.js';
import { h, put, announce } from './dom.js';
import { button, busy, confirm, errorWords, tag, toast }
    from './app_tools.js';
import { bytes, number, plural, stateWords } from './format.js';
import { VirtualList } from './list.js';
import { basePath, nameText, remPixels, seldom, documentPath }
    from './base_words.js';
import { Sending } from './base_sending.js';
import { visible } from './job_words.js';

const DRAW_MS = 400;
const ROW_REM = 2.75;
const WORK = ['queued', 'extracting', 'cleaning', 'chunking', 'tagging',
	'embedding', 'finalizing', 'waiting'];
const FILTERS = {
	all: null,
	failed: ['failed', 'refused', 'unsent'],
	'in work': ['to_send', 'sending', ...WORK],
};

const current = new Map();	// id of the base -> Upload
const places = new Map();	// id of the base -> where its page shows it

// Files on their way are lost when the page goes; what was sent is not.
function warn(event) {
	event.preventDefault();
	event.returnValue = '';
}

function guard() {
	const isSending = [...current.values()].some(({ sending }) =>
	    sending.isSending);

	removeEventListener('beforeunload', warn);
	if (isSending)
		addEventListener('beforeunload', warn);
}

// What a row of the list shows.
function shown({ id, name, size, state, sent, error, document }) {
	return { id, name, size, state, sent, error, document };
}

function stateCell({ state, sent, size }) {
	if (state === 'sending')
		return h('progress', { class: 'row-progress', max: '1',
			value: size > 0 ? sent / size : 0,
			'aria-label': 'sent' });
	if (state === 'refused' || state === 'unsent')
		return h('span', { class: 'tag tag-failed' },
		    state === 'refused' ? 'refused' : 'not sent');
	return tag(state);
}

class Upload {
	constructor(base, limits) {
		this.base = base;
		this.draw = seldom(() => this.update(), DRAW_MS);
		this.sending = new Sending(base, limits, () => {
			guard();
			this.draw();
		});
		this.filter = 'all';
		this.wasOver = false;
		this.element = null;
	}

	// ---- what is shown ------------------------------------------------

	// Into the base's page, while it is there.
	open() {
		this.title = h('h2', { id: 'upload-title' });
		this.note = h('p', { class: 'muted' });
		this.meter = h('progress', { class: 'wide', max: '1',
			'aria-labelledby': 'upload-title' });
		this.actions = h('div', { class: 'row' });
		this.filters = new Map(Object.keys(FILTERS).map((name) =>
		    [name, this.makeFilter(name)]));
		this.list = new VirtualList({ rowHeight: remPixels(ROW_REM),
			label: 'Files of this upload',
			fetch: (...where) => this.fetch(...where),
			row: (row) => this.row(row),
			open: ({ document }) => {
				if (document)
					location.hash = documentPath(document);
			},
			empty: () => h('p', { class: 'list-none muted' },
			    'No file is in that state.') });
		this.element = h('section', {
			class: 'card stack card-tight upload',
			'aria-labelledby': 'upload-title' },
		h('div', { class: 'card-head' }, this.title, this.actions),
		this.meter, this.note, h('div', { class: 'row',
			role: 'group', 'aria-label': 'Files by state' },
		[...this.filters.values()].map(({ element }) => element)),
		this.list.element);
		this.drawn = null;
		this.update();
		return this.element;
	}

	hide() {
		this.list?.close();
		this.list = null;
		this.element = null;
	}

	async fetch(offset, limit) {
		const states = FILTERS[this.filter];
		const { rows } = this.sending;
		const fit = states === null ? rows
		    : rows.filter(({ state }) => states.includes(state));

		return { rows: fit.slice(offset, offset + limit).map(shown),
			total: fit.length, next: null };
	}

	row(row) {
		const { error } = row;

		return h('div', { class: 'upload-row' },
		    h('span', { class: 'upload-name' }, nameText(row.name),
			error ? h('span', { class: `cut small ${
				row.state === 'skipped' ? 'muted' : 'bad'}`,
			title: `${error.code}: ${visible(error.message)}` },
			    `${error.code}: `, h('bdi', visible(error.message)))
			    : null),
		    h('span', { class: 'numeric muted' }, bytes(row.size)),
		    h('span', { class: 'upload-state' }, stateCell(row)));
	}

	titleWords() {
		const { sending } = this;
		const { rows } = sending;
		const all = plural(rows.length, 'file');

		if (sending.isSending)
			return `Sending ${all}`;
		if (!sending.isOver)
			return `Indexing ${all}`;
		return `${plural(sending.count('completed'), 'file')} of ${
			number(rows.length)} indexed`;
	}

	noteWords() {
		const { sending } = this;
		const { all, sent } = sending.sizes;

		if (sending.trouble !== null)
			return `${errorWords(sending.trouble)} ` +
			    'Trying again\u2026';
		if (sending.isSending)
			return `${bytes(sent)} of ${bytes(all)} sent. Keep ` +
			    'this page open until all of it is.';
		if (!sending.isOver)
			return 'All of it is sent: this page may be closed, ' +
			    'the server goes on.';
		return ['completed', 'skipped', 'failed', 'refused', 'unsent',
			'cancelled'].filter((state) => sending.count(state) > 0)
		    .map((state) => `${number(sending.count(state))} ${
			state === 'unsent' ? 'not sent' : stateWords(state)}`)
		    .join(', ');
	}

	share() {
		const { sending } = this;
		const { all, sent } = sending.sizes;

		if (sending.isSending)
			return all > 0 ? sent / all : 0;
		return (sending.rows.length - sending.count(...WORK)) /
		    sending.rows.length;
	}

	drawActions() {
		const { sending } = this;
		const which = [sending.isOver, sending.count('unsent') > 0]
		    .join();

		if (which === this.drawn)
			return;
		this.drawn = which;
		const cancel = button('Cancel', () => busy(cancel, () =>
		    this.cancel()), { kind: 'small' });

		put(this.actions, sending.count('unsent') > 0
		    ? button('Send again', () => sending.again(),
			{ kind: 'small' }) : null,
		sending.isOver ? button('Close', () => this.end(),
		    { kind: 'small' }) : cancel);
	}

	makeFilter(name) {
		const count = h('span', { class: 'filter-count' });

		return { count, element: h('button', { type: 'button',
			class: 'filter', on: { click: () => {
				this.filter = name;
				this.drawFilters();
				this.list.reset();
			} } }, name, count) };
	}

	// The buttons stay: somebody may be about to press one.
	drawFilters() {
		for (const [name, { count, element }] of this.filters) {
			const states = FILTERS[name];

			count.textContent = number(states === null
			    ? this.sending.rows.length
			    : this.sending.count(...states));
			element.setAttribute('aria-pressed',
			    String(name === this.filter));
		}
	}

	update() {
		this.tellEnd();
		if (this.element === null)
			return;
		this.title.textContent = this.titleWords();
		this.note.textContent = this.noteWords();
		this.meter.value = this.share();
		this.meter.hidden = this.sending.isOver;
		this.drawActions();
		this.drawFilters();
		this.list.refresh();
	}

	// ---- what happens ---------------------------------------------------

	tellEnd() {
		const { sending } = this;

		if (sending.isOver === this.wasOver)
			return;
		this.wasOver = sending.isOver;
		if (!sending.isOver)
			return;
		const words = `${visible(this.base.name)}: ${
			this.titleWords()}.`;

		if (this.element === null)
			toast(words, sending.count('failed', 'refused',
			    'unsent') > 0 ? 'bad' : 'good', h('a', {
				class: 'button button-small',
				href: basePath(this.base.id) }, 'Show'));
		else
			announce(words);
	}

	async cancel() {
		if (!this.sending.isSending || await confirm('What was not ' +
		    'sent yet is left, and what is not indexed yet is ' +
		    'dropped. Documents that are done stay.', { title:
			'Cancel the upload?', yes: 'Cancel the upload',
			no: 'Go on' }))
			await this.sending.cancel();
	}

	end() {
		const { element } = this;

		this.sending.close();
		this.draw.stop();
		this.hide();
		element?.remove();
		current.delete(this.base.id);
	}
}

/*
 * Send files, a list of {file, name}, into the base: from now on, or behind
 * those that are on their way.
 */
export async function send(base, files) {
	let upload = current.get(base.id);

	if (upload === undefined) {
		const { limits } = await get('/about');

		upload = current.get(base.id) ?? new Upload(base, limits);
		current.set(base.id, upload);
	}
	upload.sending.add(files);
	guard();
	const place = places.get(base.id);

	if (place !== undefined && upload.element === null)
		put(place, upload.open());
}

// Where uploads into the base are shown, now and when one begins.  Returns what
// ends that; the upload goes on.
export function showUploads(base, place) {
	const upload = current.get(base.id);

	places.set(base.id, place);
	if (upload !== undefined)
		put(place, upload.open());
	return () => {
		places.delete(base.id);
		current.get(base.id)?.hide();
	};
}
