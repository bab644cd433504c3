/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ppt: what the parts of the reader of binary presentations share ([MS-PPT]).
 *
 * A presentation is a stream of records, some of which hold others.  Saving
 * appends; which of the records that stand one behind the other are those of
 * the last time says the directory of persistent objects, which is put
 * together from the latest edit back to the first.
 */
#ifndef EXTRACTOR_PPT_H
#define EXTRACTOR_PPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "extractor/chart.h"
#include "extractor/office.h"

struct emit;
struct err_note;
struct ole;

#define PPT_DEPTH_MAX 64u
#define PPT_PERSIST_IDS (1u << 20) /* ids have 20 bits */
#define PPT_SLIDES_MAX 100000u
#define PPT_TEXTS_MAX 100000u	 /* of one slide */
#define PPT_TEXT_MAX (8 * MIB)	 /* of one of them */
#define PPT_OBJECTS_MAX 100000u	 /* embedded */
#define PPT_OBJECT_MAX (128 * MIB) /* one of them, unpacked */
#define PPT_MARKS_MAX 4u
#define PPT_FOOTERS_MAX 64u /* different ones; further ones are left out */

enum ppt_type {
#define PPT_RECORD(name, value) PPT_##name = (value),
#include "extractor/ppt_record_tbl.h"
};

struct ppt_record {
	unsigned type, version, instance;
	unsigned depth;
	uint64_t at; /* of its bytes, behind the head */
	uint32_t len;
};

/* A way through records and those that they hold. */
struct ppt_walk {
	struct ppt *ppt;
	uint64_t at;
	unsigned depth;
	uint64_t ends[PPT_DEPTH_MAX];
};

/* A slide or its notes, as the document lists them. */
struct ppt_slide {
	uint32_t persist, id;
	uint64_t texts, texts_end; /* those of the outline */
};

enum ppt_text_type {
	PPT_TEXT_TITLE = 0,
	PPT_TEXT_BODY = 1,
	PPT_TEXT_NOTES = 2,
	PPT_TEXT_OTHER = 4,
	PPT_TEXT_CENTER_BODY = 5,
	PPT_TEXT_CENTER_TITLE = 6,
	PPT_TEXT_HALF_BODY = 7,
	PPT_TEXT_QUARTER_BODY = 8,
	PPT_TEXT_COMMENT = 100, /* our own */
};

/* Where the text of a shape is. */
struct ppt_text {
	uint64_t at, style_at, author_at;
	uint32_t len, style_len, author_len;
	uint32_t marks[PPT_MARKS_MAX]; /* where fields stand + 1 */
	uint32_t type;
	uint32_t table; /* 0: in none */
	int32_t left, top;
	uint8_t placeholder;
	bool is_wide;
	bool is_sent;
};

struct ppt {
	struct emit *emit;
	struct err_note *note;
	struct drawing_out out;
	struct ole *ole;
	struct office_window window;

	uint32_t *persist; /* id -> offset + 1 */
	uint64_t walked;   /* bytes of slides and directories so far */
	uint64_t unpacked; /* of embedded objects */

	struct buf slides, notes; /* struct ppt_slide */
	struct buf note_order;	  /* uint64_t: id and place in notes */
	struct buf objects;	  /* uint32_t: persist */

	/* Of the slide at hand. */
	struct buf outline, texts, note_texts; /* struct ppt_text */
	struct buf footers; /* its headers and footers, each terminated */
	bool has_footers;   /* some of its own, or it says that it has none */

	struct buf all_footers;	 /* of slides that say nothing */
	struct buf seen_footers; /* sent before */
	unsigned seen;
	struct buf raw, style, text; /* of what is being read */
};

/* ---- records (ppt_records.c) ---- */

void ppt_walk_begin(struct ppt_walk *walk, struct ppt *ppt, uint64_t at,
    uint64_t end);
/* The next record, then those it holds if it does: 1, 0 at the end, or
 * ERR_SYNTAX when it is longer than what it stands in, ERR_TOO_BIG when it is
 * PPT_DEPTH_MAX deep. */
int ppt_walk_next(struct ppt_walk *walk, struct ppt_record *record);
/* Go over what record holds; into it although it does not look so. */
void ppt_walk_skip(struct ppt_walk *walk, const struct ppt_record *record);
int ppt_walk_enter(struct ppt_walk *walk, const struct ppt_record *record);

/* The record at offset at: 0, or ERR_SYNTAX. */
int ppt_record_at(struct ppt *ppt, uint64_t at, struct ppt_record *record);

/* Count bytes that are gone through: no part of the file may be read over and
 * over again.  0 or ERR_SYNTAX. */
int ppt_spend(struct ppt *ppt, uint64_t bytes);

/* ---- which records count (ppt_persist.c) ---- */

/* Fill in ppt->persist.  *ret_document is the offset of the document's record
 * or UINT64_MAX when it is not to be found.  ERR_FORBIDDEN: encrypted. */
int ppt_persist(struct ppt *ppt, const char *folder, uint64_t *ret_document);

/* The record with that id, if it is of that type: true. */
bool ppt_persist_find(struct ppt *ppt, uint32_t id, unsigned type,
    struct ppt_record *ret_record);

/* ---- slides ---- */

/* Lists of slides, notes and objects of the document there.
 * (ppt_document.c) */
int ppt_document(struct ppt *ppt, uint64_t at);
/* All slides of the stream as they come, when there is no list. */
int ppt_all_slides(struct ppt *ppt);

/* Put the texts between two offsets into texts, which is cleared first. */
int ppt_outline(struct ppt *ppt, uint64_t at, uint64_t end,
    struct buf *texts);
/* Put the texts of a slide or notes into ppt->texts; *ret_notes (if not NULL)
 * is the id of its notes. (ppt_shapes.c) */
int ppt_shapes(struct ppt *ppt, const struct ppt_record *slide,
    uint32_t *ret_notes);

/* Which of the texts of headers and footers are shown: bit (1 << instance),
 * from the flags in their first record. */
static inline uint8_t
ppt_footers_shown(const unsigned char *bytes)
{
	return (uint8_t)((bytes[2] & 0x10 ? 2 : 0) |
	    (bytes[2] & 0x20 ? 4 : 0));
}

/* Put a header or footer at the end of footers. */
int ppt_footer_put(struct ppt *ppt, const struct ppt_record *record,
    struct buf *footers);

/* Send a text (ppt_text.c); a comment; the count texts of a table. */
int ppt_text_send(struct ppt *ppt, const struct ppt_text *text);
int ppt_comment_send(struct ppt *ppt, const struct ppt_text *text);
int ppt_table_send(struct ppt *ppt, const struct ppt_text *texts,
    size_t count);
/* A text of UTF-16 of that place into out, which is cleared first. */
int ppt_string(struct ppt *ppt, uint64_t at, uint32_t len, struct buf *out);
/* All of a text into ppt->text, one line for each paragraph. */
int ppt_text_load(struct ppt *ppt, const struct ppt_text *text);

/* Emit the embedded objects as members. (ppt_object.c) */
int ppt_objects(struct ppt *ppt);

#endif
