/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packages for the fuzzer: taken apart by the extractor's own reader, put
 * together as they were, but stored, not packed, so that what a reader does
 * is not lost in what zlib does.
 */
#include <string.h>
#include <zlib.h>

#include "base/assert.h"
#include "base/limits.h"
#include "extractor/input.h"
#include "extractor/package.h"
#include "tests/fuzz/extract_mutate.h"

#define DIRECTORY_MAX (64 * KIB)

static void
put_16(struct buf *out, size_t n)
{
	(void)buf_putc(out, (char)(n & 0xFF));
	(void)buf_putc(out, (char)(n >> 8 & 0xFF));
}

static void
put_32(struct buf *out, size_t n)
{
	put_16(out, n & 0xFFFF);
	put_16(out, n >> 16 & 0xFFFF);
}

static bool
split_part(struct package *package, long index, struct pieces *pieces)
{
	const char *name = package_name(package, index);
	struct part *part = NULL;
	struct piece *piece;
	char bytes[4096];
	long n = 0;

	piece = name == NULL ? NULL : pieces_add(pieces, name, 0, false);
	if (piece == NULL)
		return false;
	if (part_open(package, index, &part, NULL) < 0)
		return true; /* locked, or packed in an unknown way */
	do {
		n = part_read(part, bytes, sizeof(bytes), NULL);
		if (n > 0 && buf_put(&piece->bytes, bytes, (size_t)n) < 0)
			n = -1;
	} while (n > 0);
	part_close(part);
	return n == 0;
}

bool
package_split(const uint8_t *bytes, size_t len, struct pieces *pieces)
{
	static struct input input;
	struct package *package;
	bool is_good = true;
	long i, count;

	pieces_clear(pieces);
	if (input.raw == NULL)
		ASSERT(input_init(&input) == 0);
	if (input_open_memory(&input, (const char *)bytes, len) < 0 ||
	    package_open(&input, &package, NULL) < 0)
		return false;
	count = package_count(package);
	for (i = 0; is_good && i < count; i++)
		is_good = split_part(package, i, pieces);
	package_close(package);
	return is_good;
}

/* What the head before a part and its line in the directory share. */
static void
put_entry(struct buf *out, const struct piece *piece, unsigned long sum)
{
	put_16(out, 20);   /* the version that is needed */
	put_16(out, 0x800); /* the name is UTF-8 */
	put_16(out, 0);	   /* stored */
	put_32(out, 0x00210000);
	put_32(out, sum);
	put_32(out, piece->bytes.len);
	put_32(out, piece->bytes.len);
	put_16(out, strlen(piece->name));
	put_16(out, 0);
}

bool
package_join(const struct pieces *pieces, struct buf *out)
{
	struct buf directory;
	const struct piece *piece;
	unsigned long sum;
	size_t i, at;

	buf_clear(out);
	buf_init(&directory, DIRECTORY_MAX);
	for (i = 0; i < pieces->count; i++) {
		piece = &pieces->piece[i];
		sum = crc32(0, (const Bytef *)buf_text(&piece->bytes),
		    (uInt)piece->bytes.len);
		at = out->len;
		(void)buf_put(out, "PK\3\4", 4);
		put_entry(out, piece, sum);
		(void)buf_puts(out, piece->name);
		(void)buf_put(out, buf_text(&piece->bytes), piece->bytes.len);

		(void)buf_put(&directory, "PK\1\2\x14\0", 6);
		put_entry(&directory, piece, sum);
		(void)buf_put(&directory, "\0\0\0\0\0\0\0\0\0\0", 10);
		put_32(&directory, at);
		(void)buf_puts(&directory, piece->name);
	}
	at = out->len;
	(void)buf_put(out, buf_text(&directory), directory.len);
	(void)buf_put(out, "PK\5\6\0\0\0\0", 8);
	put_16(out, pieces->count);
	put_16(out, pieces->count);
	put_32(out, directory.len);
	put_32(out, at);
	put_16(out, 0);
	if (directory.err < 0)
		out->err = directory.err;
	buf_fini(&directory);
	return out->err == 0;
}
