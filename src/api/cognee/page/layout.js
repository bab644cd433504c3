// SPDX-License-Identifier: Apache-2.0
//
// layout: where nodes go.  Links pull, nodes push each other away, and all is
// drawn to the middle; what is far is taken together, by a quadtree (Barnes
// and Hut).  The work is cut into pieces, so that the page stays quick, and
// comes to its end.  Deterministic; knows no document.

const PUSH = 30; // twice as much among few
const FEW = 200;
const REACH = 30; // of a link between two that are not large
const MIDDLE = 0.05;
const FAR = 0.81; // the square of a cell's width to its distance
const COOLING = 0.966;
const COLD = 0.004;
const DRAG = 0.6;
const PIECE = 400; // nodes that are moved between two looks at the clock
const GOLDEN = Math.PI * (3 - Math.sqrt(5));

class Layout {
	// x, y: places of all nodes, kept by the caller and changed here.
	// nodes: those that are laid out; links: between those, as
	// [source, target] pairs of places in `nodes`.
	constructor(x, y, sizes, nodes, links) {
		const count = nodes.length;

		this.nodes = nodes;
		this.place = { x, y };
		this.x = Float32Array.from(nodes, (node) => x[node]);
		this.y = Float32Array.from(nodes, (node) => y[node]);
		this.size = Float32Array.from(nodes, (node) => sizes[node]);
		this.vx = new Float32Array(count);
		this.vy = new Float32Array(count);
		this.heat = 1;
		this.held = -1;
		this.force = PUSH * (1 + Math.min(1, FEW / count));
		this.linksMake(links);
		this.treeMake(count);
	}

	linksMake(links) {
		const degree = new Uint32Array(this.nodes.length);

		this.source = Uint32Array.from(links, ([source]) => source);
		this.target = Uint32Array.from(links, ([, target]) => target);
		for (let i = 0; i < links.length; i++) {
			degree[this.source[i]]++;
			degree[this.target[i]]++;
		}
		this.degree = degree;
		this.pull = Float32Array.from(links, ([a, b]) =>
		    1 / Math.min(degree[a], degree[b]));
		this.bias = Float32Array.from(links, ([a, b]) =>
		    degree[a] / (degree[a] + degree[b]));
	}

	// Nodes that have no place yet (NaN) go around the first of their
	// neighbours that has one, or out on a spiral; those with most links
	// first, so that they come to lie in the middle.
	static seed(x, y, order, neighbours) {
		const queue = [];
		const put = (node, near) => {
			const turn = GOLDEN * queue.length;
			const out = near === undefined
			    ? 14 * Math.sqrt(queue.length + 1) : 18;

			x[node] = (near === undefined ? 0 : x[near]) +
			    out * Math.cos(turn);
			y[node] = (near === undefined ? 0 : y[near]) +
			    out * Math.sin(turn);
			queue.push(node);
		};
		let at = 0;

		for (const node of order) {
			if (!Number.isNaN(x[node]))
				continue;
			put(node, neighbours(node).find((other) =>
			    !Number.isNaN(x[other])));
			for (; at < queue.length; at++)
				for (const other of neighbours(queue[at]))
					if (Number.isNaN(x[other]))
						put(other, queue[at]);
		}
	}

	get isDone() {
		return this.heat < COLD && this.held < 0;
	}

	warm(heat = 0.3) {
		this.heat = Math.max(this.heat, heat);
		this.steps = undefined;
	}

	// Go on until the clock says it is time; returns whether it is done.
	run(until, now) {
		while (!this.isDone) {
			if (this.steps === undefined)
				this.steps = this.step();
			if (this.steps.next().done) {
				this.steps = undefined;
				this.show();
			}
			if (now() >= until)
				break;
		}
		return this.isDone;
	}

	show() {
		for (let i = 0; i < this.nodes.length; i++) {
			this.place.x[this.nodes[i]] = this.x[i];
			this.place.y[this.nodes[i]] = this.y[i];
		}
	}

	// Hold a node (its place in `nodes`) where the pointer is.
	hold(node, x, y) {
		this.held = node;
		if (node < 0)
			return;
		this.x[node] = x;
		this.y[node] = y;
		this.place.x[this.nodes[node]] = x;
		this.place.y[this.nodes[node]] = y;
		this.warm();
	}

	*step() {
		const count = this.nodes.length;

		this.heat *= this.held < 0 ? COOLING : 1;
		this.treeBuild();
		for (let i = 0; i < count; i++) {
			this.push(i);
			if (i % PIECE === PIECE - 1)
				yield;
		}
		this.pullAll();
		for (let i = 0; i < count; i++) {
			if (i === this.held) {
				this.vx[i] = this.vy[i] = 0;
				continue;
			}
			this.vx[i] -= this.x[i] * MIDDLE * this.heat;
			this.vy[i] -= this.y[i] * MIDDLE * this.heat;
			this.vx[i] *= DRAG;
			this.vy[i] *= DRAG;
			this.x[i] += this.vx[i];
			this.y[i] += this.vy[i];
		}
	}

