/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "api/cognee/cognee_memo.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "store/store_memo.h"

#define SCORE_DIGITS 6

/* Members of each kind that words stand in, in the order in which they are
 * read; ended by NULL. */
static const char *const qa_words[] = {"question", "answer", "context",
    NULL};
static const char *const trace_words[] = {"origin_function", "status",
    "memory_query", "memory_context", "error_message", "method_params",
    "method_return_value", NULL};

static bool
is_trace(const char *kind)
{
	return strcmp(kind, COGNEE_MEMO_TRACE) == 0;
}

/* ---- what it is found by ------------------------------------------------- */

/* What fits of it, on a line of its own. */
static void
put_words(struct buf *out, const char *text, size_t len)
{
	size_t room = MEMO_TEXT_BYTES_MAX - out->len;

	if (room == 0)
		return;
	if (out->len > 0) {
		(void)buf_putc(out, '\n');
		room--;
	}
	(void)buf_put(out, text, len <= room ? len
					     : utf8_floor(text, len, room));
}

int
cognee_memo_text(const char *kind, const json_t *entry, struct buf *out)
{
	const char *const *name = is_trace(kind) ? trace_words : qa_words;
	const json_t *value;
	char *dump;

	for (; *name != NULL; name++) {
		value = json_object_get(entry, *name);
		if (json_is_string(value)) {
			put_words(out, json_string_value(value),
			    json_string_length(value));
		} else if (json_is_object(value) || json_is_array(value)) {
			dump = json_dumps(value, JSON_COMPACT);
			if (dump == NULL)
				return ERR_NOMEM;
			put_words(out, dump, strlen(dump));
			free(dump);
		}
	}
	return out->err;
}

/* ---- as an item ---------------------------------------------------------- */

static const char *
text_of(const json_t *entry, const char *name)
{
	const char *text = json_string_value(json_object_get(entry, name));

	return text == NULL ? "" : text;
}

static void
put_value(struct jsonw *w, const char *name, const json_t *entry)
{
	const json_t *value = json_object_get(entry, name);
	char *dump;

	jsonw_name(w, name);
	if (value == NULL || json_is_null(value)) {
		jsonw_null(w);
		return;
	}
	dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	if (dump == NULL)
		w->out->err = w->out->err < 0 ? w->out->err : ERR_NOMEM;
	else
		jsonw_raw(w, dump, strlen(dump));
	free(dump);
}

static void
put_qa(struct jsonw *w, const struct memo *memo, const json_t *entry,
    const char *id)
{
	static const char *const rest[] = {"feedback_text", "feedback_score",
	    "used_graph_element_ids"};
	size_t i;

	jsonw_nstring(w, "source", "session");
	jsonw_ntime(w, "time", memo->created_us);
	jsonw_nstring(w, "qa_id", id);
	jsonw_nstring(w, "question", text_of(entry, "question"));
	jsonw_nstring(w, "context", text_of(entry, "context"));
	jsonw_nstring(w, "answer", text_of(entry, "answer"));
	for (i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
		put_value(w, rest[i], entry);
	jsonw_nstring(w, "text", text_of(entry, "answer"));
}

static void
put_trace(struct jsonw *w, const struct memo *memo, const json_t *entry,
    const char *id)
{
	static const char *const texts[] = {"origin_function", "status",
	    "memory_query", "memory_context", "error_message"};
	size_t i;

	jsonw_nstring(w, "source", "trace");
	jsonw_ntime(w, "time", memo->created_us);
	jsonw_nstring(w, "trace_id", id);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		jsonw_nstring(w, texts[i], text_of(entry, texts[i]));
	put_value(w, "method_params", entry);
	put_value(w, "method_return_value", entry);
	jsonw_nstring(w, "session_feedback", "");
	jsonw_nstring(w, "text", memo->text);
}

int
cognee_write_memo(struct jsonw *w, const struct memo *memo, double score)
{
	json_t *entry = json_loads(memo->body, 0, NULL);
	char id[UUID_TEXT_SIZE];

	if (!json_is_object(entry)) {
		json_decref(entry);
		return ERR_CORRUPT;
	}
	uuid_format(&memo->uuid, id);
	jsonw_object(w);
	if (is_trace(memo->kind))
		put_trace(w, memo, entry, id);
	else
		put_qa(w, memo, entry, id);
	jsonw_nreal(w, "score", score, SCORE_DIGITS);
	jsonw_object_end(w);
	json_decref(entry);
	return w->out->err;
}

int
cognee_memo_lines(const struct memo *memo, struct buf *out)
{
	json_t *entry = json_loads(memo->body, 0, NULL);
	const char *question = text_of(entry, "question");

	if (is_trace(memo->kind))
		(void)buf_printf(out, "%s: %s%s%s\n",
		    text_of(entry, "origin_function"),
		    text_of(entry, "status"),
		    text_of(entry, "error_message")[0] == '\0' ? "" : ": ",
		    text_of(entry, "error_message"));
	else
		/* A text that was not asked for stands alone. */
		(void)buf_printf(out, "%s%s%sAssistant: %s\n",
		    question[0] == '\0' ? "" : "User: ", question,
		    question[0] == '\0' ? "" : "\n",
		    text_of(entry, "answer"));
	json_decref(entry);
	return out->err;
}
