// SPDX-License-Identifier: Apache-2.0
//
// Metadata fields and their values, built-in fields, tags and bindings.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Dify, DATASET_MISSING } from './lib-dify.mjs';

const NOBODY = '11111111-2222-4333-8444-555555555555';
let server;

before(async () => {
	server = await Dify.start();
});
after(() => server.stop());

// ---- metadata -------------------------------------------------------------

const field = (id, type, name) => server.good('POST',
    `/datasets/${id}/metadata`, { type, name });
const fields = async (id) => (await server.good('GET',
    `/datasets/${id}/metadata`)).doc_metadata;
const values = async (id, document) => Object.fromEntries(
    ((await server.good('GET', `/datasets/${id}/documents/${document}` +
	'?metadata=only')).doc_metadata ?? [])
	.map(({ name, value }) => [name, value]));
const give = (id, ...operations) => server.call('POST',
    `/datasets/${id}/documents/metadata`, { operation_data: operations });

test('fields are made, renamed and deleted', async () => {
	const { id } = await server.dataset('fields');
	const made = await server.call('POST', `/datasets/${id}/metadata`,
	    { type: 'string', name: 'author' });

	assert.equal(made.status, 201);
	assert.deepEqual(Object.keys(made.json), ['id', 'type', 'name']);
	const year = await field(id, 'number', 'year');
	assert.deepEqual(await fields(id), [
		{ id: made.json.id, name: 'author', type: 'string', count: 0 },
		{ id: year.id, name: 'year', type: 'number', count: 0 },
	]);
	await server.bad('POST', `/datasets/${id}/metadata`,
	    { type: 'time', name: 'author' }, 400, 'invalid_param',
	    'Metadata name already exists.');
	await server.bad('POST', `/datasets/${id}/metadata`,
	    { type: 'string', name: 'uploader' }, 400, 'invalid_param',
	    'Metadata name already exists in Built-in fields.');
	for (const body of [{ name: 'x' }, { type: 'date', name: 'x' },
		{ type: 'string', name: '' },
		{ type: 'string', name: 'x'.repeat(256) }])
		assert.equal((await server.call('POST',
		    `/datasets/${id}/metadata`, body)).status, 400);
	assert.deepEqual(await server.good('PATCH',
	    `/datasets/${id}/metadata/${year.id}`, { name: 'Jahr äöü' }),
	{ id: year.id, type: 'number', name: 'Jahr äöü' });
	await server.bad('PATCH', `/datasets/${id}/metadata/${year.id}`,
	    { name: 'author' }, 400, 'invalid_param',
	    'Metadata name already exists.');
	await server.bad('PATCH', `/datasets/${id}/metadata/${year.id}`,
	    { name: 'source' }, 400, 'invalid_param',
	    'Metadata name already exists in Built-in fields.');
	await server.bad('PATCH', `/datasets/${id}/metadata/${NOBODY}`,
	    { name: 'z' }, 404, 'not_found', 'Metadata not found.');
	assert.equal((await server.call('DELETE',
	    `/datasets/${id}/metadata/${year.id}`)).status, 204);
	await server.bad('DELETE', `/datasets/${id}/metadata/${year.id}`,
	    undefined, 404, 'not_found', 'Metadata not found.');
	assert.deepEqual((await fields(id)).map(({ name }) => name),
	    ['author']);
	assert.deepEqual((await server.call('GET',
	    `/datasets/${NOBODY}/metadata`)).json, DATASET_MISSING);
});

