/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "embed/embed.h"

#define DIMENSIONS 256
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void
embed(struct embedder *embedder, const char *text, float *vector)
{
	struct embed_text one = { text, strlen(text) };

	assert_int_equal(embedder->run(embedder, &one, 1, vector, NULL), 0);
}

static double
dot(const float *a, const float *b)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < DIMENSIONS; i++)
		sum += (double)a[i] * (double)b[i];
	return sum;
}

static const char *const library[] = {
	"The database commits transactions in groups and syncs the log.",
	"A recipe for bread: flour, water, salt and yeast; bake for an hour.",
	"Kubernetes schedules containers on the nodes of a cluster.",
	"The orchestra played a symphony by Beethoven in the old theatre.",
	"Photosynthesis turns sunlight, water and carbon dioxide into sugar.",
	"Our refund policy lets customers return goods within thirty days.",
	"Install the printer driver before you connect the USB cable.",
	"Elephants live in herds that are led by the oldest female.",
	"The treaty was signed in Westphalia and ended thirty years of war.",
	"Configure the firewall so that it refuses incoming connections.",
	"The telescope observes distant galaxies in infrared light.",
	"\xE6\x9D\xB1\xE4\xBA\xAC\xE3\x81\xAF\xE6\x97\xA5\xE6\x9C\xAC",
};

static const struct {
	const char *query;
	size_t nearest;
} queries[] = {
	{ "databse transactoins", 0 },
	{ "bread recipie with yest", 1 },
	{ "kubernets containrs", 2 },
	{ "bethoven simphony", 3 },
	{ "fotosynthesis", 4 },
	{ "How can I get a refnd?", 5 },
	{ "instaling a prinnter", 6 },
	{ "elefants herd", 7 },
	{ "westfalia treaties", 8 },
	{ "what is firewal configuration", 9 },
	{ "telescop galaxys", 10 },
	{ "\xE6\x9D\xB1\xE4\xBA\xAC", 11 },
};

static void
test_misspelled(void **state)
{
	struct embedder *embedder = embed_lexical_new();
	static float vectors[COUNT(library) * DIMENSIONS];
	struct embed_text texts[COUNT(library)];
	float query[DIMENSIONS];
	size_t i, k, best;

	(void)state;
	assert_non_null(embedder);
	assert_string_equal(embedder->name, "lexical");
	assert_int_equal(embedder->dimensions, DIMENSIONS);
	for (i = 0; i < COUNT(library); i++)
		texts[i] = (struct embed_text){ library[i],
			strlen(library[i]) };
	assert_int_equal(embedder->run(embedder, texts, COUNT(library),
	    vectors, NULL), 0);
	for (i = 0; i < COUNT(queries); i++) {
		embed(embedder, queries[i].query, query);
		best = 0;
		for (k = 1; k < COUNT(library); k++) {
			if (dot(query, vectors + k * DIMENSIONS) >
			    dot(query, vectors + best * DIMENSIONS))
				best = k;
		}
		assert_int_equal(best, queries[i].nearest);
	}
	embedder->close(embedder);
}

static void
test_unit_length(void **state)
{
	static const char *const texts[] = { "", "---", "a", "the", "the of",
		"word", "\xE4\xB8\xAD", " \n" };
	struct embedder *embedder = embed_lexical_new();
	static char text[100000];
	float vector[DIMENSIONS], again[DIMENSIONS];
	uint64_t seed = 0xE3BED;
	struct embed_text one;
	size_t i, k;

	(void)state;
	assert_non_null(embedder);
	for (i = 0; i < COUNT(texts); i++) {
		embed(embedder, texts[i], vector);
		assert_true(fabs(dot(vector, vector) - 1) < 1e-5);
	}
	/* Any bytes, any length, and the same again gives the same. */
	for (i = 0; i < 60; i++) {
		one.text = text;
		one.len = i * i * 27;
		for (k = 0; k < one.len; k++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			text[k] = i % 2 == 0 ? (char)(seed >> 20) :
			    "abcdefgh \xC3\xA9"[seed >> 20 & 7];
		}
		assert_int_equal(embedder->run(embedder, &one, 1, vector,
		    NULL), 0);
		assert_int_equal(embedder->run(embedder, &one, 1, again,
		    NULL), 0);
		assert_memory_equal(vector, again, sizeof(vector));
		assert_true(fabs(dot(vector, vector) - 1) < 1e-5);
	}
	embedder->close(embedder);
}

/* Stored vectors are compared with new queries: they must not change. */
static void
test_is_stable(void **state)
{
	struct embedder *embedder = embed_lexical_new();
	float vector[DIMENSIONS];
	uint64_t print = 0;
	uint32_t bits;
	size_t i;

	(void)state;
	assert_non_null(embedder);
	embed(embedder, "A tide mark shows how high the water came; gr\xC3\xBC"
	    "n, \xE6\x9D\xB1\xE4\xBA\xAC, internationalization.", vector);
	for (i = 0; i < DIMENSIONS; i++) {
		memcpy(&bits, &vector[i], sizeof(bits));
		print = (print ^ bits) * 0x100000001B3ULL;
	}
	assert_int_equal(print, 0x7a9af9c7783982c8ULL);
	embedder->close(embedder);
	mem_fail_at(1);
	assert_null(embed_lexical_new());
	mem_fail_at(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_misspelled),
		cmocka_unit_test(test_unit_length),
		cmocka_unit_test(test_is_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
