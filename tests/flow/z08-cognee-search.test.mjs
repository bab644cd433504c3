// SPDX-License-Identifier: Apache-2.0
//
// Asking datasets: every way of searching, with a chat model and without one,
// what is refused, and whose history is whose.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { isFinal } from './lib.mjs';
import { Server } from './lib-cognee.mjs';
import { CHAT_KEY, MODEL, Models, fail } from './lib-models.mjs';

const SETS = '/api/v1/datasets';
const SEARCH = '/api/v1/search';
const NOBODY = '11111111-2222-4333-8444-555555555555';
const DEFAULT = 'What is in the document?';
const DENIED = { detail: 'Request owner does not have necessary permission: ' +
	'[read] for all datasets requested. [PermissionDeniedError]' };
const NO_DATASET = { detail: 'No datasets found. [DatasetNotFoundError]' };
const NO_DATA = { detail: 'No data found in the system, please add data ' +
	'first. [NoDataError]' };
const CURIE = 'Marie Curie discovered polonium in Paris in 1898. ' +
	'Pierre Curie worked with Marie Curie.';
const TIDES = 'The tide at Brest turns twice a day. A spring tide follows ' +
	'the new moon.';
const models = new Models();
let server, ann, bob, lone, science, sea, empty;

const call = (method, where, who = ann, more = {}) =>
	server.call(method, where, { token: who.token, ...more });
const ask = (json, who = ann) => call('POST', SEARCH, who, { json });

async function found(json, who = ann) {
	const reply = await ask(json, who);

	assert.equal(reply.status, 200, reply.text);
	return reply.json;
}

async function make(name, who = ann) {
	const reply = await call('POST', SETS, who, { json: { name } });

	assert.equal(reply.status, 200, reply.text);
	return reply.json.id;
}

// Texts put into the base by another interface, indexed to the end.
async function fill(base, documents, settings) {
	const key = ann.token;

	if (settings !== undefined)
		assert.equal((await server.ask('PATCH', `/bases/${base}`,
		    { key, body: { settings } })).status, 200);
	let { job } = (await server.ask('POST', `/bases/${base}/documents`,
	    { key, body: { documents } })).json;

	while (!isFinal(job))
		job = (await server.ask('GET', `/jobs/${job.id}` +
		    `?after=${job.revision}&wait=30`, { key })).json;
	assert.equal(job.state, 'completed');
}

before(async () => {
	await models.open();
	server = await Server.start();
	ann = await server.person('ann@example.com');
	bob = await server.person('bob@example.com');
	lone = await server.person('lone@example.com');
	science = await make('science');
	sea = await make('sea');
	empty = await make('empty');
	await make('of_bob', bob);
	await fill(science, [
		{ name: 'curie.txt', text: CURIE,
			metadata: { node_set: ['people', 'old'] } },
		{ name: 'bohr.txt', text: 'Niels Bohr worked in Copenhagen ' +
			'in 1922. He explained the atom.',
			metadata: { node_set: ['people'] } },
	], { graph: { by: 'rules' } });
	await fill(sea, [{ name: 'tides.txt', text: TIDES }]);
});
after(async () => {
	await server.stop();
	await models.close();
});

// ---- chunks ----------------------------------------------------------------

test('chunks have the payload that clients know', async () => {
	const [one, ...rest] = await found({ search_type: 'CHUNKS',
		query: 'polonium', datasets: ['science'], top_k: 1 });

	assert.deepEqual(rest, []);
	assert.deepEqual(Object.keys(one).sort(), ['dataset_id',
		'dataset_name', 'dataset_tenant_id', 'search_result']);
	assert.equal(one.dataset_id, science);
	assert.equal(one.dataset_name, 'science');
	assert.equal(one.dataset_tenant_id, null);
	assert.equal(one.search_result.length, 1);
	const [chunk] = one.search_result;
	const data = (await call('GET', `${SETS}/${science}/data`)).json;

	assert.equal(chunk.text, CURIE);
	assert.equal(chunk.document_name, 'curie.txt');
	assert.equal(chunk.document_id,
	    data.find(({ name }) => name === 'curie').id);
	assert.equal(chunk.chunk_index, 0);
	assert.equal(chunk.source_chunk_id, chunk.id);
	assert.deepEqual(chunk.belongs_to_set, ['people', 'old']);
	assert.deepEqual(chunk.metadata, { index_fields: ['text'] });
	assert.ok(Math.abs(chunk.created_at - Date.now()) < 3600e3);
	assert.ok(chunk.score > 0 && chunk.score <= 1);
});

