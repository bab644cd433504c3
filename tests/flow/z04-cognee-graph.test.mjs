// SPDX-License-Identifier: Apache-2.0
//
// A dataset's graph over HTTP: read, summed up, drawn; what it is made by; and
// nobody else's.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import test, { after, before } from 'node:test';
import { Server } from './lib-cognee.mjs';
import { Models } from './lib-models.mjs';

const SETS = '/api/v1/datasets';
const SHOW = '/api/v1/visualize';
const NOBODY = '11111111-2222-4333-8444-555555555555';
const NO_PICTURE = { error: 'Unable to render visualization.' };
const denied = (what) => ({ detail: 'Request owner does not have necessary ' +
	`permission: [${what}] for all datasets requested. ` +
	'[PermissionDeniedError]' });
const TEXTS = {
	'curie.txt': 'Marie Curie discovered polonium in Paris. Marie Curie ' +
	    'married Pierre Curie. Pierre Curie worked at the Sorbonne.',
	'bohr.txt': 'Niels Bohr worked at the University of Copenhagen. ' +
	    'Marie Curie met Niels Bohr in Brussels.',
	'einstein.txt': 'For a week they talked about the weather. Then ' +
	    'Marie Curie met Albert Einstein in a park.',
};
let server, ann, bob;

before(async () => {
	server = await Server.start();
	ann = await server.person('ann@example.com');
	bob = await server.person('bob@example.com');
});
after(() => server.stop());

const call = (method, where, { token } = ann, more = {}) =>
	server.call(method, where, { token, ...more });

async function make(name, who = ann) {
	const reply = await call('POST', SETS, who, { json: { name } });

	assert.equal(reply.status, 200, reply.text);
	return reply.json;
}

// A dataset of those texts, made into a graph.
async function filled(name, texts = TEXTS, who = ann) {
	const set = await make(name, who);
	const form = new FormData();

	form.append('datasetId', set.id);
	for (const [file, text] of Object.entries(texts))
		form.append('data', new Blob([text]), file);
	const added = await call('POST', '/api/v1/add', who, { body: form });

	assert.equal(added.status, 200, added.text);
	const run = await call('POST', '/api/v1/cognify', who,
	    { json: { datasetIds: [set.id] } });

	assert.equal(run.status, 200, run.text);
	assert.equal(run.json[set.id].status, 'PipelineRunCompleted');
	return { ...set, run: run.json[set.id].pipeline_run_id };
}

async function read(where, who = ann) {
	const reply = await call('GET', where, who);

	assert.equal(reply.status, 200, reply.text);
	return reply.json;
}

const graphOf = (set, who) => read(`${SETS}/${set.id}/graph`, who);

// "Marie Curie --married--> Pierre Curie", of the edges with that label.
function told({ nodes, edges }, label) {
	const names = new Map(nodes.map(({ id, label: name }) => [id, name]));

	return edges.filter((edge) => edge.label === label)
	    .map(({ source, target }) => `${names.get(source)} --${label}--> ` +
		`${names.get(target)}`).sort();
}

test('a graph has entities, their types, and the texts that name them',
    async () => {
	const set = await filled('curie');
	const graph = await graphOf(set);
	const of = (type) => graph.nodes.filter((node) => node.type === type);
	const marie = of('Entity').find(({ label }) =>
	    label === 'Marie Curie');
	const chunks = of('DocumentChunk');
	const data = await read(`${SETS}/${set.id}/data`);

	assert.equal(marie.properties.entity_type, 'Person');
	assert.equal(marie.properties.documents, 3);
	assert.equal(marie.properties.chunks, 3);
	assert.equal(marie.properties.weight, 4);
	assert.deepEqual(told(graph, 'married_to'),
	    ['Marie Curie --married_to--> Pierre Curie']);
	assert.deepEqual(told(graph, 'works_at'), [
		'Niels Bohr --works_at--> University of Copenhagen',
		'Pierre Curie --works_at--> Sorbonne']);
	assert.deepEqual(told(graph, 'met'), [
		'Marie Curie --met--> Albert Einstein',
		'Marie Curie --met--> Niels Bohr']);
	assert.ok(told(graph, 'is_a').includes(
	    'Marie Curie --is_a--> Person'));
	assert.equal(told(graph, 'is_a').length, of('Entity').length);
	assert.equal(told(graph, 'contains').filter((row) =>
	    row.endsWith('--> Marie Curie')).length, 3);
	assert.equal(told(graph, 'is_part_of').length, chunks.length);
	assert.deepEqual(of('TextDocument').map(({ id }) => id).sort(),
	    data.map(({ id }) => id).sort());
	assert.ok(chunks.some(({ properties }) => properties.text
	    .startsWith('Marie Curie discovered')));
	// Every end is there, and nothing twice.
	const ids = new Set(graph.nodes.map(({ id }) => id));

	assert.equal(ids.size, graph.nodes.length);
	for (const { source, target } of graph.edges)
		assert.ok(ids.has(source) && ids.has(target));
	const again = await call('GET', `${SETS}/${set.id}/graph/`);

	assert.deepEqual(again.json, graph);
	assert.match(again.headers.get('x-tidemark-graph'), new RegExp(
	    `^entities=${of('Entity').length}, entities-in-all=` +
	    `${of('Entity').length}, .*, cut=[?]0, made-by="rules", `));
	// What goes from the dataset goes from its graph.
	for (const { id } of data)
		await call('DELETE', `${SETS}/${set.id}/data/${id}`);
	assert.deepEqual(await graphOf(set), { nodes: [], edges: [] });
});

