/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bytes: questions about many bytes at once.
 *
 * The inner loops have a fixed count and no branch: compilers make vector
 * code of them, which is what keeps plain text cheap.
 */
#ifndef EXTRACTOR_BYTES_H
#define EXTRACTOR_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define BYTES_AT_ONCE 64

static inline bool
bytes_are_ascii(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = 0, i;
	unsigned char all;

	for (; n + BYTES_AT_ONCE <= len; n += BYTES_AT_ONCE) {
		all = 0;
		for (i = 0; i < BYTES_AT_ONCE; i++)
			all |= s[n + i];
		if (all >= 0x80)
			return false;
	}
	for (; n < len; n++)
		if (s[n] >= 0x80)
			return false;
	return true;
}

/* White space and printable, or a byte of something beyond ASCII. */
static inline bool
byte_is_plain(unsigned char c)
{
	return ((c >= 0x20) & (c != 0x7F)) | (c == '\n') | (c == '\t') |
	    (c == '\f');
}

/* How many bytes at the beginning are plain. */
static inline size_t
bytes_plain(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = 0, i;
	unsigned char plain;

	for (; n + BYTES_AT_ONCE <= len; n += BYTES_AT_ONCE) {
		plain = 1;
		for (i = 0; i < BYTES_AT_ONCE; i++)
			plain &= (unsigned char)byte_is_plain(s[n + i]);
		if (!plain)
			break;
	}
	while (n < len && byte_is_plain(s[n]))
		n++;
	return n;
}

/* The first place of what (of n > 0 bytes) in text, or NULL. */
static inline const char *
bytes_find(const char *text, size_t len, const char *what, size_t n)
{
	const char *at;

	while (len >= n) {
		at = memchr(text, what[0], len - n + 1);
		if (at == NULL)
			return NULL;
		if (memcmp(at, what, n) == 0)
			return at;
		len -= (size_t)(at - text) + 1;
		text = at + 1;
	}
	return NULL;
}

#endif
