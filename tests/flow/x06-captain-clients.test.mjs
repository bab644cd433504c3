// SPDX-License-Identifier: Apache-2.0
//
// Captain: what its clients send, as they send it, and what they do with the
// answers: the Python library (whose models refuse a number that is no
// integer), both generations of the MCP server, and the openclaw plugin.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import http from 'node:http';
import test, { after, before } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { KEY, Server } from './lib.mjs';
import { check } from './lib-openapi.mjs';

const ENDED = ['completed', 'completed_with_failures', 'failed', 'cancelled'];
const ORGANIZATION = 'my-organization';
const DEADLINE_MS = 60000;
const POLL_MS = 20;
let server, site, page;

before(async () => {
	site = http.createServer((request, reply) => {
		reply.setHeader('Content-Type', 'text/html');
		reply.end('<title>Buoys</title><p>The red buoy is lit at ' +
		    'dusk.</p>');
	});
	await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
	page = `http://127.0.0.1:${site.address().port}/buoys.html`;
	server = await Server.start('--net-allow', '127.0.0.1');
});
after(async () => {
	await server.stop();
	site.closeAllConnections();
	site.close();
});

// One request of a client; every answer is held against the description.
async function send(method, path, { headers = {}, body } = {}) {
	const reply = await fetch(server.url + path, { method,
		headers: { Authorization: `Bearer ${KEY}`, ...headers }, body });
	const text = await reply.text();

	check('captain', method, path, reply.status, reply.headers, text);
	return { status: reply.status, headers: reply.headers, text };
}

async function until(look) {
	const deadline = Date.now() + DEADLINE_MS;

	for (;;) {
		const job = await look();

		if (ENDED.includes(job.status))
			return job;
		assert.ok(Date.now() < deadline, `it is ${job.status} still`);
		await pause(POLL_MS);
	}
}

// ---- the Python library -----------------------------------------------------

const SDK_HEADERS = {
	'X-Organization-ID': ORGANIZATION, 'User-Agent': 'captain-sdk/0.1.1',
	'X-Fern-Language': 'Python', 'X-Fern-Runtime': 'python/3.11.2',
	'X-Fern-Platform': 'linux/6.1', 'X-Fern-SDK-Name': 'captain-sdk',
	'X-Fern-SDK-Version': '0.1.1',
};

// Types as its models have them; a name with "!" must be there.
const text = (value) => typeof value === 'string';
const int = (value) => Number.isSafeInteger(value);
const real = (value) => typeof value === 'number' && Number.isFinite(value);
const bool = (value) => typeof value === 'boolean';
const when = (value) => text(value) && !Number.isNaN(Date.parse(value)) &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value);
const map = (fits) => (value) => Object.values(value).every(fits);
const any = () => true;
const DETAILS = { 'cost!': { 'amount!': real, 'currency!': text },
	'credits!': { 'used!': real, 'remaining!': real },
	'rate!': { 'per_credit!': real, 'currency!': text },
	'processing_type!': text, 'pages_processed!': int };
const JOB = {
	'job_id!': text, 'status!': text, collection_name: text,
	job_type: text, progress_message: text,
	progress: { current_stage: text, stage_description: text,
		files_total: int, files_processed: int, files_failed: int,
		files_skipped: int, elapsed_seconds: int },
	files: [{ 'uri!': text, 'status!': text, stage: text,
		progress_message: text, error_code: text, error_message: text,
		updated_at: when }],
	result: { files_indexed: int, files_failed: int, files_skipped: int,
		duration_seconds: int, warnings: [text] },
	billing: DETAILS, error_code: text, error_message: text,
	cancelled_by: text, cancelled_at: when, created_at: when,
	updated_at: when, started_at: when, completed_at: when,
	estimated_time_remaining_seconds: int,
};
const MODELS = {
	collections: { 'collections!': [{ 'database_name!': text,
		'file_count!': int, environment: text, is_active: bool,
		created_at: text, request_count: int }],
	'total_count!': int, 'limit!': int, 'offset!': int },
	created: { 'collection_name!': text, collection_id: text, status: text,
		message: text },
	deleted: { 'success!': bool, 'message!': text },
	moved: { 'success!': bool, 'message!': text, 'collection_name!': text,
		'previous_environment!': text, 'new_environment!': text,
		'files_moved!': int },
	documents: { 'documents!': [{ 'file_id!': text, 'filename!': text,
		content_type: text, chunk_count: int, created_at: text,
		indexed_at: text }], 'total_count!': int, 'limit!': int,
	'offset!': int, 'collection_name!': text },
	wiped: { success: bool, message: text, documents_deleted: int },
	index: { 'job_id!': text, 'status!': text },
	job: JOB,
	cancelled: { 'job_id!': text, 'status!': text, 'message!': text,
		cancelled_at: text },
	query: { success: bool, query: text, inference: bool,
		total_results: int, top_k: int, search_results: [{ score: real,
			content: text, document_id: text, filename: text,
			chunk_index: int, page_start: int, page_end: int,
			rerank_score: real, metadata: any }],
		summary: text, response: text, execution_time_ms: int,
		request_id: text, tokens_used: map(int),
		relevant_documents: [{ relevancy_score: real,
			document_id: text, filename: text, excerpt: text }],
		token_balance: any, warnings: [text] },
};

