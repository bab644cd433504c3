/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gaps between a panel's units are measured, and the panel is cut:
 *
 *	cut the text at the gap with the largest drop that leaves no crumb on
 *	either side, and both parts in the same way, as long as the drop is
 *	large enough or the part too long
 *
 * Where parts are cut does not depend on the threshold, only whether they are:
 * a part's drops are never larger than that of the gap that made it.  So a
 * higher threshold cuts the segments of a lower one further, and never gives
 * fewer.  For the same reason a full panel ends at a gap of its second half
 * that is chosen without the threshold; what is behind it begins the next one.
 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "text/semantic_int.h"

/* ---- giving out ---------------------------------------------------------- */

static size_t
chars_of(const struct semantic *s, size_t begin, size_t end)
{
	return s->units[end - 1].end_chars - s->units[begin].start_chars;
}

static bool
is_too_long(const struct semantic *s, size_t begin, size_t end)
{
	return chars_of(s, begin, end) > s->chars_max ||
	    s->units[end - 1].end - s->units[begin].start > s->bytes_max;
}

/* The first unit that a segment repeats that begins with this one. */
static size_t
overlap_begin(const struct semantic *s, size_t unit)
{
	const struct unit *from = &s->units[unit];
	size_t i = unit;

	while (i > 0 &&
	    from->start_chars - s->units[i - 1].start_chars <=
		s->cut.overlap_chars &&
	    from->start - s->units[i - 1].start <= OVERLAP_BYTES_MAX)
		i--;
	return i;
}

/* Units begin..end - 1 are a segment. */
static int
give(struct semantic *s, size_t begin, size_t end)
{
	const struct unit *last = &s->units[end - 1];
	const struct unit *from = &s->units[overlap_begin(s, begin)];
	struct chunk chunk = {.page_start = from->page_start,
	    .page_end = last->page_end, .section = s->section.path};

	if (s->ordinal >= SEGMENTS_MAX)
		return ERR_TOO_BIG;
	chunk.ordinal = s->ordinal++;
	chunk.text = s->text + from->start;
	chunk.len = last->end - from->start;
	chunk.chars = (uint32_t)(last->end_chars - from->start_chars);
	return s->fn(s->arg, &chunk);
}

/* Is a cut at gap better than at best?  Among equals the one in the middle,
 * so that no text is cut piece by piece. */
static bool
is_better(const struct semantic *s, size_t gap, size_t best, size_t begin,
    size_t end)
{
	const double *drops = s->near.drops, *cosines = s->near.cosines;
	size_t to_gap = 2 * gap > begin + end ? 2 * gap - begin - end
					      : begin + end - 2 * gap;
	size_t to_best = 2 * best > begin + end ? 2 * best - begin - end
						: begin + end - 2 * best;

	if (best == 0 || drops[gap] > drops[best])
		return true;
	if (drops[gap] < drops[best] || cosines[gap] > cosines[best])
		return false;
	return cosines[gap] < cosines[best] || to_gap < to_best;
}

/* Where to cut units begin..end - 1; 0: nowhere. */
static size_t
find_cut(const struct semantic *s, size_t begin, size_t end)
{
	bool has_to = is_too_long(s, begin, end);
	size_t gap, best = 0, any = 0;

	if (!s->is_measured)
		return 0;
	for (gap = begin + 1; gap < end; gap++) {
		if (is_better(s, gap, any, begin, end))
			any = gap;
		if (chars_of(s, begin, gap) >= s->chars_min &&
		    chars_of(s, gap, end) >= s->chars_min &&
		    is_better(s, gap, best, begin, end))
			best = gap;
	}
	if (best != 0)
		return has_to || s->near.drops[best] >= s->cutoff ? best : 0;
	return has_to ? any : 0;
}

