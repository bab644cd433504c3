// SPDX-License-Identifier: Apache-2.0
//
// Quotes, minus and `field:` in queries, through HTTP and the command line.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Dify } from './lib-dify.mjs';
import { KEY } from './lib.mjs';

const BUILD = path.resolve(process.env.TIDEMARK_BUILD ?? 'build');
const TEXTS = {
	'leave.md': '# Absence\n\n## Annual leave\n\nWhoever works here has ' +
	    'annual\nleave of thirty days; unused days are lost.\n',
	'sick.md': '# Absence\n\n## Illness\n\nSick leave is not annual. ' +
	    'Whoever leaves early says so.\n',
	'draft.md': '# Absence\n\n## Draft\n\nAnnual -- "leave" may be ' +
	    'shorter, says this draft.\n',
	'run.txt': 'They were running through the harbour, runner by runner.',
	'runs.txt': 'A run through the harbour takes an hour.',
	'cafe.txt': 'Le Café crème, s\'il vous plaît.',
	'tokyo.txt': '東京大学は日本の大学です。関東の中心にある。',
	'kyoto.txt': '京都の大学も日本にある。中東ではない。',
	'Annual report 2024.txt': 'Profits rose, costs rose.',
	'Annual report 2023.txt': 'Profits fell, costs rose.',
};
const HYBRID = [0, 0.5, 1];

let server;

before(async () => {
	server = await Dify.start();
	await server.base('docs');
	await server.end(await server.texts('docs', Object.entries(TEXTS)
	    .map(([name, text]) => ({ name, text,
		metadata: { year: Number(/\d+/.exec(name)?.[0] ?? 0) } }))));
});
after(() => server.stop());

async function query(text, rest = {}) {
	return server.ok('POST', `/bases/${rest.base ?? 'docs'}/query`,
	    { body: { query: text, limit: 100, ...rest, base: undefined } });
}

async function names(text, rest) {
	return [...new Set((await query(text, rest)).results.map(
	    (result) => result.name))].sort();
}

// The same whatever share vectors have.
async function expect(text, wanted, rest) {
	for (const ratio of HYBRID)
		assert.deepEqual(await names(text, { semantic_ratio: ratio,
			...rest }), [...wanted].sort(),
		    `${text} with ${ratio}`);
}

test('phrases: over line ends and signs, and in this order', async () => {
	await expect('"annual leave"', ['draft.md', 'leave.md']);
	await expect('"ANNUAL, LEAVE!" days', ['draft.md', 'leave.md']);
	await expect('"leave annual"', []);
	await expect('“sick leave”', ['sick.md']);
	await expect('"cafe creme"', ['cafe.txt']);
	await expect('"annual leave" "thirty days"', ['leave.md']);
	await expect('"leave of thirty days unused"', ['leave.md']);
	// It does not go from the headings into the text, or the other way.
	await expect('section:"illness sick"', []);
	await expect('section:"absence illness"', []);
});

test('a quoted word is that word and no other form of it', async () => {
	await expect('"run"', ['runs.txt']);
	await expect('"running"', ['run.txt']);
	await expect('"leaves"', ['sick.md']);
	await expect('harbour "runner"', ['run.txt']);
});

test('scripts without spaces: characters side by side', async () => {
	await expect('"東京大学"', ['tokyo.txt']);
	await expect('"京大"', ['tokyo.txt']);
	await expect('"京大学"', ['tokyo.txt']);
	await expect('"大学"', ['tokyo.txt', 'kyoto.txt']);
	await expect('"日本" -東京', ['kyoto.txt']);
	await expect('日本"大学は"', ['tokyo.txt']);
	// A single one is found wherever it stands.
	await expect('"東"', ['tokyo.txt', 'kyoto.txt']);
	await expect('"都"', ['kyoto.txt']);
	await expect('"日本" -都', ['tokyo.txt']);
});

test('what is excluded is not found', async () => {
	await expect('"annual leave" -draft', ['leave.md']);
	await expect('"annual leave" -"thirty days"', ['draft.md']);
	await expect('leave -"annual leave" -harbour -profits -name:txt',
	    ['sick.md']);
	// In a heading, too.
	await expect('section:absence -section:illness',
	    ['draft.md', 'leave.md']);
	assert.ok((await names('harbour -run')).includes('run.txt'));
	assert.ok(!(await names('harbour -run')).includes('runs.txt'));
});

