// SPDX-License-Identifier: Apache-2.0
//
// One operation: a line that unfolds to all that is said of it.

import { h, newId } from './dom.js';
import { inline, markdown } from './docs_markdown.js';
import { schemaLine, schemaTree } from './docs_schema.js';
import { copyBox, curlLine } from './docs_curl.js';
import { mayTry, tryForm } from './docs_try.js';

const WHERE = { path: 'path', query: 'query', header: 'header',
	cookie: 'cookie' };

function section(title, ...content) {
	return h('section', { class: 'docs-part' }, h('h4', title), content);
}

function parameters({ api, parameters: list }) {
	if (list.length === 0)
		return null;
	return section('Parameters', h('ul', { class: 'docs-tree' },
	    list.map((one) => h('li', { class: 'docs-row' },
		h('div', { class: 'docs-row-head' },
		    h('code', { class: 'docs-member' }, one.name), ' ',
		    h('span', { class: 'docs-where' }, WHERE[one.in]),
		    schemaLine(api, one.schema ?? {}),
		    one.required ? h('span', { class: 'docs-required' },
			'required') : null),
		h('div', { class: 'docs-member-text' },
		    markdown(one.description))))));
}

function example(value) {
	return h('pre', { class: 'docs-code', tabindex: '0' },
	    typeof value === 'string' ? value.trimEnd()
		: JSON.stringify(value, null, 2));
}

function examples(api, media) {
	return Object.entries(media.examples ?? {}).map(([name, ref]) => {
		const { value, summary } = api.follow(ref).node;

		return h('details', { class: 'docs-fold' },
		    h('summary', 'Example', h('span', { class: 'docs-fact' },
			summary ?? name)), example(value));
	});
}

function contents(api, content) {
	return Object.entries(content ?? {}).map(([type, media]) =>
	    h('div', { class: 'docs-media' },
		h('p', { class: 'docs-media-type' }, h('code', type)),
		media.schema ? schemaTree(api, media.schema) : null,
		examples(api, media)));
}

function body({ api, body: node }) {
	if (node === undefined)
		return null;
	return section(node.required ? 'Body' : 'Body, which may be left out',
	    markdown(node.description), contents(api, node.content));
}

function headers(api, node) {
	const rows = Object.entries(node.headers ?? {}).map(([name, ref]) => {
		const said = api.follow(ref).node;

		return h('li', { class: 'docs-row' },
		    h('div', { class: 'docs-row-head' },
			h('code', { class: 'docs-member' }, name), ' ',
			schemaLine(api, said.schema ?? {})),
		    h('div', { class: 'docs-member-text' },
			markdown(said.description)));
	});

	return rows.length === 0 ? null
	    : [h('p', { class: 'docs-media-type' }, 'Headers'),
		h('ul', { class: 'docs-tree' }, rows)];
}

// The class of a status says whether it is good news.
function statusClass(status) {
	return `docs-status docs-status-${status[0]}`;
}

function answer(api, status, ref) {
	const { node } = api.follow(ref);
	const inside = [headers(api, node), contents(api, node.content)];
	const words = (node.description ?? '').trim();
	const head = [h('span', { class: statusClass(status) }, status),
		h('span', { class: 'docs-answer' }, inline(words
		    .replaceAll(/\s+/g, ' ')))];

	if (!node.headers && !node.content)
		return h('div', { class: 'docs-answer-row docs-bare' }, head);
	const details = h('details', { class: 'docs-fold docs-answer-row',
		open: status.startsWith('2') }, h('summary', head));
	const draw = () => {
		if (details.open && details.childElementCount === 1)
			details.append(h('div', { class: 'docs-answer-in' },
			    inside));
	};

	details.addEventListener('toggle', draw);
	draw();
	return details;
}

function answers({ api, node }) {
	return section('Answers', Object.entries(node.responses ?? {})
	    .map(([status, ref]) => answer(api, status, ref)));
}

function access({ api, security }) {
	const schemes = api.doc.components?.securitySchemes ?? {};
	const ways = security.flatMap(Object.keys).map((name) => schemes[name])
	    .filter((one) => one !== undefined).map((one) =>
		one.type === 'http' ? 'Authorization: Bearer'
		    : one.in === 'cookie' ? `cookie ${one.name}` : one.name);
	const mayBeOpen = security.some((one) =>
	    Object.keys(one).length === 0);

	if (ways.length === 0)
		return h('p', { class: 'docs-access' }, 'Open to everybody.');
	return h('p', { class: 'docs-access' }, mayBeOpen
	    ? 'Key, where one is asked for: ' : 'Key: ',
	ways.map((one, i) => [i > 0 ? ' or ' : null, h('code', one)]));
}

function details(operation) {
	const { node, isSent } = operation;

	return [
		h('div', { class: 'docs-words' }, markdown(node.description)),
		isSent ? null : access(operation),
		isSent ? null : section('Command', copyBox(
		    curlLine(operation), 'the curl command')),
		mayTry(operation) ? tryForm(operation) : null,
		parameters(operation),
		body(operation),
		answers(operation),
	];
}

/*
 * The element of an operation; its details are drawn when it is opened.
 * onToggle(isOpen) is told.  element.openUp() opens it.
 */
export function operationView(operation, onToggle) {
	const id = newId('op');
	const inner = h('div', { class: 'docs-op-in', id, hidden: true });
	const button = h('button', { type: 'button', class: 'docs-op-head',
		'aria-expanded': 'false', 'aria-controls': id },
	h('span', { class: `docs-verb docs-verb-${operation.verb}` },
	    operation.isSent ? 'SENT' : operation.verb),
	h('span', { class: 'docs-line' },
	    h('code', { class: 'docs-path' }, breakable(operation.path)),
	    h('span', { class: 'docs-summary' }, operation.summary)));
	const el = h('article', { class: 'docs-op' },
	    h('h3', button),
	    h('a', { class: 'docs-anchor', href: operation.href,
		'aria-label': `Link to ${operation.verb} ${operation.path}` },
	    '#'), inner);

	el.setOpen = (isOpen) => {
		if (isOpen && inner.childElementCount === 0)
			inner.append(...details(operation).flat(Infinity)
			    .filter((one) => one !== null));
		inner.hidden = !isOpen;
		button.setAttribute('aria-expanded', String(isOpen));
		el.classList.toggle('docs-op-open', isOpen);
	};
	el.head = button;
	button.addEventListener('click', () => {
		el.setOpen(inner.hidden);
		onToggle(!inner.hidden);
	});
	return el;
}

// A path that is broken where it is wider than its place, at slashes first.
export function breakable(path) {
	return path.split(/(?=\/)/).flatMap((part) => [part, h('wbr')]);
}
