/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_memory: what a graph consists of, given back as a whole.
 *
 * Floor 3, for this folder only.
 */
#ifndef GRAPH_GRAPH_MEMORY_H
#define GRAPH_GRAPH_MEMORY_H

#include <stddef.h>

struct graph_memory; /* the newest of its blocks; NULL: none yet */

/* count * size bytes, aligned for everything, that do not move; NULL: no
 * memory. */
void *graph_memory_get(struct graph_memory **memory, size_t count,
    size_t size);
void graph_memory_free(struct graph_memory *memory);

#endif
