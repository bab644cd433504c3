/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "source/web_url.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct row {
	const char *reference, *url; /* NULL: err */
	int err;
};

static void
check_rows(const char *base, const struct row *rows, size_t count)
{
	struct buf out;
	size_t i;
	int err;

	buf_init(&out, 10000);
	for (i = 0; i < count; i++) {
		buf_clear(&out);
		err = web_url_resolve(base, rows[i].reference,
		    strlen(rows[i].reference), &out);
		if (err != rows[i].err)
			print_message("%s\n", rows[i].reference);
		assert_int_equal(err, rows[i].err);
		assert_string_equal(buf_text(&out),
		    rows[i].url == NULL ? "" : rows[i].url);
	}
	buf_fini(&out);
}

/* RFC 3986, 5.4.1 and 5.4.2, all of them; fragments are dropped, and what is
 * neither http nor https is none of ours. */
static void
test_rfc3986(void **state)
{
	static const struct row rows[] = {
	    {"g:h", NULL, ERR_UNSUPPORTED},
	    {"g", "http://a/b/c/g", 0},
	    {"./g", "http://a/b/c/g", 0},
	    {"g/", "http://a/b/c/g/", 0},
	    {"/g", "http://a/g", 0},
	    {"//g", "http://g/", 0},
	    {"?y", "http://a/b/c/d;p?y", 0},
	    {"g?y", "http://a/b/c/g?y", 0},
	    {"#s", "http://a/b/c/d;p?q", 0},
	    {"g#s", "http://a/b/c/g", 0},
	    {"g?y#s", "http://a/b/c/g?y", 0},
	    {";x", "http://a/b/c/;x", 0},
	    {"g;x", "http://a/b/c/g;x", 0},
	    {"g;x?y#s", "http://a/b/c/g;x?y", 0},
	    {"", "http://a/b/c/d;p?q", 0},
	    {".", "http://a/b/c/", 0},
	    {"./", "http://a/b/c/", 0},
	    {"..", "http://a/b/", 0},
	    {"../", "http://a/b/", 0},
	    {"../g", "http://a/b/g", 0},
	    {"../..", "http://a/", 0},
	    {"../../", "http://a/", 0},
	    {"../../g", "http://a/g", 0},
	    {"../../../g", "http://a/g", 0},
	    {"../../../../g", "http://a/g", 0},
	    {"/./g", "http://a/g", 0},
	    {"/../g", "http://a/g", 0},
	    {"g.", "http://a/b/c/g.", 0},
	    {".g", "http://a/b/c/.g", 0},
	    {"g..", "http://a/b/c/g..", 0},
	    {"..g", "http://a/b/c/..g", 0},
	    {"./../g", "http://a/b/g", 0},
	    {"./g/.", "http://a/b/c/g/", 0},
	    {"g/./h", "http://a/b/c/g/h", 0},
	    {"g/../h", "http://a/b/c/h", 0},
	    {"g;x=1/./y", "http://a/b/c/g;x=1/y", 0},
	    {"g;x=1/../y", "http://a/b/c/y", 0},
	    {"g?y/./x", "http://a/b/c/g?y/./x", 0},
	    {"g?y/../x", "http://a/b/c/g?y/../x", 0},
	    {"g#s/./x", "http://a/b/c/g", 0},
	    {"g#s/../x", "http://a/b/c/g", 0},
	    {"http:g", "http://a/b/c/g", 0}, /* as in browsers */
	};

	(void)state;
	check_rows("http://a/b/c/d;p?q", rows, COUNT(rows));
}

