/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_copy: a base made of another one's rows, a piece at a time.
 *
 * Floor 3.  Until store_copy_finish() gives it to an account the base belongs
 * to account 0, which is nobody: no list and no look-up of anybody's finds it,
 * and what is left of one whose making was broken off is told by that.
 */
#ifndef STORE_STORE_COPY_H
#define STORE_STORE_COPY_H

#include "store/store.h"

/* ---- reading ------------------------------------------------------------- */

/* What of a live revision is not in struct document. */
struct revision_rest {
	uint8_t hash[HASH_SIZE];
	const char *properties;
	unsigned graph; /* who made its segments' graphs; GRAPH_OF_... */
	unsigned stems; /* whose rules make its stems */
	/* By which all its segments have vectors; 0: none. */
	int64_t embedder_ids[2];
};
typedef int revision_rest_fn(void *arg, const struct revision_rest *rest);
/* ERR_NOT_FOUND. */
int store_revision_rest(struct store *store, int64_t revision_id,
    revision_rest_fn *fn, void *arg);

/* The vectors of a segment or, not 0, of one of its children: of each embedder
 * one, or none. */
int store_vector_of(struct store *store, int64_t base_id, int64_t segment_id,
    int64_t child_id, vector_fn *fn, void *arg);

/* What a segment names (store_graph.h), whether it is found or not; row's
 * document is not said. */
struct mention_row;
struct relation_row;
int store_copy_graph(struct store *store, int64_t segment_id,
    int (*fn)(void *arg, const struct mention_row *row),
    int (*relation)(void *arg, const struct relation_row *row), void *arg);

/* The last place that a document of the base was given. */
int store_copy_positions(struct store *store, int64_t base_id,
    int64_t *ret_positions);

/* ---- writing ------------------------------------------------------------- */

/* Of base uuid, description, settings and the times are taken. */
int store_copy_base(struct store *store, const struct base *base,
    int64_t *ret_id);

/* Where what is copied next belongs; made by store_copy_document(). */
struct copy_place {
	int64_t base_id, document_id;
	int64_t embedder_id; /* that the base answers by */
	int64_t revision_id; /* 0: nothing of it is indexed */
	bool has_vectors; /* of that embedder */
	unsigned stems;
	int64_t segment_id; /* of the last one */
	bool is_segment_on; /* not switched off */
};

/*
 * A document as it was read, with its live revision; rest: of that, NULL when
 * there is none.  parent_uri: of what it is a member of, which is there
 * already, "" none.  Jobs, sources and what it was read from stay behind.
 */
int store_copy_document(struct store *store, const struct document *document,
    const struct revision_rest *rest, const char *parent_uri,
    struct copy_place *place);
/* Of the document copied last.  has_children: they follow, and it has no vector
 * of its own. */
int store_copy_segment(struct store *store, const struct segment *segment,
    bool has_children, struct copy_place *place);
/* Of the segment copied last. */
int store_copy_child(struct store *store, const struct child *child,
    size_t dimensions, const struct copy_place *place);

/* All is there: the base is the account's now, of that name.  base: with its
 * id, and how many documents, segments and characters are indexed.
 * ERR_EXISTS: the name is taken. */
int store_copy_finish(struct store *store, const struct base *base,
    int64_t positions);

#endif
