/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * docx: what the files of the reader of Word documents share.
 *
 * A document's text comes as events of its XML and leaves as blocks.  Between
 * the two stand a stack and a pile:
 *
 *	text	the paragraphs that are open.  They nest: a text box stands
 *		inside a run of the paragraph that it is anchored in.
 *	pile	the blocks that are whole but may not be sent yet: what is in
 *		a text box comes after its paragraph, so that no sentence is
 *		split; the paragraphs of a table's cells wait for their row.
 *
 * When no paragraph and no row is open the pile is sent.  What stands in
 * other parts and belongs to a place in the text (notes, charts) is read
 * before and waits in the store under a key; what nobody asked for is sent at
 * the end.
 */
#ifndef EXTRACTOR_DOCX_H
#define EXTRACTOR_DOCX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "model/block.h"

struct emit;
struct err_note;
struct package;
struct xml_attributes;

#define DOCX_PILE_MAX (64 * MIB) /* of a row, of all notes */
#define DOCX_SPILL_AT (128 * KIB) /* a paragraph that is sent in parts */
#define DOCX_PARAGRAPHS_MAX 64u /* open at once */
#define DOCX_TABLES_MAX 32u /* open at once; deeper ones are no tables */
#define DOCX_COLUMNS_MAX 256u /* with names */
#define DOCX_NAME_MAX 120u /* of a column, in a row of names */
#define DOCX_HEADER_ROWS_MAX 3u
#define DOCX_STYLES_MAX 65536u
#define DOCX_FIELDS_MAX 32u
#define DOCX_ALTERNATES_MAX 64u
#define DOCX_STORED_MAX 1000000u /* notes, charts */
#define DOCX_KNOWN 256u /* a power of two */

/* ---- styles (docx_style.c) ---------------------------------------------- */

/* What a style says; SAYS_NOTHING leaves it to the one it is based on. */
enum { SAYS_NOTHING = -1 };

#define DOCX_OUTLINE_BODY 9 /* the outline level of what is no heading */

struct docx_style {
	uint64_t key, base;
	int8_t outline; /* 0..8, DOCX_OUTLINE_BODY */
	int8_t list;	/* is it a list's item */
	int8_t list_level;
	int8_t bold, hidden, code, first_row;
	int8_t title; /* its own name alone says so */
};

struct docx_styles {
	struct docx_style *list; /* by key */
	size_t count, size;
};

/* Does the element of a property that is there or not say that it is? */
bool docx_is_on(const struct xml_attributes *attributes);

uint64_t docx_key(const char *text, size_t len);

/* Read a styles part.  Damaged ones are as good as missing ones; ERR_NOMEM.
 * styles is all zero before. */
int docx_styles_read(struct package *package, const char *part,
    struct docx_styles *styles);
void docx_styles_fini(struct docx_styles *styles);

/* The style with that id, never NULL: an unknown one says what its id says. */
const struct docx_style *docx_style_find(const struct docx_styles *styles,
    const char *id);

/* ---- the document ------------------------------------------------------- */

/* A block on the pile, followed by its len bytes.  kind 0 begins a cell. */
struct docx_record {
	uint32_t len;
	uint32_t page;
	uint32_t column, span; /* of a cell */
	uint8_t kind, level;
	uint8_t merge; /* enum docx_merge */
};

enum docx_merge { MERGE_NONE, MERGE_BEGINS, MERGE_GOES_ON };

struct docx_paragraph {
	const struct docx_style *style;
	size_t text_at; /* its text begins here */
	size_t pile_at; /* what came out inside of it */
	uint32_t page;
	int8_t outline, list, list_level; /* its own, not its style's */
	bool has_space, has_break; /* to be put before the next word */
	bool is_spilled;
	bool is_joined; /* its end was deleted: the next goes on */
	bool is_bold, is_hidden; /* the run */
	bool has_page; /* page is that of the first word */
};

struct docx_column {
	char name[DOCX_HEADER_ROWS_MAX * (DOCX_NAME_MAX + 1)];
	char above[DOCX_NAME_MAX + 1]; /* the cell that goes on below */
	bool is_said; /* a row has the name */
};

struct docx_table {
	struct docx_column *columns;
	size_t columns_size;
	size_t names; /* columns that have one */
	size_t row_at, cell_at; /* on the pile */
	unsigned row_depth, cell_depth; /* of their elements */
	uint32_t column, span;
	enum docx_merge merge;
	unsigned header_rows;
	bool has_rows;
	bool is_in_row, is_in_cell;
	bool is_header;	 /* the row says so */
	bool is_deleted; /* the row */
	bool is_cell_deleted;
	bool has_plain;	 /* the row has text that is not bold */
	bool is_styled;	 /* the first row looks different */
	bool wants_first_row;
};

/* What waits for its place: the records of a note, or the name of a part with
 * a chart or a diagram. */
enum docx_what { DOCX_NOTE, DOCX_CHART, DOCX_DIAGRAM };

