/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources of an engine at work: what is new, changed, unchanged and vanished
 * in uploads and buckets, sources that cannot be read, and jobs that are
 * stopped in the middle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sources_world.h"

static void
test_upload(void **state)
{
	struct sources_world *s = *state;
	char key[OBJECT_KEY_BYTES_MAX] = "", config[OBJECT_KEY_BYTES_MAX + 64];
	struct uuid source;
	struct job job;

	sources_object(s, "a.txt", "marmalade", key);
	(void)snprintf(config, sizeof(config), "{\"key\": \"%s\"}", key);
	source = sources_add(s, SOURCE_UPLOAD, config, NULL);
	job = sources_run(s);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.kind, JOB_KIND_SOURCES);
	assert_int_equal(job.counts.total, 1);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(world_found(&s->w, "marmalade"), 1);

	job = sources_run(s);
	assert_int_equal(job.state, JOB_NO_CHANGES);
	assert_int_equal(job.unchanged, 1);

	sources_object(s, "a.txt", "porridge", key);
	job = sources_run(s);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(world_found(&s->w, "marmalade"), 0);
	assert_int_equal(world_found(&s->w, "porridge"), 1);

	assert_int_equal(engine_source_delete(s->w.engine, s->w.account_id,
			     &s->w.base, &source, NULL), 0);
	assert_int_equal(world_found(&s->w, "porridge"), 0);
	assert_int_equal(world_audit(&s->w).index.documents, 0);
}

static void
test_bucket(void **state)
{
	struct sources_world *s = *state;
	unsigned fetches;
	struct job job;

	bucket_put(s, "a.txt", "apple");
	bucket_put(s, "b.txt", "banana");
	bucket_put(s, "c.txt", "cherry");
	(void)sources_bucket(s, "docs", "");
	job = sources_run(s);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.completed, 3);
	assert_int_equal(world_found(&s->w, "banana"), 1);

	/* The tags say that nothing has changed: nothing is fetched. */
	fetches = bucket_count(s, &s->bucket.fetches);
	job = sources_run(s);
	assert_int_equal(job.state, JOB_NO_CHANGES);
	assert_int_equal(job.unchanged, 3);
	assert_int_equal(bucket_count(s, &s->bucket.fetches), fetches);

	bucket_put(s, "b.txt", "blueberry");
	bucket_put(s, "c.txt", "cherry"); /* another tag, the same content */
	bucket_drop(s, "a.txt");
	bucket_put(s, "d.txt", "date");
	job = sources_run(s);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.total, 3);
	assert_int_equal(job.counts.completed, 2);
	assert_int_equal(job.unchanged, 1);
	assert_int_equal(job.removed, 1);
	assert_int_equal(world_found(&s->w, "apple"), 0);
	assert_int_equal(world_found(&s->w, "banana"), 0);
	assert_int_equal(world_found(&s->w, "blueberry"), 1);
	assert_int_equal(world_found(&s->w, "date"), 1);
	assert_int_equal(bucket_count(s, &s->bucket.fetches), fetches + 3);

	/* The tag of what was found the same is remembered. */
	job = sources_run(s);
	assert_int_equal(job.state, JOB_NO_CHANGES);
	assert_int_equal(bucket_count(s, &s->bucket.fetches), fetches + 3);
	assert_int_equal(world_audit(&s->w).index.documents, 3);
}

/* Two sources over the same objects have documents of their own. */
static void
test_shared_bucket(void **state)
{
	struct sources_world *s = *state;
	struct uuid all, some;
	struct share share;
	struct job job;

	bucket_put(s, "x/a.txt", "apple");
	bucket_put(s, "y/b.txt", "banana");
	all = sources_bucket(s, "docs", "");
	some = sources_bucket(s, "docs", "x");
	job = sources_run(s);
	assert_int_equal(job.state, JOB_COMPLETED);
	share = sources_share(s, &job, &all);
	assert_int_equal(share.counts.total, 2);
	share = sources_share(s, &job, &some);
	assert_int_equal(share.counts.total, 1);
	/* One of the two came second, with content that is there already. */
	assert_int_equal(job.counts.completed, 2);
	assert_int_equal(job.counts.skipped, 1);

	assert_int_equal(engine_source_delete(s->w.engine, s->w.account_id,
			     &s->w.base, &some, NULL), 0);
	job = sources_run(s);
	assert_int_equal(job.counts.total, 2);
	assert_int_equal(world_found(&s->w, "apple"), 1);
	(void)world_audit(&s->w);
}