test('both cases of names mean the same', async () => {
	const snake = await found({ search_type: 'CHUNKS', query: 'tide',
		dataset_ids: [sea], top_k: 3, node_name: null,
		only_context: false });
	const camel = await found({ searchType: 'CHUNKS', query: 'tide',
		datasetIds: [sea], topK: 3, nodeName: null,
		onlyContext: false });

	assert.deepEqual(camel, snake);
	assert.deepEqual(await found({ search_type: 'CHUNKS', query: 'tide',
		datasets: ['empty'], dataset_ids: [sea], top_k: 3 }), snake);
	assert.deepEqual(await found({ search_type: 'CHUNKS', query: 'tide',
		dataset_ids: [sea, sea.toUpperCase(), `{${sea}}`],
		top_k: 3 }), snake);
});

test('words alone find only what has them', async () => {
	const texts = async (query) => (await found({ query,
		search_type: 'CHUNKS_LEXICAL', dataset_ids: [science] }))[0]
	    .search_result.map(({ text }) => text);

	assert.deepEqual(await texts('polonium'), [CURIE]);
	assert.deepEqual(await texts('zebra'), []);
});

test('all datasets are asked, each on its own', async () => {
	const all = await found({ search_type: 'CHUNKS_LEXICAL',
		query: 'tide' });

	assert.deepEqual(all.map(({ dataset_name: name, search_result: list }) =>
	    [name, list.length]), [['science', 0], ['sea', 1], ['empty', 0]]);
});

test('node sets say which data are looked at', async () => {
	const names = async (node_name) => (await found({ query: 'worked in',
		search_type: 'CHUNKS', node_name, dataset_ids: [science] }))[0]
	    .search_result.map(({ document_name: name }) => name).sort();

	assert.deepEqual(await names(['people']), ['bohr.txt', 'curie.txt']);
	assert.deepEqual(await names(['old', 'none']), ['curie.txt']);
	assert.deepEqual(await names(['none']), []);
});

test('summaries are sentences of what is found', async () => {
	const [{ search_result: list }] = await found({ query: 'polonium',
		search_type: 'SUMMARIES', dataset_ids: [science], top_k: 1 });

	assert.equal(list.length, 1);
	assert.equal(list[0].type, 'TextSummary');
	assert.equal(list[0].document_name, 'curie.txt');
	assert.ok(CURIE.includes(list[0].text), list[0].text);
	assert.ok(list[0].text.length > 10 &&
	    list[0].text.length < CURIE.length);
});

// ---- contexts, without a model ---------------------------------------------

test('only_context gives a text for every way', async () => {
	const context = async (search_type) => (await found({ search_type,
		query: 'Who discovered polonium?', dataset_ids: [science],
		only_context: true }))[0].search_result;

	for (const type of ['CHUNKS', 'RAG_COMPLETION', 'CHUNKS_LEXICAL'])
		assert.ok((await context(type)).startsWith(CURIE), type);
	for (const type of ['GRAPH_COMPLETION', 'TRIPLET_COMPLETION',
		'GRAPH_COMPLETION_COT', 'GRAPH_COMPLETION_DECOMPOSITION',
		'GRAPH_COMPLETION_CONTEXT_EXTENSION',
		'GRAPH_SUMMARY_COMPLETION', 'HYBRID_COMPLETION',
		'AGENTIC_COMPLETION', 'FEELING_LUCKY']) {
		const text = await context(type);

		assert.match(text, /^Nodes:\n/, type);
		assert.match(text, /^Marie Curie --\[discovered_in\]--> Paris$/m,
		    type);
		// Rules made the graph: it does not stand alone.
		assert.equal(text.includes(CURIE),
		    type !== 'GRAPH_SUMMARY_COMPLETION', type);
	}
	assert.match(await context('GRAPH_REPORT'), /Marie Curie/);
	assert.ok(CURIE.includes((await context('SUMMARIES'))
	    .split('\n\n')[0]));
	assert.match(await context('TEMPORAL'), /polonium/);
});

