// SPDX-License-Identifier: Apache-2.0
//
// Ask a base.  The address holds what was asked, so that it can be sent on.

import { get, post } from './api.js';
import { h, put } from './dom.js';
import { empty, errorBox, pageHead } from './app_tools.js';
import { plural } from './format.js';
import { QueryForm } from './base_query_form.js';
import { resultList } from './base_results.js';
import { basePath } from './base_words.js';
import { visible } from './job_words.js';

function nothingYet(base) {
	return base.segments > 0 ? null : empty('Nothing is in this base yet.',
	    h('p', h('a', { href: basePath(base.id) }, 'Put documents in.')));
}

export async function show(main, params) {
	const base = await get(`/bases/${encodeURIComponent(params.id)}`);
	const results = h('div', { class: 'stack', 'aria-live': 'off' });
	const form = new QueryForm(params.query, () => ask(true));
	let control = null;

	async function ask(isNew) {
		const request = form.read();

		control?.abort();
		if (request === null || request.query.trim() === '')
			return;
		control = new AbortController();
		const mine = control;

		if (isNew)
			history.pushState(null, '', basePath(base.id,
			    `/query?${form.address}`));
		results.classList.add('is-old');
		results.setAttribute('aria-busy', 'true');
		try {
			const answer = await post(`/bases/${base.id}/query`,
			    request, { signal: mine.signal });

			put(results, resultList(answer, request.query));
		} catch (error) {
			if (mine.signal.aborted)
				return;
			put(results, form.takes(error) ? null
			    : errorBox(error, () => ask(false)));
		}
		results.classList.remove('is-old');
		results.removeAttribute('aria-busy');
	}

	function onKey(event) {
		const isTyping = event.target.closest?.(
		    'input, textarea, select');

		if (event.key === '/' && !isTyping) {
			event.preventDefault();
			form.input.select();
		} else if (event.key === 'ArrowDown' &&
		    event.target === form.input) {
			event.preventDefault();
			results.querySelector('.result-name')?.focus();
		}
	}

	put(main, h('nav', { class: 'steps-in', 'aria-label': 'Where' },
	    h('a', { href: '#/bases' }, 'Bases'),
	    h('span', { 'aria-hidden': 'true' }, '\u203a'),
	    h('a', { href: basePath(base.id) }, h('bdi',
		visible(base.name)))),
	pageHead(`Query ${visible(base.name)}`, h('span', { class: 'muted' },
	    plural(base.segments, 'segment'))), form.element, results);
	put(results, nothingYet(base));
	addEventListener('keydown', onKey);
	if (form.input.value !== '')
		await ask(false);
	return () => {
		removeEventListener('keydown', onKey);
		control?.abort();
	};
}
