// SPDX-License-Identifier: Apache-2.0
//
// page: the data, what of it is shown, and what the visitor does.

const SLICE_MS = 14; // of a frame, for laying out
const BUSY_SLICE_MS = 6; // while the visitor moves something
const LAY_DRAWS = 0.4; // of the time that laying out takes goes into pictures
const ALONE_GAP = 12; // around what is linked with nothing; if that is a
const ALONE_ROOM = 40; // little, room for names as well
const ALONE_FEW = 200;
const STILL_MS = 160; // after which all of the picture is drawn
const SIZE_MANY = 900; // nodes that are drawn as large as they are
const SIZE_LEAST = 0.45;
const PAN = 60;
const KEY_ZOOM = 1.3;
const KIND_WORDS = { type: 'Types', text: 'Texts', document: 'Documents' };

class Page {
	constructor(graph) {
		const count = graph.nodes.length;

		this.graph = graph;
		this.at = (id) => document.getElementById(id);
		this.x = new Float64Array(count).fill(NaN);
		this.y = new Float64Array(count).fill(NaN);
		// Among many each has less room.
		this.sizes = Float32Array.from(graph.nodes, (node) =>
		    sizeOf(node) * Math.max(SIZE_LEAST, Math.min(1,
			Math.sqrt(SIZE_MANY / count))));
		this.isShown = new Uint8Array(count);
		this.kinds = new Set(['entity']);
		this.hiddenTypes = new Set();
		this.hiddenSets = new Set();
		this.revealed = new Set();
		this.chosen = this.over = -1;
		this.touched = -Infinity; // when the view was last moved
		this.drawnAt = this.drawMs = 0;
		this.isOwnView = false; // moved by the visitor
		this.still = matchMedia('(prefers-reduced-motion: reduce)');
		this.view = new View();
		this.picture = new Picture(this.at('canvas'), graph,
		    this.sizes);
		this.panel = new Panel(this.at('panel'), graph, {
			choose: (node) => this.choose(node, true),
			reveal: (node) => this.reveal(node),
			close: () => this.choose(-1),
		});
	}

	start() {
		this.writeHead();
		this.writeFilter();
		this.listen();
		this.picture.readColours();
		this.picture.resize(this.view);
		this.select();
		this.at('filter').open = innerWidth > 760;
	}

	// ---- words --------------------------------------------------------

	writeHead() {
		const { datasets, madeAt } = this.graph;
		const names = datasets.map(({ name }) => name).join(', ');
		const sum = (member) => datasets.reduce((total, set) =>
		    total + set[member], 0);
		const made = madeAt.slice(0, 16).replace('T', ' ');
		const maker = makerWords(datasets);
		const entities = sum('entities'), relations = sum('relations');
		const cut = cutWords(this.graph);

		document.title = `${names} – graph`;
		this.at('title').textContent = names || 'Graph';
		this.at('about').textContent = `${counted(entities, 'entity',
		    'entities')}, ${counted(relations, 'relation')}` +
		    `${maker === '' ? '' : `, ${maker}`}. As of ${made} UTC.` +
		    (datasets.length > 1 ? ' The datasets stand side by side:' +
			' the same name in two of them is two nodes.' : '');
		this.at('cut').hidden = cut === undefined;
		this.at('cut').textContent = cut ?? '';
	}

	// A box to tick: { mark, name, count, isOn, change }.
	tick({ mark, name, count, isOn, change }) {
		const box = make('input', '');
		const row = make('label', 'row', box, mark, nameOf(name),
		    make('span', 'count', count.toLocaleString('en')));

		box.type = 'checkbox';
		box.checked = isOn;
		box.addEventListener('change', () => {
			change(box.checked);
			this.select();
		});
		return row;
	}

