/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edit_graph: graphs of texts that are written by hand.
 *
 * Floor 4, for the files of edits.  They are made by rules, whoever made those
 * of the document: in the calling thread nobody waits for a chat model.
 */
#ifndef ENGINE_EDIT_GRAPH_H
#define ENGINE_EDIT_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct edit_place;
struct err_note;
struct graph_extractor;
struct mention;
struct relation;
struct rule;
struct segment_graph;
struct store;

struct edit_graphs {
	bool is_begun;
	struct graph_extractor *extractor; /* NULL: there are to be none */
	char title[256]; /* of the document */
	struct buf text; /* one that is put together of two */
	struct buf packed; /* as graph_pack() makes them, one by one */
	struct edit_graph_row *rows; /* count of them, one for each text */
	size_t count, size;
	struct mention *mentions; /* of the row that was asked for last */
	struct relation *relations;
};

/* Nothing is there yet; may be finished. */
void edit_graphs_init(struct edit_graphs *graphs);
void edit_graphs_fini(struct edit_graphs *graphs);

/* For segments of the document that was found, by its rule; what was made
 * before is forgotten.  ERR_NOMEM, and those of the store. */
int edit_graphs_begin(struct edit_graphs *graphs, struct store *store,
    const struct edit_place *place, const struct rule *rule);

/* Make that of a text (len bytes, UTF-8), with its answer (NULL: none).
 * ERR_NOMEM, ERR_TOO_BIG with words. */
int edit_graphs_add(struct edit_graphs *graphs, const char *text, size_t len,
    const char *answer, struct err_note *note);

/* The graph of the text that was added as that one, from 0; valid until the
 * next call.  *ret_graph is NULL where there are to be none.  ERR_NOMEM. */
int edit_graphs_get(struct edit_graphs *graphs, size_t i,
    struct segment_graph *room, const struct segment_graph **ret_graph);

/* Was the last one made of that?  Also where it was looked and there are to be
 * none. */
bool edit_graphs_are_of(const struct edit_graphs *graphs, const char *text,
    const char *answer);

#endif
