/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extractor/chart.h"
#include "extractor/emit.h"
#include "extractor/sheet_rows.h"

#define HEADER_WITHIN 64u /* rows */
#define NAMES_STEP 16u

static void
row_init(struct sheet_row *row)
{
	/* A cell may be as long as it wants: rows go out when they are long,
	 * but a cell is put whole. */
	buf_init(&row->text, SIZE_MAX / 2);
	buf_init(&row->cells, SIZE_MAX / 2);
	row->number = 0;
	row->is_behind_gap = false;
}

void
sheet_rows_init(struct sheet_rows *rows, struct drawing_out *out)
{
	memset(rows, 0, sizeof(*rows));
	rows->out = out;
	row_init(&rows->row);
	row_init(&rows->held);
	buf_init(&rows->tables, SHEET_TABLES_MAX * sizeof(struct sheet_table));
}

void
sheet_rows_fini(struct sheet_rows *rows)
{
	buf_fini(&rows->row.text);
	buf_fini(&rows->row.cells);
	buf_fini(&rows->held.text);
	buf_fini(&rows->held.cells);
	buf_fini(&rows->tables);
	mem_free(rows->names);
}

static void
row_clear(struct sheet_row *row)
{
	buf_clear(&row->text);
	buf_clear(&row->cells);
}

void
sheet_rows_begin(struct sheet_rows *rows)
{
	size_t i;

	row_clear(&rows->row);
	row_clear(&rows->held);
	buf_clear(&rows->tables);
	rows->next_table = 0;
	rows->is_held = rows->is_row_open = rows->is_spilled = false;
	rows->has_header = false;
	rows->last = rows->rows = 0;
	for (i = 0; i < rows->columns; i++)
		rows->names[i].until = 0;
}

static size_t
cell_count(const struct sheet_row *row)
{
	return row->cells.len / sizeof(struct sheet_cell);
}

static const struct sheet_cell *
cell_at(const struct sheet_row *row, size_t i)
{
	const void *cells = row->cells.data;

	return (const struct sheet_cell *)cells + i;
}

/* ---- names -------------------------------------------------------------- */

static int
name_set(struct sheet_rows *rows, uint32_t column, uint32_t until,
    const char *text, size_t len)
{
	struct sheet_name *names;
	size_t columns = rows->columns;

	if (column >= SHEET_COLUMNS_MAX)
		return 0;
	if (column >= columns) {
		columns = column + NAMES_STEP + column / 2;
		names = mem_resize(rows->names, columns, sizeof(*names));
		if (names == NULL)
			return ERR_NOMEM;
		memset(names + rows->columns, 0,
		    (columns - rows->columns) * sizeof(*names));
		rows->names = names;
		rows->columns = columns;
	}
	names = &rows->names[column];
	len = utf8_floor(text, len, SHEET_NAME_MAX);
	while (len > 0 && (text[len - 1] == ':' ||
			      (unsigned char)text[len - 1] <= ' '))
		len--;
	memcpy(names->text, text, len);
	names->len = (uint8_t)len;
	names->until = until;
	names->is_used = false;
	return 0;
}

static struct sheet_name *
name_of(const struct sheet_rows *rows, uint32_t column, uint32_t row)
{
	if (column >= rows->columns || rows->names[column].until < row)
		return NULL;
	return &rows->names[column];
}

/* ---- output ------------------------------------------------------------- */

static int
put_cell(struct sheet_rows *rows, const struct sheet_row *row, uint32_t column,
    const char *text, size_t len)
{
	struct sheet_name *name = name_of(rows, column, row->number);
	struct emit *emit = rows->out->emit;

	emit->has_space = false;
	if (emit_has_text(emit))
		(void)emit_put(emit, "; ", 2); /* errors stick */
	if (name != NULL && name->len > 0) {
		name->is_used = true;
		(void)emit_words(emit, name->text, name->len);
		(void)emit_put(emit, ": ", 2);
	}
	return emit_words(emit, text, len);
}

static int
put_row(struct sheet_rows *rows, const struct sheet_row *row)
{
	const struct sheet_cell *cell;
	size_t i, count = cell_count(row);

	if (count == 0)
		return 0;
	(void)drawing_out_open(rows->out, BLOCK_TABLE_ROW, 0);
	for (i = 0; i < count; i++) {
		cell = cell_at(row, i);
		(void)put_cell(rows, row, cell->column,
		    row->text.data + cell->at, cell->len); /* sticks */
	}
	return emit_close(rows->out->emit);
}

/* Names between two columns that nothing stood below: they are forgotten now,
 * and they are text as well. */
