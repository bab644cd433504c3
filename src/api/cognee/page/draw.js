// SPDX-License-Identifier: Apache-2.0
//
// draw: the picture on the canvas.  Links first, then nodes, then names: as
// many as have room, the heaviest first.

const STROKE_LINKS = 400; // that are drawn at once
const MOVING_LINKS = 6000; // that are drawn while all moves
const LABEL_PIXELS = 9500; // of the screen for each name
const LABEL_LOOKS = 2500; // names that are tried
const LINK_LABELS = 60;
const LINK_LABEL_ZOOM = 1.5;
const FONT = '"Segoe UI", Roboto, "Noto Sans", system-ui, sans-serif';
const COLOURS = 10;
const NAME_CHARS = 40;

// How large a node is, in the plane.
function sizeOf({ kind, weight }) {
	if (kind === 'entity')
		return Math.min(26, 3.2 + 1.7 * Math.sqrt(weight ?? 1));
	return { type: 8, text: 4, document: 6.5 }[kind];
}

function shorten(name) {
	const chars = [...name];

	return chars.length <= NAME_CHARS ? name
	    : `${chars.slice(0, NAME_CHARS - 1).join('')}…`;
}

class Picture {
	constructor(canvas, graph, sizes) {
		this.canvas = canvas;
		this.pen = canvas.getContext('2d');
		this.graph = graph;
		this.sizes = sizes;
		this.names = graph.nodes.map(({ name }) => shorten(name));
		this.widths = new Map();
	}

	// Colours are the style's: of this moment, light or dark.
	readColours() {
		const style = getComputedStyle(document.documentElement);
		const of = (name) => style.getPropertyValue(`--${name}`).trim();
		const types = new Map(this.graph.types.map(({ name }, at) =>
		    [name, of(at < COLOURS ? `t${at}` : 'rest')]));

		this.ground = of('ground');
		this.ink = of('ink');
		this.faint = of('faint');
		this.edge = of('edge');
		this.accent = of('accent');
		this.colours = this.graph.nodes.map(({ kind, type }) =>
		    kind === 'entity' ? types.get(type ?? '') : of(kind));
	}

	resize(view) {
		const { clientWidth, clientHeight } = this.canvas;
		const ratio = Math.min(window.devicePixelRatio || 1, 3);

		view.width = clientWidth;
		view.height = clientHeight;
		this.ratio = ratio;
		this.canvas.width = Math.round(clientWidth * ratio);
		this.canvas.height = Math.round(clientHeight * ratio);
	}

	radius(node, zoom) {
		const size = this.sizes[node];

		return Math.max(1.3, zoom < 1 ? size * zoom
		    : size * zoom ** 0.55);
	}

	// state: { nodes, links, x, y, chosen, over, near, isMoving }; nodes
	// and links are those that are shown, near the set of those that are
	// linked with what is looked at, undefined when nothing is.
	draw(view, state) {
		const { pen } = this;

		this.view = view;
		this.state = state;
		this.zoom = view.zoom;
		pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
		pen.fillStyle = this.ground;
		pen.fillRect(0, 0, view.width, view.height);
		this.places();
		this.drawLinks();
		if (state.near !== undefined)
			this.drawNearLinks();
		this.drawNodes();
		this.taken = [];
		this.drawNames();
		if (!state.isMoving)
			this.drawLabels();
	}

	places() {
		const { x, y } = this.state;
		const { width, height, x: mx, y: my } = this.view;

		this.sx = (node) => (x[node] - mx) * this.zoom + width / 2;
		this.sy = (node) => (y[node] - my) * this.zoom + height / 2;
	}

	isSeen(node, margin = 40) {
		const x = this.sx(node), y = this.sy(node);

		return x > -margin && y > -margin &&
		    x < this.view.width + margin &&
		    y < this.view.height + margin;
	}

	// May a line between two such points be seen?
	isCrossing(ax, ay, bx, by) {
		const { width, height } = this.view;

		return Math.max(ax, bx) >= 0 && Math.min(ax, bx) <= width &&
		    Math.max(ay, by) >= 0 && Math.min(ay, by) <= height;
	}

