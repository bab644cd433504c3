/* SPDX-License-Identifier: Apache-2.0 */
/*
 * completion: what the scripts for the shells are made of.
 */
#ifndef CMD_COMPLETION_H
#define CMD_COMPLETION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct command;

enum kind_is {
	KIND_NONE, /* nothing can be proposed */
	KIND_FILE,
	KIND_DIR,
	KIND_BASE,
	KIND_JOB,
	KIND_COMMAND,
	KIND_WORDS
};

struct kind {
	enum kind_is is;
	char words[128]; /* of KIND_WORDS, with blanks between */
};

/* What a table means by "[JOB]", "DIR", "yes|no", "PATH...". */
struct kind completion_kind(const char *text);

/* The kind of a command's word i; false beyond its last one.  repeats: all
 * that follow are so, too. */
bool completion_place(const struct command *command, size_t i,
    struct kind *ret_kind, bool *ret_repeats);

/* Every option of the command, and settings of serve; letter 0: none. */
typedef void completion_option_fn(void *arg, const char *name, char letter,
    const char *value, const char *meaning);
void completion_options(const struct command *command,
    completion_option_fn *fn, void *arg);

/* Text within single quotes; quote is what stands for one of them. */
void completion_quote(FILE *out, const char *text, const char *quote);

/* Functions that bash and zsh read alike: _tidemark_place, _tidemark_value. */
void completion_tables(FILE *out);

void completion_bash(FILE *out);
void completion_zsh(FILE *out);
void completion_fish(FILE *out);

#endif
