// SPDX-License-Identifier: Apache-2.0
//
// How documents are cut: the settings of a base as fields, and back.  Only what
// differs from the default is said to the server; members of the settings that
// have no field here stay as they are.

import { h } from './dom.js';
import { field } from './app_tools.js';

const SIZE = 1200;
const METHODS = [
	['structure', 'By headings and paragraphs',
	    'Pieces end where paragraphs and sentences do, and never cross a ' +
	    'heading. Right for most documents.'],
	['semantic', 'Where the matter changes',
	    'Compares sentences by their vectors, and cuts where they change ' +
	    'their subject. Takes longer.'],
	['recursive', 'At empty lines, sentences, words',
	    'Plain text, gathered up to the size at the best border there is.'],
	['separator', 'At a separator of yours',
	    'What stands between two separators is a piece.'],
	['fixed', 'Every so many characters', 'Whatever stands there.'],
	['whole', 'Not at all', 'One piece for each document, 4 MiB at most.'],
];
const CHILD_METHODS = ['structure', 'recursive', 'separator', 'fixed'];

// In an input "\n" is two letters.
function toShown(text) {
	return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
	    .replaceAll('\t', '\\t');
}

function fromShown(text) {
	return text.replace(/\\(.)/g, (all, c) =>
	    ({ n: '\n', t: '\t', '\\': '\\' })[c] ?? all);
}

function numberInput(value, min, max) {
	return h('input', { type: 'number', value: String(value),
		min: String(min), max: String(max), step: '1' });
}

// Fields of one cut: sizes and, where it is by one, the separator.  what: the
// word for what comes out.
function cutFields(cut, methods, what) {
	const method = h('select', methods.map((name) => h('option',
	    { value: name }, METHODS.find(([is]) => is === name)[1])));
	const size = numberInput(cut.chars_max ?? SIZE, 1, 8000);
	const overlap = numberInput(cut.overlap_chars ?? 0, 0, 8000);
	const separator = h('input', { type: 'text', class: 'mono',
		value: toShown(cut.separator ?? '\n'), maxlength: '255' });
	const sizes = h('div', { class: 'fields-2' },
	    field(`Largest ${what}, characters`, size),
	    field(`Repeated from the ${what} before`, overlap,
		'At most half of it.'));
	const at = field(`Separator of ${what}s`, separator,
	    '\\n is the end of a line, \\t a tab.');

	const choice = field(`${what === 'piece' ? 'Pieces' : 'Parts'} are cut`,
	    method, ' ');
	const hint = choice.querySelector('.field-hint');

	method.value = methods.includes(cut.method) ? cut.method : methods[0];
	function follow() {
		hint.textContent = METHODS.find(([is]) =>
		    is === method.value)[2];
		sizes.hidden = method.value === 'whole';
		at.hidden = method.value !== 'separator';
	}
	method.addEventListener('change', follow);
	follow();
	return {
		method, elements: [choice, sizes, at],
		read() {
			const read = { method: method.value };

			if (method.value === 'whole')
				return read;
			read.chars_max = Number(size.value);
			if (Number(overlap.value) > 0)
				read.overlap_chars = Number(overlap.value);
			if (method.value === 'separator')
				read.separator = fromShown(separator.value);
			return read;
		},
	};
}

function check(text, isOn, hint = null) {
	const input = h('input', { type: 'checkbox', checked: isOn });
	const el = h('label', { class: 'check' }, input, h('span', text,
	    hint ? h('span', { class: 'field-hint block' }, hint) : null));

	return { input, el };
}

function rangeField(value) {
	const input = h('input', { type: 'range', min: '0', max: '1',
		step: '0.05', value: String(value) });
	const shown = h('output', { class: 'muted' }, String(value));

	input.addEventListener('input', () => {
		shown.textContent = input.value;
	});
	return { input, el: field('How readily it cuts', h('div',
	    { class: 'row range-row' }, input, shown),
	    '0: only where a piece is full. 1: wherever a sentence ends.') };
}

function isDefault(cut) {
	return cut.method === 'structure' && cut.chars_max === SIZE &&
	    Object.keys(cut).length === 2;
}

// What the fields say, over the settings there were.
function merged(settings, chunking, choices) {
	const result = { ...settings };

	if (isDefault(chunking))
		delete result.chunking;
	else
		result.chunking = chunking;
	for (const [name, value, otherwise] of choices) {
		if (value === otherwise)
			delete result[name];
		else
			result[name] = value;
	}
	return result;
}

/*
 * settings: the base's.  Returns {element, read()}; read() gives the settings
 * with what the fields say.
 */
export function chunkingFields(settings = {}) {
	const old = settings.chunking ?? {};
	const cut = cutFields(old, METHODS.map(([name]) => name), 'piece');
	const threshold = rangeField(old.threshold ?? 0.5);
	const hasChild = check('Cut each piece again', Boolean(old.child),
	    'The smaller parts are what is compared with a query, the whole ' +
	    'piece is what is answered with.');
	const child = cutFields(old.child ?? { chars_max: 200 }, CHILD_METHODS,
	    'part');
	const childBox = h('div', { class: 'stack inset' }, child.elements);
	const vectors = check('Make vectors', settings.vectors !== false,
	    'Without them documents are found by words alone.');
	const twins = check('Index the same content under several names',
	    settings.duplicates === 'index');
	const plain = check('Read every file as plain text',
	    settings.content === 'text');
	const squeeze = check('Join blanks and empty lines',
	    old.squeezes_blanks === true);
	const addresses = check('Leave out web and mail addresses',
	    old.drops_addresses === true);

	function follow() {
		threshold.el.hidden = cut.method.value !== 'semantic';
		childBox.hidden = !hasChild.input.checked;
	}
	cut.method.addEventListener('change', follow);
	hasChild.input.addEventListener('change', follow);
	follow();
	function chunking() {
		const read = cut.read();

		if (read.method === 'semantic' &&
		    threshold.input.value !== '0.5')
			read.threshold = Number(threshold.input.value);
		if (hasChild.input.checked)
			read.child = child.read();
		if (squeeze.input.checked)
			read.squeezes_blanks = true;
		if (addresses.input.checked)
			read.drops_addresses = true;
		return read;
	}
	return {
		element: h('div', { class: 'stack' }, cut.elements,
		    threshold.el, hasChild.el, childBox,
		    h('fieldset', { class: 'checks' }, h('legend', 'Documents'),
			vectors.el, twins.el, plain.el, squeeze.el,
			addresses.el)),
		read: () => merged(settings, chunking(), [
			['vectors', vectors.input.checked, true],
			['duplicates', twins.input.checked ? 'index' : 'skip',
				'skip'],
			['content', plain.input.checked ? 'text' : 'file',
				'file'],
		]),
	};
}

// One sentence of what is set.
export function chunkingWords(settings = {}) {
	const cut = settings.chunking ?? {};
	const method = METHODS.find(([is]) =>
	    is === (cut.method ?? 'structure'));
	const words = [method === undefined ? 'Cut in a way of its own'
	    : `Cut ${method[1][0].toLowerCase()}${method[1].slice(1)}`];

	if (cut.method !== 'whole')
		words.push(`at most ${cut.chars_max ?? SIZE} characters`);
	if (cut.overlap_chars)
		words.push(`${cut.overlap_chars} of them repeated`);
	if (cut.child)
		words.push('and each piece again');
	if (settings.vectors === false)
		words.push('without vectors');
	if (settings.graph)
		words.push('with a graph');
	if (settings.questions)
		words.push(`turned into questions (${settings.questions})`);
	return `${words.join(', ')}.`;
}
