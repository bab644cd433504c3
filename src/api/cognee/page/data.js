// SPDX-License-Identifier: Apache-2.0
//
// data: what the page was given, with its links counted and sorted, and the
// names made ready for searching.  Pure; knows no document.

'use strict';

const KINDS = ['entity', 'type', 'text', 'document'];
const HITS_MAX = 50;

// What names are compared by: without case and without accents.
function fold(text) {
	return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

class Graph {
	constructor(json) {
		const { made_at, query, datasets, nodes, links } = json;

		this.madeAt = made_at;
		this.query = query;
		this.datasets = datasets;
		this.nodes = nodes;
		this.links = links;
		this.folded = nodes.map(({ name }) => fold(name));
		this.index();
		this.types = this.countTypes();
	}

	// The links of node n are around[first[n]] up to around[first[n + 1]],
	// the heaviest first.
	index() {
		const { nodes, links } = this;
		const first = new Uint32Array(nodes.length + 2);
		const order = links.map((_, at) => at).sort((a, b) =>
		    links[b].weight - links[a].weight || a - b);

		for (const { source, target } of links) {
			first[source + 2]++;
			if (target !== source)
				first[target + 2]++;
		}
		for (let i = 2; i < first.length; i++)
			first[i] += first[i - 1];
		this.around = new Uint32Array(first[first.length - 1]);
		for (const at of order) {
			const { source, target } = links[at];

			this.around[first[source + 1]++] = at;
			if (target !== source)
				this.around[first[target + 1]++] = at;
		}
		this.first = first.subarray(0, nodes.length + 1);
	}

	degree(node) {
		return this.first[node + 1] - this.first[node];
	}

	// The links of a node: [{ link, other, isOut }].
	linksOf(node) {
		const rows = [];

		for (let i = this.first[node]; i < this.first[node + 1]; i++) {
			const link = this.links[this.around[i]];
			const isOut = link.source === node;

			rows.push({ link, isOut,
				other: isOut ? link.target : link.source });
		}
		return rows;
	}

	// What entities are: [{ name, count }], the most frequent first.
	countTypes() {
		const counts = new Map();

		for (const { kind, type } of this.nodes)
			if (kind === 'entity')
				counts.set(type ?? '',
				    (counts.get(type ?? '') ?? 0) + 1);
		return [...counts].map(([name, count]) => ({ name, count }))
		    .sort((a, b) => b.count - a.count ||
			(a.name < b.name ? -1 : 1));
	}

	countKinds() {
		const counts = Object.fromEntries(KINDS.map((kind) =>
		    [kind, 0]));

		for (const { kind } of this.nodes)
			counts[kind]++;
		return counts;
	}

	// Nodes whose names have every word of the query in them, the best
	// first: the name itself, those that begin so, those of which a word
	// does, all others; among those the heaviest.  { hits, total }
	search(query) {
		const wanted = fold(query).trim();
		const words = wanted.split(/\s+/u);
		const hits = [];

		if (wanted === '')
			return { hits, total: 0 };
		this.folded.forEach((name, node) => {
			if (words.every((word) => name.includes(word)))
				hits.push({ node, rank:
				    this.rank(node, name, wanted) });
		});
		hits.sort((a, b) => a.rank - b.rank ||
		    (this.nodes[b.node].weight ?? 0) -
		    (this.nodes[a.node].weight ?? 0) || a.node - b.node);
		return { hits: hits.slice(0, HITS_MAX).map(({ node }) => node),
			total: hits.length };
	}

	rank(node, name, wanted) {
		const kind = KINDS.indexOf(this.nodes[node].kind) * 4;

		if (name === wanted)
			return kind;
		if (name.startsWith(wanted))
			return kind + 1;
		return kind + (name.includes(` ${wanted}`) ? 2 : 3);
	}
}

// "1 text", "1,250 texts"
function counted(count, one, many = `${one}s`) {
	return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

// Who made the graphs, in words.
function makerWords(datasets) {
	const makers = new Set(datasets.flatMap(({ made_by }) => made_by));

	if (makers.size === 2)
		return 'made by a chat model and by rules';
	if (makers.has('model'))
		return 'made by a chat model';
	return makers.has('rules') ? 'made by rules, without a model' : '';
}

// What of the graphs is not here, in words; undefined: it is all here.
function cutWords(graph) {
	const { datasets, nodes, links, query } = graph;
	const isEntity = (node) => nodes[node].kind === 'entity';
	const sum = (member) => datasets.reduce((total, set) =>
	    total + set[member], 0);
	const entities = graph.countKinds().entity;
	const relations = links.filter(({ source, target }) =>
	    isEntity(source) && isEntity(target)).length;
	const parts = [[entities, sum('entities'), 'entities'],
		[relations, sum('relations'), 'relations']]
	    .filter(([here, all]) => here < all)
	    .map(([here, all, what]) => `${here.toLocaleString('en')} of ` +
		`${all.toLocaleString('en')} ${what}`);

	if (query !== null)
		return `Only what is around “${query}” is here.`;
	if (!datasets.some(({ is_cut }) => is_cut))
		return undefined;
	return 'This is not all of it: ' + (parts.length > 0
	    ? `there are ${parts.join(' and ')} here, those of the most ` +
		'weight.'
	    : 'some of the texts that name the entities are left out.');
}

// Why there is nothing to see, and what to do; undefined: there is something.
function emptyWords(graph) {
	const one = graph.datasets.length === 1;

	if (graph.nodes.some(({ kind }) => kind === 'entity'))
		return undefined;
	if (makerWords(graph.datasets) === '')
		return { what: one ? 'This dataset has no graph yet.'
		    : 'None of these datasets has a graph yet.',
			todo: 'None of the data were made into one. Add data ' +
			    'and run cognify over them; then open this page ' +
			    'again.' };
	if (graph.query !== null)
		return { what: `Nothing was found around “${graph.query}”.`,
			todo: 'Ask for other names, or leave the query out.' };
	return { what: `No names were found in ${one ? 'this dataset'
	    : 'these datasets'}.`,
		todo: 'A graph was made of the texts, but they name nothing. ' +
		    'Add more data, or let a chat model make the graph.' };
}
