// SPDX-License-Identifier: Apache-2.0
//
// Dify: documents of qa_model.  A chat model, here one of our own that is told
// how to behave, turns what was cut into questions with answers.

import assert from 'node:assert/strict';
import http from 'node:http';
import test, { after, before } from 'node:test';
import {
	AUTOMATIC, Dify, Server, custom, formOf,
} from './lib-dify-documents.mjs';

const MODEL = 'small-1';
const SECRET = 'a-key-for-the-chat-model';
const RULE = { doc_form: 'qa_model', process_rule: custom(50) };
const REFUSED = 'doc_form qa_model needs a chat model, and this server has ' +
	'none: set chat_url.';

// POST /v1/chat/completions.  `answer` is given the text between the marks and
// returns what the model says; a number is a status, null no answer ever.
class Chat {
	asked = []; // bodies, with the path and the key
	answer = twoPairs;
	port = 0;

	async open() {
		this.service = http.createServer((request, reply) =>
		    this.take(request, reply));
		await new Promise((resolve) =>
		    this.service.listen(this.port, '127.0.0.1', resolve));
		this.port = this.service.address().port;
	}

	async close() {
		const closed = new Promise((resolve) =>
		    this.service.close(resolve));

		this.service.closeAllConnections();
		await closed;
	}

	async take(request, reply) {
		let body = '';

		for await (const piece of request)
			body += piece;
		const { model, messages } = JSON.parse(body);
		const [system, user] = messages.map(({ content }) => content);
		const [, text] = /<<<TEXT\n([^]*)\nTEXT>>>/.exec(user);

		this.asked.push({ url: request.url, model, system, text,
			key: request.headers.authorization });
		this.heard?.();
		const said = this.answer(text);

		if (said === null)
			return;
		if (typeof said === 'number') {
			reply.writeHead(said).end(JSON.stringify(
			    { error: { message: 'not this one' } }));
			return;
		}
		reply.writeHead(200, { 'Content-Type': 'application/json' });
		reply.end(JSON.stringify({ choices: [{ index: 0,
			finish_reason: 'stop',
			message: { role: 'assistant', content: said } }] }));
	}

