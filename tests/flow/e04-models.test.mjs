// SPDX-License-Identifier: Apache-2.0
//
// A model for each base, and changing it: a job like any other, during which
// the old vectors answer.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test, { after, afterEach, before } from 'node:test';
import { Models, fail, vectorOf } from './lib-models.mjs';
import { Server, isFinal } from './lib.mjs';

const TEXTS = 8; // in one request
const OLD = 'vectors-1';
const NEW = 'vectors-9';
const DIMENSIONS = { [OLD]: 24, [NEW]: 12, 'vectors-3': 36 };
const models = new Models();
let server;
let flags;
let turn = 0;

function answer({ model, input }, reply) {
	if (DIMENSIONS[model] === undefined)
		return fail(reply, 404);
	return input.map((text) => vectorOf(text, DIMENSIONS[model]));
}

before(async () => {
	models.onEmbed = answer;
	await models.open();
	flags = ['--workers', '1', '--embedding-texts', `${TEXTS}`];
	server = await Server.start(...flags, ...models.embeddingFlags);
});
after(async () => {
	await server.stop();
	await models.close();
});
afterEach(() => {
	models.onEmbed = answer;
	models.embeds.length = 0;
});

// Paragraphs of which each becomes a segment, with a word of its own.
function chapter(count) {
	const words = 'the tide came in over the sand and went out again. ';

	return Array.from({ length: count }, (_, i) =>
	    `Paragraph mark${turn}x${i}. ${words.repeat(18)}`).join('\n\n');
}

async function fresh(body = {}) {
	const name = `modelled-${++turn}`;

	await server.ok('POST', '/bases', { body: { name, ...body } });
	return name;
}

const show = (base) => server.ok('GET', `/bases/${base}`);
const query = (base, text, rest = { semantic_ratio: 1 }) =>
	server.ok('POST', `/bases/${base}/query`,
	    { body: { query: text, ...rest } });
const items = async (job) =>
	(await server.ok('GET', `/jobs/${job.id}/items`)).items;
const patch = (base, body) => server.ask('PATCH', `/bases/${base}`, { body });
const embed = async (base, model = NEW) => {
	const { status, json } = await patch(base, { embedding_model: model });

	assert.equal(status, 202, JSON.stringify(json));
	return json.job;
};
// The texts that a model was asked for, but the one that asks how long its
// vectors are.
const texts = (model) => models.embeds.filter((asked) =>
	asked.model === model).flatMap(({ input }) => input)
	.filter((text) => text !== 'a');

async function until(job, wanted) {
	while (!wanted(job)) {
		assert.ok(!isFinal(job), JSON.stringify(job));
		job = await server.ok('GET', `/jobs/${job.id}` +
		    `?after=${job.revision}&wait=1`);
	}
	return job;
}

async function audit(base) {
	const { differences } = await server.ok('GET', `/bases/${base}/audit`);

	assert.deepEqual(differences, []);
}

// Every hit is by nearness, and the first one is that.
async function finds(base, text, name) {
	const found = await query(base, text);

	assert.equal(found.words_only, false);
	assert.equal(found.results[0]?.name, name);
	assert.ok(found.results.every(({ match }) =>
		match.join() === 'vector'));
}

test('models are listed, and what is none is refused', async () => {
	const { models: list, takes_others: others } =
		await server.ok('GET', '/models');

	assert.equal(others, true);
	assert.deepEqual(list, [{ name: OLD, kind: 'service',
		embedder: `openai ${OLD}`, dimensions: null, is_default: true,
		is_down: false, error: null },
	{ name: 'lexical', kind: 'lexical', embedder: 'lexical',
		dimensions: 256, is_default: false, is_down: false,
		error: null }]);
	const base = await fresh();
	const plain = await show(base);

	assert.equal(plain.embedding_model, null);
	assert.equal(plain.embedder, `openai ${OLD}`);
	assert.equal(plain.changing_to, null);
	for (const [body, words] of [
		[{ embedding_model: 'nobody' }, /the model nobody cannot be used/],
		[{ embedding_dimensions: 7 }, /name one/],
		[{ embedding_model: 'lexical', embedding_dimensions: 7 },
			/the model lexical has 256 dimensions/],
		[{ embedding_model: 7 }, /embedding_model/],
		[{ embedding_model: NEW, embedding_dimensions: 0 },
			/embedding_dimensions must be/]]) {
		const refused = await patch(base, body);

		assert.equal(refused.status, 400, JSON.stringify(refused.json));
		assert.match(refused.json.error.message, words);
		assert.equal((await server.ask('POST', '/bases', { body: {
			name: 'never', ...body } })).status, 400);
	}
	assert.deepEqual(await show(base), plain);
});

