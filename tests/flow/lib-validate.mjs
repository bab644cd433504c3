// SPDX-License-Identifier: Apache-2.0
//
// Strict validators of the five status pages.  Each takes an answer and,
// when there is one, the previous answer about the same job, and throws an
// Error that says what is wrong and where:
//
//   shape  required keys, types, enums, nothing that is not in the contract
//   P1     one answer's counters add up
//   P2     against the previous answer: no state, counter or time goes back
//   P4     what can be told of it from a status: `completed` comes with
//          everything that makes a document findable, and the generation of
//          the index rises with it
//
// Flow tests and the crash test use them on every answer they get.

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const CODE = /^[A-Z][A-Z_]*$/;

class Page {
	constructor(page, answer) {
		this.page = page;
		this.answer = answer;
	}

	fail(what) {
		const seen = JSON.stringify(this.answer);

		throw new Error(`${this.page}: ${what} in ` +
		    (seen.length > 2000 ? seen.slice(0, 2000) + '...' : seen));
	}

	check(holds, what) {
		if (!holds)
			this.fail(what);
	}

	object(value, where) {
		this.check(value !== null && typeof value === 'object' &&
		    !Array.isArray(value), `${where} is no object`);
		return value;
	}

	// Has exactly the required keys, and of others only the optional ones.
	keys(value, where, required, optional = []) {
		this.object(value, where);
		for (const key of required)
			this.check(key in value, `${where}.${key} is missing`);
		for (const key of Object.keys(value))
			this.check(required.includes(key) ||
			    optional.includes(key), `${where}.${key} is extra`);
	}

	count(value, where) {
		this.check(Number.isSafeInteger(value) && value >= 0,
		    `${where} is no counter: ${JSON.stringify(value)}`);
		return value;
	}

	text(value, where) {
		this.check(typeof value === 'string' && value.length > 0,
		    `${where} is no text: ${JSON.stringify(value)}`);
		return value;
	}

	textOrNull(value, where) {
		return value === null ? null : this.text(value, where);
	}

	match(value, where, pattern) {
		this.check(typeof value === 'string' && pattern.test(value),
		    `${where} is malformed: ${JSON.stringify(value)}`);
		return value;
	}

	time(value, where) {
		this.match(value, where, TIME);
		this.check(!Number.isNaN(Date.parse(value)),
		    `${where} is no time`);
		return value;
	}

	timeOrNull(value, where) {
		return value === null ? null : this.time(value, where);
	}

	number(value, where) {
		this.check(typeof value === 'number' &&
		    Number.isFinite(value) && value >= 0,
		    `${where} is no number: ${JSON.stringify(value)}`);
		return value;
	}

	bool(value, where) {
		this.check(typeof value === 'boolean', `${where} is no bool`);
		return value;
	}

	array(value, where) {
		this.check(Array.isArray(value), `${where} is no array`);
		return value;
	}

	// One of the words, or null where null is among them.
	word(value, where, words) {
		this.check(words.includes(value),
		    `${where} is no word of its: ${JSON.stringify(value)}`);
		return value;
	}

	// ---- against the previous answer ----

	same(now, then, where) {
		this.check(now === then,
		    `${where} changed from ${then} to ${now}`);
	}

	rises(now, then, where) {
		this.check(now >= then,
		    `${where} went back from ${then} to ${now}`);
	}

	// A time, once told, is not taken back and does not change.
	stays(now, then, where) {
		if (then !== null && then !== undefined)
			this.same(now, then, where);
	}

	rank(now, then, where, ranks) {
		this.check(ranks[now] > ranks[then] || now === then,
		    `${where} went back from ${then} to ${now}`);
	}
}

// States of one rank exclude each other: the last ones are final.
function ranks(...steps) {
	const out = {};

	steps.forEach((words, rank) => {
		for (const word of [].concat(words))
			out[word] = rank;
	});
	return out;
}

// ---- native ---------------------------------------------------------------

const COUNTS = ['total', 'queued', 'processing', 'completed', 'failed',
	'skipped', 'cancelled'];
const DONE_COUNTS = ['total', 'completed', 'failed', 'skipped', 'cancelled'];
const STAGES = ['extracting', 'cleaning', 'chunking', 'tagging', 'embedding',
	'finalizing'];
