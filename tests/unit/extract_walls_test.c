/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every wall of the sandbox, from inside: a build of the extractor with a
 * reader that tries to get out, to stay in for ever, and to deceive the
 * server (tests/hostile).  Each file ends rightly, is tried twice at most, and
 * the next one notices nothing.
 */
#include "extract_got.h"

enum ending {
	KILLED,	  /* by the list of system calls */
	UNMAPPED, /* the same, but sanitizers need the call */
	CRASHED,
	MEMORY,
	CPU,
	SILENT,
	TEXT,
	MEMBERS,
	BYTES,
	HARMLESS, /* for once */
	LEFT,
	SECOND, /* the second attempt is good */
	WELL,
	LATE, /* too late to be seen in the answer, at times */
	ENDINGS
};

static const struct {
	enum item_code code;
	const char *words;
} endings[ENDINGS] = {
    [KILLED] = {ITEM_CODE_EXTRACTION_FAILED, "twice: it was killed by"},
    [UNMAPPED] = {ITEM_CODE_EXTRACTION_FAILED, "twice: it was killed by"},
    [CRASHED] = {ITEM_CODE_EXTRACTION_FAILED, "twice"},
    [MEMORY] = {ITEM_CODE_EXTRACTION_LIMIT, "more memory than the limit"},
    [CPU] = {ITEM_CODE_EXTRACTION_TIMEOUT, "more processor time"},
    [SILENT] = {ITEM_CODE_EXTRACTION_TIMEOUT, "longer than the limit"},
    [TEXT] = {ITEM_CODE_EXTRACTION_LIMIT, "the text is larger"},
    [MEMBERS] = {ITEM_CODE_EXTRACTION_LIMIT, "more documents inside"},
    [BYTES] = {ITEM_CODE_EXTRACTION_LIMIT, "documents inside are larger"},
    [HARMLESS] = {ITEM_CODE_NONE, ""},
    [LEFT] = {ITEM_CODE_NONE, ""},
    [SECOND] = {ITEM_CODE_NONE, ""},
    [WELL] = {ITEM_CODE_NONE, ""},
    [LATE] = {ITEM_CODE_EXTRACTION_FAILED, "twice"},
};

static const struct {
	const char *word;
	enum ending ending;
	unsigned starts;
} rows[] = {
#define HOSTILE(word, function, ending, starts) {word, ending, starts},
#include "../hostile/hostile_tbl.h"
};

#ifdef SANITIZED
static const bool is_sanitized = true;
#else
static const bool is_sanitized = false;
#endif

static char hostile[4096], shipped[4096];

static int
ask(struct extractor *extractor, const struct extract_limits *limits,
    const char *word, struct got *got)
{
	char text[128];
	int len;

	len = snprintf(text, sizeof(text), "TIDEMARK-HOSTILE %s", word);
	got->stop_after = 0;
	return run_with(extractor, limits, "a.bin", text, (size_t)len, got);
}

/* What is compared where the run was not to fail. */
static const char *
wanted_text(enum ending ending)
{
	switch (ending) {
	case KILLED:
	case UNMAPPED:
	case HARMLESS:
		return "p|refused\n"; /* to be reported by a sanitizer */
	case LEFT:
		return "m|a|x|1|EXTRACTION_FAILED\nm|b|y|1|NONE\n"
		       "m|c||0|EXTRACTION_FAILED\nk|author|Ada\n"
		       "m|d||0|EXTRACTION_FAILED\np|refused\n";
	case SECOND:
		return "p|first\np|second\n";
	case WELL:
	case LATE:
		return "p|all\n";
	case CRASHED:
	case MEMORY:
	case CPU:
	case SILENT:
	case TEXT:
	case MEMBERS:
	case BYTES:
	case ENDINGS:
		break;
	}
	return NULL;
}

