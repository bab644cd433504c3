// SPDX-License-Identifier: Apache-2.0
//
// A client of the Dify Knowledge API for the flows of documents: each answer is
// held against docs/api/dify.yaml, and what a client needs to wait for is
// waited for with a deadline.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { KEY, Server } from './lib.mjs';
import { check } from './lib-openapi.mjs';

export { KEY, Server };

const END_MS = 120000;
export const NOBODY = '11111111-2222-4333-8444-555555555555';
export const AUTOMATIC = { mode: 'automatic' };

export function custom(max_tokens = 500, separator = '\n', more = {}) {
	return { mode: 'custom', rules: { pre_processing_rules: [],
		segmentation: { separator, max_tokens, ...more } } };
}

export function parents(parent_mode = 'paragraph', sizes = [500, 50]) {
	return { mode: 'hierarchical', rules: { pre_processing_rules: [],
		segmentation: { separator: '\n\n', max_tokens: sizes[0] },
		parent_mode,
		subchunk_segmentation: { separator: '\n',
			max_tokens: sizes[1] } } };
}

// A multipart body with every header of a part as it is said here.
export function multipart(parts, boundary = 'tide-4711') {
	const pieces = [];

	for (const { headers, body } of parts) {
		pieces.push(Buffer.from(`--${boundary}\r\n` +
		    headers.map((line) => `${line}\r\n`).join('') + '\r\n'));
		pieces.push(Buffer.from(body), Buffer.from('\r\n'));
	}
	pieces.push(Buffer.from(`--${boundary}--\r\n`));
	return { type: `multipart/form-data; boundary=${boundary}`,
		body: Buffer.concat(pieces) };
}

export function formOf(data, file, name = 'a.txt') {
	const form = new FormData();

	if (data !== undefined)
		form.append('data', typeof data === 'string' ? data
		    : JSON.stringify(data));
	if (file !== undefined)
		form.append('file', new Blob([file]), name);
	return form;
}

export class Dify {
	constructor(server) {
		this.server = server;
	}

	// One request below /v1: status, headers, text and JSON of the answer.
	async ask(method, where, body, { key = KEY, headers = {},
		checked = true } = {}) {
		const options = { method, headers: { ...headers } };

		if (key !== null)
			options.headers.Authorization ??= `Bearer ${key}`;
		if (body instanceof FormData) {
			options.body = body;
		} else if (body?.type !== undefined && body?.body) {
			options.body = body.body;
			options.headers['Content-Type'] = body.type;
		} else if (body !== undefined) {
			options.body = typeof body === 'string' ? body
			    : JSON.stringify(body);
			options.headers['Content-Type'] ??= 'application/json';
		}
		const reply = await fetch(`${this.server.url}/v1${where}`,
		    options);
		const bytes = Buffer.from(await reply.arrayBuffer());
		const text = bytes.toString();
		const type = reply.headers.get('content-type') ?? '';

		if (checked)
			check('dify', method, `/v1${where}`, reply.status,
			    reply.headers, text);
		return { status: reply.status, headers: reply.headers, text,
			bytes, json: type.startsWith('application/json')
			    ? JSON.parse(text) : undefined };
	}

	async ok(method, where, body, options) {
		const reply = await this.ask(method, where, body, options);

		assert.ok(reply.status < 300,
		    `${method} ${where}: ${reply.status} ${reply.text}`);
		return reply.json;
	}

	async refused(method, where, body, status, code, message, options) {
		const reply = await this.ask(method, where, body, options);

		assert.equal(reply.status, status, reply.text);
		assert.equal(reply.json.code, code, reply.text);
		assert.equal(reply.json.status, status);
		if (message instanceof RegExp)
			assert.match(reply.json.message, message);
		else if (message !== undefined)
			assert.equal(reply.json.message, message);
		assert.deepEqual(Object.keys(reply.json),
		    ['code', 'message', 'status']);
	}

	async dataset(name, indexing_technique = 'high_quality') {
		return (await this.ok('POST', '/datasets',
		    { name, indexing_technique })).id;
	}

	status(dataset, batch) {
		return this.ok('GET',
		    `/datasets/${dataset}/documents/${batch}/indexing-status`);
	}

	// Poll the batch until its documents have ended.
	async end(dataset, batch, fn) {
		const until = Date.now() + END_MS;

		for (;;) {
			const { data } = await this.status(dataset, batch);

			fn?.(data);
			if (data.every((one) => ['completed', 'error']
			    .includes(one.indexing_status)))
				return data;
			assert.ok(Date.now() < until,
			    `it does not end: ${JSON.stringify(data)}`);
		}
	}

	async text(dataset, name, text, more = {}) {
		return this.ok('POST',
		    `/datasets/${dataset}/document/create-by-text`,
		    { name, text, ...more });
	}

	// The same, and wait until it is indexed.
	async indexed(dataset, name, text, more) {
		const made = await this.text(dataset, name, text, more);
		const [one] = await this.end(dataset, made.batch);

		assert.equal(one.indexing_status, 'completed',
		    JSON.stringify(one));
		return made;
	}

	document(dataset, id, query = '') {
		return this.ok('GET',
		    `/datasets/${dataset}/documents/${id}${query}`);
	}

	segments(dataset, id, query = '') {
		return this.ok('GET',
		    `/datasets/${dataset}/documents/${id}/segments${query}`);
	}

	async found(dataset, query, more = {}) {
		return (await this.ok('POST', `/datasets/${dataset}/retrieve`,
		    { query, ...more })).records;
	}
}

// Files of uploads that no document refers to.
export function leftovers(server) {
	const folder = path.join(server.data, 'tmp');

	return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
}

// Names and contents of a ZIP archive whose members are stored as they are.
export function unzip(bytes) {
	const members = {};
	let at = bytes.readUInt32LE(bytes.length - 6);
	const count = bytes.readUInt16LE(bytes.length - 12);

	assert.equal(bytes.readUInt32LE(bytes.length - 22), 0x06054b50);
	for (let i = 0; i < count; i++) {
		assert.equal(bytes.readUInt32LE(at), 0x02014b50);
		const size = bytes.readUInt32LE(at + 24);
		const name = bytes.toString('utf8', at + 46,
		    at + 46 + bytes.readUInt16LE(at + 28));
		const local = bytes.readUInt32LE(at + 42);
		const start = local + 30 + bytes.readUInt16LE(local + 26);

		assert.equal(bytes.readUInt32LE(local), 0x04034b50);
		members[name] = { crc: bytes.readUInt32LE(at + 16),
			content: bytes.subarray(start, start + size) };
		at += 46 + bytes.readUInt16LE(at + 28);
	}
	return members;
}
