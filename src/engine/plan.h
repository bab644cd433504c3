/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan: a job that is asked for, on its way into the store.
 *
 * Floor 4.  The job, and what its items() adds to it, are one transaction.
 */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include <stdint.h>

#include "engine/engine.h"
#include "model/item.h"
#include "model/job.h"

struct base_ref;
struct write_tx;

struct plan {
	struct engine *engine;
	struct job_request request;
	enum job_kind kind;
	uint32_t attempt;
	enum scan_state scan;
	const char *batch;  /* NULL: a new name */
	const char *source; /* a JSON object */
	/*
	 * Within the transaction, before the job is made (may set source) and
	 * when it is there.  Both begin anew after a rollback, and may be
	 * NULL.
	 */
	int (*prepare)(struct write_tx *tx, struct plan *plan,
	    const struct base_ref *base, struct err_note *note);
	int (*items)(struct write_tx *tx, struct plan *plan, struct job *job,
	    struct err_note *note);
	void *arg;
	struct job job; /* as it was made: uuid and id */
};

/* Make it; returns after the commit.  ERR_NOT_FOUND: no such base; ERR_BUSY:
 * too many jobs are live; ERR_CANCELLED: the schedule that asks is not due; or
 * what the plan's own functions return. */
int plan_run(struct engine *engine, struct plan *plan, struct job *ret_job,
    struct err_note *note);

/* Has the base a live job over sources?  ERR_CONFLICT: *ret_running is it. */
int plan_alone(struct write_tx *tx, const struct plan *plan,
    const struct base_ref *base, struct uuid *ret_running,
    struct err_note *note);

/* What an item is a member of is taken over from the old one, unless that
 * document is gone: then it stands for itself. */
int plan_parent(struct write_tx *tx, const struct item *old,
    struct item *item);

#endif
