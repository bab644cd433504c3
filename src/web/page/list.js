// SPDX-License-Identifier: Apache-2.0
//
// A list of any length.  Only the rows in view are in the page; those around
// them are fetched when it has come to rest for a moment, and what was scrolled
// past is not fetched.
//
// Browsers know no element higher than some million pixels.  A list that would
// be scrolls through RANGE_MAX pixels instead: a small step moves by as many
// pixels as ever, a long one (of the scroll bar) goes to the same share of the
// list; between the two the scroll bar is brought in line when all is still.

import { h, newId, put } from './dom.js';
import { Pages } from './list_pages.js';
import { CONTROLS, Rows } from './list_rows.js';

const RANGE_MAX = 8e6;	// pixels; Firefox ends at 17 million
const ROWS_MAX = 60;	// in the page at once
const AROUND = 8;	// rows above and below the view
const LOAD_MS = 40;	// between two looks at what is missing
const STILL_MS = 160;

// rowHeight: pixels.
// fetch: async (offset, limit, {cursor, signal}) => {rows, total, next}.
//	total: how many rows the whole list has; null: not known, then next is
//	the cursor that the following page is asked for with, null at the end.
// row: (data, index) => Element, whose children are the row's cells.
//	Handlers belong to what is in it: the row stays when its data change.
// label: what the list holds, for those who hear it.
// key: (data) => what tells rows apart, for update().
// open: (data) => ..., on a click on a row or Enter.
// empty: () => Node, what is shown when there are no rows.
//
// .element is to be put into the page, close() to be called when it goes.
export class VirtualList {
	constructor({ rowHeight, fetch, row, label, key = (data) => data.id,
		open = null, empty = () => 'Nothing here.' }) {
		Object.assign(this, { rowHeight, key, open, empty });
		this.id = newId('list');
		this.pages = new Pages(fetch, () => this.changed());
		this.top = 0;		// pixels above the view, not scaled
		this.last = 0;		// where the scroll bar was
		this.view = 0;		// height of what is seen
		this.active = -1;
		this.build(label, row);
	}

	build(label, row) {
		this.layer = h('div', { class: 'list-layer',
			role: 'rowgroup' });
		this.range = h('div', { class: 'list-range',
			role: 'presentation' }, this.layer);
		this.scroller = h('div', { class: 'list-scroller', role: 'grid',
			tabindex: '0', id: this.id, 'aria-label': label,
			'aria-busy': 'true', on: {
				scroll: () => this.scrolled(),
				keydown: (event) => this.pressed(event),
				focus: () => this.focused(),
				click: (event) => this.clicked(event),
			} }, this.range);
		this.note = h('div', { class: 'list-note', hidden: true });
		this.element = h('div', { class: 'list' }, this.scroller,
		    this.note);
		this.rows = new Rows(this.scroller, this.layer, (index, data) =>
		    this.make(index, data, row), (index) =>
		    this.pages.row(index));
		this.observer = new ResizeObserver(() => this.resized());
		this.observer.observe(this.scroller);
		this.range.style.height = `${this.rowHeight}px`;
		this.askForRows();
	}

	close() {
		this.observer.disconnect();
		clearTimeout(this.loadTimer);
		clearTimeout(this.stillTimer);
		this.pages.close();
	}

	// What is there may have changed: fetch it again, in place.
	refresh() {
		this.pages.stale();
		this.askForRows();
	}

	// Another list: from its beginning.
	reset() {
		// What stands below stays where it is until the list is there.
		this.element.style.minHeight =
		    `${this.element.offsetHeight}px`;
		this.pages.clear();
		this.active = -1;
		this.goTo(0);
		this.changed();
	}

	// A row as it is now, if it is one of those in memory; isNewer(row): is
	// that more than the row says already?
	update(data, isNewer = () => true) {
		const key = this.key(data);

		for (const [index, row] of this.pages.rows()) {
			if (this.key(row) !== key)
				continue;
			if (isNewer(row)) {
				this.pages.set(index, data);
				this.draw();
			}
			return true;
		}
		return false;
	}

	// Rows of another height; those in view stay there.
	resizeRows(rowHeight) {
		this.top *= rowHeight / this.rowHeight;
		this.rowHeight = rowHeight;
		this.redraw();
		this.changed();
	}

	// What row() makes of the same data has changed.
	redraw() {
		this.rows.forget();
		this.draw();
	}

	// ---- where it is --------------------------------------------------

	get height() {
		return this.pages.count * this.rowHeight;
	}

	get isScaled() {
		return this.height > RANGE_MAX;
	}

	// The scroll bar's and the list's own way from top to bottom.
	get ways() {
		const bar = Math.min(this.height, RANGE_MAX);

		return [Math.max(1, bar - this.view),
			Math.max(0, this.height - this.view)];
	}

	// Bring the scroll bar to where the list is.
	settle() {
		const [bar, list] = this.ways;
		const at = this.isScaled ? this.top / list * bar : this.top;

		if (Math.abs(at - this.scroller.scrollTop) >= 1)
			this.scroller.scrollTop = at;
		this.last = this.scroller.scrollTop;
		if (!this.isScaled)
			this.top = this.last;
	}

	goTo(top) {
		this.top = Math.max(0, Math.min(top, this.ways[1]));
		this.settle();
		this.draw();
		this.askForRows();
	}

