// SPDX-License-Identifier: Apache-2.0
//
// The account at a glance, and lists that are entered anywhere.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { events, isFinal, ROOT, Server } from './lib.mjs';

const COUNT = 25;
let server, base, job;

before(async () => {
	server = await Server.start();
	base = await server.base('glance');
	for (let i = 0; i < COUNT; i++)
		server.put(`f${String(i).padStart(2, '0')}.txt`,
		    i % 5 === 4 ? '\x00\x01\x02\xff' : `Text number ${i}.`);
	job = await server.end(await server.folder(base.id));
});
after(() => server.stop());

const items = (query) =>
	server.ok('GET', `/jobs/${job.id}/items?${query}`);

test('a page begins at any row, and the list has a length', async () => {
	const all = await items('limit=100');

	assert.equal(all.items.length, COUNT);
	assert.equal(all.total, COUNT);
	for (const offset of [0, 1, 13, 24, 25, 4294967295]) {
		const page = await items(`limit=5&offset=${offset}`);

		assert.deepEqual(page.items, all.items.slice(offset,
		    offset + 5));
		assert.equal(page.total, COUNT);
		assert.equal(page.next_cursor === null, offset + 5 >= COUNT);
	}
	for (const states of [['completed'], ['skipped'], ['failed'],
		['skipped', 'failed', 'completed'], ['queued', 'cancelled']]) {
		const wanted = all.items.filter(({ state }) =>
		    states.includes(state));
		const query = states.map((name) => `state=${name}`).join('&');
		const page = await items(`${query}&limit=4&offset=2`);

		assert.deepEqual(page.items, wanted.slice(2, 6));
		assert.equal(page.total, wanted.length);
	}
	assert.equal((await items('state=embedding')).total, null);
	const named = await items('q=f1&offset=3&limit=2');
	assert.deepEqual(named.items.map(({ name }) => name),
	    ['f13.txt', 'f14.txt']);
	assert.equal(named.total, null);
	// A cursor goes on from wherever a page began.
	const first = await items('limit=5&offset=10');
	const next = await items(`limit=5&cursor=${first.next_cursor}`);
	assert.deepEqual(next.items, all.items.slice(15, 20));
	for (const query of ['offset=-1', 'offset=x', 'offset=4294967296',
		`offset=1&cursor=${first.next_cursor}`])
		assert.equal((await server.ask('GET',
		    `/jobs/${job.id}/items?${query}`)).status, 400);
});

test('the overview says what there is and what has failed', async () => {
	const overview = await server.ok('GET', '/overview');
	const about = await server.ok('GET', `/bases/${base.id}`);
	const sum = (name) => overview.throughput.minutes.reduce((n, minute) =>
	    n + minute[name], 0);

	assert.equal(overview.bases, 1);
	assert.equal(overview.documents, job.counts.completed);
	assert.equal(overview.documents, about.documents);
	assert.equal(overview.segments, about.segments);
	assert.equal(overview.jobs_live, 0);
	assert.equal(sum('items'), job.counts.completed);
	assert.equal(sum('failed'), job.counts.failed);
	assert.equal(sum('segments'), about.segments);
	assert.ok(sum('bytes') > 0);
	assert.equal(overview.throughput.minutes.length, 60);
	assert.ok(overview.throughput.items_per_second >= 0);
	assert.ok(overview.storage.free_bytes > 0);
	assert.ok(overview.storage.store_bytes > 0);
	assert.deepEqual(overview.services, []);
	assert.equal(overview.failures.documents, job.counts.failed);
	// Another account sees nothing of it.
	const { key } = await server.ok('POST', '/keys',
	    { body: { label: 'staging', environment: 'staging' } });
	const other = await server.ok('GET', '/overview', { key });
	assert.equal(other.bases, 0);
	assert.equal(other.documents, 0);
	assert.equal(other.storage, null);
	assert.equal(other.failures.documents, 0);
	assert.equal(other.throughput.minutes.reduce((n, { items: count }) =>
	    n + count, 0), 0);
});

