/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of other origins that may call (CORS, in the Fetch standard).
 *
 * A browser lets a page read what another origin answers when the answer names
 * the page's origin, and asks beforehand (OPTIONS) where a form could not have
 * sent the request.  Origins that the operator lists are named, one at a time
 * and only to themselves, and count as the server's own: their pages may use a
 * session's cookie.  "*" lets all others read what they have a key for, never
 * with a cookie.
 *
 * What is named depends on who asks: an answer to a page is not kept, and all
 * say so (Vary).  A dialect that has rules of its own is left alone.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "http/http_int.h"

#define ORIGINS_MAX 64u
#define ORIGIN_BYTES_MAX 255u
/* What a page wants to send is named back to it up to this length. */
#define WISHES_BYTES_MAX 2048u
/* For how long a browser need not ask again. */
#define MAX_AGE_S "600"

struct cors {
	char *origins[ORIGINS_MAX];
	size_t count;
	bool has_all; /* "*" */
};

/* ---- the setting --------------------------------------------------------- */

/* "scheme://host", "scheme://host:port": as browsers write it, no path. */
static bool
origin_is_good(const char *text, size_t len)
{
	size_t at = 0, host;

	while (at < len && (isalnum((unsigned char)text[at]) ||
	    strchr("+-.", text[at]) != NULL))
		at++;
	if (at == 0 || at + 3 >= len || strncmp(text + at, "://", 3) != 0)
		return false;
	host = at + 3;
	for (at = host; at < len; at++)
		if (!isalnum((unsigned char)text[at]) &&
		    strchr("-._:[]", text[at]) == NULL)
			return false;
	return isalnum((unsigned char)text[host]) || text[host] == '[';
}

static int
cors_add(struct cors *cors, const char *text, size_t len,
    struct err_note *note)
{
	if (len == 1 && text[0] == '*') {
		cors->has_all = true;
		return 0;
	}
	if (len > ORIGIN_BYTES_MAX || !origin_is_good(text, len))
		return err_set(note, ERR_INVALID, "cors_origins: \"%.*s\" is "
		    "no origin; one is https://HOST or http://HOST:PORT, "
		    "without a slash behind it", len > 80 ? 80 : (int)len,
		    text);
	if (cors->count == ORIGINS_MAX)
		return err_set(note, ERR_INVALID,
		    "cors_origins: more than %u", ORIGINS_MAX);
	cors->origins[cors->count] = mem_strndup(text, len);
	if (cors->origins[cors->count] == NULL)
		return ERR_NOMEM;
	cors->count++;
	return 0;
}

int
cors_new(const char *list, struct cors **ret_cors, struct err_note *note)
{
	static const char between[] = ", \t";
	struct cors *cors;
	size_t len;
	int err = 0;

	if (list == NULL || list[strspn(list, between)] == '\0') {
		*ret_cors = NULL;
		return 0;
	}
	cors = mem_zalloc(sizeof(*cors));
	if (cors == NULL)
		return ERR_NOMEM;
	for (; err == 0 && *list != '\0'; list += len) {
		list += strspn(list, between);
		len = strcspn(list, between);
		if (len > 0)
			err = cors_add(cors, list, len, note);
	}
	if (err < 0) {
		cors_free(cors);
		return err;
	}
	*ret_cors = cors;
	return 0;
}

void
cors_free(struct cors *cors)
{
	if (cors == NULL)
		return;
	for (size_t i = 0; i < cors->count; i++)
		mem_free(cors->origins[i]);
	mem_free(cors);
}

/* ---- requests ------------------------------------------------------------ */

static const struct cors *
cors_of(const struct http_request *request)
{
	const struct http_conn *conn =
	    (const struct http_conn *)(const void *)request;

	return request->dialect != NULL && request->dialect->options != NULL
	    ? NULL : conn->server->cors;
}

bool
cors_lists(const struct http_request *request)
{
	const struct cors *cors = cors_of(request);
	const char *origin;

	if (cors == NULL || cors->count == 0)
		return false;
	origin = http_header(request, "Origin");
	for (size_t i = 0; origin != NULL && i < cors->count; i++)
		if (strcasecmp(cors->origins[i], origin) == 0)
			return true;
	return false;
}

bool
cors_depends(const struct http_request *request)
{
	return cors_of(request) != NULL &&
	    http_header(request, "Origin") != NULL;
}

/* May the page that asks call, and with or without a cookie? */
static bool
cors_lets(const struct http_request *request)
{
	const struct cors *cors = cors_of(request);

	return cors != NULL && http_header(request, "Origin") != NULL &&
	    (cors->has_all || cors_lists(request));
}

bool
cors_is_asked(const struct http_request *request, const char *method)
{
	return strcmp(method, "OPTIONS") == 0 && cors_lets(request) &&
	    http_header(request, "Access-Control-Request-Method") != NULL;
}

/* ---- answers ------------------------------------------------------------- */

void
cors_answer(const struct http_request *request, struct http_reply *reply)
{
	const char *asked = http_header(request,
	    "Access-Control-Request-Headers");

	reply->status = 204;
	reply->content_type = NULL;
	http_reply_header(reply, "Access-Control-Allow-Methods",
	    "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
	if (asked != NULL && strlen(asked) <= WISHES_BYTES_MAX)
		http_reply_header(reply, "Access-Control-Allow-Headers",
		    asked);
	http_reply_header(reply, "Access-Control-Max-Age", MAX_AGE_S);
}

void
cors_headers(const struct http_request *request,
    struct MHD_Response *response)
{
	if (cors_of(request) == NULL)
		return;
	(void)MHD_add_response_header(response, "Vary", "Origin");
	if (!cors_lets(request))
		return;
	if (cors_lists(request)) {
		(void)MHD_add_response_header(response,
		    "Access-Control-Allow-Origin",
		    http_header(request, "Origin"));
		(void)MHD_add_response_header(response,
		    "Access-Control-Allow-Credentials", "true");
	} else {
		(void)MHD_add_response_header(response,
		    "Access-Control-Allow-Origin", "*");
	}
	/* What clients look at, of what a browser does not show anyway. */
	(void)MHD_add_response_header(response,
	    "Access-Control-Expose-Headers", "Allow, Content-Disposition, "
	    "ETag, Retry-After, ratelimit-limit, ratelimit-remaining, "
	    "ratelimit-reset, x-request-id");
}
