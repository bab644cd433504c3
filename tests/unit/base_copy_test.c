/* SPDX-License-Identifier: Apache-2.0 */
/* Bases that are made of others, and bases that are emptied. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/buf.h"
#include "engine/accounts.h"
#include "engine/bases.h"
#include "engine/board.h"
#include "engine_world.h"
#include "store/store_copy.h"
#include "store/store_graph.h"
#include "store/store_index.h"
#include "sys/rng.h"

#define NOW 1700000000000000LL
#define DIMENSIONS 4
#define MANY 700 /* segments: several pieces */
#define DUMP_MAX (4u << 20)

static const struct base_watch unwatched = {NULL, NULL};

/* ---- making documents ---------------------------------------------------- */

struct made {
	struct world *w;
	int64_t base_id;
};

static int
id_take(void *arg, const struct base *base)
{
	*(int64_t *)arg = base->id;
	return 0;
}

static int64_t
base_row(struct world *w, const struct uuid *uuid)
{
	int64_t id = 0;

	assert_int_equal(store_base_find(w->engine->store,
			     w->caller.account_id, uuid, NULL, id_take, &id),
	    0);
	return id;
}

static int64_t
put(struct made *m, const char *uri, int64_t parent_id)
{
	int64_t id;

	assert_int_equal(store_document_put(m->w->engine->store, m->base_id,
			     uri, uri + 5, "{\"team\":\"red\"}", 9, parent_id,
			     NOW, &id), 0);
	return id;
}

static const struct mention mentions[] = {
    {.key = "who", .name = "WHO", .type = "Organization", .weight = 3},
    {.key = "geneva", .name = "Geneva", .type = "Place", .weight = 1,
	.alias_key = "gva", .description = "A city"},
    {.key = "anna", .name = "Anna", .type = "Person", .weight = 2}};
static const struct relation relations[] = {
    {.subject = 2, .object = 1, .label = "lives_in", .weight = 2},
    {.subject = 1, .object = 0, .label = "hosts", .weight = 1}};
/* Which entities are made first differs from which are named first. */
static const struct segment_graph graphs[] = {{mentions + 1, 2, NULL, 0},
    {mentions, 3, relations, 2}};

/* Segments of which each third has children, in a revision that is live. */
static void
publish(struct made *m, int64_t document_id, uint8_t n, uint32_t segments)
{
	static const int8_t vector[DIMENSIONS] = {100, -3, 0, 7};
	struct store *store = m->w->engine->store;
	struct revision r = {.document_id = document_id,
	    .base_id = m->base_id, .rule = n, .has_vectors = n != 2,
	    .title = "T", .media_type = "text/plain", .language = "en",
	    .summary = "S", .keyphrases = "[\"k\"]",
	    .properties = "{\"author\":\"A\"}", .bytes = 10u + n,
	    .mtime_us = NOW - n, .characters = 5u * segments, .pages = 3,
	    .graph = n % 3, .embedder_id = n != 2};
	struct child children[2] = {
	    {.text = "left", .text_len = 4, .chars = 4, .vector = vector,
		.scale = 0.25f},
	    {.text = "right", .text_len = 5, .chars = 5, .vector = vector,
		.scale = 0.5f, .is_custom = true, .created_us = NOW}};
	struct segment segment = {.section = "A\x1F" "B", .dimensions = 4,
	    .embedder_id = 1,
	    .page_start = 1, .page_end = 2};
	char text[64];
	uint32_t i;

	memset(r.hash, n, sizeof(r.hash));
	assert_int_equal(store_revision_add(store, &r, &r.id), 0);
	for (i = 0; i < segments; i++) {
		(void)snprintf(text, sizeof(text), "word%u common d%u", i, n);
		segment.ordinal = i;
		segment.text = text;
		segment.text_len = strlen(text);
		segment.chars = (uint32_t)segment.text_len;
		segment.vector = vector;
		segment.scale = 0.125f * (float)(i + 1);
		segment.answer = i == 1 ? "because" : NULL;
		segment.keywords = i == 2 ? "[\"extra\"]" : NULL;
		segment.children = i % 3 == 1 ? children : NULL;
		segment.child_count = i % 3 == 1 ? 2 : 0;
		segment.graph = r.graph == 0 || i % 3 == 2 ? NULL
							   : &graphs[i % 3];
		assert_int_equal(store_segments_add(store, &r, &segment, 1),
		    0);
	}
	r.segments = segments;
	assert_int_equal(store_revision_publish(store, &r, NOW + 5), 0);
}

