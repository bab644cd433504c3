/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_merge: all that the texts of a base name, merged.
 *
 * Floor 4, for graph_*.c.  Rows of one entity are merged by the store already;
 * here short forms are: an entity whose key is the short form of exactly one
 * other entity is that one.  Within one snapshot of the reader.
 */
#ifndef ENGINE_GRAPH_MERGE_H
#define ENGINE_GRAPH_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/graph_table.h"

struct graph_draft;
struct store;
struct uuid;

struct merge_entity {
	const char *name;
	uint64_t weight; /* of what it is merged of, too */
	uint32_t into;	 /* that it is merged into, or itself */
	uint32_t rank;	 /* its place in the draft; TABLE_NONE: none */
};

struct graph_merge {
	struct store *reader;
	int64_t base_id;
	struct id_table ids;
	struct merge_entity *entities; /* one of each id */
	size_t size;
	struct text_store names;
	uint64_t count; /* of those that are not merged into others */
	bool is_cut;	/* the tables had no room for all */
};

/* Read what there is.  ERR_NOMEM, and errors of the store;
 * graph_merge_fini() in any case. */
int graph_merge_read(struct graph_merge *merge, struct store *reader,
    int64_t base_id);
void graph_merge_fini(struct graph_merge *merge);

/*
 * Make the draft of the heaviest nodes_max entities, in order of weight, name
 * and id, and count the relations of all.  with_texts: and what names them.
 * The draft keeps names of the merge; graph_draft_fini() in any case.
 */
int graph_merge_draft(struct graph_merge *merge, const struct uuid *base,
    size_t nodes_max, bool with_texts, struct graph_draft *draft,
    uint64_t *ret_relations);

#endif
