/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs over sources: what the first look says of their documents, and shares
 * that move with the job and end with it, whatever happens to the transaction.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine_world.h"

#include "base/buf.h"
#include "base/limits.h"
#include "engine/outcome.h"
#include "engine/plan.h"
#include "engine/rule.h"
#include "engine/run.h"
#include "store/store_source.h"

#define RULE 1 /* a fingerprint */

struct fed {
	struct world *w;
	int64_t base_id;
	int64_t sources[2];
	struct buf seen;
};

static int
in_writer(struct fed *f,
    int (*apply)(struct write_tx *, void *, struct err_note *), void *arg)
{
	return writer_do(f->w->engine->writer, apply, arg, NULL);
}

static int
base_id_take(void *arg, const struct base *base)
{
	*(int64_t *)arg = base->id;
	return 0;
}

static int
fed_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct fed *f = arg;
	struct source source = {.base_id = f->base_id, .kind = SOURCE_S3,
	    .name = "s", .config = "{}", .settings = "{}"};
	int err = 0, i;

	(void)note;
	for (i = 0; err == 0 && i < 2; i++) {
		source.uuid = uuid_of_row(&f->w->base, 1000 + (uint64_t)i);
		err = store_source_add(tx_store(tx), &source, &f->sources[i]);
	}
	return err;
}

static int
fed_up(void **state)
{
	struct fed *f = mem_zalloc(sizeof(*f));

	assert_non_null(f);
	assert_int_equal(world_up(state), 0);
	f->w = *state;
	buf_init(&f->seen, MIB);
	assert_int_equal(store_base_find(f->w->engine->store, 0, &f->w->base,
			     NULL, base_id_take, &f->base_id), 0);
	assert_int_equal(in_writer(f, fed_apply, f), 0);
	*state = f;
	return 0;
}

static int
fed_down(void **state)
{
	struct fed *f = *state;
	void *w = f->w;

	buf_fini(&f->seen);
	mem_free(f);
	return world_down(&w);
}

/* ---- jobs ---------------------------------------------------------------- */

static int
shares_add(struct write_tx *tx, struct plan *plan, struct job *job,
    struct err_note *note)
{
	const struct fed *f = plan->arg;
	struct share share;
	int err = 0, i;

	(void)note;
	for (i = 0; err == 0 && i < 2; i++) {
		memset(&share, 0, sizeof(share));
		share.job_id = job->id;
		share.source_id = f->sources[i];
		share.source_uuid = uuid_of_row(&f->w->base,
		    1000 + (uint64_t)i);
		err = tx_share_new(tx, &share);
	}
	return err;
}

static struct job
start(struct fed *f)
{
	struct plan plan = {.kind = JOB_KIND_SOURCES, .attempt = 1,
	    .source = "{}", .items = shares_add, .arg = f};
	struct job job;

	plan.request.account_id = f->w->caller.account_id;
	plan.request.base = f->w->base;
	plan.request.dialect = DIALECT_NATIVE;
	assert_int_equal(plan_run(f->w->engine, &plan, &job, NULL), 0);
	return job;
}

/* A thing that a source has, on its way into a job. */
struct thing {
	struct fed *f;
	int64_t job_id;
	int source;
	const char *uri, *etag;
	uint64_t bytes;
	int64_t mtime_us;
	int fails; /* what the operation returns behind it */
	struct item item;
};

static int
item_take(void *arg, const struct item_row *row)
{
	*(struct item *)arg = row->item;
	return 0;
}

static int
thing_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct thing *t = arg;
	struct share *share;
	struct item_row row;
	int err;

	(void)note;
	share = tx_share(tx, t->job_id, t->f->sources[t->source]);
	assert_non_null(share);
	share->scan = SCAN_RUNNING;
	tx_job(tx, t->job_id)->scan = SCAN_RUNNING;
	memset(&row, 0, sizeof(row));
	row.uri = row.name = t->uri;
	row.etag = t->etag;
	row.item.bytes = t->bytes;
	row.item.mtime_us = t->mtime_us;
	row.item.source_id = t->f->sources[t->source];
	err = plan_item(tx, tx_job(tx, t->job_id), &row, RULE, true);
	if (err == 0)
		err = store_item_get(tx_store(tx), row.item.id, item_take,
		    &t->item);
	return err < 0 ? err : t->fails;
}

