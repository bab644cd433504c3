/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pdf_frag: a piece of a line, as Poppler cuts them, and what its two users
 * share.
 */
#ifndef EXTRACTOR_PDF_FRAG_H
#define EXTRACTOR_PDF_FRAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pdf_frag {
	float x1, y1, x2, y2;
	float size;
	size_t glyph, count;
	uint8_t turn;	/* quarters, clockwise */
	bool is_spaced; /* a gap behind each letter */
	bool is_rtl;	/* some of it */
};

struct pdf_page;
struct pdf_work;

/* Make work's pieces of its glyphs, in reading order: 0 or ERR_NOMEM. */
int pdf_frags_make(struct pdf_work *work, const struct pdf_page *page);

/* Make room for one more of count things in *list: 0 or ERR_NOMEM. */
int pdf_room_for_one(void **list, size_t *size, size_t count, size_t each);

bool pdf_is_blank(uint32_t c);
bool pdf_is_right_to_left(uint32_t c);

#endif
