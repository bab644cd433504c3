// SPDX-License-Identifier: Apache-2.0
//
// The papers: what they link to is there, the guide lists its pages, and what
// the program's own tables know (settings, commands) they know as well.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (name) => fs.readFileSync(path.join(ROOT, name), 'utf8');
const PAPERS = walk('.').filter((name) => name.endsWith('.md'));
// What whose own pages may be cited for what it does.
const HOSTS = {
	'Dify': /^https:\/\/docs\.dify\.ai\//,
	'RAGFlow': /^https:\/\/(ragflow\.io\/docs|github\.com\/infiniflow)\//,
	'Captain': /^https:\/\/(docs\.runcaptain\.com|github\.com\/runcaptain)\//,
	'DigitalOcean': /^https:\/\/(docs|gradientai-sdk)\.digitalocean\.com\//,
	'Cognee': /^https:\/\/docs\.cognee\.ai\//,
	'OpenAI': /^https:\/\/(developers|platform)\.openai\.com\//,
	'Bedrock': /^https:\/\/docs\.aws\.amazon\.com\//,
	'Azure': /^https:\/\/learn\.microsoft\.com\//,
};

// Every file of the project, without what is built, fetched or test data.
function walk(dir) {
	return fs.readdirSync(path.join(ROOT, dir), { withFileTypes: true })
	    .flatMap((entry) => {
		const name = path.join(dir, entry.name);

		if (!entry.isDirectory())
			return [name];
		return /^(\.git|node_modules|build|data|samples)$/
		    .test(entry.name) ? [] : walk(name);
	});
}

// The text without blocks and spans of code, which hold no links.
function prose(text) {
	return text.replace(/^```[^]*?^```/gm, '')
	    .replace(/^(?: {4}|\t).*$/gm, '').replace(/`[^`\n]*`/g, '');
}

// The anchors of a page's headings, as GitHub makes them.
function anchorsOf(text) {
	const seen = new Map();

	return new Set([...text.replace(/^```[^]*?^```/gm, '')
	    .matchAll(/^#{1,6} +(.*?) *#*$/gm)].map(([, title]) => {
		const slug = title.toLowerCase()
		    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
		    .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
		    .replace(/ /g, '-');
		const count = seen.get(slug) ?? 0;

		seen.set(slug, count + 1);
		return count ? `${slug}-${count}` : slug;
	}));
}

test('every link within the papers leads somewhere', () => {
	const dead = [];

	assert.ok(PAPERS.length > 60, `${PAPERS.length} papers`);
	for (const paper of PAPERS) {
		const text = prose(read(paper));
		const links = [
			...text.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g),
			...text.matchAll(/^\[[^\]]+\]: *(\S+)/gm),
			...text.matchAll(/(?:src|srcset|href)="([^"]+)"/g),
		].map(([, to]) => to);

		for (const to of links) {
			if (/^[a-z]+:/.test(to))
				continue;
			const [file, anchor] = to.split('#');
			const target = file === '' ? paper : path.join(
			    path.dirname(paper), decodeURIComponent(file));

			if (!fs.existsSync(path.join(ROOT, target)))
				dead.push(`${paper}: ${to}: no such file`);
			else if (anchor && target.endsWith('.md') &&
			    !anchorsOf(read(target)).has(anchor))
				dead.push(`${paper}: ${to}: no such heading`);
		}
		// A name in brackets that is defined nowhere is shown as it is.
		for (const [, name] of text.matchAll(/\]\[([^\]]+)\]/g))
			if (!text.includes(`\n[${name}]: `))
				dead.push(`${paper}: [${name}] leads nowhere`);
	}
	assert.deepEqual(dead, []);
});

test('the guide lists each of its pages, once, and in order', () => {
	const guide = read('docs/guide/README.md');
	const pages = fs.readdirSync(path.join(ROOT, 'docs/guide'))
	    .filter((name) => name.endsWith('.md') && name !== 'README.md');

	for (const page of pages)
		assert.equal(guide.split(`](${page})`).length, 2, page);
	const numbers = [...guide.matchAll(/^(\d+)\. /gm)].map(([, n]) => +n);

	assert.deepEqual(numbers, numbers.map((_, index) => index + 1));
});

test('every setting is told of, with its default', () => {
	const told = new Map([...read('docs/guide/running.md')
	    .matchAll(/^\| ([a-z0-9_]+) \| ([^|]*?) \|/gm)]
	    .map(([, name, value]) => [name, value]));
	const settings = [...read('src/cmd/settings_tbl.h').matchAll(
	    /^SETTING\((\w+), +\w+, +"([^"]*)"/gm)];

	assert.ok(settings.length > 40);
	for (const [, name, value] of settings) {
		assert.ok(told.has(name), `${name} is not in running.md`);
		// An empty default is said in words.
		if (value !== '')
			assert.equal(told.get(name), value, name);
	}
	told.delete('setting');
	for (const name of told.keys())
		assert.ok(settings.some(([, known]) => known === name),
		    `${name} is no setting`);
});

test('every command is told of, and no other', () => {
	const names = [...read('src/cmd/cmd_tbl.h').matchAll(
	    /^COMMAND\("([a-z]+)",/gm)].map(([, name]) => name);
	const papers = PAPERS.filter((name) => /^(README|docs)/.test(name))
	    .map(read).join('\n');

	assert.ok(names.length > 10);
	for (const name of names.filter((one) => one !== 'help'))
		assert.ok(new RegExp(`tidemark ${name}\\b`).test(papers),
		    `tidemark ${name} is not told of`);
	// Only where a command is shown: in a block, or between back ticks.
	for (const [, name] of papers.matchAll(
	    /(?:`|^ {4,}(?:\$ )?(?:sudo )?)tidemark ([a-z]+)\b/gm))
		assert.ok(names.includes(name),
		    `tidemark ${name} is no command`);
});

