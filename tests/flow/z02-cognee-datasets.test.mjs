// SPDX-License-Identifier: Apache-2.0
//
// Cognee's datasets and what is in them: read, deleted, and nobody else's.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { KEY, isFinal } from './lib.mjs';
import { Server } from './lib-cognee.mjs';

const SETS = '/api/v1/datasets';
const NOBODY = '11111111-2222-4333-8444-555555555555';
const UNAUTHORIZED = { detail: 'Unauthorized' };
const denied = (what) => ({ detail: 'Request owner does not have necessary ' +
	`permission: [${what}] for all datasets requested. ` +
	'[PermissionDeniedError]' });
let server, ann, bob;

before(async () => {
	server = await Server.start();
	ann = await server.person('ann@example.com');
	bob = await server.person('bob@example.com');
});
after(() => server.stop());

const call = (method, where, { token } = ann, more = {}) =>
	server.call(method, where, { token, ...more });
const make = async (name, who = ann) => {
	const reply = await call('POST', SETS, who, { json: { name } });

	assert.equal(reply.status, 200, reply.text);
	return reply.json;
};
const names = async (who, where = SETS) => {
	const reply = await call('GET', where, who);

	assert.equal(reply.status, 200, reply.text);
	return reply.json.map((row) => row.name);
};

// What another interface puts into the base, indexed to the end: the job.
async function put(base, body, key = ann.token) {
	const reply = await server.ask('POST', `/bases/${base}/documents`,
	    { body, key });

	assert.ok(reply.status < 300, reply.text);
	let { job } = reply.json;

	while (!isFinal(job))
		job = (await server.ask('GET', `/jobs/${job.id}` +
		    `?after=${job.revision}&wait=30`, { key })).json;
	return job;
}

function upload(base, files) {
	const form = new FormData();

	for (const [name, bytes] of Object.entries(files))
		form.append('file', new Blob([bytes]), name);
	return put(base, form);
}

const data = async (dataset, who = ann) => {
	const reply = await call('GET', `${SETS}/${dataset}/data`, who);

	assert.equal(reply.status, 200, reply.text);
	return reply.json;
};

test('root and health need no key', async () => {
	const root = await server.call('GET', '/');

	assert.deepEqual(root.json, { message: 'Hello, World, I am alive!' });
	const health = await server.call('GET', '/health');

	assert.equal(health.status, 200);
	assert.deepEqual(health.json, { status: 'ready', health: 'healthy',
		version: health.json.version, embedding: 'lexical' });
	for (const where of ['/health/detailed', '/health/detailed/']) {
		const { status, json } = await server.call('GET', where);

		assert.equal(status, 200);
		assert.equal(json.status, 'healthy');
		assert.equal(json.version, health.json.version);
		assert.deepEqual(Object.keys(json.components),
		    ['relational_db', 'file_storage']);
		for (const part of Object.values(json.components))
			assert.equal(part.status, 'healthy');
		assert.ok(!JSON.stringify(json).includes(server.data));
	}
});

test('a dataset is made once, and listed with and without a slash',
    async () => {
	assert.deepEqual(await names(ann), []);
	const made = await make('Häfen & "Tiden"');

	assert.deepEqual(made, { id: made.id, name: 'Häfen & "Tiden"',
		createdAt: made.createdAt, updatedAt: null,
		ownerId: ann.user.id });
	assert.deepEqual(await make('Häfen & "Tiden"'), made);
	assert.deepEqual((await call('POST', `${SETS}/`, ann,
	    { json: { name: 'Häfen & "Tiden"' } })).json, made);
	const second = await make('second.one');

	for (const where of [SETS, `${SETS}/`]) {
		const reply = await call('GET', where);

		assert.equal(reply.status, 200);
		assert.deepEqual(reply.json, [made, second]);
	}
	// The same name is another dataset for somebody else.
	const others = await make('second.one', bob);

	assert.notEqual(others.id, second.id);
	assert.equal(others.ownerId, bob.user.id);
	assert.deepEqual((await call('GET', SETS, bob)).json, [others]);
	assert.deepEqual((await call('GET', `${SETS}/status`)).json, {});
	assert.deepEqual((await call('GET', `${SETS}/status/progress`)).json,
	    {});
	for (const id of [made.id, second.id])
		assert.equal((await call('DELETE', `${SETS}/${id}`)).status,
		    200);
	assert.equal((await call('DELETE', `${SETS}/${others.id}`, bob)).text,
	    'null');
	assert.deepEqual(await names(ann), []);
});

