/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pdf: what the files of the PDF reader share.
 *
 * Poppler says which glyphs a page shows and where.  What is a line, a row of
 * a table, a paragraph, a heading, is told from geometry alone, because most
 * PDF files say nothing about it:
 *
 *	pdf_glyphs.c   a page's glyphs, in the order they are seen
 *	pdf_frags.c    glyphs to pieces of lines
 *	pdf_lines.c    pieces to lines of text, in reading order
 *	pdf_blocks.c   lines to headings, paragraphs, items, code
 *	pdf_marker.c   bullets and numbers of items
 *	pdf_order.c    the order of turned text
 *	pdf_table.c    lines to rows
 *	pdf_running.c  headers and footers
 *	pdf_outline.c  the headings that the document names itself
 *	pdf_extra.c    annotations, form fields, attachments, properties
 *	pdf_xmp.c      more properties
 *	pdf_render.c   a page as a picture
 *	pdf_stream.c   the input as Poppler wants it
 *	pdf_init.c     before the sandbox closes
 *
 * Lengths are in points.  All coordinates of a page are turned so that its
 * text runs from left to right and down.
 */
#ifndef EXTRACTOR_PDF_H
#define EXTRACTOR_PDF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"

struct emit;
struct err_note;
struct input;
/* Poppler's and GLib's; whoever looks into them includes poppler.h. */
struct _GInputStream;
struct _PopplerDocument;
struct _PopplerPage;

#define PDF_PAGES_MAX 100000u
#define PDF_GLYPHS_MAX 4000000u /* of one page */
#define PDF_PAGE_TEXT_MAX (64 * MIB)
#define PDF_FONTS_MAX 65535u /* changes of font on a page */
#define PDF_AHEAD 4u /* pages that are known before the first is sent */

/* One place of a page's text.  Between words stands a blank; behind each of
 * Poppler's lines a line feed. */
struct pdf_glyph {
	float x1, y1, x2, y2;
	uint32_t c;
	uint32_t font; /* of glyphs.fonts */
};

struct pdf_font {
	float size;
	bool is_bold, is_mono;
};

struct pdf_glyphs {
	struct pdf_glyph *list;
	size_t count, size;
	struct pdf_font *fonts;
	size_t font_count, fonts_size;
};

void pdf_glyphs_fini(struct pdf_glyphs *glyphs);

/*
 * The glyphs of a page in the order of Poppler's lines, each line from left
 * to right as it is seen.  Without geometry (has_places is false) when
 * Poppler's answers do not fit together.  ERR_NOMEM, ERR_TOO_BIG.
 */
int pdf_glyphs_load(struct pdf_glyphs *glyphs, struct _PopplerPage *page,
    bool *ret_has_places);

/* A piece of a line between wide gaps. */
struct pdf_cell {
	float x1, x2;
	size_t text, len; /* in page.text */
};

struct pdf_line {
	float x1, y1, x2, y2;
	float size;	    /* of most of its glyphs */
	float first_width;  /* of the first word */
	float left, right;  /* of its column */
	float pitch;	    /* the usual step between lines there */
	size_t text, len;   /* in page.text */
	size_t cell, cells; /* in page.cells */
	size_t chars;
	uint64_t key; /* of its letters, for the outline */
	uint8_t turn; /* lines of another one belong together */
	uint8_t level; /* the outline's; 0: not in it */
	bool is_bold, is_mono, is_rtl;
	bool is_dropped; /* a running header */
	bool has_leader; /* dots up to a number; they are left out */
};

struct pdf_page {
	unsigned number; /* from 1 */
	bool is_failed;	 /* there is nothing of it */
	float width, height;
	struct pdf_line *lines;
	size_t line_count, lines_size;
	struct pdf_cell *cells;
	size_t cell_count, cells_size;
	struct buf text;
	bool has_places;
};

void pdf_page_init(struct pdf_page *page);
void pdf_page_fini(struct pdf_page *page);

struct pdf_frag;

/* What turning glyphs to lines needs, kept from page to page. */
struct pdf_work {
	struct pdf_glyphs glyphs;
	struct pdf_frag *frags;
	size_t frag_count, frags_size;
	void *bidi;	  /* ICU's */
	uint16_t *visual; /* two halves: as seen, as read */
	size_t visual_size;
};

void pdf_work_init(struct pdf_work *work);
void pdf_work_fini(struct pdf_work *work);

