/* SPDX-License-Identifier: Apache-2.0 */
/*
 * section: the headings that text stands under.
 *
 * Floor 2, pure.  Zeroed it is the top of a document.
 */
#ifndef TEXT_SECTION_H
#define TEXT_SECTION_H

#include "base/limits.h"

struct block;

/* So that six levels and their separators fit in SECTION_BYTES_MAX. */
#define SECTION_TITLE_MAX 164u

struct section {
	unsigned level; /* of the last heading */
	char titles[SECTION_DEPTH_MAX][SECTION_TITLE_MAX + 1];
	/* Outermost first, joined by the unit separator 0x1F. */
	char path[SECTION_BYTES_MAX];
};

/* A heading: what stood at its level or below is over. */
void section_set(struct section *section, const struct block *heading);

#endif
