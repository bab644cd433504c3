// SPDX-License-Identifier: Apache-2.0
//
// One job, live.  Whatever comes, an event of the stream or the answer of a
// button, carries the job's revision: only a newer one is shown, so numbers
// never go back.  After a long absence the stream says reset, and the job is
// read afresh.

import { announce, put } from './dom.js';
import { isFinal } from './format.js';
import { get } from './api.js';
import { watchJob, watchReturn } from './live.js';
import { errorWords, gone, pageHead, setTitle, toast } from './app_tools.js';
import { JobActions } from './job_actions.js';
import { JobBar } from './job_bar.js';
import { JobFacts } from './job_facts.js';
import { JobFiles } from './job_files.js';
import { JobStages } from './job_stages.js';
import { percentWords, stateSentence, titleWords } from './job_words.js';

// Of percent, between two sentences to those who hear the page.
const SPOKEN_STEP = 25;

class JobView {
	constructor(job, { query, path }) {
		this.job = job;
		this.spoken = Math.floor(job.percent / SPOKEN_STEP);
		this.actions = new JobActions(job, (next) => this.apply(next));
		this.parts = [
			this.actions,
			new JobBar(job),
			new JobStages(job),
			new JobFiles(job, query.get('state'), (state) =>
			    history.replaceState(null, '', `#${path}` +
				(state === 'all' ? '' : `?state=${state}`))),
			new JobFacts(job),
		];
		const [, bar, stages, files, facts] = this.parts;

		this.elements = [
			pageHead(titleWords(job), this.actions.element),
			bar.element, stages.element, files.element,
			facts.element];
		this.title();
	}

	title() {
		setTitle(`${isFinal(this.job.state) ? ''
		    : `${percentWords(this.job)} `}${
			titleWords(this.job)}`);
	}

	apply(job) {
		const before = this.job;

		if (job.id !== before.id || job.revision < before.revision)
			return;
		this.job = job;
		for (const part of this.parts)
			part.update(job);
		this.title();
		this.speak(before);
	}

	speak(before) {
		const step = Math.floor(this.job.percent / SPOKEN_STEP);

		if (this.job.state !== before.state)
			announce(stateSentence(this.job));
		else if (step > this.spoken)
			announce(percentWords(this.job));
		this.spoken = Math.max(step, this.spoken);
	}

	async reload() {
		try {
			this.apply(await get(`/jobs/${this.job.id}`));
		} catch (error) {
			if (this.isClosed)
				return;
			if (error.status !== 404) {
				toast(errorWords(error), 'bad');
				return;
			}
			this.leave();
			gone(this.main, 'The job went with its base.',
			    '#/jobs', 'To the jobs');
		}
	}

	// stop(): ends what tells of the job.
	enter(main, stop) {
		const stopReturn = watchReturn(() => this.reload());

		this.main = main;
		this.stop = () => {
			stop();
			stopReturn();
		};
		put(main, this.elements);
	}

	leave() {
		this.isClosed = true;
		this.stop();
		for (const part of this.parts)
			part.close?.();
	}
}

export async function show(main, params) {
	const id = encodeURIComponent(params.id);
	let view = null;
	let newest = null;
	// Before the job is asked for, so that nothing is missed between.
	const stop = watchJob(params.id, ({ event, data }) => {
		if (event === 'reset')
			return;
		if (view !== null)
			view.apply(data);
		else
			newest = data;
	});

	try {
		view = new JobView(await get(`/jobs/${id}`), params);
	} catch (error) {
		stop();
		throw error;
	}
	if (newest !== null)
		view.apply(newest);
	view.enter(main, stop);
	return () => view.leave();
}
