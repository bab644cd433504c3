/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of routes, and what their handlers share.
 */
#include <stdlib.h>
#include <string.h>

#include "api/native/native.h"
#include "api/native/native_cursor.h"
#include "api/native/native_int.h"
#include "api/native/native_view.h"
#include "base/limits.h"
#include "model/item.h"

#define ROOT "/tidemark/v1"

/* ---- errors ----------------------------------------------------------- */

/* What each error of the program is called here. */
static const struct {
	int err;
	const char *code;
} codes[] = {
    {ERR_NOMEM, "BUSY"},
    {ERR_BUSY, "BUSY"},
    {ERR_UPSTREAM, "UPSTREAM_FAILED"},
    {ERR_IO, "INTERNAL_ERROR"},
    {ERR_STORAGE_FULL, "STORAGE_FULL"},
    {ERR_TIMEOUT, "TIMEOUT"},
    {ERR_CLOSED, "STOPPING"},
    {ERR_INVALID, "INVALID_ARGUMENT"},
    {ERR_SYNTAX, "INVALID_ARGUMENT"},
    {ERR_TOO_BIG, "TOO_LARGE"},
    {ERR_NOT_FOUND, "NOT_FOUND"},
    {ERR_EXISTS, "NAME_TAKEN"},
    {ERR_CONFLICT, "CONFLICT"},
    {ERR_UNAUTHORIZED, "UNAUTHORIZED"},
    {ERR_FORBIDDEN, "FORBIDDEN"},
    {ERR_CORRUPT, "INTERNAL_ERROR"},
    {ERR_UNREADABLE, "UNREADABLE"},
    {ERR_CANCELLED, "CONFLICT"},
    {ERR_UNSUPPORTED, "UNSUPPORTED"},
    {ERR_INTERNAL, "INTERNAL_ERROR"},
};

static const char *
code_of(int err)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i].err == err)
			return codes[i].code;
	return "INTERNAL_ERROR";
}

int
native_error(struct http_request *request, struct http_reply *reply,
    int status, const char *code, const char *message)
{
	struct jsonw *w = http_reply_json(reply, status);

	jsonw_object(w);
	jsonw_name(w, "error");
	jsonw_object(w);
	jsonw_nstring(w, "code", code);
	jsonw_nstring(w, "message", message);
	jsonw_object_end(w);
	jsonw_nstring(w, "request_id", http_request_id(request));
	jsonw_object_end(w);
	return 0;
}

static void
native_problem(struct http_request *request, struct http_reply *reply,
    const struct http_problem *problem)
{
	const char *code = code_of(problem->err);
	const char *words = problem->words;

	switch (problem->kind) {
	case HTTP_PROBLEM_AUTH:
		http_reply_header(reply, "WWW-Authenticate",
		    "Bearer realm=\"tidemark\"");
		break;
	case HTTP_PROBLEM_METHOD:
		code = "METHOD_NOT_ALLOWED";
		break;
	case HTTP_PROBLEM_JSON:
		code = "MALFORMED_JSON";
		break;
	case HTTP_PROBLEM_ERROR:
		/* What broke inside is for the log, not for the network. */
		if (problem->status == 500)
			words = err_text(problem->err);
		break;
	case HTTP_PROBLEM_ROUTE:
	case HTTP_PROBLEM_TOO_BIG:
		break;
	}
	(void)native_error(request, reply, problem->status, code, words);
}

int
native_missing(struct http_request *request, const char *what)
{
	return err_set(&request->note, ERR_NOT_FOUND, "no such %s", what);
}

int
native_reply_job(struct http_request *request, struct http_reply *reply,
    int status, const struct job *job)
{
	struct jsonw *w = http_reply_json(reply, status);
	struct job_pace pace;

	engine_job_pace(request->engine, job, &pace);
	jsonw_object(w);
	jsonw_name(w, "job");
	native_view_job(w, job, &pace);
	jsonw_object_end(w);
	return 0;
}

