// SPDX-License-Identifier: Apache-2.0
//
// The doctor finds what was planted for it, each in its line, and nothing where
// all is well; with a server over the folder and without.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { after, before, beforeEach } from 'node:test';
import { Server } from './lib.mjs';
import { TIDEMARK, begin, run } from './lib-backup.mjs';

const DATA = path.join(path.dirname(fileURLToPath(import.meta.url)),
    '../data');
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tidemark-n-'));
const data = path.join(dir, 'data');
const made = path.join(dir, 'made');
// What is not asked about here takes no time.
const QUICK = { TIDEMARK_EXTRACTOR: '/bin/true' };

before(() => {
	fs.writeFileSync(path.join(dir, 'large.txt'),
	    'The lamp burns at sea. '.repeat(5000));
	const tool = run(['index', path.join(dir, 'large.txt'), '--base', 'b',
		'--data', made]);

	assert.equal(tool.status, 0, tool.stderr);
});
// Each plants its fault into a copy.
beforeEach(() => {
	fs.rmSync(data, { recursive: true, force: true });
	fs.cpSync(made, data, { recursive: true });
	fs.chmodSync(data, 0o700);
});
after(() => fs.rmSync(dir, { recursive: true, force: true }));

function rowsOf(end) {
	const told = JSON.parse(end.stdout);
	const failed = told.checks.some((row) => row.state === 'FAIL');

	assert.equal(told.ok, !failed);
	assert.equal(end.status, failed ? 1 : 0);
	for (const row of told.checks)
		assert.equal(row.remedy === null, row.state === 'ok',
		    JSON.stringify(row));
	return told.checks;
}

function doctor(args = [], env = {}) {
	return rowsOf(run(['doctor', '--json', '--data', data, ...args],
	    { env: { ...QUICK, ...env } }));
}

// The same beside servers of this process.
async function doctorBeside(env, args = []) {
	return rowsOf(await begin(['doctor', '--json', '--data', data,
		...args], { env: { ...QUICK, ...env } }).done);
}

function only(rows, check, state, detail) {
	const others = rows.filter((row) => row.state !== 'ok' &&
	    row.check !== check);
	const own = rows.filter((row) => row.check === check &&
	    row.state === state);

	assert.deepEqual(others, []);
	assert.ok(own.some((row) => detail.test(row.detail)),
	    JSON.stringify(rows));
}

function sql(text) {
	execFileSync('sqlite3', [path.join(data, 'tidemark.db'), text]);
}

function ini(text, mode = 0o600) {
	const file = path.join(dir, 'tidemark.ini');

	fs.writeFileSync(file, text);
	fs.chmodSync(file, mode);
	return ['--config', file];
}

function inData(name) {
	return path.join(data, name);
}

test('all is well', () => {
	const names = fs.readdirSync(data).sort();
	const end = run(['doctor', '--data', data], { env: QUICK });

	assert.equal(end.status, 0, end.stdout);
	assert.match(end.stdout, /^ok {4}settings {12}flags and environment/);
	assert.match(end.stdout, /^all is well$/m);
	assert.doesNotMatch(end.stdout, /\x1b/);
	assert.deepEqual(fs.readdirSync(data).sort(), names);
});

