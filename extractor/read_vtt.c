/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subtitles: WebVTT and SubRip, which differ in little but their first line.
 *
 * What is said is cut to fit the screen; here it becomes paragraphs again.
 * One ends where another speaks, where nobody speaks for a while, and at a
 * sentence's end when it has grown long.  Live captions roll: each cue says
 * again what stands above its last line, and that counts once.
 *
 * A line may be the number of the cue whose times follow, or text.  The next
 * line tells, so such a line is held back until it is there.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "extractor/bytes.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/markup.h"

#define VTT_PAUSE_MS 2000
#define VTT_ROLL_MS 100 /* cues that roll follow each other at once */
#define VTT_LONG 600u	/* bytes after which a sentence's end ends it */
#define VTT_LONGEST 1200u
#define VTT_LINE_MAX (16 * KIB)
#define VTT_TAG_MAX 256u
#define VTT_SAID_MAX 4096u /* of one cue, looked for in the next */
#define VTT_SPEAKER_MAX 120u

enum vtt_state {
	VTT_HEADER, /* below "WEBVTT" */
	VTT_BETWEEN,
	VTT_SKIP, /* in a note or a style */
	VTT_TEXT,
};

struct vtt {
	struct emit *emit;
	enum vtt_state state;
	bool has_cue;
	int64_t begin_ms, end_ms; /* of the cue */
	bool is_rolling; /* it follows the one before at once */
	bool has_line;	 /* something of it was read */
	struct buf held;
	bool is_held, is_held_alone; /* it came behind an empty line */
	struct buf line; /* without tags */
	struct buf now, before; /* lines of this cue and of the last, each
				   terminated */
	struct buf paragraph;
	char speaker[VTT_SPEAKER_MAX + 1], said_by[VTT_SPEAKER_MAX + 1];
};

/* ---- times -------------------------------------------------------------- */

/* "01:02:03.456" or "02:03,456"; returns how many bytes, or 0. */
static size_t
parse_time(const char *text, size_t len, int64_t *ret_ms)
{
	int64_t value = 0, whole = 0, scale = 100, ms = 0;
	size_t i, from = 0, colons = 0;

	for (i = 0; i < len; i++) {
		if (isdigit((unsigned char)text[i])) {
			if (i - from >= 6)
				return 0;
			value = value * 10 + text[i] - '0';
		} else if (text[i] == ':' && i > from && colons < 2) {
			whole = (whole + value) * 60;
			value = 0;
			from = i + 1;
			colons++;
		} else {
			break;
		}
	}
	if (colons == 0 || i == from)
		return 0;
	whole += value;
	if (i < len && (text[i] == '.' || text[i] == ','))
		for (i++; i < len && isdigit((unsigned char)text[i]); i++) {
			ms += scale * (text[i] - '0');
			scale /= 10;
		}
	*ret_ms = whole * 1000 + ms;
	return i;
}

/* "begin --> end settings" */
static bool
parse_times(const char *line, size_t len, int64_t *ret_begin,
    int64_t *ret_end)
{
	size_t i = 0, n;

	while (i < len && (line[i] == ' ' || line[i] == '\t'))
		i++;
	n = parse_time(line + i, len - i, ret_begin);
	if (n == 0)
		return false;
	for (i += n; i < len && (line[i] == ' ' || line[i] == '\t'); i++)
		continue;
	if (len - i < 3 || memcmp(line + i, "-->", 3) != 0)
		return false;
	for (i += 3; i < len && (line[i] == ' ' || line[i] == '\t'); i++)
		continue;
	return parse_time(line + i, len - i, ret_end) > 0;
}

/* ---- paragraphs --------------------------------------------------------- */

static int
end_paragraph(struct vtt *vtt)
{
	int err;

	err = emit_block(vtt->emit, BLOCK_PARAGRAPH, 0,
	    buf_text(&vtt->paragraph), vtt->paragraph.len);
	buf_clear(&vtt->paragraph);
	return err;
}

