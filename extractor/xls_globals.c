/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"
#include "base/mem.h"
#include "extractor/cell_format.h"
#include "extractor/codepage.h"
#include "extractor/xls.h"

#define XLS_FORMAT_IDS 65536u

int
xls_damaged(struct xls *xls)
{
	struct err_note *note = xls->note;

	if (note == NULL || note->text[0] != '\0')
		return ERR_SYNTAX;
	return err_set(note, ERR_SYNTAX,
	    "the record at byte %llu of the workbook is damaged",
	    (unsigned long long)xls->records.at);
}

static int
add_sheet(struct xls *xls)
{
	const struct xls_records *records = &xls->records;
	struct xls_sheet sheet = {.name = (uint32_t)xls->names.len};
	int err;

	if (records->len < 7)
		return 0;
	sheet.offset = le32(records->bytes);
	sheet.type = records->bytes[5];
	err = xls_string(xls, 6, 1, &xls->names);
	if (err < 0 && err != ERR_SYNTAX)
		return err; /* what there is of a name will do */
	sheet.name_len = (uint32_t)xls->names.len - sheet.name;
	return buf_put(&xls->sheets, &sheet, sizeof(sheet));
}

/* The count of strings that the record promises is not believed. */
static int
add_strings(struct xls *xls)
{
	struct xls_flow flow;
	uint32_t end;
	int err = 0;

	xls_flow_begin(&flow, &xls->records, 8);
	while (err == 0) {
		if (flow.pos >= xls->records.len &&
		    xls_peek(&xls->records) != XLS_CONTINUE)
			return 0;
		err = xls_flow_string(&flow, 2, &xls->strings);
		end = (uint32_t)xls->strings.len;
		if (err == 0)
			err = buf_put(&xls->string_ends, &end, sizeof(end));
	}
	return err;
}

const char *
xls_shared_string(const struct xls *xls, uint32_t i, size_t *ret_len)
{
	uint32_t start = 0, end;

	if (i >= xls->string_ends.len / sizeof(end))
		return NULL;
	if (i > 0)
		memcpy(&start,
		    xls->string_ends.data + (i - 1) * sizeof(start),
		    sizeof(start));
	memcpy(&end, xls->string_ends.data + i * sizeof(end), sizeof(end));
	*ret_len = end - start;
	return buf_text(&xls->strings) + start;
}

/* A place for the format of that number: NULL when there are too many. */
static struct cell_format *
new_format(struct xls *xls, unsigned id)
{
	size_t count = xls->formats.len / sizeof(struct cell_format);
	struct cell_format *format;

	if (buf_reserve(&xls->formats, sizeof(*format)) < 0) {
		if (xls->formats.err == ERR_TOO_BIG)
			xls->formats.err = 0;
		return NULL;
	}
	xls->formats.len += sizeof(*format);
	xls->format_of[id] = (uint16_t)(count + 1);
	format = (struct cell_format *)(void *)xls->formats.data + count;
	memset(format, 0, sizeof(*format));
	return format;
}

static int
add_format(struct xls *xls)
{
	struct cell_format *format;
	unsigned id;
	int err;

	if (xls->records.len < 3)
		return 0;
	id = le16(xls->records.bytes);
	buf_clear(&xls->text);
	err = xls_string(xls, 2, xls->is_8 ? 2 : 1, &xls->text);
	if (err < 0)
		return err == ERR_SYNTAX ? 0 : err; /* a plain number then */
	format = new_format(xls, id);
	if (format != NULL)
		cell_format_parse(format, buf_text(&xls->text),
		    xls->text.len);
	return xls->formats.err;
}

static int
add_xf(struct xls *xls)
{
	uint16_t id;

	if (xls->records.len < 4)
		return 0;
	id = (uint16_t)le16(xls->records.bytes + 2);
	return buf_put(&xls->xfs, &id, sizeof(id));
}

int
xls_put_number(struct xls *xls, unsigned xf, double value, struct buf *out,
    bool *ret_is_date)
{
	const struct cell_format *format = NULL;
	struct cell_format *made;
	char text[CELL_TEXT_MAX];
	uint16_t id = 0;

	if (xf < xls->xfs.len / sizeof(id))
		memcpy(&id, xls->xfs.data + xf * sizeof(id), sizeof(id));
	if (xls->format_of[id] == 0) {
		made = new_format(xls, id);
		if (made != NULL)
			cell_format_builtin(made, id);
	}
	*ret_is_date = false;
	if (xls->format_of[id] == 0)
		return buf_put(out, text, cell_general(value, text));
	format = (const struct cell_format *)(const void *)xls->formats.data +
	    (xls->format_of[id] - 1);
	*ret_is_date = cell_format_is_date(format, value);
	return buf_put(out, text,
	    cell_format_number(format, value, xls->is_1904, text));
}

