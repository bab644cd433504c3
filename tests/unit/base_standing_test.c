/* SPDX-License-Identifier: Apache-2.0 */
/* Where a base stands, and the words that follow from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>

#include <cmocka.h>

#include "kept_world.h"

#include "api/cognee/cognee_view.h"
#include "engine/engine_int.h"

static int64_t
base_id(struct pipeline *w)
{
	struct base_ref base;

	assert_int_equal(base_ref_find(w->reader, w->account_id, &w->base,
			     &base), 0);
	return base.id;
}

static struct base_standing
standing_of(struct pipeline *w)
{
	struct base_standing standing;

	assert_int_equal(base_standing(w->reader, base_id(w), &standing), 0);
	return standing;
}

static void
expect_words(struct pipeline *w, const char *add, const char *cognify)
{
	struct base_standing standing = standing_of(w);
	enum cognee_word word;
	const char *said;

	said = cognee_dataset_word(&standing, COGNEE_ADD_PIPELINE, &word)
	    ? cognee_word_name(word) : "";
	assert_string_equal(said, add);
	said = cognee_dataset_word(&standing, COGNEE_COGNIFY_PIPELINE, &word)
	    ? cognee_word_name(word) : "";
	assert_string_equal(said, cognify);
}

#define INITIATED "DATASET_PROCESSING_INITIATED"
#define STARTED "DATASET_PROCESSING_STARTED"
#define COMPLETED "DATASET_PROCESSING_COMPLETED"
#define ERRORED "DATASET_PROCESSING_ERRORED"

static void
test_words(void **state)
{
	struct pipeline *w = *state;
	struct base_standing standing = standing_of(w);
	struct err_note note = {""};
	struct uuid one;
	struct job job;

	assert_false(standing.has_given || standing.has_run ||
	    standing.has_held);
	expect_words(w, "", "");
	one = keep_text(w, "one.txt", "walnut trees");
	standing = standing_of(w);
	assert_true(standing.has_given && !standing.has_run &&
	    standing.has_held);
	expect_words(w, COMPLETED, "");
	job = kept_end(w);
	standing = standing_of(w);
	assert_false(standing.has_held);
	assert_true(uuid_is_equal(&standing.run.uuid, &job.uuid));
	assert_int_equal(standing.given.kind, JOB_KIND_KEEP);
	expect_words(w, COMPLETED, COMPLETED);
	/* The same once more is nothing new. */
	(void)keep_text(w, "two.txt", "walnut trees");
	expect_words(w, COMPLETED, COMPLETED);
	(void)keep_text(w, "two.txt", "hazel bushes");
	expect_words(w, COMPLETED, INITIATED);
	(void)kept_end(w);
	expect_words(w, COMPLETED, COMPLETED);
	assert_int_equal(engine_document_forget(w->engine, w->account_id,
			     &one, &note), 0);
	expect_words(w, COMPLETED, INITIATED);
	(void)kept_end(w);
	expect_words(w, COMPLETED, COMPLETED);
}

/* Only asked for, without anything: that is a run, too. */
static void
test_nothing_to_do(void **state)
{
	struct pipeline *w = *state;

	assert_int_equal(kept_end(w).state, JOB_NO_CHANGES);
	expect_words(w, "", COMPLETED);
}

static void
test_failures(void **state)
{
	struct pipeline *w = *state;
	struct put put = {.by_content = true};

	(void)keep_put(w, &put, "bad.docx", "PK\3\4 no archive at all", 22);
	(void)kept_end(w);
	expect_words(w, COMPLETED, ERRORED);
	/* It bars nothing. */
	(void)keep_text(w, "one.txt", "walnut trees");
	expect_words(w, COMPLETED, INITIATED);
	(void)kept_end(w);
	expect_words(w, COMPLETED, ERRORED);
	assert_int_equal(world_found(w, "walnut"), 1);
	put.document = &put.ret_document;
	(void)keep_put(w, &put, "good.txt", "hazel bushes", 12);
	expect_words(w, COMPLETED, INITIATED);
	(void)kept_end(w);
	expect_words(w, COMPLETED, COMPLETED);
}