/* ---- what a path names -------------------------------------------------- */

static int
take_base(void *arg, const struct base *base)
{
	struct native_base *ret_base = arg;

	ret_base->id = base->id;
	ret_base->uuid = base->uuid;
	memcpy(ret_base->name, base->name, sizeof(ret_base->name));
	return 0;
}

int
native_base_find(struct http_request *request, struct store *reader,
    struct native_base *ret_base)
{
	const char *text = request->params[0].text;
	int64_t account_id = request->caller.account_id;
	struct uuid uuid;
	int err = ERR_NOT_FOUND;

	if (uuid_parse(text, strlen(text), &uuid) == 0)
		err = store_base_find(reader, account_id, &uuid, NULL,
		    take_base, ret_base);
	if (err == ERR_NOT_FOUND)
		err = store_base_find(reader, account_id, NULL, text,
		    take_base, ret_base);
	return err == ERR_NOT_FOUND ? native_missing(request, "base") : err;
}

int
native_base_of(struct http_request *request, struct native_base *ret_base)
{
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = native_base_find(request, reader, ret_base);
	return err;
}

static int
take_document(void *arg, const struct document *document)
{
	struct native_document *ret_document = arg;

	ret_document->id = document->id;
	ret_document->base_uuid = document->base_uuid;
	return 0;
}

int
native_document_find(struct http_request *request, struct store *reader,
    struct native_document *ret_document)
{
	struct native_document document = {
	    .uuid = request->params[0].uuid};
	uint64_t row = uuid_row(&document.uuid);
	struct native_base base;
	struct uuid uuid;
	int err = ERR_NOT_FOUND;

	if (row != 0)
		err = store_document_get(reader, (int64_t)row, take_document,
		    &document);
	if (err == 0) {
		uuid = uuid_of_row(&document.base_uuid, row);
		if (!uuid_is_equal(&uuid, &document.uuid))
			err = ERR_NOT_FOUND;
	}
	if (err == 0)
		err = store_base_find(reader, request->caller.account_id,
		    &document.base_uuid, NULL, take_base, &base);
	if (err == ERR_NOT_FOUND)
		return native_missing(request, "document");
	if (err == 0)
		*ret_document = document;
	return err;
}

/* ---- lists ------------------------------------------------------------ */

int
native_list_open(struct http_request *request, struct http_reply *reply,
    char letter, int64_t scope, struct native_list *list)
{
	const char *cursor = http_query(request, "cursor");
	uint64_t limit;
	int err;

	memset(list, 0, sizeof(*list));
	err = http_query_number(request, "limit", 1, PAGE_LIMIT_MAX,
	    PAGE_LIMIT_DEFAULT, &limit);
	if (err < 0)
		return err;
	list->letter = letter;
	list->scope = scope;
	list->limit = (size_t)limit;
	if (cursor != NULL && native_cursor_parse(cursor, letter, scope,
	    &list->position) < 0) {
		(void)native_error(request, reply, 400, "INVALID_CURSOR",
		    "the cursor is not one of this list");
		return 1;
	}
	return 0;
}

void
native_list_begin(struct native_list *list, struct http_reply *reply,
    const char *name)
{
	list->w = http_reply_json(reply, 200);
	jsonw_object(list->w);
	jsonw_name(list->w, name);
	jsonw_array(list->w);
}

bool
native_list_take(struct native_list *list, int64_t position)
{
	if (list->count == list->limit) {
		list->has_more = true;
		return false;
	}
	list->count++;
	list->last = position;
	return true;
}

void
native_list_end(struct native_list *list)
{
	struct native_cursor cursor = {.list = list->letter,
	    .scope = list->scope, .position = list->last};
	char text[NATIVE_CURSOR_SIZE];

	jsonw_array_end(list->w);
	native_cursor_format(&cursor, text);
	if (list->has_total && list->knows_total)
		jsonw_nuint(list->w, "total", list->total);
	else if (list->has_total)
		jsonw_nnull(list->w, "total");
	jsonw_nstring(list->w, "next_cursor", list->has_more ? text : NULL);
	jsonw_object_end(list->w);
}

