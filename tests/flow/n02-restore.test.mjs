// SPDX-License-Identifier: Apache-2.0
//
// What a restore is given may be anybody's: whatever is not as a backup is, is
// refused, and nothing is left behind.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import test, { after, before } from 'node:test';
import { members, run, sha256, sumsOf, tarOf } from './lib-backup.mjs';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tidemark-n-'));
const data = path.join(dir, 'data');
let good; // its members, without the sums
let whole;

// A folder with a few documents, one of them a file among the uploads.
before(() => {
	const old = path.join(dir, 'made');

	fs.writeFileSync(path.join(dir, 'a.txt'), 'The lamp burns.');
	const made = run(['index', path.join(dir, 'a.txt'), '--base', 'b',
		'--data', old]);

	assert.equal(made.status, 0, made.stderr);
	const end = run(['backup', '--data', old, path.join(dir, 'b.tar')]);

	assert.equal(end.status, 0, end.stderr);
	whole = fs.readFileSync(path.join(dir, 'b.tar'));
	good = members(whole).slice(0, -1);
});
after(() => fs.rmSync(dir, { recursive: true, force: true }));

function content(name) {
	return good.find((one) => one.name === name).content;
}

// The good members, with the manifest changed and others put in.
function changed(change, extra = [], at = good.length) {
	const manifest = JSON.parse(content('manifest.json'));
	const list = good.map((one) => ({ ...one }));

	Object.assign(manifest, change);
	list[0].content = Buffer.from(JSON.stringify(manifest));
	list.splice(at, 0, ...extra);
	return list;
}

function uploadOf(text) {
	const bytes = Buffer.from(text);
	const hash = sha256(bytes);

	return { name: `blobs/${hash.slice(0, 2)}/${hash.slice(2)}`,
		content: bytes };
}

const withSums = (list) => tarOf([...list, sumsOf(list)]);
const flipped = (at) => {
	const copy = Buffer.from(whole);

	copy[at] ^= 1;
	return copy;
};
const at = (name, offset = 0) => whole.indexOf(Buffer.from(name)) + 512 +
    offset;
const two = [uploadOf('one'), uploadOf('two')].sort((a, b) =>
    a.name < b.name ? -1 : 1);
const counted = { uploads: 2, upload_bytes: 6 };
const other = (name, more = {}) => () => withSums(changed(
    { uploads: 1, upload_bytes: 3 },
    [{ name, content: Buffer.from('abc'), ...more }]));

