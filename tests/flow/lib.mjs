// SPDX-License-Identifier: Apache-2.0
//
// A server of the build under test, on a free port, with a data folder of its
// own; and the few lines that every flow needs to talk to it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { apiFetch, checkSchema } from './lib-openapi.mjs';

export const KEY = 'tidemark-key-for-flow-tests-0123456789';
export const ROOT = '/tidemark/v1';
const BUILD = path.resolve(process.env.TIDEMARK_BUILD ?? 'build');
// In whatever format the log is.
const READY = /listening on (http:\/\/[^\s"]+)["\n]/;
const START_MS = 60000;
const FINAL = ['completed', 'completed_with_failures', 'no_changes',
	'failed', 'cancelled'];

export class Server {
	listen = '127.0.0.1:0';

	static async start(...args) {
		const server = new this();

		server.dir = fs.mkdtempSync(path.join(os.tmpdir(),
		    'tidemark-b-'));
		server.docs = path.join(server.dir, 'docs');
		server.data = path.join(server.dir, 'data');
		fs.mkdirSync(server.docs);
		await server.run(...args);
		return server;
	}

	// Start the program over the data folder there is.
	run(...args) {
		this.log = '';
		this.url = undefined;
		this.child = spawn(path.join(BUILD, 'tidemark'), ['serve',
			'--listen', this.listen, '--data', this.data,
			'--folder-roots', this.docs, ...args], {
			stdio: ['ignore', 'ignore', 'pipe'],
			env: { ...process.env, TIDEMARK_API_KEY: KEY },
		});
		this.exited = new Promise((resolve) =>
		    this.child.once('exit', (code, signal) =>
			resolve(signal ?? code)));
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => reject(new Error(
			    `no server: ${this.log}`)), START_MS);

			this.exited.then((how) => reject(new Error(
			    `the server ended (${how}): ${this.log}`)));
			this.child.stderr.on('data', (text) => {
				this.log += text;
				const ready = READY.exec(this.log);

				if (ready === null || this.url)
					return;
				clearTimeout(timer);
				this.url = ready[1];
				resolve();
			});
		});
	}

	// End the program as a person would; the data stays.
	async halt(signal = 'SIGTERM') {
		this.child.kill(signal);
		return this.exited;
	}

	async stop() {
		const how = await this.halt();

		fs.rmSync(this.dir, { recursive: true, force: true });
		assert.equal(how, 0, `the server ended (${how}): ${this.log}`);
	}

	put(name, content) {
		const file = path.join(this.docs, name);

		fs.mkdirSync(path.dirname(file), { recursive: true });
		fs.writeFileSync(file, content);
		return file;
	}

	fetch(where, { key = KEY, headers = {}, ...rest } = {}) {
		if (key !== null)
			headers = { Authorization: `Bearer ${key}`, ...headers };
		return apiFetch(this.url + where, { headers, ...rest });
	}

	// One request below ROOT: status, headers and the JSON, or the text.
	async ask(method, where, { body, ...rest } = {}) {
		const options = { method, ...rest };

		if (body instanceof FormData || typeof body === 'string')
			options.body = body;
		else if (body !== undefined)
			options.body = JSON.stringify(body);
		const reply = await this.fetch(ROOT + where, options);
		const text = await reply.text();
		const type = reply.headers.get('content-type') ?? '';

		return {
			status: reply.status, headers: reply.headers, text,
			json: type.startsWith('application/json')
			    ? JSON.parse(text) : undefined,
		};
	}

	// The same, for those that must go well.
	async ok(method, where, options) {
		const reply = await this.ask(method, where, options);

		assert.ok(reply.status < 300,
		    `${method} ${where}: ${reply.status} ${reply.text}`);
		return reply.json;
	}

	base(name) {
		return this.ok('POST', '/bases', { body: { name } });
	}

	async folder(base, source = {}) {
		return (await this.ok('POST', `/bases/${base}/jobs`, { body: {
			source: { kind: 'folder', path: this.docs, ...source },
		} })).job;
	}

	async texts(base, documents) {
		return (await this.ok('POST', `/bases/${base}/documents`,
		    { body: { documents } })).job;
	}

	// Follow the job by long polls until it has ended.
	async end(job) {
		while (!FINAL.includes(job.state)) {
			const next = await this.ok('GET', `/jobs/${job.id}` +
			    `?after=${job.revision}&wait=30`);

			checkJob(next, job);
			job = next;
		}
		return job;
	}
}

export function isFinal(job) {
	return FINAL.includes(job.state);
}

// What every answer about a job keeps, alone and after an earlier one.
export function checkJob(job, before) {
	const { total, ...parts } = job.counts;
	const sum = Object.values(parts).reduce((a, b) => a + b, 0);

	assert.equal(total, sum, 'the counters do not add up');
	assert.ok(job.percent >= 0 && job.percent <= 100);
	assert.equal(job.percent === 100, isFinal(job));
	assert.equal(job.stages.length, 6);
	if (!before)
		return;
	assert.equal(job.id, before.id);
	assert.ok(job.revision >= before.revision, 'the revision went back');
	assert.ok(job.generation >= before.generation);
	assert.ok(job.percent >= before.percent, 'the percentage went back');
	for (const name of ['total', 'completed', 'failed', 'skipped',
		'cancelled'])
		assert.ok(job.counts[name] >= before.counts[name],
		    `${name} went back`);
	if (isFinal(before))
		assert.deepEqual(job, before);
}

// What the data of an event is, in native.yaml.
const SHOWN = { job: 'Job', item: 'Item' };

function checkEvent({ event, data }) {
	if (event in SHOWN)
		checkSchema('native', SHOWN[event], JSON.parse(data));
	else
		assert.deepEqual([event, data], ['reset', '{}']);
}

// The events of a stream, until `done` says so or the stream ends.
export async function* events(reply) {
	const decoder = new TextDecoder();
	let text = '';

	assert.equal(reply.status, 200);
	assert.equal(reply.headers.get('content-type'), 'text/event-stream');
	for await (const piece of reply.body) {
		text += decoder.decode(piece, { stream: true });
		for (let end; (end = text.indexOf('\n\n')) >= 0;
		     text = text.slice(end + 2)) {
			const event = {};

			for (const line of text.slice(0, end).split('\n')) {
				const [, name, value] =
				    /^([a-z]*): ?(.*)$/.exec(line);

				event[name] = value;
			}
			if (event.event)
				checkEvent(event);
			if (event.event)
				yield { id: Number(event.id),
					event: event.event,
					data: JSON.parse(event.data) };
		}
	}
}
