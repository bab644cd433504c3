/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that people leaf through: documents by where they stand, bases, tags;
 * small uploads; and stores of older schemas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store_world.h"

/* ---- where a document stands -------------------------------------------- */

static void
test_standing(void **state)
{
	static const struct {
		struct document document;
		enum document_standing wanted;
	} rows[] = {
	    {{.item_id = 0}, DOCUMENT_WAITING},
	    {{.item_id = 0, .is_archived = true}, DOCUMENT_WAITING},
	    {{.revision_id = 1}, DOCUMENT_AVAILABLE},
	    {{.item_id = 1, .item_state = ITEM_QUEUED, .revision_id = 1,
		 .is_paused = true}, DOCUMENT_WAITING},
	    {{.item_id = 1, .item_state = ITEM_SKIPPED, .revision_id = 1,
		 .item_code = ITEM_CODE_KEPT, .held_us = 1},
		DOCUMENT_WAITING},
	    {{.item_id = 1, .item_state = ITEM_FAILED, .held_us = 1,
		 .is_archived = true}, DOCUMENT_WAITING},
	    {{.item_id = 1, .item_state = ITEM_WAITING}, DOCUMENT_WAITING},
	    {{.item_id = 1, .item_state = ITEM_WAITING,
		 .item_stage = STAGE_EMBEDDING}, DOCUMENT_RUNNING},
	    {{.item_id = 1, .item_state = ITEM_CHUNKING}, DOCUMENT_RUNNING},
	    {{.item_id = 1, .item_state = ITEM_CHUNKING, .is_paused = true,
		 .is_archived = true}, DOCUMENT_PAUSED},
	    {{.item_id = 1, .item_state = ITEM_FAILED, .revision_id = 1},
		DOCUMENT_BROKEN},
	    {{.item_id = 1, .item_state = ITEM_CANCELLED,
		 .is_archived = true}, DOCUMENT_BROKEN},
	    {{.item_id = 1, .item_state = ITEM_SKIPPED,
		 .item_code = ITEM_CODE_UNSUPPORTED_FILE_TYPE},
		DOCUMENT_BROKEN},
	    {{.item_id = 1, .item_state = ITEM_SKIPPED, .revision_id = 1,
		 .item_code = ITEM_CODE_UNCHANGED}, DOCUMENT_AVAILABLE},
	    {{.item_id = 1, .item_state = ITEM_COMPLETED, .revision_id = 1,
		 .is_paused = true}, DOCUMENT_AVAILABLE},
	    {{.item_id = 1, .item_state = ITEM_COMPLETED, .revision_id = 1,
		 .disabled_us = 1}, DOCUMENT_DISABLED},
	    {{.item_id = 1, .item_state = ITEM_COMPLETED, .revision_id = 1,
		 .disabled_us = 1, .is_archived = true}, DOCUMENT_ARCHIVED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(document_standing(&rows[i].document),
		    rows[i].wanted);
}

/* All that decides, each with each. */
struct mix {
	int state; /* 0: no item */
	enum stage stage;
	enum item_code code;
	bool is_paused, is_indexed, is_disabled, is_archived, is_held;
};

static void
put_mix(struct world *w, const struct mix *mix, const struct job jobs[2],
    uint32_t seq)
{
	struct document_change change = {.disabled_us = mix->is_disabled,
	    .is_archived = mix->is_archived};
	struct item_row row;
	char uri[32];
	int64_t id;

	(void)snprintf(uri, sizeof(uri), "d%u", seq);
	id = mix->is_indexed ? put_indexed(w, uri, "w", 0, 1)
			     : put_document(w, uri, 0);
	assert_int_equal(store_document_change(w->store, id, &change, NOW),
	    0);
	if (mix->state == 0 && mix->is_held)
		assert_int_equal(store_document_hold(w->store, id, NOW), 0);
	if (mix->state == 0)
		return;
	memset(&row, 0, sizeof(row));
	row.uri = row.name = uri;
	row.metadata = "{}";
	row.item.job_id = jobs[mix->is_paused].id;
	row.item.document_id = id;
	row.item.seq = seq;
	row.item.state = (enum item_state)mix->state;
	row.item.stage = mix->stage;
	row.item.code = mix->code;
	row.item.attempt = 1;
	row.item.rev = store_next_rev(w->store);
	assert_int_equal(store_item_add(w->store, &row, &row.item.id), 0);
	/* It is the newest thing to do: what was held before is not any
	 * more. */
	if (mix->is_held)
		assert_int_equal(store_document_hold(w->store, id, NOW), 0);
}

static uint32_t
put_mixes(struct world *w, const struct job jobs[2])
{
	static const enum item_code codes[] = {0, ITEM_CODE_EMPTY_CONTENT,
	    ITEM_CODE_UNSUPPORTED_FILE_TYPE, ITEM_CODE_UNCHANGED,
	    ITEM_CODE_DUPLICATE, ITEM_CODE_INTERNAL_ERROR};
	struct mix mix;
	uint32_t n = 0;
	unsigned bits, i;

	for (mix.state = 0; mix.state < ITEM_STATE_COUNT; mix.state++)
		for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
			for (bits = 0; bits < 64; bits++) {
				mix.code = codes[i];
				mix.stage = (bits & 1) != 0 ? STAGE_CHUNKING
							    : STAGE_NONE;
				mix.is_paused = (bits & 2) != 0;
				mix.is_indexed = (bits & 4) != 0;
				mix.is_disabled = (bits & 8) != 0;
				mix.is_archived = (bits & 16) != 0;
				mix.is_held = (bits & 32) != 0;
				put_mix(w, &mix, jobs, ++n);
			}
	return n;
}

struct standings {
	enum document_standing wanted;
	uint64_t count;
};

static int
standing_same(void *arg, const struct document *document)
{
	struct standings *standings = arg;

	assert_int_equal(document_standing(document), standings->wanted);
	standings->count++;
	return 0;
}

/* What the rows say is what the struct says. */
static void
test_standings_of_rows(void **state)
{
	struct world *w = *state;
	struct document_page page = {.base_id = w->base_id,
	    .limit = UINT32_MAX};
	struct document_totals totals;
	struct standings standings;
	struct job jobs[2];
	uint64_t count, sum = 0;
	uint32_t all;
	int i;

	begin(w);
	jobs[0] = add_job(w, 10);
	jobs[1] = add_job(w, 11);
	jobs[1].is_paused = true;
	assert_int_equal(store_job_save(w->store, &jobs[1]), 0);
	all = put_mixes(w, jobs);
	commit(w);
	for (i = DOCUMENT_WAITING; i <= DOCUMENT_ARCHIVED; i++) {
		page.standings = 1u << i;
		standings = (struct standings){(enum document_standing)i, 0};
		assert_int_equal(store_documents_page(w->store, &page,
				     standing_same, &standings), 0);
		assert_int_equal(store_documents_count(w->store, &page,
				     &count), 0);
		assert_true(count > 0);
		assert_int_equal(count, standings.count);
		sum += count;
		assert_int_equal(store_document_totals(w->store, w->base_id,
				     &totals), 0);
		if (i == DOCUMENT_AVAILABLE)
			assert_int_equal(totals.available, count);
	}
	assert_int_equal(sum, all);
	assert_int_equal(totals.documents, all);
	page.standings = 1u << DOCUMENT_BROKEN | 1u << DOCUMENT_AVAILABLE;
	assert_int_equal(store_documents_count(w->store, &page, &count), 0);
	assert_true(count > totals.available && count < all);
}

/* ---- pages of documents ------------------------------------------------- */

static int
document_place(void *arg, const struct document *d)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%s:%u ", d->name, d->position);
}

static int64_t
put_named(struct world *w, const char *uri, const char *name, int64_t now_us)
{
	int64_t id;

	assert_int_equal(store_document_put(w->store, w->base_id, uri, name,
			     "{}", 0, 0, now_us, &id), 0);
	return id;
}

static void
expect_documents(struct world *w, const struct document_page *page,
    uint64_t count, const char *wanted)
{
	uint64_t got;

	seen_start(w);
	assert_int_equal(store_documents_page(w->store, page, document_place,
			     w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
	assert_int_equal(store_documents_count(w->store, page, &got), 0);
	assert_int_equal(got, count);
}

static void
test_document_pages(void **state)
{
	struct world *w = *state;
	struct document_page page = {.base_id = w->base_id, .limit = 10};
	struct document_change off = {.disabled_us = 1}, away = {
	    .is_archived = true};
	int64_t a, c, d;

	begin(w);
	a = put_named(w, "1", "Ebb", NOW);
	(void)put_named(w, "2", "flow", NOW + 2);
	c = put_named(w, "3", "Ebb", NOW + 1);
	d = put_named(w, "4", "Ebb", NOW + 1);
	assert_int_equal(put_named(w, "1", "Ebb", NOW + 9), a);
	commit(w);
	expect_documents(w, &page, 4, "flow:2 Ebb:4 Ebb:3 Ebb:1 ");
	page.offset = 1;
	page.limit = 2;
	expect_documents(w, &page, 4, "Ebb:4 Ebb:3 ");
	page.name = "bb";
	expect_documents(w, &page, 3, "Ebb:3 Ebb:1 ");
	page.name = "EBB";
	expect_documents(w, &page, 0, "");
	page.name = "";
	page.offset = 4;
	expect_documents(w, &page, 4, "");
	page.base_id = 999;
	expect_documents(w, &page, 0, "");

	seen_start(w);
	assert_int_equal(store_document_by_name(w->store, w->base_id, "Ebb",
			     document_place, w), 0);
	begin(w);
	assert_int_equal(store_document_change(w->store, d, &off, NOW), 0);
	assert_int_equal(store_document_by_name(w->store, w->base_id, "Ebb",
			     document_place, w), 0);
	assert_int_equal(store_document_change(w->store, c, &away, NOW), 0);
	assert_int_equal(store_document_by_name(w->store, w->base_id, "Ebb",
			     document_place, w), 0);
	assert_int_equal(store_document_delete(w->store, a), 0);
	commit(w);
	assert_string_equal(buf_text(&w->seen), "Ebb:4 Ebb:3 Ebb:1 ");
	assert_int_equal(store_document_by_name(w->store, w->base_id, "Ebb",
			     document_place, w), ERR_NOT_FOUND);
	assert_int_equal(store_document_by_name(w->store, w->base_id, "flo",
			     document_place, w), ERR_NOT_FOUND);
	/* A place is not given away again. */
	begin(w);
	(void)put_named(w, "5", "five", NOW + 5);
	commit(w);
	page = (struct document_page){.base_id = w->base_id, .limit = 1};
	expect_documents(w, &page, 4, "five:5 ");
}

static void
test_totals(void **state)
{
	struct world *w = *state;
	struct document_totals totals;
	int64_t id;

	assert_int_equal(store_document_totals(w->store, 999, &totals),
	    ERR_NOT_FOUND);
	begin(w);
	id = put_indexed(w, "a", "one", 2, 1);
	(void)put_indexed(w, "b", "two", 1, 2);
	(void)put_document(w, "c", 0);
	commit(w);
	assert_int_equal(store_document_totals(w->store, w->base_id, &totals),
	    0);
	assert_int_equal(totals.documents, 3);
	assert_int_equal(totals.available, 2);
	assert_int_equal(totals.characters, 8);
	begin(w);
	(void)put_indexed(w, "a", "again", 1, 3);
	assert_int_equal(store_document_totals(w->store, w->base_id, &totals),
	    0);
	assert_int_equal(totals.characters, 8);
	assert_int_equal(store_document_delete(w->store, id), 0);
	commit(w);
	assert_int_equal(store_document_totals(w->store, w->base_id, &totals),
	    0);
	assert_int_equal(totals.documents, 2);
	assert_int_equal(totals.available, 1);
	assert_int_equal(totals.characters, 4);
}

/* ---- bases and their tags ----------------------------------------------- */

static void
expect_bases(struct world *w, const struct base_page *page, uint64_t count,
    const char *wanted)
{
	uint64_t got;

	seen_start(w);
	assert_int_equal(store_bases_page(w->store, page, base_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
	assert_int_equal(store_bases_count(w->store, page, &got), 0);
	assert_int_equal(got, count);
}

static struct uuid
add_tag(struct world *w, uint8_t n, const char *name)
{
	struct tag tag = {.uuid = uuid_make(n), .created_us = NOW + n};
	int64_t id = 0;

	(void)snprintf(tag.name, sizeof(tag.name), "%s", name);
	assert_int_equal(store_tag_add(w->store, w->account_id, &tag, &id),
	    0);
	assert_true(id > 0);
	return tag.uuid;
}

static void
bind_tag(struct world *w, const struct uuid *tag, int64_t base_id,
    bool is_bound)
{
	assert_int_equal(store_tag_bind(w->store, w->account_id, tag, base_id,
			     is_bound), 0);
}

static void
test_base_pages(void **state)
{
	struct world *w = *state;
	struct base_page page = {.account_id = w->account_id, .limit = 10};
	struct uuid tags[PAGE_TAGS_MAX + 1];
	int64_t other;
	size_t i;

	begin(w);
	other = add_base(w, 60, "Stra\xC3\x9F" "e");
	(void)add_base(w, 61, "more docs");
	tags[0] = add_tag(w, 70, "red");
	tags[1] = add_tag(w, 71, "blue");
	bind_tag(w, &tags[0], w->base_id, true);
	bind_tag(w, &tags[0], other, true);
	bind_tag(w, &tags[1], other, true);
	commit(w);
	expect_bases(w, &page, 3,
	    "more docs:0/0 Stra\xC3\x9F" "e:0/0 docs:0/0 ");
	page.offset = page.limit = 1;
	expect_bases(w, &page, 3, "Stra\xC3\x9F" "e:0/0 ");
	page.offset = 0;
	page.name = "DOCS";
	expect_bases(w, &page, 2, "more docs:0/0 ");
	page.name = "strasse";
	expect_bases(w, &page, 1, "Stra\xC3\x9F" "e:0/0 ");
	page.name = NULL;
	page.limit = 10;
	page.tags = tags;
	page.tag_count = 1;
	expect_bases(w, &page, 2, "Stra\xC3\x9F" "e:0/0 docs:0/0 ");
	page.tag_count = 2;
	expect_bases(w, &page, 1, "Stra\xC3\x9F" "e:0/0 ");
	tags[2] = tags[0]; /* once more is no matter */
	page.tag_count = 3;
	expect_bases(w, &page, 1, "Stra\xC3\x9F" "e:0/0 ");
	tags[2] = uuid_make(99);
	expect_bases(w, &page, 0, "");
	for (i = 2; i <= PAGE_TAGS_MAX; i++)
		tags[i] = tags[0];
	page.tag_count = PAGE_TAGS_MAX;
	expect_bases(w, &page, 1, "Stra\xC3\x9F" "e:0/0 ");
	page.tag_count++;
	assert_int_equal(store_bases_page(w->store, &page, base_seen, w),
	    ERR_TOO_BIG);
	/* Another account's tags are none. */
	page.tag_count = 1;
	page.account_id++;
	expect_bases(w, &page, 0, "");
}

static int
tag_seen(void *arg, const struct tag *tag)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%s:%u:%d ", tag->name,
	    (unsigned)tag->bases, (int)(tag->created_us - NOW));
}

static void
expect_tags(struct world *w, int64_t base_id, const char *wanted)
{
	seen_start(w);
	assert_int_equal(store_tags_each(w->store, w->account_id, base_id,
			     tag_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
}

static void
test_tags(void **state)
{
	struct world *w = *state;
	struct tag again = {.name = "red"};
	struct uuid red, blue, none = uuid_make(99);
	int64_t other, id, account = w->account_id;

	begin(w);
	other = add_base(w, 60, "other");
	red = add_tag(w, 70, "red");
	blue = add_tag(w, 71, "blue");
	again.uuid = none;
	assert_int_equal(store_tag_add(w->store, account, &again, &id),
	    ERR_EXISTS);
	bind_tag(w, &red, w->base_id, true);
	bind_tag(w, &red, w->base_id, true);
	bind_tag(w, &red, other, true);
	bind_tag(w, &blue, other, true);
	bind_tag(w, &blue, w->base_id, false);
	assert_int_equal(store_tag_bind(w->store, account, &none, other,
			     true), ERR_NOT_FOUND);
	assert_int_equal(store_tag_bind(w->store, account + 1, &red, other,
			     false), ERR_NOT_FOUND);
	commit(w);
	expect_tags(w, 0, "red:2:70 blue:1:71 ");
	expect_tags(w, w->base_id, "red:2:70 ");
	expect_tags(w, other, "red:2:70 blue:1:71 ");
	seen_start(w);
	assert_int_equal(store_tags_each(w->store, account + 1, 0, tag_seen,
			     w), 0);
	assert_int_equal(store_tags_each(w->store, account + 1, other,
			     tag_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "");

	begin(w);
	assert_int_equal(store_tag_rename(w->store, account, &none, "x"),
	    ERR_NOT_FOUND);
	assert_int_equal(store_tag_rename(w->store, account, &red, "blue"),
	    ERR_EXISTS);
	assert_int_equal(store_tag_rename(w->store, account, &red, "green"),
	    0);
	bind_tag(w, &blue, other, false);
	commit(w);
	expect_tags(w, 0, "green:2:70 blue:0:71 ");
	begin(w);
	bind_tag(w, &blue, other, true);
	assert_int_equal(store_tag_delete(w->store, account + 1, &red),
	    ERR_NOT_FOUND);
	assert_int_equal(store_tag_delete(w->store, account, &red), 0);
	assert_int_equal(store_tag_delete(w->store, account, &red),
	    ERR_NOT_FOUND);
	commit(w);
	expect_tags(w, other, "blue:1:71 ");
	expect_tags(w, w->base_id, "");
	/* With the base goes what was bound to it. */
	begin(w);
	assert_int_equal(store_base_delete(w->store, other), 0);
	commit(w);
	expect_tags(w, 0, "blue:0:71 ");
}

/* ---- small uploads ------------------------------------------------------ */

static void
expect_blob(struct world *w, const uint8_t hash[HASH_SIZE],
    const char *wanted)
{
	int err;

	seen_start(w);
	err = store_small_blob_get(w->store, hash, &w->seen);
	assert_int_equal(err, wanted == NULL ? ERR_NOT_FOUND : 0);
	assert_string_equal(buf_text(&w->seen), wanted == NULL ? "" : wanted);
}

/* Blobs of one byte that nothing refers to. */
static void
put_bytes(struct world *w, uint8_t first, uint8_t end)
{
	uint8_t hash[HASH_SIZE] = {0};

	begin(w);
	for (hash[0] = first; hash[0] < end; hash[0]++)
		assert_int_equal(store_small_blob_put(w->store, hash, hash,
				     1), 0);
	commit(w);
}

static void
test_small_blobs(void **state)
{
	struct world *w = *state;
	uint8_t used[HASH_SIZE] = {1}, loose[HASH_SIZE] = {2};
	uint8_t empty[HASH_SIZE] = {3}, hash[HASH_SIZE] = {9};
	char *large = mem_zalloc(SMALL_BLOB_BYTES_MAX + 1);
	struct buf small;
	struct item item;
	struct job job;
	bool is_used, more;
	int rounds;

	assert_non_null(large);
	memset(large, 'x', SMALL_BLOB_BYTES_MAX);
	memcpy(large, "zyxoblob", 8);
	begin(w);
	job = add_job(w, 10);
	item = add_item(w, job.id, 1, "a", used);
	assert_int_equal(store_small_blob_put(w->store, used, "kept", 4), 0);
	assert_int_equal(store_small_blob_put(w->store, used, "other", 5), 0);
	assert_int_equal(store_small_blob_put(w->store, empty, NULL, 0), 0);
	assert_int_equal(store_small_blob_put(w->store, loose, large,
			     SMALL_BLOB_BYTES_MAX), 0);
	assert_int_equal(store_small_blob_put(w->store, hash, large,
			     SMALL_BLOB_BYTES_MAX + 1), ERR_TOO_BIG);
	commit(w);
	expect_blob(w, used, "kept");
	expect_blob(w, empty, "");
	expect_blob(w, loose, large);
	expect_blob(w, hash, NULL);
	/* What does not fit into what it is put in. */
	buf_init(&small, 3);
	assert_int_equal(store_small_blob_get(w->store, used, &small),
	    ERR_TOO_BIG);
	buf_fini(&small);
	assert_int_equal(store_blob_is_used(w->store, used, &is_used), 0);
	assert_true(is_used);
	assert_int_equal(store_blob_is_used(w->store, loose, &is_used), 0);
	assert_false(is_used);

	put_bytes(w, 10, 60);
	assert_true(files_hold(w, "zyxoblob"));
	for (more = true, rounds = 0; more; rounds++) {
		begin(w);
		assert_int_equal(store_small_blobs_collect(w->store, 20,
				     &more), 0);
		commit(w);
	}
	assert_int_equal(rounds, 3);
	expect_blob(w, used, "kept");
	expect_blob(w, loose, NULL);
	expect_blob(w, empty, NULL);
	for (hash[0] = 10; hash[0] < 60; hash[0]++)
		expect_blob(w, hash, NULL);
	assert_int_equal(store_checkpoint(w->store, true), 0);
	assert_false(files_hold(w, "zyxoblob"));

	/* With its document it is of no use; a round begins anew. */
	begin(w);
	assert_int_equal(store_document_delete(w->store, item.document_id),
	    0);
	assert_int_equal(store_small_blobs_collect(w->store, 20, &more), 0);
	commit(w);
	assert_false(more);
	expect_blob(w, used, NULL);
	mem_free(large);
}

/* ---- stores of older schemas -------------------------------------------- */

static int
position_next(void *arg, const struct document *d)
{
	uint32_t *last = arg;

	assert_int_equal(d->position, ++*last);
	assert_string_equal(d->settings, "{}");
	assert_string_equal(d->disabled_by, "");
	assert_true(d->disabled_us == 0 && !d->is_archived);
	assert_int_equal(d->has_vectors, d->revision_id != 0);
	assert_int_equal(d->source_id, 0);
	assert_string_equal(d->etag, "");
	return 0;
}

struct migrated {
	struct world *w;
	uint64_t bases, documents, jobs;
};

static int
base_migrated(void *arg, const struct base *base)
{
	struct migrated *m = arg;
	struct store *store = m->w->store;
	struct document_filter all = {.base_id = base->id,
	    .limit = UINT32_MAX};
	struct document_totals totals;
	struct index_totals t;
	uint32_t last = 0;
	int64_t id;

	assert_int_equal(store_documents_each(store, &all, position_next,
			     &last), 0);
	assert_int_equal(store_audit_base(store, base->id, &t), 0);
	assert_int_equal(t.documents, base->documents);
	assert_int_equal(t.segments, base->segments);
	assert_int_equal(t.characters, base->characters);
	assert_true(base->documents == 0 || base->characters > 0);
	assert_int_equal(t.promised_postings, t.postings);
	assert_int_equal(t.promised_vectors, t.vectors);
	assert_int_equal(t.vectors, t.segments);
	assert_int_equal(store_document_totals(store, base->id, &totals), 0);
	assert_int_equal(totals.documents, last);
	assert_int_equal(totals.characters, base->characters);
	begin(m->w);
	assert_int_equal(store_document_put(store, base->id, "new:///", "new",
			     "{}", 0, 0, NOW, &id), 0);
	assert_int_equal(store_documents_each(store,
			     &(struct document_filter){.base_id = base->id,
				 .after_id = id - 1, .limit = 1},
			     position_next, &last), 0);
	store_rollback(store);
	m->bases++;
	m->documents += base->documents;
	return 0;
}

static int
job_migrated(void *arg, const struct job *job)
{
	struct migrated *m = arg;

	assert_int_equal(job->paused_us, job->is_paused ? job->updated_us
							: 0);
	m->jobs++;
	return 0;
}

static void
migrate(struct world *w, const char *name)
{
	struct migrated m = {.w = w};
	struct job_filter jobs = {.limit = UINT32_MAX};
	struct uuid uuid;
	struct err_note note;
	char command[256], dir[96];

	(void)snprintf(command, sizeof(command),
	    "mkdir %s/%s && tar -xzf tests/data/%s/data.tar.gz -C %s/%s",
	    w->dir, name, name, w->dir, name);
	assert_int_equal(system(command), 0);
	(void)snprintf(dir, sizeof(dir), "%s/%s/data", w->dir, name);
	store_close(w->store);
	assert_int_equal(store_open(dir, STORE_WRITER, &w->store, &note), 0);
	assert_int_equal(store_account_first(w->store, &jobs.account_id,
			     &uuid), 0);
	assert_int_equal(store_bases_each(w->store, jobs.account_id, 0,
			     UINT32_MAX, base_migrated, &m), 0);
	assert_int_equal(store_jobs_each(w->store, &jobs, job_migrated, &m),
	    0);
	assert_true(m.bases > 0 && m.documents > 0 && m.jobs > 0);
}

static void
test_older_schemas(void **state)
{
	migrate(*state, "db-0001");
	migrate(*state, "db-0002");
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_up, world_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_standing),
	    WORLD_TEST(test_standings_of_rows),
	    WORLD_TEST(test_document_pages),
	    WORLD_TEST(test_totals),
	    WORLD_TEST(test_base_pages),
	    WORLD_TEST(test_tags),
	    WORLD_TEST(test_small_blobs),
	    WORLD_TEST(test_older_schemas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
