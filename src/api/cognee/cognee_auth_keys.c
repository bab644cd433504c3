/* SPDX-License-Identifier: Apache-2.0 */
/*
 * API keys.  They are the account's, whichever API made them.  Only the hash
 * of a key is kept, so it is shown once, when it is made.
 */
#include <stdio.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_int.h"
#include "base/limits.h"
#include "engine/users.h"
#include "store/store.h"

#define HIDDEN "************"

static void
put_key(struct jsonw *w, const struct api_key *key, const char *text)
{
	char id[UUID_TEXT_SIZE], label[sizeof(key->prefix) + 4];

	uuid_format(&key->uuid, id);
	(void)snprintf(label, sizeof(label), "%s****", key->prefix);
	jsonw_object(w);
	jsonw_nstring(w, "key", text);
	jsonw_nstring(w, "label", label);
	jsonw_nstring(w, "name", key->label[0] == '\0' ? NULL : key->label);
	jsonw_nstring(w, "id", id);
	jsonw_object_end(w);
}

struct listing {
	struct jsonw *w;
	int64_t account_id;
};

static int
on_key(void *arg, const struct api_key *key)
{
	const struct listing *listing = arg;

	if (key->account_id == listing->account_id && key->revoked_us == 0)
		put_key(listing->w, key, HIDDEN);
	return 0;
}

int
cognee_keys_list(struct http_request *request, struct http_reply *reply)
{
	struct listing listing = {.account_id = request->caller.account_id};
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err < 0)
		return err;
	listing.w = http_reply_json(reply, 200);
	jsonw_array(listing.w);
	err = store_keys_each(reader, listing.account_id, on_key, &listing);
	jsonw_array_end(listing.w);
	return err;
}

/* {"error":{"message":...}} */
static int
refuse(struct http_request *request, struct http_reply *reply)
{
	struct jsonw *w = http_reply_json(reply, 400);

	jsonw_object(w);
	jsonw_name(w, "error");
	jsonw_object(w);
	jsonw_nstring(w, "message", request->note.text);
	jsonw_object_end(w);
	jsonw_object_end(w);
	return 0;
}

int
cognee_keys_create(struct http_request *request, struct http_reply *reply)
{
	static const struct cognee_field fields[] = {
	    {.name = "name", .type = COGNEE_TEXT},
	};
	char text[USER_KEY_SIZE];
	struct api_key key;
	const json_t *body;
	int err;

	err = cognee_body(request, reply, fields, 1, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	err = engine_user_key(request->engine, request->caller.account_id,
	    cognee_text(body, "name", ""), USER_KEYS_MAX, text, &key,
	    &request->note);
	if (err == ERR_TOO_BIG || err == ERR_INVALID)
		return refuse(request, reply);
	if (err < 0)
		return err;
	put_key(http_reply_json(reply, 200), &key, text);
	http_reply_header(reply, "Cache-Control", "no-store");
	return 0;
}

int
cognee_keys_delete(struct http_request *request, struct http_reply *reply)
{
	struct uuid uuid;
	int err;

	if (cognee_path_uuid(request, reply, 0, "api_key_id", &uuid) != 0)
		return 0;
	err = engine_key_revoke(request->engine, request->caller.account_id,
	    &uuid, &request->note);
	if (err == ERR_NOT_FOUND)
		return cognee_detail(reply, 404, "API key not found.");
	return err < 0 ? err : cognee_null(reply, 200);
}
