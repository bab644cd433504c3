// SPDX-License-Identifier: Apache-2.0
//
// The dashboard's session: a key begins it, a cookie carries it, pages of
// other origins cannot use it, and the key is in no answer.  Asked as a
// browser does, without fetch: it would add to what is sent.

import assert from 'node:assert/strict';
import http from 'node:http';
import test, { after, before } from 'node:test';
import { events, KEY, ROOT, Server } from './lib.mjs';

const WEEK = 7 * 24 * 3600;
const OTHERS = [
	{ 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' },
	{ 'Sec-Fetch-Site': 'same-site', Origin: 'http://127.0.0.1:1' },
	{ Origin: 'http://127.0.0.1:1' },
	{ Origin: 'null' },
];
let server, other;

before(async () => {
	server = await Server.start();
	other = await Server.start();
});
after(async () => {
	await server.stop();
	await other.stop();
});

const ask = (method, where, headers = {}, body = '', to = server) =>
	new Promise((resolve, reject) => {
		const request = http.request(to.url + ROOT + where, { method,
			headers, agent: false }, async (reply) => {
			let text = '';

			for await (const piece of reply)
				text += piece;
			assert.ok(!text.includes(KEY), text);
			resolve({ status: reply.statusCode,
				headers: reply.headers, text,
				json: text.startsWith('{') ? JSON.parse(text)
				    : undefined });
		});

		request.on('error', reject);
		request.end(body);
	});
const JSON_TYPE = { 'Content-Type': 'application/json' };
const begin = (headers = {}, key = KEY, to = server) =>
	ask('POST', '/session', { ...JSON_TYPE, ...headers },
	    JSON.stringify({ key }), to);
const cookieOf = (reply) => reply.headers['set-cookie'][0].split(';')[0];

async function signIn(key, to) {
	const reply = await begin({}, key, to);

	assert.equal(reply.status, 200, reply.text);
	return { Cookie: cookieOf(reply) };
}

test('a key begins a session, and its cookie is for this server', async () => {
	const reply = await begin();
	const { expires_at: end, ...rest } = reply.json;
	const parts = reply.headers['set-cookie'][0].split('; ');

	assert.equal(reply.status, 200, reply.text);
	const [key] = (await server.ok('GET', '/keys')).keys;
	assert.deepEqual(rest, { label: 'given', key_id: key.id,
		environment: 'production', is_operator: true });
	assert.ok(Math.abs(new Date(end) - Date.now() - WEEK * 1000) < 60000);
	assert.equal(reply.headers['set-cookie'].length, 1);
	assert.match(parts[0],
	    /^tidemark_session-[0-9a-f]{8}=[\w-]+\.[\w-]+\.[\w-]+$/);
	assert.deepEqual(parts.slice(1), ['HttpOnly', `Max-Age=${WEEK}`,
		'Path=/tidemark', 'SameSite=Strict']);
	assert.equal(reply.headers['cache-control'], 'no-store');
	assert.ok(!server.log.includes(KEY));
});

test('behind https the cookie is a secure one', async () => {
	const secure = [
		{ 'X-Forwarded-Proto': 'https' },
		{ 'X-Forwarded-Proto': 'https, http' },
		{ Forwarded: 'for=1.2.3.4;Proto="https";by=x' },
	];
	const plain = [
		{ 'X-Forwarded-Proto': 'http' },
		{ 'X-Forwarded-Proto': 'httpsx' },
		{ Forwarded: 'for=1.2.3.4, for=5.6.7.8;proto=https' },
	];

	for (const headers of secure)
		assert.match((await begin(headers)).headers['set-cookie'][0],
		    /; SameSite=Strict; Secure$/);
	for (const headers of plain)
		assert.match((await begin(headers)).headers['set-cookie'][0],
		    /; SameSite=Strict$/);
});

test('what is no key begins none', async () => {
	const bodies = ['', '{', '[]', '{}', '{"key":1}', '{"key":null}'];

	for (const key of ['', 'wrong', `${KEY}x`, 'e30.e30.e30']) {
		const reply = await begin({}, key);

		assert.equal(reply.status, 401, reply.text);
		assert.equal(reply.json.error.code, 'UNAUTHORIZED');
		assert.equal(reply.headers['set-cookie'], undefined);
	}
	for (const body of bodies)
		assert.equal((await ask('POST', '/session', JSON_TYPE,
		    body)).status, 400);
	// What is wrong is told, but nothing of what was sent.
	const broken = await ask('POST', '/session', JSON_TYPE,
	    '{"key": tm-secret}');
	assert.ok(!broken.text.includes('secret'), broken.text);
	for (const type of [undefined, 'text/plain',
		'application/x-www-form-urlencoded', 'multipart/form-data']) {
		const reply = await ask('POST', '/session', type === undefined
		    ? {} : { 'Content-Type': type }, `{"key":"${KEY}"}`);

		assert.equal(reply.status, 415, reply.text);
		assert.equal(reply.json.error.code, 'UNSUPPORTED_TYPE');
	}
});

test('the session is as good as the key, and ends', async () => {
	const cookie = await signIn();
	const later = await signIn();
	const who = await ask('GET', '/session', cookie);

	assert.equal(who.status, 200, who.text);
	assert.equal(who.json.label, 'given');
	assert.equal((await ask('GET', '/bases', cookie)).status, 200);
	assert.equal((await ask('POST', '/bases', cookie,
	    '{"name":"by session"}')).status, 201);
	// Not for others than this dialect, and a key is no session.
	assert.equal((await ask('GET', '/bases', { Cookie:
	    `${cookie.Cookie.split('=')[0]}=${KEY}` })).status, 401);
	const end = await ask('DELETE', '/session', cookie);
	assert.equal(end.status, 204);
	assert.match(end.headers['set-cookie'][0], new RegExp('^' +
	    cookie.Cookie.split('=')[0] + '=; HttpOnly; Max-Age=0; ' +
	    'Path=/tidemark; SameSite=Strict$'));
	for (const [method, where] of [['GET', '/session'], ['GET', '/bases'],
		['DELETE', '/session']])
		assert.equal((await ask(method, where, cookie)).status, 401);
	assert.equal((await ask('GET', '/session', later)).status, 200);
	await server.halt();
	await server.run();
	assert.equal((await ask('GET', '/session', cookie)).status, 401);
	assert.equal((await ask('GET', '/session', later)).status, 200);
});

test('a revoked key takes its sessions and streams along', async () => {
	const made = await server.ok('POST', '/keys',
	    { body: { label: 'to go' } });
	const cookie = await signIn(made.key);
	const token = cookie.Cookie.split('=')[1];

	assert.equal((await ask('GET', '/session', cookie)).json.label,
	    'to go');
	const stream = await server.fetch(`${ROOT}/events?only=jobs`,
	    { key: token });
	const seen = (async () => {
		const got = [];

		for await (const event of events(stream))
			got.push(event);
		return got;
	})();
	await server.ok('DELETE', `/keys/${made.id}`);
	assert.equal((await ask('GET', '/session', cookie)).status, 401);
	const base = await server.base('after the key');
	await server.texts(base.id, [{ name: 'a', text: 'one' }]);
	assert.deepEqual(await seen, []);
});

test('pages of other origins cannot use it', async () => {
	const cookie = await signIn();
	const changes = [['POST', '/bases', '{"name":"foreign"}'],
		['PATCH', '/bases/by session', '{"name":"foreign"}'],
		['DELETE', '/bases/by session', ''],
		['DELETE', '/session', ''],
		['POST', '/keys', '{}']];
	const { host } = new URL(server.url);

	for (const headers of OTHERS) {
		for (const [method, where, body] of changes) {
			const reply = await ask(method, encodeURI(where),
			    { ...cookie, ...headers }, body);

			assert.equal(reply.status, 403, reply.text);
			assert.equal(reply.json.error.code, 'FORBIDDEN');
		}
		// Nor sign somebody in as somebody else.
		const login = await begin(headers);
		assert.equal(login.status, 403, login.text);
		assert.equal(login.headers['set-cookie'], undefined);
		assert.equal((await ask('GET', '/bases',
		    { ...cookie, ...headers })).status, 200);
	}
	for (const headers of [{ 'Sec-Fetch-Site': 'same-origin' },
		{ Origin: `http://${host}` }, { 'Sec-Fetch-Site': 'none' }])
		assert.equal((await begin(headers)).status, 200);
	const bases = await ask('GET', '/bases', cookie);
	assert.ok(!bases.text.includes('foreign'));
	assert.equal((await ask('GET', '/session', cookie)).status, 200);
});

test('two servers on one host leave each other signed in', async () => {
	const one = await signIn();
	const two = await signIn(KEY, other);
	const both = { Cookie: `${one.Cookie}; ${two.Cookie}` };

	assert.notEqual(one.Cookie.split('=')[0], two.Cookie.split('=')[0]);
	assert.equal((await ask('GET', '/session', both)).status, 200);
	assert.equal((await ask('GET', '/session', both, '', other)).status,
	    200);
	assert.equal((await ask('GET', '/session', two)).status, 401);
	const renamed = { Cookie: two.Cookie.replace(/^[^=]*/,
	    one.Cookie.split('=')[0]) };
	assert.equal((await ask('GET', '/session', renamed)).status, 401);
});

test('the page and its files are for browsers', async () => {
	const html = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
	const get = (where, headers) => server.fetch(where,
	    { key: null, headers });
	const page = await get('/', html);

	assert.equal(page.status, 200);
	assert.equal(page.headers.get('content-type'),
	    'text/html; charset=utf-8');
	assert.equal(page.headers.get('vary'), 'Accept');
	assert.match(await page.text(), /^<!doctype html>/i);
	const file = await get('/ui/index.html', {});
	const tag = file.headers.get('etag');
	assert.match(tag, /^"\d+"$/);
	assert.equal((await get('/ui/index.html', { 'If-None-Match': tag }))
	    .status, 304);
	for (const headers of [{}, { Accept: '*/*' },
		{ Accept: 'application/json' }])
		assert.deepEqual(await (await get('/', headers)).json(),
		    { message: 'Hello, World, I am alive!' });
});
