/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "source/patterns.h"

struct row {
	const char *pattern;
	const char *path;
	bool is_folder;
	bool is_match;
};

/* clang-format off */
static const struct row rows[] = {
	/* No slash: the name, at any depth. */
	{"a.md", "a.md", false, true},
	{"a.md", "x/y/a.md", false, true},
	{"a.md", "a.md/x", false, false},
	{"a.md", "xa.md", false, false},
	{"a.md", "a.mdx", false, false},
	{"*.md", "x/a.md", false, true},
	{"*.md", ".md", false, true},
	{"*.md", "a.md.txt", false, false},
	{"*", "a/b", false, true},
	{"**", "a/b", false, true},
	{"a*b*c", "aXbYbZc", false, true},
	{"a*b*c", "aXbYbZ", false, false},
	{"a**c", "abc", false, true},
	{"?.md", "a.md", false, true},
	{"?.md", ".md", false, false},
	{"?.md", "\xC3\xA4.md", false, true},
	{"?.md", "\xE2\x82\xAC.md", false, true},
	{"?.md", "\xFF.md", false, true},
	{"??.md", "\xC3\xA4.md", false, false},
	{"*?", "\xC3\xA4", false, true},
	/* A slash at the start or inside anchors at the root. */
	{"/a.md", "a.md", false, true},
	{"/a.md", "x/a.md", false, false},
	{"x/a.md", "x/a.md", false, true},
	{"x/a.md", "y/x/a.md", false, false},
	{"x/*.md", "x/a.md", false, true},
	{"x/*.md", "x/y/a.md", false, false},
	{"x/*", "x/y/z", false, false},
	{"/*", "x", false, true},
	{"/*", "x/y", false, false},
	{"x?y/z", "x/y/z", false, false},
	{"x//y", "x/y", false, false},
	/* A slash at the end: folders only. */
	{"build/", "build", true, true},
	{"build/", "x/build", true, true},
	{"build/", "build", false, false},
	{"/build/", "build", true, true},
	{"/build/", "x/build", true, false},
	{"x/build/", "x/build", true, true},
	{"build", "build", true, true},
	/* Stars that cross folders. */
	{"**/a", "a", false, true},
	{"**/a", "x/a", false, true},
	{"**/a", "x/y/a", false, true},
	{"**/a", "x/ya", false, false},
	{"**/a/b", "x/a/b", false, true},
	{"**/a/b", "a/x/b", false, false},
	{"a/**", "a/x", false, true},
	{"a/**", "a/x/y", false, true},
	{"a/**", "a", true, false},
	{"a/**/b", "a/b", false, true},
	{"a/**/b", "a/x/b", false, true},
	{"a/**/b", "a/x/y/b", false, true},
	{"a/**/b", "a/x/y/c", false, false},
	{"a/**/b/**/c", "a/b/x/b/c", false, true},
	{"a/**/b/c/**/d", "a/b/b/c/x/d", false, true},
	{"a/**/b/c/**/d", "a/b/x/c/x/d", false, false},
	{"**/**/a", "x/a", false, true},
	{"a/**b", "a/xb", false, true},
	{"a/**b", "a/x/b", false, false},
	/* Classes. */
	{"[abc].md", "b.md", false, true},
	{"[abc].md", "d.md", false, false},
	{"[a-c].md", "b.md", false, true},
	{"[a-c].md", "-.md", false, false},
	{"[a-].md", "-.md", false, true},
	{"[!a-c].md", "d.md", false, true},
	{"[^a-c].md", "b.md", false, false},
	{"[]x].md", "].md", false, true},
	{"[!]x].md", "].md", false, false},
	{"[]-a].md", "^.md", false, true},
	{"[\\]a].md", "].md", false, true},
	{"[\\-a].md", "-.md", false, true},
	{"[[:digit:]x].md", "7.md", false, true},
	{"[[:digit:]x].md", "x.md", false, true},
	{"[[:digit:]x].md", "a.md", false, false},
	{"[![:space:]].md", " .md", false, false},
	{"[[:upper:]]*", "Readme", false, true},
	{"[[:upper:]]*", "readme", false, false},
	{"[[:punct:]]", "~", false, true},
	{"[[:xdigit:]]", "g", false, false},
	{"[[:nothing:]]", "n", false, false},
	{"[\xC3\xA0-\xC3\xBF].md", "\xC3\xA4.md", false, true},
	{"[\xC3\xA0-\xC3\xBF].md", "a.md", false, false},
	{"[abc", "a", false, false},
	{"[", "[", false, false},
	{"[a-", "a", false, false},
	{"[[:digit:", "1", false, false},
	{"a[/]b", "a/b", false, false},
	/* As it is. */
	{"\\*.md", "*.md", false, true},
	{"\\*.md", "a.md", false, false},
	{"\\!a", "!a", false, true},
	{"\\#a", "#a", false, true},
	{"a\\", "a\\", false, false},
	{"a\\", "a", false, false},
	{"a\\/b", "a/b", false, true},
	{"a\\b", "ab", false, true},
	/* Blanks at the end, and lines that say nothing. */
	{"a  ", "a", false, true},
	{"a\\ ", "a ", false, true},
	{"a\\  ", "a ", false, true},
	{"a b", "a b", false, true},
	{"a\r\n", "a", false, true},
	{" a", "a", false, false},
	{"", "a", false, false},
	{"   ", "a", false, false},
	{"#a", "#a", false, false},
	{"/", "a", true, false},
	{"!", "!", false, false},
	{"//", "a", true, false},
};
/* clang-format on */

