// SPDX-License-Identifier: Apache-2.0
//
// The script of the page that draws a graph, as far as it needs no browser:
// its data, its search, its words and where it puts things.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import vm from 'node:vm';

const PAGE = new URL('../../src/api/cognee/page/', import.meta.url);
const read = (name) => fs.readFileSync(new URL(name, PAGE), 'utf8');
const files = read('scripts').trim().split('\n')
	.filter((line) => !line.startsWith('#'));
const exported = ['Graph', 'Layout', 'View', 'counted', 'makerWords',
	'cutWords', 'emptyWords', 'fold', 'sizeOf', 'shorten'];

// The whole script, as the page has it; without a document it does nothing.
const page = vm.runInNewContext(files.map(read).join('') +
    `;({ ${exported.join(', ')} })`);
const plain = (value) => JSON.parse(JSON.stringify(value));

function graph({ nodes = [], links = [], ...rest } = {}) {
	return new page.Graph({ made_at: '2026-01-01T00:00:00.000000Z',
		query: null,
		datasets: [{ id: 'x', name: 'x', made_by: ['rules'],
			generation: 1, is_cut: false, entities: nodes.length,
			relations: links.length }],
		nodes: nodes.map((node, at) => ({ id: `${at}`, dataset: 0,
			kind: 'entity', weight: 1, segments: 1, documents: 1,
			...node })),
		links: links.map(([source, target, label = 'near',
			weight = 1]) => ({ source, target, label, weight })),
		...rest });
}

