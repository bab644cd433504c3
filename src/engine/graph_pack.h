/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_pack: the graph of a segment as bytes, between the one who makes it
 * and the store.
 *
 * Floor 4, pure.  Packed, it can lie in a spool or in a batch that moves while
 * it grows; unpacked, it is rows for the store that point into the bytes.
 */
#ifndef ENGINE_GRAPH_PACK_H
#define ENGINE_GRAPH_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "graph/chat_graph.h"
#include "graph/graph.h"

struct buf;
struct mention;
struct relation;
struct segment_graph;

/* Of one, for a buf.  What rules find in WHOLE_BYTES_MAX is the largest: a
 * name, its key and that of its alias for GRAPH_ENTITIES_MAX; those of a model
 * are fewer, and have descriptions. */
#define GRAPH_PACK_BYTES_MAX                                                  \
	(1024 + GRAPH_ENTITIES_MAX * (GRAPH_NAME_BYTES_MAX +                  \
		2 * GRAPH_KEY_BYTES_MAX + CHAT_GRAPH_TYPE_BYTES_MAX + 16) +   \
	    CHAT_GRAPH_NODES_MAX * CHAT_GRAPH_DESCRIPTION_BYTES_MAX +         \
	    GRAPH_RELATIONS_MAX * (GRAPH_LABEL_BYTES_MAX + 16))

/* What it unpacks to. */
struct graph_pack_size {
	uint32_t mentions, relations;
};

/* Behind what is in out, at any address.  Its own ranges in the text are left
 * behind: only their number goes along.  ERR_NOMEM, ERR_TOO_BIG. */
int graph_pack(const struct graph *graph, struct buf *out);

/* len bytes that graph_pack() has made; ERR_CORRUPT: they are not. */
int graph_pack_size(const char *bytes, size_t len,
    struct graph_pack_size *ret_size);

/* The rows of len bytes that graph_pack_size() has looked at; they point into
 * these.  mentions and relations have room for as many as it has said. */
void graph_unpack(const char *bytes, size_t len, struct mention *mentions,
    struct relation *relations, struct segment_graph *ret_graph);

#endif
