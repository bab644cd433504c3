/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page holds each item's element as text, by seq, and the store's revision
 * that all of them are of.  A poll reads what has a later revision and writes
 * those elements anew.  The whole page is read again when one change touches
 * every element: the job is or was paused; or it has ended and documents of
 * its base have come or gone since.  A job that has ended in a base at rest
 * costs no reading at all.
 *
 * The table's lock guards which page is whose and is held for moments; a
 * page's lock guards its content and is held while it is brought up to date,
 * by threads of the pool only.  A page in use is not given to another job.
 */
#include <pthread.h>
#include <string.h>

#include "api/dify/dify_int.h"
#include "api/dify/dify_page.h"
#include "base/assert.h"
#include "base/mem.h"
#include "engine/board.h"
#include "store/store.h"

#define PAGES_MAX 4u
#define CHUNK_ITEMS 512u

struct element {
	char *json; /* NULL: the document is not in the batch */
	uint32_t len;
};

struct page {
	pthread_mutex_t lock;
	struct element *elements; /* of seq 1.. */
	size_t count, size;
	size_t bytes; /* of all elements */
	int64_t rev; /* 0: nothing is known */
	int64_t generation; /* of the job's base; -1: the job went on then */
	bool was_paused;

	/* The table's lock guards these. */
	struct uuid job;
	unsigned users;
	uint64_t used; /* when, as a count of uses; 0: of no job */
};

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct page table[PAGES_MAX] = {
    {.lock = PTHREAD_MUTEX_INITIALIZER},
    {.lock = PTHREAD_MUTEX_INITIALIZER},
    {.lock = PTHREAD_MUTEX_INITIALIZER},
    {.lock = PTHREAD_MUTEX_INITIALIZER},
};
static uint64_t table_uses;
_Static_assert(PAGES_MAX == 4, "every page's lock is initialised");

/* ---- whose page is it? -------------------------------------------------- */

static void
page_clear(struct page *page)
{
	size_t i;

	for (i = 0; i < page->count; i++)
		mem_free(page->elements[i].json);
	mem_free(page->elements);
	page->elements = NULL;
	page->count = 0;
	page->size = 0;
	page->bytes = 0;
	page->rev = 0;
}

/* The job's page or, if may_make, one that nobody has used for longest; NULL
 * when there is none. */
static struct page *
page_get(const struct uuid *job, bool may_make)
{
	struct page *page = NULL, *oldest = NULL;
	size_t i;

	(void)pthread_mutex_lock(&table_lock);
	for (i = 0; i < PAGES_MAX; i++) {
		if (table[i].used != 0 && uuid_is_equal(&table[i].job, job))
			page = &table[i];
		if (table[i].users == 0 &&
		    (oldest == NULL || table[i].used < oldest->used))
			oldest = &table[i];
	}
	if (page == NULL && may_make && oldest != NULL) {
		page = oldest;
		page_clear(page);
		page->job = *job;
	}
	if (page != NULL) {
		page->users++;
		page->used = ++table_uses;
	}
	(void)pthread_mutex_unlock(&table_lock);
	return page;
}

static void
page_put(struct page *page)
{
	(void)pthread_mutex_lock(&table_lock);
	ASSERT(page->users > 0);
	page->users--;
	(void)pthread_mutex_unlock(&table_lock);
}

/* ---- reading ------------------------------------------------------------ */

struct reading {
	struct page *page;
	struct store *reader;
	const struct job *job;
	struct buf element;
	size_t rows;
	int64_t last_rev;
	uint32_t last_seq;
};

static int
page_grow(struct page *page, uint32_t seq)
{
	struct element *elements;
	size_t size = page->size == 0 ? 1024 : page->size;

	if (seq > DIFY_PAGE_ITEMS_MAX)
		return ERR_TOO_BIG;
	while (size < seq)
		size *= 2;
	if (size > page->size) {
		elements = mem_resize(page->elements, size,
		    sizeof(*elements));
		if (elements == NULL)
			return ERR_NOMEM;
		page->elements = elements;
		page->size = size;
	}
	if (seq > page->count) {
		memset(page->elements + page->count, 0,
		    (seq - page->count) * sizeof(*page->elements));
		page->count = seq;
	}
	return 0;
}

