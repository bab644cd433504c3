// SPDX-License-Identifier: Apache-2.0
//
// Dify: the requests of clients that are there, as they write them: paths with
// hyphens and underscores, types where none belong, forms in their own order.
// And the promise behind them all: what is completed is found.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { DifyClient } from 'dify-client';
import {
	Dify, KEY, Server, multipart,
} from './lib-dify-documents.mjs';
import { check } from './lib-openapi.mjs';

const JSON_TYPE = { 'Content-Type': 'application/json' };
let server, dify;

before(async () => {
	server = await Server.start();
	dify = new Dify(server);
});
after(() => server.stop());

test('npm dify-client, sendRequest', async () => {
	const client = new DifyClient(KEY, `${server.url}/v1`);

	async function send(method, where, data, params, headers) {
		const reply = await client.sendRequest(method, where, data,
		    params, false, headers);

		check('dify', method, `/v1${where}`, reply.status,
		    reply.headers, typeof reply.data === 'string' ? reply.data
		    : JSON.stringify(reply.data));
		return reply.data;
	}

	const { id } = await send('POST', '/datasets', { name: 'npm' });
	const { document, batch } = await send('POST',
	    `/datasets/${id}/document/create_by_text`, { name: 'n',
		    text: 'Sluice gates at noon.',
		    indexing_technique: 'high_quality',
		    process_rule: { mode: 'automatic' } });
	const status = `/datasets/${id}/documents/${batch}/indexing-status`;

	await dify.end(id, batch);
	assert.equal((await send('GET', status)).data[0].indexing_status,
	    'completed');
	assert.equal((await send('GET', `/datasets/${id}/documents`, null,
	    { page: 1, limit: 20 })).total, 1);
	assert.equal((await send('POST', `/datasets/${id}/retrieve`,
	    { query: 'sluice' })).records.length, 1);
	// A form: the library writes the boundary.
	const form = new FormData();

	form.append('file', new Blob(['Lock gates.']), 'lock.txt');
	form.append('data', JSON.stringify({ process_rule:
		{ mode: 'automatic' } }));
	const file = await send('POST',
	    `/datasets/${id}/document/create_by_file`, form, null,
	    { 'Content-Type': 'multipart/form-data' });

	await dify.end(id, file.batch);
	// With a body and a type on DELETE; it throws at what fails.
	await send('DELETE', `/datasets/${id}/documents/${document.id}`);
	await assert.rejects(client.sendRequest('GET', status),
	    (error) => error.response.status === 404 &&
		error.response.data.message === 'Documents not found.');
	client.updateApiKey('dataset-wrong');
	await assert.rejects(client.sendRequest('GET', '/datasets'),
	    (error) => error.response.status === 401);
});

test('the official Node client', async () => {
	const { id } = await dify.ok('POST', '/datasets', { name: 'node' });
	const made = await dify.ok('POST',
	    `/datasets/${id}/document/create_by_text`, { name: 'a',
		    text: 'Ballast.', indexing_technique: 'economy',
		    process_rule: { mode: 'automatic' } });

	await dify.end(id, made.batch);
	await dify.ok('POST', `/datasets/${id}/documents/${
		made.document.id}/update_by_text`, { name: 'a', text: 'Keel.' });
	await dify.end(id, made.batch);
	assert.equal((await dify.ok('GET',
	    `/datasets/${id}/documents?page=1&limit=20&keyword=a&status=` +
	    'available')).total, 1);
	assert.equal((await dify.ok('POST', `/datasets/${id}/hit-testing`,
	    { query: 'Keel' })).records.length, 1);
});

test('the official Python client', async () => {
	// A type on every request, also where there is no body.
	const always = { headers: JSON_TYPE };
	const { id } = await dify.ok('POST', '/datasets', { name: 'python' });
	const made = await dify.ok('POST',
	    `/datasets/${id}/document/create_by_text`, {
		    indexing_technique: 'high_quality',
		    process_rule: { mode: 'automatic' },
		    name: 'p', text: 'The anchor holds.' });

	await dify.end(id, made.batch);
	assert.equal((await dify.ok('GET', '/datasets?page=1&limit=20',
	    undefined, always)).total >= 1, true);
	assert.equal((await dify.ok('GET', `/datasets/${id}/documents/${
		made.batch}/indexing-status`, undefined, always))
	    .data.length, 1);
	const file = await dify.ok('POST',
	    `/datasets/${id}/document/create_by_file`, multipart([
		    { headers: ['Content-Disposition: form-data; name="data"'],
			    body: JSON.stringify({ name: 'ignored',
				    indexing_technique: 'high_quality',
				    process_rule: { mode: 'automatic' } }) },
		    { headers: ['Content-Disposition: form-data; ' +
			    'name="file"; filename="p.txt"'],
		    body: 'Chain and shackle.' }]));

	assert.equal(file.document.name, 'p.txt');
	await dify.end(id, file.batch);
	const where = `/datasets/${id}/documents/${made.document.id}/segments`;
	const { data: [added] } = await dify.ok('POST', where, { segments: [
		{ content: 'By hand.', answer: '1', keywords: ['a'] }] });

	assert.equal((await dify.ok('GET', `${where}?keyword=hand&status=` +
	    'completed', undefined, always)).data[0].id, added.id);
	await dify.ok('POST', `${where}/${added.id}`, { segment: {
		content: 'Changed.', answer: '1', keywords: ['a'],
		enabled: true } });
	for (const one of [`${where}/${added.id}`,
		`/datasets/${id}/documents/${made.document.id}`,
		`/datasets/${id}`])
		assert.equal((await dify.ask('DELETE', one, undefined, always))
		    .status, 204);
});

