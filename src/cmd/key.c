/* SPDX-License-Identifier: Apache-2.0 */
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

static int
key_create(struct client *client, const struct args *args,
    struct err_note *note)
{
	json_t *answer = NULL;
	struct buf body;
	struct jsonw w;
	int err;

	buf_init(&body, 64 * KIB);
	jsonw_init(&w, &body);
	jsonw_object(&w);
	if (args->label != NULL)
		jsonw_nstring(&w, "label", args->label);
	if (args->environment != NULL)
		jsonw_nstring(&w, "environment", args->environment);
	jsonw_object_end(&w);
	err = body.err;
	if (err == 0)
		err = client_call(client, "POST", "/keys", buf_text(&body),
		    &answer, note);
	buf_fini(&body);
	if (err < 0)
		return err;
	if (args_has(args, OPT(JSON))) {
		json_print(answer);
	} else {
		(void)printf("%s\n", json_text(answer, "key"));
		(void)fprintf(stderr,
		    "tidemark: key %s; it cannot be shown again\n",
		    json_text(answer, "id"));
	}
	json_decref(answer);
	return 0;
}

static int
key_list(struct client *client, const struct args *args,
    struct err_note *note)
{
	json_t *answer = NULL, *key;
	size_t i;
	int err;

	err = client_call(client, "GET", "/keys", NULL, &answer, note);
	if (err < 0)
		return err;
	if (args_has(args, OPT(JSON))) {
		json_print(answer);
		json_decref(answer);
		return 0;
	}
	json_array_foreach (json_object_get(answer, "keys"), i, key) {
		(void)printf("%s  %.19s  ", json_text(key, "id"),
		    json_text(key, "created_at"));
		text_print(stdout, json_text(key, "prefix"));
		(void)fputs("...  ", stdout);
		text_print(stdout, json_text(key, "label"));
		if (strcmp(json_text(key, "environment"), "production") != 0) {
			(void)fputs("  (", stdout);
			text_print(stdout, json_text(key, "environment"));
			(void)fputs(")", stdout);
		}
		(void)fputs(json_text(key, "revoked_at")[0] != '\0' ?
			"  (revoked)\n" :
			"\n",
		    stdout);
	}
	json_decref(answer);
	return 0;
}

static int
key_revoke(struct client *client, const char *id, struct err_note *note)
{
	json_t *answer = NULL;
	struct uuid uuid;
	struct buf path;
	int err;

	/* Often the key itself is given: it must not become part of a path,
	 * which servers and proxies log. */
	if (uuid_parse(id, strlen(id), &uuid) < 0)
		return err_set(note, ERR_INVALID,
		    "revoke wants the id of a key; see tidemark key list");
	buf_init(&path, CLIENT_PATH_MAX);
	(void)buf_puts(&path, "/keys/");
	path_put(&path, id);
	err = path.err;
	if (err == 0)
		err = client_call(client, "DELETE", buf_text(&path), NULL,
		    &answer, note);
	json_decref(answer);
	buf_fini(&path);
	return err;
}

int
cmd_key(const struct args *args)
{
	const char *what = args->words[0];
	struct session session = {0};
	struct err_note note = {0};
	bool is_revoke = strcmp(what, "revoke") == 0;
	int err;

	if ((!is_revoke && strcmp(what, "create") != 0 &&
	    strcmp(what, "list") != 0) ||
	    args->word_count != (is_revoke ? 2u : 1u)) {
		(void)err_set(&note, ERR_INVALID,
		    "usage: tidemark key create|list|revoke [KEY]");
		return cmd_error("key", ERR_INVALID, &note);
	}
	err = session_open(args, false, &session, &note);
	if (err == 0 && is_revoke)
		err = key_revoke(session.client, args->words[1], &note);
	else if (err == 0 && strcmp(what, "list") == 0)
		err = key_list(session.client, args, &note);
	else if (err == 0)
		err = key_create(session.client, args, &note);
	session_close(&session);
	return err < 0 ? cmd_error("key", err, &note) : CMD_DONE;
}
