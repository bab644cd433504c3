/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain text cut by separators: exact pieces, and what holds for any text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "model/block.h"
#include "text/chunk.h"
#include "text/split.h"

#define OPENING "\xE3\x80\x8C" /* U+300C */
#define STOP "\xE3\x80\x82"    /* U+3002 */

/* What was given out: each piece and child in brackets. */
struct taken {
	const struct chunk_rule *rule;
	struct buf out;
	uint64_t bytes, count, hash;
	uint32_t page_start, page_end;
	bool is_counted; /* only the numbers are wanted */
};

static void
take_child(struct taken *taken, const struct chunk *chunk,
    const struct chunk_child *child)
{
	assert_true(child->start <= chunk->len);
	assert_true(child->len <= chunk->len - child->start);
	assert_in_range(child->len, 1, SEGMENT_BYTES_MAX);
	assert_true(utf8_is_valid(chunk->text + child->start, child->len));
	assert_int_equal(child->chars,
	    utf8_count(chunk->text + child->start, child->len));
	assert_in_range(child->chars, 1, taken->rule->child.chars_max);
	if (taken->is_counted)
		return;
	(void)buf_putc(&taken->out, '(');
	(void)buf_put(&taken->out, chunk->text + child->start, child->len);
	(void)buf_putc(&taken->out, ')');
}

static int
take(void *arg, const struct chunk *chunk)
{
	struct taken *taken = arg;
	bool is_whole = taken->rule->cut.method == CHUNK_WHOLE;
	size_t i;

	assert_int_equal(chunk->ordinal, taken->count);
	taken->count++;
	taken->bytes += chunk->len;
	for (i = 0; i < chunk->len; i++)
		taken->hash = taken->hash * 31 + (unsigned char)chunk->text[i];
	assert_in_range(chunk->len, 1, is_whole ? WHOLE_BYTES_MAX
						: SEGMENT_BYTES_MAX);
	assert_true(utf8_is_valid(chunk->text, chunk->len));
	assert_int_equal(chunk->chars, utf8_count(chunk->text, chunk->len));
	if (!is_whole)
		assert_in_range(chunk->chars, 1, taken->rule->cut.chars_max);
	taken->page_start = chunk->page_start;
	taken->page_end = chunk->page_end;
	if (!taken->is_counted) {
		if (chunk->section[0] != '\0') {
			(void)buf_puts(&taken->out, chunk->section);
			(void)buf_putc(&taken->out, ':');
		}
		(void)buf_putc(&taken->out, '[');
		(void)buf_put(&taken->out, chunk->text, chunk->len);
		(void)buf_putc(&taken->out, ']');
	}
	for (i = 0; i < chunk->child_count; i++)
		take_child(taken, chunk, &chunk->children[i]);
	return 0;
}

static void
taken_init(struct taken *taken, const struct chunk_rule *rule)
{
	memset(taken, 0, sizeof(*taken));
	taken->rule = rule;
	buf_init(&taken->out, 64 * MIB);
}

/* Cut text, handed over in two pieces. */
static int
cut(struct taken *taken, const char *text, size_t len)
{
	struct block block = {.kind = BLOCK_VERBATIM, .text = text};
	struct chunker *chunker;
	int err;

	chunker = chunker_new(taken->rule, take, taken);
	assert_non_null(chunker);
	block.len = utf8_floor(text, len, len / 2);
	err = block.len > 0 ? chunker_add(chunker, &block) : 0;
	block.is_continued = 1;
	block.text += block.len;
	block.len = len - block.len;
	if (err == 0 && block.len > 0)
		err = chunker_add(chunker, &block);
	if (err == 0)
		err = chunker_end(chunker);
	if (err == ERR_TOO_BIG)
		assert_true(strlen(chunker_words(chunker)) > 20);
	chunker_free(chunker);
	return err;
}

static void
expect_rule(const struct chunk_rule *rule, const char *text,
    const char *expected)
{
	struct taken taken;

	assert_true(chunk_rule_is_valid(rule));
	taken_init(&taken, rule);
	assert_int_equal(cut(&taken, text, strlen(text)), 0);
	assert_string_equal(buf_text(&taken.out), expected);
	buf_fini(&taken.out);
}