const NATIVE_FINAL = ['completed', 'completed_with_failures', 'no_changes',
	'failed', 'cancelled'];
const NATIVE_RANKS = ranks('pending', 'scanning', 'running', 'finalizing',
    NATIVE_FINAL);
const WAITING = [null, 'worker', 'upstream', 'storage', 'retry', 'paused'];

export function isFinalNative(job) {
	return NATIVE_FINAL.includes(job.state);
}

function nativeShape(p, job) {
	p.keys(job, 'job', ['id', 'base', 'base_id', 'batch', 'kind',
		'dialect', 'state', 'revision', 'generation', 'counts', 'bytes',
		'segments', 'embedding_tokens', 'stages', 'percent', 'eta',
		'throughput',
		'waiting_for', 'attempt', 'cancelled_by', 'error',
		'created_at', 'started_at', 'updated_at', 'finished_at',
		'undone_at', 'undo_until', 'links']);
	p.match(job.id, 'id', UUID);
	p.text(job.base, 'base');
	p.match(job.base_id, 'base_id', UUID);
	p.match(job.batch, 'batch', /^\d{20}$/);
	p.word(job.kind, 'kind', ['folder', 'upload', 'text', 'sources',
		'import', 'keep', 'kept', 'embed']);
	p.word(job.dialect, 'dialect', ['native', 'dify', 'digitalocean',
		'captain', 'cognee']);
	p.word(job.state, 'state', ['paused', ...Object.keys(NATIVE_RANKS)]);
	p.count(job.revision, 'revision');
	p.count(job.generation, 'generation');
	for (const name of COUNTS)
		p.count(job.counts[name], `counts.${name}`);
	for (const name of ['total', 'done'])
		p.count(job.bytes[name], `bytes.${name}`);
	for (const name of ['total', 'completed'])
		p.count(job.segments[name], `segments.${name}`);
	p.word(job.waiting_for, 'waiting_for', WAITING);
	p.check(job.attempt >= 1, 'attempt is below 1');
	p.time(job.created_at, 'created_at');
	p.timeOrNull(job.started_at, 'started_at');
	p.time(job.updated_at, 'updated_at');
	p.timeOrNull(job.finished_at, 'finished_at');
	p.timeOrNull(job.undone_at, 'undone_at');
	p.timeOrNull(job.undo_until, 'undo_until');
}

