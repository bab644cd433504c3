// SPDX-License-Identifier: Apache-2.0
//
// Cognee: whole days of its clients, request by request as they send them, and
// what each of them reads of the answers.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test, { after, before } from 'node:test';
import { KEY } from './lib.mjs';
import { PASSWORD, Server } from './lib-cognee.mjs';
import {
	COMPLETED, Client, ERRORED, INITIATED, STARTED,
} from './lib-cognee-clients.mjs';

const SETS = '/api/v1/datasets';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const PAGE = 'http://localhost:3000';
const ENDED = [COMPLETED, ERRORED];
const LOVELACE = 'Ada Lovelace worked with Charles Babbage in London.';
const HOPPER = 'Grace Hopper worked at Harvard University.';
const md5 = (text) => createHash('md5').update(text).digest('hex');
let server;

before(async () => {
	server = await Server.start('--cors-origins', PAGE);
});
after(() => server.stop());

// A user and a key of hers, as the plugins get one: log in, list, make.
async function minted(email) {
	await server.register(email);
	const login = await new Client(server).post('/api/v1/auth/login',
	    { form: { username: email, password: PASSWORD } });

	assert.equal(login.token_type, 'bearer');
	const session = new Client(server,
	    { Authorization: `Bearer ${login.access_token}` });

	assert.deepEqual(await session.get('/api/v1/auth/api-keys'), []);
	const { key } = await session.post('/api/v1/auth/api-keys',
	    { json: { name: 'plugin' } });

	assert.match(key, /^[0-9a-f]{64}$/);
	return new Client(server, { 'X-Api-Key': key });
}

test('cognee.serve: what the Python client sends', async () => {
	const client = new Client(server, { 'X-Api-Key': KEY,
		'Accept': '*/*', 'User-Agent': 'Python/3.11 aiohttp/3.9.5' },
	{ typed: true });
	const text = (value, name = 'data.txt') =>
		['data', value, name, 'text/plain'];
	const set = ['datasetName', 'main_dataset'];
	const health = await client.get('/health');

	assert.equal(health.status, 'ready');
	assert.equal(health.health, 'healthy');
	// Texts are data.txt, or text_<md5>.txt as other versions have it.
	const added = await client.post('/api/v1/add', { parts: [set,
		text(LOVELACE, `text_${md5(LOVELACE)}.txt`), text(HOPPER)] });

	assert.equal(added.status, 'PipelineRunCompleted');
	assert.equal(added.dataset_name, 'main_dataset');
	const id = added.dataset_id;
	const map = await client.post('/api/v1/cognify',
	    { json: { datasets: ['main_dataset'] } });

	assert.deepEqual(Object.keys(map), [id]);
	assert.equal(map[id].status, 'PipelineRunCompleted');
	const kept = await client.post('/api/v1/remember', { parts: [set,
		['run_in_background', 'true'], ['chunk_size', '1024'],
		['chunks_per_batch', '36'],
		text('Alan Turing worked at Bletchley Park.')] });

	assert.equal(kept.status, 'running');
	await client.poll(() => client.status(id),
	    (word) => ENDED.includes(word));
	const found = await client.post('/api/v1/search', { json: {
		query: 'Who worked at Bletchley Park?', searchType: 'CHUNKS',
		datasetIds: [id], topK: 3, onlyContext: false, verbose: false,
		includeReferences: false } });

	assert.equal(found.length, 1);
	assert.equal(found[0].dataset_id, id);
	assert.match(found[0].search_result[0].text, /Turing/);
	// A memory as its class dumps it: with every field that it has.
	const entry = await client.post('/api/v1/remember/entry', { json: {
		entry: { type: 'qa', question: 'Who was Ada?',
			answer: 'A countess.', context: '', feedback_text: null,
			feedback_score: null, used_graph_element_ids: null },
		dataset_name: 'main_dataset', session_id: 's1',
		skill_improvement: null } });

	assert.equal(entry.status, 'session_stored');
	const items = await client.post('/api/v1/recall', { json: {
		query: 'Who was Ada?', top_k: 5, session_id: 's1' } });

	assert.deepEqual(items.map((item) => [item.source, item.answer]),
	    [['session', 'A countess.']]);
	const graph = await client.post('/api/v1/recall', { json: {
		query: 'Who worked with Charles Babbage?',
		search_type: 'GRAPH_COMPLETION', datasets: ['main_dataset'],
		scope: 'graph', only_context: true } });

	assert.deepEqual(graph.map((item) => item.source), ['graph']);
	assert.match(graph[0].text, /Ada Lovelace/);
	const improved = await client.post('/api/v1/improve', { json: {
		dataset_id: id, run_in_background: true } });

	assert.deepEqual(improved, {});
	assert.deepEqual(await client.post('/api/v1/forget', { json: {
		dataset_id: id, memory_only: true } }), { dataset_id: id,
		data_records_reset: 3, status: 'success' });
	assert.equal(await client.status(id), INITIATED);
	assert.deepEqual(await client.post('/api/v1/forget', { json: {
		dataset: 'main_dataset', memory_only: false } }),
	{ dataset_id: id, status: 'success' });
	// What is refused is raised with its text.
	const gone = await client.send('POST', '/api/v1/forget',
	    { json: { dataset: 'main_dataset' } });

	assert.equal(gone.status, 404);
	assert.match(gone.json.detail, /main_dataset/);
});

