// SPDX-License-Identifier: Apache-2.0
//
// DigitalOcean: files uploaded ahead, and data sources of all kinds.

import assert from 'node:assert/strict';
import net from 'node:net';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { DigitalOcean, GONE, NOBODY, csv } from './lib-digitalocean.mjs';

const BASES = '/knowledge_bases';
const NOT_ONE = 'CreateKnowledgeBaseDataSource must have exactly 1 data ' +
    'source.';
let server, base;

before(async () => {
	server = await DigitalOcean.start();
	base = (await server.base('sources')).uuid;
});
after(() => server.stop());

const sources = () => `${BASES}/${base}/data_sources`;

async function add(body) {
	return (await server.good('POST', sources(), body))
	    .knowledge_base_data_source;
}

test('addresses to upload to', async () => {
	const uploads = await server.presign(
	    { file_name: 'a.pdf', file_size: '2048' },
	    { file_name: 'b.md', file_size: 2048 },
	    { file_name: 'c d/ü.txt', size_in_bytes: '7' },
	    { file_name: 'a.pdf', file_size: '' });

	assert.deepEqual(uploads.map((one) => one.original_file_name),
	    ['a.pdf', 'b.md', 'c d/ü.txt', 'a.pdf']);
	assert.equal(new Set(uploads.map((one) => one.object_key)).size, 4);
	for (const one of uploads) {
		assert.ok(one.presigned_url.startsWith(`${server.url}/`));
		assert.ok(Date.parse(one.expires_at) > Date.now());
	}
	const where = `${BASES}/data_sources/file_upload_presigned_urls`;

	for (const [body, words] of [[{}, 'files is required'],
		[{ files: [] }, 'files is required'],
		[{ files: [{}] }, 'file_name is required'],
		[{ files: ['a'] }, 'files must be an array of objects'],
		[{ files: {}, x: 1 }, 'files is required'],
		[{ files: [{ file_name: 'a', file_size: 'x' }] },
			'file_size must be a number'],
		[{ files: [{ file_name: 'a'.repeat(513) }] },
			'file_name has more than 512 bytes']])
		await server.bad('POST', where, body, 400, 'invalid_argument',
		    words);
});

test('an address is good for its object alone', async () => {
	const [one, two] = await server.presign({ file_name: 'a.txt' },
	    { file_name: 'b.txt' });
	const url = new URL(one.presigned_url);
	const refused = async (address) => {
		const { status, json } = await server.put(address, 'x');

		assert.equal(status, 403);
		assert.equal(json.id, 'permission_denied');
	};

	await refused(`${server.url}/uploads/${two.object_key}${url.search}`);
	await refused(`${server.url}/uploads/nothing${url.search}`);
	await refused(`${server.url}${url.pathname}`);
	await refused(one.presigned_url.replace(/.$/, (c) =>
	    c === '0' ? '1' : '0'));
	await refused(one.presigned_url.replace(/expires=\d+/,
	    'expires=9999999999'));
	await refused(`${server.url}/uploads/${two.object_key}?expires=1&` +
	    'signature=');
	// Large bodies, too, and before they are taken.
	await server.put(one.presigned_url.replace(/.$/, 'x'),
	    'x'.repeat(200000)).then(({ status }) =>
	    assert.equal(status, 403));
	// With a key it is no other address.
	assert.equal((await server.put(one, 'x', { headers: {
		Authorization: 'Bearer wrong' } })).status, 200);
	assert.equal((await server.put(one, 'y', { headers: {
		'Content-Range': 'bytes 0-0/2' } })).status, 400);
	const reply = await fetch(one.presigned_url);

	assert.equal(reply.status, 405);
});

test('uploads of all sizes and framings', async () => {
	const kb = (await server.base('sizes')).uuid;
	const chunked = (text) => ({ duplex: 'half', body: new ReadableStream({
		start(controller) {
			controller.enqueue(new TextEncoder().encode(text));
			controller.close();
		} }) });
	const cases = [['empty.txt', '', {}], ['small.txt', 'A small tide.', {}],
		['edge.txt', 'edge '.repeat(13107), {}],
		['large.txt', 'The large tide. '.repeat(200000), {}],
		['chunked.txt', 'A chunked tide.', chunked('A chunked tide.')]];

	for (const [name, content, options] of cases) {
		const [upload] = await server.presign({ file_name: name });

		assert.equal((await server.put(upload, content, options))
		    .status, 200, name);
		const { knowledge_base_data_source: source } =
		    await server.good('POST', `${BASES}/${kb}/data_sources`, {
			file_upload_data_source: {
				stored_object_key: upload.object_key,
				size_in_bytes: 7 } });
		const seen = source.file_upload_data_source;

		assert.equal(seen.size_in_bytes,
		    String(Buffer.byteLength(content)), name);
		assert.equal(seen.original_file_name, name);
	}
	const job = await server.index(kb);

	assert.equal(job.status, 'INDEX_JOB_STATUS_COMPLETED');
	assert.equal(job.total_items_indexed, '4');
	assert.equal(job.total_items_skipped, '1');
});

