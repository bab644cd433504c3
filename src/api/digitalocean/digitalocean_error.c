/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DigitalOcean's answers: errors are a flat {"id","message","request_id"},
 * whose ids are the names that the original's gateway gives to the codes
 * behind it; and what every answer begins and ends with.
 *
 * Nothing is limited here, so nothing is ever taken off the number of requests
 * that the headers name: a client that looks at them goes on.
 */
#include <string.h>

#include "api/digitalocean/digitalocean_int.h"
#include "api/digitalocean/digitalocean_view.h"
#include "sys/clock.h"

#define US_PER_SECOND 1000000
#define HOST_BYTES_MAX 255u
#define RATE "5000" /* requests in an hour, of the original */

/* message: NULL, the problem's own words. */
static const struct {
	int status;
	const char *id, *message;
} rows[] = {
    {400, "invalid_argument", NULL},
    {401, "unauthorized", "Unable to authenticate you."},
    {403, "permission_denied", NULL},
    {404, "not_found", "The resource you requested could not be found."},
    {405, "method_not_allowed",
	"The method is not allowed for this resource."},
    {409, "already_exists", NULL},
    {413, "resource_exhausted", NULL},
    {501, "unimplemented", NULL},
    {503, "unavailable", NULL},
};

void
do_limits(struct http_reply *reply)
{
	char reset[24];

	(void)snprintf(reset, sizeof(reset), "%lld",
	    (long long)(clock_wall_us() / US_PER_SECOND));
	http_reply_header(reply, "ratelimit-limit", RATE);
	http_reply_header(reply, "ratelimit-remaining", RATE);
	http_reply_header(reply, "ratelimit-reset", reset);
}

void
do_headers(struct http_request *request, struct http_reply *reply)
{
	do_limits(reply);
	http_reply_header(reply, "x-request-id", http_request_id(request));
}

struct jsonw *
do_json(struct http_request *request, struct http_reply *reply)
{
	do_headers(request, reply);
	return http_reply_json(reply, 200);
}

int
do_refuse(struct http_request *request, struct http_reply *reply, int status,
    const char *id, const char *message)
{
	do_headers(request, reply);
	do_write_error(http_reply_json(reply, status), id, message,
	    http_request_id(request));
	return 0;
}

int
do_conflict(struct http_request *request, struct http_reply *reply,
    const char *message)
{
	http_reply_header(reply, "x-should-retry", "false");
	return do_refuse(request, reply, 409, "already_exists", message);
}

void
do_problem(struct http_request *request, struct http_reply *reply,
    const struct http_problem *problem)
{
	const char *id = "invalid_argument", *message = problem->words;
	size_t i;

	if (problem->status >= 500)
		id = "server_error";
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].status != problem->status)
			continue;
		id = rows[i].id;
		if (rows[i].message != NULL)
			message = rows[i].message;
	}
	/* The conflicts there are will be there at the next try, too. */
	if (problem->status == 409)
		http_reply_header(reply, "x-should-retry", "false");
	(void)do_refuse(request, reply, problem->status, id, message);
}

void
do_origin(struct http_request *request, struct buf *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]";
	const char *host = http_header(request, "Host");
	const char *scheme = http_header(request, "X-Forwarded-Proto");
	size_t len = host == NULL ? 0 : strlen(host);

	/* It goes back to nobody but the client that sent it. */
	if (len == 0 || len > HOST_BYTES_MAX || strspn(host, plain) != len)
		return;
	(void)buf_printf(out, "%s://%s",
	    scheme != NULL && strcmp(scheme, "https") == 0 ? "https" : "http",
	    host);
}
