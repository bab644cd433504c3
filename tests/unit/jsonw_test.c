/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/limits.h"

struct out {
	struct buf buf;
	struct jsonw w;
};

static void
out_init(struct out *out)
{
	buf_init(&out->buf, MIB);
	jsonw_init(&out->w, &out->buf);
}

static void
out_expect(struct out *out, const char *wanted)
{
	assert_int_equal(out->buf.err, 0);
	assert_string_equal(buf_text(&out->buf), wanted);
	buf_fini(&out->buf);
}

static void
test_shapes(void **state)
{
	struct out out;
	struct jsonw *w = &out.w;

	(void)state;
	out_init(&out);
	jsonw_object(w);
	jsonw_object_end(w);
	out_expect(&out, "{}");

	out_init(&out);
	jsonw_array(w);
	jsonw_int(w, 1);
	jsonw_array(w);
	jsonw_array_end(w);
	jsonw_object(w);
	jsonw_nint(w, "a", -2);
	jsonw_name(w, "b");
	jsonw_array(w);
	jsonw_bool(w, true);
	jsonw_bool(w, false);
	jsonw_null(w);
	jsonw_array_end(w);
	jsonw_nstring(w, "c", NULL);
	jsonw_nbool(w, "d", true);
	jsonw_nnull(w, "e");
	jsonw_nuint(w, "f", UINT64_MAX);
	jsonw_nreal(w, "g", 0.5, 3);
	jsonw_ntime(w, "h", 1);
	jsonw_object_end(w);
	jsonw_raw(w, "{\"x\":1}", 7);
	jsonw_string(w, "y");
	jsonw_array_end(w);
	out_expect(&out,
	    "[1,[],{\"a\":-2,\"b\":[true,false,null],\"c\":null,\"d\":true,"
	    "\"e\":null,\"f\":18446744073709551615,\"g\":0.5,"
	    "\"h\":\"1970-01-01T00:00:00.000001Z\"},{\"x\":1},\"y\"]");
}

static void
test_depth(void **state)
{
	struct out out;
	json_t *json;
	unsigned i;

	(void)state;
	out_init(&out);
	for (i = 0; i < JSONW_DEPTH_MAX; i++) {
		jsonw_array(&out.w);
		jsonw_int(&out.w, i);
	}
	for (i = 0; i < JSONW_DEPTH_MAX; i++) {
		jsonw_array_end(&out.w);
		if (i + 1 < JSONW_DEPTH_MAX)
			jsonw_null(&out.w);
	}
	json = json_loadb(out.buf.data, out.buf.len, 0, NULL);
	assert_non_null(json);
	assert_int_equal(json_array_size(json), 3);
	json_decref(json);
	buf_fini(&out.buf);
}

static void
expect_int(int64_t value, const char *wanted)
{
	struct out out;

	out_init(&out);
	jsonw_int(&out.w, value);
	out_expect(&out, wanted);
}

static void
expect_real(double value, int digits, const char *wanted)
{
	struct out out;

	out_init(&out);
	jsonw_real(&out.w, value, digits);
	out_expect(&out, wanted);
}

static void
test_numbers(void **state)
{
	(void)state;
	expect_int(0, "0");
	expect_int(INT64_MAX, "9223372036854775807");
	expect_int(INT64_MIN, "-9223372036854775808");
	expect_real(0, 3, "0");
	expect_real(1, 3, "1");
	expect_real(1.5, 3, "1.5");
	expect_real(1.2345, 2, "1.23");
	expect_real(100, 0, "100");
	expect_real(100, 2, "100");
	expect_real(-0.25, 4, "-0.25");
	expect_real(99.999, 2, "100");
	expect_real(1e18, 1, "1000000000000000000");
	expect_real(1e300, 1, "null");
	expect_real((double)NAN, 1, "null");
	expect_real((double)INFINITY, 1, "null");
	expect_real((double)-INFINITY, 1, "null");
}

