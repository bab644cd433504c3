// SPDX-License-Identifier: Apache-2.0
//
// The dashboard's frame in a browser: signing in, the overview while a job
// runs, and staying right when the connection is lost, the machine sleeps or the
// session ends.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { KEY, ROOT, Server } from './lib.mjs';
import { Browser, checkAccessible, checkNarrow, checkQuiet }
    from './lib-browser.mjs';

const FAILED = ['ERR_CONNECTION_REFUSED', 'ERR_INCOMPLETE_CHUNKED_ENCODING',
	'ERR_CONNECTION_RESET', 'ERR_EMPTY_RESPONSE', 'ERR_NETWORK_CHANGED',
	'ERR_SOCKET_NOT_CONNECTED'].map((name) => new RegExp(name));
let browser, server;

before(async () => {
	server = await Server.start();
	browser = await Browser.start();
});

after(async () => {
	await browser.stop();
	await server.stop();
});

const press = (where, name) =>
    where.getByRole('button', { name, exact: true }).click();

async function ended(page, expected = []) {
	checkQuiet(page, expected);
	await page.context().close();
}

// The figure of that name on the overview.
function figure(page, name) {
	return page.locator('.figures > div').filter({
		has: page.getByText(name, { exact: true }) }).locator('dd');
}

async function shows(page, name, value) {
	await figure(page, name).getByText(value, { exact: true }).waitFor();
}

// What queries find, in all bases.
async function documents() {
	const { bases } = await server.ok('GET', '/bases');

	return bases.reduce((sum, base) => sum + base.documents, 0);
}

// A base with one file that is indexed and one that cannot be.
async function fill(name) {
	await server.base(name);
	return server.end(await server.texts(name, [
		{ name: 'good.txt', text: 'The tide comes in twice a day.' },
		{ name: 'broken.json', text: '{"a": ' },
	]));
}

test('one signs in with a key that no script sees', async () => {
	const page = await browser.open(server, '#/access', { key: null });

	await checkAccessible(page);
	await checkNarrow(page);
	assert.equal(await page.evaluate(() => document.activeElement.name),
	    'key');
	// There is nothing to leave it for.
	for (let i = 0; i < 3; i++)
		await page.keyboard.press('Escape');
	await press(page, 'Sign in');
	await page.getByText('Enter a key.').waitFor();
	await page.getByLabel('API key').fill('tm-nobody');
	await page.keyboard.press('Enter');
	await page.getByRole('alert').filter({ hasText: 'no such key' })
	    .waitFor();
	assert.equal(await page.getByLabel('API key').getAttribute(
	    'aria-invalid'), 'true');
	await page.getByLabel('API key').fill(` ${KEY} `);
	await page.keyboard.press('Enter');
	// Where one wanted to go.
	await page.getByRole('heading', { name: 'Keys', level: 1 }).waitFor();

	const cookies = await page.context().cookies(`${server.url}${ROOT}/`);

	assert.equal(cookies.length, 1);
	assert.match(cookies[0].name, /^tidemark_session/);
	assert.equal(cookies[0].httpOnly, true);
	assert.equal(cookies[0].sameSite, 'Strict');
	assert.deepEqual(await page.evaluate(() => [document.cookie,
		Object.keys(localStorage), Object.keys(sessionStorage)]),
	['', [], []]);
	assert.ok(!(await page.content()).includes(KEY));
	await press(page, 'Sign out');
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	assert.equal((await page.context().cookies(`${server.url}${ROOT}/`))
	    .length, 0);
	await ended(page);
});

test('a fresh server says what comes next', async () => {
	const page = await browser.open(server);

	await page.getByText('Nothing is here yet.').waitFor();
	await checkAccessible(page);
	await server.base('made-elsewhere');
	await fill('first');
	// The page hears of the job by itself.
	await shows(page, 'Bases', '2');
	await shows(page, 'Documents', '1');
	await ended(page);
});

