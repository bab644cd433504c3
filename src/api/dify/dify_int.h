/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_int: what the files of this folder share.
 */
#ifndef API_DIFY_DIFY_INT_H
#define API_DIFY_DIFY_INT_H

#include "http/http.h"

/* Answer with an error of Dify's shape; returns 0, so that a handler may say
 * `return dify_refuse(...)`. */
int dify_refuse(struct http_reply *reply, int status, const char *code,
    const char *message);

http_problem_fn dify_problem;

/* GET /v1/datasets/{uuid}/documents/{}/indexing-status */
http_handler_fn dify_get_status;

#endif
