/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index routes, one handler for all of them: the kind follows from the
 * route.  What is wrong with a request is told before anything of it is
 * stored; what cannot be fetched is the job's to tell.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/captain/captain_index.h"
#include "api/captain/captain_int.h"
#include "api/captain/captain_view.h"
#include "base/assert.h"
#include "base/utf8.h"
#include "sys/sha256.h"

#define KEY_HEADER "Idempotency-Key"

static const struct {
	const char *path, *job_type;
	captain_index_fn *start;
} kinds[CAPTAIN_INDEX_COUNT] = {
#define CAPTAIN_INDEX(name, row_path, row_type, row_start, fields, secrets,   \
    flags)                                                                    \
	[CAPTAIN_INDEX_##name] = {.path = (row_path),                         \
	    .job_type = (row_type),                                           \
	    .start = captain_index_##row_start},
#include "api/captain/captain_index_tbl.h"
};

static enum captain_index_kind
kind_of(const struct http_route *route)
{
	static const char before[] = "/index/";
	const char *path = strstr(route->pattern, before);
	int kind;

	for (kind = 0; path != NULL && kind < CAPTAIN_INDEX_COUNT; kind++)
		if (strcmp(path + sizeof(before) - 1, kinds[kind].path) == 0)
			break;
	ASSERT(path != NULL && kind < CAPTAIN_INDEX_COUNT);
	return (enum captain_index_kind)kind;
}

/* ---- the body ------------------------------------------------------------ */

static size_t
fields_append(struct captain_field *list, size_t count,
    const struct captain_field *more)
{
	for (; more->name != NULL; more++) {
		ASSERT(count < CAPTAIN_INDEX_FIELDS_MAX);
		list[count++] = *more;
	}
	return count;
}

static size_t
fields_gather(enum captain_index_kind kind,
    struct captain_field list[CAPTAIN_INDEX_FIELDS_MAX])
{
	size_t count;

	count = fields_append(list, 0, captain_index_fields(kind));
	count = fields_append(list, count, captain_index_secrets(kind));
	return fields_append(list, count, captain_index_common());
}

/* What old clients call it: a member of that name, when there is none of the
 * new one. */
static int
take_old_names(json_t *body)
{
	static const struct {
		const char *old, *name;
	} aliases[] = {
	    {"text", "content"},
	    {"r2_account_id", "account_id"},
	    {"r2_access_key_id", "access_key_id"},
	    {"r2_secret_access_key", "secret_access_key"},
	};
	json_t *value;
	size_t i;

	for (i = 0; i < sizeof(aliases) / sizeof(*aliases); i++) {
		value = json_object_get(body, aliases[i].old);
		if (value != NULL && !captain_has(body, aliases[i].name) &&
		    json_object_set(body, aliases[i].name, value) < 0)
			return ERR_NOMEM;
	}
	return 0;
}

static int
read_json(struct http_request *request, struct http_reply *reply,
    struct captain_index *index)
{
	struct captain_field list[CAPTAIN_INDEX_FIELDS_MAX];
	json_t *body = NULL;
	int err = 0;

	if (request->body_len > 0)
		err = http_json(request, &body);
	if (err == 0 && json_is_object(body))
		err = take_old_names(body);
	return err < 0 ? err
		       : captain_body(request, reply, list,
			     fields_gather(index->kind, list), &index->body);
}

/* A field of a form is a text; metadata is JSON in one. */
static int
form_field(struct http_reply *reply, const struct captain_field *field,
    const char *text, json_t *body)
{
	json_t *value;

	if (field->type == CAPTAIN_OBJECT) {
		value = strlen(text) > METADATA_BYTES_MAX
		    ? NULL
		    : json_loads(text, JSON_REJECT_DUPLICATES, NULL);
		if (!json_is_object(value)) {
			json_decref(value);
			return captain_invalid(reply, "body", field->name,
			    "json_type", "Input should be a JSON object, as "
			    "a string");
		}
	} else {
		if (!utf8_is_valid(text, strlen(text)))
			return captain_invalid(reply, "body", field->name,
			    "string_unicode",
			    "Input should be a valid string");
		value = json_string(text);
	}
	return json_object_set_new(body, field->name, value) < 0 ? ERR_NOMEM
								  : 0;
}

