/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Full text in parts: how many there are, what merging leaves of them, and
 * what is found meanwhile.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store_world.h"

static int64_t
number_of(const struct world *w, const char *sql)
{
	sqlite3_stmt *stmt;
	char path[96];
	int64_t number;
	sqlite3 *db;

	(void)snprintf(path, sizeof(path), "%s/tidemark.db", w->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	number = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	return number;
}

#define LIVE "SELECT count(*) FROM part WHERE state = 2"
#define ALL "SELECT count(*) FROM part"
/* Pages that belong to no part. */
#define STRAYS "SELECT count(*) FROM part_page WHERE id >> 20 NOT IN" \
	" (SELECT id FROM part)"

static struct segment
segment_of(int64_t id, const char *text)
{
	static const int8_t vector[DIMENSIONS] = {1, -1};

	return (struct segment){.id = id, .section = "", .text = text,
	    .text_len = strlen(text), .vector = vector,
	    .dimensions = DIMENSIONS, .scale = 0.5f};
}

static void
replace(struct world *w, int64_t id, const char *text, bool is_on)
{
	struct segment segment = segment_of(id, text);

	segment.disabled_us = is_on ? 0 : NOW;
	assert_int_equal(store_segment_replace(w->store, &segment, true, NOW),
	    0);
}

static int64_t
first_segment(struct world *w, int64_t document_id)
{
	seen_start(w);
	assert_int_equal(store_segments_each(w->store, document_id, 0, 1,
			     segment_seen, w), 0);
	return w->hit;
}

/* A document each, in a commit of its own. */
static void
put_many(struct world *w, int count, uint32_t segments)
{
	char uri[32];
	int i;

	for (i = 0; i < count; i++) {
		(void)snprintf(uri, sizeof(uri), "file:///%d", i);
		begin(w);
		(void)put_indexed(w, uri, "alpha", segments, (uint8_t)i);
		commit(w);
	}
}

static void
test_commits_make_few_parts(void **state)
{
	struct world *w = *state;

	put_many(w, 200, 2);
	assert_true(number_of(w, LIVE) <= 16);
	assert_int_equal(number_of(w, STRAYS), 0);
	assert_int_equal(number_of(w, ALL), number_of(w, LIVE));
	assert_int_equal(found(w->store, w, w->base_id, "alpha"), 400);
	assert_int_equal(found(w->store, w, w->base_id, "n1"), 200);
	expect_audit(w, 200, 400);
}

static void
test_edits(void **state)
{
	struct world *w = *state;
	int64_t id, i;

	put_many(w, 1, 3);
	id = first_segment(w, 1);
	begin(w);
	for (i = 0; i < 20; i++) /* each loses the one before */
		replace(w, id, i % 2 == 0 ? "gamma" : "delta", true);
	/* The writer sees what it has not committed. */
	assert_int_equal(found(w->store, w, w->base_id, "delta"), 1);
	commit(w);
	assert_int_equal(found(w->store, w, w->base_id, "alpha"), 2);
	assert_int_equal(found(w->store, w, w->base_id, "gamma"), 0);
	assert_int_equal(found(w->store, w, w->base_id, "delta"), 1);
	expect_audit(w, 1, 3);
	assert_true(files_hold(w, "gamma"));
	(void)merge_all(w, MERGE_LOST);
	assert_int_equal(store_checkpoint(w->store, true), 0);
	assert_false(files_hold(w, "gamma"));
	begin(w);
	replace(w, id, "delta", false);
	commit(w);
	assert_int_equal(found(w->store, w, w->base_id, "delta"), 0);
	(void)merge_all(w, MERGE_LOST);
	begin(w);
	replace(w, id, "delta", true);
	commit(w);
	assert_int_equal(found(w->store, w, w->base_id, "delta"), 1);
	expect_audit(w, 1, 3);
}

static void
test_rollback(void **state)
{
	struct world *w = *state;
	struct store *r = reader(w);

	put_many(w, 2, 2);
	assert_int_equal(found(r, w, w->base_id, "alpha"), 4);
	begin(w);
	(void)put_indexed(w, "file:///b", "omega", 2, 77);
	assert_int_equal(found(w->store, w, w->base_id, "omega"), 2);
	store_rollback(w->store);
	assert_int_equal(found(w->store, w, w->base_id, "omega"), 0);
	/* The next part has the id that the last one would have had. */
	begin(w);
	(void)put_indexed(w, "file:///b", "sigma", 3, 77);
	commit(w);
	assert_int_equal(found(r, w, w->base_id, "omega"), 0);
	assert_int_equal(found(r, w, w->base_id, "sigma"), 3);
	store_close(r);
	expect_audit(w, 3, 7);
}

static void
test_headings_count_twice(void **state)
{
	struct world *w = *state;
	struct segment segment;
	int64_t id, plain, headed;

	begin(w);
	id = put_indexed(w, "file:///a", "alpha", 1, 1);
	segment = segment_of(0, "tide tables here");
	segment.document_id = id;
	assert_int_equal(store_segment_insert(w->store, &segment, NOW,
			     &plain), 0);
	segment.section = "Tide";
	segment.text = "other tables here";
	segment.text_len = strlen(segment.text);
	segment.keywords = "[\"moon rise\"]";
	assert_int_equal(store_segment_insert(w->store, &segment, NOW,
			     &headed), 0);
	commit(w);
	(void)found(w->store, w, w->base_id, "tide");
	assert_int_equal(w->hit, plain); /* the last one */
	assert_int_equal(found(w->store, w, w->base_id, "rise"), 1);
	assert_int_equal(w->hit, headed);
}

struct only {
	int64_t id;
	unsigned asked;
};

static int
only_this(void *arg, int64_t segment_id, int64_t revision_id)
{
	struct only *only = arg;

	assert_true(revision_id > 0);
	only->asked++;
	return segment_id == only->id;
}

/* The best of those that may be found, however few that are. */
static void
test_filter(void **state)
{
	struct world *w = *state;
	const struct search_term term = {.text = "common", .weight = 1};
	struct only only = {.asked = 0};
	struct search_request request = {.base_id = w->base_id,
	    .terms = &term, .count = 1, .limit = 1, .accept = only_this,
	    .accept_arg = &only};

	put_many(w, 3, 50);
	only.id = first_segment(w, 3) + 30;
	seen_start(w);
	assert_int_equal(store_search_terms(w->store, &request, hit_seen, w),
	    0);
	assert_int_equal(w->hit, only.id);
	only.id = -1;
	seen_start(w);
	assert_int_equal(store_search_terms(w->store, &request, hit_seen, w),
	    0);
	assert_string_equal(buf_text(&w->seen), "");
}

/* Nobody but the rows says that they are gone. */
static void
test_the_best_are_gone(void **state)
{
	struct world *w = *state;
	const struct search_term term = {.text = "common", .weight = 1};
	const struct search_request request = {.base_id = w->base_id,
	    .terms = &term, .count = 1, .limit = 1};
	int64_t ids[3], best[3];
	char uri[32];
	int i;

	for (i = 0; i < 3; i++) {
		(void)snprintf(uri, sizeof(uri), "file:///%d", i);
		begin(w);
		ids[i] = put_indexed(w, uri, "alpha", 1, (uint8_t)i);
		commit(w);
		best[i] = first_segment(w, ids[i]);
	}
	/* All score alike: the oldest is the first. */
	for (i = 0; i < 3; i++) {
		seen_start(w);
		assert_int_equal(store_search_terms(w->store, &request,
				     hit_seen, w), 0);
		assert_int_equal(w->hit, best[i]);
		begin(w);
		assert_int_equal(store_document_delete(w->store, ids[i]), 0);
		commit(w);
	}
	seen_start(w);
	assert_int_equal(store_search_terms(w->store, &request, hit_seen, w),
	    0);
	assert_string_equal(buf_text(&w->seen), "");
}

/* ---- large ones -------------------------------------------------------- */

#define LARGE 40u /* segments */
#define WORDS 1000u /* of each, none of which is in another */

static int
large_add(struct world *w, struct revision *r, uint32_t ordinal)
{
	struct segment segment = segment_of(0, "");
	struct buf text;
	uint32_t i;
	int err;

	buf_init(&text, MIB);
	(void)buf_printf(&text, "large n%u", ordinal);
	for (i = 0; i < WORDS; i++)
		(void)buf_printf(&text, " %llxs%ux%u",
		    (unsigned long long)r->document_id * 0x9E3779B97F4A7C15,
		    ordinal, i * 7919);
	segment.ordinal = ordinal;
	segment.text = buf_text(&text);
	segment.text_len = text.len;
	err = store_segments_add(w->store, r, &segment, 1);
	buf_fini(&text);
	return err;
}

/* Eight documents, of more than 256 KiB of postings each. */
static void
put_large(struct world *w, int64_t *ids)
{
	struct revision r;
	char uri[32];
	uint32_t j;
	int i;

	for (i = 0; i < 8; i++) {
		(void)snprintf(uri, sizeof(uri), "file:///large%d", i);
		begin(w);
		ids[i] = put_document(w, uri, 0);
		revision_begin(w, ids[i], (uint8_t)i, &r);
		for (j = 0; j < LARGE; j++)
			assert_int_equal(large_add(w, &r, j), 0);
		r.segments = r.stored = LARGE;
		assert_int_equal(store_revision_publish(w->store, &r, NOW),
		    0);
		commit(w);
	}
}

struct meanwhile {
	struct merging merging;
	int64_t document_id;
	bool deletes_base;
};

/* While the new part is made, a document goes. */
static int
put_and_delete(void *arg, uint32_t first, const void *bytes, size_t len)
{
	struct meanwhile *m = arg;
	struct world *w = m->merging.w;

	if (m->deletes_base) {
		begin(w);
		assert_int_equal(store_base_delete(w->store, w->base_id), 0);
		commit(w);
		m->deletes_base = false;
		begin(w);
		assert_int_equal(store_merge_put(w->store,
				     m->merging.part_id, first, bytes, len),
		    ERR_NOT_FOUND);
		store_rollback(w->store);
		return ERR_NOT_FOUND;
	}
	if (m->document_id != 0) {
		begin(w);
		assert_int_equal(store_document_delete(w->store,
				     m->document_id), 0);
		commit(w);
		purge_all(w, 1000);
		m->document_id = 0;
	}
	return piece_put(&m->merging, first, bytes, len);
}

static int
merge_meanwhile(struct meanwhile *m, struct store *r)
{
	struct world *w = m->merging.w;
	struct merge_made made;
	struct merge_plan plan;
	int err;

	assert_int_equal(store_merge_plan(r, w->base_id, MERGE_MANY, &plan),
	    0);
	assert_int_equal(plan.count, 8);
	begin(w);
	assert_int_equal(store_merge_begin(w->store, &plan,
			     &m->merging.part_id), 0);
	commit(w);
	err = store_merge_make(r, &plan, put_and_delete, m, &made);
	if (err < 0)
		return err;
	assert_false(made.is_same);
	begin(w);
	err = store_merge_end(w->store, &plan, m->merging.part_id, &made);
	assert_int_equal(err, 0);
	commit(w);
	return 0;
}

static void
test_merge_large(void **state)
{
	struct world *w = *state;
	struct meanwhile m = {.merging.w = w};
	struct store *r = reader(w);
	struct merge_plan plan;
	int64_t ids[8];

	put_large(w, ids);
	assert_int_equal(number_of(w, LIVE), 8);
	assert_int_equal(store_merge_plan(r, w->base_id, MERGE_CROWD, &plan),
	    0);
	assert_int_equal(plan.count, 0);
	/* Of any base: who was interrupted knows no ids. */
	assert_int_equal(store_merge_plan(r, 0, MERGE_MANY, &plan), 0);
	assert_int_equal(plan.base_id, w->base_id);
	assert_int_equal(plan.count, 8);
	m.document_id = ids[3];
	assert_int_equal(merge_meanwhile(&m, r), 0);
	assert_int_equal(number_of(w, LIVE), 1);
	assert_int_equal(store_merge_plan(r, 0, MERGE_MANY, &plan), 0);
	assert_int_equal(plan.count, 0);
	assert_int_equal(number_of(w, ALL), 9);
	assert_int_equal(found(r, w, w->base_id, "n7"), 7);
	expect_audit(w, 7, 7 * LARGE);
	sweep_all(w);
	assert_int_equal(number_of(w, ALL), 1);
	assert_int_equal(number_of(w, STRAYS), 0);
	/* What went meanwhile is still in it, and known to be. */
	assert_int_equal(merge_all(w, MERGE_LOST), 1);
	assert_int_equal(number_of(w, "SELECT docs FROM part"), 7 * LARGE);
	assert_int_equal(found(r, w, w->base_id, "n7"), 7);
	assert_int_equal(number_of(w, STRAYS), 0);
	store_close(r);
	expect_audit(w, 7, 7 * LARGE);
}

static void
test_merge_is_cut_short(void **state)
{
	struct world *w = *state;
	struct meanwhile m = {.merging.w = w, .deletes_base = true};
	struct store *r = reader(w);
	int64_t ids[8], part_id;
	struct merge_plan plan;

	put_large(w, ids);
	assert_int_equal(store_merge_plan(r, w->base_id, MERGE_MANY, &plan),
	    0);
	begin(w);
	assert_int_equal(store_merge_begin(w->store, &plan, &part_id), 0);
	assert_int_equal(store_merge_put(w->store, part_id, 0, "half", 4), 0);
	commit(w);
	store_close(r);
	reopen(w); /* as after the end of the process */
	assert_int_equal(number_of(w, ALL), 9);
	sweep_all(w);
	assert_int_equal(number_of(w, ALL), 8);
	assert_int_equal(number_of(w, STRAYS), 0);
	expect_audit(w, 8, 8 * LARGE);
	r = reader(w);
	assert_int_equal(merge_meanwhile(&m, r), ERR_NOT_FOUND);
	store_close(r);
	assert_int_equal(number_of(w, ALL), 0);
	assert_int_equal(number_of(w, STRAYS), 0);
}

/* ---- many threads ------------------------------------------------------- */

struct asker {
	struct store *store;
	int64_t base_id;
	atomic_bool *stop;
	unsigned wrong, rounds;
	pthread_t thread;
};

static int
asker_hit(void *arg, int64_t segment_id, double score)
{
	unsigned *hits = arg;

	(void)segment_id;
	*hits += score > 0;
	return 0;
}

/* Documents come and go whole: what is found is a multiple of ten. */
static void *
asker_run(void *arg)
{
	const struct search_term term = {.text = "common", .weight = 1};
	struct asker *asker = arg;
	const struct search_request request = {.base_id = asker->base_id,
	    .terms = &term, .count = 1, .limit = 10000};
	unsigned hits;

	do {
		hits = 0;
		if (store_search_terms(asker->store, &request, asker_hit,
			&hits) < 0 || hits % 10 != 0)
			asker->wrong++;
		asker->rounds++;
	} while (!atomic_load(asker->stop));
	return NULL;
}

static void
test_threads(void **state)
{
	struct world *w = *state;
	struct asker askers[3];
	atomic_bool stop = false;
	int64_t gone[3] = {0, 0, 0};
	char uri[32];
	int i;

	for (i = 0; i < 3; i++) {
		askers[i] = (struct asker){.store = reader(w),
		    .base_id = w->base_id, .stop = &stop};
		assert_int_equal(pthread_create(&askers[i].thread, NULL,
				     asker_run, &askers[i]), 0);
	}
	for (i = 0; i < 90; i++) {
		(void)snprintf(uri, sizeof(uri), "file:///%d", i);
		begin(w);
		gone[i % 3] = put_indexed(w, uri, "word", 10, (uint8_t)i);
		commit(w);
		if (i % 3 == 2) {
			begin(w);
			assert_int_equal(store_document_delete(w->store,
					     gone[i % 2]), 0);
			commit(w);
			purge_all(w, 100);
		}
		if (i % 9 == 8)
			(void)merge_all(w, MERGE_LOST);
	}
	atomic_store(&stop, true);
	for (i = 0; i < 3; i++) {
		assert_int_equal(pthread_join(askers[i].thread, NULL), 0);
		assert_int_equal(askers[i].wrong, 0);
		assert_true(askers[i].rounds > 0);
		store_close(askers[i].store);
	}
	expect_audit(w, 60, 600);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_up, world_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_commits_make_few_parts),
	    WORLD_TEST(test_edits),
	    WORLD_TEST(test_rollback),
	    WORLD_TEST(test_headings_count_twice),
	    WORLD_TEST(test_filter),
	    WORLD_TEST(test_the_best_are_gone),
	    WORLD_TEST(test_merge_large),
	    WORLD_TEST(test_merge_is_cut_short),
	    WORLD_TEST(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
