/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each operation of the store, in a transaction of its own, with the first,
 * second, third ... allocation, write or flush failing until it passes.  What
 * fails must say so with an error that lets the writer wait and try again,
 * must leave nothing behind, and the same operation must pass right after.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fault.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "store/store.h"
#include "store/store_backup.h"
#include "store/store_index.h"

#define NOW 1700000000000000LL
#define DIMENSIONS 16
#define SEGMENTS 40
#define TRIES_MAX 120

struct world {
	char dir[64];
	struct store *store;
	int64_t account_id, base_id;
	struct job job;
	unsigned made; /* names differ from try to try */
	int64_t document_id, item_id;
	struct item item;
	unsigned rows;
};

static struct uuid
uuid_new(struct world *w)
{
	uint8_t bytes[16] = {0};

	w->made++;
	memcpy(bytes, &w->made, sizeof(w->made));
	return uuid_random(bytes);
}

static const char *
name_new(struct world *w)
{
	static char name[32];

	(void)snprintf(name, sizeof(name), "file:///n%u", ++w->made);
	return name;
}

/* ---- operations: 0 or an error, within a transaction --------------------- */

static int
do_account(struct world *w)
{
	struct account account = {.uuid = uuid_new(w), .name = "other",
	    .created_us = NOW};
	int64_t id;

	account.organization = account.uuid;
	return store_account_add(w->store, &account, &id);
}

static int
on_key(void *arg, const struct api_key *key)
{
	struct world *w = arg;

	(void)key;
	w->rows++;
	return 0;
}

static int
do_keys(struct world *w)
{
	struct api_key key = {.uuid = uuid_new(w),
	    .account_id = w->account_id, .label = "l", .prefix = "p",
	    .created_us = NOW};
	int64_t id;
	int err;

	memcpy(key.hash, &w->made, sizeof(w->made));
	err = store_key_add(w->store, &key, &id);
	if (err == 0)
		err = store_keys_each(w->store, 0, on_key, w);
	if (err == 0)
		err = store_key_revoke(w->store, w->account_id, &key.uuid,
		    NOW);
	return err;
}

static int
base_add(struct world *w, int64_t *ret_id)
{
	struct base base = {.uuid = uuid_new(w),
	    .account_id = w->account_id, .description = "d",
	    .settings = "{}", .created_us = NOW};

	(void)snprintf(base.name, sizeof(base.name), "base %u", w->made);
	return store_base_add(w->store, &base, ret_id);
}

static int
do_base_add(struct world *w)
{
	int64_t id;

	return base_add(w, &id);
}

static int
on_base(void *arg, const struct base *base)
{
	struct world *w = arg;

	(void)base;
	w->rows++;
	return 0;
}

static int
do_bases(struct world *w)
{
	struct base base = {.id = w->base_id, .account_id = w->account_id,
	    .name = "docs", .description = "e", .settings = "{}"};
	int err;

	err = store_base_save(w->store, &base);
	if (err == 0)
		err = store_base_find(w->store, w->account_id, NULL, "docs",
		    on_base, w);
	if (err == 0)
		err = store_bases_each(w->store, w->account_id, 0, 100,
		    on_base, w);
	return err;
}

static int
job_add(struct world *w, struct job *job)
{
	memset(job, 0, sizeof(*job));
	job->uuid = uuid_new(w);
	job->account_id = w->account_id;
	job->base_id = w->base_id;
	(void)snprintf(job->batch, sizeof(job->batch), "%020u", w->made);
	job->kind = JOB_KIND_FOLDER;
	job->dialect = DIALECT_NATIVE;
	job->state = JOB_PENDING;
	job->attempt = 1;
	job->created_us = NOW;
	return store_job_add(w->store, job, "{}", &job->id);
}

static int
on_job(void *arg, const struct job *job)
{
	struct world *w = arg;

	(void)job;
	w->rows++;
	return 0;
}

