/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_url: addresses of pages, in one spelling each.  Floor 3, pure.
 *
 * What a page says is read as browsers read it (blanks around it and line
 * ends inside do not count, a backslash before the query is a slash,
 * "http:page" is a relative reference) and resolved by RFC 3986, 5.2.  The
 * result is normalised by 6.2: scheme and host in lower case, a host beyond
 * ASCII by IDNA (UTS 46), no default port, no dot segments, no escapes of
 * unreserved characters, escapes in upper case, and escapes for whatever may
 * not stand in an address.  Fragments are dropped.
 */
#ifndef SOURCE_WEB_URL_H
#define SOURCE_WEB_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* The parts of a normalised address: views into it. */
struct web_url {
	const char *text; /* all of it, terminated */
	size_t len;
	bool is_https;
	const char *host; /* an IPv6 address in its brackets */
	size_t host_len;
	unsigned port;	  /* also when it is the default */
	const char *path; /* begins with a slash; up to the query */
	size_t path_len;
	const char *query; /* behind the '?'; NULL: none */
	size_t query_len;
};

/*
 * Append the normalised address that the len bytes of reference mean on a
 * page at base (normalised; NULL: the reference must be whole).  On error
 * nothing is appended:
 *
 *	ERR_SYNTAX	it is no address, or has no host
 *	ERR_UNSUPPORTED	neither http nor https
 *	ERR_FORBIDDEN	there is a user's name in it
 *	ERR_TOO_BIG	over WEB_URL_BYTES_MAX, before or after
 *	ERR_NOMEM
 */
int web_url_resolve(const char *base, const char *reference, size_t len,
    struct buf *out);

/* Take an address apart that web_url_resolve() made. */
void web_url_parse(const char *text, struct web_url *ret_url);

/*
 * Append a normalised address without what only says who is looking: ids of
 * sessions and the marks of advertisements (web_mark_tbl.h).  0, or what out
 * says.
 */
int web_url_strip(const char *text, struct buf *out);

/* The same scheme, host and port? */
bool web_url_is_same_origin(const struct web_url *a, const struct web_url *b);

/* The same host, and the same port or both the default of their scheme? */
bool web_url_is_same_host(const struct web_url *a, const struct web_url *b);

/* The same, were both without "www." at their front. */
bool web_url_is_same_site(const struct web_url *a, const struct web_url *b);

/* Is the host of url that of base, or below it?  A "www." at base's front
 * does not count. */
bool web_url_is_below_host(const struct web_url *url,
    const struct web_url *base);

/*
 * Does url's path lie below base's?  "/a/" has below it what begins with it,
 * "/a/page.html" what begins with "/a/", and "/a" itself and "/a/...".
 */
bool web_url_is_below_path(const struct web_url *url,
    const struct web_url *base);

/* Does the path lead into a trap: very deep, or the same name over and
 * over? */
bool web_url_is_trap(const struct web_url *url);

/* Append host and path as people read them: escapes decoded where that gives
 * printable UTF-8.  0, or what out says. */
int web_url_name(const char *text, struct buf *out);

#endif
