/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What clients say of their data, as metadata; and of how it is to be done, as
 * settings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/cognee/cognee_rule.h"
#include "api/cognee/cognee_said.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"

/* What they become, or "!" and the words of why not. */
static void
assert_said(const char *labels, const char *external, const char *const *sets,
    size_t count, const char *expected)
{
	struct cognee_said said = {.labels = labels, .external = external,
	    .sets = sets};
	struct err_note note = {.text = ""};
	json_t *all = NULL;
	char *text;
	int err;

	while (sets != NULL && sets[said.set_count] != NULL)
		said.set_count++;
	err = cognee_said_read(&said, count, &all, &note);
	if (expected[0] == '!') {
		assert_int_equal(err, ERR_INVALID);
		assert_string_equal(note.text, expected + 1);
		assert_null(all);
		return;
	}
	assert_int_equal(err, 0);
	text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, expected);
	free(text);
	json_decref(all);
}

static void
test_nothing(void **state)
{
	const char *empty[] = {"", NULL};

	(void)state;
	assert_said(NULL, NULL, NULL, 0, "[]");
	assert_said("", " \n", empty, 2, "[{},{}]");
	assert_said("", "", empty, 0, "[]");
	assert_said("[]", "[]", empty, 0, "[]");
}

static void
test_labels(void **state)
{
	(void)state;
	assert_said("one", NULL, NULL, 1, "[{\"label\":\"one\"}]");
	assert_said(" one , two two,", NULL, NULL, 3,
	    "[{\"label\":\"one\"},{\"label\":\"two two\"},{}]");
	assert_said(",,", NULL, NULL, 3, "[{},{},{}]");
	assert_said(" [\"a,b\", null]", NULL, NULL, 2,
	    "[{\"label\":\"a,b\"},{}]");
	assert_said("a", NULL, NULL, 2,
	    "!there are 1 labels for 2 data items");
	assert_said("a,b", NULL, NULL, 0,
	    "!there are 2 labels for 0 data items");
	assert_said("[[]]", NULL, NULL, 1, "!labels must be a JSON array of "
	    "strings, or strings with commas between them");
	assert_said("\xff", NULL, NULL, 1,
	    "!a field of the form is not UTF-8");
}

static void
test_external(void **state)
{
	(void)state;
	assert_said("L", "[{\"a\":[1,{\"b\":null}]}]", NULL, 1,
	    "[{\"a\":[1,{\"b\":null}],\"label\":\"L\"}]");
	assert_said(NULL, "[null,{}]", NULL, 2, "[{},{}]");
	assert_said(NULL, "[{},{}]", NULL, 1,
	    "!external_metadata has 2 entries for 1 data items");
	assert_said(NULL, "[{\"label\":1}]", NULL, 1, "!external_metadata[0] "
	    "may not have the key 'label', which is reserved");
	assert_said(NULL, "[{},{\"node_set\":[]}]", NULL, 2,
	    "!external_metadata[1] may not have the key 'node_set', which is "
	    "reserved");
	assert_said(NULL, "[\"x\"]", NULL, 1,
	    "!external_metadata[0] must be an object or null");
}

/* "[{"a":[[[...]]]}]" with so many arrays in it. */
static char *
nested(size_t depth)
{
	size_t at = 0, i;
	char *text = mem_alloc(2 * depth + 16);

	assert_non_null(text);
	memcpy(text, "[{\"a\":", 6);
	at = 6;
	for (i = 0; i < depth; i++)
		text[at++] = '[';
	for (i = 0; i < depth; i++)
		text[at++] = ']';
	memcpy(text + at, "}]", 3);
	return text;
}

static void
test_limits(void **state)
{
	const size_t len = METADATA_BYTES_MAX;
	struct cognee_said said = {.labels = NULL};
	struct err_note note;
	json_t *all = NULL;
	char *text = nested(31);

	(void)state;
	said.external = text;
	assert_int_equal(cognee_said_read(&said, 1, &all, &note), 0);
	json_decref(all);
	mem_free(text);
	text = nested(32);
	assert_said(NULL, text, NULL, 1,
	    "!external_metadata[0] is nested deeper than 32");
	mem_free(text);
	text = mem_alloc(len + 1);
	assert_non_null(text);
	memset(text, 'a', len);
	text[len] = '\0';
	said = (struct cognee_said){.labels = text};
	assert_int_equal(cognee_said_read(&said, 1, &all, &note),
	    ERR_TOO_BIG);
	/* {"label":"aaa"}, to the last byte. */
	text[len - strlen("{\"label\":\"\"}")] = '\0';
	assert_int_equal(cognee_said_read(&said, 1, &all, &note), 0);
	json_decref(all);
	mem_free(text);
}

