// SPDX-License-Identifier: Apache-2.0
//
// The files on their way into one base: first they are sent, some hundreds in
// one request, then each is followed until it is indexed.
//
//	to_send -> sending -> queued -> the states of items
//	   |          |-> unsent (the request failed; it may be sent again)
//	   |-> refused (before it was sent)        to_send, sending -> cancelled

import { get, post } from './api.js';
import { bytes, isFinal } from './format.js';
import { watchJob } from './live.js';
import { isReadable, sendFiles } from './base_request.js';
import { seldom } from './base_words.js';

const BATCH_FILES = 500;
const BATCH_BYTES = 64e6;
const LOOK_MS = 1000;
const ITEMS = 1000;	// rows of a page of items
const LATE = new Set(['to_send', 'sending']);
const ENDED = new Set(['completed', 'skipped', 'failed', 'cancelled',
	'refused', 'unsent']);

const encoder = new TextEncoder();

// Why the file need not be sent at all; null: it may be.
function refusal({ file, name }, limits) {
	const length = encoder.encode(name).length;

	if (file.size > limits.file_bytes)
		return { code: 'FILE_TOO_LARGE', message: `It has ${bytes(
			file.size)}; the server takes files of at most ${
			bytes(limits.file_bytes)}.` };
	if (length > limits.upload_name_bytes)
		return { code: 'NAME_TOO_LONG', message: `Its name has ${
			length} bytes; the server takes ${
			limits.upload_name_bytes}.` };
	return null;
}

export class Sending {
	// changed(): something of it is another now; called often.
	constructor(base, limits, changed) {
		Object.assign(this, { base, limits, changed });
		this.rows = [];
		this.jobs = new Map();	// id -> what is followed
		this.counts = {};	// rows of each state
		this.sizes = { all: 0, sent: 0 };
		this.trouble = null;	// an error that another try may mend
		this.next = 0;		// no row before it is to be sent
		this.isRunning = false;
	}

	get isSending() {
		return this.count(...LATE) > 0;
	}

	get isOver() {
		return this.count(...ENDED) === this.rows.length;
	}

	count(...states) {
		return states.reduce((sum, state) =>
		    sum + (this.counts[state] ?? 0), 0);
	}

	move(row, state, error = null) {
		if (row.state !== undefined)
			this.counts[row.state] -= 1;
		row.state = state;
		row.error = error;
		this.counts[state] = (this.counts[state] ?? 0) + 1;
	}

	add(files) {
		for (const { file, name } of files) {
			const row = { id: this.rows.length, file, name,
				size: file.size, sent: 0, document: null };
			const error = refusal(row, this.limits);

			this.rows.push(row);
			this.move(row, error === null ? 'to_send' : 'refused',
			    error);
			if (error === null)
				this.sizes.all += row.size;
		}
		this.run();
	}

	// What was not sent for want of an answer.
	again() {
		for (const row of this.rows)
			if (row.state === 'unsent')
				this.move(row, 'to_send');
		this.next = 0;
		this.run();
	}

	// ---- sending ------------------------------------------------------

	batch() {
		const batch = [];
		let size = 0;

		for (; this.next < this.rows.length; this.next++) {
			const row = this.rows[this.next];

			if (row.state !== 'to_send')
				continue;
			if (batch.length > 0 && (batch.length >= BATCH_FILES ||
			    size + row.size > BATCH_BYTES))
				break;
			size += row.size;
			batch.push(row);
		}
		return batch;
	}

	async run() {
		this.changed();
		if (this.isRunning)
			return;
		this.isRunning = true;
		this.abort = new AbortController();
		for (;;) {
			const batch = this.batch();

			if (batch.length === 0)
				break;
			if (this.abort.signal.aborted)
				this.abort = new AbortController();
			try {
				await this.send(batch);
			} catch (error) {
				this.fail(batch, error);
			}
			this.changed();
		}
		this.isRunning = false;
		this.changed();
	}

	// A request that fails takes its files with it; those after it are not
	// worth a try when nobody answers.
	fail(batch, error) {
		const isGone = error.status === 0 || error.status === 404;
		const rows = this.abort.signal.aborted || !isGone ? batch
		    : this.rows;

		this.trouble = null;
		for (const row of rows) {
			if (!LATE.has(row.state))
				continue;
			this.sizes.sent -= row.sent;
			row.sent = 0;
			if (this.abort.signal.aborted)
				this.move(row, 'cancelled');
			else
				this.move(row, 'unsent', { code: error.code,
					message: error.message });
		}
	}

