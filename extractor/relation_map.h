/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relation_map: the relations of one part of an OOXML package, kept to be
 * looked up while the part is read.  Those that lead out of the package are
 * not in it.
 */
#ifndef EXTRACTOR_RELATION_MAP_H
#define EXTRACTOR_RELATION_MAP_H

#include <stddef.h>

#include "base/buf.h"
#include "base/limits.h"

struct err_note;
struct package;

#define RELATION_MAP_MAX 20000u
#define RELATION_MAP_BYTES_MAX (8 * MIB)

struct relation {
	size_t id, type, target; /* in words */
};

struct relation_map {
	struct buf words;
	struct buf list; /* struct relation */
	size_t next;	 /* where the next lookup begins */
};

void relation_map_init(struct relation_map *map);
void relation_map_fini(struct relation_map *map);

/* Fill it with the relations of part.  ERR_SYNTAX, ERR_TOO_BIG (more than
 * RELATION_MAP_MAX), ERR_NOMEM. */
int relation_map_load(struct relation_map *map, struct package *package,
    const char *part, struct err_note *note);

/* The part that id stands for, or NULL; valid until the next load. */
const char *relation_map_find(struct relation_map *map, const char *id);

/* The ith of them in the order of the list, from 0; returns its target and
 * sets *ret_type, or NULL behind the last. */
const char *relation_map_at(const struct relation_map *map, size_t i,
    const char **ret_type);

/* The first one of that type, or NULL. */
const char *relation_map_type(const struct relation_map *map,
    const char *type);

#endif
