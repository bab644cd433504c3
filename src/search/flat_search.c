/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching rows.
 *
 * Two passes where there are many.  The first gives each row a distance from
 * its code alone, and picks those within a bound; a sample, taken before, says
 * within which bound lie as many as are wanted.  Whether a revision may be
 * found is asked here, of what is near and not of every row; when too few
 * segments are left the bound is raised, up to where all rows are picked, so
 * that a filter that lets little through loses nothing.  The second pass
 * scores what was picked.  A segment that has several rows is scored by all of
 * them as soon as one is picked.
 */
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "search/flat_int.h"

#define RUN_ROWS 512u
/* How many segments are picked: measured, docs/decisions/0044. */
#define PICK_MIN 2048u
#define PICK_SHARE 512u /* of all rows, at least one in so many */
#define PICK_FACTOR 8u /* for each that is asked for */
#define RAISE 4u /* the bound is raised to let in so many times as many */
#define SAMPLE_EACH 16u /* one block of so many is in the sample */
#define FAR_MAX (7u * DIMENSIONS_MAX) /* what a kernel gives at most */

struct hunt {
	const struct flat *flat;
	const struct flat_query *query;
	const struct near_kernels *kernels;
	struct top *top;
	int8_t row[DIMENSIONS_MAX]; /* the query's */
	/* What was said of the revision that was asked about last. */
	int64_t revision_id;
	bool is_accepted, is_asked;
	/* The segment whose rows come by, and the nearest of them. */
	int64_t segment_id, segment_revision;
	double cosine;
	bool has_segment;
	/* Of the first pass. */
	uint64_t planes[NEAR_PLANES * DIMENSIONS_MAX / 64];
	uint32_t *sample; /* how many rows are that far, of those looked at */
	size_t sampled;
	uint32_t *picked; /* rows, ascending */
	size_t picked_count, picked_room, picked_segments;
};

static size_t
chunk_rows(const struct flat *flat, const struct flat_chunk *chunk)
{
	size_t rows = flat->rows - chunk->first;

	return rows < chunk->size ? rows : chunk->size;
}

static bool
is_accepted(struct hunt *hunt, int64_t revision_id)
{
	const struct flat_query *query = hunt->query;

	if (query->accept == NULL)
		return true;
	if (!hunt->is_asked || hunt->revision_id != revision_id) {
		hunt->is_accepted = query->accept(query->arg, revision_id);
		hunt->revision_id = revision_id;
		hunt->is_asked = true;
	}
	return hunt->is_accepted;
}

/* ---- scoring ------------------------------------------------------------ */

/* Only what would be among the best is asked whether it may be found. */
static void
segment_end(struct hunt *hunt)
{
	struct top *top = hunt->top;

	if (!hunt->has_segment)
		return;
	hunt->has_segment = false;
	if (top->count == top->size &&
	    (top->size == 0 || hunt->cosine < top->heap[0].cosine))
		return;
	if (is_accepted(hunt, hunt->segment_revision))
		top_put(top, hunt->segment_id, hunt->cosine);
}

static void
row_score(struct hunt *hunt, const struct flat_chunk *chunk, size_t i,
    int32_t dot)
{
	double cosine = (double)dot * (double)hunt->query->scale *
	    (double)chunk->scales[i];

	if (hunt->has_segment && hunt->segment_id == chunk->segments[i]) {
		if (cosine > hunt->cosine)
			hunt->cosine = cosine;
		return;
	}
	segment_end(hunt);
	hunt->segment_id = chunk->segments[i];
	hunt->segment_revision = chunk->revisions[i];
	hunt->cosine = cosine;
	hunt->has_segment = true;
}

static void
score_all(struct hunt *hunt)
{
	const struct flat *flat = hunt->flat;
	const struct flat_chunk *chunk;
	int32_t dots[RUN_ROWS];
	size_t c, i, j, rows, run;

	for (c = 0; c < flat->chunk_count; c++) {
		chunk = flat->chunks[c];
		rows = chunk_rows(flat, chunk);
		for (i = 0; i < rows; i += run) {
			run = rows - i < RUN_ROWS ? rows - i : RUN_ROWS;
			hunt->kernels->dots(hunt->row,
			    chunk->rows + i * flat->stride, run,
			    flat->stride, dots);
			for (j = 0; j < run; j++)
				if (!flat_is_gone(flat, chunk->first + i + j))
					row_score(hunt, chunk, i + j,
					    dots[j]);
		}
	}
	segment_end(hunt);
}

