/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crawl: a queue of addresses, visited one by one.
 *
 * web_url and web_site know addresses, web_robots and web_links read what
 * sites say, web_frontier keeps the queue; web_fetch makes one request,
 * web_rules asks for robots.txt, web_list for sitemaps, web_scope decides
 * what belongs to the crawl, and web_visit makes an entry of an address.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "source/web_int.h"
#include "sys/clock.h"
#include "sys/rng.h"

void
web_config_init(struct web_config *config)
{
	config->pages_max = WEB_PAGES_MAX;
	config->depth_max = 50;
	config->variants_max = WEB_VARIANTS_MAX;
	config->page_bytes_max = 64 * MIB;
	config->total_bytes_max = 8 * GIB;
	config->pause_ms = 200;
	config->retry_ms = 1000;
	config->page_ms = NET_TOTAL_MS;
	config->stall_ms = NET_STALL_MS;
	config->time_s = 6 * 3600;
}

static int
config_check(const struct web_config *config, struct err_note *note)
{
	if ((unsigned)config->scope >= WEB_SCOPE_COUNT)
		return err_set(note, ERR_INVALID, "no such scope of a crawl");
	if (config->pages_max == 0 || config->pages_max > WEB_PAGES_MAX)
		return err_set(note, ERR_INVALID,
		    "a crawl takes 1 to %u pages", WEB_PAGES_MAX);
	if (config->depth_max > WEB_DEPTH_MAX)
		return err_set(note, ERR_INVALID,
		    "a crawl goes at most %u links deep", WEB_DEPTH_MAX);
	return 0;
}

/* The first address, to three places. */
static int
crawl_begin(struct web_crawl *crawl)
{
	struct web_node node = {.from = WEB_NODE_NONE, .via = WEB_NODE_NONE,
	    .instead = WEB_NODE_NONE, .is_first = true};
	struct buf url;
	uint32_t index;
	int err;

	buf_init(&url, WEB_URL_BYTES_MAX);
	err = web_url_resolve(NULL, crawl->config->url,
	    strlen(crawl->config->url), &url);
	if (err < 0) {
		if (err != ERR_NOMEM)
			err = err_set(crawl->note, ERR_INVALID, "%s",
			    err == ERR_FORBIDDEN ?
				"an address with a user's name in it is not "
				"used" :
				err == ERR_TOO_BIG ?
				"the address is too long" :
				"the address is not http://HOST... or "
				"https://HOST...");
		goto out;
	}
	crawl->host_url = mem_strdup(buf_text(&url));
	crawl->path_url = mem_strdup(buf_text(&url));
	err = ERR_NOMEM;
	if (crawl->host_url == NULL || crawl->path_url == NULL)
		goto out;
	err = crawl->config->scope == WEB_SITEMAP ?
	    web_list(crawl) :
	    web_enqueue(crawl, buf_text(&url), &node, &index);
out:
	buf_fini(&url);
	return err;
}

/* Did a limit of the whole crawl end it? */
static bool
crawl_is_over(struct web_crawl *crawl)
{
	const unsigned ends = WEB_CUT_TIME | WEB_CUT_BYTES;

	if (crawl->tally.pages + crawl->tally.failed >=
	    crawl->config->pages_max)
		crawl->tally.cuts |= WEB_CUT_PAGES;
	if (crawl->tally.bytes >= crawl->config->total_bytes_max)
		crawl->tally.cuts |= WEB_CUT_BYTES;
	return (crawl->tally.cuts & (ends | WEB_CUT_PAGES)) != 0;
}

static int
crawl_run(struct web_crawl *crawl)
{
	uint32_t index = 0, next;
	int err;

	for (;;) {
		next = crawl->again;
		crawl->again = WEB_NODE_NONE;
		while (next == WEB_NODE_NONE &&
		    index < crawl->frontier.count) {
			if (crawl->frontier.nodes[index].outcome ==
			    WEB_QUEUED)
				next = index;
			index++;
		}
		if (next == WEB_NODE_NONE || crawl_is_over(crawl))
			return 0;
		if (crawl->stop != NULL && atomic_load(crawl->stop))
			return err_set(crawl->note, ERR_CANCELLED,
			    "the crawl was broken off");
		err = web_visit(crawl, next);
		if (err < 0)
			return err;
	}
}

static void
crawl_free(struct web_crawl *crawl)
{
	size_t i;

	if (crawl == NULL)
		return;
	web_frontier_fini(&crawl->frontier);
	for (i = 0; i < crawl->host_count; i++) {
		mem_free(crawl->hosts[i].url);
		web_robots_fini(&crawl->hosts[i].robots);
	}
	mem_free(crawl->host_url);
	mem_free(crawl->path_url);
	mem_free(crawl);
}

int
web_crawl(const struct web_config *config, struct net_client *client,
    const atomic_bool *stop, const struct web_calls *calls,
    struct web_tally *ret_tally, struct err_note *note)
{
	struct web_crawl *crawl;
	uint64_t seed;
	int err;

	err = config_check(config, note);
	if (err < 0)
		return err;
	crawl = mem_zalloc(sizeof(*crawl));
	if (crawl == NULL)
		return ERR_NOMEM;
	crawl->config = config;
	crawl->client = client;
	crawl->stop = stop;
	crawl->calls = calls;
	crawl->note = note;
	crawl->again = WEB_NODE_NONE;
	crawl->end_us = clock_mono_us() + (int64_t)config->time_s * 1000000;
	rng_bytes(&seed, sizeof(seed));
	web_frontier_init(&crawl->frontier,
	    WEB_QUEUE_FACTOR * config->pages_max, seed);
	err = crawl_begin(crawl);
	if (err == 0)
		err = crawl_run(crawl);
	if (err == 0)
		*ret_tally = crawl->tally;
	crawl_free(crawl);
	return err;
}
