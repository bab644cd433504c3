/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A message that Outlook saved: a compound file of properties (msg.h).
 *
 * It comes out as a mail does (read_eml.c).  The text is there in up to three
 * forms: a page, Rich Text that is often a page in disguise, and plain text;
 * the first that says anything is read.
 */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "extractor/bytes.h"
#include "extractor/charset.h"
#include "extractor/codepage.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/mail.h"
#include "extractor/msg.h"
#include "extractor/ole.h"
#include "extractor/rtf.h"

#define RECIPIENT_PREFIX "__recip_version1.0_#"

enum { RECIPIENT_TO = 1, RECIPIENT_CC = 2 };

/* ---- codepages ---------------------------------------------------------- */

static void
find_codepage(struct msg *msg)
{
	uint64_t value;

	msg->codepage = 0;
	if ((msg_number(msg, "", MSG_CODEPAGE, &value) ||
		msg_number(msg, "", MSG_INTERNET_CODEPAGE, &value)) &&
	    value > 0 && value < 65536 && value != CODEPAGE_UTF_16LE)
		msg->codepage = (unsigned)value;
	else if (msg_number(msg, "", MSG_LOCALE, &value) && value < 65536)
		msg->codepage = codepage_of_language((unsigned)value);
}

/* ---- people ------------------------------------------------------------- */

/* "Name <address>"; addresses of Exchange are no use outside. */
static void
put_person(const struct buf *name, const struct buf *address, struct buf *out)
{
	bool has_address = address->len > 0 &&
	    strchr(buf_text(address), '@') != NULL &&
	    strcasecmp(buf_text(name), buf_text(address)) != 0;

	if (out->len > 0 && name->len + address->len > 0)
		(void)buf_puts(out, ", "); /* sticks */
	(void)buf_put(out, buf_text(name), name->len);
	if (!has_address)
		return;
	if (name->len > 0)
		(void)buf_printf(out, " <%s>", buf_text(address));
	else
		(void)buf_put(out, buf_text(address), address->len);
}

static int
on_recipient(void *arg, const char *folder, bool is_folder, uint64_t size)
{
	struct msg_reader *reader = arg;
	struct buf name, address;
	uint64_t type = RECIPIENT_TO;

	(void)size;
	if (!is_folder || strncmp(folder, RECIPIENT_PREFIX,
		strlen(RECIPIENT_PREFIX)) != 0)
		return 0;
	buf_init(&name, MSG_NAME_MAX);
	buf_init(&address, MSG_NAME_MAX);
	(void)msg_words(&reader->msg, folder, MSG_DISPLAY_NAME, &name);
	if (!msg_words(&reader->msg, folder, MSG_SMTP_ADDRESS, &address))
		(void)msg_words(&reader->msg, folder, MSG_ADDRESS, &address);
	/* Outlook puts a name that is an address into quotes. */
	if (name.len > 2 && name.data[0] == '\'' &&
	    name.data[name.len - 1] == '\'') {
		name.len -= 2;
		memmove(name.data, name.data + 1, name.len);
		name.data[name.len] = '\0';
	}
	(void)msg_number(&reader->msg, folder, MSG_RECIPIENT_TYPE, &type);
	if (type == RECIPIENT_TO)
		put_person(&name, &address, &reader->to);
	else if (type == RECIPIENT_CC)
		put_person(&name, &address, &reader->cc);
	buf_fini(&name);
	buf_fini(&address);
	return emit_alive(reader->emit);
}

static void
find_sender(struct msg_reader *reader)
{
	const struct msg *msg = &reader->msg;
	struct buf address;

	buf_init(&address, MAIL_FIELD_MAX);
	if (!msg_words(msg, "", MSG_REPRESENTING_NAME, &reader->author))
		(void)msg_words(msg, "", MSG_SENDER_NAME, &reader->author);
	if (!msg_words(msg, "", MSG_REPRESENTING_SMTP, &address) &&
	    !msg_words(msg, "", MSG_SENDER_SMTP, &address) &&
	    !msg_words(msg, "", MSG_REPRESENTING_ADDRESS, &address))
		(void)msg_words(msg, "", MSG_SENDER_ADDRESS, &address);
	put_person(&reader->author, &address, &reader->from);
	if (reader->author.len == 0 && reader->from.len > 0)
		(void)buf_put(&reader->author, reader->from.data,
		    reader->from.len);
	buf_fini(&address);
}

/* ---- what stands above -------------------------------------------------- */

/* The header of the mail that it was on the way, if it is kept. */
static void
read_transport(struct msg_reader *reader, struct mail_head *head)
{
	struct input inner = {.fd = -1};
	struct mail_lines lines = {.bytes = NULL};
	struct buf text;
	uint64_t body;

	buf_init(&text, MAIL_HEAD_MAX);
	if (msg_text(&reader->msg, "", MSG_TRANSPORT_HEADERS, &text) == 0) {
		inner.memory = buf_text(&text);
		inner.size = text.len;
		/* Without it there is less to say, that is all. */
		if (mail_lines_init(&lines, &inner, 0, text.len) == 0)
			(void)mail_head_read(&lines, head, &body, NULL);
	}
	mail_lines_fini(&lines);
	buf_fini(&text);
}

