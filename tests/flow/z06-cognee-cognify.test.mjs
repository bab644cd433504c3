// SPDX-License-Identifier: Apache-2.0
//
// Cognee's cognify: blocking and in the background, several datasets, data that
// cannot be read, and a server that dies in the middle.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { KEY } from './lib.mjs';
import { Server } from './lib-cognee.mjs';
import { Models } from './lib-models.mjs';

const NOBODY = '11111111-2222-4333-8444-555555555555';
const DENIED = 'Request owner does not have necessary permission: [write] ' +
	'for all datasets requested. [PermissionDeniedError]';
const COMPLETED = 'DATASET_PROCESSING_COMPLETED';
const PIPELINES = ['add_pipeline', 'cognify_pipeline'];
let server;

before(async () => {
	server = await Server.start();
});
after(() => server.stop());

const call = (method, where, more = {}, on = server) =>
	on.call(method, where, { key: KEY, ...more });

// { name: content } into the dataset of that name: { id, data: [ids] }.
async function add(dataset, files, on = server) {
	const form = new FormData();

	for (const [name, content] of Object.entries(files))
		form.append('data', new Blob([content]), name);
	form.append('datasetName', dataset);
	const reply = await call('POST', '/api/v1/add', { body: form }, on);

	assert.equal(reply.status, 200, reply.text);
	return { id: reply.json.dataset_id,
		data: reply.json.data_ingestion_info.map((row) =>
		    row.data_id) };
}

const cognify = (json, on = server, where = '/api/v1/cognify') =>
	call('POST', where, { json }, on);
const cognified = async (json, on = server) => {
	const reply = await cognify(json, on);

	assert.equal(reply.status, 200, reply.text);
	return reply.json;
};
const status = async (id, pipelines = [], on = server) => {
	const query = pipelines.map((name) => `&pipeline=${name}`).join('');
	const reply = await call('GET',
	    `/api/v1/datasets/status?dataset=${id}${query}`, {}, on);

	assert.equal(reply.status, 200, reply.text);
	return reply.json[id];
};
const inner = (info) => info.data_ingestion_info.map((row) =>
	[row.data_id, row.run_info.status]);
// The run is a job: followed to its end by long polls.
const ended = async (run, on = server) =>
	on.end(await on.ok('GET', `/jobs/${run}`));
// A server of the test's own, ended with it however that ends.
async function serve(t, ...args) {
	const own = await Server.start(...args);

	t.after(() => own.stop());
	return own;
}

test('blocking: the answer comes when all is done', async () => {
	const { id, data } = await add('blocking',
	    { 'a.txt': 'Ada built the quay.', 'b.txt': 'Bob sailed away.' });
	const map = await cognified({ datasets: ['blocking'] });
	const info = map[id];

	assert.deepEqual(Object.keys(map), [id]);
	assert.deepEqual({ ...info, pipeline_run_id: 0,
		data_ingestion_info: 0 }, { status: 'PipelineRunCompleted',
		pipeline_run_id: 0, dataset_id: id, dataset_name: 'blocking',
		payload: null, data_ingestion_info: 0 });
	assert.deepEqual(inner(info), data.map((one) =>
	    [one, 'PipelineRunCompleted']));
	assert.ok(info.data_ingestion_info.every((row) =>
	    row.run_info.pipeline_run_id === info.pipeline_run_id));
	assert.deepEqual(await status(id, PIPELINES),
	    { add_pipeline: COMPLETED, cognify_pipeline: COMPLETED });
	const base = await server.ok('GET', `/bases/${id}`);

	assert.deepEqual(base.settings?.graph ?? { by: 'auto' },
	    { by: 'auto' });
	// Once more: nothing is done again.
	const again = (await cognified({ dataset_ids: [id] }))[id];

	assert.notEqual(again.pipeline_run_id, info.pipeline_run_id);
	assert.deepEqual(inner(again), data.map((one) =>
	    [one, 'PipelineRunAlreadyCompleted']));
	// What comes later is initiated, and alone is processed.
	const more = await add('blocking', { 'c.txt': 'Cy stayed.' });

	assert.equal(await status(id), 'DATASET_PROCESSING_INITIATED');
	const last = (await cognified({ datasets: ['blocking'] }))[id];

	assert.deepEqual(inner(last), [
		[more.data[0], 'PipelineRunCompleted'],
		[data[0], 'PipelineRunAlreadyCompleted'],
		[data[1], 'PipelineRunAlreadyCompleted']]);
	assert.equal(await status(id), COMPLETED);
});