int
native_item_states(struct http_request *request, uint32_t *ret_states)
{
	enum item_state state;
	const char *name;
	uint32_t states = 0;
	size_t at = 0;

	while ((name = http_query_next(request, "state", &at)) != NULL) {
		if (item_state_parse_name(name, &state) < 0)
			return err_set(&request->note, ERR_INVALID,
			    "an item has no state of that name");
		states |= UINT32_C(1) << state;
	}
	*ret_states = states;
	return 0;
}

/* ---- bodies ----------------------------------------------------------- */

int
native_object(struct http_request *request, bool may_be_empty,
    json_t **ret_object)
{
	int err;

	if (may_be_empty && request->body_len == 0) {
		*ret_object = NULL;
		return 0;
	}
	err = http_json(request, ret_object);
	if (err == 0 && !json_is_object(*ret_object))
		return err_set(&request->note, ERR_INVALID,
		    "the body must be a JSON object");
	return err;
}

int
native_text(struct http_request *request, const json_t *object,
    const char *name, const char **ret_text)
{
	const json_t *member = json_object_get(object, name);

	if (member == NULL || json_is_null(member)) {
		*ret_text = NULL;
		return 0;
	}
	if (!json_is_string(member))
		return err_set(&request->note, ERR_INVALID,
		    "%s must be a string", name);
	*ret_text = json_string_value(member);
	return 0;
}

int
native_object_text(struct http_request *request, const json_t *object,
    const char *name, size_t max, char **ret_text)
{
	const json_t *member = json_object_get(object, name);
	char *text;

	if (member == NULL || json_is_null(member)) {
		*ret_text = NULL;
		return 0;
	}
	if (!json_is_object(member))
		return err_set(&request->note, ERR_INVALID,
		    "%s must be an object", name);
	text = json_dumps(member, JSON_COMPACT);
	if (text == NULL)
		return ERR_NOMEM;
	if (strlen(text) > max) {
		free(text);
		return err_set(&request->note, ERR_INVALID,
		    "%s is over %zu bytes", name, max);
	}
	*ret_text = text;
	return 0;
}

/* ---- the table -------------------------------------------------------- */

