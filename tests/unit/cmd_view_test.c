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
#include "cmd/frame.h"
#include "cmd/items.h"
#include "cmd/job_view.h"
#include "cmd/term.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char running[] =
    "{\"id\":\"0b1f4a52-0000-4000-8000-000000000001\",\"base\":\"handbook\","
    "\"state\":\"running\",\"revision\":1842,"
    "\"counts\":{\"total\":602,\"queued\":311,\"processing\":4,"
    "\"completed\":281,\"failed\":2,\"skipped\":4,\"cancelled\":0},"
    "\"bytes\":{\"total\":15478341,\"done\":7101220},"
    "\"segments\":{\"total\":9120,\"completed\":8977},"
    "\"stages\":[{\"name\":\"extracting\",\"items\":1,\"done\":290,"
    "\"seconds\":3.14},"
    "{\"name\":\"embedding\",\"items\":3,\"done\":281,"
    "\"seconds\":200}],"
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
	struct face face = {.height = 24};
	struct job_view view;
	struct buf bar;

	(void)state;
	view_read(running, &view);
	buf_init(&bar, 4096);
	for (face.width = 20; face.width <= 200; face.width++) {
		buf_clear(&bar);
		frame_bar_put(&bar, &view, &face);
		assert_int_equal(bar.err, 0);
		assert_true(text_width(bar.data, bar.len) < face.width);
		assert_null(strchr(bar.data, '\033'));
		assert_non_null(strstr(bar.data, " 47 % ["));
	}
	view.percent = 99.99;
	buf_clear(&bar);
	face = (struct face){.width = 80, .height = 24, .has_color = true};
	frame_bar_put(&bar, &view, &face);
	assert_non_null(strstr(bar.data, " 99 % ["));
	assert_non_null(strchr(bar.data, '-'));
	buf_fini(&bar);
}

/* ---- frames ----------------------------------------------------------- */

static const struct failures two_failures = {
    .count = 2,
    .rows = {
	{.name = "scan.pdf", .code = "NO_TEXT",
	    .message = "scan.pdf has 3 pages but no text", .at = "2"},
	{.name = "\xE6\xBD\xAE\033[2J.docx", .code = "ENCRYPTED_DOCUMENT",
	    .message = "it needs a password", .at = "1"},
    },
};

static void
assert_frame(const struct job_view *view, const struct face *face,
    const char *expected)
{
	struct buf out;

	buf_init(&out, 65536);
	frame_put(&out, view, &two_failures, face);
	assert_int_equal(out.err, 0);
	assert_string_equal(buf_text(&out), expected);
	buf_fini(&out);
}

static void
test_frame(void **state)
{
	struct face face = {.width = 80, .height = 24};
	struct job_view view;

	(void)state;
	view_read(running, &view);
	assert_frame(&view, &face,
	    "handbook: running  47.6 %  71/s, 1.8 MB/s  4 s left (3 s to 7 s)"
	    "\n"
	    "####################################=!+------------------------"
	    "----------------\n"
	    "# 281 completed   = 4 skipped   ! 2 failed   + 4 in work   "
	    "- 311 queued\n"
	    "  extracting  #############+-------------      290 passed    "
	    "1 in it      3.1 s\n"
	    "  embedding   ############+--------------      281 passed    "
	    "3 in it 3 min 20 s\n"
	    "  failed scan.pdf: NO_TEXT: scan.pdf has 3 pages but no text\n"
	    "  failed \xE6\xBD\xAE\xEF\xBF\xBD[2J.docx: ENCRYPTED_DOCUMENT: "
	    "it needs a password");
	/* What it waits for is said in words; half of the terminal. */
	(void)snprintf(view.waiting_for, sizeof(view.waiting_for), "storage");
	face.width = 41;
	assert_frame(&view, &face,
	    "handbook: running  47.6 %\n"
	    "##################=!+-------------------\n"
	    "# 281 completed   = 4 skipped\n"
	    "  extracting  ######+------     290    1\n"
	    "  embedding   ######+------     281    3\n"
	    "  waits: the disk is full; it goes on wh\n"
	    "  failed scan.pdf: NO_TEXT: scan.pdf has\n"
	    "  failed \xE6\xBD\xAE\xEF\xBF\xBD[2J.docx: ENCRYPTED_DOCUMENT");
	/* Few lines: the stages first. */
	face.height = 6;
	assert_frame(&view, &face,
	    "handbook: running  47.6 %\n"
	    "##################=!+-------------------\n"
	    "# 281 completed   = 4 skipped\n"
	    "  extracting  ######+------     290    1\n"
	    "  embedding   ######+------     281    3");
	/* 40 columns, or 5 lines: the bar alone. */
	face.width = 40;
	assert_frame(&view, &face, " 47 % [####------] 287/602, 2 failed");
	face = (struct face){.width = 80, .height = 5};
	assert_frame(&view, &face,
	    " 47 % [#########-----------] 287/602, 2 failed, 4 skipped, "
	    "waiting for storage");
}

