// SPDX-License-Identifier: Apache-2.0
//
// The descriptions of the interfaces: served as they are, right in themselves,
// and refusing what they do not say.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Server } from './lib-dialects.mjs';
import {
	apiFetch, check, describeErrors, fileOf, files, find, validator,
} from './lib-openapi.mjs';

const NAMES = ['captain', 'cognee', 'dify', 'digitalocean', 'native',
	'server'];
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const KINDS = ['parameters', 'requestBodies', 'responses', 'headers',
	'schemas', 'examples', 'securitySchemes'];
const ID = '11111111-2222-4333-8444-555555555555';
let server;

before(async () => {
	server = await Server.start();
});
after(() => server.stop());

function* operations(file) {
	for (const [path, item] of Object.entries(file.doc.paths))
		for (const method of METHODS)
			if (item[method] !== undefined)
				yield { path, item, method,
					operation: item[method],
					name: `${file.name}: ${method} ${path}` };
}

// Every object and array of the file, with its place.
function* nodes(node, place = []) {
	yield { node, place };
	for (const [key, value] of Object.entries(node))
		if (value !== null && typeof value === 'object')
			yield* nodes(value, [...place, key]);
}

test('the files are served to everybody', async () => {
	assert.deepEqual(files.map(({ name }) => name), NAMES);
	for (const { name, text } of files) {
		const url = `${server.url}/openapi/${name}.yaml`;
		const reply = await fetch(url);
		const tag = reply.headers.get('etag');

		assert.equal(reply.status, 200);
		assert.equal(reply.headers.get('content-type'),
		    'application/yaml');
		assert.equal(await reply.text(), text);
		assert.match(tag, /^"\d+"$/);
		const again = await fetch(url,
		    { headers: { 'If-None-Match': tag } });
		assert.equal(again.status, 304);
		assert.equal(await again.text(), '');
		const head = await fetch(url, { method: 'HEAD' });
		assert.equal(head.status, 200);
		assert.equal(head.headers.get('etag'), tag);
		assert.equal(head.headers.get('content-length'),
		    String(Buffer.byteLength(text)));
	}
	for (const name of ['none.yaml', 'dify', 'dify.yaml/x', '..%2Fhttp.md'])
		assert.equal((await fetch(`${server.url}/openapi/${name}`))
		    .status, 404, name);
	const post = await fetch(`${server.url}/openapi/dify.yaml`,
	    { method: 'POST' });
	assert.equal(post.status, 405);
	assert.equal(post.headers.get('allow'), 'GET, HEAD');
});

for (const file of files) {
	const { name, doc } = file;

	test(`${name}: the document`, () => {
		assert.match(doc.openapi, /^3\.1\.\d+$/);
		assert.ok(doc.info.title && doc.info.version &&
		    doc.info.description);
		assert.deepEqual(Object.keys(doc.components).filter(
		    (kind) => !KINDS.includes(kind)), []);
		assert.ok(doc['x-tidemark'].prefixes.length > 0);
		for (const answer of ['unknown-path', 'wrong-method',
			'malformed-path'])
			assert.ok(file.follow(doc['x-tidemark'][answer]).node
			    .content['application/json'].schema);
	});

	test(`${name}: every reference leads somewhere, and everything is ` +
	    'referred to', () => {
		const used = new Set();

		for (const { node, place } of nodes(doc)) {
			if (typeof node.$ref !== 'string')
				continue;
			assert.match(node.$ref, /^#\/components\//,
			    place.join('/'));
			assert.ok(file.follow(node).node, node.$ref);
			used.add(node.$ref);
		}
		for (const kind of KINDS.filter((one) =>
		    one !== 'securitySchemes'))
			for (const key of Object.keys(
			    doc.components[kind] ?? {}))
				assert.ok(used.has(
				    `#/components/${kind}/${key}`),
				    `${kind}/${key} is used by nothing`);
	});

	test(`${name}: the operations`, () => {
		const ids = new Set();
		const tags = (doc.tags ?? []).map((tag) => tag.name);

		for (const one of operations(file)) {
			const { operation } = one;

			assert.ok(operation.operationId, one.name);
			assert.ok(!ids.has(operation.operationId),
			    `${operation.operationId} is there twice`);
			ids.add(operation.operationId);
			assert.ok(operation.summary, one.name);
			if (tags.length > 0)
				assert.ok(operation.tags.every((tag) =>
				    tags.includes(tag)), one.name);
			for (const scheme of [...operation.security ??
				doc.security].flatMap(Object.keys))
				assert.ok(doc.components
				    .securitySchemes[scheme], one.name);
			checkParameters(file, one);
			checkResponses(file, one);
		}
	});

	test(`${name}: every schema is one`, () => {
		for (const { node, place } of nodes(doc)) {
			if (place.at(-1) === 'schema')
				validator(file, ...place);
			if (place.length === 3 && place[1] === 'schemas')
				validator(file, ...place);
			assert.ok(node !== null);
		}
	});

	test(`${name}: every example fits its schema`, () => {
		let count = 0;

		for (const { node, place } of nodes(doc)) {
			if (!node.examples || !node.schema)
				continue;
			const validate = validator(file, ...place, 'schema');

			for (const [key, ref] of Object.entries(
			    node.examples)) {
				const { value } = file.follow(ref).node;

				assert.ok(validate(value), `${key} at ` +
				    `${place.join('/')}:\n` +
				    describeErrors(validate.errors ?? []));
				count++;
			}
		}
		assert.ok(count > 0);
	});
}

