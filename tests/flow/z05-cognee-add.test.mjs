// SPDX-License-Identifier: Apache-2.0
//
// Cognee's add and update: what is sent is kept, known by its content, and
// refused in the original's words.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { KEY } from './lib.mjs';
import { Server } from './lib-cognee.mjs';

const NOBODY = '11111111-2222-4333-8444-555555555555';
const DENIED = 'Request owner does not have necessary permission: [write] ' +
	'for all datasets requested. [PermissionDeniedError]';
const NO_NAME = { error: 'Either datasetId or datasetName must be provided.',
	detail: null };
let server;

before(async () => {
	server = await Server.start();
});
after(() => server.stop());

const call = (method, where, more = {}) =>
	server.call(method, where, { key: KEY, ...more });

// Fields in order: [name, value] or [name, content, file name].
function form(...fields) {
	const out = new FormData();

	for (const [name, value, file] of fields)
		if (file === undefined)
			out.append(name, value);
		else
			out.append(name, new Blob([value]), file);
	return out;
}

const post = (where, ...fields) =>
	call('POST', where, { body: form(...fields) });
const add = (...fields) => post('/api/v1/add', ...fields);
const added = async (...fields) => {
	const reply = await add(...fields);

	assert.equal(reply.status, 200, reply.text);
	return reply.json;
};
const status = async (query = '') => {
	const reply = await call('GET', `/api/v1/datasets/status${query}`);

	assert.equal(reply.status, 200, reply.text);
	return reply.json;
};
const rows = async (dataset) =>
	(await call('GET', `/api/v1/datasets/${dataset}/data`)).json;
const cognify = async (dataset) => {
	const reply = await call('POST', '/api/v1/cognify',
	    { json: { dataset_ids: [dataset] } });

	assert.equal(reply.status, 200, reply.text);
	return reply.json[dataset];
};

test('data are kept, and not cognified', async () => {
	const info = await added(['data', 'High water at noon.', 'a.txt'],
	    ['data', 'Low water at six.', 'b.md'], ['datasetName', 'kept']);
	const { pipeline_run_id: run, dataset_id: id } = info;
	const [first, second] = info.data_ingestion_info;
	const inner = { status: 'PipelineRunCompleted', pipeline_run_id: run,
		dataset_id: id, dataset_name: 'kept', payload: null,
		data_ingestion_info: null };

	assert.deepEqual(info, { ...inner, data_ingestion_info: [
		{ run_info: inner, data_id: first.data_id },
		{ run_info: inner, data_id: second.data_id }] });
	assert.notEqual(first.data_id, second.data_id);
	assert.deepEqual(await status(), {});
	assert.deepEqual(await status('?pipeline=add_pipeline'),
	    { [id]: 'DATASET_PROCESSING_COMPLETED' });
	assert.deepEqual((await rows(id)).map((row) => [row.id, row.name,
		row.extension, row.label, row.externalMetadata]),
	[[first.data_id, 'a', 'txt', null, null],
		[second.data_id, 'b', 'md', null, null]]);
	const raw = await call('GET', `/api/v1/datasets/${id}/data/` +
	    `${second.data_id}/raw`);

	assert.equal(raw.text, 'Low water at six.');
});

test('the same bytes are the same data', async () => {
	const set = ['datasetName', 'same'];
	const one = await added(['data', 'The tide.', 'one.txt'], set);
	const id = one.dataset_id;
	const [{ data_id: data }] = one.data_ingestion_info;
	const other = await added(['data', 'The tide.', 'two.txt'], set,
	    ['labels', 'again']);

	assert.equal(other.data_ingestion_info[0].data_id, data);
	assert.deepEqual((await rows(id)).map((row) => [row.id, row.name,
		row.label]), [[data, 'two', 'again']]);
	await cognify(id);
	const done = await added(['data', 'The tide.', 'one.txt'],
	    ['datasetId', id]);

	assert.deepEqual(done.data_ingestion_info.map((row) =>
	    [row.data_id, row.run_info.status]),
	[[data, 'PipelineRunAlreadyCompleted']]);
	// Another of the same name is another.
	const next = await added(['data', 'The moon.', 'one.txt'], set);

	assert.notEqual(next.data_ingestion_info[0].data_id, data);
	assert.deepEqual((await rows(id)).map((row) => row.name),
	    ['one', 'one']);
});

