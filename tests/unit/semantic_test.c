/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text cut where its matter changes: exact pieces, and what holds for any
 * text, vectors and threshold.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "embed/embed.h"
#include "model/block.h"
#include "text/chunk.h"

#define FEW 8u /* dimensions of vectors that say nothing */

static const char bread[] =
    "Sourdough bread begins with a starter of flour and water. The baker "
    "feeds the starter with fresh flour every day. Wild yeast in the starter "
    "makes the dough rise slowly. Knead the dough until it is smooth, then "
    "let the dough rest. Bake the bread in a hot oven with steam for a crisp "
    "crust. A loaf of bread should cool before the baker cuts the crust.";
static const char planets[] =
    "Jupiter is the largest planet that orbits the sun. Saturn is a planet "
    "with rings of ice and rock. Each planet moves in an orbit around the "
    "sun. The moons of Jupiter orbit the planet in a few days. A telescope "
    "shows the rings of Saturn and the moons of Jupiter. Astronomers measure "
    "the orbit of each planet with a telescope.";
static const char taxes[] =
    "The tax office expects the tax return in May. Employees deduct travel "
    "costs from their taxable income. A late tax return costs a penalty and "
    "interest. Income from rent is taxable income as well. Keep every "
    "receipt, as the tax office may ask for a receipt. The tax office pays "
    "back what was deducted from income too much.";

/* Where vectors come from, and what was given out: texts and sections, each
 * ended by "\f". */
struct taken {
	struct chunk_rule rule;
	struct embedder *lexical; /* or numbers made of the bytes */
	double squeeze; /* what all lexical vectors share */
	size_t texts_embedded, fail_embed_at;
	struct buf texts, sections;
	uint32_t count, fail_at, pages_end;
	uint64_t hash;
	bool is_counted;
};

static int
embed_lexical(const struct taken *taken, const struct chunk_text *texts,
    size_t count, float *ret_vectors)
{
	struct embed_text to_embed[CHUNK_EMBED_MAX] = {{NULL, 0}};
	size_t i, k, dimensions = taken->lexical->dimensions;
	double share = taken->squeeze, rest = sqrt(1.0 - share * share);
	float *row;
	int err;

	for (i = 0; i < count; i++)
		to_embed[i] = (struct embed_text){texts[i].text,
		    texts[i].len};
	err = taken->lexical->run(taken->lexical, to_embed, count, ret_vectors,
	    NULL);
	for (i = count; share > 0.0 && i-- > 0;) {
		row = ret_vectors + i * (dimensions + 1);
		memmove(row, ret_vectors + i * dimensions,
		    dimensions * sizeof(*row));
		for (k = 0; k < dimensions; k++)
			row[k] *= (float)rest;
		row[dimensions] = (float)share;
	}
	return err;
}

static int
embed(void *arg, const struct chunk_text *texts, size_t count,
    float *ret_vectors)
{
	struct taken *taken = arg;
	uint64_t hash;
	size_t i, k;

	assert_in_range(count, 1, CHUNK_EMBED_MAX);
	for (i = 0; i < count; i++) {
		assert_in_range(texts[i].len, 1, 4000);
		if (++taken->texts_embedded == taken->fail_embed_at)
			return ERR_UPSTREAM;
	}
	if (taken->lexical != NULL)
		return embed_lexical(taken, texts, count, ret_vectors);
	for (i = 0; i < count; i++) {
		hash = 1469598103934665603u;
		for (k = 0; k < texts[i].len; k++)
			hash = (hash ^ (unsigned char)texts[i].text[k]) *
			    1099511628211u;
		for (k = 0; k < FEW; k++, hash *= 0x9E3779B97F4A7C15u)
			ret_vectors[i * FEW + k] =
			    (float)(hash >> 40) / 16777216.0f - 0.25f;
	}
	return 0;
}

