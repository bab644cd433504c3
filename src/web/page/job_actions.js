// SPDX-License-Identifier: Apache-2.0
//
// What can be done with a job: only what makes sense as it stands is there.

import { h, put } from './dom.js';
import { isFinal, number, plural } from './format.js';
import { post } from './api.js';
import { busy, button, confirm, dialog, toast } from './app_tools.js';
import { visible } from './job_words.js';

const UNDONE_SHOWN = 100;

// A new job of items of an old one; leads there.
export async function retry(el, job, items) {
	const answer = await busy(el, () =>
	    post(`/jobs/${job.id}/retry`, { items }));

	if (answer === undefined)
		return;
	toast('This is the new job. The old one stays as it is.', 'good');
	location.hash = `#/jobs/${answer.job.id}`;
}

function undoneList(title, rows) {
	const more = rows.length - UNDONE_SHOWN;

	return rows.length === 0 ? null : [
		h('h3', `${title}: ${number(rows.length)}`),
		h('ul', { class: 'undone' }, rows.slice(0, UNDONE_SHOWN).map(
		    ({ name }) => h('li', h('bdi', visible(name)))),
		more > 0 ? h('li', { class: 'muted' },
		    `and ${number(more)} more`) : null),
	];
}

export class JobActions {
	// apply(job): the job as an answer has it.
	constructor(job, apply) {
		this.apply = apply;
		this.element = h('div', { class: 'row job-actions',
			role: 'group',
			'aria-label': 'What can be done with this job' });
		this.buttons = {
			pause: button('Pause', () => this.order('pause')),
			resume: button('Resume', () => this.order('resume'),
			    { kind: 'primary' }),
			cancel: button('Cancel\u2026', () => this.cancel(),
			    { kind: 'danger' }),
			failed: button('', (event) => retry(event.currentTarget,
			    this.job, 'failed'), { kind: 'primary' }),
			all: button('Run all again', () => this.all()),
			undo: button('Undo\u2026', () => this.undo(),
			    { kind: 'danger' }),
		};
		this.shown = '';
		this.update(job);
	}

	names(job) {
		if (!isFinal(job.state))
			return [job.state === 'paused' ? 'resume' : 'pause',
				'cancel'];
		return [
			job.counts.failed > 0 ? 'failed' : null,
			job.counts.total > 0 ? 'all' : null,
			this.mayBeUndone(job) ? 'undo' : null,
		].filter(Boolean);
	}

	mayBeUndone(job) {
		return typeof job.undo_until === 'string' &&
		    new Date(job.undo_until) > new Date();
	}

	update(job) {
		const names = this.names(job);

		this.job = job;
		put(this.buttons.failed, `Retry ${plural(job.counts.failed,
		    'failed file')}`);
		if (this.shown === names.join())
			return;
		this.shown = names.join();
		// Whoever was at a button that went is at the group's next one.
		const wasHere = this.element.contains(document.activeElement);

		put(this.element, names.map((name) => this.buttons[name]));
		if (wasHere && !this.element.contains(document.activeElement))
			this.element.firstElementChild?.focus();
	}

	async order(what) {
		const wasHere = this.element.contains(document.activeElement);
		const answer = await busy(this.buttons[what], () =>
		    post(`/jobs/${this.job.id}/${what}`));

		if (answer !== undefined)
			this.apply(answer.job);
		// An event came first, and the button went with the focus.
		if (wasHere && document.activeElement === document.body)
			this.element.firstElementChild?.focus();
	}

	async cancel() {
		const { completed, queued, processing } = this.job.counts;
		const isYes = await confirm(
		    `${plural(queued + processing, 'file')} will not be ` +
		    'indexed. ' +
		    (completed > 0 ? `What is completed, ${plural(completed,
			'document')} by now, stays and can be found. ` : '') +
		    'A cancelled job cannot be resumed, only run again.',
		    { title: 'Cancel this job?', yes: 'Cancel the job',
			no: 'Let it run' });

		if (isYes)
			await this.order('cancel');
	}

	async all() {
		const isYes = await confirm('A new job looks at ' +
		    `${plural(this.job.counts.total, 'file')} of this one ` +
		    'again. Those that have not changed are skipped.',
		    { title: 'Run all again?', yes: 'Run again', no: 'No',
			isDanger: false });

		if (isYes)
			await retry(this.buttons.all, this.job, 'all');
	}

	async undo() {
		const isYes = await confirm('Documents that this job made ' +
		    'are removed, and those that it changed become what they ' +
		    'were. What was changed since is left alone. This cannot ' +
		    'be taken back.', { title: 'Undo this job?',
			yes: 'Undo it' });
		const answer = isYes ? await busy(this.buttons.undo, () =>
		    post(`/jobs/${this.job.id}/undo`)) : undefined;

		if (answer === undefined)
			return;
		this.apply(answer.job);
		await dialog('The job is undone', (close) => [
			undoneList('Removed', answer.removed),
			undoneList('Restored', answer.restored),
			undoneList('Left as they are now', answer.kept),
			h('div', { class: 'row dialog-actions' },
			    button('Close', () => close(),
				{ autofocus: true })),
		]);
	}
}
