// SPDX-License-Identifier: Apache-2.0
//
// kill -9 while what was kept is looked for and indexed, wherever that is:
// after the next start the run goes on by itself as the same job, each document
// is indexed once, and the run behind it has its turn.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Gone, MortalServer } from '../flow/lib-truth.mjs';

const FILES = 300; // more than two pages of what the base keeps
const ENV = { TIDEMARK_COMMIT_MS: '0' };
const POINTS = [['kept-page', 1], ['kept-page', 2], ['before-commit', 2],
	['after-commit', 2], ['after-commit', 4], ['before-commit', 5],
	['after-telling', 2], ['before-publish', 1], ['before-publish', 40]];
const word = (i) => `zebra${i}`;
let server;

before(async () => {
	server = await MortalServer.start({ env: ENV });
});
after(() => server?.stop());

async function post(where, json) {
	const reply = await server.fetch(where, { method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify(json) });

	assert.equal(reply.status, 200, reply.text());
	return reply.json();
}

const add = async (dataset) => (await post('/api/add_text', {
	datasetName: dataset, textData: Array.from({ length: FILES },
	    (_, i) => `The word is ${word(i)}.`) })).dataset_id;
const cognify = async (id) => (await post('/api/v1/cognify',
    { dataset_ids: [id], run_in_background: true }))[id].pipeline_run_id;

// What ask() gives, or null when the server dies before there is something.
async function orDeath(ask) {
	try {
		return await ask();
	} catch (err) {
		if (!(err instanceof Gone))
			throw err;
		assert.equal(await server.ended, 'SIGKILL');
		return null;
	}
}

const status = async (id) => (await server.fetch(
    `/api/v1/datasets/status?dataset=${id}`)).json();

for (const [point, nth] of POINTS)
	test(`killed ${point} (${nth}), it ends by itself`, async () => {
		const id = await add(`set-${point}-${nth}`);

		await server.kill();
		await server.again({ ...ENV,
			TIDEMARK_CRASH_AT: `${point}:${nth}` });
		const first = await orDeath(() => cognify(id));
		const second = first === null ? null
		    : await orDeath(() => cognify(id));

		if (first !== null)
			await orDeath(() => server.until(first));
		if (second !== null)
			await orDeath(() => server.until(second));
		assert.ok(!server.isUp(), 'nothing came past there');
		await server.again(ENV);
		const run = first ?? await cognify(id);
		const job = await server.until(run);

		// Who had no answer may have been heard all the same: then that
		// run, which came before, has indexed it.
		assert.ok(['completed', 'no_changes'].includes(job.state));
		if (first !== null)
			assert.equal(job.counts.completed, FILES);
		if (second !== null)
			assert.equal((await server.until(second)).counts.total,
			    0);
		await server.until(await cognify(id));
		assert.deepEqual(await status(id),
		    { [id]: 'DATASET_PROCESSING_COMPLETED' });
		const counts = (await server.fetch(
		    `/api/v1/datasets/${id}/processing-status`)).json();

		assert.deepEqual(counts, { total: FILES, completed: FILES,
			pending: 0 });
	});
