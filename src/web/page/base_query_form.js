// SPDX-License-Identifier: Apache-2.0
//
// What is asked of a base, and how: the fields of a query and the address that
// says the same.

import { h } from './dom.js';
import { field } from './app_tools.js';

const STANDARD = { q: '', n: '10', r: '0.5', fusion: 'sum', expand: 'auto',
	operators: 'yes', filter: '' };

const EXPAND = new Map([['auto', 'auto'], ['true', true], ['false', false]]);

const HELP = [
	['"annual leave"', 'has these words, in this order, side by side'],
	['"leave"', 'has this very word, not another form of it'],
	['-draft', 'does not have it'],
	['name:contract', 'is of a document with it in its name; also ' +
	    'title:, tag:, uri:'],
	['text:tide', 'has it in its text; section: in a heading above it, ' +
	    'keyword: in a keyword given by hand'],
	['-name:draft', 'is not of such a document'],
];

function help() {
	return h('details', { class: 'more' },
	    h('summary', 'What can be written in a query'),
	    h('p', { class: 'muted' }, 'Each result, where the query has'),
	    h('dl', { class: 'facts' }, HELP.map(([words, does]) =>
		[h('dt', h('code', words)), h('dd', does)])),
	    h('p', { class: 'muted' }, 'All of them must hold. The other ' +
		'words are what is searched for. A query that is nothing but ' +
		'such conditions gives a list.'));
}

function choice(options, value) {
	const el = h('select', options.map(([name, words]) =>
	    h('option', { value: name }, words)));

	el.value = value;
	return el;
}

// Words on the left, vectors on the right.
function balance(value) {
	const input = h('input', { type: 'range', min: '0', max: '1',
		step: '0.05', value });
	const words = h('output', { class: 'muted small' });
	const follow = () => {
		const share = Math.round(Number(input.value) * 100);

		words.textContent = share === 0 ? 'words alone'
		    : share === 100 ? 'vectors alone'
		    : `${100 - share} : ${share}`;
		input.setAttribute('aria-valuetext', share === 0 ||
		    share === 100 ? words.textContent
		    : `${100 - share} parts words, ${share} parts vectors`);
	};

	input.addEventListener('input', follow);
	follow();
	return { input, element: field('Words or vectors', h('div',
	    { class: 'row range-row' }, h('span', { class: 'small' }, 'words'),
	    input, h('span', { class: 'small' }, 'vectors'), words)) };
}

function readFilter(text) {
	if (text.trim() === '')
		return undefined;
	const value = JSON.parse(text);

	if (value === null || typeof value !== 'object' || Array.isArray(value))
		throw new SyntaxError('A filter is an object: {"year": 2024}');
	return value;
}

// query: of the address; ask() is called when somebody asks.
export class QueryForm {
	constructor(query, ask) {
		const value = (name) => query.get(name) ?? STANDARD[name];

		this.input = h('input', { type: 'search', name: 'q',
			value: value('q'), autocomplete: 'off',
			placeholder: 'What do you want to know?',
			'aria-label': 'Query', maxlength: '32768' });
		this.limit = h('input', { type: 'number', min: '1', max: '1000',
			value: value('n') });
		this.balance = balance(value('r'));
		this.fusion = choice([['sum', 'their scores'],
			['rrf', 'their places (rrf)']], value('fusion'));
		this.expand = choice([['auto', 'when it helps'],
			['true', 'always'], ['false', 'never']],
		value('expand'));
		this.operators = h('input', { type: 'checkbox',
			checked: value('operators') !== 'no' });
		this.filter = h('textarea', { rows: '3', class: 'mono',
			spellcheck: 'false', value: value('filter'),
			placeholder: '{"author": "harbour master"}' });
		this.filterField = field('Metadata filter, JSON', this.filter,
		    'Only documents whose metadata is so.');
		this.send = h('button', { type: 'submit',
			class: 'button button-primary' }, 'Ask');
		this.options = this.build(query);
		this.element = h('form', { class: 'card stack', role: 'search',
			on: { submit: (event) => {
				event.preventDefault();
				ask();
			} } }, h('div', { class: 'row ask-row' }, this.input,
		    this.send), this.options, help());
	}

	build(query) {
		const isPlain = Object.entries(STANDARD).every(
		    ([name, value]) => name === 'q' ||
			(query.get(name) ?? value) === value);

		return h('details', { class: 'more', open: !isPlain },
		    h('summary', 'How it is asked'), h('div',
			{ class: 'fields-2' },
			field('How many results', this.limit),
			this.balance.element,
			field('Both become one score by', this.fusion),
			field('Ask for related words, too', this.expand),
			this.filterField,
			h('label', { class: 'check' }, this.operators,
			    h('span', 'Quotes, minus and field: are ' +
				'operators'))));
	}

	// What the address says after the ?, only what is not the standard.
	get address() {
		const values = { q: this.input.value, n: this.limit.value,
			r: this.balance.input.value, fusion: this.fusion.value,
			expand: this.expand.value,
			operators: this.operators.checked ? 'yes' : 'no',
			filter: this.filter.value.trim() };

		return String(new URLSearchParams(Object.entries(values)
		    .filter(([name, value]) => value !== STANDARD[name])));
	}

	// The request; null, with the reason beside the field, when it cannot
	// be one.
	read() {
		this.filterField.show('');
		try {
			return {
				query: this.input.value,
				limit: Number(this.limit.value || 10),
				semantic_ratio: Number(
				    this.balance.input.value),
				fusion: this.fusion.value,
				expand: EXPAND.get(this.expand.value),
				operators: this.operators.checked,
				filter: readFilter(this.filter.value),
			};
		} catch (error) {
			this.refuse(`This is no filter: ${error.message}`);
			return null;
		}
	}

	// What is wrong with the filter, beside it.
	refuse(words) {
		this.options.open = true;
		this.filterField.show(words);
		this.filter.focus();
	}

	// The same, where the server says it; false: it speaks of other things.
	takes({ status, message }) {
		if (status !== 400 || !/\bfilter\b/.test(message) ||
		    this.filter.value.trim() === '')
			return false;
		this.refuse(message);
		return true;
	}
}
