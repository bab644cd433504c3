// SPDX-License-Identifier: Apache-2.0
//
// Captain: asking collections, v2 and v3; the order of a reranking service and
// the answers of a chat model, plain and as streams.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { KEY, Server } from './lib.mjs';
import { validator, fileOf } from './lib-openapi.mjs';
import {
	CHAT_KEY, MODEL, Models, RERANKER, RERANK_KEY, end, fail, stream,
} from './lib-models.mjs';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NO_RERANK = 'rerank: this server has no reranking service; results ' +
	"are in the search's own order";
const RERANK_FAILED = 'rerank: the reranking service failed; results are ' +
	"in the search's own order";
const NO_CHAT = 'inference: this server has no chat model; the answer ' +
	'consists of sentences of the documents';
const CHAT_FAILED = 'inference: the chat model failed; the answer consists ' +
	'of sentences of the documents';
const TEXTS = [
	['tides.md', 'The moon raises the tides. Spring tides come at full ' +
		'moon and at new moon.', { year: 2024, team: 'sea',
		tags: ['moon', 'water'], draft: false }],
	['harbour.md', 'The harbour opens at six. At spring tides the bar is ' +
		'closed to boats over two metres of draught.',
	{ year: 2020, team: 'port', draft: true }],
	['bread.md', 'Bread is made of flour, water, salt and yeast. ' +
		'The oven is hot.', { year: 2022 }],
];
const models = new Models();
let plain, full; // servers without services, and with both

async function fill(server, name, texts = TEXTS) {
	await server.base(name);
	const job = await server.end(await server.texts(name, texts.map(
	    ([title, text, metadata]) => ({ name: title, text, metadata }))));

	assert.equal(job.state, 'completed');
}

before(async () => {
	await models.open();
	plain = await Server.start();
	full = await Server.start(...models.chatFlags, ...models.rerankFlags);
	await fill(plain, 'docs');
	await fill(full, 'docs');
});
after(async () => {
	await full.stop();
	await plain.stop();
	await models.close();
});

function post(server, where, body, options = {}) {
	const { headers, ...rest } = options;

	return server.fetch(where, { method: 'POST', headers: {
		'Content-Type': 'application/json', ...headers },
	body: typeof body === 'string' ? body : JSON.stringify(body), ...rest });
}

async function good(server, where, body) {
	const reply = await post(server, where, body);
	const text = await reply.text();

	assert.equal(reply.status, 200, text);
	return JSON.parse(text);
}

async function refused(server, where, body, status, detail) {
	const reply = await post(server, where, body);
	const answer = await reply.json();

	assert.equal(reply.status, status, JSON.stringify(answer));
	assert.deepEqual(answer, { detail });
}

// One field that is not as it should be.
const invalid = (type, field, msg) => [{ type, loc: ['body', field], msg }];

const v2 = '/v2/collections/docs/query';
const v3 = '/v3/collections/docs/query';
const names = ({ search_results: results, results: chunks }) =>
    (results ?? chunks).map(({ filename }) => filename);

// ---- v2 -------------------------------------------------------------------

test('v2: results', async () => {
	const { request_id: id, execution_time_ms: ms, search_results: results,
		...answer } = await good(plain, v2, { query: 'spring tides' });

	assert.match(id, /^req_\d{10,}_[0-9a-f]{8}$/);
	assert.ok(Number.isInteger(ms) && ms >= 0);
	assert.deepEqual(answer, { success: true, query: 'spring tides',
		inference: false, total_results: results.length, top_k: 10,
		tokens_used: {}, token_balance: null, warnings: [] });
	const [{ score, document_id: document, ...best }] = results;

	assert.ok(score > 0 && score <= 1);
	assert.match(document, UUID);
	assert.deepEqual(best, { content: TEXTS[0][1], filename: 'tides.md',
		chunk_index: 0, page_start: null, page_end: null,
		rerank_score: null, modality: 'text', metadata: TEXTS[0][2] });
	assert.deepEqual(results.map((one) => one.score).sort((a, b) => b - a),
	    results.map((one) => one.score));
});

