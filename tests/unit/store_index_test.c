/* SPDX-License-Identifier: Apache-2.0 */
/* Documents, revisions, search, and that what is deleted is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store_world.h"

/* ---- documents and revisions ------------------------------------------ */

static void
test_documents(void **state)
{
	struct world *w = *state;
	struct document_filter filter = {.limit = 100};
	uint8_t hash[HASH_SIZE];
	int64_t a, b, id = 0;

	begin(w);
	a = put_document(w, "file:///in/a", 1);
	b = put_document(w, "file:///in/b", 1);
	(void)put_document(w, "file:///out/c", 1);
	assert_int_equal(put_document(w, "file:///in/a", 2), a);
	commit(w);
	filter.base_id = w->base_id;
	seen_start(w);
	assert_int_equal(store_documents_each(w->store, &filter,
			     document_seen, w), 0);
	assert_string_equal(buf_text(&w->seen),
	    "file:///in/a:0 file:///in/b:0 file:///out/c:0 ");
	seen_start(w);
	assert_int_equal(store_documents_unseen(w->store, w->base_id,
			     "file:///in/", 2, 0, 100, document_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "file:///in/b:0 ");
	begin(w);
	assert_int_equal(store_document_touch(w->store, b, 5, 6, 2), 0);
	(void)put_indexed(w, "file:///in/a", "word", 3, 4);
	commit(w);
	seen_start(w);
	assert_int_equal(store_documents_unseen(w->store, w->base_id,
			     "file:///in/", 2, a, 100, document_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "");
	memset(hash, 4, sizeof(hash));
	assert_int_equal(store_document_by_hash(w->store, w->base_id, hash, b,
			     &id), 0);
	assert_int_equal(id, a);
	assert_int_equal(store_document_by_hash(w->store, w->base_id, hash, a,
			     &id), ERR_NOT_FOUND);
	seen_start(w);
	assert_int_equal(store_document_find(w->store, w->base_id,
			     "file:///in/a", document_seen, w), 0);
	assert_int_equal(store_document_get(w->store, a, document_seen, w),
	    0);
	assert_string_equal(buf_text(&w->seen),
	    "file:///in/a:3 file:///in/a:3 ");
	assert_int_equal(store_document_get(w->store, 999, document_seen, w),
	    ERR_NOT_FOUND);
	assert_int_equal(store_document_find(w->store, w->base_id + 1,
			     "file:///in/a", document_seen, w),
	    ERR_NOT_FOUND);
	begin(w);
	assert_int_equal(store_document_delete(w->store, 999), ERR_NOT_FOUND);
	store_rollback(w->store);
}

/* Batches are durable but found by nobody until the revision is published;
 * after a restart it goes on where it stopped. */
static void
test_batches(void **state)
{
	struct world *w = *state;
	struct revision r, found_r;
	int64_t id, gen, gen2, rev;

	begin(w);
	id = put_document(w, "file:///big", 0);
	revision_begin(w, id, 5, &r);
	assert_int_equal(segments_put(w, &r, "batched", 0, 3), 0);
	commit(w);
	assert_int_equal(store_stamp(w->store, &rev, &gen), 0);
	assert_int_equal(found(w->store, w, w->base_id, "batched"), 0);
	seen_start(w);
	assert_int_equal(store_vectors_each(w->store, w->base_id, vector_seen,
			     w), 0);
	assert_int_equal(store_segments_each(w->store, id, 0, 10,
			     segment_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "");
	expect_audit(w, 0, 0);
	reopen(w);

	memset(&found_r, 0, sizeof(found_r));
	assert_int_equal(store_revision_building(w->store, id, r.hash,
			     r.rule, 0, &found_r), 0);
	assert_int_equal(found_r.id, r.id);
	assert_int_equal(found_r.stored, 3);
	assert_int_equal(store_revision_building(w->store, id, r.hash,
			     r.rule - 1, 0, &found_r), ERR_NOT_FOUND);

	/* Neither a batch again nor one too far. */
	begin(w);
	assert_int_equal(segments_put(w, &r, "batched", 2, 1), ERR_CONFLICT);
	store_rollback(w->store);
	begin(w);
	assert_int_equal(segments_put(w, &r, "batched", 4, 1), ERR_CONFLICT);
	store_rollback(w->store);
	begin(w);
	assert_int_equal(segments_put(w, &r, "batched", 3, 2), 0);
	commit(w);
	assert_int_equal(found(w->store, w, w->base_id, "batched"), 0);
	begin(w);
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
	commit(w);
	assert_int_equal(store_stamp(w->store, &rev, &gen2), 0);
	assert_true(gen2 > gen);
	assert_int_equal(found(w->store, w, w->base_id, "batched"), 5);
	assert_int_equal(store_segment_get(w->store, w->hit, segment_seen, w),
	    0);
	seen_start(w);
	assert_int_equal(store_vectors_each(w->store, w->base_id, vector_seen,
			     w), 0);
	assert_string_equal(buf_text(&w->seen), "0 1 2 3 4 ");
	seen_start(w);
	assert_int_equal(store_segments_each(w->store, id, 3, 10,
			     segment_seen, w), 0);
	assert_string_equal(buf_text(&w->seen),
	    "3:batched common n3 4:batched common n4 ");
	expect_audit(w, 1, 5);
	expect_base(w, "docs:1/5 ");

	/* Published once; nothing can be added to it any more. */
	begin(w);
	assert_int_equal(store_revision_publish(w->store, &r, NOW),
	    ERR_CONFLICT);
	assert_int_equal(segments_put(w, &r, "batched", 5, 1), ERR_CONFLICT);
	store_rollback(w->store);
}

static void
test_index_again(void **state)
{
	struct world *w = *state;
	struct revision r;
	int64_t id, old_hit;

	begin(w);
	id = put_indexed(w, "file:///a", "oldword", 3, 1);
	commit(w);
	assert_int_equal(found(w->store, w, w->base_id, "oldword"), 3);
	old_hit = w->hit;
	begin(w);
	revision_begin(w, id, 2, &r);
	assert_int_equal(segments_put(w, &r, "newword", 0, 2), 0);
	commit(w);
	/* The old one answers while the new one is made. */
	assert_int_equal(found(w->store, w, w->base_id, "oldword"), 3);
	assert_int_equal(found(w->store, w, w->base_id, "newword"), 0);
	assert_int_equal(found(w->store, w, w->base_id, "common"), 3);
	begin(w);
	assert_int_equal(store_revision_publish(w->store, &r, NOW + 1), 0);
	commit(w);
	assert_int_equal(found(w->store, w, w->base_id, "oldword"), 0);
	assert_int_equal(found(w->store, w, w->base_id, "newword"), 2);
	assert_int_equal(found(w->store, w, w->base_id, "common"), 2);
	assert_int_equal(store_segment_get(w->store, old_hit, segment_seen,
			     w), ERR_NOT_FOUND);
	expect_base(w, "docs:1/2 ");
	expect_audit(w, 1, 2);
	purge_all(w, 2);
	assert_int_equal(found(w->store, w, w->base_id, "newword"), 2);
	expect_audit(w, 1, 2);

	/* One begun and given up is never found, and is purged too. */
	begin(w);
	revision_begin(w, id, 3, &r);
	assert_int_equal(segments_put(w, &r, "givenup", 0, 2), 0);
	assert_int_equal(store_revision_abandon(w->store, id), 0);
	commit(w);
	assert_int_equal(store_revision_building(w->store, id, r.hash,
			     r.rule, 0, &r), ERR_NOT_FOUND);
	purge_all(w, 100);
	assert_int_equal(found(w->store, w, w->base_id, "givenup"), 0);
	assert_int_equal(found(w->store, w, w->base_id, "newword"), 2);
}

static void
test_search(void **state)
{
	struct world *w = *state;
	static const char *const terms[] = {"alpha", "beta"};
	static const char *const odd[] = {"OR", "NOT", "a\"b", "*", "-x",
	    "NEAR(", "section:", "\xC3\xA4"};
	const char *no_terms = NULL;
	int64_t other;

	begin(w);
	(void)put_indexed(w, "file:///a", "alpha", 2, 1);
	(void)put_indexed(w, "file:///b", "beta alpha", 1, 2);
	other = add_base(w, 77, "other");
	commit(w);
	seen_start(w);
	assert_int_equal(search(w->store, w, w->base_id, terms, 2, 1), 0);
	assert_string_equal(buf_text(&w->seen), "3 "); /* it has both */
	assert_int_equal(found(w->store, w, w->base_id, "alpha"), 3);
	assert_int_equal(found(w->store, w, other, "alpha"), 0);
	/* Each is a term, none an operator; the section counts, too. */
	assert_int_equal(search(w->store, w, w->base_id, odd, 8, 10), 0);
	assert_int_equal(found(w->store, w, w->base_id, "part"), 3);
	assert_int_equal(search(w->store, w, w->base_id, &no_terms, 0, 10),
	    0);
	assert_int_equal(search(w->store, w, w->base_id, terms, 2, 0), 0);
}

/* What is kept about a base's documents is good until this number changes,
 * whatever other bases do. */
static void
test_base_generation(void **state)
{
	struct world *w = *state;
	int64_t first, second, third, other;
	int64_t id, unread;

	assert_int_equal(store_base_generation(w->store, 999, &first),
	    ERR_NOT_FOUND);
	begin(w);
	id = put_indexed(w, "file:///a", "alpha", 2, 1);
	commit(w);
	assert_int_equal(store_base_generation(w->store, w->base_id, &first),
	    0);
	assert_int_equal(store_stamp(w->store, &other, &second), 0);
	assert_int_equal(first, second);

	begin(w);
	unread = put_document(w, "file:///unread", 0);
	commit(w);
	assert_int_equal(store_base_generation(w->store, w->base_id,
			     &second), 0);
	assert_int_equal(second, first);
	begin(w);
	assert_int_equal(store_document_delete(w->store, unread), 0);
	commit(w);
	assert_int_equal(store_base_generation(w->store, w->base_id,
			     &second), 0);
	assert_true(second > first);
	begin(w);
	assert_int_equal(store_document_delete(w->store, id), 0);
	commit(w);
	assert_int_equal(store_base_generation(w->store, w->base_id, &third),
	    0);
	assert_true(third > second);
}

/* ---- what is deleted is gone ------------------------------------------ */

static void
test_delete_leaves_nothing(void **state)
{
	struct world *w = *state;
	int64_t gone;

	begin(w);
	(void)put_indexed(w, "file:///kept", "keptword", 20, 1);
	gone = put_indexed(w, "file:///secret-name", "zyxomatic", 40, 2);
	commit(w);
	assert_true(files_hold(w, "zyxomatic"));
	begin(w);
	assert_int_equal(store_document_delete(w->store, gone), 0);
	commit(w);
	{
		bool has_dead = false;

		assert_int_equal(store_revision_has_dead(w->store, &has_dead),
		    0);
		assert_true(has_dead);
	}
	/* At once for whoever asks, ... */
	assert_int_equal(found(w->store, w, w->base_id, "zyxomatic"), 0);
	expect_base(w, "docs:1/20 ");
	expect_audit(w, 1, 20);
	/* ... and after the clearing away for whoever reads the disk. */
	purge_all(w, 7);
	assert_int_equal(merge_all(w, MERGE_LOST), 1);
	assert_int_equal(store_checkpoint(w->store, true), 0);
	assert_false(files_hold(w, "zyxomatic"));
	assert_false(files_hold(w, "secret-name"));
	assert_true(files_hold(w, "keptword"));
	assert_int_equal(found(w->store, w, w->base_id, "keptword"), 20);
	assert_int_equal(found(w->store, w, w->base_id, "zyxomatic"), 0);
	expect_audit(w, 1, 20);
}

/* Small documents go many at a time: each purge is a commit. */
static void
test_delete_many(void **state)
{
	struct world *w = *state;
	int64_t ids[20], base_id = 0;
	bool is_left = true;
	char uri[32];
	int i;

	begin(w);
	for (i = 0; i < 20; i++) {
		(void)snprintf(uri, sizeof(uri), "file:///%d", i);
		ids[i] = put_indexed(w, uri, "word", 2, (uint8_t)i);
	}
	for (i = 0; i < 20; i++)
		assert_int_equal(store_document_delete(w->store, ids[i]), 0);
	assert_int_equal(store_revision_purge(w->store, 10, &base_id,
			     &is_left), 0);
	assert_true(is_left);
	assert_int_equal(store_revision_purge(w->store, 100, &base_id,
			     &is_left), 0);
	assert_false(is_left);
	assert_int_equal(base_id, w->base_id);
	commit(w);
	expect_base(w, "docs:0/0 ");
	expect_audit(w, 0, 0);
}

static void
test_delete_base(void **state)
{
	struct world *w = *state;
	struct store *r = reader(w);
	struct item item;
	struct job job, got;
	int64_t other, base_id = w->base_id;
	struct uuid uuid = uuid_make(1);

	begin(w);
	(void)put_indexed(w, "file:///gone-uri", "goneword", 30, 1);
	job = add_job(w, 50);
	item = add_item(w, job.id, 1, "gone-item", NULL);
	other = add_base(w, 78, "other");
	w->base_id = other;
	(void)put_indexed(w, "file:///kept", "keptword", 5, 2);
	commit(w);
	assert_int_equal(found(r, w, base_id, "goneword"), 30);
	begin(w);
	assert_int_equal(store_base_delete(w->store, base_id), 0);
	commit(w);
	expect_base(w, "other:1/5 ");
	assert_int_equal(store_base_find(w->store, 0, &uuid, NULL, base_seen,
			     w), ERR_NOT_FOUND);
	assert_int_equal(store_job_find(w->store, 0, &job.uuid, &got),
	    ERR_NOT_FOUND);
	assert_int_equal(store_item_get(w->store, item.id, item_copy, &item),
	    ERR_NOT_FOUND);
	seen_start(w);
	assert_int_equal(store_vectors_each(w->store, base_id, vector_seen,
			     w), 0);
	assert_string_equal(buf_text(&w->seen), "");
	assert_int_equal(found(r, w, base_id, "goneword"), 0);
	store_close(r);
	assert_int_equal(store_checkpoint(w->store, true), 0);
	assert_false(files_hold(w, "goneword"));
	assert_false(files_hold(w, "gone-uri"));
	assert_false(files_hold(w, "gone-item"));
	assert_true(files_hold(w, "keptword"));
	assert_int_equal(found(w->store, w, other, "keptword"), 5);
	/* Its name is free, its row is not used again. */
	begin(w);
	assert_true(add_base(w, 79, "docs") > other);
	commit(w);
}

/* A name has its number for good, and as many dimensions as were learnt. */
static void
test_embedders(void **state)
{
	struct world *w = *state;
	int64_t id = 0, other = 0, again = 0;
	size_t dimensions = 7;

	begin(w);
	assert_int_equal(store_embedder(w->store, "lexical", &id,
			     &dimensions), 0);
	assert_int_equal(id, 1);
	assert_int_equal(dimensions, 256);
	assert_int_equal(store_embedder(w->store, "openai x", &other,
			     &dimensions), 0);
	assert_int_equal(other, 2);
	assert_int_equal(dimensions, 0);
	assert_int_equal(store_embedder_learn(w->store, other, 384), 0);
	commit(w);
	begin(w);
	assert_int_equal(store_embedder(w->store, "openai x", &again,
			     &dimensions), 0);
	assert_int_equal(again, other);
	assert_int_equal(dimensions, 384);
	/* What no store of ours says. */
	assert_int_equal(store_embedder_learn(w->store, other,
			     DIMENSIONS_MAX + 1), 0);
	assert_int_equal(store_embedder(w->store, "openai x", &again,
			     &dimensions), ERR_CORRUPT);
	assert_int_equal(dimensions, 384);
	commit(w);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_up, world_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_documents),
	    WORLD_TEST(test_batches),
	    WORLD_TEST(test_embedders),
	    WORLD_TEST(test_index_again),
	    WORLD_TEST(test_search),
	    WORLD_TEST(test_base_generation),
	    WORLD_TEST(test_delete_leaves_nothing),
	    WORLD_TEST(test_delete_many),
	    WORLD_TEST(test_delete_base),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
