/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indexing what is somewhere else: in buckets, on web pages, and in places
 * that there is no way to from here.  Of the latter the request is read like
 * any other; its job fails and says what to do instead.
 *
 * What opens a bucket goes to the engine, which seals it; the copy that is made
 * for that is wiped here.
 */
#include <stdlib.h>
#include <string.h>

#include "api/captain/captain_index.h"
#include "api/captain/captain_int.h"
#include "base/buf.h"
#include "base/limits.h"
#include "engine/import.h"
#include "net/net.h"

static int
import(struct http_request *request, const struct captain_index *index,
    const struct source_request *source, struct job *ret_job)
{
	const struct import_request order = {.sources = source,
	    .source_count = 1, .is_forced = index->is_forced,
	    .documents_max =
		(uint64_t)captain_int(index->body, "max_files", 0),
	    .metadata = index->metadata};

	return engine_job_import(request->engine, &index->order, &order,
	    ret_job, &request->note);
}

/* A source without a secret; takes config, NULL: there was no memory. */
static int
import_open(struct http_request *request, const struct captain_index *index,
    enum source_kind kind, json_t *config, struct job *ret_job)
{
	struct source_request source = {.kind = kind, .settings = "{}"};
	char *text = NULL;
	int err = ERR_NOMEM;

	if (config != NULL)
		text = json_dumps(config, JSON_COMPACT);
	if (text != NULL) {
		source.config = text;
		err = import(request, index, &source, ret_job);
	}
	free(text); /* jansson's own */
	json_decref(config);
	return err;
}

/* ---- buckets ------------------------------------------------------------- */

/* What of the bucket is asked for: *ret_is_object tells which it is. */
static int
read_place(struct http_reply *reply, const struct captain_index *index,
    const char *scheme, struct buf *prefix, bool *ret_is_object)
{
	const char *bucket = captain_text(index->body, "bucket_name", "");
	const char *uri = captain_text(index->body, "file_uri", NULL);
	const char *path = captain_text(index->body, "directory_path", "");
	bool is_object = index->kind == CAPTAIN_INDEX_S3_FILE ||
	    index->kind == CAPTAIN_INDEX_R2_FILE;
	bool is_whole = index->kind == CAPTAIN_INDEX_S3 ||
	    index->kind == CAPTAIN_INDEX_R2;
	int err = 0;

	if (is_object)
		err = captain_object_key(scheme, bucket, uri, prefix);
	else if (!is_whole)
		err = captain_directory_prefix(scheme, bucket, path, prefix);
	*ret_is_object = is_object;
	if (err != ERR_INVALID && err != ERR_TOO_BIG)
		return err;
	return is_object
	    ? captain_invalid(reply, "body", "file_uri", "value_error",
		  "Input should be the address of an object of that bucket")
	    : captain_invalid(reply, "body", "directory_path", "value_error",
		  "Input should be a path, or an address in that bucket");
}

/* A bucket; takes config and keys, NULL: there was no memory. */
static int
import_bucket(struct http_request *request, const struct captain_index *index,
    json_t *config, json_t *keys, struct job *ret_job)
{
	struct source_request source = {.kind = SOURCE_S3, .settings = "{}"};
	char *config_text = NULL, *keys_text = NULL;
	int err = ERR_NOMEM;

	if (config != NULL && keys != NULL) {
		config_text = json_dumps(config, JSON_COMPACT);
		keys_text = json_dumps(keys, JSON_COMPACT);
	}
	if (config_text != NULL && keys_text != NULL) {
		source.config = config_text;
		source.secret = keys_text;
		err = import(request, index, &source, ret_job);
	}
	if (keys_text != NULL)
		explicit_bzero(keys_text, strlen(keys_text));
	free(keys_text); /* jansson's own, both */
	free(config_text);
	json_decref(config);
	json_decref(keys);
	return err;
}

static json_t *
keys_pack(const json_t *body, const char *key_name, const char *secret_name)
{
	return json_pack("{s:s, s:s}", "key_id",
	    captain_text(body, key_name, ""), "secret_key",
	    captain_text(body, secret_name, ""));
}

/* Roles cannot be assumed from here; without one both keys are needed. */
static int
check_s3_keys(struct http_reply *reply, const json_t *body)
{
	static const struct captain_field needed[] = {
	    {.name = "aws_access_key_id", .type = CAPTAIN_TEXT,
		.is_required = true},
	    {.name = "aws_secret_access_key", .type = CAPTAIN_TEXT,
		.is_required = true},
	};

	if (captain_has(body, "auth") &&
	    !captain_has(body, "aws_access_key_id") &&
	    !captain_has(body, "aws_secret_access_key"))
		return captain_invalid(reply, "body", "auth", "value_error",
		    "Roles cannot be assumed from here: give "
		    "aws_access_key_id and aws_secret_access_key");
	return captain_check(reply, body, needed, 2);
}

