// SPDX-License-Identifier: Apache-2.0
//
// See make_db_fixture.  What is kept: a base with documents of all three
// kinds, one of them in its second revision and one deleted; jobs in each
// final state, one tried again; a paused job with items still queued; keys,
// one of them revoked; an empty base; a base with a graph that another user
// may read, one whose contents are only kept, what was said in a session, and
// what was asked.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharedNow } from '../flow/lib-old.mjs';
import { MortalServer } from '../flow/lib-truth.mjs';

const BYTES_MAX = 200 * 1024;
const DOCS = '/tmp/tidemark-fixture'; /* its path is part of the fixture */
const BOB = { email: 'bob@example.com', password: 'a tide that was long' };
const schema = process.argv[2];
const target = path.join(
    path.dirname(fileURLToPath(import.meta.url)), `db-${schema}`);

class FixtureServer extends MortalServer {
	async end(job) {
		return this.until(job.id);
	}

	async upload(base, files) {
		const boundary = 'fixture';
		let body = '';

		for (const [name, text] of Object.entries(files))
			body += `--${boundary}\r\nContent-Disposition: form-data; ` +
			    `name="file"; filename="${name}"\r\n\r\n${text}\r\n`;
		const reply = await this.fetch(
		    `/tidemark/v1/bases/${base}/documents`, {
			    method: 'POST', body: `${body}--${boundary}--\r\n`,
			    headers: { 'Content-Type':
				`multipart/form-data; boundary=${boundary}` } });

		assert.equal(reply.status, 202, reply.text());
		return reply.json().job;
	}
}

function texts(prefix, count) {
	return Array.from({ length: count }, (_, i) => ({
		name: `${prefix}-${i}.txt`,
		text: `Note ${i} of the ${prefix}: the ${prefix}mark${i} stands ` +
		    'at the third pile, seen at low water.',
		metadata: { number: i },
	}));
}

async function folderJobs(server) {
	await rm(DOCS, { recursive: true, force: true });
	await mkdir(DOCS);
	await writeFile(path.join(DOCS, 'chart.md'),
	    '# Chart\n\n## Depths\n\nThe channel is shallowfirst.\n');
	await writeFile(path.join(DOCS, 'gone.txt'), 'A buoy, vanishedword.\n');
	await server.end(await server.folder('harbour'));
	await server.end(await server.folder('harbour')); /* no changes */
	await writeFile(path.join(DOCS, 'chart.md'),
	    '# Chart\n\n## Depths\n\nThe channel is deepsecond now.\n');
	await rm(path.join(DOCS, 'gone.txt'));
	await server.end(await server.folder('harbour'));
	await rm(DOCS, { recursive: true, force: true });
}

async function pausedJob(server) {
	for (let i = 0; i < 20; i++) {
		const job = await server.texts('harbour',
		    texts(`pause${i}x`, 12));
		const paused = await server.order(job.id, 'pause');

		if (paused.counts.queued >= 3)
			return paused;
	}
	throw new Error('no job could be paused with items left');
}

async function cancelledJob(server) {
	for (let i = 0; i < 20; i++) {
		const job = await server.texts('harbour',
		    texts(`cancel${i}x`, 12));
		const cancelled = await server.order(job.id, 'cancel');

		if (cancelled.state === 'cancelled')
			return;
	}
	throw new Error('no job could be cancelled');
}

// What another user sees of it, and what the server remembers of questions.
async function shared(server) {
	const api = '/api/v1';
	const add = (datasetName, ...textData) => server.post('/api/add_text',
	    { datasetName, textData });
	const { id: bob } = await server.post(`${api}/auth/register`, BOB);
	const { dataset_id: people } = await add('people',
	    'Ada Lovelace worked with Charles Babbage in London.',
	    'Grace Hopper worked at Harvard University in 1944.');

	await server.post(`${api}/cognify`, { datasets: ['people'] });
	const { dataset_id: kept } = await add('kept',
	    'A buoy that is only keptword.', 'A beacon, heldword.');

	await server.post(`${api}/permissions/datasets/${bob}` +
	    '?permission_name=read', [people]);
	await server.post(`${api}/remember/entry`, { session_id: 'watch',
		dataset_name: 'people', entry: { type: 'qa',
			question: 'Who keeps watch?', answer: 'Grace does.' } });
	await server.post(`${api}/search`, { dataset_ids: [people],
		query: 'Where did Grace Hopper work?' });
	return { bob: BOB, people, kept, ...await sharedNow(server,
	    { people, kept }) };
}

