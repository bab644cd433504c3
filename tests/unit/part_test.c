/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of the full-text index: made, read, merged, searched, damaged. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "index/part.h"
#include "index/part_code.h"
#include "index/topk.h"

#define DOCS 8000u
#define TERMS 60u
#define PART_MAX ((size_t)1 << 26)

/* How often each document holds each term, its id and its stamp. */
struct world {
	uint8_t held[DOCS][TERMS];
	uint32_t lengths[DOCS];
	int64_t ids[DOCS];
	uint32_t stamps[DOCS];
};

static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static size_t
name_of(unsigned term, char out[16])
{
	/* Some have much in common, and one is the beginning of others. */
	return (size_t)snprintf(out, 16, term % 3 == 0 ? "t%u" : "term%03u",
	    term);
}

/* Low terms are in nearly all documents, high ones in hardly any. */
static void
world_make(struct world *world, uint64_t seed)
{
	unsigned doc, term;

	memset(world, 0, sizeof(*world));
	for (doc = 0; doc < DOCS; doc++) {
		world->ids[doc] = 10 + 3 * (int64_t)doc +
		    (int64_t)(next_random(&seed) % 3);
		world->stamps[doc] = next_random(&seed) % 10 == 0
		    ? (uint32_t)(next_random(&seed) % 5) : 0;
		for (term = 0; term < TERMS; term++) {
			if (next_random(&seed) % (1 + term * term) > 1)
				continue;
			world->held[doc][term] = 1;
			while (next_random(&seed) % 3 == 0 &&
			    world->held[doc][term] < 60)
				world->held[doc][term]++;
			world->lengths[doc] += world->held[doc][term];
		}
	}
}

/* Documents of which doc % of is rest, in a part of their own. */
static void
world_part(const struct world *world, unsigned of, unsigned rest,
    struct buf *out)
{
	struct part_builder *builder = part_builder_new();
	unsigned doc, term, i;
	char name[16];
	size_t len;

	assert_non_null(builder);
	for (doc = rest; doc < DOCS; doc += of) {
		assert_int_equal(part_builder_doc(builder, world->ids[doc],
		    world->stamps[doc]), 0);
		for (term = 0; term < TERMS; term++) {
			len = name_of(term, name);
			for (i = 0; i < world->held[doc][term]; i++)
				assert_int_equal(part_builder_term(builder,
				    name, len, 1), 0);
		}
	}
	buf_init(out, PART_MAX);
	assert_int_equal(part_builder_end(builder, out), 0);
	part_builder_free(builder);
}

/* ---- what it should say, by looking at all ------------------------------ */

struct judge {
	const struct world *world;
	unsigned terms[TOPK_TERMS_MAX];
	double weights[TOPK_TERMS_MAX];
	size_t groups[TOPK_TERMS_MAX]; /* they rise */
	bool musts[TOPK_TERMS_MAX];    /* of each term's group */
	size_t count;
	double common_max;
	double extra_max; /* of groups with odd numbers */
	/* Documents that may not be found: id % refused == 0; 0 none. */
	int64_t refused;
};

static bool
is_refused(const struct judge *judge, int64_t id)
{
	return judge->refused != 0 && id % judge->refused == 0;
}

static int
best_first(const void *a, const void *b)
{
	const struct topk_hit *left = a, *right = b;

	if (left->score < right->score || left->score > right->score)
		return left->score < right->score ? 1 : -1;
	return (left->id > right->id) - (left->id < right->id);
}

static void
judge_weigh(const struct judge *judge, double *idf)
{
	const struct world *world = judge->world;
	bool is_common[TOPK_TERMS_MAX], leaves_out = false;
	double common_max;
	unsigned doc, n;
	size_t i, k;

	for (i = 0; i < judge->count; i++) {
		n = 0;
		for (k = 0; k < judge->count; k++)
			for (doc = 0; judge->groups[k] == judge->groups[i] &&
			    doc < DOCS; doc++)
				n += world->held[doc][judge->terms[k]] > 0;
		if (n > DOCS)
			n = DOCS;
		idf[i] = log(1.0 + (DOCS - n + 0.5) / (n + 0.5));
		common_max = judge->groups[i] % 2 == 1 ? judge->extra_max
						       : judge->common_max;
		is_common[i] = common_max > 0.0 && !judge->musts[i] &&
		    n > common_max * DOCS;
		leaves_out |= n > 0 && !is_common[i] &&
		    judge->groups[i] % 2 == 0;
	}
	for (i = 0; i < judge->count; i++)
		if (is_common[i] && (leaves_out || judge->groups[i] % 2 == 1))
			idf[i] = 0.0;
}

