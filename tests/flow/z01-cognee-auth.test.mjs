// SPDX-License-Identifier: Apache-2.0
//
// Cognee's users: registering, sessions, cookies, keys, and who may change
// whom.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { KEY } from './lib.mjs';
import { PASSWORD, Server } from './lib-cognee.mjs';

const AUTH = '/api/v1/auth';
const USERS = '/api/v1/users';
const BAD = { detail: 'LOGIN_BAD_CREDENTIALS' };
const NOBODY = '11111111-2222-4333-8444-555555555555';
let server;

before(async () => {
	server = await Server.start();
});
after(() => server.stop());

const me = (how) => server.call('GET', `${USERS}/me`, how);

test('a user registers once', async () => {
	const made = await server.register('Ann@Example.com');

	assert.equal(made.status, 201);
	assert.deepEqual(made.json, { id: made.json.id,
		email: 'ann@example.com', is_active: true,
		is_superuser: false, is_verified: false, tenant_id: null,
		parent_user_id: null });
	const again = await server.register('ANN@example.COM');

	assert.equal(again.status, 400);
	assert.deepEqual(again.json,
	    { detail: 'REGISTER_USER_ALREADY_EXISTS' });
	const short = await server.register('bo@example.com', 'short');

	assert.equal(short.status, 400);
	assert.equal(short.json.detail.code, 'REGISTER_INVALID_PASSWORD');
	assert.ok(!short.text.includes('short"'));
	// Standing is not for who registers.
	const proud = await server.call('POST', `${AUTH}/register`, { json: {
		email: 'proud@example.com', password: PASSWORD,
		is_superuser: true, is_verified: true, isSuperuser: true } });

	assert.equal(proud.status, 201);
	assert.equal(proud.json.is_superuser, false);
	assert.equal(proud.json.is_verified, false);
});

test('what makes no sense is refused, and no password comes back',
    async () => {
	for (const email of ['', 'nobody', 'a@b', '@example.com', 'a@.com',
		'a b@example.com', 'a@exa mple.com', 'a..b@example.com',
		'a@-b.com', `${'a'.repeat(65)}@example.com`]) {
		const reply = await server.register(email);

		assert.equal(reply.status, 400, email);
		assert.equal(reply.json.detail[0].type, 'value_error');
		assert.deepEqual(reply.json.detail[0].loc, ['body', 'email']);
		assert.equal(reply.json.body, null);
	}
	const missing = await server.call('POST', `${AUTH}/register`,
	    { json: { password: 'not to be seen again' } });

	assert.equal(missing.status, 400);
	assert.deepEqual(missing.json, { detail: [{ type: 'missing',
		loc: ['body', 'email'], msg: 'Field required', input: null }],
		body: null });
	const broken = await server.call('POST', `${AUTH}/register`,
	    { body: '{"email":', headers: {
		'Content-Type': 'application/json' } });

	assert.equal(broken.status, 400);
	assert.equal(broken.json.detail[0].type, 'json_invalid');
});

test('logging in', async () => {
	const { user } = await server.person('cleo@example.com');
	const good = await server.login('CLEO@example.com');

	assert.equal(good.status, 200);
	assert.deepEqual(Object.keys(good.json), ['access_token',
		'token_type']);
	assert.equal(good.json.token_type, 'bearer');
	const [head, claims] = good.json.access_token.split('.').slice(0, 2)
	    .map((part) => JSON.parse(Buffer.from(part, 'base64url')));

	assert.deepEqual(head, { alg: 'HS256', typ: 'JWT' });
	assert.equal(claims.sub, user.id);
	assert.deepEqual(claims.aud, ['fastapi-users:auth']);
	assert.equal(good.headers.get('set-cookie'),
	    `auth_token=${good.json.access_token}; HttpOnly; Max-Age=3600; ` +
	    'Path=/; SameSite=lax');
	const who = await server.call('GET', `${AUTH}/me`,
	    { token: good.json.access_token });

	assert.deepEqual(who.json, { email: 'cleo@example.com' });
	// A form as pages send it.
	const form = new FormData();

	form.append('username', 'cleo@example.com');
	form.append('password', PASSWORD);
	assert.equal((await server.call('POST', `${AUTH}/login`,
	    { body: form })).status, 200);
});