test('a dataset without a graph gives its chunks', async () => {
	const [{ search_result: text }] = await found({ query: 'spring tide',
		search_type: 'GRAPH_COMPLETION', dataset_ids: [sea],
		only_context: true });

	assert.equal(text, TIDES);
});

test('a context of nothing is an empty list', async () => {
	const [{ search_result: list }] = await found({ query: 'zebra',
		search_type: 'CHUNKS_LEXICAL', dataset_ids: [sea],
		only_context: true });

	assert.deepEqual(list, []);
});

test('the years of a question come first', async () => {
	const text = async (query) => (await found({ query,
		search_type: 'TEMPORAL', dataset_ids: [science],
		only_context: true }))[0].search_result;

	assert.ok((await text('What was in 1922?')).startsWith('Niels'));
	assert.ok((await text('What was in 1898?')).startsWith('Marie'));
});

test('a question chooses its way', async () => {
	const way = async (query, dataset) => (await found({ query,
		search_type: 'FEELING_LUCKY', dataset_ids: [dataset],
		verbose: true }))[0].search_type;

	assert.equal(await way('"spring tide"', sea), 'CHUNKS_LEXICAL');
	assert.equal(await way('Give me an overview', sea), 'SUMMARIES');
	assert.equal(await way('When was it?', sea), 'TEMPORAL');
	assert.equal(await way('Who is it?', sea), 'RAG_COMPLETION');
	assert.equal(await way('Who is it?', science), 'GRAPH_COMPLETION');
});

test('a report is a text', async () => {
	const [{ search_result: list }] = await found({
		search_type: 'GRAPH_REPORT', dataset_ids: [science] });

	assert.equal(list.length, 1);
	assert.match(list[0], /Marie Curie/);
});

// ---- answers ---------------------------------------------------------------

test('without a model an answer is made of sentences', async () => {
	for (const search_type of ['RAG_COMPLETION', 'GRAPH_COMPLETION',
		'HYBRID_COMPLETION']) {
		const [{ search_result: list }] = await found({ search_type,
			query: 'Who discovered polonium?',
			dataset_ids: [science] });

		assert.equal(list.length, 1);
		assert.ok(list[0].includes(
		    'Marie Curie discovered polonium in Paris in 1898.'),
		    `${search_type}: ${list[0]}`);
	}
});

test('an empty body is a search of everything', async () => {
	for (const reply of [await call('POST', SEARCH, ann, { json: {} }),
		await call('POST', SEARCH, ann)]) {
		assert.equal(reply.status, 200, reply.text);
		assert.deepEqual(reply.json.map(({ dataset_name: name }) =>
		    name), ['science', 'sea', 'empty']);
	}
});

test('verbose tells what the answer is made of', async () => {
	const [one] = await found({ search_type: 'RAG_COMPLETION',
		query: 'Who discovered polonium?', dataset_ids: [science],
		verbose: true });

	assert.equal('search_result' in one, false);
	assert.equal(one.text_result.length, 1);
	assert.ok(one.context_result.startsWith(CURIE));
	assert.equal(one.objects_result[0].text, CURIE);
	assert.equal(one.answered_by, 'extract');
	assert.equal(one.search_type, 'RAG_COMPLETION');
});

test('references stand below the answer', async () => {
	const [{ search_result: [text] }] = await found({ query: 'polonium',
		search_type: 'RAG_COMPLETION', dataset_ids: [science], top_k: 1,
		include_references: true });

	assert.match(text, /\n\nReferences:\n- curie\.txt, chunk 0$/);
});

// ---- refusals --------------------------------------------------------------

