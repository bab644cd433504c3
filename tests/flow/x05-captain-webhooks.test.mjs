// SPDX-License-Identifier: Apache-2.0
//
// Captain: webhook endpoints, as its clients ask for them, told of the jobs of
// every interface in Captain's words.  Every answer is held against the
// description.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { KEY, Server } from './lib.mjs';
import { check } from './lib-openapi.mjs';
import { Receiver, signatures, until } from './lib-webhooks.mjs';

const ROOT = '/v2/webhooks';
const TYPES = ['job.completed', 'job.completed_with_errors', 'job.failed',
	'job.cancelled'];
const NOBODY = '0b1f4a52-1c6f-4a0e-9a33-2f5d0e6c7b11';
let server, receiver;

before(async () => {
	receiver = await Receiver.start();
	server = await Server.start('--net-allow', '127.0.0.1');
});

after(async () => {
	await server.stop();
	await receiver.stop();
});

// As the MCP server asks: a content type, whether or not there is a body.
async function ask(method, where, body, headers = {}) {
	const reply = await fetch(server.url + where, { method,
		headers: { Authorization: `Bearer ${KEY}`,
			'Content-Type': 'application/json', ...headers },
		body: body === undefined ? undefined : JSON.stringify(body) });
	const text = await reply.text();

	check('captain', method, where, reply.status, reply.headers, text);
	return { status: reply.status, json: JSON.parse(text) };
}

async function ok(method, where, body) {
	const reply = await ask(method, where, body);

	assert.ok(reply.status < 300, JSON.stringify(reply));
	return reply.json;
}

const make = (path, more) => ok('POST', `${ROOT}/endpoints`,
    { url: receiver.url + path, ...more });
const drop = ({ endpoint_id: id }) => ok('DELETE',
    `${ROOT}/endpoints/${id}`);
const of = ({ endpoint_id: id }, rest = '') => `${ROOT}/endpoints/${id}${rest}`;

async function run(base, text = 'A text.') {
	return server.end(await server.texts(base.id, [{ name: 'a.txt',
		text }]));
}

test('what may be told, with schemas that fit', async () => {
	const { event_types: types } = await ok('GET', `${ROOT}/event-types`);
	const ajv = new Ajv({ strict: false, validateFormats: false });

	assert.deepEqual(types.map((type) => type.event_type), TYPES);
	for (const { event_type: type, schema } of types) {
		const isFine = ajv.compile(schema);

		assert.equal(schema.properties.type.const, type);
		assert.equal(schema.examples.length, 1);
		assert.ok(isFine(schema.examples[0]),
		    JSON.stringify(isFine.errors));
	}
});

test('an endpoint is made, shown, changed and deleted', async () => {
	const made = await make('/made');
	const { secret, ...shown } = made;

	assert.match(secret, /^whsec_/);
	assert.deepEqual(shown, {
		endpoint_id: shown.endpoint_id, url: `${receiver.url}/made`,
		description: '', event_types: [], collection_ids: [],
		sync_ids: [], sources: [], include_collection_name: true,
		disabled: false, disabled_reason: null,
		last_delivery_status: null, last_delivery_at: null,
		created_at: shown.created_at, updated_at: shown.updated_at,
	});
	assert.deepEqual(await ok('GET', of(made)), shown);
	assert.deepEqual(await ok('GET', `${ROOT}/endpoints`),
	    { endpoints: [shown] });
	const filters = { description: 'mine',
		event_types: ['job.failed', 'job.timed_out'],
		collection_ids: [NOBODY], sync_ids: ['syn_1'],
		sources: ['sync'], include_collection_name: false,
		disabled: true };
	const changed = await ok('PATCH', of(made), filters);

	assert.deepEqual(changed, { ...shown, ...filters,
		disabled_reason: 'manual', updated_at: changed.updated_at });
	// null is the same as absent, an empty list clears.
	const cleared = await ok('PATCH', of(made), { url: null,
		collection_ids: [], sync_ids: [], disabled: false });

	assert.deepEqual(cleared, { ...changed, collection_ids: [],
		sync_ids: [], disabled: false, disabled_reason: null,
		updated_at: cleared.updated_at });
	assert.deepEqual(await drop(made), { success: true,
		message: 'Webhook endpoint deleted' });
	for (const [method, rest] of [['GET', ''], ['PATCH', ''],
		['DELETE', ''], ['POST', '/rotate-secret'], ['POST', '/test'],
		['GET', '/deliveries']]) {
		const reply = await ask(method, of(made, rest),
		    method === 'PATCH' ? {} : undefined);

		assert.equal(reply.status, 404);
		assert.equal(reply.json.detail, 'Webhook endpoint not found');
	}
	assert.equal((await ask('GET', `${ROOT}/endpoints/whe_x`)).status, 404);
});