test('a base has a model of its own', async () => {
	const base = await fresh({ embedding_model: NEW });
	const lexical = await fresh({ embedding_model: 'lexical' });

	assert.equal((await show(base)).embedder, `openai ${NEW}`);
	for (const where of [base, lexical])
		await server.end(await server.texts(where, [
			{ name: 'a.txt', text: 'Otters sleep on their backs.' },
			{ name: 'b.txt', text: 'Ferries leave at noon.' }]));
	assert.deepEqual(texts(OLD), []);
	assert.equal(texts(NEW).length, 2);
	await finds(base, 'otters sleep', 'a.txt');
	await finds(lexical, 'ferries', 'b.txt');
	await audit(base);
	await audit(lexical);
	const list = (await server.ok('GET', '/models')).models;

	assert.deepEqual(list.map(({ name, dimensions }) =>
		[name, dimensions]), [[OLD, null], ['lexical', 256], [NEW, 12]]);
});

test('a base without anything to embed is changed at once', async () => {
	const base = await fresh();
	const { status, json } = await patch(base, { embedding_model: NEW });

	assert.equal(status, 200);
	assert.equal(json.embedder, `openai ${NEW}`);
	assert.equal(json.changing_to, null);
	assert.equal(json.job, undefined);
	assert.equal((await server.ask('POST', `/bases/${base}/embed`)).status,
	    200);
});

test('while a base changes the old vectors answer', async () => {
	const base = await fresh();

	await server.end(await server.texts(base, [
		{ name: 'pier.txt', text: 'The pier is long.' },
		{ name: 'tide.txt', text: chapter(2 * TEXTS) },
		{ name: 'gull.txt', text: 'Gulls steal chips.' }]));
	models.embeds.length = 0;
	let give;
	const held = new Promise((resolve) => {
		models.onEmbed = (asked, reply) => {
			if (asked.model !== NEW || asked.input[0] === 'a')
				return answer(asked, reply);
			models.onEmbed = answer;
			give = () => models.give(asked, reply,
			    answer(asked, reply));
			resolve();
		};
	});
	let job = await embed(base);

	assert.equal(job.kind, 'embed');
	await held;
	const changing = await show(base);

	assert.equal(changing.embedding_model, NEW);
	assert.equal(changing.embedder, `openai ${OLD}`);
	assert.equal(changing.changing_to, `openai ${NEW}`);
	await finds(base, 'pier', 'pier.txt');
	await audit(base);
	// One worker holds the job's item: what comes now waits behind it.
	const added = await server.texts(base, [
		{ name: 'late.txt', text: 'Lanterns swing in the wind.' }]);

	give();
	await server.end(added);
	job = await server.end(job);
	assert.equal(job.state, 'completed');
	assert.deepEqual(job.error, null);
	const now = await show(base);

	assert.equal(now.embedder, `openai ${NEW}`);
	assert.equal(now.changing_to, null);
	assert.equal(job.segments.completed, job.segments.total);
	assert.equal(job.embedding_tokens, 5 * texts(NEW).length);
	// Nothing but embedding, and each text once.
	assert.deepEqual(job.stages.filter(({ done }) => done > 0)
		.map(({ name }) => name), ['embedding']);
	assert.equal(new Set(texts(NEW)).size, texts(NEW).length);
	await finds(base, 'pier', 'pier.txt');
	await finds(base, 'lanterns swing', 'late.txt');
	await audit(base);
	// It is not indexed again by the next run, nor embedded.
	models.embeds.length = 0;
	const again = await server.ask('POST', `/bases/${base}/embed`);

	assert.equal(again.status, 200);
	assert.deepEqual(texts(NEW), []);
});

