/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_world: a store in a folder of its own, and what the tests of the store
 * write into it and read from it.  Included after cmocka.h.
 */
#ifndef TESTS_UNIT_STORE_WORLD_H
#define TESTS_UNIT_STORE_WORLD_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store/store.h"
#include "store/store_index.h"
#include "sys/fs.h"

#define NOW 1700000000000000LL
#define DIMENSIONS 8

/* A store in a folder of its own, with an account and a base, and what the
 * callbacks below have seen. */
struct world {
	char dir[64];
	struct store *store;
	int64_t account_id, base_id;
	struct buf seen;
	int64_t hit;
};

static inline struct uuid
uuid_make(uint8_t n)
{
	uint8_t bytes[16];

	memset(bytes, n, sizeof(bytes));
	return uuid_random(bytes);
}

static inline void
begin(struct world *w)
{
	assert_int_equal(store_begin(w->store, NULL), 0);
}

static inline void
commit(struct world *w)
{
	struct err_note note;

	assert_int_equal(store_commit(w->store, &note), 0);
}

static inline int64_t
add_base(struct world *w, uint8_t n, const char *name)
{
	struct base base = {.account_id = w->account_id,
	    .description = "", .settings = "{}", .created_us = NOW};
	int64_t id;

	base.uuid = uuid_make(n);
	(void)snprintf(base.name, sizeof(base.name), "%s", name);
	assert_int_equal(store_base_add(w->store, &base, &id), 0);
	return id;
}

static inline int
world_up(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));
	struct account account = {.uuid = uuid_make(200), .name = "me",
	    .created_us = NOW};
	struct err_note note;

	account.organization = account.uuid;
	assert_non_null(w);
	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/tidemark-store-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	buf_init(&w->seen, MIB);
	assert_int_equal(store_open(w->dir, STORE_WRITER, &w->store, &note),
	    0);
	begin(w);
	assert_int_equal(store_account_add(w->store, &account,
			     &w->account_id), 0);
	w->base_id = add_base(w, 1, "docs");
	commit(w);
	*state = w;
	return 0;
}

static inline int
world_down(void **state)
{
	struct world *w = *state;
	char command[128];

	store_close(w->store);
	(void)snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	buf_fini(&w->seen);
	mem_free(w);
	return system(command);
}

static inline struct store *
reader(const struct world *w)
{
	struct store *store = NULL;
	struct err_note note;

	assert_int_equal(store_open(w->dir, STORE_READER, &store, &note), 0);
	return store;
}

static inline void
reopen(struct world *w)
{
	struct err_note note;

	store_close(w->store);
	assert_int_equal(store_open(w->dir, STORE_WRITER, &w->store, &note),
	    0);
}

/* ---- what the callbacks write down, and how it is compared ------------- */

static inline void
seen_start(struct world *w)
{
	buf_clear(&w->seen);
	w->hit = 0;
}

static inline int
base_seen(void *arg, const struct base *base)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%s:%u/%u ", base->name,
	    (unsigned)base->documents, (unsigned)base->segments);
}

static inline int
job_seen(void *arg, const struct job *job)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%d ", (int)job->id);
}

static inline int
item_seen(void *arg, const struct item_row *row)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%u:%s:%s ", row->item.seq, row->name,
	    item_state_name(row->item.state));
}

static inline int
document_seen(void *arg, const struct document *d)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%s:%u ", d->uri, d->segments);
}

static inline int
segment_seen(void *arg, const struct segment *segment)
{
	struct world *w = arg;

	w->hit = segment->id;
	return buf_printf(&w->seen, "%u:%.*s ", segment->ordinal,
	    (int)segment->text_len, segment->text);
}

static inline int
hit_seen(void *arg, int64_t segment_id, double score)
{
	struct world *w = arg;

	assert_true(score > 0);
	w->hit = segment_id;
	return buf_printf(&w->seen, "%d ", (int)segment_id);
}

static inline int
vector_seen(void *arg, const struct vector_kept *vector)
{
	struct world *w = arg;

	assert_int_equal(vector->child_id, 0);
	assert_true(vector->revision_id > 0);
	assert_int_equal(vector->dimensions, DIMENSIONS);
	assert_true(vector->scale > 0.49f && vector->scale < 0.51f);
	assert_int_equal(vector->bytes[1], -1);
	return buf_printf(&w->seen, "%d ", vector->bytes[0]);
}

