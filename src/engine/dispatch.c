/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock guards everything here but the lanes' stop flags, which workers read
 * without it.  A lane lives until its job has ended and no worker holds an
 * item of it.  While one worker loads a lane's next page from the store the
 * lane is marked, and others take from other lanes or wait.
 *
 * An item is loaded once: the lane remembers the seq it has loaded up to.
 * What comes back (pause, retry) is kept in memory; a crash finds it in the
 * store again.
 */
#include <pthread.h>
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/dispatch.h"
#include "engine/run.h"
#include "sys/clock.h"
#include "sys/thread.h"

#define PAGE_ITEMS 64
#define LOAD_AGAIN_US 1000000
/* So many items of a lane may wait for their next try before no new ones of it
 * are begun: whatever they wait for would not serve those either.  Other lanes
 * go on; this one may wait for long, or be paused. */
#define LANE_DUE_MAX 1024u
#define LANE_BUCKETS 4096u

struct lane {
	int64_t job_id;
	struct uuid job;
	int64_t rested_us; /* since then nothing of it has come to an end... */
	int64_t paused_us; /* ...or it is paused; by the monotonic clock */
	int64_t base_id;
	enum job_kind kind;
	char *source;
	struct lane *prev, *next; /* all lanes, in the order of turns */
	struct lane *bucket_next;
	struct work *head, **tail;
	uint32_t loaded_seq;
	bool may_have_more; /* the store may hold items beyond loaded_seq */
	bool is_loading;
	bool is_paused;
	unsigned holds; /* pauses on their way */
	bool is_ended;
	unsigned refs; /* work that is with workers or in the due list */
	unsigned due;  /* of them in the due list */
	atomic_bool stop;
};

struct dispatch {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct lane *lanes, *last;
	struct lane *turn; /* whose turn is next; NULL: the first */
	struct lane *buckets[LANE_BUCKETS]; /* by job_id */
	struct work *due;   /* ascending due_us */
	unsigned busy;
	int64_t busy_documents[WORKERS_MAX]; /* busy of them */
	bool is_stopped;
};

struct dispatch *
dispatch_new(void)
{
	struct dispatch *dispatch;

	dispatch = mem_zalloc(sizeof(*dispatch));
	if (dispatch == NULL)
		return NULL;
	(void)pthread_mutex_init(&dispatch->lock, NULL);
	thread_cond_init(&dispatch->changed);
	return dispatch;
}

static void
work_free(struct work *work)
{
	run_unref(work->run);
	mem_free(work->uri);
	mem_free(work->name);
	mem_free(work->metadata);
	mem_free(work->etag);
	mem_free(work);
}

static void
work_list_free(struct work *work)
{
	struct work *next;

	for (; work != NULL; work = next) {
		next = work->next;
		work_free(work);
	}
}

static void
lane_free(struct lane *lane)
{
	work_list_free(lane->head);
	mem_free(lane->source);
	mem_free(lane);
}

void
dispatch_free(struct dispatch *dispatch)
{
	struct lane *lane, *next;

	if (dispatch == NULL)
		return;
	ASSERT(dispatch->busy == 0);
	work_list_free(dispatch->due);
	for (lane = dispatch->lanes; lane != NULL; lane = next) {
		next = lane->next;
		lane_free(lane);
	}
	(void)pthread_cond_destroy(&dispatch->changed);
	(void)pthread_mutex_destroy(&dispatch->lock);
	mem_free(dispatch);
}

static struct lane **
lane_bucket(struct dispatch *dispatch, int64_t job_id)
{
	return &dispatch->buckets[(uint64_t)job_id % LANE_BUCKETS];
}

/* Each job is looked for after each commit that touched it, and there may be
 * tens of thousands. */
static struct lane *
lane_find(struct dispatch *dispatch, int64_t job_id)
{
	struct lane *lane = *lane_bucket(dispatch, job_id);

	while (lane != NULL && lane->job_id != job_id)
		lane = lane->bucket_next;
	return lane;
}

/* Behind all others. */
static void
lane_link(struct dispatch *dispatch, struct lane *lane)
{
	struct lane **bucket = lane_bucket(dispatch, lane->job_id);

	lane->bucket_next = *bucket;
	*bucket = lane;
	lane->prev = dispatch->last;
	if (dispatch->last != NULL)
		dispatch->last->next = lane;
	else
		dispatch->lanes = lane;
	dispatch->last = lane;
}

