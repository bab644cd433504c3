// SPDX-License-Identifier: Apache-2.0
//
// Datasets shared with others: each right alone, by way of roles and tenants,
// and taken away again.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { KEY, isFinal } from './lib.mjs';
import { Server } from './lib-cognee.mjs';

const V1 = '/api/v1';
const SETS = `${V1}/datasets`;
const RIGHTS = `${V1}/permissions`;
const NOBODY = '11111111-2222-4333-8444-555555555555';
const NONE = '00000000-0000-4000-8000-000000000000';
const denied = (what) => ({ detail: 'Request owner does not have necessary ' +
	`permission: [${what}] for all datasets requested. ` +
	'[PermissionDeniedError]' });
const GIVEN = { message: 'Permission assigned to principal' };
const TAKEN = { message: 'Permission revoked from principal' };
const NO_USER = { detail: 'No user found in the system. Please create a ' +
	'user. [UserNotFoundError]' };
const NO_ROLE = { detail: 'User role not found. [RoleNotFoundError]' };
const noTenant = (id) => ({
	detail: `Could not find tenant: ${id} [TenantNotFoundError]` });
const NOT_MANAGER = { detail: 'User is not authorized to manage users for ' +
	'this tenant [PermissionDeniedError]' };
const UNABLE = { error: 'Unable to retrieve dataset statuses.' };
let server, ann, bob, cid;

before(async () => {
	server = await Server.start();
	ann = await server.person('ann@example.com');
	bob = await server.person('bob@example.com');
	cid = await server.person('cid@example.com');
});
after(() => server.stop());

const call = (who, method, where, more = {}) =>
	server.call(method, where, { token: who.token, ...more });
const good = async (who, method, where, more) => {
	const reply = await call(who, method, where, more);

	assert.equal(reply.status, 200, `${method} ${where}: ${reply.text}`);
	return reply.json;
};
const refused = async (status, json, who, method, where, more) => {
	const reply = await call(who, method, where, more);

	assert.equal(reply.status, status, `${method} ${where}: ${reply.text}`);
	assert.deepEqual(reply.json, json);
};
const make = (who, name) => good(who, 'POST', SETS, { json: { name } });
const path = (principal, right) => `${RIGHTS}/datasets/${principal}` +
	`?permission_name=${right}`;
const give = async (who, principal, right, ...sets) =>
	assert.deepEqual(await good(who, 'POST', path(principal, right),
	    { json: sets }), GIVEN);
const take = async (who, principal, right, ...sets) =>
	assert.deepEqual(await good(who, 'DELETE', path(principal, right),
	    { json: sets }), TAKEN);
const names = async (who) =>
	(await good(who, 'GET', SETS)).map((row) => row.name);

// Indexed to the end, by way of another interface.
async function put(who, base, name, text) {
	const reply = await server.ask('POST', `/bases/${base}/documents`,
	    { body: { documents: [{ name, text }] }, key: who.token });

	assert.ok(reply.status < 300, reply.text);
	let { job } = reply.json;

	while (!isFinal(job))
		job = (await server.ask('GET', `/jobs/${job.id}` +
		    `?after=${job.revision}&wait=30`,
		    { key: who.token })).json;
	assert.equal(job.state, 'completed');
	return (await good(who, 'GET', `${SETS}/${base}/data`)).at(-1);
}

