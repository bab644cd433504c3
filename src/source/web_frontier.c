/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <xxhash.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "source/web_frontier.h"

#define SLOTS_MIN 64u

/* A path that has queries, by its first address. */
struct web_variant {
	uint32_t url; /* in the frontier's bytes */
	uint32_t len; /* up to the query */
	uint32_t count;
};

void
web_frontier_init(struct web_frontier *frontier, uint32_t count_max,
    uint64_t seed)
{
	*frontier = (struct web_frontier){
	    .count_max = count_max, .seed = seed};
	buf_init(&frontier->bytes, WEB_QUEUE_BYTES_MAX);
}

void
web_frontier_fini(struct web_frontier *frontier)
{
	buf_fini(&frontier->bytes);
	mem_free(frontier->nodes);
	mem_free(frontier->seen);
	mem_free(frontier->paths);
	mem_free(frontier->variants);
	*frontier = (struct web_frontier){0};
}

const char *
web_frontier_url(const struct web_frontier *frontier, uint32_t index)
{
	ASSERT(index < frontier->count);
	return frontier->bytes.data + frontier->nodes[index].url;
}

static uint32_t
slot_first(const struct web_frontier *frontier, const char *text, size_t len,
    uint32_t slot_count)
{
	return (uint32_t)XXH3_64bits_withSeed(text, len, frontier->seed) &
	    (slot_count - 1);
}

/* The slot that holds url, or the empty one where it belongs. */
static uint32_t
slot_find(const struct web_frontier *frontier, const char *url)
{
	uint32_t slot;

	slot = slot_first(frontier, url, strlen(url), frontier->slot_count);
	while (frontier->seen[slot] != 0 &&
	    strcmp(web_frontier_url(frontier, frontier->seen[slot] - 1),
		url) != 0)
		slot = (slot + 1) & (frontier->slot_count - 1);
	return slot;
}

uint32_t
web_frontier_find(const struct web_frontier *frontier, const char *url)
{
	if (frontier->slot_count == 0)
		return WEB_NODE_NONE;
	/* An empty slot's 0 becomes NONE. */
	return frontier->seen[slot_find(frontier, url)] - 1;
}

static int
seen_grow(struct web_frontier *frontier)
{
	uint32_t *old = frontier->seen, i;

	if (2 * (uint64_t)(frontier->count + 1) <= frontier->slot_count)
		return 0;
	i = frontier->slot_count == 0 ? SLOTS_MIN : 2 * frontier->slot_count;
	frontier->seen = mem_zalloc(i * sizeof(uint32_t));
	if (frontier->seen == NULL) {
		frontier->seen = old;
		return ERR_NOMEM;
	}
	frontier->slot_count = i;
	mem_free(old);
	for (i = 0; i < frontier->count; i++)
		frontier->seen[slot_find(frontier,
		    web_frontier_url(frontier, i))] = i + 1;
	return 0;
}

static int
nodes_grow(struct web_frontier *frontier)
{
	uint32_t size = frontier->size == 0 ? SLOTS_MIN : 2 * frontier->size;
	struct web_node *nodes;

	if (frontier->count < frontier->size)
		return 0;
	nodes = mem_resize(frontier->nodes, size, sizeof(*nodes));
	if (nodes == NULL)
		return ERR_NOMEM;
	frontier->nodes = nodes;
	frontier->size = size;
	return 0;
}

int
web_frontier_add(struct web_frontier *frontier, const char *url,
    const struct web_node *node, uint32_t *ret_index)
{
	size_t len = strlen(url) + 1;
	uint32_t slot;
	int err;

	if (frontier->count >= frontier->count_max ||
	    frontier->bytes.len + len > frontier->bytes.max)
		return ERR_TOO_BIG;
	err = nodes_grow(frontier);
	if (err == 0)
		err = seen_grow(frontier);
	if (err == 0)
		err = buf_reserve(&frontier->bytes, len);
	if (err < 0)
		return err;
	slot = slot_find(frontier, url);
	ASSERT(frontier->seen[slot] == 0);
	frontier->nodes[frontier->count] = *node;
	frontier->nodes[frontier->count].url = (uint32_t)frontier->bytes.len;
	(void)buf_put(&frontier->bytes, url, len);
	*ret_index = frontier->count;
	frontier->seen[slot] = ++frontier->count;
	return 0;
}

/* ---- queries of one path ----------------------------------------------- */

static uint32_t
path_find(const struct web_frontier *frontier, const char *url, size_t len)
{
	const struct web_variant *variant;
	uint32_t slot;

	slot = slot_first(frontier, url, len, frontier->path_slot_count);
	while (frontier->paths[slot] != 0) {
		variant = &frontier->variants[frontier->paths[slot] - 1];
		if (variant->len == len &&
		    memcmp(frontier->bytes.data + variant->url, url, len) == 0)
			break;
		slot = (slot + 1) & (frontier->path_slot_count - 1);
	}
	return slot;
}

static int
paths_grow(struct web_frontier *frontier)
{
	struct web_variant *variants;
	uint32_t *paths, i, slots = frontier->path_slot_count;

	if (2 * (uint64_t)(frontier->variant_count + 1) <= slots)
		return 0;
	slots = slots == 0 ? SLOTS_MIN : 2 * slots;
	variants = mem_resize(frontier->variants, slots, sizeof(*variants));
	if (variants == NULL)
		return ERR_NOMEM;
	frontier->variants = variants;
	frontier->variant_size = slots;
	paths = mem_zalloc(slots * sizeof(uint32_t));
	if (paths == NULL)
		return ERR_NOMEM;
	mem_free(frontier->paths);
	frontier->paths = paths;
	frontier->path_slot_count = slots;
	for (i = 0; i < frontier->variant_count; i++)
		paths[path_find(frontier, frontier->bytes.data +
		    variants[i].url, variants[i].len)] = i + 1;
	return 0;
}

int
web_frontier_variant(struct web_frontier *frontier, const char *url,
    unsigned max)
{
	size_t len = strcspn(url, "?");
	struct web_variant *variant;
	uint32_t slot;
	int err;

	if (frontier->variant_count >= frontier->count_max ||
	    frontier->bytes.len + len > frontier->bytes.max)
		return ERR_TOO_BIG;
	err = paths_grow(frontier);
	if (err < 0)
		return err;
	slot = path_find(frontier, url, len);
	if (frontier->paths[slot] != 0) {
		variant = &frontier->variants[frontier->paths[slot] - 1];
		if (variant->count >= max)
			return ERR_TOO_BIG;
		variant->count++;
		return 0;
	}
	if (max == 0)
		return ERR_TOO_BIG;
	err = buf_reserve(&frontier->bytes, len);
	if (err < 0)
		return err;
	ASSERT(frontier->variant_count < frontier->variant_size);
	frontier->variants[frontier->variant_count] = (struct web_variant){
	    .url = (uint32_t)frontier->bytes.len,
	    .len = (uint32_t)len,
	    .count = 1};
	(void)buf_put(&frontier->bytes, url, len);
	frontier->paths[slot] = ++frontier->variant_count;
	return 0;
}