// Send the head and a part of the body, then go.
function breakOff(upload, length, part) {
	const url = new URL(upload.presigned_url);

	return new Promise((resolve, reject) => {
		const socket = net.connect(Number(url.port), url.hostname, () => {
			socket.write(`PUT ${url.pathname}${url.search} ` +
			    `HTTP/1.1\r\nHost: ${url.host}\r\n` +
			    `Content-Length: ${length}\r\n\r\n`);
			socket.end(part);
		});

		socket.on('close', resolve);
		socket.on('error', reject);
		socket.resume();
	});
}

test('a client that stops half-way leaves nothing', async () => {
	const [upload] = await server.presign({ file_name: 'half.txt' });
	const files = () => readdirSync(path.join(server.data),
	    { recursive: true }).filter((name) => /tmp|spool|upload/
	    .test(name)).length;
	const before_ = files();

	await breakOff(upload, 500000, 'x'.repeat(200000));
	// The server has seen the end when it answers another request.
	await server.bad('POST', sources(), { file_upload_data_source: {
		stored_object_key: upload.object_key } }, 400,
	    'invalid_argument', /uploaded/);
	const deadline = Date.now() + 20000;

	while (files() > before_)
		assert.ok(Date.now() < deadline, 'a piece of it is still there');
	assert.equal((await server.put(upload, 'whole')).status, 200);
	await add({ file_upload_data_source: {
		stored_object_key: upload.object_key } });
});

test('a file over the limit', async () => {
	const small = await DigitalOcean.start('--file-bytes-max', '100K');

	try {
		const [upload] = await small.presign({ file_name: 'a.txt' });
		const { status, json } = await small.put(upload,
		    'x'.repeat(102401));

		assert.equal(status, 413);
		assert.equal(json.id, 'resource_exhausted');
		assert.equal((await small.put(upload, 'x'.repeat(102400)))
		    .status, 200);
	} finally {
		await small.stop();
	}
});

test('a file as a data source', async () => {
	const [upload] = await server.presign({ file_name: 'tides.md' });

	await server.bad('POST', sources(), { file_upload_data_source: {
		stored_object_key: upload.object_key } }, 400,
	    'invalid_argument', /uploaded/);
	await server.put(upload, '# Tides\n\nNoon.');
	const source = await add({ knowledge_base_uuid: 'redundant',
		body_knowledge_base_uuid: base, web_crawler_data_source: null,
		chunking_algorithm: 'CHUNKING_ALGORITHM_UNKNOWN',
		file_upload_data_source: {
			stored_object_key: upload.object_key,
			original_file_name: 'Tides of 2026.md',
			size_in_bytes: '15' } });

	assert.deepEqual(source.file_upload_data_source, {
		original_file_name: 'Tides of 2026.md', size_in_bytes: '14',
		stored_object_key: upload.object_key });
	assert.equal(source.chunking_algorithm,
	    'CHUNKING_ALGORITHM_SECTION_BASED');
	assert.equal('last_datasource_indexing_job' in source, false);
});

test('buckets, as all sorts of clients name them', async () => {
	const place = { bucket_name: 'docs', item_path: '/a/b', region: 'fra1' };
	const spaces = await add({ spaces_data_source: place,
		web_crawler_data_source: null });

	assert.deepEqual(spaces.spaces_data_source, place);
	for (const [name, value] of Object.entries(place))
		assert.equal(spaces[name], value);
	const secret = 'wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY';
	const reply = await server.call('POST', sources(), { aws_data_source: {
		bucket_name: 'docs', region: 'us-east-1', item_path: '',
		key_id: 'AKIAIOSFODNN7EXAMPLE', secret_key: secret } });

	assert.equal(reply.status, 200);
	assert.deepEqual(reply.json.knowledge_base_data_source.aws_data_source,
	    { bucket_name: 'docs', item_path: '', region: 'us-east-1' });
	const list = await server.call('GET', sources());

	for (const { text } of [reply, list])
		assert.ok(!text.includes(secret) && !text.includes('AKIA'));
	const old = await add({ bucket_name: 'docs', bucket_region: 'nyc3',
		item_path: 'x.pdf' });

	assert.deepEqual(old.spaces_data_source, { bucket_name: 'docs',
		item_path: 'x.pdf', region: 'nyc3' });
});