/* Has it one of each group that must be there, and any at all? */
static bool
judge_hits(const struct judge *judge, const double *idf, unsigned doc)
{
	bool is_hit = false, has;
	size_t i, k;

	for (i = 0; i < judge->count; i++) {
		has = false;
		for (k = 0; k < judge->count; k++)
			has |= judge->groups[k] == judge->groups[i] &&
			    judge->world->held[doc][judge->terms[k]] > 0;
		if (judge->musts[i] && !has)
			return false;
		is_hit |= has && idf[i] > 0.0;
	}
	return is_hit;
}

static size_t
judge_all(const struct judge *judge, struct topk_hit *hits)
{
	const struct world *world = judge->world;
	double average = 0.0, idf[TOPK_TERMS_MAX], f, length;
	size_t count = 0, i;
	unsigned doc;

	for (doc = 0; doc < DOCS; doc++)
		average += world->lengths[doc];
	average /= DOCS;
	judge_weigh(judge, idf);
	for (doc = 0; doc < DOCS; doc++) {
		hits[count].id = world->ids[doc];
		hits[count].stamp = world->stamps[doc];
		hits[count].score = 0.0;
		length = length_of(length_code(world->lengths[doc]));
		for (i = 0; i < judge->count; i++) {
			f = world->held[doc][judge->terms[i]];
			hits[count].score += judge->weights[i] * idf[i] *
			    2.2 * f / (f + 1.2 * (0.25 + 0.75 * length /
						     average));
		}
		count += judge_hits(judge, idf, doc) &&
		    !is_refused(judge, world->ids[doc]);
	}
	qsort(hits, count, sizeof(*hits), best_first);
	return count;
}

static int
accept(void *arg, int64_t id, uint32_t stamp)
{
	(void)stamp;
	return !is_refused(arg, id);
}

static void
expect_best(struct judge *judge, const struct part *parts,
    size_t part_count, size_t limit)
{
	static struct topk_hit want[DOCS], got[DOCS];
	struct topk_term terms[TOPK_TERMS_MAX];
	char names[TOPK_TERMS_MAX][16];
	const struct part *list[TOPK_PARTS_MAX];
	struct topk_request request = {.terms = terms,
	    .count = judge->count, .limit = limit, .k1 = 1.2, .b = 0.75,
	    .accept = accept, .arg = judge,
	    .common_max = judge->common_max, .extra_max = judge->extra_max};
	size_t i, wanted, count = 0;

	for (i = 0; i < judge->count; i++) {
		terms[i].len = name_of(judge->terms[i], names[i]);
		terms[i].text = names[i];
		terms[i].weight = judge->weights[i];
		terms[i].group = judge->groups[i];
		terms[i].must = judge->musts[i];
		terms[i].is_extra = judge->groups[i] % 2 == 1;
	}
	for (i = 0; i < part_count; i++)
		list[i] = &parts[i];
	wanted = judge_all(judge, want);
	if (wanted > limit)
		wanted = limit;
	assert_int_equal(topk_run(list, part_count, &request, got, &count),
	    0);
	assert_int_equal(count, wanted);
	for (i = 0; i < count; i++) {
		assert_true(fabs(got[i].score - want[i].score) <
		    1e-9 * (1.0 + want[i].score));
		/* Equal but for the last bits: either may come first. */
		if (i > 0 && want[i - 1].score - want[i].score < 1e-9)
			continue;
		if (i + 1 < count && want[i].score - want[i + 1].score < 1e-9)
			continue;
		if (i + 1 == count)
			continue;
		assert_int_equal(got[i].id, want[i].id);
		assert_int_equal(got[i].stamp, want[i].stamp);
	}
}

