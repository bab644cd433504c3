// SPDX-License-Identifier: Apache-2.0
//
// The documents of a base, the newest first, as many as there are.  Without a
// filter those that are members of others (of an archive, a mail) stand behind
// them, one step in; a filter looks through all of them.

import { del, get } from './api.js';
import { h, put } from './dom.js';
import { button, busy, confirm, empty, toast } from './app_tools.js';
import { ago, bytes, plural } from './format.js';
import { VirtualList } from './list.js';
import { documentPath, documentTag, failureWords, remPixels, seldom,
	typeWords } from './base_words.js';
import { visible } from './job_words.js';

const ROW_REM = 3.75;
const TYPED_MS = 250;
const REFRESH_MS = 1000;
const STATES = new Map([
	['', ['Any state', []]],
	['completed', ['completed', ['completed']]],
	['failed', ['failed', ['failed']]],
	['skipped', ['skipped', ['skipped']]],
	['cancelled', ['cancelled', ['cancelled']]],
	['work', ['in work', ['queued', 'extracting', 'cleaning', 'chunking',
		'tagging', 'embedding', 'finalizing', 'waiting']]],
]);

// The second line of a row.
function noteOf(document) {
	const failure = failureWords(document);

	if (failure !== null)
		return h('span', { class: `cut small ${
			document.state === 'failed' ? 'bad' : 'muted'}`,
		title: failure }, failure);
	return h('span', { class: 'cut small muted' }, [
		typeWords(document.media_type),
		document.pages ? plural(document.pages, 'page') : null,
		document.segments === undefined ? null
		    : plural(document.segments, 'segment'),
		document.bytes > 0 ? bytes(document.bytes) : null,
	].filter(Boolean).join(' \u00b7 '));
}

// As a shell takes it for one word.
function quoted(name) {
	return /^[\w.-]+$/.test(name) ? name
	    : `'${visible(name).replaceAll('\'', '\'\\\'\'')}'`;
}

// The name below what it is in: mail.eml/report.pdf is report.pdf there.
function nameWithin(document, parent) {
	const prefix = `${parent?.name}/`;

	return parent !== null && document.name.startsWith(prefix)
	    ? document.name.slice(prefix.length) : document.name;
}

export class BaseDocuments {
	// query: of the page's address; changed(query) is told of another.
	constructor(base, query, changed) {
		this.base = base;
		this.told = changed;
		this.state = STATES.has(query.get('state')) ? query.get('state')
		    : '';
		this.name = query.get('name') ?? '';
		this.parents = [];	// what one has stepped into
		this.refresh = seldom(() => this.list.refresh(), REFRESH_MS);
		this.build();
	}

	build() {
		this.list = new VirtualList({ rowHeight: remPixels(ROW_REM),
			label: 'Documents',
			fetch: (...where) => this.fetch(...where),
			row: (document) => this.row(document),
			open: ({ id }) => {
				location.hash = documentPath(id);
			},
			empty: () => this.nothing() });
		this.search = h('input', { type: 'search', value: this.name,
			placeholder: 'Part of a name', 'aria-label':
			'Search documents by name', autocomplete: 'off',
			spellcheck: 'false', maxlength: '255',
			on: { input: () => this.typed() } });
		this.select = h('select', { value: this.state,
			'aria-label': 'Documents by state',
			on: { change: () => this.filter() } },
		[...STATES].map(([value, [words]]) =>
		    h('option', { value }, words)));
		this.select.value = this.state;
		this.path = h('nav', { class: 'steps-in', 'aria-label':
			'Where in the documents', hidden: true });
		this.element = h('section', { class: 'stack',
			'aria-labelledby': 'documents-title' },
		h('div', { class: 'row row-spread' },
		    h('h2', { id: 'documents-title' }, 'Documents'),
		    h('div', { class: 'row document-tools' }, this.select,
			this.search)), this.path, this.list.element);
	}

	close() {
		clearTimeout(this.typing);
		this.refresh.stop();
		this.list.close();
	}

