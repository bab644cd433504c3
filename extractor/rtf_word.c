/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/codepage.h"
#include "extractor/emit.h"
#include "extractor/rtf.h"
#include "extractor/when.h"

#define RTF_PAGES_MAX 1000000
#define RTF_LIST_DEPTH_MAX 9

typedef void rtf_do_fn(struct rtf *rtf, bool has_number, int n);

#define RTF(word, kind, n)
#define RTF_DO(word, name) static rtf_do_fn rtf_do_##name;
#include "extractor/rtf_words_tbl.h"

enum word_kind {
	WORD_CHAR,
	WORD_SKIP,
	WORD_INTO,
	WORD_PASS,
	WORD_VALUE,
	WORD_DO,
};

struct word {
	const char *name;
	enum word_kind kind;
	int n;
	rtf_do_fn *run;
};

static const struct word words[] = {
#define RTF(word, kind, n) {word, WORD_##kind, n, NULL},
#define RTF_DO(word, name) {word, WORD_DO, 0, rtf_do_##name},
#include "extractor/rtf_words_tbl.h"
};

static bool
is_text(struct rtf *rtf)
{
	return rtf_top(rtf)->destination == RTF_TO_TEXT;
}

/* ---- characters --------------------------------------------------------- */

static void
rtf_do_nothing(struct rtf *rtf, bool has_number, int n)
{
	(void)rtf;
	(void)has_number;
	(void)n;
}

static void
rtf_do_unicode(struct rtf *rtf, bool has_number, int n)
{
	if (has_number)
		rtf_unicode(rtf, n);
}

static void
rtf_do_unicode_skip(struct rtf *rtf, bool has_number, int n)
{
	if (has_number && n >= 0 && n <= 255)
		rtf_top(rtf)->unicode_skip = (uint8_t)n;
}

static void
rtf_do_unicode_pair(struct rtf *rtf, bool has_number, int n)
{
	struct rtf_state *top = rtf_top(rtf);

	(void)has_number;
	(void)n;
	if (top->destination == RTF_TO_PAIR)
		return;
	top->outer_destination = top->destination;
	top->destination = RTF_TO_PAIR;
}

/* The half of a pair that is to be read: where the pair as a whole goes. */
static void
rtf_do_unicode_destination(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	if (rtf->depth > 0 &&
	    rtf->states[rtf->depth - 1].destination == RTF_TO_PAIR)
		rtf_top(rtf)->destination = rtf_top(rtf)->outer_destination;
}

static void
rtf_do_bin(struct rtf *rtf, bool has_number, int n)
{
	if (has_number && n > 0)
		rtf_binary(rtf, (uint64_t)n);
}

static void
rtf_do_bold(struct rtf *rtf, bool has_number, int n)
{
	rtf_top(rtf)->is_bold = !has_number || n != 0;
}

static void
rtf_do_hidden(struct rtf *rtf, bool has_number, int n)
{
	rtf_top(rtf)->is_hidden = !has_number || n != 0;
}

static void
rtf_do_deleted(struct rtf *rtf, bool has_number, int n)
{
	rtf_top(rtf)->is_deleted = !has_number || n != 0;
}

static void
rtf_do_plain(struct rtf *rtf, bool has_number, int n)
{
	struct rtf_state *top = rtf_top(rtf);

	(void)has_number;
	(void)n;
	top->is_bold = top->is_hidden = top->is_deleted = false;
	top->is_double_byte = false;
	top->font = rtf->default_font;
}

/* ---- encodings ---------------------------------------------------------- */

static void
rtf_do_ansi(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	rtf->codepage = CODEPAGE_LATIN;
}

static void
rtf_do_mac(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	rtf->codepage = 10000;
}

static void
rtf_do_pc(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	rtf->codepage = 437;
}

static void
rtf_do_pca(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	rtf->codepage = 850;
}

/* UTF-16 cannot be meant: this file is made of bytes. */
static void
rtf_do_ansicpg(struct rtf *rtf, bool has_number, int n)
{
	if (has_number && n > (int)CODEPAGE_DINGBATS && n <= 65535 &&
	    n != (int)CODEPAGE_UTF_16LE && n != (int)CODEPAGE_UTF_16LE + 1)
		rtf->codepage = (unsigned)n;
}

static void
rtf_do_default_font(struct rtf *rtf, bool has_number, int n)
{
	if (!has_number || n < 0 || n >= (int)RTF_FONTS)
		return;
	rtf->default_font = (uint16_t)n;
	rtf_top(rtf)->font = (uint16_t)n;
}

