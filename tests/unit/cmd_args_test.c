/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "cmd/advice.h"
#include "cmd/cmd.h"
#include "cmd/nearest.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* line: a command and its arguments. */
static int
parse(const char *line, struct args *args, struct err_note *note)
{
	static char words[2048];
	static char *argv[64];
	int argc = 0;
	char *word;

	(void)snprintf(words, sizeof(words), "%s", line);
	for (word = strtok(words, " "); word != NULL; word = strtok(NULL, " "))
		argv[argc++] = word;
	return args_parse(command_find(argv[0]), argc - 1, argv + 1, args,
	    note);
}

static void
test_words_and_options(void **state)
{
	static struct args args;

	(void)state;
	assert_int_equal(parse("query samples what -k 3 is --json this", &args,
			     NULL),
	    0);
	assert_int_equal(args.word_count, 4);
	assert_string_equal(args.words[0], "samples");
	assert_string_equal(args.words[1], "what");
	assert_string_equal(args.words[2], "is");
	assert_string_equal(args.words[3], "this");
	assert_int_equal(args.limit, 3);
	assert_true(args_has(&args, OPT(JSON)));
	assert_false(args_has(&args, OPT(DATA)));

	assert_int_equal(parse("query b -k5 -- -k --json", &args, NULL), 0);
	assert_int_equal(args.limit, 5);
	assert_int_equal(args.word_count, 3);
	assert_string_equal(args.words[1], "-k");
	assert_string_equal(args.words[2], "--json");
	assert_false(args_has(&args, OPT(JSON)));
}

static void
test_repeatable(void **state)
{
	static struct args args;

	(void)state;
	assert_int_equal(
	    parse("index a --include=*.md --exclude x/ --include *.txt b "
		  "--base n --detach",
		&args, NULL),
	    0);
	assert_int_equal(args.word_count, 2);
	assert_int_equal(args.include_count, 2);
	assert_string_equal(args.include[0], "*.md");
	assert_string_equal(args.include[1], "*.txt");
	assert_int_equal(args.exclude_count, 1);
	assert_string_equal(args.exclude[0], "x/");
	assert_string_equal(args.base, "n");
	assert_true(args_has(&args, OPT(DETACH)));
}

/* Both commands mean the same by them. */
static void
test_models(void **state)
{
	static struct args args;

	(void)state;
	assert_int_equal(parse("index a", &args, NULL), 0);
	assert_null(args.model);
	assert_int_equal(args.dimensions, 0);
	assert_int_equal(parse("index a --embedding-model m "
			       "--embedding-dimensions 4096", &args, NULL), 0);
	assert_string_equal(args.model, "m");
	assert_int_equal(args.dimensions, 4096);
	assert_int_equal(parse("embed b --model=m --dimensions 1 -d", &args,
			     NULL),
	    0);
	assert_string_equal(args.words[0], "b");
	assert_string_equal(args.model, "m");
	assert_int_equal(args.dimensions, 1);
	assert_int_equal(parse("embed b --model=", &args, NULL), 0);
	assert_string_equal(args.model, "");
}

static void
test_refusals(void **state)
{
	static const struct {
		const char *line, *words;
	} bad[] = {
	    {"query samples", "usage: tidemark query"},
	    {"jobs all", "usage: tidemark jobs"},
	    {"status a b", "usage: tidemark status"},
	    {"jobs --base x", "unknown option \"--base\""},
	    {"jobs -x", "unknown option \"-x\""},
	    {"index a --base", "--base needs a value"},
	    {"index a --detach=yes", "--detach takes no value"},
	    {"query b t -k 0", "-k: \"0\""},
	    {"query b t -k 1001", "-k: \"1001\""},
	    {"query b t -k -3", "-k: \"-3\""},
	    {"query b t --semantic-ratio 1.1", "not between 0 and 1"},
	    {"query b t --semantic-ratio nan", "not between 0 and 1"},
	    {"index a --model x", "unknown option \"--model\""},
	    {"index a --embedding-dimensions 0",
		"--embedding-dimensions: \"0\" is not a number from 1 to 4096"},
	    {"embed b --dimensions 4097", "--dimensions: \"4097\""},
	    {"embed b --embedding-model x", "unknown option"},
	    {"embed", "usage: tidemark embed BASE"},
	    {"models x", "usage: tidemark models"},
	};
	static struct args args;
	struct err_note note;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		note.text[0] = '\0';
		assert_int_equal(parse(bad[i].line, &args, &note),
		    ERR_INVALID);
		if (strstr(note.text, bad[i].words) == NULL)
			fail_msg("\"%s\" gave \"%s\"", bad[i].line,
			    note.text);
	}
}

