/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing here but additions, products, quotients and square roots, in one
 * order: the same vectors give the same numbers, whenever they are asked for.
 */
#include <math.h>
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "text/measure.h"
#include "text/near.h"

/* Texts on either side of a gap that are compared, and gaps on either side
 * that it is held against. */
#define WINDOW 3u
#define HILL 8u
/* It is the lowest of so many on either side: windows of gaps that are nearer
 * to each other are mostly the same texts. */
#define VALLEY (WINDOW - 1)

/*
 * What is expected of a document that little is known of, as if so many gaps
 * had been seen: drops of 0.07 on average, 0.14 off it.  Most gaps have none,
 * those within one matter drop by 0.2, a change of matter drops by 0.3 and
 * more.
 */
#define PRIOR_SEEN 8.0
#define PRIOR_MEAN 0.07
#define PRIOR_SQUARE (PRIOR_MEAN * PRIOR_MEAN + 0.02)

/* Texts whose vectors are this near are one text many times over. */
#define ROOM_MIN 0.02

int
near_init(struct near *near, size_t dimensions, chunk_embed_fn *fn, void *arg)
{
	memset(near, 0, sizeof(*near));
	near->dimensions = dimensions;
	near->fn = fn;
	near->arg = arg;
	near->vectors = mem_array(NEAR_TEXTS_MAX * sizeof(float), dimensions);
	near->left = mem_array(dimensions, sizeof(float));
	near->right = mem_array(dimensions, sizeof(float));
	near_clear(near);
	if (near->vectors != NULL && near->left != NULL && near->right != NULL)
		return 0;
	near_fini(near);
	return ERR_NOMEM;
}

void
near_fini(struct near *near)
{
	mem_free(near->vectors);
	mem_free(near->left);
	mem_free(near->right);
	memset(near, 0, sizeof(*near));
}

void
near_clear(struct near *near)
{
	near->count = 0;
	near->seen = PRIOR_SEEN;
	near->sum = PRIOR_SEEN * PRIOR_MEAN;
	near->squares = PRIOR_SEEN * PRIOR_SQUARE;
}

int
near_add(struct near *near, const struct chunk_text *texts, size_t count)
{
	size_t i, done, some;
	int err;

	ASSERT(count <= NEAR_TEXTS_MAX - near->count);
	for (done = 0; done < count; done += some) {
		some = count - done < CHUNK_EMBED_MAX ? count - done
						      : CHUNK_EMBED_MAX;
		err = near->fn(near->arg, texts + done, some,
		    near->vectors + near->count * near->dimensions);
		if (err < 0)
			return err;
		for (i = 0; i < some; i++)
			near->weights[near->count++] = (float)sqrt((double)
				measure_chars(texts[done + i].text,
				    texts[done + i].len));
	}
	return 0;
}

/* The vectors of texts begin..end - 1, summed up. */
static void
sum_up(const struct near *near, size_t begin, size_t end, float *sum)
{
	const float *vector;
	size_t i, k;

	for (k = 0; k < near->dimensions; k++)
		sum[k] = 0.0f;
	for (i = begin; i < end; i++) {
		vector = near->vectors + i * near->dimensions;
		for (k = 0; k < near->dimensions; k++)
			sum[k] += near->weights[i] * vector[k];
	}
}

static double
cosine(const float *a, const float *b, size_t dimensions)
{
	double ab = 0.0, aa = 0.0, bb = 0.0, found;
	size_t k;

	for (k = 0; k < dimensions; k++) {
		ab += (double)a[k] * (double)b[k];
		aa += (double)a[k] * (double)a[k];
		bb += (double)b[k] * (double)b[k];
	}
	found = ab / (sqrt(aa) * sqrt(bb));
	/* Vectors that are nothing, or no numbers, are near to nothing. */
	return found >= -2.0 && found <= 2.0 ? found : 0.0;
}

