/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs are changed in working copies, each copied from the board at its first
 * touch; the writer stores them before the commit and puts them on the board
 * after it.  A rollback forgets them.
 */
#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "engine/board.h"
#include "engine/write_tx.h"
#include "engine/writer.h"
#include "store/store.h"

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
	if (err == 0)
		job_count(job, from, to);
	return err;
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
	tx->job_count = 0;
	tx->hook_count = 0;
	tx->forgotten_count = 0;
	tx->is_short = false;
}

void
tx_fini(struct write_tx *tx)
{
	tx_forget(tx);
	mem_free(tx->jobs);
	mem_free(tx->hooks);
	mem_free(tx->forgotten);
}
