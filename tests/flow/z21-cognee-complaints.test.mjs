// SPDX-License-Identifier: Apache-2.0
//
// What people who poll Cognee's status complained about, played again: the
// table in docs/guide/cognee.md says which complaint is which.  A chat model
// that answers when it is told to makes sure that a run is in its middle.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { KEY, isFinal } from './lib.mjs';
import { Server } from './lib-cognee.mjs';
import {
	COMPLETED, Client, ERRORED, INITIATED, STARTED,
} from './lib-cognee-clients.mjs';
import { Models } from './lib-models.mjs';

const SETS = '/api/v1/datasets';
const NUMBER = /keeper (\d+) /;
let plain, client;

before(async () => {
	plain = await Server.start();
	client = new Client(plain, { 'X-Api-Key': KEY });
});
after(() => plain.stop());

const file = (name, text) => ['data', text, name, 'text/plain'];
const text = (i) => `The keeper ${i} of lamp${i} is called Ines${i} Moor.`;
const texts = (count) => Array.from({ length: count }, (_, i) =>
	file(`keeper-${i}.txt`, text(i)));

// A model that finds one person in each text.  It holds back the answers to
// texts that hold() says, until release(), and counts how often it was asked.
class Slow extends Models {
	asked = new Map();
	held = [];
	hold = () => false;

	onChat = ({ user }, reply) => {
		const i = Number(NUMBER.exec(user)[1]);
		const answer = JSON.stringify({ edges: [], nodes: [{ id: 'a',
			name: `Ines${i} Moor`, type: 'Person',
			description: '' }] });

		this.asked.set(i, (this.asked.get(i) ?? 0) + 1);
		if (!this.hold(i))
			return answer;
		this.held.push(() => {
			reply.writeHead(200,
			    { 'Content-Type': 'application/json' });
			reply.end(JSON.stringify({ choices: [{ index: 0,
				message: { role: 'assistant',
					content: answer },
				finish_reason: 'stop' }] }));
		});
		return undefined;
	};

	release() {
		this.hold = () => false;
		this.held.splice(0).forEach((answer) => answer());
	}
}

// A server of its own with such a model: { own, models, client }.
async function slow(t) {
	const models = new Slow();

	await models.open();
	const own = await Server.start(...models.chatFlags);

	t.after(async () => {
		models.release();
		await own.stop();
		await models.close();
	});
	return { own, models,
		client: new Client(own, { 'X-Api-Key': KEY }) };
}

// Started again where it was before.
function again(own, models) {
	own.listen = new URL(own.url).host;
	return own.run(...models.chatFlags);
}

const found = async (from, id, query) => (await from.post('/api/v1/search',
    { json: { query, search_type: 'CHUNKS_LEXICAL', dataset_ids: [id],
	top_k: 3 } }))[0].search_result.map((chunk) => chunk.text);
const people = async (from, id) => (await from.get(`${SETS}/${id}/graph`))
    .nodes.filter((node) => node.type === 'Entity')
    .map((node) => node.label).sort();
const ended = (from, id) => from.poll(() => from.status(id), (word) =>
	word === COMPLETED || word === ERRORED);
const runs = async (from, id) => (await from.get('/api/v1/activity/' +
    `pipeline-runs?dataset_id=${id}`)).filter((run) =>
	run.pipeline_name === 'cognify_pipeline');

