/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "api/dify/dify.h"
#include "api/dify/dify_int.h"

/* clang-format off */
static const struct http_route routes[] = {
	{.method = HTTP_GET,
	    .pattern = "/v1/datasets/{uuid}/documents/{}/indexing-status",
	    .handler = dify_get_status, .flags = HTTP_QUICK},
};
/* clang-format on */

static const char *const prefixes[] = {"/v1", NULL};

const struct http_dialect dify_dialect = {
    .name = "dify",
    .prefixes = prefixes,
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(routes[0]),
    .flags = HTTP_BEARER,
    .problem = dify_problem,
};