test('what a dataset cannot be called', async () => {
	for (const [json, type] of [[{}, 'missing'], [{ name: 1 },
		'string_type'], [{ name: null }, 'string_type'],
		[{ name: '' }, 'value_error'],
		[{ name: 'a\u0007b' }, 'value_error'],
		[{ name: 'x'.repeat(256) }, 'value_error']]) {
		const reply = await call('POST', SETS, ann, { json });

		assert.equal(reply.status, 400, reply.text);
		assert.equal(reply.json.detail[0].type, type);
		assert.deepEqual(reply.json.detail[0].loc, ['body', 'name']);
	}
	assert.equal((await call('POST', SETS, ann, { body: '[' })).json
	    .detail[0].type, 'json_invalid');
	assert.deepEqual(await names(ann), []);
});

test('who has no key', async () => {
	const id = NOBODY;

	for (const [method, where] of [['GET', SETS], ['POST', SETS],
		['DELETE', SETS], ['DELETE', `${SETS}/${id}`],
		['GET', `${SETS}/${id}/data`],
		['DELETE', `${SETS}/${id}/data/${id}`],
		['GET', `${SETS}/${id}/data/${id}/raw`],
		['GET', `${SETS}/${id}/processing-status`],
		['GET', `${SETS}/status/progress`],
		['DELETE', `/api/v1/delete?data_id=${id}&dataset_id=${id}`],
		['GET', '/api/v1/activity/pipeline-runs']]) {
		const reply = await server.call(method, where);

		assert.equal(reply.status, 401, `${method} ${where}`);
		assert.deepEqual(reply.json, UNAUTHORIZED);
	}
});

test('there is no dataset by itself, and no id that is none', async () => {
	const one = await call('GET', `${SETS}/${NOBODY}`);

	assert.equal(one.status, 405);
	assert.deepEqual(one.json, { detail: 'Method Not Allowed' });
	const bad = [['DELETE', `${SETS}/none`, 'dataset_id'],
		['GET', `${SETS}/none/data`, 'dataset_id'],
		['DELETE', `${SETS}/${NOBODY}/data/none`, 'data_id'],
		['GET', `${SETS}/${NOBODY}/data/none/raw`, 'data_id'],
		['GET', `${SETS}/none/processing-status`, 'dataset_id']];

	for (const [method, where, name] of bad) {
		const reply = await call(method, where);

		assert.equal(reply.status, 400, `${method} ${where}`);
		assert.equal(reply.json.detail[0].type, 'uuid_parsing');
		assert.deepEqual(reply.json.detail[0].loc, ['path', name]);
	}
});

