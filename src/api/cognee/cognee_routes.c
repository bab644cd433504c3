/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "api/cognee/cognee.h"
#include "api/cognee/cognee_int.h"

#define AUTH "/api/v1/auth"
#define USERS "/api/v1/users"
#define DATASETS "/api/v1/datasets"
#define VISUALIZE "/api/v1/visualize"
#define RIGHTS "/api/v1/permissions"

/* clang-format off */
static const struct http_route routes[] = {
	{.method = HTTP_GET, .pattern = "/api/v1/datasets/status",
	    .handler = cognee_get_status, .flags = HTTP_QUICK},
	{HTTP_GET,    DATASETS "/status/progress", cognee_get_progress, HTTP_QUICK},
	{HTTP_GET,    DATASETS,                 cognee_datasets_list,  0},
	{HTTP_POST,   DATASETS,                 cognee_datasets_create, 0},
	{HTTP_DELETE, DATASETS,                 cognee_datasets_clear, 0},
	{HTTP_DELETE, DATASETS "/{}",           cognee_datasets_delete, 0},
	{HTTP_GET,    DATASETS "/{}/data",      cognee_data_list,      0},
	{HTTP_GET,    DATASETS "/{}/processing-status", cognee_data_counts, 0},
	{HTTP_DELETE, DATASETS "/{}/data/{}",   cognee_data_delete,    0},
	{HTTP_GET,    DATASETS "/{}/data/{}/raw", cognee_data_raw,     0},
	{HTTP_DELETE, "/api/v1/delete",         cognee_delete,         0},
	{HTTP_GET,    "/api/v1/activity/pipeline-runs", cognee_activity_runs, 0},
	{HTTP_POST,   RIGHTS "/datasets/{}",    cognee_permissions_give, 0},
	{HTTP_DELETE, RIGHTS "/datasets/{}",    cognee_permissions_take, 0},
	{HTTP_GET,    RIGHTS "/principals/{}/datasets", cognee_principal_datasets, 0},
	{HTTP_POST,   RIGHTS "/roles",          cognee_roles_create,   0},
	{HTTP_DELETE, RIGHTS "/roles/{}",       cognee_roles_delete,   0},
	{HTTP_POST,   RIGHTS "/users/{}/roles", cognee_role_users_add, 0},
	{HTTP_DELETE, RIGHTS "/users/{}/roles", cognee_role_users_remove, 0},
	{HTTP_POST,   RIGHTS "/users/{}/tenants", cognee_tenant_users_add, 0},
	{HTTP_POST,   RIGHTS "/tenants",        cognee_tenants_create, 0},
	{HTTP_POST,   RIGHTS "/tenants/select", cognee_tenants_select, 0},
	{HTTP_GET,    RIGHTS "/tenants/me",     cognee_tenants_mine,   0},
	{HTTP_DELETE, RIGHTS "/tenants/{}",     cognee_tenants_delete, 0},
	{HTTP_GET,    RIGHTS "/tenants/{}/roles", cognee_tenant_roles, 0},
	{HTTP_GET,    RIGHTS "/tenants/{}/users", cognee_tenant_users, 0},
	{HTTP_DELETE, RIGHTS "/tenants/{}/users/{}", cognee_tenant_users_remove, 0},
	{HTTP_GET,    DATASETS "/{}/graph",     cognee_graph_get,      0},
	{HTTP_GET,    DATASETS "/graph-summary", cognee_graph_summary, 0},
	{HTTP_GET,    DATASETS "/{}/schema",    cognee_schema_get,     0},
	{HTTP_PUT,    DATASETS "/{}/schema",    cognee_schema_put,     0},
	{HTTP_GET,    VISUALIZE,                cognee_visualize,      0},
	{HTTP_GET,    "/visualize",             cognee_visualize,      0},
	{HTTP_GET,    VISUALIZE "/json",        cognee_visualize_json, 0},
	{HTTP_POST,   VISUALIZE "/multi",       cognee_visualize_multi, 0},
	{HTTP_GET,    VISUALIZE "/semantic",    cognee_visualize_semantic, 0},
	{HTTP_GET,    VISUALIZE "/brains",      cognee_visualize_brains, 0},
	{HTTP_GET,    VISUALIZE "/live-events", cognee_visualize_events, 0},
	{HTTP_GET,    "/health/detailed",       cognee_health_detailed, HTTP_OPEN},
	{HTTP_POST,   AUTH "/login",            cognee_login,          HTTP_OPEN},
	{HTTP_POST,   AUTH "/logout",           cognee_logout,         0},
	{HTTP_GET,    AUTH "/me",               cognee_who,            0},
	{HTTP_POST,   AUTH "/register",         cognee_register,       HTTP_OPEN},
	{HTTP_POST,   AUTH "/forgot-password",  cognee_forgot_password, HTTP_OPEN},
	{HTTP_POST,   AUTH "/reset-password",   cognee_reset_password, HTTP_OPEN},
	{HTTP_POST,   AUTH "/request-verify-token", cognee_request_verify, HTTP_OPEN},
	{HTTP_POST,   AUTH "/verify",           cognee_verify,         HTTP_OPEN},
	{HTTP_GET,    AUTH "/api-keys",         cognee_keys_list,      0},
	{HTTP_POST,   AUTH "/api-keys",         cognee_keys_create,    0},
	{HTTP_DELETE, AUTH "/api-keys/{}",      cognee_keys_delete,    0},
	{HTTP_GET,    USERS "/me",              cognee_users_me,       0},
	{HTTP_PATCH,  USERS "/me",              cognee_users_change_me, 0},
	{HTTP_POST,   USERS "/get-user-id",     cognee_users_find,     0},
	{HTTP_GET,    USERS "/{}",              cognee_users_get,      0},
	{HTTP_PATCH,  USERS "/{}",              cognee_users_change,   0},
	{HTTP_DELETE, USERS "/{}",              cognee_users_delete,   0},
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
    .cookie = "auth_token",
};