/* Another term, which its group has not; the other groups may. */
static void
judge_term(struct judge *judge, size_t group, double weight, bool must,
    uint64_t *seed)
{
	bool is_in;
	unsigned term;
	size_t i;

	do {
		term = (unsigned)(next_random(seed) % TERMS);
		is_in = false;
		for (i = 0; i < judge->count; i++)
			is_in |= judge->terms[i] == term &&
			    judge->groups[i] == group;
	} while (is_in);
	judge->terms[judge->count] = term;
	judge->weights[judge->count] = weight;
	judge->groups[judge->count] = group;
	judge->musts[judge->count++] = must;
}

/* Questions of all sizes, from terms of all kinds: alone, then in groups, of
 * which some must be there. */
static void
expect_all(const struct world *world, const struct part *parts, size_t count)
{
	static const size_t limits[] = {1, 3, 10, 100, DOCS};
	static const double commons[] = {0.0, 0.5, 0.9, 0.02};
	uint64_t seed = 4711;
	struct judge judge = {.world = world};
	size_t i, group, wanted, size;
	unsigned round;
	double weight;
	bool must;

	for (round = 0; round < 240; round++) {
		judge.refused = round % 4 == 0 ? 3 : 0;
		judge.common_max = commons[round / 7 % 4];
		judge.extra_max = commons[round / 5 % 4];
		judge.count = 0;
		wanted = 1 + next_random(&seed) % (round % 5 == 0 ? 20 : 6);
		for (group = 0; group < wanted; group++) {
			size = round < 80 ? 1 : 1 + next_random(&seed) % 3;
			must = round >= 120 && next_random(&seed) % 3 == 0;
			weight = round % 2 == 0 ? 1.0
			    : 0.1 + (double)(next_random(&seed) % 100) / 50;
			for (i = 0; i < size; i++)
				judge_term(&judge, group, weight, must,
				    &seed);
		}
		expect_best(&judge, parts, count, limits[round % 5]);
	}
}

/* ---- pages -------------------------------------------------------------- */

struct pages {
	const struct buf *bytes;
	unsigned given, fail_at; /* 0: never */
};

static const uint8_t *
page_get(void *arg, uint32_t page, size_t *ret_len, int *ret_err)
{
	struct pages *pages = arg;
	size_t begin = (size_t)page * PART_PAGE_BYTES;

	if (++pages->given == pages->fail_at) {
		*ret_err = ERR_IO;
		return NULL;
	}
	*ret_len = pages->bytes->len - begin < PART_PAGE_BYTES
	    ? pages->bytes->len - begin : PART_PAGE_BYTES;
	return (const uint8_t *)pages->bytes->data + begin;
}

/* ---- tests -------------------------------------------------------------- */

static void
test_codes(void **state)
{
	uint32_t in[PART_BLOCK], out[PART_BLOCK], length;
	uint8_t bytes[4 * PART_BLOCK + 1];
	uint64_t seed = 99, number = 0;
	unsigned bits, i;

	(void)state;
	for (bits = 0; bits <= 32; bits++) {
		for (i = 0; i < PART_BLOCK; i++)
			in[i] = bits == 0 ? 0
			    : (uint32_t)next_random(&seed) >> (32 - bits);
		assert_true(bits_of(in, PART_BLOCK) <= bits);
		bytes[bits_size(PART_BLOCK, bits)] = 0xa5;
		bits_pack(in, PART_BLOCK, bits, bytes);
		assert_int_equal(bytes[bits_size(PART_BLOCK, bits)], 0xa5);
		bits_unpack(bytes, PART_BLOCK, bits, out);
		assert_memory_equal(in, out, sizeof(in));
	}
	for (i = 0; i < 64; i++) {
		size_t len = varint_put(bytes, ((uint64_t)1 << i) - 1);

		assert_ptr_equal(varint_get(bytes, bytes + len, &number),
		    bytes + len);
		assert_true(number == ((uint64_t)1 << i) - 1);
		assert_null(varint_get(bytes, bytes + len - 1, &number));
	}
	for (length = 0; length <= LENGTH_MAX + 5; length++) {
		uint32_t coded = length_of(length_code(length));

		assert_true(coded <= length && (length < 32
			? coded == length : (length - coded) * 16 < length ||
				length > LENGTH_MAX));
	}
}

