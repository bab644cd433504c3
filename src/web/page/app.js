// SPDX-License-Identifier: Apache-2.0
//
// Where one is (the part of the address behind the #), and which view draws it.
// A view is a module with  async show(main, params) -> leave();  it is loaded
// when somebody goes there first.  params: {id, query, path}.

import { ApiError, onExpired, get } from './api.js';
import { h, put, byId } from './dom.js';
import { button, errorBox, pageHead, setTitle, skeleton, toast }
    from './app_tools.js';
import * as frame from './frame.js';
import * as live from './live.js';
import { begin, renew } from './session.js';

const ID = '([^/?#]+)';
// [pattern, place in the navigation, module]
const ROUTES = [
	['/', 'overview', 'overview.js'],
	['/jobs', 'jobs', 'jobs.js'],
	[`/jobs/${ID}`, 'jobs', 'job.js'],
	['/bases', 'bases', 'bases.js'],
	[`/bases/${ID}`, 'bases', 'base.js'],
	[`/bases/${ID}/query`, 'bases', 'query.js'],
	[`/documents/${ID}`, 'bases', 'document.js'],
	['/access', 'access', 'access.js'],
	['/webhooks', 'webhooks', 'webhooks.js'],
	[`/webhooks/${ID}`, 'webhooks', 'webhook.js'],
].map(([pattern, place, file]) =>
    ({ pattern: new RegExp(`^${pattern}$`), place, file }));

// A view is slow when nothing has come by then.
const SLOW_MS = 200;

let leave = null;	// ends the view that is shown
let visit = 0;		// rises with each: a view that comes late is not shown
let version = null;	// of the server, when the page was loaded

function decode(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

function find() {
	const [path, query = ''] = (location.hash.slice(1) || '/')
	    .split(/\?(.*)/s);

	for (const { pattern, place, file } of ROUTES) {
		const match = pattern.exec(path);

		if (match !== null)
			return { place, file, params: { path,
				id: match[1] === undefined ? null
				    : decode(match[1]),
				query: new URLSearchParams(query) } };
	}
	return null;
}

function ends(view) {
	try {
		view?.();
	} catch (error) {
		console.error(error);
	}
}

function showError(main, error) {
	const isGone = error.status === 404;

	put(main, pageHead(isGone ? 'Not here' : 'This page cannot be shown'),
	    errorBox(error, isGone ? null
		: error instanceof ApiError ? show : () => location.reload()),
	    isGone ? h('p', h('a', { href: '#/' }, 'To the overview')) : null);
}

// Names and states of the page are news to a screen reader: it begins at h1.
function settle(main, isFirst) {
	const heading = main.querySelector('h1');

	if (heading !== null)
		setTitle(heading.textContent);
	if (!isFirst)
		heading?.focus({ preventScroll: true });
}

async function show() {
	const mine = visit += 1;
	const found = find();
	// One of its own: what a late view draws is seen by nobody.
	const main = h('div', { class: 'view' });
	const slow = setTimeout(() => {
		if (mine === visit)
			put(byId('main'), skeleton(6));
	}, SLOW_MS);
	let mineLeaves = null;

	ends(leave);
	leave = null;
	frame.mark(found?.place ?? null);
	try {
		if (found === null)
			put(main, pageHead('Not here'), h('p',
			    'There is no such page. ',
			    h('a', { href: '#/' }, 'To the overview')));
		else
			mineLeaves = await (await import(`./${found.file}`))
			    .show(main, found.params);
	} catch (error) {
		// What a browser says of a module that is not there helps nobody.
		showError(main, error instanceof TypeError &&
		    /import/.test(error.message)
		    ? new Error('This page could not be loaded.') : error);
	}
	clearTimeout(slow);
	if (mine !== visit) {
		ends(mineLeaves);
		return;
	}
	leave = mineLeaves;
	put(byId('main'), main);
	scrollTo(0, 0);
	settle(main, mine === 1);
}

// Scripts of an older version may misread what a newer server says.
async function checkVersion() {
	const about = await get('/about').catch(() => null);

	if (about === null)
		return;
	if (version !== null && version !== about.version)
		toast(`The server is now Tidemark ${about.version}.`, '',
		    button('Reload the page', () => location.reload()));
	version = about.version;
}

function followVersion() {
	let wasLost = true;

	live.status((what) => {
		if (what === 'live' && wasLost)
			checkVersion();
		wasLost = what !== 'live';
	});
}

async function main() {
	const skip = byId('skip');

	onExpired(renew);
	skip.addEventListener('click', (event) => {
		// The part behind the # is the view's.
		event.preventDefault();
		byId('main').querySelector('h1')?.focus();
	});
	await begin();
	byId('app').hidden = false;
	frame.draw();
	await live.start();
	followVersion();
	addEventListener('hashchange', show);
	await show();
}

main().catch((error) => {
	byId('app').hidden = false;
	put(byId('main'), h('div', { class: 'view' },
	    pageHead('Tidemark does not answer'),
	    errorBox(error, () => location.reload())));
});