/* clang-format off */
static const struct http_route routes[] = {
    {HTTP_GET,    ROOT "/about",                    native_about,              HTTP_QUICK},
    {HTTP_GET,    ROOT "/backup",                   native_backup,             HTTP_OPEN},
    {HTTP_GET,    ROOT "/overview",                 native_overview,           0},
    {HTTP_GET,    ROOT "/session",                  native_session_get,        0},
    {HTTP_POST,   ROOT "/session",                  native_session_begin,      HTTP_OPEN},
    {HTTP_DELETE, ROOT "/session",                  native_session_end,        0},
    {HTTP_GET,    ROOT "/keys",                     native_keys_list,          0},
    {HTTP_POST,   ROOT "/keys",                     native_keys_create,        0},
    {HTTP_DELETE, ROOT "/keys/{uuid}",              native_keys_revoke,        0},
    {HTTP_GET,    ROOT "/users",                    native_users_list,         0},
    {HTTP_POST,   ROOT "/users",                    native_users_create,       0},
    {HTTP_POST,   ROOT "/users/tokens",             native_users_token,        0},
    {HTTP_DELETE, ROOT "/users/{uuid}",             native_users_delete,       0},
    {HTTP_GET,    ROOT "/bases",                    native_bases_list,         0},
    {HTTP_POST,   ROOT "/bases",                    native_bases_create,       0},
    {HTTP_GET,    ROOT "/bases/{}",                 native_bases_get,          0},
    {HTTP_PATCH,  ROOT "/bases/{}",                 native_bases_update,       0},
    {HTTP_DELETE, ROOT "/bases/{}",                 native_bases_delete,       0},
    {HTTP_POST,   ROOT "/bases/{}/embed",           native_bases_embed,        0},
    {HTTP_GET,    ROOT "/models",                   native_models_list,        0},
    {HTTP_GET,    ROOT "/bases/{}/documents",       native_documents_list,     0},
    {HTTP_POST,   ROOT "/bases/{}/documents",       native_documents_add,      HTTP_UPLOAD},
    {HTTP_POST,   ROOT "/bases/{}/jobs",            native_jobs_create,        0},
    {HTTP_GET,    ROOT "/bases/{}/audit",           native_audit,              0},
    {HTTP_POST,   ROOT "/bases/{}/query",           native_query,              0},
    {HTTP_GET,    ROOT "/documents/{uuid}",         native_documents_get,      0},
    {HTTP_DELETE, ROOT "/documents/{uuid}",         native_documents_delete,   0},
    {HTTP_GET,    ROOT "/documents/{uuid}/segments", native_documents_segments, 0},
    {HTTP_GET,    ROOT "/documents/{uuid}/raw",     native_documents_raw,      0},
    {HTTP_GET,    ROOT "/jobs",                     native_jobs_list,          0},
    {HTTP_GET,    ROOT "/jobs/{uuid}",              native_jobs_get,           HTTP_QUICK},
    {HTTP_GET,    ROOT "/jobs/{uuid}/items",        native_jobs_items,         0},
    {HTTP_GET,    ROOT "/jobs/{uuid}/events",       native_jobs_events,        0},
    {HTTP_GET,    ROOT "/jobs/{uuid}/report.csv",   native_report,             0},
    {HTTP_POST,   ROOT "/jobs/{uuid}/cancel",       native_jobs_cancel,        0},
    {HTTP_POST,   ROOT "/jobs/{uuid}/pause",        native_jobs_pause,         0},
    {HTTP_POST,   ROOT "/jobs/{uuid}/resume",       native_jobs_resume,        0},
    {HTTP_POST,   ROOT "/jobs/{uuid}/retry",        native_jobs_retry,         0},
    {HTTP_POST,   ROOT "/jobs/{uuid}/undo",         native_jobs_undo,          0},
    {HTTP_GET,    ROOT "/events",                   native_events,             0},
    {HTTP_GET,    ROOT "/webhooks",                 native_webhooks_list,      0},
    {HTTP_POST,   ROOT "/webhooks",                 native_webhooks_create,    0},
    {HTTP_GET,    ROOT "/webhooks/{uuid}",          native_webhooks_get,       0},
    {HTTP_PATCH,  ROOT "/webhooks/{uuid}",          native_webhooks_update,    0},
    {HTTP_DELETE, ROOT "/webhooks/{uuid}",          native_webhooks_delete,    0},
    {HTTP_POST,   ROOT "/webhooks/{uuid}/rotate",   native_webhooks_rotate,    0},
    {HTTP_POST,   ROOT "/webhooks/{uuid}/test",     native_webhooks_test,      0},
    {HTTP_POST,   ROOT "/webhooks/{uuid}/recover",  native_webhooks_recover,   0},
    {HTTP_GET,    ROOT "/webhooks/{uuid}/deliveries", native_deliveries_list,  0},
    {HTTP_GET,    ROOT "/webhooks/{uuid}/deliveries/{}/attempts", native_attempts_list, 0},
    {HTTP_POST,   ROOT "/webhooks/{uuid}/deliveries/{}/resend", native_deliveries_resend, 0},
};
/* clang-format on */

static const char *const prefixes[] = {"/tidemark", NULL};

const struct http_dialect native_dialect = {
    .name = "native",
    .prefixes = prefixes,
    .routes = routes,
    .route_count = sizeof(routes) / sizeof(*routes),
    .flags = HTTP_BEARER | HTTP_API_KEY | HTTP_COOKIE_MARK,
    .problem = native_problem,
    .cookie = "tidemark_session",
};
