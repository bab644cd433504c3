// SPDX-License-Identifier: Apache-2.0
//
// All bases: what is in them, make one, rename, delete.

import { all } from './api.js';
import { h, put } from './dom.js';
import { button, busy, empty, errorBox, errorWords, pageHead, skeleton,
	toast } from './app_tools.js';
import { ago, number } from './format.js';
import { icon } from './icons.js';
import { watch } from './live.js';
import { deleteBase, makeBase, renameBase } from './base_form.js';
import { basePath, redraw, seldom } from './base_words.js';
import { dropZone } from './base_drop.js';
import { visible } from './job_words.js';
import { send } from './upload.js';

const SHOWN = 200;	// rows at once; a search field finds the others
const REFRESH_MS = 3000;

function modelCell(base) {
	return [h('bdi', visible(base.embedder)), base.changing_to
	    ? h('span', { class: 'tag tag-processing' }, 'changing to ',
		h('bdi', visible(base.changing_to))) : null];
}

function rowOf(base, reload) {
	const rename = button('Rename', () => busy(rename, async () => {
		if (await renameBase(base) !== null)
			reload();
	}), { kind: 'small', 'aria-label': `Rename ${visible(base.name)}` });
	const remove = button('Delete', () => busy(remove, async () => {
		if (!await deleteBase(base))
			return;
		toast(`${visible(base.name)} is deleted.`, 'good');
		reload();
	}), { kind: 'small', 'aria-label': `Delete ${visible(base.name)}` });

	return h('tr',
	    h('th', { scope: 'row', class: 'base-name' }, h('div',
		{ class: 'stack stack-tight' },
		h('a', { href: basePath(base.id), class: 'strong wrap' },
		    h('bdi', visible(base.name))),
		base.description ? h('span', { class: 'muted small clamp-2',
			dir: 'auto' }, visible(base.description)) : null)),
	    h('td', { class: 'numeric', 'data-label': 'Documents' },
		number(base.documents)),
	    h('td', { class: 'numeric', 'data-label': 'Segments' },
		number(base.segments)),
	    h('td', { 'data-label': 'Model' }, h('span', { class: 'model' },
		modelCell(base))),
	    h('td', { class: 'nowrap', 'data-label': 'Updated' },
		ago(base.updated_at)),
	    h('td', { class: 'actions' }, h('div', { class: 'row row-end' },
		h('a', { class: 'button button-small',
		    href: basePath(base.id, '/query') }, 'Query'),
		rename, remove)));
}

function table(bases, reload) {
	return h('div', { class: 'table-box' },
	    h('table', { class: 'table table-phone' },
		h('thead', h('tr', h('th', { scope: 'col' }, 'Name'),
		    h('th', { scope: 'col', class: 'numeric' }, 'Documents'),
		    h('th', { scope: 'col', class: 'numeric' }, 'Segments'),
		    h('th', { scope: 'col' }, 'Model'),
		    h('th', { scope: 'col' }, 'Updated'),
		    h('th', { scope: 'col' }, h('span', { class: 'only-heard' },
			'What can be done')))),
		h('tbody', bases.map((base) => rowOf(base, reload)))));
}

function found(bases, words) {
	const wanted = words.trim().toLowerCase();

	return bases.filter(({ name, description }) =>
	    name.toLowerCase().includes(wanted) ||
	    description.toLowerCase().includes(wanted));
}

async function load() {
	const bases = [];

	for await (const page of all('/bases?limit=1000', 'bases'))
		bases.push(...page);
	return bases.sort((a, b) => a.name.localeCompare(b.name));
}

// Files that came before there was a base: their folder's name is as good a
// name for it as any.
function nameFor(files) {
	const folder = files[0]?.name.split('/');

	return folder?.length > 1 ? folder[0] : '';
}

async function makeAndGo(files = null) {
	const base = await makeBase(files === null ? '' : nameFor(files));

	if (base === null)
		return;
	location.hash = basePath(base.id);
	if (files !== null)
		await send(base, files);
}

export async function show(main) {
	const list = h('div', { class: 'stack' }, skeleton(4));
	const search = h('input', { type: 'search', placeholder: 'Search bases',
		'aria-label': 'Search bases', on: { input: () => draw() } });
	const place = h('div', { class: 'search-place', hidden: true }, search);
	const create = h('button', { type: 'button',
		class: 'button button-primary', on: { click: () =>
			busy(create, () => makeAndGo()) } },
	    icon('plus'), 'New base');
	let bases = [];
	let isDrawn = false;

	function draw() {
		const fit = found(bases, search.value);

		place.hidden = bases.length < 8;
		if (bases.length === 0)
			return put(list, empty('No base yet.', h('p',
			    'Drop files here, make a base, or run '), h('p',
			    h('code', 'tidemark index FOLDER'))));
		return put(list, fit.length > 0
		    ? table(fit.slice(0, SHOWN), reload)
		    : empty('No base is called so.'),
		    fit.length > SHOWN ? h('p', { class: 'muted' },
			`${number(fit.length - SHOWN)} more: search for them.`)
			: null);
	}
	async function reload() {
		try {
			const now = await load();

			if (JSON.stringify(now) === JSON.stringify(bases) &&
			    isDrawn)
				return;
			bases = now;
			isDrawn = true;
			redraw(list, draw);
		} catch (error) {
			isDrawn = false;
			put(list, errorBox(error, reload));
		}
	}
	const refresh = seldom(reload, REFRESH_MS);
	const stop = watch(() => refresh());

	put(main, pageHead('Bases', create), place, list);
	dropZone(main, (files) => makeAndGo(files).catch((error) =>
	    toast(errorWords(error), 'bad')));
	await reload();
	return () => {
		stop();
		refresh.stop();
	};
}
