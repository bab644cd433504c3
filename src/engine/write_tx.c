/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs are changed in working copies, each copied from the board at its first
 * touch; the writer stores them before the commit and puts them on the board
 * after it.  A rollback forgets them.  The same goes for shares, which come
 * from the store and are not on the board.
 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "engine/board.h"
#include "engine/write_tx.h"
#include "engine/writer.h"
#include "store/store_source.h"

struct store *
tx_store(struct write_tx *tx)
{
	return tx->store;
}

int64_t
tx_now_us(const struct write_tx *tx)
{
	return tx->now_us;
}

uint64_t
tx_serial(const struct write_tx *tx)
{
	return tx->serial;
}

static int
tx_room(struct write_tx *tx)
{
	struct touched **jobs;
	size_t size;

	if (tx->job_count < tx->job_size)
		return 0;
	size = tx->job_size == 0 ? 16 : tx->job_size * 2;
	jobs = mem_resize(tx->jobs, size, sizeof(*jobs));
	if (jobs == NULL)
		return ERR_NOMEM;
	tx->jobs = jobs;
	tx->job_size = size;
	return 0;
}

static struct touched **
tx_bucket(struct write_tx *tx, int64_t job_id)
{
	return &tx->buckets[(uint64_t)job_id % TOUCHED_BUCKETS];
}

static struct touched *
tx_touch(struct write_tx *tx, const struct job *job)
{
	struct touched *touched, **bucket;

	touched = tx_room(tx) < 0 ? NULL : mem_alloc(sizeof(*touched));
	if (touched == NULL) {
		tx->is_short = true;
		return NULL;
	}
	touched->job = *job;
	tx->jobs[tx->job_count++] = touched;
	bucket = tx_bucket(tx, job->id);
	touched->next = *bucket;
	*bucket = touched;
	return touched;
}

static void
tx_drop(struct write_tx *tx, struct touched *touched)
{
	struct touched **link = tx_bucket(tx, touched->job.id);

	while (*link != touched) {
		ASSERT(*link != NULL);
		link = &(*link)->next;
	}
	*link = touched->next;
	mem_free(touched);
}

static bool
base_is_forgotten(const struct write_tx *tx, int64_t base_id)
{
	size_t i;

	for (i = 0; i < tx->forgotten_count; i++)
		if (tx->forgotten[i] == base_id)
			return true;
	return false;
}

struct job *
tx_job(struct write_tx *tx, int64_t job_id)
{
	const struct job *own;
	struct touched *touched;

	/* A group may touch thousands. */
	for (touched = *tx_bucket(tx, job_id); touched != NULL;
	    touched = touched->next)
		if (touched->job.id == job_id)
			return &touched->job;
	own = board_own(tx->board, job_id);
	if (own == NULL || base_is_forgotten(tx, own->base_id))
		return NULL;
	touched = tx_touch(tx, own);
	return touched == NULL ? NULL : &touched->job;
}

int
tx_job_room(const struct write_tx *tx)
{
	/* Those touched may be new ones, so a few less than there is room for
	 * are let in. */
	return board_live(tx->board) + tx->job_count >= JOBS_LIVE_MAX
	    ? ERR_BUSY
	    : 0;
}

int
tx_job_new(struct write_tx *tx, const struct job *job)
{
	return tx_touch(tx, job) == NULL ? ERR_NOMEM : 0;
}

/* ---- shares ------------------------------------------------------------- */

static struct touched_share **
share_bucket(struct write_tx *tx, int64_t job_id, int64_t source_id)
{
	return &tx->share_buckets[((uint64_t)job_id * 31 +
		(uint64_t)source_id) % TOUCHED_BUCKETS];
}

static struct touched_share *
share_touched(struct write_tx *tx, int64_t job_id, int64_t source_id)
{
	struct touched_share *touched;

	for (touched = *share_bucket(tx, job_id, source_id); touched != NULL;
	    touched = touched->next)
		if (touched->share.job_id == job_id &&
		    touched->share.source_id == source_id)
			break;
	return touched;
}

