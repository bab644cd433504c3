/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_upload: the parts of a form, and what a file may be.  Floor 6.
 */
#ifndef API_DIFY_DIFY_UPLOAD_H
#define API_DIFY_DIFY_UPLOAD_H

#include <stdbool.h>

#include <jansson.h>

struct dify_form;
struct http_file;
struct http_reply;
struct http_request;

/* What stands behind the last dot of name; "" when there is none.  A part of
 * name. */
const char *dify_extension(const char *name);
/* "text/plain", in whatever case; "application/octet-stream" when it is not
 * known. */
const char *dify_media_type(const char *extension);
/* May a file with that extension be uploaded? */
bool dify_extension_is_taken(const char *extension, bool is_any_format);

/*
 * The fields of the form as one body: the part "data", JSON of that form; or,
 * without it, parts named as the body's fields.  *ret_body is owned
 * (json_decref).  Returns as dify_body().
 */
int dify_upload_data(struct http_request *request, struct http_reply *reply,
    const struct dify_form *form, json_t **ret_body);

/*
 * The form's one file, checked; NULL when there is none and none is needed.
 * Returns 0, or 1 when the reply is written already.
 */
int dify_upload_file(struct http_request *request, struct http_reply *reply,
    bool is_needed, const struct http_file **ret_file);

#endif