// What bob gets of ann's dataset by each route, with those rights.
async function expectRights(set, data, rights) {
	const has = (right) => rights.includes(right);
	const at = `${SETS}/${set.id}`;
	const listed = (await good(bob, 'GET', SETS)).filter((row) =>
	    row.id === set.id);

	assert.deepEqual(listed, has('read') ? [set] : []);
	if (has('read')) {
		assert.equal(listed[0].ownerId, ann.user.id);
		assert.deepEqual((await good(bob, 'GET', `${at}/data`))
		    .map((row) => row.id), [data.id]);
		assert.equal((await call(bob, 'GET',
		    `${at}/data/${data.id}/raw`)).text, 'Low water.');
		assert.deepEqual(await good(bob, 'GET',
		    `${at}/processing-status`),
		    { total: 1, completed: 1, pending: 0 });
		for (const where of [`?dataset=${set.id}`, ''])
			assert.equal((await good(bob, 'GET',
			    `${SETS}/status${where}`))[set.id],
			    'DATASET_PROCESSING_COMPLETED');
		const runs = await good(bob, 'GET',
		    `${V1}/activity/pipeline-runs?dataset_id=${set.id}`);

		assert.ok(runs.length > 0);
		for (const run of runs) {
			assert.equal(run.dataset_id, set.id);
			assert.equal(run.owner_id, ann.user.id);
			assert.equal(run.owner_email, 'ann@example.com');
		}
		assert.deepEqual(await good(bob, 'GET',
		    `${V1}/activity/pipeline-runs`), runs);
	} else {
		await refused(403, denied('read'), bob, 'GET', `${at}/data`);
		await refused(403, denied('read'), bob, 'GET',
		    `${at}/data/${data.id}/raw`);
		const [foreign, none] = await Promise.all([set.id, NOBODY]
		    .map((id) => call(bob, 'GET',
			`${SETS}/${id}/processing-status`)));

		assert.equal(foreign.status, 404);
		assert.equal(none.status, 404);
		assert.equal(foreign.text.replaceAll(set.id, NOBODY),
		    none.text);
		await refused(409, UNABLE, bob, 'GET',
		    `${SETS}/status?dataset=${set.id}`);
		assert.deepEqual(await good(bob, 'GET', `${SETS}/status`), {});
		assert.deepEqual(await good(bob, 'GET',
		    `${V1}/activity/pipeline-runs?dataset_id=${set.id}`), []);
	}
	if (!has('delete')) {
		await refused(401, { detail: `Dataset ${set.id} not ` +
			'accessible. [UnauthorizedDataAccessError]' }, bob,
		    'DELETE', `${at}/data/${data.id}`);
		await refused(409, { error: 'Unable to delete data.' }, bob,
		    'DELETE', `${V1}/delete?data_id=${data.id}` +
		    `&dataset_id=${set.id}`);
		await refused(403, denied('delete'), bob, 'DELETE', at);
	}
	if (!has('share'))
		for (const method of ['POST', 'DELETE'])
			await refused(403, denied('share'), bob, method,
			    path(cid.user.id, 'read'), { json: [set.id] });
}

test('each right alone', async () => {
	const set = await make(ann, 'tides');
	const data = await put(ann, set.id, 'low.txt', 'Low water.');

	set.updatedAt = (await good(ann, 'GET', SETS))[0].updatedAt;
	await expectRights(set, data, []);
	for (const right of ['read', 'write', 'delete', 'share']) {
		await give(ann, bob.user.id, right, set.id);
		// Giving it twice is giving it once.
		await give(ann, bob.user.id, right, set.id, set.id);
		await expectRights(set, data, [right]);
		await take(ann, bob.user.id, right, set.id);
		await take(ann, bob.user.id, right, set.id);
		await expectRights(set, data, []);
	}
	// Its name is not bob's: asking for that makes one of his own.
	await give(ann, bob.user.id, 'read', set.id);
	const own = await make(bob, 'tides');

	assert.notEqual(own.id, set.id);
	assert.equal(own.ownerId, bob.user.id);
	// The own ones first, and no other interface knows of the rest.
	assert.deepEqual((await good(bob, 'GET', SETS)).map((row) => row.id),
	    [own.id, set.id]);
	const bases = await server.ask('GET', '/bases', { key: bob.token });

	assert.deepEqual(bases.json.bases.map((row) => row.id), [own.id]);
	assert.equal((await server.ask('GET', `/bases/${set.id}`,
	    { key: bob.token })).status, 404);
	// Clearing takes what is one's own.
	assert.equal((await call(bob, 'DELETE', SETS)).text, 'null');
	assert.deepEqual(await names(bob), ['tides']);
	assert.deepEqual(await names(ann), ['tides']);
	// With `delete` data go, and the dataset with its grants.
	await give(ann, bob.user.id, 'delete', set.id);
	assert.equal((await call(bob, 'DELETE',
	    `${SETS}/${set.id}/data/${data.id}`)).text, 'null');
	assert.deepEqual(await good(ann, 'GET', `${SETS}/${set.id}/data`), []);
	assert.equal((await call(bob, 'DELETE', `${SETS}/${set.id}`)).text,
	    'null');
	for (const who of [ann, bob])
		assert.deepEqual(await names(who), []);
});

