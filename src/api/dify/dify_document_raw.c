/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients are given an address instead of the bytes, and fetch it without a
 * key, as the original's clients do.  Such an address names the document and
 * the second in which it ends to be good, and is signed: it leads to nothing
 * else.  The key is the data folder's, so that a restart does not matter.
 */
#include <string.h>

#include "api/dify/dify_document_raw.h"
#include "engine/sources.h"
#include "http/content.h"
#include "sys/clock.h"

#define LINK_SECONDS 300
#define US_PER_SECOND 1000000
#define LINK_PATH_SIZE 64
#define HOST_BYTES_MAX 255u

bool
dify_document_blob(const struct dify_document *document,
    const uint8_t **ret_hash)
{
	if (!document->has_blob)
		return false;
	*ret_hash = document->blob;
	return true;
}

/* ---- signed addresses --------------------------------------------------- */

static void
link_path(const struct uuid *document, char out[LINK_PATH_SIZE])
{
	char id[UUID_TEXT_SIZE];

	uuid_format(document, id);
	(void)snprintf(out, LINK_PATH_SIZE, "/v1/files/%s/content", id);
}

/* Where the client reached us; "" when it does not say. */
static void
link_origin(struct http_request *request, struct buf *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]";
	const char *host = http_header(request, "Host");
	const char *scheme = http_header(request, "X-Forwarded-Proto");
	size_t len = host == NULL ? 0 : strlen(host);

	if (len == 0 || len > HOST_BYTES_MAX || strspn(host, plain) != len)
		return;
	(void)buf_printf(out, "%s://%s",
	    scheme != NULL && strcmp(scheme, "https") == 0 ? "https" : "http",
	    host);
}

static int
link_write(struct http_request *request, const struct uuid *document,
    struct buf *out)
{
	char path[LINK_PATH_SIZE], query[OBJECT_URL_QUERY_SIZE];
	int err;

	link_path(document, path);
	err = engine_path_sign(request->engine, path,
	    clock_wall_us() / US_PER_SECOND + LINK_SECONDS, query);
	if (err < 0)
		return err;
	buf_clear(out);
	link_origin(request, out);
	return buf_printf(out, "%s?%s", path, query);
}

static bool
link_is_good(struct http_request *request)
{
	const char *expires = http_query(request, "expires");
	const char *signature = http_query(request, "signature");
	char path[LINK_PATH_SIZE];

	link_path(&request->params[0].uuid, path);
	return expires != NULL && signature != NULL &&
	    engine_path_check(request->engine, path, expires, signature) == 0;
}

/* ---- routes ------------------------------------------------------------- */

struct raw {
	struct dify_dataset dataset;
	struct dify_document document;
	char account[UUID_TEXT_SIZE];
};

/* The document of the path, which must be an upload. */
static int
raw_open(struct http_request *request, struct raw *raw)
{
	struct store *reader;
	const uint8_t *hash;
	int err;

	memset(raw, 0, sizeof(*raw));
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = dify_dataset_open(request, reader, &raw->dataset);
	if (err == 0)
		err = dify_account(request, reader, raw->account);
	if (err == 0) {
		err = dify_document_open(reader, &raw->dataset,
		    &request->params[1].uuid, &raw->document);
		if (err == ERR_NOT_FOUND)
			err = dify_missing(request, "Document not found.");
	}
	if (err == 0 && !dify_document_blob(&raw->document, &hash))
		err = dify_missing(request, "UploadFile not found.");
	return http_end(request, reader, err);
}

static void
raw_close(struct raw *raw)
{
	dify_document_close(&raw->document);
	dify_dataset_close(&raw->dataset);
}

int
dify_get_download(struct http_request *request, struct http_reply *reply)
{
	struct jsonw *w;
	struct raw raw;
	int err;

	err = raw_open(request, &raw);
	if (err == 0)
		err = link_write(request, &raw.document.uuid,
		    request->scratch);
	if (err == 0) {
		w = dify_json(reply, 200);
		jsonw_object(w);
		jsonw_nstring(w, "url", buf_text(request->scratch));
		jsonw_object_end(w);
		err = dify_end_json(reply);
	}
	raw_close(&raw);
	return err;
}

int
dify_get_upload_file(struct http_request *request, struct http_reply *reply)
{
	struct dify_upload_view upload;
	struct jsonw *w;
	struct raw raw;
	int err;

	err = raw_open(request, &raw);
	if (err == 0)
		err = link_write(request, &raw.document.uuid,
		    request->scratch);
	if (err == 0) {
		dify_document_upload(&raw.document, &upload);
		w = dify_json(reply, 200);
		jsonw_object(w);
		jsonw_nstring(w, "id", upload.id);
		jsonw_nstring(w, "name", upload.name);
		jsonw_nuint(w, "size", upload.size);
		jsonw_nstring(w, "extension", upload.extension);
		jsonw_nstring(w, "url", buf_text(request->scratch));
		jsonw_nstring(w, "download_url", buf_text(request->scratch));
		jsonw_nstring(w, "mime_type", upload.mime_type);
		jsonw_nstring(w, "created_by", raw.account);
		jsonw_nreal(w, "created_at",
		    (double)upload.created_us / US_PER_SECOND, 6);
		jsonw_object_end(w);
		err = dify_end_json(reply);
	}
	raw_close(&raw);
	return err;
}

struct file_walk {
	struct store *reader;
	const struct uuid *uuid;
	struct dify_document document;
	bool is_found;
};

static int
take_file(void *arg, const struct document *row)
{
	struct file_walk *walk = arg;
	struct uuid own = uuid_of_row(&row->base_uuid, (uint64_t)row->id);

	if (!uuid_is_equal(&own, walk->uuid))
		return 0;
	walk->is_found = true;
	return dify_document_take(walk->reader, row, &walk->document);
}

int
dify_get_file(struct http_request *request, struct http_reply *reply)
{
	struct file_walk walk = {.uuid = &request->params[0].uuid};
	struct http_content content = {.fd = -1};
	struct dify_upload_view upload;
	const uint8_t *hash;
	int err;

	if (!link_is_good(request))
		return err_set(&request->note, ERR_FORBIDDEN,
		    "Invalid or expired signature.");
	err = http_begin(request, &walk.reader);
	if (err < 0)
		return err;
	err = uuid_row(walk.uuid) == 0 ? ERR_NOT_FOUND
	    : store_document_get(walk.reader, (int64_t)uuid_row(walk.uuid),
		  take_file, &walk);
	if (err == 0 && walk.is_found &&
	    dify_document_blob(&walk.document, &hash))
		err = http_content_of_blob(request->engine, walk.reader, hash,
		    &content, &request->note);
	else if (err == 0)
		err = ERR_NOT_FOUND;
	err = http_end(request, walk.reader, err);
	if (err == 0) {
		dify_document_upload(&walk.document, &upload);
		http_reply_content(request, reply, &content, upload.name,
		    upload.mime_type);
	} else if (err == ERR_NOT_FOUND) {
		err = dify_missing(request, "File not found.");
	}
	http_content_close(&content);
	dify_document_close(&walk.document);
	return err;
}
