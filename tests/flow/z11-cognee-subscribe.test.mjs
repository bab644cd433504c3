// SPDX-License-Identifier: Apache-2.0
//
// Cognee's runs, subscribed to over a WebSocket.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { KEY } from './lib.mjs';
import { Server } from './lib-cognee.mjs';
import { describeErrors, fileOf, validator } from './lib-openapi.mjs';
import { Socket } from './lib-socket.mjs';

const WHERE = '/api/v1/cognify/subscribe';
const NOBODY = '11111111-2222-4333-8444-555555555555';
const UNAUTHORIZED = { code: 1008, reason: 'Unauthorized' };
const validate = validator(fileOf('cognee'), 'paths',
    `${WHERE}/{pipeline_run_id}`, 'get', 'x-text',
    'schema');
let server, ann, bob;

before(async () => {
	server = await Server.start('--workers', '1');
	ann = await server.person('ann@example.com');
	bob = await server.person('bob@example.com');
});
after(() => server.stop());

const by = (who) => ({ headers: { Authorization: `Bearer ${who.token}` } });
const open = (run, options = by(ann)) =>
	Socket.open(`${server.url}${WHERE}/${run}`, options);

async function dataset(name, who = ann) {
	const reply = await server.call('POST', '/api/v1/datasets',
	    { token: who.token, json: { name } });

	assert.equal(reply.status, 200, reply.text);
	return reply.json.id;
}

// A job over these texts, put in through another interface.
async function start(base, texts, who = ann) {
	const reply = await server.ask('POST', `/bases/${base}/documents`, {
		key: who.token, body: { documents: texts.map((text, i) =>
		    ({ name: `text ${i}`, text })) } });

	assert.ok(reply.status < 300, reply.text);
	return reply.json.job;
}

const order = async (job, what) => {
	const reply = await server.ask('POST', `/jobs/${job.id}/${what}`,
	    { key: ann.token });

	assert.ok(reply.status < 300, reply.text);
};

const many = (count, word) => Array.from({ length: count }, (_, i) =>
    `The ${word} number ${i} comes and goes with the moon. `.repeat(20));

// What every subscriber hears, from the first text to the last.
function check(run, texts, status) {
	let before;

	assert.ok(texts.length > 0);
	for (const text of texts) {
		assert.ok(validate(text), describeErrors(validate.errors ?? []));
		assert.equal(text.pipeline_run_id, run);
		if (before !== undefined) {
			assert.ok(text.progress.percent >=
			    before.progress.percent);
			assert.ok(text.progress.completed_items >=
			    before.progress.completed_items);
			assert.ok(!(before.status === 'PipelineRunYield' &&
			    text.status === 'PipelineRunStarted'));
			assert.notDeepEqual(text, before);
		}
		before = text;
	}
	for (const text of texts.slice(0, -1)) {
		assert.match(text.status, /^PipelineRun(Started|Yield)$/);
		assert.deepEqual(text.payload, { nodes: [], edges: [] });
		assert.equal(text.error, null);
	}
	const last = texts.at(-1);

	assert.equal(last.status, status);
	assert.equal(last.progress.percent, 100);
	assert.equal(last.progress.completed_items, last.progress.total_items);
	return last;
}

test('a run is told of while it goes on, to all who listen', async () => {
	const base = await dataset('told');
	const job = await start(base, many(300, 'tide'));

	await order(job, 'pause');
	const first = await open(job.id);
	const text = await first.next();

	assert.ok(validate(text), describeErrors(validate.errors ?? []));
	assert.match(text.status, /^PipelineRun(Started|Yield)$/);
	assert.ok(text.progress.percent < 100);
	assert.equal(text.progress.total_items, 300);
	const others = [];

	for (let i = 0; i < 8; i++)
		others.push(await open(job.id));
	// Each is told at once how it stands.
	const heads = await Promise.all(others.map((one) => one.next()));

	for (const head of heads)
		assert.equal(head.pipeline_run_id, job.id);
	await order(job, 'resume');
	const heard = await Promise.all([first, ...others].map((one) =>
	    one.rest()));
	const last = check(job.id, [text, ...heard[0]], 'PipelineRunCompleted');

	assert.ok(heard[0].length >= 1);
	assert.deepEqual(first.closed, { code: 1000, reason: '' });
	others.forEach((one, i) => {
		assert.deepEqual(check(job.id, [heads[i], ...heard[i + 1]],
		    'PipelineRunCompleted'), last);
		assert.deepEqual(one.closed, { code: 1000, reason: '' });
	});
	assert.deepEqual(last.progress, { completed_items: 300,
		total_items: 300, current_stage: null, percent: 100 });
	assert.equal(last.is_cut, false);
	assert.equal(last.error, null);
});

