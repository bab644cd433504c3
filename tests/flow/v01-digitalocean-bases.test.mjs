// SPDX-License-Identifier: Apache-2.0
//
// DigitalOcean: knowledge bases, pages, errors and headers.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { DigitalOcean, GONE, NOBODY } from './lib-digitalocean.mjs';

const BASES = '/knowledge_bases';
let server;

before(async () => {
	server = await DigitalOcean.start();
});
after(() => server.stop());

test('a knowledge base is made, shown, changed and deleted', async () => {
	const given = { project_id: '37455431-84bd-4fa2-94cf-e8486f8f8c5e',
		embedding_model_uuid: '05700391-7aa8-11ef-bf8f-4e013e2ddde4',
		database_id: 'abf1055a-745d-4c24-a1db-1959ea819264',
		tags: ['a', 'b'], is_public: true,
		reranking_config: { enabled: true, model: 'bge-reranker-v2-m3' } };
	const base = await server.base('whole', { ...given, vpc_uuid: 'x',
		size: 'OPEN_SEARCH_PLAN_SIZE_UNSPECIFIED' });

	for (const [name, value] of Object.entries(given))
		assert.deepEqual(base[name], value, name);
	assert.equal(base.region, 'tor1');
	assert.match(base.user_id, /^\d+$/);
	assert.equal('last_indexing_job' in base, false);
	assert.equal('added_to_agent_at' in base, false);
	const whole = await server.good('GET', `${BASES}/${base.uuid}`);

	assert.deepEqual(whole, { knowledge_base: base,
		database_status: 'ONLINE' });
	const { knowledge_base: changed } = await server.good('PUT',
	    `${BASES}/${base.uuid}`, { body_uuid: 'x', name: 'changed',
		    tags: ['c'], reranking_config: { enabled: false } });

	assert.equal(changed.name, 'changed');
	assert.deepEqual(changed.tags, ['c']);
	assert.deepEqual(changed.reranking_config,
	    { enabled: false, model: '' });
	assert.equal(changed.project_id, given.project_id);
	assert.ok(changed.updated_at > base.updated_at);
	// A body on DELETE is none's business, nor that there is none.
	assert.deepEqual(await server.good('DELETE', `${BASES}/${base.uuid}`),
	    { uuid: base.uuid });
	await server.bad('GET', `${BASES}/${base.uuid}`, undefined, 404,
	    'not_found', GONE);
	await server.bad('DELETE', `${BASES}/${base.uuid}`, undefined, 404,
	    'not_found', GONE);
});

test('what is not given is there all the same, the same each time',
    async () => {
	const one = await server.base('plain-1');
	const two = (await server.good('POST', BASES,
	    { name: 'plain-2' })).knowledge_base;

	for (const name of ['region', 'project_id', 'embedding_model_uuid'])
		assert.equal(one[name], two[name], name);
	assert.notEqual(one.database_id, two.database_id);
	assert.deepEqual(two.tags, []);
	assert.equal(two.is_public, false);
	assert.equal(two.region, 'tor1');
});

// doctl sends all fields, dots its enums: all of them say nothing.
test('an update of empty fields changes nothing but what it says',
    async () => {
	const base = await server.base('doctl', { tags: ['t'],
		database_id: 'abf1055a-745d-4c24-a1db-1959ea819264' });
	const update = { database_id: '', embedding_model_uuid: '',
		name: 'n2', project_id: '', tags: [], uuid: '',
		reranking_config: null };
	const { knowledge_base: changed } = await server.good('PUT',
	    `${BASES}/${base.uuid}`, update);

	assert.deepEqual({ ...changed, updated_at: 0 },
	    { ...base, name: 'n2', updated_at: 0 });
	for (const body of [undefined, {}, { ...update, name: '' }, 'null'])
		assert.equal((await server.good('PUT', `${BASES}/${base.uuid}`,
		    body)).knowledge_base.name, 'n2');
});

test('a DELETE with a type and no body', async () => {
	const base = await server.base('godo');

	await server.good('DELETE', `${BASES}/${base.uuid}`, undefined,
	    { headers: { 'Content-Type': 'application/json' } });
});

test('names are needed, and one of a kind', async () => {
	for (const body of [{}, { name: '' }, { name: null }, 'null',
		undefined])
		await server.bad('POST', BASES, body, 400, 'invalid_argument',
		    'name is required');
	for (const [body, words] of [
		[{ name: 7 }, 'name must be a string'],
		[{ name: 'x', tags: 'a' }, 'tags must be an array'],
		[{ name: 'x', tags: [1] }, 'tags must be an array of strings'],
		[{ name: 'x', is_public: 'yes' },
			'is_public must be true or false'],
		[{ name: 'x', region: [7] }, 'region must be a string'],
		[{ name: 'x', datasources: 'x' }, 'datasources must be an array'],
		[{ name: 'x', datasources: [{}] }, 'datasources[0]: ' +
			'CreateKnowledgeBaseDataSource must have exactly 1 ' +
			'data source.'],
		['[]', 'the body must be a JSON object'],
		['{', /^not JSON/]])
		await server.bad('POST', BASES, body, 400, 'invalid_argument',
		    words);
	assert.equal((await server.good('GET', BASES)).knowledge_bases
	    .some(({ name }) => name === 'x'), false);
	await server.base('twice');
	const reply = await server.bad('POST', BASES, { name: 'twice' }, 409,
	    'already_exists');

	// The SDKs repeat a 409 by themselves unless they are told not to.
	assert.equal(reply.headers.get('x-should-retry'), 'false');
});

