// SPDX-License-Identifier: Apache-2.0
//
// A server that is asked to index as Captain's clients ask it; every answer is
// held against docs/api/captain.yaml.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { KEY, Server } from './lib.mjs';
import { check } from './lib-openapi.mjs';

export const NOBODY = '11111111-2222-4333-8444-555555555555';
const FINAL = ['completed', 'completed_with_failures', 'failed', 'cancelled'];
const POLL_MS = 20;
const DEADLINE_MS = 90000;

export class Captain extends Server {
	// One request: status, headers, the text and the JSON.
	async call(method, where, body, { headers = {} } = {}) {
		const options = { method, headers: {
			Authorization: `Bearer ${KEY}`, ...headers } };

		if (body instanceof FormData) {
			options.body = body;
		} else if (body !== undefined) {
			options.body = typeof body === 'string'
			    ? body : JSON.stringify(body);
			options.headers['Content-Type'] ??= 'application/json';
		}
		const reply = await fetch(this.url + where, options);
		const text = await reply.text();

		check('captain', method, where, reply.status, reply.headers,
		    text);
		return { status: reply.status, headers: reply.headers, text,
			json: JSON.parse(text) };
	}

	// A new collection, with the id that other interfaces know it by.
	async base(name) {
		const made = await this.call('PUT', `/v2/collections/${name}`,
		    {});

		assert.equal(made.status, 201, made.text);
		return { id: made.json.collection_id, name };
	}

	// A request to index that must go well: the job's id.
	async index(base, kind, body, options) {
		const { status, json, text } = await this.call('POST',
		    `/v2/collections/${base}/index/${kind}`, body, options);

		assert.equal(status, 200, text);
		assert.deepEqual(Object.keys(json), ['job_id', 'status']);
		assert.match(json.job_id, /^job_[A-Za-z0-9_-]+$/);
		assert.equal(json.status, 'pending');
		return json.job_id;
	}

	// And one that must not: the status is as told, and the detail.
	async refuse(base, kind, body, status, detail, options) {
		const reply = await this.call('POST',
		    `/v2/collections/${base}/index/${kind}`, body, options);

		assert.equal(reply.status, status, reply.text);
		// Clients take these digits for an unknown collection.
		assert.equal(reply.text.includes('404'), false);
		if (detail instanceof RegExp)
			assert.match(reply.json.detail, detail);
		else if (Array.isArray(detail))
			assert.deepEqual(reply.json.detail.map(({ type, loc }) =>
			    `${type} ${loc.join('.')}`), detail);
		else
			assert.equal(reply.json.detail, detail);
		return reply;
	}

	// The job when it has ended; it goes through its states in order.
	async end(id) {
		const deadline = Date.now() + DEADLINE_MS;
		let rank = 0;

		for (;;) {
			const { status, json, text } = await this.call('GET',
			    `/v2/jobs/${id}?files_limit=500`);

			assert.equal(status, 200, text);
			const now = FINAL.includes(json.status) ? 2
			    : json.status === 'running' ? 1 : 0;

			assert.ok(now >= rank, `${json.status} after ${rank}`);
			assert.equal(json.started_at === null, now === 0);
			rank = now;
			if (now === 2) {
				assert.ok(json.completed_at);
				return json;
			}
			assert.ok(Date.now() < deadline,
			    `the job does not end: ${text}`);
			await pause(POLL_MS);
		}
	}

	async done(base, kind, body, options) {
		return this.end(await this.index(base, kind, body,
		    options));
	}

	async found(base, query) {
		const { results } = await this.ok('POST',
		    `/bases/${base.id}/query`, { body: { query, limit: 50 } });

		return results.filter(({ text }) => text.includes(query));
	}
}

// "status code" of each of the job's files, by the end of its address.
export function files(job) {
	return Object.fromEntries(job.files.map((file) =>
	    [file.uri, file.error_code ?? file.status]));
}

export function counts(job) {
	const { files_indexed: indexed, files_failed: failed,
		files_skipped: skipped } = job.result;

	return [job.status, indexed, failed, skipped];
}
