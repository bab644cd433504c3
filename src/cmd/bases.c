/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/session.h"
#include "cmd/term.h"

static void
page_print(const json_t *page, bool is_names)
{
	const json_t *base;
	size_t i;

	json_array_foreach (json_object_get(page, "bases"), i, base) {
		text_print(stdout, json_text(base, "name"));
		if (!is_names) {
			(void)printf(": %llu documents, %llu segments, ",
			    (unsigned long long)json_uint(base, "documents"),
			    (unsigned long long)json_uint(base, "segments"));
			text_print(stdout, json_text(base, "embedder"));
		}
		(void)fputc('\n', stdout);
	}
}

/* The page after the one there is, or the first. */
static int
page_get(struct client *client, json_t **page, struct err_note *note)
{
	json_t *next = NULL;
	struct buf path;
	int err;

	buf_init(&path, CLIENT_PATH_MAX);
	(void)buf_printf(&path, "/bases?limit=%u", PAGE_LIMIT_MAX);
	if (*page != NULL) {
		(void)buf_puts(&path, "&cursor=");
		path_put(&path, json_text(*page, "next_cursor"));
	}
	err = path.err;
	if (err == 0)
		err = client_call(client, "GET", buf_text(&path), NULL, &next,
		    note);
	buf_fini(&path);
	if (err < 0)
		return err;
	json_decref(*page);
	*page = next;
	return 0;
}

int
cmd_bases(const struct args *args)
{
	bool is_json = args_has(args, OPT(JSON));
	json_t *page = NULL, *all = json_array();
	struct session session = {0};
	struct err_note note = {0};
	int err;

	err = session_open(args, false, &session, &note);
	while (err == 0) {
		err = page_get(session.client, &page, &note);
		if (err == 0 && is_json)
			(void)json_array_extend(all,
			    json_object_get(page, "bases"));
		else if (err == 0)
			page_print(page, args_has(args, OPT(NAMES)));
		if (json_text(page, "next_cursor")[0] == '\0')
			break;
	}
	/* The list as the API has it, with all of its pages in one. */
	if (err == 0 && is_json)
		err = json_object_set(page, "bases", all) == 0 ? 0 :
								ERR_NOMEM;
	if (err == 0 && is_json)
		json_print(page);
	json_decref(page);
	json_decref(all);
	session_close(&session);
	return err < 0 ? cmd_error("bases", err, &note) : CMD_DONE;
}
