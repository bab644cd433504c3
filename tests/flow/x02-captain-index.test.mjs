// SPDX-License-Identifier: Apache-2.0
//
// Captain: texts and files that come with the request, what all index routes
// have in common, and what is refused before anything is stored.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Captain, NOBODY, counts, files } from './lib-captain-index.mjs';

const KINDS = ['text', 'file', 'url', 's3', 's3/file', 's3/directory', 'r2',
	'r2/file', 'r2/directory', 'gcs', 'gcs/file', 'gcs/directory', 'azure',
	'azure/file', 'azure/directory', 'youtube', 'dropbox', 'supabase',
	'backblaze', 'sharepoint', 'onedrive', 'gdrive'];
const BROKEN = '%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n';
let server;

before(async () => {
	server = await Captain.start();
});
after(() => server.stop());

function form(entries) {
	const out = new FormData();

	for (const [name, value, file] of entries)
		if (file === undefined)
			out.append(name, value);
		else
			out.append(name, new Blob([value]), file);
	return out;
}

// How many jobs the server knows of.
async function jobs() {
	return (await server.ok('GET', '/jobs?limit=1000')).jobs.length;
}

test('a text, into a collection that there is', async () => {
	const body = { content: 'The pilot boards at the outer buoy.',
		filename: 'note-2026-11-22-pilot.txt' };

	const reply = await server.call('POST',
	    '/v2/collections/notes/index/text', body);
	assert.equal(reply.status, 404);
	assert.deepEqual(reply.json, { detail: 'Collection not found' });
	const base = await server.base('notes');
	const job = await server.done('notes', 'text', body);

	assert.deepEqual(counts(job), ['completed', 1, 0, 0]);
	assert.equal(job.job_type, 'index_text');
	assert.equal(job.collection_name, 'notes');
	assert.deepEqual(files(job),
	    { 'text:///note-2026-11-22-pilot.txt': 'completed' });
	assert.equal(job.files[0].filename, 'note-2026-11-22-pilot.txt');
	assert.deepEqual(job.billing, {
		cost: { amount: 0, currency: 'USD' },
		credits: { used: 1, remaining: 1000000000,
			included_credits: 1000000000, unlimited: true },
		rate: { per_credit: 0, currency: 'USD' },
		processing_type: 'basic', pages_processed: 1,
	});
	assert.equal((await server.found(base, 'pilot')).length, 1);
});

test('the same again is skipped, what has changed replaces', async () => {
	const base = await server.base('again');
	const put = (content, more) => server.done('again', 'text',
	    { content, filename: 'berth.md', ...more });

	assert.deepEqual(counts(await put('Berth nine is free.')),
	    ['completed', 1, 0, 0]);
	const same = await put('Berth nine is free.');

	assert.deepEqual(counts(same), ['completed', 0, 0, 1]);
	assert.deepEqual(files(same), { 'text:///berth.md': 'ALREADY_INDEXED' });
	assert.equal(same.files[0].status, 'skipped');
	assert.equal(same.billing.credits.used, 0);
	for (const more of [{ overwrite_existing: true },
		{ overwrite_existing: true, skip_existing: null },
		{ overwrite_existing: 'TRUE', skip_existing: false },
		{ skip_existing: false }])
		assert.deepEqual(counts(await put('Berth nine is free.', more)),
		    ['completed', 1, 0, 0]);
	assert.deepEqual(counts(await put('Berth nine is taken.')),
	    ['completed', 1, 0, 0]);
	assert.equal((await server.found(base, 'Berth')).length, 1);
	assert.equal((await server.found(base, 'taken')).length, 1);
});

test('overwrite and an explicit skip contradict each other', async () => {
	await server.base('both');
	const before = await jobs();

	await server.refuse('both', 'text', { content: 'x',
		overwrite_existing: true, skip_existing: true }, 400,
	    'overwrite_existing and skip_existing cannot both be true');
	assert.equal(await jobs(), before);
});

test('a text without a name gets one of its own', async () => {
	await server.base('snippets');
	const ids = await Promise.all(Array.from({ length: 12 }, (_, i) =>
	    server.index('snippets', 'text', { text: `Snippet about ${i}.` })));
	const ends = await Promise.all(ids.map((id) => server.end(id)));
	const names = ends.map((job) => job.files[0].filename);

	assert.equal(new Set(names).size, 12);
	for (const name of names)
		assert.match(name, /^snippet-\d+\.txt$/);
	// The same content again is there under both names.
	const twin = await server.done('snippets', 'text',
	    { content: 'Snippet about 3.' });
	assert.deepEqual(counts(twin), ['completed', 1, 0, 0]);
	assert.equal(names.includes(twin.files[0].filename), false);
});

