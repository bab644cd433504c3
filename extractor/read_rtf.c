/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rich Text: groups in braces, control words behind backslashes, and bytes in
 * the encoding of the font that is in force.  The file is read in pieces and
 * written while it is read; what a group changes is on a stack.
 *
 * Writers of Rich Text are many and careless: what is unknown is passed over,
 * braces need not match, and only what is too deep or too big is refused.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/codepage.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/rtf.h"

#define RTF_WORD_MAX 32u

/* ---- the file ----------------------------------------------------------- */

static int
source_more(struct rtf_source *source)
{
	long n;

	n = input_read_at(source->input, source->offset, source->piece,
	    sizeof(source->piece));
	source->at = source->len = 0;
	if (n < 0)
		source->err = (int)n;
	if (n <= 0)
		return -1;
	source->offset += (uint64_t)n;
	source->len = (size_t)n;
	return source->piece[0];
}

static inline int
source_peek(struct rtf_source *source)
{
	return source->at < source->len ? source->piece[source->at]
					: source_more(source);
}

static inline int
source_next(struct rtf_source *source)
{
	int c = source_peek(source);

	if (c >= 0)
		source->at++;
	return c;
}

void
rtf_binary(struct rtf *rtf, uint64_t len)
{
	struct rtf_source *source = &rtf->source;
	size_t n;

	while (len > 0 && source_peek(source) >= 0) {
		n = source->len - source->at;
		if (n > len)
			n = (size_t)len;
		if (rtf_top(rtf)->destination == RTF_TO_OBJECT)
			(void)buf_put(&rtf->object, source->piece + source->at,
			    n); /* looked at when it ends */
		source->at += n;
		len -= n;
	}
}

/* ---- groups ------------------------------------------------------------- */

static int
group_begin(struct rtf *rtf)
{
	struct rtf_state *states, *state;

	rtf_flush(rtf);
	rtf->skip = 0;
	if (rtf->depth + 1 == rtf->states_size) {
		if (rtf->states_size >= RTF_DEPTH_MAX)
			return err_set(rtf->note, ERR_TOO_BIG,
			    "groups are nested deeper than %u",
			    RTF_DEPTH_MAX);
		states = mem_resize(rtf->states, rtf->states_size * 2ul,
		    sizeof(*states));
		if (states == NULL)
			return ERR_NOMEM;
		rtf->states = states;
		rtf->states_size *= 2;
	}
	rtf->states[rtf->depth + 1] = rtf->states[rtf->depth];
	rtf->depth++;
	state = rtf_top(rtf);
	state->end = RTF_END_NOTHING;
	state->is_starred = false;
	state->is_fresh = true;
	if (state->destination == RTF_TO_PAIR) {
		state->destination = RTF_TO_NOTHING;
	} else if (state->destination == RTF_TO_STYLES) {
		state->destination = RTF_TO_STYLE;
		state->end = RTF_END_STYLE;
		buf_clear(&rtf->value);
		rtf->style = 0;
		rtf->style_outline = -1;
	}
	return 0;
}

static void
group_end(struct rtf *rtf)
{
	struct rtf_state state = *rtf_top(rtf);

	rtf_flush(rtf);
	rtf->skip = 0;
	if (rtf->depth == 0)
		return; /* one too many */
	rtf->depth--;
	rtf_group_end(rtf, &state);
	/* The last paragraph may not have an end, and the brace may be wrong:
	 * what was in force stays so. */
	if (rtf->depth == 0 && state.destination == RTF_TO_TEXT) {
		state.end = RTF_END_NOTHING;
		rtf->states[0] = state;
	}
}

/* ---- control words ------------------------------------------------------ */

static int
hex_value(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \'hh; what is no number is left to be read as what it is. */
static void
hex_byte(struct rtf *rtf)
{
	int high, low;

	high = hex_value(source_peek(&rtf->source));
	if (high < 0)
		return;
	(void)source_next(&rtf->source);
	low = hex_value(source_peek(&rtf->source));
	if (low < 0)
		return;
	(void)source_next(&rtf->source);
	rtf_byte(rtf, (unsigned char)(high << 4 | low));
}

static void
control_symbol(struct rtf *rtf, int c)
{
	switch (c) {
	case '\'':
		hex_byte(rtf);
		break;
	case '\\':
	case '{':
	case '}':
		rtf_byte(rtf, (unsigned char)c);
		break;
	case '*':
		/* Only where a group begins: StarOffice wrote it before the
		 * style of a text as well. */
		rtf_top(rtf)->is_starred = rtf_top(rtf)->is_fresh;
		break;
	case '\r':
	case '\n':
		rtf_word(rtf, "par", false, 0);
		break;
	case '\t':
		rtf_char(rtf, '\t');
		break;
	case '~':
		rtf_char(rtf, 0xA0);
		break;
	case '_':
		rtf_char(rtf, 0x2011);
		break;
	default: /* \- and what only lays out */
		if (rtf->skip > 0)
			rtf->skip--;
		break;
	}
}

static void
control(struct rtf *rtf)
{
	struct rtf_source *source = &rtf->source;
	char word[RTF_WORD_MAX + 1];
	bool has_number = false, is_negative = false;
	size_t len = 0;
	int64_t n = 0;
	int c;

	c = source_next(source);
	if (c < 0)
		return;
	if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) {
		control_symbol(rtf, c);
		return;
	}
	for (;; c = source_peek(source)) {
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
			break;
		if (len > 0)
			(void)source_next(source);
		if (len == RTF_WORD_MAX) {
			word[0] = '?'; /* unknown */
			len = 1;
		}
		word[len++] = (char)c;
	}
	word[len] = '\0';
	if (c == '-') {
		(void)source_next(source);
		is_negative = true;
		c = source_peek(source);
	}
	for (; c >= '0' && c <= '9'; c = source_peek(source)) {
		(void)source_next(source);
		has_number = true;
		if (n < INT32_MAX)
			n = n * 10 + (c - '0');
	}
	if (c == ' ')
		(void)source_next(source);
	if (n > INT32_MAX)
		n = INT32_MAX;
	rtf_word(rtf, word, has_number, (int)(is_negative ? -n : n));
}

