/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies upon a sheet or around it: notes and text boxes, titles of charts,
 * headers and footers.
 */
#include <stdio.h>

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

/* "Comment by NAME (B3): ", as the beginning of a block. */
static void
open_comment(struct xls *xls, const char *author, unsigned row,
    unsigned column)
{
	char place[32];
	size_t i = 4;

	memset(place, ' ', i);
	for (column++; column > 0 && i > 0; column = (column - 1) / 26)
		place[--i] = (char)('A' + (column - 1) % 26);
	(void)snprintf(place + 4, sizeof(place) - 4, "%u", row + 1);
	(void)drawing_out_open(&xls->out, BLOCK_PARAGRAPH, 0);
	(void)emit_put(xls->emit, "Comment", 7); /* errors stick */
	if (*author != '\0') {
		(void)emit_put(xls->emit, " by ", 4);
		(void)emit_words(xls->emit, author, strlen(author));
	}
	(void)emit_put(xls->emit, " (", 2);
	(void)emit_put(xls->emit, place + i, strlen(place + i));
	(void)emit_put(xls->emit, "): ", 3);
}

static int
send_text(struct xls *xls)
{
	if (xls->text.err < 0)
		return xls->text.err;
	if (strspn(buf_text(&xls->text), " \n\t") == xls->text.len)
		return 0;
	(void)drawing_out_ready(&xls->out); /* errors stick */
	return emit_block(xls->emit, BLOCK_PARAGRAPH, 0, xls->text.data,
	    xls->text.len);
}

static int
send_note(struct xls_objects *objects, uint32_t place)
{
	const struct xls_scan *scan = objects->scan;
	struct xls *xls = objects->xls;
	const char *text = buf_text(&xls->text);
	const char *author;
	struct xls_note_cell cell;
	size_t len;

	memcpy(&cell, scan->note_cells.data + place * sizeof(cell),
	    sizeof(cell));
	author = scan->words.data + cell.author;
	len = strlen(author);
	/* Excel begins with the name that stands in front already. */
	if (len > 0 && strncmp(text, author, len) == 0 && text[len] == ':')
		text += len + 1;
	if (strspn(text, " \n\t") == strlen(text))
		return 0;
	open_comment(xls, author, cell.row, cell.column);
	(void)emit_words(xls->emit, text, strlen(text)); /* errors stick */
	return emit_close(xls->emit);
}

static int
text_object(struct xls_objects *objects)
{
	struct xls *xls = objects->xls;
	struct xls_flow flow;
	uint32_t place;
	bool is_note = objects->object_type == XLS_OBJECT_NOTE;
	int err;

	/* Before Excel 97 the record means something else. */
	if (xls->records.len < 14 || !xls->is_8)
		return 0;
	objects->object_type = 0;
	if (xls_peek(&xls->records) != XLS_CONTINUE)
		return 0; /* promised, but not there */
	buf_clear(&xls->text);
	xls_flow_begin(&flow, &xls->records, xls->records.len);
	err = xls_flow_text(&flow, le16(xls->records.bytes + 10), false,
	    &xls->text);
	if (err < 0)
		return err;
	if (is_note &&
	    xls_find(&objects->scan->notes, objects->object, 0, &place))
		return send_note(objects, place);
	return send_text(xls);
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
	if (row != 0xFFFF)
		open_comment(xls, "", row, le16(records->bytes + 2));
	buf_clear(&xls->text);
	if (codepage_put(xls->codepage, records->bytes + 6, len, false,
		&xls->text) < 0)
		return xls->text.err;
	return emit_words(xls->emit, buf_text(&xls->text), xls->text.len);
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
	if (*at == 'K') { /* a colour */
		n = strspn(at + 1, "0123456789ABCDEFabcdef+-");
		return 1 + (n < 6 ? n : 6);
	}
	if ((unsigned char)*at >= 0x80)
		return 0;
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

/* Once for sheets one after the other that have the same. */
static int
send_around(struct xls_objects *objects)
{
	struct xls *xls = objects->xls;
	const struct buf *around = &objects->around;
	const char *at = buf_text(around);
	size_t len;

	if (around->len == 0 || strcmp(at, buf_text(&xls->around)) == 0)
		return xls->emit->err;
	buf_clear(&xls->around);
	if (buf_put(&xls->around, at, around->len) < 0)
		return xls->around.err;
	for (; *at != '\0'; at += len + (at[len] == '\n')) {
		len = strcspn(at, "\n");
		(void)drawing_out_ready(&xls->out); /* errors stick */
		(void)emit_block(xls->emit, BLOCK_PARAGRAPH, 0, at, len);
	}
	return xls->emit->err;
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