static void
expect_text(const char *text, size_t len, bool ascii, const char *wanted)
{
	struct out out;

	out_init(&out);
	out.w.ascii = ascii;
	jsonw_stringn(&out.w, text, len);
	out_expect(&out, wanted);
}

static void
test_strings(void **state)
{
	(void)state;
	expect_text("", 0, false, "\"\"");
	expect_text("a\"\\/", 4, false, "\"a\\\"\\\\/\"");
	expect_text("\b\t\n\f\r", 5, false, "\"\\b\\t\\n\\f\\r\"");
	expect_text("a\0b\x1F\x7F", 5, false,
	    "\"a\\u0000b\\u001f\\u007f\"");
	expect_text("\xC3\xA4\xF0\x9F\x98\x80", 6, false,
	    "\"\xC3\xA4\xF0\x9F\x98\x80\"");
	expect_text("\xC3\xA4\xF0\x9F\x98\x80", 6, true,
	    "\"\\u00e4\\ud83d\\ude00\"");
	expect_text("a\xFF\xC3z\xE2\x82", 6, false,
	    "\"a\xEF\xBF\xBD\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\"");
	expect_text("a\xFF", 2, true, "\"a\\ufffd\"");
	/* The character itself comes through as it is. */
	expect_text("\xEF\xBF\xBD.", 4, false, "\"\xEF\xBF\xBD.\"");
}

/* Whatever the bytes, what comes out is JSON and means the same. */
static void
test_strings_are_read_back(void **state)
{
	uint64_t seed = 88172645463325252ULL;
	char text[64];
	struct out out;
	json_t *json;
	size_t i, len;
	int round;

	(void)state;
	for (round = 0; round < 20000; round++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		len = (size_t)(seed % sizeof(text));
		for (i = 0; i < len; i++) {
			seed = seed * 6364136223846793005ULL + 1;
			text[i] = (char)(seed >> (round % 2 == 0 ? 56 : 57));
		}
		out_init(&out);
		out.w.ascii = round % 3 == 0;
		jsonw_stringn(&out.w, text, len);
		json = json_loadb(out.buf.data, out.buf.len,
		    JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		assert_non_null(json);
		if (round % 2 == 1) { /* ASCII only */
			assert_int_equal(json_string_length(json), len);
			assert_memory_equal(json_string_value(json), text,
			    len);
		}
		json_decref(json);
		buf_fini(&out.buf);
	}
}

static void
test_times(void **state)
{
	struct out out;
	char text[TIME_TEXT_SIZE], wanted[TIME_TEXT_SIZE];
	struct tm tm;
	time_t day;

	(void)state;
	out_init(&out);
	jsonw_array(&out.w);
	jsonw_time(&out.w, 0);
	jsonw_time(&out.w, 1735689599999999LL);
	jsonw_array_end(&out.w);
	out_expect(&out, "[null,\"2024-12-31T23:59:59.999999Z\"]");

	/* Each day to 2200 as the system has it. */
	for (day = 0; day < 84000; day++) {
		time_t at = day * 86400 + day % 86400;

		assert_non_null(gmtime_r(&at, &tm));
		assert_true(strftime(wanted, sizeof(wanted),
				"%Y-%m-%dT%H:%M:%S.000000Z", &tm) > 0);
		time_format((int64_t)at * 1000000, text);
		assert_string_equal(text, wanted);
	}
	time_format(-5, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000000Z");
	time_format(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999999Z");
}

/* What is too long is an error that stays, not half an answer. */
static void
test_error_sticks(void **state)
{
	struct buf buf;
	struct jsonw w;

	(void)state;
	buf_init(&buf, 16);
	jsonw_init(&w, &buf);
	jsonw_object(&w);
	jsonw_nstring(&w, "name", "longer than sixteen");
	assert_int_equal(buf.err, ERR_TOO_BIG);
	jsonw_nint(&w, "a", 1);
	jsonw_object_end(&w);
	assert_int_equal(buf.err, ERR_TOO_BIG);
	buf_fini(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shapes),
	    cmocka_unit_test(test_depth),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_strings),
	    cmocka_unit_test(test_strings_are_read_back),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_error_sticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
