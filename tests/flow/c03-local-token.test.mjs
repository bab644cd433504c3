// SPDX-License-Identifier: Apache-2.0
//
// What the command line tells a server that may be anybody's: its local token,
// and never the beginning of another file that the server names.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';

const build = process.env.TIDEMARK_BUILD ?? 'build';
const TOKEN = '0123456789abcdef'.repeat(4);
let dir;
let server;
let names; // the file that the server says it is
let heard; // of all headers

before(async () => {
	dir = await mkdtemp(path.join(os.tmpdir(), 'tidemark-token-'));
	server = http.createServer((request, response) => {
		heard += JSON.stringify(request.headers);
		response.setHeader('content-type', 'application/json');
		response.end(request.url.endsWith('/about')
		    ? JSON.stringify({ name: 'tidemark', features: [],
			    local_token_path: names })
		    : '{"users":[],"next_cursor":null}');
	});
	// All of loopback: 127.0.0.2 is a stranger to the command line.
	await new Promise((done) => server.listen(0, '0.0.0.0', done));
});
after(async () => {
	server.close();
	await rm(dir, { recursive: true });
});

async function listens(file, content, { host = '127.0.0.1',
	args = ['user', 'list'], env = { TIDEMARK_API_KEY: 'a-key' } } = {}) {
	names = path.join(dir, file);
	await writeFile(names, content);
	heard = '';

	const child = spawn(path.join(build, 'tidemark'), args, {
		env: { PATH: process.env.PATH, HOME: dir,
			ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? '',
			TIDEMARK_URL: `http://${host}:${server.address().port}`,
			...env },
		stdio: 'ignore',
	});

	await new Promise((done) => child.on('exit', done));
	return heard;
}

test('a local token is sent', async () => {
	assert.ok((await listens('local-token', TOKEN)).includes(TOKEN));
});

test('the line of another file is not', async () => {
	const secret = 'machine example.org password tide';

	assert.ok(!(await listens('netrc', secret)).includes('tide'));
	assert.ok(!(await listens('local-token', secret)).includes('tide'));
	assert.ok(!(await listens('other', TOKEN)).includes(TOKEN));
	assert.ok(!(await listens('local-token', `${TOKEN}\n${TOKEN}`))
	    .includes(TOKEN));
});

test('the key of the folder here is for no server elsewhere', async () => {
	const env = { TIDEMARK_DATA: dir };
	const sent = (host, args) => listens('api-key', 'tm-of-this-folder\n',
	    { host, args, env });

	assert.ok((await sent('127.0.0.1', ['bases']))
	    .includes('tm-of-this-folder'));
	for (const host of ['127.0.0.2', '127.0.0.1:1@127.0.0.2',
		'127.0.0.1.nip'])
		for (const args of [['bases'], ['doctor', '--data', dir]])
			assert.ok(!(await sent(host, args)).includes('tm-of'),
			    `${args[0]} ${host}`);
});
