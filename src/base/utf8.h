/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8: reading and checking UTF-8 (RFC 3629).  Floor 0, pure.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_BAD 0xFFFFFFFFu

/*
 * Decode the character at text, of which len > 0 bytes are readable.  Returns
 * its code point and sets *ret_len to 1..4; a malformed, overlong or surrogate
 * sequence gives UTF8_BAD and *ret_len = 1.
 */
uint32_t utf8_decode(const char *text, size_t len, size_t *ret_len);

/* Write code point c, which must be a scalar value; returns 1..4 bytes. */
size_t utf8_encode(uint32_t c, char out[4]);

/* True when all len bytes are well-formed UTF-8. */
bool utf8_is_valid(const char *text, size_t len);

/* The largest n <= max such that text[0..n) ends at a character's border. */
size_t utf8_floor(const char *text, size_t len, size_t max);

/* The number of characters in len bytes of valid UTF-8. */
size_t utf8_count(const char *text, size_t len);

/* Cut an incomplete character off the end of a terminated string. */
void utf8_trim(char *text);

#endif
