// SPDX-License-Identifier: Apache-2.0
//
// Webhooks by the native API: made and changed, told of each end of a job once,
// signed, tried again, sent again, and not forgotten by a server that is
// killed.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { Server } from './lib.mjs';
import { Receiver, signatures, until } from './lib-webhooks.mjs';

const ALLOW = ['--net-allow', '127.0.0.1'];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/;
let server, receiver;

before(async () => {
	receiver = await Receiver.start();
	server = await Server.start(...ALLOW);
});

after(async () => {
	await server.stop();
	await receiver.stop();
});

const make = (path, more) => server.ok('POST', '/webhooks', { body: {
	url: receiver.url + path, ...more } });

async function run(base, text = 'A text that is indexed.') {
	return server.end(await server.texts(base, [{ name: 'a.txt', text }]));
}

const deliveries = (hook) =>
    server.ok('GET', `/webhooks/${hook.id}/deliveries`);
const settled = (hook) => until(() => deliveries(hook), (list) =>
    list.deliveries.every(({ state }) => state !== 'due'));

test('a webhook is made, shown, changed and deleted', async () => {
	const made = await make('/made', { description: 'one',
		types: ['job.failed', 'job.completed'] });
	const { secret, ...shown } = made;

	assert.match(secret, SECRET);
	assert.match(shown.id, UUID);
	assert.deepEqual(shown, {
		id: shown.id, url: `${receiver.url}/made`,
		description: 'one', dialect: 'native',
		types: ['job.completed', 'job.failed'], bases: [],
		is_silent: false, is_enabled: true, disabled_why: null,
		disabled_at: null, succeeded_at: null,
		old_secret_until: null, created_at: shown.created_at,
		updated_at: shown.updated_at,
	});
	assert.deepEqual(await server.ok('GET', `/webhooks/${made.id}`), shown);
	assert.deepEqual(await server.ok('GET', '/webhooks'),
	    { webhooks: [shown], next_cursor: null });
	const base = '0b1f4a52-1c6f-4a0e-9a33-2f5d0e6c7b11';
	const changed = await server.ok('PATCH', `/webhooks/${made.id}`,
	    { body: { types: [], bases: [base], is_enabled: false } });

	assert.deepEqual(changed, { ...shown, types: [], bases: [base],
		is_enabled: false, disabled_why: 'by_hand',
		disabled_at: changed.disabled_at,
		updated_at: changed.updated_at });
	assert.ok(changed.updated_at > shown.updated_at);
	for (const [where, body] of [['test'], ['recover',
		{ since: '2026-01-01T00:00:00Z' }]]) {
		const reply = await server.ask('POST',
		    `/webhooks/${made.id}/${where}`, { body });

		assert.equal(reply.status, 409);
		assert.equal(reply.json.error.code, 'CONFLICT');
	}
	assert.equal((await server.ask('DELETE', `/webhooks/${made.id}`))
	    .status, 204);
	for (const method of ['GET', 'DELETE'])
		assert.equal((await server.ask(method,
		    `/webhooks/${made.id}`)).status, 404);
});

test('what makes no sense is refused', async () => {
	const bodies = [{}, { url: 7 }, { url: 'https://10.0.0.1/' },
		{ url: 'http://example.com/' }, { url: 'https://[fd00::1]/' },
		{ url: 'https://localhost/' }, { url: 'file:///etc/passwd' },
		{ url: 'https://a:b@example.com/' },
		{ url: 'https://example.com/', types: ['job.started'] },
		{ url: 'https://example.com/', types: 'job.failed' },
		{ url: 'https://example.com/', bases: ['handbook'] },
		{ url: 'https://example.com/', bases: [7] },
		{ url: 'https://example.com/', is_enabled: 'yes' }, [], 7];

	for (const body of bodies) {
		const reply = await server.ask('POST', '/webhooks', { body });

		assert.equal(reply.status, 400, JSON.stringify(body));
		assert.equal(reply.json.error.code, 'INVALID_ARGUMENT');
	}
	const hook = await make('/refused');

	for (const [where, body] of [['test', { type: 'job.timed_out' }],
		['recover', {}], ['recover', { since: 'yesterday' }]])
		assert.equal((await server.ask('POST',
		    `/webhooks/${hook.id}/${where}`, { body })).status, 400);
	for (const where of ['attempts', 'resend'])
		for (const event of ['evt_nonsense',
			'evt_0b1f4a52-1c6f-4a0e-9a33-2f5d0e6c7b11'])
			assert.equal((await server.ask(where === 'resend'
			    ? 'POST' : 'GET', `/webhooks/${hook.id}` +
			    `/deliveries/${event}/${where}`)).status, 404);
	assert.equal((await server.ask('GET', `/webhooks/${hook.id}` +
	    '/deliveries?cursor=nonsense')).status, 400);
	await server.ok('DELETE', `/webhooks/${hook.id}`);
});

