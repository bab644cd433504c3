// SPDX-License-Identifier: Apache-2.0
//
// Datasets: made, shown, listed, changed, deleted; and what holds for all of
// Dify's routes.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Dify, DATASET_MISSING } from './lib-dify.mjs';
import { KEY } from './lib.mjs';

const NOBODY = '11111111-2222-4333-8444-555555555555';
const KEYS = ['id', 'name', 'description', 'provider', 'permission',
	'data_source_type', 'indexing_technique', 'app_count',
	'document_count', 'word_count', 'created_by', 'author_name',
	'created_at', 'updated_by', 'updated_at', 'embedding_model',
	'embedding_model_provider', 'embedding_available',
	'retrieval_model_dict', 'summary_index_setting', 'tags', 'doc_form',
	'external_knowledge_info', 'external_retrieval_model',
	'doc_metadata', 'built_in_field_enabled', 'pipeline_id',
	'runtime_mode', 'chunk_structure', 'icon_info', 'is_published',
	'total_documents', 'total_available_documents', 'enable_api',
	'is_multimodal', 'maintainer'];
let server;

before(async () => {
	server = await Dify.start();
});
after(() => server.stop());

test('the root and the parameters', async () => {
	const root = await server.call('GET', '/', undefined, { key: null });

	assert.equal(root.text, '{"welcome":"Dify OpenAPI","api_version":"v1",' +
	    '"server_version":"1.16.0"}\n');
	assert.equal(root.headers.get('x-version'), '1.16.0');
	assert.equal(root.headers.get('x-env'), 'PRODUCTION');
	assert.equal(root.headers.get('access-control-allow-origin'), '*');
	await server.good('GET', '/parameters');
	await server.bad('GET', '/parameters', undefined, 401, 'unauthorized',
	    'Access token is invalid', { key: 'dataset-nobody' });
	await server.bad('GET', '/datasets/', undefined, 404, 'not_found',
	    'The requested URL was not found on the server. If you entered ' +
	    'the URL manually please check your spelling and try again.');
	await server.bad('PUT', '/datasets', undefined, 405,
	    'method_not_allowed',
	    'The method is not allowed for the requested URL.');
});

test('pages of other origins may call', async () => {
	const ask = await fetch(`${server.url}/v1/datasets`, { method: 'OPTIONS',
		headers: { Origin: 'https://a.example',
			'Access-Control-Request-Method': 'POST' } });

	assert.equal(ask.status, 200);
	assert.equal(await ask.text(), '');
	assert.equal(ask.headers.get('access-control-allow-origin'), '*');
	assert.equal(ask.headers.get('access-control-allow-headers'),
	    'Content-Type, Authorization');
	assert.equal(ask.headers.get('access-control-allow-methods'),
	    'GET, PUT, POST, DELETE, OPTIONS, PATCH');
	// No other dialect says so.
	const other = await fetch(`${server.url}/tidemark/v1/bases`,
	    { method: 'OPTIONS' });
	assert.equal(other.status, 405);
	assert.equal(other.headers.get('access-control-allow-origin'), null);
});

test('a dataset of every field', async () => {
	const made = await server.good('POST', '/datasets', {
		name: 'Grünes Öl \u{1F40B}', description: 'what it is about',
		indexing_technique: 'economy', permission: 'all_team_members',
		provider: 'vendor', unknown: 1, embedding_model: null,
		retrieval_model: { search_method: 'hybrid_search',
			reranking_enable: false, top_k: 7,
			score_threshold_enabled: true, score_threshold: 0.25 },
		summary_index_setting: { enable: true, model_name: 'm' },
	});

	assert.deepEqual(Object.keys(made), KEYS);
	assert.equal(made.name, 'Grünes Öl \u{1F40B}');
	assert.equal(made.description, 'what it is about');
	assert.equal(made.indexing_technique, 'economy');
	assert.equal(made.permission, 'all_team_members');
	assert.equal(made.embedding_available, null);
	assert.equal(made.document_count, 0);
	assert.equal(made.data_source_type, null);
	assert.equal(made.doc_form, null);
	assert.equal(made.created_at, made.updated_at);
	assert.deepEqual(made.retrieval_model_dict, {
		search_method: 'hybrid_search', reranking_enable: false,
		reranking_mode: null, reranking_model: {
			reranking_provider_name: '', reranking_model_name: '' },
		weights: null, top_k: 7, score_threshold_enabled: true,
		score_threshold: 0.25 });
	assert.deepEqual(made.summary_index_setting, { enable: true,
		model_name: 'm', model_provider_name: null,
		summary_prompt: null });
	// By words alone, whatever was asked for.
	const shown = await server.call('GET', `/datasets/${made.id}`);
	assert.equal(shown.json.retrieval_model_dict.search_method,
	    'keyword_search');
	assert.equal(shown.json.embedding_available, true);
	assert.ok(!('partial_member_list' in shown.json));
	// Not ASCII is escaped, and the body ends with a line feed.
	assert.match(shown.text, /Gr\\u00fcnes \\u00d6l \\ud83d\\udc0b/);
	assert.ok(shown.text.endsWith('}\n'));
	// The id in any case.
	await server.good('GET', `/datasets/${made.id.toUpperCase()}`);
});

