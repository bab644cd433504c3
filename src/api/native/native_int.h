/* SPDX-License-Identifier: Apache-2.0 */
/*
 * native_int: what the native API's files share.
 */
#ifndef API_NATIVE_NATIVE_INT_H
#define API_NATIVE_NATIVE_INT_H

#include "http/http.h"
#include "store/store.h"

/* ---- answers (native.c) ----------------------------------------------- */

/* Write an error with a code of its own; returns 0, as handlers do. */
int native_error(struct http_request *request, struct http_reply *reply,
    int status, const char *code, const char *message);

/* ERR_NOT_FOUND with words. */
int native_missing(struct http_request *request, const char *what);

/* {"job":...} with that status. */
int native_reply_job(struct http_request *request, struct http_reply *reply,
    int status, const struct job *job);

/* ---- what a path names -------------------------------------------------- */

struct native_base {
	int64_t id;
	struct uuid uuid;
	char name[NAME_BYTES_MAX + 1];
};
/* The base that the path's first parameter names, by id or by name. */
int native_base_find(struct http_request *request, struct store *reader,
    struct native_base *ret_base);
/* The same, for a handler that needs nothing else from the store. */
int native_base_of(struct http_request *request,
    struct native_base *ret_base);

/* The document of the path's first parameter: its row and its base's. */
struct native_document {
	int64_t id;
	struct uuid uuid, base_uuid;
};
int native_document_find(struct http_request *request, struct store *reader,
    struct native_document *ret_document);

/* ---- lists ------------------------------------------------------------ */

/*
 * A list being written: one row more than the limit is asked of the store and
 * only tells that there is a next page.
 */
struct native_list {
	struct jsonw *w;
	char letter; /* of its cursor */
	int64_t scope;
	int64_t position; /* after (or before) which row; 0 from the start */
	size_t limit, count;
	bool has_more;
	int64_t last; /* position of the last row written */
	bool has_total, knows_total; /* the list says how many there are */
	uint64_t total;
};

/* Read limit and cursor.  Returns 0 and *list; 1 when the reply is written
 * already (INVALID_CURSOR); or an error. */
int native_list_open(struct http_request *request, struct http_reply *reply,
    char letter, int64_t scope, struct native_list *list);
/* Begin {"name":[ */
void native_list_begin(struct native_list *list, struct http_reply *reply,
    const char *name);
/* Is there room for the row at position?  Counts it. */
bool native_list_take(struct native_list *list, int64_t position);
/* End ],"total":...,"next_cursor":...}; a total only if it has_total. */
void native_list_end(struct native_list *list);

/* All state= parameters as bits (1 << state); ERR_INVALID, with words. */
int native_item_states(struct http_request *request, uint32_t *ret_states);

/* ---- JSON bodies ------------------------------------------------------- */

/* The body, which must be an object; ERR_INVALID, with words.  No body at
 * all is {} when may_be_empty. */
int native_object(struct http_request *request, bool may_be_empty,
    json_t **ret_object);
/* A member that is a text, NULL when absent or null; ERR_INVALID. */
int native_text(struct http_request *request, const json_t *object,
    const char *name, const char **ret_text);
/* A member that is an object, as text (returns owned, free); NULL when
 * absent; ERR_INVALID. */
int native_object_text(struct http_request *request, const json_t *object,
    const char *name, size_t max, char **ret_text);

/* ---- handlers ---------------------------------------------------------- */

http_handler_fn native_session_get, native_session_begin, native_session_end,
    native_overview;
http_handler_fn native_users_list, native_users_create,
    native_users_token, native_users_delete;
http_handler_fn native_backup;
http_handler_fn native_about, native_keys_list, native_keys_create,
    native_keys_revoke, native_bases_list, native_bases_create,
    native_bases_get, native_bases_update, native_bases_delete,
    native_bases_embed, native_models_list,
    native_documents_list, native_documents_get, native_documents_delete,
    native_documents_segments, native_documents_raw, native_documents_add,
    native_jobs_list, native_jobs_create, native_jobs_get, native_jobs_items,
    native_jobs_cancel, native_jobs_pause, native_jobs_resume,
    native_jobs_retry, native_jobs_undo, native_jobs_events, native_events,
    native_report,
    native_audit, native_query, native_webhooks_list,
    native_webhooks_create, native_webhooks_get, native_webhooks_update,
    native_webhooks_delete, native_webhooks_rotate, native_webhooks_test,
    native_webhooks_recover, native_deliveries_list, native_attempts_list,
    native_deliveries_resend;

/* Did the caller prove to share user and machine with the server? */
bool native_is_local(const struct http_request *request);

/* The job of the path's first parameter, as the board has it. */
int native_job_find(struct http_request *request, struct job *ret_job);

#endif
