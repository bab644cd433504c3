/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "engine/engine_int.h"
#include "engine/rule.h"
#include "graph/chat_graph.h"

static struct rule
read_rule(const char *base, const char *document)
{
	struct err_note note = {""};
	struct rule rule;

	if (rule_read(base, NULL, document, &rule, &note) < 0)
		fail_msg("%s", note.text);
	assert_true(chunk_rule_is_valid(&rule.chunk));
	return rule;
}

static void
expect_words(const char *settings, const char *words)
{
	struct err_note note = {""};
	struct rule rule;

	assert_int_equal(rule_read(settings, NULL, NULL, &rule, &note),
	    ERR_INVALID);
	if (strstr(note.text, words) == NULL)
		fail_msg("%s says: %s", settings, note.text);
}

static void
test_default(void **state)
{
	struct rule rule = read_rule(NULL, NULL);

	(void)state;
	assert_memory_equal(&rule.chunk, &chunk_rule_default,
	    sizeof(rule.chunk));
	assert_true(rule.has_vectors);
	assert_false(rule.keeps_duplicates || rule.keeps_empty ||
	    rule.is_text);
	assert_string_equal(rule.questions, "");
	rule = read_rule("{}", "{\"other\": {\"a\": 1}}");
	assert_int_equal(rule.chunk.cut.chars_max, 1200);
}

static void
test_members(void **state)
{
	struct rule rule;

	(void)state;
	rule = read_rule("{\"chunking\": {\"method\": \"separator\","
	    "\"chars_max\": 500, \"overlap_chars\": 50, \"separator\": \"##\","
	    "\"child\": {\"method\": \"recursive\", \"chars_max\": 200},"
	    "\"squeezes_blanks\": true, \"drops_addresses\": true},"
	    "\"vectors\": false, \"duplicates\": \"index\","
	    "\"empty\": \"index\", \"content\": \"text\","
	    "\"questions\": \"English\"}", NULL);
	assert_int_equal(rule.chunk.cut.method, CHUNK_SEPARATOR);
	assert_int_equal(rule.chunk.cut.chars_max, 500);
	assert_int_equal(rule.chunk.cut.overlap_chars, 50);
	assert_string_equal(rule.chunk.cut.separator, "##");
	assert_int_equal(rule.chunk.child.method, CHUNK_RECURSIVE);
	assert_int_equal(rule.chunk.child.chars_max, 200);
	assert_true(rule.chunk.squeezes_blanks && rule.chunk.drops_addresses);
	assert_false(rule.has_vectors);
	assert_true(rule.keeps_duplicates && rule.keeps_empty &&
	    rule.is_text);
	assert_string_equal(rule.questions, "English");
}

static void
test_methods(void **state)
{
	struct rule rule;

	(void)state;
	rule = read_rule("{\"chunking\": {\"method\": \"fixed\","
	    "\"chars_max\": 10, \"overlap_chars\": 5,"
	    "\"child\": {\"method\": \"fixed\", \"chars_max\": 3}}}", NULL);
	assert_int_equal(rule.chunk.cut.method, CHUNK_FIXED);
	assert_int_equal(rule.chunk.cut.overlap_chars, 5);
	assert_int_equal(rule.chunk.child.method, CHUNK_FIXED);
	rule = read_rule("{\"chunking\": {\"method\": \"semantic\"}}", NULL);
	assert_int_equal(rule.chunk.cut.method, CHUNK_SEMANTIC);
	assert_true(rule.chunk.cut.threshold == 0.5);
	rule = read_rule("{\"chunking\": {\"method\": \"semantic\","
	    "\"threshold\": 0.25, \"child\": {\"method\": \"structure\","
	    "\"chars_max\": 100}}}", NULL);
	assert_true(rule.chunk.cut.threshold == 0.25);
	assert_int_equal(rule.chunk.child.method, CHUNK_STRUCTURE);
	rule = read_rule("{\"chunking\": {\"method\": \"semantic\","
	    "\"threshold\": 1}}", NULL);
	assert_true(rule.chunk.cut.threshold == 1.0);
}

