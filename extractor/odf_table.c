/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of texts, and sheets.
 *
 * Rows and cells say how often they repeat, up to millions of times where
 * nothing is in them: empty ones only move the place of the next, others are
 * repeated up to a limit each and for all together.
 *
 * A table of a text names its header rows; in a sheet the first row counts as
 * one that has more than one cell and nothing but words in them.  Sheets often
 * have a title above and free rows below it, so such rows begin the table
 * anew.
 */
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/emit.h"
#include "extractor/odf.h"

#define REPEAT_MAX 100
#define COLUMN_MAX 16777216u
#define VALUE_MAX 4096u

enum odf_end
odf_table_start(struct odf *odf, const struct xml_attributes *attributes)
{
	char name[ODF_NAME_MAX];
	bool is_sheet;

	if (odf->is_header)
		return ODF_END_NOTHING;
	if (odf_is_in_cell(odf) && odf->level_count == 1)
		odf_row_leave(odf);
	if (odf->level_count > 0)
		return ODF_END_NOTHING;
	odf_settle(odf);
	is_sheet = odf->is_sheets && odf->tables == 0 && odf->asides == 0;
	if (is_sheet && odf->object_depth == 0) {
		(void)xml_attribute_copy(attributes, XML_NS_TABLE, "name",
		    name, sizeof(name));
		/* What was last seen of other files' sheets is not of this. */
		if (name[0] == '\'' && strstr(name, "'#$") != NULL) {
			odf_skip(odf);
			return ODF_END_NOTHING;
		}
		odf->emit->page = ++odf->sheets;
		(void)emit_open(odf->emit, BLOCK_HEADING, 1);
		(void)emit_words(odf->emit, name, strlen(name));
		(void)emit_close(odf->emit); /* the error sticks */
	} else if (!is_sheet) {
		(void)xml_attribute_copy(attributes, XML_NS_TABLE,
		    "style-name", name, sizeof(name));
		odf_break_before(odf, odf_style_flags(&odf->styles,
		    ODF_FAMILY_TABLE, name));
	}
	odf->tables++;
	markup_table_begin(&odf->table);
	return ODF_END_TABLE;
}

void
odf_table_end(struct odf *odf)
{
	(void)markup_table_end(&odf->table, odf->emit); /* errors stick */
	odf->tables--;
	odf_turn_pages(odf);
}

/* ---- rows --------------------------------------------------------------- */

static long
repeat_count(const struct xml_attributes *attributes, const char *name)
{
	long count = xml_attribute_number(attributes, XML_NS_TABLE, name, 1);

	return count < 1 ? 1 : count;
}

enum odf_end
odf_row_start(struct odf *odf, const struct xml_attributes *attributes)
{
	struct odf_level *level;

	if (odf->is_header || odf_is_in_cell(odf) ||
	    (odf->level_count == 0 && odf->tables == 0))
		return ODF_END_NOTHING;
	if (odf->level_count > 0) {
		level = odf_push(odf, ODF_LEVEL_INNER_ROW);
		if (level == NULL)
			return ODF_END_NOTHING;
		level->block = BLOCK_TABLE_ROW;
		return ODF_END_INNER_ROW;
	}
	odf_settle(odf);
	(void)odf_push(odf, ODF_LEVEL_ROW); /* the first fits */
	odf->is_row_open = true;
	odf->row_filled = 0;
	odf->row_repeat = repeat_count(attributes, "number-rows-repeated");
	(void)markup_row_begin(&odf->table, odf->emit);
	return ODF_END_ROW;
}

/* What is repeated of len bytes: count at most, and no more than is left. */
static long
repeats_allowed(struct odf *odf, long count, size_t len)
{
	if (count > REPEAT_MAX)
		count = REPEAT_MAX;
	if (len > 0 && (size_t)count > odf->repeat_bytes / len)
		count = (long)(odf->repeat_bytes / len);
	odf->repeat_bytes -= (size_t)count * len;
	return count;
}

static void
row_send(struct odf *odf)
{
	struct emit *emit = odf->emit;
	struct buf copy;
	long count = 0;

	buf_init(&copy, BLOCK_BYTES_MAX);
	if (odf->row_repeat > 1 && !odf->table.is_header_row &&
	    !emit->is_continued && emit->text.len > 0 &&
	    emit->text.len <= BLOCK_BYTES_MAX) {
		count = repeats_allowed(odf, odf->row_repeat - 1,
		    emit->text.len);
		if (count > 0 &&
		    buf_put(&copy, emit->text.data, emit->text.len) < 0 &&
		    emit->err == 0)
			emit->err = copy.err;
	}
	(void)markup_row_end(&odf->table, emit); /* errors stick */
	for (; count > 0 && emit->err == 0; count--)
		(void)emit_block(emit, BLOCK_TABLE_ROW, 0, buf_text(&copy),
		    copy.len);
	buf_fini(&copy);
}

