/* SPDX-License-Identifier: Apache-2.0 */
/* Who calls: a key, a session's token, or a cookie with one. */
#include <string.h>
#include <strings.h>

#include "http/http_int.h"

/* The key in the header, or why there is none. */
static enum http_auth
conn_key(const struct http_conn *conn, const char **ret_key)
{
	const struct http_request *request = &conn->request;
	unsigned flags = request->dialect->flags;
	const char *header;

	if ((flags & HTTP_API_KEY) != 0) {
		header = conn->headers[HEADER_API_KEY];
		if (header != NULL) {
			*ret_key = header;
			return HTTP_AUTH_OK;
		}
	}
	if ((flags & HTTP_BEARER) == 0)
		return HTTP_AUTH_MISSING;
	header = conn->headers[HEADER_AUTHORIZATION];
	if (header == NULL)
		return HTTP_AUTH_MISSING;
	if (strchr(header, ' ') == NULL)
		return HTTP_AUTH_MALFORMED;
	if (strncasecmp(header, "Bearer ", 7) != 0)
		return HTTP_AUTH_SCHEME;
	*ret_key = header + 7 + strspn(header + 7, " ");
	return HTTP_AUTH_OK;
}

/* Did the dialect's cookie let the caller in? */
static bool
conn_cookie(struct http_conn *conn)
{
	struct http_request *request = &conn->request;
	char name[HTTP_COOKIE_NAME_SIZE];
	const char *token;
	size_t len;

	if (request->dialect->cookie == NULL ||
	    conn->headers[HEADER_COOKIE] == NULL)
		return false;
	http_cookie_name(request, name);
	token = cookie_find(conn->headers[HEADER_COOKIE], name, &len);
	/* A session and nothing else: a key has no business in a cookie. */
	if (token == NULL || engine_authenticate(conn->server->engine, token,
	    len, &request->caller) < 0 ||
	    request->caller.session_until_s == 0)
		return false;
	request->has_cookie = true;
	return true;
}

void
conn_authenticate(struct http_conn *conn)
{
	struct http_request *request = &conn->request;
	const char *key = NULL;
	enum http_auth auth;

	auth = conn_key(conn, &key);
	if (auth == HTTP_AUTH_OK &&
	    engine_authenticate(conn->server->engine, key, strlen(key),
	    &request->caller) < 0)
		auth = HTTP_AUTH_UNKNOWN;
	if (auth != HTTP_AUTH_OK && conn_cookie(conn))
		auth = HTTP_AUTH_OK;
	conn->problem.auth = auth;
	if (auth != HTTP_AUTH_OK) {
		memset(&request->caller, 0, sizeof(request->caller));
		conn_problem(conn, HTTP_PROBLEM_AUTH, ERR_UNAUTHORIZED, NULL);
	} else if (request->has_cookie && request->method != HTTP_GET &&
	    http_is_cross_origin(request)) {
		conn_problem(conn, HTTP_PROBLEM_ERROR, ERR_FORBIDDEN,
		    "A page of another origin may not use this session; send "
		    "the token as Authorization: Bearer.");
	}
}

int
http_authenticate(struct http_request *request)
{
	/* Its first member. */
	struct http_conn *conn = (struct http_conn *)(void *)request;
	int err = 0;

	conn_authenticate(conn);
	if (conn->problem.status != 0)
		err = conn->problem.err;
	else if (request->has_cookie && http_is_cross_origin(request))
		err = ERR_FORBIDDEN;
	conn->problem.status = 0;
	if (err < 0)
		memset(&request->caller, 0, sizeof(request->caller));
	return err;
}
