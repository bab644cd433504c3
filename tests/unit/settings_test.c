/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/limits.h"
#include "cmd/settings.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Pairs of name and value, ended by NULL. */
static const char *const *environment;

/* What it returns is valid until the next call, as with getenv(). */
static char *
fake_env(const char *name)
{
	static char value[256];
	const char *const *pair;

	for (pair = environment; pair != NULL && pair[0] != NULL; pair += 2)
		if (strcmp(pair[0], name) == 0) {
			(void)snprintf(value, sizeof(value), "%s", pair[1]);
			return value;
		}
	return NULL;
}

/* A temporary file with that content; its path is unlinked by the caller. */
static void
file_make(const char *content, char path[64])
{
	size_t len = strlen(content);
	int fd;

	(void)snprintf(path, 64, "settings_test.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, len), (ssize_t)len);
	assert_int_equal(close(fd), 0);
}

static int
read_words(const char *line, struct settings *settings,
    struct err_note *note)
{
	static char words[2048];
	char *argv[32];
	int argc = 0;
	char *word;

	(void)snprintf(words, sizeof(words), "%s", line);
	for (word = strtok(words, " "); word != NULL; word = strtok(NULL, " "))
		argv[argc++] = word;
	return settings_read(argc, argv, fake_env, settings, note);
}

static void
test_size(void **state)
{
	static const struct {
		const char *text;
		uint64_t size;
	} good[] = {
	    {"0", 0},
	    {"64", 64},
	    {"10K", 10 * KIB},
	    {"3m", 3 * MIB},
	    {"4G", 4 * GIB},
	    {"18446744073709551615", UINT64_MAX},
	};
	static const char *const bad[] = {"", "K", "-1", "1KB", "1 K", "0x10",
	    "1.5G", "18446744073709551616", "18446744073709551615K"};
	uint64_t size;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		assert_int_equal(size_parse(good[i].text, &size), 0);
		assert_true(size == good[i].size);
	}
	for (i = 0; i < COUNT(bad); i++) {
		size = 7;
		assert_int_equal(size_parse(bad[i], &size), ERR_INVALID);
		assert_int_equal(size, 7);
	}
}

static void
test_defaults(void **state)
{
	static const char *const home[] = {"HOME", "/somewhere", NULL};
	struct settings settings;
	struct err_note note = {0};

	(void)state;
	environment = home;
	assert_int_equal(read_words("", &settings, &note), 0);
	assert_string_equal(settings.listen, "127.0.0.1:8420");
	assert_string_equal(settings.data,
	    "/somewhere/.local/share/tidemark");
	assert_int_equal(settings.workers, 0);
	assert_int_equal(settings.folder_roots.count, 0);
	assert_true(settings.file_bytes_max == 4 * GIB);
	assert_true(settings.upload_file_bytes_max == 15 * MIB);
	assert_true(settings.upload_any_format);
	assert_int_equal(settings.undo_hours, 24);
	assert_string_equal(settings.captain_failures_word,
	    "completed_with_failures");
	assert_string_equal(settings.cognee_status_denied, "409");
	assert_int_equal(settings.log_level, LOG_INFO);
	assert_string_equal(settings.cors_origins, "");
	assert_false(settings.metrics_key);
	assert_string_equal(settings.api_key, "");
	settings_fini(&settings);
}

static void
test_order_of_places(void **state)
{
	static char path[64];
	static const char *const pairs[] = {"TIDEMARK_CONFIG", path,
	    "TIDEMARK_WORKERS", "3", "TIDEMARK_COMMIT_MS", "30",
	    "TIDEMARK_LISTEN", "", NULL};
	struct settings settings;
	struct err_note note = {0};

	(void)state;
	file_make("; a comment\nworkers = 2\ncommit_ms = 20\n"
		  "http_threads = 5\nlisten = 127.0.0.1:1\n"
		  "[tidemark]\nmetrics_key = yes\n",
	    path);
	environment = pairs;
	assert_int_equal(read_words("--workers 4", &settings, &note), 0);
	(void)unlink(path);
	assert_int_equal(settings.workers, 4);	     /* flag */
	assert_int_equal(settings.commit_ms, 30);    /* environment */
	assert_int_equal(settings.http_threads, 5);  /* file */
	assert_string_equal(settings.listen, "127.0.0.1:1");
	assert_true(settings.metrics_key);
	assert_int_equal(settings.log_level, LOG_INFO); /* default */
	settings_fini(&settings);
}

