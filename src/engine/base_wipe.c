/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Emptying a base.  Its jobs are cancelled first: they would bring back what is
 * deleted.  Then its documents go, the newest first, for members come after
 * what they are in: so no piece is as large as an archive.
 */
#include <string.h>

#include "base/err.h"
#include "engine/bases.h"
#include "engine/engine_int.h"
#include "engine/writer.h"

#define JOBS_PAGE 64u
#define ROUNDS_MAX 1024u /* of JOBS_PAGE: as many jobs as can be live */
#define WIPE_PAGE 32u	 /* documents deleted in one operation */

/* ---- jobs ---------------------------------------------------------------- */

struct live_jobs {
	struct uuid uuids[JOBS_PAGE];
	size_t count;
};

static int
live_take(void *arg, const struct job *job)
{
	struct live_jobs *live = arg;

	if (live->count < JOBS_PAGE)
		live->uuids[live->count++] = job->uuid;
	return 0;
}

int
engine_base_end_jobs(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *uuid, const char *by,
    struct err_note *note)
{
	struct job_filter filter = {.account_id = account_id,
	    .limit = JOBS_PAGE};
	struct live_jobs live = {.count = JOBS_PAGE};
	struct base_ref base;
	struct job job;
	unsigned round;
	size_t i;
	int state, err;

	err = base_ref_find(reader, account_id, uuid, &base);
	if (err < 0)
		return err_set(note, err, "there is no such base");
	filter.base_id = base.id;
	for (state = 0; state < JOB_STATE_COUNT; state++)
		if (!job_state_is_final((enum job_state)state))
			filter.states |= 1u << state;
	for (round = 0; err == 0 && live.count > 0; round++) {
		if (round == ROUNDS_MAX)
			return err_set(note, ERR_BUSY,
			    "others start jobs of the base all the time");
		live.count = 0;
		err = store_jobs_each(reader, &filter, live_take, &live);
		for (i = 0; err == 0 && i < live.count; i++)
			err = engine_job_order(engine, account_id,
			    &live.uuids[i], JOB_ORDER_CANCEL, by, &job, note);
	}
	return err;
}

/* ---- documents ----------------------------------------------------------- */

struct wipe {
	int64_t account_id;
	const struct uuid *uuid;
	int64_t before_id; /* documents below that are left */
	/* Of the last piece. */
	int64_t lowest_id;
	uint64_t count;
	bool has_more;
};

static int
wipe_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct wipe *wipe = arg;
	int64_t ids[WIPE_PAGE];
	struct base_ref base;
	size_t i, n = 0;
	int err;

	wipe->count = 0;
	wipe->has_more = false;
	wipe->lowest_id = wipe->before_id;
	err = base_ref_find(tx_store(tx), wipe->account_id, wipe->uuid,
	    &base);
	if (err < 0)
		return err_set(note, err, "there is no such base");
	err = store_documents_last(tx_store(tx), base.id, wipe->before_id,
	    ids, WIPE_PAGE, &n);
	for (i = 0; err == 0 && i < n; i++) {
		err = document_drop(tx, ids[i], &wipe->count);
		wipe->lowest_id = ids[i];
	}
	wipe->has_more = n == WIPE_PAGE;
	return err;
}

int
engine_base_wipe(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *base, const char *by,
    const struct base_watch *watch, uint64_t *ret_count,
    struct err_note *note)
{
	struct wipe wipe = {.account_id = account_id, .uuid = base,
	    .before_id = INT64_MAX, .has_more = true};
	int64_t newest;
	struct base_ref ref;
	size_t n = 0;
	int err;

	*ret_count = 0;
	err = engine_base_end_jobs(engine, reader, account_id, base, by,
	    note);
	if (err == 0)
		err = base_ref_find(reader, account_id, base, &ref);
	if (err == 0)
		err = store_documents_last(reader, ref.id, INT64_MAX, &newest,
		    1, &n);
	if (err == 0 && n > 0)
		wipe.before_id = newest + 1;
	wipe.has_more = n > 0;
	while (err == 0 && wipe.has_more) {
		if (watch->goes_on != NULL && !watch->goes_on(watch->arg)) {
			err = ERR_CANCELLED;
			break;
		}
		err = writer_do(engine->writer, wipe_apply, &wipe, note);
		if (err == 0) {
			*ret_count += wipe.count;
			wipe.before_id = wipe.lowest_id;
		}
	}
	janitor_wake(engine->janitor);
	return err;
}
