/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Crawls of little sites, each a table of what a path answers.  Names below
 * .localhost lead to the loopback address without a name server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "http_peer.h"
#include "sys/thread.h"
#include "web_world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HTML "Content-Type: text/html\r\n"
#define ROBOTS(text) {"/robots.txt", "200 OK", "", text}

struct page {
	const char *path, *status, *headers, *body; /* status NULL: hang */
};

struct world {
	struct peer peer;
	const struct page *pages;
	size_t page_count;
	struct net_client *client;
	struct net_client *strict;
	struct web_config config;
	struct web_tally tally;
	struct err_note note;
	struct web_world web;
	char url[256];
	unsigned fail_count; /* this many answers are 503 */
};

/* Does the request know the page by the header that it has? */
static bool
is_known(const struct page *page, const char *header, const char *request,
    const char *condition)
{
	const char *value = strstr(page->headers, header);
	char line[128];

	if (value == NULL)
		return false;
	value += strlen(header);
	(void)snprintf(line, sizeof(line), "%s%.*s\r\n", condition,
	    (int)strcspn(value, "\r"), value);
	return strstr(request, line) != NULL;
}

static bool
behave(struct peer *peer, int fd, const char *path, const char *request)
{
	struct world *world = peer->arg;
	const struct page *page;
	bool fails;
	size_t i;

	(void)pthread_mutex_lock(&peer->lock);
	fails = world->fail_count > 0 && strcmp(path, "/robots.txt") != 0;
	world->fail_count -= fails;
	(void)pthread_mutex_unlock(&peer->lock);
	if (fails)
		return peer_answer(fd, "503 Busy", "Retry-After: 0\r\n", "");
	for (i = 0; i < world->page_count; i++) {
		page = &world->pages[i];
		if (strcmp(path, page->path) != 0)
			continue;
		if (page->status == NULL) {
			peer_hang(peer);
			return false;
		}
		if (is_known(page, "ETag: ", request, "If-None-Match: ") ||
		    is_known(page, "Last-Modified: ", request,
			"If-Modified-Since: "))
			return peer_answer(fd, "304 Not Modified", "", "");
		return peer_answer(fd, page->status, page->headers,
		    page->body);
	}
	return peer_answer(fd, "404 Not Found", "", "");
}

static int
setup(void **state)
{
	static const char *const hosts[] = {"h.localhost", "www.h.localhost",
	    "a.h.localhost"};
	struct net_policy policy = {.hosts = hosts,
	    .host_count = COUNT(hosts)};
	struct net_policy strict = {0};
	struct world *world;

	world = mem_zalloc(sizeof(*world));
	assert_non_null(world);
	peer_open(&world->peer, behave, world);
	assert_int_equal(net_client_new(&policy, &world->client, NULL), 0);
	assert_int_equal(net_client_new(&strict, &world->strict, NULL), 0);
	buf_init(&world->web.text, 64 * KIB);
	(void)snprintf(world->web.base, sizeof(world->web.base),
	    "http://h.localhost:%u", world->peer.port);
	web_config_init(&world->config);
	world->config.folder = "/tmp";
	world->config.scope = WEB_DOMAIN;
	world->config.pause_ms = 0;
	world->config.retry_ms = 1;
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;

	web_world_fini(&world->web);
	net_client_free(world->client);
	net_client_free(world->strict);
	peer_close(&world->peer);
	mem_free(world);
	return 0;
}

static void
serve(struct world *world, const struct page *pages, size_t count)
{
	(void)pthread_mutex_lock(&world->peer.lock);
	world->pages = pages;
	world->page_count = count;
	(void)pthread_mutex_unlock(&world->peer.lock);
}

static int
crawl_path(struct world *world, const char *path)
{
	(void)snprintf(world->url, sizeof(world->url), "%s%s",
	    path[0] == '/' ? world->web.base : "", path);
	world->config.url = world->url;
	world->note.text[0] = '\0';
	return web_world_crawl(&world->web, &world->config, world->client,
	    &world->tally, &world->note);
}