test('every bad login looks the same', async () => {
	const cases = [
		{ form: { username: 'cleo@example.com', password: 'wrong' } },
		{ form: { username: 'nobody@example.com',
			password: PASSWORD } },
		{ form: { username: 'cleo@example.com' } },
		{ form: { password: PASSWORD } },
		{ form: {} },
		{ json: { username: 'cleo@example.com', password: PASSWORD } },
		{ body: 'username=cleo%40example.com&password=a%00b', headers: {
			'Content-Type': 'application/x-www-form-urlencoded' } },
		{ body: 'username=%FF&password=x', headers: {
			'Content-Type': 'application/x-www-form-urlencoded' } },
		{ body: 'x', headers: {
			'Content-Type': 'multipart/form-data; boundary=y' } },
		{ body: `username=${'a'.repeat(100000)}`, headers: {
			'Content-Type': 'application/x-www-form-urlencoded' } },
		{},
	];

	for (const how of cases) {
		const reply = await server.call('POST', `${AUTH}/login`, how);

		assert.equal(reply.status, 400, JSON.stringify(how));
		assert.deepEqual(reply.json, BAD);
		assert.equal(reply.headers.get('set-cookie'), null);
	}
});

test('a session comes as a header or as a cookie, a key as either header',
    async () => {
	const dora = await server.person('dora@example.com');
	const made = await server.call('POST', `${AUTH}/api-keys`,
	    { token: dora.token, json: { name: 'laptop' } });

	assert.equal(made.status, 200);
	assert.match(made.json.key, /^[0-9a-f]{64}$/);
	assert.equal(made.json.label, `${made.json.key.slice(0, 8)}****`);
	assert.equal(made.json.name, 'laptop');
	for (const how of [{ token: dora.token }, { cookie: dora.cookie },
		{ cookie: `a=b; ${dora.cookie}; c=d` },
		{ token: made.json.key },
		{ headers: { 'X-Api-Key': made.json.key } },
		// As in the original: one after the other until one is good.
		{ headers: { 'X-Api-Key': 'wrong' }, cookie: dora.cookie }]) {
		const reply = await me(how);

		assert.equal(reply.status, 200, JSON.stringify(how));
		assert.deepEqual(reply.json, dora.user);
	}
	for (const how of [{}, { token: 'wrong' }, { cookie: 'auth_token=x' },
		{ cookie: `xauth_token=${dora.token}` },
		{ cookie: `auth_token=${made.json.key}` },
		{ headers: { 'X-Api-Key': 'wrong' } },
		{ token: `${dora.token}x` }, { token: dora.token.slice(0, -1) },
		{ token: dora.token.replace(/^[^.]*/, Buffer.from(
		    '{"alg":"none","typ":"JWT"}').toString('base64url')) }]) {
		const reply = await me(how);

		assert.equal(reply.status, 401, JSON.stringify(how));
		assert.deepEqual(reply.json, { detail: 'Unauthorized' });
	}
});

test('logging out ends that session alone', async () => {
	const eve = await server.person('eve@example.com');
	const other = (await server.login('eve@example.com')).json.access_token;
	const out = await server.call('POST', `${AUTH}/logout`,
	    { cookie: eve.cookie });

	assert.equal(out.status, 200);
	assert.deepEqual(out.json, {});
	assert.equal(out.headers.get('set-cookie'),
	    'auth_token=""; HttpOnly; Max-Age=0; Path=/; SameSite=lax');
	assert.equal((await me({ token: eve.token })).status, 401);
	assert.equal((await me({ cookie: eve.cookie })).status, 401);
	assert.equal((await me({ token: other })).status, 200);
	assert.equal((await server.call('POST', `${AUTH}/logout`)).status, 401);
});

test('a page of another origin cannot use the cookie', async () => {
	const fay = await server.person('fay@example.com');
	const change = (headers, how = { cookie: fay.cookie }) =>
	    server.call('PATCH', `${USERS}/me`, { ...how, json: {}, headers });
	const own = new URL(server.url).origin;

	for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' },
		{ 'Sec-Fetch-Site': 'same-site' }, { Origin: 'null' },
		{ Origin: 'http://evil.example' },
		{ Origin: 'http://127.0.0.1:1' }]) {
		const reply = await change(headers);

		assert.equal(reply.status, 403, JSON.stringify(headers));
		// A token in a header is nothing that a browser adds itself.
		assert.equal((await change(headers, { token: fay.token }))
		    .status, 200);
		const login = await server.call('POST', `${AUTH}/login`, {
			form: { username: 'fay@example.com',
				password: PASSWORD }, headers });

		assert.equal(login.status, 403);
		assert.equal(login.headers.get('set-cookie'), null);
	}
	for (const headers of [{ 'Sec-Fetch-Site': 'same-origin' },
		{ 'Sec-Fetch-Site': 'none' }, { Origin: own }, {}])
		assert.equal((await change(headers)).status, 200,
		    JSON.stringify(headers));
	// Reading changes nothing.
	assert.equal((await me({ cookie: fay.cookie,
		headers: { 'Sec-Fetch-Site': 'cross-site' } })).status, 200);
});

