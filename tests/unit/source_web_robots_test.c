/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "source/web_robots.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct row {
	const char *robots, *path;
	bool allows;
};

static void
check_rows(const struct row *rows, size_t count)
{
	struct web_robots robots;
	size_t i;

	for (i = 0; i < count; i++) {
		web_robots_init(&robots);
		assert_int_equal(web_robots_read(&robots, rows[i].robots,
				     strlen(rows[i].robots)),
		    0);
		if (web_robots_allow(&robots, rows[i].path,
			strlen(rows[i].path)) != rows[i].allows)
			print_message("%s\n%s\n", rows[i].robots,
			    rows[i].path);
		assert_int_equal(web_robots_allow(&robots, rows[i].path,
				     strlen(rows[i].path)),
		    rows[i].allows);
		web_robots_fini(&robots);
	}
}

#define RFC_5_1                                                               \
	"User-Agent: *\n"                                                     \
	"Disallow: *.gif$\n"                                                  \
	"Disallow: /example/\n"                                               \
	"Allow: /publications/\n"                                             \
	"\n"                                                                  \
	"User-Agent: foobot\n"                                                \
	"Disallow:/\n"                                                        \
	"Allow:/example/page.html\n"                                          \
	"Allow:/example/allowed.gif\n"                                        \
	"\n"                                                                  \
	"User-Agent: barbot\n"                                                \
	"User-Agent: tidemark\n"                                              \
	"Disallow: /example/page.html\n"                                      \
	"\n"                                                                  \
	"User-Agent: quxbot\n"

#define RFC_5_2                                                               \
	"User-Agent: foobot\n"                                                \
	"User-Agent: tidemark\n"                                              \
	"Allow: /example/page/\n"                                             \
	"Disallow: /example/page/disallowed.gif\n"

#define STAR "User-agent: *\n"

/* RFC 9309's examples: 5.1 for each of its robots, 5.2, and the tables of
 * 2.2.2 and 2.2.3. */