	writeFilter() {
		const { graph } = this;
		const counts = graph.countKinds();
		const flip = (set, value) => (isOn) =>
		    isOn ? set.delete(value) : set.add(value);
		const mark = (name) => make('span', `mark ${name}`);

		graph.types.forEach(({ name, count }, at) =>
		    this.at('types').append(this.tick({ name: name ||
			'(no type)', count, isOn: true,
		    mark: mark(at < COLOURS ? `t${at}` : ''),
		    change: flip(this.hiddenTypes, name) })));
		for (const [kind, name] of Object.entries(KIND_WORDS))
			this.at('kinds').append(this.tick({ name,
				count: counts[kind], mark: mark(kind),
				isOn: false, change: (isOn) => isOn
				    ? this.kinds.add(kind)
				    : this.kinds.delete(kind) }));
		this.at('types').hidden = graph.types.length === 0;
		this.at('kinds').hidden = counts.type + counts.text +
		    counts.document === 0;
		this.at('all').parentElement.hidden = graph.types.length < 2;
		for (const id of ['all', 'none'])
			this.at(id).addEventListener('click', () =>
			    this.tickAll(id === 'all'));
		if (graph.datasets.length < 2)
			return;
		this.at('sets').hidden = false;
		graph.datasets.forEach(({ name, entities }, at) =>
		    this.at('sets').append(this.tick({ name, count: entities,
			mark: undefined, isOn: true,
			change: flip(this.hiddenSets, at) })));
	}

	tickAll(isOn) {
		for (const { name } of this.graph.types)
			if (isOn)
				this.hiddenTypes.delete(name);
			else
				this.hiddenTypes.add(name);
		for (const box of this.at('types').querySelectorAll('input'))
			box.checked = isOn;
		this.select();
	}

	// ---- what is shown ------------------------------------------------

	isWanted({ kind, type, dataset }, node) {
		return !this.hiddenSets.has(dataset) && (this.revealed
		    .has(node) || (this.kinds.has(kind) && !(kind === 'entity'
		    && this.hiddenTypes.has(type ?? ''))));
	}

	// Lay out what the visitor wants to see.
	select() {
		const { graph, isShown } = this;

		graph.nodes.forEach((row, node) => {
			isShown[node] = this.isWanted(row, node) ? 1 : 0;
		});
		this.nodes = [...isShown.keys()].filter((node) =>
		    isShown[node]);
		this.links = graph.links.filter(({ source, target }) =>
		    source !== target && isShown[source] && isShown[target]);
		this.lay();
		this.look();
		this.writeEmpty();
		this.at('shown').textContent = `(${this.nodes.length
		    .toLocaleString('en')} of ${graph.nodes.length
		    .toLocaleString('en')})`;
		if (this.chosen >= 0)
			this.panel.show(this.chosen, isShown[this.chosen]);
	}

	lay() {
		const { graph, isShown, x, y } = this;
		const place = new Int32Array(graph.nodes.length).fill(-1);
		const isFirst = this.layout === undefined;

		for (const { source, target } of this.links)
			place[source] = place[target] = 0;
		const nodes = this.nodes.filter((node) => place[node] === 0);

		this.alone = this.nodes.filter((node) => place[node] < 0);
		nodes.forEach((node, at) => {
			place[node] = at;
		});
		const order = [...nodes].sort((a, b) =>
		    graph.degree(b) - graph.degree(a) || a - b);

		Layout.seed(x, y, order, (node) => {
			const others = [];

			for (let i = graph.first[node];
			     i < graph.first[node + 1]; i++) {
				const { source, target } =
				    graph.links[graph.around[i]];
				const other = source === node ? target
				    : source;

				if (isShown[other])
					others.push(other);
			}
			return others;
		});
		this.layout = new Layout(x, y, this.sizes, nodes,
		    this.links.map(({ source, target }) =>
			[place[source], place[target]]));
		if (!isFirst)
			this.layout.heat = 0.5;
		this.place = place;
		this.putAlone();
		this.wake();
	}