test('kill -9 in the middle of a run: who polls sees it end', async (t) => {
	const { own, models, client: from } = await slow(t);
	const { dataset_id: id } = await from.post('/api/v1/add', { parts: [
		['datasetName', 'lamps'], ...texts(24)] });

	models.hold = (i) => i >= 12;
	const { pipeline_run_id: run } = (await from.post('/api/v1/cognify',
	    { json: { datasets: ['lamps'], run_in_background: true } }))[id];
	const look = async () => {
		try {
			return await from.status(id);
		} catch (error) {
			// Of the kind of a connection, not of an answer.
			assert.notEqual(error.code, 'ERR_ASSERTION');
			return 'down';
		}
	};
	const polled = from.poll(look, (word) => word === COMPLETED ||
		word === ERRORED);

	// Some are done, and others with the model.
	const done = async () => (await own.ok('GET',
	    `/jobs/${run}/items?state=completed&limit=100`)).items;

	await from.poll(async () => models.held.length > 0 &&
		(await done()).length > 0, (both) => both);
	const names = (await done()).map((item) => item.name);

	assert.equal(await own.halt('SIGKILL'), 'SIGKILL');
	models.held.length = 0;
	await again(own, models);
	await from.poll(async () => models.held.length > 0, (any) => any);
	assert.equal(await from.status(id), STARTED);
	models.release();
	const seen = await polled;

	assert.equal(seen.at(-1), COMPLETED);
	assert.ok(seen.slice(0, -1).every((word) =>
		[INITIATED, STARTED, 'down'].includes(word)), `${seen}`);
	// As the same run, and what was done before was not asked again.
	assert.deepEqual((await runs(from, id)).map((row) =>
		[row.pipeline_run_id, row.status, row.error]),
	[[run, COMPLETED, null]]);
	for (const name of names)
		assert.equal(models.asked.get(
		    Number(/\d+/.exec(name)[0])), 1, name);
	for (let i = 0; i < 24; i++)
		assert.deepEqual(await found(from, id, `lamp${i}`), [text(i)]);
	assert.deepEqual(await people(from, id), Array.from({ length: 24 },
	    (_, i) => `Ines${i} Moor`).sort());
});

test('killed as soon as it has answered: a remember is not lost',
    async (t) => {
	const { own, models, client: from } = await slow(t);

	models.hold = () => true;
	const kept = await from.post('/api/v1/remember', { parts: [
		['datasetName', 'kept'], ['run_in_background', 'true'],
		...texts(3)] });

	assert.equal(await own.halt('SIGKILL'), 'SIGKILL');
	models.release();
	await again(own, models);
	const seen = await ended(from, kept.dataset_id);

	assert.ok(!seen.includes(undefined), 'there was a run');
	assert.equal(seen.at(-1), COMPLETED);
	assert.equal((await people(from, kept.dataset_id)).length, 3);
	assert.equal((await runs(from, kept.dataset_id))[0].pipeline_run_id,
	    kept.pipeline_run_id);
});

test('killed while data come in: no add that is under way for ever',
    async (t) => {
	const { own, models, client: from } = await slow(t);
	const { id } = await from.post(SETS, { json: { name: 'torn' } });
	const parts = [['datasetName', 'torn'], ...texts(200)];

	for (let i = 0; i < 3; i++) {
		const adding = from.send('POST', '/api/v1/add', { parts })
		    .catch(() => null);

		await from.get(SETS);
		await own.halt('SIGKILL');
		const answer = await adding;

		await again(own, models);
		const rows = await from.get(`${SETS}/${id}/data`);
		const word = await from.status(id,
		    { pipeline: 'add_pipeline' });

		// All of it or nothing; all when it was answered.
		assert.ok([0, 200].includes(rows.length));
		if (answer !== null)
			assert.equal(rows.length, 200);
		assert.equal(word, rows.length > 0 ? COMPLETED : undefined);
	}
	await from.post('/api/v1/add', { parts });
	assert.equal((await from.get(`${SETS}/${id}/data`)).length, 200);
	assert.equal(await from.status(id, { pipeline: 'add_pipeline' }),
	    COMPLETED);
});