test('a name says nothing of what a text is', async () => {
	const base = await server.base('names');

	for (const [filename, uri] of [
		['scan.pdf', 'text:///scan.pdf'],
		['no extension', 'text:///no%20extension'],
		['../a/./b\\c.docx', 'text:///a/b/c.docx'],
		['\u00e9t\u00e9.zip', 'text:///%C3%A9t%C3%A9.zip']]) {
		const job = await server.done('names', 'text',
		    { content: `Lighthouse ${filename}.`, filename });

		assert.deepEqual(files(job), { [uri]: 'completed' });
	}
	assert.equal((await server.found(base, 'Lighthouse')).length, 4);
	for (const filename of ['', '..', '/', 'x'.repeat(1001),
		'\u00e9'.repeat(501)])
		await server.refuse('names', 'text', { content: 'x', filename },
		    422, [`${filename === '' ? 'string_too_short'
			: filename.length > 1000 ? 'string_too_long'
			    : 'value_error'} body.filename`]);
});

test('files of a form', async () => {
	const base = await server.base('files');
	const job = await server.done('files', 'file', form([
		['files', 'Alpha harbour.', 'a.txt'],
		['files', '# Bravo harbour', 'b.md'],
		['file', 'Charlie,harbour\n', 'c.csv'],
		['processing_type', 'advanced'],
		['custom_metadata', '{"port":"Cowes","depth":7.5,"open":true,' +
		    '"tags":["a","b"]}'],
		['nobody', 'knows']]));

	assert.deepEqual(counts(job), ['completed', 3, 0, 0]);
	assert.equal(job.job_type, 'index_file');
	assert.equal(job.billing.processing_type, 'advanced');
	assert.equal(job.billing.pages_processed, 3);
	assert.equal(job.billing.credits.used, 7.5);
	assert.deepEqual(files(job), { 'upload:///a.txt': 'completed',
		'upload:///b.md': 'completed', 'upload:///c.csv': 'completed' });
	const [hit] = await server.found(base, 'Alpha');

	assert.equal(hit.name, 'a.txt');
	assert.deepEqual(Object.fromEntries(['port', 'depth', 'open', 'tags']
	    .map((name) => [name, hit.metadata[name]])),
	{ port: 'Cowes', depth: 7.5, open: true, tags: ['a', 'b'] });
	const again = await server.done('files', 'file', form([
		['files', 'Alpha harbour.', 'a.txt'],
		['files', 'Bravo is no more.', 'b.md'],
		['skip_existing', 'true']]));

	assert.deepEqual(files(again), { 'upload:///a.txt': 'ALREADY_INDEXED',
		'upload:///b.md': 'completed' });
	const forced = await server.done('files', 'file', form([
		['files', 'Alpha harbour.', 'a.txt'],
		['overwrite_existing', 'True'], ['skip_existing', '']]));

	assert.deepEqual(files(forced), { 'upload:///a.txt': 'completed' });
});

test('one broken file of three, and nothing but broken ones', async () => {
	await server.base('broken');
	const some = await server.done('broken', 'file', form([
		['files', 'One is well.', 'one.txt'],
		['files', BROKEN, 'two.pdf'],
		['files', 'Three is well.', 'three.txt']]));
	const two = some.files.find((file) => file.uri.endsWith('two.pdf'));

	assert.deepEqual(counts(some), ['completed_with_failures', 2, 1, 0]);
	assert.equal(some.billing.pages_processed, 2);
	assert.equal(two.status, 'failed');
	assert.equal(two.error_code, 'EXTRACTION_FAILED');
	assert.ok(two.error_message);
	const none = await server.done('broken', 'file', form([
		['files', BROKEN, 'two.pdf'], ['files', `${BROKEN}2`, 'x.pdf']]));

	assert.deepEqual(counts(none), ['failed', 0, 2, 0]);
	assert.equal(none.error_code, 'NO_FILES_INDEXED');
	assert.equal(none.billing, null);
	assert.ok(none.completed_at);
});

