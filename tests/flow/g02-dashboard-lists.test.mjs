// SPDX-License-Identifier: Apache-2.0
//
// The list of the dashboard by itself, in a page with rows made up on the spot:
// a million of them, and lists of which nobody knows the length.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Server } from './lib.mjs';
import { Browser, checkQuiet } from './lib-browser.mjs';

const ROWS = 1000000;
const ROWS_MAX = 60; // in the page at once
const PAGES_MAX = 40; // in memory
const SCRIPT_MS = 100;
let server;
let browser;
let page;

before(async () => {
	[server, browser] = await Promise.all([Server.start(),
		Browser.start()]);
	page = await browser.open(server, '#/jobs');
	await page.evaluate(tools);
});
after(async () => {
	await browser?.stop();
	await server?.stop();
});

// In the page: lists to be tried, and what is seen of them.
async function tools() {
	const { VirtualList } = await import('/ui/list.js');
	const { h } = await import('/ui/dom.js');

	globalThis.tryList = (options) => {
		const log = { begun: 0, aborted: 0 };
		// options.gate: a promise that answers wait for.
		const fetch = async (offset, limit, { cursor, signal }) => {
			log.begun += 1;
			signal.addEventListener('abort', () => {
				log.aborted += 1;
			});
			await options.gate;
			return options.page(offset, limit, cursor);
		};

		globalThis.list?.close();
		const list = new VirtualList({ rowHeight: 40, label: 'Rows',
			row: (data) => h('div', h('span', { class: 'name' },
			    data.name), h('button', { type: 'button' }, 'do')),
			open: (data) => {
				log.opened = data.name;
			}, ...options, fetch });

		globalThis.list = list;
		globalThis.log = log;
		document.getElementById('main').replaceChildren(list.element);
		return globalThis.rest();
	};
	// When all rows that are seen have come.
	globalThis.rest = async () => {
		const { list } = globalThis;

		do {
			await new Promise(requestAnimationFrame);
		} while (list.loadTimer !== undefined ||
		    list.pages.loading.size > 0 ||
		    list.scroller.ariaBusy === 'true');
	};
	globalThis.seen = () => {
		const { scroller, layer } = globalThis.list;
		const box = scroller.getBoundingClientRect();

		return [...layer.children].filter((row) => {
			const { top, bottom } = row.getBoundingClientRect();

			return bottom > box.top + 1 && top < box.bottom - 1;
		}).map((row) => row.querySelector('.name')?.textContent);
	};
	const rowOf = globalThis.rowOf = (id) => ({ id, name: `row ${id}` });

	globalThis.million = (offset, limit) => ({ total: 1000000,
		next: null, rows: Array.from(
		    { length: Math.min(limit, 1000000 - offset) },
		    (_, i) => rowOf(offset + i)) });
}

test('any of a million rows is there at once', async () => {
	const tries = await page.evaluate(async (rows) => {
		await globalThis.tryList({ page: globalThis.million });
		const { scroller, layer } = globalThis.list;
		const found = [];

		for (const share of [0, 0.5, 0.123456, 1, 0.999, 0.00005, 0.75,
			1, 0]) {
			const began = performance.now();

			scroller.scrollTop = share * (scroller.scrollHeight -
			    scroller.clientHeight);
			globalThis.list.scrolled();
			const ms = performance.now() - began;

			await globalThis.rest();
			const names = globalThis.seen();

			found.push({ share, ms, first: names[0],
				last: names.at(-1),
				want: share *
				    (rows - scroller.clientHeight / 40),
				elements: layer.children.length,
				pages: globalThis.list.pages.pages.size });
		}
		return found;
	}, ROWS);

	// A machine with other work to do may be slow now and then.
	assert.ok(Math.min(...tries.map(({ ms }) => ms)) < SCRIPT_MS);
	for (const { share, first, last, want, elements, pages } of tries) {
		assert.ok(Math.abs(Number(first.slice(4)) - want) <= 2,
		    `${first} at ${share}`);
		if (share === 0)
			assert.equal(first, 'row 0');
		if (share === 1)
			assert.equal(last, `row ${ROWS - 1}`);
		assert.ok(elements <= ROWS_MAX, `${elements} rows`);
		assert.ok(pages <= PAGES_MAX, `${pages} pages`);
	}
});

test('a small step is as small as ever, also among a million', async () => {
	const [before, later, bar] = await page.evaluate(async () => {
		const { scroller } = globalThis.list;
		const frame = () => new Promise(requestAnimationFrame);

		scroller.scrollTop = 3000000;
		globalThis.list.scrolled();
		await globalThis.rest();
		const begin = globalThis.list.top;

		for (let i = 0; i < 20; i++) {
			scroller.scrollTop += 100;
			await frame();
			await frame();
		}
		await globalThis.rest();
		const end = globalThis.list.top;

		while (Math.abs(scroller.scrollTop - globalThis.list.top / 5) >
		    1000)
			await frame();
		return [begin, end, globalThis.list.top];
	});

	assert.ok(Math.abs(later - before - 2000) < 3, `${later - before}`);
	// Bringing the scroll bar in line has moved nothing.
	assert.equal(bar, later);
});

