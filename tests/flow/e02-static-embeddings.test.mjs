// SPDX-License-Identifier: Apache-2.0
//
// Vectors from a table in a folder: a tiny one of our own, in which a ship is
// a boat.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { Server } from './lib.mjs';

const build = process.env.TIDEMARK_BUILD ?? 'build';
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tidemark-static-'));
const WORDS = { '[UNK]': [9, 9, 9], ship: [4, 1, 0], boat: [4, 0, 1],
	bread: [0, 4, 0], oven: [1, 4, 0], '##s': [0, 0, 0.5] };
let server;

function modelPut(words, dims) {
	const names = Object.keys(words);
	const bytes = names.length * dims * 4;
	let header = JSON.stringify({ embeddings: { dtype: 'F32',
		shape: [names.length, dims], data_offsets: [0, bytes] } });

	header = header.padEnd(Math.ceil(header.length / 8) * 8);
	const file = Buffer.alloc(8 + header.length + bytes);

	file.writeBigUInt64LE(BigInt(header.length));
	file.write(header, 8);
	names.flatMap((name) => words[name]).forEach((value, i) =>
	    file.writeFloatLE(value, 8 + header.length + 4 * i));
	fs.writeFileSync(path.join(folder, 'model.safetensors'), file);
	fs.writeFileSync(path.join(folder, 'tokenizer.json'), JSON.stringify({
		version: '1.0', added_tokens: [],
		normalizer: { type: 'BertNormalizer', lowercase: true },
		pre_tokenizer: { type: 'BertPreTokenizer' },
		post_processor: null,
		model: { type: 'WordPiece', unk_token: '[UNK]',
			continuing_subword_prefix: '##',
			max_input_chars_per_word: 100,
			vocab: Object.fromEntries(names.map((name, i) =>
			    [name, i])) },
	}));
}

function run(...args) {
	const env = { ...process.env };

	for (const name of Object.keys(env))
		if (name.startsWith('TIDEMARK_'))
			delete env[name];
	return spawnSync(path.join(build, 'tidemark'), args,
	    { encoding: 'utf8', env, timeout: 60000 });
}

const about = async () => (await server.ok('GET', '/about')).embedding;
const near = (base, text) => server.ok('POST', `/bases/${base}/query`,
    { body: { query: text, semantic_ratio: 1 } });

before(async () => {
	modelPut(WORDS, 3);
	server = await Server.start('--embedding-folder', folder);
});
after(async () => {
	await server.stop();
	fs.rmSync(folder, { recursive: true, force: true });
});

test('what means the same is found by other words', async () => {
	const { name, ...rest } = await about();

	assert.match(name, /^static-[0-9a-f]{16}$/);
	assert.deepEqual(rest, { dimensions: 3, is_down: false });
	await server.base('harbour');
	const job = await server.end(await server.texts('harbour', [
		{ name: 'sea.txt', text: 'Ships. A ship!' },
		{ name: 'bakery.txt', text: 'Bread, from the oven.' }]));

	assert.equal(job.state, 'completed');
	// ship ##s . a ship !  and  bread , from the oven .
	assert.equal(job.embedding_tokens, 6 + 6);
	const found = await near('harbour', 'boats');

	assert.deepEqual(found.results.map((result) => result.name),
	    ['sea.txt', 'bakery.txt']);
	assert.deepEqual(found.results[0].match, ['vector']);
	assert.ok(found.results[0].score > found.results[1].score);
});

test('the same files are the same model after a start', async () => {
	const { name } = await about();

	assert.equal(await server.halt(), 0);
	await server.run('--embedding-folder', folder);
	assert.equal((await about()).name, name);
	const found = await near('harbour', 'boat');

	assert.equal(found.results[0].name, 'sea.txt');
	const audit = await server.ok('GET', '/bases/harbour/audit');

	assert.deepEqual(audit.differences, []);
});

test('vectors of another model are not compared', async () => {
	const { name } = await about();

	assert.equal(await server.halt(), 0);
	modelPut({ ...WORDS, boat: [0, 4, 0] }, 3);
	await server.run('--embedding-folder', folder);
	assert.notEqual((await about()).name, name);
	// What the old one made is no use without it: it is embedded again.
	const [again] = (await server.ok('GET', '/jobs?base=harbour')).jobs;

	assert.equal(again.kind, 'embed');
	assert.equal((await server.end(again)).state, 'completed');
	assert.equal((await near('harbour', 'boat')).results[0].name,
	    'bakery.txt');
	await server.base('other');
	await server.end(await server.texts('other', [
		{ name: 'sea.txt', text: 'A ship.' },
		{ name: 'bakery.txt', text: 'Bread.' }]));
	const found = await near('other', 'boat');

	assert.equal(found.results[0].name, 'bakery.txt');
});

test('a folder is checked without a server', () => {
	const good = run('model', 'check', folder);

	assert.equal(good.status, 0, good.stderr);
	assert.match(good.stdout, /^a static model that will work/);
	assert.match(good.stdout, /^ {2}dimensions {2}3$/m);
	assert.match(good.stdout, /^ {2}speed +\d+ MB of text a second/m);
	const told = JSON.parse(run('model', 'check', '--json', folder).stdout);

	assert.equal(told.kind, 'static');
	assert.equal(told.rows, 6);
	assert.equal(told.tokenizer, 'WordPiece');
	assert.ok(told.megabytes_per_second > 0);
	const empty = run('model', 'check', path.join(folder, 'none'));

	assert.equal(empty.status, 1);
	assert.match(empty.stderr, /none\/model\.safetensors: No such file/);
	assert.equal(run('model', 'look', folder).status, 2);
});

test('a server does not start without the model it is told of', () => {
	const data = path.join(folder, 'data');
	const none = run('serve', '--listen', '127.0.0.1:0', '--data', data,
	    '--embedding-folder', path.join(folder, 'none'));

	assert.notEqual(none.status, 0);
	assert.match(none.stderr, /embedding_folder: .*No such file/);
});