test('keys: shown once, ten of them, and deleted', async () => {
	const gil = await server.person('gil@example.com');
	const how = { token: gil.token };
	const keys = [];

	assert.deepEqual((await server.call('GET', `${AUTH}/api-keys`, how))
	    .json, []);
	for (let i = 0; i < 10; i++)
		keys.push((await server.call('POST', `${AUTH}/api-keys`,
		    i === 0 ? how : { ...how, json: { name: `k${i}` } })).json);
	const listed = await server.call('GET', `${AUTH}/api-keys/`, how);

	assert.deepEqual(listed.json, keys.map((key, i) => ({
		key: '************', label: key.label,
		name: i === 0 ? null : `k${i}`, id: key.id })));
	const more = await server.call('POST', `${AUTH}/api-keys`, how);

	assert.equal(more.status, 400);
	assert.deepEqual(Object.keys(more.json), ['error']);
	assert.ok(more.json.error.message.length > 0);
	const gone = await server.call('DELETE',
	    `${AUTH}/api-keys/${keys[3].id.toUpperCase()}`, how);

	assert.equal(gone.status, 200);
	assert.equal(gone.json, null);
	assert.equal((await me({ token: keys[3].key })).status, 401);
	assert.equal((await me({ token: keys[4].key })).status, 200);
	assert.equal((await server.call('DELETE',
	    `${AUTH}/api-keys/${keys[3].id}`, how)).status, 404);
	// Nobody else's.
	const hal = await server.person('hal@example.com');

	assert.equal((await server.call('DELETE',
	    `${AUTH}/api-keys/${keys[4].id}`, { token: hal.token })).status,
	    404);
	assert.equal((await server.call('DELETE', `${AUTH}/api-keys/x`, how))
	    .json.detail[0].type, 'uuid_parsing');
	// A key of one interface is a key of all of them, and sees the same.
	const base = await server.ok('POST', '/bases',
	    { key: keys[4].key, body: { name: 'of gil' } });

	assert.equal((await server.ask('GET', `/bases/${base.id}`,
	    { key: keys[5].key })).status, 200);
	assert.equal((await server.ask('GET', `/bases/${base.id}`,
	    { key: gil.token })).status, 200);
	assert.equal((await server.ask('GET', `/bases/${base.id}`)).status,
	    404);
	assert.equal((await server.ask('GET', `/bases/${base.id}`,
	    { key: hal.token })).status, 404);
});

test('users change themselves, and other sessions end', async () => {
	const ida = await server.person('ida@example.com');
	const renamed = await server.call('PATCH', `${USERS}/me`,
	    { token: ida.token, json: { email: 'Ida2@example.com',
		is_superuser: true, isVerified: true } });

	assert.equal(renamed.status, 200);
	assert.deepEqual(renamed.json, { ...ida.user,
		email: 'ida2@example.com' });
	assert.equal((await me({ token: ida.token })).status, 401);
	const { access_token: token } =
	    (await server.login('ida2@example.com')).json;
	const taken = await server.call('PATCH', `${USERS}/me`,
	    { token, json: { email: 'ann@example.com' } });

	assert.equal(taken.status, 400);
	assert.deepEqual(taken.json,
	    { detail: 'UPDATE_USER_EMAIL_ALREADY_EXISTS' });
	const weak = await server.call('PATCH', `${USERS}/me`,
	    { token, json: { password: 'x' } });

	assert.equal(weak.status, 400);
	assert.equal(weak.json.detail.code, 'UPDATE_USER_INVALID_PASSWORD');
	assert.equal((await server.call('PATCH', `${USERS}/me`,
	    { token, json: { password: 'another tide' } })).status, 200);
	assert.equal((await me({ token })).status, 401);
	assert.deepEqual((await server.login('ida2@example.com')).json, BAD);
	assert.equal((await server.login('ida2@example.com', 'another tide'))
	    .status, 200);
	assert.equal((await server.call('GET', `${USERS}/${ida.user.id}`,
	    { token: (await server.login('ida2@example.com', 'another tide'))
		.json.access_token })).status, 403);
});

