/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mail: its subject, who wrote it to whom and when, its text, and the files
 * that are attached to it, which become documents of their own.
 *
 * Of texts that say the same in several forms (multipart/alternative) one is
 * read: the page, unless the plain text has clearly more to say.  Pictures
 * that a page shows are no attachments.  A mail of which nothing can be read
 * without a key is encrypted.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/mail.h"

/* Plain text must have so much more than the page to be preferred. */
#define FULLER_FACTOR 2u
#define FULLER_LEAST 100u

/* Apple's length line; the line of a mailbox before a mail. */
#define EML_PREFIX_MAX 1024u

enum where {
	IN_MIXED,
	IN_RELATED,   /* what has an address of its own is shown there */
	IN_UNCHOSEN,  /* the text is there already, in another form */
};

struct eml {
	struct mail mail;
	struct emit *emit;
	struct err_note *note;
	struct buf body;
	uint32_t *attached; /* parts that become members */
	uint32_t attached_count;
	uint64_t texts; /* parts that were emitted */
	char charset[MAIL_CHARSET_MAX]; /* the first that is declared */
};

/* Letters and digits, of a page those outside of tags and of what is not
 * shown. */
struct letters {
	uint64_t count;
	bool is_html, is_in_tag, is_hidden;
	char tag[8]; /* the beginning of its name */
	size_t tag_len;
};

static int walk_part(struct eml *eml, uint32_t index, enum where where);

/* ---- which text --------------------------------------------------------- */

static bool
is_html(const struct mail_part *part)
{
	return part->type == MAIL_TYPE_HTML || part->type == MAIL_TYPE_XHTML;
}

static bool
is_plain(const struct mail_part *part)
{
	return part->type == MAIL_TYPE_PLAIN ||
	    part->type == MAIL_TYPE_ENRICHED ||
	    part->type == MAIL_TYPE_RICHTEXT;
}

static bool
is_text(const struct mail_part *part)
{
	return is_html(part) || is_plain(part) ||
	    part->type == MAIL_TYPE_REPORT || part->type == MAIL_TYPE_TEXT;
}

/* A page can be read here only when it fits into memory. */
static bool
is_body(const struct mail_part *part)
{
	return is_text(part) && !part->is_attachment &&
	    part->end - part->body <= MAIL_BODY_MAX;
}

/* The first text of that kind in a part and those inside; UINT32_MAX: none. */
static uint32_t
find_text(const struct mail *mail, uint32_t index,
    bool (*is_kind)(const struct mail_part *))
{
	uint32_t i;

	for (i = index; i < mail->parts[index].next; i++)
		if (is_body(&mail->parts[i]) && is_kind(&mail->parts[i]))
			return i;
	return UINT32_MAX;
}

/* A tag has ended. */
static void
see_tag(struct letters *letters)
{
	static const char *const hidden[] = {"head", "style", "script"};
	const char *name = letters->tag;
	size_t i;

	letters->tag[letters->tag_len] = '\0';
	letters->is_in_tag = false;
	for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (strcasecmp(name + (*name == '/'), hidden[i]) == 0)
			letters->is_hidden = *name != '/';
}

static int
count_letters(void *arg, const char *bytes, size_t len)
{
	struct letters *letters = arg;
	unsigned char c;
	size_t i;

	for (i = 0; i < len; i++) {
		c = (unsigned char)bytes[i];
		if (letters->is_html && c == '<') {
			letters->is_in_tag = true;
			letters->tag_len = 0;
		} else if (letters->is_in_tag && c == '>') {
			see_tag(letters);
		} else if (letters->is_in_tag) {
			/* Attributes end the name. */
			if (letters->tag_len < sizeof(letters->tag) - 1)
				letters->tag[letters->tag_len++] =
				    isspace(c) ? '\0' : (char)c;
		} else if (!letters->is_hidden && (isalnum(c) || c >= 0x80)) {
			letters->count++;
		}
	}
	return 0;
}

/* Has the plain text clearly more than the page? */
static int
is_fuller(const struct mail *mail, uint32_t plain, uint32_t html,
    bool *ret_is_fuller)
{
	struct letters in_plain = {.is_html = false};
	struct letters in_html = {.is_html = true};
	int err;

	err = mail_part_bytes(mail, &mail->parts[plain], count_letters,
	    &in_plain);
	if (err == 0)
		err = mail_part_bytes(mail, &mail->parts[html],
		    count_letters, &in_html);
	*ret_is_fuller = in_plain.count > FULLER_LEAST &&
	    in_plain.count > FULLER_FACTOR * in_html.count;
	return err;
}

