// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the promises share: a server that can be killed and
// started again on the same data, random numbers from a seed, a reader of
// server-sent events, and looking for what is said to be there.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KEY, Server } from './lib-dialects.mjs';
import { check } from './lib-openapi.mjs';
import { isFinalNative } from './lib-validate.mjs';

const END_MS = 180000;

// The server went before it had answered in full.
export class Gone extends Error {}

// fetch() may wait for ever when the other side is killed while it answers;
// this one does not.  Calls take(text) with each piece when there is one.
function request(url, { method = 'GET', headers, body }, take = null) {
	return new Promise((resolve, reject) => {
		const gone = (err) => reject(new Gone(`${url}: ${err.message}`));
		const call = http.request(url, { method, headers,
			agent: false }, (reply) => {
			let text = '';

			reply.setEncoding('utf8');
			reply.on('data', (piece) => {
				if (take)
					take(piece);
				else
					text += piece;
			});
			reply.on('error', gone);
			reply.on('close', () => reply.complete ? resolve({
				status: reply.statusCode,
				headers: new Headers(reply.headers),
				text: () => text,
				json: () => JSON.parse(text),
			}) : gone(new Error('cut off')));
		});

		call.on('error', gone);
		call.end(body);
	});
}

export class MortalServer extends Server {
	// workers: how many; env: added to the server's environment.
	static async start({ workers = 2, env = {} } = {}) {
		const server = new MortalServer();

		server.dir = await mkdtemp(path.join(tmpdir(), 'tidemark-t-'));
		server.docs = path.join(server.dir, 'docs');
		await mkdir(server.docs);
		server.workers = workers;
		await server.again(env);
		return server;
	}

	// Start (again) on the same data.
	async again(env = {}) {
		assert.ok(!this.isUp(), 'it is still there');
		this.env = { TIDEMARK_WORKERS: String(this.workers), ...env };
		await this.run();
	}

	async fetch(where, { key = KEY, headers = {}, ...rest } = {}) {
		if (key !== null)
			headers = { Authorization: `Bearer ${key}`, ...headers };
		if (!this.url)
			throw new Gone('there is none now');
		const reply = await request(this.url + where,
		    { headers, ...rest });

		check(null, rest.method ?? 'GET', where, reply.status,
		    reply.headers, reply.text());
		return reply;
	}

	isUp() {
		return this.child !== undefined &&
		    this.child.exitCode === null &&
		    this.child.signalCode === null;
	}

	// As if the power went; waits until it is gone.
	kill() {
		this.child.kill('SIGKILL');
		return this.ended;
	}

	job(id) {
		return this.get(`/tidemark/v1/jobs/${id}`);
	}

	// The job as soon as its revision is above after.
	news(id, after, seconds = 20) {
		return this.get(`/tidemark/v1/jobs/${id}?after=${after}` +
		    `&wait=${seconds}`);
	}

	// Until holds(job) or, without one, the job has ended.
	async until(id, holds = isFinalNative) {
		const until = Date.now() + END_MS;
		let job = await this.job(id);

		while (!holds(job)) {
			assert.ok(Date.now() < until,
			    `it does not come: ${JSON.stringify(job)}`);
			assert.ok(!isFinalNative(job),
			    `it ended before: ${JSON.stringify(job)}`);
			job = await this.news(id, job.revision);
		}
		return job;
	}

	// All rows of a list.
	async all(where, name) {
		const rows = [];
		let cursor = null;

		do {
			const page = await this.get(where +
			    (where.includes('?') ? '&' : '?') + 'limit=1000' +
			    (cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''));

			rows.push(...page[name]);
			cursor = page.next_cursor;
		} while (cursor !== null);
		return rows;
	}

	items(id, query = '') {
		return this.all(`/tidemark/v1/jobs/${id}/items${query}`, 'items');
	}

	order(id, order, body = {}) {
		return this.post(`/tidemark/v1/jobs/${id}/${order}`, body)
		    .then((answer) => answer.job);
	}

	// Exact words; the names of what was found.
	async find(base, word, { generation = 0, limit = 5 } = {}) {
		const answer = await this.post(
		    `/tidemark/v1/bases/${base}/query`,
		    { query: word, limit, semantic_ratio: 0 });

		assert.ok(answer.generation >= generation,
		    `P4: a query saw generation ${answer.generation}, ` +
		    `the status before it ${generation}`);
		return answer.results.map((result) => result.name);
	}

	async audit(base) {
		const audit = await this.get(
		    `/tidemark/v1/bases/${base}/audit`);

		assert.deepEqual(audit.differences, []);
		assert.equal(audit.ok, true);
		return audit.checked;
	}
}

// Mulberry32: small, and the same on every machine.
export function random(seed) {
	let a = seed >>> 0;

	return () => {
		a = (a + 0x6d2b79f5) >>> 0;
		let t = Math.imul(a ^ (a >>> 15), a | 1);

		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

// Follows a job's events over any number of servers.  Every id is above the
// one before it, whatever happened in between; items holds each item's
// newest state.
export class Events {
	constructor(id) {
		this.id = id;
		this.last = -1; /* the first may be 0: the job as it is */
		this.count = 0;
		this.items = new Map();
		this.job = null;
		this.error = null;
	}

	// Reads until the server goes or the stream ends, which it does after
	// the job's last event; this.reading tells.
	follow(server) {
		const headers = { Authorization: `Bearer ${KEY}` };
		let text = '';

		if (this.last > 0)
			headers['Last-Event-ID'] = String(this.last);
		this.reading = request(server.url +
		    `/tidemark/v1/jobs/${this.id}/events`, { headers },
		    (piece) => {
			const blocks = (text + piece).split('\n\n');

			text = blocks.pop();
			for (const block of blocks)
				this.take(block);
		}).then((reply) => assert.equal(reply.status, 200),
		    (err) => assert.ok(err instanceof Gone, err));
	}

	take(block) {
		const fields = {};

		for (const line of block.split('\n')) {
			const at = line.indexOf(': ');

			if (at > 0)
				fields[line.slice(0, at)] = line.slice(at + 2);
		}
		if (fields.id === undefined)
			return; /* a heartbeat */
		const id = Number(fields.id);
		const value = JSON.parse(fields.data);

		if (id <= this.last && this.error === null)
			this.error = `event ${id} came after ${this.last}`;
		this.last = id;
		this.count++;
		if (fields.event === 'job')
			this.job = value;
		else
			this.items.set(value.id, value);
	}

	check() {
		assert.equal(this.error, null);
	}
}
