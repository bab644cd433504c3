/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users, for the operator.  The server believes who can read its local token,
 * so these commands work on its own machine, as the user that it runs as.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/uuid.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/session.h"
#include "cmd/term.h"

#define USAGE "usage: tidemark user add|list|reset|verify|delete [EMAIL]"

/* The first line of standard input; "" is none. */
static int
password_read(char out[PASSWORD_BYTES_MAX + 2], struct err_note *note)
{
	size_t len;

	if (fgets(out, PASSWORD_BYTES_MAX + 2, stdin) == NULL)
		return err_set(note, ERR_INVALID,
		    "no password came on standard input");
	len = strcspn(out, "\r\n");
	if (len > PASSWORD_BYTES_MAX)
		return err_set(note, ERR_INVALID,
		    "a password has at most %u bytes", PASSWORD_BYTES_MAX);
	out[len] = '\0';
	return 0;
}

/* Send what was made of words in body; prints the answer, or the member of
 * that name. */
static int
user_call(struct client *client, const struct args *args, const char *path,
    const struct buf *body, const char *name, struct err_note *note)
{
	json_t *answer = NULL;
	int err = body->err;

	if (err == 0)
		err = client_call(client, "POST", path, buf_text(body),
		    &answer, note);
	if (err < 0)
		return err;
	if (args_has(args, OPT(JSON)))
		json_print(answer);
	else if (json_text(answer, name)[0] != '\0')
		(void)printf("%s\n", json_text(answer, name));
	json_decref(answer);
	return 0;
}

static int
user_add(struct client *client, const struct args *args,
    struct err_note *note)
{
	char password[PASSWORD_BYTES_MAX + 2];
	struct buf body;
	struct jsonw w;
	int err = 0;

	if (args_has(args, OPT(STDIN)))
		err = password_read(password, note);
	if (err < 0)
		return err;
	buf_init(&body, 64 * KIB);
	jsonw_init(&w, &body);
	jsonw_object(&w);
	jsonw_nstring(&w, "email", args->words[1]);
	if (args_has(args, OPT(STDIN)))
		jsonw_nstring(&w, "password", password);
	jsonw_nbool(&w, "is_first", args_has(args, OPT(FIRST)));
	jsonw_object_end(&w);
	err = user_call(client, args, "/users", &body, "password", note);
	buf_fini(&body);
	if (err == 0 && !args_has(args, OPT(STDIN)))
		(void)fprintf(stderr,
		    "tidemark: the password; it cannot be shown again\n");
	return err;
}

static int
user_token(struct client *client, const struct args *args,
    struct err_note *note)
{
	struct buf body;
	struct jsonw w;
	int err;

	buf_init(&body, 64 * KIB);
	jsonw_init(&w, &body);
	jsonw_object(&w);
	jsonw_nstring(&w, "email", args->words[1]);
	jsonw_nstring(&w, "use", args->words[0]);
	jsonw_object_end(&w);
	err = user_call(client, args, "/users/tokens", &body, "token", note);
	buf_fini(&body);
	if (err == 0)
		(void)fprintf(stderr,
		    "tidemark: a token that is good once, for an hour\n");
	return err;
}

static void
user_print(const json_t *user)
{
	(void)printf("%s  %.19s  ", json_text(user, "id"),
	    json_text(user, "created_at"));
	text_print(stdout, json_text(user, "email"));
	(void)printf("%s%s%s\n",
	    json_is_true(json_object_get(user, "is_superuser"))
		? "  (superuser)" : "",
	    json_is_true(json_object_get(user, "is_verified"))
		? "" : "  (not verified)",
	    json_is_true(json_object_get(user, "is_active"))
		? "" : "  (not active)");
}

/* Each page of the list: prints it, or finds the id of email (not NULL). */
static int
user_page(struct client *client, const struct args *args, const char *email,
    char cursor[128], char ret_id[UUID_TEXT_SIZE], struct err_note *note)
{
	json_t *answer = NULL, *user;
	struct buf path;
	size_t i;
	int err;

	buf_init(&path, CLIENT_PATH_MAX);
	(void)buf_puts(&path, "/users?limit=1000");
	if (cursor[0] != '\0') {
		(void)buf_puts(&path, "&cursor=");
		path_put(&path, cursor);
	}
	err = path.err;
	if (err == 0)
		err = client_call(client, "GET", buf_text(&path), NULL,
		    &answer, note);
	buf_fini(&path);
	if (err < 0)
		return err;
	if (email == NULL && args_has(args, OPT(JSON)))
		json_print(answer);
	json_array_foreach (json_object_get(answer, "users"), i, user) {
		if (email == NULL && !args_has(args, OPT(JSON)))
			user_print(user);
		if (email != NULL &&
		    strcmp(json_text(user, "email"), email) == 0)
			(void)snprintf(ret_id, UUID_TEXT_SIZE, "%s",
			    json_text(user, "id"));
	}
	(void)snprintf(cursor, 128, "%s", json_text(answer, "next_cursor"));
	json_decref(answer);
	return 0;
}

static int
users_all(struct client *client, const struct args *args, const char *email,
    char ret_id[UUID_TEXT_SIZE], struct err_note *note)
{
	char cursor[128] = "";
	int err;

	do
		err = user_page(client, args, email, cursor, ret_id, note);
	while (err == 0 && cursor[0] != '\0');
	return err;
}

static int
user_delete(struct client *client, const struct args *args,
    struct err_note *note)
{
	char id[UUID_TEXT_SIZE] = "", path[64];
	json_t *answer = NULL;
	int err;

	err = users_all(client, args, args->words[1], id, note);
	if (err == 0 && id[0] == '\0')
		err = err_set(note, ERR_NOT_FOUND, "there is no such user");
	if (err < 0)
		return err;
	(void)snprintf(path, sizeof(path), "/users/%s", id);
	err = client_call(client, "DELETE", path, NULL, &answer, note);
	json_decref(answer);
	return err;
}

static int
user_run(struct client *client, const struct args *args,
    struct err_note *note)
{
	const char *what = args->words[0];
	char id[UUID_TEXT_SIZE];
	int err;

	err = local_token_send(client, note);
	if (err < 0)
		return err;
	if (strcmp(what, "list") == 0)
		return users_all(client, args, NULL, id, note);
	if (strcmp(what, "add") == 0)
		return user_add(client, args, note);
	if (strcmp(what, "delete") == 0)
		return user_delete(client, args, note);
	return user_token(client, args, note);
}

int
cmd_user(const struct args *args)
{
	static const char *const whats[] = {"add", "reset", "verify",
	    "delete"};
	struct session session = {0};
	struct err_note note = {0};
	bool is_right = strcmp(args->words[0], "list") == 0 &&
	    args->word_count == 1;
	size_t i;
	int err;

	for (i = 0; i < sizeof(whats) / sizeof(whats[0]); i++)
		is_right |= strcmp(args->words[0], whats[i]) == 0 &&
		    args->word_count == 2;
	if (!is_right) {
		(void)err_set(&note, ERR_INVALID, USAGE);
		return cmd_error("user", ERR_INVALID, &note);
	}
	err = session_open(args, false, &session, &note);
	if (err == 0)
		err = user_run(session.client, args, &note);
	session_close(&session);
	return err < 0 ? cmd_error("user", err, &note) : CMD_DONE;
}
