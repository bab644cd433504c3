// SPDX-License-Identifier: Apache-2.0
//
// One document: what is known of it, how its newest run went, and its segments
// as they were cut.

import { ROOT, del, get } from './api.js';
import { h, put } from './dom.js';
import { button, busy, confirm, gone, pageHead, tag, toast }
    from './app_tools.js';
import { bytes, number, seconds, stateWords, time } from './format.js';
import { retry } from './job_actions.js';
import { watch, watchReturn } from './live.js';
import { BaseSegments } from './base_segments.js';
import { basePath, documentPath, documentTag, fact, languageWords, redraw,
	seldom, typeWords } from './base_words.js';
import { addressText, sentence, visible } from './job_words.js';

const REFRESH_MS = 1500;
const MEMBERS = 100;
const STEPS = ['queued', 'extracting', 'cleaning', 'chunking', 'tagging',
	'embedding', 'finalizing', 'finished'];

// An address of the web can be gone to; any other is only told.
function address(uri) {
	return /^https?:\/\//i.test(uri) ? h('a', { href: uri, target: '_blank',
		rel: 'noopener noreferrer', class: 'wrap' }, addressText(uri))
	    : h('code', { class: 'wrap' }, addressText(uri));
}

function factsCard(document) {
	return h('section', { class: 'card', 'aria-labelledby': 'about-title' },
	    h('h2', { id: 'about-title' }, 'What is known of it'),
	    h('dl', { class: 'facts' },
		fact('Title', document.title && h('bdi',
		    visible(document.title))),
		fact('Type', document.media_type && [typeWords(
		    document.media_type), ' ', h('code', { class: 'muted' },
		    visible(document.media_type))]),
		fact('Language', document.language &&
		    languageWords(document.language)),
		fact('Size', bytes(document.bytes ||
		    (document.item?.bytes ?? 0))),
		fact('Pages', document.pages && number(document.pages)),
		fact('Characters', document.characters === undefined ? null
		    : number(document.characters)),
		fact('Segments', document.segments === undefined ? null
		    : number(document.segments)),
		fact('Address', address(document.uri)),
		fact('SHA-256', document.sha256 && h('code',
		    document.sha256)),
		fact('File changed', document.modified_at &&
		    time(document.modified_at)),
		fact('Added', time(document.created_at)),
		fact('Indexed', document.indexed_at
		    ? time(document.indexed_at) : null)));
}

function summaryCard(document) {
	const phrases = document.keyphrases ?? [];

	if (!document.summary && phrases.length === 0)
		return null;
	return h('section', { class: 'card stack card-tight',
		'aria-labelledby': 'summary-title' },
	h('h2', { id: 'summary-title' }, 'In short'),
	document.summary ? h('p', { dir: 'auto', class: 'wrap' },
	    visible(document.summary)) : null,
	phrases.length > 0 ? h('ul', { class: 'row phrases', 'aria-label':
		'Keyphrases' }, phrases.map((phrase) => h('li',
	    { class: 'tag tag-plain' }, h('bdi', visible(phrase))))) : null);
}

function metadataCard({ metadata }) {
	const names = Object.keys(metadata);

	if (names.length === 0)
		return null;
	return h('section', { class: 'card', 'aria-labelledby': 'meta-title' },
	    h('h2', { id: 'meta-title' }, 'Metadata'),
	    h('dl', { class: 'facts' }, names.map((name) => [
		h('dt', h('bdi', { class: 'wrap' }, visible(name))),
		h('dd', h('bdi', visible(typeof metadata[name] === 'string'
		    ? metadata[name] : JSON.stringify(metadata[name])))),
	    ])));
}

function spanWords(from, to) {
	const ms = new Date(to) - new Date(from);

	return ms < 1 ? 'under 1\u00a0ms' : ms < 1000 ? `${number(ms)}\u00a0ms`
	    : seconds(ms / 1000);
}

// How long each step took; times are microseconds, the clock's are not.
function steps({ times }) {
	const known = STEPS.filter((step) => times[`${step}_at`])
	    .map((step) => [step, times[`${step}_at`]]);

	return h('dl', { class: 'facts' }, known.map(([step, at], i) => [
		h('dt', stateWords(step)),
		h('dd', step === 'queued' ? [time(at), i + 1 < known.length
		    ? h('span', { class: 'muted' }, ` for ${spanWords(at,
			known[i + 1][1])}`) : null]
		    : i + 1 < known.length ? spanWords(at, known[i + 1][1])
			: time(at)),
	]));
}

function itemCard({ item, job_id: jobId, is_indexed: isIndexed }) {
	if (!item)
		return null;
	const { error } = item;

	return h('section', { class: 'card stack card-tight',
		'aria-labelledby': 'item-title' },
	h('div', { class: 'card-head' },
	    h('h2', { id: 'item-title' }, 'Its newest run'),
	    h('a', { href: `#/jobs/${jobId}` }, 'The job')),
	h('p', { class: 'row' }, tag(item.state), item.attempt > 1
	    ? h('span', { class: 'muted' }, `attempt ${number(item.attempt)}`)
	    : null),
	error ? h('div', { class: 'stack stack-tight' },
	    h('p', { class: item.state === 'failed' ? 'bad wrap' : 'wrap',
		dir: 'auto' }, h('code', error.code), ' ',
	    visible(error.message)),
	    error.advice ? h('p', { class: 'muted' }, sentence(error.advice))
		: null) : null,
	item.state === 'failed' && isIndexed ? h('p',
	    'Its earlier content is still found.') : null,
	steps(item), item.state === 'failed' ? h('p', retryButton(item, jobId))
	    : null);
}

