// SPDX-License-Identifier: Apache-2.0
//
// Real documents of every format, from the upload to the answer of a query:
// the text, the page or slide or sheet, the section, what the document says
// of itself; and the bad ones, each with its code, its stage and its reason.
// What the readers make of each file in detail is held by the unit tests.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { zip } from './lib-documents.mjs';
import { Server } from './lib.mjs';

const DATA = path.join(path.dirname(fileURLToPath(import.meta.url)),
    '../data/documents');
const HAS_TESSERACT = spawnSync('tesseract', ['--list-langs'],
    { encoding: 'utf8' }).stdout?.includes('\neng\n') ?? false;

let server;

before(async () => {
	server = await Server.start();
});
after(() => server.stop());

function fixture(name) {
	return fs.readFileSync(path.join(DATA, name));
}

// Upload [name, content] pairs to a new base; a content that is not given is
// the fixture of that name.  Gives the job when it has ended.
async function upload(base, files, at = server) {
	const form = new FormData();

	for (const [name, content = fixture(name)] of files)
		form.append('file', new Blob([content]), name);
	await at.base(base);
	const { job } = await at.ok('POST', `/bases/${base}/documents`,
	    { body: form });

	return at.end(job);
}

async function items(job, at = server) {
	const { items: list } = await at.ok('GET',
	    `/jobs/${job.id}/items?limit=1000`);

	return new Map(list.map((item) => [item.name, item]));
}

// The segments with these words, of one document when it is named.
async function query(base, words, name, at = server) {
	const { results } = await at.ok('POST', `/bases/${base}/query`, {
		body: { query: words, semantic_ratio: 0, limit: 100,
			filter: name && { name } } });

	return results;
}

function all(job, state) {
	assert.equal(job.counts[state], job.counts.total,
	    JSON.stringify(job.counts));
}

// ---- every format ---------------------------------------------------------