test('the overview follows jobs, and failures are tried again', async () => {
	const page = await browser.open(server);
	const failures = page.locator('.failure');

	await shows(page, 'Failures', '1');
	const job = await fill('second');

	await shows(page, 'Failures', '2');
	await shows(page, 'Documents', '2');
	const row = page.locator('.running-job').filter({
		hasText: 'second' });

	await row.getByText('completed with failures').waitFor();
	assert.equal(await row.getByRole('img').getAttribute('aria-label'),
	    '1 completed, 1 failed of 2');
	const text = await failures.first().innerText();

	await page.getByRole('img', { name: '2 documents in the last hour, ' +
	    '2 failed' }).waitFor();
	assert.match(await figure(page, 'The index').textContent(),
	    /^[\d.]+\s[kM]B$/);
	await page.getByText(/^[\d.]+% of the disk is full\.$/).waitFor();
	assert.match(text, /broken\.json\s+EXTRACTION_FAILED/);
	assert.match(text, /the JSON is malformed/);
	assert.match(text, /Open it in its own program, .*, then retry\./);
	assert.match(text, /While extracting, in a job of second/);
	assert.equal(await failures.first().getByRole('link', {
		name: 'a job of second' }).getAttribute('href'),
	`#/jobs/${job.id}`);
	await checkAccessible(page);
	await press(failures.first(), 'Retry broken.json');
	await page.getByText('broken.json is tried again.').waitFor();
	const link = await page.getByRole('link', { name: 'Show the job' })
	    .getAttribute('href');
	const again = await server.end(await server.ok('GET',
	    link.replace('#', '')));

	assert.equal(again.attempt, 2);
	assert.deepEqual(again.counts, { ...job.counts, total: 1,
		completed: 0, failed: 1 });
	await ended(page);
});

test('a lost connection is told, and made good', async () => {
	const page = await browser.open(server);
	const before = await documents();
	const banner = page.getByText('Connection lost.');

	server.listen = new URL(server.url).host;
	await server.halt('SIGKILL');
	await banner.waitFor();
	await server.run();
	// Before the page has come back: it was not there to hear of this.
	await fill('third');
	await banner.waitFor({ state: 'detached' });
	await shows(page, 'Documents', String(before + 1));
	await page.locator('.running-job').filter({ hasText: 'third' })
	    .getByText('completed with failures').waitFor();
	await page.locator('.live[data-status=live]').waitFor();
	await ended(page, FAILED);
});

// Its clock is the test's: days pass at once.
const openClock = () => browser.open(server, '', { hasClock: true });

// Hide the page, or show it, as far as its scripts can tell.
function setHidden(page, isHidden) {
	return page.evaluate((hidden) => {
		Object.defineProperty(document, 'hidden',
		    { value: hidden, configurable: true });
		document.dispatchEvent(new Event('visibilitychange'));
	}, isHidden);
}

test('a page that nobody sees gives its connection back', async () => {
	const page = await openClock();
	const streams = [];

	await page.locator('.live[data-status=live]').waitFor();
	await fill('fourth');
	await page.locator('.running-job').filter({ hasText: 'fourth' })
	    .waitFor();
	const before = await documents();

	page.on('request', (request) => {
		if (request.url().includes('/events'))
			streams.push(request.url());
	});
	await setHidden(page, true);
	await page.clock.fastForward(11000);
	await page.locator('.live[data-status=away]').waitFor();
	await fill('unseen');
	await setHidden(page, false);
	await page.locator('.live[data-status=live]').waitFor();
	assert.equal(streams.length, 1);
	// It was away for a moment: what it missed is replayed.
	assert.match(streams[0], /last_event_id=\d+/);
	await page.clock.runFor(5000);
	await shows(page, 'Documents', String(before + 1));
	await ended(page);
});

test('a machine that slept for a day loads afresh', async () => {
	const page = await openClock();
	const before = await documents();

	await page.locator('.live[data-status=live]').waitFor();
	// Nothing comes through while it sleeps.
	await page.context().setOffline(true);
	await fill('fifth');
	const stream = page.waitForRequest(/\/events/);

	await page.context().setOffline(false);
	await page.clock.fastForward('24:00:00');
	assert.doesNotMatch((await stream).url(), /last_event_id/);
	await shows(page, 'Documents', String(before + 1));
	await ended(page, [/ERR_INTERNET_DISCONNECTED/, ...FAILED]);
});

test('when the session has ended one signs in and goes on', async () => {
	const { id, key } = await server.ok('POST', '/keys',
	    { body: { label: 'short' } });
	const page = await browser.open(server, '#/webhooks', { key });

	await server.ok('DELETE', `/keys/${id}`);
	// The stream ends with the key.
	await page.getByText('The session has ended.').waitFor();
	assert.equal(await page.locator('#app').isVisible(), false);
	await page.getByLabel('API key').fill(KEY);
	await page.keyboard.press('Enter');
	await page.getByRole('heading', { name: 'Webhooks', level: 1 })
	    .waitFor();
	await page.locator('.live[data-status=live]').waitFor();
	await ended(page, [/status of 401/, ...FAILED]);
});

