// SPDX-License-Identifier: Apache-2.0
//
// The pages of bases, as somebody at a browser uses them: a base is made, files
// are chosen and dropped, watched to the end, asked about and looked at; what
// is refused is told in the server's words, what means harm does none.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { after, before } from 'node:test';
import { Models } from './lib-models.mjs';
import { Server } from './lib.mjs';
import { Browser, checkAccessible, checkNarrow,
	checkQuiet } from './lib-browser.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DATA = path.join(ROOT, 'samples', 'documents');
const FILE_MAX = 2000000;
const MANY = 520;
const models = new Models();
let server;
let browser;
let page;	// one for all: a page has loaded its scripts once

before(async () => {
	await models.open();
	[server, browser] = await Promise.all([Server.start(
	    ...models.embeddingFlags, '--file-bytes-max', String(FILE_MAX)),
	Browser.start()]);
	page = await browser.open(server);
});
after(async () => {
	await browser?.stop();
	await server?.stop();
	await models.close();
});

const dialogOf = (page, name) => page.getByRole('dialog', { name });
const documentRows = (page) => page.locator('.document-row');
const uploadTitle = (page, name) => page.getByRole('heading',
    { name, exact: true });

// Another view; what the last one showed is not taken for its own.
async function go(where) {
	await page.evaluate(() => {
		for (const view of document.querySelectorAll('.view'))
			view.dataset.isOld = '';
		document.getElementById('toasts').replaceChildren();
	});
	await page.goto(`${server.url}/${where}`);
	await page.locator('.view:not([data-is-old])').waitFor();
}

function quiet(expected = []) {
	checkQuiet(page, expected);
	page.problems.length = 0;
}

async function baseOf(name) {
	return server.ok('POST', '/bases', { body: { name,
		embedding_model: 'lexical' } });
}

function pathOf(name) {
	return path.join(server.docs, name);
}

// The files of the server's folder, by the browser's own dialog.
async function choose(page, ...names) {
	const [chooser] = await Promise.all([page.waitForEvent('filechooser'),
		page.getByRole('button', { name: 'Upload files' }).click()]);

	await chooser.setFiles(names.map(pathOf));
}

// Let files fall onto the element: [name, text].
async function drop(page, selector, files) {
	const transfer = await page.evaluateHandle((all) => {
		const made = new DataTransfer();

		for (const [name, text] of all)
			made.items.add(new File([text], name));
		return made;
	}, files);

	await page.dispatchEvent(selector, 'dragenter',
	    { dataTransfer: transfer });
	await page.locator(`${selector}.is-over`).waitFor();
	await page.dispatchEvent(selector, 'drop', { dataTransfer: transfer });
	assert.equal(await page.locator(`${selector}.is-over`).count(), 0);
}

// ---- the way in -----------------------------------------------------------

