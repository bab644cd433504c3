// SPDX-License-Identifier: Apache-2.0
//
// A server talked to as DigitalOcean's clients talk; every answer is held
// against docs/api/digitalocean.yaml.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { KEY, ROOT as NATIVE, Server } from './lib.mjs';
import { check } from './lib-openapi.mjs';

export { KEY } from './lib.mjs';
export const ROOT = '/v2/gen-ai';
export const NOBODY = '11111111-2222-4333-8444-555555555555';
export const GONE = 'The resource you requested could not be found.';
const POLL_MS = 20;
const DEADLINE_MS = 90000;
const RATES = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'];

// A text that takes a while to be indexed.
export const LONG = Array.from({ length: 40000 }, (_, i) =>
    `Line ${i}: the tide of harbour ${i * 7919 % 10007} turns at noon, ` +
    `and buoy ${i * 104729 % 99991} is lit.`).join('\n');

export class DigitalOcean extends Server {
	// One request: status, headers, the text and the JSON.
	async call(method, where, body, { key = KEY, headers = {},
		root = ROOT } = {}) {
		const options = { method, headers: { ...headers } };

		if (key !== null)
			options.headers.Authorization ??= `Bearer ${key}`;
		if (body !== undefined) {
			options.body = typeof body === 'string'
			    ? body : JSON.stringify(body);
			options.headers['Content-Type'] ??=
			    'application/json';
		}
		const path = root + where;
		const reply = await fetch(this.url + path, options);
		const text = await reply.text();
		const type = reply.headers.get('content-type') ?? '';

		check('digitalocean', method, path, reply.status,
		    reply.headers, text);
		return { status: reply.status, headers: reply.headers, text,
			json: type.startsWith('application/json')
			    ? JSON.parse(text) : undefined };
	}

	// The same, for those that must go well: the JSON.
	async good(method, where, body, options) {
		const reply = await this.call(method, where, body, options);

		assert.equal(reply.status, 200,
		    `${method} ${where}: ${reply.status} ${reply.text}`);
		return reply.json;
	}

	// And for those that must not: status, id and message are as told.
	async bad(method, where, body, status, id, message, options) {
		const reply = await this.call(method, where, body, options);

		assert.equal(reply.status, status, reply.text);
		assert.deepEqual(Object.keys(reply.json),
		    ['id', 'message', 'request_id']);
		assert.equal(reply.json.id, id);
		if (message instanceof RegExp)
			assert.match(reply.json.message, message);
		else if (message !== undefined)
			assert.equal(reply.json.message, message);
		assert.equal(reply.headers.get('x-request-id'),
		    reply.json.request_id);
		for (const name of RATES)
			assert.match(reply.headers.get(name), /^\d+$/);
		return reply;
	}

	async base(name, more = {}) {
		return (await this.good('POST', '/knowledge_bases',
		    { name, region: 'tor1', ...more })).knowledge_base;
	}

	// Where the bytes of files may be put: one entry for each.
	async presign(...files) {
		return (await this.good('POST', '/knowledge_bases/data_sources/' +
		    'file_upload_presigned_urls', { files })).uploads;
	}

	// PUT as clients do: no key, a type of the file's own.
	async put(upload, bytes, options = {}) {
		const reply = await fetch(upload.presigned_url ?? upload, {
			method: 'PUT', body: bytes,
			headers: { 'Content-Type': 'text/markdown' },
			...options });
		const text = await reply.text();
		const { pathname, search } = new URL(
		    upload.presigned_url ?? upload);

		check('digitalocean', 'PUT', pathname + search, reply.status,
		    reply.headers, text);
		return { status: reply.status, json: JSON.parse(text) };
	}

	// A file of that content as a data source.
	async file(base, name, content, more = {}) {
		const [upload] = await this.presign({ file_name: name,
			file_size: String(Buffer.byteLength(content)) });

		assert.equal((await this.put(upload, content)).status, 200);
		return (await this.good('POST',
		    `/knowledge_bases/${base}/data_sources`, {
			file_upload_data_source: {
				stored_object_key: upload.object_key,
				original_file_name: name,
				size_in_bytes: '1' }, ...more,
		})).knowledge_base_data_source;
	}

	async start(base, sources) {
		return (await this.good('POST', '/indexing_jobs', {
			knowledge_base_uuid: base,
			...sources && { data_source_uuids: sources },
		})).job;
	}