/* The document's word counts, but "chunking" is one word. */
static void
test_over(void **state)
{
	struct rule rule;

	(void)state;
	rule = read_rule("{\"chunking\": {\"method\": \"recursive\","
	    "\"chars_max\": 70, \"squeezes_blanks\": true},"
	    "\"vectors\": false, \"questions\": \"French\"}",
	    "{\"chunking\": {\"method\": \"separator\"}, \"vectors\": true,"
	    "\"questions\": null}");
	assert_int_equal(rule.chunk.cut.method, CHUNK_SEPARATOR);
	assert_int_equal(rule.chunk.cut.chars_max, 1200);
	assert_string_equal(rule.chunk.cut.separator, "\n");
	assert_false(rule.chunk.squeezes_blanks);
	assert_true(rule.has_vectors);
	assert_string_equal(rule.questions, "");
	rule = read_rule("{\"chunking\": {\"method\": \"whole\"}}",
	    "{\"chunking\": null}");
	assert_int_equal(rule.chunk.cut.method, CHUNK_WHOLE);
}

/* Base, source, document: each over what is before it. */
static void
test_three(void **state)
{
	static const char base[] = "{\"chunking\":{\"chars_max\":400},"
	    "\"empty\":\"index\",\"questions\":\"French\"}";
	static const char source[] = "{\"chunking\":{\"method\":\"whole\"},"
	    "\"duplicates\":\"index\",\"questions\":\"German\"}";
	struct err_note note = {""};
	struct rule rule;

	(void)state;
	assert_int_equal(rule_read(base, source, "{\"empty\":\"skip\"}",
			     &rule, &note), 0);
	assert_int_equal(rule.chunk.cut.method, CHUNK_WHOLE);
	assert_string_equal(rule.questions, "German");
	assert_true(rule.keeps_duplicates);
	assert_false(rule.keeps_empty);
	assert_int_equal(rule_read(base, source,
			     "{\"questions\":\"Dutch\",\"chunking\":null}",
			     &rule, &note), 0);
	assert_int_equal(rule.chunk.cut.method, CHUNK_WHOLE);
	assert_string_equal(rule.questions, "Dutch");
	assert_true(rule.keeps_empty);
	assert_int_equal(rule_read(base, "[]", NULL, &rule, &note),
	    ERR_INVALID);
}

static void
test_wrong(void **state)
{
	(void)state;
	expect_words("[]", "JSON object");
	expect_words("{", "JSON object");
	expect_words("{\"chunking\": 1}", "chunking: it must be an object");
	expect_words("{\"chunking\": {\"method\": \"x\"}}",
	    "chunking: method must be");
	expect_words("{\"chunking\": {\"method\": 1}}", "method must be");
	expect_words("{\"chunking\": {\"chars_max\": 63}}",
	    "chars_max must be 64 to 8000");
	expect_words("{\"chunking\": {\"chars_max\": \"9\"}}",
	    "chars_max must be a number");
	expect_words("{\"chunking\": {\"chars_max\": -1}}",
	    "chars_max must be a number");
	expect_words("{\"chunking\": {\"chars_max\": 99999999999}}",
	    "chars_max must be a number");
	expect_words("{\"chunking\": {\"method\": \"recursive\","
	    "\"chars_max\": 50, \"overlap_chars\": 51}}",
	    "overlap_chars 0 to chars_max");
	expect_words("{\"chunking\": {\"separator\": \"\"}}", "separator");
	expect_words("{\"chunking\": {\"separater\": \"a\"}}",
	    "no member separater");
	expect_words("{\"chunking\": {\"child\": 3}}", "child must be");
	expect_words("{\"chunking\": {\"child\": {\"method\": \"whole\"}}}",
	    "chunking: child: method must be");
	expect_words("{\"chunking\": {\"child\": {\"method\": \"recursive\","
	    "\"chars_max\": 0}}}", "chunking: child");
	expect_words("{\"chunking\": {\"child\": {\"child\": null}}}",
	    "no member child");
	expect_words("{\"chunking\": {\"child\": {\"method\": "
	    "\"semantic\"}}}", "chunking: child: method must be");
	expect_words("{\"chunking\": {\"child\": {\"chars_max\": 63}}}",
	    "chunking: child: chars_max must be 64");
	expect_words("{\"chunking\": {\"child\": {\"threshold\": 0.5}}}",
	    "no member threshold");
	expect_words("{\"chunking\": {\"method\": \"fixed\","
	    "\"chars_max\": 10, \"overlap_chars\": 6}}", "half of it");
	expect_words("{\"chunking\": {\"method\": \"semantic\","
	    "\"chars_max\": 63}}", "chars_max must be 64");
	expect_words("{\"chunking\": {\"threshold\": 1.5}}",
	    "threshold must be a number from 0 to 1");
	expect_words("{\"chunking\": {\"threshold\": -0.1}}", "threshold");
	expect_words("{\"chunking\": {\"threshold\": \"0.5\"}}", "threshold");
	expect_words("{\"chunking\": {\"threshold\": null}}", "threshold");
	expect_words("{\"vectors\": 1}", "vectors must be true or false");
	expect_words("{\"duplicates\": \"x\"}", "duplicates must be");
	expect_words("{\"empty\": true}", "empty must be");
	expect_words("{\"questions\": 7}", "questions must be a text");
	expect_words("{\"questions\": \"abcdefghijklmnopqrstuvwxyzabcdef\"}",
	    "1 to 31 bytes");
}