static int
take(void *arg, const struct chunk *chunk)
{
	struct taken *taken = arg;
	size_t i;

	if (taken->count + 1 == taken->fail_at)
		return ERR_IO;
	assert_int_equal(chunk->ordinal, taken->count);
	taken->count++;
	assert_in_range(chunk->len, 1, SEGMENT_BYTES_MAX);
	assert_true(utf8_is_valid(chunk->text, chunk->len));
	assert_int_equal(chunk->chars, utf8_count(chunk->text, chunk->len));
	assert_in_range(chunk->chars, 1, taken->rule.cut.chars_max);
	assert_true(chunk->page_start <= chunk->page_end);
	taken->pages_end = chunk->page_end;
	for (i = 0; i < chunk->len; i++)
		taken->hash = taken->hash * 31 + (unsigned char)chunk->text[i];
	taken->hash = taken->hash * 31 + chunk->page_start;
	for (i = 0; i < chunk->child_count; i++)
		assert_true(chunk->children[i].start +
			chunk->children[i].len <= chunk->len);
	if (taken->is_counted)
		return 0;
	(void)buf_put(&taken->texts, chunk->text, chunk->len);
	(void)buf_putc(&taken->texts, '\f');
	(void)buf_puts(&taken->sections, chunk->section);
	(void)buf_putc(&taken->sections, '\f');
	return 0;
}

static void
taken_init(struct taken *taken, uint32_t chars_max, double threshold)
{
	memset(taken, 0, sizeof(*taken));
	taken->rule.cut = (struct chunk_cut){.method = CHUNK_SEMANTIC,
	    .chars_max = chars_max, .threshold = threshold};
	buf_init(&taken->texts, 64 * MIB);
	buf_init(&taken->sections, 64 * MIB);
}

static void
taken_fini(struct taken *taken)
{
	buf_fini(&taken->texts);
	buf_fini(&taken->sections);
	if (taken->lexical != NULL)
		taken->lexical->close(taken->lexical);
}

static struct chunker *
begin(struct taken *taken)
{
	struct chunker *chunker;
	size_t dimensions = taken->lexical == NULL ? FEW
		: taken->lexical->dimensions + (taken->squeeze > 0.0);

	assert_true(chunk_rule_is_valid(&taken->rule));
	chunker = chunker_new(&taken->rule, take, taken);
	if (chunker != NULL &&
	    chunker_set_embed(chunker, dimensions, embed, taken) < 0) {
		chunker_free(chunker);
		return NULL;
	}
	return chunker;
}

static int
add(struct chunker *chunker, enum block_kind kind, uint8_t level,
    const char *text, uint32_t page)
{
	struct block block = {.kind = kind, .level = level, .text = text,
	    .len = strlen(text), .page = page};

	return chunker_add(chunker, &block);
}

/* ---- by matter ----------------------------------------------------------- */

static void
expect_topics(double squeeze, bool is_one_block)
{
	char text[sizeof(bread) + sizeof(planets) + sizeof(taxes)];
	char expected[sizeof(text) + 8];
	struct chunker *chunker;
	struct taken taken;

	taken_init(&taken, 1200, 0.5);
	taken.lexical = embed_lexical_new();
	assert_non_null(taken.lexical);
	taken.squeeze = squeeze;
	chunker = begin(&taken);
	assert_non_null(chunker);
	(void)snprintf(text, sizeof(text), "%s %s %s", bread, planets, taxes);
	(void)snprintf(expected, sizeof(expected), "%s\f%s\f%s\f", bread,
	    planets, taxes);
	if (is_one_block) {
		assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, text, 1),
		    0);
	} else {
		assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, bread, 1),
		    0);
		assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, planets, 1),
		    0);
		assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, taxes, 1),
		    0);
	}
	assert_int_equal(chunker_end(chunker), 0);
	assert_string_equal(buf_text(&taken.texts), expected);
	assert_int_equal(taken.texts_embedded, 18);
	chunker_free(chunker);
	taken_fini(&taken);
}

