// SPDX-License-Identifier: Apache-2.0
//
// Captain's collections and documents; environments, which nothing is seen
// through, whatever the dialect.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { isFinal, KEY, Server } from './lib.mjs';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NOBODY = '11111111-2222-4333-8444-555555555555';
const GONE = { detail: 'Collection not found' };
let server, organization;
const keys = { production: KEY };

// One request as clients send it: status and JSON, which every answer is.
async function ask(method, where, body, { key = KEY, headers = {} } = {}) {
	const reply = await server.fetch(where, { method, key,
		headers: { 'Content-Type': 'application/json', ...headers },
		body: body === undefined ? undefined : JSON.stringify(body) });

	assert.match(reply.headers.get('content-type'), /^application\/json/);
	return { status: reply.status, json: await reply.json() };
}

async function good(method, where, body, options) {
	const { status, json } = await ask(method, where, body, options);

	assert.ok(status < 300, `${method} ${where}: ${status} ` +
	    JSON.stringify(json));
	return json;
}

async function bad(status, detail, method, where, body, options) {
	const reply = await ask(method, where, body, options);

	assert.equal(reply.status, status, JSON.stringify(reply.json));
	assert.deepEqual(reply.json, { detail });
	if (status !== 404)
		assert.ok(!JSON.stringify(reply.json).includes('404'));
}

// A 422 of one field; its type.
async function invalid(loc, method, where, body) {
	const { status, json } = await ask(method, where, body);

	assert.equal(status, 422);
	assert.deepEqual(json.detail.map((one) => one.loc), [loc]);
	return json.detail[0].type;
}

const collection = (name, rest = '') => `/v2/collections/${name}${rest}`;

async function make(name, body = {}, options) {
	return good('PUT', collection(name), body, options);
}

// Texts by the native interface; the job when it has ended.
async function fill(name, documents, key = KEY) {
	const { json: { bases } } = await server.ask('GET', '/bases?limit=1000',
	    { key });
	const { id } = bases.find((base) => base.name === name);
	const { json } = await server.ask('POST', `/bases/${id}/documents`,
	    { key, body: { documents } });
	let { job } = json;

	while (!isFinal(job))
		({ json: job } = await server.ask('GET', `/jobs/${job.id}` +
		    `?after=${job.revision}&wait=30`, { key }));
	return job;
}

async function query(name, text, key = KEY) {
	const { json: { bases } } = await server.ask('GET', '/bases?limit=1000',
	    { key });
	const { id } = bases.find((base) => base.name === name);
	const { json } = await server.ask('POST', `/bases/${id}/query`,
	    { key, body: { query: text, limit: 1000 } });

	// Those of one score come in any order.
	return json.results.map(({ name, text, position, score, metadata }) =>
	    ({ name, text, position, score, metadata }))
	    .sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1
		: a.position - b.position);
}

async function audit(name, key = KEY) {
	const { json } = await server.ask('GET', `/bases/${name}/audit`,
	    { key });

	assert.deepEqual(json.differences, []);
	return json;
}

before(async () => {
	server = await Server.start();
	organization = (await make('first')).organization_id;
	for (const environment of ['staging', 'development']) {
		const made = await server.ok('POST', '/keys', { body: {
			label: environment, environment } });

		assert.equal(made.environment, environment);
		keys[environment] = made.key;
	}
});

after(() => server.stop());