test('v2: how much, words and nearness', async () => {
	const words = { query: 'spring yeast', semantic_ratio: 0 };

	assert.deepEqual(names(await good(plain, v2, words)).sort(),
	    ['bread.md', 'harbour.md', 'tides.md']);
	assert.equal((await good(plain, v2, { ...words, top_k: 1 }))
	    .search_results.length, 1);
	assert.equal((await good(plain, v2, { ...words, top_k: '2' })).top_k,
	    2);
	assert.equal((await good(plain, v2, { query: 'yeast',
		semantic_ratio: 1 })).search_results[0].filename, 'bread.md');
	// Nothing is no error.
	const nothing = await good(plain, v2, { query: 'zzzz',
		semantic_ratio: 0 });

	assert.deepEqual([nothing.total_results, nothing.search_results],
	    [0, []]);
	assert.deepEqual((await good(plain, v2, { query: ' ?! ' }))
	    .search_results, []);
});

test('v2: what clients send beside that', async () => {
	const answer = await good(plain, v2, { query: 'yeast',
		inference: false, top_k: 5, rerank: true,
		rerank_model: 'gemini', model_id: 'gpt-oss-120b',
		include_documents: true, metadata_filter: null, stream: false,
		custom_prompt: null, include_bbox: true });

	assert.equal(names(answer)[0], 'bread.md');
	assert.deepEqual(answer.warnings, [NO_RERANK, 'include_bbox: where ' +
		'text stands on its page is not recorded']);
});

test('v2: filters', async () => {
	const find = async (filter) => names(await good(plain, v2,
	    { query: 'moon boats oven', semantic_ratio: 0,
		metadata_filter: filter })).sort();

	for (const [filter, found] of [
		[{}, ['bread.md', 'harbour.md', 'tides.md']],
		[{ team: 'sea' }, ['tides.md']],
		[{ team: { $eq: 'sea' } }, ['tides.md']],
		[{ team: { $ne: 'sea' } }, ['bread.md', 'harbour.md']],
		[{ year: { $gt: 2022 } }, ['tides.md']],
		[{ year: { $gte: 2022 } }, ['bread.md', 'tides.md']],
		[{ year: { $lt: 2022 } }, ['harbour.md']],
		[{ year: { $lte: 2022, $gt: 2020 } }, ['bread.md']],
		[{ year: { $in: [2020, 2022] } }, ['bread.md', 'harbour.md']],
		[{ year: { $nin: [2020, 2022] } }, ['tides.md']],
		[{ tags: { $in: ['water'] } }, ['tides.md']],
		[{ draft: true }, ['harbour.md']],
		[{ $and: [{ year: { $gt: 2019 } }, { team: 'port' }] },
			['harbour.md']],
		[{ $or: [{ team: 'port' }, { year: 2022 }] },
			['bread.md', 'harbour.md']],
		[{ team: 'nobody' }, []],
	])
		assert.deepEqual(await find(filter), found,
		    JSON.stringify(filter));
});