	drawLinks() {
		const { pen, sx, sy } = this;
		const { links, near, isMoving } = this.state;
		const count = isMoving ? Math.min(links.length, MOVING_LINKS)
		    : links.length;
		const thin = Math.min(1.3, 0.6 + this.zoom * 0.5);
		let open = 0;

		pen.strokeStyle = this.edge;
		pen.globalAlpha = (near === undefined ? 0.62 : 0.16) *
		    Math.max(0.45, 1 - links.length / 30000);
		pen.lineWidth = thin;
		pen.beginPath();
		for (let i = 0; i < count; i++) {
			const { source, target } = links[i];
			const ax = sx(source), ay = sy(source);
			const bx = sx(target), by = sy(target);

			if (!this.isCrossing(ax, ay, bx, by))
				continue;
			pen.moveTo(ax, ay);
			pen.lineTo(bx, by);
			if (++open === STROKE_LINKS) {
				pen.stroke();
				pen.beginPath();
				open = 0;
			}
		}
		pen.stroke();
		pen.globalAlpha = 1;
	}

	// Those of the node that is looked at, with their direction.
	drawNearLinks() {
		const { pen } = this;

		pen.strokeStyle = pen.fillStyle = this.accent;
		for (const link of this.state.nearLinks) {
			pen.globalAlpha = 0.85;
			pen.lineWidth = Math.min(4, 1 +
			    Math.log2(link.weight + 1) * 0.45);
			pen.beginPath();
			pen.moveTo(this.sx(link.source), this.sy(link.source));
			pen.lineTo(this.sx(link.target), this.sy(link.target));
			pen.stroke();
			this.drawHead(link);
		}
		pen.globalAlpha = 1;
	}

	drawHead({ source, target }) {
		const { pen } = this;
		const bx = this.sx(target), by = this.sy(target);
		const dx = bx - this.sx(source), dy = by - this.sy(source);
		const far = Math.hypot(dx, dy);
		const back = this.radius(target, this.zoom) + 1;
		const long = 8;

		if (far < back + 2 * long)
			return;
		const ux = dx / far, uy = dy / far;
		const tx = bx - ux * back, ty = by - uy * back;

		pen.beginPath();
		pen.moveTo(tx, ty);
		pen.lineTo(tx - ux * long - uy * 3.5, ty - uy * long + ux * 3.5);
		pen.lineTo(tx - ux * long + uy * 3.5, ty - uy * long - ux * 3.5);
		pen.fill();
	}

	// By colour, so that the pen is dipped but a few times.
	drawNodes() {
		const { pen } = this;
		const { nodes, near, chosen, over } = this.state;
		const pots = new Map(), faded = new Map();

		for (let i = nodes.length - 1; i >= 0; i--) {
			const node = nodes[i];

			if (!this.isSeen(node))
				continue;
			const isFaded = near !== undefined && !near.has(node);
			const to = isFaded ? faded : pots;
			const colour = this.colours[node];

			if (to.has(colour))
				to.get(colour).push(node);
			else
				to.set(colour, [node]);
		}
		pen.globalAlpha = 0.22;
		this.fillPots(faded, false);
		pen.globalAlpha = 1;
		this.fillPots(pots, true);
		for (const node of [over, chosen])
			if (node >= 0 && this.state.isShown[node])
				this.drawRing(node, node === chosen);
	}

	fillPots(pots, isRimmed) {
		const { pen } = this;

		pen.strokeStyle = this.ground;
		pen.lineWidth = 1.2;
		for (const [colour, nodes] of pots) {
			pen.fillStyle = colour;
			pen.beginPath();
			for (const node of nodes)
				this.outline(node, 0);
			if (isRimmed && nodes.length < 3000)
				pen.stroke();
			pen.fill();
		}
	}

	outline(node, wider) {
		const { pen } = this;
		const x = this.sx(node), y = this.sy(node);
		const r = this.radius(node, this.zoom) + wider;

		switch (this.graph.nodes[node].kind) {
		case 'type':
			pen.moveTo(x, y - r * 1.2);
			pen.lineTo(x + r * 1.2, y);
			pen.lineTo(x, y + r * 1.2);
			pen.lineTo(x - r * 1.2, y);
			pen.closePath();
			break;
		case 'text':
			pen.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
			break;
		case 'document':
			pen.rect(x - r * 0.8, y - r, r * 1.6, r * 2);
			break;
		default:
			if (r < 1.6) {
				pen.rect(x - r, y - r, 2 * r, 2 * r);
				break;
			}
			pen.moveTo(x + r, y);
			pen.arc(x, y, r, 0, 2 * Math.PI);
		}
	}