/* At the end of its memory, so that a read beyond is seen. */
static char *
exact(const char *text)
{
	char *copy = mem_strdup(text);

	assert_non_null(copy);
	return copy;
}

static void
test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *pattern = exact(rows[i].pattern);
		char *path = exact(rows[i].path);
		const char *list = pattern;
		enum pattern_verdict verdict;

		verdict = patterns_match(&list, 1, path, rows[i].is_folder);
		if (verdict !=
		    (rows[i].is_match ? PATTERN_YES : PATTERN_NO))
			fail_msg("%s and %s: %d", pattern, path,
			    (int)verdict);
		mem_free(pattern);
		mem_free(path);
	}
}

static void
test_last_decides(void **state)
{
	static const char *const list[] = {"*.md", "!a.md", "# a.md", "",
	    "/x/a.md"};

	(void)state;
	assert_int_equal(patterns_match(list, 5, "b.md", false), PATTERN_YES);
	assert_int_equal(patterns_match(list, 5, "a.md", false),
	    PATTERN_NEGATED);
	assert_int_equal(patterns_match(list, 5, "x/a.md", false),
	    PATTERN_YES);
	assert_int_equal(patterns_match(list, 5, "a.txt", false), PATTERN_NO);
	assert_int_equal(patterns_match(list, 0, "a.md", false), PATTERN_NO);
	assert_int_equal(patterns_match(NULL, 0, "a.md", false), PATTERN_NO);
}

static void
test_say_nothing(void **state)
{
	static const char *const nothing[] = {"", "# x", "   ", "/", "!"};
	static const char *const something[] = {"", "!x"};

	(void)state;
	assert_true(patterns_say_nothing(NULL, 0));
	assert_true(patterns_say_nothing(nothing, 5));
	assert_false(patterns_say_nothing(something, 2));
}

static void
test_name(void **state)
{
	static const char *const list[] = {"*", "**/.hg/store/*", "!.svn",
	    ".gitignore", "# .git"};

	(void)state;
	assert_true(patterns_name(list, 5, ".hg"));
	assert_true(patterns_name(list, 5, "store"));
	assert_false(patterns_name(list, 5, ".svn"));
	assert_false(patterns_name(list, 5, ".git"));
	assert_false(patterns_name(NULL, 0, ".git"));
}

/* What makes a matcher that tries all ways take for ever ends at once. */
static void
test_time_is_bounded(void **state)
{
	char pattern[2048], path[4096];
	const char *list = pattern;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pattern) - 2; i += 2)
		memcpy(pattern + i, "*a", 2);
	memcpy(pattern + i, "b", 2);
	memset(path, 'a', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(patterns_match(&list, 1, path, false), PATTERN_NO);

	memset(pattern, 0, sizeof(pattern));
	for (i = 0; i + 8 < sizeof(pattern); i += 5)
		memcpy(pattern + i, "**/a/", 5);
	memcpy(pattern + i, "b", 2);
	for (i = 0; i < sizeof(path) - 2; i += 2)
		memcpy(path + i, "a/", 2);
	memcpy(path + i, "a", 2);
	assert_int_equal(patterns_match(&list, 1, path, false), PATTERN_NO);
}

/* Any bytes are a pattern: none may be read beyond its end. */
static void
test_noise(void **state)
{
	static const char alphabet[] = "*?[]!^-\\/a:.# \xC3\xA4\xFF";
	uint64_t seed = 0x9E3779B97F4A7C15ULL;
	char pattern[16], path[16];
	size_t round, i, n;

	(void)state;
	for (round = 0; round < 200000; round++) {
		char *p, *t;
		const char *list;

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		n = (size_t)(seed >> 60);
		for (i = 0; i < n; i++) {
			seed = seed * 6364136223846793005ULL + 1;
			pattern[i] = alphabet[(seed >> 33) %
			    (sizeof(alphabet) - 1)];
			path[i] = alphabet[(seed >> 43) %
			    (sizeof(alphabet) - 1)];
		}
		pattern[n] = path[n] = '\0';
		p = exact(pattern);
		t = exact(path);
		list = p;
		(void)patterns_match(&list, 1, t, (seed >> 50 & 1) != 0);
		(void)patterns_name(&list, 1, t);
		mem_free(p);
		mem_free(t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_last_decides),
	    cmocka_unit_test(test_say_nothing),
	    cmocka_unit_test(test_name),
	    cmocka_unit_test(test_time_is_bounded),
	    cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
