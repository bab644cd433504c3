// SPDX-License-Identifier: Apache-2.0
//
// Asks for an API key and makes a session of it.  The key is sent once and kept
// nowhere; the session's cookie is the server's, no script can read it.

import { request } from './api.js';
import { h, put, byId } from './dom.js';
import { errorWords, field } from './app_tools.js';
import { icon } from './icons.js';

function brand() {
	return h('p', { class: 'brand' },
	    h('img', { src: '/ui/icon.svg', alt: '', width: '36',
		height: '36' }), 'Tidemark');
}

// note: why one is asked, '' at the first time.  Resolves with the session.
function form(note, resolve) {
	const key = h('input', { type: 'password', name: 'key',
		class: 'mono', autocomplete: 'current-password',
		autocapitalize: 'none', spellcheck: 'false', required: true });
	// Password managers look for a name to keep the key by.
	const name = h('input', { type: 'text', name: 'username',
		autocomplete: 'username', value: 'tidemark', hidden: true });
	const keyField = field('API key', key, [
		'The first one is in the file ', h('code', 'api-key'),
		' of the server\u2019s data folder. ',
		h('code', 'tidemark key create'), ' makes more.']);
	const shows = h('button', { type: 'button', class: 'button',
		'aria-pressed': 'false', on: { click: () => {
			const isHidden = key.type === 'password';

			key.type = isHidden ? 'text' : 'password';
			shows.setAttribute('aria-pressed', String(isHidden));
		} } }, 'Show');
	const send = h('button', { type: 'submit',
		class: 'button button-primary' }, 'Sign in');

	async function submit(event) {
		const text = key.value.trim();

		event.preventDefault();
		if (text === '') {
			keyField.show('Enter a key.');
			key.focus();
			return;
		}
		send.disabled = true;
		keyField.show('');
		try {
			const session = await request('POST', '/session',
			    { key: text }, { staysOut: true });

			key.value = '';
			resolve(session);
		} catch (error) {
			keyField.show(errorWords(error));
			key.select();
			key.focus();
		} finally {
			send.disabled = false;
		}
	}

	const el = h('main', { class: 'sign-in' },
	    h('form', { class: 'card stack sign-in-card', novalidate: true,
		on: { submit } },
		brand(), h('h1', { tabindex: '-1' }, 'Sign in'),
		note === '' ? null : h('p', { class: 'notice' }, icon('bad'),
		    note),
		name, keyField, h('div', { class: 'row' }, send, shows)));

	return { el, key };
}

// There is nothing behind it to go back to.
function stay(event) {
	if (event.key === 'Escape')
		event.preventDefault();
}

// Put the form in the place of the page, which stays as it is behind it.  It is
// a dialog, as one that is open would let nothing but itself be used.
export function ask(note = '') {
	const place = byId('sign-in');
	const app = byId('app');
	const before = document.activeElement;
	const wasHidden = app.hidden;
	const title = document.title;

	return new Promise((resolve) => {
		let isOver = false;
		const done = (session) => {
			if (isOver)
				return;
			isOver = true;
			app.hidden = wasHidden;
			removeEventListener('focus', look);
			place.removeEventListener('keydown', stay);
			place.close();
			place.hidden = true;
			put(place);
			document.title = title;
			before?.focus?.();
			resolve(session);
		};
		// Somebody may have signed in in another window.
		const look = () => request('GET', '/session', undefined,
		    { staysOut: true }).then(done, () => {});
		const { el, key } = form(note, done);

		put(place, el);
		addEventListener('focus', look);
		app.hidden = true;
		place.hidden = false;
		place.addEventListener('keydown', stay);
		place.showModal();
		document.title = 'Sign in \u2013 Tidemark';
		key.focus();
	});
}