/* ---- the first pass ----------------------------------------------------- */

/* How far rows first to first + count - 1 of the chunk are; first is that of a
 * block.  Lanes behind the last row are left alone: they may be being written,
 * for the next flat. */
static void
measure(const struct hunt *hunt, const struct flat_chunk *chunk, size_t first,
    size_t count, uint16_t *ret_far)
{
	const size_t words = hunt->flat->words, blocks = count / NEAR_LANES;
	const uint64_t *block = chunk->blocks + first * words;
	size_t i;

	hunt->kernels->differ(hunt->planes, block, blocks, words, ret_far);
	block += blocks * NEAR_LANES * words;
	for (i = blocks * NEAR_LANES; i < count; i++)
		ret_far[i] = near_differ_lane(hunt->planes, block,
		    (unsigned)(i % NEAR_LANES), words);
}

static void
sample_all(struct hunt *hunt)
{
	const struct flat *flat = hunt->flat;
	uint16_t far[NEAR_LANES];
	size_t c, i, j, rows;

	for (c = 0; c < flat->chunk_count; c++) {
		rows = chunk_rows(flat, flat->chunks[c]);
		for (i = 0; i + NEAR_LANES <= rows;
		    i += NEAR_LANES * SAMPLE_EACH) {
			measure(hunt, flat->chunks[c], i, NEAR_LANES, far);
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
	const size_t rows = hunt->flat->rows;
	size_t seen = 0, enough;
	unsigned bound;

	if (wanted >= rows)
		return UINT16_MAX;
	/* Some more: a sample is a sample. */
	enough = wanted * hunt->sampled / rows;
	enough += enough / 8 + 8;
	for (bound = 0; bound <= FAR_MAX; bound++) {
		seen += hunt->sample[bound];
		if (seen >= enough)
			return (uint16_t)bound;
	}
	return UINT16_MAX;
}

static int
pick(struct hunt *hunt, const struct flat_chunk *chunk, size_t i)
{
	uint32_t *picked;
	size_t room;

	if (flat_is_gone(hunt->flat, chunk->first + i) ||
	    !is_accepted(hunt, chunk->revisions[i]))
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
	hunt->picked[hunt->picked_count++] = (uint32_t)(chunk->first + i);
	if (!hunt->has_segment || hunt->segment_id != chunk->segments[i])
		hunt->picked_segments++;
	hunt->segment_id = chunk->segments[i];
	hunt->has_segment = true;
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
pick_run(struct hunt *hunt, const struct flat_chunk *chunk, size_t first,
    size_t count, uint16_t bound)
{
	uint16_t far[RUN_ROWS];
	size_t i, j, end;
	int err = 0;

	measure(hunt, chunk, first, count, far);
	for (i = 0; i < count; i = end) {
		end = i + NEAR_LANES < count ? i + NEAR_LANES : count;
		if (end - i == NEAR_LANES && !is_near(far + i, bound))
			continue;
		for (j = i; err == 0 && j < end; j++)
			if (far[j] <= bound)
				err = pick(hunt, chunk, first + j);
	}
	return err;
}

static int
pick_within(struct hunt *hunt, uint16_t bound)
{
	const struct flat *flat = hunt->flat;
	size_t c, i, rows, run;
	int err = 0;

	hunt->picked_count = hunt->picked_segments = 0;
	hunt->has_segment = false;
	for (c = 0; err == 0 && c < flat->chunk_count; c++) {
		rows = chunk_rows(flat, flat->chunks[c]);
		for (i = 0; err == 0 && i < rows; i += run) {
			run = rows - i < RUN_ROWS ? rows - i : RUN_ROWS;
			err = pick_run(hunt, flat->chunks[c], i, run, bound);
		}
	}
	hunt->has_segment = false;
	return err;
}

static int
pick_all(struct hunt *hunt)
{
	size_t goal, wanted;
	uint16_t bound = 0;
	int err = 0;

	hunt->sample = mem_zalloc((FAR_MAX + 1) * sizeof(*hunt->sample));
	if (hunt->sample == NULL)
		return ERR_NOMEM;
	near_planes(hunt->row, hunt->flat->stride, hunt->planes);
	sample_all(hunt);
	goal = PICK_MIN + PICK_FACTOR * hunt->top->size;
	if (goal < hunt->flat->rows / PICK_SHARE)
		goal = hunt->flat->rows / PICK_SHARE;
	for (wanted = goal; err == 0 && hunt->picked_segments < goal &&
	    bound < UINT16_MAX; wanted *= RAISE) {
		bound = bound_for(hunt, wanted);
		err = pick_within(hunt, bound);
		/* So few of these may be found that it takes many more. */
		if (hunt->picked_segments < goal / RAISE)
			wanted *= goal / (hunt->picked_segments + 1);
	}
	return err;
}

/* ---- the second pass ---------------------------------------------------- */

/* All rows of the segment that row i of the chunk c is of; returns the number
 * of the first row behind them. */
static size_t
score_segment(struct hunt *hunt, size_t c, size_t i)
{
	const struct flat *flat = hunt->flat;
	const struct flat_chunk *chunk = flat->chunks[c];
	const int64_t segment_id = chunk->segments[i];
	int32_t dot;

	/* Back to the first of them... */
	for (;;) {
		if (i == 0 && c > 0 && flat->chunks[c - 1]->segments
			[flat->chunks[c - 1]->size - 1] == segment_id) {
			chunk = flat->chunks[--c];
			i = chunk->size;
		}
		if (i == 0 || chunk->segments[i - 1] != segment_id)
			break;
		i--;
	}
	/* ...and on to the last. */
	while (chunk->segments[i] == segment_id) {
		if (!flat_is_gone(flat, chunk->first + i)) {
			hunt->kernels->dots(hunt->row,
			    chunk->rows + i * flat->stride, 1, flat->stride,
			    &dot);
			row_score(hunt, chunk, i, dot);
		}
		if (++i < chunk_rows(flat, chunk))
			continue;
		if (c + 1 == flat->chunk_count)
			break;
		chunk = flat->chunks[++c];
		i = 0;
	}
	segment_end(hunt);
	return chunk->first + i;
}

/* What a processor would wait for when it comes to that row. */
static void
fetch_ahead(const struct flat *flat, size_t c, size_t row)
{
	const struct flat_chunk *chunk;
	const int8_t *bytes;
	size_t i;

	for (; c < flat->chunk_count; c++) {
		chunk = flat->chunks[c];
		if (row >= chunk->first + chunk->size)
			continue;
		bytes = chunk->rows + (row - chunk->first) * flat->stride;
		for (i = 0; i < flat->stride; i += 64)
			__builtin_prefetch(bytes + i);
		return;
	}
}

#define AHEAD 8u

static void
score_picked(struct hunt *hunt)
{
	const struct flat *flat = hunt->flat;
	size_t c = 0, i, done = 0, row;

	for (i = 0; i < hunt->picked_count; i++) {
		row = hunt->picked[i];
		while (row >= flat->chunks[c]->first + flat->chunks[c]->size)
			c++;
		if (i + AHEAD < hunt->picked_count)
			fetch_ahead(flat, c, hunt->picked[i + AHEAD]);
		if (row >= done)
			done = score_segment(hunt, c,
			    row - flat->chunks[c]->first);
	}
}

/* ---- all of it ---------------------------------------------------------- */

int
flat_search(const struct flat *flat, const struct flat_query *query,
    struct top *top)
{
	struct hunt hunt = {.flat = flat, .query = query, .top = top,
	    .kernels = near_kernels()};
	int err;

	near_row(query->vector, flat->dimensions, hunt.row);
	if (query->is_exact || flat->rows <= FLAT_EXACT) {
		score_all(&hunt);
		return 0;
	}
	err = pick_all(&hunt);
	if (err == 0)
		score_picked(&hunt);
	mem_free(hunt.sample);
	mem_free(hunt.picked);
	return err;
}
