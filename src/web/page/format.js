// SPDX-License-Identifier: Apache-2.0
//
// Numbers, sizes, times and states in words.

import { h } from './dom.js';

const NUMBER = new Intl.NumberFormat('en-US');
const TENTH = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });
const MOMENT = new Intl.DateTimeFormat('en-GB',
    { dateStyle: 'medium', timeStyle: 'medium' });
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

// What is not known, in tables.
export const UNKNOWN = '\u2013';

function isKnown(x) {
	return typeof x === 'number' && Number.isFinite(x);
}

export function number(n) {
	return isKnown(n) ? NUMBER.format(n) : UNKNOWN;
}

// Large ones roughly, where there is no room: 12.3k.
export function shortNumber(n) {
	if (!isKnown(n))
		return UNKNOWN;
	if (n < 10000)
		return n < 10 ? TENTH.format(n) : number(Math.round(n));
	if (n < 999950)
		return `${TENTH.format(n / 1000)}k`;
	return `${TENTH.format(n / 1e6)}M`;
}

// In powers of 1000, as the command line has them.
export function bytes(n) {
	let unit = 0;

	if (!isKnown(n))
		return UNKNOWN;
	while (n >= 999.5 && unit < UNITS.length - 1) {
		n /= 1000;
		unit += 1;
	}
	return `${unit === 0 || n >= 100 ? number(Math.round(n))
	    : TENTH.format(n)}\u00a0${UNITS[unit]}`;
}

// A span: "0.2 s", "48 s", "3 min 5 s", "2 h 10 min", "4 d 2 h".
export function seconds(s) {
	if (!isKnown(s))
		return UNKNOWN;
	if (s < 9.95)
		return `${TENTH.format(s)}\u00a0s`;
	s = Math.round(s);
	for (const [size, name, below, small] of
	    [[86400, 'd', 3600, 'h'], [3600, 'h', 60, 'min'],
		[60, 'min', 1, 's']]) {
		if (s < size)
			continue;
		const rest = Math.floor(s % size / below);

		return `${Math.floor(s / size)}\u00a0${name}` +
		    (rest > 0 ? ` ${rest}\u00a0${small}` : '');
	}
	return `${s}\u00a0s`;
}

// x of 100.
export function percent(x) {
	return isKnown(x) ? `${TENTH.format(x)}%` : UNKNOWN;
}

export function plural(n, one, many = `${one}s`) {
	return `${number(n)} ${n === 1 ? one : many}`;
}

function element(iso, words) {
	const date = new Date(iso);

	if (iso === null || iso === undefined || Number.isNaN(date.getTime()))
		return h('span', { class: 'muted' }, UNKNOWN);
	return h('time', { datetime: iso, title:
	    `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC` },
	    words(date));
}

// <time>, as the clock on the wall here shows it.
export function time(iso) {
	return element(iso, (date) => MOMENT.format(date));
}

export function day(iso) {
	return element(iso, (date) => DAY.format(date));
}

function agoWords(date) {
	const s = (Date.now() - date.getTime()) / 1000;

	for (const [size, name] of [[86400, 'day'], [3600, 'hour'],
		[60, 'minute']]) {
		const n = Math.round(Math.abs(s) / size);

		if (n < 1)
			continue;
		if (name === 'day' && n > 30)
			return DAY.format(date);
		return s < 0 ? `in ${plural(n, name)}`
		    : `${plural(n, name)} ago`;
	}
	return s < -5 ? 'in a moment' : 'just now';
}

// <time> that says how long ago, and goes on saying what is true.
export function ago(iso) {
	const el = element(iso, agoWords);

	if (el.localName === 'time') {
		el.dataset.ago = '';
		el.title = `${MOMENT.format(new Date(iso))} (${el.title})`;
	}
	return el;
}

setInterval(() => {
	for (const el of document.querySelectorAll('time[data-ago]')) {
		const words = agoWords(new Date(el.dateTime));

		if (el.textContent !== words)
			el.textContent = words;
	}
}, 10000);

// "completed_with_failures" -> "completed with failures"
export function stateWords(state) {
	return String(state).replaceAll('_', ' ');
}

const FINAL = new Set(['completed', 'completed_with_failures', 'no_changes',
	'failed', 'cancelled', 'skipped']);

// Of a job or an item.
export function isFinal(state) {
	return FINAL.has(state);
}

// What a job is made of, for people.
const KINDS = { folder: 'folder', upload: 'upload', text: 'texts',
	sources: 'sources', import: 'import', keep: 'keeping',
	kept: 'kept contents', embed: 'embedding again' };

export function kindWords(kind) {
	return KINDS[kind] ?? stateWords(kind);
}

// What is waited for, after "Waiting: ".
const WAITS = { worker: 'a free worker', upstream: 'a service to answer',
	storage: 'free disk space', retry: 'the next attempt',
	paused: 'somebody to resume it',
	embedding: 'the embedding service to answer',
	source: 'its source to answer' };

export function waitWords(what) {
	return WAITS[what] ?? stateWords(what);
}
