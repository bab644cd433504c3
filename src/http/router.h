/* SPDX-License-Identifier: Apache-2.0 */
/*
 * router: all dialects' tables, compiled into one.
 *
 * Floor 5, pure once made.  Rows are grouped by the number of their segments
 * and sorted by how exact they are, so that the first that fits is the right
 * one.
 */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "http/http.h"

struct err_note;
struct router;
struct uri;

struct router_match {
	const struct http_dialect *dialect; /* always set */
	const struct http_route *route;	    /* NULL unless found */
	size_t index;	  /* of the route: 1..; 0 unknown */
	unsigned allowed; /* methods, when the method is wrong */
	size_t param_count;
	struct http_param params[HTTP_PARAMS_MAX];
};

/*
 * Compile the tables.  dialects[0] answers for paths that are nobody's.  Keeps
 * the dialects; returns owned (router_free).  ERR_INVALID: a bad pattern, or
 * the same one twice.
 */
int router_new(const struct http_dialect *const *dialects, size_t count,
    struct router **ret_router, struct err_note *note);
void router_free(struct router *router);

/* One more than the largest index. */
size_t router_size(const struct router *router);
const struct http_route *router_route(const struct router *router,
    size_t index);

/*
 * Look method and uri up (path: its raw path, for prefixes).  0;
 * ERR_NOT_FOUND: no such path; ERR_UNSUPPORTED: not with that method.  *match
 * is set in all three cases.  Texts of uuid parameters are made lower case.
 */
int router_find(const struct router *router, unsigned method,
    const struct uri *uri, const char *path, size_t path_len,
    struct router_match *match);

#endif