test('what is not asked rightly', async () => {
	const detail = 'The filter is not valid: it has an unknown operator, ' +
		'a value that its operator cannot take, or too many or too ' +
		'deeply nested terms';
	let deep = { a: 1 };

	for (let i = 0; i < 10; i++)
		deep = { $and: [deep] };
	for (const filter of [{ a: { $404: 1 } }, { $nor: [] }, { $or: {} },
		{ a: { $in: 1 } }, { a: { $eq: [1] } }, deep]) {
		await refused(plain, v2, { query: 'q', metadata_filter: filter },
		    400, detail);
		await refused(plain, v3, { query: 'q', filter }, 400, detail);
	}
	for (const where of [v2, v3]) {
		for (const body of [{}, { query: null }, ''])
			await refused(plain, where, body, 422,
			    invalid('missing', 'query', 'Field required'));
		await refused(plain, where, { query: '' }, 422,
		    invalid('string_too_short', 'query',
			'String should have at least 1 characters'));
		await refused(plain, where, { query: 'ä'.repeat(8193) }, 422,
		    invalid('string_too_long', 'query',
			'String should have at most 8192 characters'));
		await refused(plain, where, { query: 7 }, 422,
		    invalid('string_type', 'query',
			'Input should be a valid string'));
		for (const ratio of [-0.1, 1.01])
			await refused(plain, where,
			    { query: 'q', semantic_ratio: ratio }, 422,
			    invalid(ratio < 0 ? 'greater_than_equal'
				: 'less_than_equal', 'semantic_ratio',
			    `Input should be ${ratio < 0 ? 'greater'
				: 'less'} than or equal to ${ratio < 0 ? 0
				: 1}`));
		await refused(plain, where, { query: 'q', rerank: 7 }, 422,
		    invalid('bool_parsing', 'rerank',
			'Input should be a valid boolean or dictionary'));
		for (const limit of [0, 101, 1.5, 'x'])
			await refused(plain, where, { query: 'q',
				rerank: { candidate_limit: limit } }, 422,
			invalid('int_parsing', 'rerank',
			    'Input should be a valid integer from 1 to 100'));
		await refused(plain, where.replace('docs', 'none'),
		    { query: 'q' }, 404, 'Collection not found');
		const reply = await post(plain, where, { query: 'q' },
		    { headers: { 'X-Organization-ID':
			'11111111-2222-4333-8444-555555555555' } });

		assert.equal(reply.status, 403);
	}
	await refused(plain, v2, { query: 'q', top_k: 0, inference: 'x' }, 422,
	    [...invalid('bool_parsing', 'inference',
		'Input should be a valid boolean'),
	    ...invalid('greater_than_equal', 'top_k',
		'Input should be greater than or equal to 1')]);
	await refused(plain, v3, { query: 'q', limit: 101 }, 422,
	    invalid('less_than_equal', 'limit',
		'Input should be less than or equal to 100'));
	await good(plain, v2, { query: 'ä'.repeat(8192) });
	await good(plain, v2, { query: 'q', semantic_ratio: 0 });
	await good(plain, v2, { query: 'q', semantic_ratio: 1 });
});

// ---- v3 -------------------------------------------------------------------

test('v3: chunks', async () => {
	const { request_id: id, execution_time_ms: ms, results, ...answer } =
	    await good(plain, v3, { query: 'spring tides', limit: 2 });

	assert.match(id, /^req_\d+_[0-9a-f]{8}$/);
	assert.ok(Number.isInteger(ms));
	assert.deepEqual(answer, { query: 'spring tides', total_results: 2,
		limit: 2, rerank: false, tokens_used: {}, token_balance: null,
		warnings: [] });
	const [{ score, document_id: document, metadata, ...best }] = results;

	assert.ok(score > 0 && score <= 1);
	assert.ok(metadata.vectorScore > 0 && metadata.bm25Score > 0);
	assert.deepEqual(best, { rerank_score: null,
		chunk_id: `${document}:0`, chunk_index: 0, text: TEXTS[0][1],
		modality: 'text', collection_name: 'docs',
		filename: 'tides.md', match_sources: ['vector', 'bm25'],
		document: { id: document, filename: 'tides.md',
			source: { type: 'text', uri: 'text:///tides.md' } },
		location: { page_start: null, page_end: null }, regions: [] });
	// Who finds alone says so.
	const [words] = (await good(plain, v3, { query: 'yeast',
		semantic_ratio: 0 })).results;

	assert.deepEqual(words.match_sources, ['bm25']);
	assert.deepEqual(Object.keys(words.metadata), ['bm25Score']);
	assert.equal(words.score, 1);
});

test('v3: the names of v2', async () => {
	const answer = await good(plain, v3, { query: 'moon boats oven',
		top_k: 1, metadata_filter: { team: 'port' }, inference: true,
		rerank_model: 'gemini' });

	assert.deepEqual([names(answer), answer.limit],
	    [['harbour.md'], 1]);
	assert.deepEqual(answer.warnings,
	    ['inference: not served here; use the v2 query']);
	assert.equal((await good(plain, v3, { query: 'moon', top_k: 1,
		limit: 3 })).limit, 3);
});

