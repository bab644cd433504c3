// SPDX-License-Identifier: Apache-2.0
//
// The pages of jobs, as somebody at a browser uses them: a job is watched from
// its upload to its end, held, resumed, cancelled and repeated by its buttons;
// its files are scrolled through, filtered and searched for, ten thousand of
// them, and names that mean harm do none.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { Models, fail } from './lib-models.mjs';
import { Server } from './lib.mjs';
import { Browser, checkAccessible, checkNarrow,
	checkQuiet } from './lib-browser.mjs';

const FILES = 10000; // as many as one upload may have
const BROKEN = 3;
const ROWS_MAX = 60; // in the page at once
const PARTS = ['queued', 'processing', 'completed', 'failed', 'skipped',
	'cancelled'];
const models = new Models();
const onEmbed = models.onEmbed;
let server;
let browser;

before(async () => {
	await models.open();
	[server, browser] = await Promise.all([
		Server.start(...models.embeddingFlags), Browser.start()]);
	await server.ok('POST', '/bases', { body: { name: 'harbour',
		embedding_model: 'lexical' } });
});
after(async () => {
	await browser?.stop();
	await server?.stop();
	await models.close();
});

function upload(base, files) {
	const body = new FormData();

	for (const [name, content] of files)
		body.append('file', new Blob([content]), name);
	return server.ok('POST', `/bases/${base}/documents`, { body });
}

// In the page, from its first moment: what it says of the job after each
// change of anything.
function lookAlways() {
	globalThis.looks = [];
	new MutationObserver(() => {
		const bar = document.querySelector('.job-bar');
		const look = {};

		if (bar === null)
			return;
		for (const el of bar.querySelectorAll('[data-count]'))
			look[el.dataset.count] =
			    Number(el.textContent.replace(/[^0-9]/g, ''));
		look.percent = Number(bar.querySelector('[role=progressbar]')
		    .getAttribute('aria-valuenow'));
		// None, as long as files are being listed.
		look.shown = parseFloat(bar.querySelector('.job-percent')
		    .textContent) || 0;
		look.widths = [...bar.querySelectorAll('.bar-part')]
		    .filter((part) => !part.hidden).length;
		globalThis.looks.push(look);
	}).observe(document, { subtree: true, childList: true,
		characterData: true, attributes: true });
}

const list = (page) => page.locator('.job-files .list-scroller');
const rows = (page) => list(page).locator('.file-row');
const filter = (page, name) => page.getByRole('group',
    { name: 'Files by state' }).getByRole('button', { name });
// The names of the rows that are in the page, when all have come.
async function names(page) {
	await page.locator('.list-scroller[aria-busy=false]').waitFor();
	return rows(page).locator('.file-name').allTextContents();
}

let big; // the job of FILES files

const nameOf = (i) => i < BROKEN ? `broken-${i}.docx`
	: `note-${String(i).padStart(4, '0')}.txt`;

test('a job is watched from its upload to its end', async () => {
	const files = Array.from({ length: FILES }, (_, i) => [nameOf(i),
		i < BROKEN ? 'PK\u0003\u0004 and then nothing'
		    : `Boat ${i} is in the harbour.`]);
	const page = await browser.open(server, '#/jobs');

	await page.getByText('No job yet.').waitFor();
	await page.evaluate(lookAlways);
	big = (await upload('harbour', files)).job;
	// It comes into the list by itself, and that leads to it.
	await page.getByRole('link', { name: 'Files uploaded to harbour' })
	    .click();
	const state = page.locator('.job-state .tag');

	await state.getByText('completed with failures').waitFor();
	const looks = await page.evaluate(() => globalThis.looks);
	const { counts } = await server.ok('GET', `/jobs/${big.id}`);
	let before = { percent: 0, shown: 0 };

	assert.equal(counts.total, FILES);
	assert.equal(counts.failed, BROKEN);
	for (const look of looks) {
		assert.equal(PARTS.reduce((sum, name) => sum + look[name], 0),
		    look.total, JSON.stringify(look));
		assert.equal(look.widths, PARTS.filter((name) =>
		    look[name] > 0).length);
		assert.ok(look.percent >= before.percent, 'percent fell');
		assert.ok(look.shown >= before.shown, 'percent fell');
		assert.ok(look.shown <= look.percent);
		before = look;
	}
	const { percent, shown, widths, ...last } = looks.at(-1);

	assert.deepEqual(last, counts);
	assert.deepEqual([percent, shown, widths], [100, 100, 2]);
	// What is three of ten thousand is seen, too.
	assert.ok((await page.locator('.job-progress .bar-failed')
	    .boundingBox()).width >= 3);
	await checkAccessible(page);
	checkQuiet(page);
	await page.context().close();
});

