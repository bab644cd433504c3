/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feature hashing: each term and each character trigram of a term has a hash,
 * which names one of the dimensions and a sign; what falls into the same
 * dimension with different signs cancels out on average, so that the dot
 * product of two vectors estimates what the texts share.
 *
 * A feature's nth occurrence adds 1 + ln(n) - (1 + ln(n - 1)): the sum is
 * sublinear, and no list of features is kept.  Occurrences are counted in
 * small tables that live in the first-level cache; two features that share
 * a slot count each other, which is rare and only makes them lighter.
 *
 * Words weigh by length, as there is no corpus to take a frequency from;
 * stop words weigh little and give no trigrams, which are the spelling's
 * safety net: a misspelled word shares about half of them with the right one.
 *
 * Sums are integers, the rest is one square root and one product: the same
 * text gives the same bits on every machine.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "embed/embed.h"
#include "text/stop.h"
#include "text/words_scan.h"

#define DIMENSIONS 256
#define COUNT_SLOTS 8192u /* a power of two */
#define STEPS 32

#define MIX_WORD 0x9E3779B97F4A7C15ULL
#define MIX_TRIGRAM 0xD1342543DE82EF95ULL

/* Characters that no term holds mark its edges. */
#define EDGE_BEGIN 1
#define EDGE_END 2

struct lexical {
	struct embedder embedder;
	struct stop_set stops;
};

struct counts {
	int32_t sums[DIMENSIONS];
	uint8_t words[COUNT_SLOTS];
	uint8_t trigrams[COUNT_SLOTS];
};

/* 256 times what the (n + 1)th occurrence adds; nothing after the last. */
static const int32_t steps[STEPS] = { 256, 177, 104, 74, 57, 47, 39, 34, 30,
	27, 24, 22, 20, 19, 18, 17, 16, 15, 14, 13, 12, 12, 11, 11, 10, 10,
	10, 9, 9, 9, 8, 0 };

/* 16 times a word's weight, by its bytes: long words are the rare ones. */
static const int32_t word_weights[] = { 0, 5, 8, 11, 13, 15, 16, 17, 18, 19,
	20, 20, 20 };

#define WORD_WEIGHTS (sizeof(word_weights) / sizeof(*word_weights))
#define STOP_WEIGHT 2
#define TRIGRAM_WEIGHT 8 /* 7 to 9 found most, misspelled or not */

/* Count one more of the feature; hash has its best bits on top. */
static inline void
add_feature(int32_t *sums, uint8_t *counts, uint64_t hash, int32_t weight)
{
	uint8_t *count = &counts[hash >> 51];
	int32_t sign = -(int32_t)(hash >> 42 & 1);
	int32_t add = steps[*count] * weight;

	*count = (uint8_t)(*count + (*count < STEPS - 1));
	sums[hash >> 43 & (DIMENSIONS - 1)] += (add ^ sign) - sign;
}

_Static_assert(COUNT_SLOTS == 1u << (64 - 51), "the shift fits the table");

static inline void
add_trigrams(struct counts *counts, const char *term, size_t len)
{
	uint64_t three = (uint64_t)EDGE_BEGIN << 42;
	size_t i = 0, step = 1, seen = 0;
	uint32_t c;

	/* Three characters of 21 bits: the oldest falls out below. */
	while (i <= len) {
		if (i == len) {
			c = EDGE_END;
			step = 1;
		} else if (((unsigned char)term[i] & 0x80) == 0) {
			c = (unsigned char)term[i];
			step = 1;
		} else {
			c = utf8_decode(term + i, len - i, &step);
		}
		i += step;
		three = three >> 21 | (uint64_t)(c & 0x1FFFFF) << 42;
		if (seen++ > 0)
			add_feature(counts->sums, counts->trigrams,
			    (three ^ three >> 31) * MIX_TRIGRAM,
			    TRIGRAM_WEIGHT);
	}
}

/* Text without a term ("---") gets a dimension of its own by its bytes: a
 * vector of unit length, found again by the same text. */
static void
embed_bytes(const struct embed_text *text, float *vector)
{
	uint64_t hash = text->len;
	size_t i;

	for (i = 0; i < text->len; i++)
		hash = (hash ^ (unsigned char)text->text[i]) * MIX_WORD;
	memset(vector, 0, DIMENSIONS * sizeof(*vector));
	vector[hash >> 56] = 1.0f;
}

static void
embed_one(const struct lexical *lexical, const struct embed_text *text,
    struct counts *counts, float *vector)
{
	struct words_scan scan;
	uint64_t hash, squares = 0;
	double scale;
	size_t i;

	memset(counts, 0, sizeof(*counts));
	words_scan_init(&scan, text->text, text->len);
	while (words_scan_next(&scan)) {
		hash = words_scan_hash(&scan);
		if (stop_set_has(&lexical->stops, hash)) {
			add_feature(counts->sums, counts->words,
			    hash * MIX_WORD, STOP_WEIGHT);
			continue;
		}
		add_feature(counts->sums, counts->words, hash * MIX_WORD,
		    word_weights[scan.term_len < WORD_WEIGHTS ?
			scan.term_len : WORD_WEIGHTS - 1]);
		add_trigrams(counts, scan.term, scan.term_len);
	}
	for (i = 0; i < DIMENSIONS; i++)
		squares += (uint64_t)((int64_t)counts->sums[i] *
		    counts->sums[i]);
	if (squares == 0) {
		embed_bytes(text, vector);
		return;
	}
	scale = 1.0 / sqrt((double)squares);
	for (i = 0; i < DIMENSIONS; i++)
		vector[i] = (float)(counts->sums[i] * scale);
}

static int
lexical_run(struct embedder *self, const struct embed_text *texts,
    size_t count, float *vectors, struct err_note *note)
{
	/* The embedder is the first member. */
	const struct lexical *lexical = (const struct lexical *)self;
	struct counts counts;
	size_t i;

	(void)note;
	for (i = 0; i < count; i++)
		embed_one(lexical, &texts[i], &counts,
		    vectors + i * DIMENSIONS);
	return 0;
}

static void
lexical_close(struct embedder *self)
{
	mem_free(self);
}

struct embedder *
embed_lexical_new(void)
{
	struct lexical *lexical;

	lexical = mem_zalloc(sizeof(*lexical));
	if (lexical == NULL)
		return NULL;
	lexical->embedder.name = "lexical";
	lexical->embedder.is_by_spelling = true;
	lexical->embedder.dimensions = DIMENSIONS;
	lexical->embedder.run = lexical_run;
	lexical->embedder.close = lexical_close;
	stop_set_init(&lexical->stops);
	return &lexical->embedder;
}
