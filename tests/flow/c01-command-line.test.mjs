// SPDX-License-Identifier: Apache-2.0
//
// The command line as a user sees it: output, exit status, with a server and
// without.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { after, before, test } from 'node:test';

const build = process.env.TIDEMARK_BUILD ?? 'build';
const tidemark = path.join(build, 'tidemark');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tidemark-cli-'));
const docs = path.join(folder, 'docs');
let server;

// Environment of a user who has set nothing.
function clean(extra) {
	const env = { ...process.env, HOME: folder, ...extra };

	for (const name of Object.keys(env))
		if (name.startsWith('TIDEMARK_') && !(name in (extra ?? {})))
			delete env[name];
	return env;
}

function run(args, extra) {
	const done = spawnSync(tidemark, args, {
		encoding: 'utf8', env: clean(extra), timeout: 60000,
	});

	return { status: done.status, out: done.stdout, err: done.stderr };
}

// Start a server and wait for its line; `lines` is all that came before.
async function serve(args) {
	const child = spawn(tidemark,
	    ['serve', '--listen', '127.0.0.1:0', ...args],
	    { env: clean(), stdio: ['ignore', 'ignore', 'pipe'] });
	const lines = [];

	child.exited = new Promise((resolve) =>
	    child.on('exit', (code, signal) => resolve(code ?? signal)));
	for await (const line of readline.createInterface(child.stderr)) {
		lines.push(line);
		if (line.startsWith('tidemark: listening on '))
			break;
	}
	child.stderr.resume();
	const url = lines.at(-1)?.match(/http:\/\/127\.0\.0\.1:\d+$/)?.[0];
	assert.ok(url, `no address in ${lines.join('\n')}`);
	return { child, lines, url };
}

function client(args, extra) {
	const key = fs.readFileSync(path.join(folder, 'data', 'api-key'),
	    'utf8').trim();

	return run(args, { TIDEMARK_URL: server.url, TIDEMARK_API_KEY: key,
	    ...extra });
}

before(async () => {
	fs.mkdirSync(path.join(docs, 'deep'), { recursive: true });
	fs.writeFileSync(path.join(docs, 'tide.md'),
	    '# Tides\n\nThe moon pulls the water of the harbour.\n');
	fs.writeFileSync(path.join(docs, 'deep', 'crab.txt'),
	    'A crab lives below the third stone.\n');
	fs.writeFileSync(path.join(docs, 'drop.log'), 'nothing of interest\n');
	server = await serve(['--data', path.join(folder, 'data')]);
});

after(async () => {
	if (server !== undefined) {
		server.child.kill('SIGTERM');
		assert.equal(await server.child.exited, 0);
	}
	fs.rmSync(folder, { recursive: true, force: true });
});

test('a first start keeps the key, and a log says where', () => {
	const file = path.join(folder, 'data', 'api-key');
	const key = fs.readFileSync(file, 'utf8').trim();

	assert.ok(key.length >= 32);
	assert.ok(server.lines.some((line) => line.includes(file)));
	assert.ok(!server.lines.some((line) => line.includes(key)));
	assert.equal(fs.statSync(file).mode & 0o777, 0o600);
});

test('wrong usage is status 2 and says what is wrong', () => {
	for (const [args, words] of [
		[[], 'usage: tidemark'],
		[['nonsense'], 'there is no command "nonsense"'],
		[['query', 'base'], 'usage: tidemark query'],
		[['jobs', '--base', 'x'], 'unknown option "--base"'],
		[['serve', '--wrokers', '2'], 'unknown flag "--wrokers"'],
		[['serve', '--workers', 'two'], 'not a number'],
		[['index', '/no/such/folder'], 'No such file'],
		[['key', 'invent'], 'usage: tidemark key'],
	]) {
		const done = run(args);

		assert.equal(done.status, 2, args.join(' '));
		assert.ok(done.err.includes(words), done.err);
		assert.equal(done.out, '');
	}
});

test('no server is status 3', () => {
	const done = run(['jobs'], { TIDEMARK_URL: 'http://127.0.0.1:1' });

	assert.equal(done.status, 3);
	assert.match(done.err, /cannot reach the server/);
});