test('who is a user', async () => {
	const jo = await server.person('jo@example.com');
	const found = await server.call('POST', `${USERS}/get-user-id`,
	    { token: jo.token, json: { email: 'JO@example.com' } });

	assert.deepEqual(found.json, { user_id: jo.user.id });
	assert.equal((await server.call('POST', `${USERS}/get-user-id`,
	    { token: jo.token, json: { email: 'no@example.com' } })).status,
	    404);
	assert.equal((await server.call('POST', `${USERS}/get-user-id`,
	    { json: { email: 'jo@example.com' } })).status, 401);
	// The first account has nobody yet, and is the default user's.
	const first = await me({ token: KEY });

	assert.equal(first.json.email, 'default_user@example.com');
	// Nobody else can be taken for that.
	const other = await server.register('Default_User@example.com');

	assert.deepEqual([other.status, other.json],
	    [400, { detail: 'REGISTER_USER_ALREADY_EXISTS' }]);
	const renamed = await server.call('PATCH', `${USERS}/me`, {
		token: jo.token, json: { email: 'default_user@example.com' } });

	assert.deepEqual([renamed.status, renamed.json],
	    [400, { detail: 'UPDATE_USER_EMAIL_ALREADY_EXISTS' }]);
	assert.equal((await server.call('POST', `${USERS}/get-user-id`,
	    { token: jo.token, json: { email: first.json.email } })).status,
	    404);
	assert.equal((await server.call('PATCH', `${USERS}/me`,
	    { token: KEY, json: { email: 'x@example.com' } })).status, 409);
});

test('the operator adds users, and the first one may change others',
    async () => {
	const first = await me({ token: KEY });
	const added = await server.command(['user', 'add', '--first',
		'--stdin', 'Root@example.com'], 'the first password\n');

	assert.deepEqual([added.code, added.out], [0, ''], added.err);
	const second = await server.command(['user', 'add', '--first',
		'second@example.com']);

	assert.equal(second.code, 1);
	const root = (await server.login('root@example.com',
	    'the first password')).json.access_token;
	const self = (await me({ token: root })).json;

	assert.deepEqual(self, { ...first.json, email: 'root@example.com',
		is_superuser: true });
	assert.deepEqual((await me({ token: KEY })).json, self);
	const made = await server.command(['user', 'add', 'kim@example.com']);

	assert.equal(made.code, 0, made.err);
	const password = made.out.trim();
	const kim = (await server.login('kim@example.com', password)).json
	    .access_token;
	const id = (await me({ token: kim })).json.id;
	const where = `${USERS}/${id}`;

	assert.equal((await me({ token: kim })).json.is_verified, true);
	assert.equal((await server.call('GET', where, { token: root })).json
	    .email, 'kim@example.com');
	assert.equal((await server.call('GET', where, { token: kim })).status,
	    403);
	assert.equal((await server.call('GET', `${USERS}/${NOBODY}`,
	    { token: root })).status, 404);
	assert.equal((await server.call('GET', `${USERS}/x`,
	    { token: root })).status, 400);
	const key = (await server.call('POST', `${AUTH}/api-keys`,
	    { token: kim })).json.key;
	const off = await server.call('PATCH', where,
	    { token: root, json: { isActive: false } });

	assert.equal(off.json.is_active, false);
	assert.equal((await me({ token: kim })).status, 401);
	assert.equal((await me({ token: key })).status, 401);
	assert.deepEqual((await server.login('kim@example.com', password))
	    .json, BAD);
	await server.call('PATCH', where,
	    { token: root, json: { is_active: true } });
	assert.equal((await me({ token: key })).status, 200);

	const base = await server.ok('POST', '/bases',
	    { key, body: { name: 'kims' } });
	const refused = await server.call('DELETE', where, { token: root });

	assert.equal(refused.status, 409);
	await server.ok('DELETE', `/bases/${base.id}`, { key });
	assert.equal((await server.call('DELETE', where, { token: kim }))
	    .status, 401);
	assert.equal((await server.call('DELETE', where, { token: root }))
	    .status, 204);
	assert.equal((await me({ token: key })).status, 401);
	assert.equal((await server.call('DELETE', where, { token: root }))
	    .status, 404);
	const list = await server.command(['user', 'list']);

	assert.equal(list.code, 0);
	assert.ok(list.out.includes('root@example.com  (superuser)'));
	assert.ok(!list.out.includes('kim@example.com'));
	assert.equal((await server.ask('GET', '/users')).status, 403);
});