const hostile = {
	'nothing': [() => Buffer.alloc(0), /ends too early/],
	'zeros': [() => Buffer.alloc(10240), /does not begin with manifest/],
	'noise': [() => Buffer.alloc(4096, 'tidemark'), /no tar file/],
	'a name with ..': [other('blobs/../../evil'), /an upload is to be/],
	'a name from the root': [other('/etc/passwd'), /an upload is to be/],
	'a name with a line break': [other('x\ny\x1b[2J'), /"x\?y\?\[2J"/],
	'capitals': [() => withSums(changed(counted, two.map((one) =>
	    ({ ...one, name: one.name.toUpperCase() })))), /an upload/],
	'a prefix': [other(two[0].name, { prefix: '../..' }),
		/something else than plain files/],
	'a link': [other(two[0].name, { type: '2', link: '/etc' }),
		/something else than plain files/],
	'a hard link': [other(two[0].name, { type: '1',
		link: 'tidemark.db' }), /something else than plain files/],
	'a folder': [other('blobs/ab/', { type: '5' }),
		/something else than plain files/],
	'a device': [other('blobs', { type: '3' }),
		/something else than plain files/],
	'a path by pax': [other('x', { type: 'x',
		content: Buffer.from('20 path=/etc/passwd\n') }),
		/more than a size/],
	'a global head': [other('x', { type: 'g' }),
		/something else than plain files/],
	'GNU tar\'s own kind': [other('x', { magic: 'ustar  \0' }),
		/no tar file/],
	'a size that is no number': [other(two[0].name,
	    { size: 'zzzzzzzzzzz' }), /not a number/],
	'a size of 2^63 by pax': [other('x', { type: 'x',
		content: Buffer.from('28 size=9223372036854775808\n') }),
		/more than a size/],
	'a size that lies': [() => withSums(changed({ store_bytes: 1 })),
		/tidemark\.db has another size/],
	'a huge key': [() => {
		const list = good.map((one) => one.name === 'secret-key'
		    ? { ...one, content: Buffer.alloc(5000) } : one);

		return withSums(list);
	}, /secret-key has another size/],
	'one upload twice': [() => withSums(changed(counted,
	    [two[0], two[0]])), /is there twice/],
	'uploads out of order': [() => withSums(changed(counted,
	    [two[1], two[0]])), /not in its place/],
	'the store twice': [() => withSums(changed({}, [good[1]], 1)),
		/"tidemark.db" stands where secret-key/],
	'more uploads than told': [() => withSums(changed(
	    { uploads: 1, upload_bytes: 3 }, two)),
	    /stands where SHA256SUMS is to be/],
	'larger uploads than told': [() => withSums(changed(
	    { uploads: 2, upload_bytes: 4 }, two)), /more bytes than/],
	'smaller uploads than told': [() => withSums(changed(
	    { uploads: 2, upload_bytes: 7 }, two)), /fewer bytes than/],
	'an upload of another content': [() => withSums(changed(counted,
	    [two[0], { ...two[1], content: Buffer.from('xyz') }])),
	    /is damaged: it is not what its name says/],
	'something behind a member': [() => tarOf([{ ...good[0],
		padding: 1 }]), /something between two members/],
	'something behind the sums': [() => tarOf([...good, sumsOf(good),
		two[0]]), /stands where the end is to be/],
	'no sums': [() => tarOf(good), /where SHA256SUMS is to be/],
	'sums of less': [() => tarOf([...good, sumsOf(good.slice(1))]),
		/does not fit/],
	'a bit in the store': [() => flipped(at('tidemark.db', 5000)),
		/tidemark\.db is damaged: its sum is another one/],
	'a bit in the secret key': [() => flipped(at('secret-key')),
		/secret-key is damaged/],
	'a bit in a head': [() => flipped(at('secret-key', -400)),
		/no tar file, or a damaged one/],
	'a manifest that is no JSON': [() => tarOf([{ ...good[0],
		content: Buffer.from('{') }]), /is not JSON/],
	'a manifest of a megabyte': [() => tarOf([{ ...good[0],
		content: Buffer.alloc(1 << 20, ' ') }]), /more than 65536/],
	'another program\'s manifest': [() => tarOf([{ ...good[0],
		content: Buffer.from('{"version":2}') }]), /no backup/],
	'a number below zero': [() => withSums(changed({ uploads: -1 })),
		/"uploads" is not a number/],
	'a later format': [() => withSums(changed({ tidemark_backup: 2 })),
		/format 2, .* take a newer one/],
	'a later store': [() => withSums(changed({ schema: 999 })),
		/schema 999, .* take a newer one/],
};

for (const [what, [make, words]] of Object.entries(hostile))
	test(`refused: ${what}`, () => {
		const end = run(['restore', '-', '--data', data],
		    { input: make() });

		assert.match(end.stderr, words);
		assert.equal(end.status, 1);
		assert.doesNotMatch(end.stderr, /[\x00-\x09\x0b-\x1f]/);
		assert.ok(!fs.existsSync(data));
	});

test('refused: cut off anywhere', () => {
	for (let cut = 700; cut < whole.length - 10240;
	     cut += Math.ceil(whole.length / 8)) {
		const end = run(['restore', '--check', '-'],
		    { input: whole.subarray(0, cut) });

		assert.equal(end.status, 1);
		assert.match(end.stderr, /ends too early/, `at ${cut}`);
	}
});

