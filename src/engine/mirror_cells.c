/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parting the rows of mirrors, in the background.
 *
 * A query that finds a mirror with many rows in no cell marks it, and the
 * builder's thread, which the first of them starts, takes the marked one after
 * the other.  It builds from the flat that the mirror has at that moment, with
 * no lock, and hands the cells over under fill: queries that come later find
 * them, and rows that were added meanwhile are in none.  When the base was read
 * anew meanwhile, cells are of other rows, and thrown away.
 *
 * The thread breaks off when the mirror leaves the list (its base is gone, or
 * others need the room) and when all end; it looks for that every few hundred
 * rows.  It does wait for fill, which a query may hold while it reads a base
 * in.
 */
#include <inttypes.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/log.h"
#include "engine/mirror_int.h"
#include "search/cells.h"
#include "search/flat.h"
#include "sys/clock.h"
#include "sys/thread.h"

/* So many of the rows are in no cell when a new partition is built, and so
 * many more there are when one was of no use. */
#define OUTSIDE_SHARE 4u
#define RETRY_FACTOR 2u

void
builder_init(struct builder *builder)
{
	thread_cond_init(&builder->turned);
	atomic_init(&builder->breaks_off, false);
}

void
builder_fini(struct builder *builder)
{
	ASSERT(!builder->has_thread);
	(void)pthread_cond_destroy(&builder->turned);
}

void
builder_forget(struct mirrors *mirrors, const struct mirror *mirror)
{
	if (mirrors->builder.of == mirror)
		atomic_store(&mirrors->builder.breaks_off, true);
}

/* ---- building ------------------------------------------------------------ */

/* Cells are an extra: nobody else makes room for them. */
static bool
is_room(struct mirrors *mirrors, size_t bytes)
{
	bool is_enough;

	(void)pthread_mutex_lock(&mirrors->lock);
	is_enough = mirrors->bytes + bytes <= mirrors->bytes_max;
	(void)pthread_mutex_unlock(&mirrors->lock);
	return is_enough;
}

/* With fill held. */
static int
cells_adopt(struct mirror *mirror, struct cells *cells)
{
	struct flat *draft;
	int err;

	err = flat_draft(mirror->flat, &draft);
	if (err < 0)
		return err;
	flat_adopt(draft, cells);
	flat_unref(mirror->flat);
	mirror->flat = draft;
	return 0;
}

static struct flat *
build_begin(struct mirror *mirror, uint64_t *ret_readings)
{
	struct flat *flat;

	(void)pthread_mutex_lock(&mirror->fill);
	flat = mirror->flat == NULL ? NULL : flat_ref(mirror->flat);
	*ret_readings = mirror->readings;
	if (flat == NULL)
		mirror->is_asked = false;
	(void)pthread_mutex_unlock(&mirror->fill);
	return flat;
}

static void
build(struct mirrors *mirrors, struct mirror *mirror)
{
	struct cells *cells = NULL;
	struct flat *flat;
	uint64_t readings;
	int64_t begun = clock_mono_us();
	size_t rows;
	int err;

	flat = build_begin(mirror, &readings);
	if (flat == NULL)
		return;
	rows = flat_rows(flat);
	err = cells_build(flat, &mirrors->builder.breaks_off, &cells);
	flat_unref(flat);
	(void)pthread_mutex_lock(&mirror->fill);
	mirror->is_asked = false;
	if (err == 0 && !is_room(mirrors, cells_bytes(cells)))
		err = ERR_TOO_BIG;
	if (mirror->readings == readings) {
		if (err == 0)
			err = cells_adopt(mirror, cells);
		mirror->rows_tried =
		    err < 0 || cells_rows(cells) == 0 ? rows : 0;
	}
	mirror_account(mirrors, mirror);
	(void)pthread_mutex_unlock(&mirror->fill);
	cells_unref(cells);
	log_debug("cells of %zu vectors of base %" PRId64 ": %s after %" PRId64
		  " ms",
	    rows, mirror->base_id, err == 0 ? "built" : err_text(err),
	    (clock_mono_us() - begun) / 1000);
}

static struct mirror *
waiting_first(struct mirrors *mirrors)
{
	struct mirror *mirror;

	for (mirror = mirrors->list; mirror != NULL; mirror = mirror->next)
		if (mirror->is_waiting)
			return mirror;
	return NULL;
}

static void *
builder_run(void *arg)
{
	struct mirrors *mirrors = arg;
	struct builder *builder = &mirrors->builder;
	struct mirror *mirror;

	thread_lower();
	(void)pthread_mutex_lock(&mirrors->lock);
	while (!builder->stops) {
		mirror = waiting_first(mirrors);
		if (mirror == NULL) {
			(void)pthread_cond_broadcast(&builder->turned);
			thread_wait_us(&builder->turned, &mirrors->lock, -1);
			continue;
		}
		mirror->is_waiting = false;
		mirror->refs++;
		builder->of = mirror;
		atomic_store(&builder->breaks_off, false);
		(void)pthread_mutex_unlock(&mirrors->lock);
		build(mirrors, mirror);
		(void)pthread_mutex_lock(&mirrors->lock);
		builder->of = NULL;
		mirror_unref(mirror);
	}
	(void)pthread_mutex_unlock(&mirrors->lock);
	return NULL;
}

/* ---- asking for it ------------------------------------------------------- */

static bool
is_worth_while(struct mirrors *mirrors, const struct mirror *mirror)
{
	const size_t rows = flat_rows(mirror->flat);

	return !mirror->is_asked &&
	    rows - flat_dead(mirror->flat) >= mirrors->rows_min &&
	    flat_outside(mirror->flat) > rows / OUTSIDE_SHARE &&
	    rows / RETRY_FACTOR >= mirror->rows_tried &&
	    is_room(mirrors, cells_bytes_for(mirror->flat));
}

void
mirror_part(struct mirrors *mirrors, struct mirror *mirror)
{
	struct builder *builder = &mirrors->builder;

	if (!is_worth_while(mirrors, mirror))
		return;
	(void)pthread_mutex_lock(&mirrors->lock);
	/* Without a thread it stays as it is; the next query tries again. */
	if (!builder->stops && !builder->has_thread)
		builder->has_thread = thread_start(&builder->thread, "cells",
					  builder_run, mirrors) == 0;
	if (!builder->stops && builder->has_thread) {
		mirror->is_asked = mirror->is_waiting = true;
		(void)pthread_cond_broadcast(&builder->turned);
	}
	(void)pthread_mutex_unlock(&mirrors->lock);
}

void
mirrors_stop(struct mirrors *mirrors)
{
	struct builder *builder = &mirrors->builder;
	bool has_thread;

	(void)pthread_mutex_lock(&mirrors->lock);
	builder->stops = true;
	atomic_store(&builder->breaks_off, true);
	has_thread = builder->has_thread;
	builder->has_thread = false;
	(void)pthread_cond_broadcast(&builder->turned);
	(void)pthread_mutex_unlock(&mirrors->lock);
	if (has_thread)
		(void)pthread_join(builder->thread, NULL);
}

void
mirrors_part_from(struct mirrors *mirrors, size_t rows_min)
{
	mirrors->rows_min = rows_min;
}

void
mirrors_settle(struct mirrors *mirrors)
{
	struct builder *builder = &mirrors->builder;

	(void)pthread_mutex_lock(&mirrors->lock);
	while (!builder->stops &&
	    (builder->of != NULL || waiting_first(mirrors) != NULL))
		thread_wait_us(&builder->turned, &mirrors->lock, -1);
	(void)pthread_mutex_unlock(&mirrors->lock);
}
