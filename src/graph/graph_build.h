/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_build: a graph while it is being made.
 *
 * Floor 3, for this folder only.  Entities are known by their keys from the
 * start; which of them are the same ("Curie" and "Marie Curie") is told later,
 * by graph_build_same(), and taken into account at the end.
 */
#ifndef GRAPH_GRAPH_BUILD_H
#define GRAPH_GRAPH_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/graph.h"

#define GRAPH_NONE UINT32_MAX

struct graph_memory;

struct draft_entity {
	const char *name, *key, *alias_key, *description, *type_name;
	uint32_t name_len, key_len;
	uint64_t hash; /* of the key */
	uint32_t same_as; /* GRAPH_NONE: itself */
	uint32_t short_of; /* the long form it was put in brackets behind */
	uint32_t votes[GRAPH_TYPE_END];
	uint32_t mentions;
	uint32_t words; /* of the name */
	uint64_t first_word, last_word; /* hashes */
	uint32_t first_at; /* where it is mentioned first */
};

struct draft_mention {
	struct graph_range range;
	uint32_t entity;
};

struct graph_build {
	struct graph_memory *memory;
	struct draft_entity *entities;
	uint32_t entity_count, entity_size;
	struct draft_mention *mentions;
	uint32_t mention_count, mention_size;
	struct graph_relation *relations;
	uint32_t relation_count, relation_size;
	uint32_t *slots; /* of entities, by key: number + 1 */
	uint32_t slot_count;
	bool is_cut;
};

/* A zeroed one may be finished. */
void graph_build_init(struct graph_build *build);
void graph_build_fini(struct graph_build *build);

/* len bytes that live as long as the graph, terminated; NULL: no memory. */
char *graph_build_text(struct graph_build *build, const char *text,
    size_t len);

/* The entity of this name, new or known; *ret_entity is GRAPH_NONE where
 * the name is none or there is no room.  0 or ERR_NOMEM. */
int graph_build_entity(struct graph_build *build, const char *name,
    size_t len, uint32_t *ret_entity);
/* The entity of a key, or GRAPH_NONE. */
uint32_t graph_build_find(const struct graph_build *build, const char *key,
    size_t len);

int graph_build_mention(struct graph_build *build, uint32_t entity,
    uint32_t start, uint32_t end);
/* label is kept: it must live as long as the graph.  One with itself is
 * left out. */
int graph_build_relation(struct graph_build *build, uint32_t subject,
    uint32_t object, const char *label, uint32_t start, uint32_t end);

/* From now on other is entity, which is not other; votes go along. */
void graph_build_same(struct graph_build *build, uint32_t other,
    uint32_t entity);

/* The type that most speaks for. */
enum graph_type graph_build_type(const struct draft_entity *entity);

/* Hand the graph over; the build is empty afterwards.  0 or ERR_NOMEM. */
int graph_build_end(struct graph_build *build, enum graph_maker maker,
    struct graph *ret_graph);

#endif