static void
expect(enum chunk_method method, const char *separator, uint32_t chars_max,
    uint32_t overlap, const char *text, const char *expected)
{
	struct chunk_rule rule = {.cut = {.method = method,
		.chars_max = chars_max, .overlap_chars = overlap}};

	(void)snprintf(rule.cut.separator, sizeof(rule.cut.separator), "%s",
	    separator);
	expect_rule(&rule, text, expected);
}

#define TEN(x) x x x x x x x x x x
#define THIRTY(x) TEN(x) TEN(x) TEN(x)
#define FIFTY(x) THIRTY(x) TEN(x) TEN(x)

static void
test_lines(void **state)
{
	static const char sentences[] =
	    "The quick brown fox jumps over the lazy dog. Pack my box with "
	    "five dozen liquor jugs. How vexingly quick daft zebras jump.",
	    cut_there[] =
	    "[The quick brown fox jumps over the lazy dog.][Pack my box with "
	    "five dozen liquor jugs.][How vexingly quick daft zebras jump.]";

	(void)state;
	expect(CHUNK_SEPARATOR, "\n", 50, 0,
	    "alpha beta\ngamma\n\ndelta. epsilon",
	    "[alpha beta][gamma][delta. epsilon]");
	expect(CHUNK_SEPARATOR, "\n", 50, 0, sentences, cut_there);
	expect(CHUNK_SEPARATOR, "\n", 50, 10, sentences, cut_there);
	expect(CHUNK_SEPARATOR, "###", 50, 0, "a###b###\n- c",
	    "[a][b][- c]");
	expect(CHUNK_SEPARATOR, "\n", 50, 0,
	    "# Title\n\n- item one\n\n[x](https://e.com) y\n...dots",
	    "[Title][- item one][[x](https://e.com) y][dots]");
	expect(CHUNK_SEPARATOR, "\n", 50, 0, "a\r\nb\r\n\r\nc", "[a][b][c]");
	expect(CHUNK_SEPARATOR, "\n", 50, 0, "", "");
	expect(CHUNK_SEPARATOR, "\n", 50, 0, "\n \n\t\n", "");
	expect(CHUNK_SEPARATOR, STOP, 50, 0,
	    "\xE4\xB8\x80" STOP "\xE4\xBA\x8C" STOP STOP,
	    "[\xE4\xB8\x80][\xE4\xBA\x8C]");
}

static void
test_characters(void **state)
{
	(void)state;
	expect(CHUNK_SEPARATOR, "\n", 50, 0, FIFTY("x") FIFTY("x") TEN("xx"),
	    "[" FIFTY("x") "][" FIFTY("x") "][" TEN("xx") "]");
	expect(CHUNK_SEPARATOR, "\n", 50, 10, FIFTY("x") FIFTY("x") TEN("xx"),
	    "[" FIFTY("x") "][" FIFTY("x") "][" TEN("xxxx") "]");
	expect(CHUNK_SEPARATOR, "@@@", 50, 0,
	    "short para\n\nnext " FIFTY("z") TEN("z") "\n\ntail",
	    "[short para][next][" FIFTY("z") "][" TEN("z") "][tail]");
	/* As long as may be is not too long. */
	expect(CHUNK_SEPARATOR, "\n", 50, 0, FIFTY("x"), "[" FIFTY("x") "]");
	/* An overlap of everything ends all the same. */
	expect(CHUNK_SEPARATOR, "\n", 4, 4, "abcdef", "[abcd][bcde][f]");
	expect(CHUNK_SEPARATOR, "\n", 4, 3, "abcdefgh",
	    "[abcd][bcde][fgh]");
	expect(CHUNK_SEPARATOR, "\n", 1, 1, "ab", "[a][b]");
	expect(CHUNK_RECURSIVE, "", 4, 1, "abcdefgh", "[abcd][defg][gh]");
}

static void
test_words(void **state)
{
#define TEN_WORDS "word word word word word word word word word word"
	(void)state;
	expect(CHUNK_SEPARATOR, "\n", 50, 20,
	    "w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12 w13 w14 w15 w16 w17 w18 "
	    "w19 w20",
	    "[w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12 w13 w14]"
	    "[w10 w11 w12 w13 w14 w15 w16 w17 w18 w19 w20]");
	expect(CHUNK_SEPARATOR, "\n", 50, 10, THIRTY("word "),
	    "[" TEN_WORDS "][" TEN_WORDS "][" TEN_WORDS "]"
	    "[word word word word word word]");
}

