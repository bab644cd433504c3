// SPDX-License-Identifier: Apache-2.0
//
// Following a job: ETag, long poll, events, report, orders; over a restart.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkJob, events, isFinal, ROOT, Server } from './lib.mjs';

let server;

before(async () => {
	server = await Server.start();
});
after(() => server.stop());

function words(i) {
	return `Document ${i} tells of tide ${i * 7} at pier ${i % 13}.\n\n`;
}

function many(count, prefix = 'many') {
	for (let i = 0; i < count; i++)
		server.put(`${prefix}/${i}.txt`, words(i).repeat(40));
}

test('an ETag spares the body', async () => {
	await server.base('etag');
	const job = await server.end(await server.texts('etag',
	    [{ name: 'a', text: 'ebb' }]));
	const tag = `"${job.revision}"`;
	const full = await server.ask('GET', `/jobs/${job.id}`);
	assert.equal(full.headers.get('etag'), tag);
	for (const value of [tag, `W/${tag}, "1"`, '*']) {
		const spared = await server.ask('GET', `/jobs/${job.id}`,
		    { headers: { 'If-None-Match': value } });
		assert.equal(spared.status, 304);
		assert.equal(spared.text, '');
	}
	const other = await server.ask('GET', `/jobs/${job.id}`,
	    { headers: { 'If-None-Match': '"1"' } });
	assert.equal(other.status, 200);
	// Kept answers are the same, and go with the base.
	for (let i = 0; i < 4; i++)
		assert.deepEqual((await server.ask('GET',
		    `/jobs/${job.id}`)).json, job);
	await server.ok('PATCH', '/bases/etag', { body: { name: 'other' } });
	for (let i = 0; i < 4; i++)
		assert.equal((await server.ask('GET',
		    `/jobs/${job.id}`)).json.base, 'other');
	await server.ask('DELETE', '/bases/other');
	for (let i = 0; i < 4; i++)
		assert.equal((await server.ask('GET',
		    `/jobs/${job.id}`)).status, 404);
});

test('long polls see every answer rise', async () => {
	await server.base('poll');
	many(60);
	const pollers = await server.folder('poll').then((job) =>
	    Promise.all(Array.from({ length: 5 }, () => server.end(job))));
	for (const job of pollers)
		assert.deepEqual(job, pollers[0]);
	const { id, revision } = pollers[0];
	// Nothing more will come: answered at once.
	assert.equal((await server.ok('GET',
	    `/jobs/${id}?after=${revision}&wait=60`)).revision, revision);
	for (const query of ['after=x', 'after=1&wait=61', 'wait=-1'])
		assert.equal((await server.ask('GET',
		    `/jobs/${id}?${query}`)).status, 400);
});

test('a stream of one job tells all of it and ends', async () => {
	await server.base('stream');
	many(40, 'stream');
	const job = await server.folder('stream',
	    { path: `${server.docs}/stream` });
	const reply = await server.fetch(`${ROOT}/jobs/${job.id}/events`);
	const items = new Map();
	let last = 0;
	let seen;

	for await (const { id, event, data } of events(reply)) {
		assert.ok(id >= last, 'an id went back');
		last = id;
		if (event === 'item') {
			items.set(data.id, data);
			continue;
		}
		checkJob(data, seen);
		seen = data;
	}
	assert.ok(isFinal(seen));
	const asked = await server.ok('GET', `/jobs/${job.id}`);
	assert.deepEqual(seen, asked);
	const list = await server.ok('GET', `/jobs/${job.id}/items?limit=100`);
	assert.deepEqual([...items.values()].sort((a, b) => a.seq - b.seq),
	    list.items);

	// From the middle: only what came after it.
	const middle = [...items.keys()].length >> 1;
	const rest = [];
	const again = await server.fetch(`${ROOT}/jobs/${job.id}/events`,
	    { headers: { 'Last-Event-ID': String(last - middle) } });
	for await (const event of events(again))
		rest.push(event);
	assert.ok(rest.every((event) => event.id > last - middle));
	assert.equal(rest.at(-1).id, last);
	const bad = await server.ask('GET', `/jobs/${job.id}/events`,
	    { headers: { 'Last-Event-ID': 'x' } });
	assert.equal(bad.status, 400);
});

