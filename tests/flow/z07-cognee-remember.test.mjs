// SPDX-License-Identifier: Apache-2.0
//
// Cognee's remember, forget, improve and memify.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test, { after, before } from 'node:test';
import { KEY } from './lib.mjs';
import { Server } from './lib-cognee.mjs';

const NOBODY = '11111111-2222-4333-8444-555555555555';
const COMPLETED = 'DATASET_PROCESSING_COMPLETED';
const INITIATED = 'DATASET_PROCESSING_INITIATED';
const denied = (what) => 'Request owner does not have necessary ' +
	`permission: [${what}] for all datasets requested. ` +
	'[PermissionDeniedError]';
const NO_NAME = 'Either datasetId or datasetName must be provided.';
let server;

before(async () => {
	server = await Server.start();
});
after(() => server.stop());

const call = (method, where, more = {}) =>
	server.call(method, where, { key: KEY, ...more });
const json = (where, body) => call('POST', where, { json: body });

function form(fields) {
	const out = new FormData();

	for (const [name, value, file] of fields)
		if (file === undefined)
			out.append(name, value);
		else
			out.append(name, new Blob([value]), file);
	return out;
}

const send = (...fields) =>
	call('POST', '/api/v1/remember', { body: form(fields) });
const remember = async (...fields) => {
	const reply = await send(...fields);

	assert.equal(reply.status, 200, reply.text);
	return reply.json;
};
const status = async (id, pipelines = '') => {
	const reply = await call('GET',
	    `/api/v1/datasets/status?dataset=${id}${pipelines}`);

	assert.equal(reply.status, 200, reply.text);
	return reply.json[id];
};
const rows = async (id) =>
	(await call('GET', `/api/v1/datasets/${id}/data`)).json;
const names = async () =>
	(await call('GET', '/api/v1/datasets')).json.map((row) => row.name);
const found = async (id, query) => (await server.ok('POST',
    `/bases/${id}/query`, { body: { query, semantic_ratio: 0 } })).results
    .map((result) => result.text);
const inner = (info) => info.data_ingestion_info.map((row) =>
	[row.data_id, row.run_info.status]);

test('remember: added and cognified', async () => {
	const text = 'Ada Lovelace built the quay in London.';
	const reply = await remember(['data', text, 'quay-txt'],
	    ['datasetName', 'memory']);
	const { dataset_id: id, pipeline_run_id: run } = reply;
	const hash = createHash('sha256').update(text).digest('hex');

	assert.ok(reply.elapsed_seconds > 0);
	assert.deepEqual(reply, { status: 'completed', dataset_name: 'memory',
		dataset_id: id, pipeline_run_id: run, items_processed: 1,
		elapsed_seconds: reply.elapsed_seconds, content_hash: hash,
		data_id: reply.data_id, items: [{ name: 'quay-txt',
			id: reply.data_id, content_hash: hash,
			token_count: null }] });
	assert.deepEqual(await status(id,
	    '&pipeline=add_pipeline&pipeline=cognify_pipeline'),
	{ add_pipeline: COMPLETED, cognify_pipeline: COMPLETED });
	assert.deepEqual(await found(id, 'quay'), [text]);
	assert.deepEqual((await rows(id)).map((row) => row.id),
	    [reply.data_id]);
	// What is there is not done again.
	const again = await remember(['data', text, 'quay-txt'],
	    ['datasetId', id], ['session_id', ''], ['node_set', ''],
	    ['custom_prompt', ''], ['chunk_size', '4096'],
	    ['chunks_per_batch', '36'], ['graph_model', ''],
	    ['ontology_key', ''], ['content_type', ''], ['import_mode', '']);

	assert.equal(again.data_id, reply.data_id);
	assert.equal(again.status, 'completed');
});

test('remember: in the background', async () => {
	const reply = await remember(['data', 'One.', '1.txt'],
	    ['data', 'Two.', '2.txt'], ['datasetName', 'later'],
	    ['run_in_background', 'true']);

	assert.deepEqual([reply.status, reply.items_processed,
		reply.items.map((item) => item.name)],
	['running', 0, ['1', '2']]);
	assert.notEqual(await status(reply.dataset_id), undefined);
	await server.end(await server.ok('GET',
	    `/jobs/${reply.pipeline_run_id}`));
	assert.equal(await status(reply.dataset_id), COMPLETED);
});

