// SPDX-License-Identifier: Apache-2.0
//
// Every operation is asked what its file does not allow: bodies that are none,
// members of wrong types, of wrong sizes, parameters of all sorts.  Whatever
// comes of it, the answer is one that the file has, and no error of the
// server's own.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Server } from './lib-dialects.mjs';
import { files } from './lib-openapi.mjs';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const JSON_TYPE = 'application/json';
const FORM_TYPE = 'multipart/form-data';
const NOBODY = '11111111-2222-4333-8444-555555555555';
const DEPTH_MAX = 6;
const WRONG = [null, true, -1, 0.5, 1e300, '', 'x', '\u0000\ufffe\u{1f600}',
	'0'.repeat(5000), [], [null], [[]], {}, { id: [] }];
const WRONG_BODIES = ['', ' ', '{', '[]', 'null', '"x"', '1', '{}', '{}x',
	'{"a":1,"a":2}', '['.repeat(100), '{"a":"\\ud800"}', '\u0000',
	'{"name":1e999}'];
const WRONG_QUERIES = ['', 'x', '-1', '0', '1e9', '99999999999999999999',
	'%00', '%ff', '%', `${NOBODY}`, 'x'.repeat(3000)];
const asked = new Set();
const STRANGER = { email: 'stranger@example.com',
	password: 'nothing here is mine' };
let server, stranger;
const ids = {};

before(async () => {
	server = await Server.start();
	const dataset = await server.post('/v1/datasets',
	    { name: 'refusals', indexing_technique: 'high_quality' });
	const created = await server.post(
	    `/v1/datasets/${dataset.id}/document/create-by-text`,
	    { name: 'tides', text: 'The tide turns twice a day.',
		process_rule: { mode: 'automatic' } });
	await server.post('/tidemark/v1/bases', { name: 'refused' });
	const status = `/v1/datasets/${dataset.id}/documents/` +
	    `${created.batch}/indexing-status`;
	const until = Date.now() + 60000;

	while ((await server.get(status)).data[0].indexing_status !==
	    'completed')
		assert.ok(Date.now() < until, 'the document does not complete');
	const segments = await server.get(`/v1/datasets/${dataset.id}` +
	    `/documents/${created.document.id}/segments`);

	await server.post('/api/v1/auth/register', STRANGER);
	const login = await server.fetch('/api/v1/auth/login', {
		method: 'POST', key: null, body: new URLSearchParams({
			username: STRANGER.email,
			password: STRANGER.password }) });

	stranger = (await login.json()).access_token;
	Object.assign(ids, {
		dataset_id: dataset.id,
		document_id: created.document.id,
		batch: created.batch,
		segment_id: segments.data[0].id,
	});
});
after(() => server.stop());

// A value that fits the schema, as plain as can be.
function plain(file, schema, depth = 0) {
	const { node } = file.follow(schema ?? {});
	const { type } = node;
	const first = Array.isArray(type) ? type[0] : type;

	if (node.const !== undefined)
		return node.const;
	if (node.enum)
		return node.enum[0];
	if (node.anyOf)
		return plain(file, node.anyOf[0], depth);
	if (node.allOf)
		return Object.assign({}, ...node.allOf.map((one) =>
		    plain(file, one, depth)));
	if (depth > DEPTH_MAX)
		return null;
	if (first === 'object')
		return Object.fromEntries(Object.entries(node.properties ?? {})
		    .map(([key, value]) =>
			[key, plain(file, value, depth + 1)]));
	if (first === 'array')
		return [plain(file, node.items, depth + 1)];
	if (first === 'string')
		return node.format === 'uuid' ? NOBODY : 'tide';
	if (first === 'integer' || first === 'number')
		return node.minimum ?? 1;
	return first === 'boolean' ? true : null;
}

// value with each of its members, at any depth, once left out and once set to
// each wrong thing.
function* spoilt(value) {
	if (value === null || typeof value !== 'object')
		return;
	for (const key of Object.keys(value)) {
		const without = Array.isArray(value) ? [] : { ...value };

		if (!Array.isArray(value))
			delete without[key];
		yield without;
		for (const wrong of WRONG)
			yield Object.assign(Array.isArray(value)
			    ? [...value] : { ...value }, { [key]: wrong });
		for (const inner of spoilt(value[key]))
			yield Object.assign(Array.isArray(value)
			    ? [...value] : { ...value }, { [key]: inner });
	}
}

function* bodies(file, operation) {
	const request = operation.requestBody &&
	    file.follow(operation.requestBody).node.content;

	// Debian's node cannot send a DELETE with an empty body: then none.
	for (const body of WRONG_BODIES)
		yield { body: body || undefined,
			headers: { 'Content-Type': JSON_TYPE } };
	for (const type of ['text/plain', FORM_TYPE, `${JSON_TYPE}x`,
		`${FORM_TYPE}; boundary=x`])
		yield { body: '{}', headers: { 'Content-Type': type } };
	// A body that several routes take is spoilt once.
	if (asked.has(operation.requestBody?.$ref))
		return;
	if (operation.requestBody?.$ref)
		asked.add(operation.requestBody.$ref);
	if (request?.[JSON_TYPE])
		for (const body of spoilt(plain(file,
		    request[JSON_TYPE].schema)))
			yield { body: JSON.stringify(body),
				headers: { 'Content-Type': JSON_TYPE } };
	// One without files has a flow of its own.
	if (request?.[FORM_TYPE]?.schema.properties)
		yield* forms(file, request[FORM_TYPE].schema);
}

