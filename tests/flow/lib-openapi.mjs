// SPDX-License-Identifier: Apache-2.0
//
// Holds answers against docs/api/*.yaml: what a file does not say may not be
// answered.  check() judges one answer; apiFetch() is a fetch that checks.
//
// The files are looked through together, as the server's tables are: of the
// paths that fit, the one with the earlier literal wins, then the one that
// takes UUIDs only.  What a file says of paths and methods that it does not
// have is in its x-tidemark.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DOCS = new URL('../../docs/api/', import.meta.url);
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const BODY_SHOWN = 1500;
const ERRORS_SHOWN = 8;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const UUID_ANY_CASE = new RegExp(UUID.source, 'i');
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

async function packaged(name) {
	try {
		return await import(name);
	} catch (error) {
		throw new Error(`the npm package ${name} cannot be loaded; run ` +
		    `"npm ci" in ${fileURLToPath(new URL('.', import.meta.url))}` +
		    ` (tools/run_tests does): ${error.message}`);
	}
}

const { default: Ajv } = await packaged('ajv/dist/2020.js');
const { default: YAML } = await packaged('yaml');

// ---- schemas --------------------------------------------------------------

const ajv = new Ajv({ strict: true, strictTypes: false, strictTuples: false,
	strictRequired: false, allowUnionTypes: true, allErrors: true,
	verbose: true });

ajv.addFormat('uuid', UUID);
ajv.addFormat('date-time', {
	validate: (text) => TIME.test(text) && !Number.isNaN(Date.parse(text)),
});
ajv.addFormat('uri', {
	validate(text) {
		try {
			return Boolean(new URL(text));
		} catch {
			return false;
		}
	},
});

const SCHEMAS = '#/components/schemas/';
const compiled = new Map();

// The schema with its references turned to where addSchemas() put them.
function rebased(file, schema) {
	if (Array.isArray(schema))
		return schema.map((one) => rebased(file, one));
	if (schema === null || typeof schema !== 'object')
		return schema;
	return Object.fromEntries(Object.entries(schema).map(([key, value]) => {
		if (key !== '$ref' || typeof value !== 'string')
			return [key, rebased(file, value)];
		if (!value.startsWith(SCHEMAS))
			throw new Error(`${file.name}.yaml: a schema refers ` +
			    `to ${value}`);
		return [key, `${file.name}.yaml#/$defs/` +
		    value.slice(SCHEMAS.length)];
	}));
}

// An OpenAPI file is no schema, and a strict validator says so: it is given
// the file's schemas as the definitions of an empty one.
function addSchemas(file) {
	ajv.addSchema({ $id: `${file.name}.yaml`,
		$defs: rebased(file, file.doc.components?.schemas ?? {}) });
}

// The function for the schema at that place of a file, made once.
export function validator(file, ...place) {
	const key = [file.name, ...place].join('\n');

	if (!compiled.has(key))
		compiled.set(key, ajv.compile(rebased(file, file.at(place))));
	return compiled.get(key);
}

export function describeErrors(errors) {
	return errors.slice(0, ERRORS_SHOWN).map((error) => {
		const seen = JSON.stringify(error.data) ?? '';
		const more = JSON.stringify(error.params);

		return `  ${error.instancePath || '/'} ${error.message} ` +
		    `${more}: ${seen.slice(0, 120)}`;
	}).join('\n');
}

// ---- files ----------------------------------------------------------------

class File {
	constructor(name, text) {
		this.name = name;
		this.text = text;
		this.doc = YAML.parse(text, { strict: true, uniqueKeys: true });
		this.own = this.doc['x-tidemark'] ?? {};
		addSchemas(this);
		this.paths = Object.entries(this.doc.paths).map(
		    ([template, item]) => ({ file: this, template, item,
			segments: this.segments(template, item) }));
	}

	// What $ref points at, and where that is.
	follow(node, place) {
		while (node?.$ref !== undefined) {
			place = node.$ref.replace(/^#\//, '').split('/').map(
			    (part) => decodeURIComponent(part)
				.replaceAll('~1', '/').replaceAll('~0', '~'));
			node = this.at(place);
			if (node === undefined)
				throw new Error(`${this.name}.yaml: nothing ` +
				    `at ${place.join('/')}`);
		}
		return { node, place };
	}

	at(place) {
		return place.reduce((node, part) => node?.[part], this.doc);
	}

