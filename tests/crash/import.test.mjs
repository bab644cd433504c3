// SPDX-License-Identifier: Apache-2.0
//
// kill -9 in an import of a bucket, wherever it is: after the next start it
// goes on by itself, each object is indexed once, and its keys are nowhere
// when it has ended.  Whoever had no answer asks again under the same name and
// gets the same job.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Gone, MortalServer } from '../flow/lib-truth.mjs';

const OBJECTS = 300; // more than a page of what a listing finds
const SECRET = 'a-secret-that-nobody-may-find-0123456789';
// Small groups, so that there is much between two commits to be lost.
const ENV = { TIDEMARK_COMMIT_MS: '0' };
const POINTS = [['scan', 1], ['scan', 2], ['before-commit', 3],
	['after-commit', 4], ['before-commit', 60], ['before-telling', 5],
	['after-telling', 2], ['before-publish', 1], ['before-publish', 40]];

const keys = Array.from({ length: OBJECTS },
    (_, i) => `shelf/${String(i).padStart(4, '0')}.txt`);
const text = (key) => `The word of ${key} is ${word(key)}.`;
const word = (key) => `zebra${key.replace(/\D/g, '')}`;
let bucket, server;

function listed() {
	return '<ListBucketResult><IsTruncated>false</IsTruncated>' +
	    keys.map((key) => `<Contents><Key>${key}</Key><ETag>&quot;` +
		`${word(key)}&quot;</ETag><Size>${text(key).length}</Size>` +
		'</Contents>').join('') + '</ListBucketResult>';
}

before(async () => {
	bucket = http.createServer((request, reply) => {
		const url = new URL(request.url, 'http://localhost');
		const key = url.pathname.slice('/books/'.length);

		if (keys.includes(key))
			reply.setHeader('ETag', `"${word(key)}"`)
			    .end(text(key));
		else
			reply.end(listed());
	});
	await new Promise((resolve) => bucket.listen(0, '127.0.0.1', resolve));
	ENV.TIDEMARK_S3_ENDPOINTS = `*=http://127.0.0.1:` +
	    bucket.address().port;
	server = await MortalServer.start({ env: ENV });
});
after(async () => {
	await server?.stop();
	bucket.closeAllConnections();
	bucket.close();
});

// The answer to ask(), or null when the server dies before there is one.
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

async function ask(base) {
	const reply = await server.fetch(`/v2/collections/${base}/index/s3`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json',
			'Idempotency-Key': `the one of ${base}` },
		body: JSON.stringify({ bucket_name: 'books',
			aws_access_key_id: 'AKIAEXAMPLE',
			aws_secret_access_key: SECRET,
			processing_type: 'basic' }),
	});

	assert.equal(reply.status, 200, reply.text());
	return reply.json().job_id.replace(/^job_import_/, '');
}

function* filesBelow(folder) {
	for (const name of readdirSync(folder)) {
		const file = path.join(folder, name);

		if (statSync(file).isDirectory())
			yield* filesBelow(file);
		else
			yield file;
	}
}

function nothingIsTold() {
	for (const file of filesBelow(server.dir))
		assert.ok(!readFileSync(file).includes(SECRET),
		    `${file} holds the secret`);
}

for (const [point, nth] of POINTS)
	test(`killed ${point} (${nth}), it ends by itself`, async () => {
		const base = `base-${point}-${nth}`;

		await server.base(base);
		await server.kill();
		await server.again({ ...ENV,
			TIDEMARK_CRASH_AT: `${point}:${nth}` });
		const answered = await orDeath(() => ask(base));

		if (answered !== null)
			await orDeath(() => server.until(answered));
		assert.ok(!server.isUp(), 'nothing came past there');
		nothingIsTold();
		await server.again(ENV);

		const id = await ask(base);

		assert.ok(answered === null || id === answered,
		    'one name is two jobs');
		const job = await server.until(id);
		const items = await server.items(id);

		assert.equal(job.state, 'completed');
		assert.deepEqual([job.counts.total, job.counts.completed],
		    [OBJECTS, OBJECTS]);
		assert.deepEqual(items.map((item) => item.name).sort(), keys);
		for (const key of [keys[0], keys.at(-1)])
			assert.deepEqual(await server.find(base, word(key)),
			    [key]);
		assert.equal((await server.audit(base)).documents, OBJECTS);
		nothingIsTold();
	});
