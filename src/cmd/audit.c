/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/base.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/session.h"
#include "cmd/term.h"

/* A value of whatever type, as JSON has it; texts without quotes. */
static void
value_print(const json_t *value)
{
	if (json_is_string(value))
		text_print(stdout, json_string_value(value));
	else if (json_is_integer(value))
		(void)printf("%lld", (long long)json_integer_value(value));
	else
		(void)json_dumpf(value, stdout, JSON_ENCODE_ANY);
}

/* The members of object, whatever they are called: a later server may count
 * more. */
static void
members_print(json_t *object)
{
	const char *name;
	json_t *value;
	bool is_first = true;

	json_object_foreach (object, name, value) {
		(void)fputs(is_first ? "" : ", ", stdout);
		text_print(stdout, name);
		(void)fputc(' ', stdout);
		value_print(value);
		is_first = false;
	}
	(void)fputc('\n', stdout);
}

static void
audit_print(const json_t *answer, const char *base)
{
	const json_t *differences = json_object_get(answer, "differences");
	json_t *difference;
	size_t i;

	text_print(stdout, base);
	if (json_is_true(json_object_get(answer, "ok")))
		(void)fputs(": what was shown is what is there\n", stdout);
	else
		(void)printf(": %zu difference%s\n",
		    json_array_size(differences),
		    json_array_size(differences) == 1 ? "" : "s");
	(void)fputs("  checked: ", stdout);
	members_print(json_object_get(answer, "checked"));
	json_array_foreach (differences, i, difference) {
		(void)fputs("  differs: ", stdout);
		members_print(difference);
	}
}

int
cmd_audit(const struct args *args)
{
	struct session session = {0};
	struct err_note note = {0};
	json_t *answer = NULL;
	struct buf path;
	bool is_ok = false;
	int err;

	buf_init(&path, CLIENT_PATH_MAX);
	(void)buf_puts(&path, "/bases/");
	path_put(&path, args->words[0]);
	(void)buf_puts(&path, "/audit");
	err = path.err;
	if (err == 0)
		err = session_open(args, false, &session, &note);
	if (err == 0)
		err = client_call(session.client, "GET", buf_text(&path),
		    NULL, &answer, &note);
	if (err == ERR_NOT_FOUND)
		err = base_unknown(session.client, args->words[0], err,
		    &note);
	if (err == 0) {
		is_ok = json_is_true(json_object_get(answer, "ok"));
		if (args_has(args, OPT(JSON)))
			json_print(answer);
		else
			audit_print(answer, args->words[0]);
	}
	json_decref(answer);
	buf_fini(&path);
	session_close(&session);
	if (err < 0)
		return cmd_error("audit", err, &note);
	return is_ok ? CMD_DONE : CMD_FAILED;
}
