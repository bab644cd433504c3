/* SPDX-License-Identifier: Apache-2.0 */
/* Graphs of segments: written, read, and gone with what they are of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store/store_copy.h"
#include "store/store_graph.h"
#include "store/store_undo.h"
#include "store_world.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/* ---- what is written ----------------------------------------------------- */

/* Two that are named, and what links them. */
struct pair {
	struct mention mentions[2];
	struct relation relation;
	struct segment_graph graph;
};

static const struct segment_graph *
pair(struct pair *p, const char *left, const char *right)
{
	*p = (struct pair){
	    .mentions = {{.key = left, .name = left, .type = "Person",
			     .weight = 2},
		{.key = right, .name = right, .type = "Place", .weight = 1}},
	    .relation = {.subject = 0, .object = 1, .label = "lives_in",
		.weight = 1}};
	p->graph = (struct segment_graph){p->mentions, 2, &p->relation, 1};
	return &p->graph;
}

static int
segment_put(struct world *w, struct revision *r, const char *text,
    const struct segment_graph *graph)
{
	static const int8_t vector[DIMENSIONS] = {1, -1};
	struct segment segment = {.ordinal = r->stored, .section = "",
	    .text = text, .text_len = strlen(text), .chars = 1,
	    .vector = vector, .dimensions = DIMENSIONS, .scale = 0.5f,
	    .graph = graph};
	int err;

	err = store_segments_add(w->store, r, &segment, 1);
	if (err == 0)
		r->segments = ++r->stored;
	return err;
}

/* A document of one segment that names both. */
static int64_t
pair_put(struct world *w, const char *uri, const char *left,
    const char *right, uint8_t n)
{
	struct revision r;
	struct pair p;
	int64_t id = put_document(w, uri, 0);

	revision_begin(w, id, n, &r);
	r.graph = GRAPH_OF_RULES;
	assert_int_equal(segment_put(w, &r, "some words",
			     pair(&p, left, right)), 0);
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
	return id;
}

/* ---- what is read -------------------------------------------------------- */

/* Entities are told by their names, for ids follow what went before. */
static int
mention_seen(void *arg, const struct mention_row *row)
{
	struct world *w = arg;

	w->hit = row->entity_id;
	return buf_printf(&w->seen, "%s/%s/%s*%u%s%s%s%s ", row->key,
	    row->name, row->type, row->weight,
	    row->alias_key == NULL ? "" : "=",
	    row->alias_key == NULL ? "" : row->alias_key,
	    row->description == NULL ? "" : ":",
	    row->description == NULL ? "" : row->description);
}

static int
entity_seen(void *arg, const struct entity *entity)
{
	struct world *w = arg;

	w->hit = entity->id;
	return buf_printf(&w->seen, "%s/%s ", entity->key, entity->name);
}

/* Of an end only that it can be read. */
static int
relation_seen(void *arg, const struct relation_row *row)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%d-%s-%d*%u ", (int)row->subject_id,
	    row->label, (int)row->object_id, row->weight);
}

static int
label_seen(void *arg, const struct relation_row *row)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "-%s*%u ", row->label, row->weight);
}

