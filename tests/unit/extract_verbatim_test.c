/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain text as it is, and content that is plain text whatever it looks like.
 */
#include "extract_shared.h"

#define CHECK(name, bytes, wanted)                                            \
	check(name, bytes, sizeof(bytes) - 1, wanted)

/* So that a control character does not make it binary. */
#define LONG                                                                  \
	"0123456789012345678901234567890123456789012345678901234567890123456"

static void
check(const char *name, const void *bytes, size_t len, const char *wanted)
{
	struct got got;

	read_bytes(name, bytes, len, &got);
	assert_string_equal(item_code_name(got.result.code),
	    item_code_name(ITEM_CODE_NONE));
	assert_string_equal(buf_text(&got.text), wanted);
	buf_fini(&got.text);
}

static void
test_verbatim(void **state)
{
	(void)state;
	extractor_set_reading(shared, false, true);
	CHECK("a.txt", "  One\n\n\n\n\ttwo  \r\nNAME\r\n====\r\n\n",
	    "v|  One\n\n\n\n\ttwo  \r\nNAME\r\n====\r\n\n\n");
	CHECK("a.txt", "\xEF\xBB\xBF\n a\x01\x08_\x1B[1mb\x7F\f" LONG,
	    "v|\n a_[1mb\f" LONG "\n");
	/* Latin letters of one byte are told as ever. */
	CHECK("a.txt", "Gr\xFC\xDF" "e aus M\xFCnchen, \xFC" "bers Jahr\r\n"
	    "wieder.", "v|Gr\xC3\xBC\xC3\x9F" "e aus M\xC3\xBCnchen, "
	    "\xC3\xBC" "bers Jahr\r\nwieder.\n");
	CHECK("a.ini", "[x]\r\n\r\n\r\n a = 1\n", "v|[x]\r\n\r\n\r\n a = 1\n"
	    "\n");
	/* Others mean something by what they hold. */
	CHECK("a.md", "# A\n\nb\n", "h1|A\np|b\n");
	CHECK("a.txt", "<!DOCTYPE html>\r\n<p>x\r\n<p>y", "p|x\np|y\n");
	extractor_set_reading(shared, false, false);
	CHECK("a.txt", "a\n\n\n b\r\n", "p|a\np|b\n");
}

static void
test_text(void **state)
{
	struct got got;

	(void)state;
	extractor_set_reading(shared, true, true);
	CHECK("a.md", "# A\n\nb\n", "v|# A\n\nb\n\n");
	CHECK("a.pdf", "%PDF-1.4\n<html>", "v|%PDF-1.4\n<html>\n");
	read_bytes("a.html", "<html>x", 7, &got);
	assert_string_equal(got.result.media_type, "text/plain");
	buf_fini(&got.text);
	extractor_set_reading(shared, true, false);
	CHECK("a.html", "<html>x\n\ny", "p|<html>x\np|y\n");
	extractor_set_reading(shared, false, false);
	CHECK("a.html", "<html><p>x", "p|x\n");
}

/* More than a block holds: pieces that follow each other. */
static void
test_long(void **state)
{
	size_t len = 3 * BLOCK_BYTES_MAX + 12347, i, n = 0, piece;
	char *text, *at;
	struct got got;

	(void)state;
	text = mem_alloc(len);
	assert_non_null(text);
	for (i = 0; i < len; i++)
		text[i] = "ab \xC3\xA9 "[i % 6];
	len -= len % 6;
	extractor_set_reading(shared, false, true);
	read_bytes("a.txt", text, len, &got);
	extractor_set_reading(shared, false, false);
	assert_int_equal(got.result.text_bytes, len);
	assert_true(got.blocks >= 4);
	at = got.text.data;
	for (i = 0; i < got.blocks; i++) {
		assert_memory_equal(at, i == 0 ? "v|" : "v+|", i == 0 ? 2 : 3);
		at += i == 0 ? 2 : 3;
		piece = strcspn(at, "\n");
		assert_in_range(piece, 1, len - n);
		assert_memory_equal(at, text + n, piece);
		n += piece;
		at += piece + 1;
	}
	assert_int_equal(n, len);
	mem_free(text);
	buf_fini(&got.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verbatim),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, shared_setup, shared_teardown);
}
