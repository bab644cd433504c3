// SPDX-License-Identifier: Apache-2.0
//
// Captain: what is asked of jobs, and what is done to them.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Captain, NOBODY, counts } from './lib-captain-index.mjs';
import { zip } from './lib-documents.mjs';

const BROKEN = '%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n';
const FINAL = ['completed', 'completed_with_failures', 'failed', 'cancelled'];
const STAGES = ['scanning', 'extracting', 'chunking', 'tagging', 'embedding',
	'finalizing'];
const DEADLINE_MS = 90000;
const UNDO_HOURS = 24;
const UNKNOWN = `job_text_${NOBODY}`;
// Work for a while, however fast the machine.
const LARGE = 'The harbour pilot boards the ship at the outer buoy. '
    .repeat(40000);
let server;

before(async () => {
	server = await Captain.start('--workers', '2');
});
after(() => server.stop());

function form(...files) {
	const out = new FormData();

	for (const [name, content] of files)
		out.append('files', new Blob([content]), name);
	return out;
}

async function get(on, id, query = '') {
	const { status, json, text } = await on.call('GET',
	    `/v2/jobs/${id}${query}`);

	assert.equal(status, 200, text);
	return json;
}

// The job as soon as holds(job) says so.
async function until(on, id, holds, query) {
	const deadline = Date.now() + DEADLINE_MS;

	for (;;) {
		const job = await get(on, id, query);

		if (holds(job))
			return job;
		assert.ok(Date.now() < deadline, JSON.stringify(job));
		await pause(5);
	}
}

const uuid = (id) => id.replace(/^job_[a-z]+_/, '');

// A job over the folder of documents, which is not Captain's own.
async function folder(on, base) {
	const job = await on.folder(base);

	return `job_folder_${job.id}`;
}

async function list(on, query = '') {
	const { status, json, text } = await on.call('GET',
	    `/v2/jobs${query}`);

	assert.equal(status, 200, text);
	return json;
}

const ids = ({ jobs }) => jobs.map((job) => job.job_id);

// ---- lists -----------------------------------------------------------------

test('lists, by all that they can be asked for', async () => {
	const on = await Captain.start();

	try {
		await on.base('one');
		await on.base('two');
		const good = await on.index('one', 'text',
		    { content: 'The first tide.', filename: 'a.txt' });
		await on.end(good);
		const same = await on.index('one', 'text',
		    { content: 'The first tide.', filename: 'a.txt' });
		await on.end(same);
		const partly = await on.index('two', 'file', form(
		    ['b.txt', 'The second tide.'], ['c.pdf', BROKEN]));
		await on.end(partly);
		const bad = await on.index('two', 'file',
		    form(['d.pdf', `${BROKEN}%`]));
		await on.end(bad);
		const all = [bad, partly, same, good];

		assert.deepEqual(ids(await list(on)), all);
		const { jobs, ...rest } = await list(on, '?limit=2&offset=1');

		assert.deepEqual(jobs.map((job) => job.job_id), [partly, same]);
		assert.deepEqual(rest, { total_count: 4, limit: 2, offset: 1 });
		assert.equal((await list(on, '?offset=9')).total_count, 4);
		assert.deepEqual(ids(await list(on, '?offset=9')), []);
		assert.equal((await list(on)).limit, 50);
		assert.deepEqual({ ...jobs[0], created_at: null }, {
			job_id: partly, status: 'completed_with_failures',
			job_type: 'index_file', collection_name: 'two',
			environment: 'production', created_at: null,
			files_indexed: 1, files_total: 2, files_failed: 1,
			error: null });
		assert.equal((await list(on)).jobs[0].error,
		    (await get(on, bad)).error_message);
		for (const [query, wanted] of [
			['status=completed', [same, good]],
			['status=completed_with_failures', [partly]],
			['status=completed_with_errors', [partly]],
			['status=failed', [bad]],
			['status=timed_out', []],
			['status=running', []],
			['status=processing', []],
			['status=pending', []],
			['status=cancelled', []],
			['status=', all],
			['collection=one', [same, good]],
			['collection=two&status=failed', [bad]],
			['collection=three', []],
			['sync_id=syn_1', []],
			['job_environment=production', all],
			['job_environment=staging', []],
		]) {
			const got = await list(on, `?${query}`);

			assert.deepEqual(ids(got), wanted, query);
			assert.equal(got.total_count, wanted.length, query);
		}
		for (const query of ['status=done', 'limit=0', 'limit=201',
			'limit=x', 'offset=-1', 'job_environment=moon'])
			assert.equal((await on.call('GET', `/v2/jobs?${query}`))
			    .status, 422, query);
		assert.equal((await on.call('GET', '/v2/jobs', undefined,
		    { headers: { 'X-Organization-ID': NOBODY } })).status, 403);
	} finally {
		await on.stop();
	}
});

