// SPDX-License-Identifier: Apache-2.0
//
// The command line on backups, and tar files that are put together by hand.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { KEY } from './lib.mjs';

const BUILD = path.resolve(process.env.TIDEMARK_BUILD ?? 'build');
const BLOCK = 512;

export const TIDEMARK = path.join(BUILD, 'tidemark');

function environment(env) {
	return { ...process.env, TIDEMARK_API_KEY: KEY, ...env };
}

export function run(args, { env = {}, ...rest } = {}) {
	return spawnSync(TIDEMARK, args, { encoding: 'utf8',
		env: environment(env), maxBuffer: 1 << 28, ...rest });
}

// The same without holding up this process, which may be the server.
export function begin(args, { env = {}, ...rest } = {}) {
	const child = spawn(TIDEMARK, args, { env: environment(env),
		stdio: ['ignore', 'pipe', 'pipe'], ...rest });
	const end = { stdout: '', stderr: '' };

	for (const name of ['stdout', 'stderr'])
		child[name].on('data', (text) => { end[name] += text; });
	end.child = child;
	end.done = new Promise((resolve) => child.once('close',
	    (status, signal) => resolve(Object.assign(end,
		{ status, signal }))));
	return end;
}

export function sha256(bytes) {
	return createHash('sha256').update(bytes).digest('hex');
}

// The members of a plain tar file, in order.
export function members(tar) {
	const list = [];

	for (let at = 0; tar[at] !== 0;) {
		const name = tar.toString('utf8', at, tar.indexOf(0, at));
		const bytes = parseInt(tar.toString('utf8', at + 124, at + 135),
		    8);

		list.push({ name,
			content: tar.subarray(at + BLOCK, at + BLOCK + bytes) });
		at += BLOCK + Math.ceil(bytes / BLOCK) * BLOCK;
	}
	return list;
}

// A head; what is given goes over what is usual.
function head({ name, content, type = '0', size, link = '', prefix = '',
	magic = 'ustar\x0000', checksum }) {
	const block = Buffer.alloc(BLOCK);
	const put = (at, text) => block.write(text, at, 'latin1');

	put(0, name);
	put(100, '0000600\x000000000\x000000000');
	put(124, size ?? content.length.toString(8).padStart(11, '0'));
	put(136, '14730000000');
	put(148, '        ');
	put(156, type);
	put(157, link);
	put(257, magic);
	put(345, prefix);
	const sum = block.reduce((a, b) => a + b, 0);

	put(148, checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `);
	return block;
}

export function tarOf(list) {
	const parts = [];

	for (const one of list) {
		const content = one.content ?? Buffer.alloc(0);

		parts.push(head({ ...one, content }), content,
		    Buffer.alloc((BLOCK - content.length % BLOCK) % BLOCK,
			one.padding ?? 0));
	}
	return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

// SHA256SUMS that fits what is before it.
export function sumsOf(list) {
	return { name: 'SHA256SUMS', content: Buffer.from(list.map((one) =>
	    `${sha256(one.content)}  ${one.name}\n`).join('')) };
}
