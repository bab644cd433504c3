/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sheet_rows: the rows of a spreadsheet as blocks, "column: value; ...".
 *
 * Sheets do not say which row names the columns.  Where the sheet declares
 * tables, their ranges do.  Elsewhere it is the first row of nothing but
 * words (or of words and years or dates) whose cells stand above those of the
 * next row; behind a gap another one may follow, if the row below it proves it
 * by having numbers.  Of single columns that proof is asked for as well: most
 * are lists.  Rows that are named by nothing are values with "; " in between.
 *
 * One row is held back, no more: memory does not grow with the sheet.
 */
#ifndef EXTRACTOR_SHEET_ROWS_H
#define EXTRACTOR_SHEET_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"

struct drawing_out;

#define SHEET_COLUMNS_MAX 16384u /* that can have names */
#define SHEET_NAME_MAX 120u	 /* bytes of a column's name */
#define SHEET_TABLES_MAX 4096u	 /* of one sheet */
#define SHEET_ROW_HELD_MAX (1 * MIB) /* longer rows go out at once */

enum sheet_kind {
	SHEET_TEXT,
	SHEET_NUMBER,
	SHEET_DATE,
	SHEET_OTHER, /* truth, error */
};

struct sheet_cell {
	uint32_t column; /* from 0 */
	uint32_t at, len; /* in the row's text */
	uint32_t kind;
};

struct sheet_row {
	struct buf text, cells;
	uint32_t number; /* from 1 */
	bool is_behind_gap;
};

struct sheet_name {
	uint32_t until; /* the last row it is good for; 0: none */
	uint8_t len;
	bool is_used; /* it stood in front of a value */
	char text[SHEET_NAME_MAX];
};

struct sheet_table {
	uint32_t first_row, last_row, first_column, last_column;
};

struct sheet_rows {
	struct drawing_out *out;
	struct sheet_row row, held;
	bool is_held, is_row_open, is_spilled, has_header;
	uint32_t last; /* the last row with cells */
	uint32_t rows; /* such rows so far */
	struct sheet_name *names;
	size_t columns; /* in names */
	struct buf tables; /* struct sheet_table, by first_row */
	size_t next_table;
	int err;
};

/* out is kept. */
void sheet_rows_init(struct sheet_rows *rows, struct drawing_out *out);
void sheet_rows_fini(struct sheet_rows *rows);

/* Begin a sheet: forget the names and tables of the one before. */
void sheet_rows_begin(struct sheet_rows *rows);

/* A table with a header in its first row; rows and columns as in cells.  Before
 * the first row.  ERR_TOO_BIG, ERR_NOMEM. */
int sheet_rows_table(struct sheet_rows *rows, uint32_t first_row,
    uint32_t last_row, uint32_t first_column, uint32_t last_column);

/* Begin row number (from 1), which ends the one before; a cell of it (text is
 * valid UTF-8); the end of the sheet.  The first error sticks. */
int sheet_rows_row(struct sheet_rows *rows, uint32_t number);
int sheet_rows_cell(struct sheet_rows *rows, uint32_t column,
    enum sheet_kind kind, const char *text, size_t len);
int sheet_rows_end(struct sheet_rows *rows);

#endif