test('the other word for failures', async () => {
	const on = await Captain.start('--captain-failures-word',
	    'completed_with_errors');

	try {
		await on.base('two');
		const id = await on.index('two', 'file', form(
		    ['b.txt', 'The second tide.'], ['c.pdf', BROKEN]));
		const job = await until(on, id,
		    (now) => now.status === 'completed_with_errors');

		assert.equal(job.result.files_failed, 1);
		assert.ok(job.billing !== null);
		for (const word of ['completed_with_errors',
			'completed_with_failures'])
			assert.deepEqual((await list(on, `?status=${word}`)).jobs
			    .map(({ job_id: is, status }) => [is, status]),
			    [[id, 'completed_with_errors']]);
		assert.equal((await on.call('DELETE', `/v2/jobs/${id}`)).json
		    .status, 'completed_with_errors');
	} finally {
		await on.stop();
	}
});

// ---- cancelling ------------------------------------------------------------

for (const [name, method, suffix] of [['POST', 'POST', '/cancel'],
	['DELETE', 'DELETE', '']])
	test(`cancelling by ${name}`, async () => {
		const base = `cancel-${name}`;
		const call = (id) => server.call(method,
		    `/v2/jobs/${id}${suffix}`, undefined,
		    { headers: { 'Content-Type': 'application/json' } });

		await server.base(base);
		// At work, and perhaps not begun.
		for (const isBegun of [true, false]) {
			const id = await server.index(base, 'text', {
				content: `${LARGE} ${name} ${isBegun}`,
				filename: `${isBegun}.txt` });

			if (isBegun)
				await until(server, id,
				    (job) => job.status === 'running');
			const { status, json } = await call(id);

			assert.equal(status, 200);
			assert.equal(json.job_id, id);
			assert.equal(json.status, 'cancelled');
			assert.ok(json.cancelled_at);
			assert.ok(json.message);
			const job = await get(server, id);

			assert.equal(job.status, 'cancelled');
			assert.equal(job.cancelled_at, json.cancelled_at);
			assert.equal(job.progress.current_stage, 'cancelled');
			assert.equal(job.completed_at !== null, true);
			assert.deepEqual(counts(job), ['cancelled', 0, 0, 0]);
			assert.equal(job.result.files_cancelled, 1);
			assert.deepEqual((await call(id)).json, json);
		}
		const done = await server.index(base, 'text',
		    { content: 'Slack water.', filename: 'slack.txt' });
		const ended = await server.end(done);
		const { status, json } = await call(done);

		assert.equal(status, 200);
		assert.equal(json.status, 'completed');
		assert.equal(json.cancelled_at, null);
		assert.deepEqual(await get(server, done, '?files_limit=500'),
		    ended);
		for (const id of [UNKNOWN, NOBODY, 'job_404']) {
			const none = await call(id);

			assert.equal(none.status, 404);
			assert.deepEqual(none.json, { detail: 'Job not found' });
		}
	});

// ---- progress --------------------------------------------------------------

// All pages of the files; what is on one is on no other.
async function pages(on, id, limit) {
	const seen = [];
	let cursor = null, number = 0, job;

	do {
		job = await get(on, id, `?files_limit=${limit}` +
		    (cursor === null ? '' : `&files_cursor=${cursor}`));
		number++;
		assert.equal(job.files_page.limit, limit);
		assert.ok(job.files.length <= limit);
		cursor = job.files_page.next_cursor;
		assert.ok(cursor === null || job.files.length === limit);
		seen.push(...job.files.map((file) => file.uri));
	} while (cursor !== null);
	assert.equal(new Set(seen).size, seen.length, 'a file twice');
	return { job, seen, number };
}

function earliest(files) {
	const open = files.filter((file) =>
	    ['queued', 'processing'].includes(file.status));

	if (open.length === 0)
		return 'finalizing';
	return STAGES[Math.min(...open.map((file) => file.stage === null ||
	    file.status === 'queued' ? 1 : STAGES.indexOf(file.stage)))];
}

