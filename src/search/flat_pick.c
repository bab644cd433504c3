/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first pass of a search: which rows are worth scoring.
 *
 * It goes over spans: of all rows, or of the nearest cells (cells.h) and of
 * what is in none.  A sample tells within which distance lie as many rows as
 * are wanted; those are picked.  Where a filter lets few of them through, what
 * it lets through may lie in any cell, so all rows are looked at then; when
 * that leaves too few as well the bound is raised, up to where all are picked:
 * a filter that lets little through loses nothing.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "search/cells_int.h"
#include "search/flat_hunt.h"

#define RUN_ROWS 512u
/* How many segments are picked, at least: docs/decisions/0044. */
#define PICK_MIN 2048u
#define PICK_SHARE 512u /* of all rows, at least one in so many */
#define PICK_FACTOR 8u	/* for each that is asked for */
#define RAISE 2u /* the bound is raised to let in so many times as many */
#define SAMPLE_EACH 16u /* one block of so many is in the sample */
#define FAR_MAX (7u * DIMENSIONS_MAX) /* what a kernel gives at most */
/* Cells are enough when at least one in so many near rows may be found. */
#define CELLS_ACCEPT_SHARE 2u
/* So many times what is picked is seen of cells, at least. */
#define CELLS_SEEN_FACTOR 4u

/* ---- spans -------------------------------------------------------------- */

static int
span_put(struct hunt *hunt, const struct span *span)
{
	struct span *spans;
	size_t room;

	if (span->count == 0)
		return 0;
	if (hunt->span_count == hunt->span_room) {
		room = hunt->span_room == 0 ? 64 : 2 * hunt->span_room;
		spans = mem_resize(hunt->spans, room, sizeof(*spans));
		if (spans == NULL)
			return ERR_NOMEM;
		hunt->spans = spans;
		hunt->span_room = room;
	}
	hunt->spans[hunt->span_count++] = *span;
	hunt->in_play += span->count;
	return 0;
}

/* All rows from that one on, which is the first of a block.  Lanes behind the
 * last row are left alone: they may be being written, for the next flat. */
static int
spans_from(struct hunt *hunt, size_t first)
{
	const struct flat *flat = hunt->flat;
	const struct flat_chunk *chunk;
	struct span span = {.numbers = NULL};
	size_t c, skipped;
	int err = 0;

	for (c = 0; err == 0 && c < flat->chunk_count; c++) {
		chunk = flat->chunks[c];
		if (first >= chunk->first + chunk->size)
			continue;
		skipped = first > chunk->first ? first - chunk->first : 0;
		span.blocks = chunk->blocks + skipped * flat->words;
		span.first = chunk->first + skipped;
		span.count = hunt_chunk_rows(flat, chunk) - skipped;
		span.whole = span.count / NEAR_LANES * NEAR_LANES;
		err = span_put(hunt, &span);
	}
	return err;
}

/* The nearest cells, until that many rows are seen. */
static int
spans_of_cells(struct hunt *hunt, size_t wanted)
{
	const struct cells *cells = hunt->flat->cells;
	struct cells_rank *ranks = mem_array(cells->count, sizeof(*ranks));
	struct span span = {.first = 0};
	size_t left = cells->count, cell;
	int err = 0;

	if (ranks == NULL)
		return ERR_NOMEM;
	cells_rank(cells, hunt->row, ranks);
	while (err == 0 && left > 0 && hunt->in_play < wanted) {
		cell = cells_rank_next(ranks, &left);
		span.blocks = cells->blocks +
		    cells->starts[cell] * cells->words;
		span.numbers = cells->numbers + cells->starts[cell];
		span.count = cells->sizes[cell];
		span.whole = cells->starts[cell + 1] - cells->starts[cell];
		err = span_put(hunt, &span);
	}
	mem_free(ranks);
	return err;
}

static void
spans_clear(struct hunt *hunt)
{
	hunt->span_count = hunt->in_play = 0;
}

/* ---- looking at codes --------------------------------------------------- */

/* How far rows first to first + count - 1 of the span are; first is that of a
 * block.  Room for a block more. */
static void
measure(const struct hunt *hunt, const struct span *span, size_t first,
    size_t count, uint16_t *ret_far)
{
	const size_t words = hunt->flat->words;
	const uint64_t *block = span->blocks + first * words;
	size_t blocks = (count + NEAR_LANES - 1) / NEAR_LANES, i;

	if (first + blocks * NEAR_LANES > span->whole)
		blocks = count / NEAR_LANES;
	hunt->kernels->differ(hunt->planes, block, blocks, words, ret_far);
	block += blocks * NEAR_LANES * words;
	for (i = blocks * NEAR_LANES; i < count; i++)
		ret_far[i] = near_differ_lane(hunt->planes, block,
		    (unsigned)(i % NEAR_LANES), words);
}

