// SPDX-License-Identifier: Apache-2.0
//
// A server of the build under test on a free port, with a data folder and a
// folder of documents of its own, and the five pages of a job.

import { spawn } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { apiFetch } from './lib-openapi.mjs';
import {
	isFinalNative, validateCaptain, validateCognee, validateDify,
	validateDigitalOcean, validateNative,
} from './lib-validate.mjs';

export const KEY = 'tidemark-key-for-flow-tests-0123456789';
const BUILD = path.resolve(process.env.TIDEMARK_BUILD ?? 'build');
const READY = /tidemark: listening on (http:\/\/\S+)/;
const START_MS = 60000;
const END_MS = 120000;

export class Server {
	static async start() {
		const server = new Server();

		server.dir = await mkdtemp(path.join(tmpdir(), 'tidemark-d-'));
		server.docs = path.join(server.dir, 'docs');
		await mkdir(server.docs);
		await server.run();
		return server;
	}

	// this.env: what a test adds to the server's environment.
	run() {
		this.log = '';
		this.url = undefined;
		this.child = spawn(path.join(BUILD, 'tidemark'), ['serve',
			'--listen', '127.0.0.1:0', '--data',
			path.join(this.dir, 'data'), '--folder-roots',
			this.docs], {
			stdio: ['ignore', 'ignore', 'pipe'],
			env: { PATH: process.env.PATH, TIDEMARK_API_KEY: KEY,
				ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? '',
				TSAN_OPTIONS: process.env.TSAN_OPTIONS ?? '',
				...this.env },
		});
		this.ended = new Promise((resolve) => {
			this.child.once('exit', (code, signal) =>
			    resolve(signal ?? code));
		});
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => reject(new Error(
			    `no server after ${START_MS} ms: ${this.log}`)),
			    START_MS);

			this.child.once('error', reject);
			this.child.once('exit', () => {
				clearTimeout(timer);
				reject(new Error(`server ended: ${this.log}`));
			});
			this.child.stderr.on('data', (text) => {
				const ready = READY.exec(this.log += text);

				if (ready && !this.url) {
					clearTimeout(timer);
					this.url = ready[1];
					resolve();
				}
			});
		});
	}

	async stop() {
		this.child.kill('SIGTERM');
		const ended = await this.ended;

		await rm(this.dir, { recursive: true, force: true });
		if (ended !== 0)
			throw new Error(`server ended with ${ended}: ${this.log}`);
	}

	fetch(where, { key = KEY, headers = {}, ...rest } = {}) {
		if (key !== null)
			headers = { Authorization: `Bearer ${key}`, ...headers };
		return apiFetch(this.url + where, { headers, ...rest });
	}

	async get(where, options) {
		const reply = await this.fetch(where, options);
		const text = await reply.text();

		if (reply.status !== 200)
			throw new Error(`${where}: ${reply.status} ${text}`);
		return JSON.parse(text);
	}

	async post(where, body) {
		const reply = await this.fetch(where, {
			method: 'POST', body: JSON.stringify(body),
			headers: { 'Content-Type': 'application/json' },
		});
		const text = await reply.text();

		if (reply.status >= 300)
			throw new Error(`${where}: ${reply.status} ${text}`);
		return JSON.parse(text);
	}

	base(name, settings = {}) {
		return this.post('/tidemark/v1/bases', { name, settings });
	}

	async texts(base, documents) {
		return (await this.post(`/tidemark/v1/bases/${base}/documents`,
		    { documents })).job;
	}

	async folder(base) {
		return (await this.post(`/tidemark/v1/bases/${base}/jobs`,
		    { source: { kind: 'folder', path: this.docs } })).job;
	}

	put(name, content) {
		return writeFile(path.join(this.docs, name), content);
	}
}

// Watches one job on all five pages, each answer checked against the last.
export class Watch {
	constructor(server, job) {
		this.server = server;
		this.links = job.links;
		this.answers = 0;
		this.last = {};
	}

	async look(page, link, validate, options) {
		const answer = await this.server.get(link, options);

		validate(answer, this.last[page]);
		this.last[page] = answer;
		this.answers++;
	}

	async round() {
		const l = this.links;

		await this.look('native', l.self, validateNative);
		await this.look('dify', l.dify, validateDify);
		await this.look('digitalocean', l.digitalocean,
		    validateDigitalOcean);
		await this.look('captain', `${l.captain}?files_limit=500`,
		    validateCaptain);
		await this.look('cognee', l.cognee, validateCognee);
	}

	// Rounds until the job has ended, and one more.
	async end() {
		const until = Date.now() + END_MS;

		do {
			if (Date.now() > until)
				throw new Error('the job does not end: ' +
				    JSON.stringify(this.last.native));
			await this.round();
		} while (!isFinalNative(this.last.native));
		await this.round();
		return this.last;
	}
}
