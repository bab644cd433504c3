// SPDX-License-Identifier: Apache-2.0
//
// `tidemark mcp`: what an agent's program says and hears over standard input
// and output, with a server and without.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { KEY, Server } from './lib.mjs';

const BUILD = path.resolve(process.env.TIDEMARK_BUILD ?? 'build');
const SAMPLES = fileURLToPath(new URL('../../samples', import.meta.url));
const INIT = { protocolVersion: '2025-06-18', capabilities: {},
	clientInfo: { name: 'test', version: '1' } };
const agents = [];
let server;

before(async () => {
	server = await Server.start();
});
after(async () => {
	for (const agent of agents)
		await agent.end();
	await server.stop();
});

// The program, and its answers by their ids.
class Agent {
	constructor(args = [], env = {}) {
		this.child = spawn(path.join(BUILD, 'tidemark'),
		    ['mcp', ...args], { env: { PATH: process.env.PATH,
			ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? '',
			TIDEMARK_URL: server.url, TIDEMARK_API_KEY: KEY,
			...env }, stdio: 'pipe' });
		this.id = 0;
		this.log = this.rest = '';
		this.lines = [];
		this.waiters = [];
		this.child.stderr.on('data', (text) => {
			this.log += text;
		});
		this.child.stdout.setEncoding('utf8');
		this.child.stdout.on('data', (text) => this.take(text));
		this.exit = new Promise((resolve) => this.child.once('exit',
		    (code, signal) => {
			for (const waiter of this.waiters)
				waiter(undefined);
			resolve(signal ?? code);
		}));
		agents.push(this);
	}

	take(text) {
		const lines = (this.rest + text).split('\n');

		this.rest = lines.pop();
		for (const line of lines) {
			const message = JSON.parse(line);
			const waiter = this.waiters.shift();

			if (waiter)
				waiter(message);
			else
				this.lines.push(message);
		}
	}

	say(text) {
		this.child.stdin.write(text + '\n');
	}

	hear() {
		return this.lines.length > 0 ? this.lines.shift()
			: new Promise((resolve) => this.waiters.push(resolve));
	}

	async ask(method, params, told = []) {
		const id = ++this.id;

		this.say(JSON.stringify({ jsonrpc: '2.0', id, method,
			params }));
		for (;;) {
			const message = await this.hear();

			assert.ok(message, `it ended: ${this.log}`);
			assert.equal(message.jsonrpc, '2.0');
			if (message.id === id)
				return message;
			told.push(message);
		}
	}

	async call(name, args, told) {
		const { result, error } = await this.ask('tools/call', { name,
			arguments: args, ...(told && { _meta:
			    { progressToken: 'here' } }) }, told);

		assert.equal(error, undefined, JSON.stringify(error));
		assert.equal(result.content.length, 1);
		assert.equal(result.content[0].type, 'text');
		if (!result.isError)
			assert.deepEqual(JSON.parse(result.content[0].text),
			    result.structuredContent);
		return result.isError ? result.content[0].text
			: result.structuredContent;
	}

	async end() {
		this.child.stdin.end();
		return this.exit;
	}
}

test('it says what it is, and which tools there are', async () => {
	const agent = new Agent();
	const { result } = await agent.ask('initialize', INIT);

	assert.equal(result.protocolVersion, '2025-06-18');
	assert.deepEqual(result.capabilities, { tools: {} });
	assert.equal(result.serverInfo.name, 'tidemark');
	agent.say('{"jsonrpc":"2.0","method":"notifications/initialized"}');
	assert.deepEqual((await agent.ask('ping')).result, {});
	const { tools } = (await agent.ask('tools/list', {})).result;

	assert.deepEqual(tools.map((tool) => tool.name), ['list_bases',
		'query', 'index_text', 'index_files', 'job_status']);
	for (const { inputSchema, description, annotations } of tools) {
		assert.equal(inputSchema.type, 'object');
		assert.ok(description.length > 40);
		assert.equal(typeof annotations.readOnlyHint, 'boolean');
		for (const name of inputSchema.required)
			assert.ok(inputSchema.properties[name]);
	}
	for (const [asked, told] of [['2024-11-05', '2024-11-05'],
		['2025-03-26', '2025-03-26'], ['1999-01-01', '2025-06-18']])
		assert.equal((await agent.ask('initialize', { ...INIT,
			protocolVersion: asked })).result.protocolVersion, told);
	assert.equal(await agent.end(), 0);
});

test('a text goes in and is found', async () => {
	const agent = new Agent();
	const told = [];
	const { job, is_final: isFinal, failures } = await agent.call(
	    'index_text', { base: 'notes', name: 'tides.md',
		text: '# Moon\n\nNeap tides come at the quarters.',
		metadata: { year: 2024 } }, told);

	assert.equal(isFinal, true);
	assert.equal(job.state, 'completed');
	assert.deepEqual(failures, []);
	assert.ok(told.length > 0);
	for (const [at, { method, params }] of told.entries()) {
		assert.equal(method, 'notifications/progress');
		assert.equal(params.progressToken, 'here');
		assert.ok(at === 0 ||
		    params.progress > told[at - 1].params.progress);
	}
	assert.equal(told.pop().params.progress, 100);
	const { results } = await agent.call('query', { base: 'notes',
		query: 'neap', limit: 3, filter: { year: { $gte: 2020 } } });

	assert.deepEqual(results.map(({ name, section }) => [name, section]),
	    [['tides.md', ['Moon']]]);
	const { bases } = await agent.call('list_bases');

	assert.deepEqual(bases.map(({ name, documents }) =>
		[name, documents]), [['notes', 1]]);
});

