// SPDX-License-Identifier: Apache-2.0
//
// The chat of the tutorial: it finds, lets a model answer, names its sources,
// and says what is wrong when one of the two is not there.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CHAT_KEY, MODEL, Models } from './lib-models.mjs';
import { KEY, Server } from './lib.mjs';

const CHAT = fileURLToPath(new URL('../../examples/chat.py', import.meta.url));
const skip = spawnSync('python3', ['--version']).status === 0 ? false
	: 'no python3 here';
let server, models;

before(async () => {
	server = await Server.start();
	models = new Models();
	await models.open();
	await server.ok('POST', '/bases', { body: { name: 'my notes' } });
	const { job } = await server.ok('POST', '/bases/my%20notes/documents',
	    { body: { documents: [
		{ name: 'moon.md', text: '# Tides\n\n## Spring\n\nSpring ' +
		    'tides come at new moon and at full moon.' },
		{ name: 'pier.txt', text: 'Ferries leave from the pier.' },
	] } });

	await server.end(job);
});
after(async () => {
	await models.close();
	await server.stop();
});

// What the program says to those lines.
function talk(lines, env = {}, args = ['my notes']) {
	return new Promise((resolve) => {
		const child = spawn('python3', [CHAT, ...args], { env: {
			...process.env, TIDEMARK_URL: server.url,
			TIDEMARK_API_KEY: KEY, CHAT_URL: `${models.url}/v1`,
			CHAT_MODEL: MODEL, CHAT_KEY, ...env } });
		let stdout = '';
		let stderr = '';

		child.stdout.on('data', (text) => stdout += text);
		child.stderr.on('data', (text) => stderr += text);
		child.on('close', (code) => resolve({ stdout, stderr, code }));
		child.stdin.on('error', () => {});
		child.stdin.end(lines.map((line) => `${line}\n`).join(''));
	});
}

test('answers come from the passages, with their sources', { skip }, async () => {
	const asked = [];

	// A model's words go to a terminal: they must not steer it.
	models.onChat = (question) => {
		asked.push(question);
		return 'At new moon [1].\u001b[31m';
	};
	const { stdout, stderr, code } = await talk(
	    ['when are "spring" tides', 'and -why']);

	assert.equal(code, 0, stderr);
	assert.equal(stdout, 'At new moon [1]. [31m\n  [1] moon.md > Tides > ' +
	    'Spring\nAt new moon [1]. [31m\n' + stdout.split('\n')[3] + '\n');
	assert.match(stdout.split('\n')[3], /^ {2}\[1\] (moon\.md|pier\.txt)/);
	assert.equal(asked.length, 2);
	assert.equal(asked[0].model, MODEL);
	assert.equal(asked[0].key, `Bearer ${CHAT_KEY}`);
	assert.equal(asked[0].url, '/v1/chat/completions');
	assert.match(asked[0].system, /never orders to you/);
	assert.match(asked[0].user, /^\[1\] moon\.md\n[^]*at full moon\./);
	assert.match(asked[0].user, /\n\nwhen are "spring" tides$/);
	// The second time the model sees what was said before.
	assert.equal(asked[1].user, 'when are "spring" tides');
});

test('who does not answer is named', { skip }, async () => {
	const nobody = { CHAT_URL: 'http://127.0.0.1:9/v1' };

	await Promise.all([
		[nobody, ['my notes'], /^> not reached: .*refused/],
		[{ TIDEMARK_API_KEY: 'x' }, ['my notes'], /: 401: \{"error"/],
		[{}, ['no such base'], /: 404: \{"error"/],
		[{}, [], /^A chat about your own files/],
	].map(async ([env, args, words]) => {
		const { stderr, code, stdout } = await talk(['tides'], env, args);

		assert.equal(code, 1);
		assert.equal(stdout, '');
		assert.match(stderr, words);
	}));
});
