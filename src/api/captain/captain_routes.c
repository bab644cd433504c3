/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "api/captain/captain.h"
#include "api/captain/captain_int.h"

/* clang-format off */
static const struct http_route routes[] = {
	{.method = HTTP_GET, .pattern = "/v2/jobs/{}",
	    .handler = captain_get_job, .flags = HTTP_QUICK},
};
/* clang-format on */

static const char *const prefixes[] = {"/v2", "/v3", NULL};

const struct http_dialect captain_dialect = {
    .name = "captain",
    .prefixes = prefixes,
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(routes[0]),
    .flags = HTTP_BEARER,
    .problem = captain_problem,
    .varies_by = "X-Organization-ID",
};