static void
check_crawl(struct world *world, const char *path, const char *text)
{
	assert_int_equal(crawl_path(world, path), 0);
	assert_string_equal(buf_text(&world->web.text), text);
}

/* ---- what becomes an entry --------------------------------------------- */

static const struct page mixed[] = {
    ROBOTS("User-agent: *\nDisallow: /closed\n"),
    {"/", "200 OK", HTML "X-Robots-Tag: otherbot: noindex\r\n",
	"<a href=a?PHPSESSID=1>a</a><a href=/missing><a href=/denied>"
	"<a href=/broken><a href=/closed/x><a href=http://other.example/>"
	"<a href=/noindex><a href=/header><a href=/copy><a href=/pdf.pdf>"
	"<a href=/video><a href=/plain><a href=/zip.zip><img src=/p.png>"
	"<a href=/empty><a href=/coded>"},
    {"/a", "200 OK", HTML, "<a href=/a?PHPSESSID=2>a</a><a href=/>"},
    {"/denied", "403 Forbidden", "", "no"},
    {"/broken", "500 Error", "", ""},
    {"/closed/x", "200 OK", HTML, "never"},
    {"/noindex", "200 OK", HTML,
	"<meta name=robots content=noindex><a href=/deep>"},
    {"/header", "200 OK", HTML "X-Robots-Tag: noindex, nofollow\r\n",
	"<a href=/never>"},
    {"/deep", "200 OK", HTML, "deep"},
    {"/copy", "200 OK", HTML, "<link rel=canonical href=/a>copy"},
    {"/pdf.pdf", "200 OK", "Content-Type: application/pdf\r\n", "%PDF-"},
    {"/p.png", "200 OK", "Content-Type: image/png\r\n", "PNG"},
    {"/video", "200 OK", "Content-Type: video/mp4\r\n", "film"},
    {"/plain", "200 OK", "Content-Type: text/plain; charset=utf-8\r\n",
	"<a href=/never>"},
    {"/empty", "200 OK", HTML, ""},
    {"/coded", "200 OK", HTML "Content-Encoding: gzip\r\n", "zip"},
};

static void
test_entries(void **state)
{
	struct world *world = *state;

	serve(world, mixed, COUNT(mixed));
	check_crawl(world, "/",
	    "page /\npage /a\nSOURCE_NOT_FOUND /missing\n"
	    "SOURCE_ACCESS_DENIED /denied\nFETCH_FAILED /broken\n"
	    "page /plain\npage /empty\nFETCH_FAILED /coded\npage /deep\n");
	assert_int_equal(world->tally.pages, 5);
	assert_int_equal(world->tally.failed, 4);
	assert_int_equal(world->tally.broken, 1);
	assert_int_equal(world->tally.robots, 1);
	assert_int_equal(world->tally.noindex, 2);
	assert_int_equal(world->tally.copies, 1);
	assert_int_equal(world->tally.unwanted, 1);
	assert_int_equal(world->tally.cuts, WEB_CUT_ERROR);
	/* robots.txt and 13 addresses, one of them three times. */
	assert_int_equal(world->tally.requests, 1 + 13 + 2);

	world->config.takes_media = true;
	check_crawl(world, "/",
	    "page /\npage /a\nSOURCE_NOT_FOUND /missing\n"
	    "SOURCE_ACCESS_DENIED /denied\nFETCH_FAILED /broken\n"
	    "page /pdf.pdf\npage /plain\npage /p.png\npage /empty\n"
	    "FETCH_FAILED /coded\npage /deep\n");
}

