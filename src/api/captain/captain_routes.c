/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "api/captain/captain.h"
#include "api/captain/captain_int.h"

/* clang-format off */
static const struct http_route routes[] = {
	{.method = HTTP_POST, .pattern = "/v2/collections/{}/query",
	    .handler = captain_query_v2},
	{.method = HTTP_POST, .pattern = "/v3/collections/{}/query",
	    .handler = captain_query_v3},
	{.method = HTTP_POST, .pattern = "/v3/query",
	    .handler = captain_query_many},
	{.method = HTTP_GET, .pattern = "/v2/collections",
	    .handler = captain_list_collections},
	{.method = HTTP_PUT, .pattern = "/v2/collections/{}",
	    .handler = captain_put_collection},
	{.method = HTTP_DELETE, .pattern = "/v2/collections/{}",
	    .handler = captain_delete_collection},
	{.method = HTTP_PATCH, .pattern = "/v2/collections/{}/environment",
	    .handler = captain_move_collection},
	{.method = HTTP_POST, .pattern = "/v2/collections/{}/copy",
	    .handler = captain_copy_collection},
	{.method = HTTP_GET, .pattern = "/v2/collections/{}/documents",
	    .handler = captain_list_documents},
	{.method = HTTP_DELETE, .pattern = "/v2/collections/{}/documents",
	    .handler = captain_wipe_documents},
	{.method = HTTP_GET, .pattern = "/v2/collections/{}/documents/{}",
	    .handler = captain_get_document},
	{.method = HTTP_DELETE, .pattern = "/v2/collections/{}/documents/{}",
	    .handler = captain_delete_document},
	{.method = HTTP_GET, .pattern = "/v3/collections/{}/documents",
	    .handler = captain_list_documents_v3},
	{.method = HTTP_GET, .pattern = "/v2/jobs",
	    .handler = captain_list_jobs},
	{.method = HTTP_GET, .pattern = "/v2/jobs/{}",
	    .handler = captain_get_job, .flags = HTTP_QUICK},
	{.method = HTTP_DELETE, .pattern = "/v2/jobs/{}",
	    .handler = captain_cancel_job},
	{.method = HTTP_POST, .pattern = "/v2/jobs/{}/cancel",
	    .handler = captain_cancel_job},
	{.method = HTTP_PATCH, .pattern = "/v2/jobs/{}/rollback",
	    .handler = captain_undo_job},
	{.method = HTTP_GET, .pattern = "/v2/jobs/{}/pii",
	    .handler = captain_no_pii},
	{.method = HTTP_DELETE, .pattern = "/v2/jobs/{}/pii",
	    .handler = captain_no_pii},
	{.method = HTTP_POST, .pattern = "/v2/parsing-scripts/validate",
	    .handler = captain_no_scripts},
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
