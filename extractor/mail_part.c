/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of a message: one walk over its lines.
 *
 * A line that begins with two dashes is compared with the boundaries of all
 * multiparts that are open, the innermost first: where a boundary that closes
 * one was lost, that of one further out ends it.  A multipart that does not
 * tell its boundary has the first line that looks like one.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extractor/bytes.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/mail.h"

#define BOUNDARY_MAX 300u
#define NAME_MAX_BYTES 120u
#define MAIL_SEAL_BYTES_MAX 64u
/* Of a mail in a mail, its subject is looked for so far. */
#define INNER_HEAD_MAX (64 * KIB)

static const struct {
	const char *name, *extension;
} types[] = {
#define MAIL_TYPE(id, type, extension) {type, extension},
#include "extractor/mail_tbl.h"
};

/* A multipart that is not closed yet. */
struct open_part {
	uint32_t part;
	size_t len; /* of the boundary; 0: not known */
	char boundary[BOUNDARY_MAX];
};

struct walk {
	struct mail *mail;
	struct mail_lines lines;
	struct mail_head head;
	struct buf value;
	struct open_part *open; /* MAIL_DEPTH_MAX */
	unsigned depth;		/* how many are open */
	uint32_t leaf;	  /* the part whose body is being read */
	bool is_in_leaf;
};

/* ---- what a header says -------------------------------------------------- */

static enum mail_type
type_of(const struct buf *value)
{
	const char *text = buf_text(value);
	size_t len, i, n;

	text += strspn(text, " \t");
	len = strcspn(text, "; \t,");
	for (i = 0; i < MAIL_TYPE_OTHER; i++) {
		n = strlen(types[i].name);
		/* "text/" stands for all of its kind. */
		if (strncasecmp(text, types[i].name, n) == 0 &&
		    (len == n || types[i].name[n - 1] == '/'))
			return (enum mail_type)i;
	}
	/* Old mails have "text" alone, and some an empty value. */
	if (len == 0 || (len == 4 && strncasecmp(text, "text", 4) == 0))
		return MAIL_TYPE_PLAIN;
	return MAIL_TYPE_OTHER;
}

static enum mail_encoding
encoding_of(const struct buf *value)
{
	static const struct {
		const char *name;
		enum mail_encoding encoding;
	} names[] = {
	    {"quoted-printable", MAIL_QUOTED_PRINTABLE},
	    {"base64", MAIL_BASE64},
	    {"x-uuencode", MAIL_UUENCODE},
	    {"x-uue", MAIL_UUENCODE},
	    {"uuencode", MAIL_UUENCODE},
	};
	const char *text = buf_text(value);
	size_t i, len;

	text += strspn(text, " \t\"");
	len = strcspn(text, " \t;\"(");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == len &&
		    strncasecmp(names[i].name, text, len) == 0)
			return names[i].encoding;
	return MAIL_IDENTITY;
}

bool
mail_is_multipart(const struct mail_part *part)
{
	return part->type >= MAIL_TYPE_ALTERNATIVE &&
	    part->type <= MAIL_TYPE_MULTIPART;
}

static bool
is_message(enum mail_type type)
{
	return type == MAIL_TYPE_MESSAGE || type == MAIL_TYPE_NEWS ||
	    type == MAIL_TYPE_GLOBAL;
}

static bool
value_is(const struct buf *value, const char *word)
{
	return strcasecmp(buf_text(value), word) == 0;
}