test('what is not there is told as the original does', async () => {
	const chunks = { search_type: 'CHUNKS', query: 'x' };
	const expected = [
		[{ datasets: ['nobody'] }, 404, NO_DATASET],
		[{ datasets: ['of_bob'] }, 404, NO_DATASET],
		[{ dataset_ids: [NOBODY] }, 403, DENIED],
		[{ dataset_ids: [science, NOBODY] }, 403, DENIED],
		[{ datasets: ['empty'] }, 404, NO_DATA],
		[{ dataset_ids: [empty] }, 404, NO_DATA],
		[{ datasets: ['empty'], search_type: 'SUMMARIES' }, 404,
			NO_DATA],
		[{ datasets: ['empty'], search_type: 'RAG_COMPLETION' }, 404,
			NO_DATA],
	];

	for (const [json, status, body] of expected) {
		const reply = await ask({ ...chunks, ...json });

		assert.equal(reply.status, status, reply.text);
		assert.deepEqual(reply.json, body);
	}
	const foreign = (await call('GET', SETS, bob)).json[0].id;

	assert.deepEqual((await ask({ ...chunks, dataset_ids: [foreign] }))
	    .json, DENIED);
});

test('who has no dataset finds nothing', async () => {
	assert.deepEqual(await found({ query: 'x' }, lone), []);
	assert.deepEqual(await found({ search_type: 'CHUNKS' }, lone), []);
});

test('ways that are not done here are refused in words', async () => {
	for (const search_type of ['CYPHER', 'NATURAL_LANGUAGE', 'CODE',
		'CODING_RULES', 'AGENTIC_COMPLETION']) {
		const { status, json } = await ask({ search_type, query: 'x' });

		assert.equal(status, 400);
		assert.match(json.detail, new RegExp(`^Search type ${
		    search_type} is not supported: .+\\. ` +
		    '\\[UnsupportedSearchTypeError\\]$'));
	}
});

test('a body that makes no sense is refused', async () => {
	const wrong = [
		[{ search_type: 'chunks' }, 400], [{ searchType: 'X' }, 400],
		[{ search_type: 7 }, 400], [{ dataset_ids: ['x'] }, 400],
		[{ dataset_ids: 'x' }, 400], [{ datasets: [1] }, 400],
		[{ top_k: 'many' }, 400], [{ only_context: 'perhaps' }, 400],
		[{ query: { a: 1 } }, 400],
		[{ top_k: 0 }, 422], [{ topK: -1 }, 422],
		[{ top_k: 1001 }, 422], [{ query: ' \n' }, 422],
		[{ query: 'x'.repeat(40000) }, 422],
		[{ system_prompt: 'x'.repeat(20000) }, 422],
		[{ skills: ['a'] }, 422], [{ tools: ['a'] }, 422],
		[{ code_query: { operation: 'explore' } }, 422],
		[{ datasets: Array(257).fill('sea') }, 422],
		[{ dataset_ids: Array(257).fill(sea) }, 422],
	];

	for (const [json, status] of wrong) {
		const reply = await ask({ search_type: 'CHUNKS', query: 'x',
			...json });

		assert.equal(reply.status, status,
		    JSON.stringify(json).slice(0, 80) + reply.text);
		if (status === 422)
			assert.match(reply.json.detail,
			    / \[QueryValidationError\]$/);
	}
	for (const body of ['{', '[]', '"x"', '{"a":1,"a":2}'])
		assert.equal((await call('POST', SEARCH, ann, { body,
			headers: { 'Content-Type': 'application/json' } }))
		    .status, 400, body);
	assert.equal((await server.call('POST', SEARCH, { json: {} })).status,
	    401);
});

// ---- as clients go about it ------------------------------------------------

test('what is added is found when it is cognified', async () => {
	const json = { search_type: 'CHUNKS', datasets: ['notes'],
		node_name: ['logs'], query: 'capstan' };
	const form = new FormData();

	form.append('data', new Blob(['The capstan hauls the anchor.']),
	    'text_0.txt');
	form.append('datasetName', 'notes');
	form.append('node_set', '["logs"]');
	const added = await call('POST', '/api/v1/add', ann, { body: form });

	assert.equal(added.status, 200, added.text);
	const early = await ask(json);

	assert.equal(early.status, 404);
	assert.deepEqual(early.json, NO_DATA);
	assert.equal((await call('POST', '/api/v1/cognify', ann,
	    { json: { datasets: ['notes'] } })).status, 200);
	const [one, ...rest] = await found(json);

	assert.deepEqual(rest, []);
	assert.equal(one.dataset_id, added.json.dataset_id);
	assert.deepEqual(one.search_result.map(({ text, belongs_to_set }) =>
	    [text, belongs_to_set]),
	    [['The capstan hauls the anchor.', ['logs']]]);
	await call('DELETE', `${SETS}/${one.dataset_id}`);
});