static int
read_form(struct http_request *request, struct http_reply *reply,
    struct captain_index *index, json_t *body)
{
	struct captain_field list[CAPTAIN_INDEX_FIELDS_MAX];
	size_t count = fields_gather(index->kind, list), i;
	const char *text;
	int err = 0;

	for (i = 0; err == 0 && i < count; i++) {
		text = http_field(request, list[i].name);
		if (text != NULL && text[0] != '\0')
			err = form_field(reply, &list[i], text, body);
	}
	index->body = body;
	return err != 0 ? err : captain_check(reply, body, list, count);
}

/* ---- what all of them have ----------------------------------------------- */

/* What is asked for and cannot be had is refused: to index without it would
 * be worse than not to. */
static bool
is_refused(struct http_reply *reply, const json_t *body)
{
	const char *script = captain_text(body, "parsing_script", "");

	if (captain_bool(body, "overwrite_existing", false) &&
	    captain_bool(body, "skip_existing", false))
		(void)captain_refuse(reply, 400, "overwrite_existing and "
		    "skip_existing cannot both be true");
	else if (captain_bool(body, "mask_pii", false))
		(void)captain_refuse(reply, 501, "PII masking is not built "
		    "in; mask the files before they are sent, and leave "
		    "mask_pii out");
	else if (script[0] != '\0')
		(void)captain_refuse(reply, 501, "Parsing scripts are not "
		    "built in; leave parsing_script out");
	else
		return false;
	return true;
}

static int
read_metadata(struct http_reply *reply, struct captain_index *index)
{
	const json_t *metadata;
	int err;

	if (!captain_has(index->body, "custom_metadata"))
		return 0;
	metadata = json_object_get(index->body, "custom_metadata");
	err = captain_metadata_check(metadata);
	if (err == ERR_INVALID)
		return captain_invalid(reply, "body", "custom_metadata",
		    "value_error", "Values should be strings, numbers, "
		    "booleans or lists of strings");
	if (err == ERR_TOO_BIG)
		return captain_invalid(reply, "body", "custom_metadata",
		    "too_long", "The object has more than 64 KiB");
	index->metadata = json_dumps(metadata, JSON_COMPACT);
	return index->metadata == NULL ? ERR_NOMEM : err;
}

static void
digest_files(const struct http_request *request, struct sha256 *hash)
{
	const struct http_file *file;
	size_t i;

	for (i = 0; (file = http_file_at(request, i)) != NULL; i++) {
		sha256_add(hash, file->field, strlen(file->field) + 1);
		sha256_add(hash, file->name, strlen(file->name) + 1);
		sha256_add(hash, engine_upload_hash(file->upload), HASH_SIZE);
	}
}

/* What it asks for: another key of the bucket makes no other request. */
static int
digest(const struct http_request *request, struct captain_index *index)
{
	struct job_request *order = &index->order;
	const char *path = kinds[index->kind].path;
	struct sha256 *hash = sha256_new();
	int err;

	if (hash == NULL)
		return ERR_NOMEM;
	sha256_add(hash, path, strlen(path) + 1);
	sha256_add(hash, order->base.bytes, sizeof(order->base.bytes));
	err = captain_digest_fields(hash, index->body,
	    captain_index_fields(index->kind));
	if (err == 0)
		err = captain_digest_fields(hash, index->body,
		    captain_index_common());
	digest_files(request, hash);
	sha256_end(hash, order->request_hash);
	sha256_free(hash);
	return err;
}

static int
read_request_key(struct http_request *request, struct http_reply *reply,
    struct captain_index *index)
{
	const char *key = http_header(request, KEY_HEADER);
	size_t len;

