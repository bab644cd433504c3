// SPDX-License-Identifier: Apache-2.0
//
// Queries with a filter, and the bytes of a document read in place.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROOT, Server } from './lib.mjs';

let server;

before(async () => {
	server = await Server.start();
});
after(() => server.stop());

async function names(filter, ratio) {
	const { results } = await server.ok('POST', '/bases/books/query',
	    { body: { query: 'harbour pilots', filter,
		semantic_ratio: ratio } });

	return results.map((result) => result.name).sort();
}

test('a filter lets through what its metadata says', async () => {
	await server.base('books');
	const documents = [];

	for (let i = 0; i < 300; i++)
		documents.push({ name: `b${i}`, metadata: { year: 1900 + i,
			tags: i % 100 === 7 ? ['rare'] : ['common'] },
			text: `harbour pilots, volume ${i}` });
	await server.end(await server.texts('books', documents));

	for (const ratio of [0, 0.5, 1]) {
		assert.deepEqual(await names({ tags: 'rare' }, ratio),
		    ['b107', 'b207', 'b7']);
		assert.deepEqual(await names({ year: { $gte: 2000, $lt: 2100 },
			tags: ['rare'] }, ratio), ['b107']);
		assert.deepEqual(await names({ name: 'b42' }, ratio), ['b42']);
		assert.deepEqual(await names({ year: 1 }, ratio), []);
	}
	for (const filter of [[], { $nor: [] }, { year: { $in: 3 } }]) {
		const reply = await server.ask('POST', '/bases/books/query',
		    { body: { query: 'x', filter } });

		assert.equal(reply.status, 400, reply.text);
		assert.equal(reply.json.error.code, 'INVALID_ARGUMENT');
	}
});

test('segments from any of them on, with what they are found by', async () => {
	await server.ok('POST', '/bases', { body: { name: 'cut', settings: {
		chunking: { method: 'separator', separator: '\n\n',
			chars_max: 400, child: { method: 'separator',
				separator: '. ', chars_max: 60 } } } } });
	const text = Array.from({ length: 30 }, (_, i) => `Pilot ${i} has a ` +
	    `boat. It is moored at berth ${i}.`).join('\n\n');

	await server.end(await server.texts('cut', [{ name: 'p.txt', text }]));
	const { documents: [{ id, segments: count }] } =
	    await server.ok('GET', '/bases/cut/documents');
	const where = `/documents/${id}/segments`;

	assert.equal(count, 30);
	const first = await server.ok('GET', `${where}?from=27&limit=2`);
	assert.deepEqual(first.segments.map((s) => s.position), [27, 28]);
	assert.equal(first.segments[0].is_enabled, true);
	assert.equal(first.segments[0].answer, null);
	assert.deepEqual(first.segments[0].keywords, []);
	assert.equal(first.segments[0].children, undefined);
	const second = await server.ok('GET', `${where}?from=27&limit=2` +
	    `&children=true&cursor=${first.next_cursor}`);
	assert.deepEqual(second.segments.map((s) => s.position), [29]);
	assert.deepEqual(second.segments[0].children.map((child) =>
	    [child.position, child.text]), [[0, 'Pilot 29 has a boat'],
		[1, 'It is moored at berth 29.']]);
	assert.deepEqual((await server.ok('GET', `${where}?from=16000000`))
	    .segments, []);
	for (const rubbish of ['from=-1', 'from=16000001', 'children=1']) {
		const reply = await server.ask('GET', `${where}?${rubbish}`);

		assert.equal(reply.status, 400, rubbish);
	}
});

test('the raw bytes of a file whose name needs escaping', async () => {
	const text = 'A hundred per cent of spaces and umlauts.\n';

	server.put('a 100% grün#.txt', text);
	await server.base('raw');
	await server.end(await server.folder('raw'));
	const { documents } = await server.ok('GET', '/bases/raw/documents');

	assert.equal(documents.length, 1);
	const reply = await server.fetch(
	    `${ROOT}/documents/${documents[0].id}/raw`);
	assert.equal(reply.status, 200);
	assert.equal(await reply.text(), text);
});

test('a query without words finds nothing', async () => {
	for (const query of ['  ', '!!!', '\u{1F30A}']) {
		const { results } = await server.ok('POST',
		    '/bases/books/query', { body: { query } });

		assert.deepEqual(results, []);
	}
});

test('a name that is too long is refused, not cut', async () => {
	await server.base('names');
	const name = 'n'.repeat(1000);
	const job = await server.end(await server.texts('names',
	    [{ name, text: 'long' }]));
	const { items } = await server.ok('GET', `/jobs/${job.id}/items`);

	assert.equal(items[0].name, name);
	const reply = await server.ask('POST', '/bases/names/documents',
	    { body: { documents: [{ name: `${name}n`, text: 'x' }] } });
	assert.equal(reply.status, 413, reply.text);
});
