/* SPDX-License-Identifier: Apache-2.0 */
/*
 * captain_int: what the files of this folder share.
 */
#ifndef API_CAPTAIN_CAPTAIN_INT_H
#define API_CAPTAIN_CAPTAIN_INT_H

#include "base/limits.h"
#include "base/uuid.h"
#include "http/http.h"

/* Answer with {"detail":message}; returns 0, so that a handler may say
 * `return captain_refuse(...)`. */
int captain_refuse(struct http_reply *reply, int status,
    const char *message);

http_problem_fn captain_problem;

/*
 * Does X-Organization-ID name the caller's organization?  It does without the
 * header, with the organization's uuid, and with what is no uuid at all: client
 * libraries demand that something is given.  Returns 0; 1 when it does not: the
 * reply is a 403; or an error to be returned: nobody knows.
 */
int captain_member(struct http_request *request, struct http_reply *reply);
/* The same; false: the reply is written, of an error also. */
bool captain_is_member(struct http_request *request,
    struct http_reply *reply);

/* The caller's account. */
struct account;
int captain_account(struct http_request *request, struct account *ret_account);

/* The collection that the path's first placeholder names. */
struct captain_base {
	int64_t id;
	struct uuid uuid;
	char name[NAME_BYTES_MAX + 1];
};
/* Returns 0; 1 when the reply is written (403, 404); or an error to be
 * returned. */
int captain_base(struct http_request *request, struct http_reply *reply,
    struct captain_base *ret_base);

/* POST /v2/collections/{}/index/... */
http_handler_fn captain_index;

/* What works at length for the request ends with the server. */
struct base_watch;
void captain_watch(struct http_request *request,
    struct base_watch *ret_watch);

/* Collections (captain_collections*.c). */
http_handler_fn captain_list_collections, captain_put_collection,
    captain_delete_collection, captain_move_collection,
    captain_copy_collection;
/* Is it a name that a new collection may have?  Else the reply is a 422, of
 * that place. */
bool captain_is_name(struct http_reply *reply, const char *text,
    const char *where, const char *field);

/* Documents (captain_documents*.c). */
http_handler_fn captain_list_documents, captain_list_documents_v3,
    captain_wipe_documents, captain_get_document, captain_delete_document;

/* Webhook endpoints (captain_webhooks*.c). */
http_handler_fn captain_list_event_types, captain_list_endpoints,
    captain_create_endpoint, captain_get_endpoint, captain_change_endpoint,
    captain_delete_endpoint, captain_rotate_endpoint, captain_test_endpoint,
    captain_recover_endpoint, captain_list_deliveries, captain_list_attempts,
    captain_resend_delivery;
/* The endpoint that the path's first placeholder may name; false: the reply is
 * written (403, 404). */
bool captain_endpoint_of(struct http_request *request,
    struct http_reply *reply, struct uuid *ret_uuid);
/* What the engine said of an endpoint: the reply, or err again. */
int captain_endpoint_problem(struct http_reply *reply, int err);

/* Jobs (captain_jobs*.c). */
http_handler_fn captain_get_job, captain_list_jobs, captain_cancel_job,
    captain_undo_job, captain_no_pii, captain_no_scripts;
/* The job that the path's first placeholder may name; false: the reply is
 * written (403, 404). */
bool captain_job_of(struct http_request *request, struct http_reply *reply,
    struct uuid *ret_uuid);
/* "Job not found"; returns 0. */
int captain_no_job(struct http_reply *reply);
/* Queries (captain_query*.c). */
http_handler_fn captain_query_v2, captain_query_v3, captain_query_many;

/* GET /v2/jobs/{} */
http_handler_fn captain_get_job;

#endif
