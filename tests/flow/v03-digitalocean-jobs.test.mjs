// SPDX-License-Identifier: Apache-2.0
//
// DigitalOcean: indexing jobs, their reports and schedules.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import {
	DigitalOcean, GONE, NOBODY, checkJob, csv, statuses, words,
} from './lib-digitalocean.mjs';

const BASES = '/knowledge_bases';
const JOBS = '/indexing_jobs';
let server;

before(async () => {
	server = await DigitalOcean.start();
});
after(() => server.stop());

test('a job from its start to its end, and the next ones', async () => {
	const kb = (await server.base('life')).uuid;
	const one = await server.file(kb, 'one.md', '# One\n\nThe first tide.');
	const two = await server.file(kb, 'two.md', '# Two\n\nThe second one.');
	const job = await server.start(kb);

	assert.equal(words(job), 'PENDING PENDING');
	assert.equal('started_at' in job, false);
	assert.deepEqual(statuses(job), ['UNKNOWN', 'UNKNOWN']);
	assert.deepEqual(job.data_source_uuids, [one.uuid, two.uuid]);
	assert.equal(job.knowledge_base_uuid, kb);
	// The knowledge base has it at once.
	assert.equal((await server.good('GET', `${BASES}/${kb}`))
	    .knowledge_base.last_indexing_job.uuid, job.uuid);
	const done = await server.end(job.uuid);

	assert.equal(words(done), 'SUCCEEDED COMPLETED');
	assert.deepEqual(statuses(done), ['UPDATED', 'UPDATED']);
	assert.equal(done.completed_datasources, 2);
	assert.equal(done.total_items_indexed, '2');
	assert.equal(String(done.tokens), done.total_tokens);
	assert.ok(done.tokens > 0);
	assert.deepEqual(await server.job(job.uuid), done);
	assert.deepEqual((await server.good('GET',
	    `${JOBS}/${job.uuid}/data_sources`)).indexed_data_sources,
	    done.data_source_jobs);
	assert.deepEqual((await server.good('GET', `${BASES}/${kb}`))
	    .knowledge_base.last_indexing_job, done);
	const { knowledge_base_data_sources: list } = await server.good('GET',
	    `${BASES}/${kb}/data_sources`);

	assert.deepEqual(list.map((source) =>
	    source.last_datasource_indexing_job), done.data_source_jobs);
	// Nothing has changed.
	const again = await server.index(kb);

	assert.equal(words(again), 'SUCCEEDED NO_CHANGES');
	assert.deepEqual(statuses(again), ['NOT_UPDATED', 'NOT_UPDATED']);
	assert.equal(again.total_items_skipped, '2');
	assert.equal(again.total_tokens, '0');
	// Unchanged ones beside new ones do not make it less than complete.
	const three = await server.file(kb, 'three.md', 'The third tide.');
	const more = await server.index(kb);

	assert.equal(words(more), 'SUCCEEDED COMPLETED');
	assert.deepEqual(statuses(more),
	    ['NOT_UPDATED', 'NOT_UPDATED', 'UPDATED']);
	// Chosen ones only; one that is named twice is there once.
	const chosen = await server.index(kb, [three.uuid, '', three.uuid]);

	assert.deepEqual(chosen.data_source_uuids, [three.uuid]);
	assert.equal(words(chosen), 'SUCCEEDED NO_CHANGES');
});

// The rows of a job's report.
async function report(job) {
	const { signed_url: url } = await server.good('GET',
	    `${JOBS}/${job.uuid}/details_signed_url`);
	const [head, ...rows] = csv(await (await fetch(url)).text());

	return rows.map((row) => Object.fromEntries(row.map((cell, i) =>
	    [head[i], cell])));
}