test('data: names, types, labels, and their bytes', async () => {
	const set = await make('papers');
	const bytes = 'The tide comes in.\n\nIt goes out again.\n';
	const big = `# Log\n\n${'Low water at noon.\n'.repeat(8000)}`;

	assert.deepEqual(await data(set.id), []);
	assert.equal((await put(set.id, { documents: [
		{ name: 'über the tide.v2.txt', text: bytes, metadata: {
			label: 'first', author: 'Ann', node_set: ['a'] } },
		{ name: 'a note', text: 'Neap.', metadata: { label: 7 } }],
	})).state, 'completed');
	assert.equal((await upload(set.id, { 'log.md': big })).state,
	    'completed');
	const rows = await data(set.id);

	assert.deepEqual(rows, (await call('GET',
	    `${SETS}/${set.id.toUpperCase()}/data/`)).json);
	assert.deepEqual(rows.map((row) => [row.name, row.extension]),
	    [['über the tide.v2', 'txt'], ['a note', 'txt'], ['log', 'md']]);
	assert.deepEqual(rows.map((row) => [row.label, row.externalMetadata]),
	    [['first', { author: 'Ann', node_set: ['a'] }],
		[null, { label: 7 }], [null, null]]);
	for (const row of rows) {
		assert.equal(row.datasetId, set.id);
		assert.equal(row.rawDataLocation,
		    `tidemark:${SETS}/${set.id}/data/${row.id}/raw`);
	}
	assert.equal(rows[0].mimeType, 'text/plain');
	for (const [row, text] of [[rows[0], bytes], [rows[2], big]]) {
		// A location is where they are.
		const raw = await call('GET',
		    row.rawDataLocation.slice('tidemark:'.length));

		assert.equal(raw.status, 200);
		assert.equal(raw.text, text);
		assert.equal(raw.headers.get('content-type').split(';')[0],
		    row.mimeType);
	}
	assert.equal((await call('GET',
	    `${SETS}/${set.id}/data/${rows[0].id}/raw`)).headers
	    .get('content-disposition'),
	"attachment; filename*=UTF-8''%C3%BCber%20the%20tide.v2.txt");
	const missing = await call('GET', `${SETS}/${set.id}/data/${NOBODY}` +
	    '/raw');

	assert.equal(missing.status, 404);
	assert.deepEqual(missing.json, { detail: `Data (${NOBODY}) not ` +
		`found in dataset (${set.id}). [DataNotFoundError]` });
	assert.deepEqual((await call('GET',
	    `${SETS}/${set.id}/processing-status`)).json,
	    { total: 3, completed: 3, pending: 0 });
	assert.deepEqual((await call('GET',
	    `${SETS}/${set.id}/processing-status?pipeline=other`)).json,
	    { total: 3, completed: 0, pending: 3 });
	assert.deepEqual((await call('GET', `${SETS}/status/progress` +
	    `?dataset=${set.id}`)).json, { [set.id]: {
		status: 'DATASET_PROCESSING_COMPLETED', progress: {
			completed_items: 1, total_items: 1,
			current_stage: null } } });
	const both = { status: 'DATASET_PROCESSING_COMPLETED', progress: {
		completed_items: 1, total_items: 1, current_stage: null } };

	assert.deepEqual((await call('GET', `${SETS}/status/progress` +
	    '?pipeline=add_pipeline&pipeline=cognify_pipeline')).json,
	    { [set.id]: { add_pipeline: both, cognify_pipeline: both } });
	await call('DELETE', `${SETS}/${set.id}`);
});

test('a file in place does not tell where it is', async () => {
	const set = await server.base('in place');
	const file = server.put('secret folder/a.txt', 'here\n');

	await server.end(await server.folder(set.id));
	const reply = await server.call('GET', `${SETS}/${set.id}/data`,
	    { key: KEY });

	assert.equal(reply.json.length, 1);
	assert.ok(!reply.text.includes(server.docs));
	assert.equal(reply.json[0].label, null);
	assert.equal(reply.json[0].externalMetadata, null);
	const where = `${SETS}/${set.id}/data/${reply.json[0].id}/raw`;

	assert.equal((await server.call('GET', where, { key: KEY })).text,
	    'here\n');
	server.put('secret folder/a.txt', 'there, and longer\n');
	const changed = await server.call('GET', where, { key: KEY });

	assert.equal(changed.status, 409);
	assert.ok(!changed.text.includes(file));
	await server.call('DELETE', `${SETS}/${set.id}`, { key: KEY });
});