static void
test_frame_glyphs(void **state)
{
	struct face face = {.width = 42, .height = 9, .is_utf8 = true};
	struct job_view view;
	struct failures none = {0};
	struct buf out;

	(void)state;
	view_read(running, &view);
	view.counts = (struct counts){.total = 4, .completed = 2,
	    .processing = 1, .queued = 1};
	view.stage_count = 1;
	view.stages[0] = (struct stage_view){.name = "tagging", .items = 1,
	    .done = 2};
	buf_init(&out, 65536);
	frame_put(&out, &view, &none, &face);
	assert_non_null(strstr(out.data, "\n\xE2\x96\x88\xE2\x96\x88"));
	assert_non_null(strstr(out.data, "\xE2\x96\x92 1 in work"));
	assert_null(strchr(out.data, '#'));
	assert_null(strchr(out.data, '\033'));
	face.has_color = true;
	buf_clear(&out);
	frame_put(&out, &view, &none, &face);
	assert_non_null(strstr(out.data, "\033[1mhandbook: running\033[0m"));
	assert_non_null(strstr(out.data, "\033[32m\xE2\x96\x88"));
	buf_fini(&out);
}

/* Columns of a line without its colours. */
static size_t
columns(char *line)
{
	size_t width = 0;
	char *at;

	for (at = line; (at = strchr(line, '\033')) != NULL; line = at + 1) {
		width += text_width(line, (size_t)(at - line));
		at = strchr(at, 'm');
		assert_non_null(at);
	}
	return width + text_width(line, strlen(line));
}

/* No size, count or name makes a line wrap or the screen scroll. */
static void
test_frame_fits(void **state)
{
	struct face face = {.has_color = true, .is_utf8 = true};
	unsigned lines;
	struct job_view view;
	struct buf out;
	char *line;

	(void)state;
	view_read(running, &view);
	view.stage_count = STAGES_SHOWN;
	view.stages[0].items = view.stages[0].done = UINT64_MAX / 2;
	view.stages[2] = (struct stage_view){.items = 1, .seconds = 1e300};
	view.counts.failed = view.counts.queued = UINT64_MAX / 4;
	view.jobs = 12;
	memset(view.base, 'w', sizeof(view.base) - 1);
	buf_init(&out, 1 << 20);
	for (face.width = 20; face.width <= 300; face.width += 7)
		for (face.height = 1; face.height <= 16; face.height++) {
			buf_clear(&out);
			frame_put(&out, &view, &two_failures, &face);
			assert_int_equal(out.err, 0);
			lines = 0;
			for (line = strtok(out.data, "\n"); line != NULL;
			    line = strtok(NULL, "\n"), lines++)
				assert_true(columns(line) < face.width);
			assert_true(lines < face.height || lines == 1);
		}
	buf_fini(&out);
}

static void
test_failures(void **state)
{
	static const char *const times[] = {"2026-11-22T10:15:01.000000Z",
	    "2026-11-22T10:15:00.000000Z", "2026-11-22T10:15:04.000000Z",
	    "2026-11-22T10:15:03.000000Z", "2026-11-22T10:15:02.000000Z"};
	struct failures failures = {0};
	json_t *item;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(times) * 2; i++) {
		item = json_pack("{s:s, s:{s:s, s:s}, s:{s:s}}", "name",
		    times[i % COUNT(times)] + 17, "error", "code", "NO_TEXT",
		    "message", "m", "times", "finished_at",
		    times[i % COUNT(times)]);
		assert_non_null(item);
		(void)failures_add(&failures, item);
		json_decref(item);
	}
	assert_int_equal(failures.count, 3);
	assert_string_equal(failures.rows[0].name, "04.000000Z");
	assert_string_equal(failures.rows[1].name, "03.000000Z");
	assert_string_equal(failures.rows[2].name, "02.000000Z");
	assert_string_equal(failures.rows[2].code, "NO_TEXT");
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
	assert_int_equal(sum.stage_count, 2);
	assert_int_equal(sum.stages[0].done, 580);
	assert_int_equal(sum.segments, 2 * 8977);
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
	    cmocka_unit_test(test_frame),
	    cmocka_unit_test(test_frame_glyphs),
	    cmocka_unit_test(test_frame_fits),
	    cmocka_unit_test(test_failures),
	    cmocka_unit_test(test_sum),
	    cmocka_unit_test(test_units),
	    cmocka_unit_test(test_clean),
	    cmocka_unit_test(test_wrap),
	    cmocka_unit_test(test_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
