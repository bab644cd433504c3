/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line for each request that was answered: which route, how it went, how
 * long that took, and what it was about.  Not in it: the query behind the
 * path, headers, bodies; so no key, no cookie and nothing that is asked.
 */
#include <string.h>

#include "http/http_int.h"

#define FIELDS_MAX 16u

/* The segment that stands before an id, and what the id is of; the words of
 * all dialects. */
static const struct {
	const char *segment, *field;
} ids[] = {
    {"bases", "base"},
    {"jobs", "job"},
    {"documents", "document"},
    {"items", "item"},
    {"segments", "segment"},
    {"webhooks", "webhook"},
    {"deliveries", "delivery"},
    {"datasets", "base"},
    {"knowledge_bases", "base"},
    {"collections", "base"},
    {"indexing_jobs", "job"},
};

static const char *
id_field(const char *segment, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		if (strlen(ids[i].segment) == len &&
		    memcmp(ids[i].segment, segment, len) == 0)
			return ids[i].field;
	return NULL;
}

/* What the path's parameters name, in the order of the pattern; returns how
 * many fields there are now. */
static size_t
ids_put(const struct http_request *request, struct log_field *fields,
    size_t count)
{
	const char *at = request->route->pattern, *before = "";
	size_t len, before_len = 0, param = 0;
	const char *name;

	for (; *at != '\0'; at += len) {
		at += *at == '/';
		len = strcspn(at, "/");
		if (*at == '{') {
			name = id_field(before, before_len);
			if (name != NULL && count < FIELDS_MAX &&
			    param < HTTP_PARAMS_MAX)
				fields[count++] = (struct log_field)
				    LOG_TEXT(name,
					request->params[param].text);
			param++;
		}
		before = at;
		before_len = len;
	}
	return count;
}

void
request_log(struct http_conn *conn, int64_t us)
{
	const struct http_request *request = &conn->request;
	struct log_field fields[FIELDS_MAX] = {
	    LOG_TEXT("request", http_request_id(&conn->request)),
	    LOG_TEXT("method", conn->method),
	    LOG_TEXT("path", request->path),
	    LOG_TEXT("route", request->route == NULL
		? NULL : request->route->pattern),
	    LOG_NUMBER("status", conn->status),
	    LOG_MS("duration_ms", us),
	    LOG_NUMBER("bytes", conn->sent),
	};
	size_t count = 7;

	if (request->route != NULL)
		count = ids_put(request, fields, count);
	log_event(conn->server->request_level, "request", fields, count);
}