static int
put_unused(struct sheet_rows *rows, uint32_t from, uint32_t to)
{
	struct emit *emit = rows->out->emit;
	struct sheet_name *name;
	bool is_open = false;
	size_t i;

	for (i = from; i < rows->columns && i <= to; i++) {
		name = &rows->names[i];
		if (name->until > 0 && name->len > 0 && !name->is_used) {
			if (!is_open)
				(void)drawing_out_open(rows->out,
				    BLOCK_TABLE_ROW, 0); /* sticks */
			else
				(void)emit_put(emit, "; ", 2);
			is_open = true;
			emit->has_space = false;
			(void)emit_words(emit, name->text, name->len);
		}
		name->until = 0;
	}
	return is_open ? emit_close(emit) : emit->err;
}

/* ---- headers ------------------------------------------------------------ */

static bool
is_year(const struct sheet_row *row, const struct sheet_cell *cell)
{
	const char *text = row->text.data + cell->at;

	return cell->kind == SHEET_NUMBER && cell->len == 4 &&
	    (memcmp(text, "19", 2) == 0 || memcmp(text, "20", 2) == 0) &&
	    text[2] >= '0' && text[2] <= '9' && text[3] >= '0' &&
	    text[3] <= '9';
}

static bool
is_dated(const struct sheet_row *row, const struct sheet_cell *cell)
{
	return cell->kind == SHEET_DATE || is_year(row, cell);
}

/* Can its cells be names?  "Name:" belongs to what stands beside it. */
static bool
could_name(const struct sheet_row *row)
{
	size_t i, count = cell_count(row), words = 0, dates = 0;
	const struct sheet_cell *cell;

	for (i = 0; i < count; i++) {
		cell = cell_at(row, i);
		if (cell->len > SHEET_NAME_MAX)
			return false;
		if (cell->kind == SHEET_TEXT) {
			words++;
			if (row->text.data[cell->at + cell->len - 1] == ':')
				return false;
		} else if (is_dated(row, cell)) {
			dates++;
		} else {
			return false;
		}
	}
	return words > 0 && (dates == 0 || dates > 1);
}

/* Does head name the cells of row, the next one? */
static bool
names_fit(const struct sheet_rows *rows, const struct sheet_row *head,
    const struct sheet_row *row)
{
	size_t i = 0, j, heads = cell_count(head), cells = cell_count(row);
	size_t named = 0, proofs = 0, dated = 0;
	const struct sheet_cell *above, *cell;
	bool is_strict;

	is_strict = rows->has_header || heads == 1 ||
	    row->number != head->number + 1;
	if (heads == 1 && cells != 1)
		return false;
	for (j = 0; j < cells; j++) {
		cell = cell_at(row, j);
		while (i < heads && cell_at(head, i)->column < cell->column)
			i++;
		if (i == heads)
			break;
		above = cell_at(head, i);
		if (above->column != cell->column)
			continue;
		named++;
		if (above->kind == SHEET_TEXT)
			proofs += cell->kind != SHEET_TEXT;
		else if (cell->kind != SHEET_NUMBER || is_year(row, cell))
			return false;
		else
			dated++;
	}
	if (is_strict && proofs + dated == 0)
		return false;
	return named * 3 >= cells * 2;
}

static int
names_take(struct sheet_rows *rows, const struct sheet_row *head)
{
	const struct sheet_cell *cell;
	size_t i;
	int err;

	err = put_unused(rows, 0, UINT32_MAX);
	for (i = 0; i < cell_count(head) && err == 0; i++) {
		cell = cell_at(head, i);
		err = name_set(rows, cell->column, UINT32_MAX,
		    head->text.data + cell->at, cell->len);
	}
	rows->has_header = true;
	return err;
}

/* ---- tables ------------------------------------------------------------- */

static struct sheet_table *
table_at(struct sheet_rows *rows, size_t i)
{
	void *tables = rows->tables.data;

	return (struct sheet_table *)tables + i;
}

static size_t
table_count(const struct sheet_rows *rows)
{
	return rows->tables.len / sizeof(struct sheet_table);
}

int
sheet_rows_table(struct sheet_rows *rows, uint32_t first_row,
    uint32_t last_row, uint32_t first_column, uint32_t last_column)
{
	struct sheet_table table = {.first_row = first_row,
	    .last_row = last_row, .first_column = first_column,
	    .last_column = last_column};
	size_t i;

	if (buf_put(&rows->tables, &table, sizeof(table)) < 0)
		return rows->tables.err;
	for (i = table_count(rows) - 1; i > 0; i--) {
		if (table_at(rows, i - 1)->first_row <= first_row)
			break;
		*table_at(rows, i) = *table_at(rows, i - 1);
	}
	*table_at(rows, i) = table;
	return 0;
}

/* The cells of row that are in the header of table become names, and are
 * taken out of the row. */
static int
table_header(struct sheet_rows *rows, const struct sheet_table *table,
    struct sheet_row *row)
{
	size_t i, kept = 0, count = cell_count(row);
	struct sheet_cell cell;
	int err;