	drawRing(node, isChosen) {
		const { pen } = this;

		pen.fillStyle = this.colours[node];
		pen.beginPath();
		this.outline(node, 0);
		pen.fill();
		pen.strokeStyle = isChosen ? this.accent : this.ink;
		pen.lineWidth = isChosen ? 3 : 1.5;
		pen.beginPath();
		this.outline(node, 3);
		pen.stroke();
	}

	// ---- words --------------------------------------------------------

	measure(text, font) {
		const key = `${font}|${text}`;
		let width = this.widths.get(key);

		if (width === undefined) {
			this.pen.font = font;
			({ width } = this.pen.measureText(text));
			if (this.widths.size > 20000)
				this.widths.clear();
			this.widths.set(key, width);
		}
		return width;
	}

	// Is there room?  Then it is taken.
	take(left, top, width, height) {
		const right = left + width, bottom = top + height;

		for (const box of this.taken)
			if (left < box.right && right > box.left &&
			    top < box.bottom && bottom > box.top)
				return false;
		this.taken.push({ left, top, right, bottom });
		return true;
	}

	write(text, x, y, font, colour) {
		const { pen } = this;

		pen.font = font;
		pen.textAlign = 'center';
		pen.textBaseline = 'middle';
		pen.lineJoin = 'round';
		pen.strokeStyle = this.ground;
		pen.lineWidth = 3.5;
		pen.strokeText(text, x, y);
		pen.fillStyle = colour;
		pen.fillText(text, x, y);
	}

	// Below its node.  isForced: whatever stands there already.
	drawName(node, isForced) {
		const text = this.names[node];
		const r = this.radius(node, this.zoom);
		const px = Math.round(Math.min(17, Math.max(11.5, r * 0.75)));
		const font = `${isForced ? 600 : 500} ${px}px ${FONT}`;
		const width = this.measure(text, font);
		const x = this.sx(node), y = this.sy(node) + r + px * 0.75;

		if (text === '' || (!this.take(x - width / 2 - 3,
		    y - px * 0.65, width + 6, px * 1.3) && !isForced))
			return false;
		this.write(text, x, y, font, this.ink);
		return true;
	}

	drawNames() {
		const { nodes, near, chosen, over, isShown } = this.state;
		let room = Math.ceil(this.view.width * this.view.height /
		    (LABEL_PIXELS * (this.zoom < 0.5 ? 2 : 1)));
		let looks = LABEL_LOOKS;

		for (const node of [chosen, over])
			if (node >= 0 && isShown[node])
				this.drawName(node, true);
		for (const node of near ?? [])
			if (looks-- > 0 && room > 0 && node !== chosen &&
			    node !== over && isShown[node] &&
			    this.isSeen(node, 0) && this.drawName(node, false))
				room--;
		if (near !== undefined)
			return;
		for (const node of nodes) {
			if (looks <= 0 || room <= 0)
				return;
			if (!this.isSeen(node, 0))
				continue;
			looks--;
			if (this.drawName(node, false))
				room--;
		}
	}

	// What links say: of the node that is looked at, and of all that are
	// long enough on the screen.
	drawLabels() {
		const { near, nearLinks, links } = this.state;
		let room = LINK_LABELS;

		if (near === undefined && this.zoom < LINK_LABEL_ZOOM)
			return;
		for (const link of near === undefined ? links : nearLinks) {
			if (room <= 0)
				return;
			if (this.drawLabel(link, near !== undefined))
				room--;
		}
	}

	drawLabel({ source, target, label }, isNear) {
		const ax = this.sx(source), ay = this.sy(source);
		const bx = this.sx(target), by = this.sy(target);
		const x = (ax + bx) / 2, y = (ay + by) / 2;
		const { width, height } = this.view;

		if (x < 0 || y < 0 || x > width || y > height)
			return false;
		const text = shorten(label.replaceAll('_', ' '));
		const font = `italic 11px ${FONT}`;
		const long = this.measure(text, font);

		if (Math.hypot(bx - ax, by - ay) < long * 0.8 + 24 ||
		    !this.take(x - long / 2 - 2, y - 7, long + 4, 14))
			return false;
		this.write(text, x, y, font, isNear ? this.accent
		    : this.faint);
		return true;
	}

	// The node at that place of the screen, or -1.
	find(sx, sy) {
		const { nodes } = this.state;
		let best = -1, nearest = Infinity;

		for (const node of nodes) {
			const far = Math.hypot(this.sx(node) - sx,
			    this.sy(node) - sy) - this.radius(node, this.zoom);

			if (far < 7 && far < nearest) {
				nearest = far;
				best = node;
			}
		}
		return best;
	}
}
