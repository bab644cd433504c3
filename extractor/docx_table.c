/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables.  The cells of a row wait on the pile until it ends; then the row is
 * one block with the names of its columns in front of the values.
 *
 * Many tables only arrange a page.  Rows of one cell, and rows whose cells
 * hold whole passages (a heading with text, a table, many paragraphs), stay
 * the blocks that they are.  Of a merged cell that goes on below, every row
 * has the text, so that each can be understood alone.
 *
 * The first row has the names if the document says so, if its style makes it
 * look different, or if all of its text is bold.
 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "extractor/docx.h"

/* A cell of more blocks than this is a passage. */
#define CELL_BLOCKS_MAX 12u
#define GRID_MAX 1000000u

/* What a row holds. */
struct row {
	size_t cells, filled;
	size_t longest; /* text of a cell */
	uint32_t columns;
	uint32_t page;
	bool is_passage;
};

struct docx_table *
docx_table(struct docx *docx)
{
	return docx->tables_open == 0 || docx->tables_flat > 0
	    ? NULL
	    : &docx->tables[docx->tables_open - 1];
}

void
docx_table_begin(struct docx *docx)
{
	struct docx_table *table;
	struct docx_column *columns;
	size_t size;

	if (docx->tables_open == DOCX_TABLES_MAX || docx->tables_flat > 0) {
		docx->tables_flat++;
		return;
	}
	table = &docx->tables[docx->tables_open++];
	columns = table->columns; /* from the last one here */
	size = table->columns_size;
	memset(table, 0, sizeof(*table));
	table->columns = columns;
	table->columns_size = size;
	table->row_at = docx->pile.len;
}

int
docx_row_begin(struct docx *docx)
{
	struct docx_table *table = docx_table(docx);
	int err;

	if (table == NULL || table->is_in_row)
		return 0;
	/* Text that is carried on goes below what begins here. */
	err = docx_carried_end(docx);
	if (err < 0)
		return err;
	table->is_in_row = true;
	table->row_depth = docx->depth;
	table->is_header = table->is_deleted = table->has_plain = false;
	table->column = 0;
	table->row_at = docx->pile.len;
	return 0;
}

int
docx_cell_begin(struct docx *docx)
{
	struct docx_table *table = docx_table(docx);
	static const struct docx_record cell;
	int err;

	if (table == NULL || !table->is_in_row || table->is_in_cell)
		return 0;
	err = docx_carried_end(docx);
	if (err < 0)
		return err;
	table->is_in_cell = true;
	table->cell_depth = docx->depth;
	table->is_cell_deleted = false;
	table->cell_at = docx->pile.len;
	table->span = 1;
	table->merge = MERGE_NONE;
	return buf_put(&docx->pile, &cell, sizeof(cell));
}

int
docx_cell_end(struct docx *docx)
{
	struct docx_table *table = docx_table(docx);
	struct docx_record cell = {0};
	int err;

	/* One in a cell was none; its end is not the cell's. */
	if (table == NULL || !table->is_in_cell ||
	    docx->depth >= table->cell_depth)
		return 0;
	err = docx_carried_end(docx);
	if (err < 0)
		return err;
	table->is_in_cell = false;
	if (table->is_cell_deleted) {
		docx->pile.len = table->cell_at;
		return 0;
	}
	cell.column = table->column;
	cell.span = table->span;
	cell.merge = (uint8_t)table->merge;
	memcpy(docx->pile.data + table->cell_at, &cell, sizeof(cell));
	if (table->column < GRID_MAX)
		table->column += table->span < GRID_MAX ? table->span
							: GRID_MAX;
	return 0;
}

static int
columns_reserve(struct docx_table *table, size_t count)
{
	struct docx_column *columns;
	size_t size;

	if (count > DOCX_COLUMNS_MAX)
		count = DOCX_COLUMNS_MAX;
	if (count <= table->columns_size)
		return 0;
	size = count < 16 ? 16 : DOCX_COLUMNS_MAX;
	columns = mem_resize(table->columns, size, sizeof(*columns));
	if (columns == NULL)
		return ERR_NOMEM;
	table->columns = columns;
	table->columns_size = size;
	return 0;
}

/* Every column of the row has its place; new ones are empty. */
static int
row_columns(struct docx_table *table, const struct row *row)
{
	size_t old = table->columns_size;
	int err = columns_reserve(table, row->columns);

	if (err == 0 && !table->has_rows && table->header_rows == 0)
		old = 0; /* what is there is another table's */
	if (err == 0 && table->columns_size > old)
		memset(table->columns + old, 0,
		    (table->columns_size - old) * sizeof(*table->columns));
	return err;
}