test('children are embedded again in the stead of their segments',
    async () => {
	const base = await fresh({ settings: { chunking: { chars_max: 400,
		child: { method: 'fixed', chars_max: 40 } } } });

	await server.end(await server.texts(base, [
		{ name: 'kids.txt', text: chapter(4) },
		{ name: 'lone.txt', text: 'Limpets graze at night.' }]));
	models.embeds.length = 0;
	const job = await server.end(await embed(base));

	assert.equal(job.state, 'completed');
	assert.ok(texts(NEW).length > job.segments.total);
	assert.ok(texts(NEW).every((text) => text.length <= 40));
	assert.equal((await show(base)).embedder, `openai ${NEW}`);
	await finds(base, 'limpets graze at night', 'lone.txt');
	await audit(base);
});

test('kill -9 in the middle: nothing is embedded twice', async () => {
	const base = await fresh();

	await server.end(await server.texts(base, [
		{ name: 'long.txt', text: chapter(5 * TEXTS) }]));
	models.embeds.length = 0;
	models.onEmbed = (asked, reply) => asked.model === NEW &&
	    texts(NEW).length > 3 * TEXTS ? undefined : answer(asked, reply);
	let job = await embed(base);

	job = await until(job, ({ segments }) =>
		segments.completed === 3 * TEXTS && texts(NEW).length > 3 * TEXTS);
	assert.equal(await server.halt('SIGKILL'), 'SIGKILL');
	const first = texts(NEW);

	assert.equal(first.length, 4 * TEXTS);
	models.embeds.length = 0;
	models.onEmbed = answer;
	await server.run(...flags, ...models.embeddingFlags);
	await finds(base, `mark${turn}x7`, 'long.txt');
	job = await server.end(await server.ok('GET', `/jobs/${job.id}`));
	assert.equal(job.state, 'completed');
	assert.deepEqual(job.segments, { total: 5 * TEXTS,
		completed: 5 * TEXTS });
	// The query may have been asked of the new one already.
	const rest = texts(NEW).filter((text) => text.startsWith('Paragraph'));

	assert.deepEqual(rest.slice(0, TEXTS), first.slice(3 * TEXTS));
	assert.equal(rest.length, 2 * TEXTS);
	assert.equal((await show(base)).embedder, `openai ${NEW}`);
	await finds(base, `mark${turn}x7`, 'long.txt');
	await audit(base);
});

test('an outage is waited for, and cancelling leaves the old', async () => {
	const base = await fresh();

	await server.end(await server.texts(base, [
		{ name: 'one.txt', text: 'Salt dries on the rocks.' },
		{ name: 'two.txt', text: chapter(3) }]));
	models.onEmbed = (asked, reply) => asked.model === NEW &&
	    asked.input[0] !== 'a' ? fail(reply, 503) : answer(asked, reply);
	let job = await embed(base);

	job = await until(job, ({ waiting_for: what }) => what === 'embedding');
	await finds(base, 'salt rocks', 'one.txt');
	await server.ok('POST', `/jobs/${job.id}/cancel`);
	job = await server.end(job);
	assert.equal(job.state, 'cancelled');
	const kept = await show(base);

	assert.equal(kept.embedder, `openai ${OLD}`);
	assert.equal(kept.changing_to, `openai ${NEW}`);
	await finds(base, 'salt rocks', 'one.txt');
	await audit(base);
	models.onEmbed = answer;
	const { status, json } = await server.ask('POST',
	    `/bases/${base}/embed`);

	assert.equal(status, 202);
	job = await server.end(json.job);
	assert.equal(job.state, 'completed');
	assert.equal((await show(base)).embedder, `openai ${NEW}`);
	await finds(base, 'salt rocks', 'one.txt');
	await audit(base);
	// And back: what is asked for is where it was.
	job = await server.end(await embed(base, OLD));
	assert.equal(job.state, 'completed');
	await finds(base, 'salt rocks', 'one.txt');
});