test('from nothing to an answer', async () => {
	server.put('tides.md', '# Tides\n\n## Spring\n\nThe highest water ' +
	    'comes two days after the full moon, say all pilots.\n');
	server.put('gone.json', '{"a": [1, ');
	for (const name of ['operators-handbook.docx',
		'progress-that-can-be-trusted.pdf'])
		fs.copyFileSync(path.join(DATA, name), pathOf(name));
	await go('#/bases');
	await page.getByText('No base yet.').waitFor();
	await page.getByRole('button', { name: 'New base' }).click();
	const dialog = dialogOf(page, 'New base');

	// What is wrong is told beside what was typed, which stays.
	await dialog.getByLabel('Name',
	    { exact: true }).fill('a/b');
	await dialog.getByLabel('Embedding model').selectOption('lexical');
	await dialog.getByRole('button', { name: 'Make the base' }).click();
	const refused = await server.ask('POST', '/bases',
	    { body: { name: 'a/b' } });
	await dialog.getByText(refused.json.error.message).waitFor();
	await dialog.getByLabel('Name',
	    { exact: true }).fill('harbour');
	await dialog.getByText('How documents are cut').click();
	await dialog.getByLabel('Largest piece, characters').fill('800');
	await checkAccessible(page);
	await dialog.getByRole('button', { name: 'Make the base' }).click();
	await page.getByText('No document yet.').waitFor();
	assert.deepEqual((await server.ok('GET', '/bases/harbour')).settings,
	    { chunking: { method: 'structure', chars_max: 800 } });

	await choose(page, 'tides.md', 'gone.json', 'operators-handbook.docx',
	    'progress-that-can-be-trusted.pdf');
	await uploadTitle(page, '3 files of 4 indexed').waitFor();
	await page.getByText('3 completed, 1 failed', { exact: true })
	    .waitFor();
	const failed = page.locator('.upload-row', { hasText: 'gone.json' });

	assert.match(await failed.textContent(),
	    /EXTRACTION_FAILED: the JSON is malformed.*failed$/);
	// The documents below are as new, the one that failed with its reason.
	await documentRows(page).nth(3).waitFor();
	await page.locator('.document-row', { hasText: 'gone.json' })
	    .getByText(/^EXTRACTION_FAILED: the JSON is malformed/).waitFor();
	await page.locator('.figures div', { hasText: 'Documents' })
	    .getByText('3', { exact: true }).waitFor();
	await page.getByRole('button', { name: 'Close' }).click();
	assert.equal(await page.locator('.upload').count(), 0);
	quiet([/status of 400 .*\/bases$/]);

	await page.getByLabel('Ask this base').fill('highest waters');
	await page.keyboard.press('Enter');
	const result = page.locator('.result').first();

	await result.getByRole('link', { name: 'tides.md' }).waitFor();
	assert.match(await result.locator('.score').textContent(),
	    /^score [01]\.\d{3}$/);
	assert.equal(await result.locator('.tag').textContent(),
	    'words and vectors');
	assert.deepEqual(await result.locator('mark').allTextContents(),
	    ['highest', 'water']);
	assert.equal(await result.locator('.section-path').textContent(),
	    'Tides\u203aSpring');
	await page.getByText(/^\d+ results? in [\d.]+\sms\. Seen: the index as/)
	    .waitFor();
	await checkAccessible(page);
	quiet();
});

test('files fall onto the page, and onto one without any base', async () => {
	const base = await baseOf('dropped');
	await go(`#/bases/${base.id}`);

	await drop(page, '.view', [['a.txt', 'Eel grass.'], ['b.txt', '']]);
	await uploadTitle(page, '1 file of 2 indexed').waitFor();
	await page.getByText('1 completed, 1 skipped', { exact: true })
	    .waitFor();
	// Behind the first ones, in the same list.
	await drop(page, '.view', [['c.txt', 'Bladder wrack.']]);
	await uploadTitle(page, '2 files of 3 indexed').waitFor();
	const { documents } = await server.ok('GET',
	    `/bases/${base.id}/documents`);

	assert.deepEqual(documents.map(({ name }) => name).sort(),
	    ['a.txt', 'b.txt', 'c.txt']);
	quiet();

	// Another account of the page: nothing is there.
	const { key } = await server.ok('POST', '/keys',
	    { body: { environment: 'staging' } });
	const empty = await browser.open(server, '#/bases', { key });

	await drop(empty, '.view', [['d.txt', 'Thongweed.']]);
	await dialogOf(empty, 'New base').getByLabel('Name',
	    { exact: true }).fill('first');
	await empty.getByRole('button', { name: 'Make the base' }).click();
	await uploadTitle(empty, '1 file of 1 indexed').waitFor();
	checkQuiet(empty);
	await empty.context().close();
});

