/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first way through a sheet: are its cells in order, and what stands
 * behind them that must be known before?
 */
#include "base/err.h"
#include "extractor/xls.h"

/* The moniker of an address ([MS-OSHARED]). */
static const unsigned char xls_url_class[16] = {0xE0, 0xC9, 0xEA, 0x79, 0xF9,
    0xBA, 0xCE, 0x11, 0x8C, 0x82, 0x00, 0xAA, 0x00, 0x4B, 0xA9, 0x0B};

/* What parts begin with a BOF record. */
#define XLS_PART_WORKBOOK 0x0005u
#define XLS_PART_CHART 0x0020u

#define XLS_LINK_HAS_MONIKER 0x0001u
#define XLS_LINK_HAS_NAME 0x0010u
#define XLS_LINK_HAS_FRAME 0x0080u
#define XLS_LINK_IS_TEXT 0x0100u

bool
xls_is_cell(unsigned type)
{
	switch (type) {
	case XLS_FORMULA:
	case XLS_FORMULA_3:
	case XLS_FORMULA_4:
	case XLS_MULRK:
	case XLS_RSTRING:
	case XLS_LABELSST:
	case XLS_NUMBER:
	case XLS_LABEL:
	case XLS_BOOLERR:
	case XLS_RK:
		return true;
	default:
		return false;
	}
}

bool
xls_find(const struct buf *places, unsigned row, unsigned column,
    uint32_t *ret_low)
{
	const uint64_t *keys = (const uint64_t *)(const void *)places->data;
	uint64_t key = xls_place(row, column);
	size_t low = 0, high = places->len / sizeof(key), middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == places->len / sizeof(key) ||
	    (keys[low] ^ key) > UINT32_MAX)
		return false;
	*ret_low = (uint32_t)keys[low];
	return true;
}

/* Beyond the limit a place is left out: it only adds to what is said. */
static int
add_place(struct buf *places, unsigned row, unsigned column, uint32_t low)
{
	uint64_t place = xls_place(row, column) | low;

	if (places->len >= XLS_PLACES_MAX * sizeof(place))
		return 0;
	return buf_put(places, &place, sizeof(place));
}

/* Go over a counted text; false when the record ends before it does. */
static bool
skip_text(const struct xls_records *records, unsigned *pos)
{
	uint32_t count;

	if (records->len < 4 || *pos > records->len - 4)
		return false;
	count = le32(records->bytes + *pos);
	if (count > (records->len - *pos - 4) / 2)
		return false;
	*pos += 4 + 2 * count;
	return true;
}

/* Only addresses of the net: paths are of somebody's disk. */
static int
add_link(const struct xls_records *records, struct xls_scan *scan)
{
	const unsigned char *bytes = records->bytes;
	unsigned pos = 32, high = 0, flags;
	uint32_t len, units = 0;
	size_t at = scan->words.len;
	int err;

	if (records->len < 32)
		return 0;
	flags = le32(bytes + 28) & 0xFFFF;
	if ((flags & XLS_LINK_HAS_MONIKER) == 0 || flags & XLS_LINK_IS_TEXT)
		return 0;
	if ((flags & XLS_LINK_HAS_NAME && !skip_text(records, &pos)) ||
	    (flags & XLS_LINK_HAS_FRAME && !skip_text(records, &pos)))
		return 0;
	if (records->len < pos + 20 ||
	    memcmp(bytes + pos, xls_url_class, sizeof(xls_url_class)) != 0)
		return 0;
	len = le32(bytes + pos + 16);
	pos += 20;
	if (len > records->len - pos ||
	    at + 2 * (size_t)len + 8 > scan->words.max)
		return 0;
	while (units < len / 2 && le16(bytes + pos + 2 * units) != 0)
		units++;
	office_put_utf16(&scan->words, bytes + pos, units, &high);
	err = buf_putc(&scan->words, '\0');
	if (err == 0)
		err = add_place(&scan->links, le16(bytes),
		    le16(bytes + 4), (uint32_t)at);
	return err;
}

/* Where the note of an object is, and whose.  One author has many of them. */
static int
add_note(struct xls *xls, struct xls_scan *scan)
{
	const unsigned char *bytes = xls->records.bytes;
	unsigned object = le16(bytes + 6);
	struct xls_note_cell cell = {.row = (uint16_t)le16(bytes),
	    .column = (uint16_t)le16(bytes + 2)};
	size_t place = scan->note_cells.len / sizeof(cell);
	int err;

	if (place >= XLS_PLACES_MAX)
		return 0;
	buf_clear(&xls->text);
	err = xls_string(xls, 8, 2, &xls->text);
	if (err < 0 && err != ERR_SYNTAX)
		return err;
	if (err == 0 && scan->words.len + xls->text.len < scan->words.max &&
	    (scan->last_author == 0 || strcmp(buf_text(&xls->text),
		scan->words.data + scan->last_author) != 0)) {
		scan->last_author = (uint32_t)scan->words.len;
		(void)buf_put(&scan->words, buf_text(&xls->text),
		    xls->text.len);
		(void)buf_putc(&scan->words, '\0'); /* sticks */
	}
	cell.author = err < 0 ? 0 : scan->last_author;
	(void)buf_put(&scan->note_cells, &cell, sizeof(cell));
	err = scan->words.err < 0 ? scan->words.err : scan->note_cells.err;
	return err < 0 ? err
		       : add_place(&scan->notes, object, 0, (uint32_t)place);
}