// Data come in, are indexed, asked, and forgotten by somebody who may do just
// that; what is done is done in the owner's dataset.
test('adding, indexing, asking and forgetting', async () => {
	const set = await make(ann, 'logs');
	const broken = { error: 'Internal server error',
		detail: denied('write').detail };
	const add = (name, text) => {
		const form = new FormData();

		form.append('data', new Blob([text]), name);
		form.append('datasetId', set.id);
		return call(bob, 'POST', `${V1}/add`, { body: form });
	};
	const update = (data, text) => {
		const form = new FormData();

		form.append('data', new Blob([text]), 'log.txt');
		return call(bob, 'PATCH', `${V1}/update?data_id=${data}` +
		    `&dataset_id=${set.id}`, { body: form });
	};
	const cognify = () => call(bob, 'POST', `${V1}/cognify`,
	    { json: { dataset_ids: [set.id] } });
	const search = (who = bob) => call(who, 'POST', `${V1}/search`,
	    { json: { dataset_ids: [set.id], search_type: 'CHUNKS',
		query: 'harbour' } });
	const forget = () => call(bob, 'POST', `${V1}/forget`,
	    { json: { dataset_id: set.id } });
	const same = async (reply, status, json) => {
		assert.equal((await reply).status, status, (await reply).text);
		if (json !== undefined)
			assert.deepEqual((await reply).json, json);
	};

	for (const right of ['', 'read', 'delete', 'share']) {
		if (right !== '')
			await give(ann, bob.user.id, right, set.id);
		await same(add('log.txt', 'In harbour.'), 500, broken);
		await same(update(NOBODY, 'At sea.'), 403, denied('write'));
		await same(cognify(), 500, broken);
		if (right !== '')
			await take(ann, bob.user.id, right, set.id);
	}
	await give(ann, bob.user.id, 'write', set.id);
	await same(add('log.txt', 'The ship lies in the harbour.'), 200);
	await same(cognify(), 200);
	const [data] = await good(ann, 'GET', `${SETS}/${set.id}/data`);

	assert.equal(data.name, 'log');
	await same(search(), 403, denied('read'));
	await same(call(bob, 'GET', `${SETS}/${set.id}/graph`), 403,
	    denied('read'));
	await same(forget(), 403, denied('delete'));

	await give(ann, bob.user.id, 'read', set.id);
	const [found] = (await search()).json;

	assert.equal(found.dataset_id, set.id);
	assert.equal(found.dataset_tenant_id, null);
	assert.deepEqual(found.search_result.map((hit) => hit.text),
	    ['The ship lies in the harbour.']);
	assert.deepEqual((await search(ann)).json.map((one) =>
	    one.search_result.map((hit) => hit.text)),
	    [['The ship lies in the harbour.']]);
	assert.equal((await call(bob, 'GET',
	    `${SETS}/${set.id}/graph`)).text, (await call(ann, 'GET',
	    `${SETS}/${set.id}/graph`)).text);
	await take(ann, bob.user.id, 'read', set.id);
	await same(search(), 403, denied('read'));
	await give(ann, bob.user.id, 'delete', set.id);
	await same(forget(), 200);
	assert.deepEqual(await names(ann), []);
});

test('what is taken is gone at once, kept answers or not', async () => {
	const set = await make(ann, 'kept');

	await put(ann, set.id, 'low.txt', 'Low water.');
	const where = `${SETS}/status?dataset=${set.id}`;
	const done = { [set.id]: 'DATASET_PROCESSING_COMPLETED' };

	for (let round = 0; round < 5; round++) {
		await refused(409, UNABLE, bob, 'GET', where);
		await give(ann, bob.user.id, 'read', set.id);
		// The first is made and kept, the rest come from there.
		for (let i = 0; i < 3; i++) {
			assert.deepEqual(await good(bob, 'GET', where), done);
			assert.deepEqual(await good(bob, 'GET',
			    `${SETS}/status`), done);
		}
		await take(ann, bob.user.id, 'read', set.id);
		await refused(409, UNABLE, bob, 'GET', where);
		assert.deepEqual(await good(bob, 'GET', `${SETS}/status`), {});
		// By way of a tenant: going is losing.
		const port = (await good(ann, 'POST',
		    `${RIGHTS}/tenants?tenant_name=port%20${round}`)).tenant_id;

		await give(ann, port, 'read', set.id);
		await refused(409, UNABLE, bob, 'GET', where);
		await good(ann, 'POST', `${RIGHTS}/users/${bob.user.id}` +
		    `/tenants?tenant_id=${port}`);
		assert.deepEqual(await good(bob, 'GET', where), done);
		await good(bob, 'DELETE',
		    `${RIGHTS}/tenants/${port}/users/${bob.user.id}`);
		await refused(409, UNABLE, bob, 'GET', where);
		await good(ann, 'DELETE', `${RIGHTS}/tenants/${port}`);
	}
	await good(ann, 'DELETE', `${SETS}/${set.id}`);
});

