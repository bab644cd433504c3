/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/client.h"
#include "cmd/job_view.h"
#include "cmd/term.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char running[] =
    "{\"id\":\"0b1f4a52-0000-4000-8000-000000000001\",\"base\":\"handbook\","
    "\"state\":\"running\",\"revision\":1842,"
    "\"counts\":{\"total\":602,\"queued\":311,\"processing\":4,"
    "\"completed\":281,\"failed\":2,\"skipped\":4,\"cancelled\":0},"
    "\"bytes\":{\"total\":15478341,\"done\":7101220},"
    "\"stages\":[{\"name\":\"extracting\",\"items\":1},"
    "{\"name\":\"embedding\",\"items\":3}],"
    "\"percent\":47.6,\"eta\":{\"seconds\":4,\"low\":3,\"high\":7},"
    "\"throughput\":{\"items_per_second\":71.2,"
    "\"bytes_per_second\":1810220},\"waiting_for\":null,\"error\":null}";

static void
view_read(const char *json, struct job_view *view)
{
	json_error_t error;
	json_t *object = json_loads(json, 0, &error);

	assert_non_null(object);
	assert_int_equal(job_view_parse(object, view), 0);
	json_decref(object);
}

static void
assert_line(const struct job_view *view, const char *expected)
{
	struct buf line;

	buf_init(&line, 4096);
	job_view_line(view, &line);
	assert_string_equal(buf_text(&line), expected);
	buf_fini(&line);
}

static void
test_line(void **state)
{
	struct job_view view;

	(void)state;
	view_read(running, &view);
	assert_int_equal(view.revision, 1842);
	assert_line(&view,
	    "running 47.6 %, 287 of 602, 2 failed, 4 skipped, embedding, "
	    "71/s, 1.8 MB/s, 4 s left (3 s to 7 s)");
	view.has_eta = false;
	(void)snprintf(view.waiting_for, sizeof(view.waiting_for), "storage");
	assert_line(&view,
	    "running 47.6 %, 287 of 602, 2 failed, 4 skipped, "
	    "waiting for storage, 71/s, 1.8 MB/s");
	view.state = JOB_COMPLETED_WITH_FAILURES;
	view.percent = 100;
	assert_line(&view,
	    "completed with failures 100.0 %, 287 of 602, 2 failed, "
	    "4 skipped");
}

static void
test_parse_refuses(void **state)
{
	static const char *const bad[] = {"{}", "[]",
	    "{\"id\":\"x\",\"state\":\"running\"}",
	    ("{\"id\":\"0b1f4a52-0000-4000-8000-000000000001\","
	     "\"state\":\"dancing\"}")};
	struct job_view view;
	json_t *object;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		object = json_loads(bad[i], 0, NULL);
		assert_int_equal(job_view_parse(object, &view), ERR_SYNTAX);
		json_decref(object);
	}
}

/* The bar never fills more than the terminal, and a full one means the
 * end. */
static void
test_bar(void **state)
{
	struct job_view view;
	struct buf bar;
	unsigned width;

	(void)state;
	view_read(running, &view);
	buf_init(&bar, 4096);
	for (width = 20; width <= 200; width++) {
		buf_clear(&bar);
		job_view_bar(&view, width, false, &bar);
		assert_int_equal(bar.err, 0);
		assert_true(text_width(bar.data, bar.len) < width);
		assert_null(strchr(bar.data, '\033'));
		assert_non_null(strstr(bar.data, " 47 % ["));
	}
	view.percent = 99.99;
	buf_clear(&bar);
	job_view_bar(&view, 80, true, &bar);
	assert_non_null(strstr(bar.data, " 99 % ["));
	assert_non_null(strchr(bar.data, '-'));
	buf_fini(&bar);
}