/* Fill the part from its header, which was read. */
static void
describe(struct walk *walk, struct mail_part *part)
{
	struct buf *fields = walk->head.fields;
	struct buf *type = &fields[MAIL_FIELD_CONTENT_TYPE];
	struct buf *disposition = &fields[MAIL_FIELD_CONTENT_DISPOSITION];
	const char *said = buf_text(disposition);

	part->type = type_of(type);
	if (type->len == 0 && part->parent < walk->mail->count &&
	    walk->mail->parts[part->parent].type == MAIL_TYPE_DIGEST)
		part->type = MAIL_TYPE_MESSAGE;
	part->encoding = encoding_of(
	    &fields[MAIL_FIELD_CONTENT_TRANSFER_ENCODING]);
	said += strspn(said, " \t");
	part->is_attachment = strncasecmp(said, "attachment", 10) == 0;
	part->has_id = fields[MAIL_FIELD_CONTENT_ID].len > 0 ||
	    fields[MAIL_FIELD_CONTENT_LOCATION].len > 0;
	part->has_name =
	    mail_parameter(disposition, "filename", NULL, &walk->value) ||
	    mail_parameter(type, "name", NULL, &walk->value);
	if (mail_parameter(type, "charset", NULL, &walk->value) &&
	    walk->value.len < sizeof(part->charset))
		(void)snprintf(part->charset, sizeof(part->charset), "%s",
		    buf_text(&walk->value));
	part->is_flowed = mail_parameter(type, "format", NULL, &walk->value) &&
	    value_is(&walk->value, "flowed");
	part->is_del_sp = mail_parameter(type, "delsp", NULL, &walk->value) &&
	    value_is(&walk->value, "yes");
	if (part->type == MAIL_TYPE_PKCS7 || part->type == MAIL_TYPE_X_PKCS7)
		part->is_sealed = mail_parameter(type, "smime-type", NULL,
		    &walk->value) ? value_is(&walk->value, "enveloped-data") ||
			value_is(&walk->value, "authEnveloped-data")
				  : true; /* its bytes will say */
}

/* ---- the walk ----------------------------------------------------------- */

static int
add_part(struct walk *walk, uint32_t parent, struct err_note *note)
{
	struct mail *mail = walk->mail;
	struct mail_part *parts;
	uint32_t size;

	if (mail->count == MAIL_PARTS_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the mail has more than %u parts", MAIL_PARTS_MAX);
	if (mail->count == mail->size) {
		size = mail->size == 0 ? 8 : 2 * mail->size;
		parts = mem_resize(mail->parts, size, sizeof(*parts));
		if (parts == NULL)
			return ERR_NOMEM;
		mail->parts = parts;
		mail->size = size;
	}
	memset(&mail->parts[mail->count], 0, sizeof(mail->parts[0]));
	mail->parts[mail->count].parent = parent;
	mail->count++;
	return 0;
}

/* Blanks at its end do not count; one that is too long is none. */
static void
set_boundary(struct open_part *open, const char *text, size_t len)
{
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t' ||
			      text[len - 1] == '\r'))
		len--;
	if (len > sizeof(open->boundary))
		return;
	memcpy(open->boundary, text, len);
	open->len = len;
}

/* Begin a part here: its header, and what kind of body follows. */
static int
begin_part(struct walk *walk, struct err_note *note)
{
	uint32_t index = walk->mail->count;
	uint32_t parent = walk->depth == 0 ? index
					   : walk->open[walk->depth - 1].part;
	struct mail_part *part;
	struct open_part *open;
	uint64_t head = walk->lines.at + walk->lines.start;
	int err;

	err = add_part(walk, parent, note);
	if (err < 0)
		return err;
	part = &walk->mail->parts[index];
	part->head = head;
	err = mail_head_read(&walk->lines, &walk->head, &part->body, note);
	if (err < 0)
		return err;
	describe(walk, part);
	part->end = walk->lines.end;
	part->next = index + 1;
	walk->is_in_leaf = !mail_is_multipart(part);
	walk->leaf = index;
	if (walk->is_in_leaf)
		return 0;
	if (walk->depth == MAIL_DEPTH_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the parts of the mail are nested deeper than %u",
		    MAIL_DEPTH_MAX);
	open = &walk->open[walk->depth++];
	open->part = index;
	open->len = 0;
	if (mail_parameter_raw(&walk->head.fields[MAIL_FIELD_CONTENT_TYPE],
		"boundary", &walk->value))
		set_boundary(open, buf_text(&walk->value), walk->value.len);
	return 0;
}

/* All that is open beyond depth ends at offset. */
static void
close_parts(struct walk *walk, unsigned depth, uint64_t offset)
{
	struct mail_part *part;

	if (walk->is_in_leaf) {
		part = &walk->mail->parts[walk->leaf];
		part->end = offset < part->body ? part->body : offset;
		walk->is_in_leaf = false;
	}
	while (walk->depth > depth) {
		part = &walk->mail->parts[walk->open[--walk->depth].part];
		part->end = offset < part->body ? part->body : offset;
		part->next = walk->mail->count;
	}
}

