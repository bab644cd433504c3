// SPDX-License-Identifier: Apache-2.0
//
// What clients keep of conversations, and what they recall: of sessions, of
// datasets, and of nobody else's.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { isFinal } from './lib.mjs';
import { Server } from './lib-cognee.mjs';
import { Models } from './lib-models.mjs';

const SETS = '/api/v1/datasets';
const ENTRY = '/api/v1/remember/entry';
const RECALL = '/api/v1/recall';
const NOBODY = '11111111-2222-4333-8444-555555555555';
const DENIED = (what) => ({ detail: 'Request owner does not have necessary ' +
	`permission: [${what}] for all datasets requested. ` +
	'[PermissionDeniedError]' });
const NO_DATA = { detail: 'No data found in the system, please add data ' +
	'first. [NoDataError]' };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIDES = 'The tide at Brest turns twice a day.';
const models = new Models();
let server, ann, bob, lone, sea;

const call = (method, where, who = ann, more = {}) =>
	server.call(method, where, { token: who.token, ...more });

async function keep(entry, more = {}, who = ann) {
	const reply = await call('POST', ENTRY, who,
	    { json: { entry, ...more } });

	assert.equal(reply.status, 200, reply.text);
	return reply.json;
}

async function recall(json, who = ann) {
	const reply = await call('POST', RECALL, who, { json });

	assert.equal(reply.status, 200, reply.text);
	return reply.json;
}

const qa = (question, answer, more = {}) =>
	({ type: 'qa', question, answer, ...more });

async function make(name, who = ann) {
	return (await call('POST', SETS, who, { json: { name } })).json.id;
}

before(async () => {
	await models.open();
	server = await Server.start();
	ann = await server.person('ann@example.com');
	bob = await server.person('bob@example.com');
	lone = await server.person('lone@example.com');
	sea = await make('sea');
	const key = ann.token;
	let { job } = (await server.ask('POST', `/bases/${sea}/documents`, {
		key, body: { documents: [{ name: 'tides.txt',
			text: TIDES }] } })).json;

	while (!isFinal(job))
		job = (await server.ask('GET', `/jobs/${job.id}` +
		    `?after=${job.revision}&wait=30`, { key })).json;
	assert.equal(job.state, 'completed');
});
after(async () => {
	await server.stop();
	await models.close();
});

// ---- entries ---------------------------------------------------------------

test('an entry is kept with its session', async () => {
	const kept = await keep(qa('Which boat?', 'The green one.'),
	    { session_id: 'boats', dataset_name: 'sea' });

	assert.match(kept.entry_id, UUID);
	assert.ok(kept.elapsed_seconds < 60);
	assert.deepEqual(kept, { status: 'session_stored',
		dataset_name: 'sea', dataset_id: sea, pipeline_run_id: null,
		items_processed: 1, elapsed_seconds: kept.elapsed_seconds,
		session_ids: ['boats'], entry_type: 'qa',
		entry_id: kept.entry_id, error: null });
	const other = await keep(qa('a', 'b'));

	assert.deepEqual([other.session_ids, other.dataset_name,
		other.dataset_id],
	    [['default_session'], 'main_dataset', null]);
	assert.equal((await keep(qa('a', 'b'), { datasetId: sea,
		sessionId: 'camel' })).dataset_name, 'sea');
});

test('an answer is recalled by the words of its entry', async () => {
	const session_id = 'fish';
	const kept = await keep(qa('What do herons eat?', 'Herons eat fish.',
	    { context: 'birds.txt', used_graph_element_ids:
		{ node_ids: ['n'] } }), { session_id });
	const [one, ...rest] = await recall({ session_id,
		query: 'What does a heron of the herons eat?' });

	assert.deepEqual(rest, []);
	assert.match(one.time, /^2\d{3}-.*Z$/);
	assert.deepEqual(one, { source: 'session', time: one.time,
		qa_id: kept.entry_id, question: 'What do herons eat?',
		context: 'birds.txt', answer: 'Herons eat fish.',
		feedback_text: null, feedback_score: null,
		used_graph_element_ids: { node_ids: ['n'] },
		text: 'Herons eat fish.', score: one.score });
	assert.ok(one.score > 0.5 && one.score < 1);
});

test('the best comes first, then the newest', async () => {
	const session_id = 'order';
	const answers = async (query, top_k) => (await recall({ session_id,
		query, top_k, scope: 'session' })).map(({ answer }) =>
	    answer);

	await keep(qa('harbour', 'one'), { session_id });
	await keep(qa('harbour lighthouse', 'two'), { session_id });
	await keep(qa('harbour', 'three'), { session_id });
	await keep(qa('nothing', 'four'), { session_id });
	await keep(qa('harbour', 'elsewhere'), { session_id: 'order2' });
	assert.deepEqual(await answers('harbour lighthouse'),
	    ['two', 'three', 'one']);
	assert.deepEqual(await answers('harbour', 2), ['three', 'two']);
	assert.deepEqual(await answers('zebra'), []);
});