	if (key == NULL)
		return 0;
	len = strlen(key);
	if (len == 0)
		return captain_invalid(reply, "header", KEY_HEADER,
		    "string_too_short",
		    "String should have at least 1 character");
	if (len > REQUEST_KEY_BYTES_MAX)
		return captain_invalid(reply, "header", KEY_HEADER,
		    "string_too_long",
		    "String should have at most 255 characters");
	if (!utf8_is_valid(key, len))
		return captain_invalid(reply, "header", KEY_HEADER,
		    "string_unicode", "Input should be a valid string");
	index->order.request_key = key;
	return digest(request, index);
}

static int
read_common(struct http_request *request, struct http_reply *reply,
    struct captain_index *index)
{
	const json_t *body = index->body;
	int err;

	if (is_refused(reply, body))
		return 1;
	err = read_metadata(reply, index);
	if (err == 0)
		err = read_request_key(request, reply, index);
	index->is_forced = captain_bool(body, "overwrite_existing", false) ||
	    !captain_bool(body, "skip_existing", true);
	(void)snprintf(index->form, sizeof(index->form), "%s %s",
	    kinds[index->kind].job_type,
	    captain_text(body, "processing_type", "basic"));
	index->order.form = index->form;
	return err;
}

/* ---- the answer ---------------------------------------------------------- */

static void
put_started(struct http_reply *reply, const struct job *job)
{
	struct jsonw *w = http_reply_json(reply, 200);
	char id[CAPTAIN_ID_SIZE];

	captain_format_id(job, id);
	jsonw_object(w);
	jsonw_nstring(w, "job_id", id);
	/* Also of one that has ended already: what is told is that there is a
	 * job, and clients ask for its state. */
	jsonw_nstring(w, "status", captain_word_name(CAPTAIN_PENDING));
	jsonw_object_end(w);
}

/* The engine's words name no value of the client's; but they may have a number
 * in them that clients take for a status. */
static int
put_mistake(const struct http_request *request, struct http_reply *reply)
{
	const char *words = request->note.text;

	if (words[0] == '\0' || strstr(words, "404") != NULL)
		words = "The request is not valid";
	return captain_invalid(reply, "body", NULL, "value_error", words);
}

static int
answer(struct http_request *request, struct http_reply *reply,
    const struct captain_index *index, int err, const struct job *job)
{
	if (err == 0)
		put_started(reply, job);
	else if (err == ERR_CONFLICT && index->order.request_key != NULL)
		(void)captain_refuse(reply, 409, "This " KEY_HEADER
		    " was used for another request");
	else if (err == ERR_NOT_FOUND)
		(void)captain_refuse(reply, 404, "Collection not found");
	else if (err == ERR_INVALID)
		(void)put_mistake(request, reply);
	else if (err < 0)
		return err;
	return 0;
}

int
captain_index(struct http_request *request, struct http_reply *reply)
{
	struct captain_index index = {.kind = kind_of(request->route)};
	bool is_form = (request->route->flags & HTTP_UPLOAD) != 0;
	struct captain_base base;
	json_t *form = NULL;
	struct job job;
	int err;

	err = captain_base(request, reply, &base);
	if (err == 0 && is_form) {
		form = json_object();
		err = form == NULL ? ERR_NOMEM : 0;
	}
	if (err != 0)
		goto out;
	index.order = (struct job_request){
	    .account_id = request->caller.account_id, .base = base.uuid,
	    .dialect = DIALECT_CAPTAIN, .keeps_replaced = true};
	err = is_form ? read_form(request, reply, &index, form)
		      : read_json(request, reply, &index);
	if (err == 0)
		err = read_common(request, reply, &index);
	if (err != 0)
		goto out;
	err = kinds[index.kind].start(request, reply, &index, &job);
	err = answer(request, reply, &index, err, &job);
out:
	free(index.metadata); /* jansson's own */
	json_decref(form);
	return err < 0 ? err : 0;
}