test('what is scrolled past is not fetched', async () => {
	const { begun, aborted, first, pages } = await page.evaluate(
	    async () => {
		let open;
		const options = { page: globalThis.million };

		await globalThis.tryList(options);
		options.gate = new Promise((done) => {
			open = done;
		});
		const { list, log } = globalThis;

		for (let i = 1; log.begun < 12; i++) {
			list.scroller.scrollTop = 90000 * (i % 80);
			list.scrolled();
			await new Promise(requestAnimationFrame);
		}
		list.scroller.scrollTop = 4000000;
		list.scrolled();
		while (list.loadTimer !== undefined)
			await new Promise(requestAnimationFrame);
		open();
		await globalThis.rest();
		return { ...log, first: globalThis.seen()[0],
			pages: list.pages.pages.size };
	});

	// But for the first page, and one or two that are seen now.
	assert.ok(begun - aborted <= 3, `${aborted} of ${begun} aborted`);
	assert.match(first, /^row 500\d{3}$/);
	assert.ok(pages <= 3, `${pages} pages`);
});

test('by the keyboard', async () => {
	const press = async (key) => {
		await page.keyboard.press(key);
		await page.evaluate(() => globalThis.rest());
		return page.evaluate(() => {
			const { scroller } = globalThis.list;
			const row = document.getElementById(
			    scroller.getAttribute('aria-activedescendant'));

			return [row.getAttribute('aria-rowindex'),
				row.querySelector('.name').textContent,
				globalThis.seen().includes(row.querySelector(
				    '.name').textContent)];
		});
	};

	await page.evaluate(() => globalThis.tryList({
		page: globalThis.million }));
	await page.locator('.list-scroller').focus();
	assert.equal(await page.locator('.list-scroller').getAttribute(
	    'aria-rowcount'), `${ROWS}`);
	assert.deepEqual(await press('ArrowDown'), ['2', 'row 1', true]);
	assert.deepEqual(await press('End'),
	    [`${ROWS}`, `row ${ROWS - 1}`, true]);
	assert.deepEqual(await press('ArrowUp'),
	    [`${ROWS - 1}`, `row ${ROWS - 2}`, true]);
	const [up] = await press('PageUp');

	assert.ok(Number(up) < ROWS - 5);
	assert.deepEqual(await press('PageDown'),
	    [`${ROWS - 1}`, `row ${ROWS - 2}`, true]);
	assert.deepEqual(await press('Home'), ['1', 'row 0', true]);
	await press('ArrowDown');
	await page.keyboard.press('Enter');
	assert.equal(await page.evaluate(() => globalThis.log.opened),
	    'row 1');
	// The row's own button is the next to be tabbed to, and no other.
	await page.keyboard.press('Tab');
	assert.equal(await page.evaluate(() => document.activeElement.closest(
	    '.list-row').getAttribute('aria-rowindex')), '2');
	await page.keyboard.press('Tab');
	assert.equal(await page.evaluate(() => document.activeElement.closest(
	    '.list-row')), null);
});

test('what changes is changed in place', async () => {
	const { same, scroll, focus, gone } = await page.evaluate(
	    async () => {
		let word = 'row';
		const at = (offset, limit) => ({ ...globalThis.million(offset,
		    limit), rows: globalThis.million(offset, limit).rows.map(
		    (row) => row.id % 2 ? row
			: { ...row, name: `${word} ${row.id}` }) });

		await globalThis.tryList({ page: at });
		const { list } = globalThis;
		let missing = 0;

		list.goToRow(5000);
		await globalThis.rest();
		const row = (id) => [...list.layer.children].find((el) =>
		    el.dataset.index === String(id));
		const [odd, even] = [row(4999), row(4998)];
		const scrollTop = list.scroller.scrollTop;
		const watcher = new MutationObserver(() => {
			if (globalThis.seen().some((name) =>
			    name === undefined))
				missing += 1;
		});

		even.querySelector('button').focus();
		watcher.observe(list.element, { subtree: true,
			childList: true });
		word = 'new';
		list.refresh();
		do {
			await globalThis.rest();
		} while (row(4998).textContent !== 'new 4998do');
		watcher.disconnect();
		return { same: row(4999) === odd && row(4998) === even,
			scroll: list.scroller.scrollTop - scrollTop,
			focus: document.activeElement ===
			    row(4998).querySelector('button'), gone: missing };
	});

	assert.deepEqual({ same, scroll, focus, gone }, { same: true,
		scroll: 0, focus: true, gone: 0 });
});

