// SPDX-License-Identifier: Apache-2.0
//
// parse(text): the YAML that the descriptions are written in, as values.
// Maps and lists in blocks and in brackets, plain words, quotes, `|` texts and
// comments, and no more: what is not known here (anchors, tags, `>`, several
// documents, words that YAML's versions read differently) is refused with its
// line, as a guess would show something that the file does not say.

import { Flow } from './yaml_flow.js';

const DEPTH_MAX = 64;
// In quotes, or plain; a colon and a blank follow.
const KEY = new RegExp(`^(?:${[/'((?:[^']|'')*)'/, /"([^"\\]*)"/,
	/([^\s\-?:,[\]{}#&*!|>'"%@`][^:#]*?)/].map((one) => one.source)
    .join('|')}) *:(?= |$)`);

class Parser extends Flow {
	constructor(text) {
		super(text.split('\n'));
		// Of each line; moved to the right behind a "- ".
		this.indents = this.lines.map((line) => line.search(/[^ ]|$/));
		this.depth = 0;
	}

	document() {
		if (!this.seek())
			this.fail('there is nothing');
		if (this.indents[this.row] !== 0)
			this.fail('the first line is indented');
		const value = this.block(0);

		if (this.seek())
			this.fail('this belongs to nothing');
		return value;
	}

	// To the next line that says something; false: there is none.
	seek() {
		for (; this.row < this.lines.length; this.row++) {
			const rest = this.lines[this.row]
			    .slice(this.indents[this.row]);

			if (rest.startsWith('\t'))
				this.fail('a tab');
			if (rest.trim() !== '' && !rest.startsWith('#'))
				return true;
		}
		return false;
	}

	// What begins at this line's indent, which is that.
	block(indent) {
		const rest = this.lines[this.row].slice(indent);
		let value;

		if (++this.depth > DEPTH_MAX)
			this.fail('too deep');
		if (/^-(?= |$)/.test(rest))
			value = this.list(indent);
		else if (KEY.test(rest))
			value = this.map(indent);
		else
			value = this.inline(indent, indent);
		this.depth--;
		return value;
	}

	// Is there another entry of that indent?
	more(indent) {
		if (!this.seek())
			return false;
		if (this.indents[this.row] > indent)
			this.fail('it is indented too far');
		return this.indents[this.row] === indent;
	}

	list(indent) {
		const value = [];

		while (this.more(indent)) {
			const rest = this.lines[this.row].slice(indent);
			const dash = /^-( +|$)/.exec(rest)?.[0];

			if (dash === undefined)
				this.fail('no entry of the list');
			// A map behind the dash is a block of its own.
			this.indents[this.row] = indent + dash.length;
			if (rest === dash)
				value.push(this.below(indent));
			else if (/^-(?= |$)/.test(rest.slice(dash.length)) ||
			    KEY.test(rest.slice(dash.length)))
				value.push(this.block(indent + dash.length));
			else
				value.push(this.inline(indent + dash.length,
				    indent));
		}
		return value;
	}

	map(indent) {
		const value = {};

		while (this.more(indent)) {
			const found = KEY.exec(this.lines[this.row]
			    .slice(indent));

			if (found === null)
				this.fail('no key');
			const key = found[1]?.replaceAll("''", "'") ??
			    found[2] ?? this.plainKey(found[3].trimEnd());

			this.checkKey(value, key);
			const start = indent + found[0].length;
			const rest = this.lines[this.row].slice(start);

			value[key] = /^ *(#.*)?$/.test(rest)
			    ? this.below(indent)
			    : this.inline(start + rest.search(/[^ ]/), indent);
		}
		return value;
	}

	// What stands on the lines below, further in; null: nothing does.
	below(indent) {
		this.row++;
		if (!this.seek() || this.indents[this.row] <= indent)
			return null;
		return this.block(this.indents[this.row]);
	}

	// A value that begins within a line; afterwards the next line is due.
	inline(column, indent) {
		const line = this.lines[this.row];
		let value;

		this.column = column;
		if (line[column] === '|')
			return this.literal(indent);
		if ('[{\'"'.includes(line[column])) {
			value = this.value(this.depth);
			if (!/^ *( #.*)?$/.test(this.rest()))
				this.fail('something follows');
		} else {
			value = this.plain(this.rest()
			    .replace(/(^| +)#.*$| +$/, ''));
		}
		this.row++;
		return value;
	}

	literal(indent) {
		const lines = [];
		let inner;

		if (this.rest().trimEnd() !== '|')
			this.fail('only | is known');
		for (this.row++; this.row < this.lines.length; this.row++) {
			const line = this.lines[this.row];
			const own = line.search(/[^ ]/);

			if (own >= 0 && own < (inner ?? indent + 1))
				break;
			inner ??= own >= 0 ? own : undefined;
			lines.push(inner === undefined ? ''
			    : line.slice(inner));
		}
		const text = lines.join('\n').replace(/\n+$/, '');

		return text === '' ? '' : text + '\n';
	}
}

export function parse(text) {
	return new Parser(text).document();
}