test('the end of a job is told once, and signed', async () => {
	const base = await server.base('told');
	const hook = await make('/told');
	const job = await run(base.id);
	const [request] = await receiver.at('/told');
	const { timestamp, data } = request.json;

	assert.equal(request.method, 'POST');
	assert.equal(request.headers['webhook-id'], `evt_${job.id}`);
	assert.equal(request.headers['content-type'], 'application/json');
	assert.ok(Math.abs(Number(request.headers['webhook-timestamp']) -
	    Date.now() / 1000) < 300);
	assert.deepEqual(signatures(request, hook.secret), [true]);
	assert.equal(timestamp, job.finished_at);
	assert.deepEqual(request.json, {
		type: 'job.completed', timestamp, data: {
			job_id: job.id, base_id: base.id, base_name: 'told',
			kind: 'text', dialect: 'native', state: 'completed',
			counts: { total: 1, completed: 1, failed: 0,
				skipped: 0, cancelled: 0 },
			removed: 0, code: null, message: null,
			cancelled_by: null, created_at: job.created_at,
			started_at: job.started_at,
			finished_at: job.finished_at, test: false,
		},
	});
	assert.equal(data.job_id, job.id);
	const list = await settled(hook);

	assert.deepEqual(list, { next_cursor: null, deliveries: [{
		event_id: `evt_${job.id}`, type: 'job.completed',
		is_test: false, job_id: job.id, state: 'delivered',
		attempts: 1, due_at: null,
		created_at: list.deliveries[0].created_at,
		finished_at: list.deliveries[0].finished_at,
	}] });
	// Unchanged: completed, too.
	const again = await run(base.id);

	assert.equal(again.state, 'no_changes');
	const requests = await receiver.at('/told', 2);

	assert.equal(requests[1].json.type, 'job.completed');
	assert.equal(requests[1].json.data.state, 'no_changes');
	assert.ok((await server.ok('GET', `/webhooks/${hook.id}`))
	    .succeeded_at !== null);
	await server.ok('DELETE', `/webhooks/${hook.id}`);
});

test('a job that is cancelled twice has one event', async () => {
	const base = await server.base('cancelled');
	const hook = await make('/cancelled', { bases: [base.id] });
	const other = await make('/of-another', {
		bases: ['0b1f4a52-1c6f-4a0e-9a33-2f5d0e6c7b11'] });
	const failed = await make('/failed', { types: ['job.failed'] });

	for (let i = 0; i < 50; i++)
		server.put(`many/${i}.txt`, `Text ${i}. `.repeat(2000));
	const job = await server.folder(base.id, { path:
		path.join(server.docs, 'many') });
	const ends = await Promise.all([1, 2].map(() =>
	    server.ok('POST', `/jobs/${job.id}/cancel`)));
	const end = await server.end(ends[0].job);

	assert.equal(end.state, 'cancelled');
	const [request] = await receiver.at('/cancelled');

	assert.equal(request.json.type, 'job.cancelled');
	assert.equal(request.json.data.job_id, job.id);
	assert.equal(request.json.data.cancelled_by, end.cancelled_by);
	assert.deepEqual(request.json.data.counts, {
		total: end.counts.total, completed: end.counts.completed,
		failed: end.counts.failed, skipped: end.counts.skipped,
		cancelled: end.counts.cancelled,
	});
	await server.ok('POST', `/jobs/${job.id}/cancel`);
	assert.equal((await settled(hook)).deliveries.length, 1);
	assert.equal((await deliveries(other)).deliveries.length, 0);
	assert.equal((await deliveries(failed)).deliveries.length, 0);
	await receiver.at('/cancelled', 1);
	for (const { id } of [hook, other, failed])
		await server.ok('DELETE', `/webhooks/${id}`);
});

test('some failed, and all failed', async () => {
	const base = await server.base('broken');
	const hook = await make('/broken');
	const put = async (files) => {
		const body = new FormData();

		for (const [name, text] of Object.entries(files))
			body.append('file', new Blob([text]), name);
		return server.end((await server.ok('POST',
		    `/bases/${base.id}/documents`, { body })).job);
	};
	const bad = '%PDF-1.7\nthis is none';
	const some = await put({ 'bad.pdf': bad, 'good.txt': 'Good.' });
	const [first] = await receiver.at('/broken');
	const all = await put({ 'worse.pdf': `${bad} either` });
	const [, second] = await receiver.at('/broken', 2);

	assert.equal(some.state, 'completed_with_failures');
	assert.equal(first.json.type, 'job.completed_with_errors');
	assert.deepEqual(first.json.data.counts, { total: 2, completed: 1,
		failed: 1, skipped: 0, cancelled: 0 });
	assert.equal(all.state, 'failed');
	assert.equal(second.json.type, 'job.failed');
	assert.equal(second.json.data.state, 'failed');
	await server.ok('DELETE', `/webhooks/${hook.id}`);
});