	// What is linked with nothing stands in rows below all that is.
	putAlone() {
		const { x, y, sizes, alone } = this;
		let left = Infinity, right = -Infinity, below = -Infinity;

		for (const node of this.layout.nodes) {
			left = Math.min(left, x[node]);
			right = Math.max(right, x[node]);
			below = Math.max(below, y[node]);
		}
		const gap = alone.reduce((most, node) =>
		    Math.max(most, sizes[node]), 0) +
		    (alone.length > ALONE_FEW ? ALONE_GAP : ALONE_ROOM);
		const middle = left < right ? (left + right) / 2 : 0;
		const columns = Math.max(Math.ceil(Math.sqrt(alone.length * 2)),
		    left < right ? Math.floor((right - left) / gap) : 0, 1);
		const wide = Math.min(columns, alone.length);

		alone.forEach((node, at) => {
			x[node] = middle + (at % columns - (wide - 1) / 2) * gap;
			y[node] = (below > -Infinity ? below + 2 * gap : 0) +
			    Math.floor(at / columns) * gap;
		});
	}

	writeEmpty() {
		const empty = this.at('empty');
		const words = emptyWords(this.graph) ?? (this.nodes.length > 0
		    ? undefined : { what: 'Everything is switched off.',
			todo: 'Tick what you want to see under "What is ' +
			    'shown".' });

		empty.hidden = words === undefined || this.nodes.length > 0;
		if (words !== undefined)
			empty.replaceChildren(make('strong', '', words.what),
			    words.todo);
	}

	// What is linked with the node under the pointer, or the chosen one.
	look() {
		const node = this.over >= 0 ? this.over : this.chosen;

		this.near = this.nearLinks = undefined;
		if (node >= 0 && this.isShown[node]) {
			const rows = this.graph.linksOf(node).filter((row) =>
			    this.isShown[row.other] && row.other !== node);

			this.nearLinks = rows.map(({ link }) => link);
			this.near = new Set([node, ...rows.map(({ other }) =>
			    other)]);
		}
		this.wake();
	}

	// ---- choosing -----------------------------------------------------

	choose(node, isGone = false) {
		this.chosen = node;
		this.over = -1;
		document.querySelector('main').classList.toggle('open',
		    node >= 0);
		if (node < 0) {
			this.panel.hide();
			this.at('status').textContent = '';
		} else {
			this.panel.show(node, this.isShown[node]);
			if (isGone && this.isShown[node])
				this.goTo(node);
		}
		this.look();
	}

	reveal(node) {
		this.revealed.add(node);
		this.hiddenSets.delete(this.graph.nodes[node].dataset);
		this.select();
		this.goTo(node);
	}

	// Into the middle of what the panel leaves free.
	goTo(node) {
		const zoom = Math.max(this.view.zoom, 1.2);
		const box = this.at('panel').getBoundingClientRect();
		const stage = this.at('stage').getBoundingClientRect();
		const isBelow = box.width >= stage.width - 40;
		const dx = isBelow || box.width === 0 ? 0 : box.width / 2 + 34;
		const dy = isBelow ? box.height / 2 : 0;

		this.isOwnView = true;
		this.view.go({ x: this.x[node] + dx / zoom,
			y: this.y[node] + dy / zoom, zoom },
		    performance.now(), this.still.matches);
		this.wake();
	}

	// The next of those that are shown, or the one before.
	chooseNext(by) {
		const { nodes } = this;
		const at = nodes.indexOf(this.chosen);

		if (nodes.length === 0)
			return;
		const node = nodes[at < 0 ? 0
		    : (at + by + nodes.length) % nodes.length];
		const { name, type } = this.graph.nodes[node];

		this.choose(node, true);
		this.at('status').textContent = type ? `${name}, ${type}`
		    : name;
	}

	fitAll() {
		this.isOwnView = false;
		this.view.go(this.view.around(this.nodes, this.x, this.y),
		    performance.now(), this.still.matches);
		this.wake();
	}

	// ---- pictures -----------------------------------------------------

	wake() {
		this.isStale = true;
		if (this.frame === undefined)
			this.frame = requestAnimationFrame((now) =>
			    this.turn(now));
	}