static void
test_recursive(void **state)
{
#define A THIRTY("A")
#define B THIRTY("B")
#define C THIRTY("C")
	(void)state;
	expect(CHUNK_RECURSIVE, "", 500, 50,
	    "para one line.\n\npara two line.\n\npara three",
	    "[para one line.\n\npara two line.\n\npara three]");
	expect(CHUNK_RECURSIVE, "", 70, 40, A "\n\n" B "\n\n" C,
	    "[" A "\n\n" B "][" B "\n\n" C "]");
	expect(CHUNK_RECURSIVE, "", 70, 10, A "\n\n" B "\n\n" C,
	    "[" A "\n\n" B "][" C "]");
}

/* Sixty lines: the places of the cuts and the lengths of the pieces. */
static int
take_lines(void *arg, const struct chunk *chunk)
{
	static const struct {
		uint32_t chars;
		const char *begins;
	} expected[] = {{493, "Line 0 of text.\n"}, {498, "27 of text.\n"},
	    {96, "54 of text.\n"}};
	unsigned *count = arg;

	assert_in_range(*count, 0, 2);
	assert_int_equal(chunk->chars, expected[*count].chars);
	assert_memory_equal(chunk->text, expected[*count].begins,
	    strlen(expected[*count].begins));
	(*count)++;
	return 0;
}

static void
test_many_lines(void **state)
{
	struct chunk_rule rule = {.cut = {.method = CHUNK_RECURSIVE,
		.chars_max = 500, .overlap_chars = 50}};
	struct block block = {.kind = BLOCK_VERBATIM};
	struct chunker *chunker;
	struct buf text;
	unsigned i, count = 0;

	(void)state;
	buf_init(&text, 4096);
	for (i = 0; i < 60; i++)
		assert_int_equal(buf_printf(&text, "Line %u of text.\n", i),
		    0);
	chunker = chunker_new(&rule, take_lines, &count);
	assert_non_null(chunker);
	block.text = buf_text(&text);
	block.len = text.len;
	assert_int_equal(chunker_add(chunker, &block), 0);
	assert_int_equal(chunker_end(chunker), 0);
	assert_int_equal(count, 3);
	chunker_free(chunker);
	buf_fini(&text);
}

static void
test_fixed(void **state)
{
	struct chunk_rule rule = {.cut = {.method = CHUNK_FIXED,
		.chars_max = 8, .overlap_chars = 0}};

	(void)state;
	/* Characters, whatever they take, and never more or fewer. */
	expect(CHUNK_FIXED, "", 4, 0, "abcdefghij", "[abcd][efgh][ij]");
	expect(CHUNK_FIXED, "", 4, 0, "abcdefgh", "[abcd][efgh]");
	expect(CHUNK_FIXED, "", 2, 0,
	    "\xC3\xA9\xE6\x97\xA5\xF0\x9F\x98\x80",
	    "[\xC3\xA9\xE6\x97\xA5][\xF0\x9F\x98\x80]");
	expect(CHUNK_FIXED, "", 50, 0, FIFTY("x") FIFTY("x") TEN("xx"),
	    "[" FIFTY("x") "][" FIFTY("x") "][" TEN("xx") "]");
	/* A word is not cut when there is a blank in the last eighth. */
	expect(CHUNK_FIXED, "", 16, 0, "aaaaaaaaaaaaaa bcccc d",
	    "[aaaaaaaaaaaaaa][bcccc d]");
	expect(CHUNK_FIXED, "", 16, 0, "aaaaaaaaaaaaa bccccc d",
	    "[aaaaaaaaaaaaa bc][cccc d]");
	expect(CHUNK_FIXED, "", 16, 0, "aaaaaaaaaaaaaaaa bcccc",
	    "[aaaaaaaaaaaaaaaa][bcccc]");
	/* Marks, lines and paragraphs are text like any other. */
	expect(CHUNK_FIXED, "", 8, 0, "- a\n\n# b. c\n \n\t",
	    "[- a\n\n# b][. c]");
	expect(CHUNK_FIXED, "", 8, 0, " \n ", "");
	expect(CHUNK_FIXED, "", 1, 0, "a b", "[a][b]");
	/* An overlap begins with a word when one begins soon. */
	expect(CHUNK_FIXED, "", 8, 4, "abcdefghijklmnop",
	    "[abcdefgh][efghijkl][ijklmnop]");
	expect(CHUNK_FIXED, "", 16, 5, "abc def ghij klm nopq rst",
	    "[abc def ghij klm][klm nopq rst]");
	/* Children are just as long. */
	rule.child = (struct chunk_cut){.method = CHUNK_FIXED,
	    .chars_max = 3, .overlap_chars = 1};
	expect_rule(&rule, ".a.bc de.fgh", "[.a.bc de](.a.)(.bc)(c d)(de)"
	    "[.fgh](.fg)(gh)");
}

