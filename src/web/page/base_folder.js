// SPDX-License-Identifier: Apache-2.0
//
// Index a folder of the server's machine, in place.

import { get, post } from './api.js';
import { h } from './dom.js';
import { button, dialog, errorWords, field } from './app_tools.js';
import { visible } from './job_words.js';

function patterns(text) {
	return text.split('\n').map((line) => line.trim())
	    .filter((line) => line !== '');
}

// Where the server says that no folder may be read, there is nothing to fill
// in.
function refusal(close) {
	return [
		h('p', 'This server may not read folders of its machine for ' +
		    'those who ask from here. Name the folders it may read ' +
		    'in its setting ', h('code', 'folder_roots'), ', or run ' +
		    'this on its machine:'),
		h('p', h('code', 'tidemark index FOLDER')),
		h('div', { class: 'row dialog-actions' },
		    button('Close', () => close(null))),
	];
}

function form(base, close) {
	const path = h('input', { type: 'text', class: 'mono', required: true,
		spellcheck: 'false', placeholder: '/srv/handbook' });
	const include = h('textarea', { rows: '2', class: 'mono',
		spellcheck: 'false', placeholder: '*.md' });
	const exclude = h('textarea', { rows: '2', class: 'mono',
		spellcheck: 'false', placeholder: 'drafts/' });
	const where = field('Folder', path, 'An absolute path on the ' +
	    'server\u2019s machine. Files are read where they lie, and not ' +
	    'copied.');
	const send = h('button', { type: 'submit',
		class: 'button button-primary' }, 'Index it');

	return h('form', { class: 'stack', on: { submit: async (event) => {
		const source = { kind: 'folder', path: path.value.trim() };

		event.preventDefault();
		where.show('');
		send.disabled = true;
		if (patterns(include.value).length > 0)
			source.include = patterns(include.value);
		if (patterns(exclude.value).length > 0)
			source.exclude = patterns(exclude.value);
		try {
			close((await post(`/bases/${base.id}/jobs`,
			    { source })).job);
		} catch (error) {
			where.show(errorWords(error));
		}
		send.disabled = false;
	} } }, where,
	h('details', { class: 'more' }, h('summary', 'Only some of its files'),
	    h('div', { class: 'stack' },
		field('Take only', include,
		    'One pattern in each line, as in .gitignore.'),
		field('Leave out', exclude, 'The same.'))),
	h('p', { class: 'muted small' }, 'The same folder again takes only ' +
	    'what has changed, and removes documents whose files are gone.'),
	h('div', { class: 'row dialog-actions' },
	    button('Cancel', () => close(null)), send));
}

// Resolves with the job, null when there is none.
export async function indexFolder(base) {
	const { reads_folders: isAllowed } = await get('/about');

	return dialog(`Index a folder into ${visible(base.name)}`, (close) =>
	    isAllowed ? form(base, close) : refusal(close));
}