static int
segment_take(void *arg, const struct segment *segment)
{
	*(struct segment *)arg = *segment;
	return 1;
}

/* One of its segments is switched off, and the first deleted. */
static void
edit(struct made *m, int64_t document_id)
{
	struct store *store = m->w->engine->store;
	struct segment segment, off;

	assert_int_equal(store_segments_each(store, document_id, 3, 1,
			     segment_take, &segment), 1);
	off = segment;
	off.text = "switched off";
	off.text_len = strlen(off.text);
	off.section = "";
	off.answer = off.keywords = NULL;
	off.disabled_us = NOW;
	off.disabled_by = "me";
	assert_int_equal(store_segment_replace(store, &off, false, NOW), 0);
	assert_int_equal(store_segments_each(store, document_id, 0, 1,
			     segment_take, &segment), 1);
	assert_int_equal(store_segment_delete(store, segment.id), 0);
}

/* Documents of all sorts; returns how many are indexed. */
static unsigned
fill(struct world *w)
{
	struct made m = {w, base_row(w, &w->base)};
	struct store *store = w->engine->store;
	struct document_change away = {.is_archived = true,
	    .settings = "{\"rule\":1}"};
	int64_t archive, id;

	assert_int_equal(store_begin(store, NULL), 0);
	archive = put(&m, "test:a.zip", 0);
	publish(&m, put(&m, "test:a.zip#m.txt", archive), 1, 5);
	publish(&m, put(&m, "test:words.txt", 0), 2, 4);
	(void)put(&m, "test:waits.txt", 0); /* never indexed */
	publish(&m, put(&m, "test:many.txt", 0), 3, MANY);
	id = put(&m, "test:away.txt", 0);
	publish(&m, id, 4, 3);
	assert_int_equal(store_document_change(store, id, &away, NOW), 0);
	id = put(&m, "test:edited.txt", 0);
	publish(&m, id, 5, 6);
	edit(&m, id);
	publish(&m, put(&m, "test:empty.txt", 0), 6, 0);
	assert_int_equal(store_commit(store, NULL), 0);
	return 6;
}

/* ---- what a base holds, without its ids ---------------------------------- */

struct dump {
	struct store *store;
	int64_t base_id;
	struct buf *out;
};

static int
dump_vector(void *arg, const struct vector_kept *vector)
{
	struct dump *d = arg;

	return buf_printf(d->out, " v%d,%d/%zu*%g by %d", vector->bytes[0],
	    vector->bytes[1], vector->dimensions, (double)vector->scale,
	    (int)vector->embedder_id);
}

static int
dump_child(void *arg, const struct child *c)
{
	struct dump *d = arg;

	(void)buf_printf(d->out, "\n  child %u %u %d %s %lld", c->ordinal,
	    c->chars, c->is_custom, c->text, (long long)c->created_us);
	return store_vector_of(d->store, d->base_id, c->segment_id, c->id,
	    dump_vector, d);
}

static int
dump_mention(void *arg, const struct mention_row *m)
{
	struct dump *d = arg;

	return buf_printf(d->out, "\n  %s %s %s %s %s %u", m->key, m->name,
	    m->type, m->alias_key == NULL ? "-" : m->alias_key,
	    m->description == NULL ? "-" : m->description, m->weight);
}

/* Ends are told by how they follow each other: ids are not the same. */
static int
dump_relation(void *arg, const struct relation_row *r)
{
	struct dump *d = arg;

	return buf_printf(d->out, "\n  %lld %s %u",
	    (long long)(r->object_id - r->subject_id), r->label, r->weight);
}

