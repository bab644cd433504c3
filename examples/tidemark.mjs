// SPDX-License-Identifier: Apache-2.0
//
// A client of Tidemark in one file, for Node 18 and newer, without packages.
// Copy it into a program (import { Tidemark } from './tidemark.mjs'), or run
// it:
//
//	TIDEMARK_API_KEY=tm-... node tidemark.mjs BASE "QUESTION" FILE...
//
// It makes the base when it is missing, sends the files, says how far they
// are, names those that failed and prints what answers the question best.

import fs from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

// What the server refused: status, code and a sentence.
export class TidemarkError extends Error {
	constructor(status, { code, message }) {
		super(`${code}: ${message}`);
		this.status = status;
		this.code = code;
	}
}

export class Tidemark {
	constructor(url = 'http://127.0.0.1:8420', key = '') {
		this.url = url.replace(/\/+$/, '');
		this.key = key;
	}

	// One request below /tidemark/v1; the answer's object.
	async call(method, where, body) {
		const isForm = body instanceof FormData;
		const reply = await fetch(`${this.url}/tidemark/v1${where}`, {
			method,
			body: isForm ? body : body && JSON.stringify(body),
			headers: { Authorization: `Bearer ${this.key}`,
				...!isForm && body &&
				    { 'Content-Type': 'application/json' } },
		});
		const text = await reply.text();
		const json = text === '' ? null : JSON.parse(text);

		if (!reply.ok)
			throw new TidemarkError(reply.status, json.error);
		return json;
	}

	#base(base, rest = '') {
		return `/bases/${encodeURIComponent(base)}${rest}`;
	}

	// The base; made when there is none of that name.
	async ensureBase(name) {
		try {
			return await this.call('POST', '/bases', { name });
		} catch (error) {
			if (error.code !== 'NAME_TAKEN')
				throw error;
		}
		return this.call('GET', this.#base(name));
	}

	// Index texts, [{ name, text, metadata }].  The job; it has not ended.
	async putTexts(base, documents) {
		return (await this.call('POST', this.#base(base, '/documents'),
		    { documents })).job;
	}

	// Index files, by their paths.  The job; it has not ended.
	async putFiles(base, paths) {
		const form = new FormData();

		for (const file of paths)
			form.append('file', new Blob([await fs.readFile(file)]),
			    path.basename(file));
		return (await this.call('POST', this.#base(base, '/documents'),
		    form)).job;
	}

	// The job each time that it has changed, until it has ended.  The
	// server answers as soon as there is something new.
	async* watch(job) {
		yield job;
		while (!job.finished_at) {
			job = await this.call('GET', `/jobs/${job.id}` +
			    `?after=${job.revision}&wait=60`);
			yield job;
		}
	}

	// All items of the job in that state, page after page.
	async* items(job, state) {
		let cursor = '';

		do {
			const page = await this.call('GET', `/jobs/${job.id}` +
			    `/items?limit=1000&state=${state}` +
			    (cursor && `&cursor=${cursor}`));

			yield* page.items;
			cursor = page.next_cursor;
		} while (cursor !== null);
	}

	// The best segments; options as { limit: 5, filter: { year: 2024 } }.
	async query(base, text, options = {}) {
		return (await this.call('POST', this.#base(base, '/query'),
		    { query: text, ...options })).results;
	}
}

async function main(base, question, ...paths) {
	const client = new Tidemark(process.env.TIDEMARK_URL ||
	    'http://127.0.0.1:8420', process.env.TIDEMARK_API_KEY);
	let job;

	await client.ensureBase(base);
	for await (job of client.watch(await client.putFiles(base, paths)))
		console.error(`${job.state} ${job.percent.toFixed(1)} %`);
	console.log(`${job.counts.completed} of ${job.counts.total} completed`);
	for await (const { name, error } of client.items(job, 'failed'))
		console.log(`failed: ${name}: ${error.code}: ${error.message}`);
	for (const { score, name, text } of await client.query(base, question,
	    { limit: 3 }))
		console.log(`${score.toFixed(3)} ${name}: ` +
		    [...text.split(/\s+/).filter(Boolean).join(' ')]
			.slice(0, 60).join(''));
}

if (process.argv[1] &&
    import.meta.url === pathToFileURL(process.argv[1]).href) {
	if (process.argv.length < 5) {
		console.error('usage: node tidemark.mjs BASE QUESTION FILE...');
		process.exit(2);
	}
	main(...process.argv.slice(2)).catch((error) => {
		console.error(error instanceof TidemarkError
			? `the server said: ${error.message}`
			: `that did not work: ${error.cause ?? error}`);
		process.exit(1);
	});
}
