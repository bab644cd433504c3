/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What words of a query find: stems by each document's language, words in most
 * segments, words that must be there, and the same after a rebuild.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store_world.h"
#include "text/language.h"

#define ENGLISH "The committee was indexing the connections of the towns"
#define GERMAN "Der Ausschuss hat über die Häuser und die Verbindungen beraten"

static struct segment
segment_of(const char *text, uint32_t ordinal)
{
	static const int8_t vector[DIMENSIONS] = {1, -1};

	return (struct segment){.ordinal = ordinal, .section = "",
	    .text = text, .text_len = strlen(text),
	    .chars = (uint32_t)strlen(text), .vector = vector,
	    .dimensions = DIMENSIONS, .scale = 0.5f};
}

static int64_t
put_text(struct world *w, const char *uri, unsigned stems, uint8_t n,
    const char *text)
{
	struct segment segment = segment_of(text, 0);
	struct revision r = {0};
	int64_t id;

	id = put_document(w, uri, 0);
	revision_begin(w, id, n, &r);
	r.language = language_code((enum language)stems);
	r.stems = stems;
	assert_int_equal(store_revision_add(w->store, &r, &r.id), 0);
	assert_int_equal(store_segments_add(w->store, &r, &segment, 1), 0);
	r.segments = r.stored = 1;
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
	return id;
}

static int64_t
segment_id(struct world *w, int64_t document_id)
{
	seen_start(w);
	assert_int_equal(store_segments_each(w->store, document_id, 0, 1,
			     segment_seen, w), 0);
	return w->hit;
}

static void
expect_hit(struct world *w, const char *word, int64_t wanted)
{
	assert_int_equal(found(w->store, w, w->base_id, word), wanted != 0);
	assert_int_equal(w->hit, wanted);
}

/* In a database of its own, between two opens. */
static void
run_sql(const struct world *w, const char *sql)
{
	char path[96];
	sqlite3 *db;

	(void)snprintf(path, sizeof(path), "%s/tidemark.db", w->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
}

static int
term_seen(void *arg, const char *term, size_t len, uint32_t weight)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%.*s:%u ", (int)len, term,
	    (unsigned)weight);
}

/* ---- two languages ------------------------------------------------------- */

static void
test_languages(void **state)
{
	struct world *w = *state;
	int64_t english, german;

	begin(w);
	english = put_text(w, "file:///e", LANGUAGE_ENGLISH, 1, ENGLISH);
	commit(w);
	/* One language: its stems alone. */
	english = segment_id(w, english);
	expect_hit(w, "indexes", english);
	expect_hit(w, "haus", 0);
	begin(w);
	german = put_text(w, "file:///g", LANGUAGE_GERMAN, 2, GERMAN);
	german = segment_id(w, german);
	expect_hit(w, "haus", german); /* not committed yet */
	commit(w);
	expect_hit(w, "hauses", german);
	expect_hit(w, "verbindung", german);
	expect_hit(w, "connected", english);
	expect_hit(w, "indexed", english);
	expect_hit(w, "index", english);
	expect_hit(w, "indexer", english);
	expect_hit(w, "committees", english);
	seen_start(w);
	assert_int_equal(store_segment_terms(w->store, german, term_seen, w),
	    0);
	assert_string_equal(buf_text(&w->seen), "der:1 ausschuss:1 hat:1 "
	    "uber:1 die:1 haus:1 und:1 die:1 verbind:1 berat:1 ");
	assert_int_equal(store_segment_terms(w->store, 999, term_seen, w),
	    ERR_NOT_FOUND);
	expect_audit(w, 2, 2);
}

/* ---- edits --------------------------------------------------------------- */

static void
test_edits(void **state)
{
	struct world *w = *state;
	struct segment segment;
	int64_t document, id;

	begin(w);
	document = put_text(w, "file:///g", LANGUAGE_GERMAN, 2, GERMAN);
	(void)put_text(w, "file:///e", LANGUAGE_ENGLISH, 1, ENGLISH);
	commit(w);
	/* Says nothing of its language: it is its document's. */
	segment = segment_of("Flughäfen", 0);
	segment.document_id = document;
	begin(w);
	assert_int_equal(store_segment_insert(w->store, &segment, NOW, &id),
	    0);
	commit(w);
	expect_hit(w, "flughafen", id);
	segment.text = "Bahnhöfen";
	segment.text_len = strlen(segment.text);
	segment.id = id;
	begin(w);
	assert_int_equal(store_segment_replace(w->store, &segment, true, NOW),
	    0);
	commit(w);
	expect_hit(w, "bahnhof", id);
	expect_hit(w, "flughafen", 0);
	/* Off and on again. */
	segment.disabled_us = NOW;
	begin(w);
	assert_int_equal(store_segment_replace(w->store, &segment, true, NOW),
	    0);
	commit(w);
	expect_hit(w, "bahnhof", 0);
	segment.disabled_us = 0;
	begin(w);
	assert_int_equal(store_segment_replace(w->store, &segment, true, NOW),
	    0);
	commit(w);
	expect_hit(w, "bahnhof", id);
	expect_audit(w, 2, 3);
}

/* A document without a text has no language before its first segment. */
static void
test_first_segment(void **state)
{
	struct world *w = *state;
	struct segment segment = segment_of(GERMAN, 0);
	struct revision r;
	int64_t id;

	begin(w);
	segment.document_id = put_document(w, "file:///empty", 0);
	revision_begin(w, segment.document_id, 3, &r);
	r.language = "";
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
	assert_int_equal(store_segment_insert(w->store, &segment, NOW, &id),
	    0);
	commit(w);
	expect_hit(w, "hauses", id);
}