test('a summary counts what the graph has', async () => {
	const set = await filled('counted');
	const empty = await make('empty');
	const graph = await graphOf(set);
	const where = `${SETS}/graph-summary`;
	const row = { datasetId: set.id, pipelineRunId: set.run,
		numNodes: graph.nodes.length, numEdges: graph.edges.length };
	const none = { datasetId: empty.id, pipelineRunId: null, numNodes: 0,
		numEdges: 0, computedAt: null };
	const [first, second, ...rest] = await read(`${where}?dataset_ids=` +
	    `${set.id}&dataset_ids=${empty.id}&dataset_ids=` +
	    set.id.toUpperCase());

	assert.deepEqual(first, { ...row, computedAt: first.computedAt });
	assert.notEqual(first.computedAt, null);
	assert.deepEqual(second, none);
	assert.deepEqual(rest, []);
	const all = await read(`${where}/`);

	assert.deepEqual(all.map(({ datasetId }) => datasetId),
	    (await read(SETS)).map(({ id }) => id));
	assert.deepEqual(await read(where, bob), []);
	assert.equal((await call('GET', `${where}?dataset_ids=x`)).status,
	    400);
	for (const id of [NOBODY, set.id])
		assert.deepEqual((await call('GET',
		    `${where}?dataset_ids=${id}`, bob)).json, denied('read'));
});

// The parts of a page: { script, style, data, policy }.
function partsOf({ text, headers }) {
	const [, style] = /<style>(.*?)<\/style>/s.exec(text);
	const [, script] = /<script>(.*?)<\/script>/s.exec(text);
	const [, data] = new RegExp('<script id="data" ' +
	    'type="application/json">(.*?)</script>', 's').exec(text);

	return { script, style, data,
		policy: headers.get('content-security-policy') };
}

const hash = (text) => `'sha256-${crypto.createHash('sha256').update(text)
    .digest('base64')}'`;

test('a page draws it, and nothing in it is markup', async () => {
	const set = await filled('<title><script>alert(1)<script>');
	const json = await read(`${SHOW}/json?dataset_id=${set.id}`);
	const page = await call('GET', `${SHOW}?dataset_id=${set.id}`);

	assert.equal(page.status, 200);
	assert.equal(page.headers.get('content-type'),
	    'text/html; charset=utf-8');
	const { script, style, data, policy } = partsOf(page);

	assert.equal(page.text.match(/<script/gi).length, 2);
	assert.equal(page.text.match(/<\/script/gi).length, 2);
	assert.ok(policy.includes(`script-src ${hash(script)};`));
	assert.ok(policy.includes(`style-src ${hash(style)};`));
	assert.doesNotMatch(data, /[<>&\u2028\u2029]/);
	const inlined = JSON.parse(data);

	assert.deepEqual({ ...inlined, made_at: json.made_at }, json);
	assert.equal(json.datasets[0].name, set.name);
	assert.deepEqual(json.datasets[0].made_by, ['rules']);
	assert.equal(json.datasets[0].is_cut, false);
	assert.equal(json.query, null);
	assert.ok(page.text.includes('http-equiv="Content-Security-Policy"'));
	assert.equal((await call('GET', `/visualize?dataset_id=${set.id}`))
	    .status, 200);
	// It is the graph, kind by kind.
	const graph = await graphOf(set);

	assert.deepEqual(json.nodes.map(({ id }) => id),
	    graph.nodes.map(({ id }) => id));
	assert.deepEqual(json.links.map(({ source, target, label }) => ({
		source: json.nodes[source].id, target: json.nodes[target].id,
		label })), graph.edges);
});

