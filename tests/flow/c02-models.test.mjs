// SPDX-License-Identifier: Apache-2.0
//
// Models on the command line: which there are, a base that is made with one,
// and one that gets another.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { KEY, Server, isFinal } from './lib.mjs';

const build = process.env.TIDEMARK_BUILD ?? 'build';
const encoder = fileURLToPath(
    new URL('../data/encoder/bert', import.meta.url));
let server;
let model; // what the folder's is called
let file;

function run(args, extra = { TIDEMARK_URL: server.url,
	TIDEMARK_API_KEY: KEY }) {
	const env = { ...process.env, HOME: server.dir };

	for (const name of Object.keys(env))
		if (name.startsWith('TIDEMARK_'))
			delete env[name];
	const done = spawnSync(path.join(build, 'tidemark'), args,
	    { encoding: 'utf8', env: { ...env, ...extra }, timeout: 60000 });

	return { status: done.status, out: done.stdout, err: done.stderr };
}

// What must go well, and be said so.
function well(args, extra) {
	const done = run(args, extra);

	assert.equal(done.status, 0, done.out + done.err);
	return done.out;
}

const json = (...args) => JSON.parse(well([...args, '--json']));
const show = (base) => server.ok('GET', `/bases/${base}`);

before(async () => {
	server = await Server.start('--embedding-folder', encoder);
	model = (await server.ok('GET', '/about')).embedding.name;
	file = server.put('harbour.txt', 'The moon pulls at the harbour.\n');
});
after(() => server.stop());

test('models are listed', async () => {
	assert.equal(well(['models']),
	    `${model}: folder, 32 dimensions, the default\n` +
	    'lexical: lexical, 256 dimensions\n');
	assert.deepEqual(json('models'), await server.ok('GET', '/models'));
	const none = run(['models'], { TIDEMARK_URL: 'http://127.0.0.1:1' });

	assert.equal(none.status, 3);
	assert.equal(none.out, '');
});

test('a base is made with a model, and keeps it', async () => {
	const args = ['index', file, '--base', 'own',
		'--embedding-model', 'lexical'];

	assert.match(well(args), /own: completed\n {2}files +1\n/);
	assert.equal((await show('own')).embedding_model, 'lexical');
	assert.equal((await show('own')).embedder, 'lexical');
	// The same again, and nothing said of it, is no other model.
	assert.match(well(args), /own: no changes/);
	assert.match(well(['index', file, '--base', 'own']), /no changes/);
	const other = run(['index', file, '--base', 'own',
		'--embedding-model', model]);

	assert.equal(other.status, 1);
	assert.equal(other.out, '');
	assert.equal(other.err, 'tidemark: index: the base own is there ' +
	    'already, with the model lexical; tidemark embed BASE --model ' +
	    'NAME gives it another one\n');
	assert.equal((await show('own')).embedder, 'lexical');
	well(['index', file, '--base', 'plain']);
	const short = run(['index', file, '--base', 'plain',
		'--embedding-model', 'x', '--embedding-dimensions', '7']);

	assert.equal(short.status, 1);
	assert.equal(short.err, 'tidemark: index: the base plain is there ' +
	    'already, with the server\'s default model; tidemark embed BASE ' +
	    '--model NAME gives it another one\n');
});

test('what cannot be used is refused, and nothing is made', async () => {
	for (const [args, status, words] of [
		[['--embedding-model', 'nobody'], 1,
			/the model nobody cannot be used/],
		[['--embedding-model', 'lexical', '--embedding-dimensions',
			'7'], 1, /the model lexical has 256 dimensions/],
		[['--embedding-dimensions', '7'], 2,
			/--embedding-model is needed/]]) {
		const done = run(['index', file, '--base', 'never', ...args]);

		assert.equal(done.status, status, done.err);
		assert.match(done.err, words);
	}
	assert.equal((await server.ask('GET', '/bases/never')).status, 404);
	for (const [args, status, words] of [
		[['nowhere'], 1, /nowhere|no such/i],
		[['own', '--model', 'nobody'], 1, /cannot be used/],
		[['own', '--dimensions', '7'], 2, /--model is needed/],
		[['own', '--data', server.data, '--detach'], 2, /--detach/]]) {
		const done = run(['embed', ...args]);

		assert.equal(done.status, status, done.err);
		assert.match(done.err, words);
		assert.equal(done.out, '');
	}
});

test('a base gets another model, and goes back', async () => {
	const out = well(['embed', 'own', '--model', model]);

	assert.match(out, /own: completed\n {2}files +1\n {4}completed +1\n/);
	assert.equal((await show('own')).embedder, model);
	assert.equal(well(['embed', 'own', '--model', model]),
	    'own: nothing is to be embedded again\n');
	assert.equal(well(['embed', 'own']),
	    'own: nothing is to be embedded again\n');
	assert.deepEqual(json('embed', 'own'), await show('own'));
	const job = json('embed', 'plain', '--model', 'lexical');

	assert.equal(job.kind, 'embed');
	assert.equal(job.state, 'completed');
	assert.equal((await show('plain')).embedder, 'lexical');
	well(['index', file, '--base', 'later']);
	const id = well(['embed', 'later', '--model', 'lexical', '--detach'])
	    .trim();

	assert.match(well(['watch', id]), /later: completed\n {2}files +1\n/);
	assert.equal((await show('later')).embedder, 'lexical');
	// No name is the default; its vectors may still be there.
	assert.match(well(['embed', 'plain', '--model', '']),
	    /plain: (completed\n {2}files +1|nothing is to be embedded)/);
	const base = await show('plain');

	assert.equal(base.embedding_model, null);
	assert.equal(base.embedder, model);
	assert.match(well(['query', 'own', 'moon', '--semantic-ratio', '1']),
	    /harbour\.txt/);
});

test('without a server it is the same', () => {
	const data = path.join(server.dir, 'alone');
	const alone = (...args) => well([...args, '--data', data],
	    { TIDEMARK_EMBEDDING_FOLDER: encoder });

	alone('index', file, '--base', 'own', '--embedding-model', 'lexical');
	assert.match(alone('models'), /^lexical: lexical, 256 dimensions$/m);
	assert.match(alone('embed', 'own', '--model', model),
	    /own: completed\n {2}files +1\n/);
	assert.match(alone('query', 'own', 'moon'), /harbour\.txt/);
	assert.match(alone('audit', 'own'), /what was shown is what is there/);
});

test('a service that does not answer is said so', async (t) => {
	const other = await Server.start('--embedding-url',
	    'http://127.0.0.1:1/v1', '--embedding-model', 'vectors-1');

	t.after(() => other.stop());
	await other.base('waits');
	let job = await other.texts('waits',
	    [{ name: 'a.txt', text: 'Otters.' }]);

	while (job.waiting_for !== 'embedding') {
		assert.ok(!isFinal(job), JSON.stringify(job));
		job = await other.ok('GET', `/jobs/${job.id}` +
		    `?after=${job.revision}&wait=30`);
	}
	assert.match(well(['models'], { TIDEMARK_URL: other.url,
		TIDEMARK_API_KEY: KEY }), new RegExp('^vectors-1: service, ' +
	    'dimensions not known yet, the default, does not answer: .+\n' +
	    'lexical: lexical, 256 dimensions\n' +
	    'any other that the embedding service knows will do, too\n$'));
});