async function fill(server) {
	await server.post('/tidemark/v1/bases', { name: 'harbour',
		description: 'What the harbour master knows',
		settings: { language: 'en' } });
	await server.base('empty');
	await server.end(await server.texts('harbour', texts('tide', 6)));
	const uploaded = await server.end(await server.upload('harbour', {
		'ebb.md': '# Ebb\n\nThe water leaves, outgoingword.\n',
		'table.csv': 'day,height\nmonday,tallword\n',
		'twin.md': '# Ebb\n\nThe water leaves, outgoingword.\n',
		'nothing.txt': '',
		'broken.json': '{"a": ',
	}));

	assert.equal(uploaded.state, 'completed_with_failures');
	await server.end(await server.order(uploaded.id, 'retry',
	    { items: 'failed' }));
	server.docs = DOCS;
	await folderJobs(server);
	const { documents } = await server.get(
	    '/tidemark/v1/bases/harbour/documents?name=tide-5');

	assert.equal((await server.fetch(
	    `/tidemark/v1/documents/${documents[0].id}`,
	    { method: 'DELETE' })).status, 204);
	await cancelledJob(server);
	const { id } = await server.post('/tidemark/v1/keys',
	    { label: 'lost laptop' });

	assert.equal((await server.fetch(`/tidemark/v1/keys/${id}`,
	    { method: 'DELETE' })).status, 204);
	return pausedJob(server);
}

async function describe(server, paused, before) {
	const words = ['tidemark0', 'tidemark4', 'tidemark5', 'outgoingword',
		'tallword', 'shallowfirst', 'deepsecond', 'vanishedword'];
	const found = {};

	for (const word of words)
		found[word] = await server.find('harbour', word);
	assert.deepEqual(found.tidemark5, []);
	assert.deepEqual(found.deepsecond, ['chart.md']);
	return {
		schema: Number(schema), paused: paused.id, found,
		generation: paused.generation,
		jobs: (await server.all('/tidemark/v1/jobs', 'jobs')).map(
		    (job) => ({ id: job.id, state: job.state, kind: job.kind,
			    attempt: job.attempt, counts: job.counts })),
		documents: (await server.all(
		    '/tidemark/v1/bases/harbour/documents', 'documents'))
		    .map(({ name, state }) => ({ name, state })),
		audit: await server.audit('harbour'),
		shared: before,
	};
}

const server = new FixtureServer();

server.dir = '/tmp/tidemark-fixture-server';
server.docs = DOCS;
server.workers = 1;
await rm(server.dir, { recursive: true, force: true });
await mkdir(server.dir);
await mkdir(DOCS, { recursive: true });
await server.again();
const before = await shared(server);
const paused = await fill(server);
/* What is under way ends its step first. */
await server.news(paused.id, paused.revision, 1);
const expected = await describe(server, await server.job(paused.id),
    before);

server.child.kill('SIGTERM');
assert.equal(await server.ended, 0);
await rm(target, { recursive: true, force: true });
await mkdir(target);
await writeFile(path.join(target, 'expected.json'),
    `${JSON.stringify(expected, null, '\t')}\n`);
execFileSync('tar', ['-C', server.dir, '--sort=name', '--owner=0',
	'--group=0', '--numeric-owner', '--exclude=lock', '--exclude=tmp',
	'--exclude=local-token', '-I', 'gzip -9n', '-cf',
	path.join(target, 'data.tar.gz'), 'data']);
const { size } = await stat(path.join(target, 'data.tar.gz'));

assert.ok(size < BYTES_MAX, `${size} bytes are too many to keep`);
await rm(server.dir, { recursive: true, force: true });
console.log(`${target}: ${size} bytes, ${expected.jobs.length} jobs`);