/* A full stop, a question or exclamation mark, an ellipsis, also those of
 * Chinese, Japanese, Hindi and Arabic. */
static bool
ends_sentence(const struct buf *text)
{
	static const char *const ends[] = {".", "?", "!", "\xE2\x80\xA6",
	    "\xE3\x80\x82", "\xEF\xBC\x81", "\xEF\xBC\x9F", "\xE0\xA5\xA4",
	    "\xD8\x9F"};
	size_t i, n;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		n = strlen(ends[i]);
		if (text->len >= n &&
		    memcmp(text->data + text->len - n, ends[i], n) == 0)
			return true;
	}
	return false;
}

/* Add words that are one line on the screen. */
static int
add_words(struct vtt *vtt, const char *text, size_t len)
{
	bool is_reply = len > 2 && text[0] == '-' && text[1] == ' ';
	int err = 0;

	/* ">>" is how captions mark that another one speaks. */
	if (len > 2 && text[0] == '>' && text[1] == '>') {
		err = end_paragraph(vtt);
		for (; len > 0 && (*text == '>' || *text == ' '); len--)
			text++;
	}
	if (strcmp(vtt->speaker, vtt->said_by) != 0) {
		err = end_paragraph(vtt);
		memcpy(vtt->said_by, vtt->speaker, sizeof(vtt->said_by));
	}
	if (vtt->paragraph.len > VTT_LONGEST)
		err = end_paragraph(vtt);
	if (vtt->paragraph.len == 0 && vtt->speaker[0] != '\0')
		(void)buf_printf(&vtt->paragraph, "%s: ", vtt->speaker);
	else if (vtt->paragraph.len > 0)
		(void)buf_putc(&vtt->paragraph, is_reply ? '\n' : ' ');
	(void)buf_put(&vtt->paragraph, text, len);
	return err < 0 ? err : vtt->paragraph.err;
}

/* Was the line there in the cue before? */
static bool
was_said(const struct vtt *vtt, const char *text, size_t len)
{
	const char *at = buf_text(&vtt->before), *end = at + vtt->before.len;

	for (; at < end; at += strlen(at) + 1)
		if (strlen(at) == len && memcmp(at, text, len) == 0)
			return true;
	return false;
}

/* How much of the line the last one of the cue before had already. */
static size_t
said_length(const struct vtt *vtt, const char *text, size_t len)
{
	const char *at = buf_text(&vtt->before), *end = at + vtt->before.len;
	size_t n = 0;

	for (; at < end; at += strlen(at) + 1)
		n = strlen(at);
	if (n == 0 || len <= n + 1 || text[n] != ' ' ||
	    memcmp(end - n - 1, text, n) != 0)
		return 0;
	return n + 1;
}

/* The line in vtt->line, which has no tags any more, is complete. */
static int
end_line(struct vtt *vtt)
{
	const char *text = buf_text(&vtt->line);
	size_t len = vtt->line.len, said = 0;
	bool is_old = false;

	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	for (; len > 0 && isspace((unsigned char)*text); len--)
		text++;
	if (len == 0)
		return 0;
	if (vtt->is_rolling) {
		is_old = was_said(vtt, text, len);
		said = said_length(vtt, text, len);
	}
	vtt->has_line = true;
	if (vtt->now.len < VTT_SAID_MAX) {
		(void)buf_put(&vtt->now, text, len); /* sticks */
		(void)buf_putc(&vtt->now, '\0');
	}
	if (is_old)
		return vtt->now.err;
	return add_words(vtt, text + said, len - said);
}

/* ---- text of cues ------------------------------------------------------- */

/* "v.loud Name": who speaks from here on. */
static void
take_speaker(struct vtt *vtt, const char *tag, size_t len)
{
	size_t i = 0;

	while (i < len && tag[i] != ' ' && tag[i] != '\t')
		i++;
	while (i < len && (tag[i] == ' ' || tag[i] == '\t'))
		i++;
	len -= i;
	len = len > VTT_SPEAKER_MAX ? 0 : len;
	memcpy(vtt->speaker, tag + i, len);
	vtt->speaker[len] = '\0';
}

