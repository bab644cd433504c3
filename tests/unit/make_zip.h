/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_zip: ZIP files for tests, byte by byte: parts that are stored, and
 * parts that unpack to far more than they are.
 */
#ifndef UNIT_MAKE_ZIP_H
#define UNIT_MAKE_ZIP_H

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

struct made_zip {
	struct buf bytes, directory;
	unsigned parts;
};

static inline void
zip_begin(struct made_zip *zip)
{
	buf_init(&zip->bytes, 512 * MIB);
	buf_init(&zip->directory, 64 * MIB);
	zip->parts = 0;
}

static inline void
zip_number(struct buf *out, uint32_t number, int bytes)
{
	for (; bytes > 0; bytes--, number >>= 8)
		(void)buf_putc(out, (char)(number & 0xFF));
}

static inline uint32_t
zip_crc(const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	uint32_t crc = 0xFFFFFFFFu;
	int bit;

	for (; len > 0; len--) {
		crc ^= *at++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xEDB88320u & (0u - (crc & 1)));
	}
	return ~crc;
}

/* What a part's two headers have in common. */
static inline void
zip_head(struct buf *out, int method, uint32_t crc, size_t packed,
    size_t unpacked, const char *name)
{
	zip_number(out, 20, 2);
	zip_number(out, 0, 2);
	zip_number(out, (uint32_t)method, 2);
	zip_number(out, 0, 4);
	zip_number(out, crc, 4);
	zip_number(out, (uint32_t)packed, 4);
	zip_number(out, (uint32_t)unpacked, 4);
	zip_number(out, (uint32_t)strlen(name), 2);
	zip_number(out, 0, 2);
}

static inline void
zip_part(struct made_zip *zip, const char *name, int method,
    const void *packed, size_t len, uint32_t crc, size_t unpacked)
{
	size_t offset = zip->bytes.len;

	(void)buf_put(&zip->bytes, "PK\3\4", 4);
	zip_head(&zip->bytes, method, crc, len, unpacked, name);
	(void)buf_puts(&zip->bytes, name);
	(void)buf_put(&zip->bytes, packed, len);

	(void)buf_put(&zip->directory, "PK\1\2\24\0", 6);
	zip_head(&zip->directory, method, crc, len, unpacked, name);
	zip_number(&zip->directory, 0, 2 + 2 + 2 + 4);
	zip_number(&zip->directory, (uint32_t)offset, 4);
	(void)buf_puts(&zip->directory, name);
	zip->parts++;
}

static inline void
zip_stored(struct made_zip *zip, const char *name, const void *bytes,
    size_t len)
{
	zip_part(zip, name, 0, bytes, len, zip_crc(bytes, len), len);
}

static inline void
zip_text(struct made_zip *zip, const char *name, const char *text)
{
	zip_stored(zip, name, text, strlen(text));
}

/* Bits as deflate has them: the lowest comes first. */
static inline void
zip_bits(struct buf *out, uint32_t *rest, unsigned *count, uint32_t bits,
    unsigned len)
{
	*rest |= bits << *count;
	for (*count += len; *count >= 8; *count -= 8, *rest >>= 8)
		(void)buf_putc(out, (char)(*rest & 0xFF));
}

/*
 * A part of head and then repeats times 258 of its last byte, deflated: after
 * a stored block one whose alphabet is "258 bytes back by 1" and the end, two
 * bits each.  Its checksum is wrong: whoever gets that far has read too much.
 */
static inline void
zip_bomb(struct made_zip *zip, const char *name, const char *head,
    size_t repeats)
{
	static const struct {
		uint32_t bits;
		unsigned len;
	} alphabet[] = {
	    {1, 1}, {2, 2}, {29, 5}, {0, 5}, {14, 4}, /* 286 + 1 codes */
	    {0, 6}, {1, 3}, {0, 21}, {0, 21}, {1, 3}, /* 18 and 1: 1 bit */
	    {1, 1}, {127, 7}, {1, 1}, {107, 7}, {0, 1}, /* 256 */
	    {1, 1}, {17, 7}, {0, 1}, {0, 1}, /* 285, and distance 1 */
	};
	size_t len = strlen(head), unpacked = len + repeats * 258, i;
	struct buf packed;
	uint32_t rest = 0;
	unsigned count = 0;

	buf_init(&packed, 64 * MIB);
	zip_number(&packed, 0, 1);
	zip_number(&packed, (uint32_t)len, 2);
	zip_number(&packed, ~(uint32_t)len, 2);
	(void)buf_puts(&packed, head);
	for (i = 0; i < sizeof(alphabet) / sizeof(alphabet[0]); i++)
		zip_bits(&packed, &rest, &count, alphabet[i].bits,
		    alphabet[i].len);
	for (; repeats > 0; repeats--)
		zip_bits(&packed, &rest, &count, 1, 2);
	zip_bits(&packed, &rest, &count, 0, 8);
	zip_part(zip, name, 8, packed.data, packed.len, 0, unpacked);
	buf_fini(&packed);
}

/* The whole file: returns owned (buf_fini). */
static inline struct buf
zip_end(struct made_zip *zip)
{
	struct buf all = zip->bytes;
	size_t offset = all.len;

	(void)buf_put(&all, zip->directory.data, zip->directory.len);
	(void)buf_put(&all, "PK\5\6\0\0\0\0", 8);
	zip_number(&all, zip->parts, 2);
	zip_number(&all, zip->parts, 2);
	zip_number(&all, (uint32_t)zip->directory.len, 4);
	zip_number(&all, (uint32_t)offset, 4);
	zip_number(&all, 0, 2);
	buf_fini(&zip->directory);
	return all;
}

#endif
