// SPDX-License-Identifier: Apache-2.0
//
// Files made of random words: each holds one word that no other holds, so
// that a query tells whether the file is there.  Names sort in the order of
// numbers, so large files come throughout the run.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { zip } from '../flow/lib-documents.mjs';
import { random } from '../flow/lib-truth.mjs';

const PARTS = ['ba', 'ko', 'mi', 'ru', 'te', 'so', 'la', 'ne', 'du', 'fa',
	'gi', 'po'];
const KINDS = ['txt', 'md', 'html', 'csv', 'json'];

// A word of letters for a number; x is in none of PARTS.
export function rareWord(number) {
	let letters = '';

	for (let n = number + 1; n > 0; n = Math.floor(n / 12))
		letters += PARTS[n % 12];
	return `xy${letters}xy`;
}

class Writer {
	constructor(seed) {
		this.next = random(seed);
	}

	word() {
		let word = '';

		for (let n = 1 + Math.floor(this.next() * 3); n >= 0; n--)
			word += PARTS[Math.floor(this.next() * 12)];
		return word;
	}

	words(count) {
		return Array.from({ length: count }, () => this.word()).join(' ');
	}

	// What a graph finds a name in.
	name() {
		const word = this.word();

		return word[0].toUpperCase() + word.slice(1);
	}

	paragraphs(bytes) {
		let out = '';

		while (out.length < bytes)
			out += `${this.words(40 + Math.floor(this.next() * 60))}, ` +
			    `and ${this.name()} ${this.name()} founded ` +
			    `${this.name()} Inc. in ${this.name()}.\n\n`;
		return out;
	}

	file(kind, rare) {
		const text = () => this.words(20 + Math.floor(this.next() * 80));

		switch (kind) {
		case 'txt':
			return `${text()}\n\n${rare} ${text()}\n`;
		case 'md':
			return `# ${this.words(3)}\n\n${text()}\n\n` +
			    `## ${this.words(2)}\n\n- ${rare}\n- ${text()}\n`;
		case 'html':
			return `<html><title>${this.words(2)}</title><body>` +
			    `<h1>${this.words(3)}</h1><p>${text()}</p>` +
			    `<p>${rare} ${text()}</p></body></html>`;
		case 'csv':
			return `name,value\n${this.word()},${rare}\n` +
			    `${this.word()},"${text()}"\n`;
		default:
			return JSON.stringify({ title: this.words(3),
				list: [rare, text()] });
		}
	}
}

// An archive of so many members, two of which cannot be found.
function makeArchive(writer, name, first, count, out) {
	const entries = [];

	for (let i = 0; i < count; i++) {
		const rare = i === 3 || i === 5 ? null : rareWord(first + i);
		const member = `m${i}.${i === 5 ? 'json' : 'txt'}`;

		entries.push([member, i === 3 ? '' : i === 5 ? '{"broken" 1'
		    : writer.file('txt', rare)]);
		out.push({ name: `${name}/${member}`, rare });
	}
	return zip(entries);
}

// Returns [{ name, rare, bytes }], rare null when nothing can be found.  With members
// every fiftieth file is an archive, and the first of them has so many.
export async function makeCorpus(folder, { seed, files, large, largeBytes,
	members = 0 }) {
	const out = [];
	let inside = files;
	const writer = new Writer(seed);
	const step = Math.floor(files / (large + 1));

	await mkdir(folder, { recursive: true });
	for (let i = 0; i < files; i++) {
		let kind = KINDS[Math.floor(writer.next() * KINDS.length)];
		let rare = rareWord(i);
		let text;

		if (i > 0 && i % step === 0 && i / step <= large) {
			kind = 'txt';
			text = `${writer.paragraphs(largeBytes *
			    (1 + writer.next()))}${rare} at the end.\n`;
		} else if (members > 0 && i % 50 === 29) {
			const count = i === 29 ? members : 12;

			kind = 'zip';
			rare = null;
			text = makeArchive(writer,
			    `${String(i).padStart(4, '0')}.zip`, inside, count,
			    out);
			inside += count;
		} else if (i % 40 === 13) {
			kind = 'json';
			text = `{"broken": "${writer.words(5)}", ${i}`;
			rare = null;
		} else if (i % 60 === 17) {
			text = '';
			rare = null;
		} else {
			text = writer.file(kind, rare);
		}
		const name = `${String(i).padStart(4, '0')}.${kind}`;

		await writeFile(path.join(folder, name), text);
		out.push({ name, rare, bytes: text.length });
	}
	return out;
}
