// SPDX-License-Identifier: Apache-2.0
//
// A WebSocket's client (RFC 6455), enough of one for the flows: Node 18 has
// none of its own.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import http from 'node:http';

const ID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 1, CLOSE = 8, PING = 9, PONG = 10;

export class Socket {
	#bytes = Buffer.alloc(0);
	#texts = [];
	#wake = () => {};
	closed; // { code, reason }; code null: the connection just ended

	// Asks for a WebSocket.  Gives { socket }, or { status, headers, text } of
	// an answer that is none.
	static ask(url, { headers = {} } = {}) {
		const key = crypto.randomBytes(16).toString('base64');
		const request = http.get(url, { agent: false, headers: {
			Connection: 'Upgrade', Upgrade: 'websocket',
			'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': key,
			...headers } });

		return new Promise((resolve, reject) => {
			request.on('error', reject);
			request.on('response', async (reply) => {
				let text = '';

				for await (const piece of reply)
					text += piece;
				resolve({ status: reply.statusCode,
					headers: reply.headers, text });
			});
			request.on('upgrade', (reply, wire, head) => {
				assert.equal(reply.statusCode, 101);
				assert.equal(
				    reply.headers['sec-websocket-accept'],
				    crypto.createHash('sha1').update(key + ID)
					.digest('base64'));
				resolve({ socket: new Socket(wire, head) });
			});
		});
	}

	static async open(url, options) {
		const { socket, ...reply } = await Socket.ask(url, options);

		assert.ok(socket, JSON.stringify(reply));
		return socket;
	}

	constructor(wire, head) {
		this.wire = wire;
		wire.on('data', (piece) => this.#take(piece));
		wire.on('close', () => {
			this.closed ??= { code: null, reason: '' };
			this.#wake();
		});
		wire.on('error', () => {});
		this.#take(head);
	}

	#take(piece) {
		this.#bytes = Buffer.concat([this.#bytes, piece]);
		for (;;) {
			const bytes = this.#bytes;
			let size = 2, length = bytes.length < 2 ? 0 : bytes[1];

			if (length === 126) {
				size = 4;
				length = bytes.length < 4 ? 0
				    : bytes.readUInt16BE(2);
			} else if (length === 127) {
				size = 10;
				length = bytes.length < 10 ? 0
				    : Number(bytes.readBigUInt64BE(2));
			}
			if (bytes.length < size + length)
				break;
			this.#bytes = bytes.subarray(size + length);
			this.#frame(bytes[0], bytes.subarray(size,
			    size + length));
		}
		this.#wake();
	}

	#frame(first, payload) {
		const opcode = first & 15;

		assert.equal(first & 0xF0, 0x80, 'a frame is whole');
		if (opcode === TEXT)
			this.#texts.push(payload.toString());
		else if (opcode === PING)
			this.send(PONG, payload);
		else if (opcode === CLOSE) {
			this.closed = { code: payload.length < 2 ? 1005
			    : payload.readUInt16BE(0),
				reason: payload.subarray(2).toString() };
			this.send(CLOSE, payload.subarray(0, 2));
		}
	}

	// A frame of a client: masked, short.
	send(opcode, payload = '') {
		const bytes = Buffer.from(payload);
		const mask = crypto.randomBytes(4);

		assert.ok(bytes.length < 126);
		this.wire.write(Buffer.concat([Buffer.from([0x80 | opcode,
			0x80 | bytes.length]), mask,
			bytes.map((byte, i) => byte ^ mask[i % 4])]));
	}

	// The next text as JSON; undefined: it was closed, see closed.
	async next() {
		while (this.#texts.length === 0 && this.closed === undefined)
			await new Promise((resolve) => {
				this.#wake = resolve;
			});
		return this.#texts.length > 0 ? JSON.parse(this.#texts.shift())
		    : undefined;
	}

	// All that come until it is closed.
	async rest() {
		const texts = [];

		for (let text; (text = await this.next()) !== undefined;)
			texts.push(text);
		return texts;
	}
}