// Sessions are their users' own, and clients call them alike.
test('sessions of the same name become one document each', async () => {
	const set = await make(ann, 'sessions');
	const say = (who, text) => {
		const form = new FormData();

		form.append('data', new Blob([text]), 'm.txt');
		form.append('datasetId', set.id);
		form.append('session_id', 'default_session');
		return good(who, 'POST', `${V1}/remember`, { body: form });
	};
	const improve = (who) => good(who, 'POST', `${V1}/improve`,
	    { json: { dataset_id: set.id,
		session_ids: ['default_session', 'default_session'] } });

	await give(ann, bob.user.id, 'read', set.id);
	await give(ann, bob.user.id, 'write', set.id);
	await say(ann, 'The harbour master is Grace.');
	await say(bob, 'The lighthouse keeper is Edith.');
	for (const who of [ann, bob, ann])
		await improve(who);
	const rows = await good(ann, 'GET', `${SETS}/${set.id}/data`);
	const texts = await Promise.all(rows.map(async (row) => (await call(
	    ann, 'GET', `${SETS}/${set.id}/data/${row.id}/raw`)).text));

	assert.deepEqual(rows.map((row) => row.name).sort(),
	    ['session_default_session',
		`session_default_session.${bob.user.id}`]);
	assert.equal(texts.filter((text) => /Grace/.test(text)).length, 1);
	assert.equal(texts.filter((text) => /Edith/.test(text)).length, 1);
	await good(ann, 'DELETE', `${SETS}/${set.id}`);
});

test('shares of shares', async () => {
	const set = await make(ann, 'shared');
	const one = { json: [set.id] };

	await give(ann, bob.user.id, 'share', set.id);
	// Nobody gives what they have not.
	await refused(403, denied('read'), bob, 'POST',
	    path(cid.user.id, 'read'), one);
	await refused(403, denied('delete'), bob, 'POST',
	    path(bob.user.id, 'delete'), one);
	await give(ann, bob.user.id, 'read', set.id);
	await give(bob, cid.user.id, 'read', set.id);
	assert.deepEqual(await names(cid), ['shared']);
	await give(bob, cid.user.id, 'share', set.id);
	await take(cid, bob.user.id, 'share', set.id);
	await refused(403, denied('share'), bob, 'DELETE',
	    path(cid.user.id, 'read'), one);
	// The owner's stay.
	for (const who of [ann, cid])
		await refused(403, { detail: "The owner's permissions on a " +
			'dataset cannot be revoked. ' +
			'[PermissionDeniedError]' }, who, 'DELETE',
		    path(ann.user.id, 'read'), one);
	await give(cid, ann.user.id, 'read', set.id);
	assert.deepEqual(await names(ann), ['shared']);
	assert.deepEqual(await good(ann, 'GET',
	    `${RIGHTS}/principals/${cid.user.id}/datasets`), [set]);
	assert.deepEqual(await good(bob, 'GET',
	    `${RIGHTS}/principals/${cid.user.id}/datasets`), []);
	assert.deepEqual(await good(cid, 'GET', `${RIGHTS}/principals/` +
	    `${cid.user.id}/datasets?permission_name=share`), [set]);
	assert.deepEqual(await good(cid, 'GET', `${RIGHTS}/principals/` +
	    `${cid.user.id}/datasets?permission_name=delete`), []);
	assert.deepEqual(await good(ann, 'GET', `${RIGHTS}/principals/` +
	    `${ann.user.id}/datasets?permission_name=delete`), [set]);
	await good(ann, 'DELETE', `${SETS}/${set.id}`);
	assert.deepEqual(await names(cid), []);
});

