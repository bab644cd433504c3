/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xls: what the parts of the reader of binary workbooks share ([MS-XLS]).
 *
 * A workbook is a stream of records of at most 64 KiB.  The first part, up to
 * its end, speaks of all sheets: their names and places, the shared strings,
 * the formats of numbers.  Then comes a part for each sheet.
 */
#ifndef EXTRACTOR_XLS_H
#define EXTRACTOR_XLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "extractor/chart.h"
#include "extractor/office.h"
#include "extractor/sheet_rows.h"

struct emit;
struct err_note;
struct ole;

#define XLS_SHEETS_MAX 65536u
#define XLS_STRINGS_MAX 16000000u
#define XLS_STRINGS_BYTES_MAX (256 * MIB)
/* Cells of a sheet that are not in order, of which an index is made. */
#define XLS_INDEX_MAX 32000000u
#define XLS_FORMATS_MAX 4096u
#define XLS_XFS_MAX 65536u
#define XLS_PLACES_MAX 262144u /* of notes or links of a sheet */
#define XLS_TEXT_MAX (4 * MIB) /* of one cell, note or text box */
#define XLS_WORDS_BYTES_MAX (8 * MIB) /* of links, and names of authors */

enum xls_type {
#define XLS_RECORD(name, value) XLS_##name = (value),
#include "extractor/xls_record_tbl.h"
};

/* The records, one after the other. */
struct xls_records {
	struct office_window window;
	uint64_t at, next; /* offsets of this record and the one behind it */
	unsigned type, len;
	const unsigned char *bytes; /* len of them; valid until the next one */
};

/* A text or a list that goes on in the CONTINUE records behind its own. */
struct xls_flow {
	struct xls_records *records;
	unsigned pos; /* in the record that the flow has come to */
};

struct xls_sheet {
	uint32_t offset;
	uint32_t name, name_len; /* in names */
	uint8_t type;
};

#define XLS_SHEET_MODULE 6u

struct xls {
	struct emit *emit;
	struct err_note *note;
	struct drawing_out out;
	struct sheet_rows rows;
	struct xls_records records;
	bool is_8;    /* BIFF8; otherwise 5 or 7, with texts in bytes */
	bool is_1904;
	bool is_cut; /* the file is */
	unsigned codepage;

	struct buf sheets; /* struct xls_sheet */
	struct buf names;

	struct buf strings;	/* the shared ones, one behind the other */
	struct buf string_ends; /* uint32_t */

	struct buf xfs;	     /* uint16_t: the number of the format of each */
	struct buf formats;  /* struct cell_format */
	uint16_t *format_of; /* number of a format -> its place above + 1 */

	struct buf text;   /* of what is being read */
	struct buf around; /* header and footer of the sheet before */
};

/* ---- records (xls_records.c) ---- */

/* Go to offset, where a record begins. */
void xls_seek(struct xls_records *records, uint64_t offset);

/* The next record: 1, 0 at the end of the stream, or ERR_SYNTAX when that ends
 * within it, or ERR_IO. */
int xls_next(struct xls_records *records);

/* What type the next record is of; 0 at the end. */
unsigned xls_peek(struct xls_records *records);

/* Begin with byte pos of the record that is current. */
void xls_flow_begin(struct xls_flow *flow, struct xls_records *records,
    unsigned pos);
/* len bytes into to (NULL: over them); ERR_SYNTAX when there are not as
 * many. */
int xls_flow_bytes(struct xls_flow *flow, void *to, uint32_t len);
/* count characters at the end of out; where a record ends among them, the
 * first byte of the next says whether they go on wide or narrow. */
int xls_flow_text(struct xls_flow *flow, uint32_t count, bool is_wide,
    struct buf *out);
/* A text with the head that tells its width and what else it has, which is
 * gone over, at the end of out.  count_size: bytes of the head's count. */
int xls_flow_string(struct xls_flow *flow, unsigned count_size,
    struct buf *out);

/* The text at pos of the current record, in the form of this version of the
 * format, at the end of out; it may go on in CONTINUE records. */
int xls_string(struct xls *xls, unsigned pos, unsigned count_size,
    struct buf *out);

/* ---- the workbook as a whole (xls_globals.c) ---- */

/* Read the part before the sheets.  ERR_FORBIDDEN: encrypted. */
int xls_globals(struct xls *xls);
void xls_globals_fini(struct xls *xls);

/* String number i: *ret_len bytes, or NULL when there is none. */
const char *xls_shared_string(const struct xls *xls, uint32_t i,
    size_t *ret_len);

/* Words for what is wrong at the current record, unless note has some
 * already: returns ERR_SYNTAX. */
int xls_damaged(struct xls *xls);

/* A number at the end of out, as the format of that xf shows it; *ret_is_date
 * when that is a date or a time. */
int xls_put_number(struct xls *xls, unsigned xf, double value,
    struct buf *out, bool *ret_is_date);

/* ---- sheets ---- */

/*
 * What was met on a first way through the records of a sheet.  Places are
 * sorted: row and column in 16 bits each, and in the lower half of a link
 * where its address stands in words.  A note is found by its object's number,
 * which stands in place of the row; the lower half is its place in cells.
 */
struct xls_note_cell {
	uint16_t row, column;
	uint32_t author; /* in words */
};

struct xls_scan {
	uint64_t start;	 /* behind the BOF record */
	uint64_t end;	 /* behind the EOF record */
	uint64_t cells;	 /* records of them */
	bool is_ordered; /* by row and column */
	bool is_chart;
	bool has_objects;
	bool has_around; /* header or footer */
	struct buf notes, links; /* uint64_t */
	struct buf note_cells;	 /* struct xls_note_cell */
	struct buf words;	 /* each terminated */
	uint32_t last_author;
};

/* The part of a place that is searched for. */
static inline uint64_t
xls_place(unsigned row, unsigned column)
{
	return (uint64_t)row << 48 | (uint64_t)(column & 0xFFFF) << 32;
}

/* The place in places (struct buf of uint64_t) that begins with that row and
 * column: true, and its lower half. */
bool xls_find(const struct buf *places, unsigned row, unsigned column,
    uint32_t *ret_low);

/* Does this record hold cells? */
bool xls_is_cell(unsigned type);

/* Go through a sheet.  Its place is taken from the workbook, or else it must
 * begin at after, where the one before it ended. (xls_scan.c) */
int xls_scan(struct xls *xls, const struct xls_sheet *sheet, uint64_t after,
    struct xls_scan *scan);
void xls_scan_fini(struct xls_scan *scan);

/* Its cells as rows of tables. (xls_cells.c) */
int xls_cells(struct xls *xls, const struct xls_scan *scan);

/* Notes, text boxes, titles of charts, headers and footers.
 * (xls_objects.c) */
int xls_objects(struct xls *xls, const struct xls_scan *scan);

#endif
