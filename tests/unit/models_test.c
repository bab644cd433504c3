/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "cmd/models.h"
#include "cmd/settings.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char *
no_env(const char *name)
{
	(void)name;
	return NULL;
}

/* Flags are given as they would be; NULL ends them. */
static int
read_flags(char *const *flags, struct settings *settings,
    struct models *ret_models, struct err_note *note)
{
	int argc = 0;

	while (flags[argc] != NULL)
		argc++;
	assert_int_equal(settings_read(argc, flags, no_env, settings, note),
	    0);
	return models_read(settings, ret_models, note);
}

static char url[] = "--chat-url=https://models.example/v1";
static char model[] = "--chat-model=small-1";
static char key[] = "--chat-key=sk-4711";
static char bad_url[] = "--chat-url=models.example";
static char bad_key[] = "--chat-key=sk 4711";
static char some_file[] = "--chat-key-file=nowhere/at-all";

static void
test_good(void **state)
{
	char *none[] = {NULL}, *two[] = {url, model, NULL},
	     *three[] = {url, model, key, NULL};
	struct settings settings;
	struct models models;

	(void)state;
	assert_int_equal(read_flags(none, &settings, &models, NULL), 0);
	assert_null(models.chat_url);
	assert_null(models.chat_model);
	assert_null(models.chat_key);
	models_fini(&models);
	settings_fini(&settings);
	assert_int_equal(read_flags(two, &settings, &models, NULL), 0);
	assert_string_equal(models.chat_url, "https://models.example/v1");
	assert_string_equal(models.chat_model, "small-1");
	assert_null(models.chat_key);
	models_fini(&models);
	settings_fini(&settings);
	assert_int_equal(read_flags(three, &settings, &models, NULL), 0);
	assert_string_equal(models.chat_key, "sk-4711");
	models_fini(&models);
	settings_fini(&settings);
}

static void
test_bad(void **state)
{
	static const char both_needed[] =
	    "a chat model needs chat_url and chat_model";
	static const struct {
		char *flags[5];
		const char *words;
	} rows[] = {
	    {{url, NULL}, both_needed},
	    {{model, NULL}, both_needed},
	    {{key, NULL}, both_needed},
	    {{url, key, NULL}, both_needed},
	    {{bad_url, model, NULL},
		"chat_url, chat_model or chat_key: the address is not "
		"http://HOST... or https://HOST..."},
	    {{url, model, bad_key, NULL},
		"chat_url, chat_model or chat_key: the key holds a blank or "
		"a character that is not ASCII"},
	    {{url, model, key, some_file, NULL},
		"chat_key and chat_key_file are both given"},
	    {{url, model, some_file, NULL},
		"chat_key_file: nowhere/at-all: No such file or directory"},
	};
	struct settings settings;
	struct models models;
	struct err_note note;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		note.text[0] = '\0';
		assert_int_equal(
		    read_flags(rows[i].flags, &settings, &models, &note),
		    ERR_INVALID);
		assert_string_equal(note.text, rows[i].words);
		settings_fini(&settings);
	}
}

static int
read_key_file(const char *content, size_t len, struct settings *settings,
    struct models *ret_models)
{
	char path[] = "models_test.XXXXXX", flag[64];
	char *flags[] = {url, model, flag, NULL};
	int fd, err;

	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, len), (ssize_t)len);
	assert_int_equal(close(fd), 0);
	(void)snprintf(flag, sizeof(flag), "--chat-key-file=%s", path);
	err = read_flags(flags, settings, ret_models, NULL);
	assert_int_equal(unlink(path), 0);
	return err;
}

static void
test_key_file(void **state)
{
	static const char *const good[] = {"sk-1", "sk-1\n", "sk-1\r\n",
	    "sk-1\nanother line\n"};
	static const char *const bad[] = {"", "\n", "\nsk-1\n", "sk 1\n"};
	char large[NET_KEY_BYTES_MAX + 3];
	struct settings settings;
	struct models models;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		assert_int_equal(read_key_file(good[i], strlen(good[i]),
				     &settings, &models),
		    0);
		assert_string_equal(models.chat_key, "sk-1");
		models_fini(&models);
		settings_fini(&settings);
	}
	for (i = 0; i < COUNT(bad); i++) {
		assert_int_equal(read_key_file(bad[i], strlen(bad[i]),
				     &settings, &models),
		    ERR_INVALID);
		settings_fini(&settings);
	}
	memset(large, 'x', sizeof(large));
	for (i = NET_KEY_BYTES_MAX; i <= sizeof(large); i++) {
		assert_int_equal(read_key_file(large, i, &settings, &models),
		    i == NET_KEY_BYTES_MAX ? 0 : ERR_INVALID);
		if (i == NET_KEY_BYTES_MAX)
			models_fini(&models);
		settings_fini(&settings);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_key_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