test('tenants and roles', async () => {
	const set = await make(ann, 'charts');
	const me = async (who) => (await good(who, 'GET',
	    `${V1}/users/me`)).tenant_id;
	const into = (what, who, id) => `${RIGHTS}/users/${who.user.id}` +
	    `/${what}s?${what}_id=${id}`;

	assert.equal(await me(ann), null);
	await refused(404, noTenant('None'), ann, 'POST',
	    `${RIGHTS}/roles?role_name=crew`);
	const made = await good(ann, 'POST',
	    `${RIGHTS}/tenants?tenant_name=H%C3%A4fen`);
	const port = made.tenant_id;

	assert.deepEqual(made, { message: 'Tenant created.', tenant_id: port });
	assert.equal(await me(ann), port);
	await refused(409, { detail: 'Tenant already exists. ' +
		'[EntityAlreadyExistsError]' }, ann, 'POST',
	    `${RIGHTS}/tenants?tenant_name=H%C3%A4fen`);
	// Somebody else's names are their own.
	const other = (await good(cid, 'POST',
	    `${RIGHTS}/tenants?tenant_name=H%C3%A4fen`)).tenant_id;
	const crew = (await good(ann, 'POST',
	    `${RIGHTS}/roles?role_name=crew`)).role_id;

	await refused(409, { detail: 'Role already exists for tenant. ' +
		'[EntityAlreadyExistsError]' }, ann, 'POST',
	    `${RIGHTS}/roles?role_name=crew`);
	await refused(404, { detail: 'User tenant does not match role ' +
		'tenant. User cannot be added to role. ' +
		'[TenantNotFoundError]' }, ann, 'POST',
	    into('role', bob, crew));
	assert.deepEqual(await good(ann, 'POST', into('tenant', bob, port)),
	    { message: 'User added to tenant' });
	await refused(409, { detail: 'User is already part of group. ' +
		'[EntityAlreadyExistsError]' }, ann, 'POST',
	    into('tenant', bob, port));
	assert.deepEqual(await good(ann, 'POST', into('role', bob, crew)),
	    { message: 'User added to role' });
	await refused(409, { detail: 'User is already part of group. ' +
		'[EntityAlreadyExistsError]' }, ann, 'POST',
	    into('role', bob, crew));

	assert.deepEqual(await good(bob, 'GET', `${RIGHTS}/tenants/me`),
	    [{ id: port, name: 'Häfen' }]);
	assert.deepEqual(await good(ann, 'GET',
	    `${RIGHTS}/tenants/${port}/roles`), [{ id: crew, name: 'crew',
		description: null, user_count: 1 }]);
	assert.deepEqual(await good(ann, 'GET',
	    `${RIGHTS}/tenants/${port}/users/`), [
		{ id: ann.user.id, email: 'ann@example.com', roles: [] },
		{ id: bob.user.id, email: 'bob@example.com',
			roles: [{ id: crew, name: 'crew' }] }]);

	// Chosen by who is in it.
	assert.equal(await me(bob), null);
	for (const name of ['tenant_id', 'tenantId'])
		assert.deepEqual(await good(bob, 'POST',
		    `${RIGHTS}/tenants/select`, { json: { [name]: port } }),
		    { message: 'Tenant selected.', tenant_id: port });
	assert.equal(await me(bob), port);
	assert.deepEqual(await good(bob, 'POST', `${RIGHTS}/tenants/select`,
	    { json: { tenant_id: null } }),
	    { message: 'Tenant selected.', tenant_id: null });
	assert.equal(await me(bob), null);
	await good(bob, 'POST', `${RIGHTS}/tenants/select`,
	    { json: { tenant_id: port } });

	// Who is in it is not its owner.
	await refused(403, NOT_MANAGER, bob, 'POST',
	    `${RIGHTS}/roles?role_name=mates`);
	await refused(403, NOT_MANAGER, bob, 'DELETE',
	    `${RIGHTS}/roles/${crew}`);
	await refused(403, NOT_MANAGER, bob, 'DELETE',
	    `${RIGHTS}/tenants/${port}`);
	for (const list of ['roles', 'users'])
		await refused(403, NOT_MANAGER, bob, 'GET',
		    `${RIGHTS}/tenants/${port}/${list}`);
	await refused(403, { detail: 'Only tenant owner can add other users ' +
		'to organization. [PermissionDeniedError]' }, bob, 'POST',
	    into('tenant', cid, port));
	await refused(403, { detail: 'User submitting request does not have ' +
		'permission to add user to role. [PermissionDeniedError]' },
	    bob, 'POST', into('role', bob, crew));
	await refused(403, NOT_MANAGER, bob, 'DELETE',
	    `${RIGHTS}/tenants/${port}/users/${ann.user.id}`);
	await refused(400, { detail: 'Cannot remove the tenant owner from ' +
		'their own tenant. [CogneeValidationError]' }, ann, 'DELETE',
	    `${RIGHTS}/tenants/${port}/users/${ann.user.id}`);

	// What a stranger is told of it is what is told of nothing.
	for (const [id, role] of [[port, crew], [NOBODY, NOBODY]]) {
		for (const [method, where] of [
			['POST', into('tenant', cid, id)],
			['DELETE', `${RIGHTS}/tenants/${id}`],
			['GET', `${RIGHTS}/tenants/${id}/roles`],
			['GET', `${RIGHTS}/tenants/${id}/users`],
			['DELETE', `${RIGHTS}/tenants/${id}/users/` +
				cid.user.id]])
			await refused(404, noTenant(id), cid, method, where);
		await refused(404, noTenant(id), cid, 'POST',
		    `${RIGHTS}/tenants/select`, { json: { tenant_id: id } });
		for (const [method, where] of [
			['POST', into('role', cid, role)],
			['DELETE', into('role', cid, role)],
			['DELETE', `${RIGHTS}/roles/${role}`]])
			await refused(404, NO_ROLE, cid, method, where);
		for (const principal of [id, role])
			await refused(404, NO_USER, cid, 'GET',
			    `${RIGHTS}/principals/${principal}/datasets`);
	}

	// Rights by way of both; the role's end is the end of its rights.
	await give(ann, port, 'read', set.id);
	await give(ann, crew, 'delete', set.id);
	assert.deepEqual(await names(bob), ['charts']);
	assert.deepEqual(await good(bob, 'GET',
	    `${RIGHTS}/principals/${crew}/datasets?permission_name=delete`),
	    [set]);
	assert.deepEqual(await good(bob, 'GET',
	    `${RIGHTS}/principals/${port}/datasets`), [set]);
	assert.deepEqual(await good(bob, 'GET', `${RIGHTS}/principals/` +
	    `${bob.user.id}/datasets?permission_name=delete`), [set]);
	assert.deepEqual(await good(ann, 'DELETE', into('role', bob, crew)),
	    { message: 'User removed from role' });
	await refused(404, NO_USER, bob, 'GET',
	    `${RIGHTS}/principals/${crew}/datasets`);
	await refused(403, denied('delete'), bob, 'DELETE',
	    `${SETS}/${set.id}`);
	assert.deepEqual(await good(ann, 'DELETE', `${RIGHTS}/roles/${crew}`),
	    { message: 'Role deleted' });
	await refused(404, NO_ROLE, ann, 'DELETE', `${RIGHTS}/roles/${crew}`);
	assert.deepEqual(await good(ann, 'DELETE',
	    `${RIGHTS}/tenants/${port}/users/${bob.user.id}`),
	    { message: 'User removed from tenant' });
	await refused(404, { detail: 'User not found in this tenant. ' +
		'[EntityNotFoundError]' }, ann, 'DELETE',
	    `${RIGHTS}/tenants/${port}/users/${bob.user.id}`);
	assert.equal(await me(bob), null);
	assert.deepEqual(await names(bob), []);
	// Nobody gives rights to groups that they do not know.
	await refused(404, NO_USER, ann, 'POST', path(other, 'read'),
	    { json: [set.id] });
	assert.deepEqual(await good(ann, 'DELETE',
	    `${RIGHTS}/tenants/${port}`), { message: 'Tenant deleted' });
	assert.equal(await me(ann), null);
	await good(cid, 'DELETE', `${RIGHTS}/tenants/${other}`);
	await good(ann, 'DELETE', `${SETS}/${set.id}`);
});

