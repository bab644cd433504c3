// SPDX-License-Identifier: Apache-2.0
//
// Data as real clients bring it: the very parts, fields and JSON that each of
// them sends, and what each reads of the answer.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test, { after, before } from 'node:test';
import { KEY } from './lib.mjs';
import { Server } from './lib-cognee.mjs';

const FINAL = 'DATASET_PROCESSING_COMPLETED';
let server;

before(async () => {
	server = await Server.start();
});
after(() => server.stop());

// A body as that library writes it: [name, value, file name, type].
function multipart(parts, { bare = true } = {}) {
	const boundary = 'b0d4f1c2a35e4b58a0f6';
	const text = parts.map(([name, value, file, type]) => {
		const head = [`Content-Disposition: form-data; name="${name}"` +
			(file === undefined ? '' : `; filename="${file}"`)];

		if (type !== undefined || !bare)
			head.unshift('Content-Type: ' +
			    (type ?? 'text/plain; charset=utf-8'));
		return `--${boundary}\r\n${head.join('\r\n')}\r\n\r\n` +
		    `${value}\r\n`;
	}).join('');

	return { body: `${text}--${boundary}--\r\n`, headers: {
		'Content-Type': `multipart/form-data; boundary=${boundary}` } };
}

const by = (headers) => async (method, where, more = {}) => {
	const reply = await server.call(method, where, { key: null, ...more,
		headers: { ...headers, ...more.headers } });

	assert.equal(reply.status, 200, reply.text);
	return reply.json;
};
const apiKey = by({ 'X-Api-Key': KEY });
const bearer = by({ Authorization: `Bearer ${KEY}` });
const rows = (id) => apiKey('GET', `/api/v1/datasets/${id}/data`);

test('the Python client of a remote server', async () => {
	// aiohttp gives every field a type of its own; each text is data.txt.
	const aiohttp = (parts) => multipart(parts, { bare: false });
	const text = (value) => ['data', value, 'data.txt', 'text/plain'];
	const added = await apiKey('POST', '/api/v1/add', aiohttp([
		['datasetName', 'main_dataset'], text('Whales sing.'),
		text('Dolphins whistle.')]));

	assert.equal(added.data_ingestion_info.length, 2);
	const id = added.dataset_id;
	const map = await apiKey('POST', '/api/v1/cognify',
	    { json: { datasets: ['main_dataset'], chunks_per_batch: 36 } });

	assert.equal(map[id].status, 'PipelineRunCompleted');
	const remembered = await apiKey('POST', '/api/v1/remember', aiohttp([
		['datasetName', 'main_dataset'], ['chunk_size', '512'],
		['chunks_per_batch', '36'], text('Seals bark.')]));

	assert.equal(remembered.status, 'completed');
	assert.equal((await rows(id)).length, 3);
	const queued = await apiKey('POST', '/api/v1/remember', aiohttp([
		['datasetName', 'main_dataset'],
		['run_in_background', 'true'], text('Gulls cry.')]));

	assert.equal(queued.status, 'running');
	assert.deepEqual(await apiKey('POST', '/api/v1/improve',
	    { json: { dataset_name: 'main_dataset' } }), {});
	assert.deepEqual(await apiKey('POST', '/api/v1/forget',
	    { json: { dataset: id, data_id: remembered.data_id,
		memory_only: false } }), { data_id: remembered.data_id,
		dataset_id: id, status: 'success' });
});

test('the MCP server', async () => {
	const added = await bearer('POST', '/api/v1/add', multipart([
		['datasetName', 'mcp'],
		['node_set', '["developer_rules", "sea"]'],
		['data', 'Tie a bowline.',
			`text_${createHash('md5').update('x').digest('hex')}` +
			'.txt', 'text/plain']]));
	const id = added.dataset_id;

	assert.deepEqual((await rows(id))[0].externalMetadata,
	    { node_set: ['developer_rules', 'sea'] });
	const map = await bearer('POST', '/api/v1/cognify', { json: {
		datasets: ['mcp'], run_in_background: true } });

	assert.equal(map[id].status, 'PipelineRunStarted');
	await server.end(await server.ok('GET',
	    `/jobs/${map[id].pipeline_run_id}`));
	const sets = await bearer('GET', '/api/v1/datasets/');

	assert.equal(sets.find((row) => row.name === 'mcp').id, id);
	assert.deepEqual(await bearer('GET',
	    `/api/v1/datasets/status?dataset=${id}&pipeline=cognify_pipeline`),
	{ [id]: FINAL });
});