static int
do_jobs(struct world *w)
{
	struct job_filter filter = {.account_id = w->account_id,
	    .limit = 10};
	struct job job, found;
	char *source = NULL;
	int err;

	err = job_add(w, &job);
	job.rev = store_next_rev(w->store);
	job.updated_us = NOW;
	if (err == 0)
		err = store_job_save(w->store, &job);
	if (err == 0)
		err = store_job_find(w->store, 0, &job.uuid, &found);
	if (err == 0)
		err = store_job_find_batch(w->store, w->base_id, job.batch,
		    &found);
	if (err == 0)
		err = store_job_newest_but(w->store, w->base_id,
		    JOB_KIND_KEEP, &found);
	if (err == 0)
		err = store_job_source(w->store, job.id, &source);
	mem_free(source);
	if (err == 0)
		err = store_jobs_each(w->store, &filter, on_job, w);
	if (err == 0)
		err = store_jobs_live(w->store, on_job, w);
	if (err == 0)
		err = store_jobs_changed(w->store, w->account_id, 0, 10,
		    on_job, w);
	return err;
}

static int
item_add(struct world *w, struct item *item)
{
	const char *name = name_new(w);
	struct item_row row;
	int err;

	memset(&row, 0, sizeof(row));
	row.uri = row.name = name;
	row.metadata = "{}";
	row.item.job_id = w->job.id;
	row.item.seq = w->made;
	row.item.state = ITEM_QUEUED;
	row.item.attempt = 1;
	row.item.queued_us = NOW;
	row.item.rev = store_next_rev(w->store);
	err = store_document_put(w->store, w->base_id, name, name, "{}",
	    w->job.id, 0, NOW, &row.item.document_id);
	if (err == 0)
		err = store_item_add(w->store, &row, &row.item.id);
	*item = row.item;
	return err;
}

static int
on_item(void *arg, const struct item_row *row)
{
	struct world *w = arg;

	(void)row;
	w->rows++;
	return 0;
}

static int
do_items(struct world *w)
{
	struct item_filter filter = {.job_id = w->job.id, .limit = 10,
	    .name = "n"};
	struct item item;
	struct job counted;
	bool is_there;
	int err;

	err = item_add(w, &item);
	if (err < 0)
		return err;
	item_move(&item, ITEM_EXTRACTING, NOW);
	item.rev = store_next_rev(w->store);
	err = store_item_save(w->store, &item, ITEM_QUEUED, 1);
	if (err == 0)
		err = store_item_get(w->store, item.id, on_item, w);
	if (err == 0)
		err = store_items_each(w->store, &filter, on_item, w);
	if (err == 0)
		err = store_items_open(w->store, w->job.id, 0, 10, on_item,
		    w);
	if (err == 0)
		err = store_items_changed(w->store, w->account_id, w->job.id,
		    0, 10, on_item, w);
	if (err == 0)
		err = store_item_of_document(w->store, w->job.id,
		    item.document_id, &is_there, NULL);
	if (err == 0)
		err = store_item_unread(w->store, w->job.id, "x", &is_there);
	if (err == 0)
		err = store_items_recount(w->store, w->job.id, &counted);
	return err;
}

static int
on_document(void *arg, const struct document *document)
{
	struct world *w = arg;

	(void)document;
	w->rows++;
	return 0;
}

static int
do_documents(struct world *w)
{
	struct document_filter filter = {.base_id = w->base_id, .limit = 10};
	const char *name = name_new(w);
	int64_t id;
	int err;

	err = store_document_put(w->store, w->base_id, name, name, "{}", 0,
	    0, NOW, &id);
	if (err == 0)
		err = store_document_find(w->store, w->base_id, name,
		    on_document, w);
	if (err == 0)
		err = store_document_get(w->store, id, on_document, w);
	if (err == 0)
		err = store_documents_each(w->store, &filter, on_document, w);
	if (err == 0)
		err = store_documents_unseen(w->store, w->base_id, "file:",
		    99, 0, 10, on_document, w);
	if (err == 0)
		err = store_document_touch(w->store, id, 10, NOW, 0);
	if (err == 0)
		err = store_document_delete(w->store, id);
	return err;
}