/* Three topics that nothing but the words of their sentences tells apart; and
 * an embedder to which all texts are alike. */
static void
test_topics(void **state)
{
	(void)state;
	expect_topics(0.0, true);
	expect_topics(0.0, false);
	expect_topics(0.8, true);
}

/* ---- structure ----------------------------------------------------------- */

static void
test_structure(void **state)
{
	struct chunker *chunker;
	struct taken taken;

	(void)state;
	taken_init(&taken, 200, 0.0);
	chunker = begin(&taken);
	assert_non_null(chunker);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, "Before.", 1), 0);
	assert_int_equal(add(chunker, BLOCK_HEADING, 1, "Guide", 1), 0);
	assert_int_equal(add(chunker, BLOCK_HEADING, 2, "Install", 1), 0);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, "One.", 2), 0);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, "Two.", 2), 0);
	assert_int_equal(add(chunker, BLOCK_LIST_ITEM, 1, "a", 2), 0);
	assert_int_equal(add(chunker, BLOCK_LIST_ITEM, 1, "b", 2), 0);
	assert_int_equal(add(chunker, BLOCK_CODE, 0, "  c;\n  d;", 3), 0);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, " ", 3), 0);
	assert_int_equal(add(chunker, BLOCK_HEADING, 2, "Empty", 3), 0);
	assert_int_equal(add(chunker, BLOCK_HEADING, 1, "End", 4), 0);
	assert_int_equal(chunker_end(chunker), 0);
	assert_string_equal(buf_text(&taken.texts), "Before.\f"
	    "Guide\n\nInstall\n\nOne.\n\nTwo.\n\na\nb\n\n  c;\n  d;\f"
	    "Empty\fEnd\f");
	assert_string_equal(buf_text(&taken.sections), "\f"
	    "Guide\x1FInstall\fGuide\x1F" "Empty\fEnd\f");
	assert_int_equal(taken.pages_end, 4);
	/* What cannot be cut is not compared. */
	assert_int_equal(taken.texts_embedded, 0);
	chunker_free(chunker);
	taken_fini(&taken);
}

/* At the highest threshold each sentence that is no crumb stands alone; a
 * heading never does when there is something below. */
static void
test_sentences(void **state)
{
	struct chunker *chunker;
	struct taken taken;

	(void)state;
	taken_init(&taken, 200, 1.0);
	chunker = begin(&taken);
	assert_non_null(chunker);
	assert_int_equal(add(chunker, BLOCK_HEADING, 1,
	    "What is it all about, and why?", 1), 0);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0,
	    "This is a sentence of some words. And so is the other one, too. "
	    "No. But that was none by itself.", 1), 0);
	assert_int_equal(chunker_end(chunker), 0);
	assert_string_equal(buf_text(&taken.texts),
	    "What is it all about, and why?\n\n"
	    "This is a sentence of some words.\f"
	    "And so is the other one, too.\f"
	    "No. But that was none by itself.\f");
	chunker_free(chunker);
	taken_fini(&taken);
}

static void
test_overlap(void **state)
{
	struct chunker *chunker;
	struct taken taken;

	(void)state;
	taken_init(&taken, 70, 1.0);
	taken.rule.cut.overlap_chars = 35;
	chunker = begin(&taken);
	assert_non_null(chunker);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0,
	    "The first has thirty characters. The second one has as many, "
	    "or. The third follows them closely.", 1), 0);
	assert_int_equal(chunker_end(chunker), 0);
	assert_string_equal(buf_text(&taken.texts),
	    "The first has thirty characters.\f"
	    "The first has thirty characters. The second one has as many, "
	    "or.\f"
	    "The second one has as many, or. The third follows them "
	    "closely.\f");
	chunker_free(chunker);
	taken_fini(&taken);
}

/* ---- any text ------------------------------------------------------------ */

