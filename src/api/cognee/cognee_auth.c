/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logging in and out, and registering.
 *
 * A login answers with the token twice: in the body, for programs, and as a
 * cookie, for pages.  The cookie is HttpOnly, so that no script reads it, and
 * SameSite=Lax; that what it lets in comes from a page of this very origin is
 * seen to by http_is_cross_origin().  A page of another origin may not log in
 * either: it could make its visitor work in the account of somebody else.
 */
#include <stdio.h>
#include <string.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_form.h"
#include "api/cognee/cognee_int.h"
#include "base/limits.h"
#include "engine/users.h"

#define COOKIE_BYTES_MAX (4 * KIB)
#define BAD_CREDENTIALS "LOGIN_BAD_CREDENTIALS"

static void
origin_of(const struct http_request *request, struct origin *ret_origin)
{
	http_address(request, ret_origin->address);
	ret_origin->is_local = request->is_loopback;
}

static void
no_store(struct http_reply *reply)
{
	http_reply_header(reply, "Cache-Control", "no-store");
}

static int
foreign(struct http_reply *reply)
{
	return cognee_detail(reply, 403,
	    "A page of another origin may not do that.");
}

static int
login_reply(struct http_request *request, struct http_reply *reply,
    const struct user *user)
{
	struct buf token, cookie;
	struct jsonw *w;
	int err;

	buf_init(&token, JWT_BYTES_MAX);
	buf_init(&cookie, COOKIE_BYTES_MAX);
	err = engine_session_open(request->engine, user, &token);
	if (err == 0)
		err = buf_printf(&cookie, "%s=%s; HttpOnly; Max-Age=%d; "
		    "Path=/; SameSite=lax", request->dialect->cookie,
		    buf_text(&token), SESSION_SECONDS);
	if (err == 0) {
		w = http_reply_json(reply, 200);
		no_store(reply);
		http_reply_header(reply, "Set-Cookie", buf_text(&cookie));
		jsonw_object(w);
		jsonw_nstring(w, "access_token", buf_text(&token));
		jsonw_nstring(w, "token_type", "bearer");
		jsonw_object_end(w);
	}
	buf_fini(&cookie);
	buf_fini(&token);
	return err;
}

static int
login(struct http_request *request, struct http_reply *reply,
    const char *email, const char *password)
{
	unsigned wait_s = 0;
	struct origin origin;
	struct user user;
	int err;

	origin_of(request, &origin);
	err = engine_login(request->engine, &origin, email, password, &user,
	    &wait_s, &request->note);
	if (err == ERR_UNAUTHORIZED)
		return cognee_detail(reply, 400, BAD_CREDENTIALS);
	if (wait_s > 0)
		return cognee_too_many(request, reply, wait_s);
	return err < 0 ? err : login_reply(request, reply, &user);
}

int
cognee_login(struct http_request *request, struct http_reply *reply)
{
	struct cognee_form_field fields[] = {{.name = "username"},
	    {.name = "password"}};
	int err;

	if (http_is_cross_origin(request))
		return foreign(reply);
	buf_init(&fields[0].value, 2 * EMAIL_BYTES_MAX);
	buf_init(&fields[1].value, 2 * PASSWORD_BYTES_MAX);
	err = cognee_form(request, fields, 2);
	/* Whatever is wrong with the form is told like a wrong password. */
	if (err != ERR_NOMEM &&
	    (err < 0 || fields[0].seen != 1 || fields[1].seen != 1))
		err = cognee_detail(reply, 400, BAD_CREDENTIALS);
	else if (err == 0)
		err = login(request, reply, buf_text(&fields[0].value),
		    buf_text(&fields[1].value));
	buf_fini(&fields[0].value);
	buf_fini(&fields[1].value);
	return err;
}

int
cognee_logout(struct http_request *request, struct http_reply *reply)
{
	char cookie[128];
	struct jsonw *w;
	int err;

	err = engine_session_end(request->engine, &request->caller,
	    &request->note);
	if (err < 0)
		return err;
	(void)snprintf(cookie, sizeof(cookie),
	    "%s=\"\"; HttpOnly; Max-Age=0; Path=/; SameSite=lax",
	    request->dialect->cookie);
	w = http_reply_json(reply, 200);
	http_reply_header(reply, "Set-Cookie", cookie);
	jsonw_object(w);
	jsonw_object_end(w);
	return 0;
}

int
cognee_who(struct http_request *request, struct http_reply *reply)
{
	struct jsonw *w;
	struct user user;
	int err;

	err = cognee_caller(request, &user);
	if (err < 0)
		return err;
	w = http_reply_json(reply, 200);
	no_store(reply);
	jsonw_object(w);
	jsonw_nstring(w, "email", user.email);
	jsonw_object_end(w);
	return 0;
}

/* ---- registering --------------------------------------------------------- */

static int
register_user(struct http_request *request, struct http_reply *reply,
    const char *email, const char *password)
{
	unsigned wait_s = 0;
	struct origin origin;
	struct user user;
	int err;

	origin_of(request, &origin);
	err = engine_user_register(request->engine, &origin, email, password,
	    &user, &wait_s, &request->note);
	if (wait_s > 0)
		return cognee_too_many(request, reply, wait_s);
	if (err == ERR_EXISTS)
		return cognee_detail(reply, 400,
		    "REGISTER_USER_ALREADY_EXISTS");
	if (err < 0)
		return err;
	cognee_write_user(http_reply_json(reply, 201), &user);
	no_store(reply);
	return 0;
}

int
cognee_register(struct http_request *request, struct http_reply *reply)
{
	static const struct cognee_field fields[] = {
	    {.name = "email", .type = COGNEE_TEXT, .is_required = true},
	    {.name = "password", .type = COGNEE_SECRET, .is_required = true},
	};
	char clean[EMAIL_BYTES_MAX + 1];
	const char *email, *password;
	const json_t *body;
	int err;

	if (http_is_cross_origin(request))
		return foreign(reply);
	if (request->body_len > LOGIN_BODY_BYTES_MAX)
		return ERR_TOO_BIG;
	err = cognee_body(request, reply, fields, 2, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	email = cognee_text(body, "email", "");
	password = cognee_text(body, "password", "");
	if (email_clean(email, clean, &request->note) < 0) {
		(void)cognee_invalid_email(request, reply, email);
		return 0;
	}
	if (password_allowed(password, &request->note) < 0)
		return cognee_bad_password(request, reply,
		    "REGISTER_INVALID_PASSWORD");
	if (strcmp(clean, COGNEE_DEFAULT_EMAIL) == 0)
		return cognee_detail(reply, 400,
		    "REGISTER_USER_ALREADY_EXISTS");
	return register_user(request, reply, email, password);
}