test('one bad document does not have the others made again', async (t) => {
	const { models, client: from } = await slow(t);
	const bad = ['data', '{"a": ', 'broken.json', 'application/json'];
	const { dataset_id: id } = await from.post('/api/v1/add', { parts: [
		['datasetName', 'bad'], ...texts(4), bad] });
	const cognify = () => from.send('POST', '/api/v1/cognify',
	    { json: { datasets: ['bad'] } });

	for (let i = 0; i < 3; i++) {
		const reply = await cognify();

		assert.equal(reply.status, 500);
		assert.match(reply.text, /broken\.json/);
		assert.equal(await from.status(id), ERRORED);
	}
	assert.deepEqual([...models.asked].sort(),
	    [[0, 1], [1, 1], [2, 1], [3, 1]]);
	assert.deepEqual(await found(from, id, 'lamp3'), [text(3)]);
	// The error has words where one may look for them.
	assert.ok((await runs(from, id)).every((run) =>
		/broken\.json/.test(run.error)));
	const rows = await from.get(`${SETS}/${id}/data`);

	await from.delete(`${SETS}/${id}/data/` +
	    rows.find((row) => row.name === 'broken').id);
	assert.equal((await cognify()).status, 200);
	assert.equal(await from.status(id), COMPLETED);
	assert.equal(models.asked.get(0), 1);
});

test('data go while their run works on them', async (t) => {
	const { models, client: from } = await slow(t);
	const added = await from.post('/api/v1/add', { parts: [
		['datasetName', 'going'], ...texts(3)] });
	const id = added.dataset_id;

	models.hold = () => true;
	await from.post('/api/v1/cognify', { json: { datasets: ['going'],
		run_in_background: true } });
	await from.poll(async () => models.held.length > 0, (any) => any);
	assert.equal(await from.status(id), STARTED);
	const [first] = await from.get(`${SETS}/${id}/data`);

	assert.equal(await from.delete(`${SETS}/${id}/data/${first.id}`), null);
	models.release();
	await ended(from, id);
	assert.equal((await from.get(`${SETS}/${id}/data`)).length, 2);
	assert.deepEqual(await found(from, id, 'lamp0'), []);
	// Of the run that lost one; the next has nothing to complain about.
	await from.post('/api/v1/cognify', { json: { datasets: ['going'] } });
	assert.equal(await from.status(id), COMPLETED);
	assert.deepEqual(await people(from, id), ['Ines1 Moor', 'Ines2 Moor']);
});

test('what comes during a run is not said to be done with it', async (t) => {
	const { models, client: from } = await slow(t);
	const { dataset_id: id } = await from.post('/api/v1/add', { parts: [
		['datasetName', 'late'], ...texts(2)] });
	const cognify = () => from.post('/api/v1/cognify', { json: {
		datasets: ['late'], run_in_background: true } });

	models.hold = () => true;
	await cognify();
	await from.poll(async () => models.held.length > 0, (any) => any);
	await from.post('/api/v1/add', { parts: [['datasetName', 'late'],
		file('late.txt', text(9))] });
	assert.equal(await from.status(id), STARTED);
	const polled = from.poll(() => from.status(id), (word) =>
		word !== STARTED);

	models.release();
	assert.deepEqual(await polled, [STARTED, INITIATED]);
	assert.deepEqual((await runs(from, id)).map((run) => run.status),
	    [COMPLETED]);
	assert.deepEqual(await from.get(`${SETS}/${id}/processing-status`),
	    { total: 3, completed: 2, pending: 1 });
	await cognify();
	assert.deepEqual((await ended(from, id)).slice(-1), [COMPLETED]);
	assert.deepEqual(await found(from, id, 'lamp9'), [text(9)]);
	assert.deepEqual([...models.asked].sort(), [[0, 1], [1, 1], [9, 1]]);
});

