/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_frontier: the addresses a crawl knows, in the order they were found.
 * Floor 3, pure.
 *
 * Nothing is forgotten: the queue is the list from a moving place on, and the
 * set of what was seen is an index over it.
 */
#ifndef SOURCE_WEB_FRONTIER_H
#define SOURCE_WEB_FRONTIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define WEB_NODE_NONE UINT32_MAX

enum web_outcome {
	WEB_QUEUED,
	WEB_DOCUMENT,	/* it became an entry without a code */
	WEB_REDIRECTED,
	WEB_COPY,	/* it called another one canonical */
	WEB_NOTHING	/* anything else */
};

struct web_node {
	uint32_t url;	  /* where it begins in the frontier's bytes */
	uint32_t from;	  /* the page that linked it, or NONE */
	uint32_t via;	  /* what redirected here, or NONE */
	uint32_t instead; /* the first copy that was left out for it, or
			     NONE */
	uint8_t depth;	  /* links from the first one */
	uint8_t hops;	  /* redirects on the way */
	uint8_t outcome;  /* enum web_outcome */
	bool is_media;
	bool is_first;	/* where the crawl begins, also after redirects */
	bool is_itself; /* whatever it calls canonical */
};

struct web_frontier {
	struct buf bytes; /* terminated addresses */
	struct web_node *nodes;
	uint32_t count, size, count_max;
	uint32_t *seen; /* slots of a hash table: node and 1, or 0 */
	uint32_t *paths; /* the same for paths with queries: the index in
			    variants and 1 */
	struct web_variant *variants;
	uint32_t variant_count, variant_size;
	uint32_t slot_count, path_slot_count; /* powers of two */
	uint64_t seed; /* so that nobody can make addresses that collide */
};

void web_frontier_init(struct web_frontier *frontier, uint32_t count_max,
    uint64_t seed);
void web_frontier_fini(struct web_frontier *frontier);

/* The node with that address, or WEB_NODE_NONE. */
uint32_t web_frontier_find(const struct web_frontier *frontier,
    const char *url);

/* Add an address that is not there; the node is *node with its own url.
 * ERR_TOO_BIG over count_max or WEB_QUEUE_BYTES_MAX, ERR_NOMEM. */
int web_frontier_add(struct web_frontier *frontier, const char *url,
    const struct web_node *node, uint32_t *ret_index);

/* Count a query of the path that url has: 0, ERR_TOO_BIG when max were
 * counted before, ERR_NOMEM. */
int web_frontier_variant(struct web_frontier *frontier, const char *url,
    unsigned max);

/* Valid until the next add. */
const char *web_frontier_url(const struct web_frontier *frontier,
    uint32_t index);

#endif