// What a browser makes of a folder that falls onto it, which no script can.
async function walkFolder() {
	const { droppedFiles } = await import('/ui/base_drop.js');
	const file = (name) => ({ isFile: true, name,
		file: (done, fail) => name.startsWith('locked')
		    ? fail(new DOMException('no', 'NotReadableError'))
		    : done(new File(['x'], name)) });
	const folder = (name, entries) => ({ isFile: false, name,
		createReader: () => ({ readEntries: (done) =>
			done(entries.splice(0, 100)) }) });
	const deep = (n) => folder('d', n > 0 ? [deep(n - 1)] : [file('f')]);
	const items = [folder('logs', [
		...Array.from({ length: 250 }, (_, i) => file(`${i}.txt`)),
		folder('inner', [file('one.txt'), file('locked.txt')]),
		folder('.git', [file('HEAD')]), deep(80)]), file('alone.txt')];
	const files = await droppedFiles({ items: items.map((entry) =>
	    ({ kind: 'file', webkitGetAsEntry: () => entry })) });

	return files.map(({ name }) => name);
}

test('each file says how far it is sent', async () => {
	const base = await baseOf('slow');
	const words = 'the tide came in and went out again. '.repeat(20000);

	server.put('one.txt', `One. ${words}`);
	server.put('two.txt', `Two. ${words}`);
	await go(`#/bases/${base.id}`);
	await page.evaluate(() => {
		globalThis.sent = { 'one.txt': [], 'two.txt': [] };
		const look = () => {
			for (const bar of document.querySelectorAll(
			    '.row-progress')) {
				const row = bar.closest('.upload-row');
				const name = row.textContent
				    .match(/(one|two)\.txt/)?.[0];

				if (name)
					globalThis.sent[name].push(bar.value);
			}
			requestAnimationFrame(look);
		};

		look();
	});
	// A slow line, so that there is something to be seen.
	const line = await page.context().newCDPSession(page);

	await line.send('Network.emulateNetworkConditions', { offline: false,
		latency: 0, downloadThroughput: -1, uploadThroughput: 700000 });
	await choose(page, 'one.txt', 'two.txt');
	await uploadTitle(page, '2 files of 2 indexed').waitFor();
	await line.detach();
	const sent = await page.evaluate(() => globalThis.sent);

	for (const [name, values] of Object.entries(sent)) {
		assert.ok(values.some((value) => value > 0 && value < 1),
		    `${name}: ${[...new Set(values)]}`);
		for (const [at, value] of values.entries())
			assert.ok(at === 0 || value >= values[at - 1], name);
	}
	// One after the other.
	assert.ok(sent['two.txt'].indexOf(0) >= 0);
	quiet();
});

test('a folder is walked, as deep as folders are', async () => {
	await go('#/bases');
	assert.deepEqual(await page.evaluate(walkFolder), [
		...Array.from({ length: 250 }, (_, i) => `logs/${i}.txt`),
		'logs/inner/one.txt', 'alone.txt']);
	await page.getByText('2 could not be read by the browser, ' +
	    'logs/inner/locked.txt among them.').waitFor();
	quiet();
});

test('thousands are sent some hundreds at a time', async () => {
	const base = await baseOf('many');
	await go(`#/bases/${base.id}`);
	const sent = [];

	page.on('request', (request) => {
		if (request.method() === 'POST')
			sent.push(request.url());
	});
	for (let i = 0; i < MANY; i++)
		server.put(`n/${i}.txt`, `Buoy ${i} lies here.`);
	await choose(page, ...Array.from({ length: MANY },
	    (_, i) => `n/${i}.txt`));
	await uploadTitle(page, `${MANY} files of ${MANY} indexed`).waitFor();
	assert.equal(sent.length, 2);
	// The list has all of them, the page some.
	const list = page.getByRole('grid', { name: 'Documents' });

	await list.focus();
	await page.keyboard.press('End');
	await page.waitForFunction(() => document.querySelector(
	    '[aria-label=Documents] [aria-rowindex="100"]') !== null);
	assert.ok(await documentRows(page).count() < 60);
	await page.getByLabel('Search documents by name').fill('519');
	await page.waitForFunction(() => document.querySelectorAll(
	    '.document-row').length === 1);
	assert.match(page.url(), /\?name=519$/);
	await page.getByLabel('Documents by state').selectOption('failed');
	await page.getByText('No document fits.').waitFor();
	await page.setViewportSize({ width: 360, height: 740 });
	await checkNarrow(page);
	await page.setViewportSize({ width: 1280, height: 800 });
	quiet();
});

