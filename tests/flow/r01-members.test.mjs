// SPDX-License-Identifier: Apache-2.0
//
// Documents inside of documents: each is an item and a document of its own,
// comes and goes with what it is in, and fails alone.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { mail, zip } from './lib-documents.mjs';
import { Server } from './lib.mjs';

let server;

before(async () => {
	server = await Server.start();
});
after(() => server.stop());

async function upload(base, files) {
	const form = new FormData();

	for (const [name, content] of files)
		form.append('file', new Blob([content]), name);
	const { job } = await server.ok('POST', `/bases/${base}/documents`,
	    { body: form });

	return server.end(job);
}

async function items(job) {
	const all = {};
	const { items: list } = await server.ok('GET',
	    `/jobs/${job.id}/items?limit=1000`);

	for (const item of list)
		all[item.name] = item;
	return all;
}

async function found(base, text, filter) {
	const { results } = await server.ok('POST', `/bases/${base}/query`,
	    { body: { query: text, semantic_ratio: 0, filter } });

	return results.map((result) => result.name);
}

async function documents(base, where = '') {
	const { documents: list } = await server.ok('GET',
	    `/bases/${base}/documents?limit=1000${where}`);

	return list;
}

test('an archive: members are items, and fail alone', async () => {
	await server.base('archive');
	const job = await upload('archive', [['box.zip', zip([
		['a.txt', 'Anemones live in tidal pools.'],
		['deep/er/b.md', '# Barnacles\n\nThey sit on rocks.'],
		['../../etc/passwd', 'Cockles are dug at low tide.'],
		['empty.txt', ''],
		['broken.docx', zip([['word/document.xml', '<w:p']])],
		['inner.zip', zip([['d.txt', 'Dulse grows below.']])],
		['same.txt', 'Eelgrass, the first.'],
		['same.txt', 'Eelgrass, the second.'],
		['copy.txt', 'Anemones live in tidal pools.'],
	])]]);
	const all = await items(job);

	assert.deepEqual(Object.keys(all).sort(), ['box.zip',
		'box.zip/a.txt', 'box.zip/broken.docx', 'box.zip/copy.txt',
		'box.zip/deep/er/b.md', 'box.zip/empty.txt',
		'box.zip/etc/passwd', 'box.zip/inner.zip',
		'box.zip/inner.zip/d.txt', 'box.zip/same.txt']);
	assert.equal(job.state, 'completed_with_failures');
	// Both of the same name, under one name each.
	assert.deepEqual(job.counts, { total: 11, queued: 0, processing: 0,
		completed: 8, failed: 1, skipped: 2, cancelled: 0 });
	assert.equal(all['box.zip/broken.docx'].error.code,
	    'EXTRACTION_FAILED');
	assert.equal(all['box.zip/empty.txt'].error.code, 'EMPTY_CONTENT');
	// Whichever came first is the original.
	const twins = [all['box.zip/a.txt'], all['box.zip/copy.txt']]
	    .sort((one, two) => one.state < two.state ? -1 : 1);
	assert.deepEqual(twins.map((item) => item.state),
	    ['completed', 'skipped']);
	assert.equal(twins[1].error.code, 'DUPLICATE');
	assert.equal(all['box.zip'].parent_id, null);
	assert.equal(all['box.zip/a.txt'].parent_id,
	    all['box.zip'].document_id);
	assert.equal(all['box.zip/inner.zip/d.txt'].parent_id,
	    all['box.zip/inner.zip'].document_id);

	assert.deepEqual(await found('archive', 'anemones'),
	    [twins[0].name]);
	assert.deepEqual(await found('archive', 'dulse'),
	    ['box.zip/inner.zip/d.txt']);
	assert.equal((await found('archive', 'eelgrass')).length, 2);
	// The archive itself is found by what is in it.
	assert.ok((await found('archive', 'passwd')).includes('box.zip'));

	const inside = await documents('archive',
	    `&parent=${all['box.zip'].document_id}`);
	assert.ok(inside.length >= 6);
	for (const document of inside)
		assert.equal(document.parent_id, all['box.zip'].document_id);
	for (const rubbish of ['parent=nonsense', 'order=', 'order=size']) {
		const reply = await server.ask('GET',
		    `/bases/archive/documents?${rubbish}`);

		assert.equal(reply.status, 400);
	}
	const outer = await documents('archive', '&parent=none');
	assert.deepEqual(outer.map((document) =>
	    [document.name, document.has_members, document.error]),
	    [['box.zip', true, null]]);
	const broken = inside.find((document) =>
	    document.name === 'box.zip/broken.docx');
	assert.equal(broken.has_members, false);
	assert.deepEqual(broken.error, all['box.zip/broken.docx'].error);
	const oldest = await documents('archive');
	assert.deepEqual((await documents('archive', '&order=newest'))
	    .map((document) => document.id).reverse(),
	    oldest.map((document) => document.id));
	const audit = await server.ok('GET', '/bases/archive/audit');
	assert.deepEqual(audit.differences, []);
});

