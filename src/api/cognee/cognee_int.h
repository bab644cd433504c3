/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_int: what the files of this folder share.
 */
#ifndef API_COGNEE_COGNEE_INT_H
#define API_COGNEE_COGNEE_INT_H

#include "http/http.h"

http_problem_fn cognee_problem;

/* GET /api/v1/datasets/status */
http_handler_fn cognee_get_status;

#endif
