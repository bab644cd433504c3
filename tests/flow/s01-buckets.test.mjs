// SPDX-License-Identifier: Apache-2.0
//
// A bucket with odd keys in a service that really speaks S3, listed and fetched
// by the program's own source of documents.  Skipped where the service is not
// installed.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import {
	KEY_ID, SECRET, encode, missing, put, sha256, start,
} from './lib-s3.mjs';

const BUILD = path.resolve(process.env.TIDEMARK_BUILD ?? 'build');
const PROGRAM = path.join(BUILD, 'tests/unit/source_s3_live_test');
const BUCKET = 'papers';
const COUNT = 1000;
const AT_ONCE = 8;

const md5 = (bytes) => crypto.createHash('md5').update(bytes).digest('hex');

function odd(i) {
	const names = ['plain.txt', 'a b.txt', 'a+b.txt', '100%.txt',
		'%41.txt', '\u00e4\u00df\u20ac.txt', 'e\u0301.txt',
		'\u{1f600}.txt', 'what?.txt', '#1.txt', 'a&b=c.txt',
		"it's (1)!*.txt", 'back\\slash.txt', '"quoted".txt',
		'<tag>&amp;.txt', 'semi;colon,comma.txt', 'tab\there.txt',
		'line\nbreak.txt', '~tilde_-.txt', 'x\u00a0y.txt',
		'colon:at@.txt', '[1]{2}|^`.txt'];
	const folders = ['', 'sub folder/', 'a//b/', '../up/', './here/',
		'%2F/', '\u65e5\u672c/', 'sub+/'];

	return `${folders[i % folders.length]}${String(i).padStart(4, '0')} ` +
	    names[i % names.length];
}

async function fill(port) {
	const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
	const objects = new Map();
	let next = 0;

	for (let i = 0; i < COUNT; i++)
		objects.set(odd(i), Buffer.from(`text ${i} `.repeat(i % 50)));
	objects.set('large.bin', crypto.randomBytes(3 << 20));
	objects.set('/slash first.txt', Buffer.from('x'));
	await put(agent, port, `/${BUCKET}`, Buffer.alloc(0));
	await put(agent, port, `/${BUCKET}/folder/`, Buffer.alloc(0));
	const keys = [...objects.keys()];

	await Promise.all(Array.from({ length: AT_ONCE }, async () => {
		while (next < keys.length) {
			const key = keys[next++];

			await put(agent, port, `/${BUCKET}/${encode(key)}`,
			    objects.get(key));
		}
	}));
	agent.destroy();
	return objects;
}

function run(env) {
	return new Promise((resolve) => {
		const child = spawn(PROGRAM, { env: { ...process.env, ...env,
			CMOCKA_MESSAGE_OUTPUT: 'TAP' },
		stdio: ['ignore', 'pipe', 'pipe'] });
		let log = '';

		child.stdout.on('data', (text) => { log += text; });
		child.stderr.on('data', (text) => { log += text; });
		child.once('exit', (status) => resolve({ status, log }));
	});
}

test('a bucket is listed and fetched as it is', { skip: missing },
    async (t) => {
	const { dir, port } = await start((fn) => t.after(fn));
	const objects = await fill(port);
	const out = path.join(dir, 'out');
	const { status, log } = await run({
		TIDEMARK_TEST_S3: `http://127.0.0.1:${port}`,
		TIDEMARK_TEST_S3_BUCKET: BUCKET,
		TIDEMARK_TEST_S3_KEY_ID: KEY_ID,
		TIDEMARK_TEST_S3_SECRET: SECRET,
		TIDEMARK_TEST_S3_URI: `s3://${BUCKET}/${encode(odd(7))}`,
		TIDEMARK_TEST_S3_OUT: out,
	});

	assert.equal(status, 0, log);
	assert.doesNotMatch(log, /# SKIP/);
	const seen = fs.readFileSync(out, 'utf8').trimEnd().split('\n')
	    .map((line) => JSON.parse(line));
	const expected = [...objects].map(([key, bytes]) => ({
		uri: `s3://${BUCKET}/${encode(key)}`,
		name: key,
		bytes: bytes.length,
		etag: md5(bytes),
		sha256: sha256(bytes),
	}));
	const order = (a, b) => (a.uri < b.uri ? -1 : 1);

	assert.equal(new Set(seen.map((one) => one.uri)).size, COUNT + 2);
	assert.deepEqual(seen.sort(order), expected.sort(order));
});