static struct item
find(struct fed *f, const struct job *job, int source, const char *uri,
    const char *etag, uint64_t bytes)
{
	struct thing thing = {.f = f, .job_id = job->id, .source = source,
	    .uri = uri, .etag = etag, .bytes = bytes, .mtime_us = 1000};

	assert_int_equal(in_writer(f, thing_apply, &thing), 0);
	return thing.item;
}

static int
scanned_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct thing *t = arg;
	int i;

	(void)note;
	for (i = 0; i < 2; i++)
		tx_share(tx, t->job_id, t->f->sources[i])->scan = SCAN_DONE;
	tx_job(tx, t->job_id)->scan = SCAN_DONE;
	return 0;
}

static void
scanned(struct fed *f, const struct job *job)
{
	struct thing thing = {.f = f, .job_id = job->id};

	assert_int_equal(in_writer(f, scanned_apply, &thing), 0);
}

/* Its item is published, as a worker does. */
static void
publish(struct fed *f, const struct item *item, uint8_t n)
{
	static const float vectors[4] = {1};
	struct segment segment = {.section = "", .text = "words",
	    .text_len = 5};
	struct segment_batch *batch = segment_batch_new(1);
	struct run *run = run_new(f->w->engine, item);
	struct published what;

	assert_true(batch != NULL && run != NULL);
	memset(&what, 0, sizeof(what));
	what.document_id = item->document_id;
	what.base_id = f->base_id;
	what.rule = RULE;
	what.bytes = item->bytes;
	what.mtime_us = item->mtime_us;
	what.characters = 5;
	what.has_vectors = true;
	what.keyphrases = mem_strdup("[]");
	memset(what.hash, n, HASH_SIZE);
	assert_int_equal(segment_batch_add(batch, &segment), 0);
	assert_int_equal(segment_batch_seal(batch, vectors, 4), 0);
	run_set_segments(run, 1);
	assert_int_equal(outcome_publish(f->w->engine, run, &what, &batch),
	    0);
	assert_int_equal(writer_start(f->w->engine->writer), 0);
	writer_stop(f->w->engine->writer);
	run_unref(run);
}

static void
end(struct fed *f, const struct item *item, enum item_code code)
{
	struct run *run = run_new(f->w->engine, item);

	assert_non_null(run);
	assert_int_equal(outcome_end(f->w->engine, run, code, "", 0), 0);
	assert_int_equal(writer_start(f->w->engine->writer), 0);
	writer_stop(f->w->engine->writer);
	run_unref(run);
}

/* ---- what is there ------------------------------------------------------- */

static struct job
job_of(struct fed *f, const struct job *job)
{
	struct job now;

	assert_int_equal(store_job_find(f->w->engine->store, 0, &job->uuid,
			     &now), 0);
	return now;
}

static struct share
share_of(struct fed *f, const struct job *job, int source)
{
	struct share share;

	assert_int_equal(store_share_get(f->w->engine->store, job->id,
			     f->sources[source], &share), 0);
	return share;
}

static int
share_line(void *arg, const struct share *share)
{
	struct fed *f = arg;
	const struct counts *c = &share->counts;

	return buf_printf(&f->seen, "%d/%d: %u queued, %u completed, "
	    "%u failed, %u unchanged, %u cancelled of %u%s\n",
	    (int)share->job_id, (int)share->source_id, (unsigned)c->queued,
	    (unsigned)c->completed, (unsigned)c->failed,
	    (unsigned)share->unchanged, (unsigned)c->cancelled,
	    (unsigned)c->total,
	    share->finished_us != 0 ? ", finished" : "");
}

static void
expect_shares(struct fed *f, const struct job *job, const char *wanted)
{
	buf_clear(&f->seen);
	assert_int_equal(store_shares_each(f->w->engine->store, job->id,
			     share_line, f), 0);
	assert_string_equal(buf_text(&f->seen), wanted);
}

static int
tag_line(void *arg, const struct document *document)
{
	struct fed *f = arg;

	buf_clear(&f->seen);
	return buf_printf(&f->seen, "%d %s", (int)document->source_id,
	    document->etag);
}

static void
expect_tag(struct fed *f, const char *uri, const char *wanted)
{
	assert_int_equal(store_document_find(f->w->engine->store, f->base_id,
			     uri, tag_line, f), 0);
	assert_string_equal(buf_text(&f->seen), wanted);
}

static int
difference_line(void *arg, const struct difference *d)
{
	struct fed *f = arg;

	return buf_printf(&f->seen, "%s %u %u\n", d->what,
	    (unsigned)d->stored, (unsigned)d->counted);
}

