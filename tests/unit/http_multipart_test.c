/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "http/multipart.h"

#define TYPE "multipart/form-data; boundary=\"--b:x\""
#define B "--b:x"

static struct buf seen;
static int fail_at;

static int
on_begin(void *arg, const struct multipart_part *part)
{
	(void)arg;
	(void)buf_printf(&seen, "[%s|%s|", part->name,
	    part->file_name == NULL ? "-" : part->file_name);
	return 0;
}

static int
on_data(void *arg, const char *bytes, size_t len)
{
	(void)arg;
	(void)buf_put(&seen, bytes, len);
	return fail_at != 0 && seen.len >= (size_t)fail_at
	    ? ERR_STORAGE_FULL : 0;
}

static int
on_end(void *arg)
{
	(void)arg;
	return buf_putc(&seen, ']');
}

static const struct multipart_events events = {
    .begin = on_begin, .data = on_data, .end = on_end};

/* Feed body in pieces of step bytes. */
static int
feed(const char *body, size_t len, size_t step)
{
	struct multipart *multipart;
	size_t n;
	int err = 0;

	buf_clear(&seen);
	assert_int_equal(multipart_new(TYPE, &events, NULL, &multipart), 0);
	for (size_t at = 0; at < len && err == 0; at += n) {
		n = len - at < step ? len - at : step;
		err = multipart_feed(multipart, body + at, n);
	}
	if (err == 0)
		err = multipart_finish(multipart);
	multipart_free(multipart);
	return err;
}

static void
check(const char *body, size_t len, const char *expected)
{
	for (size_t step = 1; step <= len; step++) {
		assert_int_equal(feed(body, len, step), 0);
		assert_string_equal(buf_text(&seen), expected);
	}
}

#define CHECK(body, expected) check(body, sizeof(body) - 1, expected)

static void
test_parts(void **state)
{
	(void)state;
	CHECK("--" B "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
	    "1\r\n--" B "\r\nContent-Disposition: form-data; name=\"file\"; "
	    "filename=\"x.md\"\r\nContent-Type: text/markdown\r\n\r\n"
	    "# x\r\n\r\n--not it\r\n--" B "--\r\n",
	    "[a|-|1][file|x.md|# x\r\n\r\n--not it]");
}

/* Two files of one name, the first of them empty: still two. */
static void
test_empty_file(void **state)
{
	(void)state;
	CHECK("--" B "\r\nContent-Disposition: form-data; name=\"f\"; "
	    "filename=\"e\"\r\n\r\n\r\n--" B " \t\r\n"
	    "content-disposition:form-data;name=f;filename=e\r\n\r\n"
	    "full\r\n--" B "--",
	    "[f|e|][f|e|full]");
}

static void
test_preamble_epilogue(void **state)
{
	(void)state;
	CHECK("ignored\r\n--" B "\r\nContent-Disposition: form-data; "
	    "name=\"a\"\r\n\r\nx\r\n--" B "--\r\nignored --" B "\r\n",
	    "[a|-|x]");
}

static void
test_names(void **state)
{
	(void)state;
	CHECK("--" B "\r\nContent-Disposition: form-data; name=\"a\"; "
	    "filename=\"plain\"; filename*=UTF-8''%E2%82%AC%20.md\r\n\r\n"
	    "\r\n--" B "--", "[a|\xE2\x82\xAC .md|]");
	CHECK("--" B "\r\nContent-Disposition: form-data; name=\"a\\\"b\"; "
	    "filename=\"C:\\dir\\f;x.txt\"\r\n\r\n\r\n--" B "--",
	    "[a\"b|C:\\dir\\f;x.txt|]");
}

static void
test_bad(void **state)
{
	static const char *const bad[] = {
	    "",
	    "--" B "\r\n",
	    "--" B "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx",
	    "--" B "\r\nContent-Type: text/plain\r\n\r\nx\r\n--" B "--",
	    "--" B "garbage\r\n\r\n\r\n--" B "--",
	    "--" B "\r\n\r\nx\r\n--" B "--"};
	static const char zero[] = "--" B "\r\nContent-\0Disposition: x";
	struct multipart *multipart;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		for (size_t step = 1; step < 64; step += 7)
			assert_int_equal(feed(bad[i], strlen(bad[i]), step),
			    ERR_SYNTAX);
	assert_int_equal(feed(zero, sizeof(zero) - 1, 5), ERR_SYNTAX);
	assert_int_equal(multipart_new("text/plain", &events, NULL,
	    &multipart), ERR_SYNTAX);
	assert_int_equal(multipart_new("multipart/form-data", &events, NULL,
	    &multipart), ERR_SYNTAX);
	assert_int_equal(multipart_new("multipart/form-data; boundary=",
	    &events, NULL, &multipart), ERR_SYNTAX);
}

static void
test_long_header(void **state)
{
	static char body[40000];
	size_t len;

	(void)state;
	len = (size_t)snprintf(body, sizeof(body), "--" B "\r\nX: ");
	memset(body + len, 'x', 20000);
	len += 20000;
	assert_int_equal(feed(body, len, 1000), ERR_TOO_BIG);
	len += (size_t)snprintf(body + len, sizeof(body) - len,
	    "\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--" B
	    "--");
	assert_int_equal(feed(body, len, len), ERR_TOO_BIG);
}

/* What an event returns ends it, for good. */
static void
test_event_error(void **state)
{
	static const char body[] = "--" B "\r\nContent-Disposition: form-data;"
	    " name=\"a\"\r\n\r\n0123456789\r\n--" B "--";

	(void)state;
	fail_at = 8;
	assert_int_equal(feed(body, sizeof(body) - 1, 10), ERR_STORAGE_FULL);
	fail_at = 0;
}

static int
setup(void **state)
{
	(void)state;
	buf_init(&seen, 1000000);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_fini(&seen);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_empty_file),
	    cmocka_unit_test(test_preamble_epilogue),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_long_header),
	    cmocka_unit_test(test_event_error),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
