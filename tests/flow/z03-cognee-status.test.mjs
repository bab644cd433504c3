// SPDX-License-Identifier: Apache-2.0
//
// Cognee's status of datasets: its words, who may ask, and that nobody who asks
// all the time is told "completed" while something waits.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { KEY } from './lib.mjs';
import { Server } from './lib-cognee.mjs';

const SETS = '/api/v1/datasets';
const NOBODY = '11111111-2222-4333-8444-555555555555';
const word = (name) => `DATASET_PROCESSING_${name}`;
const INITIATED = word('INITIATED');
const COMPLETED = word('COMPLETED');
const ERRORED = word('ERRORED');
const ADD = 'pipeline=add_pipeline';
const COGNIFY = 'pipeline=cognify_pipeline';
const REFUSED = { error: 'Unable to retrieve dataset statuses.' };
const DENIED = { detail: 'Request owner does not have necessary permission: ' +
	'[read] for all datasets requested. [PermissionDeniedError]' };
let server;

before(async () => {
	server = await Server.start();
});
after(() => server.stop());

const call = (method, where, more = { key: KEY }, on = server) =>
	on.call(method, where, more);
const ask = (query, more, on) => call('GET', `${SETS}/status?${query}`, more,
    on);

async function status(query, more, on) {
	const reply = await ask(query, more, on);

	assert.equal(reply.status, 200, reply.text);
	return reply.json;
}

async function make(name, more = { key: KEY }) {
	const reply = await call('POST', SETS, { ...more, json: { name } });

	assert.equal(reply.status, 200, reply.text);
	return reply.json.id;
}

async function add(id, name, content) {
	const form = new FormData();

	form.append('data', new Blob([content]), name);
	form.append('datasetId', id);
	const reply = await call('POST', '/api/v1/add',
	    { key: KEY, body: form });

	assert.equal(reply.status, 200, reply.text);
	return reply.json.data_ingestion_info[0].data_id;
}

const cognify = (id, more = {}) => call('POST', '/api/v1/cognify',
    { key: KEY, json: { dataset_ids: [id], ...more } });
// The run is a job: followed to its end by long polls.
const ended = async (run) =>
	server.end(await server.ok('GET', `/jobs/${run}`));

test('from nothing to completed, and back when data come', async () => {
	const id = await make('words');
	const one = () => status(`dataset=${id}`);
	const both = () => status(`dataset=${id}&${ADD}&${COGNIFY}`);

	assert.deepEqual(await one(), {});
	assert.deepEqual(await both(), { [id]: {} });
	const data = await add(id, 'a.txt', 'Walnut trees grow slowly.');

	assert.deepEqual(await one(), {});
	assert.deepEqual(await status(`dataset=${id}&${ADD}`),
	    { [id]: COMPLETED });
	assert.deepEqual(await both(), { [id]: { add_pipeline: COMPLETED } });
	assert.equal((await cognify(id)).status, 200);
	assert.deepEqual(await one(), { [id]: COMPLETED });
	assert.equal(await add(id, 'b.txt', 'Walnut trees grow slowly.'), data);
	assert.deepEqual(await one(), { [id]: COMPLETED });
	await add(id, 'c.txt', 'Hazel bushes do not.');
	assert.deepEqual(await both(), { [id]: { add_pipeline: COMPLETED,
		cognify_pipeline: INITIATED } });
	assert.equal((await cognify(id)).status, 200);
	assert.deepEqual(await one(), { [id]: COMPLETED });
});

test('data that cannot be read: errored, and no bar to anything', async () => {
	const id = await make('errors');

	await add(id, 'bad.docx', 'PK\u0003\u0004 and nothing more');
	await add(id, 'good.txt', 'Maple syrup.');
	const run = (await cognify(id, { run_in_background: true }))
	    .json[id].pipeline_run_id;

	await ended(run);
	assert.deepEqual(await status(`dataset=${id}`), { [id]: ERRORED });
	const { json } = await call('GET', `${SETS}/status/progress?` +
	    `dataset=${id}`);

	assert.deepEqual(json, { [id]: { status: ERRORED, progress: {
		completed_items: 2, total_items: 2, current_stage: null } } });
	await add(id, 'more.txt', 'Birch bark.');
	assert.deepEqual(await status(`dataset=${id}`), { [id]: INITIATED });
	const rows = (await call('GET',
	    `/api/v1/activity/pipeline-runs?dataset_id=${id}`)).json;

	// Three that keep, and one that indexes.
	assert.deepEqual(rows.map((row) => [row.pipeline_name, row.status]), [
		['add_pipeline', COMPLETED], ['cognify_pipeline', ERRORED],
		['add_pipeline', COMPLETED], ['add_pipeline', COMPLETED]]);
	assert.equal(rows[1].pipeline_run_id, run);
	assert.match(rows[1].error, /^1 of 2 data items failed; .*bad\.docx/);
	assert.equal(rows[0].error, null);
});