test('v3: what is included', async () => {
	const text = (n) => `# Part ${n}\n\n` +
	    `sentence ${n} about ropes and knots. `.repeat(60);

	await fill(plain, 'long', [['ropes.md', Array.from({ length: 5 },
	    (_, n) => text(n)).join('\n\n'), { year: 1 }]]);
	const where = '/v3/collections/long/query';
	const { results: all } = await good(plain, where,
	    { query: 'ropes knots', limit: 100 });

	assert.ok(all.length >= 5, 'there are several chunks');
	const chunks = new Map(all.map((one) => [one.chunk_index, one.text]));
	const { results, warnings } = await good(plain, where, {
		query: 'ropes knots', limit: 100, include: { document: false,
			metadata: false, document_metadata: true,
			neighboring_chunks: true, regions: true,
			relations: true, related_chunks: true,
			archived: true, other: true },
		boost: [{ field: 'x' }], relation_types: ['cites'],
		relation_direction: 'out' });

	for (const one of results) {
		const { chunk_index: at, document_id: id } = one;

		assert.ok(!('document' in one) && !('metadata' in one));
		assert.deepEqual(one.document_metadata, { year: 1 });
		assert.deepEqual(one.neighboring_chunks, [at - 1, at + 1]
		    .filter((n) => chunks.has(n)).map((n) => ({
			chunk_id: `${id}:${n}`, chunk_index: n,
			text: chunks.get(n) })));
	}
	assert.deepEqual(warnings.map((words) => words.split(':')[0]), [
		'include.regions', 'include.relations',
		'include.related_chunks', 'include.archived', 'boost',
		'relation_types, relation_direction']);
	// At most so many of one document.
	for (const max of [1, 2])
		assert.equal((await good(plain, where, { query: 'ropes knots',
			max_chunks_per_document: max })).results.length, max);
	const excluded = await good(plain, where, { query: 'ropes',
		exclude_chunk_types: ['image', 'text'] });

	assert.deepEqual([excluded.results, excluded.warnings], [[],
		['exclude_chunk_types: all chunks here are of the type text']]);
	assert.ok((await good(plain, where, { query: 'ropes',
		exclude_chunk_types: ['image'] })).results.length > 0);
});

test('v3: several collections are one', async () => {
	const others = ['Gulls fly.', 'Ropes rot.', 'Oars float.',
		'Sails tear.', 'Masts bend.', 'Tar sticks.'].map((text, i) =>
	    [`${i}.md`, text]);
	const weak = ['d.md', 'Kelp is named here among much else: ropes, ' +
		'nets, corks, anchors, oars, sails, masts, tar, gulls, ' +
		'winches, blocks, buoys, lamps, bells and charts.'];

	await fill(plain, 'one', [['a.md', 'Kelp grows in cold water.'],
		...others]);
	await fill(plain, 'two', [['c.md', 'Kelp grows in cold water.'], weak,
		...others]);
	await fill(plain, 'three', [weak, ...others]);
	const find = (body) => good(plain, '/v3/query', { query: 'kelp grows',
		...body });
	const { results } = await find({ collections: ['one', 'two'],
		semantic_ratio: 0 });
	const by = Object.fromEntries(results.map((one) =>
	    [one.filename, one]));

	assert.deepEqual(Object.keys(by).sort(), ['a.md', 'c.md', 'd.md']);
	assert.deepEqual([by['a.md'].collection_name,
		by['c.md'].collection_name], ['one', 'two']);
	// A weak hit does not rise for being the best of its collection.
	const both = await find({ collections: ['three', 'one'],
		query: 'kelp', semantic_ratio: 0 });

	assert.deepEqual(names(both), ['a.md', 'd.md']);
	assert.equal(both.results[0].score, 1);
	assert.ok(both.results[1].score < 0.9);
	// By ids, under other names, and twice is once.
	const ids = (await plain.ok('GET', '/bases')).bases
	    .filter(({ name }) => ['one', 'two'].includes(name))
	    .map(({ id }) => id);
	const scores = (answer) => answer.results.map((one) =>
	    [one.chunk_id, one.score]);
	const all = scores(await find({ collections: ['one', 'two'] }));

	for (const body of [{ collection_ids: ids },
		{ collection_names: ['one', 'two'] },
		{ collections: ['one', 'two', 'one', ...ids] }])
		assert.deepEqual(scores(await find(body)), all);
	await refused(plain, '/v3/query', { query: 'q' }, 422,
	    invalid('missing', 'collections', 'Field required'));
	await refused(plain, '/v3/query', { query: 'q', collections: [] }, 422,
	    invalid('too_short', 'collections',
		'List should have at least 1 items'));
	await refused(plain, '/v3/query', { query: 'q',
		collections: Array(11).fill('one') }, 422,
	invalid('too_long', 'collections',
	    'List should have at most 10 items'));
	await refused(plain, '/v3/query', { query: 'q',
		collections: ['one', 'none'] }, 404, 'Collection not found');
});