test('help is complete', () => {
	const all = run(['help']);

	assert.equal(all.status, 0);
	for (const [, name] of all.out.matchAll(/^ {2}([a-z]+) .* {2,}/gm)) {
		const page = run(['help', name]);

		assert.equal(page.status, 0, name);
		assert.ok(page.out.includes(`usage: tidemark ${name}`), name);
	}
	assert.match(run(['serve', '--help']).out, /TIDEMARK_|--folder-roots/);
	assert.match(run(['version']).out, /^tidemark \d+\.\d+\.\d+\n/);
	JSON.parse(run(['version', '--json']).out);
});

test('index, then query: in place', () => {
	const first = client(['index', docs, '--exclude', '*.log']);

	assert.equal(first.status, 0, first.err);
	assert.match(first.out, /^docs: completed\n {2}files +2\n {4}completed +2\n {2}bytes/m);
	assert.ok(!first.out.includes('\x1b'), 'no control characters');

	const again = client(['index', docs, '--exclude', '*.log']);

	assert.equal(again.status, 0, again.err);
	assert.match(again.out, /docs: no changes\n {2}files +2\n/);
	assert.match(again.out, /^2 skipped: UNCHANGED: unchanged since/m);
	assert.match(again.out, /^next:\n {2}tidemark query docs "\.{3}"\n$/m);

	const found = client(['query', 'docs', 'where', 'lives', 'a', 'crab']);

	assert.equal(found.status, 0, found.err);
	assert.match(found.out, /^1\. \d\.\d+ {2}deep\/crab\.txt/m);
	assert.match(found.out, /below the third stone/);

	const json = JSON.parse(
	    client(['query', 'docs', 'moon', '-k', '1', '--json']).out);

	assert.equal(json.results.length, 1);
	assert.equal(json.results[0].name, 'tide.md');
});

test('a failed file is named, with status 1', () => {
	const bad = path.join(folder, 'bad');

	fs.mkdirSync(bad);
	fs.writeFileSync(path.join(bad, 'cut.json'), '{"a": [1, 2');
	fs.writeFileSync(path.join(bad, 'fine.txt'), 'All is well here.\n');

	const done = client(['index', bad, '--json']);
	const job = JSON.parse(done.out);

	assert.equal(done.status, 1, done.err);
	assert.equal(job.state, 'completed_with_failures');
	assert.match(done.err, /^1 failed: EXTRACTION_FAILED\n/m);
	assert.match(done.err, /^ {2}what to do: .*\n {4}cut\.json: the JSON/m);

	const report = client(['report', job.id.slice(0, 8)]);

	assert.equal(report.status, 0, report.err);
	assert.equal(report.out.trimEnd().split('\n').length, 3);
	assert.match(report.out, /cut\.json.*EXTRACTION_FAILED/);
	assert.equal(client(['report', '0000']).status, 1);

	fs.writeFileSync(path.join(bad, 'cut.json'), '{"a": "word"}');
	const retried = client(['retry', job.id]);

	assert.equal(retried.status, 0, retried.err + retried.out);
	assert.match(retried.out, /: completed\n {2}files +1\n {4}completed +1\n/);
	assert.equal(client(['retry', 'ffffffff']).status, 1);
});

test('files are sent to a server on another address', () => {
	// A name that libcurl knows for loopback and the client does not.
	const away = server.url.replace('127.0.0.1', 'away.localhost');
	const done = client(['index', docs, '--base', 'sent'],
	    { TIDEMARK_URL: away });

	assert.equal(done.status, 0, done.err);
	assert.match(done.out, /sent: completed\n {2}files +3\n/);

	const job = JSON.parse(client(['status', '--json']).out);

	assert.equal(job.kind, 'upload');
	assert.match(client(['query', 'sent', 'crab']).out, /third stone/);
});

test('status, jobs and audit', () => {
	const jobs = JSON.parse(client(['jobs', '--json']).out).jobs;

	assert.ok(jobs.length >= 4);
	for (const job of jobs) {
		const one = client(['status', job.id.slice(0, 8)]);

		assert.equal(one.status, 0, one.err);
		assert.ok(one.out.startsWith(`job ${job.id}\n`));
	}
	assert.equal(client(['jobs']).out.trimEnd().split('\n').length,
	    jobs.length);
	assert.equal(client(['status', 'zz']).status, 2);
	assert.equal(client(['status', '0000']).status, 1);

	const audit = client(['audit', 'docs']);

	assert.equal(audit.status, 0, audit.out + audit.err);
	assert.equal(
	    JSON.parse(client(['audit', 'docs', '--json']).out).ok, true);
	assert.equal(client(['audit', 'nowhere']).status, 1);
});

