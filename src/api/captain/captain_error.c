/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Captain's errors: {"detail":"..."}.  A client retries when the text of an
 * error holds the digits of "not found"; so messages are fixed sentences and
 * repeat nothing of what the client sent.
 */
#include <string.h>

#include "api/captain/captain_body.h"
#include "api/captain/captain_int.h"
#include "api/captain/captain_view.h"
#include "base/err.h"
#include "base/log.h"
#include "store/store.h"

static const struct {
	int status;
	const char *message;
} rows[] = {
    {400, "The request is not valid"},
    {401, "A valid API key is needed"},
    {403, "Not allowed"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "The request conflicts with the present state"},
    {413, "The request is too large"},
    {422, "The request cannot be processed"},
    {431, "The headers of the request are too large"},
    {501, "Not built in"},
    {502, "A service that this server needs has failed"},
    {503, "Busy, try again later"},
    {504, "A service that this server needs did not answer in time"},
};

/* In seconds: what a client waits before it asks again, who is told that it
 * should. */
#define RETRY_AFTER "5"

int
captain_refuse(struct http_reply *reply, int status, const char *message)
{
	captain_write_error(http_reply_json(reply, status), message);
	return 0;
}

void
captain_problem(struct http_request *request, struct http_reply *reply,
    const struct http_problem *problem)
{
	const char *message = "Internal Server Error";
	int status = problem->status;
	size_t i;

	(void)request;
	if (problem->kind == HTTP_PROBLEM_JSON) {
		(void)captain_invalid(reply, "body", NULL, "json_invalid",
		    "JSON decode error");
		return;
	}
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			message = rows[i].message;
	/* Clients know of no other way to say that it will pass. */
	if (problem->err == ERR_STORAGE_FULL) {
		status = 503;
		message = "The storage is full, try again later";
	}
	if (status == 503)
		http_reply_header(reply, "Retry-After", RETRY_AFTER);
	if (problem->kind == HTTP_PROBLEM_AUTH)
		http_reply_header(reply, "WWW-Authenticate", "Bearer");
	(void)captain_refuse(reply, status, message);
}

static int
base_found(void *arg, const struct base *base)
{
	struct captain_base *found = arg;

	found->id = base->id;
	found->uuid = base->uuid;
	memcpy(found->name, base->name, sizeof(found->name));
	return 0;
}

int
captain_base(struct http_request *request, struct http_reply *reply,
    struct captain_base *ret_base)
{
	struct store *reader;
	int err;

	err = captain_member(request, reply);
	if (err != 0)
		return err;
	err = http_reader(request, &reader);
	if (err == 0)
		err = store_base_find(reader, request->caller.account_id,
		    NULL, request->params[0].text, base_found, ret_base);
	if (err != ERR_NOT_FOUND)
		return err;
	(void)captain_refuse(reply, 404, "Collection not found");
	return 1;
}

int
captain_account(struct http_request *request, struct account *ret_account)
{
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	return err < 0 ? err
		       : store_account_get(reader, request->caller.account_id,
			     ret_account);
}

int
captain_member(struct http_request *request, struct http_reply *reply)
{
	const char *text = http_header(request, "X-Organization-ID");
	struct account account;
	struct uuid given;
	int err;

	if (text == NULL || uuid_parse(text, strlen(text), &given) < 0)
		return 0;
	err = captain_account(request, &account);
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	if (err == 0 && uuid_is_equal(&given, &account.organization))
		return 0;
	(void)captain_refuse(reply, 403,
	    "API key does not belong to the specified organization");
	return 1;
}

bool
captain_is_member(struct http_request *request, struct http_reply *reply)
{
	struct http_problem problem = {.kind = HTTP_PROBLEM_ERROR};
	int err = captain_member(request, reply);

	if (err < 0) {
		log_with(LOG_WARN, err_words(&request->note, err),
		    LOG_TEXT("request", http_request_id(request)),
		    LOG_TEXT("error", err_name(err)));
		problem.err = err;
		problem.status = err_http(err);
		captain_problem(request, reply, &problem);
	}
	return err == 0;
}