static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static size_t
random_text(uint64_t *seed, char *text, size_t size)
{
	static const char *const words[] = {"a", "word", "Another ", ". ",
	    " ", ". The ", "\n", "? ", "\xC3\xA9", "\xE6\x97\xA5",
	    "\xE3\x80\x82", "\xF0\x9F\x98\x80", "longerwordthanothers", "Dr."};
	unsigned kinds = 1 + (unsigned)(next_random(seed) % 14);
	size_t len = 0, n, max = next_random(seed) %
	    (next_random(seed) % 8 == 0 ? size : 400);
	const char *word;

	for (;;) {
		word = words[(next_random(seed) >> 8) % kinds];
		n = strlen(word);
		if (len + n > max)
			return len;
		memcpy(text + len, word, n);
		len += n;
	}
}

static void
put_visible(struct buf *buf, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (strchr(" \n\t\f", text[i]) == NULL)
			(void)buf_putc(buf, text[i]);
	}
}

static int
add_random(struct chunker *chunker, uint64_t seed, unsigned count,
    struct buf *visible)
{
	static char text[30000];
	struct block block = {.page = 1};
	int err;

	while (count-- > 0) {
		block.kind = (enum block_kind)(1 + next_random(&seed) % 5);
		if (block.kind == BLOCK_HEADING && next_random(&seed) % 4)
			block.kind = BLOCK_PARAGRAPH;
		block.level = (uint8_t)(next_random(&seed) % 8);
		block.is_continued = next_random(&seed) % 6 == 0;
		block.page += next_random(&seed) % 5 == 0;
		block.text = text;
		block.len = random_text(&seed, text, sizeof(text));
		err = chunker_add(chunker, &block);
		if (err < 0)
			return err;
		if (visible != NULL)
			put_visible(visible, text, block.len);
	}
	return chunker_end(chunker);
}

/* What seed and rule give. */
static void
run(struct taken *taken, const struct chunk_rule *rule, uint64_t seed,
    struct buf *visible)
{
	struct chunker *chunker;

	taken_init(taken, 64, 0.0);
	taken->rule = *rule;
	chunker = begin(taken);
	assert_non_null(chunker);
	assert_int_equal(add_random(chunker, seed, 60, visible), 0);
	chunker_free(chunker);
}

static void
test_nothing_is_lost(void **state)
{
	struct chunk_rule rule = {.cut = {.method = CHUNK_SEMANTIC}};
	struct taken taken, again;
	struct buf visible, got;
	uint64_t seed = 0x5E3A;
	int round;

	(void)state;
	for (round = 0; round < 100; round++) {
		rule.cut.chars_max = (uint32_t)(64 + next_random(&seed) %
		    (round % 10 == 0 ? 7936 : 400));
		rule.cut.threshold = (double)(next_random(&seed) % 11) / 10;
		buf_init(&visible, 64 * MIB);
		buf_init(&got, 64 * MIB);
		run(&taken, &rule, seed, &visible);
		put_visible(&got, buf_text(&taken.texts), taken.texts.len);
		assert_string_equal(buf_text(&visible), buf_text(&got));
		run(&again, &rule, seed, NULL);
		assert_int_equal(taken.count, again.count);
		assert_int_equal(taken.hash, again.hash);
		assert_string_equal(buf_text(&taken.sections),
		    buf_text(&again.sections));
		buf_fini(&visible);
		buf_fini(&got);
		taken_fini(&taken);
		taken_fini(&again);
	}
}

/* Every end of a segment of coarse is one of fine: they have the same
 * characters between them. */
static void
expect_finer(const struct taken *coarse, const struct taken *fine)
{
	const char *a = buf_text(&coarse->texts), *b = buf_text(&fine->texts);

	assert_true(coarse->count <= fine->count);
	while (*a != '\0' || *b != '\0') {
		if (*a == '\f' && *b != '\f') {
			assert_true(*b == '\0' || strchr(" \n\t", *b) != NULL);
			b++;
		} else if (*a != '\0' && strchr(" \n\t\f", *a) != NULL) {
			a += *a == '\f' ? *b == '\f' : 1;
			b += *b == '\f';
		} else if (*b != '\0' && strchr(" \n\t\f", *b) != NULL) {
			b++;
		} else {
			assert_int_equal(*a++, *b++);
		}
	}
}

