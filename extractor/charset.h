/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charset: which encoding a text is in, and the converters out of it.
 *
 * All converters are opened before the sandbox closes: afterwards nothing can
 * be loaded any more.
 */
#ifndef EXTRACTOR_CHARSET_H
#define EXTRACTOR_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

struct charset;

/* 0, ERR_NOMEM or ERR_INTERNAL (no converters on this machine). */
int charset_init(void);
void charset_fini(void);

/*
 * The charset of a text that begins with the len bytes of sample; NULL stands
 * for UTF-8.  Byte order marks and valid UTF-8 win over declared (the name
 * that the document itself gives, may be NULL), which wins over a guess.
 * *ret_is_sure is false when the sample is plain ASCII: the next bytes
 * decide.
 */
struct charset *charset_detect(const char *sample, size_t len,
    const char *declared, bool *ret_is_sure);

/* By name, NULL when unknown (or UTF-8). */
struct charset *charset_find(const char *name);

/*
 * UTF-16 or UTF-32 with or without a byte order mark, or NULL: such text is
 * full of NULs and must not be taken for binary.
 */
struct charset *charset_detect_wide(const char *sample, size_t len);

const char *charset_name(const struct charset *charset);

/* Begin a new text. */
void charset_reset(struct charset *charset);

/*
 * Decode from *bytes up to bytes_end into at most size bytes of UTF-8, moving
 * *bytes on; what cannot be decoded becomes U+FFFD.  Returns the number of
 * bytes written.  is_last: nothing follows.  *ret_is_full: there is more to
 * come of the same bytes.
 */
size_t charset_decode(struct charset *charset, const char **bytes,
    const char *bytes_end, bool is_last, char *text, size_t size,
    bool *ret_is_full);

#endif
