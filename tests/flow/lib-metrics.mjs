// SPDX-License-Identifier: Apache-2.0
//
// Reads an answer of /metrics (Prometheus' text format 0.0.4), more strictly
// than Prometheus does: whatever is odd is an error.

import assert from 'node:assert/strict';

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const HELP = /^# HELP (\S+) (\S.*)$/;
const TYPE = /^# TYPE (\S+) (counter|gauge|histogram)$/;
const SAMPLE = /^([a-zA-Z_][a-zA-Z0-9_]*)(?:\{([^}]*(?:\{[^}]*\}[^}]*)*)\})? (\S+)$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/;
const NUMBER = /^(?:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|\+Inf|NaN)$/;

function labelsOf(text, line) {
	const labels = {};

	while (text !== '') {
		const found = LABEL.exec(text);

		assert.ok(found, `labels: ${line}`);
		assert.ok(!(found[1] in labels), `a label twice: ${line}`);
		labels[found[1]] = found[2];
		text = text.slice(found[0].length);
	}
	return labels;
}

const key = (labels) => JSON.stringify(Object.entries(labels).sort());

function sampleOf(line, family) {
	const found = SAMPLE.exec(line);

	assert.ok(found, `not a sample: ${line}`);
	const [, name, labels = '', value] = found;
	const suffixes = family.type === 'histogram'
	    ? ['_bucket', '_sum', '_count'] : [''];

	assert.ok(suffixes.includes(name.slice(family.name.length)) &&
	    name.startsWith(family.name), `not of ${family.name}: ${line}`);
	assert.match(value, NUMBER, line);
	return { name, labels: labelsOf(labels, line), value: Number(value) };
}

// One histogram: its buckets rise, the last one is all, and there is a sum.
function checkHistogram(family) {
	const rows = new Map();

	for (const { name, labels, value } of family.samples) {
		const { le, ...rest } = labels;
		const row = rows.get(key(rest)) ?? { buckets: [] };

		rows.set(key(rest), row);
		if (name.endsWith('_bucket'))
			row.buckets.push([le === '+Inf' ? Infinity : Number(le),
				value]);
		else
			row[name.endsWith('_sum') ? 'sum' : 'count'] = value;
	}
	for (const { buckets, sum, count } of rows.values()) {
		assert.ok(buckets.length > 1, family.name);
		for (let i = 1; i < buckets.length; i++) {
			assert.ok(buckets[i][0] > buckets[i - 1][0],
			    family.name);
			assert.ok(buckets[i][1] >= buckets[i - 1][1],
			    family.name);
		}
		assert.deepEqual(buckets.at(-1), [Infinity, count]);
		assert.ok(sum >= 0 && (count > 0 || sum === 0), family.name);
	}
}

function checkFamily(family) {
	const seen = new Set();

	assert.match(family.name, NAME);
	assert.equal(family.name.endsWith('_total'),
	    family.type === 'counter', `${family.name}: ${family.type}`);
	for (const { name, labels, value } of family.samples) {
		const series = name + key(labels);

		assert.ok(!seen.has(series), `twice: ${series}`);
		seen.add(series);
		if (family.type !== 'gauge')
			assert.ok(value >= 0, series);
	}
	if (family.type === 'histogram')
		checkHistogram(family);
}

// { families: name -> { name, type, help, samples }, value(name, labels),
// sum(name) }.
export function parseMetrics(text) {
	const families = new Map();
	let family, help;

	assert.ok(text.endsWith('\n'));
	for (const line of text.slice(0, -1).split('\n')) {
		if (line.startsWith('# HELP ')) {
			assert.equal(help, undefined, line);
			help = HELP.exec(line);
			assert.ok(help, line);
			assert.ok(!families.has(help[1]), `twice: ${line}`);
		} else if (line.startsWith('# TYPE ')) {
			const type = TYPE.exec(line);

			assert.ok(type && help && type[1] === help[1], line);
			family = { name: type[1], type: type[2],
				help: help[2], samples: [] };
			families.set(family.name, family);
			help = undefined;
		} else {
			assert.ok(family && !help, line);
			family.samples.push(sampleOf(line, family));
		}
	}
	for (const one of families.values())
		checkFamily(one);
	const samplesOf = (name) => {
		const owner = families.get(name) ??
		    families.get(name.replace(/_(sum|count|bucket)$/, ''));

		assert.ok(owner, `there is no ${name}`);
		return owner.samples.filter((one) => one.name === name);
	};

	return {
		families,
		value(name, labels = {}) {
			const found = samplesOf(name).filter((one) =>
			    key(one.labels) === key(labels));

			assert.equal(found.length, 1,
			    `${name} ${JSON.stringify(labels)}`);
			return found[0].value;
		},
		sum: (name) => samplesOf(name).reduce((sum, { value }) =>
		    sum + value, 0),
	};
}

export async function scrape(server) {
	const reply = await server.fetch('/metrics', { key: null });

	assert.equal(reply.status, 200);
	assert.equal(reply.headers.get('content-type'),
	    'text/plain; version=0.0.4; charset=utf-8');
	return parseMetrics(await reply.text());
}

// The names of metrics in an expression of PromQL, without functions, labels
// and what is in quotes.
export function namesOf(expr) {
	const bare = expr.replace(/"(?:[^"\\]|\\.)*"/g, '""')
		.replace(/\{[^}]*\}/g, '').replace(/\[[^\]]*\]/g, '')
		.replace(/\b(?:by|without|on|ignoring|group_left)\s*\([^)]*\)/g,
		    '');

	return [...bare.matchAll(/[a-zA-Z_:][a-zA-Z0-9_:]*/g)]
		.filter(({ 0: word, index }) => !/^(and|or|unless|bool|Inf)$/
		.test(word) && !/^\s*\(/.test(bare.slice(index + word.length)) &&
		    !/[0-9.]$/.test(bare.slice(0, index)))
		.map(([word]) => word);
}
