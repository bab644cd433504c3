/* SPDX-License-Identifier: Apache-2.0 */
/* Quantised vectors, and the fusing of two rankings. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "search/fuse.h"
#include "search/vector.h"

#define DIMENSIONS 259 /* no multiple of anything */

static uint32_t
next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void
random_unit(uint32_t *state, float *out)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < DIMENSIONS; i++) {
		out[i] = (float)(next(state) % 2001) - 1000;
		sum += (double)out[i] * (double)out[i];
	}
	for (i = 0; i < DIMENSIONS; i++)
		out[i] = (float)(out[i] / sqrt(sum));
}

static void
test_cosine_survives(void **state)
{
	float a[DIMENSIONS], b[DIMENSIONS], scale_a, scale_b;
	int8_t qa[DIMENSIONS], qb[DIMENSIONS];
	uint32_t seed = 7;
	double exact, got;
	int round;
	size_t i;

	(void)state;
	for (round = 0; round < 200; round++) {
		random_unit(&seed, a);
		random_unit(&seed, b);
		vector_quantise(a, DIMENSIONS, qa, &scale_a);
		vector_quantise(b, DIMENSIONS, qb, &scale_b);
		for (exact = 0, i = 0; i < DIMENSIONS; i++)
			exact += (double)a[i] * (double)b[i];
		got = vector_dot(qa, qb, DIMENSIONS) * (double)scale_a *
		    (double)scale_b;
		assert_true(fabs(got - exact) < 0.01);
	}
}

static void
test_dot_is_exact(void **state)
{
	int8_t a[DIMENSIONS], b[DIMENSIONS];
	uint32_t seed = 3;
	int32_t sum = 0;
	size_t i, n;

	(void)state;
	for (n = 0; n <= DIMENSIONS; n++) {
		for (sum = 0, i = 0; i < n; i++) {
			a[i] = (int8_t)((int)(next(&seed) % 255) - 127);
			b[i] = i % 3 == 0 ? -127 : 127;
			sum += a[i] * b[i];
		}
		assert_int_equal(vector_dot(a, b, n), sum);
	}
}

static void
test_zero_vector(void **state)
{
	float zero[4] = {0, 0, 0, 0}, scale = 1;
	int8_t values[4] = {1, 1, 1, 1};

	(void)state;
	vector_quantise(zero, 4, values, &scale);
	assert_true(scale == 0.0f);
	assert_int_equal(vector_dot(values, values, 4), 0);
}

static void
test_top_keeps_the_best(void **state)
{
	struct candidate heap[5];
	struct top top;
	uint32_t seed = 11;
	int seen[5] = {0}, i, j;

	(void)state;
	top_init(&top, heap, 5);
	for (i = 0; i < 1000; i++)
		top_put(&top, i, (double)(next(&seed) % 900));
	for (i = 0; i < 5; i++)
		top_put(&top, 5000 + i, 1000 + i);
	assert_int_equal(top.count, 5);
	for (i = 0; i < 5; i++)
		for (j = 0; j < 5; j++)
			seen[j] += heap[i].segment_id == 5000 + j;
	for (j = 0; j < 5; j++)
		assert_int_equal(seen[j], 1);
	top_init(&top, heap, 0);
	top_put(&top, 1, 1);
	assert_int_equal(top.count, 0);
}

static struct candidate
by_words(int64_t id, double score)
{
	struct candidate c = {.segment_id = id, .lexical = score,
	    .is_lexical = true};

	return c;
}

static struct candidate
by_vector(int64_t id, double cosine)
{
	struct candidate c = {.segment_id = id, .cosine = cosine,
	    .is_vector = true};

	return c;
}

static void
test_fuse(void **state)
{
	struct candidate c[6];
	size_t n;

	(void)state;
	c[0] = by_words(1, 10);
	c[1] = by_words(2, 5);
	c[2] = by_words(3, 1);
	c[3] = by_vector(2, 0.9);
	c[4] = by_vector(4, 0.8);
	c[5] = by_vector(1, -0.5);
	n = fuse(c, 3, 3, FUSION_SUM, 0.5);
	assert_int_equal(n, 4);
	assert_int_equal(c[0].segment_id, 2); /* both lists have it */
	assert_true(c[0].is_lexical && c[0].is_vector);
	assert_true(fabs(c[0].score - 0.7) < 1e-9);
	assert_int_equal(c[1].segment_id, 1);
	assert_true(fabs(c[1].score - 0.5) < 1e-9); /* below zero is zero */
	assert_int_equal(c[2].segment_id, 4);
	assert_int_equal(c[3].segment_id, 3);
	for (n = 1; n < 4; n++)
		assert_true(c[n].score <= c[n - 1].score);
}