test('no mail is sent: the operator makes the tokens', async () => {
	const lea = await server.person('lea@example.com');

	for (const email of ['lea@example.com', 'nobody@example.com'])
		for (const where of ['forgot-password',
			'request-verify-token']) {
			const reply = await server.call('POST',
			    `${AUTH}/${where}`, { json: { email } });

			assert.equal(reply.status, 202);
			assert.equal(reply.json, null);
		}
	const verify = (await server.command(['user', 'verify',
		'lea@example.com'])).out.trim();
	const reset = (await server.command(['user', 'reset',
		'LEA@example.com'])).out.trim();
	const send = (where, json) =>
	    server.call('POST', `${AUTH}/${where}`, { json });

	for (const token of ['', 'x', lea.token, reset, `${verify}x`])
		assert.deepEqual((await send('verify', { token })).json,
		    { detail: 'VERIFY_USER_BAD_TOKEN' });
	assert.deepEqual((await send('verify', { token: verify })).json,
	    { ...lea.user, is_verified: true });
	assert.deepEqual((await send('verify', { token: verify })).json,
	    { detail: 'VERIFY_USER_ALREADY_VERIFIED' });
	for (const token of ['x', lea.token, verify])
		assert.deepEqual((await send('reset-password',
		    { token, password: 'a new one' })).json,
		    { detail: 'RESET_PASSWORD_BAD_TOKEN' });
	assert.equal((await send('reset-password', { token: reset,
		password: 'x' })).json.detail.code,
	    'RESET_PASSWORD_INVALID_PASSWORD');
	const done = await send('reset-password',
	    { token: reset, password: 'a new one' });

	assert.equal(done.status, 200);
	assert.equal(done.json, null);
	assert.deepEqual((await send('reset-password',
	    { token: reset, password: 'a newer one' })).json,
	    { detail: 'RESET_PASSWORD_BAD_TOKEN' });
	assert.equal((await me({ token: lea.token })).status, 401);
	assert.equal((await server.login('lea@example.com', 'a new one'))
	    .status, 200);
});

test('a restart keeps sessions, and those that were ended ended',
    async () => {
	const max = await server.person('max@example.com');
	const other = (await server.login('max@example.com')).json.access_token;

	await server.call('POST', `${AUTH}/logout`, { token: max.token });
	assert.equal(await server.halt(), 0);
	await server.run('--registration', 'off');
	assert.equal((await me({ token: max.token })).status, 401);
	assert.deepEqual((await me({ token: other })).json, max.user);
	const closed = await server.register('new@example.com');

	assert.equal(closed.status, 403);
	assert.ok(closed.json.detail.includes('tidemark user add'));
	assert.equal(await server.halt(), 0);
	await server.run();
	const far = await server.call('POST', `${AUTH}/register`, {
		json: { email: 'far@example.com', password: PASSWORD },
		headers: { 'X-Forwarded-For': '203.0.113.7' } });

	assert.equal(far.status, 403);
	assert.equal(await server.halt('SIGKILL'), 'SIGKILL');
	await server.run('--registration', 'open');
	assert.equal((await server.call('POST', `${AUTH}/register`, {
		json: { email: 'far@example.com', password: PASSWORD },
		headers: { 'X-Forwarded-For': '203.0.113.7' } })).status, 201);
	assert.equal((await me({ token: max.token })).status, 401);
});

test('attempts are bounded for an address, and others go on', async () => {
	const from = (address) => server.call('POST', `${AUTH}/login`, {
		form: { username: 'ann@example.com', password: 'guess' },
		headers: { 'X-Forwarded-For': address } });

	for (let i = 0; i < 10; i++)
		assert.equal((await from(`1.1.1.1, 203.0.113.9`)).status, 400);
	const refused = await from('2.2.2.2, 203.0.113.9');

	assert.equal(refused.status, 429);
	assert.ok(Number(refused.headers.get('retry-after')) > 0);
	assert.ok(Number(refused.headers.get('retry-after')) <= 30);
	// The right password does not open it either.
	assert.equal((await server.call('POST', `${AUTH}/login`, {
		form: { username: 'ann@example.com', password: PASSWORD },
		headers: { 'X-Forwarded-For': '203.0.113.9' } })).status, 429);
	assert.equal((await server.login('ann@example.com')).status, 200);
	// Nor a user: from then on it is that user's own attempts.
	for (let i = 0; i < 10; i++)
		assert.equal((await from(`2001:db8:${i}::1`)).status, 400);
	assert.equal((await from('2001:db8:99::1')).status, 429);
});

test('many at once are answered or told to come again', async () => {
	const replies = await Promise.all(Array.from({ length: 24 }, () =>
	    server.login('max@example.com')));

	for (const reply of replies)
		assert.ok([200, 429].includes(reply.status), reply.text);
	assert.ok(replies.some(({ status }) => status === 200));
	for (const { status, headers } of replies)
		if (status === 429)
			assert.ok(Number(headers.get('retry-after')) > 0);
});
