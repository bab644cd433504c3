// SPDX-License-Identifier: Apache-2.0
//
// Every job is on all five pages, whatever started it, and all of them tell
// the same.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Server, Watch } from './lib-dialects.mjs';

let server;

before(async () => {
	server = await Server.start();
});
after(() => server.stop());

function words(data) {
	const out = {};

	for (const element of data)
		out[element.indexing_status] =
		    (out[element.indexing_status] ?? 0) + 1;
	return out;
}

// What the five pages say of one ended job.
function agree({ native, dify, digitalocean, captain }) {
	const c = native.counts;
	const job = digitalocean.job;
	const unsupported = captain.files.filter((file) =>
	    file.error_code === 'UNSUPPORTED_FILE_TYPE').length;

	assert.equal(job.uuid, native.id);
	assert.equal(job.knowledge_base_uuid, native.base_id);
	assert.equal(job.total_items_indexed, String(c.completed));
	assert.equal(job.total_items_failed, String(c.failed));
	assert.equal(job.total_items_skipped, String(c.skipped));
	assert.equal(captain.collection_name, native.base);
	assert.equal(captain.progress.files_total, c.total);
	assert.equal(captain.progress.files_processed, c.completed);
	assert.equal(captain.files.length, c.total);
	assert.deepEqual({ completed: 0, error: 0, ...words(dify.data) }, {
		completed: c.completed + c.skipped - unsupported,
		error: c.failed + c.cancelled + unsupported,
	});
	assert.deepEqual(dify.data.map((element) => element.id),
	    captain.files.map((file) => file.document_id));
}

test('a folder, its first run and a second without changes', async () => {
	const base = await server.base('folder');

	await server.put('a.md', '# Tide\n\nSpring tides follow a full moon.\n');
	await server.put('b.txt', 'Neap tides follow a half moon.\n');
	await server.put('copy.txt', 'Neap tides follow a half moon.\n');
	await server.put('empty.txt', '');
	await server.put('broken.json', '{"tide": ');
	await server.put('photo.jpg', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]));

	const first = await new Watch(server, await server.folder('folder'))
	    .end();
	agree(first);
	assert.equal(first.native.state, 'completed_with_failures');
	assert.equal(first.digitalocean.job.status, 'INDEX_JOB_STATUS_PARTIAL');
	assert.equal(first.captain.status, 'completed_with_failures');
	assert.equal(first.captain.job_id, `job_folder_${first.native.id}`);
	assert.equal(first.cognee[base.id], 'DATASET_PROCESSING_ERRORED');
	assert.equal(words(first.dify.data).error, 2);
	assert.ok(first.captain.files.some((file) => file.status === 'skipped' &&
	    file.error_code === 'UNSUPPORTED_FILE_TYPE'));

	await server.put('broken.json', '{"tide": "high"}');
	const second = await new Watch(server, await server.folder('folder'))
	    .end();
	agree(second);
	assert.equal(second.native.state, 'completed');
	assert.equal(second.cognee[base.id], 'DATASET_PROCESSING_COMPLETED');

	const third = await new Watch(server, await server.folder('folder'))
	    .end();
	agree(third);
	assert.equal(third.native.state, 'no_changes');
	assert.equal(third.digitalocean.job.status,
	    'INDEX_JOB_STATUS_NO_CHANGES');
	assert.equal(third.digitalocean.job.phase, 'BATCH_JOB_PHASE_SUCCEEDED');
	assert.equal(third.captain.status, 'completed');
	// An unchanged document shows what of it is in the index.
	assert.ok(third.dify.data.some((element) =>
	    element.completed_segments > 0));
});

test('texts', async () => {
	await server.base('texts');
	const documents = [];

	for (let i = 0; i < 20; i++)
		documents.push({ name: `note-${i}.txt`,
			text: `Note ${i} is about the tide.\n\n`.repeat(40 + i) });
	const last = await new Watch(server,
	    await server.texts('texts', documents)).end();

	agree(last);
	assert.equal(last.native.state, 'completed');
	assert.equal(last.captain.job_type, 'index_text');
	assert.equal(last.captain.billing.credits.unlimited, true);
	assert.ok(BigInt(last.digitalocean.job.total_tokens) > 0n);
});

test('an upload', async () => {
	await server.base('uploads');
	const form = new FormData();

	form.append('file', new Blob(['The tide is high.\n']), 'high.txt');
	const reply = await server.fetch('/tidemark/v1/bases/uploads/documents',
	    { method: 'POST', body: form });
	const last = await new Watch(server, (await reply.json()).job).end();

	agree(last);
	assert.equal(last.captain.job_type, 'index_file');
});

test('a cancelled job', async () => {
	await server.base('cancelled');
	const documents = [];

	for (let i = 0; i < 200; i++)
		documents.push({ name: `c-${i}.txt`,
			text: `Part ${i} of many.\n\n`.repeat(400) });
	const watch = new Watch(server, await server.texts('cancelled',
	    documents));

	await watch.round();
	await server.post(`${watch.links.self}/cancel`, {});
	const last = await watch.end();

	agree(last);
	assert.equal(last.native.state, 'cancelled');
	assert.equal(last.digitalocean.job.phase, 'BATCH_JOB_PHASE_CANCELLED');
	assert.equal(last.captain.status, 'cancelled');
	assert.equal(last.captain.progress.current_stage, 'cancelled');
	assert.equal(last.captain.billing, null);
});

test('a paused job goes on', async () => {
	await server.base('paused');
	const documents = [];

	for (let i = 0; i < 100; i++)
		documents.push({ name: `p-${i}.txt`,
			text: `Page ${i} of a long book.\n\n`.repeat(400) });
	const watch = new Watch(server, await server.texts('paused',
	    documents));

	await server.post(`${watch.links.self}/pause`, {});
	await watch.round();
	if (watch.last.native.state === 'paused')
		assert.ok('paused' in words(watch.last.dify.data));
	await server.post(`${watch.links.self}/resume`, {});
	const last = await watch.end();

	agree(last);
	assert.equal(last.native.state, 'completed');
	assert.equal(last.native.counts.completed, 100);
});
