/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_graph: the graph of a text, asked of a chat model.
 *
 * Floor 3.  The model answers in JSON,
 *
 *	{"nodes": [{"id", "name", "type", "description"}],
 *	 "edges": [{"source_node_id", "target_node_id", "relationship_name"}]}
 *
 * and what it answers is trusted no more than what a stranger sends.
 */
#ifndef GRAPH_CHAT_GRAPH_H
#define GRAPH_CHAT_GRAPH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"

struct chat_client;
struct err_note;
struct graph;

#define CHAT_GRAPH_TEXT_BYTES_MAX (64 * KIB)
#define CHAT_GRAPH_PROMPT_BYTES_MAX (16 * KIB) /* words of the caller's own */
#define CHAT_GRAPH_NODES_MAX 512u
#define CHAT_GRAPH_EDGES_MAX 2048u
#define CHAT_GRAPH_ID_BYTES_MAX 256u
#define CHAT_GRAPH_TYPE_BYTES_MAX 64u
#define CHAT_GRAPH_DESCRIPTION_BYTES_MAX 1000u
#define CHAT_GRAPH_MENTIONS_MAX 64u /* of one entity */

/*
 * Read a model's answer about text (both UTF-8).  Around the JSON there may be
 * other words, or a fence of Markdown.  A node without a usable name, an edge
 * to a node that is not there, and whatever is too long is left out; counted
 * in *ret_dropped.  A type that types_tbl.h does not know is CONCEPT, and kept
 * in type_name.  An entity's mentions are where its name stands in the text.
 * Pure.  Returns owned (graph_fini).
 * ERR_UPSTREAM with words: there is no such JSON, it is cut off, or it has
 * more nodes or edges than the limits; ERR_NOMEM.
 */
int chat_graph_read(const char *answer, size_t len, const char *text,
    size_t text_len, struct graph *ret_graph, size_t *ret_dropped,
    struct err_note *note);

/*
 * Let the model make the graph of len bytes of text.  prompt: orders in the
 * stead of our own; NULL or "": our own.  Returns owned (graph_fini).
 * Errors of chat_run() and chat_graph_read(); ERR_TOO_BIG: text over
 * CHAT_GRAPH_TEXT_BYTES_MAX, prompt over CHAT_GRAPH_PROMPT_BYTES_MAX.
 */
int chat_graph_make(struct chat_client *client, const char *prompt,
    const char *text, size_t len, const atomic_bool *stop,
    struct graph *ret_graph, size_t *ret_dropped, struct err_note *note);

#endif
