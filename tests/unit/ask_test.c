/* SPDX-License-Identifier: Apache-2.0 */
/* What a query demands, and whether it holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "search/ask.h"
#include "search/ask_match.h"

static const char *const field_names[ASK_FIELDS] = {
	[ASK_ANYWHERE] = "any",
	[ASK_TEXT] = "text",
	[ASK_SECTION] = "section",
	[ASK_KEYWORD] = "keyword",
	[ASK_NAME] = "name",
	[ASK_TITLE] = "title",
	[ASK_TAG] = "tag",
	[ASK_URI] = "uri",
};

/* What is sought, then each clause: "sought | any(a b) -name(c)". */
static void
expect(const char *text, const char *wanted)
{
	struct ask *ask = ask_new(text, strlen(text));
	const struct ask_clause *clause;
	struct buf out;
	size_t i, j;

	assert_non_null(ask);
	buf_init(&out, 64 * KIB);
	assert_int_equal(buf_printf(&out, "%s |", ask->sought), 0);
	for (i = 0; i < ask->clause_count; i++) {
		clause = &ask->clauses[i];
		assert_int_equal(buf_printf(&out, " %s%s",
				     clause->is_excluded ? "-" : "",
				     field_names[clause->field]), 0);
		for (j = 0; j < clause->count; j++)
			assert_int_equal(buf_printf(&out, "%s%s",
			    j == 0 ? "(" : " ",
			    ask->words[clause->first + j].text), 0);
		assert_int_equal(buf_puts(&out, ")"), 0);
	}
	assert_string_equal(buf_text(&out), wanted);
	buf_fini(&out);
	ask_free(ask);
}

static void
test_plain(void **state)
{
	(void)state;
	expect("", " |");
	expect("how do I revoke a key?", "how do I revoke a key? |");
	expect("  two  blanks ", "  two  blanks  |");
	/* Not a field that there is, and one without a value. */
	expect("Note: this, note:this", "Note: this, note:this |");
	expect("name: report", "name: report |");
	expect("name:", "name: |");
	expect("filename:x subtitle:y", "filename:x subtitle:y |");
	expect("my-name:x", "my-name:x |");
	expect("(name:x)", "(name:x) |");
	expect("name:??? tag:\"\" text:\" - \"",
	    "name:??? tag:\"\" text:\" - \" |");
	/* Quotes that are not closed, or that are inches. */
	expect("the \"annual leave", "the \"annual leave |");
	expect("name:\"annual leave", "name:\"annual leave |");
	expect("-\"annual leave", "-\"annual leave |");
	expect("a 5\" pipe and a 6\" one", "a 5\" pipe and a 6\" one |");
	expect("\"", "\" |");
	expect("\"\"", "\"\" |");
	expect("\"...\" \"!\"", "\"...\" \"!\" |");
	/* A minus that excludes nothing. */
	expect("- a -", "- a - |");
	expect("well-known -5 -40.2 --option -- ---x",
	    "well-known -5 -40.2 --option -- ---x |");
	expect("-... -", "-... - |");
}

static void
test_clauses(void **state)
{
	(void)state;
	expect("\"Annual Leave\" policy",
	    "Annual Leave policy | any(annual leave)");
	expect("what is \"P4\"?", "what is P4 ? | any(p4)");
	expect("tax -draft", "tax | -any(draft)");
	expect("tax -\"first draft\"  law",
	    "tax law | -any(first draft)");
	expect("-\"2023\" tax", "tax | -any(2023)");
	expect("-semi-final", " | -any(semi final)");
	expect("name:report.pdf", " | name(report pdf)");
	expect("name:\"Annual report\" -name:old budget",
	    "budget | name(annual report) -name(old)");
	expect("TITLE:Caf\xC3\xA9 x", "x | title(cafe)");
	expect("section:setup text:\"a b\" keyword:k tag:t uri:/x/y -uri:z",
	    "setup a b k | section(setup) text(a b) keyword(k) tag(t) "
	    "uri(x y) -uri(z)");
	expect("(\"a b\"), \"c\"", "( a b ), c | any(a b) any(c)");
	expect("\"a\"b \"c\"d\"e\"", "a b c d\"e\" | any(a) any(c)");
	/* Quotes as programs for letters make them. */
	expect("\xE2\x80\x9C" "a b\xE2\x80\x9D c", "a b c | any(a b)");
	expect("\xE2\x80\x9E" "a b\xE2\x80\x9C c", "a b c | any(a b)");
	expect("\xEF\xBC\x82" "a" "\xEF\xBC\x82", "a | any(a)");
	/* An ideographic space is a blank as well. */
	expect("x\xE3\x80\x80-y", "x\xE3\x80\x80 | -any(y)");
	/* Words without blanks between them, and in pairs. */
	expect("\xE6\x9D\xB1\xE4\xBA\xAC"
	    "\"\xE5\xA4\xA7\xE5\xAD\xA6\xE9\x99\xA2\"",
	    "\xE6\x9D\xB1\xE4\xBA\xAC \xE5\xA4\xA7\xE5\xAD\xA6\xE9\x99\xA2 | "
	    "any(\xE5\xA4\xA7\xE5\xAD\xA6 \xE5\xAD\xA6\xE9\x99\xA2)");
	expect("line\n\"break\nin\"\tquotes -x\n-y",
	    "line\n break\nin \tquotes \n | any(break in) -any(x) -any(y)");
	/* Some that fail do not harm those that follow. */
	expect("-- \"a b\" name: -c \"d", "-- a b name: \"d | "
	    "any(a b) -any(c)");
}