test('a collection is made once, and shown under both names', async () => {
	const body = { description: 'Notes', metadata: { team: 'red',
		deep: { a: [1, null, 'é'] } } };
	const made = await ask('PUT', collection('notes'), body);

	assert.equal(made.status, 201);
	assert.match(made.json.collection_id, UUID);
	assert.match(made.json.created_at,
	    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
	assert.deepEqual(made.json, {
		collection_name: 'notes', database_name: 'notes',
		collection_id: made.json.collection_id,
		organization_id: organization, environment: 'production',
		description: 'Notes', metadata: body.metadata,
		created_at: made.json.created_at,
		status: 'created', message: 'Collection created' });
	// Clients say that JSON comes, and send none.
	for (const again of [undefined, {}, { description: 'other' },
		{ description: null, metadata: null, unknown: 1 }])
		assert.deepEqual(await ask('PUT', collection('notes'), again),
		    { status: 200, json: { ...made.json, status: 'exists',
			    message: 'Collection exists already, and is left ' +
				'as it is' } });
	const { json: list } = await ask('GET', '/v2/collections');
	const { status, message, ...basics } = made.json;

	assert.deepEqual(list.collections.find((one) =>
	    one.collection_name === 'notes'), { ...basics, is_active: true,
		file_count: 0, document_count: 0 });
	assert.equal(status + message, 'createdCollection created');
	assert.deepEqual([list.total_count, list.limit, list.offset],
	    [list.collections.length, 100, 0]);
	await good('DELETE', collection('notes'));
	await bad(404, GONE.detail, 'DELETE', collection('notes'));
});

test('names and bodies are looked at', async () => {
	for (const name of ['a', 'A-b_9', 'x'.repeat(63)]) {
		await make(name);
		await good('DELETE', collection(name));
	}
	for (const name of ['-a', 'a-', '_a', 'a b', 'a.b', 'é',
		'x'.repeat(64), '%', NOBODY])
		assert.equal(await invalid(['path', 'name'], 'PUT',
		    collection(encodeURIComponent(name))),
		'string_pattern_mismatch');
	assert.equal(await invalid(['body', 'description'], 'PUT',
	    collection('n'), { description: 1 }), 'string_type');
	assert.equal(await invalid(['body', 'description'], 'PUT',
	    collection('n'), { description: 'x'.repeat(4001) }),
	'string_too_long');
	assert.equal(await invalid(['body', 'metadata'], 'PUT',
	    collection('n'), { metadata: [] }), 'dict_type');
	assert.equal(await invalid(['body', 'metadata'], 'PUT',
	    collection('n'), { metadata: { x: 'x'.repeat(70000) } }),
	'too_long');
	assert.equal(await invalid(['body'], 'PUT', collection('n'), []),
	    'model_attributes_type');
	// One that others made under a name of theirs is there all the same.
	await server.base('of others: é.');
	const where = collection(encodeURIComponent('of others: é.'));

	assert.equal((await ask('PUT', where)).status, 200);
	assert.deepEqual((await good('GET', `${where}/documents`)).documents,
	    []);
	await good('DELETE', where);
});

test('lists are leafed through', async () => {
	for (const name of ['page-1', 'page-2', 'page-3'])
		await make(name);
	const { collections: all, total_count: total } =
	    await good('GET', '/v2/collections');
	const seen = [];

	assert.ok(total >= 4);
	for (let offset = 0; offset <= total; offset++) {
		const page = await good('GET',
		    `/v2/collections?limit=1&offset=${offset}`);

		assert.deepEqual([page.total_count, page.limit, page.offset],
		    [total, 1, offset]);
		seen.push(...page.collections);
	}
	assert.deepEqual(seen, all);
	for (const [name, value, type] of [['limit', 0, 'greater_than_equal'],
		['limit', 1001, 'less_than_equal'], ['limit', 'x', 'int_parsing'],
		['limit', '', 'int_parsing'], ['offset', -1, 'int_parsing'],
		['offset', 4294967296, 'less_than_equal']])
		for (const where of ['/v2/collections', collection('first',
		    '/documents'), '/v3/collections/first/documents'])
			assert.equal(await invalid(['query', name], 'GET',
			    `${where}?${name}=${value}`), type);
	for (const name of ['page-1', 'page-2', 'page-3'])
		await good('DELETE', collection(name));
});

test('the organization is that of the key, in every environment',
    async () => {
	const foreign = 'API key does not belong to the specified organization';

	for (const key of Object.values(keys)) {
		for (const id of [organization, organization.toUpperCase(),
			'', 'acme'])
			await good('GET', '/v2/collections', undefined,
			    { key, headers: { 'X-Organization-ID': id } });
		for (const [method, where] of [['GET', '/v2/collections'],
			['PUT', collection('mine')],
			['DELETE', collection('first')],
			['GET', collection('first', '/documents')]])
			await bad(403, foreign, method, where, undefined, { key,
				headers: { 'X-Organization-ID': NOBODY } });
	}
	const { collections } = await good('GET', '/v2/collections');

	assert.ok(collections.some((one) => one.database_name === 'first'));
	assert.ok(collections.every((one) => one.database_name !== 'mine'));
});

test('what there is none of', async () => {
	for (const [method, rest, body] of [['DELETE', ''],
		['PATCH', '/environment', { new_environment: 'staging' }],
		['POST', '/copy', { target_name: 'x' }], ['GET', '/documents'],
		['DELETE', '/documents'], ['GET', `/documents/${NOBODY}`],
		['DELETE', `/documents/${NOBODY}`]])
		await bad(404, GONE.detail, method, collection('none', rest),
		    body);
	await bad(404, GONE.detail, 'GET', '/v3/collections/none/documents');
	for (const id of [NOBODY, 'x', '1'])
		for (const method of ['GET', 'DELETE'])
			await bad(404, 'Document not found', method,
			    collection('first', `/documents/${id}`));
	await bad(404, 'Not Found', 'GET', '/v2/collections/first/other/x');
	await bad(405, 'Method Not Allowed', 'GET', collection('first'));
	await bad(405, 'Method Not Allowed', 'POST', '/v2/collections');
});

test('who cannot be looked up is not called a stranger', async () => {
	const other = await Server.start();
	const file = path.join(other.data, 'tidemark.db');
	const get = async (where) => {
		const reply = await fetch(other.url + where, { headers: {
			Authorization: `Bearer ${KEY}`,
			'X-Organization-ID': NOBODY } });

		return { status: reply.status, json: await reply.json() };
	};

	try {
		// Nobody has asked yet: the store is opened by the first.
		fs.renameSync(file, `${file}.away`);
		assert.deepEqual(await get('/v2/collections'),
		    { status: 500, json: { detail: 'Internal Server Error' } });
		const job = await get(`/v2/jobs/job_text_${NOBODY}`);

		assert.equal(job.status, 200);
		assert.equal(job.json.status, 'running');
		assert.equal(job.json.progress, null);
		assert.equal(job.json.estimated_time_remaining_seconds, 30);
		fs.renameSync(`${file}.away`, file);
		assert.equal((await get('/v2/collections')).status, 403);
		assert.equal((await get(`/v2/jobs/job_text_${NOBODY}`)).status,
		    403);
	} finally {
		await other.stop();
	}
});

test('a client\'s mistake is not called the server\'s', async () => {
	const reply = await fetch(`${server.url}/v2/collections`, { headers: {
		Authorization: `Bearer ${KEY}`, 'X-Long': 'x'.repeat(17000) } });

	assert.equal(reply.status, 431);
	assert.deepEqual(await reply.json(),
	    { detail: 'The headers of the request are too large' });
});

test('documents: lists, all of one, delete', async () => {
	const long = Array.from({ length: 12000 }, (_, i) =>
	    `Paragraph ${i} is about tide ${i * 7919 % 10007} and "quotes".`)
	    .join('\n\n');

	await make('papers');
	await fill('papers', [
		{ name: 'long.md', text: long, metadata: { year: 2024 } },
		{ name: 'short.TXT', text: 'The harbour light is green.',
			metadata: { year: 2025, tags: ['sea', 'light'] } },
		{ name: 'noend', text: 'A seal sleeps on the pier.' },
	]);
	const form = new FormData();

	form.append('file', new Blob(['%PDF-1.7\nbroken']), 'broken.pdf');
	const { json: { job } } = await server.ask('POST',
	    '/bases/papers/documents', { body: form });

	assert.equal((await server.end(job)).state, 'failed');

	const two = await good('GET', collection('papers', '/documents'));
	const three = await good('GET', '/v3/collections/papers/documents' +
	    '?include_custom_metadata=true');

	assert.deepEqual(two.documents.map((one) => one.filename),
	    ['long.md', 'short.TXT', 'noend']);
	assert.deepEqual([two.total_count, two.limit, two.offset,
		two.collection_name], [3, 100, 0, 'papers']);
	for (const one of two.documents) {
		assert.equal(one.file_id, one.document_id);
		assert.ok(one.chunk_count > 0);
		assert.match(one.content_type, /^text\//);
		assert.ok(one.indexed_at >= one.created_at);
	}
	assert.deepEqual(three.documents.map((one) => [one.filename,
		one.status, one.indexing_status, one.custom_metadata]), [
		['long.md', 'completed', 'completed', { year: 2024 }],
		['short.TXT', 'completed', 'completed', { year: 2025,
			tags: ['sea', 'light'] }],
		['noend', 'completed', 'completed', {}],
		['broken.pdf', 'failed', 'failed', {}]]);
	assert.equal(three.total_count, 4);
	const listed = (await good('GET', '/v2/collections')).collections
	    .find((one) => one.database_name === 'papers');

	assert.deepEqual([listed.file_count, listed.document_count], [3, 3]);

	for (const [where, total] of [[collection('papers', '/documents'), 3],
		['/v3/collections/papers/documents', 4]]) {
		const seen = [];

		for (let offset = 0; offset <= total; offset++) {
			const page = await good('GET',
			    `${where}?limit=1&offset=${offset}`);

			assert.equal(page.total_count, total);
			seen.push(...page.documents);
		}
		assert.deepEqual(seen, (await good('GET', where)).documents);
	}

	const [first, second, third] = two.documents;
	const whole = await good('GET', collection('papers',
	    `/documents/${first.document_id}`));

	assert.ok(whole.chunks.length > 128, 'more than one piece');
	assert.equal(whole.chunks.length, first.chunk_count);
	whole.chunks.forEach((chunk, i) => {
		assert.equal(chunk.chunk_index, i);
		assert.equal(chunk.chunk_id, `${first.document_id}:${i}`);
		assert.equal(chunk.regions, undefined);
	});
	assert.ok(whole.chunks[0].content.startsWith('Paragraph 0 is about'));
	assert.ok(whole.chunks.at(-1).content.includes('Paragraph 11999'));
	assert.deepEqual(whole.metadata, { ...whole.metadata,
		filename: 'long.md', file_type: 'md',
		file_size: Buffer.byteLength(long),
		mime_type: first.content_type,
		uri: `captain://${organization}/collections/papers/documents/` +
		    first.document_id });
	assert.ok(whole.metadata.tags.length > 0);
	assert.ok(whole.metadata.summary.length > 0);
	assert.deepEqual(whole.custom_metadata, { year: 2024 });
	assert.equal(whole.collection_name, 'papers');
	const boxed = await good('GET', collection('papers',
	    `/documents/${second.document_id}?include_bbox=true`));

	assert.deepEqual(boxed.chunks, [{ chunk_id: `${second.document_id}:0`,
		chunk_index: 0, content: 'The harbour light is green.',
		page_start: null, page_end: null, regions: [] }]);
	assert.equal(boxed.metadata.file_type, 'txt');
	assert.equal((await good('GET', collection('papers',
	    `/documents/${third.document_id}?include_bbox=0`)))
	    .metadata.file_type, null);
	assert.equal(await invalid(['query', 'include_bbox'], 'GET',
	    collection('papers', `/documents/${second.document_id}` +
		'?include_bbox=maybe')), 'bool_parsing');
	const failed = await good('GET', collection('papers',
	    `/documents/${three.documents[3].document_id}`));

	assert.deepEqual([failed.status, failed.chunk_count, failed.chunks],
	    ['failed', 0, []]);

	// Of another collection it is not.
	for (const method of ['GET', 'DELETE'])
		await bad(404, 'Document not found', method, collection('first',
		    `/documents/${second.document_id}`));
	assert.deepEqual(await good('DELETE', collection('papers',
	    `/documents/${second.document_id}`)), { success: true,
		message: 'Document deleted',
		document_id: second.document_id });
	await bad(404, 'Document not found', 'DELETE', collection('papers',
	    `/documents/${second.document_id}`));
	assert.equal((await good('GET', collection('papers', '/documents')))
	    .total_count, 2);
	assert.deepEqual(await query('papers', 'green harbour light'),
	    (await query('papers', 'green harbour light'))
		.filter(({ name }) => name !== 'short.TXT'));

	assert.deepEqual(await good('DELETE', collection('papers',
	    '/documents')), { success: true, documents_deleted: 3,
		message: 'All documents of the collection were deleted' });
	assert.equal((await good('DELETE', collection('papers', '/documents')))
	    .documents_deleted, 0);
	assert.equal((await good('GET', '/v3/collections/papers/documents'))
	    .total_count, 0);
	assert.equal((await audit('papers')).documents ?? 0, 0);
	await good('DELETE', collection('papers'));
});

test('documents of version 3 are filtered by their metadata', async () => {
	await make('filtered');
	await fill('filtered', Array.from({ length: 7 }, (_, i) => ({
		name: `n${i}.txt`, text: `Number ${i} of some words.`,
		metadata: { n: i, kind: i % 2 ? 'odd' : 'even' } })));
	const names = async (filter, rest = '') => {
		const page = await good('GET', '/v3/collections/filtered/' +
		    `documents?metadata_filter=${encodeURIComponent(
			JSON.stringify(filter))}${rest}`);

		return [page.total_count, page.documents.map((one) =>
		    one.filename.slice(1, 2)).join('')];
	};

	assert.deepEqual(await names({ kind: 'odd' }), [3, '135']);
	assert.deepEqual(await names({ n: { $gte: 2, $lt: 5 } }), [3, '234']);
	assert.deepEqual(await names({ $or: [{ n: 0 }, { n: { $in: [6] } }] }),
	    [2, '06']);
	assert.deepEqual(await names({ kind: 'even' }, '&limit=2&offset=1'),
	    [4, '24']);
	assert.deepEqual(await names({ kind: 'none' }), [0, '']);
	assert.deepEqual(await names({}), [7, '0123456']);
	await bad(400, 'metadata_filter has an operator or a value that is ' +
	    'not known', 'GET', '/v3/collections/filtered/documents' +
	    '?metadata_filter=%7B%22n%22%3A%7B%22%24near%22%3A1%7D%7D');
	for (const text of ['no', '[1]', '{"a":1,"a":2}', '{'])
		assert.equal(await invalid(['query', 'metadata_filter'], 'GET',
		    '/v3/collections/filtered/documents?metadata_filter=' +
		    encodeURIComponent(text)), 'json_invalid');
	assert.equal(await invalid(['query', 'include_custom_metadata'], 'GET',
	    '/v3/collections/filtered/documents?include_custom_metadata=2'),
	'bool_parsing');
	await good('DELETE', collection('filtered'));
});

// A job that has not ended, and will not before it is told to.
async function hold(name) {
	for (let i = 0; i < 300; i++)
		server.put(`held/${i}.txt`, `File ${i} about the tide.`);
	for (;;) {
		const job = await server.folder(name,
		    { path: path.join(server.docs, 'held') });
		const { job: paused } = await server.ok('POST',
		    `/jobs/${job.id}/pause`);

		if (!isFinal(paused))
			return paused;
	}
}

test('what has jobs under way: wiped, deleted, not moved', async () => {
	await make('busy');
	let job = await hold('busy');

	await bad(409, 'Jobs of the collection have not ended: wait for them ' +
	    'or cancel them', 'PATCH', collection('busy', '/environment'),
	{ new_environment: 'staging' });
	const { documents_deleted: count } = await good('DELETE',
	    collection('busy', '/documents'));

	job = await server.ok('GET', `/jobs/${job.id}`);
	assert.equal(job.state, 'cancelled');
	assert.equal(job.cancelled_by, 'given');
	assert.ok(count <= 300);
	assert.equal((await good('GET', '/v3/collections/busy/documents'))
	    .total_count, 0);
	job = await hold('busy');
	await good('DELETE', collection('busy'));
	assert.equal((await server.ask('GET', `/jobs/${job.id}`)).status, 404);
});

test('a collection moves to another environment', async () => {
	const made = await make('mover', { description: 'goes' });
	const move = (to, key) => ask('PATCH', collection('mover',
	    '/environment'), { new_environment: to }, { key });

	const job = await fill('mover', [
		{ name: 'a.txt', text: 'The crane lifts containers.' },
		{ name: 'b.txt', text: 'A barge carries gravel.' }]);
	const [{ document_id: id }] = (await good('GET', collection('mover',
	    '/documents'))).documents;
	const before = await query('mover', 'crane');
	const status = `/v2/jobs/job_text_${job.id}`;
	const shown = await good('GET', status);

	// It was kept for the next who asks.
	assert.deepEqual(await good('GET', status), shown);
	await bad(400, 'The collection is in that environment already',
	    'PATCH', collection('mover', '/environment'),
	    { new_environment: 'production' });
	assert.equal(await invalid(['body', 'new_environment'], 'PATCH',
	    collection('mover', '/environment'), { new_environment: 'prod' }),
	'enum');
	assert.equal(await invalid(['body', 'new_environment'], 'PATCH',
	    collection('mover', '/environment'), {}), 'missing');
	await make('mover', {}, { key: keys.staging });
	await bad(409, 'That environment has a collection of this name',
	    'PATCH', collection('mover', '/environment'),
	    { new_environment: 'staging' });
	await good('DELETE', collection('mover'), undefined,
	    { key: keys.staging });

	assert.deepEqual(await move('staging'), { status: 200, json: {
		success: true, collection_name: 'mover',
		message: 'Collection moved; nothing was indexed again',
		previous_environment: 'production',
		new_environment: 'staging', files_moved: 2 } });
	await bad(404, GONE.detail, 'GET', collection('mover', '/documents'));
	await bad(404, 'Job not found', 'GET', status);
	assert.equal((await server.ask('GET', `/jobs/${job.id}`)).status, 404);
	assert.deepEqual(await good('GET', status, undefined,
	    { key: keys.staging }), shown);
	const there = await good('PUT', collection('mover'), undefined,
	    { key: keys.staging });

	assert.deepEqual([there.collection_id, there.environment,
		there.description, there.status],
	[made.collection_id, 'staging', 'goes', 'exists']);
	assert.equal((await good('GET', collection('mover',
	    `/documents/${id}`), undefined, { key: keys.staging })).filename,
	'a.txt');
	assert.deepEqual(await query('mover', 'crane', keys.staging), before);
	// The name is free again, and so the way back is not.
	await make('mover');
	assert.equal((await move('production', keys.staging)).status, 409);
	await good('DELETE', collection('mover'));
	// After a new start it is as it was.
	await server.halt();
	await server.run();
	assert.deepEqual(await good('GET', status, undefined,
	    { key: keys.staging }), shown);
	await bad(404, 'Job not found', 'GET', status);
	assert.equal((await move('development', keys.staging)).status, 200);
	assert.equal((await move('production', keys.development)).status, 200);
	assert.deepEqual(await good('GET', status), shown);
	await audit('mover');
	await good('DELETE', collection('mover'));
});

test('a collection is copied whole', async () => {
	await make('original', { description: 'd', metadata: { a: 1 } });
	await fill('original', [
		...Array.from({ length: 30 }, (_, i) => ({
			name: `n${i}.txt`, metadata: { n: i },
			text: `Note ${i}: the ferry to island ${i} is late.` })),
		{ name: 'long.txt', text: Array.from({ length: 2000 },
		    (_, i) => `Line ${i} of ferry ${i * 31 % 97}.`)
		    .join('\n\n') }]);
	const { documents } = await good('GET', collection('original',
	    '/documents'));
	const chunks = documents.reduce((n, one) => n + one.chunk_count, 0);
	const copied = await good('POST', collection('original', '/copy'),
	    { target_name: 'twin', include_graph: true });

	assert.deepEqual(copied, { success: true, message: 'Collection copied',
		source_collection: 'original', collection_name: 'twin',
		collection_id: copied.collection_id,
		database_id: copied.collection_id,
		documents_copied: 31, files_copied: 31,
		chunk_metadata_copied: chunks, namespaces_copied: 0,
		relations_copied: 0, relations_unresolved: 0 });
	const { status, collection_id: id, description, metadata } =
	    await make('twin');

	assert.deepEqual([status, id, description, metadata],
	    ['exists', copied.collection_id, 'd', { a: 1 }]);
	const bare = ({ document_id, file_id, ...rest }) =>
	    (assert.equal(document_id, file_id), rest);
	const twins = (await good('GET', collection('twin', '/documents')))
	    .documents;

	assert.deepEqual(twins.map(bare), documents.map(bare));
	assert.ok(twins.every((one, i) =>
	    one.document_id !== documents[i].document_id));
	await audit('twin');
	for (const text of ['ferry island 7', 'line ferry', 'late'])
		assert.deepEqual(await query('twin', text),
		    await query('original', text));
	await bad(409, 'There is a collection of that name already', 'POST',
	    collection('original', '/copy'), { target_name: 'twin' });
	for (const name of ['', '-x', 'a b', 'x'.repeat(64)])
		assert.equal(await invalid(['body', 'target_name'], 'POST',
		    collection('original', '/copy'), { target_name: name }),
		'string_pattern_mismatch');
	assert.equal(await invalid(['body', 'target_name'], 'POST',
	    collection('original', '/copy'), {}), 'missing');
	// Each has a life of its own.
	await good('DELETE', collection('original'));
	assert.equal((await query('twin', 'late')).filter(({ name }) =>
	    name !== 'long.txt').length, 30);
	await good('DELETE', collection('twin'));
});

// What a key of one environment can come across of another.
test('nothing is seen from another environment', async () => {
	const name = 'only-production';
	const { collection_id: base } = await make(name);
	const job = await fill(name, [{ name: 'secret.txt',
		text: 'The password of the lighthouse.' }]);
	const [{ document_id: document }] = (await good('GET',
	    collection(name, '/documents'))).documents;
	const { json: tag } = await ask('POST', '/v1/datasets/tags',
	    { name: 'hidden-tag' });
	const native = '/tidemark/v1', genai = '/v2/gen-ai';
	const lists = [`${native}/bases`, `${native}/jobs`, '/v2/collections',
		'/v1/datasets', '/v1/datasets/tags',
		`${genai}/knowledge_bases`, `${genai}/indexing_jobs`,
		'/api/v1/datasets/status', `/api/v1/datasets/status?dataset=${
			base}`];
	const single = [`${native}/bases/${base}`, `${native}/bases/${name}`,
		`${native}/bases/${base}/documents`,
		`${native}/bases/${base}/audit`,
		`${native}/documents/${document}`,
		`${native}/documents/${document}/segments`,
		`${native}/jobs/${job.id}`, `${native}/jobs/${job.id}/items`,
		`${native}/jobs/${job.id}/report.csv`,
		`${native}/jobs/${job.id}/events`,
		`/v2/jobs/job_text_${job.id}`,
		collection(name, '/documents'),
		collection(name, `/documents/${document}`),
		`/v3/collections/${name}/documents`,
		`/v1/datasets/${base}`, `/v1/datasets/${base}/documents`,
		`/v1/datasets/${base}/documents/${document}`,
		`/v1/datasets/${base}/documents/${document}/segments`,
		`${genai}/knowledge_bases/${base}`,
		`${genai}/knowledge_bases/${base}/data_sources`,
		`${genai}/knowledge_bases/${base}/indexing_jobs`,
		`${genai}/indexing_jobs/${job.id}`];
	const secrets = [base, name, job.id, document, tag.id, 'secret.txt',
		'hidden-tag', 'lighthouse'];
	const own = [];

	for (const where of [...lists, ...single]) {
		const mine = await server.fetch(where);
		const text = mine.ok && !where.endsWith('/events')
		    ? await mine.text() : (mine.body?.cancel(), '');

		own.push([where, secrets.some((one) => text.includes(one))]);
		for (const key of [keys.staging, keys.development]) {
			const reply = await server.fetch(where, { key });
			const seen = await reply.text();

			for (const one of secrets)
				assert.ok(!seen.replaceAll(where, '')
				    .includes(one), `${where} tells ${one}`);
			if (single.includes(where))
				assert.equal(reply.status, 404, where);
			else
				assert.equal(reply.status,
				    where.includes('?dataset=') ? 409 : 200);
		}
	}
	// The addresses were no nonsense: their owner sees something.
	for (const where of lists.slice(0, 6))
		assert.ok(own.find(([one]) => one === where)[1], where);
	for (const [method, where, body] of [
		['POST', `${native}/bases/${base}/query`, { query: 'x' }],
		['POST', `${native}/jobs/${job.id}/cancel`],
		['POST', `${native}/jobs/${job.id}/retry`, {}],
		['DELETE', `${native}/documents/${document}`],
		['DELETE', `${native}/bases/${base}`],
		['DELETE', `/v1/datasets/${base}`],
		['DELETE', `${genai}/knowledge_bases/${base}`],
		['POST', `/v1/datasets/${base}/retrieve`, { query: 'x' }],
		['DELETE', collection(name)],
		['DELETE', collection(name, '/documents')],
		['POST', collection(name, '/copy'), { target_name: 'y' }]]) {
		const reply = await server.fetch(where, { method,
			key: keys.staging, body: body && JSON.stringify(body),
			headers: { 'Content-Type': 'application/json' } });

		assert.equal(reply.status, 404, `${method} ${where}`);
		await reply.text();
	}
	// A base of that name is another one.
	const other = await make(name, {}, { key: keys.staging });

	assert.notEqual(other.collection_id, base);
	assert.equal((await good('GET', collection(name, '/documents'),
	    undefined, { key: keys.staging })).total_count, 0);
	assert.equal((await query(name, 'lighthouse')).length, 1);
	await good('DELETE', collection(name), undefined,
	    { key: keys.staging });
	await good('DELETE', collection(name));
});

test('keys are the organization\'s', async () => {
	const refused = await server.ask('POST', '/keys', { body: {
		environment: 'test' } });

	assert.equal(refused.status, 400);
	assert.match(refused.json.error.message, /environment/);
	const own = await server.ok('POST', '/keys', { key: keys.staging,
		body: { label: 'own' } });

	assert.equal(own.environment, 'staging');
	const { keys: listed } = await server.ok('GET', '/keys',
	    { key: keys.development });

	assert.deepEqual(listed.map((one) => [one.label, one.environment]), [
		['given', 'production'], ['staging', 'staging'],
		['development', 'development'], ['own', 'staging']]);
	await server.ask('DELETE', `/keys/${own.id}`);
	assert.equal((await server.fetch('/v2/collections',
	    { key: own.key })).status, 401);

	const run = (...args) => spawnSync(path.join(path.resolve(
	    process.env.TIDEMARK_BUILD ?? 'build'), 'tidemark'), ['key',
		...args], { encoding: 'utf8', env: { ...process.env,
			TIDEMARK_URL: server.url, TIDEMARK_API_KEY: KEY } });
	const made = run('create', '--label', 'cli', '--environment',
	    'development');

	assert.equal(made.status, 0, made.stderr);
	assert.equal((await good('PUT', collection('cli'), {},
	    { key: made.stdout.trim() })).environment, 'development');
	assert.match(run('list').stdout, /\.\.\. {2}cli {2}\(development\)\n/);
	assert.equal(run('create', '--environment', 'x').status, 1);
});