test('a run that ended is told of once', async () => {
	const base = await dataset('over');
	const job = await start(base, ['Over and done.']);

	await (await open(job.id)).rest();
	const socket = await open(job.id.toUpperCase());
	const texts = await socket.rest();

	assert.equal(texts.length, 1);
	check(job.id, texts, 'PipelineRunCompleted');
	assert.deepEqual(socket.closed, { code: 1000, reason: '' });
});

test('a run that ended badly says so, and why', async () => {
	const base = await dataset('bad');
	const form = new FormData();

	form.append('file', new Blob([Buffer.from('%PDF-1.7 but not really')]),
	    'broken.pdf');
	form.append('file', new Blob(['This one is good.']), 'good.txt');
	const reply = await server.ask('POST', `/bases/${base}/documents`,
	    { key: ann.token, body: form });

	assert.ok(reply.status < 300, reply.text);
	const { id } = reply.json.job;
	const socket = await open(id);
	const last = check(id, await socket.rest(), 'PipelineRunErrored');

	assert.deepEqual(socket.closed, { code: 1000, reason: '' });
	assert.match(last.error, /broken\.pdf/);
	// So does one that was cancelled.
	const job = await start(base, many(200, 'ebb'));

	await order(job, 'pause');
	const other = await open(job.id);

	await other.next();
	await order(job, 'cancel');
	const texts = await other.rest();

	assert.equal(texts.at(-1).status, 'PipelineRunErrored');
	assert.ok(texts.at(-1).error.length > 0);
	assert.deepEqual(other.closed, { code: 1000, reason: '' });
});

test('with a session, a key or a cookie; for whose dataset it is', async () => {
	const job = await start(await dataset('mine'), ['Mine alone.']);
	const key = (await server.call('POST', '/api/v1/auth/api-keys',
	    { token: ann.token, json: {} })).json.key;
	const good = [{ Authorization: `Bearer ${ann.token}` },
		{ Authorization: `Bearer ${key}` }, { 'X-Api-Key': key },
		{ Cookie: ann.cookie },
		{ Cookie: `a=b; ${ann.cookie}`, Origin: server.url }];
	const bad = [{}, { 'X-Api-Key': 'x' }, { Cookie: 'auth_token=x' },
		{ Authorization: 'Basic eDp5' }, { 'X-Api-Key': KEY },
		{ Authorization: `Bearer ${bob.token}` },
		{ Cookie: bob.cookie },
		{ Cookie: ann.cookie, Origin: 'http://elsewhere.example' },
		{ Cookie: ann.cookie, 'Sec-Fetch-Site': 'same-site' }];

	for (const headers of good) {
		const socket = await open(job.id, { headers });

		check(job.id, await socket.rest(), 'PipelineRunCompleted');
		assert.equal(socket.closed.code, 1000);
	}
	for (const headers of bad) {
		const socket = await open(job.id, { headers });

		assert.deepEqual(await socket.rest(), [],
		    JSON.stringify(headers));
		assert.deepEqual(socket.closed, UNAUTHORIZED);
	}
	// What is no run looks like what is another's.
	for (const run of [NOBODY, 'x', '%00', 'a'.repeat(300)]) {
		const socket = await Socket.ask(`${server.url}${WHERE}/${run}`,
		    by(ann));

		if (socket.socket === undefined) {
			assert.equal(socket.status, 400, run);
			continue;
		}
		assert.deepEqual(await socket.socket.rest(), []);
		assert.deepEqual(socket.socket.closed, UNAUTHORIZED);
	}
});

