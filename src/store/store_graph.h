/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_graph: what segments name, and how that is linked.
 *
 * Floor 3; everything said in store/store.h holds.  A segment's graph is given
 * with it (struct segment.graph), goes with it, and is part of the base's
 * graph while its revision is live and the segment is on.  Entities are merged
 * within a base by their keys; one that no segment names is gone.
 */
#ifndef STORE_STORE_GRAPH_H
#define STORE_STORE_GRAPH_H

#include <stdint.h>

#include "store/store.h"

/* ---- written with segments ----------------------------------------------- */

/* As graph/graph.h has them; that folder is on the same floor. */
#define SEGMENT_MENTIONS_MAX 4096u
#define SEGMENT_RELATIONS_MAX 16384u
#define ENTITY_KEY_BYTES_MAX 480u
#define ENTITY_NAME_BYTES_MAX 160u
#define ENTITY_TYPE_BYTES_MAX 64u
#define ENTITY_DESCRIPTION_BYTES_MAX 1000u
#define RELATION_LABEL_BYTES_MAX 64u

struct mention {
	const char *key, *name; /* as graph/graph.h has them; not empty */
	const char *type;	/* "Person" */
	const char *alias_key;	/* NULL: none */
	const char *description; /* NULL: none */
	uint32_t weight;	/* how often the segment names it, at least 1 */
};

struct relation {
	uint32_t subject, object; /* of the segment's mentions; two */
	const char *label;
	uint32_t weight; /* at least 1 */
};

/* One that breaks these rules is refused, with the segment that it is given
 * with: ERR_INVALID, ERR_TOO_BIG over a limit, ERR_EXISTS for what is there
 * twice. */
struct segment_graph {
	const struct mention *mentions; /* no key twice */
	uint32_t mention_count;
	const struct relation *relations; /* no subject, object, label twice */
	uint32_t relation_count;
};

/* Replace that of a live segment; NULL: it has none.  In a revision that has
 * none (revision.graph) it has none either, as one that is inserted there:
 * nobody would be said to have made it.  ERR_NOT_FOUND. */
int store_segment_graph(struct store *store, int64_t segment_id,
    const struct segment_graph *graph);

/* ---- read: of live revisions, of segments that are on -------------------- */

struct mention_row {
	int64_t entity_id, segment_id, document_id;
	const char *key, *name, *type;
	const char *alias_key, *description; /* NULL: none */
	uint32_t weight;
};
typedef int mention_fn(void *arg, const struct mention_row *row);

struct relation_row {
	int64_t segment_id, subject_id, object_id;
	const char *label;
	uint32_t weight;
};
typedef int relation_fn(void *arg, const struct relation_row *row);

/* Of all of a base, segment by segment in the order of documents: first its
 * mentions, then its relations.  Either fn may be NULL. */
int store_graph_each(struct store *store, int64_t base_id, mention_fn *fn,
    relation_fn *relation, void *arg);
/* Of one segment. */
int store_graph_of_segment(struct store *store, int64_t segment_id,
    mention_fn *fn, relation_fn *relation, void *arg);
/* Relations that an entity has anywhere in the base, as subject or object; at
 * most limit of them, the newest segments' first. */
int store_graph_of_entity(struct store *store, int64_t entity_id,
    size_t limit, relation_fn *fn, void *arg);
/* Segments that name it, the newest first; at most limit. */
int store_graph_mentions(struct store *store, int64_t entity_id,
    size_t limit, mention_fn *fn, void *arg);

struct entity {
	int64_t id;
	const char *key, *name;
};
typedef int entity_fn(void *arg, const struct entity *entity);
/* The base's entity of that key; fn is called once.  ERR_NOT_FOUND. */
int store_entity_find(struct store *store, int64_t base_id, const char *key,
    entity_fn *fn, void *arg);
/* ERR_NOT_FOUND. */
int store_entity_get(struct store *store, int64_t entity_id, entity_fn *fn,
    void *arg);

/* An entity that some text says has a short form, and the key of that. */
typedef int alias_fn(void *arg, const char *alias_key, int64_t entity_id);
/* Those of the base whose short form that is, in order of id; limit of them. */
int store_entity_alias(struct store *store, int64_t base_id,
    const char *alias_key, size_t limit, alias_fn *fn, void *arg);
/* All of the base, in order of keys and ids, each once. */
int store_aliases_each(struct store *store, int64_t base_id, alias_fn *fn,
    void *arg);

/* Whose graphs live revisions of the base have: bit (1 << revision.graph); 0:
 * none has any. */
int store_graph_makers(struct store *store, int64_t base_id,
    unsigned *ret_makers);

#endif
