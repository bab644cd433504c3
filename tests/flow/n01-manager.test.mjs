// SPDX-License-Identifier: Apache-2.0
//
// What a service manager hears (sd_notify(3)), also one that does not listen
// yet when the server is ready: it would wait for that word, and end the server.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import test from 'node:test';
import { Server } from './lib.mjs';

const skip = spawnSync('python3', ['--version']).status === 0 ? false
	: 'no python3 here';
// Node has no sockets of datagrams with a path.
const LISTEN = `
import socket, sys
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(sys.argv[1])
manager.settimeout(60)
while True:
    words = manager.recv(4096).decode()
    print(words, flush=True)
    if words.startswith("STOPPING=1"):
        break
`;

// Until text() says it, at most a minute.
async function heard(text, wanted) {
	const deadline = Date.now() + 60000;

	while (!wanted.test(text())) {
		assert.ok(Date.now() < deadline, `not said: ${text()}`);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

// The server and its manager, which begins when the server has not been heard.
async function both(dir, run) {
	let words = '', ended;

	process.env.NOTIFY_SOCKET = path.join(dir, 'socket');
	process.env.WATCHDOG_USEC = '400000';
	const server = await Server.start();

	delete process.env.NOTIFY_SOCKET;
	delete process.env.WATCHDOG_USEC;
	try {
		await heard(() => server.log,
		    /the service manager cannot be told/);
		const manager = spawn('python3', ['-c', LISTEN,
			path.join(dir, 'socket')],
		    { stdio: ['ignore', 'pipe', 'inherit'] });

		manager.stdout.on('data', (text) => { words += text; });
		ended = new Promise((resolve) =>
		    manager.once('close', resolve));
		await run(server, () => words);
	} finally {
		await server.stop();
	}
	assert.equal(await ended, 0);
	return words;
}

test('a manager that listens late hears all', { skip }, async () => {
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tidemark-n-'));
	const words = await both(dir, async (server, said) => {
		const url = server.url.replaceAll('.', '\\.');

		await heard(said, /^READY=1$/m);
		await heard(said, new RegExp(`^STATUS=Listening on ${url}; ` +
		    'jobs: 0, documents to do: 0$', 'm'));
		await heard(said, /^WATCHDOG=1\nWATCHDOG=1$/m);
	});

	assert.equal(words.match(/^READY=1$/gm).length, 1);
	assert.match(words, /^STOPPING=1\nSTATUS=Stopping at the next border/m);
	fs.rmSync(dir, { recursive: true, force: true });
});