	turn(now) {
		const { view, layout } = this;
		const isGliding = view.step(now);
		const wasDone = layout.isDone;
		const isMoving = isGliding || now - this.touched < STILL_MS;

		this.frame = undefined;
		if (!wasDone)
			this.layOn(isMoving);
		if (isGliding || isMoving || this.isStale || this.wasMoving ||
		    (!wasDone && !this.still.matches && this.isTimeToDraw())) {
			this.isStale = false;
			this.wasMoving = isMoving;
			this.draw(isMoving || !layout.isDone);
		}
		if (this.frame === undefined && (isMoving || !layout.isDone ||
		    view.glide !== undefined))
			this.frame = requestAnimationFrame((next) =>
			    this.turn(next));
	}

	layOn(isMoving) {
		const { layout, view } = this;
		const isDone = layout.run(performance.now() +
		    (isMoving ? BUSY_SLICE_MS : SLICE_MS), () =>
		    performance.now());
		const status = this.at('status');

		this.putAlone();
		if (layout.nodes.length > 500 || this.still.matches)
			status.textContent = isDone ? '' : 'Laying out…';
		if (!this.isOwnView && layout.held < 0)
			Object.assign(view, view.around(this.nodes, this.x,
			    this.y), { glide: undefined });
		if (isDone)
			this.isStale = true;
	}

	// While all is laid out: pictures of a large graph take long.
	isTimeToDraw() {
		return this.drawMs < LAY_DRAWS * (performance.now() -
		    this.drawnAt);
	}

	draw(isMoving) {
		const begun = performance.now();

		this.picture.draw(this.view, { nodes: this.nodes,
			links: this.links, x: this.x, y: this.y,
			chosen: this.chosen, over: this.over, near: this.near,
			nearLinks: this.nearLinks, isShown: this.isShown,
			isMoving });
		this.drawnAt = performance.now();
		this.drawMs = this.drawnAt - begun;
	}

	moved() {
		this.isOwnView = true;
		this.touched = performance.now();
		this.wake();
	}

	// ---- the visitor --------------------------------------------------

	listen() {
		const zoom = (factor) => () => {
			this.view.zoomAt(factor);
			this.moved();
		};

		new Pointer(this).listen(this.at('canvas'));
		new Search(this).listen();
		this.at('in').addEventListener('click', zoom(1.5));
		this.at('out').addEventListener('click', zoom(1 / 1.5));
		this.at('fit').addEventListener('click', () => this.fitAll());
		this.at('canvas').addEventListener('keydown', (event) =>
		    this.key(event));
		addEventListener('keydown', (event) => this.anyKey(event));
		new ResizeObserver(() => {
			this.picture.resize(this.view);
			if (!this.isOwnView && this.layout?.isDone)
				Object.assign(this.view, this.view.around(
				    this.nodes, this.x, this.y));
			this.draw(false);
		}).observe(this.at('canvas'));
		matchMedia('(prefers-color-scheme: dark)').addEventListener(
		    'change', () => {
			this.picture.readColours();
			this.wake();
		});
	}

	key(event) {
		const { view } = this;
		const act = {
			ArrowLeft: () => view.moveBy(PAN, 0),
			ArrowRight: () => view.moveBy(-PAN, 0),
			ArrowUp: () => view.moveBy(0, PAN),
			ArrowDown: () => view.moveBy(0, -PAN),
			'+': () => view.zoomAt(KEY_ZOOM),
			'=': () => view.zoomAt(KEY_ZOOM),
			'-': () => view.zoomAt(1 / KEY_ZOOM),
		}[event.key];
		const other = {
			0: () => this.fitAll(),
			n: () => this.chooseNext(1),
			p: () => this.chooseNext(-1),
			enter: () => this.chosen >= 0 &&
			    this.at('panel').focus(),
		}[event.key.toLowerCase()];

		if (event.ctrlKey || event.metaKey || event.altKey ||
		    (act ?? other) === undefined)
			return;
		event.preventDefault();
		if (act === undefined) {
			other();
			return;
		}
		act();
		this.moved();
	}