static void
rtf_do_font(struct rtf *rtf, bool has_number, int n)
{
	struct rtf_state *top = rtf_top(rtf);

	if (!has_number || n < 0 || n >= (int)RTF_FONTS)
		return;
	if (top->destination == RTF_TO_FONTS) {
		rtf_font_end(rtf);
		rtf->font = (uint16_t)n;
		rtf->is_font_open = true;
		return;
	}
	top->font = (uint16_t)n;
	top->is_double_byte = false;
}

static void
rtf_do_associated_font(struct rtf *rtf, bool has_number, int n)
{
	if (has_number && n >= 0 && n < (int)RTF_FONTS)
		rtf_top(rtf)->associated_font = (uint16_t)n;
}

/* What follows is in the associated font, if that has letters of two bytes. */
static void
rtf_do_double_byte(struct rtf *rtf, bool has_number, int n)
{
	struct rtf_state *top = rtf_top(rtf);

	(void)has_number;
	(void)n;
	top->associated_font = top->font;
	top->is_double_byte = true;
}

static void
rtf_do_single_byte(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	rtf_top(rtf)->is_double_byte = false;
}

static void
font_begin(struct rtf *rtf)
{
	buf_clear(&rtf->value);
	rtf->is_font_open = false;
	rtf->font_charset = -1;
	rtf->font_codepage = 0;
}

static void
rtf_do_font_table(struct rtf *rtf, bool has_number, int n)
{
	struct rtf_state *top = rtf_top(rtf);

	(void)has_number;
	(void)n;
	if (top->destination == RTF_TO_NOTHING)
		return;
	top->destination = RTF_TO_FONTS;
	top->end = RTF_END_FONT;
	font_begin(rtf);
}

static void
rtf_do_font_charset(struct rtf *rtf, bool has_number, int n)
{
	if (has_number && n >= 0 && n <= 255)
		rtf->font_charset = n;
}

static void
rtf_do_font_codepage(struct rtf *rtf, bool has_number, int n)
{
	if (has_number && n > 0 && n <= 65535 &&
	    n != (int)CODEPAGE_UTF_16LE)
		rtf->font_codepage = (unsigned)n;
}

/* Names end with semicolons, whether each has a group or not, and some end
 * with the next font only. */
void
rtf_font_end(struct rtf *rtf)
{
	const char *name = buf_text(&rtf->value);
	unsigned codepage;
	char *end;

	if (!rtf->is_font_open) {
		font_begin(rtf);
		return;
	}
	while (*name == ' ')
		name++;
	end = rtf->value.data == NULL ? NULL : strchr(rtf->value.data, ';');
	if (end != NULL)
		*end = '\0';
	codepage = codepage_of_font(
	    rtf->font_charset < 0 ? 1 : (unsigned)rtf->font_charset, name);
	if (rtf->font_codepage != 0 && codepage != CODEPAGE_SYMBOL &&
	    codepage != CODEPAGE_DINGBATS)
		codepage = rtf->font_codepage;
	rtf->font_codepages[rtf->font] = (uint16_t)codepage;
	font_begin(rtf);
}

/* ---- styles and paragraphs ---------------------------------------------- */

static void
rtf_do_style_sheet(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	if (is_text(rtf))
		rtf_top(rtf)->destination = RTF_TO_STYLES;
}

static void
rtf_do_style(struct rtf *rtf, bool has_number, int n)
{
	struct rtf_state *top = rtf_top(rtf);

	if (!has_number || n < 0 || n >= (int)RTF_STYLES)
		return;
	if (top->destination == RTF_TO_STYLE)
		rtf->style = (uint16_t)n;
	else
		top->style = (uint16_t)n;
}

/* By outline level or, where there is none, by name. */
static void
style_end(struct rtf *rtf)
{
	static const char heading[] = "heading ";
	const char *name = buf_text(&rtf->value), *digit;
	unsigned level = 0;

	while (*name == ' ')
		name++;
	digit = name + strlen(heading);
	if (rtf->style_outline >= 0)
		level = (unsigned)rtf->style_outline + 1;
	else if (strncasecmp(name, heading, strlen(heading)) == 0 &&
	    *digit >= '1' && *digit <= '9' &&
	    (digit[1] < '0' || digit[1] > '9'))
		level = (unsigned)(*digit - '0');
	else if (strncasecmp(name, "Title;", 6) == 0)
		level = 1;
	rtf->style_levels[rtf->style] = (uint8_t)(level > 9 ? 0 : level);
}

static void
rtf_do_outline(struct rtf *rtf, bool has_number, int n)
{
	struct rtf_state *top = rtf_top(rtf);

	if (!has_number || n < 0 || n > 9)
		return;
	if (top->destination == RTF_TO_STYLE)
		rtf->style_outline = n;
	else
		top->outline = (int8_t)n;
}

static void
rtf_do_list(struct rtf *rtf, bool has_number, int n)
{
	rtf_top(rtf)->is_list = has_number && n > 0;
}

