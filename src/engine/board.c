/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job is published by copying it into a slot word by word under a sequence
 * number that is odd while the copy is under way; a reader copies it out and
 * starts again when the number was odd or has changed.  All words are atomic,
 * each stored with release after the odd number and loaded with acquire before
 * the second look, so there is no data race, only a retry.
 *
 * Slots are found through hash chains of slot numbers.  The writer thread
 * alone links and unlinks; an unlink raises `chains`, and a reader that found
 * nothing while it rose looks again.  Slots are made in slabs and reused, not
 * freed, until the board is.  Only final jobs leave, oldest first, when more
 * than KEEP_FINAL of them are here; they never change any more, so the store
 * can answer for them.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "engine/board.h"
#include "engine/totals.h"
#include "model/job.h"
#include "sys/clock.h"
#include "sys/thread.h"

#define WORDS ((sizeof(struct job) + 7) / 8)
#define SLAB_SLOTS 256u
#define SLABS_MAX (2 * JOBS_LIVE_MAX / SLAB_SLOTS)
#define BUCKETS 65536u
#define KEEP_FINAL 1024u
#define WAIT_US 1000000

struct slot {
	atomic_uint seq;
	atomic_uint next; /* slot number + 1; 0 ends the chain */
	_Atomic uint64_t words[WORDS];
	/* The writer thread's own: */
	struct job job;
	bool is_used;
	unsigned row_next; /* as next, by row; of a free slot: the next free */
	/* A final job's neighbours by the order of ending: numbers + 1. */
	unsigned older, newer;
};

struct board {
	_Atomic(struct slot *) slabs[SLABS_MAX];
	atomic_uint buckets[BUCKETS]; /* by uuid: slot number + 1 */
	atomic_uint chains;
	_Atomic int64_t rev, generation;

	/* The writer thread's own: */
	unsigned slots; /* made */
	atomic_uint live; /* read by others, too */
	unsigned final;
	unsigned oldest, newest; /* of the final ones: slot number + 1 */
	unsigned free; /* slot number + 1 of one to use again; 0 none */
	unsigned rows[BUCKETS]; /* by row: slot number + 1 */
	struct totals totals;

	/* Readers that wait for a rev: lock guards their sleep, and: */
	struct totals totals_shown; /* as of rev */
	pthread_mutex_t lock;
	pthread_cond_t moved;
};

struct board *
board_new(void)
{
	struct board *board;

	board = mem_zalloc(sizeof(*board));
	if (board == NULL)
		return NULL;
	(void)pthread_mutex_init(&board->lock, NULL);
	thread_cond_init(&board->moved);
	return board;
}

void
board_free(struct board *board)
{
	size_t i;

	if (board == NULL)
		return;
	for (i = 0; i < SLABS_MAX; i++)
		mem_free(atomic_load(&board->slabs[i]));
	(void)pthread_cond_destroy(&board->moved);
	(void)pthread_mutex_destroy(&board->lock);
	mem_free(board);
}

static struct slot *
slot_at(const struct board *board, unsigned number)
{
	struct slot *slab;

	slab = atomic_load_explicit(&board->slabs[number / SLAB_SLOTS],
	    memory_order_acquire);
	return &slab[number % SLAB_SLOTS];
}

static unsigned
bucket_of(const struct uuid *uuid)
{
	uint32_t hash;

	/* Version 4: these bytes are random. */
	memcpy(&hash, uuid->bytes + 12, sizeof(hash));
	return hash % BUCKETS;
}

static void
slot_write(struct slot *slot)
{
	uint64_t words[WORDS];
	unsigned seq;
	size_t i;

	memset(words, 0, sizeof(words));
	memcpy(words, &slot->job, sizeof(slot->job));
	seq = atomic_load_explicit(&slot->seq, memory_order_relaxed);
	atomic_store_explicit(&slot->seq, seq + 1, memory_order_relaxed);
	for (i = 0; i < WORDS; i++)
		atomic_store_explicit(&slot->words[i], words[i],
		    memory_order_release);
	atomic_store_explicit(&slot->seq, seq + 2, memory_order_release);
}

static void
slot_read(const struct slot *slot, struct job *ret_job)
{
	uint64_t words[WORDS];
	unsigned before, after;
	size_t i;

	do {
		before = atomic_load_explicit(&slot->seq,
		    memory_order_acquire);
		for (i = 0; i < WORDS; i++)
			words[i] = atomic_load_explicit(&slot->words[i],
			    memory_order_acquire);
		after = atomic_load_explicit(&slot->seq,
		    memory_order_acquire);
	} while ((before & 1) != 0 || before != after);
	memcpy(ret_job, words, sizeof(*ret_job));
}

static struct slot *
slot_find(const struct board *board, const struct uuid *uuid,
    unsigned *ret_number)
{
	struct slot *slot;
	unsigned number;

	number = atomic_load_explicit(&board->buckets[bucket_of(uuid)],
	    memory_order_acquire);
	while (number != 0) {
		slot = slot_at(board, number - 1);
		if (slot->is_used &&
		    uuid_is_equal(&slot->job.uuid, uuid)) {
			*ret_number = number - 1;
			return slot;
		}
		number = atomic_load_explicit(&slot->next,
		    memory_order_acquire);
	}
	return NULL;
}