test('data are deleted, by the new and the older way', async () => {
	const set = await make('to be emptied');
	const other = await make('other');

	await upload(set.id, { 'a.txt': 'ebb', 'b.txt': 'flood',
		'c.txt': 'slack' });
	await upload(other.id, { 'd.txt': 'spring' });
	const [a, b, c] = await data(set.id);
	const [d] = await data(other.id);
	const older = (query) => call('DELETE', '/api/v1/delete?' +
	    new URLSearchParams({ dataset_id: set.id, ...query }));

	// Not in this dataset: as good as deleted, and untouched.
	for (const id of [d.id, NOBODY]) {
		const reply = await call('DELETE',
		    `${SETS}/${set.id}/data/${id}`);

		assert.equal(reply.status, 200);
		assert.equal(reply.json, null);
		assert.equal((await older({ data_id: id })).status, 200);
	}
	assert.equal((await data(other.id)).length, 1);
	assert.equal((await data(set.id)).length, 3);
	assert.equal((await call('DELETE',
	    `${SETS}/${set.id}/data/${a.id}`)).text, 'null');
	assert.deepEqual(await data(set.id), [b, c]);
	assert.equal((await call('GET',
	    `${SETS}/${set.id}/data/${a.id}/raw`)).status, 404);
	const soft = await older({ data_id: b.id, mode: 'soft',
		delete_dataset_if_empty: 'true' });

	assert.equal(soft.status, 200);
	assert.deepEqual(soft.json, { status: 'success' });
	assert.deepEqual(await data(set.id), [c]);
	for (const query of [{}, { data_id: 'x' }, { data_id: c.id,
		mode: 'gentle' }, { data_id: c.id,
		delete_dataset_if_empty: 'perhaps' }])
		assert.equal((await older(query)).status, 400);
	const gone = await older({ data_id: c.id, mode: 'hard',
		delete_dataset_if_empty: 'true' });

	assert.equal(gone.status, 200);
	assert.deepEqual(await names(ann), ['other']);
	const again = await older({ data_id: c.id });

	assert.equal(again.status, 409);
	assert.deepEqual(again.json, { error: 'Unable to delete data.' });
	await call('DELETE', `${SETS}/${other.id}`);
});

test('what is somebody else\'s looks as if it were nobody\'s', async () => {
	const mine = await make('mine');

	await upload(mine.id, { 'a.txt': 'the secret of the tide' });
	const [row] = await data(mine.id);
	const seen = async (id, item) => {
		const where = `${SETS}/${id}`;
		const replies = [];

		for (const [method, path] of [
			['GET', `${where}/data`], ['DELETE', where],
			['GET', `${where}/data/${item}/raw`],
			['DELETE', `${where}/data/${item}`],
			['GET', `${where}/processing-status`],
			['GET', `${SETS}/status/progress?dataset=${id}`],
			['DELETE', `/api/v1/delete?dataset_id=${id}` +
			    `&data_id=${item}&delete_dataset_if_empty=1`],
			['GET', '/api/v1/activity/pipeline-runs' +
			    `?dataset_id=${id}`]]) {
			const reply = await call(method, path, bob);

			replies.push([reply.status, JSON.parse(reply.text
			    .replaceAll(id, 'ID'))]);
		}
		return replies;
	};
	const foreign = await seen(mine.id, row.id);

	assert.deepEqual(foreign, await seen(NOBODY, row.id));
	assert.deepEqual(foreign, [[403, denied('read')],
		[403, denied('delete')], [403, denied('read')],
		[401, { detail: 'Dataset ID not accessible. ' +
		    '[UnauthorizedDataAccessError]' }],
		[404, { message: 'Dataset (ID) not found.' }],
		[409, { error: 'Unable to retrieve dataset statuses.' }],
		[409, { error: 'Unable to delete data.' }], [200, []]]);
	// Through a dataset of one's own neither.
	const own = await make('own', bob);

	assert.equal((await call('GET', `${SETS}/${own.id}/data/${row.id}` +
	    '/raw', bob)).status, 404);
	assert.equal((await call('DELETE', `${SETS}/${own.id}/data/${row.id}`,
	    bob)).status, 200);
	// All of Bob's go, and only those.
	await make('one more', bob);
	const cleared = await call('DELETE', `${SETS}/`, bob);

	assert.equal(cleared.status, 200);
	assert.equal(cleared.text, 'null');
	assert.deepEqual(await names(bob), []);
	assert.deepEqual(await data(mine.id), [row]);
	assert.deepEqual(await names(ann), ['mine']);
	await call('DELETE', `${SETS}/${mine.id}`);
});

