/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "model/block.h"
#include "text/clean.h"

static void
expect_kind(enum block_kind kind, uint8_t is_continued, const char *text,
    const char *wanted)
{
	struct block block = { .kind = kind, .is_continued = is_continued };
	struct buf out;
	char *exact;

	block.len = strlen(text);
	exact = mem_alloc(block.len);
	assert_non_null(exact);
	memcpy(exact, text, block.len);
	block.text = exact;
	buf_init(&out, MIB);
	/* What is there already stays. */
	assert_int_equal(buf_puts(&out, "- "), 0);
	assert_int_equal(clean_block(&block, &out), 0);
	assert_string_equal(buf_text(&out) + 2, wanted);
	assert_memory_equal(buf_text(&out), "- ", 2);
	buf_fini(&out);
	mem_free(exact);
}

static void
expect(const char *text, const char *wanted)
{
	expect_kind(BLOCK_PARAGRAPH, 0, text, wanted);
}

static void
test_white_space(void **state)
{
	(void)state;
	expect("", "");
	expect(" \n\t ", "");
	expect("plain", "plain");
	expect(" a  b\tc\r\nd\n\n  e \n", "a b c d e");
	expect("a line that is longer than a vector \n  and its\n"
	       "       continuation  with   several    blanks inside of it ",
	    "a line that is longer than a vector and its continuation with "
	    "several blanks inside of it");
	expect("a\xC2\xA0" "b \xE3\x80\x80 c\xE2\x80\xA8" "d", "a b c d");
	expect("\xC2\xA0 a \xC2\xA0", "a");
	expect("a \xE2\x80\x8B b", "a b");
}

static void
test_dropped(void **state)
{
	(void)state;
	expect("\xEF\xBB\xBFq\x01w\x7F" "e\x1B", "qwe");
	expect("so\xC2\xAD" "ft", "soft");
	expect("a\xE2\x80\x8B" "b\xE2\x80\xAE" "c\xE2\x81\xA6" "d", "abcd");
	expect("x\xF3\xA0\x81\xA9y", "xy");
	expect("\xC2\x85" "a\xC2\x9F", "a");
}

static void
test_joiners(void **state)
{
	(void)state;
	expect("a\xE2\x80\x8D" "b", "ab");
	expect("\xE2\x80\x8D", "");
	expect("\xD9\x85\xE2\x80\x8C\xD8\xAE", "\xD9\x85\xE2\x80\x8C\xD8\xAE");
}

static void
test_hyphens(void **state)
{
	(void)state;
	expect("docu-\nment", "document");
	expect("docu-\n     ment and num-  \r\n ber", "document and number");
	expect("client-\nServer", "client- Server");
	expect("UTF-\nbased", "UTF- based");
	expect("two-\n\nlines", "two- lines");
	expect("a - \nb", "a - b");
	expect("inter-war", "inter-war");
	expect("so\xC2\xAD\nftware", "software");
	expect("docu\xE2\x80\x90\n   ment", "document");
	expect("\xC3\xBC-\n\xC3\xA4", "\xC3\xBC\xC3\xA4");
	expect("end-\n", "end-");
}

static void
test_composed(void **state)
{
	(void)state;
	expect("\xEF\xAC\x80\xEF\xAC\x83\xEF\xAC\x86", "ffffist");
	expect("e\xCC\x81", "\xC3\xA9");
	expect("\xE2\x84\xAB", "\xC3\x85");
	/* Composition that grows. */
	expect("\xE0\xA5\x98", "\xE0\xA4\x95\xE0\xA4\xBC");
}

static void
test_code(void **state)
{
	(void)state;
	expect_kind(BLOCK_CODE, 0, "\n\n  if (x)  \r\n\treturn\xC2\xA0y;\t\n"
	    "\n}\n\n", "  if (x)\n\treturn y;\n\n}");
	expect_kind(BLOCK_CODE, 0, "a  b-\nc", "a  b-\nc");
	expect_kind(BLOCK_CODE, 0, "a\rb", "a\nb");
	expect_kind(BLOCK_TABLE_ROW, 0, "a: b;\n c: d", "a: b; c: d");
}

static void
test_continued(void **state)
{
	struct block block = { .kind = BLOCK_PARAGRAPH };
	struct buf out;
	char *text;

	(void)state;
	expect_kind(BLOCK_PARAGRAPH, 1, "  more", " more");
	expect_kind(BLOCK_PARAGRAPH, 1, "more ", "more");
	expect_kind(BLOCK_CODE, 1, "\n  x\n", "\n  x");
	text = mem_alloc(BLOCK_BYTES_MAX);
	assert_non_null(text);
	memset(text, 'x', BLOCK_BYTES_MAX);
	text[BLOCK_BYTES_MAX - 1] = ' ';
	block.text = text;
	block.len = BLOCK_BYTES_MAX;
	buf_init(&out, MIB);
	assert_int_equal(clean_block(&block, &out), 0);
	assert_int_equal(out.len, BLOCK_BYTES_MAX);
	assert_int_equal(out.data[out.len - 1], ' ');
	buf_fini(&out);
	mem_free(text);
}

static void
test_errors(void **state)
{
	struct block block = { .kind = BLOCK_PARAGRAPH };
	struct buf out;
	unsigned long nth;
	int err = ERR_NOMEM;

	(void)state;
	block.text = "e\xCC\x81";
	block.len = 3;
	buf_init(&out, 8);
	assert_int_equal(clean_block(&block, &out), ERR_TOO_BIG);
	buf_fini(&out);
	for (nth = 1; err < 0; nth++) {
		buf_init(&out, MIB);
		mem_fail_at(nth);
		err = clean_block(&block, &out);
		mem_fail_at(0);
		assert_true(err == 0 || err == ERR_NOMEM);
		buf_fini(&out);
	}
	assert_true(nth > 3);
}

static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Whatever comes in, valid UTF-8 comes out. */
static void
test_random(void **state)
{
	static const char alphabet[] = "aB-  \n\t.\r\x01";
	struct block block = { 0 };
	uint64_t seed = 0xC1EA, r;
	struct buf out;
	size_t size;
	char *text;
	int round;

	(void)state;
	for (round = 0; round < 4000; round++) {
		size = next_random(&seed) % 120 + 8;
		text = mem_alloc(size);
		assert_non_null(text);
		block.len = 0;
		while (block.len + 4 < size) {
			r = next_random(&seed);
			if (r % 3 != 0)
				text[block.len++] =
				    alphabet[(r >> 8) % (sizeof(alphabet) - 1)];
			else if (round % 2 == 0)
				text[block.len++] = (char)(r >> 16);
			else if ((r >> 40 & 0xF800) != 0xD800)
				block.len += utf8_encode(r >> 40 & 0xFFFF,
				    text + block.len);
		}
		block.text = text;
		block.kind = (enum block_kind)(1 + round / 2 % 5);
		block.is_continued = round % 7 == 0;
		buf_init(&out, MIB);
		assert_int_equal(clean_block(&block, &out), 0);
		assert_true(utf8_is_valid(out.data, out.len));
		if (block.kind != BLOCK_CODE)
			assert_null(strstr(out.data, "  "));
		buf_fini(&out);
		mem_free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_white_space),
		cmocka_unit_test(test_dropped),
		cmocka_unit_test(test_joiners),
		cmocka_unit_test(test_hyphens),
		cmocka_unit_test(test_composed),
		cmocka_unit_test(test_code),
		cmocka_unit_test(test_continued),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
