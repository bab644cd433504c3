/* SPDX-License-Identifier: Apache-2.0 */
/* What jobs replaced: kept, found by nobody, brought back, given up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store_world.h"
#include "store/store_undo.h"

#define HOUR_US 3600000000LL

/* ---- what jobs do -------------------------------------------------------- */

static int64_t
keeping_job(struct world *w, uint8_t n)
{
	struct job job;

	memset(&job, 0, sizeof(job));
	job.uuid = uuid_make(n);
	job.account_id = w->account_id;
	job.base_id = w->base_id;
	(void)snprintf(job.batch, sizeof(job.batch), "%020u", n);
	job.kind = JOB_KIND_TEXT;
	job.dialect = DIALECT_NATIVE;
	job.state = JOB_PENDING;
	job.attempt = 1;
	job.keeps_replaced = true;
	assert_int_equal(store_job_add(w->store, &job, "{}", &job.id), 0);
	job.state = JOB_COMPLETED;
	job.finished_us = NOW + n * HOUR_US;
	assert_int_equal(store_job_save(w->store, &job), 0);
	return job.id;
}

/* A revision of the document whose segments hold word. */
static struct revision
publish(struct world *w, int64_t job_id, int64_t document_id, const char *word,
    uint32_t segments, uint8_t n)
{
	struct revision r;

	revision_begin(w, document_id, n, &r);
	assert_int_equal(segments_put(w, &r, word, 0, segments), 0);
	r.keeper = job_id;
	assert_int_equal(store_revision_publish(w->store, &r, NOW + n), 0);
	return r;
}

static int64_t
make(struct world *w, int64_t job_id, const char *uri)
{
	int64_t id = put_document(w, uri, job_id);

	assert_int_equal(store_replaced_note(w->store, job_id, id, id, true),
	    0);
	return id;
}

static void
change(struct world *w, int64_t job_id, int64_t id, const char *name,
    const char *metadata)
{
	struct document_change what = {.name = name, .metadata = metadata};

	assert_int_equal(store_replaced_note(w->store, job_id, id, id, false),
	    0);
	if (name != NULL || metadata != NULL)
		assert_int_equal(store_document_change(w->store, id, &what,
				     NOW), 0);
	assert_int_equal(store_replaced_settle(w->store, job_id, id), 0);
}

/* Undo what is next as the engine does, and say what it was: "made 3". */
static int
undo_next(struct world *w, int64_t job_id)
{
	static const char *const kinds[] = {"", "made", "changed", "deleted"};
	struct replaced r;
	int err;

	err = store_replaced_next(w->store, job_id, &r);
	if (err < 0)
		return err;
	(void)buf_printf(&w->seen, "%s%s %d ", kinds[r.kind],
	    r.is_changed ? "!" : r.is_idle ? "?" : "", (int)r.document_id);
	if (r.is_changed)
		return store_replaced_leave_one(w->store, job_id, &r);
	if (r.kind != REPLACED_MADE || r.revision_id != 0)
		return store_replaced_restore(w->store, job_id, &r, NOW);
	err = store_replaced_made(w->store, job_id, &r);
	return err < 0 ? err : store_document_delete(w->store, r.document_id);
}

static void
expect_undo(struct world *w, int64_t job_id, const char *wanted)
{
	bool is_left = true;
	int err;

	begin(w);
	seen_start(w);
	do {
		err = undo_next(w, job_id);
	} while (err == 0);
	assert_int_equal(err, ERR_NOT_FOUND);
	assert_string_equal(buf_text(&w->seen), wanted);
	assert_int_equal(store_undo_is_left(w->store, job_id, &is_left), 0);
	assert_false(is_left);
	commit(w);
}

static int
document_whole(void *arg, const struct document *d)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%s %s %s %u %llu %lld %02x%02x %s %lld",
	    d->uri, d->name, d->metadata, d->segments,
	    (unsigned long long)d->bytes, (long long)d->mtime_us, d->hash[0],
	    d->hash[31], d->etag, (long long)d->indexed_us);
}