/* The text of the part into a block or many; an empty one is no text. */
static int
emit_text(struct eml *eml, const struct mail_part *part)
{
	struct mail_text text = {
	    .charset = part->charset,
	    .is_flowed = part->is_flowed,
	    .is_del_sp = part->is_del_sp,
	};
	uint64_t before = eml->emit->blocks;
	int err;

	err = mail_part_load(&eml->mail, part, &eml->body);
	if (err < 0)
		return err;
	text.bytes = buf_text(&eml->body);
	text.len = eml->body.len;
	if (is_html(part))
		err = mail_emit_html(&text, eml->emit, eml->note);
	else if (part->type == MAIL_TYPE_ENRICHED ||
	    part->type == MAIL_TYPE_RICHTEXT)
		err = mail_emit_enriched(&text, eml->emit, eml->note);
	else
		err = mail_emit_plain(&text, eml->emit, eml->note);
	eml->texts += eml->emit->blocks > before;
	return err;
}

/* ---- the walk ----------------------------------------------------------- */

static int
walk_inside(struct eml *eml, uint32_t index, enum where where)
{
	const struct mail_part *parts = eml->mail.parts;
	uint32_t i;
	int err = 0;

	for (i = index + 1; err == 0 && i < parts[index].next;
	     i = parts[i].next)
		err = walk_part(eml, i, where);
	return err;
}

/* One of several forms of the same; of the others only what is attached. */
static int
walk_alternative(struct eml *eml, uint32_t index, enum where where)
{
	const struct mail_part *parts = eml->mail.parts;
	uint32_t plain = find_text(&eml->mail, index, is_plain);
	uint32_t html = find_text(&eml->mail, index, is_html);
	uint32_t wanted = html, i;
	uint64_t before = eml->texts;
	bool plain_is_fuller;
	int err;

	if (where == IN_UNCHOSEN)
		return walk_inside(eml, index, where);
	if (plain != UINT32_MAX && html != UINT32_MAX) {
		err = is_fuller(&eml->mail, plain, html, &plain_is_fuller);
		if (err < 0)
			return err;
		if (plain_is_fuller)
			wanted = plain;
	}
	if (wanted == UINT32_MAX)
		wanted = plain;
	if (wanted == UINT32_MAX)
		wanted = find_text(&eml->mail, index, is_text);
	for (i = index + 1; i < parts[index].next; i = parts[i].next) {
		err = walk_part(eml, i, wanted >= i && wanted < parts[i].next
			? where : IN_UNCHOSEN);
		if (err < 0)
			return err;
	}
	/* A page of nothing but pictures may have words beside it. */
	if (eml->texts == before && wanted == html && plain != UINT32_MAX)
		return emit_text(eml, &parts[plain]);
	return 0;
}

/* A signature, or what only a Macintosh has use for. */
static bool
is_nothing(const struct mail_part *part)
{
	return part->type == MAIL_TYPE_SIGNATURE ||
	    part->type == MAIL_TYPE_X_SIGNATURE ||
	    part->type == MAIL_TYPE_PGP_SIGNATURE ||
	    part->type == MAIL_TYPE_APPLEFILE || part->type == MAIL_TYPE_AMP;
}

static bool
is_image(const struct mail_part *part)
{
	return part->type >= MAIL_TYPE_JPEG && part->type <= MAIL_TYPE_IMAGE;
}

static int
walk_leaf(struct eml *eml, uint32_t index, enum where where)
{
	const struct mail_part *part = &eml->mail.parts[index];
	bool is_first = eml->texts == 0 && index == 0;

	/* A mail that is nothing but a text is no attachment to itself. */
	if (is_first && is_text(part) &&
	    part->end - part->body <= MAIL_BODY_MAX)
		return emit_text(eml, part);
	if (is_body(part) && where == IN_UNCHOSEN)
		return 0;
	if (is_body(part) && (!part->has_name || eml->texts == 0))
		return emit_text(eml, part);
	if (is_nothing(part) || part->end == part->body ||
	    (is_image(part) && where != IN_MIXED && !part->is_attachment))
		return 0;
	eml->attached[eml->attached_count++] = index;
	return 0;
}

