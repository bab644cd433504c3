/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_draft: a graph that is being made of rows of the store.
 *
 * Floor 4, for graph_*.c.  Who makes it has chosen the entities and their order
 * and tells the rows of these alone; what one entity goes by under several ids
 * has one place in that order.  What the tables have no room for is left out,
 * and is_cut says so.
 */
#ifndef ENGINE_GRAPH_DRAFT_H
#define ENGINE_GRAPH_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "engine/graph_table.h"

struct base_graph;
struct mention_row;
struct store;

struct draft_entity {
	int64_t id;
	const char *name; /* kept */
	uint64_t weight;
	uint32_t segments, documents; /* counted by who reads them */
	char *description;	      /* the longest; owned */
};

struct graph_draft {
	struct store *reader;
	struct uuid base;
	struct draft_entity *entities; /* in their order; owned */
	size_t count;
	struct word_table words;  /* types and labels */
	struct three_table types; /* entity, word */
	struct three_table edges; /* subject, object, word */
	/* Texts that name the entities. */
	struct id_table segments, documents;
	struct three_table homes;    /* segment, document; one each */
	struct three_table contains; /* segment, entity */
	bool is_cut;
};

/* With room for count entities, all zeros; ERR_NOMEM.  graph_draft_fini() is
 * called in any case. */
int graph_draft_init(struct graph_draft *draft, struct store *reader,
    const struct uuid *base, size_t count);
void graph_draft_fini(struct graph_draft *draft);

/* Tell what a row says of the entity; of two; of what a text names.
 * ERR_NOMEM. */
int graph_draft_mention(struct graph_draft *draft, uint32_t entity,
    const struct mention_row *row);
int graph_draft_relation(struct graph_draft *draft, uint32_t subject,
    uint32_t object, const char *label, uint32_t weight);
int graph_draft_text(struct graph_draft *draft, uint32_t entity,
    const struct mention_row *row);

/*
 * All of it but for the heaviest edges_max relations and, of texts, the
 * texts_max that name most.  Sets nodes and edges, and is_cut when that left
 * something out; the rest of *graph is the caller's.  Returns owned
 * (base_graph_fini).  ERR_NOMEM, and errors of the store.
 */
int graph_draft_give(struct graph_draft *draft, size_t edges_max,
    size_t texts_max, struct base_graph *graph);

#endif
