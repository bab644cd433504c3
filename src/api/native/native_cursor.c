/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <xxhash.h>

#include "api/native/native_cursor.h"
#include "base/err.h"

#define CURSOR_VERSION 1
#define CURSOR_BYTES 22u
#define CURSOR_CHECKED 18u
#define CURSOR_SEED 0x7469646Du

_Static_assert(NATIVE_CURSOR_SIZE - 1 == (CURSOR_BYTES * 8 + 5) / 6,
    "the text is as long as base64 makes it");

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void
put_number(uint8_t *out, size_t bytes, uint64_t number)
{
	for (size_t i = bytes; i > 0; i--, number >>= 8)
		out[i - 1] = (uint8_t)number;
}

static uint64_t
get_number(const uint8_t *from, size_t bytes)
{
	uint64_t number = 0;

	for (size_t i = 0; i < bytes; i++)
		number = number << 8 | from[i];
	return number;
}

/* It finds slips and guesses; what a caller may see does not hang on it. */
static uint32_t
check_of(const uint8_t *bytes)
{
	return XXH32(bytes, CURSOR_CHECKED, CURSOR_SEED);
}

void
native_cursor_format(const struct native_cursor *cursor,
    char out[NATIVE_CURSOR_SIZE])
{
	uint8_t bytes[CURSOR_BYTES + 2] = {CURSOR_VERSION,
	    (uint8_t)cursor->list};
	uint64_t group;

	put_number(bytes + 2, 8, (uint64_t)cursor->scope);
	put_number(bytes + 10, 8, (uint64_t)cursor->position);
	put_number(bytes + 18, 4, check_of(bytes));
	for (size_t i = 0; i < NATIVE_CURSOR_SIZE - 1; i++) {
		group = get_number(bytes + i / 4 * 3, 3);
		out[i] = digits[group >> (18 - i % 4 * 6) & 63];
	}
	out[NATIVE_CURSOR_SIZE - 1] = '\0';
}

int
native_cursor_parse(const char *text, char list, int64_t scope,
    int64_t *ret_position)
{
	uint8_t bytes[CURSOR_BYTES + 2] = {0};
	const char *digit;
	uint32_t group = 0;

	if (strlen(text) != NATIVE_CURSOR_SIZE - 1)
		return ERR_SYNTAX;
	for (size_t i = 0; i < NATIVE_CURSOR_SIZE - 1; i++) {
		digit = strchr(digits, text[i]);
		if (digit == NULL)
			return ERR_SYNTAX;
		group = group << 6 | (uint32_t)(digit - digits);
		if (i % 4 == 3) {
			put_number(bytes + i / 4 * 3, 3, group);
			group = 0;
		}
	}
	/* 30 digits are 180 bits, 4 more than 22 bytes: two digits are left. */
	put_number(bytes + 21, 3, (uint64_t)group << 12);
	if (bytes[22] != 0 || bytes[0] != CURSOR_VERSION ||
	    bytes[1] != (uint8_t)list ||
	    get_number(bytes + 2, 8) != (uint64_t)scope ||
	    get_number(bytes + 18, 4) != check_of(bytes) ||
	    get_number(bytes + 10, 8) > INT64_MAX)
		return ERR_SYNTAX;
	*ret_position = (int64_t)get_number(bytes + 10, 8);
	return 0;
}
