/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of a table: lines with wide gaps that stand one above the other.
 *
 * Columns grow with each line that is looked at.  A line whose cells would
 * join two columns, or of which two cells are in one, ends the table; gaps of
 * stretched prose are nowhere twice.  A lone cell close below a row belongs
 * to the row.
 */
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/emit.h"
#include "extractor/markup.h"
#include "extractor/pdf.h"
#include "extractor/pdf_marker.h"

#define TABLE_ROWS_MIN 3u	/* but of many columns two are enough */
#define TABLE_COLUMNS_MANY 4u
#define TABLE_PROSE_CHARS 35u	/* of a cell; more in both: columns of text */
#define TABLE_RETRY_MAX 64u	/* lines to look at again */

struct table_column {
	float x1, x2;
};

struct pdf_table {
	struct table_column columns[PDF_TABLE_COLUMNS_MAX];
	size_t count;
	size_t rows, full_rows; /* with a cell in every column */
	size_t cell_bytes, cells;
	size_t signs; /* cells with neither letter nor digit, and bullets */
	size_t lines;
};

static bool
has_word(const struct pdf_page *page, const struct pdf_cell *cell)
{
	const char *text = buf_text(&page->text) + cell->text;
	size_t i;

	for (i = 0; i < cell->len; i++)
		if ((text[i] >= '0' && text[i] <= '9') ||
		    ((text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'z') ||
		    (unsigned char)text[i] >= 0x80)
			return true;
	return false;
}

/* Lists are aligned behind their bullets. */
static bool
is_bullet(const struct pdf_page *page, const struct pdf_cell *cell)
{
	size_t step;
	uint32_t c;

	if (cell->len == 0)
		return false;
	c = utf8_decode(buf_text(&page->text) + cell->text, cell->len, &step);
	return step == cell->len && pdf_is_bullet(c);
}

/* The columns that a cell touches: how many, and the first. */
static size_t
touched(const struct pdf_table *table, const struct pdf_cell *cell,
    float slack, size_t *ret_first)
{
	size_t i, n = 0;

	for (i = 0; i < table->count; i++)
		if (cell->x1 < table->columns[i].x2 + slack &&
		    cell->x2 > table->columns[i].x1 - slack && n++ == 0)
			*ret_first = i;
	return n;
}

static void
add_column(struct pdf_table *table, const struct pdf_cell *cell)
{
	size_t i = table->count;

	for (; i > 0 && table->columns[i - 1].x1 > cell->x1; i--)
		table->columns[i] = table->columns[i - 1];
	table->columns[i] =
	    (struct table_column){.x1 = cell->x1, .x2 = cell->x2};
	table->count++;
}

/* Take a row in; false (and nothing is changed) when it does not fit. */
static bool
add_row(struct pdf_table *table, const struct pdf_page *page,
    const struct pdf_line *line)
{
	const struct pdf_cell *cells = page->cells + line->cell;
	struct pdf_table grown = *table;
	float slack = 0.3f * line->size;
	size_t i, at = 0, n, before = SIZE_MAX;

	for (i = 0; i < line->cells; i++) {
		n = touched(table, cells + i, slack, &at);
		if (n > 1 || (n == 1 && at == before))
			return false;
		if (n == 1)
			before = at;
		n = touched(&grown, cells + i, slack, &at);
		if (n > 1 || grown.count == PDF_TABLE_COLUMNS_MAX)
			return false;
		if (n == 0) {
			add_column(&grown, cells + i);
		} else {
			grown.columns[at].x1 =
			    fminf(grown.columns[at].x1, cells[i].x1);
			grown.columns[at].x2 =
			    fmaxf(grown.columns[at].x2, cells[i].x2);
		}
		grown.cell_bytes += cells[i].len;
		grown.signs += !has_word(page, cells + i) ||
		    (i == 0 && is_bullet(page, cells));
		grown.cells++;
	}
	grown.rows++;
	grown.full_rows = line->cells == grown.count
	    ? (grown.count == table->count ? table->full_rows : 0) + 1
	    : grown.count == table->count ? table->full_rows
					  : 0;
	*table = grown;
	return true;
}

static bool
is_below(const struct pdf_line *prev, const struct pdf_line *line, float sizes)
{
	return !line->is_dropped && line->level == 0 && !line->is_rtl &&
	    !line->has_leader &&
	    line->turn == prev->turn && line->y2 > prev->y2 &&
	    line->y2 - prev->y2 < sizes * fmaxf(line->size, prev->size);
}

/* A cell of the row above that has more than one line. */
static bool
is_rest_of_row(const struct pdf_table *table, const struct pdf_page *page,
    const struct pdf_line *line)
{
	const struct pdf_cell *cell = page->cells + line->cell;
	size_t column = 0;

	return line->cells == 1 && is_below(line - 1, line, 1.5f) &&
	    touched(table, cell, 0, &column) == 1 && column > 0 &&
	    fabsf(cell->x1 - table->columns[column].x1) < line->size &&
	    cell->x2 < table->columns[column].x2 + line->size;
}

static void
find_rows(struct pdf_table *table, const struct pdf_page *page, size_t at)
{
	const struct pdf_line *line = page->lines + at;

	memset(table, 0, sizeof(*table));
	if (line->is_rtl || line->is_mono || line->has_leader ||
	     !add_row(table, page, line))
		return;
	for (table->lines = 1; at + table->lines < page->line_count;
	    table->lines++) {
		line = page->lines + at + table->lines;
		if (line->cells == 1) {
			if (!is_rest_of_row(table, page, line))
				break;
		} else if (!is_below(line - 1, line, 3.5f) ||
		    !add_row(table, page, line)) {
			break;
		}
	}
}

static bool
is_table(const struct pdf_table *table)
{
	if (table->count < 2 || table->rows < 2 ||
	    (table->rows < TABLE_ROWS_MIN &&
		table->count < TABLE_COLUMNS_MANY))
		return false;
	/* Formulas are aligned at their signs. */
	if (table->signs * 3 > table->cells)
		return false;
	/* Most rows are whole, or nearly so where there are many columns. */
	if (table->full_rows * 2 < table->rows &&
	    table->cells * 3 < table->rows * table->count * 2)
		return false;
	return table->count > 2 ||
	    table->cell_bytes < TABLE_PROSE_CHARS * table->cells;
}

static bool
has_digit(const struct pdf_page *page, const struct pdf_line *line)
{
	const char *text = buf_text(&page->text) + line->text;
	size_t i;

	for (i = 0; i < line->len; i++)
		if (text[i] >= '0' && text[i] <= '9')
			return true;
	return false;
}

/* The first row names the columns when it alone is bold, or has words where
 * the others have numbers. */
static bool
has_header(const struct pdf_table *table, const struct pdf_page *page,
    size_t at)
{
	const struct pdf_line *head = page->lines + at;
	size_t i, digits = 0, bold = 0, rows = 0;

	if (head->cells != table->count ||
	    (table->lines > 1 && head[1].cells == 1))
		return false;
	for (i = 1; i < table->lines; i++) {
		if (head[i].cells == 1)
			continue;
		rows++;
		digits += has_digit(page, head + i);
		bold += head[i].is_bold;
	}
	if (head->is_bold && bold * 2 < rows)
		return true;
	return table->count > 2 && !has_digit(page, head) &&
	    digits * 2 > rows;
}

/* What the row of lines says in a column. */
static void
put_cell(const struct pdf_table *table, const struct pdf_page *page,
    size_t from, size_t to, size_t column, struct buf *out)
{
	const struct pdf_line *line;
	const struct pdf_cell *cell;
	size_t i, first;

	for (; from < to; from++) {
		line = page->lines + from;
		for (i = 0; i < line->cells; i++) {
			cell = page->cells + line->cell + i;
			first = SIZE_MAX;
			if (touched(table, cell, 0, &first) == 0 ||
			    first != column)
				continue;
			if (out->len > 0)
				(void)buf_putc(out, ' '); /* errors stick */
			(void)buf_put(out, buf_text(&page->text) + cell->text,
			    cell->len);
		}
	}
}

static void
emit_rows(const struct pdf_table *table, const struct pdf_page *page,
    size_t at, struct emit *emit)
{
	struct markup_table out;
	bool is_header = has_header(table, page, at);
	size_t from = at, to, column, end = at + table->lines;

	markup_table_init(&out);
	markup_table_begin(&out);
	for (; from < end && emit->err == 0; from = to) {
		for (to = from + 1; to < end && page->lines[to].cells == 1;
		    to++)
			continue;
		(void)markup_row_begin(&out, emit);
		for (column = 0; column < table->count; column++) {
			put_cell(table, page, from, to, column, &out.cell);
			(void)markup_cell_end(&out, emit, is_header);
		}
		(void)markup_row_end(&out, emit); /* errors stick */
		is_header = false;
	}
	(void)markup_table_end(&out, emit);
	markup_table_fini(&out);
}

size_t
pdf_table_emit(struct pdf_reader *reader, const struct pdf_page *page,
    size_t line, size_t *looked)
{
	struct pdf_table table;

	if (page->lines[line].cells < 2 || page->lines[line].level > 0)
		return 0;
	find_rows(&table, page, line);
	if (!is_table(&table)) {
		if (table.lines > TABLE_RETRY_MAX)
			*looked = line + table.lines;
		return 0;
	}
	emit_rows(&table, page, line, reader->emit);
	return table.lines;
}