test('a part of a graph says that it is one', async () => {
	const set = await filled('parts');
	const json = (query) => read(`${SHOW}/json?dataset_id=${set.id}&` +
	    query);
	const entities = ({ nodes }) => nodes.filter(({ kind }) =>
	    kind === 'entity');
	const whole = await json('full=true');
	const two = await json('max_nodes=2');

	assert.equal(entities(two).length, 2);
	assert.equal(two.datasets[0].is_cut, true);
	assert.equal(two.datasets[0].entities, entities(whole).length);
	assert.equal(entities(two)[0].name, 'Marie Curie');
	const around = await json('query=Niels%20Bohr');

	assert.equal(around.query, 'Niels Bohr');
	assert.ok(entities(around).some(({ name }) => name === 'Niels Bohr'));
	for (const query of ['max_nodes=0', 'max_nodes=5001', 'max_nodes=x',
		'full=perhaps', 'neighborhood_depth=2', 'seed_node_ids=x',
		'neighborhood_seed_top_k=3']) {
		const reply = await call('GET',
		    `${SHOW}?dataset_id=${set.id}&${query}`);

		assert.equal(reply.status, 400, query);
		assert.deepEqual(reply.json.detail[0].loc,
		    ['query', query.split('=')[0]]);
	}
});

test('several graphs stand side by side', async () => {
	const sets = [await filled('one', { 'a.txt': TEXTS['curie.txt'] }),
		await filled('two', { 'b.txt': TEXTS['bohr.txt'] })];
	const multi = (json, who) => call('POST', `${SHOW}/multi`, who,
	    { json });
	const page = await multi([sets[0].id, { dataset_id: sets[1].id,
		user_id: ann.user.id }, { datasetId: sets[0].id }]);

	assert.equal(page.status, 200, page.text);
	const data = JSON.parse(partsOf(page).data);

	assert.deepEqual(data.datasets.map(({ name }) => name),
	    ['one', 'two']);
	assert.deepEqual(data.nodes.filter(({ name }) =>
	    name === 'Marie Curie').map(({ dataset }) => dataset), [0, 1]);
	for (const { source, target } of data.links)
		assert.equal(data.nodes[source].dataset,
		    data.nodes[target].dataset);
	for (const [json, type] of [[[], 'too_short'],
		[Array(17).fill(NOBODY), 'too_long'], [{}, 'list_type'],
		[['x'], 'uuid_parsing'], [[{}], 'missing'],
		[[5], 'model_attributes_type'],
		[[{ dataset_id: NOBODY, user_id: 5 }], 'uuid_type']]) {
		const reply = await multi(json);

		assert.equal(reply.status, 400, reply.text);
		assert.equal(reply.json.detail[0].type, type);
	}
	assert.equal((await call('POST', `${SHOW}/multi`, ann,
	    { body: '[' })).status, 400);
	for (const json of [[NOBODY], [sets[0].id, NOBODY],
		[{ dataset_id: sets[0].id, user_id: bob.user.id }]])
		assert.deepEqual([(await multi(json)).status,
			(await multi(json)).json], [409, NO_PICTURE]);
	assert.deepEqual((await multi([sets[0].id], bob)).json, NO_PICTURE);
});

test('what is not here is refused in words', async () => {
	for (const name of ['semantic', 'brains', 'live-events']) {
		const reply = await call('GET', `${SHOW}/${name}`);

		assert.equal(reply.status, 501);
		assert.deepEqual(Object.keys(reply.json), ['error']);
	}
});

test('what is somebody else\'s looks as if it were nobody\'s', async () => {
	const set = await filled('mine', { 'a.txt': TEXTS['curie.txt'] });

	for (const id of [NOBODY, set.id])
		for (const [method, where, status, json] of [
			['GET', `${SETS}/${id}/graph`, 403, denied('read')],
			['GET', `${SETS}/${id}/schema`, 403, denied('read')],
			['PUT', `${SETS}/${id}/schema`, 403, denied('write')],
			['GET', `${SHOW}?dataset_id=${id}`, 409, NO_PICTURE],
			['GET', `${SHOW}/json?dataset_id=${id}`, 409,
				NO_PICTURE]]) {
			const reply = await call(method, where, bob,
			    method === 'PUT' ? { json: {} } : {});

			assert.deepEqual([reply.status, reply.json],
			    [status, json]);
		}
	for (const where of [`${SETS}/x/graph`, `${SETS}/x/schema`, SHOW,
		`${SHOW}?dataset_id=x`, `${SHOW}/json`])
		assert.equal((await call('GET', where)).status, 400);
	for (const where of [`${SETS}/${set.id}/graph`, SHOW, `${SHOW}/json`,
		`${SETS}/graph-summary`, `${SETS}/${set.id}/schema`])
		assert.equal((await server.call('GET', where)).status, 401);
});