test('what is said of data', async () => {
	const set = ['datasetName', 'said'];
	const data = (n) => ['data', `Wave ${n}.`, `${n}.txt`];
	const { dataset_id: id } = await added(data(1), data(2), set,
	    ['labels', '["first", null]'], ['node_set', 'sea'],
	    ['node_set', 'moon'],
	    ['external_metadata', '[{"depth": {"m": 7}}, null]']);
	const seen = async () => (await rows(id)).map((row) =>
	    [row.name, row.label, row.externalMetadata]);

	assert.deepEqual(await seen(), [
		['1', 'first', { depth: { m: 7 }, node_set: ['sea', 'moon'] }],
		['2', null, { node_set: ['sea', 'moon'] }]]);
	await added(data(1), data(2), set, ['labels', ' one , two'],
	    ['node_set', '["a", "b"]'], ['external_metadata', ''],
	    ['run_in_background', 'off']);
	assert.deepEqual(await seen(), [['1', 'one', { node_set: ['a', 'b'] }],
		['2', 'two', { node_set: ['a', 'b'] }]]);
	await added(data(1), set, ['labels', ''], ['node_set', '']);
	assert.deepEqual((await seen())[0], ['1', null, null]);
	for (const [field, words] of [
		[['labels', '["one"]'], 'there are 1 labels for 2 data items'],
		[['labels', 'a,b,c'], 'there are 3 labels for 2 data items'],
		[['labels', '["a", 1]'], 'labels must be a JSON array of ' +
		    'strings, or strings with commas between them'],
		[['external_metadata', '[{}]'],
			'external_metadata has 1 entries for 2 data items'],
		[['external_metadata', '{}'],
			'external_metadata must be a JSON array of objects'],
		[['external_metadata', '[{}, 1]'],
			'external_metadata[1] must be an object or null'],
		[['external_metadata', '[{"node_set": 1}, null]'],
			'external_metadata[0] may not have the key ' +
			"'node_set', which is reserved"],
		[['external_metadata', `[${'['.repeat(40)}${']'.repeat(40)}, {}]`],
			'external_metadata[0] must be an object or null'],
		[['external_metadata', `[{"a":${'['.repeat(40)}` +
		    `${']'.repeat(40)}}, {}]`],
		'external_metadata[0] is nested deeper than 32']]) {
		const reply = await add(data(1), data(2), set, field);

		assert.equal(reply.status, 400, reply.text);
		assert.deepEqual(reply.json,
		    { detail: `${words} [CogneeValidationError]` });
	}
	for (const bad of ['[', '["a"', '[1,]']) {
		const reply = await add(data(1), set, ['labels', bad]);

		assert.equal(reply.status, 400);
		assert.match(reply.json.detail, /^labels is no valid JSON: ./);
	}
});

test('an add without data is one', async () => {
	const info = await added(['datasetName', 'empty']);

	assert.deepEqual(info, { ...info, status: 'PipelineRunCompleted',
		dataset_name: 'empty', payload: null,
		data_ingestion_info: [] });
	assert.deepEqual(await rows(info.dataset_id), []);
});

test('in the background', async () => {
	const info = await added(['data', 'Spring tide.', 'spring.txt'],
	    ['datasetName', 'later'], ['run_in_background', '1']);

	assert.equal(info.status, 'PipelineRunStarted');
	assert.deepEqual(info.payload, []);
	assert.equal(info.data_ingestion_info.length, 1);
	assert.equal((await rows(info.dataset_id)).length, 1);
});

test('what is refused', async () => {
	const file = ['data', 'x', 'x.txt'];
	const broken = (detail) =>
		[500, { error: 'Internal server error', detail }];
	const name = broken('Dataset name cannot contain spaces or dots');

	for (const [fields, [code, json]] of [
		[[file], [400, NO_NAME]],
		[[file, ['datasetName', ''], ['datasetId', '']],
			[400, NO_NAME]],
		[[file, ['dataset_name', 'snake']], [400, NO_NAME]],
		[[file, ['datasetName', 'a b']], name],
		[[file, ['datasetName', 'a.b']], name],
		[[file, ['datasetName', 'a/b']], broken('a name may not hold ' +
		    "control characters or '/'")],
		[[file, ['datasetId', NOBODY]], broken(DENIED)]]) {
		const reply = await add(...fields);

		assert.deepEqual([reply.status, reply.json], [code, json]);
	}
	for (const [fields, type, loc] of [
		[[['data', 'no file'], ['datasetName', 'x']], 'value_error',
			['body', 'data']],
		[[file, ['datasetId', 'x']], 'uuid_parsing',
			['body', 'datasetId']],
		[[file, ['datasetName', 'x'], ['run_in_background', 'maybe']],
			'bool_parsing', ['body', 'run_in_background']]]) {
		const reply = await add(...fields);

		assert.equal(reply.status, 400, reply.text);
		assert.deepEqual([reply.json.detail[0].type,
			reply.json.detail[0].loc], [type, loc]);
	}
	assert.equal((await call('POST', '/api/v1/add',
	    { key: null, body: form(file) })).status, 401);
	// None of them made a dataset.
	const all = (await call('GET', '/api/v1/datasets')).json;

	assert.deepEqual(all.filter(({ name: one }) => one.length < 4), []);
});

