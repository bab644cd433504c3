// SPDX-License-Identifier: Apache-2.0
//
// A service that really speaks S3 (OpenStack Swift, package python3-swift), and
// how objects are put into it.  What is put there is signed by the few lines
// below: a second reading of how that is done.

import { spawn, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PYTHON = '/usr/bin/python3'; // Debian's, which has Debian's packages
const SERVICE = fileURLToPath(new URL('s3-service.py', import.meta.url));

export const KEY_ID = 'test:tester';
export const SECRET = 'secret/with+signs=';

// It is not installed everywhere.
export const missing = spawnSync(PYTHON, ['-c', 'import swift, eventlet'])
    .status !== 0;

export const sha256 = (bytes) =>
    crypto.createHash('sha256').update(bytes).digest('hex');
const hmac = (key, text) =>
    crypto.createHmac('sha256', key).update(text).digest();

export function encode(key) {
	return encodeURIComponent(key).replaceAll('%2F', '/').replace(
	    /[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());
}

function sign(method, host, target, bytes) {
	const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
	const day = time.slice(0, 8);
	const scope = `${day}/us-east-1/s3/aws4_request`;
	const names = 'host;x-amz-content-sha256;x-amz-date';
	const canonical = [method, target, '', `host:${host}`,
		`x-amz-content-sha256:${sha256(bytes)}`, `x-amz-date:${time}`,
		'', names, sha256(bytes)].join('\n');
	const key = [day, 'us-east-1', 's3', 'aws4_request'].reduce(hmac,
	    `AWS4${SECRET}`);
	const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope,
		sha256(canonical)].join('\n')).toString('hex');

	return {
		host,
		'x-amz-date': time,
		'x-amz-content-sha256': sha256(bytes),
		authorization: `AWS4-HMAC-SHA256 Credential=${KEY_ID}/${scope},` +
		    `SignedHeaders=${names},Signature=${signature}`,
	};
}

// fetch() would take /../ out of a path.
export function put(agent, port, target, bytes) {
	const host = `127.0.0.1:${port}`;

	return new Promise((resolve, reject) => {
		const request = http.request({ agent, port, path: target,
			host: '127.0.0.1', method: 'PUT',
			headers: { ...sign('PUT', host, target, bytes),
				'content-length': bytes.length } },
		(answer) => {
			let text = '';

			answer.on('data', (piece) => { text += piece; });
			answer.on('end', () => answer.statusCode === 200 ?
			    resolve() :
			    reject(new Error(`${target}: ` +
				`${answer.statusCode} ${text}`)));
		});

		request.on('error', reject);
		request.end(bytes);
	});
}

// Its port, and a folder of its own; after() is given what ends it.
export async function start(after) {
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tidemark-s3-'));
	const child = spawn(PYTHON, [SERVICE, dir, KEY_ID, SECRET],
	    { stdio: ['pipe', 'pipe', 'inherit'] });
	const exited = new Promise((resolve) => child.once('exit', resolve));

	after(async () => {
		child.stdin.end();
		await exited;
		fs.rmSync(dir, { recursive: true });
	});
	const port = await Promise.race([
		new Promise((resolve) => child.stdout.once('data',
		    (text) => resolve(Number(String(text))))),
		exited.then(() => { throw new Error('no service'); }),
	]);

	return { dir, port };
}