test('what is deleted with its base has ended', async () => {
	const base = await server.base('deleted');
	const hook = await make('/deleted');
	const job = await server.folder(base.id, { path:
		path.join(server.docs, 'many') });

	await server.ok('POST', `/jobs/${job.id}/pause`);
	await server.ok('DELETE', `/bases/${base.id}`);
	const [request] = await receiver.at('/deleted');

	assert.equal(request.json.type, 'job.cancelled');
	assert.equal(request.json.data.job_id, job.id);
	assert.equal(request.json.data.base_name, 'deleted');
	await server.ok('DELETE', `/webhooks/${hook.id}`);
});

test('what fails is sent again, under the same name', async () => {
	const base = await server.base('again');
	const hook = await make('/again');

	receiver.status = 500;
	const job = await run(base.id);
	const event = `evt_${job.id}`;

	await receiver.at('/again');
	const waiting = await until(() => deliveries(hook), (list) =>
	    list.deliveries[0].attempts === 1);

	assert.equal(waiting.deliveries[0].state, 'due');
	assert.ok(waiting.deliveries[0].due_at >
	    waiting.deliveries[0].created_at);
	receiver.status = 204;
	assert.deepEqual(await server.ok('POST',
	    `/webhooks/${hook.id}/deliveries/${event}/resend`),
	    { event_id: event });
	const requests = await receiver.at('/again', 2);

	assert.equal(requests[0].headers['webhook-id'], event);
	assert.equal(requests[1].headers['webhook-id'], event);
	assert.equal(requests[0].body, requests[1].body);
	assert.deepEqual(signatures(requests[1], hook.secret), [true]);
	await settled(hook);
	const { attempts } = await server.ok('GET',
	    `/webhooks/${hook.id}/deliveries/${event}/attempts`);

	assert.deepEqual(attempts.map(({ number, is_manual, status,
		message }) => ({ number, is_manual, status, message })), [
		{ number: 2, is_manual: true, status: 204, message: null },
		{ number: 1, is_manual: false, status: 500,
			message: 'HTTP 500' },
	]);
	assert.ok(attempts.every(({ took_ms }) => took_ms >= 0));
	const first = await server.ok('GET', `/webhooks/${hook.id}` +
	    `/deliveries/${job.id}/attempts?limit=1`);
	const second = await server.ok('GET', `/webhooks/${hook.id}` +
	    `/deliveries/${job.id}/attempts?limit=1&cursor=` +
	    first.next_cursor);

	assert.deepEqual([...first.attempts, ...second.attempts], attempts);
	assert.equal(second.next_cursor, null);
	await server.ok('DELETE', `/webhooks/${hook.id}`);
});

test('what fails comes again by itself', async () => {
	const base = await server.base('itself');
	const hook = await make('/itself');

	receiver.status = 503;
	await run(base.id);
	await receiver.at('/itself');
	receiver.status = 200;
	await receiver.at('/itself', 2);
	assert.equal((await settled(hook)).deliveries[0].attempts, 2);
	await server.ok('DELETE', `/webhooks/${hook.id}`);
});

test('a new secret, and the old one beside it', async () => {
	const hook = await make('/rotated');
	const rotated = await server.ok('POST', `/webhooks/${hook.id}/rotate`);

	assert.match(rotated.secret, SECRET);
	assert.notEqual(rotated.secret, hook.secret);
	assert.equal((await server.ok('GET', `/webhooks/${hook.id}`))
	    .old_secret_until, rotated.old_secret_until);
	const { event_id } = await server.ok('POST',
	    `/webhooks/${hook.id}/test`, { body: { type: 'job.failed' } });
	const [request] = await receiver.at('/rotated');

	assert.equal(request.headers['webhook-id'], event_id);
	assert.equal(request.json.type, 'job.failed');
	assert.equal(request.json.data.test, true);
	assert.deepEqual(signatures(request, rotated.secret), [true, false]);
	assert.deepEqual(signatures(request, hook.secret), [false, true]);
	const list = await settled(hook);

	assert.equal(list.deliveries[0].is_test, true);
	await server.ok('DELETE', `/webhooks/${hook.id}`);
});