static void
test_bad_source(void **state)
{
	struct sources_world *s = *state;
	struct uuid good, closed, gone;
	struct share share;
	struct job job;

	bucket_put(s, "a.txt", "apple");
	closed = sources_bucket(s, "closed", "");
	good = sources_bucket(s, "docs", "");
	gone = sources_bucket(s, "gone", "");
	job = sources_run(s);
	assert_int_equal(job.state, JOB_COMPLETED_WITH_FAILURES);
	assert_int_equal(job.code, ITEM_CODE_SOURCE_ACCESS_DENIED);
	assert_int_equal(job.counts.completed, 1);
	share = sources_share(s, &job, &closed);
	assert_int_equal(share.scan, SCAN_FAILED);
	assert_int_equal(share.code, ITEM_CODE_SOURCE_ACCESS_DENIED);
	assert_non_null(strstr(share.message, "closed"));
	assert_true(share.started_us > 0 && share.finished_us > 0);
	share = sources_share(s, &job, &good);
	assert_int_equal(share.scan, SCAN_DONE);
	assert_int_equal(share.code, ITEM_CODE_NONE);
	share = sources_share(s, &job, &gone);
	assert_int_equal(share.code, ITEM_CODE_SOURCE_NOT_FOUND);

	/* All of them: what was there stays. */
	(void)pthread_mutex_lock(&s->bucket.lock);
	s->bucket.list_refusal = "403 Forbidden";
	(void)pthread_mutex_unlock(&s->bucket.lock);
	job = sources_run(s);
	assert_int_equal(job.state, JOB_FAILED);
	assert_int_equal(job.code, ITEM_CODE_SOURCE_ACCESS_DENIED);
	assert_int_equal(job.removed, 0);
	assert_int_equal(world_found(&s->w, "apple"), 1);
	(void)world_audit(&s->w);
}

/* Objects that cannot be had fail alone; the retry fetches them. */
static void
test_bad_objects(void **state)
{
	struct sources_world *s = *state;
	struct err_note note;
	struct job job, again;

	bucket_put(s, "a.txt", "apple");
	bucket_put(s, "bad.txt", "banana");
	(void)sources_bucket(s, "docs", "");
	(void)pthread_mutex_lock(&s->bucket.lock);
	s->bucket.get_refusal = "403 Forbidden";
	(void)pthread_mutex_unlock(&s->bucket.lock);
	job = sources_run(s);
	assert_int_equal(job.state, JOB_COMPLETED_WITH_FAILURES);
	assert_int_equal(job.counts.failed, 1);
	assert_int_equal(job.counts.completed, 1);
	(void)pthread_mutex_lock(&s->bucket.lock);
	s->bucket.get_refusal = NULL;
	(void)pthread_mutex_unlock(&s->bucket.lock);
	assert_int_equal(engine_job_retry(s->w.engine, s->w.account_id,
			     &job.uuid, false, DIALECT_NATIVE, &again, &note),
	    0);
	again = sources_until(s, &again.uuid, NULL);
	assert_int_equal(again.state, JOB_COMPLETED);
	assert_int_equal(world_found(&s->w, "banana"), 1);
	(void)world_audit(&s->w);
}

/* How a source's documents are cut is a matter of its own settings. */
static void
test_settings(void **state)
{
	struct sources_world *s = *state;
	struct source_request request = {.settings = "{\"chunking\": "
	    "{\"method\": \"whole\"}}"};
	struct err_note note = {""};
	struct uuid one;
	struct job job;

	bucket_put(s, "a.txt", "# One\n\napple\n\n# Two\n\napple\n");
	one = sources_bucket(s, "docs", "");
	(void)sources_run(s);
	assert_int_equal(engine_source_change(s->w.engine, s->w.account_id,
			     &s->w.base, &one, &request, &note), 0);
	job = sources_run(s);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.completed, 1);
	job = sources_run(s);
	assert_int_equal(job.state, JOB_NO_CHANGES);
	request.settings = "{\"chunking\": 7}";
	assert_int_equal(engine_source_change(s->w.engine, s->w.account_id,
			     &s->w.base, &one, &request, &note),
	    ERR_INVALID);
	(void)world_audit(&s->w);
}

static bool
waits_for_source(const struct job *job)
{
	return job->waiting_for == WAITING_SOURCE;
}

/* A service that is out of order for a moment is waited for. */
static void
test_busy(void **state)
{
	struct sources_world *s = *state;
	struct job job;

	bucket_put(s, "a.txt", "apple");
	(void)sources_bucket(s, "docs", "");
	(void)pthread_mutex_lock(&s->bucket.lock);
	s->bucket.list_busy = S3_TRIES_MAX + 1;
	(void)pthread_mutex_unlock(&s->bucket.lock);
	job = sources_begin(s);
	(void)sources_until(s, &job.uuid, waits_for_source);
	job = sources_until(s, &job.uuid, NULL);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(job.waiting_for, WAITING_NOTHING);
}