static void
test_messages(void **state)
{
	static const struct page pages[] = {
	    {"/", "200 OK", HTML, "<a href=/x><a href=/big>"},
	    {"/big", "200 OK", HTML, "0123456789012345678901234567890"}};
	struct world *world = *state;
	char text[512];

	serve(world, pages, COUNT(pages));
	world->web.tells_messages = true;
	world->config.page_bytes_max = 30;
	(void)snprintf(text, sizeof(text),
	    "page /\nSOURCE_NOT_FOUND /x: it was answered with 404; linked "
	    "from %s/\nFILE_TOO_LARGE /big: it is larger than the limit; "
	    "linked from %s/\n", world->web.base, world->web.base);
	check_crawl(world, "/", text);
}

/* ---- scopes ------------------------------------------------------------ */

static void
test_scopes(void **state)
{
	static const struct {
		enum web_scope scope;
		const char *url, *text;
	} rows[] = {
	    {WEB_SCOPED, "/docs/", "page /docs/\n"},
	    {WEB_PATH, "/docs/", "page /docs/\npage /docs/a\n"},
	    {WEB_PATH, "/docs/a", "page /docs/a\n"},
	    {WEB_DOMAIN, "/docs/",
		"page /docs/\npage /docs/a\npage /other\n"},
	    {WEB_SUBDOMAINS, "/docs/",
		"page /docs/\npage /docs/a\npage /other\npage SUB/sub\n"},
	};
	static struct page pages[] = {
	    {"/docs/", "200 OK", HTML, NULL},
	    {"/docs/a", "200 OK", HTML, "<a href=/docs/#x>"},
	    {"/other", "200 OK", HTML, "other"},
	    {"/sub", "200 OK", HTML, "sub"}};
	struct world *world = *state;
	char body[512], text[256], sub[64];
	size_t i;

	/* The last host is one that the policy refuses. */
	(void)snprintf(body, sizeof(body),
	    "<a href=a><a href=/other><a href=http://a.h.localhost:%u/sub>"
	    "<a href=http://secret.h.localhost:%u/sub>"
	    "<a href=http://127.0.0.1:%u/sub>",
	    world->peer.port, world->peer.port, world->peer.port);
	pages[0].body = body;
	serve(world, pages, COUNT(pages));
	for (i = 0; i < COUNT(rows); i++) {
		const char *at = strstr(rows[i].text, "SUB");

		world->config.scope = rows[i].scope;
		(void)snprintf(sub, sizeof(sub), "http://a.h.localhost:%u",
		    world->peer.port);
		(void)snprintf(text, sizeof(text), "%.*s%s%s",
		    at == NULL ? (int)strlen(rows[i].text) :
				 (int)(at - rows[i].text),
		    rows[i].text, at == NULL ? "" : sub,
		    at == NULL ? "" : at + 3);
		check_crawl(world, rows[i].url, text);
	}
}

/* ---- redirects --------------------------------------------------------- */

#define TO(path) "302 Found", "Location: " path "\r\n", ""

static void
test_redirects(void **state)
{
	static const struct page pages[] = {
	    {"/", "200 OK", HTML,
		"<a href=/one><a href=/loop><a href=/out><a href=/in>"
		"<a href=/none><a href=/odd><a href=/self><a href=/to-a>"
		"<a href=/a><a href=/long0><a href=/to-closed>"
		"<a href=/to-missing>"},
	    ROBOTS("User-agent: *\nDisallow: /closed"),
	    {"/one", TO("/two")}, {"/two", TO("three")},
	    {"/three", "200 OK", HTML, "3"}, {"/loop", TO("/pool")},
	    {"/pool", TO("/loop")}, {"/out", TO("http://other.example/")},
	    {"/in", TO("http://127.0.0.1:1/")},
	    {"/none", "301 Moved", "", ""}, {"/odd", TO("mailto:x")},
	    {"/self", TO("/self")}, {"/to-a", TO("/a")},
	    {"/a", "200 OK", HTML, "a"}, {"/to-closed", TO("/closed")},
	    {"/to-missing", TO("/missing")},
	    {"/long0", TO("/long1")}, {"/long1", TO("/long2")},
	    {"/long2", TO("/long3")}, {"/long3", TO("/long4")},
	    {"/long4", TO("/long5")}, {"/long5", TO("/long6")},
	    {"/long6", TO("/long7")}, {"/long7", TO("/long8")},
	    {"/long8", TO("/long9")}, {"/long9", TO("/long10")},
	    {"/long10", TO("/long11")}, {"/long11", TO("/long12")}};
	struct world *world = *state;

	serve(world, pages, COUNT(pages));
	check_crawl(world, "/",
	    "page /\npage /three <- /one\nFETCH_FAILED /pool <- /loop\n"
	    "FETCH_FAILED /none\nFETCH_FAILED /odd\nFETCH_FAILED /self\n"
	    "page /a\nFETCH_FAILED /long10 <- /long0\n"
	    "SOURCE_NOT_FOUND /missing <- /to-missing\n");
	assert_int_equal(world->tally.outside, 2);
	assert_int_equal(world->tally.robots, 1);
}