test('what there is not, and what is not the caller\'s', async () => {
	const set = await make(ann, 'mine');

	// A foreign dataset and none get the same, byte by byte.
	for (const method of ['POST', 'DELETE'])
		for (const right of ['read', 'share']) {
			const [foreign, none] = await Promise.all([set.id,
				NOBODY].map((id) => call(bob, method,
			    path(cid.user.id, right), { json: [id] })));

			assert.equal(foreign.status, 403);
			assert.deepEqual(foreign.json, denied('share'));
			assert.equal(none.text, foreign.text);
			assert.equal(none.status, 403);
			// Whoever it is for: nothing is told of users.
			await refused(403, denied('share'), bob, method,
			    path(NOBODY, right), { json: [set.id] });
		}
	// One that may not be shared spoils all.
	const own = await make(bob, 'own');

	await refused(403, denied('share'), bob, 'POST',
	    path(cid.user.id, 'read'), { json: [own.id, set.id] });
	assert.deepEqual(await names(cid), []);
	await refused(404, NO_USER, ann, 'POST', path(NOBODY, 'read'),
	    { json: [set.id] });
	await refused(404, NO_USER, ann, 'DELETE', path(NOBODY, 'read'),
	    { json: [set.id] });
	await refused(404, NO_USER, ann, 'GET',
	    `${RIGHTS}/principals/${NOBODY}/datasets`);
	for (const id of [set.id, own.id])
		await refused(404, NO_USER, ann, 'POST', path(id, 'read'),
		    { json: [set.id] });
	await refused(403, { detail: 'fly not found or not in allowed ' +
		'permission types [PermissionNotFoundError]' }, ann, 'POST',
	    path(bob.user.id, 'fly'), { json: [set.id] });
	await good(ann, 'DELETE', `${SETS}/${set.id}`);
	await good(bob, 'DELETE', `${SETS}/${own.id}`);
});

