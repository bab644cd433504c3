/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of parts in memory.
 *
 * All readers of a data folder that are open in this process share a cache.
 * Parts never change and their ids are not used again, so a page that is in it
 * is right for every snapshot that has the part.  The writer stays out of it:
 * what it reads may be rolled back, and the id be given to another part.
 *
 * caches_lock guards the list of caches and how many readers each has.  The
 * lock of a cache guards all that is in it: which pages there are, how many
 * readings have each pinned, and in what order the others were used.  A page's
 * bytes are written before it is put in and never after, so whoever has it
 * pinned reads it without a lock.
 */
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store/sqlite/sqlite_index.h"
#include "store/sqlite/sqlite_int.h"

#define CACHE_BYTES_MAX (64 * MIB)
#define BUCKETS 1024u
#define WALK_PAGES 8u

struct page {
	int64_t id;
	size_t len;
	unsigned pins;
	bool is_shared; /* it is in the cache */
	struct page *in_bucket;
	struct page *newer, *older; /* when nobody has pinned it */
	uint8_t bytes[];
};

struct pages {
	dev_t device;
	ino_t inode;
	unsigned readers;
	struct pages *next;
	pthread_mutex_t lock;
	size_t bytes;
	struct page *buckets[BUCKETS];
	struct page *newest, *oldest;
};

static pthread_mutex_t caches_lock = PTHREAD_MUTEX_INITIALIZER;
static struct pages *caches;

int
pages_open(const char *path, struct pages **ret_pages)
{
	struct pages *pages;
	struct stat st;

	if (stat(path, &st) < 0)
		return ERR_IO;
	(void)pthread_mutex_lock(&caches_lock);
	for (pages = caches; pages != NULL; pages = pages->next)
		if (pages->device == st.st_dev && pages->inode == st.st_ino)
			break;
	if (pages == NULL) {
		pages = mem_zalloc(sizeof(*pages));
		if (pages != NULL) {
			pages->device = st.st_dev;
			pages->inode = st.st_ino;
			(void)pthread_mutex_init(&pages->lock, NULL);
			pages->next = caches;
			caches = pages;
		}
	}
	if (pages != NULL)
		pages->readers++;
	(void)pthread_mutex_unlock(&caches_lock);
	*ret_pages = pages;
	return pages == NULL ? ERR_NOMEM : 0;
}

void
pages_close(struct pages *pages)
{
	struct pages **link;
	struct page *page;

	if (pages == NULL)
		return;
	(void)pthread_mutex_lock(&caches_lock);
	if (--pages->readers > 0) {
		(void)pthread_mutex_unlock(&caches_lock);
		return;
	}
	for (link = &caches; *link != pages; link = &(*link)->next)
		continue;
	*link = pages->next;
	(void)pthread_mutex_unlock(&caches_lock);
	while ((page = pages->newest) != NULL) {
		pages->newest = page->older;
		mem_free(page);
	}
	(void)pthread_mutex_destroy(&pages->lock);
	mem_free(pages);
}

/* ---- within a cache; called with its lock held --------------------------- */

static struct page **
bucket_of(struct pages *pages, int64_t id)
{
	uint64_t mixed = (uint64_t)id * 0x9E3779B97F4A7C15u;

	return &pages->buckets[(mixed >> 32) % BUCKETS];
}

static void
list_remove(struct pages *pages, struct page *page)
{
	if (page->newer != NULL)
		page->newer->older = page->older;
	else
		pages->newest = page->older;
	if (page->older != NULL)
		page->older->newer = page->newer;
	else
		pages->oldest = page->newer;
}

static void
list_put(struct pages *pages, struct page *page)
{
	page->newer = NULL;
	page->older = pages->newest;
	if (pages->newest != NULL)
		pages->newest->newer = page;
	else
		pages->oldest = page;
	pages->newest = page;
}

static struct page *
page_pin(struct pages *pages, int64_t id)
{
	struct page *page;

	for (page = *bucket_of(pages, id); page != NULL;
	    page = page->in_bucket)
		if (page->id == id)
			break;
	if (page != NULL && page->pins++ == 0)
		list_remove(pages, page);
	return page;
}

static void
evict(struct pages *pages)
{
	struct page *page, **link;

	while (pages->bytes > CACHE_BYTES_MAX && pages->oldest != NULL) {
		page = pages->oldest;
		list_remove(pages, page);
		for (link = bucket_of(pages, page->id); *link != page;
		    link = &(*link)->in_bucket)
			continue;
		*link = page->in_bucket;
		pages->bytes -= page->len;
		mem_free(page);
	}
}

/* ---- one page ------------------------------------------------------------ */

static int
page_load(struct store *store, int64_t id, size_t len,
    struct page **ret_page)
{
	struct page *page = NULL;
	const uint8_t *bytes;
	struct q q;
	int got;