	err = put_unused(rows, table->first_column, table->last_column);
	for (i = 0; i < count && err == 0; i++) {
		cell = *cell_at(row, i);
		if (cell.column < table->first_column ||
		    cell.column > table->last_column) {
			memcpy(row->cells.data + kept++ * sizeof(cell), &cell,
			    sizeof(cell));
			continue;
		}
		err = name_set(rows, cell.column, table->last_row,
		    row->text.data + cell.at, cell.len);
	}
	row->cells.len = kept * sizeof(cell);
	return err;
}

static int
tables_row(struct sheet_rows *rows, struct sheet_row *row)
{
	struct sheet_table *table;
	int err = 0;

	while (rows->next_table < table_count(rows)) {
		table = table_at(rows, rows->next_table);
		if (table->first_row > row->number)
			break;
		if (table->first_row == row->number)
			err = table_header(rows, table, row);
		if (err < 0)
			return err;
		rows->next_table++;
	}
	return put_row(rows, row);
}

/* ---- rows --------------------------------------------------------------- */

static int
put_held(struct sheet_rows *rows)
{
	if (!rows->is_held)
		return 0;
	rows->is_held = false;
	return put_row(rows, &rows->held);
}

static bool
is_to_be_held(const struct sheet_rows *rows)
{
	if (rows->has_header ? !rows->row.is_behind_gap
			     : rows->rows > HEADER_WITHIN)
		return false;
	return could_name(&rows->row);
}

static int
finish_row(struct sheet_rows *rows)
{
	struct sheet_row swap, *row = &rows->row;
	bool is_named = false;
	int err = 0;

	if (table_count(rows) > 0)
		return tables_row(rows, row);
	if (rows->is_held && names_fit(rows, &rows->held, row)) {
		err = names_take(rows, &rows->held);
		rows->is_held = false;
		is_named = true;
	}
	if (err == 0)
		err = put_held(rows);
	if (err < 0)
		return err;
	if (is_named || !is_to_be_held(rows))
		return put_row(rows, row);
	swap = rows->held;
	rows->held = *row;
	*row = swap;
	rows->is_held = true;
	return 0;
}

static int
end_row(struct sheet_rows *rows)
{
	int err = 0;

	if (rows->is_spilled) {
		err = emit_close(rows->out->emit);
	} else if (cell_count(&rows->row) > 0) {
		rows->rows++;
		rows->row.is_behind_gap = rows->row.number > rows->last + 1;
		rows->last = rows->row.number;
		err = finish_row(rows);
	}
	row_clear(&rows->row);
	rows->is_row_open = rows->is_spilled = false;
	if (err < 0 && rows->err == 0)
		rows->err = err;
	return rows->err;
}

int
sheet_rows_row(struct sheet_rows *rows, uint32_t number)
{
	if (rows->is_row_open)
		(void)end_row(rows); /* sticks */
	rows->is_row_open = true;
	rows->row.number = number;
	return rows->err;
}

/* The row is too long to be held: what there is of it goes out now, what
 * follows as it comes. */
static void
spill(struct sheet_rows *rows)
{
	const struct sheet_row *row = &rows->row;
	const struct sheet_cell *cell;
	size_t i;

	(void)put_held(rows); /* errors stick in emit */
	(void)drawing_out_open(rows->out, BLOCK_TABLE_ROW, 0);
	for (i = 0; i < cell_count(row); i++) {
		cell = cell_at(row, i);
		(void)put_cell(rows, row, cell->column,
		    row->text.data + cell->at, cell->len);
	}
	row_clear(&rows->row);
	rows->last = row->number;
	rows->is_spilled = true;
}

int
sheet_rows_cell(struct sheet_rows *rows, uint32_t column,
    enum sheet_kind kind, const char *text, size_t len)
{
	struct sheet_row *row = &rows->row;
	struct sheet_cell cell = {.column = column, .kind = kind};

	while (len > 0 && (unsigned char)text[len - 1] <= ' ')
		len--;
	for (; len > 0 && (unsigned char)*text <= ' '; len--)
		text++;
	if (len == 0 || rows->err < 0)
		return rows->err;
	if (!rows->is_row_open)
		(void)sheet_rows_row(rows, rows->row.number + 1);
	if (!rows->is_spilled && len + row->text.len + row->cells.len >
		SHEET_ROW_HELD_MAX)
		spill(rows);
	if (rows->is_spilled) {
		rows->err = put_cell(rows, row, column, text, len);
		return rows->err;
	}
	cell.at = (uint32_t)row->text.len;
	cell.len = (uint32_t)len;
	(void)buf_put(&row->text, text, len);
	if (buf_put(&row->cells, &cell, sizeof(cell)) < 0 ||
	    row->text.err < 0)
		rows->err = row->text.err < 0 ? row->text.err : row->cells.err;
	return rows->err;
}

int
sheet_rows_end(struct sheet_rows *rows)
{
	int err;

	if (rows->is_row_open)
		(void)end_row(rows); /* sticks */
	err = rows->err < 0 ? rows->err : put_held(rows);
	if (err == 0)
		err = put_unused(rows, 0, UINT32_MAX);
	rows->err = 0;
	return err;
}