static void
expect_audit(struct fed *f, const char *wanted)
{
	struct audit_totals totals;
	struct store *reader = NULL;
	struct err_note note;

	buf_clear(&f->seen);
	assert_int_equal(engine_reader(f->w->engine, &reader, &note), 0);
	assert_int_equal(engine_audit(f->w->engine, reader,
			     f->w->caller.account_id, &f->w->base, &totals,
			     difference_line, f, &note), 0);
	store_close(reader);
	assert_string_equal(buf_text(&f->seen), wanted);
}

/* ---- tests --------------------------------------------------------------- */

static void
test_a_whole_job(void **state)
{
	struct fed *f = *state;
	struct job job = start(f);
	struct item a, b, c;
	struct share share;

	expect_shares(f, &job,
	    "1/1: 0 queued, 0 completed, 0 failed, 0 unchanged, 0 cancelled"
	    " of 0\n"
	    "1/2: 0 queued, 0 completed, 0 failed, 0 unchanged, 0 cancelled"
	    " of 0\n");
	a = find(f, &job, 0, "s3://b/a", "\"1\"", 10);
	b = find(f, &job, 1, "s3://c/b", "\"1\"", 20);
	c = find(f, &job, 1, "s3://c/c", "\"1\"", 30);
	assert_int_equal(a.source_id, f->sources[0]);
	assert_int_equal(b.source_id, f->sources[1]);
	expect_tag(f, "s3://b/a", "1 ");
	scanned(f, &job);
	publish(f, &a, 1);
	expect_tag(f, "s3://b/a", "1 \"1\"");
	expect_shares(f, &job,
	    "1/1: 0 queued, 1 completed, 0 failed, 0 unchanged, 0 cancelled"
	    " of 1, finished\n"
	    "1/2: 2 queued, 0 completed, 0 failed, 0 unchanged, 0 cancelled"
	    " of 2\n");
	expect_audit(f, "");
	publish(f, &b, 2);
	end(f, &c, ITEM_CODE_FETCH_FAILED);
	expect_tag(f, "s3://c/c", "2 ");
	expect_shares(f, &job,
	    "1/1: 0 queued, 1 completed, 0 failed, 0 unchanged, 0 cancelled"
	    " of 1, finished\n"
	    "1/2: 0 queued, 1 completed, 1 failed, 0 unchanged, 0 cancelled"
	    " of 2, finished\n");
	share = share_of(f, &job, 1);
	assert_int_equal(share.characters, 5);
	assert_int_equal(share.bytes_total, 50);
	assert_int_equal(share.bytes_completed, 20);
	assert_true(share.started_us > 0);
	job = job_of(f, &job);
	assert_int_equal(job.state, JOB_COMPLETED_WITH_FAILURES);
	assert_int_equal(job.kind, JOB_KIND_SOURCES);
	assert_int_equal(job.characters, 10);
	expect_audit(f, "");
}

/* What its source says of a thing goes before its time. */
static void
test_first_look(void **state)
{
	static const struct {
		const char *etag;
		uint64_t bytes;
		enum item_code code;
	} looks[] = {
	    {"\"1\"", 10, ITEM_CODE_UNCHANGED},
	    {"\"1\"", 0, ITEM_CODE_UNCHANGED}, /* not said */
	    {"\"2\"", 10, ITEM_CODE_NONE},
	    {"\"1\"", 11, ITEM_CODE_NONE},
	    {"", 10, ITEM_CODE_NONE}, /* then the time counts */
	    {NULL, 10, ITEM_CODE_NONE},
	};
	struct fed *f = *state;
	struct job job = start(f);
	struct thing thing = {.f = f, .uri = "s3://b/a", .bytes = 10,
	    .mtime_us = 1000};
	struct item a;
	size_t i;

	a = find(f, &job, 0, "s3://b/a", "\"1\"", 10);
	publish(f, &a, 1);
	for (i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		job = start(f);
		thing.job_id = job.id;
		thing.etag = looks[i].etag;
		thing.bytes = looks[i].bytes;
		thing.mtime_us = 2000 + (int64_t)i;
		assert_int_equal(in_writer(f, thing_apply, &thing), 0);
		assert_int_equal(thing.item.code, looks[i].code);
		assert_int_equal(share_of(f, &job, 0).unchanged,
		    looks[i].code == ITEM_CODE_UNCHANGED);
		/* What was only found is not what is indexed. */
		expect_tag(f, "s3://b/a", "1 \"1\"");
	}
	job = start(f);
	thing.job_id = job.id;
	thing.etag = NULL;
	thing.bytes = 10;
	thing.mtime_us = 1000;
	assert_int_equal(in_writer(f, thing_apply, &thing), 0);
	assert_int_equal(thing.item.code, ITEM_CODE_UNCHANGED);
	expect_audit(f, "");
}

