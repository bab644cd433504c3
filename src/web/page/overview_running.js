// SPDX-License-Identifier: Apache-2.0
//
// Jobs: those that run with live bars, and below them those that ended last.

import { h, put } from './dom.js';
import { get } from './api.js';
import { ago, isFinal, number, plural } from './format.js';
import { tag } from './app_tools.js';
import { countsBar } from './bar.js';
import { etaWords, isHeldUp, percentWords, titleWords, waitWords }
    from './job_words.js';

const LIVE = ['pending', 'scanning', 'running', 'paused', 'finalizing'];
const JOBS_MAX = 200;	// running ones that are known
const JOBS_NEWEST = 20;	// looked at for those that ended
const ROWS_MAX = 6;	// of those that run
const BOTH_MAX = 4;	// with those that ended, of which one is always shown

function rest(job) {
	const { counts } = job;
	const eta = etaWords(job.eta);
	const ended = counts.total - counts.queued - counts.processing;

	return [`${number(ended)} of ${plural(counts.total, 'file')}`,
		counts.failed > 0 ? `${number(counts.failed)} failed` : null,
		isHeldUp(job) ? `waits for ${waitWords(job)[0]}` : null,
		eta === null ? null : `${eta[0]} left`,
	].filter(Boolean).join(', ');
}

class Row {
	constructor(job) {
		this.title = h('a', { class: 'cut strong', dir: 'auto',
			href: `#/jobs/${job.id}` });
		this.state = h('span');
		this.bar = countsBar(job.counts);
		this.percent = h('span', { class: 'running-percent' });
		this.more = h('p', { class: 'muted small' });
		this.element = h('li', { class: 'running-job' },
		    h('div', { class: 'row row-spread running-head' },
			this.title, this.state),
		    h('div', { class: 'running-bar' }, this.bar, this.percent),
		    this.more);
		this.update(job);
	}

	update(job) {
		const before = this.job;

		// A late answer is not to turn the page back.
		if (before && job.revision < before.revision)
			return;
		this.job = job;
		if (before?.state !== job.state)
			put(this.state, tag(job.state));
		this.title.textContent = titleWords(job);
		this.bar.update(job.counts);
		this.percent.textContent = percentWords(job);
		put(this.more, isFinal(job.state) ? [plural(job.counts.total,
		    'file'), ', ', ago(job.finished_at)] : rest(job));
	}
}

export class Running {
	constructor() {
		this.rows = new Map();
		this.live = h('ul', { class: 'running' });
		this.ended = h('ul', { class: 'running' });
		this.words = h('p', { class: 'muted' });
		this.element = h('section', { class: 'card running-card' },
		    h('div', { class: 'card-head' }, h('h2', 'Running now'),
			h('a', { class: 'small', href: '#/jobs' },
			    'All jobs')),
		    this.live, this.words,
		    h('h3', { class: 'running-ended' }, 'Ended last'),
		    this.ended);
	}

	// How many run.
	get count() {
		return [...this.rows.values()].filter(({ job }) =>
		    !isFinal(job.state)).length;
	}

	has(id) {
		return this.rows.has(id);
	}

	// All of them anew.
	async load() {
		const [{ jobs: live }, { jobs: newest }] = await Promise.all([
			get(`/jobs?limit=${JOBS_MAX}&` +
			    LIVE.map((state) => `state=${state}`).join('&')),
			get(`/jobs?limit=${JOBS_NEWEST}`)]);
		const jobs = [...live, ...newest];
		const ids = new Set(jobs.map(({ id }) => id));

		for (const id of this.rows.keys())
			if (!ids.has(id))
				this.rows.delete(id);
		for (const job of jobs)
			this.put(job);
		this.draw();
	}

	put(job) {
		const row = this.rows.get(job.id);

		if (row === undefined)
			this.rows.set(job.id, new Row(job));
		else
			row.update(job);
	}

	update(job) {
		const before = this.rows.get(job.id)?.job.state;

		this.put(job);
		if (before === undefined || isFinal(before) !==
		    isFinal(job.state))
			this.draw();
	}

	draw() {
		const rows = [...this.rows.values()].sort((a, b) =>
		    a.job.created_at < b.job.created_at ? 1 : -1);
		const live = rows.filter(({ job }) => !isFinal(job.state));
		const ended = rows.filter(({ job }) => isFinal(job.state))
		    .slice(0, Math.max(1, BOTH_MAX - live.length));

		show(this.live, live.slice(0, ROWS_MAX));
		show(this.ended, ended);
		this.ended.previousElementSibling.hidden = ended.length === 0;
		put(this.words, live.length === 0 ? 'No job is running.'
		    : live.length > ROWS_MAX
			? h('a', { href: '#/jobs?state=live' },
			    `${number(live.length - ROWS_MAX)} more`) : null);
		this.words.hidden = this.words.textContent === '';
	}
}

// Left alone when it is right: a link in it may have the focus.
function show(list, rows) {
	const elements = rows.map(({ element }) => element);

	if (elements.length !== list.children.length ||
	    elements.some((el, i) => el !== list.children[i]))
		put(list, elements);
}
