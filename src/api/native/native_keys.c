/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server of itself, and the keys of the account's organization: a key of
 * one environment may make, see and revoke those of the others.
 */
#include <string.h>

#include "api/native/native_int.h"
#include "api/native/native_view.h"
#include "base/limits.h"
#include "embed/embed.h"
#include "engine/accounts.h"

/* Alike to the last byte?  Takes as long whether or not. */
static bool
is_same_secret(const char *a, const char *b)
{
	size_t len = strlen(a);
	volatile unsigned char difference = 0;

	if (len == 0 || strlen(b) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		difference = (unsigned char)(difference |
		    (unsigned char)(a[i] ^ b[i]));
	return difference == 0;
}

bool
native_is_local(const struct http_request *request)
{
	const char *token = http_header(request, "X-Tidemark-Local");

	return token != NULL && request->is_loopback &&
	    is_same_secret(engine_local_token(request->engine), token);
}

/* What turns texts into vectors. */
static void
put_embedding(struct jsonw *w, const struct engine *engine)
{
	const struct embedder *embedder = engine_embedder(engine);
	size_t dimensions = embedder->dimensions;

	jsonw_name(w, "embedding");
	jsonw_object(w);
	jsonw_nstring(w, "name", embedder->name);
	if (dimensions == 0)
		jsonw_nnull(w, "dimensions");
	else
		jsonw_nuint(w, "dimensions", dimensions);
	jsonw_nbool(w, "is_down", engine_embedder_is_down(engine));
	jsonw_object_end(w);
}

/* What a client does well to look at before it sends files. */
static void
put_limits(struct jsonw *w, struct http_request *request)
{
	jsonw_name(w, "limits");
	jsonw_object(w);
	jsonw_nuint(w, "file_bytes",
	    engine_file_bytes_max(request->engine));
	jsonw_nuint(w, "upload_bytes", UPLOAD_BYTES_MAX);
	jsonw_nuint(w, "upload_files", UPLOAD_FILES_MAX);
	jsonw_nuint(w, "upload_name_bytes", UPLOAD_NAME_BYTES_MAX);
	jsonw_object_end(w);
}

int
native_about(struct http_request *request, struct http_reply *reply)
{
	static const char *const features[] = {"folders", "uploads", "texts",
	    "events", "long_poll", "report", "audit", "query", "keys",
	    "webhooks", "dify_status", "digitalocean_status",
	    "captain_status", "cognee_status"};
	const char *data_dir = engine_data_dir(request->engine);
	struct jsonw *w = http_reply_json(reply, 200);

	jsonw_object(w);
	jsonw_nstring(w, "name", "tidemark");
	jsonw_nstring(w, "version", http_version(request));
	jsonw_name(w, "features");
	jsonw_array(w);
	for (size_t i = 0; i < sizeof(features) / sizeof(*features); i++)
		jsonw_string(w, features[i]);
	jsonw_array_end(w);
	put_embedding(w, request->engine);
	put_limits(w, request);
	jsonw_nbool(w, "reads_folders", native_is_local(request) ||
	    engine_has_folder_roots(request->engine));
	/* Of use on this machine only, and nobody's business elsewhere. */
	if (request->is_loopback) {
		jsonw_nstring(w, "data_dir", data_dir);
		(void)buf_printf(request->scratch, "%s/local-token",
		    data_dir);
		jsonw_nstring(w, "local_token_path",
		    buf_text(request->scratch));
	}
	jsonw_object_end(w);
	return 0;
}

static int
on_key(void *arg, const struct api_key *key)
{
	native_view_key(arg, key);
	return 0;
}

int
native_keys_list(struct http_request *request, struct http_reply *reply)
{
	struct jsonw *w = http_reply_json(reply, 200);
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err < 0)
		return err;
	jsonw_object(w);
	jsonw_name(w, "keys");
	jsonw_array(w);
	err = store_keys_each(reader, request->caller.account_id, on_key, w);
	jsonw_array_end(w);
	jsonw_nnull(w, "next_cursor");
	jsonw_object_end(w);
	return err;
}

/* Whose key it is to be: environment NULL is the caller's own. */
static int
key_account(struct http_request *request, const char *environment,
    struct account *ret_account)
{
	int64_t account_id = request->caller.account_id;
	enum environment wanted;
	struct store *reader;
	int err = 0;

	if (environment != NULL &&
	    environment_parse(environment, &wanted) < 0)
		return err_set(&request->note, ERR_INVALID,
		    "environment is not production, staging or development");
	if (environment != NULL)
		err = engine_account_in(request->engine, account_id, wanted,
		    &account_id, &request->note);
	if (err == 0)
		err = http_reader(request, &reader);
	return err < 0 ? err
		       : store_account_get(reader, account_id, ret_account);
}

int
native_keys_create(struct http_request *request, struct http_reply *reply)
{
	char text[KEY_TEXT_SIZE], id[UUID_TEXT_SIZE];
	const char *label = NULL, *environment = NULL;
	struct account account;
	struct caller sample;
	struct uuid uuid;
	struct jsonw *w;
	json_t *body;
	int err;

	err = native_object(request, true, &body);
	if (err == 0)
		err = native_text(request, body, "label", &label);
	if (err == 0)
		err = native_text(request, body, "environment", &environment);
	if (err == 0 && label != NULL && strlen(label) >= sizeof(sample.label))
		err = err_set(&request->note, ERR_INVALID,
		    "label is over %zu bytes", sizeof(sample.label) - 1);
	if (err == 0)
		err = key_account(request, environment, &account);
	if (err == 0)
		err = engine_key_create(request->engine, account.id,
		    label == NULL ? "" : label, text, &uuid, &request->note);
	if (err < 0)
		return err;
	uuid_format(&uuid, id);
	w = http_reply_json(reply, 201);
	http_reply_header(reply, "Cache-Control", "no-store");
	jsonw_object(w);
	jsonw_nstring(w, "id", id);
	jsonw_nstring(w, "label", label == NULL ? "" : label);
	jsonw_nstring(w, "environment",
	    environment_name(account.environment));
	jsonw_nstring(w, "key", text);
	jsonw_object_end(w);
	return 0;
}

int
native_keys_revoke(struct http_request *request, struct http_reply *reply)
{
	int err;

	err = engine_key_revoke(request->engine, request->caller.account_id,
	    &request->params[0].uuid, &request->note);
	reply->status = 204;
	reply->content_type = NULL;
	return err == ERR_NOT_FOUND ? native_missing(request, "key") : err;
}