test('numbers move while it works', async () => {
	// Held in the middle by a service that does not answer, so that there
	// is something to be seen however quick the machine is.
	const held = [];
	const looked = [];

	models.onEmbed = (...asked) => {
		held.push(asked);
	};
	await server.base('slow');
	const { job } = await upload('slow', [['a.txt', 'Slack water.'],
		['b.txt', ''], ['c.docx', 'PK\u0003\u0004 no']]);
	const page = await browser.open(server, `#/jobs/${job.id}`);

	await page.locator('[data-count=failed]', { hasText: '1' }).waitFor();
	await page.locator('[data-count=processing]', { hasText: '1' })
	    .waitFor();
	looked.push(await page.locator('.job-percent').textContent());
	await page.getByText('In work now: 1 embedding').waitFor();
	await page.locator('.stage[data-standing="at work"]',
	    { hasText: 'Embedding' }).waitFor();
	await page.locator('.stage[data-standing="done"]',
	    { hasText: 'Extracting' }).waitFor();
	await page.locator('.stage[data-standing="not yet"]',
	    { hasText: 'Finalizing' }).waitFor();
	models.onEmbed = onEmbed;
	for (const [asked, reply] of held)
		models.give(asked, reply, onEmbed(asked));
	await page.locator('.job-state .tag',
	    { hasText: 'completed with failures' }).waitFor();
	looked.push(await page.locator('.job-percent').textContent());
	assert.notEqual(looked[0], looked[1]);
	assert.equal(looked[1], '100\u00a0%');
	await page.getByRole('button', { name: 'Retry 1 failed file' }).click();
	await page.locator('.job-state .tag', { hasText: /failed$/ }).waitFor();
	await page.locator('.facts dd', { hasText: '2 (it repeats' }).waitFor();
	checkQuiet(page);
	await page.context().close();
});

test('a failed file is named with what to do, and tried again', async () => {
	const page = await browser.open(server, `#/jobs/${big.id}`);

	await filter(page, 'failed').click();
	await page.waitForFunction((n) => document.querySelectorAll(
	    '.file-row').length === n, BROKEN);
	assert.deepEqual(await names(page), Array.from({ length: BROKEN },
	    (_, i) => `broken-${i}.docx`));
	const row = rows(page).nth(1);

	assert.match(await row.textContent(),
	    /failedbroken-1\.docxEXTRACTION_FAILED while extracting: .+Retry/);
	await row.locator('.file-name').click();
	const dialog = page.getByRole('dialog', { name: 'broken-1.docx' });

	await dialog.getByText('Open it in its own program, save it again, ' +
	    'then retry.').waitFor();
	assert.match(await dialog.textContent(), /StageextractingWhat to do/);
	await checkAccessible(page);
	await page.keyboard.press('Escape');
	await row.getByRole('button', { name: 'Retry broken-1.docx' }).click();
	await page.waitForURL((url) => url.hash.startsWith('#/jobs/') &&
	    !url.hash.includes(big.id));
	// One file, in a job of its own; the old one stays as it is.
	const again = await server.ok('GET',
	    `/jobs/${new URL(page.url()).hash.slice('#/jobs/'.length)}`);

	assert.equal(again.counts.total, 1);
	assert.equal(again.attempt, 2);
	await page.locator('.job-state .tag', { hasText: 'failed' }).waitFor();
	assert.deepEqual(await names(page), ['broken-1.docx']);
	await page.goBack();
	await page.locator(`[data-count=failed]`, { hasText: `${BROKEN}` })
	    .waitFor();
	checkQuiet(page);
	await page.context().close();
});

