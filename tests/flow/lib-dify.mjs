// SPDX-License-Identifier: Apache-2.0
//
// A server talked to as Dify's clients talk; every answer is held against
// docs/api/dify.yaml.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { KEY, Server } from './lib.mjs';
import { check } from './lib-openapi.mjs';

const POLL_MS = 20;
const DEADLINE_MS = 60000;

export const DATASET_MISSING = { code: 'not_found',
	message: 'Dataset not found.', status: 404 };

export class Dify extends Server {
	// One request below /v1: status, headers, the text and the JSON.
	async call(method, where, body, { key = KEY, headers = {} } = {}) {
		const options = { method, headers: { ...headers } };

		if (key !== null)
			options.headers.Authorization ??= `Bearer ${key}`;
		if (body instanceof FormData) {
			options.body = body;
		} else if (body !== undefined) {
			options.body = typeof body === 'string'
			    ? body : JSON.stringify(body);
			options.headers['Content-Type'] ??=
			    'application/json';
		}
		const path = `/v1${where}`;
		const reply = await fetch(this.url + path, options);
		const text = await reply.text();
		const type = reply.headers.get('content-type') ?? '';

		check('dify', method, path, reply.status, reply.headers, text);
		return { status: reply.status, headers: reply.headers, text,
			json: type.startsWith('application/json')
			    ? JSON.parse(text) : undefined };
	}

	// The same, for those that must go well: the JSON.
	async good(method, where, body, options) {
		const reply = await this.call(method, where, body, options);

		assert.ok(reply.status < 300,
		    `${method} ${where}: ${reply.status} ${reply.text}`);
		return reply.json;
	}

	// And for those that must not: status and error are as told.
	async bad(method, where, body, status, code, message, options) {
		const reply = await this.call(method, where, body, options);

		assert.deepEqual(reply.json, { code, message, status });
		assert.equal(reply.status, status);
		assert.ok(reply.text.endsWith('}\n'));
		return reply;
	}

	dataset(name, more = {}) {
		return this.good('POST', '/datasets',
		    { name, indexing_technique: 'high_quality', ...more });
	}

	// A document, indexed when this returns.
	async text(dataset, name, text, more = {}) {
		const { document, batch } = await this.good('POST',
		    `/datasets/${dataset}/document/create-by-text`, { name, text,
			indexing_technique: 'high_quality',
			process_rule: { mode: 'automatic' }, ...more });
		const [{ indexing_status: state, error }] =
		    await this.done(dataset, batch);

		assert.equal(state, 'completed', error);
		return document;
	}

	// The batch's elements when all have ended.
	async done(dataset, batch) {
		const deadline = Date.now() + DEADLINE_MS;

		for (;;) {
			const { data } = await this.good('GET',
			    `/datasets/${dataset}/documents/${batch}` +
			    '/indexing-status');

			if (data.every(({ indexing_status: state }) =>
			    ['completed', 'error'].includes(state)))
				return data;
			assert.ok(Date.now() < deadline, 'the batch is not done');
			await pause(POLL_MS);
		}
	}

	// Ask until what is answered is as wanted.
	async until(ask, wanted) {
		const deadline = Date.now() + DEADLINE_MS;

		for (;;) {
			const answer = await ask();

			if (wanted(answer))
				return answer;
			assert.ok(Date.now() < deadline,
			    `not within a minute: ${JSON.stringify(answer)}`);
			await pause(POLL_MS);
		}
	}
}
