// SPDX-License-Identifier: Apache-2.0
//
// What the server says of itself: its figures are those of what it has done,
// and it knows whether it is alive and ready.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { after, before } from 'node:test';
import { Models, fail } from './lib-models.mjs';
import { scrape } from './lib-metrics.mjs';
import { Server, isFinal } from './lib.mjs';

const FILES = 12;
const MANY = 60;
const STAGES = ['extracting', 'cleaning', 'chunking', 'tagging', 'embedding',
	'finalizing'];
const GUIDE = new URL('../../docs/guide/operating.md', import.meta.url);
const models = new Models();
let server;

before(async () => {
	await models.open();
	server = await Server.start('--workers', '2', ...models.embeddingFlags,
	    ...models.chatFlags, ...models.rerankFlags);
});
after(async () => {
	await server.stop();
	await models.close();
});

// Scrape until it is as wanted: some figures follow the answer of a job.
async function until(wanted) {
	const deadline = Date.now() + 60000;

	for (;;) {
		const got = await scrape(server);

		if (wanted(got))
			return got;
		assert.ok(Date.now() < deadline, 'the figures never came');
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

const items = (got, what) => got.value(`tidemark_items_${what}_total`);
const stageCounts = (got) => STAGES.map((stage) =>
    got.value('tidemark_stage_seconds_count', { stage }));

function checkSums(got) {
	assert.equal(got.sum('tidemark_jobs'),
	    got.value('tidemark_jobs_live'));
	assert.equal(got.sum('tidemark_items'),
	    got.value('tidemark_items_live'));
	assert.equal(got.value('tidemark_items', { state: 'queued' }),
	    got.value('tidemark_queue_items'));
}

test('the guide lists what there is', async () => {
	const { families } = await scrape(server);
	const rows = [...readFileSync(GUIDE, 'utf8').matchAll(
	    /^\| `([a-z_]+)` \| (\w+) \| ([^|]*) \| (.*) \|$/gm)];
	const listed = rows.map(([, name, type, labels, help]) =>
	    ({ name, type, labels: labels.trim().replaceAll('`', ''), help }));

	assert.deepEqual(listed.map(({ name, type, help }) =>
	    ({ name, type, help })), [...families.values()].map(
	    ({ name, type, help }) => ({ name, type, help })));
	for (const { name, labels } of listed)
		for (const sample of families.get(name).samples) {
			const { le, ...rest } = sample.labels;

			assert.equal(Object.keys(rest).join(', '), labels,
			    name);
		}
});

test('the figures are those of what was done', async () => {
	let bytes = 0;

	await server.base('figures');
	for (let i = 0; i < FILES; i++) {
		const text = `Lamp ${i} burns at night. `.repeat(20);

		server.put(`lamps/${i}.txt`, text);
		bytes += text.length;
	}
	const job = await server.end(await server.folder('figures'));

	assert.equal(job.state, 'completed');
	const got = await until((one) =>
	    stageCounts(one).every((count) => count >= FILES) &&
	    one.value('tidemark_segments_indexed_total') >=
		job.segments.completed);

	checkSums(got);
	assert.deepEqual(stageCounts(got), STAGES.map(() => FILES));
	assert.equal(items(got, 'completed'), FILES);
	assert.equal(items(got, 'failed'), 0);
	assert.equal(items(got, 'skipped'), 0);
	assert.equal(items(got, 'cancelled'), 0);
	assert.equal(got.value('tidemark_bytes_indexed_total'), bytes);
	assert.equal(got.value('tidemark_segments_indexed_total'),
	    job.segments.completed);
	assert.equal(got.value('tidemark_jobs_ended_total',
	    { state: 'completed' }), 1);
	assert.equal(got.sum('tidemark_jobs_ended_total'), 1);
	assert.equal(got.value('tidemark_jobs_live'), 0);
	assert.equal(got.value('tidemark_items_live'), 0);
	assert.equal(got.value('tidemark_commit_seconds_count'),
	    got.value('tidemark_commits_total'));
	assert.equal(got.value('tidemark_commit_operations_count'),
	    got.value('tidemark_commits_total'));
	assert.equal(got.value('tidemark_commit_operations_sum'),
	    got.value('tidemark_operations_total'));
	assert.ok(got.value('tidemark_extractor_starts_total') >= 1);
	assert.equal(got.sum('tidemark_extractor_restarts_total'), 0);
	// All of the service is the embedder's, and it was asked for each file
	// and once how long its vectors are.
	const asked = models.embeds.length;
	const of = { service: 'embedding' };

	assert.equal(got.value('tidemark_service_requests_total', of), asked);
	assert.equal(got.value('tidemark_service_seconds_count', of), asked);
	assert.equal(got.value('tidemark_embedding_requests_total'), asked);
	assert.equal(got.value('tidemark_service_tokens_total', of),
	    got.value('tidemark_embedding_tokens_total'));
	assert.equal(got.sum('tidemark_service_failures_total'), 0);
	assert.equal(got.sum('tidemark_service_retries_total'), 0);
});

test('what fails and what is unchanged is counted, too', async () => {
	server.put('lamps/broken.pdf', '%PDF-1.4\nno more than that');
	const job = await server.end(await server.folder('figures'));
	const got = await until((one) => items(one, 'failed') === 1);

	assert.equal(job.counts.failed, 1);
	assert.equal(items(got, 'completed'), FILES);
	assert.equal(items(got, 'skipped'), FILES);
	assert.equal(got.sum('tidemark_jobs_ended_total'), 2);
	assert.deepEqual(stageCounts(got).slice(1),
	    STAGES.slice(1).map(() => FILES));
	checkSums(got);
});

test('the sums hold at any moment', async () => {
	await server.base('sums');
	for (let i = 0; i < MANY; i++)
		server.put(`many/${i}.txt`, `Rope ${i} holds. `.repeat(200));
	let job = await server.folder('sums');

	while (!isFinal(job)) {
		checkSums(await scrape(server));
		job = await server.ok('GET', `/jobs/${job.id}`);
	}
	const { value } = await scrape(server);

	assert.equal(value('tidemark_items_live'), 0);
});

test('what waits is seen, and for what', async () => {
	models.onEmbed = (_, reply) => fail(reply, 503);
	await server.base('waits');
	const job = await server.texts('waits', [{ name: 'a.txt',
		text: 'A text that waits for its vectors.' }]);
	const got = await until((one) =>
	    one.value('tidemark_oldest_waiting_seconds',
		{ waiting_for: 'embedding' }) > 0 &&
	    one.value('tidemark_service_retries_total',
		{ service: 'embedding' }) > 0);

	checkSums(got);
	assert.equal(got.value('tidemark_embedding_down'), 1);
	assert.equal(got.value('tidemark_service_down',
	    { service: 'embedding' }), 1);
	assert.ok(got.value('tidemark_service_failures_total',
	    { service: 'embedding' }) >= 2);
	const ready = await server.fetch('/health/ready', { key: null });

	// It is told, and takes work all the same.
	assert.equal(ready.status, 200);
	assert.deepEqual(await ready.json(), { status: 'ready', missing: [],
		services: [{ name: 'embedding', status: 'down' },
			{ name: 'chat', status: 'up' },
			{ name: 'rerank', status: 'up' }] });
	models.onEmbed = new Models().onEmbed;
	assert.equal((await server.end(job)).state, 'completed');
	await until((one) => one.sum('tidemark_oldest_waiting_seconds') === 0 &&
	    one.value('tidemark_embedding_down') === 0);
});

test('a job that is paused waits', async () => {
	models.onEmbed = () => undefined; // no answer for now
	await server.base('paused');
	const job = await server.texts('paused', [{ name: 'a.txt',
		text: 'Something that is put off.' }]);

	await server.ok('POST', `/jobs/${job.id}/pause`);
	const got = await until((one) =>
	    one.value('tidemark_oldest_waiting_seconds',
		{ waiting_for: 'paused' }) > 0);

	assert.equal(got.value('tidemark_jobs', { state: 'paused' }), 1);
	await server.ok('POST', `/jobs/${job.id}/cancel`);
	await server.end(job);
	const end = await until((one) => items(one, 'cancelled') === 1);

	assert.equal(end.value('tidemark_jobs_ended_total',
	    { state: 'cancelled' }), 1);
	models.onEmbed = new Models().onEmbed;
});

test('requests, their bytes and the process', async () => {
	const route = { method: 'GET', route: '/health/live', status: '200' };
	const before = await scrape(server);
	const live = await server.fetch('/health/live', { key: null });

	assert.equal(live.status, 200);
	assert.deepEqual(await live.json(), { status: 'alive',
		writer_stalled_seconds: 0 });
	const got = await until((one) => {
		try {
			return one.value('tidemark_http_requests_total',
			    route) === 1;
		} catch {
			return false;
		}
	});

	assert.ok(got.value('tidemark_http_sent_bytes_total') >
	    before.value('tidemark_http_sent_bytes_total'));
	assert.ok(got.value('tidemark_http_request_duration_seconds_count',
	    { api: 'server', class: 'quick' }) >
	    before.value('tidemark_http_request_duration_seconds_count',
		{ api: 'server', class: 'quick' }));
	const { version } = await server.ok('GET', '/about');

	assert.equal(got.value('tidemark_build_info', { version }), 1);
	assert.ok(got.value('process_resident_memory_bytes') > 1 << 20);
	assert.ok(got.value('process_open_fds') > 3);
	assert.ok(got.value('process_max_fds') >
	    got.value('process_open_fds'));
	const start = got.value('process_start_time_seconds') * 1000;

	assert.ok(start < Date.now() && start > Date.now() - 3600e3);
	assert.ok(got.value('tidemark_store_bytes') > 0);
	assert.ok(got.value('tidemark_disk_free_bytes') > 0);
});
