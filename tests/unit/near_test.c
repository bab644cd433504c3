/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels against plain C, and searching rows by codes against scoring all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "search/flat.h"
#include "search/near.h"
#include "search/vector.h"

#define NEAREST 10u

static uint64_t state = 88172645463325252ULL;

static uint32_t
next(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % below;
}

/* ---- kernels ------------------------------------------------------------ */

#define ROWS 24u

static void
row_random(size_t dimensions, int extreme, int8_t *ret_row)
{
	int8_t vector[DIMENSIONS_MAX];
	size_t i;

	for (i = 0; i < dimensions; i++)
		vector[i] = extreme ? (next(2) == 0 ? -127 : 127)
				    : (int8_t)((int)next(255) - 127);
	near_row(vector, dimensions, ret_row);
}

static void
check_kernels(size_t dimensions, size_t shift, int extreme)
{
	const size_t stride = near_stride(dimensions);
	const size_t words = near_words(dimensions);
	const struct near_kernels *plain = near_kernels_at(0), *k;
	uint64_t planes[NEAR_PLANES * DIMENSIONS_MAX / 64];
	int32_t dots[ROWS], wanted_dots[ROWS];
	uint16_t far[ROWS], wanted_far[ROWS];
	int8_t *memory, *query, *rows;
	uint64_t *blocks;
	size_t i, n;

	memory = mem_array(stride, ROWS + 2);
	blocks = mem_array(words * ROWS, sizeof(*blocks));
	assert_non_null(memory);
	assert_non_null(blocks);
	query = memory + shift;
	rows = query + stride;
	row_random(dimensions, extreme, query);
	for (i = 0; i < ROWS; i++) {
		row_random(dimensions, extreme, rows + i * stride);
		near_code(rows + i * stride, stride, NEAR_LANES,
		    blocks + i / NEAR_LANES * NEAR_LANES * words +
			i % NEAR_LANES);
	}
	near_planes(query, stride, planes);
	plain->dots(query, rows, ROWS, stride, wanted_dots);
	plain->differ(planes, blocks, ROWS / NEAR_LANES, words, wanted_far);
	for (i = 0; i < ROWS; i++) {
		assert_int_equal(wanted_dots[i],
		    vector_dot(query, rows + i * stride, dimensions));
		assert_int_equal(wanted_far[i], near_differ_lane(planes,
			blocks + i / NEAR_LANES * NEAR_LANES * words,
			i % NEAR_LANES, words));
	}
	for (n = 0; (k = near_kernels_at(n)) != NULL; n++) {
		/* Kernels take several rows at a time, and what is left. */
		for (i = ROWS - 4; i <= ROWS; i++) {
			k->dots(query, rows, i, stride, dots);
			assert_memory_equal(dots, wanted_dots,
			    i * sizeof(dots[0]));
		}
		k->differ(planes, blocks, ROWS / NEAR_LANES, words, far);
		assert_memory_equal(far, wanted_far, sizeof(far));
	}
	mem_free(memory);
	mem_free(blocks);
}

static void
test_kernels(void **unused)
{
	static const size_t dimensions[] = {1, 7, 63, 64, 65, 100, 127, 128,
	    255, 256, 300, 384, 511, 768, 1000, 1024, 1536, 3072, 4095, 4096};
	size_t i, shift;

	(void)unused;
	for (i = 0; i < sizeof(dimensions) / sizeof(dimensions[0]); i++)
		for (shift = 0; shift < 4; shift++)
			check_kernels(dimensions[i], shift,
			    shift == 3);
}

/* ---- flats -------------------------------------------------------------- */

static int
order(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;

	return (left->segment_id > right->segment_id) -
	    (left->segment_id < right->segment_id);
}

static size_t
ask(const struct flat *flat, const struct flat_query *query, size_t size,
    struct candidate *list)
{
	struct top top;

	top_init(&top, list, size);
	assert_int_equal(flat_search(flat, query, &top), 0);
	qsort(list, top.count, sizeof(*list), order);
	return top.count;
}

/* How many of the nearest are found by codes. */
static size_t
recalled(const struct flat *flat, const struct flat_query *query)
{
	struct candidate some[NEAREST], all[NEAREST];
	struct flat_query exact = *query;
	size_t i, count, found = 0;

	exact.is_exact = true;
	count = ask(flat, query, NEAREST, some);
	assert_int_equal(ask(flat, &exact, NEAREST, all), count);
	for (i = 0; i < count; i++)
		found += bsearch(&all[i], some, count, sizeof(some[0]),
			     order) != NULL;
	return found;
}

#define CENTRES 200u
#define MANY 80000u
#define SHORT 96u

static void
clustered(int8_t centres[CENTRES][SHORT], int8_t *vector)
{
	const int8_t *centre = centres[next(CENTRES)];
	size_t i;

	for (i = 0; i < SHORT; i++)
		vector[i] = (int8_t)(centre[i] / 2 + (int)next(127) - 63);
}

static bool
is_every_tenth(void *arg, int64_t revision_id)
{
	(void)arg;
	return revision_id % 10 == 3;
}