test('web sites', async () => {
	const source = await add({ spaces_data_source: { bucket_name: '',
		item_path: '', region: '' }, web_crawler_data_source: {
		base_url: 'https://tides.example/', crawling_option: 'UNKNOWN',
		embed_media: false } });

	assert.deepEqual(source.web_crawler_data_source, {
		base_url: 'https://tides.example/', crawling_option: 'SCOPED',
		embed_media: false, exclude_tags: [] });
	for (const option of ['PATH', 'DOMAIN', 'SUBDOMAINS', 'SITEMAP'])
		assert.equal((await add({ web_crawler_data_source: {
			base_url: 'https://tides.example/',
			crawling_option: option, embed_media: true,
			exclude_tags: ['nav', 'footer'] } }))
		    .web_crawler_data_source.crawling_option, option);
});

test('what is no data source', async () => {
	for (const [body, words] of [
		[{}, NOT_ONE], [undefined, NOT_ONE],
		[{ spaces_data_source: null, web_crawler_data_source: null },
			NOT_ONE],
		[{ spaces_data_source: { bucket_name: 'a' },
			web_crawler_data_source: { base_url: 'https://a.example' } },
			NOT_ONE],
		[{ dropbox_data_source: { folder: '/', refresh_token: 'x' } },
			/^Dropbox/],
		[{ google_drive_data_source: { folder_id: '1' } },
			/^Google Drive/],
		[{ spaces_data_source: { region: 'fra1' } },
			'bucket_name is required'],
		[{ web_crawler_data_source: { base_url: 'ftp://a.example' } },
			undefined],
		[{ web_crawler_data_source: { base_url: 'https://a.example',
			crawling_option: 'ALL' } }, /^crawling_option/],
		[{ file_upload_data_source: { stored_object_key: 'nothing' } },
			/uploaded/],
		[{ spaces_data_source: { bucket_name: 'docs' },
			chunking_options: { max_chunk_size: 50 } },
			/^max_chunk_size/],
		[{ spaces_data_source: { bucket_name: 'docs' },
			chunking_algorithm: 'SEMANTIC' },
			/^chunking_algorithm must be one of/]])
		await server.bad('POST', sources(), body, 400,
		    'invalid_argument', words);
	assert.deepEqual((await server.good('GET', BASES)).knowledge_bases
	    .filter(({ name }) => name === 'half'), []);
	// All or nothing, when they come with the knowledge base.
	await server.bad('POST', BASES, { name: 'half', datasources: [
		{ spaces_data_source: { bucket_name: 'docs' } },
		{ file_upload_data_source: { stored_object_key: 'nothing' } }] },
	    400, 'invalid_argument', /^datasources\[1\]: .*uploaded/);
	assert.deepEqual((await server.good('GET', BASES)).knowledge_bases
	    .filter(({ name }) => name === 'half'), []);
});

test('a knowledge base with its data sources at once', async () => {
	const kb = await server.base('at-once', { datasources: [
		{ spaces_data_source: { bucket_name: 'docs' } },
		{ web_crawler_data_source: { base_url: 'https://a.example/' },
			chunking_algorithm: 'CHUNKING_ALGORITHM_FIXED_LENGTH',
			chunking_options: { max_chunk_size: 200 } }] });
	const { knowledge_base_data_sources: list, meta } = await server.good(
	    'GET', `${BASES}/${kb.uuid}/data_sources`);

	assert.equal(meta.total, 2);
	assert.ok(list[0].spaces_data_source);
	assert.deepEqual(list[1].chunking_options, { max_chunk_size: 200 });
	// Nothing begins by itself.
	assert.equal('last_indexing_job' in kb, false);
	const page = await server.good('GET',
	    `${BASES}/${kb.uuid}/data_sources?page=2&per_page=1`);

	assert.deepEqual(page.knowledge_base_data_sources, [list[1]]);
	assert.deepEqual(page.meta, { page: 2, pages: 2, total: 2 });
});