static void
sample_all(struct hunt *hunt)
{
	const struct span *span;
	uint16_t far[NEAR_LANES];
	size_t s, i, j;

	memset(hunt->sample, 0, (FAR_MAX + 1) * sizeof(*hunt->sample));
	hunt->sampled = 0;
	for (s = 0; s < hunt->span_count; s++) {
		span = &hunt->spans[s];
		for (i = 0; i + NEAR_LANES <= span->count;
		    i += NEAR_LANES * SAMPLE_EACH) {
			measure(hunt, span, i, NEAR_LANES, far);
			for (j = 0; j < NEAR_LANES; j++)
				hunt->sample[far[j]]++;
			hunt->sampled += NEAR_LANES;
		}
	}
}

/* Within what bound are about wanted rows?  UINT16_MAX: all are needed. */
static uint16_t
bound_for(const struct hunt *hunt, size_t wanted)
{
	size_t seen = 0, enough;
	unsigned bound;

	if (wanted >= hunt->in_play)
		return UINT16_MAX;
	/* Some more: a sample is a sample. */
	enough = wanted * hunt->sampled / hunt->in_play;
	enough += enough / 8 + 8;
	for (bound = 0; bound <= FAR_MAX; bound++) {
		seen += hunt->sample[bound];
		if (seen >= enough)
			return (uint16_t)bound;
	}
	return UINT16_MAX;
}

/* ---- picking ------------------------------------------------------------ */

static int
pick(struct hunt *hunt, size_t row)
{
	const struct flat *flat = hunt->flat;
	const struct flat_chunk *chunk;
	uint32_t *picked;
	size_t room;

	if (flat_is_gone(flat, row))
		return 0;
	hunt->near_count++;
	chunk = flat->chunks[flat_chunk_of(flat, row)];
	if (!hunt_accepts(hunt, chunk->revisions[row - chunk->first]))
		return 0;
	if (hunt->picked_count == hunt->picked_room) {
		room = hunt->picked_room == 0 ? 4 * PICK_MIN
					      : 2 * hunt->picked_room;
		picked = mem_resize(hunt->picked, room, sizeof(*picked));
		if (picked == NULL)
			return ERR_NOMEM;
		hunt->picked = picked;
		hunt->picked_room = room;
	}
	hunt->picked[hunt->picked_count++] = (uint32_t)row;
	return 0;
}

/* A comparison for all lanes of a block: rows that are near are few. */
typedef uint16_t far8 __attribute__((vector_size(16)));

