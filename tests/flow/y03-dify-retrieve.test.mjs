// SPDX-License-Identifier: Apache-2.0
//
// Asking a dataset: methods, weights, thresholds, filters, and the shape of
// what is found.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test, { after, before } from 'node:test';
import { Dify, DATASET_MISSING } from './lib-dify.mjs';

const NOBODY = '11111111-2222-4333-8444-555555555555';
const TEXTS = {
	'tides.txt': 'The tide turns twice a day, and the moon pulls it.',
	'sails.txt': 'A spinnaker is a sail that is set before the wind.',
	'knots.txt': 'A bowline is a knot that does not slip.',
};
const SEGMENT_KEYS = ['id', 'position', 'document_id', 'content',
	'sign_content', 'answer', 'word_count', 'tokens', 'keywords',
	'index_node_id', 'index_node_hash', 'hit_count', 'enabled',
	'disabled_at', 'disabled_by', 'status', 'created_by', 'created_at',
	'indexing_at', 'completed_at', 'error', 'stopped_at', 'document'];
let server;
let id;
const documents = {};

before(async () => {
	server = await Dify.start();
	id = (await server.dataset('sea')).id;
	for (const [name, text] of Object.entries(TEXTS))
		documents[name] = await server.text(id, name, text);
});
after(() => server.stop());

const ask = async (query, model, dataset = id) => (await server.good('POST',
    `/datasets/${dataset}/retrieve`,
    model === undefined ? { query } : { query, retrieval_model: model }))
    .records;
const names = (records) => records.map(({ segment }) => segment.document.name);
const by = (search_method, more) => ({ search_method,
	reranking_enable: false, top_k: 10, score_threshold_enabled: false,
	...more });

test('a record, key by key', async () => {
	const reply = await server.call('POST', `/datasets/${id}/retrieve`,
	    { query: 'moon tide' });
	const [record] = reply.json.records;
	const text = TEXTS['tides.txt'];

	assert.deepEqual(reply.json.query, { content: 'moon tide' });
	assert.deepEqual(Object.keys(record), ['segment', 'child_chunks',
		'score', 'tsne_position', 'files', 'summary']);
	assert.deepEqual(Object.keys(record.segment), SEGMENT_KEYS);
	assert.equal(record.segment.content, text);
	assert.equal(record.segment.sign_content, text);
	assert.equal(record.segment.position, 1);
	assert.equal(record.segment.word_count, text.length);
	assert.equal(record.segment.document_id, documents['tides.txt'].id);
	assert.equal(record.segment.index_node_hash, createHash('sha256')
	    .update(`${text}None`).digest('hex'));
	assert.equal(record.segment.hit_count, 0);
	assert.ok(Array.isArray(record.segment.keywords));
	assert.ok(record.segment.created_at >=
	    documents['tides.txt'].created_at);
	assert.deepEqual(record.segment.document, {
		id: documents['tides.txt'].id, data_source_type: 'upload_file',
		name: 'tides.txt', doc_type: null, doc_metadata: null });
	assert.deepEqual(record.child_chunks, []);
	assert.ok(record.score > 0 && record.score <= 1);
	assert.ok(reply.text.endsWith('}\n'));
});

test('each method, under both names of the route', async () => {
	// Half a word is near, and no word.
	assert.deepEqual(names(await ask('bowlin knott',
	    by('semantic_search', { top_k: 1 }))), ['knots.txt']);
	for (const method of ['full_text_search', 'keyword_search']) {
		assert.deepEqual(names(await ask('bowli', by(method))), []);
		assert.deepEqual(names(await ask('spinnaker', by(method))),
		    ['sails.txt']);
	}
	assert.deepEqual(names(await ask('spinnaker sail',
	    by('hybrid_search', { top_k: 1 }))), ['sails.txt']);
	const older = await server.good('POST', `/datasets/${id}/hit-testing`,
	    { query: 'spinnaker', retrieval_model: by('full_text_search') });
	assert.deepEqual(older.records,
	    await ask('spinnaker', by('full_text_search')));
});

test('weights between nearness and words', async () => {
	const weighted = (vector, keyword) => by('hybrid_search', {
		reranking_mode: 'weighted_score', weights: {
			weight_type: 'customized', vector_setting: {
				vector_weight: vector,
				embedding_provider_name: '',
				embedding_model_name: '' },
			keyword_setting: { keyword_weight: keyword } } });

	// Words alone find what has the word, nearness more than that.
	assert.deepEqual(await ask('bowline', weighted(0, 1)),
	    await ask('bowline', by('full_text_search')));
	assert.deepEqual(await ask('bowline', weighted(1, 0)),
	    await ask('bowline', by('semantic_search')));
	assert.ok((await ask('bowline', weighted(0.5, 0.5))).length >= 1);
});

