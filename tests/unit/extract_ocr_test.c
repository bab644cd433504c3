/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pictures of text: what is said of them without OCR, and what is read with
 * it where Tesseract is installed; hostile ones in any case.
 */
#include "extract_got.h"

static char program[4096];
static struct extractor *plain, *ocr;

/* A file of tests/data/documents/image/. */
static size_t
fixture(const char *name, char *bytes, size_t size)
{
	char path[256];
	ssize_t len;
	int fd;

	(void)snprintf(path, sizeof(path), "tests/data/documents/image/%s",
	    name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail_msg("%s is missing", path);
	len = read(fd, bytes, size);
	(void)close(fd);
	assert_true(len > 0 && (size_t)len < size);
	return (size_t)len;
}

static void
check(const char *name, const void *bytes, size_t len, enum item_code code,
    const char *words, const char *text)
{
	struct got got = {.stop_after = 0};

	assert_int_equal(run_with(ocr, &extract_limits_ocr, name, bytes, len,
			     &got), 0);
	if (got.result.code != code ||
	    strstr(got.result.message, words) == NULL)
		fail_msg("%s: %s, \"%s\"", name,
		    item_code_name(got.result.code), got.result.message);
	if (text != NULL)
		assert_string_equal(buf_text(&got.text), text);
	buf_fini(&got.text);
}

static void
test_off(void **state)
{
	static const char *const names[] = {"letter.png", "note.jpg",
	    "pages.tiff"};
	static char bytes[MIB];
	struct got got;
	size_t i, len;

	(void)state;
	assert_int_equal(extractor_probe(plain, NULL), 0);
	assert_false(extractor_has_ocr(plain));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		len = fixture(names[i], bytes, sizeof(bytes));
		got.stop_after = 0;
		assert_int_equal(run_with(plain, &extract_limits_default,
				     names[i], bytes, len, &got), 0);
		assert_int_equal(got.result.code,
		    ITEM_CODE_UNSUPPORTED_FILE_TYPE);
		assert_string_equal(got.result.message,
		    "this type of file is not supported: an image "
		    "(turn on OCR to read it)");
		assert_memory_equal(got.result.media_type, "image/", 6);
		assert_int_equal(got.blocks, 0);
		buf_fini(&got.text);
	}
}

/* Languages that are not there, and other files. */
static void
test_no_data(void **state)
{
	struct extractor *none = extractor_new_ocr(program, "xyz");
	struct got got = {.stop_after = 0};

	(void)state;
	assert_non_null(none);
	assert_int_equal(extractor_probe(none, NULL), 0);
	assert_false(extractor_has_ocr(none));
	assert_int_equal(run_with(none, &extract_limits_default, "a.txt", "x",
			     1, &got), 0);
	assert_string_equal(buf_text(&got.text), "p|x\n");
	buf_fini(&got.text);
	extractor_close(none);
}

static void
test_text(void **state)
{
	static char bytes[MIB];
	struct got got = {.stop_after = 0};
	size_t len;

	(void)state;
	if (!extractor_has_ocr(ocr))
		skip();
	len = fixture("letter.png", bytes, sizeof(bytes));
	check("letter.png", bytes, len, ITEM_CODE_NONE, "",
	    "p@1|Ships arrive at noon when the tide is high. The pilot boards "
	    "them outside the harbour and brings them to the inner basin.\n"
	    "p@1|Invoice number 4711 was paid in March.\n");
	/* The content tells, not the name. */
	len = fixture("note.jpg", bytes, sizeof(bytes));
	check("note.png", bytes, len, ITEM_CODE_NONE, "",
	    "p@1|The lighthouse was built in 1859 and is open on Sundays.\n");
	/* Taken by a camera that was held upright. */
	len = fixture("turned.jpg", bytes, sizeof(bytes));
	check("turned.jpg", bytes, len, ITEM_CODE_NONE, "",
	    "p@1|The lighthouse was built in 1859 and is open on Sundays.\n");
	len = fixture("pages.tiff", bytes, sizeof(bytes));
	assert_int_equal(run_with(ocr, &extract_limits_ocr, "pages.tiff",
			     bytes, len, &got), 0);
	assert_string_equal(buf_text(&got.text),
	    "p@1|Ships arrive at noon when the tide is high. The pilot boards "
	    "them outside the harbour and brings them to the inner basin.\n"
	    "p@1|Invoice number 4711 was paid in March.\n"
	    "p@3|The lighthouse was built in 1859 and is open on Sundays.\n");
	assert_int_equal(got.result.pages, 3);
	assert_int_equal(got.result.pages_bare, 1);
	assert_string_equal(got.result.media_type, "image/tiff");
	buf_fini(&got.text);
	check("a.md", "# A\n\nb", 6, ITEM_CODE_NONE, "", "h1|A\np|b\n");
}

static void
test_no_text(void **state)
{
	static char bytes[MIB];
	size_t len;

	(void)state;
	if (!extractor_has_ocr(ocr))
		skip();
	len = fixture("blank.png", bytes, sizeof(bytes));
	check("blank.png", bytes, len, ITEM_CODE_NO_TEXT,
	    "no text was recognised", "");
	len = fixture("noise.png", bytes, sizeof(bytes));
	check("noise.png", bytes, len, ITEM_CODE_NO_TEXT,
	    "no text was recognised", "");
}

/* A page of one white pixel whose directory is at offset 10 and is followed
 * by the one at next. */