static void
test_lists(void **state)
{
	static const char *const home[] = {"HOME", "/h", NULL};
	struct settings settings;
	struct err_note note = {0};

	(void)state;
	environment = home;
	assert_int_equal(
	    read_words("--folder-roots=/a::/b:~/c: --file-bytes-max 1M",
		&settings, &note),
	    0);
	assert_int_equal(settings.folder_roots.count, 3);
	assert_string_equal(settings.folder_roots.items[0], "/a");
	assert_string_equal(settings.folder_roots.items[1], "/b");
	assert_string_equal(settings.folder_roots.items[2], "/h/c");
	assert_true(settings.file_bytes_max == MIB);
	settings_fini(&settings);
}

/* What is wrong is named, with the place it stands in. */
static void
test_refusals(void **state)
{
	static const struct {
		const char *line, *words;
	} bad[] = {
	    {"--wrokers 3", "unknown flag \"--wrokers\""},
	    {"serve", "unexpected argument \"serve\""},
	    {"--workers", "--workers needs a value"},
	    {"--workers 1 --workers=2", "--workers is given twice"},
	    {"--workers=1 --workers 2", "--workers is given twice"},
	    {"--workers 65", "--workers: \"65\""},
	    {"--workers 2K", "--workers: \"2K\""},
	    {"--workers=", "--workers: \"\""},
	    {"--file-bytes-max 5G", "--file-bytes-max: \"5G\""},
	    {"--file-bytes-max 0", "--file-bytes-max: \"0\""},
	    {"--metrics-key maybe", "--metrics-key: \"maybe\""},
	    {"--log-level loud", "error|warn|info|debug"},
	    {"--config /nowhere/at/all", "/nowhere/at/all: No such file"},
	};
	struct settings settings;
	struct err_note note;
	size_t i;

	(void)state;
	environment = NULL;
	for (i = 0; i < COUNT(bad); i++) {
		note.text[0] = '\0';
		assert_int_equal(read_words(bad[i].line, &settings, &note),
		    ERR_INVALID);
		if (strstr(note.text, bad[i].words) == NULL)
			fail_msg("\"%s\" gave \"%s\"", bad[i].line,
			    note.text);
	}
}

static void
test_file_refusals(void **state)
{
	static const struct {
		const char *content, *words;
	} bad[] = {
	    {"workers = 2\nworkres = 3\n", "line 2: unknown key"},
	    {"workers = 2\nworkers = 3\n", "line 2: workers is given twice"},
	    {"\n[http]\nlisten = x\n", "unknown section [http]"},
	    {"workers 2\n", "line 1: not a key and a value"},
	    {"config = other.ini\n", "unknown key \"config\""},
	    {"workers = many\n", "workers: \"many\""},
	};
	struct settings settings;
	struct err_note note;
	char path[64], line[96];
	size_t i;

	(void)state;
	environment = NULL;
	for (i = 0; i < COUNT(bad); i++) {
		note.text[0] = '\0';
		file_make(bad[i].content, path);
		(void)snprintf(line, sizeof(line), "--config %s", path);
		assert_int_equal(read_words(line, &settings, &note),
		    ERR_INVALID);
		(void)unlink(path);
		if (strstr(note.text, bad[i].words) == NULL)
			fail_msg("\"%s\" gave \"%s\"", bad[i].content,
			    note.text);
	}
}

/* inih's buffer has 200 bytes: what is longer must not become two lines. */
static void
test_long_line(void **state)
{
	struct settings settings;
	struct err_note note = {0};
	char content[600], path[64], line[96];

	(void)state;
	environment = NULL;
	(void)snprintf(content, sizeof(content), "api_key = %0*d\n", 500, 1);
	file_make(content, path);
	(void)snprintf(line, sizeof(line), "--config %s", path);
	assert_int_equal(read_words(line, &settings, &note), ERR_INVALID);
	(void)unlink(path);
	assert_non_null(strstr(note.text, "a line is longer than"));
}

static void
test_help(void **state)
{
	struct settings settings = {0};
	struct err_note note = {0};

	(void)state;
	environment = NULL;
	assert_int_equal(read_words("--workers 2 --help --nonsense",
			     &settings, &note),
	    0);
	assert_true(settings.is_help);
	settings_fini(&settings);
}

/* Each row is in the page that people read. */
static void
test_print(void **state)
{
	static char page[16384];
	FILE *file = fmemopen(page, sizeof(page), "w");

	(void)state;
	assert_non_null(file);
	settings_print(file);
	assert_int_equal(fclose(file), 0);
#define SETTING(name, type, fallback, low, high, value, meaning)              \
	assert_non_null(strstr(page, meaning));                               \
	assert_non_null(strstr(page, fallback));
#include "cmd/settings_tbl.h"
	assert_non_null(strstr(page, "--folder-roots DIR:DIR"));
	assert_non_null(strstr(page, "default 127.0.0.1:8420"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_size),
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_order_of_places),
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_file_refusals),
	    cmocka_unit_test(test_long_line),
	    cmocka_unit_test(test_help),
	    cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
