/* SPDX-License-Identifier: Apache-2.0 */
/*
 * space: white space as Unicode has it.
 *
 * Floor 2, pure.
 */
#ifndef TEXT_SPACE_H
#define TEXT_SPACE_H

#include <stddef.h>

/* The bytes of the white space character at text, of which len > 0 are
 * readable; 0 when there is none. */
size_t space_len(const char *text, size_t len);

/* Of those that stand within a line: line ends, vertical tabs and the
 * separators of records are none, the Mongolian vowel separator is one. */
size_t space_blank_len(const char *text, size_t len);

/* text[*start..*end) without the white space at its edges. */
void space_trim(const char *text, size_t *start, size_t *end);

#endif