/* The second of two starts finds the first; so does the deletion. */
static void
test_one_at_a_time(void **state)
{
	struct sources_world *s = *state;
	struct uuid source, running;
	struct err_note note = {""};
	char id[UUID_TEXT_SIZE];
	struct job job, other;

	bucket_put(s, "a.txt", "apple");
	source = sources_bucket(s, "docs", "");
	s->bucket.hangs_lists = true;
	job = sources_begin(s);
	peer_wait_hanging(&s->peer, 1);
	assert_int_equal(sources_start_job(s, NULL, 0, &other, &running,
			     &note), ERR_CONFLICT);
	assert_true(uuid_is_equal(&running, &job.uuid));
	uuid_format(&job.uuid, id);
	assert_non_null(strstr(note.text, id));
	assert_int_equal(engine_source_delete(s->w.engine, s->w.account_id,
			     &s->w.base, &source, &note), ERR_CONFLICT);
	(void)pthread_mutex_lock(&s->bucket.lock);
	s->bucket.hangs_lists = false;
	(void)pthread_mutex_unlock(&s->bucket.lock);
	peer_release(&s->peer);
	job = sources_until(s, &job.uuid, NULL);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(engine_source_delete(s->w.engine, s->w.account_id,
			     &s->w.base, &source, &note), 0);
	assert_int_equal(sources_start_job(s, NULL, 0, &other, &running,
			     &note), ERR_INVALID);
}

struct racer {
	struct sources_world *s;
	pthread_t thread;
	struct job job;
	struct uuid running;
	int err;
};

static void *
race(void *arg)
{
	struct racer *racer = arg;

	racer->err = sources_start_job(racer->s, NULL, 0, &racer->job,
	    &racer->running, NULL);
	return NULL;
}

#define RACERS 8

static void
test_race(void **state)
{
	struct sources_world *s = *state;
	struct racer racers[RACERS];
	struct uuid winner = {{0}};
	unsigned i, won = 0;

	bucket_put(s, "a.txt", "apple");
	(void)sources_bucket(s, "docs", "");
	s->bucket.hangs_lists = true;
	for (i = 0; i < RACERS; i++) {
		racers[i] = (struct racer){.s = s};
		assert_int_equal(pthread_create(&racers[i].thread, NULL, race,
				     &racers[i]), 0);
	}
	for (i = 0; i < RACERS; i++) {
		assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
		if (racers[i].err == 0) {
			winner = racers[i].job.uuid;
			won++;
		}
	}
	assert_int_equal(won, 1);
	for (i = 0; i < RACERS; i++)
		if (racers[i].err != 0) {
			assert_int_equal(racers[i].err, ERR_CONFLICT);
			assert_true(uuid_is_equal(&racers[i].running,
			    &winner));
		}
	peer_release(&s->peer);
	(void)sources_until(s, &winner, NULL);
}

/* Cancelled while the service says nothing: at once, and its scanner is
 * free for others. */
static void
test_cancel(void **state)
{
	struct sources_world *s = *state;
	struct err_note note = {""};
	struct uuid source;
	struct share share;
	struct job job;

	bucket_put(s, "a.txt", "apple");
	source = sources_bucket(s, "docs", "");
	s->bucket.hangs_lists = true;
	job = sources_begin(s);
	peer_wait_hanging(&s->peer, 1);
	assert_int_equal(engine_job_order(s->w.engine, s->w.account_id,
			     &job.uuid, JOB_ORDER_CANCEL, "", &job, &note), 0);
	assert_int_equal(job.state, JOB_CANCELLED);
	share = sources_share(s, &job, &source);
	assert_true(share.finished_us > 0);
	/* The connection that hangs is given up without its release. */
	(void)pthread_mutex_lock(&s->bucket.lock);
	s->bucket.hangs_lists = false;
	(void)pthread_mutex_unlock(&s->bucket.lock);
	job = sources_run(s);
	assert_int_equal(job.state, JOB_COMPLETED);
	(void)world_audit(&s->w);
}

static bool
has_some(const struct job *job)
{
	return job->counts.completed > 0;
}

#define MANY 1000

static void
fill(struct sources_world *s)
{
	char key[64], text[64];
	int i;

	for (i = 0; i < MANY; i++) {
		(void)snprintf(key, sizeof(key), "many/%04d.txt", i);
		(void)snprintf(text, sizeof(text), "word%04d", i);
		bucket_put(s, key, text);
	}
}

/* A thousand objects, the server stopped in the middle: each is indexed, and
 * each once. */
static void
test_many_restart(void **state)
{
	struct sources_world *s = *state;
	struct job job;

	fill(s);
	(void)sources_bucket(s, "docs", "");
	job = sources_begin(s);
	(void)sources_until(s, &job.uuid, has_some);
	world_stop(&s->w);
	sources_start(s);
	job = sources_until(s, &job.uuid, NULL);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.total, MANY);
	assert_int_equal(job.counts.completed, MANY);
	assert_int_equal(world_found(&s->w, "word0000"), 1);
	assert_int_equal(world_found(&s->w, "word0999"), 1);
	job = sources_run(s);
	assert_int_equal(job.state, JOB_NO_CHANGES);
	assert_int_equal(job.unchanged, MANY);
	assert_int_equal(world_audit(&s->w).index.documents, MANY);
}

