/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packing, the order in which tiles are computed, and kernels in plain C.
 *
 * A panel of weights (DENSE_PANEL columns) stays in the first cache while rows
 * pass it in tiles, and so many rows as stay in the second one pass all panels
 * before the next rows do.  Deep matrices are cut into slices of DEPTH, whose
 * sums are added in y.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "embed/dense_int.h"
#include "embed/lanes.h"

#define DEPTH 512u /* a panel of it has 64 KiB */
#define ROWS 96u   /* that pass all panels: a multiple of each tile */
#define HALF 128   /* what makes signed bytes unsigned */

struct dense {
	size_t in, out;
	enum dense_numbers numbers;
	size_t depth;	 /* of bytes: in, or more: whole LANES_BLOCKs */
	float *floats;	 /* packed; FLOAT32 */
	int8_t *bytes;	 /* packed; INT8 */
	float *bias;	 /* of all columns of all panels */
	float *scales;	 /* likewise, INT8 */
	int32_t *surplus;
};

static size_t
panels_of(size_t out)
{
	return (out + DENSE_PANEL - 1) / DENSE_PANEL;
}

/* ---- plain C ------------------------------------------------------------ */

static void
floats_plain(const float *x, size_t ldx, size_t rows, const float *panel,
    size_t depth, float *y, size_t ldy)
{
	float sums[DENSE_PANEL];
	size_t r, k, c;

	for (r = 0; r < rows; r++, x += ldx, y += ldy) {
		memcpy(sums, y, sizeof(sums));
		for (k = 0; k < depth; k++)
			for (c = 0; c < DENSE_PANEL; c++)
				sums[c] += x[k] * panel[k * DENSE_PANEL + c];
		memcpy(y, sums, sizeof(sums));
	}
}

static void
bytes_plain(const uint8_t *x, size_t ldx, size_t rows, const int8_t *panel,
    const int32_t *surplus, size_t depth, int32_t *sums)
{
	const int8_t *quad;
	int32_t one[DENSE_QUAD];
	size_t r, k, c, i;

	for (r = 0; r < rows; r++, x += ldx, sums += DENSE_PANEL) {
		for (c = 0; c < DENSE_PANEL; c++)
			sums[c] = -surplus[c];
		for (k = 0; k < depth; k += DENSE_QUAD) {
			for (i = 0; i < DENSE_QUAD; i++)
				one[i] = x[k + i];
			quad = panel + k * DENSE_PANEL;
			for (c = 0; c < DENSE_PANEL; c++, quad += DENSE_QUAD)
				sums[c] += one[0] * quad[0] +
				    one[1] * quad[1] + one[2] * quad[2] +
				    one[3] * quad[3];
		}
	}
}

static const struct dense_kernels dense_plain = {.name = "plain", .tile = 4,
    .floats = floats_plain, .bytes = bytes_plain};

/* ---- choosing ----------------------------------------------------------- */

const struct dense_kernels *
dense_kernels_at(size_t i)
{
#ifdef __x86_64__
	const struct dense_kernels *kind;

	if (i == 0)
		return &dense_plain;
	for (kind = dense_kernels_x86; kind->name != NULL; kind++)
		if (kind->is_here() && --i == 0)
			return kind;
	return NULL;
#else
	return i == 0 ? &dense_plain : NULL;
#endif
}

const struct dense_kernels *
dense_kernels(void)
{
	const struct dense_kernels *best = &dense_plain, *next;
	size_t i;

	for (i = 1; (next = dense_kernels_at(i)) != NULL; i++)
		best = next;
	return best;
}

const char *
dense_kernels_name(const struct dense_kernels *kernels)
{
	return kernels->name;
}

/* ---- packing ------------------------------------------------------------ */

size_t
dense_packed(size_t in, size_t out)
{
	return panels_of(out) * DENSE_PANEL * in;
}

void
dense_pack_rows(const float *matrix, size_t ld, size_t in, size_t out,
    float *panels)
{
	size_t first, count, c, k;

	for (first = 0; first < out; first += DENSE_PANEL) {
		count = out - first < DENSE_PANEL ? out - first : DENSE_PANEL;
		if (count < DENSE_PANEL)
			memset(panels, 0, in * DENSE_PANEL * sizeof(*panels));
		for (c = 0; c < count; c++)
			for (k = 0; k < in; k++)
				panels[k * DENSE_PANEL + c] =
				    matrix[(first + c) * ld + k];
		panels += in * DENSE_PANEL;
	}
}