/* Who makes it, as the last one says that says anything. */
static void
test_graph(void **state)
{
	static const struct {
		const char *base, *document;
		enum rule_graph graph;
		bool has_orders;
	} cases[] = {
		{"{}", NULL, RULE_GRAPH_NONE, false},
		{"{\"graph\": null}", NULL, RULE_GRAPH_NONE, false},
		{"{\"graph\": {}}", NULL, RULE_GRAPH_AUTO, false},
		{"{\"graph\": {\"by\": \"auto\"}}", "{}", RULE_GRAPH_AUTO,
		    false},
		{"{\"graph\": {\"by\": \"rules\", \"prompt\": null}}", NULL,
		    RULE_GRAPH_RULES, false},
		{"{\"graph\": {\"by\": \"model\", \"prompt\": \"p\"}}",
		    NULL, RULE_GRAPH_MODEL, true},
		{"{\"graph\": {\"prompt\": \"p\"}}", NULL,
		    RULE_GRAPH_AUTO, true},
		{"{\"graph\": {\"prompt\": \"p\"}}",
		    "{\"graph\": {\"by\": \"rules\"}}", RULE_GRAPH_RULES,
		    false},
		{"{\"graph\": {\"prompt\": \"p\"}}", "{\"graph\": null}",
		    RULE_GRAPH_NONE, false},
	};
	struct rule rule;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rule = read_rule(cases[i].base, cases[i].document);
		assert_int_equal(rule.graph, cases[i].graph);
		assert_true((rule.graph_orders != 0) == cases[i].has_orders);
	}
	expect_words("{\"graph\": true}", "graph: it must be an object");
	expect_words("{\"graph\": \"rules\"}", "graph: it must be an object");
	expect_words("{\"graph\": {\"by\": \"x\"}}", "graph: by must be");
	expect_words("{\"graph\": {\"by\": null}}", "graph: by must be");
	expect_words("{\"graph\": {\"byy\": 1}}", "graph: there is no member "
	    "byy");
	expect_words("{\"graph\": {\"by\": \"rules\", \"prompt\": \"p\"}}",
	    "graph: a prompt is for a model");
	expect_words("{\"graph\": {\"prompt\": \"\"}}",
	    "graph: prompt must be a text of 1 to 16384 bytes");
	expect_words("{\"graph\": {\"prompt\": 7}}", "graph: prompt must");
}

static void
expect_orders(const char *base, const char *source, const char *document,
    const char *expected)
{
	struct err_note note = {""};
	struct rule rule;
	struct buf out;

	buf_init(&out, CHAT_GRAPH_PROMPT_BYTES_MAX);
	assert_int_equal(rule_read(base, source, document, &rule, &note), 0);
	assert_int_equal(rule_graph_orders(base, source, document, &out,
			     &note), 0);
	assert_string_equal(buf_text(&out), expected);
	assert_true((rule.graph_orders != 0) == (out.len > 0));
	buf_fini(&out);
}

