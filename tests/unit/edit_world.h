/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edit_world: an engine at work with two documents, what is there of them, and
 * how it is edited.  Included after cmocka.h.
 */
#ifndef TESTS_UNIT_EDIT_WORLD_H
#define TESTS_UNIT_EDIT_WORLD_H

#include "engine/engine_int.h"
#include "engine/writer.h"
#include "pipeline_world.h"
#include "sys/rng.h"

#define CHILDREN "{\"chunking\":{\"method\":\"structure\",\"chars_max\":" \
		 "1200,\"child\":{\"method\":\"separator\",\"chars_max\":" \
		 "100,\"separator\":\"\\n\"}}}"

/* ---- the world ---------------------------------------------------------- */

/* Two documents of one segment each. */
struct fixture {
	struct pipeline w;
	struct uuid first, second; /* documents */
	int64_t other_account;
};

struct found_document {
	const char *name;
	struct uuid uuid;
	struct document row;
	char label[64], shown[256], metadata[256], settings[512];
};

static inline int
document_take(void *arg, const struct document *document)
{
	struct found_document *found = arg;

	if (found->name != NULL && strcmp(found->name, document->name) != 0)
		return 0;
	found->row = *document;
	found->uuid = uuid_of_row(&document->base_uuid,
	    (uint64_t)document->id);
	(void)snprintf(found->label, sizeof(found->label), "%s",
	    document->disabled_by);
	(void)snprintf(found->shown, sizeof(found->shown), "%s",
	    document->name);
	(void)snprintf(found->metadata, sizeof(found->metadata), "%s",
	    document->metadata);
	(void)snprintf(found->settings, sizeof(found->settings), "%s",
	    document->settings);
	return 0;
}

static inline int
base_take(void *arg, const struct base *base)
{
	*(int64_t *)arg = base->id;
	return 0;
}

static inline struct uuid
document_named(struct pipeline *w, const char *name)
{
	struct document_filter filter = {.limit = 100};
	struct found_document found = {.name = name};

	assert_int_equal(store_base_find(w->reader, w->account_id, &w->base,
			     NULL, base_take, &filter.base_id), 0);
	assert_int_equal(store_documents_each(w->reader, &filter,
			     document_take, &found), 0);
	assert_int_not_equal(found.row.id, 0);
	return found.uuid;
}

static inline struct found_document
document_read(struct pipeline *w, const struct uuid *uuid)
{
	struct found_document found = {.name = NULL};

	assert_int_equal(store_document_get(w->reader,
			     (int64_t)uuid_row(uuid), document_take, &found),
	    0);
	return found;
}

static inline struct job
index_all(struct pipeline *w)
{
	struct job job;

	assert_int_equal(world_index(w, &job), 0);
	return world_until(w, &job.uuid, NULL);
}

static inline int
account_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct account account = {.uuid = rng_uuid(), .name = "others",
	    .created_us = tx_now_us(tx)};

	(void)note;
	account.organization = account.uuid;
	return store_account_add(tx_store(tx), &account, arg);
}

static inline int
up(void **state, const char *settings)
{
	struct fixture *f = mem_zalloc(sizeof(*f));
	struct pipeline *w = &f->w;
	struct err_note note = {""};

	assert_non_null(f);
	world_init(w);
	world_put(w, "first.txt", "the apple text", 1);
	world_put(w, "second.txt", "the banana text", 1);
	world_start(w);
	assert_int_equal(engine_base_create(w->engine, w->account_id, "docs",
			     NULL, settings, &w->base, &note), 0);
	assert_int_equal(writer_do(w->engine->writer, account_apply,
			     &f->other_account, &note), 0);
	assert_int_equal(index_all(w).counts.completed, 2);
	f->first = document_named(w, "first.txt");
	f->second = document_named(w, "second.txt");
	*state = f;
	return 0;
}

static inline int
up_plain(void **state)
{
	return up(state, NULL);
}

static inline int
up_children(void **state)
{
	return up(state, CHILDREN);
}

static inline int
down(void **state)
{
	struct fixture *f = *state;

	world_fini(&f->w);
	mem_free(f);
	return 0;
}

/* ---- what is there ------------------------------------------------------ */

struct rows {
	struct uuid parent;
	struct uuid uuids[64];
	bool are_custom[64];
	unsigned count;
	char text[4096]; /* each and a line's end; "-" before what is off */
};

static inline int
segment_take(void *arg, const struct segment *segment)
{
	struct rows *rows = arg;
	size_t len = strlen(rows->text);

	assert_true(rows->count < 64);
	assert_int_equal(segment->ordinal, rows->count);
	rows->uuids[rows->count++] = uuid_of_row(&rows->parent,
	    (uint64_t)segment->id);
	(void)snprintf(rows->text + len, sizeof(rows->text) - len,
	    "%s%.*s%s%s%s%s\n", segment->disabled_us != 0 ? "-" : "",
	    (int)segment->text_len, segment->text,
	    segment->answer == NULL ? "" : "|",
	    segment->answer == NULL ? "" : segment->answer,
	    segment->keywords == NULL ? "" : "#",
	    segment->keywords == NULL ? "" : segment->keywords);
	return 0;
}