test('a list of unknown length grows as it is read', async () => {
	const found = await page.evaluate(async () => {
		const asked = [];
		let rows = 250;
		const at = (offset, limit, cursor) => {
			const from = cursor === null ? 0 : Number(cursor);
			const to = Math.min(from + Math.min(limit, 60), rows);

			asked.push(from);
			return { total: null, next: to < rows ? String(to)
			    : null, rows: Array.from({ length: to - from },
			    (_, i) => globalThis.rowOf(from + i)),
			};
		};

		await globalThis.tryList({ page: at });
		const { list } = globalThis;
		const first = list.pages.count;

		for (let tries = 0; tries < 5; tries++) {
			list.goToRow(1e9);
			await globalThis.rest();
		}
		const end = [list.pages.count, globalThis.seen().at(-1)];

		// Rows come at the end, and later most of them go.
		rows = 255;
		list.refresh();
		await globalThis.rest();
		const more = list.pages.count;

		rows = 3;
		list.refresh();
		do {
			await globalThis.rest();
		} while (list.pages.count > 3 &&
		    (list.goToRow(0), list.refresh(), true));
		const few = [list.pages.count, globalThis.seen()];

		rows = 0;
		list.refresh();
		do {
			await globalThis.rest();
		} while (list.pages.count > 0);
		return { asked: asked.slice(0, 2), first, end, more, few,
			note: list.note.textContent };
	});

	assert.deepEqual(found, { asked: [0, 60], first: 101,
		end: [250, 'row 249'], more: 255,
		few: [3, ['row 0', 'row 1', 'row 2']], note: 'Nothing here.' });
});

test('what cannot be loaded is said, and tried again', async () => {
	const found = await page.evaluate(async () => {
		let isBroken = true;

		await globalThis.tryList({ page: (offset, limit) => {
			if (isBroken && offset >= 5000)
				throw new Error('the disk is on fire');
			return globalThis.million(offset, limit);
		} }).catch(() => {});
		const { list } = globalThis;
		const until = async (is) => {
			while (!is())
				await new Promise(requestAnimationFrame);
		};

		list.goToRow(5500);
		await until(() => !list.note.hidden);
		const said = list.note.querySelector('[role=alert]')
		    .firstChild.textContent;
		const first = globalThis.log.begun;

		// Nobody is asked again and again meanwhile.
		list.goToRow(5600);
		await until(() => list.loadTimer === undefined);
		const later = globalThis.log.begun;

		isBroken = false;
		list.note.querySelector('button').click();
		await globalThis.rest();
		return { said, more: later - first, hidden: list.note.hidden,
			names: globalThis.seen().includes('row 5600') };
	});

	assert.deepEqual(found, { said: 'This could not be loaded: the disk ' +
	    'is on fire ', more: 0, hidden: true, names: true });
});

test('a job in words', async () => {
	const words = await page.evaluate(async () => {
		const { addressText, etaWords, percentWords, visible,
			waitWords } = await import('/ui/job_words.js');
		const eta = (seconds, low, high) => etaWords({ seconds, low,
			high }).join(', ').replaceAll('\u00a0', ' ');
		const percent = (x) => percentWords({ percent: x,
			state: 'running' }).replace('\u00a0', ' ');
		const waits = (waiting_for, processing, state = 'running') =>
			waitWords({ state, waiting_for,
				counts: { processing } })[0];

		return {
			eta: [eta(240, 180, 420), eta(0.2, 0.1, 1.4),
				eta(7, 7, 7.2), eta(9000, 3600, 40000),
				eta(200000, 90000, 400000), etaWords(null)],
			percent: [0, 12.345, 99.99, 100].map(percent),
			waits: [waits(null, 1), waits('worker', 1),
				waits('worker', 0), waits('storage', 3),
				waits('storage', 0, 'failed'),
				waits('something_new', 0)],
			visible: visible('a\u0000\u202eb\u{1f30a}\u0085'),
			address: ['upload:///a%20%D7%A9.md', 'folder:///%ff',
				'text:///%E2%80%AE'].map(addressText),
		};
	});

	assert.deepEqual(words, {
		eta: ['about 4 min, 3 to 7', 'about 1 s, ', 'about 7 s, ',
			'about 2.5 h, 1 to 11',
			'about 2.5 days, 1 to 4.5', null],
		percent: ['0.0 %', '12.3 %', '99.9 %', '100 %'],
		waits: ['nothing', 'nothing', 'a worker', 'disk space',
			'nothing', 'something new'],
		visible: 'a\u2400[U+202E]b\u{1f30a}[U+0085]',
		address: ['upload:///a \u05e9.md', 'folder:///%ff',
			'text:///[U+202E]'],
	});
	checkQuiet(page);
});
