/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings: what the server was told, from four places.  A flag wins over
 * the environment, the environment over the ini file, the file over the
 * default of settings_tbl.h.
 */
#ifndef CMD_SETTINGS_H
#define CMD_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/log.h"

struct err_note;

#define SETTING_LIST_MAX 256u	/* paths, or words, in one list */
#define SETTING_BYTES_MAX 16384u /* of one value; of a line of the file */

struct setting_list {
	char **items; /* terminated strings */
	size_t count;
};

struct settings {
#define SETTING_TEXT char *
#define SETTING_LIST struct setting_list
#define SETTING_WORDS struct setting_list
#define SETTING_COUNT uint64_t
#define SETTING_SIZE uint64_t
#define SETTING_BOOL bool
#define SETTING_LEVEL enum log_level
#define SETTING_CHOICE char *
#define SETTING(name, type, fallback, low, high, value, meaning)              \
	SETTING_##type name;
#include "cmd/settings_tbl.h"
#undef SETTING_TEXT
#undef SETTING_LIST
#undef SETTING_WORDS
#undef SETTING_COUNT
#undef SETTING_SIZE
#undef SETTING_BOOL
#undef SETTING_LEVEL
#undef SETTING_CHOICE
	bool is_help; /* --help was among the flags; nothing else is set */
};

/* getenv(), or a test's idea of it. */
typedef char *settings_env_fn(const char *name);

/*
 * Read the flags in argv[0..argc) (no program name among them), then the
 * other places.  A path that begins with "~/" is below $HOME.  ERR_INVALID
 * names the place and what is wrong with it; ERR_NOMEM.  *ret_settings is
 * freed with settings_fini().
 */
int settings_read(int argc, char *const *argv, settings_env_fn *env,
    struct settings *ret_settings, struct err_note *note);
void settings_fini(struct settings *settings);

/* The default of a path setting with "~/" resolved; returns owned
 * (mem_free), or NULL: no memory. */
char *settings_default_data(settings_env_fn *env);

#define SETTING_NAME_SIZE 64

/* A row of the table for people, or the subject of those that follow. */
struct setting_info {
	const char *subject; /* NULL: this is a setting */
	const char *name, *value, *fallback, *meaning;
	char flag[SETTING_NAME_SIZE], env[SETTING_NAME_SIZE];
};

/* In the table's order; false beyond its end. */
bool settings_info(size_t i, struct setting_info *ret_info);

/* The table for people, at most 80 columns wide. */
void settings_print(FILE *out);

/* "64", "10K", "4G" (powers of 1024, either case): 0 or ERR_INVALID. */
int size_parse(const char *text, uint64_t *ret_size);

#endif