function nativeParts(p, job) {
	p.same(p.array(job.stages, 'stages').map((s) => s.name).join(),
	    STAGES.join(), 'stages');
	for (const stage of job.stages) {
		p.keys(stage, 'stage', ['name', 'items', 'done', 'seconds']);
		p.count(stage.items, `${stage.name}.items`);
		p.count(stage.done, `${stage.name}.done`);
		p.number(stage.seconds, `${stage.name}.seconds`);
	}
	if (job.eta !== null)
		for (const name of ['seconds', 'low', 'high'])
			p.number(job.eta[name], `eta.${name}`);
	for (const name of ['items_per_second', 'bytes_per_second'])
		if (job.throughput !== null)
			p.number(job.throughput[name], `throughput.${name}`);
	if (job.error !== null) {
		p.match(job.error.code, 'error.code', CODE);
		p.text(job.error.message, 'error.message');
	}
	for (const name of ['self', 'items', 'events', 'report', 'dify',
		'digitalocean', 'captain', 'cognee'])
		p.match(job.links[name], `links.${name}`, /^\//);
}

function nativeSums(p, job) {
	const c = job.counts;
	const isFinal = isFinalNative(job);

	p.same(c.queued + c.processing + c.completed + c.failed + c.skipped +
	    c.cancelled, c.total, 'the sum of counts');
	p.check(job.bytes.done <= job.bytes.total, 'bytes.done over total');
	p.check(job.segments.completed <= job.segments.total,
	    'segments.completed over total');
	p.check(job.percent >= 0 && job.percent <= 100, 'percent out of range');
	p.same(job.percent === 100, isFinal, 'percent is 100');
	p.same(job.finished_at !== null, isFinal, 'finished_at is set');
	if (isFinal)
		p.same(c.queued + c.processing, 0, 'open items of a final job');
}

function nativeBack(p, job, previous) {
	for (const name of ['id', 'base_id', 'batch', 'kind', 'dialect',
		'attempt', 'created_at'])
		p.same(job[name], previous[name], name);
	if (job.state !== 'paused' && previous.state !== 'paused')
		p.rank(job.state, previous.state, 'state', NATIVE_RANKS);
	for (const name of DONE_COUNTS)
		p.rises(job.counts[name], previous.counts[name],
		    `counts.${name}`);
	for (const name of ['revision', 'generation', 'percent', 'updated_at'])
		p.rises(job[name], previous[name], name);
	p.rises(job.bytes.done, previous.bytes.done, 'bytes.done');
	p.rises(job.segments.total, previous.segments.total,
	    'segments.total');
	p.rises(job.segments.completed, previous.segments.completed,
	    'segments.completed');
	job.stages.forEach((stage, i) => {
		p.rises(stage.done, previous.stages[i].done,
		    `stages.${stage.name}.done`);
		p.rises(stage.seconds, previous.stages[i].seconds,
		    `stages.${stage.name}.seconds`);
	});
	p.stays(job.started_at, previous.started_at, 'started_at');
	p.stays(job.finished_at, previous.finished_at, 'finished_at');
	if (isFinalNative(previous))
		p.same(JSON.stringify(job.counts),
		    JSON.stringify(previous.counts), 'a final job');
	if (job.counts.completed > previous.counts.completed)
		p.check(job.generation > previous.generation,
		    'P4: more is completed in the same generation');
}

export function validateNative(job, previous) {
	const p = new Page('native', job);

	nativeShape(p, job);
	nativeParts(p, job);
	nativeSums(p, job);
	if (job.counts.completed > 0)
		p.check(job.generation > 0, 'P4: completed in generation 0');
	if (previous)
		nativeBack(p, job, previous);
	return job;
}

// ---- Dify -----------------------------------------------------------------

const DIFY_KEYS = ['id', 'indexing_status', 'processing_started_at',
	'parsing_completed_at', 'cleaning_completed_at',
	'splitting_completed_at', 'completed_at', 'paused_at', 'error',
	'stopped_at', 'completed_segments', 'total_segments'];
const DIFY_TIMES = ['processing_started_at', 'parsing_completed_at',
	'cleaning_completed_at', 'splitting_completed_at', 'completed_at',
	'stopped_at'];
const DIFY_RANKS = ranks('waiting', 'parsing', 'cleaning', 'splitting',
    'indexing', ['completed', 'error']);
// What each word promises of the four instants before completed_at.
const DIFY_LEFT = { parsing: 1, cleaning: 2, splitting: 3, indexing: 4,
	completed: 4 };

function difyElement(p, element, i) {
	const where = `data[${i}]`;
	const word = element.indexing_status;
	let last = 0;

	p.same(Object.keys(element).join(), DIFY_KEYS.join(), `${where} keys`);
	p.match(element.id, `${where}.id`, UUID);
	p.word(word, `${where}.indexing_status`,
	    ['paused', ...Object.keys(DIFY_RANKS)]);
	for (const name of [...DIFY_TIMES, 'paused_at'])
		if (element[name] !== null)
			p.check(p.count(element[name], `${where}.${name}`) >
			    1e9, `${where}.${name} is not in seconds`);
	DIFY_TIMES.slice(0, 4).forEach((name, n) => {
		if (n < (DIFY_LEFT[word] ?? 0))
			p.check(element[name] !== null,
			    `${where}.${name} is null in ${word}`);
		if (element[name] !== null) {
			p.rises(element[name], last, `${where}.${name}`);
			last = element[name];
		}
	});
	p.textOrNull(element.error, `${where}.error`);
	for (const [name, state] of [['completed_at', 'completed'],
		['stopped_at', 'error'], ['error', 'error'],
		['paused_at', 'paused']])
		p.same(element[name] !== null, word === state,
		    `${where}.${name} is set in ${word}`);
	p.count(element.completed_segments, `${where}.completed_segments`);
	p.count(element.total_segments, `${where}.total_segments`);
	p.check(element.completed_segments <= element.total_segments,
	    `${where} has more segments completed than there are`);
	if (word === 'completed')
		p.same(element.completed_segments, element.total_segments,
		    `P4: ${where}.completed_segments`);
}

function difyBack(p, now, then, i) {
	const where = `data[${i}]`;

	p.same(now.id, then.id, `${where}.id`);
	if (now.indexing_status !== 'paused' &&
	    then.indexing_status !== 'paused')
		p.rank(now.indexing_status, then.indexing_status,
		    `${where}.indexing_status`, DIFY_RANKS);
	for (const name of DIFY_TIMES)
		p.stays(now[name], then[name], `${where}.${name}`);
	// An unchanged document shows its live segments, which are of a
	// later run when there was one.
	if (then.indexing_status === 'completed')
		return;
	p.rises(now.completed_segments, then.completed_segments,
	    `${where}.completed_segments`);
	p.rises(now.total_segments, then.total_segments,
	    `${where}.total_segments`);
}

export function validateDify(answer, previous) {
	const p = new Page('Dify', answer);

	p.keys(answer, 'answer', ['data']);
	p.array(answer.data, 'data').forEach((e, i) => difyElement(p, e, i));
	p.same(new Set(answer.data.map((e) => e.id)).size, answer.data.length,
	    'the number of different ids');
	if (previous) {
		p.rises(answer.data.length, previous.data.length,
		    'the number of documents');
		previous.data.forEach((then, i) =>
		    difyBack(p, answer.data[i], then, i));
	}
	return answer;
}

// ---- DigitalOcean ---------------------------------------------------------

const PHASE = 'BATCH_JOB_PHASE_';
const STATUS = 'INDEX_JOB_STATUS_';
const SOURCE = 'DATA_SOURCE_STATUS_';
// phase, status and the status of the one source go together.
const DO_WORDS = {
	'PENDING PENDING UNKNOWN': 0,
	'RUNNING IN_PROGRESS IN_PROGRESS': 1,
	'SUCCEEDED COMPLETED UPDATED': 2,
	'SUCCEEDED NO_CHANGES NOT_UPDATED': 2,
	'SUCCEEDED PARTIAL PARTIALLY_UPDATED': 2,
	'FAILED FAILED FAILED': 2,
	'ERROR FAILED FAILED': 2,
	'CANCELLED CANCELLED CANCELLED': 2,
};
const DO_ITEMS = ['indexed', 'failed', 'skipped', 'removed'];
const DO_SOURCE_COUNTS = ['indexed_file_count', 'indexed_item_count',
	'failed_item_count', 'skipped_item_count', 'removed_item_count',
	'total_file_count', 'total_bytes', 'total_bytes_indexed'];

function doWord(job) {
	return [job.phase.slice(PHASE.length), job.status.slice(STATUS.length),
		job.data_source_jobs[0].status.slice(SOURCE.length)].join(' ');
}

function doCount(p, value, where) {
	return BigInt(p.match(value, where, /^(0|[1-9]\d*)$/));
}

function doSource(p, source, job) {
	p.keys(source, 'source', ['data_source_uuid', 'status',
		...DO_SOURCE_COUNTS],
	    ['started_at', 'completed_at', 'error_msg', 'error_details']);
	p.same(source.data_source_uuid, job.data_source_uuids[0],
	    'data_source_uuid');
	for (const name of DO_SOURCE_COUNTS)
		doCount(p, source[name], `source.${name}`);
	for (const [name, twin] of [['started_at', 'started_at'],
		['completed_at', 'finished_at']]) {
		p.same(source[name], job[twin], `source.${name}`);
	}
	for (const name of DO_ITEMS)
		p.same(source[`${name}_item_count`],
		    job[`total_items_${name}`], `source.${name}_item_count`);
	if ('error_msg' in source) {
		p.match(source.error_msg, 'error_msg', CODE);
		p.text(source.error_details, 'error_details');
	}
}

function doShape(p, job) {
	p.keys(job, 'job', ['uuid', 'knowledge_base_uuid', 'data_source_uuids',
		'data_source_jobs', 'phase', 'status', 'created_at',
		'updated_at', 'total_datasources', 'completed_datasources',
		'tokens', 'total_tokens', 'is_report_available',
		...DO_ITEMS.map((name) => `total_items_${name}`)],
	    ['started_at', 'finished_at']);
	p.match(job.uuid, 'uuid', UUID);
	p.match(job.knowledge_base_uuid, 'knowledge_base_uuid', UUID);
	for (const name of ['created_at', 'updated_at', 'started_at',
		'finished_at'])
		if (name in job)
			p.time(job[name], name);
	for (const name of ['total_datasources', 'completed_datasources',
		'tokens'])
		p.count(job[name], name);
	doCount(p, job.total_tokens, 'total_tokens');
	for (const name of DO_ITEMS)
		doCount(p, job[`total_items_${name}`], `total_items_${name}`);
	p.bool(job.is_report_available, 'is_report_available');
	p.same(p.array(job.data_source_uuids, 'data_source_uuids').length, 1,
	    'the number of sources');
	p.match(job.data_source_uuids[0], 'data_source_uuids[0]', UUID);
	p.same(p.array(job.data_source_jobs, 'data_source_jobs').length, 1,
	    'the number of source jobs');
	doSource(p, job.data_source_jobs[0], job);
}

function doSums(p, job) {
	const source = job.data_source_jobs[0];
	const seen = BigInt(job.total_items_indexed) +
	    BigInt(job.total_items_failed) + BigInt(job.total_items_skipped);
	const word = doWord(job);
	const isFinal = DO_WORDS[word] === 2;

	p.word(word, 'phase, status and source', Object.keys(DO_WORDS));
	p.check(seen <= BigInt(source.total_file_count),
	    'more items are done than there are');
	if (isFinal && job.status !== STATUS + 'CANCELLED')
		p.same(seen, BigInt(source.total_file_count),
		    'the sum of a final job');
	p.check(BigInt(source.total_bytes_indexed) <=
	    BigInt(source.total_bytes), 'more bytes indexed than there are');
	p.check(job.completed_datasources <= job.total_datasources,
	    'more sources are done than there are');
	p.same('finished_at' in job, isFinal, 'finished_at is set');
	p.same('started_at' in job, isFinal ? 'started_at' in job :
	    DO_WORDS[word] === 1, 'started_at is set');
	p.same(job.is_report_available, isFinal, 'is_report_available');
	if (job.status === STATUS + 'NO_CHANGES')
		p.same(job.total_items_indexed, '0', 'indexed of NO_CHANGES');
}

function doBack(p, job, then) {
	const source = job.data_source_jobs[0];
	const old = then.data_source_jobs[0];

	for (const name of ['uuid', 'knowledge_base_uuid', 'created_at'])
		p.same(job[name], then[name], name);
	p.rank(doWord(job), doWord(then), 'phase and status', DO_WORDS);
	for (const name of ['total_tokens',
		...DO_ITEMS.map((item) => `total_items_${item}`)])
		p.rises(BigInt(job[name]), BigInt(then[name]), name);
	for (const name of DO_SOURCE_COUNTS)
		p.rises(BigInt(source[name]), BigInt(old[name]),
		    `source.${name}`);
	for (const name of ['tokens', 'completed_datasources', 'updated_at'])
		p.rises(job[name], then[name], name);
	p.stays(job.started_at, then.started_at, 'started_at');
	p.stays(job.finished_at, then.finished_at, 'finished_at');
}

export function validateDigitalOcean(answer, previous) {
	const p = new Page('DigitalOcean', answer);

	p.keys(answer, 'answer', ['job']);
	doShape(p, answer.job);
	doSums(p, answer.job);
	if (previous)
		doBack(p, answer.job, previous.job);
	return answer;
}

// ---- Captain --------------------------------------------------------------

const CAPTAIN_FINAL = ['completed', 'completed_with_failures', 'failed',
	'cancelled'];
const CAPTAIN_RANKS = ranks('pending', 'running', CAPTAIN_FINAL);
const CAPTAIN_STAGES = ranks('scanning', 'extracting', 'chunking', 'tagging',
    'embedding', 'finalizing', 'cancelled');
const CAPTAIN_FILES = ranks('queued', 'processing', ['completed', 'failed',
	'skipped', 'cancelled']);
const PROGRESS = ['files_processed', 'files_failed', 'files_skipped',
	'files_cancelled'];

export function isFinalCaptain(answer) {
	return CAPTAIN_FINAL.includes(answer.status);
}

function captainShape(p, answer) {
	p.keys(answer, 'answer', ['job_id', 'collection_name', 'job_type',
		'status', 'progress_message', 'progress', 'files',
		'files_page', 'result', 'billing', 'error_code',
		'error_message', 'cancelled_by', 'cancelled_at', 'created_at',
		'updated_at', 'started_at', 'completed_at',
		'rolled_back_at'],
	    ['estimated_time_remaining_seconds', 'error']);
	p.match(answer.job_id, 'job_id',
	    /^job_(folder|upload|text|sources|import|keep|kept)_[0-9a-f-]{36}$/);
	p.text(answer.collection_name, 'collection_name');
	p.match(answer.job_type, 'job_type', /^index_(folder|file|text)$/);
	p.word(answer.status, 'status', Object.keys(CAPTAIN_RANKS));
	p.text(answer.progress_message, 'progress_message');
	for (const name of ['created_at', 'updated_at'])
		p.time(answer[name], name);
	for (const name of ['started_at', 'completed_at', 'cancelled_at',
		'rolled_back_at'])
		p.timeOrNull(answer[name], name);
	if ('estimated_time_remaining_seconds' in answer)
		p.count(answer.estimated_time_remaining_seconds, 'the estimate');
	if (answer.error_code !== null)
		p.match(answer.error_code, 'error_code', CODE);
	p.same(answer.error_code !== null, answer.status === 'failed',
	    'error_code is set');
	p.same(answer.error ?? null, p.textOrNull(answer.error_message,
	    'error_message'), 'error');
	p.same(answer.completed_at !== null, isFinalCaptain(answer),
	    'completed_at is set');
	p.same(answer.started_at === null && !isFinalCaptain(answer),
	    answer.status === 'pending', 'started_at is null');
	p.same(answer.cancelled_at !== null, answer.status === 'cancelled',
	    'cancelled_at is set');
}

function captainProgress(p, answer) {
	const g = answer.progress;
	let sum = 0;

	p.same(g === null, answer.status === 'pending', 'progress is null');
	if (g === null)
		return;
	p.keys(g, 'progress', ['current_stage', 'stage_description',
		'files_total', 'files_queued', 'files_processing',
		'elapsed_seconds', ...PROGRESS]);
	p.word(g.current_stage, 'current_stage', Object.keys(CAPTAIN_STAGES));
	for (const name of ['files_queued', 'files_processing', ...PROGRESS])
		sum += p.count(g[name], name);
	p.same(sum, p.count(g.files_total, 'files_total'),
	    'the sum of progress');
	p.count(g.elapsed_seconds, 'elapsed_seconds');
	if (isFinalCaptain(answer))
		p.same(g.files_queued + g.files_processing, 0,
		    'open files of a final job');
}

function captainResult(p, answer) {
	const r = answer.result;
	const isBilled = ['completed', 'completed_with_failures']
	    .includes(answer.status);

	p.same(r !== null, isFinalCaptain(answer), 'result is set');
	if (r !== null) {
		for (const [name, twin] of [['indexed', 'processed'],
			['failed', 'failed'], ['skipped', 'skipped']])
			p.same(r[`files_${name}`],
			    answer.progress[`files_${twin}`],
			    `result.files_${name}`);
		p.count(r.duration_seconds, 'duration_seconds');
		p.array(r.warnings, 'warnings');
	}
	p.same(answer.billing !== null, isBilled, 'billing is set');
	if (answer.billing === null)
		return;
	for (const value of [answer.billing.cost.amount,
		answer.billing.credits.used, answer.billing.credits.remaining,
		answer.billing.rate.per_credit])
		p.number(value, 'billing');
	p.text(answer.billing.processing_type, 'processing_type');
	p.count(answer.billing.pages_processed, 'pages_processed');
}

function captainFiles(p, answer) {
	p.same(answer.files === null, answer.files_page === null,
	    'files is null');
	if (answer.files === null)
		return;
	p.count(answer.files_page.limit, 'files_page.limit');
	p.textOrNull(answer.files_page.next_cursor, 'next_cursor');
	p.count(answer.files_page.total_estimated, 'total_estimated');
	p.check(p.array(answer.files, 'files').length <=
	    answer.files_page.limit, 'more files than the limit');
	answer.files.forEach((file, i) => {
		const where = `files[${i}]`;
		const isBad = ['failed', 'skipped'].includes(file.status);

		p.keys(file, where, ['uri', 'filename', 'document_id',
			'status', 'stage', 'progress_message', 'error_code',
			'error_message', 'updated_at']);
		p.text(file.uri, `${where}.uri`);
		p.match(file.document_id, `${where}.document_id`, UUID);
		p.word(file.status, `${where}.status`,
		    Object.keys(CAPTAIN_FILES));
		p.word(file.stage, `${where}.stage`,
		    [null, ...Object.keys(CAPTAIN_STAGES)]);
		p.time(file.updated_at, `${where}.updated_at`);
		if (isBad) {
			p.match(file.error_code, `${where}.error_code`, CODE);
			p.text(file.error_message, `${where}.error_message`);
		}
		if (file.status === 'completed')
			p.same(file.stage, 'finalizing',
			    `P4: the stage of ${where}`);
	});
}

// When files is a whole list (one page from the start), it and the counters
// are of one moment.
function captainWhole(p, answer) {
	const counts = {};

	for (const file of answer.files)
		counts[file.status] = (counts[file.status] ?? 0) + 1;
	for (const [status, name] of [['queued', 'queued'],
		['processing', 'processing'], ['completed', 'processed'],
		['failed', 'failed'], ['skipped', 'skipped'],
		['cancelled', 'cancelled']])
		p.same(counts[status] ?? 0, answer.progress[`files_${name}`],
		    `files that are ${status}`);
}

function captainBack(p, answer, then) {
	for (const name of ['job_id', 'job_type', 'created_at'])
		p.same(answer[name], then[name], name);
	p.rank(answer.status, then.status, 'status', CAPTAIN_RANKS);
	p.rises(answer.updated_at, then.updated_at, 'updated_at');
	p.stays(answer.started_at, then.started_at, 'started_at');
	p.stays(answer.completed_at, then.completed_at, 'completed_at');
	if (then.progress !== null) {
		p.rank(answer.progress.current_stage,
		    then.progress.current_stage, 'current_stage',
		    CAPTAIN_STAGES);
		for (const name of ['files_total', 'elapsed_seconds',
			...PROGRESS])
			p.rises(answer.progress[name], then.progress[name],
			    name);
	}
	if (!answer.files || !then.files ||
	    answer.files[0]?.document_id !== then.files[0]?.document_id)
		return;
	p.rises(answer.files.length, then.files.length, 'the list of files');
	then.files.forEach((old, i) => {
		p.same(answer.files[i].document_id, old.document_id,
		    `files[${i}]`);
		p.rank(answer.files[i].status, old.status,
		    `files[${i}].status`, CAPTAIN_FILES);
		if (old.stage !== null)
			p.rank(answer.files[i].stage, old.stage,
			    `files[${i}].stage`, CAPTAIN_STAGES);
	});
}

// isWhole: the answer was asked for from the first file on.
export function validateCaptain(answer, previous, isWhole = true) {
	const p = new Page('Captain', answer);

	captainShape(p, answer);
	captainProgress(p, answer);
	captainResult(p, answer);
	captainFiles(p, answer);
	if (isWhole && answer.progress !== null && answer.files !== null &&
	    answer.files_page.next_cursor === null)
		captainWhole(p, answer);
	if (previous)
		captainBack(p, answer, previous);
	return answer;
}

// ---- Cognee ---------------------------------------------------------------

const COGNEE_FINAL = ['DATASET_PROCESSING_COMPLETED',
	'DATASET_PROCESSING_ERRORED'];
const COGNEE_RANKS = ranks('DATASET_PROCESSING_INITIATED',
    'DATASET_PROCESSING_STARTED', COGNEE_FINAL);

// pipelines: how many were asked for; previous: only of the same newest jobs.
export function validateCognee(answer, previous, pipelines = 0) {
	const p = new Page('Cognee', answer);
	const isNested = pipelines > 1;

	p.object(answer, 'answer');
	for (const [id, value] of Object.entries(answer)) {
		const words = isNested ?
		    Object.entries(p.object(value, id)) : [[id, value]];

		p.match(id, 'the key', UUID);
		for (const [name, word] of words) {
			const then = isNested ? previous?.[id]?.[name] :
			    previous?.[id];

			p.word(word, name, Object.keys(COGNEE_RANKS));
			if (then)
				p.rank(word, then, name, COGNEE_RANKS);
		}
	}
	return answer;
}
