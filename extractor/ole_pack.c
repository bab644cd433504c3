/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A storage as a file of its own.  Sectors of 4096 bytes need no list of table
 * sectors beyond the header for anything below 400 MiB.  In the file follow
 * one another: header, table, directory, table of the mini stream, the mini
 * stream, the longer streams.
 *
 * Siblings are chained to the right instead of hung into a balanced tree:
 * every reader that walks the tree finds them.
 */
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extractor/ole_int.h"

#define PACK_SHIFT 12u
#define PACK_SECTOR (1u << PACK_SHIFT)
#define PACK_MINI_SHIFT 6u
#define PACK_MINI_BELOW 4096u
#define PACK_ENTRY_SIZE 128u
#define PACK_TABLES_MAX 109u

#define PACK_TABLE 0xFFFFFFFDu
#define PACK_END 0xFFFFFFFEu
#define PACK_FREE 0xFFFFFFFFu

struct node {
	uint32_t entry; /* in the file that it comes from */
	uint32_t first, count; /* its children among the nodes */
	uint32_t start;
	uint64_t size;
};

struct pack {
	struct ole *ole;
	struct node *nodes;
	uint32_t count;
	/* In sectors. */
	uint32_t tables, directory, mini_table, mini, streams;
	uint64_t mini_bytes;
	unsigned char *out;
};

static uint64_t
rounded(uint64_t size, unsigned shift)
{
	return (size + (1u << shift) - 1) >> shift;
}

static void
put16(unsigned char *to, uint32_t n)
{
	to[0] = (unsigned char)n;
	to[1] = (unsigned char)(n >> 8);
}

static void
put32(unsigned char *to, uint32_t n)
{
	put16(to, n & 0xFFFF);
	put16(to + 2, n >> 16);
}

static unsigned char *
sector(const struct pack *pack, uint32_t n)
{
	return pack->out + ((size_t)n + 1) * PACK_SECTOR;
}

/* Every entry below, folder by folder.  Each has one parent, so there is no
 * way back and none comes twice. */
static int
collect(struct pack *pack, uint32_t root)
{
	const struct ole *ole = pack->ole;
	struct node *node;
	uint32_t i, place, at;

	pack->nodes = mem_array((size_t)ole->order_count + 1,
	    sizeof(*pack->nodes));
	if (pack->nodes == NULL)
		return ERR_NOMEM;
	memset(&pack->nodes[0], 0, sizeof(pack->nodes[0]));
	pack->nodes[0].entry = root;
	pack->count = 1;
	for (i = 0; i < pack->count; i++) {
		at = pack->nodes[i].entry;
		if (i > 0 && ole->entries[at].type != OLE_STORAGE)
			continue;
		pack->nodes[i].first = pack->count;
		for (place = ole_entry_first(ole, at);
		     place < ole->order_count &&
		     ole->entries[ole->order[place]].parent == at; place++) {
			ASSERT(pack->count <= ole->order_count);
			node = &pack->nodes[pack->count++];
			memset(node, 0, sizeof(*node));
			node->entry = ole->order[place];
		}
		pack->nodes[i].count = pack->count - pack->nodes[i].first;
	}
	return 0;
}

static bool
is_stream(const struct pack *pack, uint32_t i)
{
	return pack->ole->entries[pack->nodes[i].entry].type == OLE_STREAM;
}