static void
lane_unlink(struct dispatch *dispatch, struct lane *lane)
{
	struct lane **link = lane_bucket(dispatch, lane->job_id);

	while (*link != lane) {
		ASSERT(*link != NULL);
		link = &(*link)->bucket_next;
	}
	*link = lane->bucket_next;
	if (lane->prev != NULL)
		lane->prev->next = lane->next;
	else
		dispatch->lanes = lane->next;
	if (lane->next != NULL)
		lane->next->prev = lane->prev;
	else
		dispatch->last = lane->prev;
	if (dispatch->turn == lane)
		dispatch->turn = lane->next;
}

/* An ended lane that nobody holds anything of is gone. */
static void
lane_check(struct dispatch *dispatch, struct lane *lane)
{
	if (!lane->is_ended || lane->refs > 0 || lane->is_loading)
		return;
	lane_unlink(dispatch, lane);
	lane_free(lane);
}

static struct lane *
lane_new(const struct job *job, const char *source)
{
	struct lane *lane;

	lane = mem_zalloc(sizeof(*lane));
	if (lane == NULL)
		return NULL;
	lane->job_id = job->id;
	lane->job = job->uuid;
	lane->rested_us = lane->paused_us = clock_mono_us();
	lane->base_id = job->base_id;
	lane->kind = job->kind;
	lane->tail = &lane->head;
	lane->may_have_more = true;
	lane->source = mem_strdup(source);
	if (lane->source == NULL) {
		mem_free(lane);
		return NULL;
	}
	return lane;
}

int
dispatch_job(struct dispatch *dispatch, const struct job *job,
    const char *source)
{
	struct lane *lane;
	bool is_there;

	lane = lane_new(job, source);
	if (lane == NULL)
		return ERR_NOMEM;
	lane->is_paused = job->is_paused;
	atomic_store(&lane->stop, job->is_paused);
	(void)pthread_mutex_lock(&dispatch->lock);
	is_there = lane_find(dispatch, job->id) != NULL;
	if (!is_there) {
		lane_link(dispatch, lane);
		(void)pthread_cond_broadcast(&dispatch->changed);
	}
	(void)pthread_mutex_unlock(&dispatch->lock);
	if (is_there)
		lane_free(lane);
	return 0;
}

bool
dispatch_has(struct dispatch *dispatch, int64_t job_id)
{
	bool has;

	(void)pthread_mutex_lock(&dispatch->lock);
	has = lane_find(dispatch, job_id) != NULL;
	(void)pthread_mutex_unlock(&dispatch->lock);
	return has;
}

void
dispatch_more(struct dispatch *dispatch, int64_t job_id)
{
	struct lane *lane;

	(void)pthread_mutex_lock(&dispatch->lock);
	lane = lane_find(dispatch, job_id);
	if (lane != NULL) {
		lane->may_have_more = true;
		(void)pthread_cond_broadcast(&dispatch->changed);
	}
	(void)pthread_mutex_unlock(&dispatch->lock);
}

static bool
lane_is_held(const struct lane *lane)
{
	return lane->is_paused || lane->holds > 0;
}

/* Let workers know, and who waits for work, of what has changed. */
static void
lane_changed(struct dispatch *dispatch, struct lane *lane)
{
	atomic_store(&lane->stop, lane_is_held(lane) || lane->is_ended ||
		dispatch->is_stopped);
	(void)pthread_cond_broadcast(&dispatch->changed);
}

void
dispatch_pause(struct dispatch *dispatch, int64_t job_id, bool is_paused)
{
	struct lane *lane;

	(void)pthread_mutex_lock(&dispatch->lock);
	lane = lane_find(dispatch, job_id);
	if (lane != NULL && lane->is_paused != is_paused) {
		lane->is_paused = is_paused;
		lane->rested_us = lane->paused_us = clock_mono_us();
		lane_changed(dispatch, lane);
	}
	(void)pthread_mutex_unlock(&dispatch->lock);
}

void
dispatch_hold(struct dispatch *dispatch, int64_t job_id, bool on)
{
	struct lane *lane;

	(void)pthread_mutex_lock(&dispatch->lock);
	lane = lane_find(dispatch, job_id);
	/* A lane that came in between was never held. */
	if (lane != NULL && (on || lane->holds > 0)) {
		lane->holds += on ? 1u : -1u;
		lane_changed(dispatch, lane);
	}
	(void)pthread_mutex_unlock(&dispatch->lock);
}