// The job must have ended, or the server says that it has not.
function retryButton(item, jobId) {
	const el = button('Try again', () => retry(el, { id: jobId },
	    [item.id]));

	return el;
}

// ---- what is inside of it ---------------------------------------------------

async function membersCard(document) {
	if (!document.has_members)
		return null;
	const { documents, next_cursor: next } = await get(`/bases/${
		document.base_id}/documents?parent=${document.id}&limit=${
		MEMBERS}`);
	const prefix = `${document.name}/`;

	return h('section', { class: 'card', 'aria-labelledby':
		'members-title' },
	h('h2', { id: 'members-title' }, 'Documents inside of it'),
	h('ul', { class: 'members' }, documents.map((member) => h('li',
	    h('a', { href: documentPath(member.id), class: 'wrap' },
		h('bdi', visible(member.name.startsWith(prefix)
		    ? member.name.slice(prefix.length) : member.name))),
	    documentTag(member)))),
	next === null ? null : h('p', { class: 'muted' }, h('a', { href:
		basePath(document.base_id, `?${new URLSearchParams({
			name: prefix })}`) }, 'And more: all of them')));
}

async function parentLink(id) {
	const parent = await get(`/documents/${id}`).catch(() => null);

	return parent === null ? null : h('a', { href: documentPath(id),
		class: 'wrap' }, h('bdi', visible(parent.name)));
}

async function steppedIn(document, base) {
	const mark = () => h('span', { 'aria-hidden': 'true' }, '\u203a');
	const parent = document.parent_id === null ? null
	    : await parentLink(document.parent_id);

	return h('nav', { class: 'steps-in', 'aria-label': 'Where' },
	    h('a', { href: '#/bases' }, 'Bases'), mark(),
	    h('a', { href: basePath(base.id) }, h('bdi', visible(base.name))),
	    parent === null ? null : [mark(), parent]);
}

// ---- the page ---------------------------------------------------------------

function removal(document) {
	const el = button('Delete', () => busy(el, async () => {
		if (!await confirm('It is not found any more from then on.' +
		    (document.has_members ? ' What is inside of it goes, too.'
			: ''), { title: 'Delete the document?',
			yes: 'Delete it' }))
			return;
		await del(`/documents/${document.id}`);
		toast(`${visible(document.name)} is deleted.`, 'good');
		location.hash = basePath(document.base_id);
	}), { kind: 'danger' });

	return el;
}

function nameWithin({ name, parent_id: parent }) {
	return parent === null ? name : name.slice(name.lastIndexOf('/') + 1) ||
	    name;
}

// The title says what a name within an archive does not.
function head(document) {
	return pageHead(visible(nameWithin(document)), h('a', {
		class: 'button', href: `${ROOT}/documents/${document.id}/raw`,
		download: '' }, 'Download'), removal(document));
}

async function cards(document) {
	const item = itemCard(document);
	const isBad = document.state === 'failed';

	return [isBad ? item : null, summaryCard(document),
		h('div', { class: 'grid-2' }, factsCard(document),
		    h('div', { class: 'stack' }, isBad ? null : item,
			metadataCard(document))),
		await membersCard(document)];
}

export async function show(main, params) {
	const path = `/documents/${encodeURIComponent(params.id)}`;
	let shown = await get(path);
	const base = await get(`/bases/${shown.base_id}`);
	const place = h('div', { class: 'stack stack-wide' });
	const segments = new BaseSegments(shown, params.query.get('segment'));
	const leave = () => {
		stop();
		stopReturn();
		reload.stop();
		segments.close();
	};
	const reload = seldom(async () => {
		const now = await get(path).catch((error) => {
			if (error.status === 404) {
				leave();
				gone(main, 'The document was deleted.',
				    basePath(base.id), 'To its base');
			}
			return null;
		});

		if (now === null ||
		    JSON.stringify(now) === JSON.stringify(shown))
			return;
		if (now.indexed_at !== shown.indexed_at)
			segments.reload(now);
		const drawn = await cards(now);

		shown = now;
		redraw(place, () => put(place, drawn));
	}, REFRESH_MS);
	const stop = watch(({ data }) => {
		if (data?.base_id === base.id)
			reload();
	});
	const stopReturn = watchReturn(reload);

	put(main, await steppedIn(shown, base), head(shown),
	    documentTagLine(shown), place, segments.element);
	put(place, await cards(shown));
	await segments.load();
	return leave;
}

function documentTagLine(document) {
	if (document.is_indexed)
		return null;
	return h('p', { class: 'notice' }, document.item?.error
	    ? 'Queries do not find it: see its newest run.'
	    : 'Queries do not find it yet.');
}
