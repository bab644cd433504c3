/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IPv4: everything is public but the rows of the table.  IPv6 the other way
 * round: only 2000::/3 is given out as public addresses, and rows take some
 * of it away again; so what is invented tomorrow is refused at first.
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "net/address.h"

#define GROUPS 6

struct row4 {
	uint8_t prefix[4];
	unsigned bits;
	const char *what;
};

struct row6 {
	uint16_t groups[GROUPS];
	unsigned bits;
	const char *what;
	size_t at; /* of the IPv4 address inside */
};

static const struct row4 rows4[] = {
#define ADDRESS4(a, b, c, d, row_bits, row_what)                              \
	{.prefix = {a, b, c, d}, .bits = row_bits, .what = row_what},
#include "net/address_tbl.h"
};

static const struct row6 rows6[] = {
#define ADDRESS6(g0, g1, g2, g3, row_bits, row_what)                          \
	{.groups = {g0, g1, g2, g3}, .bits = row_bits, .what = row_what},
#include "net/address_tbl.h"
};

static const struct row6 embeds[] = {
#define EMBED6(g0, g1, g2, g3, g4, g5, row_bits, row_at)                      \
	{.groups = {g0, g1, g2, g3, g4, g5}, .bits = row_bits, .at = row_at},
#include "net/address_tbl.h"
};

static bool
bits_are_same(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned rest = bits % 8;

	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

static bool
row6_has(const struct row6 *row, const uint8_t bytes[16])
{
	uint8_t prefix[2 * GROUPS];
	size_t i;

	for (i = 0; i < GROUPS; i++) {
		prefix[2 * i] = (uint8_t)(row->groups[i] >> 8);
		prefix[2 * i + 1] = (uint8_t)(row->groups[i] & 0xff);
	}
	return bits_are_same(prefix, bytes, row->bits);
}

static const char *
kind4(const uint8_t bytes[4])
{
	size_t i;

	for (i = 0; i < sizeof(rows4) / sizeof(rows4[0]); i++)
		if (bits_are_same(rows4[i].prefix, bytes, rows4[i].bits))
			return rows4[i].what;
	return NULL;
}

/* ISATAP (RFC 5214): any prefix, then 0000:5efe or 0200:5efe, then IPv4. */
static bool
is_isatap(const uint8_t bytes[16])
{
	return (bytes[8] & ~2) == 0 && bytes[9] == 0 && bytes[10] == 0x5e &&
	    bytes[11] == 0xfe;
}

static const char *
kind6(const uint8_t bytes[16])
{
	static const uint8_t zero[16];
	size_t i;

	for (i = 0; i < sizeof(embeds) / sizeof(embeds[0]); i++)
		if (row6_has(&embeds[i], bytes))
			return kind4(bytes + embeds[i].at);
	if (memcmp(bytes, zero, 15) == 0 && bytes[15] <= 1)
		return bytes[15] == 0 ? "unspecified" : "loopback";
	for (i = 0; i < sizeof(rows6) / sizeof(rows6[0]); i++)
		if (row6_has(&rows6[i], bytes))
			return rows6[i].what;
	if ((bytes[0] & 0xe0) != 0x20)
		return "reserved";
	return is_isatap(bytes) ? kind4(bytes + 12) : NULL;
}

const char *
address_kind(const struct sockaddr *address, size_t len)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	/* Copied, because nobody promises alignment. */
	if (len >= sizeof(in6) && address->sa_family == AF_INET6) {
		memcpy(&in6, address, sizeof(in6));
		return kind6(in6.sin6_addr.s6_addr);
	}
	if (len >= sizeof(in) && address->sa_family == AF_INET) {
		memcpy(&in, address, sizeof(in));
		return kind4((const uint8_t *)&in.sin_addr);
	}
	return "reserved";
}
