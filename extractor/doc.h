/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doc: what the files of the reader of binary Word documents share
 * ([MS-DOC], and its forerunner of Word 6 and 95).
 *
 * A text is numbered by character positions (CP): the main text, then notes,
 * headers, comments and boxes.  The piece table says where in the file the
 * bytes of a position are (FC), wherever a fast save has put them.  How they
 * look stands in pages of 512 bytes (FKP) that are found by FC, as lists of
 * changes (sprm) to what the paragraph's style says.
 */
#ifndef EXTRACTOR_DOC_H
#define EXTRACTOR_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "extractor/flow.h"

struct emit;
struct err_note;
struct ole;
struct ole_stream;

#define DOC_TABLE_MAX (128 * MIB) /* of one table: pieces, pages, notes */
#define DOC_PAGE_SIZE 512u
#define DOC_STYLES_MAX 4096u
#define DOC_STYLE_DEPTH_MAX 16u /* styles that are based on others */
#define DOC_FONTS_MAX 4096u
#define DOC_FIELDS_MAX 32u /* in one another */
#define DOC_BODY 9u	   /* the outline level of what is no heading */

/* The parts of the text, in their order. */
enum doc_part {
	DOC_MAIN,
	DOC_FOOTNOTES,
	DOC_HEADERS,
	DOC_MACROS,
	DOC_COMMENTS,
	DOC_ENDNOTES,
	DOC_BOXES,
	DOC_HEADER_BOXES,
	DOC_PARTS
};

/* Tables that are used, by their place in the list of all. */
enum doc_table {
	DOC_TABLE_STYLES = 1,
	DOC_TABLE_FOOTNOTE_REFS = 2,
	DOC_TABLE_FOOTNOTE_TEXTS = 3,
	DOC_TABLE_COMMENT_REFS = 4,
	DOC_TABLE_COMMENT_TEXTS = 5,
	DOC_TABLE_HEADERS = 11,
	DOC_TABLE_CHARACTERS = 12,
	DOC_TABLE_PARAGRAPHS = 13,
	DOC_TABLE_FONTS = 15,
	DOC_TABLE_PIECES = 33,
	DOC_TABLE_ENDNOTE_REFS = 46,
	DOC_TABLE_ENDNOTE_TEXTS = 47,
};

struct doc_piece {
	uint32_t cp, cp_end;
	uint32_t fc;
	uint16_t change; /* of all its characters */
	bool is_wide;	 /* two bytes each */
};

/* What changes make of a paragraph and of characters. */
struct doc_paragraph {
	uint16_t style;
	uint8_t outline; /* 0..8, DOC_BODY */
	uint8_t list_level;
	bool is_list;
	bool is_in_table, is_row_end;
	bool is_inner_cell, is_inner_row_end;
	bool is_header; /* the row */
};

struct doc_character {
	bool is_hidden, is_deleted, is_bold, is_special;
	uint16_t font;
	uint16_t symbol; /* 0: none; its font is font */
};

struct doc_style {
	uint16_t base;
	uint16_t kind; /* sti: the number of a style that Word comes with */
	bool is_known, is_paragraph;
	/* Changes to the base style, in the style table. */
	uint32_t paragraph_at, paragraph_len;
	uint32_t character_at, character_len;
};

/* A page of the paragraphs' or the characters' properties. */
struct doc_pages {
	struct buf table; /* where each begins, in FC, and its number */
	uint32_t count;
	uint32_t number; /* of the page that is in bytes */
	bool is_loaded;
	unsigned char bytes[DOC_PAGE_SIZE];
	/* The run that was found last. */
	uint32_t fc, fc_end;
	const unsigned char *changes;
	size_t changes_len;
	uint16_t style;
};

/* Places in the main text that notes of one kind hang on. */
struct doc_notes {
	struct buf refs, texts;
	uint32_t count, next;
	uint32_t cp; /* texts up to here were read */
	enum doc_part part;
};

enum { DOC_NOTE_KINDS = 3 };