test('a Python SDK that is strict about types', async () => {
	const dataset = await dify.ok('POST', '/datasets', { name: 'strict',
		permission: 'only_me', indexing_technique: 'high_quality' });

	for (const name of ['id', 'name', 'permission', 'created_by',
		'updated_by'])
		assert.equal(typeof dataset[name], 'string', name);
	for (const name of ['app_count', 'document_count', 'word_count',
		'created_at', 'updated_at'])
		assert.ok(Number.isInteger(dataset[name]), name);
	// The file comes first, data behind it and with a type.
	const { document, batch } = await dify.ok('POST',
	    `/datasets/${dataset.id}/document/create-by-file`, multipart([
		    { headers: ['Content-Disposition: form-data; ' +
			    'name="file"; filename="s.md"',
			    'Content-Type: application/octet-stream'],
		    body: '# Spar\n\nRigging.' },
		    { headers: ['Content-Disposition: form-data; name="data"',
			    'Content-Type: application/json'],
		    body: JSON.stringify({ indexing_technique:
			    'high_quality', process_rule: { mode: 'custom',
			    rules: { pre_processing_rules: [
				    { id: 'remove_extra_spaces',
					    enabled: true },
				    { id: 'remove_urls_emails',
					    enabled: true }],
			    segmentation: { separator: '###',
				    max_tokens: 500 } } } }) }]));

	for (const name of ['position', 'created_at', 'hit_count'])
		assert.ok(Number.isInteger(document[name]), name);
	for (const name of ['data_source_type', 'created_from', 'created_by',
		'indexing_status', 'doc_form'])
		assert.equal(typeof document[name], 'string', name);
	const [one] = await dify.end(dataset.id, batch);

	assert.ok(Number.isInteger(one.completed_segments));
	const { data: [segment] } = await dify.segments(dataset.id,
	    document.id);

	assert.equal(typeof segment.index_node_id, 'string');
	assert.equal((await dify.ask('DELETE', `/datasets/${dataset.id}`))
	    .status, 204);
});

test('a Java client', async () => {
	const { id } = await dify.ok('POST', '/datasets', { name: 'java',
		description: null, indexing_technique: 'high_quality',
		permission: 'only_me', provider: 'vendor',
		external_knowledge_api_id: null });
	const form = new FormData();

	form.append('data', JSON.stringify({ original_document_id: null,
		indexing_technique: 'high_quality', doc_form: 'text_model',
		doc_language: 'English', process_rule: { mode: 'automatic',
			rules: null }, retrieval_model: null,
		embedding_model: null, embedding_model_provider: null }));
	form.append('file', new Blob(['Portholes.']), 'j.txt');
	const made = await dify.ok('POST',
	    `/datasets/${id}/document/create-by-file`, form);
	const [one] = await dify.end(id, made.batch);

	assert.equal(one.indexing_status, 'completed');
	await dify.ok('POST', `/datasets/${id}/documents/${
		made.document.id}/update-by-text`, { name: 'j.txt',
		text: 'Hatches.', process_rule: null });
});