test('feedback is kept with the answer', async () => {
	const session_id = 'thanks';
	const { entry_id } = await keep(qa('Which mast?', 'The tall one.'),
	    { session_id });
	const given = await keep({ type: 'feedback', qa_id: entry_id,
		feedback_text: 'Good', feedback_score: 5 }, { session_id });

	assert.equal(given.entry_type, 'feedback');
	assert.equal(given.entry_id, entry_id);
	const [one] = await recall({ session_id, query: 'mast' });

	assert.deepEqual([one.feedback_text, one.feedback_score],
	    ['Good', 5]);
	for (const [who, qa_id] of [[ann, NOBODY], [bob, entry_id]]) {
		const { status, json } = await call('POST', ENTRY, who,
		    { json: { entry: { type: 'feedback', qa_id,
			feedback_text: 'x' } } });

		assert.equal(status, 409);
		assert.deepEqual(json, { error:
			'There is no such qa entry to give feedback to.' });
	}
});

test('steps are recalled by their own scope', async () => {
	const session_id = 'steps';
	const kept = await keep({ type: 'trace', origin_function: 'read_file',
		status: 'error', method_params: { path: 'tides.md' },
		method_return_value: [1, 'two'], memory_query: 'q',
		memory_context: 'c', error_message: 'no such file' },
	    { session_id });

	await keep(qa('tides', 'an answer'), { session_id });
	const [one, ...rest] = await recall({ session_id, scope: 'trace',
		query: 'tides.md' });

	assert.deepEqual(rest, []);
	assert.equal(one.source, 'trace');
	assert.equal(one.trace_id, kept.entry_id);
	assert.equal(one.status, 'error');
	assert.deepEqual(one.method_params, { path: 'tides.md' });
	assert.deepEqual(one.method_return_value, [1, 'two']);
	assert.equal(one.error_message, 'no such file');
	assert.match(one.text, /read_file/);
});

test('entries that make no sense are refused', async () => {
	const refuse = async (json, status, words) => {
		const reply = await call('POST', ENTRY, ann, { json });

		assert.equal(reply.status, status,
		    JSON.stringify(json).slice(0, 99) + reply.text);
		if (words !== undefined)
			assert.match(reply.json.error, words);
	};

	await refuse({}, 400);
	await refuse({ entry: null }, 400);
	await refuse({ entry: [] }, 400);
	await refuse({ entry: {} }, 400, /^Invalid remember request\./);
	await refuse({ entry: { type: 'poem' } }, 400,
	    /^Invalid remember request\./);
	await refuse({ entry: { type: 'skill_run', selected_skill_id: 'x' } },
	    400, /no skills/);
	await refuse({ entry: { type: 'qa', question: 'a' } }, 400);
	await refuse({ entry: qa('a', 7) }, 400);
	await refuse({ entry: qa('a', 'b', { feedback_score: 6 }) }, 400,
	    /feedback_score/);
	await refuse({ entry: { type: 'trace', origin_function: 'f',
		status: 'maybe' } }, 400);
	await refuse({ entry: { type: 'trace', origin_function: 'f',
		generate_feedback_with_llm: true } }, 400, /by a model/);
	await refuse({ entry: { type: 'feedback', qa_id: NOBODY } }, 400,
	    /feedback_text/);
	await refuse({ entry: { type: 'feedback', qa_id: 'x',
		feedback_text: 'y' } }, 400);
	await refuse({ entry: qa('a', 'b'), session_id: 's'.repeat(256) },
	    413, /session/);
	await refuse({ entry: qa('a', 'b'.repeat(300000)) }, 413, /entry/);
	await refuse({ entry: qa('a', 'b'), dataset_id: 'x' }, 400);
	const { status, json } = await call('POST', ENTRY, ann,
	    { json: { entry: qa('a', 'b'), dataset_id: NOBODY } });

	assert.equal(status, 403);
	assert.deepEqual(json, DENIED('write'));
	assert.equal((await server.call('POST', ENTRY,
	    { json: { entry: qa('a', 'b') } })).status, 401);
});

test('a long entry is found by its beginning', async () => {
	const session_id = 'long';

	await keep(qa('mizzen', `${'word '.repeat(20000)} jib`),
	    { session_id });
	assert.equal((await recall({ session_id, scope: 'session',
		query: 'mizzen' })).length, 1);
	assert.equal((await recall({ session_id, scope: 'session',
		query: 'jib' })).length, 0);
});

// ---- scopes ----------------------------------------------------------------

