// SPDX-License-Identifier: Apache-2.0
//
// Chromium without a window, and what every page of the dashboard must keep: no
// error in the console, nothing against the policy, no request to another host,
// nothing wider than the window, a name for each control.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright-core';
import { KEY, ROOT } from './lib.mjs';

// Sanitizers are slow, and so are machines that others use.
export const PATIENCE_MS = 60000;

// Of those who have not signed in the page asks for their session in vain, and
// browsers write so; nothing else may go wrong.
const ALLOWED = [/status of 401 .*\/tidemark\/v1\/session$/];

function find() {
	try {
		return execFileSync('which', ['chromium'], { encoding: 'utf8' })
		    .trim();
	} catch {
		throw new Error('there is no chromium: the tests of the ' +
		    'dashboard need it (tools/install_deps test)');
	}
}

export class Browser {
	static async start() {
		const self = new Browser();
		const isRoot = process.getuid?.() === 0;

		self.chromium = await chromium.launch({
			executablePath: find(), timeout: PATIENCE_MS,
			args: ['--no-proxy-server', '--disable-dev-shm-usage',
				...(isRoot ? ['--no-sandbox'] : [])] });
		return self;
	}

	stop() {
		return this.chromium.close();
	}

	// A window of its own on the server's page at `where` ('#/jobs'), signed
	// in with `key` when that is not null.  hasClock: its time is the test's
	// (page.clock).  shown: what is waited for.  options: those of a context.
	async open(server, where = '', { key = KEY, hasClock = false,
		shown = key === null ? '#sign-in:not([hidden])' : '#main h1',
		...options } = {}) {
		const context = await this.chromium.newContext({
			viewport: { width: 1280, height: 800 },
			locale: 'en-GB', ...options });

		context.setDefaultTimeout(PATIENCE_MS);
		if (key !== null)
			await signIn(context, server, key);
		const page = await context.newPage();

		if (hasClock)
			await page.clock.install();
		page.problems = await watchPage(page, server);
		await page.goto(`${server.url}/${where}`);
		// Nothing below is to see a page that is not drawn yet.
		await page.locator(shown).first().waitFor();
		return page;
	}
}

// The session's cookie, as the server gives it to the page.
async function signIn(context, server, key) {
	const reply = await fetch(`${server.url}${ROOT}/session`, {
		method: 'POST', body: JSON.stringify({ key }),
		headers: { 'Content-Type': 'application/json' } });

	assert.equal(reply.status, 200, await reply.text());
	const [, name, value] = /^([^=]+)=([^;]*)/.exec(
	    reply.headers.get('set-cookie'));

	await context.addCookies([{ name, value, path: '/tidemark',
		domain: new URL(server.url).hostname, httpOnly: true,
		sameSite: 'Strict' }]);
}

// All that must not happen, as it happens.
async function watchPage(page, server) {
	const problems = [];
	const home = new URL(server.url).host;

	await page.exposeFunction('tellViolation', (text) =>
	    problems.push(`policy: ${text}`));
	await page.addInitScript(() => addEventListener(
	    'securitypolicyviolation', (event) => globalThis.tellViolation(
		`${event.violatedDirective} ${event.blockedURI}`)));
	page.on('pageerror', (error) => problems.push(`script: ${error.stack}`));
	page.on('dialog', (dialog) => {
		problems.push(`a dialog: ${dialog.message()}`);
		dialog.dismiss();
	});
	page.on('console', (message) => {
		const text = `${message.text()} ${message.location().url}`;

		if (message.type() === 'error' &&
		    !ALLOWED.some((allowed) => allowed.test(text)))
			problems.push(`console: ${text}`);
	});
	page.on('request', (request) => {
		const { protocol, host } = new URL(request.url());

		if (!['data:', 'blob:'].includes(protocol) &&
		    host !== home)
			problems.push(`another host: ${request.url()}`);
	});
	return problems;
}

// Nothing happened that must not, but for what `expected` says.
export function checkQuiet(page, expected = []) {
	assert.deepEqual(page.problems.filter((problem) =>
	    !expected.some((one) => one.test(problem))), []);
}

// Nothing has to be scrolled sideways to.
export async function checkNarrow(page) {
	const wide = await page.evaluate(() => {
		const { scrollWidth, clientWidth } = document.documentElement;

		return scrollWidth <= clientWidth ? []
		    : [...document.querySelectorAll('body *')].filter((el) =>
			el.getBoundingClientRect().right > clientWidth + 1)
			.map((el) => `${el.localName}.${el.className}`);
	});

	assert.deepEqual(wide, []);
}

const CONTROLS = new Set(['button', 'link', 'textbox', 'searchbox',
	'spinbutton', 'combobox', 'listbox', 'checkbox', 'radio', 'switch',
	'slider', 'tab', 'progressbar', 'meter', 'dialog', 'navigation',
	'DisclosureTriangle']);

// Controls that the browser itself has no name for, all in one question.
async function nameless(page) {
	const client = await page.context().newCDPSession(page);
	const { nodes } = await client.send('Accessibility.getFullAXTree');
	const found = [];

	for (const { ignored, role, name, backendDOMNodeId } of nodes) {
		if (ignored || !CONTROLS.has(role?.value) ||
		    (name?.value ?? '').trim() !== '')
			continue;
		const { node } = await client.send('DOM.describeNode',
		    { backendNodeId: backendDOMNodeId });

		found.push(`no name: ${role.value} ${node.localName} ${
		    (node.attributes ?? []).join(' ')}`);
	}
	await client.detach();
	return found;
}

// What a keyboard and a screen reader need.
export async function checkAccessible(page) {
	const wrong = await page.evaluate(() => {
		const seen = (el) => el.checkVisibility({
			checkVisibilityCSS: true });
		const all = (selector) => [...document.querySelectorAll(
		    selector)].filter(seen);
		const words = (el) => el.outerHTML.slice(0, 120);
		const found = [];
		const ids = new Set();

		if (all('h1').length !== 1)
			found.push(`${all('h1').length} h1`);
		if (all('main').length !== 1)
			found.push(`${all('main').length} main`);
		if (document.documentElement.lang !== 'en')
			found.push('no language');
		if (document.title === '')
			found.push('no title');
		for (const slip of ['NaN', 'undefined', '[object'])
			if (document.body.innerText.includes(slip))
				found.push(`${slip} on the page`);
		for (const el of document.querySelectorAll('[id]')) {
			if (ids.has(el.id))
				found.push(`the id ${el.id} twice`);
			ids.add(el.id);
		}
		for (const el of all('[aria-labelledby], [aria-describedby],' +
		    '[aria-controls]'))
			for (const name of ['aria-labelledby',
				'aria-describedby', 'aria-controls'])
				for (const id of (el.getAttribute(name) ?? '')
				    .split(' ').filter(Boolean))
					if (!ids.has(id))
						found.push(`${name} of nothing` +
						    `: ${words(el)}`);
		for (const el of all('img:not([alt])'))
			found.push(`a picture without words: ${words(el)}`);
		for (const el of all('[role=img]:not([aria-label])'))
			found.push(`a drawing without words: ${words(el)}`);
		let level = 0;

		for (const el of all('h1, h2, h3, h4')) {
			const now = Number(el.localName[1]);

			if (now > level + 1)
				found.push(`a heading is left out before ` +
				    words(el));
			level = now;
		}
		for (const el of all('[tabindex]'))
			if (el.tabIndex > 0)
				found.push(`out of turn: ${words(el)}`);
		return found;
	});

	wrong.push(...await nameless(page));
	assert.deepEqual(wrong, []);
}
