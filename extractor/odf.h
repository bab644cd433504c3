/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * odf: what the files that read OpenDocument share.
 *
 * content.xml is read once, in order.  A paragraph of the body goes out while
 * it is read; what stands in the middle of it but not in its sentence (notes,
 * comments, frames) is kept and sent behind it.  So there is a stack of
 * levels: the body's paragraph or table row at the bottom, the footnote in
 * it, the comment in the footnote.
 */
#ifndef EXTRACTOR_ODF_H
#define EXTRACTOR_ODF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "extractor/markup.h"
#include "extractor/xml.h"
#include "model/block.h"

struct emit;
struct err_note;
struct input;
struct package;

/* Deeper ones are glued to the one around them. */
#define ODF_LEVELS_MAX 8u
/* What waits behind one paragraph or row. */
#define ODF_LATER_MAX (16 * MIB)
#define ODF_NAME_MAX 256u

/* ---- styles (odf_style.c) ----------------------------------------------- */

enum odf_style_flag {
	ODF_STYLE_HIDDEN = 1 << 0,
	ODF_STYLE_BREAK_BEFORE = 1 << 1,
	ODF_STYLE_BREAK_AFTER = 1 << 2,
	ODF_STYLE_MASTER = 1 << 3, /* begins a page of another kind */
	ODF_STYLE_TITLE = 1 << 4,
	ODF_STYLE_CODE = 1 << 5,
	ODF_STYLE_TABLE_HEADING = 1 << 6,
};

/* A family is the first letter of a style's name in the list. */
#define ODF_FAMILY_PARAGRAPH 'p'
#define ODF_FAMILY_TEXT 't'
#define ODF_FAMILY_TABLE 'b'

struct odf_style {
	uint32_t name, parent; /* places in names; 0: none */
	unsigned flags; /* its own */
	unsigned all;	/* with its parents'; once ready */
};

struct odf_styles {
	struct buf names;
	struct odf_style *list;
	size_t count, size;
	struct odf_style *open; /* whose properties come */
	bool is_sorted;
	bool has_hidden; /* some text style hides */
	bool is_common_only; /* automatic ones are of headers: not these */
	unsigned automatic_depth;
};

void odf_styles_init(struct odf_styles *styles);
void odf_styles_fini(struct odf_styles *styles);

/* The elements of one file's styles; 0 or ERR_NOMEM. */
int odf_styles_start(struct odf_styles *styles, enum xml_ns ns,
    const char *name, const struct xml_attributes *attributes);
void odf_styles_end(struct odf_styles *styles, enum xml_ns ns,
    const char *name);

/* All are there: from now on they can be asked for. */
void odf_styles_ready(struct odf_styles *styles);

/* The flags of a style and those that it has from its parents. */
unsigned odf_style_flags(const struct odf_styles *styles, char family,
    const char *name);

/* ---- a document --------------------------------------------------------- */

enum odf_level_kind {
	ODF_LEVEL_PARAGRAPH,
	ODF_LEVEL_ROW,       /* of a table in the body: its cells are columns */
	ODF_LEVEL_INNER_ROW, /* of a table inside of something else */
};

struct odf_level {
	enum odf_level_kind kind;
	enum block_kind block;
	unsigned block_level;
	bool is_direct; /* its text goes out while it comes */
	bool is_hidden;
	bool is_cell_due;    /* the next text is another cell's */
	unsigned paragraphs; /* open in the cell */
	unsigned asides;     /* that were open when it began */
	struct buf text;
	struct buf later; /* records of what comes behind it */
};

/* What is shared with the objects inside. */
struct odf_objects {
	uint8_t *seen; /* of each part: was it read? */
	unsigned count;
};

struct odf {
	struct emit *emit;
	struct err_note *note;
	struct input *input;
	struct package *package; /* NULL: a single XML file */
	struct odf_objects *objects;
	unsigned object_depth; /* 0: the document itself */
	struct odf_styles styles;

	/* The parser: what the end of each open element means. */
	uint8_t ends[XML_DEPTH_MAX + 1];
	unsigned depth, skip_depth;
	bool is_inside; /* the body, or a header of the pages */
	bool is_header; /* reading headers and footers */
	bool is_master; /* in the master pages that have them */
	bool is_sheets, is_slides;

