/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A base made of another one.
 *
 * The caller's thread reads it in one snapshot, so that what is changed
 * meanwhile neither tears the copy nor waits for it, and hands the rows to the
 * writer in pieces.  Documents, segments and children come in the order in
 * which they belong to each other; where a piece ends, its last place is where
 * the next one goes on.
 *
 * Until the last piece the base is nobody's (store/store_copy.h).  It is
 * deleted when the copy comes to nothing, and at the start of the engine when
 * the copy died with the program.
 */
#include <stdatomic.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/base_copy_graph.h"
#include "engine/base_models.h"
#include "engine/bases.h"
#include "engine/engine_int.h"
#include "engine/writer.h"
#include "store/store_copy.h"
#include "sys/crash.h"
#include "sys/rng.h"

#define COPIES_MAX 4u	 /* at a time: each holds a snapshot and a thread */
#define PIECE_ROWS 256u
#define PIECE_BYTES (256 * KIB)

/* ---- a piece ------------------------------------------------------------- */

enum row_kind { ROW_DOCUMENT, ROW_SEGMENT, ROW_CHILD };

struct row {
	enum row_kind kind;
	union {
		struct document document;
		struct segment segment;
		struct child child;
	} is;
	bool has_rest;
	struct revision_rest rest; /* of a document */
	const char *parent_uri;	   /* of a document; "" none */
	bool has_children;	   /* of a segment */
	struct segment_graph *graph; /* of a segment; owned */
	size_t dimensions;	   /* of a child */
};

/* What rows point to, freed with the piece. */
struct block {
	struct block *next;
	char bytes[];
};

struct copy {
	struct engine *engine;
	struct store *reader;
	const struct base_watch *watch;
	int64_t account_id;
	int64_t from_id;
	struct base base; /* the new one */
	char *description, *settings;
	char *model; /* NULL: the default */
	int64_t positions;
	bool is_begun, is_changing;
	struct err_note *note;

	struct row *rows; /* PIECE_ROWS of them */
	size_t row_count, bytes;
	struct block *blocks;
	bool is_short; /* of memory */
	struct copy_place place, place_then; /* before the piece and after */
};

static void
piece_clear(struct copy *copy)
{
	struct block *block;
	size_t i;

	for (i = 0; i < copy->row_count; i++)
		mem_free(copy->rows[i].graph);
	while ((block = copy->blocks) != NULL) {
		copy->blocks = block->next;
		mem_free(block);
	}
	copy->row_count = copy->bytes = 0;
}

/* A copy of bytes that ends with a zero; NULL: there are none, or no
 * memory. */
static void *
keep(struct copy *copy, const void *bytes, size_t len)
{
	struct block *block;

	if (bytes == NULL)
		return NULL;
	block = mem_alloc(sizeof(*block) + len + 1);
	if (block == NULL) {
		copy->is_short = true;
		return NULL;
	}
	memcpy(block->bytes, bytes, len);
	block->bytes[len] = '\0';
	block->next = copy->blocks;
	copy->blocks = block;
	copy->bytes += len;
	return block->bytes;
}

static const char *
keep_text(struct copy *copy, const char *text)
{
	return keep(copy, text, text == NULL ? 0 : strlen(text));
}

static int
row_write(struct store *store, const struct row *row,
    struct copy_place *place)
{
	switch (row->kind) {
	case ROW_DOCUMENT:
		return store_copy_document(store, &row->is.document,
		    row->has_rest ? &row->rest : NULL, row->parent_uri,
		    place);
	case ROW_SEGMENT:
		return store_copy_segment(store, &row->is.segment,
		    row->has_children, place);
	case ROW_CHILD:
		return store_copy_child(store, &row->is.child,
		    row->dimensions, place);
	}
	return ERR_INTERNAL;
}

static int
piece_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct copy *copy = arg;
	size_t i;
	int err = 0;

	(void)note;
	copy->place_then = copy->place;
	for (i = 0; err == 0 && i < copy->row_count; i++)
		err = row_write(tx_store(tx), &copy->rows[i],
		    &copy->place_then);
	return err;
}

