/* SPDX-License-Identifier: Apache-2.0 */
/*
 * completion: scripts for three shells, made from the tables of commands,
 * options and settings, so that a row that is added is completed.
 *
 * What a value or a word is follows from how the tables write it: DIR, FILE,
 * PATH, BASE, JOB, COMMAND, or words with '|' between.  Names of bases and
 * jobs are asked of the server, for two seconds at most; they are never
 * given to the shell to be read as its own language.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cmd/cmd.h"
#include "cmd/completion.h"
#include "cmd/settings.h"

#define PLACES_MAX 8u

/* ---- kinds ------------------------------------------------------------ */

struct kind
completion_kind(const char *text)
{
	static const struct {
		const char *start;
		enum kind_is is;
	} rows[] = {{"FILE", KIND_FILE}, {"PATH", KIND_FILE},
	    {"DIR", KIND_DIR}, {"BASE", KIND_BASE}, {"JOB", KIND_JOB},
	    {"COMMAND", KIND_COMMAND}};
	struct kind kind = {.is = KIND_NONE};
	size_t i, len;

	text += *text == '[';
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(text, rows[i].start, strlen(rows[i].start)) == 0)
			kind.is = rows[i].is;
	len = strcspn(text, "]. ");
	if (kind.is != KIND_NONE || len == 0 || len >= sizeof(kind.words) ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_|-") < len)
		return kind;
	kind.is = KIND_WORDS;
	for (i = 0; i < len; i++)
		kind.words[i] = text[i] == '|' ? ' ' : text[i];
	return kind;
}

/* The places of a command's words; *ret_repeats: the last one again and
 * again. */
static size_t
places_read(const struct command *command, struct kind kinds[PLACES_MAX],
    bool *ret_repeats)
{
	const char *at = command->words;
	size_t count = 0, len;

	*ret_repeats = strstr(at, "...") != NULL;
	while (*at != '\0' && count < PLACES_MAX) {
		len = strcspn(at, " ");
		kinds[count++] = completion_kind(at);
		at += len;
		at += strspn(at, " ");
	}
	return count;
}

bool
completion_place(const struct command *command, size_t i,
    struct kind *ret_kind, bool *ret_repeats)
{
	struct kind kinds[PLACES_MAX];
	bool repeats;
	size_t count = places_read(command, kinds, &repeats);

	if (i >= count)
		return false;
	*ret_kind = kinds[i];
	*ret_repeats = repeats && i + 1 == count;
	return true;
}

/* ---- the tables as a shell has them ------------------------------------ */

void
completion_quote(FILE *out, const char *text, const char *quote)
{
	for (; *text != '\0'; text++)
		if (*text == '\'')
			(void)fputs(quote, out);
		else
			(void)fputc(*text, out);
}

static void
kind_print(FILE *out, const struct kind *kind)
{
	static const char *const names[] = {
	    [KIND_NONE] = "none",
	    [KIND_FILE] = "file",
	    [KIND_DIR] = "dir",
	    [KIND_BASE] = "bases",
	    [KIND_JOB] = "jobs",
	    [KIND_COMMAND] = "command",
	};

	if (kind->is == KIND_WORDS)
		(void)fprintf(out, "'=%s'", kind->words);
	else
		(void)fputs(names[kind->is], out);
}

static void
places_print(FILE *out)
{
	const struct command *command;
	struct kind kind;
	bool repeats;
	size_t i, j;

	(void)fputs("\n# Sets kind to what stands at place $2 of command $1.\n"
		    "_tidemark_place() {\n\tcase $1,$2 in\n",
	    out);
	for (i = 0; (command = command_at(i)) != NULL; i++)
		for (j = 0; completion_place(command, j, &kind, &repeats);
		    j++) {
			if (repeats)
				(void)fprintf(out, "\t%s,*) kind=",
				    command->name);
			else
				(void)fprintf(out, "\t%s,%zu) kind=",
				    command->name, j + 1);
			kind_print(out, &kind);
			(void)fputs(" ;;\n", out);
		}
	(void)fputs("\t*) kind=none ;;\n\tesac\n}\n", out);
}

/* An option with a value, in both of its forms. */
static void
value_print(FILE *out, const char *command, const struct option_row *row)
{
	struct kind kind = completion_kind(row->value);

	(void)fprintf(out, "\t%s,--%s", command, row->name);
	if (row->letter != 0)
		(void)fprintf(out, "|%s,-%c", command, row->letter);
	(void)fputs(") kind=", out);
	kind_print(out, &kind);
	(void)fputs(" ;;\n", out);
}

static void
values_print(FILE *out)
{
	struct setting_info info;
	struct kind kind;
	size_t i;

	(void)fputs("\n# Sets kind to what follows option $2 of command $1; "
		    "'' nothing does.\n"
		    "_tidemark_value() {\n\tcase $1,$2 in\n",
	    out);
	for (i = 0; settings_info(i, &info); i++) {
		if (info.subject != NULL)
			continue;
		kind = completion_kind(info.value);
		(void)fprintf(out, "\tserve,%s) kind=", info.flag);
		kind_print(out, &kind);
		(void)fputs(" ;;\n", out);
	}
	(void)fputs("\tserve,*) kind= ;;\n", out);
	for (i = 0; i < OPTION_COUNT; i++)
		if (option_rows[i].value[0] != '\0')
			value_print(out, "*", &option_rows[i]);
	(void)fputs("\t*) kind= ;;\n\tesac\n}\n", out);
}

void
completion_tables(FILE *out)
{
	places_print(out);
	values_print(out);
}

void
completion_options(const struct command *command, completion_option_fn *fn,
    void *arg)
{
	struct setting_info info;
	size_t i;

	for (i = 0; command->run == cmd_serve && settings_info(i, &info); i++)
		if (info.subject == NULL)
			fn(arg, info.flag + 2, 0, info.value, info.meaning);
	for (i = 0; i < OPTION_COUNT; i++)
		if ((command->takes & 1u << i) != 0)
			fn(arg, option_rows[i].name, option_rows[i].letter,
			    option_rows[i].value, option_rows[i].meaning);
}

int
cmd_completion(const struct args *args)
{
	const char *shell = args->words[0];
	struct err_note note = {0};

	if (strcmp(shell, "bash") == 0) {
		completion_bash(stdout);
	} else if (strcmp(shell, "zsh") == 0) {
		completion_zsh(stdout);
	} else if (strcmp(shell, "fish") == 0) {
		completion_fish(stdout);
	} else {
		(void)err_set(&note, ERR_INVALID,
		    "usage: tidemark completion bash|zsh|fish");
		return cmd_error("completion", ERR_INVALID, &note);
	}
	return CMD_DONE;
}