/* Ids of sessions make no other pages, unless the server insists. */
static void
test_sessions(void **state)
{
	static const struct page pages[] = {
	    {"/", "200 OK", HTML, "<a href=/s><a href=/u><a href=/v>"},
	    {"/s", TO("/t?PHPSESSID=1")}, {"/t", "200 OK", HTML, "t"},
	    {"/u", TO("/u?PHPSESSID=1")},
	    {"/u?PHPSESSID=1", "200 OK", HTML, "u"},
	    {"/v", TO("/v?PHPSESSID=1")},
	    {"/v?PHPSESSID=1", TO("/v?PHPSESSID=1")}};
	struct world *world = *state;

	serve(world, pages, COUNT(pages));
	check_crawl(world, "/",
	    "page /\npage /t <- /s\npage /u?PHPSESSID=1 <- /u\n"
	    "FETCH_FAILED /v?PHPSESSID=1 <- /v\n");
}

/* ---- pages that call others canonical ---------------------------------- */

#define CANON(path) "<link rel=canonical href=" path ">"

static void
test_canonical(void **state)
{
	static const struct page pages[] = {
	    {"/", "200 OK", HTML,
		CANON("https://h.localhost/") "<a href=/a><a href=/b>"
		"<a href=/c><a href=/d><a href=/e><a href=/f><a href=/g>"
		"<a href=/h>"},
	    /* Each calls the other one. */
	    {"/a", "200 OK", HTML, CANON("/b")},
	    {"/b", "200 OK", HTML, CANON("/a")},
	    /* Is not there. */
	    {"/c", "200 OK", HTML, CANON("/missing")},
	    /* Leads back. */
	    {"/d", "200 OK", HTML, CANON("/d2")}, {"/d2", TO("/d")},
	    /* Elsewhere. */
	    {"/e", "200 OK", HTML, CANON("http://other.example/")},
	    /* Two copies of one that is found later. */
	    {"/f", "200 OK", HTML, CANON("/fg") "<a href=/ff>"},
	    {"/g", "200 OK", HTML, CANON("/fg")},
	    {"/fg", "200 OK", HTML, CANON("/fg?PHPSESSID=3")},
	    {"/ff", "200 OK", HTML, "ff"},
	    /* Over a redirect. */
	    {"/h", "200 OK", HTML, CANON("/h2")}, {"/h2", TO("/h3")},
	    {"/h3", "404 Gone", "", ""}};
	struct world *world = *state;

	serve(world, pages, COUNT(pages));
	check_crawl(world, "/",
	    "page /\npage /b\npage /e\nSOURCE_NOT_FOUND /missing\npage /c\n"
	    "page /d\npage /fg\npage /ff\nSOURCE_NOT_FOUND /h3 <- /h2\n"
	    "page /h\n");
}

/* ---- crawling again ---------------------------------------------------- */

