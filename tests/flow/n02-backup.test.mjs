// SPDX-License-Identifier: Apache-2.0
//
// Backups: of a server in the middle of its work, restored elsewhere; broken
// off in every way; by those who may not; and what others may have written.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import test, { after, before } from 'node:test';
import { KEY, Server, isFinal } from './lib.mjs';
import { TIDEMARK, begin, members, run, sha256 } from './lib-backup.mjs';

const FILES = 2000;
const LARGE = 6;
let server;

before(async () => {
	server = await Server.start('--workers', '2');
});
after(() => server.stop());

function env(of = server) {
	return { TIDEMARK_URL: of.url };
}

function token(of = server) {
	return fs.readFileSync(path.join(of.data, 'local-token'), 'utf8');
}

function large(i) {
	return Buffer.from(`Beacon number ${i} shines far. `.repeat(3000));
}

async function upload(base, i) {
	const form = new FormData();

	form.set('file', new Blob([large(i)]), `large-${i}.txt`);
	const { job } = await server.ok('POST', `/bases/${base}/documents`,
	    { body: form });

	assert.equal((await server.end(job)).state, 'completed');
}

// What a restored server has, for as long as fn runs.
async function restored(file, data, fn) {
	const other = new Server();
	const end = run(['restore', file, '--data', data]);

	assert.equal(end.status, 0, end.stderr);
	Object.assign(other, { dir: server.dir, docs: server.docs, data });
	await other.run('--workers', '2');
	try {
		await fn(other);
	} finally {
		assert.equal(await other.halt(), 0, other.log);
		fs.rmSync(data, { recursive: true });
	}
}

test('of a server that indexes and deletes meanwhile', async () => {
	const file = path.join(server.dir, 'b.tar');

	for (let i = 0; i < FILES; i++)
		server.put(`f${i}.txt`, `The lamp word${i}x burns at sea.`);
	await server.base('large');
	for (let i = 0; i < LARGE; i++)
		await upload('large', i);
	const { documents } = await server.ok('GET',
	    '/bases/large/documents');

	await server.base('many');
	let job = await server.folder('many');

	while (job.counts.completed < FILES / 4) {
		assert.ok(!isFinal(job), 'it was too quick');
		job = await server.ok('GET', `/jobs/${job.id}` +
		    `?after=${job.revision}&wait=20`);
	}
	const { items } = await server.ok('GET', `/jobs/${job.id}/items` +
	    '?state=completed&limit=1000');
	const backup = begin(['backup', file], { env: env() });

	for (const one of documents.slice(LARGE / 2))
		await server.ok('DELETE', `/documents/${one.id}`);
	await backup.done;
	assert.equal(backup.status, 0, backup.stderr);
	assert.equal(backup.stderr, '');
	assert.match(backup.stdout,
	    /^\S+b\.tar: [\d.]+ MB, 2 bases, \d+ documents, \d+ jobs, \d uploads; /);
	assert.equal(fs.statSync(file).mode & 0o777, 0o600);
	assert.ok(!fs.existsSync(`${file}.part`));
	assert.deepEqual(fs.readdirSync(path.join(server.data, 'tmp')), []);
	const undisturbed = await server.end(job);

	assert.equal(undisturbed.counts.completed, FILES);
	await restored(file, path.join(server.dir, 'r'), async (other) => {
		let again = await other.ok('GET', `/jobs/${job.id}`);

		assert.ok(again.counts.completed >= job.counts.completed);
		for (const item of items.filter((_, i) => i % 25 === 0)) {
			const { results } = await other.ok('POST',
			    '/bases/many/query', { body: { limit: 1,
				query: `word${/\d+/.exec(item.name)[0]}x`,
				semantic_ratio: 0 } });

			assert.equal(results[0].name, item.name);
		}
		again = await other.end(again);
		assert.deepEqual(again.counts, undisturbed.counts);
		assert.equal(again.state, undisturbed.state);
		assert.equal(again.segments.completed,
		    undisturbed.segments.completed);
		for (const base of ['many', 'large'])
			assert.deepEqual((await other.ok('GET',
			    `/bases/${base}/audit`)).differences, []);
		// Those that were there at that moment have their bytes.
		const rows = (await other.ok('GET',
		    '/bases/large/documents')).documents;

		assert.ok(rows.length >= LARGE / 2);
		for (const { id, name } of rows)
			assert.equal((await other.ask('GET',
			    `/documents/${id}/raw`)).text,
			    String(large(/\d+/.exec(name)[0])));
	});
});

