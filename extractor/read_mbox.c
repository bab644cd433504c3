/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mailbox is a folder in one file: each message becomes a document of its
 * own, and the mailbox's own text is the list of them.
 *
 * Messages are told apart by "From " lines behind an empty line; a length
 * that a message claims to have is not believed.  ">From " loses its mark:
 * it was put there because of the mailbox.  Messages stream through, whatever
 * their size.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/mail.h"

#define MBOX_OUT_SIZE (64 * KIB)

struct mbox {
	struct emit *emit;
	struct err_note *note;
	struct mail_lines lines, head_lines;
	struct mail_head head;
	struct buf line, name, subject, from, author;
	char *out; /* of the open member */
	size_t out_len;
	unsigned count;
	bool is_in_member;
	bool has_empty_line; /* at the end, not sent yet */
	size_t empty_len;
	char empty[2];
};

static int
flush_out(struct mbox *mbox)
{
	int err = 0;

	if (mbox->out_len > 0 && mbox->is_in_member)
		err = emit_member_bytes(mbox->emit, mbox->out, mbox->out_len);
	mbox->out_len = 0;
	return err;
}

static int
put_out(struct mbox *mbox, const char *bytes, size_t len)
{
	int err = 0;

	if (len > MBOX_OUT_SIZE - mbox->out_len)
		err = flush_out(mbox);
	/* Lines are not longer than that buffer. */
	memcpy(mbox->out + mbox->out_len, bytes, len);
	mbox->out_len += len;
	return err;
}

/* "2009-06-09T23:58:45-04:00  Name <a@b>  Subject" */
static void
list_line(struct mbox *mbox)
{
	const struct buf *date = &mbox->head.fields[MAIL_FIELD_DATE];
	struct buf *line = &mbox->line;
	int64_t seconds;
	int ahead;
	char text[32];

	buf_clear(line);
	if (mail_date(buf_text(date), date->len, &seconds, &ahead)) {
		mail_date_text(seconds, ahead, text);
		(void)buf_puts(line, text);
	}
	if (mbox->from.len > 0)
		(void)buf_printf(line, "%s%s", line->len > 0 ? "  " : "",
		    buf_text(&mbox->from));
	if (mbox->subject.len > 0)
		(void)buf_printf(line, "%s%s", line->len > 0 ? "  " : "",
		    buf_text(&mbox->subject));
	if (line->len == 0)
		(void)buf_put(line, mbox->name.data, mbox->name.len);
}

/* Look at the header that begins at offset, and name the message by it. */
static int
name_message(struct mbox *mbox, uint64_t offset)
{
	const struct buf *fields = mbox->head.fields;
	const struct buf *from;
	char charset[MAIL_CHARSET_MAX] = "";
	uint64_t body;
	int err;

	mail_lines_seek(&mbox->head_lines, offset);
	err = mail_head_read(&mbox->head_lines, &mbox->head, &body,
	    mbox->note);
	if (err < 0)
		return err;
	buf_clear(&mbox->line);
	if (mail_parameter(&fields[MAIL_FIELD_CONTENT_TYPE], "charset", NULL,
		&mbox->line) && mbox->line.len < sizeof(charset))
		memcpy(charset, mbox->line.data, mbox->line.len + 1);
	buf_clear(&mbox->subject);
	buf_clear(&mbox->from);
	buf_clear(&mbox->author);
	buf_clear(&mbox->name);
	mail_words(buf_text(&fields[MAIL_FIELD_SUBJECT]),
	    fields[MAIL_FIELD_SUBJECT].len, charset, &mbox->subject);
	from = &fields[MAIL_FIELD_FROM];
	mail_addresses(buf_text(from), from->len, charset, &mbox->from,
	    &mbox->author);
	(void)buf_printf(&mbox->name, "%04u-", mbox->count);
	mail_file_name(mbox->subject.len > 0 ? buf_text(&mbox->subject)
					     : "message", "eml", &mbox->name);
	list_line(mbox);
	return 0;
}

