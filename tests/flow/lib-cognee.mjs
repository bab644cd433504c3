// SPDX-License-Identifier: Apache-2.0
//
// What the flows of Cognee's interface share: a server, its command line, and
// people with sessions.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { KEY, Server as Plain } from './lib.mjs';

const BUILD = path.resolve(process.env.TIDEMARK_BUILD ?? 'build');

export const PASSWORD = 'a long tide, and a slow one';

export class Server extends Plain {
	// The command line against this server: { code, out, err }.
	command(args, input = '') {
		return new Promise((resolve) => {
			const child = execFile(path.join(BUILD, 'tidemark'),
			    args, { env: { ...process.env,
				TIDEMARK_URL: this.url,
				TIDEMARK_API_KEY: KEY } },
			    (error, out, err) => resolve({
				code: error === null ? 0 : error.code,
				out, err }));

			child.stdin.end(input);
		});
	}

	// Any request: { status, headers, json, text }.
	async call(method, where, { key = null, token, cookie, body, json, form,
		headers = {} } = {}) {
		const options = { method, key, headers: { ...headers } };

		if (token !== undefined)
			options.headers.Authorization = `Bearer ${token}`;
		if (cookie !== undefined)
			options.headers.Cookie = cookie;
		if (json !== undefined) {
			options.headers['Content-Type'] ??= 'application/json';
			options.body = JSON.stringify(json);
		} else if (form !== undefined) {
			options.body = new URLSearchParams(form);
		} else if (body !== undefined) {
			options.body = body;
		}
		const reply = await this.fetch(where, options);
		const text = await reply.text();
		let parsed;

		try {
			parsed = JSON.parse(text);
		} catch {
			parsed = undefined;
		}
		return { status: reply.status, headers: reply.headers, text,
			json: parsed };
	}

	register(email, password = PASSWORD) {
		return this.call('POST', '/api/v1/auth/register',
		    { json: { email, password } });
	}

	login(username, password = PASSWORD) {
		return this.call('POST', '/api/v1/auth/login',
		    { form: { username, password } });
	}

	// A user that is there, with a session: { user, token, cookie }.
	async person(email, password = PASSWORD) {
		const made = await this.register(email, password);

		assert.equal(made.status, 201, made.text);
		const reply = await this.login(email, password);

		assert.equal(reply.status, 200, reply.text);
		return { user: made.json, token: reply.json.access_token,
			cookie: reply.headers.get('set-cookie')
			    .split(';')[0] };
	}
}
