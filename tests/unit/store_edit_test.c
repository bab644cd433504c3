/* SPDX-License-Identifier: Apache-2.0 */
/* Changing by hand: documents and segments switched off and on, segments and
 * their children written, changed and deleted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store_world.h"

static const int8_t vector[DIMENSIONS] = {7, -1};

static struct segment
segment_make(int64_t document_id, const char *text)
{
	struct segment segment = {.document_id = document_id,
	    .section = "Part", .text = text, .text_len = strlen(text),
	    .chars = (uint32_t)strlen(text), .vector = vector,
	    .dimensions = DIMENSIONS, .scale = 0.5f};

	return segment;
}

static struct child
child_make(int64_t segment_id, const char *text)
{
	struct child child = {.segment_id = segment_id, .text = text,
	    .text_len = strlen(text), .chars = (uint32_t)strlen(text),
	    .is_custom = true, .vector = vector, .scale = 0.5f};

	return child;
}

/* ---- what is there ------------------------------------------------------ */

/* Postings and vectors that are there, all of which are promised. */
static void
expect_index(struct world *w, uint64_t segments, uint64_t postings,
    uint64_t vectors)
{
	struct index_totals t;

	assert_int_equal(store_audit_base(w->store, w->base_id, &t), 0);
	assert_int_equal(t.promised, segments);
	assert_int_equal(t.segments, segments);
	assert_int_equal(t.promised_postings, postings);
	assert_int_equal(t.postings, postings);
	assert_int_equal(t.promised_vectors, vectors);
	assert_int_equal(t.vectors, vectors);
}

static int
vector_named(void *arg, const struct vector_kept *kept)
{
	struct world *w = arg;

	assert_true(kept->revision_id > 0);
	assert_int_equal(kept->dimensions, DIMENSIONS);
	assert_int_equal(kept->bytes[1], -1);
	return buf_printf(&w->seen, "%d/%d ", (int)kept->segment_id,
	    (int)kept->child_id);
}

