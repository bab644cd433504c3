/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files uploaded ahead of the data source that names them.
 *
 * A client asks for an address for each file, puts the bytes there without a
 * key, and names the object in a data source then.  What allows the one PUT
 * stands in the address: who may write what, until when, signed with a key
 * that never leaves the server.  How large the file is going to be is said by
 * some clients and not by others, so it is not held to it; the server's limit
 * is.
 */
#include <string.h>

#include "api/digitalocean/digitalocean_body.h"
#include "api/digitalocean/digitalocean_int.h"
#include "engine/sources.h"
#include "sys/clock.h"

#define FILES_MAX 1000u /* in one request */
#define FILE_NAME_BYTES_MAX 512u /* three times as long in an address */
#define EXPIRES_S 3600
#define US_PER_SECOND 1000000

/* As one segment of a path: a slash, too, is escaped. */
static void
put_escaped(struct buf *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

	for (; *text != '\0'; text++) {
		if (strchr(plain, *text) != NULL)
			(void)buf_putc(out, *text);
		else
			(void)buf_printf(out, "%%%02X",
			    (unsigned)(unsigned char)*text);
	}
}

static int
put_file(struct http_request *request, struct jsonw *w, const char *name,
    int64_t expires_s)
{
	char key[OBJECT_KEY_BYTES_MAX], query[OBJECT_URL_QUERY_SIZE];
	struct buf *url = request->scratch;
	int err;

	err = engine_object_sign(request->engine, request->caller.account_id,
	    name, expires_s, key, query, &request->note);
	if (err < 0)
		return err;
	buf_clear(url);
	do_origin(request, url);
	(void)buf_puts(url, "/uploads/");
	put_escaped(url, key);
	(void)buf_printf(url, "?%s", query);
	if (url->err < 0)
		return url->err;
	jsonw_object(w);
	jsonw_nstring(w, "object_key", key);
	jsonw_nstring(w, "original_file_name", name);
	jsonw_nstring(w, "presigned_url", buf_text(url));
	jsonw_ntime(w, "expires_at", expires_s * US_PER_SECOND);
	jsonw_object_end(w);
	return 0;
}

/* The name of a file to come; its size is looked at for its type only. */
static int
file_read(const json_t *file, const char **ret_name, struct err_note *note)
{
	const char *name;
	uint64_t bytes;
	int err;

	if (!json_is_object(file))
		return err_set(note, ERR_INVALID,
		    "files must be an array of objects");
	err = do_text(file, "file_name", &name, note);
	if (err == 0 && name == NULL)
		err = err_set(note, ERR_INVALID, "file_name is required");
	if (err == 0 && strlen(name) > FILE_NAME_BYTES_MAX)
		err = err_set(note, ERR_INVALID,
		    "file_name has more than %u bytes", FILE_NAME_BYTES_MAX);
	if (err == 0)
		err = do_number(file, "file_size", INT64_MAX, &bytes, note);
	if (err == 0)
		*ret_name = name;
	return err;
}

int
do_presign(struct http_request *request, struct http_reply *reply)
{
	int64_t expires_s = clock_wall_us() / US_PER_SECOND + EXPIRES_S;
	const json_t *body, *files = NULL;
	const char *name = NULL;
	struct jsonw *w;
	size_t i;
	int err;

	err = do_body(request, &body);
	if (err == 0)
		err = do_array(body, "files", FILES_MAX, &files,
		    &request->note);
	if (err == 0 && files == NULL)
		err = err_set(&request->note, ERR_INVALID,
		    "files is required");
	if (err < 0)
		return err;
	w = do_json(request, reply);
	jsonw_object(w);
	jsonw_nstring(w, "request_id", http_request_id(request));
	jsonw_name(w, "uploads");
	jsonw_array(w);
	for (i = 0; i < json_array_size(files) && err == 0; i++) {
		err = file_read(json_array_get(files, i), &name,
		    &request->note);
		if (err == 0)
			err = put_file(request, w, name, expires_s);
	}
	jsonw_array_end(w);
	jsonw_object_end(w);
	return err;
}

/* ---- the bytes ---------------------------------------------------------- */

int
do_admit_object(struct http_request *request, const char **ret_name)
{
	const char *key = request->params[0].text;
	const char *expires = http_query(request, "expires");
	const char *signature = http_query(request, "signature");
	const char *name;
	int err;

	err = expires == NULL || signature == NULL ? ERR_UNAUTHORIZED
	    : engine_object_check(request->engine, key, expires, signature,
		  &request->caller.account_id);
	/* There is no key that would help: it is this address that will not
	 * do. */
	if (err == ERR_UNAUTHORIZED)
		return err_set(&request->note, ERR_FORBIDDEN,
		    "the signature of this address is not ours, or it has "
		    "expired");
	if (err < 0)
		return err;
	/* A key of ours ends with the file's name: ACCOUNT-RANDOM-NAME. */
	name = strchr(key, '-');
	if (name != NULL)
		name = strchr(name + 1, '-');
	name = name == NULL ? "" : name + 1;
	*ret_name = name[strspn(name, ". ")] == '\0' ? "upload" : name;
	return 0;
}

int
do_put_object(struct http_request *request, struct http_reply *reply)
{
	struct upload *upload;
	struct jsonw *w;
	int err;

	err = http_raw(request, &upload);
	if (err == 0)
		err = engine_object_put(request->engine,
		    request->caller.account_id, request->params[0].text,
		    upload, &request->note);
	if (err < 0)
		return err;
	w = do_json(request, reply);
	jsonw_object(w);
	jsonw_nstring(w, "object_key", request->params[0].text);
	jsonw_object_end(w);
	return 0;
}
