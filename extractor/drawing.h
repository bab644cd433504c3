/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drawing: the shapes of slides, notes and sheets (DrawingML), in the order of
 * the document, which is also that in which they are read out to the blind:
 * paragraphs and list items, tables, charts, diagrams, the words that stand
 * for pictures.  Text of masters and layouts is not theirs.
 */
#ifndef EXTRACTOR_DRAWING_H
#define EXTRACTOR_DRAWING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractor/chart.h"
#include "extractor/markup.h"
#include "extractor/relation_map.h"

struct err_note;
struct package;

/* Charts and diagrams of one part with shapes. */
#define DRAWING_PARTS_MAX 1000u
#define DRAWING_LEVELS 9u

/* What is known of bullets, a bit for each level. */
struct drawing_bullets {
	uint16_t with, without;
};

enum drawing_kind {
	DRAWING_SHAPES,
	DRAWING_NOTES,	 /* of a slide: its picture is left out */
	DRAWING_DIAGRAM, /* the points of its data are list items */
};

/* The type of a placeholder, as far as it matters. */
enum drawing_role {
	DRAWING_NONE, /* no placeholder */
	DRAWING_TITLE,
	DRAWING_BODY,
	DRAWING_SUBTITLE,
	DRAWING_FOOTER,
	DRAWING_FIELD,	/* date, number */
	DRAWING_IMAGE,	/* of the slide, on its notes */
};

struct drawing {
	struct package *package;
	struct drawing_out *out;
	struct err_note *note;
	struct relation_map *relations; /* of the part that is read */
	/* What a body's paragraphs have when they do not say: by the number of
	 * the placeholder; may be NULL. */
	struct drawing_bullets (*bullets_of)(void *arg, long index);
	void *arg;
	struct buf *footer; /* the last one seen: repeated ones are left out */
	bool skips_title;   /* the first title was sent as a heading */

	/* While a part is read. */
	enum drawing_kind kind;
	struct markup_table table;
	struct buf alt, words; /* for a picture; in a footer */
	unsigned depth, skip_depth;
	unsigned parts;
	enum drawing_role role;
	struct drawing_bullets bullets; /* of the shape */
	unsigned level, list_level;
	int bullet; /* of the paragraph: 1, 0, or -1: it does not say */
	bool is_in_list_style, is_in_body, is_in_text, is_in_field;
	bool is_in_table, is_in_cell, is_in_row, has_header, is_first_row;
	bool is_paragraph_open;
	bool is_title;	/* the one that is skipped */
	bool has_title; /* its text went by */
};

/* Nothing is kept but the pointers. */
void drawing_init(struct drawing *drawing, struct package *package,
    struct drawing_out *out, struct relation_map *relations,
    struct err_note *note);
void drawing_fini(struct drawing *drawing);

/* Read the shapes in part, whose relations are loaded.  ERR_NOT_FOUND: there
 * is no such part; ERR_SYNTAX, ERR_TOO_BIG, ERR_NOMEM, and what emit says. */
int drawing_read(struct drawing *drawing, const char *part,
    enum drawing_kind kind);

/* The text of the first title in part, into title, which is cleared: words
 * with single spaces.  Empty when it has none.  Errors as above. */
int drawing_title(struct package *package, const char *part,
    struct buf *title, struct err_note *note);

/* What the type of a placeholder ("" too) makes of it. */
enum drawing_role drawing_role_of(const char *type);

/* The bullets that a part of a paragraph's properties speaks of: 1, 0, or -1
 * when it is none. */
int drawing_bullet_of(const char *name);

/* The level of "lvl3pPr" from 0, or -1. */
int drawing_level_of(const char *name);

#endif