static int
dump_segment(void *arg, const struct segment *s)
{
	struct dump *d = arg;
	int err;

	(void)buf_printf(d->out, "\n %u %u-%u %u [%s] %s | %s | %s off %lld %s",
	    s->ordinal, s->page_start, s->page_end, s->chars, s->section,
	    s->text, s->answer == NULL ? "-" : s->answer,
	    s->keywords == NULL ? "-" : s->keywords,
	    (long long)s->disabled_us, s->disabled_by);
	err = store_vector_of(d->store, d->base_id, s->id, 0, dump_vector, d);
	if (err == 0)
		err = store_copy_graph(d->store, s->id, dump_mention,
		    dump_relation, d);
	return err < 0 ? err
		       : store_children_page(d->store, s->id, NULL, 0,
			     CHILDREN_MAX, dump_child, d);
}

static int
dump_rest(void *arg, const struct revision_rest *rest)
{
	struct dump *d = arg;

	return buf_printf(d->out, " %02x%02x %s %u", rest->hash[0],
	    rest->hash[31], rest->properties, rest->graph);
}

static int
dump_parent(void *arg, const struct document *parent)
{
	struct dump *d = arg;

	return buf_printf(d->out, " in %s (%d)", parent->name,
	    parent->base_id == d->base_id);
}

static int
dump_document(void *arg, const struct document *o)
{
	struct dump *d = arg;
	int err = 0;

	if (strcmp(o->uri, "test:waits.txt") == 0)
		return 0;
	(void)buf_printf(d->out, "\n%s %s %s %s %llu %lld %u %llu %s %s %s %s"
	    " %s %u %llu %s %u %lld %s %d %d %s %02x %lld %lld %lld",
	    o->uri, o->name, o->metadata, o->own_metadata,
	    (unsigned long long)o->bytes, (long long)o->mtime_us, o->segments,
	    (unsigned long long)o->characters, o->title, o->media_type,
	    o->language, o->keyphrases, o->summary, o->pages,
	    (unsigned long long)o->rule, o->settings, o->position,
	    (long long)o->disabled_us, o->disabled_by, o->is_archived,
	    o->has_vectors, o->etag, o->hash[3], (long long)o->created_us,
	    (long long)o->updated_us, (long long)o->indexed_us);
	if (o->parent_id != 0)
		err = store_document_get(d->store, o->parent_id, dump_parent,
		    d);
	if (err == 0 && o->revision_id != 0)
		err = store_revision_rest(d->store, o->revision_id, dump_rest,
		    d);
	return err < 0 || o->revision_id == 0
	    ? err
	    : store_segments_each(d->store, o->id, 0, SEGMENTS_MAX,
		  dump_segment, d);
}

static int
dump_base(void *arg, const struct base *base)
{
	struct dump *d = arg;

	return buf_printf(d->out, "%s %s %llu %llu %llu", base->description,
	    base->settings, (unsigned long long)base->documents,
	    (unsigned long long)base->segments,
	    (unsigned long long)base->characters);
}

static void
dump(struct world *w, const struct uuid *uuid, struct buf *out)
{
	struct dump d = {w->engine->store, base_row(w, uuid), out};
	struct document_filter all = {.base_id = d.base_id,
	    .limit = INT32_MAX};

	buf_init(out, DUMP_MAX);
	assert_int_equal(store_base_find(d.store, w->caller.account_id, uuid,
			     NULL, dump_base, &d), 0);
	assert_int_equal(store_documents_each(d.store, &all, dump_document,
			     &d), 0);
	assert_int_equal(out->err, 0);
}

static int
difference_seen(void *arg, const struct difference *difference)
{
	(void)arg;
	fail_msg("%s: %llu stored, %llu counted", difference->what,
	    (unsigned long long)difference->stored,
	    (unsigned long long)difference->counted);
	return 0;
}

static void
expect_clean(struct world *w, const struct uuid *base,
    struct audit_totals *ret_totals)
{
	struct store *reader = NULL;
	struct err_note note = {""};

	assert_int_equal(engine_reader(w->engine, &reader, &note), 0);
	assert_int_equal(engine_audit(w->engine, reader, w->caller.account_id,
			     base, ret_totals, difference_seen, NULL, &note),
	    0);
	store_close(reader);
}

static int
hit_count(void *arg, int64_t segment_id, double score)
{
	(void)segment_id;
	(void)score;
	++*(unsigned *)arg;
	return 0;
}