test('what failed inside can be tried again alone', async () => {
	await server.base('again');
	const first = await upload('again', [['box.zip', zip([
		['good.txt', 'Fucus is a brown alga.'],
		['bad.docx', zip([['word/document.xml', '<w:p']])]])]]);

	assert.equal(first.counts.failed, 1);
	const { job } = await server.ok('POST', `/jobs/${first.id}/retry`,
	    { body: {} });
	const second = await server.end(job);
	const all = await items(second);

	assert.deepEqual(Object.keys(all), ['box.zip/bad.docx']);
	assert.equal(all['box.zip/bad.docx'].error.code,
	    'EXTRACTION_FAILED');
	const [box] = (await documents('again')).filter(
	    (document) => document.name === 'box.zip');
	assert.equal(all['box.zip/bad.docx'].parent_id, box.id);
});

test('members go with what they are in', async () => {
	await server.base('gone');
	await upload('gone', [['box.zip', zip([
		['a.txt', 'Gaper clams gape.'],
		['inner.zip', zip([['b.txt', 'Herring spawn.']])]])],
		['c.txt', 'Isopods crawl.']]);
	assert.deepEqual(await found('gone', 'herring'),
	    ['box.zip/inner.zip/b.txt']);
	const [box] = (await documents('gone')).filter(
	    (document) => document.name === 'box.zip');

	await server.ask('DELETE', `/documents/${box.id}`);
	assert.deepEqual(await found('gone', 'gaper'), []);
	assert.deepEqual(await found('gone', 'herring'), []);
	assert.deepEqual(await found('gone', 'isopods'), ['c.txt']);
	assert.deepEqual((await documents('gone')).map((d) => d.name),
	    ['c.txt']);
	const audit = await server.ok('GET', '/bases/gone/audit');
	assert.deepEqual(audit.differences, []);
});

