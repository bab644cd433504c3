// SPDX-License-Identifier: Apache-2.0
//
// Completion as shells do it, and the manual pages as man shows them.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { KEY, Server } from './lib.mjs';

const build = path.resolve(process.env.TIDEMARK_BUILD ?? 'build');
const tidemark = path.join(build, 'tidemark');
let server, job;

function out(...args) {
	const done = spawnSync(tidemark, args, { encoding: 'utf8' });

	assert.equal(done.status, 0, done.stderr);
	assert.equal(done.stderr, '');
	return done.stdout;
}

function has(program) {
	return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

before(async () => {
	server = await Server.start();
	for (const name of ['handbook', 'harbour', 'my base', 'a$(touch x)b',
		"it's"])
		await server.base(name);
	server.put('one.md', 'One.\n');
	const env = { PATH: process.env.PATH, TIDEMARK_URL: server.url,
		TIDEMARK_API_KEY: KEY,
		ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? '' };
	const done = spawnSync(tidemark, ['index', server.docs, '--base',
		'handbook', '--json'], { encoding: 'utf8', env });

	job = JSON.parse(done.stdout);
	fs.writeFileSync(path.join(server.dir, 'complete.bash'),
	    out('completion', 'bash'));
	fs.mkdirSync(path.join(server.dir, 'some dir'));
});
after(() => server.stop());

// What bash proposes for a line that is split as readline splits it.
function complete(...words) {
	const done = spawnSync('bash', ['--norc', '-c', `
		source ./complete.bash
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_tidemark
		printf '%s\\n' "\${COMPREPLY[@]}"`, 'bash', 'tidemark', ...words],
	{ encoding: 'utf8', cwd: server.dir, env: {
		PATH: `${build}:${process.env.PATH}`, HOME: server.dir,
		ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? '',
		TIDEMARK_URL: server.url, TIDEMARK_API_KEY: KEY } });

	assert.equal(done.stderr, '');
	return done.stdout.trimEnd().split('\n').sort();
}

test('bash: commands, options and their values', () => {
	assert.deepEqual(complete('wa'), ['watch']);
	assert.ok(complete('').includes('completion'));
	assert.deepEqual(complete('index', '--ex'), ['--exclude']);
	assert.deepEqual(complete('watch', '--ex'), ['']);
	assert.deepEqual(complete('serve', '--registration', ''),
	    ['local', 'off', 'open']);
	assert.deepEqual(complete('serve', '--registration', '=', 'o'),
	    ['off', 'open']);
	assert.deepEqual(complete('serve', '--registration', '='),
	    ['local', 'off', 'open']);
	assert.deepEqual(complete('serve', '--log-l'), ['--log-level']);
	assert.deepEqual(complete('key', 're'), ['revoke']);
	assert.deepEqual(complete('key', 'revoke', ''), ['']);
	assert.deepEqual(complete('index', '--data', 'so'), ['some dir']);
	assert.deepEqual(complete('index', 'comp'), ['complete.bash']);
	assert.deepEqual(complete('index', 'x', 'y', 'comp'),
	    ['complete.bash']);
	assert.deepEqual(complete('help', 'que'), ['query']);
	assert.deepEqual(complete('completion', 'z'), ['zsh']);
});

test('bash: bases and jobs of the server, none of them run', () => {
	assert.deepEqual(complete('query', 'ha'), ['handbook', 'harbour']);
	assert.deepEqual(complete('query', '-k', '3', 'har'), ['harbour']);
	assert.deepEqual(complete('query', 'handbook', 'ha'), ['']);
	assert.deepEqual(complete('index', '--base', 'my'), ['my\\ base']);
	assert.deepEqual(complete('index', '-b', 'my\\ b'), ['my\\ base']);
	assert.deepEqual(complete('query', 'a'), ['a\\$\\(touch\\ x\\)b']);
	assert.deepEqual(complete('audit', 'it'), ["it\\'s"]);
	assert.deepEqual(complete('watch', ''), [job.id]);
	assert.deepEqual(complete('retry', '--all', job.id.slice(0, 3)),
	    [job.id]);
	assert.ok(!fs.existsSync(path.join(server.dir, 'x')));
});

test('zsh and fish read their scripts', () => {
	for (const shell of ['zsh', 'fish']) {
		const script = out('completion', shell);

		assert.ok(script.includes('registration'));
		assert.ok(script.includes('follow a job to its end'));
		if (has(shell)) {
			const file = path.join(server.dir, `complete.${shell}`);

			fs.writeFileSync(file, script);
			const done = spawnSync(shell, ['-n', file],
			    { encoding: 'utf8' });

			assert.equal(done.status, 0, done.stderr);
		}
	}
	assert.equal(spawnSync(tidemark, ['completion', 'csh']).status, 2);
});

// Words without layout.
function words(text) {
	return text.replace(/\s+/g, ' ').trim();
}

test('the manual pages say what --help says', { skip: !has('groff') },
    () => {
	const show = (...args) => {
		const page = out('man', ...args);
		const done = spawnSync('groff', ['-ww', '-man', '-Tascii',
			'-P-cbou', '-rLL=500n'], { input: page, encoding: 'utf8' });

		assert.equal(done.status, 0);
		assert.equal(done.stderr, '', 'groff warns');
		return words(done.stdout);
	};
	const page = show();
	const ini = show('tidemark.ini.5');
	const all = out('help');
	const names = [...all.matchAll(/^ {2}([a-z]+)/gm)].map((m) => m[1]);

	assert.ok(names.length > 20);
	for (const name of names) {
		const [, usage, rest] = /^tidemark .*\n\n(usage: .*)\n([^]*)/
		    .exec(out('help', name));
		const [details, list = ''] = rest.split(/^(?:options|settings):$/m);

		assert.ok(page.includes(words(usage)), usage);
		assert.ok(page.includes(words(details)), details);
		if (name === 'serve')
			continue;
		// A head and its meaning, wherever lines were broken.
		for (const row of list.trim().split(/\n {2,6}(?=-)/))
			assert.ok(page.includes(words(row)), row);
	}
	for (const row of out('serve', '--help').split(/^ {2}(?=--)/m)
	    .slice(1)) {
		const [, flag, value, fallback, meaning] =
		    /^(--\S+) (\S+)\s+((?:no )?default.*)\n([^]*?)(?=\n\n|$)/
		    .exec(row);
		const name = flag.slice(2).replaceAll('-', '_');

		assert.ok(ini.includes(words(`${name} = ${value} ${meaning} ` +
		    `${flag}, TIDEMARK_${name.toUpperCase()}, ${fallback}`)),
		    row);
	}
});
