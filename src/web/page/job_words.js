// SPDX-License-Identifier: Apache-2.0
//
// A job in sentences: what it is, how it stands, what it waits for, how long it
// will take.

import { isFinal, number, plural, stateWords } from './format.js';

// Where its documents come from, before the name of the base.
const TITLES = {
	folder: 'Folder read into', upload: 'Files uploaded to',
	text: 'Texts sent to', sources: 'Sources read into',
	import: 'Import into', keep: 'Contents kept for',
	kept: 'Kept contents indexed in', embed: 'New vectors for',
};

export function titleWords(job) {
	return `${TITLES[job.kind] ?? stateWords(job.kind)} ${
		visible(job.base)}`;
}

// What job.waiting_for means: what, how that is, what can be done.
const WAITS = {
	worker: ['a worker', 'All are busy with other files.',
		'Nothing to do; the setting workers gives it more.'],
	upstream: ['a chat model', 'It does not answer.',
		'Look after that service; the job goes on by itself.'],
	embedding: ['the embedding service', 'It does not answer.',
		'Look after that service; the job goes on by itself.'],
	source: ['its source', 'The bucket or site does not answer.',
		'Look after it. The job tries for a while, then goes on with ' +
		    'its other sources.'],
	storage: ['disk space', 'The disk is full or fails.',
		'Make space; the job goes on by itself.'],
	retry: ['the next try', 'An error that may pass.',
		'Nothing to do: it is tried again after a pause.'],
	paused: ['somebody to resume it', 'It is held until then.',
		'What is done stays done.'],
};

// [what, how that is, what to do]
export function waitWords(job) {
	if (isFinal(job.state))
		return ['nothing', 'It has ended.', ''];
	if (job.waiting_for === null || job.waiting_for === undefined ||
	    // That some wait while others are worked on is how it should be.
	    (job.waiting_for === 'worker' && job.counts.processing > 0))
		return ['nothing', 'Work goes on.', ''];
	return WAITS[job.waiting_for] ?? [stateWords(job.waiting_for), '', ''];
}

// Is it held up by something that somebody should know of?
export function isHeldUp(job) {
	return !isFinal(job.state) && ['upstream', 'embedding', 'source',
		'storage', 'retry', 'paused'].includes(job.waiting_for);
}

function workWords(job) {
	const [what, how, todo] = waitWords(job);

	if (isHeldUp(job))
		return `It waits for ${what}. ${how} ${todo}`;
	const steps = job.stages.filter(({ items }) => items > 0)
	    .map(({ name, items }) => `${number(items)} ${name}`);

	return steps.length > 0 ? `In work now: ${steps.join(', ')}.`
	    : 'Its files are worked on.';
}

// What the state means for whoever wants to find something.
export function stateSentence(job) {
	const { counts, state } = job;

	switch (state) {
	case 'pending':
		return 'It is stored and has not started.';
	case 'scanning':
		return isHeldUp(job) ? workWords(job)
		    : 'What is to be read is being listed: the total still ' +
			'grows.';
	case 'running':
		return workWords(job);
	case 'paused':
		return 'Paused. Nothing new is begun until it is resumed.';
	case 'finalizing':
		return 'All files have ended. The job is being closed.';
	case 'completed':
		return `Done. ${plural(counts.completed, 'document')} can be ` +
		    'found.';
	case 'completed_with_failures':
		return `${plural(counts.failed, 'file')} failed. The other ` +
		    'documents can be found.';
	case 'no_changes':
		return 'Nothing had changed: there was nothing to index.';
	case 'failed':
		return job.error?.message ?? 'Every file failed.';
	case 'cancelled':
		return 'Cancelled' + (job.cancelled_by
		    ? ` by ${job.cancelled_by}` : '') +
		    '. What was completed before stays and can be found.';
	default:
		return stateWords(state);
	}
}

// A guess in one unit: nobody needs its seconds when it takes hours.
const UNITS = [[1, 's', 90], [60, 'min', 5400], [3600, 'h', 172800],
	[86400, 'days', Infinity]];

// ["about 4 min", "3 to 7"]; the second '' when the first says it all.
export function etaWords(eta) {
	if (!eta)
		return null;
	const [size, unit] = UNITS.find(([, , below]) => eta.seconds < below);
	// Where one step is much of it, half of one is said, too.
	const round = (s) => {
		const n = s / size;

		return size > 60 && n < 10 ? Math.round(n * 2) / 2
		    : Math.round(n);
	};
	const middle = Math.max(1, round(eta.seconds));
	const low = Math.min(middle, round(eta.low));
	const high = Math.max(middle, round(eta.high));
	const isSure = low === high || high === 1;

	return [`about ${number(middle)}\u00a0${unit}`, isSure ? ''
	    : `${low < 1 ? 'under 1' : number(low)} to ${number(high)}`];
}

// The server says 100 when the job has ended; rounding must not say it before.
// While it counts what there is to do, nobody knows.
export function percentWords({ percent, state }) {
	if (percent === 0 && state === 'scanning')
		return '\u2013\u00a0%';
	return percent >= 100 ? '100\u00a0%'
	    : `${(Math.floor(percent * 10 + 1e-6) / 10).toFixed(1)}\u00a0%`;
}

// Names come from anywhere.  What cannot be seen in them, or turns around what
// stands beside it, is shown for what it is.
const CONTROLS = /[\u0000-\u001f]/g;
const UNSEEN = new RegExp('[\\u007f-\\u009f\\u200b\\u200e\\u200f' +
    '\\u2028-\\u202e\\u2060-\\u2069\\ufeff]', 'g');

function codePoint(c) {
	return `[U+${c.charCodeAt(0).toString(16).toUpperCase()
	    .padStart(4, '0')}]`;
}

export function visible(name) {
	return name.replace(CONTROLS, (c) =>
	    String.fromCharCode(0x2400 + c.charCodeAt(0)))
	    .replace(UNSEEN, codePoint);
}

// What the server says in passing, as a sentence of its own.
export function sentence(words) {
	return visible(words.charAt(0).toUpperCase() + words.slice(1)) +
	    (/[.?!]$/.test(words) ? '' : '.');
}

// An address as people write it.
export function addressText(uri) {
	try {
		return visible(decodeURI(uri));
	} catch {
		return visible(uri);
	}
}