test('n8n', async () => {
	const { id } = await dify.ok('POST', '/datasets', { name: 'n8n' });
	const form = new FormData();

	// The credentials are tried on an application's route.
	assert.equal((await dify.ask('GET', '/parameters', undefined,
	    { checked: false })).status, 200);
	form.append('file', new Blob(['Bilge water.']), 'n.txt');
	form.append('indexing_technique', 'high_quality');
	form.append('process_rule', JSON.stringify({ mode: 'custom', rules: {
		pre_processing_rules: [{ id: 'remove_extra_spaces',
			enabled: true }],
		segmentation: { separator: '\\n', max_tokens: 1000 } } }));
	const made = await dify.ok('POST',
	    `/datasets/${id}/document/create_by_file`, form);

	await dify.end(id, made.batch);
	// Half of a retrieval model.
	assert.equal((await dify.ok('POST', `/datasets/${id}/hit-testing`, {
		query: 'bilge', retrieval_model: {
			search_method: 'hybrid_search', top_k: 3 } }))
	    .records.length, 1);
	// A path that is nobody's.
	const wrong = await dify.ask('GET', `/datasets/${id}/documents/` +
	    `indexing-status?batch=${made.batch}`, undefined,
	{ checked: false });

	assert.equal(wrong.status, 404);
});

test('MCP servers', async () => {
	const { id } = await dify.ok('POST', '/datasets', { name: 'mcp docs' });
	const made = await dify.text(id, 'm', 'Barnacles on the hull.',
	    { indexing_technique: 'economy' });

	await dify.end(id, made.batch);
	const { data } = await dify.ok('GET', '/datasets?keyword=MCP');

	assert.deepEqual(data.map((one) => one.id), [id]);
	assert.equal((await dify.found(id, 'barnacles')).length, 1);
	const [record] = await dify.found(id, 'barnacles', {
		retrieval_model: { top_k: 6, search_method: 'semantic_search',
			reranking_enable: false,
			score_threshold_enabled: false } });

	assert.equal(record.segment.content, 'Barnacles on the hull.');
	assert.equal(typeof record.score.toFixed(2), 'string');
});

test('curl', async () => {
	const d = await dify.dataset('curl');
	const where = `/datasets/${d}/document/create-by-file`;
	const file = { headers: ['Content-Disposition: form-data; ' +
		'name="file"; filename="f.txt"', 'Content-Type: text/plain'],
	body: 'Mooring lines.' };
	const data = { headers: ['Content-Disposition: form-data; name="data"',
		'Content-Type: text/plain'],
	body: '{"indexing_technique":"high_quality",' +
	    '"process_rule":{"mode":"automatic"}}' };
	const made = await dify.ok('POST', where, multipart([data, file]));

	await dify.end(d, made.batch);
	// As old pages have it, with the quotes that a shell leaves.
	await dify.refused('POST', where, multipart([{ ...data,
		body: `"${data.body}"` }, file]), 400, 'invalid_param',
	    /wrapped in quotes/);
	// The scheme in any case; what no route knows is passed over.
	assert.equal((await dify.ask('GET', '/datasets', undefined,
	    { key: null, headers: { authorization: `bearer ${KEY}` } }))
	    .status, 200);
	assert.equal((await dify.text(d, 'more', 'x', { what: { is: [1] },
		process_rule: null, doc_form: null })).document.doc_form,
	'text_model');
});

test('completed is found, at every poll', async () => {
	const DOCUMENTS = 200, CLIENTS = 16;
	const d = await dify.dataset('in parallel');
	const until = Date.now() + 180000;
	let next = 0;

	// A word that no other document has, in every second one by file.
	async function addOne(i) {
		const text = `The buoy ${word(i)} swings in the current.`;

		if (i % 2 === 0)
			return dify.text(d, `buoy ${i}`, text,
			    { process_rule: { mode: 'automatic' } });
		const form = new FormData();

		form.append('file', new Blob([text]), `buoy-${i}.txt`);
		form.append('data', '{"process_rule":{"mode":"automatic"}}');
		return dify.ok('POST',
		    `/datasets/${d}/document/create-by-file`, form);
	}

	function word(i) {
		return `quay${String.fromCharCode(97 + i % 26)}${i}`;
	}

	async function client() {
		for (let i = next++; i < DOCUMENTS; i = next++) {
			const { document, batch } = await addOne(i);

			for (;;) {
				const { data: [one] } = await dify.status(d,
				    batch);

				assert.equal(one.id, document.id);
				assert.notEqual(one.indexing_status, 'error',
				    one.error);
				assert.ok(Date.now() < until, 'too slow');
				if (one.indexing_status !== 'completed')
					continue;
				const records = await dify.found(d, word(i));

				assert.equal(records[0]?.segment.document.id,
				    document.id, `${word(i)} is completed ` +
				    'and not found');
				break;
			}
		}
	}
	await Promise.all(Array.from({ length: CLIENTS }, client));
	const all = await dify.ok('GET',
	    `/datasets/${d}/documents?status=available`);

	assert.equal(all.total, DOCUMENTS);
	for (let i = 0; i < DOCUMENTS; i += 17)
		assert.match((await dify.found(d, word(i)))[0]
		    .segment.content, new RegExp(`${word(i)} `));
});