test('a folder goes in, and what failed is named', async () => {
	const agent = new Agent();
	const { job, failures } = await agent.call('index_files',
	    { base: 'samples', paths: [SAMPLES], exclude: ['*.zip'] });

	assert.equal(job.state, 'completed_with_failures');
	assert.equal(job.kind, 'folder', 'read in place');
	assert.deepEqual(failures.map(({ name, error }) =>
		[name, error.code]), [['broken.json', 'EXTRACTION_FAILED']]);
	const newest = await agent.call('job_status');

	assert.deepEqual(newest.job, job);
	assert.deepEqual((await agent.call('job_status',
	    { job: job.id.slice(0, 8) })).failures, failures);
	assert.match(await agent.call('job_status', { job: 'ffffffff' }),
	    /there is no job/);
});

test('what is wrong is told to the agent', async () => {
	const agent = new Agent();

	for (const [name, args, words] of [
		['query', { base: 'notes' }, /^query is missing$/],
		['query', { base: 7, query: 'x' }, /^base must be a string$/],
		['query', { base: 'notes', query: 'x', limit: 0 },
			/^limit must be from 1 to 100$/],
		['query', { base: 'notes', query: 'x', limt: 1 },
			/^there is no argument "limt"$/],
		['query', { base: 'nothing', query: 'x' }, /no such base/],
		['query', { base: 'notes', query: 'x', filter: { $bad: 1 } },
			/\$bad/],
		['index_files', { base: 'x', paths: [] }, /1 to 10000 paths/],
		['index_files', { base: 'x', paths: [7] },
			/^each of paths must be a string$/],
		['index_files', { base: 'x', paths: ['/not/there'] },
			/\/not\/there/],
		['index_text', { base: 'a/b', name: 'x', text: 'x' }, /name/]])
		assert.match(await agent.call(name, args), words,
		    JSON.stringify(args));
	assert.equal((await agent.ask('tools/call',
	    { name: 'rm' })).error.code, -32602);
	assert.equal((await agent.ask('tools/call',
	    { name: 'query', arguments: 'x' })).error.code, -32602);
	assert.equal((await agent.ask('resources/list')).error.code, -32601);
});

test('lines that are no messages', async () => {
	const agent = new Agent();
	const answer = async (line) => {
		agent.say(line);
		return agent.hear();
	};

	for (const [line, code] of [['nonsense', -32700], ['{', -32700],
		['{"a":1,"a":2}', -32700], ['[]', -32600], ['7', -32600],
		['{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600],
		['{"jsonrpc":"2.0","id":1}', -32600],
		['{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600],
		['['.repeat(100000), -32700],
		[`"${'x'.repeat(17 * 1024 * 1024)}"`, -32600]])
		assert.equal((await answer(line)).error.code, code,
		    line.slice(0, 60));
	// Blank lines, notifications and answers are none's business.
	agent.say('\n  \r\n{"jsonrpc":"2.0","method":"notifications/cancelled"}');
	agent.say('{"jsonrpc":"2.0","id":5,"result":{}}');
	assert.deepEqual(await answer('[{"jsonrpc":"2.0","id":"a",' +
	    '"method":"ping"},{"jsonrpc":"2.0","method":"x"},7]'),
	[{ jsonrpc: '2.0', id: 'a', result: {} },
		{ jsonrpc: '2.0', id: null, error: { code: -32600, message:
			'a message is an object with "jsonrpc": "2.0"' } }]);
	// A last line without an end is none.
	agent.child.stdin.write('{"jsonrpc":"2.0","id":9,"method":"ping"}');
	assert.equal(await agent.end(), 0);
	assert.equal(agent.lines.length, 0);
});

test('without a server that answers, it says what to do', async () => {
	const agent = new Agent([], { TIDEMARK_URL: 'http://127.0.0.1:1' });

	assert.equal((await agent.ask('initialize', INIT)).error, undefined);
	assert.match(await agent.call('list_bases'), /tidemark serve/);
	assert.equal(await agent.end(), 0);
});

test('with --data no server is needed', async () => {
	const data = path.join(server.dir, 'agent-data');
	const agent = new Agent(['--data', data],
	    { TIDEMARK_URL: '', TIDEMARK_API_KEY: '' });

	assert.equal((await agent.call('index_text', { base: 'own',
		name: 'a.txt', text: 'Ebb and flow.' })).job.state, 'completed');
	assert.equal((await agent.call('query', { base: 'own',
		query: 'ebb' })).results.length, 1);
	assert.equal(await agent.end(), 0);
	assert.ok(fs.existsSync(path.join(data, 'tidemark.db')));
	assert.equal(agent.log.includes('tm-'), false, 'a key in the log');
});
