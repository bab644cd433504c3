/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building cells.
 *
 * Centres come from spherical k-means over a sample: each row counts by its
 * direction alone, so neither a scale that is no number nor a row of zeros
 * does harm.  About sqrt(rows) centres, themselves in groups around heads: a
 * row is compared with all heads and with the centres of the nearest groups,
 * some 160 products for a row of a million instead of 1,000; who is put into
 * the second nearest cell by that is found a little later, and measured with
 * the rest (cells_tune.c).  Then all rows are put into cells, and their codes
 * copied so that a cell's lie one behind the other.
 *
 * Everything is drawn from cells_hash(), so the same rows give the same cells.
 */
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "search/cells_int.h"
#include "search/vector.h"

#define ROWS_PER_CELL_MIN 64u
#define CELLS_FACTOR 4
#define SAMPLE_PER_CELL 32u
#define SAMPLE_MAX 131072u
#define ROUNDS 5u
#define ROUNDS_ANEW 2u
#define HEAD_ROUNDS 2u
#define GROUPS_LOOKED_AT 8u
#define GROUPS_MAX 64u
#define STEP_ROWS 256u /* between two looks at whether to stop */

_Static_assert(GROUPS_MAX * GROUPS_MAX >= CELLS_MAX, "GROUPS_MAX");

/* Centres that rows can be compared with. */
struct centres {
	int8_t *rows;
	float *scales;
	size_t count;
};

struct parting {
	const struct flat *flat;
	const struct near_kernels *kernels;
	const atomic_bool *stop;
	size_t stride, rows;
	const int8_t **samples;
	float *weights; /* 1 / length of each */
	size_t sample_count;
	struct centres centres, heads;
	uint32_t first[GROUPS_MAX + 1]; /* centre of each group */
	float *sums; /* stride for each centre */
	uint32_t *counts; /* rows of each */
	int32_t dots[CELLS_MAX];
};

static int
check_stop(const struct parting *p)
{
	return atomic_load_explicit(p->stop, memory_order_relaxed)
	    ? ERR_CANCELLED
	    : 0;
}

static const int8_t *
row_at(const struct flat *flat, size_t row)
{
	const struct flat_chunk *chunk = flat->chunks[flat_chunk_of(flat,
	    row)];

	return chunk->rows + (row - chunk->first) * flat->stride;
}

/* ---- comparing ---------------------------------------------------------- */

static int
centres_make(struct centres *centres, size_t count, size_t stride)
{
	centres->rows = mem_array(count, stride);
	centres->scales = mem_array(count, sizeof(float));
	centres->count = count;
	if (centres->rows == NULL || centres->scales == NULL)
		return ERR_NOMEM;
	memset(centres->rows, 0, count * stride);
	memset(centres->scales, 0, count * sizeof(float));
	return 0;
}

/* The nearest of the centres first to end - 1; *near is how near, and only a
 * nearer one is told. */
static size_t
nearest(struct parting *p, const struct centres *centres, size_t first,
    size_t end, const int8_t *row, size_t best, float *near)
{
	size_t i;
	float x;

	p->kernels->dots(row, centres->rows + first * p->stride, end - first,
	    p->stride, p->dots);
	for (i = first; i < end; i++) {
		x = (float)p->dots[i - first] * centres->scales[i];
		if (x > *near) {
			*near = x;
			best = i;
		}
	}
	return best;
}

/* In the nearest groups; the cell's number. */
static uint32_t
cell_of(struct parting *p, const int8_t *row)
{
	size_t groups[GROUPS_LOOKED_AT], count = 0, g, i, best = 0;
	float near[GROUPS_LOOKED_AT], x;

	p->kernels->dots(row, p->heads.rows, p->heads.count, p->stride,
	    p->dots);
	for (g = 0; g < p->heads.count; g++) {
		if (p->first[g] == p->first[g + 1])
			continue;
		x = (float)p->dots[g] * p->heads.scales[g];
		if (count == GROUPS_LOOKED_AT && x <= near[count - 1])
			continue;
		count += count < GROUPS_LOOKED_AT;
		for (i = count - 1; i > 0 && near[i - 1] < x; i--) {
			near[i] = near[i - 1];
			groups[i] = groups[i - 1];
		}
		near[i] = x;
		groups[i] = g;
	}
	x = -INFINITY;
	for (i = 0; i < count; i++)
		best = nearest(p, &p->centres, p->first[groups[i]],
		    p->first[groups[i] + 1], row, best, &x);
	return (uint32_t)best;
}

