/* SPDX-License-Identifier: Apache-2.0 */
/* Planning items. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine_world.h"

struct asked {
	int64_t job_id;
	const char *uri;
	enum item_code code;
	uint64_t total; /* of the job, then */
};

static int
asked_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct asked *asked = arg;
	struct job *job = tx_job(tx, asked->job_id);
	struct item_row row;
	int err;

	(void)note;
	assert_non_null(job);
	memset(&row, 0, sizeof(row));
	row.uri = asked->uri;
	row.name = "name";
	row.metadata = "{}";
	row.item.bytes = 10;
	row.item.mtime_us = 1000;
	row.item.code = asked->code;
	err = plan_item(tx, job, &row, 1, true);
	asked->total = job->counts.total;
	return err;
}

static uint64_t
plan(struct world *w, int64_t job_id, const char *uri, enum item_code code)
{
	struct asked asked = {job_id, uri, code, 0};

	assert_int_equal(writer_do(w->engine->writer, asked_apply, &asked,
			     NULL), 0);
	return asked.total;
}

/* A walk that was broken off comes by again: what the job has an item for is
 * left out, also when another job has seen the document meanwhile. */
static void
test_walked_again(void **state)
{
	struct world *w = *state;
	int64_t one = make_job(w), other = make_job(w);

	assert_int_equal(plan(w, one, "file:///a", ITEM_CODE_NONE), 1);
	assert_int_equal(plan(w, one, "file:///a", ITEM_CODE_NONE), 1);
	assert_int_equal(plan(w, other, "file:///a", ITEM_CODE_NONE), 1);
	assert_int_equal(plan(w, one, "file:///a", ITEM_CODE_NONE), 1);
	assert_int_equal(plan(w, one, "file:///b", ITEM_CODE_NONE), 2);
}

/* The same for what could not be read, then or now. */
static void
test_walked_again_unread(void **state)
{
	struct world *w = *state;
	int64_t job = make_job(w);

	assert_int_equal(plan(w, job, "file:///a",
			     ITEM_CODE_SOURCE_ACCESS_DENIED), 1);
	assert_int_equal(plan(w, job, "file:///a",
			     ITEM_CODE_SOURCE_ACCESS_DENIED), 1);
	assert_int_equal(plan(w, job, "file:///a", ITEM_CODE_NONE), 1);
	assert_int_equal(plan(w, job, "file:///b", ITEM_CODE_NONE), 2);
	assert_int_equal(plan(w, job, "file:///b",
			     ITEM_CODE_SOURCE_ACCESS_DENIED), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_walked_again, world_up,
		world_down),
	    cmocka_unit_test_setup_teardown(test_walked_again_unread,
		world_up, world_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
