/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chart: the charts of OOXML packages, as text: titles as paragraphs, and for
 * each series a row "name; category: value; category: value" of the values
 * that the document keeps with the chart.
 */
#ifndef EXTRACTOR_CHART_H
#define EXTRACTOR_CHART_H

#include <stddef.h>

#include "model/block.h"

struct emit;
struct err_note;
struct package;

/* Where the text of shapes goes: a heading that waits for the first block
 * below it, and words in front of that block. */
struct drawing_out {
	struct emit *emit;
	char heading[512]; /* "": there is none, or it was sent */
	unsigned level;
	const char *prefix; /* NULL: none, or it was put */
};

/* Send what waits; emit->err. */
int drawing_out_ready(struct drawing_out *out);
/* The same, and open a block. */
int drawing_out_open(struct drawing_out *out, enum block_kind kind,
    unsigned level);

/*
 * Read the chart in part.  ERR_NOT_FOUND: there is no such part; ERR_SYNTAX,
 * ERR_TOO_BIG, ERR_NOMEM, and what emit says.
 */
int chart_read(struct package *package, const char *part,
    struct drawing_out *out, struct err_note *note);

#endif