test('values go with documents and their fields', async () => {
	const { id } = await server.dataset('values');
	const author = await field(id, 'string', 'author');
	const year = await field(id, 'number', 'year');
	const one = await server.text(id, 'one', 'Ebb and flow.');
	const two = await server.text(id, 'two', 'Spring tide.');
	const set = ({ id: of, name }, value) => ({ id: of, name, value });

	assert.deepEqual(await values(id, one.id), {});
	assert.deepEqual((await give(id,
	    { document_id: one.id, metadata_list: [set(author, 'Ada'),
		set(year, '1843')] },
	    { document_id: two.id, metadata_list: [set(author, 'Bo')] }))
	    .json, { result: 'success' });
	// What is a number is kept as one.
	assert.deepEqual(await values(id, one.id),
	    { author: 'Ada', year: 1843 });
	assert.deepEqual((await fields(id)).map(({ count }) => count), [2, 1]);
	// Partly, or whole.
	await give(id, { document_id: one.id, partial_update: true,
		metadata_list: [set(year, 1844.5)] });
	assert.deepEqual(await values(id, one.id),
	    { author: 'Ada', year: 1844.5 });
	await give(id, { document_id: one.id, metadata_list: [set(year, 7)] });
	assert.deepEqual(await values(id, one.id), { year: 7 });
	await give(id, { document_id: one.id, partial_update: true,
		metadata_list: [set(year, null), set(author, 'Eve')] });
	assert.deepEqual(await values(id, one.id), { author: 'Eve' });
	// The list shows them, with the fields' ids.
	const { data } = await server.good('GET', `/datasets/${id}/documents`);
	assert.deepEqual(data.map(({ doc_metadata: all }) => all), [
		[{ id: author.id, name: 'author', type: 'string', value: 'Bo' }],
		[{ id: author.id, name: 'author', type: 'string',
			value: 'Eve' }],
	]);
	// A renamed field takes its values along, a deleted one too.
	await server.good('PATCH', `/datasets/${id}/metadata/${author.id}`,
	    { name: 'written "by"' });
	assert.deepEqual(await values(id, one.id), { 'written "by"': 'Eve' });
	assert.deepEqual(await values(id, two.id), { 'written "by"': 'Bo' });
	await server.call('DELETE', `/datasets/${id}/metadata/${author.id}`);
	assert.deepEqual(await values(id, one.id), {});
	const native = await server.ok('GET', `/documents/${one.id}`);
	assert.deepEqual((native.document ?? native).metadata, {});
});

test('what another dialect gave stays as it was given', async () => {
	const { id } = await server.dataset('others');
	const given = { title: 'Mine', author: 'Me', page_count: 3, k: [1] };

	await server.end(await server.texts(id, [{ name: 'n.html',
		text: '<title>Its own</title><p>Ebb.</p>', metadata: given }]));
	const { data: [{ id: document }] } = await server.good('GET',
	    `/datasets/${id}/documents`);
	const shown = async () => (await server.ok('GET',
	    `/documents/${document}`)).metadata;
	const before = await shown();
	const mood = await field(id, 'string', 'mood');

	assert.deepEqual({ ...before, ...given }, before);
	await give(id, { document_id: document, metadata_list: [
		{ id: mood.id, name: 'mood', value: 'calm' }] });
	assert.deepEqual(await shown(), { ...before, mood: 'calm' });
	await server.good('PATCH', `/datasets/${id}/metadata/${mood.id}`,
	    { name: 'temper' });
	assert.deepEqual(await shown(), { ...before, temper: 'calm' });
	await server.call('DELETE', `/datasets/${id}/metadata/${mood.id}`);
	assert.deepEqual(await shown(), before);
});

test('operations that cannot be done change nothing', async () => {
	const { id } = await server.dataset('refused');
	const author = await field(id, 'string', 'author');
	const one = await server.text(id, 'one', 'Neap tide.');
	const good = { document_id: one.id, metadata_list: [
		{ id: author.id, name: 'author', value: 'x' }] };
	const expect = async (operation, status, message) => {
		const reply = await give(id, good, operation);

		assert.equal(reply.status, status);
		if (message)
			assert.equal(reply.json.message, message);
		assert.deepEqual(await values(id, one.id), {});
	};

	await expect({ document_id: NOBODY, metadata_list: [] }, 404,
	    'Document not found.');
	await expect({ document_id: 'nothing', metadata_list: [] }, 404,
	    'Document not found.');
	await expect({ document_id: one.id, metadata_list: [
		{ id: NOBODY, name: 'author', value: 'x' }] }, 404,
	'Metadata not found.');
	await expect({ document_id: one.id, metadata_list: [
		{ id: author.id, name: 'author', value: { a: 1 } }] }, 400);
	await expect({ document_id: one.id }, 400);
	await expect('x', 400);
	// A document of another dataset is none of this one.
	const other = await server.dataset('refused too');
	const far = await server.text(other.id, 'far', 'High water.');
	await expect({ document_id: far.id, metadata_list: [] }, 404,
	    'Document not found.');
	// Built-in fields come back from clients and are no matter.
	assert.equal((await give(id, good, { document_id: one.id,
		partial_update: true, metadata_list: [{ id: 'built-in',
			name: 'source', value: 'file_upload' }] })).status, 200);
	assert.deepEqual(await values(id, one.id), { author: 'x' });
});

