// SPDX-License-Identifier: Apache-2.0
//
// The promises, watched: while jobs run, are paused, cancelled, tried again
// and lose their server, readers ask all five pages without a break, hold
// every answer against the one before, and look for what is said to be
// completed.

import assert from 'node:assert/strict';
import { readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { makeCorpus, rareWord } from '../crash/corpus.mjs';
import { Watch } from './lib-dialects.mjs';
import { Gone, MortalServer } from './lib-truth.mjs';
import { isFinalNative } from './lib-validate.mjs';

const FINAL = ['completed', 'failed', 'skipped', 'cancelled'];
const WORKERS = 2;
// Small groups: more moments to look at.
const ENV = { TIDEMARK_COMMIT_MS: '0' };
let server;
let readers = [];
let turn = 0;

before(async () => {
	server = await MortalServer.start({ workers: WORKERS, env: ENV });
});
after(() => server.stop());
// Each test has a base of its own, and the folder to itself.
afterEach(async () => {
	for (const reader of readers)
		reader.isStopped = true;
	readers = [];
	await rm(server.docs, { recursive: true, force: true });
});

async function fresh(corpus) {
	const base = `truth-${++turn}`;
	const files = await makeCorpus(server.docs,
	    { seed: turn, large: 0, largeBytes: 0, ...corpus });

	await server.base(base);
	return { base, files,
		rare: new Map(files.map((f) => [f.name, f.rare])) };
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Reads all pages of a job, round after round, until it is stopped; survives
// the server.
class Reader {
	constructor(job, base, rare) {
		this.id = job.id;
		this.base = base;
		this.rare = rare;
		this.watch = new Watch(server, job);
		this.found = new Set();
		this.states = new Map();
		this.isStopped = false;
		this.running = this.run();
		this.running.catch(() => {}); /* awaited in stop() */
		readers.push(this);
	}

	async run() {
		while (!this.isStopped)
			try {
				await this.round();
			} catch (err) {
				if (!(err instanceof Gone))
					throw err;
				await sleep(20);
			}
	}

	async round() {
		await this.watch.round();
		const job = this.watch.last.native;
		const items = await server.items(this.id);

		assert.ok(items.length >= job.counts.total);
		for (const state of FINAL)
			assert.ok(items.filter((i) => i.state === state).length >=
			    job.counts[state], `P3: fewer items are ${state} ` +
			    'than the status before told');
		for (const item of items) {
			const last = this.states.get(item.id);

			assert.ok(!FINAL.includes(last) || last === item.state,
			    `P2: ${item.name} was ${last}, is ${item.state}`);
			this.states.set(item.id, item.state);
		}
		await this.look(job, items);
	}

	// Look at once for some of what this answer was the first to tell of.
	async look(job, items) {
		const news = items.filter((i) => i.state === 'completed' &&
		    this.rare.get(i.name) && !this.found.has(i.name));

		for (const item of news.slice(-4))
			assert.deepEqual(await server.find(this.base,
			    this.rare.get(item.name),
			    { generation: job.generation }), [item.name],
			    `P4: ${item.name} is completed, not found`);
		for (const item of news)
			this.found.add(item.name);
	}

	async stop() {
		this.isStopped = true;
		await this.running;
		await this.round();
		return this.watch.last.native;
	}
}

async function metric(name) {
	const text = await (await server.fetch('/metrics')).text();

	return Number(new RegExp(`^tidemark_${name} (\\d+)$`, 'm')
	    .exec(text)[1]);
}

// No worker has anything, and nothing waits to be written.
async function quiet(id) {
	while (await metric('workers_busy') > 0 ||
	    await metric('queue_bytes') > 0)
		await sleep(10);
	let job = await server.job(id);

	for (;;) {
		const next = await server.news(id, job.revision, 1);

		if (next.revision === job.revision)
			return next;
		job = next;
	}
}

function done(job) {
	return job.counts.total - job.counts.queued - job.counts.processing;
}

async function allFound({ base, files }, names = null) {
	for (const file of files)
		if (file.rare && (names === null || names.has(file.name)))
			assert.deepEqual(await server.find(base, file.rare),
			    [file.name], `${file.name} is not found`);
}

test('every answer is true, over pauses and a kill', async () => {
	const all = await fresh({ files: 400, large: 16, largeBytes: 1e6 });
	const first = await server.folder(all.base);
	const both = [new Reader(first, all.base, all.rare),
		new Reader(first, all.base, all.rare)];

	await server.until(first.id, (job) => done(job) >= 30);
	const paused = await server.order(first.id, 'pause');

	assert.equal(paused.state, 'paused');
	assert.equal(paused.waiting_for, 'paused');
	assert.deepEqual((await server.order(first.id, 'pause')).state,
	    'paused');
	const still = await quiet(first.id);

	/* Each worker was in one step, which it may end. */
	assert.ok(done(still) - done(paused) <= WORKERS,
	    `${done(paused)} had ended at the pause, ${done(still)} after it`);
	assert.equal(still.state, 'paused');
	assert.ok(still.counts.queued > 0);
	const resumed = await server.order(first.id, 'resume');

	assert.notEqual(resumed.state, 'paused');
	assert.notEqual((await server.order(first.id, 'resume')).state,
	    'paused');
	await server.until(first.id, (job) => done(job) >= 150);
	await server.kill();
	await server.again(ENV);
	const end = await server.until(first.id);

	for (const reader of both)
		assert.deepEqual(await reader.stop(), end);
	assert.equal(end.state, 'completed_with_failures');
	await allFound(all);
	await server.audit(all.base);
	/* Orders to a job that has ended change nothing. */
	for (const order of ['pause', 'resume', 'cancel'])
		assert.deepEqual(await server.order(first.id, order), end);
});

test('a pause outlives the server', async () => {
	const all = await fresh({ files: 200 });
	const job = await server.folder(all.base);

	await server.order(job.id, 'pause');
	await server.kill();
	await server.again(ENV);
	const still = await quiet(job.id);

	assert.equal(still.state, 'paused');
	await server.order(job.id, 'resume');
	assert.equal((await server.until(job.id)).counts.total, 200);
	await allFound(all);
});

test('a cancel has happened when it is answered', async () => {
	const all = await fresh({ files: 300, large: 8, largeBytes: 1e6 });
	const job = await server.folder(all.base);
	const reader = new Reader(job, all.base, all.rare);

	await server.until(job.id, (now) => done(now) >= 40);
	const cancelled = await server.order(job.id, 'cancel');
	const items = await server.items(job.id);

	assert.equal(cancelled.state, 'cancelled');
	assert.equal(cancelled.counts.queued + cancelled.counts.processing, 0);
	assert.ok(cancelled.counts.cancelled > 0, 'it was too late');
	assert.ok(cancelled.cancelled_by);
	assert.deepEqual(await server.order(job.id, 'cancel'), cancelled);
	await quiet(job.id);
	assert.deepEqual(await server.job(job.id), cancelled);
	assert.deepEqual(await server.items(job.id), items);
	assert.deepEqual(await reader.stop(), cancelled);

	const kept = new Set(items.filter((i) => i.state === 'completed')
	    .map((i) => i.name));

	assert.equal(kept.size, cancelled.counts.completed);
	await allFound(all, kept);
	for (const file of all.files)
		if (file.rare && !kept.has(file.name))
			assert.deepEqual(await server.find(all.base,
			    file.rare), [], `${file.name} was cancelled`);
	assert.equal((await server.audit(all.base)).documents, kept.size);

	/* All of it again: what is there is left alone. */
	const again = await server.order(job.id, 'retry', { items: 'all' });
	const end = await server.until(again.id);

	assert.equal(end.attempt, 2);
	assert.equal(end.counts.total, cancelled.counts.total);
	await allFound(all);
	await server.audit(all.base);
	assert.deepEqual(await server.job(job.id), cancelled);
});

test('what failed can be tried again', async () => {
	const all = await fresh({ files: 60 });
	const job = await server.folder(all.base);
	const status = async (body) => (await server.fetch(
	    `/tidemark/v1/jobs/${job.id}/retry`, { method: 'POST',
		    headers: { 'Content-Type': 'application/json' },
		    body: JSON.stringify(body) })).status;
	const early = await status({ items: 'failed' });
	const first = await server.until(job.id);

	if (early !== 409)
		assert.equal(early, 202, 'it had ended already');
	const bad = (await server.items(job.id, '?state=failed'));

	assert.equal(bad.length, first.counts.failed);
	assert.ok(bad.length > 0);
	for (const item of bad) {
		assert.equal(item.error.code, 'EXTRACTION_FAILED');
		await writeFile(path.join(server.docs, item.name),
		    JSON.stringify({ mended: `${item.name}`,
			    word: rareWord(100000 + item.seq) }));
	}
	const second = await server.order(job.id, 'retry',
	    { items: 'failed' });
	const reader = new Reader(second, all.base, all.rare);
	const end = await server.until(second.id);

	assert.deepEqual(await reader.stop(), end);
	assert.equal(end.state, 'completed');
	assert.equal(end.counts.total, bad.length);
	assert.equal(end.counts.completed, bad.length);
	for (const item of bad)
		assert.deepEqual(await server.find(all.base,
		    rareWord(100000 + item.seq)), [item.name]);
	assert.deepEqual(await server.job(job.id), first);
	await allFound(all); /* what it did not look at has not vanished */
});

test('a second run does what has changed, and no more', async () => {
	const all = await fresh({ files: 120 });
	const first = await server.until((await server.folder(all.base)).id);
	let job = await server.until((await server.folder(all.base)).id);

	/* The broken files are as broken as they were. */
	assert.equal(job.state, 'no_changes');
	assert.equal(job.counts.skipped, first.counts.total);
	assert.ok(first.counts.failed > 0);
	const before = await server.items(first.id, '?state=failed');
	const after = (await server.items(job.id)).filter((item) =>
	    item.error.code === 'STILL_UNREADABLE');

	assert.deepEqual(after.map((item) => [item.name, item.error.message]),
	    before.map((item) => [item.name, item.error.message]));
	for (const file of all.files.filter((f) => f.rare === null))
		await rm(path.join(server.docs, file.name));
	all.files = all.files.filter((f) => f.rare !== null);
	/* They were documents, although nothing of them was indexed. */
	job = await server.until((await server.folder(all.base)).id);
	assert.equal(job.state, 'completed');
	job = await server.until((await server.folder(all.base)).id);
	assert.equal(job.state, 'no_changes');
	assert.equal(job.counts.skipped, all.files.length);

	/* Touched, changed, vanished, moved. */
	const [touched, changed, vanished, moved] = all.files.slice(10);
	const at = (file) => path.join(server.docs, file.name);

	await utimes(at(touched), new Date(), new Date());
	await writeFile(at(changed), `${rareWord(200000)} instead`);
	await rm(at(vanished));
	await rename(at(moved), path.join(server.docs, 'moved.txt'));
	job = await server.until((await server.folder(all.base)).id);
	const codes = new Map((await server.items(job.id)).map((i) =>
	    [i.name, i.error?.code ?? i.state]));

	assert.equal(job.state, 'completed');
	assert.equal(codes.get(touched.name), 'UNCHANGED');
	assert.equal(codes.get(changed.name), 'completed');
	assert.deepEqual(await server.find(all.base, rareWord(200000)),
	    [changed.name]);
	for (const file of [changed, vanished])
		assert.deepEqual(await server.find(all.base, file.rare), []);
	/* The same content under a name that is gone is no duplicate for
	 * long: at the latest the next run has it. */
	await server.until((await server.folder(all.base)).id);
	assert.deepEqual(await server.find(all.base, moved.rare),
	    ['moved.txt']);
	await allFound(all, new Set(all.files.map((f) => f.name)
	    .filter((n) => ![changed.name, vanished.name, moved.name]
		.includes(n))));
	await server.audit(all.base);
});

test('the old revision answers until the new one does', async () => {
	const all = await fresh({ files: 1 });
	const name = path.join(server.docs, 'book.txt');
	const filler = 'the tide comes and goes along the pier. ';
	const words = [rareWord(300000), rareWord(300001), rareWord(300002)];

	for (let i = 0; i < words.length; i++) {
		let text = '';

		for (let n = 0; n < 400; n++)
			text += `${filler.repeat(25)}\n\n` +
			    (n % 20 === 0 ? `${words[i]} ${n}\n\n` : '');
		await writeFile(name, text);
		const job = await server.folder(all.base);
		let answers = 0;

		for (;;) {
			const now = await server.job(job.id);
			const { results } = await server.post(
			    `/tidemark/v1/bases/${all.base}/query`,
			    { query: words.join(' '), limit: 100,
				    semantic_ratio: 0 });
			const seen = words.filter((word) => results.some(
			    (result) => result.text.includes(word)));

			if (i > 0)
				assert.equal(seen.length, 1,
				    `${seen.length} revisions answer`);
			answers++;
			if (isFinalNative(now)) {
				assert.deepEqual(seen, [words[i]]);
				assert.equal(results.length, 20);
				break;
			}
		}
		assert.ok(answers > 0);
	}
	await server.audit(all.base);
});

test('two jobs at once over one folder get along', async () => {
	const all = await fresh({ files: 200, large: 4, largeBytes: 5e5 });
	const jobs = [await server.folder(all.base),
		await server.folder(all.base)];
	const both = jobs.map((job) => new Reader(job, all.base, all.rare));

	await server.until(jobs[0].id, (job) => done(job) >= 30);
	await server.kill();
	await server.again(ENV);
	for (let i = 0; i < jobs.length; i++) {
		const end = await server.until(jobs[i].id);

		assert.deepEqual(await both[i].stop(), end);
		assert.equal(end.counts.total, all.files.length);
	}
	await allFound(all);
	const checked = await server.audit(all.base);

	assert.equal(checked.documents,
	    all.files.filter((f) => f.rare).length);
});

test('one of two jobs over one folder is cancelled', async () => {
	const all = await fresh({ files: 40, large: 6, largeBytes: 8e5 });
	const jobs = [await server.folder(all.base),
		await server.folder(all.base)];

	await server.until(jobs[1].id,
	    (job) => job.segments.completed > 300 || done(job) > 10);
	await server.order(jobs[1].id, 'cancel');
	const end = await server.until(jobs[0].id);

	assert.equal(end.counts.total, all.files.length);
	assert.equal(end.counts.cancelled, 0);
	await allFound(all);
	await server.audit(all.base);
});

test('a base goes while it is indexed', async () => {
	const all = await fresh({ files: 200, large: 4, largeBytes: 8e5 });
	const job = await server.folder(all.base);

	await server.until(job.id, (now) => done(now) >= 20);
	assert.equal((await server.fetch(`/tidemark/v1/bases/${all.base}`,
	    { method: 'DELETE' })).status, 204);
	for (const link of ['self', 'items', 'dify', 'digitalocean', 'captain'])
		assert.equal((await server.fetch(job.links[link])).status, 404,
		    link);
	/* A new one of that name is another one. */
	await server.base(all.base);
	assert.deepEqual(await server.find(all.base, all.files[0].rare), []);
	const next = await server.until((await server.folder(all.base)).id);

	assert.equal(next.counts.skipped, 0 + all.files.filter((f) =>
	    f.bytes === 0).length);
	await allFound(all);
	await server.audit(all.base);
	await server.kill();
	await server.again(ENV);
	assert.equal((await server.fetch(job.links.self)).status, 404);
	await allFound(all);
});

test('a document goes while it is indexed', async () => {
	/* More than the writer's queue can hold, so that the worker cannot be
	 * done when the first batches are stored; paused, so that it stays. */
	const all = await fresh({ files: 3, large: 1, largeBytes: 12e6 });
	const large = all.files.find((f) => f.bytes > 1e6);
	const job = await server.folder(all.base);

	await server.until(job.id, (now) => now.segments.completed > 200);
	await server.order(job.id, 'pause');
	const document = (await server.items(job.id)).find((i) =>
	    i.name === large.name);

	assert.ok(!FINAL.includes(document.state), 'it was too late');
	assert.equal((await server.fetch(
	    `/tidemark/v1/documents/${document.document_id}`,
	    { method: 'DELETE' })).status, 204);
	await server.order(job.id, 'resume');
	const end = await server.until(job.id);
	const item = (await server.items(job.id)).find((i) =>
	    i.name === large.name);

	assert.equal(item.state, 'cancelled');
	assert.equal(end.counts.cancelled, 1);
	assert.deepEqual(await server.find(all.base, large.rare), []);
	assert.equal((await server.audit(all.base)).documents, 2);
});

test('a folder that is not there fails the job, with a reason', async () => {
	const all = await fresh({ files: 1 });
	const about = await server.get('/tidemark/v1/about');
	const token = await readFile(about.local_token_path, 'utf8');
	const missing = path.join(server.docs, 'not-there');
	const reply = await server.fetch(
	    `/tidemark/v1/bases/${all.base}/jobs`, { method: 'POST',
		    headers: { 'Content-Type': 'application/json',
			    'X-Tidemark-Local': token },
		    body: JSON.stringify({ source: { kind: 'folder',
			    path: missing } }) });

	assert.equal(reply.status, 202);
	const end = await server.until(reply.json().job.id);

	assert.equal(end.state, 'failed');
	assert.equal(end.error.code, 'SOURCE_NOT_FOUND');
	assert.ok(end.error.message.includes('not-there'));
	assert.equal(end.counts.total, 0);
	await new Watch(server, end).end();
});