static int
walk_part(struct eml *eml, uint32_t index, enum where where)
{
	const struct mail_part *part = &eml->mail.parts[index];

	if (!mail_is_multipart(part))
		return walk_leaf(eml, index, where);
	if (part->type == MAIL_TYPE_ALTERNATIVE)
		return walk_alternative(eml, index, where);
	if (part->type == MAIL_TYPE_RELATED && where == IN_MIXED)
		where = IN_RELATED;
	else if (part->type == MAIL_TYPE_MULTIPART && where == IN_RELATED)
		where = IN_MIXED;
	return walk_inside(eml, index, where);
}

/* ---- attachments -------------------------------------------------------- */

static int
sink_member(void *arg, const char *bytes, size_t len)
{
	return emit_member_bytes(arg, bytes, len);
}

static int
emit_attached(struct eml *eml)
{
	const struct mail_part *part;
	struct emit *emit = eml->emit;
	struct buf name;
	uint32_t i;
	int err = 0;

	buf_init(&name, MAIL_FIELD_MAX);
	for (i = 0; err == 0 && i < eml->attached_count; i++) {
		part = &eml->mail.parts[eml->attached[i]];
		err = mail_part_name(&eml->mail, part, i + 1, &name,
		    eml->note);
		if (err < 0)
			break;
		(void)emit_open(emit, BLOCK_LIST_ITEM, 1); /* sticks */
		(void)emit_words(emit, "Attachment: ", 12);
		(void)emit_words(emit, buf_text(&name), name.len);
		err = emit_close(emit);
	}
	/* Where no documents are wanted any more, they have been named. */
	for (i = 0; err == 0 && emit->members_max > 0 &&
	     i < eml->attached_count; i++) {
		part = &eml->mail.parts[eml->attached[i]];
		err = mail_part_name(&eml->mail, part, i + 1, &name,
		    eml->note);
		if (err == 0)
			err = emit_member_begin(emit, buf_text(&name),
			    name.len);
		if (err == 0)
			err = mail_part_bytes(&eml->mail, part, sink_member,
			    emit);
		if (err == 0)
			err = emit_member_end(emit, ITEM_CODE_NONE, NULL);
	}
	buf_fini(&name);
	return err;
}

/* ---- the whole ---------------------------------------------------------- */

static const char *
words_of(const struct mail_head *head, enum mail_field field,
    const char *charset, struct buf *out)
{
	mail_words(buf_text(&head->fields[field]), head->fields[field].len,
	    charset, out);
	return buf_text(out);
}

static int
emit_head(struct eml *eml)
{
	struct mail_summary summary = {0};
	struct mail_head head;
	struct buf subject, from, author, to, cc, ignored, date, id;
	struct buf *const all[] = {&subject, &from, &author, &to, &cc,
	    &ignored, &date, &id};
	const struct buf *field;
	size_t i;
	int err;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		buf_init(all[i], 4 * MAIL_FIELD_MAX);
	mail_head_init(&head);
	err = mail_part_head(&eml->mail, &eml->mail.parts[0], &head,
	    eml->note);
	if (err < 0)
		goto out;
	summary.subject = words_of(&head, MAIL_FIELD_SUBJECT, eml->charset,
	    &subject);
	field = &head.fields[MAIL_FIELD_FROM];
	if (field->len == 0)
		field = &head.fields[MAIL_FIELD_SENDER];
	mail_addresses(buf_text(field), field->len, eml->charset, &from,
	    &author);
	field = &head.fields[MAIL_FIELD_TO];
	mail_addresses(buf_text(field), field->len, eml->charset, &to,
	    &ignored);
	field = &head.fields[MAIL_FIELD_CC];
	mail_addresses(buf_text(field), field->len, eml->charset, &cc,
	    &ignored);
	summary.from = buf_text(&from);
	summary.author = buf_text(&author);
	summary.to = buf_text(&to);
	summary.cc = buf_text(&cc);
	summary.message_id = words_of(&head, MAIL_FIELD_MESSAGE_ID, NULL, &id);
	summary.date = words_of(&head, MAIL_FIELD_DATE, NULL, &date);
	summary.has_date = mail_date(summary.date, date.len,
	    &summary.seconds, &summary.ahead_minutes);
	err = mail_emit_summary(&summary, eml->emit);
out:
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (err == 0)
			err = all[i]->err;
		buf_fini(all[i]);
	}
	mail_head_fini(&head);
	return err;
}