test('remember: what cannot be read is told', async () => {
	const reply = await send(['data', '%PDF-1.7 broken', 'torn.pdf'],
	    ['data', 'Whole.', 'whole.txt'], ['datasetName', 'torn']);

	assert.equal(reply.status, 409, reply.text);
	assert.deepEqual([reply.json.status, reply.json.items_processed,
		reply.json.items.length], ['errored', 0, 2]);
	assert.match(reply.json.error, /^dataset "torn": 1 of 2 data items /);
	assert.match(reply.json.error, /"torn\.pdf": ./);
	assert.deepEqual(await found(reply.json.dataset_id, 'whole'),
	    ['Whole.']);
});

test('remember: what is refused', async () => {
	const file = ['data', 'x', 'x.txt'];
	const set = ['datasetName', 'refused'];

	for (const [fields, code, body] of [
		[[file], 400, { detail: NO_NAME }],
		[[file, ['datasetName', 'a b']], 409,
			{ error: 'Dataset name cannot contain spaces or dots' }],
		[[file, ['datasetId', NOBODY]], 403,
			{ detail: denied('write') }],
		[[file, set, ['content_type', 'skills']], 400,
			{ detail: 'content_type is not supported: files and ' +
			    'texts are remembered, not skills, repositories ' +
			    'or archives' }],
		[[file, set, ['graph_model', '{"title": "Tide"}']], 400,
			{ detail: 'graph_model is not supported: graphs are ' +
			    'of entities, their types and relations, ' +
			    'whatever they are about' }],
		[[file, set, ['graph_model', '{']], 400,
			{ detail: 'graph_model is no valid JSON' }],
		[[file, set, ['ontology_key', 'tides']], 400,
			{ detail: "Ontology key 'tides' not found" }],
		[[file, set, ['custom_prompt', 'Only ships.']], 400,
			{ detail: 'custom_prompt needs a chat model, and ' +
			    'this server has none (--chat-url, ' +
			    '--chat-model)' }],
		[[file, set, ['chunk_size', '3']], 400],
		[[file, set, ['chunk_size', 'many']], 400],
		[[file, set, ['run_in_background', 'x']], 400],
		[[['data', 'text'], set], 400]]) {
		const reply = await send(...fields);

		assert.equal(reply.status, code, reply.text);
		if (body)
			assert.deepEqual(reply.json, body);
	}
	assert.ok(!(await names()).includes('refused'));
});

test('sessions: kept, and made part of the dataset by improve', async () => {
	const set = ['datasetName', 'sessions'];
	const say = (text, session = 'a/1') => remember(['data', text, 'm.txt'],
	    set, ['session_id', session]);
	const first = await say('The pilot is called Grace Hopper.');

	assert.deepEqual(first, { status: 'session_stored',
		dataset_name: 'sessions', dataset_id: first.dataset_id,
		pipeline_run_id: null, items_processed: 1,
		elapsed_seconds: first.elapsed_seconds,
		session_ids: ['a/1'], entry_type: 'qa',
		entry_id: first.entry_id });
	const id = first.dataset_id;

	assert.deepEqual(await rows(id), []);
	const improve = (sessions, more = {}) => json('/api/v1/improve', {
		dataset_name: 'sessions', session_ids: sessions, ...more });

	await say('The ship leaves at dawn.', 'b');
	const reply = await improve(['a/1', 'nobody said anything']);

	assert.equal(reply.status, 200, reply.text);
	assert.deepEqual(inner(reply.json[id]).map(([, word]) => word),
	    ['PipelineRunCompleted']);
	assert.deepEqual((await rows(id)).map((row) => row.name),
	    ['session_a%2F1']);
	assert.equal((await found(id, 'Grace Hopper')).length, 1);
	assert.deepEqual(await found(id, 'dawn'), []);
	// What is said later is part of the same.
	await say('The pilot has gone ashore.');
	const [{ id: data }] = await rows(id);
	const next = (await improve(['a/1', 'b'],
	    { dataset_id: '', runInBackground: false })).json[id];

	assert.deepEqual(inner(next).find(([one]) => one === data),
	    [data, 'PipelineRunCompleted']);
	assert.equal((await rows(id)).length, 2);
	assert.match((await found(id, 'ashore'))[0],
	    /Grace Hopper[^]*gone ashore/);
	// Nothing new, nothing done.
	const last = (await improve(['b', 'a/1'])).json[id];

	assert.ok(inner(last).every(([, word]) =>
	    word === 'PipelineRunAlreadyCompleted'));
	// A session of another dataset is not this one's.
	await json('/api/v1/datasets', { name: 'elsewhere' });
	const other = await json('/api/v1/improve', {
		datasetName: 'elsewhere', sessionIds: ['a/1'] });

	assert.deepEqual([other.status, other.json], [200, {}]);
	const bytes = await send(['data', new Uint8Array([255, 254]), 'x'],
	    set, ['session_id', 's']);

	assert.deepEqual([bytes.status, bytes.json],
	    [409, { error: 'a session takes texts, in UTF-8' }]);
});

