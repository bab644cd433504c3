// SPDX-License-Identifier: Apache-2.0
//
// Dify: how far a document is, pausing, resuming, trying again.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import {
	AUTOMATIC, Dify, NOBODY, Server, custom, formOf,
} from './lib-dify-documents.mjs';

const RANKS = ['waiting', 'parsing', 'cleaning', 'splitting', 'indexing'];
const TIMES = ['processing_started_at', 'parsing_completed_at',
	'cleaning_completed_at', 'splitting_completed_at', 'completed_at'];
const KEYS = ['id', 'indexing_status', ...TIMES, 'paused_at', 'error',
	'stopped_at', 'completed_segments', 'total_segments'];
let server, dify;

before(async () => {
	server = await Server.start('--workers', '1');
	dify = new Dify(server);
});
after(() => server.stop());

function rank(word) {
	return word === 'completed' || word === 'error' ? RANKS.length
	    : RANKS.indexOf(word);
}

// What each poll of one run keeps, alone and after an earlier one.
function checkStatus(one, before) {
	assert.deepEqual(Object.keys(one), KEYS);
	for (const name of [...TIMES, 'paused_at', 'stopped_at'])
		assert.ok(one[name] === null || Number.isInteger(one[name]),
		    name);
	assert.ok(one.completed_segments <= one.total_segments);
	assert.equal(one.completed_at !== null,
	    one.indexing_status === 'completed');
	assert.equal(one.error !== null, one.indexing_status === 'error');
	assert.equal(one.paused_at !== null, one.indexing_status === 'paused');
	// Each instant is there when the one behind it is.
	for (let i = 1; i < TIMES.length; i++)
		if (one[TIMES[i]] !== null)
			assert.ok(one[TIMES[i - 1]] <= one[TIMES[i]] &&
			    one[TIMES[i - 1]] !== null, TIMES[i]);
	if (before === undefined)
		return;
	assert.ok(rank(one.indexing_status) >= rank(before.indexing_status),
	    `${before.indexing_status} became ${one.indexing_status}`);
	for (const name of TIMES)
		if (before[name] !== null)
			assert.equal(one[name], before[name], name);
}

async function watch(d, batch) {
	let last;

	await dify.end(d, batch, ([one]) => {
		checkStatus(one, last);
		last = one;
	});
	return last;
}

test('one run', async () => {
	const d = await dify.dataset('run');
	const text = Array.from({ length: 3000 },
	    (_, i) => `Line ${i} of the log of the tide.`).join('\n');
	const { batch } = await dify.text(d, 'long', text,
	    { process_rule: custom(50) });
	const last = await watch(d, batch);

	assert.equal(last.indexing_status, 'completed');
	assert.equal(last.total_segments, 3000);
	assert.equal(last.completed_segments, 3000);
});

test('an empty text is completed', async () => {
	const d = await dify.dataset('empty');
	const { document, batch } = await dify.text(d, 'empty', '',
	    { process_rule: AUTOMATIC });
	const last = await watch(d, batch);

	assert.equal(last.indexing_status, 'completed');
	assert.deepEqual([last.completed_segments, last.total_segments],
	    [0, 0]);
	assert.equal((await dify.segments(d, document.id)).total, 0);
});

test('errors of the route', async () => {
	const d = await dify.dataset('route');
	const other = await dify.dataset('route, other');
	const { document, batch } = await dify.indexed(d, 'r', 'Ripple.');
	const where = `/documents/${batch}/indexing-status`;

	await dify.refused('GET', `/datasets/${d}${where}`, undefined, 401,
	    'unauthorized', undefined, { key: null });
	await dify.refused('GET', `/datasets/${NOBODY}${where}`, undefined,
	    404, 'not_found', 'Dataset not found.');
	await dify.refused('GET', `/datasets/${other}${where}`, undefined,
	    404, 'not_found', 'Documents not found.');
	await dify.refused('GET',
	    `/datasets/${d}/documents/nothing/indexing-status`, undefined,
	    404, 'not_found', 'Documents not found.');
	await dify.ok('DELETE', `/datasets/${d}/documents/${document.id}`);
	await dify.refused('GET', `/datasets/${d}${where}`, undefined, 404,
	    'not_found', 'Documents not found.');
});