test('a session answers first, datasets when it does not', async () => {
	const session_id = 'auto';
	const sources = async (json) => (await recall({ session_id, ...json,
		search_type: 'CHUNKS' })).map(({ source }) => source);

	await keep(qa('tide', 'It turns.'), { session_id });
	assert.deepEqual(await sources({ query: 'tide' }), ['session']);
	assert.deepEqual(await sources({ query: 'tide', scope: 'auto' }),
	    ['session']);
	assert.deepEqual(await sources({ query: 'Brest' }), ['graph']);
	assert.deepEqual(await sources({ query: 'tide', session_id: null }),
	    ['graph']);
	assert.deepEqual(await sources({ query: 'tide', datasets: ['sea'] }),
	    ['session', 'graph']);
	assert.deepEqual(await sources({ query: 'tide', scope: ['graph'] }),
	    ['graph']);
	assert.deepEqual(await sources({ query: 'tide',
		scope: ['session', 'graph'] }), ['session', 'graph']);
	assert.deepEqual(await sources({ query: 'tide', scope: 'all' }),
	    ['session', 'session_context', 'graph']);
	assert.deepEqual(await sources({ query: 'tide', scope: 'session',
		session_id: null }), []);
});

test('what was said last is the context of a session', async () => {
	const session_id = 'said';

	await keep(qa('one?', 'yes'), { session_id });
	await keep(qa('two?', 'no'), { session_id });
	await keep({ type: 'trace', origin_function: 'sail',
		status: 'error', error_message: 'no wind' }, { session_id });
	const context = (context_profile) => recall({ session_id,
		query: 'x', scope: 'session_context', context_profile });

	assert.deepEqual(await context(undefined), [{
		source: 'session_context', context_profile: 'qa',
		content: 'User: two?\nAssistant: no\n' +
			'User: one?\nAssistant: yes\n',
		text: 'User: two?\nAssistant: no\n' +
			'User: one?\nAssistant: yes\n' }]);
	assert.equal((await context('agent'))[0].content,
	    'sail: error: no wind\n');
});

test('what is not done here is refused in words', async () => {
	const refuse = async (json, status, words) => {
		const reply = await call('POST', RECALL, ann,
		    { json: { query: 'x', ...json } });

		assert.equal(reply.status, status, reply.text);
		assert.match(reply.json.error ?? reply.json.detail, words);
	};

	await refuse({ scope: 'dreams' }, 422, /^Unknown recall scope: dreams/);
	await refuse({ scope: ['session', 7] }, 422, /scope/);
	await refuse({ scope: { a: 1 } }, 422, /scope/);
	await refuse({ scope: 'x'.repeat(5000) }, 422, /^Unknown recall scope/);
	await refuse({ scope: ['graph', 'tools'] }, 422, /not supported/);
	await refuse({ scope: 'code' }, 422, /not supported/);
	await refuse({ response_schema: { type: 'object' } }, 422,
	    /response_schema is not supported/);
	await refuse({ tool_connections: ['db'] }, 422, /not supported/);
	await refuse({ top_k: 0 }, 422, /QueryValidationError/);
	await refuse({ search_type: 'CYPHER' }, 400,
	    /UnsupportedSearchTypeError/);
	await refuse({ datasets: ['nobody'] }, 404, /DatasetNotFoundError/);
	await refuse({ dataset_ids: [NOBODY] }, 403, /PermissionDenied/);
	for (const json of [{ context_profile: 'x' }, { tools_trigger: 'x' },
		{ session_id: 7 }, { search_type: 'x' }])
		assert.equal((await call('POST', RECALL, ann, { json }))
		    .status, 400);
});

// ---- datasets --------------------------------------------------------------

test('a chunk is an item', async () => {
	const [one, ...rest] = await recall({ query: 'tide',
		search_type: 'CHUNKS' });

	assert.deepEqual(rest, []);
	assert.equal(one.raw.text, TIDES);
	assert.deepEqual(one, { source: 'graph', kind: 'chunk',
		search_type: 'CHUNKS', text: TIDES, score: one.raw.score,
		metadata: { chunk_id: one.raw.id,
			document_id: one.raw.document_id,
			document_name: 'tides.txt', chunk_index: 0 },
		raw: one.raw, dataset_id: sea, dataset_name: 'sea',
		structured: null });
});

test('an answer is an item with what it was made of', async () => {
	const [one, ...rest] = await recall({ query: 'When does it turn?',
		datasets: ['sea'] });

	assert.deepEqual(rest, []);
	assert.deepEqual([one.kind, one.search_type, one.text, one.score],
	    ['graph_completion', 'HYBRID_COMPLETION',
		`${TIDES} [tides.txt]`, null]);
	assert.equal(one.metadata.answered_by, 'extract');
	assert.deepEqual(one.metadata.references.map(
	    ({ document_name: name, chunk_index: at }) => [name, at]),
	    [['tides.txt', 0]]);
	const [bare] = await recall({ query: 'tide', datasets: ['sea'],
		include_references: false });

	assert.deepEqual(bare.metadata.references, []);
});

