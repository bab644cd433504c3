/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main: find the command, read its arguments, run it.
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cmd/cmd.h"

static int
usage(const struct err_note *note)
{
	(void)fprintf(stderr, "tidemark: %s\n", note->text);
	return CMD_USAGE;
}

int
main(int argc, char **argv)
{
	/* Room for WORDS_MAX patterns: too big for some stacks. */
	static struct args args;
	const struct command *command;
	struct err_note note = {0};
	const char *name;
	int status;

	/* A closed pipe or connection is an error of the call, not the end
	 * of the process. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		help_all(stderr);
		return CMD_USAGE;
	}
	name = argv[1];
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	else if (strcmp(name, "--version") == 0)
		name = "version";
	command = command_find(name);
	if (command == NULL) {
		(void)command_unknown(name, &note);
		return usage(&note);
	}
	if (command->run == cmd_serve)
		args = (struct args){.words = argv + 2};
	else if (args_parse(command, argc - 2, argv + 2, &args, &note) < 0)
		return usage(&note);
	args.argc = argc - 2;
	args.argv = argv + 2;
	if (args_has(&args, OPT(HELP))) {
		help_command(stdout, command);
		return CMD_DONE;
	}
	status = command->run(&args);
	/* A full disk behind standard output is a failure, too. */
	if ((fflush(stdout) != 0 || ferror(stdout) != 0) &&
	    status == CMD_DONE)
		status = CMD_FAILED;
	return status;
}
