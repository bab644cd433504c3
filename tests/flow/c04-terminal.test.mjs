// SPDX-License-Identifier: Apache-2.0
//
// What stands on a terminal while a job is followed, and what a program gets
// instead.  The server here is a stage: the job changes when the test says so.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { hasScript, Terminal } from './lib-terminal.mjs';

const tidemark = path.resolve(process.env.TIDEMARK_BUILD ?? 'build',
    'tidemark');
const ID = '0b1f4a52-0000-4000-8000-000000000001';
const STAGES = ['extracting', 'cleaning', 'chunking', 'tagging', 'embedding',
	'finalizing'];
const skip = hasScript() ? false : 'no script(1)';
const terms = [];
let dir, server, job, failed, waiting;

function send(response, json) {
	response.setHeader('content-type', 'application/json');
	response.end(JSON.stringify(json));
}

function change(more) {
	job = { ...job, revision: job.revision + 1, ...more };
	for (const response of waiting.splice(0))
		send(response, job);
}

function start() {
	failed = [];
	waiting = [];
	job = { id: ID, base: 'handbook', state: 'running', revision: 1,
		counts: { total: 10, queued: 5, processing: 2, completed: 3,
			failed: 0, skipped: 0, cancelled: 0 },
		bytes: { total: 1000, done: 300 },
		segments: { total: 12, completed: 9 },
		stages: STAGES.map((name, i) => ({ name,
			items: i === 0 ? 2 : 0, done: 3, seconds: i })),
		percent: 30, eta: { seconds: 7, low: 5, high: 9 },
		throughput: { items_per_second: 2, bytes_per_second: 100 },
		waiting_for: null, error: null,
		started_at: '2026-11-22T10:15:00.000000Z', finished_at: null };
}

function fail(seq, name, code, message) {
	failed.push({ seq, name, state: 'failed', error: { code, message },
		times: { finished_at: `2026-11-22T10:15:0${seq}.000000Z` } });
}

function end() {
	change({ state: 'completed_with_failures', percent: 100, eta: null,
		counts: { total: 10, queued: 0, processing: 0, completed: 8,
			failed: 1, skipped: 1, cancelled: 0 },
		bytes: { total: 1000, done: 1000 },
		finished_at: '2026-11-22T10:15:20.000000Z' });
}

