/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_fuzz: what a site sends: a page (its links, and what is left of it when
 * elements are dropped), a robots.txt, a sitemap, a redirect.
 *
 * The first byte of an input says which of them the rest is.
 */
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "source/web.h"
#include "source/web_html.h"
#include "source/web_links.h"
#include "source/web_robots.h"
#include "source/web_sitemap.h"
#include "source/web_url.h"

#define BASE "http://h.example/a/b?c"
#define UNZIPPED_MAX (1 * MIB)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A normalised address: whole, plain, and itself when it is read again. */
static void
check_url(const char *text)
{
	struct web_url url;
	struct buf again;
	size_t i;

	web_url_parse(text, &url);
	ASSERT(url.len <= WEB_URL_BYTES_MAX && url.host_len > 0);
	ASSERT(url.path[0] == '/' && url.port > 0 && url.port < 65536);
	for (i = 0; i < url.len; i++)
		ASSERT(text[i] > ' ' && text[i] < 0x7f && text[i] != '#');
	buf_init(&again, WEB_URL_BYTES_MAX);
	ASSERT(web_url_resolve(NULL, text, url.len, &again) == 0);
	ASSERT(strcmp(buf_text(&again), text) == 0);
	buf_clear(&again);
	ASSERT(web_url_strip(text, &again) == 0 && again.len <= url.len);
	web_url_parse(buf_text(&again), &url);
	(void)web_url_is_trap(&url);
	buf_clear(&again);
	ASSERT(web_url_name(text, &again) == 0);
	buf_fini(&again);
}

static int
link_check(void *arg, enum web_link_kind kind, const char *url)
{
	(void)arg;
	ASSERT(kind == WEB_LINK_PAGE || kind == WEB_LINK_MEDIA ||
	    kind == WEB_LINK_CANONICAL);
	check_url(url);
	return 0;
}

static void
try_page(const char *text, size_t len)
{
	static const char *const tags[] = {"nav", "p", "b"};
	struct web_wish wish = {0};
	struct web_token token;
	struct web_scan scan;
	struct buf out;
	bool is_cut;
	size_t sum;

	ASSERT(web_links_scan(text, len, BASE, link_check, NULL, &wish,
		   &is_cut) == 0);
	for (sum = 0, web_scan_init(&scan, text, len, false);
	     web_scan_next(&scan, &token); sum += token.len)
		ASSERT(token.len > 0 && token.at == text + sum);
	ASSERT(sum == len);
	buf_init(&out, len);
	ASSERT(web_drop_tags(text, len, tags, 3, &out) == 0);
	buf_clear(&out);
	ASSERT(web_drop_tags(text, len, NULL, 0, &out) == 0);
	ASSERT(out.len == len);
	buf_fini(&out);
}

static void
try_robots(const char *text, size_t len)
{
	struct web_robots robots;
	struct web_wish wish = {0};
	size_t at = 0;

	web_robots_init(&robots);
	ASSERT(web_robots_read(&robots, text, len) == 0);
	(void)web_robots_allow(&robots, "/a/b?c=*$", 9);
	if (len > 0 && len <= WEB_URL_BYTES_MAX)
		(void)web_robots_allow(&robots, text, len);
	while (web_robots_sitemap(&robots, &at) != NULL)
		;
	ASSERT(robots.delay_ms <= WEB_DELAY_MS_MAX);
	web_robots_fini(&robots);
	web_wish_read(text, len, true, &wish);
}

static int
listed_check(void *arg, const char *url, size_t len, bool is_index)
{
	struct buf out;

	(void)arg;
	(void)is_index;
	ASSERT(len > 0);
	buf_init(&out, WEB_URL_BYTES_MAX);
	if (web_url_resolve(BASE, url, len, &out) == 0)
		check_url(buf_text(&out));
	buf_fini(&out);
	return 0;
}

static void
try_sitemap(const char *text, size_t len)
{
	struct buf out;
	bool is_cut;
	int err;

	if (!web_is_gzip(text, len)) {
		ASSERT(web_sitemap_scan(text, len, listed_check, NULL,
			   &is_cut) == 0);
		return;
	}
	buf_init(&out, UNZIPPED_MAX);
	err = web_gunzip(text, len, &out);
	ASSERT(err == 0 || err == ERR_SYNTAX || err == ERR_TOO_BIG);
	ASSERT(web_sitemap_scan(buf_text(&out), out.len, listed_check, NULL,
		   &is_cut) == 0);
	buf_fini(&out);
}

static void
try_redirect(const char *text, size_t len)
{
	struct buf out;

	buf_init(&out, WEB_URL_BYTES_MAX);
	if (web_url_resolve(BASE, text, len, &out) == 0)
		check_url(buf_text(&out));
	buf_clear(&out);
	if (web_url_resolve(NULL, text, len, &out) == 0)
		check_url(buf_text(&out));
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	/* Of its own size, so that one byte too far is seen. */
	text = mem_alloc(size - 1);
	ASSERT(text != NULL);
	memcpy(text, data + 1, size - 1);
	switch (data[0] % 4) {
	case 0:
		try_page(text, size - 1);
		break;
	case 1:
		try_robots(text, size - 1);
		break;
	case 2:
		try_sitemap(text, size - 1);
		break;
	case 3:
		try_redirect(text, size - 1);
		break;
	}
	mem_free(text);
	return 0;
}
