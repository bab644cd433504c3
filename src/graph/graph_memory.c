/* SPDX-License-Identifier: Apache-2.0 */
#include <stdalign.h>
#include <stdint.h>

#include "base/mem.h"
#include "graph/graph_memory.h"

#define BLOCK_BYTES 8192u

struct graph_memory {
	struct graph_memory *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

void *
graph_memory_get(struct graph_memory **memory, size_t count, size_t size)
{
	struct graph_memory *block = *memory;
	size_t bytes, room;
	void *got;

	if (size != 0 && count > SIZE_MAX / 4 / size)
		return NULL;
	bytes = (count * size + alignof(max_align_t) - 1) &
	    ~(alignof(max_align_t) - 1);
	if (block == NULL || block->size - block->used < bytes) {
		room = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
		block = mem_alloc(sizeof(*block) + room);
		if (block == NULL)
			return NULL;
		block->next = *memory;
		block->used = 0;
		block->size = room;
		*memory = block;
	}
	got = block->bytes + block->used;
	block->used += bytes;
	return got;
}

void
graph_memory_free(struct graph_memory *memory)
{
	struct graph_memory *next;

	for (; memory != NULL; memory = next) {
		next = memory->next;
		mem_free(memory);
	}
}