const retried = async (of, ids) => server.end((await server.ok('POST',
    `/jobs/${of.id}/retry`, { body: { items: ids } })).job);

test('chosen items are tried again', async () => {
	const skipped = (await items('state=skipped')).items;
	const [done] = (await items('state=completed')).items;
	const some = skipped.slice(1, 3).map(({ id }) => id);
	const other = await server.end(await server.texts(base.id,
	    [{ name: 'other', text: 'of another job' }]));
	const [foreign] = (await server.ok('GET',
	    `/jobs/${other.id}/items`)).items;
	const again = await retried(job, [...some].reverse());
	const { items: tried } = await server.ok('GET',
	    `/jobs/${again.id}/items`);

	assert.deepEqual(tried.map(({ uri }) => uri),
	    skipped.slice(1, 3).map(({ uri }) => uri));
	for (const ids of [[], [done.id], [some[0], foreign.id], ['x'], [1],
		[server.docs], Array(1001).fill(some[0]),
		['00000000-0000-8000-8000-000000000000']]) {
		const reply = await server.ask('POST', `/jobs/${job.id}/retry`,
		    { body: { items: ids } });

		assert.equal(reply.status, 400, reply.text);
		assert.equal(reply.json.error.code, 'INVALID_ARGUMENT');
	}
});

test('a failure is one until its document is indexed', async () => {
	const broken = await server.base('broken');
	server.put('sub/a.pdf', '%PDF-1.4\nnot a document at all');
	const failed = await server.end(await server.folder(broken.id,
	    { path: `${server.docs}/sub` }));

	assert.equal(failed.counts.failed, 1);
	const { failures } = await server.ok('GET', '/overview');
	const [newest] = failures.newest;
	const [item] = (await server.ok('GET',
	    `/jobs/${failed.id}/items?state=failed`)).items;
	assert.equal(failures.documents, job.counts.failed + 1);
	assert.deepEqual(newest, { job_id: failed.id, item_id: item.id,
		document_id: item.document_id, base_id: broken.id,
		base: 'broken', name: item.name, code: item.error.code,
		message: item.error.message, advice: item.error.advice,
		stage: item.error.stage, at: item.times.finished_at });
	const again = await retried(failed, [item.id, item.id]);
	assert.equal(again.counts.total, 1);
	assert.equal(again.counts.failed, 1);
	assert.equal(again.attempt, 2);
	const [only] = (await server.ok('GET', '/overview')).failures.newest;
	assert.equal(only.job_id, again.id);
	await server.ok('DELETE', `/documents/${item.document_id}`);
	const after = (await server.ok('GET', '/overview')).failures;
	assert.equal(after.documents, job.counts.failed);
});

test('a stream says where it stands before there is news', async () => {
	const stream = await server.fetch(`${ROOT}/events?only=jobs`);
	const reader = stream.body.getReader();
	const text = new TextDecoder().decode((await reader.read()).value);
	const [, id] = /^retry: 2000\nid: (\d+)\n\n/.exec(text);

	await reader.cancel();
	const late = await server.end(await server.texts(base.id,
	    [{ name: 'late', text: 'came while nobody looked' }]));
	const again = await server.fetch(`${ROOT}/events?only=jobs`,
	    { headers: { 'Last-Event-ID': id } });
	for await (const event of events(again)) {
		assert.equal(event.event, 'job');
		assert.ok(event.id > Number(id));
		if (event.data.id === late.id && isFinal(event.data))
			break;
	}
});

test('who knows of more than there is begins anew', async () => {
	const stream = await server.fetch(`${ROOT}/events?only=jobs`,
	    { headers: { 'Last-Event-ID': '999999999' } });

	const reader = stream.body.getReader();
	const text = new TextDecoder().decode((await reader.read()).value);

	await reader.cancel();
	const [, id] =
	    /^retry: 2000\nid: (\d+)\nevent: reset\ndata: \{\}\n\n/.exec(text);
	assert.ok(Number(id) < 999999999);
	assert.equal((await server.ask('GET', '/events?only=items')).status,
	    400);
});