static void
row_unlink(struct board *board, unsigned number)
{
	struct slot *slot = slot_at(board, number);
	unsigned *link = &board->rows[(uint64_t)slot->job.id % BUCKETS];

	while (*link != number + 1) {
		ASSERT(*link != 0);
		link = &slot_at(board, *link - 1)->row_next;
	}
	*link = slot->row_next;
}

/* It has ended, after all that are in the list. */
static void
final_link(struct board *board, unsigned number)
{
	struct slot *slot = slot_at(board, number);

	slot->older = board->newest;
	slot->newer = 0;
	if (board->newest != 0)
		slot_at(board, board->newest - 1)->newer = number + 1;
	else
		board->oldest = number + 1;
	board->newest = number + 1;
	board->final++;
}

static void
final_unlink(struct board *board, const struct slot *slot)
{
	if (slot->older != 0)
		slot_at(board, slot->older - 1)->newer = slot->newer;
	else
		board->oldest = slot->newer;
	if (slot->newer != 0)
		slot_at(board, slot->newer - 1)->older = slot->older;
	else
		board->newest = slot->older;
	board->final--;
}

static void
slot_unlink(struct board *board, unsigned number)
{
	struct slot *slot = slot_at(board, number);
	atomic_uint *link = &board->buckets[bucket_of(&slot->job.uuid)];

	atomic_fetch_add(&board->chains, 1);
	while (atomic_load(link) != number + 1) {
		ASSERT(atomic_load(link) != 0);
		link = &slot_at(board, atomic_load(link) - 1)->next;
	}
	atomic_store(link, atomic_load(&slot->next));
	row_unlink(board, number);
	slot->is_used = false;
	if (!job_state_is_final(slot->job.state))
		totals_change(&board->totals, &slot->job, NULL);
	if (job_state_is_final(slot->job.state))
		final_unlink(board, slot);
	else
		board->live--;
	slot->row_next = board->free;
	board->free = number + 1;
	atomic_fetch_add(&board->chains, 1);
}

/* The slab that the slot is in, made when it is not there. */
static int
slab_make(struct board *board, unsigned number)
{
	struct slot *slab;

	if (number / SLAB_SLOTS >= SLABS_MAX)
		return ERR_BUSY;
	if (atomic_load_explicit(&board->slabs[number / SLAB_SLOTS],
		memory_order_relaxed) != NULL)
		return 0;
	slab = mem_array(SLAB_SLOTS, sizeof(*slab));
	if (slab == NULL)
		return ERR_NOMEM;
	memset(slab, 0, SLAB_SLOTS * sizeof(*slab));
	atomic_store_explicit(&board->slabs[number / SLAB_SLOTS], slab,
	    memory_order_release);
	return 0;
}

int
board_reserve(struct board *board, unsigned count)
{
	unsigned i;
	int err = 0;

	/* Slots that were let go are not counted: a slab is made a little
	 * early then, which does no harm. */
	for (i = 0; err == 0 && i < count; i += SLAB_SLOTS)
		err = slab_make(board, board->slots + i);
	if (err == 0 && count > 0)
		err = slab_make(board, board->slots + count - 1);
	return err;
}

static int
slot_make(struct board *board, unsigned *ret_number)
{
	int err;

	if (board->free != 0) {
		*ret_number = board->free - 1;
		board->free = slot_at(board, *ret_number)->row_next;
		return 0;
	}
	err = slab_make(board, board->slots);
	if (err == 0)
		*ret_number = board->slots++;
	return err;
}

static int
board_add(struct board *board, const struct job *job)
{
	unsigned number = 0, bucket = bucket_of(&job->uuid);
	struct slot *slot;
	int err;

	if (board->live >= JOBS_LIVE_MAX)
		return ERR_BUSY;
	err = slot_make(board, &number);
	if (err < 0)
		return err;
	slot = slot_at(board, number);
	slot->job = *job;
	totals_change(&board->totals, NULL, job);
	slot->is_used = true;
	slot->row_next = board->rows[(uint64_t)job->id % BUCKETS];
	board->rows[(uint64_t)job->id % BUCKETS] = number + 1;
	slot_write(slot);
	atomic_store(&slot->next, atomic_load(&board->buckets[bucket]));
	atomic_store_explicit(&board->buckets[bucket], number + 1,
	    memory_order_release);
	if (job_state_is_final(job->state))
		final_link(board, number);
	else
		board->live++;
	return 0;
}