void
odf_row_end(struct odf *odf)
{
	unsigned names_min = odf->is_sheets ? 2 : 1;

	if (!odf->is_row_open)
		return; /* it was left */
	odf->is_row_open = false;
	if (odf->row_filled < names_min)
		odf->table.is_header_row = false;
	row_send(odf);
	if (odf->is_sheets && odf->row_filled < names_min &&
	    !odf->table.has_header)
		markup_table_begin(&odf->table);
	odf_pop(odf);
}

void
odf_row_leave(struct odf *odf)
{
	(void)markup_cell_end(&odf->table, odf->emit, false); /* sticks */
	odf->table.is_header_row = false;
	(void)markup_row_end(&odf->table, odf->emit);
	odf->is_row_open = false;
	odf_pop(odf);
}

/* ---- cells -------------------------------------------------------------- */

/* What the cell holds, for those that do not say how it looks. */
static void
keep_value(struct odf *odf, const struct xml_attributes *attributes)
{
	static const char *const names[] = {"string-value", "date-value",
	    "time-value", "boolean-value", "value"};
	char type[16];
	const char *value;
	size_t i, len;

	buf_clear(&odf->value);
	(void)xml_attribute_copy(attributes, XML_NS_OTHER, "value-type", type,
	    sizeof(type));
	odf->is_cell_text = type[0] == '\0' || strcmp(type, "string") == 0;
	if (type[0] == '\0')
		return;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = xml_attribute(attributes, XML_NS_OTHER, names[i],
		    &len);
		if (value == NULL)
			continue;
		len = utf8_floor(value, len, VALUE_MAX);
		(void)buf_put(&odf->value, value, len);
		return;
	}
}

enum odf_end
odf_cell_start(struct odf *odf, bool is_covered,
    const struct xml_attributes *attributes)
{
	struct odf_level *top = odf_top(odf);

	if (!odf_is_in_cell(odf))
		return ODF_END_NOTHING;
	if (top->kind == ODF_LEVEL_INNER_ROW) {
		top->is_cell_due = true;
		return ODF_END_NOTHING;
	}
	odf->is_covered = is_covered;
	odf->is_cell_heading = false;
	odf->cell_repeat = repeat_count(attributes, "number-columns-repeated");
	keep_value(odf, attributes);
	return ODF_END_CELL;
}

static bool
is_blank(const struct buf *text)
{
	return strspn(buf_text(text), " \n\t") == text->len;
}

/* Columns with nothing in them; those of a header have no name. */
static void
columns_skip(struct odf *odf, long count, bool is_header)
{
	struct markup_table *table = &odf->table;

	while (count > 0 && table->is_header_row && is_header &&
	    table->columns < MARKUP_COLUMNS_MAX) {
		(void)markup_cell_end(table, odf->emit, true);
		count--;
	}
	if (count == 0)
		return;
	if (!is_header)
		table->is_header_row = false;
	table->column += (size_t)count < COLUMN_MAX ? (size_t)count
						    : COLUMN_MAX;
	if (table->column > COLUMN_MAX)
		table->column = COLUMN_MAX;
}

static void
columns_fill(struct odf *odf, long count, bool is_header)
{
	struct markup_table *table = &odf->table;
	struct buf copy;
	long more;

	buf_init(&copy, BLOCK_BYTES_MAX);
	more = count == 1 ? 0
			  : repeats_allowed(odf, count - 1, table->cell.len);
	if (more > 0)
		(void)buf_put(&copy, table->cell.data, table->cell.len);
	(void)markup_cell_end(table, odf->emit, is_header); /* sticks */
	odf->row_filled++;
	for (count--; more > 0 && odf->emit->err == 0; more--, count--) {
		(void)buf_put(&table->cell, buf_text(&copy), copy.len);
		(void)markup_cell_end(table, odf->emit, is_header);
	}
	if (copy.err < 0 && odf->emit->err == 0)
		odf->emit->err = copy.err;
	buf_fini(&copy);
	columns_skip(odf, count, false);
}

void
odf_cell_end(struct odf *odf)
{
	struct buf *cell = &odf->table.cell;
	bool is_empty, is_header;

	if (!odf->is_row_open || odf->level_count != 1)
		return; /* the row was left */
	if (is_blank(cell) && !odf->is_covered) {
		buf_clear(cell);
		(void)buf_put(cell, buf_text(&odf->value), odf->value.len);
	}
	if (odf->is_covered)
		buf_clear(cell); /* what nobody sees */
	is_empty = is_blank(cell);
	is_header = odf->is_header_rows || is_empty ||
	    (odf->is_sheets ? odf->is_cell_text : odf->is_cell_heading);
	if (is_empty)
		columns_skip(odf, odf->cell_repeat, is_header);
	else
		columns_fill(odf, odf->cell_repeat, is_header);
	buf_clear(&odf->value);
}
