/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/err.h"
#include "base/log.h"
#include "base/utf8.h"
#include "base/uuid.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW_US 1795400000123456LL
#define ROUNDS 20000

static char line[LOG_LINE_MAX + 1];

static const char *
make(enum log_format format, enum log_level level, const char *message,
    const struct log_field *fields, size_t count)
{
	size_t len = log_format_line(format, NOW_US, level, message, fields,
	    count, line);

	assert_true(len <= LOG_LINE_MAX);
	line[len] = '\0';
	return line;
}

static const struct uuid uuid = {{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0x4d,
	0xef, 0x81, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}};

static void
test_formats(void **state)
{
	const struct log_field fields[] = {
	    LOG_UUID("job", &uuid),
	    LOG_TEXT("item", "a \"b\"=c\\d.txt"),
	    LOG_TEXT("none", NULL),
	    LOG_TEXT("empty", ""),
	    LOG_NUMBER("status", 404),
	    LOG_NUMBER("left", -7),
	    LOG_MS("duration_ms", 12005),
	};
	const size_t count = COUNT(fields);

	(void)state;
	assert_string_equal(make(LOG_FORMAT_TEXT, LOG_WARN, "it waits",
	    fields, count),
	    "tidemark: warn: it waits "
	    "job=01234567-89ab-4def-8123-456789abcdef "
	    "item=\"a \\\"b\\\"=c\\\\d.txt\" empty=\"\" status=404 left=-7 "
	    "duration_ms=12.005\n");
	assert_string_equal(make(LOG_FORMAT_LOGFMT, LOG_ERROR, "it waits",
	    fields, 1),
	    "time=2026-11-23T02:13:20.123456Z level=error msg=\"it waits\" "
	    "job=01234567-89ab-4def-8123-456789abcdef\n");
	assert_string_equal(make(LOG_FORMAT_JSON, LOG_DEBUG, "it waits",
	    fields, count),
	    "{\"time\":\"2026-11-23T02:13:20.123456Z\",\"level\":\"debug\","
	    "\"msg\":\"it waits\","
	    "\"job\":\"01234567-89ab-4def-8123-456789abcdef\","
	    "\"item\":\"a \\\"b\\\"=c\\\\d.txt\",\"empty\":\"\","
	    "\"status\":404,\"left\":-7,\"duration_ms\":12.005}\n");
	/* As it was before there were formats. */
	assert_string_equal(make(LOG_FORMAT_TEXT, LOG_INFO, "stopped", NULL,
	    0), "tidemark: stopped\n");
	assert_string_equal(make(LOG_FORMAT_LOGFMT, LOG_INFO, "stopped",
	    NULL, 0),
	    "time=2026-11-23T02:13:20.123456Z level=info msg=stopped\n");
}

static void
test_hostile(void **state)
{
	const struct log_field fields[] = {
	    LOG_TEXT("item", "x\ny\r\tz\x1b[2J\x7f\xc2\x9b\xe2\x80\xae"
		"\xff\xc3\xa9=\""),
	};

	(void)state;
	assert_string_equal(make(LOG_FORMAT_JSON, LOG_INFO, "a\nb\xff", fields,
	    1),
	    "{\"time\":\"2026-11-23T02:13:20.123456Z\",\"level\":\"info\","
	    "\"msg\":\"a\\nb\xef\xbf\xbd\",\"item\":\"x\\ny\\u000d\\tz\\u001b"
	    "[2J\\u007f\\u009b\\u202e\xef\xbf\xbd\xc3\xa9=\\\"\"}\n");
	assert_string_equal(make(LOG_FORMAT_LOGFMT, LOG_INFO, "a\nb", fields,
	    1),
	    "time=2026-11-23T02:13:20.123456Z level=info msg=\"a\\nb\" "
	    "item=\"x\\ny\\u000d\\tz\\u001b[2J\\u007f\\u009b\\u202e"
	    "\xef\xbf\xbd\xc3\xa9=\\\"\"\n");
	assert_string_equal(make(LOG_FORMAT_TEXT, LOG_INFO,
	    "a\nb\x1b[\xe2\x80\xa8\xff", NULL, 0),
	    "tidemark: a?b?[?\xef\xbf\xbd\n");
}

