// SPDX-License-Identifier: Apache-2.0
//
// Bases, documents, jobs, items: the native API's plain questions.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkJob, KEY, Server } from './lib.mjs';

let server;

before(async () => {
	server = await Server.start();
});
after(() => server.stop());

async function refused(method, where, status, code, options) {
	const reply = await server.ask(method, where, options);

	assert.equal(reply.status, status, reply.text);
	assert.equal(reply.json.error.code, code);
	assert.ok(reply.json.error.message.length > 0);
	assert.match(reply.json.request_id, /^[0-9a-f-]{36}$/);
	return reply;
}

test('who has no key gets nothing', async () => {
	for (const key of [null, 'wrong'])
		await refused('GET', '/bases', 401, 'UNAUTHORIZED', { key });
	await refused('GET', '/nothing', 404, 'NOT_FOUND');
	const wrong = await refused('PUT', '/bases', 405,
	    'METHOD_NOT_ALLOWED', { body: {} });
	assert.equal(wrong.headers.get('allow'), 'GET, HEAD, POST');
	const reply = await server.ask('GET', '/bases',
	    { key: null, headers: { 'X-Api-Key': KEY } });
	assert.equal(reply.status, 200);
});

test('about, health, metrics, root', async () => {
	const about = await server.ok('GET', '/about');

	assert.equal(about.name, 'tidemark');
	assert.equal(about.local_token_path, `${server.data}/local-token`);
	const health = await server.fetch('/health', { key: null });
	assert.equal(health.status, 200);
	assert.equal((await health.json()).status, 'ready');
	const metrics = await (await server.fetch('/metrics',
	    { key: null })).text();
	assert.match(metrics, /^tidemark_commits_total \d+$/m);
	assert.match(metrics, /^tidemark_vector_bytes \d+$/m);
	assert.match(metrics, /^tidemark_vectors_in_cells 0$/m);
	assert.match(metrics, /route="\/health",status="200"\} 1/);
	const root = await server.fetch('/', { key: null });
	assert.deepEqual(await root.json(),
	    { message: 'Hello, World, I am alive!' });
});

test('a base is made, changed, found by name and id, deleted', async () => {
	const name = 'Häfen & "Tiden" 100%';
	const base = await server.ok('POST', '/bases',
	    { body: { name, description: 'x', settings: { a: [1] } } });

	assert.deepEqual(Object.keys(base), ['id', 'name', 'description',
		'settings', 'embedding_model', 'embedding_dimensions',
		'embedder', 'changing_to', 'documents', 'segments',
		'created_at', 'updated_at']);
	assert.deepEqual(base.settings, { a: [1] });
	await refused('POST', '/bases', 409, 'NAME_TAKEN', { body: { name } });
	assert.deepEqual(await server.ok('GET',
	    `/bases/${encodeURIComponent(name)}`), base);
	assert.deepEqual(await server.ok('GET',
	    `/bases/${base.id.toUpperCase()}`), base);
	const renamed = await server.ok('PATCH', `/bases/${base.id}`,
	    { body: { name: 'harbours' } });
	assert.equal(renamed.name, 'harbours');
	assert.equal(renamed.description, 'x');
	assert.equal((await server.ask('DELETE', '/bases/harbours')).status,
	    204);
	await refused('GET', '/bases/harbours', 404, 'NOT_FOUND');
	await refused('GET', `/bases/${base.id}`, 404, 'NOT_FOUND');
});

test('bad bodies are named', async () => {
	await refused('POST', '/bases', 400, 'MALFORMED_JSON',
	    { body: '{"name":' });
	await refused('POST', '/bases', 400, 'MALFORMED_JSON',
	    { body: '{"name":"a","name":"b"}' });
	await refused('POST', '/bases', 400, 'INVALID_ARGUMENT',
	    { body: [] });
	await refused('POST', '/bases', 400, 'INVALID_ARGUMENT',
	    { body: { name: 7 } });
	await refused('POST', '/bases', 400, 'INVALID_ARGUMENT',
	    { body: { name: '' } });
	await refused('POST', '/bases', 400, 'INVALID_ARGUMENT',
	    { body: { name: 'a\nb' } });
	await refused('POST', '/bases', 413, 'TOO_LARGE',
	    { body: JSON.stringify({ name: 'x'.repeat(17 << 20) }) })
	    .catch((error) => {
		// Answered before the body was read: it may be gone.
		assert.match(String(error.cause ?? error),
		    /EPIPE|ECONNRESET|other side closed|fetch failed/);
	    });
});