test('refused: what is whole, but no store', () => {
	// The sums are right, what it says of itself is right: SQLite's turn.
	const rubbish = Buffer.from(content('tidemark.db'));

	rubbish.fill(0xa5, 4096, 24576);
	const list = changed({});

	list[1].content = rubbish;
	const end = run(['restore', '-', '--data', data],
	    { input: withSums(list) });

	assert.equal(end.status, 1);
	assert.match(end.stderr, /^tidemark: restore: \S/);
	assert.ok(!fs.existsSync(data));
});

test('refused: a store with something in it that would run', () => {
	const file = path.join(dir, 'planted.db');

	fs.writeFileSync(file, content('tidemark.db'));
	spawnSync('sqlite3', [file, `PRAGMA journal_mode=DELETE;
	    CREATE TRIGGER planted AFTER INSERT ON job
	    BEGIN DELETE FROM api_key; END`]);
	const store = fs.readFileSync(file);
	const list = changed({ store_bytes: store.length });

	list[1].content = store;
	const end = run(['restore', '-', '--data', data],
	    { input: withSums(list) });

	assert.equal(end.status, 1);
	assert.match(end.stderr, /has a trigger or a view in it/);
	assert.ok(!fs.existsSync(data));
});

test('a folder that holds something is left alone', () => {
	fs.mkdirSync(data);
	fs.writeFileSync(path.join(data, 'letter.txt'), 'mine');
	const end = run(['restore', path.join(dir, 'b.tar'), '--data', data]);

	assert.equal(end.status, 1);
	assert.match(end.stderr, /is not empty: restore into a new folder/);
	assert.equal(fs.readFileSync(path.join(data, 'letter.txt'), 'utf8'),
	    'mine');
	const nowhere = run(['restore', path.join(dir, 'b.tar')]);

	assert.equal(nowhere.status, 2);
	assert.match(nowhere.stderr, /where to\? --data DIR/);
	fs.rmSync(data, { recursive: true });
});

test('one that was broken off is told, and done again', () => {
	fs.mkdirSync(path.join(data, 'restore.part', 'blobs'),
	    { recursive: true });
	fs.writeFileSync(path.join(data, 'restore.part', 'tidemark.db'), 'x');
	const serve = run(['serve', '--data', data, '--listen',
		'127.0.0.1:0']);

	assert.equal(serve.status, 1);
	assert.match(serve.stderr, /a restore into \S+ was broken off/);
	const end = run(['restore', path.join(dir, 'b.tar'), '--data', data]);

	assert.equal(end.status, 0, end.stderr);
	assert.deepEqual(fs.readdirSync(data).sort(), ['api-key', 'blobs',
		'lock', 'secret-key', 'tidemark.db']);
	for (const name of ['secret-key', 'api-key', 'tidemark.db'])
		assert.equal(fs.statSync(path.join(data, name)).mode & 0o777,
		    0o600, name);
	assert.deepEqual(fs.readFileSync(path.join(data, 'secret-key')),
	    content('secret-key'));
	const found = run(['query', 'b', 'lamp', '--data', data]);

	assert.match(found.stdout, /a\.txt/);
	fs.rmSync(data, { recursive: true });
});

test('root restores for the folder\'s owner', (t) => {
	if (process.getuid() !== 0) {
		t.skip('not root');
		return;
	}
	fs.mkdirSync(data);
	fs.chownSync(data, 65534, 65534);
	fs.chmodSync(dir, 0o711);
	const end = run(['restore', path.join(dir, 'b.tar'), '--data', data]);

	assert.equal(end.status, 0, end.stderr);
	for (const name of fs.readdirSync(data))
		assert.equal(fs.statSync(path.join(data, name)).uid, 65534,
		    name);
	const again = run(['backup', '--data', data,
		path.join(dir, 'again.tar')]);

	assert.equal(again.status, 0, again.stderr);
	assert.equal(spawnSync('find', [data, '-user', 'root'])
	    .stdout.toString(), '');
	fs.rmSync(data, { recursive: true });
});