static void
test_fuse_one_list(void **state)
{
	struct candidate c[4];

	(void)state;
	assert_int_equal(fuse(c, 0, 0, FUSION_SUM, 0.5), 0);
	c[0] = by_words(9, 3);
	c[1] = by_words(4, 3);
	assert_int_equal(fuse(c, 2, 0, FUSION_SUM, 0), 2);
	assert_int_equal(c[0].segment_id, 4); /* equal: by row */
	assert_true(fabs(c[0].score - 1) < 1e-9);
	c[0] = by_vector(1, 0.2);
	c[1] = by_vector(2, 1.5);
	assert_int_equal(fuse(c, 0, 2, FUSION_SUM, 1), 2);
	assert_int_equal(c[0].segment_id, 2);
	assert_true(fabs(c[0].score - 1) < 1e-9);
}

/* 61 / (60 + place), weighted. */
static void
test_fuse_ranks(void **state)
{
	struct candidate c[6];

	(void)state;
	c[0] = by_words(1, 10);
	c[1] = by_words(2, 5);
	c[2] = by_words(3, 5);
	c[3] = by_vector(2, 0.9);
	c[4] = by_vector(4, 0.8);
	c[5] = by_vector(1, -0.5);
	assert_int_equal(fuse(c, 3, 3, FUSION_RANK, 0.25), 4);
	/* 1 is at places 1 and 3, 2 at 2 and 1, 3 at 3, 4 at 2. */
	assert_int_equal(c[0].segment_id, 1);
	assert_true(fabs(c[0].score - (0.75 + 0.25 * 61 / 63)) < 1e-12);
	assert_int_equal(c[1].segment_id, 2);
	assert_true(fabs(c[1].score - (0.75 * 61 / 62 + 0.25)) < 1e-12);
	assert_int_equal(c[2].segment_id, 3);
	assert_true(fabs(c[2].score - 0.75 * 61 / 63) < 1e-12);
	assert_int_equal(c[3].segment_id, 4);
	assert_true(fabs(c[3].score - 0.25 * 61 / 62) < 1e-12);

	c[0] = by_words(7, 3);
	c[1] = by_words(8, 2);
	assert_int_equal(fuse(c, 2, 0, FUSION_RANK, 0), 2);
	assert_true(fabs(c[0].score - 1) < 1e-12);
	assert_true(fabs(c[1].score - 61.0 / 62) < 1e-12);
}

/* A list that found nothing has no say, unless it alone was asked. */
static void
test_fuse_empty_list(void **state)
{
	struct candidate c[2];

	(void)state;
	c[0] = by_vector(1, 0.6);
	assert_int_equal(fuse(c, 0, 1, FUSION_SUM, 0.5), 1);
	assert_true(fabs(c[0].score - 0.6) < 1e-12);
	c[0] = by_words(1, 4);
	assert_int_equal(fuse(c, 1, 0, FUSION_SUM, 0.5), 1);
	assert_true(fabs(c[0].score - 1) < 1e-12);
	c[0] = by_words(1, 4);
	assert_int_equal(fuse(c, 1, 0, FUSION_SUM, 1), 1);
	assert_true(fabs(c[0].score) < 1e-12);
	c[0] = by_vector(1, 0.6);
	assert_int_equal(fuse(c, 0, 1, FUSION_RANK, 0.5), 1);
	assert_true(fabs(c[0].score - 1) < 1e-12);
}

static void
test_spelling_ratio(void **state)
{
	(void)state;
	assert_true(fabs(fuse_spelling_ratio(0)) < 1e-12);
	assert_true(fabs(fuse_spelling_ratio(1) - 1) < 1e-12);
	assert_true(fabs(fuse_spelling_ratio(0.5) - 1.0 / 17) < 1e-12);
	assert_true(fuse_spelling_ratio(0.9) < fuse_spelling_ratio(0.95));
}

static void
test_fusion_names(void **state)
{
	enum fusion fusion;
	unsigned i;

	(void)state;
	for (i = 0; i < FUSION_COUNT; i++) {
		fusion = FUSION_COUNT;
		assert_int_equal(fusion_parse(fusion_name((enum fusion)i),
		    &fusion), 0);
		assert_int_equal(fusion, i);
	}
	assert_int_equal(fusion_parse("RRF", &fusion), ERR_INVALID);
	assert_int_equal(fusion_parse("", &fusion), ERR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cosine_survives),
	    cmocka_unit_test(test_dot_is_exact),
	    cmocka_unit_test(test_zero_vector),
	    cmocka_unit_test(test_top_keeps_the_best),
	    cmocka_unit_test(test_fuse),
	    cmocka_unit_test(test_fuse_one_list),
	    cmocka_unit_test(test_fuse_ranks),
	    cmocka_unit_test(test_fuse_empty_list),
	    cmocka_unit_test(test_spelling_ratio),
	    cmocka_unit_test(test_fusion_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