/* One record of the part before the sheets: 0 or negative. */
static int
add_record(struct xls *xls)
{
	const struct xls_records *records = &xls->records;
	const unsigned char *bytes = records->bytes;

	switch (records->type) {
	case XLS_FILEPASS:
		return err_set(xls->note, ERR_FORBIDDEN,
		    "the document needs a password to be read");
	case XLS_CODEPAGE:
		if (records->len >= 2)
			xls->codepage = le16(bytes);
		return 0;
	case XLS_DATEMODE:
		if (records->len >= 2)
			xls->is_1904 = le16(bytes) == 1;
		return 0;
	case XLS_BOUNDSHEET:
		return add_sheet(xls);
	case XLS_FORMAT:
		return add_format(xls);
	case XLS_XF:
		return add_xf(xls);
	case XLS_SST:
		if (add_strings(xls) == ERR_SYNTAX)
			return err_set(xls->note, ERR_SYNTAX,
			    "string %zu of the workbook is damaged",
			    xls->string_ends.len / sizeof(uint32_t) + 1);
		return xls->strings.err < 0 ? xls->strings.err
					    : xls->string_ends.err;
	default:
		return 0;
	}
}

/* Which version writes this, and is it a workbook or, from before there were
 * any, a single sheet? */
static int
read_first(struct xls *xls, bool *ret_is_sheet)
{
	const struct xls_records *records = &xls->records;
	unsigned version;
	int err;

	xls_seek(&xls->records, 0);
	err = xls_next(&xls->records);
	if (err < 0 && err != ERR_SYNTAX)
		return err;
	if (err <= 0 || (records->type & 0xF0FF) != (XLS_BOF & 0xF0FF))
		return err_set(xls->note, ERR_SYNTAX,
		    "the workbook does not begin with a BOF record");
	if (records->type != XLS_BOF || records->len < 4)
		return err_set(xls->note, ERR_UNSUPPORTED,
		    "workbooks from before Excel 5 are not supported");
	version = le16(records->bytes);
	/* Some programs leave the version out. */
	xls->is_8 = version >= 0x0600 || (version == 0 && records->len >= 16);
	*ret_is_sheet = le16(records->bytes + 2) == 0x0010;
	return 0;
}

int
xls_globals(struct xls *xls)
{
	struct xls_sheet only = {.offset = 0};
	bool is_sheet = false;
	int err;

	buf_init(&xls->sheets, XLS_SHEETS_MAX * sizeof(struct xls_sheet));
	buf_init(&xls->names, XLS_SHEETS_MAX * 256);
	buf_init(&xls->strings, XLS_STRINGS_BYTES_MAX);
	buf_init(&xls->string_ends, XLS_STRINGS_MAX * sizeof(uint32_t));
	buf_init(&xls->xfs, XLS_XFS_MAX * sizeof(uint16_t));
	buf_init(&xls->formats, XLS_FORMATS_MAX * sizeof(struct cell_format));
	buf_init(&xls->text, XLS_TEXT_MAX);
	buf_init(&xls->around, XLS_TEXT_MAX);
	xls->codepage = CODEPAGE_LATIN;
	xls->format_of = mem_zalloc(XLS_FORMAT_IDS * sizeof(uint16_t));
	if (xls->format_of == NULL)
		return ERR_NOMEM;
	err = read_first(xls, &is_sheet);
	if (err < 0)
		return err;
	/* A single sheet has among its own what is here of a workbook. */
	if (is_sheet)
		err = buf_put(&xls->sheets, &only, sizeof(only));
	while (err == 0) {
		err = xls_next(&xls->records);
		if (err == ERR_SYNTAX || err == 0)
			return err_set(xls->note, ERR_SYNTAX,
			    "the workbook ends before its first sheet");
		if (err < 0 || xls->records.type == XLS_EOF)
			return err < 0 ? err : 0;
		err = add_record(xls);
		if (err < 0)
			return err == ERR_SYNTAX ? xls_damaged(xls) : err;
	}
	return err;
}

void
xls_globals_fini(struct xls *xls)
{
	buf_fini(&xls->sheets);
	buf_fini(&xls->names);
	buf_fini(&xls->strings);
	buf_fini(&xls->string_ends);
	buf_fini(&xls->xfs);
	buf_fini(&xls->formats);
	buf_fini(&xls->text);
	buf_fini(&xls->around);
	mem_free(xls->format_of);
}