/* ---- moving centres ----------------------------------------------------- */

static void
sums_clear(struct parting *p, size_t count)
{
	memset(p->sums, 0, count * p->stride * sizeof(*p->sums));
	memset(p->counts, 0, count * sizeof(*p->counts));
}

static void
sums_add(struct parting *p, size_t at, const int8_t *row, float weight)
{
	float *sum = p->sums + at * p->stride;
	size_t i;

	for (i = 0; i < p->stride; i++)
		sum[i] += weight * (float)row[i];
	p->counts[at]++;
}

/* To the middle of what was added at from. */
static void
centre_set(struct parting *p, struct centres *centres, size_t from, size_t at)
{
	float *sum = p->sums + from * p->stride, length = 0;
	size_t i;

	for (i = 0; i < p->stride; i++)
		length += sum[i] * sum[i];
	for (i = 0; length > 0 && i < p->stride; i++)
		sum[i] /= sqrtf(length);
	vector_quantise(sum, p->stride, centres->rows + at * p->stride,
	    &centres->scales[at]);
}

static void
centre_put(struct parting *p, size_t at, size_t sample)
{
	memcpy(p->centres.rows + at * p->stride, p->samples[sample],
	    p->stride);
	p->centres.scales[at] = p->weights[sample];
}

/* Around their heads: the centres of a group one behind the other. */
static int
regroup(struct parting *p)
{
	const size_t count = p->centres.count, heads = p->heads.count;
	uint32_t *of = mem_array(count, sizeof(*of)), at[GROUPS_MAX];
	struct centres sorted = {.rows = NULL};
	size_t i, g, round;
	float near;
	int err = ERR_NOMEM;

	if (of == NULL || centres_make(&sorted, count, p->stride) < 0)
		goto out;
	for (g = 0; g < heads; g++) {
		i = g * count / heads;
		memcpy(p->heads.rows + g * p->stride,
		    p->centres.rows + i * p->stride, p->stride);
		p->heads.scales[g] = p->centres.scales[i];
	}
	for (round = 0; round <= HEAD_ROUNDS; round++) {
		sums_clear(p, heads);
		for (i = 0; i < count; i++) {
			near = -INFINITY;
			of[i] = (uint32_t)nearest(p, &p->heads, 0, heads,
			    p->centres.rows + i * p->stride, 0, &near);
			sums_add(p, of[i], p->centres.rows + i * p->stride,
			    p->centres.scales[i]);
		}
		for (g = 0; round < HEAD_ROUNDS && g < heads; g++)
			if (p->counts[g] > 0)
				centre_set(p, &p->heads, g, g);
	}
	for (p->first[0] = 0, g = 0; g < heads; g++) {
		at[g] = p->first[g];
		p->first[g + 1] = p->first[g] + p->counts[g];
	}
	for (i = 0; i < count; i++) {
		g = at[of[i]]++;
		memcpy(sorted.rows + g * p->stride,
		    p->centres.rows + i * p->stride, p->stride);
		sorted.scales[g] = p->centres.scales[i];
	}
	memcpy(p->centres.rows, sorted.rows, count * p->stride);
	memcpy(p->centres.scales, sorted.scales, count * sizeof(float));
	err = 0;
out:
	mem_free(sorted.rows);
	mem_free(sorted.scales);
	mem_free(of);
	return err;
}

/* To the middle of what is in their cells.  One that nobody is nearest to
 * begins anew somewhere in the first rounds, and goes in later ones: where many
 * rows are the same there is no use for as many cells. */
static void
centres_move(struct parting *p, size_t round)
{
	struct centres *centres = &p->centres;
	size_t i, kept = 0;

	for (i = 0; i < centres->count; i++) {
		if (p->counts[i] > 0)
			centre_set(p, centres, i, kept++);
		else if (round < ROUNDS_ANEW)
			centre_put(p, kept++,
			    cells_hash(round * CELLS_MAX + i) %
				p->sample_count);
	}
	centres->count = kept;
}