test('a dataset without a graph has an empty one, and a page that says so',
    async () => {
	const set = await make('nothing');
	const graph = await call('GET', `${SETS}/${set.id}/graph`);

	assert.deepEqual(graph.json, { nodes: [], edges: [] });
	assert.match(graph.headers.get('x-tidemark-graph'),
	    /^entities=0, entities-in-all=0, .*, cut=[?]0, made-by="", /);
	const json = await read(`${SHOW}/json?dataset_id=${set.id}`);

	assert.deepEqual(json.nodes, []);
	assert.deepEqual(json.datasets[0].made_by, []);
});

test('without a chat model there is nothing to give a prompt to',
    async () => {
	const set = await make('by rules');
	const where = `${SETS}/${set.id}/schema`;
	const put = (json) => call('PUT', where, ann, { json });

	assert.deepEqual(await read(where),
	    { graph_schema: null, custom_prompt: null });
	for (const json of [{}, { graph_schema: null }, { graphSchema: {} },
		{ custom_prompt: '' }, { customPrompt: null }])
		assert.deepEqual((await put(json)).json, { status: 'ok' });
	for (const [json, name, type] of [
		[{ custom_prompt: 'Find ships.' }, 'custom_prompt',
			'value_error'],
		[{ graphSchema: { type: 'object' } }, 'graph_schema',
			'value_error'],
		[{ graph_schema: 5 }, 'graph_schema', 'dict_type'],
		[{ custom_prompt: 5 }, 'custom_prompt', 'string_type']]) {
		const reply = await put(json);

		assert.equal(reply.status, 400, reply.text);
		assert.deepEqual(reply.json.detail[0].loc.slice(0, 1),
		    ['body']);
		assert.equal(reply.json.detail[0].type, type);
	}
	assert.deepEqual(await read(where),
	    { graph_schema: null, custom_prompt: null });
});

test('a chat model is given the prompt, and makes the graph', async () => {
	const models = new Models();
	const hostile = '</script><script>alert(1)</script>&<!--';

	await models.open();
	models.onChat = () => JSON.stringify({
		nodes: [{ id: 'a', name: 'Ebb', type: 'Ship',
			description: 'A brig.' },
		{ id: 'b', name: 'Hull', type: 'Place', description: '' },
		{ id: 'c', name: hostile, type: '<b>', description: hostile }],
		edges: [{ source_node_id: 'a', target_node_id: 'b',
			relationship_name: 'moored at' }] });
	const own = await Server.start(...models.chatFlags);
	const eve = await own.person('eve@example.com');
	const ask = (method, where, more) => own.call(method, where,
	    { token: eve.token, ...more });

	try {
		const set = (await ask('POST', SETS, { json: {
			name: 'ships' } })).json;
		const where = `${SETS}/${set.id}/schema`;
		const prompt = 'Find ships & harbours.';

		assert.equal((await ask('PUT', where, { json: {
			custom_prompt: 'x'.repeat(16385) } })).status, 400);
		assert.equal((await ask('PUT', where, { json: {
			customPrompt: prompt } })).status, 200);
		assert.deepEqual((await ask('GET', where)).json,
		    { graph_schema: null, custom_prompt: prompt });
		// Absent or null: as it is.
		await ask('PUT', where, { json: { custom_prompt: null } });
		const form = new FormData();

		form.append('datasetId', set.id);
		form.append('data', new Blob(['The Ebb lay in Hull.']),
		    'a.txt');
		await ask('POST', '/api/v1/add', { body: form });
		const run = await ask('POST', '/api/v1/cognify',
		    { json: { dataset_ids: [set.id] } });

		assert.equal(run.status, 200, run.text);
		assert.ok(models.chats.length > 0);
		assert.ok(models.chats.every(({ system, user }) =>
		    `${system}${user}`.includes(prompt)));
		const reply = await ask('GET', `${SETS}/${set.id}/graph`);
		const ebb = reply.json.nodes.find(({ label }) =>
		    label === 'Ebb');

		assert.equal(ebb.properties.entity_type, 'Ship');
		assert.equal(ebb.properties.description, 'A brig.');
		assert.deepEqual(told(reply.json, 'moored_at'),
		    ['Ebb --moored_at--> Hull']);
		assert.match(reply.headers.get('x-tidemark-graph'),
		    /made-by="model"/);
		const page = await ask('GET', `${SHOW}?dataset_id=${set.id}`);
		const { nodes } = JSON.parse(partsOf(page).data);

		assert.equal(page.text.match(/<script/gi).length, 2);
		assert.ok(nodes.some(({ name, type, description }) =>
		    name === hostile && type === '<b>' &&
		    description === hostile));
		await ask('PUT', where, { json: { custom_prompt: '' } });
		assert.equal((await ask('GET', where)).json.custom_prompt,
		    null);
	} finally {
		await own.stop();
		await models.close();
	}
});
