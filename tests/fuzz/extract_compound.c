/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compound files for the fuzzer, and the records of .xls.  They are put
 * together in the plainest way: no short streams, each chain in one run, and
 * the entries of a folder in a list.
 */
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "extractor/input.h"
#include "extractor/le.h"
#include "extractor/ole.h"
#include "tests/fuzz/extract_mutate.h"

#define SECTOR 512u
#define NAME_UNITS_MAX 31u
#define PATH_MAX_BYTES 512u
#define NOBODY UINT32_MAX
#define CHAIN_END 0xFFFFFFFEu
#define RECORDS_MAX 4096u

struct splitting {
	struct ole *ole;
	struct pieces *pieces;
	unsigned parent;
};

static int
split_entry(void *arg, const char *name, bool is_folder, uint64_t size)
{
	struct splitting *splitting = arg;

	(void)size; /* ole_load() looks at it */
	return pieces_add(splitting->pieces, name, splitting->parent,
	    is_folder) == NULL ? -1 : 0;
}

/* The path of a piece, from the root on. */
static void
piece_path(const struct pieces *pieces, unsigned at, char *path, size_t size)
{
	char tail[PATH_MAX_BYTES] = "";

	path[0] = '\0';
	for (; at > 0; at = pieces->piece[at - 1].parent) {
		if (snprintf(path, size, "%s/%s", pieces->piece[at - 1].name,
			tail) >= (int)size)
			path[0] = '\0'; /* too deep: the root instead */
		(void)snprintf(tail, sizeof(tail), "%s", path);
	}
}

/* The list of pieces is what there is to do: folders put more at its end. */
static bool
split_all(struct ole *ole, struct pieces *pieces)
{
	struct splitting splitting = {.ole = ole, .pieces = pieces};
	struct piece *piece;
	char path[PATH_MAX_BYTES];
	unsigned i;

	(void)ole_class(ole, "", pieces->class);
	if (ole_each(ole, "", split_entry, &splitting) < 0)
		return false;
	for (i = 0; i < pieces->count; i++) {
		piece = &pieces->piece[i];
		piece_path(pieces, i + 1, path, sizeof(path));
		splitting.parent = i + 1;
		if (!piece->is_folder) {
			if (ole_load(ole, path, PIECE_BYTES_MAX, &piece->bytes,
				NULL) < 0)
				return false;
			continue;
		}
		(void)ole_class(ole, path, piece->class);
		if (ole_each(ole, path, split_entry, &splitting) < 0)
			return false;
	}
	return true;
}

bool
compound_split(const uint8_t *bytes, size_t len, struct pieces *pieces)
{
	static struct input input;
	struct ole *ole;
	bool is_good;

	pieces_clear(pieces);
	if (input.raw == NULL)
		ASSERT(input_init(&input) == 0);
	if (input_open_memory(&input, (const char *)bytes, len) < 0 ||
	    ole_open(&input, &ole, NULL) < 0)
		return false;
	is_good = split_all(ole, pieces);
	ole_close(ole);
	return is_good;
}

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

static void
put_padding(struct buf *out)
{
	while (out->err == 0 && out->len % SECTOR != 0)
		(void)buf_putc(out, '\0');
}

static void
put_name(struct buf *out, const char *name)
{
	size_t at = 0, len = strlen(name), units = 0, step, i;
	uint32_t c;

	for (; at < len && units + 2 <= NAME_UNITS_MAX; at += step) {
		c = utf8_decode(name + at, len - at, &step);
		if (c == UTF8_BAD)
			c = 0xFFFD;
		if (c >= 0x10000) {
			put_16(out, 0xD800 + ((c - 0x10000) >> 10));
			c = 0xDC00 + ((c - 0x10000) & 0x3FF);
			units++;
		}
		put_16(out, c);
		units++;
	}
	for (i = units; i < 32; i++)
		put_16(out, 0);
	put_16(out, 2 * units + 2);
}

/* The next piece from at on in that folder, as an entry. */
static uint32_t
entry_in(const struct pieces *pieces, unsigned at, unsigned parent)
{
	for (; at < pieces->count; at++)
		if (pieces->piece[at].parent == parent)
			return at + 1;
	return NOBODY;
}

static void
put_entry(struct buf *out, const char *name, unsigned type, uint32_t right,
    uint32_t child, const unsigned char *class, size_t start, size_t size)
{
	static const char zeros[20];

	put_name(out, name);
	put_16(out, type | 0x100);
	put_32(out, NOBODY);
	put_32(out, right);
	put_32(out, child);
	(void)buf_put(out, class, 16);
	(void)buf_put(out, zeros, sizeof(zeros));
	put_32(out, start);
	put_32(out, size);
	put_32(out, 0);
}

static void
put_chain(struct buf *table, size_t first, size_t end)
{
	while (first < end)
		put_32(table, ++first < end ? first : CHAIN_END);
}

static size_t
sectors_of(size_t len)
{
	return (len + SECTOR - 1) / SECTOR;
}

