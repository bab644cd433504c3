/* SPDX-License-Identifier: Apache-2.0 */
/*
 * man: the manual pages, made from what --help is made of.
 *
 * A page says nothing that is not in a table or in help.h; only the order and
 * the markup are its own.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cmd/cmd.h"
#include "cmd/help.h"
#include "cmd/settings.h"
#include "cmd/version.h"

#define HEAD_SIZE 512

/*
 * Text as roff shows it: a line that begins with a dot or a quote would be a
 * request, and hyphens and quotes are to stay what can be copied.
 */
static void
text_put(FILE *out, const char *text)
{
	bool is_start = true;

	for (; *text != '\0'; text++) {
		if (is_start && (*text == '.' || *text == '\''))
			(void)fputs("\\&", out);
		is_start = *text == '\n';
		if (*text == '\\')
			(void)fputs("\\e", out);
		else if (*text == '-')
			(void)fputs("\\-", out);
		else if (*text == '\'')
			(void)fputs("\\(aq", out);
		else if (*text == '"')
			(void)fputs("\\(dq", out);
		else if (*text == '~')
			(void)fputs("\\(ti", out);
		else if (*text == '^')
			(void)fputs("\\(ha", out);
		else if (*text == '`')
			(void)fputs("\\(ga", out);
		else
			(void)fputc(*text, out);
	}
}

/* A line of text. */
static void
line_put(FILE *out, const char *text)
{
	text_put(out, text);
	(void)fputc('\n', out);
}

/* A paragraph that begins with a bold head. */
static void
item_put(FILE *out, const char *head, const char *text)
{
	(void)fputs(".TP\n\\fB", out);
	text_put(out, head);
	(void)fputs("\\fR\n", out);
	line_put(out, text);
}

/* Left aligned and without hyphens: what is shown can be copied. */
static void
page_start(FILE *out, const char *title, const char *section,
    const char *name, const char *what)
{
	(void)fprintf(out,
	    ".\\\" made by: tidemark man\n"
	    ".TH %s %s \"\" \"tidemark %s\"\n.nh\n.ad l\n.SH NAME\n",
	    title, section, TIDEMARK_VERSION);
	text_put(out, name);
	(void)fputs(" \\- ", out);
	line_put(out, what);
}

static void
command_put(FILE *out, const struct command *command)
{
	const char *details = help_details(command->name);
	char head[HEAD_SIZE];
	size_t i;

	(void)fputs(".SS ", out);
	line_put(out, command->name);
	line_put(out, command->summary);
	(void)fputs(".PP\nusage:\n.B tidemark ", out);
	text_put(out, command->name);
	(void)fputs("\n", out);
	(void)snprintf(head, sizeof(head), "[OPTIONS] %s", command->words);
	line_put(out, head);
	if (details[0] != '\0') {
		(void)fputs(".PP\n", out);
		text_put(out, details);
	}
	if (command->run == cmd_serve) {
		(void)fputs(".PP\n", out);
		line_put(out, "Its options are the settings of "
			      "tidemark.ini(5).");
		return;
	}
	for (i = 0; i < OPTION_COUNT; i++) {
		if ((command->takes & 1u << i) == 0)
			continue;
		help_option_head(&option_rows[i], "", head, sizeof(head));
		item_put(out, head, option_rows[i].meaning);
	}
}

static void
page_commands(FILE *out)
{
	const struct command *command;
	size_t i;

	page_start(out, "TIDEMARK", "1", "tidemark", help_title);
	(void)fputs(".SH SYNOPSIS\n.B tidemark\n", out);
	line_put(out, "COMMAND [ARGUMENTS]");
	(void)fputs(".SH COMMANDS\n", out);
	for (i = 0; (command = command_at(i)) != NULL; i++)
		command_put(out, command);
	(void)fputs(".SH ENVIRONMENT\n", out);
	text_put(out, help_environment);
	(void)fputs(".SH EXIT STATUS\n", out);
	text_put(out, help_exits);
	(void)fputs(".SH SEE ALSO\n", out);
	line_put(out, "tidemark.ini(5)");
}

static void
setting_put(FILE *out, const struct setting_info *info)
{
	char head[HEAD_SIZE];

	(void)snprintf(head, sizeof(head), "%s = %s", info->name,
	    info->value);
	item_put(out, head, info->meaning);
	(void)fputs(".br\n", out);
	(void)snprintf(head, sizeof(head), "%s, %s, %s%s", info->flag,
	    info->env, info->fallback[0] != '\0' ? "default " : "no default",
	    info->fallback);
	line_put(out, head);
}

static void
page_settings(FILE *out)
{
	struct setting_info info;
	size_t i;

	page_start(out, "TIDEMARK.INI", "5", "tidemark.ini",
	    "settings of a Tidemark server");
	(void)fputs(".SH SYNOPSIS\n.B tidemark serve\n", out);
	line_put(out, "--config FILE");
	(void)fputs(".SH DESCRIPTION\n", out);
	text_put(out, help_settings);
	line_put(out, "A file has lines \"key = value\"; what follows \";\" "
		      "or \"#\" at a line's beginning is a comment.  No file "
		      "is read unless it is named.  The key config is no key "
		      "of a file.");
	(void)fputs(".SH SETTINGS\n", out);
	for (i = 0; settings_info(i, &info); i++) {
		if (info.subject == NULL) {
			setting_put(out, &info);
		} else {
			(void)fputs(".SS ", out);
			line_put(out, info.subject);
		}
	}
	(void)fputs(".SH SEE ALSO\n", out);
	line_put(out, "tidemark(1)");
}

int
cmd_man(const struct args *args)
{
	struct err_note note = {0};

	if (args->word_count == 0 ||
	    strcmp(args->words[0], "tidemark.1") == 0) {
		page_commands(stdout);
	} else if (strcmp(args->words[0], "tidemark.ini.5") == 0) {
		page_settings(stdout);
	} else {
		(void)err_set(&note, ERR_INVALID,
		    "the pages are tidemark.1 and tidemark.ini.5");
		return cmd_error("man", ERR_INVALID, &note);
	}
	return CMD_DONE;
}