struct docx_stored {
	uint64_t key;
	size_t at, len; /* in the store's records */
	enum docx_what what;
	bool is_sent;
};

enum docx_mode {
	DOCX_SEND, /* whole blocks are sent */
	DOCX_HOLD, /* they stay on the pile */
};

struct docx {
	struct package *package;
	struct emit *emit;
	struct err_note *note;
	struct docx_styles styles;
	enum docx_mode mode;

	struct buf text, pile, scratch;
	struct docx_paragraph paragraphs[DOCX_PARAGRAPHS_MAX];
	unsigned open; /* paragraphs */
	struct docx_table tables[DOCX_TABLES_MAX];
	unsigned tables_open, tables_flat; /* too deep to be tables */

	/* The text of a paragraph whose end was deleted. */
	size_t carried_at, carried_pile_at;
	bool is_carried, carries_space;

	/* The store, sorted by key before the first question. */
	struct docx_stored *stored;
	size_t stored_count, stored_size;
	struct buf stored_bytes;
	struct buf wanted; /* uint32_t: stored ones to send next */
	bool is_sorted;

	uint32_t page;
	bool is_paged;
	bool is_after_break; /* and no word since */

	/* Events (docx_body.c).  The parser keeps each name at one address
	 * while it reads a part: what was looked up needs no second look. */
	struct {
		const char *name;
		int ns, role;
	} known[DOCX_KNOWN];
	unsigned depth, skip_depth;
	unsigned properties_depth; /* of a paragraph */
	int text_role;
	uint64_t words; /* how much was put: did a branch give anything? */
	struct {
		char words[16];
		uint8_t len;
		bool is_result, is_page_number;
	} fields[DOCX_FIELDS_MAX];
	unsigned fields_open;
	uint64_t alternates[DOCX_ALTERNATES_MAX]; /* words before */
	unsigned alternates_open;
	long choice, choices; /* of a list to choose from */
	uint64_t note_kind;
	size_t note_at;
	uint64_t note_key;
	char prefix[NAME_BYTES_MAX + 1]; /* of a comment's first paragraph */
	bool is_in_header;
	bool is_in_text; /* the main part */
};

/* ---- text and pile (docx_text.c) ---------------------------------------- */

/* A paragraph begins inside whatever is open; its text; its end. */
int docx_paragraph_begin(struct docx *docx);
int docx_put(struct docx *docx, const char *text, size_t len);
int docx_paragraph_end(struct docx *docx);

/* The innermost open paragraph, or NULL. */
struct docx_paragraph *docx_paragraph(struct docx *docx);

/* End a paragraph that waits for the next one to go on. */
int docx_carried_end(struct docx *docx);

/* Put a whole block on the pile. */
int docx_pile(struct docx *docx, enum block_kind kind, unsigned level,
    uint32_t page, const char *text, size_t len);

/* The record at, which is copied, and what follows it. */
const char *docx_record(const struct buf *pile, size_t at,
    struct docx_record *ret_record);

/* Send the pile if nothing holds it back. */
int docx_flush(struct docx *docx);

/* ---- tables (docx_table.c) ---------------------------------------------- */

void docx_table_begin(struct docx *docx);
int docx_table_end(struct docx *docx);
int docx_row_begin(struct docx *docx);
int docx_row_end(struct docx *docx);
int docx_cell_begin(struct docx *docx);
int docx_cell_end(struct docx *docx);
/* The table whose properties are read, or NULL. */
struct docx_table *docx_table(struct docx *docx);

/* ---- the store (docx_store.c) ------------------------------------------- */

/* Put len bytes into the store. */
int docx_store(struct docx *docx, uint64_t key, enum docx_what what,
    const char *bytes, size_t len);
/* It is to be sent behind the blocks that wait. */
int docx_want(struct docx *docx, uint64_t key);
/* Send what is wanted; what nobody wanted. */
int docx_send_wanted(struct docx *docx);
int docx_send_rest(struct docx *docx);
/* Send the records of a pile. */
int docx_send(struct docx *docx, const struct buf *pile, size_t at,
    size_t end, bool has_pages);

/* ---- fields (docx_field.c) ---------------------------------------------- */

/* A field begins, its result begins, or it ends. */
void docx_field(struct docx *docx, const struct xml_attributes *attributes);
/* One whose instruction is an attribute. */
void docx_field_simple(struct docx *docx,
    const struct xml_attributes *attributes);
/* A piece of the instruction. */
void docx_field_instruction(struct docx *docx, const char *text, size_t len);
/* Is what comes now not to be seen: an instruction, a header's page number? */
bool docx_is_in_instruction(const struct docx *docx);
/* A paragraph ends. */
void docx_fields_mend(struct docx *docx);

/* ---- parts (docx_body.c) ------------------------------------------------ */

/* Read a part that holds paragraphs. ERR_NOT_FOUND: it is not there. */
int docx_part(struct docx *docx, const char *part, enum docx_mode mode);

/* The character of a symbol font, or 0. (docx_symbol.c) */
uint32_t docx_symbol(const char *font, uint32_t c);

#endif