static int
share_room(struct write_tx *tx)
{
	struct touched_share **shares;
	size_t size;

	if (tx->share_count < tx->share_size)
		return 0;
	size = tx->share_size == 0 ? 16 : tx->share_size * 2;
	shares = mem_resize(tx->shares, size, sizeof(*shares));
	if (shares == NULL)
		return ERR_NOMEM;
	tx->shares = shares;
	tx->share_size = size;
	return 0;
}

static struct touched_share *
share_touch(struct write_tx *tx, const struct job *job,
    const struct share *share, bool is_new)
{
	struct touched_share *touched, **bucket;

	touched = share_room(tx) < 0 ? NULL : mem_alloc(sizeof(*touched));
	if (touched == NULL) {
		tx->is_short = true;
		return NULL;
	}
	touched->share = touched->stored = *share;
	touched->base_id = job->base_id;
	touched->is_new = is_new;
	tx->shares[tx->share_count++] = touched;
	bucket = share_bucket(tx, share->job_id, share->source_id);
	touched->next = *bucket;
	*bucket = touched;
	return touched;
}

static void
share_drop(struct write_tx *tx, struct touched_share *touched)
{
	struct touched_share **link = share_bucket(tx, touched->share.job_id,
	    touched->share.source_id);

	while (*link != touched) {
		ASSERT(*link != NULL);
		link = &(*link)->next;
	}
	*link = touched->next;
	mem_free(touched);
}

struct share *
tx_share(struct write_tx *tx, int64_t job_id, int64_t source_id)
{
	const struct job *job = tx_job(tx, job_id);
	struct touched_share *touched;
	struct share share;
	int err;

	if (job == NULL)
		return NULL;
	touched = share_touched(tx, job_id, source_id);
	if (touched == NULL) {
		err = store_share_get(tx->store, job_id, source_id, &share);
		if (err < 0 && err != ERR_NOT_FOUND)
			tx->trouble = err;
		if (err == 0)
			touched = share_touch(tx, job, &share, false);
	}
	return touched == NULL ? NULL : &touched->share;
}

int
tx_share_new(struct write_tx *tx, const struct share *share)
{
	const struct job *job = tx_job(tx, share->job_id);

	if (job == NULL)
		return tx->is_short ? ERR_NOMEM : ERR_CONFLICT;
	ASSERT(share_touched(tx, share->job_id, share->source_id) == NULL);
	return share_touch(tx, job, share, true) == NULL ? ERR_NOMEM : 0;
}

struct share_join {
	struct write_tx *tx;
	const struct job *job;
};

static int
share_join(void *arg, const struct share *share)
{
	struct share_join *join = arg;

	if (share_touched(join->tx, share->job_id, share->source_id) != NULL)
		return 0;
	return share_touch(join->tx, join->job, share, false) == NULL
	    ? ERR_NOMEM
	    : 0;
}

/* Nothing more comes to its shares. */
static bool
job_is_over(const struct job *job)
{
	return job->cancelled_us != 0 || job_state_is_final(job->state);
}

/* Promise 1 holds of shares too: together they are the job. */
static void
shares_check(const struct write_tx *tx, const struct job *job)
{
#ifdef SANITIZED
	struct share sum = {0};
	size_t i;

	for (i = 0; i < tx->share_count; i++)
		if (tx->shares[i]->share.job_id == job->id)
			share_sum(&sum, &tx->shares[i]->share);
	ASSERT(memcmp(&sum.counts, &job->counts, sizeof(sum.counts)) == 0);
	ASSERT(sum.removed == job->removed);
	ASSERT(sum.unchanged == job->unchanged && sum.empty == job->empty);
	ASSERT(sum.bytes_total == job->bytes_total);
	ASSERT(sum.bytes_completed == job->bytes_completed);
	ASSERT(sum.characters == job->characters);
#else
	/* A walk of all shares for each job: the audit does it instead. */
	(void)tx;
	(void)job;
#endif
}

static int
share_store(struct write_tx *tx, struct touched_share *touched)
{
	const struct job *job = tx_job(tx, touched->share.job_id);

	ASSERT(job != NULL); /* it was touched first */
	share_settle(&touched->share, job_is_over(job), tx->now_us);
	if (!touched->is_new && memcmp(&touched->share, &touched->stored,
		sizeof(touched->share)) == 0)
		return 0;
	return store_share_save(tx->store, &touched->share);
}