const planted = {
	'an unknown key': ['settings', 'FAIL', /line 1: unknown key "workrs"/,
		() => doctor(ini('workrs = 2\n'))],
	'keys that everybody may read': ['settings', 'FAIL',
		/everybody may read the keys/,
		() => doctor(ini('api_key = abc\n', 0o644))],
	'a key file that others may read': ['settings', 'WARN', /mode 0644/,
		() => {
			const file = path.join(dir, 'key');

			fs.writeFileSync(file, 'x');
			fs.chmodSync(file, 0o644);
			return doctor([], { TIDEMARK_CHAT_KEY_FILE: file });
		}],
	'a folder that others may enter': ['data folder', 'WARN', /mode 0755/,
		() => {
			fs.chmodSync(data, 0o755);
			return doctor();
		}],
	'a restore that was broken off': ['data folder', 'FAIL',
		/was broken off/, () => {
			fs.mkdirSync(inData('restore.part'));
			return doctor();
		}],
	'a key that others may read': ['keys', 'FAIL', /api-key.*0644/,
		() => {
			fs.chmodSync(inData('api-key'), 0o644);
			return doctor();
		}],
	'a secret key that is gone': ['keys', 'FAIL', /secret-key is not/,
		() => {
			fs.unlinkSync(inData('secret-key'));
			return doctor();
		}],
	'no store': ['store', 'WARN', /there is none yet/, () => {
		fs.unlinkSync(inData('tidemark.db'));
		return doctor();
	}],
	'a store that is none': ['store', 'FAIL', /file is not a database/,
		() => {
			fs.writeFileSync(inData('tidemark.db'),
			    'x'.repeat(8192));
			return doctor();
		}],
	'a store with wrong pages': ['store', 'FAIL', /./, () => {
		const file = fs.openSync(inData('tidemark.db'), 'r+');

		fs.writeSync(file, Buffer.alloc(40960, 0xa5), 0, 40960, 20480);
		fs.closeSync(file);
		return doctor();
	}],
	'a later program\'s store': ['store', 'FAIL', /has schema 999/, () => {
		sql('PRAGMA user_version = 999');
		return doctor();
	}],
	'an earlier program\'s store': ['store', 'WARN', /of schema 1;/,
		() => {
			fs.rmSync(data, { recursive: true });
			execFileSync('tar', ['-C', dir, '-xzf', path.join(DATA,
			    'db-0001', 'data.tar.gz')]);
			fs.chmodSync(data, 0o700);
			// It was kept without one.
			fs.writeFileSync(inData('secret-key'), 'x',
			    { mode: 0o600 });
			return doctor();
		}],
	'a log that has grown': ['log of the store', 'WARN', /200\.0 MB/,
		() => {
			fs.writeFileSync(inData('tidemark.db-wal'), '',
			    { mode: 0o600 });
			fs.truncateSync(inData('tidemark.db-wal'), 2e8);
			return doctor();
		}],
	'an upload that is gone': ['uploads', 'FAIL', /1 of 1 are missing/,
		() => {
			sql(`INSERT INTO object (${objectColumns()}`);
			return doctor();
		}],
	'an upload of another content': ['uploads', 'FAIL',
		/is not what its name says/, () => {
			const hash = 'ab'.repeat(32);

			sql(`INSERT INTO object (${objectColumns(hash)}`);
			fs.mkdirSync(inData('blobs/ab'));
			fs.writeFileSync(inData(`blobs/ab/${hash.slice(2)}`),
			    'other');
			only(doctor(), 'uploads', 'ok', /1 are there/);
			return doctor(['--thorough']);
		}],
	'a clock that was set back': ['clock', 'WARN', /in the future/, () => {
		const later = Date.now() / 1000 + 7200;

		fs.utimesSync(inData('tidemark.db'), later, later);
		return doctor();
	}],
	'few open files': ['open files', 'WARN', /300 are allowed; 1024/,
		() => limited('ulimit -n 300', { TIDEMARK_WORKERS: '2' })],
	'too few open files': ['open files', 'FAIL',
		/100 are allowed, and 272 are wanted/,
		() => limited('ulimit -n 100', { TIDEMARK_WORKERS: '2' })],
	'more vectors than memory': ['memory', 'WARN', /may take 9\d\d/,
		() => doctor([], { TIDEMARK_VECTOR_MEMORY: '900G' })],
	'no extractor': ['sandbox', 'FAIL', /No such file/,
		() => doctor([], { TIDEMARK_EXTRACTOR: '/nowhere' })],
	'an extractor that is something else': ['sandbox', 'FAIL',
		/ended early/,
		() => doctor([], { TIDEMARK_EXTRACTOR: '/bin/false' })],
	'a sandbox with a hole': ['sandbox', 'FAIL', /run a program +allowed/,
		() => {
			const file = path.join(dir, 'extract');

			fs.writeFileSync(file, '#!/bin/sh\n' +
			    'echo "open a file   refused (killed)"\n' +
			    'echo "run a program   allowed"\nexit 1\n',
			    { mode: 0o755 });
			return doctor([], { TIDEMARK_EXTRACTOR: file });
		}],
	'endpoints without a scheme': ['bucket endpoints', 'FAIL',
		/NAME=URL|s3_endpoints/,
		() => doctor([], { TIDEMARK_S3_ENDPOINTS: 'nowhere' })],
};

// Of a row that refers to that upload; it is no account's that there is not.
function objectColumns(hash = 'cd'.repeat(32)) {
	const columns = execFileSync('sqlite3', [inData('tidemark.db'),
		'SELECT name, type FROM pragma_table_info(\'object\') ' +
		'WHERE name <> \'id\''], { encoding: 'utf8' }).trim()
	    .split('\n').map((line) => line.split('|'));

	return columns.map(([name]) => name).join() + ') VALUES (' +
	    columns.map(([name, type]) => name === 'hash' ? `x'${hash}'`
		: type === 'INTEGER' ? '1' : type === 'BLOB'
		    ? 'randomblob(16)' : '\'k\'').join() + ')';
}

function limited(limit, env) {
	return rowsOf(spawnSync('sh', ['-c', `${limit}; exec "$0" "$@"`,
		TIDEMARK, 'doctor', '--json', '--data', data],
	    { encoding: 'utf8', env: { ...process.env, ...QUICK, ...env } }));
}

for (const [what, [check, state, detail, plant]] of Object.entries(planted))
	test(`finds ${what}`, () => {
		only(plant(), check, state === 'WARN' ? 'warn' : state, detail);
	});

test('finds that the folder is no folder, or not there', () => {
	fs.rmSync(data, { recursive: true });
	only(doctor(), 'data folder', 'warn', /is not there/);
	fs.writeFileSync(data, '');
	only(doctor(), 'data folder', 'FAIL', /is not a folder/);
});

