/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/bytes.h"
#include "extractor/codepage.h"
#include "extractor/emit.h"
#include "extractor/rtf.h"

/* Clean UTF-8 to where text goes. */
static void
put(struct rtf *rtf, const char *text, size_t len)
{
	const struct rtf_state *top = rtf_top(rtf);

	if (len == 0)
		return; /* bytes that are half a character of nothing */
	switch (top->destination) {
	case RTF_TO_TEXT:
		if (rtf->html != NULL && !top->is_html_rtf)
			(void)buf_put(rtf->html, text, len); /* sticks */
		if (rtf->html == NULL && !top->is_hidden && !top->is_deleted)
			(void)flow_put(&rtf->flow, text, len, top->is_bold);
		break;
	case RTF_TO_TAG:
		if (rtf->html != NULL)
			(void)buf_put(rtf->html, text, len);
		break;
	case RTF_TO_FONTS:
	case RTF_TO_STYLE:
	case RTF_TO_VALUE:
		/* Nobody's name is that long. */
		if (len <= rtf->value.max - rtf->value.len)
			(void)buf_put(&rtf->value, text, len);
		if (top->destination == RTF_TO_FONTS &&
		    memchr(text, ';', len) != NULL)
			rtf_font_end(rtf);
		break;
	default:
		break;
	}
}

static void
put_char(struct rtf *rtf, uint32_t c)
{
	char text[4];

	put(rtf, text, utf8_encode(c, text));
}

/* What the font of the current text has its bytes in. */
static unsigned
codepage(struct rtf *rtf)
{
	const struct rtf_state *top = rtf_top(rtf);
	unsigned page;

	if (top->destination != RTF_TO_TEXT && top->destination != RTF_TO_TAG)
		return rtf->codepage;
	page = rtf->font_codepages[top->is_double_byte ? top->associated_font
						       : top->font];
	return page == 0 ? rtf->codepage : page;
}

void
rtf_char(struct rtf *rtf, uint32_t c)
{
	if (rtf->skip > 0) {
		rtf->skip--;
		return;
	}
	rtf_flush(rtf);
	put_char(rtf, c);
}

void
rtf_unicode(struct rtf *rtf, int n)
{
	uint32_t c = (uint32_t)(n < 0 ? n + 65536 : n);

	rtf_flush(rtf);
	rtf->skip = rtf_top(rtf)->unicode_skip;
	if (c >= 0xDC00 && c < 0xE000 && rtf->high_surrogate != 0) {
		c = 0x10000 + ((rtf->high_surrogate - 0xD800) << 10) +
		    (c - 0xDC00);
		rtf->high_surrogate = 0;
		put_char(rtf, c);
		return;
	}
	rtf->high_surrogate = c >= 0xD800 && c < 0xDC00 ? c : 0;
	if (rtf->high_surrogate != 0)
		return;
	if (c >= 0xF000 && c < 0xF100) /* a glyph of a symbol font */
		c = codepage(rtf) == CODEPAGE_SYMBOL
		    ? codepage_symbol((unsigned char)c)
		    : 0;
	if (c == '\r' || c == 0x0B || c == 0x2028)
		c = '\n';
	if ((c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7F && c < 0xA0) ||
	    (c >= 0xD800 && c < 0xE000) || c > 0x10FFFF || c == 0xFEFF)
		return;
	put_char(rtf, c);
}

void
rtf_byte(struct rtf *rtf, unsigned char byte)
{
	rtf_bytes(rtf, &byte, 1);
}

void
rtf_bytes(struct rtf *rtf, const unsigned char *bytes, size_t len)
{
	size_t n;

	n = rtf->skip < len ? rtf->skip : len;
	rtf->skip -= (unsigned)n;
	bytes += n;
	len -= n;
	while (len > 0) {
		if (rtf->bytes_len == sizeof(rtf->bytes))
			rtf_flush(rtf);
		n = sizeof(rtf->bytes) - rtf->bytes_len;
		if (n > len)
			n = len;
		memcpy(rtf->bytes + rtf->bytes_len, bytes, n);
		rtf->bytes_len += n;
		bytes += n;
		len -= n;
	}
}

/* The bytes that make whole characters; when there is room for more, all. */
static size_t
whole_bytes(const struct rtf *rtf, unsigned page)
{
	size_t i = 0;

	if (rtf->bytes_len < sizeof(rtf->bytes))
		return rtf->bytes_len;
	if (page == CODEPAGE_UTF_8) {
		i = utf8_floor(rtf->bytes, rtf->bytes_len,
		    rtf->bytes_len - 4);
		return i > 0 ? i : rtf->bytes_len;
	}
	if (!codepage_is_lead(page, 0xE0))
		return rtf->bytes_len;
	while (i + 1 < rtf->bytes_len)
		i += codepage_is_lead(page, (unsigned char)rtf->bytes[i]) ? 2
									  : 1;
	if (i < rtf->bytes_len &&
	    !codepage_is_lead(page, (unsigned char)rtf->bytes[i]))
		i++;
	return i;
}

static void
put_ascii(struct rtf *rtf, const char *text, size_t len)
{
	size_t at = 0, n;

	while (at < len) {
		n = bytes_plain(text + at, len - at);
		put(rtf, text + at, n);
		at += n;
		if (at < len) /* a control character */
			at++;
	}
}

void
rtf_flush(struct rtf *rtf)
{
	unsigned page;
	size_t len, i;
	uint32_t c;

	if (rtf->bytes_len == 0)
		return;
	page = codepage(rtf);
	len = whole_bytes(rtf, page);
	if (page == CODEPAGE_SYMBOL || page == CODEPAGE_DINGBATS) {
		for (i = 0; i < len; i++) {
			c = page == CODEPAGE_SYMBOL || rtf->bytes[i] == ' '
			    ? codepage_symbol((unsigned char)rtf->bytes[i])
			    : 0;
			if (c != 0)
				put_char(rtf, c);
		}
	} else if (bytes_are_ascii(rtf->bytes, len)) {
		put_ascii(rtf, rtf->bytes, len);
	} else {
		buf_clear(&rtf->decoded);
		if (codepage_put(page, rtf->bytes, len, false,
			&rtf->decoded) == 0)
			put(rtf, rtf->decoded.data, rtf->decoded.len);
		else if (rtf->emit != NULL && rtf->emit->err == 0)
			rtf->emit->err = rtf->decoded.err;
	}
	memmove(rtf->bytes, rtf->bytes + len, rtf->bytes_len - len);
	rtf->bytes_len -= len;
}

void
rtf_paragraph(struct rtf *rtf)
{
	const struct rtf_state *top = rtf_top(rtf);
	enum block_kind kind = BLOCK_PARAGRAPH;
	unsigned level = 0;

	if (top->outline >= 0)
		level = (unsigned)top->outline + 1;
	else if (top->style < RTF_STYLES)
		level = rtf->style_levels[top->style];
	if (level > 9)
		level = 0;
	if (level > 0) {
		kind = BLOCK_HEADING;
	} else if (top->is_list || rtf->is_numbered) {
		kind = BLOCK_LIST_ITEM;
		level = top->list_level + 1u;
	}
	(void)flow_paragraph(&rtf->flow, kind, level, top->is_in_table);
}