/* Of what is live the oldest that has begun, else the oldest. */
static void
test_live(void **state)
{
	struct pipeline *w = *state;
	struct job_request request = kept_request(w);
	struct put put = {.by_content = true};
	struct base_standing standing;
	struct err_note note = {""};
	struct job first, second, put_job;

	(void)keep_text(w, "one.txt", "walnut trees");
	first = kept_ask(w);
	second = kept_ask(w);
	standing = standing_of(w);
	assert_true(uuid_is_equal(&standing.run.uuid, &first.uuid));
	expect_words(w, COMPLETED, INITIATED);
	put.upload = kept_upload(w, "two.txt", "hazel bushes", 12);
	assert_int_equal(engine_job_puts(w->engine, &request, JOB_KIND_TEXT,
			     &put, 1, NULL, false, &put_job, &note), 0);
	engine_upload_free(put.upload);
	standing = standing_of(w);
	assert_true(uuid_is_equal(&standing.run.uuid, &put_job.uuid));
	assert_true(uuid_is_equal(&standing.given.uuid, &put_job.uuid));
	expect_words(w, COMPLETED, STARTED);
	(void)keep_text(w, "three.txt", "maple trees");
	expect_words(w, COMPLETED, STARTED);
	(void)kept_order(w, &put_job, JOB_ORDER_CANCEL);
	standing = standing_of(w);
	assert_true(uuid_is_equal(&standing.run.uuid, &first.uuid));
	/* A run that was cancelled broke off, though something is left. */
	(void)kept_order(w, &first, JOB_ORDER_CANCEL);
	(void)kept_order(w, &second, JOB_ORDER_CANCEL);
	standing = standing_of(w);
	assert_true(standing.has_held);
	assert_true(uuid_is_equal(&standing.run.uuid, &second.uuid));
	expect_words(w, COMPLETED, INITIATED);
	first = kept_ask(w);
	(void)kept_order(w, &first, JOB_ORDER_CANCEL);
	expect_words(w, COMPLETED, ERRORED);
	(void)keep_text(w, "four.txt", "birch trees");
	expect_words(w, COMPLETED, INITIATED);
}

/* A job that came later and ended earlier does not hide how a run ended. */
static void
test_ended_last(void **state)
{
	struct pipeline *w = *state;
	struct job_request request = kept_request(w);
	struct put bad = {.by_content = true}, put = {.by_content = true};
	struct err_note note = {""};
	struct job run, other;

	(void)keep_put(w, &bad, "bad.docx", "PK\3\4 no archive at all", 22);
	run = kept_ask(w);
	(void)kept_order(w, &run, JOB_ORDER_PAUSE);
	kept_begin(w);
	put.upload = kept_upload(w, "one.txt", "walnut trees", 12);
	assert_int_equal(engine_job_puts(w->engine, &request, JOB_KIND_UPLOAD,
			     &put, 1, NULL, false, &other, &note), 0);
	engine_upload_free(put.upload);
	other = world_until(w, &other.uuid, NULL);
	assert_int_equal(other.state, JOB_COMPLETED);
	expect_words(w, COMPLETED, INITIATED);
	(void)kept_order(w, &run, JOB_ORDER_RESUME);
	assert_int_equal(world_until(w, &run.uuid, NULL).state, JOB_FAILED);
	expect_words(w, COMPLETED, ERRORED);
}

/* ---- who looks all the time ---------------------------------------------- */

struct poller {
	struct pipeline *w;
	int64_t base_id;
	struct store *reader;
	atomic_int phase;
	atomic_bool stop;
	atomic_uint reads;
	/* Words that were seen, as bits, of reads begun in each phase. */
	atomic_uint seen[8];
	atomic_int err;
};

