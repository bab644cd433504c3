// SPDX-License-Identifier: Apache-2.0
//
// DigitalOcean: its own clients from npm drive the whole way, and what others
// of them do that no schema says.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import test, { after, before } from 'node:test';
import { Gradient } from '@digitalocean/gradient';
import {
	DigitalOcean, KEY, NOBODY, csv, words,
} from './lib-digitalocean.mjs';
import { apiFetch, check } from './lib-openapi.mjs';

const DEADLINE_MS = 60000;
const TEXT = '# Tides\n\nThe spring tide is high at noon.\n';
let server;

before(async () => {
	server = await DigitalOcean.start();
});
after(() => server.stop());

// The library's own waiter, as its repository has it and its package not yet:
// it looks at the phase alone.
async function waitForCompletion(client, uuid) {
	const deadline = Date.now() + DEADLINE_MS;

	for (;;) {
		const { job } = await client.knowledgeBases.indexingJobs
		    .retrieve(uuid);

		if (['SUCCEEDED', 'FAILED', 'ERROR', 'CANCELLED'].some((one) =>
		    job.phase === `BATCH_JOB_PHASE_${one}`))
			return job;
		assert.ok(Date.now() < deadline, 'no end');
		await pause(20);
	}
}

test('npm @digitalocean/gradient', async () => {
	const requests = [];
	const client = new Gradient({ accessToken: KEY, baseURL: server.url,
		fetch: (url, options) => {
			requests.push(`${options.method} ${
				new URL(url).pathname}`);
			return apiFetch(String(url), options);
		} });
	const bases = client.knowledgeBases;
	const { knowledge_base: base } = await bases.create({ name: 'gradient',
		region: 'tor1', tags: ['t'], project_id: NOBODY,
		embedding_model_uuid: NOBODY });
	const kb = base.uuid;

	assert.equal((await bases.retrieve(kb)).database_status, 'ONLINE');
	assert.equal((await bases.list({ per_page: 10 })).knowledge_bases[0]
	    .uuid, kb);
	assert.equal((await bases.update(kb, { body_uuid: kb,
		name: 'gradient 2' })).knowledge_base.name, 'gradient 2');
	const { uploads: [upload] } = await bases.dataSources
	    .createPresignedURLs({ files: [{ file_name: 'tides.md',
		    file_size: String(TEXT.length) }] });

	assert.equal((await server.put(upload, TEXT)).status, 200);
	const { knowledge_base_data_source: source } =
	    await bases.dataSources.create(kb, { body_knowledge_base_uuid: kb,
		    file_upload_data_source: {
			    stored_object_key: upload.object_key,
			    original_file_name: 'tides.md',
			    size_in_bytes: String(TEXT.length) } });

	assert.equal((await bases.dataSources.list(kb))
	    .knowledge_base_data_sources[0].uuid, source.uuid);
	const { job } = await bases.indexingJobs.create({
		knowledge_base_uuid: kb, data_source_uuids: [source.uuid] });
	const done = await waitForCompletion(client, job.uuid);

	assert.equal(words(done), 'SUCCEEDED COMPLETED');
	assert.equal((await bases.indexingJobs.list()).jobs[0].uuid, job.uuid);
	assert.equal((await bases.indexingJobs.retrieveDataSources(job.uuid))
	    .indexed_data_sources[0].indexed_item_count, '1');
	assert.match((await server.retrieve(kb, 'spring tide')).results[0]
	    .text_content, /noon/);
	// A second run over a long text, stopped half-way.
	const held = await server.stuck(kb);
	const before_ = requests.length;

	// One request: a 409 is not repeated.
	await assert.rejects(bases.indexingJobs.create(
	    { knowledge_base_uuid: kb }), (error) => error.status === 409 &&
		error.message.includes('already has an indexing job running') &&
		error.message.includes(held.uuid));
	assert.equal(requests.length, before_ + 1);
	const { job: cancelled } = await bases.indexingJobs.updateCancel(
	    held.uuid, { body_uuid: held.uuid });

	assert.equal(words(cancelled), 'CANCELLED CANCELLED');
	assert.equal((await bases.indexingJobs.updateCancel(held.uuid))
	    .job.status, 'INDEX_JOB_STATUS_CANCELLED');
	assert.deepEqual(await bases.dataSources.delete(source.uuid,
	    { knowledge_base_uuid: kb }), { data_source_uuid: source.uuid,
		knowledge_base_uuid: kb });
	assert.deepEqual(await bases.delete(kb), { uuid: kb });
	await assert.rejects(bases.retrieve(kb), (error) =>
	    error.status === 404 && error.error.id === 'not_found');
	// Its own tests put quotes around ids.
	const count = requests.length;

	await assert.rejects(bases.indexingJobs.retrieve(`"${job.uuid}"`),
	    (error) => error.status === 404);
	assert.equal(requests.length, count + 1);
});