static void
test_limits(void **state)
{
	struct buf text, wanted;
	struct ask *ask;
	unsigned i;

	(void)state;
	buf_init(&text, 64 * KIB);
	buf_init(&wanted, 64 * KIB);
	/* The seventeenth is text. */
	(void)buf_puts(&wanted, "-x -y |");
	for (i = 0; i < ASK_CLAUSES_MAX; i++) {
		(void)buf_printf(&text, "-w%u ", i);
		(void)buf_printf(&wanted, " -any(w%u)", i);
	}
	(void)buf_puts(&text, "-x -y");
	expect(buf_text(&text), buf_text(&wanted));
	/* Too many words: not even its end begins another. */
	buf_clear(&text);
	(void)buf_puts(&text, "\"a");
	for (i = 0; i < ASK_PHRASE_WORDS_MAX; i++)
		(void)buf_puts(&text, " b");
	(void)buf_puts(&text, ".\" x \"y z\"");
	buf_clear(&wanted);
	(void)buf_puts(&wanted, "\"a");
	for (i = 0; i < ASK_PHRASE_WORDS_MAX; i++)
		(void)buf_puts(&wanted, " b");
	(void)buf_puts(&wanted, ".\" x y z | any(y z)");
	expect(buf_text(&text), buf_text(&wanted));
	/* As many as there may be, of all clauses. */
	buf_clear(&text);
	for (i = 0; i < ASK_WORDS_MAX; i++)
		(void)buf_printf(&text, "%sw%s",
		    i % ASK_PHRASE_WORDS_MAX == 0 ? " \"" : " ",
		    i % ASK_PHRASE_WORDS_MAX == ASK_PHRASE_WORDS_MAX - 1
			? "\"" : "");
	(void)buf_puts(&text, " \"v\"");
	ask = ask_new(buf_text(&text), text.len);
	assert_non_null(ask);
	assert_int_equal(ask->clause_count, 4);
	assert_int_equal(ask->word_count, ASK_WORDS_MAX);
	assert_string_equal(ask->sought + strlen(ask->sought) - 3, "\"v\"");
	ask_free(ask);
	buf_fini(&text);
	buf_fini(&wanted);
}

static void
test_bytes(void **state)
{
	struct ask *ask;
	struct buf text;
	size_t i;

	(void)state;
	/* What is not UTF-8, and what is too long. */
	ask = ask_new("\"a\" \xFF", 5);
	assert_non_null(ask);
	assert_int_equal(ask->clause_count, 0);
	assert_string_equal(ask->sought, "\"a\" \xFF");
	ask_free(ask);
	buf_init(&text, 64 * KIB);
	(void)buf_puts(&text, "\"a\"");
	for (i = text.len; i <= QUERY_BYTES_MAX; i++)
		(void)buf_putc(&text, ' ');
	ask = ask_new(buf_text(&text), text.len);
	assert_int_equal(ask->clause_count, 0);
	ask_free(ask);
	ask = ask_new(buf_text(&text), text.len - 1);
	assert_int_equal(ask->clause_count, 1);
	assert_string_equal(ask->sought, "a");
	ask_free(ask);
	/* Lengthen nothing: quotes at every place where they may be. */
	buf_clear(&text);
	for (i = 0; i + 3 <= QUERY_BYTES_MAX; i += 3)
		(void)buf_puts(&text, "\"\"\"");
	ask = ask_new(buf_text(&text), text.len);
	assert_int_equal(ask->clause_count, 0);
	assert_string_equal(ask->sought, buf_text(&text));
	ask_free(ask);
	buf_fini(&text);
}

