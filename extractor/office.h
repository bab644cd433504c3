/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * office: what the binary Office formats share: numbers with the lowest byte
 * first, texts of two widths, and a window over a stream of a compound file.
 */
#ifndef EXTRACTOR_OFFICE_H
#define EXTRACTOR_OFFICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "extractor/le.h"

struct buf;
struct ole;
struct ole_stream;

static inline double
office_f64(const unsigned char *bytes)
{
	uint64_t bits = le64(bytes);
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/*
 * Append a text as UTF-8.  Paragraph and line breaks of either kind become
 * line feeds, other control characters and halves of surrogate pairs go.
 * *high keeps the first half of a pair that may be cut in two by the end of a
 * record: 0 before the first piece.  Errors stick in out.
 */
void office_put_utf16(struct buf *out, const unsigned char *bytes,
    size_t units, unsigned *high);

/* The same text with its high bytes left out.  What is no character there is
 * read as Windows 1252: not every program was careful. */
void office_put_latin(struct buf *out, const unsigned char *bytes, size_t len);

/* Does the file hold less of the stream of that path than its directory
 * promises? */
bool office_is_cut(const struct ole *ole, const char *path,
    const struct ole_stream *stream);

/* Sort ascending, in place and without a call of the system, which the C
 * library's qsort() makes to learn how much memory there is. */
void office_sort(uint64_t *keys, size_t count);

/* The most that can be looked at at once: a record of Excel with its head. */
#define OFFICE_VIEW_MAX 66000u

struct office_window {
	struct ole_stream *stream; /* borrowed */
	uint64_t size;		   /* of the stream */
	uint64_t start;		   /* of what is in bytes */
	size_t len;
	unsigned char *bytes;
};

/* 0 or ERR_NOMEM. */
int office_window_init(struct office_window *window,
    struct ole_stream *stream);
void office_window_fini(struct office_window *window);

/*
 * Look at len <= OFFICE_VIEW_MAX bytes at offset: *ret_bytes is valid until
 * the next call.  ERR_SYNTAX: the stream ends before; ERR_IO.
 */
int office_view(struct office_window *window, uint64_t offset, size_t len,
    const unsigned char **ret_bytes);

/* All len bytes at offset into out, which is cleared first; errors as above,
 * and those of buf. */
int office_load(struct office_window *window, uint64_t offset, uint64_t len,
    struct buf *out);

#endif
