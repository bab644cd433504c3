/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sharing datasets: rights are given and taken one by one, for many datasets
 * at once, on all of them or on none.
 *
 * The original takes an empty list for all datasets that the caller may share.
 * A list that came out empty by mistake would give everything away: here there
 * is one dataset at least.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_permissions.h"
#include "api/cognee/cognee_view.h"
#include "base/mem.h"
#include "engine/grants.h"

#define WORDS_SIZE 320u
#define WHY_BYTES_MAX 512u
#define INPUT_BYTES_MAX 256u /* that is repeated of what is no UUID */

static const struct {
	const char *name;
	unsigned right;
} rights[] = {
    {"read", COGNEE_READ},
    {"write", COGNEE_WRITE},
    {"delete", COGNEE_DELETE},
    {"share", COGNEE_SHARE},
};

/* ---- what all of these routes say ---------------------------------------- */

int
cognee_api_error(struct http_reply *reply, int status, const char *message,
    const char *name)
{
	char words[2 * WORDS_SIZE];

	(void)snprintf(words, sizeof(words), "%s [%s]", message, name);
	return cognee_detail(reply, status, words);
}

int
cognee_no_user(struct http_reply *reply)
{
	return cognee_api_error(reply, 404,
	    "No user found in the system. Please create a user.",
	    "UserNotFoundError");
}

int
cognee_no_role(struct http_reply *reply)
{
	return cognee_api_error(reply, 404, "User role not found.",
	    "RoleNotFoundError");
}

int
cognee_no_tenant(struct http_reply *reply, const struct uuid *tenant)
{
	char text[UUID_TEXT_SIZE] = "None", words[WORDS_SIZE];

	if (tenant != NULL)
		uuid_format(tenant, text);
	(void)snprintf(words, sizeof(words), "Could not find tenant: %s",
	    text);
	return cognee_api_error(reply, 404, words, "TenantNotFoundError");
}

int
cognee_no_group(struct http_reply *reply, enum group_kind kind,
    const struct uuid *uuid)
{
	return kind == GROUP_TENANT ? cognee_no_tenant(reply, uuid)
				    : cognee_no_role(reply);
}

int
cognee_not_manager(struct http_reply *reply)
{
	return cognee_api_error(reply, 403,
	    "User is not authorized to manage users for this tenant",
	    "PermissionDeniedError");
}

int
cognee_need_text(struct http_request *request, struct http_reply *reply,
    const char *name, const char **ret_text)
{
	const char *text = http_query(request, name);

	if (text == NULL)
		return cognee_invalid(reply, "query", name, "missing",
		    "Field required", NULL);
	*ret_text = text;
	return 0;
}

int
cognee_need_uuid(struct http_request *request, struct http_reply *reply,
    const char *name, struct uuid *ret_uuid)
{
	const char *text;
	bool has;

	if (cognee_need_text(request, reply, name, &text) != 0)
		return 1;
	return cognee_query_uuid(request, reply, name, ret_uuid, &has);
}