/* The highest of the gaps begin..end - 1; there is one. */
static double
highest(const struct near *near, size_t begin, size_t end)
{
	double most = near->cosines[begin];
	size_t i;

	for (i = begin + 1; i < end; i++) {
		if (near->cosines[i] > most)
			most = near->cosines[i];
	}
	return most;
}

/* The lowest of the gaps around it, and of itself. */
static double
lowest(const struct near *near, size_t gap, size_t begin, size_t end)
{
	double least = near->cosines[gap];
	size_t i;

	for (i = begin; i < end; i++) {
		if (i + VALLEY >= gap && i <= gap + VALLEY &&
		    near->cosines[i] < least)
			least = near->cosines[i];
	}
	return least;
}

/* How far it lies below the lower one of its hills; the first and the last
 * have but one, and a single text on their other side.  Where it is no valley,
 * how far it lies above one, as less than nothing. */
static double
drop_at(const struct near *near, size_t gap, size_t first)
{
	size_t begin = gap > first + HILL ? gap - HILL : first + 1;
	size_t end = near->count - gap > HILL ? gap + HILL + 1 : near->count;
	double least = lowest(near, gap, begin, end), before, behind;

	if (gap == begin || gap + 1 == end || least < near->cosines[gap])
		return least - near->cosines[gap];
	before = highest(near, begin, gap);
	behind = highest(near, gap + 1, end);
	return (before < behind ? before : behind) - near->cosines[gap];
}

/*
 * Some embedders find all texts of a language alike, and others hardly any: a
 * drop counts by the room that nearness has in this document.
 */
static double
find_room(const struct near *near, size_t first)
{
	double sum = 0.0, room;
	size_t gap;

	if (near->count < first + 2)
		return 1.0;
	for (gap = first + 1; gap < near->count; gap++)
		sum += near->cosines[gap];
	room = 1.0 - sum / (double)(near->count - first - 1);
	return room > ROOM_MIN ? room : ROOM_MIN;
}

void
near_measure(struct near *near, size_t first)
{
	size_t gap, begin, end;
	double room;

	for (gap = first + 1; gap < near->count; gap++) {
		begin = gap > first + WINDOW ? gap - WINDOW : first;
		end = near->count - gap > WINDOW ? gap + WINDOW : near->count;
		sum_up(near, begin, gap, near->left);
		sum_up(near, gap, end, near->right);
		near->cosines[gap] = cosine(near->left, near->right,
		    near->dimensions);
	}
	room = find_room(near, first);
	for (gap = first + 1; gap < near->count; gap++)
		near->drops[gap] = drop_at(near, gap, first) / room;
}

void
near_learn(struct near *near, size_t first, size_t stop)
{
	double drop;
	size_t gap;

	for (gap = first + 1; gap < stop; gap++) {
		drop = near->drops[gap] > 0.0 ? near->drops[gap] : 0.0;
		near->seen += 1.0;
		near->sum += drop;
		near->squares += drop * drop;
	}
}

/*
 * A threshold of a half means one standard deviation above the average drop;
 * towards 0 it grows beyond any drop, towards 1 it falls below any.
 */
double
near_cutoff(const struct near *near, double threshold)
{
	double mean = near->sum / near->seen;
	double variance = near->squares / near->seen - mean * mean;
	double deviations;

	if (threshold <= 0.0)
		return HUGE_VAL;
	if (threshold >= 1.0)
		return -HUGE_VAL;
	deviations = 1.0 + (0.5 - threshold) /
		(2.0 * threshold * (1.0 - threshold));
	return mean + deviations * sqrt(variance > 0.0 ? variance : 0.0);
}

void
near_forget(struct near *near, size_t count)
{
	ASSERT(count <= near->count);
	near->count -= count;
	memmove(near->vectors, near->vectors + count * near->dimensions,
	    near->count * near->dimensions * sizeof(float));
	memmove(near->weights, near->weights + count,
	    near->count * sizeof(*near->weights));
}