test('values given at once are all there', async () => {
	const { id } = await server.dataset('at once');
	const one = await server.text(id, 'one', 'Low water.');
	const made = [];

	for (let i = 0; i < 20; i++)
		made.push(await field(id, 'number', `n${i}`));
	await Promise.all(made.map(({ id: of, name }, i) => give(id, {
		document_id: one.id, partial_update: true,
		metadata_list: [{ id: of, name, value: i }] })));
	assert.deepEqual(await values(id, one.id),
	    Object.fromEntries(made.map(({ name }, i) => [name, i])));
});

test('a page\'s worth of documents follows a renamed field', async () => {
	const { id } = await server.dataset('many');
	const author = await field(id, 'string', 'author');
	const base = await server.texts(id, Array.from({ length: 620 },
	    (_, i) => ({ name: `d${i}`, text: `tide ${i}`,
		metadata: { author: `a${i}`, kept: i } })));

	await server.end(base);
	assert.equal((await fields(id))[0].count, 620);
	await server.good('PATCH', `/datasets/${id}/metadata/${author.id}`,
	    { name: 'writer' });
	assert.deepEqual((await fields(id))
	    .map(({ name, count }) => [name, count]), [['writer', 620]]);
	await server.call('DELETE', `/datasets/${id}/metadata/${author.id}`);
	const again = await field(id, 'string', 'writer');
	assert.equal((await fields(id))[0].count, 0, again.id);
	// What is no field stays as it was.
	await field(id, 'number', 'kept');
	assert.equal((await fields(id))[1].count, 620);
});

test('few wait behind a field of many documents', async () => {
	const { id } = await server.dataset('crowd');
	const { id: of } = await field(id, 'string', 'name 0');
	const texts = Array.from({ length: 1500 }, (_, i) => ({
		name: `${i}`, text: `Wave ${i}.`, metadata: { 'name 0': i } }));

	await server.end(await server.texts(id, texts.slice(0, 1000)));
	await server.end(await server.texts(id, texts.slice(1000)));
	const replies = await Promise.all(Array.from({ length: 32 }, (_, i) =>
	    server.call('PATCH', `/datasets/${id}/metadata/${of}`,
		{ name: `name ${i + 1}` })));
	const busy = replies.filter(({ status }) => status !== 200);

	// The others were sent away, and not kept on a thread.
	assert.ok(busy.length > 0 && busy.length < replies.length,
	    `${busy.length}`);
	for (const { json } of busy)
		assert.deepEqual(json, { code: 'service_unavailable',
			message: 'Metadata of many documents is being ' +
			    'changed, please try again later', status: 503 });
	const [{ name, count }] = await fields(id);

	assert.equal(count, 1500);
	assert.notEqual(name, 'name 0');
});

test('fields that every document has', async () => {
	const { id } = await server.dataset('built in');
	const one = await server.text(id, 'one.txt', 'Slack water.');

	assert.deepEqual(await server.good('GET',
	    `/datasets/${id}/metadata/built-in`), { fields: [
		{ name: 'document_name', type: 'string' },
		{ name: 'uploader', type: 'string' },
		{ name: 'upload_date', type: 'time' },
		{ name: 'last_update_date', type: 'time' },
		{ name: 'source', type: 'string' }] });
	assert.deepEqual(await server.good('POST',
	    `/datasets/${id}/metadata/built-in/enable`),
	{ result: 'success' });
	const seen = await values(id, one.id);
	assert.equal(seen.document_name, 'one.txt');
	assert.equal(seen.uploader, 'default');
	assert.equal(seen.source, 'file_upload');
	assert.equal(seen.upload_date, one.created_at);
	assert.ok(Number.isInteger(seen.last_update_date));
	assert.equal((await server.good('GET', `/datasets/${id}/metadata`))
	    .built_in_field_enabled, true);
	assert.deepEqual((await server.good('GET', `/datasets/${id}`))
	    .doc_metadata[0],
	{ id: 'built-in', name: 'document_name', type: 'string' });
	await server.good('POST', `/datasets/${id}/metadata/built-in/disable`);
	assert.deepEqual(await values(id, one.id), {});
	assert.equal((await server.call('POST',
	    `/datasets/${id}/metadata/built-in/toggle`)).status, 400);
});

// ---- tags -----------------------------------------------------------------

const tags = () => server.good('GET', '/datasets/tags');
const tag = (name) => server.good('POST', '/datasets/tags', { name });
const bind = (body) => server.call('POST', '/datasets/tags/binding', body);
const unbind = (body) => server.call('POST', '/datasets/tags/unbinding', body);

