/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routes of collections: list, make, delete.
 *
 * A collection is a base of the caller's account, whatever made it; what the
 * client says of it in `metadata` is kept in the base's settings.
 */
#include <stdlib.h>
#include <string.h>

#include "api/captain/captain_body.h"
#include "api/captain/captain_int.h"
#include "engine/bases.h"
#include "store/store.h"

#define COLLECTIONS_LIMIT_DEFAULT 100u
#define COLLECTIONS_LIMIT_MAX 1000u
#define OFFSET_MAX 0xFFFFFFFFu
#define NAME_CHARS_MAX 63u
#define METADATA_MEMBER "metadata"

/* ---- one collection ------------------------------------------------------ */

static void
put_organization(struct jsonw *w, const struct account *account)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(&account->organization, text);
	jsonw_nstring(w, "organization_id", text);
	jsonw_nstring(w, "environment",
	    environment_name(account->environment));
}

/* What of it both its own answer and the list have. */
static int
put_base(struct jsonw *w, const struct account *account,
    const struct base *base)
{
	json_t *settings = json_loads(base->settings, 0, NULL);
	json_t *metadata = json_object_get(settings, METADATA_MEMBER);
	char id[UUID_TEXT_SIZE], *text = NULL;

	if (json_is_object(metadata)) {
		text = json_dumps(metadata, JSON_COMPACT);
		if (text == NULL) {
			json_decref(settings);
			return ERR_NOMEM;
		}
	}
	json_decref(settings);
	uuid_format(&base->uuid, id);
	jsonw_nstring(w, "collection_name", base->name);
	jsonw_nstring(w, "database_name", base->name);
	jsonw_nstring(w, "collection_id", id);
	put_organization(w, account);
	jsonw_nstring(w, "description", base->description);
	jsonw_name(w, "metadata");
	if (text != NULL)
		jsonw_raw(w, text, strlen(text));
	else
		jsonw_raw(w, "{}", 2);
	free(text);
	jsonw_ntime(w, "created_at", base->created_us);
	return 0;
}

/* ---- listing ------------------------------------------------------------- */

struct list {
	struct jsonw *w;
	const struct account *account;
};

static int
list_row(void *arg, const struct base *base)
{
	struct list *list = arg;
	struct jsonw *w = list->w;
	int err;

	jsonw_object(w);
	err = put_base(w, list->account, base);
	jsonw_nbool(w, "is_active", true);
	jsonw_nuint(w, "file_count", base->documents);
	jsonw_nuint(w, "document_count", base->documents);
	jsonw_object_end(w);
	return err;
}

static int
list_write(struct store *reader, const struct account *account,
    const struct base_page *page, struct jsonw *w)
{
	struct list list = {w, account};
	uint64_t total = 0;
	int err;

	jsonw_object(w);
	jsonw_name(w, "collections");
	jsonw_array(w);
	err = store_bases_page(reader, page, list_row, &list);
	jsonw_array_end(w);
	if (err == 0)
		err = store_bases_count(reader, page, &total);
	jsonw_nuint(w, "total_count", total);
	jsonw_nuint(w, "limit", page->limit);
	jsonw_nuint(w, "offset", page->offset);
	jsonw_object_end(w);
	return err;
}

int
captain_list_collections(struct http_request *request,
    struct http_reply *reply)
{
	struct base_page page = {.account_id = request->caller.account_id};
	struct account account;
	struct store *reader;
	uint64_t limit, offset;
	int err;

	if (!captain_is_member(request, reply) ||
	    captain_query_number(request, reply, "limit", 1,
		COLLECTIONS_LIMIT_MAX, COLLECTIONS_LIMIT_DEFAULT,
		&limit) != 0 ||
	    captain_query_number(request, reply, "offset", 0, OFFSET_MAX, 0,
		&offset) != 0)
		return 0;
	page.limit = (size_t)limit;
	page.offset = (size_t)offset;
	err = captain_account(request, &account);
	if (err == 0)
		err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = list_write(reader, &account, &page,
	    http_reply_json(reply, 200));
	return http_end(request, reader, err);
}

/* ---- making -------------------------------------------------------------- */

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

bool
captain_is_name(struct http_reply *reply, const char *text, const char *where,
    const char *field)
{
	size_t i, len = strlen(text);
	struct uuid uuid;
	bool is_good;

	/* What looks like an id would be looked for as one elsewhere. */
	is_good = len >= 1 && len <= NAME_CHARS_MAX && is_alnum(text[0]) &&
	    is_alnum(text[len - 1]) && uuid_parse(text, len, &uuid) < 0;
	for (i = 0; is_good && i < len; i++)
		is_good = is_alnum(text[i]) || text[i] == '-' ||
		    text[i] == '_';
	if (!is_good)
		(void)captain_invalid(reply, where, field,
		    "string_pattern_mismatch",
		    "A name has 1 to 63 letters, digits, hyphens and "
		    "underscores, the first and the last a letter or digit, "
		    "and is no UUID");
	return is_good;
}