test('a type of null is chosen by the question', async () => {
	const type = async (query) => (await recall({ query,
		search_type: null }))[0].search_type;

	assert.equal(await type('"tide"'), 'CHUNKS_LEXICAL');
	assert.equal(await type('an overview of tides'), 'SUMMARIES');
	assert.equal(await type('the tide'), 'RAG_COMPLETION');
});

test('names of keys that are not known are no matter', async () => {
	assert.equal((await recall({ query: 'tide', dataset_name: 'nobody',
		search_type: 'CHUNKS', anything: [1] })).length, 1);
});

test('nothing to recall is an empty list, or said', async () => {
	assert.deepEqual(await recall({ query: 'x' }, lone), []);
	assert.deepEqual(await recall({ query: 'x', session_id: 'none',
		scope: 'session' }, lone), []);
	await make('nothing_yet', bob);
	const { status, json } = await call('POST', RECALL, bob,
	    { json: { query: 'x' } });

	assert.equal(status, 404);
	assert.deepEqual(json, NO_DATA);
	assert.deepEqual(await recall({ query: 'x', session_id: 'none',
		scope: ['session', 'graph'] }, bob), []);
	await keep(qa('tide', 'yes'), { session_id: 'b' }, bob);
	assert.deepEqual((await recall({ query: 'tide', session_id: 'b',
		scope: 'all' }, bob)).map(({ source }) => source),
	    ['session', 'session_context']);
});

// ---- whose -----------------------------------------------------------------

test('a session is its user\'s', async () => {
	await keep(qa('anchor', 'of ann'), { session_id: 'shared_name' });
	await keep(qa('anchor', 'of bob'), { session_id: 'shared_name' }, bob);
	for (const [who, answer] of [[ann, 'of ann'], [bob, 'of bob']])
		assert.deepEqual((await recall({ query: 'anchor',
			session_id: 'shared_name' }, who)).map(
		    (one) => one.answer), [answer]);
});

test('entries about a dataset go with it', async () => {
	const set = await make('gone');
	const session_id = 'going';

	await keep(qa('sail', 'about it'), { session_id,
		dataset_name: 'gone' });
	await keep(qa('sail', 'about nothing'), { session_id });
	const answers = async () => (await recall({ session_id,
		query: 'sail', scope: 'session' })).map(({ answer }) =>
	    answer);

	assert.deepEqual(await answers(), ['about nothing', 'about it']);
	assert.equal((await call('DELETE', `${SETS}/${set}`)).status, 200);
	assert.deepEqual(await answers(), ['about nothing']);
});

// ---- what plugins ask beside it --------------------------------------------

test('routes that are not there are unknown', async () => {
	for (const where of ['/api/v1/sessions', '/api/v1/sessions/x',
		'/api/v1/agents', '/api/v1/agents/register',
		'/api/v1/settings', '/api/v1/skills', '/api/v1/proposals'])
		for (const method of ['GET', 'POST']) {
			const { status, json } = await call(method, where);

			assert.equal(status, 404, `${method} ${where}`);
			assert.deepEqual(json, { detail: 'Not Found' });
		}
});

test('a chat model answers a recall', async () => {
	await server.halt();
	await server.run(...models.chatFlags);
	models.onChat = () => 'Twice a day.';
	const [one] = await recall({ query: 'How often does the tide turn?',
		search_type: 'RAG_COMPLETION', verbose: true });

	assert.equal(one.text, 'Twice a day.');
	assert.equal(one.metadata.answered_by, 'model');
	assert.equal(one.raw.context_result, TIDES);
	assert.equal(one.raw.objects_result[0].text, TIDES);
	const rows = (await call('GET', RECALL)).json.slice(-2);

	assert.deepEqual(rows.map(({ user, text }) => [user, text]),
	    [['user', 'How often does the tide turn?'],
		['system', 'Twice a day.']]);
});

test('some clients look for the same elsewhere', async () => {
	const at = async (where, json) => {
		const reply = await call('POST', where, ann, { json });

		assert.equal(reply.status, 200, reply.text);
		return reply.json;
	};
	const json = { query: 'tide', searchType: 'CHUNKS', topK: 2 };

	for (const where of ['/api/search', '/search', '/search/'])
		assert.deepEqual(await at(where, json),
		    await at('/api/v1/search', json));
	assert.deepEqual(await at('/recall', json),
	    await at('/api/v1/recall', json));
});
