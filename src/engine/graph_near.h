/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_near: entities near to a question, and who they are.
 *
 * Floor 4, for graph_*.c.  Here a graph is not read as a whole but from a few
 * entities outwards, so short forms are followed one at a time, to the same
 * end as in graph_merge.h.
 */
#ifndef ENGINE_GRAPH_NEAR_H
#define ENGINE_GRAPH_NEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/graph_table.h"

struct store;

/* An entity under all of its ids. */
struct near {
	int64_t id;
	const char *name;
	uint32_t asked; /* its place in the question; TABLE_NONE: not there */
	uint32_t segments; /* of those that are asked about */
	int64_t last_segment_id;
	uint64_t weight; /* in these */
	uint64_t links;	 /* with the core */
	uint32_t rank;	 /* in the draft; TABLE_NONE: not there */
	uint32_t first, last; /* of its members */
};

/* An id that an entity has. */
struct near_member {
	uint32_t near, next; /* TABLE_NONE: the last one */
};

struct near_table {
	struct store *reader;
	int64_t base_id;
	struct id_table ids; /* what the nears are called */
	struct near *list;
	size_t size;
	struct id_table member_ids;
	struct near_member *members;
	size_t member_size;
	struct text_store names;
	bool is_cut;
};

void near_table_init(struct near_table *table, struct store *reader,
    int64_t base_id);
void near_table_fini(struct near_table *table);

/* Who the entity of that id is, or what has that key or short form; TABLE_NONE:
 * nothing that is found, or there is no room.  ERR_NOMEM, and errors of the
 * store. */
int near_of_id(struct near_table *table, int64_t id, uint32_t *ret_near);
int near_of_key(struct near_table *table, const char *key,
    uint32_t *ret_near);

#endif
