/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings: first the four places are looked through for texts, one per row
 * of the table, then each text is parsed by its row's type.  So a value is
 * checked in the same way wherever it came from, and the message can name
 * the place.
 */
#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "cmd/help.h"
#include "cmd/nearest.h"
#include "cmd/settings.h"
#include "cmd/term.h"

enum setting_type {
	TYPE_TEXT,
	TYPE_LIST,
	TYPE_WORDS,
	TYPE_COUNT,
	TYPE_SIZE,
	TYPE_BOOL,
	TYPE_LEVEL,
	TYPE_CHOICE
};

enum {
#define SETTING(name, type, fallback, low, high, value, meaning) ROW_##name,
#include "cmd/settings_tbl.h"
	ROW_COUNT
};

struct row {
	const char *name;
	enum setting_type type;
	size_t offset;
	const char *fallback;
	uint64_t low, high;
	const char *value;
	const char *meaning;
};

static const struct row rows[] = {
#define SETTING(row_name, row_type, row_fallback, row_low, row_high,          \
    row_value, row_meaning)                                                   \
	{                                                                     \
		.name = #row_name,                                            \
		.type = TYPE_##row_type,                                      \
		.offset = offsetof(struct settings, row_name),                \
		.fallback = row_fallback,                                     \
		.low = row_low,                                               \
		.high = row_high,                                             \
		.value = row_value,                                           \
		.meaning = row_meaning,                                       \
	},
#include "cmd/settings_tbl.h"
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) == ROW_COUNT, "one each");

/* Where a value was found. */
enum place { PLACE_FLAG, PLACE_ENV, PLACE_FILE, PLACE_DEFAULT };

struct found {
	char *text[ROW_COUNT]; /* owned; NULL: not yet */
	enum place place[ROW_COUNT];
};

/* ---- names ------------------------------------------------------------ */

/* workers to "--workers", folder_roots to "--folder-roots". */
static void
flag_name(const struct row *row, char out[SETTING_NAME_SIZE])
{
	size_t i;

	(void)snprintf(out, SETTING_NAME_SIZE, "--%s", row->name);
	for (i = 2; out[i] != '\0'; i++)
		if (out[i] == '_')
			out[i] = '-';
}

static void
env_name(const struct row *row, char out[SETTING_NAME_SIZE])
{
	size_t i;

	(void)snprintf(out, SETTING_NAME_SIZE, "TIDEMARK_%s", row->name);
	for (i = 0; out[i] != '\0'; i++)
		out[i] = (char)toupper((unsigned char)out[i]);
}

static void
place_name(const struct row *row, enum place place,
    char out[SETTING_NAME_SIZE])
{
	switch (place) {
	case PLACE_FLAG:
		flag_name(row, out);
		break;
	case PLACE_ENV:
		env_name(row, out);
		break;
	case PLACE_FILE:
	case PLACE_DEFAULT:
		(void)snprintf(out, SETTING_NAME_SIZE, "%s", row->name);
		break;
	}
}

/* ---- values ----------------------------------------------------------- */

int
size_parse(const char *text, uint64_t *ret_size)
{
	unsigned long long number;
	uint64_t unit = 1;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return ERR_INVALID;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno != 0)
		return ERR_INVALID;
	switch (*end) {
	case 'k':
	case 'K':
		unit = KIB;
		break;
	case 'm':
	case 'M':
		unit = MIB;
		break;
	case 'g':
	case 'G':
		unit = GIB;
		break;
	default:
		break;
	}
	if (unit != 1)
		end++;
	if (*end != '\0' || number > UINT64_MAX / unit)
		return ERR_INVALID;
	*ret_size = number * unit;
	return 0;
}