test('pages of 120 files, and stages, while the job runs', async () => {
	const on = await Captain.start('--workers', '2', '--commit-ms', '0');

	try {
		on.put('000.txt', LARGE.repeat(4));
		on.put('001.txt', LARGE.repeat(3));
		for (let n = 2; n < 120; n++)
			on.put(`${String(n).padStart(3, '0')}.txt`,
			    `The tide number ${n}.`);
		await on.base('pages');
		const id = await folder(on, 'pages');

		await until(on, id, (job) =>
		    job.progress?.files_total === 120 &&
		    job.progress.current_stage !== 'scanning');
		// Held, so that it runs for as long as it is looked at.
		await on.ok('POST', `/jobs/${uuid(id)}/pause`);
		const first = await pages(on, id, 50);

		assert.equal(first.job.status, 'running');
		assert.equal(first.number, 3);
		assert.equal(first.seen.length, 120);
		await on.ok('POST', `/jobs/${uuid(id)}/resume`);
		let stage = 0, rounds = 0, job;

		do {
			const now = await pages(on, id, 50);

			assert.equal(now.number, 3);
			assert.deepEqual(now.seen, first.seen);
			job = await get(on, id, '?files_limit=500');
			assert.equal(job.files.length, 120);
			if (job.status === 'running')
				assert.equal(job.progress.current_stage,
				    earliest(job.files));
			const at = STAGES.indexOf(job.progress.current_stage);

			assert.ok(at >= stage, 'the stage went back');
			stage = at;
			const left = job.estimated_time_remaining_seconds;

			assert.ok(left === undefined || Number.isInteger(left));
			assert.equal(FINAL.includes(job.status),
			    job.result !== null);
			rounds++;
		} while (!FINAL.includes(job.status));
		assert.ok(rounds > 1);
		assert.deepEqual(counts(job), ['completed', 120, 0, 0]);
		assert.equal(job.rolled_back_at, null);
		for (const limit of ['0', '501', 'x', '-1', '1.5', ''])
			assert.equal((await on.call('GET',
			    `/v2/jobs/${id}?files_limit=${limit}`)).status,
			    422, limit);
		assert.equal((await on.call('GET',
		    `/v2/jobs/${id}?files_cursor=x`)).status, 400);
	} finally {
		await on.stop();
	}
});

// A place with nothing in it.
test('a job that finds nothing says so', async () => {
	const on = await Captain.start();

	try {
		await on.base('empty');
		const job = await on.end(await folder(on, 'empty'));

		assert.deepEqual(counts(job), ['completed', 0, 0, 0]);
		assert.deepEqual(job.files, []);
		assert.deepEqual(job.result.warnings,
		    ['The source has no files']);
	} finally {
		await on.stop();
	}
});

// Another process writes to the database, until its input ends.
async function occupy(on) {
	const child = spawn('python3', ['-c', 'import sqlite3, sys\n' +
		'db = sqlite3.connect(sys.argv[1], isolation_level=None,' +
		' timeout=60)\n' +
		'db.execute("BEGIN IMMEDIATE")\n' +
		'print("held", flush=True)\n' +
		'sys.stdin.read()\n' +
		'db.execute("ROLLBACK")\n',
		path.join(on.data, 'tidemark.db')],
	    { stdio: ['pipe', 'pipe', 'inherit'] });
	const ended = new Promise((resolve) => child.once('exit', resolve));

	await new Promise((resolve, reject) => {
		child.stdout.once('data', resolve);
		ended.then((code) => reject(new Error(`it ended: ${code}`)));
	});
	return async () => {
		child.stdin.end();
		assert.equal(await ended, 0);
	};
}

test('while the store is busy, progress is told as it is', async () => {
	await server.base('busy');
	const id = await server.index('busy', 'text',
	    { content: `${LARGE.repeat(4)} busy`, filename: 'busy.txt' });

	await until(server, id, (job) => job.status === 'running');
	const release = await occupy(server);

	try {
		for (let n = 0; n < 20; n++) {
			const job = await get(server, id);

			assert.notEqual(job.progress, null);
			assert.equal(job.collection_name, 'busy');
			assert.equal(job.files.length, 1);
			assert.equal(job.progress_message.includes('Fetching'),
			    false);
			assert.equal((await server.call('GET',
			    `/v2/jobs/${UNKNOWN}`)).status, 404);
			assert.equal((await list(server)).jobs[0].job_id, id);
		}
	} finally {
		await release();
	}
	assert.equal((await server.end(id)).status, 'completed');
});