static void
expect_document(struct world *w, int64_t id, const char *wanted)
{
	seen_start(w);
	assert_int_equal(store_document_get(w->store, id, document_whole, w),
	    0);
	assert_string_equal(buf_text(&w->seen), wanted);
}

/* What all say of the base: counters, postings, vectors. */
static void
expect_index(struct world *w, uint64_t documents, uint64_t segments)
{
	struct index_totals totals;
	char text[64];

	expect_audit(w, documents, segments);
	assert_int_equal(store_audit_base(w->store, w->base_id, &totals), 0);
	assert_int_equal(totals.kept, totals.promised_kept);
	(void)snprintf(text, sizeof(text), "docs:%u/%u ", (unsigned)documents,
	    (unsigned)segments);
	expect_base(w, text);
}

static unsigned
vectors(struct world *w)
{
	const char *at;
	unsigned n = 0;

	seen_start(w);
	assert_int_equal(store_vectors_each(w->store, w->base_id, vector_seen,
			     w), 0);
	for (at = buf_text(&w->seen); *at != '\0'; at++)
		n += *at == ' ';
	return n;
}

/* ---- tests --------------------------------------------------------------- */

static void
test_made(void **state)
{
	struct world *w = *state;
	int64_t a, b, job;

	begin(w);
	job = keeping_job(w, 10);
	a = make(w, job, "a");
	b = make(w, job, "b");
	(void)publish(w, job, a, "alpha", 2, 1);
	commit(w);
	expect_index(w, 1, 2);
	expect_undo(w, job, "made 1 made 2 ");
	assert_int_equal(store_document_get(w->store, a, document_seen, w),
	    ERR_NOT_FOUND);
	assert_int_equal(store_document_get(w->store, b, document_seen, w),
	    ERR_NOT_FOUND);
	assert_int_equal(found(w->store, w, w->base_id, "alpha"), 0);
	expect_index(w, 0, 0);
	purge_all(w, 10);
	expect_undo(w, job, "");
}

/* The old revision is hidden, whole, and comes back with all it was. */
static void
test_replaced(void **state)
{
	struct world *w = *state;
	int64_t a, job, rev, before, after;

	begin(w);
	a = put_indexed(w, "a", "oldword", 3, 1);
	commit(w);
	expect_document(w, a, "a a {} 3 10 1699999999999995 0101  "
	    "1700000000000000");
	begin(w);
	job = keeping_job(w, 10);
	change(w, job, a, "renamed", "{\"k\":1}");
	(void)publish(w, job, a, "newword", 2, 2);
	commit(w);
	purge_all(w, 10);
	expect_document(w, a, "a renamed {\"k\":1} 2 10 1699999999999995 0202 "
	    " 1700000000000002");
	assert_int_equal(found(w->store, w, w->base_id, "oldword"), 0);
	assert_int_equal(found(w->store, w, w->base_id, "newword"), 2);
	assert_int_equal(vectors(w), 2);
	expect_index(w, 1, 2);
	assert_int_equal(store_stamp(w->store, &rev, &before), 0);
	expect_undo(w, job, "changed 1 ");
	assert_int_equal(store_stamp(w->store, &rev, &after), 0);
	assert_true(after > before);
	expect_document(w, a, "a a {} 3 10 1699999999999995 0101  "
	    "1700000000000000");
	assert_int_equal(found(w->store, w, w->base_id, "oldword"), 3);
	assert_int_equal(found(w->store, w, w->base_id, "newword"), 0);
	assert_int_equal(vectors(w), 3);
	expect_index(w, 1, 3);
	purge_all(w, 10);
	expect_index(w, 1, 3);
}