test('in the background: the run is there before the answer', async () => {
	const { id, data } = await add('background', { 'a.txt': 'A wave.' });

	for (const json of [{ datasets: ['background'],
		run_in_background: true },
	{ datasetIds: [id], runInBackground: true, datasets: null }]) {
		const map = await cognified(json);
		const run = map[id].pipeline_run_id;

		assert.deepEqual(map, { [id]: { status: 'PipelineRunStarted',
			pipeline_run_id: run, dataset_id: id,
			dataset_name: 'background', payload: [],
			data_ingestion_info: null } });
		assert.match(await status(id),
		    /^DATASET_PROCESSING_(INITIATED|STARTED|COMPLETED)$/);
		assert.equal((await call('GET', `/api/v1/datasets/${id}/data`))
		    .json[0].id, data[0]);
		await ended(run);
		assert.equal(await status(id), COMPLETED);
	}
});

test('names that are not there are made; ids must be there', async () => {
	const map = await cognified({ datasets: ['typo', 'typo', 'other'] });
	const all = (await call('GET', '/api/v1/datasets')).json;
	const of = (name) => all.find((row) => row.name === name).id;

	assert.deepEqual(Object.keys(map).sort(),
	    [of('typo'), of('other')].sort());
	for (const info of Object.values(map))
		assert.deepEqual([info.status, info.data_ingestion_info],
		    ['PipelineRunCompleted', []]);
	for (const [json, code, body] of [
		[{}, 400, { error: 'No datasets or dataset_ids provided',
			detail: null }],
		[{ datasets: [], dataset_ids: [] }, 400,
			{ error: 'No datasets or dataset_ids provided',
				detail: null }],
		[{ dataset_ids: [of('typo'), NOBODY] }, 500,
			{ error: 'Internal server error', detail: DENIED }],
		[{ datasets: ['new', 'a b'] }, 409, { error: 'Dataset name ' +
		    'cannot contain spaces or dots', detail: null }],
		[{ datasets: ['typo'], ontology_key: ['tides'] }, 409,
			{ error: "Ontology key 'tides' not found",
				detail: null }],
		[{ datasets: ['typo'], graph_model: { title: 'Tide' } }, 409,
			{ error: 'graph_model is not supported: graphs are ' +
			    'of entities, their types and relations, ' +
			    'whatever they are about', detail: null }],
		[{ datasets: ['typo'], custom_prompt: 'Only ships.' }, 409,
			{ error: 'custom_prompt needs a chat model, and this ' +
			    'server has none (--chat-url, --chat-model)',
			detail: null }],
		[{ datasets: 'typo' }, 400], [{ dataset_ids: ['x'] }, 400],
		[{ datasets: ['typo'], chunk_size: 0 }, 400],
		[{ datasets: ['typo'], chunk_size: 1e7 }, 400],
		[{ datasets: ['typo'], data_per_batch: 0 }, 400],
		[{ datasets: Array(257).fill('typo') }, 400]]) {
		const reply = await cognify(json);

		assert.equal(reply.status, code, reply.text);
		if (body)
			assert.deepEqual(reply.json, body);
	}
	assert.ok(!(await call('GET', '/api/v1/datasets')).json.some((row) =>
	    row.name === 'new' || row.name === 'a b'));
	// What only says how the original goes about it, and empty wishes.
	await cognified({ datasets: ['typo'], graph_model: {},
		custom_prompt: '', ontology_key: [''], data_per_batch: 20,
		chunks_per_batch: 36, chunk_size: null });
});