static int
segments_add(struct world *w, const struct revision *revision,
    const char *word, uint32_t first)
{
	struct segment segments[SEGMENTS];
	char texts[SEGMENTS][64];
	int8_t vector[DIMENSIONS] = {1, 2, 3};
	uint32_t i;

	memset(segments, 0, sizeof(segments));
	for (i = 0; i < SEGMENTS; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]),
		    "%s tide number%u goes out", word, i);
		segments[i].ordinal = first + i;
		segments[i].section = "Part";
		segments[i].text = texts[i];
		segments[i].text_len = strlen(texts[i]);
		segments[i].vector = vector;
		segments[i].dimensions = DIMENSIONS;
		segments[i].scale = 0.5f;
	}
	return store_segments_add(w->store, revision, segments, SEGMENTS);
}

/* A document in two batches; the second publishes it. */
static int
do_publish(struct world *w)
{
	struct revision revision = {.base_id = w->base_id, .rule = 7,
	    .title = "t", .media_type = "text/plain", .language = "en",
	    .summary = "s", .keyphrases = "[]", .has_vectors = true};
	const char *name = name_new(w);
	struct revision again = {0};
	int err;

	memcpy(revision.hash, &w->made, sizeof(w->made));
	err = store_document_put(w->store, w->base_id, name, name, "{}", 0,
	    0, NOW, &revision.document_id);
	if (err == 0)
		err = store_revision_add(w->store, &revision, &revision.id);
	if (err == 0)
		err = segments_add(w, &revision, "ebb", 0);
	if (err == 0)
		err = store_revision_building(w->store, revision.document_id,
		    revision.hash, revision.rule, 0, &again);
	if (err == 0)
		err = segments_add(w, &revision, "flood", SEGMENTS);
	revision.segments = revision.stored = 2 * SEGMENTS;
	if (err == 0)
		err = store_revision_publish(w->store, &revision, NOW);
	if (err == 0)
		w->document_id = revision.document_id;
	return err;
}

static int
on_hit(void *arg, int64_t segment_id, double score)
{
	struct world *w = arg;

	(void)segment_id;
	(void)score;
	w->rows++;
	return 0;
}

static int
on_vector(void *arg, const struct vector_kept *vector)
{
	struct world *w = arg;

	(void)vector;
	w->rows++;
	return 0;
}

static int
on_segment(void *arg, const struct segment *segment)
{
	struct world *w = arg;

	(void)segment;
	w->rows++;
	return 0;
}

static int
do_search(struct world *w)
{
	const struct search_term terms[] = {
	    {.text = "ebb", .weight = 1}, {.text = "flood", .weight = 2}};
	const struct search_request request = {.base_id = w->base_id,
	    .terms = terms, .count = 2, .limit = 20};
	uint8_t hash[HASH_SIZE] = {1};
	struct index_totals totals;
	int64_t other;
	bool is_there;
	int err;

	err = store_search_terms(w->store, &request, on_hit, w);
	if (err == 0)
		err = store_vectors_each(w->store, w->base_id, on_vector, w);
	if (err == 0)
		err = store_segments_each(w->store, w->document_id, 0, 20,
		    on_segment, w);
	if (err == 0)
		err = store_document_by_hash(w->store, w->base_id, hash, 0,
		    &other);
	if (err == ERR_NOT_FOUND)
		err = 0;
	if (err == 0)
		err = store_blob_is_used(w->store, hash, &is_there);
	if (err == 0)
		err = store_revision_has_dead(w->store, &is_there);
	if (err == 0)
		err = store_audit_base(w->store, w->base_id, &totals);
	return err;
}

static int
do_delete(struct world *w)
{
	bool is_left = true;
	int64_t base_id;
	int err;

	err = do_publish(w);
	if (err == 0)
		err = store_document_delete(w->store, w->document_id);
	while (err == 0 && is_left)
		err = store_revision_purge(w->store, 30, &base_id, &is_left);
	return err;
}

