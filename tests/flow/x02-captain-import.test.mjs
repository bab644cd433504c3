// SPDX-License-Identifier: Apache-2.0
//
// Captain: buckets, URLs, and places that there is no way to.  The buckets of
// S3 are in a service that really speaks S3, where it is installed; the others
// are played by this process, which looks at what it is asked.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { Captain, counts, files } from './lib-captain-index.mjs';
import {
	KEY_ID, SECRET, encode, missing, put, start,
} from './lib-s3.mjs';

const BUCKET = 'papers';
const R2_SECRET = 'secret-of-the-other-bucket-1234567890';
const R2_KEY = 'AKIATIDEMARK0987';
const BROKEN = '%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n';
const SITE = new Map([
	['/tides', ['text/html', '<html><head><title>Tides</title></head>' +
	    '<body><p>The spring tide is high.</p></body></html>']],
	['/notes.txt', ['text/plain', 'The neap tide is low.']],
	['/broken.pdf', ['application/pdf', BROKEN]],
]);
const objects = new Map([
	['plain.txt', 'The first harbour.'],
	['reports/2026 q1.md', '# Quarter\n\nThe second harbour.'],
	['reports/deep/x+y.txt', 'The third harbour.'],
	['reports-old/z.txt', 'The fourth harbour.'],
	['reports/broken.pdf', BROKEN],
]);
const played = new Map([...objects].filter(([key]) =>
    !key.endsWith('.pdf')));
const place = { bucket_name: BUCKET, aws_access_key_id: KEY_ID,
	aws_secret_access_key: SECRET };
const r2 = { bucket_name: 'bay', account_id: 'a1b2c3', access_key_id: R2_KEY,
	secret_access_key: R2_SECRET };
const seen = { authorizations: new Set() };
const answers = [];
const endings = [];
let server, site, address, agent, s3;

// ---- what is played -------------------------------------------------------