static void
test_normalised(void **state)
{
	static const struct row rows[] = {
	    {"HTTP://Example.COM/Path", "http://example.com/Path", 0},
	    {"http://example.com", "http://example.com/", 0},
	    {"http://example.com?q", "http://example.com/?q", 0},
	    {"http://example.com#f", "http://example.com/", 0},
	    {"http://example.com:80/", "http://example.com/", 0},
	    {"https://example.com:443/", "https://example.com/", 0},
	    {"https://example.com:80/", "https://example.com:80/", 0},
	    {"http://example.com:/", "http://example.com/", 0},
	    {"http://example.com:0080/", "http://example.com/", 0},
	    {"http://example.com./a", "http://example.com/a", 0},
	    {"http://example.com/%7euser/%c3%a4",
		"http://example.com/~user/%C3%A4", 0},
	    {"http://example.com/\xc3\xa4?\xc3\xa4",
		"http://example.com/%C3%A4?%C3%A4", 0},
	    {"http://example.com/a/%2e%2e/b", "http://example.com/b", 0},
	    {"http://example.com/100%", "http://example.com/100%25", 0},
	    {"http://example.com/%zz", "http://example.com/%25zz", 0},
	    {"http://example.com/%2Fa%3f", "http://example.com/%2Fa%3F", 0},
	    {"http://example.com/a b\"<>`{}|^",
		"http://example.com/a%20b%22%3C%3E%60%7B%7D%7C%5E", 0},
	    {"  http://example.com/a\n\tb  ", "http://example.com/ab", 0},
	    {"http:\\\\example.com\\a\\b?c\\d",
		"http://example.com/a/b?c%5Cd", 0},
	    {"http://m\xc3\xbcnchen.example/",
		"http://xn--mnchen-3ya.example/", 0},
	    {"http://M%C3%9CNCHEN.example/",
		"http://xn--mnchen-3ya.example/", 0},
	    {"http://stra\xc3\x9f" "e.example/",
		"http://xn--strae-oqa.example/", 0},
	    {"http://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/",
		"http://127.0.0.1/", 0},
	    {"http://[2001:DB8:0:0::1]:8080/x",
		"http://[2001:db8::1]:8080/x", 0},
	    {"http://127.0.0.1:8080/", "http://127.0.0.1:8080/", 0},
	    {"//example.com/", NULL, ERR_SYNTAX},
	    {"/path", NULL, ERR_SYNTAX},
	    {"page", NULL, ERR_SYNTAX},
	    {"", NULL, ERR_SYNTAX},
	    {"http:page", NULL, ERR_SYNTAX},
	    {"http://", NULL, ERR_SYNTAX},
	    {"http:///a", NULL, ERR_SYNTAX},
	    {"http://a..b/", NULL, ERR_SYNTAX},
	    {"http://a b/", NULL, ERR_SYNTAX},
	    {"http://a%00b/", NULL, ERR_SYNTAX},
	    {"http://example.com:99999/", NULL, ERR_SYNTAX},
	    {"http://example.com:0/", NULL, ERR_SYNTAX},
	    {"http://example.com:8a/", NULL, ERR_SYNTAX},
	    {"http://[::1/", NULL, ERR_SYNTAX},
	    {"http://[::g]/", NULL, ERR_SYNTAX},
	    {"http://user@example.com/", NULL, ERR_FORBIDDEN},
	    {"http://user:pass@example.com/", NULL, ERR_FORBIDDEN},
	    {"mailto:a@example.com", NULL, ERR_UNSUPPORTED},
	    {"javascript:void(0)", NULL, ERR_UNSUPPORTED},
	    {"ftp://example.com/", NULL, ERR_UNSUPPORTED},
	    {"file:///etc/passwd", NULL, ERR_UNSUPPORTED},
	};

	(void)state;
	check_rows(NULL, rows, COUNT(rows));
}

static void
test_too_long(void **state)
{
	char text[3 * WEB_URL_BYTES_MAX];
	struct buf out;

	(void)state;
	buf_init(&out, sizeof(text));
	memset(text, 'a', sizeof(text));
	memcpy(text, "http://h/", 9);
	assert_int_equal(web_url_resolve(NULL, text, WEB_URL_BYTES_MAX, &out),
	    0);
	assert_int_equal(out.len, WEB_URL_BYTES_MAX);
	assert_int_equal(
	    web_url_resolve(NULL, text, WEB_URL_BYTES_MAX + 1, &out),
	    ERR_TOO_BIG);
	/* Each blank becomes three bytes. */
	memset(text + 9, ' ', WEB_URL_BYTES_MAX - 10);
	assert_int_equal(web_url_resolve(NULL, text, WEB_URL_BYTES_MAX, &out),
	    ERR_TOO_BIG);
	assert_int_equal(out.len, WEB_URL_BYTES_MAX);
	buf_fini(&out);
}

static void
test_parse(void **state)
{
	struct web_url url;

	(void)state;
	web_url_parse("https://[2001:db8::1]:8443/a/b?c=d", &url);
	assert_true(url.is_https);
	assert_int_equal(url.port, 8443);
	assert_int_equal(url.host_len, strlen("[2001:db8::1]"));
	assert_memory_equal(url.host, "[2001:db8::1]", url.host_len);
	assert_int_equal(url.path_len, 4);
	assert_memory_equal(url.path, "/a/b", 4);
	assert_string_equal(url.query, "c=d");
	assert_int_equal(url.query_len, 3);
	web_url_parse("http://h/", &url);
	assert_int_equal(url.port, 80);
	assert_int_equal(url.path_len, 1);
	assert_null(url.query);
}

static void
test_strip(void **state)
{
	static const char *const rows[][2] = {
	    {"http://h/p", "http://h/p"},
	    {"http://h/p?", "http://h/p?"},
	    {"http://h/p?a=1&b=2", "http://h/p?a=1&b=2"},
	    {"http://h/p?a=1&&b", "http://h/p?a=1&&b"},
	    {"http://h/p?PHPSESSID=1", "http://h/p"},
	    {"http://h/p?a=1&PHPSESSID=1&b=2", "http://h/p?a=1&b=2"},
	    {"http://h/p?utm_source=x&utm_medium=y&a=1", "http://h/p?a=1"},
	    {"http://h/p?sid=4", "http://h/p?sid=4"},
	    {"http://h/p?sid=9f86d081884c7d65", "http://h/p"},
	    {"http://h/p?session=2026-11-22-morning",
		"http://h/p?session=2026-11-22-morning"},
	    {"http://h/p;jsessionid=ABC?a=1", "http://h/p?a=1"},
	    {"http://h/p;JSESSIONID=ABC", "http://h/p"},
	    {"http://h/p;v=1/q;jsessionid=ABC", "http://h/p;v=1/q"},
	    {"http://h/p;jsessionid=A/q", "http://h/p;jsessionid=A/q"},
	    {"http://h/p?ASPSESSIONIDQQ=1", "http://h/p"},
	};
	struct buf out;
	size_t i;

	(void)state;
	buf_init(&out, 1000);
	for (i = 0; i < COUNT(rows); i++) {
		buf_clear(&out);
		assert_int_equal(web_url_strip(rows[i][0], &out), 0);
		assert_string_equal(buf_text(&out), rows[i][1]);
	}
	buf_fini(&out);
}

