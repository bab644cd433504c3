/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workbooks of Excel 5 to 2003: a stream of records in a compound file.  Each
 * sheet is gone through twice or three times (scan, cells, what lies upon
 * them), because notes and merged cells stand behind the cells they belong to;
 * nothing of a sheet is kept but places.
 */
#include <stdio.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/ole.h"
#include "extractor/xls.h"

/* A sheet that says nothing has no heading either: a workbook has three from
 * the start, and most stay empty. */
static void
set_heading(struct xls *xls, const struct xls_sheet *sheet)
{
	const char *name = buf_text(&xls->names) + sheet->name;
	char *heading = xls->out.heading;
	size_t len;

	len = utf8_floor(name, sheet->name_len, sizeof(xls->out.heading) - 1);
	memcpy(heading, name, len);
	heading[len] = '\0';
	xls->out.level = 1;
}

static int
read_sheet(struct xls *xls, const struct xls_sheet *sheet, uint64_t after,
    struct xls_scan *scan)
{
	int err;

	err = xls_scan(xls, sheet, after, scan);
	if (err < 0)
		return err;
	set_heading(xls, sheet);
	err = xls_cells(xls, scan);
	if (err == 0)
		err = xls_objects(xls, scan);
	return err;
}

static int
read_sheets(struct xls *xls)
{
	const struct xls_sheet *sheets =
	    (const struct xls_sheet *)(const void *)xls->sheets.data;
	size_t count = xls->sheets.len / sizeof(*sheets), i;
	uint64_t after = xls->records.next, read = 0;
	struct xls_scan scan;
	int err = 0;

	xls->emit->pages = (uint32_t)count;
	for (i = 0; i < count && err == 0; i++) {
		if (sheets[i].type == XLS_SHEET_MODULE)
			continue; /* a program */
		xls->emit->page = (uint32_t)(i + 1);
		err = read_sheet(xls, &sheets[i], after, &scan);
		after = scan.end;
		/* Each has a part of its own: otherwise a small file could
		 * be a thousand big ones. */
		read += scan.end - scan.start;
		if (err == 0 && read > xls->records.window.size)
			err = err_set(xls->note, ERR_SYNTAX,
			    "sheets lie upon each other");
		xls_scan_fini(&scan);
		if (err == ERR_SYNTAX) {
			(void)xls_damaged(xls);
			err_wrap(xls->note, "sheet %zu", i + 1);
		}
	}
	return err;
}

struct xls_members {
	struct ole *ole;
	struct emit *emit;
	struct err_note *note;
};

/* Embedded documents have storages of their own, MBD and a number. */
static int
read_member(void *arg, const char *name, bool is_folder, uint64_t size)
{
	const struct xls_members *members = arg;
	int err;

	(void)size;
	if (!is_folder || strncmp(name, "MBD", 3) != 0)
		return 0;
	err = ole_embedded(members->ole, name, members->emit, members->note);
	/* One that cannot be read does not make the workbook damaged. */
	return err == ERR_NOT_FOUND || err == ERR_SYNTAX ? 0 : err;
}

int
read_xls(struct input *input, struct emit *emit, struct err_note *note)
{
	struct xls xls = {.emit = emit, .note = note};
	struct xls_members members = {.emit = emit, .note = note};
	struct ole_stream *stream = NULL;
	struct ole *ole = NULL;
	const char *path = "Workbook";
	int err;

	err = ole_open(input, &ole, note);
	if (err < 0)
		return err;
	xls.out.emit = emit;
	sheet_rows_init(&xls.rows, &xls.out);
	/* A file for two versions has both; the newer one knows Unicode. */
	if (!ole_has(ole, path))
		path = "Book";
	err = ole_stream_open(ole, path, &stream);
	if (err == ERR_NOT_FOUND)
		err = err_set(note, ERR_SYNTAX, "there is no workbook in it");
	if (err < 0)
		goto out;
	xls.is_cut = office_is_cut(ole, path, stream);
	err = office_window_init(&xls.records.window, stream);
	if (err < 0)
		goto out;
	err = xls_globals(&xls);
	if (err == 0)
		err = ole_properties(ole, emit, note);
	if (err == 0)
		err = read_sheets(&xls);
	emit->page = 0;
	members.ole = ole;
	if (err == 0)
		err = ole_each(ole, "", read_member, &members);
out:
	sheet_rows_fini(&xls.rows);
	xls_globals_fini(&xls);
	office_window_fini(&xls.records.window);
	ole_stream_close(stream);
	ole_close(ole);
	return err;
}
