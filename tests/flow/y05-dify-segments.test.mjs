// SPDX-License-Identifier: Apache-2.0
//
// Dify: segments and child chunks, read and written by hand.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test, { after, before } from 'node:test';
import {
	AUTOMATIC, Dify, NOBODY, Server, custom, formOf, parents,
} from './lib-dify-documents.mjs';

let server, dify;

before(async () => {
	server = await Server.start();
	dify = new Dify(server);
});
after(() => server.stop());

function segment(d, doc, id = '') {
	return `/datasets/${d}/documents/${doc}/segments${id && '/'}${id}`;
}

function contents(answer) {
	return answer.data.map((one) => one.content);
}

async function three(name, technique) {
	const d = await dify.dataset(name, technique);
	const { document, batch } = await dify.indexed(d, 'three',
	    'high tide\nlow tide\nno wind', { process_rule: custom(50) });

	return { d, id: document.id, batch };
}

test('listing', async () => {
	const { d, id } = await three('listing');
	const all = await dify.segments(d, id);

	assert.deepEqual(contents(all), ['high tide', 'low tide', 'no wind']);
	assert.deepEqual(all.data.map((one) => one.position), [1, 2, 3]);
	assert.deepEqual([all.total, all.has_more, all.limit, all.page,
		all.doc_form], [3, false, 20, 1, 'text_model']);
	const [one] = all.data;

	assert.equal(one.document_id, id);
	assert.equal(one.word_count, 9);
	assert.equal(one.tokens, 3);
	assert.equal(one.keywords, null);
	assert.equal(one.status, 'completed');
	assert.equal(one.enabled, true);
	assert.equal(one.index_node_hash, createHash('sha256')
	    .update('high tideNone').digest('hex'));
	assert.deepEqual(one.child_chunks, []);
	const page = await dify.segments(d, id, '?page=2&limit=2');

	assert.deepEqual(contents(page), ['no wind']);
	assert.deepEqual([page.total, page.has_more], [3, false]);
	assert.deepEqual(contents(await dify.segments(d, id,
	    '?keyword=TIDE')), ['high tide', 'low tide']);
	assert.equal((await dify.segments(d, id,
	    '?status=completed&status=error')).total, 3);
	assert.equal((await dify.segments(d, id, '?status=waiting')).total,
	    0);
	const again = await dify.ok('GET', segment(d, id, one.id));

	assert.deepEqual(again, { data: one, doc_form: 'text_model' });
	await dify.refused('GET', segment(d, NOBODY), undefined, 404,
	    'not_found', 'Document not found.');
	await dify.refused('GET', segment(d, id, NOBODY), undefined, 404,
	    'not_found', 'Segment not found.');
	await dify.refused('GET', segment(NOBODY, id), undefined, 404,
	    'not_found', 'Dataset not found.');
});

test('keywords of an economy dataset', async () => {
	const { d, id } = await three('keywords', 'economy');
	const { data: [one] } = await dify.segments(d, id);

	assert.deepEqual(one.keywords, ['high', 'tide']);
	assert.equal(one.tokens, 0);
});

test('adding', async () => {
	const { d, id, batch } = await three('adding');
	const { data, doc_form } = await dify.ok('POST', segment(d, id), {
		segments: [{ content: 'a gale', keywords: ['storm'] },
			{ content: 'a lull', answer: 'is ignored' }] });

	assert.equal(doc_form, 'text_model');
	assert.deepEqual(data.map((one) => [one.content, one.position,
		one.answer]), [['a gale', 4, null], ['a lull', 5, null]]);
	assert.deepEqual(data[0].keywords, ['storm']);
	// Found at once, by its words and by those given with it.
	assert.equal((await dify.found(d, 'gale'))[0].segment.id, data[0].id);
	assert.ok((await dify.found(d, 'storm'))
	    .some((one) => one.segment.id === data[0].id));
	const [status] = (await dify.status(d, batch)).data;

	assert.deepEqual([status.completed_segments, status.total_segments],
	    [5, 5]);
	assert.equal((await dify.document(d, id)).segment_count, 5);
});