static void
test_again(void **state)
{
	static const struct page pages[] = {
	    {"/", "200 OK", HTML "ETag: \"1\"\r\n", "<a href=/a><a href=/b>"},
	    {"/a", "200 OK",
		HTML "Last-Modified: Sun, 22 Nov 2026 10:00:00 GMT\r\n", "a"},
	    {"/b", "200 OK", HTML, "b"}};
	static const struct page later[] = {
	    {"/", "200 OK", HTML "ETag: \"1\"\r\n", "<a href=/a><a href=/b>"},
	    {"/a", "200 OK", HTML "ETag: \"2\"\r\n", "<a href=/c>"},
	    {"/c", "304 Not Modified", "", ""}};
	struct world *world = *state;

	serve(world, pages, COUNT(pages));
	check_crawl(world, "/", "page /\npage /a\npage /b\n");
	world->web.knows = world->web.has_bodies = true;
	check_crawl(world, "/", "same /\nsame /a\npage /b\n");
	assert_int_equal(world->tally.unchanged, 2);
	assert_int_equal(world->tally.cuts, 0);
	serve(world, later, COUNT(later));
	check_crawl(world, "/", "same /\npage /a\nSOURCE_NOT_FOUND /b\n"
				"FETCH_FAILED /c\n");
	/* What is known is lost: then it is fetched. */
	world->web.has_bodies = false;
	serve(world, pages, COUNT(pages));
	check_crawl(world, "/", "page /\npage /a\npage /b\n");
}

/* ---- the first page ---------------------------------------------------- */

static void
test_first(void **state)
{
	static const struct page pages[] = {
	    ROBOTS("User-agent: tidemark\nDisallow: /closed"),
	    {"/noindex", "200 OK", HTML, "<meta name=robots content=none>"},
	    {"/pdf", "200 OK", "Content-Type: application/pdf\r\n", "PDF"},
	    {"/out", TO("http://other.example/")}, {"/loop", TO("/loop")}};
	static const struct {
		const char *path, *text;
	} rows[] = {
	    {"/missing", "SOURCE_NOT_FOUND /missing: it was answered with "
			 "404\n"},
	    {"/closed", "SOURCE_ACCESS_DENIED /closed: the site's robots.txt "
			"does not allow it\n"},
	    {"/noindex", "SOURCE_ACCESS_DENIED /noindex: the page asks not "
			 "to be indexed\n"},
	    {"/pdf", "page /pdf\n"},
	    {"/out", "SOURCE_NOT_FOUND /out: it redirects to another site\n"},
	    {"/loop", "FETCH_FAILED /loop: it redirects in a circle\n"},
	};
	struct world *world = *state;
	char text[256];
	size_t i;

	world->web.tells_messages = true;
	serve(world, pages, COUNT(pages));
	for (i = 0; i < COUNT(rows); i++)
		check_crawl(world, rows[i].path, rows[i].text);
	/* A policy without that name refuses the address. */
	world->config.url = world->url;
	(void)snprintf(world->url, sizeof(world->url), "%s/pdf",
	    world->web.base);
	assert_int_equal(web_world_crawl(&world->web, &world->config,
			     world->strict, &world->tally, NULL),
	    0);
	(void)snprintf(text, sizeof(text), "SOURCE_ACCESS_DENIED /pdf: "
	    "h.localhost:%u: it is at ", world->peer.port);
	assert_memory_equal(buf_text(&world->web.text), text, strlen(text));
	assert_non_null(strstr(buf_text(&world->web.text),
	    ", a loopback address, which is not allowed\n"));
}

static void
test_first_without_robots(void **state)
{
	static const struct page pages[] = {
	    {"/robots.txt", "503 Busy", "", ""},
	    {"/", "200 OK", HTML, "never"}};
	static const struct page gone[] = {
	    {"/robots.txt", TO("/robots.txt")},
	    {"/", "200 OK", HTML, "page"}};
	struct world *world = *state;

	world->web.tells_messages = true;
	serve(world, pages, COUNT(pages));
	check_crawl(world, "/", "FETCH_FAILED /: the host answered 503 to the "
				"request for robots.txt\n");
	assert_int_equal(world->tally.cuts, WEB_CUT_ERROR | WEB_CUT_HOST);
	serve(world, gone, COUNT(gone));
	check_crawl(world, "/", "page /\n");
}

