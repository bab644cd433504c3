// SPDX-License-Identifier: Apache-2.0
//
// What a webhook was told: an event after the other, the attempts of each, and
// a button that sends it again.

import { h, put } from './dom.js';
import { all, get, post } from './api.js';
import { ago, isFinal, number, plural, seconds } from './format.js';
import { busy, button, empty, errorBox, toast } from './app_tools.js';
import { watch } from './live.js';
import { visible } from './job_words.js';
import { deliveryTag, typeWords } from './webhook_words.js';

const PAGE = 25;
const DUE_MS = 2000;	// while something is on its way
const SOON_MS = 500;	// after a job's end
const ATTEMPTS_MAX = 100;

function attemptRow({ number: n, is_manual: isManual, began_at: began,
	took_ms: took, status, message }) {
	const isGood = status !== null && status >= 200 && status < 300;

	return h('tr',
	    h('td', { 'data-label': 'Attempt' }, number(n),
		isManual ? h('span', { class: 'muted' }, ' by hand') : null),
	    h('td', { 'data-label': 'When' }, ago(began)),
	    h('td', { 'data-label': 'Took' }, seconds(took / 1000)),
	    h('td', { 'data-label': 'Answer', class: 'wrap' },
		h('span', status === null ? 'none' : `status ${status}`,
		    message && !isGood
			? h('span', { class: 'muted', dir: 'auto' },
			    ` ${visible(message)}`) : null)));
}

function attemptTable(attempts) {
	return h('table', { class: 'table table-phone attempts' },
	    h('thead', h('tr', ['Attempt', 'When', 'Took', 'Answer']
		.map((name) => h('th', { scope: 'col' }, name)))),
	    h('tbody', attempts.map(attemptRow)));
}

export class Deliveries {
	// news(): something was sent, or has arrived.
	constructor(path, news) {
		Object.assign(this, { path, news });
		this.opened = new Set();	// event ids
		this.count = PAGE;
		this.timer = null;
		this.isOver = false;
		this.drawn = null;	// event id -> {key, el}
		this.list = h('ul', { class: 'deliveries' });
		this.more = button('Older ones', () => this.older());
		this.wrong = h('div');
		this.element = h('section', { class: 'stack' },
		    h('h2', 'Deliveries'), this.wrong, this.list, this.more);
		this.more.hidden = true;
		this.stop = watch(({ event, data }) => {
			if (event === 'reset' || isFinal(data?.state))
				this.loadIn(SOON_MS);
		});
	}

	leave() {
		this.isOver = true;
		this.stop();
		clearTimeout(this.timer);
	}

	loadIn(ms) {
		clearTimeout(this.timer);
		if (!this.isOver)
			this.timer = setTimeout(() => this.load(), ms);
	}

	older() {
		this.count += PAGE;
		return busy(this.more, () => this.load());
	}

	async load() {
		const found = [];
		let isMore = false;

		try {
			for await (const page of all(`${this.path}/deliveries` +
			    `?limit=${PAGE}`, 'deliveries')) {
				if (found.length >= this.count) {
					isMore = true;
					break;
				}
				found.push(...page);
			}
			put(this.wrong);
		} catch (error) {
			if (error.status !== 0)
				put(this.wrong, errorBox(error));
			return;
		}
		if (this.isOver)
			return;
		this.more.hidden = !isMore;
		this.draw(found);
		if (found.some(({ state }) => state === 'due'))
			this.loadIn(DUE_MS);
	}

	// Rows that say the same stay: one of them may have the focus.
	draw(found) {
		const drawn = new Map();

		for (const one of found) {
			const key = JSON.stringify(one);
			const old = this.drawn?.get(one.event_id);

			drawn.set(one.event_id, old?.key === key ? old
			    : { key, el: this.row(one) });
		}
		const isNews = this.drawn !== null && [...drawn].some(
		    ([id, row]) => this.drawn.get(id) !== row);

		this.drawn = drawn;
		put(this.list, [...drawn.values()].map(({ el }) => el));
		if (found.length === 0)
			put(this.list, h('li', empty('Nothing was sent yet.',
			    h('p', 'The next job that ends is. A test shows ' +
				'now whether the receiver works.'))));
		if (isNews)
			this.news();
	}

	row(one) {
		const attempts = h('div', { class: 'table-flat' });
		const again = button('Send again', () => this.resend(one, again),
		    { class: 'button button-small' });
		const el = h('details', { class: 'card delivery',
			open: this.opened.has(one.event_id),
			on: { toggle: () => this.toggle(one, el, attempts) } },
		h('summary', { class: 'delivery-head' },
		    h('span', { class: 'delivery-name' },
			typeWords(one.type),
			one.is_test ? h('span', { class: 'muted' }, ' (test)')
			    : null),
		    h('span', { class: 'muted small' },
			ago(one.created_at), ', ',
			plural(one.attempts, 'attempt')),
		    deliveryTag(one.state)),
		attempts,
		h('div', { class: 'row row-spread' },
		    h('span', { class: 'muted small wrap' },
			h('code', one.event_id),
			one.due_at && one.state === 'due'
			    ? [', next attempt ', ago(one.due_at)] : null),
		    h('span', { class: 'row' },
			one.job_id && !one.is_test
			    ? h('a', { class: 'button button-small',
				href: `#/jobs/${one.job_id}` }, 'The job')
			    : null, again)));

		return h('li', el);
	}

	async toggle(one, el, attempts) {
		if (!el.open) {
			this.opened.delete(one.event_id);
			return;
		}
		this.opened.add(one.event_id);
		try {
			const { attempts: rows } = await get(`${this.path}/` +
			    `deliveries/${one.event_id}/attempts` +
			    `?limit=${ATTEMPTS_MAX}`);

			put(attempts, rows.length === 0
			    ? h('p', { class: 'muted' }, 'No attempt yet.')
			    : attemptTable(rows));
		} catch (error) {
			put(attempts, errorBox(error));
		}
	}

	async resend(one, el) {
		await busy(el, async () => {
			await post(`${this.path}/deliveries/${one.event_id}` +
			    '/resend');
			toast('It is sent again.', 'good');
			await this.load();
		});
	}
}