test('a reader of a shared dataset hears of its runs', async () => {
	const base = await dataset('shared');
	const job = await start(base, ['For two.']);
	const grant = (method) => server.call(method,
	    `/api/v1/permissions/datasets/${bob.user.id}?permission_name=read`,
	    { token: ann.token, json: [base] });
	const hear = async () => {
		const socket = await open(job.id, by(bob));

		return [(await socket.rest()).length, socket.closed.code];
	};

	assert.deepEqual(await hear(), [0, 1008]);
	assert.equal((await grant('POST')).status, 200);
	const socket = await open(job.id, by(bob));

	check(job.id, await socket.rest(), 'PipelineRunCompleted');
	assert.deepEqual(socket.closed, { code: 1000, reason: '' });
	assert.equal((await grant('DELETE')).status, 200);
	assert.deepEqual(await hear(), [0, 1008]);

	// Who listens when the right is taken hears no more.
	const long = await start(base, many(200, 'tide'));

	await order(long, 'pause');
	assert.equal((await grant('POST')).status, 200);
	const early = await open(long.id, by(bob));

	assert.equal((await early.next()).pipeline_run_id, long.id);
	assert.equal((await grant('DELETE')).status, 200);
	await order(long, 'resume');
	await early.rest();
	assert.deepEqual(early.closed, UNAUTHORIZED);
	await order(long, 'cancel');
});

test('the run that cognify starts, with its graph', async () => {
	const form = new FormData();

	form.append('datasetName', 'drawn');
	for (const [i, text] of ['Marie Curie discovered polonium in Paris.',
		'Pierre Curie married Marie Curie.'].entries())
		form.append('data', new Blob([text]), `text_${i}.txt`);
	const added = await server.call('POST', '/api/v1/add',
	    { token: ann.token, body: form });

	assert.equal(added.status, 200, added.text);
	const begun = await server.call('POST', '/api/v1/cognify',
	    { token: ann.token, json: { datasets: ['drawn'],
		runInBackground: true } });

	assert.equal(begun.status, 200, begun.text);
	const [[base, info]] = Object.entries(begun.json);
	const socket = await open(info.pipeline_run_id);
	const last = check(info.pipeline_run_id, await socket.rest(),
	    'PipelineRunCompleted');
	const graph = await server.call('GET',
	    `/api/v1/datasets/${base}/graph`, { token: ann.token });

	assert.equal(graph.status, 200, graph.text);
	assert.deepEqual(last.payload, graph.json);
	assert.ok(last.payload.nodes.some(({ label }) =>
	    label === 'Marie Curie'), JSON.stringify(last.payload));
	assert.equal(last.is_cut, false);
	// What was added is a run, too, and was over at once.
	const add = await open(added.json.pipeline_run_id);
	const texts = await add.rest();

	assert.equal(texts.length, 1);
	check(added.json.pipeline_run_id, texts, 'PipelineRunCompleted');
});

// Names that nobody has, all of them different.
const NAMES = ['Bar', 'Dov', 'Fen', 'Gul', 'Jas', 'Kem', 'Lor', 'Mig', 'Nup',
	'Pol', 'Rez', 'Sut', 'Tav', 'Wex', 'Zim'];
const nameOf = (i) => `${NAMES[i % 15]}${NAMES[Math.floor(i / 15) % 15]
    .toLowerCase()}a ${NAMES[Math.floor(i / 225) % 15]}on`;

test('a graph that is too large is cut, and says so', async () => {
	const form = new FormData();

	form.append('datasetName', 'crowded');
	for (let i = 0; i < 2400; i += 60) {
		let text = '';

		for (let j = i; j < i + 60; j += 2)
			text += `${nameOf(j)} met ${nameOf(j + 1)} in town.\n`;
		form.append('data', new Blob([text]), `text_${i}.txt`);
	}
	const added = await server.call('POST', '/api/v1/add',
	    { token: ann.token, body: form });

	assert.equal(added.status, 200, added.text);
	const begun = await server.call('POST', '/api/v1/cognify',
	    { token: ann.token, json: { datasets: ['crowded'],
		run_in_background: true } });

	assert.equal(begun.status, 200, begun.text);
	const [info] = Object.values(begun.json);
	const socket = await open(info.pipeline_run_id);
	const last = check(info.pipeline_run_id, await socket.rest(),
	    'PipelineRunCompleted');
	const entities = last.payload.nodes.filter(({ type }) =>
	    type === 'Entity');

	assert.equal(last.is_cut, true);
	assert.equal(entities.length, 2000);
	const ids = new Set(last.payload.nodes.map(({ id }) => id));

	for (const { source, target } of last.payload.edges)
		assert.ok(ids.has(source) && ids.has(target));
});

