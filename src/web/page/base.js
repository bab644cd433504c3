// SPDX-License-Identifier: Apache-2.0
//
// One base: what is in it, what is going on in it, and what can be done to it.

import { get } from './api.js';
import { h, put } from './dom.js';
import { button, busy, gone, pageHead, setTitle, toast } from './app_tools.js';
import { ago, day, number } from './format.js';
import { watch, watchReturn } from './live.js';
import { auditBase } from './base_audit.js';
import { chunkingWords } from './base_chunking.js';
import { BaseDocuments } from './base_documents.js';
import { chooser, dropZone } from './base_drop.js';
import { indexFolder } from './base_folder.js';
import { cutBase, deleteBase, embedBase, renameBase } from './base_form.js';
import { BaseJobs } from './base_jobs.js';
import { basePath, fact, seldom } from './base_words.js';
import { visible } from './job_words.js';
import { send, showUploads } from './upload.js';

const REFRESH_MS = 1000;

function figure(name, value) {
	return h('div', h('dt', name), h('dd', value));
}

function drawFigures(el, base) {
	put(el, figure('Documents', number(base.documents)),
	    figure('Segments', number(base.segments)),
	    figure('Model', [h('bdi', { class: 'figure-name' },
		visible(base.embedder)), base.changing_to ? h('span',
		{ class: 'tag tag-processing' }, 'changing to ',
		h('bdi', visible(base.changing_to))) : null]),
	    figure('Updated', h('span', { class: 'figure-name' },
		ago(base.updated_at))));
}

function queryForm(base) {
	const input = h('input', { type: 'search', name: 'q', required: true,
		placeholder: 'Ask this base', 'aria-label': 'Ask this base',
		autocomplete: 'off', maxlength: '32768' });

	return h('form', { class: 'row ask-row', role: 'search', on: {
		submit: (event) => {
			event.preventDefault();
			location.hash = basePath(base.id, `/query?${
				new URLSearchParams({ q: input.value })}`);
		},
	} }, input, h('button', { type: 'submit', class: 'button' }, 'Query'));
}

// ---- settings -------------------------------------------------------------

// words: what the button says; title and does: what it is about.
function action(words, title, does, work, props = {}) {
	const el = button(words, () => busy(el, work), { 'aria-label':
		`${words}: ${title}`, ...props });

	return h('div', { class: 'setting' }, h('div', h('h3', title),
	    typeof does === 'string' ? h('p', { class: 'muted' }, does) : does),
	el);
}

// base() is what it is by then; changed(base) takes what it has become.
function settings(base, changed) {
	const facts = h('dl', { class: 'facts' });
	const note = h('p', { class: 'muted' });
	const model = h('p', { class: 'muted' });
	const change = (ask) => async () => {
		const now = await ask(base());

		if (now !== null)
			changed(now);
		return now;
	};
	const el = h('section', { class: 'card stack card-tight',
		'aria-labelledby': 'settings-title' },
	h('h2', { id: 'settings-title' }, 'Settings'), facts,
	h('div', { class: 'settings' },
	    action('Rename', 'Name', 'Name and description.',
		change(renameBase)),
	    action('Change', 'How documents are cut', note, change(cutBase)),
	    action('Change', 'Embedding model', model, async () => {
		const now = await change(embedBase)();

		if (now?.job)
			toast('Segments get new vectors.', '', h('a', {
				class: 'button button-small',
				href: `#/jobs/${now.job.id}` },
			    'Show the job'));
	    }),
	    action('Audit', 'Audit', 'Count it again from the index, and ' +
		'compare with what is said of it.', () => auditBase(base())),
	    action('Delete', 'Delete the base', 'With all that is in it. ' +
		'This cannot be taken back.', async () => {
		if (!await deleteBase(base()))
			return;
		toast(`${visible(base().name)} is deleted.`, 'good');
		location.hash = '#/bases';
	    }, { kind: 'danger' })));

	el.draw = () => {
		note.textContent = chunkingWords(base().settings);
		model.textContent = base().embedding_model === null
		    ? `The server\u2019s default, now ${
			visible(base().embedder)}.`
		    : visible(base().embedding_model);
		put(facts, fact('Id', h('code', base().id)),
		    fact('Made', day(base().created_at)),
		    fact('Description', base().description === '' ? null
			: h('span', { dir: 'auto' },
			    visible(base().description))));
	};
	el.draw();
	return el;
}

// ---- the page ---------------------------------------------------------------

function head(base, take) {
	const folder = button('Index a folder', () => busy(folder, async () => {
		const job = await indexFolder(base());

		if (job !== null)
			location.hash = `#/jobs/${job.id}`;
	}));

	return pageHead(visible(base().name),
	    chooser('Upload files', take, { kind: 'primary' }),
	    chooser('Upload a folder', take, { isFolder: true }), folder);
}

// The filter is part of the address, without a step of its own in the history.
function keepFilter(base, filter) {
	const query = new URLSearchParams(Object.entries(filter)
	    .filter(([, value]) => value !== ''));

	history.replaceState(null, '', basePath(base.id,
	    query.size > 0 ? `?${query}` : ''));
}

export async function show(main, params) {
	let base = await get(`/bases/${encodeURIComponent(params.id)}`);
	const take = (files) => send(base, files).catch((error) =>
	    toast(error.message, 'bad'));
	const figures = h('dl', { class: 'figures card' });
	const uploads = h('div', { class: 'upload-place' });
	const jobs = new BaseJobs(base);
	const documents = new BaseDocuments(base, params.query, (filter) =>
	    keepFilter(base, filter));
	const top = head(() => base, take);
	const set = settings(() => base, (now) => draw(now));
	let asked = 0;
	let drawn = 0;
	const reload = seldom(async () => {
		const mine = asked += 1;

		try {
			const now = await get(`/bases/${base.id}`);

			// A slow answer is not to undo a later one.
			if (mine > drawn)
				draw(now);
			drawn = Math.max(drawn, mine);
		} catch (error) {
			if (error.status !== 404)
				return;
			leave();
			gone(main, 'The base was deleted.', '#/bases',
			    'To the bases');
		}
	}, REFRESH_MS);

	function draw(now) {
		base = now;
		const title = top.querySelector('h1');

		if (title.textContent !== visible(base.name)) {
			title.textContent = visible(base.name);
			setTitle(title.textContent);
		}
		drawFigures(figures, base);
		set.draw();
	}
	const stopWatch = watch(({ event, data }) => {
		if (event === 'reset')
			jobs.load();
		else if (event !== 'job' || data.base_id !== base.id)
			return;
		else
			jobs.update(data);
		reload();
		documents.refresh();
	});
	const stopReturn = watchReturn(() => {
		reload();
		documents.refresh();
	});
	const stopUploads = showUploads(base, uploads);
	const leave = () => {
		stopWatch();
		stopReturn();
		stopUploads();
		reload.stop();
		documents.close();
	};

	put(main, h('nav', { class: 'steps-in', 'aria-label': 'Where' },
	    h('a', { href: '#/bases' }, 'Bases')), top, figures,
	queryForm(base), uploads, jobs.element, documents.element, set);
	dropZone(main, take);
	draw(base);
	await jobs.load();
	return leave;
}
