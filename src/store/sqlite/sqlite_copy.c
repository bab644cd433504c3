/* SPDX-License-Identifier: Apache-2.0 */
/* A base made of another one's rows; see store_copy.h. */
#include <string.h>

#include "base/err.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_copy.h"

/* ---- reading ------------------------------------------------------------- */

int
store_revision_rest(struct store *store, int64_t revision_id,
    revision_rest_fn *fn, void *arg)
{
	struct revision_rest rest;
	const uint8_t *hash;
	struct q q;
	int got;

	q_open(&q, store, STMT_REVISION_REST);
	q_int(&q, revision_id);
	got = q_step(&q);
	if (got > 0) {
		hash = q_col_blob(&q, 0, sizeof(rest.hash));
		if (hash == NULL)
			return q_close(&q, ERR_CORRUPT);
		memcpy(rest.hash, hash, sizeof(rest.hash));
		rest.properties = q_col_text(&q, 1);
		rest.graph = (unsigned)q_col_int(&q, 2);
		rest.stems = (unsigned)q_col_int(&q, 3);
		rest.embedder_ids[0] = q_col_int(&q, 4);
		rest.embedder_ids[1] = q_col_int(&q, 5);
		got = fn(arg, &rest);
	} else if (got == 0) {
		got = ERR_NOT_FOUND;
	}
	return q_close(&q, got);
}

int
store_copy_positions(struct store *store, int64_t base_id,
    int64_t *ret_positions)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_COPY_POSITIONS);
	q_int(&q, base_id);
	got = q_step(&q);
	if (got > 0)
		*ret_positions = q_col_int(&q, 0);
	return q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

/* ---- writing ------------------------------------------------------------- */

int
store_copy_base(struct store *store, const struct base *base, int64_t *ret_id)
{
	struct base hidden = *base;

	/* Nobody's names are taken by it. */
	hidden.account_id = 0;
	uuid_format(&base->uuid, hidden.name);
	return store_base_add(store, &hidden, ret_id);
}

static int
revision_copy(struct store *store, const struct document *d,
    const struct revision_rest *rest, struct copy_place *place)
{
	bool is_off = d->disabled_us != 0 || d->is_archived;
	bool has_vectors = d->has_vectors &&
	    (rest->embedder_ids[0] == place->embedder_id ||
		rest->embedder_ids[1] == place->embedder_id);
	struct q q;
	int err;

	q_open(&q, store, STMT_COPY_REVISION);
	q_int(&q, place->document_id);
	q_int(&q, place->base_id);
	q_int(&q, is_off ? REVISION_OFF : REVISION_LIVE);
	q_blob(&q, rest->hash, sizeof(rest->hash));
	q_int(&q, (int64_t)d->rule);
	q_int(&q, d->segments);
	q_int(&q, (int64_t)d->characters);
	q_text(&q, d->title);
	q_text(&q, d->media_type);
	q_text(&q, d->language);
	q_text(&q, d->keyphrases);
	q_text(&q, d->summary);
	q_int(&q, d->pages);
	q_int(&q, d->has_vectors);
	q_text(&q, rest->properties);
	q_int(&q, rest->graph);
	q_int(&q, rest->stems);
	q_int(&q, has_vectors ? place->embedder_id : 0);
	err = q_run(&q);
	if (err < 0)
		return err;
	place->revision_id = sqlite3_last_insert_rowid(store->db);
	place->has_vectors = has_vectors;
	place->stems = rest->stems;
	return stmt_run_2(store, STMT_COPY_LIVE, place->document_id,
	    place->revision_id);
}

int
store_copy_document(struct store *store, const struct document *d,
    const struct revision_rest *rest, const char *parent_uri,
    struct copy_place *place)
{
	/* What was changed by hand is nobody's duplicate. */
	bool has_hash = rest != NULL && d->rule != RULE_EDITED;
	struct q q;
	int err;

	place->revision_id = place->segment_id = 0;
	q_open(&q, store, STMT_COPY_DOCUMENT);
	q_int(&q, place->base_id);
	q_text(&q, d->uri);
	q_text(&q, d->name);
	q_text(&q, d->own_metadata);
	q_int(&q, (int64_t)d->bytes);
	q_int(&q, d->mtime_us);
	q_blob(&q, has_hash ? rest->hash : NULL,
	    has_hash ? sizeof(rest->hash) : 0);
	q_int(&q, d->created_us);
	q_int(&q, d->updated_us);
	q_int(&q, d->indexed_us);
	q_text(&q, d->settings);
	q_int(&q, d->position);
	q_int(&q, d->disabled_us);
	q_text(&q, d->disabled_by);
	q_int(&q, d->is_archived);
	q_text(&q, d->etag);
	q_text(&q, parent_uri);
	err = q_run(&q);
	if (err < 0)
		return err;
	place->document_id = sqlite3_last_insert_rowid(store->db);
	return rest == NULL ? 0 : revision_copy(store, d, rest, place);
}

int
store_copy_segment(struct store *store, const struct segment *segment,
    bool has_children, struct copy_place *place)
{
	const struct segment_home home = {place->base_id, place->revision_id,
	    place->has_vectors && !has_children, place->stems};

	place->is_segment_on = segment->disabled_us == 0;
	return segment_write(store, &home, segment, &place->segment_id);
}

int
store_copy_child(struct store *store, const struct child *child,
    size_t dimensions, const struct copy_place *place)
{
	const struct segment_home home = {place->base_id, place->revision_id,
	    place->has_vectors, place->stems};
	struct child copy = *child;
	int err;

	copy.segment_id = place->segment_id;
	err = child_write(store, &copy, &copy.id);
	if (err < 0 || !place->has_vectors || !place->is_segment_on)
		return err;
	return child_vector_write(store, &home, &copy, dimensions);
}

int
store_copy_finish(struct store *store, const struct base *base,
    int64_t positions)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_COPY_FINISH);
	q_int(&q, base->id);
	q_int(&q, base->account_id);
	q_text(&q, base->name);
	q_int(&q, positions);
	err = q_run(&q);
	return err < 0
	    ? err
	    : base_grow(store, base->id, (int64_t)base->documents,
		  (int64_t)base->segments, (int64_t)base->characters);
}
