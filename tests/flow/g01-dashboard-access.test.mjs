// SPDX-License-Identifier: Apache-2.0
//
// Keys and webhooks in the dashboard, and names made to do harm in it.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Server } from './lib.mjs';
import { Browser, checkAccessible, checkNarrow, checkQuiet }
    from './lib-browser.mjs';
import { Receiver } from './lib-webhooks.mjs';

// What would run, break out, or turn the line around, if it were not a text.
const HOSTILE = '</script><img src=x onerror=alert(1)>\u202egpj.';
const SEEN = '</script><img src=x onerror=alert(1)>[U+202E]gpj.';
let browser, receiver, server;

before(async () => {
	receiver = await Receiver.start();
	server = await Server.start('--net-allow', '127.0.0.1');
	browser = await Browser.start();
});

after(async () => {
	await browser.stop();
	await server.stop();
	await receiver.stop();
});

const dialog = (page) => page.getByRole('dialog');
const press = (where, name) =>
    where.getByRole('button', { name, exact: true }).click();

async function ended(page, expected = []) {
	checkQuiet(page, expected);
	await page.context().close();
}

test('a key is made, shown once, used and revoked', async () => {
	const page = await browser.open(server, '#/access');

	await press(page, 'New key');
	await dialog(page).getByLabel('Label').fill(HOSTILE);
	await dialog(page).getByLabel('Environment').selectOption('staging');
	await press(dialog(page), 'Make the key');
	const key = await dialog(page).getByLabel('Key', { exact: true })
	    .inputValue();

	assert.match(key, /^tm-[0-9a-f]{64}$/);
	// Escape would lose it.
	await page.keyboard.press('Escape');
	await page.keyboard.press('Escape');
	await checkAccessible(page);
	await press(dialog(page), 'I have copied it');
	await dialog(page).waitFor({ state: 'detached' });
	assert.ok(!(await page.content()).includes(key));

	const row = page.getByRole('row', { name: SEEN });

	await row.waitFor();
	assert.match(await row.innerText(), /staging/);
	assert.equal((await server.ask('GET', '/jobs', { key })).status, 200);
	await press(row, `Revoke ${SEEN}`);
	await dialog(page).getByText('This cannot be undone.').waitFor();
	await press(dialog(page), 'Keep it');
	assert.equal((await server.ask('GET', '/jobs', { key })).status, 200);
	await press(row, `Revoke ${SEEN}`);
	await press(dialog(page), 'Revoke');
	await page.getByText('1 revoked key').waitFor();
	assert.equal((await server.ask('GET', '/jobs', { key })).status, 401);
	await ended(page);
});

test('who revokes the key of the session is told, and signed out',
    async () => {
	const { key } = await server.ok('POST', '/keys',
	    { body: { label: 'mine' } });
	const page = await browser.open(server, '#/access', { key });
	const row = page.getByRole('row', { name: 'mine' });

	await row.getByText('signed in with it').waitFor();
	await press(row, 'Revoke mine');
	await dialog(page).getByText('You are signed in with this key').waitFor();
	await press(dialog(page), 'Revoke');
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	await page.locator('#app').waitFor({ state: 'hidden' });
	await ended(page);
});

test('a webhook is made, tried, switched off, changed and deleted',
    async () => {
	const page = await browser.open(server, '#/webhooks');

	await page.getByText('No webhook yet.').waitFor();
	await press(page, 'New webhook');
	await dialog(page).getByLabel('Address').fill('http://192.0.2.1/x');
	await press(dialog(page), 'Make the webhook');
	await dialog(page).getByText('must begin with https://').waitFor();
	await dialog(page).getByLabel('Address').fill(`${receiver.url}/page`);
	await dialog(page).getByLabel('Description').fill(HOSTILE);
	await press(dialog(page), 'Make the webhook');
	const secret = await dialog(page).getByLabel('Secret').inputValue();

	assert.match(secret, /^whsec_/);
	await press(dialog(page), 'I have copied it');
	await page.getByRole('heading', { level: 1, name: receiver.url })
	    .waitFor();
	await page.getByText('Nothing was sent yet.').waitFor();

	await press(page, 'Send a test');
	await press(dialog(page), 'Send');
	await receiver.at('/page', 1);
	const delivery = page.locator('.delivery');

	await delivery.getByText('delivered').waitFor();
	assert.match(await delivery.innerText(), /\(test\)/);
	await delivery.locator('summary').click();
	await delivery.getByRole('cell', { name: 'status 200' }).waitFor();
	await checkAccessible(page);
	await press(delivery, 'Send again');
	await receiver.at('/page', 2);
	await delivery.getByText('2 attempts').waitFor();

	await press(page, 'Switch off');
	await page.getByText('switched off,').waitFor();
	await press(page, 'Send a test');
	await press(dialog(page), 'Send');
	await dialog(page).getByRole('alert').filter({ hasText: 'off' })
	    .waitFor();
	await press(dialog(page), 'Cancel');
	await press(page, 'Switch on');
	await press(page, 'New secret');
	await press(dialog(page), 'Make it');
	assert.notEqual(await dialog(page).getByLabel('Secret').inputValue(),
	    secret);
	await press(dialog(page), 'I have copied it');
	await page.getByText('signs, too, until').waitFor();

	await press(page, 'Change');
	await dialog(page).getByLabel('A job failed', { exact: true }).check();
	await press(dialog(page), 'Save');
	await page.getByRole('definition').filter({ hasText: 'A job failed' })
	    .waitFor();
	const [hook] = (await server.ok('GET', '/webhooks')).webhooks;

	assert.deepEqual(hook.types, ['job.failed']);
	assert.equal(hook.description, HOSTILE);
	await press(page, 'Delete');
	await press(dialog(page), 'Delete');
	await page.getByText('No webhook yet.').waitFor();
	// A test of one that is off is refused, and browsers write so.
	checkQuiet(page, [/status of 4\d\d .*\/webhooks(\/[0-9a-f-]+\/test)?$/]);
	await page.context().close();
});