test('the stream of everything goes on over a restart', async () => {
	await server.base('all');
	let stop = new AbortController();
	let stream = events(await server.fetch(`${ROOT}/events`,
	    { signal: stop.signal }));
	const first = await server.end(await server.texts('all',
	    [{ name: 'a', text: 'first flood' }]));
	let last;

	for (;;) {
		const { value } = await stream.next();

		last = value.id;
		if (value.event === 'job' && value.data.id === first.id &&
		    isFinal(value.data))
			break;
	}
	stop.abort();
	const second = await server.end(await server.texts('all',
	    [{ name: 'b', text: 'second flood' }]));
	assert.equal(await server.halt(), 0);
	await server.run();
	stop = new AbortController();
	stream = events(await server.fetch(
	    `${ROOT}/events?last_event_id=${last}`, { signal: stop.signal }));
	const names = new Set();
	for (;;) {
		const { value } = await stream.next();

		assert.ok(value.id > last, 'an id went back');
		last = value.id;
		names.add(value.data.name ?? value.data.id);
		if (value.event === 'job' && value.data.id === second.id &&
		    isFinal(value.data)) {
			assert.deepEqual(value.data, second);
			break;
		}
	}
	assert.ok(names.has('b') && !names.has('a'));
	stop.abort();
});

test('the report has every item, and no formula', async () => {
	await server.base('report');
	for (const name of ['=1+1.txt', 'say "hi", you.txt', '-x.txt'])
		server.put(`report/${name}`, `${name} is here`);
	for (let i = 0; i < 700; i++)
		server.put(`report/sub/${i}.txt`, words(i));
	const job = await server.end(await server.folder('report',
	    { path: `${server.docs}/report` }));
	const reply = await server.ask('GET', `/jobs/${job.id}/report.csv`);
	assert.match(reply.headers.get('content-type'), /^text\/csv/);
	const lines = reply.text.split('\r\n');
	assert.equal(lines.pop(), '');
	assert.equal(lines.length, 1 + job.counts.total);
	assert.ok(reply.text.includes(`,"'=1+1.txt",`));
	assert.ok(reply.text.includes(`,"'-x.txt",`));
	assert.ok(reply.text.includes(`,"say ""hi"", you.txt",`));
});

test('orders are exact and may be repeated', async () => {
	await server.base('orders');
	many(2000, 'orders');
	const job = await server.folder('orders',
	    { path: `${server.docs}/orders` });
	const order = async (what) => (await server.ok('POST',
	    `/jobs/${job.id}/${what}`)).job;

	checkJob(await order('pause'), job);
	const paused = await order('pause');
	assert.equal(paused.state, 'paused');
	assert.equal((await server.ask('POST',
	    `/jobs/${job.id}/retry`)).status, 409);
	let running = await order('resume');

	// Something must have been found that can be tried again.
	while (running.counts.total === 0)
		running = await server.ok('GET', `/jobs/${job.id}` +
		    `?after=${running.revision}&wait=30`);
	const cancelled = await order('cancel');
	const again = await order('cancel');
	assert.equal(cancelled.state, 'cancelled');
	assert.deepEqual(again, cancelled);
	assert.ok(cancelled.cancelled_by.length > 0);
	checkJob(await server.ok('GET', `/jobs/${job.id}`), cancelled);
	const repeated = await server.ask('POST', `/jobs/${job.id}/retry`,
	    { body: { items: 'all' } });
	assert.equal(repeated.status, 202, repeated.text);
	assert.equal(repeated.json.job.attempt, 2);
	await server.end(repeated.json.job);
	assert.equal((await server.ask('POST', `/jobs/${job.id}/retry`,
	    { body: { items: 'some' } })).status, 400);
	const unknown = '/jobs/0b1f4a52-7f0e-4c67-9c0e-3f1d8a5e6b21';
	for (const what of ['cancel', 'pause', 'resume', 'retry'])
		assert.equal((await server.ask('POST',
		    `${unknown}/${what}`)).status, 404);
});

test('stopping answers who waits', async () => {
	await server.base('stopping');
	many(300, 'stopping');
	const job = await server.folder('stopping',
	    { path: `${server.docs}/stopping` });
	const { job: paused } = await server.ok('POST',
	    `/jobs/${job.id}/pause`);
	const { revision } = await server.ok('GET',
	    `/jobs/${job.id}?after=${paused.revision}&wait=1`);
	const waiting = server.ok('GET',
	    `/jobs/${job.id}?after=${revision + 1000}&wait=60`);
	const stream = events(await server.fetch(
	    `${ROOT}/jobs/${job.id}/events`));
	await stream.next();
	const begun = Date.now();
	const ended = server.halt();
	assert.equal((await waiting).id, job.id);
	while (!(await stream.next()).done)
		;
	assert.equal(await ended, 0);
	assert.ok(Date.now() - begun < 30000);
	await server.run();
	await server.ok('POST', `/jobs/${job.id}/resume`);
	const done = await server.end(await server.ok('GET',
	    `/jobs/${job.id}`));
	assert.equal(done.counts.total, 300);
});
