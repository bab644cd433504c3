// SPDX-License-Identifier: Apache-2.0
//
// view: which part of the plane is seen.  Knows no document.

const ZOOM_MIN = 0.02;
const ZOOM_MAX = 12;
const GLIDE_MS = 350;

class View {
	constructor() {
		this.x = this.y = 0; // what is in the middle
		this.zoom = 1;
		this.width = this.height = 1;
		this.glide = undefined;
	}

	toScreen(x, y) {
		return [(x - this.x) * this.zoom + this.width / 2,
			(y - this.y) * this.zoom + this.height / 2];
	}

	toPlane(x, y) {
		return [(x - this.width / 2) / this.zoom + this.x,
			(y - this.height / 2) / this.zoom + this.y];
	}

	moveBy(dx, dy) {
		this.glide = undefined;
		this.x -= dx / this.zoom;
		this.y -= dy / this.zoom;
	}

	// Zoom so that what is at that place of the screen stays there.
	zoomAt(factor, sx = this.width / 2, sy = this.height / 2) {
		const [x, y] = this.toPlane(sx, sy);

		this.glide = undefined;
		this.zoom = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN,
		    this.zoom * factor));
		this.x = x - (sx - this.width / 2) / this.zoom;
		this.y = y - (sy - this.height / 2) / this.zoom;
	}

	go(to, now, isQuick) {
		if (isQuick) {
			Object.assign(this, to, { glide: undefined });
			return;
		}
		this.glide = { from: { x: this.x, y: this.y,
			zoom: this.zoom }, to, since: now };
	}

	// The next picture of a glide; false: there is none.
	step(now) {
		if (this.glide === undefined)
			return false;
		const { from, to, since } = this.glide;
		const part = Math.min(1, (now - since) / GLIDE_MS);
		const by = 1 - (1 - part) ** 3;

		this.x = from.x + (to.x - from.x) * by;
		this.y = from.y + (to.y - from.y) * by;
		this.zoom = from.zoom * (to.zoom / from.zoom) ** by;
		if (part === 1)
			this.glide = undefined;
		return true;
	}

	// What shows all of these nodes but the outermost in a thousand, which
	// would make all others small.
	around(nodes, x, y, margin = 48) {
		const within = (place) => {
			const sorted = Float64Array.from(nodes, (node) =>
			    place[node]).sort();
			const out = Math.floor(sorted.length / 1000);

			return [sorted[out], sorted[sorted.length - 1 - out]];
		};

		if (nodes.length === 0)
			return { x: 0, y: 0, zoom: 1 };
		const [left, right] = within(x);
		const [top, bottom] = within(y);
		const zoom = Math.min(
		    (this.width - 2 * margin) / Math.max(right - left, 1),
		    (this.height - 2 * margin) / Math.max(bottom - top, 1),
		    2.2);

		return { x: (left + right) / 2, y: (top + bottom) / 2,
			zoom: Math.max(ZOOM_MIN, zoom) };
	}
}