static void
check_row(size_t i)
{
	enum ending ending = rows[i].ending;
	struct extract_limits limits = extract_limits_default;
	struct extractor *extractor = extractor_new(hostile);
	enum item_code code = endings[ending].code;
	struct got got, next = {.stop_after = 0};
	uint64_t starts;

	assert_non_null(extractor);
	limits.wall_ms_max = ending == SILENT ? 100 : 20000;
	limits.wall_total_ms_max = ending == SILENT ? 250 : 40000;
	limits.cpu_seconds_max = ending == CPU ? 1 : 60;
	limits.memory_bytes_max = 768 * MIB;
	limits.text_bytes_max = MIB;
	limits.member_bytes_max = MIB;
	limits.members_max = 50;
	assert_int_equal(ask(extractor, &limits, rows[i].word, &got), 0);
	starts = extractor_starts(extractor);
	if (is_sanitized && ending == KILLED)
		code = ITEM_CODE_NONE;
	if (ending == LATE && got.result.code == ITEM_CODE_NONE)
		code = ITEM_CODE_NONE;
	if (got.result.code != code ||
	    (code != ITEM_CODE_NONE &&
		strstr(got.result.message, endings[ending].words) == NULL))
		fail_msg("%s: %s, \"%s\"", rows[i].word,
		    item_code_name(got.result.code), got.result.message);
	if (code == ITEM_CODE_NONE)
		assert_string_equal(buf_text(&got.text), wanted_text(ending));
	if (starts > rows[i].starts ||
	    (starts < rows[i].starts && code == endings[ending].code))
		fail_msg("%s: %llu children", rows[i].word,
		    (unsigned long long)starts);

	/* The next one is innocent, and its child new or none the worse. */
	assert_int_equal(run_with(extractor, &limits, "a.txt", "one\n\ntwo", 8,
			     &next), 0);
	assert_int_equal(next.result.code, ITEM_CODE_NONE);
	assert_string_equal(buf_text(&next.text), "p|one\np|two\n");
	assert_true(extractor_starts(extractor) <= starts + 1);
	buf_fini(&got.text);
	buf_fini(&next.text);
	extractor_close(extractor);
}

static void
test_walls(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* What sanitizers do themselves cannot be told from it. */
		if (is_sanitized && (rows[i].ending == UNMAPPED ||
			rows[i].ending == MEMORY))
			continue;
		check_row(i);
	}
}

/* Hostile files in between do not spoil the child for the others. */
static void
test_in_turn(void **state)
{
	static const char *const words[] = {"open", "end-sum", "exit",
	    "member-sum", "stack", "end-code"};
	struct extractor *extractor = extractor_new(hostile);
	struct got got;
	size_t i;

	(void)state;
	assert_non_null(extractor);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_int_equal(ask(extractor, &extract_limits_default,
				     words[i], &got), 0);
		buf_fini(&got.text);
		got.stop_after = 0;
		assert_int_equal(run_with(extractor, &extract_limits_default,
				     "a.md", "# A\n\nb", 6, &got), 0);
		assert_string_equal(buf_text(&got.text), "h1|A\np|b\n");
		buf_fini(&got.text);
	}
	extractor_close(extractor);
}

/* No document pays for what others have left behind in the child: it gets
 * a new one. */
static void
test_leak(void **state)
{
	struct extract_limits limits = extract_limits_default;
	struct extractor *extractor = extractor_new(hostile);
	struct got got;

	(void)state;
	assert_non_null(extractor);
	limits.memory_bytes_max = 768 * MIB;
	assert_int_equal(ask(extractor, &limits, "leak", &got), 0);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	buf_fini(&got.text);
	assert_int_equal(ask(extractor, &limits, "room", &got), 0);
	assert_string_equal(item_code_name(got.result.code), "NONE");
	assert_int_equal(extractor_starts(extractor), is_sanitized ? 1 : 2);
	buf_fini(&got.text);
	/* Too much for a new one is too much. */
	if (!is_sanitized) {
		assert_int_equal(ask(extractor, &limits, "memory", &got), 0);
		assert_string_equal(got.result.message,
		    "reading the document needed more memory than the limit");
		buf_fini(&got.text);
	}
	extractor_close(extractor);
}

/* The program that ships takes the words for words. */
static void
test_shipped(void **state)
{
	struct extractor *extractor = extractor_new(shipped);
	struct got got;

	(void)state;
	assert_non_null(extractor);
	assert_int_equal(ask(extractor, &extract_limits_default, "exit", &got),
	    0);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	assert_string_equal(buf_text(&got.text), "p|TIDEMARK-HOSTILE exit\n");
	assert_int_equal(extractor_starts(extractor), 1);
	buf_fini(&got.text);
	extractor_close(extractor);
}

static int
setup(void **state)
{
	const char *given = getenv("TIDEMARK_EXTRACT");
	ssize_t n;
	char *slash;

	(void)state;
	n = readlink("/proc/self/exe", hostile, sizeof(hostile) - 64);
	if (n < 0)
		return -1;
	hostile[n] = '\0';
	slash = strrchr(hostile, '/');
	*slash = '\0';
	(void)snprintf(shipped, sizeof(shipped), "%.4000s/../../%s", hostile,
	    "tidemark-extract");
	(void)snprintf(slash, 64, "/../tidemark-extract-hostile");
	if (given != NULL)
		(void)snprintf(shipped, sizeof(shipped), "%s", given);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_walls),
	    cmocka_unit_test(test_in_turn),
	    cmocka_unit_test(test_leak),
	    cmocka_unit_test(test_shipped),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
