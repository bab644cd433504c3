// SPDX-License-Identifier: Apache-2.0
//
// Dify: documents made, replaced, updated, listed, switched, fetched, deleted.

import assert from 'node:assert/strict';
import net from 'node:net';
import test, { after, before } from 'node:test';
import zlib from 'node:zlib';
import {
	AUTOMATIC, Dify, KEY, NOBODY, Server, custom, formOf, leftovers,
	multipart, parents, unzip,
} from './lib-dify-documents.mjs';

let server, dify;

before(async () => {
	server = await Server.start('--upload-file-bytes-max', '64K');
	dify = new Dify(server);
});
after(() => server.stop());

function add(dataset, spelling = '-') {
	return `/datasets/${dataset}/document/create${spelling}by${spelling}`;
}

function doc(dataset, id, tail = '') {
	return `/datasets/${dataset}/documents/${id}${tail}`;
}

test('create by text', async () => {
	const d = await dify.dataset('by text');
	const made = await dify.text(d, 'guide', 'The tide is high.',
	    { process_rule: AUTOMATIC });
	const { document, batch } = made;

	assert.match(batch, /^\d{20}$/);
	assert.equal(document.indexing_status, 'waiting');
	assert.equal(document.display_status, 'queuing');
	assert.equal(document.position, 1);
	assert.equal(document.doc_form, 'text_model');
	assert.equal(document.tokens, null);
	assert.equal(document.word_count, null);
	assert.equal(document.data_source_detail_dict.upload_file.size, 17);
	assert.equal(document.data_source_detail_dict.upload_file.extension,
	    'txt');
	// The batch answers at once.
	assert.equal((await dify.status(d, batch)).data[0].id, document.id);
	await dify.end(d, batch);
	const shown = await dify.document(d, document.id);

	assert.equal(shown.indexing_status, 'completed');
	assert.equal(shown.display_status, 'available');
	assert.equal(shown.word_count, undefined);
	assert.equal(shown.tokens, 5); // 17 characters
	assert.equal(shown.segment_count, 1);
	assert.equal(shown.average_segment_length, 17);
	assert.equal(shown.document_process_rule.mode, 'automatic');
	// The other spelling; the rule is the dataset's latest.
	const other = await dify.ok('POST', `${add(d, '_')}text`,
	    { name: 'other', text: 'An ebb.' });

	assert.equal(other.document.position, 2);
	assert.equal(other.document.dataset_process_rule_id,
	    document.dataset_process_rule_id);
	const ruled = await dify.text(d, 'ruled', 'a\nb',
	    { process_rule: custom(50) });

	assert.notEqual(ruled.document.dataset_process_rule_id,
	    document.dataset_process_rule_id);
	await dify.end(d, ruled.batch);
	assert.deepEqual((await dify.segments(d, ruled.document.id)).data
	    .map((one) => one.content), ['a', 'b']);
});

test('a text stays the text that it is', async () => {
	const d = await dify.dataset('verbatim');

	for (const [name, text] of [
		['page.html', '<p>High <b>tide</b></p>'],
		['paper.pdf', 'No paper at all.'],
		['table.csv', 'port,hour\nBrest,4'],
		['how papers begin', '%PDF-1.4 stands there first.'],
		['how pages begin', '<html><body><p>Ebb</p></body></html>'],
		['how letters begin', 'From: a@example.org\nSubject: x\n\ny'],
		['how data begins', '[{"tide": 1}]']]) {
		const { document } = await dify.indexed(d, name, text,
		    { process_rule: custom(500, '@@') });

		assert.deepEqual((await dify.segments(d, document.id)).data
		    .map((one) => one.content), [text.replace(/^[<%]/, '')]);
	}
	// A file that takes its place is read as the file that it is.
	const { total, data } = await dify.ok('GET',
	    `/datasets/${d}/documents?keyword=page.html`);

	assert.equal(total, 1);
	const { batch } = await dify.ok('PATCH', doc(d, data[0].id),
	    formOf({}, '<p>Low <b>tide</b></p>', 'page.html'));

	await dify.end(d, batch);
	assert.deepEqual((await dify.segments(d, data[0].id)).data
	    .map((one) => one.content), ['Low tide']);
});