/* The same content under another tag: then that is its tag. */
static void
test_same_content(void **state)
{
	struct fed *f = *state;
	struct job job = start(f);
	struct item a = find(f, &job, 0, "s3://b/a", "\"1\"", 10);
	struct published what = {.bytes = 10, .mtime_us = 1000};
	struct run *run;

	publish(f, &a, 1);
	job = start(f);
	a = find(f, &job, 1, "s3://b/a", "\"2\"", 10);
	assert_int_equal(a.state, ITEM_QUEUED);
	/* Two sources lead to it: the last one has it. */
	expect_tag(f, "s3://b/a", "2 \"1\"");
	run = run_new(f->w->engine, &a);
	assert_non_null(run);
	assert_int_equal(outcome_unchanged(f->w->engine, run, &what), 0);
	assert_int_equal(writer_start(f->w->engine->writer), 0);
	writer_stop(f->w->engine->writer);
	run_unref(run);
	expect_tag(f, "s3://b/a", "2 \"2\"");
	scanned(f, &job);
	assert_int_equal(job_of(f, &job).state, JOB_NO_CHANGES);
	expect_audit(f, "");
}

/* An operation that fails takes back what it did to a share, and so does a
 * group that is applied again. */
static void
test_rolled_back(void **state)
{
	struct fed *f = *state;
	struct job job = start(f);
	struct thing bad = {.f = f, .job_id = job.id, .uri = "s3://b/x",
	    .bytes = 7, .fails = ERR_CONFLICT};

	(void)find(f, &job, 0, "s3://b/a", "\"1\"", 10);
	assert_int_equal(in_writer(f, thing_apply, &bad), ERR_CONFLICT);
	expect_shares(f, &job,
	    "1/1: 1 queued, 0 completed, 0 failed, 0 unchanged, 0 cancelled"
	    " of 1\n"
	    "1/2: 0 queued, 0 completed, 0 failed, 0 unchanged, 0 cancelled"
	    " of 0\n");
	(void)find(f, &job, 0, "s3://b/b", "\"1\"", 10);
	assert_int_equal(share_of(f, &job, 0).counts.total, 2);
	assert_int_equal(share_of(f, &job, 0).bytes_total, 20);
	expect_audit(f, "");
}

/* Its share is in the store and nowhere else: a new engine goes on. */
static void
test_opened_again(void **state)
{
	struct fed *f = *state;
	struct engine_config config = {.extractor = "none", .workers = 1,
	    .file_bytes_max = 1000, .data_dir = f->w->dir};
	struct job job = start(f);
	struct item a = find(f, &job, 0, "s3://b/a", "\"1\"", 10);
	struct err_note note;

	engine_close(f->w->engine);
	assert_int_equal(engine_open(&config, &f->w->engine, &note), 0);
	scanned(f, &job);
	publish(f, &a, 1);
	expect_shares(f, &job,
	    "1/1: 0 queued, 1 completed, 0 failed, 0 unchanged, 0 cancelled"
	    " of 1, finished\n"
	    "1/2: 0 queued, 0 completed, 0 failed, 0 unchanged, 0 cancelled"
	    " of 0, finished\n");
	assert_int_equal(job_of(f, &job).state, JOB_COMPLETED);
	expect_audit(f, "");
}

static void
test_cancelled(void **state)
{
	struct fed *f = *state;
	struct job job = start(f), now;
	struct share share;

	(void)find(f, &job, 0, "s3://b/a", "\"1\"", 10);
	(void)find(f, &job, 0, "s3://b/b", "\"1\"", 10);
	assert_int_equal(engine_job_order(f->w->engine,
			     f->w->caller.account_id, &job.uuid,
			     JOB_ORDER_CANCEL, "me", &now, NULL), 0);
	assert_int_equal(now.state, JOB_CANCELLED);
	/* The one that had not begun, too. */
	expect_shares(f, &job,
	    "1/1: 0 queued, 0 completed, 0 failed, 0 unchanged, 2 cancelled"
	    " of 2, finished\n"
	    "1/2: 0 queued, 0 completed, 0 failed, 0 unchanged, 0 cancelled"
	    " of 0, finished\n");
	share = share_of(f, &job, 1);
	assert_int_equal(share.started_us, 0);
	assert_int_equal(share.finished_us, now.finished_us);
	expect_audit(f, "");
	/* It is not told what was not done. */
	expect_tag(f, "s3://b/a", "1 ");
}