test('a server that was killed brings its jobs to their ends', async () => {
	const on = await Captain.start('--workers', '1');

	try {
		await on.base('kill');
		const large = await on.index('kill', 'text',
		    { content: `${LARGE} kill`, filename: 'large.txt' });
		const small = await on.index('kill', 'file', form(
		    ['a.txt', 'The first tide.'], ['b.txt', 'The second.']));

		await until(on, large, (job) => job.status === 'running');
		assert.equal(await on.halt('SIGKILL'), 'SIGKILL');
		await on.run('--workers', '1');
		assert.deepEqual(counts(await on.end(large)),
		    ['completed', 1, 0, 0]);
		assert.deepEqual(counts(await on.end(small)),
		    ['completed', 2, 0, 0]);
		assert.equal((await on.found({ id: 'kill' }, 'first tide'))
		    .length, 1);
	} finally {
		await on.stop();
	}
});

// ---- rolling back ----------------------------------------------------------

async function rollback(on, id, wanted) {
	const { status, json, text } = await on.call('PATCH',
	    `/v2/jobs/${id}/rollback`);

	assert.equal(status, 200, text);
	assert.equal(json.job_id, id);
	assert.equal(json.status, 'rolled_back');
	assert.deepEqual([json.files_removed, json.files_restored,
		json.files_kept], wanted);
	assert.equal((await get(on, id)).rolled_back_at, json.rolled_back_at);
	// Again, the same.
	assert.deepEqual((await on.call('PATCH', `/v2/jobs/${id}/rollback`))
	    .json, json);
	return json;
}

const words = async (on, base, query) =>
    (await on.found({ id: base }, query)).length;

test('rolling back what was added and what was replaced', async () => {
	const on = await Captain.start();

	try {
		await on.base('undo');
		const put = (content, filename, more) => on.index('undo',
		    'text', { content, filename, ...more });
		const first = await put('An apple tide.', 'a.txt',
		    { custom_metadata: { n: 1 } });

		await on.end(first);
		const second = await put('A banana tide.', 'a.txt',
		    { overwrite_existing: true, custom_metadata: { n: 2 } });

		await on.end(second);
		const third = await put('A cherry tide.', 'c.txt');

		await on.end(third);
		assert.equal(await words(on, 'undo', 'apple'), 0);
		assert.equal(await words(on, 'undo', 'banana'), 1);
		const told = await rollback(on, second,
		    [[], ['text:///a.txt'], []]);

		assert.equal(told.message,
		    'Files removed: 0; brought back as they were: 1');
		assert.equal(await words(on, 'undo', 'apple'), 1);
		assert.equal(await words(on, 'undo', 'banana'), 0);
		// The content is known for what it is.
		const again = await on.end(await put('An apple tide.', 'a.txt'));

		assert.deepEqual(counts(again), ['completed', 0, 0, 1]);
		assert.equal(again.files[0].error_code, 'ALREADY_INDEXED');
		await rollback(on, third, [['text:///c.txt'], [], []]);
		assert.equal(await words(on, 'undo', 'cherry'), 0);
		// After a restart as before it.
		assert.equal(await on.halt(), 0);
		await on.run();
		await rollback(on, first, [['text:///a.txt'], [], []]);
		assert.equal(await words(on, 'undo', 'apple'), 0);
		const { differences } = await on.ok('GET', '/bases/undo/audit');

		assert.deepEqual(differences, []);
		assert.deepEqual((await on.ok('GET', '/bases/undo/documents'))
		    .documents, []);
	} finally {
		await on.stop();
	}
});