test('a copy of a base that changes changes, too', async () => {
	const base = await fresh();

	await server.end(await server.texts(base, [
		{ name: 'one.txt', text: 'Curlews probe the mud.' }]));
	models.onEmbed = (asked, reply) => asked.model === NEW &&
	    asked.input[0] !== 'a' ? fail(reply, 503) : answer(asked, reply);
	let job = await embed(base);

	job = await until(job, ({ waiting_for: what }) => what === 'embedding');
	await server.ok('POST', `/jobs/${job.id}/cancel`);
	models.onEmbed = answer;
	const reply = await server.fetch(`/v2/collections/${base}/copy`, {
		method: 'POST', body: JSON.stringify({
			target_name: `${base}-copy` }),
		headers: { 'Content-Type': 'application/json' } });

	assert.equal(reply.status, 200, await reply.text());
	const [made] = (await server.ok('GET',
	    `/jobs?base=${base}-copy`)).jobs;

	assert.equal(made?.kind, 'embed');
	assert.equal((await server.end(made)).state, 'completed');
	assert.equal((await show(`${base}-copy`)).embedder, `openai ${NEW}`);
	await finds(`${base}-copy`, 'curlews mud', 'one.txt');
	// The base itself stays where its cancelled job left it.
	assert.equal((await show(base)).embedder, `openai ${OLD}`);
	await audit(`${base}-copy`);
});

test('a base that cannot be turned is no success', async () => {
	const base = await fresh();
	const sql = (text) => execFileSync('sqlite3',
	    [`${server.data}/tidemark.db`, text]);

	await server.end(await server.texts(base, [
		{ name: 'one.txt', text: 'Whelks lay spongy eggs.' }]));
	assert.equal(await server.halt(), 0);
	sql(`CREATE TRIGGER planted BEFORE UPDATE OF embedder_id ON base
	    BEGIN SELECT RAISE(ABORT, 'planted'); END`);
	await server.run(...flags, ...models.embeddingFlags);
	const job = await server.end(await embed(base));

	assert.equal(job.state, 'failed');
	assert.equal(job.error.code, 'INTERNAL_ERROR');
	assert.equal((await show(base)).embedder, `openai ${OLD}`);
	await finds(base, 'whelks eggs', 'one.txt');
	assert.equal(await server.halt(), 0);
	sql('DROP TRIGGER planted');
	await server.run(...flags, ...models.embeddingFlags);
	// All was there but the turn: that needs no job.
	assert.equal((await server.ask('POST', `/bases/${base}/embed`)).status,
	    200);
	assert.equal((await show(base)).embedder, `openai ${NEW}`);
	await finds(base, 'whelks eggs', 'one.txt');
});

test('a text that is refused leaves the old vectors', async () => {
	const base = await fresh();

	await server.end(await server.texts(base, [
		{ name: 'good.txt', text: 'Herring swim in shoals.' },
		{ name: 'bad.txt', text: 'Unspeakable.' }]));
	models.onEmbed = (asked, reply) => asked.model === NEW &&
	    asked.input.includes('Unspeakable.') ? fail(reply, 400)
		: answer(asked, reply);
	let job = await server.end(await embed(base));

	assert.equal(job.state, 'completed_with_failures');
	assert.deepEqual((await items(job)).map(({ name, state, error }) =>
		[name, state, error?.code]),
	[['good.txt', 'completed', undefined],
		['bad.txt', 'failed', 'EMBEDDING_REJECTED']]);
	assert.equal((await show(base)).embedder, `openai ${OLD}`);
	await finds(base, 'herring', 'good.txt');
	models.onEmbed = answer;
	models.embeds.length = 0;
	job = (await server.ok('POST', `/jobs/${job.id}/retry`,
	    { body: { items: 'failed' } })).job;
	job = await server.end(job);
	assert.equal(job.state, 'completed');
	assert.deepEqual(texts(NEW), ['Unspeakable.']);
	assert.equal((await show(base)).embedder, `openai ${NEW}`);
	await audit(base);
});

test('documents that are replaced meanwhile fail nothing', async () => {
	const base = await fresh();
	const round = (n) => Array.from({ length: 100 }, (_, i) =>
	    ({ name: `${i}.txt`, text: `Crab ${i} has moulted ${n} times.` }));

	await server.end(await server.texts(base, round(0)));
	for (let n = 1; n <= 20; n++) {
		const model = n % 2 === 1 ? NEW : OLD;
		const replacing = server.texts(base, round(n));
		const { status, json } = await patch(base,
		    { embedding_model: model });

		// All may have the vectors of the time before.
		if (status === 202)
			assert.notEqual((await server.end(json.job)).state,
			    'completed_with_failures');
		assert.equal((await show(base)).embedder, `openai ${model}`);
		await server.end(await replacing);
	}
	await audit(base);
});