static void
row_look(const struct docx *docx, const struct docx_table *table,
    struct row *row)
{
	size_t at = table->row_at, blocks = 0, len = 0;
	struct docx_record record;
	bool has_heading = false;

	memset(row, 0, sizeof(*row));
	row->page = docx->page;
	while (at < docx->pile.len) {
		(void)docx_record(&docx->pile, at, &record);
		at += sizeof(record) + record.len;
		if (record.kind == 0) {
			row->cells++;
			row->columns = record.column + record.span;
			blocks = len = 0;
			has_heading = false;
			continue;
		}
		if (row->filled == 0)
			row->page = record.page;
		row->filled += len == 0;
		len += record.len + 1;
		if (len > row->longest)
			row->longest = len;
		blocks++;
		has_heading = has_heading || record.kind == BLOCK_HEADING;
		/* Or it stands in no cell. */
		if (record.kind == BLOCK_TABLE_ROW || row->cells == 0 ||
		    blocks > CELL_BLOCKS_MAX || (has_heading && blocks > 1))
			row->is_passage = true;
	}
	if (row->cells <= 1)
		row->is_passage = true;
}

/* The cells' blocks stay, the cells go. */
static void
row_unwrap(struct docx *docx, const struct docx_table *table)
{
	size_t at = table->row_at, to = at, size;
	struct docx_record record;

	while (at < docx->pile.len) {
		(void)docx_record(&docx->pile, at, &record);
		size = sizeof(record) + record.len;
		if (record.kind != 0) {
			memmove(docx->pile.data + to, docx->pile.data + at,
			    size);
			to += size;
		}
		at += size;
	}
	docx->pile.len = to;
}

static bool
row_has_names(const struct docx_table *table, const struct row *row)
{
	if (table->has_rows || row->filled == 0 ||
	    row->longest > DOCX_NAME_MAX || row->columns > DOCX_COLUMNS_MAX ||
	    table->header_rows == DOCX_HEADER_ROWS_MAX)
		return false;
	if (table->is_header)
		return true;
	return table->header_rows == 0 && row->filled > 1 &&
	    ((table->is_styled && table->wants_first_row) ||
		!table->has_plain);
}

/* Append words, white space folded; a separator in front of the first. */
static void
put_folded(struct buf *out, const char *separator, const char *text,
    size_t len)
{
	size_t i, from;

	for (i = 0; i < len; i++) {
		if (text[i] == ' ' || text[i] == '\n' || text[i] == '\t')
			continue;
		for (from = i; i < len && text[i] != ' ' && text[i] != '\n' &&
		     text[i] != '\t'; i++)
			continue;
		(void)buf_puts(out, separator); /* errors stick */
		(void)buf_put(out, text + from, i - from);
		separator = " ";
	}
}

/* The text of the cell at, whose record was read, into out; returns where the
 * next cell begins. */
static size_t
cell_text(const struct docx *docx, size_t at, struct buf *out)
{
	struct docx_record record;
	const char *text;

	at += sizeof(record);
	while (at < docx->pile.len) {
		text = docx_record(&docx->pile, at, &record);
		if (record.kind == 0)
			break;
		put_folded(out, out->len == 0 ? "" : " ", text, record.len);
		at += sizeof(record) + record.len;
	}
	return at;
}

static void
name_put(struct docx_column *column, const char *text)
{
	size_t old = strlen(column->name), len = strlen(text);

	/* Two rows of names: "2023" above "May" is "2023 May". */
	if (len == 0 || strcmp(column->name, text) == 0)
		return;
	ASSERT(old + len + 2 <= sizeof(column->name)); /* row_has_names() */
	if (old > 0)
		column->name[old++] = ' ';
	memcpy(column->name + old, text, len + 1);
}

static int
row_names(struct docx *docx, struct docx_table *table, const struct row *row)
{
	size_t at = table->row_at, i;
	struct docx_record cell;
	struct buf *text = &docx->scratch;

	while (at < docx->pile.len) {
		(void)docx_record(&docx->pile, at, &cell);
		buf_clear(text);
		at = cell_text(docx, at, text);
		if (text->err < 0)
			return text->err;
		for (i = 0; i < cell.span &&
		     cell.column + i < table->columns_size; i++)
			name_put(&table->columns[cell.column + i],
			    buf_text(text));
	}
	if (table->names < row->columns)
		table->names = row->columns;
	table->header_rows++;
	docx->pile.len = table->row_at;
	return 0;
}

