/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rtf: what the files of the reader of Rich Text share, and how HTML gets out
 * of it.
 */
#ifndef EXTRACTOR_RTF_H
#define EXTRACTOR_RTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "extractor/flow.h"

struct emit;
struct err_note;
struct input;

/*
 * The HTML that a mail program hid in Rich Text (\fromhtml1), as UTF-8 behind
 * what is in out.  ERR_NOT_FOUND: there is none in it, it is a text of its
 * own (read_rtf); ERR_TOO_BIG: more than out holds; ERR_NOMEM.
 */
int rtf_html(const char *bytes, size_t len, struct buf *out);

#define RTF_DEPTH_MAX 4096u /* groups in groups */
#define RTF_FONTS 65536u
#define RTF_STYLES 16384u
#define RTF_VALUE_MAX (16 * KIB)
#define RTF_OBJECT_MAX (64 * MIB) /* one embedded object */
#define RTF_SOURCE_SIZE (32 * KIB)
#define RTF_BYTES_SIZE 4096u

/* Where text goes. */
enum rtf_destination {
	RTF_TO_TEXT,
	RTF_TO_NOTHING, /* nothing in it is read */
	RTF_TO_FONTS,	/* names of fonts */
	RTF_TO_STYLES,	/* names of styles are in groups of theirs */
	RTF_TO_STYLE,
	RTF_TO_INFO,	/* properties are in groups of theirs */
	RTF_TO_VALUE,
	RTF_TO_OBJECT,
	RTF_TO_PAIR,	/* the same twice; the part in Unicode is read */
	RTF_TO_TAG,	/* HTML */
};

/* What is to be done when the group ends. */
enum rtf_end {
	RTF_END_NOTHING,
	RTF_END_FONT,
	RTF_END_STYLE,
	RTF_END_VALUE,
	RTF_END_CREATED,
	RTF_END_MODIFIED,
	RTF_END_OBJECT,
	RTF_END_ASIDE,
};

/* What a group changes until its end. */
struct rtf_state {
	uint8_t destination, outer_destination; /* of a pair */
	uint8_t end;
	bool is_fresh;	 /* nothing was in it yet */
	bool is_starred; /* skip it if its word is unknown */
	bool is_hidden, is_deleted, is_bold, is_html_rtf;
	bool is_double_byte; /* the associated font counts */
	bool is_in_table;
	uint8_t unicode_skip;
	int8_t outline; /* -1: as the style has it */
	uint8_t list_level;
	bool is_list;
	uint16_t style, font, associated_font;
};

/* The file, a piece at a time. */
struct rtf_source {
	const struct input *input;
	uint64_t offset; /* of what comes after the piece */
	size_t at, len;
	unsigned char piece[RTF_SOURCE_SIZE];
	int err;
};

struct rtf {
	struct rtf_source source;
	struct emit *emit;
	struct err_note *note;
	struct flow flow;
	struct buf *html; /* NULL: text is wanted */
	bool is_from_html;

	struct rtf_state *states; /* the last one counts */
	unsigned depth;
	unsigned states_size;

	/* Bytes that are not decoded yet, and characters that only stand in
	 * for the one in Unicode before. */
	char bytes[RTF_BYTES_SIZE];
	size_t bytes_len;
	unsigned skip;
	uint32_t high_surrogate;
	struct buf decoded;

	unsigned codepage; /* where no font says another */
	uint16_t default_font;
	uint16_t *font_codepages; /* 0: the one above */
	uint16_t font;		  /* in the font table */
	int font_charset;	  /* -1: it says none */
	unsigned font_codepage;
	bool is_font_open;
	uint8_t *style_levels; /* of headings; 0: body */
	uint16_t style;
	int style_outline;

	struct buf value; /* or a name */
	int property;	  /* PROPERTY_COUNT: the title */
	int time[6];	  /* year to second */
	struct buf object;
	int object_nibble; /* -1: none is left over */
	bool is_numbered;  /* in the way of old programs */
	bool is_header_row;
};

static inline struct rtf_state *
rtf_top(struct rtf *rtf)
{
	return &rtf->states[rtf->depth];
}

/* ---- text (rtf_text.c) -------------------------------------------------- */

/* What a text consists of: a character; bytes of the current font; those
 * that wait are decoded. */
void rtf_char(struct rtf *rtf, uint32_t c);
void rtf_byte(struct rtf *rtf, unsigned char byte);
void rtf_bytes(struct rtf *rtf, const unsigned char *bytes, size_t len);
void rtf_flush(struct rtf *rtf);

/* \uN: halves of a pair are put together. */
void rtf_unicode(struct rtf *rtf, int n);

/* Paragraph, cell and row end. */
void rtf_paragraph(struct rtf *rtf);

/* ---- words (rtf_word.c) ------------------------------------------------- */

/* A control word with its number, if it has one. */
void rtf_word(struct rtf *rtf, const char *word, bool has_number, int n);

/* What the group that ends has gathered. */
void rtf_group_end(struct rtf *rtf, const struct rtf_state *state);

/* A font's or style's name is complete. */
void rtf_font_end(struct rtf *rtf);

/* len raw bytes follow in the file. */
void rtf_binary(struct rtf *rtf, uint64_t len);

/* ---- objects (rtf_object.c) --------------------------------------------- */

void rtf_object_hex(struct rtf *rtf, const unsigned char *hex, size_t len);
void rtf_object_end(struct rtf *rtf);

#endif