/* Segments and children whose vectors queries see. */
static void
expect_vectors(struct world *w, const char *wanted)
{
	seen_start(w);
	assert_int_equal(store_vectors_each(w->store, w->base_id,
			     vector_named, w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
}

static void
expect_segments(struct world *w, int64_t document_id, const char *wanted)
{
	seen_start(w);
	assert_int_equal(store_segments_each(w->store, document_id, 0, 100,
			     segment_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
}

static int
child_seen(void *arg, const struct child *child)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%u:%s:%d:%d:%d ", child->ordinal,
	    child->text, child->is_custom,
	    (int)(child->created_us == 0 ? 0 : child->created_us - NOW),
	    (int)(child->updated_us == 0 ? 0 : child->updated_us - NOW));
}

static void
expect_children(struct world *w, int64_t segment_id, const char *wanted)
{
	seen_start(w);
	assert_int_equal(store_children_page(w->store, segment_id, NULL, 0,
			     100, child_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
}

static int
document_copy(void *arg, const struct document *document)
{
	*(struct document *)arg = *document;
	return 0;
}

/* Only its numbers are good afterwards. */
static struct document
document_of(struct world *w, int64_t id)
{
	struct document document;

	assert_int_equal(store_document_get(w->store, id, document_copy,
			     &document), 0);
	return document;
}

static int64_t
generation_of(struct world *w)
{
	int64_t generation;

	assert_int_equal(store_base_generation(w->store, w->base_id,
			     &generation), 0);
	return generation;
}

/* The one segment of the base that has the word. */
static int64_t
segment_with(struct world *w, const char *word)
{
	assert_int_equal(found(w->store, w, w->base_id, word), 1);
	return w->hit;
}

/* ---- documents ---------------------------------------------------------- */

static int
change_seen(void *arg, const struct document *d)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%s %s %s %d %s %d %d", d->name,
	    d->metadata, d->settings, (int)d->disabled_us, d->disabled_by,
	    d->is_archived, (int)(d->updated_us - NOW));
}

static void
change(struct world *w, int64_t id, const struct document_change *change,
    int64_t now_us)
{
	begin(w);
	assert_int_equal(store_document_change(w->store, id, change, now_us),
	    0);
	commit(w);
}

static void
test_document_switch(void **state)
{
	struct world *w = *state;
	struct document_change on = {.name = NULL}, off = {.disabled_us = 5,
	    .disabled_by = "me"}, away = {.is_archived = true,
	    .name = "new", .metadata = "{\"a\":1}", .settings = "{\"b\":2}"};
	struct revision r;
	int64_t a, generation, last;

	begin(w);
	a = put_indexed(w, "a", "first", 2, 1);
	(void)put_indexed(w, "b", "second", 1, 2);
	assert_int_equal(store_document_change(w->store, 999, &off, NOW),
	    ERR_NOT_FOUND);
	commit(w);
	generation = generation_of(w);
	change(w, a, &off, NOW + 1);
	assert_true(generation_of(w) > generation);
	assert_int_equal(found(w->store, w, w->base_id, "first"), 0);
	assert_int_equal(found(w->store, w, w->base_id, "common"), 1);
	expect_vectors(w, "3/0 ");
	/* It is all there for lists and counters. */
	expect_segments(w, a, "0:first common n0 1:first common n1 ");
	assert_int_equal(store_segment_get(w->store, 1, segment_seen, w), 0);
	expect_base(w, "docs:2/3 ");
	expect_audit(w, 2, 3);
	change(w, a, &away, NOW + 2);
	assert_int_equal(found(w->store, w, w->base_id, "first"), 0);
	seen_start(w);
	assert_int_equal(store_document_get(w->store, a, change_seen, w), 0);
	assert_string_equal(buf_text(&w->seen),
	    "new {\"a\":1} {\"b\":2} 0  1 2");

	/* What becomes live of a document that is off is not found either. */
	begin(w);
	revision_begin(w, a, 3, &r);
	assert_int_equal(segments_put(w, &r, "third", 0, 1), 0);
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
	commit(w);
	assert_int_equal(found(w->store, w, w->base_id, "third"), 0);
	purge_all(w, 10);
	expect_audit(w, 2, 2);
	expect_segments(w, a, "0:third common n0 ");
	reopen(w);
	assert_int_equal(found(w->store, w, w->base_id, "third"), 0);
	last = generation_of(w);
	change(w, a, &on, NOW + 3);
	assert_true(generation_of(w) > last);
	assert_int_equal(found(w->store, w, w->base_id, "third"), 1);
	expect_vectors(w, "3/0 4/0 ");
	change(w, a, &off, NOW);
	begin(w);
	assert_int_equal(store_document_delete(w->store, a), 0);
	commit(w);
	purge_all(w, 10);
	expect_base(w, "docs:1/1 ");
	expect_audit(w, 1, 1);
}

/* ---- segments ----------------------------------------------------------- */

static int
segment_all(void *arg, const struct segment *s)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%u %s|%s|%s|%d %s|%d %d", s->ordinal,
	    s->text, s->answer == NULL ? "-" : s->answer,
	    s->keywords == NULL ? "-" : s->keywords, (int)s->disabled_us,
	    s->disabled_by, (int)(s->created_us - NOW),
	    (int)(s->updated_us - NOW));
}