static void
rtf_do_list_level(struct rtf *rtf, bool has_number, int n)
{
	if (has_number && n >= 0 && n < RTF_LIST_DEPTH_MAX)
		rtf_top(rtf)->list_level = (uint8_t)n;
}

static void
rtf_do_numbered(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	if (is_text(rtf))
		rtf->is_numbered = false;
}

static void
rtf_do_numbered_item(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	if (is_text(rtf))
		rtf->is_numbered = true;
}

static void
rtf_do_plain_paragraph(struct rtf *rtf, bool has_number, int n)
{
	struct rtf_state *top = rtf_top(rtf);

	(void)has_number;
	(void)n;
	top->style = 0;
	top->outline = -1;
	top->is_list = top->is_in_table = false;
	top->list_level = 0;
	if (is_text(rtf))
		rtf->is_numbered = false;
}

static void
rtf_do_paragraph(struct rtf *rtf, bool has_number, int n)
{
	const struct rtf_state *top = rtf_top(rtf);

	(void)has_number;
	(void)n;
	if (rtf->html != NULL) {
		if (top->destination == RTF_TO_TAG ||
		    (top->destination == RTF_TO_TEXT && !top->is_html_rtf))
			(void)buf_put(rtf->html, "\r\n", 2); /* sticks */
	} else if (is_text(rtf) && !top->is_deleted) {
		rtf_paragraph(rtf);
	}
}

/* ---- tables ------------------------------------------------------------- */

static bool
is_read(struct rtf *rtf)
{
	return rtf->html == NULL && is_text(rtf);
}

static void
rtf_do_in_table(struct rtf *rtf, bool has_number, int n)
{
	rtf_top(rtf)->is_in_table = !has_number || n != 0;
}

static void
rtf_do_table_depth(struct rtf *rtf, bool has_number, int n)
{
	rtf_top(rtf)->is_in_table = has_number && n > 0;
}

static void
rtf_do_cell(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	if (is_read(rtf))
		(void)flow_cell(&rtf->flow); /* errors stick */
}

static void
rtf_do_row(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	if (is_read(rtf))
		(void)flow_row(&rtf->flow, rtf->is_header_row);
}

static void
rtf_do_nest_cell(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	if (is_read(rtf))
		(void)flow_inner_cell(&rtf->flow);
}

static void
rtf_do_nest_row(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	if (is_read(rtf))
		(void)flow_inner_row(&rtf->flow);
}

static void
rtf_do_row_begins(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	rtf->is_header_row = false;
}

static void
rtf_do_header_row(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	rtf->is_header_row = true;
}

/* ---- properties --------------------------------------------------------- */

static void
rtf_do_info(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	if (is_text(rtf))
		rtf_top(rtf)->destination = RTF_TO_INFO;
}

static void
rtf_do_pages(struct rtf *rtf, bool has_number, int n)
{
	if (has_number && n > 0 && n < RTF_PAGES_MAX && rtf->emit != NULL &&
	    rtf_top(rtf)->destination == RTF_TO_INFO)
		rtf->emit->pages = (uint32_t)n;
}

static void
time_begin(struct rtf *rtf, enum rtf_end end)
{
	if (rtf_top(rtf)->destination != RTF_TO_INFO)
		return;
	memset(rtf->time, 0, sizeof(rtf->time));
	rtf_top(rtf)->end = (uint8_t)end;
}

static void
rtf_do_created(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	time_begin(rtf, RTF_END_CREATED);
}

static void
rtf_do_modified(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	time_begin(rtf, RTF_END_MODIFIED);
}

#define TIME_PART(name, index)                                                \
	static void rtf_do_##name(struct rtf *rtf, bool has_number, int n)    \
	{                                                                     \
		(void)has_number;                                             \
		rtf->time[index] = n;                                         \
	}
TIME_PART(year, 0)
TIME_PART(month, 1)
TIME_PART(day, 2)
TIME_PART(hour, 3)
TIME_PART(minute, 4)
TIME_PART(second, 5)

static void
time_end(struct rtf *rtf, enum property property)
{
	const int *time = rtf->time;
	int64_t seconds;

	if (rtf->emit != NULL && when_civil(time[0], time[1], time[2], time[3],
		time[4], time[5], &seconds))
		(void)emit_property_time(rtf->emit, property, seconds);
}

static void
value_begin(struct rtf *rtf, const struct word *word)
{
	struct rtf_state *top = rtf_top(rtf);

	/* These words mean something else outside of \info. */
	if (top->destination != RTF_TO_INFO &&
	    !(word->n == PROPERTY_GENERATOR && is_text(rtf)))
		return;
	top->destination = RTF_TO_VALUE;
	top->end = RTF_END_VALUE;
	buf_clear(&rtf->value);
	rtf->property = word->n;
}