static void
test_one(void **state)
{
	struct world *world = mem_zalloc(sizeof(*world));
	struct part_walk walk;
	struct part_term term;
	struct part part;
	struct buf bytes;
	char before[PART_TERM_BYTES_MAX];
	size_t before_len = 0, terms = 0;
	uint32_t stamp;
	int64_t id;
	unsigned doc;

	(void)state;
	world_make(world, 1);
	world_part(world, 1, 0, &bytes);
	assert_int_equal(part_open(&part, bytes.data, bytes.len), 0);
	assert_int_equal(part.doc_count, DOCS);
	for (doc = 0; doc < DOCS; doc++) {
		assert_int_equal(part_doc_id(&part, doc, &id), 0);
		assert_int_equal(id, world->ids[doc]);
		assert_int_equal(part_doc_stamp(&part, doc, &stamp), 0);
		assert_int_equal(stamp, world->stamps[doc]);
	}
	part_walk_init(&walk, &part);
	while (part_walk_next(&walk, &term) == 0) {
		if (terms++ > 0)
			assert_true(memcmp(before, walk.term,
			    before_len < walk.len ? before_len : walk.len) <=
			    0);
		memcpy(before, walk.term, walk.len);
		before_len = walk.len;
		assert_int_equal(part_find(&part, walk.term, walk.len, &term),
		    0);
	}
	assert_int_equal(terms, part.term_count);
	assert_int_equal(part_find(&part, "tern", 4, &term), ERR_NOT_FOUND);
	assert_int_equal(part_find(&part, "", 0, &term), ERR_NOT_FOUND);
	assert_int_equal(part_find(&part, "zzz", 3, &term), ERR_NOT_FOUND);
	expect_all(world, &part, 1);
	buf_fini(&bytes);
	mem_free(world);
}

static void
test_many(void **state)
{
	struct world *world = mem_zalloc(sizeof(*world));
	struct part parts[17];
	struct buf bytes[17];
	unsigned i;

	(void)state;
	world_make(world, 2);
	for (i = 0; i < 17; i++) {
		world_part(world, 17, i, &bytes[i]);
		assert_int_equal(part_open(&parts[i], bytes[i].data,
		    bytes[i].len), 0);
	}
	expect_all(world, parts, 17);
	for (i = 0; i < 17; i++)
		buf_fini(&bytes[i]);
	mem_free(world);
}

static int
put_merged(void *arg, const void *bytes, size_t len)
{
	return buf_put(arg, bytes, len);
}

static void
test_merged(void **state)
{
	struct world *world = mem_zalloc(sizeof(*world));
	const struct part *list[5];
	struct part parts[5], whole;
	struct buf bytes[5], merged, alone;
	uint64_t docs = 0;
	unsigned i;

	(void)state;
	world_make(world, 3);
	for (i = 0; i < 5; i++) {
		world_part(world, 5, i, &bytes[i]);
		assert_int_equal(part_open(&parts[i], bytes[i].data,
		    bytes[i].len), 0);
		list[i] = &parts[i];
	}
	buf_init(&merged, PART_MAX);
	assert_int_equal(part_merge(list, 5, NULL, put_merged, &merged,
	    &docs), 0);
	assert_int_equal(docs, DOCS);
	/* To the byte what had been made at once. */
	world_part(world, 1, 0, &alone);
	assert_int_equal(merged.len, alone.len);
	assert_memory_equal(merged.data, alone.data, alone.len);
	assert_int_equal(part_open(&whole, merged.data, merged.len), 0);
	expect_all(world, &whole, 1);
	for (i = 0; i < 5; i++)
		buf_fini(&bytes[i]);
	buf_fini(&merged);
	buf_fini(&alone);
	mem_free(world);
}

/* Documents that go take their terms with them. */
struct keeping {
	struct buf out;
	unsigned asked, of;
	bool keeps_none;
};

