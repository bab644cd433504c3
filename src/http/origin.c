/* SPDX-License-Identifier: Apache-2.0 */
/* Where a request comes from: its cookies, its page, its address. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "http/http_int.h"

/* ---- cookies ------------------------------------------------------------- */

/* "a=b; c=d" (RFC 6265); a value in quotes loses them. */
const char *
cookie_find(const char *header, const char *name, size_t *ret_len)
{
	size_t name_len = strlen(name), len;
	const char *at = header;

	for (; *at != '\0'; at += len + (at[len] == ';')) {
		at += strspn(at, " \t");
		len = strcspn(at, ";");
		if (len <= name_len || strncmp(at, name, name_len) != 0 ||
		    at[name_len] != '=')
			continue;
		at += name_len + 1;
		len -= name_len + 1;
		while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == '\t'))
			len--;
		if (len >= 2 && at[0] == '"' && at[len - 1] == '"') {
			at++;
			len -= 2;
		}
		*ret_len = len;
		return at;
	}
	return NULL;
}

void
http_cookie_name(const struct http_request *request,
    char ret_name[HTTP_COOKIE_NAME_SIZE])
{
	const struct http_dialect *dialect = request->dialect;

	if ((dialect->flags & HTTP_COOKIE_MARK) != 0)
		(void)snprintf(ret_name, HTTP_COOKIE_NAME_SIZE, "%s-%s",
		    dialect->cookie, engine_mark(request->engine));
	else
		(void)snprintf(ret_name, HTTP_COOKIE_NAME_SIZE, "%s",
		    dialect->cookie);
}

/* ---- https --------------------------------------------------------------- */

/* "https", or the first of a list. */
static bool
is_https(const char *text)
{
	return strncasecmp(text, "https", 5) == 0 &&
	    strchr("\"; ,", text[5]) != NULL;
}

/* Of "for=1.2.3.4;proto=https, for=..." the first (RFC 7239). */
static bool
is_forwarded_https(const char *header)
{
	const char *at = header;
	size_t end = strcspn(header, ",");

	while ((size_t)(at - header) < end) {
		at += strspn(at, " \t;");
		if (strncasecmp(at, "proto=", 6) == 0)
			return is_https(at + 6 + (at[6] == '"'));
		at += strcspn(at, ";,");
	}
	return false;
}

bool
http_is_https(const struct http_request *request)
{
	const struct http_conn *conn =
	    (const struct http_conn *)(const void *)request;
	const char *scheme = http_header(request, "X-Forwarded-Proto");

	if (scheme != NULL)
		return is_https(scheme);
	return conn->headers[HEADER_FORWARDED] != NULL &&
	    is_forwarded_https(conn->headers[HEADER_FORWARDED]);
}

/* ---- pages --------------------------------------------------------------- */

/* "scheme://host:port" of the page, and "host:port" of this server as the
 * client knows it: behind a proxy the scheme may be another one here. */
static bool
is_same_host(const char *origin, const char *host)
{
	const char *at = strstr(origin, "://");

	return at != NULL && host != NULL && strcasecmp(at + 3, host) == 0;
}

bool
http_is_cross_origin(const struct http_request *request)
{
	const char *site = http_header(request, "Sec-Fetch-Site");
	const char *origin = http_header(request, "Origin");

	if (cors_lists(request))
		return false;
	/* "none": somebody typed the address.  Pages cannot set this one. */
	if (site != NULL)
		return strcmp(site, "same-origin") != 0 &&
		    strcmp(site, "none") != 0;
	/* Older browsers; what is no browser sends neither. */
	return origin != NULL &&
	    !is_same_host(origin, http_header(request, "Host"));
}

/* ---- addresses ----------------------------------------------------------- */

/* One address, without a port. */
static bool
address_parse(const char *text, size_t len, uint8_t out[16])
{
	char copy[INET6_ADDRSTRLEN];

	while (len > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
	}
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	if (len == 0 || len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET6, copy, out) == 1)
		return true;
	memset(out, 0, 16);
	out[10] = out[11] = 0xFF;
	return inet_pton(AF_INET, copy, out + 12) == 1;
}

void
http_address(const struct http_request *request, uint8_t ret_address[16])
{
	const struct http_conn *conn =
	    (const struct http_conn *)(const void *)request;
	const char *header = conn->headers[HEADER_X_FORWARDED_FOR], *last;

	/* Who is elsewhere could write anything there. */
	if (conn->is_local && header != NULL) {
		last = strrchr(header, ',');
		last = last == NULL ? header : last + 1;
		if (address_parse(last, strlen(last), ret_address))
			return;
	}
	memcpy(ret_address, conn->address, 16);
}