test('rolling back leaves alone what was changed since', async () => {
	await server.base('kept');
	const first = await server.index('kept', 'file', form(
	    ['a.txt', 'An apple tide.'], ['b.txt', 'A banana tide.'],
	    ['z.zip', zip([['one.txt', 'A cherry tide.'],
		['two.txt', 'A damson tide.']])]));

	assert.equal((await server.end(first)).result.files_indexed, 5);
	const second = await server.index('kept', 'file',
	    form(['a.txt', 'Another apple tide.']));

	await server.end(second);
	const told = await rollback(server, first, [[
		'upload:///b.txt', 'upload:///z.zip', 'upload:///z.zip#one.txt',
		'upload:///z.zip#two.txt'], [], ['upload:///a.txt']]);

	assert.equal(told.message, 'Files removed: 4; brought back as they ' +
	    'were: 0; left alone, because they were changed since: 1 (a.txt)');
	assert.equal(await words(server, 'kept', 'Another apple'), 1);
	assert.equal(await words(server, 'kept', 'damson'), 0);
	// What the second one replaced is the first one's.
	await rollback(server, second, [[], ['upload:///a.txt'], []]);
	assert.equal(await words(server, 'kept', 'An apple'), 1);
	const { differences } = await server.ok('GET', '/bases/kept/audit');

	assert.deepEqual(differences, []);
});

test('what cannot be rolled back', async () => {
	const call = (id) => server.call('PATCH', `/v2/jobs/${id}/rollback`);

	await server.base('not');
	const id = await server.index('not', 'text',
	    { content: `${LARGE} not`, filename: 'not.txt' });
	const early = await call(id);

	assert.equal(early.status, 409);
	assert.match(early.json.detail, /^the job is still [a-z]+: cancel it/);
	await server.call('DELETE', `/v2/jobs/${id}`);
	await rollback(server, id, [['text:///not.txt'], [], []]);
	const native = await server.texts('not',
	    [{ name: 'n.txt', text: 'A native tide.' }]);

	await server.end(`job_text_${native.id}`);
	const other = await call(native.id);

	assert.equal(other.status, 409);
	assert.deepEqual(other.json,
	    { detail: 'the job did not keep what it replaced' });
	for (const none of [UNKNOWN, NOBODY, 'job_x'])
		assert.equal((await call(none)).status, 404);
});

test('rolling back through the native interface', async () => {
	await server.base('native');
	const id = await server.index('native', 'text',
	    { content: 'An apple tide.', filename: 'a.txt' });

	await server.end(id);
	const undo = () => server.ok('POST', `/jobs/${uuid(id)}/undo`);
	const before = await server.ok('GET', `/jobs/${uuid(id)}`);
	const { job, ...lists } = await undo();

	// As many hours as the settings say when nobody has.
	assert.equal(Date.parse(before.undo_until) -
	    Date.parse(before.finished_at), UNDO_HOURS * 3600000);
	assert.equal(job.undo_until, null);

	assert.deepEqual(lists, { removed: [{ uri: 'text:///a.txt',
		name: 'a.txt' }], restored: [], kept: [] });
	assert.equal(job.undone_at, (await get(server, id)).rolled_back_at);
	assert.deepEqual((await undo()).removed, lists.removed);
	assert.equal((await server.ask('POST', `/jobs/${NOBODY}/undo`)).status,
	    404);
});

test('nothing is kept where the settings say so', async () => {
	const on = await Captain.start('--undo-hours', '0');

	try {
		await on.base('none');
		const id = await on.index('none', 'text',
		    { content: 'An apple tide.', filename: 'a.txt' });

		await on.end(id);
		const { status, json } = await on.call('PATCH',
		    `/v2/jobs/${id}/rollback`);

		assert.equal(status, 409);
		assert.deepEqual(json,
		    { detail: 'the job did not keep what it replaced' });
	} finally {
		await on.stop();
	}
});

// ---- what there is not -----------------------------------------------------

test('no reports of personal data, no scripts', async () => {
	await server.base('pii');
	const id = await server.index('pii', 'text',
	    { content: 'An apple tide.', filename: 'a.txt' });

	for (const method of ['GET', 'DELETE']) {
		const { status, json } = await server.call(method,
		    `/v2/jobs/${id}/pii`);

		assert.equal(status, 404);
		assert.deepEqual(json, { detail: 'The job has no PII report: ' +
		    'this server does not mask personal data' });
		assert.deepEqual((await server.call(method,
		    `/v2/jobs/${UNKNOWN}/pii`)).json,
		    { detail: 'Job not found' });
	}
	const body = new FormData();

	body.append('file', new Blob(['export default {}']), 'parse.js');
	const { status, json } = await server.call('POST',
	    '/v2/parsing-scripts/validate', body);

	assert.equal(status, 501);
	assert.deepEqual(json,
	    { detail: 'This server does not run parsing scripts' });
});