test('fields', async () => {
	await expect('section:"annual leave"', ['leave.md']);
	await expect('section:absence', ['draft.md', 'leave.md', 'sick.md']);
	await expect('text:"sick leave"', ['sick.md']);
	await expect('name:"annual report"',
	    ['Annual report 2023.txt', 'Annual report 2024.txt']);
	await expect('name:report name:2024', ['Annual report 2024.txt']);
	await expect('NAME:report -name:2024', ['Annual report 2023.txt']);
	await expect('name:leave.md', ['leave.md']);
	await expect('name:nowhere', []);
	await expect('name:md "annual leave" -name:draft', ['leave.md']);
	await expect('title:absence', ['draft.md', 'leave.md', 'sick.md']);
	const [tokyo] = (await query('name:tokyo')).results;

	await expect(`uri:"${tokyo.uri}"`, ['tokyo.txt']);
	const { documents } = await server.ok('GET', '/bases/docs/documents');
	const tagged = documents.find(({ keyphrases }) => keyphrases.length);

	assert.ok((await names(`tag:"${tagged.keyphrases[0]}"`))
	    .includes(tagged.name));
	await expect('tag:nobody', []);
});

test('vectors find in what is let through, not in the rest', async () => {
	const { results } = await query('absense holydays name:md',
	    { semantic_ratio: 1 });

	assert.deepEqual(results.map(({ name }) => name).sort(),
	    ['draft.md', 'leave.md', 'sick.md']);
	for (const result of (await query('"annual leave" holiday',
	    { semantic_ratio: 0.5 })).results)
		assert.deepEqual(result.match, ['lexical', 'vector']);
	const scores = (await query('leave -draft',
	    { semantic_ratio: 1 })).results.map(({ score }) => score);

	assert.deepEqual(scores, [...scores].sort((a, b) => b - a));
});

test('what looks for nothing is a list', async () => {
	const list = await query('name:txt -name:report');

	assert.deepEqual(list.results.map(({ name, position, score, match }) =>
	    [name, position, score, match]), Object.keys(TEXTS)
	    .filter((name) => name.endsWith('.txt') && !name.includes('rep'))
	    .map((name) => [name, 0, 1, []]));
	assert.equal(list.partial, false);
	assert.deepEqual((await query('name:txt -harbour',
	    { limit: 2 })).results.map(({ name }) => name),
	    ['cafe.txt', 'tokyo.txt']);
	assert.deepEqual(await names('-absence -rose'), Object.keys(TEXTS)
	    .filter((name) => /^(run|cafe|tokyo|kyoto)/.test(name)).sort());
	// A long document's segments, in their order.
	await server.base('long');
	await server.end(await server.texts('long', [{ name: 'long.txt',
		text: Array.from({ length: 200 }, (_, i) => `Chapter ${i}. ` +
		    'It says what it says. '.repeat(20)).join('\n\n') },
	{ name: 'other.txt', text: 'Chapter one.' }]));
	const { results } = await query('name:long', { base: 'long' });

	assert.ok(results.length > 10);
	assert.deepEqual(results.map(({ position }) => position),
	    results.map((_, i) => i));
	assert.ok(results.every(({ name }) => name === 'long.txt'));
});

test('filters hold together with clauses', async () => {
	await expect('"costs rose"', ['Annual report 2024.txt'],
	    { filter: { year: 2024 } });
	await expect('name:report', ['Annual report 2023.txt'],
	    { filter: { year: { $lt: 2024 } } });
	await expect('name:report', [], { filter: { year: 1 } });
	await expect('-name:report profits', [],
	    { filter: { year: { $gt: 0 } } });
});

test('without operators it is text, as all that makes no clause', async () => {
	const plain = await query('"annual leave" -draft name:x',
	    { operators: false, semantic_ratio: 0 });

	assert.ok(plain.results.some(({ name }) => name === 'draft.md'));
	assert.ok((await names('Note:harbour', { semantic_ratio: 0 }))
	    .includes('run.txt'));
	assert.ok((await names('"harbour run', { semantic_ratio: 0 }))
	    .includes('run.txt'));
	for (const operators of [1, 'yes', []]) {
		const reply = await server.ask('POST', '/bases/docs/query',
		    { body: { query: 'x', operators } });

		assert.equal(reply.status, 400, reply.text);
		assert.equal(reply.json.error.code, 'INVALID_ARGUMENT');
	}
});

