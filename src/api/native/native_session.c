/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions of the dashboard: a key begins one, and the browser gets a cookie
 * that no script can read in its stead.  The key itself is in no answer.
 */
#include <string.h>

#include "api/native/native_int.h"
#include "base/limits.h"
#include "engine/users.h"
#include "sys/clock.h"

#define SECOND_US 1000000
#define COOKIE_BYTES_MAX (JWT_BYTES_MAX + 256u)
/* Of no use but here: other dialects need not see it. */
#define COOKIE_PATH "/tidemark"

/*
 * Strict: the page's own requests bring it along, and no others; the page
 * itself needs none.  Only a browser that came by https keeps a Secure one,
 * and says so by what the proxy in front tells.
 */
static int
put_cookie(struct http_request *request, struct http_reply *reply,
    const char *token, int64_t seconds)
{
	char name[HTTP_COOKIE_NAME_SIZE];
	struct buf cookie;
	int err;

	http_cookie_name(request, name);
	buf_init(&cookie, COOKIE_BYTES_MAX);
	err = buf_printf(&cookie, "%s=%s; HttpOnly; Max-Age=%lld; Path="
	    COOKIE_PATH "; SameSite=Strict%s", name, token,
	    (long long)seconds, http_is_https(request) ? "; Secure" : "");
	if (err == 0)
		http_reply_header(reply, "Set-Cookie", buf_text(&cookie));
	buf_fini(&cookie);
	return err;
}

/* Who is signed in; request->caller says so. */
static int
reply_session(struct http_request *request, struct http_reply *reply)
{
	const struct caller *caller = &request->caller;
	char text[UUID_TEXT_SIZE] = "";
	struct account account;
	struct store *reader;
	struct uuid first, key;
	int64_t first_id;
	struct jsonw *w;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = store_account_get(reader, caller->account_id, &account);
	if (err == 0)
		err = store_account_first(reader, &first_id, &first);
	if (err < 0)
		return err;
	w = http_reply_json(reply, 200);
	http_reply_header(reply, "Cache-Control", "no-store");
	jsonw_object(w);
	jsonw_nstring(w, "label", caller->label);
	if (engine_caller_key(request->engine, caller, &key) == 0)
		uuid_format(&key, text);
	jsonw_nstring(w, "key_id", text[0] == '\0' ? NULL : text);
	jsonw_nstring(w, "environment",
	    environment_name(account.environment));
	jsonw_name(w, "expires_at");
	if (caller->session_until_s == 0)
		jsonw_null(w);
	else
		jsonw_time(w, caller->session_until_s * SECOND_US);
	jsonw_nbool(w, "is_operator", caller->account_id == first_id);
	jsonw_object_end(w);
	return 0;
}

/* The key in the body.  Returns 0; 1 when the reply is written; an error.  Of
 * what is wrong with the body nothing is told that could be a piece of a
 * key. */
static int
read_key(struct http_request *request, struct http_reply *reply,
    const char **ret_key, size_t *ret_len)
{
	const json_t *key;
	json_t *body;
	int err;

	err = http_json(request, &body);
	if (err == ERR_SYNTAX) {
		(void)native_error(request, reply, 400, "MALFORMED_JSON",
		    "the body is not JSON");
		return 1;
	}
	if (err < 0)
		return err;
	key = json_object_get(body, "key");
	if (!json_is_string(key))
		return err_set(&request->note, ERR_INVALID,
		    "the body must be {\"key\": \"...\"}");
	*ret_key = json_string_value(key);
	*ret_len = json_string_length(key);
	return 0;
}

/* The session that the caller's key begins; a user's token is one already. */
static int
begin(struct http_request *request, struct http_reply *reply,
    const char *text)
{
	struct caller *caller = &request->caller;
	struct buf token;
	int err;

	if (caller->session_until_s != 0)
		return put_cookie(request, reply, text,
		    caller->session_until_s - clock_wall_us() / SECOND_US);
	buf_init(&token, JWT_BYTES_MAX);
	err = engine_key_session_open(request->engine, caller, &token,
	    &caller->session_until_s);
	if (err == 0)
		err = put_cookie(request, reply, buf_text(&token),
		    KEY_SESSION_SECONDS);
	buf_fini(&token);
	return err;
}

int
native_session_begin(struct http_request *request, struct http_reply *reply)
{
	const char *text = NULL;
	size_t len = 0;
	int err;

	/* Who is signed in as somebody else by another's page would show that
	 * one what comes in. */
	if (http_is_cross_origin(request))
		return native_error(request, reply, 403, "FORBIDDEN",
		    "A page of another origin may not sign in here.");
	/* What a form can send, any page can send. */
	if (!http_is_type(request, "application/json"))
		return native_error(request, reply, 415, "UNSUPPORTED_TYPE",
		    "the body must be application/json");
	err = read_key(request, reply, &text, &len);
	if (err != 0)
		return err < 0 ? err : 0;
	if (engine_authenticate(request->engine, text, len,
	    &request->caller) < 0)
		return native_error(request, reply, 401, "UNAUTHORIZED",
		    "There is no such key, or it was revoked.");
	err = begin(request, reply, text);
	return err < 0 ? err : reply_session(request, reply);
}

int
native_session_get(struct http_request *request, struct http_reply *reply)
{
	return reply_session(request, reply);
}

int
native_session_end(struct http_request *request, struct http_reply *reply)
{
	int err;

	err = engine_session_end(request->engine, &request->caller,
	    &request->note);
	if (err < 0)
		return err;
	reply->status = 204;
	reply->content_type = NULL;
	return put_cookie(request, reply, "", 0);
}
