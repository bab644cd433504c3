/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From glyphs to pieces of lines.
 *
 * Poppler's lines end at wide gaps and its blocks at wider ones, so that a
 * line that was stretched to both margins comes in pieces.
 *
 * Text that is turned by quarters is turned back first.  What is turned
 * another way than most of the page comes last.
 */
#include <math.h>
#include <string.h>
#include <unicode/uchar.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/pdf.h"
#include "extractor/pdf_frag.h"
#include "extractor/pdf_marker.h"

#define TURN_UNKNOWN 4u
#define GAP_WORD 0.2f /* in sizes of the font */
#define LEADER_DOTS_MIN 4u
#define JOINED_FRAGS_MAX 2000u /* every piece is compared with every other */
#define PAGE_NUMBER_LEN_MAX 6u
#define GAP_BULLET 4.0f /* at most, from a bullet to its item */

int
pdf_room_for_one(void **list, size_t *size, size_t count, size_t each)
{
	size_t larger = *size == 0 ? 64 : 2 * *size;
	void *more;

	if (count < *size)
		return 0;
	more = mem_resize(*list, larger, each);
	if (more == NULL)
		return ERR_NOMEM;
	*list = more;
	*size = larger;
	return 0;
}

bool
pdf_is_blank(uint32_t c)
{
	return c == ' ' || c == 0xA0 || c == 0x3000 || c == 0x202F ||
	    (c >= 0x2000 && c <= 0x200B) || c == '\t';
}

bool
pdf_is_right_to_left(uint32_t c)
{
	UCharDirection direction;

	if (c < 0x590)
		return false;
	direction = u_charDirection((UChar32)c);
	return direction == U_RIGHT_TO_LEFT ||
	    direction == U_RIGHT_TO_LEFT_ARABIC;
}

/* Which way a line goes: 0 right, 1 down, 2 left, 3 up. */
static unsigned
turn_of(const struct pdf_glyph *list, size_t count)
{
	const struct pdf_glyph *first = list, *last = list + count - 1;
	float x, y;

	while (first < last && pdf_is_blank(last->c))
		last--;
	if (first == last)
		return TURN_UNKNOWN;
	x = last->x1 + last->x2 - first->x1 - first->x2;
	y = last->y1 + last->y2 - first->y1 - first->y2;
	if (fabsf(x) >= fabsf(y))
		return x >= 0 ? 0 : 2;
	return y > 0 ? 1 : 3;
}

static void
turn_glyph(struct pdf_glyph *glyph, unsigned turn, float width, float height)
{
	struct pdf_glyph old = *glyph;

	switch (turn) {
	case 1:
		glyph->x1 = old.y1;
		glyph->x2 = old.y2;
		glyph->y1 = width - old.x2;
		glyph->y2 = width - old.x1;
		break;
	case 2:
		glyph->x1 = width - old.x2;
		glyph->x2 = width - old.x1;
		glyph->y1 = height - old.y2;
		glyph->y2 = height - old.y1;
		break;
	case 3:
		glyph->x1 = height - old.y2;
		glyph->x2 = height - old.y1;
		glyph->y1 = old.x1;
		glyph->y2 = old.x2;
		break;
	}
}

/* The piece's box and size, when its glyphs stand upright. */
static void
measure_frag(const struct pdf_glyphs *glyphs, struct pdf_frag *frag)
{
	const struct pdf_glyph *g = glyphs->list + frag->glyph;
	size_t i, wide = 0, right = 0, letters = 0;
	float size;

	frag->x1 = frag->y1 = 1e9f;
	frag->x2 = frag->y2 = -1e9f;
	frag->size = 0;
	for (i = 0; i < frag->count; i++) {
		if (pdf_is_blank(g[i].c)) {
			wide = SIZE_MAX / 2; /* words are told apart */
			continue;
		}
		frag->x1 = fminf(frag->x1, g[i].x1);
		frag->y1 = fminf(frag->y1, g[i].y1);
		frag->x2 = fmaxf(frag->x2, g[i].x2);
		frag->y2 = fmaxf(frag->y2, g[i].y2);
		size = g[i].font < glyphs->font_count
		    ? glyphs->fonts[g[i].font].size
		    : g[i].y2 - g[i].y1;
		frag->size = fmaxf(frag->size, size);
		if (i > 0 && wide < frag->count &&
		    g[i].x1 - g[i - 1].x2 > GAP_WORD * size)
			wide++;
		letters++;
		right += pdf_is_right_to_left(g[i].c);
	}
	frag->is_spaced = letters > 3 && wide == letters - 1;
	frag->is_rtl = right > 0;
	if (frag->size <= 0)
		frag->size = fmaxf(frag->y2 - frag->y1, 1);
}

