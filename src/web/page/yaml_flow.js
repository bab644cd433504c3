// SPDX-License-Identifier: Apache-2.0
//
// What of YAML stands within a line or in brackets: words, quotes, [a, b] and
// {a: b}, which may go on over several lines.

const DEPTH_MAX = 64;
const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;
// What some reader takes for something else than a text.
const UNSURE = new RegExp(`^(${[/~|null|true|false/, /0[xo].*/,
	/[-+]?(\.inf|\.nan)/,
	/[-+]?([0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?/]
    .map((one) => one.source).join('|')})$`, 'i');
const WORDS = new Map([['null', null], ['true', true], ['false', false]]);
const INDICATOR = /^([-?:](?= |$)|[,[\]{}#&*!|>'"%@`])/;
const ESCAPES = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n',
	r: '\r', t: '\t', 0: '\0' };

export class YamlError extends Error {
	constructor(line, words) {
		super(`line ${line}: ${words}`);
		this.name = 'YamlError';
		this.line = line;
	}
}

export class Flow {
	constructor(lines) {
		this.lines = lines;
		this.row = 0;
		this.column = 0;
	}

	fail(words) {
		throw new YamlError(this.row + 1, words);
	}

	// Of the line, from here on.
	rest() {
		return this.lines[this.row].slice(this.column);
	}

	peek() {
		return this.lines[this.row][this.column];
	}

	checkKey(map, key) {
		if (key === '__proto__')
			this.fail('a key that no map may have');
		if (Object.hasOwn(map, key))
			this.fail(`${key} is there twice`);
	}

	// A key without quotes is a text, whatever it looks like.
	plainKey(text) {
		if (INDICATOR.test(text) || text === '<<')
			this.fail(`a key may not begin so: ${text}`);
		return text;
	}

	plain(text) {
		if (text === '' || INDICATOR.test(text) ||
		    /: |:$|\t/.test(text))
			this.fail(`it needs quotes: ${text}`);
		if (WORDS.has(text))
			return WORDS.get(text);
		if (NUMBER.test(text))
			return Number(text);
		if (UNSURE.test(text))
			this.fail(`it needs quotes: ${text}`);
		return text;
	}

	// To what comes next, over blanks, comments and ends of lines.
	skip() {
		for (;;) {
			const rest = this.rest();
			const blanks = rest.search(/[^ ]|$/);

			this.column += blanks;
			if (rest.length > blanks && (rest[blanks] !== '#' ||
			    (blanks === 0 && this.column > 0)))
				return;
			this.nextLine();
		}
	}

	nextLine() {
		if (this.row + 1 >= this.lines.length)
			this.fail('it does not end');
		this.row++;
		this.column = 0;
	}

	value(depth) {
		if (depth > DEPTH_MAX)
			this.fail('too deep');
		switch (this.peek()) {
		case '[':
			return this.flowList(depth);
		case '{':
			return this.flowMap(depth);
		case '\'':
			return this.single();
		case '"':
			return this.double();
		default:
			return this.plain(this.word());
		}
	}

	// A plain text in brackets ends at what brackets are made of.
	word() {
		const text = /^(?:[^,[\]{}:#]|:(?![ ,[\]{}]|$)|(?<! )#)*/
		    .exec(this.rest())[0].trimEnd();

		this.column += text.length;
		return text;
	}

	// After an entry: is there another?
	another(close) {
		this.skip();
		const next = this.peek();

		if (next !== ',' && next !== close)
			this.fail(`, or ${close} is due`);
		this.column++;
		if (next === ',')
			this.skip();
		return next === ',';
	}

	opens(close) {
		this.column++;
		this.skip();
		if (this.peek() !== close)
			return true;
		this.column++;
		return false;
	}

	flowList(depth) {
		const list = [];

		if (this.opens(']'))
			do
				list.push(this.value(depth + 1));
			while (this.another(']'));
		return list;
	}

	flowMap(depth) {
		const map = {};

		if (this.opens('}'))
			do {
				const first = this.peek();
				const key = first === '\'' ? this.single()
				    : first === '"' ? this.double()
					: this.plainKey(this.word());

				this.checkKey(map, key);
				if (!/^: ?/.test(this.rest()) || key === '')
					this.fail('a key and a value are due');
				this.column++;
				this.skip();
				map[key] = this.value(depth + 1);
			} while (this.another('}'));
		return map;
	}

	// An end of a line within quotes is a blank, empty lines are ends of
	// lines.
	fold(text) {
		let breaks = 0;

		do {
			this.nextLine();
			breaks++;
			this.column = this.rest().search(/[^ ]|$/);
		} while (this.rest() === '');
		return text.trimEnd() +
		    (breaks === 1 ? ' ' : '\n'.repeat(breaks - 1));
	}

	single() {
		let text = '';

		for (this.column++;;) {
			const part = /^[^']*/.exec(this.rest())[0];

			text += part;
			this.column += part.length;
			if (this.peek() === undefined) {
				text = this.fold(text);
			} else if (this.rest().startsWith("''")) {
				text += '\'';
				this.column += 2;
			} else {
				this.column++;
				return text;
			}
		}
	}

	double() {
		let text = '';

		for (this.column++;;) {
			const part = /^[^"\\]*/.exec(this.rest())[0];

			text += part;
			this.column += part.length;
			if (this.peek() === undefined) {
				text = this.fold(text);
			} else if (this.peek() === '"') {
				this.column++;
				return text;
			} else {
				text += this.escape();
			}
		}
	}

	escape() {
		const found = /^\\(?:u([0-9a-fA-F]{4})|(.))/.exec(this.rest());
		const text = found?.[1] !== undefined
		    ? String.fromCharCode(parseInt(found[1], 16))
		    : ESCAPES[found?.[2]];

		if (text === undefined)
			this.fail('there is no such escape');
		this.column += found[0].length;
		return text;
	}
}