// Its package says that it needs node 20.10.
const [major] = process.versions.node.split('.');

test('npm @digitalocean/dots', { skip: Number(major) < 20 &&
	'needs node 20' }, async () => {
	const { createDigitalOceanClient,
		DigitalOceanApiKeyAuthenticationProvider } =
	    await import('@digitalocean/dots');
	const { FetchRequestAdapter } =
	    await import('@microsoft/kiota-http-fetchlibrary');
	const { fetch: original } = globalThis;
	const adapter = new FetchRequestAdapter(
	    new DigitalOceanApiKeyAuthenticationProvider(KEY));

	adapter.baseUrl = server.url;
	globalThis.fetch = async (url, options) => {
		const reply = await original(url, options);
		const { pathname, search } = new URL(url);

		check(null, options.method ?? 'GET',
		    pathname + search, reply.status, reply.headers,
		    await reply.clone().text());
		return reply;
	};
	try {
		await dots(createDigitalOceanClient(adapter).v2.genAi,
		    original);
	} finally {
		globalThis.fetch = original;
	}
});

async function dots(client, plain) {
	const bases = client.knowledge_bases;
	const { knowledgeBase: base } = await bases.post({ name: 'dots',
		region: 'tor1', tags: ['x', 'y'], datasources: [] });
	const kb = base.uuid;
	const one = bases.byKnowledge_base_uuId(kb);

	assert.deepEqual(base.tags, ['x', 'y']);
	assert.ok(base.createdAt instanceof Date);
	assert.equal((await bases.get()).knowledgeBases[0].uuid, kb);
	const { uploads: [upload] } = await bases.data_sources
	    .file_upload_presigned_urls.post({ files: [
		    { fileName: 'tides.md', fileSize: '42' }] });

	assert.equal((await plain(upload.presignedUrl, { method: 'PUT',
		body: TEXT })).status, 200);
	// Its schema has lost uploads: the member goes as one more.
	const { knowledgeBaseDataSource: source } = await one.data_sources
	    .post({ knowledgeBaseUuid: kb, additionalData: {
		    file_upload_data_source: {
			    stored_object_key: upload.objectKey,
			    original_file_name: 'tides.md' } } });
	const { knowledgeBaseDataSource: changed } = await one.data_sources
	    .byData_source_uuid(source.uuid).put({ chunkingAlgorithm:
		'CHUNKING_ALGORITHM_FIXED_LENGTH',
	    chunkingOptions: { maxChunkSize: 200 } });

	assert.equal(changed.chunkingOptions.maxChunkSize, 200);
	const { job } = await client.indexing_jobs.post({
		knowledgeBaseUuid: kb, dataSourceUuids: [source.uuid] });
	const follow = client.indexing_jobs.byIndexing_job_uuId(job.uuid);
	const deadline = Date.now() + DEADLINE_MS;
	let now = job;

	assert.deepEqual(job.dataSourceUuids, [source.uuid]);
	while (now.finishedAt == null) {
		assert.ok(Date.now() < deadline, 'no end');
		await pause(20);
		({ job: now } = await follow.get());
	}
	assert.equal(now.status, 'INDEX_JOB_STATUS_COMPLETED');
	assert.equal(now.phase, 'BATCH_JOB_PHASE_SUCCEEDED');
	assert.equal(now.dataSourceJobs[0].status,
	    'DATA_SOURCE_STATUS_UPDATED');
	assert.equal(now.isReportAvailable, true);
	assert.equal((await follow.data_sources.get()).indexedDataSources[0]
	    .indexedItemCount, '1');
	const { signedUrl } = await follow.details_signed_url.get();

	assert.equal(csv(await (await plain(signedUrl)).text())[1][4],
	    'indexed');
	assert.equal((await one.indexing_jobs.get()).jobs[0].uuid, job.uuid);
	assert.equal((await one.get()).databaseStatus, 'ONLINE');
	await assert.rejects(async () => follow.cancel.put({
		uuid: job.uuid }), (error) => error.responseStatusCode === 400 &&
	    error.id === 'failed_precondition');
	const held = await server.stuck(kb);

	assert.equal((await client.indexing_jobs.byIndexing_job_uuId(held.uuid)
	    .cancel.put({ uuid: held.uuid })).job.status,
	    'INDEX_JOB_STATUS_CANCELLED');
	await one.data_sources.byData_source_uuid(source.uuid).delete();
	assert.equal((await one.delete()).uuid, kb);
	await assert.rejects(async () => one.get(),
	    (error) => error.responseStatusCode === 404);
}

