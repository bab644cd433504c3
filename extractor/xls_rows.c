/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"
#include "extractor/emit.h"
#include "extractor/xls.h"

void
xls_rows_init(struct xls_rows *rows, struct emit *emit,
    const struct buf *merges)
{
	memset(rows, 0, sizeof(*rows));
	rows->emit = emit;
	rows->merges = merges;
	/* Offsets in it fit 16 bits. */
	buf_init(&rows->names, XLS_COLUMNS_MAX * (XLS_NAME_MAX + 1) + 1);
}

void
xls_rows_fini(struct xls_rows *rows)
{
	buf_fini(&rows->names);
}

static void
forget_names(struct xls_rows *rows)
{
	buf_clear(&rows->names);
	(void)buf_putc(&rows->names, '\0'); /* sticks in names */
	memset(rows->name_at, 0, sizeof(rows->name_at));
	rows->held = 0;
}

static const char *
name_of(const struct xls_rows *rows, unsigned column)
{
	if (column >= XLS_COLUMNS_MAX || rows->name_at[column] == 0)
		return "";
	return rows->names.data + rows->name_at[column];
}

static void
put_value(struct xls_rows *rows, const char *name, const char *text,
    size_t len)
{
	struct emit *emit = rows->emit;

	emit->has_space = false;
	if (emit_has_text(emit))
		(void)emit_put(emit, "; ", 2); /* errors stick */
	if (*name != '\0') {
		(void)emit_words(emit, name, strlen(name));
		(void)emit_put(emit, ": ", 2);
	}
	(void)emit_words(emit, text, len);
}

/* What was held are values after all: open their row with them. */
static void
send_held(struct xls_rows *rows)
{
	const char *names = buf_text(&rows->names);
	size_t at, len;

	(void)emit_open(rows->emit, BLOCK_TABLE_ROW, 0); /* errors stick */
	for (at = 1; at < rows->names.len; at += len + 1) {
		len = strlen(names + at);
		put_value(rows, "", names + at, len);
	}
	forget_names(rows);
}

/* Merged cells of the header name all columns below them. */
static void
spread_names(struct xls_rows *rows)
{
	unsigned column, last;
	uint32_t low;

	for (column = 0; column < XLS_COLUMNS_MAX; column++) {
		if (rows->name_at[column] == 0 ||
		    !xls_find(rows->merges, rows->row, column, &low))
			continue;
		last = low & 0xFFFF;
		while (++column <= last && column < XLS_COLUMNS_MAX &&
		    rows->name_at[column] == 0)
			rows->name_at[column] = rows->name_at[column - 1];
		column--;
	}
}

static void
end_row(struct xls_rows *rows)
{
	if (!rows->has_row)
		return;
	rows->has_row = false;
	if (rows->state != XLS_ROWS_HELD) {
		(void)emit_close(rows->emit); /* errors stick */
	} else if (rows->held > 1) {
		spread_names(rows);
		rows->state = XLS_ROWS_NAMED;
	} else {
		/* One cell alone is a title of what follows. */
		send_held(rows);
		(void)emit_close(rows->emit);
		rows->state = XLS_ROWS_OPEN;
	}
}

static void
end_table(struct xls_rows *rows)
{
	end_row(rows);
	if (rows->state == XLS_ROWS_NAMED) {
		send_held(rows);
		(void)emit_close(rows->emit);
	}
	forget_names(rows);
	rows->state = XLS_ROWS_OPEN;
}

static void
begin_row(struct xls_rows *rows, unsigned row)
{
	end_row(rows);
	if (row > rows->row + 1)
		end_table(rows);
	rows->row = row;
	rows->has_row = true;
	if (rows->state == XLS_ROWS_OPEN) {
		rows->state = XLS_ROWS_HELD;
		forget_names(rows);
	} else {
		rows->state = XLS_ROWS_BODY;
		(void)emit_open(rows->emit, BLOCK_TABLE_ROW, 0);
	}
}

static bool
is_empty(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] != ' ' && text[i] != '\n' && text[i] != '\t')
			return false;
	return true;
}

int
xls_rows_cell(struct xls_rows *rows, unsigned row, unsigned column,
    const char *text, size_t len, bool is_text)
{
	if (is_empty(text, len))
		return 0;
	if (!rows->has_row || row != rows->row)
		begin_row(rows, row);
	if (rows->state == XLS_ROWS_HELD) {
		if (is_text && len <= XLS_NAME_MAX &&
		    column < XLS_COLUMNS_MAX &&
		    rows->names.len + len < rows->names.max) {
			rows->name_at[column] = (uint16_t)rows->names.len;
			(void)buf_put(&rows->names, text, len);
			(void)buf_putc(&rows->names, '\0');
			rows->held++;
			return rows->names.err;
		}
		send_held(rows);
		rows->state = XLS_ROWS_BODY;
	}
	put_value(rows, name_of(rows, column), text, len);
	return rows->emit->err;
}

int
xls_rows_end(struct xls_rows *rows)
{
	end_table(rows);
	rows->row = 0;
	return rows->emit->err < 0 ? rows->emit->err : rows->names.err;
}