void
dense_pack_columns(const float *matrix, size_t ld, size_t in, size_t out,
    float *panels)
{
	size_t first, count, k;

	for (first = 0; first < out; first += DENSE_PANEL) {
		count = out - first < DENSE_PANEL ? out - first : DENSE_PANEL;
		if (count < DENSE_PANEL)
			memset(panels, 0, in * DENSE_PANEL * sizeof(*panels));
		for (k = 0; k < in; k++)
			memcpy(panels + k * DENSE_PANEL,
			    matrix + k * ld + first, count * sizeof(*panels));
		panels += in * DENSE_PANEL;
	}
}

static float
row_scale(const float *row, size_t count)
{
	float most = 0;
	size_t i;

	for (i = 0; i < count; i++)
		most = fabsf(row[i]) > most ? fabsf(row[i]) : most;
	return most > 0 ? most / DENSE_BYTE_MAX : 1;
}

/* Each row of weights with a scale of its own, four depths of a column next to
 * each other, in the order in which lanes_bytes() writes those of x. */
static void
bytes_pack(struct dense *dense, const float *weights)
{
	const float *row;
	int8_t *panel;
	size_t column, k, place;
	int32_t sum;
	long value;

	for (column = 0; column < dense->out; column++) {
		row = weights + column * dense->in;
		panel = dense->bytes + column / DENSE_PANEL *
		    DENSE_PANEL * dense->depth +
		    column % DENSE_PANEL * DENSE_QUAD;
		dense->scales[column] = row_scale(row, dense->in);
		sum = 0;
		for (k = 0; k < dense->in; k++) {
			value = lrintf(row[k] / dense->scales[column]);
			place = lanes_place(k);
			panel[place / DENSE_QUAD * DENSE_QUAD * DENSE_PANEL +
			    place % DENSE_QUAD] = (int8_t)value;
			sum += (int32_t)value;
		}
		dense->surplus[column] = HALF * sum;
	}
}

static int
dense_room(struct dense *dense)
{
	size_t columns = panels_of(dense->out) * DENSE_PANEL;

	dense->bias = mem_zalloc(columns * sizeof(float));
	if (dense->bias == NULL)
		return -1;
	if (dense->numbers == DENSE_FLOAT32) {
		dense->floats = mem_array(columns, dense->in * sizeof(float));
		return dense->floats == NULL ? -1 : 0;
	}
	dense->scales = mem_zalloc(columns * sizeof(float));
	dense->surplus = mem_zalloc(columns * sizeof(int32_t));
	dense->bytes = mem_zalloc(columns * dense->depth);
	return dense->scales == NULL || dense->surplus == NULL ||
		dense->bytes == NULL ? -1 : 0;
}

struct dense *
dense_new(const float *weights, const float *bias, size_t in, size_t out,
    enum dense_numbers numbers)
{
	struct dense *dense;

	if (in == 0 || in > DENSE_IN_MAX || out == 0 || out > DENSE_OUT_MAX)
		return NULL;
	dense = mem_zalloc(sizeof(*dense));
	if (dense == NULL)
		return NULL;
	dense->in = in;
	dense->out = out;
	dense->numbers = numbers;
	dense->depth = (in + LANES_BLOCK - 1) / LANES_BLOCK * LANES_BLOCK;
	if (dense_room(dense) < 0) {
		dense_free(dense);
		return NULL;
	}
	if (bias != NULL)
		memcpy(dense->bias, bias, out * sizeof(float));
	if (numbers == DENSE_FLOAT32)
		dense_pack_rows(weights, in, in, out, dense->floats);
	else
		bytes_pack(dense, weights);
	return dense;
}

void
dense_free(struct dense *dense)
{
	if (dense == NULL)
		return;
	mem_free(dense->floats);
	mem_free(dense->bytes);
	mem_free(dense->bias);
	mem_free(dense->scales);
	mem_free(dense->surplus);
	mem_free(dense);
}

size_t
dense_bytes(const struct dense *dense)
{
	return panels_of(dense->out) * DENSE_PANEL *
	    (dense->numbers == DENSE_FLOAT32
		    ? (dense->in + 1) * sizeof(float)
		    : dense->depth + 3 * sizeof(float));
}

/* ---- float32 ------------------------------------------------------------ */

static void
rows_begin(float *y, size_t ldy, size_t rows, size_t columns,
    const float *bias)
{
	size_t r;

	for (r = 0; r < rows; r++, y += ldy) {
		if (bias != NULL)
			memcpy(y, bias, columns * sizeof(*y));
		else
			memset(y, 0, columns * sizeof(*y));
	}
}

