/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "api/cognee/cognee.h"
#include "api/cognee/cognee_int.h"

/* clang-format off */
static const struct http_route routes[] = {
	{.method = HTTP_GET, .pattern = "/api/v1/datasets/status",
	    .handler = cognee_get_status, .flags = HTTP_QUICK},
};
/* clang-format on */

static const char *const prefixes[] = {"/api", NULL};

const struct http_dialect cognee_dialect = {
    .name = "cognee",
    .prefixes = prefixes,
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(routes[0]),
    .flags = HTTP_SLASH | HTTP_BEARER | HTTP_API_KEY,
    .problem = cognee_problem,
};