test('a dataset goes while its run goes on', async () => {
	const set = await make('going');
	const documents = Array.from({ length: 500 }, (_, i) => ({
		name: `${i}.txt`, text: `Wave ${i} breaks. `.repeat(200) }));
	const sent = await server.ask('POST', `/bases/${set.id}/documents`,
	    { body: { documents }, key: ann.token });

	assert.equal(sent.status, 202);
	const { [set.id]: { progress } } = (await call('GET',
	    `${SETS}/status/progress?dataset=${set.id}`)).json;

	if (progress !== null) {
		assert.equal(progress.total_items, 500);
		assert.ok(progress.completed_items <= 500);
	}
	const [first] = await data(set.id);

	assert.equal((await call('DELETE', `${SETS}/${set.id}/data/` +
	    first.id)).status, 200);
	assert.ok((await data(set.id)).every((row) => row.id !== first.id));
	const gone = await call('DELETE', `${SETS}/${set.id}`);

	assert.equal(gone.status, 200, gone.text);
	assert.deepEqual((await call('GET', `${SETS}/${set.id}/data`)).json,
	    denied('read'));
	assert.deepEqual(await names(ann), []);
});

test('runs are told, the newest first, and why one failed', async () => {
	const set = await make('runs');
	const runs = async (query = '') => {
		const reply = await call('GET',
		    `/api/v1/activity/pipeline-runs${query}`);

		assert.equal(reply.status, 200, reply.text);
		return reply.json;
	};

	assert.deepEqual(await runs(), []);
	const good = await upload(set.id, { 'a.txt': 'high water' });
	const bad = await upload(set.id, { 'b.pdf': '%PDF-1.7 broken' });
	const rows = await runs();

	assert.deepEqual(rows.map((row) => [row.pipeline_run_id,
		row.pipeline_name, row.status]), [
		[bad.id, 'cognify_pipeline', 'DATASET_PROCESSING_ERRORED'],
		[bad.id, 'add_pipeline', 'DATASET_PROCESSING_COMPLETED'],
		[good.id, 'cognify_pipeline', 'DATASET_PROCESSING_COMPLETED'],
		[good.id, 'add_pipeline', 'DATASET_PROCESSING_COMPLETED']]);
	assert.equal(new Set(rows.map((row) => row.id)).size, 4);
	assert.match(rows[0].error,
	    /^1 of 1 data items failed; the first is "b\.pdf": ./);
	assert.deepEqual(rows.slice(1).map((row) => row.error),
	    [null, null, null]);
	for (const row of rows)
		assert.deepEqual([row.dataset_id, row.dataset_name,
			row.owner_id, row.owner_email], [set.id, 'runs',
			ann.user.id, 'ann@example.com']);
	assert.deepEqual(await runs(`?dataset_id=${set.id}`), rows);
	assert.deepEqual(await runs(`?dataset_id=${NOBODY}`), []);
	assert.equal((await call('GET',
	    '/api/v1/activity/pipeline-runs?dataset_id=x')).status, 400);
	// What was counted is what there is to find.
	assert.deepEqual((await call('GET',
	    `${SETS}/${set.id}/processing-status`)).json,
	    { total: 2, completed: 1, pending: 1 });
	await call('DELETE', `${SETS}/${set.id}`);
	assert.deepEqual(await runs(), []);
});

test('a page of another origin deletes nothing', async () => {
	const set = await make('kept');
	const headers = { Origin: 'https://elsewhere.example',
		'Sec-Fetch-Site': 'cross-site' };

	for (const where of [SETS, `${SETS}/${set.id}`]) {
		const reply = await server.call('DELETE', where,
		    { cookie: ann.cookie, headers });

		assert.equal(reply.status, 403);
	}
	assert.deepEqual(await names(ann), ['kept']);
	assert.equal((await server.call('DELETE', SETS,
	    { cookie: ann.cookie })).status, 200);
	assert.deepEqual(await names(ann), []);
});
