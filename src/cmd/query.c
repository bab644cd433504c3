/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query: the best segments for people: rank, score, file, section, text.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "cmd/base.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/session.h"
#include "cmd/term.h"

#define EXCERPT_LINES 6u
#define INDENT 4u
#define WIDTH_READABLE 100u
#define RATIO_DIGITS 6

static void
body_make(const struct args *args, struct buf *body)
{
	struct buf text;
	struct jsonw w;
	size_t i;

	/* Quotes around the query are not asked for; those that are part of it
	 * the shell has let through. */
	buf_init(&text, QUERY_BYTES_MAX);
	for (i = 1; i < args->word_count; i++) {
		if (i > 1)
			(void)buf_putc(&text, ' ');
		(void)buf_puts(&text, args->words[i]);
	}
	jsonw_init(&w, body);
	jsonw_object(&w);
	jsonw_nstring(&w, "query", buf_text(&text));
	jsonw_nuint(&w, "limit", args->limit);
	jsonw_nreal(&w, "semantic_ratio", args->semantic_ratio,
	    RATIO_DIGITS);
	jsonw_nbool(&w, "operators", !args_has(args, OPT(PLAIN)));
	jsonw_object_end(&w);
	if (text.err < 0 && body->err == 0)
		body->err = text.err;
	buf_fini(&text);
}

static void
section_print(const json_t *sections)
{
	const json_t *section;
	const char *text;
	size_t i;

	json_array_foreach (sections, i, section) {
		text = json_string_value(section);
		(void)fputs(i == 0 ? "  " : " > ", stdout);
		text_print(stdout, text == NULL ? "" : text);
	}
}

static void
result_print(const json_t *result, size_t rank, unsigned width,
    bool has_color)
{
	const json_t *page = json_object_get(result, "page_start");

	(void)printf("%s%zu. %.3f  ", has_color ? "\033[1m" : "", rank,
	    json_number(result, "score"));
	text_print(stdout, json_text(result, "name"));
	(void)fputs(has_color ? "\033[0m" : "", stdout);
	section_print(json_object_get(result, "section"));
	if (json_is_integer(page))
		(void)printf("  page %lld",
		    (long long)json_integer_value(page));
	(void)fputc('\n', stdout);
	text_wrap(stdout, json_text(result, "text"), width, INDENT,
	    EXCERPT_LINES);
}

static void
answer_print(const json_t *answer)
{
	const json_t *results = json_object_get(answer, "results");
	bool has_color = term_has_color(stdout);
	unsigned width = term_width(stdout);
	const json_t *result;
	size_t i;

	if (width > WIDTH_READABLE)
		width = WIDTH_READABLE;
	json_array_foreach (results, i, result)
		result_print(result, i + 1, width, has_color);
	if (json_is_true(json_object_get(answer, "words_only")))
		(void)puts("found by words alone: the embedding service "
			   "does not answer");
	if (json_is_true(json_object_get(answer, "partial")))
		(void)puts("there may be more: its words are too common to "
			   "look at all segments");
	(void)printf("%zu result%s, generation %llu, %.1f ms\n",
	    json_array_size(results),
	    json_array_size(results) == 1 ? "" : "s",
	    (unsigned long long)json_uint(answer, "generation"),
	    json_number(answer, "took_ms"));
}

int
cmd_query(const struct args *args)
{
	struct session session = {0};
	struct err_note note = {0};
	json_t *answer = NULL;
	struct buf path, body;
	int err;

	buf_init(&path, CLIENT_PATH_MAX);
	buf_init(&body, 2 * QUERY_BYTES_MAX + KIB);
	(void)buf_puts(&path, "/bases/");
	path_put(&path, args->words[0]);
	(void)buf_puts(&path, "/query");
	body_make(args, &body);
	err = path.err < 0 ? path.err : body.err;
	if (err < 0)
		err = err_set(&note, ERR_INVALID, "the query is too long");
	if (err == 0)
		err = session_open(args, false, &session, &note);
	if (err == 0)
		err = client_call(session.client, "POST", buf_text(&path),
		    buf_text(&body), &answer, &note);
	if (err == ERR_NOT_FOUND)
		err = base_unknown(session.client, args->words[0], err,
		    &note);
	if (err == 0 && args_has(args, OPT(JSON)))
		json_print(answer);
	else if (err == 0)
		answer_print(answer);
	json_decref(answer);
	buf_fini(&body);
	buf_fini(&path);
	session_close(&session);
	return err < 0 ? cmd_error("query", err, &note) : CMD_DONE;
}
