// SPDX-License-Identifier: Apache-2.0
//
// What else is known of a job, and where other interfaces show it.

import { h, put } from './dom.js';
import { kindWords, number, time } from './format.js';
import { copyField } from './app_tools.js';
import { putNew } from './job_bar.js';
import { visible } from './job_words.js';

const DIALECTS = { dify: 'Dify', digitalocean: 'DigitalOcean',
	captain: 'Captain', cognee: 'Cognee' };

// [name, value] of each; null leaves it out.
function facts(job) {
	return [
		['Kind', kindWords(job.kind)],
		['Asked for through', DIALECTS[job.dialect] ?? 'Tidemark'],
		['Base', h('a', { href: `#/bases/${job.base_id}` },
		    h('bdi', visible(job.base)))],
		['Attempt', number(job.attempt) +
		    (job.attempt > 1 ? ' (it repeats an earlier job)' : '')],
		['Created', time(job.created_at)],
		['Started', time(job.started_at)],
		['Last change', time(job.updated_at)],
		['Ended', job.finished_at === null ? null
		    : time(job.finished_at)],
		['Cancelled by', job.cancelled_by],
		['Undone', job.undone_at === null ? null : time(job.undone_at)],
		['Revision', number(job.revision)],
		['Generation of the index', number(job.generation)],
		['Embedding tokens', job.embedding_tokens > 0
		    ? number(job.embedding_tokens) : null],
		['Id', h('code', job.id)],
		['Batch', h('code', job.batch)],
	].filter(([, value]) => value !== null);
}

function links(job) {
	return Object.entries(DIALECTS).filter(([name]) => job.links[name])
	    .map(([name, title]) => h('li', h('span', title),
		copyField(`Address of this job for ${title}`,
		    location.origin + job.links[name])));
}

export class JobFacts {
	constructor(job) {
		this.list = h('dl', { class: 'facts' });
		this.values = new Map();
		this.element = h('section', { class: 'card job-more',
			'aria-labelledby': 'facts-title' },
		h('h2', { id: 'facts-title' }, 'Details'), this.list,
		h('h3', 'The same job for other clients'),
		h('p', { class: 'muted small' }, 'A GET of these addresses ' +
		    'with an API key shows this job as each product does.'),
		h('ul', { class: 'job-links' }, links(job)));
		this.update(job);
	}

	update(job) {
		const now = facts(job);

		if (now.length !== this.values.size) {
			this.values = new Map(now.map(([name]) =>
			    [name, h('dd', { dir: 'auto' })]));
			put(this.list, [...this.values].map(([name, el]) =>
			    [h('dt', name), el]));
		}
		for (const [name, value] of now)
			putNew(this.values.get(name), value);
	}
}
