// SPDX-License-Identifier: Apache-2.0
//
// A client of Cognee as the real ones are: requests go out as they are written
// here, no redirect is followed, and one that the server does not live to
// answer fails.  Every answer is held against docs/api/cognee.yaml.

import assert from 'node:assert/strict';
import http from 'node:http';
import { check } from './lib-openapi.mjs';

export const STARTED = 'DATASET_PROCESSING_STARTED';
export const INITIATED = 'DATASET_PROCESSING_INITIATED';
export const COMPLETED = 'DATASET_PROCESSING_COMPLETED';
export const ERRORED = 'DATASET_PROCESSING_ERRORED';
const POLLS_MS = 120000;
const BOUNDARY = 'b0d4f1c2a35e4b58a0f6';

// A form's body.  A part is [name, value] or [name, value, file name, type];
// typed: fields have a type as well, as aiohttp writes them.
export function multipart(parts, { typed = false } = {}) {
	const texts = parts.map(([name, value, file, type]) => {
		const head = [`Content-Disposition: form-data; name="${name}"` +
			(file === undefined ? '' : `; filename="${file}"`)];

		if (type !== undefined || typed)
			head.unshift('Content-Type: ' +
			    (type ?? 'text/plain; charset=utf-8'));
		return `--${BOUNDARY}\r\n${head.join('\r\n')}\r\n\r\n` +
		    `${value}\r\n`;
	});

	return { body: `${texts.join('')}--${BOUNDARY}--\r\n`, headers: {
		'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` } };
}

function request(url, method, headers, body) {
	return new Promise((resolve, reject) => {
		const call = http.request(url, { method, headers,
			agent: false }, (reply) => {
			let text = '';

			reply.setEncoding('utf8');
			reply.on('data', (piece) => {
				text += piece;
			});
			reply.on('error', reject);
			reply.on('close', () => reply.complete ? resolve({
				status: reply.statusCode, text,
				headers: new Headers(Object.entries(
				    reply.headers).map(([name, value]) =>
				    [name, String(value)])),
			}) : reject(new Error(`${url}: cut off`)));
		});

		call.on('error', reject);
		call.end(body);
	});
}

export class Client {
	// server: has a url, which may change when it is started again; headers:
	// what this client sends each time; typed: see multipart().
	constructor(server, headers = {}, { typed = false } = {}) {
		Object.assign(this, { server, headers, typed });
	}

	// { status, headers, text, json }, whatever the status.
	async send(method, where, { json, form, parts, headers = {} } = {}) {
		const more = {};
		let body;

		if (json !== undefined) {
			body = JSON.stringify(json);
			more['Content-Type'] = 'application/json';
		} else if (form !== undefined) {
			body = new URLSearchParams(form).toString();
			more['Content-Type'] =
			    'application/x-www-form-urlencoded';
		} else if (parts !== undefined) {
			const made = multipart(parts, { typed: this.typed });

			body = made.body;
			Object.assign(more, made.headers);
		}
		const reply = await request(this.server.url + where, method,
		    { ...this.headers, ...more, ...headers }, body);

		// Browsers ask with OPTIONS beforehand, which is no operation.
		if (method !== 'OPTIONS')
			check(null, method, where, reply.status,
			    reply.headers, reply.text);
		try {
			reply.json = JSON.parse(reply.text);
		} catch {
			reply.json = undefined;
		}
		return reply;
	}

	// The JSON of an answer that is 200.
	async ask(method, where, more) {
		const reply = await this.send(method, where, more);

		assert.equal(reply.status, 200,
		    `${method} ${where}: ${reply.text}`);
		return reply.json;
	}

	get(where, more) {
		return this.ask('GET', where, more);
	}

	post(where, more) {
		return this.ask('POST', where, more);
	}

	delete(where, more) {
		return this.ask('DELETE', where, more);
	}

	// What plugins take for the status: by the id, else the only one there
	// is; nested or not.
	async status(id, { prefix = '/api/v1', pipeline } = {}) {
		const map = await this.get(`${prefix}/datasets/status?dataset=` +
		    id + (pipeline ? `&pipeline=${pipeline}` : ''));
		const values = Object.values(map);
		const value = map[id] ??
		    (values.length === 1 ? values[0] : undefined);

		return typeof value === 'object'
		    ? value.cognify_pipeline : value;
	}

	// Ask again and again until it holds; what was seen on the way.
	async poll(look, holds) {
		const until = Date.now() + POLLS_MS;
		const seen = [];

		for (;;) {
			const now = await look();

			if (seen.at(-1) !== now)
				seen.push(now);
			if (holds(now))
				return seen;
			assert.ok(Date.now() < until,
			    `it does not come: ${seen.slice(-9)}`);
			await new Promise(setImmediate);
		}
	}
}
