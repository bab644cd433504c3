// SPDX-License-Identifier: Apache-2.0
//
// One upload, as a form, with its progress: fetch() does not tell of that.

import { ApiError, ROOT, errorOf, expired } from './api.js';

const TRIES_MS = [1000, 2000, 5000, 10000];
// These pass by themselves.
const PASSING = new Set([0, 408, 429, 502, 503, 504]);

function once(path, form, { signal, progress }) {
	return new Promise((resolve, reject) => {
		const request = new XMLHttpRequest();
		const stop = () => request.abort();

		signal.throwIfAborted();
		request.open('POST', ROOT + path);
		request.setRequestHeader('Accept', 'application/json');
		request.upload.addEventListener('progress', (event) =>
		    progress(event.loaded, event.total));
		request.addEventListener('loadend', () => {
			signal.removeEventListener('abort', stop);
			if (signal.aborted)
				reject(signal.reason);
			else if (request.status === 0)
				reject(new ApiError(0, 'NO_CONNECTION',
				    'The server does not answer.', null));
			else if (request.status >= 300)
				reject(errorOf(request.status,
				    request.responseText));
			else
				resolve(JSON.parse(request.responseText));
		});
		signal.addEventListener('abort', stop);
		request.send(form);
	});
}

function pause(ms, signal) {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(resolve, ms);

		signal.addEventListener('abort', () => {
			clearTimeout(timer);
			reject(signal.reason);
		}, { once: true });
	});
}

/*
 * Send files, a list of {file, name}; the answer's JSON.  What passes is tried
 * again: a file that has come already is no other document when it comes again.
 * progress(sent, all) tells of bytes, the form's own among them; waits(error)
 * that another try is to come, null that it has begun.
 */
export async function sendFiles(path, files, { signal, progress, waits }) {
	for (let tries = 0; ; tries++) {
		const form = new FormData();

		for (const { file, name } of files)
			form.append('file', file, name);
		try {
			return await once(path, form, { signal, progress });
		} catch (error) {
			if (signal.aborted)
				throw error;
			if (error.status === 401) {
				await expired();
			} else if (PASSING.has(error.status) &&
			    tries < TRIES_MS.length) {
				waits(error);
				await pause(TRIES_MS[tries], signal);
				waits(null);
			} else {
				throw error;
			}
		}
	}
}

// Can the browser still read it?  It may have gone since it was chosen.
export async function isReadable(file) {
	try {
		await file.slice(0, 1).arrayBuffer();
		return true;
	} catch {
		return false;
	}
}
