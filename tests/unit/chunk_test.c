/* SPDX-License-Identifier: Apache-2.0 */
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
#include "model/block.h"
#include "text/chunk.h"
#include "text/sentence.h"

/* What was given out: texts, sections and, in brackets, the children of each,
 * all ended by "\f". */
struct taken {
	struct chunk_rule rule;
	struct buf texts, sections, children;
	uint32_t count, last_page;
	uint32_t smallest, fail_at, child_count;
	bool may_be_broken;
};

/* Behind one another, each a part of the text; in order, unless they overlap
 * they share nothing. */
static void
take_children(struct taken *taken, const struct chunk *chunk)
{
	const struct chunk_child *child;
	size_t i, end = 0;

	for (i = 0; i < chunk->child_count; i++) {
		child = &chunk->children[i];
		assert_in_range(child->start + child->len, end + 1,
		    chunk->len);
		if (taken->rule.child.overlap_chars == 0)
			assert_true(child->start >= end);
		end = child->start + child->len;
		assert_in_range(child->chars, 1, taken->rule.child.chars_max);
		assert_int_equal(child->chars,
		    utf8_count(chunk->text + child->start, child->len));
		(void)buf_putc(&taken->children, '(');
		(void)buf_put(&taken->children, chunk->text + child->start,
		    child->len);
		(void)buf_putc(&taken->children, ')');
	}
	taken->child_count += (uint32_t)chunk->child_count;
	if (chunk->child_count > 0)
		(void)buf_putc(&taken->children, '\f');
}

static int
take(void *arg, const struct chunk *chunk)
{
	struct taken *taken = arg;

	if (taken->count + 1 == taken->fail_at)
		return ERR_IO;
	assert_int_equal(chunk->ordinal, taken->count);
	taken->count++;
	assert_in_range(chunk->len, 1, taken->may_be_broken ?
	    2 * SEGMENT_BYTES_MAX : SEGMENT_BYTES_MAX);
	if (!taken->may_be_broken) {
		assert_true(utf8_is_valid(chunk->text, chunk->len));
		assert_int_equal(chunk->chars,
		    utf8_count(chunk->text, chunk->len));
		assert_in_range(chunk->chars, 1, taken->rule.cut.chars_max);
	}
	take_children(taken, chunk);
	assert_in_range(strlen(chunk->section), 0, SECTION_BYTES_MAX - 1);
	assert_true(chunk->page_start <= chunk->page_end);
	if (taken->smallest == 0 || chunk->chars < taken->smallest)
		taken->smallest = chunk->chars;
	taken->last_page = chunk->page_end;
	(void)buf_put(&taken->texts, chunk->text, chunk->len);
	(void)buf_putc(&taken->texts, '\f');
	(void)buf_puts(&taken->sections, chunk->section);
	(void)buf_putc(&taken->sections, '\f');
	return 0;
}

static void
taken_init(struct taken *taken, uint32_t chars_max, uint32_t overlap)
{
	memset(taken, 0, sizeof(*taken));
	taken->rule.cut.chars_max = chars_max;
	taken->rule.cut.overlap_chars = overlap;
	buf_init(&taken->texts, 64 * MIB);
	buf_init(&taken->sections, 64 * MIB);
	buf_init(&taken->children, 64 * MIB);
}

static void
taken_fini(struct taken *taken)
{
	buf_fini(&taken->texts);
	buf_fini(&taken->sections);
	buf_fini(&taken->children);
}

static int
add(struct chunker *chunker, enum block_kind kind, uint8_t level,
    const char *text)
{
	struct block block = { .kind = kind, .level = level, .page = 1 };

	block.text = text;
	block.len = strlen(text);
	return chunker_add(chunker, &block);
}

