/* SPDX-License-Identifier: Apache-2.0 */
/* What finds have in common, against values that were worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "search/feedback.h"
#include "text/stop.h"

static struct stop_set stops;

static void
put(struct feedback *feedback, const char *term, uint32_t count)
{
	assert_int_equal(feedback_put(feedback, term, strlen(term), count),
	    0);
}

static void
check(const struct feedback_term *term, const char *text, double weight)
{
	assert_string_equal(term->text, text);
	assert_true(fabs(term->weight - weight) < 1e-12);
}

/*
 * Two segments, scores 10 and 5: weights 1 and (1/2)^8 / 2 = 1/512.  The first
 * has tide 2, moon 1, the 1 and x 1: five in length, all of which count
 * there; the second has moon 3, sea 1.
 *
 *	tide	2/5			= 2048/5120
 *	moon	1/5 + 3/4/512		= 1024/5120 + 7.5/5120
 *	sea	1/4/512			= 2.5/5120
 *
 * Scores fall steeply (f = 0.5/5), so four words asked let 0.4 of the query be
 * theirs: 4 * 0.4/0.6, of which tide has 2048/3082.
 */
static void
test_by_hand(void **state)
{
	struct feedback_term terms[FEEDBACK_TERMS];
	struct feedback *feedback = feedback_new(&stops);
	double all = 4 * 0.4 / 0.6;

	(void)state;
	assert_non_null(feedback);
	feedback_segment(feedback, 10);
	put(feedback, "tide", 1);
	put(feedback, "the", 1);
	put(feedback, "moon", 1);
	put(feedback, "tide", 1);
	put(feedback, "x", 1);
	feedback_segment(feedback, 5);
	put(feedback, "moon", 3);
	put(feedback, "sea", 1);
	assert_int_equal(feedback_end(feedback, 4, terms), 3);
	check(&terms[0], "tide", all * 2048 / 3082);
	check(&terms[1], "moon", all * 1031.5 / 3082);
	check(&terms[2], "sea", all * 2.5 / 3082);
	feedback_free(feedback);
}

/* The sum of the weights, of segments of one term each. */
static double
weight_of(const double *scores, size_t count, double asked)
{
	struct feedback_term terms[FEEDBACK_TERMS];
	struct feedback *feedback = feedback_new(&stops);
	double sum = 0;
	size_t i, n;

	assert_non_null(feedback);
	for (i = 0; i < count; i++) {
		feedback_segment(feedback, scores[i]);
		put(feedback, i % 2 == 0 ? "ebb" : "flood", 1);
	}
	n = feedback_end(feedback, asked, terms);
	assert_int_equal(n, count > 1 ? 2 : 1);
	for (i = 0; i < n; i++)
		sum += terms[i].weight;
	feedback_free(feedback);
	return sum;
}

static void
test_share(void **state)
{
	static const double flat[] = {8, 8, 8, 8, 8, 8};
	/* f = 4.25 / 5 = 0.85: half way. */
	static const double half[] = {8, 7.2, 7.2, 7.2, 6.4, 6};

	(void)state;
	assert_true(fabs(weight_of(flat, 6, 9) - 9 * 0.1 / 0.9) < 1e-12);
	assert_true(fabs(weight_of(half, 6, 9) - 9 * 0.25 / 0.75) < 1e-12);
	/* Places that nothing is at count 0: f = 0.6. */
	assert_true(fabs(weight_of(flat, 4, 9) - 9 * 0.4 / 0.6) < 1e-12);
	assert_true(fabs(weight_of(flat, 1, 1) - 0.1 / 0.9) < 1e-12);
	assert_true(fabs(weight_of(flat, 1, 2) - 2 * 0.2 / 0.8) < 1e-12);
}

static void
test_no_more_segments(void **state)
{
	struct feedback_term terms[FEEDBACK_TERMS];
	struct feedback *feedback = feedback_new(&stops);
	unsigned i;

	(void)state;
	assert_non_null(feedback);
	for (i = 0; i < FEEDBACK_SEGMENTS; i++) {
		feedback_segment(feedback, 3);
		put(feedback, "kelp", 1);
	}
	feedback_segment(feedback, 3);
	assert_int_equal(feedback_put(feedback, "late", 4, 1), 1);
	assert_int_equal(feedback_end(feedback, 4, terms), 1);
	assert_string_equal(terms[0].text, "kelp");
	assert_int_equal(feedback_put(feedback, "late", 4, 1), 1);
	feedback_free(feedback);
}

static void
test_no_more_bytes(void **state)
{
	struct feedback *feedback = feedback_new(&stops);
	struct feedback_term terms[FEEDBACK_TERMS];
	unsigned segment, i;
	char term[16];

	(void)state;
	assert_non_null(feedback);
	/* 4096 bytes are 585 terms of seven; more different ones than there
	 * is room for. */
	for (segment = 0; segment < FEEDBACK_SEGMENTS; segment++) {
		feedback_segment(feedback, 9 - segment);
		for (i = 0; i < 585; i++) {
			(void)snprintf(term, sizeof(term), "w%03u%03u",
			    segment, i);
			put(feedback, term, 1 + (i == 500));
		}
		assert_int_equal(feedback_put(feedback, "w999999", 7, 9), 1);
		/* One byte more than is left is too much, one that fits may
		 * come. */
		assert_int_equal(feedback_put(feedback, "z", 1, 1), 0);
		assert_int_equal(feedback_put(feedback, "z", 1, 1), 1);
	}
	assert_int_equal(feedback_end(feedback, 4, terms), FEEDBACK_TERMS);
	assert_string_equal(terms[0].text, "w000500");
	assert_string_equal(terms[1].text, "w000000"); /* equal: by bytes */
	assert_string_equal(terms[15].text, "w000014");
	feedback_free(feedback);
}

static void
test_nothing(void **state)
{
	struct feedback_term terms[FEEDBACK_TERMS];
	struct feedback *feedback = feedback_new(&stops);

	(void)state;
	assert_non_null(feedback);
	assert_int_equal(feedback_end(feedback, 4, terms), 0);
	feedback_free(feedback);
	feedback = feedback_new(&stops);
	assert_non_null(feedback);
	feedback_segment(feedback, 2);
	put(feedback, "and", 5); /* says nothing */
	put(feedback, "7", 5);
	assert_int_equal(feedback_end(feedback, 4, terms), 0);
	feedback_free(feedback);
	feedback_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_by_hand),
	    cmocka_unit_test(test_share),
	    cmocka_unit_test(test_no_more_segments),
	    cmocka_unit_test(test_no_more_bytes),
	    cmocka_unit_test(test_nothing),
	};

	stop_set_init(&stops);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