static void
test_many_cancel(void **state)
{
	struct sources_world *s = *state;
	struct err_note note = {""};
	struct job job;

	fill(s);
	(void)sources_bucket(s, "docs", "");
	job = sources_begin(s);
	(void)sources_until(s, &job.uuid, has_some);
	assert_int_equal(engine_job_order(s->w.engine, s->w.account_id,
			     &job.uuid, JOB_ORDER_CANCEL, "", &job, &note), 0);
	assert_int_equal(job.state, JOB_CANCELLED);
	sources_check(s, &job.uuid);
	/* What the listing had not come to has not vanished. */
	assert_int_equal(job.removed, 0);
	(void)world_audit(&s->w);
	job = sources_run(s);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.total, MANY);
	(void)world_audit(&s->w);
}

/* A source may not name an address that is not public, unless the operator
 * allows it. */
static void
test_private_address(void **state)
{
	struct sources_world *s = *state;
	char config[128];
	struct job job;

	(void)snprintf(config, sizeof(config), "{\"bucket\": \"docs\", "
	    "\"provider\": \"other\", \"endpoint\": "
	    "\"http://127.0.0.2:%u\"}", s->peer.port);
	(void)sources_add(s, SOURCE_S3, config, SOURCES_SECRET);
	job = sources_run(s);
	assert_int_equal(job.state, JOB_FAILED);
	assert_int_equal(job.code, ITEM_CODE_SOURCE_ACCESS_DENIED);
	assert_int_equal(bucket_count(s, &s->bucket.lists), 0);
}

static void
refuse(struct sources_world *s, enum source_kind kind, const char *config,
    const char *secret, const char *words)
{
	struct err_note note = {""};
	struct uuid source;

	assert_int_equal(sources_try(s, kind, config, secret, &source, &note),
	    ERR_INVALID);
	if (strstr(note.text, words) == NULL)
		fail_msg("%s: \"%s\"", config, note.text);
}

static void
test_refusals(void **state)
{
	struct sources_world *s = *state;
	struct err_note note = {""};
	struct uuid source;

	refuse(s, SOURCE_S3, "[]", NULL, "object");
	refuse(s, SOURCE_S3, "{}", NULL, "bucket");
	refuse(s, SOURCE_S3, "{\"bucket\": 7}", NULL, "bucket");
	refuse(s, SOURCE_S3, "{\"bucket\": \"b\", \"x\": 1}", NULL, "x");
	refuse(s, SOURCE_S3, "{\"bucket\": \"docs\", \"provider\": \"ours\"}",
	    NULL, "provider");
	refuse(s, SOURCE_S3, "{\"bucket\": \"docs\", \"provider\": \"aws\", "
	    "\"endpoint\": \"https://s3.example\"}", NULL, "endpoint");
	refuse(s, SOURCE_S3, "{\"bucket\": \"docs\", \"region\": \"here\"}",
	    "{\"key_id\": \"k\"}", "secret_key");
	refuse(s, SOURCE_WEB, "{\"url\": \"ftp://example.com/\"}", NULL,
	    "url");
	refuse(s, SOURCE_WEB, "{\"url\": \"https://example.com/\", "
	    "\"scope\": \"all\"}", NULL, "scope");
	refuse(s, SOURCE_WEB, "{\"url\": \"https://example.com/\", "
	    "\"exclude_tags\": [\"a b\"]}", NULL, "exclude_tags[0]");
	refuse(s, SOURCE_WEB, "{\"url\": \"https://example.com/\"}",
	    SOURCES_SECRET, "secret");
	refuse(s, SOURCE_UPLOAD, "{\"key\": \"k\", \"hash\": \"00\"}", NULL,
	    "hash");
	assert_int_equal(sources_try(s, SOURCE_UPLOAD, "{\"key\": \"none\"}",
			     NULL, &source, &note), ERR_NOT_FOUND);
}

#define TEST(name)                                                            \
	cmocka_unit_test_setup_teardown(name, sources_up, sources_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_upload),
	    TEST(test_bucket),
	    TEST(test_shared_bucket),
	    TEST(test_bad_source),
	    TEST(test_bad_objects),
	    TEST(test_settings),
	    TEST(test_busy),
	    TEST(test_one_at_a_time),
	    TEST(test_race),
	    TEST(test_cancel),
	    TEST(test_many_restart),
	    TEST(test_many_cancel),
	    TEST(test_private_address),
	    TEST(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
