// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong on the command line says what to do next.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { KEY, Server } from './lib.mjs';

const tidemark = path.resolve(process.env.TIDEMARK_BUILD ?? 'build',
    'tidemark');
let server;

function run(args, more = {}) {
	const env = { PATH: process.env.PATH, HOME: server.dir,
		ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? '',
		TIDEMARK_URL: server.url, TIDEMARK_API_KEY: KEY, ...more };

	return spawnSync(tidemark, args, { encoding: 'utf8', env,
		timeout: 60000 });
}

// err: what must stand in the message, next: in the lines below it.
function fails(args, status, err, next, more) {
	const done = run(args, more);
	const [line, ...below] = done.stderr.trimEnd().split('\n');

	assert.equal(done.status, status, `${args}: ${done.stderr}`);
	assert.match(line, err);
	if (next === undefined)
		return;
	assert.match(below.join('\n'), next, args.join(' '));
	for (const text of below)
		assert.match(text, /^ {2}/, 'advice is indented');
}

before(async () => {
	server = await Server.start();
	await server.base('handbook');
});
after(() => server.stop());

test('no server, and how to get one', () => {
	fails(['jobs'], 3, /cannot reach the server at/,
	    /start one: tidemark serve\n.*--data DIR\n.*TIDEMARK_URL=/,
	    { TIDEMARK_URL: 'http://127.0.0.1:1' });
});

test('a wrong key, and where the right one is', () => {
	fails(['jobs'], 1, /key/i, /file api-key .*\n.*TIDEMARK_API_KEY=/,
	    { TIDEMARK_API_KEY: 'wrong' });
});

test('a full disk', async () => {
	const full = http.createServer((request, response) => {
		response.writeHead(507, { 'content-type': 'application/json' });
		response.end(JSON.stringify({ error: { code: 'STORAGE_FULL',
			message: 'the storage is full' } }));
	});

	await new Promise((done) => full.listen(0, '127.0.0.1', done));
	const child = spawn(tidemark, ['pause',
		'0b1f4a52-0000-4000-8000-000000000001'],
	{ env: { PATH: process.env.PATH, HOME: server.dir,
		ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? '',
		TIDEMARK_URL: `http://127.0.0.1:${full.address().port}` } });
	let text = '';

	child.stderr.on('data', (more) => { text += more; });
	assert.equal(await new Promise((done) => child.on('close', done)), 1);
	full.close();
	assert.match(text, /the storage is full\n {2}make room on the disk/);
});

test('a base or a job that is not there', () => {
	for (const args of [['query', 'handbok', 'x'], ['audit', 'hadnbook'],
		['embed', 'handbook1']])
		fails(args, 1, new RegExp(`there is no base "${args[1]}"; ` +
		    'did you mean handbook\\?'), /tidemark bases/);
	fails(['query', 'elsewhere', 'x'], 1, /there is no base "elsewhere"$/,
	    /tidemark bases lists/);
	fails(['status', '0000'], 1, /there is no job "0000"/,
	    /tidemark jobs lists/);
	fails(['cancel', '0b1f4a52-0000-4000-8000-000000000001'], 1, /job/,
	    /tidemark jobs lists/);
});

test('a command, an option or a setting that is none', () => {
	fails(['idnex'], 2, /no command "idnex".*; did you mean index\?$/);
	fails(['help', 'versoin'], 2, /; did you mean version\?$/);
	fails(['zzz'], 2, /no command "zzz"; see tidemark help$/);
	fails(['index', 'x', '--excude', 'y'], 2, /did you mean --exclude\?$/);
	fails(['jobs', '--jsno'], 2, /unknown option "--jsno".*mean --json\?$/);
	fails(['jobs', '--xyzzy'], 2, /see tidemark help jobs$/);
	fails(['serve', '--listne', 'x'], 2, /did you mean --listen\?$/);
	fails(['serve', '--ocr-language=eng'], 2,
	    /did you mean --ocr-languages\?$/);
});

test('folder and port that another server has', () => {
	fails(['serve', '--data', server.data, '--listen', '127.0.0.1:0'], 1,
	    /cannot start/, /ask the server that has it/);
	fails(['jobs', '--data', server.data], 1, /tidemark: jobs/,
	    /leave --data out/);
	const data = path.join(server.dir, 'second');

	fails(['serve', '--data', data, '--listen',
		server.url.slice('http://'.length)], 1, /in use/,
	    /take another port: .*\n.*tidemark jobs/);
});

test('no data folder, and one that may not be written', () => {
	fails(['jobs', '--data', path.join(server.dir, 'none')], 2,
	    /is not a data folder/, /tidemark index PATH --data DIR/);
	// Root may write everywhere, but not into /proc.
	fails(['serve', '--data', '/proc/1/tidemark', '--listen',
		'127.0.0.1:0'], 1, /proc/);
	if (process.getuid() === 0)
		return;
	const data = path.join(server.dir, 'closed');

	fs.mkdirSync(data, { mode: 0o500 });
	fails(['serve', '--data', data, '--listen', '127.0.0.1:0'], 1,
	    /closed/, /see who may write there/);
});

test('bases and jobs by name alone', () => {
	assert.equal(run(['bases', '--names']).stdout, 'handbook\n');
	assert.match(run(['bases']).stdout,
	    /^handbook: 0 documents, 0 segments, lexical/);
	assert.equal(JSON.parse(run(['bases', '--json']).stdout)
	    .bases[0].name, 'handbook');
	assert.equal(run(['jobs', '--names']).stdout, '');
});
