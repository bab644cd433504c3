/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dify's errors: {"code","message","status"}; and its answers without a
 * content of their own.  The messages are on the wire of the original word
 * for word: clients match on them.
 */
#include "api/dify/dify_int.h"
#include "api/dify/dify_view.h"

#define NO_ROUTE                                                              \
	"The requested URL was not found on the server. If you entered the "  \
	"URL manually please check your spelling and try again."
#define NO_JSON                                                               \
	"The browser (or proxy) sent a request that this server could not "   \
	"understand."

static const struct {
	int status;
	const char *code;
} codes[] = {
    {400, "invalid_param"},
    {401, "unauthorized"},
    {403, "forbidden"},
    {404, "not_found"},
    {405, "method_not_allowed"},
    {409, "conflict"},
    {413, "file_too_large"},
    {415, "unsupported_media_type"},
    {422, "unprocessable_entity"},
    {501, "not_implemented"},
    {503, "service_unavailable"},
};

static const char *
code_of(int status)
{
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].status == status)
			return codes[i].code;
	return status < 500 ? "bad_request" : "internal_server_error";
}

static const char *
auth_message(enum http_auth auth)
{
	switch (auth) {
	case HTTP_AUTH_SCHEME:
		return "Authorization scheme must be 'Bearer'";
	case HTTP_AUTH_UNKNOWN:
		return "Access token is invalid";
	case HTTP_AUTH_OK:
	case HTTP_AUTH_MISSING:
	case HTTP_AUTH_MALFORMED:
		break;
	}
	return "Authorization header must be provided and start with "
	       "'Bearer'";
}

int
dify_refuse(struct http_reply *reply, int status, const char *code,
    const char *message)
{
	dify_write_error(http_reply_json(reply, status), code, message,
	    status);
	return 0;
}

int
dify_missing(struct http_request *request, const char *words)
{
	return err_set(&request->note, ERR_NOT_FOUND, "%s", words);
}

struct jsonw *
dify_json(struct http_reply *reply, int status)
{
	struct jsonw *w = http_reply_json(reply, status);

	w->ascii = true;
	return w;
}

int
dify_end_json(struct http_reply *reply)
{
	(void)buf_putc(&reply->body, '\n');
	return 0;
}

int
dify_no_content(struct http_reply *reply)
{
	reply->status = 204;
	reply->content_type = NULL;
	return 0;
}

int
dify_success(struct http_reply *reply)
{
	struct jsonw *w = dify_json(reply, 200);

	jsonw_object(w);
	jsonw_nstring(w, "result", "success");
	jsonw_object_end(w);
	return dify_end_json(reply);
}

void
dify_problem(struct http_request *request, struct http_reply *reply,
    const struct http_problem *problem)
{
	const char *message = problem->words, *code = code_of(problem->status);
	int status = problem->status;

	(void)request;
	switch (problem->kind) {
	case HTTP_PROBLEM_AUTH:
		http_reply_header(reply, "WWW-Authenticate",
		    "Bearer realm=\"api\"");
		message = auth_message(problem->auth);
		break;
	case HTTP_PROBLEM_ROUTE:
		message = NO_ROUTE;
		break;
	case HTTP_PROBLEM_METHOD:
		message = "The method is not allowed for the requested URL.";
		break;
	case HTTP_PROBLEM_JSON:
		code = "bad_request";
		message = NO_JSON;
		break;
	case HTTP_PROBLEM_TOO_BIG:
		break;
	case HTTP_PROBLEM_ERROR:
		/* A text that is too long is a wrong parameter here; what is
		 * 413 to Dify is a file. */
		if (problem->err == ERR_TOO_BIG) {
			status = 400;
			code = "invalid_param";
		}
		/* What broke inside is for the log, not for the network. */
		if (problem->status == 500)
			message = "Internal Server Error";
		break;
	}
	(void)dify_refuse(reply, status, code, message);
}
