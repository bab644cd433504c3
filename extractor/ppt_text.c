/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a shape: characters of one byte or two, a carriage return
 * between paragraphs, and apart from them runs of properties, each for so many
 * characters.
 */
#include "base/err.h"
#include "extractor/emit.h"
#include "extractor/ppt.h"

/* Runs of more bytes than any text has characters are not read. */
#define PPT_STYLE_MAX (1 * MIB)

/* How the paragraphs look, run by run. */
struct ppt_style {
	const unsigned char *bytes;
	size_t len, pos;
	uint64_t left; /* characters of the run that is current */
	unsigned level;
	int bullet; /* 1, 0, or -1: as the master has it */
};

/* Fields of a run, by the bit of the mask that says whether they are there,
 * in the order in which they stand. */
static const struct {
	uint32_t mask;
	uint8_t size;
} ppt_fields[] = {
    {0x00000080, 2}, /* the bullet's character */
    {0x00000010, 2}, /* its font, size, colour */
    {0x00000040, 2},
    {0x00000020, 4},
    {0x00000800, 2}, /* alignment */
    {0x00001000, 2}, /* spaces between lines and paragraphs */
    {0x00002000, 2},
    {0x00004000, 2},
    {0x00000100, 2}, /* margin, indent, tabulators */
    {0x00000400, 2},
    {0x00008000, 2},
    {0x00100000, 0}, /* a counted list */
    {0x00010000, 2}, /* alignment of fonts */
    {0x000E0000, 2}, /* breaking of lines */
    {0x00200000, 2}, /* direction */
};

#define PPT_BULLET_FLAGS 0x0000000Fu
#define PPT_HAS_BULLET 0x00000001u

/* Read the next run: false when there is none, or not all of it. */
static bool
style_next(struct ppt_style *style)
{
	size_t i, size;
	uint32_t mask;

	if (style->len - style->pos < 10)
		return false;
	style->left = le32(style->bytes + style->pos);
	style->level = le16(style->bytes + style->pos + 4);
	mask = le32(style->bytes + style->pos + 6);
	style->pos += 10;
	style->bullet = -1;
	if (mask & PPT_BULLET_FLAGS) {
		if (style->len - style->pos < 2)
			return false;
		if (mask & PPT_HAS_BULLET)
			style->bullet =
			    style->bytes[style->pos] & PPT_HAS_BULLET;
		style->pos += 2;
	}
	for (i = 0; i < sizeof(ppt_fields) / sizeof(ppt_fields[0]); i++) {
		if ((mask & ppt_fields[i].mask) == 0)
			continue;
		size = ppt_fields[i].size;
		if (size == 0) {
			if (style->len - style->pos < 2)
				return false;
			size = 2 +
			    4 * (size_t)le16(style->bytes + style->pos);
		}
		if (style->len - style->pos < size)
			return false;
		style->pos += size;
	}
	return true;
}

/* Go on by count characters; without runs all is as the master has it. */
static void
style_skip(struct ppt_style *style, uint64_t count)
{
	while (count >= style->left) {
		count -= style->left;
		if (!style_next(style)) {
			style->left = UINT64_MAX;
			style->level = 0;
			style->bullet = -1;
			return;
		}
	}
	style->left -= count;
}

int
ppt_string(struct ppt *ppt, uint64_t at, uint32_t len, struct buf *out)
{
	unsigned high = 0;
	int err;

	buf_clear(out);
	err = office_load(&ppt->window, at, len, &ppt->raw);
	if (err == 0)
		office_put_utf16(out,
		    (const unsigned char *)buf_text(&ppt->raw), len / 2,
		    &high);
	return err < 0 ? err : out->err;
}

static unsigned
unit_at(const struct ppt *ppt, const struct ppt_text *text, size_t i)
{
	const unsigned char *bytes =
	    (const unsigned char *)buf_text(&ppt->raw);

	return text->is_wide ? le16(bytes + 2 * i) : bytes[i];
}

/* Units from..to of raw at the end of ppt->text, without the asterisks that
 * hold the places of a date or a number. */
