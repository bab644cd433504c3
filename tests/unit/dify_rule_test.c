/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_rule.h"
#include "base/buf.h"
#include "base/err.h"
#include "engine/rule.h"

static json_t *
json_of(const char *text)
{
	json_error_t error;
	json_t *json = json_loads(text, 0, &error);

	if (json == NULL)
		fail_msg("%s: %s", text, error.text);
	return json;
}

static json_t *
read_rule(const char *text)
{
	json_t *wire = json_of(text), *rule = NULL;
	struct err_note note = {""};
	int err;

	err = dify_rule_read(wire, &rule, &note);
	if (err < 0)
		fail_msg("%s: %s", text, note.text);
	json_decref(wire);
	return rule;
}

static void
expect_json(json_t *got, const char *text)
{
	json_t *want = json_of(text);
	char *shown = json_dumps(got, JSON_COMPACT);

	if (json_equal(got, want) != 1)
		fail_msg("got %s, want %s", shown, text);
	free(shown);
	json_decref(want);
}

static void
expect_refused(const char *text, const char *words)
{
	json_t *wire = json_of(text), *rule = NULL;
	struct err_note note = {""};

	assert_int_equal(dify_rule_read(wire, &rule, &note), ERR_INVALID);
	assert_string_equal(note.text, words);
	assert_null(rule);
	json_decref(wire);
}

#define STEPS "\"pre_processing_rules\":[]"
#define CUSTOM(rules) "{\"mode\":\"custom\",\"rules\":{" rules "}}"
#define CUT(members) "\"segmentation\":{" members "}"

static void
test_normal_form(void **state)
{
	json_t *rule;

	(void)state;
	rule = read_rule("{\"mode\":\"automatic\",\"rules\":{\"x\":1}}");
	expect_json(rule, "{\"mode\":\"automatic\",\"rules\":{"
	    "\"pre_processing_rules\":["
	    "{\"id\":\"remove_extra_spaces\",\"enabled\":true},"
	    "{\"id\":\"remove_urls_emails\",\"enabled\":false}],"
	    "\"segmentation\":{\"delimiter\":\"\\n\",\"max_tokens\":500,"
	    "\"chunk_overlap\":50}}}");
	json_decref(rule);
	assert_int_equal(dify_rule_read(NULL, &rule, NULL), 0);
	assert_string_equal(dify_text(rule, "mode"), "automatic");
	json_decref(rule);
	/* Absent members have their defaults; of a step that is there twice
	 * the last one counts. */
	rule = read_rule(CUSTOM("\"pre_processing_rules\":["
	    "{\"id\":\"remove_urls_emails\",\"enabled\":true},"
	    "{\"id\":\"remove_stopwords\",\"enabled\":true},"
	    "{\"id\":\"remove_urls_emails\",\"enabled\":false}],"
	    CUT("\"max_tokens\":\"80\"")));
	expect_json(rule, CUSTOM("\"pre_processing_rules\":["
	    "{\"id\":\"remove_urls_emails\",\"enabled\":false},"
	    "{\"id\":\"remove_stopwords\",\"enabled\":true}],"
	    CUT("\"separator\":\"\\n\",\"max_tokens\":80,"
		"\"chunk_overlap\":0")
	    ",\"parent_mode\":null,\"subchunk_segmentation\":null"));
	json_decref(rule);
	/* delimiter is another word for separator. */
	rule = read_rule(CUSTOM(STEPS ","
	    CUT("\"delimiter\":\"##\",\"max_tokens\":50")));
	assert_string_equal(dify_text(dify_object(dify_object(rule, "rules"),
	    "segmentation"), "separator"), "##");
	json_decref(rule);
	rule = read_rule("{\"mode\":\"hierarchical\",\"rules\":{" STEPS ","
	    CUT("\"max_tokens\":500") "}}");
	assert_string_equal(dify_text(dify_object(rule, "rules"),
	    "parent_mode"), "paragraph");
	json_decref(rule);
	rule = dify_rule_default();
	assert_string_equal(dify_text(rule, "mode"), "custom");
	assert_int_equal(dify_integer(dify_object(dify_object(rule, "rules"),
	    "segmentation"), "max_tokens", 0), 1024);
	json_decref(rule);
}