// ---- reranking ------------------------------------------------------------

test('the order of a reranking service', async () => {
	models.reranks = [];
	models.onRerank = ({ documents }) => documents.map((text, index) =>
	    ({ index, relevance_score: text.includes('oven') ? 4.5 : -index }));
	const query = 'moon boats oven';
	const own = await good(full, v2, { query, semantic_ratio: 0 });
	const answer = await good(full, v2, { query, semantic_ratio: 0,
		rerank: true, top_k: 2 });

	assert.deepEqual(answer.warnings, []);
	assert.deepEqual(models.reranks.map(({ documents, ...asked }) => asked),
	    [{ url: '/v1/rerank', model: RERANKER, query,
		key: `Bearer ${RERANK_KEY}` }]);
	// All are candidates, the best of them are results.
	assert.deepEqual(models.reranks[0].documents,
	    own.search_results.map(({ content }) => content));
	assert.equal(answer.total_results, 2);
	assert.equal(names(answer)[0], 'bread.md');
	assert.equal(answer.search_results[0].rerank_score, 4.5);
	// The search's own score stays.
	assert.equal(answer.search_results[0].score, own.search_results.find(
	    ({ filename }) => filename === 'bread.md').score);
	for (const [rerank, count, is] of [[true, 3, true],
		[{ enabled: true, candidate_limit: 1 }, 2, true],
		[{ candidate_limit: 3, model: 'x' }, 3, true],
		[{ enabled: false }, 0, false], [false, 0, false]]) {
		models.reranks = [];
		const { rerank: said } = await good(full, v3, { query,
			semantic_ratio: 0, rerank, limit: 2 });

		assert.equal(said, is);
		assert.deepEqual(models.reranks.map(({ documents }) =>
		    documents.length), count > 0 ? [count] : []);
	}
});

test('a reranking service that fails', async () => {
	const query = { query: 'moon boats oven', semantic_ratio: 0 };
	const own = names(await good(full, v2, query));

	for (const onRerank of [
		(_, reply) => fail(reply, 500), (_, reply) => fail(reply, 401),
		(_, reply) => { reply.destroy(); }, () => [],
		() => [{ index: 3, relevance_score: 1 }],
		() => [{ index: 0, relevance_score: 1 },
			{ index: 0, relevance_score: 1 }],
		() => [{ index: 0, relevance_score: null }]]) {
		models.onRerank = onRerank;
		const answer = await good(full, v2, { ...query, rerank: true });

		assert.deepEqual(answer.warnings, [RERANK_FAILED]);
		assert.deepEqual(names(answer), own);
		assert.deepEqual(answer.search_results.map((one) =>
		    one.rerank_score), [null, null, null]);
	}
	// What it leaves out follows behind.
	models.onRerank = () => [{ index: 2, relevance_score: 0.5 }];
	const answer = await good(full, v2, { ...query, rerank: true });

	assert.deepEqual(names(answer), [own[2], own[0], own[1]]);
	assert.deepEqual(answer.search_results.map((one) => one.rerank_score),
	    [0.5, null, null]);
	assert.ok(!full.log.includes(RERANK_KEY));
});

// ---- inference ------------------------------------------------------------

const ASKED = { query: 'When does the harbour open?', inference: true };
const EXTRACT = 'The harbour opens at six. [harbour.md]';

test('an answer without a chat model', async () => {
	const { request_id: id, execution_time_ms: ms,
		relevant_documents: documents, ...answer } =
	    await good(plain, v2, { query: 'when harbour opens',
		inference: true, semantic_ratio: 0, top_k: 3,
		custom_prompt: 'In rhymes.' });

	assert.ok(id && Number.isInteger(ms));
	assert.deepEqual(answer, { success: true, query: 'when harbour opens',
		inference: true, total_results: 1, summary: EXTRACT,
		response: EXTRACT, tokens_used: {}, token_balance: null,
		warnings: [NO_CHAT, 'custom_prompt: not used, as no chat ' +
			'model wrote the answer',
		'top_k: not used with inference'] });
	assert.deepEqual(documents.map(({ document_id: _, ...one }) => one),
	    [{ relevancy_score: 1, filename: 'harbour.md',
		excerpt: TEXTS[1][1] }]);
	const nothing = await good(plain, v2, { query: 'zzzz',
		inference: true, semantic_ratio: 0 });

	assert.deepEqual([nothing.summary, nothing.relevant_documents,
		nothing.warnings],
	['Nothing in the collection matches the query.', [],
		['inference: nothing in the collection matches the query']]);
});

