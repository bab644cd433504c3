/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "api/dify/dify.h"
#include "api/dify/dify_document.h"
#include "api/dify/dify_int.h"

#define DATASET "/v1/datasets/{uuid}"
#define DOCUMENT DATASET "/documents/{uuid}"
#define SEGMENT DOCUMENT "/segments/{uuid}"
#define UPLOAD (HTTP_UPLOAD | HTTP_UPLOAD_SMALL)

/* clang-format off */
static const struct http_route routes[] = {
	/* What the server is. */
	{HTTP_GET, "/v1", dify_get_root,
	    HTTP_QUICK | HTTP_OPEN | HTTP_SLASH_TOO},
	{HTTP_GET, "/v1/parameters", dify_get_parameters, HTTP_QUICK},
	{HTTP_GET, "/v1/workspaces/current/models/model-types/{}",
	    dify_list_models, 0},
	/* Datasets. */
	{HTTP_GET, "/v1/datasets", dify_list_datasets, 0},
	{HTTP_POST, "/v1/datasets", dify_create_dataset, 0},
	{HTTP_GET, DATASET, dify_get_dataset, 0},
	{HTTP_PATCH, DATASET, dify_update_dataset, 0},
	{HTTP_DELETE, DATASET, dify_delete_dataset, 0},
	{HTTP_POST, DATASET "/retrieve", dify_retrieve, 0},
	{HTTP_POST, DATASET "/hit-testing", dify_retrieve, 0},
	/* Metadata. */
	{HTTP_GET, DATASET "/metadata", dify_list_metadata, 0},
	{HTTP_POST, DATASET "/metadata", dify_create_metadata, 0},
	{HTTP_PATCH, DATASET "/metadata/{uuid}", dify_update_metadata, 0},
	{HTTP_DELETE, DATASET "/metadata/{uuid}", dify_delete_metadata, 0},
	{HTTP_GET, DATASET "/metadata/built-in", dify_get_built_in, 0},
	{HTTP_POST, DATASET "/metadata/built-in/{}", dify_switch_built_in, 0},
	{HTTP_POST, DATASET "/documents/metadata", dify_set_metadata, 0},
	/* Tags.  Clients ask for a dataset's with POST, too. */
	{HTTP_GET, "/v1/datasets/tags", dify_list_tags, 0},
	{HTTP_POST, "/v1/datasets/tags", dify_create_tag, 0},
	{HTTP_PATCH, "/v1/datasets/tags", dify_update_tag, 0},
	{HTTP_DELETE, "/v1/datasets/tags", dify_delete_tag, 0},
	{HTTP_POST, "/v1/datasets/tags/binding", dify_bind_tags, 0},
	{HTTP_POST, "/v1/datasets/tags/unbinding", dify_unbind_tags, 0},
	{HTTP_GET, DATASET "/tags", dify_get_dataset_tags, 0},
	{HTTP_POST, DATASET "/tags", dify_get_dataset_tags, 0},
	/* Documents, and how far they are. */
	{HTTP_GET, DATASET "/documents/{}/indexing-status", dify_get_status,
	    HTTP_QUICK},
	{HTTP_POST, DATASET "/document/create-by-text", dify_create_by_text, 0},
	{HTTP_POST, DATASET "/document/create_by_text", dify_create_by_text, 0},
	{HTTP_POST, DATASET "/document/create-by-file", dify_create_by_file,
	    UPLOAD},
	{HTTP_POST, DATASET "/document/create_by_file", dify_create_by_file,
	    UPLOAD},
	{HTTP_POST, DOCUMENT "/update-by-text", dify_update_by_text, 0},
	{HTTP_POST, DOCUMENT "/update_by_text", dify_update_by_text, 0},
	{HTTP_POST, DOCUMENT "/update-by-file", dify_update_by_file, UPLOAD},
	{HTTP_POST, DOCUMENT "/update_by_file", dify_update_by_file, UPLOAD},
	{HTTP_PATCH, DOCUMENT, dify_update_by_file, UPLOAD},
	{HTTP_GET, DATASET "/documents", dify_list_documents, 0},
	{HTTP_GET, DOCUMENT, dify_get_document, 0},
	{HTTP_DELETE, DOCUMENT, dify_delete_document, 0},
	{HTTP_PATCH, DATASET "/documents/status/{}", dify_set_status, 0},
	{HTTP_POST, DATASET "/documents/retry", dify_retry_documents, 0},
	{HTTP_POST, DATASET "/documents/pause", dify_pause_documents, 0},
	{HTTP_POST, DATASET "/documents/resume", dify_resume_documents, 0},
	{HTTP_PATCH, DOCUMENT "/processing/pause", dify_pause_document, 0},
	{HTTP_PATCH, DOCUMENT "/processing/resume", dify_resume_document, 0},
	{HTTP_GET, DOCUMENT "/download", dify_get_download, 0},
	{HTTP_GET, DOCUMENT "/upload-file", dify_get_upload_file, 0},
	{HTTP_POST, DATASET "/documents/download-zip", dify_get_zip, 0},
	{HTTP_GET, "/v1/files/{uuid}/content", dify_get_file, HTTP_OPEN},
	/* Segments and children of segments. */
	{HTTP_GET, DOCUMENT "/segments", dify_list_segments, 0},
	{HTTP_POST, DOCUMENT "/segments", dify_add_segments, 0},
	{HTTP_GET, SEGMENT, dify_get_segment, 0},
	{HTTP_POST, SEGMENT, dify_change_segment, 0},
	{HTTP_DELETE, SEGMENT, dify_delete_segment, 0},
	{HTTP_GET, SEGMENT "/child_chunks", dify_list_children, 0},
	{HTTP_POST, SEGMENT "/child_chunks", dify_add_child, 0},
	{HTTP_PATCH, SEGMENT "/child_chunks/{uuid}", dify_change_child, 0},
	{HTTP_DELETE, SEGMENT "/child_chunks/{uuid}", dify_delete_child, 0},
};
/* clang-format on */

static const char *const prefixes[] = {"/v1", NULL};

/* As the original has them: its version, and that pages of all origins may
 * call (with a key, which no browser sends by itself). */
static const char *const headers[] = {
    "X-Version", DIFY_VERSION,
    "X-Env", "PRODUCTION",
    "Access-Control-Allow-Origin", "*",
    "Access-Control-Expose-Headers", "X-Version, X-Env",
    NULL};
static const char *const options[] = {
    "Access-Control-Allow-Headers", "Content-Type, Authorization",
    "Access-Control-Allow-Methods",
    "GET, PUT, POST, DELETE, OPTIONS, PATCH",
    NULL};

const struct http_dialect dify_dialect = {
    .name = "dify",
    .prefixes = prefixes,
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(routes[0]),
    .flags = HTTP_BEARER,
    .problem = dify_problem,
    .headers = headers,
    .options = options,
};
