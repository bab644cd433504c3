/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mirrors, and bringing them up to a snapshot.
 *
 * A mirror is right for the snapshots from first_rev to last_rev: what was
 * looked at in the last of these was the same as in the first.  A newer
 * snapshot brings it on, with a new struct flat when there is something new,
 * which shares the rows of the old one; queries that still search that one are
 * not disturbed.  An older snapshot cannot be served.
 *
 * mirrors.lock guards the list, and of each mirror what is noted there.
 * mirror.fill guards the rest of one; who holds it may take mirrors.lock, never
 * the other way around.  So queries wait for each other while one of them
 * reads a base in, and for microseconds else; nobody waits during a search.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/mirror.h"
#include "search/flat.h"
#include "store/store_vector.h"

/* With more of its rows gone it is read anew, if it is not small. */
#define DEAD_SHARE 4u
#define DEAD_MIN 4096u
/* After a base had no room, so many queries go by before it is tried again;
 * each time twice as many. */
#define REFUSED_MIN 64u
#define REFUSED_MAX 65536u

struct mirror {
	int64_t base_id;
	/* Under mirrors.lock. */
	struct mirror *next;
	unsigned refs; /* who uses it, and the list */
	uint64_t bytes, used; /* when it was asked for last */
	/* Under fill. */
	pthread_mutex_t fill;
	struct flat *flat; /* NULL: it was not read yet */
	int64_t embedder_id;
	int64_t first_rev, last_rev, last_segment, last_change;
	unsigned refused, refused_left;
};

struct mirrors {
	pthread_mutex_t lock;
	struct mirror *list;
	uint64_t bytes_max, bytes, used;
};

/* ---- the list ------------------------------------------------------------ */

struct mirrors *
mirrors_new(uint64_t bytes_max)
{
	struct mirrors *mirrors;

	mirrors = mem_zalloc(sizeof(*mirrors));
	if (mirrors == NULL)
		return NULL;
	mirrors->bytes_max = bytes_max;
	(void)pthread_mutex_init(&mirrors->lock, NULL);
	return mirrors;
}

static void
mirror_free(struct mirror *mirror)
{
	flat_unref(mirror->flat);
	(void)pthread_mutex_destroy(&mirror->fill);
	mem_free(mirror);
}

/* With the lock held. */
static void
mirror_unref(struct mirror *mirror)
{
	if (--mirror->refs == 0)
		mirror_free(mirror);
}

/* With the lock held: off the list. */
static void
mirror_drop(struct mirrors *mirrors, struct mirror *mirror)
{
	struct mirror **at;

	for (at = &mirrors->list; *at != NULL; at = &(*at)->next) {
		if (*at != mirror)
			continue;
		*at = mirror->next;
		mirror->next = NULL;
		mirrors->bytes -= mirror->bytes;
		mirror->bytes = 0;
		mirror_unref(mirror);
		return;
	}
}

void
mirrors_free(struct mirrors *mirrors)
{
	if (mirrors == NULL)
		return;
	while (mirrors->list != NULL)
		mirror_drop(mirrors, mirrors->list);
	(void)pthread_mutex_destroy(&mirrors->lock);
	mem_free(mirrors);
}

static struct mirror *
mirror_new(int64_t base_id)
{
	struct mirror *mirror;

	mirror = mem_zalloc(sizeof(*mirror));
	if (mirror == NULL)
		return NULL;
	mirror->base_id = base_id;
	(void)pthread_mutex_init(&mirror->fill, NULL);
	return mirror;
}

/* The base's, made if there is none; NULL: no memory.  mirror_leave() ends
 * its use. */
static struct mirror *
mirror_enter(struct mirrors *mirrors, int64_t base_id)
{
	struct mirror *mirror;

	(void)pthread_mutex_lock(&mirrors->lock);
	for (mirror = mirrors->list; mirror != NULL; mirror = mirror->next)
		if (mirror->base_id == base_id)
			break;
	if (mirror == NULL) {
		mirror = mirror_new(base_id);
		if (mirror != NULL) {
			mirror->next = mirrors->list;
			mirrors->list = mirror;
			mirror->refs = 1;
		}
	}
	if (mirror != NULL) {
		mirror->refs++;
		mirror->used = ++mirrors->used;
	}
	(void)pthread_mutex_unlock(&mirrors->lock);
	return mirror;
}

static void
mirror_leave(struct mirrors *mirrors, struct mirror *mirror)
{
	(void)pthread_mutex_lock(&mirrors->lock);
	mirror_unref(mirror);
	(void)pthread_mutex_unlock(&mirrors->lock);
}

void
mirrors_forget(struct mirrors *mirrors, int64_t base_id)
{
	struct mirror *mirror;

	(void)pthread_mutex_lock(&mirrors->lock);
	for (mirror = mirrors->list; mirror != NULL; mirror = mirror->next)
		if (mirror->base_id == base_id)
			break;
	if (mirror != NULL)
		mirror_drop(mirrors, mirror);
	(void)pthread_mutex_unlock(&mirrors->lock);
}