test('an id wins over a name, and its name may be any', async () => {
	const made = await call('POST', '/api/v1/datasets',
	    { json: { name: 'with a blank. and a dot' } });
	const id = made.json.id;

	for (const where of ['/api/v1/add', '/api/v1/add/', '/add']) {
		const reply = await post(where, ['data', where, 'memory-md'],
		    ['datasetName', 'not this one'], ['datasetId', id]);

		assert.equal(reply.status, 200, reply.text);
		assert.equal(reply.json.dataset_id, id);
	}
	assert.deepEqual((await rows(id)).map((row) => row.name),
	    ['memory-md', 'memory-md', 'memory-md']);
	// In upper case and without hyphens, too.
	const info = await added(['data', 'x', 'x.txt'],
	    ['datasetId', id.toUpperCase().replaceAll('-', '')]);

	assert.equal(info.dataset_id, id);
});

test('texts in JSON, as the cloud takes them', async () => {
	const reply = await call('POST', '/api/add_text', { json: {
		textData: ['Neap tide.', 'Ebb.'], datasetName: 'texts' } });

	assert.equal(reply.status, 200, reply.text);
	assert.equal(reply.json.data_ingestion_info.length, 2);
	assert.deepEqual((await rows(reply.json.dataset_id)).map((row) =>
	    [row.name, row.extension]), [['text_0', 'txt'], ['text_1', 'txt']]);
	for (const [json, code] of [[{ datasetName: 'texts' }, 400],
		[{ textData: 'one', datasetName: 'texts' }, 400],
		[{ textData: [1], datasetName: 'texts' }, 400],
		[{ textData: ['one'] }, 400],
		[{ textData: ['one'], datasetName: 'a b' }, 500]])
		assert.equal((await call('POST', '/api/add_text', { json }))
		    .status, code, JSON.stringify(json));
});

test('an update keeps the id, and the old content until the new is found',
    async () => {
	const { dataset_id: id, data_ingestion_info: [{ data_id: data }] } =
	    await added(['data', 'The harbour is closed.', 'harbour.txt'],
		['data', 'The pier is open.', 'pier.txt'],
		['datasetName', 'updated']);
	const where = (one, set) =>
		`/api/v1/update?data_id=${one}&dataset_id=${set}`;
	const patch = (url, ...fields) =>
		call('PATCH', url, { body: form(...fields) });
	const texts = async () => Promise.all((await rows(id)).map(
	    async (row) => [row.id, row.name, (await call('GET',
		`/api/v1/datasets/${id}/data/${row.id}/raw`)).text]));

	await cognify(id);
	const [, pier] = await rows(id);
	const reply = await patch(where(data, id),
	    ['data', 'The harbour is open again.', 'news.txt'],
	    ['node_set', 'news']);

	assert.equal(reply.status, 200, reply.text);
	const info = reply.json[id];

	assert.equal(info.status, 'PipelineRunCompleted');
	assert.deepEqual(info.data_ingestion_info.map((row) =>
	    [row.data_id, row.run_info.status]),
	[[data, 'PipelineRunCompleted'],
		[pier.id, 'PipelineRunAlreadyCompleted']]);
	assert.deepEqual(await texts(), [
		[data, 'news', 'The harbour is open again.'],
		[pier.id, 'pier', 'The pier is open.']]);
	assert.deepEqual(await status(`?dataset=${id}`),
	    { [id]: 'DATASET_PROCESSING_COMPLETED' });
	// The same content again, under its own id.
	const again = await added(['data', 'The harbour is open again.',
		'news.txt'], ['datasetId', id]);

	assert.equal(again.data_ingestion_info[0].data_id, data);
	for (const [url, fields, code, json] of [
		[where(NOBODY, id), [['data', 'x', 'x.txt']], 404,
			{ detail: `Data (${NOBODY}) not found in dataset ` +
			    `(${id}). [UpdateTargetNotFoundError]` }],
		[where(data, NOBODY), [['data', 'x', 'x.txt']], 403,
			{ detail: DENIED }],
		[where('x', id), [['data', 'x', 'x.txt']], 400],
		['/api/v1/update', [['data', 'x', 'x.txt']], 400],
		[where(data, id), [], 400],
		[where(data, id), [['data', 'no file']], 400],
		[where(data, id), [['data', 'x', 'x.txt'],
			['data', 'y', 'y.txt']], 400]]) {
		const refused = await patch(url, ...fields);

		assert.equal(refused.status, code, refused.text);
		if (json)
			assert.deepEqual(refused.json, json);
	}
	// What another one is already.
	const clash = await patch(where(data, id),
	    ['data', 'The pier is open.', 'pier.txt']);

	assert.equal(clash.status, 409, clash.text);
	assert.equal((await rows(id)).length, 2);
});
