// SPDX-License-Identifier: Apache-2.0
//
// Vectors from an encoder in a folder: tiny ones with random weights, whose
// values are compared layer by layer elsewhere (tests/unit/embed_bert_test.c).
// Here: that the whole way works, and that nothing is embedded twice.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Server } from './lib.mjs';

const build = process.env.TIDEMARK_BUILD ?? 'build';
const data = fileURLToPath(new URL('../data/', import.meta.url));
const kinds = ['bert', 'roberta', 'distilbert'];
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'tidemark-encoder-'));
const TEXTS = 32; // that are stored at once
const ALL = 10 * TEXTS;
const flags = ['--workers', '1', '--embedding-folder',
	path.join(data, 'encoder', 'bert')];
let server;

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

async function counted(what) {
	const text = await (await server.fetch('/metrics')).text();

	return Number(new RegExp(`^tidemark_embedding_${what}\\S* (\\d+)$`,
	    'm').exec(text)[1]);
}

const embedded = () => counted('texts');

// Paragraphs of which each becomes a segment.
const chapter = (count) => Array.from({ length: count }, (_, i) =>
	`Paragraph ${i}. ` + 'the tide came in over the sand and went. '
	    .repeat(22)).join('\n\n');

before(async () => {
	server = await Server.start(...flags);
});
after(async () => {
	await server.stop();
	fs.rmSync(scratch, { recursive: true, force: true });
});

test('documents are found by an encoder', async () => {
	const { name, ...rest } = await about();

	assert.match(name, /^bert-[0-9a-f]{16}$/);
	assert.deepEqual(rest, { dimensions: 32, is_down: false });
	await server.base('harbour');
	const job = await server.end(await server.texts('harbour', [
		{ name: 'sea.txt', text: 'The ship is a boat.' },
		{ name: 'fox.txt', text: 'The quick brown fox jumps.' },
		{ name: 'bakery.txt', text: 'Bread is over the oven.' }]));

	assert.equal(job.state, 'completed');
	assert.equal(await embedded(), 3);
	assert.ok(job.embedding_tokens > 0);
	assert.equal(job.embedding_tokens, await counted('tokens'));
	for (const [text, wanted] of [['the ship is a boat.', 'sea.txt'],
		['the quick brown fox jumps.', 'fox.txt'],
		['bread is over the oven.', 'bakery.txt']]) {
		const found = await near('harbour', text);

		assert.equal(found.results.length, 3);
		assert.equal(found.results[0].name, wanted);
		assert.deepEqual(found.results[0].match, ['vector']);
	}
});

test('what is stored is not embedded again after kill -9', async () => {
	await server.base('long');
	let job = await server.texts('long',
	    [{ name: 'long.txt', text: chapter(ALL) }]);

	while (job.segments.completed < TEXTS)
		job = await server.ok('GET', `/jobs/${job.id}` +
		    `?after=${job.revision}&wait=30`);
	const stored = job.segments.completed;

	assert.equal(await server.halt('SIGKILL'), 'SIGKILL');
	await server.run(...flags);
	job = await server.end(await server.ok('GET', `/jobs/${job.id}`));
	assert.equal(job.state, 'completed');
	assert.deepEqual(job.segments, { total: ALL, completed: ALL });
	const again = await embedded();

	assert.ok(again <= ALL - stored, `${again} of ${ALL}, ${stored}`);
	const audit = await server.ok('GET', '/bases/long/audit');

	assert.deepEqual(audit.differences, []);
});

test('weights as bytes are another model, and find the same', async () => {
	const { name } = await about();

	assert.equal(await server.halt(), 0);
	await server.run(...flags, '--embedding-numbers', 'int8');
	assert.equal((await about()).name, `${name}-int8`);
	await server.base('bytes');
	await server.end(await server.texts('bytes', [
		{ name: 'sea.txt', text: 'The ship is a boat.' },
		{ name: 'fox.txt', text: 'The quick brown fox jumps.' }]));
	const found = await near('bytes', 'the ship is a boat.');

	assert.equal(found.results[0].name, 'sea.txt');
	const [again] = (await server.ok('GET', '/jobs?base=harbour')).jobs;

	assert.equal(again.kind, 'embed');
	assert.equal((await server.end(again)).state, 'completed');
	assert.equal((await near('harbour', 'the ship is a boat.'))
		.results[0].name, 'sea.txt');
});

test('a folder is checked without a server', () => {
	const folder = path.join(data, 'encoder', 'distilbert');
	const good = run('model', 'check', folder);

	assert.equal(good.status, 0, good.stderr);
	assert.match(good.stdout, /^an encoder that will work/);
	assert.match(good.stdout, /DistilBertModel, 2 layers of 32 and 64/);
	assert.match(good.stdout, /pooled by max$/m);
	assert.match(good.stdout, /^ {2}float32 +\d+ tokens a second/m);
	assert.match(good.stdout, /^ {2}int8 +\d+ tokens a second/m);
	const told = JSON.parse(run('model', 'check', '--json',
	    path.join(data, 'encoder', 'bert')).stdout);

	assert.equal(told.kind, 'bert');
	assert.equal(told.dimensions, 32);
	assert.equal(told.tokens_max, 32);
	assert.equal(told.query_prompt, 'query: ');
	assert.equal(told.document_prompt, 'passage: ');
	assert.ok(told.float32.tokens_per_second > 0);
	assert.ok(told.float32.matrix_gflops > 0);
	assert.ok(told.int8_cosine_worst > 0.99);
});

test('a model that is not understood is refused by name', () => {
	const folder = path.join(scratch, 'other');
	const config = path.join(folder, 'config.json');

	fs.cpSync(path.join(data, 'encoder', 'bert'), folder,
	    { recursive: true });
	fs.writeFileSync(config, fs.readFileSync(config, 'utf8')
	    .replace('"bert"', '"mpnet"'));
	const check = run('model', 'check', folder);

	assert.equal(check.status, 1);
	assert.match(check.stderr, /the model_type "mpnet" is not understood/);
	const serve = run('serve', '--listen', '127.0.0.1:0', '--data',
	    path.join(scratch, 'data'), '--embedding-folder', folder);

	assert.notEqual(serve.status, 0);
	assert.match(serve.stderr,
	    /embedding_folder: the model_type "mpnet" is not understood/);
	const nowhere = run('serve', '--listen', '127.0.0.1:0', '--data',
	    path.join(scratch, 'data'), '--embedding-numbers', 'int8');

	assert.equal(nowhere.status, 2);
	assert.match(nowhere.stderr, /of use with embedding_folder only/);
});

test('the encoders are what the script makes', () => {
	for (const kind of kinds) {
		const made = path.join(scratch, kind);
		const kept = path.join(data, 'encoder', kind);
		const done = spawnSync('/usr/bin/python3',
		    [path.join(data, 'make_encoder'), kind, made],
		    { encoding: 'utf8', timeout: 60000 });

		assert.equal(done.status, 0, done.stderr);
		for (const name of ['model.safetensors', 'config.json',
			'tokenizer.json', 'reference.safetensors',
			'modules.json', '1_Pooling/config.json'])
			assert.ok(fs.readFileSync(path.join(made, name))
			    .equals(fs.readFileSync(path.join(kept, name))),
			    `${kind}/${name}`);
	}
});
