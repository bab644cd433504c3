/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is attached to an Outlook message: files, messages (which are storages
 * and become files of their own), objects of OLE, and the pictures that its
 * page shows, which are left out.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "extractor/emit.h"
#include "extractor/mail.h"
#include "extractor/msg.h"
#include "extractor/ole.h"

#define PACKED_MAX (64 * MIB) /* a message in a message */
#define COPY_SIZE 16384u

/* The storage of a message that is attached; false: it is something else. */
static bool
has_message(const struct msg_reader *reader, const char *folder,
    char path[MSG_PATH_MAX])
{
	char inner[MSG_PATH_MAX];

	msg_path(folder, MSG_ATTACH_DATA, 0x000D, path);
	if (snprintf(inner, sizeof(inner), "%s/__properties_version1.0",
		path) >= (int)sizeof(inner))
		return false;
	return ole_has(reader->msg.ole, inner);
}

/* What the attachment is called, into reader->words. */
static void
name_attachment(struct msg_reader *reader, const char *folder)
{
	const struct msg *msg = &reader->msg;
	struct buf *name = &reader->words;
	char path[MSG_PATH_MAX];
	struct buf words;
	bool is_message = has_message(reader, folder, path);

	buf_init(&words, MSG_NAME_MAX);
	buf_clear(name);
	if (reader->is_signed) {
		(void)buf_puts(name, "message.eml"); /* sticks */
		goto out;
	}
	if (is_message && !msg_words(msg, path, MSG_SUBJECT, &words))
		(void)msg_words(msg, folder, MSG_DISPLAY_NAME, &words);
	if (is_message) {
		mail_file_name(words.len > 0 ? buf_text(&words) : "message",
		    "msg", name);
	} else if (msg_words(msg, folder, MSG_ATTACH_LONG_NAME, &words) ||
	    msg_words(msg, folder, MSG_ATTACH_SHORT_NAME, &words) ||
	    msg_words(msg, folder, MSG_DISPLAY_NAME, &words)) {
		mail_file_name(buf_text(&words), "", name);
	} else {
		(void)buf_printf(name, "attachment-%u", reader->number);
		if (msg_words(msg, folder, MSG_ATTACH_EXTENSION, &words))
			(void)buf_put(name, words.data, words.len);
	}
out:
	buf_fini(&words);
}

/* A picture that the page shows. */
static bool
is_shown(const struct msg_reader *reader, const char *folder)
{
	struct buf words;
	uint64_t is_hidden = 0;
	bool is_image, has_id;

	if (!reader->has_page)
		return false;
	buf_init(&words, MSG_NAME_MAX);
	has_id = msg_words(&reader->msg, folder, MSG_ATTACH_CONTENT_ID,
	    &words);
	buf_clear(&words);
	is_image = msg_words(&reader->msg, folder, MSG_ATTACH_MIME_TYPE,
			&words) &&
	    strncasecmp(buf_text(&words), "image/", 6) == 0;
	buf_clear(&words);
	if (!is_image && msg_words(&reader->msg, folder, MSG_ATTACH_EXTENSION,
			     &words))
		is_image = strcasecmp(buf_text(&words), ".png") == 0 ||
		    strcasecmp(buf_text(&words), ".jpg") == 0 ||
		    strcasecmp(buf_text(&words), ".gif") == 0;
	buf_fini(&words);
	(void)msg_number(&reader->msg, folder, MSG_ATTACH_HIDDEN, &is_hidden);
	return is_image && (has_id || is_hidden != 0);
}

static int
emit_packed(struct msg_reader *reader, const char *path)
{
	struct buf packed;
	int err;

	buf_init(&packed, PACKED_MAX);
	err = emit_member_begin(reader->emit, buf_text(&reader->words),
	    reader->words.len);
	if (err == 0)
		err = ole_pack(reader->msg.ole, path, PACKED_MAX, &packed);
	if (err == ERR_TOO_BIG && reader->emit->err == 0)
		err = emit_member_end(reader->emit,
		    ITEM_CODE_EXTRACTION_LIMIT, NULL);
	else if (err == 0)
		err = emit_member_bytes(reader->emit, packed.data,
		    packed.len);
	if (err == 0 && reader->emit->is_in_member)
		err = emit_member_end(reader->emit, ITEM_CODE_NONE, NULL);
	buf_fini(&packed);
	return err;
}

static int
emit_file(struct msg_reader *reader, const char *path)
{
	struct ole_stream *stream;
	char bytes[COPY_SIZE];
	uint64_t at = 0;
	long n = 0;
	int err;

	err = ole_stream_open(reader->msg.ole, path, &stream);
	if (err < 0)
		return err;
	err = emit_member_begin(reader->emit, buf_text(&reader->words),
	    reader->words.len);
	while (err == 0) {
		n = ole_stream_read_at(stream, at, bytes, sizeof(bytes));
		if (n <= 0)
			break;
		at += (uint64_t)n;
		err = emit_member_bytes(reader->emit, bytes, (size_t)n);
	}
	if (err == 0 && n < 0)
		err = (int)n;
	if (err == 0)
		err = emit_member_end(reader->emit, ITEM_CODE_NONE, NULL);
	ole_stream_close(stream);
	return err;
}

/* First all are named, then they follow, as with mails. */
static int
on_attachment(void *arg, const char *folder, bool is_folder, uint64_t size)
{
	struct msg_reader *reader = arg;
	struct emit *emit = reader->emit;
	char path[MSG_PATH_MAX];
	int err;

	(void)size;
	if (!is_folder || strncmp(folder, MSG_ATTACHMENT,
		strlen(MSG_ATTACHMENT)) != 0)
		return 0;
	reader->number++;
	if (is_shown(reader, folder))
		return 0;
	name_attachment(reader, folder);
	if (!reader->is_second) {
		(void)emit_open(emit, BLOCK_LIST_ITEM, 1); /* sticks */
		(void)emit_words(emit, "Attachment: ", 12);
		(void)emit_words(emit, buf_text(&reader->words),
		    reader->words.len);
		return emit_close(emit);
	}
	if (has_message(reader, folder, path))
		return emit_packed(reader, path);
	msg_path(folder, MSG_ATTACH_DATA, 0x0102, path);
	err = emit_file(reader, path);
	if (err == ERR_NOT_FOUND) {
		msg_path(folder, MSG_ATTACH_DATA, 0x000D, path);
		err = ole_embedded(reader->msg.ole, path, emit,
		    reader->note);
	}
	/* A link to a file that is elsewhere has no bytes. */
	return err == ERR_NOT_FOUND ? 0 : err;
}

int
msg_emit_attachments(struct msg_reader *reader)
{
	int err;

	err = ole_each(reader->msg.ole, "", on_attachment, reader);
	if (err < 0 || reader->emit->members_max == 0)
		return err;
	reader->is_second = true;
	reader->number = 0;
	return ole_each(reader->msg.ole, "", on_attachment, reader);
}