struct put_view {
	struct jsonw *w;
	const struct account *account;
	bool is_new;
};

static int
put_row(void *arg, const struct base *base)
{
	struct put_view *put = arg;
	struct jsonw *w = put->w;
	int err;

	jsonw_object(w);
	err = put_base(w, put->account, base);
	jsonw_nstring(w, "status", put->is_new ? "created" : "exists");
	jsonw_nstring(w, "message",
	    put->is_new ? "Collection created"
			: "Collection exists already, and is left as it is");
	jsonw_object_end(w);
	return err;
}

/* The settings of a new base: each file is there under its own name, whatever
 * others hold.  Returns owned (free); NULL: no memory. */
static char *
settings_make(const json_t *body)
{
	json_t *settings = json_pack("{s:s}", "duplicates", "index");
	json_t *metadata;
	char *text = NULL;

	metadata = json_object_get(body, METADATA_MEMBER);
	if (settings != NULL && (!json_is_object(metadata) ||
	    json_object_set_new(settings, METADATA_MEMBER,
		json_deep_copy(metadata)) == 0))
		text = json_dumps(settings, JSON_COMPACT);
	json_decref(settings);
	return text;
}

/* 0, 1 when the reply is written, or an error. */
static int
create(struct http_request *request, struct http_reply *reply,
    const json_t *body)
{
	const char *description = captain_text(body, "description", "");
	struct uuid uuid;
	char *settings;
	int err;

	if (!captain_is_name(reply, request->params[0].text, "path", "name"))
		return 1;
	if (strlen(description) > DESCRIPTION_BYTES_MAX)
		return captain_invalid(reply, "body", "description",
		    "string_too_long",
		    "String should have at most 4000 bytes");
	settings = settings_make(body);
	if (settings == NULL)
		return ERR_NOMEM;
	if (strlen(settings) > METADATA_BYTES_MAX) {
		free(settings);
		return captain_invalid(reply, "body", METADATA_MEMBER,
		    "too_long", "metadata has more than 64 KiB");
	}
	err = engine_base_create(request->engine, request->caller.account_id,
	    request->params[0].text, description, settings, &uuid,
	    &request->note);
	free(settings);
	return err;
}

int
captain_put_collection(struct http_request *request,
    struct http_reply *reply)
{
	static const struct captain_field fields[] = {
	    {.name = "description", .type = CAPTAIN_TEXT},
	    {.name = METADATA_MEMBER, .type = CAPTAIN_OBJECT},
	};
	const char *name = request->params[0].text;
	struct account account;
	struct put_view put = {.account = &account};
	struct store *reader;
	const json_t *body;
	int err;

	if (!captain_is_member(request, reply))
		return 0;
	err = captain_body(request, reply, fields, 2, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	err = captain_account(request, &account);
	if (err == 0)
		err = http_reader(request, &reader);
	if (err < 0)
		return err;
	put.w = http_reply_json(reply, 200);
	err = store_base_find(reader, account.id, NULL, name, put_row, &put);
	if (err != ERR_NOT_FOUND)
		return err;
	err = create(request, reply, body);
	if (err > 0)
		return 0;
	/* Others may make it at the same moment. */
	if (err < 0 && err != ERR_EXISTS)
		return err;
	put.is_new = err == 0;
	put.w = http_reply_json(reply, put.is_new ? 201 : 200);
	return store_base_find(reader, account.id, NULL, name, put_row, &put);
}

/* ---- deleting ------------------------------------------------------------ */

int
captain_delete_collection(struct http_request *request,
    struct http_reply *reply)
{
	struct captain_base base;
	struct store *reader;
	struct jsonw *w;
	int err;

	err = captain_base(request, reply, &base);
	if (err != 0)
		return err < 0 ? err : 0;
	err = http_reader(request, &reader);
	if (err == 0)
		err = engine_base_end_jobs(request->engine, reader,
		    request->caller.account_id, &base.uuid,
		    request->caller.label, &request->note);
	if (err == 0)
		err = engine_base_delete(request->engine,
		    request->caller.account_id, &base.uuid, &request->note);
	if (err == ERR_NOT_FOUND)
		return captain_refuse(reply, 404, "Collection not found");
	if (err < 0)
		return err;
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	jsonw_nbool(w, "success", true);
	jsonw_nstring(w, "message",
	    "Collection deleted, with all of its documents");
	jsonw_nstring(w, "collection_name", base.name);
	jsonw_object_end(w);
	return 0;
}