/* Clusters, in 96 dimensions. */
static void
test_recall_of_clusters(void **unused)
{
	static int8_t centres[CENTRES][SHORT];
	int8_t vector[SHORT];
	struct flat_query query = {.vector = vector, .scale = 1};
	struct flat_row row = {.vector = vector, .scale = 1};
	struct flat *flat = NULL;
	size_t i, found = 0;

	(void)unused;
	for (i = 0; i < sizeof(centres); i++)
		centres[i / SHORT][i % SHORT] = (int8_t)((int)next(127) - 63);
	assert_int_equal(flat_new(SHORT, &flat), 0);
	for (i = 0; i < MANY; i++) {
		clustered(centres, vector);
		row.segment_id = (int64_t)i + 1;
		row.revision_id = (int64_t)i / 4 + 1;
		assert_int_equal(flat_add(flat, &row), 0);
	}
	assert_true(flat_rows(flat) > FLAT_EXACT);
	for (i = 0; i < 40; i++) {
		clustered(centres, vector);
		found += recalled(flat, &query);
	}
	assert_true(found >= 40 * NEAREST * 99 / 100);
	query.accept = is_every_tenth;
	for (found = i = 0; i < 10; i++) {
		clustered(centres, vector);
		found += recalled(flat, &query);
	}
	assert_true(found >= 10 * NEAREST * 99 / 100);
	flat_unref(flat);
}

static const char *const words[] = {"river", "stone", "letter", "window",
    "market", "engine", "winter", "garden", "bridge", "harbour", "mirror",
    "candle", "forest", "ladder", "school", "doctor", "ticket", "copper",
    "saddle", "blanket", "orchard", "compass", "village", "lantern", "wagon",
    "meadow", "needle", "thunder", "barrel", "velvet", "anchor", "pepper"};

static size_t
phrase(char *text, size_t size, unsigned count)
{
	size_t len = 0;

	while (count-- > 0 && len + 16 < size)
		len += (size_t)snprintf(text + len, size - len, "%s%s%u ",
		    words[next(32)], words[next(32)], next(8));
	return len;
}

/* The embedder that needs no weights: short questions over longer texts, where
 * most components of the question are 0. */
static void
test_recall_of_words(void **unused)
{
	struct embedder *embedder = embed_lexical_new();
	float components[DIMENSIONS_MAX];
	int8_t vector[DIMENSIONS_MAX];
	char text[512];
	struct embed_text of = {text, 0};
	struct flat_query query = {.vector = vector};
	struct flat_row row = {.vector = vector};
	struct flat *flat = NULL;
	size_t i, found = 0;

	(void)unused;
	assert_non_null(embedder);
	assert_int_equal(flat_new(embedder->dimensions, &flat), 0);
	for (i = 0; i < FLAT_EXACT + 4000; i++) {
		of.len = phrase(text, sizeof(text), 12);
		assert_int_equal(embedder->run(embedder, &of, 1, components,
				     NULL), 0);
		vector_quantise(components, embedder->dimensions, vector,
		    &row.scale);
		row.segment_id = row.revision_id = (int64_t)i + 1;
		assert_int_equal(flat_add(flat, &row), 0);
	}
	for (i = 0; i < 40; i++) {
		of.len = phrase(text, sizeof(text), 3);
		assert_int_equal(embedder->run(embedder, &of, 1, components,
				     NULL), 0);
		vector_quantise(components, embedder->dimensions, vector,
		    &query.scale);
		found += recalled(flat, &query);
	}
	assert_true(found >= 40 * NEAREST * 99 / 100);
	flat_unref(flat);
	embedder->close(embedder);
}

/* Segments of many rows, drafts, and rows that go. */
static void
test_drafts(void **unused)
{
	int8_t vector[3] = {100, 0, 0};
	struct flat_row row = {.vector = vector, .scale = 0.01f};
	const struct flat_query query = {.vector = vector, .scale = 0.01f};
	struct flat *flat = NULL, *draft = NULL;
	const int64_t gone[] = {2, 5}, dead[] = {3};
	struct candidate list[8];
	int64_t i;

	(void)unused;
	assert_int_equal(flat_new(3, &flat), 0);
	for (i = 0; i < 200; i++) {
		row.segment_id = i / 20 + 1;
		row.revision_id = row.segment_id / 2;
		vector[0] = (int8_t)(i % 20);
		assert_int_equal(flat_add(flat, &row), 0);
	}
	vector[0] = 100;
	assert_int_equal(ask(flat, &query, 8, list), 8);
	for (i = 0; i < 8; i++) {
		assert_int_equal(list[i].segment_id, i + 1);
		assert_true(list[i].cosine > 0.189 && list[i].cosine < 0.191);
	}
	assert_int_equal(flat_draft(flat, &draft), 0);
	assert_int_equal(flat_kill_segments(draft, gone, 2), 0);
	assert_int_equal(flat_kill_revisions(draft, dead, 1), 0);
	assert_int_equal(flat_dead(draft), 80);
	row.segment_id = 5;
	assert_int_equal(flat_add(draft, &row), 0);
	assert_int_equal(ask(draft, &query, 8, list), 7);
	assert_int_equal(list[0].segment_id, 1);
	assert_int_equal(list[1].segment_id, 3);
	assert_int_equal(list[2].segment_id, 4);
	assert_int_equal(list[3].segment_id, 5);
	assert_true(list[3].cosine > 0.99);
	assert_int_equal(list[4].segment_id, 8);
	/* What it was made of is as it was. */
	assert_int_equal(flat_dead(flat), 0);
	assert_int_equal(ask(flat, &query, 8, list), 8);
	flat_unref(flat);
	assert_int_equal(ask(draft, &query, 8, list), 7);
	flat_unref(draft);
	flat_unref(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kernels),
	    cmocka_unit_test(test_drafts),
	    cmocka_unit_test(test_recall_of_clusters),
	    cmocka_unit_test(test_recall_of_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