/* Switched off before or after: what comes back is as the document is. */
static void
test_switched(void **state)
{
	struct world *w = *state;
	struct document_change off = {.disabled_us = NOW, .disabled_by = "me"};
	struct document_change on = {.name = NULL};
	int64_t a, job;

	begin(w);
	a = put_indexed(w, "a", "oldword", 3, 1);
	job = keeping_job(w, 10);
	change(w, job, a, NULL, NULL);
	(void)publish(w, job, a, "newword", 2, 2);
	assert_int_equal(store_document_change(w->store, a, &off, NOW), 0);
	commit(w);
	expect_undo(w, job, "changed 1 ");
	assert_int_equal(found(w->store, w, w->base_id, "oldword"), 0);
	expect_index(w, 1, 3);
	begin(w);
	assert_int_equal(store_document_change(w->store, a, &on, NOW), 0);
	commit(w);
	assert_int_equal(found(w->store, w, w->base_id, "oldword"), 3);
}

static void
test_chain(void **state)
{
	struct world *w = *state;
	int64_t a, first, second;

	begin(w);
	a = put_indexed(w, "a", "zero", 1, 1);
	first = keeping_job(w, 10);
	change(w, first, a, "one", NULL);
	(void)publish(w, first, a, "one", 2, 2);
	second = keeping_job(w, 11);
	change(w, second, a, "two", NULL);
	(void)publish(w, second, a, "two", 3, 3);
	commit(w);
	purge_all(w, 10);
	expect_index(w, 1, 3);
	expect_undo(w, second, "changed 1 ");
	assert_int_equal(found(w->store, w, w->base_id, "one"), 2);
	expect_index(w, 1, 2);
	expect_undo(w, first, "changed 1 ");
	assert_int_equal(found(w->store, w, w->base_id, "zero"), 1);
	expect_document(w, a, "a a {} 1 10 1699999999999995 0101  "
	    "1700000000000000");
	expect_index(w, 1, 1);
}

/* Both had noted it before either published: each brings back what it found
 * when it did. */
static void
test_interleaved(void **state)
{
	struct world *w = *state;
	int64_t a, first, second;

	begin(w);
	a = put_indexed(w, "a", "zero", 1, 1);
	first = keeping_job(w, 10);
	second = keeping_job(w, 11);
	change(w, first, a, NULL, NULL);
	change(w, second, a, NULL, NULL);
	(void)publish(w, first, a, "one", 2, 2);
	(void)publish(w, second, a, "two", 3, 3);
	commit(w);
	purge_all(w, 10);
	expect_undo(w, second, "changed 1 ");
	assert_int_equal(found(w->store, w, w->base_id, "one"), 2);
	expect_undo(w, first, "changed 1 ");
	assert_int_equal(found(w->store, w, w->base_id, "zero"), 1);
	expect_index(w, 1, 1);
}

/* The wrong way round: the first one finds the second one's work, and what it
 * kept dies. */
static void
test_changed_since(void **state)
{
	struct world *w = *state;
	struct document_change hand = {.metadata = "{\"by\":\"hand\"}"};
	int64_t a, b, c, first, second;

	begin(w);
	a = put_indexed(w, "a", "zero", 1, 1);
	first = keeping_job(w, 10);
	b = make(w, first, "b");
	(void)publish(w, first, b, "bravo", 1, 4);
	c = make(w, first, "c");
	assert_int_equal(store_document_change(w->store, c, &hand, NOW), 0);
	change(w, first, a, NULL, NULL);
	(void)publish(w, first, a, "one", 2, 2);
	second = keeping_job(w, 11);
	change(w, second, a, NULL, NULL);
	(void)publish(w, second, a, "two", 3, 3);
	commit(w);
	expect_undo(w, first, "changed! 1 made 2 made! 3 ");
	assert_int_equal(found(w->store, w, w->base_id, "two"), 3);
	expect_index(w, 1, 3);
	expect_document(w, c, "c c {\"by\":\"hand\"} 0 0 0 0000  0");
	expect_undo(w, second, "changed 1 ");
	assert_int_equal(found(w->store, w, w->base_id, "one"), 2);
	expect_index(w, 1, 2);
	purge_all(w, 10);
	expect_index(w, 1, 2);
}

