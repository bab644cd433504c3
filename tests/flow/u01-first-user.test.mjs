// SPDX-License-Identifier: Apache-2.0
//
// What somebody meets who uses it for the first time, and does it wrong.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { KEY, Server } from './lib.mjs';

const BUILD = path.resolve(process.env.TIDEMARK_BUILD ?? 'build');
let server;

before(async () => {
	server = await Server.start();
});

after(() => server.stop());

function run(args, extra = {}) {
	const done = spawnSync(path.join(BUILD, 'tidemark'), args, {
		encoding: 'utf8', timeout: 60000,
		env: { PATH: process.env.PATH, HOME: server.dir,
		    ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? '', ...extra },
	});

	return { status: done.status, out: done.stdout, err: done.stderr };
}

function client(...args) {
	return run(args, { TIDEMARK_URL: server.url, TIDEMARK_API_KEY: KEY });
}

// Everything that comes until the server closes the connection.
function raw(text) {
	return new Promise((resolve, reject) => {
		const { hostname, port } = new URL(server.url);
		const socket = net.connect(port, hostname, () =>
		    socket.write(text));
		let got = '';

		socket.setTimeout(20000, () =>
		    reject(new Error(`still open: ${got}`)));
		socket.on('data', (piece) => got += piece);
		socket.on('error', reject);
		socket.on('close', () => resolve(got));
	});
}

test('a length that is given twice is refused, and the line cut', async () => {
	for (const lengths of [
		'Content-Length: 2\r\nContent-Length: 30\r\n',
		'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n',
		'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n',
	]) {
		const got = await raw('POST /tidemark/v1/bases HTTP/1.1\r\n' +
		    `Host: x\r\nX-Api-Key: ${KEY}\r\n${lengths}\r\n` +
		    '0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n');

		assert.match(got, /^HTTP\/1\.1 400 /, lengths);
		assert.match(got, /given twice/, lengths);
		assert.equal(got.match(/HTTP\/1\.1 /g).length, 1, got);
	}
});

test('a base gets no name that a path cannot hold', async () => {
	const { id } = await server.base('plain');

	for (const name of ['.', '..', id, id.toUpperCase()]) {
		const made = await server.ask('POST', '/bases',
		    { body: { name } });
		const renamed = await server.ask('PATCH', '/bases/plain',
		    { body: { name } });

		assert.equal(made.status, 400, name);
		assert.equal(renamed.status, 400, name);
	}
	assert.equal((await server.ok('POST', '/bases',
	    { body: { name: '...' } })).name, '...');
});

test('a folder that others may enter holds nothing they may read', () => {
	const data = path.join(server.dir, 'open');

	fs.mkdirSync(data);
	fs.chmodSync(data, 0o755);
	server.put('a.txt', 'For the harbour master alone.\n');
	assert.equal(run(['index', server.docs, '--data', data]).status, 0);
	for (const name of fs.readdirSync(data))
		assert.equal(fs.statSync(path.join(data, name)).mode & 0o077,
		    0, name);
});

test('who only looks makes no data folder', () => {
	const data = path.join(server.dir, 'slip-of-the-pen');

	for (const args of [['status'], ['jobs'], ['query', 'b', 'word'],
	    ['audit', 'b'], ['key', 'list']]) {
		const done = run([...args, '--data', data]);

		assert.equal(done.status, 2, args[0]);
		assert.match(done.err, /is not a data folder/);
		assert.equal(fs.existsSync(data), false, args[0]);
	}
});

test('the last key is revoked: the folder lets its owner in', () => {
	const data = path.join(server.dir, 'locked');

	server.put('b.txt', 'Nobody remembers the key.\n');
	assert.equal(run(['index', server.docs, '--data', data]).status, 0);
	const [id] = run(['key', 'list', '--data', data]).out.split(' ');

	assert.equal(run(['key', 'revoke', id, '--data', data]).status, 0);
	const made = run(['key', 'create', '--data', data]);

	assert.equal(made.status, 0, made.err);
	assert.match(made.out, /^tm-[0-9a-f]{64}\n$/);
	assert.match(run(['key', 'list', '--data', data]).out,
	    new RegExp(`${made.out.slice(0, 8)}[.]+ *\n`));
});

test('revoke is given the key itself', () => {
	const done = client('key', 'revoke', KEY);

	assert.equal(done.status, 2);
	assert.match(done.err, /wants the id of a key; see tidemark key list/);
	assert.ok(!done.err.includes(KEY));
	assert.equal(client('key', 'list').status, 0);
});

// A server that has one job, and nothing to tell of it after its start.
function quietServer(job, asked) {
	const states = ['pending', 'running', 'running', 'completed'];

	return http.createServer((request, reply) => {
		const url = new URL(request.url, 'http://x');

		if (url.pathname.endsWith('/items')) {
			reply.end('{"items":[],"next_cursor":null}');
			return;
		}
		const state = states[Math.min(asked.length, 3)];
		const wait = Number(url.searchParams.get('wait') ?? 0);

		asked.push(wait);
		setTimeout(() => reply.end(JSON.stringify({ ...job, state,
		    revision: state === 'pending' ? 1 : 2,
		    finished_at: state === 'completed' ? job.created_at : null,
		})), asked.length === 3 ? 1100 : 0);
	});
}

test('a watcher hears of what changed in the first second', async () => {
	server.put('quiet/one.txt', 'Not a ripple.\n');
	await server.base('quiet');
	const job = await server.end(await server.folder('quiet'));
	const asked = [];
	const quiet = quietServer(job, asked);

	await new Promise((resolve) => quiet.listen(0, '127.0.0.1', resolve));
	const child = spawn(path.join(BUILD, 'tidemark'), ['watch', job.id], {
		env: { PATH: process.env.PATH, HOME: server.dir,
		    ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? '',
		    TIDEMARK_URL: `http://127.0.0.1:${quiet.address().port}`,
		    TIDEMARK_API_KEY: KEY },
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	let out = '';

	for await (const piece of child.stdout)
		out += piece;
	quiet.close();
	quiet.closeAllConnections();
	// The change was held back, so it must not wait for the next one.
	assert.deepEqual(asked.slice(1), [20, 1, 20], out);
	assert.match(out, /quiet: pending .*\nquiet: running .*\n/);
	assert.match(out, /quiet: completed/);
});

test('a job that is held says so once', async () => {
	await server.base('held');
	// Some seconds of work: it is held long before it is done.
	for (let i = 0; i < 4000; i++)
		server.put(`held/${i}.txt`, `Buoy ${i} is out of place.\n`);
	const { id } = await server.folder('held');
	const done = client('pause', id);

	assert.equal(done.status, 0, done.err);
	assert.match(done.out, /state +paused /);
	assert.doesNotMatch(done.out, /waiting for/);
	assert.equal(client('cancel', id).status, 0);
});
