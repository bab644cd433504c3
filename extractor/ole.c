/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is read when the file is opened stays in memory: the table of sectors
 * (4 bytes for each sector of the file, not more), the directory as an array
 * sorted by folder and name, and the chain of the mini stream, in which short
 * streams live.  Streams get their own chain when they are opened and read
 * runs of neighbouring sectors at once.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extractor/input.h"
#include "extractor/le.h"
#include "extractor/library.h"
#include "extractor/ole_int.h"

#define OLE_HEADER_SIZE 512u
#define OLE_HEADER_TABLES 109u /* table sectors that the header names */
#define OLE_ENTRY_SIZE 128u
#define OLE_MINI_BYTES_MAX (512 * MIB)

struct ole_stream {
	struct ole *ole;
	struct ole_chain chain;
	uint64_t size;
	bool is_mini;
};

int
ole_init(struct err_note *note)
{
	(void)note; /* there is nothing to load */
	return 0;
}

/* ---- sectors ------------------------------------------------------------ */

static uint64_t
sector_offset(const struct ole *ole, uint32_t sector)
{
	return ((uint64_t)sector + 1) << ole->shift;
}

/* The chain comes back to what it had so many sectors ago: it ends before. */
static size_t
loop_cut(const uint32_t *sectors, size_t n, size_t period)
{
	size_t i = 0;

	while (i + period < n && sectors[i] != sectors[i + period])
		i++;
	return i + period;
}

/*
 * Follow the chain from start through a table of count sectors, for at most
 * most of them.  A chain that comes back to itself ends there: the mark that
 * it leaves behind moves on in ever longer steps, so that each loop meets it.
 */
static int
chain_load(const uint32_t *next, uint32_t count, uint32_t start,
    uint64_t most, struct ole_chain *ret_chain)
{
	uint32_t *sectors = NULL, *more, sector, mark = OLE_NOBODY;
	size_t n = 0, room = 0, marked = 0;

	for (sector = start; sector < count && n < most && n < count;
	     sector = next[sector]) {
		if (sector == mark) {
			n = loop_cut(sectors, n, n - marked);
			break;
		}
		if (n > 2 * marked) {
			mark = sector;
			marked = n;
		}
		if (n == room) {
			room = room == 0 ? 8 : room * 2;
			more = mem_resize(sectors, room, sizeof(*sectors));
			if (more == NULL) {
				mem_free(sectors);
				return ERR_NOMEM;
			}
			sectors = more;
		}
		sectors[n++] = sector;
	}
	ret_chain->sectors = sectors;
	ret_chain->count = (uint32_t)n;
	return 0;
}

/*
 * Read at offset through a chain of sectors of 1 << shift bytes.  How long
 * the neighbours from there on are is found first, to read them at once.
 */
static long
chain_read_at(const struct ole *ole, const struct ole_chain *chain,
    uint64_t offset, void *bytes, size_t len)
{
	uint64_t size = (uint64_t)1 << ole->shift, at, run;
	char *to = bytes;
	size_t done = 0;
	uint32_t i;
	long n;

	while (done < len && offset >> ole->shift < chain->count) {
		i = (uint32_t)(offset >> ole->shift);
		at = sector_offset(ole, chain->sectors[i]) +
		    (offset & (size - 1));
		run = size - (offset & (size - 1));
		for (; run < len - done && i + 1 < chain->count &&
		     chain->sectors[i + 1] == chain->sectors[i] + 1; i++)
			run += size;
		if (run > len - done)
			run = len - done;
		n = input_read_at(ole->input, at, to + done, (size_t)run);
		if (n < 0)
			return n;
		done += (size_t)n;
		offset += (uint64_t)n;
		if ((uint64_t)n < run)
			break; /* the file is cut off here */
	}
	return (long)done;
}

/* The same in the mini stream. */
static long
mini_read_at(const struct ole *ole, const struct ole_chain *chain,
    uint64_t offset, void *bytes, size_t len)
{
	uint64_t size = (uint64_t)1 << ole->mini_shift, at, run;
	char *to = bytes;
	size_t done = 0;
	long n;

	while (done < len && offset >> ole->mini_shift < chain->count) {
		at = ((uint64_t)chain->sectors[offset >> ole->mini_shift]
			 << ole->mini_shift) + (offset & (size - 1));
		run = size - (offset & (size - 1));
		if (run > len - done)
			run = len - done;
		n = chain_read_at(ole, &ole->mini, at, to + done,
		    (size_t)run);
		if (n < 0)
			return n;
		done += (size_t)n;
		offset += (uint64_t)n;
		if ((uint64_t)n < run)
			break;
	}
	return (long)done;
}

