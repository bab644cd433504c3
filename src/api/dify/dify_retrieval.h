/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_retrieval: a retrieval_model as the engine's query.  Floor 6, pure.
 */
#ifndef API_DIFY_DIFY_RETRIEVAL_H
#define API_DIFY_DIFY_RETRIEVAL_H

#include <stdbool.h>

#include <jansson.h>

struct err_note;
struct query;

/*
 * Set all of query but its text as model (checked by dify_retrieval_form, or
 * NULL) says; of an economy dataset words alone are asked for.  query->filter
 * is *ret_filter, which is owned (json_decref) and may be NULL.  ERR_INVALID
 * with words.
 */
int dify_retrieval_read(const json_t *model, bool is_economy,
    struct query *query, json_t **ret_filter, struct err_note *note);

#endif
