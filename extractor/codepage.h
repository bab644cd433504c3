/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * codepage: text in the encodings that Windows numbers.
 */
#ifndef EXTRACTOR_CODEPAGE_H
#define EXTRACTOR_CODEPAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct charset;

#define CODEPAGE_SYMBOL 42u   /* the font of that name */
#define CODEPAGE_DINGBATS 43u /* other fonts with pictures for letters */
#define CODEPAGE_UTF_16LE 1200u
#define CODEPAGE_LATIN 1252u
#define CODEPAGE_MACINTOSH 10000u
#define CODEPAGE_UTF_8 65001u

/* Its charset; of an unknown one that of CODEPAGE_LATIN, and UTF-8 is NULL,
 * as charset.h has it. */
struct charset *codepage_charset(unsigned codepage);

/* Is this byte the first of two in that code page? */
bool codepage_is_lead(unsigned codepage, unsigned char byte);

/* The code page of a language's texts, by the number that Windows gives the
 * language. */
unsigned codepage_of_language(unsigned language);

/* The code page of a font by its charset and its name: CODEPAGE_SYMBOL and
 * CODEPAGE_DINGBATS are known to the caller alone; 0: the document's own. */
unsigned codepage_of_font(unsigned charset, const char *name);

/* The character of a byte in the font Symbol; 0: a piece of a bracket. */
uint32_t codepage_symbol(unsigned char byte);

/*
 * Put text of len bytes at the end of out as UTF-8, up to the first NUL that
 * ends it (is_terminated), or without NULs.  Line ends become line feeds,
 * other control characters but the tab are left out, what cannot be decoded
 * becomes U+FFFD.  Returns out->err.
 */
int codepage_put(unsigned codepage, const void *bytes, size_t len,
    bool is_terminated, struct buf *out);

#endif