static void
expect_segment(struct world *w, int64_t id, const char *wanted)
{
	seen_start(w);
	assert_int_equal(store_segment_get(w->store, id, segment_all, w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
}

static void
test_segment_insert(void **state)
{
	struct world *w = *state;
	struct segment segment;
	struct document before, after;
	uint8_t hash[HASH_SIZE];
	int64_t id, unread, other, generation, s = 0;

	begin(w);
	id = put_indexed(w, "a", "first", 2, 1);
	unread = put_document(w, "unread", 0);
	commit(w);
	before = document_of(w, id);
	generation = generation_of(w);
	begin(w);
	segment = segment_make(unread, "nowhere");
	assert_int_equal(store_segment_insert(w->store, &segment, NOW, &s),
	    ERR_NOT_FOUND);
	segment = segment_make(999, "nowhere");
	assert_int_equal(store_segment_insert(w->store, &segment, NOW, &s),
	    ERR_NOT_FOUND);
	segment = segment_make(id, "a question");
	segment.answer = "the reply";
	segment.keywords = "[\"Harbour\",\"tide table\",\"\\u00e4\\nbc\"]";
	segment.ordinal = 77;
	assert_int_equal(store_segment_insert(w->store, &segment, NOW + 9,
			     &s), 0);
	commit(w);
	assert_true(generation_of(w) > generation);
	expect_segment(w, s, "2 a question|the reply|[\"Harbour\","
			     "\"tide table\",\"\\u00e4\\nbc\"]|0 |9 9");
	/* Text and keywords are found, the answer is not. */
	assert_int_equal(segment_with(w, "question"), s);
	assert_int_equal(segment_with(w, "harbour"), s);
	assert_int_equal(segment_with(w, "table"), s);
	assert_int_equal(segment_with(w, "bc"), s);
	assert_int_equal(found(w->store, w, w->base_id, "reply"), 0);
	expect_vectors(w, "1/0 2/0 3/0 ");
	expect_index(w, 3, 3, 3);
	expect_base(w, "docs:1/3 ");

	/* It is of no content any more. */
	after = document_of(w, id);
	assert_int_equal(after.segments, 3);
	assert_int_equal(after.characters, before.characters + 10);
	assert_int_equal(after.updated_us, NOW + 9);
	assert_true(before.rule != RULE_EDITED && after.rule == RULE_EDITED);
	memset(hash, 1, sizeof(hash));
	assert_memory_not_equal(after.hash, hash, sizeof(hash));
	assert_int_equal(store_document_by_hash(w->store, w->base_id, hash, 0,
			     &other), ERR_NOT_FOUND);

	/* A vector is missing. */
	begin(w);
	segment.vector = NULL;
	assert_int_equal(store_segment_insert(w->store, &segment, NOW, &s),
	    ERR_INVALID);
	store_rollback(w->store);
	expect_index(w, 3, 3, 3);
}

static void
test_segment_replace(void **state)
{
	struct world *w = *state;
	struct document_totals totals;
	struct segment segment;
	int64_t id, s = 0;

	begin(w);
	id = put_indexed(w, "a", "first", 1, 1);
	segment = segment_make(id, "oldword here");
	segment.keywords = "[\"oldkey\"]";
	assert_int_equal(store_segment_insert(w->store, &segment, NOW + 1,
			     &s), 0);
	commit(w);
	begin(w);
	segment = segment_make(id, "newword there");
	segment.id = 999;
	assert_int_equal(store_segment_replace(w->store, &segment, false,
			     NOW), ERR_NOT_FOUND);
	segment.id = s;
	segment.section = NULL; /* it stays what it is */
	segment.keywords = "[\"newkey\"]";
	assert_int_equal(store_segment_replace(w->store, &segment, false,
			     NOW + 2), 0);
	commit(w);
	expect_segment(w, s, "1 newword there|-|[\"newkey\"]|0 |1 2");
	assert_int_equal(found(w->store, w, w->base_id, "oldword"), 0);
	assert_int_equal(found(w->store, w, w->base_id, "oldkey"), 0);
	assert_int_equal(segment_with(w, "newword"), s);
	assert_int_equal(segment_with(w, "newkey"), s);
	assert_int_equal(found(w->store, w, w->base_id, "part"), 2);
	expect_index(w, 2, 2, 2);

	/* Off: no posting, no vector; and so it can be changed. */
	begin(w);
	segment.disabled_us = 6;
	segment.disabled_by = "me";
	segment.vector = NULL;
	assert_int_equal(store_segment_replace(w->store, &segment, false,
			     NOW + 3), 0);
	commit(w);
	expect_segment(w, s, "1 newword there|-|[\"newkey\"]|6 me|1 3");
	assert_int_equal(found(w->store, w, w->base_id, "newword"), 0);
	expect_vectors(w, "1/0 ");
	expect_index(w, 2, 1, 1);
	expect_base(w, "docs:1/2 ");
	begin(w);
	segment.text = "thirdword";
	segment.text_len = segment.chars = 9;
	assert_int_equal(store_segment_replace(w->store, &segment, false,
			     NOW + 4), 0);
	commit(w);
	expect_index(w, 2, 1, 1);
	begin(w);
	segment.disabled_us = 0;
	assert_int_equal(store_segment_replace(w->store, &segment, false,
			     NOW + 5), ERR_INVALID);
	store_rollback(w->store);
	begin(w);
	segment.vector = vector;
	assert_int_equal(store_segment_replace(w->store, &segment, false,
			     NOW + 5), 0);
	commit(w);
	assert_int_equal(segment_with(w, "thirdword"), s);
	assert_int_equal(found(w->store, w, w->base_id, "newword"), 0);
	expect_index(w, 2, 2, 2);
	assert_int_equal(store_document_totals(w->store, w->base_id,
			     &totals), 0);
	assert_int_equal(totals.characters, 4 + 9);
}

static void
test_segment_delete(void **state)
{
	struct world *w = *state;
	struct segment segment;
	struct document document;
	int64_t id, s = 0;

	begin(w);
	id = put_indexed(w, "a", "first", 3, 1);
	commit(w);
	begin(w);
	assert_int_equal(store_segment_delete(w->store, 999), ERR_NOT_FOUND);
	assert_int_equal(store_segment_delete(w->store, 2), 0);
	commit(w);
	expect_segments(w, id, "0:first common n0 2:first common n2 ");
	expect_base(w, "docs:1/2 ");
	expect_index(w, 2, 2, 2);
	document = document_of(w, id);
	assert_int_equal(document.segments, 2);
	assert_int_equal(document.characters, 0); /* never below */
	assert_int_equal(document.rule, RULE_EDITED);
	begin(w);
	segment = segment_make(id, "behind");
	assert_int_equal(store_segment_insert(w->store, &segment, NOW, &s),
	    0);
	assert_int_equal(store_segment_delete(w->store, 1), 0);
	assert_int_equal(store_segment_delete(w->store, 3), 0);
	commit(w);
	expect_segments(w, id, "3:behind ");
	begin(w);
	assert_int_equal(store_segment_delete(w->store, s), 0);
	commit(w);
	/* Nothing is left of it, and it is indexed all the same. */
	expect_segments(w, id, "");
	expect_base(w, "docs:1/0 ");
	expect_index(w, 0, 0, 0);
	assert_true(document_of(w, id).revision_id != 0);
	begin(w);
	assert_int_equal(store_segment_insert(w->store, &segment, NOW, &s),
	    0);
	commit(w);
	expect_segments(w, id, "0:behind ");
	begin(w);
	assert_int_equal(store_document_delete(w->store, id), 0);
	commit(w);
	assert_int_equal(store_segment_delete(w->store, s), ERR_NOT_FOUND);
	purge_all(w, 10);
	expect_base(w, "docs:0/0 ");
	expect_index(w, 0, 0, 0);
}

/* ---- children ----------------------------------------------------------- */

/* A document of one segment with two children, and one without. */
static int64_t
put_family(struct world *w, const char *uri, uint8_t n, bool has_vectors)
{
	struct child children[2] = {child_make(0, "left"),
	    child_make(0, "right")};
	struct segment segments[2];
	struct revision r;
	int64_t id;

	children[0].is_custom = children[1].is_custom = false;
	if (!has_vectors)
		children[0].vector = children[1].vector = NULL;
	id = put_document(w, uri, 0);
	revision_begin(w, id, n, &r);
	if (!has_vectors) {
		assert_int_equal(store_revision_abandon(w->store, id), 0);
		r.has_vectors = false;
		assert_int_equal(store_revision_add(w->store, &r, &r.id), 0);
	}
	segments[0] = segment_make(id, "left right");
	segments[0].children = children;
	segments[0].child_count = 2;
	segments[0].vector = NULL;
	segments[1] = segment_make(id, "alone");
	segments[1].ordinal = 1;
	assert_int_equal(store_segments_add(w->store, &r, segments, 2), 0);
	r.segments = r.stored = 2;
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
	return id;
}

static void
test_children(void **state)
{
	struct world *w = *state;
	struct child child;
	int64_t c = 0;
	uint64_t count;

	begin(w);
	(void)put_family(w, "a", 1, true);
	commit(w);
	expect_children(w, 1, "0:left:0:0:0 1:right:0:0:0 ");
	expect_children(w, 2, "");
	expect_vectors(w, "2/0 1/1 1/2 ");
	seen_start(w);
	assert_int_equal(store_vectors_of(w->store, w->base_id, 1,
			     vector_named, w), 0);
	assert_string_equal(buf_text(&w->seen), "1/1 1/2 ");
	expect_index(w, 2, 2, 3);

	begin(w);
	child = child_make(999, "x");
	assert_int_equal(store_child_insert(w->store, &child, DIMENSIONS, NOW,
			     &c), ERR_NOT_FOUND);
	child = child_make(1, "middle");
	assert_int_equal(store_child_insert(w->store, &child, DIMENSIONS,
			     NOW + 1, &c), 0);
	child = child_make(0, "LEFT");
	child.id = 1;
	assert_int_equal(store_child_replace(w->store, &child, DIMENSIONS,
			     NOW + 2), 0);
	child.id = 999;
	assert_int_equal(store_child_replace(w->store, &child, DIMENSIONS,
			     NOW), ERR_NOT_FOUND);
	assert_int_equal(store_child_delete(w->store, 2), 0);
	assert_int_equal(store_child_delete(w->store, 2), ERR_NOT_FOUND);
	commit(w);
	expect_children(w, 1, "0:LEFT:1:0:2 2:middle:1:1:1 ");
	expect_vectors(w, "2/0 1/1 1/3 ");
	expect_index(w, 2, 2, 3);
	seen_start(w);
	assert_int_equal(store_children_page(w->store, 1, "IDD", 0, 5,
			     child_seen, w), 0);
	assert_int_equal(store_children_page(w->store, 1, NULL, 1, 5,
			     child_seen, w), 0);
	assert_int_equal(store_child_get(w->store, c, child_seen, w), 0);
	assert_string_equal(buf_text(&w->seen),
	    "2:middle:1:1:1 2:middle:1:1:1 2:middle:1:1:1 ");
	assert_int_equal(store_children_count(w->store, 1, "left", &count),
	    0);
	assert_int_equal(count, 1);
	assert_int_equal(store_children_count(w->store, 1, NULL, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(store_child_get(w->store, 2, child_seen, w),
	    ERR_NOT_FOUND);

	/* The first child takes the segment's own vector away. */
	begin(w);
	child = child_make(2, "only");
	assert_int_equal(store_child_insert(w->store, &child, DIMENSIONS, NOW,
			     &c), 0);
	commit(w);
	expect_vectors(w, "1/1 1/3 2/4 ");
	expect_index(w, 2, 2, 3);
	begin(w);
	child.vector = NULL;
	assert_int_equal(store_child_insert(w->store, &child, DIMENSIONS, NOW,
			     &c), ERR_INVALID);
	store_rollback(w->store);
}

/* With its last child a segment loses what it is found by; the caller gives it
 * a vector of its own. */
static void
test_last_child(void **state)
{
	struct world *w = *state;
	struct segment segment;

	begin(w);
	(void)put_family(w, "a", 1, true);
	assert_int_equal(store_child_delete(w->store, 1), 0);
	assert_int_equal(store_child_delete(w->store, 2), 0);
	segment = segment_make(0, "left right");
	segment.id = 1;
	assert_int_equal(store_segment_replace(w->store, &segment, false,
			     NOW), 0);
	commit(w);
	expect_vectors(w, "1/0 2/0 ");
	expect_index(w, 2, 2, 2);
}

static void
test_children_switched(void **state)
{
	struct world *w = *state;
	struct segment segment = segment_make(0, "left right");
	struct child children[2] = {child_make(1, "left"),
	    child_make(1, "right")};

	begin(w);
	(void)put_family(w, "a", 1, true);
	commit(w);
	segment.id = 1;
	segment.disabled_us = 3;
	begin(w);
	assert_int_equal(store_segment_replace(w->store, &segment, false,
			     NOW), 0);
	commit(w);
	expect_vectors(w, "2/0 ");
	expect_index(w, 2, 1, 1);
	expect_children(w, 1, "0:left:0:0:0 1:right:0:0:0 ");
	/* One that is added while it is off has no vector either. */
	begin(w);
	children[0].vector = NULL;
	assert_int_equal(store_child_insert(w->store, &children[0],
			     DIMENSIONS, NOW, &children[0].id), 0);
	assert_int_equal(store_child_delete(w->store, children[0].id), 0);
	commit(w);
	expect_index(w, 2, 1, 1);

	/* On again: the children that stay get their vectors one by one. */
	begin(w);
	segment.disabled_us = 0;
	assert_int_equal(store_segment_replace(w->store, &segment, false,
			     NOW), 0);
	children[0].vector = vector;
	children[0].id = 1;
	children[1].id = 2;
	assert_int_equal(store_child_replace(w->store, &children[0],
			     DIMENSIONS, NOW + 4), 0);
	assert_int_equal(store_child_replace(w->store, &children[1],
			     DIMENSIONS, NOW + 4), 0);
	commit(w);
	expect_vectors(w, "2/0 1/1 1/2 ");
	expect_index(w, 2, 2, 3);

	/* Others in their place; then none. */
	begin(w);
	segment.children = children;
	segment.child_count = 1;
	assert_int_equal(store_segment_replace(w->store, &segment, true,
			     NOW), 0);
	commit(w);
	expect_vectors(w, "2/0 1/4 ");
	expect_index(w, 2, 2, 2);
	begin(w);
	segment.child_count = 0;
	assert_int_equal(store_segment_replace(w->store, &segment, true,
			     NOW), 0);
	commit(w);
	expect_vectors(w, "1/0 2/0 ");
	expect_children(w, 1, "");
	expect_index(w, 2, 2, 2);
}

/* Found by words alone. */
static void
test_without_vectors(void **state)
{
	struct world *w = *state;
	struct segment segment;
	struct child child;
	int64_t id, s = 0, c = 0;

	begin(w);
	id = put_family(w, "a", 1, false);
	commit(w);
	expect_vectors(w, "");
	expect_index(w, 2, 2, 0);
	assert_false(document_of(w, id).has_vectors);
	assert_int_equal(found(w->store, w, w->base_id, "alone"), 1);
	begin(w);
	segment = segment_make(id, "written");
	segment.vector = NULL;
	assert_int_equal(store_segment_insert(w->store, &segment, NOW, &s),
	    0);
	child = child_make(s, "writ");
	child.vector = NULL;
	assert_int_equal(store_child_insert(w->store, &child, 0, NOW, &c), 0);
	commit(w);
	expect_vectors(w, "");
	expect_index(w, 3, 3, 0);
	assert_int_equal(segment_with(w, "written"), s);
}

/* ---- lists of segments -------------------------------------------------- */

static void
expect_page(struct world *w, const struct segment_page *page, uint64_t count,
    const char *wanted)
{
	uint64_t got;

	seen_start(w);
	assert_int_equal(store_segments_page(w->store, page, segment_seen, w),
	    0);
	assert_string_equal(buf_text(&w->seen), wanted);
	assert_int_equal(store_segments_count(w->store, page, &got), 0);
	assert_int_equal(got, count);
}

static void
test_segment_pages(void **state)
{
	struct world *w = *state;
	struct segment_page page = {.limit = 100};
	struct segment segment;
	int64_t s = 0;

	begin(w);
	page.document_id = put_indexed(w, "a", "first", 3, 1);
	segment = segment_make(page.document_id,
	    "Die Stra\xC3\x9F" "e am \xC3\x9C" "fer");
	assert_int_equal(store_segment_insert(w->store, &segment, NOW, &s),
	    0);
	segment = segment_make(page.document_id, "first common n1");
	segment.id = 2;
	segment.disabled_us = 1;
	assert_int_equal(store_segment_replace(w->store, &segment, false,
			     NOW), 0);
	commit(w);
	page.switched = SEGMENTS_OFF;
	expect_page(w, &page, 1, "1:first common n1 ");
	page.switched = SEGMENTS_ON;
	page.limit = 2;
	expect_page(w, &page, 3, "0:first common n0 2:first common n2 ");
	page.switched = 0;
	page.text = "N";
	page.limit = 1;
	page.offset = 1;
	expect_page(w, &page, 3, "1:first common n1 ");
	page.offset = 0;
	page.text = "STRASSE AM \xC3\xBC";
	expect_page(w, &page, 1,
	    "3:Die Stra\xC3\x9F" "e am \xC3\x9C" "fer ");
	page.text = "";
	page.switched = SEGMENTS_ON | SEGMENTS_OFF;
	expect_page(w, &page, 4, "0:first common n0 ");
	page.text = "%_";
	expect_page(w, &page, 0, "");
	page.document_id = 999;
	expect_page(w, &page, 0, "");
}

/* ---- what is deleted is gone -------------------------------------------- */

/* A segment with a secret in all that it has. */
static int64_t
put_secret(struct world *w, int64_t document_id, bool is_on)
{
	struct child child = child_make(0, "the zyxochild of it");
	struct segment segment = segment_make(document_id, "a zyxotext");
	int64_t id = 0;

	segment.answer = "zyxoanswer";
	segment.keywords = "[\"zyxokey\"]";
	segment.children = &child;
	segment.child_count = 1;
	segment.disabled_us = !is_on;
	segment.disabled_by = "zyxoman";
	assert_int_equal(store_segment_insert(w->store, &segment, NOW, &id),
	    0);
	return id;
}

static void
expect_no_secret(struct world *w)
{
	purge_all(w, 5);
	(void)merge_all(w, MERGE_LOST);
	assert_int_equal(store_checkpoint(w->store, true), 0);
	assert_false(files_hold(w, "zyxo"));
	assert_true(files_hold(w, "keptword"));
}

static void
test_edits_leave_nothing(void **state)
{
	struct world *w = *state;
	struct segment plain = segment_make(0, "plain");
	int64_t id, on, off, other, kept = w->base_id, gone;

	begin(w);
	id = put_indexed(w, "kept", "keptword", 3, 1);
	on = put_secret(w, id, true);
	off = put_secret(w, id, false);
	commit(w);
	assert_true(files_hold(w, "zyxo"));
	begin(w);
	assert_int_equal(store_segment_delete(w->store, on), 0);
	assert_int_equal(store_segment_delete(w->store, off), 0);
	commit(w);
	expect_no_secret(w);
	expect_index(w, 3, 3, 3);

	/* Replaced, or deleted with the document. */
	begin(w);
	plain.id = put_secret(w, id, true);
	assert_int_equal(store_segment_replace(w->store, &plain, true, NOW),
	    0);
	other = put_indexed(w, "other", "zyxoother", 1, 2);
	(void)put_secret(w, other, true);
	(void)put_secret(w, other, false);
	commit(w);
	begin(w);
	assert_int_equal(store_document_delete(w->store, other), 0);
	commit(w);
	expect_no_secret(w);
	expect_index(w, 4, 4, 4);

	/* Or with the base. */
	begin(w);
	gone = w->base_id = add_base(w, 90, "zyxobase");
	other = put_indexed(w, "other", "zyxoother", 1, 2);
	(void)put_secret(w, other, true);
	commit(w);
	begin(w);
	assert_int_equal(store_base_delete(w->store, gone), 0);
	commit(w);
	w->base_id = kept;
	expect_no_secret(w);
	expect_index(w, 4, 4, 4);
}

/* A writer that dies in the middle of a change. */
static void
test_killed(void **state)
{
	struct world *w = *state;
	struct document_change off = {.disabled_us = 1};
	struct segment segment;
	struct err_note note;
	int64_t id, s = 0;
	int status;
	pid_t pid;

	begin(w);
	id = put_indexed(w, "a", "first", 2, 1);
	commit(w);
	store_close(w->store);
	w->store = NULL;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (store_open(w->dir, STORE_WRITER, &w->store, &note) < 0)
			_exit(1);
		segment = segment_make(id, "durable");
		(void)store_begin(w->store, NULL);
		(void)store_segment_insert(w->store, &segment, NOW, &s);
		(void)store_commit(w->store, NULL);
		segment = segment_make(id, "volatile");
		(void)store_begin(w->store, NULL);
		(void)store_segment_insert(w->store, &segment, NOW, &s);
		(void)store_segment_delete(w->store, 1);
		(void)store_document_change(w->store, id, &off, NOW);
		_exit(42);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 42);
	assert_int_equal(store_open(w->dir, STORE_WRITER, &w->store, &note),
	    0);
	assert_int_equal(found(w->store, w, w->base_id, "durable"), 1);
	assert_int_equal(found(w->store, w, w->base_id, "volatile"), 0);
	expect_segments(w, id,
	    "0:first common n0 1:first common n1 2:durable ");
	expect_index(w, 3, 3, 3);
	expect_base(w, "docs:1/3 ");
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_up, world_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_document_switch),
	    WORLD_TEST(test_segment_insert),
	    WORLD_TEST(test_segment_replace),
	    WORLD_TEST(test_segment_delete),
	    WORLD_TEST(test_children),
	    WORLD_TEST(test_last_child),
	    WORLD_TEST(test_children_switched),
	    WORLD_TEST(test_without_vectors),
	    WORLD_TEST(test_segment_pages),
	    WORLD_TEST(test_edits_leave_nothing),
	    WORLD_TEST(test_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