/* A model's orders: as long as may be, and of whom they are. */
static void
test_graph_orders(void **state)
{
	static char settings[CHAT_GRAPH_PROMPT_BYTES_MAX + 64];
	struct err_note note = {""};
	struct rule rule;
	struct buf out;
	size_t at;

	(void)state;
	expect_orders("{\"graph\": {\"prompt\": \"one\"}}",
	    "{\"graph\": {\"prompt\": \"two\"}}", NULL, "two");
	expect_orders("{\"graph\": {\"prompt\": \"one\"}}", "{}", "{}",
	    "one");
	expect_orders("{\"graph\": {\"prompt\": \"one\"}}", NULL,
	    "{\"graph\": {}}", "");
	expect_orders("{\"graph\": {\"prompt\": \"one\"}}", NULL,
	    "{\"graph\": null}", "");
	expect_orders(NULL, NULL, NULL, "");
	at = (size_t)snprintf(settings, sizeof(settings),
	    "{\"graph\": {\"prompt\": \"");
	memset(settings + at, 'x', CHAT_GRAPH_PROMPT_BYTES_MAX);
	memcpy(settings + at + CHAT_GRAPH_PROMPT_BYTES_MAX, "\"}}", 4);
	rule = read_rule(settings, NULL);
	buf_init(&out, CHAT_GRAPH_PROMPT_BYTES_MAX);
	assert_int_equal(rule_graph_orders(settings, NULL, NULL, &out, &note),
	    0);
	assert_int_equal(out.len, CHAT_GRAPH_PROMPT_BYTES_MAX);
	buf_fini(&out);
	assert_true(rule.graph_orders != 0);
	memcpy(settings + at + CHAT_GRAPH_PROMPT_BYTES_MAX, "x\"}}", 5);
	expect_words(settings, "1 to 16384 bytes");
}

static void
expect_fingerprint(const struct engine *engine, const char *settings,
    const char *sum)
{
	struct rule rule = read_rule(settings, NULL);

	assert_true(rule_fingerprint(engine, &rule) ==
	    XXH3_64bits(sum, strlen(sum)) >> 1);
}

static void
test_fingerprint(void **state)
{
	static const char *const all[] = {"{}",
	    "{\"chunking\": {\"chars_max\": 1201}}",
	    "{\"chunking\": {\"overlap_chars\": 1}}",
	    "{\"chunking\": {\"method\": \"separator\"}}",
	    "{\"chunking\": {\"method\": \"separator\","
	    "\"squeezes_blanks\": true}}",
	    "{\"chunking\": {\"method\": \"separator\","
	    "\"drops_addresses\": true}}",
	    "{\"chunking\": {\"method\": \"separator\", \"separator\": "
	    "\"a\"}}",
	    "{\"chunking\": {\"method\": \"recursive\"}}",
	    "{\"chunking\": {\"method\": \"recursive\", \"child\":"
	    "{\"method\": \"recursive\"}}}",
	    "{\"chunking\": {\"method\": \"recursive\", \"child\":"
	    "{\"method\": \"recursive\", \"chars_max\": 100}}}",
	    "{\"chunking\": {\"method\": \"whole\"}}",
	    "{\"chunking\": {\"method\": \"fixed\"}}",
	    "{\"chunking\": {\"method\": \"fixed\","
	    "\"squeezes_blanks\": true}}",
	    "{\"chunking\": {\"method\": \"fixed\", \"chars_max\": 7}}",
	    "{\"chunking\": {\"method\": \"semantic\"}}",
	    "{\"chunking\": {\"method\": \"semantic\","
	    "\"overlap_chars\": 100}}",
	    "{\"chunking\": {\"method\": \"semantic\","
	    "\"threshold\": 0.6}}",
	    "{\"chunking\": {\"method\": \"semantic\","
	    "\"threshold\": 0.6000001}}",
	    "{\"chunking\": {\"child\": {\"chars_max\": 100}}}",
	    "{\"chunking\": {\"child\": {\"chars_max\": 101}}}",
	    "{\"chunking\": {\"child\": {\"method\": \"fixed\","
	    "\"chars_max\": 100}}}",
	    "{\"vectors\": false}", "{\"content\": \"text\"}",
	    "{\"questions\": \"English\"}", "{\"questions\": \"French\"}",
	    "{\"graph\": {\"by\": \"rules\"}}",
	    "{\"graph\": {\"by\": \"model\"}}",
	    "{\"graph\": {\"by\": \"model\", \"prompt\": \"a\"}}",
	    "{\"graph\": {\"by\": \"model\", \"prompt\": \"b\"}}"};
	struct engine engine = {.chat_url = NULL};
	uint64_t numbers[sizeof(all) / sizeof(all[0])];
	struct rule rule;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		rule = read_rule(all[i], NULL);
		numbers[i] = rule_fingerprint(&engine, &rule);
		assert_true(numbers[i] <= INT64_MAX);
		for (k = 0; k < i; k++)
			assert_true(numbers[k] != numbers[i]);
	}
	/* What was indexed before there were rules stays as it is, and so
	 * does what was before there were more of them. */
	expect_fingerprint(&engine, "{}", "2 1200 0 lexical 256 ");
	expect_fingerprint(&engine, "{\"chunking\": {\"method\": "
	    "\"separator\", \"chars_max\": 500, \"squeezes_blanks\": true,"
	    "\"child\": {\"method\": \"recursive\", \"chars_max\": 9}}}",
	    "2 0 0 lexical 256  separator 500 0 1 \n child recursive 9 0 1 0");
	expect_fingerprint(&engine, "{\"chunking\": {\"method\": \"whole\","
	    "\"squeezes_blanks\": true}, \"vectors\": false}",
	    "2 0 0 lexical 256  whole words");
	expect_fingerprint(&engine, "{\"chunking\": {\"method\": "
	    "\"semantic\", \"threshold\": -0.0}}",
	    "2 0 0 lexical 256  semantic 1200 0 0000000000000000");
	rule = read_rule("{\"duplicates\": \"index\", \"empty\": \"index\"}",
	    NULL);
	assert_true(numbers[0] == rule_fingerprint(&engine, &rule));
}

