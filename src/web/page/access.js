// SPDX-License-Identifier: Apache-2.0
//
// API keys: made (and shown once), listed, revoked.

import { h, put } from './dom.js';
import { del, get, post } from './api.js';
import { ago, plural } from './format.js';
import { busy, button, confirm, field, pageHead, toast }
    from './app_tools.js';
import { formDialog, showSecret } from './forms.js';
import { icon } from './icons.js';
import { visible } from './job_words.js';
import { watchReturn } from './live.js';
import { session } from './session.js';

const LABEL_CHARS = 63;
const ENVIRONMENTS = ['production', 'staging', 'development'];

function labelOf(key) {
	return key.label === '' ? 'no label' : visible(key.label);
}

class Access {
	constructor(main) {
		this.list = h('div', { class: 'stack stack-wide' });
		put(main, pageHead('Keys', button([icon('plus'), 'New key'],
		    () => this.create(), { kind: 'primary' })),
		h('p', { class: 'muted lead' }, 'A key opens the API and this ' +
		    'dashboard. What is in one environment is not there for ' +
		    'keys of the others.'), this.list);
	}

	async load() {
		const { keys } = await get('/keys');
		const said = JSON.stringify(keys);

		// A button of it may have the focus.
		if (said === this.said)
			return;
		this.said = said;
		const live = keys.filter((key) => key.revoked_at === null);
		const dead = keys.filter((key) => key.revoked_at !== null);

		this.live = live;
		put(this.list, this.table(live), dead.length === 0 ? null
		    : h('details', { class: 'stack' },
			h('summary', plural(dead.length, 'revoked key')),
			this.table(dead)));
	}

	table(keys) {
		const isDead = keys.length > 0 && keys[0].revoked_at !== null;

		return h('div', { class: 'table-box' },
		    h('table', { class: 'table table-phone' },
			h('thead', h('tr', h('th', { scope: 'col' }, 'Label'),
			    h('th', { scope: 'col' }, 'Begins with'),
			    h('th', { scope: 'col' }, 'Environment'),
			    h('th', { scope: 'col' }, 'Made'),
			    h('th', { scope: 'col' }, isDead ? 'Revoked'
				: h('span', { class: 'only-heard' },
				    'What can be done')))),
			h('tbody', keys.map((key) => this.row(key)))));
	}

	row(key) {
		const isMine = key.id === session().key_id;

		return h('tr',
		    h('th', { scope: 'row', class: 'wrap', 'data-label':
			'Label' }, h('span', h('bdi',
			{ class: key.label === '' ? 'muted' : null },
			labelOf(key)), isMine
			? h('span', { class: 'muted key-mine' },
			    ' signed in with it') : null)),
		    h('td', { 'data-label': 'Begins with' },
			h('code', `${key.prefix}\u2026`)),
		    h('td', { 'data-label': 'Environment' }, key.environment),
		    h('td', { 'data-label': 'Made' }, ago(key.created_at)),
		    key.revoked_at !== null
			? h('td', { 'data-label': 'Revoked' },
			    ago(key.revoked_at))
			: h('td', { class: 'actions' }, this.revoker(key,
			    isMine)));
	}

	revoker(key, isMine) {
		const el = button('Revoke', () => this.revoke(key, isMine, el),
		    { class: 'button button-danger button-small',
		    'aria-label': `Revoke ${labelOf(key)}` });

		return el;
	}

	async revoke(key, isMine, el) {
		const words = ['Programs that use it are refused from their ' +
		    'next request on. This cannot be undone.'];

		if (isMine)
			words.push('You are signed in with this key: you will ' +
			    'need another one to go on.');
		if (this.live.length === 1)
			words.push('It is the last key. Another can then only ' +
			    'be made on the server\u2019s machine.');
		if (!await confirm(words.join(' '), {
			title: `Revoke the key \u201c${labelOf(key)}\u201d?`,
			yes: 'Revoke' }))
			return;
		await busy(el, async () => {
			await del(`/keys/${key.id}`);
			toast(`${labelOf(key)} is revoked.`, 'good');
			if (isMine)
				location.reload();
			else
				await this.load();
		});
	}

	async create() {
		const label = h('input', { type: 'text', autocomplete: 'off',
			maxlength: LABEL_CHARS });
		const environment = h('select', { value: session().environment },
		    ENVIRONMENTS.map((name) => h('option', { value: name },
			name)));
		const made = await formDialog('New key', {
			parts: [
				field('Label', label, 'Who or what uses it, ' +
				    'for example \u201cchat app\u201d.'),
				field('Environment', environment),
			],
			yes: 'Make the key',
			send: () => post('/keys', { label: label.value.trim(),
				environment: environment.value }),
		});

		if (made === null)
			return;
		await showSecret('The new key', 'Key', made.key,
		    h('p', { class: 'muted small' }, 'Programs send it as ',
			h('code', 'Authorization: Bearer KEY'), '.'));
		await this.load().catch((error) => toast(error.message, 'bad'));
	}
}

export async function show(main) {
	const access = new Access(main);

	await access.load();
	return watchReturn(() => access.load().catch(() => {}));
}