static void
test_levels(void **state)
{
	struct ask *ask;

	(void)state;
	ask = ask_new("x -name:y", 9);
	assert_true(ask_has(ask, ASK_OF_DOCUMENT));
	assert_false(ask_has(ask, ASK_OF_SEGMENT));
	assert_false(ask_demands(ask, ASK_OF_DOCUMENT));
	ask_free(ask);
	ask = ask_new("section:y name:z", 16);
	assert_true(ask_demands(ask, ASK_OF_DOCUMENT));
	assert_true(ask_demands(ask, ASK_OF_SEGMENT));
	ask_free(ask);
}

/* ---- matching ------------------------------------------------------------ */

/* Does the query hold for a segment with that text? */
static bool
holds(const char *query, const char *text)
{
	struct ask *ask = ask_new(query, strlen(query));
	struct ask_match *match = mem_alloc(sizeof(*match));
	bool is_held;

	assert_non_null(ask);
	assert_non_null(match);
	assert_true(ask->clause_count > 0);
	ask_match_init(match, ask);
	ask_match_begin(match);
	ask_match_put(match, ASK_TEXT, "something else", 14);
	ask_match_begin(match);
	ask_match_put(match, ASK_TEXT, text, strlen(text));
	is_held = ask_match_holds(match, ASK_OF_SEGMENT);
	mem_free(match);
	ask_free(ask);
	return is_held;
}

static void
test_phrases_hold(void **state)
{
	(void)state;
	assert_true(holds("\"annual leave\"", "Our Annual\nLeave policy"));
	assert_true(holds("\"annual leave\"", "annual -- \"leave\""));
	assert_true(holds("\"cafe creme\"", "un Caf\xC3\xA9, cr\xC3\xA8me"));
	assert_false(holds("\"annual leave\"", "leave, annual"));
	assert_false(holds("\"annual leave\"", "annual paid leave"));
	assert_false(holds("\"annual leave\"", "annual leaves"));
	assert_false(holds("\"annual leave\"", "annual"));
	assert_false(holds("\"annual leave\"", ""));
	/* One that begins within one that fails. */
	assert_true(holds("\"a a b\"", "a a a b"));
	assert_true(holds("\"a b a c\"", "a b a b a c"));
	assert_false(holds("\"a b a c\"", "a b a b c"));
	assert_true(holds("\"run\"", "they run"));
	assert_false(holds("\"run\"", "they are running"));
	/* All of them, and none of those. */
	assert_true(holds("\"a b\" \"b c\"", "a b c"));
	assert_false(holds("\"a b\" \"c d\"", "a b c"));
	assert_true(holds("-draft", "final"));
	assert_false(holds("-draft", "final DRAFT"));
	assert_true(holds("-draft", "drafts"));
	assert_false(holds("\"final\" -draft", "final draft"));
	assert_false(holds("\"final\" -draft", "draft, final"));
	assert_true(holds("-\"first draft\"", "draft first"));
	/* In whatever script; pairs stand side by side. */
	assert_true(holds("\"\xE6\x9D\xB1\xE4\xBA\xAC\"",
	    "\xE6\x9D\xB1\xE4\xBA\xAC\xE5\xA4\xA7\xE5\xAD\xA6"));
	assert_true(holds("\"\xE4\xBA\xAC\xE5\xA4\xA7\xE5\xAD\xA6\"",
	    "\xE6\x9D\xB1\xE4\xBA\xAC\xE5\xA4\xA7\xE5\xAD\xA6\xE9\x99\xA2"));
	assert_false(holds("\"\xE6\x9D\xB1\xE5\xA4\xA7\"",
	    "\xE6\x9D\xB1\xE4\xBA\xAC\xE5\xA4\xA7\xE5\xAD\xA6"));
	assert_false(holds("\"\xE6\x9D\xB1\xE4\xBA\xAC\xE5\xA4\xA7\"",
	    "\xE6\x9D\xB1\xE4\xBA\xAC\n\xE5\xA4\xA7\xE5\xAD\xA6"));
	assert_true(holds(
	    "\"\xE6\x9D\xB1\xE4\xBA\xAC \xE5\xA4\xA7\xE5\xAD\xA6\"",
	    "\xE6\x9D\xB1\xE4\xBA\xAC\n\xE5\xA4\xA7\xE5\xAD\xA6"));
}