test('an update starts afresh under the same batch', async () => {
	const d = await dify.dataset('afresh');
	const bad = await dify.ok('POST',
	    `/datasets/${d}/document/create-by-file`,
	    formOf({ process_rule: AUTOMATIC }, '%PDF-1.4', 'bad.pdf'));
	const failed = await watch(d, bad.batch);

	assert.equal(failed.indexing_status, 'error');
	assert.ok(Number.isInteger(failed.stopped_at));
	const made = await dify.ok('PATCH',
	    `/datasets/${d}/documents/${bad.document.id}`,
	    formOf({}, 'Good text.', 'good.txt'));

	assert.equal(made.batch, bad.batch);
	assert.equal(made.document.indexing_status, 'waiting');
	// Nothing of the failed run is left from the first poll on.
	const { data } = await dify.status(d, bad.batch);

	assert.equal(data.length, 1);
	assert.equal(data[0].error, null);
	assert.equal(data[0].stopped_at, null);
	const last = await watch(d, bad.batch);

	assert.equal(last.indexing_status, 'completed');
	assert.deepEqual([last.completed_segments, last.total_segments],
	    [1, 1]);
});

test('a retry', async () => {
	const d = await dify.dataset('retry');
	const where = `/datasets/${d}/documents/retry`;
	const good = await dify.indexed(d, 'good', 'Good.',
	    { process_rule: AUTOMATIC });
	const bad = await dify.ok('POST',
	    `/datasets/${d}/document/create-by-file`,
	    formOf({ process_rule: AUTOMATIC }, '%PDF-1.4', 'bad.pdf'));

	await watch(d, bad.batch);
	const reply = await dify.ask('POST', where, { document_ids: [
		good.document.id, bad.document.id] });

	assert.deepEqual([reply.status, reply.text], [204, '']);
	// The same batch tells of the new run, which fails like the first.
	const again = await watch(d, bad.batch);

	assert.equal(again.indexing_status, 'error');
	assert.equal(again.id, bad.document.id);
	assert.equal((await dify.status(d, good.batch)).data[0]
	    .indexing_status, 'completed');
	await dify.refused('POST', where, { document_ids: [] }, 400,
	    'invalid_param');
	await dify.refused('POST', where, { document_ids:
	    Array.from({ length: 101 }, () => NOBODY) }, 400,
	'invalid_param');
	await dify.refused('POST', where, { document_ids: [NOBODY] }, 404,
	    'not_found', 'Document not found.');
});

test('pausing and resuming', async () => {
	const d = await dify.dataset('pause');
	// The one worker is kept busy, so that the second one waits.
	const long = await dify.text(d, 'long', 'Waves and tides. '
	    .repeat(200000), { process_rule: custom(50, 'zzz') });
	const second = await dify.text(d, 'second', 'Waiting.');
	const ids = { document_ids: [second.document.id] };
	const one = `/datasets/${d}/documents/${second.document.id}/processing`;

	await dify.refused('POST', `/datasets/${d}/documents/resume`, ids,
	    400, 'document_indexing', 'Document is not in paused status.');
	await dify.ok('POST', `/datasets/${d}/documents/pause`, ids);
	const [paused] = (await dify.status(d, second.batch)).data;

	checkStatus(paused);
	assert.equal(paused.indexing_status, 'paused');
	await dify.refused('POST', `/datasets/${d}/documents/retry`, ids, 400,
	    'document_indexing', /paused/);
	await watch(d, long.batch);
	assert.deepEqual((await dify.status(d, second.batch)).data, [paused]);
	await dify.ok('PATCH', `${one}/pause`, {});
	await dify.ok('PATCH', `${one}/resume`, {});
	const last = await dify.end(d, second.batch);

	assert.equal(last[0].indexing_status, 'completed');
	assert.equal(last[0].paused_at, null);
	await dify.refused('POST', `/datasets/${d}/documents/pause`, ids, 400,
	    'document_indexing', 'Cannot pause completed document.');
	await dify.refused('PATCH', `${one}/resume`, {}, 400,
	    'document_indexing', 'Document is not in paused status.');
	await dify.refused('POST', `/datasets/${d}/documents/pause`,
	    { document_ids: [NOBODY] }, 404, 'not_found',
	    'Document not found.');
});

test('batches answer after a restart', async () => {
	const d = await dify.dataset('restart');
	const made = await Promise.all(Array.from({ length: 20 }, (_, i) =>
	    dify.text(d, `document ${i}`, `Text number ${i}.`)));

	// A killed server has what it acknowledged.
	await server.halt('SIGKILL');
	await server.run('--workers', '1');
	for (const { document, batch } of made) {
		const last = await watch(d, batch);

		assert.equal(last.id, document.id);
		assert.equal(last.indexing_status, 'completed');
	}
	assert.equal((await dify.ok('GET',
	    `/datasets/${d}/documents?status=available`)).total, 20);
});
