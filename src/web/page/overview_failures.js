// SPDX-License-Identifier: Apache-2.0
//
// Documents whose newest attempt failed: what, why, at which step, and a button
// that tries again.

import { h, put } from './dom.js';
import { post } from './api.js';
import { ago, number, plural } from './format.js';
import { button, busy, toast } from './app_tools.js';
import { icon } from './icons.js';
import { sentence, visible } from './job_words.js';

async function retry(failure, el, done) {
	const answer = await busy(el, () =>
	    post(`/jobs/${failure.job_id}/retry`,
		{ items: [failure.item_id] }));

	if (answer === undefined)
		return;
	toast(`${visible(failure.name)} is tried again.`, 'good',
	    h('a', { href: `#/jobs/${answer.job.id}` }, 'Show the job'));
	done();
}

function row(failure, done) {
	const name = visible(failure.name);
	const again = button([icon('retry'), 'Retry'], () =>
	    retry(failure, again, done), { kind: 'small',
	    class: 'button button-small', 'aria-label': `Retry ${name}` });

	return h('li', { class: 'failure' },
	    h('div', { class: 'failure-text' },
		h('p', { class: 'row failure-head' },
		    h('a', { class: 'cut strong', dir: 'auto', title: name,
			// A file that was never read is no document yet.
			href: failure.document_id === null
			    ? `#/jobs/${failure.job_id}`
			    : `#/documents/${failure.document_id}` }, name),
		    h('code', { class: 'failure-code' }, failure.code)),
		h('p', { class: 'wrap', dir: 'auto' },
		    visible(failure.message ?? '')),
		failure.advice ? h('p', { class: 'wrap' },
		    sentence(failure.advice)) : null,
		h('p', { class: 'muted small wrap' },
		    failure.stage ? `While ${failure.stage}, in ` : 'In ',
		    h('a', { href: `#/jobs/${failure.job_id}`, dir: 'auto' },
			`a job of ${visible(failure.base)}`), ', ',
		    ago(failure.at))),
	    again);
}

export function drawFailures(section, failures, done) {
	const { documents, newest, is_more: isMore } = failures;
	const key = JSON.stringify(failures);

	section.className = 'card';
	// A button in it may have the focus: only news are drawn.
	if (section.dataset.key === key)
		return;
	section.dataset.key = key;
	put(section, h('div', { class: 'card-head' },
	    h('h2', 'Failures to look at'),
	    documents > newest.length
		? h('span', { class: 'muted small' },
		    `the newest ${number(newest.length)} of ` +
		    `${isMore ? 'more than ' : ''}` +
		    plural(documents, 'document')) : null),
	newest.length === 0
	    ? h('p', { class: 'muted row' }, icon('good'),
		'None. A document that fails is listed here until ' +
		    'it is indexed.')
	    : h('ul', { class: 'failures' },
		newest.map((failure) => row(failure, done))));
}