test('the least that makes a dataset', async () => {
	const made = await server.good('POST', '/datasets', { name: 'least' });

	assert.equal(made.indexing_technique, null);
	assert.equal(made.embedding_model, null);
	assert.equal(made.permission, 'only_me');
	assert.deepEqual(made.retrieval_model_dict, {
		search_method: 'semantic_search', reranking_enable: false,
		reranking_mode: null, reranking_model: {
			reranking_provider_name: '', reranking_model_name: '' },
		weights: null, top_k: 2, score_threshold_enabled: false,
		score_threshold: null });
	const better = await server.dataset('high');
	assert.equal(better.indexing_technique, 'high_quality');
	assert.equal(better.embedding_model, 'lexical');
	assert.equal(better.embedding_model_provider, 'tidemark');
});

test('bodies that are not as they should be', async () => {
	const further = '\n    For further information visit ' +
	    'https://errors.pydantic.dev/2.12/v/';

	await server.bad('POST', '/datasets', {}, 400, 'invalid_param',
	    '1 validation error for DatasetCreatePayload\nname\n' +
	    '  Field required [type=missing, input_value={}, ' +
	    `input_type=dict]${further}missing`);
	const long = await server.call('POST', '/datasets',
	    { name: 'x'.repeat(41), permission: 'everybody' });
	assert.equal(long.status, 400);
	assert.match(long.json.message, /^2 validation errors for /);
	assert.match(long.json.message, /at most 40 characters/);
	assert.match(long.json.message,
	    /'only_me', 'all_team_members' or 'partial_members'/);
	await server.bad('POST', '/datasets', '{"name": ', 400, 'bad_request',
	    'The browser (or proxy) sent a request that this server could ' +
	    'not understand.');
	await server.bad('POST', '/datasets', 'name=x', 415,
	    'unsupported_media_type', 'Did not attempt to load JSON data ' +
	    'because the request Content-Type was not \'application/json\'.',
	    { headers: { 'Content-Type':
		'application/x-www-form-urlencoded' } });
	await server.good('POST', '/datasets', { name: 'typed' },
	    { headers: { 'Content-Type': 'Application/JSON; charset=utf-8' } });
	await server.bad('POST', '/datasets', { name: 'e',
		provider: 'external' }, 400, 'invalid_param',
	    'External datasets are not supported.');
	await server.bad('POST', '/datasets', { name: 'typed' }, 409,
	    'dataset_name_duplicate', 'The dataset name already exists. ' +
	    'Please modify your dataset name.');
	// 40 characters of four bytes each are 40 characters.
	await server.dataset('\u{1F40B}'.repeat(40));
	// What clients send although there is no body.
	await server.good('GET', '/datasets', undefined,
	    { headers: { 'Content-Type': 'application/json' } });
});

test('datasets that are not there', async () => {
	for (const [method, body] of [['GET'], ['PATCH', {}], ['DELETE']]) {
		const reply = await server.call(method, `/datasets/${NOBODY}`,
		    body);

		assert.deepEqual(reply.json, DATASET_MISSING);
	}
	assert.equal((await server.call('GET', '/datasets/not-a-uuid'))
	    .status, 404);
	await server.bad('GET', `/datasets/${NOBODY}`, undefined, 401,
	    'unauthorized', 'Authorization header must be provided and ' +
	    'start with \'Bearer\'', { key: null });
	await server.bad('GET', `/datasets/${NOBODY}`, undefined, 401,
	    'unauthorized', 'Authorization scheme must be \'Bearer\'',
	    { headers: { Authorization: `Basic ${KEY}` } });
});