static void
test_first_moves(void **state)
{
	static struct page pages[] = {
	    {"/", "301 Moved", NULL, ""},
	    {"/en/", "200 OK", HTML, "<a href=/en/a><a href=/de/>"},
	    {"/en/a", "200 OK", HTML, "a"}, {"/de/", "200 OK", HTML, "de"}};
	struct world *world = *state;
	char headers[128], text[256];

	(void)snprintf(headers, sizeof(headers),
	    "Location: http://www.h.localhost:%u/en/\r\n", world->peer.port);
	pages[0].headers = headers;
	serve(world, pages, COUNT(pages));
	(void)snprintf(text, sizeof(text),
	    "page http://www.h.localhost:%u/en/ <- /\n"
	    "page http://www.h.localhost:%u/en/a\n"
	    "page http://www.h.localhost:%u/de/\n", world->peer.port,
	    world->peer.port, world->peer.port);
	world->config.scope = WEB_PATH;
	check_crawl(world, "/", text);
}

static void
test_invalid(void **state)
{
	static const char *const urls[] = {"", "h.localhost", "ftp://h/",
	    "http://", "http://u:p@h/", "file:///etc/passwd"};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < COUNT(urls); i++) {
		world->config.url = urls[i];
		assert_int_equal(web_world_crawl(&world->web, &world->config,
				     world->client, &world->tally,
				     &world->note),
		    ERR_INVALID);
		assert_string_not_equal(world->note.text, "");
	}
	world->config.pages_max = WEB_PAGES_MAX + 1;
	assert_int_equal(crawl_path(world, "/"), ERR_INVALID);
	assert_int_equal(peer_requests(&world->peer), 0);
}

/* ---- sitemaps ---------------------------------------------------------- */

static void
test_sitemaps(void **state)
{
	static const struct page pages[] = {
	    ROBOTS("Sitemap: /index.xml\n"),
	    {"/index.xml", "200 OK", "",
		"<sitemapindex><sitemap><loc>/one.xml</loc></sitemap>"
		"<sitemap><loc>/index.xml</loc></sitemap>"
		"<sitemap><loc>/two.txt</loc></sitemap>"
		"<sitemap><loc>/gone.xml</loc></sitemap></sitemapindex>"},
	    {"/one.xml", "200 OK", "",
		"<urlset><url><loc>/a</loc></url><url>"
		"<loc>http://other.example/</loc></url><url><loc>/a</loc>"
		"</url><url><loc>/b?x=1&amp;y=2</loc></url></urlset>"},
	    {"/two.txt", "302 Found", "Location: /real.txt\r\n", ""},
	    {"/real.txt", "200 OK", "", ""},
	    {"/a", "200 OK", HTML, "<a href=/unlisted>"},
	    {"/b?x=1&y=2", "200 OK", HTML, "b"}};
	static const struct page none[] = {{"/", "200 OK", HTML, "x"}};
	struct world *world = *state;

	world->config.scope = WEB_SITEMAP;
	serve(world, pages, COUNT(pages));
	check_crawl(world, "/",
	    "SOURCE_NOT_FOUND /gone.xml\npage /a\npage /b?x=1&y=2\n");
	check_crawl(world, "/one.xml", "page /a\npage /b?x=1&y=2\n");
	serve(world, none, COUNT(none));
	check_crawl(world, "/", "SOURCE_NOT_FOUND /sitemap.xml\n");
}

/* ---- limits and faults ------------------------------------------------- */

static const struct page chain[] = {
    {"/", "200 OK", HTML, "<a href=/1><a href=/?a><a href=/?b><a href=/?c>"},
    {"/1", "200 OK", HTML, "<a href=/2>"},
    {"/2", "200 OK", HTML, "<a href=/3>"},
    {"/3", "200 OK", HTML, "<a href=/1/1/1/1/1>"}};

