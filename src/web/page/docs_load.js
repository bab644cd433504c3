// SPDX-License-Identifier: Apache-2.0
//
// The descriptions: fetched, read, and turned into what the page shows.

import { parse } from './yaml.js';

// What they are called here, in the order of the list.
export const APIS = [
	['native', 'Tidemark'],
	['dify', 'Dify'],
	['digitalocean', 'DigitalOcean'],
	['captain', 'Captain'],
	['cognee', 'Cognee'],
	['server', 'Server'],
];
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const REFS_MAX = 16;
const GROUP_MIN = 3;

// Words of a path that are the same everywhere.
const COMMON = /^(api|v\d+|tidemark|gen-ai)$/;

// A file without tags is grouped by what its paths are about: the first word,
// and the first one behind a parameter.
function groupOf(path) {
	const segments = path.split('/').slice(1);
	const isWord = (one) => one !== '' && !one.startsWith('{') &&
	    !COMMON.test(one);
	const first = segments.findIndex(isWord);
	const param = segments.findIndex((one, i) =>
	    i > first && one.startsWith('{'));
	const second = param < 0 ? undefined
	    : segments.slice(param).find(isWord);

	if (first < 0)
		return 'general';
	return second === undefined ? segments[first]
	    : `${segments[first]}, ${second}`;
}

// The whole segments that all these paths begin with.
function commonOf(paths) {
	let common = paths[0] ?? '';

	for (const path of paths)
		while (!`${path}/`.startsWith(`${common}/`))
			common = common.slice(0, common.lastIndexOf('/'));
	return common;
}

export class Description {
	constructor(name, label, text) {
		this.name = name;
		this.label = label;
		this.doc = parse(text);
		this.operations = Object.entries(this.doc.paths)
		    .flatMap(([path, item]) => METHODS
			.filter((method) => item[method] !== undefined)
			.map((method) => this.operation(path, item, method)));
		this.common = commonOf(Object.keys(this.doc.paths));
		this.operations.push(...this.sent());
		this.groups = this.grouped();
	}

	operation(path, item, method) {
		const node = item[method];
		const parameters = [...item.parameters ?? [],
			...node.parameters ?? []].map((one) =>
		    this.follow(one).node);
		const verb = method.toUpperCase();

		return { api: this, path, verb, node, parameters,
			group: node.tags?.[0] ?? groupOf(path),
			body: node.requestBody &&
			    this.follow(node.requestBody).node,
			security: node.security ?? this.doc.security ?? [],
			summary: node.summary ?? '',
			href: `#/${this.name}/${verb}%20${encodeURI(path)}`,
			words: [verb, path, node.summary, node.description,
				node.operationId, node.tags?.join(' '),
				...parameters.map((one) => one.name)]
			    .join('\n').toLowerCase() };
	}

	// What the server asks others, of webhooks.
	sent() {
		return Object.entries(this.doc.webhooks ?? {})
		    .flatMap(([name, item]) => METHODS
			.filter((method) => item[method] !== undefined)
			.map((method) => ({
				...this.operation(name, item, method),
				isSent: true })));
	}

	grouped() {
		const groups = new Map((this.doc.tags ?? []).map((tag) =>
		    [tag.name, { name: tag.name,
			description: tag.description, operations: [] }]));
		const sizes = new Map();

		for (const { group } of this.operations)
			sizes.set(group, (sizes.get(group) ?? 0) + 1);
		for (const one of this.operations) {
			// One or two are no group of their own.
			const name = sizes.get(one.group) < GROUP_MIN
			    ? one.group.split(',')[0] : one.group;

			if (!groups.has(name))
				groups.set(name, { name, operations: [] });
			groups.get(name).operations.push(one);
		}
		return [...groups.values()].filter((group) =>
		    group.operations.length > 0);
	}

	// What $ref points at, and what that is called; references that go
	// round are none.
	follow(node) {
		let name = null;

		for (let i = 0; node?.$ref !== undefined; i++) {
			const place = node.$ref.replace(/^#\//, '').split('/')
			    .map((part) => part.replaceAll('~1', '/')
				.replaceAll('~0', '~'));

			if (i === REFS_MAX)
				throw new Error(`${node.$ref} goes round`);
			node = place.reduce((at, part) => at?.[part], this.doc);
			if (node === undefined)
				throw new Error('nothing at ' +
				    place.join('/'));
			name = place.at(-1);
		}
		return { node, name };
	}

	find(verb, path) {
		return this.operations.find((one) => one.verb === verb &&
		    one.path === path) ??
		    // Short, as it stands in the papers: GET /bases.
		    this.operations.find((one) => one.verb === verb &&
			path !== '' && one.path.endsWith(path));
	}
}

const loads = new Map();

// The description of that name, fetched once; rejects with words for people.
export function load(name) {
	if (!loads.has(name))
		loads.set(name, fetchOne(name).catch((error) => {
			// Asked for again, it is tried again.
			loads.delete(name);
			throw error;
		}));
	return loads.get(name);
}

async function fetchOne(name) {
	const label = APIS.find(([one]) => one === name)[1];
	const reply = await fetch(`/openapi/${name}.yaml`);

	if (!reply.ok)
		throw new Error(`${name}.yaml: the server says ` +
		    reply.status);
	try {
		return new Description(name, label, await reply.text());
	} catch (error) {
		throw new Error(`${name}.yaml cannot be shown: ` +
		    error.message);
	}
}