test('improve and memify without anything to do', async () => {
	const { dataset_id: id, pipeline_run_id: run } = await remember(
	    ['data', 'A buoy.', 'buoy.txt'], ['datasetName', 'plain']);
	const improved = await json('/api/v1/improve',
	    { dataset_name: 'plain', node_name: [], data: '',
		extraction_tasks: [], enrichment_tasks: null });

	assert.deepEqual([improved.status, improved.json], [200, {}]);
	const memified = await json('/api/v1/memify', { datasetId: id });

	assert.deepEqual([memified.status, memified.json], [200, { [id]: {
		status: 'PipelineRunCompleted', pipeline_run_id: run,
		dataset_id: id, dataset_name: 'plain', payload: null,
		data_ingestion_info: null } }]);
	const task = "there is no task 'dream': extraction_tasks are not " +
	    'supported';
	const context = 'build_global_context_index is not supported';

	for (const [body, of, and] of [
		[{}, [400, { detail: NO_NAME }],
			[400, { error: NO_NAME, detail: null }]],
		[{ dataset_name: 'nothing' }, [404, { detail: 'No datasets ' +
		    'found. [DatasetNotFoundError]' }],
		[500, { error: 'Internal server error', detail: 'No ' +
		    'datasets found. [DatasetNotFoundError]' }]],
		[{ dataset_id: NOBODY }, [403, { detail: denied('write') }],
			[500, { error: 'Internal server error',
				detail: denied('write') }]],
		[{ dataset_id: id, extraction_tasks: ['dream'] },
			[400, { detail: task }],
			[400, { error: task, detail: null }]],
		[{ dataset_id: id, build_global_context_index: true },
			[400, { detail: context }],
			[400, { error: context, detail: null }]]]) {
		const one = await json('/api/v1/improve', body);
		const two = await json('/memify', body);

		assert.deepEqual([one.status, one.json], of);
		assert.deepEqual([two.status, two.json], and);
	}
	assert.equal((await json('/api/v1/improve', { dataset_id: 'x' }))
	    .status, 400);
});

test('forget: memory only, and cognified again', async () => {
	const { dataset_id: id, items } = await remember(
	    ['data', 'An anchor.', 'anchor.txt'],
	    ['data', 'A capstan.', 'capstan.txt'], ['datasetName', 'memories']);
	const cognify = async () => inner((await json('/api/v1/cognify',
	    { dataset_ids: [id] })).json[id]);
	const reply = await json('/api/v1/forget',
	    { dataset: 'memories', memoryOnly: true });

	assert.deepEqual([reply.status, reply.json], [200, { dataset_id: id,
		data_records_reset: 2, status: 'success' }]);
	assert.equal(await status(id), INITIATED);
	assert.deepEqual(await found(id, 'anchor'), []);
	assert.equal((await rows(id)).length, 2);
	assert.deepEqual(await cognify(), items.map((item) =>
	    [item.id, 'PipelineRunCompleted']));
	assert.deepEqual(await found(id, 'anchor'), ['An anchor.']);
	const one = await json('/api/v1/forget', { dataset_id: id,
		data_id: items[1].id, memory_only: true });

	assert.deepEqual([one.status, one.json], [200, {
		data_id: items[1].id, dataset_id: id, status: 'success' }]);
	assert.equal(await status(id), INITIATED);
	assert.deepEqual(await cognify(), [
		[items[1].id, 'PipelineRunCompleted'],
		[items[0].id, 'PipelineRunAlreadyCompleted']]);
	assert.equal(await status(id), COMPLETED);
});

