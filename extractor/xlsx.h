/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xlsx: what the parts of the reader of workbooks share.
 */
#ifndef EXTRACTOR_XLSX_H
#define EXTRACTOR_XLSX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "extractor/cell_format.h"
#include "extractor/chart.h"
#include "extractor/relation_map.h"
#include "extractor/sheet_rows.h"

struct emit;
struct err_note;
struct package;

#define XLSX_SHEETS_MAX 16384u
#define XLSX_STRINGS_MAX 16000000u
#define XLSX_STRINGS_BYTES_MAX (256 * MIB)
#define XLSX_CELL_BYTES_MAX (16 * MIB) /* programs stop at 32,767 letters */
#define XLSX_FORMATS_MAX 4096u /* that differ; the rest shows plain numbers */
#define XLSX_XFS_MAX 65536u
#define XLSX_AUTHORS_BYTES_MAX (256 * KIB)
#define XLSX_ROWS_MAX 1048576u
#define XLSX_COLUMNS_MAX 16384u

/* Texts that cells share, one behind the other. */
struct xlsx_strings {
	struct buf text;
	struct buf ends; /* uint32_t */
};

struct xlsx_formats {
	struct buf ids;	 /* uint32_t: the number of each of list */
	struct buf list; /* struct cell_format */
	struct buf xfs;	 /* uint32_t: places in list */
};

struct xlsx {
	struct package *package;
	struct emit *emit;
	struct err_note *note;
	struct relation_map main, map; /* of the workbook, of a sheet */
	struct drawing_out out;
	struct sheet_rows rows;
	struct xlsx_strings strings;
	struct xlsx_formats formats;
	struct buf persons; /* number and name in turn, each terminated */
	bool is_1904;
};

/* ---- texts (xlsx_strings.c) ---- */

/* Undo "_x000D_" and its like in place; what is no character of a text goes. */
void xlsx_unescape(struct buf *text);

/* The table in part: 0; ERR_NOT_FOUND, ERR_SYNTAX, ERR_TOO_BIG, ERR_NOMEM. */
int xlsx_strings_read(struct package *package, const char *part,
    struct xlsx_strings *strings, struct err_note *note);
size_t xlsx_strings_count(const struct xlsx_strings *strings);
/* The ith, i < count: *ret_len bytes of it. */
const char *xlsx_string(const struct xlsx_strings *strings, size_t i,
    size_t *ret_len);

/* ---- formats (xlsx_styles.c) ---- */

/* From the part with the styles; errors as above. */
int xlsx_formats_read(struct package *package, const char *part,
    struct xlsx_formats *formats, struct err_note *note);
/* That of the cells with style number xf; NULL: a plain number. */
const struct cell_format *xlsx_format(const struct xlsx_formats *formats,
    long xf);

/* ---- sheets ---- */

/* Columns and rows from a reference such as "B12", from 0 and 1; false when it
 * is none.  *ret_end is where it ended. */
bool xlsx_reference(const char *text, size_t len, uint32_t *ret_column,
    uint32_t *ret_row, size_t *ret_end);

/* The cells of the sheet in part, its header and footer. (xlsx_sheet.c) */
int xlsx_sheet_read(struct xlsx *xlsx, const char *part);

/* A table of a sheet, before its cells are read; a sheet's comments of either
 * kind; the names of those who wrote them. (xlsx_comments.c) */
int xlsx_table_read(struct xlsx *xlsx, const char *part);
int xlsx_comments_read(struct xlsx *xlsx, const char *part);
int xlsx_persons_read(struct xlsx *xlsx, const char *part);

#endif
