// SPDX-License-Identifier: Apache-2.0
//
// What a query found: each result with its score, what found it, and where it
// stands.

import { h } from './dom.js';
import { empty } from './app_tools.js';
import { number, plural } from './format.js';
import { wordsOf } from './base_marks.js';
import { textBlock } from './base_text.js';
import { documentPath, pagesWords, sectionPath } from './base_words.js';
import { visible } from './job_words.js';

const TEXT = 480;	// characters of each that are seen at first
const MATCHES = new Map([
	['lexical', ['words', 'Found by its words']],
	['vector', ['vectors', 'Found by nearness']],
	['lexical,vector', ['words and vectors',
		'Found by its words and by nearness']],
	['', ['list', 'Nothing was searched for: it fits the conditions']],
]);

function score(value) {
	const bar = h('span', { class: 'score-bar', 'aria-hidden': 'true' },
	    h('span', { css: { width: `${Math.max(0, Math.min(1, value)) *
		100}%` } }));

	return h('span', { class: 'score' }, bar, h('span',
	    { class: 'score-number' }, h('span', { class: 'only-heard' },
		'score '), value.toFixed(3)));
}

function resultOf(result, rank, words) {
	const [match, meaning] = MATCHES.get([...result.match].sort().join()) ??
	    [result.match.join(), ''];
	const pages = pagesWords(result.page_start, result.page_end);

	return h('li', { class: 'card result', value: rank },
	    h('div', { class: 'result-head' },
		h('span', { class: 'result-rank muted' }, `${rank}.`),
		h('a', { href: documentPath(result.document_id,
		    result.position), class: 'result-name strong wrap' },
		    h('bdi', visible(result.name))),
		score(result.score)),
	    h('p', { class: 'row small muted' },
		h('span', { class: 'tag tag-plain', title: meaning }, match),
		pages, h('span', `segment ${number(result.position + 1)}`)),
	    sectionPath(result.section),
	    textBlock(result.text, words, TEXT));
}

function notices(answer) {
	const said = [];

	if (answer.words_only)
		said.push('The embedding service did not answer, or has made ' +
		    'no vector yet: these are the results of the words alone.');
	if (answer.partial)
		said.push('So many segments had to be looked at that the ' +
		    'search ended before it had seen all: there may be more, ' +
		    'and better ones. A filter, name: or a rarer word helps.');
	return said.map((words) => h('p', { class: 'notice' }, words));
}

function summary(answer) {
	const { generation, results, took_ms: took } = answer;

	return h('p', { class: 'muted', role: 'status' },
	    `${plural(results.length, 'result')} in ${took < 10
		? took.toFixed(1) : number(Math.round(took))}\u00a0ms. `,
	    h('span', { title: 'The number of the last change of the index ' +
		'that was looked at. A job whose generation is not above it ' +
		'was seen whole.' }, `Seen: the index as of change ${
		number(generation)}.`));
}

// The arrows go from result to result, Enter opens the one that has the focus.
function walk(event) {
	const links = [...event.currentTarget.querySelectorAll('.result-name')];
	const at = links.indexOf(document.activeElement);
	const to = { ArrowDown: at + 1, ArrowUp: at - 1, j: at + 1, k: at - 1,
		Home: 0, End: links.length - 1 }[event.key];

	if (to === undefined || event.altKey || event.ctrlKey ||
	    event.metaKey || at < 0)
		return;
	event.preventDefault();
	links[Math.max(0, Math.min(to, links.length - 1))].focus();
}

export function resultList(answer, query) {
	const words = wordsOf(query);

	return [notices(answer), summary(answer), answer.results.length > 0
	    ? h('ol', { class: 'results', 'aria-label': 'Results',
		on: { keydown: walk } }, answer.results.map((result, i) =>
		resultOf(result, i + 1, words)))
	    : empty('Nothing was found.', h('p',
		'Other words may help, or a balance nearer to vectors.'))];
}
