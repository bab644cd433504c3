/* SPDX-License-Identifier: Apache-2.0 */
/* Searches as they are asked: bodies, ways, years, and entries as memos. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/cognee/cognee_memo.h"
#include "api/cognee/cognee_search.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "http/http_int.h"
#include "store/store_memo.h"

/* ---- bodies -------------------------------------------------------------- */

/* 200, or the status of the refusal. */
static int
read_body(const char *text, bool is_recall, struct cognee_asked *ret_asked)
{
	json_t *json = text == NULL ? NULL : json_loads(text, 0, NULL);
	struct reply reply;
	int refused, status;

	assert_true(text == NULL || json != NULL);
	reply_init(&reply);
	refused = cognee_asked_read(&reply.pub, json, is_recall, ret_asked);
	status = refused ? reply.pub.status : 200;
	assert_int_equal(reply.pub.body.err, 0);
	reply_fini(&reply);
	/* Texts are the body's. */
	ret_asked->question = ret_asked->wish = NULL;
	json_decref(json);
	return status;
}

static void
bodies_have_defaults(void **state)
{
	struct cognee_asked asked = {.limit = 0};

	(void)state;
	assert_int_equal(read_body(NULL, false, &asked), 200);
	assert_int_equal(asked.type, COGNEE_SEARCH_HYBRID_COMPLETION);
	assert_int_equal(asked.limit, 15);
	assert_false(asked.only_context || asked.verbose ||
	    asked.with_references);
	assert_null(asked.names);
	assert_int_equal(read_body("{\"searchType\":null,\"datasets\":[]}",
			     false, &asked), 200);
	assert_int_equal(asked.type, COGNEE_SEARCH_HYBRID_COMPLETION);
	assert_null(asked.names);
	assert_int_equal(read_body("{\"search_type\":null}", true, &asked),
	    200);
	assert_int_equal(asked.type, COGNEE_SEARCH_FEELING_LUCKY);
	assert_true(asked.with_references);
	assert_int_equal(read_body("{}", true, &asked), 200);
	assert_int_equal(asked.type, COGNEE_SEARCH_HYBRID_COMPLETION);
}

static void
what_is_not_done_is_refused(void **state)
{
	static const struct {
		const char *body;
		int status;
	} rows[] = {
	    {"{\"search_type\":\"CYPHER\"}", 400},
	    {"{\"search_type\":\"CODE\"}", 400},
	    {"{\"search_type\":\"AGENTIC_COMPLETION\"}", 400},
	    {"{\"search_type\":\"AGENTIC_COMPLETION\","
	     "\"onlyContext\":true}", 200},
	    {"{\"search_type\":\"AGENTIC_COMPLETION\","
	     "\"onlyContext\":true,\"tools\":[\"a\"]}", 200},
	    {"{\"search_type\":\"CYPHER\",\"onlyContext\":true}", 400},
	    {"{\"top_k\":0}", 422},
	    {"{\"top_k\":1000}", 200},
	    {"{\"topK\":1001}", 422},
	    {"{\"query\":\" \"}", 422},
	    {"{\"query\":\"\"}", 422},
	    {"{\"skills\":[\"a\"]}", 422},
	    {"{\"skills\":[]}", 200},
	    {"{\"code_query\":{}}", 422},
	};
	struct cognee_asked asked;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (read_body(rows[i].body, false, &asked) != rows[i].status)
			fail_msg("%s", rows[i].body);
}

/* ---- ways ---------------------------------------------------------------- */

