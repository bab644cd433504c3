// SPDX-License-Identifier: Apache-2.0
//
// Count the base again from the index, and say in words what came out.

import { get } from './api.js';
import { h, put } from './dom.js';
import { button, dialog, errorBox, skeleton } from './app_tools.js';
import { number, plural } from './format.js';
import { visible } from './job_words.js';

const NAMES = [
	['documents', 'documents'], ['segments', 'segments'],
	['postings', 'words of segments'], ['vectors', 'vectors'],
	['promised', 'vectors that there have to be'],
	['jobs', 'jobs'], ['items', 'files of jobs'],
];

function differenceRow({ what, where, stored, counted }) {
	return h('tr', h('th', { scope: 'row' }, visible(what)),
	    h('td', h('bdi', visible(where))),
	    h('td', { class: 'numeric' }, number(stored)),
	    h('td', { class: 'numeric' }, number(counted)));
}

function result({ ok, checked, differences }) {
	return [
		ok ? h('p', { class: 'verdict good' }, h('strong',
		    'Everything is as it is said to be.'),
		` ${plural(checked.documents, 'document')} and ${
			plural(checked.segments, 'segment')} were counted ` +
		    'again from the index, and no number differs.')
		    : h('p', { class: 'verdict bad' }, h('strong',
			plural(differences.length, 'number differs',
			    'numbers differ'), '.'),
			' Index the documents that are named again; if they ' +
			'still differ then, that is a mistake of Tidemark.'),
		differences.length === 0 ? null : h('div',
		    { class: 'table-box' }, h('table', { class: 'table' },
			h('thead', h('tr', ['What', 'Where', 'Said', 'Counted']
			    .map((words, i) => h('th', { scope: 'col',
				class: i > 1 ? 'numeric' : null }, words)))),
			h('tbody', differences.slice(0, 200)
			    .map(differenceRow)))),
		h('details', { class: 'more' },
		    h('summary', 'What was counted'),
		    h('dl', { class: 'facts' }, NAMES
			.filter(([name]) => checked[name] !== undefined)
			.map(([name, words]) => [h('dt', words),
				h('dd', number(checked[name]))]))),
	];
}

export function auditBase(base) {
	return dialog('Audit', (close) => {
		const place = h('div', { class: 'stack',
			'aria-live': 'polite' });
		const run = async () => {
			put(place, h('p', { class: 'muted' }, 'Counting ',
			    h('bdi', visible(base.name)), ' again\u2026'),
			skeleton(2));
			try {
				put(place, result(await get(
				    `/bases/${base.id}/audit`)));
			} catch (error) {
				put(place, errorBox(error, run));
			}
		};

		run();
		return [place, h('div', { class: 'row dialog-actions' },
		    button('Close', () => close(), { autofocus: true }))];
	});
}