test('ten thousand files: to the end, by state, by name', async () => {
	const page = await browser.open(server, `#/jobs/${big.id}`);
	const isShown = (name) => page.waitForFunction((text) =>
		[...document.querySelectorAll('.file-name')].some((el) =>
		    el.textContent === text), name);

	await isShown('broken-0.docx');
	await list(page).focus();
	await page.keyboard.press('End');
	await isShown(nameOf(FILES - 1));
	assert.equal(await list(page).getAttribute('aria-rowcount'),
	    `${FILES}`);
	assert.ok((await names(page)).length <= ROWS_MAX);
	await page.keyboard.press('Home');
	await isShown('broken-0.docx');
	await list(page).evaluate((el) => {
		el.scrollTop = el.scrollHeight / 2;
	});
	await isShown(nameOf(FILES / 2));

	await filter(page, 'completed').click();
	await isShown(nameOf(BROKEN));
	assert.match(page.url(), /\?state=completed$/);
	await page.getByLabel('Search files by name').fill('NOTE-77');
	await page.waitForFunction(() => document.querySelector(
	    '.file-name')?.textContent === 'note-7700.txt');
	await list(page).focus();
	// How many there are is not known before they are read.
	await page.keyboard.press('End');
	await isShown('note-7799.txt');
	await page.getByLabel('Search files by name').fill('no such name');
	await page.getByText('No file fits.').waitFor();
	await page.getByRole('button', { name: 'Clear the search' }).click();
	await isShown(nameOf(BROKEN));
	checkQuiet(page);
	await page.context().close();
});

test('what it waits for, pause, resume and cancel', async () => {
	models.onEmbed = (asked, reply) => fail(reply, 503);
	await server.base('waiting');
	const { job } = await upload('waiting', [['a.txt', 'Neap tides.'],
		['b.txt', 'Spring tides.']]);
	const page = await browser.open(server, `#/jobs/${job.id}`);
	const button = (name) => page.getByRole('button', { name,
		exact: true });
	const state = page.locator('.job-state .tag');
	const buttons = () => page.locator('.job-actions .button')
	    .allTextContents();

	await page.locator('.figure', { hasText: 'Waits for' })
	    .getByText('the embedding service').waitFor();
	await page.getByText('Look after that service').waitFor();
	const overview = await browser.open(server);

	await overview.locator('.service', { hasText: 'Embedding' })
	    .getByText('does not answer', { exact: true }).waitFor();
	await overview.locator('.running-job', { hasText: 'waiting' })
	    .getByText('waits for the embedding service').waitFor();
	await checkAccessible(overview);
	await overview.context().close();
	assert.deepEqual(await buttons(), ['Pause', 'Cancel\u2026']);
	await button('Pause').press('Enter');
	await state.getByText('paused').waitFor();
	await page.waitForFunction(() =>
	    document.activeElement.textContent === 'Resume');
	assert.deepEqual(await buttons(), ['Resume', 'Cancel\u2026']);
	await button('Resume').click();
	await state.getByText('running').waitFor();
	await button('Cancel\u2026').click();
	await page.getByRole('button', { name: 'Let it run' }).click();
	await state.getByText('running').waitFor();
	await button('Cancel\u2026').click();
	await page.getByText('2 files will not be indexed.').waitFor();
	await page.getByRole('button', { name: 'Cancel the job' }).click();
	await state.getByText('cancelled').waitFor();
	assert.equal(await page.locator('[data-count=cancelled]')
	    .textContent(), '2');
	assert.deepEqual(await buttons(), ['Run all again']);
	const [report] = await Promise.all([page.waitForEvent('download'),
		page.getByRole('link', { name: 'Report (CSV)' }).click()]);

	assert.match(report.suggestedFilename(), /\.csv$/);
	models.onEmbed = onEmbed;
	await button('Run all again').click();
	await button('Run again').click();
	await state.getByText('completed', { exact: true }).waitFor();
	assert.equal(await page.locator('[data-count=completed]')
	    .textContent(), '2');
	checkQuiet(page);
	await page.context().close();
});