/* Fill page's lines in reading order from work's glyphs: 0 or ERR_NOMEM,
 * ERR_TOO_BIG. */
int pdf_lines_make(struct pdf_work *work, struct pdf_page *page);
/* Put pieces of lines in the order in which they are read. */
void pdf_order(struct pdf_frag *frags, size_t count);

/* The same number for texts with the same letters, whatever is between. */
#define PDF_KEY_NONE 0xCBF29CE484222325u
uint64_t pdf_key(const char *text, size_t len);

/* Headings that the document has a list of. */
struct pdf_entry {
	unsigned page;
	uint8_t level;
	uint64_t key;
};

struct pdf_outline {
	struct pdf_entry *entries; /* sorted by page */
	size_t count;
};

int pdf_outline_load(struct pdf_outline *outline,
    struct _PopplerDocument *document);
void pdf_outline_fini(struct pdf_outline *outline);
/* The level of a heading with that key on a page; 0: there is none. */
uint8_t pdf_outline_level(const struct pdf_outline *outline, unsigned page,
    uint64_t key);

/* Lines at the edges of the pages before this one. */
#define PDF_EDGE_LINES 4u
#define PDF_RUNNING_MAX 32u

#define PDF_EDGE_NUMBERS 16u

struct pdf_edge {
	uint64_t key;
	float y;
	unsigned number_count;
	uint32_t numbers[PDF_EDGE_NUMBERS]; /* modulo 2^32 */
};

struct pdf_edges {
	struct pdf_edge lines[PDF_EDGE_LINES];
	unsigned count;
};

struct pdf_running {
	struct pdf_edges past[PDF_AHEAD]; /* the last pages, a ring */
	uint64_t shown[PDF_RUNNING_MAX];  /* keys, a ring */
	unsigned past_count, shown_count;
};

/* Mark lines of the first of count pages that say the same at the same place
 * as other pages nearby; the first time they are kept. */
void pdf_running_mark(struct pdf_running *running, struct pdf_page *pages,
    const unsigned *order, unsigned count);

/* The state of one document. */
#define PDF_SIZES 256u /* of fonts, in half points */

struct pdf_reader {
	struct _PopplerDocument *document;
	struct emit *emit;
	struct pdf_work work;
	struct pdf_page pages[PDF_AHEAD]; /* a ring */
	struct pdf_outline outline;
	struct pdf_running running;
	uint64_t size_chars[PDF_SIZES], mono_chars, all_chars, bold_chars;
	float body_size;
	bool is_mono; /* most of it */
	bool is_bold;
	unsigned pages_failed, pages_with_text;
};

/* Count the page's fonts; tell the body's. */
void pdf_count_fonts(struct pdf_reader *reader, const struct pdf_page *page);
/* Emit the page's blocks.  Returns emit->err. */
int pdf_blocks_emit(struct pdf_reader *reader, struct pdf_page *page);
/*
 * When rows of a table begin at line, emit them and return how many lines
 * they were; 0: no table, and none begins before *looked, so that hostile
 * pages are not looked through again and again.
 */
#define PDF_TABLE_COLUMNS_MAX 64u
size_t pdf_table_emit(struct pdf_reader *reader, const struct pdf_page *page,
    size_t line, size_t *looked);

/* What is not in a page's content. */
int pdf_extra_page(struct pdf_reader *reader, struct _PopplerPage *page);
int pdf_extra_attachments(struct pdf_reader *reader);
void pdf_extra_properties(struct pdf_reader *reader);
/* What the XML about the document adds. */
void pdf_xmp_read(const char *xml, struct emit *emit);
/* Does a page show a picture? */
bool pdf_has_image(struct _PopplerPage *page);

/*
 * The input as a stream of Poppler's library: returns owned
 * (g_object_unref); borrows input until then.
 */
struct _GInputStream *pdf_stream_new(struct input *input);

/*
 * Draw a page in gray at 300 dots an inch, less when it would be larger than
 * PDF_PIXELS_MAX either way.  *ret_pixels is owned (mem_free), one byte a
 * pixel, 0 is black, *ret_stride bytes a row.  ERR_NOMEM, or ERR_SYNTAX when
 * it cannot be drawn.
 */
#define PDF_PIXELS_MAX 10000u
#define PDF_DOTS_PER_INCH 300.0

int pdf_render_page(struct _PopplerPage *page, unsigned char **ret_pixels,
    unsigned *ret_width, unsigned *ret_height, unsigned *ret_stride);

#endif
