/* SPDX-License-Identifier: Apache-2.0 */
/* Places in long lists of items, and an account at a glance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/store_overview.h"
#include "store_world.h"

#define ITEMS 60u
#define LOOKED 1000u

static struct job
add_work(struct world *w, uint8_t n, uint64_t failed)
{
	struct job job;

	memset(&job, 0, sizeof(job));
	job.uuid = uuid_make(n);
	job.account_id = w->account_id;
	job.base_id = w->base_id;
	job.base_uuid = uuid_make(1);
	job.kind = JOB_KIND_TEXT;
	job.state = JOB_PENDING;
	job.attempt = 1;
	job.created_us = NOW;
	job.counts.total = job.counts.failed = failed;
	assert_int_equal(store_job_add(w->store, &job, "{}", &job.id), 0);
	assert_int_equal(store_job_save(w->store, &job), 0);
	return job;
}

static int64_t
add_row(struct world *w, const struct job *job, uint32_t seq,
    enum item_state state, int64_t document_id)
{
	struct item_row row;
	char name[32];

	memset(&row, 0, sizeof(row));
	(void)snprintf(name, sizeof(name), "i%u", seq);
	row.item.job_id = job->id;
	row.item.seq = seq;
	row.item.document_id = document_id;
	row.item.state = state;
	row.item.attempt = 1;
	row.item.rev = seq;
	if (state == ITEM_FAILED)
		row.item.code = ITEM_CODE_EXTRACTION_FAILED;
	row.name = row.uri = name;
	row.metadata = "{}";
	assert_int_equal(store_item_add(w->store, &row, &row.item.id), 0);
	return row.item.id;
}

/* ---- pages --------------------------------------------------------------- */

static enum item_state
state_of(uint32_t seq)
{
	return (enum item_state)(1 + seq * 7 % (ITEM_STATE_COUNT - 1));
}

/* What a filter has to find, by looking at all. */
static void
expect(struct world *w, const struct item_filter *filter, struct buf *out)
{
	uint32_t left_out = filter->offset, taken = 0, seq;

	(void)w;
	for (seq = filter->after_seq + 1; seq <= ITEMS; seq++) {
		if (filter->states != 0 &&
		    (filter->states >> state_of(seq) & 1) == 0)
			continue;
		if (left_out > 0) {
			left_out--;
			continue;
		}
		if (taken++ == filter->limit)
			break;
		assert_int_equal(buf_printf(out, "%u:i%u:%s ", seq, seq,
		    item_state_name(state_of(seq))), 0);
	}
}

static void
test_pages(void **state)
{
	static const uint32_t offsets[] = {0, 1, 3, 17, ITEMS - 1, ITEMS,
	    1000};
	struct world *w = *state;
	struct item_filter filter = {.limit = 4};
	struct buf wanted;
	struct job job, other;
	uint32_t seq, i;

	begin(w);
	job = add_work(w, 2, 0);
	other = add_work(w, 3, 0);
	for (seq = 1; seq <= ITEMS; seq++) {
		(void)add_row(w, &job, seq, state_of(seq), 0);
		(void)add_row(w, &other, seq, ITEM_QUEUED, 0);
	}
	commit(w);
	buf_init(&wanted, MIB);
	filter.job_id = job.id;
	/* Every set of states. */
	for (filter.states = 0; filter.states < 1u << ITEM_STATE_COUNT;
	     filter.states += 2)
		for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
			filter.offset = offsets[i];
			filter.after_seq = i % 2 * 5;
			buf_clear(&wanted);
			expect(w, &filter, &wanted);
			seen_start(w);
			assert_int_equal(store_items_each(w->store, &filter,
			    item_seen, w), 0);
			assert_string_equal(buf_text(&w->seen),
			    buf_text(&wanted));
		}
	/* A name is looked for row by row. */
	filter = (struct item_filter){.job_id = job.id, .name = "I1",
	    .offset = 2, .limit = 3};
	seen_start(w);
	assert_int_equal(store_items_each(w->store, &filter, item_seen, w),
	    0);
	buf_clear(&wanted);
	for (seq = 11; seq <= 13; seq++)
		assert_int_equal(buf_printf(&wanted, "%u:i%u:%s ", seq, seq,
		    item_state_name(state_of(seq))), 0);
	assert_string_equal(buf_text(&w->seen), buf_text(&wanted));
	buf_fini(&wanted);
}

/* ---- failures ------------------------------------------------------------ */

static void
assert_failures(struct world *w, uint64_t looked, size_t limit,
    const char *names, uint64_t count, bool is_more)
{
	uint64_t got = 99;
	bool got_more = !is_more;

	seen_start(w);
	assert_int_equal(store_failures_each(w->store, w->account_id, looked,
	    limit, item_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), names);
	assert_int_equal(store_failures_count(w->store, w->account_id, looked,
	    &got, &got_more), 0);
	assert_int_equal(got, count);
	assert_int_equal(got_more, is_more);
}

static void
test_failures(void **state)
{
	struct world *w = *state;
	int64_t a, b, account_id = w->account_id;
	struct job first, second;

	begin(w);
	a = put_document(w, "a", 1);
	b = put_document(w, "b", 1);
	first = add_work(w, 2, 3);
	(void)add_row(w, &first, 1, ITEM_FAILED, a);
	(void)add_row(w, &first, 2, ITEM_COMPLETED, b);
	(void)add_row(w, &first, 3, ITEM_FAILED, 0); /* could not be read */
	commit(w);
	assert_failures(w, LOOKED, 9, "3:i3:failed 1:i1:failed ", 2, false);
	assert_failures(w, LOOKED, 1, "3:i3:failed ", 2, false);
	assert_failures(w, 1, 9, "3:i3:failed ", 1, true);
	/* The document of one is indexed since, the other's fails now. */
	begin(w);
	second = add_work(w, 3, 1);
	(void)add_row(w, &second, 1, ITEM_COMPLETED, a);
	(void)add_row(w, &second, 2, ITEM_FAILED, b);
	commit(w);
	assert_failures(w, LOOKED, 9, "2:i2:failed ", 1, false);
	w->account_id++;
	assert_failures(w, LOOKED, 9, "", 0, false);
	w->account_id = account_id;
}

static void
test_sums(void **state)
{
	struct world *w = *state;
	struct account_sums sums;
	uint64_t bytes = 0;
	struct job job;

	begin(w);
	(void)add_base(w, 9, "more");
	job = add_work(w, 2, 0);
	(void)add_work(w, 3, 0);
	job.state = JOB_COMPLETED;
	assert_int_equal(store_job_save(w->store, &job), 0);
	commit(w);
	assert_int_equal(store_account_sums(w->store, w->account_id, &sums),
	    0);
	assert_int_equal(sums.bases, 2);
	assert_int_equal(sums.documents, 0);
	assert_int_equal(sums.segments, 0);
	assert_int_equal(sums.jobs_live, 1);
	assert_int_equal(store_account_sums(w->store, w->account_id + 1,
	    &sums), 0);
	assert_int_equal(sums.bases + sums.jobs_live, 0);
	assert_int_equal(store_bytes(w->store, &bytes), 0);
	assert_true(bytes >= 4096 && bytes % 4096 == 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_up, world_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_pages),
	    TEST(test_failures),
	    TEST(test_sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