static void
test_sets(void **state)
{
	const char *one[] = {"a", NULL};
	const char *more[] = {"a", "", "[\"b\"]", NULL};
	const char *array[] = {"[\"a\", \"\", \"b\"]", NULL};
	const char *none[] = {"[]", NULL};
	const char *odd[] = {"[1]", NULL};
	const char *torn[] = {"[a", NULL};
	const char *bad[] = {"\xc3", NULL};

	(void)state;
	assert_said(NULL, NULL, one, 2,
	    "[{\"node_set\":[\"a\"]},{\"node_set\":[\"a\"]}]");
	assert_said(NULL, NULL, more, 1,
	    "[{\"node_set\":[\"a\",\"[\\\"b\\\"]\"]}]");
	assert_said(NULL, NULL, array, 1, "[{\"node_set\":[\"a\",\"b\"]}]");
	assert_said(NULL, NULL, none, 1, "[{}]");
	/* They are names, however odd. */
	assert_said(NULL, NULL, odd, 1, "[{\"node_set\":[\"[1]\"]}]");
	assert_said(NULL, NULL, torn, 1, "[{\"node_set\":[\"[a\"]}]");
	assert_said(NULL, NULL, bad, 1,
	    "!a field of the form is not UTF-8");
	assert_said("x", "[{\"k\":1}]", one, 1,
	    "[{\"k\":1,\"label\":\"x\",\"node_set\":[\"a\"]}]");
}

/* ---- settings ------------------------------------------------------------ */

/* after NULL: nothing changes. */
static void
assert_rule(const char *prompt, int64_t tokens, const char *before,
    const char *after)
{
	struct cognee_rule rule = {.prompt = prompt, .chunk_tokens = tokens};
	json_t *settings = json_loads(before, 0, NULL);
	char *text;

	assert_non_null(settings);
	assert_int_equal(cognee_rule_change(&rule, settings),
	    after == NULL ? 1 : 0);
	text = json_dumps(settings, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, after == NULL ? before : after);
	free(text);
	json_decref(settings);
}

static void
test_graph(void **state)
{
	(void)state;
	assert_rule(NULL, 0, "{}", "{\"graph\":{\"by\":\"auto\"}}");
	assert_rule("", 0, "{\"x\":1}",
	    "{\"graph\":{\"by\":\"auto\"},\"x\":1}");
	/* What is said of graphs already stays, also that there is none. */
	assert_rule(NULL, 0, "{\"graph\":{\"by\":\"rules\"}}", NULL);
	assert_rule(NULL, 0, "{\"graph\":null}", NULL);
	assert_rule("", 0, "{\"graph\":{\"by\":\"auto\"}}", NULL);
	assert_rule("P", 0, "{}",
	    "{\"graph\":{\"by\":\"auto\",\"prompt\":\"P\"}}");
	assert_rule("P", 0, "{\"graph\":{\"by\":\"auto\",\"prompt\":\"P\"}}",
	    NULL);
	assert_rule("P", 0, "{\"graph\":{\"by\":\"model\"}}",
	    "{\"graph\":{\"by\":\"model\",\"prompt\":\"P\"}}");
	/* Rules take no orders. */
	assert_rule("P", 0, "{\"graph\":{\"by\":\"rules\"}}",
	    "{\"graph\":{\"by\":\"auto\",\"prompt\":\"P\"}}");
}

static void
test_chunks(void **state)
{
	static const char graph[] = "\"graph\":{\"by\":\"auto\"}";
	char before[256], after[256];

	(void)state;
#define CHUNKS(tokens, from, to) do {                                         \
	(void)snprintf(before, sizeof(before), "{%s%s}", (from), graph);      \
	(void)snprintf(after, sizeof(after), "{%s%s}", (to), graph);          \
	assert_rule(NULL, (tokens), before,                                   \
	    strcmp(before, after) == 0 ? NULL : after);                       \
} while (0)
	CHUNKS(0, "", "");
	CHUNKS(64, "", "\"chunking\":{\"chars_max\":256},");
	CHUNKS(64, "\"chunking\":{\"chars_max\":256},",
	    "\"chunking\":{\"chars_max\":256},");
	/* It is the most that a chunk may have. */
	CHUNKS(4096, "", "\"chunking\":{\"chars_max\":8000},");
	CHUNKS(COGNEE_CHUNK_TOKENS_MAX, "",
	    "\"chunking\":{\"chars_max\":8000},");
	CHUNKS(64, "\"chunking\":{\"method\":\"fixed\"},",
	    "\"chunking\":{\"chars_max\":256,\"method\":\"fixed\"},");
	CHUNKS(64, "\"chunking\":{\"method\":\"whole\"},",
	    "\"chunking\":{\"chars_max\":256},");
	CHUNKS(64, "\"chunking\":{\"chars_max\":900,\"overlap_chars\":128},",
	    "\"chunking\":{\"chars_max\":256,\"overlap_chars\":128},");
	CHUNKS(64, "\"chunking\":{\"chars_max\":900,\"overlap_chars\":129},",
	    "\"chunking\":{\"chars_max\":256},");
#undef CHUNKS
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nothing),
	    cmocka_unit_test(test_labels),
	    cmocka_unit_test(test_external),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_sets),
	    cmocka_unit_test(test_graph),
	    cmocka_unit_test(test_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