test('finds what a disk is and how full', (t) => {
	fs.rmSync(data, { recursive: true });
	fs.mkdirSync(data);
	if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=100m,mode=700',
	    'tmpfs', data]).status !== 0) {
		t.skip('mounting is not permitted');
		return;
	}
	try {
		fs.cpSync(made, data, { recursive: true });
		const states = (rows, check) => rows.filter((row) =>
		    row.check === check).map((row) => row.state);
		let rows = doctor();

		assert.deepEqual(states(rows, 'file system'), ['warn']);
		assert.deepEqual(states(rows, 'disk space'), ['warn']);
		spawnSync('mount', ['-o', 'remount,size=10m', data]);
		rows = doctor();
		assert.deepEqual(states(rows, 'disk space'), ['FAIL']);
	} finally {
		spawnSync('umount', [data]);
	}
});

test('asks the services that the settings name', async () => {
	let status = 200;
	let size = 8;
	const service = http.createServer((request, reply) => {
		const url = request.url;

		request.resume();
		reply.statusCode = status;
		reply.setHeader('Content-Type', 'application/json');
		reply.end(JSON.stringify(status !== 200
		    ? { error: { message: 'no such key' } }
		    : url.endsWith('/embeddings') ? { data: [{ index: 0,
			embedding: Array(size).fill(0.5) }] }
		    : url.endsWith('/rerank') ? { results: [{ index: 0,
			relevance_score: 0.5 }] }
		    : { choices: [{ message: { content: 'yes' },
			finish_reason: 'stop' }] }));
	});

	await new Promise((resolve) => service.listen(0, '127.0.0.1',
	    resolve));
	const url = `http://127.0.0.1:${service.address().port}`;
	const env = { TIDEMARK_S3_ENDPOINTS: `*=${url}`, TIDEMARK_OCR: 'no' };

	for (const name of ['EMBEDDING', 'CHAT', 'RERANK'])
		Object.assign(env, { [`TIDEMARK_${name}_URL`]: url,
			[`TIDEMARK_${name}_MODEL`]: 'm' });
	const stateOf = async () => Object.fromEntries((await doctorBeside(
	    env)).map(({ check, state, detail }) => [check,
		`${state} ${detail}`]));

	try {
		let found = await stateOf();

		assert.equal(found['embedding service'],
		    'ok openai m answers with 8 dimensions');
		assert.equal(found['chat model'], 'ok m answers');
		assert.equal(found['reranking service'], 'ok m answers');
		assert.equal(found['bucket endpoints'],
		    `ok ${url} answers (HTTP 200)`);
		sql('INSERT INTO embedder (name, dimensions) ' +
		    'VALUES (\'openai m\', 8)');
		size = 4;
		found = await stateOf();
		assert.match(found['embedding service'],
		    /^FAIL openai m answers with 4 .* the store has 8 of it/);
		status = 401;
		found = await stateOf();
		for (const check of ['embedding service', 'chat model',
			'reranking service'])
			assert.match(found[check], /^FAIL 127.*no such key/);
		assert.equal(found['bucket endpoints'],
		    `ok ${url} answers (HTTP 401)`);
	} finally {
		await new Promise((resolve) => service.close(resolve));
	}
	for (const row of doctor([], env).filter((one) =>
	    one.state !== 'ok'))
		assert.match(row.detail, /onnect/);
});

test('finds who has the folder, and whether that one answers', async () => {
	const server = await Server.start();
	const held = ['doctor', '--json', '--data', server.data];
	const ask = (env) => run(held, { env: { ...QUICK, ...env } });
	const own = (rows, check) => rows.filter((row) => row.check === check);
	const version = run(['version']).stdout.split(/\s/)[1];
	const other = http.createServer((request, reply) => {
		reply.setHeader('Content-Type', 'application/json');
		reply.end(JSON.stringify({ version: '99.1' }));
	});

	await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
	try {
		const url = server.url;
		let rows = rowsOf(ask({ TIDEMARK_URL: url }));

		assert.deepEqual(rows.filter((row) => row.state !== 'ok'), []);
		assert.match(own(rows, 'lock')[0].detail,
		    new RegExp(`^process ${server.child.pid} \\(`));
		assert.deepEqual(own(rows, 'server').map((row) => row.detail),
		    [`${url} answers, version ${version}`]);
		rows = rowsOf(ask({ TIDEMARK_URL: url,
			TIDEMARK_API_KEY: 'nobodys' }));
		assert.match(own(rows, 'server')[0].detail,
		    /does not know this key/);
		rows = rowsOf(ask({ TIDEMARK_URL: 'http://127.0.0.1:1' }));
		assert.equal(own(rows, 'server')[0].state, 'FAIL');
		rows = await doctorBeside({ TIDEMARK_URL:
			`http://127.0.0.1:${other.address().port}` });
		assert.match(own(rows, 'server')[0].detail,
		    /is version 99\.1, this is /);
	} finally {
		await new Promise((resolve) => other.close(resolve));
		await server.stop();
	}
});
