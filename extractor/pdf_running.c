/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Headers and footers: lines at the edge of a page that say the same, but for
 * the number of the page, at the same height as on two pages nearby.  Lines of
 * which more numbers differ are rows of a table that goes on.  Books have
 * different ones on left and right pages, so every page in sight is looked at.
 * The first of each is kept: it may be the only place where the title stands.
 */
#include <math.h>
#include <string.h>

#include "extractor/pdf.h"

#define RUNNING_OTHERS 2u    /* pages that must agree */
#define RUNNING_SLACK 3.0f   /* points up or down */
#define RUNNING_CHARS_MAX 200u
#define RUNNING_NUMBERS_MAX 2u /* that differ: of a chapter, of the page */

/* Letters as in pdf_key(), and numbers. */
static void
edge_of(const struct pdf_page *page, const struct pdf_line *line,
    struct pdf_edge *edge)
{
	const char *text = buf_text(&page->text) + line->text;
	bool is_in_number = false;
	uint32_t number = 0;
	size_t i;

	edge->y = line->y1;
	edge->number_count = 0;
	for (i = 0; i <= line->len; i++) {
		if (i < line->len && text[i] >= '0' && text[i] <= '9') {
			number = (is_in_number ? number * 10 : 0) +
			    (uint32_t)(text[i] - '0');
			is_in_number = true;
			continue;
		}
		if (is_in_number && edge->number_count < PDF_EDGE_NUMBERS)
			edge->numbers[edge->number_count++] = number;
		is_in_number = false;
	}
	edge->key = edge->number_count > 0 ? line->key * 31 + 1 : line->key;
}

static unsigned
add_found(size_t found[PDF_EDGE_LINES], unsigned n, size_t line)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (found[i] == line)
			return n;
	if (line != SIZE_MAX)
		found[n++] = line;
	return n;
}

/* The indexes of the outermost lines: two from above, two from below. */
static unsigned
edge_lines(const struct pdf_page *page, size_t found[PDF_EDGE_LINES])
{
	const struct pdf_line *lines = page->lines;
	size_t top[2] = {SIZE_MAX, SIZE_MAX}, low[2] = {SIZE_MAX, SIZE_MAX};
	size_t i;
	unsigned n = 0;

	/* With so few lines nothing tells an edge from the text. */
	if (page->line_count < PDF_EDGE_LINES)
		return 0;
	for (i = 0; i < page->line_count; i++) {
		if (lines[i].turn != lines[0].turn)
			break;
		if (top[0] == SIZE_MAX || lines[i].y1 < lines[top[0]].y1) {
			top[1] = top[0];
			top[0] = i;
		} else if (top[1] == SIZE_MAX ||
		    lines[i].y1 < lines[top[1]].y1) {
			top[1] = i;
		}
		if (low[0] == SIZE_MAX || lines[i].y2 > lines[low[0]].y2) {
			low[1] = low[0];
			low[0] = i;
		} else if (low[1] == SIZE_MAX ||
		    lines[i].y2 > lines[low[1]].y2) {
			low[1] = i;
		}
	}
	for (i = 0; i < 2; i++) {
		n = add_found(found, n, top[i]);
		n = add_found(found, n, low[i]);
	}
	return n;
}

static void
edges_of(const struct pdf_page *page, struct pdf_edges *edges)
{
	size_t found[PDF_EDGE_LINES];
	unsigned i;

	edges->count = edge_lines(page, found);
	for (i = 0; i < edges->count; i++)
		edge_of(page, page->lines + found[i], edges->lines + i);
}

static bool
numbers_agree(const struct pdf_edge *one, const struct pdf_edge *two)
{
	unsigned i, differ = 0;

	if (one->number_count != two->number_count)
		return false;
	for (i = 0; i < one->number_count; i++)
		differ += one->numbers[i] != two->numbers[i];
	return differ <= RUNNING_NUMBERS_MAX;
}

static unsigned
has_edge(const struct pdf_edges *edges, const struct pdf_edge *edge)
{
	unsigned i;

	for (i = 0; i < edges->count; i++)
		if (edges->lines[i].key == edge->key &&
		    fabsf(edges->lines[i].y - edge->y) <= RUNNING_SLACK &&
		    numbers_agree(edges->lines + i, edge))
			return 1;
	return 0;
}

static bool
was_shown(struct pdf_running *running, uint64_t key)
{
	unsigned i;

	for (i = 0; i < PDF_RUNNING_MAX && i < running->shown_count; i++)
		if (running->shown[i] == key)
			return true;
	running->shown[running->shown_count++ % PDF_RUNNING_MAX] = key;
	return false;
}

void
pdf_running_mark(struct pdf_running *running, struct pdf_page *pages,
    const unsigned *order, unsigned count)
{
	struct pdf_page *page = pages + order[0];
	struct pdf_edges edges, others[PDF_AHEAD];
	size_t found[PDF_EDGE_LINES];
	unsigned i, j, agree;

	edges_of(page, &edges);
	(void)edge_lines(page, found);
	for (j = 1; j < count; j++)
		edges_of(pages + order[j], others + j);
	for (i = 0; i < edges.count; i++) {
		agree = 0;
		for (j = 1; j < count; j++)
			agree += has_edge(others + j, edges.lines + i);
		for (j = 0; j < PDF_AHEAD && j < running->past_count; j++)
			agree += has_edge(running->past + j, edges.lines + i);
		if (agree >= RUNNING_OTHERS &&
		    page->lines[found[i]].chars <= RUNNING_CHARS_MAX &&
		    page->lines[found[i]].level == 0)
			page->lines[found[i]].is_dropped =
			    was_shown(running, edges.lines[i].key);
	}
	running->past[running->past_count++ % PDF_AHEAD] = edges;
}