static int
lloyd(struct parting *p, size_t round)
{
	size_t i;
	int err;

	err = regroup(p);
	if (err < 0)
		return err;
	sums_clear(p, p->centres.count);
	for (i = 0; i < p->sample_count; i++) {
		if (i % STEP_ROWS == 0 && (err = check_stop(p)) < 0)
			return err;
		sums_add(p, cell_of(p, p->samples[i]), p->samples[i],
		    p->weights[i]);
	}
	centres_move(p, round);
	return 0;
}

/* ---- the sample --------------------------------------------------------- */

/* One row of each piece of them, so that all documents are in it. */
static int
sample_take(struct parting *p, size_t wanted)
{
	const int8_t *row;
	int32_t squares;
	size_t i, low, high, at;

	p->samples = mem_array(wanted, sizeof(*p->samples));
	p->weights = mem_array(wanted, sizeof(*p->weights));
	if (p->samples == NULL || p->weights == NULL)
		return ERR_NOMEM;
	for (i = 0; i < wanted; i++) {
		low = i * p->rows / wanted;
		high = (i + 1) * p->rows / wanted;
		if (low == high)
			continue;
		at = low + cells_hash(i) % (high - low);
		if (flat_is_gone(p->flat, at))
			continue;
		row = row_at(p->flat, at);
		p->kernels->dots(row, row, 1, p->stride, &squares);
		if (squares <= 0)
			continue;
		p->samples[p->sample_count] = row;
		p->weights[p->sample_count++] = 1 / sqrtf((float)squares);
	}
	return 0;
}

static int
centres_find(struct parting *p)
{
	size_t i, count, wanted;
	int err;

	count = (size_t)(CELLS_FACTOR * sqrt((double)p->rows));
	if (count > p->rows / ROWS_PER_CELL_MIN)
		count = p->rows / ROWS_PER_CELL_MIN;
	if (count > CELLS_MAX)
		count = CELLS_MAX;
	if (count < 1)
		count = 1;
	wanted = count * SAMPLE_PER_CELL;
	if (wanted > SAMPLE_MAX)
		wanted = SAMPLE_MAX;
	err = sample_take(p, wanted);
	if (err < 0)
		return err;
	if (p->sample_count < count)
		return ERR_NOT_FOUND; /* hardly a row says anything */
	err = centres_make(&p->centres, count, p->stride);
	if (err == 0)
		err = centres_make(&p->heads,
		    (size_t)ceil(sqrt((double)count)), p->stride);
	p->sums = mem_array(count * p->stride, sizeof(*p->sums));
	p->counts = mem_array(count, sizeof(*p->counts));
	if (err < 0 || p->sums == NULL || p->counts == NULL)
		return ERR_NOMEM;
	for (i = 0; i < count; i++)
		centre_put(p, i, i * p->sample_count / count);
	for (i = 0; err == 0 && i < ROUNDS; i++)
		err = lloyd(p, i);
	return err == 0 ? regroup(p) : err;
}

/* ---- all rows ----------------------------------------------------------- */

/* The cell of each row; CELLS_UNUSED of one that is gone. */
static int
rows_assign(struct parting *p, uint32_t *ret_of)
{
	const struct flat *flat = p->flat;
	const struct flat_chunk *chunk;
	size_t c, i, row;
	int err;

	memset(p->counts, 0, p->centres.count * sizeof(*p->counts));
	for (c = 0; c < flat->chunk_count; c++) {
		chunk = flat->chunks[c];
		for (i = 0; i < chunk->size && chunk->first + i < p->rows;
		    i++) {
			if (i % STEP_ROWS == 0 && (err = check_stop(p)) < 0)
				return err;
			row = chunk->first + i;
			ret_of[row] = CELLS_UNUSED;
			if (flat_is_gone(flat, row))
				continue;
			ret_of[row] = cell_of(p,
			    chunk->rows + i * p->stride);
			p->counts[ret_of[row]]++;
		}
	}
	return 0;
}

