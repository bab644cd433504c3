// SPDX-License-Identifier: Apache-2.0
//
// Addresses that are told of jobs that ended.

import { h, put } from './dom.js';
import { get, post } from './api.js';
import { ago } from './format.js';
import { busy, button, empty, pageHead } from './app_tools.js';
import { showSecret } from './forms.js';
import { icon } from './icons.js';
import { visible } from './job_words.js';
import { watchReturn } from './live.js';
import { webhookDialog } from './webhook_form.js';
import { stateTag, toldOf, whyOff } from './webhook_words.js';

function row(webhook) {
	const why = whyOff(webhook);

	return h('tr',
	    h('th', { scope: 'row', class: 'wrap' },
		h('span', { class: 'webhook-name' },
		    h('a', { href: `#/webhooks/${webhook.id}`, class: 'wrap' },
			visible(webhook.url)),
		    webhook.description === '' ? null
			: h('bdi', { class: 'muted small' },
			    visible(webhook.description)))),
	    h('td', { 'data-label': 'Told of' }, toldOf(webhook)),
	    h('td', { 'data-label': 'Arrived last' },
		webhook.succeeded_at === null
		    ? h('span', { class: 'muted' }, 'never')
		    : ago(webhook.succeeded_at)),
	    h('td', { 'data-label': 'State' }, h('span',
		{ title: why }, stateTag(webhook))));
}

function table(webhooks) {
	return h('div', { class: 'table-box' },
	    h('table', { class: 'table table-phone' },
		h('thead', h('tr', h('th', { scope: 'col' }, 'Address'),
		    h('th', { scope: 'col' }, 'Told of'),
		    h('th', { scope: 'col' }, 'Arrived last'),
		    h('th', { scope: 'col' }, 'State'))),
		h('tbody', webhooks.map(row))));
}

// The secret is in the answer of this one request, and nowhere else.
async function create(el) {
	const made = await busy(el, () => webhookDialog(null, (fields) =>
	    post('/webhooks', fields)));

	if (!made)
		return;
	await showSecret('The webhook\u2019s secret', 'Secret', made.secret,
	    h('p', { class: 'muted small' }, 'The receiver checks with it ' +
		'that a request is from this server.'));
	location.hash = `#/webhooks/${made.id}`;
}

export async function show(main) {
	const list = h('div');
	let said = null;
	const load = async () => {
		const { webhooks } = await get('/webhooks');
		const now = JSON.stringify(webhooks);

		// A link of it may have the focus.
		if (now !== said)
			put(list, webhooks.length > 0 ? table(webhooks)
			    : empty('No webhook yet.', h('p', 'Without one, ' +
				'programs ask how a job is, or follow its ' +
				'events.')));
		said = now;
	};
	const maker = button([icon('plus'), 'New webhook'], () =>
	    create(maker), { kind: 'primary' });

	put(main, pageHead('Webhooks', maker),
	    h('p', { class: 'muted lead' }, 'When a job ends, the server ' +
		'tells these addresses with a signed request.'), list);
	await load();
	return watchReturn(() => load().catch(() => {}));
}
