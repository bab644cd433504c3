// SPDX-License-Identifier: Apache-2.0
//
// kill -9 at any moment, then start: every job goes on by itself, ends with
// the counters of an uninterrupted run, and what was reported completed is
// still found.
//
// The moments are chosen by progress, not by time: after so many documents or
// batches more, at once when the server answers, or at a named place in the
// program (sys/crash.h).  TIDEMARK_CRASH_SEED repeats a run's choices;
// TIDEMARK_CRASH_KILLS asks for more of them (soak).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Watch } from '../flow/lib-dialects.mjs';
import { Events, Gone, MortalServer, random } from '../flow/lib-truth.mjs';
import { isFinalNative } from '../flow/lib-validate.mjs';
import { makeCorpus } from './corpus.mjs';

const SEED = Number(process.env.TIDEMARK_CRASH_SEED ??
    Date.now() % 1000000);
const KILLS = Number(process.env.TIDEMARK_CRASH_KILLS ?? 56);
const KILLS_MIN = Math.min(KILLS, 50);
const STARTS_MAX = 4 * KILLS;
const CORPUS = { seed: 20, files: 300, large: 24, largeBytes: 1e6,
	members: 300 };
const SMALL = { seed: 21, files: 30, large: 2, largeBytes: 5e5, members: 20 };
const POINTS = ['before-commit', 'after-commit', 'before-telling',
	'after-telling', 'scan', 'graph', 'batch', 'before-publish', 'finish'];
// Of everything that is indexed here; the audit counts it, too.
const SETTINGS = { graph: { by: 'rules' } };
// Small groups, so that there is much between two commits to be lost.
const ENV = { TIDEMARK_COMMIT_MS: '0' };
// An item fails when the server died on it 20 times: none may come near.
const IN_HAND_MAX = 12;

console.log(`# TIDEMARK_CRASH_SEED=${SEED}`);

function isOpen(item) {
	return !['completed', 'failed', 'skipped', 'cancelled', 'queued']
	    .includes(item.state);
}

// Members come among the others when the archive they are in is read: their
// places differ, and with them the numbers of all.
function inOrder(items) {
	const isMember = (item) => item.parent_id !== null;

	return [...items.filter((item) => !isMember(item)),
		...items.filter(isMember)
		    .sort((one, two) => one.name < two.name ? -1 : 1)];
}

// What must be the same whether or not the server was killed.
function outcome(job, items) {
	return {
		state: job.state, counts: job.counts, bytes: job.bytes,
		segments: job.segments, percent: job.percent,
		waiting_for: job.waiting_for, attempt: job.attempt,
		error: job.error,
		stages: job.stages.map((s) => [s.name, s.items, s.done]),
		items: inOrder(items).map((item) => ({
			name: item.name, state: item.state,
			stage: item.stage, bytes: item.bytes,
			segments: item.segments, error: item.error,
			waiting_for: item.waiting_for, attempt: item.attempt,
		})),
	};
}

async function everythingIsFound(server, files, items, generation) {
	const done = new Set(items.filter((i) => i.state === 'completed')
	    .map((i) => i.name));

	for (const file of files) {
		if (file.rare === null)
			continue;
		assert.ok(done.has(file.name), `${file.name} is not completed`);
		assert.deepEqual(await server.find('base', file.rare,
		    { generation }), [file.name]);
	}
}

// One run of a corpus from start to end; chaos kills the server meanwhile.
async function run(corpus, chaos) {
	const server = await MortalServer.start({ env: ENV });

	try {
		const files = await makeCorpus(server.docs, corpus);

		await server.base('base', SETTINGS);
		const id = await chaos(server, files);
		const job = await server.until(id);
		const items = await server.items(id);

		await everythingIsFound(server, files, items, job.generation);
		const checked = await server.audit('base');

		assert.equal(checked.documents, job.counts.completed);
		assert.equal((await server.all('/tidemark/v1/jobs', 'jobs')).length,
		    1);
		return outcome(job, items);
	} finally {
		await server.stop();
	}
}

async function undisturbed(server) {
	return (await server.folder('base')).id;
}

// ---- at random --------------------------------------------------------------

class Chaos {
	constructor(server, files, seed) {
		this.server = server;
		this.rare = new Map(files.map((f) => [f.name, f.rare]));
		this.next = random(seed);
		this.kills = 0;
		this.kinds = {};
		this.states = {};
		this.completed = new Set();
		this.inHand = new Map();
	}

