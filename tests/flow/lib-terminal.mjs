// SPDX-License-Identifier: Apache-2.0
//
// A terminal for programs that draw: util-linux's `script` makes the pty,
// Screen understands what is written to it, as far as Tidemark writes it.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/;

export class Screen {
	constructor(columns, rows) {
		this.columns = columns;
		this.rows = rows;
		this.x = 0;
		this.y = 0;
		this.cursor = true;
		this.raw = '';
		this.rest = '';
		this.lines = [];
		this.frames = 0; // that were drawn to their end
		for (let i = 0; i < rows; i++)
			this.lines.push(this.#blank());
	}

	#blank() {
		return new Array(this.columns).fill(' ');
	}

	#down() {
		if (this.y < this.rows - 1) {
			this.y++;
			return;
		}
		this.lines.shift();
		this.lines.push(this.#blank());
	}

	#escape(mark, number, letter) {
		if (mark === '?' && number === '25')
			this.cursor = letter === 'h';
		else if (mark === '?' && number === '2026')
			this.frames += letter === 'l' ? 1 : 0;
		else if (letter === 'A')
			this.y = Math.max(0, this.y - Number(number || 1));
		else if (letter === 'K' || letter === 'J') {
			this.lines[this.y].fill(' ', this.x);
			for (let i = this.y + 1; letter === 'J' &&
			     i < this.rows; i++)
				this.lines[i] = this.#blank();
		} else
			assert.equal(letter, 'm', 'an escape nobody knows');
	}

	// Text of another program, as bash's prompt, is not expected here.
	write(text) {
		this.raw += text;
		text = this.rest + text;
		this.rest = '';
		while (text !== '') {
			const escape = /^\x1b\[(\??)([0-9]*)([A-Za-z])/
			    .exec(text);

			if (escape) {
				this.#escape(...escape.slice(1));
				text = text.slice(escape[0].length);
				continue;
			}
			if (text[0] === '\x1b') {
				this.rest = text; // the other half is to come
				break;
			}
			this.#put(text[0]);
			text = text.slice(1);
		}
	}

	#put(c) {
		if (c === '\r') {
			this.x = 0;
			return;
		}
		if (c === '\n') {
			this.#down();
			return;
		}
		const width = WIDE.test(c) ? 2 : 1;

		if (this.x + width > this.columns) {
			this.x = 0;
			this.#down();
		}
		this.lines[this.y][this.x] = c;
		if (width === 2)
			this.lines[this.y][this.x + 1] = '';
		this.x += width;
	}

	// A terminal that has become wider or narrower wraps what stands there;
	// here nothing may stand but the frame.
	resize(columns) {
		const text = this.text.split('\n');

		this.columns = columns;
		this.lines = [];
		for (const line of text)
			for (let at = 0; at === 0 || at < line.length;
			     at += columns)
				this.lines.push([...line.slice(at, at +
				    columns).padEnd(columns)]);
		this.y = this.lines.length - 1;
		this.x = this.lines[this.y].join('').trimEnd().length;
		while (this.lines.length < this.rows)
			this.lines.push(this.#blank());
	}

	get text() {
		return this.lines.map((line) => line.join('').trimEnd())
		    .join('\n').trimEnd();
	}
}

export function hasScript() {
	return spawnSync('script', ['--version']).status === 0;
}

// Run argv in a pty of that size.  `resize(columns)` changes it from inside,
// as a person who drags the window does from outside.
export class Terminal {
	constructor(argv, { columns = 80, rows = 24, env, dir }) {
		const fifo = path.join(dir, `size-${Math.random()}`);
		const quoted = argv.map((word) =>
		    `'${word.replaceAll("'", "'\\''")}'`).join(' ');

		assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
		this.fifo = fifo;
		this.screen = new Screen(columns, rows);
		this.waiters = [];
		this.child = spawn('script', ['-qefc',
			`stty cols ${columns} rows ${rows} -echo; ulimit -c 0; ` +
			`(while read n; do stty cols $n </dev/tty; done <>${fifo}) ` +
			`</dev/null & ${quoted}; ` +
			`status=$?; kill $!; exit $status`,
			'/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
		this.child.stdout.setEncoding('utf8');
		this.child.stdout.on('data', (text) => {
			this.screen.write(text);
			this.waiters = this.waiters.filter((look) => !look());
		});
		this.exited = new Promise((resolve) =>
		    this.child.on('close', (code) => resolve(code)));
	}

	// Until the screen is as `is` wants it.
	until(is, what) {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => reject(new Error(
			    `never ${what}:\n${this.screen.text}`)), 20000);
			const look = () => {
				if (!is(this.screen))
					return false;
				clearTimeout(timer);
				resolve();
				return true;
			};

			if (!look())
				this.waiters.push(look);
		});
	}

	resize(columns) {
		this.screen.resize(columns);
		fs.writeFileSync(this.fifo, `${columns}\n`);
	}

	// For a test that failed: nothing is left behind.
	kill() {
		this.child.kill('SIGKILL');
	}

	type(text) {
		this.child.stdin.write(text);
	}
}