// The file, words of one of its segments, where that is ([first, last] page
// or null, section path), a text of it, and of the metadata what counts.
const GOOD = [
	['pdf/article.pdf', 'Brest', [2, 2], ['The tables'],
		'Port: Brest; Delay: 3 h 47',
		{ title: 'Of tides', author: 'Ada Example', page_count: 3,
			subject: 'Fixtures of tides',
			keywords: 'tide, moon' }],
	['pdf/article.pdf', 'last word', [2, 3], ['The tables', 'A last word'],
		'A last word\n', {}],
	['pdf/form.pdf', 'Hopper', [1, 1], [], 'Your name: Grace Hopper',
		{ title: 'Form', author: 'Жук',
			created_at: '2024-02-29T10:00:00Z' }],
	['pdf/ligatures.pdf', 'affluent', [1, 1], [],
		'five baffling waffles, an affluent chef and a final fjord.',
		{ title: 'Ligatures' }],
	['pdf/attached.pdf/note.txt', 'inside', null, [],
		'A text inside of a document.', {}],
	['docx/office.docx', 'Score', null, ['Report', 'Results'],
		'Name: Ada; Score: 10', { title: 'From Office',
			language: 'en-US' }],
	['docx/pages.docx', 'begins', [1, 4], [],
		'Begins on one, ends on two.', { page_count: 6 }],
	['docx/languages.docx', 'quick', null, [], 'Quick brown fox',
		{ title: 'Many tongues', author: 'Ada; Bob',
			subject: 'Words & things', keywords: 'one, two',
			description: 'All of it', category: 'Test',
			created_at: '2024-03-01T00:30:00Z' }],
	['docx/macro.docm', 'docm', null, [], 'In macro.docm.', {}],
	['docx/template.dotx', 'dotx', null, [], 'In template.dotx.', {}],
	['docx/strict.docx', 'strict', null, ['Head'], 'Strict text.', {}],
	['pptx/features.pptx', 'lighthouse', [2, 2], ['High water'],
		'Notes: Speak slowly.', { title: 'Tides & Ships',
			author: 'Ada Harbour', page_count: 12,
			created_at: '2024-02-29T12:00:00Z' }],
	['pptx/features.pptx', 'Tankers', [1, 1], ['Tables and charts'],
		'Tankers; record; January: 12.5%; February: 30.0%', {}],
	['xlsx/features.xlsx', 'Tons', [4, 4], ['Tables'],
		'Ship: Anna; Tons: 12; Pilot: Bo; Port: Kiel',
		{ page_count: 5 }],
	['xlsx/libre.xlsx', 'late', [1, 1], ['Ships'],
		'Comment by Bo (A2): Is late',
		{ title: 'Ships of the week', author: 'Ada Harbour' }],
	['odf/features.odt', 'confidential', [3, 4], ['Quays', 'Layout'],
		'Confidential draft', { title: 'The harbour book',
			author: 'Ada Lund', language: 'en-GB', page_count: 5,
			created_at: '2024-05-06T07:08:09Z',
			modified_at: '2024-05-07T07:00:00Z' }],
	['odf/pages.odt', 'break', [3, 3], ['Second'], 'After the break.',
		{ page_count: 3 }],
	['odf/flat.fodt', 'object', null, ['Flat'], 'An object',
		{ title: 'One file' }],
	['odf/sheets.ods', 'berta', [1, 1], ['Ships'],
		'Ship: Anna; Built: 1910; Price: 3820', { page_count: 2 }],
	['odf/slides.odp', 'lamp', [2, 2], ['Lights'], 'red; port',
		{ title: 'Tour', page_count: 2 }],
	['odf/drawing.odg', 'frame', [1, 1], [], 'in a frame', {}],
	['odf/old.sxw', 'item', null, ['Old heading'], 'Old item', {}],
	['odf/old.sxc', 'metres', [1, 1], ['Old'], 'Bo: Metres', {}],
	['epub/book2.epub', 'Flut', null, ['Drei'], 'Ebbe und Flut',
		{ title: 'The tide tables', author: 'Ada Lund; Bo Holm',
			publisher: 'Harbour Press', language: 'sv-SE' }],
	['rtf/structure.rtf', 'keeper watch', null,
		['The lighthouse', 'Its keepers', 'Their hours'],
		'Watch: middle; Keeper: Björn; Hours: 0–4',
		{ title: 'The lighthouse – Маяк', author: 'Zoë Müller',
			created_at: '2021-03-04T05:06:00Z' }],
	['doc/structure.doc', 'keeper watch', null,
		['The lighthouse', 'Its keepers', 'Their hours'],
		'Watch: middle; Keeper: Björn; Hours: 0–4',
		{ title: 'The lighthouse – Маяк', author: 'Zoë Müller',
			created_at: '2021-03-04T05:06:07Z' }],
	['doc/word6.doc', 'λόγος', null, ['Старый документ'],
		'Слово и λόγος.', {}],
	['ppt/tides.ppt', 'Esbjerg', [3, 3], ['Slide 3'],
		'Port: Esbjerg; High: 1.9 m; Low: 0.1 m',
		{ title: 'Tides and tables', author: 'Ada Lund',
			page_count: 6 }],
	['xls/ledger.xls', 'Hugin', [1, 1], ['Ledger'],
		'Ship: Ran and Hugin; Arrival: 2021-03-05 13:45',
		{ title: 'Harbour ledger', author: 'Ada Lund' }],
	['mail/structure.eml', 'Début', null, ['Minutes', 'Agenda'],
		'Who: Ida; What: Harbour', { title: 'Minutes',
			from: 'Ida Holm <ida@example.org>',
			sent_at: '2025-01-07T13:00:00Z',
			message_id: '<minutes@example.org>' }],
	['mail/structure.eml/Протокол собрания.txt', 'пристань', null, [],
		'Решили: построить пристань.', {}],
	['mail/structure.eml/Résumé 1_2.eml', 'Carl', null, ['Résumé 1/2'],
		'The mail inside.', { title: 'Résumé 1/2' }],
	['mail/inbox.mbox/0002-Второе.eml', 'Второе', null, ['Второе'],
		'Body 2.', { sent_at: '2009-06-02T10:00:00Z' }],
	['mail/page.mhtml', 'Schiffe', null, ['Hafen überall'], 'Корабли.',
		{ title: 'Hafen', language: 'de' }],
	['msg/note.msg', 'Überblick', null, ['Отчёт 報告', 'Überblick'],
		'Attachment: Kosten für März.csv', {
			from: 'Ида Холм <ida@example.org>',
			cc: '김민준 <kim@example.org>',
			sent_at: '2025-01-07T07:00:00Z' }],
	['msg/note.msg/Inner: α_β.msg', 'Olaf', null, ['Inner: α/β'],
		'The message inside.', { title: 'Inner: α/β' }],
];

