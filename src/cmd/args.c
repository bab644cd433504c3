/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "cmd/cmd.h"
#include "cmd/nearest.h"

const struct option_row option_rows[OPTION_COUNT] = {
#define OPTION(row_name, text, row_letter, row_value, row_meaning)            \
	[OPTION_##row_name] = {                                               \
		.name = text,                                                 \
		.letter = row_letter,                                         \
		.value = row_value,                                           \
		.meaning = row_meaning,                                       \
	},
#include "cmd/option_tbl.h"
};

static const struct command commands[] = {
#define COMMAND(row_name, function, row_takes, row_low, row_high, row_words,  \
    row_summary)                                                              \
	{                                                                     \
		.name = row_name,                                             \
		.run = cmd_##function,                                        \
		.takes = (row_takes) | OPT(HELP),                             \
		.low = row_low,                                               \
		.high = row_high,                                             \
		.words = row_words,                                           \
		.summary = row_summary,                                       \
	},
#include "cmd/cmd_tbl.h"
};

_Static_assert(OPTION_COUNT < 32, "options are bits of an unsigned");

const struct command *
command_at(size_t i)
{
	if (i >= sizeof(commands) / sizeof(commands[0]))
		return NULL;
	return &commands[i];
}

const struct command *
command_find(const char *name)
{
	const struct command *command;
	size_t i;

	for (i = 0; (command = command_at(i)) != NULL; i++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

int
command_unknown(const char *name, struct err_note *note)
{
	struct nearest nearest = nearest_start(name);
	const struct command *command;
	size_t i;

	for (i = 0; (command = command_at(i)) != NULL; i++)
		nearest_offer(&nearest, command->name);
	(void)err_set(note, ERR_INVALID,
	    "there is no command \"%.60s\"; see tidemark help", name);
	nearest_tell(&nearest, note);
	return ERR_INVALID;
}

/* ---- reading ---------------------------------------------------------- */

static int
pattern_add(const char **patterns, size_t *count, const char *value,
    struct err_note *note)
{
	if (*count == PATTERNS_MAX)
		return err_set(note, ERR_INVALID,
		    "more than %u patterns", PATTERNS_MAX);
	patterns[(*count)++] = value;
	return 0;
}

static int
count_parse(const char *option, const char *value, unsigned max,
    unsigned *ret_count, struct err_note *note)
{
	unsigned long count = 0;
	char *end = NULL;

	if (isdigit((unsigned char)value[0]))
		count = strtoul(value, &end, 10);
	if (end == NULL || *end != '\0' || count < 1 || count > max)
		return err_set(note, ERR_INVALID,
		    "%s: \"%.40s\" is not a number from 1 to %u", option,
		    value, max);
	*ret_count = (unsigned)count;
	return 0;
}

static int
ratio_parse(const char *value, double *ret_ratio, struct err_note *note)
{
	char *end = NULL;
	double ratio = -1;

	if (isdigit((unsigned char)value[0]) || value[0] == '.')
		ratio = strtod(value, &end);
	if (end == NULL || *end != '\0' || !(ratio >= 0 && ratio <= 1))
		return err_set(note, ERR_INVALID,
		    "--semantic-ratio: \"%.40s\" is not between 0 and 1",
		    value);
	*ret_ratio = ratio;
	return 0;
}

static int
option_put(struct args *args, enum option option, const char *value,
    struct err_note *note)
{
	args->given |= 1u << option;
	switch (option) {
	case OPTION_DATA:
		args->data = value;
		return 0;
	case OPTION_CONFIG:
		args->config = value;
		return 0;
	case OPTION_BASE:
		args->base = value;
		return 0;
	case OPTION_LABEL:
		args->label = value;
		return 0;
	case OPTION_ENVIRONMENT:
		args->environment = value;
		return 0;
	case OPTION_INCLUDE:
		return pattern_add(args->include, &args->include_count,
		    value, note);
	case OPTION_EXCLUDE:
		return pattern_add(args->exclude, &args->exclude_count,
		    value, note);
	case OPTION_LIMIT:
		return count_parse("-k", value, QUERY_LIMIT_MAX, &args->limit,
		    note);
	case OPTION_MODEL:
	case OPTION_EMBEDDING_MODEL:
		args->model = value;
		return 0;
	case OPTION_DIMENSIONS:
		return count_parse("--dimensions", value, DIMENSIONS_MAX,
		    &args->dimensions, note);
	case OPTION_EMBEDDING_DIMENSIONS:
		return count_parse("--embedding-dimensions", value,
		    DIMENSIONS_MAX, &args->dimensions, note);
	case OPTION_SEMANTIC:
		return ratio_parse(value, &args->semantic_ratio, note);
	case OPTION_JSON:
	case OPTION_NAMES:
	case OPTION_DETACH:
	case OPTION_PLAIN:
	case OPTION_ALL:
	case OPTION_CHECK:
	case OPTION_THOROUGH:
	case OPTION_FIRST:
	case OPTION_STDIN:
	case OPTION_HELP:
		return 0;
	case OPTION_COUNT:
		break;
	}
	return ERR_INTERNAL;
}

/* The option that argument names and, in *ret_value, what follows its name
 * in the same argument; NULL when nothing does. */
static enum option
option_find(const char *argument, const char **ret_value)
{
	size_t len, i;

	*ret_value = NULL;
	if (argument[1] != '-') {
		for (i = 0; i < OPTION_COUNT; i++)
			if (option_rows[i].letter != 0 &&
			    option_rows[i].letter == argument[1])
				break;
		if (argument[2] != '\0')
			*ret_value = argument + 2;
		return (enum option)i;
	}
	len = strcspn(argument + 2, "=");
	for (i = 0; i < OPTION_COUNT; i++)
		if (strlen(option_rows[i].name) == len &&
		    strncmp(option_rows[i].name, argument + 2, len) == 0)
			break;
	if (argument[2 + len] == '=')
		*ret_value = argument + 2 + len + 1;
	return (enum option)i;
}

static int
option_unknown(const struct command *command, const char *argument,
    struct err_note *note)
{
	struct err_note none;
	char word[NEAREST_BYTES_MAX + 1], name[NEAREST_BYTES_MAX + 1];
	struct nearest nearest;
	size_t i;

	(void)snprintf(word, sizeof(word), "%.*s",
	    (int)strcspn(argument, "="), argument);
	nearest = nearest_start(word);
	for (i = 0; i < OPTION_COUNT; i++) {
		if ((command->takes & 1u << i) == 0)
			continue;
		(void)snprintf(name, sizeof(name), "--%s",
		    option_rows[i].name);
		nearest_offer(&nearest, name);
	}
	if (note == NULL)
		note = &none;
	(void)err_set(note, ERR_INVALID,
	    "%s: unknown option \"%.60s\"; see tidemark help %s",
	    command->name, argument, command->name);
	nearest_tell(&nearest, note);
	return ERR_INVALID;
}

/* Read the option at argv[*i]; *i ends at the last argument used. */
static int
option_read(const struct command *command, int argc, char **argv, int *i,
    struct args *args, struct err_note *note)
{
	const char *argument = argv[*i];
	const char *value;
	enum option option;

	option = option_find(argument, &value);
	if (option == OPTION_COUNT || (command->takes & 1u << option) == 0)
		return option_unknown(command, argument, note);
	if (option_rows[option].value[0] == '\0') {
		if (value != NULL)
			return err_set(note, ERR_INVALID,
			    "--%s takes no value", option_rows[option].name);
	} else if (value == NULL) {
		if (*i + 1 >= argc)
			return err_set(note, ERR_INVALID,
			    "%s needs a value: %s", argument,
			    option_rows[option].value);
		value = argv[++*i];
	}
	return option_put(args, option, value, note);
}

int
args_parse(const struct command *command, int argc, char **argv,
    struct args *ret_args, struct err_note *note)
{
	struct args *args = ret_args;
	bool is_ended = false;
	int i, err;

	*args = (struct args){
	    .words = argv, .limit = 10, .semantic_ratio = 0.5};
	for (i = 0; i < argc; i++) {
		if (!is_ended && strcmp(argv[i], "--") == 0) {
			is_ended = true;
		} else if (!is_ended && argv[i][0] == '-' &&
		    argv[i][1] != '\0') {
			err = option_read(command, argc, argv, &i, args,
			    note);
			if (err < 0)
				return err;
		} else {
			ASSERT(args->word_count <= (size_t)i);
			argv[args->word_count++] = argv[i];
		}
	}
	if (args_has(args, OPT(HELP)))
		return 0;
	if (args->word_count < command->low ||
	    args->word_count > command->high)
		return err_set(note, ERR_INVALID, "usage: tidemark %s%s%s",
		    command->name, command->words[0] == '\0' ? "" : " ",
		    command->words);
	return 0;
}
