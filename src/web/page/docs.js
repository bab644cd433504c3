// SPDX-License-Identifier: Apache-2.0
//
// The page of all descriptions.  The place in the page is in the address, so
// that it can be sent to somebody: #/native, #/native/GET /tidemark/v1/bases.

import { h, put, byId, announce } from './dom.js';
import { APIS, load } from './docs_load.js';
import { inline, markdown } from './docs_markdown.js';
import { breakable, operationView } from './docs_view.js';

const THEMES = [['auto', 'Auto'], ['light', 'Light'], ['dark', 'Dark']];
const RESULTS_MAX = 200;
const NARROW = matchMedia('(max-width: 860px)');

let shown = null; // { name, views: Map of operations }
let search;

function setTheme(theme) {
	document.documentElement.dataset.theme = theme;
	try {
		localStorage.setItem('tidemark-theme', theme);
	} catch {
		// It holds for this window then.
	}
}

function head() {
	search = h('input', { type: 'search', class: 'docs-search',
		id: 'docs-search', placeholder: 'Search all routes',
		'aria-label': 'Search all routes', autocomplete: 'off',
		spellcheck: 'false', 'aria-keyshortcuts': '/' });
	search.addEventListener('input', find);
	search.addEventListener('keydown', (event) => {
		if (event.key === 'Escape') {
			search.value = '';
			find();
		} else if (event.key === 'ArrowDown') {
			event.preventDefault();
			document.querySelector('.docs-found a')?.focus();
		}
	});
	put(byId('docs-head'),
	    h('a', { class: 'brand', href: '#/native' },
		h('img', { src: '/ui/icon.svg', alt: '', width: '26',
		    height: '26' }), 'Tidemark API'),
	    search,
	    h('a', { class: 'docs-home', href: '/' }, 'Dashboard'),
	    h('select', { class: 'docs-input', 'aria-label': 'Colours', on: {
		change: (event) => setTheme(event.target.value) },
	    value: document.documentElement.dataset.theme },
	    THEMES.map(([value, words]) => h('option', { value }, words))));
}

function nav(api) {
	const places = APIS.map(([name, label]) => h('li', h('a', {
		class: 'nav-link', href: `#/${name}`,
		'aria-current': name === api?.name ? 'page' : null }, label)));
	const groups = (api?.groups ?? []).map((group) => h('li',
	    h('p', { class: 'docs-toc-name' }, group.name),
	    h('ul', group.operations.map((one) => h('li', h('a', {
		class: 'docs-toc-link', href: one.href, title: one.summary },
	    h('span', { class: `docs-verb docs-verb-${one.verb}` },
		one.isSent ? 'SENT' : one.verb), ' ',
	    h('span', breakable(one.isSent ? one.path
		: ending(api, one)))))))));

	put(byId('docs-nav'), h('ul', { class: 'docs-apis' }, places),
	    api ? h('details', { class: 'docs-toc', open: !NARROW.matches },
		h('summary', `${api.operations.length} routes`),
		h('ul', groups)) : null);
}

// The path without what all of the file's paths begin with.
function ending(api, { path }) {
	const short = path.slice(api.common.length);

	return short === '' ? path : short;
}

function intro(api) {
	const { info } = api.doc;

	return h('header', { class: 'docs-intro' },
	    h('h1', { tabindex: '-1' }, info.title),
	    h('div', { class: 'docs-words' }, markdown(info.description)),
	    h('p', { class: 'muted small' },
		`${api.operations.length} routes. The same for programs, in ` +
		'OpenAPI 3.1: ', h('a', { href: `/openapi/${api.name}.yaml` },
		    `${api.name}.yaml`)));
}

function drawApi(api) {
	const views = new Map();
	const groups = api.groups.map((group) => h('section',
	    { class: 'docs-group' },
	    h('h2', group.name),
	    group.description ? h('div', { class: 'docs-words' },
		markdown(group.description)) : null,
	    group.operations.map((one) => {
		const view = operationView(one, (isOpen) =>
		    history.replaceState(null, '', isOpen ? one.href
			: `#/${api.name}`));

		views.set(one, view);
		return view;
	})));

	nav(api);
	put(byId('docs-main'), intro(api), groups);
	document.title = `${api.doc.info.title} - Tidemark API`;
	shown = { name: api.name, views };
}

function wrong(error) {
	put(byId('docs-main'), h('h1', 'This cannot be shown'),
	    h('p', { class: 'docs-wrong' }, error.message),
	    h('p', h('button', { type: 'button', class: 'button',
		on: { click: go } }, 'Try again')));
}