static int
segment_id_take(void *arg, const struct segment *segment)
{
	*(int64_t *)arg = segment->id;
	return 0;
}

/* Each edit of the same segment is a part: many small ones are merged with the
 * commit; a large one comes in pieces and is swept away again. */
static int
do_merge(struct world *w)
{
	struct segment segment = {.section = "", .text = "the neap tide",
	    .text_len = 13};
	int8_t vector[DIMENSIONS] = {1, 2, 3};
	struct merge_plan plan = {.base_id = w->base_id};
	bool is_more = true;
	int64_t part_id;
	int err, i;

	segment.vector = vector;
	segment.dimensions = DIMENSIONS;
	segment.scale = 0.5f;
	err = do_publish(w);
	if (err == 0)
		err = store_segments_each(w->store, w->document_id, 0, 1,
		    segment_id_take, &segment.id);
	for (i = 0; err == 0 && i < 9; i++)
		err = store_segment_replace(w->store, &segment, false, NOW);
	if (err == 0)
		err = store_merge_plan(w->store, 0, MERGE_LOST, &plan);
	if (err == 0)
		err = store_merge_begin(w->store, &plan, &part_id);
	if (err == 0)
		err = store_merge_put(w->store, part_id, 0, "page", 4);
	if (err == 0)
		err = store_merge_drop(w->store, part_id);
	while (err == 0 && is_more)
		err = store_merge_sweep(w->store, &is_more);
	return err;
}

static int
do_base_delete(struct world *w)
{
	int64_t id, kept = w->base_id;
	int err;

	err = base_add(w, &id);
	if (err == 0) {
		w->base_id = id;
		err = do_publish(w);
		w->base_id = kept;
	}
	return err == 0 ? store_base_delete(w->store, id) : err;
}

static int
on_child(void *arg, const struct child *child)
{
	struct world *w = arg;

	(void)child;
	w->rows++;
	return 0;
}

/* A segment is written, gets a child more, is switched off and deleted. */
static int
do_segments(struct world *w)
{
	static const int8_t vector[DIMENSIONS] = {1};
	struct child child = {.text = "chips", .text_len = 5,
	    .vector = vector, .scale = 1};
	struct segment segment = {.section = "", .text = "fish and chips",
	    .text_len = 14, .chars = 14, .answer = "yes",
	    .keywords = "[\"salt\"]", .dimensions = DIMENSIONS,
	    .children = &child, .child_count = 1};
	int64_t id = 0;
	int err;

	err = do_publish(w);
	segment.document_id = w->document_id;
	if (err == 0)
		err = store_segment_insert(w->store, &segment, NOW,
		    &segment.id);
	child.segment_id = segment.id;
	if (err == 0)
		err = store_child_insert(w->store, &child, DIMENSIONS, NOW,
		    &id);
	child.id = id;
	if (err == 0)
		err = store_child_replace(w->store, &child, DIMENSIONS, NOW);
	if (err == 0)
		err = store_child_get(w->store, id, on_child, w);
	if (err == 0)
		err = store_child_delete(w->store, id);
	if (err == 0)
		err = store_segment_replace(w->store, &segment, true, NOW);
	segment.disabled_us = NOW;
	if (err == 0)
		err = store_segment_replace(w->store, &segment, false, NOW);
	id = segment.id;
	if (err == 0)
		err = store_segment_insert(w->store, &segment, NOW,
		    &segment.id);
	return err == 0 ? store_segment_delete(w->store, id) : err;
}

static int
do_change(struct world *w)
{
	struct document_change change = {.disabled_us = NOW,
	    .disabled_by = "me", .settings = "{}", .name = "n"};
	struct document_page page = {.base_id = w->base_id, .name = "n",
	    .standings = 1u << DOCUMENT_DISABLED, .limit = 10};
	struct document_totals totals;
	uint64_t count;
	int err;

	err = do_publish(w);
	if (err == 0)
		err = store_document_by_name(w->store, w->base_id,
		    "docs", on_document, w);
	if (err == 0 || err == ERR_NOT_FOUND)
		err = store_document_change(w->store, w->document_id, &change,
		    NOW);
	if (err == 0)
		err = store_documents_page(w->store, &page, on_document, w);
	if (err == 0)
		err = store_documents_count(w->store, &page, &count);
	if (err == 0)
		err = store_document_totals(w->store, w->base_id, &totals);
	change.disabled_us = 0;
	return err == 0 ? store_document_change(w->store, w->document_id,
			      &change, NOW)
			: err;
}