static void
test_leading_marks(void **state)
{
	(void)state;
	expect(CHUNK_SEPARATOR, "|", 50, 0,
	    "# Head|(paren)|...x|- item|!x|[a]|1.| (y|***|"
	    OPENING "z|" STOP "q",
	    "[Head][paren)][x][- item][!x][[a]][1.][(y][z][q]");
}

static void
test_children(void **state)
{
	struct chunk_rule rule = {
	    .cut = {.method = CHUNK_SEPARATOR, .chars_max = 60,
		.separator = "\n\n"},
	    .child = {.method = CHUNK_SEPARATOR, .chars_max = 10,
		.separator = "\n"}};

	(void)state;
	/* One full stop goes, and nothing else does. */
	expect_rule(&rule, "...one\n# two\n\n" STOP STOP "x\n.\n.y z aaaaaa",
	    "[..one\n# two](.one)(# two)[" STOP "x\n.\n.y z aaaaaa](x)"
	    "(y z)(aaaaaa)");
	expect_rule(&rule, "aaaa bbbb cccc dddd", "[aaaa bbbb cccc dddd]"
	    "(aaaa bbbb)(cccc dddd)");
	rule.cut.method = CHUNK_WHOLE;
	rule.squeezes_blanks = rule.drops_addresses = true;
	/* What is one segment stays as it is. */
	expect_rule(&rule, " .a  b@c.de\n\n\n\n<|f|> ",
	    "[.a  b@c.de\n\n\n\n<|f|>](a  b@c.de)(<|f|>)");
	expect_rule(&rule, " \n ", "");
}

static int
add(struct chunker *chunker, enum block_kind kind, uint8_t level,
    const char *text, uint32_t page)
{
	struct block block = {.kind = kind, .level = level, .text = text,
	    .len = strlen(text), .page = page};

	return chunker_add(chunker, &block);
}

static void
expect_blocks(const struct chunk_rule *rule, enum chunk_form form,
    const char *expected)
{
	struct chunker *chunker;
	struct taken taken;

	taken_init(&taken, rule);
	chunker = chunker_new(rule, take, &taken);
	assert_non_null(chunker);
	chunker_set_form(chunker, form);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, "Before.", 1), 0);
	assert_int_equal(add(chunker, BLOCK_HEADING, 1, "Guide", 1), 0);
	assert_int_equal(add(chunker, BLOCK_HEADING, 2, "Install", 1), 0);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, "One.", 2), 0);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, "Two.", 2), 0);
	assert_int_equal(add(chunker, BLOCK_LIST_ITEM, 1, "a", 2), 0);
	assert_int_equal(add(chunker, BLOCK_LIST_ITEM, 1, "b", 2), 0);
	assert_int_equal(add(chunker, BLOCK_PARAGRAPH, 0, " ", 2), 0);
	assert_int_equal(add(chunker, BLOCK_HEADING, 1, "End", 3), 0);
	assert_int_equal(add(chunker, BLOCK_TABLE_ROW, 0, "k: v", 4), 0);
	assert_int_equal(chunker_end(chunker), 0);
	assert_string_equal(buf_text(&taken.out), expected);
	if (rule->cut.method == CHUNK_WHOLE) {
		assert_int_equal(taken.page_start, 1);
		assert_int_equal(taken.page_end, 4);
	} else if (form == CHUNK_FORM_SECTIONS) {
		assert_int_equal(taken.page_start, 3);
		assert_int_equal(taken.page_end, 4);
	}
	chunker_free(chunker);
	buf_fini(&taken.out);
}