test('a folder with archives is indexed again', async () => {
	const folder = path.join(server.docs, 'again');
	const file = path.join(folder, 'box.zip');
	const run = async () =>
	    server.end(await server.folder('folder', { path: folder }));

	fs.mkdirSync(folder);
	await server.base('folder');
	fs.writeFileSync(file, zip([['a.txt', 'Junco grows.'],
		['b.txt', 'Kelp grows.'], ['c.txt', 'Limpets graze.']]));
	const first = await run();
	assert.equal(first.counts.completed, 4);

	// Unchanged: not opened, and its members stay.
	const second = await run();
	assert.equal(second.state, 'no_changes');
	assert.deepEqual(second.counts, { total: 1, queued: 0, processing: 0,
		completed: 0, failed: 0, skipped: 1, cancelled: 0 });
	assert.deepEqual(await found('folder', 'kelp'), ['box.zip/b.txt']);

	// One is gone, one is new, one was changed, one is as it was.
	fs.writeFileSync(file, zip([['a.txt', 'Junco grows.'],
		['b.txt', 'Kelp sways.'], ['d.txt', 'Mussels cling.']]));
	const third = await run();
	const all = await items(third);
	assert.equal(all['box.zip/a.txt'].error.code, 'UNCHANGED');
	assert.equal(all['box.zip/b.txt'].state, 'completed');
	assert.equal(all['box.zip/d.txt'].state, 'completed');
	assert.equal(third.counts.total, 4);
	assert.deepEqual(await found('folder', 'limpets'), []);
	assert.deepEqual(await found('folder', 'sways'), ['box.zip/b.txt']);
	assert.deepEqual(await found('folder', 'mussels'),
	    ['box.zip/d.txt']);

	// The archive has vanished, and all that was in it.
	fs.rmSync(file);
	const fourth = await run();
	assert.equal(fourth.state, 'completed');
	assert.deepEqual(await documents('folder'), []);
	const audit = await server.ok('GET', '/bases/folder/audit');
	assert.deepEqual(audit.differences, []);
});

test('a mail: its text, its attachments, what it says of itself', async () => {
	await server.base('mail');
	const job = await upload('mail', [['letter.eml', mail({
		subject: 'Survey of the Nereis beds',
		from: 'Ada Shore <ada@example.org>', to: 'bob@example.org',
		date: 'Tue, 03 Mar 2026 10:20:30 +0100',
		text: 'Find the ragworm counts attached.',
		attachments: [['counts.csv', 'text/csv',
			'site,worms\nNorth,120\n'],
			['notes.zip', 'application/zip',
				zip([['n.txt', 'Oarweed at site two.']])]],
	})]]);
	const all = await items(job);

	assert.deepEqual(Object.keys(all).sort(), ['letter.eml',
		'letter.eml/counts.csv', 'letter.eml/notes.zip',
		'letter.eml/notes.zip/n.txt']);
	assert.equal(job.state, 'completed');
	assert.deepEqual(await found('mail', 'ragworm'), ['letter.eml']);
	assert.deepEqual(await found('mail', 'worms'),
	    ['letter.eml/counts.csv']);
	assert.deepEqual(await found('mail', 'oarweed'),
	    ['letter.eml/notes.zip/n.txt']);
	const letter = await server.ok('GET',
	    `/documents/${all['letter.eml'].document_id}`);
	assert.equal(letter.title, 'Survey of the Nereis beds');
	assert.equal(letter.metadata.from, 'Ada Shore <ada@example.org>');
	assert.equal(letter.metadata.sent_at, '2026-03-03T09:20:30Z');
	assert.equal(letter.media_type, 'message/rfc822');
	// Filters see what documents say of themselves.
	assert.deepEqual(await found('mail', 'ragworm',
	    { sent_at: { $gte: '2026-03-01' } }), ['letter.eml']);
	assert.deepEqual(await found('mail', 'ragworm',
	    { sent_at: { $gte: '2026-04-01' } }), []);
});

test('nesting ends at a named limit', async () => {
	let bytes = Buffer.from('the innermost text');

	await server.base('nested');
	bytes = zip([['text.txt', bytes]]);
	for (let depth = 1; depth <= 7; depth++)
		bytes = zip([[`z${depth}.zip`, bytes]]);
	const job = await upload('nested', [['z8.zip', bytes]]);
	const list = Object.values(await items(job));
	const failed = list.filter((item) => item.state === 'failed');

	assert.equal(job.state, 'completed_with_failures');
	assert.equal(failed.length, 1);
	assert.equal(failed[0].error.code, 'EXTRACTION_LIMIT');
	assert.match(failed[0].error.message, /nested deeper than 5/);
	assert.equal(failed[0].name, 'z8.zip/z7.zip/z6.zip/z5.zip/z4.zip/' +
	    'z3.zip');
});
