// SPDX-License-Identifier: Apache-2.0
//
// The six steps as a timeline: which are passed, which are at work, and where
// the time went.

import { h, put } from './dom.js';
import { isFinal, number, seconds } from './format.js';

const STEPS = {
	extracting: ['Extracting', 'text is taken out of the file'],
	cleaning: ['Cleaning', 'headers, page numbers and the like go'],
	chunking: ['Chunking', 'the text is cut into segments'],
	tagging: ['Tagging', 'keywords, language and title are found'],
	embedding: ['Embedding', 'each segment gets its vector'],
	finalizing: ['Finalizing', 'it becomes what queries find'],
};

// Most steps of a small file are quick.
function time(s) {
	if (s >= 0.95)
		return seconds(s);
	return s < 0.0005 ? 'under 1\u00a0ms'
	    : `${Math.round(s * 1000)}\u00a0ms`;
}

// As a word, for those who do not see the sign.  mayCome: there are files that
// have not come to it.
function standing(stage, job, mayCome) {
	if (stage.items > 0)
		return job.state === 'paused' ? 'held' : 'at work';
	if (stage.done === 0)
		return mayCome ? 'not yet' : 'not needed';
	return mayCome ? 'between files' : 'done';
}

class Step {
	constructor(name) {
		const [title, what] = STEPS[name] ?? [name, ''];

		this.sign = h('span', { class: 'stage-sign',
			'aria-hidden': 'true' });
		this.standing = h('span', { class: 'stage-standing muted' });
		this.bar = h('span', { class: 'stage-time' });
		this.seconds = h('span', { class: 'stage-seconds' });
		this.files = h('span', { class: 'stage-files muted' });
		this.element = h('li', { class: 'stage' }, this.sign,
		    h('div', { class: 'stage-name', title: what },
			h('span', title), this.standing),
		    h('div', { class: 'stage-way', 'aria-hidden': 'true' },
			this.bar),
		    h('div', { class: 'stage-figures' }, this.seconds,
			this.files));
	}

	update(stage, job, all, mayCome) {
		const share = all > 0 ? stage.seconds / all : 0;
		const how = standing(stage, job, mayCome);

		this.element.dataset.standing = how;
		put(this.standing, how);
		this.bar.style.width = `${share * 100}%`;
		// Not the sum: files are in a step side by side, and together
		// they have been there for longer than the job is old.
		put(this.seconds, stage.done > 0
		    ? time(stage.seconds / stage.done) : '\u2013',
		h('span', { class: 'muted' }, ' a file'));
		this.seconds.title = `${seconds(stage.seconds)} over all ` +
		    'files, side by side';
		put(this.files, stage.items > 0
		    ? `${number(stage.items)} in it, ` : '',
		`${number(stage.done)} passed`);
	}
}

export class JobStages {
	constructor(job) {
		this.steps = new Map(job.stages.map(({ name }) =>
		    [name, new Step(name)]));
		this.element = h('section', { class: 'card job-stages',
			'aria-labelledby': 'stages-title' },
		h('h2', { id: 'stages-title' }, 'Stages'),
		h('ol', { class: 'stage-list' }, [...this.steps.values()].map(
		    ({ element }) => element)),
		h('p', { class: 'muted small' }, 'How long a file is in each ' +
		    'step, on average; many are at once. Finalizing includes ' +
		    'the wait until it is safe on the disk.'));
		this.update(job);
	}

	update(job) {
		const all = job.stages.reduce((sum, stage) =>
		    sum + stage.seconds, 0);
		let mayCome = !isFinal(job.state) && (job.counts.queued > 0 ||
		    ['pending', 'scanning'].includes(job.state));

		for (const stage of job.stages) {
			this.steps.get(stage.name)?.update(stage, job, all,
			    mayCome);
			mayCome = mayCome || stage.items > 0;
		}
	}
}
