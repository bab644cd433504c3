// SPDX-License-Identifier: Apache-2.0
//
// The files of a job, as many as there are: by state, by name, each with what
// became of it.

import { h, put } from './dom.js';
import { bytes, isFinal, number, plural, stateWords } from './format.js';
import { ROOT, get } from './api.js';
import { button, empty, tag } from './app_tools.js';
import { VirtualList } from './list.js';
import { retry } from './job_actions.js';
import { showFile } from './job_file.js';
import { visible, waitWords } from './job_words.js';

const ROW_REM = 3.75;
const TYPED_MS = 250;
const REFRESH_MS = 1000;

// The states of items that each counter counts.
const STATES = {
	all: [],
	failed: ['failed'],
	processing: ['extracting', 'cleaning', 'chunking', 'tagging',
		'embedding', 'finalizing', 'waiting'],
	queued: ['queued'],
	completed: ['completed'],
	skipped: ['skipped'],
	cancelled: ['cancelled'],
};

export function remPixels(rem) {
	return Math.round(rem * parseFloat(
	    getComputedStyle(document.documentElement).fontSize));
}

// The second line: why, or how far.
function note(item) {
	const { error, segments, state } = item;

	if (error)
		return [h('code', error.code), ' ', error.stage
		    ? `while ${stateWords(error.stage)}: ` : '',
		visible(error.message)];
	if (item.waiting_for && state !== 'queued')
		return `waits for ${waitWords({ state, counts: {
			processing: 0 }, waiting_for: item.waiting_for })[0]}`;
	if (segments.total === 0)
		return item.attempt > 1 ? `attempt ${number(item.attempt)}`
		    : '';
	return isFinal(state) ? plural(segments.completed, 'segment')
	    : `${number(segments.completed)} of ${
		plural(segments.total, 'segment')}`;
}

export class JobFiles {
	// state: the filter to begin with; filtered(state) is told of others.
	constructor(job, state, filtered) {
		this.job = job;
		this.filtered = filtered;
		this.state = Object.hasOwn(STATES, state ?? '') ? state : 'all';
		this.name = '';
		this.list = new VirtualList({
			rowHeight: remPixels(ROW_REM), label: 'Files',
			fetch: (...where) => this.fetch(...where),
			row: (item) => this.row(item),
			open: (item) => showFile(this.job, item),
			empty: () => this.nothing(),
		});
		this.search = h('input', { type: 'search', maxlength: '255',
			placeholder: 'Part of a name', 'aria-label':
			'Search files by name', autocomplete: 'off',
			spellcheck: 'false',
			on: { input: () => this.typed() } });
		this.filters = new Map(Object.keys(STATES).map((name) =>
		    [name, this.filter(name)]));
		this.element = h('section', { class: 'job-files stack',
			'aria-labelledby': 'files-title' },
		h('div', { class: 'row row-spread' },
		    h('h2', { id: 'files-title' }, 'Files'),
		    h('a', { class: 'button button-small', download: '',
			href: `${ROOT}/jobs/${job.id}/report.csv` },
		    'Report (CSV)')),
		h('div', { class: 'row file-tools' },
		    h('div', { class: 'row file-filters', role: 'group',
			'aria-label': 'Files by state' },
		    [...this.filters.values()].map(({ element }) => element)),
		    this.search), this.list.element);
		// What nobody sees need not be fetched each second.
		this.watcher = new IntersectionObserver((entries) => {
			this.isSeen = entries.at(-1).isIntersecting;
			this.refresh();
		});
		this.watcher.observe(this.element);
		this.show();
	}

	close() {
		clearTimeout(this.typing);
		clearTimeout(this.waiting);
		this.watcher.disconnect();
		this.list.close();
	}

	filter(name) {
		const count = h('span', { class: 'filter-count' });

		return { count, element: h('button', { type: 'button',
			class: 'filter', on: { click: () =>
				this.choose(name) } },
		name === 'all' ? 'all' : name, count) };
	}

	// ---- what is asked for --------------------------------------------

	choose(state) {
		this.state = state;
		this.filtered(state);
		this.show();
		this.list.reset();
	}

	typed() {
		clearTimeout(this.typing);
		this.typing = setTimeout(() => {
			if (this.name === this.search.value)
				return;
			this.name = this.search.value;
			this.list.reset();
		}, TYPED_MS);
	}

	async fetch(offset, limit, { cursor, signal }) {
		const query = new URLSearchParams({ limit });

		for (const state of STATES[this.state])
			query.append('state', state);
		if (this.name !== '')
			query.set('q', this.name);
		if (cursor !== null)
			query.set('cursor', cursor);
		else if (offset > 0)
			query.set('offset', offset);
		const answer = await get(`/jobs/${this.job.id}/items?${query}`,
		    { signal });

		return { rows: answer.items, total: answer.total ?? null,
			next: answer.next_cursor };
	}

	// The job has changed, and with it probably some of the files: look
	// again, but not with each event.
	update(job) {
		const hasEnded = isFinal(job.state) && !isFinal(this.job.state);

		this.isOld = this.isOld || job.revision !== this.job.revision;
		this.job = job;
		this.show();
		if (hasEnded)
			this.list.redraw();
		this.refresh();
	}

	refresh() {
		if (!this.isOld || !this.isSeen || this.waiting !== undefined)
			return;
		this.isOld = false;
		this.list.refresh();
		this.waiting = setTimeout(() => {
			this.waiting = undefined;
			this.refresh();
		}, REFRESH_MS);
	}

	// ---- what is shown ------------------------------------------------

	show() {
		const { counts } = this.job;

		// As wide as they will be: numbers that grow push nothing away.
		this.element.style.setProperty('--digits',
		    `${number(counts.total).length}ch`);
		for (const [name, { count, element }] of this.filters) {
			const n = name === 'all' ? counts.total : counts[name];

			put(count, number(n));
			element.setAttribute('aria-pressed',
			    String(name === this.state));
			element.classList.toggle('is-none', n === 0);
		}
	}

	row(item) {
		const again = isFinal(this.job.state) &&
		    ['failed', 'cancelled'].includes(item.state);
		const name = visible(item.name);

		return h('div', { class: 'file-row' },
		    h('span', { class: 'file-state' }, tag(item.state)),
		    h('span', { class: 'file-text' },
			h('bdi', { class: 'cut file-name', title: name }, name),
			h('span', { class: 'cut muted small file-note',
				dir: 'auto', title: item.error
				    ? visible(item.error.message) : null },
			note(item))),
		    h('span', { class: 'file-bytes numeric muted' },
			bytes(item.bytes)),
		    h('span', { class: 'file-action' }, again
			? button('Retry', (event) => retry(event.currentTarget,
			    this.job, [item.id]),
			{ class: 'button button-small',
				'aria-label': `Retry ${name}` }) : null));
	}

	nothing() {
		if (this.name !== '')
			return empty('No file fits.', button('Clear the search',
			    () => {
				this.search.value = '';
				this.typed();
			    }));
		if (this.state !== 'all')
			return empty(`No file is ${this.state} now.`);
		return empty(isFinal(this.job.state)
		    ? 'This job had no files.' : 'No file has been found yet.');
	}
}
