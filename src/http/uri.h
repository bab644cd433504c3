/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uri: a request's target, cut into path segments and query parameters.
 *
 * Floor 5, pure.  Everything points into the text that was given, which is
 * decoded in place.
 */
#ifndef HTTP_URI_H
#define HTTP_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "http/http.h"

struct uri_pair {
	const char *name, *value;
};

struct uri {
	struct {
		char *text; /* decoded, terminated */
		size_t len;
	} segments[HTTP_SEGMENTS_MAX];
	size_t segment_count; /* HTTP_SEGMENTS_MAX + 1: too many */
	bool has_slash;	      /* at its end; that is no segment */
	struct uri_pair query[HTTP_QUERY_MAX];
	size_t query_count;
};

/*
 * Cut text (terminated; overwritten, must outlive uri).  "/a/b?c=d", or the
 * absolute form with a scheme and a host in front.  ERR_SYNTAX: a zero byte,
 * a bad escape in the path, not a path; ERR_INVALID: more than HTTP_QUERY_MAX
 * parameters.  When the path is good and the query is not, its segments are
 * there all the same; else there are too many.
 */
int uri_parse(char *text, struct uri *ret_uri);

/* The part of target that is the path: *ret_len bytes from the returned
 * address.  Of the absolute form, what follows the host. */
const char *uri_path(const char *target, size_t *ret_len);

/* Decode %XX (and '+' as a space) of terminated text in place; *ret_len may
 * be NULL.  Bad escapes stay as they are when is_lenient, else ERR_SYNTAX; an
 * escaped zero byte is ERR_SYNTAX. */
int uri_decode(char *text, bool is_lenient, bool is_plus, size_t *ret_len);

#endif