static void
due_drop(struct dispatch *dispatch, struct lane *lane)
{
	struct work *work, **link = &dispatch->due;

	while ((work = *link) != NULL) {
		if (work->lane != lane) {
			link = &work->next;
			continue;
		}
		*link = work->next;
		lane->due--;
		lane->refs--;
		work_free(work);
	}
}

static void
lane_end(struct dispatch *dispatch, struct lane *lane)
{
	lane->is_ended = true;
	atomic_store(&lane->stop, true);
	work_list_free(lane->head);
	lane->head = NULL;
	lane->tail = &lane->head;
	due_drop(dispatch, lane);
	lane_check(dispatch, lane);
}

void
dispatch_end(struct dispatch *dispatch, int64_t job_id)
{
	struct lane *lane;

	(void)pthread_mutex_lock(&dispatch->lock);
	lane = lane_find(dispatch, job_id);
	if (lane != NULL)
		lane_end(dispatch, lane);
	(void)pthread_mutex_unlock(&dispatch->lock);
}

void
dispatch_end_base(struct dispatch *dispatch, int64_t base_id)
{
	struct lane *lane, *next;

	(void)pthread_mutex_lock(&dispatch->lock);
	for (lane = dispatch->lanes; lane != NULL; lane = next) {
		next = lane->next;
		if (lane->base_id == base_id)
			lane_end(dispatch, lane);
	}
	(void)pthread_mutex_unlock(&dispatch->lock);
}

/* ---- loading ---------------------------------------------------------- */

struct page {
	struct lane *lane;
	struct work *head, **tail;
	uint32_t last_seq;
	unsigned count;
};

static int
page_row(void *arg, const struct item_row *row)
{
	struct page *page = arg;
	struct work *work;

	work = mem_zalloc(sizeof(*work));
	if (work == NULL)
		return ERR_NOMEM;
	work->item = row->item;
	work->lane = page->lane;
	work->base_id = page->lane->base_id;
	work->uri = mem_strdup(row->uri);
	work->name = mem_strdup(row->name);
	work->metadata = mem_strdup(row->metadata);
	work->etag = mem_strdup(row->etag);
	work->has_blob = row->blob != NULL;
	if (row->blob != NULL)
		memcpy(work->blob, row->blob, HASH_SIZE);
	if (row->item.state == ITEM_WAITING)
		work->due_us = row->item.due_us;
	if (work->uri == NULL || work->name == NULL ||
	    work->metadata == NULL || work->etag == NULL) {
		work_free(work);
		return ERR_NOMEM;
	}
	*page->tail = work;
	page->tail = &work->next;
	page->last_seq = row->item.seq;
	page->count++;
	return 0;
}

/* Called and left with the lock held; lets it go meanwhile. */
static void
lane_load(struct dispatch *dispatch, struct lane *lane, struct store *reader)
{
	struct page page = {.lane = lane, .last_seq = lane->loaded_seq};
	int err;

	page.tail = &page.head;
	lane->is_loading = true;
	lane->may_have_more = false; /* dispatch_more() may set it meanwhile */
	(void)pthread_mutex_unlock(&dispatch->lock);
	err = store_items_open(reader, lane->job_id, page.last_seq,
	    PAGE_ITEMS, page_row, &page);
	if (err < 0)
		log_warn("cannot read a job's items: %s", err_text(err));
	(void)pthread_mutex_lock(&dispatch->lock);
	lane->is_loading = false;
	lane->loaded_seq = page.last_seq;
	if (page.count == PAGE_ITEMS || err < 0)
		lane->may_have_more = true;
	if (lane->is_ended) {
		work_list_free(page.head);
	} else if (page.head != NULL) {
		*lane->tail = page.head;
		lane->tail = page.tail;
	}
	(void)pthread_cond_broadcast(&dispatch->changed);
	lane_check(dispatch, lane);
	/* An unreadable store is asked again, not hammered. */
	if (err < 0 && !dispatch->is_stopped)
		thread_wait_us(&dispatch->changed, &dispatch->lock,
		    LOAD_AGAIN_US);
}

/* ---- taking ----------------------------------------------------------- */

static void
due_insert(struct dispatch *dispatch, struct work *work)
{
	struct work **link = &dispatch->due;

	while (*link != NULL && (*link)->due_us <= work->due_us)
		link = &(*link)->next;
	work->next = *link;
	*link = work;
	work->lane->due++;
}

