/* SPDX-License-Identifier: Apache-2.0 */
/*
 * split: cuts plain text by a separator, and what is too long piece by piece
 * (CHUNK_SEPARATOR and CHUNK_RECURSIVE of chunk.h), or hands it on to fixed.h.
 *
 * Floor 2, pure.  Time is linear in the text, memory in the rule's size.
 */
#ifndef TEXT_SPLIT_H
#define TEXT_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/chunk.h"

/* How often an overlap may repeat a text, beyond SPLIT_FREE_BYTES: parts of
 * one character and an overlap of thousands would be more than anyone has
 * room for. */
#define SPLIT_REPEAT_MAX 16u
#define SPLIT_FREE_BYTES (64 * MIB)

/* A piece is text[start..start + len); it may have white space at its edges,
 * and may be nothing but that.  A negative return ends the splitting. */
typedef int split_fn(void *arg, size_t start, size_t len);

struct split_part {
	size_t start, len;
	uint32_t chars;
};

struct split {
	struct chunk_cut cut;
	split_fn *fn;
	void *arg;
	const char *text;
	uint64_t bytes_left; /* that may be given out */
	/* Parts that wait to be joined: a ring of as many as a piece can have.
	 * They lie side by side in the text. */
	struct split_part *parts;
	size_t part_size, first, count;
	uint32_t chars; /* of all of them */
};

/* 0 or ERR_NOMEM; fn and arg are kept.  A zeroed one may be finished. */
int split_init(struct split *split, const struct chunk_cut *cut,
    split_fn *fn, void *arg);
void split_fini(struct split *split);

/*
 * Give out the pieces of text in order.  0, what fn returned, or ERR_TOO_BIG
 * when the overlap repeats the text too often.
 */
int split_text(struct split *split, const char *text, size_t len);

/* The bytes of the full stop that text begins with: what the piece before
 * was cut at. */
size_t split_leading_stop(const char *text, size_t len);

#endif
