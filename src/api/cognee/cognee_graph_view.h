/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_graph_view: a dataset's graph as Cognee's, and as what a page draws.
 * Pure: structs in, JSON out.
 *
 * Floor 6.  Four kinds of nodes: Entity, EntityType, DocumentChunk and
 * TextDocument.  Entities are linked as the texts say they are, and each has an
 * "is_a" to its type; chunks "contains" entities and are "is_part_of" their
 * document.
 */
#ifndef API_COGNEE_COGNEE_GRAPH_VIEW_H
#define API_COGNEE_COGNEE_GRAPH_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "engine/graphs.h"

struct cognee_dataset;
struct jsonw;

/* GraphDTO. */
void cognee_write_graph(struct jsonw *w, const struct base_graph *graph);

/*
 * What GraphDTO has no room for, as a header (a dictionary of RFC 8941): how
 * much there is, how much of it is in the answer, and who made it.
 *
 *	entities=20000, entities-in-all=31234, relations=..., ..., cut=?1,
 *	made-by="rules", generation=17
 */
#define COGNEE_GRAPH_HEADER "X-Tidemark-Graph"
#define COGNEE_GRAPH_WORDS_SIZE 256u
void cognee_graph_words(const struct base_graph *graph,
    char out[COGNEE_GRAPH_WORDS_SIZE]);

/* How many nodes and links there are in all, whatever was left out. */
uint64_t cognee_graph_nodes(const struct base_graph *graph);
uint64_t cognee_graph_edges(const struct base_graph *graph);

struct cognee_shown {
	const struct cognee_dataset *dataset;
	const struct base_graph *graph;
};

/*
 * Graphs side by side, for drawing:
 *
 *	{"made_at": TIME, "query": TEXT or null: only what is around that,
 *	 "datasets": [{id, name, made_by: ["rules"], generation, is_cut,
 *	               entities, relations}],        in all
 *	 "nodes": [{id, dataset, kind, name, type, description, text, weight,
 *	            segments, documents}],  without those that say nothing
 *	 "links": [{source, target, label, weight}]}
 *
 * dataset, source and target are places in the arrays; kind is "entity",
 * "type", "text" or "document".
 */
void cognee_write_shown(struct jsonw *w, const struct cognee_shown *shown,
    size_t count, const char *query, int64_t now_us);

#endif
