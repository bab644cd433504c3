// SPDX-License-Identifier: Apache-2.0
//
// A receiver of webhooks on loopback, and what is looked at in its requests.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import http from 'node:http';

const PATIENCE_MS = 60000;

export class Receiver {
	static async start() {
		const receiver = new Receiver();

		receiver.status = 200;
		receiver.isSilent = false; // takes requests, answers none
		receiver.got = [];
		receiver.waiting = [];
		receiver.server = http.createServer((request, reply) =>
		    receiver.answer(request, reply));
		receiver.server.keepAliveTimeout = 0;
		await new Promise((resolve) =>
		    receiver.server.listen(0, '127.0.0.1', resolve));
		receiver.port = receiver.server.address().port;
		receiver.url = `http://127.0.0.1:${receiver.port}`;
		return receiver;
	}

	async answer(request, reply) {
		const pieces = [];

		for await (const piece of request)
			pieces.push(piece);
		const body = Buffer.concat(pieces).toString();

		if (!this.isSilent) {
			reply.writeHead(this.status);
			reply.end('{}');
		}
		this.got.push({ path: request.url, method: request.method,
			headers: request.headers, body,
			json: JSON.parse(body), status: this.status });
		for (const look of this.waiting.splice(0))
			look();
	}

	// All requests to path, as soon as there are so many.
	async at(path, count = 1) {
		const until = Date.now() + PATIENCE_MS;

		for (;;) {
			const got = this.got.filter((one) =>
			    one.path === path);

			if (got.length >= count) {
				assert.equal(got.length, count,
				    `more requests to ${path}`);
				return got;
			}
			const left = until - Date.now();

			assert.ok(left > 0,
			    `${got.length} of ${count} requests to ${path}`);
			await new Promise((resolve) => {
				const timer = setTimeout(resolve, left);

				this.waiting.push(() => {
					clearTimeout(timer);
					resolve();
				});
			});
		}
	}

	stop() {
		this.server.closeAllConnections?.();
		return new Promise((resolve) => this.server.close(resolve));
	}
}

// Which of a request's signatures are made with the secret?
export function signatures(request, secret) {
	const { 'webhook-id': id, 'webhook-timestamp': time,
		'webhook-signature': all } = request.headers;
	const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
	const wanted = 'v1,' + crypto.createHmac('sha256', key)
	    .update(`${id}.${time}.${request.body}`).digest('base64');

	return all.split(' ').map((given) => given === wanted);
}

// Ask until the answer is as wanted; returns it.
export async function until(ask, isWanted) {
	const end = Date.now() + PATIENCE_MS;

	for (;;) {
		const answer = await ask();

		if (isWanted(answer))
			return answer;
		assert.ok(Date.now() < end, JSON.stringify(answer));
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}
