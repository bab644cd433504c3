// SPDX-License-Identifier: Apache-2.0
//
// Vectors from a service, here one of our own that is told how to behave:
// each text is embedded once whatever happens, an outage fails nothing, and
// what is no vector is refused.

import assert from 'node:assert/strict';
import test, { after, afterEach, before } from 'node:test';
import { EMBEDDER, Models, fail, vectorOf } from './lib-models.mjs';
import { Server, isFinal } from './lib.mjs';

const TEXTS = 8; // in one request
const REJECTED = 'EMBEDDING_REJECTED';
const models = new Models();
const onEmbed = models.onEmbed;
let server;
let flags;
let turn = 0;

before(async () => {
	await models.open();
	flags = ['--workers', '1', '--embedding-texts', `${TEXTS}`];
	server = await Server.start(...flags, ...models.embeddingFlags);
});
after(async () => {
	await server.stop();
	await models.close();
});
afterEach(() => {
	models.onEmbed = onEmbed;
	models.embeds.length = 0;
});

// Paragraphs of which each becomes a segment, with a word of its own.
function chapter(count) {
	const words = 'the tide came in over the sand and went out again. ';

	return Array.from({ length: count }, (_, i) =>
	    `Paragraph mark${turn}x${i}. ${words.repeat(18)}`).join('\n\n');
}

async function fresh() {
	const base = `embedded-${++turn}`;

	await server.base(base);
	return base;
}

const about = async () => (await server.ok('GET', '/about')).embedding;
const query = (base, text, rest = { semantic_ratio: 1 }) =>
	server.ok('POST', `/bases/${base}/query`,
	    { body: { query: text, ...rest } });
const item = async (job) =>
	(await server.ok('GET', `/jobs/${job.id}/items`)).items[0];
// The texts of all requests, but the one that asks how long vectors are.
const texts = () => models.embeds.flatMap(({ input }) => input)
	.filter((text) => text !== 'a');

// Follow the job until it is as wanted.
async function until(job, wanted) {
	while (!wanted(job)) {
		assert.ok(!isFinal(job), JSON.stringify(job));
		job = await server.ok('GET', `/jobs/${job.id}` +
		    `?after=${job.revision}&wait=1`);
	}
	return job;
}

test('texts are embedded by the service, and found by it', async () => {
	assert.deepEqual(await about(), { name: 'openai vectors-1',
		dimensions: null, is_down: false });
	const base = await fresh();
	const job = await server.end(await server.texts(base, [
		{ name: 'a.txt', text: 'Otters hold hands when they sleep.' },
		{ name: 'b.txt', text: 'Ferries cross the strait at noon.' }]));

	assert.equal(job.state, 'completed');
	assert.deepEqual(models.embeds.map(({ url, key, model, input }) =>
	    ({ url, key, model, input })).sort((a, b) =>
	    a.input[0] < b.input[0] ? -1 : 1), [
		['Ferries cross the strait at noon.'],
		['Otters hold hands when they sleep.'], ['a']].map((input) =>
	    ({ url: '/v1/embeddings', model: 'vectors-1', input,
		    key: 'Bearer a-key-for-the-embedding-service' })));
	assert.deepEqual(await about(), { name: 'openai vectors-1',
		dimensions: 24, is_down: false });
	const health = await server.fetch('/health', { key: null });

	assert.equal((await health.json()).embedding, 'openai vectors-1');
	const found = await query(base, 'otters sleep');

	assert.equal(found.words_only, false);
	assert.equal(found.results[0].name, 'a.txt');
	assert.deepEqual(found.results[0].match, ['vector']);
	const metrics = await (await server.fetch('/metrics')).text();

	assert.match(metrics, /^tidemark_embedding_texts_total 4$/m);
	assert.match(metrics, /^tidemark_embedding_tokens_total 20$/m);
	assert.match(metrics, /^tidemark_embedding_down 0$/m);
});

