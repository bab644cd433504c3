/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trying an import's items again.  Its sources go over to the new job, so that
 * they are there as long as that one wants them.  What needs keys cannot be
 * tried again: they went with the job's end.
 */
#include <string.h>

#include "base/err.h"
#include "engine/engine_int.h"
#include "engine/plan.h"
#include "engine/remote.h"
#include "engine/writer.h"
#include "model/source.h"
#include "store/store_source.h"

struct looking {
	struct write_tx *tx;
	struct err_note *note;
	bool all_items;
	int64_t job_id; /* whose the source is */
	bool is_forgotten;
};

static int
look_source(void *arg, const struct source *source)
{
	struct looking *looking = arg;

	looking->job_id = source->job_id;
	looking->is_forgotten = source->is_forgotten;
	return 0;
}

static int
look_share(void *arg, const struct share *share)
{
	struct looking *looking = arg;
	const struct job *job;
	int err;

	if ((looking->all_items ? share->counts.total
				: share->counts.failed) == 0)
		return 0;
	err = store_source_get(tx_store(looking->tx), share->source_id,
	    look_source, looking);
	if (err == ERR_NOT_FOUND)
		return err_set(looking->note, ERR_INVALID,
		    "the sources of the job were forgotten; index them "
		    "again");
	if (err < 0)
		return err;
	if (looking->is_forgotten)
		return err_set(looking->note, ERR_INVALID, "%s",
		    REMOTE_FORGOTTEN_TEXT);
	job = tx_job(looking->tx, looking->job_id);
	if (job != NULL && !job_state_is_final(job->state))
		return err_set(looking->note, ERR_CONFLICT,
		    "another job tries them again already");
	return 0;
}

int
retry_import(struct write_tx *tx, const struct job *old, bool all_items,
    struct err_note *note)
{
	struct looking looking = {.tx = tx, .note = note,
	    .all_items = all_items};

	return store_shares_each(tx_store(tx), old->id, look_share, &looking);
}

int
retry_import_adopt(struct write_tx *tx, int64_t source_id, int64_t job_id)
{
	return store_source_adopt(tx_store(tx), source_id, job_id);
}