static void
a_question_chooses_its_way(void **state)
{
	static const struct {
		const char *question;
		enum cognee_search_type type;
	} rows[] = {
	    {"\"exactly this\"", COGNEE_SEARCH_CHUNKS_LEXICAL},
	    {"  \"exactly this\"\n", COGNEE_SEARCH_CHUNKS_LEXICAL},
	    {"\"", COGNEE_SEARCH_RAG_COMPLETION},
	    {"\"\"", COGNEE_SEARCH_RAG_COMPLETION},
	    {"", COGNEE_SEARCH_RAG_COMPLETION},
	    {"Summarize it", COGNEE_SEARCH_SUMMARIES},
	    {"an overview of 1990", COGNEE_SEARCH_SUMMARIES},
	    {"When?", COGNEE_SEARCH_TEMPORAL},
	    {"what was in 1990?", COGNEE_SEARCH_TEMPORAL},
	    {"what was in 3990?", COGNEE_SEARCH_RAG_COMPLETION},
	    {"whenever", COGNEE_SEARCH_RAG_COMPLETION},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (cognee_search_guess(rows[i].question, false) !=
		    rows[i].type)
			fail_msg("%s", rows[i].question);
	assert_int_equal(cognee_search_guess("Who?", true),
	    COGNEE_SEARCH_GRAPH_COMPLETION);
}

static void
every_way_has_a_name_of_its_own(void **state)
{
	size_t i, j;

	(void)state;
	assert_null(cognee_search_names[COGNEE_SEARCH_COUNT]);
	for (i = 0; i < COGNEE_SEARCH_COUNT; i++) {
		assert_string_equal(cognee_search_names[i],
		    cognee_search_way((enum cognee_search_type)i)->name);
		for (j = 0; j < i; j++)
			assert_string_not_equal(cognee_search_names[i],
			    cognee_search_names[j]);
	}
}

static bool
names_year_of(const char *question, const char *text)
{
	struct cognee_years years;

	cognee_years_of(question, &years);
	return cognee_years_are_in(&years, text, strlen(text));
}

static void
years_are_found_in_texts(void **state)
{
	struct cognee_years years;
	char many[64 * 5 + 1];
	size_t i;

	(void)state;
	assert_true(names_year_of("What was in 1898?", "In 1898, polonium."));
	assert_true(names_year_of("1900 or 1898?", "(1898)"));
	assert_false(names_year_of("What was in 1898?", "In 1899."));
	assert_false(names_year_of("What was in 1898?", "In 18980."));
	assert_false(names_year_of("room 0042", "room 0042"));
	assert_false(names_year_of("no year", "1898"));
	for (i = 0; i < 64; i++)
		(void)snprintf(many + 5 * i, 6, "%u ", 1900 + (unsigned)i);
	cognee_years_of(many, &years);
	assert_int_equal(years.count, COGNEE_YEARS_MAX);
	cognee_years_of("1898 1898 1898", &years);
	assert_int_equal(years.count, 1);
}

/* ---- entries ------------------------------------------------------------- */

static void
expect_words(const char *kind, const char *entry, const char *wanted)
{
	json_t *json = json_loads(entry, 0, NULL);
	struct buf out;

	assert_non_null(json);
	buf_init(&out, MEMO_TEXT_BYTES_MAX);
	assert_int_equal(cognee_memo_text(kind, json, &out), 0);
	assert_string_equal(buf_text(&out), wanted);
	buf_fini(&out);
	json_decref(json);
}

static void
entries_are_found_by_their_words(void **state)
{
	(void)state;
	expect_words(COGNEE_MEMO_QA, "{\"answer\":\"b\",\"question\":\"a\","
	    "\"context\":\"c\",\"feedback_text\":\"d\"}", "a\nb\nc");
	expect_words(COGNEE_MEMO_QA, "{}", "");
	expect_words(COGNEE_MEMO_TRACE, "{\"origin_function\":\"f\","
	    "\"method_params\":{\"p\":1},\"method_return_value\":[2]}",
	    "f\n{\"p\":1}\n[2]");
}

static void
long_entries_are_found_by_their_beginning(void **state)
{
	char *text = mem_alloc(2 * MEMO_TEXT_BYTES_MAX);
	json_t *entry;
	struct buf out;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', MEMO_TEXT_BYTES_MAX - 3);
	text[MEMO_TEXT_BYTES_MAX - 3] = '\0';
	entry = json_pack("{s:s,s:s,s:s}", "question", text, "answer",
	    "\xc3\xa4\xc3\xa4", "context", "more");
	assert_non_null(entry);
	buf_init(&out, MEMO_TEXT_BYTES_MAX);
	assert_int_equal(cognee_memo_text(COGNEE_MEMO_QA, entry, &out), 0);
	assert_int_equal(out.len, MEMO_TEXT_BYTES_MAX);
	assert_memory_equal(out.data + out.len - 4, "x\n\xc3\xa4", 4);
	buf_fini(&out);
	json_decref(entry);
	mem_free(text);
}

static void
what_is_stored_is_not_trusted(void **state)
{
	struct memo memo = {.kind = COGNEE_MEMO_QA, .text = "", .session = "s",
	    .body = "[]"};
	struct jsonw w;
	struct buf out;

	(void)state;
	buf_init(&out, MIB);
	jsonw_init(&w, &out);
	assert_int_equal(cognee_write_memo(&w, &memo, 0), ERR_CORRUPT);
	memo.body = "{\"question\":7,\"answer\":null}";
	buf_clear(&out);
	assert_int_equal(cognee_memo_lines(&memo, &out), 0);
	assert_string_equal(buf_text(&out), "Assistant: \n");
	buf_clear(&out);
	jsonw_init(&w, &out);
	assert_int_equal(cognee_write_memo(&w, &memo, 0.5), 0);
	assert_non_null(strstr(buf_text(&out), "\"question\":\"\""));
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bodies_have_defaults),
	    cmocka_unit_test(what_is_not_done_is_refused),
	    cmocka_unit_test(a_question_chooses_its_way),
	    cmocka_unit_test(every_way_has_a_name_of_its_own),
	    cmocka_unit_test(years_are_found_in_texts),
	    cmocka_unit_test(entries_are_found_by_their_words),
	    cmocka_unit_test(long_entries_are_found_by_their_beginning),
	    cmocka_unit_test(what_is_stored_is_not_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
