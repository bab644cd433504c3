/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dispatch: which item a worker takes next.
 *
 * Floor 4.  Derived from the store and rebuilt at each start: one lane per
 * live job, filled from the store a page at a time, so that memory does not
 * grow with the number of items.  Lanes take turns; items of a lane go in
 * order of discovery.  An item that waits for its next try sits in a list by
 * its due time.  Two items of one document are never out at once.
 */
#ifndef ENGINE_DISPATCH_H
#define ENGINE_DISPATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/uuid.h"
#include "model/item.h"
#include "store/store.h"

struct dispatch;
struct lane;
struct run;

/* One item on its way to or with a worker. */
struct work {
	struct item item; /* as it was loaded from the store */
	struct lane *lane;
	int64_t base_id;
	char *uri, *name, *metadata;
	char *etag; /* as it was listed; "" none */
	bool has_blob;
	uint8_t blob[HASH_SIZE];
	struct run *run; /* once a worker has had it; owned */
	struct work *next; /* the dispatch's own */
	int64_t due_us;	   /* wall clock; 0 now */
};

struct dispatch *dispatch_new(void);
void dispatch_free(struct dispatch *dispatch);

/* A live job; one that is there already stays as it is.  Any thread. */
int dispatch_job(struct dispatch *dispatch, const struct job *job,
    const char *source);
bool dispatch_has(struct dispatch *dispatch, int64_t job_id);
/* Its items changed: look into the store again. */
void dispatch_more(struct dispatch *dispatch, int64_t job_id);
/* Pausing stops its workers at their next border. */
void dispatch_pause(struct dispatch *dispatch, int64_t job_id,
    bool is_paused);
/* While somebody's pause is on its way to the store (on), as if it were
 * paused: what a worker begins now would end after the answer. */
void dispatch_hold(struct dispatch *dispatch, int64_t job_id, bool on);
/* It is final: forget what is queued of it, stop its workers. */
void dispatch_end(struct dispatch *dispatch, int64_t job_id);
void dispatch_end_base(struct dispatch *dispatch, int64_t base_id);

/*
 * The next item, or NULL when the dispatch was stopped.  Waits; loads through
 * reader, which is the calling worker's.  The caller owns the work and gives
 * it back with dispatch_done, dispatch_return or dispatch_later.
 */
struct work *dispatch_next(struct dispatch *dispatch, struct store *reader);
/* Finished with, whatever became of it: frees it. */
void dispatch_done(struct dispatch *dispatch, struct work *work);
/* Not finished (paused): first again when its lane goes on. */
void dispatch_return(struct dispatch *dispatch, struct work *work);
/* To be tried again at work->due_us. */
void dispatch_later(struct dispatch *dispatch, struct work *work);
void dispatch_stop(struct dispatch *dispatch);

/* True: the worker should stop at the next border (pause, cancel, stop). */
const atomic_bool *work_stop(const struct work *work);
enum job_kind work_kind(const struct work *work);
/* What the job was started with (a JSON object); valid while work is held. */
const char *work_source(const struct work *work);

/* Is the work's job paused?  (Else it ends, or the program stops.) */
bool dispatch_is_paused(struct dispatch *dispatch, const struct work *work);

/*
 * Jobs that are not paused and have nothing with a worker: the max that have
 * got nothing done for longest, since when by the monotonic clock; returns how
 * many.  *ret_paused_us: since when the one is paused that is for longest; 0:
 * none is.
 */
struct dispatch_rest {
	struct uuid job;
	int64_t since_us;
};
size_t dispatch_resting(struct dispatch *dispatch,
    struct dispatch_rest *list, size_t max, int64_t *ret_paused_us);

/* Workers that hold an item now. */
unsigned dispatch_busy(struct dispatch *dispatch);

#endif