int
board_put(struct board *board, const struct job *job)
{
	unsigned number = 0;
	struct slot *slot = slot_find(board, &job->uuid, &number);
	int err = 0;

	if (slot == NULL) {
		err = board_add(board, job);
	} else {
		ASSERT(slot->job.rev <= job->rev);
		if (!job_state_is_final(slot->job.state) &&
		    job_state_is_final(job->state)) {
			board->live--;
			final_link(board, number);
		}
		totals_change(&board->totals, &slot->job, job);
		slot->job = *job;
		slot_write(slot);
	}
	if (board->final > KEEP_FINAL)
		slot_unlink(board, board->oldest - 1);
	return err;
}

const struct job *
board_own(const struct board *board, int64_t job_id)
{
	const struct slot *slot;
	unsigned number;

	number = board->rows[(uint64_t)job_id % BUCKETS];
	while (number != 0) {
		slot = slot_at(board, number - 1);
		if (slot->job.id == job_id)
			return &slot->job;
		number = slot->row_next;
	}
	return NULL;
}

void
board_forget_base(struct board *board, int64_t base_id)
{
	struct slot *slot;
	unsigned i;

	for (i = 0; i < board->slots; i++) {
		slot = slot_at(board, i);
		if (slot->is_used && slot->job.base_id == base_id)
			slot_unlink(board, i);
	}
}

void
board_rename_base(struct board *board, int64_t base_id, const char *name)
{
	struct slot *slot;
	unsigned i;

	for (i = 0; i < board->slots; i++) {
		slot = slot_at(board, i);
		if (!slot->is_used || slot->job.base_id != base_id)
			continue;
		memset(slot->job.base_name, 0, sizeof(slot->job.base_name));
		memcpy(slot->job.base_name, name,
		    strnlen(name, NAME_BYTES_MAX));
		slot_write(slot);
	}
}

void
board_move_base(struct board *board, int64_t base_id, int64_t account_id)
{
	struct slot *slot;
	unsigned i;

	for (i = 0; i < board->slots; i++) {
		slot = slot_at(board, i);
		if (!slot->is_used || slot->job.base_id != base_id)
			continue;
		slot->job.account_id = account_id;
		slot_write(slot);
	}
}

void
board_set_rev(struct board *board, int64_t rev, int64_t generation)
{
	(void)pthread_mutex_lock(&board->lock);
	board->totals_shown = board->totals;
	atomic_store(&board->generation, generation);
	atomic_store(&board->rev, rev);
	(void)pthread_cond_broadcast(&board->moved);
	(void)pthread_mutex_unlock(&board->lock);
}

/*
 * A reader may not look at slot->job, which is the writer's: it compares the
 * uuid in what it has copied out.
 */
static bool
chain_read(const struct board *board, const struct uuid *uuid,
    struct job *ret_job)
{
	const struct slot *slot;
	unsigned number, steps;

	number = atomic_load_explicit(&board->buckets[bucket_of(uuid)],
	    memory_order_acquire);
	/* Bounded: a slot reused meanwhile may lead to another chain. */
	for (steps = 0; number != 0 && steps < JOBS_LIVE_MAX; steps++) {
		slot = slot_at(board, number - 1);
		slot_read(slot, ret_job);
		if (uuid_is_equal(&ret_job->uuid, uuid))
			return true;
		number = atomic_load_explicit(&slot->next,
		    memory_order_acquire);
	}
	return false;
}

bool
board_get(const struct board *board, const struct uuid *uuid,
    struct job *ret_job)
{
	unsigned before, after;
	bool is_found;

	do {
		before = atomic_load(&board->chains);
		is_found = chain_read(board, uuid, ret_job);
		after = atomic_load(&board->chains);
	} while (!is_found && ((before & 1) != 0 || before != after));
	return is_found;
}

int64_t
board_rev(const struct board *board)
{
	return atomic_load_explicit(&board->rev, memory_order_acquire);
}

int64_t
board_generation(const struct board *board)
{
	return atomic_load_explicit(&board->generation, memory_order_acquire);
}

void
board_begin(struct board *board)
{
	struct totals *totals = &board->totals;

	memset(totals->jobs_ended, 0, sizeof(totals->jobs_ended));
	memset(totals->items_ended, 0, sizeof(totals->items_ended));
}

void
board_totals(struct board *board, struct totals *ret_totals)
{
	(void)pthread_mutex_lock(&board->lock);
	*ret_totals = board->totals_shown;
	(void)pthread_mutex_unlock(&board->lock);
}

uint64_t
board_live(const struct board *board)
{
	return atomic_load_explicit(&board->live, memory_order_relaxed);
}

void
board_wait(struct board *board, int64_t rev)
{
	int64_t until;

	if (board_rev(board) >= rev)
		return;
	until = clock_mono_us() + WAIT_US;
	(void)pthread_mutex_lock(&board->lock);
	while (board_rev(board) < rev && clock_mono_us() < until)
		thread_wait_us(&board->moved, &board->lock, WAIT_US);
	(void)pthread_mutex_unlock(&board->lock);
}

void
board_wait_job(struct board *board, const struct job *job, int64_t rev)
{
	struct job shown;

	if (!board_get(board, &job->uuid, &shown) || shown.rev < job->rev)
		board_wait(board, rev);
}