	async readable(batch) {
		const rows = [];

		for (const row of batch) {
			if (await isReadable(row.file))
				rows.push(row);
			else
				this.move(row, 'refused', {
					code: 'NOT_READABLE', message:
					'The browser cannot read it any more.',
				});
		}
		return rows;
	}

	async send(batch) {
		const path = `/bases/${this.base.id}`;

		// Whoever has to sign in first, or has no base any more, had
		// better know before the bytes are on their way.
		await get(path, { signal: this.abort.signal });
		const rows = await this.readable(batch);

		if (rows.length === 0)
			return;
		this.abort.signal.throwIfAborted();
		for (const row of rows)
			this.move(row, 'sending');
		const { job } = await sendFiles(`${path}/documents`, rows, {
			signal: this.abort.signal,
			progress: (sent, all) => this.progress(rows, sent, all),
			waits: (error) => {
				this.trouble = error;
				this.changed();
			},
		});

		this.progress(rows, 1, 1);
		for (const row of rows) {
			this.move(row, 'queued');
			row.file = null;	// the browser may forget it
		}
		this.follow(job, rows);
	}

	// The form's bytes, as if they were the files' alone: one after the
	// other, as they are sent.
	progress(rows, sent, all) {
		const total = rows.reduce((sum, row) => sum + row.size, 0);
		let left = all > 0 ? Math.floor(total * sent / all) : 0;

		for (const row of rows) {
			const now = Math.min(row.size, left);

			this.sizes.sent += now - row.sent;
			row.sent = now;
			left -= now;
		}
		this.changed();
	}

	// ---- indexing -----------------------------------------------------

	follow(job, rows) {
		const followed = { job, rows, inside: new Map(), look: null };

		followed.look = seldom(() => this.look(followed), LOOK_MS);
		followed.stop = watchJob(job.id, ({ event, data }) => {
			if (event === 'job')
				followed.job = data;
			followed.look();
		});
		this.jobs.set(job.id, followed);
		followed.look();
	}

	unfollow(followed) {
		followed.stop();
		followed.look.stop();
		followed.isOver = true;
	}

	async look(followed) {
		if (followed.isLooking || followed.isOver)
			return;
		followed.isLooking = true;
		try {
			const job = await get(`/jobs/${followed.job.id}`);

			followed.job = job;
			await this.items(followed);
			if (isFinal(job.state))
				this.unfollow(followed);
		} catch (error) {
			if (error.status === 404)
				this.lose(followed);
			else
				followed.look();
		}
		followed.isLooking = false;
		this.changed();
	}

	// Items come in the order in which they were found: those that were
	// sent before their members, of which only failures are told.
	async items(followed) {
		const path = `/jobs/${followed.job.id}/items?limit=${ITEMS}`;
		const { rows, job } = followed;
		let cursor = null;
		let at = 0;

		do {
			const page = await get(cursor === null ? path
			    : `${path}&cursor=${encodeURIComponent(cursor)}`);

			for (const item of page.items)
				if (item.parent_id === null && at < rows.length)
					this.take(rows[at++], item);
			cursor = page.next_cursor;
		} while (cursor !== null && at < rows.length);
		if (job.counts.failed <=
		    rows.filter(({ state }) => state === 'failed').length)
			return;
		for (const item of (await get(`${path}&state=failed`)).items)
			if (item.parent_id !== null)
				this.takeMember(followed, item);
	}

	take(row, item) {
		row.document = item.document_id;
		this.move(row, item.state, item.error);
	}

	takeMember(followed, item) {
		let row = followed.inside.get(item.id);

		if (row === undefined) {
			row = { id: this.rows.length, file: null,
				name: item.name, size: item.bytes, sent: 0,
				document: null };
			this.rows.push(row);
			followed.inside.set(item.id, row);
		}
		this.take(row, item);
	}

	// The base is gone, and its jobs with it.
	lose(followed) {
		for (const row of followed.rows)
			if (!ENDED.has(row.state))
				this.move(row, 'cancelled');
		this.unfollow(followed);
	}

	// ---- ending -------------------------------------------------------

	async cancel() {
		this.abort?.abort();
		for (const row of this.rows)
			if (row.state === 'to_send')
				this.move(row, 'cancelled');
		this.changed();
		for (const followed of this.jobs.values()) {
			if (followed.isOver)
				continue;
			await post(`/jobs/${followed.job.id}/cancel`);
			followed.look();
		}
	}

	close() {
		for (const followed of this.jobs.values())
			this.unfollow(followed);
	}
}