	// Work done so far, in documents and stored batches.
	static progress(job) {
		const c = job.counts;

		return c.total - c.queued - c.processing +
		    job.segments.completed / 256;
	}

	pick(list) {
		return list[Math.floor(this.next() * list.length)];
	}

	// What was told before a kill is still so after it.
	async nothingIsLost() {
		const items = await this.server.items(this.id);
		const job = await this.server.job(this.id);
		const names = new Set(items.filter((i) =>
		    i.state === 'completed').map((i) => i.name));

		for (const name of this.completed)
			assert.ok(names.has(name), `P3: ${name} was completed`);
		for (const name of this.fresh ?? [])
			assert.deepEqual(await this.server.find('base',
			    this.rare.get(name), { generation: 0 }), [name],
			    `P4: ${name} is not found after the kill`);
		this.fresh = null;
		return job;
	}

	// Remember what is told now; a few of what is new are looked for.
	async note() {
		const items = await this.server.items(this.id);
		const fresh = items.filter((i) => i.state === 'completed' &&
		    !this.completed.has(i.name)).map((i) => i.name);

		this.seen = items;
		for (const name of fresh)
			this.completed.add(name);
		// Of an archive only what is in it can be looked for.
		this.fresh = fresh.filter((name) => this.rare.get(name))
		    .slice(0, 3);
		for (const name of this.fresh)
			assert.deepEqual(await this.server.find('base',
			    this.rare.get(name)), [name],
			    `P4: ${name} is not found at once`);
	}

	async kill(kind) {
		this.count(kind);
		await this.server.kill();
		await this.events.reading;
		this.events.check();
	}

	count(kind) {
		this.kills++;
		this.kinds[kind] = (this.kinds[kind] ?? 0) + 1;
		for (const item of (this.seen ?? []).filter(isOpen))
			this.inHand.set(item.name,
			    (this.inHand.get(item.name) ?? 0) + 1);
	}

	mayKill() {
		return (this.seen ?? []).every((item) => !isOpen(item) ||
		    (this.inHand.get(item.name) ?? 0) < IN_HAND_MAX);
	}

	async start(env = {}) {
		await this.server.again({ ...ENV, ...env });
		if (!this.id)
			return;
		this.events.follow(this.server);
		await this.watch.round();
	}

	// Kill at a named place, if the server comes to it before it has gone
	// far; it may do so at any time, so anything asked for may fail.
	async byName(far) {
		const point = this.pick(POINTS);
		const env = { TIDEMARK_CRASH_AT:
		    `${point}:${1 + Math.floor(this.next() * 4)}` };

		try {
			await this.start(env);
			let job = await this.server.job(this.id);

			while (Chaos.progress(job) < far && !isFinalNative(job))
				job = await this.server.news(this.id,
				    job.revision, 5);
		} catch (err) {
			/* The test's own findings are not to be hidden. */
			if (!(err instanceof Gone) &&
			    !/server ended/.test(err.message))
				throw err;
			await this.server.ended;
		}
		if (this.server.isUp())
			return this.kill('progress');
		this.count(point);
		await this.events.reading;
		this.events.check();
		return undefined;
	}

	async byProgress(far) {
		await this.start();
		let job = await this.nothingIsLost();

		while (Chaos.progress(job) < far && !isFinalNative(job)) {
			await this.watch.round();
			job = await this.server.news(this.id, job.revision, 5);
		}
		this.states[job.state] = (this.states[job.state] ?? 0) + 1;
		await this.note();
		if (isFinalNative(job))
			await this.watch.round();
		else
			await this.kill('progress');
	}

	// Immediately when it says that it is there.
	async atOnce() {
		await this.start();
		await this.kill('at once');
	}

	async step(all) {
		const left = Math.max(1, KILLS - this.kills);
		const job = this.watch.last.native;
		const now = Chaos.progress(job);
		/* It goes further than asked before it is seen. */
		const far = now + 0.6 * (all - now) / left * this.next();

		if (!this.mayKill())
			return this.byProgress(now + 12);
		const kind = this.next();
		/* The server runs ahead of who asks it, by a few documents at
		 * each start: before little is left for many kills they come at
		 * once. */
		const often = all - now < 6 * left ? 0.9 : 0.2;

		return kind < often ? this.atOnce() :
		    kind < often + 0.3 ? this.byName(far) : this.byProgress(far);
	}

