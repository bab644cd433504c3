/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base_copy_graph: what a segment names, as it is given with a segment that is
 * added.
 */
#ifndef ENGINE_BASE_COPY_GRAPH_H
#define ENGINE_BASE_COPY_GRAPH_H

#include <stddef.h>
#include <stdint.h>

struct segment_graph;
struct store;

/*
 * Of a segment that is found or not, within the reader's snapshot.  Returns
 * owned, one block (mem_free) of so many bytes; NULL: it names nothing.
 * ERR_NOMEM, ERR_CORRUPT.
 */
int segment_graph_read(struct store *reader, int64_t segment_id,
    struct segment_graph **ret_graph, size_t *ret_bytes);

#endif