// Names as they may lie on a disk, and what is shown of them.
const HOSTILE = [
	['"><script>globalThis.harm=1<', '"><script>globalThis.harm=1<'],
	['<img src=x onerror="globalThis.harm=1">',
		'<img src=x onerror="globalThis.harm=1">'],
	['invoice\u202efdp.exe', 'invoice[U+202E]fdp.exe'],
	['javascript:globalThis.harm=1', 'javascript:globalThis.harm=1'],
	['two\nlines\tand\u0007a bell',
		'two\u240alines\u2409and\u2407a bell'],
	['x'.repeat(255), 'x'.repeat(255)],
	[`z${'\u0300'.repeat(127)}`, `z${'\u0300'.repeat(127)}`],
	// Half of a pair, and bytes that are no text at all.
	[Buffer.from('~ \xed\xa0\x80\xff\xfe', 'latin1'),
		'~ %ED%A0%80%FF%FE'],
	['\u05d0\u05d1\u05d2 \u0627\u0644\u0645\u062f',
		'\u05d0\u05d1\u05d2 \u0627\u0644\u0645\u062f'],
	['\u{1f30a}\u{1f30a}', '\u{1f30a}\u{1f30a}'],
];

test('names that mean harm do none', async () => {
	const folder = path.join(server.docs, 'hostile');

	fs.mkdirSync(folder);
	const files = HOSTILE.map(([name]) => Buffer.concat([
		Buffer.from(`${folder}/`), Buffer.from(name)]));

	for (const file of files)
		fs.writeFileSync(file, file);
	const base = await server.ok('POST', '/bases', { body: {
		name: '<b onclick=harm()>&\u202e"\'`${harm}',
		embedding_model: 'lexical' } });
	const job = await server.end(await server.folder(base.id,
	    { path: folder }));

	// What is no text cannot be found again by fs.rmSync().
	for (const file of files)
		fs.unlinkSync(file);
	const page = await browser.open(server, `#/jobs/${job.id}`, {
		viewport: { width: 360, height: 740 } });

	await page.waitForFunction((n) => document.querySelectorAll(
	    '.file-row').length === n, HOSTILE.length);
	assert.deepEqual((await names(page)).sort(),
	    HOSTILE.map(([, shown]) => shown).sort());
	for (const height of await rows(page).evaluateAll((all) =>
	    all.map((row) => row.getBoundingClientRect().height)))
		assert.equal(height, 60);
	await checkNarrow(page);
	for (const part of ['xxxx', '<img']) {
		await rows(page).locator('.file-name', { hasText: part })
		    .click();
		await page.locator('dialog[open]').waitFor();
		await checkNarrow(page);
		await page.keyboard.press('Escape');
	}
	await page.goto(`${server.url}/#/jobs`);
	await page.locator('.job-row').first().waitFor();
	await checkNarrow(page);
	await checkAccessible(page);
	assert.equal(await page.evaluate(() => globalThis.harm), undefined);
	checkQuiet(page);
	await page.context().close();
});

test('a job that can be undone is, and what became of it is told', async () => {
	await server.ok('POST', '/bases', { body: { name: 'undoing',
		embedding_model: 'lexical' } });
	// Jobs of this interface keep what they replace.
	const reply = await server.fetch('/v2/collections/undoing/index/text',
	    { method: 'POST', headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ content: 'An apple tide.',
		    filename: 'apple.txt' }) });
	const id = (await reply.json()).job_id.replace(/^job_[a-z]+_/, '');

	await server.end(await server.ok('GET', `/jobs/${id}`));
	const page = await browser.open(server, `#/jobs/${id}`);
	const undo = page.getByRole('button', { name: 'Undo\u2026' });

	await undo.click();
	await page.getByRole('button', { name: 'Undo it' }).click();
	const dialog = page.getByRole('dialog', { name: 'The job is undone' });

	await dialog.getByText('Removed: 1').waitFor();
	await dialog.getByText('apple.txt').waitFor();
	await checkAccessible(page);
	await dialog.getByRole('button', { name: 'Close' }).click();
	await page.getByText('Undone', { exact: true }).waitFor();
	assert.equal(await undo.count(), 0);
	// Those of other interfaces have no such button.
	await page.goto(`${server.url}/#/jobs/${big.id}`);
	await page.getByRole('button', { name: 'Run all again' }).waitFor();
	assert.equal(await undo.count(), 0);
	checkQuiet(page);
	await page.context().close();
});

