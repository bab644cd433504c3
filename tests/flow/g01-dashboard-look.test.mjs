// SPDX-License-Identifier: Apache-2.0
//
// The dashboard's pages without a server: what their scripts may not use, and
// whether their colours can be told apart by everybody.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const PAGE = fileURLToPath(new URL('../../src/web/page', import.meta.url));
const FILES = fs.readdirSync(PAGE);

// What can make markup, script or style of a text.
const BANNED = [/\binnerHTML\b/, /\bouterHTML\b/, /\binsertAdjacentHTML\b/,
	/\bdocument\.write/, /\beval\b/, /\bnew Function\b/, /\bDOMParser\b/,
	/\bsrcdoc\s*[=:]/, /\bsetHTMLUnsafe\b/, /\bcreateContextualFragment\b/,
	/\bstyle=/, /\bon[a-z]+=["']/, /\bjavascript:/,
	// Nothing comes from elsewhere, and nothing is kept but the colours.
	/\bimport\(\s*['"`]https?:/, /@import\b/, /\bsessionStorage\b/];

test('no file of the pages can make markup of a text', () => {
	const found = [];

	assert.ok(FILES.length > 20);
	for (const file of FILES.filter((name) =>
	    /\.(js|html|css|svg)$/.test(name))) {
		const text = fs.readFileSync(path.join(PAGE, file), 'utf8');

		for (const banned of BANNED)
			if (banned.test(text) && !(file === 'dom.js' &&
			    String(banned).includes('srcdoc')))
				found.push(`${file}: ${banned}`);
	}
	assert.deepEqual(found, []);
});

test('only the choice of colours is kept in the browser', () => {
	const users = FILES.filter((file) => /localStorage/.test(
	    fs.readFileSync(path.join(PAGE, file), 'utf8'))).sort();

	assert.deepEqual(users.filter((file) => !/^docs/.test(file)),
	    ['frame.js', 'theme.js']);
});

// ---- colours ---------------------------------------------------------------

// The custom properties of one rule.
function tokens(css, selector) {
	const start = css.indexOf(`${selector} {`);
	const body = css.slice(start, css.indexOf('}', start));

	assert.ok(start >= 0, selector);
	return Object.fromEntries([...body.matchAll(
	    /--([a-z-]+):\s*(#[0-9a-f]{6});/g)].map(([, name, value]) =>
	    [name, value]));
}

// WCAG 2: relative luminance and contrast.
function luminance(color) {
	const [r, g, b] = [1, 3, 5].map((at) => {
		const c = parseInt(color.slice(at, at + 2), 16) / 255;

		return c <= 0.04045 ? c / 12.92
		    : ((c + 0.055) / 1.055) ** 2.4;
	});

	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
	const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);

	return (high + 0.05) / (low + 0.05);
}

const TEXTS = ['text', 'muted', 'accent', 'good', 'bad', 'warn', 'idle',
	'skip'];
const GROUNDS = ['bg', 'surface', 'raised'];

function checkTheme(theme) {
	const weak = [];
	const wants = (front, back, least) => {
		const is = contrast(theme[front], theme[back]);

		if (!(is >= least))
			weak.push(`${front} on ${back}: ${is.toFixed(2)}`);
	};

	for (const text of TEXTS)
		for (const ground of GROUNDS)
			wants(text, ground, 4.5);
	for (const kind of ['accent', 'good', 'bad', 'warn', 'idle', 'skip'])
		wants(kind, `${kind}-soft`, 4.5);
	wants('text', 'idle-soft', 4.5);
	wants('muted', 'idle-soft', 4.5);
	wants('text', 'accent-soft', 4.5);
	wants('on-accent', 'accent', 4.5);
	wants('on-bad', 'bad', 4.5);
	// Borders of controls, and parts of drawings.
	for (const ground of GROUNDS)
		wants('line-strong', ground, 3);
	for (const part of ['completed', 'processing', 'skipped', 'failed',
		'cancelled'])
		wants(`part-${part}`, 'surface', 3);
	assert.deepEqual(weak, []);
}

const css = fs.readFileSync(path.join(PAGE, 'style.css'), 'utf8');
const light = tokens(css, ':root');
const dark = tokens(css, ':root[data-theme="dark"]');

test('light colours have contrast enough', () => checkTheme(light));
test('dark colours have contrast enough', () => checkTheme(dark));

test('dark is the same by choice and by the system', () => {
	assert.deepEqual(tokens(css, ':root:not([data-theme="light"], ' +
	    '[data-theme="dark"])'), dark);
	assert.deepEqual(Object.keys(dark), Object.keys(light));
});

test('each colour that is used has a name of its own', () => {
	const known = new Set([...css.matchAll(/--([a-z-]+):/g)].map(
	    ([, name]) => name));

	for (const file of FILES.filter((name) => name.endsWith('.css'))) {
		const text = fs.readFileSync(path.join(PAGE, file), 'utf8');

		for (const [, name] of text.matchAll(
		    /--([a-z-]+)\s*:/g))
			known.add(name);
		for (const [, name] of text.matchAll(
		    /var\(--([a-z-]+)\)/g))
			assert.ok(known.has(name), `${file}: --${name}`);
	}
});
