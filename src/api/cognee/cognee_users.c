/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users.  A caller whose key belongs to an account that nobody has a password
 * for is what the original calls its default user: programs ask who they are
 * before they do anything, and with a key there is nothing to log in for.
 */
#include <stdio.h>
#include <string.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_int.h"
#include "base/limits.h"
#include "engine/users.h"
#include "store/store_grant.h"

void
cognee_write_user(struct jsonw *w, const struct user *user)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(&user->uuid, id);
	jsonw_object(w);
	jsonw_nstring(w, "id", id);
	jsonw_nstring(w, "email", user->email);
	jsonw_nbool(w, "is_active", user->is_active);
	jsonw_nbool(w, "is_superuser", user->is_superuser);
	jsonw_nbool(w, "is_verified", user->is_verified);
	uuid_format(&user->tenant, id);
	jsonw_nstring(w, "tenant_id", user->has_tenant ? id : NULL);
	jsonw_nnull(w, "parent_user_id");
	jsonw_object_end(w);
}

int
cognee_user_of(struct store *reader, const struct account *account,
    struct user *ret_user)
{
	struct user_group tenant;
	int err;

	err = store_user_get(reader, &account->uuid, ret_user);
	if (err != ERR_NOT_FOUND)
		return err;
	err = store_tenant_get(reader, account->id, &tenant);
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	memset(ret_user, 0, sizeof(*ret_user));
	ret_user->has_tenant = err == 0;
	if (err == 0)
		ret_user->tenant = tenant.uuid;
	ret_user->uuid = account->uuid;
	ret_user->account_id = account->id;
	ret_user->is_active = ret_user->is_verified = true;
	(void)snprintf(ret_user->email, sizeof(ret_user->email), "%s",
	    COGNEE_DEFAULT_EMAIL);
	return 0;
}

int
cognee_caller(struct http_request *request, struct user *ret_user)
{
	struct account account;
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = store_account_get(reader, request->caller.account_id,
		    &account);
	return err < 0 ? err : cognee_user_of(reader, &account, ret_user);
}

int
cognee_invalid_email(struct http_request *request, struct http_reply *reply,
    const char *email)
{
	char words[ERR_NOTE_SIZE + 64];

	(void)snprintf(words, sizeof(words),
	    "value is not a valid email address: %s", request->note.text);
	return cognee_invalid(reply, "body", "email", "value_error", words,
	    strlen(email) > EMAIL_BYTES_MAX ? NULL : email);
}

int
cognee_bad_password(struct http_request *request, struct http_reply *reply,
    const char *code)
{
	struct jsonw *w = http_reply_json(reply, 400);

	jsonw_object(w);
	jsonw_name(w, "detail");
	jsonw_object(w);
	jsonw_nstring(w, "code", code);
	jsonw_nstring(w, "reason", request->note.text);
	jsonw_object_end(w);
	jsonw_object_end(w);
	return 0;
}

static int
reply_user(struct http_reply *reply, const struct user *user)
{
	cognee_write_user(http_reply_json(reply, 200), user);
	http_reply_header(reply, "Cache-Control", "no-store");
	return 0;
}

int
cognee_users_me(struct http_request *request, struct http_reply *reply)
{
	struct user user;
	int err;

	err = cognee_caller(request, &user);
	return err < 0 ? err : reply_user(reply, &user);
}

/* ---- changing ------------------------------------------------------------ */

static const struct cognee_field change_fields[] = {
    {.name = "email", .type = COGNEE_TEXT},
    {.name = "password", .type = COGNEE_SECRET},
    {.name = "is_active", .type = COGNEE_BOOL},
    {.name = "is_superuser", .type = COGNEE_BOOL},
    {.name = "is_verified", .type = COGNEE_BOOL},
};

/* Returns 0, or 1 when the reply is written. */
static int
change_check(struct http_request *request, struct http_reply *reply,
    const struct user_change *change)
{
	char clean[EMAIL_BYTES_MAX + 1];

	if (change->email != NULL &&
	    email_clean(change->email, clean, &request->note) < 0)
		return cognee_invalid_email(request, reply, change->email);
	if (change->email != NULL && strcmp(clean, COGNEE_DEFAULT_EMAIL) == 0) {
		(void)cognee_detail(reply, 400,
		    "UPDATE_USER_EMAIL_ALREADY_EXISTS");
		return 1;
	}
	if (change->password == NULL ||
	    password_allowed(change->password, &request->note) == 0)
		return 0;
	(void)cognee_bad_password(request, reply,
	    "UPDATE_USER_INVALID_PASSWORD");
	return 1;
}