static void
test_single_characters_hold(void **state)
{
	const char *east = "\"\xE6\x9D\xB1\"";

	(void)state;
	assert_true(holds(east, "\xE6\x9D\xB1"));
	assert_true(holds(east, "\xE6\x9D\xB1\xE4\xBA\xAC"));
	assert_true(holds(east, "\xE9\x96\xA2\xE6\x9D\xB1"));
	assert_true(holds(east, "a \xE4\xB8\xAD\xE6\x9D\xB1\xE4\xBA\xAC"));
	assert_false(holds(east, "\xE4\xBA\xAC\xE9\x83\xBD"));
	/* In a phrase, at its ends alone. */
	assert_true(holds("\"\xE6\x9D\xB1 tower\"",
	    "\xE9\x96\xA2\xE6\x9D\xB1 tower"));
	assert_false(holds("\"\xE6\x9D\xB1 tower\"",
	    "\xE6\x9D\xB1\xE4\xBA\xAC tower"));
	assert_true(holds("\"tower \xE6\x9D\xB1\"",
	    "tower \xE6\x9D\xB1\xE4\xBA\xAC"));
	assert_false(holds("\"tower \xE6\x9D\xB1\"",
	    "tower \xE9\x96\xA2\xE6\x9D\xB1"));
	assert_false(holds("\"a \xE6\x9D\xB1 b\"",
	    "a \xE6\x9D\xB1\xE4\xBA\xAC b"));
	assert_true(holds("\"a \xE6\x9D\xB1 b\"", "a \xE6\x9D\xB1 b"));
	assert_false(holds("-\xE6\x9D\xB1", "\xE9\x96\xA2\xE6\x9D\xB1"));
}

static void
put(struct ask_match *match, enum ask_field field, const char *text)
{
	ask_match_put(match, field, text, strlen(text));
}

static void
test_fields_hold(void **state)
{
	static const char query[] = "\"one two\" section:setup -keyword:old "
	    "name:report -title:draft";
	struct ask *ask = ask_new(query, strlen(query));
	struct ask_match *match = mem_alloc(sizeof(*match));

	(void)state;
	assert_non_null(ask);
	assert_non_null(match);
	ask_match_init(match, ask);
	ask_match_begin(match);
	put(match, ASK_TEXT, "setup old one");
	put(match, ASK_SECTION, "two");
	assert_false(ask_match_holds(match, ASK_OF_SEGMENT));
	put(match, ASK_KEYWORD, "one two");
	assert_false(ask_match_holds(match, ASK_OF_SEGMENT));
	put(match, ASK_SECTION, "The setup");
	assert_true(ask_match_holds(match, ASK_OF_SEGMENT));
	assert_false(ask_match_holds(match, ASK_OF_DOCUMENT));
	put(match, ASK_KEYWORD, "old");
	assert_false(ask_match_holds(match, ASK_OF_SEGMENT));
	ask_match_begin(match);
	put(match, ASK_TITLE, "report, one two");
	assert_false(ask_match_holds(match, ASK_OF_DOCUMENT));
	put(match, ASK_NAME, "Report.pdf");
	assert_true(ask_match_holds(match, ASK_OF_DOCUMENT));
	assert_false(ask_match_holds(match, ASK_OF_SEGMENT));
	put(match, ASK_TITLE, "Draft");
	assert_false(ask_match_holds(match, ASK_OF_DOCUMENT));
	mem_free(match);
	ask_free(ask);
}

/* As long as may be, with every end of it in the text but one. */
static void
test_long_phrase(void **state)
{
	struct buf query, text;
	unsigned i, j;

	(void)state;
	buf_init(&query, 64 * KIB);
	buf_init(&text, 64 * KIB);
	(void)buf_puts(&query, "\"");
	for (i = 0; i < ASK_PHRASE_WORDS_MAX - 1; i++)
		(void)buf_puts(&query, "a ");
	(void)buf_puts(&query, "b\"");
	for (j = 0; j < 10; j++) {
		for (i = 0; i < ASK_PHRASE_WORDS_MAX - 2; i++)
			(void)buf_puts(&text, "a ");
		(void)buf_puts(&text, "b ");
	}
	assert_false(holds(buf_text(&query), buf_text(&text)));
	(void)buf_puts(&text, "a a ");
	for (i = 0; i < ASK_PHRASE_WORDS_MAX - 2; i++)
		(void)buf_puts(&text, "a ");
	(void)buf_puts(&text, "b ");
	assert_true(holds(buf_text(&query), buf_text(&text)));
	buf_fini(&query);
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_clauses),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_phrases_hold),
		cmocka_unit_test(test_single_characters_hold),
		cmocka_unit_test(test_fields_hold),
		cmocka_unit_test(test_long_phrase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