static unsigned
hits(struct world *w, const struct uuid *base, const char *term)
{
	const struct search_term word = {.text = term, .weight = 1};
	const struct search_request request = {.base_id = base_row(w, base),
	    .terms = &word, .count = 1, .limit = 10000};
	unsigned count = 0;

	assert_int_equal(store_search_terms(w->engine->store, &request,
			     hit_count, &count), 0);
	return count;
}

/* Rows of bases that are nobody's, and of what belongs to no base. */
static int
rows_lost(struct world *w)
{
	static const char sql[] =
	    "SELECT (SELECT count(*) FROM base WHERE account_id = 0)"
	    " + (SELECT count(*) FROM document WHERE base_id NOT IN"
	    " (SELECT id FROM base)) + (SELECT count(*) FROM revision WHERE"
	    " base_id NOT IN (SELECT id FROM base))"
	    " + (SELECT count(*) FROM segment WHERE revision_id NOT IN"
	    " (SELECT id FROM revision)) + (SELECT count(*) FROM vector WHERE"
	    " base_id NOT IN (SELECT id FROM base))";
	char path[96];
	sqlite3_stmt *stmt;
	sqlite3 *db;
	int count;

	(void)snprintf(path, sizeof(path), "%s/tidemark.db", w->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	count = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	return count;
}

static void
expect_bases(struct world *w, uint64_t wanted)
{
	struct base_page page = {.account_id = w->caller.account_id};
	uint64_t count = 99;

	assert_int_equal(store_bases_count(w->engine->store, &page, &count),
	    0);
	assert_int_equal(count, wanted);
}

/* ---- copying ------------------------------------------------------------- */

static int
copy_base(struct world *w, const char *name, const struct base_watch *watch,
    struct base_copy *ret_copy)
{
	struct err_note note = {""};

	return engine_base_copy(w->engine, w->caller.account_id, &w->base,
	    name, watch, ret_copy, &note);
}

static void
test_the_same(void **state)
{
	struct world *w = *state;
	unsigned indexed = fill(w);
	struct audit_totals from, to;
	struct base_copy copy;
	struct buf before, after;
	struct made m = {.w = w};

	assert_int_equal(copy_base(w, "second", &unwatched, &copy), 0);
	assert_int_equal(copy.documents, indexed);
	assert_int_equal(copy.segments, 5 + 4 + MANY + 3 + 5);
	dump(w, &w->base, &before);
	dump(w, &copy.uuid, &after);
	assert_string_equal(buf_text(&after), buf_text(&before));
	assert_non_null(strstr(buf_text(&after), " in a.zip (1)"));
	assert_non_null(strstr(buf_text(&after), "child 1 5 1 right"));
	buf_fini(&before);
	buf_fini(&after);
	expect_clean(w, &w->base, &from);
	expect_clean(w, &copy.uuid, &to);
	assert_memory_equal(&to.index, &from.index, sizeof(to.index));
	assert_int_equal(hits(w, &copy.uuid, "common"),
	    hits(w, &w->base, "common"));
	assert_int_equal(hits(w, &copy.uuid, "common"), 5 + 4 + MANY + 4);
	assert_int_equal(hits(w, &copy.uuid, "extra"), 4);
	assert_int_equal(hits(w, &copy.uuid, "switched"), 0);
	/* What comes next gets a place behind all there were. */
	m.base_id = base_row(w, &copy.uuid);
	assert_int_equal(store_begin(w->engine->store, NULL), 0);
	publish(&m, put(&m, "test:next.txt", 0), 7, 2);
	assert_int_equal(store_commit(w->engine->store, NULL), 0);
	dump(w, &copy.uuid, &after);
	assert_non_null(strstr(buf_text(&after), "{} 9 0  0"));
	buf_fini(&after);
	assert_int_equal(rows_lost(w), 0);
}

/* Each has a life of its own. */
static void
test_apart(void **state)
{
	struct world *w = *state;
	struct err_note note = {""};
	struct audit_totals totals;
	struct base_copy copy;

	(void)fill(w);
	assert_int_equal(copy_base(w, "second", &unwatched, &copy), 0);
	assert_int_equal(engine_base_delete(w->engine, w->caller.account_id,
			     &w->base, &note), 0);
	expect_clean(w, &copy.uuid, &totals);
	assert_int_equal(totals.index.documents, 6);
	assert_int_equal(hits(w, &copy.uuid, "common"), 5 + 4 + MANY + 4);
	assert_int_equal(rows_lost(w), 0);
}

static void
test_empty(void **state)
{
	struct world *w = *state;
	struct base_copy copy;
	struct audit_totals totals;

	assert_int_equal(copy_base(w, "second", &unwatched, &copy), 0);
	assert_int_equal(copy.documents, 0);
	assert_int_equal(copy.segments, 0);
	expect_clean(w, &copy.uuid, &totals);
	expect_bases(w, 2);
}

static void
test_refusals(void **state)
{
	struct world *w = *state;
	struct base_copy copy = {.documents = 99};
	struct err_note note = {""};
	int64_t staging = 0;

	(void)fill(w);
	assert_int_equal(copy_base(w, "docs", &unwatched, &copy), ERR_EXISTS);
	assert_int_equal(copy_base(w, "a/b", &unwatched, &copy), ERR_INVALID);
	assert_int_equal(copy_base(w, "", &unwatched, &copy), ERR_INVALID);
	assert_int_equal(engine_account_in(w->engine, w->caller.account_id,
			     ENVIRONMENT_STAGING, &staging, &note), 0);
	assert_int_equal(engine_base_copy(w->engine, staging, &w->base, "x",
			     &unwatched, &copy, &note), ERR_NOT_FOUND);
	w->engine->copies = 4;
	assert_int_equal(copy_base(w, "x", &unwatched, &copy), ERR_BUSY);
	w->engine->copies = 0;
	assert_int_equal(copy.documents, 99);
	expect_bases(w, 1);
	assert_int_equal(rows_lost(w), 0);
}

/* ---- broken off ---------------------------------------------------------- */

struct watcher {
	struct world *w;
	unsigned pieces, stop_at;
	void (*meanwhile)(struct world *w);
};

static bool
watch_piece(void *arg)
{
	struct watcher *watcher = arg;

	watcher->pieces++;
	if (watcher->pieces == 1 && watcher->meanwhile != NULL)
		watcher->meanwhile(watcher->w);
	/* Nobody finds what is half there. */
	expect_bases(watcher->w, watcher->meanwhile == NULL ? 1 : 2);
	return watcher->pieces != watcher->stop_at;
}

static void
test_stopped(void **state)
{
	struct world *w = *state;
	struct watcher watcher = {.w = w, .stop_at = 3};
	struct base_watch watch = {watch_piece, &watcher};
	struct base_copy copy;

	(void)fill(w);
	assert_int_equal(copy_base(w, "second", &watch, &copy),
	    ERR_CANCELLED);
	assert_int_equal(watcher.pieces, 3);
	expect_bases(w, 1);
	assert_int_equal(rows_lost(w), 0);
	assert_int_equal(w->engine->copies, 0);
	/* And again, without a stop. */
	watcher.stop_at = 0;
	assert_int_equal(copy_base(w, "second", &watch, &copy), 0);
}

static void
take_the_name(struct world *w)
{
	struct err_note note = {""};
	struct uuid uuid;

	assert_int_equal(engine_base_create(w->engine, w->caller.account_id,
			     "second", NULL, NULL, &uuid, &note), 0);
}

static void
test_name_is_taken_meanwhile(void **state)
{
	struct world *w = *state;
	struct watcher watcher = {.w = w, .meanwhile = take_the_name};
	struct base_watch watch = {watch_piece, &watcher};
	struct base_copy copy;

	(void)fill(w);
	assert_int_equal(copy_base(w, "second", &watch, &copy), ERR_EXISTS);
	expect_bases(w, 2);
	assert_int_equal(rows_lost(w), 0);
}

static void
empty_the_first(struct world *w)
{
	struct err_note note = {""};
	uint64_t count;

	take_the_name(w);
	assert_int_equal(engine_base_wipe(w->engine, w->engine->store,
			     w->caller.account_id, &w->base, "me", &unwatched,
			     &count, &note), 0);
	assert_int_equal(count, 8);
}

/* The copy is of the moment at which it was asked for. */
static void
test_changed_meanwhile(void **state)
{
	struct world *w = *state;
	struct watcher watcher = {.w = w, .meanwhile = empty_the_first};
	struct base_watch watch = {watch_piece, &watcher};
	struct audit_totals totals;
	struct base_copy copy;

	(void)fill(w);
	assert_int_equal(copy_base(w, "third", &watch, &copy), 0);
	expect_clean(w, &copy.uuid, &totals);
	assert_int_equal(totals.index.documents, 6);
	expect_clean(w, &w->base, &totals);
	assert_int_equal(totals.index.documents, 0);
}

/* What a copy left that died with its program goes at the next start. */
static void
test_left_behind(void **state)
{
	struct world *w = *state;
	struct engine_config config = {.data_dir = w->dir,
	    .extractor = "none", .workers = 1, .file_bytes_max = 1000,
	    .api_key = "a key of tests"};
	struct base base = {.uuid = rng_uuid(), .description = "",
	    .settings = "{}", .created_us = NOW};
	struct made m = {.w = w};
	struct err_note note = {""};

	(void)fill(w);
	assert_int_equal(store_begin(w->engine->store, NULL), 0);
	assert_int_equal(store_copy_base(w->engine->store, &base, &m.base_id),
	    0);
	publish(&m, put(&m, "test:half.txt", 0), 3, 300);
	assert_int_equal(store_commit(w->engine->store, NULL), 0);
	assert_true(rows_lost(w) > 0);
	expect_bases(w, 1);
	engine_close(w->engine);
	w->engine = NULL;
	assert_int_equal(engine_open(&config, &w->engine, &note), 0);
	assert_int_equal(rows_lost(w), 0);
	expect_bases(w, 1);
	assert_int_equal(hits(w, &w->base, "common"), 5 + 4 + MANY + 4);
}

/* ---- emptying ------------------------------------------------------------ */

static void
test_wipe(void **state)
{
	struct world *w = *state;
	struct err_note note = {""};
	const struct job *job;
	struct audit_totals totals;
	uint64_t count = 0;
	int64_t job_id;

	(void)fill(w);
	job_id = make_job(w);
	assert_int_equal(engine_base_wipe(w->engine, w->engine->store,
			     w->caller.account_id, &w->base, "me", &unwatched,
			     &count, &note), 0);
	assert_int_equal(count, 8); /* also those that are not indexed */
	job = board_own(w->engine->board, job_id);
	assert_non_null(job);
	assert_int_equal(job->state, JOB_CANCELLED);
	assert_string_equal(job->cancelled_by, "me");
	expect_clean(w, &w->base, &totals);
	assert_int_equal(totals.index.documents, 0);
	assert_int_equal(hits(w, &w->base, "common"), 0);
	/* It stays, and can be emptied again. */
	assert_int_equal(engine_base_wipe(w->engine, w->engine->store,
			     w->caller.account_id, &w->base, "me", &unwatched,
			     &count, &note), 0);
	assert_int_equal(count, 0);
	expect_bases(w, 1);
}

static bool
never(void *arg)
{
	(void)arg;
	return false;
}

static void
test_wipe_refusals(void **state)
{
	struct world *w = *state;
	const struct base_watch watch = {never, NULL};
	struct err_note note = {""};
	struct uuid other = rng_uuid();
	uint64_t count = 5;

	(void)fill(w);
	assert_int_equal(engine_base_wipe(w->engine, w->engine->store,
			     w->caller.account_id, &other, "me", &unwatched,
			     &count, &note), ERR_NOT_FOUND);
	assert_int_equal(engine_base_wipe(w->engine, w->engine->store,
			     w->caller.account_id, &w->base, "me", &watch,
			     &count, &note), ERR_CANCELLED);
	assert_int_equal(count, 0);
	assert_int_equal(hits(w, &w->base, "extra"), 4);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_up, world_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_the_same),
	    TEST(test_apart),
	    TEST(test_empty),
	    TEST(test_refusals),
	    TEST(test_stopped),
	    TEST(test_name_is_taken_meanwhile),
	    TEST(test_changed_meanwhile),
	    TEST(test_left_behind),
	    TEST(test_wipe),
	    TEST(test_wipe_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