const char *
cognee_right_name(unsigned right)
{
	size_t i;

	for (i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		if (rights[i].right == right)
			return rights[i].name;
	return "";
}

int
cognee_need_right(struct http_request *request, struct http_reply *reply,
    unsigned otherwise, unsigned *ret_right)
{
	const char *name = http_query(request, "permission_name");
	char words[WORDS_SIZE];
	size_t i;

	*ret_right = otherwise;
	if (name == NULL && otherwise != 0)
		return 0;
	if (cognee_need_text(request, reply, "permission_name", &name) != 0)
		return 1;
	for (i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		if (strcmp(rights[i].name, name) == 0) {
			*ret_right = rights[i].right;
			return 0;
		}
	(void)snprintf(words, sizeof(words),
	    "%.128s not found or not in allowed permission types", name);
	(void)cognee_api_error(reply, 403, words, "PermissionNotFoundError");
	return 1;
}

/* ---- the datasets of a body ---------------------------------------------- */

struct bases {
	struct uuid *list; /* owned */
	size_t count;
};

/* The 400 for the body itself (index -1), or for one of its members. */
static int
bad_list(struct http_reply *reply, int index, const char *type,
    const char *message, const char *input)
{
	struct jsonw *w = http_reply_json(reply, 400);

	jsonw_object(w);
	jsonw_name(w, "detail");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_nstring(w, "type", type);
	jsonw_name(w, "loc");
	jsonw_array(w);
	jsonw_string(w, "body");
	if (index >= 0)
		jsonw_int(w, index);
	jsonw_array_end(w);
	jsonw_nstring(w, "msg", message);
	jsonw_nstring(w, "input", input);
	jsonw_object_end(w);
	jsonw_array_end(w);
	jsonw_nnull(w, "body");
	jsonw_object_end(w);
	return 1;
}

/* 0; 1 when the reply is written. */
static int
read_base(struct http_reply *reply, const json_t *value, int index,
    struct uuid *ret_uuid)
{
	const char *text = json_string_value(value);
	char words[WHY_BYTES_MAX + 64];
	struct buf why;
	int err;

	if (text == NULL)
		return bad_list(reply, index, "uuid_type",
		    "UUID input should be a string, bytes or UUID object",
		    NULL);
	buf_init(&why, WHY_BYTES_MAX);
	err = cognee_parse_uuid(text, ret_uuid, &why);
	if (err < 0) {
		(void)snprintf(words, sizeof(words),
		    "Input should be a valid UUID, %s", buf_text(&why));
		err = bad_list(reply, index, "uuid_parsing", words,
		    strlen(text) > INPUT_BYTES_MAX ? NULL : text);
	}
	buf_fini(&why);
	return err;
}

static int
list_length(struct http_reply *reply, size_t count)
{
	char words[WORDS_SIZE];

	if (count == 0)
		return bad_list(reply, -1, "too_short", "List should have at "
		    "least 1 item after validation, not 0", NULL);
	if (count <= GRANT_BASES_MAX)
		return 0;
	(void)snprintf(words, sizeof(words), "List should have at most %u "
	    "items after validation, not %zu", GRANT_BASES_MAX, count);
	return bad_list(reply, -1, "too_long", words, NULL);
}

/* 0, 1 when the reply is written, or an error. */
static int
read_bases(struct http_request *request, struct http_reply *reply,
    struct bases *bases)
{
	json_t *json = NULL;
	size_t i;
	int err = 0;

	if (request->body_len == 0)
		return bad_list(reply, -1, "missing", "Field required", NULL);
	err = http_json(request, &json);
	if (err == ERR_SYNTAX)
		return bad_list(reply, -1, "json_invalid",
		    "JSON decode error", NULL);
	if (err < 0)
		return err;
	if (!json_is_array(json))
		return bad_list(reply, -1, "list_type",
		    "Input should be a valid list", NULL);
	if (list_length(reply, json_array_size(json)) != 0)
		return 1;
	bases->count = json_array_size(json);
	bases->list = mem_array(bases->count, sizeof(*bases->list));
	if (bases->list == NULL)
		return ERR_NOMEM;
	for (i = 0; err == 0 && i < bases->count; i++)
		err = read_base(reply, json_array_get(json, i), (int)i,
		    &bases->list[i]);
	return err;
}

/* ---- giving and taking --------------------------------------------------- */

/* May the caller share them all?  Then it is the right itself that the caller
 * has not. */
static const char *
missing_right(struct http_request *request, const struct bases *bases,
    unsigned right)
{
	struct cognee_dataset dataset;
	struct store *reader;
	size_t i;
	int err;

	err = http_reader(request, &reader);
	for (i = 0; err == 0 && i < bases->count; i++)
		err = cognee_dataset_find(request, reader, &bases->list[i],
		    COGNEE_SHARE, &dataset);
	return cognee_right_name(err < 0 ? COGNEE_SHARE : right);
}

static int
change_apply(struct http_request *request, struct http_reply *reply,
    const struct bases *bases, const struct grant_change *change)
{
	struct jsonw *w;
	int err;

	err = engine_grant(request->engine, change, &request->note);
	if (err == ERR_FORBIDDEN)
		return cognee_denied(reply,
		    missing_right(request, bases, change->rights));
	if (err == ERR_NOT_FOUND)
		return cognee_no_user(reply);
	if (err == ERR_CONFLICT)
		return cognee_api_error(reply, 403,
		    "The owner's permissions on a dataset cannot be revoked.",
		    "PermissionDeniedError");
	if (err == ERR_TOO_BIG)
		return cognee_detail(reply, 409, request->note.text);
	if (err < 0)
		return err;
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	jsonw_nstring(w, "message", change->takes
	    ? "Permission revoked from principal"
	    : "Permission assigned to principal");
	jsonw_object_end(w);
	return 0;
}

static int
change(struct http_request *request, struct http_reply *reply, bool takes)
{
	struct grant_change change = {
	    .account_id = request->caller.account_id, .takes = takes};
	struct bases bases = {.list = NULL};
	int err;

	if (cognee_path_uuid(request, reply, 0, "principal_id",
		&change.principal) != 0 ||
	    cognee_need_right(request, reply, 0, &change.rights) != 0)
		return 0;
	err = read_bases(request, reply, &bases);
	if (err == 0) {
		change.bases = bases.list;
		change.count = bases.count;
		err = change_apply(request, reply, &bases, &change);
	}
	mem_free(bases.list);
	return err < 0 ? err : 0;
}

int
cognee_permissions_give(struct http_request *request,
    struct http_reply *reply)
{
	return change(request, reply, false);
}

int
cognee_permissions_take(struct http_request *request,
    struct http_reply *reply)
{
	return change(request, reply, true);
}