static void
find_date(struct msg_reader *reader, const struct mail_head *head,
    struct mail_summary *summary)
{
	const struct buf *date = &head->fields[MAIL_FIELD_DATE];
	const struct msg *msg = &reader->msg;

	summary->has_date = mail_date(buf_text(date), date->len,
	    &summary->seconds, &summary->ahead_minutes);
	if (!summary->has_date)
		summary->has_date =
		    msg_time(msg, "", MSG_SUBMIT_TIME, &summary->seconds) ||
		    msg_time(msg, "", MSG_DELIVERY_TIME, &summary->seconds) ||
		    msg_time(msg, "", MSG_CREATION_TIME, &summary->seconds);
}

static int
emit_head(struct msg_reader *reader)
{
	struct mail_summary summary = {0};
	const struct msg *msg = &reader->msg;
	struct mail_head head;
	struct buf subject, id, date;
	int err;

	buf_init(&subject, MAIL_FIELD_MAX);
	buf_init(&id, MAIL_FIELD_MAX);
	buf_init(&date, MAIL_FIELD_MAX);
	mail_head_init(&head);
	read_transport(reader, &head);
	if (!msg_words(msg, "", MSG_SUBJECT, &subject))
		(void)msg_words(msg, "", MSG_DISPLAY_NAME, &subject);
	if (!msg_words(msg, "", MSG_MESSAGE_ID, &id))
		mail_words(buf_text(&head.fields[MAIL_FIELD_MESSAGE_ID]),
		    head.fields[MAIL_FIELD_MESSAGE_ID].len, NULL, &id);
	find_sender(reader);
	err = ole_each(msg->ole, "", on_recipient, reader);
	if (err < 0)
		goto out;
	if (reader->to.len == 0)
		(void)msg_words(msg, "", MSG_DISPLAY_TO, &reader->to);
	if (reader->cc.len == 0)
		(void)msg_words(msg, "", MSG_DISPLAY_CC, &reader->cc);
	find_date(reader, &head, &summary);
	summary.subject = buf_text(&subject);
	summary.message_id = buf_text(&id);
	summary.from = buf_text(&reader->from);
	summary.author = buf_text(&reader->author);
	summary.to = buf_text(&reader->to);
	summary.cc = buf_text(&reader->cc);
	err = mail_emit_summary(&summary, reader->emit);
out:
	mail_head_fini(&head);
	buf_fini(&subject);
	buf_fini(&id);
	buf_fini(&date);
	return err;
}

/* What a contact has besides its name. */
static int
emit_contact(struct msg_reader *reader)
{
	static const struct {
		enum msg_property property;
		const char *label;
	} lines[] = {
	    {MSG_COMPANY, "Company: "},
	    {MSG_JOB_TITLE, "Job title: "},
	    {MSG_OFFICE_PHONE, "Office phone: "},
	    {MSG_HOME_PHONE, "Home phone: "},
	    {MSG_MOBILE_PHONE, "Mobile phone: "},
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		buf_clear(&reader->words);
		if (!msg_words(&reader->msg, "", lines[i].property,
			&reader->words))
			continue;
		(void)emit_open(reader->emit, BLOCK_PARAGRAPH, 0); /* sticks */
		(void)emit_words(reader->emit, lines[i].label,
		    strlen(lines[i].label));
		(void)emit_words(reader->emit, buf_text(&reader->words),
		    reader->words.len);
		(void)emit_close(reader->emit);
	}
	return reader->emit->err;
}

/* ---- the text ----------------------------------------------------------- */

static int
emit_page(struct msg_reader *reader, const struct buf *page,
    const char *charset)
{
	struct mail_text text = {
	    .bytes = buf_text(page),
	    .len = page->len,
	    .charset = charset,
	};

	reader->has_page = true;
	return mail_emit_html(&text, reader->emit, reader->note);
}

static int
emit_html(struct msg_reader *reader, struct buf *bytes)
{
	uint64_t codepage;
	const char *charset = NULL;
	int err;

	err = msg_bytes(&reader->msg, "", MSG_HTML, bytes);
	if (err == ERR_NOT_FOUND) {
		buf_clear(bytes);
		err = msg_text(&reader->msg, "", MSG_HTML, bytes);
	} else if (msg_number(&reader->msg, "", MSG_INTERNET_CODEPAGE,
		       &codepage) && codepage > 0 && codepage < 65536) {
		charset = charset_name(codepage_charset((unsigned)codepage));
	}
	return err < 0 ? err : emit_page(reader, bytes, charset);
}

