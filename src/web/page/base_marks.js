// SPDX-License-Identifier: Apache-2.0
//
// Mark in a text the words that were asked for.  The server finds words by
// their stems; here words count as the same that begin alike, which is near
// enough for the eye.

import { h } from './dom.js';

const WORDS_MAX = 64;		// of a query that are marked
const MARKS_MAX = 500;		// in one text
const ENDING = 3;		// letters that may differ at a word's end
const SPOKEN = new Set(('a an and are as at be been by can did do does for ' +
    'from had has have how i if in into is it its me my no not of on or our ' +
    'so than that the their them then there they this to was we were what ' +
    'when where which who why will with you your der die das den dem des ein ' +
    'eine und oder ist sind nicht mit von zu auf le la les un une des et ou ' +
    'est du de en el los las y o es del al que qui').split(' '));
// Written without blanks: pairs of characters are what is looked for.
const SCRIPTS = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer',
	'Myanmar'];
const DENSE = new RegExp(`[${SCRIPTS.map((name) => `\\p{Script=${name}}`)
    .join('')}]`, 'u');
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
// -"not this", -name:this, name:"that": nothing of it stands in the text.
const EXCLUDED = new RegExp('(?:^|\\s)(?:-(?:[a-z]+:)?|' +
    '(?:name|title|tag|uri):)(?:"[^"]*"|\\S+)', 'giu');

function folded(word) {
	return word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

// The words of a query that may stand in a text, folded, the dense ones apart.
export function wordsOf(query) {
	const found = new Set();

	for (const [word] of query.replace(EXCLUDED, ' ').matchAll(WORD)) {
		if (DENSE.test(word))
			for (let i = 0; i + 1 < word.length || i === 0; i++)
				found.add(word.slice(i, i + 2));
		else
			found.add(folded(word));
		if (found.size >= WORDS_MAX)
			break;
	}
	const words = [...found];
	const telling = words.filter((word) => !SPOKEN.has(word) &&
	    (DENSE.test(word) || word.length > 1));

	return telling.length > 0 ? telling : words;
}

function isAlike(a, b) {
	const shorter = Math.min(a.length, b.length);
	let same = 0;

	if (a === b)
		return true;
	while (same < shorter && a[same] === b[same])
		same++;
	const longer = Math.max(a.length, b.length);

	return (same >= 4 && same > shorter - ENDING &&
	    longer - same <= ENDING) ||
	    (same === shorter && same >= 3 && longer - same <= 1);
}

// [from, to] of each dense pair in a run of such characters.
function pairs(run, at, words, spans) {
	for (let i = 0; i + 1 < run.length; i++)
		if (words.includes(run.slice(i, i + 2)))
			spans.push([at + i, at + i + 2]);
}

function spansOf(text, words, max = MARKS_MAX) {
	const spans = [];
	const known = new Map();	// a word of the text is judged once

	for (const { 0: word, index } of text.matchAll(WORD)) {
		if (spans.length >= max)
			break;
		if (DENSE.test(word)) {
			pairs(word, index, words, spans);
			continue;
		}
		if (!known.has(word)) {
			const plain = folded(word);

			known.set(word, words.some((wanted) =>
			    isAlike(plain, wanted)));
		}
		if (known.get(word))
			spans.push([index, index + word.length]);
	}
	return spans;
}

// Where the first of them stands; 0 where none does.
export function firstMark(text, words) {
	return spansOf(text, words, 1)[0]?.[0] ?? 0;
}

// The text as a list of texts and <mark>s.
export function marked(text, words) {
	const parts = [];
	let at = 0;

	for (const [from, to] of spansOf(text, words)) {
		if (from > at)
			parts.push(text.slice(at, from));
		if (to > at)
			parts.push(h('mark', text.slice(Math.max(from, at),
			    to)));
		at = Math.max(at, to);
	}
	parts.push(text.slice(at));
	return parts;
}