/* The tag or the override "{\an8}" that begins at text: its length, or 0 when
 * it is only a character. */
static size_t
tag_length(const char *text, size_t len)
{
	const char *end;

	if (len < 3 || (text[0] == '{' && text[1] != '\\') ||
	    (text[0] == '<' && text[1] != '/' &&
		!isalnum((unsigned char)text[1])))
		return 0;
	end = memchr(text, text[0] == '<' ? '>' : '}',
	    len < VTT_TAG_MAX ? len : VTT_TAG_MAX);
	return end == NULL ? 0 : (size_t)(end - text) + 1;
}

static int
cue_line(struct vtt *vtt, const char *text, size_t len)
{
	char entity[4];
	const char *semicolon;
	size_t i = 0, n;
	int err = 0;

	buf_clear(&vtt->line);
	while (i < len && err == 0) {
		n = text[i] == '<' || text[i] == '{'
		    ? tag_length(text + i, len - i) : 0;
		if (n > 2 && text[i] == '<' && text[i + 1] == 'v' &&
		    (text[i + 2] == ' ' || text[i + 2] == '.')) {
			/* What stands before it was said by another. */
			err = end_line(vtt);
			buf_clear(&vtt->line);
			take_speaker(vtt, text + i + 1, n - 2);
		}
		if (n > 0) {
			i += n;
			continue;
		}
		n = 0;
		semicolon = text[i] != '&' ? NULL
		    : memchr(text + i, ';', len - i < 32 ? len - i : 32);
		if (semicolon != NULL)
			n = markup_entity(text + i,
			    (size_t)(semicolon - text) + 1 - i, entity);
		if (n > 0) {
			(void)buf_put(&vtt->line, entity, n);
			i = (size_t)(semicolon - text) + 1;
			continue;
		}
		(void)buf_putc(&vtt->line, text[i++]); /* sticks */
	}
	return err < 0 ? err : end_line(vtt);
}

static int
begin_cue(struct vtt *vtt, int64_t begin_ms, int64_t end_ms)
{
	struct buf swap = vtt->before;
	int err = 0;

	vtt->is_rolling = vtt->has_cue &&
	    begin_ms <= vtt->end_ms + VTT_ROLL_MS &&
	    begin_ms + VTT_ROLL_MS >= vtt->begin_ms;
	/* A cue of nothing but what was said before keeps it said. */
	vtt->before = vtt->now;
	vtt->now = swap;
	buf_clear(&vtt->now);
	if (vtt->has_cue && (begin_ms > vtt->end_ms + VTT_PAUSE_MS ||
		(vtt->paragraph.len > VTT_LONG &&
		    ends_sentence(&vtt->paragraph))))
		err = end_paragraph(vtt);
	vtt->has_cue = true;
	vtt->begin_ms = begin_ms;
	vtt->end_ms = end_ms;
	vtt->speaker[0] = '\0';
	vtt->has_line = false;
	vtt->state = VTT_TEXT;
	return err;
}

/* ---- lines of the file -------------------------------------------------- */

static bool
begins(const char *line, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && memcmp(line, word, n) == 0 &&
	    (len == n || line[n] == ' ' || line[n] == '\t');
}

static bool
is_number(const char *line, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isdigit((unsigned char)line[i]) && line[i] != ' ')
			return false;
	return len > 0 && len < 12;
}

/* What was held back is text after all. */
static int
release(struct vtt *vtt)
{
	int err;

	if (!vtt->is_held)
		return 0;
	vtt->is_held = false;
	err = cue_line(vtt, buf_text(&vtt->held), vtt->held.len);
	return err;
}