/* The last panel has fewer columns than y has room for. */
static void
part_multiply(const struct dense_kernels *kernels, const float *x, size_t ldx,
    size_t rows, const float *panel, size_t depth, size_t columns, float *y,
    size_t ldy)
{
	float sums[DENSE_TILE_MAX * DENSE_PANEL];
	size_t r;

	memset(sums, 0, sizeof(sums));
	for (r = 0; r < rows; r++)
		memcpy(sums + r * DENSE_PANEL, y + r * ldy,
		    columns * sizeof(*y));
	kernels->floats(x, ldx, rows, panel, depth, sums, DENSE_PANEL);
	for (r = 0; r < rows; r++)
		memcpy(y + r * ldy, sums + r * DENSE_PANEL,
		    columns * sizeof(*y));
}

/* Rows that stay in a cache, by all panels, a slice of the depth. */
static void
slice_multiply(const struct dense_kernels *kernels, const float *x,
    size_t ldx, size_t rows, const float *panels, size_t in, size_t depth,
    size_t out, float *y, size_t ldy)
{
	size_t first, r, count;

	for (first = 0; first < out; first += DENSE_PANEL) {
		for (r = 0; r < rows; r += count) {
			count = rows - r < kernels->tile ? rows - r
							 : kernels->tile;
			if (out - first >= DENSE_PANEL)
				kernels->floats(x + r * ldx, ldx, count,
				    panels, depth, y + r * ldy + first, ldy);
			else
				part_multiply(kernels, x + r * ldx, ldx,
				    count, panels, depth, out - first,
				    y + r * ldy + first, ldy);
		}
		panels += in * DENSE_PANEL;
	}
}

void
dense_multiply(const struct dense_kernels *kernels, const float *x,
    size_t ldx, size_t rows, const float *panels, const float *bias,
    size_t in, size_t out, float *y, size_t ldy)
{
	size_t r, k, count, depth;

	if (kernels == NULL)
		kernels = dense_kernels();
	for (r = 0; r < rows; r += count) {
		count = rows - r < ROWS ? rows - r : ROWS;
		rows_begin(y + r * ldy, ldy, count, out, bias);
		for (k = 0; k < in; k += depth) {
			depth = in - k < DEPTH ? in - k : DEPTH;
			slice_multiply(kernels, x + r * ldx + k, ldx, count,
			    panels + k * DENSE_PANEL, in, depth, out,
			    y + r * ldy, ldy);
		}
	}
}

/* ---- int8 --------------------------------------------------------------- */

static void
tile_scale(const struct dense *dense, const int32_t *sums,
    const float *row_scales, size_t rows, size_t first, float *y, size_t ldy)
{
	size_t columns = dense->out - first < DENSE_PANEL
	    ? dense->out - first : DENSE_PANEL;
	float whole[DENSE_PANEL];
	size_t r;

	for (r = 0; r < rows; r++) {
		lanes_scale(sums + r * DENSE_PANEL, row_scales[r],
		    dense->scales + first, dense->bias + first, whole);
		memcpy(y + r * ldy + first, whole, columns * sizeof(*y));
	}
}

static void
bytes_multiply(const struct dense *dense,
    const struct dense_kernels *kernels, const uint8_t *x,
    const float *row_scales, size_t rows, float *y, size_t ldy)
{
	int32_t sums[DENSE_TILE_MAX * DENSE_PANEL];
	const int8_t *panel = dense->bytes;
	size_t first, r, count;

	for (first = 0; first < dense->out; first += DENSE_PANEL) {
		for (r = 0; r < rows; r += count) {
			count = rows - r < kernels->tile ? rows - r
							 : kernels->tile;
			kernels->bytes(x + r * dense->depth, dense->depth,
			    count, panel, dense->surplus + first,
			    dense->depth, sums);
			tile_scale(dense, sums, row_scales + r, count, first,
			    y + r * ldy, ldy);
		}
		panel += dense->depth * DENSE_PANEL;
	}
}

size_t
dense_scratch(const struct dense *dense)
{
	return dense->numbers == DENSE_FLOAT32 ? 0 : ROWS * dense->depth;
}

void
dense_run(const struct dense *dense, const struct dense_kernels *kernels,
    const float *x, size_t ldx, size_t rows, float *y, size_t ldy,
    void *scratch)
{
	float row_scales[ROWS];
	uint8_t *bytes = scratch;
	size_t r, i, count;

	if (kernels == NULL)
		kernels = dense_kernels();
	if (dense->numbers == DENSE_FLOAT32) {
		dense_multiply(kernels, x, ldx, rows, dense->floats,
		    dense->bias, dense->in, dense->out, y, ldy);
		return;
	}
	for (r = 0; r < rows; r += count) {
		count = rows - r < ROWS ? rows - r : ROWS;
		for (i = 0; i < count; i++)
			row_scales[i] = lanes_bytes(x + (r + i) * ldx,
			    dense->in, bytes + i * dense->depth);
		bytes_multiply(dense, kernels, bytes, row_scales, count,
		    y + r * ldy, ldy);
	}
}