static void *
poll_run(void *arg)
{
	struct poller *poller = arg;
	struct base_standing standing;
	enum cognee_word word;
	int phase, err = 0;

	while (err == 0 && !atomic_load(&poller->stop)) {
		phase = atomic_load(&poller->phase);
		err = store_begin(poller->reader, NULL);
		if (err == 0)
			err = base_standing(poller->reader, poller->base_id,
			    &standing);
		store_end(poller->reader);
		if (err == 0 && cognee_dataset_word(&standing,
			COGNEE_COGNIFY_PIPELINE, &word))
			atomic_fetch_or(&poller->seen[phase], 1u << word);
		atomic_fetch_add(&poller->reads, 1);
	}
	atomic_store(&poller->err, err);
	return NULL;
}

/* What is read from now on began after what was done before. */
static void
poll_phase(struct poller *poller, int phase)
{
	unsigned before;

	atomic_store(&poller->phase, phase);
	/* One read may be under way; the one behind it is of this phase. */
	before = atomic_load(&poller->reads);
	while (atomic_load(&poller->err) == 0 &&
	    atomic_load(&poller->reads) < before + 2)
		world_rest(poller->w);
}

static void
expect_seen(struct poller *poller, int phase, unsigned wanted,
    unsigned possible)
{
	unsigned seen = atomic_load(&poller->seen[phase]);

	if ((seen & wanted) != wanted || (seen & ~(wanted | possible)) != 0)
		fail_msg("phase %d: words %x, wanted %x", phase, seen,
		    wanted);
}

#define BIT(word) (1u << COGNEE_##word)

static bool
is_scanned(const struct job *job)
{
	return job->scan == SCAN_DONE;
}

/*
 * No reader ever sees COMPLETED while something is kept, nor the end of a run
 * that left something as anything but INITIATED.  The run is paused before it
 * can begin, so that data come before its end however fast that is.
 */
static void
test_stream(void **state)
{
	struct pipeline *w = *state;
	struct poller poller = {.w = w, .base_id = base_id(w)};
	pthread_t thread;
	struct job job;

	assert_int_equal(engine_reader(w->engine, &poller.reader, NULL), 0);
	(void)keep_text(w, "one.txt", "walnut trees");
	assert_int_equal(pthread_create(&thread, NULL, poll_run, &poller), 0);
	poll_phase(&poller, 1); /* kept, and nothing asked for */
	job = kept_ask(w);
	(void)kept_order(w, &job, JOB_ORDER_PAUSE);
	poll_phase(&poller, 2);
	kept_begin(w);
	(void)world_until(w, &job.uuid, is_scanned);
	poll_phase(&poller, 3);
	(void)keep_text(w, "two.txt", "hazel bushes");
	(void)kept_order(w, &job, JOB_ORDER_RESUME);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(job.state, JOB_COMPLETED);
	poll_phase(&poller, 4); /* the end left something */
	poll_phase(&poller, 5);
	(void)kept_end(w);
	poll_phase(&poller, 6);
	(void)keep_text(w, "three.txt", "maple trees");
	poll_phase(&poller, 7);
	atomic_store(&poller.stop, true);
	(void)pthread_join(thread, NULL);
	store_close(poller.reader);
	assert_int_equal(atomic_load(&poller.err), 0);
	expect_seen(&poller, 1, 0, BIT(INITIATED));
	expect_seen(&poller, 2, BIT(INITIATED), BIT(STARTED));
	expect_seen(&poller, 3, BIT(STARTED), BIT(INITIATED));
	expect_seen(&poller, 4, BIT(INITIATED), 0);
	expect_seen(&poller, 5, BIT(INITIATED), BIT(STARTED) |
		BIT(COMPLETED));
	expect_seen(&poller, 6, BIT(COMPLETED), BIT(INITIATED));
	expect_seen(&poller, 7, BIT(INITIATED), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_words, kept_up, kept_down),
	    cmocka_unit_test_setup_teardown(test_nothing_to_do, kept_up,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_failures, kept_up,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_live, kept_up_still,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_ended_last, kept_up_still,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_stream, kept_up_still,
		kept_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
