/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents as queries ask for them: a few columns of each, as all of a base
 * are walked.
 */
#include "store/sqlite/sqlite_int.h"

struct found_walk {
	document_fn *fn;
	void *arg;
};

/* The columns are those of DOCUMENTS_FOUND. */
static int
document_found(struct q *q, void *arg)
{
	struct found_walk *walk = arg;
	const struct document d = {.id = q_col_int(q, 0),
	    .revision_id = q_col_int(q, 1),
	    .name = q_col_text(q, 2),
	    .uri = q_col_text(q, 3),
	    .title = q_col_text(q, 4),
	    .keyphrases = q_col_text(q, 5)};

	return walk->fn(walk->arg, &d);
}

int
store_documents_found(struct store *store, int64_t base_id, document_fn *fn,
    void *arg)
{
	struct found_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_DOCUMENTS_FOUND);
	q_int(&q, base_id);
	return q_each(&q, document_found, &walk);
}