static int
do_segment_lists(struct world *w)
{
	struct segment_page page = {.document_id = w->document_id,
	    .text = "EBB", .switched = SEGMENTS_ON, .limit = 10};
	uint64_t count;
	int err;

	err = store_segments_page(w->store, &page, on_segment, w);
	if (err == 0)
		err = store_segments_count(w->store, &page, &count);
	if (err == 0)
		err = store_children_page(w->store, 1, "x", 0, 10, on_child,
		    w);
	if (err == 0)
		err = store_children_count(w->store, 1, NULL, &count);
	if (err == 0)
		err = store_vectors_of(w->store, w->base_id, 1, on_vector, w);
	return err;
}

static int
on_tag(void *arg, const struct tag *tag)
{
	struct world *w = arg;

	(void)tag;
	w->rows++;
	return 0;
}

static int
do_tags(struct world *w)
{
	struct tag tag = {.uuid = uuid_new(w), .created_us = NOW};
	struct base_page page = {.account_id = w->account_id, .name = "D",
	    .tags = &tag.uuid, .tag_count = 1, .limit = 10};
	uint64_t count;
	int err;

	(void)snprintf(tag.name, sizeof(tag.name), "tag %u", w->made);
	err = store_tag_add(w->store, w->account_id, &tag, &tag.id);
	if (err == 0)
		err = store_tag_bind(w->store, w->account_id, &tag.uuid,
		    w->base_id, true);
	if (err == 0)
		err = store_bases_page(w->store, &page, on_base, w);
	if (err == 0)
		err = store_bases_count(w->store, &page, &count);
	if (err == 0)
		err = store_tags_each(w->store, w->account_id, 0, on_tag, w);
	(void)snprintf(tag.name, sizeof(tag.name), "name %u", w->made);
	if (err == 0)
		err = store_tag_rename(w->store, w->account_id, &tag.uuid,
		    tag.name);
	if (err == 0)
		err = store_tag_delete(w->store, w->account_id, &tag.uuid);
	return err;
}

static int
do_blobs(struct world *w)
{
	static char bytes[20000];
	uint8_t hash[HASH_SIZE] = {0};
	struct buf out;
	bool is_more = true;
	int err;

	w->made++;
	memcpy(hash, &w->made, sizeof(w->made));
	buf_init(&out, MIB);
	err = store_small_blob_put(w->store, hash, bytes, sizeof(bytes));
	if (err == 0)
		err = store_small_blob_get(w->store, hash, &out);
	while (err == 0 && is_more)
		err = store_small_blobs_collect(w->store, 10, &is_more);
	buf_fini(&out);
	return err;
}

#include "grant_ops.h"
#include "source_ops.h"
#include "undo_ops.h"

struct operation {
	const char *name;
	int (*run)(struct world *w);
};

static const struct operation operations[] = {
    {"account", do_account}, {"keys", do_keys}, {"base_add", do_base_add},
    {"bases", do_bases}, {"jobs", do_jobs}, {"items", do_items},
    {"documents", do_documents}, {"publish", do_publish},
    {"search", do_search}, {"delete", do_delete}, {"merge", do_merge},
    {"base_delete", do_base_delete}, {"segments", do_segments},
    {"change", do_change}, {"segment_lists", do_segment_lists},
    {"tags", do_tags}, {"blobs", do_blobs}, {"sources", do_sources},
    {"shares", do_shares}, {"schedules", do_schedules},
    {"objects", do_objects}, {"undo", do_undo},
    {"groups", do_groups}, {"grants", do_grants},
};