test('how many, and how good', async () => {
	const query = 'tide sail knot';
	const all = await ask(query, by('hybrid_search'));
	const scores = all.map(({ score }) => score);

	assert.equal(all.length, 3);
	assert.deepEqual(scores, [...scores].sort((a, b) => b - a));
	assert.equal((await ask(query, by('hybrid_search', { top_k: 2 })))
	    .length, 2);
	const [best, next] = await ask('moon pulls tide', by('semantic_search'));
	const between = (best.score + next.score) / 2;
	assert.deepEqual((await ask('moon pulls tide', by('semantic_search',
	    { score_threshold_enabled: true, score_threshold: between })))
	    .length, 1);
	// A threshold that is not switched on is none.
	assert.equal((await ask('moon pulls tide', by('semantic_search',
	    { score_threshold: 0.99 }))).length, 3);
	assert.deepEqual(await ask('moon pulls tide', by('semantic_search',
	    { score_threshold_enabled: true, score_threshold: 1 })), []);
});

test('what clients leave out, and what the dataset says', async () => {
	assert.ok((await ask('tide')).length >= 1);
	assert.equal((await ask('tide', null)).length, 3);
	assert.equal((await ask('tide', {})).length, 3);
	assert.equal((await ask('tide', { top_k: 1 })).length, 1);
	assert.equal((await ask('tide', { top_k: '2' })).length, 2);
	const other = await server.dataset('own', { retrieval_model: {
		search_method: 'full_text_search', top_k: 1 } });
	await server.text(other.id, 'a', 'ebb one');
	await server.text(other.id, 'b', 'ebb two');
	assert.equal((await ask('ebb', undefined, other.id)).length, 1);
	assert.equal((await ask('eb', undefined, other.id)).length, 0);
	assert.equal((await ask('ebb', by('semantic_search'), other.id))
	    .length, 2);
});

test('economy is asked by words, whatever is asked for', async () => {
	const other = await server.dataset('cheap',
	    { indexing_technique: 'economy' });
	const economy = { indexing_technique: 'economy' };

	await server.text(other.id, 'a', 'The harbour is closed.', economy);
	await server.text(other.id, 'b', 'The lighthouse is open.', economy);
	for (const method of ['semantic_search', 'full_text_search',
		'hybrid_search', 'keyword_search']) {
		const records = await ask('harbour', by(method), other.id);

		assert.deepEqual(names(records), ['a'], method);
		assert.equal(typeof records[0].score, 'number');
		assert.ok(records[0].segment.keywords.includes('harbour'));
		assert.equal(records[0].segment.tokens, 0);
		assert.deepEqual(await ask('harbor', by(method), other.id), []);
	}
});

test('conditions on metadata', async () => {
	const fields = {};

	for (const [name, type] of [['author', 'string'], ['year', 'number'],
		['read', 'time']])
		fields[name] = (await server.good('POST',
		    `/datasets/${id}/metadata`, { type, name })).id;
	const give = (name, values) => ({ document_id: documents[name].id,
		metadata_list: Object.entries(values).map(([key, value]) =>
		    ({ id: fields[key], name: key, value })) });
	await server.good('POST', `/datasets/${id}/documents/metadata`, {
		operation_data: [
			give('tides.txt', { author: 'Ada', year: 1990,
				read: 1700000000 }),
			give('sails.txt', { author: 'Babbage', year: '2005' }),
		] });
	const found = async (...conditions) => names(await ask('tide sail knot',
	    by('semantic_search', { metadata_filtering_conditions: {
		logical_operator: 'and',
		conditions: conditions.map(([name, operator, value]) => ({ name,
			comparison_operator: operator, value })) } }))).sort();

	assert.deepEqual(await found(), ['knots.txt', 'sails.txt',
		'tides.txt']);
	assert.deepEqual(await found(['author', 'is', 'Ada']), ['tides.txt']);
	assert.deepEqual(await found(['author', 'contains', 'abb']),
	    ['sails.txt']);
	assert.deepEqual(await found(['author', 'empty']), ['knots.txt']);
	assert.deepEqual(await found(['year', '≥', '2000']), ['sails.txt']);
	assert.deepEqual(await found(['year', '<', 2000]), ['tides.txt']);
	assert.deepEqual(await found(['read', 'after', 1600000000]),
	    ['tides.txt']);
	assert.deepEqual(await found(['author', 'in', ['Ada', 'Babbage']],
	    ['year', '=', 2005]), ['sails.txt']);
	assert.deepEqual(await found(['document_name', 'start with', 'k']),
	    ['knots.txt']);
	assert.deepEqual(await found(['upload_date', 'before', 1000]), []);
	assert.equal((await found(['last_update_date', '>', 1000])).length, 3);
	assert.equal((await found(['source', 'is', 'file_upload'])).length, 3);
	assert.deepEqual(names(await ask('tide', by('semantic_search', {
		metadata_filtering_conditions: { logical_operator: 'or',
			conditions: [{ name: 'author',
				comparison_operator: 'empty' },
			{ name: 'year', comparison_operator: '=',
				value: '1990' }] } }))).sort(),
	['knots.txt', 'tides.txt']);
	// The values are shown by name.
	const [{ segment }] = await ask('tide', by('semantic_search',
	    { top_k: 1 }));
	assert.deepEqual(segment.document.doc_metadata,
	    { author: 'Ada', year: 1990, read: 1700000000 });
	const wrong = await server.call('POST', `/datasets/${id}/retrieve`, {
		query: 'x', retrieval_model: by('semantic_search', {
			metadata_filtering_conditions: { conditions: [{
				name: 'author', comparison_operator: 'like',
				value: 'x' }] } }) });
	assert.equal(wrong.status, 400);
	assert.match(wrong.json.message, /comparison_operator/);
});