static int
number_parse(const struct row *row, const char *text, uint64_t *ret_number)
{
	uint64_t number;

	if (size_parse(text, &number) < 0)
		return ERR_INVALID;
	if (row->type == TYPE_COUNT &&
	    !isdigit((unsigned char)text[strlen(text) - 1]))
		return ERR_INVALID;
	if (number < row->low || number > row->high)
		return ERR_INVALID;
	*ret_number = number;
	return 0;
}

static int
bool_parse(const char *text, bool *ret_bool)
{
	static const char *const words[] = {
	    "no", "yes", "false", "true", "off", "on", "0", "1"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i]) == 0) {
			*ret_bool = i % 2 == 1;
			return 0;
		}
	return ERR_INVALID;
}

/* "~/x" is x below $HOME; every other path is what it is. */
static char *
path_dup(const char *text, size_t len, settings_env_fn *env)
{
	const char *home = env("HOME");
	size_t size;
	char *path;

	if (len < 2 || text[0] != '~' || text[1] != '/' || home == NULL)
		return mem_strndup(text, len);
	size = strlen(home) + len;
	path = mem_alloc(size);
	if (path != NULL)
		(void)snprintf(path, size, "%s%.*s", home, (int)len - 1,
		    text + 1);
	return path;
}

char *
settings_default_data(settings_env_fn *env)
{
	const char *text = rows[ROW_data].fallback;

	return path_dup(text, strlen(text), env);
}

/* Paths with ':' between them, or (env NULL) words with blanks. */
static int
list_parse(const char *text, settings_env_fn *env, struct setting_list *list)
{
	const char *between = env != NULL ? ":" : " \t";
	size_t len;
	char *item;

	list->items = mem_array(SETTING_LIST_MAX, sizeof(char *));
	if (list->items == NULL)
		return ERR_NOMEM;
	for (; *text != '\0'; text += len + (text[len] != '\0')) {
		len = strcspn(text, between);
		if (len == 0)
			continue;
		if (list->count == SETTING_LIST_MAX)
			return ERR_TOO_BIG;
		item = env != NULL ? path_dup(text, len, env)
				   : mem_strndup(text, len);
		if (item == NULL)
			return ERR_NOMEM;
		list->items[list->count++] = item;
	}
	return 0;
}

/* Words with '|' between them. */
static int
choice_parse(const char *choices, const char *text, char **ret_text)
{
	size_t len, text_len = strlen(text);

	for (; *choices != '\0'; choices += len + (choices[len] != '\0')) {
		len = strcspn(choices, "|");
		if (len != text_len || strncmp(choices, text, len) != 0)
			continue;
		*ret_text = mem_strdup(text);
		return *ret_text == NULL ? ERR_NOMEM : 0;
	}
	return ERR_INVALID;
}

static int
value_parse(const struct row *row, const char *text, settings_env_fn *env,
    struct settings *settings)
{
	void *member = (char *)settings + row->offset;
	char *copy;

	switch (row->type) {
	case TYPE_TEXT:
		copy = path_dup(text, strlen(text), env);
		if (copy == NULL)
			return ERR_NOMEM;
		*(char **)member = copy;
		return 0;
	case TYPE_LIST:
		return list_parse(text, env, member);
	case TYPE_WORDS:
		return list_parse(text, NULL, member);
	case TYPE_COUNT:
	case TYPE_SIZE:
		return number_parse(row, text, member);
	case TYPE_BOOL:
		return bool_parse(text, member);
	case TYPE_LEVEL:
		return log_level_parse(text, member);
	case TYPE_CHOICE:
		return choice_parse(row->value, text, member);
	}
	return ERR_INTERNAL;
}

static int
value_refuse(const struct row *row, enum place place, const char *text,
    struct err_note *note)
{
	char name[SETTING_NAME_SIZE];

