/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bases: what is done to all of a base, piece by piece, so that nobody waits
 * long behind it.
 *
 * Floor 4.  The caller's thread does it and waits for each piece.
 */
#ifndef ENGINE_BASES_H
#define ENGINE_BASES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/uuid.h"

struct engine;
struct err_note;
struct store;

/* Asked between two pieces; false: break off with ERR_CANCELLED.  fn NULL: it
 * always goes on. */
struct base_watch {
	bool (*goes_on)(void *arg);
	void *arg;
};

/*
 * Cancel the jobs of the base that have not ended; by: the key's label.
 * ERR_NOT_FOUND: there is no such base; ERR_BUSY: others start jobs all the
 * time.
 */
int engine_base_end_jobs(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *base, const char *by,
    struct err_note *note);

/*
 * The same, and then delete every document that is there; the base stays.
 * What jobs that are started meanwhile bring is not touched.  *ret_count: how
 * many documents went, members of others among them; set on an error as well,
 * for what went is gone.  ERR_CANCELLED: it was broken off.
 */
int engine_base_wipe(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *base, const char *by,
    const struct base_watch *watch, uint64_t *ret_count,
    struct err_note *note);

/* What was copied. */
struct base_copy {
	struct uuid uuid; /* of the new base */
	uint64_t documents, segments; /* that are indexed, and theirs */
};
/*
 * Make a base of the name that holds what this one does now: description,
 * settings, and every document that is indexed, with its metadata, its times
 * and what its content became.  Nothing is indexed again.  Sources, schedules,
 * tags and the history of jobs are the first one's alone.  While it is made the
 * new base is nobody's; what a crash leaves of it is deleted at the next start.
 *
 * ERR_NOT_FOUND; ERR_EXISTS: the name is taken; ERR_INVALID, ERR_TOO_BIG: the
 * name; ERR_BUSY: others are being made; ERR_CANCELLED: it was broken off.
 */
int engine_base_copy(struct engine *engine, int64_t account_id,
    const struct uuid *base, const char *name,
    const struct base_watch *watch, struct base_copy *ret_copy,
    struct err_note *note);

#endif
