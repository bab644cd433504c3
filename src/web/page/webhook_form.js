// SPDX-License-Identifier: Apache-2.0
//
// The dialog that makes or changes a webhook.

import { h } from './dom.js';
import { all } from './api.js';
import { field } from './app_tools.js';
import { formDialog, ticks } from './forms.js';
import { visible } from './job_words.js';
import { TYPES } from './webhook_words.js';

const BASES_MAX = 1000;	// to choose from

async function bases() {
	const found = [];

	for await (const page of all('/bases?limit=1000', 'bases')) {
		found.push(...page);
		if (found.length >= BASES_MAX)
			break;
	}
	return found;
}

// before: the webhook that is changed, null: a new one.  send: what is done
// with what was filled in; resolves with its answer, null when nothing is.
export async function webhookDialog(before, send) {
	const url = h('input', { type: 'url', value: before?.url ?? '',
		autocomplete: 'off', spellcheck: 'false',
		placeholder: 'https://hooks.example.com/tidemark' });
	const description = h('input', { type: 'text', autocomplete: 'off',
		value: before?.description ?? '' });
	const types = ticks('Tell it of', TYPES, before?.types ?? []);
	const ours = await bases();
	// One that was deleted since stays chosen until it is unticked.
	const lost = (before?.bases ?? []).filter((id) =>
	    !ours.some((base) => base.id === id));
	const chosen = ticks('In the bases', [
		...ours.map(({ id, name }) => [id, visible(name)]),
		...lost.map((id) => [id, `a deleted base (${id})`])],
	before?.bases ?? []);

	return formDialog(before === null ? 'New webhook' : 'Change the webhook',
	    {
		parts: [
			field('Address', url, 'Where the server sends to: ' +
			    'https, or a host that the operator allows.'),
			field('Description', description),
			types,
			h('p', { class: 'field-hint' },
			    'None ticked: all of them.'),
			ours.length + lost.length === 0 ? null : [chosen,
				h('p', { class: 'field-hint' },
				    'None ticked: all bases, new ones too.')],
		],
		yes: before === null ? 'Make the webhook' : 'Save',
		send: () => send({ url: url.value.trim(),
			description: description.value.trim(),
			types: types.values(), bases: chosen.values() }),
	});
}