test('what did not arrive is sent again', async () => {
	const hook = await server.ok('POST', '/webhooks',
	    { body: { url: `${receiver.url}/later` } });
	const base = await server.base('later');

	receiver.status = 410;
	await server.end(await server.texts('later',
	    [{ name: 'a.txt', text: 'A text.' }]));
	await receiver.at('/later', 1);
	receiver.status = 200;
	const page = await browser.open(server, `#/webhooks/${hook.id}`);

	await page.getByText('the receiver answered 410').waitFor();
	await press(page, 'Switch on');
	await press(page, 'Send what did not arrive');
	await press(dialog(page), 'Send again');
	await receiver.at('/later', 2);
	await page.locator('.delivery').getByText('delivered').waitFor();
	assert.equal(base.name, 'later');
	await ended(page);
});

test('what was made elsewhere is there when one comes back', async () => {
	const page = await browser.open(server, '#/access');
	const comeBack = () => page.evaluate(() => document.dispatchEvent(
	    new Event('visibilitychange')));
	const { id } = await server.ok('POST', '/keys',
	    { body: { label: 'elsewhere' } });

	await comeBack();
	await page.getByText('elsewhere').waitFor();
	await server.ok('DELETE', `/keys/${id}`);
	await page.getByRole('link', { name: 'Webhooks', exact: true })
	    .click();
	await page.getByRole('heading', { name: 'Webhooks', level: 1 })
	    .waitFor();
	const webhook = await server.ok('POST', '/webhooks', { body: {
		url: 'https://hooks.example.com/elsewhere' } });

	await comeBack();
	await page.getByRole('link', { name: webhook.url }).click();
	await page.getByRole('heading', { name: webhook.url }).waitFor();
	await server.ok('PATCH', `/webhooks/${webhook.id}`,
	    { body: { is_enabled: false } });
	await comeBack();
	await page.getByRole('button', { name: 'Switch on' }).waitFor();
	await server.ok('DELETE', `/webhooks/${webhook.id}`);
	await comeBack();
	await page.getByText('The webhook was deleted.').waitFor();
	await ended(page, [/status of 404/]);
});

test('hostile names are texts, at any width', async () => {
	const long = `${'<b>'.repeat(60)}${'\u05d0'.repeat(37)}`;

	assert.equal(Buffer.byteLength(long), 254);
	for (const name of ['<img src=x onerror=alert(1)>',
		'x"onmouseover="alert(1)', '\u202etxt.exe\u2066', long]) {
		const base = await server.base(name);

		await server.end(await server.texts(base.id, [{
			name: '<img src=x onerror=alert(1)>.json',
			text: '{"<script>alert(1)</script>": ' },
		{ name: `${'w'.repeat(200)}.txt`, text: 'A text.' }]));
	}
	await server.ok('POST', '/keys', { body: { label: 'k'.repeat(63) } });
	for (const width of [1280, 360]) {
		const page = await browser.open(server, '',
		    { viewport: { width, height: 800 } });

		for (const where of ['', '#/access', '#/webhooks', '#/jobs',
			'#/bases']) {
			await page.goto(`${server.url}/${where}`);
			await page.locator('#main h1').waitFor();
			await checkNarrow(page);
			assert.equal(await page.locator('#main img, #main b, ' +
			    '#main script').count(), 0);
			assert.equal(await page.evaluate(() =>
			    document.querySelectorAll('[onmouseover]').length),
			0);
		}
		await ended(page);
	}
});