test('forget: data, a dataset, everything', async () => {
	const { dataset_id: id, data_id: data } = await remember(
	    ['data', 'A sextant.', 'sextant.txt'], ['datasetName', 'gone']);
	const forget = async (body, where = '/api/v1/forget') => {
		const reply = await json(where, body);

		return [reply.status, reply.json];
	};
	const done = { data_id: data, dataset_id: id, status: 'success' };

	for (const body of [{ dataId: data, dataset: 'gone' },
		{ data_id: data, dataset_id: id, memory_only: false }]) {
		assert.deepEqual(await forget(body), [200, done]);
		assert.deepEqual(await rows(id), []);
	}
	const unclear = [422, { error: 'Invalid request parameters. Specify ' +
	    'dataset or dataset_id, data_id+dataset, or everything=True.' }];

	for (const body of [{}, { data_id: data }, { memory_only: true },
		{ everything: false }, { dataset: '' },
		{ everything: true, memory_only: true }])
		assert.deepEqual(await forget(body), unclear);
	assert.deepEqual(await forget({ dataset: 'nowhere' }), [404, {
		detail: 'Dataset (nowhere) not found. [DatasetNotFoundError]' }]);
	for (const body of [{ dataset_id: NOBODY }, { dataset: NOBODY },
		{ dataset_id: NOBODY, data_id: data }])
		assert.deepEqual(await forget(body),
		    [403, { detail: denied('delete') }]);
	assert.deepEqual(await forget({ dataset_id: id, data_id: NOBODY,
		memory_only: true }), [404, { detail: `Data (${NOBODY}) not ` +
	    `found in dataset (${id}). [DataNotFoundError]` }]);
	assert.equal((await forget({ dataset_id: 'x' }))[0], 400);
	assert.deepEqual(await forget({ dataset: id }, '/forget'),
	    [200, { dataset_id: id, status: 'success' }]);
	assert.ok(!(await names()).includes('gone'));
	const { length } = await names();

	assert.ok(length > 0);
	assert.deepEqual(await forget({ everything: true }),
	    [200, { datasets_removed: length, status: 'success' }]);
	assert.deepEqual(await names(), []);
	assert.deepEqual(await forget({ everything: true }),
	    [200, { datasets_removed: 0, status: 'success' }]);
});

test('others neither see nor touch it', async () => {
	const { token } = await server.person('bob@example.com');
	const mine = await remember(['data', 'Mine.', 'mine.txt'],
	    ['datasetName', 'mine']);
	const bob = (method, where, more) => server.call(method, where,
	    { token, ...more });
	const file = ['data', 'x', 'x.txt'];
	const id = mine.dataset_id;

	for (const [method, where, more, code] of [
		['POST', '/api/v1/add', { body: form([file,
			['datasetId', id]]) }, 500],
		['POST', '/api/v1/remember', { body: form([file,
			['datasetId', id]]) }, 403],
		['PATCH', `/api/v1/update?data_id=${mine.data_id}` +
		    `&dataset_id=${id}`, { body: form([file]) }, 403],
		['POST', '/api/v1/cognify', { json: { dataset_ids: [id] } },
			500],
		['POST', '/api/v1/forget', { json: { dataset_id: id } }, 403],
		['POST', '/api/v1/forget', { json: { dataset: 'mine' } }, 404],
		['POST', '/api/v1/improve', { json: { dataset_id: id } }, 403],
		['POST', '/api/v1/forget', { json: { everything: true } },
			200]])
		assert.equal((await bob(method, where, more)).status, code,
		    where);
	assert.deepEqual((await rows(id)).map((row) => row.id),
	    [mine.data_id]);
});