test('a session that ends in the midst of a dialog', async () => {
	const { id, key } = await server.ok('POST', '/keys',
	    { body: { label: 'shorter' } });
	const page = await browser.open(server, '#/webhooks', { key });

	// Back: a dialog does not stay over another page.
	await page.getByRole('link', { name: 'Keys', exact: true }).click();
	await press(page, 'New key');
	await page.getByRole('dialog', { name: 'New key' }).waitFor();
	await page.goBack();
	await page.getByRole('dialog', { name: 'New key' })
	    .waitFor({ state: 'detached' });
	await page.goForward();
	await press(page, 'New key');
	await page.getByLabel('Label').fill('half made');
	await server.ok('DELETE', `/keys/${id}`);
	await page.getByText('The session has ended.').waitFor();
	await page.getByLabel('API key').click();
	await page.keyboard.insertText(key);
	await page.keyboard.press('Enter');
	await page.getByRole('alert').filter({ hasText: 'revoked' })
	    .waitFor();
	// Somebody else is here now: what was on the page is not theirs.
	await page.getByLabel('API key').fill(KEY);
	await Promise.all([page.waitForEvent('load'),
		page.keyboard.press('Enter')]);
	await page.getByRole('heading', { name: 'Keys', level: 1 }).waitFor();
	assert.equal(await page.getByRole('dialog').count(), 0);
	await ended(page, [/status of 401/, ...FAILED]);
});

// Take the page's focus away and give it back, as windows do.
const refocus = (page) => page.evaluate(() =>
    globalThis.dispatchEvent(new Event('focus')));

test('who signs in in one window is signed in in all', async () => {
	const { key } = await server.ok('POST', '/keys',
	    { body: { label: 'of another', environment: 'staging' } });
	const page = await browser.open(server, '#/bases');
	const other = await page.context().newPage();

	await other.goto(`${server.url}/#/bases`);
	await other.locator('.live[data-status=live]').waitFor();
	await press(page, 'Sign out');
	await other.getByText('The session has ended.').waitFor();
	await page.getByLabel('API key').fill(key);
	await page.keyboard.press('Enter');
	await page.getByText('Nothing is here yet.').waitFor();
	await refocus(other);
	await other.locator('.side-who').getByText('of another').waitFor();
	await other.getByText('No base yet.').waitFor();
	await ended(page);
});

test('every page is right by keyboard, in the dark and on a phone',
    async () => {
	const looks = [{ viewport: { width: 360, height: 740 },
		colorScheme: 'dark' }, {}];

	for (const look of looks) {
		const page = await browser.open(server, '', look);

		for (const where of ['', '#/jobs', '#/bases', '#/access',
			'#/webhooks', '#/nowhere']) {
			await page.goto(`${server.url}/${where}`);
			await page.locator('#main h1').waitFor();
			await checkNarrow(page);
			await checkAccessible(page);
		}
		const ground = await page.evaluate(() =>
		    getComputedStyle(document.body).backgroundColor);

		assert.equal(ground, look.colorScheme === 'dark'
		    ? 'rgb(14, 20, 21)' : 'rgb(244, 246, 246)');
		await ended(page);
	}
});

test('colours are chosen, kept, and there before the page is', async () => {
	const page = await browser.open(server);
	const ground = () => page.evaluate(() =>
	    getComputedStyle(document.body).backgroundColor);

	await page.getByLabel('Colours').selectOption('dark');
	assert.equal(await ground(), 'rgb(14, 20, 21)');
	await page.reload();
	await page.locator('#main h1').waitFor();
	assert.equal(await ground(), 'rgb(14, 20, 21)');
	await ended(page);
});

test('the keyboard is enough, and shows where it is', async () => {
	const page = await browser.open(server);
	const focus = () => page.evaluate(() => {
		const el = document.activeElement;
		const { outlineStyle, outlineWidth } = getComputedStyle(el);

		return [el.textContent.trim(), `${outlineWidth} ` +
		    outlineStyle];
	});
	const seen = [];

	for (let i = 0; i < 7; i++) {
		await page.keyboard.press('Tab');
		seen.push(await focus());
	}
	assert.deepEqual(seen.map(([text]) => text), ['Skip to the page',
		'Tidemark', 'Overview', 'Jobs', 'Bases', 'Keys', 'Webhooks']);
	for (const [, outline] of seen)
		assert.equal(outline, '2px solid');
	await page.keyboard.press('Enter');
	await page.getByRole('heading', { name: 'Webhooks', level: 1 })
	    .waitFor();
	// A screen reader goes on at the new page's heading.
	assert.equal((await focus())[0], 'Webhooks');
	assert.equal(await page.title(), 'Webhooks \u2013 Tidemark');
	// A dialog gives the focus back to the button that opened it.
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await page.getByRole('dialog', { name: 'New webhook' }).waitFor();
	await page.keyboard.press('Escape');
	await page.waitForFunction(() =>
	    document.activeElement.textContent === 'New webhook');
	await ended(page);
});
