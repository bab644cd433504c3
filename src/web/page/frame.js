// SPDX-License-Identifier: Apache-2.0
//
// What stands around every view: where one can go, whether the page is live,
// light or dark, who is signed in.

import { h, put, byId } from './dom.js';
import { busy } from './app_tools.js';
import { icon } from './icons.js';
import { session, end } from './session.js';
import * as live from './live.js';

const PLACES = [
	['overview', '#/', 'Overview'],
	['jobs', '#/jobs', 'Jobs'],
	['bases', '#/bases', 'Bases'],
	['access', '#/access', 'Keys'],
	['webhooks', '#/webhooks', 'Webhooks'],
];
const THEMES = [['auto', 'Automatic colours'], ['light', 'Light colours'],
	['dark', 'Dark colours']];
const STATUS = { live: 'Live', lost: 'Not connected', away: 'Waiting' };

const links = new Map();

function setTheme(theme) {
	document.documentElement.dataset.theme = theme;
	try {
		localStorage.setItem('tidemark-theme', theme);
	} catch {
		// It holds for this window then.
	}
}

function themes() {
	const now = document.documentElement.dataset.theme;

	return h('label', { class: 'side-row' }, icon('sun'),
	    h('span', { class: 'only-heard' }, 'Colours'),
	    h('select', { class: 'select-bare', value: now, on: {
		change: (event) => setTheme(event.target.value) } },
		THEMES.map(([value, words]) => h('option', { value },
		    words))));
}

function who() {
	const { label, environment } = session();

	return h('p', { class: 'side-who small muted', dir: 'auto',
		title: `${label || 'a key without a label'}, ${environment}` },
	    h('span', { class: 'side-label' }, label || 'Signed in'),
	    h('span', environment));
}

// The dot that says whether numbers are of now.
function liveMark() {
	const words = h('span', STATUS.lost);
	const el = h('p', { class: 'live small' },
	    h('span', { class: 'live-dot', 'aria-hidden': 'true' }), words);

	live.status((what) => {
		words.textContent = STATUS[what];
		el.dataset.status = what;
	});
	return el;
}

function nav() {
	return h('nav', { class: 'nav', 'aria-label': 'Pages' },
	    h('ul', PLACES.map(([name, href, words]) => {
		const link = h('a', { class: 'nav-link', href }, icon(name),
		    h('span', words));

		links.set(name, link);
		return h('li', link);
	    })));
}

export function draw() {
	const leave = h('button', { type: 'button',
		class: 'side-row button-bare', on: { click: () =>
		    busy(leave, end) } }, icon('leave'),
	    h('span', 'Sign out'));

	put(byId('side'),
	    h('a', { class: 'brand', href: '#/' },
		h('img', { src: '/ui/icon.svg', alt: '', width: '26',
		    height: '26' }), 'Tidemark'),
	    nav(),
	    h('div', { class: 'side-foot' }, liveMark(),
		h('a', { class: 'side-row', href: '/docs' }, icon('docs'),
		    h('span', 'API')),
		themes(), leave, who()));
	banner();
}

function banner() {
	live.status((what) => put(byId('banner'), what === 'lost'
	    ? h('p', { class: 'banner banner-lost' },
		'Connection lost. Trying again\u2026') : null));
}

// Which of the places one is at.
export function mark(place) {
	for (const [name, link] of links) {
		if (name === place)
			link.setAttribute('aria-current', 'page');
		else
			link.removeAttribute('aria-current');
	}
}
