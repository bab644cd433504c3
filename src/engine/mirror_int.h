/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mirror_int: what keeping mirrors (mirror.c), bringing them up to a snapshot
 * (mirror_update.c) and parting their rows (mirror_cells.c) share.
 *
 * mirrors.lock guards the list, and of each mirror what is noted there.
 * mirror.fill guards the rest of one; who holds it may take mirrors.lock, never
 * the other way around.
 */
#ifndef ENGINE_MIRROR_INT_H
#define ENGINE_MIRROR_INT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "engine/mirror.h"

struct mirror {
	int64_t base_id;
	/* Under mirrors.lock. */
	struct mirror *next;
	unsigned refs; /* who uses it, and the list */
	uint64_t bytes, used; /* when it was asked for last */
	uint64_t parted; /* rows in cells */
	bool is_waiting; /* for its rows to be parted */
	/* Under fill. */
	pthread_mutex_t fill;
	struct flat *flat; /* NULL: it was not read yet */
	int64_t embedder_id;
	int64_t first_rev, last_rev, last_segment, last_change;
	unsigned refused, refused_left;
	/* The rows are numbered anew: cells of before are of no use. */
	uint64_t readings;
	bool is_asked; /* cells are being built, or will be */
	size_t rows_tried; /* the next time when there are more */
};

/* Builds cells, one mirror's after the other's. */
struct builder {
	pthread_cond_t turned; /* there is something to do, or nothing more */
	pthread_t thread;
	bool has_thread, stops;
	struct mirror *of; /* whose it builds; NULL: it waits */
	/* No lock: true breaks off what is being built. */
	atomic_bool breaks_off;
};

struct mirrors {
	pthread_mutex_t lock;
	struct mirror *list;
	uint64_t bytes_max, bytes, used;
	size_t rows_min; /* fewer are not parted */
	struct builder builder;
};

/* ---- mirror.c ----------------------------------------------------------- */

/* With mirrors.lock held. */
void mirror_unref(struct mirror *mirror);
/* With fill held: note what the mirror has now; others make room. */
void mirror_account(struct mirrors *mirrors, struct mirror *mirror);

/* ---- mirror_update.c ---------------------------------------------------- */

struct ids {
	int64_t *list;
	size_t count, size;
};

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

/* With fill held: to the reader's snapshot.  ERR_TOO_BIG: there is no room;
 * ERR_NOMEM and the store's errors. */
int mirror_update(struct update *update);

/* ---- mirror_cells.c ----------------------------------------------------- */

void builder_init(struct builder *builder);
void builder_fini(struct builder *builder);
/* With fill held: have the rows parted, if that is worth while. */
void mirror_part(struct mirrors *mirrors, struct mirror *mirror);
/* With mirrors.lock held: the mirror is off the list. */
void builder_forget(struct mirrors *mirrors, const struct mirror *mirror);

#endif