static void
test_forms(void **state)
{
	struct chunk_rule rule = {.cut = {.method = CHUNK_RECURSIVE,
		.chars_max = 500}};

	(void)state;
	expect_blocks(&rule, CHUNK_FORM_RUNNING,
	    "[Before.\n\nGuide\n\nInstall\n\nOne.\n\nTwo.\n\na\nb\n\nEnd\n\n"
	    "k: v]");
	expect_blocks(&rule, CHUNK_FORM_SECTIONS,
	    "[Before.]Guide:[Guide]Guide\x1FInstall:[Install\nOne.\n\nTwo."
	    "\n\na\nb]End:[End\nk: v]");
	expect_blocks(&rule, CHUNK_FORM_ROWS,
	    "[Before.]Guide\x1FInstall:[One.]Guide\x1FInstall:[Two.]"
	    "Guide\x1FInstall:[a]Guide\x1FInstall:[b]End:[k: v]");
	rule.cut.method = CHUNK_FIXED;
	expect_blocks(&rule, CHUNK_FORM_ROWS,
	    "[Before.\n\nGuide\n\nInstall\n\nOne.\n\nTwo.\n\na\nb\n\nEnd\n\n"
	    "k: v]");
	rule.cut.chars_max = 16;
	expect_blocks(&rule, CHUNK_FORM_ROWS,
	    "[Before.\n\nGuide][Install\n\nOne.][Two.\n\na\nb\n\nEnd]"
	    "[k: v]");
	rule.cut.method = CHUNK_WHOLE;
	expect_blocks(&rule, CHUNK_FORM_SECTIONS,
	    "End:[Before.\n\n\nGuide\n\n\n\nInstall\nOne.\n\nTwo.\n\na\nb\n"
	    "\n\nEnd\nk: v]");
}

static void
test_limits(void **state)
{
	struct chunk_rule rule = {.cut = {.method = CHUNK_WHOLE}};
	struct taken taken;
	char *text;
	size_t len = 3 * MIB;

	(void)state;
	text = mem_alloc(2 * len);
	assert_non_null(text);
	memset(text, 'x', 2 * len);
	taken_init(&taken, &rule);
	taken.is_counted = true;
	assert_int_equal(cut(&taken, text, WHOLE_BYTES_MAX), 0);
	assert_int_equal(taken.bytes, WHOLE_BYTES_MAX);
	assert_int_equal(cut(&taken, text, WHOLE_BYTES_MAX + 1),
	    ERR_TOO_BIG);
	/* More children than may be. */
	rule.child = (struct chunk_cut){.method = CHUNK_RECURSIVE,
	    .chars_max = 1};
	taken_init(&taken, &rule);
	taken.is_counted = true;
	assert_int_equal(cut(&taken, text, CHILDREN_MAX + 1), ERR_TOO_BIG);
	assert_int_equal(cut(&taken, text, CHILDREN_MAX), 0);
	/* An overlap that multiplies. */
	memset(text, ' ', len);
	rule = (struct chunk_rule){.cut = {.method = CHUNK_RECURSIVE,
		.chars_max = 8000, .overlap_chars = 8000}};
	for (len = 0; len < 3 * MIB; len += 2)
		text[len] = 'x';
	taken_init(&taken, &rule);
	taken.is_counted = true;
	assert_int_equal(cut(&taken, text, len), ERR_TOO_BIG);
	mem_free(text);
}

