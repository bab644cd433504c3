// SPDX-License-Identifier: Apache-2.0
//
// A schema as a tree that unfolds.  What is below is drawn when somebody looks,
// so that a schema that holds itself ends where the reader does; where it comes
// back to one of those above, that is said instead.

import { h } from './dom.js';
import { markdown } from './docs_markdown.js';

// Keywords that are shown in words of their own; others as they stand.
const KNOWN = new Set(['$ref', 'type', 'format', 'description', 'properties',
	'required', 'items', 'enum', 'const', 'default', 'anyOf', 'oneOf',
	'allOf', 'additionalProperties', 'unevaluatedProperties', 'minimum',
	'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minLength',
	'maxLength', 'minItems', 'maxItems', 'pattern', 'title', 'examples',
	'example', 'uniqueItems', 'deprecated']);
const ENUM_SHOWN = 6;

// The schema with what it refers to, and what all of allOf say, in one.  name:
// what it is called, where it is a name alone; names: all those in it.
function resolve(api, schema) {
	const out = { schema: {}, name: null, names: new Set() };

	merge(api, schema, out, 0);
	if (schema?.$ref !== undefined)
		out.name = api.follow(schema).name;
	return out;
}

function merge(api, schema, out, depth) {
	if (schema === true || schema === undefined || depth > 16)
		return;
	if (schema === false) {
		out.schema.never = true;
		return;
	}
	const { $ref, allOf, ...own } = schema;

	if ($ref !== undefined) {
		out.names.add($ref);
		merge(api, api.follow(schema).node, out, depth + 1);
	}
	for (const one of allOf ?? [])
		merge(api, one, out, depth + 1);
	const { properties, required } = out.schema;

	Object.assign(out.schema, own);
	if (properties || own.properties)
		out.schema.properties = joined(properties ?? {},
		    own.properties ?? {});
	if (required || own.required)
		out.schema.required = [...required ?? [],
			...own.required ?? []];
}

// What both say of a property holds.
function joined(a, b) {
	const out = { ...a };

	for (const [key, value] of Object.entries(b))
		out[key] = key in a ? { allOf: [a[key], value] } : value;
	return out;
}

const text = (value) => JSON.stringify(value);

function isNull(schema) {
	return schema.type === 'null' || schema.const === null;
}

// "array of Job", "string or null", "Time".
function typeWords(api, schema) {
	const { schema: all, name } = resolve(api, schema);
	const choice = all.anyOf ?? all.oneOf;
	const types = [all.type ?? []].flat();

	if (all.const !== undefined)
		return text(all.const);
	if (choice !== undefined && !all.properties)
		return choice.map((one) => typeWords(api, one)).join(' or ');
	if (types.includes('array')) {
		const inner = all.items === undefined ? ''
		    : ` of ${typeWords(api, all.items)}`;

		return [`array${inner}`, ...types.filter((one) =>
		    one !== 'array')].join(' or ');
	}
	const words = types.length > 0 ? types.join(' or ')
	    : all.properties ? 'object'
		: all.enum ? enumType(all.enum) : 'any';

	if (name !== null && all.properties)
		return name;
	return all.format ? `${words}, ${all.format}` : words;
}

function enumType(values) {
	return [...new Set(values.map((one) =>
	    one === null ? 'null' : typeof one))].join(' or ');
}

function range(low, high, what) {
	if (low !== undefined && high !== undefined)
		return `${low} to ${high}${what}`;
	if (low !== undefined)
		return `at least ${low}${what}`;
	return high === undefined ? null : `at most ${high}${what}`;
}

// What else is said of a value, each a short sentence.
function facts(all) {
	const rest = Object.fromEntries(Object.entries(all).filter(
	    ([key]) => !KNOWN.has(key) && key !== 'never'));

	return [
		all.default !== undefined && `default ${text(all.default)}`,
		range(all.minimum, all.maximum, ''),
		all.exclusiveMinimum !== undefined &&
		    `above ${all.exclusiveMinimum}`,
		all.exclusiveMaximum !== undefined &&
		    `below ${all.exclusiveMaximum}`,
		range(all.minLength, all.maxLength, ' characters'),
		range(all.minItems, all.maxItems, ' entries'),
		all.uniqueItems && 'none twice',
		all.pattern !== undefined && all.format === undefined &&
		    `like ${all.pattern}`,
		Object.keys(rest).length > 0 && text(rest),
	].filter((one) => one !== false && one !== null && one !== undefined);
}