static inline struct rows
segments_of(struct pipeline *w, const struct uuid *document)
{
	struct segment_page page = {.document_id =
					(int64_t)uuid_row(document),
	    .limit = 64};
	struct rows rows = {.parent = *document};

	assert_int_equal(store_segments_page(w->reader, &page, segment_take,
			     &rows), 0);
	return rows;
}

static inline int
child_take(void *arg, const struct child *child)
{
	struct rows *rows = arg;
	size_t len = strlen(rows->text);

	assert_true(rows->count < 64);
	rows->are_custom[rows->count] = child->is_custom;
	rows->uuids[rows->count++] = uuid_of_child(&rows->parent,
	    (uint64_t)child->id);
	(void)snprintf(rows->text + len, sizeof(rows->text) - len, "%.*s\n",
	    (int)child->text_len, child->text);
	return 0;
}

static inline struct rows
children_of(struct pipeline *w, const struct uuid *segment)
{
	struct rows rows = {.parent = *segment};

	assert_int_equal(store_children_page(w->reader,
			     (int64_t)uuid_row(segment), NULL, 0, 64,
			     child_take, &rows), 0);
	return rows;
}

struct nearest {
	struct uuid segment;
	double score;
	bool is_vector;
};

static inline int
nearest_take(void *arg, const struct result *result)
{
	struct nearest *nearest = arg;

	if (result->score > nearest->score) {
		nearest->segment = result->segment_id;
		nearest->score = result->score;
		nearest->is_vector = result->is_vector;
	}
	return 0;
}

/* Is segment the one whose vector is nearest to that of text? */
static inline bool
is_near(struct pipeline *w, const char *text, const struct uuid *segment)
{
	struct query query = {.text = text, .limit = 5, .semantic_ratio = 1};
	struct nearest nearest = {.score = 0};
	struct err_note note = {""};
	int64_t generation;

	assert_int_equal(engine_query(w->engine, w->reader, w->account_id,
			     &w->base, &query, &generation, nearest_take,
			     &nearest, &note), 0);
	return nearest.is_vector &&
	    uuid_is_equal(&nearest.segment, segment);
}

/* ---- asking for edits --------------------------------------------------- */

static inline int
documents_edit(struct fixture *f, const struct document_edit *edits,
    size_t count)
{
	struct err_note note = {""};

	return engine_documents_edit(f->w.engine, f->w.account_id, edits,
	    count, "my key", &note);
}

static inline int
segment_add(struct fixture *f, const struct uuid *document,
    const struct segment_edit *edit, struct uuid *ret_segment)
{
	struct err_note note = {""};

	return engine_segments_add(f->w.engine, f->w.account_id, document,
	    edit, 1, ret_segment, &note);
}

static inline struct uuid
segment_added(struct fixture *f, const char *text)
{
	struct segment_edit edit = {.text = text};
	struct uuid uuid;

	assert_int_equal(segment_add(f, &f->first, &edit, &uuid), 0);
	(void)world_audit(&f->w);
	return uuid;
}

static inline int
segment_change(struct fixture *f, const struct uuid *segment,
    const struct segment_edit *edit)
{
	struct err_note note = {""};
	int err;

	err = engine_segment_change(f->w.engine, f->w.account_id, &f->first,
	    segment, edit, "my key", &note);
	(void)world_audit(&f->w);
	return err;
}

static inline int
segment_switch(struct fixture *f, const struct uuid *segment, bool on)
{
	struct segment_edit edit = {.sets_enabled = true, .is_enabled = on};

	return segment_change(f, segment, &edit);
}

static inline int
child_add(struct fixture *f, const struct uuid *segment, const char *text,
    struct uuid *ret_child)
{
	struct err_note note = {""};
	int err;

	err = engine_child_add(f->w.engine, f->w.account_id, &f->first,
	    segment, text, ret_child, &note);
	(void)world_audit(&f->w);
	return err;
}

static inline int
child_change(struct fixture *f, const struct uuid *segment,
    const struct uuid *child, const char *text)
{
	struct err_note note = {""};
	int err;

	err = engine_child_change(f->w.engine, f->w.account_id, &f->first,
	    segment, child, text, &note);
	(void)world_audit(&f->w);
	return err;
}

static inline int
child_delete(struct fixture *f, const struct uuid *segment,
    const struct uuid *child)
{
	struct err_note note = {""};
	int err;

	err = engine_child_delete(f->w.engine, f->w.account_id, &f->first,
	    segment, child, &note);
	(void)world_audit(&f->w);
	return err;
}

#define PLAIN(name) cmocka_unit_test_setup_teardown(name, up_plain, down)
#define CUT(name) cmocka_unit_test_setup_teardown(name, up_children, down)

#endif
