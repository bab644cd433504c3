/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_int: what graphs.c and graph_around.c share.
 */
#ifndef ENGINE_GRAPH_INT_H
#define ENGINE_GRAPH_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err_note;
struct store;
struct uuid;

struct graph_base {
	int64_t id, generation;
	bool by_rules, by_model;
};

/* Within the reader's snapshot.  ERR_NOT_FOUND with words. */
int graph_base_find(struct store *reader, int64_t account_id,
    const struct uuid *base, struct graph_base *ret_base,
    struct err_note *note);

/* What a text may name: keys (graph/graph.h) of its words and of several
 * together, the longest first; a nonzero return of 1 says that the key is
 * known, so that its words are not looked at again. */
typedef int graph_key_fn(void *arg, const char *key);
int graph_question_keys(const char *question, graph_key_fn *fn, void *arg);

#endif