/* Where everything will be: false when it does not fit into max bytes. */
static bool
plan(struct pack *pack, size_t max)
{
	uint64_t streams = 0, mini = 0, rest, tables;
	struct node *node;
	uint32_t i;

	for (i = 1; i < pack->count; i++) {
		node = &pack->nodes[i];
		if (!is_stream(pack, i))
			continue;
		if (node->size > max)
			return false;
		/* Until it is known what is in front: within its part. */
		if (node->size < PACK_MINI_BELOW) {
			node->start = (uint32_t)mini;
			mini += rounded(node->size, PACK_MINI_SHIFT);
		} else {
			node->start = (uint32_t)streams;
			streams += rounded(node->size, PACK_SHIFT);
		}
		if ((streams << PACK_SHIFT) + (mini << PACK_MINI_SHIFT) > max)
			return false;
	}
	pack->mini_bytes = mini << PACK_MINI_SHIFT;
	pack->streams = (uint32_t)streams;
	pack->mini = (uint32_t)rounded(pack->mini_bytes, PACK_SHIFT);
	pack->mini_table = (uint32_t)rounded(mini * 4, PACK_SHIFT);
	pack->directory = (uint32_t)rounded(
	    (uint64_t)pack->count * PACK_ENTRY_SIZE, PACK_SHIFT);
	rest = streams + pack->mini + pack->mini_table + pack->directory;
	/* A table sector has an entry for itself, too. */
	tables = rest / (PACK_SECTOR / 4 - 1) + 1;
	pack->tables = (uint32_t)tables;
	return tables <= PACK_TABLES_MAX &&
	    (rest + tables + 1) << PACK_SHIFT <= max;
}

/* Sectors from first on belong together; returns what follows them. */
static uint32_t
put_chain(unsigned char *table, uint32_t first, uint64_t count)
{
	uint64_t i;

	for (i = 0; i < count; i++)
		put32(table + 4 * (first + i),
		    i + 1 == count ? PACK_END : first + (uint32_t)i + 1);
	return first + (uint32_t)count;
}

