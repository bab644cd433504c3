// SPDX-License-Identifier: Apache-2.0
//
// First lines and headers of every size are answered, and at once: what is
// over a limit is refused, not left waiting.

import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { KEY, ROOT, Server } from './lib.mjs';

let server;

before(async () => {
	server = await Server.start();
});
after(() => server.stop());

// The status of the answer to the bytes of a request's head.
function status(head) {
	const { hostname, port } = new URL(server.url);

	return new Promise((resolve, reject) => {
		const socket = net.connect(Number(port), hostname);
		let text = '';

		socket.setTimeout(30000, () => {
			socket.destroy();
			reject(new Error('no answer'));
		});
		socket.on('data', (bytes) => {
			text += bytes;
			if (text.includes('\r\n')) {
				socket.destroy();
				resolve(Number(text.split(' ')[1]));
			}
		});
		// Refused in the middle of what is sent: the answer may be there.
		socket.on('error', () => {});
		socket.on('close', () => {
			if (!text.includes('\r\n'))
				reject(new Error('closed without an answer'));
		});
		socket.write(head);
	});
}

const key = `Host: x\r\nAuthorization: Bearer ${KEY}\r\n`;
const many = (count, of) => Array.from({ length: count }, (_, i) => of(i));

test('parameters of a query', async () => {
	for (const [count, wanted] of [[1, 200], [256, 200], [257, 400],
	    [600, 400], [1200, 400], [1500, 400]]) {
		const query = many(count, (i) => `a${i}=${i}`).join('&');

		assert.equal(await status(`GET ${ROOT}/bases?${query} ` +
		    `HTTP/1.1\r\n${key}\r\n`), wanted, `${count} of them`);
	}
	assert.equal(await status(`GET ${ROOT}/bases? HTTP/1.1\r\n` +
	    `${key}\r\n`), 200);
});

test('a parameter is still understood', async () => {
	const reply = await server.ask('GET', '/bases?limit=0');

	assert.equal(reply.status, 400);
	assert.match(reply.json.error.message, /limit/);
});

test('headers, few and long or many and short', async () => {
	const ask = (headers) => status(
	    `GET ${ROOT}/bases HTTP/1.1\r\n${key}${headers}\r\n`);

	for (const [length, wanted] of [[15000, 200], [16500, 431],
	    [40000, 431]])
		assert.equal(await ask(`X-A: ${'x'.repeat(length)}\r\n`), wanted);
	for (const [count, wanted] of [[10, 200], [300, 200], [2000, 431]])
		assert.equal(await ask(many(count, (i) => `x${i}: 1\r\n`)
		    .join('')), wanted, `${count} of them`);
});

test('a long path', async () => {
	for (const [length, wanted] of [[100, 404], [15000, 404],
	    [17000, 413], [200000, 414]])
		assert.equal(await status(
		    `GET ${ROOT}/bases/${'y'.repeat(length)} HTTP/1.1\r\n` +
		    `${key}\r\n`), wanted, `${length} bytes`);
});
