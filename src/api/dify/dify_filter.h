/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_filter: conditions on metadata as Dify has them, as a filter of
 * search/filter.h.
 *
 * Floor 6, pure.
 */
#ifndef API_DIFY_DIFY_FILTER_H
#define API_DIFY_DIFY_FILTER_H

#include <jansson.h>

struct dify_form;
struct err_note;

/* What metadata_filtering_conditions must look like. */
extern const struct dify_form dify_conditions_form;

/* The values that the built-in fields uploader and source have of every
 * document. */
#define DIFY_UPLOADER "default"
#define DIFY_SOURCE "file_upload"

/*
 * Make the filter of conditions, which were checked; NULL conditions and such
 * as ask for nothing give *ret_filter NULL.  Returns owned (json_decref).
 * ERR_INVALID with words, ERR_NOMEM.
 */
int dify_filter_make(const json_t *conditions, json_t **ret_filter,
    struct err_note *note);

#endif
