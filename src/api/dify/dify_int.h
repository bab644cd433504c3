/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_int: what the files of this folder share.
 *
 * A dataset is a base.  What Dify knows of one beyond the model lies in the
 * base's settings, in the member "dify", so that it goes with the base:
 *
 *   {"indexing_technique": "high_quality" | "economy" | null,
 *    "permission": "only_me", "provider": "vendor",
 *    "embedding_model": ..., "embedding_model_provider": ...,
 *    "retrieval_model": {...}, "summary_index_setting": {...},
 *    "doc_form": "text_model" | "hierarchical_model" | "qa_model" | null,
 *    "process_rule": {"id", "mode", "rules"} | null,    the latest one
 *    "metadata_fields": [{"id", "name", "type"}],
 *    "built_in_field_enabled": false,
 *    "icon_info": {...}, "partial_member_list": [...], "enable_api": true}
 *
 * all of which may be absent.  Beside it stand the members of engine/rule.h:
 * "vectors" (false: economy), "duplicates" and "empty" ("index").  A base of
 * another dialect has no such member and is shown with defaults.
 *
 * Likewise of a document's settings: {"chunking": ..., "questions": ...,
 * "content": "text" (of one that came as a text),
 * "dify": {"process_rule": {"id", "mode", "rules"}, "doc_form",
 * "doc_language", "created_from": "api"}}.  The values of metadata fields lie
 * in the document's metadata, by the field's name.
 *
 * Errors: a handler returns one with Dify's words in request->note, and
 * dify_problem() gives it the code that fits its status (400 invalid_param,
 * 403 forbidden, 404 not_found); dify_refuse() is for those with a code of
 * their own.
 */
#ifndef API_DIFY_DIFY_INT_H
#define API_DIFY_DIFY_INT_H

#include <jansson.h>

#include "http/http.h"
#include "store/store.h"

struct dify_form;

#define DIFY_VERSION "1.16.0" /* of the original whose answers these are */

/* ---- answers (dify_error.c) --------------------------------------------- */

/* Answer with an error of Dify's shape; returns 0, so that a handler may say
 * `return dify_refuse(...)`. */
int dify_refuse(struct http_reply *reply, int status, const char *code,
    const char *message);
/* ERR_NOT_FOUND with the words. */
int dify_missing(struct http_request *request, const char *words);
/* A JSON reply whose texts are ASCII; to be ended by dify_end_json(). */
struct jsonw *dify_json(struct http_reply *reply, int status);
/* The line feed that ends Dify's bodies.  Returns 0. */
int dify_end_json(struct http_reply *reply);
/* 204 without a body, or 200 {"result":"success"}.  Both return 0. */
int dify_no_content(struct http_reply *reply);
int dify_success(struct http_reply *reply);

http_problem_fn dify_problem;

/* ---- datasets (dify_dataset.c) ------------------------------------------ */

#define DIFY_HIGH_QUALITY "high_quality"
#define DIFY_ECONOMY "economy"

struct dify_dataset {
	int64_t id;
	struct uuid uuid;
	char id_text[UUID_TEXT_SIZE];
	char name[NAME_BYTES_MAX + 1];
	char *description;
	json_t *settings; /* all of the base's */
	json_t *dify; /* its member of that name, an object, perhaps empty;
			 belongs to settings */
	int64_t created_us, updated_us;
	uint64_t documents, segments;
};

/*
 * The dataset of the path's first parameter; *ret_dataset is to be given to
 * dify_dataset_close(), which takes a zeroed one too.  ERR_NOT_FOUND,
 * ERR_FORBIDDEN (its API is switched off), with Dify's words.
 */
int dify_dataset_open(struct http_request *request, struct store *reader,
    struct dify_dataset *ret_dataset);
/* The same of one that something else names. */
int dify_dataset_load(struct http_request *request, struct store *reader,
    const struct uuid *uuid, struct dify_dataset *ret_dataset);
/* The same for a handler that needs one look only: in a snapshot of its
 * own. */
int dify_dataset_of(struct http_request *request,
    struct dify_dataset *ret_dataset);
void dify_dataset_close(struct dify_dataset *dataset);
/* Is its API switched off?  And the error of that: ERR_FORBIDDEN, with Dify's
 * words. */
bool dify_base_is_closed(const struct base *base);
int dify_closed(struct http_request *request);
/* From a row of the store; ERR_NOMEM. */
int dify_dataset_take(const struct base *base,
    struct dify_dataset *ret_dataset);

/* The member "dify" of a base's settings, made when there is none; NULL: no
 * memory. */
json_t *dify_settings(json_t *settings);

/* Its indexing technique, NULL: not decided yet. */
const char *dify_dataset_technique(const struct dify_dataset *dataset);
bool dify_dataset_is_economy(const struct dify_dataset *dataset);
/* Its doc_form, NULL: not decided yet. */
const char *dify_dataset_form(const struct dify_dataset *dataset);