static void
test_relations(void **state)
{
	static const struct {
		const char *url, *base;
		bool same_host, same_site, below_host, below_path;
	} rows[] = {
	    {"http://h.example/a", "http://h.example/", 1, 1, 1, 1},
	    {"https://h.example/a", "http://h.example/", 1, 1, 1, 1},
	    {"https://h.example:8443/a", "http://h.example/", 0, 0, 0, 1},
	    {"http://h.example:81/a", "http://h.example:81/", 1, 1, 1, 1},
	    {"http://www.h.example/a", "http://h.example/", 0, 1, 1, 1},
	    {"http://h.example/a", "http://www.h.example/", 0, 1, 1, 1},
	    {"http://b.h.example/", "http://www.h.example/", 0, 0, 1, 1},
	    {"http://evilh.example/", "http://h.example/", 0, 0, 0, 1},
	    {"http://h.example.evil/", "http://h.example/", 0, 0, 0, 1},
	    {"http://www.com/", "http://com/", 0, 0, 1, 1},
	    {"http://1.127.0.0.1/", "http://127.0.0.1/", 0, 0, 0, 1},
	    {"http://h/docs", "http://h/docs", 1, 1, 1, 1},
	    {"http://h/docs/a", "http://h/docs", 1, 1, 1, 1},
	    {"http://h/docs2", "http://h/docs", 1, 1, 1, 0},
	    {"http://h/docs?x", "http://h/docs", 1, 1, 1, 1},
	    {"http://h/docs", "http://h/docs/", 1, 1, 1, 0},
	    {"http://h/docs/a", "http://h/docs/index.html", 1, 1, 1, 1},
	    {"http://h/other", "http://h/docs/index.html", 1, 1, 1, 0},
	};
	struct web_url url, base;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		web_url_parse(rows[i].url, &url);
		web_url_parse(rows[i].base, &base);
		assert_int_equal(web_url_is_same_host(&url, &base),
		    rows[i].same_host);
		assert_int_equal(web_url_is_same_site(&url, &base),
		    rows[i].same_site);
		assert_int_equal(web_url_is_below_host(&url, &base),
		    rows[i].below_host);
		assert_int_equal(web_url_is_below_path(&url, &base),
		    rows[i].below_path);
	}
}

static void
test_traps(void **state)
{
	static const struct {
		const char *url;
		bool is_trap;
	} rows[] = {
	    {"http://h/", false},
	    {"http://h/a/b/a/b/a/b/a/b", false},
	    {"http://h/a/b/a/b/a/b/a/b/a", true},
	    {"http://h/2026/11/22", false},
	    {"http://h////////", true},
	};
	char deep[400] = "http://h";
	struct web_url url;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		web_url_parse(rows[i].url, &url);
		assert_int_equal(web_url_is_trap(&url), rows[i].is_trap);
	}
	for (i = 0; i < WEB_SEGMENTS_MAX; i++)
		(void)snprintf(deep + strlen(deep), 8, "/%zu", i);
	web_url_parse(deep, &url);
	assert_false(web_url_is_trap(&url));
	(void)snprintf(deep + strlen(deep), 8, "/x");
	web_url_parse(deep, &url);
	assert_true(web_url_is_trap(&url));
}

static void
test_names(void **state)
{
	static const char *const rows[][2] = {
	    {"http://example.com/", "example.com/"},
	    {"https://example.com:8443/a?b=c", "example.com:8443/a?b=c"},
	    {"http://h/%C3%9Cber%20uns", "h/\xc3\x9c" "ber%20uns"},
	    {"http://h/%C3", "h/%C3"},
	    {"http://h/%0A%25", "h/%0A%25"},
	    {"http://h/%E2%80%AEx", "h/%E2%80%AEx"},
	    {"http://h/%F0%9F%98%80", "h/\xf0\x9f\x98\x80"},
	};
	struct buf out;
	size_t i;

	(void)state;
	buf_init(&out, 1000);
	for (i = 0; i < COUNT(rows); i++) {
		buf_clear(&out);
		assert_int_equal(web_url_name(rows[i][0], &out), 0);
		assert_string_equal(buf_text(&out), rows[i][1]);
	}
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rfc3986),
	    cmocka_unit_test(test_normalised),
	    cmocka_unit_test(test_too_long),
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_strip),
	    cmocka_unit_test(test_relations),
	    cmocka_unit_test(test_traps),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