test('what makes no sense is a 422', async () => {
	const url = 'https://example.com/';
	const rows = [
		[{}, 'url', 'missing'],
		[{ url: 7 }, 'url', 'string_type'],
		[{ url: 'http://example.com/' }, 'url', 'url_parsing'],
		[{ url: 'https://10.1.2.3/' }, 'url', 'url_parsing'],
		[{ url: 'nonsense' }, 'url', 'url_parsing'],
		[{ url, description: 'x'.repeat(201) }, 'description',
			'string_too_long'],
		[{ url, event_types: ['job.started'] }, 'event_types',
			'value_error'],
		[{ url, event_types: 'job.failed' }, 'event_types',
			'list_type'],
		[{ url, collection_ids: ['docs'] }, 'collection_ids',
			'value_error'],
		[{ url, collection_ids: Array(11).fill(NOBODY) },
			'collection_ids', 'too_long'],
		[{ url, sources: ['web'] }, 'sources', 'value_error'],
		[{ url, sources: ['api'], sync_ids: ['a'] }, 'sync_ids',
			'value_error'],
		[{ url, disabled: 'perhaps' }, 'disabled', 'bool_parsing'],
	];

	for (const [body, name, type] of rows) {
		const reply = await ask('POST', `${ROOT}/endpoints`, body);

		assert.equal(reply.status, 422, JSON.stringify(body));
		assert.deepEqual(reply.json.detail.map((one) => one.type),
		    [type]);
		assert.deepEqual(reply.json.detail[0].loc, ['body', name]);
		assert.ok(!JSON.stringify(reply.json).includes('404'));
	}
	const many = await ask('POST', `${ROOT}/endpoints`, { url,
		collection_ids: Array(4).fill(NOBODY),
		sync_ids: ['a', 'b', 'c'] });

	assert.equal(many.status, 422);
	const hook = await make('/nonsense');

	for (const [rest, body] of [['/test', { event_type: 'job.timed_out' }],
		['/recover', {}], ['/recover', { since: 'yesterday' }],
		['/recover', { since: new Date(Date.now() + 3600e3) }],
		['/recover', { since: new Date(Date.now() - 8 * 86400e3) }]])
		assert.equal((await ask('POST', of(hook, rest), body)).status,
		    422, JSON.stringify(body));
	for (const query of ['limit=0', 'limit=101', 'limit=x'])
		assert.equal((await ask('GET',
		    of(hook, `/deliveries?${query}`))).status, 422);
	assert.equal((await ask('GET', of(hook, '/deliveries?cursor=x')))
	    .status, 400);
	for (const event of ['evt_x', `evt_${NOBODY}`]) {
		const at = of(hook, `/deliveries/${event}`);

		assert.equal((await ask('POST', `${at}/resend`)).status, 404);
		assert.equal((await ask('GET', `${at}/attempts`)).status, 404);
	}
	assert.equal((await ask('GET', `${ROOT}/endpoints`, undefined,
	    { 'X-Organization-ID': NOBODY })).status, 403);
	await drop(hook);
});

