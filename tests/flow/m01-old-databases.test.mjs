// SPDX-License-Identifier: Apache-2.0
//
// A data folder that an earlier version wrote opens, is migrated, tells what
// it told then, and its unfinished job goes on; and so does one that a backup
// of it was restored into.  tests/data/make_db_fixture makes them.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { openSync, readSync, closeSync, readdirSync, renameSync }
	from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from './lib-backup.mjs';
import { Watch } from './lib-dialects.mjs';
import { sharedNow } from './lib-old.mjs';
import { MortalServer } from './lib-truth.mjs';

const DATA = path.join(path.dirname(fileURLToPath(import.meta.url)),
    '../data');
const OLD = readdirSync(DATA).filter((name) => /^db-\d+$/.test(name)).sort();

// The schema of a store that nobody has open, from its first page.
function schemaOf(data) {
	const file = openSync(path.join(data, 'tidemark.db'));
	const number = Buffer.alloc(4);

	readSync(file, number, 0, 4, 60);
	closeSync(file);
	return number.readUInt32BE();
}

// Put a folder in the place of data that a backup of it was restored into.
// Making a backup migrates nothing: it is made before an upgrade.
function throughBackup(dir, schema) {
	const data = path.join(dir, 'data');
	const tar = path.join(dir, 'b.tar');
	const old = path.join(dir, 'old');

	renameSync(data, old);
	for (const args of [['backup', '--data', old, tar, '--json'],
		['restore', tar, '--data', data, '--json']]) {
		const end = run(args);

		assert.equal(end.status, 0, end.stderr);
		assert.equal(JSON.parse(end.stdout).schema, schema);
	}
	assert.equal(schemaOf(old), schema);
	assert.ok(schemaOf(data) >= schema);
}

// The account's keys as the old store has them.
function keysOf(data) {
	return execFileSync('sqlite3', ['-readonly',
		path.join(data, 'tidemark.db'), 'SELECT lower(hex(uuid)) || ' +
		'(revoked_us > 0) FROM api_key WHERE account_id = 1 ' +
		'ORDER BY id'], { encoding: 'utf8' }).trim().split('\n');
}

async function start(name, schema, isRestored) {
	const server = new MortalServer();

	server.dir = await mkdtemp(path.join(tmpdir(), 'tidemark-m-'));
	server.docs = path.join(server.dir, 'docs');
	server.workers = 2;
	await mkdir(server.docs);
	execFileSync('tar', ['-C', server.dir, '-xzf',
		path.join(DATA, name, 'data.tar.gz')]);
	const keys = keysOf(path.join(server.dir, 'data'));

	if (isRestored)
		throughBackup(server.dir, schema);
	await server.again();
	assert.deepEqual((await server.get('/tidemark/v1/keys')).keys.map(
	    (key) => key.id.replaceAll('-', '') +
		(key.revoked_at === null ? 0 : 1)).sort(), keys.sort());
	return server;
}

async function tellsTheSame(server, expected) {
	const jobs = await server.all('/tidemark/v1/jobs', 'jobs');

	assert.deepEqual(jobs.map((job) => job.id),
	    expected.jobs.map((job) => job.id));
	for (const [i, job] of jobs.entries()) {
		const then = expected.jobs[i];

		for (const name of ['state', 'kind', 'attempt'])
			assert.equal(job[name], then[name], `${job.id} ${name}`);
		assert.deepEqual(job.counts, then.counts);
		assert.ok(job.generation <= expected.generation);
		await new Watch(server, job).round();
		assert.equal((await server.items(job.id)).length,
		    job.counts.total);
	}
	for (const [word, names] of Object.entries(expected.found))
		assert.deepEqual(await server.find('harbour', word,
		    { generation: expected.generation }), names, word);
	const audit = await server.audit('harbour');

	for (const [what, count] of Object.entries(expected.audit))
		assert.equal(audit[what], count, what);
	const documents = await server.all(
	    '/tidemark/v1/bases/harbour/documents', 'documents');

	assert.deepEqual(documents.map(({ name, state }) => ({ name, state })),
	    expected.documents);
}

// Of a base with a graph that is shared, one that only keeps, and memos.
async function remembers(server, { bob, people, kept, ...then }) {
	const api = '/api/v1';

	assert.deepEqual(await sharedNow(server, { people, kept }), then);
	const login = await server.fetch(`${api}/auth/login`, {
		method: 'POST', key: null, headers: { 'Content-Type':
		    'application/x-www-form-urlencoded' },
		body: new URLSearchParams({ username: bob.email,
			password: bob.password }).toString() });
	const { access_token: key } = login.json();
	const sets = await server.get(`${api}/datasets`, { key });

	assert.deepEqual(sets.map((set) => set.id), [people]);
	assert.equal((await server.fetch(`${api}/datasets/${kept}/data`,
	    { key })).status, 403);
	// What was kept then is indexed when that is asked for now.
	const map = await server.post(`${api}/cognify`,
	    { dataset_ids: [kept, people] });

	for (const [id, words] of [[kept, ['PipelineRunCompleted']],
		[people, ['PipelineRunAlreadyCompleted']]])
		assert.deepEqual([...new Set(map[id].data_ingestion_info.map(
		    (one) => one.run_info.status))], words);
	assert.deepEqual(await server.find('kept', 'keptword'),
	    ['text_0.txt']);
	assert.deepEqual((await sharedNow(server, { people, kept })).nodes,
	    then.nodes);
}

test('there are old databases to open', () => {
	assert.ok(OLD.length > 0);
});

for (const [name, how] of OLD.flatMap((one) => [[one, 'opens'],
	[one, 'is restored from a backup']]))
	test(`${name} ${how}, and its work goes on`, async () => {
		const expected = JSON.parse(await readFile(
		    path.join(DATA, name, 'expected.json'), 'utf8'));
		const server = await start(name, Number(name.slice(3)),
		    how !== 'opens');

		try {
			await tellsTheSame(server, expected);
			if (expected.shared)
				await remembers(server, expected.shared);
			await server.order(expected.paused, 'resume');
			const job = await server.until(expected.paused);

			assert.equal(job.state, 'completed');
			assert.equal(job.counts.completed, job.counts.total);
			/* And once more, now that it is of this version. */
			await server.kill();
			await server.again();
			assert.deepEqual(await server.job(job.id), job);
			await server.base('new');
			const added = await server.texts('harbour',
			    [{ name: 'now', text: 'A newwordnow.' }]);

			await server.until(added.id);
			assert.deepEqual(await server.find('harbour',
			    'newwordnow'), ['now']);
			await server.audit('harbour');
		} finally {
			await server.stop();
		}
	});
