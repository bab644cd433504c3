// SPDX-License-Identifier: Apache-2.0
//
// One webhook: how it is, what it was told, and what can be done about it.

import { h, put } from './dom.js';
import { del, get, patch, post } from './api.js';
import { ago, plural, time } from './format.js';
import { busy, button, confirm, field, gone, pageHead, toast }
    from './app_tools.js';
import { formDialog, showSecret } from './forms.js';
import { redraw } from './base_words.js';
import { visible } from './job_words.js';
import { watchReturn } from './live.js';
import { Deliveries } from './webhook_deliveries.js';
import { webhookDialog } from './webhook_form.js';
import { TYPES, stateTag, toldOf, typeWords, whyOff }
    from './webhook_words.js';

const HOUR_MS = 3600000;
const DAY_MS = 24 * HOUR_MS;

// As <input type="datetime-local"> takes it.
function local(date) {
	const shifted = new Date(date - date.getTimezoneOffset() * 60000);

	return shifted.toISOString().slice(0, 16);
}

class Webhook {
	constructor(main, webhook) {
		this.main = main;
		this.path = `/webhooks/${webhook.id}`;
		this.facts = h('section', { class: 'card stack' });
		this.head = h('div');
		this.deliveries = new Deliveries(this.path, () =>
		    this.refresh());
		this.stop = watchReturn(() => this.refresh());
		put(main, this.head, this.facts, this.deliveries.element);
		this.draw(webhook);
	}

	draw(webhook) {
		const said = JSON.stringify(webhook);

		// A button of it may have the focus.
		if (said === JSON.stringify(this.webhook))
			return;
		this.webhook = webhook;
		put(this.head, pageHead(visible(webhook.url),
		    this.action('Send a test', () => this.test(), 'primary'),
		    this.action('Change', () => this.change()),
		    this.action(webhook.is_enabled ? 'Switch off'
			: 'Switch on', () => this.toggle())));
		this.drawFacts();
	}

	action(words, call, kind = '') {
		const el = button(words, () => busy(el, call), { kind });

		return el;
	}

	drawFacts() {
		const { webhook } = this;
		const why = whyOff(webhook);
		const fact = (name, value) => value === null ? null
		    : [h('dt', name), h('dd', value)];

		put(this.facts,
		    h('dl', { class: 'facts' },
			fact('State', h('span', { class: 'row' },
			    stateTag(webhook), why === null ? null
				: h('span', why, ', ',
				    ago(webhook.disabled_at)))),
			fact('Description', webhook.description === '' ? null
			    : h('bdi', visible(webhook.description))),
			fact('Told of', webhook.types.length === 0
			    ? toldOf(webhook)
			    : `${webhook.types.map(typeWords).join('; ')}`),
			webhook.types.length === 0 || webhook.bases.length === 0
			    ? null : fact('Bases',
				plural(webhook.bases.length, 'base')),
			fact('Made', [time(webhook.created_at),
				webhook.dialect === 'native' ? null
				    : ` through the ${webhook.dialect} API`]),
			fact('Arrived last', webhook.succeeded_at === null
			    ? 'never' : ago(webhook.succeeded_at)),
			fact('Old secret', webhook.old_secret_until === null
			    ? null : ['signs, too, until ',
				time(webhook.old_secret_until)])),
		    webhook.is_silent ? h('p', { class: 'notice' }, 'It was ' +
			'made with filters that no job here passes: it is ' +
			'told of nothing.') : null,
		    h('div', { class: 'row' },
			this.action('New secret', () => this.rotate()),
			this.action('Send what did not arrive', () =>
			    this.recover()),
			this.action('Delete', () => this.remove(), 'danger')));
	}

	async load() {
		this.draw(await get(this.path));
		await this.deliveries.load();
	}

	// How it is by now.
	async refresh() {
		try {
			const now = await get(this.path);

			redraw(this.main, () => this.draw(now));
		} catch (error) {
			if (error.status !== 404)
				return;
			this.leave();
			gone(this.main, 'The webhook was deleted.',
			    '#/webhooks', 'To the webhooks');
		}
	}

	leave() {
		this.stop();
		this.deliveries.leave();
	}

	async change() {
		const now = await webhookDialog(this.webhook, (fields) =>
		    patch(this.path, fields));

		if (now !== null)
			this.draw(now);
	}

	async toggle() {
		this.draw(await patch(this.path,
		    { is_enabled: !this.webhook.is_enabled }));
		toast(`The webhook is ${this.webhook.is_enabled ? 'on'
		    : 'off'}.`, 'good');
	}

	async rotate() {
		if (!await confirm('For 24 hours each request is signed with ' +
		    'both secrets, so that the receiver can be changed in the ' +
		    'meantime.', { title: 'Make a new secret?',
			yes: 'Make it', no: 'Cancel', isDanger: false }))
			return;
		const { secret } = await post(`${this.path}/rotate`);

		await showSecret('The new secret', 'Secret', secret);
		await this.load();
	}

	async test() {
		const type = h('select', TYPES.map(([value, words]) =>
		    h('option', { value }, words)));
		const sent = await formDialog('Send a test', {
			parts: [field('Event', type, 'A made-up event, marked ' +
			    'as a test. What came of it stands below.')],
			yes: 'Send',
			send: () => post(`${this.path}/test`,
			    { type: type.value }),
		});

		if (sent !== null)
			await this.deliveries.load();
	}

	async recover() {
		const since = h('input', { type: 'datetime-local', step: '60',
			value: local(new Date(Date.now() - DAY_MS)) });
		const answer = await formDialog('Send what did not arrive', {
			parts: [field('Since', since, 'Events that have not ' +
			    'arrived since then are sent again, those too that ' +
			    'came while it was off. They are kept for 30 ' +
			    'days.')],
			yes: 'Send again',
			send: () => {
				const date = new Date(since.value);

				if (Number.isNaN(date.getTime()))
					throw new Error('Enter a day and a ' +
					    'time.');
				return post(`${this.path}/recover`,
				    { since: date.toISOString() });
			},
		});

		if (answer === null)
			return;
		toast(answer.count === 0 ? 'Everything has arrived.'
		    : `${plural(answer.count, 'event')} on the way.`, 'good');
		await this.deliveries.load();
	}

	async remove() {
		if (!await confirm('Its log of deliveries goes with it.', {
			title: `Delete the webhook to ${visible(
			    this.webhook.url)}?`, yes: 'Delete' }))
			return;
		await del(this.path);
		toast('The webhook is deleted.', 'good');
		location.hash = '#/webhooks';
	}
}

export async function show(main, { id }) {
	const webhook = new Webhook(main,
	    await get(`/webhooks/${encodeURIComponent(id)}`));

	await webhook.deliveries.load();
	return () => webhook.leave();
}