test('hostile bodies and names', async () => {
	const set = await make(ann, 'x');
	const post = (more, where = path(bob.user.id, 'read')) =>
	    call(ann, 'POST', where, more);
	const bad = async (type, loc, more, where) => {
		const reply = await post(more, where);

		assert.equal(reply.status, 400, reply.text);
		assert.equal(reply.json.detail[0].type, type);
		assert.deepEqual(reply.json.detail[0].loc, loc);
		return reply;
	};

	await bad('missing', ['body'], {});
	await bad('json_invalid', ['body'], { body: '[' });
	await bad('list_type', ['body'], { json: { a: set.id } });
	await bad('list_type', ['body'], { body: `"${set.id}"` });
	await bad('too_short', ['body'], { json: [] });
	await bad('uuid_type', ['body', 1], { json: [set.id, 7] });
	await bad('uuid_parsing', ['body', 0], { json: ['none'] });
	const long = await bad('uuid_parsing', ['body', 0],
	    { json: ['x'.repeat(100000)] });

	assert.ok(long.text.length < 4096);
	const many = await bad('too_long', ['body'],
	    { json: Array(100000).fill(set.id) });

	assert.equal(many.json.detail[0].msg, 'List should have at most ' +
	    '1000 items after validation, not 100000');
	await bad('json_invalid', ['body'], { body: '['.repeat(5000) });
	assert.deepEqual(await names(bob), []);
	// As many as there may be, all the same one.
	assert.deepEqual((await post({ json: Array(1000).fill(
	    set.id.toUpperCase().replaceAll('-', '')) })).json, GIVEN);
	assert.deepEqual(await names(bob), ['x']);
	assert.deepEqual((await post({ json: [...Array(999).fill(set.id),
		NONE] })).json, denied('share'));

	await bad('uuid_parsing', ['path', 'principal_id'],
	    { json: [set.id] }, path('none', 'read'));
	await bad('missing', ['query', 'permission_name'], { json: [set.id] },
	    `${RIGHTS}/datasets/${bob.user.id}`);
	const word = await post({ json: [set.id] },
	    path(bob.user.id, 'y'.repeat(5000)));

	assert.equal(word.status, 403);
	assert.ok(word.text.length < 400);
	for (const name of ['', 'a%07b', 'z'.repeat(256)])
		await bad('value_error', ['query', 'tenant_name'], {},
		    `${RIGHTS}/tenants?tenant_name=${name}`);
	await bad('missing', ['query', 'tenant_name'], {},
	    `${RIGHTS}/tenants`);
	await bad('missing', ['query', 'role_name'], {}, `${RIGHTS}/roles`);
	await bad('missing', ['query', 'role_id'], {},
	    `${RIGHTS}/users/${bob.user.id}/roles`);
	await bad('uuid_parsing', ['query', 'tenant_id'], {},
	    `${RIGHTS}/users/${bob.user.id}/tenants?tenant_id=1`);
	await bad('uuid_parsing', ['body', 'tenantId'],
	    { json: { tenant_id: 'x' } }, `${RIGHTS}/tenants/select`);
	await good(ann, 'DELETE', `${SETS}/${set.id}`);
});

