/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cmd/cmd.h"
#include "cmd/settings.h"

#define HEAD_SIZE 96

/* What a command's page says beyond its row and its options. */
static const struct {
	const char *name;
	const char *text;
} details[] = {
#define HELP(name, text) {name, text},
#include "cmd/help_tbl.h"
};

void
help_all(FILE *out)
{
	const struct command *command;
	char head[HEAD_SIZE];
	size_t i;

	(void)fputs("tidemark: a knowledge-base indexing server whose "
		    "progress can be trusted\n\n"
		    "usage: tidemark COMMAND [ARGUMENTS]\n\n",
	    out);
	for (i = 0; (command = command_at(i)) != NULL; i++) {
		(void)snprintf(head, sizeof(head), "%s %s", command->name,
		    command->words);
		(void)fprintf(out, "  %-28s  %s\n", head, command->summary);
	}
	(void)fputs("\n"
		    "TIDEMARK_URL says where the server is (default "
		    "http://127.0.0.1:8420),\n"
		    "TIDEMARK_API_KEY holds the key (default: what the file "
		    "api-key in the data\n"
		    "folder holds).  A JOB may be given by the first "
		    "characters of its id.\n\n"
		    "exit status: 0 done; 1 the job ended with failures, or "
		    "the request was refused;\n"
		    "2 wrong usage; 3 the server cannot be reached\n",
	    out);
}

static void
help_options(FILE *out, unsigned takes)
{
	const struct option_row *row;
	char head[HEAD_SIZE];
	size_t i;

	(void)fputs("\noptions:\n", out);
	for (i = 0; i < OPTION_COUNT; i++) {
		if ((takes & 1u << i) == 0)
			continue;
		row = &option_rows[i];
		if (row->letter != 0)
			(void)snprintf(head, sizeof(head), "-%c, --%s %s",
			    row->letter, row->name, row->value);
		else
			(void)snprintf(head, sizeof(head), "    --%s %s",
			    row->name, row->value);
		(void)fprintf(out, "  %-24s  %s\n", head, row->meaning);
	}
}

void
help_command(FILE *out, const struct command *command)
{
	size_t i;

	(void)fprintf(out, "tidemark %s: %s\n\nusage: tidemark %s%s%s%s\n",
	    command->name, command->summary, command->name,
	    command->takes == 0 ? "" : " [OPTIONS]",
	    command->words[0] == '\0' ? "" : " ", command->words);
	for (i = 0; i < sizeof(details) / sizeof(details[0]); i++)
		if (strcmp(details[i].name, command->name) == 0)
			(void)fprintf(out, "\n%s", details[i].text);
	if (command->run == cmd_serve) {
		(void)fputs("\nsettings: a flag wins over the environment, "
			    "that over the ini file's key (the\nname with "
			    "\"_\"), that over the default.\n\n",
		    out);
		settings_print(out);
		return;
	}
	help_options(out, command->takes);
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