// ---- sharing ---------------------------------------------------------------

test('a shared dataset is asked by its id', async () => {
	const asked = { search_type: 'CHUNKS', query: 'tide', top_k: 1 };
	const where = `/api/v1/permissions/datasets/${bob.user.id}` +
	    '?permission_name=read';

	assert.equal((await call('POST', where, ann, { json: [sea] })).status,
	    200);
	const [one] = await found({ ...asked, dataset_ids: [sea] }, bob);

	assert.equal(one.dataset_name, 'sea');
	assert.equal(one.search_result[0].text, TIDES);
	assert.deepEqual((await ask({ ...asked, datasets: ['sea'] }, bob))
	    .json, NO_DATASET, 'a name is one of the own');
	assert.deepEqual((await found(asked, bob)).map(
	    ({ dataset_name: name }) => name), ['of_bob', 'sea']);
	assert.equal((await call('DELETE', where, ann, { json: [sea] }))
	    .status, 200);
	assert.deepEqual((await ask({ ...asked, dataset_ids: [sea] }, bob))
	    .json, DENIED);
});

// ---- history ---------------------------------------------------------------

test('each has a history of their own', async () => {
	const history = async (who, where = SEARCH) =>
		(await call('GET', where, who)).json;
	const eve = await server.person('eve@example.com');
	const set = await make('evening', eve);

	assert.deepEqual(await history(eve), []);
	assert.equal((await ask({ query: 'Is it late?', dataset_ids: [set] },
	    eve)).status, 404);
	assert.deepEqual(await history(eve), [], 'what failed is not asked');
	await found({ query: 'Who discovered polonium?',
		search_type: 'RAG_COMPLETION', dataset_ids: [science] });
	const rows = await history(ann);
	const [question, answer] = rows.slice(-2);

	assert.deepEqual([question.user, question.text, question.datasetId],
	    ['user', 'Who discovered polonium?', science]);
	assert.equal(answer.user, 'system');
	assert.equal(answer.datasetId, science);
	assert.match(answer.text, /polonium/);
	assert.notEqual(question.id, answer.id);
	assert.deepEqual(await history(ann, '/api/v1/recall'), rows);
	await found({ query: 'tide', search_type: 'CHUNKS' });
	const [several] = (await history(ann)).slice(-1);

	assert.deepEqual([several.user, several.text, several.datasetId],
	    ['user', 'tide', null]);
});

test('what was asked of a dataset goes with it', async () => {
	const set = await make('soon_gone');
	const mine = async () => (await call('GET', SEARCH)).json.filter(
	    ({ datasetId }) => datasetId === set).map(({ user }) => user);

	await fill(set, [{ name: 'a.txt', text: 'The secret is a heron.' },
		{ name: 'b.txt', text: 'Nothing of note.' }]);
	await found({ query: 'What is the secret?', dataset_ids: [set],
		search_type: 'RAG_COMPLETION' });
	assert.deepEqual(await mine(), ['user', 'system']);
	const data = (await call('GET', `${SETS}/${set}/data`)).json;

	await call('DELETE', `${SETS}/${set}/data/${data[0].id}`);
	assert.deepEqual(await mine(), ['user'], 'the answer quoted it');
	await call('DELETE', `${SETS}/${set}`);
	assert.deepEqual(await mine(), []);
});

// ---- with a model ----------------------------------------------------------