test('a plain tar file with sums that any sha256sum checks', () => {
	const file = path.join(server.dir, 'plain.tar');
	const folder = path.join(server.dir, 'plain');
	const end = run(['backup', file, '--json'], { env: env() });
	const told = JSON.parse(end.stdout);

	assert.equal(end.status, 0, end.stderr);
	assert.equal(told.bytes, fs.statSync(file).size);
	assert.equal(told.bytes % 10240, 0);
	fs.mkdirSync(folder);
	for (const [command, ...args] of [['tar', '-xf', file],
		['sha256sum', '--quiet', '-c', 'SHA256SUMS']])
		assert.equal(spawnSync(command, args, { cwd: folder }).status,
		    0, command);
	const list = members(fs.readFileSync(file));

	assert.deepEqual(list.slice(0, 4).map((one) => one.name),
	    ['manifest.json', 'tidemark.db', 'secret-key', 'api-key']);
	for (const { name, content } of list.slice(4, -1))
		assert.equal(name.replaceAll('/', '').slice(5),
		    sha256(content));
	const stdout = run(['backup', '-'], { env: env(), encoding: null });

	assert.deepEqual(members(stdout.stdout).map((one) => one.name),
	    list.map((one) => one.name));
	assert.equal(stdout.stderr.length, 0);
	const checked = run(['restore', '--check', file]);

	assert.match(checked.stdout, /2 bases, /);
	// From standard input, too.
	assert.equal(run(['restore', '--check', '-'],
	    { input: stdout.stdout, encoding: null }).status, 0);
	fs.rmSync(folder, { recursive: true });
});

test('only for who shares user and machine', async () => {
	for (const headers of [{}, { 'X-Tidemark-Local': '0'.repeat(64) }]) {
		const reply = await server.ask('GET', '/backup', { headers });

		assert.equal(reply.status, 403);
		assert.equal(reply.json.error.code, 'FORBIDDEN');
	}
	const good = await server.fetch('/tidemark/v1/backup', { key: null,
		headers: { 'X-Tidemark-Local': token() } });
	const bytes = Buffer.from(await good.arrayBuffer());

	assert.equal(good.status, 200);
	assert.equal(good.headers.get('content-type'), 'application/x-tar');
	assert.equal(Number(good.headers.get('tidemark-backup-bytes')),
	    bytes.length);
	if (process.getuid() !== 0)
		return;
	// What another user writes goes where that user may write.
	const home = fs.mkdtempSync(path.join(path.dirname(server.dir),
	    'tidemark-n-'));

	// Nor may that user enter a folder of root's, where the program may be.
	const program = path.join(path.dirname(server.dir),
	    `${path.basename(home)}-tidemark`);

	fs.copyFileSync(TIDEMARK, program);
	fs.chmodSync(program, 0o755);
	fs.chmodSync(home, 0o777);
	const end = spawnSync(program, ['backup', path.join(home, 'x.tar')],
	    { env: { ...process.env, TIDEMARK_API_KEY: KEY, ...env() },
		encoding: 'utf8', uid: 65534, gid: 65534 });

	fs.rmSync(program);

	assert.equal(end.status, 1);
	assert.match(end.stderr,
	    /run this as the user of the server, or with --data/);
	assert.deepEqual(fs.readdirSync(home), []);
	fs.rmSync(home, { recursive: true });
});

test('with --data while a server has the folder', () => {
	const file = path.join(server.dir, 'no.tar');
	const end = run(['backup', file, '--data', server.data]);

	assert.equal(end.status, 1);
	assert.match(end.stderr, /leave --data out/);
	assert.ok(!fs.existsSync(`${file}.part`) && !fs.existsSync(file));
	const into = run(['restore', path.join(server.dir, 'plain.tar'),
		'--data', server.data]);

	assert.equal(into.status, 1);
	assert.match(into.stderr, /another process works on/);
});

test('what has another name is not written to', () => {
	const file = path.join(server.dir, 'linked.tar');
	const other = path.join(server.dir, 'other');

	fs.writeFileSync(other, 'what somebody else reads');
	fs.linkSync(other, `${file}.part`);
	const end = run(['backup', file, '--data', server.data]);

	assert.equal(end.status, 1);
	assert.match(end.stderr, /is not a file of yours alone/);
	assert.equal(fs.readFileSync(other, 'utf8'),
	    'what somebody else reads');
	assert.ok(fs.existsSync(`${file}.part`) && !fs.existsSync(file));
});

