// SPDX-License-Identifier: Apache-2.0
//
// DigitalOcean: asking a knowledge base.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { DigitalOcean, GONE, NOBODY } from './lib-digitalocean.mjs';

let server, kb, ids;

before(async () => {
	server = await DigitalOcean.start();
	kb = (await server.base('ask')).uuid;
	for (const [name, text] of [
		['tides.md', '# Tides\n\n## High\n\nThe tide is high at noon.'],
		['moon.md', '# Moon\n\nThe moon pulls the tide.'],
		['bread.md', '# Bread\n\nFlour, water, salt and yeast.']])
		await server.file(kb, name, text);
	assert.equal((await server.index(kb)).total_items_indexed, '3');
	const { results } = await server.retrieve(kb, 'tide moon bread flour',
	    { alpha: 0 });

	ids = Object.fromEntries(results.map(({ metadata }) =>
	    [metadata.item_name, metadata.file_id]));
	assert.equal(Object.keys(ids).length, 3);
});
after(() => server.stop());

const names = ({ results }) => results.map(({ metadata }) =>
    metadata.item_name).sort();

test('results and what is told of them', async () => {
	const answer = await server.retrieve(kb, 'When is the tide high?',
	    { alpha: 0.5, num_results: 1 });
	const [{ text_content: text, metadata }] = answer.results;

	assert.equal(answer.total_results, 1);
	assert.match(text, /high at noon/);
	assert.equal(metadata.item_name, 'tides.md');
	assert.equal(metadata.chunk_category, 'text');
	assert.equal(metadata.section, 'Tides > High');
	assert.equal('page_number' in metadata, false);
	// The same without the version.
	assert.deepEqual(await server.good('POST', `/${kb}/retrieve`,
	    { query: 'When is the tide high?', num_results: '1', alpha: '0.5' },
	    { root: '' }), answer);
});

test('words and nearness', async () => {
	assert.deepEqual(names(await server.retrieve(kb, 'yeast',
	    { alpha: 0 })), ['bread.md']);
	assert.equal((await server.retrieve(kb, 'yeast', { alpha: 1 }))
	    .results.length, 3);
	assert.equal((await server.retrieve(kb, 'tide', { num_results: 0 }))
	    .total_results, 0);
	assert.deepEqual(names(await server.retrieve(kb, 'zzzz',
	    { alpha: 0 })), []);
});

test('filters of the SDKs', async () => {
	const must = (field, operator, value) =>
	    server.retrieve(kb, 'tide', { alpha: 1, filters: {
		    must: [{ field, operator, value }], must_not: [],
		    should: [] } });

	assert.deepEqual(names(await must('item_name', 'eq', 'moon.md')),
	    ['moon.md']);
	assert.deepEqual(names(await must('item_name', 'ne', 'moon.md')),
	    ['bread.md', 'tides.md']);
	assert.deepEqual(names(await must('item_name', 'in',
	    ['moon.md', 'tides.md'])), ['moon.md', 'tides.md']);
	assert.deepEqual(names(await must('item_name', 'not_in',
	    ['moon.md', 'tides.md'])), ['bread.md']);
	assert.deepEqual(names(await must('item_name', 'contains', 'oo')),
	    ['moon.md']);
	assert.deepEqual(names(await must('file_id', 'eq', ids['bread.md'])),
	    ['bread.md']);
	assert.deepEqual(names(await must('chunk_category', 'eq', 'text')),
	    ['bread.md', 'moon.md', 'tides.md']);
	assert.deepEqual(names(await must('chunk_category', 'eq', 'table')),
	    []);
	assert.deepEqual(names(await must('page_number', 'gte', 1)), []);
	assert.deepEqual(names(await server.retrieve(kb, 'tide', { alpha: 1,
		filters: { must_not: [{ field: 'item_name', operator: 'eq',
			value: 'moon.md' }], should: [
			{ field: 'item_name', operator: 'contains', value: 'moon' },
			{ field: 'item_name', operator: 'contains', value: 'tid' }],
		} })), ['tides.md']);
	assert.deepEqual(names(await server.retrieve(kb, 'tide', { alpha: 1,
		filters: { must_not: [{ field: 'page_number', operator: 'gt',
			value: 3 }] } })), ['bread.md', 'moon.md', 'tides.md']);
});

test('filters of the newer form', async () => {
	const ask = (filters) => server.retrieve(kb, 'tide',
	    { alpha: 1, filters });

	assert.deepEqual(names(await ask({ equals: { field: 'item_name',
		value: 'moon.md' } })), ['moon.md']);
	assert.deepEqual(names(await ask({ or_all: [
		{ equals: { item_name: 'moon.md' } },
		{ starts_with: { item_name: 'bre*' } }] })),
	    ['bread.md', 'moon.md']);
	assert.deepEqual(names(await ask({ and_all: [
		{ not_equals: { key: 'item_name', value: 'moon.md' } },
		{ starts_with: { field: 'item_name', value: 't' } }] })),
	    ['tides.md']);
	for (const filters of [null, {}, { must: [] }])
		assert.equal((await ask(filters)).total_results, 3);
});

test('questions that are none', async () => {
	const where = `/v1/${kb}/retrieve`;

	for (const body of [{}, undefined, { query: '' }, { query: 7 },
		{ query: 'x', num_results: 101 }, { query: 'x', num_results: -1 },
		{ query: 'x', num_results: 'many' }, { query: 'x', alpha: 1.5 },
		{ query: 'x', alpha: -0.1 }, { query: 'x', filters: [1] },
		{ query: 'x', filters: { must: [{ field: 'a' }] } },
		{ query: 'x', filters: { nothing: [1] } },
		{ query: 'x', filters: { and_all: [{ equals: { a: 1 } }],
			or_all: [{ equals: { a: 1 } }] } }])
		await server.bad('POST', where, body, 400, 'invalid_argument',
		    undefined, { root: '' });
	for (const [id, more] of [[NOBODY, {}], [NOBODY, { num_results: 0 }]])
		await server.bad('POST', `/v1/${id}/retrieve`, { query: 'x',
			...more }, 404, 'not_found', GONE, { root: '' });
	await server.bad('POST', where, { query: 'x' }, 401, 'unauthorized',
	    undefined, { root: '', key: null });
	await server.bad('GET', where, undefined, 405, 'method_not_allowed',
	    undefined, { root: '' });
});
