/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies upon a sheet or around it: notes and text boxes, titles of charts,
 * headers and footers.
 */
#include "base/err.h"
#include "extractor/codepage.h"
#include "extractor/emit.h"
#include "extractor/xls.h"

#define XLS_OBJECT_NOTE 0x0019u

struct xls_objects {
	struct xls *xls;
	const struct xls_scan *scan;
	unsigned object, object_type; /* that the next text belongs to */
	struct buf around;	      /* header and footer */
};

/* "B3: " */
static void
put_reference(struct buf *out, unsigned row, unsigned column)
{
	char letters[4];
	size_t i = sizeof(letters);

	for (column++; column > 0 && i > 0; column = (column - 1) / 26)
		letters[--i] = (char)('A' + (column - 1) % 26);
	(void)buf_put(out, letters + i, sizeof(letters) - i);
	(void)buf_printf(out, "%u: ", row + 1);
}

static int
send_text(struct xls *xls)
{
	if (xls->text.err < 0)
		return xls->text.err;
	return emit_block(xls->emit, BLOCK_PARAGRAPH, 0, buf_text(&xls->text),
	    xls->text.len);
}

static int
text_object(struct xls_objects *objects)
{
	struct xls *xls = objects->xls;
	struct xls_flow flow;
	uint32_t count, low;
	size_t len;
	int err;

	/* Before Excel 97 the record means something else. */
	if (xls->records.len < 14 || !xls->is_8)
		return 0;
	count = le16(xls->records.bytes + 10);
	buf_clear(&xls->text);
	if (objects->object_type == XLS_OBJECT_NOTE &&
	    xls_find(&objects->scan->notes, objects->object, 0, &low))
		put_reference(&xls->text, low >> 16, low & 0xFFFF);
	objects->object_type = 0;
	len = xls->text.len;
	xls_flow_begin(&flow, &xls->records, xls->records.len);
	err = xls_flow_text(&flow, count, false, &xls->text);
	if (err < 0)
		return err;
	return xls->text.len == len ? 0 : send_text(xls);
}

/* Before Excel 97 a note has its text, up to 2048 bytes of it in a record;
 * what follows says so with an impossible row. */
static int
old_note(struct xls *xls)
{
	const struct xls_records *records = &xls->records;
	unsigned row, len;

	if (records->len < 6)
		return 0;
	row = le16(records->bytes);
	len = records->len - 6;
	buf_clear(&xls->text);
	if (row != 0xFFFF) {
		put_reference(&xls->text, row,
		    le16(records->bytes + 2));
		(void)emit_open(xls->emit, BLOCK_PARAGRAPH, 0);
	}
	if (codepage_put(xls->codepage, records->bytes + 6, len, false,
		&xls->text) < 0)
		return xls->text.err;
	return emit_put(xls->emit, buf_text(&xls->text), xls->text.len);
}

/* The letter behind an ampersand: how many bytes it and what belongs to it
 * take, and whether it stands for a number of a page, a date or a name. */
static size_t
header_code(const char *at, bool *ret_is_field)
{
	const char *end;
	size_t n;

	*ret_is_field = strchr("PNDTAFZGpndtafzg", *at) != NULL;
	if (*at == '"') {
		end = strchr(at + 1, '"');
		return end == NULL ? strlen(at) : (size_t)(end - at) + 1;
	}
	if (*at == 'K' && strlen(at) >= 7)
		return 7; /* a colour */
	n = strspn(at, "0123456789");
	return n > 0 ? n : 1;
}

/* Does it say anything?  "Page", which is left of "Page &P", does not. */
static bool
is_worth(const char *text, size_t len, bool has_field)
{
	size_t i, words = 0;
	bool is_in_word = false;

	for (i = 0; i < len; i++) {
		if ((unsigned char)text[i] <= '/') {
			is_in_word = false;
		} else {
			words += !is_in_word;
			is_in_word = true;
		}
	}
	return words > (has_field ? 1u : 0u);
}

/* Left, middle and right part without their codes, as a line each. */
static void
add_header(struct buf *out, const char *text)
{
	size_t start = out->len, n;
	bool has_field = false, is_field;

	for (;;) {
		n = strcspn(text, "&");
		(void)buf_put(out, text, n);
		text += n;
		if (*text == '\0' || strchr("LCRlcr", text[1]) != NULL) {
			if (!is_worth(buf_text(out) + start,
				out->len - start, has_field) &&
			    out->len > start) {
				out->len = start;
				out->data[start] = '\0';
			}
			if (out->len > start)
				(void)buf_putc(out, '\n');
			start = out->len;
			has_field = false;
			if (*text == '\0' || text[1] == '\0')
				return;
			text += 2;
		} else if (text[1] == '&') {
			(void)buf_putc(out, '&');
			text += 2;
		} else {
			text += 1 + header_code(text + 1, &is_field);
			has_field = has_field || is_field;
		}
	}
}

static int
header_record(struct xls_objects *objects)
{
	struct xls *xls = objects->xls;
	int err;

	if (xls->records.len < 2)
		return 0;
	buf_clear(&xls->text);
	err = xls_string(xls, 0, xls->is_8 ? 2 : 1, &xls->text);
	if (err < 0)
		return err == ERR_SYNTAX ? 0 : err; /* a mere ornament */
	add_header(&objects->around, buf_text(&xls->text));
	return objects->around.err;
}

/* Once for all sheets that have the same. */
static int
send_around(struct xls_objects *objects)
{
	struct xls *xls = objects->xls;
	const struct buf *around = &objects->around;

	if (around->len == 0 ||
	    strcmp(around->data, buf_text(&xls->footer)) == 0)
		return xls->emit->err;
	buf_clear(&xls->footer);
	if (buf_put(&xls->footer, around->data, around->len) < 0)
		return xls->footer.err;
	return emit_block(xls->emit, BLOCK_PARAGRAPH, 0, around->data,
	    around->len);
}

static int
object_record(struct xls_objects *objects)
{
	struct xls *xls = objects->xls;
	const struct xls_records *records = &xls->records;
	int err;

	switch (records->type) {
	case XLS_OBJ:
		objects->object_type = 0;
		if (xls->is_8 && records->len >= 8) {
			objects->object_type = le16(records->bytes + 4);
			objects->object = le16(records->bytes + 6);
		}
		return 0;
	case XLS_TXO:
		return text_object(objects);
	case XLS_NOTE:
		return xls->is_8 ? 0 : old_note(xls);
	case XLS_SERIESTEXT:
		if (records->len < 3)
			return 0;
		buf_clear(&xls->text);
		err = xls_string(xls, 2, 1, &xls->text);
		return err < 0 ? err : send_text(xls);
	case XLS_HEADER:
	case XLS_FOOTER:
		return header_record(objects);
	default:
		return 0;
	}
}

int
xls_objects(struct xls *xls, const struct xls_scan *scan)
{
	struct xls_objects objects = {.xls = xls, .scan = scan};
	int err = 0;

	if (!scan->has_objects && (!scan->has_around || scan->cells == 0))
		return 0;
	buf_init(&objects.around, XLS_TEXT_MAX);
	xls_seek(&xls->records, scan->start);
	/* A text may go on in records that are read on the way. */
	while (err == 0 && xls->records.next < scan->end) {
		err = xls_next(&xls->records);
		if (err <= 0)
			break;
		err = object_record(&objects);
	}
	if (err == 0)
		err = emit_close(xls->emit);
	if (err == 0)
		err = send_around(&objects);
	buf_fini(&objects.around);
	return err;
}