static void
test_refusals(void **state)
{
	(void)state;
	expect_refused("{}", "Process rule mode is required");
	expect_refused("{\"mode\":\"fast\"}", "Process rule mode is invalid");
	expect_refused("{\"mode\":\"custom\"}",
	    "Process rule rules is required");
	expect_refused(CUSTOM(""),
	    "Process rule pre_processing_rules is required");
	expect_refused(CUSTOM(STEPS),
	    "Process rule segmentation is required");
	expect_refused(CUSTOM(STEPS ","
	    CUT("\"separator\":\"\",\"max_tokens\":50")),
	    "Process rule segmentation separator is required");
	expect_refused(CUSTOM(STEPS "," CUT("\"separator\":\"x\"")),
	    "Process rule segmentation max_tokens is required");
	expect_refused(CUSTOM(STEPS "," CUT("\"max_tokens\":0")),
	    "Process rule segmentation max_tokens is required");
	expect_refused(CUSTOM(STEPS "," CUT("\"max_tokens\":49")),
	    "Custom segment length should be between 50 and 4000.");
	expect_refused(CUSTOM(STEPS "," CUT("\"max_tokens\":4001")),
	    "Custom segment length should be between 50 and 4000.");
	expect_refused(CUSTOM(STEPS ","
	    CUT("\"max_tokens\":60,\"chunk_overlap\":-1")),
	    "Process rule segmentation chunk_overlap is invalid");
	expect_refused(CUSTOM(STEPS ","
	    CUT("\"max_tokens\":60,\"chunk_overlap\":61")),
	    "Got a larger chunk overlap (61) than chunk size (60), should be "
	    "smaller.");
}

static void
test_long_separator(void **state)
{
	char text[512], long_one[257];
	json_t *wire, *rule = NULL;
	struct err_note note = {""};

	(void)state;
	memset(long_one, '#', 256);
	long_one[256] = '\0';
	(void)snprintf(text, sizeof(text), CUSTOM(STEPS ","
	    CUT("\"separator\":\"%s\",\"max_tokens\":50")), long_one);
	wire = json_of(text);
	assert_int_equal(dify_rule_read(wire, &rule, &note), ERR_INVALID);
	json_decref(wire);
	assert_string_equal(note.text, "Process rule segmentation separator "
	    "is invalid: it has more than 255 bytes");
	assert_null(rule);
}

static void
test_separators(void **state)
{
	static const struct {
		const char *text, *meant;
	} rows[] = {
	    {"\\n", "\n"}, {"\\n\\n", "\n\n"}, {"\n", "\n"}, {"###", "###"},
	    {"\\t|\\r", "\t|\r"}, {"\\\\n", "\\n"}, {"\\q", "\\q"},
	    {"\\", "\\"}, {"a\\", "a\\"}, {"\xE3\x80\x82", "\xE3\x80\x82"},
	    {"\xE3\x80\x82\\n", "\xE3\x80\x82\n"}, {"\\u3002", "\xE3\x80\x82"},
	    {"\\x41", "A"}, {"\\x4", "\\x4"}, {"\\u30", "\\u30"},
	    {"\\x00", "\\x00"}, {"\\ud800", "\\ud800"},
	    {"\\U0001F600", "\xF0\x9F\x98\x80"}, {"\\'\\\"", "'\""},
	};
	char out[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(dify_separator(rows[i].text, out,
		    sizeof(out)), 0);
		assert_string_equal(out, rows[i].meant);
	}
	assert_int_equal(dify_separator("four", out, 5), 0);
	assert_int_equal(dify_separator("four", out, 4), ERR_TOO_BIG);
	assert_int_equal(dify_separator("fo\\u3002", out, 5), ERR_TOO_BIG);
}

/* As the engine will read it. */
static struct rule
engine_rule(const char *text, const char *form)
{
	json_t *rule = read_rule(text), *chunking = NULL;
	struct err_note note = {""};
	struct rule got;
	json_t *settings;
	char *dumped;

	if (dify_rule_chunking(rule, form, &chunking, &note) < 0)
		fail_msg("%s", note.text);
	settings = json_pack("{s:o}", "chunking", chunking);
	dumped = json_dumps(settings, 0);
	if (rule_read("{}", NULL, dumped, &got, &note) < 0)
		fail_msg("%s: %s", dumped, note.text);
	free(dumped);
	json_decref(settings);
	json_decref(rule);
	return got;
}

#define PARENTS(mode, cut)                                                    \
	"{\"mode\":\"hierarchical\",\"rules\":{\"pre_processing_rules\":["    \
	"{\"id\":\"remove_extra_spaces\",\"enabled\":true}],"                 \
	CUT(cut) ",\"parent_mode\":" mode ",\"subchunk_segmentation\":{"      \
	"\"separator\":\"\\\\n\",\"max_tokens\":60,\"chunk_overlap\":5}}}"