/* Help is given whatever else is missing. */
static void
test_help_first(void **state)
{
	static struct args args;

	(void)state;
	assert_int_equal(parse("query --help", &args, NULL), 0);
	assert_true(args_has(&args, OPT(HELP)));
}

/* Each command has a row in the overview and a page that fits a terminal. */
static void
test_pages(void **state)
{
	static char page[16384];
	const struct command *command;
	char *line;
	FILE *file;
	size_t i;

	(void)state;
	for (i = 0; (command = command_at(i)) != NULL; i++) {
		assert_ptr_equal(command_find(command->name), command);
		memset(page, 0, sizeof(page));
		file = fmemopen(page, sizeof(page), "w");
		assert_non_null(file);
		help_command(file, command);
		assert_int_equal(fclose(file), 0);
		assert_non_null(strstr(page, command->summary));
		for (line = strtok(page, "\n"); line != NULL;
		    line = strtok(NULL, "\n"))
			if (strlen(line) > 100)
				fail_msg("too long: %s", line);
	}
	memset(page, 0, sizeof(page));
	file = fmemopen(page, sizeof(page), "w");
	assert_non_null(file);
	help_all(file);
	assert_int_equal(fclose(file), 0);
	for (i = 0; (command = command_at(i)) != NULL; i++)
		assert_non_null(strstr(page, command->summary));
	assert_null(command_find("nonsense"));
}

static void
test_nearest(void **state)
{
	static const struct {
		const char *word, *best;
	} rows[] = {{"idnex", "index"}, {"wacth", "watch"}, {"ind", "index"},
	    {"x", ""}, {"", ""}, {"nonsense", ""}, {"WATCH", ""}};
	char text[NEAREST_BYTES_MAX + 2];
	struct nearest nearest;
	size_t i;

	(void)state;
	assert_int_equal(edit_distance("", "abc"), 3);
	assert_int_equal(edit_distance("abc", ""), 3);
	assert_int_equal(edit_distance("kitten", "sitting"), 3);
	assert_int_equal(edit_distance("ab", "ba"), 1);
	for (i = 0; i < COUNT(rows); i++) {
		nearest = nearest_start(rows[i].word);
		nearest_offer(&nearest, "index");
		nearest_offer(&nearest, "watch");
		nearest_offer(&nearest, "");
		assert_string_equal(nearest.best, rows[i].best);
	}
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	nearest = nearest_start(text);
	nearest_offer(&nearest, "aaa");
	assert_string_equal(nearest.best, "");
	nearest = nearest_start("aaa");
	nearest_offer(&nearest, text);
	assert_string_equal(nearest.best, "");
}

/* Each advice is there and fits a terminal's line or two. */
static void
test_advice(void **state)
{
	const char *line;
	int i;

	(void)state;
	assert_string_equal(advice_words(ADVICE_NONE), "");
	for (i = ADVICE_NONE + 1; i < ADVICE_COUNT; i++)
		for (line = advice_words((enum advice)i); line != NULL;
		    line = strchr(line, '\n')) {
			line += *line == '\n';
			assert_true(strcspn(line, "\n") > 0);
			assert_true(strcspn(line, "\n") < 100);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words_and_options),
	    cmocka_unit_test(test_repeatable),
	    cmocka_unit_test(test_models),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_help_first),
	    cmocka_unit_test(test_pages),
	    cmocka_unit_test(test_nearest),
	    cmocka_unit_test(test_advice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
