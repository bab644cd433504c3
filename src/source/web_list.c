/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pages that a site lists itself.
 *
 * The sitemaps named in robots.txt are read, else /sitemap.xml; an index
 * leads to more of them, which wait in a frontier of their own.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "source/web_int.h"
#include "source/web_sitemap.h"
#include "sys/rng.h"

struct lister {
	struct web_crawl *crawl;
	struct web_frontier files;
	uint32_t at; /* the sitemap that is read */
	struct buf url, stripped;
};

static int
file_add(struct lister *lister, const char *url, unsigned depth)
{
	struct web_node node = {.from = WEB_NODE_NONE, .via = WEB_NODE_NONE,
	    .instead = WEB_NODE_NONE, .depth = (uint8_t)depth};
	uint32_t index;
	int err;

	if (web_frontier_find(&lister->files, url) != WEB_NODE_NONE)
		return 0;
	err = depth > WEB_SITEMAP_DEPTH_MAX ?
	    ERR_TOO_BIG :
	    web_frontier_add(&lister->files, url, &node, &index);
	if (err == ERR_TOO_BIG) {
		lister->crawl->tally.cuts |= WEB_CUT_QUEUE;
		err = 0;
	}
	return err;
}

static int
listed_take(void *arg, const char *url, size_t len, bool is_index)
{
	struct web_node node = {.from = WEB_NODE_NONE, .via = WEB_NODE_NONE,
	    .instead = WEB_NODE_NONE};
	struct lister *lister = arg;
	struct web_url parts;
	uint32_t index;
	int err;

	buf_clear(&lister->url);
	buf_clear(&lister->stripped);
	err = web_url_resolve(web_frontier_url(&lister->files, lister->at),
	    url, len, &lister->url);
	if (err == 0 && is_index)
		return file_add(lister, buf_text(&lister->url),
		    lister->files.nodes[lister->at].depth + 1u);
	if (err == 0)
		err = web_url_strip(buf_text(&lister->url),
		    &lister->stripped);
	if (err < 0) /* what is no address is passed over */
		return err == ERR_NOMEM ? err : 0;
	web_url_parse(buf_text(&lister->stripped), &parts);
	switch (web_kind_of_path(&parts)) {
	case WEB_KIND_PAGE:
		break;
	case WEB_KIND_MEDIA:
		if (!lister->crawl->config->takes_media)
			return 0;
		node.is_media = true;
		break;
	case WEB_KIND_OTHER:
		return 0;
	}
	return web_enqueue(lister->crawl, buf_text(&lister->stripped), &node,
	    &index);
}

/* The sitemap itself is missing or closed: that is told as if it were a
 * page. */
static int
file_fail(struct lister *lister, int err, unsigned status,
    const struct err_note *note)
{
	const char *url = web_frontier_url(&lister->files, lister->at);
	enum item_code code = ITEM_CODE_FETCH_FAILED;
	struct web_host *host = NULL;
	char words[64];

	(void)snprintf(words, sizeof(words),
	    "the sitemap was answered with %u", status);
	if (err == 0 && (status == 404 || status == 410)) {
		code = ITEM_CODE_SOURCE_NOT_FOUND;
	} else if ((err == 0 && (status == 401 || status == 403)) ||
	    err == ERR_FORBIDDEN) {
		code = ITEM_CODE_SOURCE_ACCESS_DENIED;
	} else if (err == ERR_TOO_BIG) {
		code = ITEM_CODE_FILE_TOO_LARGE;
	} else if (err == 0 && status == 0) {
		code = ITEM_CODE_SOURCE_ACCESS_DENIED;
		(void)snprintf(words, sizeof(words),
		    "robots.txt, or too many redirects, keep it closed");
		if (web_host_of(lister->crawl, url, &host) == 0 &&
		    host->why[0] != '\0')
			code = host->why_code;
	}
	if (code == ITEM_CODE_FETCH_FAILED)
		lister->crawl->tally.cuts |= WEB_CUT_ERROR;
	return web_give_failure(lister->crawl, WEB_NODE_NONE, url, code,
	    err < 0			? err_words(note, err) :
		host != NULL && host->why[0] != '\0' ? host->why :
						      words);
}

