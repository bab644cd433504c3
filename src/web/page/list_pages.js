// SPDX-License-Identifier: Apache-2.0
//
// The rows of a long list, by number, of which only some pages are in memory.
//
// Where the server knows how many rows there are, any page can be fetched.
// Where it does not, each page has the cursor of the next one: the list grows
// as it is read, and what is known of it is one row longer than what was read
// until the end is seen.
//
// Rows stay what they are until newer ones have come, so nothing flickers:
// stale() only says that each page is to be fetched again when it is needed.

export const PAGE_ROWS = 100;
const PAGES_MAX = 40; // kept, the last used

export class Pages {
	// fetch: see list.js; changed(): rows, count or error are others now.
	constructor(fetch, changed) {
		this.fetch = fetch;
		this.changed = changed;
		this.pages = new Map();	   // number -> {rows, version}
		this.loading = new Map();  // number -> AbortController
		this.version = 1;
		this.total = null;	   // null: not known
		this.clear();
	}

	clear() {
		this.abort(() => true);
		this.pages.clear();
		this.cursors = [null];	// of each page, while total is unknown
		this.known = null;	// rows seen then
		this.hasMore = true;
		this.total = null;
		this.error = null;
	}

	close() {
		this.clear();
		this.changed = () => {};
	}

	// Nothing has been read yet.
	get isNew() {
		return this.total === null && this.known === null;
	}

	// Rows there are to scroll through.
	get count() {
		if (this.total !== null)
			return this.total;
		return (this.known ?? 0) + (this.hasMore ? 1 : 0);
	}

	row(index) {
		const page = this.pages.get(Math.floor(index / PAGE_ROWS));

		return page?.rows[index % PAGE_ROWS];
	}

	// The rows there are in memory: [index, row].
	* rows() {
		for (const [number, { rows }] of this.pages)
			for (let i = 0; i < rows.length; i++)
				yield [number * PAGE_ROWS + i, rows[i]];
	}

	// Put another row in the place of one there is.
	set(index, row) {
		const page = this.pages.get(Math.floor(index / PAGE_ROWS));

		page.rows[index % PAGE_ROWS] = row;
	}

	stale() {
		this.version += 1;
		this.error = null;
	}

	// Fetch what is missing or stale of the rows first to last, and nothing
	// else any more.
	need(first, last) {
		const from = Math.floor(Math.max(0, first) / PAGE_ROWS);
		const to = Math.floor(Math.max(0, last) / PAGE_ROWS);

		this.abort((number) => number < from || number > to);
		if (this.error !== null)
			return;
		for (let number = from; number <= to; number++) {
			const page = this.pages.get(number);

			if (page !== undefined) {
				// The last used is the last to go.
				this.pages.delete(number);
				this.pages.set(number, page);
			}
			if (page?.version !== this.version &&
			    !this.loading.has(number))
				this.load(number);
		}
	}

	abort(isNeedless) {
		for (const [number, control] of this.loading) {
			if (!isNeedless(number))
				continue;
			control.abort();
			this.loading.delete(number);
		}
	}

	async load(number) {
		const control = new AbortController();
		const { version } = this;

		// A list that is read by cursors has no way to a page but
		// through the one before it, which is there or on its way.
		if (this.total === null && this.cursors[number] === undefined)
			return;
		this.loading.set(number, control);
		try {
			const page = await this.whole(number, control.signal);

			if (this.loading.get(number) !== control)
				return;
			this.loading.delete(number);
			this.take(number, page, version);
		} catch (error) {
			if (this.loading.get(number) !== control)
				return;
			this.loading.delete(number);
			this.error = error;
		}
		this.changed();
	}

	// A page, also from a server that gives fewer rows at a time.
	async whole(number, signal) {
		const rows = [];
		let cursor = this.cursors[number] ?? null;
		let next, total;

		do {
			const part = await this.fetch(
			    number * PAGE_ROWS + rows.length,
			    PAGE_ROWS - rows.length, { cursor, signal });

			rows.push(...part.rows);
			cursor = next = part.next ?? null;
			total = part.total ?? null;
			if (part.rows.length === 0)
				break;
		} while (total === null && next !== null &&
		    rows.length < PAGE_ROWS);
		return { rows, next: rows.length < PAGE_ROWS ? null : next,
			total };
	}

	take(number, { rows, next, total }, version) {
		const old = this.pages.get(number);

		this.total = total;
		this.error = null;
		if (total === null)
			this.takeCursor(number, rows.length, next);
		// A row that is what it was keeps its identity: whoever shows
		// it need not look at it.
		if (old !== undefined)
			rows = rows.map((row, i) => isSame(row, old.rows[i])
			    ? old.rows[i] : row);
		this.pages.delete(number);
		this.pages.set(number, { rows, version });
		for (const each of this.pages.keys()) {
			if (this.pages.size > PAGES_MAX ||
			    each * PAGE_ROWS > this.count)
				this.pages.delete(each);
		}
	}

	takeCursor(number, rows, next) {
		const end = number * PAGE_ROWS + rows;

		if (next === null) {
			this.cursors.length = number + 1;
			this.known = end;
			this.hasMore = false;
			return;
		}
		// Rows came or went before that page.
		if (this.cursors[number + 1] !== next) {
			const after = this.pages.get(number + 1);

			if (after !== undefined)
				after.version = 0;
		}
		this.cursors[number + 1] = next;
		this.hasMore = this.hasMore || end >= this.known;
		this.known = Math.max(this.known ?? 0, end);
	}
}

function isSame(a, b) {
	return b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}