	// Resolves when `count` more questions have come.
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

function twoPairs(text) {
	return `Q1: What does ${text} say?\nA1: It says ${text}.\n` +
	    `Q2: Who asks about ${text}?\nA2: Nobody.`;
}

function pairs(...texts) {
	return texts.flatMap((text) => [
		[`What does ${text} say?`, `It says ${text}.`],
		[`Who asks about ${text}?`, 'Nobody.']]);
}

const chat = new Chat();
let server, dify, flags;

before(async () => {
	await chat.open();
	flags = ['--chat-url', `http://127.0.0.1:${chat.port}`,
		'--chat-model', MODEL, '--chat-key', SECRET];
	server = await Server.start(...flags);
	dify = new Dify(server);
});
after(async () => {
	await server.stop();
	await chat.close();
});

async function kept(d, id) {
	return (await dify.segments(d, id, '?limit=100')).data.map(
	    ({ content, answer }) => [content, answer]);
}

function doc(d, id, tail = '') {
	return `/datasets/${d}/documents/${id}${tail}`;
}

// Until the server's own API says that the document waits for its model.
async function waiting(id) {
	for (;;) {
		const { item } = await server.ok('GET', `/documents/${id}`);

		assert.ok(!['failed', 'completed'].includes(item.state),
		    JSON.stringify(item));
		if (item.waiting_for === 'upstream')
			return item;
	}
}

test('a text becomes questions with answers', async () => {
	const d = await dify.dataset('questions');
	const polls = [];

	chat.asked = [];
	const { document, batch } = await dify.text(d, 'hours.html',
	    'high water\nlow water', { ...RULE, doc_language: 'German' });
	const [one] = await dify.end(d, batch, ([poll]) => polls.push(poll));

	assert.deepEqual(chat.asked.map(({ system, ...rest }) => rest), [
		'high water', 'low water'].map((text) => ({
		url: '/v1/chat/completions', model: MODEL, text,
		key: `Bearer ${SECRET}` })));
	for (const { system } of chat.asked)
		assert.match(system, /answers in German\./);
	// What is cut is counted when it is asked about, not before.
	for (const { indexing_status: status, total_segments: total } of polls)
		assert.equal(total, ['indexing', 'completed'].includes(status)
		    ? 4 : 0, status);
	assert.deepEqual([one.indexing_status, one.completed_segments],
	    ['completed', 4]);
	assert.deepEqual(await kept(d, document.id),
	    pairs('high water', 'low water'));
	const { data: [segment], doc_form } =
	    await dify.segments(d, document.id);

	assert.equal(doc_form, 'qa_model');
	assert.equal(segment.word_count, [...pairs('high water')[0].join('')]
	    .length);
	const shown = await dify.document(d, document.id);

	assert.deepEqual([shown.doc_form, shown.doc_language,
		shown.segment_count], ['qa_model', 'German', 4]);
	assert.equal((await dify.ok('GET', `/datasets/${d}`)).doc_form,
	    'qa_model');
	// A question is found by what it asks, and brings its answer.
	const [best] = await dify.found(d, 'What does low water say?');

	assert.deepEqual([best.segment.content, best.segment.answer],
	    pairs('low water')[0]);
	// The model is told to those who ask which there are.
	const { data: [provider] } = await dify.ok('GET',
	    '/workspaces/current/models/model-types/llm');

	assert.deepEqual(provider.models.map(({ model }) => model), [MODEL]);
});

test('files, economy, and what an update keeps', async () => {
	const d = await dify.dataset('files', 'economy');
	const { document, batch } = await dify.ok('POST',
	    `/datasets/${d}/document/create-by-file`, formOf({ ...RULE,
		doc_language: 'French' }, 'port,hour\nBrest,4\n', 'h.csv'));

	await dify.end(d, batch);
	const [[question]] = await kept(d, document.id);

	assert.match(question, /Brest/);
	assert.equal((await dify.found(d, 'Brest')).length, 2);
	chat.asked = [];
	const updated = await dify.ok('POST',
	    doc(d, document.id, '/update-by-text'),
	    { name: 'h', text: 'ebb' });

	assert.equal(updated.batch, batch);
	await dify.end(d, batch);
	assert.match(chat.asked[0].system, /answers in French\./);
	assert.deepEqual(await kept(d, document.id), pairs('ebb'));
	// The form is the dataset's.
	await dify.refused('POST', `/datasets/${d}/document/create-by-text`,
	    { name: 't', text: 't', doc_form: 'text_model' }, 400,
	    'invalid_param',
	    'doc_form is different from the dataset doc_form.');
});

test('pairs by hand', async () => {
	const d = await dify.dataset('by hand');
	const { document } = await dify.indexed(d, 'n', 'flood', RULE);
	const where = doc(d, document.id, '/segments');
	const bad = await dify.ask('POST', where,
	    { segments: [{ content: 'Without an answer?' }] });

	assert.deepEqual([bad.status, bad.json],
	    [400, { error: 'Answer is required' }]);
	const { data: [added] } = await dify.ok('POST', where, { segments: [
		{ content: 'Which moon?', answer: 'The full one.' }] });

	assert.deepEqual([added.content, added.answer],
	    ['Which moon?', 'The full one.']);
	const { data: changed } = await dify.ok('POST',
	    `${where}/${added.id}`, { segment: { content: 'Which moon?',
		answer: 'The new one.' } });

	assert.equal(changed.answer, 'The new one.');
	assert.deepEqual((await kept(d, document.id)).at(-1),
	    ['Which moon?', 'The new one.']);
	const [best] = await dify.found(d, 'Which moon?');

	assert.equal(best.segment.answer, 'The new one.');
});

test('a model that is busy is waited for', async () => {
	const d = await dify.dataset('busy');
	let refusals = 2;

	chat.asked = [];
	chat.answer = (text) => refusals-- > 0 ? 429 : twoPairs(text);
	const { document, batch } = await dify.text(d, 'n', 'slack', RULE);
	assert.equal((await waiting(document.id)).stage, 'chunking');
	// To Dify's clients it is where it was, and no error.
	const [poll] = (await dify.status(d, batch)).data;

	assert.ok(['splitting', 'completed'].includes(poll.indexing_status));
	assert.equal(poll.error, null);
	const [one] = await dify.end(d, batch);

	assert.equal(one.indexing_status, 'completed', one.error);
	assert.equal(chat.asked.length, 3);
	assert.deepEqual(await kept(d, document.id), pairs('slack'));
});

test('a model that is away is waited for', async () => {
	const d = await dify.dataset('away');

	chat.answer = twoPairs;
	await chat.close();
	const { document, batch } = await dify.text(d, 'n', 'surge', RULE);
	try {
		await waiting(document.id);
	} finally {
		await chat.open();
	}
	const [one] = await dify.end(d, batch);

	assert.equal(one.indexing_status, 'completed', one.error);
	assert.deepEqual(await kept(d, document.id), pairs('surge'));
});

test('what the model refuses is an error, and can be tried again', async () => {
	const d = await dify.dataset('refused');

	for (const [said, words, text] of [[400, /not this one/, 'wake'],
		['I would rather not.', /made no questions of the text/,
			'wash']]) {
		chat.answer = () => said;
		const { document, batch } = await dify.text(d, text, text,
		    RULE);
		const [failed] = await dify.end(d, batch);

		assert.equal(failed.indexing_status, 'error');
		assert.match(failed.error, words);
		assert.ok(!failed.error.includes(SECRET));
		assert.deepEqual([failed.completed_segments,
			failed.completed_at], [0, null]);
		chat.answer = twoPairs;
		await dify.ok('POST', `/datasets/${d}/documents/retry`,
		    { document_ids: [document.id] });
		const [one] = await dify.end(d, batch);

		assert.deepEqual([one.indexing_status, one.error,
			one.stopped_at, one.completed_segments],
		['completed', null, null, 2]);
		assert.deepEqual(await kept(d, document.id), pairs(text));
	}
});

test('a server that is killed asks again', async () => {
	const d = await dify.dataset('killed');

	// The second question of each document is not answered.
	chat.answer = (text) => text.includes('second') ? null
	    : twoPairs(text);
	const heard = chat.hear(2);
	const { document, batch } = await dify.text(d, 'n',
	    'first\nsecond', RULE);

	await heard;
	await server.halt('SIGKILL');
	chat.answer = twoPairs;
	await server.run(...flags);
	const [one] = await dify.end(d, batch);

	assert.equal(one.indexing_status, 'completed', one.error);
	assert.deepEqual(await kept(d, document.id), pairs('first', 'second'));
});

test('without a model there are no questions', async () => {
	const d = await dify.dataset('without');
	const { document, batch } = await dify.indexed(d, 'n', 'wave', RULE);

	await server.halt();
	await server.run();
	await dify.refused('POST', `/datasets/${d}/document/create-by-text`,
	    { name: 'm', text: 't', ...RULE }, 400, 'invalid_param', REFUSED);
	await dify.refused('POST', `/datasets/${d}/document/create-by-file`,
	    formOf({ ...RULE, process_rule: AUTOMATIC }, 'x'), 400,
	    'invalid_param', REFUSED);
	await dify.refused('POST', doc(d, document.id, '/update-by-text'),
	    { name: 'n', text: 'x' }, 400, 'invalid_param', REFUSED);
	// What there is stays and is found.
	assert.deepEqual(await kept(d, document.id), pairs('wave'));
	assert.equal((await dify.status(d, batch)).data[0].indexing_status,
	    'completed');
	assert.deepEqual((await dify.ok('GET',
	    '/workspaces/current/models/model-types/llm')).data, []);
});
