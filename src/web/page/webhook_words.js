// SPDX-License-Identifier: Apache-2.0
//
// What webhooks are told, and how they are, in words.

import { h } from './dom.js';
import { plural } from './format.js';

// [type, words]
export const TYPES = [
	['job.completed', 'A job completed'],
	['job.completed_with_errors', 'Some documents of a job failed'],
	['job.failed', 'A job failed'],
	['job.cancelled', 'A job was cancelled'],
];

const WHY = {
	by_hand: 'switched off',
	gone: 'switched off: the receiver answered 410, gone',
	failing: 'switched off: nothing has arrived for days',
};

const DELIVERIES = { due: 'on its way', delivered: 'delivered',
	given_up: 'given up' };

export function typeWords(type) {
	return TYPES.find(([name]) => name === type)?.[1] ?? type;
}

export function toldOf({ types, bases }) {
	return `${types.length === 0 ? 'each job that ends'
	    : plural(types.length, 'kind of end', 'kinds of end')}, ` +
	    (bases.length === 0 ? 'all bases' : plural(bases.length, 'base'));
}

export function stateTag({ is_enabled: isOn, disabled_why: why }) {
	return h('span', { class: `tag tag-${isOn ? 'on'
	    : why === 'by_hand' ? 'paused' : 'down'}` },
	isOn ? 'on' : 'off');
}

export function whyOff(webhook) {
	return webhook.is_enabled ? null
	    : WHY[webhook.disabled_why] ?? 'switched off';
}

export function deliveryTag(state) {
	return h('span', { class: `tag tag-${state === 'due' ? 'processing'
	    : state}` }, DELIVERIES[state] ?? state);
}