static int
file_unpack(struct buf *body)
{
	struct buf plain;
	int err;

	if (!web_is_gzip(buf_text(body), body->len))
		return 0;
	buf_init(&plain, WEB_SITEMAP_BYTES_MAX + 1);
	err = web_gunzip(body->data, body->len, &plain);
	if (err == 0) {
		buf_fini(body);
		*body = plain;
		buf_init(&plain, 0);
	}
	buf_fini(&plain);
	return err;
}

static int
file_read(struct lister *lister)
{
	const struct web_way way = {
	    .url = web_frontier_url(&lister->files, lister->at),
	    .redirects = WEB_REDIRECTS_MAX, .obeys = true};
	struct err_note note = {""};
	struct buf body;
	unsigned status = 0;
	bool is_cut = false;
	int err;

	buf_init(&body, WEB_SITEMAP_BYTES_MAX + 1);
	err = web_follow(lister->crawl, &way, &body, &status, &note);
	if (err == 0 && status == 200)
		err = file_unpack(&body);
	if (err == ERR_SYNTAX)
		(void)err_set(&note, err, "the sitemap is damaged");
	if (web_error_is_ours(err) || lister->crawl->tally.cuts & WEB_CUT_TIME)
		goto out;
	if (err < 0 || status != 200) {
		err = file_fail(lister, err, status, &note);
		goto out;
	}
	err = web_sitemap_scan(buf_text(&body), body.len, listed_take, lister,
	    &is_cut);
	if (is_cut)
		lister->crawl->tally.cuts |= WEB_CUT_QUEUE;
out:
	buf_fini(&body);
	return err;
}

static bool
is_sitemap(const char *text)
{
	struct web_url url;
	size_t len;

	web_url_parse(text, &url);
	len = url.path_len;
	if (len > 3 && memcmp(url.path + len - 3, ".gz", 3) == 0)
		len -= 3;
	return len > 4 && memcmp(url.path + len - 4, ".xml", 4) == 0;
}

/* Where the site says that its sitemaps are. */
static int
files_find(struct lister *lister)
{
	struct web_crawl *crawl = lister->crawl;
	struct web_host *host;
	const char *sitemap;
	size_t at = 0;
	int err;

	if (is_sitemap(crawl->host_url))
		return file_add(lister, crawl->host_url, 0);
	err = web_host_of(crawl, crawl->host_url, &host);
	if (err == 0)
		err = web_rules_have(crawl, host);
	while (err == 0 &&
	    (sitemap = web_robots_sitemap(&host->robots, &at)) != NULL) {
		buf_clear(&lister->url);
		err = web_url_resolve(crawl->host_url, sitemap,
		    strlen(sitemap), &lister->url);
		if (err == 0)
			err = file_add(lister, buf_text(&lister->url), 0);
		else if (err != ERR_NOMEM)
			err = 0;
	}
	if (err < 0 || lister->files.count > 0)
		return err;
	buf_clear(&lister->url);
	err = web_url_resolve(crawl->host_url, "/sitemap.xml",
	    strlen("/sitemap.xml"), &lister->url);
	if (err == 0)
		err = file_add(lister, buf_text(&lister->url), 0);
	return err;
}

int
web_list(struct web_crawl *crawl)
{
	struct lister lister = {.crawl = crawl};
	uint64_t seed;
	int err;

	rng_bytes(&seed, sizeof(seed));
	web_frontier_init(&lister.files, WEB_SITEMAPS_MAX, seed);
	buf_init(&lister.url, WEB_URL_BYTES_MAX);
	buf_init(&lister.stripped, WEB_URL_BYTES_MAX);
	err = files_find(&lister);
	for (; err == 0 && lister.at < lister.files.count &&
	     (crawl->tally.cuts & WEB_CUT_TIME) == 0; lister.at++)
		err = file_read(&lister);
	web_frontier_fini(&lister.files);
	buf_fini(&lister.url);
	buf_fini(&lister.stripped);
	return err;
}
