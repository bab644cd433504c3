// SPDX-License-Identifier: Apache-2.0
//
// The clients in examples/ do what they say, and all the same.  A language
// that is not on this machine is left out, and said to be.

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { KEY, Server } from './lib.mjs';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const run = promisify(execFile);
const has = (...tools) => tools.every((tool) =>
	spawnSync(tool, [tool === 'go' ? 'version' : '--version']).status === 0);
const CLIENTS = {
	'tidemark.sh': { tools: ['curl', 'jq'], command: ['sh'] },
	'tidemark.py': { tools: ['python3'], command: ['python3'] },
	'tidemark.mjs': { tools: ['node'], command: ['node'] },
	'tidemark.go': { tools: ['go'], command: ['go', 'run'] },
};
let server;
let dir;
let files;

before(async () => {
	server = await Server.start();
	dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tidemark-p-'));
	files = Object.entries({
		'moon.md': '# Tides\n\nSpring tides come at  new moon\nand at ' +
		    'full moon, when sun and moon pull in one line, as they do.',
		'sun.txt': 'The sun has less than half the moon\'s pull.',
		'bäd "name".json': '{"broken": ',
		'pier é.txt': 'Ferries leave from the pier at high water.',
	}).map(([name, text]) => {
		const file = path.join(dir, name);

		fs.writeFileSync(file, text);
		return file;
	});
});
after(async () => {
	await server.stop();
	fs.rmSync(dir, { recursive: true });
});

const start = (name, args, env = {}) => {
	const [command, ...rest] = CLIENTS[name].command;

	return run(command, [...rest, path.join(EXAMPLES, name), ...args],
	    { env: { ...process.env, TIDEMARK_URL: server.url,
		TIDEMARK_API_KEY: KEY, GOFLAGS: '-mod=mod', ...env } });
};

test('every example is tried here, and told of', () => {
	const listed = fs.readdirSync(EXAMPLES).filter((name) =>
		name !== 'README.md');

	// The chat is tried in p03-chat.
	assert.deepEqual(listed.sort(),
	    ['chat.py', ...Object.keys(CLIENTS)].sort());
	const readme = fs.readFileSync(path.join(EXAMPLES, 'README.md'), 'utf8');

	for (const name of listed)
		assert.ok(readme.includes(`(${name})`), name);
});

for (const [name, { tools }] of Object.entries(CLIENTS))
	test(name, { skip: has(...tools) ? false : `no ${tools.join(', ')} here` },
	    async () => {
		const base = `a b+${name.split('.').pop()}`;
		const { stdout, stderr } = await start(name,
		    [base, 'new moon', ...files]);

		assert.match(stderr, /completed_with_failures 100(\.0)? %\n$/);
		const [first, failed, ...results] = stdout.trimEnd().split('\n');

		assert.equal(first, '3 of 4 completed');
		assert.match(failed, /^failed: .*b.*d .*name.*\.json: EXTRACTION_FAILED: ./);
		assert.match(results[0], /^[01]\.\d{3} moon\.md: /);
		assert.ok(results.length <= 3);
		const { results: hits } = await server.ok('POST',
		    `/bases/${encodeURIComponent(base)}/query`,
		    { body: { query: 'new moon', limit: 3 } });

		assert.deepEqual(results, hits.map(({ score, name: found, text }) =>
			`${score.toFixed(3)} ${found}: ` +
			[...text.split(/\s+/).filter(Boolean).join(' ')]
			    .slice(0, 60).join('')));
		assert.ok(hits.some((hit) => hit.name === 'moon.md'));
		// Again: the base is there, and what is in it is not indexed twice.
		assert.match((await start(name, [base, 'pier', ...files.slice(0, 2)]))
		    .stdout, /^0 of 2 completed\n/);
		// What the server says is what is shown.
		for (const [args, env, words] of [
			[['x', 'y', files[0]], { TIDEMARK_API_KEY: 'nobody' },
				/the server said: UNAUTHORIZED: ./],
			[['..', 'y', files[0]], {},
				/the server said: [A-Z_]+: ./]])
			await assert.rejects(start(name, args, env), (error) => {
				assert.match(error.stderr, words);
				return error.code === 1;
			});
	});