function list(query) {
	const prefix = query.get('prefix') ?? '';
	const xml = (text) => text.replace(/[<>&"']/g,
	    (c) => `&#${c.charCodeAt(0)};`);

	return '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult ' +
	    'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bay' +
	    `</Name><Prefix>${xml(prefix)}</Prefix>` +
	    '<IsTruncated>false</IsTruncated>' +
	    [...played].filter(([key]) => key.startsWith(prefix)).map(
		([key, text]) => `<Contents><Key>${xml(key)}</Key>` +
		    '<LastModified>2026-01-01T00:00:00.000Z</LastModified>' +
		    `<ETag>&quot;${tag(text)}&quot;</ETag>` +
		    `<Size>${Buffer.byteLength(text)}</Size></Contents>`)
		.join('') + '</ListBucketResult>';
}

function tag(text) {
	return crypto.createHash('md5').update(text).digest('hex');
}

function answerBucket(request, reply, url) {
	const key = decodeURIComponent(url.pathname.slice('/bay/'.length));

	seen.authorizations.add(/Credential=([^/]+)\/\d+\/([^/]+)/
	    .exec(request.headers.authorization ?? '')?.slice(1).join(' '));
	if (key === '') {
		reply.setHeader('Content-Type', 'application/xml');
		reply.end(list(url.searchParams));
	} else if (played.has(key)) {
		reply.setHeader('ETag', `"${tag(played.get(key))}"`);
		reply.end(request.method === 'HEAD' ? '' : played.get(key));
	} else {
		reply.statusCode = 404;
		reply.end('<Error><Code>NoSuchKey</Code></Error>');
	}
}

function answerPage(reply, where) {
	const [type, text] = SITE.get(where) ?? [];

	reply.statusCode = text === undefined ? 404 : 200;
	reply.setHeader('Content-Type', type ?? 'text/plain');
	reply.end(text ?? 'nothing');
}

async function fill(port) {
	agent = new http.Agent({ keepAlive: true });
	await put(agent, port, `/${BUCKET}`, Buffer.alloc(0));
	for (const [key, text] of objects)
		await put(agent, port, `/${BUCKET}/${encode(key)}`,
		    Buffer.from(text));
}

before(async () => {
	site = http.createServer((request, reply) => {
		const url = new URL(request.url, 'http://localhost');

		if (/^\/bay(\/|$)/.test(url.pathname))
			answerBucket(request, reply, url);
		else
			answerPage(reply, url.pathname);
	});
	await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
	address = `127.0.0.1:${site.address().port}`;
	if (!missing) {
		s3 = await start((fn) => endings.push(fn));
		await fill(s3.port);
	}
	server = await Captain.start('--s3-endpoints', `*=http://${address}` +
	    (missing ? '' : ` us-east-1=http://127.0.0.1:${s3.port}`),
	'--net-allow', '127.0.0.1', '--log-level', 'debug');
	const { call } = server;

	server.call = async (...args) => {
		const reply = await call.apply(server, args);

		answers.push(reply.text);
		return reply;
	};
});
after(async () => {
	await server?.stop();
	site.closeAllConnections();
	site.close();
	agent?.destroy();
	for (const end of endings)
		await end();
});

// ---- S3 -------------------------------------------------------------------

const s3uri = (key) => `s3://${BUCKET}/${encode(key)}`;

test('a bucket, and the same again', { skip: missing }, async () => {
	const base = await server.base('bucket');
	const first = await server.done('bucket', 's3', { ...place,
		processing_type: 'advanced', custom_metadata: { sea: 'north' } });

	assert.equal(first.job_type, 'index_s3');
	assert.deepEqual(counts(first), ['completed_with_failures', 4, 1, 0]);
	assert.deepEqual(files(first), Object.fromEntries([...objects.keys()]
	    .map((key) => [s3uri(key), key.endsWith('.pdf')
		? 'EXTRACTION_FAILED' : 'completed'])));
	assert.equal(first.billing.processing_type, 'advanced');
	assert.equal(first.billing.credits.used, 10);
	const [hit] = await server.found(base, 'third');

	assert.equal(hit.uri, s3uri('reports/deep/x+y.txt'));
	assert.equal(hit.metadata.sea, 'north');
	const second = await server.done('bucket', 's3', place);

	assert.deepEqual(counts(second), ['completed', 0, 0, 5]);
	for (const [uri, word] of Object.entries(files(second)))
		assert.equal(word, uri.endsWith('.pdf')
		    ? 'STILL_UNREADABLE' : 'ALREADY_INDEXED');
	const third = await server.done('bucket', 's3',
	    { ...place, skip_existing: false });

	assert.deepEqual(counts(third), ['completed_with_failures', 4, 1, 0]);
	assert.equal((await server.found(base, 'harbour')).length, 4);
});

test('a directory, an object, and so many of them', { skip: missing },
    async () => {
	const of = async (name, kind, more) => {
		await server.base(name);
		return server.done(name, kind, { ...place, ...more });
	};
	const below = ['reports/2026 q1.md', 'reports/broken.pdf',
		'reports/deep/x+y.txt'].map(s3uri);

	for (const [i, directory_path] of ['reports', '/reports/',
		`s3://${BUCKET}/reports/`].entries()) {
		const job = await of(`directory${i}`, 's3/directory',
		    { directory_path });

		assert.equal(job.job_type, 'index_s3_directory');
		assert.deepEqual(Object.keys(files(job)).sort(), below.sort());
	}
	const file = await of('object', 's3/file',
	    { file_uri: `s3://${BUCKET}/reports/deep/x+y.txt` });

	assert.equal(file.job_type, 'index_s3_file');
	assert.deepEqual(files(file),
	    { [s3uri('reports/deep/x+y.txt')]: 'completed' });
	const some = await of('some', 's3', { max_files: 2 });

	assert.equal(some.files.length, 2);
	const none = await of('empty', 's3/directory',
	    { directory_path: 'nothing/here' });

	assert.deepEqual(counts(none), ['completed', 0, 0, 0]);
	assert.equal(none.result.warnings.length, 1);
	assert.deepEqual(none.files, []);
});

test('what cannot be read is told by the job', { skip: missing },
    async () => {
	await server.base('locked');
	for (const [more, code] of [
		[{ aws_secret_access_key: 'wrong-secret-1234567890' },
			'SOURCE_ACCESS_DENIED'],
		[{ bucket_name: 'nobody-has-this' }, 'SOURCE_NOT_FOUND']]) {
		const job = await server.done('locked', 's3',
		    { ...place, ...more });

		assert.equal(job.status, 'failed');
		assert.equal(job.error_code, code);
		assert.equal(job.progress.current_stage, 'scanning');
		assert.ok(job.error_message);
		assert.equal(job.billing, null);
	}
	const gone = await server.done('locked', 's3/file',
	    { ...place, file_uri: `s3://${BUCKET}/gone.txt` });

	assert.equal(gone.status, 'failed');
});

test('a request for a bucket under a name of its own', { skip: missing },
    async () => {
	await server.base('named');
	const options = { headers: { 'Idempotency-Key': 'bucket-once' } };
	const id = await server.index('named', 's3', place, options);

	// Other keys ask for the same.
	assert.equal(await server.index('named', 's3',
	    { ...place, aws_secret_access_key: 'another' }, options), id);
	await server.refuse('named', 's3', { ...place, max_files: 3 }, 409, /./,
	    options);
	await server.end(id);
});

// ---- R2 -------------------------------------------------------------------

test('R2, by its names and by older ones', async () => {
	const base = await server.base('bay');
	const { account_id, access_key_id, secret_access_key, ...rest } = r2;
	const first = await server.done('bay', 'r2', { ...rest,
		r2_account_id: account_id, r2_access_key_id: access_key_id,
		r2_secret_access_key: secret_access_key });

	assert.equal(first.job_type, 'index_r2');
	assert.deepEqual(counts(first), ['completed', 4, 0, 0]);
	assert.deepEqual(files(first), Object.fromEntries([...played.keys()]
	    .map((key) => [`r2://bay/${encode(key)}`, 'completed'])));
	assert.deepEqual([...seen.authorizations], [`${R2_KEY} auto`]);
	for (const jurisdiction of ['default', 'eu', 'fedramp', 'us', null]) {
		const file = await server.done('bay', 'r2/file', { ...r2,
			jurisdiction, file_uri: 'r2://bay/plain.txt' });

		assert.deepEqual(files(file),
		    { 'r2://bay/plain.txt': 'ALREADY_INDEXED' });
	}
	const below = await server.done('bay', 'r2/directory', { ...r2,
		directory_path: 'r2://bay/reports', overwrite_existing: true });

	assert.deepEqual(counts(below), ['completed', 2, 0, 0]);
	assert.equal((await server.found(base, 'harbour')).length, 4);
});

// ---- URLs -----------------------------------------------------------------

test('one URL, and several', async () => {
	const base = await server.base('pages');
	const url = (where) => `http://${address}${where}`;
	const one = await server.done('pages', 'url', { url: url('/tides'),
		processing_type: 'advanced' });

	assert.equal(one.job_type, 'index_url');
	assert.deepEqual(files(one), { [url('/tides')]: 'completed' });
	const some = await server.done('pages', 'url', { urls: ['/tides',
		'/notes.txt', '/broken.pdf', '/gone'].map(url) });

	assert.equal(some.status, 'completed_with_failures');
	assert.equal(some.result.files_failed, 2);
	assert.deepEqual(files(some), { [url('/tides')]: 'ALREADY_INDEXED',
		[url('/notes.txt')]: 'completed',
		[url('/broken.pdf')]: 'EXTRACTION_FAILED',
		[url('/gone')]: 'SOURCE_NOT_FOUND' });
	assert.equal((await server.found(base, 'tide')).length, 2);
	const inside = await server.done('pages', 'url',
	    { url: 'http://169.254.169.254/latest/meta-data/' });

	assert.equal(inside.status, 'failed');
});

// ---- what there is no way to ----------------------------------------------

test('what cannot be read from here fails, and says what to do', async () => {
	await server.base('elsewhere');
	const gcs = { bucket_name: 'b',
		service_account_json: '{"private_key":"gcs-private-key-123"}' };
	const azure = { container_name: 'c', account_name: 'a',
		account_key: 'azure-account-key-123' };

	for (const [kind, body, words] of [
		['gcs', gcs, /^Google Cloud Storage cannot be read from here/],
		['gcs/file', { ...gcs, file_uri: 'gs://b/x' }, /^Google/],
		['gcs/directory', { ...gcs, directory_path: 'x' }, /^Google/],
		['azure', azure, /^Azure Blob Storage cannot be read from here/],
		['azure/file', { ...azure, file_uri: 'azure://c/x' }, /^Azure/],
		['azure/directory', { ...azure, directory_path: 'x' }, /^Azure/],
		['youtube', { url: 'https://youtu.be/x', languages: ['en'] },
			/^YouTube cannot be read from here: send a transcript/],
		['dropbox', { access_token: 'dropbox-token-123' }, /^Dropbox/],
		['supabase', {}, /^Supabase/],
		['backblaze', {}, /^Backblaze/],
		['sharepoint', {}, /^SharePoint/],
		['onedrive', {}, /^OneDrive/],
		['gdrive', undefined, /^Google Drive/]]) {
		const job = await server.done('elsewhere', kind, body);

		assert.equal(job.job_type, `index_${kind.replace('/', '_')}`);
		assert.equal(job.status, 'failed');
		assert.equal(job.error_code, 'UNSUPPORTED');
		assert.match(job.error_message, words);
		assert.equal(job.progress.current_stage, 'scanning');
	}
});

// ---- secrets --------------------------------------------------------------

function* everyFile(folder) {
	for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
		const file = path.join(folder, entry.name);

		if (entry.isDirectory())
			yield* everyFile(file);
		else if (entry.isFile())
			yield file;
	}
}