/* may_stand: whoever asks may change how the user stands, too; for others it
 * is as if they had not asked for that. */
static int
change_user(struct http_request *request, struct http_reply *reply,
    const struct uuid *uuid, bool may_stand)
{
	struct user_change change = {0};
	const json_t *body;
	struct user user;
	int err;

	err = cognee_body(request, reply, change_fields,
	    sizeof(change_fields) / sizeof(change_fields[0]), &body);
	if (err != 0)
		return err < 0 ? err : 0;
	change.email = cognee_text(body, "email", NULL);
	change.password = cognee_text(body, "password", NULL);
	if (may_stand) {
		change.sets_active = cognee_member(body, "is_active") != NULL;
		change.is_active = cognee_bool(body, "is_active", true);
		change.sets_superuser =
		    cognee_member(body, "is_superuser") != NULL;
		change.is_superuser = cognee_bool(body, "is_superuser",
		    false);
		change.sets_verified =
		    cognee_member(body, "is_verified") != NULL;
		change.is_verified = cognee_bool(body, "is_verified", false);
	}
	if (change_check(request, reply, &change) != 0)
		return 0;
	err = engine_user_change(request->engine, uuid, &change, &user,
	    &request->note);
	if (err == ERR_EXISTS)
		return cognee_detail(reply, 400,
		    "UPDATE_USER_EMAIL_ALREADY_EXISTS");
	if (err == ERR_BUSY)
		return cognee_too_many(request, reply, 1);
	return err < 0 ? err : reply_user(reply, &user);
}

int
cognee_users_change_me(struct http_request *request,
    struct http_reply *reply)
{
	struct user user;
	int err;

	err = cognee_caller(request, &user);
	if (err < 0)
		return err;
	if (user.id == 0)
		return cognee_detail(reply, 409,
		    "The key's account has no user; the operator can add one: "
		    "tidemark user add --first EMAIL");
	return change_user(request, reply, &user.uuid, false);
}

/* ---- other users --------------------------------------------------------- */

/* The user of the path.  Returns 0, or 1 when the reply is written. */
static int
other_user(struct http_request *request, struct http_reply *reply,
    struct uuid *ret_uuid)
{
	if (!request->caller.is_superuser) {
		(void)cognee_detail(reply, 403, "Forbidden");
		return 1;
	}
	return cognee_path_uuid(request, reply, 0, "id", ret_uuid);
}

int
cognee_users_get(struct http_request *request, struct http_reply *reply)
{
	struct store *reader;
	struct uuid uuid;
	struct user user;
	int err;

	if (other_user(request, reply, &uuid) != 0)
		return 0;
	err = http_reader(request, &reader);
	if (err == 0)
		err = store_user_get(reader, &uuid, &user);
	return err < 0 ? err : reply_user(reply, &user);
}

int
cognee_users_change(struct http_request *request, struct http_reply *reply)
{
	struct uuid uuid;

	if (other_user(request, reply, &uuid) != 0)
		return 0;
	return change_user(request, reply, &uuid, true);
}

int
cognee_users_delete(struct http_request *request, struct http_reply *reply)
{
	struct uuid uuid;
	int err;

	if (other_user(request, reply, &uuid) != 0)
		return 0;
	err = engine_user_delete(request->engine, &uuid, &request->note);
	if (err < 0)
		return err;
	reply->status = 204;
	reply->content_type = NULL;
	return 0;
}

int
cognee_users_find(struct http_request *request, struct http_reply *reply)
{
	static const struct cognee_field fields[] = {
	    {.name = "email", .type = COGNEE_TEXT, .is_required = true},
	};
	char clean[EMAIL_BYTES_MAX + 1], id[UUID_TEXT_SIZE];
	struct store *reader;
	const json_t *body;
	const char *email;
	struct user user;
	struct jsonw *w;
	int err;

	err = cognee_body(request, reply, fields, 1, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	email = cognee_text(body, "email", "");
	if (email_clean(email, clean, &request->note) < 0) {
		(void)cognee_invalid_email(request, reply, email);
		return 0;
	}
	err = http_reader(request, &reader);
	if (err == 0)
		err = store_user_by_email(reader, clean, &user);
	if (err == ERR_NOT_FOUND)
		return cognee_detail(reply, 404, "User not found.");
	if (err < 0)
		return err;
	uuid_format(&user.uuid, id);
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	jsonw_nstring(w, "user_id", id);
	jsonw_object_end(w);
	return 0;
}