static int
keep_some(void *arg, int64_t id, uint32_t stamp)
{
	struct keeping *keeping = arg;

	(void)id;
	(void)stamp;
	keeping->asked++;
	return !keeping->keeps_none && keeping->asked % keeping->of != 0;
}

static int
put_kept(void *arg, const void *bytes, size_t len)
{
	struct keeping *keeping = arg;

	return buf_put(&keeping->out, bytes, len);
}

static void
test_dropped(void **state)
{
	struct world *world = mem_zalloc(sizeof(*world));
	struct keeping keeping = {.of = 3};
	const struct part *list[1];
	struct part part, less;
	struct buf bytes;
	struct part_term term;
	struct part_walk walk;
	uint64_t docs = 0, counted = 0, before = 0;

	(void)state;
	world_make(world, 4);
	world_part(world, 1, 0, &bytes);
	assert_int_equal(part_open(&part, bytes.data, bytes.len), 0);
	list[0] = &part;
	buf_init(&keeping.out, PART_MAX);
	assert_int_equal(part_merge(list, 1, keep_some, put_kept, &keeping,
	    &docs), 0);
	assert_int_equal(keeping.asked, DOCS);
	assert_int_equal(docs, DOCS - DOCS / 3);
	assert_int_equal(part_open(&less, keeping.out.data, keeping.out.len),
	    0);
	assert_int_equal(less.doc_count, docs);
	part_walk_init(&walk, &less);
	while (part_walk_next(&walk, &term) == 0)
		counted += term.count;
	part_walk_init(&walk, &part);
	while (part_walk_next(&walk, &term) == 0)
		before += term.count;
	assert_true(counted < before && counted > before / 2);
	buf_clear(&keeping.out);
	keeping.keeps_none = true;
	assert_int_equal(part_merge(list, 1, keep_some, put_kept, &keeping,
	    &docs), 0);
	assert_int_equal(docs, 0);
	assert_int_equal(keeping.out.len, 0);
	buf_fini(&keeping.out);
	buf_fini(&bytes);
	mem_free(world);
}

static void
test_paged(void **state)
{
	struct world *world = mem_zalloc(sizeof(*world));
	struct topk_term term = {"t0", 2, 1.0, 0, false, false};
	struct topk_request request = {.terms = &term, .count = 1,
	    .limit = 10, .k1 = 1.2, .b = 0.75};
	struct part_source source = {.get = page_get};
	struct topk_hit hits[10];
	struct pages pages;
	const struct part *list[1];
	struct part part;
	struct buf bytes;
	size_t count;
	unsigned fail;
	int err = ERR_IO;

	(void)state;
	world_make(world, 5);
	world_part(world, 1, 0, &bytes);
	assert_true(bytes.len > PART_PAGE_BYTES);
	pages = (struct pages){.bytes = &bytes};
	source.arg = &pages;
	source.size = bytes.len;
	assert_int_equal(part_open_pages(&part, &source), 0);
	expect_all(world, &part, 1);
	list[0] = &part;
	for (fail = 1; err == ERR_IO; fail++) {
		pages.given = 0;
		pages.fail_at = fail;
		err = topk_run(list, 1, &request, hits, &count);
	}
	assert_int_equal(err, 0);
	assert_true(fail > 3);
	buf_fini(&bytes);
	mem_free(world);
}

/* More documents than the lengths of fit on a page: the shortest are best. */
/* Words of set 1 lose an s, those of set 2 nothing. */
static int
shorten(void *arg, const char *word, size_t len,
    char out[PART_TERM_BYTES_MAX], size_t *ret_len)
{
	unsigned *asked = arg;

	(*asked)++;
	if (word[0] == '!')
		return ERR_NOMEM;
	memcpy(out, word, len);
	*ret_len = len > 1 && word[len - 1] == 's' && *asked < 100
	    ? len - 1 : len;
	return 0;
}

