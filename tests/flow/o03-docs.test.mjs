// SPDX-License-Identifier: Apache-2.0
//
// The page of the descriptions: that its reader of YAML reads what everybody
// reads, and refuses what it does not know; that every route of every file is
// on the page in a real browser; that a text made to do harm does none.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync }
    from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import YAML from 'yaml';
import { Browser, PATIENCE_MS, checkAccessible, checkNarrow, checkQuiet }
    from './lib-browser.mjs';
import { Server } from './lib.mjs';
import { files } from './lib-openapi.mjs';

const PAGE = fileURLToPath(new URL('../../src/web/page/', import.meta.url));
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
// As far as the first routes: all kinds of lines are there.
const CUT_TO = 4500;
const NASTY = '</p><script>tellViolation("ran")</script>' +
    '<img src=x onerror=tellViolation(1)> [x](javascript:tellViolation(2)) ' +
    '[y](https://example.com/"onmouseover="tellViolation(3))';
let browser, folder, parse, server;

before(async () => {
	// Without a package.json beside them node takes them for no modules.
	folder = mkdtempSync(path.join(tmpdir(), 'tidemark-o03-'));
	for (const name of ['yaml.js', 'yaml_flow.js'])
		cpSync(path.join(PAGE, name), path.join(folder, name));
	writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
	({ parse } = await import(pathToFileURL(
	    path.join(folder, 'yaml.js'))));
	server = await Server.start();
	browser = await Browser.start();
});

after(async () => {
	await browser?.stop();
	await server?.stop();
	rmSync(folder, { recursive: true, force: true });
});

// ---- the reader -----------------------------------------------------------

for (const { name, text } of files)
	test(`${name}.yaml is read as by others`, () => {
		assert.deepEqual(parse(text), YAML.parse(text,
		    { strict: true, uniqueKeys: true }));
	});