	place_name(row, place, name);
	switch (row->type) {
	case TYPE_COUNT:
		return err_set(note, ERR_INVALID,
		    "%s: \"%.40s\" is not a number from %llu to %llu", name,
		    text, (unsigned long long)row->low,
		    (unsigned long long)row->high);
	case TYPE_SIZE:
		return err_set(note, ERR_INVALID,
		    "%s: \"%.40s\" is not a size from %llu to %llu bytes "
		    "(K, M and G are understood)",
		    name, text, (unsigned long long)row->low,
		    (unsigned long long)row->high);
	case TYPE_LIST:
		return err_set(note, ERR_INVALID, "%s: more than %u paths",
		    name, SETTING_LIST_MAX);
	case TYPE_WORDS:
		return err_set(note, ERR_INVALID, "%s: more than %u words",
		    name, SETTING_LIST_MAX);
	case TYPE_TEXT:
	case TYPE_BOOL:
	case TYPE_LEVEL:
	case TYPE_CHOICE:
		break;
	}
	return err_set(note, ERR_INVALID, "%s: \"%.40s\" is not one of: %s",
	    name, text,
	    row->type == TYPE_BOOL	? "yes, no"
					: row->value);
}

/* ---- the four places -------------------------------------------------- */

static int
found_put(struct found *found, size_t i, const char *text, enum place place,
    struct err_note *note)
{
	char name[SETTING_NAME_SIZE];

	if (found->text[i] != NULL)
		return 0; /* an earlier place wins */
	if (strlen(text) > SETTING_BYTES_MAX) {
		place_name(&rows[i], place, name);
		return err_set(note, ERR_INVALID, "%s: longer than %u bytes",
		    name, SETTING_BYTES_MAX);
	}
	found->text[i] = mem_strdup(text);
	found->place[i] = place;
	return found->text[i] == NULL ? ERR_NOMEM : 0;
}

static size_t
row_by_flag(const char *flag, size_t len)
{
	char name[SETTING_NAME_SIZE];
	size_t i;

	for (i = 0; i < ROW_COUNT; i++) {
		flag_name(&rows[i], name);
		if (strlen(name) == len && strncmp(name, flag, len) == 0)
			break;
	}
	return i;
}

static int
flag_unknown(const char *argument, struct err_note *note)
{
	struct err_note none;
	char name[SETTING_NAME_SIZE];
	struct nearest nearest;
	size_t i;

	(void)snprintf(name, sizeof(name), "%.*s",
	    (int)strcspn(argument, "="), argument);
	nearest = nearest_start(name);
	if (note == NULL)
		note = &none;
	(void)err_set(note, ERR_INVALID,
	    "%s \"%.60s\"; see tidemark serve --help",
	    argument[0] == '-' ? "unknown flag" : "unexpected argument",
	    argument);
	for (i = 0; i < ROW_COUNT; i++) {
		char flag[SETTING_NAME_SIZE];

		flag_name(&rows[i], flag);
		nearest_offer(&nearest, flag);
	}
	nearest_tell(&nearest, note);
	return ERR_INVALID;
}

static int
read_flags(int argc, char *const *argv, struct found *found, bool *ret_help,
    struct err_note *note)
{
	const char *flag, *value;
	size_t row, len;
	int i, err;

	for (i = 0; i < argc; i++) {
		flag = argv[i];
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0) {
			*ret_help = true;
			return 0;
		}
		len = strcspn(argv[i], "=");
		row = row_by_flag(argv[i], len);
		if (row == ROW_COUNT)
			return flag_unknown(argv[i], note);
		if (argv[i][len] == '=')
			value = argv[i] + len + 1;
		else if (i + 1 < argc)
			value = argv[++i];
		else
			return err_set(note, ERR_INVALID,
			    "%s needs a value: %s", argv[i], rows[row].value);
		if (found->text[row] != NULL)
			return err_set(note, ERR_INVALID,
			    "%.*s is given twice", (int)len, flag);
		err = found_put(found, row, value, PLACE_FLAG, note);
		if (err < 0)
			return err;
	}
	return 0;
}