	// Each segment: a literal, "uuid" or "any".
	segments(template, item) {
		const params = new Map();

		for (const method of [undefined, ...METHODS])
			for (const ref of (method ? item[method] : item)
				?.parameters ?? []) {
				const { node } = this.follow(ref);

				if (node.in === 'path')
					params.set(node.name, node);
			}
		return template.split('/').slice(1).map((text) => {
			const name = /^\{(.+)\}$/.exec(text)?.[1];

			if (name === undefined)
				return { kind: 0, text };
			const schema = this.follow(params.get(name)?.schema)
			    .node;

			return { kind: schema?.format === 'uuid' ? 1 : 2, name };
		});
	}
}

export const files = readdirSync(DOCS).filter((name) =>
    name.endsWith('.yaml')).sort().map((name) =>
    new File(name.slice(0, -'.yaml'.length),
	readFileSync(new URL(name, DOCS), 'utf8')));

export function fileOf(name) {
	const file = files.find((one) => one.name === name);

	if (file === undefined)
		throw new Error(`there is no docs/api/${name}.yaml`);
	return file;
}

// ---- finding --------------------------------------------------------------

// undefined: its escapes are wrong.
function decode(text) {
	try {
		const decoded = decodeURIComponent(text);

		return decoded.includes('\0') ? undefined : decoded;
	} catch {
		return undefined;
	}
}

// Where a slash at the end makes no difference, none is looked at.
function fits(path, segments) {
	const isOptional = path.file.own['trailing-slash'] ||
	    path.item['x-tidemark']?.slash === 'optional';
	const bare = (list, text) => isOptional && list.length > 1 &&
	    text(list.at(-1)) === '' ? list.slice(0, -1) : list;
	const wants = bare(path.segments, (want) => want.text);

	segments = bare(segments, (text) => text);
	return segments.length === wants.length && wants.every((want, i) =>
	    want.kind === 0 ? segments[i] === want.text :
	    want.kind === 1 ? UUID_ANY_CASE.test(segments[i]) :
	    segments[i] !== '');
}

function order(a, b) {
	for (let i = 0; i < a.segments.length; i++)
		if (a.segments[i].kind !== b.segments[i].kind)
			return a.segments[i].kind - b.segments[i].kind;
	return 0;
}

// The file that writes the errors of a path that none has; undefined: none.
function owner(pathname) {
	let best, bestLength = 0;

	for (const file of files)
		for (const prefix of file.own.prefixes ?? [])
			if (prefix.length > bestLength && (pathname + '/')
			    .startsWith(prefix.replace(/\/$/, '') + '/')) {
				best = file;
				bestLength = prefix.length;
			}
	return best;
}