static void
test_words(void **state)
{
	static const char *const words[] = {"ship", "ships", "ss", "s", "tar",
	    "tars", "ship"};
	static const char *const terms[] = {"ship", "ship", "s", "s", "tar",
	    "tar", "ship"};
	struct part_builder *by_word = part_builder_new();
	struct part_builder *by_term = part_builder_new();
	struct buf left, right;
	unsigned asked, other = 100, doc, i;
	char long_word[PART_TERM_BYTES_MAX + 1];

	(void)state;
	memset(long_word, 'a', sizeof(long_word));
	assert_int_equal(part_builder_word(by_word, 1, "a", 1, 1, shorten,
			     &other), ERR_INVALID);
	asked = 0;
	for (doc = 1; doc < 4; doc++) {
		assert_int_equal(part_builder_doc(by_word, doc, 0), 0);
		assert_int_equal(part_builder_doc(by_term, doc, 0), 0);
		for (i = 0; i < 7; i++) {
			assert_int_equal(part_builder_word(by_word, 1,
			    words[i], strlen(words[i]), doc, shorten, &asked),
			    0);
			assert_int_equal(part_builder_term(by_term, terms[i],
			    strlen(terms[i]), doc), 0);
			/* The same words are other terms in another set. */
			assert_int_equal(part_builder_word(by_word, 2,
			    words[i], strlen(words[i]), 1, shorten, &other),
			    0);
			assert_int_equal(part_builder_term(by_term, words[i],
			    strlen(words[i]), 1), 0);
		}
		assert_int_equal(part_builder_word(by_word, 1, "!", 1, 1,
				     shorten, &other), ERR_NOMEM);
	}
	assert_int_equal(asked, 6);
	assert_int_equal(other, 100 + 6 + 3);
	assert_int_equal(part_builder_word(by_word, 0, "a", 1, 1, shorten,
			     &other), ERR_INVALID);
	assert_int_equal(part_builder_word(by_word, 1, long_word,
	    sizeof(long_word), 1, shorten, &other), ERR_TOO_BIG);
	buf_init(&left, PART_MAX);
	buf_init(&right, PART_MAX);
	assert_int_equal(part_builder_end(by_word, &left), 0);
	assert_int_equal(part_builder_end(by_term, &right), 0);
	assert_int_equal(left.len, right.len);
	assert_memory_equal(left.data, right.data, left.len);
	buf_fini(&left);
	buf_fini(&right);
	part_builder_free(by_word);
	part_builder_free(by_term);
}

static void
test_long(void **state)
{
	struct part_builder *builder = part_builder_new();
	struct topk_term term = {"a", 1, 1.0, 0, false, false};
	struct topk_request request = {.terms = &term, .count = 1,
	    .limit = 10, .k1 = 1.2, .b = 0.75};
	struct part_source source = {.get = page_get};
	struct topk_hit hits[10];
	struct pages pages = {.given = 0};
	const struct part *list[1];
	struct part part;
	struct buf bytes;
	size_t count = 0, i;
	int64_t id;

	(void)state;
	for (id = 1; id <= 150000; id++) {
		assert_int_equal(part_builder_doc(builder, id, 0), 0);
		assert_int_equal(part_builder_term(builder, "a", 1, 1), 0);
		assert_int_equal(part_builder_term(builder, "b", 1,
		    id % 20000 == 7 ? 1 : 50), 0);
	}
	buf_init(&bytes, PART_MAX);
	assert_int_equal(part_builder_end(builder, &bytes), 0);
	pages.bytes = &bytes;
	source.arg = &pages;
	source.size = bytes.len;
	assert_int_equal(part_open_pages(&part, &source), 0);
	list[0] = &part;
	assert_int_equal(topk_run(list, 1, &request, hits, &count), 0);
	assert_int_equal(count, 10);
	for (i = 0; i < 8; i++)
		assert_int_equal(hits[i].id, 20000 * (int64_t)i + 7);
	/* Of the others the first ones. */
	assert_int_equal(hits[8].id, 1);
	assert_int_equal(hits[9].id, 2);
	part_builder_free(builder);
	buf_fini(&bytes);
}