test('it is no change that it has been learnt how long vectors are',
    async () => {
	const base = await fresh();

	models.embedder = 'vectors-0';
	assert.equal(await server.halt(), 0);
	await server.run(...flags, ...models.embeddingFlags);
	server.put('same.txt', 'The same as before.');
	assert.equal((await server.end(await server.folder(base))).state,
	    'completed');
	// Other bases are embedded again meanwhile.
	assert.deepEqual(models.embeds.map(({ input }) => input)
		.filter(([text]) => text === 'a' || text.startsWith('The')),
	[['a'], ['The same as before.']]);
	assert.equal((await server.end(await server.folder(base))).state,
	    'no_changes');
	assert.equal(await server.halt(), 0);
	models.embedder = EMBEDDER;
	await server.run(...flags, ...models.embeddingFlags);
	for (const job of (await server.ok('GET', '/jobs')).jobs)
		await server.end(job);
});

test('what is stored is not sent again after kill -9', async () => {
	const base = await fresh();
	const all = chapter(5 * TEXTS);

	// The fourth batch is on its way for ever.
	models.onEmbed = (asked, reply) => models.embeds.length > 3
		? undefined : onEmbed(asked, reply);
	let job = await server.texts(base, [{ name: 'long.txt', text: all }]);
	const heard = models.hear(4);

	await heard;
	job = await until(job, ({ segments }) =>
		segments.completed === 3 * TEXTS);
	assert.equal(await server.halt('SIGKILL'), 'SIGKILL');
	const first = texts();

	assert.equal(first.length, 4 * TEXTS);
	models.embeds.length = 0;
	models.onEmbed = onEmbed;
	await server.run(...flags, ...models.embeddingFlags);
	job = await server.end(await server.ok('GET', `/jobs/${job.id}`));
	assert.equal(job.state, 'completed');
	assert.deepEqual(job.segments, { total: 5 * TEXTS,
		completed: 5 * TEXTS });
	// What was not answered, and the rest; and it is not asked again how
	// long vectors are.
	assert.deepEqual(texts().slice(0, TEXTS), first.slice(3 * TEXTS));
	assert.equal(texts().length, 2 * TEXTS);
	assert.ok(models.embeds.every(({ input }) => input[0] !== 'a'));
	assert.equal(new Set([...first, ...texts()]).size, 5 * TEXTS);
	const found = await query(base, `mark${turn}x37`,
	    { semantic_ratio: 0.5 });

	assert.match(found.results[0].text, new RegExp(`mark${turn}x37\\.`));
});

test('a service that is busy is left alone for as long as it says',
    async () => {
	const base = await fresh();
	const times = [];

	models.onEmbed = (asked, reply) => {
		if (asked.input[0] !== 'a')
			times.push(performance.now());
		if (times.length !== 1)
			return onEmbed(asked, reply);
		fail(reply, 429, { 'Retry-After': '2' });
	};
	let job = await server.texts(base, [{ name: 'a.txt', text: 'busy' }]);

	job = await until(job, ({ waiting_for }) =>
		waiting_for === 'embedding');
	let waits;

	do
		waits = await item(job);
	while (waits.state !== 'waiting' && waits.state !== 'completed');
	assert.equal(waits.waiting_for, 'embedding');
	job = await server.end(job);
	assert.equal(job.state, 'completed');
	assert.equal((await item(job)).attempt, 1);
	assert.equal(times.length, 2);
	assert.ok(times[1] - times[0] >= 2000);
});

test('an outage fails nothing, and queries are answered by words',
    async () => {
	const base = await fresh();
	const port = models.service.address().port;

	await server.end(await server.texts(base, [{ name: 'before.txt',
		text: 'lighthouses stand on rocks' }]));
	await models.close();
	let job = await server.texts(base, [{ name: 'during.txt',
		text: chapter(3) }, { name: 'also.txt', text: 'harbour' }]);

	job = await until(job, ({ waiting_for }) =>
		waiting_for === 'embedding');
	const found = await query(base, 'lighthouses');

	assert.equal(found.words_only, true);
	assert.deepEqual(found.results.map(({ name, match }) =>
		[name, match]), [['before.txt', ['lexical']]]);
	assert.equal((await about()).is_down, true);
	await models.open(port);
	job = await server.end(job);
	assert.equal(job.state, 'completed');
	assert.deepEqual((await server.ok('GET', `/jobs/${job.id}/items`))
		.items.map(({ state, attempt }) => [state, attempt]),
	[['completed', 1], ['completed', 1]]);
	assert.equal((await about()).is_down, false);
	assert.equal((await query(base, 'harbour')).words_only, false);
});