	q_open(&q, store, STMT_PART_PAGE);
	q_int(&q, id);
	got = q_step(&q);
	if (got > 0) {
		bytes = q_col_blob(&q, 0, len);
		page = bytes == NULL ? NULL : mem_alloc(sizeof(*page) + len);
		if (page == NULL) {
			got = bytes == NULL ? ERR_CORRUPT : ERR_NOMEM;
		} else {
			memset(page, 0, sizeof(*page));
			page->id = id;
			page->len = len;
			page->pins = 1;
			memcpy(page->bytes, bytes, len);
		}
	}
	got = q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
	if (got < 0)
		mem_free(page);
	else
		*ret_page = page;
	return got;
}

static int
page_get(struct store *store, int64_t id, size_t len, struct page **ret_page)
{
	struct pages *pages = store->pages;
	struct page *page, *other, **bucket;
	int err;

	(void)pthread_mutex_lock(&pages->lock);
	page = page_pin(pages, id);
	(void)pthread_mutex_unlock(&pages->lock);
	if (page == NULL) {
		err = page_load(store, id, len, &page);
		if (err < 0)
			return err;
		(void)pthread_mutex_lock(&pages->lock);
		other = page_pin(pages, id);
		if (other == NULL) {
			bucket = bucket_of(pages, id);
			page->is_shared = true;
			page->in_bucket = *bucket;
			*bucket = page;
			pages->bytes += page->len;
			evict(pages);
		}
		(void)pthread_mutex_unlock(&pages->lock);
		if (other != NULL) {
			mem_free(page);
			page = other;
		}
	}
	*ret_page = page;
	return 0;
}

static void
page_put(struct store *store, struct page *page)
{
	struct pages *pages = store->pages;

	if (page == NULL)
		return;
	if (!page->is_shared) {
		mem_free(page);
		return;
	}
	(void)pthread_mutex_lock(&pages->lock);
	if (--page->pins == 0) {
		list_put(pages, page);
		evict(pages);
	}
	(void)pthread_mutex_unlock(&pages->lock);
}

/* ---- a part that is read ------------------------------------------------- */

static size_t
page_len(const struct reading *reading, uint32_t page)
{
	uint64_t left = reading->part.source.size -
	    (uint64_t)page * PART_PAGE_BYTES;

	return left < PART_PAGE_BYTES ? (size_t)left : PART_PAGE_BYTES;
}

static int
walk_page(struct reading *reading, int64_t id, size_t len,
    struct page **ret_page)
{
	struct page *page;
	uint32_t i;
	int err;

	for (i = 0; i < WALK_PAGES; i++)
		if (reading->pages[i] != NULL && reading->pages[i]->id == id) {
			*ret_page = reading->pages[i];
			return 0;
		}
	err = page_load(reading->store, id, len, &page);
	if (err < 0)
		return err;
	i = reading->next++ % WALK_PAGES;
	mem_free(reading->pages[i]);
	*ret_page = reading->pages[i] = page;
	return 0;
}

static const uint8_t *
reading_page(void *arg, uint32_t number, size_t *ret_len, int *ret_err)
{
	struct reading *reading = arg;
	struct page *page = NULL;
	size_t len;
	int64_t id;
	int err = 0;

	if (number >= reading->page_count) {
		*ret_err = ERR_CORRUPT;
		return NULL;
	}
	if (!reading->is_walk)
		page = reading->pages[number];
	if (page == NULL) {
		id = (int64_t)(((uint64_t)reading->part_id <<
		    PART_PAGES_BITS) | number);
		len = page_len(reading, number);
		if (reading->is_walk)
			err = walk_page(reading, id, len, &page);
		else if (reading->store->pages != NULL)
			err = page_get(reading->store, id, len, &page);
		else
			err = page_load(reading->store, id, len, &page);
		if (err < 0) {
			*ret_err = err;
			return NULL;
		}
		if (!reading->is_walk)
			reading->pages[number] = page;
	}
	*ret_len = page->len;
	return page->bytes;
}

int
reading_open(struct reading *reading, struct store *store,
    const struct part_row *row, bool is_walk)
{
	struct part_source source = {reading_page, reading, row->bytes};
	uint32_t places;
	int err;

	memset(reading, 0, sizeof(*reading));
	if (row->bytes > (uint64_t)PART_PAGES_MAX * PART_PAGE_BYTES)
		return ERR_CORRUPT;
	reading->store = store;
	reading->part_id = row->id;
	reading->is_walk = is_walk;
	reading->page_count = (uint32_t)((row->bytes + PART_PAGE_BYTES - 1) /
	    PART_PAGE_BYTES);
	places = is_walk ? WALK_PAGES : reading->page_count;
	reading->pages = mem_zalloc((places + 1) * sizeof(*reading->pages));
	if (reading->pages == NULL)
		return ERR_NOMEM;
	reading->part.source.size = row->bytes; /* for page_len() */
	err = part_open_pages(&reading->part, &source);
	if (err < 0)
		reading_close(reading);
	return err;
}

void
reading_close(struct reading *reading)
{
	uint32_t i, places;

	if (reading->pages == NULL)
		return;
	places = reading->is_walk ? WALK_PAGES : reading->page_count;
	for (i = 0; i < places; i++)
		page_put(reading->store, reading->pages[i]);
	mem_free(reading->pages);
	reading->pages = NULL;
}