test('tags are made, renamed and deleted', async () => {
	assert.deepEqual(await tags(), []);
	const made = await tag('red');
	assert.deepEqual(made, { id: made.id, name: 'red', type: 'knowledge',
		binding_count: '0' });
	await server.bad('POST', '/datasets/tags', { name: 'red' }, 400,
	    'invalid_param', 'Tag name already exists');
	assert.equal((await server.call('POST', '/datasets/tags',
	    { name: 'x'.repeat(51) })).status, 400);
	assert.equal((await server.call('POST', '/datasets/tags', { name: '' }))
	    .status, 400);
	// 50 characters, however many bytes.
	const long = await tag('潮'.repeat(50));
	assert.equal(long.name, '潮'.repeat(50));
	assert.deepEqual(await server.good('PATCH', '/datasets/tags',
	    { tag_id: made.id, name: 'green' }),
	{ ...made, name: 'green' });
	await server.bad('PATCH', '/datasets/tags',
	    { tag_id: made.id, name: long.name }, 400, 'invalid_param',
	    'Tag name already exists');
	await server.bad('PATCH', '/datasets/tags',
	    { tag_id: NOBODY, name: 'x' }, 404, 'not_found',
	    'Tag not found.');
	assert.deepEqual((await tags()).map(({ name }) => name).sort(),
	    ['green', long.name]);
	for (const { id } of [made, long])
		assert.equal((await server.call('DELETE', '/datasets/tags',
		    { tag_id: id })).status, 204);
	await server.bad('DELETE', '/datasets/tags', { tag_id: made.id }, 404,
	    'not_found', 'Tag not found.');
	await server.bad('DELETE', '/datasets/tags', { tag_id: 'x' }, 404,
	    'not_found', 'Tag not found.');
});

test('tags are bound to datasets', async () => {
	const [one, two] = [await server.dataset('tagged'),
		await server.dataset('half')];
	const [sea, land] = [await tag('sea'), await tag('land')];

	assert.equal((await bind({ tag_ids: [sea.id, land.id],
		target_id: one.id })).status, 204);
	assert.equal((await bind({ tag_ids: [sea.id], target_id: two.id }))
	    .status, 204);
	// Once more is no matter.
	assert.equal((await bind({ tag_ids: [sea.id], target_id: two.id }))
	    .status, 204);
	assert.deepEqual((await tags()).map(({ name, binding_count: n }) =>
	    [name, n]), [['sea', '2'], ['land', '1']]);
	for (const method of ['GET', 'POST'])
		assert.deepEqual(await server.good(method,
		    `/datasets/${one.id}/tags`), { data: [
			{ id: sea.id, name: 'sea' },
			{ id: land.id, name: 'land' }], total: 2 });
	assert.deepEqual((await server.good('GET', `/datasets/${two.id}`)).tags,
	    [{ id: sea.id, name: 'sea', type: 'knowledge' }]);

	const found = async (query) => (await server.good('GET',
	    `/datasets?${query}`)).data.map(({ name }) => name);
	assert.deepEqual(await found(`tag_ids=${sea.id}`), ['half', 'tagged']);
	// All of the tags, not any.
	assert.deepEqual(await found(`tag_ids=${sea.id}&tag_ids=${land.id}`),
	    ['tagged']);
	assert.deepEqual(await found(`tag_ids[]=${sea.id}&tag_ids[]=${land.id}`),
	    ['tagged']);
	assert.deepEqual(await found(`tag_ids=${NOBODY}`), []);
	assert.deepEqual(await found('tag_ids=nothing'), []);

	// Both ways of saying which.
	assert.equal((await unbind({ tag_id: sea.id, target_id: one.id }))
	    .status, 204);
	assert.equal((await unbind({ tag_ids: [sea.id], target_id: two.id }))
	    .status, 204);
	assert.deepEqual((await tags()).map(({ binding_count: n }) => n),
	    ['0', '1']);
	assert.deepEqual((await bind({ tag_ids: [sea.id], target_id: NOBODY }))
	    .json, DATASET_MISSING);
	assert.equal((await bind({ tag_ids: [NOBODY], target_id: one.id }))
	    .json.message, 'Tag not found.');
	assert.equal((await bind({ tag_ids: [], target_id: one.id })).status,
	    400);
	assert.equal((await unbind({ target_id: one.id })).status, 400);

	// A tag goes with its bindings, a dataset too.
	await server.call('DELETE', '/datasets/tags', { tag_id: land.id });
	assert.deepEqual((await server.good('GET', `/datasets/${one.id}`)).tags,
	    []);
	await bind({ tag_ids: [sea.id], target_id: one.id });
	await server.call('DELETE', `/datasets/${one.id}`);
	assert.deepEqual((await tags()).map(({ binding_count: n }) => n),
	    ['0']);
});