/*
 * Change the settings of the base: fn is given them, and the member "dify",
 * as they are now, on the writer thread; it changes them in place and returns
 * 0, 1 (nothing changed) or an error.  It may be called again, on them as
 * they were.  Two changes at once are one after the other.
 */
typedef int dify_change_fn(void *arg, json_t *settings, json_t *dify,
    struct err_note *note);
int dify_dataset_change(struct http_request *request,
    const struct uuid *dataset, dify_change_fn *fn, void *arg);

/*
 * fn is called with the document of the dataset that has that id.
 * ERR_NOT_FOUND without words: which fit depends on the route.
 */
int dify_document_find(struct store *reader, const struct dify_dataset *dataset,
    const struct uuid *uuid, document_fn *fn, void *arg);

/* The account's id, which stands for whoever created or updated something. */
int dify_account(struct http_request *request, struct store *reader,
    char ret_id[UUID_TEXT_SIZE]);

/* ---- pages (dify_paging.c) ---------------------------------------------- */

#define DIFY_LIMIT_DEFAULT 20
#define DIFY_LIMIT_MAX 100

/* page and limit as they were asked for, and what they come to. */
struct dify_paging {
	int64_t page, limit;
	size_t offset, rows;
};
/* What is no number is as if absent. */
void dify_paging_read(struct http_request *request,
    struct dify_paging *ret_paging);
/* Are there rows behind the page? */
bool dify_paging_has_more(const struct dify_paging *paging, uint64_t total);
/* The members has_more, limit, total, page. */
void dify_paging_write(struct jsonw *w, const struct dify_paging *paging,
    uint64_t total);

/* ---- parts of answers ---------------------------------------------------- */

/* A name with seconds since 1970; us 0 is null. */
void dify_seconds(struct jsonw *w, const char *name, int64_t us);

/* Answer with one dataset. */
#define DIFY_DATASET_NEW 1u    /* of the answer that creates it */
#define DIFY_DATASET_SINGLE 2u /* the route is about it alone */
#define DIFY_DATASET_MEMBERS 4u /* with partial_member_list in any case */
int dify_reply_dataset(struct http_request *request, struct http_reply *reply,
    const struct uuid *uuid, unsigned flags);

/* Words that a body may hold, ended by NULL. */
extern const char *const dify_techniques[], *const dify_permissions[];
/* What retrieval_model must look like, as a field of another body. */
extern const struct dify_form dify_retrieval_form;

/*
 * The value of doc_metadata of a document: an array of {"id", "name", "type",
 * "value"}, of the built-in fields too when they are switched on.  When it
 * has none: [] or, if may_be_null, null.
 */
void dify_write_metadata(struct jsonw *w, const struct dify_dataset *dataset,
    const struct document *document, bool may_be_null);

/* The same as an object, by the fields' names; null when it has none. */
void dify_write_values(struct jsonw *w, const struct dify_dataset *dataset,
    const struct document *document);

/* A segment with all that its members tell (dify_segment.c). */
struct dify_segment_view {
	const struct dify_dataset *dataset;
	const struct document *document;
	const struct segment *segment;
	const char *account; /* dify_account() */
	/* As results of a query have it: keywords is always an array, and
	 * updated_at and updated_by are not there. */
	bool is_result;
};
/* The members from id to stopped_at; the caller opens and ends the object and
 * writes those that follow (document, or child_chunks...). */
void dify_write_segment(struct jsonw *w,
    const struct dify_segment_view *view);

/* ---- the status of a batch (dify_status.c) ------------------------------- */

#define DIFY_DATA_OPEN "{\"data\":["
#define DIFY_DATA_CLOSE "]}\n"

/* Append the element of row, one of job's: 1; 0 when its document has been
 * deleted; or an error. */
int dify_put_element(struct store *reader, const struct job *job,
    const struct item_row *row, struct buf *out);

/* ---- handlers ------------------------------------------------------------ */

/* dify_dataset_routes.c, dify_dataset_edit.c */
http_handler_fn dify_list_datasets, dify_get_dataset, dify_create_dataset,
    dify_update_dataset, dify_delete_dataset;
/* dify_metadata_routes.c, dify_metadata_values.c */
http_handler_fn dify_list_metadata, dify_create_metadata,
    dify_update_metadata, dify_delete_metadata, dify_get_built_in,
    dify_switch_built_in, dify_set_metadata;
/* dify_tags.c */
http_handler_fn dify_list_tags, dify_create_tag, dify_update_tag,
    dify_delete_tag, dify_bind_tags, dify_unbind_tags, dify_get_dataset_tags;
/* dify_models.c */
http_handler_fn dify_get_root, dify_get_parameters, dify_list_models;
/* dify_retrieve.c */
http_handler_fn dify_retrieve;

/* dify_status.c: GET /v1/datasets/{uuid}/documents/{}/indexing-status */
http_handler_fn dify_get_status;
/* Documents and segments: dify_document*.c, dify_segment*.c */

#endif
