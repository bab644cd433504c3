// SPDX-License-Identifier: Apache-2.0
//
// All that is known of one file of a job.

import { h } from './dom.js';
import { bytes, isFinal, number, seconds, stateWords,
	time } from './format.js';
import { button, dialog, tag } from './app_tools.js';
import { retry } from './job_actions.js';
import { addressText, sentence, visible } from './job_words.js';

const SECOND = 1000;
const STEPS = ['queued', 'extracting', 'cleaning', 'chunking', 'tagging',
	'embedding', 'finalizing', 'finished'];

// A job takes back what it did not index only when it has ended.
export function mayRetry(job, item) {
	return isFinal(job.state) &&
	    ['failed', 'cancelled', 'skipped'].includes(item.state);
}

function errorPart(error, state) {
	return [
		h('p', { class: `file-sentence file-${state}`, dir: 'auto' },
		    visible(error.message)),
		h('dl', { class: 'facts' },
		    h('dt', 'Code'), h('dd', h('code', error.code)),
		    error.stage ? [h('dt', 'Stage'),
			h('dd', stateWords(error.stage))] : null,
		    error.advice ? [h('dt', 'What to do'),
			h('dd', sentence(error.advice))] : null),
	];
}

// When each step began, and how long it took.
function timesPart(times) {
	const known = STEPS.filter((name) => times[`${name}_at`])
	    .map((name) => [name, times[`${name}_at`]]);

	return known.length === 0 ? null : [
		h('h3', 'Times'),
		h('dl', { class: 'facts' }, known.map(([name, at], i) => {
			const after = known[i + 1]?.[1];
			const took = (new Date(after) - new Date(at)) / SECOND;

			return [h('dt', stateWords(name)), h('dd', time(at),
			    after === undefined ? '' : h('span',
				{ class: 'muted' },
				`, took ${seconds(took)}`))];
		})),
	];
}

function factsPart(item) {
	const { segments } = item;

	return h('dl', { class: 'facts' },
	    h('dt', 'State'), h('dd', tag(item.state)),
	    h('dt', 'Address'), h('dd', h('bdi',
		addressText(item.uri))),
	    h('dt', 'Size'), h('dd', bytes(item.bytes)),
	    h('dt', 'Segments'), h('dd', `${number(segments.completed)} of ${
		    number(segments.total)} stored`),
	    h('dt', 'Attempt'), h('dd', number(item.attempt)),
	    h('dt', 'Number in the job'), h('dd', number(item.seq)));
}

export function showFile(job, item) {
	return dialog(h('bdi', visible(item.name)), (close) => {
		const again = button('Retry this file', async (event) => {
			await retry(event.currentTarget, job, [item.id]);
			close();
		}, { kind: 'primary' });

		// The focus at the top: who reads begins there.
		return h('div', { class: 'stack file-more', tabindex: '-1',
			autofocus: true },
		    item.error ? errorPart(item.error, item.state) : null,
		    factsPart(item), timesPart(item.times),
		    h('div', { class: 'row dialog-actions' },
			item.document_id ? h('a', { class: 'button',
				href: `#/documents/${item.document_id}`,
				on: { click: () => close() } },
			'Open the document') : null,
			item.parent_id ? h('a', { class: 'button',
				href: `#/documents/${item.parent_id}`,
				on: { click: () => close() } },
			'What it is in') : null,
			mayRetry(job, item) ? again : null,
			button('Close', () => close())));
	});
}