test('every format: text, page, section and metadata', async () => {
	const roots = new Set(GOOD.map(([name]) =>
	    name.split('/').slice(0, 2).join('/')));
	const job = await upload('good', [...roots].map((name) => [name]));
	const list = await items(job);

	// A name that is uploaded keeps its folders.
	for (const name of roots)
		assert.equal(list.get(name)?.state, 'completed', name);
	for (const [name, words, pages, section, text, metadata] of GOOD) {
		// Of the whole base, not of this document alone.
		const found = (await query('good', words)).filter(
		    (result) => result.name === name);
		const hit = found.find((result) => result.text.includes(text));

		assert.ok(hit, `${name}: ${words}: ` +
		    JSON.stringify(found.map((result) => result.text)));
		assert.deepEqual([hit.page_start, hit.page_end],
		    pages ?? [null, null], name);
		assert.deepEqual(hit.section, section, name);
		assert.deepEqual(Object.fromEntries(Object.keys(metadata).map(
		    (key) => [key, hit.metadata[key]])), metadata, name);
		const item = list.get(name);
		const mother = [...list.values()].find((other) =>
		    other.document_id === item.parent_id);

		assert.equal(mother?.name, name.split('/').length > 2
		    ? name.slice(0, name.lastIndexOf('/')) : undefined);
	}
	const audit = await server.ok('GET', '/bases/good/audit');

	assert.deepEqual(audit.differences, []);
});

test('filters see what documents say of themselves', async () => {
	const names = async (words, filter) => {
		const { results } = await server.ok('POST',
		    '/bases/good/query', { body: { query: words, filter,
			semantic_ratio: 0, limit: 100 } });

		return [...new Set(results.map((result) => result.name))]
		    .sort();
	};

	assert.deepEqual(await names('keeper', {
		created_at: '2021-03-04T05:06:07Z' }),
	    ['doc/structure.doc']);
	assert.deepEqual(await names('keeper', { author: 'Ada Harbour' }),
	    []);
	assert.deepEqual(await names('ships', { author: 'Ada Harbour' }),
	    ['pptx/features.pptx', 'xlsx/libre.xlsx']);
	assert.deepEqual(await names('harbour quay', {
		page_count: { $gte: 4 }, language: 'en-GB' }),
	    ['odf/features.odt']);
	assert.deepEqual(await names('carl', {
		sent_at: { $lt: '2025-01-06' } }),
	    ['mail/structure.eml/Résumé 1_2.eml']);
});

test('documents have types, members and their own bytes', async () => {
	const { documents } = await server.ok('GET',
	    '/bases/good/documents?limit=1000');
	const by = new Map(documents.map((one) => [one.name, one]));

	for (const [name, type] of [
	    ['pdf/article.pdf', 'application/pdf'],
	    ['doc/structure.doc', 'application/msword'],
	    ['odf/sheets.ods',
		'application/vnd.oasis.opendocument.spreadsheet'],
	    ['mail/structure.eml', 'message/rfc822']])
		assert.equal(by.get(name).media_type, type);
	const mail = by.get('mail/structure.eml');
	const { documents: inside } = await server.ok('GET',
	    `/bases/good/documents?parent=${mail.id}`);

	assert.deepEqual(inside.map((one) => one.name.slice(
	    'mail/structure.eml/'.length)), ['Протокол собрания.txt',
		'日本.csv', 'Résumé 1_2.eml', 'attachment-4.ics', 'ida.vcf',
		'attachment-6.pdf']);
	const raw = async (name) => Buffer.from(await (await server.fetch(
	    `/tidemark/v1/documents/${by.get(name).id}/raw`))
	    .arrayBuffer());

	assert.equal(new TextDecoder('koi8-r').decode(
	    await raw(inside[0].name)).trim(), 'Решили: построить пристань.');
	assert.deepEqual(await raw('mail/structure.eml'),
	    fixture('mail/structure.eml'));
	assert.deepEqual(await raw('pdf/form.pdf'), fixture('pdf/form.pdf'));
});

