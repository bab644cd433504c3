/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The texts of mails as blocks: plain ones by paragraphs (format=flowed,
 * RFC 3676, joined), HTML by its own reader.  A file that stands uuencoded in
 * a text, as before MIME, becomes a member.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/bytes.h"
#include "extractor/charset.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/mail.h"

#define UU_NAME_MAX 200u

/* A text that is being read line by line. */
struct plain {
	struct input input;
	struct emit *emit;
	bool is_flowed, is_del_sp;
	bool is_joined; /* the line before goes on in this one */
	unsigned depth; /* of its quoting */
};

/* ---- decoding ----------------------------------------------------------- */

static struct charset *
charset_of(const struct mail_text *text, const char *otherwise,
    bool *ret_is_sure)
{
	const char *name = text->charset;
	size_t len = text->len < INPUT_SAMPLE_MAX ? text->len
						  : INPUT_SAMPLE_MAX;
	struct charset *charset;

	*ret_is_sure = true;
	if (name == NULL || name[0] == '\0' ||
	    strcasecmp(name, "us-ascii") == 0 || strcasecmp(name, "ascii") == 0)
		name = otherwise;
	/* Charsets that shift between sets look like ASCII. */
	charset = name != NULL && bytes_are_ascii(text->bytes, len)
	    ? charset_find(name) : NULL;
	return charset != NULL
	    ? charset : charset_detect(text->bytes, len, name, ret_is_sure);
}

/* Have the text decoded in input; input_fini() in any case. */
static int
text_open(const struct mail_text *text, const char *otherwise,
    struct input *input)
{
	int err;

	err = input_init(input);
	if (err == 0)
		err = input_open_memory(input, text->bytes, text->len);
	if (err < 0)
		return err;
	input->name = "";
	input->charset = charset_of(text, otherwise, &input->is_sure);
	return input_more(input);
}

int
mail_emit_html(const struct mail_text *text, struct emit *emit,
    struct err_note *note)
{
	char declared[32];
	struct input input;
	bool is_declared;
	int err;

	is_declared = format_declared_charset(text->bytes, text->len,
	    declared, sizeof(declared));
	err = text_open(text, is_declared ? declared : NULL, &input);
	if (err == 0)
		err = read_html(&input, emit, note);
	input_fini(&input);
	return err;
}

/* ---- uuencoded files ---------------------------------------------------- */

/* The name in "begin 644 name", or NULL. */
static const char *
uu_name(const char *line, size_t len, size_t *ret_len)
{
	size_t i = 6;

	if (len < 11 || memcmp(line, "begin ", 6) != 0)
		return NULL;
	while (i < len && line[i] >= '0' && line[i] <= '7')
		i++;
	if (i < 9 || i > 10 || i + 1 >= len || line[i] != ' ' ||
	    len - i - 1 > UU_NAME_MAX)
		return NULL;
	*ret_len = len - i - 1;
	return line + i + 1;
}

/* A line that only a uuencoded file has: full, or of the length it says. */
static bool
is_uu_line(const char *line, size_t len)
{
	char bytes[64];
	size_t n = mail_uuencode_line(line, len, bytes);

	return n > 0 && len + 3 > (n + 2) / 3 * 4;
}

/* The file whose first line of len bytes is the next one, if it is one. */
static int
plain_uu(struct plain *plain, size_t len, bool *ret_is_file)
{
	struct input *input = &plain->input;
	struct emit *emit = plain->emit;
	char kept[UU_NAME_MAX], bytes[64];
	const char *name;
	size_t below, name_len, n;
	int err;

	*ret_is_file = false;
	name = uu_name(input_text(input), len, &name_len);
	if (name == NULL)
		return 0;
	memcpy(kept, name, name_len);
	err = input_line(input, len + 1, &below);
	if (err < 0 || below == SIZE_MAX ||
	    !is_uu_line(input_text(input) + len + 1, below))
		return err;
	*ret_is_file = true;
	input_eat_line(input, len);
	err = emit_open(emit, BLOCK_LIST_ITEM, 1);
	(void)emit_words(emit, "Attachment: ", 12);
	(void)emit_words(emit, kept, name_len);
	err = emit_close(emit);
	if (err == 0 && emit->members_max > 0)
		err = emit_member_begin(emit, kept, name_len);
	while (err == 0) {
		err = input_line(input, 0, &len);
		if (err < 0 || len == SIZE_MAX)
			break;
		n = mail_uuencode_line(input_text(input), len, bytes);
		name = input_text(input);
		/* What follows is text again, whether or not it says "end". */
		if (len == 3 && memcmp(name, "end", 3) == 0) {
			input_eat_line(input, len);
			break;
		}
		if (n == 0 && (len == 0 || (*name != '`' && *name != ' ')))
			break;
		input_eat_line(input, len);
		if (emit->members_max > 0)
			err = emit_member_bytes(emit, bytes, n);
	}
	if (err == 0 && emit->members_max > 0)
		err = emit_member_end(emit, ITEM_CODE_NONE, NULL);
	return err;
}

/* ---- plain text --------------------------------------------------------- */

static bool
is_empty(const char *line, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (line[i] != ' ' && line[i] != '\t' && line[i] != '\f')
			return false;
	return true;
}

/* How deep a line of a flowed text is quoted; *at goes past the marks and a
 * space that was stuffed in. */
static unsigned
quote_depth(const char *line, size_t len, size_t *at)
{
	unsigned depth = 0;

	for (*at = 0; *at < len && line[*at] == '>'; ++*at)
		depth++;
	if (*at < len && line[*at] == ' ')
		++*at;
	return depth;
}