function checkParameters(file, { path, item, operation, name }) {
	const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map((m) => m[1]);
	const seen = new Set();
	const declared = [];

	for (const ref of [...item.parameters ?? [],
		...operation.parameters ?? []]) {
		const { node } = file.follow(ref);
		const key = `${node.in} ${node.name}`;

		assert.ok(!seen.has(key), `${name}: ${key} is there twice`);
		seen.add(key);
		assert.ok(['path', 'query', 'header'].includes(node.in), name);
		assert.ok(node.schema, `${name}: ${key} has no schema`);
		if (node.in === 'path') {
			assert.equal(node.required, true, `${name}: ${key}`);
			declared.push(node.name);
		}
	}
	assert.deepEqual(declared.sort(), inPath.sort(), name);
}

// {} among them: a key may be missing.
function schemes(file, operation) {
	return operation.security ?? file.doc.security;
}

function checkResponses(file, { operation, name }) {
	const statuses = Object.keys(operation.responses);

	// Routes of a thing that is not there are kept, to say so.  101: of a
	// WebSocket.
	assert.notEqual(statuses.some((status) => /^(2\d\d|101)$/.test(status)),
	    operation['x-refused'] === true, name);
	// A malformed query, and a failure, can happen to all of them.
	assert.ok(statuses.includes('400'), name);
	assert.ok(statuses.includes('5XX'), name);
	// A route that has the key in its body refuses a wrong one, too.
	assert.equal(statuses.includes('401'),
	    operation['x-tidemark']?.credentials === 'body' ||
	    schemes(file, operation).some((one) =>
		Object.keys(one).length > 0), name);
	for (const status of statuses) {
		const { node } = file.follow(operation.responses[status]);

		assert.match(status, /^(101|[2-5](\d\d|XX))$/, name);
		assert.ok(node.description, `${name}: ${status}`);
		for (const [type, media] of Object.entries(node.content ?? {}))
			if (type === 'application/json')
				assert.ok(media.schema, `${name}: ${status}`);
	}
	if (operation.requestBody !== undefined)
		assert.ok(file.follow(operation.requestBody).node.content, name);
}

// What a key-less client meets: the route is there, and it asks for a key
// exactly where the file says so.
async function askEverything(file) {
	for (const { path, method, operation, name } of operations(file)) {
		const where = path.replace(/\{[^}]+\}/g, ID);
		const reply = await apiFetch(server.url + where,
		    { method: method.toUpperCase() });
		const asks = schemes(file, operation);

		await reply.arrayBuffer();
		assert.equal(reply.status === 401, asks.length > 0 &&
		    asks.every((one) => Object.keys(one).length > 0),
		    `${name}: ${reply.status}`);
	}
}

for (const name of NAMES)
	test(`${name}: every operation is served, and asks for a key`, () =>
	    askEverything(fileOf(name)));

