/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digitalocean_int: what the files of this folder share.
 *
 * A knowledge base is a base, a data source a source, an indexing job a job.
 * What DigitalOcean knows of them beyond the model lies in the settings of the
 * base and of the source, in the member "digitalocean", so that it goes with
 * them; all of it may be absent:
 *
 *   base    {"region", "project_id", "database_id", "embedding_model_uuid",
 *            "is_public", "tags": [...], "reranking_config": {...}}
 *   source  {"chunking_algorithm": "CHUNKING_ALGORITHM_...",
 *            "chunking_options": {...}, "item_path": as it was given}
 *
 * Beside it stand the members of engine/rule.h: "chunking", which follows from
 * the algorithm, and "duplicates" ("index": a bucket may hold the same twice).
 *
 * Errors: a handler returns one with words in request->note, and do_problem()
 * gives it the id that fits its status; do_refuse() is for those with an id of
 * their own.
 */
#ifndef API_DIGITALOCEAN_DIGITALOCEAN_INT_H
#define API_DIGITALOCEAN_DIGITALOCEAN_INT_H

#include <jansson.h>

#include "http/http.h"
#include "store/store.h"

/* ---- answers (digitalocean_error.c) ------------------------------------- */

http_problem_fn do_problem;

/* The headers that all answers have: the first function those that name no
 * request, the second all. */
void do_limits(struct http_reply *reply);
void do_headers(struct http_request *request, struct http_reply *reply);
/* 200 and a JSON body, with those headers. */
struct jsonw *do_json(struct http_request *request, struct http_reply *reply);
/* An error of that id; returns 0, so that a handler may say
 * `return do_refuse(...)`. */
int do_refuse(struct http_request *request, struct http_reply *reply,
    int status, const char *id, const char *message);
/* 409 that no client is to try again by itself. */
int do_conflict(struct http_request *request, struct http_reply *reply,
    const char *message);

/* Where the client reached us ("https://host:port"), "" when it does not say;
 * appended to out. */
void do_origin(struct http_request *request, struct buf *out);

/* ---- pages (digitalocean_page.c) ---------------------------------------- */

#define DO_PER_PAGE 20u
#define DO_PER_PAGE_MAX 200u

struct do_page {
	uint64_t page, per_page;
	size_t offset, limit;
};

/* What was asked for; absent, "" and 0 are the defaults.  ERR_INVALID. */
int do_page_read(struct http_request *request, struct do_page *ret_page);
/* The members "links" and "meta". */
void do_page_write(struct http_request *request, struct jsonw *w,
    const struct do_page *page, uint64_t total);

/* ---- knowledge bases (digitalocean_base.c) ------------------------------ */

struct do_base {
	int64_t id;
	struct uuid uuid;
	char name[NAME_BYTES_MAX + 1];
	json_t *settings; /* all of the base's */
	json_t *own;	  /* its member "digitalocean"; of settings */
	int64_t created_us, updated_us;
	struct uuid model; /* of the embedder that it answers by */
};

/* The id that an embedder is shown with, by its name. */
struct uuid do_model_uuid(const char *embedder);

/* From a row of the store; ERR_NOMEM. */
int do_base_take(const struct base *base, struct do_base *ret_base);
/* The base with that id; *ret_base is to be given to do_base_close().
 * ERR_NOT_FOUND. */
int do_base_load(struct http_request *request, struct store *reader,
    const struct uuid *uuid, struct do_base *ret_base);
void do_base_close(struct do_base *base);
/* The member "digitalocean" of settings, made when there is none; NULL: no
 * memory. */
json_t *do_settings(json_t *settings);

/* The object of a knowledge base, with its newest job. */
struct do_jobs;
int do_write_base(struct http_request *request, struct store *reader,
    const struct do_base *base, struct do_jobs *jobs, struct jsonw *w);
/* Answer {"knowledge_base": ...}, with database_status if that is asked. */
int do_reply_base(struct http_request *request, struct http_reply *reply,
    const struct uuid *uuid, bool with_status);

/* ---- handlers ----------------------------------------------------------- */

/* digitalocean_base_routes.c */
http_handler_fn do_create_base, do_list_bases, do_get_base, do_update_base,
    do_delete_base;
/* digitalocean_source_routes.c */
http_handler_fn do_add_source, do_list_sources, do_update_source,
    do_delete_source;
/* digitalocean_upload.c */
http_handler_fn do_presign, do_put_object;
http_admit_fn do_admit_object;
/* digitalocean_jobs.c */
http_handler_fn do_start_job, do_list_jobs, do_get_job, do_cancel_job,
    do_get_job_sources, do_list_base_jobs;
/* digitalocean_report.c */
http_handler_fn do_get_report_url, do_get_report;
/* digitalocean_schedule.c */
http_handler_fn do_create_schedule, do_get_schedule, do_delete_schedule;
/* digitalocean_retrieve.c */
http_handler_fn do_retrieve;

#endif