test('chunks have at most the tokens that are asked for', async () => {
	const text = 'The sea is wide and the sea is deep. '.repeat(100);
	const { id, data } = await add('chunks', { 'sea.txt': text });
	const chunks = async () => (await server.ok('GET',
	    `/documents/${data[0]}/segments?limit=100`)).segments
	    .map((segment) => segment.text.length);

	await cognified({ datasets: ['chunks'], chunk_size: 64 });
	const small = await chunks();

	assert.ok(small.length > 10 && Math.max(...small) <= 64 * 4);
	await cognified({ dataset_ids: [id], chunkSize: 4096 });
	assert.equal((await chunks()).length, 1);
	assert.equal(await status(id), COMPLETED);
});

test('data that cannot be read are named, and stop nobody', async () => {
	const bad = await add('bad', { 'good.txt': 'Fine weather.',
		'torn.pdf': '%PDF-1.7 broken' });
	const good = await add('good', { 'a.txt': 'Calm sea.' });
	const reply = await cognify({ datasets: ['bad', 'good'] });

	assert.equal(reply.status, 500);
	assert.equal(reply.json.error, 'Pipeline run errored');
	assert.match(reply.json.detail, new RegExp('^dataset "bad": 1 of 2 ' +
	    'data items could not be processed: "torn\\.pdf": .'));
	assert.equal(await status(bad.id), 'DATASET_PROCESSING_ERRORED');
	assert.equal(await status(good.id), COMPLETED);
	// What was done stays done; an error does not stand in anyone's way.
	const again = await cognify({ datasets: ['bad'] });

	assert.equal(again.status, 500);
	await call('DELETE', `/api/v1/datasets/${bad.id}/data/${bad.data[1]}`);
	const last = (await cognified({ datasets: ['bad'] }))[bad.id];

	assert.deepEqual(inner(last),
	    [[bad.data[0], 'PipelineRunAlreadyCompleted']]);
	assert.equal(await status(bad.id), COMPLETED);
});

const many = (count, of) => Object.fromEntries(Array.from({ length: count },
    (_, i) => [`${of}${i}.txt`, `${of} ${i} is told by the Harbour Master. ` +
	'The tide comes and goes. '.repeat(300)]));

test('two runs over one dataset both end, with what came meanwhile',
    async () => {
	const { id, data } = await add('twice', many(40, 'Story'));
	const runs = await Promise.all([1, 2].map(() => cognified(
	    { datasets: ['twice'], run_in_background: true })));
	const more = await add('twice', many(5, 'Late'));
	const blocked = await cognified({ datasets: ['twice'] });

	for (const map of runs) {
		const job = await ended(map[id].pipeline_run_id);

		assert.match(job.state, /^(completed|no_changes)$/);
	}
	const listed = inner(blocked[id]);

	assert.deepEqual(listed.map(([one]) => one).sort(),
	    [...data, ...more.data].sort());
	assert.equal(await status(id), COMPLETED);
	assert.deepEqual((await call('GET',
	    `/api/v1/datasets/${id}/processing-status`)).json,
	{ total: 45, completed: 45, pending: 0 });
});

test('a dataset that goes while somebody waits', async () => {
	const { id } = await add('going', many(60, 'Wave'));
	const waiting = cognify({ datasets: ['going'] });
	const gone = await call('DELETE', `/api/v1/datasets/${id}`);
	const reply = await waiting;

	assert.equal(gone.status, 200, gone.text);
	// The run may have ended first, or its dataset been made anew.
	if (reply.status !== 200)
		assert.deepEqual([reply.status, reply.json.error],
		    [500, 'Pipeline run errored']);
});

test('orders for the model are the dataset\'s from then on', async (t) => {
	const models = new Models();

	await models.open();
	t.after(() => models.close());
	models.onChat = () => '{"nodes": [], "edges": []}';
	const own = await serve(t, ...models.chatFlags);
	const { id } = await add('orders', { 'a.txt': 'Ada built a quay.' },
	    own);
	const reply = await cognify({ datasets: ['orders'],
		customPrompt: 'Only ships.' }, own);

	assert.equal(reply.status, 200, reply.text);
	const schema = await call('GET', `/api/v1/datasets/${id}/schema`, {},
	    own);

	assert.equal(schema.json.custom_prompt, 'Only ships.');
	assert.ok(models.chats.length > 0);
	assert.ok(models.chats.every(({ system, user }) =>
	    `${system}${user}`.includes('Only ships.')));
});