static void
test_threshold(void **state)
{
	static const double all[] = {0.0, 0.01, 0.1, 0.3, 0.5, 0.6, 0.8, 0.95,
	    1.0};
	struct chunk_rule rule = {.cut = {.method = CHUNK_SEMANTIC}};
	struct taken before, taken;
	uint64_t seed = 0x7E5;
	unsigned differ = 0;
	size_t i;
	int round;

	(void)state;
	for (round = 0; round < 30; round++) {
		rule.cut.chars_max = (uint32_t)(64 + next_random(&seed) %
		    (round % 4 == 0 ? 7936 : 1000));
		rule.cut.overlap_chars = round % 3 == 2
			? rule.cut.chars_max / 4 : 0;
		memset(&before, 0, sizeof(before));
		for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
			rule.cut.threshold = all[i];
			run(&taken, &rule, seed, NULL);
			assert_true(before.count <= taken.count);
			differ += i > 0 && before.count < taken.count;
			if (i > 0 && rule.cut.overlap_chars == 0)
				expect_finer(&before, &taken);
			if (i > 0)
				taken_fini(&before);
			before = taken;
		}
		taken_fini(&before);
		(void)next_random(&seed);
	}
	assert_true(differ > 50);
}

static void
test_overlap_random(void **state)
{
	struct chunk_rule rule = {.cut = {.method = CHUNK_SEMANTIC}};
	struct taken taken;
	uint64_t seed = 0x0F17;
	int round;

	(void)state;
	for (round = 0; round < 100; round++) {
		rule.cut.chars_max = (uint32_t)(64 + next_random(&seed) %
		    (round % 3 == 0 ? 7936 : 300));
		rule.cut.overlap_chars = (uint32_t)(next_random(&seed) %
		    (rule.cut.chars_max / 2 + 1));
		rule.cut.threshold = 0.5;
		rule.child = (struct chunk_cut){.method = CHUNK_STRUCTURE,
		    .chars_max = 64, .overlap_chars = (uint32_t)round % 32};
		run(&taken, &rule, seed, NULL);
		taken_fini(&taken);
	}
}

/* Megabytes without a heading, in blocks that go on and on. */
static void
test_long(void **state)
{
	static const char *const fills[] = {"Some sentence of words. ", "x",
	    ". ", "\n", "A line of it\n", "\xF0\x9F\x98\x80",
	    "\xE6\x97\xA5\xE3\x80\x82", "\" ", "A. "};
	struct block block = {.kind = BLOCK_PARAGRAPH};
	struct chunker *chunker;
	struct taken taken;
	size_t i, n, at, len;
	char *text;

	(void)state;
	text = mem_alloc(16 * MIB);
	assert_non_null(text);
	for (i = 0; i < sizeof(fills) / sizeof(fills[0]); i++) {
		len = i < 1 ? 16 * MIB : MIB;
		for (n = 0; n < len; n++)
			text[n] = fills[i][n % strlen(fills[i])];
		taken_init(&taken, 1200, 0.5);
		taken.is_counted = true;
		chunker = begin(&taken);
		assert_non_null(chunker);
		len = utf8_floor(text, len, len - 4);
		for (at = 0; at < len; at += block.len) {
			block.text = text + at;
			block.len = utf8_floor(text + at, len - at,
			    BLOCK_BYTES_MAX);
			block.is_continued = at > 0;
			assert_int_equal(chunker_add(chunker, &block), 0);
		}
		assert_int_equal(chunker_end(chunker), 0);
		/* Each text was embedded once. */
		assert_true(taken.texts_embedded <=
		    len / 24 + 2 * taken.count + 1);
		chunker_free(chunker);
		taken_fini(&taken);
	}
	mem_free(text);
}

