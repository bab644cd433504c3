/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/totals.h"

/* Once more (one 1), or once less ((uint64_t)-1): unsigned numbers wrap. */
static void
live_count(struct totals *totals, const struct job *job, uint64_t one)
{
	const struct counts *counts = &job->counts;
	uint64_t in_steps = 0;
	int i;

	totals->jobs[job->state] += one;
	totals->items_all += one * counts->total;
	totals->items[ITEM_QUEUED] += one * counts->queued;
	totals->items[ITEM_COMPLETED] += one * counts->completed;
	totals->items[ITEM_FAILED] += one * counts->failed;
	totals->items[ITEM_SKIPPED] += one * counts->skipped;
	totals->items[ITEM_CANCELLED] += one * counts->cancelled;
	for (i = STAGE_EXTRACTING; i < STAGE_COUNT; i++) {
		totals->items[stage_item_state((enum stage)i)] +=
		    one * job->stages[i].items;
		in_steps += job->stages[i].items;
	}
	/* More only when what is stored is damaged: that is not to show here
	 * as billions. */
	if (in_steps < counts->processing)
		totals->items[ITEM_WAITING] +=
		    one * (counts->processing - in_steps);
}

static void
ended_count(struct totals *totals, const struct counts *before,
    const struct counts *after)
{
	uint64_t *ended = totals->items_ended;

	/* What has ended does not begin again: these only rise. */
	ended[ITEM_COMPLETED] += after->completed - before->completed;
	ended[ITEM_FAILED] += after->failed - before->failed;
	ended[ITEM_SKIPPED] += after->skipped - before->skipped;
	ended[ITEM_CANCELLED] += after->cancelled - before->cancelled;
}

void
totals_change(struct totals *totals, const struct job *before,
    const struct job *after)
{
	static const struct counts none;
	bool was_live = before != NULL && !job_state_is_final(before->state);
	bool is_live = after != NULL && !job_state_is_final(after->state);

	if (was_live)
		live_count(totals, before, (uint64_t)-1);
	if (is_live)
		live_count(totals, after, 1);
	if (after == NULL)
		return;
	ended_count(totals, before == NULL ? &none : &before->counts,
	    &after->counts);
	if (!is_live && (was_live || before == NULL))
		totals->jobs_ended[after->state]++;
}