before(async () => {
	dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tidemark-term-'));
	server = http.createServer((request, response) => {
		const url = new URL(request.url, 'http://x');

		if (url.pathname.endsWith('/items'))
			send(response, { next_cursor: null, items:
			    url.searchParams.get('state') === 'failed' ? failed :
			    [{ name: 'same.md', error: { code: 'UNCHANGED',
				    message: '' } }] });
		else if (url.pathname.endsWith('/jobs'))
			send(response, { jobs: [job], next_cursor: null });
		else if (Number(url.searchParams.get('after') ?? -1) >=
		    job.revision)
			waiting.push(response);
		else
			send(response, job);
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
});
after(() => {
	server.close();
	fs.rmSync(dir, { recursive: true, force: true });
});
afterEach(() => {
	for (const term of terms.splice(0))
		term.kill();
	for (const response of waiting.splice(0))
		response.destroy();
});

function env(more) {
	return { PATH: process.env.PATH, HOME: dir, TERM: 'xterm',
		LC_ALL: 'C.UTF-8', NO_COLOR: '1', SHELL: '/bin/sh',
		ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? '',
		TIDEMARK_API_KEY: 'k',
		TIDEMARK_URL: `http://127.0.0.1:${server.address().port}`,
		...more };
}

function watch({ more, ...size } = {}) {
	start();
	terms.push(new Terminal([tidemark, 'watch'],
	    { env: env(more), dir, ...size }));
	return terms.at(-1);
}

test('a bar per stage below the job, in place', { skip }, async () => {
	const term = watch({ rows: 40 });

	await term.until((screen) => screen.text.includes('finalizing'), 'drawn');
	assert.equal(term.screen.cursor, false);
	assert.deepEqual(term.screen.text.split('\n').slice(0, 4), [
		'handbook: running  30.0 %  2.0/s, 100 B/s  ' +
		    '7 s left (5 s to 9 s)',
		'█'.repeat(23) + '▒'.repeat(15) + '░'.repeat(41),
		'█ 3 completed   ▒ 2 in work   ░ 5 queued',
		`  extracting  ${'█'.repeat(8)}${'▒'.repeat(5)}` +
		    `${'░'.repeat(14)}        3 passed    2 in it`,
	]);
	assert.equal(term.screen.text.split('\n').length, 9);

	fail(1, 'old.pdf', 'NO_TEXT', 'old.pdf has no text');
	fail(3, '潮.pdf', 'NO_TEXT', 'it has no text');
	fail(2, 'a\x1b[2J.pdf', 'NO_TEXT', 'x'.repeat(100));
	change({ waiting_for: 'embedding', counts: { ...job.counts,
		failed: 3, queued: 2 } });
	await term.until((screen) => screen.text.includes('old.pdf'), 'failed');
	const lines = term.screen.text.split('\n');

	assert.equal(lines.length, 13);
	assert.equal(lines[9],
	    '  waits: the embedding service does not answer');
	assert.deepEqual(lines.slice(10), [
		'  failed 潮.pdf: NO_TEXT: it has no text',
		`  failed a\ufffd[2J.pdf: NO_TEXT: ${'x'.repeat(50)}`,
		'  failed old.pdf: NO_TEXT: old.pdf has no text',
	]);
	assert.ok(!/\x1b\[[0-9]*m/.test(term.screen.raw), 'NO_COLOR');
	end();
	assert.equal(await term.exited, 1);
	assert.equal(term.screen.cursor, true);
	// The frame is gone, the summary stands in its place.
	assert.match(term.screen.text, /^handbook: completed with failures\n/);
	assert.ok(!term.screen.text.includes('in work'));
});

test('another size, while nothing else happens', { skip }, async () => {
	const term = watch({ columns: 100 });

	await term.until((screen) => screen.text.includes('finalizing'), 'drawn');
	const wide = term.screen.text;

	term.resize(60);
	await term.until((screen) => screen.text !== wide &&
	    screen.text.split('\n').length === 9 &&
	    screen.text.startsWith('handbook: running'), 'drawn for 60');
	for (const line of term.screen.text.split('\n'))
		assert.ok(line.length < 60, line);
	term.resize(40);
	await term.until((screen) => /^ 30 % \[###-------\] 3\/10/
	    .test(screen.text), 'one bar');
	assert.equal(term.screen.text.split('\n').length, 1);
	term.resize(80);
	await term.until((screen) => screen.text.split('\n').length === 9,
	    'all bars again');
	end();
	assert.equal(await term.exited, 1);
});

test('colour, plain characters, five lines', { skip }, async () => {
	const color = watch({ more: { NO_COLOR: '', LC_ALL: 'C' } });

	await color.until((screen) => screen.text.includes('finalizing'),
	    'drawn');
	assert.ok(color.screen.raw.includes('\x1b[32m###'));
	assert.ok(!/[^\x00-\x7f]/.test(color.screen.raw));
	end();
	await color.exited;

	const low = watch({ rows: 5 });

	await low.until((screen) => screen.text.startsWith(' 30 % ['), 'drawn');
	end();
	await low.exited;
});

test('TERM=dumb has plain lines', { skip }, async () => {
	const term = watch({ more: { TERM: 'dumb' } });

	await term.until((screen) => screen.text.includes('30.0 %'), 'told');
	end();
	await term.exited;
	assert.ok(!term.screen.raw.includes('\x1b'));
	assert.match(term.screen.text,
	    /^handbook: running 30.0 %, 3 of 10, extracting, 2.0\/s, 100 B\/s,/);
});

test('Ctrl-C and Ctrl-\\ give the cursor back', { skip }, async () => {
	for (const [key, status] of [['\x03', 130], ['\x1c', 131]]) {
		const term = watch();

		await term.until((screen) => screen.text.includes('finalizing'),
		    'drawn');
		assert.equal(term.screen.cursor, false);
		term.type(key);
		assert.equal(await term.exited, status);
		assert.equal(term.screen.cursor, true);
		if (status === 130)
			assert.match(term.screen.text,
			    /goes on\n {2}tidemark watch 0b1f4a52 {4}# fo/);
	}
});

// Piped: nothing but lines.
function piped(args) {
	start();
	const child = spawn(tidemark, args, { env: env(),
		stdio: ['ignore', 'pipe', 'pipe'] });
	const done = { out: '', err: '' };

	child.stdout.on('data', (text) => { done.out += text; });
	child.stderr.on('data', (text) => { done.err += text; });
	done.told = (count) => new Promise((resolve) => {
		const look = () => done.out.split('\n').length > count &&
		    resolve();

		child.stdout.on('data', look);
		look();
	});
	done.exited = new Promise((resolve) => child.on('close', resolve));
	return done;
}

test('--json: a line per change, then the failed files', async () => {
	const done = piped(['watch', '--json']);

	await done.told(1);
	fail(4, 'a.pdf', 'NO_TEXT', 'a.pdf has no text');
	change({ percent: 55.5 });
	await done.told(2);
	end();
	assert.equal(await done.exited, 1);
	const lines = done.out.trimEnd().split('\n').map(JSON.parse);

	assert.deepEqual(lines.map((line) => line.percent ?? line.seq),
	    [30, 55.5, 100, 4]);
	assert.deepEqual(lines[2], job);
	assert.deepEqual(lines[3], failed[0]);
	assert.equal(done.err, '');
});

test('the summary says what failed and what comes next', async () => {
	const done = piped(['watch', ID]);

	await done.told(1);
	fail(4, 'a.pdf', 'NO_TEXT', 'a.pdf has 3 pages but no text');
	job.base = "tide's book";
	end();
	assert.equal(await done.exited, 1);
	assert.equal(done.out.slice(done.out.indexOf('\n', done.out.indexOf(
	    'completed with failures 100')) + 1),
	    `tide's book: completed with failures
  files                  10
    completed             8
    failed                1
    skipped               1
  bytes              1.0 kB
  segments                9
  time                 20 s
  rate                0.5/s, 50 B/s

1 failed: NO_TEXT
  the document has pages but no text
  what to do: start the server with --ocr yes to read scans, then retry
    a.pdf: a.pdf has 3 pages but no text

1 skipped: UNCHANGED: unchanged since it was indexed

next:
  tidemark query 'tide'\\''s book' "..."
  tidemark report 0b1f4a52   # a line for each file
  tidemark retry 0b1f4a52    # the failed files again
`);
});
