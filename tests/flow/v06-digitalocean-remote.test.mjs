// SPDX-License-Identifier: Apache-2.0
//
// DigitalOcean: buckets and web sites as data sources, read again and again.
// Both are played by this process, on loopback; the bucket is a simple one,
// whose pages have three objects, so that a listing has several.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import http from 'node:http';
import test, { after, before } from 'node:test';
import {
	DigitalOcean, csv, statuses, words,
} from './lib-digitalocean.mjs';

const PAGE = 3;
const SECRET = 'secret-of-the-bucket-1234567890';
const NEVER = '2026-01-01T00:00:00.000Z';
const bucket = new Map(), site = new Map();
const seen = { gets: [], keys: new Set() };
let service, server, address;

const tag = (text) => crypto.createHash('md5').update(text).digest('hex');
const xml = (text) => text.replace(/[<>&"']/g, (c) => `&#${c.charCodeAt(0)};`);

function list(query) {
	const prefix = query.get('prefix') ?? '';
	const from = query.get('continuation-token') ??
	    query.get('start-after') ?? '';
	const keys = [...bucket.keys()].filter((key) =>
	    key.startsWith(prefix) && key > from).sort();
	const page = keys.slice(0, PAGE);
	const isMore = keys.length > PAGE;

	return '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult ' +
	    'xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
	    `<Name>docs</Name><Prefix>${xml(prefix)}</Prefix>` +
	    `<KeyCount>${page.length}</KeyCount><MaxKeys>${PAGE}</MaxKeys>` +
	    `<IsTruncated>${isMore}</IsTruncated>` + (isMore
		? `<NextContinuationToken>${xml(page.at(-1))}` +
		    '</NextContinuationToken>' : '') + page.map((key) =>
		`<Contents><Key>${xml(key)}</Key><LastModified>${NEVER}` +
		`</LastModified><ETag>&quot;${tag(bucket.get(key))}&quot;` +
		`</ETag><Size>${Buffer.byteLength(bucket.get(key))}</Size>` +
		'<StorageClass>STANDARD</StorageClass></Contents>').join('') +
	    '</ListBucketResult>';
}

function answerBucket(request, reply, url) {
	const credential = /Credential=([^/]+)\//
	    .exec(request.headers.authorization ?? '');
	const key = decodeURIComponent(url.pathname.slice('/docs/'.length));

	seen.keys.add(credential?.[1]);
	if (key === '') {
		reply.setHeader('Content-Type', 'application/xml');
		reply.end(list(url.searchParams));
	} else if (bucket.has(key)) {
		seen.gets.push(key);
		reply.setHeader('ETag', `"${tag(bucket.get(key))}"`);
		reply.setHeader('Last-Modified',
		    new Date(NEVER).toUTCString());
		reply.end(bucket.get(key));
	} else {
		reply.statusCode = 404;
		reply.end('<Error><Code>NoSuchKey</Code></Error>');
	}
}

before(async () => {
	service = http.createServer((request, reply) => {
		const url = new URL(request.url, 'http://localhost');

		if (/^\/docs(\/|$)/.test(url.pathname)) {
			answerBucket(request, reply, url);
		} else if (site.has(url.pathname)) {
			reply.setHeader('Content-Type', 'text/html');
			reply.end(site.get(url.pathname));
		} else {
			reply.statusCode = 404;
			reply.end('nothing');
		}
	});
	await new Promise((resolve) =>
	    service.listen(0, '127.0.0.1', resolve));
	address = `127.0.0.1:${service.address().port}`;
	server = await DigitalOcean.start('--s3-endpoints',
	    `*=http://${address}`, '--net-allow', '127.0.0.1');
});
after(async () => {
	await server.stop();
	service.closeAllConnections();
	service.close();
});

async function source(kb, body) {
	return (await server.good('POST',
	    `/knowledge_bases/${kb}/data_sources`, body))
	    .knowledge_base_data_source;
}

test('a bucket, again and again', async () => {
	const kb = (await server.base('bucket')).uuid;

	for (let i = 0; i < 8; i++)
		bucket.set(`manuals/${i}.md`, `# Manual ${i}\n\nValve ${i}.`);
	bucket.set('manuals/twin.md', bucket.get('manuals/0.md'));
	bucket.set('manuals-old/x.md', 'Not of this folder.');
	const { uuid } = await source(kb, { aws_data_source: {
		bucket_name: 'docs', item_path: '/manuals', region: 'us-east-1',
		key_id: 'AKIATIDE', secret_key: SECRET } });
	const first = await server.index(kb);

	assert.equal(words(first), 'SUCCEEDED COMPLETED');
	assert.equal(first.total_items_indexed, '9');
	assert.deepEqual([...seen.keys], ['AKIATIDE']);
	assert.equal(first.data_source_jobs[0].total_file_count, '9');
	// Nothing is fetched of what the listing says has not changed.
	seen.gets.length = 0;
	const same = await server.index(kb);

	assert.equal(words(same), 'SUCCEEDED NO_CHANGES');
	assert.deepEqual(statuses(same), ['NOT_UPDATED']);
	assert.deepEqual(seen.gets, []);
	assert.equal(same.total_items_skipped, '9');
	bucket.set('manuals/1.md', '# Manual 1\n\nThe valve is a gate now.');
	bucket.set('manuals/new.md', 'A new one.');
	bucket.delete('manuals/2.md');
	const changed = await server.index(kb, [uuid]);

	assert.equal(words(changed), 'SUCCEEDED COMPLETED');
	assert.deepEqual(statuses(changed), ['UPDATED']);
	assert.equal(changed.total_items_indexed, '2');
	assert.equal(changed.total_items_removed, '1');
	assert.equal(changed.total_items_skipped, '7');
	assert.deepEqual([...seen.gets].sort(),
	    ['manuals/1.md', 'manuals/new.md']);
	assert.match((await server.retrieve(kb, 'gate', { alpha: 0 }))
	    .results[0].text_content, /gate now/);
	assert.equal((await server.retrieve(kb, 'Manual 2', { alpha: 0,
		filters: { must: [{ field: 'source', operator: 'contains',
			value: '2.md' }] } })).total_results, 0);
	// Only what is gone, and then what cannot be read and what is no text.
	bucket.delete('manuals/3.md');
	const removed = await server.index(kb);

	assert.equal(words(removed), 'SUCCEEDED COMPLETED');
	assert.equal(removed.total_items_removed, '1');
	bucket.set('manuals/broken.pdf', '%PDF-1.4 no more than that');
	const partial = await server.index(kb);

	assert.equal(words(partial), 'SUCCEEDED PARTIAL');
	assert.deepEqual(statuses(partial), ['PARTIALLY_UPDATED']);
	const { signed_url: url } = await server.good('GET',
	    `/indexing_jobs/${partial.uuid}/details_signed_url`);
	const failed = csv(await (await fetch(url)).text()).filter((row) =>
	    row[4] === 'failed');

	assert.equal(failed.length, 1);
	assert.match(failed[0][2], /broken\.pdf$/);
	assert.ok(!server.log.includes(SECRET));
});

test('a site', async () => {
	const kb = (await server.base('site')).uuid;
	const page = (title, ...links) => `<html><head><title>${title}</title>` +
	    `</head><body><h1>${title}</h1><p>All about ${title}.</p>` +
	    links.map((to) => `<a href="${to}">${to}</a>`).join(' ') +
	    '</body></html>';

	site.set('/tides/', page('Tides', 'spring.html', '/moon.html'));
	site.set('/tides/spring.html', page('Spring tides', './'));
	site.set('/moon.html', page('Moon'));
	const scoped = await source(kb, { web_crawler_data_source: {
		base_url: `http://${address}/tides/` } });
	const one = await server.index(kb);

	assert.equal(words(one), 'SUCCEEDED COMPLETED');
	assert.equal(one.total_items_indexed, '1');
	await server.good('DELETE', `/knowledge_bases/${kb}/data_sources/` +
	    scoped.uuid);
	await source(kb, { web_crawler_data_source: {
		base_url: `http://${address}/tides/`,
		crawling_option: 'PATH' } });
	const two = await server.index(kb);

	assert.equal(two.total_items_indexed, '2');
	assert.match((await server.retrieve(kb, 'spring', { alpha: 0 }))
	    .results[0].metadata.source, /spring\.html/);
	assert.equal(words(await server.index(kb)), 'SUCCEEDED NO_CHANGES');
	site.delete('/tides/spring.html');
	site.set('/tides/', page('Tides'));
	const three = await server.index(kb);

	assert.equal(three.total_items_removed, '1');
	assert.equal(three.total_items_indexed, '1');
});

test('one source of several that cannot be read', async () => {
	const kb = (await server.base('mixed')).uuid;

	await server.file(kb, 'a.md', 'All is well.');
	await source(kb, { web_crawler_data_source: {
		base_url: `http://${address}/nowhere` } });
	const job = await server.index(kb);

	assert.equal(words(job), 'SUCCEEDED PARTIAL');
	assert.deepEqual(statuses(job), ['UPDATED', 'FAILED']);
	assert.ok(job.data_source_jobs[1].error_msg);
});