static int
stray_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct thing *t = arg;
	struct item_row row;

	(void)note;
	assert_null(tx_share(tx, t->job_id, 99));
	memset(&row, 0, sizeof(row));
	row.uri = row.name = "s3://b/x";
	row.item.source_id = 99;
	return plan_item(tx, tx_job(tx, t->job_id), &row, RULE, true);
}

static void
test_without_a_share(void **state)
{
	struct fed *f = *state;
	struct job job = start(f);
	struct thing thing = {.f = f, .job_id = job.id};

	assert_int_equal(in_writer(f, stray_apply, &thing), ERR_CORRUPT);
	assert_int_equal(job_of(f, &job).counts.total, 0);
	expect_audit(f, "");
}

static int
no_job_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct fed *f = arg;
	struct share share = {.job_id = 12345};

	(void)note;
	assert_null(tx_share(tx, 12345, f->sources[0]));
	return tx_share_new(tx, &share);
}

static int
base_gone_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct thing *t = arg;
	int err;

	(void)note;
	tx_share(tx, t->job_id, t->f->sources[0])->scan = SCAN_RUNNING;
	err = store_base_delete(tx_store(tx), t->f->base_id);
	if (err == 0)
		err = tx_forget_base(tx, t->f->base_id);
	assert_null(tx_share(tx, t->job_id, t->f->sources[0]));
	return err;
}

/* With its base a job goes, and its shares, touched or not. */
static void
test_base_gone(void **state)
{
	struct fed *f = *state;
	struct job job = start(f);
	struct thing thing = {.f = f, .job_id = job.id};
	struct share share;

	assert_int_equal(in_writer(f, no_job_apply, f), ERR_CONFLICT);
	assert_int_equal(in_writer(f, base_gone_apply, &thing), 0);
	assert_int_equal(store_share_get(f->w->engine->store, job.id,
			     f->sources[0], &share), ERR_NOT_FOUND);
	assert_int_equal(store_share_get(f->w->engine->store, job.id,
			     f->sources[1], &share), ERR_NOT_FOUND);
}

/* ---- retries ------------------------------------------------------------- */

static int
source_gone_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct fed *f = arg;

	(void)note;
	return store_source_delete(tx_store(tx), f->sources[1]);
}

static int
item_line(void *arg, const struct item_row *row)
{
	struct fed *f = arg;

	return buf_printf(&f->seen, "%s %s of %d, %s: %s%s\n", row->uri,
	    row->etag, (int)row->item.source_id,
	    item_state_name(row->item.state), row->item.message,
	    row->item.document_id != 0 ? "" : " (no document)");
}

static void
test_retry(void **state)
{
	struct fed *f = *state;
	struct item_filter filter = {.limit = 10};
	struct job job = start(f), again;
	struct item a, b, c;

	a = find(f, &job, 0, "s3://b/a", "\"1\"", 10);
	b = find(f, &job, 1, "s3://c/b", "\"2\"", 10);
	scanned(f, &job);
	publish(f, &a, 1);
	end(f, &b, ITEM_CODE_FETCH_FAILED);
	assert_int_equal(engine_job_retry(f->w->engine,
			     f->w->caller.account_id, &job.uuid, false,
			     DIALECT_NATIVE, &again, NULL), 0);
	assert_int_equal(again.kind, JOB_KIND_SOURCES);
	/* Only of the source that something failed of. */
	expect_shares(f, &again,
	    "2/2: 1 queued, 0 completed, 0 failed, 0 unchanged, 0 cancelled"
	    " of 1\n");
	assert_int_equal(share_of(f, &again, 1).scan, SCAN_DONE);
	assert_int_equal(store_item_get(f->w->engine->store, 3, item_take,
			     &c), 0);
	publish(f, &c, 2);
	expect_tag(f, "s3://c/b", "2 \"2\"");
	assert_int_equal(job_of(f, &again).state, JOB_COMPLETED);
	expect_audit(f, "");

	assert_int_equal(in_writer(f, source_gone_apply, f), 0);
	assert_int_equal(engine_job_retry(f->w->engine,
			     f->w->caller.account_id, &job.uuid, true,
			     DIALECT_NATIVE, &again, NULL), 0);
	expect_shares(f, &again,
	    "3/1: 1 queued, 0 completed, 0 failed, 0 unchanged, 0 cancelled"
	    " of 1\n"
	    "3/2: 0 queued, 0 completed, 1 failed, 0 unchanged, 0 cancelled"
	    " of 1, finished\n");
	buf_clear(&f->seen);
	filter.job_id = again.id;
	assert_int_equal(store_items_each(f->w->engine->store, &filter,
			     item_line, f), 0);
	assert_string_equal(buf_text(&f->seen),
	    "s3://b/a \"1\" of 1, queued: \n"
	    "s3://c/b \"2\" of 2, failed: the source it came from was "
	    "deleted (no document)\n");
	expect_audit(f, "");
}