test('a dataset is changed', async () => {
	const { id } = await server.dataset('before');
	const other = await server.dataset('taken');

	const now = await server.good('PATCH', `/datasets/${id}`, {
		name: 'after', description: 'new', permission: 'partial_members',
		partial_member_list: [{ user_id: NOBODY }],
		retrieval_model: { search_method: 'full_text_search', top_k: 3,
			weights: { weight_type: 'customized',
				vector_setting: { vector_weight: 0.7 },
				keyword_setting: { keyword_weight: 0.3 } } },
		embedding_model: 'text-embedding-3-small',
		embedding_model_provider: 'openai',
	});
	assert.deepEqual(Object.keys(now), [...KEYS, 'partial_member_list']);
	assert.equal(now.name, 'after');
	assert.equal(now.embedding_model, 'text-embedding-3-small');
	assert.deepEqual(now.partial_member_list, [{ user_id: NOBODY }]);
	assert.equal(now.retrieval_model_dict.search_method,
	    'full_text_search');
	assert.deepEqual(now.retrieval_model_dict.weights, {
		weight_type: 'customized', vector_setting: {
			vector_weight: 0.7, embedding_provider_name: '',
			embedding_model_name: '' },
		keyword_setting: { keyword_weight: 0.3 } });
	const shown = await server.good('GET', `/datasets/${id}`);
	assert.deepEqual(shown.partial_member_list, [{ user_id: NOBODY }]);
	// null and what is left out stay as they are.
	const same = await server.good('PATCH', `/datasets/${id}`,
	    { name: null, description: null, permission: 'only_me' });
	assert.equal(same.name, 'after');
	assert.equal(same.description, 'new');
	assert.equal(same.embedding_model, 'text-embedding-3-small');
	assert.ok(!('partial_member_list' in
	    await server.good('GET', `/datasets/${id}`)));
	await server.bad('PATCH', `/datasets/${id}`, { name: 'taken' }, 400,
	    'invalid_param', 'Dataset name already exists');
	assert.equal((await server.good('PATCH', `/datasets/${other.id}`,
	    { name: 'taken' })).name, 'taken');
});

test('changes at once are one after the other', async () => {
	const { id } = await server.dataset('race');
	const names = Array.from({ length: 40 }, (_, i) => `field ${i}`);

	await Promise.all([
		...names.map((name) => server.good('POST',
		    `/datasets/${id}/metadata`, { type: 'string', name })),
		server.good('PATCH', `/datasets/${id}`,
		    { permission: 'all_team_members' }),
		server.good('POST', `/datasets/${id}/metadata/built-in/enable`),
	]);
	const shown = await server.good('GET', `/datasets/${id}`);
	assert.equal(shown.permission, 'all_team_members');
	assert.equal(shown.built_in_field_enabled, true);
	assert.deepEqual(shown.doc_metadata.slice(0, 40)
	    .map(({ name }) => name).sort(), names.sort());
	assert.equal(shown.doc_metadata.length, 45);
});

test('lists and pages', async () => {
	const ids = [];

	for (let i = 0; i < 25; i++)
		ids.unshift((await server.dataset(
		    `Page ${String(i).padStart(2, '0')}`)).id);
	const first = await server.good('GET', '/datasets?keyword=pAgE%20');
	assert.deepEqual(first.data.map(({ id }) => id), ids.slice(0, 20));
	assert.deepEqual({ ...first, data: 0 }, { data: 0, has_more: true,
		limit: 20, total: 25, page: 1 });
	const second = await server.good('GET',
	    '/datasets?keyword=page%20&page=2');
	assert.deepEqual(second.data.map(({ id }) => id), ids.slice(20));
	assert.equal(second.has_more, false);
	// A last page that is full is the last one all the same.
	const full = await server.good('GET',
	    '/datasets?keyword=page%20&page=5&limit=5');
	assert.deepEqual(full.data.map(({ id }) => id), ids.slice(20));
	assert.equal(full.has_more, false);
	// What is asked for is echoed, what is given is bounded.
	const odd = await server.good('GET',
	    '/datasets?keyword=page%20&page=0&limit=500');
	assert.equal(odd.data.length, 25);
	assert.deepEqual({ ...odd, data: 0 }, { data: 0, has_more: false,
		limit: 500, total: 25, page: 0 });
	const none = await server.good('GET',
	    '/datasets?keyword=page%20&page=99999999999999999999&limit=x');
	assert.deepEqual(none.data, []);
	assert.equal(none.limit, 20);
	assert.deepEqual((await server.good('GET',
	    '/datasets?keyword=%25&include_all=true')).data, []);
	assert.deepEqual(Object.keys(first), ['data', 'has_more', 'limit',
		'total', 'page']);
	assert.deepEqual(Object.keys(first.data[0]), KEYS);
});