test('what cannot be sent is told before, what is sent can be stopped',
    async () => {
	const base = await baseOf('held');
	await go(`#/bases/${base.id}`);
	let hold;
	const held = new Promise((resolve) => {
		hold = resolve;
	});

	server.put('large.txt', 'x'.repeat(FILE_MAX + 1));
	server.put('small.txt', 'Sea lettuce.');
	await page.route('**/documents', hold);
	await choose(page, 'large.txt', 'small.txt');
	await held;
	const large = page.locator('.upload-row', { hasText: 'large.txt' });

	assert.match(await large.textContent(), new RegExp('FILE_TOO_LARGE: ' +
	    'It has 2\\sMB; the server takes files of at most 2\\sMB\\.' +
	    '.*refused$'));
	// Whoever goes away now is asked.
	page.close({ runBeforeUnload: true });
	await page.waitForEvent('dialog');
	await page.getByRole('button', { name: 'Cancel' }).click();
	await dialogOf(page, 'Cancel the upload?')
	    .getByRole('button', { name: 'Cancel the upload' }).click();
	await uploadTitle(page, '0 files of 2 indexed').waitFor();
	await page.getByText('1 refused, 1 cancelled', { exact: true })
	    .waitFor();
	assert.deepEqual((await server.ok('GET', `/jobs?base=${base.id}`)).jobs,
	    []);
	await page.unroute('**/documents');
	quiet([/^a dialog: /]);
});

test('a lost connection is tried again, a refusal is told', async () => {
	const base = await baseOf('lost');
	await go(`#/bases/${base.id}`);
	const words = 'the disk is full; nothing can be changed';
	let tries = 0;

	server.put('x.txt', 'Dead man\'s fingers.');
	await page.route('**/documents', (route) => {
		tries += 1;
		if (tries === 1)
			return route.abort('connectionreset');
		if (tries === 2)
			return route.fulfill({ status: 507,
				body: JSON.stringify({ error: {
					code: 'STORAGE_FULL',
					message: words } }) });
		return route.continue();
	});
	await choose(page, 'x.txt');
	await uploadTitle(page, '0 files of 1 indexed').waitFor();
	assert.match(await page.locator('.upload-row').textContent(),
	    /STORAGE_FULL: the disk is full; nothing can be.*not sent$/);
	await page.getByRole('button', { name: 'Send again' }).click();
	await uploadTitle(page, '1 file of 1 indexed').waitFor();
	assert.equal(tries, 3);
	await page.unroute('**/documents');
	quiet([/ERR_CONNECTION_RESET/, /status of 507/]);
});

// ---- queries and documents ------------------------------------------------

test('a query has an address, and says what is wrong with it', async () => {
	const { id } = await server.ok('GET', '/bases/harbour');
	await go(`#/bases/${id}/query`);
	const ask = () => page.getByRole('button', { name: 'Ask' }).click();

	await page.getByText('How it is asked').click();
	await page.getByRole('searchbox', { name: 'Query' })
	    .fill('"the full moon"');
	await page.getByLabel('How many results').fill('3');
	await page.getByLabel('Metadata filter, JSON').fill('{"name": ');
	await ask();
	await page.getByText(/^This is no filter: /).waitFor();
	await page.getByLabel('Metadata filter, JSON')
	    .fill('{"name": {"$nor": 1}}');
	await ask();
	const { json } = await server.ask('POST', `/bases/${id}/query`,
	    { body: { query: 'x', filter: { name: { $nor: 1 } } } });
	await page.locator('.field', { hasText: 'Metadata filter' })
	    .getByText(json.error.message, { exact: true }).waitFor();
	assert.equal(await page.getByLabel('Metadata filter, JSON')
	    .getAttribute('aria-invalid'), 'true');
	await page.getByLabel('Metadata filter, JSON')
	    .fill('{"name": {"$ends": ".md"}}');
	await ask();
	await page.getByRole('link', { name: 'tides.md' }).waitFor();
	const shared = new URL(page.url()).hash;

	// The same again, for somebody else.
	const other = await browser.open(server, shared);

	await other.getByRole('link', { name: 'tides.md' }).waitFor();
	assert.equal(await other.getByLabel('How many results')
	    .inputValue(), '3');
	assert.equal(await other.locator('.result').count(), 1);
	// By keys alone: to the box, into the results, to the segment.
	await other.keyboard.press('/');
	assert.equal(await other.evaluate(() => document.activeElement.name),
	    'q');
	await other.keyboard.press('ArrowDown');
	await other.keyboard.press('Enter');
	await other.locator('.segment.is-asked').waitFor();
	assert.match(await other.locator('.segment.is-asked').textContent(),
	    /two days after the full moon/);
	await other.goBack();
	await other.getByRole('link', { name: 'tides.md' }).waitFor();
	checkQuiet(other);
	quiet([/status of 400/]);
	await other.context().close();
});