	async run(all) {
		const job = await this.server.folder('base');

		this.id = job.id;
		this.watch = new Watch(this.server, job);
		this.events = new Events(this.id);
		this.events.follow(this.server);
		await this.watch.round();
		await this.kill('progress');
		for (let i = 0; i < STARTS_MAX && this.kills < KILLS; i++) {
			if (isFinalNative(this.watch.last.native))
				break;
			await this.step(all);
		}
		if (!this.server.isUp())
			await this.start();
		await this.nothingIsLost();
		await this.watch.end();
		await this.server.until(this.id);
		await this.events.reading;
		this.events.check();
		assert.equal(this.events.job.state, this.watch.last.native.state);
		assert.ok(this.kills >= KILLS_MIN,
		    `only ${this.kills} kills before the job ended`);
		return this.id;
	}
}

test('killed at random, it ends as if it had not been', async () => {
	const expected = await run(CORPUS, undisturbed);
	const all = expected.counts.total + expected.segments.completed / 256;
	let chaos;

	const seen = await run(CORPUS, (server, files) => {
		chaos = new Chaos(server, files, SEED);
		return chaos.run(all);
	});

	console.log(`# ${chaos.kills} kills: ${JSON.stringify(chaos.kinds)} ` +
	    JSON.stringify(chaos.states));
	assert.deepEqual(seen, expected);
	for (const item of seen.items) {
		const last = [...chaos.events.items.values()]
		    .find((i) => i.name === item.name);

		assert.equal(last?.state, item.state,
		    `the events of ${item.name}`);
	}
});

// ---- at each named place ----------------------------------------------------

let calm;

before(async () => {
	calm = await run(SMALL, undisturbed);
});

// The answer to ask(), or null when the server dies before there is one.
async function orDeath(server, ask) {
	try {
		return await ask();
	} catch (err) {
		if (!(err instanceof Gone))
			throw err;
		assert.equal(await server.ended, 'SIGKILL');
		return null;
	}
}

// Whatever was not answered may have happened or not; what was answered has.
async function jobAfter(server, answered) {
	const jobs = await server.all('/tidemark/v1/jobs', 'jobs');

	if (answered !== null)
		assert.ok(jobs.some((job) => job.id === answered),
		    'a job that was answered is gone');
	return jobs[0]?.id ?? (await server.folder('base')).id;
}

async function killedAt(server, point, nth) {
	assert.equal((await server.kill()), 'SIGKILL');
	await server.again({ ...ENV,
		TIDEMARK_CRASH_AT: `${point}:${nth}` });
	const answered = await orDeath(server,
	    async () => (await server.folder('base')).id);

	/* It dies, or comes to its end before that. */
	if (answered !== null)
		await orDeath(server, () => server.until(answered));
	const isDead = !server.isUp();

	await server.kill();
	await server.again(ENV);
	return [await jobAfter(server, answered), isDead];
}

for (const point of POINTS)
	test(`killed ${point}, it ends as if it had not been`, async () => {
		let dead = 0;

		for (const nth of [1, 2, 7]) {
			const seen = await run(SMALL, async (server) => {
				const [id, isDead] = await killedAt(server,
				    point, nth);

				dead += isDead;
				return id;
			});

			assert.deepEqual(seen, calm, `${point}:${nth}`);
		}
		assert.ok(dead > 0, `nothing came past ${point}`);
	});

// ---- while a base is copied -------------------------------------------------

test('killed while a base is copied, there is nothing of it', async () => {
	const server = await MortalServer.start({ env: ENV });
	const names = async () => (await server.all('/tidemark/v1/bases',
	    'bases')).map((base) => base.name).sort();
	const index = async (name) => {
		const { jobs, items, ...counts } = await server.audit(name);

		return counts;
	};
	const copy = () => server.post('/v2/collections/base/copy',
	    { target_name: 'second' });

	try {
		await makeCorpus(server.docs, SMALL);
		await server.base('base', SETTINGS);
		await server.until((await server.folder('base')).id);
		const counted = await index('base');

		for (const nth of [1, 3]) {
			await server.kill();
			await server.again({ ...ENV,
				TIDEMARK_CRASH_AT: `copied:${nth}` });
			assert.equal(await orDeath(server, copy), null,
			    `it came past only ${nth - 1} pieces`);
			await server.again(ENV);
			assert.deepEqual(await names(), ['base']);
		}
		assert.equal((await copy()).documents_copied,
		    counted.documents);
		assert.deepEqual(await names(), ['base', 'second']);
		assert.deepEqual(await index('second'), counted);
	} finally {
		await server.stop();
	}
});