test('archives of every kind hold the same', async () => {
	for (const name of ['all.zip', 'all.7z', 'gnu.tar', 'ustar.tar',
	    'pax.tar', 'pax.tar.gz', 'pax.tar.bz2', 'pax.tar.xz',
	    'pax.tar.zst']) {
		const job = await upload(name, [[name,
			fixture(`archive/${name}`)]]);
		const [found] = await query(name, 'tide');

		assert.equal(job.state, 'completed', name);
		assert.equal(found.name, `${name}/docs/deep/er/plan.md`);
		assert.deepEqual(found.section, ['Plan']);
		assert.equal((await query(name, 'мир'))[0].name,
		    `${name}/docs/Отчёт.txt`);
		// What programs leave behind in archives is no document.
		for (const item of (await items(job)).keys())
			assert.doesNotMatch(item,
			    /DS_Store|MACOSX|Thumbs|\.svn|\.git/);
	}
});

test('no path in an archive leads out of it', async () => {
	const job = await upload('tricks', [['tricks.zip',
		fixture('archive/tricks.zip')], ['not-utf8.zip',
		fixture('archive/not-utf8.zip')]]);

	assert.equal(job.counts.failed, 0);
	for (const [name, item] of await items(job)) {
		assert.match(name, /^(tricks|not-utf8)\.zip(\/[^/]+)*$/);
		assert.ok(!name.split('/').includes('..'), name);
		assert.doesNotMatch(name, /[\x00-\x1f\x7f]/);
		assert.ok(item.uri.startsWith('upload:'), item.uri);
	}
});

// ---- text -----------------------------------------------------------------

const TEXTS = [
	['a.html', '<!doctype html><title>Alders</title><h1>Alders</h1>' +
		'<p>Alders like wet feet.', ['Alders'], 'like wet feet'],
	['b.xhtml', '<?xml version="1.0"?><html xmlns="http://www.w3.org/' +
		'1999/xhtml"><head><title>B</title></head><body><h2>Birches' +
		'</h2><p>Birches are white.</p></body></html>', ['Birches'],
		'Birches are white.'],
	['c.md', '# Cedars\n\n- Cedars smell good.\n', ['Cedars'],
		'Cedars smell good.'],
	['d.mdx', 'import X from "x"\n\n## Date palms\n\nPalms of dates.\n',
		['Date palms'], 'Palms of dates.'],
	['e.rst', 'Elms\n====\n\nElms are rare.\n', ['Elms'],
		'Elms are rare.'],
	['f.txt', 'Firs are green.\n', [], 'Firs are green.'],
	['g.csv', 'tree,age\nGinkgo,900\n', [], 'tree: Ginkgo; age: 900'],
	['h.tsv', 'tree\tage\nHolly\t90\n', [], 'tree: Holly; age: 90'],
	['i.json', '{"tree":{"name":"Ironwood"}}', [], 'Ironwood'],
	['j.jsonl', '{"tree":"Juniper"}\n{"tree":"Jasmine"}\n', [],
		'Juniper'],
	['k.xml', '<?xml version="1.0"?><trees><tree>Kauri</tree></trees>',
		[], 'Kauri'],
	['l.yaml', 'tree: Larch\n', [], 'tree: Larch'],
	['m.vtt', 'WEBVTT\n\n00:01.000 --> 00:02.000\nMaples turn red.\n',
		[], 'Maples turn red.'],
	['n.srt', '1\n00:00:01,000 --> 00:00:02,000\nNutmeg is a seed.\n',
		[], 'Nutmeg is a seed.'],
	['o.properties', 'tree.name=Olive\n', [], 'tree.name=Olive'],
	['p.log', '2026-11-22 10:00:00 INFO Pines were felled\n', [],
		'Pines were felled'],
	['q.c', '/* Quince */\nint\nmain(void)\n{\n\treturn 0;\n}\n', [],
		'return 0;'],
];

test('text of every kind', async () => {
	all(await upload('texts', TEXTS.map(([name, text]) => [name, text])),
	    'completed');
	for (const [name, , section, text] of TEXTS) {
		const [hit] = await query('texts', text, name);

		assert.ok(hit, name);
		assert.ok(hit.text.includes(text), `${name}: ${hit.text}`);
		assert.deepEqual(hit.section, section, name);
	}
});

// ---- names that lie -------------------------------------------------------

