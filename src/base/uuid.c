/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/err.h"
#include "base/uuid.h"

static void
uuid_mark(struct uuid *uuid, unsigned version)
{
	uuid->bytes[6] = (uint8_t)((uuid->bytes[6] & 0x0F) | version << 4);
	uuid->bytes[8] = (uint8_t)((uuid->bytes[8] & 0x3F) | 0x80);
}

struct uuid
uuid_random(const uint8_t random[16])
{
	struct uuid uuid;

	memcpy(uuid.bytes, random, sizeof(uuid.bytes));
	uuid_mark(&uuid, 4);
	return uuid;
}

/*
 * Bytes 0 to 5 hold the row, most significant first; the rest is the parent's
 * own random part, so that a row number guessed under another parent does not
 * match.
 */
static struct uuid
uuid_under(const struct uuid *parent, uint64_t row, unsigned factor)
{
	struct uuid uuid = *parent;
	int i;

	/* The parent's first bytes would be lost; fold them into the rest. */
	for (i = 0; i < 6; i++)
		uuid.bytes[10 + i] = (uint8_t)(parent->bytes[10 + i] ^
		    parent->bytes[i] * factor);
	for (i = 0; i < 6; i++)
		uuid.bytes[i] = (uint8_t)(row >> (40 - 8 * i));
	uuid_mark(&uuid, 8);
	return uuid;
}

struct uuid
uuid_of_row(const struct uuid *parent, uint64_t row)
{
	return uuid_under(parent, row, 31);
}

/* Folded in the same way a second time, what the segment's number did would be
 * undone: its children would have the names of documents. */
struct uuid
uuid_of_child(const struct uuid *segment, uint64_t row)
{
	struct uuid uuid = uuid_under(segment, row, 37);

	uuid.bytes[9] ^= 0xC5;
	return uuid;
}

struct uuid
uuid_of_kind(const struct uuid *parent, enum uuid_kind kind, uint64_t row)
{
	struct uuid uuid = uuid_under(parent, row, 31);

	uuid.bytes[9] ^= (uint8_t)kind;
	return uuid;
}

uint64_t
uuid_row(const struct uuid *uuid)
{
	uint64_t row = 0;
	int i;

	if (uuid->bytes[6] >> 4 != 8)
		return 0;
	for (i = 0; i < 6; i++)
		row = row << 8 | uuid->bytes[i];
	return row;
}

bool
uuid_is_equal(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

void
uuid_format(const struct uuid *uuid, char out[UUID_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	int i;

	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = digits[uuid->bytes[i] >> 4];
		*out++ = digits[uuid->bytes[i] & 15];
	}
	*out = '\0';
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
uuid_parse(const char *text, size_t len, struct uuid *ret_uuid)
{
	struct uuid uuid;
	size_t i, n = 0;
	int high, low;

	if (len != UUID_TEXT_SIZE - 1)
		return ERR_SYNTAX;
	for (i = 0; i < len;) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text[i++] != '-')
				return ERR_SYNTAX;
			continue;
		}
		high = hex_value(text[i]);
		low = hex_value(text[i + 1]);
		if (high < 0 || low < 0)
			return ERR_SYNTAX;
		uuid.bytes[n++] = (uint8_t)(high << 4 | low);
		i += 2;
	}
	*ret_uuid = uuid;
	return 0;
}
