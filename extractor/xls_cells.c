/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cells are sent as they come when that is their order, which is what nearly
 * every program writes.  Otherwise an index of 8 bytes for each is sorted, and
 * their records are read one by one.
 */
#include "base/err.h"
#include "base/mem.h"
#include "extractor/emit.h"
#include "extractor/xls.h"

/* Records that may stand between a formula and the text it gave. */
#define XLS_FORMULA_RECORDS_MAX 64u

static const struct {
	uint8_t value;
	const char *text;
} xls_errors[] = {{0x00, "#NULL!"}, {0x07, "#DIV/0!"}, {0x0F, "#VALUE!"},
    {0x17, "#REF!"}, {0x1D, "#NAME?"}, {0x24, "#NUM!"}, {0x2A, "#N/A"}};

struct xls_cells {
	struct xls *xls;
	const struct xls_scan *scan;
	unsigned row; /* that cells are put into + 1; 0: none yet */
};

/* The cell's text is in xls->text. */
static int
cell_end(struct xls_cells *cells, unsigned row, unsigned column,
    enum sheet_kind kind)
{
	struct buf *text = &cells->xls->text;
	const char *link;
	uint32_t at;

	/* Where it leads to, if it does not say so itself. */
	if (text->len > 0 && cells->scan->links.len > 0 &&
	    xls_find(&cells->scan->links, row, column, &at)) {
		link = cells->scan->words.data + at;
		if (*link != '\0' && strstr(text->data, link) == NULL)
			(void)buf_printf(text, " <%s>", link);
	}
	if (text->err < 0)
		return text->err;
	if (row + 1 != cells->row) {
		cells->row = row + 1;
		(void)sheet_rows_row(&cells->xls->rows, row + 1); /* sticks */
	}
	return sheet_rows_cell(&cells->xls->rows, column, kind,
	    buf_text(text), text->len);
}

static double
rk_value(uint32_t rk)
{
	uint64_t bits = (uint64_t)(rk & ~3u) << 32;
	double value;

	if (rk & 2)
		value = (double)((int32_t)(rk & ~3u) / 4);
	else
		memcpy(&value, &bits, sizeof(value));
	return rk & 1 ? value / 100 : value;
}

static int
number_cell(struct xls_cells *cells, unsigned row, unsigned column,
    unsigned xf, double value)
{
	bool is_date;

	buf_clear(&cells->xls->text);
	if (xls_put_number(cells->xls, xf, value, &cells->xls->text,
		&is_date) < 0)
		return cells->xls->text.err;
	return cell_end(cells, row, column,
	    is_date ? SHEET_DATE : SHEET_NUMBER);
}

static int
mulrk_cells(struct xls_cells *cells, unsigned row, unsigned column)
{
	const struct xls_records *records = &cells->xls->records;
	const unsigned char *at;
	unsigned i;
	int err = 0;

	/* The last two bytes repeat where the row ends. */
	for (i = 0; err == 0 && 4 + (i + 1) * 6 + 2 <= records->len; i++) {
		at = records->bytes + 4 + i * 6;
		err = number_cell(cells, row, column + i, le16(at),
		    rk_value(le32(at + 2)));
	}
	return err;
}

static void
put_bool_or_error(struct buf *text, unsigned value, bool is_error)
{
	size_t i;

	if (!is_error) {
		(void)buf_puts(text, value != 0 ? "TRUE" : "FALSE");
		return;
	}
	for (i = 0; i < sizeof(xls_errors) / sizeof(xls_errors[0]); i++)
		if (xls_errors[i].value == value)
			(void)buf_puts(text, xls_errors[i].text);
}

/* The text that a formula gave stands in a record behind it. */
static int
formula_text(struct xls *xls)
{
	unsigned i, type;
	int err = 1;

	for (i = 0; i < XLS_FORMULA_RECORDS_MAX && err > 0; i++) {
		type = xls_peek(&xls->records);
		if (type == 0 || type == XLS_EOF || type == XLS_BOF ||
		    xls_is_cell(type))
			return 0; /* it is missing */
		err = xls_next(&xls->records);
		if (err > 0 && type == XLS_STRING)
			return xls_string(xls, 0, 2, &xls->text);
	}
	return err < 0 ? err : 0;
}

static int
formula_cell(struct xls_cells *cells, unsigned row, unsigned column)
{
	struct xls *xls = cells->xls;
	const unsigned char *value = xls->records.bytes + 6;
	int err = 0;

	if (xls->records.len < 14)
		return ERR_SYNTAX;
	if (le16(value + 6) != 0xFFFF)
		return number_cell(cells, row, column,
		    le16(xls->records.bytes + 4), office_f64(value));
	buf_clear(&xls->text);
	switch (value[0]) {
	case 0:
		err = formula_text(xls);
		break;
	case 1:
	case 2:
		put_bool_or_error(&xls->text, value[2], value[0] == 2);
		return cell_end(cells, row, column, SHEET_OTHER);
	default:
		break; /* an empty text */
	}
	return err < 0 ? err : cell_end(cells, row, column, SHEET_TEXT);
}

