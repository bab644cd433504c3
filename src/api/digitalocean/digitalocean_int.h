/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digitalocean_int: what the files of this folder share.
 */
#ifndef API_DIGITALOCEAN_DIGITALOCEAN_INT_H
#define API_DIGITALOCEAN_DIGITALOCEAN_INT_H

#include "http/http.h"

http_problem_fn do_problem;

/* GET /v2/gen-ai/indexing_jobs/{} */
http_handler_fn do_get_job;

#endif