static void
value_end(struct rtf *rtf)
{
	const char *text = buf_text(&rtf->value);
	size_t len = rtf->value.len;

	if (rtf->emit == NULL)
		return;
	if (rtf->property == PROPERTY_GENERATOR && len > 0 &&
	    text[len - 1] == ';')
		len--;
	if (rtf->property == PROPERTY_COUNT)
		emit_title(rtf->emit, text, len);
	else
		(void)emit_property(rtf->emit, (enum property)rtf->property,
		    text, len); /* sticks */
}

/* ---- objects and HTML --------------------------------------------------- */

static void
rtf_do_object_data(struct rtf *rtf, bool has_number, int n)
{
	struct rtf_state *top = rtf_top(rtf);

	(void)has_number;
	(void)n;
	if (!is_read(rtf)) {
		top->destination = RTF_TO_NOTHING;
		return;
	}
	top->destination = RTF_TO_OBJECT;
	top->end = RTF_END_OBJECT;
	buf_clear(&rtf->object);
	rtf->object_nibble = -1;
}

static void
rtf_do_from_html(struct rtf *rtf, bool has_number, int n)
{
	rtf->is_from_html = !has_number || n != 0;
}

static void
rtf_do_html_tag(struct rtf *rtf, bool has_number, int n)
{
	(void)has_number;
	(void)n;
	rtf_top(rtf)->destination = rtf->html != NULL ? RTF_TO_TAG
						      : RTF_TO_NOTHING;
}

static void
rtf_do_html_rtf(struct rtf *rtf, bool has_number, int n)
{
	rtf_top(rtf)->is_html_rtf = !has_number || n != 0;
}

/* ---- the table ---------------------------------------------------------- */

static int
word_compare(const void *name, const void *word)
{
	return strcmp(name, ((const struct word *)word)->name);
}

static void
skip_group(struct rtf *rtf)
{
	rtf_top(rtf)->destination = RTF_TO_NOTHING;
}

void
rtf_word(struct rtf *rtf, const char *name, bool has_number, int n)
{
	struct rtf_state *top = rtf_top(rtf);
	bool is_starred = top->is_starred;
	const struct word *word;

	top->is_starred = top->is_fresh = false;
	word = bsearch(name, words, sizeof(words) / sizeof(words[0]),
	    sizeof(words[0]), word_compare);
	if (word != NULL && word->run == rtf_do_bin) {
		rtf_do_bin(rtf, has_number, n); /* wherever it stands */
		if (rtf->skip > 0)
			rtf->skip--;
		return;
	}
	if (rtf->skip > 0 && word != NULL && word->kind == WORD_CHAR) {
		rtf->skip--;
		return;
	}
	if (top->destination == RTF_TO_NOTHING &&
	    (word == NULL || word->run != rtf_do_unicode_destination))
		return;
	if (word == NULL) {
		if (is_starred)
			skip_group(rtf);
		return;
	}
	rtf_flush(rtf);
	switch (word->kind) {
	case WORD_CHAR:
		rtf_char(rtf, (uint32_t)word->n);
		break;
	case WORD_SKIP:
		skip_group(rtf);
		break;
	case WORD_INTO:
		if (!is_read(rtf)) {
			skip_group(rtf);
		} else if (top->end == RTF_END_NOTHING) {
			top->end = RTF_END_ASIDE;
			top->is_in_table = top->is_list = false;
			top->outline = -1;
			top->style = 0;
			flow_aside_begin(&rtf->flow, word->n == 1);
		}
		break;
	case WORD_PASS:
		break;
	case WORD_VALUE:
		value_begin(rtf, word);
		break;
	case WORD_DO:
		/* What should stand in for a character is missing. */
		if (word->run == rtf_do_paragraph || word->run == rtf_do_cell)
			rtf->skip = 0;
		word->run(rtf, has_number, n);
		break;
	}
}

void
rtf_group_end(struct rtf *rtf, const struct rtf_state *state)
{
	switch ((enum rtf_end)state->end) {
	case RTF_END_NOTHING:
		break;
	case RTF_END_FONT:
		rtf_font_end(rtf);
		break;
	case RTF_END_STYLE:
		style_end(rtf);
		break;
	case RTF_END_VALUE:
		value_end(rtf);
		break;
	case RTF_END_CREATED:
		time_end(rtf, PROPERTY_CREATED);
		break;
	case RTF_END_MODIFIED:
		time_end(rtf, PROPERTY_MODIFIED);
		break;
	case RTF_END_OBJECT:
		rtf_object_end(rtf);
		break;
	case RTF_END_ASIDE:
		(void)flow_aside_end(&rtf->flow); /* errors stick */
		break;
	}
}
