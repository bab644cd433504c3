/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_dataset_view: a dataset in Dify's words.  Pure: structs in, JSON out.
 *
 * Floor 6.
 */
#ifndef API_DIFY_DIFY_DATASET_VIEW_H
#define API_DIFY_DIFY_DATASET_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "store/store.h"

struct buf;
struct dify_dataset;
struct jsonw;

/* What of a dataset is not in its row; borrowed. */
struct dify_dataset_facts {
	struct document_totals totals;
	const char *account;  /* dify_account() */
	const char *embedder; /* the name of the model that vectors are of */
	const char *tags;     /* the elements of the array, as JSON */
	size_t tags_len;
	bool is_new;	/* of the answer that creates it */
	bool is_single; /* the route is about this dataset alone */
	bool has_members; /* partial_member_list is there in any case */
};

void dify_write_dataset(struct jsonw *w, const struct dify_dataset *dataset,
    const struct dify_dataset_facts *facts);

/* All members of a retrieval_model, whichever asked has.  method: instead of
 * its own; NULL: its own. */
void dify_write_retrieval(struct jsonw *w, const json_t *asked,
    const char *method);

/* The name, or the type, of a field that every document has; NULL beyond the
 * last. */
const char *dify_built_in_name(size_t nth);
const char *dify_built_in_type(size_t nth);

#endif