// { file, template, place } of what the files say of a request, and what the
// status must be where they have no such path or method; undefined: the
// request is none of theirs.
export function find(method, where) {
	const pathname = where.replace(/[?#].*$/s, '');
	const segments = pathname.split('/').slice(1).map(decode);
	const wanted = (method === 'HEAD' ? 'GET' : method).toLowerCase();

	if (segments.includes(undefined)) {
		const file = owner(pathname);

		return file && { file, template: 'a malformed path', status: 400,
			place: ['x-tidemark', 'malformed-path'] };
	}
	const paths = files.flatMap((file) => file.paths)
	    .filter((path) => fits(path, segments)).sort(order);
	const path = paths.find(({ item }) => item[wanted] !== undefined);

	if (path !== undefined)
		return { file: path.file, template: path.template,
			place: ['paths', path.template, wanted, 'responses'] };
	if (paths.length > 0) {
		const { file, template } = paths[0];
		const isAsked = method === 'OPTIONS' && file.own.options;

		return { file, template, status: isAsked ? 200 : 405,
			place: ['x-tidemark',
				isAsked ? 'options' : 'wrong-method'],
			allowed: METHODS.filter((one) => paths.some(
			    ({ item }) => item[one] !== undefined)) };
	}
	const file = owner(pathname);

	return file && { file, template: 'an unknown path', status: 404,
		place: ['x-tidemark', 'unknown-path'] };
}

// ---- checking -------------------------------------------------------------

function header(headers, name) {
	if (typeof headers?.get === 'function')
		return headers.get(name) ?? undefined;
	for (const [key, value] of Object.entries(headers ?? {}))
		if (key.toLowerCase() === name.toLowerCase())
			return Array.isArray(value) ? value.join(', ') : value;
	return undefined;
}

// The place of the response for that status; undefined: there is none.
function response(found, status) {
	const { file, place } = found;

	if (found.status !== undefined)
		return status === found.status
		    ? file.follow(file.at(place), place) : undefined;
	for (const key of [String(status), `${String(status)[0]}XX`,
		'default']) {
		const node = file.at(place)[key];

		if (node !== undefined)
			return file.follow(node, [...place, key]);
	}
	return undefined;
}

function checkHeaders(file, { node, place }, headers, fail) {
	for (const [name, ref] of Object.entries(node.headers ?? {})) {
		const at = file.follow(ref, [...place, 'headers', name]);
		const value = header(headers, name);

		if (value === undefined) {
			if (at.node.required)
				fail(`the header ${name} is missing`);
			continue;
		}
		const validate = validator(file, ...at.place, 'schema');

		if (!validate(value))
			fail(`the header ${name} is not as the file says:\n` +
			    describeErrors(validate.errors));
	}
}

function checkBody(file, { node, place }, headers, text, fail) {
	const type = (header(headers, 'content-type') ?? '')
	    .split(';')[0].trim().toLowerCase();

	if (node.content === undefined) {
		if (text !== '')
			fail('there is a body, the file has none');
		return;
	}
	if (node.content['*/*'] !== undefined && type !== '')
		return;
	if (node.content[type] === undefined)
		fail(`its type is "${type}", the file has ` +
		    Object.keys(node.content).join(', '));
	if (type !== 'application/json')
		return;
	let body;

	try {
		body = JSON.parse(text);
	} catch (error) {
		fail(`it is not JSON: ${error.message}`);
	}
	const validate = validator(file, ...place, 'content', type, 'schema');

	if (!validate(body))
		fail('the body is not as the file says:\n' +
		    describeErrors(validate.errors));
}

/*
 * Throws when docs/api/<dialect>.yaml does not say that this may be the answer
 * to that request.  path may have a query; headers: of the answer, a Headers
 * or an object; bodyText: "" when there is none.  dialect null: whichever the
 * path belongs to; a path of none is not checked.
 */
export function check(dialect, method, path, status, headers, bodyText) {
	const found = find(method, path);

	function fail(what) {
		const seen = bodyText.length > BODY_SHOWN
		    ? bodyText.slice(0, BODY_SHOWN) + '...' : bodyText;

		throw new Error(`${method} ${path} was answered with ` +
		    `${status}: ${what}\n  (${found?.file.name ?? dialect}` +
		    `.yaml, ${found?.template ?? 'no path'})\n${seen}`);
	}

	if (found === undefined && dialect === null)
		return;
	if (found === undefined ||
	    (dialect !== null && found.file.name !== dialect))
		fail(`the path is not of ${dialect}.yaml`);
	const said = response(found, status);

	if (said === undefined)
		fail(found.status === undefined
		    ? 'the file has no such status'
		    : `the file has only ${found.status} for that`);
	if (found.allowed !== undefined) {
		const allow = found.allowed.flatMap((one) =>
		    one === 'get' ? ['GET', 'HEAD'] : [one.toUpperCase()]);

		if (header(headers, 'allow') !== allow.join(', '))
			fail(`Allow is "${header(headers, 'allow')}", by the ` +
			    `file it is "${allow.join(', ')}"`);
	}
	for (const name of found.file.own.headers ?? [])
		if (header(headers, name) === undefined)
			fail(`the header ${name} is missing`);
	checkHeaders(found.file, said, headers, fail);
	if (method !== 'HEAD')
		checkBody(found.file, said, headers, bodyText, fail);
}

// As fetch; what answers is checked.  Of an event stream, which may have no
// end, the head: whoever reads the events has checkSchema() for them.
export async function apiFetch(url, options = {}) {
	const { pathname, search } = new URL(url);
	const method = (options.method ?? 'GET').toUpperCase();
	const reply = await fetch(url, options);
	const isStream = reply.headers.get('content-type') ===
	    'text/event-stream';

	if (find(method, pathname) === undefined)
		return reply;
	check(null, method, pathname + search, reply.status, reply.headers,
	    isStream ? '' : await reply.clone().text());
	return reply;
}

// Throws when the value is none of what the file calls by that name.
export function checkSchema(file, name, value) {
	const validate = validator(fileOf(file), 'components', 'schemas', name);

	if (!validate(value))
		throw new Error(`no ${name} of ${file}.yaml:\n` +
		    describeErrors(validate.errors));
}