static void
test_limits(void **state)
{
	struct world *world = *state;

	serve(world, chain, COUNT(chain));
	check_crawl(world, "/",
	    "page /\npage /1\nSOURCE_NOT_FOUND /?a\nSOURCE_NOT_FOUND /?b\n"
	    "SOURCE_NOT_FOUND /?c\npage /2\npage /3\n");
	assert_int_equal(world->tally.cuts, WEB_CUT_TRAP);
	world->config.variants_max = 1;
	world->config.depth_max = 2;
	check_crawl(world, "/",
	    "page /\npage /1\nSOURCE_NOT_FOUND /?a\npage /2\n");
	assert_int_equal(world->tally.cuts, WEB_CUT_TRAP | WEB_CUT_DEPTH);
	world->config.pages_max = 2;
	check_crawl(world, "/", "page /\npage /1\n");
	assert_int_equal(world->tally.cuts, WEB_CUT_TRAP | WEB_CUT_PAGES);
	world->config.pages_max = 100;
	world->config.total_bytes_max = 60;
	check_crawl(world, "/", "page /\npage /1\nSOURCE_NOT_FOUND /?a\n");
	assert_int_equal(world->tally.cuts, WEB_CUT_TRAP | WEB_CUT_BYTES);
	world->config.time_s = 0;
	check_crawl(world, "/", "FETCH_FAILED /\n");
	assert_int_equal(world->tally.cuts & WEB_CUT_TIME, WEB_CUT_TIME);
}

static void
test_retries(void **state)
{
	struct world *world = *state;

	serve(world, chain, COUNT(chain));
	world->config.scope = WEB_SCOPED;
	world->fail_count = WEB_ATTEMPTS_MAX - 1;
	check_crawl(world, "/", "page /\n");
	world->fail_count = WEB_ATTEMPTS_MAX;
	check_crawl(world, "/", "FETCH_FAILED /\n");
	assert_int_equal(world->tally.cuts, WEB_CUT_ERROR);
}

/* A host that does not answer any more is left alone. */
static void
test_host_is_given_up(void **state)
{
	static struct page pages[] = {{"/", "200 OK", HTML, NULL}};
	struct world *world = *state;
	struct buf body;
	unsigned i;

	buf_init(&body, 4096);
	for (i = 0; i < 2 * WEB_FAILURES_MAX; i++)
		(void)buf_printf(&body, "<a href=/%u>", i);
	pages[0].body = buf_text(&body);
	serve(world, pages, COUNT(pages));
	assert_int_equal(crawl_path(world, "/"), 0);
	assert_int_equal(world->tally.broken, 2 * WEB_FAILURES_MAX);
	world->fail_count = 1000;
	assert_int_equal(crawl_path(world, "/"), 0);
	assert_int_equal(world->tally.failed, 1);
	buf_fini(&body);
}

/* It asks for an hour. */
static void
test_host_wants_peace(void **state)
{
	static const struct page pages[] = {
	    {"/", "200 OK", HTML, "<a href=/busy><a href=/b>"},
	    {"/busy", "429 Too Many", "Retry-After: 3600\r\n", ""},
	    {"/b", "200 OK", HTML, "b"}};
	struct world *world = *state;

	serve(world, pages, COUNT(pages));
	check_crawl(world, "/", "page /\nFETCH_FAILED /busy\n");
	assert_int_equal(world->tally.cuts, WEB_CUT_HOST | WEB_CUT_ERROR);
	assert_int_equal(world->tally.requests, 3);
}

static void
test_slow(void **state)
{
	static const struct page pages[] = {
	    {"/", "200 OK", HTML, "<a href=/slow><a href=/b>"},
	    {"/slow", NULL, NULL, NULL}, {"/b", "200 OK", HTML, "b"}};
	struct world *world = *state;

	serve(world, pages, COUNT(pages));
	world->config.page_ms = 200;
	check_crawl(world, "/", "page /\nFETCH_FAILED /slow\npage /b\n");
	assert_int_equal(world->tally.requests, 1 + 2 + WEB_ATTEMPTS_MAX);
}

