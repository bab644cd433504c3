// SPDX-License-Identifier: Apache-2.0
//
// "Moving from X": the scripts that stand on these pages, run as they stand
// there against a server that speaks the original's interface, our own.

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { KEY, Server } from './lib.mjs';

const GUIDE = fileURLToPath(new URL('../../docs/guide/', import.meta.url));
const run = promisify(execFile);
const skip = spawnSync('python3', ['--version']).status === 0 ? false
	: 'no python3 here';
const AUTH = { Authorization: `Bearer ${KEY}` };
const JSON_TYPE = { ...AUTH, 'Content-Type': 'application/json' };
const HOSTILE = '..my "notes".md';
const TEXT = '# Sluice\n\nThe sluice opens at noon.';
let server, dir;

before(async () => {
	server = await Server.start('--net-allow', '127.0.0.1');
	dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tidemark-p-'));
});
after(async () => {
	await server.stop();
	fs.rmSync(dir, { recursive: true });
});

// The page's script, run; the lines it prints, and what it left.
async function move(page, env) {
	const [, script] = /```python\n([^]*?)```/.exec(
	    fs.readFileSync(path.join(GUIDE, `${page}.md`), 'utf8'));
	const out = path.join(dir, page);
	const { stdout } = await run('python3', ['-c', script], { env: {
		...process.env, FROM: server.url, FROM_KEY: KEY, OUT: out,
		...env } });

	return { lines: stdout.trimEnd().split('\n'),
		files: Object.fromEntries(filesOf(out)) };
}

// Names and texts of all files in a folder that may be missing.
function filesOf(folder, under = '') {
	return !fs.existsSync(folder) ? [] : fs.readdirSync(folder,
	    { withFileTypes: true }).flatMap(({ name }) =>
		fs.statSync(path.join(folder, name)).isDirectory()
		    ? filesOf(path.join(folder, name), `${under}${name}/`)
		    : [[under + name, fs.readFileSync(path.join(folder, name),
			'utf8')]]);
}

async function post(where, body, headers = JSON_TYPE) {
	const reply = await fetch(server.url + where, { method: 'POST', headers,
		body: headers === JSON_TYPE ? JSON.stringify(body) : body });
	const text = await reply.text();

	assert.ok(reply.ok, `${where}: ${reply.status} ${text}`);
	return JSON.parse(text);
}

async function get(where) {
	return (await fetch(server.url + where, { headers: AUTH })).json();
}

// Whatever runs has ended.
async function settled() {
	for (const job of (await server.ok('GET', '/jobs')).jobs)
		await server.end(job);
}

function form(fields) {
	const data = new FormData();

	for (const [name, value, file] of fields)
		if (file === undefined)
			data.append(name, value);
		else
			data.append(name, new Blob([value]), file);
	return data;
}

test('from Dify', { skip }, async () => {
	const { id } = await post('/v1/datasets', { name: 'Docs' });
	const process_rule = { mode: 'automatic' };

	await post(`/v1/datasets/${id}/document/create-by-text`, { name: 'a/b',
		text: 'High water is late at the pier.', process_rule,
		indexing_technique: 'high_quality' });
	await post(`/v1/datasets/${id}/document/create-by-file`, form([
		['data', JSON.stringify({ process_rule })],
		['file', TEXT, 'sluice.md']]), AUTH);
	await settled();
	const { lines, files } = await move('moving-from-dify',
	    { FROM: `${server.url}/v1`, DATASET: id });

	assert.equal(lines.length, 2);
	assert.equal(files['sluice.md'], TEXT);
	const [other] = Object.keys(files).filter((name) =>
	    name !== 'sluice.md');

	assert.match(other, /^a_b/);
	assert.match(files[other], /High water is late at the pier\./);
});

test('from DigitalOcean', { skip }, async () => {
	const ROOT = '/v2/gen-ai/knowledge_bases';
	const { knowledge_base: { uuid } } = await post(ROOT, { name: 'sites' });
	const { uploads: [upload] } = await post(
	    `${ROOT}/data_sources/file_upload_presigned_urls`,
	    { files: [{ file_name: 'guide.md' }] });

	await fetch(upload.presigned_url, { method: 'PUT', body: TEXT });
	await post(`${ROOT}/${uuid}/data_sources`, { file_upload_data_source: {
		original_file_name: 'guide.md',
		stored_object_key: upload.object_key } });
	await post(`${ROOT}/${uuid}/data_sources`, { web_crawler_data_source: {
		base_url: 'http://127.0.0.1:9/docs/', crawling_option: 'PATH' },
	chunking_algorithm: 'CHUNKING_ALGORITHM_FIXED_LENGTH',
	chunking_options: { max_chunk_size: 400 } });
	// There it has the name; here it must have another one.
	await fetch(`${server.url}${ROOT}/${uuid}`, { method: 'PUT',
		headers: JSON_TYPE, body: JSON.stringify({ name: 'sites there' }) });
	const there = await get(`${ROOT}/${uuid}/data_sources`);
	const second = await Server.start();

	try {
		const { lines } = await move('moving-from-digitalocean',
		    { KB: uuid, TO: second.url, TO_KEY: KEY });

		assert.deepEqual([...lines.slice(0, 2)].sort(),
		    ['by hand: "guide.md"', 'made: web_crawler_data_source']);
		const { knowledge_base_data_sources: [source] } = await (await
		    fetch(`${second.url}${ROOT}/${lines[2]}/data_sources`,
		    { headers: AUTH })).json();
		const [, web] = there.knowledge_base_data_sources;

		for (const member of ['web_crawler_data_source',
			'chunking_algorithm', 'chunking_options'])
			assert.deepEqual(source[member], web[member], member);
	} finally {
		await second.stop();
	}
});

test('from Captain', { skip }, async () => {
	await fetch(`${server.url}/v2/collections/papers`, { method: 'PUT',
		headers: AUTH });
	await post('/v2/collections/papers/index/file', form([
		['files', TEXT, 'sluice.md'], ['files', TEXT + '\n', HOSTILE],
	]), AUTH);
	await settled();
	const { lines, files } = await move('moving-from-captain',
	    { COLLECTION: 'papers' });

	assert.deepEqual(Object.keys(files).sort(), [...lines].sort());
	assert.equal(lines.length, 2);
	for (const text of Object.values(files))
		assert.match(text, /The sluice opens at noon\./);
	assert.ok('sluice.md.md' in files);
});

test('from Cognee', { skip }, async () => {
	const headers = { 'X-Api-Key': KEY };

	for (const [name, text] of [['sluice.md', TEXT], ['pier.txt', 'A pier.']])
		await post('/api/v1/add', form([['data', text, name],
			['datasetName', 'cognee-notes']]), headers);
	await settled();
	const { lines, files } = await move('moving-from-cognee', {});
	const named = (name) => files[path.join('cognee-notes', name)];

	assert.ok(lines.length >= 2);
	assert.equal(named('sluice.md'), TEXT);
	assert.equal(named('pier.txt'), 'A pier.');
});
