/* SPDX-License-Identifier: Apache-2.0 */
/*
 * undo: taking back what a job wrote.
 *
 * Floor 4.  A job that was asked for with keeps_replaced can be undone for
 * engine_config.undo_hours after its end.  Documents that it made are deleted;
 * those that it changed or deleted are what they were, with the revision that
 * was live, its hash and its tag, so that the next run over that content finds
 * it unchanged.  A document that was changed since by hand or by another job,
 * or that a job is at work on, is left alone, and with it the document that it
 * is in and what else is in that.
 */
#ifndef ENGINE_UNDO_H
#define ENGINE_UNDO_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct engine;
struct err_note;
struct job;
struct store;
struct uuid;

/*
 * Undo the job; of one that was undone, say so again.  Returns when all of it
 * is done; a server that dies meanwhile does the rest when it is started.
 * job.undone_us is when it was asked for.  What became of the documents is
 * with engine_job_undone().
 *
 * ERR_NOT_FOUND; ERR_CONFLICT, with words: the job has not ended, keeps
 * nothing, or not any more.
 */
int engine_job_undo(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct job *ret_job, struct err_note *note);

/* Until when the job can be undone, as of now_us; 0: it cannot, or was. */
int64_t undo_until(const struct engine *engine, const struct job *job,
    int64_t now_us);

/* What became of a document that the job had written. */
enum undone_kind {
	UNDONE_REMOVED,	 /* the job had made it */
	UNDONE_RESTORED, /* it is what it was */
	UNDONE_LEFT,	 /* somebody else had changed it */
	UNDONE_COUNT
};
typedef int undone_told_fn(void *arg, enum undone_kind kind, const char *uri,
    const char *name);
/* In the order in which they came to the base.  This is forgotten with what
 * the job keeps. */
int engine_job_undone(struct store *reader, int64_t job_id,
    undone_told_fn *fn, void *arg);

/* What was being undone when the server died is done, until *stop; the
 * janitor's.  1: there was something; 0: nothing. */
int undo_resume(struct engine *engine, struct store *reader,
    const atomic_bool *stop);
/* Give up a piece of what is kept for longer than the settings say.
 * *ret_more: there is more. */
int undo_end_keeping(struct engine *engine, struct store *reader,
    bool *ret_more);

#endif