/* The best for some words of the same weight, into seen. */
static inline int
search(struct store *store, struct world *w, int64_t base_id,
    const char *const *words, size_t count, size_t limit)
{
	struct search_term terms[16];
	struct search_request request = {.base_id = base_id, .terms = terms,
	    .count = count, .limit = limit};
	size_t i;

	assert_true(count <= 16);
	for (i = 0; i < count; i++)
		terms[i] = (struct search_term){
		    .text = words[i], .weight = 1};
	return store_search_terms(store, &request, hit_seen, w);
}

static inline unsigned
found(struct store *store, struct world *w, int64_t base_id,
    const char *term)
{
	const char *at;
	unsigned n = 0;

	seen_start(w);
	assert_int_equal(search(store, w, base_id, &term, 1, 1000), 0);
	for (at = buf_text(&w->seen); *at != '\0'; at++)
		n += *at == ' ';
	return n;
}

/* ---- documents made of segments --------------------------------------- */

static inline int64_t
put_document(struct world *w, const char *uri, int64_t seen_job)
{
	int64_t id;

	assert_int_equal(store_document_put(w->store, w->base_id, uri, uri,
			     "{}", seen_job, 0, NOW, &id), 0);
	return id;
}

static inline void
revision_begin(struct world *w, int64_t document_id, uint8_t n,
    struct revision *r)
{
	memset(r, 0, sizeof(*r));
	r->document_id = document_id;
	r->base_id = w->base_id;
	memset(r->hash, n, sizeof(r->hash));
	r->rule = INT64_MAX - n;
	r->has_vectors = true;
	r->title = "Title";
	r->media_type = "text/plain";
	r->language = "en";
	r->summary = "Summary";
	r->keyphrases = "[]";
	r->bytes = 10;
	r->mtime_us = NOW - 5;
	r->characters = 4;
	assert_int_equal(store_revision_add(w->store, r, &r->id), 0);
}

/* count segments whose text is word and their ordinal. */
static inline int
segments_put(struct world *w, struct revision *r, const char *word,
    uint32_t first, uint32_t count)
{
	int8_t vector[DIMENSIONS] = {1, -1};
	struct segment segment;
	char text[128];
	uint32_t i;
	int err = 0;

	for (i = first; err == 0 && i < first + count; i++) {
		(void)snprintf(text, sizeof(text), "%s common n%u", word, i);
		memset(&segment, 0, sizeof(segment));
		segment.ordinal = i;
		segment.chars = (uint32_t)strlen(text);
		segment.section = "Part";
		segment.text = text;
		segment.text_len = strlen(text);
		vector[0] = (int8_t)i;
		segment.vector = vector;
		segment.dimensions = DIMENSIONS;
		segment.scale = 0.5f;
		err = store_segments_add(w->store, r, &segment, 1);
	}
	if (err == 0)
		r->segments = r->stored = first + count;
	return err;
}

static inline int64_t
put_indexed(struct world *w, const char *uri, const char *word,
    uint32_t segments, uint8_t n)
{
	struct revision r;
	int64_t id;

	id = put_document(w, uri, 0);
	revision_begin(w, id, n, &r);
	assert_int_equal(segments_put(w, &r, word, 0, segments), 0);
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
	return id;
}