	anyKey(event) {
		const isTyping = event.target instanceof HTMLInputElement &&
		    event.target.type === 'search';

		if (event.key === '/' && !isTyping) {
			event.preventDefault();
			this.at('query').focus();
		} else if (event.key === 'Escape' && !isTyping &&
		    this.chosen >= 0) {
			this.choose(-1);
			this.at('canvas').focus();
		}
	}
}

// Mouse, pen and fingers on the canvas.
class Pointer {
	constructor(page) {
		this.page = page;
		this.downs = new Map();
		this.dragged = -1;
	}

	listen(canvas) {
		const at = (event) => {
			const box = canvas.getBoundingClientRect();

			return { x: event.clientX - box.left,
				y: event.clientY - box.top };
		};

		this.canvas = canvas;
		canvas.addEventListener('pointerdown', (event) => {
			if (event.button !== 0)
				return;
			canvas.setPointerCapture(event.pointerId);
			this.down(event.pointerId, at(event));
		});
		canvas.addEventListener('pointermove', (event) =>
		    this.move(event.pointerId, at(event),
			event.pointerType));
		for (const name of ['pointerup', 'pointercancel'])
			canvas.addEventListener(name, (event) =>
			    this.up(event.pointerId, at(event),
				name === 'pointerup'));
		canvas.addEventListener('pointerleave', () => this.hover(-1));
		canvas.addEventListener('wheel', (event) => {
			const lines = [1, 16, 400][event.deltaMode];
			const { x, y } = at(event);
			const by = event.deltaY * lines *
			    (event.ctrlKey ? 0.01 : 0.0016);

			event.preventDefault();
			this.page.view.zoomAt(Math.exp(-Math.max(-1,
			    Math.min(1, by))), x, y);
			this.page.moved();
		}, { passive: false });
		canvas.addEventListener('dblclick', (event) => {
			const { x, y } = at(event);

			this.page.view.zoomAt(1.8, x, y);
			this.page.moved();
		});
	}

	down(id, place) {
		this.downs.set(id, place);
		this.from = place;
		this.isClick = this.downs.size === 1;
		this.dragged = this.downs.size === 1
		    ? this.page.picture.find(place.x, place.y) : -1;
		this.page.layout.hold(-1);
	}

	hover(node) {
		const { page } = this;

		if (node === page.over)
			return;
		page.over = node;
		this.canvas.classList.toggle('over', node >= 0);
		page.look();
	}

	move(id, place, type) {
		const { page, downs } = this;
		const last = downs.get(id);

		if (last === undefined) {
			if (type !== 'touch')
				this.hover(page.picture.find(place.x,
				    place.y));
			return;
		}
		if (this.isClick && Math.hypot(place.x - this.from.x,
		    place.y - this.from.y) < 5)
			return;
		this.isClick = false;
		this.canvas.classList.add('moving');
		if (downs.size === 2)
			this.pinch(id, place);
		else if (this.dragged >= 0)
			this.drag(place);
		else
			page.view.moveBy(place.x - last.x, place.y - last.y);
		downs.set(id, place);
		page.moved();
	}

	drag({ x, y }) {
		const { page } = this;
		const [px, py] = page.view.toPlane(x, y);

		const at = page.place[this.dragged];

		page.x[this.dragged] = px;
		page.y[this.dragged] = py;
		if (at < 0)
			return;
		if (page.still.matches) {
			page.layout.x[at] = px;
			page.layout.y[at] = py;
		} else {
			page.layout.hold(at, px, py);
		}
	}

	pinch(id, place) {
		const { view } = this.page;
		const [other] = [...this.downs].filter(([key]) => key !== id)
		    .map(([, at]) => at);
		const last = this.downs.get(id);
		const far = (a) => Math.hypot(a.x - other.x, a.y - other.y);

		view.moveBy((place.x - last.x) / 2, (place.y - last.y) / 2);
		view.zoomAt(far(place) / Math.max(far(last), 1),
		    (place.x + other.x) / 2, (place.y + other.y) / 2);
	}