/* Megabytes of what each border could take long for. */
static void
test_hostile(void **state)
{
	static const char *const fills[] = {"x", "\n", " ", ". ", "\n\n",
	    STOP, "a ", "\xF0\x9F\x98\x80", "[", "](http://", "http://",
	    "a@", "@a.b", "<|", "\t \n", "\x01", ")", "|>"};
	struct chunk_rule rule = {.cut = {.method = CHUNK_SEPARATOR,
		.chars_max = 500, .overlap_chars = 50, .separator = "\n"},
	    .child = {.chars_max = 100, .separator = "\n"},
	    .squeezes_blanks = true, .drops_addresses = true};
	struct taken taken;
	size_t i, n, len;
	static const enum chunk_method methods[] = {CHUNK_SEPARATOR,
	    CHUNK_RECURSIVE, CHUNK_FIXED, CHUNK_STRUCTURE};
	unsigned m;
	char *text;

	(void)state;
	text = mem_alloc(16 * MIB);
	assert_non_null(text);
	for (i = 0; i < sizeof(fills) / sizeof(fills[0]); i++) {
		len = i < 3 ? 16 * MIB : 2 * MIB;
		for (n = 0; n < len; n++)
			text[n] = fills[i][n % strlen(fills[i])];
		for (m = 0; m < 4; m++) {
			rule.cut.method = methods[m];
			rule.child.method = methods[(m + 1) % 4];
			taken_init(&taken, &rule);
			taken.is_counted = true;
			assert_int_equal(cut(&taken, text,
			    utf8_floor(text, len, len - 4)), 0);
		}
	}
	mem_free(text);
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
	static const char *const words[] = {"\n", "\n\n", " ", ". ", STOP,
	    "a", "bc", "\xC3\xA9", "\xE6\x97\xA5", "\xF0\x9F\x98\x80", "###",
	    ".", "word", "[a](http://x.y)", "me@x.org", "http://q", "\t",
	    "<|", "|>", "\x02"};
	unsigned kinds = 1 + (unsigned)(next_random(seed) % 20);
	size_t len = 0, n, max = next_random(seed) % size;
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
random_cut(uint64_t *seed, struct chunk_cut *out)
{
	static const char *const separators[] = {"\n", "\n\n", "###", " ",
	    STOP, "a"};
	static const enum chunk_method methods[] = {CHUNK_SEPARATOR,
	    CHUNK_RECURSIVE, CHUNK_FIXED, CHUNK_STRUCTURE};

	memset(out, 0, sizeof(*out));
	out->method = methods[next_random(seed) % 4];
	out->chars_max = 1 + (uint32_t)(next_random(seed) %
	    (next_random(seed) % 4 == 0 ? 8000 : 60));
	if (out->method == CHUNK_STRUCTURE && out->chars_max < 64)
		out->chars_max = 64;
	out->overlap_chars = next_random(seed) % 2 == 0 ? 0
		: (uint32_t)(next_random(seed) % (out->chars_max + 1));
	if (out->method == CHUNK_STRUCTURE || out->method == CHUNK_FIXED)
		out->overlap_chars /= 2;
	(void)snprintf(out->separator, sizeof(out->separator), "%s",
	    separators[next_random(seed) % 6]);
}

static void
test_any_text(void **state)
{
	static char text[40000];
	struct chunk_rule rule;
	struct taken taken, again;
	uint64_t seed = 0x5EED;
	size_t len;
	int round;

	(void)state;
	for (round = 0; round < 2500; round++) {
		memset(&rule, 0, sizeof(rule));
		random_cut(&seed, &rule.cut);
		if (next_random(&seed) % 3 == 0)
			random_cut(&seed, &rule.child);
		rule.squeezes_blanks = next_random(&seed) % 2 == 0;
		rule.drops_addresses = next_random(&seed) % 2 == 0;
		assert_true(chunk_rule_is_valid(&rule));
		len = random_text(&seed, text,
		    round % 50 == 0 ? sizeof(text) : 600);
		taken_init(&taken, &rule);
		taken_init(&again, &rule);
		taken.is_counted = again.is_counted = true;
		assert_int_equal(cut(&taken, text, len), 0);
		assert_int_equal(cut(&again, text, len), 0);
		assert_int_equal(taken.count, again.count);
		assert_int_equal(taken.hash, again.hash);
	}
}

static void
test_rules(void **state)
{
	struct chunk_rule rule = chunk_rule_default;
	enum chunk_method method;
	unsigned i;

	(void)state;
	for (i = 0; i < CHUNK_METHOD_COUNT; i++) {
		assert_int_equal(chunk_method_parse(
		    chunk_method_name((enum chunk_method)i), &method), 0);
		assert_int_equal(method, i);
	}
	assert_int_equal(chunk_method_parse("none", &method), ERR_NOT_FOUND);
	assert_true(chunk_rule_is_valid(&rule));
	rule.cut.chars_max = 63;
	assert_false(chunk_rule_is_valid(&rule));
	rule.cut.method = CHUNK_RECURSIVE;
	assert_true(chunk_rule_is_valid(&rule));
	rule.cut.overlap_chars = 63;
	assert_true(chunk_rule_is_valid(&rule));
	rule.cut.overlap_chars = 64;
	assert_false(chunk_rule_is_valid(&rule));
	rule.cut = (struct chunk_cut){.method = CHUNK_SEPARATOR,
	    .chars_max = 8000, .separator = "\n"};
	assert_true(chunk_rule_is_valid(&rule));
	rule.cut.chars_max = 8001;
	assert_false(chunk_rule_is_valid(&rule));
	rule.cut.chars_max = 0;
	assert_false(chunk_rule_is_valid(&rule));
	rule.cut.chars_max = 8;
	rule.cut.separator[0] = '\0';
	assert_false(chunk_rule_is_valid(&rule));
	rule.cut.separator[0] = '\x80';
	assert_false(chunk_rule_is_valid(&rule));
	memset(rule.cut.separator, 'x', sizeof(rule.cut.separator));
	assert_false(chunk_rule_is_valid(&rule));
	rule.cut.method = CHUNK_WHOLE;
	assert_true(chunk_rule_is_valid(&rule));
	rule.child = (struct chunk_cut){.method = CHUNK_WHOLE,
	    .chars_max = 100};
	assert_false(chunk_rule_is_valid(&rule));
	rule.child.method = CHUNK_SEMANTIC;
	assert_false(chunk_rule_is_valid(&rule));
	rule.child.method = CHUNK_RECURSIVE;
	assert_true(chunk_rule_is_valid(&rule));
	rule.child.method = CHUNK_FIXED;
	rule.child.overlap_chars = 51;
	assert_false(chunk_rule_is_valid(&rule));
	rule.child.overlap_chars = 50;
	assert_true(chunk_rule_is_valid(&rule));
	rule.child.method = CHUNK_STRUCTURE;
	assert_true(chunk_rule_is_valid(&rule));
	rule.child.chars_max = 63;
	assert_false(chunk_rule_is_valid(&rule));
}

/* What is visible stays, whatever the length; without overlap, once. */
static void
test_fixed_keeps_all(void **state)
{
	static char text[40000];
	struct chunk_rule rule = {.cut = {.method = CHUNK_FIXED}};
	struct buf visible, got;
	struct taken taken;
	uint64_t seed = 0xF17ED;
	size_t len, i, least;
	int round;

	(void)state;
	for (round = 0; round < 1000; round++) {
		rule.cut.chars_max = 1 + (uint32_t)(next_random(&seed) %
		    (round % 10 == 0 ? 8000 : 60));
		len = random_text(&seed, text,
		    round % 50 == 0 ? sizeof(text) : 600);
		/* None of what scrubbing takes away, and no brackets. */
		for (i = 0; i < len; i++) {
			if (strchr("\x02<|[]()", text[i]) != NULL)
				text[i] = 'z';
		}
		taken_init(&taken, &rule);
		assert_int_equal(cut(&taken, text, len), 0);
		buf_init(&visible, MIB);
		buf_init(&got, MIB);
		for (i = 0; i < len; i++) {
			if (strchr(" \n\t", text[i]) == NULL)
				(void)buf_putc(&visible, text[i]);
		}
		for (i = 0; i < taken.out.len; i++) {
			if (strchr(" \n\t[]", taken.out.data[i]) == NULL)
				(void)buf_putc(&got, taken.out.data[i]);
		}
		assert_string_equal(buf_text(&visible), buf_text(&got));
		least = visible.len / (4 * rule.cut.chars_max);
		assert_true(taken.count >= least);
		buf_fini(&visible);
		buf_fini(&got);
		buf_fini(&taken.out);
	}
}

static void
test_memory(void **state)
{
	struct chunk_rule rule = {.cut = {.method = CHUNK_SEPARATOR,
		.chars_max = 5, .separator = "\n"},
	    .child = {.method = CHUNK_RECURSIVE, .chars_max = 3}};
	struct block block = {.kind = BLOCK_VERBATIM, .text = "a b c\nd",
	    .len = 7, .page = 1};
	struct chunker *chunker;
	struct taken taken;
	unsigned long nth;
	int err = ERR_NOMEM;

	(void)state;
	for (nth = 1; err == ERR_NOMEM; nth++) {
		taken_init(&taken, &rule);
		taken.is_counted = true;
		mem_fail_at(nth);
		chunker = chunker_new(&rule, take, &taken);
		if (chunker != NULL) {
			err = chunker_add(chunker, &block);
			if (err == 0)
				err = chunker_end(chunker);
		}
		mem_fail_at(0);
		chunker_free(chunker);
	}
	assert_int_equal(err, 0);
	assert_int_equal(taken.count, 2);
	assert_true(nth > 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_recursive),
		cmocka_unit_test(test_many_lines),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_fixed_keeps_all),
		cmocka_unit_test(test_leading_marks),
		cmocka_unit_test(test_children),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_any_text),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
