/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/bytes.h"
#include "extractor/emit.h"
#include "extractor/json_record.h"

#define JSON_FIELDS_SEND 4096u	   /* at the end of a line */
#define JSON_GATHER_MAX (64 * KIB) /* anywhere */

void
json_record_init(struct json_record *record, struct emit *emit)
{
	memset(record, 0, sizeof(*record));
	record->emit = emit;
	buf_init(&record->title, 3 * JSON_GATHER_MAX);
	buf_init(&record->body, 3 * JSON_GATHER_MAX);
	buf_init(&record->fields, 3 * JSON_GATHER_MAX);
}

void
json_record_fini(struct json_record *record)
{
	buf_fini(&record->title);
	buf_fini(&record->body);
	buf_fini(&record->fields);
}

/* Send the paragraphs of text. */
static void
send_paragraphs(struct json_record *record, const char *text, size_t len)
{
	const char *gap;
	size_t n;

	while (len > 0) {
		gap = bytes_find(text, len, "\n\n", 2);
		n = gap == NULL ? len : (size_t)(gap - text) + 2;
		(void)emit_block(record->emit, BLOCK_PARAGRAPH, 0, text, n);
		text += n;
		len -= n;
	}
}

static void
send_title(struct json_record *record)
{
	/* A title without a text is a value like others. */
	if (record->title.len > 0 && record->body.len > 0) {
		(void)emit_block(record->emit, BLOCK_HEADING, 1,
		    record->title.data, record->title.len);
	} else if (record->title.len > 0) {
		(void)emit_open(record->emit, BLOCK_PARAGRAPH, 0);
		(void)emit_words(record->emit, "title:", 6);
		(void)emit_words(record->emit, " ", 1);
		(void)emit_words(record->emit, record->title.data,
		    record->title.len);
		(void)emit_close(record->emit);
	}
	buf_clear(&record->title);
}

int
json_record_send(struct json_record *record)
{
	send_title(record);
	send_paragraphs(record, buf_text(&record->body), record->body.len);
	(void)emit_block(record->emit, BLOCK_PARAGRAPH, 0,
	    buf_text(&record->fields), record->fields.len);
	buf_clear(&record->body);
	buf_clear(&record->fields);
	record->has_begun = false;
	record->is_listing = false;
	return record->emit->err;
}

/* Send what fills text, up to the last space: the rest follows. */
static int
send_part(struct json_record *record, struct buf *text)
{
	size_t len = text->len;

	if (!record->has_begun && text == &record->body)
		send_title(record);
	record->has_begun = true;
	while (len > text->len / 2 && text->data[len - 1] != ' ' &&
	    text->data[len - 1] != '\n')
		len--;
	if (len <= text->len / 2)
		len = utf8_floor(text->data, text->len, text->len - 1);
	send_paragraphs(record, text->data, len);
	memmove(text->data, text->data + len, text->len - len + 1);
	text->len -= len;
	return record->emit->err;
}

int
json_record_gather(struct json_record *record, struct buf *to,
    const char *text, size_t len)
{
	size_t piece;
	int err;

	while (len > 0) {
		piece = utf8_floor(text, len, JSON_GATHER_MAX);
		err = buf_put(to, text, piece);
		if (err == 0 && to->len > JSON_GATHER_MAX)
			err = send_part(record, to);
		if (err < 0)
			return err;
		text += piece;
		len -= piece;
	}
	return 0;
}

int
json_record_field(struct json_record *record, const char *path,
    size_t path_len, bool is_element)
{
	struct buf *fields = &record->fields;

	if (record->is_listing && is_element && fields->len > 0)
		return buf_puts(fields, ", ");
	if (fields->len > JSON_FIELDS_SEND) {
		(void)emit_block(record->emit, BLOCK_PARAGRAPH, 0,
		    fields->data, fields->len); /* errors stick */
		buf_clear(fields);
	}
	if (fields->len > 0)
		(void)buf_putc(fields, '\n');
	record->is_listing = is_element;
	if (path_len == 0)
		return fields->err;
	(void)buf_put(fields, path, path_len);
	return buf_puts(fields, ": ");
}
