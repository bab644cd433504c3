// SPDX-License-Identifier: Apache-2.0
//
// Ten thousand files, one in a hundred of them bad: exactly those are named,
// each with its code, its sentence and the stage it failed in; the rest are
// there.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { mail, zip } from './lib-documents.mjs';
import { Server } from './lib.mjs';

const FILES = 10000;
const EVERY = 100; // one in so many is bad

let server;

before(async () => {
	server = await Server.start();
});
after(() => server.stop());

function good(i) {
	const text = `Station ${i} counted word${i}word herons at low tide.`;

	switch (i % 5) {
	case 0:
		return ['txt', text];
	case 1:
		return ['md', `# Station ${i}\n\n${text}\n`];
	case 2:
		return ['html', `<!doctype html><title>${i}</title><p>${text}`];
	case 3:
		return ['csv', `station,note\n${i},${text}\n`];
	default:
		return ['eml', mail({ subject: `Station ${i}`,
			from: 'ada@example.org', to: 'bob@example.org',
			date: 'Tue, 03 Mar 2026 10:20:30 +0100', text })];
	}
}

// A blank page: nothing to see, nothing to read.
function blank(i) {
	const objects = ['<</Type/Catalog/Pages 2 0 R>>',
		'<</Type/Pages/Kids[3 0 R]/Count 1>>',
		`<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${200 + i} 200]>>`];
	let text = '%PDF-1.4\n';
	const places = [];

	objects.forEach((object, n) => {
		places.push(text.length);
		text += `${n + 1} 0 obj${object}endobj\n`;
	});
	const at = text.length;
	const rows = places.map((place) =>
	    `${String(place).padStart(10, '0')} 00000 n \n`).join('');

	return `${text}xref\n0 4\n0000000000 65535 f \n${rows}` +
	    `trailer<</Size 4/Root 1 0 R>>\nstartxref\n${at}\n%%EOF\n`;
}

// The first bit of each entry's flags says that it is encrypted.
function encrypted(i) {
	const bytes = zip([['[Content_Types].xml', '<Types/>'],
		['word/document.xml', `secret ${i}`]]);

	for (let at = 0; at + 10 < bytes.length; at++)
		if (bytes.readUInt32LE(at) === 0x04034B50)
			bytes[at + 6] |= 1;
		else if (bytes.readUInt32LE(at) === 0x02014B50)
			bytes[at + 8] |= 1;
	return bytes;
}

const BAD = [
	(i) => ['docx', zip([['word/document.xml', `<w:p ${i}`]]),
		'EXTRACTION_FAILED'],
	(i) => ['zip', zip([['a.txt', `text ${i}`]]).subarray(0, 20),
		'EXTRACTION_FAILED'],
	(i) => ['pdf', `%PDF-1.7\n% ${i} and nothing else`,
		'EXTRACTION_FAILED'],
	(i) => ['json', `{"a": ${i},, }`, 'EXTRACTION_FAILED'],
	(i) => ['xml', `<?xml version="1.0"?><a><b>${i}</a>`,
		'EXTRACTION_FAILED'],
	(i) => ['doc', Buffer.concat([Buffer.from(
	    'D0CF11E0A1B11AE1', 'hex'), Buffer.alloc(600, i)]),
		'EXTRACTION_FAILED'],
	(i) => ['docx', encrypted(i), 'ENCRYPTED_DOCUMENT'],
	(i) => ['pdf', blank(i), 'NO_TEXT'],
];

test('ten thousand files, a hundred of them bad', async () => {
	const folder = path.join(server.docs, 'many');
	const bad = new Map();

	fs.mkdirSync(folder);
	for (let i = 0; i < FILES; i++) {
		const number = Math.floor(i / EVERY);
		const [ending, content, code] = i % EVERY === 42
		    ? BAD[number % BAD.length](number) : good(i);
		const name = `${String(i).padStart(5, '0')}.${ending}`;

		fs.writeFileSync(path.join(folder, name), content);
		if (code)
			bad.set(name, code);
	}
	assert.equal(bad.size, FILES / EVERY);
	await server.base('many');
	const job = await server.end(await server.folder('many',
	    { path: folder }));

	assert.equal(job.state, 'completed_with_failures');
	assert.deepEqual(job.counts, { total: FILES, queued: 0,
		processing: 0, completed: FILES - bad.size, failed: bad.size,
		skipped: 0, cancelled: 0 });
	const { items } = await server.ok('GET',
	    `/jobs/${job.id}/items?state=failed&limit=1000`);

	assert.deepEqual(new Map(items.map((item) =>
	    [item.name, item.error.code])), bad);
	for (const item of items) {
		assert.equal(item.error.stage, item.error.code === 'NO_TEXT'
		    ? item.stage : 'extracting');
		assert.ok(item.error.message.length > 10);
	}
	for (const i of [0, 1, 2, 3, 4, 5000, 9999]) {
		const { results } = await server.ok('POST',
		    '/bases/many/query', { body: { query: `word${i}word`,
			semantic_ratio: 0 } });

		assert.equal(results.length, 1, `word${i}word`);
	}
});