static int
give_all(struct semantic *s, size_t stop)
{
	size_t ends[NEAR_TEXTS_MAX], depth = 1, begin = s->first, cut;
	int err;

	ends[0] = stop;
	while (depth > 0) {
		cut = find_cut(s, begin, ends[depth - 1]);
		if (cut != 0) {
			ASSERT(depth < NEAR_TEXTS_MAX);
			ends[depth++] = cut;
			continue;
		}
		err = give(s, begin, ends[depth - 1]);
		if (err < 0)
			return err;
		begin = ends[--depth];
	}
	return 0;
}

/* ---- panels -------------------------------------------------------------- */

/* The vectors of all units that have none, and their gaps. */
static int
measure(struct semantic *s)
{
	struct chunk_text texts[NEAR_TEXTS_MAX];
	size_t i, had = s->near.count;
	int err;

	for (i = had; i < s->count; i++)
		texts[i - had] = (struct chunk_text){
		    s->text + s->units[i].start,
		    s->units[i].end - s->units[i].start};
	err = near_add(&s->near, texts, s->count - had);
	if (err < 0)
		return err;
	near_measure(&s->near, s->first);
	s->is_measured = true;
	return 0;
}

/* Where a full panel ends: at the largest drop between the middle and three
 * quarters. */
static size_t
find_stop(const struct semantic *s)
{
	size_t from = s->units[s->first].start, gap, best = 0;
	size_t bytes = s->units[s->count - 1].end - from;

	for (gap = s->first + 1; gap < s->count; gap++) {
		if (s->units[gap].start - from < bytes / 2)
			continue;
		if (best != 0 &&
		    s->units[gap].start - from > bytes - bytes / 4)
			break;
		if (is_better(s, gap, best, s->first, s->count))
			best = gap;
	}
	return best == 0 ? s->count - 1 : best;
}

/* Of a place in the text that is moved up. */
static size_t
less(size_t from, size_t by)
{
	return from > by ? from - by : 0;
}

/* Forget what is before unit keep; those before first were given out. */
static void
move_up(struct semantic *s, size_t keep, size_t first)
{
	size_t bytes = s->units[keep].start, i;
	size_t chars = s->units[keep].start_chars;

	near_forget(&s->near, keep);
	s->count -= keep;
	s->first = first - keep;
	memmove(s->units, s->units + keep, s->count * sizeof(*s->units));
	for (i = 0; i < s->count; i++) {
		s->units[i].start -= bytes;
		s->units[i].end -= bytes;
		s->units[i].start_chars -= chars;
		s->units[i].end_chars -= chars;
	}
	memmove(s->text, s->text + bytes, s->len - bytes);
	s->len -= bytes;
	s->at -= bytes;
	s->open -= bytes;
	s->chars -= chars;
	s->open_chars -= chars;
	s->page_at = less(s->page_at, bytes);
	if (s->hold != SIZE_MAX)
		s->hold = less(s->hold, bytes);
}

int
semantic_end_panel(struct semantic *s)
{
	size_t stop;
	int err;

	err = measure(s);
	if (err < 0)
		return err;
	stop = find_stop(s);
	ASSERT(stop > s->first && stop < s->count);
	near_learn(&s->near, s->first, stop);
	s->cutoff = near_cutoff(&s->near, s->cut.threshold);
	err = give_all(s, stop);
	if (err == 0)
		move_up(s, overlap_begin(s, stop), stop);
	s->is_measured = false;
	return err;
}

int
semantic_give_rest(struct semantic *s)
{
	int err;

	if (s->count == s->first)
		return 0;
	/* What cannot be cut need not be measured. */
	if (is_too_long(s, s->first, s->count) ||
	    chars_of(s, s->first, s->count) >= 2 * s->chars_min) {
		err = measure(s);
		if (err < 0)
			return err;
		near_learn(&s->near, s->first, s->count);
		s->cutoff = near_cutoff(&s->near, s->cut.threshold);
	}
	err = give_all(s, s->count);
	near_forget(&s->near, s->near.count);
	s->is_measured = false;
	s->count = s->first = 0;
	return err;
}