test('what adding refuses', async () => {
	const { d, id } = await three('refusals');

	for (const [body, words] of [[{}, 'Segments is required'],
		[{ segments: null }, 'Segments is required'],
		[{ segments: [{ content: ' \n' }] }, 'Content is empty'],
		[{ segments: 'x' }, /segments\n/],
		[{ segments: [{}] }, /content\n {2}Field required/]]) {
		const reply = await dify.ask('POST', segment(d, id), body);

		assert.equal(reply.status, 400);
		assert.deepEqual(Object.keys(reply.json), ['error']);
		if (words instanceof RegExp)
			assert.match(reply.json.error, words);
		else
			assert.equal(reply.json.error, words);
	}
	const bad = await dify.ok('POST',
	    `/datasets/${d}/document/create-by-file`,
	    formOf({ process_rule: AUTOMATIC }, '%PDF-1.4', 'bad.pdf'));

	await dify.end(d, bad.batch);
	await dify.refused('POST', segment(d, bad.document.id),
	    { segments: [{ content: 'x' }] }, 404, 'not_found',
	    'Document is not completed.');
	await dify.ok('PATCH', `/datasets/${d}/documents/status/disable`,
	    { document_ids: [id] });
	await dify.refused('POST', segment(d, id),
	    { segments: [{ content: 'x' }] }, 404, 'not_found',
	    'Document is disabled.');
});

test('changing', async () => {
	const { d, id } = await three('changing');
	const { data: [one] } = await dify.segments(d, id);
	const where = segment(d, id, one.id);

	function change(members) {
		return dify.ok('POST', where, { segment: members });
	}

	const { data } = await change({ content: 'a spring flood',
		keywords: ['equinox'] });

	assert.equal(data.id, one.id);
	assert.equal(data.position, 1);
	assert.equal(data.content, 'a spring flood');
	assert.equal(data.word_count, 14);
	assert.deepEqual(data.keywords, ['equinox']);
	assert.notEqual(data.updated_by, null);
	assert.equal((await dify.found(d, 'flood'))[0].segment.id, one.id);
	assert.ok(!(await dify.found(d, 'high'))
	    .some((record) => record.segment.content === 'high tide'));
	assert.deepEqual((await change({ content: 'no keywords' }))
	    .data.keywords, ['equinox']);
	// Off: not found, not to be changed, and on again with a change.
	const off = (await change({ enabled: false })).data;

	assert.equal(off.enabled, false);
	assert.equal(typeof off.disabled_at, 'number');
	assert.ok(!(await dify.found(d, 'keywords'))
	    .some((record) => record.segment.id === one.id));
	await dify.refused('POST', where, { segment: { content: 'x' } }, 400,
	    'invalid_param', "Can't update disabled segment");
	const on = (await change({ enabled: true, content: 'back' })).data;

	assert.deepEqual([on.enabled, on.content, on.disabled_at],
	    [true, 'back', null]);
	assert.equal((await dify.found(d, 'back'))[0].segment.id, one.id);
	await dify.refused('POST', where, { segment: { content: ' ' } }, 400,
	    'invalid_param', 'Content is empty');
	await dify.refused('POST', where, {}, 400, 'invalid_param',
	    /segment\n {2}Field required/);
	await dify.refused('POST', segment(d, id, NOBODY),
	    { segment: { content: 'x' } }, 404, 'not_found',
	    'Segment not found.');
});

test('deleting', async () => {
	const { d, id } = await three('deleting');
	const { data: [, two] } = await dify.segments(d, id);
	const reply = await dify.ask('DELETE', segment(d, id, two.id));

	assert.deepEqual([reply.status, reply.text], [204, '']);
	assert.deepEqual(contents(await dify.segments(d, id)),
	    ['high tide', 'no wind']);
	assert.ok(!(await dify.found(d, 'low tide'))
	    .some((record) => record.segment.id === two.id));
	await dify.refused('DELETE', segment(d, id, two.id), undefined, 404,
	    'not_found', 'Segment not found.');
});

test('what was written by hand goes with the next content', async () => {
	const { d, id } = await three('by hand');

	await dify.ok('POST', segment(d, id),
	    { segments: [{ content: 'by hand' }] });
	const made = await dify.ok('POST',
	    `/datasets/${d}/documents/${id}/update-by-text`,
	    { name: 'three', text: 'high tide\nlow tide\nno wind' });

	await dify.end(d, made.batch);
	assert.deepEqual(contents(await dify.segments(d, id)),
	    ['high tide', 'low tide', 'no wind']);
});

const PARENT_TEXT = 'The moon\npulls water\n\nThe wind\npushes waves';

async function hierarchy(name, mode) {
	const d = await dify.dataset(name);
	const { document, batch } = await dify.indexed(d, 'h', PARENT_TEXT, {
		doc_form: 'hierarchical_model',
		process_rule: parents(mode) });

	return { d, id: document.id, batch };
}

