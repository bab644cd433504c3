/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "source/web.h"
#include "source/web_frontier.h"
#include "source/web_html.h"
#include "source/web_links.h"
#include "source/web_sitemap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
test_unescape(void **state)
{
	static const char *const rows[][2] = {
	    {"a&amp;b", "a&b"}, {"a&b=c", "a&b=c"},
	    {"?a&amp;amp;b", "?a&amp;b"},
	    {"&#38;&#x26;&#X26;", "&&&"}, {"&#228;", "\xc3\xa4"},
	    {"&lt;&gt;&quot;&apos;", "<>\"'"}, {"&ampb", "&ampb"},
	    {"&amp", "&"}, {"?x&lt=1", "?x&lt=1"}, {"?x&lt;=1", "?x<=1"},
	    {"&#0;", "\xef\xbf\xbd"}, {"&#xd800;", "\xef\xbf\xbd"},
	    {"&#9999999999999;", "\xef\xbf\xbd"}, {"&#;&#x;", "&#;&#x;"},
	    {"&", "&"}, {"&colon;&sol;", ":/"}, {"&colon", "&colon"},
	    {"&unknown;", "&unknown;"},
	};
	struct buf out;
	size_t i;

	(void)state;
	buf_init(&out, 1000);
	for (i = 0; i < COUNT(rows); i++) {
		buf_clear(&out);
		assert_int_equal(web_unescape(rows[i][0], strlen(rows[i][0]),
				     &out),
		    0);
		assert_string_equal(buf_text(&out), rows[i][1]);
	}
	buf_fini(&out);
}

/* ---- links ------------------------------------------------------------- */

static int
link_note(void *arg, enum web_link_kind kind, const char *url)
{
	static const char letters[] = {[WEB_LINK_PAGE] = 'P',
	    [WEB_LINK_MEDIA] = 'M', [WEB_LINK_CANONICAL] = 'C'};

	return buf_printf(arg, "%c %s\n", letters[kind], url);
}

#define BASE "http://h.example/dir/page"

static const struct {
	const char *html, *links;
	bool noindex, nofollow;
} link_rows[] = {
    {"", "", 0, 0},
    {"<a href=x>", "P http://h.example/dir/x\n", 0, 0},
    {"<A HREF = 'x?a&amp;b' >", "P http://h.example/dir/x?a&b\n", 0,
	0},
    {"<a\nclass=\"a>b\"\nhref=\"/x>y\">", "P http://h.example/x%3Ey\n",
	0, 0},
    {"<a href=\"#top\"><a href><a name=x>", "P " BASE "\n", 0, 0},
    {"<a href=mailto:a@b><a href='javascript:x()'>", "", 0, 0},
    {"<a href=x rel=nofollow><a href=y rel='noopener NoFollow'>"
     "<a href=z rel=noopener>", "P http://h.example/dir/z\n", 0, 0},
    {"<a href=x href=y>", "P http://h.example/dir/x\n", 0, 0},
    {"<base href='http://o.example/b/'><a href=x>",
	"P http://o.example/b/x\n", 0, 0},
    {"<base href='/b/'><base href='/c/'><a href=x>",
	"P http://h.example/b/x\n", 0, 0},
    {"<base href='mailto:x'><a href=x>",
	"P http://h.example/dir/x\n", 0, 0},
    {"<area href=x><iframe src=y></iframe><frame src=z>",
	"P http://h.example/dir/x\nP http://h.example/dir/y\n"
	"P http://h.example/dir/z\n", 0, 0},
    {"<img src=x.png><embed src=y><object data=z.pdf>",
	"M http://h.example/dir/x.png\nM http://h.example/dir/y\n"
	"M http://h.example/dir/z.pdf\n", 0, 0},
    {"<link rel=canonical href=/c><link rel=next href=n>"
     "<link rel=stylesheet href=s.css>",
	"C http://h.example/c\nP http://h.example/dir/n\n", 0, 0},
    {"<!-- <a href=x> --><a href=y>", "P http://h.example/dir/y\n", 0,
	0},
    {"<!--><a href=y>", "P http://h.example/dir/y\n", 0, 0},
    {"<!-- <a href=x>", "", 0, 0},
    {"<script>'<a href=x>'</script><a href=y>",
	"P http://h.example/dir/y\n", 0, 0},
    {"<script><!-- </scripty> <a href=x>", "", 0, 0},
    {"<style><a href=x></STYLE ><a href=y>",
	"P http://h.example/dir/y\n", 0, 0},
    {"<textarea><a href=x></textarea><title><a href=y></title>", "",
	0, 0},
    {"<template><a href=x><template></template><a href=y></template>"
     "<a href=z>", "P http://h.example/dir/z\n", 0, 0},
    {"<noscript><a href=x></noscript>", "P http://h.example/dir/x\n",
	0, 0},
    {"<meta http-equiv=refresh content='5; url=x'>",
	"P http://h.example/dir/x\n", 0, 0},
    {"<meta http-equiv=Refresh content=\"0;URL='/y'\">",
	"P http://h.example/y\n", 0, 0},
    {"<meta http-equiv=refresh content=5>", "", 0, 0},
    {"<meta name=robots content='noindex'>", "", 1, 0},
    {"<META NAME=TideMark CONTENT='none'>", "", 1, 1},
    {"<meta name=googlebot content=none>", "", 0, 0},
    {"a < b <a href=x", "", 0, 0},
    {"< a href=x><a href=y>", "P http://h.example/dir/y\n", 0, 0},
    {"<a href=x/><a/href=y>", "P http://h.example/dir/x/\n"
			     "P http://h.example/dir/y\n", 0, 0},
    {"<a href=\"x", "", 0, 0},
    {"<aside href=x>", "", 0, 0},
    {"<a href=\"\xc3\xa4\">", "P http://h.example/dir/%C3%A4\n", 0, 0},
    {"<?php <a href=x> ?><a href=y>", "P http://h.example/dir/y\n", 0,
	0},
};

