// SPDX-License-Identifier: Apache-2.0
//
// All jobs, the newest first, live; by base and by state.

import { h, put } from './dom.js';
import { ago, number, plural } from './format.js';
import { all, get } from './api.js';
import { watch } from './live.js';
import { countsBar } from './bar.js';
import { button, empty, field, pageHead, tag } from './app_tools.js';
import { VirtualList } from './list.js';
import { remPixels } from './job_files.js';
import { etaWords, isHeldUp, percentWords, titleWords,
	waitWords } from './job_words.js';

const ROW_REM = 4.25;
const ROW_NARROW_REM = 6.5;
const REFRESH_MS = 1000;
const LATEST_MAX = 500;
const BASES_MAX = 1000; // to choose from

const STATES = {
	live: ['Not ended', ['pending', 'scanning', 'running', 'paused',
		'finalizing']],
	failures: ['With failures', ['completed_with_failures', 'failed']],
	completed: ['Completed', ['completed']],
	no_changes: ['No changes', ['no_changes']],
	cancelled: ['Cancelled', ['cancelled']],
};

function about(job) {
	const { counts } = job;
	const eta = etaWords(job.eta);

	return [
		plural(counts.total, 'file'),
		counts.failed > 0 ? `${number(counts.failed)} failed` : null,
		isHeldUp(job) && job.state !== 'paused'
		    ? `waits for ${waitWords(job)[0]}` : null,
		eta === null ? null : `${eta[0]} left`,
	].filter((part) => part !== null).join(', ');
}

function row(job) {
	const bar = countsBar(job.counts);

	return h('div', { class: 'job-row' },
	    h('span', { class: 'job-row-text' },
		h('a', { class: 'cut strong', href: `#/jobs/${job.id}`,
			dir: 'auto' }, titleWords(job)),
		h('span', { class: 'cut muted small' }, about(job))),
	    h('span', { class: 'job-row-bar' }, bar,
		h('span', { class: 'small' }, percentWords(job))),
	    h('span', { class: 'job-row-state' }, tag(job.state)),
	    h('span', { class: 'job-row-time muted small' },
		ago(job.created_at)));
}

class JobsView {
	constructor({ query, path }) {
		this.path = path;
		this.base = query.get('base') ?? '';
		this.state = Object.hasOwn(STATES, query.get('state') ?? '')
		    ? query.get('state') : '';
		// A page of the list may have been written before an event that
		// came first.
		this.latest = new Map();
		this.narrow = matchMedia('(max-width: 760px)');
		this.onWidth = () => this.list.resizeRows(this.rowHeight());
		this.narrow.addEventListener('change', this.onWidth);
		this.list = new VirtualList({
			rowHeight: this.rowHeight(), row, label: 'Jobs',
			fetch: (...where) => this.fetch(...where),
			open: ({ id }) => {
				location.hash = `#/jobs/${id}`;
			},
			empty: () => this.nothing(),
		});
		this.bases = h('select',
		    { on: { change: () => this.filter() } },
		    h('option', { value: '' }, 'All bases'));
		this.states = h('select', { value: this.state,
			on: { change: () => this.filter() } },
		h('option', { value: '' }, 'Any state'),
		Object.entries(STATES).map(([name, [words]]) =>
		    h('option', { value: name }, words)));
		this.elements = [pageHead('Jobs'),
			h('div', { class: 'row job-filters' },
			    field('Base', this.bases),
			    field('State', this.states)),
			this.list.element];
	}

	rowHeight() {
		return remPixels(this.narrow.matches ? ROW_NARROW_REM
		    : ROW_REM);
	}

	close() {
		this.narrow.removeEventListener('change', this.onWidth);
		clearTimeout(this.waiting);
		this.list.close();
	}

	async readBases() {
		for await (const bases of all('/bases?limit=1000', 'bases')) {
			this.bases.append(...bases.map(({ id, name }) =>
			    h('option', { value: id }, name)));
			if (this.bases.length > BASES_MAX)
				break;
		}
		// A base of the address by its name, or one of too many.
		if (this.base !== '' && ![...this.bases.options].some(
		    ({ value }) => value === this.base)) {
			const base = await get(
			    `/bases/${encodeURIComponent(this.base)}`)
			    .catch(() => null);

			this.base = base?.id ?? '';
			if (base !== null && ![...this.bases.options].some(
			    ({ value }) => value === this.base))
				this.bases.append(h('option',
				    { value: base.id }, base.name));
		}
		this.bases.value = this.base;
	}

	filter() {
		const query = new URLSearchParams();

		this.base = this.bases.value;
		this.state = this.states.value;
		if (this.base !== '')
			query.set('base', this.base);
		if (this.state !== '')
			query.set('state', this.state);
		history.replaceState(null, '', `#${this.path}${
			`${query}` === '' ? '' : `?${query}`}`);
		this.list.reset();
	}

	async fetch(offset, limit, { cursor, signal }) {
		const query = new URLSearchParams({ limit });

		if (this.base !== '')
			query.set('base', this.base);
		for (const state of STATES[this.state]?.[1] ?? [])
			query.append('state', state);
		if (cursor !== null)
			query.set('cursor', cursor);
		const { jobs, next_cursor: next } = await get(`/jobs?${query}`,
		    { signal });

		return { rows: jobs.map((job) => this.newer(job)), total: null,
			next };
	}

	newer(job) {
		const known = this.latest.get(job.id);

		return known?.revision > job.revision ? known : job;
	}

	heard({ event, data }) {
		if (event === 'reset') {
			this.latest.clear();
			this.list.refresh();
			return;
		}
		if (event !== 'job' ||
		    (this.base !== '' && data.base_id !== this.base))
			return;
		this.latest.delete(data.id);
		this.latest.set(data.id, data);
		if (this.latest.size > LATEST_MAX)
			this.latest.delete(this.latest.keys().next().value);
		// One that is new, or fits the filter no more.
		if (!this.list.update(data, ({ revision }) =>
		    data.revision > revision) || (this.state !== '' &&
		    !STATES[this.state][1].includes(data.state)))
			this.refresh();
	}

	refresh() {
		this.waiting ??= setTimeout(() => {
			this.waiting = undefined;
			this.list.refresh();
		}, REFRESH_MS);
	}

	nothing() {
		if (this.base !== '' || this.state !== '')
			return empty('No job fits.', button('Show all', () => {
				this.bases.value = this.states.value = '';
				this.filter();
			}));
		return empty('No job yet.', h('p', 'Put files into a ',
		    h('a', { href: '#/bases' }, 'base'), ', or run ',
		    h('code', 'tidemark index FOLDER'), '.'));
	}
}

export async function show(main, params) {
	const view = new JobsView(params);
	const stop = watch((event) => view.heard(event));

	put(main, view.elements);
	try {
		await view.readBases();
	} catch (error) {
		stop();
		view.close();
		throw error;
	}
	return () => {
		stop();
		view.close();
	};
}
