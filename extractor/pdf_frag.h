/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pdf_frag: a piece of a line, as Poppler cuts them.
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

#endif
