/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pdf_marker: what stands in front of a list's item.
 */
#ifndef EXTRACTOR_PDF_MARKER_H
#define EXTRACTOR_PDF_MARKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pdf_marker {
	MARKER_NONE,
	MARKER_BULLET, /* nothing else begins with it */
	MARKER_DASH,   /* prose may begin with it */
	MARKER_NUMBER, /* so it may with "1." */
};

/* The marker that text begins with; *ret_len is its length with the blanks
 * behind it. */
enum pdf_marker pdf_marker_of(const char *text, size_t len, size_t *ret_len);

bool pdf_is_bullet(uint32_t c);

#endif
