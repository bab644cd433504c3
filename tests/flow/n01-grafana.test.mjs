// SPDX-License-Identifier: Apache-2.0
//
// The dashboard and the alerts name figures that there are, the service's unit
// is one that systemd takes.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import YAML from 'yaml';
import { namesOf, scrape } from './lib-metrics.mjs';
import { Server } from './lib.mjs';

const read = (file) => readFileSync(new URL(`../../packaging/${file}`,
    import.meta.url), 'utf8');
const UNIT = fileURLToPath(new URL('../../packaging/systemd/tidemark.service',
    import.meta.url));
const EXPOSURE_MAX = 2; // of 10, as systemd-analyze counts
let families;

before(async () => {
	const server = await Server.start();

	try {
		({ families } = await scrape(server));
	} finally {
		await server.stop();
	}
});

// What the name is of; a histogram's parts are its.
function familyOf(name) {
	const family = families.get(name) ??
	    families.get(name.replace(/_(bucket|sum|count)$/, ''));

	assert.ok(family, `there is no ${name}`);
	assert.equal(family.name === name, family.type !== 'histogram', name);
	return family.name;
}

test('names are found in expressions', () => {
	assert.deepEqual(namesOf('sum by (le, x) (rate(a_total{b=~"c|d"}[5m])) ' +
	    '> 2e9 and on (y) b_bytes == 1 or topk(10, c{d="e"} / 60)'),
	    ['a_total', 'b_bytes', 'c']);
});

test('the dashboard shows all there is, and nothing else', () => {
	const board = JSON.parse(read('grafana/tidemark.json'));
	const used = new Set();
	const ids = new Set();
	const taken = new Set();

	assert.ok(board.schemaVersion >= 36 && board.schemaVersion <= 39);
	assert.equal(board.id, null);
	assert.equal(board.templating.list[0].type, 'datasource');
	for (const { id, gridPos: at, type, targets = [], title } of
		board.panels) {
		assert.ok(Number.isInteger(id) && !ids.has(id), title);
		ids.add(id);
		assert.ok(at.x >= 0 && at.w > 0 && at.x + at.w <= 24, title);
		for (let x = at.x; x < at.x + at.w; x++)
			for (let y = at.y; y < at.y + at.h; y++) {
				assert.ok(!taken.has(`${x},${y}`), title);
				taken.add(`${x},${y}`);
			}
		assert.equal(targets.length === 0, type === 'row', title);
		for (const { expr, datasource } of targets) {
			const names = namesOf(expr);

			assert.ok(names.length > 0, expr);
			assert.equal(datasource.uid, '${datasource}');
			names.forEach((name) => used.add(familyOf(name)));
		}
	}
	assert.deepEqual([...used].sort(), [...families.keys()].sort());
});

test('the alerts are about what there is', () => {
	const { groups } = YAML.parse(read('grafana/alerts.yml'));
	const names = new Set();

	for (const { rules } of groups)
		for (const { alert, expr, annotations, labels, ...rest } of
			rules) {
			assert.match(alert, /^Tidemark[A-Z][A-Za-z]+$/);
			assert.ok(!names.has(alert), alert);
			names.add(alert);
			assert.match(rest.for, /^\d+m$/);
			assert.match(labels.severity, /^(warning|critical)$/);
			assert.ok(annotations.summary && annotations.description);
			const used = namesOf(expr);

			assert.ok(used.length > 0, alert);
			used.forEach(familyOf);
			for (const [, label, value] of expr.matchAll(
			    /(reason|waiting_for)[=!]~?"([^"]*)"/g))
				for (const one of value.split('|'))
					assert.ok(families.get(used[0]).samples
					    .some(({ labels: has }) =>
						has[label] === one),
					`${alert}: ${label} ${one}`);
		}
	assert.ok(names.size > 5);
});

test('systemd takes the unit', (t) => {
	const run = (...args) => spawnSync('systemd-analyze', args,
	    { encoding: 'utf8' });

	if (run('--version').status !== 0) {
		t.skip('there is no systemd-analyze');
		return;
	}
	const said = run('security', '--offline=true', '--no-pager', UNIT);
	const level = /exposure level for \S+: ([0-9.]+)/.exec(said.stdout);

	if (level === null) {
		t.skip('it cannot look at a file here');
		return;
	}
	assert.ok(Number(level[1]) < EXPOSURE_MAX, said.stdout);
	const odd = run('verify', '--man=no', UNIT).stderr.split('\n')
		.filter((line) => line.includes('tidemark.service') &&
		    !line.includes('is not executable'));

	assert.deepEqual(odd, []);
});