test('a text that is refused fails its document alone', async () => {
	const base = await fresh();

	models.onEmbed = (asked, reply) => {
		if (asked.input.some((text) => text.includes('x5. ')))
			fail(reply, 400);
		else
			return onEmbed(asked, reply);
	};
	const job = await server.end(await server.texts(base, [
		{ name: 'bad.txt', text: chapter(TEXTS) },
		{ name: 'good.txt', text: 'nothing wrong with it' }]));
	const { items } = await server.ok('GET', `/jobs/${job.id}/items`);
	const host = models.url.slice('http://'.length);

	assert.equal(job.state, 'completed_with_failures');
	assert.equal(items[0].state, 'failed');
	assert.deepEqual(items[0].error, { code: REJECTED,
		message: `segment 6: ${host}: HTTP status 400: not this one`,
		stage: 'embedding',
		advice: 'look at the message: a text too long, a wrong key, ' +
		    'another model?' });
	assert.equal(items[1].state, 'completed');
	// Halved until it was alone.
	assert.deepEqual(models.embeds.map(({ input }) => input.length)
		.filter((count) => count > 1), [8, 4, 4, 2]);
});

test('a request that is too large is made in two', async () => {
	const base = await fresh();

	models.onEmbed = (asked, reply) => asked.input.length > 4
		? fail(reply, 413) : onEmbed(asked, reply);
	const job = await server.end(await server.texts(base, [
		{ name: 'long.txt', text: chapter(2 * TEXTS) }]));

	assert.equal(job.state, 'completed');
	assert.deepEqual(models.embeds.map(({ input }) => input.length),
	    [8, 4, 4, 4, 4]);
});

test('what is no vector is refused', async () => {
	const base = await fresh();
	const host = models.url.slice('http://'.length);
	const none = 'what it gave for the text is no vector: a number of ' +
		'it is none, or all are zero';
	const rows = [
		[() => [vectorOf('a', 12)],
			'segment 1: its vectors have 12 dimensions instead of 24'],
		[() => [], 'segment 1: 0 vectors came back for 1 texts'],
		[() => [[null, ...vectorOf('a', 23)]], `segment 1: ${none}`],
		[() => [Array(24).fill(0)], `segment 1: ${none}`],
		[() => [[1e300, ...vectorOf('a', 23)]], `segment 1: ${none}`],
		[(_, reply) => { reply.end(`{"data":[{"index":0,"embedding":[` +
			'NaN]}]}'); }, 'segment 1: its answer is JSON that ' +
			'cannot be read, or has a number in it that is none'],
	];

	for (const [i, [answer, words]] of rows.entries()) {
		models.onEmbed = answer;
		const job = await server.end(await server.texts(base,
		    [{ name: `${i}.txt`, text: `row ${i}` }]));
		const { error } = await item(job);

		assert.equal(error.code, REJECTED);
		assert.equal(error.message.replace(`${host}: `, ''), words);
	}
});

test('another model: nothing is compared that it did not make',
    async () => {
	const base = await fresh();

	server.put('pier.txt', 'The pier is long.');
	await server.end(await server.folder(base));
	assert.equal((await query(base, 'pier')).results[0].name, 'pier.txt');
	assert.equal(await server.halt(), 0);
	models.embedder = 'vectors-2';
	await server.run(...flags, ...models.embeddingFlags);
	assert.equal((await about()).name, 'openai vectors-2');
	let [job] = (await server.ok('GET', `/jobs?base=${base}`)).jobs;

	assert.equal(job.kind, 'embed');
	job = await server.end(job);
	assert.equal(job.state, 'completed');
	assert.deepEqual(models.embeds.filter(({ model, input }) =>
		model === 'vectors-2' && input[0].startsWith('The pier'))
		.map(({ input }) => input), [['The pier is long.']]);
	const found = await query(base, 'pier');

	assert.equal(found.words_only, false);
	assert.equal(found.results[0].name, 'pier.txt');
	assert.deepEqual(found.results[0].match, ['vector']);
	// What the folder holds is what it was.
	assert.equal((await server.end(await server.folder(base))).state,
	    'no_changes');
});
