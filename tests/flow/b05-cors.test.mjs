// SPDX-License-Identifier: Apache-2.0
//
// Pages of other origins: who may call, what they see, and that nobody sees
// another's name.  Asked as a browser does, without fetch: it would add to
// what is sent.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { KEY } from './lib.mjs';
import { Server } from './lib-cognee.mjs';
import { Socket } from './lib-socket.mjs';

const BUILD = path.resolve(process.env.TIDEMARK_BUILD ?? 'build');
const PAGE = 'http://localhost:3000';
const APP = 'https://app.example.com';
const EVIL = 'https://app.example.com.evil.net';
const NOBODY = '11111111-2222-4333-8444-555555555555';
const AUTHORIZED = { Authorization: `Bearer ${KEY}` };
let server, open, plain;

before(async () => {
	server = await Server.start('--cors-origins', `${PAGE}, ${APP}`);
	open = await Server.start('--cors-origins', `* ${PAGE}`);
	plain = await Server.start();
});
after(async () => {
	await server.stop();
	await open.stop();
	await plain.stop();
});

const ask = (to, method, where, headers = {}, body = '') =>
	new Promise((resolve, reject) => {
		const request = http.request(to.url + where, { method, headers,
			agent: false }, async (reply) => {
			let text = '';

			for await (const piece of reply)
				text += piece;
			resolve({ status: reply.statusCode,
				headers: reply.headers, text });
		});

		request.on('error', reject);
		request.end(body);
	});
const asked = (to, where, origin, method, names) =>
	ask(to, 'OPTIONS', where, { ...origin === undefined ? {}
	    : { Origin: origin }, 'Access-Control-Request-Method': method,
		...names === undefined ? {}
		    : { 'Access-Control-Request-Headers': names } });
const cors = ({ headers }) => Object.fromEntries(Object.entries(headers)
    .filter(([name]) => name.startsWith('access-control-')));
const EXPOSED = 'Allow, Content-Disposition, ETag, Retry-After, ' +
	'ratelimit-limit, ratelimit-remaining, ratelimit-reset, x-request-id';
const listed = (origin) => ({
	'access-control-allow-origin': origin,
	'access-control-allow-credentials': 'true',
	'access-control-expose-headers': EXPOSED,
});

test('a browser that asks for a listed origin is told yes', async () => {
	for (const origin of [PAGE, APP])
		for (const [where, method] of [['/api/v1/datasets', 'DELETE'],
			['/api/v1/users/me', 'PATCH'], ['/tidemark/v1/bases',
			'POST'], ['/api/v1/datasets/status', 'GET'],
			['/v2/gen-ai/knowledge_bases', 'POST'],
			['/api/v1/no/such/path', 'PUT']]) {
			const reply = await asked(server, where, origin,
			    method, 'authorization,content-type,x-api-key');

			assert.equal(reply.status, 204, where);
			assert.equal(reply.text, '');
			assert.equal(reply.headers.vary, 'Origin');
			assert.deepEqual(cors(reply), { ...listed(origin),
				'access-control-allow-methods': 'GET, HEAD, ' +
				    'POST, PUT, PATCH, DELETE, OPTIONS',
				'access-control-allow-headers':
				    'authorization,content-type,x-api-key',
				'access-control-max-age': '600' });
		}
	const long = await asked(server, '/health', PAGE, 'GET',
	    'x-a,'.repeat(1000));

	assert.equal(long.status, 204);
	assert.equal(long.headers['access-control-allow-headers'], undefined);
});

test('for others nothing is changed, and no origin named', async () => {
	for (const origin of [undefined, EVIL, 'null', '*', 'http://localhost',
		'http://localhost:30000', `${PAGE}/`, `${PAGE}, ${APP}`,
		'https://localhost:3000']) {
		const reply = await asked(server, '/api/v1/datasets', origin,
		    'GET');

		assert.equal(reply.status, 405, String(origin));
		assert.equal(reply.headers.vary, 'Origin');
		assert.deepEqual(cors(reply), {});
		const got = await ask(server, 'GET', '/health',
		    origin === undefined ? {} : { Origin: origin });

		assert.equal(got.status, 200);
		assert.equal(got.headers.vary, 'Origin');
		assert.deepEqual(cors(got), {});
	}
	// OPTIONS that no browser sends by itself.
	assert.equal((await ask(server, 'OPTIONS', '/api/v1/datasets',
	    { Origin: PAGE })).status, 405);
});

test('answers and errors name the page that asks', async () => {
	for (const [where, status, headers] of [
		['/health', 200, {}], ['/api/v1/datasets', 401, {}],
		['/api/v1/datasets', 200, AUTHORIZED],
		['/api/v1/none', 404, {}], ['/nothing', 404, {}],
		['/tidemark/v1/jobs/x', 404, AUTHORIZED],
		[`/api/v1/cognify/subscribe/${NOBODY}`, 426, {}],
		['/metrics', 200, {}]]) {
		const reply = await ask(server, 'GET', where,
		    { Origin: APP, ...headers });

		assert.equal(reply.status, status, where);
		assert.equal(reply.headers.vary, 'Origin');
		assert.deepEqual(cors(reply), listed(APP), where);
	}
	const post = await ask(server, 'POST', '/api/v1/datasets',
	    { Origin: APP, ...AUTHORIZED, 'Content-Type': 'application/json' },
	    '{');

	assert.equal(post.status, 400);
	assert.deepEqual(cors(post), listed(APP));
});

