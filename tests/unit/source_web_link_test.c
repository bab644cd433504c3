/* SPDX-License-Identifier: Apache-2.0 */
/* What documents that were named by their URLs are called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "source/web_link.h"

static void
test_names(void **state)
{
	static const struct {
		const char *url, *disposition, *name;
	} rows[] = {
	    {"https://x.org/docs/guide.html", "", "guide.html"},
	    {"https://x.org/docs/a%20b.pdf?v=1", "", "a b.pdf"},
	    {"https://x.org/caf%C3%A9.txt", "", "caf\xc3\xa9.txt"},
	    {"https://x.org/", "", "x.org/"},
	    {"https://x.org/docs/", "", "x.org/docs/"},
	    {"https://x.org/a%2Fb.txt", "", "b.txt"},
	    {"https://x.org/%FF", "", "x.org/%FF"},
	    {"https://x.org/a%00b", "", "x.org/a%00b"},
	    {"https://x.org/g", "inline", "g"},
	    {"https://x.org/g", "attachment; filename=r.txt", "r.txt"},
	    {"https://x.org/g", "attachment; filename=\"a; b.txt\"",
		"a; b.txt"},
	    {"https://x.org/g", "attachment; FileName = \"a\\\"b.txt\" ; x",
		"a\"b.txt"},
	    {"https://x.org/g", "attachment; filename=\"../../etc/passwd\"",
		"passwd"},
	    {"https://x.org/g", "attachment; filename=\"C:\\\\x\\\\r.txt\"",
		"r.txt"},
	    {"https://x.org/g", "attachment; filename=\"..\"", "g"},
	    {"https://x.org/g", "attachment; filename=\"\"", "g"},
	    {"https://x.org/g", "attachment; filename=\"x\ty\"", "x_y"},
	    {"https://x.org/g", "attachment; filename=\"\xe9\"", "g"},
	    {"https://x.org/g", "attachment; filename=\"e.txt\"; "
				"filename*=UTF-8''%C3%A9.txt", "\xc3\xa9.txt"},
	    {"https://x.org/g", "attachment; filename*=utf-8'en'a%2fb.txt; "
				"filename=e.txt", "b.txt"},
	    {"https://x.org/g", "attachment; filename*=latin1''%E9; "
				"filename=e.txt", "e.txt"},
	    {"https://x.org/g", "attachment; filename*=UTF-8''%E9", "g"},
	    {"https://x.org/g", "attachment; filename*=UTF-8'", "g"},
	    {"https://x.org/g", ";;=;\"", "g"},
	    {"https://x.org/g", "a; filename=\"open", "open"},
	};
	char name[WEB_LINK_NAME_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(web_link_name(rows[i].url,
				     rows[i].disposition, name), 0);
		if (strcmp(name, rows[i].name) != 0)
			fail_msg("%s, %s: %s", rows[i].url,
			    rows[i].disposition, name);
	}
}

static void
test_long_name(void **state)
{
	char url[WEB_URL_BYTES_MAX + 1] = "https://x.org/";
	char name[WEB_LINK_NAME_SIZE];
	size_t len = strlen(url);

	(void)state;
	memset(url + len, 'a', WEB_URL_BYTES_MAX - len);
	assert_int_equal(web_link_name(url, "", name), 0);
	assert_int_equal(strlen(name), UPLOAD_NAME_BYTES_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