static int
read_env(settings_env_fn *env, struct found *found, struct err_note *note)
{
	char name[SETTING_NAME_SIZE];
	const char *value;
	size_t i;
	int err;

	for (i = 0; i < ROW_COUNT; i++) {
		env_name(&rows[i], name);
		value = env(name);
		/* Empty is how a shell says "not set". */
		if (value == NULL || value[0] == '\0')
			continue;
		err = found_put(found, i, value, PLACE_ENV, note);
		if (err < 0)
			return err;
	}
	return 0;
}

struct ini_reading {
	struct found *found;
	struct err_note *note;
	FILE *file;
	bool is_seen[ROW_COUNT];
	int err;
};

/*
 * inih reads with a buffer of fixed size and would take the rest of a longer
 * line for another one: give it whole lines or nothing.
 */
static char *
ini_line(char *line, int size, void *stream)
{
	struct ini_reading *reading = stream;
	size_t len;

	if (reading->err < 0 || fgets(line, size, reading->file) == NULL)
		return NULL;
	len = strlen(line);
	if (len + 1 == (size_t)size && line[len - 1] != '\n') {
		reading->err = err_set(reading->note, ERR_INVALID,
		    "a line is longer than %d bytes", size - 2);
		return NULL;
	}
	return line;
}

/* Returns 1 to go on, 0 for an error, as inih has it. */
static int
ini_pair(void *arg, const char *section, const char *name, const char *value)
{
	struct ini_reading *reading = arg;
	size_t i;

	if (reading->err < 0)
		return 0;
	if (section[0] != '\0' && strcmp(section, "tidemark") != 0) {
		reading->err = err_set(reading->note, ERR_INVALID,
		    "unknown section [%.60s]", section);
		return 0;
	}
	for (i = 0; i < ROW_COUNT; i++)
		if (strcmp(rows[i].name, name) == 0)
			break;
	if (i == ROW_COUNT || i == ROW_config) {
		reading->err = err_set(reading->note, ERR_INVALID,
		    "unknown key \"%.60s\"", name);
		return 0;
	}
	if (reading->is_seen[i]) {
		reading->err = err_set(reading->note, ERR_INVALID,
		    "%s is given twice", name);
		return 0;
	}
	reading->is_seen[i] = true;
	reading->err = found_put(reading->found, i, value, PLACE_FILE,
	    reading->note);
	return reading->err == 0;
}

static int
read_file(const char *path, struct found *found, struct err_note *note)
{
	struct ini_reading reading = {.found = found, .note = note};
	int line;

	reading.file = fopen(path, "re");
	if (reading.file == NULL)
		return err_set(note, ERR_INVALID, "%s: %s", path,
		    strerror(errno));
	line = ini_parse_stream(ini_line, &reading, ini_pair, &reading);
	(void)fclose(reading.file);
	if (reading.err == ERR_NOMEM)
		return ERR_NOMEM;
	if (reading.err == 0 && line > 0)
		reading.err = err_set(note, ERR_INVALID,
		    "not a key and a value");
	if (reading.err < 0) {
		if (line > 0)
			err_wrap(note, "%s, line %d", path, line);
		else
			err_wrap(note, "%s", path);
		return ERR_INVALID;
	}
	return 0;
}

/* ---- all of it -------------------------------------------------------- */

static int
found_fill(int argc, char *const *argv, settings_env_fn *env,
    struct found *found, bool *ret_help, struct err_note *note)
{
	char *path;
	size_t i;
	int err;

	err = read_flags(argc, argv, found, ret_help, note);
	if (err < 0 || *ret_help)
		return err;
	err = read_env(env, found, note);
	if (err < 0)
		return err;
	if (found->text[ROW_config] != NULL &&
	    found->text[ROW_config][0] != '\0') {
		path = path_dup(found->text[ROW_config],
		    strlen(found->text[ROW_config]), env);
		if (path == NULL)
			return ERR_NOMEM;
		err = read_file(path, found, note);
		mem_free(path);
		if (err < 0)
			return err;
	}
	for (i = 0; i < ROW_COUNT; i++) {
		err = found_put(found, i, rows[i].fallback, PLACE_DEFAULT,
		    note);
		if (err < 0)
			return err;
	}
	return 0;
}

