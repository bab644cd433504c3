/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_undo: what jobs replaced, kept so that they can be undone.
 *
 * Floor 3; everything said in store/store.h holds.  A job that keeps what it
 * replaces notes each document before it changes it, and each that it has
 * made.  Publishing such a revision (revision.keeper) keeps the one that was
 * live: nobody finds it, nothing counts it, but it is whole.  Undoing the job
 * takes what it noted one document after the other; what others have changed
 * since is left alone.
 *
 * A document and what is inside of it are one tree: it is undone whole, or
 * left whole.
 */
#ifndef STORE_STORE_UNDO_H
#define STORE_STORE_UNDO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

/* Stored: append, never renumber. */
enum replaced_kind {
	REPLACED_MADE = 1, /* by the job */
	REPLACED_CHANGED = 2,
	REPLACED_DELETED = 3,
};

/* ---- while the job runs ------------------------------------------------- */

/* A document as it is now: before the job changes it or, is_made, when it has
 * just made it.  root_id: the outermost document that it is in, or itself.
 * One that is noted stays as it was.  ERR_NOT_FOUND: no such document. */
int store_replaced_note(struct store *store, int64_t job_id,
    int64_t document_id, int64_t root_id, bool is_made);
/* The job has changed name, metadata, settings or source of what it noted, or
 * not. */
int store_replaced_settle(struct store *store, int64_t job_id,
    int64_t document_id);
/* The job will not change anything more of it: if it has not, there is nothing
 * to undo. */
int store_replaced_drop_idle(struct store *store, int64_t job_id,
    int64_t document_id);
/* As store_document_delete(), but the job keeps the document, and other jobs
 * what they keep of it.  ERR_NOT_FOUND. */
int store_document_remove(struct store *store, int64_t job_id,
    int64_t document_id, int64_t root_id);

/* ---- undoing ------------------------------------------------------------ */

struct replaced {
	int64_t document_id, root_id;
	enum replaced_kind kind;
	/* The revision that was live before, 0 none, and the one that the job
	 * published, 0 none. */
	int64_t revision_id, own_revision_id;
	/* Somebody has changed the document since, or is about to. */
	bool is_changed;
	bool is_idle; /* the job left it as it was */
};
/* What of the job is to be undone next: trees in order, in each the innermost
 * documents first.  ERR_NOT_FOUND: nothing is left. */
int store_replaced_next(struct store *store, int64_t job_id,
    struct replaced *ret_replaced);
/* Is the tree to be left alone?  Not when some of it was undone already. */
int store_replaced_tree_is_changed(struct store *store, int64_t job_id,
    int64_t root_id, bool *ret_is_changed);
/* How many of the tree's documents are to be undone; above limit it is limit +
 * 1. */
int store_replaced_tree_count(struct store *store, int64_t job_id,
    int64_t root_id, size_t limit, size_t *ret_count);
/* Up to limit of a tree's documents stay as they are; *ret_left: there are
 * more. */
int store_replaced_leave(struct store *store, int64_t job_id,
    int64_t root_id, size_t limit, bool *ret_left);
/* This one stays. */
int store_replaced_leave_one(struct store *store, int64_t job_id,
    const struct replaced *replaced);
/* The job made it: what is noted is settled, so that the caller can delete the
 * document. */
int store_replaced_made(struct store *store, int64_t job_id,
    const struct replaced *replaced);
/* Bring back what it was; of one that is idle only the note goes. */
int store_replaced_restore(struct store *store, int64_t job_id,
    const struct replaced *replaced, int64_t now_us);

/* Is there anything of the job that is neither undone nor left alone? */
int store_undo_is_left(struct store *store, int64_t job_id, bool *ret_is_left);
/* What became of its documents, in order of id. */
struct undone {
	int64_t document_id;
	enum replaced_kind kind;
	bool is_left; /* as it was found, for somebody had changed it */
	const char *uri, *name;
};
typedef int undone_fn(void *arg, const struct undone *undone);
int store_undone_each(struct store *store, int64_t job_id, undone_fn *fn,
    void *arg);
/* The first job above after_id that was undone lately; ERR_NOT_FOUND. */
int store_undone_next(struct store *store, int64_t after_id,
    int64_t *ret_job_id);

/* ---- the end of keeping ------------------------------------------------- */

/* The job that ended longest ago, at end_us or before, and keeps something
 * still; but for those that are being undone.  ERR_NOT_FOUND. */
int store_kept_oldest(struct store *store, int64_t end_us,
    int64_t *ret_job_id);
/* Give up limit of what it keeps, and with the last of it that it keeps
 * anything: revisions become dead.  *ret_left: there is more. */
int store_kept_end(struct store *store, int64_t job_id, size_t limit,
    bool *ret_left);

#endif