	up(id, place, isReal) {
		const { page } = this;

		if (!this.downs.delete(id))
			return;
		page.layout.hold(-1);
		this.canvas.classList.remove('moving');
		if (isReal && this.isClick)
			page.choose(page.picture.find(place.x, place.y));
		this.isClick = false;
		this.dragged = -1;
		page.moved();
	}
}

// The search box and the list below it.
class Search {
	constructor(page) {
		this.page = page;
		this.input = page.at('query');
		this.list = page.at('hits');
		this.nodes = [];
		this.at = -1;
	}

	listen() {
		const { input, list } = this;

		input.addEventListener('input', () => this.look());
		input.addEventListener('focus', () => this.look());
		input.addEventListener('keydown', (event) => this.key(event));
		input.addEventListener('blur', () => this.close());
		// Before the field loses the focus, and the list goes.
		list.addEventListener('pointerdown', (event) =>
		    event.preventDefault());
		list.addEventListener('click', (event) => {
			const row = event.target.closest('[role=option]');

			if (row !== null)
				this.take([...list.children].indexOf(row));
		});
	}

	look() {
		const { page, list } = this;
		const { hits, total } = page.graph.search(this.input.value);

		this.nodes = hits;
		list.replaceChildren(...hits.map((node, at) =>
		    this.row(node, at)));
		if (this.input.value.trim() === '') {
			this.close();
			page.at('found').textContent = '';
			return;
		}
		if (total > hits.length || total === 0)
			list.append(make('li', 'more', total === 0
			    ? 'Nothing has this name.'
			    : `and ${counted(total - hits.length, 'more',
				'more')}`));
		page.at('found').textContent = total === 0
		    ? 'No names found' : `${counted(total, 'name')} found`;
		list.hidden = false;
		this.input.setAttribute('aria-expanded', 'true');
		this.mark(hits.length > 0 ? 0 : -1);
	}

	row(node, at) {
		const { name, kind, type } = this.page.graph.nodes[node];
		const row = make('li', '', this.page.panel.markOf(node),
		    nameOf(name), nameOf(kind === 'entity' ? type ?? ''
		    : WHAT[kind], 'what'));

		row.id = `hit-${at}`;
		row.setAttribute('role', 'option');
		return row;
	}

	mark(at) {
		this.at = at;
		[...this.list.children].forEach((row, i) => {
			if (row.id !== '')
				row.setAttribute('aria-selected', i === at);
		});
		if (at < 0) {
			this.input.removeAttribute('aria-activedescendant');
			return;
		}
		this.input.setAttribute('aria-activedescendant', `hit-${at}`);
		this.list.children[at].scrollIntoView({ block: 'nearest' });
	}

	key(event) {
		const count = this.nodes.length;

		if (event.key === 'Escape') {
			this.input.value = '';
			this.close();
		} else if (event.key === 'ArrowDown' && count > 0) {
			this.mark((this.at + 1) % count);
		} else if (event.key === 'ArrowUp' && count > 0) {
			this.mark((this.at + count - 1) % count);
		} else if (event.key === 'Enter' && this.at >= 0) {
			this.take(this.at);
		} else {
			return;
		}
		event.preventDefault();
	}

	take(at) {
		const node = this.nodes[at];

		this.close();
		this.page.choose(node);
		if (this.page.isShown[node])
			this.page.goTo(node);
		else
			this.page.reveal(node);
	}

	close() {
		this.list.hidden = true;
		this.at = -1;
		this.input.setAttribute('aria-expanded', 'false');
		this.input.removeAttribute('aria-activedescendant');
	}
}

if (typeof document !== 'undefined')
	new Page(new Graph(JSON.parse(document.getElementById('data')
	    .textContent))).start();