static void
test_chunking(void **state)
{
	struct rule rule;

	(void)state;
	rule = engine_rule("{\"mode\":\"automatic\"}", DIFY_FORM_TEXT);
	assert_int_equal(rule.chunk.cut.method, CHUNK_RECURSIVE);
	assert_int_equal(rule.chunk.cut.chars_max, 500);
	assert_int_equal(rule.chunk.cut.overlap_chars, 50);
	assert_true(rule.chunk.squeezes_blanks);
	assert_false(rule.chunk.drops_addresses);
	assert_int_equal(rule.chunk.child.chars_max, 0);
	rule = engine_rule(CUSTOM("\"pre_processing_rules\":["
	    "{\"id\":\"remove_urls_emails\",\"enabled\":true}],"
	    CUT("\"separator\":\"\\\\n###\",\"max_tokens\":50,"
		"\"chunk_overlap\":50")), DIFY_FORM_TEXT);
	assert_int_equal(rule.chunk.cut.method, CHUNK_SEPARATOR);
	assert_string_equal(rule.chunk.cut.separator, "\n###");
	assert_int_equal(rule.chunk.cut.chars_max, 50);
	assert_int_equal(rule.chunk.cut.overlap_chars, 50);
	assert_false(rule.chunk.squeezes_blanks);
	assert_true(rule.chunk.drops_addresses);
	rule = engine_rule(PARENTS("null",
	    "\"separator\":\"\\\\n\\\\n\",\"max_tokens\":700"),
	    DIFY_FORM_PARENTS);
	assert_int_equal(rule.chunk.cut.method, CHUNK_SEPARATOR);
	assert_string_equal(rule.chunk.cut.separator, "\n\n");
	assert_int_equal(rule.chunk.cut.chars_max, 700);
	assert_int_equal(rule.chunk.child.method, CHUNK_SEPARATOR);
	assert_string_equal(rule.chunk.child.separator, "\n");
	assert_int_equal(rule.chunk.child.chars_max, 60);
	assert_int_equal(rule.chunk.child.overlap_chars, 5);
	assert_true(rule.chunk.squeezes_blanks);
	/* A whole document has no size and is not cleaned. */
	rule = engine_rule(PARENTS("\"full-doc\"", ""), DIFY_FORM_PARENTS);
	assert_int_equal(rule.chunk.cut.method, CHUNK_WHOLE);
	assert_int_equal(rule.chunk.child.chars_max, 60);
	assert_false(rule.chunk.squeezes_blanks);
	/* Without parents the rule is an ordinary one. */
	rule = engine_rule(PARENTS("\"paragraph\"", "\"max_tokens\":700"),
	    DIFY_FORM_TEXT);
	assert_int_equal(rule.chunk.cut.method, CHUNK_SEPARATOR);
	assert_int_equal(rule.chunk.child.chars_max, 0);
}

static void
expect_misfit(const char *text, const char *form, const char *words)
{
	json_t *rule = read_rule(text), *chunking = NULL;
	struct err_note note = {""};

	assert_int_equal(dify_rule_chunking(rule, form, &chunking, &note),
	    ERR_INVALID);
	assert_string_equal(note.text, words);
	assert_null(chunking);
	json_decref(rule);
}

static void
test_misfits(void **state)
{
	(void)state;
	expect_misfit("{\"mode\":\"automatic\"}", DIFY_FORM_PARENTS,
	    "doc_form hierarchical_model needs a process_rule of mode "
	    "hierarchical.");
	expect_misfit("{\"mode\":\"hierarchical\",\"rules\":{" STEPS ","
	    CUT("\"max_tokens\":500") "}}", DIFY_FORM_PARENTS,
	    "No subchunk segmentation found in rules.");
	expect_misfit(PARENTS("\"full-doc\"", ""), DIFY_FORM_TEXT,
	    "parent_mode full-doc needs doc_form hierarchical_model.");
}

static void
test_sameness(void **state)
{
	json_t *a = read_rule(CUSTOM(STEPS "," CUT("\"max_tokens\":50")));
	json_t *b = read_rule(CUSTOM(STEPS "," CUT("\"max_tokens\":\"50\"")));
	json_t *c = read_rule(CUSTOM(STEPS "," CUT("\"max_tokens\":51")));

	(void)state;
	(void)json_object_set_new(a, "id", json_string("one"));
	assert_true(dify_rule_is_same(a, b));
	assert_false(dify_rule_is_same(a, c));
	json_decref(a);
	json_decref(b);
	json_decref(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_normal_form),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_long_separator),
	    cmocka_unit_test(test_separators),
	    cmocka_unit_test(test_chunking),
	    cmocka_unit_test(test_misfits),
	    cmocka_unit_test(test_sameness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