	async job(id) {
		return (await this.good('GET', `/indexing_jobs/${id}`)).job;
	}

	// The job when it has ended; what is seen on the way never goes back.
	async end(id) {
		const deadline = Date.now() + DEADLINE_MS;
		let before;

		for (;;) {
			const job = await this.job(id);

			checkJob(job, before);
			if (job.finished_at !== undefined)
				return job;
			assert.ok(Date.now() < deadline, 'the job does not end');
			before = job;
			await pause(POLL_MS);
		}
	}

	// Start and wait for the end.
	async index(base, sources) {
		return this.end((await this.start(base, sources)).uuid);
	}

	// A job that is under way and stays so: a long text, and a pause.
	async stuck(base) {
		await this.file(base, 'long.txt', LONG);
		const job = await this.start(base);

		await this.native('POST', `/jobs/${job.uuid}/pause`);
		const held = await this.job(job.uuid);

		assert.equal(held.finished_at, undefined,
		    'the job was faster than the pause');
		return held;
	}

	async native(method, where, body) {
		const reply = await this.fetch(NATIVE + where, { method,
			...body && { body: JSON.stringify(body) } });

		assert.ok(reply.status < 300, await reply.clone().text());
		return reply.json();
	}

	async retrieve(base, query, more = {}) {
		return this.good('POST', `/v1/${base}/retrieve`,
		    { query, num_results: 10, ...more }, { root: '' });
	}
}

const RANKS = { PENDING: 0, RUNNING: 1, SUCCEEDED: 2, FAILED: 2, ERROR: 2,
	CANCELLED: 2 };
const PAIRS = ['PENDING PENDING', 'RUNNING IN_PROGRESS', 'SUCCEEDED COMPLETED',
	'SUCCEEDED NO_CHANGES', 'SUCCEEDED PARTIAL', 'FAILED FAILED',
	'ERROR FAILED', 'CANCELLED CANCELLED'];

export function words(job) {
	return `${job.phase.replace('BATCH_JOB_PHASE_', '')} ` +
	    job.status.replace('INDEX_JOB_STATUS_', '');
}

export function statuses(job) {
	return job.data_source_jobs.map(({ status }) =>
	    status.replace('DATA_SOURCE_STATUS_', ''));
}

// What every answer about a job keeps, alone and after an earlier one.
export function checkJob(job, before) {
	const rank = (one) => RANKS[one.phase.replace('BATCH_JOB_PHASE_', '')];
	const sum = (name) => job.data_source_jobs.reduce((all, one) =>
	    all + BigInt(one[name]), 0n);

	assert.ok(PAIRS.includes(words(job)), words(job));
	assert.equal(rank(job) === 2, job.finished_at !== undefined);
	assert.equal(job.is_report_available, rank(job) === 2);
	assert.ok(job.completed_datasources <= job.total_datasources);
	assert.equal(job.data_source_uuids.length, job.total_datasources);
	assert.deepEqual(job.data_source_jobs.map((one) =>
	    one.data_source_uuid), job.data_source_uuids);
	for (const name of ['indexed', 'failed', 'skipped', 'removed'])
		assert.equal(sum(`${name}_item_count`),
		    BigInt(job[`total_items_${name}`]), name);
	if (before === undefined)
		return;
	assert.ok(rank(job) >= rank(before), 'the phase went back');
	assert.ok(job.completed_datasources >= before.completed_datasources);
	assert.ok(job.updated_at >= before.updated_at);
	for (const name of ['indexed', 'failed', 'skipped', 'removed'])
		assert.ok(BigInt(job[`total_items_${name}`]) >=
		    BigInt(before[`total_items_${name}`]), name);
}

// CSV as it was meant: rows of cells.
export function csv(text) {
	const rows = [[]];
	let at = 0;

	while (at < text.length) {
		let cell = '';

		if (text[at] === '"') {
			for (at++; text[at] !== '"' || text[at + 1] === '"';) {
				at += text[at] === '"' ? 1 : 0;
				cell += text[at++];
			}
			at++;
		} else {
			while (!',\r'.includes(text[at]))
				cell += text[at++];
		}
		rows.at(-1).push(cell);
		if (text[at] === ',') {
			at++;
			continue;
		}
		assert.equal(text.slice(at, at + 2), '\r\n');
		at += 2;
		if (at < text.length)
			rows.push([]);
	}
	return rows;
}