/* The cells of one record, and whether they come after those before. */
static void
scan_cell(const struct xls_records *records, struct xls_scan *scan,
    uint64_t *last)
{
	unsigned row, first, end;
	uint64_t place;

	if (records->len < 6)
		return;
	row = le16(records->bytes);
	first = end = le16(records->bytes + 2);
	if (records->type == XLS_MULRK)
		end = first + (records->len - 6) / 6;
	place = xls_place(row, first);
	if (scan->cells > 0 && place <= *last)
		scan->is_ordered = false;
	*last = xls_place(row, end > 0xFFFF ? 0xFFFF : end);
	scan->cells++;
}

static int
scan_record(struct xls *xls, struct xls_scan *scan)
{
	const struct xls_records *records = &xls->records;

	switch (records->type) {
	case XLS_HLINK:
		return add_link(records, scan);
	case XLS_NOTE:
		scan->has_objects = true;
		return xls->is_8 && records->len >= 8 ? add_note(xls, scan)
						      : 0;
	case XLS_TXO:
	case XLS_SERIESTEXT:
		scan->has_objects = true;
		return 0;
	case XLS_HEADER:
	case XLS_FOOTER:
		scan->has_around = scan->has_around || records->len > 2;
		return 0;
	default:
		return 0;
	}
}

static int
scan_records(struct xls *xls, struct xls_scan *scan)
{
	struct xls_records *records = &xls->records;
	unsigned depth = 1; /* charts have parts of their own */
	uint64_t last = 0;
	int err;

	while (depth > 0) {
		err = xls_next(records);
		if (err == 0 && xls->is_cut)
			return err_set(xls->note, ERR_SYNTAX,
			    "the file is cut off in it");
		if (err == 0)
			break; /* some programs leave out the last EOF */
		if (err < 0)
			return err;
		if (records->type == XLS_BOF)
			depth++;
		else if (records->type == XLS_EOF)
			depth--;
		else if (depth == 1 && !scan->is_chart &&
		    xls_is_cell(records->type))
			scan_cell(records, scan, &last);
		else
			err = scan_record(xls, scan);
		if (err < 0)
			return err;
	}
	scan->end = records->next;
	return 0;
}

static void
sort_places(struct buf *places)
{
	office_sort((uint64_t *)(void *)places->data,
	    places->len / sizeof(uint64_t));
}

/* Does a sheet begin there?  ERR_NOT_FOUND: no. */
static int
find_sheet(struct xls *xls, uint64_t at, struct xls_scan *scan)
{
	struct xls_records *records = &xls->records;
	unsigned type;
	int err;

	xls_seek(records, at);
	if (xls_peek(records) != XLS_BOF)
		return ERR_NOT_FOUND;
	err = xls_next(records);
	if (err < 0)
		return err;
	if (err == 0 || records->len < 4)
		return ERR_NOT_FOUND;
	type = le16(records->bytes + 2);
	scan->is_chart = type == XLS_PART_CHART;
	return type == XLS_PART_WORKBOOK ? ERR_NOT_FOUND : 0;
}

int
xls_scan(struct xls *xls, const struct xls_sheet *sheet, uint64_t after,
    struct xls_scan *scan)
{
	struct xls_records *records = &xls->records;
	int err;

	memset(scan, 0, sizeof(*scan));
	buf_init(&scan->notes, XLS_PLACES_MAX * sizeof(uint64_t));
	buf_init(&scan->links, XLS_PLACES_MAX * sizeof(uint64_t));
	buf_init(&scan->note_cells,
	    XLS_PLACES_MAX * sizeof(struct xls_note_cell));
	buf_init(&scan->words, XLS_WORDS_BYTES_MAX);
	if (buf_putc(&scan->words, '\0') < 0)
		return ERR_NOMEM; /* place 0 is that of nothing */
	scan->is_ordered = true;
	err = find_sheet(xls, sheet->offset, scan);
	if (err == ERR_NOT_FOUND)
		err = find_sheet(xls, after, scan);
	if (err < 0)
		return err != ERR_NOT_FOUND
		    ? err
		    : err_set(xls->note, ERR_SYNTAX,
			  "it is not where the workbook says");
	scan->start = records->next;
	err = scan_records(xls, scan);
	sort_places(&scan->notes);
	sort_places(&scan->links);
	return err;
}

void
xls_scan_fini(struct xls_scan *scan)
{
	buf_fini(&scan->notes);
	buf_fini(&scan->links);
	buf_fini(&scan->note_cells);
	buf_fini(&scan->words);
}