	/* Text (odf_text.c). */
	struct odf_level levels[ODF_LEVELS_MAX];
	unsigned level_count;
	unsigned asides; /* open notes, comments, frames */
	unsigned glued;	 /* open paragraphs that have no level */
	unsigned list_depth;
	bool is_item_fresh; /* no paragraph of the item was there yet */
	bool is_code_open;  /* lines of code may follow */
	unsigned title_asides; /* > 0: inside a slide's title */
	bool is_title_open;
	char slide_name[ODF_NAME_MAX]; /* that was sent */
	unsigned bibliographies;
	struct buf creator; /* of the comment */
	bool is_creator, is_creator_due;
	bool has_field; /* the header's paragraph */
	struct buf headers; /* those that were there */
	unsigned header_count; /* repeated ones as well */

	/* Pages, slides or sheets. */
	bool has_pages;
	bool is_begun; /* something stands on the first page */
	unsigned breaks; /* not turned yet */
	long meta_pages;

	/* Tables (odf_table.c). */
	struct markup_table table;
	unsigned tables; /* open ones of the body */
	unsigned sheets;
	bool is_header_rows, is_row_open;
	bool is_cell_text, is_cell_heading;
	bool is_covered;
	unsigned row_filled; /* cells with something in them */
	long row_repeat, cell_repeat;
	struct buf value; /* the cell's, if it shows nothing */
	size_t repeat_bytes; /* left for rows and cells that repeat */
};

void odf_init(struct odf *odf);
void odf_fini(struct odf *odf);

/* ---- reading (odf_content.c) -------------------------------------------- */

/* The events of content.xml, whose arg is a struct odf; and those of
 * styles.xml that find headers and footers (is_header is set). */
extern const struct xml_events odf_content_events, odf_header_events;

/* Leave what is inside the element out. */
void odf_skip(struct odf *odf);

/* What a part of the package or, without one, the whole file says. */
int odf_parse(struct odf *odf, const char *part,
    const struct xml_events *events, void *arg);

/* ---- properties (odf_meta.c) -------------------------------------------- */

int odf_read_meta(struct odf *odf);

/* ---- objects (odf_object.c) --------------------------------------------- */

/* Read the object that href names; damaged ones are left out. */
int odf_object_read(struct odf *odf, const char *href, size_t len);

/* ---- text (odf_text.c) -------------------------------------------------- */

/* What the end of an element does. */
enum odf_end {
	ODF_END_NOTHING,
	ODF_END_PARAGRAPH,
	ODF_END_CELL_PARAGRAPH,
	ODF_END_GLUED,
	ODF_END_ASIDE,
	ODF_END_TITLE,
	ODF_END_ANNOTATION,
	ODF_END_CREATOR,
	ODF_END_LIST,
	ODF_END_BIBLIOGRAPHY,
	ODF_END_TABLE,
	ODF_END_HEADER_ROWS,
	ODF_END_ROW,
	ODF_END_INNER_ROW,
	ODF_END_CELL,
	ODF_END_INSIDE,
};

struct odf_level *odf_top(struct odf *odf);
struct odf_level *odf_push(struct odf *odf, enum odf_level_kind kind);
/* End the level on top: its text and what waits behind it go out, or into
 * what waits behind the level below. */
void odf_pop(struct odf *odf);

/* Inside a cell, and in nothing that is inside the cell. */
bool odf_is_in_cell(struct odf *odf);

enum odf_end odf_paragraph_start(struct odf *odf, enum block_kind block,
    unsigned level, unsigned style);
void odf_paragraph_end(struct odf *odf, enum odf_end end);
void odf_put(struct odf *odf, const char *text, size_t len);
/* count white-space characters that are meant. */
void odf_put_space(struct odf *odf, char c, long count);

/* The end of a slide's title. */
void odf_title_end(struct odf *odf);

/* Send what may wait for more of its kind. */
void odf_settle(struct odf *odf);
/* Go on to the next pages, if there is no open level. */
void odf_turn_pages(struct odf *odf);
/* A break of a paragraph's or table's style. */
void odf_break_before(struct odf *odf, unsigned style);
/* What object is in this place? */
void odf_object_note(struct odf *odf, const char *href, size_t len);

/* ---- tables (odf_table.c) ----------------------------------------------- */

enum odf_end odf_table_start(struct odf *odf,
    const struct xml_attributes *attributes);
enum odf_end odf_row_start(struct odf *odf,
    const struct xml_attributes *attributes);
enum odf_end odf_cell_start(struct odf *odf, bool is_covered,
    const struct xml_attributes *attributes);
void odf_table_end(struct odf *odf);
void odf_row_end(struct odf *odf);
void odf_cell_end(struct odf *odf);
/* The row is no data but layout: what comes flows like text. */
void odf_row_leave(struct odf *odf);

#endif