test('other interfaces name models, or give them as labels', async () => {
	const dify = async (body, where = '', method = 'POST') => {
		const reply = await server.fetch(`/v1/datasets${where}`, {
			method, body: JSON.stringify(body), headers: {
				'Content-Type': 'application/json' } });

		assert.equal(reply.status, 200, await reply.clone().text());
		return reply.json();
	};
	const named = await dify({ name: `dify-${++turn}`,
		embedding_model: NEW, embedding_model_provider: 'any' });
	const label = await dify({ name: `dify-${++turn}`,
		embedding_model: 'nobody', embedding_model_provider: 'any' });

	assert.equal((await show(named.id)).embedding_model, NEW);
	assert.equal((await show(label.id)).embedding_model, null);
	assert.equal(label.embedding_model, 'nobody');
	await server.end(await server.texts(label.id, [
		{ name: 'a.txt', text: 'Barnacles hold on.' }]));
	await dify({ embedding_model: NEW }, `/${label.id}`, 'PATCH');
	const [job] = (await server.ok('GET', `/jobs?base=${label.id}`)).jobs;

	assert.equal(job.kind, 'embed');
	assert.equal(job.dialect, 'dify');
	assert.equal((await server.end(job)).state, 'completed');
	assert.equal((await show(label.id)).embedder, `openai ${NEW}`);
	await finds(label.id, 'barnacles', 'a.txt');
});

test('an account takes no others\' room, and sees no others\' models', async () => {
	const { key } = await server.ok('POST', '/keys',
	    { body: { environment: 'staging' } });
	const names = async (options) => (await server.ok('GET', '/models',
	    options)).models.map(({ name }) => name);
	const make = (at) => server.ask('POST', '/bases', { key, body: {
		name: `room-${at}`, embedding_model: `room-${at}` } });

	await fresh({ embedding_model: NEW });
	assert.deepEqual(await names({ key }), [OLD, 'lexical']);
	models.onEmbed = ({ input }) => input.map((text) => vectorOf(text, 4));
	for (let at = 0; at < 16; at++)
		assert.equal((await make(at)).status, 201);
	models.embeds.length = 0;
	const refused = await make(16);

	assert.equal(refused.status, 503, refused.text);
	assert.match(refused.json.error.message, /16 models/);
	assert.deepEqual(models.embeds, [], 'nobody was asked');
	// What it has it can use, the others have their own room.
	assert.equal((await server.ask('POST', '/bases', { key, body: {
		name: 'again', embedding_model: 'room-3' } })).status, 201);
	await fresh({ embedding_model: 'room-16' });
	assert.equal((await names({ key })).length, 18);
	assert.ok(!(await names({ key })).includes('room-16'));
	assert.ok(!(await names()).includes('room-3'));
});

test('bases without a model follow the default, others stay', async () => {
	const follows = await fresh();
	const stays = await fresh({ embedding_model: OLD });

	for (const base of [follows, stays])
		await server.end(await server.texts(base, [
			{ name: 'buoy.txt', text: 'A buoy rings in fog.' }]));
	assert.equal(await server.halt(), 0);
	models.embeds.length = 0;
	models.embedder = 'vectors-3';
	await server.run(...flags, ...models.embeddingFlags);
	const { jobs } = await server.ok('GET', `/jobs?base=${follows}`);

	assert.equal(jobs[0].kind, 'embed');
	assert.equal((await server.end(jobs[0])).state, 'completed');
	assert.equal((await show(follows)).embedder, 'openai vectors-3');
	assert.equal((await show(stays)).embedder, `openai ${OLD}`);
	await finds(follows, 'buoy fog', 'buoy.txt');
	await finds(stays, 'buoy fog', 'buoy.txt');
	await audit(follows);
	// Without the service what it made is no use: words answer until the
	// base has other vectors.
	assert.equal(await server.halt(), 0);
	await server.run('--workers', '1');
	const last = (await server.ok('GET', `/jobs?base=${follows}`)).jobs[0];

	assert.equal(last.kind, 'embed');
	assert.equal((await server.end(last)).state, 'completed');
	assert.equal((await show(follows)).embedder, 'lexical');
	await finds(follows, 'buoy fog', 'buoy.txt');
	const words = await query(stays, 'buoy', { semantic_ratio: 0.5 });

	assert.equal(words.words_only, true);
	assert.deepEqual(words.results.map(({ name }) => name), ['buoy.txt']);
});