/* ---- the whole ---------------------------------------------------------- */

static bool
is_special(unsigned char c)
{
	return c == '\\' || c == '{' || c == '}' || c == '\r' || c == '\n';
}

/* Text up to the next brace, backslash or line end of this piece. */
static void
text_run(struct rtf *rtf)
{
	struct rtf_source *source = &rtf->source;
	const unsigned char *text = source->piece + source->at;
	size_t len = source->len - source->at, n = 0;

	while (n < len && !is_special(text[n]))
		n++;
	source->at += n;
	switch (rtf_top(rtf)->destination) {
	case RTF_TO_NOTHING:
	case RTF_TO_STYLES:
	case RTF_TO_INFO:
	case RTF_TO_PAIR:
		break;
	case RTF_TO_OBJECT:
		rtf_object_hex(rtf, text, n);
		break;
	default:
		rtf_bytes(rtf, text, n);
		break;
	}
}

static int
rtf_run(struct rtf *rtf)
{
	struct rtf_source *source = &rtf->source;
	int c, err = 0;

	while (err == 0 && (c = source_peek(source)) >= 0) {
		if (!is_special((unsigned char)c)) {
			rtf_top(rtf)->is_fresh = false;
			text_run(rtf);
		} else {
			(void)source_next(source);
			if (c == '{')
				err = group_begin(rtf);
			else if (c == '}')
				group_end(rtf);
			else if (c == '\\')
				control(rtf);
		}
		if (rtf->emit != NULL && rtf->emit->err < 0)
			err = rtf->emit->err;
		else if (rtf->html != NULL && rtf->html->err < 0)
			err = rtf->html->err;
	}
	/* What a lost brace would have ended. */
	while (err == 0 && rtf->depth > 0)
		group_end(rtf);
	rtf_flush(rtf);
	return err < 0 ? err : source->err;
}

static void
rtf_fini(struct rtf *rtf)
{
	if (rtf == NULL)
		return;
	flow_fini(&rtf->flow);
	buf_fini(&rtf->decoded);
	buf_fini(&rtf->value);
	buf_fini(&rtf->object);
	mem_free(rtf->states);
	mem_free(rtf->font_codepages);
	mem_free(rtf->style_levels);
	mem_free(rtf);
}

static struct rtf *
rtf_new(const struct input *input, struct emit *emit, struct buf *html,
    struct err_note *note)
{
	struct rtf *rtf = mem_zalloc(sizeof(*rtf));

	if (rtf == NULL)
		return NULL;
	rtf->source.input = input;
	rtf->emit = emit;
	rtf->html = html;
	rtf->note = note;
	flow_init(&rtf->flow, emit);
	buf_init(&rtf->decoded, 16 * RTF_BYTES_SIZE);
	buf_init(&rtf->value, RTF_VALUE_MAX);
	buf_init(&rtf->object, RTF_OBJECT_MAX);
	rtf->states_size = 16;
	rtf->states = mem_zalloc(rtf->states_size * sizeof(*rtf->states));
	rtf->font_codepages = mem_zalloc(
	    RTF_FONTS * sizeof(*rtf->font_codepages));
	rtf->style_levels = mem_zalloc(RTF_STYLES);
	if (rtf->states == NULL || rtf->font_codepages == NULL ||
	    rtf->style_levels == NULL) {
		rtf_fini(rtf);
		return NULL;
	}
	rtf->codepage = CODEPAGE_LATIN;
	rtf->states[0].unicode_skip = 1;
	rtf->states[0].outline = -1;
	return rtf;
}

int
read_rtf(struct input *input, struct emit *emit, struct err_note *note)
{
	struct rtf *rtf = rtf_new(input, emit, NULL, note);
	int err;

	if (rtf == NULL)
		return ERR_NOMEM;
	err = rtf_run(rtf);
	if (err == 0 && flow_has_text(&rtf->flow))
		rtf_paragraph(rtf);
	if (err == 0)
		err = flow_end(&rtf->flow);
	rtf_fini(rtf);
	return err;
}

int
rtf_html(const char *bytes, size_t len, struct buf *out)
{
	const struct input input = {.fd = -1, .memory = bytes, .size = len};
	struct rtf *rtf;
	int err;

	if (len == 0)
		return ERR_NOT_FOUND;
	rtf = rtf_new(&input, NULL, out, NULL);
	if (rtf == NULL)
		return ERR_NOMEM;
	err = rtf_run(rtf);
	if (err == 0 && !rtf->is_from_html)
		err = ERR_NOT_FOUND;
	rtf_fini(rtf);
	return err;
}