static bool
is_near(const uint16_t *far, uint16_t bound)
{
	far8 lanes;
	uint64_t halves[2];

	memcpy(&lanes, far, sizeof(lanes));
	lanes = (far8)(lanes <= bound);
	memcpy(halves, &lanes, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

_Static_assert(NEAR_LANES * sizeof(uint16_t) == sizeof(far8), "far8");

static int
pick_run(struct hunt *hunt, const struct span *span, size_t first,
    size_t count, uint16_t bound)
{
	uint16_t far[RUN_ROWS + NEAR_LANES];
	size_t i, j, end;
	int err = 0;

	measure(hunt, span, first, count, far);
	for (i = 0; i < count; i = end) {
		end = i + NEAR_LANES < count ? i + NEAR_LANES : count;
		if (end - i == NEAR_LANES && !is_near(far + i, bound))
			continue;
		for (j = i; err == 0 && j < end; j++)
			if (far[j] <= bound)
				err = pick(hunt, span->numbers == NULL
					? span->first + first + j
					: span->numbers[first + j]);
	}
	return err;
}

/* Ascending, by one byte after the other; count of them are known to be out of
 * order only where they come from cells. */
static int
picked_sort(struct hunt *hunt)
{
	const size_t count = hunt->picked_count;
	uint32_t *from = hunt->picked, *other, *to;
	size_t starts[257], i;
	unsigned shift;

	other = mem_array(hunt->picked_room + 1, sizeof(*other));
	if (other == NULL)
		return ERR_NOMEM;
	to = other;
	/* Four times, so that they end where they began. */
	for (shift = 0; shift < 32; shift += 8) {
		memset(starts, 0, sizeof(starts));
		for (i = 0; i < count; i++)
			starts[((from[i] >> shift) & 255) + 1]++;
		for (i = 1; i < 256; i++)
			starts[i] += starts[i - 1];
		for (i = 0; i < count; i++)
			to[starts[(from[i] >> shift) & 255]++] = from[i];
		to = from;
		from = from == hunt->picked ? other : hunt->picked;
	}
	mem_free(other);
	return 0;
}

static void
segments_count(struct hunt *hunt)
{
	const struct flat *flat = hunt->flat;
	const struct flat_chunk *chunk;
	int64_t segment_id, last = 0;
	size_t i, c = 0, row;

	hunt->picked_segments = 0;
	for (i = 0; i < hunt->picked_count; i++) {
		row = hunt->picked[i];
		while (row >= flat->chunks[c]->first + flat->chunks[c]->size)
			c++;
		chunk = flat->chunks[c];
		segment_id = chunk->segments[row - chunk->first];
		hunt->picked_segments += i == 0 || segment_id != last;
		last = segment_id;
	}
}

static int
pick_within(struct hunt *hunt, uint16_t bound)
{
	const struct span *span;
	size_t s, i, run;
	int err = 0;

	hunt->picked_count = hunt->near_count = 0;
	for (s = 0; err == 0 && s < hunt->span_count; s++) {
		span = &hunt->spans[s];
		for (i = 0; err == 0 && i < span->count; i += run) {
			run = span->count - i < RUN_ROWS ? span->count - i
							 : RUN_ROWS;
			err = pick_run(hunt, span, i, run, bound);
		}
	}
	if (err == 0 && hunt->span_count > 0 && hunt->spans[0].numbers != NULL)
		err = picked_sort(hunt);
	if (err == 0)
		segments_count(hunt);
	return err;
}

/* ---- how many ----------------------------------------------------------- */

/* Until goal segments are picked, or all that may be found; wanted is how many
 * rows may be needed for that. */
static int
pick_goal(struct hunt *hunt, size_t goal, size_t wanted, bool is_of_cells)
{
	size_t enough;
	uint16_t bound;
	int err;

	sample_all(hunt);
	for (;;) {
		bound = bound_for(hunt, wanted);
		err = pick_within(hunt, bound);
		if (err < 0 || hunt->picked_segments >= goal ||
		    bound == UINT16_MAX)
			return err;
		if (is_of_cells && hunt->picked_count * CELLS_ACCEPT_SHARE <
		    hunt->near_count)
			return 0;
		/* As many more as are missing, and some. */
		enough = goal + goal / 8;
		wanted = enough / (hunt->picked_segments + 1) > RAISE
		    ? wanted * enough / (hunt->picked_segments + 1)
		    : wanted * RAISE;
	}
}

/* How many rows of cells are to be seen for a list of that size; 0: all. */
static size_t
cells_probe(const struct hunt *hunt, size_t goal)
{
	const struct cells *cells = hunt->flat->cells;
	const size_t size = hunt->top->size;
	size_t rows;

	if (cells == NULL || cells->rows == 0 || size > CELLS_WANTED_MANY)
		return 0;
	rows = cells->probe[size > CELLS_WANTED_FEW];
	if (rows > 0 && rows < CELLS_SEEN_FACTOR * goal)
		rows = CELLS_SEEN_FACTOR * goal;
	return rows;
}

/* How many segments are picked: more where it was measured that codes tell
 * little. */
static size_t
pick_wanted(const struct hunt *hunt)
{
	const struct flat *flat = hunt->flat;
	const struct cells *cells = flat->cells;
	const size_t size = hunt->top->size;
	size_t goal = PICK_MIN + PICK_FACTOR * size, measured;

	if (goal < flat->rows / PICK_SHARE)
		goal = flat->rows / PICK_SHARE;
	if (cells == NULL)
		return goal;
	measured = (size_t)((double)cells->pick[size > CELLS_WANTED_FEW] /
	    (double)cells->measured * (double)flat->rows);
	return goal > measured ? goal : measured;
}

int
hunt_pick(struct hunt *hunt)
{
	size_t goal, wanted, probe;
	int err = 0;

	hunt->sample = mem_array(FAR_MAX + 1, sizeof(*hunt->sample));
	if (hunt->sample == NULL)
		return ERR_NOMEM;
	near_planes(hunt->row, hunt->flat->stride, hunt->planes);
	wanted = goal = pick_wanted(hunt);
	probe = cells_probe(hunt, goal);
	if (probe > 0) {
		err = spans_of_cells(hunt, probe);
		if (err == 0)
			err = spans_from(hunt, hunt->flat->cells->rows);
		if (err == 0)
			err = pick_goal(hunt, goal, wanted, true);
		if (err < 0 || hunt->picked_segments >= goal)
			return err;
		/* It is known by now how many a filter lets through. */
		wanted *= hunt->near_count / (hunt->picked_count + 1) + 1;
		spans_clear(hunt);
	}
	err = spans_from(hunt, 0);
	return err == 0 ? pick_goal(hunt, goal, wanted, false) : err;
}

void
hunt_fini(struct hunt *hunt)
{
	mem_free(hunt->spans);
	mem_free(hunt->sample);
	mem_free(hunt->picked);
}
