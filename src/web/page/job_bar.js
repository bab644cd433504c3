// SPDX-License-Identifier: Apache-2.0
//
// How far a job is: percent, the bar of the six counters with their words and
// numbers, time left, speed, and what it waits for.
//
// All of it is made from one job at a time, in one go: whoever looks, at
// whatever moment, sees counters that add up.

import { h, put } from './dom.js';
import { bytes, isFinal, number, plural, seconds, shortNumber,
	time } from './format.js';
import { PARTS, countsBar, countsWords } from './bar.js';
import { tag } from './app_tools.js';
import { etaWords, isHeldUp, percentWords, stateSentence,
	waitWords } from './job_words.js';

const SECOND = 1000;

function spent(from, to) {
	return (new Date(to) - new Date(from)) / SECOND;
}

// What says the same is left alone: it may be selected, or being read.
export function putNew(el, ...children) {
	const next = put(h('span'), children);

	if (next.textContent !== el.textContent)
		put(el, [...next.childNodes]);
}

// One figure with its name above and more about it below.
class Figure {
	constructor(name) {
		this.name = h('dt', name);
		this.value = h('dd', { class: 'figure-value' });
		this.more = h('dd', { class: 'figure-more muted' });
		this.element = h('div', { class: 'figure' }, this.name,
		    this.value, this.more);
	}

	set(name, value, more) {
		putNew(this.name, name);
		putNew(this.value, value);
		putNew(this.more, more);
	}
}

export class JobBar {
	constructor(job) {
		this.state = h('span', { class: 'job-state' });
		this.sentence = h('p', { class: 'job-sentence', dir: 'auto' });
		this.percent = h('strong', { class: 'job-percent' });
		this.bar = countsBar(job.counts);
		this.progress = h('div', { class: 'job-progress',
			role: 'progressbar', 'aria-valuemin': '0',
			'aria-valuemax': '100',
			'aria-label': 'Share of the job that is done' },
		this.bar);
		this.counts = new Map(PARTS.map((name) => [name,
			h('dd', { 'data-count': name })]));
		this.total = h('span', { 'data-count': 'total' });
		this.time = new Figure('Time left');
		this.speed = new Figure('Speed');
		this.wait = new Figure('Waits for');
		this.read = new Figure('Dealt with');
		this.element = h('section', { class: 'card job-bar',
			'aria-label': 'Progress' }, this.head(), this.progress,
		this.legend(), h('dl', { class: 'job-figures' },
		    this.time.element, this.speed.element, this.wait.element,
		    this.read.element));
		this.update(job);
	}

	head() {
		return h('div', { class: 'job-head' }, this.percent,
		    h('div', { class: 'job-standing' },
			h('p', { class: 'job-line' }, this.state,
			    h('span', { class: 'muted' }, this.total)),
			this.sentence));
	}

	legend() {
		return h('dl', { class: 'job-legend' },
		    [...this.counts].map(([name, count]) =>
			h('div', { class: `legend-${name}` },
			    h('dt', h('span', { class: 'legend-sign bar-' +
				name, 'aria-hidden': 'true' }), name), count)));
	}

	update(job) {
		const words = percentWords(job);

		putNew(this.percent, words);
		putNew(this.state, tag(job.state));
		putNew(this.sentence, stateSentence(job));
		putNew(this.total, plural(job.counts.total, 'file'));
		this.total.dataset.value = job.counts.total;
		this.bar.update(job.counts);
		this.progress.setAttribute('aria-valuenow', job.percent);
		this.progress.setAttribute('aria-valuetext',
		    `${words}: ${countsWords(job.counts)}`);
		for (const [name, el] of this.counts) {
			putNew(el, number(job.counts[name]));
			el.parentElement.classList.toggle('is-none',
			    job.counts[name] === 0);
		}
		this.updateTime(job);
		this.updateWork(job);
	}

	updateTime(job) {
		const eta = etaWords(job.eta);

		if (isFinal(job.state))
			this.time.set('Took', job.started_at === null
			    ? 'no time' : seconds(spent(job.started_at,
				job.finished_at)),
			    ['Ended ', time(job.finished_at)]);
		else if (eta === null)
			this.time.set('Time left', 'not known yet',
			    job.started_at === null ? 'It has not started.'
				: ['Started ', time(job.started_at)]);
		else
			this.time.set('Time left', eta[0], eta[1] === ''
			    ? 'That is quite certain.'
			    : `Likely ${eta[1]}.`);
	}

	updateWork(job) {
		const { throughput, segments } = job;
		const [what, meaning] = waitWords(job);

		this.speed.set(isFinal(job.state) ? 'Average speed' : 'Speed',
		    throughput.items_per_second > 0
			? `${shortNumber(throughput.items_per_second)} files/s`
			: '\u2013', throughput.bytes_per_second > 0
			? `${bytes(throughput.bytes_per_second)}/s` : '');
		this.wait.set(isFinal(job.state) ? 'Waited for' : 'Waits for',
		    what, meaning);
		this.wait.element.classList.toggle('is-held-up', isHeldUp(job));
		this.read.set('Dealt with', `${bytes(job.bytes.done)} of ${
			bytes(job.bytes.total)}`,
		`${number(segments.completed)} of ${
			plural(segments.total, 'segment')} stored`);
	}
}