test('what is deleted, edited or switched off is gone at once', async () => {
	await server.base('edits');
	await server.end(await server.texts('edits', [
		{ name: 'a.txt', text: 'The first wording.' },
		{ name: 'b.txt', text: 'The first wording, too.' }]));
	const here = { base: 'edits' };

	await expect('"first wording"', ['a.txt', 'b.txt'], here);
	await server.end(await server.texts('edits', [
		{ name: 'a.txt', text: 'The second wording; the first one.' }]));
	await expect('"first wording"', ['b.txt'], here);
	await expect('"second wording"', ['a.txt'], here);
	const { documents } = await server.ok('GET', '/bases/edits/documents');
	const b = documents.find(({ name }) => name === 'b.txt');

	await server.ok('DELETE', `/documents/${b.id}`);
	await expect('"first wording"', [], here);
	await expect('name:b', [], here);
	await expect('-second', [], here);
	// By hand, and with keywords.
	const a = documents.find(({ name }) => name === 'a.txt');
	const base = await server.ok('GET', '/bases/edits');
	const place = `/datasets/${base.id}/documents/${a.id}`;
	const { segments: [segment] } = await server.ok('GET',
	    `/documents/${a.id}/segments`);
	const edit = (fields) => server.call('POST',
	    `${place}/segments/${segment.id}`, { segment: fields });

	assert.equal((await edit({ content: 'A third wording.',
		keywords: ['green tide', 'blue'] })).status, 200);
	await expect('"second wording"', [], here);
	await expect('"third wording"', ['a.txt'], here);
	await expect('keyword:"green tide"', ['a.txt'], here);
	await expect('"green tide"', ['a.txt'], here);
	await expect('"tide blue"', [], here);
	await expect('keyword:wording', [], here);
	await expect('third -keyword:blue', [], here);
	assert.equal((await edit({ content: 'A third wording.',
		enabled: false })).status, 200);
	await expect('"third wording"', [], here);
	await expect('name:a', [], here);
});

test('hostile texts are asked, or refused as others are', async () => {
	const parts = ['"', '-', 'name:', 'text:"', 'a', ' ', '\n', '“', '”',
		'-"', 'ﷺ', '東', '東京', '\u200d', '\u0301', '-name:',
		'--', ':', '\\', '\u0000', '\ud800', '𝔘', 'uri:"', '%', "'",
		'"the of"', 'annual leave', '\u3000', '\x1f', '"a"', '"\n"'];
	let seed = 42;
	const random = (n) => {
		seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
		return (seed >>> 8) % n;
	};

	for (let i = 0; i < 1000; i++) {
		const text = Array.from({ length: 1 + random(i % 10 === 0
		    ? 4000 : 24) }, () => parts[random(parts.length)]).join('');
		const reply = await server.ask('POST', '/bases/docs/query',
		    { body: { query: text, limit: 3,
			semantic_ratio: HYBRID[i % 3] } });

		assert.ok([200, 400].includes(reply.status),
		    `${reply.status} ${JSON.stringify(text)}`);
	}
});

test('as many quoted words as there may be', async () => {
	const phrase = (_, nth) => '"' + Array.from({ length: 15 },
	    (_, i) => `w${nth}x${i}`).join(' ') + '"';

	await expect(Array.from({ length: 16 }, phrase).join(' '), []);
	await expect(Array.from({ length: 40 }, phrase).join(' '), []);
});

test('the command line', async () => {
	const run = (...args) => {
		const done = spawnSync(path.join(BUILD, 'tidemark'),
		    ['query', 'docs', ...args, '--json'], {
			encoding: 'utf8', timeout: 60000,
			env: { ...process.env, TIDEMARK_URL: server.url,
				TIDEMARK_API_KEY: KEY },
		});

		assert.equal(done.status, 0, done.stderr);
		return JSON.parse(done.stdout).results.map(
		    ({ name }) => name).sort();
	};

	assert.deepEqual(run('"annual leave"'), ['draft.md', 'leave.md']);
	assert.ok(run('--plain', '"annual leave"').includes('sick.md'));
	// Options end where words begin with a minus.
	const done = spawnSync(path.join(BUILD, 'tidemark'), ['query', 'docs',
		'--json', '--', '"annual leave"', '-draft'], {
		encoding: 'utf8', timeout: 60000,
		env: { ...process.env, TIDEMARK_URL: server.url,
			TIDEMARK_API_KEY: KEY },
	});

	assert.deepEqual(JSON.parse(done.stdout).results.map(
	    ({ name }) => name), ['leave.md']);
});

test('the dialects ask plain text', async () => {
	const base = await server.ok('GET', '/bases/docs');
	const reply = await server.call('POST',
	    `/datasets/${base.id}/retrieve`,
	    { query: '"annual leave" -draft name:nowhere' });

	assert.equal(reply.status, 200);
	assert.ok(reply.json.records.some(({ segment }) =>
	    segment.document.name === 'draft.md'));
});
