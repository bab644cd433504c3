// SPDX-License-Identifier: Apache-2.0
//
// The rows of a long list that are in the page: those in view, in their order.
// A row stays the same element as long as its data are the same; what is made
// anew, or goes, takes nobody's focus with it.

export const CONTROLS = 'a[href], button, input, select';

export class Rows {
	// make(index, data) => Element; data(index): undefined: not there.
	constructor(scroller, layer, make, data) {
		Object.assign(this, { scroller, layer, make, data });
		this.slots = new Map(); // index -> {element, data}
	}

	// Have the rows first to last; false: some are not there yet.
	show(first, last) {
		let at, isWhole = true;

		for (const [index, { element }] of this.slots) {
			if (index >= first && index <= last)
				continue;
			if (element.contains(document.activeElement))
				this.scroller.focus({ preventScroll: true });
			element.remove();
			this.slots.delete(index);
		}
		at = this.layer.firstChild;
		for (let index = first; index <= last; index++) {
			const slot = this.slot(index, at);

			at = slot.element.nextSibling;
			isWhole = isWhole && slot.data !== undefined;
		}
		return isWhole;
	}

	// Make all of them anew.
	forget() {
		for (const slot of this.slots.values())
			slot.data = null;
	}

	// The row, put before the element at when it is new.
	slot(index, at) {
		const data = this.data(index);
		const slot = this.slots.get(index);

		if (slot !== undefined && slot.data === data)
			return slot;
		const element = this.dress(index, data);

		if (slot === undefined) {
			this.layer.insertBefore(element, at);
			this.slots.set(index, { data, element });
		} else {
			this.refill(slot.element, element);
			slot.data = data;
		}
		return this.slots.get(index);
	}

	dress(index, data) {
		const element = this.make(index, data);

		element.classList.add('list-row');
		element.setAttribute('role', 'row');
		element.setAttribute('aria-rowindex', String(index + 1));
		element.dataset.index = index;
		for (const cell of element.children)
			if (!cell.hasAttribute('role'))
				cell.setAttribute('role', 'gridcell');
		for (const control of element.querySelectorAll(CONTROLS))
			control.tabIndex = -1;
		return element;
	}

	// The row stays, and what is in it is new: a click that began on the old
	// content and ends on the new is a click on the row.  Whoever was at a
	// button of it is at the same one afterwards.
	refill(row, element) {
		const controls = [...row.querySelectorAll(CONTROLS)];
		const at = controls.indexOf(document.activeElement);

		// It is marked anew, if it is the active one.
		row.className = element.className;
		row.style.height = element.style.height;
		row.replaceChildren(...element.childNodes);
		if (at >= 0)
			(row.querySelectorAll(CONTROLS)[at] ??
			    this.scroller).focus({ preventScroll: true });
	}

	// Show the active one; only its own buttons can be tabbed to.  Its id,
	// null when it is not in the page.
	mark(active) {
		for (const [index, { element }] of this.slots) {
			const isActive = index === active;
			const { classList } = element;

			if (classList.contains('is-active') === isActive)
				continue;
			classList.toggle('is-active', isActive);
			element.setAttribute('aria-selected', String(isActive));
			for (const each of element.querySelectorAll(CONTROLS))
				each.tabIndex = isActive ? 0 : -1;
		}
		return this.slots.get(active)?.element.id ?? null;
	}
}