static int
put_row(void *arg, const struct item_row *row)
{
	struct reading *reading = arg;
	struct page *page = reading->page;
	struct element *element;
	char *json = NULL;
	int err;

	reading->rows++;
	reading->last_rev = row->item.rev;
	reading->last_seq = row->item.seq;
	if (row->item.seq == 0)
		return ERR_CORRUPT;
	err = page_grow(page, row->item.seq);
	if (err < 0)
		return err;
	buf_clear(&reading->element);
	err = dify_put_element(reading->reader, reading->job, row,
	    &reading->element);
	if (err < 0)
		return err;
	if (err > 0) {
		json = mem_strndup(reading->element.data,
		    reading->element.len);
		if (json == NULL)
			return ERR_NOMEM;
	}
	element = &page->elements[row->item.seq - 1];
	page->bytes -= element->len;
	mem_free(element->json);
	element->json = json;
	element->len = json == NULL ? 0 : (uint32_t)reading->element.len;
	page->bytes += element->len;
	return page->bytes > DIFY_PAGE_BYTES_MAX ? ERR_TOO_BIG : 0;
}

static int
read_all(struct reading *reading)
{
	struct item_filter filter = {
	    .job_id = reading->job->id,
	    .limit = CHUNK_ITEMS,
	};
	int err;

	page_clear(reading->page);
	do {
		reading->rows = 0;
		err = store_items_each(reading->reader, &filter, put_row,
		    reading);
		filter.after_seq = reading->last_seq;
	} while (err == 0 && reading->rows == CHUNK_ITEMS);
	return err;
}

static int
read_changed(struct reading *reading)
{
	int err;

	reading->last_rev = reading->page->rev;
	do {
		reading->rows = 0;
		err = store_items_changed(reading->reader,
		    reading->job->account_id, reading->job->id,
		    reading->last_rev, CHUNK_ITEMS, put_row, reading);
	} while (err == 0 && reading->rows == CHUNK_ITEMS);
	return err;
}

/* In one snapshot, which gives rev and generation. */
static int
page_read(struct page *page, struct store *reader, const struct job *seen)
{
	struct job job;
	struct reading reading = {.page = page, .reader = reader,
	    .job = &job};
	int64_t rev, generation;
	bool is_paused, is_final;
	int err;

	err = store_job_find(reader, seen->account_id, &seen->uuid, &job);
	if (err == 0)
		err = store_stamp(reader, &rev, &generation);
	if (err == 0)
		err = store_base_generation(reader, job.base_id, &generation);
	if (err < 0)
		return err;
	is_paused = job.state == JOB_PAUSED;
	is_final = job_state_is_final(job.state);
	buf_init(&reading.element, DIFY_PAGE_BYTES_MAX);
	if (page->rev == 0 || is_paused || page->was_paused ||
	    (is_final && generation != page->generation))
		err = read_all(&reading);
	else if (!is_final && rev != page->rev)
		err = read_changed(&reading);
	buf_fini(&reading.element);
	if (err < 0) {
		page_clear(page);
		return err;
	}
	page->rev = rev;
	/* Only of a final job all documents have been looked at. */
	page->generation = is_final ? generation : -1;
	page->was_paused = is_paused;
	return 0;
}

/* ---- writing ------------------------------------------------------------ */

static void
page_append(const struct page *page, struct buf *out)
{
	bool has_element = false;
	size_t i;

	(void)buf_reserve(out, page->bytes + page->count + 16);
	(void)buf_puts(out, DIFY_DATA_OPEN);
	for (i = 0; i < page->count; i++) {
		if (page->elements[i].json == NULL)
			continue;
		if (has_element)
			(void)buf_putc(out, ',');
		has_element = true;
		(void)buf_put(out, page->elements[i].json,
		    page->elements[i].len);
	}
	(void)buf_puts(out, DIFY_DATA_CLOSE);
}

int
dify_page_write(struct engine *engine, struct store *reader,
    const struct job *job, struct buf *out)
{
	struct page *page;
	int64_t rev = 0;
	int err;

	if (job->counts.total > DIFY_PAGE_ITEMS_MAX)
		return ERR_TOO_BIG;
	page = page_get(&job->uuid, true);
	if (page == NULL)
		return ERR_BUSY;
	(void)pthread_mutex_lock(&page->lock);
	err = store_begin(reader, NULL);
	if (err == 0) {
		err = page_read(page, reader, job);
		store_end(reader);
	}
	if (err == 0) {
		rev = page->rev;
		page_append(page, out);
	}
	(void)pthread_mutex_unlock(&page->lock);
	page_put(page);
	if (err < 0)
		return err;
	board_wait(engine_board(engine), rev);
	return out->err;
}

bool
dify_page_copy(const struct uuid *job, int64_t rev, struct buf *out)
{
	struct page *page = page_get(job, false);
	bool is_known = false;

	if (page == NULL)
		return false;
	if (pthread_mutex_trylock(&page->lock) == 0) {
		is_known = page->rev == rev && rev != 0;
		if (is_known)
			page_append(page, out);
		(void)pthread_mutex_unlock(&page->lock);
	}
	page_put(page);
	return is_known;
}