test('pages', async () => {
	for (let i = 0; i < 5; i++)
		await server.base(`page-${i}`);
	const { meta: { total } } = await server.good('GET', BASES);
	const pages = Math.ceil(total / 2);
	const first = await server.good('GET', `${BASES}?page=1&per_page=2`);
	const { pages: links } = first.links;
	const url = (page) => `${server.url}/v2/gen-ai${BASES}?page=${page}` +
	    '&per_page=2';

	assert.equal(first.knowledge_bases.length, 2);
	assert.deepEqual(first.meta, { page: 1, pages, total });
	assert.deepEqual(links, { first: '', previous: '', prev: '',
		next: url(2), last: url(pages) });
	const middle = await server.good('GET', `${BASES}?per_page=2&page=2`);

	assert.deepEqual(middle.links.pages, { first: url(1),
		previous: url(1), prev: url(1), next: url(3),
		last: url(pages) });
	const last = await server.good('GET',
	    `${BASES}?per_page=2&page=${pages}`);

	assert.equal(last.links.pages.next, '');
	assert.equal(last.links.pages.last, '');
	assert.equal(last.links.pages.prev, url(pages - 1));
	const names = new Set();

	for (let page = 1; page <= pages; page++)
		for (const { uuid } of (await server.good('GET',
		    `${BASES}?per_page=2&page=${page}`)).knowledge_bases)
			names.add(uuid);
	assert.equal(names.size, total);
	// Behind the end there is an empty page.
	const beyond = await server.good('GET', `${BASES}?page=999`);

	assert.deepEqual(beyond.knowledge_bases, []);
	assert.equal(beyond.meta.total, total);
	for (const query of ['page=0', 'page=&per_page=', 'per_page=0',
		'per_page=9999'])
		assert.equal((await server.good('GET', `${BASES}?${query}`))
		    .knowledge_bases.length, Math.min(total,
			query === 'per_page=9999' ? 200 : 20), query);
	for (const query of ['page=x', 'page=-1', 'per_page=1.5',
		'page=99999999999999999999'])
		await server.bad('GET', `${BASES}?${query}`, undefined, 400,
		    'invalid_argument');
});

test('errors', async () => {
	const quoted = `%22${NOBODY}%22`;

	for (const key of [null, 'wrong'])
		await server.bad('GET', BASES, undefined, 401, 'unauthorized',
		    'Unable to authenticate you.', { key });
	for (const where of [`${BASES}/${NOBODY}`, `${BASES}/${quoted}`,
		`${BASES}/x`, '/nothing', '/agents', `/indexing_jobs/${quoted}`,
		`/indexing_jobs/${NOBODY}`, `/indexing_jobs/${NOBODY}/` +
		    'data_sources', `/indexing_jobs/${quoted}/data_sources`,
		`/indexing_jobs/${NOBODY}/details_signed_url`,
		`${BASES}/${NOBODY}/indexing_jobs`,
		`${BASES}/${NOBODY}/data_sources`,
		`/scheduled-indexing/knowledge-base/${NOBODY}`,
		`${BASES}/data_sources/nothing`])
		await server.bad('GET', where, undefined, 404, 'not_found',
		    GONE);
	for (const [method, where, allow] of [
		['DELETE', `/indexing_jobs/${NOBODY}`, 'GET, HEAD'],
		['DELETE', `/indexing_jobs/${NOBODY}/cancel`, 'PUT'],
		['PATCH', `${BASES}/${NOBODY}`, 'GET, HEAD, PUT, DELETE'],
		['POST', `${BASES}/${NOBODY}/indexing_jobs`, 'GET, HEAD'],
		['GET', `${BASES}/${NOBODY}/data_sources/${NOBODY}`,
			'PUT, DELETE']]) {
		const reply = await server.bad(method, where, undefined, 405,
		    'method_not_allowed');

		assert.equal(reply.headers.get('allow'), allow);
	}
	for (const [method, where] of [['PUT', `${BASES}/${NOBODY}`],
		['POST', `${BASES}/${NOBODY}/data_sources`],
		['PUT', `${BASES}/${NOBODY}/data_sources/${NOBODY}`],
		['DELETE', `${BASES}/${NOBODY}/data_sources/${NOBODY}`],
		['PUT', `/indexing_jobs/${NOBODY}/cancel`],
		['DELETE', `/scheduled-indexing/${NOBODY}`]])
		await server.bad(method, where, {}, 404, 'not_found', GONE);
	await server.bad('POST', `/${NOBODY}/retrieve`, { query: 'x' }, 404,
	    'not_found', GONE, { root: '/v1' });
});

test('headers of good answers', async () => {
	const reply = await server.call('GET', BASES);
	const now = Date.now() / 1000;

	assert.equal(reply.headers.get('content-type'), 'application/json');
	assert.equal(reply.headers.get('content-length'),
	    String(Buffer.byteLength(reply.text)));
	assert.equal(reply.headers.get('ratelimit-limit'), '5000');
	assert.equal(reply.headers.get('ratelimit-remaining'), '5000');
	assert.ok(Math.abs(Number(reply.headers.get('ratelimit-reset')) - now)
	    < 3600);
});

// A path that is another dialect's stays so.
test('the neighbours', async () => {
	const dify = await server.fetch('/v1/datasets');

	assert.equal(dify.status, 200);
	const missing = await server.fetch('/v1/datasets/retrieve',
	    { method: 'POST', body: '{}' });

	assert.equal(missing.headers.get('x-version') !== null, true);
});