test('a server that is stopped answers those who wait, and goes on later',
    async (t) => {
	const own = await serve(t);
	const { id } = await add('stopped', many(120, 'Page'), own);
	const waiting = cognify({ datasets: ['stopped'] }, own);

	// It is under way when the run is there.
	while (await status(id, [], own) !== 'DATASET_PROCESSING_STARTED')
		continue;
	const how = own.halt();
	const reply = await waiting;

	assert.equal(await how, 0, own.log);
	assert.equal(reply.status, 200, reply.text);
	const run = reply.json[id].pipeline_run_id;

	assert.match(reply.json[id].status, /^PipelineRun(Started|Completed)$/);
	await own.run();
	const job = await ended(run, own);

	assert.equal(job.state, 'completed');
	assert.equal(job.counts.completed, 120);
	assert.equal(await status(id, [], own), COMPLETED);
});

test('a run that a crash interrupts ends as the same run', async (t) => {
	const own = await serve(t);
	const { id } = await add('crash', many(120, 'Page'), own);
	const map = await cognified({ datasets: ['crash'],
		run_in_background: true }, own);
	const run = map[id].pipeline_run_id;

	while (await status(id, [], own) !== 'DATASET_PROCESSING_STARTED')
		continue;
	assert.equal(await own.halt('SIGKILL'), 'SIGKILL');
	await own.run();
	const job = await ended(run, own);

	assert.equal(job.state, 'completed');
	assert.equal(job.counts.completed, 120);
	assert.deepEqual(await status(id, PIPELINES, own),
	    { add_pipeline: COMPLETED, cognify_pipeline: COMPLETED });
	const again = (await cognified({ datasets: ['crash'] }, own))[id];

	assert.equal(again.data_ingestion_info.length, 120);
	assert.ok(again.data_ingestion_info.every((row) =>
	    row.run_info.status === 'PipelineRunAlreadyCompleted'));
});

test('who hangs up is not waited for, and the run goes on', async () => {
	const { id } = await add('hung', many(60, 'Shell'));
	const map = await cognified({ datasets: ['hung'],
		run_in_background: true });
	const run = map[id].pipeline_run_id;
	const { job } = await server.ok('POST', `/jobs/${run}/pause`);
	const runs = async () => (await call('GET', '/api/v1/activity/' +
	    `pipeline-runs?dataset_id=${id}`)).json.filter((row) =>
	    row.pipeline_name === 'cognify_pipeline').length;
	const connections = async () => Number(
	    /^tidemark_http_connections (\d+)$/m.exec(
		(await call('GET', '/metrics')).text)[1]);
	const controller = new AbortController();
	const until = Date.now() + 60000;
	const waiting = Array.from({ length: 12 }, () => server.fetch(
	    '/api/v1/cognify', { method: 'POST', signal: controller.signal,
		body: JSON.stringify({ datasets: ['hung'] }) }));

	while (await runs() < 1 + waiting.length)
		assert.ok(Date.now() < until, 'the runs do not begin');
	const open = await connections();

	controller.abort();
	for (const one of await Promise.allSettled(waiting))
		assert.equal(one.status, 'rejected');
	while (await connections() > open - waiting.length)
		assert.ok(Date.now() < until, 'the requests are still there');
	if (job.state === 'paused')
		await server.ok('POST', `/jobs/${run}/resume`);
	await ended(run);
	await cognified({ datasets: ['hung'] });
	assert.equal(await status(id), COMPLETED);
});

test('as clients of the cloud call it', async () => {
	const { id } = await add('cloud', { 'a.txt': 'A cloud.' });

	for (const where of ['/api/cognify', '/cognify', '/cognify/']) {
		const reply = await cognify({ datasets: ['cloud'] }, server,
		    where);

		assert.equal(reply.status, 200, reply.text);
		assert.equal(reply.json[id].status, 'PipelineRunCompleted');
	}
	assert.equal((await call('GET', '/datasets/status')).json[id],
	    COMPLETED);
	assert.equal((await call('GET', `/datasets/${id}/data`)).json.length,
	    1);
	assert.equal((await call('DELETE', `/api/datasets/${id}`)).status,
	    200);
	assert.equal((await call('GET', `/datasets/${id}/data`)).status, 403);
});