/* Nothing in it can be read but with a key. */
static bool
is_encrypted(const struct mail *mail)
{
	const struct mail_part *part;
	bool is_sealed = false;
	uint32_t i;

	for (i = 0; i < mail->count; i++) {
		part = &mail->parts[i];
		if (part->type == MAIL_TYPE_ENCRYPTED) {
			is_sealed = true;
			i = part->next - 1; /* not into it */
		} else if (mail_part_is_sealed(mail, part)) {
			is_sealed = true;
		} else if (!mail_is_multipart(part) && !is_nothing(part) &&
		    part->end > part->body) {
			return false;
		}
	}
	return is_sealed;
}

/* "-----BEGIN PGP MESSAGE-----" is all there is. */
static bool
is_pgp_text(struct eml *eml)
{
	static const char begins[] = "-----BEGIN PGP MESSAGE-----";
	const struct mail_part *part = &eml->mail.parts[0];
	char text[sizeof(begins) + 8];
	size_t i = 0;
	long n;

	if (eml->mail.count != 1 || !is_plain(part) ||
	    part->encoding == MAIL_BASE64)
		return false;
	n = input_read_at(eml->mail.input, part->body, text, sizeof(text));
	while (n > 0 && i < (size_t)n && isspace((unsigned char)text[i]))
		i++;
	return n > 0 && (size_t)n - i >= sizeof(begins) - 1 &&
	    memcmp(text + i, begins, sizeof(begins) - 1) == 0;
}

/* Where the mail itself begins and ends in the file. */
static int
find_mail(const struct input *input, uint64_t *ret_begin, uint64_t *ret_end)
{
	char bytes[EML_PREFIX_MAX];
	uint64_t length = 0;
	size_t i = 0;
	long got = input_read_at(input, 0, bytes, sizeof(bytes));
	size_t len = got < 0 ? 0 : (size_t)got;

	if (got < 0)
		return ERR_IO;
	*ret_end = input->size;
	if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		i = 3;
	if (name_has_extension(input->name, "emlx")) {
		for (; i < len && i < 12 && isdigit((unsigned char)bytes[i]);
		     i++)
			length = length * 10 + (uint64_t)(bytes[i] - '0');
		while (i < len && (bytes[i] == ' ' || bytes[i] == '\r'))
			i++;
		if (length > 0 && length < input->size - i - 1)
			*ret_end = i + 1 + length;
	}
	while (i < len && (bytes[i] == '\n' || bytes[i] == '\r'))
		i++;
	if (len - i > 5 && (memcmp(bytes + i, "From ", 5) == 0 ||
			       memcmp(bytes + i, ">From ", 6) == 0)) {
		while (i < len && bytes[i] != '\n')
			i++;
		i += i < len;
	}
	*ret_begin = i;
	return 0;
}

static int
eml_read(struct eml *eml)
{
	uint32_t i;
	int err;

	if (is_encrypted(&eml->mail) || is_pgp_text(eml))
		return err_set(eml->note, ERR_FORBIDDEN,
		    "the mail is encrypted");
	for (i = 0; i < eml->mail.count && eml->charset[0] == '\0'; i++)
		(void)snprintf(eml->charset, sizeof(eml->charset), "%s",
		    eml->mail.parts[i].charset);
	eml->attached = mem_array(eml->mail.count, sizeof(*eml->attached));
	if (eml->attached == NULL)
		return ERR_NOMEM;
	err = emit_head(eml);
	if (err == 0)
		err = walk_part(eml, 0, IN_MIXED);
	if (err == 0)
		err = emit_close(eml->emit);
	return err < 0 ? err : emit_attached(eml);
}

int
read_eml(struct input *input, struct emit *emit, struct err_note *note)
{
	struct eml eml = {.emit = emit, .note = note};
	uint64_t begin, end;
	int err;

	buf_init(&eml.body, MAIL_BODY_MAX);
	err = find_mail(input, &begin, &end);
	if (err == 0)
		err = mail_init_parts(&eml.mail, input, begin, end, note);
	if (err == 0)
		err = eml_read(&eml);
	mail_fini(&eml.mail);
	buf_fini(&eml.body);
	mem_free(eml.attached);
	return err;
}
