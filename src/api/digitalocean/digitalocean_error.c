/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DigitalOcean's errors: a flat {"id","message","request_id"}, whose ids are
 * the names that the original's gateway gives to the codes behind it.
 */
#include "api/digitalocean/digitalocean_int.h"
#include "api/digitalocean/digitalocean_view.h"

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
do_problem(struct http_request *request, struct http_reply *reply,
    const struct http_problem *problem)
{
	const char *id = "invalid_argument", *message = problem->words;
	const char *request_id = http_request_id(request);
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
	http_reply_header(reply, "x-request-id", request_id);
	do_write_error(http_reply_json(reply, problem->status), id, message,
	    request_id);
}
