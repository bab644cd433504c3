// SPDX-License-Identifier: Apache-2.0
//
// What the server is doing, at a glance: figures, running jobs, the last hour,
// failures to look at, services, storage.
//
// Running jobs change with each event.  The rest is asked for again when a job
// has ended, and now and then, as the last hour goes on without events.

import { h, put } from './dom.js';
import { get } from './api.js';
import { isFinal, number } from './format.js';
import { errorBox, pageHead } from './app_tools.js';
import { watch } from './live.js';
import { drawFailures } from './overview_failures.js';
import { Running } from './overview_running.js';
import { drawHour, drawServices, drawStorage } from './overview_server.js';

const SOON_MS = 700;	// after a job's end: others may end, too
const BUSY_MS = 5000;	// while something runs
const IDLE_MS = 30000;

function figure(name, value, href) {
	return h('div', h('dt', href === null ? name
	    : h('a', { href }, name)), h('dd', number(value)));
}

function figures(overview) {
	return h('dl', { class: 'card figures' },
	    figure('Bases', overview.bases, '#/bases'),
	    figure('Documents', overview.documents, null),
	    figure('Segments', overview.segments, null),
	    figure('Jobs running', overview.jobs_live, '#/jobs?state=live'),
	    figure('Failures', overview.failures.documents, null));
}

function step(title, ...body) {
	return h('li', { class: 'card stack stack-tight' }, h('h2', title),
	    body);
}

// A server that has nothing yet says what comes next.
function firstSteps() {
	return h('section', { class: 'stack' },
	    h('p', 'Nothing is here yet. Three ways to begin:'),
	    h('ol', { class: 'steps' },
		step('Index a folder',
		    h('p', 'On the machine of the server:'),
		    h('pre', { class: 'code' }, h('code',
			'tidemark index FOLDER')),
		    h('p', { class: 'muted small' }, 'The job shows up here ' +
			'as it runs.')),
		step('Make a base',
		    h('p', 'A base holds documents that are searched ' +
			'together.'),
		    h('p', h('a', { class: 'button', href: '#/bases' },
			'To the bases'))),
		step('Upload files',
		    h('p', 'Open a base and drop files on it. PDF, Office, ' +
			'mail, web pages, archives and plain text are read.'),
		    h('p', { class: 'muted small' }, 'Programs use the ',
			h('a', { href: '/docs' }, 'API'), '.'))));
}

class Overview {
	constructor(main) {
		this.main = main;
		this.running = new Running();
		this.timer = null;
		this.soon = null;
		this.isOver = false;
		this.isLoading = false;
		this.body = h('div', { class: 'stack stack-wide' });
		this.error = h('div');
		this.parts = { figures: h('div'), hour: h('section'),
			failures: h('section'), services: h('section'),
			storage: h('section') };
		put(main, pageHead('Overview'), this.error, this.body);
	}

	draw(overview) {
		const { parts } = this;
		const isFresh = overview.bases === 0 &&
		    overview.jobs_live === 0 &&
		    overview.failures.documents === 0;

		put(this.error);
		if (isFresh) {
			put(this.body, firstSteps(), parts.services,
			    parts.storage);
		} else if (!parts.figures.isConnected || this.isFresh) {
			put(this.body, parts.figures,
			    h('div', { class: 'overview-columns' },
				h('div', { class: 'stack stack-wide' },
				    this.running.element, parts.failures),
				h('div', { class: 'stack stack-wide' },
				    parts.hour, parts.services,
				    parts.storage)));
		}
		this.isFresh = isFresh;
		put(parts.figures, figures(overview));
		drawHour(parts.hour, overview.throughput);
		drawFailures(parts.failures, overview.failures, () =>
		    this.loadSoon());
		drawServices(parts.services, overview.services);
		drawStorage(parts.storage, overview.storage);
	}

	async load() {
		if (this.isLoading)
			return;
		this.isLoading = true;
		clearTimeout(this.timer);
		try {
			const [overview] = await Promise.all([get('/overview'),
				this.running.load()]);

			if (!this.isOver)
				this.draw(overview);
		} finally {
			this.isLoading = false;
			this.again(this.running.count > 0 ? BUSY_MS : IDLE_MS);
		}
	}

	again(ms) {
		clearTimeout(this.timer);
		if (!this.isOver)
			this.timer = setTimeout(() => this.reload(), ms);
	}

	// What is shown stays when this goes wrong; the banner says why.
	async reload() {
		if (document.hidden) {
			this.again(IDLE_MS);
			return;
		}
		try {
			await this.load();
		} catch (error) {
			if (error.status !== 0 && !this.isOver)
				put(this.error, errorBox(error));
		}
	}

	loadSoon() {
		this.soon ??= setTimeout(() => {
			this.soon = null;
			this.reload();
		}, SOON_MS);
	}

	onEvent({ event, data }) {
		if (event === 'reset') {
			this.reload();
		} else if (event === 'job') {
			const isNew = !this.running.has(data.id);

			this.running.update(data);
			if (isNew || isFinal(data.state))
				this.loadSoon();
		}
	}

	leave() {
		this.isOver = true;
		clearTimeout(this.timer);
		clearTimeout(this.soon);
	}
}

export async function show(main) {
	const overview = new Overview(main);
	const stop = watch((event) => overview.onEvent(event));

	try {
		await overview.load();
	} catch (error) {
		stop();
		overview.leave();
		throw error;
	}
	return () => {
		stop();
		overview.leave();
	};
}