/* An empty line, or the end. */
static int
end_lines(struct vtt *vtt)
{
	int err;

	/* The number of a cue that is not there. */
	if (vtt->is_held && vtt->is_held_alone &&
	    is_number(buf_text(&vtt->held), vtt->held.len))
		vtt->is_held = false;
	err = release(vtt);
	vtt->state = VTT_BETWEEN;
	return err;
}

static int
hold(struct vtt *vtt, const char *line, size_t len)
{
	int err = release(vtt);

	buf_clear(&vtt->held);
	vtt->is_held = true;
	vtt->is_held_alone = vtt->state == VTT_BETWEEN;
	vtt->state = VTT_TEXT;
	return err < 0 ? err : buf_put(&vtt->held, line, len);
}

/* "Language: en" */
static void
header_line(struct vtt *vtt, const char *line, size_t len)
{
	static const char language[] = "Language:";
	size_t n = sizeof(language) - 1;

	if (len <= n || strncasecmp(line, language, n) != 0)
		return;
	while (n < len && line[n] == ' ')
		n++;
	emit_language(vtt->emit, line + n, len - n);
}

static int
vtt_line(struct vtt *vtt, const char *line, size_t len)
{
	int64_t begin, end;
	int err;

	while (len > 0 && isspace((unsigned char)line[len - 1]) && len > 1)
		len--;
	if (parse_times(line, len, &begin, &end)) {
		vtt->is_held = false; /* it was the cue's number */
		return begin_cue(vtt, begin, end);
	}
	if (len == 0)
		return end_lines(vtt);
	switch (vtt->state) {
	case VTT_HEADER:
		header_line(vtt, line, len);
		return 0;
	case VTT_SKIP:
		return 0;
	case VTT_BETWEEN:
		if (begins(line, len, "NOTE") || begins(line, len, "STYLE") ||
		    begins(line, len, "REGION")) {
			vtt->state = VTT_SKIP;
			return release(vtt);
		}
		return hold(vtt, line, len);
	case VTT_TEXT:
		break;
	}
	if (vtt->has_line && is_number(line, len))
		return hold(vtt, line, len);
	err = release(vtt);
	return err < 0 ? err : cue_line(vtt, line, len);
}

/* "WEBVTT - Title" */
static void
first_line(struct vtt *vtt, const char *line, size_t len)
{
	size_t i = 6;

	if (!begins(line, len, "WEBVTT"))
		return;
	while (i < len && (line[i] == ' ' || line[i] == '\t' ||
			      line[i] == '-'))
		i++;
	emit_title(vtt->emit, line + i, len - i);
	vtt->state = VTT_HEADER;
}

static int
vtt_lines(struct vtt *vtt, struct input *input)
{
	size_t len;
	bool is_first = true;
	int err;

	for (;;) {
		err = input_line(input, 0, &len);
		if (err < 0 || len == SIZE_MAX)
			break;
		if (is_first)
			first_line(vtt, input_text(input), len);
		/* Longer lines are no subtitles; they come in pieces. */
		if (len > VTT_LINE_MAX)
			len = utf8_floor(input_text(input), len,
			    VTT_LINE_MAX);
		if (!is_first || vtt->state != VTT_HEADER)
			err = vtt_line(vtt, input_text(input), len);
		is_first = false;
		input_eat_line(input, len);
		if (err < 0)
			break;
	}
	if (err == 0)
		err = end_lines(vtt);
	return err < 0 ? err : end_paragraph(vtt);
}

int
read_vtt(struct input *input, struct emit *emit, struct err_note *note)
{
	struct vtt vtt = {.emit = emit, .state = VTT_BETWEEN};
	struct buf *const all[] = {&vtt.held, &vtt.line, &vtt.now,
	    &vtt.before, &vtt.paragraph};
	size_t i;
	int err;

	(void)note;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		buf_init(all[i], MIB);
	err = vtt_lines(&vtt, input);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		buf_fini(all[i]);
	return err;
}