test('all jobs, by base and by state, as they come', async () => {
	const page = await browser.open(server, '#/jobs');
	const shown = (n) => page.waitForFunction((count) =>
		document.querySelectorAll('.job-row').length === count, n);

	await page.getByLabel('Base').selectOption({ label: 'waiting' });
	await shown(2);
	await page.getByLabel('State').selectOption({ label: 'Cancelled' });
	await shown(1);
	assert.match(page.url(), /\?base=[-0-9a-f]+&state=cancelled$/);
	await page.getByLabel('State').selectOption({ label: 'Completed' });
	await shown(1);
	const { job } = await upload('waiting', [['c.txt', 'Rip tide.']]);

	await shown(2);
	assert.equal(await page.locator('.job-row a').first()
	    .getAttribute('href'), `#/jobs/${job.id}`);
	// The address says which are shown.
	await page.reload();
	await shown(2);
	await page.getByLabel('State').selectOption({ label: 'With failures' });
	await page.getByText('No job fits.').waitFor();
	await page.getByRole('button', { name: 'Show all' }).click();
	await page.locator('.job-row').nth(3).waitFor();
	checkQuiet(page);
	await page.context().close();
});

// A stream that says the same each time it is asked for; asked: how often.
async function fakeStream(page, events) {
	const stream = { asked: 0, isOn: false };

	await page.route(/\/events\?/, async (route) => {
		stream.asked += 1;
		await route.fulfill({ contentType: 'text/event-stream',
			body: 'retry: 100\n\n' + (stream.isOn
			    ? events.map(({ event, data }) => `id: 1\nevent: ${
				event}\ndata: ${JSON.stringify(data)}\n\n`)
				.join('') : '') });
	});
	return stream;
}

// All that has come until now was heard, and was drawn.
async function heard(stream) {
	const { asked } = stream;

	while (stream.asked < asked + 2)
		await new Promise((resolve) => setTimeout(resolve, 20));
}

test('what comes late turns nothing back', async () => {
	const base = await server.ok('POST', '/bases', { body: { name: 'late',
		embedding_model: 'lexical' } });
	const job = await server.end((await upload('late',
	    [['a.txt', 'The tide comes late.']])).job);
	const old = { ...job, state: 'running', revision: 1, percent: 0,
		counts: { ...job.counts, completed: 0, queued: 1 } };
	const page = await browser.open(server, '#/access');
	const stream = await fakeStream(page, [{ event: 'job', data: old }]);

	// The list is newer than the event.
	await page.goto(`${server.url}/#/jobs?base=${base.id}`);
	await page.reload();
	const row = page.locator('.job-row').filter({ hasText: 'late' });

	await row.getByText('completed', { exact: true }).waitFor();
	stream.isOn = true;
	await heard(stream);
	assert.match(await row.textContent(), /100.*completed/);

	// The event is newer than the list, which was asked for before it.
	await page.unroute(/\/events\?/);
	const other = await fakeStream(page, [{ event: 'job', data: job }]);

	other.isOn = true;
	await page.route(/\/jobs\?base=/, async (route) => {
		await heard(other);
		await route.fulfill({ json: { jobs: [old],
			next_cursor: null } });
	});
	await page.goto(`${server.url}/#/bases/${base.id}`);
	const one = page.locator('.base-job');

	await one.waitFor();
	assert.match(await one.textContent(), /completed/);
	checkQuiet(page);
	await page.context().close();
});