// As pydantic: what is not in the model is no matter.
function fits(model, value, where) {
	if (typeof model === 'function') {
		assert.ok(model(value), `${where}: ${JSON.stringify(value)}`);
	} else if (Array.isArray(model)) {
		assert.ok(Array.isArray(value), where);
		value.forEach((one, i) => fits(model[0], one, `${where}[${i}]`));
	} else {
		assert.equal(typeof value, 'object', where);
		for (const [name, inner] of Object.entries(model)) {
			const key = name.replace('!', '');
			const got = value[key];

			if (name.endsWith('!'))
				assert.ok(got !== null && got !== undefined,
				    `${where}.${key} is missing`);
			if (got !== null && got !== undefined)
				fits(inner, got, `${where}.${key}`);
		}
	}
	return value;
}

async function sdk(model, method, path, body) {
	const reply = await send(method, path, { headers: { ...SDK_HEADERS,
		...body && { 'Content-Type': 'application/json' } },
	body: body && JSON.stringify(body) });

	assert.ok(reply.status >= 200 && reply.status < 300, reply.text);
	return fits(MODELS[model], JSON.parse(reply.text), path);
}

test('the Python library, from the first call to the last', async () => {
	await sdk('created', 'PUT', '/v2/collections/harbour', {});
	await sdk('created', 'PUT', '/v2/collections/harbour',
	    { description: 'again' });
	const list = await sdk('collections', 'GET', '/v2/collections');

	assert.deepEqual(list.collections.map((one) => one.database_name),
	    ['harbour']);
	// It has no method for texts: a plain request.
	const { job_id: id } = await sdk('index', 'POST',
	    '/v2/collections/harbour/index/text', { content: 'Piers and quays.',
		    filename: 'piers.txt', custom_metadata: { year: 2026 } });
	const url = await sdk('index', 'POST',
	    '/v2/collections/harbour/index/url',
	    { url: page, processing_type: 'advanced' });

	for (const [job, type] of [[id, 'index_text'],
		[url.job_id, 'index_url']]) {
		const done = await until(() =>
		    sdk('job', 'GET', `/v2/jobs/${job}`));

		assert.deepEqual([done.status, done.job_type],
		    ['completed', type]);
		assert.equal(done.result.files_indexed, 1);
	}
	const documents = await sdk('documents', 'GET',
	    '/v2/collections/harbour/documents?limit=10&offset=0');

	assert.equal(documents.total_count, 2);
	const found = await sdk('query', 'POST',
	    '/v2/collections/harbour/query',
	    { query: 'quays', inference: false, stream: false, top_k: 5 });

	assert.equal(found.search_results[0].filename, 'piers.txt');
	assert.deepEqual(found.search_results[0].metadata, { year: 2026 });
	const asked = await sdk('query', 'POST',
	    '/v2/collections/harbour/query',
	    { query: 'what is lit at dusk?', inference: true, stream: false });

	assert.match(asked.summary, /red buoy/);
	assert.equal(asked.response, asked.summary);
	assert.ok(asked.warnings.length > 0);
	await sdk('cancelled', 'POST', `/v2/jobs/${id}/cancel`);
	await sdk('moved', 'PATCH', '/v2/collections/harbour/environment',
	    { new_environment: 'staging' });
	await sdk('created', 'PUT', '/v2/collections/harbour', {});
	await sdk('wiped', 'DELETE', '/v2/collections/harbour/documents');
	await sdk('deleted', 'DELETE', '/v2/collections/harbour');
	// Its typed errors.
	for (const [method, path] of [['GET', '/v2/jobs/job_none'],
		['DELETE', '/v2/collections/harbour'],
		['DELETE', '/v2/collections/harbour/documents/x']])
		assert.equal((await send(method, path,
		    { headers: SDK_HEADERS })).status, 404);
});