test('cognee-cli: every command of its remote mode', async () => {
	const client = new Client(server, { 'X-Api-Key': KEY,
		'X-User-Id': '11111111-2222-4333-8444-555555555555' });
	const made = await client.post(`${SETS}/`, { json: { name: 'cli' } });
	const { id } = made;

	assert.deepEqual(await client.post(`${SETS}/`,
	    { json: { name: 'cli' } }), made);
	const added = await client.post('/api/v1/add', { parts: [
		['data', LOVELACE, 'notes.md', 'text/markdown'],
		['data', HOPPER, 'text_1.txt', 'text/plain'],
		['datasetName', 'cli']] });

	assert.equal(added.dataset_id, id);
	// Without a dataset it asks for none.
	const none = await client.send('POST', '/api/v1/cognify',
	    { json: { run_in_background: false } });

	assert.equal(none.status, 400);
	assert.deepEqual(none.json, { error: 'No datasets or dataset_ids ' +
	    'provided', detail: null });
	const map = await client.post('/api/v1/cognify', { json: {
		run_in_background: true, datasets: ['cli'],
		chunks_per_batch: 10 } });

	assert.equal(map[id].status, 'PipelineRunStarted');
	await client.poll(() => client.status(id),
	    (word) => ENDED.includes(word));
	const found = await client.post('/api/v1/search', { json: {
		query: 'Harvard University', search_type: 'CHUNKS_LEXICAL',
		top_k: 10, datasets: ['cli'] } });

	assert.deepEqual(found[0].search_result.map((one) => one.text),
	    [HOPPER]);
	const sets = await client.get(`${SETS}/`);

	assert.equal(sets.find((row) => row.name === 'cli').id, id);
	assert.deepEqual((await client.get(`${SETS}/${id}/data`))
	    .map((row) => [row.name, row.mimeType]),
	[['notes', 'text/markdown'], ['text_1', 'text/plain']]);
	assert.deepEqual(await client.get(`${SETS}/status?dataset=${id}` +
	    '&pipeline=add_pipeline&pipeline=cognify_pipeline'), { [id]: {
		add_pipeline: COMPLETED, cognify_pipeline: COMPLETED } });
	const graph = await client.get(`${SETS}/${id}/graph`);

	assert.ok(graph.nodes.some((node) => node.label === 'Ada Lovelace'));
	assert.ok(graph.edges.length > 0);
	const memified = await client.post('/api/v1/memify', { json: {
		run_in_background: false, dataset_name: 'cli' } });

	assert.equal(memified[id].status, 'PipelineRunCompleted');
	const kept = await client.post('/api/v1/remember', { parts: [
		['datasetName', 'cli'], ['run_in_background', 'false'],
		['chunk_size', '2048'], ['chunks_per_batch', '36'],
		['data', 'The tide turned.', 'text_0.txt', 'text/plain']] });

	assert.equal(kept.dataset_id, id);
	assert.equal(kept.items_processed, 1);
	assert.match(kept.content_hash, /^[0-9a-f]+$/);
	assert.ok(kept.elapsed_seconds >= 0);
	const recalled = await client.post('/api/v1/recall', { json: {
		query: 'tide', search_type: 'CHUNKS', top_k: 10,
		only_context: false, context_format: 'context', verbose: false,
		datasets: ['cli'] } });

	assert.equal(recalled[0].text, 'The tide turned.');
	// A session in which nothing was said: the datasets are asked.
	const [other] = await client.post('/api/v1/recall', { json: {
		query: 'tide', search_type: null, top_k: 10,
		only_context: false, context_format: 'context', verbose: false,
		session_id: 'new' } });

	assert.deepEqual([other.source, other.dataset_id], ['graph', id]);
	assert.deepEqual(await client.post('/api/v1/improve', { json: {
		run_in_background: false, dataset_name: 'cli' } }), {});
	assert.deepEqual(await client.post('/api/v1/forget', { json: {
		everything: false, memory_only: false, dataset: 'cli',
		data_id: kept.items[0].id } }), { data_id: kept.items[0].id,
		dataset_id: id, status: 'success' });
	assert.equal(await client.delete(`${SETS}/${id}`), null);
	assert.ok((await client.get(`${SETS}/`)).every((row) =>
		row.id !== id));
});

