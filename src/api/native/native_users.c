/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users, for the operator: who can read the local token, which is who the
 * server runs as.  A key alone is not enough, as each key is some account's.
 */
#include <string.h>

#include "api/native/native_int.h"
#include "base/limits.h"
#include "engine/users.h"
#include "sys/rng.h"
#include "sys/sha256.h"

#define PASSWORD_DIGITS 32u /* of one that is made here: 128 bits */

/* Returns 0, or 1 when the reply is written. */
static int
operator_check(struct http_request *request, struct http_reply *reply)
{
	if (native_is_local(request))
		return 0;
	(void)native_error(request, reply, 403, "FORBIDDEN",
	    "users are the operator's business: a request needs the local "
	    "token");
	return 1;
}

static void
view_user(struct jsonw *w, const struct user *user)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(&user->uuid, id);
	jsonw_nstring(w, "id", id);
	jsonw_nstring(w, "email", user->email);
	jsonw_nbool(w, "is_active", user->is_active);
	jsonw_nbool(w, "is_superuser", user->is_superuser);
	jsonw_nbool(w, "is_verified", user->is_verified);
	jsonw_ntime(w, "created_at", user->created_us);
}

static int
on_user(void *arg, const struct user *user)
{
	struct native_list *list = arg;

	if (!native_list_take(list, user->id))
		return 0;
	jsonw_object(list->w);
	view_user(list->w, user);
	jsonw_object_end(list->w);
	return 0;
}

int
native_users_list(struct http_request *request, struct http_reply *reply)
{
	struct native_list list;
	struct store *reader;
	int err;

	if (operator_check(request, reply) != 0)
		return 0;
	err = native_list_open(request, reply, 'u', 0, &list);
	if (err != 0)
		return err < 0 ? err : 0;
	err = http_reader(request, &reader);
	if (err < 0)
		return err;
	native_list_begin(&list, reply, "users");
	err = store_users_each(reader, list.position, list.limit + 1, on_user,
	    &list);
	native_list_end(&list);
	return err;
}

static void
password_make(char out[PASSWORD_DIGITS + 1])
{
	uint8_t random[SHA256_SIZE];
	char text[SHA256_TEXT_SIZE];

	rng_bytes(random, sizeof(random));
	sha256_format(random, text);
	memcpy(out, text, PASSWORD_DIGITS);
	out[PASSWORD_DIGITS] = '\0';
}

int
native_users_create(struct http_request *request, struct http_reply *reply)
{
	struct user_new new = {.is_verified = true};
	char made[PASSWORD_DIGITS + 1];
	struct user user;
	struct jsonw *w;
	json_t *body;
	int err;

	if (operator_check(request, reply) != 0)
		return 0;
	err = native_object(request, false, &body);
	if (err == 0)
		err = native_text(request, body, "email", &new.email);
	if (err == 0)
		err = native_text(request, body, "password", &new.password);
	if (err == 0 && new.email == NULL)
		err = err_set(&request->note, ERR_INVALID,
		    "email is missing");
	if (err < 0)
		return err;
	new.is_first = json_is_true(json_object_get(body, "is_first"));
	password_make(made);
	if (new.password == NULL)
		new.password = made;
	err = engine_user_add(request->engine, &new, &user, &request->note);
	if (err < 0)
		return err;
	w = http_reply_json(reply, 201);
	http_reply_header(reply, "Cache-Control", "no-store");
	jsonw_object(w);
	view_user(w, &user);
	if (new.password == made)
		jsonw_nstring(w, "password", made);
	jsonw_object_end(w);
	return 0;
}

int
native_users_delete(struct http_request *request, struct http_reply *reply)
{
	int err;

	if (operator_check(request, reply) != 0)
		return 0;
	err = engine_user_delete(request->engine, &request->params[0].uuid,
	    &request->note);
	reply->status = 204;
	reply->content_type = NULL;
	return err == ERR_NOT_FOUND ? native_missing(request, "user") : err;
}

/* {"email":..., "use":"reset"|"verify"} -> {"token":...} */
static int
token_read(struct http_request *request, struct user *ret_user,
    enum user_token *ret_use)
{
	const char *email = NULL, *use = NULL;
	char clean[EMAIL_BYTES_MAX + 1];
	struct store *reader;
	json_t *body;
	int err;

	err = native_object(request, false, &body);
	if (err == 0)
		err = native_text(request, body, "email", &email);
	if (err == 0)
		err = native_text(request, body, "use", &use);
	if (err < 0)
		return err;
	if (email == NULL || use == NULL ||
	    (strcmp(use, "reset") != 0 && strcmp(use, "verify") != 0))
		return err_set(&request->note, ERR_INVALID,
		    "email is missing, or use is neither reset nor verify");
	*ret_use = strcmp(use, "reset") == 0 ? USER_TOKEN_RESET
					     : USER_TOKEN_VERIFY;
	err = email_clean(email, clean, &request->note);
	if (err == 0)
		err = http_reader(request, &reader);
	if (err == 0)
		err = store_user_by_email(reader, clean, ret_user);
	return err == ERR_NOT_FOUND ? native_missing(request, "user") : err;
}

int
native_users_token(struct http_request *request, struct http_reply *reply)
{
	enum user_token use = USER_TOKEN_COUNT;
	struct user user;
	struct buf token;
	struct jsonw *w;
	int err;

	if (operator_check(request, reply) != 0)
		return 0;
	err = token_read(request, &user, &use);
	if (err < 0)
		return err;
	buf_init(&token, JWT_BYTES_MAX);
	err = engine_user_token(request->engine, &user, use, &token);
	if (err == 0) {
		w = http_reply_json(reply, 201);
		http_reply_header(reply, "Cache-Control", "no-store");
		jsonw_object(w);
		jsonw_nstring(w, "email", user.email);
		jsonw_nstring(w, "token", buf_text(&token));
		jsonw_object_end(w);
	}
	buf_fini(&token);
	return err;
}