test('every reason for a file not to be indexed has its remedy', () => {
	const codes = [...read('src/model/item_code_tbl.h')
	    .matchAll(/^[A-Z_]+\((?:\w+, *)*?([A-Z][A-Z_]+),/gm)]
	    .map(([, code]) => code);
	const told = [...read('docs/guide/errors.md')
	    .matchAll(/^## ([A-Z_]+)$/gm)].map(([, code]) => code);

	assert.ok(codes.length > 10);
	assert.deepEqual(told.sort(), codes.sort());
});

test('each cell of the comparison names its page', () => {
	const text = read('docs/comparison.md');
	const where = new Map([...text.matchAll(/^\[([^\]]+)\]: (\S+)$/gm)]
	    .map(([, name, to]) => [name, to]));
	const rows = [...text.matchAll(
	    /^\| \*\*(\w+)[^|*]*\*\*(.*) \|$/gm)];

	assert.deepEqual(rows.map(([, name]) => name),
	    ['Tidemark', ...Object.keys(HOSTS)]);
	for (const [, name, cells] of rows) {
		const [, ...columns] = cells.split(' | ');

		assert.equal(columns.length, 7, name);
		for (const cell of columns) {
			if (name === 'Tidemark') {
				assert.match(cell, /\]\([a-z/]+\.md/, cell);
				continue;
			}
			const names = [...cell.matchAll(/\]\[([^\]]+)\]/g)];

			assert.ok(cell === 'not told' || names.length > 0,
			    `${name}: ${cell}`);
			for (const [, link] of names)
				assert.match(where.get(link), HOSTS[name], link);
		}
	}
	for (const name of where.keys())
		assert.ok(text.includes(`][${name}]`), `${name} is not cited`);
});

test('the papers name no place of one machine', () => {
	for (const paper of PAPERS)
		assert.doesNotMatch(read(paper), /(^|[\s`(])\/(work|root)\//m,
		    paper);
});