test('cognee-mcp in API mode: a key as a bearer', async () => {
	const client = new Client(server, { Authorization: `Bearer ${KEY}` });
	const added = await client.post('/api/v1/add', { parts: [
		['datasetName', 'mcp'], ['node_set', '["rules", "sea"]'],
		['data', LOVELACE, `text_${md5(LOVELACE)}.txt`,
			'text/plain']] });
	const id = added.dataset_id;
	const map = await client.post('/api/v1/cognify', { json: {
		datasets: ['mcp'], run_in_background: true } });

	assert.equal(map[id].status, 'PipelineRunStarted');
	// The status of a dataset that it knows by name.
	const sets = await client.get(`${SETS}/`);
	const { id: same } = sets.find((row) => row.name === 'mcp');

	assert.equal(same, id);
	await client.poll(() => client.status(id,
	    { pipeline: 'cognify_pipeline' }), (word) => word === COMPLETED);
	assert.equal(await client.status(id, { pipeline: 'add_pipeline' }),
	    COMPLETED);
	const found = await client.post('/api/v1/search', { json: {
		query: 'Charles Babbage', search_type: 'CHUNKS', top_k: 10,
		datasets: ['mcp'] } });

	assert.deepEqual(found[0].search_result[0].belongs_to_set,
	    ['rules', 'sea']);
	const [item] = await client.post('/api/v1/recall', { json: {
		query: '"Charles Babbage"', search_type: null,
		datasets: ['mcp'], top_k: 10, session_id: null } });

	assert.equal(item.kind, 'chunk');
	const entry = await client.post('/api/v1/remember/entry', { json: {
		entry: { type: 'qa', question: 'q', answer: 'a' },
		dataset_name: 'mcp', session_id: 'm1' } });

	assert.match(entry.entry_id, UUID);
	const [{ data_id: data }] = added.data_ingestion_info;

	assert.deepEqual(await client.delete(`/api/v1/delete?data_id=${data}` +
	    `&dataset_id=${id}&mode=soft`), { status: 'success' });
	// What it falls back to: this one answers null, and is done twice.
	assert.equal(await client.delete(`${SETS}/${id}/data/${data}`), null);
	assert.deepEqual(await client.get(`${SETS}/${id}/data`), []);
	assert.deepEqual(await client.post('/api/v1/forget',
	    { json: { dataset: 'mcp' } }), { dataset_id: id,
		status: 'success' });
});