test('a folder becomes a job, its items, documents, segments', async () => {
	await server.base('folder');
	server.put('a.md', '# Tide\n\nSpring tides follow a full moon.\n');
	server.put('sub/b.txt', 'Neap tides follow a half moon.\n');
	server.put('empty.txt', '');
	server.put('broken.json', '{"tide": ');
	const started = await server.folder('folder');
	checkJob(started);
	const job = await server.end(started);
	assert.equal(job.state, 'completed_with_failures');
	assert.deepEqual(job.counts, { total: 4, queued: 0, processing: 0,
		completed: 2, failed: 1, skipped: 1, cancelled: 0 });

	const { items, next_cursor } = await server.ok('GET',
	    `/jobs/${job.id}/items`);
	assert.equal(next_cursor, null);
	assert.deepEqual(items.map((item) => item.seq), [1, 2, 3, 4]);
	const failed = await server.ok('GET',
	    `/jobs/${job.id}/items?state=failed&state=skipped`);
	assert.deepEqual(failed.items.map((item) => item.error.code).sort(),
	    ['EMPTY_CONTENT', 'EXTRACTION_FAILED']);
	const named = await server.ok('GET', `/jobs/${job.id}/items?q=B.T`);
	assert.deepEqual(named.items.map((item) => item.name), ['sub/b.txt']);
	await refused('GET', `/jobs/${job.id}/items?state=odd`, 400,
	    'INVALID_ARGUMENT');

	const { documents } = await server.ok('GET',
	    '/bases/folder/documents?name=a.md');
	assert.equal(documents.length, 1);
	const document = await server.ok('GET',
	    `/documents/${documents[0].id}`);
	assert.equal(document.title, 'Tide');
	assert.equal(document.job_id, job.id);
	assert.equal(document.item.state, 'completed');
	const { segments } = await server.ok('GET',
	    `/documents/${document.id}/segments`);
	assert.equal(segments.length, document.segments);
	assert.deepEqual(segments[0].section, ['Tide']);
	const raw = await server.ask('GET', `/documents/${document.id}/raw`);
	assert.equal(raw.status, 200);
	assert.match(raw.text, /Spring tides/);
	assert.equal(raw.headers.get('x-content-type-options'), 'nosniff');
	server.put('a.md', 'changed since, and longer than it was before');
	await refused('GET', `/documents/${document.id}/raw`, 409,
	    'CONFLICT');
	assert.equal((await server.ask('DELETE',
	    `/documents/${document.id}`)).status, 204);
	await refused('GET', `/documents/${document.id}`, 404, 'NOT_FOUND');
	const audit = await server.ok('GET', '/bases/folder/audit');
	assert.deepEqual(audit.differences, []);
	assert.equal(audit.ok, true);
});

test('only folders that are allowed, or for who shares the machine',
    async () => {
	const source = { source: { kind: 'folder', path: '/etc/hostname' } };
	const token = (await import('node:fs')).readFileSync(
	    `${server.data}/local-token`, 'utf8').trim();

	await server.base('roots');
	await refused('POST', '/bases/roots/jobs', 403, 'FORBIDDEN_PATH',
	    { body: source });
	await refused('POST', '/bases/roots/jobs', 403, 'FORBIDDEN_PATH',
	    { body: source, headers: { 'X-Tidemark-Local': `${token}x` } });
	await refused('POST', '/bases/roots/jobs', 400, 'INVALID_ARGUMENT',
	    { body: { source: { kind: 'folder', path: 'relative' } } });
	await refused('POST', '/bases/roots/jobs', 400, 'INVALID_ARGUMENT',
	    { body: { source: { kind: 'web' } } });
	const reply = await server.ask('POST', '/bases/roots/jobs',
	    { body: source, headers: { 'X-Tidemark-Local': token } });
	assert.equal(reply.status, 202);
	await server.end(reply.json.job);
});