static void
test_structure(void **state)
{
	struct chunker *chunker;
	struct taken taken;

	(void)state;
	taken_init(&taken, 200, 0);
	chunker = chunker_new(&taken.rule, take, &taken);
	assert_non_null(chunker);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, "Before."), 0);
	assert_int_equal(add(chunker, BLOCK_HEADING, 1, "Guide"), 0);
	assert_int_equal(add(chunker, BLOCK_HEADING, 2, "Install"), 0);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, "One."), 0);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, "Two."), 0);
	assert_int_equal(add(chunker, BLOCK_LIST_ITEM, 1, "a"), 0);
	assert_int_equal(add(chunker, BLOCK_LIST_ITEM, 1, "b"), 0);
	assert_int_equal(add(chunker, BLOCK_CODE, 0, "  c;"), 0);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, " "), 0);
	assert_int_equal(add(chunker, BLOCK_HEADING, 2, "Empty"), 0);
	assert_int_equal(add(chunker, BLOCK_HEADING, 1, "End"), 0);
	assert_int_equal(chunker_end(chunker), 0);
	assert_string_equal(buf_text(&taken.texts), "Before.\f"
	    "Guide\n\nInstall\n\nOne.\n\nTwo.\n\na\nb\n\n  c;\f"
	    "Empty\fEnd\f");
	assert_string_equal(buf_text(&taken.sections), "\f"
	    "Guide\x1FInstall\fGuide\x1F" "Empty\fEnd\f");
	chunker_free(chunker);
	taken_fini(&taken);
}

static void
expect_children(enum chunk_method method, uint32_t overlap,
    const char *expected)
{
	struct chunker *chunker;
	struct taken taken;

	taken_init(&taken, 200, 0);
	taken.rule.child = (struct chunk_cut){.method = method,
	    .chars_max = 64, .overlap_chars = overlap};
	assert_true(chunk_rule_is_valid(&taken.rule));
	chunker = chunker_new(&taken.rule, take, &taken);
	assert_non_null(chunker);
	assert_int_equal(add(chunker, BLOCK_HEADING, 1, "Guide"), 0);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0,
	    "A first sentence of it. And a second one that is longer."), 0);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, "Another one."), 0);
	assert_int_equal(add(chunker, BLOCK_HEADING, 1, "End"), 0);
	assert_int_equal(add(chunker, BLOCK_LIST_ITEM, 1, "item"), 0);
	assert_int_equal(chunker_end(chunker), 0);
	assert_string_equal(buf_text(&taken.texts), "Guide\n\n"
	    "A first sentence of it. And a second one that is longer.\n\n"
	    "Another one.\fEnd\n\nitem\f");
	assert_string_equal(buf_text(&taken.children), expected);
	chunker_free(chunker);
	taken_fini(&taken);
}

/* Parents by structure, children by each of the methods. */
static void
test_children(void **state)
{
	(void)state;
	expect_children(CHUNK_STRUCTURE, 0,
	    "(Guide\n\nA first sentence of it. And a second one that is "
	    "longer.)(Another one.)\f(End\n\nitem)\f");
	expect_children(CHUNK_STRUCTURE, 32,
	    "(Guide\n\nA first sentence of it. And a second one that is "
	    "longer.)(And a second one that is longer.\n\nAnother one.)\f"
	    "(End\n\nitem)\f");
	expect_children(CHUNK_RECURSIVE, 0,
	    "(Guide)(A first sentence of it. And a second one that is "
	    "longer.)(Another one.)\f(End\n\nitem)\f");
	expect_children(CHUNK_FIXED, 0,
	    "(Guide\n\nA first sentence of it. And a second one that is "
	    "longer.)(Another one.)\f(End\n\nitem)\f");
	expect_children(CHUNK_FIXED, 10,
	    "(Guide\n\nA first sentence of it. And a second one that is "
	    "longer.)(is longer.\n\nAnother one.)\f(End\n\nitem)\f");
}