static void
put_units(struct ppt *ppt, const struct ppt_text *text, size_t from, size_t to)
{
	const unsigned char *bytes =
	    (const unsigned char *)buf_text(&ppt->raw);
	unsigned high = 0;
	size_t end, i;

	while (from < to) {
		end = to;
		for (i = 0; i < PPT_MARKS_MAX; i++)
			if (text->marks[i] > from && text->marks[i] <= end)
				end = text->marks[i] - 1;
		if (text->is_wide)
			office_put_utf16(&ppt->text, bytes + 2 * from,
			    end - from, &high);
		else
			office_put_latin(&ppt->text, bytes + from,
			    end - from);
		from = end + (end < to);
	}
}

static int
load_raw(struct ppt *ppt, const struct ppt_text *text, size_t *ret_units)
{
	int err;

	err = office_load(&ppt->window, text->at, text->len, &ppt->raw);
	if (err == ERR_TOO_BIG)
		return err_set(ppt->note, err, "a text is too long");
	*ret_units = text->is_wide ? text->len / 2 : text->len;
	return err;
}

int
ppt_text_load(struct ppt *ppt, const struct ppt_text *text)
{
	size_t units = 0;
	int err;

	buf_clear(&ppt->text);
	err = load_raw(ppt, text, &units);
	if (err == 0)
		put_units(ppt, text, 0, units);
	return err < 0 ? err : ppt->text.err;
}

static int
send_paragraph(struct ppt *ppt, const struct ppt_text *text,
    const struct ppt_style *style)
{
	bool is_body = text->type == PPT_TEXT_BODY ||
	    text->type == PPT_TEXT_HALF_BODY ||
	    text->type == PPT_TEXT_QUARTER_BODY;
	bool is_item = style->bullet < 0 ? is_body : style->bullet > 0;
	unsigned level = style->level > 8 ? 8 : style->level;

	if (ppt->text.err < 0)
		return ppt->text.err;
	if (strspn(buf_text(&ppt->text), " \t\n") == ppt->text.len)
		return 0;
	(void)drawing_out_open(&ppt->out,
	    is_item ? BLOCK_LIST_ITEM : BLOCK_PARAGRAPH,
	    is_item ? level + 1 : 0); /* errors stick */
	(void)emit_put(ppt->emit, ppt->text.data, ppt->text.len);
	return emit_close(ppt->emit);
}

int
ppt_text_send(struct ppt *ppt, const struct ppt_text *text)
{
	struct ppt_style style = {.bullet = -1};
	size_t units = 0, from, to;
	int err;

	buf_clear(&ppt->style);
	if (text->style_len > 0 && text->style_len <= ppt->style.max) {
		err = office_load(&ppt->window, text->style_at,
		    text->style_len, &ppt->style);
		if (err < 0)
			return err;
	}
	style.bytes = (const unsigned char *)buf_text(&ppt->style);
	style.len = ppt->style.len;
	style_skip(&style, 0);
	err = load_raw(ppt, text, &units);
	for (from = 0; from < units && err == 0; from = to + 1) {
		for (to = from; to < units; to++)
			if (unit_at(ppt, text, to) == '\r')
				break;
		buf_clear(&ppt->text);
		put_units(ppt, text, from, to);
		err = send_paragraph(ppt, text, &style);
		style_skip(&style, to - from + 1);
	}
	return err;
}

int
ppt_comment_send(struct ppt *ppt, const struct ppt_text *text)
{
	int err;

	err = ppt_string(ppt, text->author_at, text->author_len, &ppt->text);
	if (err < 0)
		return err;
	(void)drawing_out_open(&ppt->out, BLOCK_PARAGRAPH, 0);
	(void)emit_put(ppt->emit, "Comment", 7); /* errors stick */
	if (ppt->text.len > 0) {
		(void)emit_put(ppt->emit, " by ", 4);
		(void)emit_words(ppt->emit, ppt->text.data, ppt->text.len);
	}
	(void)emit_put(ppt->emit, ": ", 2);
	err = ppt_text_load(ppt, text);
	if (err < 0)
		return err;
	(void)emit_words(ppt->emit, buf_text(&ppt->text), ppt->text.len);
	return emit_close(ppt->emit);
}
