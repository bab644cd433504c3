/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kept: contents that are given first and indexed later, when somebody asks
 * for it.
 *
 * Floor 4.  Putting is a job of its own (JOB_KIND_KEEP), whose items end as
 * they are made: SKIPPED, ITEM_CODE_KEPT.  The documents are there, with their
 * content, and WAITING (document.held_us); queries find what was indexed of
 * them before, or nothing.  A job of JOB_KIND_KEPT then indexes what is not
 * indexed as it should be: what is held, what failed or was cancelled, what
 * was the same as another that is gone, and what was indexed by another rule
 * than the base's of now (not what was changed by hand).  What came from a
 * source is left to its source.
 */
#ifndef ENGINE_KEPT_H
#define ENGINE_KEPT_H

#include "engine/engine.h"

struct base_watch;

/*
 * Keep contents, with places as engine_job_puts() has them (put.upload must
 * be set) and put.by_content for documents that are known by their content:
 * the same bytes are the same document, whatever they are called, and have one
 * item however often they come in one request.  The job has ended when this
 * returns.  What is indexed already, with that very content, is UNCHANGED; its
 * name and metadata follow the put.  What a job indexes at this moment, with
 * that very content, it goes on with; with another one its item is cancelled.
 * Nothing is kept that could be undone.  ERR_INVALID also: the document is part
 * of another one; ERR_EXISTS as put.by_content says.
 */
int engine_job_keep(struct engine *engine, const struct job_request *request,
    struct put *puts, size_t count, struct job *ret_job,
    struct err_note *note);

/*
 * Index what the base keeps.  The job is durable when this returns; jobs of
 * this kind over one base go one after the other, in the order in which they
 * were asked for, and each looks at what there is when its turn comes.
 * ERR_NOT_FOUND: no such base.
 */
int engine_job_kept(struct engine *engine, const struct job_request *request,
    struct job *ret_job, struct err_note *note);

/*
 * What became of contents goes: segments, vectors, graph.  Documents stay, and
 * are held as if they had just been given.  Of a base: its live jobs are
 * cancelled first (by: the key's label); piece by piece, as in bases.h;
 * *ret_count: documents that were forgotten, set on an error as well.  What
 * came from a source, or cannot be read again, is left as it is.
 */
int engine_base_forget(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *base, const char *by,
    const struct base_watch *watch, uint64_t *ret_count,
    struct err_note *note);
/* ERR_NOT_FOUND; ERR_CONFLICT: it cannot be read again. */
int engine_document_forget(struct engine *engine, int64_t account_id,
    const struct uuid *document, struct err_note *note);

/*
 * Where a base stands as a whole.  given: the newest job that brought
 * contents (every kind but JOB_KIND_KEPT).  run: the job that tells how
 * indexing stands (every kind but JOB_KIND_KEEP): of those that are live the
 * oldest that has begun, else the oldest; when none is live the one that ended
 * last, which need not be the newest.
 */
struct base_standing {
	bool has_given, has_run;
	struct job given, run;
	bool has_held; /* something waits for a job of JOB_KIND_KEPT... */
	int64_t held_us; /* ...the newest of it since then */
};
/* In the reader's snapshot; cheap enough for status that is polled. */
int base_standing(struct store *reader, int64_t base_id,
    struct base_standing *ret_standing);

#endif