/* Whatever bytes: an error, or wrong hits, nothing else. */
static void
test_damaged(void **state)
{
	static struct world small;
	struct topk_term terms[] = {{"t0", 2, 1.0, 0, false, false},
	    {"term001", 7, 1.0, 1, false, false},
	    {"term040", 7, 2.0, 2, false, false}};
	struct topk_request request = {.terms = terms, .count = 3,
	    .limit = 10, .k1 = 1.2, .b = 0.75};
	struct topk_hit hits[10];
	const struct part *list[1];
	struct buf bytes, merged;
	uint64_t seed = 77, docs;
	struct part part;
	char *copy;
	size_t count, i;
	unsigned round;

	(void)state;
	world_make(&small, 6);
	world_part(&small, 7, 0, &bytes);
	list[0] = &part;
	for (round = 0; round < 3000; round++) {
		/* A block of its own, so that what is behind it is seen. */
		copy = mem_alloc(bytes.len);
		assert_non_null(copy);
		memcpy(copy, bytes.data, bytes.len);
		for (i = 0; i <= round % 8; i++)
			copy[next_random(&seed) %
			    (bytes.len - PART_FOOT_BYTES)] =
			    (char)next_random(&seed);
		assert_int_equal(part_open(&part, copy, bytes.len), 0);
		(void)topk_run(list, 1, &request, hits, &count);
		buf_init(&merged, PART_MAX);
		(void)part_merge(list, 1, NULL, put_merged, &merged, &docs);
		buf_fini(&merged);
		mem_free(copy);
	}
	for (i = 0; i < bytes.len; i += 1 + i / 50)
		assert_int_equal(part_open(&part, bytes.data, i),
		    ERR_CORRUPT);
	for (i = 0; i < PART_FOOT_BYTES; i++) {
		bytes.data[bytes.len - 1 - i] ^= 1;
		assert_int_equal(part_open(&part, bytes.data, bytes.len),
		    ERR_CORRUPT);
		bytes.data[bytes.len - 1 - i] ^= 1;
	}
	buf_fini(&bytes);
}

static void
test_refused(void **state)
{
	struct part_builder *builder = part_builder_new();
	char long_term[PART_TERM_BYTES_MAX + 1];
	struct topk_request request = {.count = TOPK_TERMS_MAX + 1};
	struct part part;
	struct buf bytes;
	size_t count;
	unsigned long n;
	int err;

	(void)state;
	memset(long_term, 'x', sizeof(long_term));
	assert_int_equal(part_builder_term(builder, "a", 1, 1), ERR_INVALID);
	assert_int_equal(part_builder_doc(builder, 5, 0), 0);
	assert_int_equal(part_builder_doc(builder, 5, 1), ERR_INVALID);
	assert_int_equal(part_builder_term(builder, long_term,
	    sizeof(long_term), 1), ERR_TOO_BIG);
	assert_int_equal(part_builder_term(builder, long_term,
	    PART_TERM_BYTES_MAX, 1), 0);
	/* What is held very often is held as often as can be said. */
	for (n = 0; n < 3; n++)
		assert_int_equal(part_builder_term(builder, "much", 4,
		    PART_FREQUENCY_MAX), 0);
	buf_init(&bytes, PART_MAX);
	assert_int_equal(part_builder_end(builder, &bytes), 0);
	assert_int_equal(part_open(&part, bytes.data, bytes.len), 0);
	assert_int_equal(topk_run(NULL, 0, &request, NULL, &count),
	    ERR_TOO_BIG);
	/* Nothing at all is a part, too. */
	part_builder_clear(builder);
	buf_clear(&bytes);
	assert_int_equal(part_builder_end(builder, &bytes), 0);
	assert_int_equal(part_open(&part, bytes.data, bytes.len), 0);
	assert_int_equal(part.doc_count, 0);
	part_builder_free(builder);
	for (n = 1, err = ERR_NOMEM; err == ERR_NOMEM; n++) {
		buf_clear(&bytes);
		mem_fail_at(n);
		builder = part_builder_new();
		err = builder == NULL ? ERR_NOMEM
				      : part_builder_doc(builder, 1, 0);
		if (err == 0)
			err = part_builder_term(builder, "a", 1, 1);
		if (err == 0)
			err = part_builder_end(builder, &bytes);
		part_builder_free(builder);
	}
	mem_fail_at(0);
	assert_int_equal(err, 0);
	assert_true(n > 8);
	buf_fini(&bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_merged),
		cmocka_unit_test(test_dropped),
		cmocka_unit_test(test_paged),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