/* A revision that was edited is nobody's any more; a document without a job's
 * changes is not touched. */
static void
test_edited_and_idle(void **state)
{
	struct world *w = *state;
	int64_t a, b, job;

	begin(w);
	a = put_indexed(w, "a", "zero", 2, 1);
	b = put_indexed(w, "b", "bravo", 1, 2);
	job = keeping_job(w, 10);
	change(w, job, a, NULL, NULL);
	change(w, job, b, NULL, NULL);
	(void)publish(w, job, a, "one", 2, 3);
	commit(w);
	assert_int_equal(found(w->store, w, w->base_id, "one"), 2);
	begin(w);
	assert_int_equal(store_segment_delete(w->store, w->hit), 0);
	commit(w);
	expect_undo(w, job, "changed! 1 changed? 2 ");
	expect_index(w, 2, 2);
	begin(w);
	change(w, job, b, NULL, NULL);
	assert_int_equal(store_replaced_drop_idle(w->store, job, b), 0);
	commit(w);
	expect_undo(w, job, "");
}

static void
test_removed(void **state)
{
	struct world *w = *state;
	int64_t a, b, first, second;

	begin(w);
	a = put_indexed(w, "a", "zero", 2, 1);
	first = keeping_job(w, 10);
	change(w, first, a, NULL, NULL);
	(void)publish(w, first, a, "one", 1, 2);
	b = make(w, first, "b");
	(void)publish(w, first, b, "bravo", 1, 3);
	/* It came and went with the job. */
	assert_int_equal(store_document_remove(w->store, first, b, b), 0);
	second = keeping_job(w, 11);
	assert_int_equal(store_document_remove(w->store, second, a, a), 0);
	assert_int_equal(store_document_remove(w->store, second, 99, 99),
	    ERR_NOT_FOUND);
	commit(w);
	purge_all(w, 10);
	expect_index(w, 0, 0);
	expect_undo(w, second, "deleted 1 ");
	assert_int_equal(found(w->store, w, w->base_id, "one"), 1);
	expect_index(w, 1, 1);
	expect_undo(w, first, "changed 1 ");
	assert_int_equal(found(w->store, w, w->base_id, "zero"), 2);
	expect_index(w, 1, 2);

	/* Its address was given away meanwhile. */
	begin(w);
	second = keeping_job(w, 12);
	assert_int_equal(store_document_remove(w->store, second, a, a), 0);
	b = put_indexed(w, "a", "other", 1, 4);
	commit(w);
	expect_undo(w, second, "deleted! 1 ");
	expect_index(w, 1, 1);
	purge_all(w, 10);
	expect_index(w, 1, 1);
}

/* Deleted by hand, it is gone with all that was kept of it; and so is what a
 * base had. */
static void
test_deleted_by_hand(void **state)
{
	struct world *w = *state;
	int64_t a, job;

	begin(w);
	a = put_indexed(w, "a", "secretold", 1, 1);
	job = keeping_job(w, 10);
	change(w, job, a, "secretname", "{\"k\":\"secretmeta\"}");
	(void)publish(w, job, a, "secretnew", 1, 2);
	commit(w);
	assert_true(files_hold(w, "secretold"));
	begin(w);
	assert_int_equal(store_document_delete(w->store, a), 0);
	commit(w);
	expect_undo(w, job, "");
	purge_all(w, 10);
	(void)merge_all(w, MERGE_LOST);
	reopen(w);
	assert_false(files_hold(w, "secretold"));
	assert_false(files_hold(w, "secretnew"));
	assert_false(files_hold(w, "secretmeta"));
	assert_false(files_hold(w, "secretname"));

	begin(w);
	a = put_indexed(w, "b", "basetext", 1, 3);
	job = keeping_job(w, 11);
	change(w, job, a, NULL, NULL);
	(void)publish(w, job, a, "newtext", 1, 4);
	assert_int_equal(store_base_delete(w->store, w->base_id), 0);
	commit(w);
	expect_undo(w, job, "");
}