static void
test_borders(void **state)
{
	struct chunker *chunker;
	struct taken taken;

	(void)state;
	taken_init(&taken, 64, 0);
	chunker = chunker_new(&taken.rule, take, &taken);
	assert_non_null(chunker);
	/* A paragraph's end is better than a later sentence's. */
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0,
	    "This paragraph has forty characters, or."), 0);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0,
	    "Short one. Asked Dr. Who about it and got no answer at all. "
	    "Sentences follow sentences."), 0);
	assert_int_equal(chunker_end(chunker), 0);
	assert_string_equal(buf_text(&taken.texts),
	    "This paragraph has forty characters, or.\f"
	    "Short one. Asked Dr. Who about it and got no answer at all.\f"
	    "Sentences follow sentences.\f");
	chunker_free(chunker);
	taken_fini(&taken);
}

static void
test_overlap(void **state)
{
	struct chunker *chunker;
	struct taken taken;

	(void)state;
	taken_init(&taken, 64, 16);
	chunker = chunker_new(&taken.rule, take, &taken);
	assert_non_null(chunker);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0,
	    "one two three four five six seven eight nine ten eleven twelve "
	    "thirteen fourteen fifteen sixteen"), 0);
	assert_int_equal(add(chunker, BLOCK_HEADING, 1, "New"), 0);
	assert_int_equal(chunker_end(chunker), 0);
	assert_string_equal(buf_text(&taken.texts),
	    "one two three four five six seven eight nine ten eleven twelve\f"
	    "eleven twelve thirteen fourteen fifteen sixteen\fNew\f");
	chunker_free(chunker);
	taken_fini(&taken);
}

static void
test_continued_and_pages(void **state)
{
	struct block block = { .kind = BLOCK_PARAGRAPH, .page = 3 };
	struct chunker *chunker;
	struct taken taken;

	(void)state;
	taken_init(&taken, 100, 0);
	chunker = chunker_new(&taken.rule, take, &taken);
	assert_non_null(chunker);
	block.text = "half a wo";
	block.len = 9;
	assert_int_equal(chunker_add(chunker, &block), 0);
	block.text = "rd here";
	block.len = 7;
	block.is_continued = 1;
	block.page = 4;
	assert_int_equal(chunker_add(chunker, &block), 0);
	assert_int_equal(chunker_end(chunker), 0);
	assert_string_equal(buf_text(&taken.texts), "half a word here\f");
	assert_int_equal(taken.last_page, 4);
	chunker_free(chunker);
	taken_fini(&taken);
}

static void
test_sentences(void **state)
{
	const char *text;

	(void)state;
	text = "It ends. Here";
	assert_true(sentence_ends(text, strlen(text), 8));
	assert_false(sentence_ends(text, strlen(text), 2));
	text = "e.g. Here";
	assert_false(sentence_ends(text, strlen(text), 4));
	text = "J. Smith";
	assert_false(sentence_ends(text, strlen(text), 2));
	text = "file. txt";
	assert_false(sentence_ends(text, strlen(text), 5));
	text = "he said \"no.\" Then";
	assert_true(sentence_ends(text, strlen(text), 13));
	text = "\xE6\x97\xA5\xE3\x80\x82\xE6\x9C\xAC";
	assert_true(sentence_ends(text, strlen(text), 6));
	assert_false(sentence_ends(text, strlen(text), 3));
}

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
	static const uint32_t wide[] = { 0xE9, 0x3B1, 0x65E5, 0x3002, 0x301,
		0x1F600 };
	unsigned style = (unsigned)(next_random(seed) % 4);
	size_t len = 0, max;
	uint64_t r;

	max = next_random(seed) % (next_random(seed) % 8 == 0 ? size : 120);
	while (len + 4 < max) {
		r = next_random(seed) >> 8;
		if (style == 3 || (style == 2 && r % 5 == 0))
			len += utf8_encode(wide[r / 8 % 6], text + len);
		else if (style == 1 && r % 31 == 0)
			text[len++] = '\n';
		else if (r % 6 == 0 && style != 0)
			text[len++] = r % 12 == 0 ? '.' : ' ';
		else if (r % 7 == 0)
			text[len++] = ' ';
		else
			text[len++] = (char)('A' + r / 8 % 58);
	}
	return len;
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