int
tx_shares_store(struct write_tx *tx)
{
	struct share_join join = {.tx = tx};
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < tx->job_count; i++) {
		join.job = &tx->jobs[i]->job;
		if (!job_kind_has_shares(join.job->kind) ||
		    !job_is_over(join.job))
			continue;
		err = store_shares_each(tx->store, join.job->id, share_join,
		    &join);
		if (err == 0)
			shares_check(tx, join.job);
		/* Keys that were given for one job are not kept beyond its
		 * end. */
		if (err == 0 && join.job->kind == JOB_KIND_IMPORT &&
		    job_state_is_final(join.job->state))
			err = store_sources_forget(tx->store, join.job->id,
			    tx->now_us);
	}
	for (i = 0; err == 0 && i < tx->share_count; i++)
		err = share_store(tx, tx->shares[i]);
	return err;
}

/* ---- items -------------------------------------------------------------- */

int
tx_count(struct write_tx *tx, struct job *job, const struct item *from,
    const struct item *to)
{
	struct share *share = NULL;

	if (to->source_id != 0) {
		share = tx_share(tx, job->id, to->source_id);
		if (share == NULL)
			return tx->is_short ? ERR_NOMEM
			    : tx->trouble < 0 ? tx->trouble : ERR_CORRUPT;
		share_count(share, from, to);
	}
	job_count(job, from, to);
	return 0;
}

int
tx_item_save(struct write_tx *tx, const struct item *from, struct item *to)
{
	struct job *job = tx_job(tx, to->job_id);
	int err;

	if (job == NULL)
		return tx->is_short ? ERR_NOMEM : ERR_CONFLICT;
	ASSERT(from->state == to->state ||
	    item_may_become(from->state, to->state));
	ASSERT(to->stage >= from->stage);
	to->rev = store_next_rev(tx->store);
	err = store_item_save(tx->store, to, from->state, from->attempt);
	return err < 0 ? err : tx_count(tx, job, from, to);
}

int
tx_forget_base(struct write_tx *tx, int64_t base_id)
{
	int64_t *forgotten;
	size_t i, n = 0;

	forgotten = mem_resize(tx->forgotten, tx->forgotten_count + 1,
	    sizeof(*forgotten));
	if (forgotten == NULL)
		return ERR_NOMEM;
	tx->forgotten = forgotten;
	tx->forgotten[tx->forgotten_count++] = base_id;

	for (i = 0; i < tx->job_count; i++) {
		if (tx->jobs[i]->job.base_id == base_id)
			tx_drop(tx, tx->jobs[i]);
		else
			tx->jobs[n++] = tx->jobs[i];
	}
	tx->job_count = n;
	for (i = n = 0; i < tx->share_count; i++) {
		if (tx->shares[i]->base_id == base_id)
			share_drop(tx, tx->shares[i]);
		else
			tx->shares[n++] = tx->shares[i];
	}
	tx->share_count = n;
	return 0;
}

void
tx_on_commit(struct write_tx *tx, void (*fn)(void *arg, int64_t id),
    void *arg, int64_t id)
{
	struct hook *hooks;
	size_t size;

	if (tx->hook_count == tx->hook_size) {
		size = tx->hook_size == 0 ? 8 : tx->hook_size * 2;
		hooks = mem_resize(tx->hooks, size, sizeof(*hooks));
		/* A hook that is lost would leave memory behind the store. */
		tx->is_short |= hooks == NULL;
		if (hooks == NULL)
			return;
		tx->hooks = hooks;
		tx->hook_size = size;
	}
	tx->hooks[tx->hook_count++] = (struct hook){fn, arg, id};
}

void
tx_forget(struct write_tx *tx)
{
	size_t i;

	for (i = 0; i < tx->job_count; i++)
		tx_drop(tx, tx->jobs[i]);
	for (i = 0; i < tx->share_count; i++)
		share_drop(tx, tx->shares[i]);
	tx->job_count = 0;
	tx->share_count = 0;
	tx->hook_count = 0;
	tx->forgotten_count = 0;
	tx->is_short = false;
	tx->trouble = 0;
}

void
tx_fini(struct write_tx *tx)
{
	tx_forget(tx);
	mem_free(tx->jobs);
	mem_free(tx->shares);
	mem_free(tx->hooks);
	mem_free(tx->forgotten);
}