static void
test_end_of_keeping(void **state)
{
	struct world *w = *state;
	int64_t ids[5], first, second, old = 0;
	bool is_left = true;
	char uri[16];
	int i;

	begin(w);
	first = keeping_job(w, 10);
	second = keeping_job(w, 11);
	for (i = 0; i < 5; i++) {
		(void)snprintf(uri, sizeof(uri), "d%d", i);
		ids[i] = put_indexed(w, uri, "before", 1, (uint8_t)(1 + i));
		change(w, first, ids[i], NULL, NULL);
		(void)publish(w, first, ids[i], "after", 1,
		    (uint8_t)(11 + i));
	}
	change(w, second, ids[0], NULL, NULL);
	(void)publish(w, second, ids[0], "later", 1, 30);
	commit(w);
	purge_all(w, 10);
	assert_int_equal(store_kept_oldest(w->store, NOW + 10 * HOUR_US - 1,
			     &old), ERR_NOT_FOUND);
	assert_int_equal(store_kept_oldest(w->store, NOW + 10 * HOUR_US,
			     &old), 0);
	assert_int_equal(old, first);
	begin(w);
	assert_int_equal(store_kept_end(w->store, first, 3, &is_left), 0);
	assert_true(is_left);
	assert_int_equal(store_kept_end(w->store, first, 3, &is_left), 0);
	assert_false(is_left);
	commit(w);
	assert_int_equal(store_kept_oldest(w->store, NOW + 10 * HOUR_US,
			     &old), ERR_NOT_FOUND);
	purge_all(w, 10);
	expect_index(w, 5, 5);
	/* What another job keeps of the same document is kept still. */
	expect_undo(w, second, "changed 1 ");
	assert_int_equal(found(w->store, w, w->base_id, "after"), 5);
	expect_index(w, 5, 5);
}

/* A tree is left whole; one that is begun is gone on with. */
static void
test_trees(void **state)
{
	struct world *w = *state;
	struct document_change hand = {.name = "by hand"};
	int64_t root, member, other, job;
	bool is_changed = true;
	struct replaced r;

	begin(w);
	job = keeping_job(w, 10);
	root = make(w, job, "z");
	member = put_document(w, "z#m", job);
	assert_int_equal(store_replaced_note(w->store, job, member, root,
			     true), 0);
	other = put_document(w, "z#n", job);
	assert_int_equal(store_replaced_note(w->store, job, other, root,
			     true), 0);
	assert_int_equal(store_replaced_tree_is_changed(w->store, job, root,
			     &is_changed), 0);
	assert_false(is_changed);
	/* The innermost first. */
	assert_int_equal(store_replaced_next(w->store, job, &r), 0);
	assert_int_equal(r.document_id, other);
	assert_int_equal(r.root_id, root);
	assert_int_equal(store_document_change(w->store, member, &hand, NOW),
	    0);
	assert_int_equal(store_replaced_tree_is_changed(w->store, job, root,
			     &is_changed), 0);
	assert_true(is_changed);
	assert_int_equal(store_replaced_made(w->store, job, &r), 0);
	assert_int_equal(store_replaced_tree_is_changed(w->store, job, root,
			     &is_changed), 0);
	assert_false(is_changed);
	assert_int_equal(store_replaced_leave(w->store, job, root, 1,
			     &is_changed), 0);
	assert_true(is_changed);
	assert_int_equal(store_replaced_leave(w->store, job, root, 2,
			     &is_changed), 0);
	assert_false(is_changed);
	assert_int_equal(store_replaced_next(w->store, job, &r),
	    ERR_NOT_FOUND);
	commit(w);
}

static int
undone_seen(void *arg, const struct undone *undone)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%s:%d%s ", undone->uri,
	    (int)undone->kind, undone->is_left ? "!" : "");
}