test('at most 20 files', async () => {
	await server.base('many');
	const before = await jobs();
	const many = (count) => form(Array.from({ length: count }, (_, i) =>
	    ['files', `Buoy number ${i}.`, `${i}.txt`]));

	await server.refuse('many', 'file', many(21), 400,
	    'At most 20 files can be sent in one request');
	assert.equal(await jobs(), before);
	assert.deepEqual(counts(await server.done('many', 'file', many(20))),
	    ['completed', 20, 0, 0]);
});

test('what a body must have, and of which types', async () => {
	await server.base('typed');
	const before = await jobs();
	const key = { aws_access_key_id: 'k', aws_secret_access_key: 's' };
	const r2 = { bucket_name: 'b', account_id: 'a', access_key_id: 'k',
		secret_access_key: 's' };

	for (const [kind, body, ...detail] of [
		['text', {}, 'missing body.content'],
		['text', undefined, 'missing body.content'],
		['text', '[]', 'model_attributes_type body'],
		['text', '{"content":', 'json_invalid body'],
		['text', { content: 7 }, 'string_type body.content'],
		['text', { content: 'x', processing_type: 'best' },
			'enum body.processing_type'],
		['text', { content: 'x', skip_existing: 'maybe' },
			'bool_parsing body.skip_existing'],
		['text', { content: 'x', custom_metadata: 'x' },
			'dict_type body.custom_metadata'],
		['text', { content: 'x', custom_metadata: { a: { b: 1 } } },
			'value_error body.custom_metadata'],
		['text', { content: 'x', custom_metadata: { a: null } },
			'value_error body.custom_metadata'],
		['text', { content: 'x', custom_metadata: { a: ['b', 1] } },
			'value_error body.custom_metadata'],
		['text', { content: 'x',
			custom_metadata: { a: 'x'.repeat(65536) } },
			'too_long body.custom_metadata'],
		['file', form([['x', 'y']]), 'missing body.files'],
		['file', '{}', 'missing body.files'],
		['file', form([['files', 'x', 'x.txt'],
			['custom_metadata', '{']]),
		'json_type body.custom_metadata'],
		['file', form([['files', 'x', 'x.txt'],
			['custom_metadata', '[]']]),
		'json_type body.custom_metadata'],
		['file', form([['files', 'x', 'x.txt'],
			['custom_metadata', '{"a":[1]}']]),
		'value_error body.custom_metadata'],
		['file', form([['files', 'x', 'x.txt'],
			['skip_existing', '2']]),
		'bool_parsing body.skip_existing'],
		['url', {}, 'value_error body'],
		['url', { url: 'https://a.test/', urls: ['https://b.test/'] },
			'value_error body'],
		['url', { urls: [] }, 'too_short body.urls'],
		['url', { urls: [1] }, 'list_type body.urls'],
		['url', { url: 'ftp://a.test/' }, 'url_parsing body.url'],
		['url', { urls: ['https://a.test/', 'x'] },
			'url_parsing body.urls'],
		['url', { urls: Array(1001).fill('https://a.test/') },
			'too_long body.urls'],
		['youtube', {}, 'value_error body'],
		['youtube', { urls: Array(21).fill('https://a.test/') },
			'too_long body.urls'],
		['youtube', { url: 'https://youtu.be/x', mode: 'dance' },
			'enum body.mode'],
		['s3', { bucket_name: 'b' }, 'missing body.aws_access_key_id',
			'missing body.aws_secret_access_key'],
		['s3', { ...key }, 'missing body.bucket_name'],
		['s3', { bucket_name: 'b', auth: { type: 'assume_role',
			role_arn: 'arn:aws:iam::1:role/x', external_id: 'y' } },
		'value_error body.auth'],
		['s3', { ...key, bucket_name: 'b', max_files: 0 },
			'greater_than_equal body.max_files'],
		['s3', { ...key, bucket_name: 'b', max_files: 1.5 },
			'int_parsing body.max_files'],
		['s3/file', { ...key, bucket_name: 'b' },
			'missing body.file_uri'],
		['s3/file', { ...key, bucket_name: 'b', file_uri: 's3://c/x' },
			'value_error body.file_uri'],
		['s3/file', { ...key, bucket_name: 'b', file_uri: 's3://b/' },
			'value_error body.file_uri'],
		['s3/file', { ...key, bucket_name: 'b', file_uri: 'x.pdf' },
			'value_error body.file_uri'],
		['s3/directory', { ...key, bucket_name: 'b' },
			'missing body.directory_path'],
		['s3/directory', { ...key, bucket_name: 'b',
			directory_path: 's3://c/x' },
		'value_error body.directory_path'],
		['r2', {}, 'missing body.bucket_name', 'missing body.account_id',
			'missing body.access_key_id',
			'missing body.secret_access_key'],
		['r2', { ...r2, jurisdiction: 'mars' },
			'enum body.jurisdiction'],
		['r2/file', { ...r2, file_uri: 's3://b/x' },
			'value_error body.file_uri'],
		['gcs', {}, 'missing body.bucket_name',
			'missing body.service_account_json'],
		['gcs/file', { bucket_name: 'b', service_account_json: '{}' },
			'missing body.file_uri'],
		['gcs/directory', { bucket_name: 'b',
			service_account_json: {} },
		'missing body.directory_path',
		'string_type body.service_account_json'],
		['azure', {}, 'missing body.container_name',
			'missing body.account_name', 'missing body.account_key'],
	])
		await server.refuse('typed', kind, body, 422, detail);
	assert.equal(await jobs(), before);
});