/* ---- rebuilding ---------------------------------------------------------- */

static void
test_rebuild(void **state)
{
	struct world *w = *state;
	int64_t english, german, plain;

	begin(w);
	english = put_text(w, "file:///e", LANGUAGE_NONE, 1, ENGLISH);
	german = put_text(w, "file:///g", LANGUAGE_NONE, 2, GERMAN);
	plain = put_text(w, "file:///p", LANGUAGE_NONE, 3, "boats");
	commit(w);
	english = segment_id(w, english);
	german = segment_id(w, german);
	plain = segment_id(w, plain);
	expect_hit(w, "boats", plain);
	expect_hit(w, "boat", 0);
	expect_hit(w, "indexes", 0);
	store_close(w->store);
	w->store = NULL;
	/* As before there were stems. */
	run_sql(w, "UPDATE meta SET value = 1 WHERE name = 'words';"
	    "UPDATE part SET languages = 0");
	reopen(w);
	expect_hit(w, "boat", plain);
	expect_hit(w, "indexes", english);
	expect_hit(w, "hauses", german);
	expect_audit(w, 3, 3);
	/* Once only: now the rule is this program's. */
	store_close(w->store);
	w->store = NULL;
	run_sql(w, "UPDATE revision SET stems = 0");
	reopen(w);
	expect_hit(w, "hauses", german);
}

/* ---- words in most segments, and words that must be there ---------------- */

static unsigned
asked(struct world *w, const struct search_term *terms, size_t count,
    double common_max)
{
	struct search_request request = {.base_id = w->base_id,
	    .terms = terms, .count = count, .limit = 1000,
	    .common_max = common_max};
	const char *at;
	unsigned n = 0;

	seen_start(w);
	assert_int_equal(store_search_terms(w->store, &request, hit_seen, w),
	    0);
	for (at = buf_text(&w->seen); *at != '\0'; at++)
		n += *at == ' ';
	return n;
}

static void
test_common(void **state)
{
	static const struct search_term terms[] = {
	    {.text = "common", .weight = 1}, {.text = "n7", .weight = 1}};
	static const struct search_term demanded[] = {
	    {.text = "common", .weight = 1, .must = true},
	    {.text = "n7", .weight = 1}};
	struct world *w = *state;

	begin(w);
	(void)put_indexed(w, "file:///a", "alpha", 200, 1);
	commit(w);
	/* Few: nothing is left out. */
	assert_int_equal(asked(w, terms, 2, 0.5), 200);
	begin(w);
	(void)put_indexed(w, "file:///b", "beta", 100, 2);
	commit(w);
	assert_int_equal(asked(w, terms, 2, 0), 300);
	assert_int_equal(asked(w, terms, 2, 0.5), 2);
	/* All of them are, so none is. */
	assert_int_equal(asked(w, terms, 1, 0.5), 300);
	assert_int_equal(asked(w, demanded, 2, 0.5), 300);
	/* What nobody has makes up for nothing. */
	assert_int_equal(asked(w, (struct search_term[]){terms[0],
	    {.text = "nowhere", .weight = 1}}, 2, 0.5), 300);
	/* Nor does what nobody asked for. */
	assert_int_equal(asked(w, (struct search_term[]){terms[0],
	    {.text = "beta", .weight = 1, .is_extra = true}}, 2, 0.5), 300);
}

static void
test_must(void **state)
{
	struct search_term terms[] = {
	    {.text = "haus", .weight = 1},
	    {.text = "common", .weight = 1},
	    {.text = "indexes", .weight = 1, .must = true}};
	struct world *w = *state;
	int64_t english;

	begin(w);
	(void)put_indexed(w, "file:///a", "alpha", 40, 1);
	english = put_text(w, "file:///e", LANGUAGE_ENGLISH, 2, ENGLISH);
	(void)put_text(w, "file:///g", LANGUAGE_GERMAN, 3, GERMAN);
	commit(w);
	english = segment_id(w, english);
	assert_int_equal(asked(w, terms, 3, 0), 1);
	assert_int_equal(w->hit, english);
	terms[0].must = true;
	assert_int_equal(asked(w, terms, 3, 0), 0);
	/* A stem is asked for as it is. */
	terms[0] = (struct search_term){
	    .text = "index", .weight = 1, .is_stem = true};
	assert_int_equal(asked(w, terms, 3, 0), 1);
	terms[0].text = "indexes";
	terms[0].must = true;
	assert_int_equal(asked(w, terms, 3, 0), 0);
}

/* Sixty-four words in all languages are not too many. */
static void
test_many(void **state)
{
	struct search_term terms[64];
	char texts[64][16], uri[32];
	struct world *w = *state;
	unsigned i;

	begin(w);
	for (i = 1; i < LANGUAGE_COUNT; i++) {
		(void)snprintf(uri, sizeof(uri), "file:///%u", i);
		(void)put_text(w, uri, i, (uint8_t)i, "informationen");
	}
	commit(w);
	for (i = 0; i < 64; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "%cx%cationens",
		    'a' + (int)i / 8, 'a' + (int)i % 8);
		terms[i] = (struct search_term){
		    .text = texts[i], .weight = 1};
	}
	terms[63].text = "informationen";
	assert_int_equal(asked(w, terms, 64, 0.5), LANGUAGE_COUNT - 1);
}

int
main(void)
{
#define TEST(name)                                                            \
	cmocka_unit_test_setup_teardown(name, world_up, world_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_languages),
	    TEST(test_edits),
	    TEST(test_first_segment),
	    TEST(test_rebuild),
	    TEST(test_common),
	    TEST(test_must),
	    TEST(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