static void
test_told(void **state)
{
	struct world *w = *state;
	struct document_change hand = {.name = "by hand"};
	int64_t a, b, c, job;

	begin(w);
	a = put_indexed(w, "a", "zero", 1, 1);
	job = keeping_job(w, 10);
	change(w, job, a, NULL, NULL);
	(void)publish(w, job, a, "one", 1, 2);
	b = make(w, job, "b");
	c = make(w, job, "c");
	assert_int_equal(store_document_change(w->store, c, &hand, NOW), 0);
	commit(w);
	assert_int_equal(b + 1, c);
	expect_undo(w, job, "changed 1 made 2 made! 3 ");
	seen_start(w);
	assert_int_equal(store_undone_each(w->store, job, undone_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "a:2 b:1 c:1! ");
}

static int64_t
put_member(struct world *w, int64_t job_id, const char *uri, int64_t parent)
{
	int64_t id;

	assert_int_equal(store_document_put(w->store, w->base_id, uri, uri,
			     "{}", job_id, parent, NOW, &id), 0);
	return id;
}

/* What was in a document that somebody has deleted has no place any more. */
static void
test_parent_gone(void **state)
{
	struct world *w = *state;
	int64_t base, job, root, first, second, third;
	bool is_changed = true;

	begin(w);
	base = keeping_job(w, 10);
	job = keeping_job(w, 11);
	root = put_document(w, "a.zip", base);
	first = put_member(w, base, "a.zip#1", root);
	(void)publish(w, 0, first, "apple", 1, 1);
	second = put_member(w, base, "a.zip#2", root);
	third = put_member(w, base, "a.zip#2#1", second);
	(void)publish(w, 0, third, "cherry", 1, 2);
	/* In its order: the innermost first. */
	assert_int_equal(store_document_remove(w->store, job, first, root),
	    0);
	assert_int_equal(store_document_remove(w->store, job, third, root),
	    0);
	assert_int_equal(store_document_remove(w->store, job, second, root),
	    0);
	assert_int_equal(store_replaced_tree_is_changed(w->store, job, root,
			     &is_changed), 0);
	assert_false(is_changed);
	assert_int_equal(store_document_delete(w->store, root), 0);
	assert_int_equal(store_replaced_tree_is_changed(w->store, job, root,
			     &is_changed), 0);
	assert_true(is_changed);
	commit(w);
	expect_index(w, 0, 0);
}

/* What the job made in the place of another one stays, for it was changed
 * while the job was being undone: then the other one stays away. */
static void
test_place_taken(void **state)
{
	struct document_change hand = {.name = "mine"};
	struct world *w = *state;
	int64_t base, job, root, old, new, last;
	struct replaced r;

	begin(w);
	base = keeping_job(w, 10);
	job = keeping_job(w, 11);
	root = put_document(w, "a.zip", base);
	old = put_member(w, base, "a.zip#1", root);
	(void)publish(w, 0, old, "apple", 1, 1);
	assert_int_equal(store_document_remove(w->store, job, old, root), 0);
	new = put_member(w, job, "a.zip#1", root);
	assert_int_equal(store_replaced_note(w->store, job, new, root, true),
	    0);
	(void)publish(w, job, new, "banana", 1, 2);
	last = put_member(w, job, "a.zip#2", root);
	assert_int_equal(store_replaced_note(w->store, job, last, root, true),
	    0);
	commit(w);

	begin(w);
	seen_start(w);
	assert_int_equal(undo_next(w, job), 0);
	assert_string_equal(buf_text(&w->seen), "made 4 ");
	assert_int_equal(store_document_change(w->store, new, &hand, NOW),
	    0);
	assert_int_equal(store_replaced_next(w->store, job, &r), 0);
	assert_true(r.is_changed);
	commit(w);
	expect_undo(w, job, "made! 3 deleted! 2 ");
	expect_index(w, 1, 1);
}

/* What is being undone is not given up before its end. */
static void
test_kept_while_undone(void **state)
{
	struct world *w = *state;
	struct uuid uuid = uuid_make(10);
	int64_t id = 0;
	struct job job;

	begin(w);
	(void)make(w, keeping_job(w, 10), "a");
	commit(w);
	assert_int_equal(store_kept_oldest(w->store, INT64_MAX, &id), 0);
	assert_int_equal(store_job_find(w->store, w->account_id, &uuid, &job),
	    0);
	begin(w);
	job.undone_us = NOW;
	assert_int_equal(store_job_save(w->store, &job), 0);
	commit(w);
	assert_int_equal(store_kept_oldest(w->store, INT64_MAX, &id),
	    ERR_NOT_FOUND);
	expect_undo(w, job.id, "made 1 ");
	assert_int_equal(store_kept_oldest(w->store, INT64_MAX, &id), 0);
	assert_int_equal(id, job.id);
}

/* ---- lists of jobs ------------------------------------------------------- */

static struct job
job_in(struct world *w, uint8_t n, enum job_state state, int64_t started_us,
    uint64_t unchanged)
{
	struct job job = add_job(w, n);

	job.state = state;
	job.started_us = started_us;
	job.unchanged = unchanged;
	assert_int_equal(store_job_save(w->store, &job), 0);
	return job;
}

static void
expect_jobs(struct world *w, const struct job_filter *filter, uint64_t count,
    const char *wanted)
{
	uint64_t counted = 99;

	seen_start(w);
	assert_int_equal(store_jobs_each(w->store, filter, job_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
	assert_int_equal(store_jobs_count(w->store, filter, &counted), 0);
	assert_int_equal(counted, count);
}

static void
test_jobs_by_standing(void **state)
{
	struct world *w = *state;
	struct job_filter filter = {.account_id = w->account_id, .limit = 10};

	begin(w);
	(void)job_in(w, 10, JOB_PENDING, 0, 0);
	(void)job_in(w, 11, JOB_PAUSED, 0, 0);
	(void)job_in(w, 12, JOB_PAUSED, NOW, 0);
	(void)job_in(w, 13, JOB_COMPLETED_WITH_FAILURES, NOW, 0);
	(void)job_in(w, 14, JOB_COMPLETED_WITH_FAILURES, NOW, 1);
	(void)job_in(w, 15, JOB_FAILED, NOW, 0);
	commit(w);
	expect_jobs(w, &filter, 6, "6 5 4 3 2 1 ");
	filter.states = 1u << JOB_PAUSED;
	expect_jobs(w, &filter, 2, "3 2 ");
	filter.by_standing = true;
	expect_jobs(w, &filter, 1, "3 ");
	filter.states = 1u << JOB_PENDING;
	expect_jobs(w, &filter, 2, "2 1 ");
	filter.states = 1u << JOB_FAILED;
	expect_jobs(w, &filter, 2, "6 4 ");
	filter.states |= 1u << JOB_COMPLETED_WITH_FAILURES;
	filter.offset = 1;
	filter.limit = 1;
	expect_jobs(w, &filter, 3, "5 ");
	filter.base_id = w->base_id;
	expect_jobs(w, &filter, 3, "5 ");
	filter.base_id = 99;
	expect_jobs(w, &filter, 0, "");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_up, world_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_made),
	    TEST(test_replaced),
	    TEST(test_switched),
	    TEST(test_chain),
	    TEST(test_interleaved),
	    TEST(test_changed_since),
	    TEST(test_edited_and_idle),
	    TEST(test_removed),
	    TEST(test_deleted_by_hand),
	    TEST(test_end_of_keeping),
	    TEST(test_trees),
	    TEST(test_told),
	    TEST(test_parent_gone),
	    TEST(test_place_taken),
	    TEST(test_kept_while_undone),
	    TEST(test_jobs_by_standing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