static int
text_cell(struct xls_cells *cells, unsigned row, unsigned column)
{
	struct xls *xls = cells->xls;
	const char *string;
	size_t len = 0;
	int err = 0;

	buf_clear(&xls->text);
	if (xls->records.type == XLS_LABELSST) {
		if (xls->records.len < 10)
			return ERR_SYNTAX;
		string = xls_shared_string(xls,
		    le32(xls->records.bytes + 6), &len);
		if (string == NULL)
			return ERR_SYNTAX;
		(void)buf_put(&xls->text, string, len);
	} else {
		err = xls_string(xls, 6, 2, &xls->text);
	}
	return err < 0 ? err : cell_end(cells, row, column, SHEET_TEXT);
}

/* The cells of the current record. */
static int
cell_record(struct xls_cells *cells)
{
	struct xls *xls = cells->xls;
	const struct xls_records *records = &xls->records;
	const unsigned char *bytes = records->bytes;
	unsigned row, column;

	if (records->len < 8)
		return ERR_SYNTAX;
	row = le16(bytes);
	column = le16(bytes + 2);
	switch (records->type) {
	case XLS_MULRK:
		return mulrk_cells(cells, row, column);
	case XLS_RK:
		if (records->len < 10)
			return ERR_SYNTAX;
		return number_cell(cells, row, column, le16(bytes + 4),
		    rk_value(le32(bytes + 6)));
	case XLS_NUMBER:
		if (records->len < 14)
			return ERR_SYNTAX;
		return number_cell(cells, row, column, le16(bytes + 4),
		    office_f64(bytes + 6));
	case XLS_BOOLERR:
		buf_clear(&xls->text);
		put_bool_or_error(&xls->text, bytes[6], bytes[7] != 0);
		return cell_end(cells, row, column, SHEET_OTHER);
	case XLS_LABELSST:
	case XLS_LABEL:
	case XLS_RSTRING:
		return text_cell(cells, row, column);
	default:
		return formula_cell(cells, row, column);
	}
}

/* Call fn for each record of cells of the sheet. */
static int
each_cell(struct xls *xls, const struct xls_scan *scan,
    int (*fn)(void *arg), void *arg)
{
	struct xls_records *records = &xls->records;
	unsigned depth = 1;
	uint64_t left = scan->cells;
	int err = 0;

	xls_seek(records, scan->start);
	while (err == 0 && left > 0) {
		err = xls_next(records);
		if (err <= 0)
			return err;
		err = 0;
		if (records->type == XLS_BOF) {
			depth++;
		} else if (records->type == XLS_EOF) {
			if (--depth == 0)
				break;
		} else if (depth == 1 && xls_is_cell(records->type)) {
			left--;
			err = fn(arg);
		}
	}
	return err;
}

static int
send_cell(void *arg)
{
	return cell_record(arg);
}

struct xls_index {
	const struct xls_records *records;
	uint64_t *places;
	size_t count;
};

static int
index_cell(void *arg)
{
	struct xls_index *index = arg;
	const struct xls_records *records = index->records;

	if (records->len < 6)
		return ERR_SYNTAX;
	index->places[index->count++] =
	    xls_place(le16(records->bytes),
		le16(records->bytes + 2)) |
	    (uint32_t)records->at;
	return 0;
}

static int
sorted_cells(struct xls_cells *cells)
{
	struct xls *xls = cells->xls;
	struct xls_index index = {.records = &xls->records};
	size_t i;
	int err;

	if (cells->scan->cells > XLS_INDEX_MAX ||
	    cells->scan->end > UINT32_MAX)
		return ERR_TOO_BIG;
	index.places = mem_array((size_t)cells->scan->cells,
	    sizeof(uint64_t));
	if (index.places == NULL)
		return ERR_NOMEM;
	err = each_cell(xls, cells->scan, index_cell, &index);
	office_sort(index.places, index.count);
	for (i = 0; i < index.count && err == 0; i++) {
		/* Of two records of one cell the later one counts. */
		if (i + 1 < index.count &&
		    (index.places[i] ^ index.places[i + 1]) <= UINT32_MAX)
			continue;
		xls_seek(&xls->records, (uint32_t)index.places[i]);
		err = xls_next(&xls->records);
		err = err <= 0 ? ERR_SYNTAX : cell_record(cells);
	}
	mem_free(index.places);
	return err;
}

int
xls_cells(struct xls *xls, const struct xls_scan *scan)
{
	struct xls_cells cells = {.xls = xls, .scan = scan};
	int err, end_err;

	if (scan->cells == 0)
		return 0;
	sheet_rows_begin(&xls->rows);
	if (scan->is_ordered)
		err = each_cell(xls, scan, send_cell, &cells);
	else
		err = sorted_cells(&cells);
	end_err = sheet_rows_end(&xls->rows);
	return err < 0 ? err : end_err;
}
