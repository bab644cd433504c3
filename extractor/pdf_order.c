/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order in which pieces of lines are read, for pages whose text is turned:
 * Poppler looks for order only where text stands upright.
 *
 * The page is cut where nothing stands: between columns of running text first,
 * then between lines, then between what is left side by side.  Columns of a
 * table are no columns of text: their lines do not fill them.
 */
#include <math.h>
#include <stdlib.h>

#include "extractor/pdf.h"
#include "extractor/pdf_frag.h"

#define ORDER_DEPTH_MAX 32u
#define COLUMN_LINES_MIN 5u
#define COLUMN_FILL_MIN 0.6f /* of a column's width, by its lines */
#define LINE_EDGE 0.3f /* of a line's height may reach into others */

static int
compare_x(const void *a, const void *b)
{
	const struct pdf_frag *left = a, *right = b;

	return (left->x1 > right->x1) - (left->x1 < right->x1);
}

static float
top_of(const struct pdf_frag *frag)
{
	return frag->y1 + LINE_EDGE * (frag->y2 - frag->y1);
}

static float
bottom_of(const struct pdf_frag *frag)
{
	return frag->y2 - LINE_EDGE * (frag->y2 - frag->y1);
}

static int
compare_y(const void *a, const void *b)
{
	float upper = top_of(a), lower = top_of(b);

	return upper != lower ? (upper > lower) - (upper < lower)
			      : compare_x(a, b);
}

static bool
is_running_text(const struct pdf_frag *frags, size_t count)
{
	float x1 = 1e9f, x2 = -1e9f, widths = 0;
	size_t i;

	if (count < COLUMN_LINES_MIN)
		return false;
	for (i = 0; i < count; i++) {
		x1 = fminf(x1, frags[i].x1);
		x2 = fmaxf(x2, frags[i].x2);
		widths += frags[i].x2 - frags[i].x1;
	}
	return widths >= COLUMN_FILL_MIN * (x2 - x1) * (float)count;
}

/* Where the pieces, sorted by x, part into two; columns: only between columns
 * of text.  0: nowhere. */
static size_t
cut_beside(const struct pdf_frag *frags, size_t count, bool columns)
{
	float x2 = frags[0].x2;
	size_t i;

	for (i = 1; i < count; i++) {
		if (frags[i].x1 > x2 + (columns ? frags[i].size : 0) &&
		    (!columns ||
			(is_running_text(frags, i) &&
			    is_running_text(frags + i, count - i))))
			return i;
		x2 = fmaxf(x2, frags[i].x2);
	}
	return 0;
}

/* The end of the first band, of pieces sorted by y. */
static size_t
band_end(const struct pdf_frag *frags, size_t count)
{
	float y2 = bottom_of(frags);
	size_t i;

	for (i = 1; i < count && top_of(frags + i) < y2; i++)
		y2 = fmaxf(y2, bottom_of(frags + i));
	return i;
}

static void
order(struct pdf_frag *frags, size_t count, unsigned depth)
{
	size_t cut, from, end;

	if (count < 2)
		return;
	qsort(frags, count, sizeof(*frags), compare_x);
	if (depth == ORDER_DEPTH_MAX)
		return;
	cut = cut_beside(frags, count, true);
	if (cut > 0) {
		order(frags, cut, depth + 1);
		order(frags + cut, count - cut, depth + 1);
		return;
	}
	qsort(frags, count, sizeof(*frags), compare_y);
	if (band_end(frags, count) == count) {
		qsort(frags, count, sizeof(*frags), compare_x);
		cut = cut_beside(frags, count, false);
		if (cut > 0) {
			order(frags, cut, depth + 1);
			order(frags + cut, count - cut, depth + 1);
		} else {
			qsort(frags, count, sizeof(*frags), compare_y);
		}
		return;
	}
	for (from = 0; from < count; from = end) {
		end = from + band_end(frags + from, count - from);
		order(frags + from, end - from, depth + 1);
	}
}

void
pdf_order(struct pdf_frag *frags, size_t count)
{
	order(frags, count, 0);
}