const READ = [
	'a: 1', 'a:\n  b: x # no\n  # no\nc: "#"',
	'- a\n- b: 1\n  c: 2\n-\n  d: 3', '- - 1\n  - 2\n- []',
	'a: [1, -2.5e3, "x", \'y\'\'z\', null, true]',
	'a: {b: {c: []}, d: x y, e: http://x/#y}',
	'a: {\n  b: 1, # no\n  c: 2\n}',
	'a: |\n  one\n   two\n\n  three\n\nb: 1',
	'a: |\n\n  one\nb:\n', 'a: \'one\n  two\n\n  three\'',
	'a: "\\u00e9\\n\\t\\"\\\\"', '\'a b\': 1\n"c": 2',
	'5XX: {}\n$ref: x\n/a/{b}: y',
	'a: 1.2.3\nb: 2026-01-01T00:00:00Z\nc: yes', 'a:\n  [1,\n   2]',
	'# only\na: x\n', '{a: 1}', '[1]', 'x', 'a: null\nb:',
];
const REFUSED = [
	'', '# no', 'a: &b 1', 'a: *b', 'a: !!str 1', 'a: >\n  b',
	'a: |-\n  b', 'a: 1\na: 2', '{a: 1, a: 2}', '__proto__: 1',
	'a: {__proto__: 1}', '---\na: 1', 'a: 1\n...', '? a\n: b',
	'<<: {a: 1}', '\ta: 1', 'a:\n\t- b', 'a: 1\n b: 2',
	'a:\n  b: 1\n c: 2',
	'a: [1', 'a: {b', 'a: {b: 1', 'a: \'x', 'a: "x', 'a: "\\q"',
	'a: [1] x', 'a: b: c', 'a: 012', 'a: 0x1f', 'a: ~', 'a: True',
	'a: .inf', 'a: +1', 'a: [a: 1]', 'a: [1,,2]', 'a: @b', 'a: `b`',
	'a: %b', 'a: x\n  y', 'a: [~]', '- a\nb: 1', 'a: 1\n- b', ' a: 1',
	`a: ${'['.repeat(100)}`,
	Array.from({ length: 100 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
];

test('what is no file of ours is read rightly, or refused', () => {
	for (const text of READ)
		assert.deepEqual(parse(text), YAML.parse(text), text);
	for (const text of REFUSED)
		assert.throws(() => parse(text), /^YamlError: line \d+: /,
		    text);
});

test('a file cut anywhere is read as by others, or refused', () => {
	const { text } = files.find(({ name }) => name === 'server');

	for (let end = 0; end < CUT_TO; end += 7) {
		const part = text.slice(0, end);
		let mine;

		try {
			mine = parse(part);
		} catch (error) {
			assert.equal(error.name, 'YamlError', part);
			continue;
		}
		assert.deepEqual(mine, YAML.parse(part), part);
	}
});

// ---- the page -------------------------------------------------------------

const closed = async (page) => {
	checkQuiet(page);
	await page.context().close();
};

const open = (hash, options = {}) => browser.open(server, `docs${hash}`,
    { shown: '.docs-op', ...options });

function routes({ doc }) {
	const of = (item, path) => METHODS.filter((one) => item[one])
	    .map((method) => [method.toUpperCase(), path,
		item[method].summary ?? '']);

	return [...Object.entries(doc.paths).flatMap(([path, item]) =>
	    of(item, path)),
	...Object.entries(doc.webhooks ?? {}).flatMap(([name, item]) =>
	    of(item, name).map(([, ...rest]) => ['SENT', ...rest]))];
}

test('every route of every file is there, and unfolds', async () => {
	const page = await open('');

	for (const file of files) {
		await page.goto(`${server.url}/docs#/${file.name}`);
		await page.locator(`.docs-intro a[href$="/${file.name}.yaml"]`)
		    .waitFor();
		const shown = await page.evaluate(() => [...document
		    .querySelectorAll('.docs-op')].map((el) => ['verb', 'path',
			'summary'].map((one) => el.querySelector(
			`.docs-op-head .docs-${one}`).textContent)));

		assert.deepEqual(shown.sort(), routes(file).sort());
		const left = await page.evaluate(() => {
			const folds = () => [...document.querySelectorAll(
			    '.docs-op-in details:not([open])')];

			for (const head of document.querySelectorAll(
			    '.docs-op-head'))
				head.click();
			for (const one of folds())
				one.open = true;
			return [...document.querySelectorAll(
			    '.docs-op-in')].filter((el) =>
			    !/Answers/.test(el.textContent)).length;
		});

		assert.equal(left, 0);
	}
	await closed(page);
});

test('a route has an address, and what one needs to call it', async () => {
	const page = await open('#/native/POST /bases/{base}/query');
	const op = page.locator('.docs-op-open');

	assert.equal(await op.locator('.docs-path').innerText(),
	    '/tidemark/v1/bases/{base}/query');
	const line = await op.getByLabel('the curl command', { exact: true })
	    .innerText();

	assert.equal(line, 'curl -X POST -H "Authorization: Bearer $KEY" ' +
	    '-H \'Content-Type: application/json\' ' +
	    '-d \'{"query":"when do spring tides come?","limit":5}\' ' +
	    `${server.url}/tidemark/v1/bases/BASE/query`);
	assert.match(await op.innerText(), /semantic_ratio/);
	await op.getByText('results', { exact: true }).click();
	await op.getByText('document_id', { exact: true }).waitFor();
	// One of another file, while the page is there.
	await page.goto(`${server.url}/docs#/server/GET /health/live`);
	await page.locator('.docs-op-open').getByText('/health/live',
	    { exact: true }).first().waitFor();
	await checkAccessible(page);
	await closed(page);
});

test('the search finds in all files, by keyboard', async () => {
	const page = await open('');

	await page.keyboard.press('/');
	await page.keyboard.type('presigned url');
	const hits = page.locator('.docs-found a');

	await hits.first().waitFor();
	assert.match(await hits.first().innerText(), /presigned/);
	await checkAccessible(page);
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	await page.locator('.docs-op-open').getByText(/presigned/).first()
	    .waitFor();
	assert.match(page.url(), /#\/digitalocean\/POST%20\/v2\/gen-ai\//);
	await page.getByRole('searchbox').fill('nothing has these words');
	await page.getByText('Nothing found', { exact: true }).first()
	    .waitFor();
	await page.keyboard.press('Escape');
	await page.locator('.docs-op').first().waitFor();
	await closed(page);
});

test('who is signed in may ask from the page', async () => {
	const page = await open('#/native/GET /tidemark/v1/bases');
	const op = page.locator('.docs-op-open');

	await server.base('tides');
	await op.getByText('Try it', { exact: true }).click();
	await op.getByLabel('limit').fill('1');
	await op.getByRole('button', { name: 'Send', exact: true }).click();
	await op.getByLabel('The answer').waitFor();
	assert.match(await op.getByLabel('The answer').innerText(),
	    /"name": "tides"/);
	assert.match(await op.locator('.docs-try-answer').innerText(),
	    /^200\s+\/tidemark\/v1\/bases\?limit=1/);
	// What changes something, or does not end, cannot be asked for.
	for (const route of ['POST /tidemark/v1/bases',
		'GET /tidemark/v1/events']) {
		await page.goto(`${server.url}/docs#/native/${route}`);
		await page.locator('.docs-op-open').nth(1).waitFor();
	}
	assert.equal(await page.getByText('Try it', { exact: true }).count(),
	    1);
	await closed(page);
});

test('on a phone, in the dark, nothing is too wide', async () => {
	const page = await open('#/native', { colorScheme: 'dark',
		viewport: { width: 360, height: 740 } });

	for (const name of ['native', 'cognee']) {
		await page.goto(`${server.url}/docs#/${name}`);
		await page.locator(`.docs-intro a[href$="/${name}.yaml"]`)
		    .waitFor();
		await checkNarrow(page);
		await page.evaluate(() => [...document.querySelectorAll(
		    '.docs-op-head')].slice(0, 30).forEach((one) =>
		    one.click()));
		await checkNarrow(page);
	}
	assert.notEqual(await page.evaluate(() => getComputedStyle(
	    document.body).backgroundColor), 'rgb(244, 246, 246)');
	await closed(page);
});

test('a text made to do harm does none', async () => {
	const { doc } = files.find(({ name }) => name === 'server');
	const bad = structuredClone(doc);
	const operation = bad.paths['/health'].get;

	bad.info.description = bad.info.title = NASTY;
	operation.summary = operation.description = NASTY;
	operation.tags = [NASTY];
	operation.parameters = [{ name: NASTY, in: 'query', description: NASTY,
		schema: { enum: [NASTY], default: NASTY, pattern: NASTY } }];
	operation.responses['200'].description = NASTY;
	bad.paths[`/${NASTY}`] = { get: operation };
	const page = await open('#/native');

	await page.route('**/openapi/server.yaml', (route) => route.fulfill({
		contentType: 'application/yaml',
		body: JSON.stringify(bad) }));
	// What is loaded already stays: the page begins anew.
	await page.reload();
	await page.goto(`${server.url}/docs#/server/GET /health`);
	await page.locator('.docs-op-open').waitFor();
	const op = page.locator('.docs-op-open');

	assert.ok((await op.innerText()).includes('<script>'));
	for (const href of await page.locator('main a').evaluateAll((all) =>
	    all.map((one) => one.getAttribute('href'))))
		assert.match(href,
		    /^(#\/|\/openapi\/|https:\/\/example\.com\/$)/);
	assert.equal(await page.locator('main script, main img').count(), 0);
	await closed(page);
});

test('a file that cannot be read is told, and tried again', async () => {
	const page = await open('#/native');
	let body = 'a: &b 1';

	await page.route('**/openapi/dify.yaml', (route) => route.fulfill({
		contentType: 'application/yaml', body }));
	await page.reload();
	await page.goto(`${server.url}/docs#/dify`);
	await page.getByText('dify.yaml cannot be shown: line 1: ' +
	    'it needs quotes: &b 1', { exact: true }).waitFor(
	    { timeout: PATIENCE_MS });
	body = readFileSync(new URL('../../docs/api/dify.yaml',
	    import.meta.url), 'utf8');
	await page.getByRole('button', { name: 'Try again' }).click();
	await page.locator('.docs-op').first().waitFor();
	await closed(page);
});
