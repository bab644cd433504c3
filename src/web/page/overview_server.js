// SPDX-License-Identifier: Apache-2.0
//
// How the server itself is: speed, what it asks, what it keeps.

import { h, put } from './dom.js';
import { bytes, number, percent, plural, shortNumber } from './format.js';
import { bars } from './plot.js';

const SERVICES = { embedding: 'Embedding', chat: 'Chat model',
	rerank: 'Reranking' };
// Less free than this share is worth a word.
const FULL = 0.1;

const CLOCK = new Intl.DateTimeFormat('en-GB',
    { hour: '2-digit', minute: '2-digit' });

function minuteWords({ at, items, failed, bytes: size }) {
	return `${CLOCK.format(new Date(at))}: ${plural(items, 'document')}` +
	    (failed > 0 ? `, ${number(failed)} failed` : '') +
	    (size > 0 ? `, ${bytes(size)}` : '');
}

export function drawHour(section, throughput) {
	const { minutes } = throughput;
	const sum = (name) => minutes.reduce((n, minute) => n + minute[name],
	    0);
	const items = sum('items');
	const failed = sum('failed');
	const words = `${plural(items, 'document')} in the last hour, ` +
	    `${number(failed)} failed`;

	section.className = 'card hour';
	put(section, h('h2', 'Last hour'),
	    h('dl', { class: 'figures' },
		h('div', h('dt', 'Documents / s'),
		    h('dd', shortNumber(throughput.items_per_second))),
		h('div', h('dt', 'Read / s'),
		    h('dd', bytes(throughput.bytes_per_second))),
		h('div', h('dt', 'In the hour'),
		    h('dd', number(items)))),
	    bars(minutes.map((minute) => ({
		good: minute.items, bad: minute.failed,
		words: minuteWords(minute) })), { label: words }),
	    h('div', { class: 'row row-spread small muted' },
		h('span', CLOCK.format(new Date(minutes[0].at))),
		h('span', 'documents a minute',
		    failed > 0 ? `, ${number(failed)} failed` : null),
		h('span', 'now')),
	    h('p', { class: 'small muted' },
		'Speeds are those of the last minute.'));
}

function service({ kind, name, is_down: isDown, error }) {
	return h('li', { class: 'service' },
	    h('div', { class: 'row row-spread' },
		h('span', { class: 'strong' }, SERVICES[kind] ?? kind),
		isDown === null ? h('span', { class: 'tag' }, 'not asked yet')
		    : h('span', { class: `tag tag-${isDown ? 'down'
			: 'on'}` }, isDown ? 'does not answer'
			: 'in order')),
	    h('p', { class: 'muted wrap' }, name || 'none'),
	    error ? h('p', { class: 'wrap service-error' }, error) : null);
}

export function drawServices(section, services) {
	section.className = 'card';
	put(section, h('h2', 'Services'), services.length === 0
	    ? h('p', { class: 'muted' }, 'No service is asked for anything.')
	    : h('ul', { class: 'stack' }, services.map(service)));
}

// Of the operator's account only: others are not told.
export function drawStorage(section, storage) {
	section.hidden = storage === null;
	if (storage === null)
		return;
	const { used_bytes: used, free_bytes: free,
		store_bytes: store } = storage;
	const share = used + free > 0 ? used / (used + free) : 0;
	const isFull = free < FULL * (used + free);

	section.className = 'card';
	put(section, h('h2', 'Storage'),
	    h('dl', { class: 'figures' },
		h('div', h('dt', 'The index'), h('dd', bytes(store))),
		h('div', h('dt', 'Free on the disk'), h('dd', bytes(free)))),
	    h('div', { class: 'meter', role: 'img', 'aria-label':
		`${percent(share * 100)} of the disk is full` },
		h('span', { class: 'meter-part',
		    css: { width: `${(share * 100).toFixed(2)}%` } })),
	    h('p', { class: 'small muted meter-words' },
		`${percent(share * 100)} of the disk is full.`),
	    isFull ? h('p', { class: 'notice small' },
		'The disk is nearly full. Jobs wait when there is no room.')
		: null);
}