	scrolled() {
		const at = this.scroller.scrollTop;
		const step = at - this.last;
		const [bar, list] = this.ways;

		if (!this.isScaled)
			this.top = at;
		else if (Math.abs(step) < 2 * this.view)
			this.top = Math.max(0, Math.min(this.top + step, list));
		else
			this.top = at / bar * list;
		this.last = at;
		// The bar's end is not always the list's.
		if (this.isScaled && (at <= 0 || at >= bar - 1))
			this.settle();
		this.draw();
		this.askForRows();
		clearTimeout(this.stillTimer);
		this.stillTimer = setTimeout(() => {
			if (this.isScaled) {
				this.settle();
				this.draw();
			}
		}, STILL_MS);
	}

	resized() {
		this.view = this.scroller.clientHeight;
		this.draw();
		this.askForRows();
	}

	// ---- what is shown ------------------------------------------------

	// First and last row to be in the page.
	span() {
		const { count } = this.pages;
		const first = Math.floor(this.top / this.rowHeight);
		const seen = Math.min(Math.ceil(this.view / this.rowHeight) + 1,
		    ROWS_MAX);
		const around = Math.min(AROUND,
		    Math.floor((ROWS_MAX - seen) / 2));

		return [Math.max(0, first - around),
			Math.min(count, first + seen + around) - 1];
	}

	draw() {
		const [first, last] = this.span();
		const isWhole = this.rows.show(first, last);

		this.layer.style.transform = `translateY(${Math.round(
		    first * this.rowHeight - this.top +
		    this.scroller.scrollTop)}px)`;
		this.scroller.setAttribute('aria-busy',
		    String(this.pages.isNew || !isWhole));
		this.mark();
	}

	// Rows, their number or an error have come.
	changed() {
		const { count, isNew } = this.pages;
		const height = isNew ? this.rowHeight
		    : Math.min(this.height, RANGE_MAX);

		if (!isNew)
			this.element.style.minHeight = '';
		this.range.style.height = `${height}px`;
		this.scroller.hidden = !isNew && count === 0;
		this.scroller.setAttribute('aria-rowcount',
		    String(this.pages.total ?? -1));
		this.view = this.scroller.clientHeight;
		this.active = Math.min(this.active, count - 1);
		this.top = Math.max(0, Math.min(this.top, this.ways[1]));
		this.settle();
		this.tell();
		this.draw();
		this.askForRows();
	}

	make(index, data, row) {
		const element = data === undefined
		    ? h('div', { class: 'list-waits' },
			h('span', { class: 'muted' }, 'Loading\u2026'))
		    : row(data, index);

		element.id = `${this.id}-${index}`;
		element.style.height = `${this.rowHeight}px`;
		return element;
	}

	tell() {
		const { count, error, isNew } = this.pages;

		this.note.hidden = error === null && (isNew || count > 0);
		if (error !== null)
			put(this.note, h('p', { class: 'list-error',
				role: 'alert' },
			    `This could not be loaded: ${error.message} `,
			    h('button', { class: 'button', type: 'button',
				on: { click: () => this.refresh() } },
			    'Try again')));
		else if (count === 0)
			put(this.note, this.empty());
	}

	// Not at once: who scrolls through thousands of rows needs few of them.
	askForRows() {
		this.loadTimer ??= setTimeout(() => {
			const [first, last] = this.span();

			this.loadTimer = undefined;
			this.pages.need(first, Math.max(first, last));
			this.tell();
		}, LOAD_MS);
	}

	// ---- keys ---------------------------------------------------------

	// Show which row the keys are at.
	mark() {
		const id = this.rows.mark(this.active);

		if (id !== null)
			this.scroller.setAttribute('aria-activedescendant', id);
		else
			this.scroller.removeAttribute('aria-activedescendant');
	}

	focused() {
		if (this.active < 0 && this.pages.count > 0)
			this.active = Math.ceil(this.top / this.rowHeight);
		this.mark();
	}

	// Let index be the active row, and seen.
	goToRow(index) {
		const { rowHeight, view } = this;
		const last = this.pages.count - 1;
		let { top } = this;

		this.active = Math.max(0, Math.min(index, last));
		if (this.active * rowHeight < top)
			top = this.active * rowHeight;
		else if ((this.active + 1) * rowHeight > top + view)
			top = (this.active + 1) * rowHeight - view;
		this.goTo(top);
	}

	pressed(event) {
		const { active, rowHeight, view } = this;
		const page = Math.max(1, Math.floor(view / rowHeight) - 1);
		const to = { ArrowDown: active + 1, ArrowUp: active - 1,
			PageDown: active + page, PageUp: active - page,
			Home: 0, End: this.pages.count - 1 }[event.key];

		if (event.altKey || event.ctrlKey || event.metaKey)
			return;
		if (to !== undefined) {
			this.scroller.focus({ preventScroll: true });
			this.goToRow(to);
			event.preventDefault();
		} else if (event.key === 'Enter' &&
		    event.target === this.scroller) {
			this.openRow(this.active);
			event.preventDefault();
		}
	}

	clicked(event) {
		const row = event.target.closest('.list-row');

		if (row === null)
			return;
		this.active = Number(row.dataset.index);
		this.mark();
		if (event.target.closest(CONTROLS) === null &&
		    String(getSelection()) === '')
			this.openRow(this.active);
	}

	openRow(index) {
		const data = this.pages.row(index);

		if (data !== undefined && this.open !== null)
			this.open(data);
	}
}