test('what is counted', async () => {
	const { id } = await server.dataset('counted');
	const texts = ['The tide turns twice a day.', 'Ebbe und Flut: Gezeiten'];

	await server.text(id, 'one', texts[0]);
	await server.text(id, 'two', texts[1]);
	const shown = await server.good('GET', `/datasets/${id}`);
	assert.equal(shown.document_count, 2);
	assert.equal(shown.total_documents, 2);
	assert.equal(shown.total_available_documents, 2);
	assert.equal(shown.word_count, texts.join('').length);
	assert.equal(shown.data_source_type, 'upload_file');
	assert.equal(shown.doc_form, 'text_model');
	const { data: [listed] } = await server.good('GET',
	    '/datasets?keyword=counted');
	assert.deepEqual(listed, { ...shown });
});

test('another technique indexes all documents again', async () => {
	const { id } = await server.dataset('technique');
	const ask = async () => (await server.good('POST',
	    `/datasets/${id}/retrieve`, { query: 'gezeitn', retrieval_model: {
		search_method: 'semantic_search', top_k: 5,
		reranking_enable: false, score_threshold_enabled: false } }))
	    .records.length;

	await server.text(id, 'one', 'Gezeiten');
	await server.text(id, 'two', 'Strand');
	// No word of it is in a document: nearness alone finds it.
	assert.ok(await ask() > 0);
	const now = await server.good('PATCH', `/datasets/${id}`,
	    { indexing_technique: 'economy' });
	assert.equal(now.indexing_technique, 'economy');
	assert.equal(await ask(), 0);
	await server.good('PATCH', `/datasets/${id}`,
	    { indexing_technique: 'high_quality' });
	await server.until(ask, (found) => found === 2);
	const shown = await server.good('GET', `/datasets/${id}`);
	assert.equal(shown.total_documents, 2);
});

test('a dataset whose API is switched off', async () => {
	const { id } = await server.dataset('closed');
	const { batch } = await server.good('POST',
	    `/datasets/${id}/document/create-by-text`, { name: 'n', text: 't' });
	const base = await server.ok('GET', `/bases/${id}`);
	const settings = base.settings ?? base.base.settings;

	settings.dify.enable_api = false;
	await server.ok('PATCH', `/bases/${id}`, { body: { settings } });
	for (const [method, where, body] of [['GET', ''], ['PATCH', '', {}],
		['DELETE', ''], ['POST', '/retrieve', { query: 'x' }],
		['GET', '/metadata'], ['GET', '/tags'],
		['GET', `/documents/${batch}/indexing-status`],
		['GET', '/documents/nothing/indexing-status']]) {
		const reply = await server.call(method,
		    `/datasets/${id}${where}`, body);

		assert.deepEqual(reply.json, { code: 'forbidden',
			message: 'Dataset api access is not enabled.',
			status: 403 });
	}
});

test('a base of another dialect is a dataset', async () => {
	const base = await server.base('native');
	const id = base.id ?? base.base.id;
	const shown = await server.good('GET', `/datasets/${id}`);

	assert.equal(shown.name, 'native');
	assert.equal(shown.indexing_technique, 'high_quality');
	assert.equal(shown.permission, 'only_me');
	await server.good('POST', `/datasets/${id}/metadata`,
	    { type: 'number', name: 'year' });
	assert.equal((await server.good('GET', `/datasets/${id}`))
	    .indexing_technique, 'high_quality');
});

test('a dataset is deleted with all that is in it', async () => {
	const { id } = await server.dataset('gone');

	await server.text(id, 'one', 'something');
	const reply = await server.call('DELETE', `/datasets/${id}`);
	assert.equal(reply.status, 204);
	assert.equal(reply.text, '');
	assert.deepEqual((await server.call('GET', `/datasets/${id}`)).json,
	    DATASET_MISSING);
	await server.dataset('gone');
});

test('models', async () => {
	const types = '/workspaces/current/models/model-types';
	const { data } = await server.good('GET', `${types}/text-embedding`);

	assert.equal(data.length, 1);
	assert.equal(data[0].models[0].model, 'lexical');
	assert.deepEqual(data[0].models[0].model_properties,
	    { dimension: 256 });
	assert.deepEqual(await server.good('GET', `${types}/rerank`),
	    { data: [] });
	assert.deepEqual(await server.good('GET', `${types}/llm`),
	    { data: [] });
	await server.bad('GET', `${types}/magic`, undefined, 400,
	    'invalid_param', '\'magic\' is not a valid ModelType');
});