test('gone is gone, until somebody says otherwise', async () => {
	const base = await server.base('gone');
	const hook = await make('/gone');

	receiver.status = 410;
	const first = await run(base.id, 'One.');

	await receiver.at('/gone');
	const off = await until(() => server.ok('GET', `/webhooks/${hook.id}`),
	    ({ is_enabled }) => !is_enabled);

	assert.equal(off.disabled_why, 'gone');
	assert.equal((await deliveries(hook)).deliveries[0].state, 'given_up');
	const second = await run(base.id, 'Two.');

	assert.equal((await deliveries(hook)).deliveries.length, 1);
	receiver.status = 200;
	await server.ok('PATCH', `/webhooks/${hook.id}`,
	    { body: { is_enabled: true } });
	assert.deepEqual(await server.ok('POST', `/webhooks/${hook.id}/recover`,
	    { body: { since: first.created_at } }), { count: 2 });
	const got = await receiver.at('/gone', 3);

	assert.deepEqual(new Set(got.slice(1).map(({ headers }) =>
	    headers['webhook-id'])),
	    new Set([`evt_${first.id}`, `evt_${second.id}`]));
	await settled(hook);
	assert.deepEqual(await server.ok('POST', `/webhooks/${hook.id}/recover`,
	    { body: { since: first.created_at } }), { count: 0 });
	await server.ok('DELETE', `/webhooks/${hook.id}`);
});

test('pages of deliveries', async () => {
	const hook = await make('/pages');
	const all = [];
	let next = '';

	for (let i = 0; i < 5; i++)
		await server.ok('POST', `/webhooks/${hook.id}/test`);
	await receiver.at('/pages', 5);
	const whole = await settled(hook);

	do {
		const page = await server.ok('GET', `/webhooks/${hook.id}` +
		    `/deliveries?limit=2${next}`);

		assert.ok(page.deliveries.length <= 2);
		all.push(...page.deliveries);
		next = page.next_cursor && `&cursor=${page.next_cursor}`;
	} while (next !== null);
	assert.deepEqual(all, whole.deliveries);
	assert.equal(all.length, 5);
	await server.ok('DELETE', `/webhooks/${hook.id}`);
});

test('at most twenty of them', async () => {
	const hooks = [];

	for (let i = 0; i < 20; i++)
		hooks.push(await make(`/${i}`, { is_enabled: false }));
	const reply = await server.ask('POST', '/webhooks',
	    { body: { url: `${receiver.url}/21` } });

	assert.equal(reply.status, 409);
	for (const { id } of hooks)
		await server.ok('DELETE', `/webhooks/${id}`);
});

test('what is due survives a kill, and secrets stay secret', async () => {
	const base = await server.base('killed');
	const hook = await make('/killed');
	const rotated = await server.ok('POST', `/webhooks/${hook.id}/rotate`);

	// It is sent, and nobody says what has come of it.
	receiver.isSilent = true;
	const job = await run(base.id);

	await receiver.at('/killed');
	assert.equal((await deliveries(hook)).deliveries[0].state, 'due');
	assert.equal(await server.halt('SIGKILL'), 'SIGKILL');
	let log = server.log;

	receiver.isSilent = false;
	await server.run(...ALLOW);
	const [, request] = await receiver.at('/killed', 2);

	assert.equal(request.headers['webhook-id'], `evt_${job.id}`);
	assert.deepEqual(signatures(request, hook.secret), [false, true]);
	assert.deepEqual(signatures(request, rotated.secret), [true, false]);
	assert.equal((await settled(hook)).deliveries[0].attempts, 1);
	log += server.log;
	for (const { secret } of [hook, rotated]) {
		const text = secret.slice('whsec_'.length);
		const key = Buffer.from(text, 'base64');

		assert.ok(!log.includes(text));
		for (const name of fs.readdirSync(server.data)) {
			const file = path.join(server.data, name);

			if (!fs.statSync(file).isFile())
				continue;
			const bytes = fs.readFileSync(file);

			assert.ok(!bytes.includes(text), name);
			assert.ok(!bytes.includes(key), name);
		}
	}
	assert.ok(!log.includes('/killed'), 'addresses are not logged');
});

test('a private address is refused unless it is allowed', async () => {
	const hook = await make('/private');

	assert.equal(await server.halt(), 0);
	await server.run();
	const reply = await server.ask('POST', '/webhooks',
	    { body: { url: `${receiver.url}/private` } });

	assert.equal(reply.status, 400);
	const { event_id } = await server.ok('POST',
	    `/webhooks/${hook.id}/test`);
	const { attempts: [attempt] } = await until(() => server.ok('GET',
	    `/webhooks/${hook.id}/deliveries/${event_id}/attempts`),
	    ({ attempts }) => attempts.length === 1);

	assert.equal(attempt.status, null);
	assert.equal(attempt.message, 'the address must begin with https://');
	await receiver.at('/private', 0);
});

test('metrics count attempts', async () => {
	const reply = await server.fetch('/metrics', { key: null });
	const text = await reply.text();

	assert.match(text, /^tidemark_deliveries_total \d+$/m);
	assert.match(text, /^tidemark_delivery_failures_total [1-9]\d*$/m);
});
