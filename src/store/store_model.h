/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_model: by which embedder a base answers, and changing it.
 *
 * Floor 3.  Errors and rows as in store.h.  A base has one embedder that it
 * answers by, and one that is wanted: the same, or another one while it
 * changes.  What is stored, or changed by hand, is embedded by the first; each
 * segment gets vectors of the second beside those that it has, and when none is
 * without them one row of the base is turned.  What nobody answers by any more
 * is waste, and is swept a piece at a time.
 *
 * Of a revision is known by which (two at most) embedders all of its segments
 * that are on have vectors: it has all of these.  A change by hand leaves the
 * one that the base answers by; a sweep takes away the one that it sweeps.
 */
#ifndef STORE_STORE_MODEL_H
#define STORE_STORE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

/* Bases of all accounts, with ids above after_id, oldest first. */
int store_bases_all(struct store *store, int64_t after_id, size_t limit,
    base_fn *fn, void *arg);

/* ERR_NOT_FOUND. */
int store_base_embedders(struct store *store, int64_t base_id,
    int64_t *ret_answering, int64_t *ret_wanted);

/* Does a base of the account answer by that embedder, or is about to? */
int store_account_embeds(struct store *store, int64_t account_id,
    int64_t embedder_id, bool *ret_embeds);

/* What the base is asked to be embedded with (as in struct base), and by which
 * embedder that is.  The base goes on answering as it did; what was made by
 * another one that was wanted is waste. */
struct base_model {
	const char *name; /* NULL: the default */
	size_t dimensions;
	int64_t wanted_id;
};
int store_base_model(struct store *store, int64_t base_id,
    const struct base_model *model, int64_t now_us);

/* Is there a live revision with vectors that has not all of that embedder? */
int store_base_lacks(struct store *store, int64_t base_id,
    int64_t embedder_id, bool *ret_lacks);

/* Answer by the one that is wanted, from this commit on; the other one's are
 * waste. */
int store_base_answer(struct store *store, int64_t base_id);

/* Queries find something else by nearness: the index's generation rises. */
int store_base_touch(struct store *store, int64_t base_id);

/* Documents of which store_base_lacks() tells, with ids above after_id, in
 * order; of each the id, uri, name and bytes are said.  Without those that the
 * job has an item of that is open or failed. */
int store_documents_unembedded(struct store *store, int64_t base_id,
    int64_t embedder_id, int64_t job_id, int64_t after_id, size_t limit,
    document_fn *fn, void *arg);

/* A live revision, as far as embedding goes.  ERR_NOT_FOUND: it is not live. */
struct revision_embedders {
	int64_t base_id;
	bool has_vectors;
	int64_t embedder_ids[2]; /* 0: none */
};
int store_revision_embedders(struct store *store, int64_t revision_id,
    struct revision_embedders *ret_embedders);

/* How many segments have not all vectors of that embedder. */
int store_revision_lacks(struct store *store, int64_t base_id,
    int64_t revision_id, int64_t embedder_id, uint64_t *ret_segments);

/* What is to be embedded: a segment's own text or, child_id not 0, that of one
 * of its children. */
struct text_kept {
	int64_t segment_id, child_id;
	uint32_t ordinal; /* the segment's */
	const char *text;
	size_t text_len;
};
typedef int text_fn(void *arg, const struct text_kept *text);
/* Texts of a revision without a vector of that embedder, in order, behind the
 * child (0: the segment itself) of the segment at ordinal; from -1 on: all. */
int store_texts_unembedded(struct store *store, int64_t base_id,
    int64_t revision_id, int64_t embedder_id, int64_t after_ordinal,
    int64_t after_child, text_fn *fn, void *arg);

/* Of which revision, and by which embedder. */
struct revision_place {
	int64_t base_id, revision_id, embedder_id;
	/* The base answers by it: who has its vectors in memory is told. */
	bool is_answering;
};
/* The vector of such a text.  *ret_is_put: false where the text is not there
 * any more, was changed or switched off: nothing was done. */
struct text_vector {
	struct text_kept of;
	const int8_t *bytes;
	size_t dimensions;
	float scale;
};
int store_text_vector_put(struct store *store,
    const struct revision_place *place, const struct text_vector *vector,
    bool *ret_is_put);
/* The revision has all vectors of that embedder now. */
int store_revision_embedded(struct store *store, int64_t base_id,
    int64_t revision_id, int64_t embedder_id);

/* Vectors of that embedder are waste, also where they were swept before. */
int store_vectors_waste(struct store *store, int64_t base_id,
    int64_t embedder_id);
/* Delete some waste, about so many vectors; *ret_more: there is more. */
int store_vectors_sweep(struct store *store, size_t limit, bool *ret_more);
/* Is there any?  For a reader, to ask before it disturbs the writer. */
int store_vectors_have_waste(struct store *store, bool *ret_has);

#endif