/* ---- the audit ----------------------------------------------------------- */

static int
wrong_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct thing *t = arg;
	struct share share;
	int err;

	(void)note;
	err = store_share_get(tx_store(tx), t->job_id, t->f->sources[0],
	    &share);
	share.counts.completed++;
	share.characters += 4;
	share.removed = 3;
	return err < 0 ? err : store_share_save(tx_store(tx), &share);
}

static void
test_audit(void **state)
{
	struct fed *f = *state;
	struct job job = start(f);
	struct thing thing = {.f = f, .job_id = job.id};

	(void)find(f, &job, 0, "s3://b/a", "\"1\"", 10);
	expect_audit(f, "");
	assert_int_equal(in_writer(f, wrong_apply, &thing), 0);
	expect_audit(f, "share.completed 1 0\nshares.removed 0 3\n"
	    "shares.characters 0 4\n");
}

/* ---- rules --------------------------------------------------------------- */

struct settings {
	struct fed *f;
	const char *base, *source;
};

static int
settings_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct settings *s = arg;
	struct source source = {.id = s->f->sources[0], .name = "s",
	    .config = "{}", .settings = s->source};
	struct base base = {.id = s->f->base_id, .name = "docs",
	    .description = "", .settings = s->base};
	int err;

	(void)note;
	err = store_base_save(tx_store(tx), &base);
	return err < 0 ? err : store_source_save(tx_store(tx), &source);
}

static uint64_t
fingerprint(struct fed *f, const char *base, const char *source,
    int64_t source_id)
{
	struct settings settings = {.f = f, .base = base, .source = source};
	uint64_t number = 0;

	assert_int_equal(in_writer(f, settings_apply, &settings), 0);
	assert_int_equal(rule_of_source(f->w->engine->store, f->w->engine,
			     &f->w->base, source_id, &number), 0);
	return number;
}

static void
test_rules(void **state)
{
	static const char large[] = "{\"chunking\":{\"chars_max\":2000}}";
	static const char small[] = "{\"chunking\":{\"chars_max\":500}}";
	struct fed *f = *state;
	uint64_t plain, is_large, is_small, number;

	plain = fingerprint(f, "{}", "{}", 0);
	is_large = fingerprint(f, large, "{}", 0);
	is_small = fingerprint(f, small, "{}", 0);
	assert_true(plain != is_large && is_large != is_small);
	assert_int_equal(fingerprint(f, "{}", "{}", f->sources[0]), plain);
	assert_int_equal(fingerprint(f, large, "{}", f->sources[0]),
	    is_large);
	assert_int_equal(fingerprint(f, large, small, f->sources[0]),
	    is_small);
	assert_int_equal(fingerprint(f, large, small, f->sources[1]),
	    is_large);
	/* Gone, or stored wrongly: nothing said. */
	assert_int_equal(fingerprint(f, large, small, 99), is_large);
	assert_int_equal(fingerprint(f, large, "[]", f->sources[0]), plain);
	assert_int_equal(rule_of_base(f->w->engine->store, f->w->engine,
			     &f->w->base, &number), 0);
	assert_int_equal(number, is_large);
}

#define FED_TEST(f) cmocka_unit_test_setup_teardown(f, fed_up, fed_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FED_TEST(test_a_whole_job),
	    FED_TEST(test_first_look),
	    FED_TEST(test_same_content),
	    FED_TEST(test_rolled_back),
	    FED_TEST(test_opened_again),
	    FED_TEST(test_cancelled),
	    FED_TEST(test_without_a_share),
	    FED_TEST(test_base_gone),
	    FED_TEST(test_retry),
	    FED_TEST(test_audit),
	    FED_TEST(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
