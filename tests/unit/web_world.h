/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_world: what tests of crawls share: a crawl's entries written down as
 * text, a line each, and what an earlier crawl is known to have found.
 */
#ifndef TESTS_WEB_WORLD_H
#define TESTS_WEB_WORLD_H

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "source/web.h"

#define WEB_WORLD_PAGES_MAX 1000

struct web_page {
	char uri[256], etag[REMOTE_TAG_SIZE], modified[WEB_DATE_SIZE];
	char type[NET_TYPE_SIZE];
	char *body;
	size_t len;
};

struct web_world {
	char base[128]; /* is cut off addresses in the text */
	struct buf text;
	bool tells_messages;
	bool knows;	/* pages are offered to the next crawl */
	bool has_bodies;
	struct web_page pages[WEB_WORLD_PAGES_MAX];
	size_t page_count;
	atomic_bool stop;
	unsigned stop_after; /* entries; 0: never */
	unsigned entries;
	int fail; /* what entry returns */
};

static inline void
web_world_fini(struct web_world *world)
{
	size_t i;

	for (i = 0; i < world->page_count; i++)
		mem_free(world->pages[i].body);
	world->page_count = 0;
	buf_fini(&world->text);
}

static inline const char *
web_short(const struct web_world *world, const char *uri)
{
	size_t len = strlen(world->base);

	return strncmp(uri, world->base, len) == 0 ? uri + len : uri;
}

static inline struct web_page *
web_page_find(struct web_world *world, const char *uri)
{
	size_t i;

	for (i = 0; i < world->page_count; i++)
		if (strcmp(world->pages[i].uri, uri) == 0)
			return &world->pages[i];
	return NULL;
}

static inline int
web_page_keep(struct web_world *world, const struct web_entry *entry)
{
	struct web_page *page = web_page_find(world, entry->remote.uri);

	if (page == NULL) {
		if (world->page_count == WEB_WORLD_PAGES_MAX)
			return ERR_TOO_BIG;
		page = &world->pages[world->page_count++];
		*page = (struct web_page){0};
	}
	mem_free(page->body);
	(void)snprintf(page->uri, sizeof(page->uri), "%s",
	    entry->remote.uri);
	(void)snprintf(page->etag, sizeof(page->etag), "%s",
	    entry->remote.etag);
	(void)snprintf(page->modified, sizeof(page->modified), "%s",
	    entry->last_modified);
	(void)snprintf(page->type, sizeof(page->type), "%s",
	    entry->content_type);
	page->len = (size_t)entry->remote.bytes;
	page->body = mem_alloc(page->len + 1);
	if (page->body == NULL)
		return ERR_NOMEM;
	return read(entry->fd, page->body, page->len) == (ssize_t)page->len ?
	    0 :
	    ERR_IO;
}

static inline int
web_entry_note(void *arg, const struct web_entry *entry)
{
	struct web_world *world = arg;
	int err = 0;

	world->entries++;
	(void)buf_printf(&world->text, "%s %s",
	    entry->is_unchanged			       ? "same" :
		entry->remote.code == ITEM_CODE_NONE ? "page" :
						       item_code_name(
							   entry->remote.code),
	    web_short(world, entry->remote.uri));
	if (strcmp(entry->asked, entry->remote.uri) != 0)
		(void)buf_printf(&world->text, " <- %s",
		    web_short(world, entry->asked));
	if (world->tells_messages && entry->remote.code != ITEM_CODE_NONE)
		(void)buf_printf(&world->text, ": %s",
		    entry->remote.message);
	(void)buf_putc(&world->text, '\n');
	if (entry->fd >= 0)
		err = web_page_keep(world, entry);
	if (err == 0)
		err = world->fail;
	if (world->stop_after > 0 && world->entries == world->stop_after)
		atomic_store(&world->stop, true);
	return err < 0 ? err : world->text.err;
}

static inline int
web_known_find(void *arg, const char *uri, struct web_known *ret_known)
{
	struct web_world *world = arg;
	struct web_page *page = web_page_find(world, uri);

	if (!world->knows || page == NULL)
		return ERR_NOT_FOUND;
	memcpy(ret_known->etag, page->etag, sizeof(page->etag));
	memcpy(ret_known->last_modified, page->modified,
	    sizeof(page->modified));
	memcpy(ret_known->content_type, page->type, sizeof(page->type));
	return 0;
}

static inline int
web_body_find(void *arg, const char *uri, struct buf *out)
{
	struct web_world *world = arg;
	struct web_page *page = web_page_find(world, uri);

	if (!world->has_bodies || page == NULL)
		return ERR_NOT_FOUND;
	return buf_put(out, page->body, page->len);
}

/* Crawl; the text begins anew. */
static inline int
web_world_crawl(struct web_world *world, const struct web_config *config,
    struct net_client *client, struct web_tally *ret_tally,
    struct err_note *note)
{
	const struct web_calls calls = {.entry = web_entry_note,
	    .known = web_known_find, .body = web_body_find, .arg = world};

	buf_clear(&world->text);
	world->entries = 0;
	return web_crawl(config, client, &world->stop, &calls, ret_tally,
	    note);
}

#endif
