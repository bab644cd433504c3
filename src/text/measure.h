/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measure: how long a text is in characters and in bytes, and how far it is to
 * some word.
 *
 * Floor 2, pure.
 */
#ifndef TEXT_MEASURE_H
#define TEXT_MEASURE_H

#include <stddef.h>

/* utf8_count(), sixteen bytes at a time. */
size_t measure_chars(const char *text, size_t len);

/*
 * Where the what_len bytes of what stand first, or NULL.  Like memmem(), but
 * it never looks much further than that, whatever tool watches it: a text is
 * searched many times, each time from where it was found last.
 */
const char *measure_find(const char *text, size_t len, const char *what,
    size_t what_len);

/* How many bytes the first max characters take; len when there are fewer. */
size_t measure_bytes(const char *text, size_t len, size_t max);

#endif