static void
expect_graph(struct world *w, const char *wanted)
{
	seen_start(w);
	assert_int_equal(store_graph_each(w->store, w->base_id, mention_seen,
			     label_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
}

static int64_t
entity_of(struct world *w, const char *key)
{
	seen_start(w);
	assert_int_equal(store_entity_find(w->store, w->base_id, key,
			     entity_seen, w), 0);
	return w->hit;
}

static void
expect_unknown(struct world *w, const char *key)
{
	assert_int_equal(store_entity_find(w->store, w->base_id, key,
			     entity_seen, w), ERR_NOT_FOUND);
}

static int64_t
rows(const struct world *w, const char *sql)
{
	char path[96];
	sqlite3_stmt *stmt;
	sqlite3 *db;
	int64_t count;

	(void)snprintf(path, sizeof(path), "%s/tidemark.db", w->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	count = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	return count;
}

/* Rows there are, whoever reads them. */
static void
expect_rows(struct world *w, int64_t entities, int64_t mentions,
    int64_t relations)
{
	struct index_totals t;

	assert_int_equal(rows(w, "SELECT count(*) FROM entity"), entities);
	assert_int_equal(rows(w, "SELECT count(*) FROM mention"), mentions);
	assert_int_equal(rows(w, "SELECT count(*) FROM relation"), relations);
	assert_int_equal(store_audit_base(w->store, w->base_id, &t), 0);
	assert_int_equal(t.graph_strays, 0);
}

/* ---- tests --------------------------------------------------------------- */

static void
test_what_is_written_is_read(void **state)
{
	static const struct mention mentions[] = {
	    {.key = "who", .name = "WHO", .type = "Organization",
		.weight = 3},
	    {.key = "geneva", .name = "Geneva", .type = "Place", .weight = 1,
		.alias_key = "gva", .description = "A city: \xC3\xA9"}};
	static const struct relation relations[] = {
	    {.subject = 1, .object = 0, .label = "hosts", .weight = 2},
	    {.subject = 0, .object = 1, .label = "is_in", .weight = 1}};
	static const struct segment_graph graph = {mentions, COUNT(mentions),
	    relations, COUNT(relations)};
	struct world *w = *state;
	struct revision r;
	struct pair p;
	unsigned makers;
	int64_t id;

	begin(w);
	id = put_document(w, "a", 0);
	revision_begin(w, id, 1, &r);
	r.graph = GRAPH_OF_MODEL;
	assert_int_equal(segment_put(w, &r, "one", &graph), 0);
	assert_int_equal(segment_put(w, &r, "two", NULL), 0);
	assert_int_equal(segment_put(w, &r, "three",
			     pair(&p, "anna", "geneva")), 0);
	commit(w);
	/* It is being built. */
	expect_graph(w, "");
	expect_unknown(w, "who");
	assert_int_equal(store_graph_makers(w->store, w->base_id, &makers),
	    0);
	assert_int_equal(makers, 0);
	begin(w);
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
	commit(w);
	/* The name that was seen first stays. */
	expect_graph(w, "who/WHO/Organization*3 "
	    "geneva/Geneva/Place*1=gva:A city: \xC3\xA9 "
	    "-is_in*1 -hosts*2 geneva/Geneva/Place*1 anna/anna/Person*2 "
	    "-lives_in*1 ");
	assert_int_equal(store_graph_makers(w->store, w->base_id, &makers),
	    0);
	assert_int_equal(makers, 1u << GRAPH_OF_MODEL);
	begin(w);
	(void)pair_put(w, "b", "anna", "bern", 2);
	commit(w);
	assert_int_equal(store_graph_makers(w->store, w->base_id, &makers),
	    0);
	assert_int_equal(makers, 1u << GRAPH_OF_MODEL | 1u << GRAPH_OF_RULES);
	expect_rows(w, 4, 6, 4);
}

static void
test_documents_come_in_their_order(void **state)
{
	struct world *w = *state;
	struct revision r;
	struct pair p;
	int64_t id;

	begin(w);
	id = put_document(w, "a", 0);
	(void)pair_put(w, "b", "bob", "bern", 1);
	(void)pair_put(w, "c", "carl", "bern", 2);
	revision_begin(w, id, 3, &r);
	r.graph = GRAPH_OF_MODEL;
	assert_int_equal(segment_put(w, &r, "one", pair(&p, "anna", "rom")),
	    0);
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
	commit(w);
	expect_graph(w, "anna/anna/Person*2 rom/rom/Place*1 -lives_in*1 "
	    "bob/bob/Person*2 bern/bern/Place*1 -lives_in*1 "
	    "bern/bern/Place*1 carl/carl/Person*2 -lives_in*1 ");
	/* Either may be left out. */
	seen_start(w);
	assert_int_equal(store_graph_each(w->store, w->base_id, NULL,
			     label_seen, w), 0);
	assert_string_equal(buf_text(&w->seen),
	    "-lives_in*1 -lives_in*1 -lives_in*1 ");
	seen_start(w);
	assert_int_equal(store_graph_each(w->store, w->base_id + 1,
			     mention_seen, label_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "");
}

static void
test_around_an_entity(void **state)
{
	struct world *w = *state;
	char wanted[128];
	int64_t anna, bern, rom;

	begin(w);
	(void)pair_put(w, "a", "anna", "bern", 1);
	(void)pair_put(w, "b", "bern", "rom", 2);
	(void)pair_put(w, "c", "rom", "oslo", 3);
	commit(w);
	anna = entity_of(w, "anna");
	bern = entity_of(w, "bern");
	rom = entity_of(w, "rom");
	(void)snprintf(wanted, sizeof(wanted),
	    "%d-lives_in-%d*1 %d-lives_in-%d*1 ", (int)bern, (int)rom,
	    (int)anna, (int)bern);
	seen_start(w);
	assert_int_equal(store_graph_of_entity(w->store, bern, 10,
			     relation_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
	*(strchr(wanted, ' ') + 1) = '\0';
	seen_start(w);
	assert_int_equal(store_graph_of_entity(w->store, bern, 1,
			     relation_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
	seen_start(w);
	assert_int_equal(store_graph_mentions(w->store, bern, 10,
			     mention_seen, w), 0);
	assert_string_equal(buf_text(&w->seen),
	    "bern/bern/Person*2 bern/bern/Place*1 ");
	seen_start(w);
	assert_int_equal(store_graph_mentions(w->store, bern, 1,
			     mention_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "bern/bern/Person*2 ");
	seen_start(w);
	assert_int_equal(store_entity_get(w->store, rom, entity_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "rom/rom ");
	assert_int_equal(store_entity_get(w->store, 1000, entity_seen, w),
	    ERR_NOT_FOUND);
	expect_unknown(w, "Bern");
	assert_int_equal(store_entity_find(w->store, w->base_id + 1, "bern",
			     entity_seen, w), ERR_NOT_FOUND);
}

static int
alias_seen(void *arg, const char *alias_key, int64_t entity_id)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%s=%d ", alias_key, (int)entity_id);
}

static void
alias_put(struct world *w, const char *uri, const char *key,
    const char *alias, uint8_t n)
{
	struct revision r;
	struct pair p;
	int64_t id = put_document(w, uri, 0);

	revision_begin(w, id, n, &r);
	r.graph = GRAPH_OF_RULES;
	(void)pair(&p, key, "common");
	p.mentions[0].alias_key = alias;
	assert_int_equal(segment_put(w, &r, "words", &p.graph), 0);
	assert_int_equal(segment_put(w, &r, "words", &p.graph), 0);
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
}

static void
test_short_forms(void **state)
{
	struct document_change off = {.disabled_us = NOW};
	struct world *w = *state;
	int64_t first, second;
	char wanted[64];

	begin(w);
	alias_put(w, "a", "organization", "o", 1);
	alias_put(w, "b", "oscar", "o", 2);
	alias_put(w, "c", "many", "m", 3);
	commit(w);
	first = entity_of(w, "organization");
	second = entity_of(w, "oscar");
	(void)snprintf(wanted, sizeof(wanted), "m=%d o=%d o=%d ",
	    (int)entity_of(w, "many"), (int)first, (int)second);
	seen_start(w);
	assert_int_equal(store_aliases_each(w->store, w->base_id, alias_seen,
			     w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
	seen_start(w);
	assert_int_equal(store_entity_alias(w->store, w->base_id, "o", 2,
			     alias_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), strchr(wanted, 'o'));
	begin(w);
	assert_int_equal(store_document_change(w->store,
			     put_document(w, "a", 0), &off, NOW), 0);
	commit(w);
	(void)snprintf(wanted, sizeof(wanted), "o=%d ", (int)second);
	seen_start(w);
	assert_int_equal(store_entity_alias(w->store, w->base_id, "o", 2,
			     alias_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
}

/* ---- what is not found --------------------------------------------------- */

static int
id_seen(void *arg, const struct segment *segment)
{
	*(int64_t *)arg = segment->id;
	return 0;
}

static int64_t
first_segment(struct world *w, int64_t document_id)
{
	int64_t id = 0;

	assert_int_equal(store_segments_each(w->store, document_id, 0, 1,
			     id_seen, &id), 0);
	assert_true(id != 0);
	return id;
}

static void
segment_switch(struct world *w, int64_t segment_id, const char *text,
    bool is_on)
{
	static const int8_t vector[DIMENSIONS] = {1, -1};
	struct segment segment = {.id = segment_id, .text = text,
	    .text_len = strlen(text), .chars = 1, .section = "",
	    .vector = vector, .dimensions = DIMENSIONS, .scale = 0.5f,
	    .disabled_us = is_on ? 0 : NOW};

	begin(w);
	assert_int_equal(store_segment_replace(w->store, &segment, false,
			     NOW), 0);
	commit(w);
}

#define ANNA "anna/anna/Person*2 bern/bern/Place*1 -lives_in*1 "

static void
test_what_is_off_is_not_read(void **state)
{
	struct document_change off = {.disabled_us = NOW};
	struct document_change on = {.disabled_us = 0};
	struct world *w = *state;
	int64_t id, segment_id;
	unsigned makers;

	begin(w);
	id = pair_put(w, "a", "anna", "bern", 1);
	commit(w);
	expect_graph(w, ANNA);
	segment_id = first_segment(w, id);

	begin(w);
	assert_int_equal(store_document_change(w->store, id, &off, NOW), 0);
	commit(w);
	expect_graph(w, "");
	expect_unknown(w, "anna");
	assert_int_equal(store_graph_makers(w->store, w->base_id, &makers),
	    0);
	assert_int_equal(makers, 0);
	seen_start(w);
	assert_int_equal(store_graph_of_segment(w->store, segment_id,
			     mention_seen, label_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "");
	/* But it is copied. */
	assert_int_equal(store_copy_graph(w->store, segment_id, mention_seen,
			     label_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), ANNA);
	begin(w);
	assert_int_equal(store_document_change(w->store, id, &on, NOW), 0);
	commit(w);
	expect_graph(w, ANNA);

	segment_switch(w, segment_id, "some words", false);
	expect_graph(w, "");
	expect_unknown(w, "bern");
	segment_switch(w, segment_id, "some words", true);
	expect_graph(w, ANNA);
	seen_start(w);
	assert_int_equal(store_graph_of_segment(w->store, segment_id,
			     mention_seen, label_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), ANNA);
	expect_rows(w, 2, 2, 1);
}

static void
test_edits(void **state)
{
	static const int8_t vector[DIMENSIONS] = {1, -1};
	struct segment added = {.section = "", .text = "more", .text_len = 4,
	    .chars = 4, .vector = vector, .dimensions = DIMENSIONS,
	    .scale = 0.5f};
	struct world *w = *state;
	int64_t id, segment_id, added_id, before, after;
	struct pair p;

	begin(w);
	id = pair_put(w, "a", "anna", "bern", 1);
	commit(w);
	segment_id = first_segment(w, id);
	/* The graph is of the text. */
	segment_switch(w, segment_id, "other words", true);
	expect_graph(w, "");
	expect_rows(w, 0, 0, 0);

	begin(w);
	assert_int_equal(store_base_generation(w->store, w->base_id,
			     &before), 0);
	assert_int_equal(store_segment_graph(w->store, segment_id,
			     pair(&p, "carl", "bern")), 0);
	commit(w);
	assert_int_equal(store_base_generation(w->store, w->base_id,
			     &after), 0);
	assert_true(after > before);
	expect_graph(w,
	    "carl/carl/Person*2 bern/bern/Place*1 -lives_in*1 ");
	begin(w);
	assert_int_equal(store_segment_graph(w->store, segment_id,
			     pair(&p, "bern", "rom")), 0);
	commit(w);
	expect_graph(w, "bern/bern/Person*2 rom/rom/Place*1 -lives_in*1 ");
	expect_unknown(w, "carl");

	begin(w);
	added.document_id = id;
	added.graph = pair(&p, "rom", "oslo");
	assert_int_equal(store_segment_insert(w->store, &added, NOW,
			     &added_id), 0);
	commit(w);
	expect_rows(w, 3, 4, 2);
	begin(w);
	assert_int_equal(store_segment_delete(w->store, segment_id), 0);
	commit(w);
	expect_graph(w, "rom/rom/Person*2 oslo/oslo/Place*1 -lives_in*1 ");
	expect_rows(w, 2, 2, 1);
	begin(w);
	assert_int_equal(store_segment_graph(w->store, added_id, NULL), 0);
	assert_int_equal(store_segment_graph(w->store, segment_id, NULL),
	    ERR_NOT_FOUND);
	commit(w);
	expect_rows(w, 0, 0, 0);
}

/* A revision that nobody made a graph of has none in part. */
static void
test_a_revision_without_graph_gets_none(void **state)
{
	struct world *w = *state;
	struct segment added = {.section = "", .text = "more", .text_len = 4,
	    .chars = 4, .disabled_us = NOW};
	struct pair p;
	int64_t id, added_id;

	begin(w);
	id = put_indexed(w, "a", "words", 1, 1);
	added.document_id = id;
	added.graph = pair(&p, "anna", "bern");
	assert_int_equal(store_segment_graph(w->store, first_segment(w, id),
			     added.graph), 0);
	assert_int_equal(store_segment_insert(w->store, &added, NOW,
			     &added_id), 0);
	commit(w);
	expect_rows(w, 0, 0, 0);
}

/* ---- what goes ----------------------------------------------------------- */

static void
test_a_deleted_document_takes_its_graph(void **state)
{
	struct world *w = *state;
	int64_t id;

	begin(w);
	id = pair_put(w, "a", "anna", "zweibruecken", 1);
	(void)pair_put(w, "b", "anna", "bern", 2);
	commit(w);
	expect_rows(w, 3, 4, 2);
	begin(w);
	assert_int_equal(store_document_delete(w->store, id), 0);
	commit(w);
	/* Its rows are there, but nobody reads them. */
	expect_graph(w, ANNA);
	expect_unknown(w, "zweibruecken");
	expect_rows(w, 3, 4, 2);
	purge_all(w, 10);
	expect_graph(w, ANNA);
	expect_rows(w, 2, 2, 1);
	reopen(w);
	assert_false(files_hold(w, "zweibruecken"));
}

static void
test_a_new_revision_replaces_the_graph(void **state)
{
	struct world *w = *state;

	begin(w);
	(void)pair_put(w, "a", "anna", "bern", 1);
	(void)pair_put(w, "a", "anna", "rom", 2);
	commit(w);
	expect_graph(w, "anna/anna/Person*2 rom/rom/Place*1 -lives_in*1 ");
	purge_all(w, 10);
	expect_rows(w, 2, 2, 1);
}

/* What can be undone is whole. */
static void
test_kept_revisions_keep_theirs(void **state)
{
	struct world *w = *state;
	struct replaced replaced;
	struct revision r;
	struct job job;
	struct pair p;
	int64_t id;

	begin(w);
	id = pair_put(w, "a", "anna", "bern", 1);
	job = add_job(w, 7);
	assert_int_equal(store_replaced_note(w->store, job.id, id, id,
			     false), 0);
	revision_begin(w, id, 2, &r);
	r.graph = GRAPH_OF_MODEL;
	r.keeper = job.id;
	assert_int_equal(segment_put(w, &r, "one", pair(&p, "carl", "rom")),
	    0);
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
	commit(w);
	purge_all(w, 10);
	expect_graph(w, "carl/carl/Person*2 rom/rom/Place*1 -lives_in*1 ");
	expect_unknown(w, "anna");
	expect_rows(w, 4, 4, 2);

	begin(w);
	assert_int_equal(store_replaced_next(w->store, job.id, &replaced),
	    0);
	assert_int_equal(store_replaced_restore(w->store, job.id, &replaced,
			     NOW), 0);
	commit(w);
	purge_all(w, 10);
	expect_graph(w, ANNA);
	expect_rows(w, 2, 2, 1);
}

static void
test_a_deleted_base_leaves_nothing(void **state)
{
	struct world *w = *state;
	int64_t first = w->base_id, second;

	begin(w);
	(void)pair_put(w, "a", "anna", "bern", 1);
	second = w->base_id = add_base(w, 2, "other");
	(void)pair_put(w, "a", "anna", "rom", 1);
	commit(w);
	assert_int_equal(rows(w, "SELECT count(*) FROM entity"), 4);
	begin(w);
	assert_int_equal(store_base_delete(w->store, first), 0);
	commit(w);
	expect_graph(w, "anna/anna/Person*2 rom/rom/Place*1 -lives_in*1 ");
	expect_rows(w, 2, 2, 1);
	begin(w);
	assert_int_equal(store_base_delete(w->store, second), 0);
	commit(w);
	assert_int_equal(rows(w, "SELECT (SELECT count(*) FROM entity) +"
	    " (SELECT count(*) FROM mention) +"
	    " (SELECT count(*) FROM relation)"), 0);
}

#define CROWD 320u

/* Segments that name much are purged fewer at a time. */
static void
test_a_piece_of_purging_is_bounded(void **state)
{
	static char keys[CROWD][16];
	struct mention mentions[CROWD];
	struct segment_graph graph = {mentions, CROWD, NULL, 0};
	struct world *w = *state;
	struct revision r;
	int64_t id, base_id;
	unsigned pieces = 0, i;
	bool left = true;

	for (i = 0; i < CROWD; i++) {
		(void)snprintf(keys[i], sizeof(keys[i]), "key %u", i);
		mentions[i] = (struct mention){.key = keys[i],
		    .name = keys[i], .type = "Thing", .weight = 1};
	}
	begin(w);
	id = put_document(w, "a", 0);
	revision_begin(w, id, 1, &r);
	r.graph = GRAPH_OF_RULES;
	for (i = 0; i < 10; i++)
		assert_int_equal(segment_put(w, &r, "much", &graph), 0);
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
	assert_int_equal(store_document_delete(w->store, id), 0);
	commit(w);
	expect_rows(w, CROWD, 10 * CROWD, 0);
	/* Each is as much work as 11 others: two in a piece of 20. */
	for (pieces = 0; left; pieces++) {
		begin(w);
		assert_int_equal(store_revision_purge(w->store, 20, &base_id,
				     &left), 0);
		commit(w);
		assert_int_equal(rows(w, "SELECT count(*) FROM mention"),
		    pieces < 5 ? (4 - pieces) * 2 * CROWD : 0);
	}
	assert_in_range(pieces, 5, 6);
	expect_rows(w, 0, 0, 0);
}

/* ---- what is refused ----------------------------------------------------- */

static void
expect_refused(struct world *w, const struct segment_graph *graph, int err)
{
	struct revision r;
	int64_t id;

	begin(w);
	id = put_document(w, "refused", 0);
	revision_begin(w, id, 9, &r);
	assert_int_equal(segment_put(w, &r, "one", graph), err);
	store_rollback(w->store);
}

static void
test_what_breaks_the_rules_is_refused(void **state)
{
	static struct mention many[SEGMENT_MENTIONS_MAX + 1];
	static struct relation links[SEGMENT_RELATIONS_MAX + 1];
	struct world *w = *state;
	char text[1100];
	struct pair p;
	struct segment_graph graph = {many, COUNT(many), NULL, 0};

	expect_refused(w, &graph, ERR_TOO_BIG);
	graph = *pair(&p, "a", "b");
	graph.relations = links;
	graph.relation_count = COUNT(links);
	expect_refused(w, &graph, ERR_TOO_BIG);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';

#define REFUSED(member, value, err) do { \
	graph = *pair(&p, "a", "b"); \
	p.member = (value); \
	expect_refused(w, &graph, err); \
} while (0)
#define TOO_LONG(member, max) do { \
	text[(max)] = '\0'; \
	REFUSED(member, text, 0); \
	text[(max)] = 'x'; \
	text[(max) + 1] = '\0'; \
	REFUSED(member, text, ERR_TOO_BIG); \
	text[(max) + 1] = 'x'; \
	REFUSED(member, "", ERR_INVALID); \
} while (0)
	TOO_LONG(mentions[1].key, ENTITY_KEY_BYTES_MAX);
	TOO_LONG(mentions[1].name, ENTITY_NAME_BYTES_MAX);
	TOO_LONG(mentions[1].type, ENTITY_TYPE_BYTES_MAX);
	TOO_LONG(mentions[1].alias_key, ENTITY_KEY_BYTES_MAX);
	TOO_LONG(mentions[1].description, ENTITY_DESCRIPTION_BYTES_MAX);
	TOO_LONG(relation.label, RELATION_LABEL_BYTES_MAX);
	REFUSED(mentions[0].weight, 0, ERR_INVALID);
	REFUSED(mentions[0].key, NULL, ERR_INVALID);
	REFUSED(mentions[0].key, "b", ERR_EXISTS);
	REFUSED(relation.weight, 0, ERR_INVALID);
	REFUSED(relation.subject, 1, ERR_INVALID);
	REFUSED(relation.subject, 2, ERR_INVALID);
	REFUSED(relation.object, UINT32_MAX, ERR_INVALID);
	expect_rows(w, 0, 0, 0);
}

/* ---- the audit ----------------------------------------------------------- */

static void
break_it(struct world *w, const char *sql, uint64_t wanted)
{
	struct index_totals t;
	char path[96];
	sqlite3 *db;

	(void)snprintf(path, sizeof(path), "%s/tidemark.db", w->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
	assert_int_equal(store_audit_base(w->store, w->base_id, &t), 0);
	assert_int_equal(t.graph_strays, wanted);
}

static void
test_the_audit_counts_strays(void **state)
{
	struct world *w = *state;

	begin(w);
	(void)pair_put(w, "a", "anna", "bern", 1);
	commit(w);
	break_it(w, "SELECT 1", 0);
	break_it(w, "INSERT INTO entity (base_id, key, name) VALUES"
	    " ((SELECT base_id FROM entity LIMIT 1), 'x', 'x')", 1);
	break_it(w, "INSERT INTO mention (segment_id, entity_id, weight, type,"
	    " base_id) VALUES (999, (SELECT id FROM entity WHERE key = 'x'),"
	    " 1, 'T', 1)",
	    1);
	break_it(w, "INSERT INTO relation (segment_id, subject_id, object_id,"
	    " label, weight) SELECT segment_id, entity_id, 4711, 'l', 1"
	    " FROM mention WHERE segment_id <> 999 LIMIT 1", 2);
	break_it(w, "INSERT INTO mention (segment_id, entity_id, weight, type,"
	    " base_id) VALUES ((SELECT max(id) FROM segment), 4712, 1, 'T', 1)",
	    3);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_up, world_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_what_is_written_is_read),
	    TEST(test_documents_come_in_their_order),
	    TEST(test_around_an_entity),
	    TEST(test_short_forms),
	    TEST(test_what_is_off_is_not_read),
	    TEST(test_edits),
	    TEST(test_a_revision_without_graph_gets_none),
	    TEST(test_a_deleted_document_takes_its_graph),
	    TEST(test_a_new_revision_replaces_the_graph),
	    TEST(test_kept_revisions_keep_theirs),
	    TEST(test_a_deleted_base_leaves_nothing),
	    TEST(test_a_piece_of_purging_is_bounded),
	    TEST(test_what_breaks_the_rules_is_refused),
	    TEST(test_the_audit_counts_strays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
