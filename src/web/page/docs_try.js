// SPDX-License-Identifier: Apache-2.0
//
// Asking this server from the page: only what changes nothing (GET), only of
// the native API and the server's own pages, which take the session of who is
// signed in here.  Nothing is sent before somebody says so, and what comes back
// is shown as text.

import { h, put } from './dom.js';
import { inline } from './docs_markdown.js';

const SHOWN_MAX = 200000;
const TYPES = ['application/json', 'text/plain', 'text/csv',
	'application/yaml'];

export function mayTry({ api, verb, node, isSent }) {
	const good = node.responses?.['200'];
	const content = good === undefined ? {}
	    : api.follow(good).node.content ?? {};

	return verb === 'GET' && !isSent &&
	    ['native', 'server'].includes(api.name) &&
	    Object.keys(content).length > 0 &&
	    Object.keys(content).every((type) => TYPES.includes(type));
}

function address({ path }, fields) {
	const query = new URLSearchParams();
	const filled = path.replace(/\{([^}]+)\}/g, (_, name) =>
	    encodeURIComponent(fields.get(name).value.trim()));

	for (const [name, field] of fields)
		if (field.dataset.where === 'query' && field.value !== '')
			query.append(name, field.value);
	return filled + (query.size > 0 ? `?${query}` : '');
}

async function ask(where) {
	const began = performance.now();
	const reply = await fetch(where, { credentials: 'same-origin',
		headers: { Accept: TYPES.join(', ') } });
	const text = await reply.text();
	const took = Math.round(performance.now() - began);

	return { status: reply.status, took, text: text.slice(0, SHOWN_MAX),
		isCut: text.length > SHOWN_MAX,
		isJson: (reply.headers.get('content-type') ?? '')
		    .startsWith('application/json') };
}

function pretty({ text, isJson, isCut }) {
	if (!isJson || isCut)
		return text;
	try {
		return JSON.stringify(JSON.parse(text), null, 2);
	} catch {
		return text;
	}
}

function show(place, where, reply) {
	put(place,
	    h('p', { class: 'docs-row-head' },
		h('span', { class: 'docs-status docs-status-' +
		    String(reply.status)[0] }, String(reply.status)),
		h('code', where),
		h('span', { class: 'docs-fact' }, `${reply.took} ms`),
		reply.isCut ? h('span', { class: 'docs-fact' },
		    'only its beginning') : null),
	    reply.status === 401 ? h('p', inline('Sign in to the dashboard ' +
		'in this browser first; the session counts here, too.'))
		: null,
	    h('pre', { class: 'docs-code', tabindex: '0',
		'aria-label': 'The answer' }, pretty(reply)));
}

export function tryForm(operation) {
	const fields = new Map();
	const place = h('div', { class: 'docs-try-answer', role: 'status' });
	const button = h('button', { type: 'submit', class: 'button' }, 'Send');
	const rows = operation.parameters.filter((one) =>
	    ['path', 'query'].includes(one.in)).map((one) => {
		const input = h('input', { type: 'text', class: 'docs-input',
			autocomplete: 'off', spellcheck: 'false',
			required: one.in === 'path' || one.required === true,
			'data-where': one.in });

		fields.set(one.name, input);
		return h('label', { class: 'docs-try-row' },
		    h('code', one.name), input);
	});
	const form = h('form', { class: 'docs-try' }, rows, button, place);

	form.addEventListener('submit', async (event) => {
		const where = address(operation, fields);

		event.preventDefault();
		button.disabled = true;
		try {
			show(place, where, await ask(where));
		} catch (error) {
			put(place, h('p', { class: 'docs-wrong' },
			    `No answer came: ${error.message}`));
		}
		button.disabled = false;
	});
	return h('details', { class: 'docs-fold docs-part' },
	    h('summary', h('strong', 'Try it'), h('span',
		{ class: 'docs-fact' }, 'with your session')), form);
}