/* Fields that are open: is it their instruction that is read? */
struct doc_fields {
	bool is_instruction[DOC_FIELDS_MAX];
	unsigned depth, deeper;
	unsigned instructions; /* of them */
	unsigned paragraphs;   /* in an instruction */
};

struct doc {
	struct ole *ole;
	struct emit *emit;
	struct err_note *note;
	struct ole_stream *text;  /* WordDocument */
	struct ole_stream *table; /* the same in Word 6 and 95 */
	struct ole_stream *data;  /* NULL: none */
	struct flow flow;

	bool is_old; /* Word 6 or 95 */
	bool is_cut; /* some of the text is not in the file */
	uint32_t tables_at; /* of the list of tables in the head */
	uint32_t tables;    /* how many it has */
	uint32_t first; /* FC of the text, without pieces */
	unsigned codepage;    /* of narrow text */
	bool is_wide;	      /* all of it, in some old files */
	uint32_t part_at[DOC_PARTS + 1]; /* CP */

	struct doc_piece *pieces;
	uint32_t piece_count;
	struct buf piece_table;	 /* and the changes that pieces name */
	struct buf piece_changes; /* (offset, length) of each, as uint32_t */

	struct doc_pages paragraphs, characters;
	struct buf style_table;
	struct doc_style *styles;
	uint32_t style_count;
	struct buf huge; /* changes that did not fit into a page */
	uint16_t font_codepages[DOC_FONTS_MAX]; /* 0: the document's */
	uint32_t font_count;

	struct doc_notes notes[DOC_NOTE_KINDS];
	struct doc_fields fields;
	uint16_t high_surrogate;
	struct buf narrow, decoded; /* bytes of one font */
	unsigned narrow_codepage;
	bool narrow_is_bold;
};

/* ---- the head and its tables (doc_head.c) ------------------------------- */

int doc_head(struct doc *doc);

/* A table into out, which is cleared first; one that is missing, or lies
 * outside of its stream, is empty. */
int doc_load(struct doc *doc, enum doc_table table, struct buf *out);

/* ---- pieces (doc_pieces.c) ---------------------------------------------- */

int doc_pieces(struct doc *doc);

/* The piece with that position, or NULL. */
const struct doc_piece *doc_piece_find(const struct doc *doc, uint32_t cp);

/* ---- properties (doc_pages.c, doc_change.c) ----------------------------- */

int doc_pages_load(struct doc *doc, enum doc_table table,
    struct doc_pages *pages);

/* The run of equal properties that fc is in: pages->fc_end and the changes
 * are set; where nothing is known there are none. */
int doc_pages_find(struct doc *doc, struct doc_pages *pages, uint32_t fc,
    bool is_paragraph);

/* The properties at fc, in piece. */
int doc_paragraph_at(struct doc *doc, const struct doc_piece *piece,
    uint32_t fc, struct doc_paragraph *ret_paragraph);
int doc_character_at(struct doc *doc, const struct doc_piece *piece,
    uint32_t fc, struct doc_character *ret_character, uint32_t *ret_fc_end);

void doc_change_paragraph(struct doc *doc, const unsigned char *changes,
    size_t len, struct doc_paragraph *paragraph);
/* style: what the toggles refer to. */
void doc_change_character(const struct doc *doc, const unsigned char *changes,
    size_t len, const struct doc_character *style,
    struct doc_character *character);

/* ---- styles and fonts (doc_style.c) ------------------------------------- */

int doc_styles(struct doc *doc);
int doc_fonts(struct doc *doc);

/* What a style, and those that it is based on, make of a paragraph and its
 * characters. */
void doc_style_paragraph(struct doc *doc, uint16_t style,
    struct doc_paragraph *ret_paragraph);
void doc_style_character(struct doc *doc, uint16_t style,
    struct doc_character *ret_character);

/* ---- text (doc_text.c) -------------------------------------------------- */

/* Positions from cp to cp_end; is_main: notes hang on them. */
int doc_text(struct doc *doc, uint32_t cp, uint32_t cp_end, bool is_main);

#endif