static void
test_links(void **state)
{
	struct web_wish wish;
	struct buf out;
	bool is_cut;
	size_t i;

	(void)state;
	buf_init(&out, 10000);
	for (i = 0; i < COUNT(link_rows); i++) {
		buf_clear(&out);
		wish = (struct web_wish){0};
		assert_int_equal(web_links_scan(link_rows[i].html,
				     strlen(link_rows[i].html), BASE, link_note,
				     &out, &wish, &is_cut),
		    0);
		assert_string_equal(buf_text(&out), link_rows[i].links);
		assert_int_equal(wish.noindex, link_rows[i].noindex);
		assert_int_equal(wish.nofollow, link_rows[i].nofollow);
		assert_false(is_cut);
	}
	buf_fini(&out);
}

static int
link_count(void *arg, enum web_link_kind kind, const char *url)
{
	(void)kind;
	(void)url;
	++*(unsigned *)arg;
	return 0;
}

static void
test_links_are_bounded(void **state)
{
	struct web_wish wish = {0};
	unsigned count = 0, i;
	struct buf html;
	bool is_cut;

	(void)state;
	buf_init(&html, MIB);
	for (i = 0; i < WEB_LINKS_MAX + 1; i++)
		(void)buf_printf(&html, "<a href=%u>", i);
	assert_int_equal(html.err, 0);
	assert_int_equal(web_links_scan(html.data, html.len, BASE, link_count,
			     &count, &wish, &is_cut),
	    0);
	assert_int_equal(count, WEB_LINKS_MAX);
	assert_true(is_cut);
	buf_fini(&html);
}

/* ---- elements that are left out ---------------------------------------- */

