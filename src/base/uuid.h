/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uuid: 128-bit names (RFC 9562) and their text.  Floor 0, pure.
 *
 * Bases, jobs, accounts and keys have random ones (version 4).  Documents,
 * items and segments are many, so theirs are not stored but computed from
 * their row number and their parent's uuid (version 8): nothing to index,
 * found by row number, and checked against the parent when they come back.
 */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UUID_TEXT_SIZE 37

struct uuid {
	uint8_t bytes[16];
};

/* Version 4, from 16 random bytes. */
struct uuid uuid_random(const uint8_t random[16]);

/* Version 8: row (1 .. 2^48-1) under its parent. */
struct uuid uuid_of_row(const struct uuid *parent, uint64_t row);

/* The same for a child of a segment, whose own is uuid_of_row() of its
 * document's. */
struct uuid uuid_of_child(const struct uuid *segment, uint64_t row);

/* The same for what else a parent has rows of: two kinds never have the same
 * one, nor one that the two above make. */
enum uuid_kind { UUID_KIND_ENTITY = 1, UUID_KIND_TYPE = 2 };
struct uuid uuid_of_kind(const struct uuid *parent, enum uuid_kind kind,
    uint64_t row);

/* The row number in a version 8 uuid; 0 when it is none.  The caller must
 * then compare with uuid_of_row(): the text came from outside. */
uint64_t uuid_row(const struct uuid *uuid);

bool uuid_is_equal(const struct uuid *a, const struct uuid *b);

/* Lower case with hyphens; out is terminated. */
void uuid_format(const struct uuid *uuid, char out[UUID_TEXT_SIZE]);

/* Reads 8-4-4-4-12 hexadecimal digits in either case; 0 or ERR_SYNTAX. */
int uuid_parse(const char *text, size_t len, struct uuid *ret_uuid);

#endif