/* Against the contract, but it must stay in its bounds and end. */
static int
take_anything(void *arg, const struct chunk *chunk)
{
	uint64_t *bytes = arg;

	assert_in_range(chunk->len, 1, SEGMENT_BYTES_MAX);
	*bytes += chunk->len;
	return 0;
}

static void
test_broken_bytes(void **state)
{
	struct chunk_rule rule = {.cut = {.method = CHUNK_SEMANTIC,
		.chars_max = 64, .threshold = 0.5}};
	struct block block = {.kind = BLOCK_PARAGRAPH, .len = 200000};
	struct taken taken;
	struct chunker *chunker;
	uint64_t seed = 0xBAD, bytes;
	size_t i;
	char *text;
	int round;

	(void)state;
	text = mem_alloc(block.len);
	assert_non_null(text);
	taken_init(&taken, 64, 0.5);
	for (round = 0; round < 20; round++) {
		rule.cut.chars_max = round % 2 == 0 ? 64 : 8000;
		for (i = 0; i < block.len; i++)
			text[i] = (char)(round < 4 ? 0x80 :
				next_random(&seed) >> (round % 20));
		bytes = 0;
		chunker = chunker_new(&rule, take_anything, &bytes);
		assert_non_null(chunker);
		assert_int_equal(chunker_set_embed(chunker, FEW, embed,
				     &taken), 0);
		block.text = text;
		assert_int_equal(chunker_add(chunker, &block), 0);
		assert_int_equal(chunker_end(chunker), 0);
		assert_true(bytes <= block.len);
		chunker_free(chunker);
	}
	taken_fini(&taken);
	mem_free(text);
}

/* ---- errors -------------------------------------------------------------- */

static void
test_errors(void **state)
{
	struct chunk_rule rule = {.cut = {.method = CHUNK_SEMANTIC,
		.chars_max = 300, .threshold = 0.5}};
	struct chunker *chunker = NULL;
	struct taken taken;
	unsigned long nth;

	(void)state;
	for (nth = 1; chunker == NULL; nth++) {
		taken_init(&taken, 300, 0.5);
		mem_fail_at(nth);
		chunker = begin(&taken);
		mem_fail_at(0);
	}
	assert_int_equal(nth, 9);
	chunker_free(chunker);
	/* The embedder's error is the chunker's, and the taker's is. */
	taken_init(&taken, 300, 0.5);
	taken.fail_embed_at = 150;
	chunker = begin(&taken);
	assert_non_null(chunker);
	assert_int_equal(add_random(chunker, 7, 60, NULL), ERR_UPSTREAM);
	chunker_free(chunker);
	taken_fini(&taken);
	taken_init(&taken, 300, 0.5);
	taken.fail_at = 5;
	chunker = begin(&taken);
	assert_non_null(chunker);
	assert_int_equal(add_random(chunker, 7, 60, NULL), ERR_IO);
	assert_int_equal(taken.count, 4);
	chunker_free(chunker);
	taken_fini(&taken);
	rule.cut.threshold = 1.01;
	assert_false(chunk_rule_is_valid(&rule));
	rule.cut.threshold = -0.01;
	assert_false(chunk_rule_is_valid(&rule));
	rule.cut.threshold = NAN;
	assert_false(chunk_rule_is_valid(&rule));
	rule.cut.threshold = 1.0;
	rule.cut.overlap_chars = 151;
	assert_false(chunk_rule_is_valid(&rule));
	rule.cut.overlap_chars = 150;
	assert_true(chunk_rule_is_valid(&rule));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_topics),
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_nothing_is_lost),
		cmocka_unit_test(test_threshold),
		cmocka_unit_test(test_overlap_random),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_broken_bytes),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