test('files and texts that are sent are found and given back', async () => {
	const form = new FormData();
	const text = 'The harbour light blinks twice a minute.\n';

	await server.base('sent');
	form.append('file', new Blob([text]), 'light "1".md');
	form.append('file', new Blob([]), 'empty.txt');
	form.append('file', new Blob(['Fog horns sound.\n'.repeat(20000)]),
	    'fog.txt');
	const { job } = await server.ok('POST', '/bases/sent/documents',
	    { body: form });
	const done = await server.end(job);
	assert.equal(done.kind, 'upload');
	assert.equal(done.counts.completed, 2);
	assert.equal(done.counts.skipped, 1);
	const noted = await server.end(await server.texts('sent', [
		{ name: 'n.txt', text: 'Dredgers work at ebb.',
			metadata: { author: 'me' } }]));
	assert.equal(noted.state, 'completed');

	const found = await server.ok('POST', '/bases/sent/query',
	    { body: { query: 'dredgers', limit: 3 } });
	assert.equal(found.results[0].name, 'n.txt');
	assert.deepEqual(found.results[0].metadata, { author: 'me' });
	assert.ok(found.generation >= noted.generation);
	const { documents } = await server.ok('GET',
	    '/bases/sent/documents?name=light');
	const raw = await server.ask('GET',
	    `/documents/${documents[0].id}/raw`);
	assert.equal(raw.text, text);
	await refused('POST', '/bases/sent/documents', 400,
	    'INVALID_ARGUMENT', { body: { documents: [] } });
	await refused('POST', '/bases/sent/documents', 400,
	    'INVALID_ARGUMENT', { body: new FormData() });
	for (const body of [{}, { query: '' }, { query: 'a', limit: 0 },
		{ query: 'a', limit: 1001 }, { query: 'a', limit: 1.5 },
		{ query: 'a', semantic_ratio: 2 }])
		await refused('POST', '/bases/sent/query', 400,
		    'INVALID_ARGUMENT', { body });
});

test('cursors go through a list that changes', async () => {
	const names = Array.from({ length: 7 }, (_, i) => `list-${i}`);
	const seen = [];
	let cursor = '';

	for (const name of names.slice(0, 5))
		await server.base(name);
	for (let page = 0; cursor !== null; page++) {
		const list = await server.ok('GET', '/bases?limit=2' +
		    (cursor && `&cursor=${cursor}`));

		assert.ok(list.bases.length <= 2);
		seen.push(...list.bases.map((base) => base.name));
		cursor = list.next_cursor;
		if (page === 1) {
			await server.base(names[5]);
			await server.base(names[6]);
		}
	}
	assert.deepEqual(seen.filter((name) => name.startsWith('list-')),
	    names);
	assert.equal(new Set(seen).size, seen.length);
	const { next_cursor } = await server.ok('GET', '/bases?limit=1');
	await refused('GET', `/jobs?cursor=${next_cursor}`, 400,
	    'INVALID_CURSOR');
	await refused('GET', '/bases?cursor=x', 400, 'INVALID_CURSOR');
	for (const limit of ['0', '1001', 'x', '-1', ''])
		await refused('GET', `/bases?limit=${limit}`, 400,
		    'INVALID_ARGUMENT');
});

test('jobs are listed newest first, by base and state', async () => {
	await server.base('listed');
	const one = await server.end(await server.texts('listed',
	    [{ name: 'a', text: 'one' }]));
	const two = await server.end(await server.texts('listed',
	    [{ name: 'b', text: 'two' }]));
	const { jobs } = await server.ok('GET', '/jobs?base=listed');
	assert.deepEqual(jobs, [two, one]);
	const none = await server.ok('GET', '/jobs?base=listed&state=failed');
	assert.deepEqual(none.jobs, []);
	await refused('GET', '/jobs?base=nowhere', 404, 'NOT_FOUND');
	await refused('GET', '/jobs?state=odd', 400, 'INVALID_ARGUMENT');
});

test('a key is made, used, listed without its text, revoked', async () => {
	const made = await server.ok('POST', '/keys',
	    { body: { label: 'robot' } });
	const { key, id } = made;

	assert.equal((await server.ask('GET', '/bases', { key })).status, 200);
	const list = await server.ask('GET', '/keys');
	assert.ok(!list.text.includes(key));
	const row = list.json.keys.find((one) => one.id === id);
	assert.equal(row.label, 'robot');
	assert.ok(key.startsWith(row.prefix));
	assert.equal((await server.ask('DELETE', `/keys/${id}`)).status, 204);
	await refused('GET', '/bases', 401, 'UNAUTHORIZED', { key });
	await refused('DELETE', `/keys/${id}`, 404, 'NOT_FOUND');
});