test('what fails, and what is left out', async () => {
	const kb = (await server.base('bad')).uuid;
	const good = await server.file(kb, 'good.md', 'All is well.');
	const [upload] = await server.presign({ file_name: 'bad.pdf',
		file_size: '19' });

	await server.put(upload, '%PDF-1.7 not really');
	const bad = (await server.good('POST', `${BASES}/${kb}/data_sources`, {
		file_upload_data_source: {
			stored_object_key: upload.object_key,
			original_file_name: 'bad.pdf', size_in_bytes: '19' },
	})).knowledge_base_data_source;
	const job = await server.index(kb);

	assert.equal(words(job), 'SUCCEEDED PARTIAL');
	assert.deepEqual(statuses(job), ['UPDATED', 'FAILED']);
	assert.equal(job.data_source_jobs[1].error_msg, 'FILES_FAILED');
	assert.equal(job.completed_datasources, 2);
	// Nothing has changed, so nothing is read again.
	const alone = await server.index(kb, [bad.uuid]);
	const again = await server.index(kb);
	const table = await report(job);
	const [good2, bad2] = await report(again);

	assert.equal(words(alone), 'SUCCEEDED NO_CHANGES');
	assert.equal(words(again), 'SUCCEEDED NO_CHANGES');
	assert.equal(good2.status, 'unchanged');
	assert.deepEqual([bad2.status, bad2.code, bad2.message],
	    ['skipped', 'STILL_UNREADABLE', table[1].message]);
	// Another content is another chance.
	assert.equal((await server.put(upload, '%PDF-1.7 nor is this')).status,
	    200);
	assert.equal(words(await server.index(kb)), 'SUCCEEDED PARTIAL');
	assert.deepEqual(table.map((row) => [row.item_name, row.status]),
	    [['good.md', 'indexed'], ['bad.pdf', 'failed']]);
	assert.deepEqual(table.map((row) => row.data_source_uuid),
	    [good.uuid, bad.uuid]);
	assert.equal(table[1].code, 'EXTRACTION_FAILED');
	assert.ok(table[1].message.length > 0);
	assert.equal(table[0].tokens, '3');
	assert.equal(table[0].segments, '1');
	assert.equal(table[0].bytes, '12');
	assert.match(table[0].finished_at, /Z$/);
	assert.match(table[0].extracting_ms, /^\d+$/);
});

test('a report', async () => {
	const kb = (await server.base('report')).uuid;

	await server.file(kb, '=cmd|x.md', 'A formula is no name.');
	const job = await server.index(kb);
	const where = `${JOBS}/${job.uuid}/details_signed_url`;
	const { signed_url: url } = await server.good('GET', where);
	const reply = await fetch(url);
	const text = await reply.text();

	assert.equal(reply.status, 200);
	assert.match(reply.headers.get('content-type'), /^text\/csv/);
	assert.equal(csv(text)[1][2], "'=cmd|x.md");
	for (const other of [url.replace(/.$/, (c) => c === '0' ? '1' : '0'),
		url.replace(/expires=\d+/, 'expires=9999999999'),
		url.replace(/\?.*/, ''),
		url.replace(job.uuid, NOBODY)]) {
		const refused = await fetch(other);

		assert.equal(refused.status, 403);
		assert.equal((await refused.json()).id, 'permission_denied');
	}
});

test('one job at a time', async () => {
	const kb = (await server.base('one-at-a-time')).uuid;
	const held = await server.stuck(kb);
	const reply = await server.bad('POST', JOBS,
	    { knowledge_base_uuid: kb, data_source_uuids: null }, 409,
	    'already_exists', `knowledge base ${kb} already has an indexing ` +
	    `job running: ${held.uuid}`);

	assert.equal(reply.headers.get('x-should-retry'), 'false');
	const [source] = held.data_source_uuids;

	await server.bad('DELETE', `${BASES}/${kb}/data_sources/${source}`,
	    undefined, 400, 'failed_precondition', /indexing job is running/);
	await server.bad('GET', `${JOBS}/${held.uuid}/details_signed_url`,
	    undefined, 400, 'failed_precondition');
	assert.equal(held.is_report_available, false);
	// Another knowledge base is another matter.
	const other = (await server.base('another')).uuid;

	await server.file(other, 'a.md', 'Elsewhere.');
	assert.equal(words(await server.index(other)), 'SUCCEEDED COMPLETED');
	await server.native('POST', `/jobs/${held.uuid}/resume`);
	assert.equal(words(await server.end(held.uuid)),
	    'SUCCEEDED COMPLETED');
	assert.equal(words(await server.index(kb)), 'SUCCEEDED NO_CHANGES');
});