// In any of the ways in which it could have been written down.
function spellings(secret) {
	return [secret, JSON.stringify(secret).slice(1, -1),
		encodeURIComponent(secret),
		Buffer.from(secret).toString('base64').slice(0, -4),
		Buffer.from(secret).toString('hex')];
}

test('secrets are nowhere: not in answers, the log, or the data', async () => {
	const secrets = [R2_SECRET, R2_KEY, 'gcs-private-key-123',
		'azure-account-key-123', 'dropbox-token-123',
		...missing ? [] : [SECRET, KEY_ID, 'wrong-secret-1234567890']];
	const look = (where, bytes) => {
		for (const spelling of secrets.flatMap(spellings))
			assert.equal(bytes.includes(spelling), false,
			    `${spelling} is in ${where}`);
	};
	let count = 0;

	// One job that is still at it when all is looked at.
	await server.base('secrets');
	await server.index('secrets', 'r2', r2);
	for (const file of everyFile(server.data))
		look(file, fs.readFileSync(file));
	await server.ok('GET', '/jobs?limit=1000');
	await server.halt();
	for (const file of everyFile(server.data)) {
		look(file, fs.readFileSync(file));
		count++;
	}
	assert.ok(count >= 4);
	look('the log', server.log);
	assert.ok(answers.length > 20);
	look('the answers', answers.join('\n'));
	await server.run('--s3-endpoints', `*=http://${address}`);
});
