/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "api/dify/dify.h"
#include "api/dify/dify_int.h"

#define DATASET "/v1/datasets/{uuid}"
#define DOCUMENT DATASET "/documents/{uuid}"
#define SEGMENT DOCUMENT "/segments/{uuid}"

/* clang-format off */
static const struct http_route routes[] = {
	/* Documents, and how far they are. */
	{HTTP_GET, DATASET "/documents/{}/indexing-status", dify_get_status,
	    HTTP_QUICK},
	/* Segments and children of segments. */
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