static bool
document_is_busy(const struct dispatch *dispatch, const struct work *work)
{
	unsigned i;

	for (i = 0; i < dispatch->busy; i++)
		if (dispatch->busy_documents[i] == work->item.document_id)
			return true;
	return false;
}

static void
document_take(struct dispatch *dispatch, const struct work *work)
{
	ASSERT(dispatch->busy < WORKERS_MAX);
	dispatch->busy_documents[dispatch->busy++] = work->item.document_id;
}

static void
document_give(struct dispatch *dispatch, const struct work *work)
{
	unsigned i;

	for (i = 0; i < dispatch->busy; i++)
		if (dispatch->busy_documents[i] == work->item.document_id)
			break;
	ASSERT(i < dispatch->busy);
	dispatch->busy_documents[i] =
	    dispatch->busy_documents[--dispatch->busy];
	/* Another item of it may have been held back. */
	(void)pthread_cond_broadcast(&dispatch->changed);
}

static struct work *
take_due(struct dispatch *dispatch, int64_t now_us)
{
	struct work *work, **link;

	for (link = &dispatch->due;
	    (work = *link) != NULL && work->due_us <= now_us;
	    link = &work->next) {
		if (lane_is_held(work->lane) ||
		    document_is_busy(dispatch, work))
			continue;
		*link = work->next;
		work->lane->due--;
		return work;
	}
	return NULL;
}

static struct work *
take_head(struct lane *lane)
{
	struct work *work = lane->head;

	lane->head = work->next;
	if (lane->head == NULL)
		lane->tail = &lane->head;
	work->next = NULL;
	lane->refs++;
	return work;
}

/* Has it work that may begin now, or may have when it is loaded? */
static bool
lane_is_ready(const struct dispatch *dispatch, const struct lane *lane)
{
	if (lane_is_held(lane) || lane->is_ended || lane->is_loading ||
	    lane->due >= LANE_DUE_MAX)
		return false;
	return lane->head != NULL ? !document_is_busy(dispatch, lane->head)
				  : lane->may_have_more;
}

/* The next lane in turn that is ready. */
static struct lane *
lane_pick(struct dispatch *dispatch)
{
	struct lane *lane, *first;

	first = dispatch->turn != NULL ? dispatch->turn : dispatch->lanes;
	if (first == NULL)
		return NULL;
	lane = first;
	do {
		if (lane_is_ready(dispatch, lane))
			return lane;
		lane = lane->next != NULL ? lane->next : dispatch->lanes;
	} while (lane != first);
	return NULL;
}

static struct work *
take_any(struct dispatch *dispatch, struct store *reader)
{
	struct work *work;
	struct lane *lane;
	int64_t now_us;

	for (;;) {
		now_us = clock_wall_us();
		work = take_due(dispatch, now_us);
		if (work != NULL)
			return work;
		lane = lane_pick(dispatch);
		if (lane == NULL || dispatch->is_stopped)
			return NULL;
		if (lane->head == NULL) {
			lane_load(dispatch, lane, reader);
			continue;
		}
		dispatch->turn = lane->next;
		work = take_head(lane);
		if (work->due_us <= now_us)
			return work;
		due_insert(dispatch, work);
	}
}

/* How long until the next one is due; negative: nobody knows.  What is held,
 * or whose document is out, is told of by a broadcast. */
static int64_t
due_wait_us(const struct dispatch *dispatch)
{
	int64_t now_us = clock_wall_us();
	const struct work *work;

	for (work = dispatch->due; work != NULL; work = work->next)
		if (!lane_is_held(work->lane) &&
		    !document_is_busy(dispatch, work))
			return work->due_us > now_us ? work->due_us - now_us
						     : 0;
	return -1;
}

struct work *
dispatch_next(struct dispatch *dispatch, struct store *reader)
{
	struct work *work = NULL;
	int64_t wait_us;

	(void)pthread_mutex_lock(&dispatch->lock);
	while (!dispatch->is_stopped) {
		work = take_any(dispatch, reader);
		if (work != NULL || dispatch->is_stopped)
			break;
		wait_us = due_wait_us(dispatch);
		if (wait_us != 0)
			thread_wait_us(&dispatch->changed, &dispatch->lock,
			    wait_us);
	}
	if (work != NULL)
		document_take(dispatch, work);
	(void)pthread_mutex_unlock(&dispatch->lock);
	return work;
}