test('an answer of the chat model', async () => {
	models.chats = [];
	models.onChat = () => 'At six. [harbour.md]';
	const answer = await good(full, v2, { ...ASKED,
		custom_prompt: 'In rhymes.' });
	const [{ system, user, ...asked }] = models.chats;

	assert.deepEqual(asked, { url: '/v1/chat/completions', model: MODEL,
		stream: false, key: `Bearer ${CHAT_KEY}` });
	assert.match(system, /Use what the passages say and nothing else/);
	assert.match(system, /In rhymes\.\n$/);
	assert.ok(user.startsWith('<<<PASSAGES\n[harbour.md]\n' +
	    `${TEXTS[1][1]}\n\n`), user);
	assert.ok(user.endsWith('PASSAGES>>>\n\nThe question: ' + ASKED.query));
	assert.deepEqual([answer.summary, answer.response],
	    ['At six. [harbour.md]', 'At six. [harbour.md]']);
	assert.deepEqual(answer.tokens_used, { prompt_tokens: 11,
		completion_tokens: 3, total_tokens: 14 });
	assert.deepEqual(answer.warnings, []);
	assert.equal(answer.relevant_documents[0].filename, 'harbour.md');
	// Nothing to answer from: nobody is asked.
	models.chats = [];
	assert.equal((await good(full, v2, { ...ASKED, query: 'zzzz',
		semantic_ratio: 0 })).total_results, 0);
	assert.equal(models.chats.length, 0);
	// Reranked passages are shown in their new order.
	models.onRerank = ({ documents }) => documents.map((text, index) =>
	    ({ index, relevance_score: text.includes('oven') ? 1 : 0 }));
	await good(full, v2, { ...ASKED, rerank: true });
	assert.ok(models.chats[0].user.startsWith(
	    '<<<PASSAGES\n[bread.md]\n'));
});

test('a chat model that fails', async () => {
	for (const onChat of [(_, reply) => fail(reply, 503),
		(_, reply) => fail(reply, 400), () => '',
		(_, reply) => { reply.destroy(); }]) {
		models.onChat = onChat;
		const answer = await good(full, v2, { ...ASKED,
			semantic_ratio: 0 });

		assert.equal(answer.summary, EXTRACT);
		assert.deepEqual(answer.warnings, [CHAT_FAILED]);
		assert.deepEqual(answer.tokens_used, {});
	}
	assert.ok(!full.log.includes(CHAT_KEY));
});

// ---- streams --------------------------------------------------------------

// The events of an answer, one by one.  Every line is data, but for comments.
async function* events(reply) {
	const decoder = new TextDecoder();
	let text = '';

	assert.equal(reply.status, 200);
	assert.equal(reply.headers.get('content-type'), 'text/event-stream');
	for await (const piece of reply.body) {
		text += decoder.decode(piece, { stream: true });
		for (let at; (at = text.indexOf('\n\n')) >= 0;
		     text = text.slice(at + 2)) {
			const line = text.slice(0, at);

			if (line.startsWith(':'))
				continue;
			assert.match(line, /^data: [^\n]*$/);
			yield JSON.parse(line.slice('data: '.length));
		}
	}
	assert.equal(text, '');
}

// Not through the checking fetch, which waits for the end.
const open = (server, body, options = {}) => fetch(server.url + v2, {
	method: 'POST', headers: { Authorization: `Bearer ${KEY}`,
		'Content-Type': 'application/json' },
	body: JSON.stringify({ stream: true, ...body }), ...options });

async function streamed(server, body) {
	const all = [];

	for await (const event of events(await open(server, body)))
		all.push(event);
	assert.deepEqual(all.map(({ seq }) => seq), all.map((_, i) => i + 1));
	assert.equal(new Set(all.map((one) => one.run_id)).size, 1);
	return all.map(({ seq: _, run_id: __, ...event }) => event);
}