static void
test_drop(void **state)
{
	static const char *const tags[] = {"nav", "p", "img", "li", "script"};
	static const char *const rows[][2] = {
	    {"a<nav>b</nav>c", "ac"},
	    {"a<NAV class=x>b<b>c</b></NAV>d", "ad"},
	    {"a<nav>b<nav>c</nav>d</nav>e", "ae"},
	    {"<div>a<nav>b</div>c", "<div>a</div>c"},
	    {"a<nav>b</div></b>c</nav>d", "ad"},
	    {"a<nav>b", "a"},
	    {"a</nav>b", "a</nav>b"},
	    {"<div>a<p>b<p>c<div>d</div></div>", "<div>a<div>d</div></div>"},
	    {"<ul><li>a<li>b</ul>c", "<ul></ul>c"},
	    {"a<img src=x>b", "ab"},
	    {"a<img src=x/>b", "ab"},
	    {"a<br>b<br/>c", "a<br>b<br/>c"},
	    {"a<script>x</nav>'<div>'</script>b", "ab"},
	    {"a<!-- <nav> -->b<nav><!-- c --></nav>d", "a<!-- <nav> -->bd"},
	    {"a<nav/>b", "ab"},
	    {"a < b <nav", "a < b <nav"},
	};
	struct buf out;
	size_t i;

	(void)state;
	buf_init(&out, 1000);
	for (i = 0; i < COUNT(rows); i++) {
		buf_clear(&out);
		assert_int_equal(web_drop_tags(rows[i][0], strlen(rows[i][0]),
				     tags, COUNT(tags), &out),
		    0);
		assert_string_equal(buf_text(&out), rows[i][1]);
	}
	buf_fini(&out);
	assert_true(web_tag_is_valid("h1"));
	assert_true(web_tag_is_valid("My-Element"));
	assert_false(web_tag_is_valid(""));
	assert_false(web_tag_is_valid("1a"));
	assert_false(web_tag_is_valid(".class"));
	assert_false(web_tag_is_valid("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

/* ---- sitemaps ---------------------------------------------------------- */

static int
sitemap_note(void *arg, const char *url, size_t len, bool is_index)
{
	return buf_printf(arg, "%c %.*s\n", is_index ? 'I' : 'U', (int)len,
	    url);
}

static void
test_sitemaps(void **state)
{
	static const char *const rows[][2] = {
	    {"", ""},
	    {"<urlset><url><loc>http://h/a</loc></url></urlset>",
		"U http://h/a\n"},
	    {"\xef\xbb\xbf\n<?xml version='1.0'?><!-- <loc>x</loc> -->"
	     "<urlset xmlns='x'>\n<url>\n<loc>\nhttp://h/a?x=1&amp;y=2\n"
	     "</loc><lastmod>2026</lastmod></url></urlset>",
		"U http://h/a?x=1&y=2\n"},
	    {"<s:urlset><s:url><s:loc>http://h/a</s:loc></s:url></s:urlset>",
		"U http://h/a\n"},
	    {"<sitemapindex><sitemap><loc>http://h/s.xml</loc></sitemap>"
	     "</sitemapindex>", "I http://h/s.xml\n"},
	    {"<urlset><url><loc>http://h/a</loc><image:image><image:loc>"
	     "http://h/i.png</image:loc></image:image><xhtml:link href='x'/>"
	     "</url><url><loc>http://h/b</loc></url></urlset>",
		"U http://h/a\nU http://h/b\n"},
	    {"<urlset><url><loc><![CDATA[http://h/a?b&c]]></loc></url>",
		"U http://h/a?b&c\n"},
	    {"<urlset><url><loc></loc></url><url><loc> </loc></url>", ""},
	    {"<html><a href=x><loc>http://h/a</loc></html>", ""},
	    {"http://h/a\r\nhttps://h/b\nnonsense\n\nhttp://h/c",
		"U http://h/a\nU https://h/b\nU http://h/c\n"},
	};
	struct buf out;
	bool is_cut;
	size_t i;

	(void)state;
	buf_init(&out, 1000);
	for (i = 0; i < COUNT(rows); i++) {
		buf_clear(&out);
		assert_int_equal(web_sitemap_scan(rows[i][0],
				     strlen(rows[i][0]), sitemap_note, &out,
				     &is_cut),
		    0);
		assert_string_equal(buf_text(&out), rows[i][1]);
		assert_false(is_cut);
	}
	buf_fini(&out);
}

static size_t
zip(const char *text, size_t len, unsigned char *out, size_t size)
{
	z_stream stream = {0};

	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS,
			     8, Z_DEFAULT_STRATEGY),
	    Z_OK);
	stream.next_in = (unsigned char *)(uintptr_t)text;
	stream.avail_in = (unsigned)len;
	stream.next_out = out;
	stream.avail_out = (unsigned)size;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	(void)deflateEnd(&stream);
	return size - stream.avail_out;
}

static void
test_gunzip(void **state)
{
	unsigned char zipped[8192];
	struct buf out;
	size_t len, i;
	char *zeros;

	(void)state;
	len = zip("hello ", 6, zipped, sizeof(zipped));
	len += zip("world", 5, zipped + len, sizeof(zipped) - len);
	memset(zipped + len, 0, 3);
	buf_init(&out, MIB);
	assert_true(web_is_gzip((char *)zipped, len));
	assert_false(web_is_gzip("<xml", 4));
	assert_int_equal(web_gunzip((char *)zipped, len + 3, &out), 0);
	assert_string_equal(buf_text(&out), "hello world");
	for (i = 0; i < len; i++) {
		buf_clear(&out);
		/* Cut at the border of a member it is whole. */
		if (web_gunzip((char *)zipped, i, &out) == 0)
			assert_string_equal(buf_text(&out), "hello ");
	}
	zipped[4 + 10] ^= 0x55;
	buf_clear(&out);
	assert_int_equal(web_gunzip((char *)zipped, len, &out), ERR_SYNTAX);
	buf_fini(&out);

	/* A bomb stops at the limit. */
	zeros = mem_zalloc(4 * MIB);
	assert_non_null(zeros);
	len = zip(zeros, 4 * MIB, zipped, sizeof(zipped));
	buf_init(&out, MIB);
	assert_int_equal(web_gunzip((char *)zipped, len, &out), ERR_TOO_BIG);
	assert_true(out.len <= MIB);
	buf_fini(&out);
	mem_free(zeros);
}

/* ---- the queue --------------------------------------------------------- */

static void
test_frontier(void **state)
{
	struct web_node node = {.from = WEB_NODE_NONE, .depth = 3};
	struct web_frontier frontier;
	char url[64];
	uint32_t i, index;

	(void)state;
	web_frontier_init(&frontier, 1000, 4711);
	assert_int_equal(web_frontier_find(&frontier, "http://h/"),
	    WEB_NODE_NONE);
	for (i = 0; i < 1000; i++) {
		(void)snprintf(url, sizeof(url), "http://h/%u", i);
		assert_int_equal(web_frontier_find(&frontier, url),
		    WEB_NODE_NONE);
		assert_int_equal(web_frontier_add(&frontier, url, &node,
				     &index),
		    0);
		assert_int_equal(index, i);
	}
	assert_int_equal(web_frontier_add(&frontier, "http://h/x", &node,
			     &index),
	    ERR_TOO_BIG);
	for (i = 0; i < 1000; i++) {
		(void)snprintf(url, sizeof(url), "http://h/%u", i);
		assert_int_equal(web_frontier_find(&frontier, url), i);
		assert_string_equal(web_frontier_url(&frontier, i), url);
		assert_int_equal(frontier.nodes[i].depth, 3);
	}
	for (i = 0; i < 3; i++)
		assert_int_equal(web_frontier_variant(&frontier,
				     "http://h/p?x", 3),
		    0);
	assert_int_equal(web_frontier_variant(&frontier, "http://h/p?y", 3),
	    ERR_TOO_BIG);
	for (i = 0; i < 500; i++) {
		(void)snprintf(url, sizeof(url), "http://h/q%u?", i);
		assert_int_equal(web_frontier_variant(&frontier, url, 1), 0);
		assert_int_equal(web_frontier_variant(&frontier, url, 1),
		    ERR_TOO_BIG);
	}
	web_frontier_fini(&frontier);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_unescape),
	    cmocka_unit_test(test_links),
	    cmocka_unit_test(test_links_are_bounded),
	    cmocka_unit_test(test_drop),
	    cmocka_unit_test(test_sitemaps),
	    cmocka_unit_test(test_gunzip),
	    cmocka_unit_test(test_frontier),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