static void *
stop_when_hanging(void *arg)
{
	struct world *world = arg;

	peer_wait_hanging(&world->peer, 1);
	atomic_store(&world->web.stop, true);
	return NULL;
}

static void
test_stop(void **state)
{
	static const struct page pages[] = {
	    {"/", "200 OK", HTML, "<a href=/slow>"}, {"/slow", NULL, NULL,
		NULL}};
	struct world *world = *state;
	pthread_t thread;

	/* In a transfer. */
	serve(world, pages, COUNT(pages));
	assert_int_equal(thread_start(&thread, "stop", stop_when_hanging,
			     world),
	    0);
	assert_int_equal(crawl_path(world, "/"), ERR_CANCELLED);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_string_equal(buf_text(&world->web.text), "page /\n");
	/* Between two pages. */
	atomic_store(&world->web.stop, false);
	world->web.stop_after = 1;
	serve(world, chain, COUNT(chain));
	assert_int_equal(crawl_path(world, "/"), ERR_CANCELLED);
	assert_string_equal(buf_text(&world->web.text), "page /\n");
	/* Before it begins. */
	assert_int_equal(crawl_path(world, "/"), ERR_CANCELLED);
	assert_string_equal(buf_text(&world->web.text), "");
}

static void *
stop_after_robots(void *arg)
{
	struct world *world = arg;

	(void)pthread_mutex_lock(&world->peer.lock);
	while (world->peer.request_count < 1)
		(void)pthread_cond_wait(&world->peer.cond,
		    &world->peer.lock);
	(void)pthread_mutex_unlock(&world->peer.lock);
	atomic_store(&world->web.stop, true);
	return NULL;
}

/* The pause after robots.txt would last an hour. */
static void
test_stop_in_pause(void **state)
{
	struct world *world = *state;
	pthread_t thread;

	serve(world, chain, COUNT(chain));
	world->config.pause_ms = 3600000;
	assert_int_equal(thread_start(&thread, "stop", stop_after_robots,
			     world),
	    0);
	assert_int_equal(crawl_path(world, "/"), ERR_CANCELLED);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_string_equal(buf_text(&world->web.text), "");
}

static void
test_caller_ends(void **state)
{
	struct world *world = *state;

	serve(world, chain, COUNT(chain));
	world->web.fail = ERR_CONFLICT;
	assert_int_equal(crawl_path(world, "/"), ERR_CONFLICT);
	assert_int_equal(world->web.entries, 1);
	world->web.fail = 0;
	world->config.folder = "/nowhere";
	assert_int_equal(crawl_path(world, "/"), ERR_NOT_FOUND);
}

/* Each allocation fails once: an error, or nothing that is missed. */
static void
test_memory(void **state)
{
	struct world *world = *state;
	unsigned long nth;
	int err = ERR_NOMEM;

	serve(world, chain, COUNT(chain));
	for (nth = 1; err != 0; nth++) {
		mem_fail_at(nth);
		err = crawl_path(world, "/1");
		mem_fail_at(0);
		assert_true(err == 0 || err == ERR_NOMEM);
		peer_wait_idle(&world->peer);
	}
	assert_string_equal(buf_text(&world->web.text),
	    "page /1\npage /2\npage /3\n");
	assert_true(nth > 20);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_entries), TEST(test_messages), TEST(test_scopes),
	    TEST(test_redirects), TEST(test_sessions),
	    TEST(test_canonical), TEST(test_again),
	    TEST(test_first), TEST(test_first_without_robots),
	    TEST(test_first_moves), TEST(test_invalid), TEST(test_sitemaps),
	    TEST(test_limits), TEST(test_retries),
	    TEST(test_host_is_given_up),
	    TEST(test_host_wants_peace), TEST(test_slow), TEST(test_stop),
	    TEST(test_stop_in_pause), TEST(test_caller_ends),
	    TEST(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