test('a wrong extension is no error', async () => {
	const wrong = [
		['article.docx', 'pdf/article.pdf', 'Brest'],
		['slides.txt', 'pptx/features.pptx', 'lighthouse'],
		['sheet.zip', 'xlsx/features.xlsx', 'Sparse'],
		['report.pptx', 'docx/office.docx', 'Score'],
		['book', 'epub/book2.epub', 'Flut'],
		['text.pdf', 'odf/flat.fodt', 'foot'],
		['sheets.odt', 'odf/sheets.ods', 'Möwe'],
		['letter.html', 'rtf/structure.rtf', 'Björn'],
		['old.xls', 'doc/structure.doc', 'Björn'],
		['ledger.ppt', 'xls/ledger.xls', 'Hugin'],
		['talk.doc', 'ppt/tides.ppt', 'Esbjerg'],
		['note.bin', 'msg/note.msg', 'Überblick'],
		['mail.txt', 'mail/charset-koi8-r.eml', 'Завтра'],
	];

	const job = await upload('wrong', [...wrong.map(([name, real]) =>
	    [name, fixture(real)]), ['page.dat', gzipSync('Nothing but reeds')],
		['tree.jpg', '# Rowan\n\nThe rowan is no picture.\n']]);
	const list = await items(job);

	for (const [name, real, words] of wrong) {
		assert.equal(list.get(name).state, 'completed', name);
		assert.ok((await query('wrong', words, name)).length > 0,
		    `${name}: ${real}`);
	}
	assert.match((await query('wrong', 'reeds'))[0].name, /^page\.dat\//);
	assert.equal((await query('wrong', 'rowan'))[0].name, 'tree.jpg');
});

// ---- bad ones -------------------------------------------------------------

const LOCKED = ['ENCRYPTED_DOCUMENT', /password/];
const ENTITIES = ['EXTRACTION_FAILED', /declares XML entities/];
const PICTURE = ['UNSUPPORTED_FILE_TYPE', /an image \(turn on OCR/];
const BAD = [
	['archive/locked.7z', ...LOCKED],
	['docx/locked.docx', ...LOCKED],
	['odf/locked.odt', ...LOCKED],
	['pdf/password.pdf', ...LOCKED],
	['epub/drm.epub', 'ENCRYPTED_DOCUMENT', /DRM/],
	['msg/encrypted.msg', 'ENCRYPTED_DOCUMENT', /encrypted/],
	['docx/entities.docx', ...ENTITIES],
	['docx/external.docx', ...ENTITIES],
	['pptx/entities.pptx', ...ENTITIES],
	['xlsx/entities.xlsx', ...ENTITIES],
	['docx/malformed.docx', 'EXTRACTION_FAILED', /malformed in line 2/],
	['pptx/malformed.pptx', 'EXTRACTION_FAILED', /slide 2: .*malformed/],
	['xlsx/malformed.xlsx', 'EXTRACTION_FAILED', /sheet "S": .*malformed/],
	['docx/missing.docx', 'EXTRACTION_FAILED', /no main part/],
	['pptx/missing-slide.pptx', 'EXTRACTION_FAILED',
		/slide 2 is missing/],
	['xlsx/missing-sheet.xlsx', 'EXTRACTION_FAILED', /sheet "Two"/],
	['docx/deep.docx', 'EXTRACTION_LIMIT', /nested deeper than/],
	['docx/boxes-in-boxes.docx', 'EXTRACTION_LIMIT', /text boxes/],
	['pptx/deep.pptx', 'EXTRACTION_LIMIT', /nested deeper than/],
	['xlsx/deep.xlsx', 'EXTRACTION_LIMIT', /nested deeper than/],
	['xlsx/bomb.xlsx', 'EXTRACTION_LIMIT', /a cell in row 1/],
	['pptx/many-charts.pptx', 'EXTRACTION_LIMIT', /charts/],
	['pdf/scan.pdf', 'NO_TEXT', /no text layer; turn on OCR/],
	['docx/pictures.docx', 'NO_TEXT', /pictures but no text/],
	['xlsx/binary.xlsb', 'UNSUPPORTED_FILE_TYPE', /\.xlsb/],
	['image/letter.png', ...PICTURE],
	['image/note.jpg', ...PICTURE],
	['image/pages.tiff', ...PICTURE],
	['archive/empty.zip', 'EMPTY_CONTENT', /no text/],
	['archive/empty.tar', 'EMPTY_CONTENT', /no text/],
];
const MADE = [
	['empty.pdf', '', 'EMPTY_CONTENT', /empty/],
	['spaces.txt', ' \n\t\n ', 'EMPTY_CONTENT', /no text/],
	['half.pdf', fixture('pdf/article.pdf').subarray(0, 2000),
		'EXTRACTION_FAILED', /PDF is damaged/],
	['half.docx', fixture('docx/office.docx').subarray(0, 2000),
		'EXTRACTION_FAILED', /./],
	['half.epub', fixture('epub/book2.epub').subarray(0, 800),
		'EXTRACTION_FAILED', /./],
	['half.xls', fixture('xls/ledger.xls').subarray(0, 3000),
		'EXTRACTION_FAILED', /./],
	['half.gz', fixture('archive/pax.tar.gz').subarray(0, 100),
		'EXTRACTION_FAILED', /./],
	['noise.bin', Buffer.from(Array.from({ length: 4096 },
	    (_, i) => (i * i * 7919 >> 5) & 255)), 'UNSUPPORTED_FILE_TYPE',
		/not supported/],
	['many.zip', zip([['in/one.zip', zip([['two.zip', zip([['3.zip',
		zip([['4.zip', zip([['5.zip', zip([['6.zip', zip([['deep.txt',
		'Too deep to be seen.']])]])]])]])]])]])]]), undefined],
];
const SKIPS = ['UNSUPPORTED_FILE_TYPE', 'EMPTY_CONTENT', 'DUPLICATE'];

test('what is bad has a code, a stage and a reason', async () => {
	const job = await upload('bad', [...BAD.map(([name]) => [name]),
		...MADE.map(([name, content]) => [name, content]),
		['good.txt', 'Sedge grows among the ruins.']]);
	const list = await items(job);

	assert.equal(job.state, 'completed_with_failures');
	for (const [name, code, words] of [...BAD,
		...MADE.map(([made, , ...rest]) => [made, ...rest])]) {
		const { state, error } = list.get(name);

		if (code === undefined)
			continue;
		assert.equal(error?.code, code, `${name}: ${state} ` +
		    error?.message);
		assert.equal(state, SKIPS.includes(code) ? 'skipped'
		    : 'failed', name);
		assert.match(error.message, words, name);
		assert.doesNotMatch(error.message, /internal error/, name);
		if (state === 'failed')
			assert.equal(error.stage, 'extracting', name);
	}
	// Nesting ends where it says; all above is there.
	const deep = [...list.values()].filter((item) =>
	    item.name.startsWith('many.zip') && item.error);

	assert.deepEqual(deep.map((item) => item.error.code),
	    ['EXTRACTION_LIMIT']);
	assert.equal((await query('bad', 'sedge')).length, 1);
	const audit = await server.ok('GET', '/bases/bad/audit');

	assert.deepEqual(audit.differences, []);
});

test('a locked member says so, also when it is tried again', async () => {
	for (const name of ['secret.zip', 'secret-aes.zip', 'secret.7z']) {
		const first = await upload(name, [[name,
			fixture(`archive/${name}`)]]);
		const { job } = await server.ok('POST',
		    `/jobs/${first.id}/retry`, { body: {} });
		const second = await server.end(job);

		assert.equal(first.state, 'completed_with_failures');
		assert.equal(first.counts.failed, 5);
		assert.equal(second.state, 'failed');
		assert.equal(second.counts.total, 5);
		for (const one of [first, second])
			for (const item of (await items(one)).values()) {
				if (item.state !== 'failed')
					continue;
				assert.equal(item.error.code, LOCKED[0]);
				assert.equal(item.error.stage, 'extracting');
				assert.match(item.error.message, LOCKED[1]);
			}
	}
});

test('a packed hole is no way to fill the disk', async () => {
	const job = await upload('hole', [['sparse.tar',
		fixture('archive/sparse.tar')]]);

	assert.equal(job.state, 'failed');
	for (const item of (await items(job)).values()) {
		assert.equal(item.error.code, 'EXTRACTION_LIMIT');
		assert.equal(item.error.stage, 'extracting');
	}
});

// ---- scripts --------------------------------------------------------------

// Cyrillic, Greek, Arabic, Hebrew, Hindi, Chinese, Japanese, Korean.
const PANGRAMS = ['французских', 'ψυχοφθόρα', 'قاطع', 'מאוכזב', 'राक्षसों',
	'玻璃', 'いろは', '다람쥐'];
const GULLS = ['гаванью', 'γλάροι', 'النوارس', 'השחפים', 'पक्षी', '海鸥',
	'カモメ', '갈매기가'];
const SCRIPTS = [
	['pdf/languages.pdf', ['притягивает', 'σελήνη', 'المحيطات', 'הירח',
		'चन्द्रमा', '月亮', '船乗り', '바닷물을']],
	['docx/languages.docx', ['Съешь', 'Ξεσκεπάζω', 'حكيم', 'עטלף',
		'नमस्ते', '玻璃', 'いろは', '다람쥐']],
	['odf/scripts.odt', GULLS],
	['epub/scripts.epub', GULLS],
	['rtf/scripts.rtf', PANGRAMS],
	['doc/scripts.doc', PANGRAMS],
	['pptx/features.pptx', ['прилива', 'Παλίρροια', 'السفن', 'האוניות',
		'जहाज', '涨潮', '満潮', '밀물을']],
	['xlsx/features.xlsx', ['Архангельск', 'Πειραιάς', 'الإسكندرية',
		'חיפה', 'मुंबई', '上海', '横浜', '부산']],
	['xls/ledger.xls', ['Гавань', 'λιμάνι', 'الميناء', 'הנמל',
		'बंदरगाह', '港口', '閉まっ', '항구가']],
	['ppt/tides.ppt', ['Гавань', 'λιμάνι', 'الميناء', 'הנמל',
		'बंदरगाह', '港口', '閉まっ', '항구가']],
];

test('scripts of the world are found by their words', async () => {
	const job = await upload('scripts', SCRIPTS.map(([name]) => [name]));

	assert.equal(job.counts.failed, 0);
	for (const [name, words] of SCRIPTS)
		for (const word of words) {
			const found = await query('scripts', word, name);

			assert.ok(found.some((result) =>
			    result.text.normalize('NFC').includes(word)),
			    `${name}: ${word}: ` + found.map((result) =>
				result.text).join('|'));
		}
});

// ---- pictures -------------------------------------------------------------

test('with OCR pictures and scans are text',
    { skip: !HAS_TESSERACT && 'tesseract is not installed' }, async () => {
	const at = await Server.start('--ocr', 'yes');

	try {
		const job = await upload('ocr', [['image/letter.png'],
			['image/turned.jpg'], ['image/pages.tiff'],
			['image/blank.png'], ['pdf/scan.pdf']], at);
		const list = await items(job, at);
		const { code, message, stage } =
		    list.get('image/blank.png').error;

		assert.equal(job.counts.completed, 4);
		assert.equal(code, 'NO_TEXT');
		assert.equal(stage, 'extracting');
		assert.match(message, /no text was recognised/);
		assert.equal((await query('ocr', 'pilot inner basin',
		    'image/letter.png', at)).length, 1);
		const pages = await query('ocr', 'lighthouse Sundays',
		    'image/pages.tiff', at);

		assert.equal(pages[0].metadata.page_count, 3);
		assert.equal(pages.at(-1).page_end, 3);
		for (const [name, words] of [
		    ['image/turned.jpg', 'lighthouse open Sundays'],
		    ['pdf/scan.pdf', 'baffling waffles']]) {
			const [hit] = await query('ocr', words, name, at);

			assert.ok(hit, name);
			assert.equal(hit.page_start, 1, name);
			assert.equal(hit.page_end, 1, name);
		}
	} finally {
		await at.stop();
	}
});

test('OCR in a language that is not there stays off, and says so',
    { skip: !HAS_TESSERACT && 'tesseract is not installed' }, async () => {
	const at = await Server.start('--ocr', 'yes', '--ocr-languages',
	    'xxx');

	try {
		const job = await upload('ocr', [['image/letter.png'],
			['pdf/scan.pdf']], at);

		assert.match(at.log, /OCR is turned on, but .* xxx/);
		assert.equal(job.counts.skipped, 1);
		assert.equal(job.counts.failed, 1);
	} finally {
		await at.stop();
	}
});
