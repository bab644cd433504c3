// SPDX-License-Identifier: Apache-2.0
//
// The log in each of its formats, at debug, while secrets of all kinds are
// used: every line is one of its format, and none holds a secret.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { PASSWORD, Server } from './lib-cognee.mjs';
import { KEY } from './lib.mjs';
import { CHAT_KEY, EMBEDDING_KEY, Models, RERANK_KEY, fail } from
	'./lib-models.mjs';

const HOSTILE = 'evil\nname level=error msg="not mine" \u001b[2J\u202e.txt';
const ASKED = 'question-that-nobody-else-reads';
const TEXT = 'text-that-is-in-no-line';
const S3_ID = 'AKIAEXAMPLEOFTESTS';
const S3_SECRET = 'secret/of+the/bucket=0123456789';
const WRONG_KEY = 'tm-a-key-that-was-never-one-0000';

const LOGFMT = /^(?:[a-z_]+=(?:"(?:[^"\\\n]|\\.)*"|[^" =\\\n]+)(?: |$))+$/;
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/;

// { level, msg, ... } of a line of that format.
const readers = {
	text: (line) => {
		assert.match(line, /^tidemark: /);
		return {};
	},
	json: (line) => JSON.parse(line),
	logfmt: (line) => {
		assert.match(line, LOGFMT);
		return Object.fromEntries([...line.matchAll(
		    /([a-z_]+)=(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)]
			.map(([, name, quoted, bare]) =>
			    [name, quoted ?? bare]));
	},
};

async function use(server, models, secrets) {
	await server.base('logged');
	await server.end(await server.texts('logged', [
		{ name: HOSTILE, text: `A ${TEXT} about lamps.` }]));
	fs.writeFileSync(path.join(server.docs, 'broken.pdf'), '%PDF-1.4\n');
	await server.end(await server.folder('logged'));
	await server.ok('POST', '/bases/logged/query',
	    { body: { query: ASKED } });
	// Keys that are none, in each place; and behind the path.
	await server.fetch('/tidemark/v1/bases?api_key=' + KEY,
	    { key: WRONG_KEY });
	await server.fetch('/tidemark/v1/bases', { key: null,
		headers: { 'X-Api-Key': WRONG_KEY } });
	const made = await server.ok('POST', '/keys',
	    { body: { label: 'another' } });
	const hook = await server.ok('POST', '/webhooks',
	    { body: { url: 'http://127.0.0.1:9/closed' } });

	await server.ok('POST', `/webhooks/${hook.id}/rotate`);
	// A user, with a session by cookie and by token.
	await server.register('ann@example.com');
	const { access_token: token } =
	    (await server.login('ann@example.com')).json;

	await server.call('POST', '/api/v1/auth/login', { form: {
		username: 'ann@example.com', password: `${PASSWORD} wrong` } });
	await server.call('GET', '/api/v1/auth/me',
	    { cookie: `auth_token=${token}` });
	// A bucket that cannot be reached.
	await server.ok('POST', '/bases', { body: { name: 'bucket' } });
	const bucket = await server.call('POST',
	    '/v2/collections/bucket/index/s3', { key: KEY, json: {
		bucket_name: 'papers', aws_access_key_id: S3_ID,
		aws_secret_access_key: S3_SECRET } });

	assert.ok([200, 202].includes(bucket.status), bucket.text);
	// Services that refuse what they are told.
	models.onEmbed = (_, reply) => fail(reply, 401);
	await server.ok('POST', '/bases/logged/query',
	    { body: { query: ASKED, semantic_ratio: 1 } }).catch(() => {});
	models.onEmbed = new Models().onEmbed;
	secrets.push(made.key, hook.secret, token);
}

for (const [format, read] of Object.entries(readers))
	test(`log_format ${format}`, async () => {
		const models = new Models();
		const secrets = [KEY, WRONG_KEY, PASSWORD, S3_SECRET,
			EMBEDDING_KEY, CHAT_KEY, RERANK_KEY, ASKED, TEXT,
			'Bearer', 'auth_token='];

		await models.open();
		const server = await Server.start('--log-level', 'debug',
		    '--log-format', format, '--net-allow', '127.0.0.1',
		    '--registration', 'open', ...models.embeddingFlags,
		    ...models.chatFlags, ...models.rerankFlags);

		try {
			await use(server, models, secrets);
		} finally {
			await server.halt();
			await models.close();
		}
		check(server.log, read, format, secrets);
		fs.rmSync(server.dir, { recursive: true, force: true });
	});

function check(log, read, format, secrets) {
	const lines = log.trimEnd().split('\n');
	const known = lines.map((line) => {
		assert.doesNotMatch(line, CONTROLS);
		assert.ok(Buffer.byteLength(line) < 4096);
		return read(line);
	});

	assert.ok(secrets.every((secret) => typeof secret === 'string' &&
	    secret.length >= 6), JSON.stringify(secrets));
	for (const secret of secrets)
		assert.ok(!log.includes(secret), `${format}: ${secret}\n${log}`);
	if (format === 'text') {
		assert.match(log, /^tidemark: debug: request request=\S+ /m);
		return;
	}
	for (const { time, level, msg } of known) {
		assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
		assert.match(level, /^(error|warn|info|debug)$/);
		assert.ok(msg.length > 0);
	}
	const asked = known.filter(({ msg }) => msg === 'request');
	const query = asked.find(({ route }) =>
	    route === '/tidemark/v1/bases/{}/query');

	assert.equal(Number(query.status), 200);
	assert.equal(query.base, 'logged');
	assert.equal(query.path, '/tidemark/v1/bases/logged/query');
	assert.ok(Number(query.duration_ms) > 0 && Number(query.bytes) > 0);
	assert.match(query.request, /^[0-9a-f-]{36}$/);
	const failed = known.find(({ msg }) => msg === 'an item has failed');

	assert.equal(failed.code, 'EXTRACTION_FAILED');
	assert.match(failed.job, /^[0-9a-f-]{36}$/);
	assert.match(failed.item, /^[0-9a-f-]{36}$/);
	assert.ok(known.some(({ msg, state }) => msg === 'a job has ended' &&
	    state === 'completed'));
}