/*
 * Which of the open multiparts the line is a boundary of: its depth, from 1;
 * 0: of none.
 */
static unsigned
boundary_of(const struct walk *walk, const char *text, size_t len,
    bool *ret_is_last)
{
	const struct open_part *open;
	unsigned depth;

	while (len > 2 && (text[len - 1] == ' ' || text[len - 1] == '\t' ||
			      text[len - 1] == '\r'))
		len--;
	text += 2;
	len -= 2;
	for (depth = walk->depth; depth > 0; depth--) {
		open = &walk->open[depth - 1];
		if (open->len == 0 || len < open->len ||
		    memcmp(text, open->boundary, open->len) != 0)
			continue;
		*ret_is_last = len == open->len + 2 &&
		    memcmp(text + open->len, "--", 2) == 0;
		if (len == open->len || *ret_is_last)
			return depth;
	}
	return 0;
}

/* The boundary of a multipart that does not tell it. */
static void
guess_boundary(struct walk *walk, const char *text, size_t len)
{
	struct open_part *open;

	if (walk->depth == 0 || walk->is_in_leaf)
		return;
	open = &walk->open[walk->depth - 1];
	if (open->len > 0 || walk->mail->count > open->part + 1)
		return;
	if (len >= 6)
		set_boundary(open, text + 2, len - 2);
}

static int
walk_lines(struct walk *walk, struct err_note *note)
{
	struct mail_line line;
	uint64_t end_before = 0;
	unsigned depth;
	bool is_last = false;
	int got, err;

	err = begin_part(walk, note);
	while (err == 0) {
		got = mail_line_next(&walk->lines, &line);
		if (got <= 0) {
			err = got;
			break;
		}
		depth = 0;
		if (walk->depth > 0 && !line.is_rest && line.len >= 3 &&
		    line.text[0] == '-' && line.text[1] == '-') {
			guess_boundary(walk, line.text, line.len);
			depth = boundary_of(walk, line.text, line.len,
			    &is_last);
		}
		if (depth > 0) {
			/* The line's end before it belongs to it. */
			close_parts(walk, is_last ? depth - 1 : depth,
			    line.offset - end_before);
			if (!is_last)
				err = begin_part(walk, note);
			line.end_len = 0;
		}
		end_before = line.end_len;
	}
	close_parts(walk, 0, walk->lines.end);
	return err;
}

int
mail_init_parts(struct mail *mail, const struct input *input, uint64_t begin,
    uint64_t end, struct err_note *note)
{
	struct walk walk = {.mail = mail};
	int err;

	memset(mail, 0, sizeof(*mail));
	mail->input = input;
	mail_head_init(&walk.head);
	buf_init(&walk.value, MAIL_FIELD_MAX);
	err = mail_lines_init(&walk.lines, input, begin, end);
	walk.open = mem_array(MAIL_DEPTH_MAX, sizeof(*walk.open));
	if (walk.open == NULL)
		err = ERR_NOMEM;
	if (err == 0)
		err = walk_lines(&walk, note);
	mail_lines_fini(&walk.lines);
	mail_head_fini(&walk.head);
	buf_fini(&walk.value);
	mem_free(walk.open);
	return err;
}

void
mail_fini(struct mail *mail)
{
	mem_free(mail->parts);
	memset(mail, 0, sizeof(*mail));
}

int
mail_part_head(const struct mail *mail, const struct mail_part *part,
    struct mail_head *head, struct err_note *note)
{
	struct mail_lines lines;
	uint64_t body;
	int err;

	err = mail_lines_init(&lines, mail->input, part->head, part->end);
	if (err == 0)
		err = mail_head_read(&lines, head, &body, note);
	mail_lines_fini(&lines);
	return err;
}

/* ---- names -------------------------------------------------------------- */

void
mail_file_name(const char *name, const char *extension, struct buf *out)
{
	size_t len = strlen(name), from = out->len, i;

	len = utf8_floor(name, len, NAME_MAX_BYTES);
	while (len > 0 && (name[len - 1] == '.' || name[len - 1] == ' '))
		len--;
	(void)buf_put(out, name, len);
	for (i = from; i < out->len; i++)
		if (out->data[i] == '/' || out->data[i] == '\\')
			out->data[i] = '_';
	if (*extension != '\0' && out->err == 0)
		(void)buf_printf(out, ".%s", extension);
}