test('a job of Captain is told in its words', async () => {
	const name = 'told';
	const collection = await ok('PUT', `/v2/collections/${name}`, {});
	const hook = await make('/told');
	const quiet = await make('/quiet', { include_collection_name: false,
		collection_ids: [collection.collection_id] });
	const silent = await make('/silent', { sources: ['sync'] });
	const late = await make('/late', { event_types: ['job.timed_out'] });
	const { job_id: id } = await ok('POST',
	    `/v2/collections/${name}/index/text`, { content: 'A note.' });
	const [request] = await receiver.at('/told');
	const job = await ok('GET', `/v2/jobs/${id}`);

	assert.equal(request.headers['webhook-id'], `evt_${id}`);
	assert.deepEqual(signatures(request, hook.secret), [true]);
	assert.deepEqual(request.json, { type: 'job.completed',
		timestamp: job.completed_at, data: {
			job_id: id, status: 'completed',
			job_type: 'index_text',
			collection_id: collection.collection_id,
			collection_name: name, source: 'api', sync_id: null,
			files_total: 1, files_indexed: 1, files_failed: 0,
			files_skipped: 0, files_cancelled: 0,
			error_code: null, error_message: null,
			created_at: job.created_at,
			started_at: job.started_at,
			completed_at: job.completed_at, test: false,
		} });
	const [other] = await receiver.at('/quiet');

	assert.deepEqual(other.json, { ...request.json,
		data: { ...request.json.data, collection_name: null } });
	const { deliveries: [one], next_cursor: next } = await until(() =>
	    ok('GET', of(hook, '/deliveries')),
	    ({ deliveries }) => deliveries[0].status !== 'pending');

	assert.equal(next, null);
	assert.deepEqual(one, { message_id: `evt_${id}`, event_id: `evt_${id}`,
		event_type: 'job.completed', job_id: id, status: 'succeeded',
		test: false, attempts: 1, next_attempt_at: null,
		created_at: one.created_at, completed_at: one.completed_at });
	const shown = await ok('GET', of(hook));

	assert.equal(shown.last_delivery_status, 'succeeded');
	assert.equal(shown.last_delivery_at, one.completed_at);
	for (const nothing of [silent, late])
		assert.deepEqual((await ok('GET', of(nothing, '/deliveries')))
		    .deliveries, []);
	for (const one of [hook, quiet, silent, late])
		await drop(one);
});

test('so is a job of another interface', async () => {
	const base = await server.base('native');
	const hook = await make('/native', { event_types: TYPES });
	const job = await run(base);
	const [request] = await receiver.at('/native');
	const { data } = request.json;

	assert.equal(request.headers['webhook-id'],
	    `evt_job_text_${job.id}`);
	assert.equal(data.job_id, `job_text_${job.id}`);
	assert.equal(data.collection_id, base.id);
	// The native API shows the same webhook, and each API its own words.
	const { webhooks } = await server.ok('GET', '/webhooks');

	assert.deepEqual(webhooks.map(({ id, dialect }) => [id, dialect]),
	    [[hook.endpoint_id.slice(4), 'captain']]);
	const seen = await server.ok('GET',
	    `/webhooks/${webhooks[0].id}/deliveries`);

	assert.equal(seen.deliveries[0].event_id, `evt_job_text_${job.id}`);
	await server.ok('PATCH', `/webhooks/${webhooks[0].id}`,
	    { body: { types: ['job.failed'] } });
	assert.deepEqual((await ok('GET', of(hook))).event_types,
	    ['job.failed']);
	await drop(hook);
	const native = await server.ok('POST', '/webhooks', { body: {
		url: `${receiver.url}/plain`, types: ['job.completed'] } });
	const { endpoints: [plain] } = await ok('GET', `${ROOT}/endpoints`);

	assert.equal(plain.endpoint_id, `whe_${native.id}`);
	assert.deepEqual(plain.event_types, ['job.completed']);
	await run(base, 'Another text.');
	const [told] = await receiver.at('/plain');

	assert.match(told.headers['webhook-id'], /^evt_[0-9a-f-]{36}$/);
	await drop(plain);
});

test('failed, sent again, given again', async () => {
	const base = await server.base('again');
	const hook = await make('/again');
	const since = new Date().toISOString();

	receiver.status = 500;
	const job = await run(base);
	const id = `evt_job_text_${job.id}`;

	await receiver.at('/again');
	const { deliveries: [waiting] } = await until(() =>
	    ok('GET', of(hook, '/deliveries')),
	    ({ deliveries }) => deliveries[0].attempts === 1);

	assert.equal(waiting.status, 'pending');
	assert.notEqual(waiting.next_attempt_at, null);
	receiver.status = 200;
	for (const [name, count] of [[id, 2], [`evt_${job.id}`, 3]]) {
		assert.deepEqual(await ok('POST',
		    of(hook, `/deliveries/${name}/resend`)),
		    { message_id: id, event_id: id, status: 'pending' });
		await until(() => ok('GET', of(hook, '/deliveries')),
		    ({ deliveries: [{ status, attempts }] }) =>
		    status === 'succeeded' && attempts === count);
	}
	const { attempts } = await ok('GET',
	    of(hook, `/deliveries/${id}/attempts`));

	assert.deepEqual(attempts.map(({ status, status_code: code, error,
		trigger }) => [status, code, error, trigger]), [
		['succeeded', 200, null, 'manual'],
		['succeeded', 200, null, 'manual'],
		['failed', 500, 'HTTP 500', 'scheduled'],
	]);
	const page = await ok('GET',
	    of(hook, `/deliveries/${id}/attempts?limit=1`));
	const rest = await ok('GET', of(hook,
	    `/deliveries/${id}/attempts?cursor=${page.next_cursor}`));

	assert.deepEqual([...page.attempts, ...rest.attempts], attempts);
	assert.ok((await receiver.at('/again', 3)).every(({ headers }) =>
	    headers['webhook-id'] === id));
	const recovered = await ok('POST', of(hook, '/recover'), { since });

	assert.deepEqual(recovered, { endpoint_id: hook.endpoint_id,
		since: recovered.since, recovering: 0 });
	assert.equal(Date.parse(recovered.since), Date.parse(since));
	await ok('PATCH', of(hook), { disabled: true });
	const missed = await run(base, 'Nobody is told.');

	assert.equal((await ask('POST', of(hook, '/recover'), { since }))
	    .status, 409);
	assert.equal((await ask('POST', of(hook, '/test'))).status, 409);
	await ok('PATCH', of(hook), { disabled: false });
	assert.equal((await ok('POST', of(hook, '/recover'), { since }))
	    .recovering, 1);
	await until(() => ok('GET', of(hook, '/deliveries')),
	    ({ deliveries }) => deliveries[0].status === 'succeeded' &&
		deliveries[0].event_id === `evt_job_text_${missed.id}`);
	await drop(hook);
});