test('orders on a job that has ended change nothing', () => {
	const before = JSON.parse(client(['status', '--json']).out);

	for (const order of ['cancel', 'pause', 'resume']) {
		const done = client([order, before.id, '--json']);

		assert.equal(done.status, 0, done.err);
		assert.deepEqual(JSON.parse(done.out).counts, before.counts);
		assert.equal(JSON.parse(done.out).state, before.state);
	}
});

test('keys are made, listed and revoked', () => {
	const made = client(['key', 'create', '--label', 'laptop']);
	const key = made.out.trim();

	assert.equal(made.status, 0, made.err);
	assert.equal(client(['jobs'], { TIDEMARK_API_KEY: key }).status, 0);

	const listed = JSON.parse(client(['key', 'list', '--json']).out).keys
	    .find((row) => row.label === 'laptop');

	assert.ok(!JSON.stringify(listed).includes(key));
	assert.equal(client(['key', 'revoke', listed.id]).status, 0);

	const refused = client(['jobs'], { TIDEMARK_API_KEY: key });

	assert.equal(refused.status, 1);
	assert.match(refused.err, /API key/i);
});

test('with --data no server is needed, and one is refused', () => {
	const data = path.join(folder, 'alone');
	const done = run(['index', docs, '--data', data]);

	assert.equal(done.status, 0, done.err);
	assert.match(done.out, /docs: completed\n {2}files +3\n/);

	const found = run(['query', 'docs', 'crab', '--data', data]);

	assert.equal(found.status, 0, found.err);
	assert.match(found.out, /deep\/crab\.txt/);
	assert.match(run(['jobs', '--data', data]).out, /docs: completed/);

	const held = run(['query', 'docs', 'crab', '--data',
	    path.join(folder, 'data')]);

	assert.equal(held.status, 1);
	assert.ok(held.err.includes(path.join(folder, 'data')), held.err);
});

test('the first key may come from the environment', () => {
	const data = path.join(folder, 'given');
	const extra = { TIDEMARK_API_KEY: 'a-key-of-my-own-choice-0123456789' };

	assert.equal(run(['index', docs, '--data', data], extra).status, 0);
	// Without it the folder's owner still gets in.
	const done = run(['query', 'docs', 'moon', '--data', data]);

	assert.equal(done.status, 0, done.err);
	assert.match(done.out, /tide\.md/);
});

test('names cannot write to the terminal', () => {
	const odd = path.join(folder, 'odd');

	fs.mkdirSync(odd);
	fs.writeFileSync(path.join(odd, 'a\x1b[2Jb.json'), '{');

	const done = client(['index', odd]);

	assert.equal(done.status, 1, done.err);
	assert.ok(!done.out.includes('\x1b'));
	assert.match(done.out, /^ {4}a\ufffd\[2Jb\.json: /m);
});

test('SIGTERM ends a server that has work, and the work goes on', async () => {
	const data = path.join(folder, 'busy');
	const many = path.join(folder, 'many');
	const env = () => ({ TIDEMARK_URL: busy.url, TIDEMARK_API_KEY:
	    fs.readFileSync(path.join(data, 'api-key'), 'utf8').trim() });
	let busy;

	fs.mkdirSync(many);
	for (let i = 0; i < 300; i++)
		fs.writeFileSync(path.join(many, `${i}.md`),
		    `# Page ${i}\n\n${`word${i} and more. `.repeat(200)}\n`);
	busy = await serve(['--data', data, '--workers', '1']);
	const started = run(['index', many, '--detach'], env());
	const id = started.out.trim();

	assert.equal(started.status, 0, started.err);
	busy.child.kill('SIGTERM');
	assert.equal(await busy.child.exited, 0);

	busy = await serve(['--data', data]);
	const watched = run(['watch', id], env());

	assert.equal(watched.status, 0, watched.err + watched.out);
	assert.match(watched.out, /many: completed\n {2}files +300\n {4}completed +300\n/);
	busy.child.kill('SIGTERM');
	assert.equal(await busy.child.exited, 0);
});