/* Takes the first bytes and then has enough. */
static int
sink_some(void *arg, const char *bytes, size_t len)
{
	struct buf *out = arg;
	size_t room = out->max - out->len;

	(void)buf_put(out, bytes, len < room ? len : room);
	return out->len < out->max ? out->err : ERR_CLOSED;
}

/* The subject of a mail that is a part, as a name. */
static int
name_of_message(const struct mail *mail, const struct mail_part *part,
    struct buf *out, struct err_note *note)
{
	struct input inner = {.fd = -1};
	struct mail_lines lines;
	struct mail_head head;
	struct buf bytes, words;
	uint64_t body;
	int err;

	buf_init(&bytes, INNER_HEAD_MAX);
	buf_init(&words, MAIL_FIELD_MAX);
	mail_head_init(&head);
	memset(&lines, 0, sizeof(lines));
	err = mail_part_bytes(mail, part, sink_some, &bytes);
	if (err < 0 && err != ERR_CLOSED)
		goto out;
	inner.memory = buf_text(&bytes);
	inner.size = bytes.len;
	err = mail_lines_init(&lines, &inner, 0, bytes.len);
	if (err == 0)
		err = mail_head_read(&lines, &head, &body, note);
	if (err < 0)
		goto out;
	mail_words(buf_text(&head.fields[MAIL_FIELD_SUBJECT]),
	    head.fields[MAIL_FIELD_SUBJECT].len, NULL, &words);
	mail_file_name(words.len > 0 ? buf_text(&words) : "message", "eml",
	    out);
out:
	mail_lines_fini(&lines);
	mail_head_fini(&head);
	buf_fini(&bytes);
	buf_fini(&words);
	return err;
}

/* Only the last part of a path. */
static void
cut_path(struct buf *name)
{
	size_t i = name->len;

	while (i > 0 && name->data[i - 1] != '/' && name->data[i - 1] != '\\')
		i--;
	if (i == 0 || i == name->len)
		return;
	name->len -= i;
	memmove(name->data, name->data + i, name->len + 1);
}

/* The object identifiers that say what is in a PKCS #7 file: signed data can
 * be read by all, and has a mail in it. */
bool
mail_part_is_sealed(const struct mail *mail, const struct mail_part *part)
{
	static const char signed_data[] = "\x2A\x86\x48\x86\xF7\x0D\x01\x07"
					  "\x02";
	struct buf bytes;
	bool is_signed;

	if (!part->is_sealed)
		return false;
	buf_init(&bytes, MAIL_SEAL_BYTES_MAX);
	(void)mail_part_bytes(mail, part, sink_some, &bytes);
	is_signed = bytes_find(buf_text(&bytes), bytes.len, signed_data,
			sizeof(signed_data) - 1) != NULL;
	buf_fini(&bytes);
	return !is_signed;
}

int
mail_part_name(const struct mail *mail, const struct mail_part *part,
    unsigned number, struct buf *out, struct err_note *note)
{
	const struct buf *fields;
	struct mail_head head;
	bool is_named;
	int err;

	buf_clear(out);
	mail_head_init(&head);
	err = mail_part_head(mail, part, &head, note);
	if (err < 0)
		goto out;
	fields = head.fields;
	is_named = mail_parameter(&fields[MAIL_FIELD_CONTENT_DISPOSITION],
			"filename", part->charset, out) && out->len > 0;
	if (!is_named)
		is_named = mail_parameter(&fields[MAIL_FIELD_CONTENT_TYPE],
			       "name", part->charset, out) && out->len > 0;
	cut_path(out);
	/* What is in it need not say loudly that it is a mail. */
	if (is_named && is_message(part->type) &&
	    !name_has_extension(buf_text(out), "eml"))
		(void)buf_puts(out, ".eml"); /* sticks */
	if (is_named)
		goto out;
	buf_clear(out);
	if (is_message(part->type))
		err = name_of_message(mail, part, out, note);
	else if (types[part->type].extension[0] != '\0')
		err = buf_printf(out, "attachment-%u.%s", number,
		    types[part->type].extension);
	else
		err = buf_printf(out, "attachment-%u", number);
out:
	mail_head_fini(&head);
	return err == 0 ? out->err : err;
}