void
dispatch_done(struct dispatch *dispatch, struct work *work)
{
	struct lane *lane = work->lane;

	(void)pthread_mutex_lock(&dispatch->lock);
	document_give(dispatch, work);
	lane->rested_us = clock_mono_us();
	lane->refs--;
	lane_check(dispatch, lane);
	(void)pthread_mutex_unlock(&dispatch->lock);
	work_free(work);
}

void
dispatch_return(struct dispatch *dispatch, struct work *work)
{
	struct lane *lane = work->lane;

	(void)pthread_mutex_lock(&dispatch->lock);
	document_give(dispatch, work);
	lane->refs--;
	if (lane->is_ended) {
		work_free(work);
		lane_check(dispatch, lane);
	} else {
		work->next = lane->head;
		lane->head = work;
		if (work->next == NULL)
			lane->tail = &work->next;
		(void)pthread_cond_broadcast(&dispatch->changed);
	}
	(void)pthread_mutex_unlock(&dispatch->lock);
}

void
dispatch_later(struct dispatch *dispatch, struct work *work)
{
	struct lane *lane = work->lane;

	(void)pthread_mutex_lock(&dispatch->lock);
	document_give(dispatch, work);
	if (lane->is_ended) {
		lane->refs--;
		work_free(work);
		lane_check(dispatch, lane);
	} else {
		due_insert(dispatch, work); /* it keeps its hold of the lane */
		(void)pthread_cond_broadcast(&dispatch->changed);
	}
	(void)pthread_mutex_unlock(&dispatch->lock);
}

void
dispatch_stop(struct dispatch *dispatch)
{
	struct lane *lane;

	(void)pthread_mutex_lock(&dispatch->lock);
	dispatch->is_stopped = true;
	for (lane = dispatch->lanes; lane != NULL; lane = lane->next)
		atomic_store(&lane->stop, true);
	(void)pthread_cond_broadcast(&dispatch->changed);
	(void)pthread_mutex_unlock(&dispatch->lock);
}

const atomic_bool *
work_stop(const struct work *work)
{
	return &work->lane->stop;
}

enum job_kind
work_kind(const struct work *work)
{
	return work->lane->kind;
}

const char *
work_source(const struct work *work)
{
	return work->lane->source;
}

bool
dispatch_is_paused(struct dispatch *dispatch, const struct work *work)
{
	bool is_paused;

	(void)pthread_mutex_lock(&dispatch->lock);
	is_paused = lane_is_held(work->lane);
	(void)pthread_mutex_unlock(&dispatch->lock);
	return is_paused;
}

unsigned
dispatch_busy(struct dispatch *dispatch)
{
	unsigned busy;

	(void)pthread_mutex_lock(&dispatch->lock);
	busy = dispatch->busy;
	(void)pthread_mutex_unlock(&dispatch->lock);
	return busy;
}

/* Into list, ascending by since_us, without the youngest when it is full. */
static size_t
rest_insert(struct dispatch_rest *list, size_t count, size_t max,
    const struct lane *lane)
{
	size_t at = count < max ? count : max - 1;

	if (count == max && list[at].since_us <= lane->rested_us)
		return count;
	for (; at > 0 && list[at - 1].since_us > lane->rested_us; at--)
		list[at] = list[at - 1];
	list[at] = (struct dispatch_rest){.job = lane->job,
	    .since_us = lane->rested_us};
	return count < max ? count + 1 : max;
}

size_t
dispatch_resting(struct dispatch *dispatch, struct dispatch_rest *list,
    size_t max, int64_t *ret_paused_us)
{
	const struct lane *lane;
	int64_t paused_us = 0;
	size_t count = 0;

	(void)pthread_mutex_lock(&dispatch->lock);
	for (lane = dispatch->lanes; lane != NULL; lane = lane->next) {
		if (lane->is_ended)
			continue;
		if (!lane->is_paused) {
			/* Whatever is with a worker gets on. */
			if (lane->refs == lane->due)
				count = rest_insert(list, count, max, lane);
		} else if (paused_us == 0 || lane->paused_us < paused_us) {
			paused_us = lane->paused_us;
		}
	}
	(void)pthread_mutex_unlock(&dispatch->lock);
	*ret_paused_us = paused_us;
	return count;
}