test('cancelling', async () => {
	const kb = (await server.base('cancelling')).uuid;

	await server.file(kb, 'first.md', 'Indexed before.');
	await server.index(kb);
	const held = await server.stuck(kb);
	const where = `${JOBS}/${held.uuid}/cancel`;
	// godo, the TypeScript SDK, and nobody at all.
	const { job } = await server.good('PUT', where, { uuid: held.uuid });

	assert.equal(words(job), 'CANCELLED CANCELLED');
	assert.ok(job.finished_at);
	assert.equal(statuses(job).at(-1), 'CANCELLED');
	checkJob(job, held);
	for (const body of [{}, { body_uuid: 'x' }, undefined, '{', '[]'])
		assert.deepEqual((await server.good('PUT', where, body)).job,
		    job);
	assert.deepEqual(await server.job(held.uuid), job);
	const done = await server.index(kb);

	assert.equal(words(done), 'SUCCEEDED COMPLETED');
	await server.bad('PUT', `${JOBS}/${done.uuid}/cancel`,
	    { uuid: done.uuid }, 400, 'failed_precondition', /completed/);
	await server.bad('DELETE', `${JOBS}/${done.uuid}`, undefined, 405,
	    'method_not_allowed');
});

test('a knowledge base goes with the job that is running', async () => {
	const kb = (await server.base('going')).uuid;
	const held = await server.stuck(kb);

	await server.good('DELETE', `${BASES}/${kb}`);
	await server.bad('GET', `${JOBS}/${held.uuid}`, undefined, 404,
	    'not_found', GONE);
	assert.equal((await server.good('GET', `${JOBS}?per_page=200`)).jobs
	    .some(({ uuid }) => uuid === held.uuid), false);
});

test('what cannot be started', async () => {
	const kb = (await server.base('empty')).uuid;
	const other = (await server.base('foreign')).uuid;
	const { uuid } = await server.file(other, 'a.md', 'Not here.');

	for (const [body, status, id, message] of [
		[{}, 400, 'invalid_argument', 'knowledge_base_uuid is required'],
		[undefined, 400, 'invalid_argument'],
		[{ knowledge_base_uuid: kb }, 400, 'invalid_argument'],
		[{ knowledge_base_uuid: NOBODY }, 404, 'not_found', GONE],
		[{ knowledge_base_uuid: '"x"' }, 404, 'not_found', GONE],
		[{ knowledge_base_uuid: other, data_source_uuids: [NOBODY] },
			404, 'not_found', GONE],
		[{ knowledge_base_uuid: kb, data_source_uuids: [uuid] }, 404,
			'not_found', GONE],
		[{ knowledge_base_uuid: other, data_source_uuids: ['x'] }, 404,
			'not_found', GONE],
		[{ knowledge_base_uuid: other, data_source_uuids: 'x' }, 400,
			'invalid_argument'],
		[{ knowledge_base_uuid: other, data_source_uuids: [7] }, 400,
			'invalid_argument'],
		[{ knowledge_base_uuid: 7 }, 400, 'invalid_argument']])
		await server.bad('POST', JOBS, body, status, id, message);
	assert.deepEqual((await server.good('GET',
	    `${BASES}/${other}/indexing_jobs`)).jobs, []);
});

test('lists of jobs', async () => {
	const kb = (await server.base('lists')).uuid;
	const uuids = [];

	await server.file(kb, 'a.md', 'Listed.');
	for (let i = 0; i < 17; i++)
		uuids.unshift((await server.index(kb)).uuid);
	const latest = await server.good('GET', `${BASES}/${kb}/indexing_jobs`);

	assert.deepEqual(latest.jobs.map(({ uuid }) => uuid),
	    uuids.slice(0, 15));
	assert.deepEqual(latest.meta, { page: 1, pages: 1, total: 15 });
	const all = await server.good('GET', `${JOBS}?page=1&per_page=200`);

	assert.deepEqual(all.jobs.slice(0, 17).map(({ uuid }) => uuid), uuids);
	for (const job of all.jobs)
		checkJob(job);
	const second = await server.good('GET', `${JOBS}?page=2&per_page=3`);

	assert.deepEqual(second.jobs, all.jobs.slice(3, 6));
	assert.equal(second.meta.total, all.meta.total);
	assert.match(second.links.pages.last, /\?page=\d+&/);
	const empty = (await server.base('no-jobs')).uuid;

	assert.deepEqual((await server.good('GET',
	    `${BASES}/${empty}/indexing_jobs`)).jobs, []);
});

