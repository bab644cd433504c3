/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page that was saved with all that it shows, in the form of a mail: the
 * page itself, then the frames in it.  Pictures, styles and scripts are left
 * out.
 */
#include <string.h>

#include "base/err.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/mail.h"

static bool
is_page(const struct mail_part *part)
{
	return part->type == MAIL_TYPE_HTML || part->type == MAIL_TYPE_XHTML;
}

/* The part that the "start" parameter names, or the first page. */
static int
find_root(const struct mail *mail, uint32_t *ret_root, struct err_note *note)
{
	struct buf *type, *id, start;
	struct mail_head head;
	uint32_t i;
	int err;

	*ret_root = UINT32_MAX;
	buf_init(&start, MAIL_FIELD_MAX);
	mail_head_init(&head);
	type = &head.fields[MAIL_FIELD_CONTENT_TYPE];
	id = &head.fields[MAIL_FIELD_CONTENT_ID];
	err = mail_part_head(mail, &mail->parts[0], &head, note);
	if (err < 0 || !mail_parameter(type, "start", NULL, &start))
		goto out;
	for (i = 1; i < mail->count && *ret_root == UINT32_MAX; i++) {
		if (!is_page(&mail->parts[i]) || !mail->parts[i].has_id)
			continue;
		err = mail_part_head(mail, &mail->parts[i], &head, note);
		if (err < 0)
			goto out;
		if (start.len > 0 && strstr(buf_text(id), buf_text(&start)) !=
			NULL)
			*ret_root = i;
	}
out:
	for (i = 0; i < mail->count && *ret_root == UINT32_MAX; i++)
		if (is_page(&mail->parts[i]))
			*ret_root = i;
	mail_head_fini(&head);
	buf_fini(&start);
	return err;
}

static int
emit_page(const struct mail *mail, const struct mail_part *part,
    struct buf *body, struct emit *emit, struct err_note *note)
{
	struct mail_text text = {
	    .charset = part->charset,
	    .is_flowed = part->is_flowed,
	    .is_del_sp = part->is_del_sp,
	};
	int err;

	err = mail_part_load(mail, part, body);
	if (err == ERR_TOO_BIG)
		return err_set(note, err, "a page in the file is larger than "
		    "%llu MiB", MAIL_BODY_MAX / MIB);
	if (err < 0)
		return err;
	text.bytes = buf_text(body);
	text.len = body->len;
	return is_page(part) ? mail_emit_html(&text, emit, note)
			     : mail_emit_plain(&text, emit, note);
}

/* The subject is the title of a page that has none. */
static int
emit_subject(const struct mail *mail, struct emit *emit,
    struct err_note *note)
{
	struct mail_head head;
	struct buf words, *field;
	int64_t seconds;
	int ahead, err;

	buf_init(&words, 4 * MAIL_FIELD_MAX);
	mail_head_init(&head);
	err = mail_part_head(mail, &mail->parts[0], &head, note);
	if (err < 0)
		goto out;
	field = &head.fields[MAIL_FIELD_SUBJECT];
	mail_words(buf_text(field), field->len, mail->parts[0].charset,
	    &words);
	emit_title(emit, buf_text(&words), words.len);
	field = &head.fields[MAIL_FIELD_DATE];
	if (mail_date(buf_text(field), field->len, &seconds, &ahead))
		err = emit_property_time(emit, PROPERTY_CREATED, seconds);
out:
	buf_fini(&words);
	mail_head_fini(&head);
	return err;
}

int
read_mhtml(struct input *input, struct emit *emit, struct err_note *note)
{
	struct mail mail;
	struct buf body;
	char mark[3];
	uint64_t begin;
	uint32_t root = UINT32_MAX, i;
	int err;

	buf_init(&body, MAIL_BODY_MAX);
	begin = input_read_at(input, 0, mark, 3) == 3 &&
	    memcmp(mark, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	err = mail_init_parts(&mail, input, begin, input->size, note);
	if (err == 0)
		err = find_root(&mail, &root, note);
	if (err < 0)
		goto out;
	if (root != UINT32_MAX)
		err = emit_page(&mail, &mail.parts[root], &body, emit, note);
	for (i = 0; err == 0 && i < mail.count; i++)
		if (i != root && (is_page(&mail.parts[i]) ||
			(mail.parts[i].type == MAIL_TYPE_PLAIN &&
			    root == UINT32_MAX)))
			err = emit_page(&mail, &mail.parts[i], &body, emit,
			    note);
	if (err == 0)
		err = emit_subject(&mail, emit, note);
out:
	mail_fini(&mail);
	buf_fini(&body);
	return err;
}