test('cutting, shown and changed', async () => {
	const source = await server.file(base, 'cut.md', '# A\n\nb',
	    { chunking_algorithm: 'CHUNKING_ALGORITHM_HIERARCHICAL',
		    chunking_options: { parent_chunk_size: 1000,
			    child_chunk_size: 350 } });
	const where = `${sources()}/${source.uuid}`;
	const change = async (body) => (await server.good('PUT', where, body))
	    .knowledge_base_data_source;

	assert.deepEqual(source.chunking_options,
	    { parent_chunk_size: 1000, child_chunk_size: 350 });
	const same = await change({ data_source_uuid: 'x',
		chunking_algorithm: 'CHUNKING_ALGORITHM_UNKNOWN',
		chunking_options: null });

	assert.deepEqual(same, { ...source, updated_at: same.updated_at });
	const semantic = await change({ chunking_algorithm:
		'CHUNKING_ALGORITHM_SEMANTIC', chunking_options: {
		semantic_threshold: 0.8 } });

	assert.deepEqual(semantic.chunking_options,
	    { max_chunk_size: 700, semantic_threshold: 0.8 });
	await server.bad('PUT', where, { chunking_options: {
		semantic_threshold: 2 } }, 400, 'invalid_argument',
	    'semantic_threshold must be from 0 to 1');
	await server.bad('PUT', where, { chunking_algorithm:
		'CHUNKING_ALGORITHM_HIERARCHICAL', chunking_options: {
		parent_chunk_size: 300, child_chunk_size: '300' } }, 400,
	    'invalid_argument', 'parent_chunk_size must be larger than ' +
	    'child_chunk_size');
	await server.bad('PUT', `${sources()}/${NOBODY}`, {}, 404, 'not_found',
	    GONE);
});

// Each algorithm cuts otherwise, and a job after a change cuts anew.
test('cutting makes a difference', async () => {
	const kb = (await server.base('cutting')).uuid;
	const text = Array.from({ length: 60 }, (_, i) => i % 10 === 0
	    ? `# Section ${i / 10}` : `Sentence ${i} of the ${i % 2 === 0
		? 'tide table, with heights and hours'
		: 'kitchen garden, with beans and peas'}, in some words.`)
	    .join('\n\n');
	const source = await server.file(kb, 'cut.md', text, {
		chunking_algorithm: 'CHUNKING_ALGORITHM_SECTION_BASED',
		chunking_options: { max_chunk_size: 100 } });
	const cuts = new Set();
	const cut = async () => {
		const { status } = await server.index(kb);
		const { results } = await server.retrieve(kb, 'tide garden',
		    { num_results: 100 });

		assert.equal(status, 'INDEX_JOB_STATUS_COMPLETED');
		cuts.add(JSON.stringify(results.map((one) =>
		    one.text_content).sort()));
		return results;
	};

	await cut();
	for (const [algorithm, options] of [
		['SEMANTIC', { max_chunk_size: 100, semantic_threshold: 0.5 }],
		['FIXED_LENGTH', { max_chunk_size: 100 }],
		['HIERARCHICAL', { parent_chunk_size: 400,
			child_chunk_size: 100 }]]) {
		await server.good('PUT', `${BASES}/${kb}/data_sources/` +
		    source.uuid, { chunking_algorithm:
			`CHUNKING_ALGORITHM_${algorithm}`,
		    chunking_options: options });
		const results = await cut();

		// Of a hierarchy the parent is given.
		if (algorithm === 'HIERARCHICAL')
			assert.ok(results.some((one) =>
			    one.text_content.length > 400));
	}
	assert.equal(cuts.size, 4);
	assert.equal((await server.index(kb)).status,
	    'INDEX_JOB_STATUS_NO_CHANGES');
});

test('a data source is deleted with its documents', async () => {
	const kb = (await server.base('deleting')).uuid;
	const one = await server.file(kb, 'one.md', 'The kraken wakes.');

	await server.file(kb, 'two.md', 'The lighthouse sleeps.');
	const job = await server.index(kb);

	assert.equal((await server.retrieve(kb, 'kraken')).results[0].metadata
	    .item_name, 'one.md');
	assert.deepEqual(await server.good('DELETE',
	    `${BASES}/${kb}/data_sources/${one.uuid}`),
	    { data_source_uuid: one.uuid, knowledge_base_uuid: kb });
	assert.equal((await server.retrieve(kb, 'kraken', { alpha: 0 }))
	    .total_results, 0);
	await server.bad('DELETE', `${BASES}/${kb}/data_sources/${one.uuid}`,
	    undefined, 404, 'not_found', GONE);
	assert.equal((await server.good('GET', `${BASES}/${kb}/data_sources`))
	    .meta.total, 1);
	// What the job did is still told.
	assert.deepEqual((await server.job(job.uuid)).data_source_uuids,
	    job.data_source_uuids);
	const { signed_url: url } = await server.good('GET',
	    `/indexing_jobs/${job.uuid}/details_signed_url`);

	assert.equal(csv(await (await fetch(url)).text()).length, 3);
});
