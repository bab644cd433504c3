/* SPDX-License-Identifier: Apache-2.0 */
/*
 * part_int: what the files that make and read parts share.
 *
 * Floor 2, for this folder only.
 */
#ifndef INDEX_PART_INT_H
#define INDEX_PART_INT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "index/part.h"

/* Of one term: its name, and at most six numbers and a byte. */
#define PART_ENTRY_BYTES_MAX (PART_TERM_BYTES_MAX + 61u)

#define PART_SKIP_BYTES 12u
/* Of one block: two bytes, and both halves in 32 bits at most. */
#define PART_BLOCK_BYTES_MAX (2u + 8u * PART_BLOCK)

void part_foot_put(const struct part *part, uint8_t out[PART_FOOT_BYTES]);

/* The documents of a new part, by their numbers there. */
struct part_docs {
	const uint8_t *lengths; /* codes */
	const int64_t *ids;
	const uint32_t *stamps;
	uint32_t count;
	uint64_t length_sum;
};

/* A part on its way out: documents, then terms in order, then the end. */
struct part_writer {
	part_put_fn *put;
	void *arg;
	struct part part; /* as far as it is known */
	uint64_t at;	  /* bytes put */
	const uint8_t *lengths;
	struct buf skips, data;	   /* of one list */
	struct buf blocks, places; /* of terms */
	char last[PART_TERM_BYTES_MAX];
	size_t last_len;
};

void part_writer_init(struct part_writer *writer, part_put_fn *put,
    void *arg);
void part_writer_fini(struct part_writer *writer);
/* docs->lengths must outlive the writer. */
int part_writer_docs(struct part_writer *writer,
    const struct part_docs *docs);
/* docs rise; count is at least 1. */
int part_writer_term(struct part_writer *writer, const char *term,
    size_t len, const uint32_t *docs, const uint32_t *frequencies,
    uint32_t count);
int part_writer_end(struct part_writer *writer);

#endif
