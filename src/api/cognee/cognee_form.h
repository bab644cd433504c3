/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_form: a small form, as HTML sends it: urlencoded or multipart.
 *
 * Floor 6.  For routes whose callers are nobody yet: it is read from the body
 * in memory, LOGIN_BODY_BYTES_MAX of it, and files are none of it.
 */
#ifndef API_COGNEE_COGNEE_FORM_H
#define API_COGNEE_COGNEE_FORM_H

#include <stddef.h>

#include "base/buf.h"

struct http_request;

struct cognee_form_field {
	const char *name;
	struct buf value; /* of the first one; terminated */
	unsigned seen;	  /* how often it came */
};

/*
 * Fill the values of fields, whose names are set and whose bufs are
 * initialized; the caller frees them.  ERR_SYNTAX: no form, or a broken one;
 * ERR_TOO_BIG.
 */
int cognee_form(const struct http_request *request,
    struct cognee_form_field *fields, size_t count);

/* The same, of a body of that Content-Type (NULL: none given). */
int cognee_form_read(const char *type, const char *body, size_t len,
    struct cognee_form_field *fields, size_t count);

#endif
