/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd: the commands of the command line, and how they read their arguments.
 *
 * Floor 7.  One process runs one command on one thread (serve starts more);
 * a command writes its result to standard output, everything else to
 * standard error, and returns the process's exit status.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/limits.h"

struct err_note;

/* Exit statuses; scripts rely on them. */
enum cmd_exit {
	CMD_DONE = 0,
	CMD_FAILED = 1,	    /* the job ended with failures, or was refused */
	CMD_USAGE = 2,	    /* wrong arguments or settings */
	CMD_UNREACHABLE = 3 /* no server at TIDEMARK_URL */
};

enum option {
#define OPTION(name, text, letter, value, meaning) OPTION_##name,
#include "cmd/option_tbl.h"
	OPTION_COUNT
};
#define OPT(name) (1u << OPTION_##name)

#define WORDS_MAX FOLDER_PATHS_MAX

struct args {
	unsigned given;	  /* OPT() bits */
	char **words;	  /* what is not an option; borrows argv */
	size_t word_count;
	const char *config; /* the server's ini file */
	const char *data, *base, *label, *environment;
	const char *model; /* "": the server's default; NULL: not named */
	const char *include[PATTERNS_MAX];
	size_t include_count;
	const char *exclude[PATTERNS_MAX];
	size_t exclude_count;
	unsigned limit;
	unsigned dimensions; /* 0: as many as the model has */
	double semantic_ratio;
	int argc; /* everything after the command's name, for serve */
	char **argv;
};

typedef int cmd_fn(const struct args *args);

struct command {
	const char *name;
	cmd_fn *run;
	unsigned takes; /* OPT() bits */
	size_t low, high;
	const char *words;
	const char *summary;
};

#define COMMAND(name, function, takes, low, high, words, summary)             \
	int cmd_##function(const struct args *args);
#include "cmd/cmd_tbl.h"

/* NULL: there is none of that name. */
const struct command *command_find(const char *name);
/* ERR_INVALID: there is none, and which one may have been meant. */
int command_unknown(const char *name, struct err_note *note);
/* In the table's order; NULL beyond its end. */
const struct command *command_at(size_t i);

/*
 * Read the arguments after the command's name.  Options and words may be
 * mixed; "--" ends the options.  Keeps pointers into argv, whose words it
 * moves to the front.  ERR_INVALID with words for people.
 */
int args_parse(const struct command *command, int argc, char **argv,
    struct args *ret_args, struct err_note *note);
static inline bool
args_has(const struct args *args, unsigned option)
{
	return (args->given & option) != 0;
}

struct option_row {
	const char *name;
	char letter;	   /* 0: it has none */
	const char *value; /* "": it takes none */
	const char *meaning;
};
extern const struct option_row option_rows[OPTION_COUNT];

void help_all(FILE *out);
void help_command(FILE *out, const struct command *command);

/*
 * Say what went wrong on standard error and return the exit status that
 * fits: 3 when the server was not reached, 2 for an invalid argument, else 1.
 */
int cmd_error(const char *what, int err, const struct err_note *note);
#define ERR_UNREACHABLE ERR_CLOSED

#endif
