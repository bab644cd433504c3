/* SPDX-License-Identifier: Apache-2.0 */
/*
 * totals: jobs and their items, counted over all jobs.
 *
 * Floor 4.  Follows from how jobs change on the board (board.h), so nothing is
 * walked to know it, and its sums hold as those of each job do.
 */
#ifndef ENGINE_TOTALS_H
#define ENGINE_TOTALS_H

#include <stdint.h>

#include "model/job.h"

struct totals {
	uint64_t jobs[JOB_STATE_COUNT]; /* that are live */
	uint64_t items_all;		/* of live jobs... */
	uint64_t items[ITEM_STATE_COUNT]; /* ...by state.  One that waits for
		its next try is in the step that it waits in; ITEM_WAITING are
		those that wait before their first step. */
	/* Since the start: jobs that ended, and items. */
	uint64_t jobs_ended[JOB_STATE_COUNT];
	uint64_t items_ended[ITEM_STATE_COUNT];
};

/* A job has changed; before NULL: it is new, after NULL: it is gone. */
void totals_change(struct totals *totals, const struct job *before,
    const struct job *after);

#endif