test('what is asked for is found as the server finds it', () => {
	const template = (method, where) => find(method, where)?.template;
	const base = `/v1/datasets/${ID}`;

	assert.equal(template('GET', `${base}/documents/1/indexing-status?a=b`),
	    '/v1/datasets/{dataset_id}/documents/{batch}/indexing-status');
	assert.equal(template('GET', '/v1/datasets/tags'), '/v1/datasets/tags');
	assert.equal(template('GET', `/v1/datasets/${ID.toUpperCase()}`),
	    '/v1/datasets/{dataset_id}');
	assert.equal(template('POST', `${base}/documents/metadata`),
	    '/v1/datasets/{dataset_id}/documents/metadata');
	assert.equal(find('GET', '/v1/datasets/no-uuid').status, 404);
	assert.equal(find('GET', '/v1/datasets/').status, 404);
	assert.equal(find('PUT', base).status, 405);
	assert.deepEqual(find('PUT', base).allowed, ['get', 'patch', 'delete']);
	assert.equal(find('GET', '/v2/gen-ai/nothing').file.name,
	    'digitalocean');
	assert.equal(find('GET', '/v2/nothing').file.name, 'captain');
	assert.equal(template('HEAD', '/api/v1/datasets/status/'),
	    '/api/v1/datasets/status');
	assert.equal(template('GET', '/v1'), '/v1/');
	assert.equal(template('GET', '/v1/'), '/v1/');
	assert.equal(find('OPTIONS', base).status, 200);
	assert.equal(find('OPTIONS', '/v2/jobs/1').status, 405);
	assert.equal(find('GET', '/v1x/datasets').file.name, 'server');
	assert.equal(find('GET', '/v1x/datasets').status, 404);
	assert.equal(template('GET', '/tidemark/v1/jobs'), '/tidemark/v1/jobs');
	assert.equal(find('GET', '/tidemark/v2').file.name, 'native');
	assert.equal(template('GET', '/health'), '/health');
	assert.equal(template('GET', '/docs/'), '/docs');
	assert.equal(template('GET', '/'), '/');
});

const WHERE = `/v1/datasets/${ID}/documents/1/indexing-status`;
const ALWAYS = { 'x-version': '1', 'x-env': 'x',
	'access-control-allow-origin': '*' };
const TYPE = { 'content-type': 'application/json', ...ALWAYS };
const GOOD = fileOf('dify').doc.components.examples.completed.value;

function refused(pattern, { dialect = 'dify', method = 'GET', where = WHERE,
	status = 200, headers = TYPE, body = GOOD }) {
	assert.throws(() => check(dialect, method, where, status, headers,
	    typeof body === 'string' ? body : JSON.stringify(body)), pattern);
}

test('an answer that the file does not have is refused', () => {
	const [row] = GOOD.data;
	const but = (change) => ({ data: [{ ...row, ...change }] });
	const { id, ...idless } = row;
	const error = { code: 'not_found', message: 'x', status: 404 };

	check('dify', 'GET', WHERE, 200, TYPE, JSON.stringify(GOOD));
	check(null, 'GET', WHERE, 200, new Headers(
	    { ...ALWAYS, 'Content-Type': 'application/json; charset=utf-8' }),
	    JSON.stringify(GOOD));
	check('dify', 'HEAD', WHERE, 200, TYPE, '');

	refused(/required property 'id'/, { body: { data: [idless] } });
	refused(/must NOT have additional properties/,
	    { body: but({ more: 1 }) });
	refused(/\/data\/0\/completed_at must be integer/,
	    { body: but({ completed_at: row.completed_at + 0.5 }) });
	refused(/must be equal to one of the allowed values/,
	    { body: but({ indexing_status: 'done' }) });
	refused(/must match format "uuid"/, { body: but({ id: id.slice(1) }) });
	refused(/\/data\/0\/completed_at must be null/,
	    { body: but({ indexing_status: 'indexing' }) });
	refused(/not JSON/, { body: '{' });
	refused(/its type is "text\/html"/,
	    { headers: { ...ALWAYS, 'content-type': 'text/html' } });
	refused(/its type is ""/, { headers: ALWAYS });
	refused(/header X-Env is missing/, { headers: { ...TYPE,
		'x-env': undefined } });
	refused(/no such status/, { status: 202 });
	refused(/not of digitalocean/, { dialect: 'digitalocean' });
	refused(/not of dify/, { where: '/health' });
	refused(/has only 404/, { where: '/v1/nothing' });
	refused(/has only 405/, { method: 'DELETE' });
	refused(/has only 400/, { where: `${WHERE}%zz` });
	refused(/has only 400/, { where: `/v1/%00` });
	refused(/Allow is "GET", by the file it is "GET, HEAD"/, {
		method: 'DELETE', status: 405,
		headers: { ...TYPE, allow: 'GET' } });
	refused(/header WWW-Authenticate is missing/, { status: 401,
		body: { code: 'unauthorized', status: 401,
			message: 'Access token is invalid' } });
	refused(/there is a body/, { method: 'DELETE', status: 204,
		where: `/v1/datasets/${ID}`, body: error });
	check('dify', 'GET', WHERE, 404, TYPE, JSON.stringify(error));
	refused(/must be equal to constant/, { status: 404,
		body: { ...error, code: 'gone' } });
	refused(/must be equal to constant/, { status: 404,
		body: { ...error, status: 400 } });
	refused(/must NOT have unevaluated properties/, { status: 404,
		body: { ...error, params: 'x' } });
});
