// SPDX-License-Identifier: Apache-2.0
//
// markdown(text) -> Elements: paragraphs, lists, code that is indented by four
// blanks or stands in `signs`, **strong** words and links to the web.  All
// else, markup above all, is text as it stands.

import { h } from './dom.js';

const ADDRESS = /https?:\/\/[^\s<>()[\]`"']+[^\s<>()[\]`"'.,;:!?]/.source;
const INLINE = new RegExp('`([^`]+)`|\\*\\*([^*]+)\\*\\*|' +
    `\\[([^\\][]+)\\]\\((${ADDRESS})\\)|(${ADDRESS})`, 'g');

function link(words, address) {
	return h('a', { href: address, rel: 'noreferrer noopener' }, words);
}

// The texts and elements of one line or paragraph.
export function inline(text) {
	const parts = [];
	let at = 0;

	for (const found of text.matchAll(INLINE)) {
		const [all, code, strong, words, address, bare] = found;

		parts.push(text.slice(at, found.index));
		at = found.index + all.length;
		parts.push(code !== undefined ? h('code', code)
		    : strong !== undefined ? h('strong', strong)
			: words !== undefined ? link(words, address)
			    : link(bare, bare));
	}
	parts.push(text.slice(at));
	return parts.filter((part) => part !== '');
}

// Lines that belong together: { kind, lines }; of a list, lines are entries.
function blocks(text) {
	const out = [];
	let block = null;

	function begin(kind, line) {
		block = { kind, lines: [line] };
		out.push(block);
	}

	for (const line of text.split('\n')) {
		const entry = /^ {0,3}(-|\d+\.) +(.*)$/.exec(line);

		if (line.trim() === '') {
			// A list and code go on behind an empty line.
			if (block?.kind === 'p')
				block = null;
			else
				block?.lines.push('');
		} else if (entry) {
			const kind = entry[1] === '-' ? 'ul' : 'ol';

			if (block?.kind === kind)
				block.lines.push(entry[2]);
			else
				begin(kind, entry[2]);
		} else if (block?.kind === 'ul' || block?.kind === 'ol') {
			if (!line.startsWith('  '))
				begin('p', line);
			else
				block.lines.push(
				    `${block.lines.pop()} ${line.trim()}`);
		} else if (/^ {4}/.test(line) && block?.kind !== 'p') {
			if (block?.kind === 'pre')
				block.lines.push(line.slice(4));
			else
				begin('pre', line.slice(4));
		} else if (block?.kind === 'p') {
			block.lines.push(line);
		} else {
			begin('p', line);
		}
	}
	return out;
}

function draw({ kind, lines }) {
	if (kind === 'pre')
		return h('pre', { class: 'docs-code', tabindex: '0' },
		    lines.join('\n').trimEnd());
	if (kind === 'p')
		return h('p', inline(lines.map((line) => line.trim())
		    .join(' ')));
	return h(kind, { class: 'docs-list' }, lines
	    .filter((line) => line.trim() !== '')
	    .map((line) => h('li', inline(line))));
}

export function markdown(text) {
	return blocks(text ?? '').map(draw);
}
