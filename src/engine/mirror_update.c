/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bringing a mirror up to a snapshot: what changed or went is passed over from
 * now on, and what there is of it now comes behind, with what is new.
 */
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/mirror_int.h"
#include "search/cells.h"
#include "search/flat.h"
#include "store/store_vector.h"

/* With more of its rows gone it is read anew, if it is not small. */
#define DEAD_SHARE 4u
#define DEAD_MIN 4096u

/* ---- what has changed --------------------------------------------------- */

static int
ids_put(struct ids *ids, int64_t id)
{
	int64_t *list;
	size_t size;

	if (ids->count == ids->size) {
		size = ids->size == 0 ? 64 : ids->size * 2;
		list = mem_resize(ids->list, size, sizeof(*list));
		if (list == NULL)
			return ERR_NOMEM;
		ids->list = list;
		ids->size = size;
	}
	ids->list[ids->count++] = id;
	return 0;
}

static int
id_compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* Ascending, each once. */
static void
ids_settle(struct ids *ids)
{
	size_t i, count = 0;

	if (ids->count < 2)
		return;
	qsort(ids->list, ids->count, sizeof(*ids->list), id_compare);
	for (i = 0; i < ids->count; i++)
		if (i == 0 || ids->list[i] != ids->list[i - 1])
			ids->list[count++] = ids->list[i];
	ids->count = count;
}

static int
change_put(void *arg, const struct vector_change *change)
{
	struct update *update = arg;

	return change->segment_id != 0
	    ? ids_put(&update->segments, change->segment_id)
	    : ids_put(&update->revisions, change->revision_id);
}

/* The draft is made as soon as it is needed: of the flat that is there, or of
 * nothing. */
static int
update_draft(struct update *update)
{
	if (update->draft != NULL)
		return 0;
	return update->mirror->flat == NULL
	    ? flat_new(update->want->dimensions, &update->draft)
	    : flat_draft(update->mirror->flat, &update->draft);
}

/* Rather no cells than no vectors. */
static int
check_room(struct update *update)
{
	if (flat_bytes(update->draft) > update->bytes_max)
		flat_adopt(update->draft, NULL);
	return flat_bytes(update->draft) > update->bytes_max ? ERR_TOO_BIG
							     : 0;
}

static int
vector_put(void *arg, const struct vector_kept *vector)
{
	struct update *update = arg;
	const struct flat_row row = {.segment_id = vector->segment_id,
	    .revision_id = vector->revision_id, .vector = vector->bytes,
	    .scale = vector->scale};
	int err;

	if (vector->segment_id > update->last_segment)
		update->last_segment = vector->segment_id;
	if (vector->embedder_id != update->want->embedder_id ||
	    vector->dimensions != update->want->dimensions)
		return 0;
	err = update_draft(update);
	if (err == 0)
		err = flat_add(update->draft, &row);
	return err == 0 ? check_room(update) : err;
}

/* What changed or went is passed over; what there is of it now comes behind.
 * Segments with ids above those that were there come with the new ones. */
static int
update_changes(struct update *update)
{
	const struct mirror *mirror = update->mirror;
	size_t i;
	int err;

	if (update->last_change == mirror->last_change)
		return 0;
	err = store_vector_changes(update->reader, mirror->base_id,
	    mirror->last_change, change_put, update);
	if (err < 0 ||
	    (update->segments.count == 0 && update->revisions.count == 0))
		return err;
	ids_settle(&update->segments);
	ids_settle(&update->revisions);
	err = update_draft(update);
	if (err == 0)
		err = flat_kill_segments(update->draft, update->segments.list,
		    update->segments.count);
	if (err == 0)
		err = flat_kill_revisions(update->draft,
		    update->revisions.list, update->revisions.count);
	for (i = 0; err == 0 && i < update->segments.count &&
	    update->segments.list[i] <= mirror->last_segment; i++)
		err = store_vectors_now(update->reader, mirror->base_id,
		    update->segments.list[i], vector_put, update);
	return err;
}

/* ---- bringing up --------------------------------------------------------- */

/* Does nothing of the mirror help for what is wanted? */
static bool
is_of_no_use(const struct mirror *mirror, const struct update *update)
{
	const struct flat *flat = mirror->flat;

	return flat == NULL ||
	    mirror->embedder_id != update->want->embedder_id ||
	    flat_dimensions(flat) != update->want->dimensions ||
	    update->last_change - mirror->last_change > VECTOR_CHANGES_MAX ||
	    (flat_dead(flat) > DEAD_MIN &&
		flat_dead(flat) > flat_rows(flat) / DEAD_SHARE);
}

static void
mirror_clear(struct mirror *mirror, const struct update *update)
{
	flat_unref(mirror->flat);
	mirror->flat = NULL;
	mirror->readings++;
	mirror->rows_tried = 0;
	mirror->embedder_id = update->want->embedder_id;
	mirror->last_segment = 0;
	mirror->last_change = update->last_change;
}

static int
update_run(struct update *update)
{
	struct mirror *mirror = update->mirror;
	int err;

	err = store_vector_change_last(update->reader, &update->last_change);
	if (err < 0)
		return err;
	if (is_of_no_use(mirror, update))
		mirror_clear(mirror, update);
	update->last_segment = mirror->last_segment;
	err = update_changes(update);
	if (err == 0)
		err = store_vectors_after(update->reader, mirror->base_id,
		    mirror->last_segment, vector_put, update);
	if (err == 0 && mirror->flat == NULL)
		err = update_draft(update);
	if (err < 0)
		return err;
	if (update->draft != NULL) {
		flat_unref(mirror->flat);
		mirror->flat = update->draft;
		update->draft = NULL;
		mirror->first_rev = update->rev;
	}
	mirror->last_rev = update->rev;
	mirror->last_segment = update->last_segment;
	mirror->last_change = update->last_change;
	return 0;
}

int
mirror_update(struct update *update)
{
	int err;

	err = update_run(update);
	flat_unref(update->draft);
	mem_free(update->segments.list);
	mem_free(update->revisions.list);
	return err;
}