static size_t
tiff_of(char *bytes, uint32_t width, uint32_t height, uint32_t next)
{
	const uint32_t tags[][3] = {{256, 4, width}, {257, 4, height},
	    {258, 3, 1}, {259, 3, 1}, {262, 3, 0}, {273, 4, 8}, {277, 3, 1},
	    {278, 4, height}, {279, 4, 1}};
	const uint16_t count = sizeof(tags) / sizeof(tags[0]);
	const uint32_t one = 1;
	size_t at = 12, i;

	memcpy(bytes, "II*\0\x0A\0\0\0\0\0", 10);
	memcpy(bytes + 10, &count, 2);
	for (i = 0; i < count; i++) {
		memcpy(bytes + at, &tags[i][0], 2);
		memcpy(bytes + at + 2, &tags[i][1], 2);
		memcpy(bytes + at + 4, &one, 4);
		memcpy(bytes + at + 8, &tags[i][2], 4);
		at += 12;
	}
	memcpy(bytes + at, &next, 4);
	return at + 4;
}

/* What an image says of its size is not believed. */
static void
test_sizes(void **state)
{
	static const char png[] = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR"
				  "\0\1\0\0\0\1\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0";
	static const char none[] = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR"
				   "\0\0\0\0\0\0\0\1\1\0\0\0\0\0\0\0\0\0\0\0";
	static const char jpeg[] = "\xFF\xD8\xFF\xE0\0\4\0\0\xFF\xC0\0\x11\x08"
				   "\xFF\xFF\xFF\xFF\3\0\0\0\0\0\0\0\0\0\0";
	char tiff[256];
	size_t len;

	(void)state;
	if (!extractor_has_ocr(ocr))
		skip();
	check("a.png", png, sizeof(png), ITEM_CODE_EXTRACTION_LIMIT,
	    "65536 by 65536 pixels", "");
	check("a.png", none, sizeof(none), ITEM_CODE_EXTRACTION_FAILED,
	    "it has no size", "");
	check("a.jpg", jpeg, sizeof(jpeg), ITEM_CODE_EXTRACTION_LIMIT,
	    "65535 by 65535 pixels", "");
	len = tiff_of(tiff, 4000000000u, 2, 0);
	check("a.tiff", tiff, len, ITEM_CODE_EXTRACTION_LIMIT, "4000000000",
	    "");
}

static void
test_damaged(void **state)
{
	static char bytes[MIB];
	struct got got = {.stop_after = 0};
	char tiff[256];
	size_t len, cut;

	(void)state;
	if (!extractor_has_ocr(ocr))
		skip();
	len = fixture("letter.png", bytes, sizeof(bytes));
	check("a.png", bytes, len / 2, ITEM_CODE_EXTRACTION_FAILED, "damaged",
	    "");
	check("a.png", bytes, 20, ITEM_CODE_EXTRACTION_FAILED, "no header",
	    "");
	check("a.png", bytes, 9, ITEM_CODE_EXTRACTION_FAILED, "cut off", "");
	len = fixture("note.jpg", bytes, sizeof(bytes));
	for (cut = 16; cut < 200; cut += 7)
		check("a.jpg", bytes, cut, ITEM_CODE_EXTRACTION_FAILED, "",
		    "");
	len = fixture("pages.tiff", bytes, sizeof(bytes));
	for (cut = 16; cut < len; cut += len / 40)
		check("a.tiff", bytes, cut, ITEM_CODE_EXTRACTION_FAILED,
		    "damaged", NULL);
	/* What cameras say about a picture is read byte by byte. */
	len = fixture("turned.jpg", bytes, sizeof(bytes));
	assert_memory_equal(bytes + 6, "Exif", 4);
	for (cut = 4; cut < 38; cut++) {
		bytes[cut] = (char)(bytes[cut] ^ 0xFF);
		memcpy(bytes + 40, "\xFF\xD9", 2);
		check("a.jpg", bytes, 100, ITEM_CODE_EXTRACTION_FAILED, "",
		    "");
		bytes[cut] = (char)(bytes[cut] ^ 0xFF);
	}
	for (cut = 4; cut < sizeof(tiff); cut++) {
		memset(tiff, 0, sizeof(tiff));
		(void)tiff_of(tiff, 1, 1, 0);
		tiff[cut] = (char)(tiff[cut] ^ 0x55);
		assert_int_equal(run_with(ocr, &extract_limits_ocr, "a.tiff",
				     tiff, sizeof(tiff), &got), 0);
		assert_true(got.result.code == ITEM_CODE_NO_TEXT ||
		    got.result.code == ITEM_CODE_EXTRACTION_LIMIT ||
		    strstr(got.result.message, "image") != NULL);
		buf_fini(&got.text);
	}
	/* Pages without end: the first is the next one as well. */
	len = tiff_of(tiff, 1, 1, 10);
	check("a.tiff", tiff, len, ITEM_CODE_EXTRACTION_LIMIT, "pages", "");
	len = tiff_of(tiff, 1, 1, 0xFFFFFFF0u);
	check("a.tiff", tiff, len, ITEM_CODE_EXTRACTION_FAILED,
	    "a page is missing", "");
}

static int
setup(void **state)
{
	const char *given = getenv("TIDEMARK_EXTRACT");
	ssize_t n;
	char *slash;

	(void)state;
	n = readlink("/proc/self/exe", program, sizeof(program) - 64);
	if (n < 0)
		return -1;
	program[n] = '\0';
	slash = strrchr(program, '/');
	(void)snprintf(slash + 1, 64, "../../tidemark-extract");
	if (given != NULL)
		(void)snprintf(program, sizeof(program), "%s", given);
	plain = extractor_new(program);
	ocr = extractor_new_ocr(program, "eng");
	if (plain == NULL || ocr == NULL)
		return -1;
	return extractor_probe(ocr, NULL);
}

static int
teardown(void **state)
{
	(void)state;
	extractor_close(plain);
	extractor_close(ocr);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_off),
	    cmocka_unit_test(test_no_data),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_no_text),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
