/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_int: what the files of this folder share.
 */
#ifndef API_DIFY_DIFY_INT_H
#define API_DIFY_DIFY_INT_H

#include "http/http.h"
#include "store/store.h"

/* Answer with an error of Dify's shape; returns 0, so that a handler may say
 * `return dify_refuse(...)`. */
int dify_refuse(struct http_reply *reply, int status, const char *code,
    const char *message);

http_problem_fn dify_problem;

#define DIFY_DATA_OPEN "{\"data\":["
#define DIFY_DATA_CLOSE "]}\n"

/* Append the element of row, one of job's: 1; 0 when its document has been
 * deleted; or an error. */
int dify_put_element(struct store *reader, const struct job *job,
    const struct item_row *row, struct buf *out);

/* GET /v1/datasets/{uuid}/documents/{}/indexing-status */
http_handler_fn dify_get_status;

#endif