/* Add count random blocks; what is visible in them goes to visible. */
static int
add_random(struct chunker *chunker, uint64_t seed, unsigned count,
    struct buf *visible)
{
	static char text[6000];
	struct block block = { .page = 1 };
	int err;

	while (count-- > 0) {
		block.kind = (enum block_kind)(1 + next_random(&seed) % 5);
		if (block.kind == BLOCK_HEADING && next_random(&seed) % 2)
			block.kind = BLOCK_PARAGRAPH;
		block.level = (uint8_t)(next_random(&seed) % 8);
		block.is_continued = next_random(&seed) % 6 == 0;
		block.page += next_random(&seed) % 5 == 0;
		block.text = text;
		block.len = random_text(&seed, text, sizeof(text));
		err = chunker_add(chunker, &block);
		if (err < 0)
			return err;
		put_visible(visible, text, block.len);
	}
	return chunker_end(chunker);
}

static void
test_nothing_is_lost(void **state)
{
	struct buf visible, got;
	struct chunker *chunker;
	struct taken taken, again;
	uint64_t seed = 0xC4BC;
	uint32_t chars;
	int round;

	(void)state;
	for (round = 0; round < 600; round++) {
		chars = (uint32_t)(64 + next_random(&seed) %
		    (round % 10 == 0 ? 7936 : 400));
		taken_init(&taken, chars, 0);
		taken_init(&again, chars, 0);
		buf_init(&visible, 64 * MIB);
		buf_init(&got, 64 * MIB);
		chunker = chunker_new(&taken.rule, take, &taken);
		assert_non_null(chunker);
		assert_int_equal(add_random(chunker, seed, 40, &visible), 0);
		chunker_free(chunker);
		put_visible(&got, buf_text(&taken.texts), taken.texts.len);
		assert_string_equal(buf_text(&visible), buf_text(&got));
		/* The same again gives the same. */
		chunker = chunker_new(&again.rule, take, &again);
		assert_non_null(chunker);
		assert_int_equal(add_random(chunker, seed, 40, &visible), 0);
		chunker_free(chunker);
		assert_string_equal(buf_text(&taken.texts),
		    buf_text(&again.texts));
		assert_string_equal(buf_text(&taken.sections),
		    buf_text(&again.sections));
		buf_fini(&visible);
		buf_fini(&got);
		taken_fini(&taken);
		taken_fini(&again);
	}
}

static void
test_overlap_random(void **state)
{
	struct chunker *chunker;
	struct taken taken;
	struct buf visible;
	uint64_t seed = 0x0BE12;
	uint32_t chars;
	int round;

	(void)state;
	for (round = 0; round < 300; round++) {
		chars = (uint32_t)(64 + next_random(&seed) %
		    (round % 3 == 0 ? 7936 : 300));
		taken_init(&taken, chars,
		    (uint32_t)(next_random(&seed) % (chars / 2 + 1)));
		buf_init(&visible, 64 * MIB);
		chunker = chunker_new(&taken.rule, take, &taken);
		assert_non_null(chunker);
		assert_int_equal(add_random(chunker, seed, 40, &visible), 0);
		assert_true(taken.texts.len >= visible.len);
		chunker_free(chunker);
		buf_fini(&visible);
		taken_fini(&taken);
	}
}

/* What a parent's children by structure leave out is white space. */
static void
test_children_random(void **state)
{
	struct chunker *chunker;
	struct taken taken;
	struct buf visible, got;
	uint64_t seed = 0xC41D;
	int round;
	size_t i;

	(void)state;
	for (round = 0; round < 200; round++) {
		taken_init(&taken, 200 + (uint32_t)(next_random(&seed) %
			(round % 5 == 0 ? 7800 : 1000)), 0);
		taken.rule.child = (struct chunk_cut){
		    .method = CHUNK_STRUCTURE,
		    .chars_max = 64 + (uint32_t)(next_random(&seed) % 200)};
		buf_init(&visible, 64 * MIB);
		buf_init(&got, 64 * MIB);
		chunker = chunker_new(&taken.rule, take, &taken);
		assert_non_null(chunker);
		assert_int_equal(add_random(chunker, seed, 40, &visible), 0);
		chunker_free(chunker);
		buf_clear(&visible);
		for (i = 0; i < taken.texts.len; i++) {
			if (strchr(" \n\t\f", taken.texts.data[i]) == NULL)
				(void)buf_putc(&visible,
				    taken.texts.data[i]);
		}
		/* The brackets go with what is put between them. */
		for (i = 0; i < taken.children.len; i++) {
			if (strchr(" \n\t\f()", taken.children.data[i]) ==
			    NULL)
				(void)buf_putc(&got, taken.children.data[i]);
		}
		assert_true(taken.child_count >= taken.count);
		assert_string_equal(buf_text(&visible), buf_text(&got));
		buf_fini(&visible);
		buf_fini(&got);
		taken_fini(&taken);
	}
}