test('what create by text refuses', async () => {
	const open = (await dify.ok('POST', '/datasets', { name: 'open' })).id;
	const text = `${add(open)}text`;
	const good = { name: 'n', text: 't', indexing_technique: 'economy' };

	await dify.refused('POST', `${add(NOBODY)}text`, good, 404,
	    'not_found', 'Dataset not found.');
	await dify.refused('POST', text, good, 401, 'unauthorized', undefined,
	    { key: null });
	await dify.refused('POST', text, '{"name":', 400, 'bad_request');
	await dify.refused('POST', text, 'a=b', 415,
	    'unsupported_media_type', undefined,
	    { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
	await dify.refused('POST', text, { text: 't' }, 400, 'invalid_param',
	    /^1 validation error for DocumentTextCreatePayload\nname\n {2}Field required/);
	await dify.refused('POST', text, { name: 'n' }, 400, 'invalid_param',
	    /\ntext\n {2}Field required/);
	await dify.refused('POST', text, { name: 'n', text: 't' }, 400,
	    'invalid_param', 'indexing_technique is required.');
	await dify.refused('POST', text, { ...good, doc_form: 'poem' }, 400,
	    'invalid_param', /Invalid doc_form\./);
	await dify.refused('POST', text, { ...good, doc_form: 'qa_model' },
	    400, 'invalid_param', /needs a chat model/);
	await dify.refused('POST', text, { ...good,
		doc_form: 'hierarchical_model', process_rule: AUTOMATIC },
	    400, 'invalid_param', /mode hierarchical/);
	for (const [rule, words] of [
		[{ mode: 'custom' }, 'Process rule rules is required'],
		[custom(0), 'Process rule segmentation max_tokens is required'],
		[custom(49),
			'Custom segment length should be between 50 and 4000.'],
		[custom(50, ''),
			'Process rule segmentation separator is required'],
		[custom(50, '\n', { chunk_overlap: 51 }),
			'Got a larger chunk overlap (51) than chunk size (50), ' +
			'should be smaller.']])
		await dify.refused('POST', text, { ...good,
			process_rule: rule }, 400, 'invalid_param', words);
	await dify.refused('POST', text, { ...good,
		original_document_id: NOBODY }, 404, 'not_found',
	    'Document not found');
	// None of these decided anything for the dataset.
	const shown = await dify.ok('GET', `/datasets/${open}`);

	assert.equal(shown.indexing_technique, null);
	assert.equal(shown.doc_form, null);
	assert.equal((await dify.ok('GET',
	    `/datasets/${open}/documents`)).total, 0);
});

test('the first document decides', async () => {
	const open = (await dify.ok('POST', '/datasets', { name: 'first' })).id;

	await dify.indexed(open, 'one', 'Spring tide.',
	    { indexing_technique: 'economy', process_rule: AUTOMATIC });
	const shown = await dify.ok('GET', `/datasets/${open}`);

	assert.equal(shown.indexing_technique, 'economy');
	assert.equal(shown.doc_form, 'text_model');
	await dify.refused('POST', `${add(open)}text`, { name: 'two',
		text: 't', doc_form: 'hierarchical_model',
		process_rule: parents() }, 400, 'invalid_param',
	    'doc_form is different from the dataset doc_form.');
	const { document } = await dify.indexed(open, 'two', 'Neap tide.');

	assert.equal((await dify.document(open, document.id)).tokens, 0);
});

test('the same name replaces', async () => {
	const d = await dify.dataset('replacing');
	const one = await dify.indexed(d, 'name', 'An old anchor.');
	const two = await dify.text(d, 'name', 'A new buoy.');

	assert.equal(two.document.id, one.document.id);
	assert.notEqual(two.batch, one.batch);
	await dify.end(d, two.batch);
	assert.deepEqual((await dify.segments(d, one.document.id)).data
	    .map((segment) => segment.content), ['A new buoy.']);
	// The old batch goes on telling of its own run.
	const [old] = (await dify.status(d, one.batch)).data;

	assert.equal(old.indexing_status, 'completed');
	// One that is switched off is left alone.
	await dify.ok('PATCH', `/datasets/${d}/documents/status/disable`,
	    { document_ids: [one.document.id] });
	const three = await dify.text(d, 'name', 'A third thing.');

	assert.notEqual(three.document.id, one.document.id);
	// By file only if nothing else was asked.
	const rule = { process_rule: AUTOMATIC };
	const four = await dify.ok('POST', `${add(d)}file`,
	    formOf({ ...rule, duplicate: false }, 'x', 'name'.concat('.txt')));
	const five = await dify.ok('POST', `${add(d)}file`,
	    formOf({ ...rule, duplicate: false }, 'y', 'name.txt'));
	const six = await dify.ok('POST', `${add(d)}file`,
	    formOf(rule, 'z', 'name.txt'));

	assert.notEqual(five.document.id, four.document.id);
	assert.equal(six.document.id, five.document.id);
});

test('one name from many clients is one document', async () => {
	const d = await dify.dataset('at once');
	const made = await Promise.all(Array.from({ length: 16 }, (_, i) =>
	    dify.text(d, 'same', `Wave number ${i}.`)));

	assert.equal(new Set(made.map((one) => one.document.id)).size, 1);
	assert.equal(new Set(made.map((one) => one.batch)).size, 16);
	assert.equal((await dify.ok('GET',
	    `/datasets/${d}/documents`)).total, 1);
});

test('forms of a file', async () => {
	const d = await dify.dataset('forms');
	const data = JSON.stringify({ process_rule: custom(50) });
	const file = { headers: ['Content-Disposition: form-data; ' +
		'name="file"; filename="a.md"', 'Content-Type: text/markdown'],
	body: '# Tide\n\nhigh water' };
	const shapes = [
		['Content-Disposition: form-data; name="data"'],
		['Content-Disposition: form-data; name="data"',
			'Content-Type: text/plain'],
		['Content-Disposition: form-data; name="data"',
			'Content-Type: application/json'],
		['Content-Disposition: form-data; name="data"; filename=""'],
	];

	for (const headers of shapes)
		for (const order of [[0, 1], [1, 0]]) {
			const both = [{ headers, body: data }, file];
			const { document, batch } = await dify.ok('POST',
			    `${add(d)}file`,
			    multipart(order.map((i) => both[i])));

			assert.equal(document.name, 'a.md');
			await dify.end(d, batch);
			const { mime_type, extension, size } =
			    (await dify.document(d, document.id))
				.data_source_info.upload_file;

			assert.deepEqual([mime_type, extension, size],
			    ['text/markdown', 'md', file.body.length]);
		}
	// Fields instead of data.
	const form = formOf(undefined, 'a\nb', 'fields.txt');

	form.append('process_rule', JSON.stringify(custom(60)));
	form.append('indexing_technique', 'high_quality');
	form.append('doc_form', 'text_model');
	const made = await dify.ok('POST', `${add(d, '_')}file`, form);

	await dify.end(d, made.batch);
	assert.equal((await dify.document(d, made.document.id))
	    .document_process_rule.rules.segmentation.max_tokens, 60);
});

test('names that are too long are cut', async () => {
	const d = await dify.dataset('names');
	const wave = '\u{1F30A}';

	for (const [name, kept] of [
		['a'.repeat(199), 'a'.repeat(199)],
		[`a\tb\nc`, 'a b c'],
		['\u6f6e'.repeat(201), '\u6f6e'.repeat(200)],
		[wave.repeat(300), wave.repeat(200)],
		['a.'.repeat(2000), 'a.'.repeat(100)]]) {
		const { document } = await dify.text(d, name, 't',
		    { process_rule: AUTOMATIC });

		assert.equal(document.name, kept);
	}
	for (const [name, kept] of [
		[`${'a'.repeat(196)}.txt`, `${'a'.repeat(196)}.txt`],
		[`${'a'.repeat(197)}.txt`, `${'a'.repeat(197)}.txt`],
		[`${'a'.repeat(201)}.txt`, `${'a'.repeat(200)}.txt`],
		[`${'a'.repeat(3000)}.b.TXT`, `${'a'.repeat(200)}.TXT`],
		[`${wave.repeat(1000)}.md`, `${wave.repeat(200)}.md`],
		[`b${wave.repeat(1000)}.md`, `b${wave.repeat(199)}.md`],
		[`a.${'b'.repeat(2000)}.txt`, 'a.txt']]) {
		const { document, batch } = await dify.ok('POST',
		    `${add(d)}file`, formOf({ process_rule: AUTOMATIC },
			`The content of ${name.length}.`, name));
		const [{ indexing_status: state }] = await dify.end(d, batch);

		assert.equal(document.name, kept);
		assert.equal(state, 'completed');
		assert.equal((await dify.document(d, document.id)).name, kept);
	}
	await dify.refused('POST', `${add(d)}file`,
	    formOf({ process_rule: AUTOMATIC }, 'x', 'a'.repeat(3000)), 415,
	    'unsupported_file_type');
});

test('what create by file refuses', async () => {
	const d = await dify.dataset('file refusals');
	const open = (await dify.ok('POST', '/datasets',
	    { name: 'file refusals, open' })).id;
	const where = `${add(d)}file`;
	const rule = { process_rule: AUTOMATIC };

	function part(name, filename, body) {
		return { headers: ['Content-Disposition: form-data; name="' +
			`${name}"; filename="${filename}"`], body };
	}

	await dify.refused('POST', where, formOf('{"a":', 'x'), 400,
	    'invalid_param', /^data is not JSON: /);
	await dify.refused('POST', where, formOf('"{"a":1}"', 'x'), 400,
	    'invalid_param', /wrapped in quotes/);
	await dify.refused('POST', where,
	    formOf(JSON.stringify(JSON.stringify(rule)), 'x'), 400,
	    'invalid_param', /wrapped in quotes/);
	await dify.refused('POST', `${add(open)}file`, formOf(rule), 400,
	    'invalid_param', 'indexing_technique is required.');
	await dify.refused('POST', where, formOf(rule), 400,
	    'no_file_uploaded', 'Please upload your file.');
	await dify.refused('POST', where, rule, 400, 'no_file_uploaded',
	    'Please upload your file.');
	await dify.refused('POST', where, multipart([part('file', 'a.txt', 'a'),
		part('file', 'b.txt', 'b')]), 400, 'too_many_files',
	    'Only one file is allowed.');
	await dify.refused('POST', where, multipart([part('file', '', 'a')]),
	    400, 'filename_not_exists_error',
	    'The specified filename does not exist.');
	for (const name of ['x/a.txt', 'x\\a.txt'])
		await dify.refused('POST', where,
		    multipart([part('file', name, 'a')]), 400,
		    'invalid_param', 'Filename contains invalid characters');
	for (const name of ['a.exe', 'README', 'a.'])
		await dify.refused('POST', where, formOf(rule, 'x', name),
		    415, 'unsupported_file_type', 'File type not allowed.');
	await dify.refused('POST', where, formOf({}, 'x'), 400,
	    'invalid_param', 'process_rule is required.');
	await dify.refused('POST', where, formOf({ process_rule: 7 }, 'x'),
	    400, 'invalid_param', /process_rule\n/);
	assert.equal((await dify.ok('GET',
	    `/datasets/${d}/documents`)).total, 0);
});

test('a file that is too long leaves nothing', async () => {
	const d = await dify.dataset('long files');
	const rule = { process_rule: AUTOMATIC };
	const fits = await dify.ok('POST', `${add(d)}file`,
	    formOf(rule, 'x'.repeat(65536), 'fits.txt'));

	await dify.end(d, fits.batch);
	for (const [method, where] of [['POST', `${add(d)}file`],
		['PATCH', doc(d, fits.document.id)],
		['POST', doc(d, fits.document.id, '/update-by-file')]])
		await dify.refused(method, where,
		    formOf(rule, 'x'.repeat(65537), 'long.txt'), 413,
		    'file_too_large', /^File size exceeded\..* 65536 bytes/);
	assert.deepEqual(leftovers(server), []);
	assert.equal((await dify.ok('GET',
	    `/datasets/${d}/documents`)).total, 1);
});

test('a client that stops half-way leaves nothing', async () => {
	const roomy = await Server.start();
	const client = new Dify(roomy);
	const d = await client.dataset('half-way');
	const { hostname, port } = new URL(roomy.url);
	const socket = net.connect(Number(port), hostname);

	async function until(count) {
		const end = Date.now() + 60000;

		while (leftovers(roomy).length !== count) {
			assert.ok(Date.now() < end, `not ${count} files`);
			await client.ok('GET', `/datasets/${d}/documents`);
		}
	}

	socket.on('error', () => {});
	socket.write(`POST /v1${add(d)}file HTTP/1.1\r\n` +
	    `Host: ${hostname}\r\nAuthorization: Bearer ${KEY}\r\n` +
	    'Content-Type: multipart/form-data; boundary=b\r\n' +
	    'Content-Length: 600000\r\n\r\n--b\r\n' +
	    'Content-Disposition: form-data; name="file"; ' +
	    `filename="half.txt"\r\n\r\n${'half '.repeat(80000)}`);
	await until(1);
	socket.destroy();
	await until(0);
	assert.equal((await client.ok('GET',
	    `/datasets/${d}/documents`)).total, 0);
	await roomy.stop();
});

test('updates', async () => {
	const d = await dify.dataset('updates');
	const { document, batch } = await dify.indexed(d, 'u', 'First.',
	    { process_rule: AUTOMATIC });

	for (const [tail, text] of [['/update-by-text', 'Second.'],
		['/update_by_text', 'Third.']]) {
		const made = await dify.ok('POST', doc(d, document.id, tail),
		    { name: 'u2', text });

		assert.equal(made.batch, batch);
		assert.equal(made.document.id, document.id);
		assert.equal(made.document.name, 'u2');
		assert.equal(made.document.indexing_status, 'waiting');
		await dify.end(d, batch);
		assert.equal((await dify.segments(d, document.id))
		    .data[0].content, text);
	}
	for (const [method, tail] of [['POST', '/update-by-file'],
		['POST', '/update_by_file'], ['PATCH', '']]) {
		const made = await dify.ok(method, doc(d, document.id, tail),
		    formOf({ name: 'renamed.txt' }, `By ${method} ${tail}.`,
			'upload.txt'));

		assert.equal(made.batch, batch);
		assert.equal(made.document.name, 'renamed.txt');
		await dify.end(d, batch);
		assert.equal((await dify.segments(d, document.id))
		    .data[0].content, `By ${method} ${tail}.`);
	}
	// The rule alone.
	await dify.ok('POST', doc(d, document.id, '/update-by-text'),
	    { name: 'u3', text: 'one\ntwo' });
	await dify.end(d, batch);
	assert.equal((await dify.segments(d, document.id)).total, 1);
	await dify.ok('PATCH', doc(d, document.id),
	    formOf({ process_rule: custom(50) }));
	await dify.end(d, batch);
	assert.equal((await dify.segments(d, document.id)).total, 2);
	// As a creation.
	const again = await dify.text(d, 'u4', 'Fourth.',
	    { original_document_id: document.id });

	assert.equal(again.batch, batch);
	assert.equal(again.document.id, document.id);
});

test('what updates refuse', async () => {
	const d = await dify.dataset('no updates');
	const { document } = await dify.indexed(d, 'u', 'First.',
	    { process_rule: AUTOMATIC });
	const where = doc(d, document.id, '/update-by-text');

	await dify.refused('POST', where, { text: 'x' }, 400, 'invalid_param',
	    /name is required when text is provided/);
	await dify.refused('POST', where, { name: 'x' }, 400, 'invalid_param',
	    'Data source or Process rule is required');
	await dify.refused('PATCH', doc(d, document.id), formOf({}), 400,
	    'invalid_param', 'Data source or Process rule is required');
	await dify.refused('POST', doc(d, NOBODY, '/update-by-text'),
	    { name: 'n', text: 'x' }, 404, 'not_found', 'Document not found');
	await dify.refused('POST', where, { name: 'n', text: 'x',
		doc_form: 'hierarchical_model', process_rule: parents() },
	    400, 'invalid_param',
	    'doc_form is different from the dataset doc_form.');
	await dify.refused('PATCH', doc(d, document.id),
	    formOf({}, 'x', 'a.exe'), 415, 'unsupported_file_type');
	await dify.ok('PATCH', `/datasets/${d}/documents/status/disable`,
	    { document_ids: [document.id] });
	await dify.refused('POST', where, { name: 'n', text: 'x' }, 400,
	    'invalid_param', 'Document is not available');
});

test('a document in error may be updated', async () => {
	const d = await dify.dataset('errors');
	const { document, batch } = await dify.ok('POST', `${add(d)}file`,
	    formOf({ process_rule: AUTOMATIC }, '%PDF-1.4 not really',
		'broken.pdf'));
	const [one] = await dify.end(d, batch);

	assert.equal(one.indexing_status, 'error');
	assert.notEqual(one.error, null);
	const made = await dify.ok('POST', doc(d, document.id,
	    '/update-by-text'), { name: 'mended', text: 'It reads well.' });

	assert.equal(made.batch, batch);
	const [mended] = await dify.end(d, batch);

	assert.equal(mended.indexing_status, 'completed');
	assert.equal(mended.error, null);
	assert.equal(mended.stopped_at, null);
});

test('lists', async () => {
	const d = await dify.dataset('lists');
	const names = ['alpha', 'beta', 'Alpine', 'gamma', 'a_b'];

	for (const name of names)
		await dify.indexed(d, name, `Text of ${name}.`);
	const all = await dify.ok('GET', `/datasets/${d}/documents`);

	assert.deepEqual(all.data.map((one) => one.name),
	    [...names].reverse());
	assert.deepEqual([all.total, all.page, all.limit, all.has_more],
	    [5, 1, 20, false]);
	const page = await dify.ok('GET',
	    `/datasets/${d}/documents?page=2&limit=2`);

	assert.deepEqual(page.data.map((one) => one.name),
	    ['Alpine', 'beta']);
	assert.equal(page.has_more, true);
	const named = await dify.ok('GET',
	    `/datasets/${d}/documents?keyword=alp`);

	assert.deepEqual(named.data.map((one) => one.name), ['alpha']);
	assert.equal(named.total, 1);
	const id = all.data[0].id;

	await dify.ok('PATCH', `/datasets/${d}/documents/status/disable`,
	    { document_ids: [id] });
	for (const [status, count] of [['available', 4], ['active', 4],
		['ENABLED', 4], ['disabled', 1], ['error', 0],
		['archived', 0], ['whatever', 5]])
		assert.equal((await dify.ok('GET',
		    `/datasets/${d}/documents?status=${status}`)).total,
		count, status);
	await dify.refused('GET', `/datasets/${NOBODY}/documents`, undefined,
	    404, 'not_found', 'Dataset not found.');
});

test('one document', async () => {
	const d = await dify.dataset('detail');
	const { document } = await dify.indexed(d, 'one', 'Some text here.');
	const only = await dify.document(d, document.id, '?metadata=only');

	assert.deepEqual(Object.keys(only), ['id', 'doc_type', 'doc_metadata']);
	assert.ok(!('doc_metadata' in await dify.document(d, document.id,
	    '?metadata=without')));
	await dify.refused('GET', doc(d, document.id, '?metadata=some'),
	    undefined, 400, 'invalid_metadata',
	    'Invalid metadata value: some');
	await dify.refused('GET', doc(d, NOBODY), undefined, 404, 'not_found',
	    'Document not found.');
});

test('switching and putting away', async () => {
	const d = await dify.dataset('switches');
	const { document } = await dify.indexed(d, 's', 'The harbour wall.');
	const ids = { document_ids: [document.id] };

	function act(action, body = ids) {
		return dify.ok('PATCH',
		    `/datasets/${d}/documents/status/${action}`, body);
	}

	assert.equal((await dify.found(d, 'harbour')).length, 1);
	assert.deepEqual(await act('disable'), { result: 'success' });
	assert.equal((await dify.found(d, 'harbour')).length, 0);
	const off = await dify.document(d, document.id);

	assert.equal(off.display_status, 'disabled');
	assert.equal(typeof off.disabled_at, 'number');
	await act('enable');
	assert.equal((await dify.found(d, 'harbour')).length, 1);
	await act('archive');
	assert.equal((await dify.found(d, 'harbour')).length, 0);
	assert.equal((await dify.document(d, document.id)).display_status,
	    'archived');
	await dify.refused('DELETE', doc(d, document.id), undefined, 403,
	    'archived_document_immutable',
	    'The archived document is not editable.');
	await act('un_archive');
	assert.equal((await dify.found(d, 'harbour')).length, 1);
	// Unknown ones are passed over; nothing at all is fine.
	await act('enable', { document_ids: [NOBODY, 'x'] });
	await act('whatever', { document_ids: [] });
	await dify.refused('PATCH',
	    `/datasets/${d}/documents/status/whatever`, ids, 400,
	    'invalid_action', 'Invalid action: whatever. Must be one of ' +
	    "['enable', 'disable', 'archive', 'un_archive']");
});

test('all are switched or none', async () => {
	const d = await dify.dataset('all or none');
	const good = await dify.indexed(d, 'good', 'Good.',
	    { process_rule: AUTOMATIC });
	const bad = await dify.ok('POST', `${add(d)}file`,
	    formOf({ process_rule: AUTOMATIC }, '%PDF-1.4', 'bad.pdf'));

	await dify.end(d, bad.batch);
	await dify.refused('PATCH', `/datasets/${d}/documents/status/disable`,
	    { document_ids: [good.document.id, bad.document.id] }, 400,
	    'invalid_action', 'Document: bad.pdf is not completed.');
	assert.equal((await dify.document(d, good.document.id)).enabled,
	    true);
});

test('fetching what was uploaded', async () => {
	const d = await dify.dataset('downloads');
	const rule = { process_rule: AUTOMATIC };
	const big = 'big tide '.repeat(7000);
	const one = await dify.ok('POST', `${add(d)}file`,
	    formOf({ ...rule, duplicate: false }, 'Ebb & flöd', 'ö.txt'));
	const two = await dify.ok('POST', `${add(d)}file`,
	    formOf({ ...rule, duplicate: false }, big, 'ö.txt'));

	await dify.end(d, one.batch);
	await dify.end(d, two.batch);
	let { url } = await dify.ok('GET',
	    doc(d, one.document.id, '/download'));

	// Who has it may use it after a restart, too.
	await server.halt();
	await server.run('--upload-file-bytes-max', '64K');
	url = url.replace(/^http:..[^/]*/, server.url);
	const reply = await fetch(url);

	assert.equal(reply.status, 200);
	assert.equal(await reply.text(), 'Ebb & flöd');
	assert.equal(reply.headers.get('content-disposition'),
	    "attachment; filename*=UTF-8''%C3%B6.txt");
	for (const wrong of [url.replace(/signature=./, 'signature=g'),
		url.replace(/&signature=.*/, ''),
		url.replace(one.document.id, two.document.id),
		url.replace(/expires=\d/, 'expires=9')])
		assert.equal((await fetch(wrong)).status, 403);
	const facts = await dify.ok('GET',
	    doc(d, two.document.id, '/upload-file'));

	assert.equal(facts.size, big.length);
	assert.equal(await (await fetch(facts.download_url)).text(), big);
	const zip = await dify.ask('POST',
	    `/datasets/${d}/documents/download-zip`,
	    { document_ids: [one.document.id, two.document.id] });

	assert.equal(zip.status, 200);
	assert.equal(zip.headers.get('content-type'), 'application/zip');
	const members = unzip(zip.bytes);

	assert.deepEqual(Object.keys(members), ['ö.txt', 'ö (1).txt']);
	assert.equal(members['ö.txt'].content.toString(), 'Ebb & flöd');
	assert.equal(members['ö (1).txt'].content.toString(), big);
	if (zlib.crc32 !== undefined)
		for (const { crc, content } of Object.values(members))
			assert.equal(crc, zlib.crc32(content));
	await dify.refused('POST', `/datasets/${d}/documents/download-zip`,
	    { document_ids: [NOBODY] }, 404, 'not_found',
	    'Document not found.');
	await dify.refused('POST', `/datasets/${d}/documents/download-zip`,
	    { document_ids: [] }, 400, 'invalid_param');
	await dify.refused('GET', doc(d, NOBODY, '/download'), undefined, 404,
	    'not_found', 'Document not found.');
	// Nothing is left of it when the document is gone.
	await dify.ok('DELETE', doc(d, one.document.id));
	assert.equal((await fetch(url)).status, 404);
});

test('deleting', async () => {
	const d = await dify.dataset('deleting');
	const { document, batch } = await dify.indexed(d, 'gone', 'A wreck.');
	const reply = await dify.ask('DELETE', doc(d, document.id));

	assert.equal(reply.status, 204);
	assert.equal(reply.text, '');
	await dify.refused('DELETE', doc(d, document.id), undefined, 404,
	    'not_found', 'Document Not Exists.');
	await dify.refused('GET', doc(d, document.id), undefined, 404,
	    'not_found', 'Document not found.');
	await dify.refused('GET',
	    doc(d, batch, '/indexing-status'), undefined, 404, 'not_found',
	    'Documents not found.');
	assert.equal((await dify.found(d, 'wreck')).length, 0);
});

test('a document of another dataset is none', async () => {
	const d = await dify.dataset('mine');
	const other = await dify.dataset('theirs');
	const { document } = await dify.indexed(d, 'm', 'Mine.');

	for (const [method, tail, body, words] of [
		['GET', '', undefined, 'Document not found.'],
		['DELETE', '', undefined, 'Document Not Exists.'],
		['POST', '/update-by-text', { name: 'a', text: 'b' },
			'Document not found'],
		['GET', '/segments', undefined, 'Document not found.']])
		await dify.refused(method, doc(other, document.id, tail),
		    body, 404, 'not_found', words);
});

test('formats of the original alone', async () => {
	const strict = await Server.start('--upload-any-format=no');
	const client = new Dify(strict);

	try {
		const d = await client.dataset('strict');
		const rule = { process_rule: AUTOMATIC };

		await client.refused('POST', `${add(d)}file`,
		    formOf(rule, '{}', 'a.json'), 415,
		    'unsupported_file_type', 'File type not allowed.');
		await client.ok('POST', `${add(d)}file`,
		    formOf(rule, 'key=value', 'a.PROPERTIES'));
	} finally {
		await strict.stop();
	}
});