// How the frontend waits: an end counts when work was seen before it, or when
// it is read twice; a key that is not there is waited for.
async function watched(client, id) {
	let worked = false, last;

	return client.poll(() => client.status(id), (word) => {
		assert.notEqual(word, undefined,
		    'a spinner that turns for ten minutes');
		const again = word === last;

		last = word;
		worked ||= [INITIATED, STARTED].includes(word);
		return ENDED.includes(word) && (worked || again);
	});
}

test('the frontend: a page of another origin, with a cookie', async () => {
	await server.register('front@example.com');
	const page = new Client(server, { Origin: PAGE,
		'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'cors' });
	const mine = (reply) => {
		assert.equal(reply.headers.get('access-control-allow-origin'),
		    PAGE);
		assert.equal(reply.headers.get(
		    'access-control-allow-credentials'), 'true');
		return reply;
	};
	// Nobody is logged in: it shows the form.
	const nobody = mine(await page.send('GET', '/api/v1/users/me'));

	assert.equal(nobody.status, 401);
	assert.deepEqual(nobody.json, { detail: 'Unauthorized' });
	const login = mine(await page.send('POST', '/api/v1/auth/login',
	    { form: { username: 'front@example.com', password: PASSWORD } }));

	assert.equal(login.status, 200);
	page.headers.Cookie = login.headers.get('set-cookie').split(';')[0];
	const me = mine(await page.send('GET', '/api/v1/users/me'));

	assert.equal(me.json.email, 'front@example.com');
	for (const method of ['POST', 'DELETE']) {
		const may = mine(await page.send('OPTIONS', SETS, { headers: {
			'Access-Control-Request-Method': method,
			'Access-Control-Request-Headers': 'content-type' } }));

		assert.equal(may.status, 204);
	}
	assert.deepEqual(await page.get(SETS), []);
	const kept = await page.post('/api/v1/remember', { parts: [
		['data', HOPPER, 'hopper.txt', 'text/plain'],
		['datasetName', 'main_dataset'],
		['run_in_background', 'true']] });
	const id = kept.dataset_id;

	// The first poll finds the key, however soon it is.
	assert.deepEqual((await watched(page, id)).slice(-1), [COMPLETED]);
	assert.equal((await page.get(`${SETS}/${id}/data`)).length, 1);
	const [summary] = await page.get(`${SETS}/graph-summary?` +
	    `dataset_ids=${id}`);

	assert.equal(summary.datasetId, id);
	assert.ok(summary.numNodes > 0);
	const runs = await page.get('/api/v1/activity/pipeline-runs?' +
	    `dataset_id=${id}`);

	assert.deepEqual(runs.map((run) => run.status), [COMPLETED, COMPLETED]);
	const search = await page.post('/api/v1/search', { json: {
		query: 'Where did Grace Hopper work?', searchType: 'CHUNKS',
		datasetIds: [id], topK: 5 } });

	assert.match(search[0].search_result[0].text, /Harvard/);
	const drawn = mine(await page.send('GET',
	    `/api/v1/visualize?dataset_id=${id}`));

	assert.match(drawn.headers.get('content-type'), /^text\/html/);
	assert.match(drawn.text, /Grace Hopper/);
	assert.equal(await page.delete(`${SETS}/${id}`), null);
	assert.deepEqual(await page.post('/api/v1/auth/logout'), {});
	assert.equal((await page.send('GET', '/api/v1/users/me')).status, 401);
});

test('claude-code, codex: plugins that mint a key', async () => {
	const client = await minted('plugin@example.com');

	assert.equal((await client.send('GET', '/health')).status, 200);
	const me = await client.get('/api/v1/users/me');

	assert.equal(me.email, 'plugin@example.com');
	// What is not here is not there: they go on without it.
	for (const [method, where] of [['POST', '/api/v1/agents/register'],
		['GET', '/api/v1/agents/connections/me'],
		['GET', '/api/v1/agents/list'], ['GET', '/api/v1/sessions/s1'],
		['GET', '/api/v1/settings'], ['POST', '/api/v1/skills']])
		assert.equal((await client.send(method, where,
		    method === 'POST' ? { json: {} } : {})).status, 404);
	const { id } = await client.post(SETS,
	    { json: { name: 'agent_sessions' } });
	const trace = await client.post('/api/v1/remember/entry', { json: {
		entry: { type: 'trace', origin_function: 'Bash',
			status: 'success', memory_query: '', memory_context: '',
			method_params: { command: 'make test' },
			method_return_value: 'all passed', error_message: '',
			generate_feedback_with_llm: false },
		dataset_name: 'agent_sessions', session_id: 's1' } });
	const said = await client.post('/api/v1/remember/entry', { json: {
		entry: { type: 'qa', question: 'How do tests run?',
			answer: 'With make test.', context: '' },
		dataset_name: 'agent_sessions', session_id: 's1' } });

	for (const reply of [trace, said])
		assert.match(reply.entry_id, UUID);
	const kept = await client.post('/api/v1/remember', { parts: [
		['node_set', 'user_context'], ['run_in_background', 'true'],
		['datasetId', id], ['data', LOVELACE, 'user_context.txt',
			'text/plain; charset=utf-8']] });

	assert.deepEqual([kept.dataset_id, kept.status, kept.error ?? null],
	    [id, 'running', null]);
	assert.match(kept.pipeline_run_id, UUID);
	// In progress, or ended; never a word that they do not know.
	const seen = await client.poll(async () => String(await client.status(
	    id, { pipeline: 'cognify_pipeline' })).toUpperCase(), (word) =>
		word.endsWith('COMPLETED') || word.endsWith('ERRORED'));

	assert.ok(seen.at(-1).endsWith('COMPLETED'));
	assert.ok(seen.slice(0, -1).every((word) =>
		[INITIATED, STARTED].includes(word)));
	const items = await client.post('/api/v1/recall', { json: {
		query: 'How do the tests of Ada Lovelace run?', top_k: 5,
		only_context: true, session_id: 's1',
		scope: ['session', 'trace', 'graph'], context_profile: 'agent',
		datasets: ['agent_sessions'] } });
	const of = (source) => items.filter((item) => item.source === source);

	assert.deepEqual(of('session').map((item) => item.answer),
	    ['With make test.']);
	assert.match(of('graph')[0].text, /Charles Babbage/);
	const improved = await client.post('/api/v1/improve', { json: {
		dataset_name: 'agent_sessions', session_ids: ['s1'],
		run_in_background: true } });

	assert.match(improved[id].pipeline_run_id, UUID);
	await client.poll(() => client.status(id), (word) =>
		word === COMPLETED);
	const [, later] = await client.get(`${SETS}/${id}/data`);

	assert.equal(later.name, 'session_s1');
});

// Names of files become names of data, without an extension.
const plain = (name) => name.replace(/[^A-Za-z0-9]/g, '-');

for (const [where, prefix] of [['a server of its own', '/api/v1'],
	['the cloud', '']])
	test(`openclaw, as in ${where}`, async () => {
		const client = new Client(server, { 'X-Api-Key': KEY });
		const name = `claw${prefix.length}`;
		const file = (path, text) =>
			['data', text, plain(path), 'text/plain'];
		const run = (id) => client.poll(() => client.status(id,
		    { prefix }), (word) => `${word}`.toLowerCase()
		    .replace('dataset_processing_', '') === 'completed');

		assert.equal((await client.get('/health')).status, 'ready');
		const { id } = await client.post(`${prefix}/datasets`,
		    { json: { name } });

		assert.ok((await client.get(`${prefix}/datasets`)).some((row) =>
			row.id === id && row.name === name));
		const added = await client.post(`${prefix}/add`, { parts: [
			file('memory/a.md', LOVELACE), ['datasetName', name],
			['datasetId', id]] });
		const [{ data_id: data }] = added.data_ingestion_info;

		assert.equal(added.dataset_id, id);
		// It says more than there is; what is not known is no matter.
		await client.post(`${prefix}/cognify`, { json: {
			datasetIds: [id], runInBackground: true,
			temporal_cognify: true } });
		await run(id);
		const kept = await client.post(`${prefix}/remember`, { parts: [
			file('memory/b.md', HOPPER),
			file('MEMORY.md', 'The tide turned.'),
			['datasetName', name], ['datasetId', id],
			['run_in_background', 'true'],
			['chunks_per_batch', '20'], ['node_set', 'memory']] });

		assert.deepEqual(kept.items.map((item) => item.name),
		    ['memory-b-md', 'MEMORY-md']);
		assert.ok(kept.items.every((item) => UUID.test(item.id)));
		await run(id);
		const rows = await client.get(`${prefix}/datasets/${id}/data`);

		assert.deepEqual(rows.map((row) => row.name),
		    ['memory-a-md', 'memory-b-md', 'MEMORY-md']);
		await client.ask('PATCH', `${prefix}/update?data_id=${data}` +
		    `&dataset_id=${id}`, { parts: [file('memory/a.md',
			'Ada Lovelace worked in Ockham.')] });
		assert.equal((await client.send('GET', `${prefix}/datasets/` +
		    `${id}/data/${data}/raw`)).text,
		'Ada Lovelace worked in Ockham.');
		const json = { query: 'Where did Ada Lovelace work?',
			searchType: 'GRAPH_COMPLETION', datasetIds: [id],
			max_tokens: 512, systemPrompt: 'Be brief.',
			session_id: 'claw' };
		const [found] = await client.post(`${prefix}/search`, { json });

		assert.match([found.search_result].flat()[0], /Ockham/);
		const [item] = await client.post(`${prefix}/recall`, { json: {
			query: json.query, search_type: 'GRAPH_COMPLETION',
			dataset_ids: [id], only_context: true, top_k: 5,
			session_id: 'claw' } });

		assert.equal(item.source, 'graph');
		assert.match(item.text, /Ockham/);
		assert.doesNotMatch(item.text, /Babbage/);
		const page = await client.send('GET',
		    `${prefix}/visualize?dataset_id=${id}`);

		assert.equal(page.status, 200);
		assert.match(page.text, /^<!doctype html>/i);
		assert.equal((await client.post(`${prefix}/memify`,
		    { json: { dataset_id: id } }))[id].status,
		'PipelineRunCompleted');
		const item2 = kept.items[0].id;

		assert.deepEqual(await client.post(`${prefix}/forget`,
		    { json: { dataset_id: id, data_id: item2 } }),
		{ data_id: item2, dataset_id: id, status: 'success' });
		assert.equal(await client.delete(
		    `${prefix}/datasets/${id}/data/${kept.items[1].id}`), null);
		assert.deepEqual(await client.post(`${prefix}/forget`,
		    { json: { dataset: name } }), { dataset_id: id,
			status: 'success' });
	});

test('n8n: the cloud\'s routes and the newer ones', async () => {
	const client = new Client(server, { 'X-Api-Key': KEY });

	// Its base URL ends with /api in one version and without in the other.
	for (const where of ['/api/health', '/health'])
		assert.equal((await client.send('GET', where)).status, 200,
		    where);
	const texts = await client.post('/api/add_text', { json: {
		textData: [LOVELACE, HOPPER], datasetName: 'n8n' } });
	const id = texts.dataset_id;
	const map = await client.post('/api/cognify', { json: {
		datasets: ['n8n'], runInBackground: false } });

	assert.equal(map[id].status, 'PipelineRunCompleted');
	const [found] = await client.post('/api/search', { json: {
		searchType: 'CHUNKS', datasets: ['n8n'], query: 'Harvard',
		topK: 10 } });

	assert.equal(found.search_result[0].text, HOPPER);
	// One side of what was said is enough for its chat memory.
	for (const [question, answer] of [['Who?', ''], ['', 'Grace.'],
		['Where?', 'At Harvard.']])
		assert.match((await client.post('/api/v1/remember/entry',
		    { json: { entry: { type: 'qa', question, answer,
			context: '' }, session_id: 'chat',
		    dataset_name: 'n8n' } })).entry_id, UUID);
	// A history that is not there is an empty one.
	assert.equal((await client.send('GET', '/api/v1/sessions/chat'))
	    .status, 404);
	const item = (await client.post('/api/v1/recall', { json: {
		query: 'Where?', search_type: null, top_k: 15,
		session_id: 'chat', scope: 'session' } }))[0];

	assert.equal(item.answer, 'At Harvard.');
	const improved = await client.post('/api/v1/improve', { json: {
		session_ids: ['chat'], dataset_name: 'n8n',
		run_in_background: true } });

	assert.match(improved[id].status, /^PipelineRun/);
	await client.poll(() => client.status(id), (word) =>
		word === COMPLETED);
	const progress = await client.get(`${SETS}/status/progress?` +
	    `dataset=${id}`);

	assert.equal(progress[id].status, COMPLETED);
	assert.equal(await client.delete(`/api/datasets/${id}/data/` +
	    texts.data_ingestion_info[0].data_id), null);
	assert.equal(await client.delete(`/api/datasets/${id}`), null);
});

test('the AI SDK of Vercel: three calls in camel case', async () => {
	const client = new Client(server, { 'X-Api-Key': KEY });
	const { dataset_id: id } = await client.post('/api/v1/add', { parts: [
		['data', HOPPER, 'text.txt', 'text/plain'],
		['datasetName', 'vercel']] });

	await client.post('/api/v1/cognify',
	    { json: { datasets: ['vercel'], runInBackground: false } });
	const reply = await client.post('/api/v1/search', { json: {
		query: 'Where did Grace Hopper work?',
		searchType: 'GRAPH_COMPLETION', datasets: ['vercel'],
		topK: 5, onlyContext: false } });

	assert.deepEqual(reply.map((one) => one.dataset_id), [id]);
	assert.match([reply[0].search_result].flat()[0], /Harvard/);
	await client.delete(`${SETS}/${id}`);
});

test('rocketride: a bare list, and a status that comes', async () => {
	const client = new Client(server, { 'X-Api-Key': KEY });
	const kept = await client.post('/api/v1/remember', { parts: [
		['datasetName', 'ride'], ['run_in_background', 'true'],
		['data', LOVELACE, 'memory.txt', 'text/plain']] });
	const sets = await client.get(SETS);

	assert.ok(Array.isArray(sets));
	assert.equal(sets.find((row) => row.name === 'ride').id,
	    kept.dataset_id);
	await client.poll(() => client.status(kept.dataset_id), (word) =>
		word === COMPLETED);
	const [item] = await client.post('/api/v1/recall', { json: {
		query: 'Who worked with Charles Babbage?',
		datasets: ['ride'] } });

	assert.equal(item.search_type, 'HYBRID_COMPLETION');
	assert.match(item.text, /Ada Lovelace/);
	await client.delete(`${SETS}/${kept.dataset_id}`);
});

test('what a client makes up is not there, as with the original', async () => {
	const client = new Client(server, { Authorization: `Bearer ${KEY}` });
	const { id } = await client.post(SETS, { json: { name: 'php' } });
	const told = async (...request) => {
		const { status, json } = await client.send(...request);

		return [status, json];
	};

	assert.deepEqual(await told('GET', `${SETS}/${id}`),
	    [405, { detail: 'Method Not Allowed' }]);
	assert.deepEqual(await told('GET', `${SETS}/${id}/status`),
	    [404, { detail: 'Not Found' }]);
	assert.equal((await client.send('POST', '/api/v1/add', { json: {
		data: 'text', datasetName: 'php' } })).status, 400);
	assert.deepEqual(await client.get(`${SETS}/${id}/data`), []);
});