test('what is not built in is refused, not left out', async () => {
	await server.base('masked');
	const before = await jobs();

	for (const mask_pii of [true, 'true'])
		await server.refuse('masked', 'text', { content: 'x', mask_pii },
		    501, 'PII masking is not built in; mask the files before ' +
		    'they are sent, and leave mask_pii out');
	await server.refuse('masked', 'file', form([['files', 'x', 'x.txt'],
		['mask_pii', 'true']]), 501, /^PII masking is not built in;/);
	await server.refuse('masked', 'text', { content: 'x',
		parsing_script: 'return 1' }, 501,
	'Parsing scripts are not built in; leave parsing_script out');
	assert.equal(await jobs(), before);
	assert.deepEqual(counts(await server.done('masked', 'text', {
		content: 'Unmasked.', mask_pii: false, parsing_script: '',
		transcription_language: 'en-US', pii_engine: 'x',
		rerank_model: 'gemini', max_files: '3',
	})), ['completed', 1, 0, 0]);
});

test('a collection is looked for first, of each kind', async () => {
	for (const kind of KINDS) {
		const { status, json } = await server.call('POST',
		    `/v2/collections/nowhere/index/${kind}`, {});

		assert.equal(status, 404, kind);
		assert.deepEqual(json, { detail: 'Collection not found' });
	}
	const { status } = await server.call('POST',
	    '/v2/collections/notes/index/text', { content: 'x' },
	    { headers: { 'X-Organization-ID': NOBODY } });
	assert.equal(status, 403);
});

test('a request under a name of its own is done once', async () => {
	await server.base('once');
	await server.base('twice');
	const named = (name) => ({ headers: { 'Idempotency-Key': name } });
	const text = { content: 'Only once.', filename: 'once.txt' };
	const first = await server.index('once', 'text', text, named('a'));

	// The order of its members is no matter, nor is what nobody knows.
	assert.equal(await server.index('once', 'text',
	    { nobody: 1, filename: 'once.txt', content: 'Only once.' },
	    named('a')), first);
	assert.deepEqual(counts(await server.end(first)),
	    ['completed', 1, 0, 0]);
	assert.equal(await server.index('once', 'text', text, named('a')),
	    first);
	for (const [base, kind, body] of [
		['once', 'text', { ...text, content: 'Twice.' }],
		['once', 'text', { ...text, skip_existing: false }],
		['twice', 'text', text],
		['once', 'file', form([['files', 'x', 'once.txt']])]])
		await server.refuse(base, kind, body, 409,
		    'This Idempotency-Key was used for another request',
		    named('a'));
	const sent = (content) => form([['files', content, 'a.txt'],
		['custom_metadata', '{"a":1}']]);
	const file = await server.index('once', 'file', sent('Files, too.'),
	    named('b'));

	assert.equal(await server.index('once', 'file', sent('Files, too.'),
	    named('b')), file);
	await server.refuse('once', 'file', sent('Other files.'), 409, /./,
	    named('b'));
	// Without a name of the text the first one stays.
	const snippet = await server.index('once', 'text',
	    { content: 'Snip.' }, named('c'));

	assert.equal(await server.index('once', 'text', { content: 'Snip.' },
	    named('c')), snippet);
	await server.refuse('once', 'text', text, 422,
	    ['string_too_short header.Idempotency-Key'], named(''));
	await server.refuse('once', 'text', text, 422,
	    ['string_too_long header.Idempotency-Key'],
	    named('x'.repeat(256)));
	await server.index('once', 'text', text, named('x'.repeat(255)));
});