static int
plain_flowed(struct plain *plain, const char *line, size_t len)
{
	static const char marks[] = ">>>>>>>>>>>>>>>> ";
	unsigned depth, shown;
	size_t at;
	bool is_signature, is_soft;

	depth = quote_depth(line, len, &at);
	line += at;
	len -= at;
	is_signature = len == 3 && memcmp(line, "-- ", 3) == 0;
	is_soft = len > 0 && line[len - 1] == ' ' && !is_signature;
	if (is_soft && plain->is_del_sp)
		len--;
	if (is_empty(line, len) && !is_soft) {
		plain->is_joined = false;
		return emit_close(plain->emit);
	}
	if (!plain->is_joined || depth != plain->depth) {
		if (emit_has_text(plain->emit))
			(void)emit_put(plain->emit, "\n", 1); /* sticks */
		shown = depth < 16 ? depth : 16;
		if (depth > 0)
			(void)emit_put(plain->emit, marks + 16 - shown,
			    shown + 1);
	}
	plain->depth = depth;
	plain->is_joined = is_soft;
	return emit_put(plain->emit, line, len);
}

static int
plain_line(struct plain *plain, size_t len)
{
	const char *line = input_text(&plain->input);
	int err;

	if (plain->is_flowed)
		return plain_flowed(plain, line, len);
	if (is_empty(line, len))
		return emit_close(plain->emit);
	if (emit_has_text(plain->emit))
		(void)emit_put(plain->emit, "\n", 1); /* sticks */
	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	err = emit_put(plain->emit, line, len);
	return err;
}

int
mail_emit_plain(const struct mail_text *text, struct emit *emit,
    struct err_note *note)
{
	struct plain plain = {
	    .emit = emit,
	    .is_flowed = text->is_flowed,
	    .is_del_sp = text->is_del_sp,
	};
	bool is_file;
	size_t len;
	int err;

	(void)note;
	err = text_open(text, NULL, &plain.input);
	while (err == 0) {
		err = input_line(&plain.input, 0, &len);
		if (err < 0 || len == SIZE_MAX)
			break;
		err = plain_uu(&plain, len, &is_file);
		if (err == 0 && !is_file) {
			err = plain_line(&plain, len);
			input_eat_line(&plain.input, len);
		}
	}
	input_fini(&plain.input);
	return err < 0 ? err : emit_close(emit);
}

/* ---- enriched text (RFC 1896) ------------------------------------------- */

/* Is this the tag of that name? */
static bool
is_tag(const char *tag, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(tag, name, len) == 0;
}

int
mail_emit_enriched(const struct mail_text *text, struct emit *emit,
    struct err_note *note)
{
	struct mail_text bare = *text;
	const char *at = text->bytes, *end = at + text->len, *close;
	bool is_parameter = false;
	struct buf out;
	int err;

	buf_init(&out, MAIL_BODY_MAX);
	while (at < end) {
		if (*at != '<' || at + 1 == end) {
			if (!is_parameter)
				(void)buf_putc(&out, *at);
			at++;
			continue;
		}
		if (at[1] == '<') {
			(void)buf_putc(&out, '<');
			at += 2;
			continue;
		}
		close = memchr(at, '>', (size_t)(end - at) < 80
			? (size_t)(end - at) : 80);
		if (close == NULL) {
			at++;
			continue;
		}
		if (is_tag(at + 1, (size_t)(close - at) - 1, "param"))
			is_parameter = true;
		else if (is_tag(at + 1, (size_t)(close - at) - 1, "/param"))
			is_parameter = false;
		else if (is_tag(at + 1, (size_t)(close - at) - 1, "nl"))
			(void)buf_putc(&out, '\n');
		at = close + 1;
	}
	bare.bytes = buf_text(&out);
	bare.len = out.len;
	err = out.err < 0 ? out.err : mail_emit_plain(&bare, emit, note);
	buf_fini(&out);
	return err;
}

/* ---- what stands above -------------------------------------------------- */

static bool
has(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static void
emit_line(struct emit *emit, const char *label, const char *text)
{
	(void)emit_open(emit, BLOCK_PARAGRAPH, 0); /* errors stick */
	(void)emit_words(emit, label, strlen(label));
	(void)emit_words(emit, text, strlen(text));
	(void)emit_close(emit);
}

int
mail_emit_summary(const struct mail_summary *summary, struct emit *emit)
{
	const struct {
		const char *label, *text;
		enum property property;
	} lines[] = {
	    {"From: ", summary->from, PROPERTY_FROM},
	    {"To: ", summary->to, PROPERTY_TO},
	    {"Cc: ", summary->cc, PROPERTY_CC},
	};
	char date[32];
	size_t i;

	if (has(summary->subject)) {
		emit_title(emit, summary->subject, strlen(summary->subject));
		(void)emit_block(emit, BLOCK_HEADING, 1, summary->subject,
		    strlen(summary->subject)); /* errors stick */
	}
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!has(lines[i].text))
			continue;
		emit_line(emit, lines[i].label, lines[i].text);
		(void)emit_property(emit, lines[i].property, lines[i].text,
		    strlen(lines[i].text));
	}
	if (has(summary->author))
		(void)emit_property(emit, PROPERTY_AUTHOR, summary->author,
		    strlen(summary->author));
	if (has(summary->message_id))
		(void)emit_property(emit, PROPERTY_MESSAGE_ID,
		    summary->message_id, strlen(summary->message_id));
	if (summary->has_date) {
		mail_date_text(summary->seconds, summary->ahead_minutes,
		    date);
		emit_line(emit, "Date: ", date);
		(void)emit_property_time(emit, PROPERTY_SENT,
		    summary->seconds);
	} else if (has(summary->date)) {
		emit_line(emit, "Date: ", summary->date);
	}
	return emit->err;
}
