/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer as server-sent events: lines, of which those that begin with
 * "data:" hold one JSON object each, and the last one "[DONE]".  Other lines
 * (names of events, comments that keep the connection open) say nothing.
 * What comes is not trusted: every member may be missing or of another type.
 */
#include <jansson.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "chat/chat_int.h"
#include "net/service.h"

#define DATA "data:"
#define DONE "[DONE]"

void
chat_feed_init(struct chat_feed *feed, chat_piece_fn *fn, void *arg)
{
	*feed = (struct chat_feed){.fn = fn, .arg = arg};
	buf_init(&feed->line, CHAT_LINE_BYTES_MAX);
	buf_init(&feed->text, CHAT_ANSWER_BYTES_MAX);
}

void
chat_feed_fini(struct chat_feed *feed)
{
	buf_fini(&feed->line);
	buf_fini(&feed->text);
}

/* {"error": ...} in the middle of an answer. */
static int
error_explain(const struct chat_feed *feed, const char *json, size_t len,
    struct err_note *note)
{
	char reason[NET_REASON_SIZE];

	net_reason_read(json, len, feed->key, reason);
	return err_set(note, ERR_UPSTREAM, "its answer ends with an error%s%s",
	    reason[0] == '\0' ? "" : ": ", reason);
}

static int
event_take(struct chat_feed *feed, const json_t *root)
{
	const json_t *choice =
	    json_array_get(json_object_get(root, "choices"), 0);
	const json_t *content = json_object_get(json_object_get(choice,
	    "delta"), "content");
	const char *reason =
	    json_string_value(json_object_get(choice, "finish_reason"));
	size_t len = json_string_length(content);

	chat_usage_read(root, &feed->usage);
	if (reason != NULL) {
		feed->is_done = true;
		feed->is_cut = strcmp(reason, "length") == 0;
	}
	if (len == 0)
		return 0;
	(void)buf_put(&feed->text, json_string_value(content), len);
	return feed->text.err < 0
	    ? feed->text.err
	    : feed->fn(feed->arg, json_string_value(content), len);
}

/* One object; what comes after [DONE] is not looked at. */
static int
event_read(struct chat_feed *feed, const char *json, size_t len,
    struct err_note *note)
{
	json_error_t error;
	json_t *root;
	int err;

	root = json_loadb(json, len, 0, &error);
	if (root == NULL)
		return json_error_code(&error) == json_error_out_of_memory
		    ? ERR_NOMEM
		    : err_set(note, ERR_UPSTREAM,
			"an event of its answer is not JSON");
	if (json_is_object(json_object_get(root, "error")) ||
	    json_is_string(json_object_get(root, "error")))
		err = error_explain(feed, json, len, note);
	else
		err = event_take(feed, root);
	json_decref(root);
	return err;
}

static int
line_read(struct chat_feed *feed, struct err_note *note)
{
	const char *text = buf_text(&feed->line);
	size_t len = feed->line.len;

	if (feed->is_over)
		return 0;
	if (len > 0 && text[len - 1] == '\r')
		len--;
	if (len < strlen(DATA) || memcmp(text, DATA, strlen(DATA)) != 0)
		return 0;
	text += strlen(DATA);
	len -= strlen(DATA);
	while (len > 0 && text[0] == ' ') {
		text++;
		len--;
	}
	if (len == 0)
		return 0;
	if (len == strlen(DONE) && memcmp(text, DONE, len) == 0) {
		feed->is_done = feed->is_over = true;
		return 0;
	}
	return event_read(feed, text, len, note);
}

int
chat_feed_put(struct chat_feed *feed, const char *bytes, size_t len,
    struct err_note *note)
{
	const char *end;
	size_t n;
	int err;

	while (len > 0) {
		end = memchr(bytes, '\n', len);
		n = end == NULL ? len : (size_t)(end - bytes);
		if (buf_put(&feed->line, bytes, n) < 0)
			return feed->line.err == ERR_NOMEM
			    ? ERR_NOMEM
			    : err_set(note, ERR_TOO_BIG,
				"a line of its answer is too long");
		if (end == NULL)
			break;
		err = line_read(feed, note);
		if (err < 0)
			return err;
		buf_clear(&feed->line);
		bytes += n + 1;
		len -= n + 1;
	}
	return 0;
}

int
chat_feed_end(struct chat_feed *feed, struct chat_answer *ret_answer,
    struct err_note *note)
{
	size_t len;
	char *text;
	int err;

	/* The last line may have no end of its own. */
	err = line_read(feed, note);
	if (err < 0)
		return err;
	if (!feed->is_done)
		return err_set(note, ERR_CLOSED,
		    "its answer breaks off before the end");
	len = feed->text.len;
	text = buf_take(&feed->text);
	if (text == NULL)
		return ERR_NOMEM;
	*ret_answer = (struct chat_answer){.text = text,
	    .len = len, .is_cut = feed->is_cut, .usage = feed->usage};
	return 0;
}