static void
put_header(struct buf *out, size_t tables, size_t directory, size_t table)
{
	size_t i;

	(void)buf_put(out, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
	for (i = 0; i < 4; i++)
		put_32(out, 0);
	put_32(out, 0x0003003E);
	put_32(out, 0x0009FFFE);
	put_32(out, 6);
	put_32(out, 0);
	put_32(out, 0);
	put_32(out, tables);
	put_32(out, directory);
	put_32(out, 0);
	put_32(out, 0); /* no stream is a short one */
	put_32(out, CHAIN_END);
	put_32(out, 0);
	put_32(out, CHAIN_END);
	put_32(out, 0);
	for (i = 0; i < 109; i++)
		put_32(out, i < tables ? table + i : NOBODY);
}

bool
compound_join(const struct pieces *pieces, struct buf *out)
{
	const struct piece *piece;
	struct buf directory, table;
	size_t sector = 0, tables, used, i;
	bool is_good;

	buf_init(&directory, 4 * (PIECES_MAX + 4) * SECTOR);
	buf_init(&table, 109 * SECTOR);
	buf_clear(out);
	put_entry(&directory, "Root Entry", 5, NOBODY,
	    entry_in(pieces, 0, 0), pieces->class, CHAIN_END, 0);
	for (i = 0; i < pieces->count; i++) {
		piece = &pieces->piece[i];
		used = sectors_of(piece->bytes.len);
		put_entry(&directory, piece->name, piece->is_folder ? 1 : 2,
		    entry_in(pieces, (unsigned)i + 1, piece->parent),
		    piece->is_folder ? entry_in(pieces, 0, (unsigned)i + 1)
				     : NOBODY,
		    piece->class, used == 0 ? CHAIN_END : sector,
		    piece->bytes.len);
		put_chain(&table, sector, sector + used);
		sector += used;
	}
	put_padding(&directory);
	used = directory.len / SECTOR;
	put_chain(&table, sector, sector + used);
	tables = (table.len / 4 + 126) / 127;
	for (i = 0; i < tables; i++)
		put_32(&table, 0xFFFFFFFD);
	while (table.err == 0 && table.len % SECTOR != 0)
		put_32(&table, NOBODY);

	put_header(out, tables, sector, sector + used);
	for (i = 0; i < pieces->count; i++) {
		piece = &pieces->piece[i];
		(void)buf_put(out, buf_text(&piece->bytes), piece->bytes.len);
		put_padding(out);
	}
	(void)buf_put(out, buf_text(&directory), directory.len);
	(void)buf_put(out, buf_text(&table), table.len);
	is_good = tables <= 109 && directory.err == 0 && table.err == 0 &&
	    out->err == 0;
	buf_fini(&directory);
	buf_fini(&table);
	return is_good;
}

/* ---- records of 16 bits of type, 16 of length, and so many bytes -------- */

static size_t
record_end(const struct buf *records, size_t at)
{
	const unsigned char *bytes = (const unsigned char *)records->data;

	if (records->len - at < 4)
		return records->len;
	at += 4u + le16(bytes + at + 2);
	return at < records->len ? at : records->len;
}

/* Change the bytes of one; its length follows. */
static void
record_mutate(struct buf *out, const char *record, size_t len)
{
	uint8_t bytes[8192];
	size_t body = len > 4 ? len - 4 : 0;

	if (len < 4 || body > sizeof(bytes)) {
		(void)buf_put(out, record, len);
		return;
	}
	memcpy(bytes, record + 4, body);
	body = LLVMFuzzerMutate(bytes, body, sizeof(bytes));
	(void)buf_put(out, record, 2);
	put_16(out, body);
	(void)buf_put(out, bytes, body);
}

bool
records_mutate(struct buf *records, struct dice *dice)
{
	static size_t ends[RECORDS_MAX];
	struct buf out;
	size_t count = 0, at = 0, one, other, begin, end, what;

	while (at < records->len && count < RECORDS_MAX)
		at = ends[count++] = record_end(records, at);
	if (count < 2)
		return false;
	one = dice_roll(dice, count);
	other = dice_roll(dice, count);
	what = dice_roll(dice, 8);
	buf_init(&out, records->max);
	for (at = begin = 0; at < count; begin = end, at++) {
		end = ends[at];
		if (at == one && what == 0)
			continue;
		if (at == one && what > 2)
			record_mutate(&out, records->data + begin,
			    end - begin);
		else
			(void)buf_put(&out, records->data + begin,
			    end - begin);
		if (at == other && (what == 1 || what == 2)) {
			begin = one == 0 ? 0 : ends[one - 1];
			(void)buf_put(&out, records->data + begin,
			    ends[one] - begin);
		}
	}
	(void)buf_put(&out, records->data + begin, records->len - begin);
	if (out.err == 0) {
		buf_clear(records);
		(void)buf_put(records, buf_text(&out), out.len);
	}
	buf_fini(&out);
	return true;
}