static int
piece_flush(struct copy *copy)
{
	int err;

	if (copy->is_short)
		return ERR_NOMEM;
	if (copy->row_count == 0)
		return 0;
	if (copy->watch->goes_on != NULL &&
	    !copy->watch->goes_on(copy->watch->arg))
		return err_set(copy->note, ERR_CANCELLED,
		    "the server is about to stop");
	err = writer_do(copy->engine->writer, piece_apply, copy, copy->note);
	if (err < 0)
		return err;
	CRASH_POINT("copied");
	copy->place = copy->place_then;
	piece_clear(copy);
	return 0;
}

/* A row to be filled in; NULL: *ret_err says why. */
static struct row *
row_new(struct copy *copy, enum row_kind kind, int *ret_err)
{
	struct row *row;

	*ret_err = 0;
	if (copy->row_count == PIECE_ROWS || copy->bytes >= PIECE_BYTES)
		*ret_err = piece_flush(copy);
	if (*ret_err < 0)
		return NULL;
	row = &copy->rows[copy->row_count++];
	memset(row, 0, sizeof(*row));
	row->kind = kind;
	return row;
}

/* ---- reading ------------------------------------------------------------- */

struct vector_take {
	struct copy *copy;
	const int8_t *vector;
	size_t dimensions;
	float scale;
	int64_t embedder_id;
};

static int
vector_take(void *arg, const struct vector_kept *vector)
{
	struct vector_take *take = arg;

	if (vector->embedder_id != take->copy->base.embedder_id)
		return 0;
	take->vector = keep(take->copy, vector->bytes, vector->dimensions);
	take->dimensions = vector->dimensions;
	take->scale = vector->scale;
	take->embedder_id = vector->embedder_id;
	return 0;
}

static int
copy_child(void *arg, const struct child *child)
{
	struct copy *copy = arg;
	struct vector_take take = {.copy = copy};
	struct row *row;
	int err;

	row = row_new(copy, ROW_CHILD, &err);
	if (row == NULL)
		return err;
	row->is.child = *child;
	row->is.child.text = keep(copy, child->text, child->text_len);
	err = store_vector_of(copy->reader, copy->from_id, child->segment_id,
	    child->id, vector_take, &take);
	row->is.child.vector = take.vector;
	row->is.child.scale = take.scale;
	row->is.child.embedder_id = take.embedder_id;
	row->dimensions = take.dimensions;
	return err;
}

static int
copy_segment(void *arg, const struct segment *segment)
{
	struct copy *copy = arg;
	struct vector_take take = {.copy = copy};
	struct segment *own;
	struct row *row;
	size_t bytes = 0;
	int err;

	row = row_new(copy, ROW_SEGMENT, &err);
	if (row == NULL)
		return err;
	own = &row->is.segment;
	*own = *segment;
	own->section = keep_text(copy, segment->section);
	own->text = keep(copy, segment->text, segment->text_len);
	own->answer = keep_text(copy, segment->answer);
	own->keywords = keep_text(copy, segment->keywords);
	own->disabled_by = keep_text(copy, segment->disabled_by);
	err = store_vector_of(copy->reader, copy->from_id, segment->id, 0,
	    vector_take, &take);
	own->vector = take.vector;
	own->dimensions = take.dimensions;
	own->scale = take.scale;
	own->embedder_id = take.embedder_id;
	row->has_children = take.vector == NULL;
	if (err == 0)
		err = segment_graph_read(copy->reader, segment->id,
		    &row->graph, &bytes);
	if (err < 0)
		return err;
	own->graph = row->graph;
	copy->bytes += bytes;
	copy->base.segments++;
	return store_children_page(copy->reader, segment->id, NULL, 0,
	    CHILDREN_MAX, copy_child, copy);
}

/* Of the row that is being filled in. */
struct document_take {
	struct copy *copy;
	struct row *row;
};

static int
rest_take(void *arg, const struct revision_rest *rest)
{
	const struct document_take *take = arg;

	take->row->has_rest = true;
	take->row->rest = *rest;
	take->row->rest.properties = keep_text(take->copy, rest->properties);
	return 0;
}

static int
parent_take(void *arg, const struct document *parent)
{
	const struct document_take *take = arg;

	take->row->parent_uri = keep_text(take->copy, parent->uri);
	return 0;
}