test('who asks all the time is never told too early', async () => {
	const id = await make('stream');
	const seen = { new: new Set(), kept: new Set(), moving: new Set(),
		indexed: new Set() };
	let phase = { name: 'new' }, stop = false;
	const poll = async () => {
		while (!stop) {
			const began = phase;
			const now = (await status(`dataset=${id}`))[id];

			// What was changed meanwhile may show, or not.
			if (began === phase)
				seen[began.name].add(now ?? 'none');
		}
	};
	const looks = async (name) => {
		phase = { name };
		for (let i = 0; i < 5; i++)
			await status(`dataset=${id}`);
	};
	const change = async () => {
		await looks('new');
		for (let i = 0; i < 12; i++) {
			phase = { name: i === 0 ? 'new' : 'moving' };
			await add(id, `${i}.txt`, `Tree number ${i}.`);
			if (i > 0)
				await looks('kept');
			phase = { name: 'moving' };
			await ended((await cognify(id,
			    { run_in_background: true }))
			    .json[id].pipeline_run_id);
			await looks('indexed');
		}
	};
	const pollers = [poll(), poll(), poll()];

	try {
		await change();
	} finally {
		stop = true;
		await Promise.all(pollers);
	}
	assert.deepEqual([...seen.new], ['none']);
	assert.deepEqual([...seen.kept], [INITIATED]);
	assert.deepEqual([...seen.indexed], [COMPLETED]);
	assert.ok(!seen.moving.has(ERRORED));
});

test('ids and pipelines in all their forms', async () => {
	const id = await make('forms');
	const bare = id.replaceAll('-', '');

	await add(id, 'a.txt', 'Walnut.');
	assert.equal((await cognify(id)).status, 200);
	for (const form of [id.toUpperCase(), bare, `{${id}}`,
		`urn:uuid:${id}`])
		assert.deepEqual(await status(`dataset=` +
		    encodeURIComponent(form)), { [id]: COMPLETED }, form);
	assert.deepEqual(await status(`dataset=${id}&dataset=${bare}`),
	    { [id]: COMPLETED });
	assert.deepEqual(await status(`dataset=${id}&${COGNIFY}&${COGNIFY}`),
	    { [id]: COMPLETED });
	assert.deepEqual(await status(`dataset=${id}&${COGNIFY}&pipeline=x`),
	    { [id]: { cognify_pipeline: COMPLETED } });
	assert.deepEqual(await status(`dataset=${id}&pipeline=x`), {});
	assert.equal((await status(''))[id], COMPLETED);
	for (const bad of ['', 'none', `${id}x`]) {
		const reply = await ask(`dataset=${id}&dataset=${bad}`);

		assert.equal(reply.status, 400, reply.text);
		assert.equal(reply.json.detail.length, 1);
		assert.deepEqual(reply.json.detail[0].loc,
		    ['query', 'dataset', 1]);
		assert.equal(reply.json.detail[0].input, bad);
	}
	assert.equal((await ask(`dataset=${id}`, {})).status, 401);
	assert.deepEqual((await call('GET', `${SETS}/${id}/processing-status`))
	    .json, { total: 1, completed: 1, pending: 0 });
	await add(id, 'b.txt', 'Hazel.');
	assert.deepEqual((await call('GET', `${SETS}/${id}/processing-status`))
	    .json, { total: 2, completed: 1, pending: 1 });
});

test('what is not there and what is not shared look the same', async () => {
	const ada = await server.person('ada@status.org');
	const bob = await server.person('bob@status.org');
	const mine = await make('mine', { token: ada.token });
	const shared = await make('shared', { token: ada.token });
	const right = (method) => call(method,
	    `/api/v1/permissions/datasets/${bob.user.id}?permission_name=read`,
	    { token: ada.token, json: [shared] });

	for (const id of [mine, shared, NOBODY]) {
		const reply = await ask(`dataset=${id}`, { token: bob.token });

		assert.equal(reply.status, 409, id);
		assert.deepEqual(reply.json, REFUSED);
	}
	assert.equal((await right('POST')).status, 200);
	assert.deepEqual(await status(`dataset=${shared}&${ADD}&${COGNIFY}`,
	    { token: bob.token }), { [shared]: {} });
	assert.deepEqual(await status(`${ADD}&${COGNIFY}`,
	    { token: bob.token }), { [shared]: {} });
	// One that may not be read fails them all.
	const reply = await ask(`dataset=${shared}&dataset=${mine}`,
	    { token: bob.token });

	assert.equal(reply.status, 409);
	assert.equal((await right('DELETE')).status, 200);
	assert.deepEqual(await status('', { token: bob.token }), {});
	assert.equal((await ask(`dataset=${shared}`, { token: bob.token }))
	    .status, 409);
});

test('later versions say that it may not be read', async () => {
	const own = await Server.start('--cognee-status-denied', '403');

	try {
		for (const where of ['status', 'status/progress']) {
			const reply = await call('GET',
			    `${SETS}/${where}?dataset=${NOBODY}`,
			    { key: KEY }, own);

			assert.equal(reply.status, 403, reply.text);
			assert.deepEqual(reply.json, DENIED);
		}
		assert.deepEqual(await status('', { key: KEY }, own), {});
	} finally {
		await own.stop();
	}
});

test('in the words of the other interfaces', async () => {
	const id = await make('others');
	const data = await add(id, 'a.txt', 'Walnut.');
	const kinds = async () => (await server.ok('GET',
	    `/jobs?base=${id}`)).jobs.map((job) => [job.kind, job.state]);
	const dify = async () => (await server.fetch(
	    `/v1/datasets/${id}/documents/${data}`)).json();
	const base = async () => (await (await server.fetch(
	    `/v2/gen-ai/knowledge_bases/${id}`)).json()).knowledge_base;

	assert.deepEqual(await kinds(), [['keep', 'no_changes']]);
	assert.equal((await dify()).indexing_status, 'waiting');
	assert.equal((await base()).last_indexing_job, undefined);
	assert.equal((await cognify(id)).status, 200);
	assert.deepEqual(await kinds(), [['kept', 'completed'],
		['keep', 'no_changes']]);
	assert.equal((await dify()).indexing_status, 'completed');
	assert.equal((await base()).last_indexing_job.status,
	    'INDEX_JOB_STATUS_COMPLETED');
});
