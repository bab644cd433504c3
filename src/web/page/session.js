// SPDX-License-Identifier: Apache-2.0
//
// Who is signed in: the last answer of /session, the same for all views.

import { del, get, request } from './api.js';
import { ask } from './sign_in.js';

let current = null;

// {label, environment, expires_at, is_operator, key_id}
export function session() {
	return current;
}

// At the start: the session that the browser has, or a new one.
export async function begin() {
	try {
		current = await request('GET', '/session', undefined,
		    { staysOut: true });
	} catch (error) {
		if (error.status !== 401)
			throw error;
		current = await ask();
	}
	return current;
}

// Whoever signs in elsewhere in this browser is signed in here, too; somebody
// else is not to see what is on the page.
export async function check() {
	const now = await get('/session');

	if (current !== null && now.key_id !== current.key_id)
		location.reload();
	current = now;
}

// In the midst of things: somebody has to sign in to go on.
export async function renew() {
	const before = current;

	current = await ask('The session has ended. Sign in to go on where ' +
	    'you were.');
	// Somebody else is not to see what is on the page.
	if (before !== null && before.key_id !== current.key_id)
		location.reload();
	return current;
}

export async function end() {
	await del('/session', { staysOut: true });
	location.hash = '';
	location.reload();
}