// A job that another dialect has started is shown with one source.
test('jobs of others', async () => {
	const kb = await server.base('others');
	const { job } = await server.native('POST',
	    `/bases/${kb.name}/documents`, { documents: [
		{ name: 'n', text: 'Native.' }] });
	const seen = await server.end(job.id);

	assert.equal(words(seen), 'SUCCEEDED COMPLETED');
	assert.equal(seen.data_source_uuids.length, 1);
	const { signed_url: url } = await server.good('GET',
	    `${JOBS}/${job.id}/details_signed_url`);

	assert.equal(csv(await (await fetch(url)).text())[1][0], '');
});

test('a site that cannot be read', async () => {
	const kb = (await server.base('site')).uuid;

	await server.good('POST', `${BASES}/${kb}/data_sources`, {
		web_crawler_data_source: {
			base_url: 'https://tides.invalid/' } });
	const job = await server.index(kb);

	assert.equal(words(job), 'FAILED FAILED');
	assert.deepEqual(statuses(job), ['FAILED']);
	assert.ok(job.data_source_jobs[0].error_msg);
	assert.ok(job.data_source_jobs[0].error_details);
});

test('scheduled indexing', async () => {
	const kb = (await server.base('schedule')).uuid;
	const where = '/scheduled-indexing';

	await server.bad('GET', `${where}/knowledge-base/${kb}`, undefined, 404,
	    'not_found', GONE);
	const { indexing_info: info } = await server.good('POST', where,
	    { knowledge_base_uuid: kb, time: '03:30', days: [5, 1, 7] });

	assert.equal(info.knowledge_base_uuid, kb);
	assert.equal(info.time, '03:30:00');
	assert.deepEqual(info.days, [0, 1, 5]);
	assert.equal(info.is_active, true);
	assert.equal('last_ran_at' in info, false);
	const next = new Date(info.next_run_at);

	assert.ok(next > Date.now());
	assert.deepEqual([next.getUTCHours(), next.getUTCMinutes()], [3, 30]);
	assert.ok(info.days.includes(next.getUTCDay()));
	assert.deepEqual((await server.good('GET',
	    `${where}/knowledge-base/${kb}`)).indexing_info, info);
	const twice = await server.bad('POST', where, { knowledge_base_uuid: kb,
		time: '04:00', days: [1] }, 409, 'already_exists');

	assert.equal(twice.headers.get('x-should-retry'), 'false');
	const { indexing_info: gone } = await server.good('DELETE',
	    `${where}/${info.uuid}`);

	assert.equal(gone.is_active, false);
	assert.ok(gone.deleted_at);
	await server.bad('DELETE', `${where}/${info.uuid}`, undefined, 404,
	    'not_found', GONE);
	for (const body of [{ time: '03:30', days: [1] },
		{ knowledge_base_uuid: kb, days: [1] },
		{ knowledge_base_uuid: kb, time: '24:00', days: [1] },
		{ knowledge_base_uuid: kb, time: '3:30', days: [1] },
		{ knowledge_base_uuid: kb, time: '03:30' },
		{ knowledge_base_uuid: kb, time: '03:30', days: [] },
		{ knowledge_base_uuid: kb, time: '03:30', days: [8] },
		{ knowledge_base_uuid: kb, time: '03:30', days: ['x'] }])
		await server.bad('POST', where, body, 400, 'invalid_argument');
	await server.bad('POST', where, { knowledge_base_uuid: NOBODY,
		time: '03:30', days: [1] }, 404, 'not_found', GONE);
});