static void
test_rfc9309(void **state)
{
	static const struct row rows[] = {
	    {RFC_5_1, "/example/page.html", false},
	    {RFC_5_1, "/example/other.html", true},
	    {RFC_5_1, "/pic.gif", true},
	    {STAR "Disallow: *.gif$\nDisallow: /example/\n"
		  "Allow: /publications/\n", "/pic.gif", false},
	    {STAR "Disallow: *.gif$\n", "/pic.gif?x", true},
	    {STAR "Disallow: /example/\n", "/example/x", false},
	    {STAR "Disallow: /example/\n", "/example", true},
	    {"User-agent: tidemark\nDisallow:/\n"
	     "Allow:/example/page.html\n", "/example/page.html", true},
	    {"User-agent: tidemark\nDisallow:/\n"
	     "Allow:/example/page.html\n", "/example/x", false},
	    {"User-agent: tidemark\n", "/x", true},
	    {RFC_5_2, "/example/page/", true},
	    {RFC_5_2, "/example/page/disallowed.gif", false},
	    {RFC_5_2, "/other", true},
	    /* 2.2.2: octets beyond ASCII and their escapes are the same. */
	    {STAR "Disallow: /foo/bar?baz=quz\n", "/foo/bar?baz=quz", false},
	    {STAR "Disallow: /foo/bar?baz=https://foo.bar\n",
		"/foo/bar?baz=https://foo.bar", false},
	    {STAR "Disallow: /foo/bar/\xe3\x83\x84\n",
		"/foo/bar/%E3%83%84", false},
	    {STAR "Disallow: /foo/bar/%e3%83%84\n",
		"/foo/bar/%E3%83%84", false},
	    {STAR "Disallow: /foo/bar/%62%61%7A\n", "/foo/bar/baz", false},
	    /* 2.2.3 */
	    {STAR "Disallow: /*.gif$\n", "/a/b.gif", false},
	    {STAR "Disallow: /path/file-with-a-%2A.html\n",
		"/path/file-with-a-*.html", false},
	    {STAR "Disallow: /path/file-with-a-%2A.html\n",
		"/path/file-with-a-b.html", true},
	    {STAR "Disallow: /path/foo-%24\n", "/path/foo-$", false},
	    {STAR "Disallow: /path/foo-%24\n", "/path/foo-", true},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void
test_rules(void **state)
{
	static const struct row rows[] = {
	    {"", "/x", true},
	    {"no robots at all", "/x", true},
	    {"Disallow: /\n", "/x", true}, /* before any group */
	    {STAR "Disallow:\n", "/x", true},
	    {STAR "Disallow: /\n", "/x", false},
	    {STAR "Disallow: /\n", "/robots.txt", true},
	    {STAR "disallow:/\r\nallow:/p\r\n", "/p", true},
	    {STAR "DISALLOW : /p # why\r\r", "/p", false},
	    /* Equally long: the one that allows. */
	    {STAR "Disallow: /p\nAllow: /p\n", "/p", true},
	    {STAR "Allow: /p\nDisallow: /p\n", "/p", true},
	    {STAR "Allow: /p\nDisallow: /*\n", "/p", true},
	    {STAR "Allow: /page\nDisallow: /*.html\n", "/page.html", false},
	    {STAR "Allow: /$\nDisallow: /\n", "/", true},
	    {STAR "Allow: /$\nDisallow: /\n", "/x", false},
	    {STAR "Disallow: /a*b*c$\n", "/a1b2c", false},
	    {STAR "Disallow: /a*b*c$\n", "/a1b2cc", false},
	    {STAR "Disallow: /a*b*c$\n", "/a1b2cd", true},
	    {STAR "Disallow: /a*b*c\n", "/acb", true},
	    {STAR "Disallow: /a*$\n", "/abc", false},
	    {STAR "Disallow: /a$b\n", "/a$bc", false},
	    {STAR "Disallow: /A\n", "/a", true},
	    {STAR "Disallow: a\n", "/a", true},
	    /* Groups. */
	    {"User-agent: TideMark/2.0\nDisallow: /a\n", "/a", false},
	    {"User-agent: tidemarker\nDisallow: /a\n", "/a", true},
	    {STAR "Disallow: /\n\nUser-agent: tidemark\nDisallow: /a\n", "/b",
		true},
	    {"User-agent: tidemark\nDisallow: /a\n" STAR "Disallow: /b\n"
	     "User-agent: tidemark\nDisallow: /c\n", "/c", false},
	    {"User-agent: tidemark\nDisallow: /a\n" STAR "Disallow: /b\n"
	     "User-agent: tidemark\nDisallow: /c\n", "/a", false},
	    {"User-agent: tidemark\nDisallow: /a\n" STAR "Disallow: /b\n",
		"/b", true},
	    {"User-agent: other\nCrawl-delay: 9\nUser-agent: tidemark\n"
	     "Disallow: /a\n", "/a", false},
	    {"User-agent: tidemark\nSitemap: http://h/s\nUser-agent: x\n"
	     "Disallow: /a\n", "/a", false},
	    {"\xef\xbb\xbfUser-agent: *\nDisallow: /a\n", "/a", false},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void
test_delay_and_sitemaps(void **state)
{
	static const struct {
		const char *text;
		unsigned ms;
	} rows[] = {
	    {STAR "Crawl-delay: 2\n", 2000},
	    {STAR "Crawl-delay: 0.25\n", 250},
	    {STAR "Crawl-delay: 1.5\nDisallow:\n", 1500},
	    {STAR "Crawl-delay: 99999999999999999\n", WEB_DELAY_MS_MAX},
	    {STAR "Crawl-delay: soon\n", 0},
	    {STAR "Crawl-delay: -1\n", 0},
	    {"User-agent: x\nCrawl-delay: 3\n", 0},
	    {STAR "Crawl-delay: 3\nUser-agent: tidemark\nDisallow:\n", 0},
	};
	static const char text[] = "Sitemap: http://h/a.xml\n" STAR
				   "Disallow: /\nSITEMAP:/b.xml # x\n"
				   "Sitemap:\n";
	struct web_robots robots;
	size_t i, at = 0;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		web_robots_init(&robots);
		assert_int_equal(web_robots_read(&robots, rows[i].text,
				     strlen(rows[i].text)),
		    0);
		assert_int_equal(robots.delay_ms, rows[i].ms);
		web_robots_fini(&robots);
	}
	web_robots_init(&robots);
	assert_int_equal(web_robots_read(&robots, text, strlen(text)), 0);
	assert_string_equal(web_robots_sitemap(&robots, &at),
	    "http://h/a.xml");
	assert_string_equal(web_robots_sitemap(&robots, &at), "/b.xml");
	assert_null(web_robots_sitemap(&robots, &at));
	web_robots_fini(&robots);
}

/* 500 KiB are read, and no half line. */
static void
test_bound(void **state)
{
	size_t len = WEB_ROBOTS_BYTES_MAX + 1000, at;
	struct web_robots robots;
	char *text;

	(void)state;
	text = mem_alloc(len);
	assert_non_null(text);
	memset(text, '#', len);
	memcpy(text, STAR "Disallow: /a\n", 27);
	at = WEB_ROBOTS_BYTES_MAX - 12;
	text[at - 1] = '\n';
	memcpy(text + at, "Disallow: /bcdef\nDisallow: /c\n", 30);
	web_robots_init(&robots);
	assert_int_equal(web_robots_read(&robots, text, len), 0);
	assert_int_equal(robots.rule_count, 1);
	assert_false(web_robots_allow(&robots, "/a", 2));
	assert_true(web_robots_allow(&robots, "/bc", 3));
	web_robots_fini(&robots);
	mem_free(text);
}

static void
test_wishes(void **state)
{
	static const struct {
		const char *text;
		bool has_agent, noindex, nofollow;
	} rows[] = {
	    {"", false, false, false},
	    {"noindex", false, true, false},
	    {"NOINDEX, nofollow", false, true, true},
	    {"none", false, true, true},
	    {"all,index,follow", false, false, false},
	    {" nofollow ,x", false, false, true},
	    {"noindexed", false, false, false},
	    {"noindex", true, true, false},
	    {"otherbot: noindex, nofollow", true, false, false},
	    {"otherbot: noindex, tidemark: nofollow", true, false, true},
	    {"tidemark: none", true, true, true},
	    {"unavailable_after: 25 Jun 2030 15:00:00 PST, noindex", true,
		true, false},
	    {"max-snippet:-1, noindex", true, true, false},
	};
	struct web_wish wish;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		wish = (struct web_wish){0};
		web_wish_read(rows[i].text, strlen(rows[i].text),
		    rows[i].has_agent, &wish);
		assert_int_equal(wish.noindex, rows[i].noindex);
		assert_int_equal(wish.nofollow, rows[i].nofollow);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rfc9309),
	    cmocka_unit_test(test_rules),
	    cmocka_unit_test(test_delay_and_sitemaps),
	    cmocka_unit_test(test_bound),
	    cmocka_unit_test(test_wishes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