	pullAll() {
		const { x, y, vx, vy, size } = this;

		for (let i = 0; i < this.source.length; i++) {
			const a = this.source[i], b = this.target[i];
			let dx = x[b] + vx[b] - x[a] - vx[a];
			let dy = y[b] + vy[b] - y[a] - vy[a];
			const far = Math.sqrt(dx * dx + dy * dy) || 0.01;
			const reach = REACH + size[a] + size[b];
			const by = (far - reach) / far * this.heat *
			    this.pull[i];

			dx *= by;
			dy *= by;
			vx[b] -= dx * this.bias[i];
			vy[b] -= dy * this.bias[i];
			vx[a] += dx * (1 - this.bias[i]);
			vy[a] += dy * (1 - this.bias[i]);
		}
	}

	// ---- the tree -----------------------------------------------------
	//
	// Cell c has four parts at child[4 * c]: 0 nothing, n > 0 cell n,
	// n < 0 node -n - 1.  Nodes that lie closer than the tree is deep are
	// one for this time, whose weight is theirs together.

	treeMake(count) {
		const cells = 4 * count + 64;

		this.child = new Int32Array(4 * cells);
		this.mass = new Float32Array(cells);
		this.cx = new Float32Array(cells);
		this.cy = new Float32Array(cells);
		this.width = new Float32Array(cells);
		this.cellMax = cells;
		this.stack = new Int32Array(4 * 64 + 4 * 64);
	}

	weight(node) {
		return 1 + this.size[node] / 6;
	}

	treeBuild() {
		const { x, y, child } = this;
		const count = this.nodes.length;
		let left = Infinity, right = -Infinity;
		let top = Infinity, bottom = -Infinity;

		for (let i = 0; i < count; i++) {
			left = Math.min(left, x[i]);
			right = Math.max(right, x[i]);
			top = Math.min(top, y[i]);
			bottom = Math.max(bottom, y[i]);
		}
		const width = Math.max(right - left, bottom - top, 1) * 1.01;

		child.fill(0, 0, 4);
		this.mass.fill(0);
		this.cx.fill(0);
		this.cy.fill(0);
		this.width[0] = width;
		this.cells = 1;
		for (let i = 0; i < count; i++)
			this.treeAdd(i, left, top, width);
		for (let c = 0; c < this.cells; c++) {
			this.cx[c] /= this.mass[c];
			this.cy[c] /= this.mass[c];
		}
	}

	treeAdd(node, left, top, width) {
		const { x, y, child } = this;
		const weight = this.weight(node);
		let cell = 0;

		for (let depth = 0; depth < 40; depth++) {
			this.mass[cell] += weight;
			this.cx[cell] += x[node] * weight;
			this.cy[cell] += y[node] * weight;
			width /= 2;
			const east = x[node] >= left + width ? 1 : 0;
			const south = y[node] >= top + width ? 1 : 0;
			const at = 4 * cell + 2 * south + east;

			left += east * width;
			top += south * width;
			if (child[at] === 0) {
				child[at] = -node - 1;
				return;
			}
			if (child[at] < 0 && !this.treeSplit(at, left, top,
			    width))
				return;
			cell = child[at];
		}
		// It lies on another: a step aside, each in a direction of
		// its own.
		this.x[node] += Math.cos(node);
		this.y[node] += Math.sin(node);
	}

	// Make the node at a part a cell of its own with that node in it.
	treeSplit(at, left, top, width) {
		const { child } = this;
		const other = -child[at] - 1;
		const cell = this.cells;

		if (cell >= this.cellMax)
			return false;
		this.cells++;
		child.fill(0, 4 * cell, 4 * cell + 4);
		this.width[cell] = width;
		const weight = this.weight(other);
		const east = this.x[other] >= left + width / 2 ? 1 : 0;
		const south = this.y[other] >= top + width / 2 ? 1 : 0;

		this.mass[cell] = weight;
		this.cx[cell] = this.x[other] * weight;
		this.cy[cell] = this.y[other] * weight;
		child[4 * cell + 2 * south + east] = -other - 1;
		child[at] = cell;
		return true;
	}

	push(node) {
		const { child, stack } = this;
		const x = this.x[node], y = this.y[node];
		let depth = 0, fx = 0, fy = 0;

		stack[depth++] = 0;
		while (depth > 0) {
			const cell = stack[--depth];
			const dx = this.cx[cell] - x, dy = this.cy[cell] - y;
			const far = dx * dx + dy * dy;

			if (this.width[cell] * this.width[cell] < FAR * far) {
				const by = this.mass[cell] / far;

				fx -= dx * by;
				fy -= dy * by;
				continue;
			}
			for (let i = 4 * cell; i < 4 * cell + 4; i++) {
				if (child[i] > 0) {
					stack[depth++] = child[i];
				} else if (child[i] < 0) {
					const other = -child[i] - 1;

					if (other === node)
						continue;
					let ox = this.x[other] - x;
					let oy = this.y[other] - y;

					// On one another: apart, the
					// earlier one to the left.
					if (ox === 0 && oy === 0) {
						ox = other < node ? -0.1 : 0.1;
						oy = ox / 3;
					}
					const by = this.weight(other) /
					    Math.max(ox * ox + oy * oy, 1);

					fx -= ox * by;
					fy -= oy * by;
				}
			}
		}
		this.vx[node] += fx * this.force * this.heat;
		this.vy[node] += fy * this.force * this.heat;
	}
}