test('who has no key', async () => {
	for (const [method, where] of [['POST', path(NOBODY, 'read')],
		['DELETE', path(NOBODY, 'read')],
		['GET', `${RIGHTS}/principals/${NOBODY}/datasets`],
		['POST', `${RIGHTS}/roles?role_name=a`],
		['DELETE', `${RIGHTS}/roles/${NOBODY}`],
		['POST', `${RIGHTS}/users/${NOBODY}/roles?role_id=${NOBODY}`],
		['DELETE', `${RIGHTS}/users/${NOBODY}/roles?role_id=${NOBODY}`],
		['POST', `${RIGHTS}/users/${NOBODY}/tenants?tenant_id=` +
			NOBODY],
		['POST', `${RIGHTS}/tenants?tenant_name=a`],
		['POST', `${RIGHTS}/tenants/select`],
		['GET', `${RIGHTS}/tenants/me`],
		['DELETE', `${RIGHTS}/tenants/${NOBODY}`],
		['GET', `${RIGHTS}/tenants/${NOBODY}/roles`],
		['GET', `${RIGHTS}/tenants/${NOBODY}/users`],
		['DELETE', `${RIGHTS}/tenants/${NOBODY}/users/${NOBODY}`]]) {
		const reply = await server.call(method, where);

		assert.equal(reply.status, 401, `${method} ${where}`);
		assert.deepEqual(reply.json, { detail: 'Unauthorized' });
	}
});

// An account that nobody has a password for shares as others do.
test('the key of the first account', async () => {
	const root = { token: KEY };
	const id = (await good(root, 'GET', `${V1}/users/me`)).id;
	const set = await make(ann, 'for the key');

	await give(ann, id, 'read', set.id);
	assert.deepEqual(await names(root), ['for the key']);
	const own = await make(root, 'from the key');

	assert.equal(own.ownerId, id);
	await give(root, ann.user.id, 'read', own.id);
	assert.deepEqual(await names(ann), ['for the key', 'from the key']);
	const port = (await good(root, 'POST',
	    `${RIGHTS}/tenants?tenant_name=root`)).tenant_id;

	assert.equal((await good(root, 'GET', `${V1}/users/me`)).tenant_id,
	    port);
	assert.deepEqual(await good(root, 'GET',
	    `${RIGHTS}/tenants/${port}/users`), [{ id,
		email: 'default_user@example.com', roles: [] }]);
	await good(root, 'DELETE', `${RIGHTS}/tenants/${port}`);
	await good(root, 'DELETE', `${SETS}/${own.id}`);
	await good(ann, 'DELETE', `${SETS}/${set.id}`);
});

test('what was shared is there after a restart, and goes with a user',
    async () => {
	const set = await make(ann, 'for long');
	const dan = await server.person('dan@example.com');

	await give(ann, bob.user.id, 'read', set.id);
	await give(ann, dan.user.id, 'read', set.id);
	await server.halt();
	await server.run();
	assert.deepEqual(await names(bob), ['for long']);
	assert.deepEqual(await names(dan), ['for long']);
	const first = await server.command(['user', 'add', '--first',
		'--stdin', 'root@example.com'],
	    'a password of the operator\n');

	assert.equal(first.code, 0, first.err);
	const root = (await server.login('root@example.com',
	    'a password of the operator')).json.access_token;

	assert.equal((await server.call('DELETE', `${V1}/users/${dan.user.id}`,
	    { token: root })).status, 204);
	await refused(404, NO_USER, ann, 'POST', path(dan.user.id, 'read'),
	    { json: [set.id] });
	assert.deepEqual(await names(bob), ['for long']);
});
