/* SPDX-License-Identifier: Apache-2.0 */
/*
 * multipart: reads a multipart/form-data body (RFC 7578) as it comes.
 *
 * Floor 5, pure.  libmicrohttpd has a reader of its own; it cannot tell an
 * empty file followed by another one from one file in two pieces.
 */
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H

#include <stddef.h>

struct multipart;

/* A part's own header; a member is NULL when it has none.  Terminated; valid
 * during the call. */
struct multipart_part {
	const char *name;
	const char *file_name;
	const char *type;
};

/* Each returns 0, or an error that ends the reading. */
struct multipart_events {
	int (*begin)(void *arg, const struct multipart_part *part);
	int (*data)(void *arg, const char *bytes, size_t len);
	int (*end)(void *arg);
};

/*
 * For a body of that Content-Type.  Keeps events and arg.  Returns owned
 * (multipart_free).  ERR_SYNTAX: not multipart/form-data, or no boundary.
 */
int multipart_new(const char *content_type,
    const struct multipart_events *events, void *arg,
    struct multipart **ret_multipart);
void multipart_free(struct multipart *multipart);

/* The next bytes: 0; ERR_SYNTAX, ERR_TOO_BIG (a part's header over 8 KiB) or
 * what an event returned, then and at every later call. */
int multipart_feed(struct multipart *multipart, const char *bytes,
    size_t len);

/* The body is over: ERR_SYNTAX when its last boundary did not come. */
int multipart_finish(const struct multipart *multipart);

#endif