test('many runs in the background, and none is forgotten', async () => {
	const names = Array.from({ length: 20 }, (_, i) => `many${i}`);
	const ids = [];

	for (const name of names)
		ids.push((await client.post('/api/v1/add', { parts: [
			['datasetName', name], ...texts(2)] })).dataset_id);
	const maps = await Promise.all([0, 1].map(() => client.post(
	    '/api/v1/cognify', { json: { datasets: names,
		runInBackground: true } })));
	const started = ids.flatMap((id) => maps.map((map) => map[id]));

	// A run of one's own each time.
	assert.equal(new Set(started.map((run) => run.pipeline_run_id)).size,
	    started.length);
	for (const id of ids) {
		const seen = await ended(client, id);

		// What is said to be there is there.
		assert.equal(seen.at(-1), COMPLETED);
		assert.equal((await client.get(`${SETS}/${id}/data`)).length,
		    2);
		assert.deepEqual(await found(client, id, 'lamp1'), [text(1)]);
	}
	for (const { pipeline_run_id: run } of started) {
		const job = await plain.end(await plain.ok('GET',
		    `/jobs/${run}`));

		assert.ok(isFinal(job) && job.state !== 'failed');
	}
});

test('a file that was deleted and is added again is processed again',
    async () => {
	const add = () => client.post('/api/v1/add', { parts: [
		['datasetName', 'back'], ...texts(1)] });
	const cognify = async () => (await client.post('/api/v1/cognify',
	    { json: { datasets: ['back'] } }))[id].data_ingestion_info
	    .map((one) => one.run_info.status);
	const { dataset_id: id, data_ingestion_info: [one] } = await add();

	assert.deepEqual(await cognify(), ['PipelineRunCompleted']);
	assert.deepEqual(await cognify(), ['PipelineRunAlreadyCompleted']);
	await client.delete(`${SETS}/${id}/data/${one.data_id}`);
	assert.equal((await client.send('POST', '/api/v1/search',
	    { json: { dataset_ids: [id], search_type: 'CHUNKS' } })).status,
	404);
	await add();
	assert.equal(await client.status(id), INITIATED);
	assert.deepEqual(await cognify(), ['PipelineRunCompleted']);
	assert.deepEqual(await found(client, id, 'lamp0'), [text(0)]);
});

test('what is forgotten is not recalled', async () => {
	const kept = await client.post('/api/v1/remember', { parts: [
		['datasetName', 'fading'],
		file('a.txt', 'Vera Quill worked at Umbra Institute.'),
		file('b.txt', 'Otto Brandt worked at Solis College.')] });
	const id = kept.dataset_id;
	const everything = async () => {
		const all = [await client.get(`${SETS}/${id}/graph`),
			(await client.send('GET',
			    `/api/v1/visualize?dataset_id=${id}`)).text];

		for (const type of ['CHUNKS', 'CHUNKS_LEXICAL', 'SUMMARIES',
			'GRAPH_COMPLETION', 'TRIPLET_COMPLETION',
			'HYBRID_COMPLETION', 'GRAPH_REPORT', 'TEMPORAL',
			'GRAPH_SUMMARY_COMPLETION'])
			for (const where of ['search', 'recall'])
				all.push(await client.post(`/api/v1/${where}`,
				    { json: { search_type: type,
					query: 'Who worked at an institute?',
					dataset_ids: [id], scope: 'graph',
					only_context: true } }));
		return JSON.stringify(all);
	};

	assert.match(await everything(), /Vera Quill[^]*Umbra Institute/);
	await client.post('/api/v1/forget', { json: {
		data_id: kept.items[0].id, dataset: 'fading' } });
	for (let i = 0; i < 2; i++) {
		const all = await everything();

		assert.doesNotMatch(all, /Vera|Quill|Umbra/);
		assert.match(all, /Otto Brandt[^]*Solis College/);
		await client.post('/api/v1/cognify',
		    { json: { datasets: ['fading'] } });
	}
});

test('many who ask at once with one key are all answered', async () => {
	const { dataset_id: id } = await client.post('/api/v1/remember',
	    { parts: [['datasetName', 'crowd'],
		['run_in_background', 'true'], ...texts(20)] });
	const words = await Promise.all(Array.from({ length: 150 }, () =>
		client.status(id)));

	assert.ok(words.every((word) =>
		[INITIATED, STARTED, COMPLETED].includes(word)));
	assert.equal((await ended(client, id)).at(-1), COMPLETED);
});
