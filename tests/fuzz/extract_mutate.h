/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extract_mutate: new inputs for extract_fuzz from old ones.
 *
 * A bit turned over in a ZIP file tries the checksum, again and again.  So
 * packages and compound files are taken apart, something inside is changed,
 * and they are put together again with checksums and tables that are right;
 * XML is changed by elements and attributes, so that it stays XML.  Now and
 * then any of them is changed as bytes all the same.
 */
#ifndef FUZZ_EXTRACT_MUTATE_H
#define FUZZ_EXTRACT_MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define PIECES_MAX 128u
#define PIECE_NAME_SIZE 256u
#define PIECE_BYTES_MAX (512 * 1024u)

/* A part of a package; a storage or a stream of a compound file. */
struct piece {
	char name[PIECE_NAME_SIZE];
	unsigned parent; /* 1 + its place; 0: the root */
	bool is_folder;
	unsigned char class[16];
	struct buf bytes;
};

struct pieces {
	unsigned count;
	struct piece piece[PIECES_MAX];
	unsigned char class[16]; /* of the root */
};

void pieces_init(struct pieces *pieces);
void pieces_clear(struct pieces *pieces);

/* Returns the new piece, empty, or NULL when there are too many. */
struct piece *pieces_add(struct pieces *pieces, const char *name,
    unsigned parent, bool is_folder);

/* Take bytes apart, and put pieces together; false: that did not work. */
bool package_split(const uint8_t *bytes, size_t len, struct pieces *pieces);
bool package_join(const struct pieces *pieces, struct buf *out);
bool compound_split(const uint8_t *bytes, size_t len, struct pieces *pieces);
bool compound_join(const struct pieces *pieces, struct buf *out);

/* Numbers that look random, the same for the same seed. */
struct dice {
	uint64_t state;
};

/* Below sides, which is above 0. */
size_t dice_roll(struct dice *dice, size_t sides);

/* Change one thing; false: there was nothing to change in that way. */
bool xml_mutate(struct buf *xml, struct dice *dice);
bool records_mutate(struct buf *records, struct dice *dice);

/* The length of the first line "@name" with its end; 0: there is none. */
size_t mutate_name_len(const uint8_t *data, size_t len);

/* libFuzzer's, missing where inputs are only replayed. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
    __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
    unsigned int seed);

#endif
