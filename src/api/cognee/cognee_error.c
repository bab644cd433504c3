/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cognee's errors.  The original has an envelope per route; this is the one
 * of whatever no route wrote itself.
 */
#include <stdio.h>

#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_view.h"

static const struct {
	int status;
	const char *detail;
} rows[] = {
    {401, "Unauthorized"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {500, "An unexpected error occurred."},
};

int
cognee_detail(struct http_reply *reply, int status, const char *detail)
{
	cognee_write_detail(http_reply_json(reply, status), detail);
	return 0;
}

int
cognee_null(struct http_reply *reply, int status)
{
	jsonw_null(http_reply_json(reply, status));
	return 0;
}

int
cognee_too_many(struct http_request *request, struct http_reply *reply,
    unsigned wait_s)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", wait_s);
	http_reply_header(reply, "Retry-After", text);
	return cognee_detail(reply, 429, request->note.text);
}

void
cognee_problem(struct http_request *request, struct http_reply *reply,
    const struct http_problem *problem)
{
	const char *detail = problem->words;
	size_t i;

	(void)request;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == problem->status)
			detail = rows[i].detail;
	cognee_write_detail(http_reply_json(reply, problem->status), detail);
}