/* ---- opening ------------------------------------------------------------ */

/* One sector of the table: the next of the sectors from first on.  One that
 * cannot be read leads nowhere. */
static int
table_sector(struct ole *ole, uint32_t sector, uint32_t first)
{
	unsigned char bytes[512];
	uint64_t at = sector_offset(ole, sector);
	uint32_t n = 1u << (ole->shift - 2), i;
	long got;

	if (sector >= ole->sectors)
		return 0;
	for (i = 0; i < n && first < ole->sectors; i++, first++) {
		if (i % (sizeof(bytes) / 4) == 0) {
			got = input_read_at(ole->input, at + i * 4, bytes,
			    sizeof(bytes));
			if (got < 0)
				return (int)got;
			if (got < (long)sizeof(bytes))
				break;
		}
		ole->next[first] = le32(bytes + i % (sizeof(bytes) / 4) * 4);
	}
	return 0;
}

/* The table itself: 109 of its sectors are named in the header, more of them
 * in sectors that form a list. */
static int
load_table(struct ole *ole, const unsigned char *header)
{
	uint32_t each = 1u << (ole->shift - 2), first = 0, sector, i, hops;
	unsigned char *list = NULL;
	long got;
	int err = 0;

	ole->next = mem_array(ole->sectors, sizeof(*ole->next));
	list = mem_alloc((size_t)1 << ole->shift);
	if (ole->next == NULL || list == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	memset(ole->next, 0xFF, ole->sectors * sizeof(*ole->next));
	for (i = 0; err == 0 && i < OLE_HEADER_TABLES &&
	     first < ole->sectors; i++, first += each)
		err = table_sector(ole, le32(header + 76 + 4 * i), first);
	sector = le32(header + 68);
	for (hops = 0; err == 0 && sector < ole->sectors &&
	     first < ole->sectors && hops < ole->sectors; hops++) {
		got = input_read_at(ole->input, sector_offset(ole, sector),
		    list, (size_t)1 << ole->shift);
		if (got < 0)
			err = (int)got;
		if (got < (long)1 << ole->shift)
			break;
		for (i = 0; err == 0 && i + 1 < each && first < ole->sectors;
		     i++, first += each)
			err = table_sector(ole, le32(list + 4 * i), first);
		sector = le32(list + 4 * (each - 1));
	}
out:
	mem_free(list);
	return err;
}

static int
load_mini(struct ole *ole, uint32_t table_start)
{
	const struct ole_entry *root = &ole->entries[0];
	struct ole_chain table = {NULL, 0};
	uint64_t size = root->size, i;
	long got;
	int err;

	if (size > OLE_MINI_BYTES_MAX)
		size = OLE_MINI_BYTES_MAX;
	err = chain_load(ole->next, ole->sectors, root->start,
	    (size + ((uint64_t)1 << ole->shift) - 1) >> ole->shift,
	    &ole->mini);
	if (err < 0)
		return err;
	if (size > (uint64_t)ole->mini.count << ole->shift)
		size = (uint64_t)ole->mini.count << ole->shift;
	ole->mini_sectors = (uint32_t)(
	    (size + ((uint64_t)1 << ole->mini_shift) - 1) >> ole->mini_shift);
	ole->mini_next = mem_array(ole->mini_sectors, 4);
	if (ole->mini_next == NULL)
		return ERR_NOMEM;
	memset(ole->mini_next, 0xFF, (size_t)ole->mini_sectors * 4);
	err = chain_load(ole->next, ole->sectors, table_start,
	    (((uint64_t)ole->mini_sectors * 4) >> ole->shift) + 1, &table);
	if (err < 0)
		return err;
	got = chain_read_at(ole, &table, 0, ole->mini_next,
	    (size_t)ole->mini_sectors * 4);
	mem_free(table.sectors);
	for (i = 0; got > 0 && i < ole->mini_sectors; i++)
		ole->mini_next[i] = le32(&ole->mini_next[i]);
	return got < 0 ? (int)got : 0;
}

/* Control characters may stand first (they are part of Office's names); what
 * is no character becomes U+FFFD. */
static void
entry_name(const unsigned char *raw, char out[OLE_NAME_SIZE])
{
	size_t i, n = 0, units = le16(raw + 64) / 2;
	uint32_t c, low;

	if (units > 32)
		units = 32;
	for (i = 0; i < units && i < 31; i++) {
		c = le16(raw + 2 * i);
		if (c == 0)
			break;
		if (c >= 0xD800 && c < 0xE000) {
			low = i + 1 < 31 ? le16(raw + 2 * i + 2) : 0;
			if (c < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
				c = 0x10000 + ((c - 0xD800) << 10) +
				    (low - 0xDC00);
				i++;
			} else {
				c = 0xFFFD;
			}
		}
		if (n > 0 && (c < 0x20 || c == 0x7F))
			c = '_';
		n += utf8_encode(c, out + n);
	}
	out[n] = '\0';
}

static void
entry_parse(const struct ole *ole, const unsigned char *raw,
    struct ole_entry *entry)
{
	entry_name(raw, entry->name);
	entry->type = raw[66];
	entry->left = le32(raw + 68);
	entry->right = le32(raw + 72);
	entry->child = le32(raw + 76);
	entry->parent = OLE_NOBODY;
	memcpy(entry->class, raw + 80, 16);
	entry->start = le32(raw + 116);
	/* Old programs left rubbish in the upper half. */
	entry->size = ole->shift == 9 ? le32(raw + 120) : le64(raw + 120);
}

static int
load_entries(struct ole *ole, uint32_t start, struct err_note *note)
{
	struct ole_chain chain = {NULL, 0};
	unsigned char raw[OLE_ENTRY_SIZE];
	uint64_t count;
	uint32_t i;
	long got;
	int err;

	err = chain_load(ole->next, ole->sectors, start, ole->sectors, &chain);
	if (err < 0)
		return err;
	count = ((uint64_t)chain.count << ole->shift) / OLE_ENTRY_SIZE;
	if (count > OLE_ENTRIES_MAX) {
		err = err_set(note, ERR_TOO_BIG,
		    "the compound file has more than %u entries",
		    OLE_ENTRIES_MAX);
		goto out;
	}
	ole->entries = mem_array((size_t)count, sizeof(*ole->entries));
	if (ole->entries == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	for (i = 0; i < count; i++) {
		got = chain_read_at(ole, &chain, (uint64_t)i * OLE_ENTRY_SIZE,
		    raw, sizeof(raw));
		if (got < 0) {
			err = (int)got;
			goto out;
		}
		if (got < (long)sizeof(raw))
			break;
		entry_parse(ole, raw, &ole->entries[i]);
	}
	ole->entry_count = i;
	if (i == 0)
		err = err_set(note, ERR_SYNTAX, "the compound file has no "
		    "directory: it is damaged or cut off");
out:
	mem_free(chain.sectors);
	return err;
}

/* ---- the directory ------------------------------------------------------ */

static unsigned char
fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* By name; len bytes of name, all of the entry's. */
static int
name_compare(const char *name, size_t len, const char *entry_name)
{
	size_t i;
	int by;

	for (i = 0; i < len; i++) {
		by = fold(name[i]) - fold(entry_name[i]);
		if (by != 0)
			return by; /* the entry's end is a difference too */
	}
	return entry_name[len] == '\0' ? 0 : -1;
}

/* Is i before j? */
static bool
order_before(const struct ole *ole, uint32_t i, uint32_t j)
{
	const struct ole_entry *a = &ole->entries[i], *b = &ole->entries[j];
	int by;

	if (a->parent != b->parent)
		return a->parent < b->parent;
	by = name_compare(a->name, strlen(a->name), b->name);
	return by != 0 ? by < 0 : i < j;
}

/*
 * Merge sorted runs of doubling length, there and back.  qsort() is not for
 * here: it asks the system how much memory there is, and the sandbox kills
 * who asks.
 */
static void
order_sort(const struct ole *ole, uint32_t *from, uint32_t *to,
    uint32_t count, bool *ret_is_swapped)
{
	uint32_t *swap, run, at, left, right, left_end, right_end;

	*ret_is_swapped = false;
	for (run = 1; run < count; run *= 2) {
		for (at = 0; at < count;) {
			left = at;
			left_end = right = left + run < count ? left + run
							      : count;
			right_end = right + run < count ? right + run : count;
			for (; at < right_end; at++)
				to[at] = right >= right_end ||
					(left < left_end && order_before(ole,
						from[left], from[right]))
				    ? from[left++]
				    : from[right++];
		}
		swap = from;
		from = to;
		to = swap;
		*ret_is_swapped = !*ret_is_swapped;
	}
}

/*
 * Find who is whose parent, without recursion: an entry is put on the stack
 * once, with its parent set; its siblings have the same.
 */
static void
find_parents(struct ole *ole, uint32_t *stack)
{
	struct ole_entry *entry;
	uint32_t n = 0, i, k, parents[3], to[3];

	ole->entries[0].parent = 0;
	stack[n++] = 0;
	while (n > 0) {
		i = stack[--n];
		entry = &ole->entries[i];
		to[0] = entry->left;
		to[1] = entry->right;
		to[2] = i == 0 || entry->type == OLE_STORAGE ? entry->child
							     : OLE_NOBODY;
		if (i == 0) /* the root has no siblings */
			to[0] = to[1] = OLE_NOBODY;
		parents[0] = parents[1] = entry->parent;
		parents[2] = i;
		for (k = 0; k < 3; k++) {
			if (to[k] >= ole->entry_count ||
			    ole->entries[to[k]].parent != OLE_NOBODY)
				continue;
			ole->entries[to[k]].parent = parents[k];
			stack[n++] = to[k];
		}
	}
}

static int
sort_entries(struct ole *ole)
{
	uint32_t *spare, *swap, i;
	bool is_swapped;

	ole->order = mem_array(ole->entry_count, sizeof(*ole->order));
	spare = mem_array(ole->entry_count, sizeof(*spare));
	if (ole->order == NULL || spare == NULL) {
		mem_free(spare);
		return ERR_NOMEM;
	}
	find_parents(ole, spare);
	for (i = 1; i < ole->entry_count; i++)
		if (ole->entries[i].parent != OLE_NOBODY &&
		    (ole->entries[i].type == OLE_STORAGE ||
			ole->entries[i].type == OLE_STREAM))
			ole->order[ole->order_count++] = i;
	order_sort(ole, ole->order, spare, ole->order_count, &is_swapped);
	if (is_swapped) {
		swap = ole->order;
		ole->order = spare;
		spare = swap;
	}
	mem_free(spare);
	return 0;
}

int
ole_open(struct input *input, struct ole **ret_ole, struct err_note *note)
{
	unsigned char header[OLE_HEADER_SIZE];
	struct ole *ole;
	long got;
	int err;

	ole = mem_zalloc(sizeof(*ole));
	if (ole == NULL)
		return ERR_NOMEM;
	ole->input = input;
	got = input_read_at(input, 0, header, sizeof(header));
	if (got < 0) {
		err = (int)got;
		goto out;
	}
	if (got < (long)sizeof(header) || memcmp(header,
		"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) != 0) {
		err = err_set(note, ERR_SYNTAX, "this is no compound file, "
		    "or only the start of one");
		goto out;
	}
	ole->shift = le16(header + 30);
	ole->mini_shift = le16(header + 32);
	ole->mini_below = le32(header + 56);
	if (ole->shift < 9 || ole->shift > 16 || ole->mini_shift < 3 ||
	    ole->mini_shift >= ole->shift) {
		err = err_set(note, ERR_SYNTAX,
		    "the compound file's header is damaged");
		goto out;
	}
	/* Header and sectors have one size; input->size is below 2^40. */
	ole->sectors = (uint32_t)((input->size + (1ull << ole->shift) - 1) >>
	    ole->shift);
	ole->sectors = ole->sectors > 0 ? ole->sectors - 1 : 0;
	err = load_table(ole, header);
	if (err == 0)
		err = load_entries(ole, le32(header + 48), note);
	if (err == 0)
		err = sort_entries(ole);
	if (err == 0)
		err = load_mini(ole, le32(header + 60));
	if (err < 0)
		goto out;
	*ret_ole = ole;
	ole = NULL;
out:
	ole_close(ole);
	return err;
}

void
ole_close(struct ole *ole)
{
	if (ole == NULL)
		return;
	mem_free(ole->next);
	mem_free(ole->mini_next);
	mem_free(ole->mini.sectors);
	mem_free(ole->entries);
	mem_free(ole->order);
	mem_free(ole);
}

/* The first place in order that is not before name in folder. */
static uint32_t
order_find(const struct ole *ole, uint32_t folder, const char *name,
    size_t len)
{
	uint32_t low = 0, high = ole->order_count, middle;
	const struct ole_entry *entry;

	while (low < high) {
		middle = low + (high - low) / 2;
		entry = &ole->entries[ole->order[middle]];
		if (entry->parent < folder || (entry->parent == folder &&
			name_compare(name, len, entry->name) > 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t
ole_entry_first(const struct ole *ole, uint32_t folder)
{
	return order_find(ole, folder, "", 0);
}

uint32_t
ole_entry_find(const struct ole *ole, const char *path)
{
	uint32_t at = 0, place;
	size_t len;

	while (*path == '/')
		path++;
	while (*path != '\0') {
		len = strcspn(path, "/");
		place = order_find(ole, at, path, len);
		if (place >= ole->order_count ||
		    ole->entries[ole->order[place]].parent != at ||
		    name_compare(path, len,
			ole->entries[ole->order[place]].name) != 0)
			return OLE_NOBODY;
		at = ole->order[place];
		path += len + (path[len] == '/');
	}
	return at;
}

bool
ole_has(const struct ole *ole, const char *path)
{
	return ole_entry_find(ole, path) != OLE_NOBODY;
}

int
ole_each(const struct ole *ole, const char *folder, ole_each_fn *fn,
    void *arg)
{
	uint32_t at = ole_entry_find(ole, folder), place;
	const struct ole_entry *entry;
	int err = 0;

	if (at == OLE_NOBODY)
		return ERR_NOT_FOUND;
	for (place = ole_entry_first(ole, at);
	     err == 0 && place < ole->order_count; place++) {
		entry = &ole->entries[ole->order[place]];
		if (entry->parent != at)
			break;
		err = fn(arg, entry->name, entry->type == OLE_STORAGE,
		    entry->size);
	}
	return err;
}

bool
ole_class(const struct ole *ole, const char *folder,
    unsigned char ret_class[16])
{
	static const unsigned char none[16];
	uint32_t at = ole_entry_find(ole, folder);

	if (at == OLE_NOBODY ||
	    memcmp(ole->entries[at].class, none, sizeof(none)) == 0)
		return false;
	memcpy(ret_class, ole->entries[at].class, 16);
	return true;
}

/* ---- streams ------------------------------------------------------------ */

int
ole_stream_open(struct ole *ole, const char *path,
    struct ole_stream **ret_stream)
{
	return ole_entry_open(ole, ole_entry_find(ole, path), ret_stream);
}

int
ole_entry_open(struct ole *ole, uint32_t at, struct ole_stream **ret_stream)
{
	const struct ole_entry *entry;
	struct ole_stream *stream;
	unsigned shift;
	int err;

	if (at == OLE_NOBODY || ole->entries[at].type != OLE_STREAM)
		return ERR_NOT_FOUND;
	entry = &ole->entries[at];
	stream = mem_zalloc(sizeof(*stream));
	if (stream == NULL)
		return ERR_NOMEM;
	stream->ole = ole;
	stream->size = entry->size;
	stream->is_mini = entry->size < ole->mini_below;
	shift = stream->is_mini ? ole->mini_shift : ole->shift;
	err = chain_load(stream->is_mini ? ole->mini_next : ole->next,
	    stream->is_mini ? ole->mini_sectors : ole->sectors, entry->start,
	    (entry->size >> shift) + 1, &stream->chain);
	if (err < 0) {
		mem_free(stream);
		return err;
	}
	if (stream->size > (uint64_t)stream->chain.count << shift)
		stream->size = (uint64_t)stream->chain.count << shift;
	*ret_stream = stream;
	return 0;
}

void
ole_stream_close(struct ole_stream *stream)
{
	if (stream == NULL)
		return;
	mem_free(stream->chain.sectors);
	mem_free(stream);
}

uint64_t
ole_stream_size(const struct ole_stream *stream)
{
	return stream->size;
}

long
ole_stream_read_at(struct ole_stream *stream, uint64_t offset, void *bytes,
    size_t len)
{
	if (offset >= stream->size)
		return 0;
	if (len > stream->size - offset)
		len = (size_t)(stream->size - offset);
	return stream->is_mini
	    ? mini_read_at(stream->ole, &stream->chain, offset, bytes, len)
	    : chain_read_at(stream->ole, &stream->chain, offset, bytes, len);
}

int
ole_load(struct ole *ole, const char *path, size_t max, struct buf *out,
    struct err_note *note)
{
	struct ole_stream *stream = NULL;
	size_t len;
	long got;
	int err;

	buf_clear(out);
	err = ole_stream_open(ole, path, &stream);
	if (err < 0)
		return err;
	if (stream->size > max || stream->size > out->max) {
		err = err_set(note, ERR_TOO_BIG,
		    "a stream of the compound file has %llu bytes",
		    (unsigned long long)stream->size);
		goto out;
	}
	len = (size_t)stream->size;
	err = buf_reserve(out, len);
	if (err < 0)
		goto out;
	got = len == 0 ? 0 : ole_stream_read_at(stream, 0, out->data, len);
	if (got < 0) {
		err = (int)got;
		goto out;
	}
	out->len = (size_t)got;
	if (out->data != NULL)
		out->data[out->len] = '\0';
out:
	ole_stream_close(stream);
	return err;
}
