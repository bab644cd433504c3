// SPDX-License-Identifier: Apache-2.0
//
// The disk is full while a job runs, at the end of the server and at its next
// start; then there is room again.  Needs a file system of its own: skipped
// where mounting one is not permitted.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Server } from './lib.mjs';

const FILES = 400;

// Take all that is left but `spare` bytes.
function fill(file, spare) {
	const { bavail, bsize } = fs.statfsSync(path.dirname(file));

	fs.writeFileSync(file, Buffer.alloc(bavail * bsize - spare));
}

async function waitFor(server, id, waiting) {
	let job = await server.ok('GET', `/jobs/${id}`);

	// The board tells of the trouble at the writer's next try.
	for (let i = 0; i < 200 && job.waiting_for !== waiting; i++) {
		await new Promise((resolve) => setTimeout(resolve, 50));
		job = await server.ok('GET', `/jobs/${id}`);
	}
	assert.equal(job.waiting_for, waiting);
	assert.equal(job.finished_at, null);
	return job;
}

test('a full disk stops nothing for good, not even a start', async (t) => {
	const server = await Server.start();
	const home = server.data;
	const disk = path.join(server.dir, 'disk');

	fs.mkdirSync(disk);
	const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m',
	    'tmpfs', disk]);

	try {
		if (mounted.error !== undefined || mounted.status !== 0) {
			t.skip('mounting is not permitted');
			return;
		}
		await server.halt();
		server.data = path.join(disk, 'data');
		await server.run('--workers', '1');
		await server.base('b');
		for (let i = 0; i < FILES; i++)
			server.put(`${i}.txt`, `Lamp ${i} burns. `.repeat(400));
		fill(path.join(disk, 'filler'), 1 << 20);
		const { id } = await server.folder('b');
		const before = await waitFor(server, id, 'storage');
		const refused = await server.ask('POST', '/bases',
		    { body: { name: 'c' } });

		assert.equal(refused.status, 507);
		assert.equal(refused.json.error.code, 'STORAGE_FULL');
		const health = await server.fetch('/health');

		assert.equal(health.status, 503);
		assert.deepEqual({ ...await health.json(), version: '' },
		    { status: 'not ready', health: 'unhealthy', version: '',
			embedding: 'lexical' });
		const ready = await server.fetch('/health/ready',
		    { key: null });

		assert.equal(ready.status, 503);
		assert.deepEqual(await ready.json(), { status: 'not ready',
			missing: [{ name: 'storage',
				message: 'the storage is full or fails' }],
			services: [] });
		assert.equal((await server.fetch('/health/live',
		    { key: null })).status, 200);
		const parts = await server.fetch('/health/detailed');
		const { status, components } = await parts.json();

		assert.equal(parts.status, 503);
		assert.equal(status, 'unhealthy');
		assert.equal(components.relational_db.status, 'healthy');
		assert.equal(components.file_storage.status, 'unhealthy');

		await server.halt('SIGKILL');
		await server.run('--workers', '1');
		const after = await waitFor(server, id, 'storage');

		assert.ok(after.counts.completed >= before.counts.completed);
		assert.equal(await server.halt(), 0);
		await server.run('--workers', '1');

		fs.unlinkSync(path.join(disk, 'filler'));
		const end = await server.end(await server.ok('GET',
		    `/jobs/${id}`));

		assert.equal(end.state, 'completed');
		assert.equal(end.counts.completed, FILES);
		assert.ok((await server.ok('GET', '/bases/b/audit')).ok);
		assert.equal((await server.fetch('/health')).status, 200);
	} finally {
		await server.halt();
		if (mounted.status === 0)
			spawnSync('umount', [disk]);
		server.data = home;
		fs.rmSync(server.dir, { recursive: true, force: true });
	}
});