test('a document shows how it was cut', async () => {
	const { documents } = await server.ok('GET',
	    '/bases/harbour/documents');
	const of = (end) => documents.find(({ name }) => name.endsWith(end));
	await go(`#/documents/${of('.pdf').id}`);
	const { segments } = await server.ok('GET',
	    `/documents/${of('.pdf').id}/segments`);

	await page.locator('.segment').first().waitFor();
	assert.equal(await page.locator('.segment').count(), segments.length);
	const heads = await page.locator('.segment-head').allTextContents();

	heads.forEach((words, i) => assert.equal(words, `Segment ${i + 1}page ${
		segments[i].page_start}${segments[i].characters} characters`));
	assert.deepEqual(await page.locator('.section-path').allTextContents(),
	    segments.map(({ section }) => section.join('\u203a'))
		.filter((words) => words !== ''));
	await page.getByText('Progress that can be trusted', { exact: true })
	    .first().waitFor();
	await checkAccessible(page);
	const [download] = await Promise.all([page.waitForEvent('download'),
		page.getByRole('link', { name: 'Download' }).click()]);

	assert.deepEqual(fs.readFileSync(await download.path()),
	    fs.readFileSync(path.join(DATA,
		'progress-that-can-be-trusted.pdf')));

	// The one that failed says why, and is tried again.
	await go(`#/documents/${of('.json').id}`);
	await page.getByText('Queries do not find it: see its newest run.')
	    .waitFor();
	await page.getByText('EXTRACTION_FAILED').waitFor();
	await page.getByText('Open it in its own program, save it again, ' +
	    'then retry.').waitFor();
	await page.getByText('Nothing of it is indexed.').waitFor();
	await page.getByRole('button', { name: 'Try again' }).click();
	await page.waitForURL(/#\/jobs\//);
	quiet();
});

test('long documents are leafed through, parts and members shown', async () => {
	const base = await server.ok('POST', '/bases', { body: { name: 'parts',
		embedding_model: 'lexical', settings: { chunking: {
			method: 'separator', separator: '\n\n', chars_max: 400,
			child: { method: 'separator', separator: '. ',
				chars_max: 90 } } } } });
	const text = Array.from({ length: 60 }, (_, i) => `Mooring ${i} is ` +
	    `at berth ${i}. It is ${i} metres long.`).join('\n\n');

	await server.end(await server.texts(base.id,
	    [{ name: 'm.txt', text }]));
	const [{ id }] = (await server.ok('GET', `/bases/${base.id}/documents`))
	    .documents;
	await go(`#/documents/${id}?segment=40`);
	const asked = page.locator('.segment.is-asked');

	await asked.waitFor();
	assert.match(await asked.textContent(), /^Segment 41/);
	await page.waitForFunction(() => scrollY > 0);
	await page.getByText('39 to 60 of 60').waitFor();
	await asked.getByText('Found through 2 smaller parts').click();
	assert.deepEqual(await asked.locator('.children li').allTextContents(),
	    ['Mooring 40 is at berth 40', 'It is 40 metres long.']);
	await page.getByRole('button', { name: 'Previous' }).click();
	await page.getByText('14 to 38 of 60').waitFor();
	await page.getByLabel('Number of a segment').fill('60');
	await page.keyboard.press('Enter');
	await page.getByText('60 to 60 of 60').waitFor();

	const mail = ['From: a@example.org', 'Subject: Kelp',
		'MIME-Version: 1.0',
		'Content-Type: multipart/mixed; boundary=b',
		'', '--b', 'Content-Type: text/plain', '', 'See the list.',
		'--b', 'Content-Type: text/plain',
		'Content-Disposition: attachment; filename="list.txt"', '',
		'Dulse and laver.', '--b--', ''].join('\r\n');
	const body = new FormData();

	body.append('file', new Blob([mail]), 'kelp.eml');
	await server.end((await server.ok('POST', `/bases/${base.id}/documents`,
	    { body })).job);
	await go(`#/bases/${base.id}`);
	await page.getByRole('button', { name: 'Documents inside of kelp.eml' })
	    .click();
	await page.waitForFunction(() => [...document.querySelectorAll(
	    '.document-row a')].map((el) => el.textContent).join() ===
	    'list.txt');
	await page.getByRole('link', { name: 'list.txt' }).click();
	await page.getByRole('heading', { name: 'list.txt' }).waitFor();
	await page.getByRole('link', { name: 'kelp.eml' }).click();
	await page.getByRole('heading', { name: 'Documents inside of it' })
	    .waitFor();
	quiet();
});

// ---- harm -----------------------------------------------------------------

const HARM = [
	'<script>globalThis.harm = 1</script>',
	'"><img src=x onerror="globalThis.harm = 1">',
	'<svg onload=globalThis.harm=1>',
	'javascript:globalThis.harm=1',
	'\u202egpj.exe\u202c',
	'</title><style>*{display:none}</style>',
	'${globalThis.harm = 1}{{globalThis.harm = 1}}',
	'a\u0000b\\u0000\u001b[2J',
];

test('names, texts and metadata that mean harm do none', async () => {
	const base = await server.ok('POST', '/bases', { body: {
		name: `<img src=x onerror=globalThis.harm=1>\u202e${
			'\u05e9'.repeat(100)}`,
		description: HARM.join(' ').replace('\u0000', ''),
		embedding_model: 'lexical' } });
	// JSON holds no NUL here; a file may.
	const plain = HARM.map((harm) => harm.replaceAll('\u0000', ''));
	const documents = plain.map((harm, i) => ({
		name: `${harm.replace(/[\u001b/]/g, '')}${i}.md`,
		text: `# ${harm}\n\n${plain.join('\n\n')}\n\nkelp`,
		metadata: { [harm]: harm },
	}));

	await server.end(await server.texts(base.id, documents));
	const body = new FormData();

	body.append('file', new Blob(['{"a": [']), `${HARM[1]}.json`);
	body.append('file', new Blob([HARM.join('\n\n')]), `${HARM[4]}.html`);
	await server.end((await server.ok('POST', `/bases/${base.id}/documents`,
	    { body })).job);
	const all = (await server.ok('GET', `/bases/${base.id}/documents`))
	    .documents;
	await go('#/bases');
	const words = encodeURIComponent(`kelp ${HARM.join(' ')
	    .replace('\u0000', '')}`);

	for (const where of [`#/bases/${base.id}`,
		`#/bases/${base.id}?name=${words}`,
		`#/bases/${base.id}/query?q=${words}`,
		`#/bases/${base.id}/query?q=kelp&filter=${words}`,
		...all.map(({ id }) => `#/documents/${id}`)]) {
		await go(where);
		await page.waitForFunction(() => document.querySelector(
		    '#main [aria-busy=true]') === null);
		assert.deepEqual(await page.evaluate(() => [globalThis.harm,
			document.querySelectorAll('main img, main script, ' +
			    'main style, main [onerror], main [onload]').length,
			[...document.querySelectorAll('a[href]')].filter(
			    (el) => !/^https?:$/.test(el.protocol)).length,
			/[\u202e\u0000\u001b]/.test(document.title +
			    document.querySelector('h1').textContent)]),
		[undefined, 0, 0, false], where);
		await page.setViewportSize({ width: 360, height: 740 });
		await checkNarrow(page);
		await page.setViewportSize({ width: 1280, height: 800 });
		await checkNarrow(page);
	}
	// Dropped as well, and chosen with the name of a base.
	await go(`#/bases/${base.id}`);
	await page.locator('.document-row').first().waitFor();
	await drop(page, '.view', [[`${HARM[1]}.txt`, HARM[0]]]);
	await uploadTitle(page, '1 file of 1 indexed').waitFor();
	assert.equal(await page.evaluate(() => globalThis.harm), undefined);
	quiet();
});

// ---- what is done to a base -------------------------------------------------

test('another model, an audit, a folder, another name, the end', async () => {
	await go('#/bases');

	await page.getByRole('link', { name: 'harbour' }).click();
	await page.getByRole('button', { name: 'Change: Embedding model' })
	    .click();
	const model = dialogOf(page, 'Embedding model');

	await model.getByLabel('Embedding model').selectOption('');
	await model.getByRole('button', { name: 'Use this model' }).click();
	await page.getByText('Segments get new vectors.').waitFor();
	await page.locator('.figures div', { hasText: 'Model' })
	    .getByText(`openai ${models.embedder}`, { exact: true }).waitFor();
	await page.locator('.base-job', { hasText: 'embedding again' })
	    .getByText('completed', { exact: true }).waitFor();

	await page.getByRole('button', { name: 'Audit: Audit' }).click();
	await dialogOf(page, 'Audit').getByText('Everything is as it is said ' +
	    'to be.').waitFor();
	await page.keyboard.press('Escape');

	const dialog = dialogOf(page, 'Index a folder into harbour');

	await page.getByRole('button', { name: 'Index a folder' }).click();
	await dialog.getByLabel('Folder').fill('/etc');
	await dialog.getByRole('button', { name: 'Index it' }).click();
	await dialog.getByText('/etc is not below a folder that may be ' +
	    'indexed in place').waitFor();
	server.put('only/one.md', '# One\n\nCockles.');
	server.put('only/two.txt', 'Mussels.');
	await dialog.getByLabel('Folder').fill(pathOf('only'));
	await dialog.getByText('Only some of its files').click();
	await dialog.getByLabel('Take only').fill('*.md');
	await dialog.getByRole('button', { name: 'Index it' }).click();
	await page.waitForURL(/#\/jobs\//);
	await page.locator('.job-state .tag', { hasText: 'completed' })
	    .waitFor();
	await page.goBack();

	await page.getByRole('button', { name: 'Rename: Name' }).click();
	await dialogOf(page, 'Rename the base').getByLabel('Name',
	    { exact: true })
	    .fill('quay');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByRole('heading', { name: 'quay', level: 1 }).waitFor();
	const row = page.locator('.document-row', { hasText: 'one.md' });

	await row.getByRole('button', { name: 'Delete one.md' }).click();
	await page.getByRole('button', { name: 'Delete it' }).click();
	await row.waitFor({ state: 'detached' });
	await page.getByRole('button', { name: 'Delete: Delete the base' })
	    .click();
	const end = dialogOf(page, 'Delete the base');
	const yes = end.getByRole('button', { name: 'Delete the base' });

	const name = end.getByLabel('Type \u201cquay\u201d to confirm');

	await name.fill('harbour');
	assert.ok(await yes.isDisabled());
	await name.fill('quay');
	await yes.click();
	await page.getByText('quay is deleted.').waitFor();
	assert.equal((await server.ask('GET', '/bases/quay')).status, 404);
	quiet([/status of 403/]);
});
