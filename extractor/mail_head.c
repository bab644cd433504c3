/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Headers: the fields that are kept, their parameters (RFC 2045, RFC 2231)
 * and addresses.
 */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "extractor/mail.h"

/* A parameter may come in so many pieces: name*0=, name*1= ... */
#define PIECES_MAX 100u

static const struct {
	const char *name;
	size_t len;
} field_names[] = {
#define MAIL_FIELD(id, name) {name, sizeof(name) - 1},
#include "extractor/mail_tbl.h"
};

void
mail_head_init(struct mail_head *head)
{
	size_t i;

	for (i = 0; i < MAIL_FIELD_COUNT; i++)
		buf_init(&head->fields[i], MAIL_FIELD_MAX);
}

void
mail_head_fini(struct mail_head *head)
{
	size_t i;

	for (i = 0; i < MAIL_FIELD_COUNT; i++)
		buf_fini(&head->fields[i]);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

size_t
mail_field_name(const char *line, size_t len)
{
	size_t n = 0;

	if (len >= 2 && line[0] == '-' && line[1] == '-')
		return 0;
	while (n < len && line[n] > ' ' && line[n] < 0x7F && line[n] != ':')
		n++;
	if (n == 0 || n == len)
		return 0;
	/* White space before the colon is wrong, but old. */
	while (len > n && is_blank(line[n]))
		if (++n == len)
			return 0;
	return line[n] == ':' ? n : 0;
}

/* ---- reading ------------------------------------------------------------ */

/* The field that a line of this name goes on to fill, or NULL. */
static struct buf *
head_field(struct mail_head *head, const char *name, size_t len)
{
	struct buf *field;
	size_t i;

	while (len > 0 && is_blank(name[len - 1]))
		len--;
	for (i = 0; i < MAIL_FIELD_COUNT; i++)
		if (field_names[i].len == len &&
		    strncasecmp(field_names[i].name, name, len) == 0)
			break;
	if (i == MAIL_FIELD_COUNT)
		return NULL;
	field = &head->fields[i];
	if (field->len == 0)
		return field;
	/* There may be several of these; of others the first one counts. */
	if (i != MAIL_FIELD_TO && i != MAIL_FIELD_CC)
		return NULL;
	(void)buf_puts(field, ", "); /* sticks */
	return field;
}

/* A line that is no field: is it the only one?  Mailers that insert a remark
 * exist; a body without an empty line before it is likelier. */
static int
is_remark(struct mail_lines *lines, uint64_t offset, bool *ret_is_remark)
{
	struct mail_line next;
	int got;

	got = mail_line_next(lines, &next);
	if (got < 0)
		return got;
	*ret_is_remark = got > 0 && mail_field_name(next.text, next.len) > 0;
	mail_lines_seek(lines, *ret_is_remark ? next.offset : offset);
	return 0;
}

static int
is_too_big(struct err_note *note)
{
	return err_set(note, ERR_TOO_BIG, "the header of the mail, or a field "
	    "of it, is larger than the limit");
}

int
mail_head_read(struct mail_lines *lines, struct mail_head *head,
    uint64_t *ret_body, struct err_note *note)
{
	struct buf *field = NULL;
	struct mail_line line;
	uint64_t begin = lines->at + lines->start, body = begin;
	size_t i, name;
	bool is_remark_only, is_begun = false;
	int got;

	for (i = 0; i < MAIL_FIELD_COUNT; i++)
		buf_clear(&head->fields[i]);
	for (;;) {
		got = mail_line_next(lines, &line);
		if (got <= 0)
			break;
		if (line.offset - begin > MAIL_HEAD_MAX)
			return is_too_big(note);
		body = line.offset + line.len + line.end_len;
		if (line.len == 0 && !line.is_rest)
			break;
		if (line.is_rest || (is_blank(line.text[0]) && is_begun)) {
			if (field != NULL)
				(void)buf_put(field, line.text, line.len);
			continue;
		}
		name = mail_field_name(line.text, line.len);
		is_begun = true;
		if (name == 0) {
			field = NULL;
			body = line.offset;
			/* Two dashes begin the next part. */
			if (line.len >= 2 && memcmp(line.text, "--", 2) == 0) {
				mail_lines_seek(lines, body);
				break;
			}
			got = is_remark(lines, body, &is_remark_only);
			if (got < 0 || !is_remark_only)
				break;
			continue;
		}
		field = head_field(head, line.text, name);
		if (field != NULL)
			(void)buf_put(field, line.text + name + 1,
			    line.len - name - 1);
	}
	if (got < 0)
		return got;
	for (i = 0; i < MAIL_FIELD_COUNT; i++)
		if (head->fields[i].err < 0)
			return head->fields[i].err == ERR_NOMEM
			    ? ERR_NOMEM : is_too_big(note);
	*ret_body = body;
	return 0;
}

/* ---- parameters --------------------------------------------------------- */

struct piece {
	const char *text;
	size_t len;
	bool is_extended; /* percent signs are escapes */
};

/* A parameter as it stands there: its name, and its value without quotes. */
struct parameter {
	const char *name, *value;
	size_t name_len, value_len;
	bool is_quoted;
};

static const char *
skip_blanks(const char *at, const char *end)
{
	while (at < end && (is_blank(*at) || *at == '\r' || *at == '\n'))
		at++;
	return at;
}

/* The parameter that begins at at, behind a semicolon; returns where it
 * ends.  Values that should be quoted are taken as far as a semicolon. */
static const char *
next_parameter(const char *at, const char *end, struct parameter *parameter)
{
	const char *last;

	memset(parameter, 0, sizeof(*parameter));
	at = skip_blanks(at, end);
	parameter->name = at;
	while (at < end && *at != '=' && *at != ';')
		at++;
	last = at;
	while (last > parameter->name && is_blank(last[-1]))
		last--;
	parameter->name_len = (size_t)(last - parameter->name);
	if (at == end || *at == ';')
		return at;
	at = skip_blanks(at + 1, end);
	parameter->is_quoted = at < end && *at == '"';
	at += parameter->is_quoted;
	parameter->value = at;
	while (at < end && *at != (parameter->is_quoted ? '"' : ';'))
		at += parameter->is_quoted && *at == '\\' && at + 1 < end
		    ? 2 : 1;
	parameter->value_len = (size_t)(at - parameter->value);
	while (at < end && *at != ';')
		at++;
	while (!parameter->is_quoted && parameter->value_len > 0 &&
	    is_blank(parameter->value[parameter->value_len - 1]))
		parameter->value_len--;
	return at;
}

/* The piece that this parameter is of the one that is looked for, or -1.
 * Plain values are piece 0. */
static int
piece_number(const struct parameter *parameter, const char *name,
    bool *ret_is_extended)
{
	const char *at, *end = parameter->name + parameter->name_len;
	size_t len = strlen(name);
	int number = 0;

	*ret_is_extended = false;
	if (parameter->name_len < len ||
	    strncasecmp(parameter->name, name, len) != 0)
		return -1;
	at = parameter->name + len;
	if (at == end)
		return 0;
	if (*at++ != '*')
		return -1;
	if (at == end) {
		*ret_is_extended = true;
		return 0;
	}
	for (; at < end && *at >= '0' && *at <= '9'; at++)
		if (number < (int)PIECES_MAX)
			number = number * 10 + *at - '0';
	if (at + 1 == end && *at == '*') {
		*ret_is_extended = true;
		at++;
	}
	return at == end && number < (int)PIECES_MAX ? number : -1;
}

/* Unescape a piece: percent signs, or backslashes before quotes. */
static void
put_piece(const struct piece *piece, struct buf *out)
{
	const char *text = piece->text;
	size_t i;

	for (i = 0; i < piece->len; i++) {
		if (piece->is_extended && text[i] == '%' &&
		    i + 2 < piece->len && mail_hex(text[i + 1]) >= 0 &&
		    mail_hex(text[i + 2]) >= 0) {
			(void)buf_putc(out, (char)(mail_hex(text[i + 1]) *
				16 + mail_hex(text[i + 2])));
			i += 2;
			continue;
		}
		/* Paths of Windows have backslashes of their own. */
		if (!piece->is_extended && text[i] == '\\' &&
		    i + 1 < piece->len && (text[i + 1] == '"' ||
			text[i + 1] == '\\'))
			i++;
		(void)buf_putc(out, text[i]); /* sticks */
	}
}

/* "utf-8'de'": cut it off the first piece. */
static void
take_charset(struct piece *piece, char *charset, size_t size)
{
	const char *first, *second;
	size_t len;

	first = memchr(piece->text, '\'', piece->len);
	second = first == NULL ? NULL : memchr(first + 1, '\'',
	    piece->len - (size_t)(first + 1 - piece->text));
	if (second == NULL)
		return;
	len = (size_t)(first - piece->text);
	if (len > 0 && len < size) {
		memcpy(charset, piece->text, len);
		charset[len] = '\0';
	}
	piece->len -= (size_t)(second + 1 - piece->text);
	piece->text = second + 1;
}

/*
 * The bytes of a parameter, put together from its pieces, into out; own
 * (MAIL_CHARSET_MAX bytes) is the charset that it names itself, or "".
 */
static bool
parameter_bytes(const struct buf *value, const char *name, struct buf *out,
    char *own, bool *ret_is_extended)
{
	struct piece pieces[PIECES_MAX] = {{0}};
	struct parameter parameter;
	const char *at = buf_text(value), *end = at + value->len;
	bool is_extended;
	size_t i;
	int number;

	at = memchr(at, ';', value->len);
	while (at != NULL && at < end) {
		at = next_parameter(at + 1, end, &parameter);
		number = piece_number(&parameter, name, &is_extended);
		if (number < 0 || parameter.value == NULL)
			continue;
		/* The extended form of one is better than the plain one. */
		if (pieces[number].text != NULL &&
		    (pieces[number].is_extended || !is_extended))
			continue;
		pieces[number].text = parameter.value;
		pieces[number].len = parameter.value_len;
		pieces[number].is_extended = is_extended;
	}
	if (pieces[0].text == NULL)
		return false;
	*ret_is_extended = pieces[0].is_extended;
	own[0] = '\0';
	if (pieces[0].is_extended)
		take_charset(&pieces[0], own, MAIL_CHARSET_MAX);
	for (i = 0; i < PIECES_MAX && pieces[i].text != NULL; i++)
		put_piece(&pieces[i], out);
	return out->err == 0;
}

bool
mail_parameter(const struct buf *value, const char *name,
    const char *charset, struct buf *out)
{
	char own[MAIL_CHARSET_MAX];
	struct buf bytes;
	bool is_there, is_extended;

	buf_clear(out);
	buf_init(&bytes, MAIL_FIELD_MAX);
	is_there = parameter_bytes(value, name, &bytes, own, &is_extended);
	if (is_there && is_extended) {
		mail_decode_text(buf_text(&bytes), bytes.len,
		    own[0] == '\0' ? charset : own, out);
		mail_fold(out, 0);
	} else if (is_there)
		mail_words(buf_text(&bytes), bytes.len, charset, out);
	buf_fini(&bytes);
	return is_there && out->err == 0;
}

bool
mail_parameter_raw(const struct buf *value, const char *name, struct buf *out)
{
	char own[MAIL_CHARSET_MAX];
	bool is_extended;

	buf_clear(out);
	return parameter_bytes(value, name, out, own, &is_extended);
}

/* ---- addresses ---------------------------------------------------------- */

/* Where the address at at ends: at a comma or semicolon outside of quotes,
 * remarks and angles. */
static const char *
address_end(const char *at, const char *end)
{
	bool is_quoted = false, is_in_angle = false;
	unsigned depth = 0;

	for (; at < end; at++) {
		if (*at == '\\' && at + 1 < end)
			at++;
		else if (*at == '"' && depth == 0)
			is_quoted = !is_quoted;
		else if (is_quoted)
			continue;
		else if (*at == '(')
			depth++;
		else if (*at == ')' && depth > 0)
			depth--;
		else if (depth == 0 && *at == '<')
			is_in_angle = true;
		else if (depth == 0 && *at == '>')
			is_in_angle = false;
		else if (depth == 0 && !is_in_angle &&
		    (*at == ',' || *at == ';'))
			break;
	}
	return at;
}

/* Text without the quotes around it and the backslashes in it. */
static void
put_phrase(const char *text, size_t len, const char *charset, struct buf *out)
{
	struct buf plain;
	size_t i;

	buf_init(&plain, MAIL_FIELD_MAX);
	for (i = 0; i < len; i++) {
		if (text[i] == '"')
			continue;
		if (text[i] == '\\' && i + 1 < len)
			i++;
		(void)buf_putc(&plain, text[i]); /* bounded by the field */
	}
	mail_words(buf_text(&plain), plain.len, charset, out);
	buf_fini(&plain);
}

/* "Name <a@b>", "a@b (Name)" or "a@b". */
static void
put_address(const char *text, size_t len, const char *charset,
    struct buf *all, struct buf *names)
{
	const char *open = memchr(text, '<', len), *close, *remark;
	size_t before = all->len, name_len = 0;
	struct buf name;

	buf_init(&name, MAIL_FIELD_MAX);
	close = open == NULL ? NULL : memchr(open, '>',
	    len - (size_t)(open - text));
	if (open != NULL)
		put_phrase(text, (size_t)(open - text), charset, &name);
	name_len = name.len;
	(void)buf_put(all, buf_text(&name), name.len);
	if (close != NULL && close > open + 1) {
		if (name_len > 0)
			(void)buf_puts(all, " <");
		mail_words(open + 1, (size_t)(close - open) - 1, charset,
		    all);
		if (name_len > 0)
			(void)buf_putc(all, '>');
		if (name_len == 0)
			mail_words(open + 1, (size_t)(close - open) - 1,
			    charset, &name);
	} else if (open == NULL) {
		put_phrase(text, len, charset, all);
		remark = memchr(text, '(', len);
		if (remark != NULL)
			put_phrase(remark + 1, (size_t)(text + len - remark) -
			    1 - (text[len - 1] == ')'), charset, &name);
		if (name.len == 0)
			(void)buf_put(&name, buf_text(all) + before,
			    all->len - before);
	}
	if (name.len > 0) {
		if (names->len > 0)
			(void)buf_puts(names, "; ");
		(void)buf_put(names, buf_text(&name), name.len);
	}
	buf_fini(&name);
}

void
mail_addresses(const char *value, size_t len, const char *charset,
    struct buf *all, struct buf *names)
{
	const char *at = value, *end = value + len, *stop, *last;
	size_t before;

	while (at < end) {
		stop = address_end(at, end);
		while (at < stop && is_blank(*at))
			at++;
		last = stop;
		while (last > at && is_blank(last[-1]))
			last--;
		if (last > at) {
			before = all->len;
			if (before > 0)
				(void)buf_puts(all, ", ");
			put_address(at, (size_t)(last - at), charset, all,
			    names);
		}
		at = stop + 1;
	}
}
