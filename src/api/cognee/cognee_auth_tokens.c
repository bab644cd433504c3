/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords that were forgotten, and addresses to be verified.
 *
 * The server sends no mail, and a token that would have been mailed is made
 * nowhere: who asks for one is told that it was heard, whoever it is, as the
 * original does.  The operator makes tokens on the command line (`tidemark
 * user reset`, `tidemark user verify`) and gives them to whom they are for;
 * they are taken here.
 */
#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_int.h"
#include "base/limits.h"
#include "engine/users.h"

static int
small_body(struct http_request *request, struct http_reply *reply,
    const struct cognee_field *fields, size_t count, const json_t **ret_body)
{
	if (request->body_len > LOGIN_BODY_BYTES_MAX)
		return ERR_TOO_BIG;
	return cognee_body(request, reply, fields, count, ret_body);
}

/* The same for those that there are and those that there are not. */
static int
heard(struct http_request *request, struct http_reply *reply)
{
	static const struct cognee_field fields[] = {
	    {.name = "email", .type = COGNEE_TEXT, .is_required = true},
	};
	char clean[EMAIL_BYTES_MAX + 1];
	const json_t *body;
	const char *email;
	int err;

	err = small_body(request, reply, fields, 1, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	email = cognee_text(body, "email", "");
	if (email_clean(email, clean, &request->note) < 0) {
		(void)cognee_invalid_email(request, reply, email);
		return 0;
	}
	return cognee_null(reply, 202);
}

int
cognee_forgot_password(struct http_request *request,
    struct http_reply *reply)
{
	return heard(request, reply);
}

int
cognee_request_verify(struct http_request *request, struct http_reply *reply)
{
	return heard(request, reply);
}

int
cognee_reset_password(struct http_request *request, struct http_reply *reply)
{
	static const struct cognee_field fields[] = {
	    {.name = "token", .type = COGNEE_SECRET, .is_required = true},
	    {.name = "password", .type = COGNEE_SECRET, .is_required = true},
	};
	const json_t *body;
	int err;

	err = small_body(request, reply, fields, 2, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	err = engine_user_reset(request->engine,
	    cognee_text(body, "token", ""), cognee_text(body, "password", ""),
	    &request->note);
	if (err == ERR_UNAUTHORIZED)
		return cognee_detail(reply, 400, "RESET_PASSWORD_BAD_TOKEN");
	if (err == ERR_INVALID)
		return cognee_bad_password(request, reply,
		    "RESET_PASSWORD_INVALID_PASSWORD");
	return err < 0 ? err : cognee_null(reply, 200);
}

int
cognee_verify(struct http_request *request, struct http_reply *reply)
{
	static const struct cognee_field fields[] = {
	    {.name = "token", .type = COGNEE_SECRET, .is_required = true},
	};
	const json_t *body;
	struct user user;
	int err;

	err = small_body(request, reply, fields, 1, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	err = engine_user_verify(request->engine,
	    cognee_text(body, "token", ""), &user, &request->note);
	if (err == ERR_UNAUTHORIZED)
		return cognee_detail(reply, 400, "VERIFY_USER_BAD_TOKEN");
	if (err == ERR_EXISTS)
		return cognee_detail(reply, 400,
		    "VERIFY_USER_ALREADY_VERIFIED");
	if (err < 0)
		return err;
	cognee_write_user(http_reply_json(reply, 200), &user);
	return 0;
}