test('the Python library, streaming', async () => {
	await sdk('created', 'PUT', '/v2/collections/stream', {});
	const { job_id: id } = await sdk('index', 'POST',
	    '/v2/collections/stream/index/text',
	    { content: 'The lock opens at nine.' });

	await until(() => sdk('job', 'GET', `/v2/jobs/${id}`));
	for (const inference of [true, undefined]) {
		const reply = await send('POST',
		    '/v2/collections/stream/query', { headers: {
			    ...SDK_HEADERS,
			    'Content-Type': 'application/json' },
		    body: JSON.stringify({ query: 'lock', inference,
			    stream: true }) });
		const events = reply.text.split('\n\n').filter(Boolean)
		    .map((one) => JSON.parse(one.replace(/^data: /, '')));

		assert.match(reply.headers.get('content-type'),
		    /^text\/event-stream/);
		assert.equal(events.at(-1).type, 'stream_complete');
		if (!inference)
			continue;
		const told = events.filter((one) => one.type === 'text.delta')
		    .map((one) => one.data).join('');
		const numbers = events.map((one) => one.seq)
		    .filter((one) => one !== undefined);

		assert.match(told, /opens at nine/);
		assert.deepEqual(numbers,
		    [...numbers].sort((one, two) => one - two));
	}
});

// ---- the MCP servers --------------------------------------------------------

// Both say JSON where there is no body, and throw what they were answered.
async function mcp(method, path, body) {
	const reply = await send(method, path, { headers: {
		'X-Organization-ID': ORGANIZATION,
		'Content-Type': 'application/json' },
	body: body && JSON.stringify(body) });

	if (reply.status >= 400)
		throw new Error(`Captain API error (${reply.status}): ` +
		    reply.text);
	return JSON.parse(reply.text);
}

test('the older MCP server', async () => {
	// Save: a note into a collection that is not there yet.
	const name = `note-${new Date().toISOString().replace(/[:.]/g, '-')}` +
	    '-tides.txt';
	const note = { text: 'Spring tide on Friday.', content:
	    'Spring tide on Friday.', filename: name,
	processing_type: 'advanced' };
	let saved;

	try {
		saved = await mcp('POST', '/v2/collections/notes/index/text',
		    note);
		assert.fail('the collection is not there');
	} catch (error) {
		assert.ok(error.message.includes('404'), error.message);
		await mcp('PUT', '/v2/collections/notes', {});
		saved = await mcp('POST', '/v2/collections/notes/index/text',
		    note);
	}
	const job = await until(() => mcp('GET', `/v2/jobs/${saved.job_id}`));

	assert.equal(job.status, 'completed');
	// Find: the date comes out of the file's name.
	const data = await mcp('POST', '/v2/collections/notes/query', {
		query: 'when is spring tide', inference: false, top_k: 5,
		rerank: true, rerank_model: 'gemini' });
	const [hit] = data.search_results || data.results;

	assert.match(hit.filename, /^note-\d{4}-\d\d-\d\d/);
	assert.match(hit.score?.toFixed(3), /^[01]\.\d{3}$/);
	assert.equal(hit.content || hit.text || hit.chunk, note.text);
	// Lists, and DELETEs whose answers it reads as JSON.
	const lines = (await mcp('GET', '/v2/collections')).collections
	    .map((one) => `${one.database_name} (${one.file_count})`);

	assert.ok(lines.includes('notes (1)'), lines.join());
	assert.equal((await mcp('DELETE', `/v2/jobs/${saved.job_id}`)).status,
	    'completed');
	const { documents } = await mcp('GET',
	    '/v2/collections/notes/documents?limit=100&offset=0');

	assert.equal((await mcp('DELETE', '/v2/collections/notes/documents/' +
	    documents[0].file_id)).success, true);
	assert.equal((await mcp('DELETE', '/v2/collections/notes')).success,
	    true);
});