static int
add_frag(struct pdf_work *work, size_t from, size_t to, size_t *votes)
{
	const struct pdf_glyph *list = work->glyphs.list;
	struct pdf_frag *frag;
	int err;

	while (from < to && pdf_is_blank(list[from].c))
		from++;
	while (to > from && pdf_is_blank(list[to - 1].c))
		to--;
	if (from == to)
		return 0;
	err = pdf_room_for_one((void **)&work->frags, &work->frags_size,
	    work->frag_count, sizeof(*frag));
	if (err < 0)
		return err;
	frag = work->frags + work->frag_count++;
	memset(frag, 0, sizeof(*frag));
	frag->glyph = from;
	frag->count = to - from;
	frag->turn = (uint8_t)turn_of(list + from, to - from);
	votes[frag->turn] += to - from;
	return 0;
}

/* Turn all pieces upright, those of the page's own turn first. */
static int
turn_frags(struct pdf_work *work, const struct pdf_page *page,
    const size_t *votes)
{
	struct pdf_frag *sorted, *frag;
	size_t i, j, n = 0, first = 0;
	unsigned most = 0, turn;

	for (turn = 1; turn < 4; turn++)
		if (votes[turn] > votes[most])
			most = turn;
	for (i = 0; i < work->frag_count; i++) {
		frag = work->frags + i;
		if (frag->turn == TURN_UNKNOWN)
			frag->turn = (uint8_t)most;
		for (j = 0; frag->turn != 0 && j < frag->count; j++)
			turn_glyph(work->glyphs.list + frag->glyph + j,
			    frag->turn, page->width, page->height);
		measure_frag(&work->glyphs, frag);
		first += frag->turn == most;
	}
	if (first < work->frag_count) {
		sorted = mem_array(work->frag_count, sizeof(*sorted));
		if (sorted == NULL)
			return ERR_NOMEM;
		for (turn = most; turn < most + 4; turn++)
			for (i = 0; i < work->frag_count; i++)
				if (work->frags[i].turn == turn % 4)
					sorted[n++] = work->frags[i];
		mem_free(work->frags);
		work->frags = sorted;
		work->frags_size = work->frag_count;
	}
	if (most != 0)
		pdf_order(work->frags, first);
	return 0;
}

/* Does a piece end with the dots of a table of contents? */
static bool
ends_with_leader(const struct pdf_glyph *g, size_t count)
{
	size_t dots = 0;

	while (count > 0 && (g[count - 1].c == '.' ||
				pdf_is_blank(g[count - 1].c)))
		dots += g[--count].c == '.';
	return dots >= LEADER_DOTS_MIN;
}

static bool
is_page_number(const struct pdf_glyph *g, size_t count)
{
	size_t i;

	for (i = 0; i < count && i < PAGE_NUMBER_LEN_MAX; i++)
		if (!(g[i].c >= '0' && g[i].c <= '9') && g[i].c != 'i' &&
		    g[i].c != 'v' && g[i].c != 'x' && g[i].c != 'l')
			return false;
	return count <= PAGE_NUMBER_LEN_MAX;
}

/* Poppler takes the page numbers of a table of contents for a column of their
 * own: put each behind the dots that lead to it. */
