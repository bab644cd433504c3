/* SPDX-License-Identifier: Apache-2.0 */
/*
 * part_code: numbers as a part of the index holds them.
 *
 * Floor 2, for this folder only; pure.  Whole numbers are little endian.  What
 * is read may be anybody's bytes: nothing is read behind end.
 */
#ifndef INDEX_PART_CODE_H
#define INDEX_PART_CODE_H

#include <stddef.h>
#include <stdint.h>

#define VARINT_BYTES_MAX 10u

/* Seven bits a byte, the lowest first.  out has room for VARINT_BYTES_MAX;
 * returns how many were written. */
size_t varint_put(uint8_t *out, uint64_t value);
/* Returns behind the number, or NULL when there is none before end. */
const uint8_t *varint_get(const uint8_t *at, const uint8_t *end,
    uint64_t *ret_value);

void u16_put(uint8_t out[2], uint16_t value);
void u32_put(uint8_t out[4], uint32_t value);
void u64_put(uint8_t out[8], uint64_t value);
uint16_t u16_get(const uint8_t at[2]);
uint32_t u32_get(const uint8_t at[4]);
uint64_t u64_get(const uint8_t at[8]);

/* How many bits the largest of count values needs; 0: all of them are 0. */
unsigned bits_of(const uint32_t *values, size_t count);
/* Bytes that count values of so many bits take. */
static inline size_t
bits_size(size_t count, unsigned bits)
{
	return (count * bits + 7) / 8;
}
/* Pack them; out has room for bits_size(). */
void bits_pack(const uint32_t *values, size_t count, unsigned bits,
    uint8_t *out);
/* Bits 0..32; at has bits_size() bytes. */
void bits_unpack(const uint8_t *at, size_t count, unsigned bits,
    uint32_t *values);

/*
 * A length in one byte: exact below 32, then within 1/16 of it (four bits of
 * mantissa behind the leading one), never above it.  Lengths over
 * LENGTH_MAX are LENGTH_MAX.
 */
#define LENGTH_MAX 507904u
uint8_t length_code(uint32_t length);
uint32_t length_of(uint8_t code);

#endif