/* Too long is cut, and still a line of its format. */
static void
test_long(void **state)
{
	static char text[3 * LOG_VALUE_MAX];
	const struct log_field fields[] = {LOG_TEXT("a", text),
	    LOG_TEXT("b", text), LOG_TEXT("c", text), LOG_TEXT("d", text),
	    LOG_TEXT("e", text), LOG_NUMBER("status", 200)};
	json_t *root;
	size_t i, n;

	(void)state;
	for (n = 1; n < sizeof(text); n += 61) {
		memset(text, n % 2 == 0 ? '\x01' : 'x', n);
		text[n] = '\0';
		for (i = 0; i < 3; i++) {
			(void)make((enum log_format)i, LOG_INFO, text, fields,
			    COUNT(fields));
			assert_int_equal(line[strlen(line) - 1], '\n');
			assert_ptr_equal(strchr(line, '\n'),
			    line + strlen(line) - 1);
		}
		root = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(root);
		json_decref(root);
	}
	memset(text, 'x', LOG_MESSAGE_MAX + 1);
	text[LOG_MESSAGE_MAX + 1] = '\0';
	(void)make(LOG_FORMAT_TEXT, LOG_INFO, text, NULL, 0);
	assert_int_equal(strlen(line), strlen("tidemark: ") +
	    LOG_MESSAGE_MAX + strlen("\xe2\x80\xa6\n"));
}

static uint32_t
chance(void)
{
	static uint64_t seed = 88172645463325252ULL;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32);
}

/* As readers of logfmt do: the fields of the line by name; returns how many. */
static size_t
logfmt_fields(const char *at)
{
	size_t count = 0, n;

	while (*at != '\n') {
		n = strspn(at, "abcdefghijklmnopqrstuvwxyz_");
		assert_true(n > 0);
		at += n;
		assert_int_equal(*at++, '=');
		if (*at == '"') {
			for (at++; *at != '"'; at++) {
				assert_true((unsigned char)*at >= ' ');
				if (*at == '\\')
					at++;
			}
			at++;
		} else {
			at += strcspn(at, " \n");
		}
		count++;
		if (*at == ' ')
			at++;
	}
	return count;
}

static void
test_fuzz(void **state)
{
	static const char pieces[] = "\"\\=\n\r\t {}a\x01\x7f\x80\xbf\xc2\xe2"
	    "\x80\xa8\xf0\x9f\x98\x80\xed\xa0\x80\xff";
	char text[2][64];
	json_t *root;
	size_t i, j, len;
	int round;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < 2; i++) {
			len = chance() % 60;
			for (j = 0; j < len; j++)
				text[i][j] = pieces[chance() %
				    (sizeof(pieces) - 1)];
			text[i][len] = '\0';
		}
		const struct log_field fields[] = {LOG_TEXT("name", text[1]),
		    LOG_NUMBER("status", 200)};

		(void)make(LOG_FORMAT_JSON, LOG_WARN, text[0], fields, 2);
		root = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(root);
		assert_int_equal(json_object_size(root), 5);
		assert_int_equal(json_integer_value(json_object_get(root,
		    "status")), 200);
		/* What is text comes back as it was. */
		if (utf8_is_valid(text[1], strlen(text[1])))
			assert_string_equal(json_string_value(
			    json_object_get(root, "name")), text[1]);
		json_decref(root);
		(void)make(LOG_FORMAT_LOGFMT, LOG_WARN, text[0], fields, 2);
		assert_int_equal(logfmt_fields(line), 5);
		assert_true(utf8_is_valid(line, strlen(line)));
		(void)make(LOG_FORMAT_TEXT, LOG_WARN, text[0], fields, 2);
		assert_true(utf8_is_valid(line, strlen(line)));
		assert_non_null(strstr(line, " status=200\n"));
		assert_ptr_equal(strchr(line, '\n'),
		    line + strlen(line) - 1);
	}
}

static void
test_parse(void **state)
{
	enum log_format format;
	enum log_level level;

	(void)state;
	assert_int_equal(log_format_parse("logfmt", &format), 0);
	assert_int_equal(format, LOG_FORMAT_LOGFMT);
	assert_int_equal(log_format_parse("xml", &format), ERR_INVALID);
	assert_int_equal(log_level_parse("debug", &level), 0);
	assert_int_equal(level, LOG_DEBUG);
	assert_int_equal(log_level_parse("", &level), ERR_INVALID);
	assert_true(log_is_on(LOG_INFO));
	assert_false(log_is_on(LOG_DEBUG));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_formats),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_long),
	    cmocka_unit_test(test_fuzz),
	    cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