test('a chat model answers from the context', async () => {
	await server.halt();
	await server.run(...models.chatFlags);
	models.onChat = () => 'It was Marie Curie.';
	const [one] = await found({ search_type: 'GRAPH_COMPLETION',
		query: 'Who discovered polonium?', dataset_ids: [science],
		system_prompt: 'Be brief.', verbose: true });
	const [asked] = models.chats;

	assert.deepEqual(one.text_result, ['It was Marie Curie.']);
	assert.equal(one.answered_by, 'model');
	assert.equal(models.chats.length, 1);
	assert.equal(asked.model, MODEL);
	assert.equal(asked.key, `Bearer ${CHAT_KEY}`);
	assert.match(asked.user, /Marie Curie --\[discovered_in\]--> Paris/);
	assert.ok(asked.user.includes(CURIE));
	assert.match(asked.system + asked.user, /Be brief\./);
	const [hybrid] = await found({ query: 'Who discovered polonium?',
		dataset_ids: [science] });

	assert.deepEqual(hybrid.search_result, ['It was Marie Curie.']);
	assert.match(models.chats[1].user, /--\[discovered_in\]-->/);
	assert.ok(models.chats[1].user.includes(CURIE));
});

test('a graph that a model made stands alone', async () => {
	const set = await make('of_a_model');
	const text = 'Ada wrote notes. Charles built an engine.';

	models.onChat = () => JSON.stringify({
		nodes: [{ id: 'a', name: 'Ada', type: 'Person',
			description: 'A writer' },
			{ id: 'n', name: 'notes', type: 'Concept' }],
		edges: [{ source_node_id: 'a', target_node_id: 'n',
			relationship_name: 'wrote' }] });
	await fill(set, [{ name: 'ada.txt', text }],
	    { graph: { by: 'model' } });
	const context = async (search_type) => (await found({ search_type,
		query: 'What did Ada write?', dataset_ids: [set],
		only_context: true }))[0].search_result;
	const graph = 'Nodes:\nAda (Person): A writer\nnotes (Concept)\n' +
		'Connections:\nAda --[wrote]--> notes\n';

	for (const type of ['GRAPH_COMPLETION', 'TRIPLET_COMPLETION',
		'GRAPH_COMPLETION_CONTEXT_EXTENSION'])
		assert.equal(await context(type), graph);
	assert.equal(await context('HYBRID_COMPLETION'),
	    `${graph}\n\n${text}`);
	models.onChat = () => 'Notes.';
	models.chats.length = 0;
	const [{ search_result: answer }] = await found({ dataset_ids: [set],
		search_type: 'GRAPH_COMPLETION', query: 'What did Ada write?' });

	assert.deepEqual(answer, ['Notes.']);
	assert.equal(models.chats[0].user.includes(text), false);
	assert.ok(models.chats[0].user.includes(graph));
	await call('DELETE', `${SETS}/${set}`);
});

test('lists and contexts do not ask it', async () => {
	const before = models.chats.length;

	for (const json of [{ search_type: 'CHUNKS' },
		{ search_type: 'SUMMARIES' }, { search_type: 'GRAPH_REPORT' },
		{ only_context: true },
		{ search_type: 'AGENTIC_COMPLETION', only_context: true }])
		await found({ query: 'polonium', dataset_ids: [science],
			...json });
	assert.equal(models.chats.length, before);
});

test('a model that fails leaves the sentences', async () => {
	models.onChat = (question, reply) => fail(reply, 500);
	const [one] = await found({ search_type: 'RAG_COMPLETION',
		query: 'Who discovered polonium?', dataset_ids: [science],
		verbose: true });

	assert.equal(one.answered_by, 'extract');
	assert.match(one.text_result[0], /Marie Curie discovered polonium/);
});

test('a client that goes away is noticed', async () => {
	let gone;
	const closed = new Promise((resolve) => { gone = resolve; });

	models.onChat = (question, reply) => {
		reply.on('close', gone);
	};
	const heard = models.hear();
	const abort = new AbortController();
	const asking = server.fetch(SEARCH, { method: 'POST', key: ann.token,
		signal: abort.signal, body: JSON.stringify({ query: 'polonium',
			search_type: 'RAG_COMPLETION',
			dataset_ids: [science] }) });

	await heard;
	abort.abort();
	await assert.rejects(asking);
	await closed;
	assert.equal((await call('GET', SETS)).status, 200);
});