test('questions that cannot be asked', async () => {
	const route = `/datasets/${id}/retrieve`;
	const missing = ['POST', route];

	for (const body of [{}, { query: '' }, { query: null }])
		await server.bad(...missing, body, 400, 'invalid_param',
		    'Query or attachment_ids is required');
	const long = await server.call('POST', route,
	    { query: 'x'.repeat(251) });
	assert.equal(long.status, 400);
	assert.match(long.json.message,
	    /query\n {2}String should have at most 250 characters/);
	// Characters, not bytes.
	await server.good('POST', route, { query: '潮'.repeat(250) });
	for (const model of [by('magic'), by('semantic_search', { top_k: 0 }),
		by('semantic_search', { top_k: {} }), 'semantic_search'])
		assert.equal((await server.call('POST', route,
		    { query: 'x', retrieval_model: model })).status, 400);
	assert.deepEqual((await server.call('POST',
	    `/datasets/${NOBODY}/retrieve`, { query: 'x' })).json,
	DATASET_MISSING);
	// What only other servers know is accepted.
	await server.good('POST', route, { query: 'x', attachment_ids: null,
		external_retrieval_model: { top_k: 2 },
		retrieval_model: by('semantic_search', { reranking_enable: true,
			reranking_mode: 'reranking_model', reranking_model: {
				reranking_provider_name: '',
				reranking_model_name: '' } }) });
});

test('what is switched off is not found', async () => {
	const status = (action) => server.good('PATCH',
	    `/datasets/${id}/documents/status/${action}`,
	    { document_ids: [documents['knots.txt'].id] });
	const found = async () => names(await ask('bowline',
	    by('full_text_search')));

	assert.deepEqual(await found(), ['knots.txt']);
	for (const [off, on] of [['disable', 'enable'],
		['archive', 'un_archive']]) {
		await status(off);
		assert.deepEqual(await found(), []);
		await status(on);
		assert.deepEqual(await found(), ['knots.txt']);
	}
});

test('children stand below their segment', async () => {
	const other = await server.dataset('parents');

	await server.text(other.id, 'long', 'First the gale came up.\n' +
	    'Then the mast broke.\nAt last we drifted home.', {
		doc_form: 'hierarchical_model', process_rule: {
			mode: 'hierarchical', rules: {
				pre_processing_rules: [],
				parent_mode: 'full-doc',
				segmentation: { separator: '\n\n',
					max_tokens: 1000 },
				subchunk_segmentation: { separator: '\n',
					max_tokens: 100 } } } });
	const [record] = await ask('the mast broke', by('semantic_search'),
	    other.id);
	assert.ok(record.child_chunks.length >= 1);
	const [best] = record.child_chunks;
	assert.deepEqual(Object.keys(best), ['id', 'content', 'position',
		'score']);
	assert.equal(best.content, 'Then the mast broke.');
	assert.equal(best.position, 2);
	const scores = record.child_chunks.map(({ score }) => score);
	assert.deepEqual(scores, [...scores].sort((a, b) => b - a));
	assert.match(record.segment.content, /^First the gale/);
});