function checkEvents(all, query, count, text) {
	const [start, stop, ...rest] = all;
	const complete = rest.pop();
	const call = start.tool_call_id;

	assert.ok(call);
	assert.deepEqual(start, { type: 'tool.start', tool_call_id: call,
		name: 'searchKnowledgeBase', args: { query } });
	assert.deepEqual(stop, { type: 'tool.end', tool_call_id: call,
		name: 'searchKnowledgeBase', ok: true,
		result_summary: { resultCount: count } });
	for (const { type } of rest)
		assert.equal(type, 'text.delta');
	assert.equal(rest.map(({ data }) => data).join(''), text);
	assert.equal(complete.type, 'stream_complete');
	assert.deepEqual(complete.metadata, { totalResults: count,
		totalSearches: 1 });
	const { type, metadata, stats, ...answer } = complete;

	assert.deepEqual([type, metadata.totalSearches], ['stream_complete',
		1]);
	assert.deepEqual(stats, { totalTokens:
	    answer.tokens_used.total_tokens ?? 0 });
	// What is left is a plain answer.
	const check = validator(fileOf('captain'), 'components', 'schemas',
	    'QueryAnswerV2');

	assert.ok(check(answer), JSON.stringify(check.errors));
	assert.equal(answer.summary, text);
	return answer;
}

test('a stream without a chat model', async () => {
	const all = await streamed(plain, { ...ASKED, semantic_ratio: 0 });

	assert.equal(all.length, 4);
	assert.deepEqual(checkEvents(all, ASKED.query, 1, EXTRACT).warnings,
	    [NO_CHAT]);
	checkEvents(await streamed(plain, { ...ASKED, query: 'zzzz',
		semantic_ratio: 0 }), 'zzzz', 0,
	'Nothing in the collection matches the query.');
});

// A stream's method of the SDK sends this when nobody speaks of inference.
test('a stream without inference is its end, with the results', async () => {
	const all = await streamed(plain, { query: 'spring tides' });

	assert.equal(all.length, 1);
	const [{ type, metadata, stats, ...answer }] = all;
	const { request_id: _, execution_time_ms: __, ...rest } = answer;
	const { request_id: ___, execution_time_ms: ____, ...wanted } =
	    await good(plain, v2, { query: 'spring tides', stream: false });

	assert.equal(type, 'stream_complete');
	assert.deepEqual(metadata, { totalResults: wanted.total_results,
		totalSearches: 1 });
	assert.deepEqual(stats, { totalTokens: 0 });
	assert.deepEqual(rest, wanted);
	// Refusals are as ever.
	const reply = await open(plain, {});

	assert.equal(reply.status, 422);
	assert.equal((await reply.json()).detail[0].type, 'missing');
});

test('text flows as the model writes it', async () => {
	let model;

	models.chats = [];
	models.onChat = (_, reply) => {
		model = reply;
		stream(reply, 'At ');
	};
	const seen = [];

	for await (const event of events(await open(full, ASKED))) {
		seen.push(event);
		// The model goes on when its last piece has come through.
		if (event.data === 'At ') {
			stream(model, 'six ');
		} else if (event.data === 'six ') {
			stream(model, 'ö’clock\n\n.');
			end(model);
		}
	}
	assert.ok(models.chats[0].stream);
	assert.deepEqual(seen.filter(({ type }) => type === 'text.delta')
	    .map(({ data }) => data), ['At ', 'six ', 'ö’clock\n\n.']);
	const answer = checkEvents(seen.map(({ seq, run_id: run, ...one }) => {
		assert.ok(seq > 0 && run);
		return one;
	}), ASKED.query, seen[1].result_summary.resultCount,
	'At six ö’clock\n\n.');

	assert.equal(answer.tokens_used.total_tokens, 14);
});

