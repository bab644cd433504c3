// SPDX-License-Identifier: Apache-2.0
//
// Each dialect refuses in its own words.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { KEY, Server, Watch } from './lib-dialects.mjs';

const NOBODY = '11111111-2222-4333-8444-555555555555';
let server, base, job;

before(async () => {
	server = await Server.start();
	base = await server.base('errors');
	job = await server.texts('errors', [{ name: 'a.txt', text: 'A tide.' }]);
	await new Watch(server, job).end();
});
after(() => server.stop());

async function ask(where, options) {
	const reply = await server.fetch(where, options);
	const text = await reply.text();

	return { status: reply.status, headers: reply.headers, text,
		json: text === '' ? null : JSON.parse(text) };
}

async function dify(where, options, status, code, message) {
	const reply = await ask(where, options);

	assert.equal(reply.status, status);
	assert.deepEqual(reply.json, { code, message, status });
	assert.deepEqual(Object.keys(reply.json), ['code', 'message', 'status']);
	assert.ok(reply.text.endsWith('\n'));
	return reply;
}

test('Dify', async () => {
	const good = job.links.dify;
	const batch = job.batch;

	const missing = await dify(good, { key: null }, 401, 'unauthorized',
	    "Authorization header must be provided and start with 'Bearer'");
	assert.equal(missing.headers.get('www-authenticate'),
	    'Bearer realm="api"');
	await dify(good, { key: null, headers: { Authorization: KEY } }, 401,
	    'unauthorized',
	    "Authorization header must be provided and start with 'Bearer'");
	await dify(good, { key: null,
		headers: { Authorization: `Basic ${KEY}` } }, 401,
	    'unauthorized', "Authorization scheme must be 'Bearer'");
	await dify(good, { key: 'wrong' }, 401, 'unauthorized',
	    'Access token is invalid');
	await dify(`/v1/datasets/${NOBODY}/documents/${batch}/indexing-status`,
	    {}, 404, 'not_found', 'Dataset not found.');
	await dify(`/v1/datasets/${base.id}/documents/1/indexing-status`, {},
	    404, 'not_found', 'Documents not found.');
	await dify(good, { method: 'POST' }, 405, 'method_not_allowed',
	    'The method is not allowed for the requested URL.');
	// The route does not match: before the key is looked at.
	const malformed = await ask(
	    `/v1/datasets/no-uuid/documents/${batch}/indexing-status`,
	    { key: null });
	assert.equal(malformed.status, 404);
	assert.equal(malformed.json.code, 'not_found');
	// Upper case is the same id; the scheme's case does not matter.
	const upper = await ask(good.replace(base.id, base.id.toUpperCase()),
	    { key: null, headers: { Authorization: `bearer ${KEY}` } });
	assert.equal(upper.status, 200);
	assert.ok(upper.text.endsWith('\n'));
});

async function digitalOcean(where, options, status, id, message) {
	const reply = await ask(where, options);

	assert.equal(reply.status, status);
	assert.deepEqual(Object.keys(reply.json), ['id', 'message',
		'request_id']);
	assert.equal(reply.json.id, id);
	if (message)
		assert.equal(reply.json.message, message);
	assert.equal(reply.headers.get('x-request-id'), reply.json.request_id);
}

test('DigitalOcean', async () => {
	const jobs = '/v2/gen-ai/indexing_jobs';
	const gone = 'The resource you requested could not be found.';

	for (const options of [{ key: null }, { key: 'wrong' }])
		await digitalOcean(job.links.digitalocean, options, 401,
		    'unauthorized', 'Unable to authenticate you.');
	for (const id of [NOBODY, 'x', `%22${job.id}%22`, base.id,
		`job_text_${job.id}`])
		await digitalOcean(`${jobs}/${id}`, {}, 404, 'not_found', gone);
	await digitalOcean('/v2/gen-ai/nothing', {}, 404, 'not_found', gone);
	await digitalOcean(job.links.digitalocean, { method: 'DELETE' }, 405,
	    'method_not_allowed');
});

async function captain(where, options, status, detail) {
	const reply = await ask(where, options);

	assert.equal(reply.status, status);
	assert.deepEqual(Object.keys(reply.json), ['detail']);
	if (typeof detail === 'string')
		assert.equal(reply.json.detail, detail);
	if (status !== 404)
		assert.ok(!reply.text.includes('404'));
	return reply.json.detail;
}