// { name, verb, path } of the address.
function place() {
	let text = location.hash.slice(1);

	try {
		text = decodeURIComponent(text);
	} catch {
		// A % that is none of an escape stands for itself.
	}
	const [, name, verb, path] =
	    /^\/([a-z]+)(?:\/([A-Z]+) (.*))?$/.exec(text) ?? [];

	return { name: APIS.some(([one]) => one === name) ? name : 'native',
		verb, path };
}

// Show what the address says.
async function go() {
	const { name, verb, path } = place();

	if (search.value !== '') {
		search.value = '';
		shown = null;
	}
	try {
		const api = await load(name);

		if (place().name !== name)
			return; // Somebody was quicker.
		if (shown?.name !== name) {
			drawApi(api);
			scrollTo(0, 0);
		}
		const one = verb === undefined ? undefined
		    : api.find(verb, path);

		if (one !== undefined) {
			const view = shown.views.get(one);

			view.setOpen(true);
			view.scrollIntoView();
			view.head.focus({ preventScroll: true });
		} else if (verb !== undefined) {
			announce(`There is no ${verb} ${path}`);
		}
	} catch (error) {
		shown = null;
		wrong(error);
	}
}

// ---- search ---------------------------------------------------------------

function hit({ href, verb, path, summary, isSent }) {
	// The address may be that one already.
	const click = () => location.hash === href && go();

	return h('li', h('a', { class: 'docs-hit', href, on: { click } },
	    h('span', { class: `docs-verb docs-verb-${verb}` },
		isSent ? 'SENT' : verb),
	    h('span', { class: 'docs-line' },
		h('code', { class: 'docs-path' }, breakable(path)),
		h('span', { class: 'docs-summary' }, inline(summary)))));
}

// All words must be there; where the path has them, it comes first.
function matches(api, words) {
	const inPath = (one) => words.every((word) =>
	    one.path.toLowerCase().includes(word));

	return api.operations.filter((one) => words.every((word) =>
	    one.words.includes(word))).sort((a, b) => inPath(b) - inPath(a));
}

async function find() {
	const asked = search.value;
	const words = asked.toLowerCase().split(/\s+/).filter(Boolean);

	if (words.length === 0) {
		shown = null;
		await go();
		return;
	}
	const apis = await Promise.allSettled(APIS.map(([name]) => load(name)));

	if (search.value !== asked)
		return;
	const found = apis.filter((one) => one.status === 'fulfilled')
	    .map(({ value: api }) => ({ api, hits: matches(api, words) }))
	    .filter(({ hits }) => hits.length > 0);
	const count = found.reduce((sum, { hits }) => sum + hits.length, 0);

	shown = null;
	nav(null);
	put(byId('docs-main'),
	    h('h1', { class: 'docs-count' }, count === 0 ? 'Nothing found'
		: `${count} ${count === 1 ? 'route' : 'routes'}`),
	    h('div', { class: 'docs-found' }, found.map(({ api, hits }) =>
		h('section', { class: 'docs-group' },
		    h('h2', api.doc.info.title),
		    h('ul', { class: 'docs-hits' },
			hits.slice(0, RESULTS_MAX).map(hit))))));
	announce(count === 0 ? 'Nothing found' : `${count} routes found`);
}

// Up and down go from one result to the next.
function walk(event) {
	const links = [...document.querySelectorAll('.docs-found a')];
	const at = links.indexOf(document.activeElement);

	if (at < 0 || !['ArrowDown', 'ArrowUp'].includes(event.key))
		return;
	event.preventDefault();
	(links[at + (event.key === 'ArrowDown' ? 1 : -1)] ??
	    (event.key === 'ArrowUp' ? search : links[at])).focus();
}

function keys(event) {
	const { tagName } = document.activeElement;

	walk(event);
	if (event.key !== '/' || event.ctrlKey || event.metaKey ||
	    event.altKey || ['INPUT', 'SELECT', 'TEXTAREA'].includes(tagName))
		return;
	event.preventDefault();
	search.focus();
	search.select();
}

head();
nav(null);
// The address is taken by the place in the page.
byId('skip').addEventListener('click', (event) => {
	event.preventDefault();
	byId('docs-main').focus();
});
addEventListener('hashchange', go);
addEventListener('keydown', keys);
await go();
// The others, for the search.
for (const [name] of APIS)
	load(name).catch(() => null);