/* The mirror has so much now; others make room.  One that is off the list
 * already lives for as long as who uses it. */
static void
mirror_account(struct mirrors *mirrors, struct mirror *mirror, uint64_t bytes)
{
	struct mirror *m, *oldest;
	bool is_listed = false;

	(void)pthread_mutex_lock(&mirrors->lock);
	for (m = mirrors->list; m != NULL; m = m->next)
		is_listed = is_listed || m == mirror;
	if (is_listed) {
		mirrors->bytes = mirrors->bytes - mirror->bytes + bytes;
		mirror->bytes = bytes;
	}
	while (mirrors->bytes > mirrors->bytes_max) {
		oldest = NULL;
		for (m = mirrors->list; m != NULL; m = m->next)
			if (m != mirror && m->bytes > 0 &&
			    (oldest == NULL || m->used < oldest->used))
				oldest = m;
		if (oldest == NULL)
			break;
		mirror_drop(mirrors, oldest);
	}
	(void)pthread_mutex_unlock(&mirrors->lock);
}

void
mirrors_measure(struct mirrors *mirrors, size_t *ret_count,
    uint64_t *ret_bytes)
{
	const struct mirror *mirror;
	size_t count = 0;

	(void)pthread_mutex_lock(&mirrors->lock);
	for (mirror = mirrors->list; mirror != NULL; mirror = mirror->next)
		count += mirror->bytes > 0;
	*ret_count = count;
	*ret_bytes = mirrors->bytes;
	(void)pthread_mutex_unlock(&mirrors->lock);
}

/* ---- what has changed ---------------------------------------------------- */

struct ids {
	int64_t *list;
	size_t count, size;
};

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

/* Bringing a mirror on. */
struct update {
	struct mirror *mirror;
	const struct mirror_want *want;
	struct store *reader;
	uint64_t bytes_max;
	struct flat *draft; /* NULL: nothing is new so far */
	struct ids segments, revisions; /* that have changed, or are gone */
	int64_t rev, last_segment, last_change;
};

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
	if (err == 0 && flat_bytes(update->draft) > update->bytes_max)
		err = ERR_TOO_BIG;
	return err;
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

/* There is no room: what is there goes, and is not tried again at once. */
static void
mirror_refuse(struct mirror *mirror, uint64_t bytes_max)
{
	flat_unref(mirror->flat);
	mirror->flat = NULL;
	if (mirror->refused == 0)
		log_info("the vectors of base %" PRId64 " need more than "
			 "%" PRIu64 " bytes of memory: queries read them "
			 "from the disk",
		    mirror->base_id, bytes_max);
	mirror->refused = mirror->refused == 0 ? REFUSED_MIN
	    : mirror->refused < REFUSED_MAX    ? mirror->refused * 2
					       : REFUSED_MAX;
	mirror->refused_left = mirror->refused;
}

static int
mirror_update(struct mirrors *mirrors, struct mirror *mirror,
    struct update *update)
{
	int err;

	err = update_run(update);
	flat_unref(update->draft);
	mem_free(update->segments.list);
	mem_free(update->revisions.list);
	if (err == ERR_TOO_BIG)
		mirror_refuse(mirror, mirrors->bytes_max);
	else if (err == 0)
		mirror->refused = 0;
	mirror_account(mirrors, mirror,
	    mirror->flat == NULL ? 0 : flat_bytes(mirror->flat));
	return err;
}

/* With fill held. */
static int
mirror_take(struct mirrors *mirrors, struct mirror *mirror,
    struct update *update, struct flat **ret_flat)
{
	bool is_read = mirror->flat != NULL &&
	    mirror->embedder_id == update->want->embedder_id &&
	    flat_dimensions(mirror->flat) == update->want->dimensions;
	int err = 0;

	if (!is_read && mirror->refused_left > 0) {
		mirror->refused_left--;
		return ERR_TOO_BIG;
	}
	if (mirror->flat != NULL && update->rev < mirror->first_rev)
		return ERR_CONFLICT;
	if (!is_read || update->rev > mirror->last_rev)
		err = mirror_update(mirrors, mirror, update);
	if (err == 0)
		*ret_flat = flat_ref(mirror->flat);
	return err;
}

int
mirrors_take(struct mirrors *mirrors, struct store *reader,
    const struct mirror_want *want, struct flat **ret_flat)
{
	struct update update = {.want = want, .reader = reader,
	    .bytes_max = mirrors->bytes_max};
	struct mirror *mirror;
	int64_t generation;
	int err;

	ASSERT(want->dimensions > 0);
	if (mirrors->bytes_max == 0)
		return ERR_TOO_BIG;
	err = store_stamp(reader, &update.rev, &generation);
	if (err < 0)
		return err;
	mirror = mirror_enter(mirrors, want->base_id);
	if (mirror == NULL)
		return ERR_NOMEM;
	update.mirror = mirror;
	(void)pthread_mutex_lock(&mirror->fill);
	err = mirror_take(mirrors, mirror, &update, ret_flat);
	(void)pthread_mutex_unlock(&mirror->fill);
	mirror_leave(mirrors, mirror);
	return err;
}
