// SPDX-License-Identifier: Apache-2.0
//
// The newest jobs of a base, as they go on.

import { get } from './api.js';
import { h, put } from './dom.js';
import { errorBox, tag } from './app_tools.js';
import { countsBar, countsWords } from './bar.js';
import { ago, isFinal, kindWords } from './format.js';
import { etaWords, isHeldUp, percentWords, waitWords } from './job_words.js';

const JOBS = 4;

function words(job) {
	if (isFinal(job.state))
		return countsWords(job.counts);
	if (isHeldUp(job))
		return `${percentWords(job)}, waits for ${
			waitWords(job)[0]}`;
	const eta = etaWords(job.eta);

	return `${percentWords(job)} of ${countsWords(job.counts)
	    .replace(/^.* of /, '')} files${eta ? `, ${eta[0]} left` : ''}`;
}

function rowOf(job) {
	const bar = countsBar(job.counts);
	const state = h('span');
	const note = h('span', { class: 'muted small wrap' });
	const when = h('span', { class: 'muted small' });
	const el = h('li', { class: 'base-job' },
	    h('a', { href: `#/jobs/${job.id}` }, kindWords(job.kind)),
	    state, bar, note, when);

	el.update = (now) => {
		// What was asked for may come after an event that is newer.
		if (el.job?.revision > now.revision)
			return;
		el.job = now;
		bar.update(now.counts);
		put(state, tag(now.state));
		note.textContent = words(now);
		put(when, ago(now.finished_at ?? now.created_at));
	};
	el.update(job);
	return el;
}

export class BaseJobs {
	constructor(base) {
		this.base = base;
		this.rows = new Map();	// id -> element
		this.list = h('ul', { class: 'base-jobs' });
		this.element = h('section', { class: 'card',
			'aria-labelledby': 'base-jobs-title', hidden: true },
		h('div', { class: 'card-head' },
		    h('h2', { id: 'base-jobs-title' }, 'Newest jobs'),
		    h('a', { href: `#/jobs?base=${base.id}` }, 'All jobs')),
		this.list);
	}

	async load() {
		try {
			const { jobs } = await get(`/jobs?base=${this.base.id
				}&limit=${JOBS}`);

			const before = this.rows;

			this.rows = new Map();
			for (const job of jobs) {
				const row = before.get(job.id) ?? rowOf(job);

				row.update(job);
				this.rows.set(job.id, row);
			}
			this.draw();
		} catch (error) {
			put(this.list, errorBox(error, () => this.load()));
			this.element.hidden = false;
		}
	}

	draw() {
		put(this.list, [...this.rows.values()]);
		this.element.hidden = this.rows.size === 0;
	}

	update(job) {
		const row = this.rows.get(job.id);

		if (row !== undefined) {
			row.update(job);
			return;
		}
		this.rows = new Map([[job.id, rowOf(job)], ...this.rows]
		    .slice(0, JOBS));
		this.draw();
	}
}
