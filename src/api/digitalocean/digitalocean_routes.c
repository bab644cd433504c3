/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "api/digitalocean/digitalocean.h"
#include "api/digitalocean/digitalocean_int.h"

/* clang-format off */
static const struct http_route routes[] = {
	{.method = HTTP_GET,
	    .pattern = "/v2/gen-ai/indexing_jobs/{}",
	    .handler = do_get_job, .flags = HTTP_QUICK},
};
/* clang-format on */

static const char *const prefixes[] = {"/v2/gen-ai", NULL};

const struct http_dialect digitalocean_dialect = {
    .name = "digitalocean",
    .prefixes = prefixes,
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(routes[0]),
    .flags = HTTP_BEARER,
    .problem = do_problem,
};