static inline void
expect_base(struct world *w, const char *wanted)
{
	seen_start(w);
	assert_int_equal(store_bases_each(w->store, w->account_id, 0, 100,
			     base_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
}

static inline void
expect_audit(struct world *w, uint64_t documents, uint64_t segments)
{
	struct index_totals t;

	assert_int_equal(store_audit_base(w->store, w->base_id, &t), 0);
	assert_int_equal(t.documents, documents);
	assert_int_equal(t.segments, segments);
	assert_int_equal(t.postings, segments);
	assert_int_equal(t.vectors, segments);
	assert_int_equal(t.promised, segments);
}

static inline void
purge_all(struct world *w, size_t limit)
{
	int64_t base_id;
	bool left = true;
	int rounds;

	for (rounds = 0; left; rounds++) {
		assert_true(rounds < 1000);
		begin(w);
		assert_int_equal(store_revision_purge(w->store, limit, &base_id,
				     &left), 0);
		commit(w);
		assert_true(base_id == w->base_id || base_id == 0);
	}
	assert_int_equal(store_revision_has_dead(w->store, &left), 0);
	assert_false(left);
}

struct merging {
	struct world *w;
	int64_t part_id;
};

/* An operation each, as the janitor does it. */
static inline int
piece_put(void *arg, uint32_t first, const void *bytes, size_t len)
{
	struct merging *merging = arg;

	begin(merging->w);
	assert_int_equal(store_merge_put(merging->w->store, merging->part_id,
			     first, bytes, len), 0);
	commit(merging->w);
	return 0;
}

static inline void
sweep_all(struct world *w)
{
	bool more = true;

	while (more) {
		begin(w);
		assert_int_equal(store_merge_sweep(w->store, &more), 0);
		commit(w);
	}
}

/* All that there is to be merged of that kind; how often something was. */
static inline int
merge_all(struct world *w, enum merge_want want)
{
	struct merging merging = {.w = w};
	struct store *from = reader(w);
	struct merge_made made;
	struct merge_plan plan;
	int steps;

	for (steps = 0;; steps++) {
		assert_int_equal(store_merge_plan(from, w->base_id, want,
				     &plan), 0);
		if (plan.count == 0)
			break;
		begin(w);
		assert_int_equal(store_merge_begin(w->store, &plan,
				     &merging.part_id), 0);
		commit(w);
		assert_int_equal(store_merge_make(from, &plan, piece_put,
				     &merging, &made), 0);
		begin(w);
		assert_int_equal(store_merge_end(w->store, &plan,
				     merging.part_id, &made), 0);
		if (made.is_same || made.docs == 0)
			assert_int_equal(store_merge_drop(w->store,
					     merging.part_id), 0);
		commit(w);
	}
	sweep_all(w);
	store_close(from);
	return steps;
}

/* Is word anywhere in the raw files? */
static inline bool
files_hold(const struct world *w, const char *word)
{
	static const char *const names[] = {"", "-wal", "-shm", "-journal"};
	struct err_note note;
	char path[128];
	struct buf raw;
	size_t i;
	bool is_held = false;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/tidemark.db%s", w->dir,
		    names[i]);
		buf_init(&raw, GIB);
		if (access(path, F_OK) == 0) {
			assert_int_equal(fs_read_file(path, &raw, &note), 0);
			is_held = is_held || (raw.len > 0 &&
			    memmem(raw.data, raw.len, word,
				strlen(word)) != NULL);
		}
		buf_fini(&raw);
	}
	return is_held;
}

static inline struct job
add_job(struct world *w, uint8_t n)
{
	struct job job;

	memset(&job, 0, sizeof(job));
	job.uuid = uuid_make(n);
	job.account_id = w->account_id;
	job.base_id = w->base_id;
	(void)snprintf(job.batch, sizeof(job.batch), "%020u", n);
	job.kind = JOB_KIND_FOLDER;
	job.dialect = DIALECT_DIFY;
	job.state = JOB_PENDING;
	job.attempt = 1;
	job.created_us = NOW + n;
	assert_int_equal(store_job_add(w->store, &job, "{\"n\":1}", &job.id),
	    0);
	return job;
}

static inline struct item
add_item(struct world *w, int64_t job_id, uint32_t seq, const char *name,
    const uint8_t *blob)
{
	struct item_row row;

	memset(&row, 0, sizeof(row));
	row.uri = row.name = name;
	row.metadata = "{}";
	row.blob = blob;
	row.item.job_id = job_id;
	row.item.document_id = put_document(w, name, job_id);
	row.item.seq = seq;
	row.item.state = ITEM_QUEUED;
	row.item.attempt = 1;
	row.item.bytes = 100 + seq;
	row.item.queued_us = NOW;
	row.item.rev = store_next_rev(w->store);
	assert_int_equal(store_item_add(w->store, &row, &row.item.id), 0);
	return row.item;
}

static inline int
item_copy(void *arg, const struct item_row *row)
{
	*(struct item *)arg = row->item;
	return 0;
}

#endif
