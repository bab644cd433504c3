/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graphs: what the texts of a base name and how that is linked, merged over
 * all of its documents.
 *
 * Floor 4.  Whether a base has a graph is said by its settings (rule.h,
 * "graph"); who made it, rules or a chat model, by the graph itself.  Weights
 * count mentions: how often the texts name a thing, or say that two are
 * linked.
 */
#ifndef ENGINE_GRAPHS_H
#define ENGINE_GRAPHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct engine;
struct err_note;
struct store;

#define GRAPH_NODES_MAX 20000u
#define GRAPH_EDGES_MAX 100000u

enum graph_node_kind {
	GRAPH_NODE_ENTITY,
	GRAPH_NODE_TYPE,     /* what entities are: "Person" */
	GRAPH_NODE_SEGMENT,  /* a text that names entities */
	GRAPH_NODE_DOCUMENT, /* that such a text is of */
};

struct graph_node {
	enum graph_node_kind kind;
	struct uuid uuid; /* of segments and documents that of their own */
	const char *name; /* a segment's: its document's and its place */
	const char *type;	 /* of an entity; else NULL */
	const char *description; /* a model's; NULL: none */
	const char *text; /* of a segment, its beginning; else NULL */
	uint64_t weight;  /* how often it is named; of others 0 */
	uint32_t segments, documents; /* that name it */
};

struct graph_edge {
	uint32_t source, target; /* of nodes */
	/* An entity's own labels ("founded"); between others "is_a",
	 * "contains", "is_part_of". */
	const char *label;
	uint64_t weight;
};

/* Entities come first, the heaviest first; then types, segments, documents.
 * Edges: those of entities come first, likewise. */
struct base_graph {
	struct graph_node *nodes;
	size_t node_count, entity_count;
	struct graph_edge *edges;
	size_t edge_count, relation_count; /* between entities */
	/* Of all of it, whatever was left out. */
	uint64_t entities, relations;
	bool is_cut; /* the limits left something out: the lightest */
	bool by_rules, by_model; /* who made it; neither: there is none */
	int64_t generation;
	void *memory;
};

struct graph_wish {
	size_t nodes_max; /* entities; 0: GRAPH_NODES_MAX */
	size_t edges_max; /* relations; 0: GRAPH_EDGES_MAX */
	bool with_texts;  /* types, segments and documents, too */
};

/* All of a base's, through reader, in one snapshot.  Returns owned
 * (base_graph_fini).  ERR_NOT_FOUND: no such base in the account;
 * ERR_NOMEM. */
int engine_graph(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *base,
    const struct graph_wish *wish, struct base_graph *ret_graph,
    struct err_note *note);

/*
 * What is around some texts, as the context of an answer: the entities that
 * the segments name and that the question names, and what links them with each
 * other and with their neighbours.  with_texts is as above, with these
 * segments alone.  At most nodes_max entities (0: 64) and edges_max relations
 * (0: 128), the nearest to the question first: those it names, then those that
 * several of the segments name.
 */
int engine_graph_around(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *base, const char *question,
    const struct uuid *segments, size_t count,
    const struct graph_wish *wish, struct base_graph *ret_graph,
    struct err_note *note);

void base_graph_fini(struct base_graph *graph);

/*
 * A graph in words, for a model or a reader:
 *
 *	Nodes:
 *	Marie Curie (Person): description
 *	...
 *	Connections:
 *	Marie Curie --[discovered]--> polonium
 *
 * appended to out; what does not fit into bytes_max is left out, the lightest
 * first.  Pure.  ERR_NOMEM, ERR_TOO_BIG.
 */
struct buf;
int base_graph_write(const struct base_graph *graph, size_t bytes_max,
    struct buf *out);
/* What there is in it, as a report: how many of what, the things that are
 * named most with what they are linked with, groups of things that hang
 * together, what was left out and who made it.  Markdown; pure. */
int base_graph_report(const struct base_graph *graph, const char *name,
    struct buf *out);

/* Is anything named, and who made that?  Cheap, unlike the graph: for those who
 * choose by it.  ERR_NOT_FOUND. */
struct graph_made {
	bool is_there;
	bool by_rules, by_model; /* who made graphs of what queries find */
};
int engine_graph_made(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *base,
    struct graph_made *ret_made, struct err_note *note);

#endif