test('an answer that is kept is not given with a name', async () => {
	const where = '/api/v1/datasets/status';

	await server.base('kept');
	const job = await server.end(await server.texts('kept',
	    [{ name: 'a', text: 'one' }]));
	for (const [path, count] of [[where, 12],
		[`/tidemark/v1/jobs/${job.id}`, 12]])
		for (let i = 0; i < count; i++) {
			const origin = [PAGE, undefined, APP, EVIL][i % 4];
			const reply = await ask(server, 'GET', path,
			    { ...AUTHORIZED, ...origin === undefined ? {}
				: { Origin: origin } });

			assert.equal(reply.status, 200);
			assert.equal(reply.headers.vary, 'Origin');
			assert.deepEqual(cors(reply), origin === PAGE ||
			    origin === APP ? listed(origin) : {});
		}
});

test('a listed page may use a session, another may not', async () => {
	const { cookie, token } = await server.person('ann@example.com');
	const make = (headers) => ask(server, 'POST', '/api/v1/datasets',
	    { Cookie: cookie, 'Content-Type': 'application/json', ...headers },
	    '{"name":"x"}');
	const mine = await make({ Origin: PAGE, 'Sec-Fetch-Site': 'same-site' });

	assert.equal(mine.status, 200, mine.text);
	assert.deepEqual(cors(mine), listed(PAGE));
	for (const headers of [{ Origin: EVIL }, { Origin: 'null' },
		{ Origin: EVIL, 'Sec-Fetch-Site': 'cross-site' },
		{ 'Sec-Fetch-Site': 'same-site' }]) {
		const reply = await make(headers);

		assert.equal(reply.status, 403, reply.text);
		assert.deepEqual(cors(reply), {});
	}
	const login = (origin) => ask(server, 'POST', '/api/v1/auth/login',
	    { Origin: origin, 'Content-Type':
		'application/x-www-form-urlencoded' },
	    'username=ann@example.com&password=wrong-one');

	assert.equal((await login(PAGE)).status, 400);
	assert.equal((await login(EVIL)).status, 403);
	// A WebSocket, too, which no browser asks about beforehand.
	const { id } = JSON.parse(mine.text);
	const put = await server.ask('POST', `/bases/${id}/documents`,
	    { key: token, body: { documents: [{ name: 'a', text: 'one' }] } });

	for (const [origin, code, texts] of [[PAGE, 1000, true],
		[EVIL, 1008, false]]) {
		const socket = await Socket.open(`${server.url}` +
		    `/api/v1/cognify/subscribe/${put.json.job.id}`,
		    { headers: { Cookie: cookie, Origin: origin } });

		assert.equal((await socket.rest()).length > 0, texts);
		assert.equal(socket.closed.code, code);
	}
});

test('"*" lets all call, and none with a cookie', async () => {
	const { cookie } = await open.person('ann@example.com');
	const all = { 'access-control-allow-origin': '*',
		'access-control-expose-headers': EXPOSED };

	for (const origin of [EVIL, APP, 'null']) {
		const reply = await ask(open, 'GET', '/health',
		    { Origin: origin });

		assert.deepEqual(cors(reply), all);
		const before = await asked(open, '/api/v1/datasets', origin,
		    'DELETE', 'x-api-key');

		assert.equal(before.status, 204);
		assert.equal(before.headers['access-control-allow-origin'],
		    '*');
		assert.equal(before.headers['access-control-allow-credentials'],
		    undefined);
		const post = await ask(open, 'POST', '/api/v1/datasets',
		    { Cookie: cookie, Origin: origin }, '{"name":"x"}');

		assert.equal(post.status, 403);
	}
	assert.deepEqual(cors(await ask(open, 'GET', '/health',
	    { Origin: PAGE })), listed(PAGE));
});

test('a dialect with a rule of its own keeps it', async () => {
	for (const to of [server, open, plain]) {
		const reply = await ask(to, 'GET', '/v1/datasets',
		    { ...AUTHORIZED, Origin: PAGE });

		assert.equal(reply.status, 200);
		assert.equal(reply.headers.vary, undefined);
		assert.deepEqual(cors(reply), {
			'access-control-allow-origin': '*',
			'access-control-expose-headers': 'X-Version, X-Env' });
		assert.equal((await asked(to, '/v1/datasets', PAGE, 'POST'))
		    .status, 200);
	}
});

test('without the setting nothing is said', async () => {
	const reply = await ask(plain, 'GET', '/health', { Origin: PAGE });

	assert.equal(reply.headers.vary, undefined);
	assert.deepEqual(cors(reply), {});
	assert.equal((await asked(plain, '/api/v1/datasets', PAGE, 'GET'))
	    .status, 405);
});

test('what is no origin is refused at the start', async () => {
	const data = fs.mkdtempSync(path.join(os.tmpdir(), 'tidemark-b-'));

	for (const value of ['localhost:3000', 'http://', 'https://x/',
		'https://x/path', 'null', 'http://*.example.com',
		'https://x:80:90/', '://x', 'http://x?y', 'http://u@x']) {
		const child = spawn(path.join(BUILD, 'tidemark'), ['serve',
			'--listen', '127.0.0.1:0', '--data', data,
			'--cors-origins', `${PAGE},${value}`]);
		let err = '';

		child.stderr.on('data', (text) => {
			err += text;
			if (err.includes('listening on'))
				child.kill();
		});
		const code = await new Promise((resolve) =>
		    child.on('exit', resolve));

		assert.notEqual(code, 0, value);
		assert.match(err, /cors_origins: ".*" is no origin/, value);
	}
	fs.rmSync(data, { recursive: true });
});