static void
put_header(const struct pack *pack)
{
	unsigned char *to = pack->out;
	uint32_t i, at = pack->tables;

	memcpy(to, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
	put16(to + 24, 0x3E);
	put16(to + 26, 4); /* version */
	put16(to + 28, 0xFFFE);
	put16(to + 30, PACK_SHIFT);
	put16(to + 32, PACK_MINI_SHIFT);
	put32(to + 40, pack->directory);
	put32(to + 44, pack->tables);
	put32(to + 48, at);
	put32(to + 56, PACK_MINI_BELOW);
	at += pack->directory;
	put32(to + 60, pack->mini_table > 0 ? at : PACK_END);
	put32(to + 64, pack->mini_table);
	put32(to + 68, PACK_END);
	for (i = 0; i < PACK_TABLES_MAX; i++)
		put32(to + 76 + 4 * i, i < pack->tables ? i : PACK_FREE);
}

static void
put_tables(struct pack *pack)
{
	unsigned char *table = sector(pack, 0), *mini_table;
	uint32_t at, i, streams;
	const struct node *node;

	memset(table, 0xFF, (size_t)pack->tables * PACK_SECTOR);
	for (at = 0; at < pack->tables; at++)
		put32(table + 4 * at, PACK_TABLE);
	at = put_chain(table, at, pack->directory);
	mini_table = sector(pack, at);
	memset(mini_table, 0xFF, (size_t)pack->mini_table * PACK_SECTOR);
	at = put_chain(table, at, pack->mini_table);
	pack->nodes[0].start = pack->mini > 0 ? at : PACK_END;
	pack->nodes[0].size = pack->mini_bytes;
	streams = put_chain(table, at, pack->mini);
	for (i = 1; i < pack->count; i++) {
		node = &pack->nodes[i];
		if (!is_stream(pack, i))
			continue;
		if (node->size < PACK_MINI_BELOW)
			(void)put_chain(mini_table, node->start,
			    rounded(node->size, PACK_MINI_SHIFT));
		else
			(void)put_chain(table, streams + node->start,
			    rounded(node->size, PACK_SHIFT));
	}
}

static void
put_name(unsigned char *to, const char *name)
{
	size_t len = strlen(name), i = 0, n = 0, step;
	uint32_t c;

	while (i < len && n + 2 < 32) {
		c = utf8_decode(name + i, len - i, &step);
		i += step;
		if (c >= 0x10000) {
			put16(to + 2 * n++, 0xD800 + ((c - 0x10000) >> 10));
			c = 0xDC00 + ((c - 0x10000) & 0x3FF);
		}
		put16(to + 2 * n++, c);
	}
	put16(to + 64, (uint32_t)(n + 1) * 2);
}

static void
put_directory(const struct pack *pack)
{
	unsigned char *to = sector(pack, pack->tables);
	const struct ole_entry *entry;
	const struct node *node;
	uint32_t i, k, streams = pack->tables + pack->directory +
	    pack->mini_table + pack->mini;

	for (i = 0; i < pack->count; i++) {
		node = &pack->nodes[i];
		entry = &pack->ole->entries[node->entry];
		put_name(to + i * PACK_ENTRY_SIZE,
		    i == 0 ? "Root Entry" : entry->name);
		to[i * PACK_ENTRY_SIZE + 66] = i == 0 ? OLE_ROOT : entry->type;
		to[i * PACK_ENTRY_SIZE + 67] = 1;
		memset(to + i * PACK_ENTRY_SIZE + 68, 0xFF, 12);
		if (node->count > 0)
			put32(to + i * PACK_ENTRY_SIZE + 76, node->first);
		memcpy(to + i * PACK_ENTRY_SIZE + 80, entry->class, 16);
		put32(to + i * PACK_ENTRY_SIZE + 116, node->start +
		    (i > 0 && node->size >= PACK_MINI_BELOW ? streams : 0));
		put32(to + i * PACK_ENTRY_SIZE + 120, (uint32_t)node->size);
	}
	for (i = 0; i < pack->count; i++)
		for (k = 1; k < pack->nodes[i].count; k++)
			put32(to + (pack->nodes[i].first + k - 1) *
			    PACK_ENTRY_SIZE + 72, pack->nodes[i].first + k);
}

static int
put_streams(const struct pack *pack)
{
	uint32_t mini = pack->tables + pack->directory + pack->mini_table, i;
	struct ole_stream *stream;
	const struct node *node;
	unsigned char *to;
	long n;
	int err;

	for (i = 1; i < pack->count; i++) {
		node = &pack->nodes[i];
		if (!is_stream(pack, i) || node->size == 0)
			continue;
		to = node->size < PACK_MINI_BELOW
		    ? sector(pack, mini) +
			((size_t)node->start << PACK_MINI_SHIFT)
		    : sector(pack, mini + pack->mini + node->start);
		err = ole_entry_open(pack->ole, node->entry, &stream);
		if (err < 0)
			return err;
		/* What cannot be read any more stays zero. */
		n = ole_stream_read_at(stream, 0, to, (size_t)node->size);
		ole_stream_close(stream);
		if (n < 0)
			return (int)n;
	}
	return 0;
}

/* How much of each stream there is.  They may all claim the same sectors, so
 * that looking at every one could take very long. */
static int
measure(struct pack *pack, size_t max)
{
	struct ole_stream *stream;
	uint64_t all = 0;
	uint32_t i;
	int err;

	for (i = 1; i < pack->count; i++) {
		if (!is_stream(pack, i))
			continue;
		err = ole_entry_open(pack->ole, pack->nodes[i].entry, &stream);
		if (err < 0)
			return err;
		pack->nodes[i].size = ole_stream_size(stream);
		ole_stream_close(stream);
		all += pack->nodes[i].size;
		if (all > max)
			return ERR_TOO_BIG;
	}
	return 0;
}

int
ole_pack(struct ole *ole, const char *path, size_t max, struct buf *out)
{
	struct pack pack = {.ole = ole};
	uint32_t root = ole_entry_find(ole, path);
	size_t len;
	int err;

	buf_clear(out);
	if (root == OLE_NOBODY)
		return ERR_NOT_FOUND;
	err = collect(&pack, root);
	if (err == 0)
		err = measure(&pack, max);
	if (err < 0)
		goto out;
	if (!plan(&pack, max)) {
		err = ERR_TOO_BIG;
		goto out;
	}
	len = ((size_t)pack.tables + pack.directory + pack.mini_table +
	    pack.mini + pack.streams + 1) << PACK_SHIFT;
	err = buf_reserve(out, len);
	if (err < 0)
		goto out;
	memset(out->data, 0, len + 1);
	out->len = len;
	pack.out = (unsigned char *)out->data;
	put_header(&pack);
	put_tables(&pack);
	put_directory(&pack);
	err = put_streams(&pack);
out:
	mem_free(pack.nodes);
	return err;
}