static int
cells_lay(struct parting *p, const uint32_t *of, struct cells *cells)
{
	const struct flat *flat = p->flat;
	const struct flat_chunk *chunk;
	const uint64_t *from;
	uint64_t *to;
	size_t c, i, w, row, place;

	memset(cells->sizes, 0, cells->count * sizeof(*cells->sizes));
	memset(cells->numbers, 0xFF, cells->places * sizeof(uint32_t));
	memset(cells->blocks, 0,
	    cells->places * cells->words * sizeof(uint64_t));
	for (c = 0; c < flat->chunk_count; c++) {
		chunk = flat->chunks[c];
		for (i = 0; i < chunk->size && chunk->first + i < p->rows;
		    i++) {
			if (i % STEP_ROWS == 0 && check_stop(p) < 0)
				return ERR_CANCELLED;
			row = chunk->first + i;
			if (of[row] == CELLS_UNUSED)
				continue;
			place = cells->starts[of[row]] +
			    cells->sizes[of[row]]++;
			cells->numbers[place] = (uint32_t)row;
			from = flat_code(chunk->blocks, cells->words, i);
			to = flat_code(cells->blocks, cells->words, place);
			for (w = 0; w < cells->words; w++)
				to[w * NEAR_LANES] = from[w * NEAR_LANES];
		}
	}
	return 0;
}

/* Takes the centres. */
static int
cells_make(struct parting *p, const uint32_t *of, struct cells **ret_cells)
{
	struct cells *cells = mem_zalloc(sizeof(*cells));
	size_t i, at = 0;
	int err = ERR_NOMEM;

	if (cells == NULL)
		return ERR_NOMEM;
	atomic_init(&cells->refs, 1);
	cells->stride = p->stride;
	cells->words = p->flat->words;
	cells->count = p->centres.count;
	cells->rows = cells->measured = p->rows;
	cells->centres = p->centres.rows;
	cells->scales = p->centres.scales;
	p->centres.rows = NULL;
	p->centres.scales = NULL;
	cells->starts = mem_array(cells->count + 1, sizeof(uint32_t));
	cells->sizes = mem_array(cells->count, sizeof(uint32_t));
	if (cells->starts == NULL || cells->sizes == NULL)
		goto out;
	for (i = 0; i < cells->count; i++) {
		cells->starts[i] = (uint32_t)at;
		at += (p->counts[i] + NEAR_LANES - 1) / NEAR_LANES *
		    NEAR_LANES;
	}
	cells->starts[i] = (uint32_t)at;
	cells->places = at;
	cells->numbers = mem_array(at + 1, sizeof(uint32_t));
	cells->blocks = mem_array(at + NEAR_LANES,
	    cells->words * sizeof(uint64_t));
	if (cells->numbers == NULL || cells->blocks == NULL)
		goto out;
	mem_read_through(cells->blocks,
	    at * cells->words * sizeof(uint64_t));
	cells->bytes = sizeof(*cells) + at * (sizeof(uint32_t) +
	    cells->words * sizeof(uint64_t)) + cells->count *
	    (cells->stride + sizeof(float) + 2 * sizeof(uint32_t));
	err = cells_lay(p, of, cells);
out:
	if (err < 0) {
		cells_unref(cells);
		return err;
	}
	*ret_cells = cells;
	return 0;
}

int
cells_build(const struct flat *flat, const atomic_bool *stop,
    struct cells **ret_cells)
{
	struct parting *p = mem_zalloc(sizeof(*p));
	struct cells *cells = NULL;
	uint32_t *of = NULL;
	int err;

	if (p == NULL)
		return ERR_NOMEM;
	p->flat = flat;
	p->kernels = near_kernels();
	p->stop = stop;
	p->stride = flat->stride;
	p->rows = flat->rows / NEAR_LANES * NEAR_LANES;
	err = centres_find(p);
	if (err < 0)
		goto out;
	of = mem_array(p->rows, sizeof(*of));
	err = of == NULL ? ERR_NOMEM : rows_assign(p, of);
	if (err == 0)
		err = cells_make(p, of, &cells);
	if (err == 0)
		err = cells_tune(cells, flat, stop);
	if (err < 0)
		goto out;
	if (cells->probe[0] == 0)
		cells_clear(cells);
	*ret_cells = cells;
	cells = NULL;
out:
	cells_unref(cells);
	mem_free(of);
	mem_free(p->samples);
	mem_free(p->weights);
	mem_free(p->centres.rows);
	mem_free(p->centres.scales);
	mem_free(p->heads.rows);
	mem_free(p->heads.scales);
	mem_free(p->sums);
	mem_free(p->counts);
	mem_free(p);
	return err;
}