test('a stream whose model fails', async () => {
	for (const onChat of [(_, reply) => fail(reply, 500),
		(_, reply) => { reply.destroy(); },
		(_, reply) => {
			reply.writeHead(200,
			    { 'Content-Type': 'text/event-stream' });
			reply.end('data: {"error":{"message":"full"}}\n\n');
		}]) {
		models.onChat = onChat;
		const all = await streamed(full, { ...ASKED,
			semantic_ratio: 0 });

		assert.deepEqual(checkEvents(all, ASKED.query, 1, EXTRACT)
		    .warnings, [CHAT_FAILED]);
	}
	// Once it has begun, a half answer is told to be one.
	models.onChat = (_, reply) => {
		stream(reply, 'At ');
		reply.end();
	};
	const all = await streamed(full, ASKED);

	assert.deepEqual(all.slice(-2), [{ type: 'text.delta', data: 'At ' },
		{ type: 'stream_error',
			error: 'The chat model broke off its answer' }]);
	// A service that does not stream.
	models.onChat = (_, reply) => {
		reply.writeHead(200, { 'Content-Type': 'application/json' });
		reply.end(JSON.stringify({ choices: [{ message:
		    { content: 'At six.' } }] }));
	};
	const whole = await streamed(full, { ...ASKED, semantic_ratio: 0 });

	checkEvents(whole, ASKED.query, 1, 'At six.');
});

test('a client that goes takes its question along', async () => {
	const controller = new AbortController();
	let timer;
	const gone = new Promise((resolve) => {
		models.onChat = (_, reply) => {
			timer = setInterval(() => stream(reply, 'word '), 20);
			reply.once('close', resolve);
		};
	});
	const reply = await open(full, ASKED, { signal: controller.signal });

	try {
		for await (const { type } of events(reply))
			if (type === 'text.delta')
				controller.abort();
		assert.fail('the stream ended by itself');
	} catch (error) {
		assert.equal(error.name, 'AbortError');
	}
	await gone;
	clearInterval(timer);
});

// There are fewer threads that answer requests than there are questions here.
test('slow models hold nobody up', async () => {
	const held = [];
	const heard = models.hear(40);

	models.onChat = (_, reply) => {
		held.push(reply);
	};
	const asked = Array.from({ length: 40 }, (_, i) => i % 2 === 0
	    ? good(full, v2, ASKED) : streamed(full, ASKED));

	await heard;
	assert.equal(names(await good(full, v2, { query: 'yeast' }))[0],
	    'bread.md');
	await fill(full, 'meanwhile', [['n.md', 'Something new.']]);
	for (const reply of held)
		fail(reply, 500);
	for (const [i, answer] of (await Promise.all(asked)).entries())
		assert.ok(i % 2 === 0 ? answer.summary
		    : answer.at(-1).type === 'stream_complete');
});

test('a server that is ended does not wait for a model', async () => {
	const server = await Server.start(...models.chatFlags);
	const heard = models.hear(2);

	await fill(server, 'docs');
	models.onChat = () => undefined;
	const asked = [good(server, v2, ASKED), streamed(server, ASKED)];
	const ends = Promise.allSettled(asked);

	await heard;
	await server.stop();
	for (const { status } of await ends)
		assert.equal(status, 'rejected');
});

// ---- while a job runs -----------------------------------------------------

test('a finished file is found while its job is running', async () => {
	let held;
	const heard = new Promise((resolve) => {
		models.onChat = ({ user }, reply) => {
			if (!user.includes('second'))
				return 'Q1: Where is kelp?\nA1: In the first.';
			held = reply;
			resolve();
			return undefined;
		};
	});

	await full.ok('POST', '/bases', { body: { name: 'running',
		settings: { questions: 'English' } } });
	const job = await full.texts('running', [
		{ name: 'first.md', text: 'The first speaks of kelp.' },
		{ name: 'second.md', text: 'The second speaks of kelp.' }]);

	await heard;
	// Whichever was begun first: this one is not held up.
	for (;;) {
		const { results } = await good(full,
		    '/v3/collections/running/query', { query: 'kelp' });

		if (results.length > 0) {
			assert.deepEqual(results.map((one) => one.filename),
			    ['first.md']);
			break;
		}
	}
	assert.equal((await full.ok('GET', `/jobs/${job.id}`)).state,
	    'running');
	assert.deepEqual(names(await good(full,
	    '/v2/collections/running/query', { query: 'kelp' })),
	['first.md']);
	models.onChat = () => 'Q1: What is kelp?\nA1: In the second.';
	fail(held, 503);
	assert.equal((await full.end(job)).state, 'completed');
	assert.deepEqual(names(await good(full,
	    '/v2/collections/running/query', { query: 'kelp' })).sort(),
	['first.md', 'second.md']);
});