test('the newer MCP server', async () => {
	const where = '/v2/collections/' + encodeURIComponent('Port log');

	await mcp('PUT', '/v2/collections/port-log',
	    { description: 'Ships', metadata: { owner: 'pilot' } });
	await assert.rejects(mcp('PUT', where, {}), /\((400|422)\)/);
	const form = new FormData();

	form.append('files', new Blob(['The Aurora berths at six.']), 'a.txt');
	form.append('files', new Blob(['The Borealis leaves at ten.']), 'b.md');
	form.append('processing_type', 'advanced');
	form.append('custom_metadata', '{"port":"east"}');
	const reply = await send('POST', '/v2/collections/port-log/index/file',
	    { body: form });

	assert.equal(reply.status, 200, reply.text);
	const { job_id: id } = JSON.parse(reply.text);
	const job = await until(() => mcp('GET',
	    `/v2/jobs/${id}?files_limit=50`));
	const { billing, progress } = job;
	const lines = [
		`${progress.files_processed}/${progress.files_total} ` +
		    `(${progress.files_failed} failed)`,
		`${billing.credits.used} used, ${billing.credits.remaining} ` +
		    `remaining of ${billing.credits.included_credits}`,
		...job.files.map((f) => `${f.uri ?? f.filename} ${f.status}`),
		job.files_page.next_cursor ?? job.files_page.cursor ?? 'last',
	];

	assert.equal(lines[0], '2/2 (0 failed)');
	assert.equal(billing.credits.used, 5);
	assert.ok(!lines.join('\n').includes('undefined'), lines.join('\n'));
	const found = await mcp('POST', '/v3/collections/port-log/query', {
		query: 'Borealis', limit: 3, filter: { port: 'east' },
		semantic_ratio: 0.5, rerank: { enabled: false },
		include: { document: true, metadata: true } });
	const [hit] = found.results;

	assert.equal(hit.filename ?? hit.document?.filename, 'b.md');
	assert.equal(hit.content || hit.text || hit.chunk,
	    'The Borealis leaves at ten.');
	const jobs = await mcp('GET',
	    '/v2/jobs?status=completed&collection=port-log&limit=50&offset=0');

	assert.deepEqual([jobs.jobs.map((one) => one.job_id), jobs.offset ?? 0,
		jobs.total_count ?? jobs.jobs.length], [[id], 0, 1]);
	const page3 = await mcp('GET', '/v3/collections/port-log/documents?' +
	    'limit=1000&offset=0&include_custom_metadata=true&' +
	    'metadata_filter=' + encodeURIComponent('{"port":"east"}'));

	assert.deepEqual(page3.documents.map((one) =>
	    one.custom_metadata.port), ['east', 'east']);
	const copy = await mcp('POST', '/v2/collections/port-log/copy',
	    { target_name: 'port-copy', include_graph: true });

	assert.equal(copy.documents_copied, 2);
	const back = await mcp('PATCH', `/v2/jobs/${id}/rollback`);

	assert.equal(back.status, 'rolled_back');
	assert.equal(back.files_removed.length, 2);
	assert.equal((await mcp('GET', '/v2/collections/port-log/documents'))
	    .total_count, 0);
	assert.equal((await mcp('GET', '/v2/collections/port-copy/documents'))
	    .total_count, 2);
	assert.ok((await mcp('GET', '/v2/webhooks/event-types')) !== null);
});

// ---- openclaw -----------------------------------------------------------------

test('the openclaw plugin', async () => {
	await mcp('PUT', '/v2/collections/claw', {});
	const key = crypto.randomUUID();
	const once = () => send('POST', '/v2/collections/claw/index/text', {
		headers: { 'Content-Type': 'application/json',
			'Idempotency-Key': key },
		body: JSON.stringify({ content: 'Crabs at low water.' }) });
	const [one, two] = [await once(), await once()];

	assert.equal(JSON.parse(one.text).job_id, JSON.parse(two.text).job_id);
	await until(() => mcp('GET', `/v2/jobs/${JSON.parse(one.text).job_id}`));
	// The older body at the newer path.
	const found = await mcp('POST', '/v3/collections/claw/query', {
		query: 'crabs', top_k: 2, inference: false, rerank: true,
		rerank_model: 'gemini', metadata_filter: {} });

	assert.equal(found.results.length, 1);
	assert.equal(found.limit, 2);
	const gone = await send('DELETE', '/v2/collections/claw');

	assert.equal(JSON.parse(gone.text).success, true);
});