// The words of an enum: a few at once, the others behind a fold.
function choices(values) {
	const code = (one) => h('code', { class: 'docs-value' }, text(one));

	if (values.length <= ENUM_SHOWN)
		return h('p', { class: 'docs-values' }, values.map(code));
	return h('details', { class: 'docs-fold' },
	    h('summary', `${values.length} values`),
	    h('p', { class: 'docs-values' }, values.map(code)));
}

// What is below this schema: [key, schema, required] each; the key of an
// entry of a list or of a choice is words in brackets.
function inside(all) {
	const out = Object.entries(all.properties ?? {}).map(([key, one]) =>
	    [key, one, all.required?.includes(key)]);
	const choice = all.anyOf ?? all.oneOf ?? [];
	const many = choice.filter((one) => !isNull(one));

	if (typeof all.additionalProperties === 'object')
		out.push(['(any other)', all.additionalProperties, false]);
	if (typeof all.items === 'object')
		out.push(['(each)', all.items, false]);
	for (const one of many)
		out.push([many.length === 1 ? '(otherwise)' : '(either)', one,
			false]);
	return out;
}

// Is there anything to be seen below it?
function isDeep(api, schema) {
	const { schema: all } = resolve(api, schema);

	return all.properties !== undefined ||
	    (all.anyOf ?? all.oneOf ?? []).some((one) => isDeep(api, one)) ||
	    (typeof all.items === 'object' && isDeep(api, all.items)) ||
	    typeof all.additionalProperties === 'object';
}

// A choice between one thing and null, and a list, are looked through: what
// they hold is shown in their place.
function core(api, schema) {
	const { schema: all } = resolve(api, schema);
	const many = (all.anyOf ?? all.oneOf ?? []).filter((one) =>
	    !isNull(one));

	if (!all.properties && many.length === 1)
		return core(api, many[0]);
	if (!all.properties && typeof all.items === 'object')
		return core(api, all.items);
	return schema;
}

function row(api, [key, schema, isRequired], above) {
	const { schema: all } = resolve(api, schema);
	const within = core(api, schema);
	const { names, name } = resolve(api, within);
	const again = [...names].some((one) => above.has(one));
	const values = resolve(api, within).schema.enum;
	const body = h('div', { class: 'docs-member-text' },
	    all.description ? markdown(all.description) : null,
	    values ? choices(values) : null);
	const head = [
		h('code', { class: 'docs-member' }, key), ' ',
		h('span', { class: 'docs-type' }, typeWords(api, schema)),
		isRequired ? h('span', { class: 'docs-required' },
		    'required') : null,
		all.deprecated ? h('span', { class: 'docs-required' },
		    'deprecated') : null,
		facts(all).map((one) => h('span', { class: 'docs-fact' }, one)),
	];

	if (!isDeep(api, schema) || again)
		return h('li', { class: 'docs-row' },
		    h('div', { class: 'docs-row-head' }, head, again
			? h('span', { class: 'docs-fact' },
			    `as ${name ?? 'it'} above`) : null), body);
	return h('li', { class: 'docs-row' }, fold([head, body], () =>
	    members(api, within, above)));
}

// A head that unfolds what draw() makes, once.
function fold(head, draw) {
	const details = h('details', { class: 'docs-fold' },
	    h('summary', { class: 'docs-row-head' }, head));

	details.addEventListener('toggle', () => {
		if (details.open && details.childElementCount === 1)
			details.append(draw());
	});
	return details;
}

function members(api, schema, above) {
	const { schema: all, names } = resolve(api, schema);
	const rows = inside(all);
	const now = new Set([...above, ...names]);

	return h('ul', { class: 'docs-tree' },
	    rows.map((one) => row(api, one, now)));
}

// The tree of a schema, its first level open.
export function schemaTree(api, schema) {
	const { schema: all } = resolve(api, schema);
	const within = core(api, schema);
	const words = typeWords(api, schema);

	return h('div', { class: 'docs-schema' },
	    h('p', { class: 'docs-row-head' },
		h('span', { class: 'docs-type' }, words),
		facts(all).map((one) =>
		    h('span', { class: 'docs-fact' }, one))),
	    all.description ? h('div', markdown(all.description)) : null,
	    all.enum ? choices(all.enum) : null,
	    isDeep(api, schema) ? members(api, within, new Set()) : null);
}

// The same in one line, for tables of parameters.
export function schemaLine(api, schema) {
	const { schema: all } = resolve(api, schema);
	const values = resolve(api, core(api, schema)).schema.enum;

	return [h('span', { class: 'docs-type' }, typeWords(api, schema)),
		facts(all).map((one) => h('span', { class: 'docs-fact' }, one)),
		values ? choices(values) : null];
}