/* "auto" is what it comes to: with a model that is there later, documents are
 * indexed anew. */
static void
test_fingerprint_auto(void **state)
{
	struct engine engine = {.chat_url = NULL};
	struct rule is_auto, by_rules, by_model, ordered, none;
	char url[] = "http://127.0.0.1/v1";

	(void)state;
	is_auto = read_rule("{\"graph\": {}}", NULL);
	ordered = read_rule("{\"graph\": {\"prompt\": \"p\"}}", NULL);
	by_rules = read_rule("{\"graph\": {\"by\": \"rules\"}}", NULL);
	by_model = read_rule("{\"graph\": {\"by\": \"model\"}}", NULL);
	none = read_rule("{\"graph\": null}", NULL);
	assert_true(rule_fingerprint(&engine, &is_auto) ==
	    rule_fingerprint(&engine, &by_rules));
	assert_true(rule_fingerprint(&engine, &is_auto) ==
	    rule_fingerprint(&engine, &ordered));
	assert_int_equal(rule_graph_maker(&engine, &ordered),
	    GRAPH_OF_RULES);
	engine.chat_url = url;
	assert_true(rule_fingerprint(&engine, &is_auto) ==
	    rule_fingerprint(&engine, &by_model));
	assert_true(rule_fingerprint(&engine, &is_auto) !=
	    rule_fingerprint(&engine, &ordered));
	assert_int_equal(rule_graph_maker(&engine, &ordered),
	    GRAPH_OF_MODEL);
	assert_int_equal(rule_graph_maker(&engine, &by_rules),
	    GRAPH_OF_RULES);
	assert_int_equal(rule_graph_maker(&engine, &none), GRAPH_OF_NOBODY);
	expect_fingerprint(&engine, "{\"graph\": null}",
	    "2 1200 0 lexical 256 ");
	expect_fingerprint(&engine, "{\"graph\": {\"by\": \"rules\"}}",
	    "2 1200 0 lexical 256  graph by rules 1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_over),
		cmocka_unit_test(test_three),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_graph),
		cmocka_unit_test(test_graph_orders),
		cmocka_unit_test(test_fingerprint),
		cmocka_unit_test(test_fingerprint_auto),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
