// SPDX-License-Identifier: Apache-2.0
//
// A job of many files: Captain's pages, and Dify's batch in one piece.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { validateCaptain, validateDify } from './lib-validate.mjs';
import { Server, Watch } from './lib-dialects.mjs';

const COUNT = 620; // more than two of Dify's pieces
let server, job;

before(async () => {
	const documents = [];

	server = await Server.start();
	await server.base('many');
	for (let i = 0; i < COUNT; i++)
		documents.push({ name: `${i}.txt`, text: `The tide of day ${i}.` });
	job = await server.texts('many', documents);
});
after(() => server.stop());

async function pages(limit) {
	const files = [];
	let cursor = null;

	do {
		const page = await server.get(`${job.links.captain}` +
		    `?files_limit=${limit}` +
		    (cursor === null ? '' : `&files_cursor=${cursor}`));

		validateCaptain(page, undefined, false);
		assert.equal(page.files_page.total_estimated, COUNT);
		files.push(...page.files);
		cursor = page.files_page.next_cursor;
		if (cursor !== null)
			assert.equal(page.files.length, limit);
	} while (cursor !== null);
	return files;
}

test('while it runs and when it has ended', async () => {
	const running = await pages(50);
	const uris = new Set(running.map((file) => file.uri));

	assert.equal(running.length, COUNT);
	assert.equal(uris.size, COUNT);
	await new Watch(server, job).end();
	const ended = await pages(500);
	assert.deepEqual(ended.map((file) => file.uri),
	    running.map((file) => file.uri));
	assert.ok(ended.every((file) => file.status === 'completed'));
});

test('the whole batch', async () => {
	const batch = validateDify(await server.get(job.links.dify));

	assert.equal(batch.data.length, COUNT);
	assert.ok(batch.data.every((element) =>
	    element.indexing_status === 'completed' &&
	    element.total_segments === 1));
});

test('a deleted document leaves the batch', async () => {
	const { data } = await server.get(job.links.dify);
	const reply = await server.fetch(
	    `/tidemark/v1/documents/${data[300].id}`, { method: 'DELETE' });

	assert.equal(reply.status, 204);
	const left = await server.get(job.links.dify);
	assert.equal(left.data.length, COUNT - 1);
	assert.ok(!left.data.some((element) => element.id === data[300].id));
});
