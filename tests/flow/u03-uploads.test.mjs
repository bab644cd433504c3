// SPDX-License-Identifier: Apache-2.0
//
// Files of a form go to disk as they come: a large one costs the server no
// memory, and one that does not come to its end leaves nothing behind.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { KEY, ROOT, Server } from './lib.mjs';

const MIB = 1 << 20;
const LARGE = 15 * MIB;
const MARGIN = 6 * MIB;
const BOUNDARY = 'tidemark-boundary';
const WAIT_MS = 60000;
let server;

before(async () => {
	/* A sanitizer's quarantine keeps what was freed: that is no server's. */
	process.env.ASAN_OPTIONS =
	    `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=0`;
	server = await Server.start();
	await server.base('b');
});
after(() => server.stop());

function memory(field) {
	const text = fs.readFileSync(`/proc/${server.child.pid}/status`,
	    'utf8');

	return 1024 * Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm')
	    .exec(text)[1]);
}

function filesOnTheirWay() {
	return fs.readdirSync(path.join(server.data, 'tmp')).length;
}

function blobs() {
	return fs.readdirSync(path.join(server.data, 'blobs'),
	    { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile()).length;
}

async function until(what, holds) {
	const end = Date.now() + WAIT_MS;

	while (!holds()) {
		assert.ok(Date.now() < end, what);
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}

function partHead(name) {
	return `--${BOUNDARY}\r\nContent-Disposition: form-data; ` +
	    `name="file"; filename="${name}"\r\n\r\n`;
}

// A connection that has sent the header of a request of so many bytes.
async function begin(bytes) {
	const { hostname, port } = new URL(server.url);
	const socket = net.connect(Number(port), hostname);

	socket.on('error', () => {}); // it is cut on purpose
	await new Promise((resolve) => socket.once('connect', resolve));
	socket.write(`POST ${ROOT}/bases/b/documents HTTP/1.1\r\n` +
	    `Host: ${hostname}\r\nAuthorization: Bearer ${KEY}\r\n` +
	    `Content-Type: multipart/form-data; boundary=${BOUNDARY}\r\n` +
	    `Content-Length: ${bytes}\r\n\r\n`);
	return socket;
}

function write(socket, bytes) {
	return new Promise((resolve) => socket.write(bytes, resolve));
}

async function nothingIsThere() {
	assert.deepEqual((await server.ok('GET', '/bases/b/documents'))
	    .documents, []);
	assert.deepEqual((await server.ok('GET', '/jobs')).jobs, []);
	assert.equal(blobs(), 0);
}

test('a client that stops within a file leaves nothing', async () => {
	const socket = await begin(LARGE);

	await write(socket, partHead('a.txt'));
	await write(socket, Buffer.alloc(2 * MIB, 'a'));
	await until('a file on its way', () => filesOnTheirWay() === 1);
	socket.destroy();
	await until('no file any more', () => filesOnTheirWay() === 0);
	await nothingIsThere();
});

test('the same between two files', async () => {
	for (const rest of [`\r\n--${BOUNDARY}`, `\r\n${partHead('c.txt')}`]) {
		const socket = await begin(LARGE);

		await write(socket, partHead('small.txt') + 'a small one\r\n');
		await write(socket, partHead('b.txt'));
		await write(socket, Buffer.alloc(MIB, 'b'));
		await write(socket, rest);
		await until('a file on its way',
		    () => filesOnTheirWay() === 1);
		socket.destroy();
		await until('no file any more', () => filesOnTheirWay() === 0);
		await nothingIsThere();
	}
});

test('the same when the last boundary is missing', async () => {
	const body = Buffer.concat([Buffer.from(partHead('d.txt')),
		Buffer.alloc(MIB, 'd'), Buffer.from(`\r\n--${BOUNDARY}\r\n`)]);
	const reply = await server.ask('POST', '/bases/b/documents', {
		body: body.toString('latin1'), headers: {
			'Content-Type':
			    `multipart/form-data; boundary=${BOUNDARY}` } });

	assert.equal(reply.status, 400);
	await until('no file any more', () => filesOnTheirWay() === 0);
	await nothingIsThere();
});

test('a large file costs no memory', async () => {
	const form = (bytes) => {
		const data = new FormData();

		data.append('file', new Blob([bytes]), 'noise.bin');
		return data;
	};
	// What is made once, with the first request, is there before.
	let { job } = await server.ok('POST', '/bases/b/documents',
	    { body: form(randomBytes(MIB)) });

	await server.end(job);
	const least = memory('VmHWM');

	for (let i = 0; i < 3; i++) {
		({ job } = await server.ok('POST', '/bases/b/documents',
		    { body: form(randomBytes(LARGE)) }));
		job = await server.end(job);
		assert.equal(job.counts.skipped, 1);
	}
	const most = memory('VmHWM');

	assert.ok(most - least < MARGIN,
	    `${(most - least) / MIB} MiB more than ${least / MIB}`);
	assert.equal(blobs(), 4);
});