test('the command line', async () => {
	const added = await apiKey('POST', '/api/v1/add', multipart([
		['data', 'Sails are set.', 'sails.md', 'text/markdown'],
		['datasetName', 'cli']]));
	const map = await apiKey('POST', '/api/v1/cognify', { json: {
		datasets: ['cli'], run_in_background: false, chunk_size: 1024,
		ontology_file: null } });

	assert.deepEqual(Object.keys(map), [added.dataset_id]);
	const memified = await apiKey('POST', '/api/v1/memify',
	    { json: { dataset_name: 'cli', run_in_background: false } });

	assert.equal(memified[added.dataset_id].status,
	    'PipelineRunCompleted');
});

test('n8n', async () => {
	const remembered = await apiKey('POST', '/api/v1/remember', multipart([
		['data', 'A light burns.', 'memory_0.txt',
			'text/plain; charset=utf-8'],
		['data', 'A bell rings.', 'memory_1.txt',
			'text/plain; charset=utf-8'],
		['datasetName', 'n8n'], ['node_set', 'night'],
		['run_in_background', 'false'], ['chunk_size', '4096']]));
	const id = remembered.dataset_id;

	assert.deepEqual(remembered.items.map((item) => item.name),
	    ['memory_0', 'memory_1']);
	const updated = await apiKey('PATCH', '/api/v1/update?data_id=' +
	    `${remembered.items[0].id}&dataset_id=${id}`, multipart([
		['data', 'The light is out.', 'update.txt',
			'text/plain; charset=utf-8'], ['node_set', 'night']]));

	assert.equal(updated[id].data_ingestion_info[0].data_id,
	    remembered.items[0].id);
	const texts = await apiKey('POST', '/api/add_text', { json: {
		textData: ['Fog.'], datasetName: 'n8n' } });

	assert.equal(texts.dataset_id, id);
	const map = await apiKey('POST', '/api/cognify', { json: {
		datasets: ['n8n'], runInBackground: false } });

	assert.equal(map[id].status, 'PipelineRunCompleted');
	const one = await apiKey('DELETE', `/api/datasets/${id}/data/` +
	    texts.data_ingestion_info[0].data_id);

	assert.equal(one, null);
	assert.equal(await apiKey('DELETE', `/api/datasets/${id}`), null);
});

test('openclaw, on a server of its own and as in the cloud', async () => {
	for (const prefix of ['/api/v1', '']) {
		const name = `openclaw${prefix.length}`;
		const file = (value) => ['data', value, 'memory-md',
			'text/plain'];
		const added = await apiKey('POST', `${prefix}/add`,
		    multipart([file('# Notes'), ['datasetName', name]]));
		const id = added.dataset_id;
		const [{ data_id: data }] = added.data_ingestion_info;

		await apiKey('POST', `${prefix}/cognify`, { json: {
			datasetIds: [id], runInBackground: true } });
		const remembered = await apiKey('POST', `${prefix}/remember`,
		    multipart([file('# More'), ['datasetName', name],
			['datasetId', id], ['run_in_background', 'true'],
			['chunks_per_batch', '10']]));

		assert.deepEqual(remembered.items.map((item) =>
		    [item.name, item.id]),
		[['memory-md', remembered.data_id]]);
		const updated = await apiKey('PATCH', `${prefix}/update?` +
		    `data_id=${data}&dataset_id=${id}`,
		multipart([file('# Newer notes')]));

		assert.ok(updated[id].data_ingestion_info.some((row) =>
		    row.data_id === data));
		assert.deepEqual((await apiKey('GET',
		    `${prefix}/datasets/${id}/data`)).map((row) => row.name),
		['memory-md', 'memory-md']);
		assert.deepEqual(await apiKey('GET',
		    `${prefix}/datasets/status?dataset=${id}`),
		{ [id]: FINAL });
		assert.deepEqual(await apiKey('POST', `${prefix}/forget`,
		    { json: { datasetId: id } }),
		{ dataset_id: id, status: 'success' });
	}
});

test('the frontend', async () => {
	const { cookie } = await server.person('front@example.com');
	const front = (method, where, more = {}) => by({ Cookie: cookie,
		Origin: server.url, 'Sec-Fetch-Site': 'same-origin' })(method,
	    where, more);
	const form = new FormData();

	form.append('data', new Blob(['A lighthouse.'],
	    { type: 'text/plain' }), 'lighthouse.txt');
	form.append('datasetName', 'main_dataset');
	form.append('run_in_background', 'true');
	const reply = await front('POST', '/api/v1/remember', { body: form });

	assert.equal(reply.status, 'running');
	assert.ok(reply.dataset_id in await front('GET',
	    `/api/v1/datasets/status?dataset=${reply.dataset_id}`));
});