	get isFiltered() {
		return this.name !== '' || this.state !== '';
	}

	// ---- what is asked for ----------------------------------------------

	async fetch(offset, limit, { cursor, signal }) {
		const query = new URLSearchParams({ limit, order: 'newest' });

		for (const state of STATES.get(this.state)[1])
			query.append('state', state);
		if (this.name !== '')
			query.set('name', this.name);
		if (this.parents.length > 0)
			query.set('parent', this.parents.at(-1).id);
		else if (!this.isFiltered)
			query.set('parent', 'none');
		if (cursor !== null)
			query.set('cursor', cursor);
		const answer = await get(`/bases/${this.base.id}/documents?${
			query}`, { signal });

		return { rows: answer.documents, total: null,
			next: answer.next_cursor };
	}

	typed() {
		clearTimeout(this.typing);
		this.typing = setTimeout(() => this.filter(), TYPED_MS);
	}

	filter() {
		const { value } = this.search;

		if (value === this.name && this.select.value === this.state)
			return;
		this.name = value;
		this.state = this.select.value;
		this.told({ state: this.state, name: this.name });
		this.list.reset();
	}

	// ---- members --------------------------------------------------------

	stepIn(document) {
		this.parents.push(document);
		this.step();
	}

	stepOut(depth) {
		this.parents.length = depth;
		this.step();
	}

	step() {
		this.search.value = this.name = '';
		this.select.value = this.state = '';
		this.told({ state: '', name: '' });
		this.path.hidden = this.parents.length === 0;
		put(this.path, button('All documents', () => this.stepOut(0),
		    { kind: 'link' }), this.parents.map((document, i) => [
			h('span', { 'aria-hidden': 'true' }, '\u203a'),
			i + 1 < this.parents.length ? button(
			    visible(nameWithin(document, this.parents[i - 1] ??
				null)), () => this.stepOut(i + 1),
			    { kind: 'link' })
			    : h('bdi', { class: 'strong wrap',
				'aria-current': 'true' }, visible(nameWithin(
				document, this.parents[i - 1] ?? null))),
		]));
		this.list.reset();
	}

	// ---- rows -----------------------------------------------------------

	row(document) {
		const name = nameWithin(document, this.parents.at(-1) ?? null);
		const remove = button('Delete', () => busy(remove, () =>
		    this.remove(document)), { kind: 'small',
			'aria-label': `Delete ${visible(document.name)}` });

		return h('div', { class: 'document-row' },
		    h('span', { class: 'document-name' },
			h('a', { href: documentPath(document.id), class: 'cut',
			    title: visible(document.name) },
			    h('bdi', visible(name))),
			noteOf(document)),
		    h('span', document.has_members ? button('Open', () =>
			this.stepIn(document), { kind: 'small', 'aria-label':
			    `Documents inside of ${visible(document.name)}` })
			: null),
		    h('span', documentTag(document)),
		    h('span', { class: 'muted document-when' },
			ago(document.indexed_at ?? document.updated_at)),
		    h('span', { class: 'document-remove' }, remove));
	}

	async remove(document) {
		const inside = document.has_members
		    ? ' What is inside of it goes, too.' : '';

		if (!await confirm(`${visible(document.name)} is not found ` +
		    `any more from then on.${inside}`, { title:
			'Delete the document?', yes: 'Delete it' }))
			return;
		await del(`/documents/${document.id}`);
		toast(`${visible(document.name)} is deleted.`, 'good');
		this.refresh();
	}

	nothing() {
		if (this.isFiltered)
			return empty('No document fits.', button('Show all',
			    () => {
				this.search.value = '';
				this.select.value = '';
				this.filter();
			    }));
		if (this.parents.length > 0)
			return empty('Nothing is inside of it any more.');
		return empty('No document yet.', h('p',
		    'Drop files anywhere on this page, or run'), h('p',
		    h('code', `tidemark index FOLDER --base ${
			quoted(this.base.name)}`)));
	}
}
