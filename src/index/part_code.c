/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "index/part_code.h"

size_t
varint_put(uint8_t *out, uint64_t value)
{
	size_t n = 0;

	while (value >= 0x80) {
		out[n++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	out[n++] = (uint8_t)value;
	return n;
}

const uint8_t *
varint_get(const uint8_t *at, const uint8_t *end, uint64_t *ret_value)
{
	uint64_t value = 0;
	unsigned shift;

	for (shift = 0; at < end && shift < 64; shift += 7) {
		value |= (uint64_t)(*at & 0x7f) << shift;
		if ((*at++ & 0x80) == 0) {
			*ret_value = value;
			return at;
		}
	}
	return NULL;
}

void
u16_put(uint8_t out[2], uint16_t value)
{
	out[0] = (uint8_t)value;
	out[1] = (uint8_t)(value >> 8);
}

void
u32_put(uint8_t out[4], uint32_t value)
{
	u16_put(out, (uint16_t)value);
	u16_put(out + 2, (uint16_t)(value >> 16));
}

void
u64_put(uint8_t out[8], uint64_t value)
{
	u32_put(out, (uint32_t)value);
	u32_put(out + 4, (uint32_t)(value >> 32));
}

uint16_t
u16_get(const uint8_t at[2])
{
	return (uint16_t)(at[0] | at[1] << 8);
}

uint32_t
u32_get(const uint8_t at[4])
{
	return (uint32_t)u16_get(at) | (uint32_t)u16_get(at + 2) << 16;
}

uint64_t
u64_get(const uint8_t at[8])
{
	return (uint64_t)u32_get(at) | (uint64_t)u32_get(at + 4) << 32;
}

/* ---- packed ------------------------------------------------------------- */

unsigned
bits_of(const uint32_t *values, size_t count)
{
	uint32_t all = 0;
	unsigned bits = 0;
	size_t i;

	for (i = 0; i < count; i++)
		all |= values[i];
	while (all != 0) {
		bits++;
		all >>= 1;
	}
	return bits;
}

void
bits_pack(const uint32_t *values, size_t count, unsigned bits, uint8_t *out)
{
	uint64_t held = 0;
	unsigned n = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		held |= (uint64_t)values[i] << n;
		for (n += bits; n >= 8; n -= 8) {
			*out++ = (uint8_t)held;
			held >>= 8;
		}
	}
	if (n > 0)
		*out = (uint8_t)held;
}

void
bits_unpack(const uint8_t *at, size_t count, unsigned bits, uint32_t *values)
{
	const uint32_t mask = bits == 32 ? UINT32_MAX
					 : ((uint32_t)1 << bits) - 1;
	uint64_t held = 0;
	unsigned n = 0;
	size_t i;

	if (bits == 0) {
		memset(values, 0, count * sizeof(*values));
		return;
	}
	for (i = 0; i < count; i++) {
		for (; n < bits; n += 8)
			held |= (uint64_t)*at++ << n;
		values[i] = (uint32_t)held & mask;
		held >>= bits;
		n -= bits;
	}
}

/* ---- lengths ------------------------------------------------------------ */

#define MANTISSA_BITS 4
#define EXACT (2u << MANTISSA_BITS) /* below that a length is its code */

uint8_t
length_code(uint32_t length)
{
	unsigned shift = 0;

	if (length > LENGTH_MAX)
		length = LENGTH_MAX;
	while (length >> shift >= EXACT)
		shift++;
	if (shift == 0)
		return (uint8_t)length;
	return (uint8_t)(((shift + 1) << MANTISSA_BITS) |
	    ((length >> shift) & ((1u << MANTISSA_BITS) - 1)));
}

uint32_t
length_of(uint8_t code)
{
	unsigned shift = code >> MANTISSA_BITS;
	uint32_t mantissa = code & ((1u << MANTISSA_BITS) - 1);

	if (code < EXACT)
		return code;
	return ((1u << MANTISSA_BITS) | mantissa) << (shift - 1);
}