/* Remember a cell for the rows that it spans, or put what one above said. */
static void
cell_merge(struct docx_table *table, const struct docx_record *cell,
    struct buf *text)
{
	struct docx_column *column;
	size_t len = text->len;

	if (cell->column >= table->columns_size)
		return;
	column = &table->columns[cell->column];
	if (cell->merge == MERGE_GOES_ON && len == 0) {
		(void)buf_puts(text, column->above); /* errors stick */
		return;
	}
	column->above[0] = '\0';
	if (cell->merge == MERGE_BEGINS && len < sizeof(column->above))
		memcpy(column->above, buf_text(text), len + 1);
}

static int
row_values(struct docx *docx, struct docx_table *table, const struct row *row)
{
	struct buf *out = &docx->text; /* above the open paragraphs */
	struct buf *text = &docx->scratch;
	size_t at = table->row_at, begin = out->len;
	struct docx_record cell;
	const char *name;
	int err;

	while (at < docx->pile.len) {
		(void)docx_record(&docx->pile, at, &cell);
		buf_clear(text);
		at = cell_text(docx, at, text);
		cell_merge(table, &cell, text);
		if (text->err < 0)
			return text->err;
		if (text->len == 0)
			continue;
		if (out->len > begin)
			(void)buf_puts(out, "; ");
		name = cell.column < table->names ? table->columns[cell.column]
							.name : "";
		if (*name != '\0') {
			table->columns[cell.column].is_said = true;
			(void)buf_puts(out, name);
			(void)buf_puts(out, ": ");
		}
		(void)buf_put(out, text->data, text->len);
	}
	if (out->err < 0)
		return out->err;
	docx->pile.len = table->row_at;
	if (out->len == begin)
		return 0;
	table->has_rows = true;
	err = docx_pile(docx, BLOCK_TABLE_ROW, 0, row->page,
	    out->data + begin, out->len - begin);
	out->len = begin;
	return err;
}

int
docx_row_end(struct docx *docx)
{
	struct docx_table *table = docx_table(docx);
	struct row row;
	int err;

	if (table == NULL || !table->is_in_row ||
	    docx->depth >= table->row_depth)
		return 0;
	err = docx_cell_end(docx);
	if (err < 0)
		return err;
	table->is_in_row = false;
	if (table->is_deleted) {
		docx->pile.len = table->row_at;
		return 0;
	}
	row_look(docx, table, &row);
	if (row.is_passage) {
		row_unwrap(docx, table);
		return docx_flush(docx);
	}
	err = row_columns(table, &row);
	if (err == 0)
		err = row_has_names(table, &row)
		    ? row_names(docx, table, &row)
		    : row_values(docx, table, &row);
	return err < 0 ? err : docx_flush(docx);
}

/* Names of columns with nothing in them are still text. */
static int
table_names(struct docx *docx, const struct docx_table *table)
{
	const struct docx_column *columns = table->columns;
	struct buf *out = &docx->scratch;
	size_t i, next;
	bool is_said;

	buf_clear(out);
	for (i = 0; i < table->names; i = next) {
		is_said = columns[i].is_said;
		/* Those with one name have one cell. */
		for (next = i + 1; next < table->names && strcmp(
			 columns[next].name, columns[i].name) == 0; next++)
			is_said = is_said || columns[next].is_said;
		if (is_said || columns[i].name[0] == '\0')
			continue;
		if (out->len > 0)
			(void)buf_puts(out, "; "); /* errors stick */
		(void)buf_puts(out, columns[i].name);
	}
	if (out->err < 0 || out->len == 0)
		return out->err;
	return docx_pile(docx, BLOCK_TABLE_ROW, 0, docx->page, out->data,
	    out->len);
}

int
docx_table_end(struct docx *docx)
{
	struct docx_table *table = docx_table(docx);
	int err;

	if (docx->tables_flat > 0) {
		docx->tables_flat--;
		return 0;
	}
	if (table == NULL)
		return 0;
	err = docx_row_end(docx);
	if (err == 0 && table->header_rows > 0)
		err = table_names(docx, table);
	docx->tables_open--;
	return err < 0 ? err : docx_flush(docx);
}