test('time left has its interval, each stage its time', async () => {
	await server.ok('POST', '/bases', { body: { name: 'timed',
		embedding_model: 'lexical' } });
	const job = await server.end((await upload('timed',
	    [['a.txt', 'The tide is on time.']])).job);
	const page = await browser.open(server, '#/access');

	await page.route(`**/jobs/${job.id}`, (route) => route.fulfill({ json: {
		...job, state: 'running', percent: 25, finished_at: null,
		eta: { seconds: 240, low: 180, high: 420 },
		stages: job.stages.map((stage) => ({ ...stage, items: 0,
			...{ extracting: { done: 10, seconds: 30 },
				embedding: { done: 5, seconds: 10, items: 2 } }[
			    stage.name] ?? { done: 0, seconds: 0 } })) } }));
	await page.goto(`${server.url}/#/jobs/${job.id}`);
	const left = page.locator('.figure', { hasText: 'Time left' });

	assert.equal((await left.textContent()).replaceAll('\u00a0', ' '),
	    'Time leftabout 4 minLikely 3 to 7.');
	assert.deepEqual(await page.locator('.stage').evaluateAll((stages) =>
	    stages.filter((el) => ['Extracting', 'Embedding'].some((name) =>
		el.textContent.startsWith(name))).map((el) =>
		[el.dataset.standing, el.querySelector('.stage-seconds')
		    .textContent.replaceAll('\u00a0', ' '),
		el.querySelector('.stage-time').style.width])),
	[['done', '3 s a file', '75%'], ['at work', '2 s a file', '25%']]);
	checkQuiet(page);
	await page.context().close();
});

test('what is deleted elsewhere is not shown for ever', async () => {
	const base = await server.ok('POST', '/bases', { body: { name: 'gone',
		embedding_model: 'lexical' } });
	const job = await server.end((await upload('gone',
	    [['a.txt', 'The tide goes out.']])).job);
	const { documents: [document] } = await server.ok('GET',
	    `/bases/${base.id}/documents`);
	const page = await browser.open(server, `#/documents/${document.id}`);
	const pages = [[page, 'The document was deleted.']];

	for (const [where, words] of [
		[`#/bases/${base.id}`, 'The base was deleted.'],
		[`#/jobs/${job.id}`, 'The job went with its base.']]) {
		const next = await browser.open(server, where);

		pages.push([next, words]);
	}
	await server.ok('DELETE', `/bases/${base.id}`);
	for (const [next, words] of pages) {
		// Somebody turns to it again.
		await next.evaluate(() => globalThis.document.dispatchEvent(
		    new Event('visibilitychange')));
		await next.getByText(words).waitFor();
		await checkAccessible(next);
		checkQuiet(next, [/status of 404/]);
		await next.context().close();
	}
});

test('the server is killed while somebody watches', async () => {
	const held = [];

	models.onEmbed = (...asked) => {
		held.push(asked);
	};
	await server.base('killed');
	const { job } = await upload('killed', [['a.docx', 'PK\u0003\u0004'],
		['b.txt', 'Ebb and flow.'], ['c.txt', 'Storm surge.']]);
	const page = await browser.open(server, `#/jobs/${job.id}`);

	await page.evaluate(lookAlways);
	await page.locator('[data-count=failed]', { hasText: '1' }).waitFor();
	await page.locator('[data-count=processing]', { hasText: '2' })
	    .waitFor();
	server.listen = new URL(server.url).host;
	assert.equal(await server.halt('SIGKILL'), 'SIGKILL');
	await page.getByText('Connection lost').waitFor();
	models.onEmbed = onEmbed;
	await server.run(...models.embeddingFlags);
	// It goes on by itself, and so does the page.
	await page.locator('.job-state .tag',
	    { hasText: 'completed with failures' }).waitFor();
	const { counts } = await server.end(await server.ok('GET',
	    `/jobs/${job.id}`));
	let before = { percent: 0, completed: 0, failed: 0 };

	for (const look of await page.evaluate(() => globalThis.looks)) {
		assert.equal(PARTS.reduce((sum, name) => sum + look[name], 0),
		    look.total);
		for (const name of Object.keys(before)) {
			assert.ok(look[name] >= before[name], `${name} fell`);
			before[name] = look[name];
		}
	}
	assert.deepEqual(before, { percent: 100, completed: counts.completed,
		failed: 1 });
	checkQuiet(page, [/Failed to load resource|ERR_/]);
	await page.context().close();
});
