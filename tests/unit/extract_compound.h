/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_compound: compound files and the records in them, made by hand.
 */
#ifndef UNIT_EXTRACT_COMPOUND_H
#define UNIT_EXTRACT_COMPOUND_H

#include "extract_shared.h"

#define COMPOUND_SECTOR 512u
#define COMPOUND_STREAMS_MAX 3u /* a sector of the directory, with the root */

struct compound_stream {
	const char *name;
	const void *bytes;
	size_t len;
};

static inline void
put_16(struct buf *out, unsigned n)
{
	unsigned char bytes[2] = {n & 0xFF, n >> 8 & 0xFF};

	assert_int_equal(buf_put(out, bytes, sizeof(bytes)), 0);
}

static inline void
put_32(struct buf *out, uint32_t n)
{
	put_16(out, n & 0xFFFF);
	put_16(out, n >> 16);
}

static inline void
put_f64(struct buf *out, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	put_32(out, (uint32_t)bits);
	put_32(out, (uint32_t)(bits >> 32));
}

/* Zeros up to a multiple of size, at least one of them. */
static inline void
put_padding(struct buf *out, size_t size)
{
	static const char zeros[4096];
	size_t len = out->len == 0 ? size : (size - out->len % size) % size;

	assert_int_equal(buf_put(out, zeros, len), 0);
}

static inline void
put_entry(struct buf *out, const char *name, unsigned type, uint32_t right,
    uint32_t child, uint32_t start, uint32_t size)
{
	size_t i, len = strlen(name);

	for (i = 0; i < 32; i++)
		put_16(out, i < len ? (unsigned char)name[i] : 0);
	put_16(out, (unsigned)(2 * len + 2));
	put_16(out, type | 0x100);
	put_32(out, UINT32_MAX); /* nothing on the left */
	put_32(out, right);
	put_32(out, child);
	for (i = 0; i < 9; i++)
		put_32(out, 0);
	put_32(out, start);
	put_32(out, size);
	put_32(out, 0);
}

/* A compound file; each stream gets 4096 bytes at least, so that none is kept
 * among the small ones.  Names in order of length, then of letters. */
static inline void
compound(const struct compound_stream *streams, size_t count, struct buf *out)
{
	struct buf body, table, directory;
	uint32_t sector = 0, tables, i, j, used, size;

	buf_init(&body, 64 * MIB);
	buf_init(&table, 64 * MIB);
	buf_init(&directory, 64 * MIB);
	buf_init(out, 64 * MIB);
	assert_true(count <= COMPOUND_STREAMS_MAX);
	put_entry(&directory, "Root Entry", 5, UINT32_MAX, 1, 0xFFFFFFFE, 0);
	for (i = 0; i < count; i++) {
		size = (uint32_t)streams[i].len;
		(void)buf_put(&body, streams[i].bytes, size);
		put_padding(&body, COMPOUND_SECTOR);
		while (body.len < (sector + 8) * COMPOUND_SECTOR)
			(void)buf_putc(&body, '\0');
		if (size < 4096)
			size = 4096;
		put_entry(&directory, streams[i].name, 2,
		    i + 1 < count ? i + 2 : UINT32_MAX, UINT32_MAX, sector,
		    size);
		used = (uint32_t)(body.len / COMPOUND_SECTOR);
		for (j = sector + 1; j < used; j++)
			put_32(&table, j);
		put_32(&table, 0xFFFFFFFE);
		sector = used;
	}
	put_padding(&directory, COMPOUND_SECTOR);
	(void)buf_put(&body, directory.data, directory.len);
	put_32(&table, 0xFFFFFFFE);
	tables = (uint32_t)(table.len / 4 + 126) / 127;
	for (i = 0; i < tables; i++)
		put_32(&table, 0xFFFFFFFD);
	while (table.len % COMPOUND_SECTOR != 0)
		put_32(&table, UINT32_MAX);

	(void)buf_put(out, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
	for (i = 0; i < 4; i++)
		put_32(out, 0);
	put_32(out, 0x0003003E);
	put_32(out, 0x0009FFFE);
	put_32(out, 6);
	put_32(out, 0);
	put_32(out, 0);
	put_32(out, tables);
	put_32(out, sector);
	put_32(out, 0);
	put_32(out, 4096);
	put_32(out, 0xFFFFFFFE);
	put_32(out, 0);
	put_32(out, 0xFFFFFFFE);
	put_32(out, 0);
	for (i = 0; i < 109; i++)
		put_32(out, i < tables ? sector + 1 + i : UINT32_MAX);
	assert_int_equal(out->len, COMPOUND_SECTOR);
	(void)buf_put(out, body.data, body.len);
	assert_int_equal(buf_put(out, table.data, table.len), 0);
	buf_fini(&body);
	buf_fini(&table);
	buf_fini(&directory);
}

/* Whatever becomes of a damaged file: it ends. */
static inline void
check_survives(const char *name, const void *bytes, size_t len)
{
	struct got got;

	read_bytes(name, bytes, len, &got);
	assert_true(got.result.code != ITEM_CODE_EXTRACTION_TIMEOUT &&
	    got.result.code != ITEM_CODE_INTERNAL_ERROR);
	buf_fini(&got.text);
}

/* A file that is cut off at many places, or of which single bytes are turned
 * over, kills no child: a killed one takes two others to replace. */
static inline void
check_damaged(const char *name, struct buf *file, size_t step)
{
	uint64_t starts;
	size_t i, runs = 0;

	check_survives(name, file->data, file->len);
	starts = extractor_starts(shared);
	for (i = 600; i < file->len; i += step, runs++)
		check_survives(name, file->data, i);
	for (i = 512; i < file->len; i += step / 4 + 1, runs++) {
		file->data[i] = (char)~file->data[i];
		check_survives(name, file->data, file->len);
		file->data[i] = (char)~file->data[i];
	}
	assert_true(extractor_starts(shared) <= starts + runs / 1000 + 1);
}

#endif