static int
end_message(struct mbox *mbox)
{
	int err;

	err = flush_out(mbox);
	/* The empty line before "From " is the mailbox's. */
	mbox->empty_len = 0;
	mbox->has_empty_line = false;
	if (!mbox->is_in_member)
		return err;
	mbox->is_in_member = false;
	return err < 0 ? err : emit_member_end(mbox->emit, ITEM_CODE_NONE,
	    NULL);
}

/* A message begins at offset. */
static int
begin_message(struct mbox *mbox, uint64_t offset)
{
	int err;

	err = end_message(mbox);
	if (err < 0)
		return err;
	mbox->count++;
	err = name_message(mbox, offset);
	if (err < 0)
		return err;
	(void)emit_open(mbox->emit, BLOCK_LIST_ITEM, 1); /* sticks */
	(void)emit_put(mbox->emit, buf_text(&mbox->line), mbox->line.len);
	err = emit_close(mbox->emit);
	/* Where no documents are wanted any more, the list is all. */
	if (err < 0 || mbox->emit->members_max == 0)
		return err;
	mbox->is_in_member = true;
	return emit_member_begin(mbox->emit, buf_text(&mbox->name),
	    mbox->name.len);
}

/* ">From ", ">>From " */
static bool
is_marked_from(const struct mail_line *line)
{
	size_t i = 0;

	if (line->is_rest)
		return false;
	while (i < line->len && line->text[i] == '>')
		i++;
	return i > 0 && line->len - i >= 5 &&
	    memcmp(line->text + i, "From ", 5) == 0;
}

static int
message_line(struct mbox *mbox, const struct mail_line *line)
{
	size_t skip = is_marked_from(line) ? 1 : 0;
	int err = 0;

	if (mbox->has_empty_line)
		err = put_out(mbox, mbox->empty, mbox->empty_len);
	mbox->has_empty_line = line->len == 0 && !line->is_rest;
	if (mbox->has_empty_line) {
		mbox->empty_len = line->end_len;
		memcpy(mbox->empty, line->text, line->end_len);
		return err;
	}
	return err < 0 ? err
		       : put_out(mbox, line->text + skip,
	    line->len + line->end_len - skip);
}

/* Is it the line before a message? */
static bool
is_separator(const struct mbox *mbox, const struct mail_line *line)
{
	return !line->is_rest && (mbox->count == 0 || mbox->has_empty_line) &&
	    mail_is_from_line(line->text, line->len);
}

static int
mbox_lines(struct mbox *mbox)
{
	struct mail_line line;
	int got, err = 0;

	while (err == 0) {
		got = mail_line_next(&mbox->lines, &line);
		if (got <= 0) {
			err = got;
			break;
		}
		err = emit_alive(mbox->emit);
		if (err < 0)
			break;
		if (is_separator(mbox, &line)) {
			err = begin_message(mbox, line.offset + line.len +
			    line.end_len);
			continue;
		}
		/* Boxes that begin with a message, not with its line. */
		if (mbox->count == 0 && line.len > 0)
			err = begin_message(mbox, line.offset);
		if (err == 0 && mbox->count > 0)
			err = message_line(mbox, &line);
	}
	return err < 0 ? err : end_message(mbox);
}

int
read_mbox(struct input *input, struct emit *emit, struct err_note *note)
{
	struct mbox mbox = {.emit = emit, .note = note};
	struct buf *const all[] = {&mbox.line, &mbox.name, &mbox.subject,
	    &mbox.from, &mbox.author};
	char mark[3];
	size_t i;
	int err;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		buf_init(all[i], 8 * MAIL_FIELD_MAX);
	mail_head_init(&mbox.head);
	i = input_read_at(input, 0, mark, 3) == 3 &&
	    memcmp(mark, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	err = mail_lines_init(&mbox.lines, input, i, input->size);
	if (err == 0)
		err = mail_lines_init(&mbox.head_lines, input, 0,
		    input->size);
	mbox.out = mem_alloc(MBOX_OUT_SIZE);
	if (mbox.out == NULL)
		err = ERR_NOMEM;
	if (err == 0)
		err = mbox_lines(&mbox);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		buf_fini(all[i]);
	mail_head_fini(&mbox.head);
	mail_lines_fini(&mbox.lines);
	mail_lines_fini(&mbox.head_lines);
	mem_free(mbox.out);
	return err;
}
