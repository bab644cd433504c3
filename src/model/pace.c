/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "model/job.h"
#include "model/pace.h"

#define ITEM_WEIGHT 4096.0
/* Before this, an estimate is a guess. */
#define ITEMS_ENOUGH 3.0
#define SECONDS_ENOUGH 0.5

void
job_pace(const struct job *job, int64_t now_us, struct job_pace *ret_pace)
{
	const struct counts *c = &job->counts;
	double seconds, items, work, left, spread;
	int64_t until = job->finished_us != 0 ? job->finished_us : now_us;

	memset(ret_pace, 0, sizeof(*ret_pace));
	if (job->started_us == 0 || until <= job->started_us)
		return;
	seconds = (double)(until - job->started_us) / 1e6;
	/* What was skipped at a look took no time worth counting. */
	items = (double)(c->completed + c->failed);
	ret_pace->items_per_second = items / seconds;
	ret_pace->bytes_per_second = (double)job->bytes_completed / seconds;
	if (job->state != JOB_RUNNING || items < ITEMS_ENOUGH ||
	    seconds < SECONDS_ENOUGH)
		return;
	work = (double)job->bytes_done + ITEM_WEIGHT * items;
	left = (double)(job->bytes_total - job->bytes_done) +
	    ITEM_WEIGHT * (double)(c->queued + c->processing);
	ret_pace->seconds = left * seconds / work;
	spread = 1.0 + 2.0 / sqrt(items);
	ret_pace->low = ret_pace->seconds / spread;
	ret_pace->high = ret_pace->seconds * spread;
	ret_pace->is_known = true;
}