static void
join_leaders(struct pdf_work *work)
{
	const struct pdf_glyph *list = work->glyphs.list;
	struct pdf_frag *frags = work->frags, number;
	size_t i, j;
	float middle;

	for (i = 0; i < work->frag_count; i++) {
		if (!ends_with_leader(list + frags[i].glyph, frags[i].count))
			continue;
		for (j = i + 1; j < work->frag_count; j++) {
			middle = (frags[j].y1 + frags[j].y2) / 2;
			if (frags[j].turn == frags[i].turn &&
			    middle > frags[i].y1 && middle < frags[i].y2 &&
			    frags[j].x1 > frags[i].x2 - frags[i].size &&
			    is_page_number(list + frags[j].glyph,
				frags[j].count))
				break;
		}
		if (j >= work->frag_count)
			continue;
		number = frags[j];
		memmove(frags + i + 2, frags + i + 1,
		    (j - i - 1) * sizeof(*frags));
		frags[i + 1] = number;
	}
}

/* The piece that stands behind a lone bullet, or count. */
static size_t
item_of(const struct pdf_frag *frags, size_t count, size_t bullet)
{
	const struct pdf_frag *mark = frags + bullet;
	float middle = (mark->y1 + mark->y2) / 2;
	size_t i, nearest = count;

	for (i = 0; i < count; i++)
		if (i != bullet && frags[i].turn == mark->turn &&
		    middle > frags[i].y1 && middle < frags[i].y2 &&
		    frags[i].x1 >= mark->x2 &&
		    frags[i].x1 - mark->x2 < GAP_BULLET * frags[i].size &&
		    (nearest == count || frags[i].x1 < frags[nearest].x1))
			nearest = i;
	return nearest;
}

/* Nor does it see that bullets in a column belong to what stands beside
 * them: put each before its item. */
static void
join_bullets(struct pdf_work *work)
{
	const struct pdf_glyph *list = work->glyphs.list;
	struct pdf_frag *frags = work->frags, mark;
	size_t i, item;

	/* From the last on, so that those before it stay where they are. */
	for (i = work->frag_count; i-- > 0;) {
		if (frags[i].count != 1 || frags[i].is_rtl ||
		    !pdf_is_bullet(list[frags[i].glyph].c))
			continue;
		item = item_of(frags, work->frag_count, i);
		if (item == work->frag_count || item < i)
			continue;
		mark = frags[i];
		memmove(frags + i, frags + i + 1,
		    (item - i - 1) * sizeof(*frags));
		frags[item - 1] = mark;
	}
}

/* Poppler puts words of two lines on one when both stand next to a block:
 * going on means that one of the two coordinates stays. */
static bool
is_jump(const struct pdf_glyph *from, const struct pdf_glyph *to)
{
	float size = fmaxf(fmaxf(from->x2 - from->x1, from->y2 - from->y1),
	    fmaxf(to->x2 - to->x1, to->y2 - to->y1));
	float x = to->x1 + to->x2 - from->x1 - from->x2;
	float y = to->y1 + to->y2 - from->y1 - from->y2;

	return fabsf(x) > 1.4f * size && fabsf(y) > 1.4f * size;
}

int
pdf_frags_make(struct pdf_work *work, const struct pdf_page *page)
{
	const struct pdf_glyphs *glyphs = &work->glyphs;
	const struct pdf_glyph *g, *last = NULL;
	size_t i, from = 0, votes[TURN_UNKNOWN + 1] = {0};
	int err = 0;

	work->frag_count = 0;
	for (i = 0; i < glyphs->count && err == 0; i++) {
		g = glyphs->list + i;
		if (pdf_is_blank(g->c))
			continue;
		if (g->c == '\n' || (last != NULL && is_jump(last, g))) {
			err = add_frag(work, from, i, votes);
			from = g->c == '\n' ? i + 1 : i;
		}
		last = g->c == '\n' ? NULL : g;
	}
	if (err == 0)
		err = add_frag(work, from, glyphs->count, votes);
	if (err == 0)
		err = turn_frags(work, page, votes);
	if (err == 0 && work->frag_count <= JOINED_FRAGS_MAX) {
		join_leaders(work);
		join_bullets(work);
	}
	return err;
}
