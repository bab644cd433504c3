/* SPDX-License-Identifier: Apache-2.0 */
/*
 * term: what a terminal can show, and text made safe for it.
 */
#ifndef CMD_TERM_H
#define CMD_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct buf;
struct face;

/* May lines be drawn over?  A terminal that is not dumb. */
bool term_is_live(FILE *file);
/* As is_live, and NO_COLOR is not set. */
bool term_has_color(FILE *file);
/* Columns of the terminal behind file, 80 when it has none. */
unsigned term_width(FILE *file);
/* Does the locale write UTF-8? */
bool term_is_utf8(void);
/* All of it, as it is now; 24 lines when it has none. */
void term_face(FILE *file, struct face *ret_face);

/*
 * Append text from outside so that it can do no harm: control characters,
 * what turns the writing direction and malformed UTF-8 become U+FFFD, line
 * breaks and tabs a space.
 */
void text_clean(struct buf *out, const char *text, size_t len);
/* The same to a file. */
void text_print(FILE *out, const char *text);

/* Columns that clean text takes on a terminal. */
size_t text_width(const char *text, size_t len);

/* The largest n such that the first n bytes take at most width columns. */
size_t text_fit(const char *text, size_t len, size_t width);

/* Print clean text with runs of spaces as one, in lines of at most width
 * columns, each after indent spaces; at most lines_max, then "...". */
void text_wrap(FILE *out, const char *text, unsigned width, unsigned indent,
    unsigned lines_max);

#endif
