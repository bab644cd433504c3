/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "cmd/client.h"
#include "cmd/items.h"

#define ITEMS_AT_ONCE PAGE_LIMIT_MAX
#define FAILURES_AT_ONCE 100u
#define FAILURES_PAGES_MAX 20u /* at one look; the next goes on from there */

static int
page_get(struct client *client, const char *job, const char *state,
    const char *cursor, unsigned limit, json_t **ret_page,
    struct err_note *note)
{
	struct buf path;
	int err;

	buf_init(&path, CLIENT_PATH_MAX);
	(void)buf_printf(&path, "/jobs/%s/items?state=%s&limit=%u", job,
	    state, limit);
	if (cursor[0] != '\0') {
		(void)buf_puts(&path, "&cursor=");
		path_put(&path, cursor);
	}
	err = path.err;
	if (err == 0)
		err = client_call(client, "GET", buf_text(&path), NULL,
		    ret_page, note);
	buf_fini(&path);
	return err;
}

int
items_each(struct client *client, const char *job, const char *state,
    items_fn *fn, void *arg, struct err_note *note)
{
	json_t *page = NULL, *next, *item;
	bool is_wanted = true;
	size_t i;
	int err;

	do {
		next = NULL;
		err = page_get(client, job, state,
		    json_text(page, "next_cursor"), ITEMS_AT_ONCE, &next,
		    note);
		json_decref(page);
		page = next;
		if (err < 0)
			break;
		json_array_foreach (json_object_get(page, "items"), i, item)
			if (is_wanted && !fn(arg, item))
				is_wanted = false;
	} while (is_wanted && json_text(page, "next_cursor")[0] != '\0');
	json_decref(page);
	return err;
}

/* ---- the newest failures ---------------------------------------------- */

static void
text_copy(char *out, size_t size, const char *text)
{
	(void)snprintf(out, size, "%s", text);
	utf8_trim(out);
}

static void
failure_read(const json_t *item, struct failure *row)
{
	const json_t *error = json_object_get(item, "error");

	text_copy(row->name, sizeof(row->name), json_text(item, "name"));
	text_copy(row->code, sizeof(row->code), json_text(error, "code"));
	text_copy(row->message, sizeof(row->message),
	    json_text(error, "message"));
	text_copy(row->at, sizeof(row->at), json_text(
	    json_object_get(item, "times"), "finished_at"));
}

bool
failures_add(struct failures *failures, const json_t *item)
{
	struct failure row;
	size_t at, i;

	failure_read(item, &row);
	for (i = 0; i < failures->count; i++)
		if (strcmp(failures->rows[i].at, row.at) == 0 &&
		    strcmp(failures->rows[i].name, row.name) == 0)
			return false; /* it is shown already */
	/* Times are written alike, so that text compares as time does. */
	for (at = 0; at < failures->count; at++)
		if (strcmp(failures->rows[at].at, row.at) < 0)
			break;
	if (at == FAILURES_SHOWN)
		return false;
	if (failures->count < FAILURES_SHOWN)
		failures->count++;
	memmove(&failures->rows[at + 1], &failures->rows[at],
	    (failures->count - at - 1) * sizeof(failures->rows[0]));
	failures->rows[at] = row;
	return true;
}

int
failures_refresh(struct client *client, const char *job, uint64_t failed,
    struct failures_seen *seen, struct failures *failures,
    struct err_note *note)
{
	const json_t *item;
	json_t *page = NULL;
	const char *next;
	unsigned pages;
	size_t i;
	int err = 0;

	for (pages = 0; pages < FAILURES_PAGES_MAX; pages++) {
		json_decref(page);
		page = NULL;
		err = page_get(client, job, "failed", seen->cursor,
		    FAILURES_AT_ONCE, &page, note);
		if (err < 0)
			break;
		json_array_foreach (json_object_get(page, "items"), i, item)
			(void)failures_add(failures, item);
		next = json_text(page, "next_cursor");
		if (next[0] == '\0' || strlen(next) >= ITEMS_CURSOR_MAX) {
			seen->count = failed;
			break;
		}
		text_copy(seen->cursor, sizeof(seen->cursor), next);
	}
	json_decref(page);
	return err;
}