static void
document_keep(struct copy *copy, struct row *row, const struct document *d)
{
	struct document *own = &row->is.document;

	*own = *d;
	own->uri = keep_text(copy, d->uri);
	own->name = keep_text(copy, d->name);
	own->metadata = own->own_metadata = keep_text(copy, d->own_metadata);
	own->title = keep_text(copy, d->title);
	own->media_type = keep_text(copy, d->media_type);
	own->language = keep_text(copy, d->language);
	own->keyphrases = keep_text(copy, d->keyphrases);
	own->summary = keep_text(copy, d->summary);
	own->settings = keep_text(copy, d->settings);
	own->disabled_by = keep_text(copy, d->disabled_by);
	own->etag = keep_text(copy, d->etag);
}

/* What is not indexed is copied for its members alone. */
static int
document_is_wanted(struct copy *copy, const struct document *d,
    bool *ret_is_wanted)
{
	int64_t member;
	size_t count = 0;
	int err = 0;

	if (d->revision_id == 0)
		err = store_document_members(copy->reader, d->id, 0, &member,
		    1, &count);
	*ret_is_wanted = d->revision_id != 0 || count > 0;
	return err;
}

static int
copy_document(void *arg, const struct document *d)
{
	struct copy *copy = arg;
	struct document_take take = {.copy = copy};
	bool is_wanted = false;
	int err;

	err = document_is_wanted(copy, d, &is_wanted);
	if (err < 0 || !is_wanted)
		return err;
	take.row = row_new(copy, ROW_DOCUMENT, &err);
	if (take.row == NULL)
		return err;
	document_keep(copy, take.row, d);
	take.row->parent_uri = "";
	if (d->parent_id != 0)
		err = store_document_get(copy->reader, d->parent_id,
		    parent_take, &take);
	if (err == 0 && d->revision_id != 0)
		err = store_revision_rest(copy->reader, d->revision_id,
		    rest_take, &take);
	if (err < 0 || d->revision_id == 0)
		return err;
	copy->base.documents++;
	copy->base.characters += d->characters;
	return store_segments_each(copy->reader, d->id, 0, SEGMENTS_MAX,
	    copy_segment, copy);
}

/* ---- the base ------------------------------------------------------------ */

static int
base_take(void *arg, const struct base *base)
{
	struct copy *copy = arg;

	copy->from_id = base->id;
	copy->base.embedding_dimensions = base->embedding_dimensions;
	copy->is_changing = base->embedder_id != base->wanted_id;
	copy->base.embedder_id = copy->base.wanted_id = base->embedder_id;
	copy->model = base->embedding_model == NULL
	    ? NULL
	    : mem_strdup(base->embedding_model);
	if (base->embedding_model != NULL && copy->model == NULL)
		return ERR_NOMEM;
	copy->description = mem_strdup(base->description);
	copy->settings = mem_strdup(base->settings);
	return copy->description == NULL || copy->settings == NULL ? ERR_NOMEM
								   : 0;
}

static int
name_seen(void *arg, const struct base *base)
{
	(void)base;
	*(bool *)arg = true;
	return 0;
}

static int
begin_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct copy *copy = arg;
	bool is_taken = false;
	int err;

	err = store_base_find(tx_store(tx), copy->account_id, NULL,
	    copy->base.name, name_seen, &is_taken);
	if (is_taken)
		return err_set(note, ERR_EXISTS,
		    "there is a base of that name already");
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	copy->base.created_us = tx_now_us(tx);
	return store_copy_base(tx_store(tx), &copy->base, &copy->base.id);
}

static int
finish_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct copy *copy = arg;
	int err;

	err = store_copy_finish(tx_store(tx), &copy->base, copy->positions);
	return err == ERR_EXISTS
	    ? err_set(note, err, "there is a base of that name already")
	    : err;
}

static int
drop_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct copy *copy = arg;

	(void)note;
	return store_base_delete(tx_store(tx), copy->base.id);
}

