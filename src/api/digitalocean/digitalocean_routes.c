/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "api/digitalocean/digitalocean.h"
#include "api/digitalocean/digitalocean_int.h"

#define ROOT "/v2/gen-ai"
#define BASES ROOT "/knowledge_bases"
#define BASE BASES "/{uuid}"
#define SOURCE BASE "/data_sources/{uuid}"
#define JOBS ROOT "/indexing_jobs"
#define JOB JOBS "/{uuid}"
#define SCHEDULE ROOT "/scheduled-indexing"

/* clang-format off */
static const struct http_route routes[] = {
	{HTTP_POST, BASES, do_create_base, 0},
	{HTTP_GET, BASES, do_list_bases, 0},
	{HTTP_GET, BASE, do_get_base, 0},
	{HTTP_PUT, BASE, do_update_base, 0},
	{HTTP_DELETE, BASE, do_delete_base, 0},
	{HTTP_POST, BASE "/data_sources", do_add_source, 0},
	{HTTP_GET, BASE "/data_sources", do_list_sources, 0},
	{HTTP_PUT, SOURCE, do_update_source, 0},
	{HTTP_DELETE, SOURCE, do_delete_source, 0},
	/* The original's path, where a knowledge base's id stands elsewhere. */
	{HTTP_POST, BASES "/data_sources/file_upload_presigned_urls",
	    do_presign, 0},
	/* The key is in the address. */
	{HTTP_PUT, "/uploads/{}", do_put_object, HTTP_OPEN | HTTP_RAW},
	{HTTP_POST, JOBS, do_start_job, 0},
	{HTTP_GET, JOBS, do_list_jobs, 0},
	{HTTP_GET, JOBS "/{}", do_get_job, HTTP_QUICK},
	{HTTP_PUT, JOB "/cancel", do_cancel_job, 0},
	{HTTP_GET, JOB "/data_sources", do_get_job_sources, 0},
	{HTTP_GET, JOB "/details_signed_url", do_get_report_url, 0},
	{HTTP_GET, "/reports/{uuid}", do_get_report, HTTP_OPEN},
	{HTTP_GET, BASE "/indexing_jobs", do_list_base_jobs, 0},
	{HTTP_POST, SCHEDULE, do_create_schedule, 0},
	{HTTP_GET, SCHEDULE "/knowledge-base/{uuid}", do_get_schedule, 0},
	{HTTP_DELETE, SCHEDULE "/{uuid}", do_delete_schedule, 0},
	{HTTP_POST, "/v1/{uuid}/retrieve", do_retrieve, 0},
	{HTTP_POST, "/{uuid}/retrieve", do_retrieve, 0},
};
/* clang-format on */

static const char *const prefixes[] = {ROOT, "/uploads", "/reports", NULL};

const struct http_dialect digitalocean_dialect = {
    .name = "digitalocean",
    .prefixes = prefixes,
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(routes[0]),
    .flags = HTTP_BEARER,
    .problem = do_problem,
    .admit = do_admit_object,
};