test('a test of each kind, and pages of them', async () => {
	const hook = await make('/test', { event_types: ['job.failed'] });
	const rotated = await ok('POST', of(hook, '/rotate-secret'));
	const all = [];
	let next = '';

	for (const type of TYPES) {
		const sent = await ok('POST', of(hook, '/test'),
		    { event_type: type });

		assert.equal(sent.event_type, type);
		assert.equal(sent.message_id, sent.event_id);
	}
	await ok('POST', of(hook, '/test'), {});
	await ok('POST', of(hook, '/test'));
	const got = await receiver.at('/test', 6);

	assert.deepEqual(got.slice().map(({ json }) => json.type).sort(),
	    [...TYPES, 'job.completed', 'job.completed'].sort());
	for (const request of got) {
		assert.equal(request.json.data.test, true);
		assert.equal(request.headers['webhook-id'],
		    `evt_${request.json.data.job_id}`);
		assert.deepEqual(signatures(request, rotated.secret),
		    [true, false]);
		assert.deepEqual(signatures(request, hook.secret),
		    [false, true]);
	}
	const { deliveries: whole } = await until(() =>
	    ok('GET', of(hook, '/deliveries?limit=100')), ({ deliveries }) =>
	    deliveries.every(({ status }) => status === 'succeeded'));

	do {
		const page = await ok('GET', of(hook,
		    `/deliveries?limit=4${next}`));

		all.push(...page.deliveries);
		next = page.next_cursor && `&cursor=${page.next_cursor}`;
	} while (next !== null);
	assert.deepEqual(all, whole);
	assert.equal(all.length, 6);
	assert.ok(all.every(({ test: isTest }) => isTest));
	await drop(hook);
});

test('at most twenty in an environment', async () => {
	const hooks = [];

	for (let i = 0; i < 20; i++)
		hooks.push(await make(`/${i}`, { disabled: true }));
	const reply = await ask('POST', `${ROOT}/endpoints`,
	    { url: `${receiver.url}/21` });

	assert.equal(reply.status, 409);
	assert.equal((await ok('GET', `${ROOT}/endpoints`)).endpoints.length,
	    20);
	for (const hook of hooks)
		await drop(hook);
});

test('the other word for failures', async () => {
	const usual = server;

	server = await Server.start('--net-allow', '127.0.0.1',
	    '--captain-failures-word', 'completed_with_errors');
	try {
		const form = new FormData();

		await ok('PUT', '/v2/collections/words', {});
		await make('/worded');
		form.append('files', new Blob(['A tide.']), 'a.txt');
		form.append('files', new Blob(['%PDF-1.7 cut']), 'b.pdf');
		const reply = await fetch(
		    `${server.url}/v2/collections/words/index/file`, {
			method: 'POST', body: form,
			headers: { Authorization: `Bearer ${KEY}` } });

		assert.equal(reply.status, 200);
		const [told] = await receiver.at('/worded');

		assert.equal(told.json.type, 'job.completed_with_errors');
		assert.equal(told.json.data.status, 'completed_with_errors');
		assert.equal(told.json.data.files_failed, 1);
	} finally {
		await server.stop();
		server = usual;
	}
});