/* ---- trying -------------------------------------------------------------- */

static int
transaction(struct world *w, const struct operation *operation)
{
	struct err_note note;
	int err;

	err = store_begin(w->store, &note);
	if (err < 0)
		return err;
	err = operation->run(w);
	if (err == 0)
		return store_commit(w->store, &note);
	store_rollback(w->store);
	return err;
}

static bool
is_trouble(int err)
{
	return err == ERR_NOMEM || err == ERR_STORAGE_FULL || err == ERR_IO;
}

static void
check_audit(struct world *w)
{
	struct index_totals totals;

	assert_int_equal(store_audit_base(w->store, w->base_id, &totals), 0);
	assert_int_equal(totals.segments, totals.promised);
	assert_int_equal(totals.postings, totals.promised_postings);
	assert_int_equal(totals.vectors, totals.promised_vectors);
}

static void
check_file(struct world *w)
{
	char path[96];
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;

	(void)snprintf(path, sizeof(path), "%s/tidemark.db", w->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1,
			     &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "ok");
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
}

static void
reopen(struct world *w)
{
	struct err_note note = {""};
	int err;

	store_close(w->store);
	w->store = NULL;
	err = store_open(w->dir, STORE_WRITER, &w->store, &note);
	if (err < 0)
		fail_msg("not opened again: %s", note.text);
}

/* The nth of all kinds of failures in one operation. */
static void
try_operation(struct world *w, const struct operation *operation,
    enum fault fault)
{
	unsigned long nth;
	bool has_happened = true;
	unsigned tries = 0;
	int err;

	for (nth = 1; has_happened && tries < TRIES_MAX;
	    nth += 1 + nth / 15) {
		tries++;
		fault_set(fault, nth);
		err = transaction(w, operation);
		has_happened = fault_happened(fault);
		fault_clear();
		if (err < 0 && !is_trouble(err))
			fail_msg("%s, %s %lu: %s", operation->name,
			    fault_names[fault], nth, err_text(err));
		if (err < 0)
			assert_true(has_happened);
		/* And the next one goes through. */
		err = transaction(w, operation);
		if (err < 0)
			fail_msg("%s after %s %lu: %s", operation->name,
			    fault_names[fault], nth, err_text(err));
	}
	/* To the end, or far enough. */
	assert_true(!has_happened || tries == TRIES_MAX);
}

static int
world_up(void **state)
{
	struct account account = {.name = "me", .created_us = NOW};
	struct world *w = mem_zalloc(sizeof(*w));

	if (w == NULL)
		return -1;
	fault_clear();
	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/tidemark-fault-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	assert_int_equal(store_open(w->dir, STORE_WRITER, &w->store, NULL),
	    0);
	assert_int_equal(store_begin(w->store, NULL), 0);
	account.uuid = account.organization = uuid_new(w);
	assert_int_equal(store_account_add(w->store, &account,
			     &w->account_id), 0);
	assert_int_equal(base_add(w, &w->base_id), 0);
	assert_int_equal(job_add(w, &w->job), 0);
	assert_int_equal(do_bases(w), 0);
	assert_int_equal(do_publish(w), 0);
	assert_int_equal(store_commit(w->store, NULL), 0);
	*state = w;
	return 0;
}

static int
world_down(void **state)
{
	struct world *w = *state;
	char command[128];

	fault_clear();
	store_close(w->store);
	(void)snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	mem_free(w);
	return system(command);
}

static void
try_all(struct world *w, enum fault fault)
{
	size_t i;

	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		try_operation(w, &operations[i], fault);
	check_audit(w);
	reopen(w);
	check_audit(w);
	store_close(w->store);
	w->store = NULL;
	check_file(w);
}

static void
test_memory(void **state)
{
	try_all(*state, FAULT_MEMORY);
}

static void
test_sqlite_memory(void **state)
{
	try_all(*state, FAULT_SQLITE_MEMORY);
}

