/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cmd/cmd.h"
#include "cmd/help.h"
#include "cmd/settings.h"
#include "cmd/term.h"

#define HEAD_SIZE 96
#define COMMAND_COLUMNS 26
#define OPTION_COLUMNS 26

/* What a command's page says beyond its row and its options. */
static const struct {
	const char *name;
	const char *text;
} details[] = {
#define HELP(name, text) {name, text},
#include "cmd/help_tbl.h"
};

const char help_title[] =
    "a knowledge-base indexing server whose progress can be trusted";
const char help_environment[] =
    "TIDEMARK_URL says where the server is (default http://127.0.0.1:8420),\n"
    "TIDEMARK_API_KEY holds the key (default, on this machine: what the file\n"
    "api-key in the data folder holds).  A JOB may be given by the first\n"
    "characters of its id.\n";
const char help_exits[] =
    "0 done; 1 the job ended with failures, or the request was refused;\n"
    "2 wrong usage; 3 the server cannot be reached\n";
const char help_settings[] =
    "A flag wins over the environment, that over the ini file's key (the name\n"
    "with \"_\"), that over the default.\n";

const char *
help_details(const char *command)
{
	size_t i;

	for (i = 0; i < sizeof(details) / sizeof(details[0]); i++)
		if (strcmp(details[i].name, command) == 0)
			return details[i].text;
	return "";
}

/* What does not fit beside its head stands below it. */
static void
row_print(FILE *out, const char *head, int columns, const char *text)
{
	unsigned indent = (unsigned)columns + 4;

	(void)fprintf(out, "  %-*s", columns, head);
	if (strlen(head) <= (size_t)columns &&
	    indent + strlen(text) <= HELP_COLUMNS) {
		(void)fprintf(out, "  %s\n", text);
		return;
	}
	(void)fputc('\n', out);
	text_wrap(out, text, HELP_COLUMNS, indent, UINT_MAX);
}

void
help_all(FILE *out)
{
	const struct command *command;
	char head[HEAD_SIZE];
	size_t i;

	(void)fprintf(out, "tidemark: %s\n\n"
	    "usage: tidemark COMMAND [ARGUMENTS]\n\n", help_title);
	for (i = 0; (command = command_at(i)) != NULL; i++) {
		(void)snprintf(head, sizeof(head), "%s %s", command->name,
		    command->words);
		row_print(out, head, COMMAND_COLUMNS, command->summary);
	}
	(void)fprintf(out, "\n%s\nexit status: %s", help_environment,
	    help_exits);
}

void
help_option_head(const struct option_row *row, const char *indent, char *out,
    size_t size)
{
	const char *gap = row->value[0] == '\0' ? "" : " ";

	if (row->letter != 0)
		(void)snprintf(out, size, "-%c, --%s%s%s", row->letter,
		    row->name, gap, row->value);
	else
		(void)snprintf(out, size, "%s--%s%s%s", indent, row->name,
		    gap, row->value);
}

static void
help_options(FILE *out, unsigned takes)
{
	char head[HEAD_SIZE];
	size_t i;

	(void)fputs("\noptions:\n", out);
	for (i = 0; i < OPTION_COUNT; i++) {
		if ((takes & 1u << i) == 0)
			continue;
		help_option_head(&option_rows[i], "    ", head, sizeof(head));
		row_print(out, head, OPTION_COLUMNS, option_rows[i].meaning);
	}
}

void
help_command(FILE *out, const struct command *command)
{
	const char *text = help_details(command->name);

	(void)fprintf(out, "tidemark %s: %s\n\nusage: tidemark %s%s%s%s\n",
	    command->name, command->summary, command->name,
	    command->takes == 0 ? "" : " [OPTIONS]",
	    command->words[0] == '\0' ? "" : " ", command->words);
	if (text[0] != '\0')
		(void)fprintf(out, "\n%s", text);
	if (command->run != cmd_serve) {
		help_options(out, command->takes);
		return;
	}
	(void)fprintf(out, "\nsettings:\n%s\n", help_settings);
	settings_print(out);
}

int
cmd_help(const struct args *args)
{
	const struct command *command;
	struct err_note note = {0};

	if (args->word_count == 0) {
		help_all(stdout);
		return CMD_DONE;
	}
	command = command_find(args->words[0]);
	if (command == NULL) {
		(void)command_unknown(args->words[0], &note);
		(void)fprintf(stderr, "tidemark: %s\n", note.text);
		return CMD_USAGE;
	}
	help_command(stdout, command);
	return CMD_DONE;
}