static void
test_sum(void **state)
{
	struct job_view sum, view;

	(void)state;
	view_read(running, &sum);
	view = sum;
	view.state = JOB_COMPLETED;
	view.percent = 100;
	view.has_eta = false;
	job_view_add(&sum, &view);
	assert_int_equal(sum.state, JOB_RUNNING);
	assert_int_equal(sum.counts.total, 1204);
	assert_true(sum.percent > 73.7 && sum.percent < 73.9);
	assert_true(sum.items_per_second < 72);
	sum.state = JOB_COMPLETED;
	view.state = JOB_COMPLETED_WITH_FAILURES;
	job_view_add(&sum, &view);
	assert_int_equal(sum.state, JOB_COMPLETED_WITH_FAILURES);
	assert_int_equal(job_view_status(&sum), 1);
}

static void
test_units(void **state)
{
	static const struct {
		double value;
		const char *text;
	} bytes[] = {{0, "0 B"}, {999, "999 B"}, {1000, "1.0 kB"},
	    {9949, "9.9 kB"}, {10000, "10 kB"}, {999500, "1.0 MB"},
	    {15478341, "15 MB"}, {2e15, "2000 TB"}},
	  seconds[] = {{0.5, "0.5 s"}, {3.2, "3.2 s"}, {12, "12 s"},
	      {119, "119 s"}, {200, "3 min 20 s"}, {7300, "2 h 1 min"},
	      {1e300, "years"}};
	struct buf out;
	size_t i;

	(void)state;
	buf_init(&out, 256);
	for (i = 0; i < COUNT(bytes); i++) {
		buf_clear(&out);
		bytes_put(&out, bytes[i].value);
		assert_string_equal(buf_text(&out), bytes[i].text);
	}
	for (i = 0; i < COUNT(seconds); i++) {
		buf_clear(&out);
		seconds_put(&out, seconds[i].value);
		assert_string_equal(buf_text(&out), seconds[i].text);
	}
	buf_fini(&out);
}

static void
test_clean(void **state)
{
	static const struct {
		const char *text, *clean;
	} rows[] = {
	    {"plain.txt", "plain.txt"},
	    {"a\033[31mb\x07", "a\xEF\xBF\xBD[31mb\xEF\xBF\xBD"},
	    {"two\nlines\tand", "two lines and"},
	    {"\xC2\x9Bxm", "\xEF\xBF\xBDxm"},	   /* C1 */
	    {"x\xE2\x80\xAEgpj", "x\xEF\xBF\xBDgpj"},	   /* override */
	    {"bad\xFF", "bad\xEF\xBF\xBD"},
	    {"\xE6\xBD\xAE", "\xE6\xBD\xAE"},
	};
	struct buf out;
	size_t i;

	(void)state;
	buf_init(&out, 256);
	for (i = 0; i < COUNT(rows); i++) {
		buf_clear(&out);
		text_clean(&out, rows[i].text, strlen(rows[i].text));
		assert_string_equal(buf_text(&out), rows[i].clean);
	}
	buf_fini(&out);
	assert_int_equal(text_width("ab\xE6\xBD\xAE", 5), 4);
	assert_int_equal(text_fit("ab\xE6\xBD\xAE", 5, 3), 2);
	assert_int_equal(text_width("e\xCC\x81", 3), 1);
}

static void
test_wrap(void **state)
{
	char page[1024] = "";
	FILE *file = fmemopen(page, sizeof(page), "w");

	(void)state;
	assert_non_null(file);
	text_wrap(file,
	    " one two  three four\nfive six seven eight nine ten eleven ", 26,
	    4, 3);
	assert_int_equal(fclose(file), 0);
	assert_string_equal(page,
	    "    one two three four\n"
	    "    five six seven eight\n"
	    "    nine ten eleven\n");
}

static void
test_path(void **state)
{
	struct buf path;

	(void)state;
	buf_init(&path, 256);
	path_put(&path, "a b/\xC3\xA4?%");
	assert_string_equal(buf_text(&path), "a%20b%2F%C3%A4%3F%25");
	buf_fini(&path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_line),
	    cmocka_unit_test(test_parse_refuses),
	    cmocka_unit_test(test_bar),
	    cmocka_unit_test(test_sum),
	    cmocka_unit_test(test_units),
	    cmocka_unit_test(test_clean),
	    cmocka_unit_test(test_wrap),
	    cmocka_unit_test(test_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