/* Within the reader's snapshot. */
static int
copy_run(struct copy *copy, const struct uuid *from)
{
	struct document_filter all = {.limit = INT32_MAX};
	int err;

	err = store_base_find(copy->reader, copy->account_id, from, NULL,
	    base_take, copy);
	if (err < 0)
		return err_set(copy->note, err, "there is no such base");
	copy->base.uuid = rng_uuid();
	copy->base.account_id = copy->account_id;
	copy->base.description = copy->description;
	copy->base.settings = copy->settings;
	copy->base.embedding_model = copy->model;
	err = store_copy_positions(copy->reader, copy->from_id,
	    &copy->positions);
	if (err == 0)
		err = writer_do(copy->engine->writer, begin_apply, copy,
		    copy->note);
	if (err < 0)
		return err;
	copy->is_begun = true;
	copy->place.base_id = copy->base.id;
	copy->place.embedder_id = copy->base.embedder_id;
	all.base_id = copy->from_id;
	err = store_documents_each(copy->reader, &all, copy_document, copy);
	if (err == 0)
		err = piece_flush(copy);
	if (err == 0)
		err = writer_do(copy->engine->writer, finish_apply, copy,
		    copy->note);
	return err;
}

static int
copy_make(struct copy *copy, const struct uuid *from)
{
	int err;

	copy->rows = mem_array(PIECE_ROWS, sizeof(*copy->rows));
	if (copy->rows == NULL)
		return ERR_NOMEM;
	err = engine_reader(copy->engine, &copy->reader, copy->note);
	if (err == 0)
		err = store_begin(copy->reader, copy->note);
	if (err == 0) {
		err = copy_run(copy, from);
		store_end(copy->reader);
	}
	store_close(copy->reader);
	/* Where that fails as well, the next start does it. */
	if (err < 0 && copy->is_begun &&
	    writer_do(copy->engine->writer, drop_apply, copy, NULL) < 0)
		log_warn("what a copy left is deleted at the next start");
	piece_clear(copy);
	mem_free(copy->rows);
	mem_free(copy->description);
	mem_free(copy->settings);
	mem_free(copy->model);
	return err;
}

int
engine_base_copy(struct engine *engine, int64_t account_id,
    const struct uuid *base, const char *name,
    const struct base_watch *watch, struct base_copy *ret_copy,
    struct err_note *note)
{
	struct copy copy = {.engine = engine, .watch = watch,
	    .account_id = account_id, .note = note};
	int err;

	err = base_name_check(name, note);
	if (err < 0)
		return err;
	memcpy(copy.base.name, name, strlen(name) + 1);
	if (atomic_fetch_add(&engine->copies, 1) >= COPIES_MAX)
		err = err_set(note, ERR_BUSY,
		    "%u bases are being copied already", COPIES_MAX);
	else
		err = copy_make(&copy, base);
	(void)atomic_fetch_sub(&engine->copies, 1);
	if (err < 0)
		return err;
	janitor_note(engine->janitor, copy.base.id);
	janitor_lacks(engine->janitor, copy.base.id);
	/* Copied is what the base answers by; where it was about to get
	 * another model, so is the copy.  The next start would see to it. */
	if (copy.is_changing &&
	    base_models_settle(engine, copy.base.id, NULL) < 0)
		log_warn("a copy keeps the model that its base answers by "
			 "until the next start");
	ret_copy->uuid = copy.base.uuid;
	ret_copy->documents = copy.base.documents;
	ret_copy->segments = copy.base.segments;
	return 0;
}

/* ---- at the start -------------------------------------------------------- */

static int
left_take(void *arg, const struct base *base)
{
	*(int64_t *)arg = base->id;
	return 0;
}

static int
left_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	(void)note;
	return store_base_delete(tx_store(tx), *(const int64_t *)arg);
}

int
copies_clear(struct engine *engine, struct err_note *note)
{
	int64_t id;
	int err;

	do {
		id = 0;
		err = store_bases_each(engine->store, 0, 0, 1, left_take,
		    &id);
		if (err == 0 && id != 0)
			err = writer_do(engine->writer, left_apply, &id,
			    note);
	} while (err == 0 && id != 0);
	return err < 0 ? err_set(note, err,
			     "what a copy left cannot be deleted: %s",
			     err_text(err))
		       : 0;
}
