// SPDX-License-Identifier: Apache-2.0
//
// The native API.  The session is a cookie that scripts cannot see; when it is
// over, whoever asked waits until the person has signed in again, and then gets
// the answer: no view knows of it.

export const ROOT = '/tidemark/v1';

export class ApiError extends Error {
	constructor(status, code, message, requestId) {
		super(message);
		this.name = 'ApiError';
		this.status = status;
		this.code = code;
		this.requestId = requestId;
	}
}

let signIn = null;	// asks the person; resolves when that went well
let signingIn = null;	// its promise, while it is asking

// app.js says who asks for a key.
export function onExpired(ask) {
	signIn = ask;
}

// The session is over: resolves when there is a new one.
export function expired() {
	if (signIn === null)
		return Promise.reject(new ApiError(401, 'UNAUTHORIZED',
		    'You are not signed in.', null));
	signingIn ??= signIn().finally(() => {
		signingIn = null;
	});
	return signingIn;
}

// What the server says went wrong; body: its text.
export function errorOf(status, body) {
	let json = null;

	try {
		json = JSON.parse(body);
	} catch {
		// Something in between answered, not the server.
	}
	return new ApiError(status, json?.error?.code ?? `HTTP_${status}`,
	    json?.error?.message ?? (status >= 500
		? `The server cannot answer now (${status}).`
		: `The server refused this (${status}).`),
	    json?.request_id ?? null);
}

async function once(method, path, body, options) {
	const init = { method, credentials: 'same-origin', cache: 'no-store',
		redirect: 'error',
		headers: { Accept: 'application/json' }, ...options };

	if (body instanceof FormData || body instanceof Blob) {
		init.body = body;
	} else if (body !== undefined) {
		init.body = JSON.stringify(body);
		init.headers['Content-Type'] = 'application/json';
	}
	try {
		const reply = await fetch(ROOT + path, init);

		return { reply, text: await reply.text() };
	} catch (error) {
		if (error.name === 'AbortError')
			throw error;
		throw new ApiError(0, 'NO_CONNECTION',
		    'The server does not answer.', null);
	}
}

// One request below /tidemark/v1: the JSON of its answer, null of none.
// options: {signal}, {staysOut: true} to get a 401 as an error.
export async function request(method, path, body,
    { staysOut = false, ...options } = {}) {
	for (;;) {
		const { reply, text } = await once(method, path, body, options);

		if (reply.status === 401 && !staysOut) {
			await expired();
			continue;
		}
		if (!reply.ok)
			throw errorOf(reply.status, text);
		if (text === '')
			return null;
		try {
			return JSON.parse(text);
		} catch {
			throw new ApiError(reply.status, 'NOT_JSON',
			    'The answer is not from Tidemark.', null);
		}
	}
}

export function get(path, options) {
	return request('GET', path, undefined, options);
}

export function post(path, body, options) {
	return request('POST', path, body, options);
}

export function patch(path, body, options) {
	return request('PATCH', path, body, options);
}

export function del(path, options) {
	return request('DELETE', path, undefined, options);
}

// The pages of a list, each an array of its rows:
//	for await (const bases of all('/bases', 'bases'))
export async function* all(path, name, options) {
	const mark = path.includes('?') ? '&' : '?';
	let cursor = null;

	do {
		const page = await get(cursor === null ? path
		    : `${path}${mark}cursor=${encodeURIComponent(cursor)}`,
		    options);

		yield page[name];
		cursor = page.next_cursor ?? null;
	} while (cursor !== null);
}