static void
test_disk_full(void **state)
{
	try_all(*state, FAULT_DISK_FULL);
}

static void
test_disk_broken(void **state)
{
	try_all(*state, FAULT_DISK_BROKEN);
}

/* A failed open gives everything back; the lock as well. */
static void
test_open(void **state)
{
	static const enum fault faults[] = {FAULT_MEMORY,
	    FAULT_SQLITE_MEMORY, FAULT_DISK_FULL, FAULT_DISK_BROKEN};
	struct world *w = *state;
	char dir[] = "/tmp/tidemark-fault-XXXXXX", command[64];
	struct store *store;
	struct err_note note;
	bool has_happened;
	unsigned long nth;
	size_t i;
	int err;

	(void)w;
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		has_happened = true;
		assert_non_null(mkdtemp(dir));
		for (nth = 1; has_happened; nth += 1 + nth / 20) {
			store = NULL;
			fault_set(faults[i], nth);
			err = store_open(dir, STORE_WRITER, &store, &note);
			has_happened = fault_happened(faults[i]);
			fault_clear();
			store_close(store);
			if (err < 0 && !is_trouble(err))
				fail_msg("%s %lu: %s", fault_names[faults[i]],
				    nth, note.text);
		}
		assert_int_equal(store_open(dir, STORE_WRITER, &store, &note),
		    0);
		store_close(store);
		(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
		assert_int_equal(system(command), 0);
		memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
	}
}

/* A copy of the store, and a look into it. */
static int
store_copy_out(struct world *w, const char *path)
{
	struct store_image *image = NULL;
	struct store_snap *snap = NULL;
	struct store_facts facts;
	struct err_note note;
	uint8_t hash[HASH_SIZE];
	bool is_done = false;
	int err;

	err = store_snap_open(w->dir, &snap, &note);
	while (err == 0 && !is_done)
		err = store_snap_copy(snap, path, &is_done, &note);
	store_snap_close(snap);
	if (err == 0)
		err = store_image_open(path, false, &image, &note);
	if (err == 0)
		err = store_image_facts(image, &facts, &note);
	if (err == 0)
		err = store_image_blob_next(image, hash);
	store_image_close(image);
	return err;
}

/* Writing back the log and copying the store out. */
static void
test_checkpoint_and_backup(void **state)
{
	static const enum fault faults[] = {FAULT_SQLITE_MEMORY,
	    FAULT_DISK_FULL, FAULT_DISK_BROKEN};
	const struct operation publish = {"publish", do_publish};
	struct world *w = *state;
	bool has_happened;
	unsigned long nth;
	char path[96];
	size_t i;
	int err;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		has_happened = true;
		for (nth = 1; has_happened; nth += 1 + nth / 10) {
			assert_int_equal(transaction(w, &publish), 0);
			fault_set(faults[i], nth);
			err = store_checkpoint(w->store, true);
			has_happened = fault_happened(faults[i]);
			fault_clear();
			assert_true(err == 0 || is_trouble(err));
			assert_int_equal(store_checkpoint(w->store, true), 0);
		}
		has_happened = true;
		for (nth = 1; has_happened; nth += 1 + nth / 2) {
			(void)snprintf(path, sizeof(path), "%s/copy-%d-%lu",
			    w->dir, (int)i, nth);
			fault_set(faults[i], nth);
			err = store_copy_out(w, path);
			has_happened = fault_happened(faults[i]);
			fault_clear();
			assert_true(err == 0 || is_trouble(err));
		}
	}
	check_audit(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_memory, world_up,
		world_down),
	    cmocka_unit_test_setup_teardown(test_sqlite_memory, world_up,
		world_down),
	    cmocka_unit_test_setup_teardown(test_disk_full, world_up,
		world_down),
	    cmocka_unit_test_setup_teardown(test_disk_broken, world_up,
		world_down),
	    cmocka_unit_test_setup_teardown(test_open, world_up, world_down),
	    cmocka_unit_test_setup_teardown(test_checkpoint_and_backup,
		world_up, world_down),
	};

	fault_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