// What doctl sends: a type on every request, each field of an update, both
// kinds of a source, pages of 200 at once.
test('doctl', async () => {
	const kb = (await server.base('doctl')).uuid;
	const where = `/knowledge_bases/${kb}`;
	const typed = { headers: { 'Content-Type': 'application/json' } };

	for (const path of ['/knowledge_bases', `${where}/data_sources`,
		'/indexing_jobs'])
		assert.equal((await server.good('GET',
		    `${path}?page=1&per_page=200`, undefined, typed)).meta.page,
		    1);
	const { knowledge_base_data_source: source } = await server.good('POST',
	    `${where}/data_sources`, { knowledge_base_uuid: kb,
		    spaces_data_source: { bucket_name: 'b', item_path: '',
			    region: 'tor1' }, web_crawler_data_source: null });

	assert.ok(source.uuid);
	await server.good('DELETE', `${where}/data_sources/${source.uuid}`,
	    undefined, typed);
	await server.good('DELETE', where, undefined, typed);
});

// What pollers in the wild look for, in whatever they look at.
test('pollers', async () => {
	const kb = (await server.base('pollers')).uuid;

	await server.file(kb, 'a.md', 'Polled.');
	const { uuid } = await server.start(kb);
	const deadline = Date.now() + DEADLINE_MS;
	let last;

	// Of the knowledge base alone, by the status alone.
	do {
		assert.ok(Date.now() < deadline, 'no end');
		await pause(20);
		({ knowledge_base: { last_indexing_job: last } } =
		    await server.good('GET', `/knowledge_bases/${kb}`));
		assert.equal(last.uuid, uuid);
		assert.equal(last.knowledge_base_uuid, kb);
	} while (!/(COMPLETED|NO_CHANGES|FAILED|CANCELLED|PARTIAL)$/
	    .test(last.status));
	assert.equal(last.phase, 'BATCH_JOB_PHASE_SUCCEEDED');
	assert.equal(parseInt(last.data_source_jobs[0].indexed_item_count, 10),
	    1);
	assert.equal(typeof last.tokens, 'number');
	assert.equal(typeof last.total_tokens, 'string');
	assert.ok(!JSON.stringify(last).includes('null'));
});