test('Captain', async () => {
	const good = job.links.captain;
	const whole = await server.get(good);

	assert.equal(whole.job_id, `job_text_${job.id}`);
	assert.equal((await server.get(`/v2/jobs/${job.id}`)).job_id,
	    whole.job_id);
	for (const options of [{ key: null }, { key: 'wrong' }])
		await captain(good, options, 401, 'A valid API key is needed');
	for (const id of [NOBODY, 'job_s3_abc123', `job_text_${NOBODY}`])
		await captain(`/v2/jobs/${id}`, {}, 404, 'Job not found');
	for (const limit of ['0', '501', 'x', '', '4040', '99999999999999999999']) {
		const [problem] = await captain(`${good}?files_limit=${limit}`,
		    {}, 422);

		assert.deepEqual(problem.loc, ['query', 'files_limit']);
		assert.equal(typeof problem.msg, 'string');
		assert.equal(typeof problem.type, 'string');
	}
	await captain(`${good}?files_cursor=404`, {}, 400);
	await captain(`/v2/nothing`, {}, 404, 'Not Found');
	await captain(good, { headers: { 'X-Organization-ID': NOBODY } }, 403,
	    'API key does not belong to the specified organization');
});

test('Cognee', async () => {
	const status = '/api/v1/datasets/status';
	const unable = { error: 'Unable to retrieve dataset statuses.' };
	const done = 'DATASET_PROCESSING_COMPLETED';
	const flat = { [base.id]: done };

	for (const options of [{ key: null }, { key: 'wrong' }, { key: null,
		headers: { 'X-Api-Key': 'wrong' } }]) {
		const reply = await ask(status, options);

		assert.equal(reply.status, 401);
		assert.deepEqual(reply.json, { detail: 'Unauthorized' });
	}
	for (const options of [{}, { key: null,
		headers: { 'X-Api-Key': KEY } }]) {
		assert.deepEqual(await server.get(status, options), flat);
		assert.deepEqual(await server.get(`${status}/`, options), flat);
	}
	for (const query of [NOBODY, `${base.id}&dataset=${NOBODY}`]) {
		const reply = await ask(`${status}?dataset=${query}`);

		assert.equal(reply.status, 409);
		assert.deepEqual(reply.json, unable);
	}
	for (const id of [base.id, base.id.toUpperCase(),
		base.id.replaceAll('-', ''), `{${base.id}}`,
		`urn:uuid:${base.id}`, `${base.id}&dataset=${base.id}`])
		assert.deepEqual(await server.get(`${status}?dataset=${id}`),
		    flat);
	const invalid = await ask(`${status}?dataset=${base.id}&dataset=zz`);
	assert.equal(invalid.status, 400);
	assert.deepEqual(Object.keys(invalid.json), ['detail', 'body']);
	assert.equal(invalid.json.body, null);
	assert.deepEqual(invalid.json.detail[0].loc, ['query', 'dataset', 1]);
	assert.equal(invalid.json.detail[0].type, 'uuid_parsing');
	assert.equal((await ask(`${status}?dataset=`)).status, 400);
	const post = await ask(status, { method: 'POST' });
	assert.equal(post.status, 405);
	assert.deepEqual(post.json, { detail: 'Method Not Allowed' });
});

test('Cognee: pipelines and datasets without a run', async () => {
	const status = '/api/v1/datasets/status';
	const done = 'DATASET_PROCESSING_COMPLETED';
	const fresh = await server.base('fresh');
	const both = 'pipeline=add_pipeline&pipeline=cognify_pipeline';

	assert.deepEqual(await server.get(`${status}?dataset=${fresh.id}`), {});
	assert.deepEqual(
	    await server.get(`${status}?dataset=${fresh.id}&${both}`),
	    { [fresh.id]: {} });
	assert.deepEqual(
	    await server.get(`${status}?dataset=${base.id}&${both}`),
	    { [base.id]: { add_pipeline: done, cognify_pipeline: done } });
	assert.deepEqual(await server.get(`${status}?dataset=${base.id}` +
	    '&pipeline=add_pipeline&pipeline=add_pipeline'),
	    { [base.id]: done });
	assert.deepEqual(await server.get(
	    `${status}?dataset=${base.id}&pipeline=memify_pipeline`), {});
	assert.deepEqual(await server.get(`${status}?${both}`), {
		[base.id]: { add_pipeline: done, cognify_pipeline: done },
		[fresh.id]: {},
	});
});

test('a deleted base is on no page any more', async () => {
	const gone = await server.base('gone');
	const was = await server.texts('gone', [{ name: 'a', text: 'Ebb.' }]);

	await new Watch(server, was).end();
	const reply = await server.fetch(`/tidemark/v1/bases/${gone.id}`,
	    { method: 'DELETE' });
	assert.equal(reply.status, 204);
	await dify(was.links.dify, {}, 404, 'not_found', 'Dataset not found.');
	await digitalOcean(was.links.digitalocean, {}, 404, 'not_found');
	await captain(was.links.captain, {}, 404, 'Job not found');
	assert.equal((await ask(was.links.cognee)).status, 409);
	assert.ok(!(gone.id in await server.get('/api/v1/datasets/status')));
});