test('one that is there is replaced only by a whole one', async () => {
	const file = path.join(server.dir, 'kept.tar');
	const about = JSON.stringify({ name: 'tidemark', version: '0',
		local_token_path: path.join(server.data, 'local-token') });
	let how;
	let hears;
	const heard = () => new Promise((resolve) => { hears = resolve; });
	// A server that stops in the middle.
	const half = http.createServer((request, reply) => {
		if (request.url.endsWith('/about')) {
			reply.setHeader('Content-Type', 'application/json');
			reply.end(about);
			return;
		}
		reply.writeHead(200, { 'Tidemark-Backup-Bytes': '1000000' });
		reply.write(Buffer.alloc(1000), () => hears());
		if (how === 'broken')
			setImmediate(() => reply.destroy());
		if (how === 'short')
			reply.end();
	});

	await new Promise((resolve) => half.listen(0, '127.0.0.1', resolve));
	const url = `http://127.0.0.1:${half.address().port}`;

	fs.writeFileSync(file, 'the old one');
	fs.writeFileSync(`${file}.part`, 'left by one that was killed');
	for (const [word, status, words] of [
		['broken', 1, /the server broke the backup off/],
		['short', 1, /another length/],
		['interrupted', 130, /interrupted/]]) {
		how = word;
		const said = heard();
		const backup = begin(['backup', file],
		    { env: { TIDEMARK_URL: url } });

		await said;
		if (word === 'interrupted')
			backup.child.kill('SIGINT');
		await backup.done;
		assert.equal(backup.status, status, backup.stderr);
		assert.match(backup.stderr, words);
		assert.ok(!fs.existsSync(`${file}.part`), word);
		assert.equal(fs.readFileSync(file, 'utf8'), 'the old one');
	}
	half.closeAllConnections();
	await new Promise((resolve) => half.close(resolve));
	const end = run(['backup', file], { env: env() });

	assert.equal(end.status, 0, end.stderr);
	assert.equal(run(['restore', '--check', file]).status, 0);
});

test('a server that is killed meanwhile leaves its folder right',
    async () => {
	// More than sockets hold; what cannot be read is kept as well.
	const form = new FormData();

	form.set('file', new Blob([Buffer.alloc(32 << 20, 'ab\0\x01')]),
	    'huge.bin');
	await server.end((await server.ok('POST', '/bases/large/documents',
	    { body: form })).job);
	const reply = await new Promise((resolve) => http.get(server.url +
	    '/tidemark/v1/backup', { agent: false, headers:
	    { 'X-Tidemark-Local': token() } }, resolve));

	reply.on('error', () => {}); // it is cut off below
	assert.equal(reply.statusCode, 200);
	reply.pause();
	const second = await server.ask('GET', '/backup',
	    { headers: { 'X-Tidemark-Local': token() } });

	assert.equal(second.status, 503);
	assert.match(second.json.error.message, /another backup/);
	await server.halt('SIGKILL');
	reply.destroy();
	fs.writeFileSync(path.join(server.data, 'tmp', 'backup.db'), 'half');
	await server.run('--workers', '2');
	assert.deepEqual(fs.readdirSync(path.join(server.data, 'tmp')), []);
	assert.deepEqual((await server.ok('GET', '/bases/many/audit'))
	    .differences, []);
	const end = run(['backup', path.join(server.dir, 'after.tar')],
	    { env: env() });

	assert.equal(end.status, 0, end.stderr);
});

test('no room is told before anything is copied', async (t) => {
	const disk = path.join(server.dir, 'disk');
	const small = new Server();

	fs.mkdirSync(disk);
	if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs',
	    disk]).status !== 0) {
		t.skip('mounting is not permitted');
		return;
	}
	try {
		const file = path.join(disk, 'b.tar');
		const full = run(['backup', file], { env: env() });

		assert.equal(full.status, 1);
		assert.match(full.stderr, /b\.tar: the storage is full/);
		assert.deepEqual(fs.readdirSync(disk), []);
		const into = run(['restore', path.join(server.dir,
		    'after.tar'), '--data', path.join(disk, 'data')]);

		assert.equal(into.status, 1);
		assert.match(into.stderr, /\d+ MB are needed, and 1 MB are free/);
		assert.deepEqual(fs.readdirSync(disk), []);
		spawnSync('mount', ['-o', 'remount,size=20m', disk]);
		Object.assign(small, { dir: disk, docs: disk,
			data: path.join(disk, 'data') });
		await small.run();
		const reply = await small.ask('GET', '/backup',
		    { headers: { 'X-Tidemark-Local': token(small) } });

		assert.equal(reply.status, 507);
		assert.match(reply.json.error.message,
		    /a backup needs a copy of the store beside it: \d+ MB/);
		assert.equal(await small.halt(), 0);
	} finally {
		spawnSync('umount', [disk]);
	}
});