/* One long paragraph of any length leaves no crumb at its end. */
static void
test_no_crumbs(void **state)
{
	struct block block = { .kind = BLOCK_PARAGRAPH };
	struct chunker *chunker;
	struct taken taken;
	char text[2000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(text); i++)
		text[i] = i % 6 == 5 ? ' ' : 'w';
	for (block.len = 1; block.len < sizeof(text); block.len += 3) {
		taken_init(&taken, 128, 0);
		chunker = chunker_new(&taken.rule, take, &taken);
		assert_non_null(chunker);
		block.text = text;
		assert_int_equal(chunker_add(chunker, &block), 0);
		assert_int_equal(chunker_end(chunker), 0);
		assert_true(taken.count == 1 || taken.smallest >= 128 / 8);
		chunker_free(chunker);
		taken_fini(&taken);
	}
}

/* Against the contract, but it must stay in its bounds and end. */
static void
test_broken_bytes(void **state)
{
	struct block block = { .kind = BLOCK_PARAGRAPH };
	struct chunker *chunker;
	struct taken taken;
	uint64_t seed = 0xBAD;
	size_t i;
	char *text;
	int round;

	(void)state;
	text = mem_alloc(50000);
	assert_non_null(text);
	for (round = 0; round < 40; round++) {
		taken_init(&taken, round % 2 == 0 ? 64 : 8000,
		    round % 4 == 0 ? 32 : 0);
		taken.may_be_broken = true;
		for (i = 0; i < 50000; i++)
			text[i] = (char)(round < 4 ? 0x80 :
				next_random(&seed) >> (round % 20));
		chunker = chunker_new(&taken.rule, take, &taken);
		assert_non_null(chunker);
		block.text = text;
		block.len = 50000;
		assert_int_equal(chunker_add(chunker, &block), 0);
		assert_int_equal(chunker_end(chunker), 0);
		chunker_free(chunker);
		taken_fini(&taken);
	}
	mem_free(text);
}

static void
test_errors(void **state)
{
	struct chunker *chunker;
	struct taken taken;
	struct buf visible;
	unsigned long nth;

	(void)state;
	for (nth = 1, chunker = NULL; chunker == NULL; nth++) {
		mem_fail_at(nth);
		chunker = chunker_new(&chunk_rule_default, take, &taken);
		mem_fail_at(0);
	}
	assert_int_equal(nth, 6);
	chunker_free(chunker);
	chunker_free(NULL);
	taken_init(&taken, 64, 0);
	taken.fail_at = 3;
	buf_init(&visible, MIB);
	chunker = chunker_new(&taken.rule, take, &taken);
	assert_non_null(chunker);
	assert_int_equal(add_random(chunker, 99, 40, &visible), ERR_IO);
	assert_int_equal(taken.count, 2);
	chunker_free(chunker);
	buf_fini(&visible);
	taken_fini(&taken);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_children),
		cmocka_unit_test(test_children_random),
		cmocka_unit_test(test_borders),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_continued_and_pages),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_nothing_is_lost),
		cmocka_unit_test(test_overlap_random),
		cmocka_unit_test(test_no_crumbs),
		cmocka_unit_test(test_broken_bytes),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
