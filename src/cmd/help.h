/* SPDX-License-Identifier: Apache-2.0 */
/*
 * help: words that --help and the man pages share.
 */
#ifndef CMD_HELP_H
#define CMD_HELP_H

#include <stddef.h>

struct option_row;

#define HELP_COLUMNS 80u

/* Each ends with a line break, but for the title. */
extern const char help_title[];
extern const char help_environment[];
extern const char help_exits[];
extern const char help_settings[];

/* What help_tbl.h says of the command; "" nothing. */
const char *help_details(const char *command);

/* "-k, --limit N"; indent: four blanks where there is no letter. */
void help_option_head(const struct option_row *row, const char *indent,
    char *out, size_t size);

#endif