int
captain_index_s3(struct http_request *request, struct http_reply *reply,
    const struct captain_index *index, struct job *ret_job)
{
	const json_t *body = index->body;
	struct buf prefix;
	bool is_object;
	int err;

	buf_init(&prefix, S3_KEY_BYTES_MAX);
	err = check_s3_keys(reply, body);
	if (err == 0)
		err = read_place(reply, index, "s3", &prefix, &is_object);
	if (err == 0)
		err = import_bucket(request, index,
		    json_pack("{s:s, s:s, s:s, s:s, s:b}", "provider", "aws",
			"bucket", captain_text(body, "bucket_name", ""),
			"region",
			captain_text(body, "bucket_region", "us-east-1"),
			"prefix", buf_text(&prefix), "is_object", is_object),
		    keys_pack(body, "aws_access_key_id",
			"aws_secret_access_key"),
		    ret_job);
	buf_fini(&prefix);
	return err;
}

int
captain_index_r2(struct http_request *request, struct http_reply *reply,
    const struct captain_index *index, struct job *ret_job)
{
	const json_t *body = index->body;
	const char *jurisdiction = captain_text(body, "jurisdiction", NULL);
	struct buf prefix;
	bool is_object;
	int err;

	if (jurisdiction != NULL && strcmp(jurisdiction, "default") == 0)
		jurisdiction = NULL;
	buf_init(&prefix, S3_KEY_BYTES_MAX);
	err = read_place(reply, index, "r2", &prefix, &is_object);
	if (err == 0)
		err = import_bucket(request, index,
		    json_pack("{s:s, s:s, s:s, s:s, s:s*, s:b}", "provider",
			"r2", "bucket", captain_text(body, "bucket_name", ""),
			"prefix", buf_text(&prefix), "account",
			captain_text(body, "account_id", ""), "jurisdiction",
			jurisdiction, "is_object", is_object),
		    keys_pack(body, "access_key_id", "secret_access_key"),
		    ret_job);
	buf_fini(&prefix);
	return err;
}

/* ---- pages --------------------------------------------------------------- */

/* Exactly one of url and urls.  Returns 0 or 1. */
static int
check_one_of(struct http_reply *reply, const json_t *body)
{
	if (captain_has(body, "url") != captain_has(body, "urls"))
		return 0;
	return captain_invalid(reply, "body", NULL, "value_error",
	    "Exactly one of url and urls is needed");
}

static bool
is_url(const json_t *value)
{
	const char *url = json_string_value(value);

	return strlen(url) == json_string_length(value) &&
	    strlen(url) <= WEB_URL_BYTES_MAX &&
	    net_url_check(url, NULL) == 0;
}

int
captain_index_url(struct http_request *request, struct http_reply *reply,
    const struct captain_index *index, struct job *ret_job)
{
	json_t *url = json_object_get(index->body, "url"), *list;
	bool is_one = captain_has(index->body, "url");
	size_t i;

	if (check_one_of(reply, index->body) != 0)
		return 1;
	list = is_one ? json_pack("[O]", url)
		      : json_incref(json_object_get(index->body, "urls"));
	if (list == NULL)
		return ERR_NOMEM;
	for (i = 0; i < json_array_size(list); i++)
		if (!is_url(json_array_get(list, i)))
			break;
	if (i == json_array_size(list))
		return import_open(request, index, SOURCE_LINKS,
		    json_pack("{s:o}", "urls", list), ret_job);
	json_decref(list);
	return captain_invalid(reply, "body", is_one ? "url" : "urls",
	    "url_parsing", "Input should be URLs of http or https");
}

/* ---- what there is no way to --------------------------------------------- */

int
captain_index_absent(struct http_request *request, struct http_reply *reply,
    const struct captain_index *index, struct job *ret_job)
{
	static const char *const words[CAPTAIN_INDEX_COUNT] = {
#define CAPTAIN_ABSENT(name, text) [CAPTAIN_INDEX_##name] = (text),
#include "api/captain/captain_index_tbl.h"
	};

	if (index->kind == CAPTAIN_INDEX_YOUTUBE &&
	    check_one_of(reply, index->body) != 0)
		return 1;
	return import_open(request, index, SOURCE_ABSENT,
	    json_pack("{s:s}", "message", words[index->kind]), ret_job);
}