test('a dataset that is deleted ends its runs', async () => {
	const base = await dataset('fleeting');
	const job = await start(base, many(200, 'spray'));

	await order(job, 'pause');
	const socket = await open(job.id);

	assert.equal((await socket.next()).pipeline_run_id, job.id);
	const gone = await server.call('DELETE', `/api/v1/datasets/${base}`,
	    { token: ann.token });

	assert.equal(gone.status, 200, gone.text);
	await socket.rest();
	assert.equal(socket.closed.code, 1000);
	const late = await open(job.id);

	assert.deepEqual(await late.rest(), []);
	assert.deepEqual(late.closed, UNAUTHORIZED);
});

test('what does not ask for a WebSocket is told to', async () => {
	for (const options of [{}, { token: ann.token }]) {
		const reply = await server.call('GET', `${WHERE}/${NOBODY}`,
		    options);

		assert.equal(reply.status, 426);
		assert.equal(reply.headers.get('upgrade'), 'websocket');
		assert.deepEqual(reply.json, { detail: 'this is a WebSocket: ' +
		    'ask for it with Upgrade: websocket' });
	}
	const post = await server.call('POST', `${WHERE}/${NOBODY}`,
	    { token: ann.token });

	assert.equal(post.status, 405);
	const old = await Socket.ask(`${server.url}${WHERE}/${NOBODY}`,
	    { headers: { 'Sec-WebSocket-Version': '12' } });

	assert.equal(old.status, 426);
	assert.equal(old.headers['sec-websocket-version'], '13');
	const keyless = await Socket.ask(`${server.url}${WHERE}/${NOBODY}`,
	    { headers: { 'Sec-WebSocket-Key': 'short' } });

	assert.equal(keyless.status, 400);
	assert.deepEqual(JSON.parse(keyless.text),
	    { detail: 'Sec-WebSocket-Key is not 16 bytes in base64' });
});

test('nothing is taken from a subscriber but pings', async () => {
	const job = await start(await dataset('spoken'), many(200, 'wave'));

	await order(job, 'pause');
	const socket = await open(job.id);

	await socket.next();
	socket.send(9, 'still there?');
	socket.send(1, '{"do":"something"}');
	await socket.rest();
	assert.deepEqual(socket.closed,
	    { code: 1003, reason: 'no messages are taken here' });
	await order(job, 'cancel');
});

test('a run goes on after a crash, and is told of again', async () => {
	const job = await start(await dataset('lasting'), many(300, 'current'));

	await order(job, 'pause');
	const socket = await open(job.id);

	await socket.next();
	await server.halt('SIGKILL');
	await socket.rest();
	assert.equal(socket.closed.code, null);
	await server.run('--workers', '1');
	const again = await open(job.id);
	const text = await again.next();

	assert.match(text.status, /^PipelineRun(Started|Yield)$/);
	await order(job, 'resume');
	check(job.id, [text, ...await again.rest()], 'PipelineRunCompleted');
	assert.deepEqual(again.closed, { code: 1000, reason: '' });
});

test('a server that stops says that it does', async () => {
	const job = await start(await dataset('stopped'), many(200, 'surge'));

	await order(job, 'pause');
	const sockets = [];

	for (let i = 0; i < 20; i++)
		sockets.push(await open(job.id));
	for (const socket of sockets)
		await socket.next();
	assert.equal(await server.halt(), 0);
	for (const socket of sockets) {
		await socket.rest();
		assert.deepEqual(socket.closed, { code: 1001,
			reason: 'the server is stopping' });
	}
	await server.run('--workers', '1');
});