// The part that takes files, and the fields beside it.
function* forms(file, { properties }) {
	const name = ['files', 'file', 'data'].find((one) =>
	    one in properties && !properties[one].contentSchema);
	const field = Object.keys(properties).find((one) =>
	    properties[one].contentSchema);
	const data = field && plain(file, properties[field].contentSchema);
	const form = (...parts) => {
		const out = new FormData();

		for (const part of parts)
			out.append(...part);
		return { body: out };
	};
	const good = [name, new Blob(['A tide.']), 'tide.txt'];

	yield form();
	yield form(good, good);
	yield form([name, 'no file']);
	for (const own of ['', 'x', 'x.exe', 'a/b.txt', 'a\\b.txt', '.txt',
		`${'n'.repeat(900)}.txt`])
		yield form([name, new Blob(['x']), own]);
	if (field === undefined) {
		yield* plainForms(form, name, properties);
		return;
	}
	for (const text of [...WRONG_BODIES,
		...[...spoilt(data)].map((one) => JSON.stringify(one))])
		yield form([field, text], [name, new Blob(['x']), 'x.bad']);
	for (const text of WRONG_BODIES)
		yield form([field, text]);
}

// Fields that each say one thing, spoilt one by one.
function* plainForms(form, name, properties) {
	const fields = Object.keys(properties).filter((one) => one !== name);
	const file = [name, new Blob(['A tide.']), 'tide.txt'];
	const target = ['datasetName', 'tide'];

	for (const field of fields)
		for (const text of [...WRONG_BODIES, ...WRONG_QUERIES]) {
			yield form(file, target, [field, text]);
			yield form(file, target, [field, text], [field, text]);
		}
	for (const field of fields)
		yield form(file, target, [field, new Blob(['x']), 'x.txt']);
}

function* queries(file, item, operation) {
	for (const ref of [...item.parameters ?? [],
		...operation.parameters ?? []]) {
		const { node } = file.follow(ref);

		if (node.in === 'query')
			for (const value of WRONG_QUERIES)
				yield `?${node.name}=${value}` +
				    `&${node.name}=${value}`;
	}
	yield '?nobody=knows';
	yield '?nobody=%00';
	yield '?&&=&=';
}

// What is there stays there for the next question: only what is nobody's is
// deleted without a body.  A collection is there to be indexed into.
function where(path, method, operation) {
	const isKept = method !== 'delete' || operation.requestBody;
	const known = path.includes('/index/')
	    ? { ...ids, name: 'refused' } : ids;

	return path.replace(/\{([^}]+)\}/g, (_, name) =>
	    (isKept && known[name]) || NOBODY);
}

// Who deletes all that is theirs has nothing.
function who(path, method, operation) {
	const isAll = method === 'delete' && !path.includes('{') &&
	    operation.parameters === undefined;

	return isAll || path.endsWith('/forget') ? { key: stranger } : {};
}

// What is not built in is said to be so, where the file says it; and so is what
// an original calls an error of its own.
async function ask(method, url, options, name, operation) {
	const reply = await server.fetch(url, { method, ...options });

	// An event stream has no end.
	await (reply.headers.get('content-type') === 'text/event-stream'
	    ? reply.body.cancel() : reply.arrayBuffer());
	assert.ok(reply.status < 500 || [500, 501].includes(reply.status) &&
	    operation.responses[reply.status],
	`${name}: ${reply.status} after ` +
	    String(options?.body).slice(0, 300));
	return reply.status;
}

for (const file of files)
	for (const [path, item] of Object.entries(file.doc.paths))
		for (const method of METHODS.filter((one) => item[one]))
			test(`${file.name}: ${method} ${path}`, async () => {
				const operation = item[method];
				const url = where(path, method, operation);
				const verb = method.toUpperCase();
				const name = `${verb} ${path}`;
				const own = who(path, method, operation);

				for (const query of queries(file, item,
				    operation))
					await ask(verb, url + query, own, name,
					    operation);
				if (verb === 'GET')
					return;
				for (const options of bodies(file, operation))
					await ask(verb, url,
					    { ...options, ...own }, name,
					    operation);
			});

test('nothing of it broke what is there', async () => {
	const { dataset_id: id, document_id: document } = ids;

	assert.equal((await server.get(`/v1/datasets/${id}`)).id, id);
	assert.equal((await server.get(
	    `/v1/datasets/${id}/documents/${document}`)).id, document);
});