test('child chunks of paragraphs', async () => {
	const { d, id, batch } = await hierarchy('paragraphs', 'paragraph');
	const { data, doc_form } = await dify.segments(d, id);

	assert.equal(doc_form, 'hierarchical_model');
	assert.deepEqual(data.map((one) => one.child_chunks
	    .map((child) => child.content)),
	[['The moon', 'pulls water'], ['The wind', 'pushes waves']]);
	// Parents alone are counted.
	const [status] = (await dify.status(d, batch)).data;

	assert.deepEqual([status.completed_segments, status.total_segments],
	    [2, 2]);
	const where = `${segment(d, id, data[0].id)}/child_chunks`;
	const listed = await dify.ok('GET', `${where}?limit=1&page=2`);

	assert.deepEqual(listed, { data: [data[0].child_chunks[1]], total: 2,
		total_pages: 2, page: 2, limit: 1 });
	assert.equal((await dify.ok('GET', `${where}?keyword=MOON`)).total,
	    1);
	// The parent is what is found.
	const [best] = await dify.found(d, 'pulls water');

	assert.equal(best.segment.id, data[0].id);
	assert.equal(best.child_chunks[0].content, 'pulls water');
});

test('child chunks by hand', async () => {
	const { d, id } = await hierarchy('children by hand', 'paragraph');
	const { data: [parent] } = await dify.segments(d, id);
	const where = `${segment(d, id, parent.id)}/child_chunks`;
	const { data: made } = await dify.ok('POST', where,
	    { content: 'quartz crystals' });

	assert.equal(made.segment_id, parent.id);
	assert.equal(made.position, 3);
	assert.equal(made.type, 'customized');
	assert.equal(made.word_count, 15);
	assert.equal((await dify.found(d, 'quartz crystals'))[0].segment.id,
	    parent.id);
	const { data: changed } = await dify.ok('PATCH', `${where}/${made.id}`,
	    { content: 'granite' });

	assert.equal(changed.id, made.id);
	assert.equal(changed.content, 'granite');
	const reply = await dify.ask('DELETE', `${where}/${made.id}`);

	assert.deepEqual([reply.status, reply.text], [204, '']);
	assert.equal((await dify.ok('GET', where)).total, 2);
	for (const [method, body] of [['PATCH', { content: 'x' }],
		['DELETE', undefined]])
		await dify.refused(method, `${where}/${made.id}`, body, 404,
		    'not_found', 'Child chunk not found.');
	await dify.refused('POST', where, { content: ' ' }, 400,
	    'invalid_param', 'Content is empty');
	await dify.refused('POST', where, {}, 400, 'invalid_param',
	    /content\n {2}Field required/);
	await dify.refused('GET', `${segment(d, id, NOBODY)}/child_chunks`,
	    undefined, 404, 'not_found', 'Segment not found.');
});

test('children follow a new text when they shall', async () => {
	const { d, id } = await hierarchy('recut', 'paragraph');
	const { data: [parent] } = await dify.segments(d, id);
	const where = segment(d, id, parent.id);
	const kept = (await dify.ok('POST', where,
	    { segment: { content: 'New\nwords' } })).data;

	assert.deepEqual(kept.child_chunks.map((one) => one.content),
	    ['The moon', 'pulls water']);
	const recut = (await dify.ok('POST', where, { segment: {
		content: 'Newer\nwords', regenerate_child_chunks: true } }))
	    .data;

	assert.deepEqual(recut.child_chunks.map((one) => one.content),
	    ['Newer', 'words']);
});

test('a whole document as the parent', async () => {
	const { d, id } = await hierarchy('whole', 'full-doc');
	const { data } = await dify.segments(d, id);

	assert.deepEqual(contents({ data }), [PARENT_TEXT]);
	assert.deepEqual(data[0].child_chunks, []);
	const children = await dify.ok('GET',
	    `${segment(d, id, data[0].id)}/child_chunks`);

	assert.deepEqual(children.data.map((one) => one.content),
	    ['The moon', 'pulls water', 'The wind', 'pushes waves']);
});

test('other documents have no children', async () => {
	const { d, id } = await three('no children');
	const { data: [one] } = await dify.segments(d, id);
	const where = `${segment(d, id, one.id)}/child_chunks`;

	assert.equal((await dify.ok('GET', where)).total, 0);
	await dify.refused('POST', where, { content: 'x' }, 400,
	    'invalid_param',
	    'The document is not of doc_form hierarchical_model.');
});
