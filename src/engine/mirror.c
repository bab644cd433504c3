/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of mirrors, and taking one.
 *
 * A mirror is right for the snapshots from first_rev to last_rev: what was
 * looked at in the last of these was the same as in the first.  A newer
 * snapshot brings it on, with a new struct flat when there is something new,
 * which shares the rows of the old one; queries that still search that one are
 * not disturbed.  An older snapshot cannot be served.
 *
 * What guards what is in mirror_int.h.  Queries wait for each other while one
 * of them reads a base in, and for microseconds else; nobody waits during a
 * search, or while cells are built.
 */
#include <inttypes.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/mirror_int.h"
#include "search/cells.h"
#include "search/flat.h"
#include "store/store_vector.h"

/* After a base had no room, so many queries go by before it is tried again;
 * each time twice as many. */
#define REFUSED_MIN 64u
#define REFUSED_MAX 65536u

/* ---- the list ------------------------------------------------------------ */

struct mirrors *
mirrors_new(uint64_t bytes_max)
{
	struct mirrors *mirrors;

	mirrors = mem_zalloc(sizeof(*mirrors));
	if (mirrors == NULL)
		return NULL;
	mirrors->bytes_max = bytes_max;
	mirrors->rows_min = CELLS_ROWS_MIN;
	(void)pthread_mutex_init(&mirrors->lock, NULL);
	builder_init(&mirrors->builder);
	return mirrors;
}

static void
mirror_free(struct mirror *mirror)
{
	flat_unref(mirror->flat);
	(void)pthread_mutex_destroy(&mirror->fill);
	mem_free(mirror);
}

void
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
		builder_forget(mirrors, mirror);
		mirror_unref(mirror);
		return;
	}
}

void
mirrors_free(struct mirrors *mirrors)
{
	if (mirrors == NULL)
		return;
	mirrors_stop(mirrors);
	while (mirrors->list != NULL)
		mirror_drop(mirrors, mirrors->list);
	builder_fini(&mirrors->builder);
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

/* Others make room: who was not asked for longest goes.  A mirror that is off
 * the list already lives for as long as who uses it. */
void
mirror_account(struct mirrors *mirrors, struct mirror *mirror)
{
	const struct flat *flat = mirror->flat;
	uint64_t bytes = flat == NULL ? 0 : flat_bytes(flat);
	struct mirror *m, *oldest;
	bool is_listed = false;

	(void)pthread_mutex_lock(&mirrors->lock);
	for (m = mirrors->list; m != NULL; m = m->next)
		is_listed = is_listed || m == mirror;
	if (is_listed) {
		mirrors->bytes = mirrors->bytes - mirror->bytes + bytes;
		mirror->bytes = bytes;
	}
	mirror->parted = flat == NULL ? 0
				      : flat_rows(flat) - flat_outside(flat);
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

uint64_t
mirrors_parted(struct mirrors *mirrors)
{
	const struct mirror *mirror;
	uint64_t rows = 0;

	(void)pthread_mutex_lock(&mirrors->lock);
	for (mirror = mirrors->list; mirror != NULL; mirror = mirror->next)
		rows += mirror->parted;
	(void)pthread_mutex_unlock(&mirrors->lock);
	return rows;
}

/* ---- taking -------------------------------------------------------------- */

/* There is no room: what is there goes, and is not tried again at once. */
static void
mirror_refuse(struct mirror *mirror, uint64_t bytes_max)
{
	flat_unref(mirror->flat);
	mirror->flat = NULL;
	mirror->readings++;
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
mirror_bring(struct mirrors *mirrors, struct mirror *mirror,
    struct update *update)
{
	int err;

	err = mirror_update(update);
	if (err == ERR_TOO_BIG)
		mirror_refuse(mirror, mirrors->bytes_max);
	else if (err == 0)
		mirror->refused = 0;
	mirror_account(mirrors, mirror);
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
		err = mirror_bring(mirrors, mirror, update);
	if (err < 0)
		return err;
	mirror_part(mirrors, mirror);
	*ret_flat = flat_ref(mirror->flat);
	return 0;
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
