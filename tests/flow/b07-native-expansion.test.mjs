// SPDX-License-Identifier: Apache-2.0
//
// What the best have in common is asked for, too; two rankings become one.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server } from './lib.mjs';

const TEXTS = {
	neap: 'Neap tides: sailors watch ebb, flood and slack in the harbour.',
	moon: 'At half moon neap tides come; sailors watch ebb and flood.',
	// No word of what is asked, many of those above.
	pilots: 'Harbour pilots: sailors who watch flood, ebb and slack.',
	bread: 'Flour, yeast and salt make a loaf of bread.',
};
let server;

before(async () => {
	server = await Server.start();
	await server.base('sea');
	await server.end(await server.texts('sea', Object.entries(TEXTS)
	    .map(([name, text]) => ({ name, text }))));
});
after(() => server.stop());

async function ask(rest, query = 'neap tides') {
	return (await server.ok('POST', '/bases/sea/query',
	    { body: { query, ...rest } })).results;
}

// By name: what found it.
async function found(rest, query) {
	return Object.fromEntries((await ask(rest, query))
	    .map((result) => [result.name, result.match.join(' ')]));
}

test('expansion finds what shares no word with the query', async () => {
	const words = { neap: 'lexical', moon: 'lexical' };
	const more = { ...words, pilots: 'lexical' };

	for (const expand of [undefined, null, 'auto', false])
		assert.deepEqual(await found({ semantic_ratio: 0, expand }),
		    words);
	assert.deepEqual(await found({ semantic_ratio: 0, expand: true }),
	    more);
	// Nearness alone asks for no words.
	assert.deepEqual(await found({ semantic_ratio: 1, expand: true }),
	    { neap: 'vector', moon: 'vector', pilots: 'vector',
		bread: 'vector' });
});

test('words and nearness are expanded unless it is unwanted', async () => {
	const both = 'lexical vector';

	for (const expand of [undefined, 'auto', true])
		assert.deepEqual(await found({ expand }), { neap: both,
			moon: both, pilots: both, bread: 'vector' });
	assert.deepEqual(await found({ expand: false }), { neap: both,
		moon: both, pilots: 'vector', bread: 'vector' });
	// Who uses operators knows what is looked for.
	assert.deepEqual(await found({}, 'neap -half'), { neap: both,
		pilots: 'vector', bread: 'vector' });
	assert.deepEqual(await found({ expand: true }, 'neap -half'),
	    { neap: both, pilots: both, bread: 'vector' });
	assert.deepEqual(await found({ expand: true }, '"neap tides"'),
	    { neap: both, moon: both });
});

test('a word counts as often as it is asked', async () => {
	const rest = { semantic_ratio: 0, limit: 1 };

	for (const [query, best] of [['bread slack slack slack', 'pilots'],
		['bread bread bread slack', 'bread']])
		assert.equal((await ask(rest, query))[0].name, best);
});

test('function words find nothing by themselves', async () => {
	const rest = { semantic_ratio: 0 };

	assert.deepEqual(await found(rest, 'who and the neap'),
	    { neap: 'lexical', moon: 'lexical' });
	assert.deepEqual(await found(rest, 'who'), { pilots: 'lexical' });
	assert.deepEqual(await found(rest, 'who the'),
	    { pilots: 'lexical', neap: 'lexical' });
});

test('scores fall, within 0 and 1', async () => {
	for (const fusion of ['sum', 'rrf', null])
		for (const semantic_ratio of [0, 0.2, 0.5, 0.9, 1])
			for (const expand of [true, false]) {
				const scores = (await ask({ fusion, expand,
					semantic_ratio }))
				    .map(({ score }) => score);

				assert.ok(scores.length >= 2);
				assert.ok(scores.every((score, i) =>
				    score >= 0 && score <= 1 &&
				    (i === 0 || score <= scores[i - 1])),
				    scores.join());
			}
});

test('by rank, places alone count', async () => {
	const rest = { fusion: 'rrf', semantic_ratio: 0 };
	const results = await ask(rest);

	// Scores come with six digits.
	assert.deepEqual(results.map(({ score }) => score.toFixed(4)),
	    [1, 61 / 62].map((score) => score.toFixed(4)));
});

test('words that find nothing leave it to nearness', async () => {
	const [best] = await ask({}, 'saillors');
	const [same] = await ask({ semantic_ratio: 1 }, 'saillors');

	assert.equal(best.segment_id, same.segment_id);
	assert.equal(best.score, same.score);
});

test('other values are refused', async () => {
	for (const rest of [{ fusion: 'max' }, { fusion: 'SUM' },
		{ fusion: 1 }, { fusion: ['sum'] }, { expand: 'yes' },
		{ expand: 'true' }, { expand: 1 }, { expand: {} }]) {
		const reply = await server.ask('POST', '/bases/sea/query',
		    { body: { query: 'neap', ...rest } });

		assert.equal(reply.status, 400, reply.text);
		assert.equal(reply.json.error.code, 'INVALID_ARGUMENT');
		assert.match(reply.json.error.message,
		    new RegExp(`^${Object.keys(rest)[0]} must be `));
	}
});
