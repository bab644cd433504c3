/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan: a job that is asked for, on its way into the store.
 *
 * Floor 4.  The job, and what its items() adds to it, are one transaction.
 */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "model/item.h"
#include "model/job.h"

struct base_ref;
struct write_tx;

#define REQUEST_KEEP_US 86400000000LL /* how long a request's name is known */

struct plan {
	struct engine *engine;
	struct job_request request;
	enum job_kind kind;
	uint32_t attempt;
	enum scan_state scan;
	const char *batch;  /* NULL: a new name */
	const char *source; /* a JSON object */
	/*
	 * Within the transaction, before the job is made (may set source, or
	 * is_repeated and job: then another one will do) and when it is
	 * there.  Both begin anew after a rollback, and may be NULL.
	 */
	int (*prepare)(struct write_tx *tx, struct plan *plan,
	    const struct base_ref *base, struct err_note *note);
	int (*items)(struct write_tx *tx, struct plan *plan, struct job *job,
	    struct err_note *note);
	void *arg;
	struct uuid uuid; /* plan_run()'s: of the job to be made */
	struct job job; /* as it was made: uuid and id */
	/* A request of that name has made it before: nothing was done; or
	 * prepare() says that this one will do. */
	bool is_repeated;
};

/* Make it; returns after the commit.  ERR_NOT_FOUND: no such base; ERR_BUSY:
 * too many jobs are live; ERR_CANCELLED: the schedule that asks is not due;
 * ERR_CONFLICT: another request had its name; or what the plan's own functions
 * return. */
int plan_run(struct engine *engine, struct plan *plan, struct job *ret_job,
    struct err_note *note);

/*
 * request_key.c, within the transaction: has a request of the plan's name made
 * a job already?  Then plan->job is it, and is_repeated.  ERR_CONFLICT: it
 * asked for something else.  And remember that it made this one.
 */
int request_key_find(struct write_tx *tx, struct plan *plan,
    struct err_note *note);
int request_key_put(struct write_tx *tx, const struct plan *plan,
    int64_t job_id);

/* Has the base a live job over sources?  ERR_CONFLICT: *ret_running is it. */
int plan_alone(struct write_tx *tx, const struct plan *plan,
    const struct base_ref *base, struct uuid *ret_running,
    struct err_note *note);

/* import_retry.c: what a plan to try an import's items again needs: its
 * sources can be read still, and become those of the new job. */
int retry_import(struct write_tx *tx, const struct job *old,
    bool all_items, struct err_note *note);
int retry_import_adopt(struct write_tx *tx, int64_t source_id,
    int64_t job_id);

/* kept.c: a job over what the base keeps is tried again by another one. */
int kept_retry(struct engine *engine, const struct job *old,
    enum dialect dialect, struct job *ret_job, struct err_note *note);

/* What an item is a member of is taken over from the old one, unless that
 * document is gone: then it stands for itself. */
int plan_parent(struct write_tx *tx, const struct item *old,
    struct item *item);

#endif
