// SPDX-License-Identifier: Apache-2.0
//
// A chat model, a reranking and an embedding service on loopback, told how to
// behave by the test.  What is asked of them is kept in `chats`, `reranks` and
// `embeds`.

import http from 'node:http';

export const MODEL = 'small-1';
export const RERANKER = 'order-1';
export const CHAT_KEY = 'a-key-for-the-chat-model';
export const RERANK_KEY = 'a-key-for-the-reranking-service';
export const EMBEDDER = 'vectors-1';
export const EMBEDDING_KEY = 'a-key-for-the-embedding-service';
const DIMENSIONS = 24;

export class Models {
	chats = [];
	reranks = [];
	embeds = [];
	embedder = EMBEDDER;

	// Given { system, user, stream } of a question and the reply; returns
	// the text of the answer, or undefined when it has answered itself.
	onChat = () => 'An answer.';

	// Given { query, documents } and the reply; returns the ranking.
	onRerank = ({ documents }) => documents.map((_, index) =>
	    ({ index, relevance_score: index }));

	// Given { input } and the reply; returns the vectors.
	onEmbed = ({ input }) => input.map((text) => vectorOf(text));

	async open(port = 0) {
		this.service = http.createServer((request, reply) =>
		    this.take(request, reply));
		await new Promise((resolve) =>
		    this.service.listen(port, '127.0.0.1', resolve));
		this.url = `http://127.0.0.1:${this.service.address().port}`;
	}

	async close() {
		const closed = new Promise((resolve) =>
		    this.service.close(resolve));

		this.service.closeAllConnections();
		await closed;
	}

	get chatFlags() {
		return ['--chat-url', this.url, '--chat-model', MODEL,
			'--chat-key', CHAT_KEY];
	}

	get rerankFlags() {
		return ['--rerank-url', `${this.url}/v1`, '--rerank-model',
			RERANKER, '--rerank-key', RERANK_KEY];
	}

	get embeddingFlags() {
		return ['--embedding-url', this.url, '--embedding-model',
			this.embedder, '--embedding-key', EMBEDDING_KEY];
	}

	async take(request, reply) {
		let text = '';

		for await (const piece of request)
			text += piece;
		const body = JSON.parse(text);
		const asked = { url: request.url,
			key: request.headers.authorization, ...body };

		if (request.url.endsWith('/rerank'))
			this.takeRerank(asked, reply);
		else if (request.url.endsWith('/embeddings'))
			this.takeEmbed(asked, reply);
		else
			this.takeChat(asked, reply);
	}

	takeRerank(asked, reply) {
		this.reranks.push(asked);
		const results = this.onRerank(asked, reply);

		if (results !== undefined)
			send(reply, { results });
	}

	takeEmbed(asked, reply) {
		this.embeds.push(asked);
		this.heard?.();
		const vectors = this.onEmbed(asked, reply);

		if (vectors !== undefined)
			this.give(asked, reply, vectors);
	}

	// The answer with those vectors, at once or later.
	give(asked, reply, vectors) {
		// Last things first: the index says what is whose.
		send(reply, { object: 'list', model: asked.model,
			data: vectors.map((embedding, index) => ({
				object: 'embedding', index, embedding,
			})).reverse(),
			usage: { prompt_tokens: 5 * vectors.length,
				total_tokens: 5 * vectors.length } });
	}

	takeChat({ messages, ...asked }, reply) {
		const [system, user] = messages.map(({ content }) => content);
		const question = { ...asked, system, user };

		this.chats.push(question);
		this.heard?.();
		const content = this.onChat(question, reply);

		if (content === undefined)
			return;
		if (question.stream) {
			stream(reply, content);
			end(reply);
		} else {
			send(reply, { choices: [{ index: 0,
				message: { role: 'assistant', content },
				finish_reason: 'stop' }],
			usage: { prompt_tokens: 11, completion_tokens: 3,
				total_tokens: 14 } });
		}
	}

	// Resolves when `count` questions have come, of those from now on.
	hear(count = 1) {
		return new Promise((resolve) => {
			this.heard = () => {
				if (--count > 0)
					return;
				this.heard = undefined;
				resolve();
			};
		});
	}
}

// Words that are shared make texts near to each other.
export function vectorOf(text, dimensions = DIMENSIONS) {
	const vector = Array(dimensions).fill(0.01);

	for (const word of text.toLowerCase().match(/[a-z0-9]+/g) ?? []) {
		let hash = 7;

		for (const letter of word)
			hash = (hash * 31 + letter.charCodeAt(0)) % 65521;
		vector[hash % dimensions] += 1;
	}
	return vector;
}

function send(reply, json) {
	reply.writeHead(200, { 'Content-Type': 'application/json' });
	reply.end(JSON.stringify(json));
}

// A piece of a streamed answer.
export function stream(reply, content) {
	if (!reply.headersSent)
		reply.writeHead(200, { 'Content-Type': 'text/event-stream' });
	reply.write(`data: ${JSON.stringify({ choices: [{ index: 0,
		delta: { content } }] })}\n\n`);
}

export function end(reply) {
	reply.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {},
		finish_reason: 'stop' }], usage: { prompt_tokens: 11,
		completion_tokens: 3, total_tokens: 14 } })}\n\n`);
	reply.end('data: [DONE]\n\n');
}

export function fail(reply, status, headers = {}) {
	reply.writeHead(status, { 'Content-Type': 'application/json',
		...headers });
	reply.end('{"error":{"message":"not this one"}}');
}