int
settings_read(int argc, char *const *argv, settings_env_fn *env,
    struct settings *ret_settings, struct err_note *note)
{
	struct settings settings = {0};
	struct found found = {0};
	size_t i;
	int err;

	err = found_fill(argc, argv, env, &found, &settings.is_help, note);
	if (err < 0 || settings.is_help)
		goto out;
	for (i = 0; i < ROW_COUNT; i++) {
		ASSERT(found.text[i] != NULL);
		err = value_parse(&rows[i], found.text[i], env, &settings);
		if (err == ERR_NOMEM)
			goto out;
		if (err < 0) {
			err = value_refuse(&rows[i], found.place[i],
			    found.text[i], note);
			goto out;
		}
	}
out:
	for (i = 0; i < ROW_COUNT; i++)
		mem_free(found.text[i]);
	if (err < 0)
		settings_fini(&settings);
	else
		*ret_settings = settings;
	return err;
}

void
settings_fini(struct settings *settings)
{
	struct setting_list *list;
	size_t i, j;
	char **text;

	for (i = 0; i < ROW_COUNT; i++) {
		if (rows[i].type == TYPE_TEXT ||
		    rows[i].type == TYPE_CHOICE) {
			text = (char **)(void *)((char *)settings +
			    rows[i].offset);
			mem_free(*text);
			*text = NULL;
		} else if (rows[i].type == TYPE_LIST ||
		    rows[i].type == TYPE_WORDS) {
			list = (struct setting_list *)(void *)(
			    (char *)settings + rows[i].offset);
			for (j = 0; j < list->count; j++)
				mem_free(list->items[j]);
			mem_free(list->items);
			*list = (struct setting_list){0};
		}
	}
}

/* Rows and subjects as they stand in the table; a subject has no row. */
static const struct {
	const char *subject;
	size_t row;
} entries[] = {
#define SETTING_SUBJECT(words) {.subject = (words)},
#define SETTING(name, type, fallback, low, high, value, meaning)              \
	{.row = ROW_##name},
#include "cmd/settings_tbl.h"
};

bool
settings_info(size_t i, struct setting_info *ret_info)
{
	const struct row *row;

	if (i >= sizeof(entries) / sizeof(entries[0]))
		return false;
	*ret_info = (struct setting_info){.subject = entries[i].subject};
	if (entries[i].subject != NULL)
		return true;
	row = &rows[entries[i].row];
	ret_info->name = row->name;
	ret_info->value = row->value;
	ret_info->fallback = row->fallback;
	ret_info->meaning = row->meaning;
	flag_name(row, ret_info->flag);
	env_name(row, ret_info->env);
	return true;
}

#define HEAD_COLUMNS 32

void
settings_print(FILE *out)
{
	struct setting_info info;
	char head[256];
	size_t i;

	for (i = 0; settings_info(i, &info); i++) {
		if (info.subject != NULL) {
			(void)fprintf(out, "%s%s\n", i == 0 ? "" : "\n",
			    info.subject);
			continue;
		}
		(void)snprintf(head, sizeof(head), "%s %s", info.flag,
		    info.value);
		/* The default beside the flag; below, where that is long. */
		(void)fprintf(out, "  %-*s", HEAD_COLUMNS, head);
		if (strlen(head) > HEAD_COLUMNS)
			(void)fprintf(out, "\n  %-*s", HEAD_COLUMNS, "");
		(void)fprintf(out, "  %s%s\n",
		    info.fallback[0] != '\0' ? "default " : "no default",
		    info.fallback);
		text_wrap(out, info.meaning, HELP_COLUMNS, 6, UINT_MAX);
	}
}