test('the page has no way to make markup of a text', () => {
	const script = files.map(read).join('');

	for (const way of [/innerHTML/, /outerHTML/, /insertAdjacent/,
		/document\.write/, /\beval\b/, /new Function/, /<\/script/i,
		/DOMParser/, /createContextualFragment/, /srcdoc/,
		/\bfetch\(/, /XMLHttpRequest/, /import\(/, /:\/\//])
		assert.doesNotMatch(script.replaceAll(/^\s*\/\/.*$/gm, ''),
		    way);
	assert.doesNotMatch(read('page.css'), /url\(|@import|expression/);
	assert.doesNotMatch(read('page.html'), /<script|\son\w+=|style=/);
	// What scripts there are is what is joined.
	assert.deepEqual(fs.readdirSync(PAGE).filter((name) =>
	    name.endsWith('.js')).sort(), [...files].sort());
});

test('links are found from both ends, the heaviest first', () => {
	const g = graph({ nodes: [{ name: 'a' }, { name: 'b' },
		{ name: 'c' }, { name: 'd' }],
	links: [[0, 1, 'x', 1], [2, 0, 'y', 5], [0, 0, 'self', 3]] });

	assert.deepEqual(plain(g.linksOf(0)).map(({ other, isOut, link }) =>
	    [other, isOut, link.label]),
	[[2, false, 'y'], [0, true, 'self'], [1, true, 'x']]);
	assert.deepEqual([0, 1, 2, 3].map((node) => g.degree(node)),
	    [3, 1, 1, 0]);
	assert.deepEqual(plain(g.linksOf(3)), []);
	assert.equal(graph().around.length, 0);
});

test('names are found as they are typed', () => {
	const g = graph({ nodes: [
		{ name: 'Curie Institute', weight: 9 },
		{ name: 'Marie Curie', weight: 50 },
		{ name: 'Pierre Curie', weight: 20 },
		{ name: 'Curie', weight: 1 },
		{ name: 'Mercuries', weight: 99 },
		{ name: 'Łódź Çelik', weight: 1 },
		{ name: '潮汐表', weight: 1 },
		{ name: '</script><img src=x>', weight: 1 },
		{ name: 'a text on Curie', kind: 'text' }] });
	const hits = (query) => plain(g.search(query)).hits;

	assert.deepEqual(hits('CURIE'), [3, 0, 1, 2, 4, 8]);
	assert.deepEqual(hits('curie mar'), [1]);
	assert.deepEqual(hits('celik'), [5]);
	assert.deepEqual(hits('çelík'), [5]);
	assert.deepEqual(hits('潮汐'), [6]);
	assert.deepEqual(hits('<img'), [7]);
	assert.deepEqual(hits('nobody'), []);
	assert.deepEqual(hits('   '), []);
	assert.deepEqual(hits('.*'), []);
	assert.equal(plain(g.search('curie')).total, 6);
	const many = graph({ nodes: Array.from({ length: 20000 }, (_, at) =>
	    ({ name: `name ${at}`, weight: at })) });
	const found = plain(many.search('name'));

	assert.equal(found.total, 20000);
	assert.deepEqual(found.hits, Array.from({ length: 50 }, (_, at) =>
	    19999 - at));
});

test('types are counted, the most frequent first', () => {
	const g = graph({ nodes: [{ name: 'a', type: 'Person' },
		{ name: 'b', type: 'Place' }, { name: 'c', type: 'Place' },
		{ name: 'd' }, { name: 'Place', kind: 'type' }] });

	assert.deepEqual(plain(g.types), [{ name: 'Place', count: 2 },
		{ name: '', count: 1 }, { name: 'Person', count: 1 }]);
	assert.deepEqual(plain(g.countKinds()),
	    { entity: 4, type: 1, text: 0, document: 0 });
});

test('what the page says of the graph', () => {
	const set = (more) => ({ id: 'x', name: 'x', made_by: [],
		is_cut: false, entities: 7, relations: 1, ...more });
	const nodes = [{ name: 'a' }, { name: 'b' }];

	assert.equal(page.counted(1, 'text'), '1 text');
	assert.equal(page.counted(1250, 'entity', 'entities'),
	    '1,250 entities');
	assert.equal(page.makerWords([set()]), '');
	assert.equal(page.makerWords([set({ made_by: ['model'] })]),
	    'made by a chat model');
	assert.equal(page.makerWords([set({ made_by: ['rules'] }),
		set({ made_by: ['model'] })]),
	'made by a chat model and by rules');
	assert.equal(page.cutWords(graph({ nodes })), undefined);
	const cut = (more) => page.cutWords(graph({ nodes,
		links: [[0, 1]], datasets: [set({ entities: 2 }),
			set({ entities: 0, relations: 0, is_cut: true,
				...more })] }));

	assert.equal(cut({ entities: 3000 }), 'This is not all of it: there ' +
	    'are 2 of 3,002 entities here, those of the most weight.');
	assert.equal(cut({ entities: 1, relations: 5 }), 'This is not all of ' +
	    'it: there are 2 of 3 entities and 1 of 6 relations here, those ' +
	    'of the most weight.');
	assert.equal(cut({}), 'This is not all of it: some of the texts that ' +
	    'name the entities are left out.');
	assert.equal(page.cutWords(graph({ nodes, query: 'b',
		datasets: [set()] })), 'Only what is around “b” is here.');
	assert.equal(page.emptyWords(graph({ nodes })), undefined);
	assert.equal(page.emptyWords(graph()).what,
	    'No names were found in this dataset.');
	assert.equal(page.emptyWords(graph({ datasets: [set()] })).what,
	    'This dataset has no graph yet.');
	assert.equal(page.emptyWords(graph({ datasets: [set(), set()] })).what,
	    'None of these datasets has a graph yet.');
	assert.equal(page.emptyWords(graph({ query: '<b>' })).what,
	    'Nothing was found around “<b>”.');
	assert.equal(page.shorten('x'.repeat(41)), `${'x'.repeat(39)}…`);
	assert.equal(page.shorten('潮'.repeat(40)), '潮'.repeat(40));
});

// Where a graph is laid out to: { x, y, steps }.
function laid(count, links, slice = Infinity) {
	const x = new Float64Array(count).fill(NaN);
	const y = new Float64Array(count).fill(NaN);
	const all = Array.from({ length: count }, (_, at) => at);
	const around = all.map(() => []);
	let slices = 0;

	for (const [a, b] of links) {
		around[a].push(b);
		around[b].push(a);
	}
	page.Layout.seed(x, y, all, (node) => around[node]);
	const layout = new page.Layout(x, y, new Float32Array(count).fill(4),
	    all, links);

	for (let clock = 0; !layout.run(clock + slice, () => clock++);)
		slices++;
	return { x, y, slices, layout };
}

test('a layout ends, is the same each time, and keeps groups together',
    () => {
	const links = [];

	// Two rings of twenty with one link between them.
	for (let i = 0; i < 20; i++)
		for (const by of [1, 2, 3])
			links.push([i, (i + by) % 20],
			    [20 + i, 20 + (i + by) % 20]);
	links.push([0, 20]);
	const one = laid(40, links), two = laid(40, links, 3);

	assert.deepEqual([...one.x], [...two.x]);
	assert.deepEqual([...one.y], [...two.y]);
	assert.ok(two.slices > 20);
	const middle = (from) => [one.x, one.y].map((place) =>
	    place.slice(from, from + 20).reduce((a, b) => a + b) / 20);
	const [ax, ay] = middle(0), [bx, by] = middle(20);
	const widest = Math.max(...[...one.x.keys()].map((node) =>
	    Math.hypot(one.x[node] - (node < 20 ? ax : bx),
		one.y[node] - (node < 20 ? ay : by))));

	assert.ok(Math.hypot(ax - bx, ay - by) > widest);
});

test('a layout stands what is odd', () => {
	for (const [count, links] of [[0, []], [1, []], [2, [[0, 1]]],
		[3, [[0, 1], [0, 1], [1, 0]]],
		[500, Array.from({ length: 499 }, (_, at) => [0, at + 1])]]) {
		const { x, y } = laid(count, links);

		assert.ok([...x, ...y].every(Number.isFinite));
	}
	// All in one place.
	const x = new Float64Array(300), y = new Float64Array(300);
	const layout = new page.Layout(x, y, new Float32Array(300).fill(4),
	    [...x.keys()], []);

	layout.run(1, () => 0);
	assert.ok([...x, ...y].every(Number.isFinite));
	assert.equal(new Set(x).size > 200, true);
});

test('a node that is held stays where it is', () => {
	const { x, y, layout } = laid(10, Array.from({ length: 9 }, (_, at) =>
	    [0, at + 1]));
	let clock = 0;

	assert.equal(layout.isDone, true);
	layout.hold(3, 500, -200);
	assert.equal(layout.isDone, false);
	layout.run(50, () => clock++);
	assert.deepEqual([x[3], y[3]], [500, -200]);
	layout.hold(-1);
	layout.run(Infinity, () => 0);
	assert.equal(layout.isDone, true);
	assert.ok(Math.hypot(x[3] - x[0], y[3] - y[0]) < 200);
});

test('a view keeps what is under the pointer, and shows all', () => {
	const view = new page.View();

	Object.assign(view, { width: 800, height: 600, x: 10, y: 20 });
	const before = view.toPlane(100, 50);

	view.zoomAt(3, 100, 50);
	for (const [at, place] of view.toPlane(100, 50).entries())
		assert.ok(Math.abs(place - before[at]) < 1e-9);
	view.zoomAt(1e9);
	assert.equal(view.zoom, 12);
	view.zoomAt(1e-9);
	assert.equal(view.zoom, 0.02);
	Object.assign(view, view.around([0, 1], [-1000, 1000], [0, 0]));
	for (const [x, at] of [[-1000, 48], [1000, 752]])
		assert.ok(Math.abs(view.toScreen(x, 0)[0] - at) < 1e-9);
	assert.deepEqual(plain(view.around([], [], [])),
	    { x: 0, y: 0, zoom: 1 });
	view.go({ x: 0, y: 0, zoom: 2 }, 1000, false);
	assert.equal(view.step(1100), true);
	assert.equal(view.step(2000), true);
	assert.deepEqual([view.x, view.y, view.zoom], [0, 0, 2]);
	assert.equal(view.step(2001), false);
});