/* The Rich Text, unpacked; ERR_NOT_FOUND: there is none. */
static int
load_rtf(struct msg_reader *reader, struct buf *packed, struct buf *rtf)
{
	int err;

	err = msg_bytes(&reader->msg, "", MSG_RTF, packed);
	if (err < 0)
		return err;
	buf_clear(rtf);
	err = msg_rtf_unpack(buf_text(packed), packed->len, rtf);
	if (err == ERR_SYNTAX)
		return err_set(reader->note, err,
		    "the compressed text of the message is damaged");
	return err;
}

static int
emit_rtf(struct msg_reader *reader, const struct buf *rtf)
{
	struct input input;
	int err;

	err = input_init(&input);
	if (err == 0)
		err = input_open_memory(&input, buf_text(rtf), rtf->len);
	if (err == 0) {
		input.name = "";
		err = read_rtf(&input, reader->emit, reader->note);
	}
	input_fini(&input);
	return err;
}

static int
emit_plain(struct msg_reader *reader, struct buf *bytes)
{
	struct mail_text text = {.charset = "UTF-8"};
	int err;

	buf_clear(bytes);
	err = msg_text(&reader->msg, "", MSG_BODY, bytes);
	if (err < 0)
		return err;
	text.bytes = buf_text(bytes);
	text.len = bytes->len;
	return mail_emit_plain(&text, reader->emit, reader->note);
}

/* The first of its forms that says something. */
static int
emit_body(struct msg_reader *reader)
{
	struct emit *emit = reader->emit;
	uint64_t before = emit->blocks;
	struct buf bytes, rtf;
	int err, rtf_err;

	buf_init(&bytes, MAIL_BODY_MAX);
	buf_init(&rtf, MAIL_BODY_MAX);
	err = emit_html(reader, &bytes);
	if ((err < 0 && err != ERR_NOT_FOUND) || emit->blocks > before)
		goto out;
	rtf_err = load_rtf(reader, &bytes, &rtf);
	if (rtf_err == 0) {
		buf_clear(&bytes);
		err = rtf_html(buf_text(&rtf), rtf.len, &bytes);
		if (err == 0)
			err = emit_page(reader, &bytes, "UTF-8");
		if ((err < 0 && err != ERR_NOT_FOUND) ||
		    emit->blocks > before)
			goto out;
	}
	err = emit_plain(reader, &bytes);
	if ((err < 0 && err != ERR_NOT_FOUND) || emit->blocks > before)
		goto out;
	err = rtf_err == 0 ? emit_rtf(reader, &rtf) : rtf_err;
	/* Damaged, but nothing else was there to say it better. */
	if (err == ERR_NOT_FOUND)
		err = 0;
out:
	buf_fini(&bytes);
	buf_fini(&rtf);
	return err;
}

/* ---- the whole ---------------------------------------------------------- */

/* A message that was encrypted, or whose rights are managed, has one file
 * attached that is the message. */
static bool
is_encrypted(struct msg_reader *reader)
{
	static const char sealed[] =
	    "\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03";
	char path[MSG_PATH_MAX], bytes[64];
	struct ole_stream *stream;
	long n;

	buf_clear(&reader->words);
	(void)msg_words(&reader->msg, "", MSG_MESSAGE_CLASS, &reader->words);
	if (strcasestr(buf_text(&reader->words), ".rpmsg") != NULL)
		return true;
	reader->is_signed = strcasecmp(buf_text(&reader->words),
	    "IPM.Note.SMIME.MultipartSigned") == 0;
	if (strcasecmp(buf_text(&reader->words), "IPM.Note.SMIME") != 0)
		return false;
	msg_path(MSG_ATTACHMENT "00000000", MSG_ATTACH_DATA, 0x0102, path);
	if (ole_stream_open(reader->msg.ole, path, &stream) < 0)
		return false;
	n = ole_stream_read_at(stream, 0, bytes, sizeof(bytes));
	ole_stream_close(stream);
	return n > 0 && bytes_find(bytes, (size_t)n, sealed,
			    sizeof(sealed) - 1) != NULL;
}

static int
msg_read(struct msg_reader *reader)
{
	int err;

	find_codepage(&reader->msg);
	if (is_encrypted(reader))
		return err_set(reader->note, ERR_FORBIDDEN,
		    "the mail is encrypted");
	err = emit_head(reader);
	if (err == 0)
		err = emit_contact(reader);
	if (err == 0)
		err = emit_body(reader);
	if (err == 0)
		err = emit_close(reader->emit);
	return err < 0 ? err : msg_emit_attachments(reader);
}

int
read_msg(struct input *input, struct emit *emit, struct err_note *note)
{
	struct msg_reader reader = {.emit = emit, .note = note};
	struct buf *const all[] = {&reader.to, &reader.cc, &reader.from,
	    &reader.author, &reader.words};
	size_t i;
	int err;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		buf_init(all[i], 4 * MAIL_FIELD_MAX);
	err = ole_open(input, &reader.msg.ole, note);
	if (err == 0)
		err = msg_read(&reader);
	ole_close(reader.msg.ole);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (err == 0)
			err = all[i]->err;
		buf_fini(all[i]);
	}
	return err;
}
