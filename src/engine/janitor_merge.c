/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "engine/engine_int.h"
#include "engine/janitor_merge.h"
#include "engine/writer.h"

#define TRIES 3

struct merging {
	struct engine *engine;
	const atomic_bool *stop;
	struct merge_plan plan;
	struct merge_made made;
	int64_t part_id; /* 0: not begun */
	/* The piece under way. */
	uint32_t first;
	const void *bytes;
	size_t len;
	bool is_more;
};

static int
put_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct merging *merging = arg;

	(void)note;
	return store_merge_put(tx_store(tx), merging->part_id, merging->first,
	    merging->bytes, merging->len);
}

static int
begin_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct merging *merging = arg;

	(void)note;
	return store_merge_begin(tx_store(tx), &merging->plan,
	    &merging->part_id);
}

static int
end_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct merging *merging = arg;

	(void)note;
	return store_merge_end(tx_store(tx), &merging->plan, merging->part_id,
	    &merging->made);
}

static int
drop_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct merging *merging = arg;

	(void)note;
	return store_merge_drop(tx_store(tx), merging->part_id);
}

static int
sweep_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct merging *merging = arg;

	(void)note;
	return store_merge_sweep(tx_store(tx), &merging->is_more);
}

static int
merging_do(struct merging *merging,
    int (*apply)(struct write_tx *, void *, struct err_note *))
{
	return writer_do_quietly(merging->engine->writer, apply, merging,
	    NULL);
}

static int
piece_put(void *arg, uint32_t first, const void *bytes, size_t len)
{
	struct merging *merging = arg;
	int err = 0;

	if (atomic_load(merging->stop))
		return ERR_CLOSED;
	if (merging->part_id == 0)
		err = merging_do(merging, begin_apply);
	merging->first = first;
	merging->bytes = bytes;
	merging->len = len;
	return err < 0 ? err : merging_do(merging, put_apply);
}

static void
sweep(struct merging *merging, struct store *reader)
{
	int err;

	merging->is_more = false;
	err = store_merge_has_waste(reader, &merging->is_more);
	while (err == 0 && merging->is_more && !atomic_load(merging->stop))
		err = merging_do(merging, sweep_apply);
	if (err < 0)
		log_warn("pages of full text could not be deleted: %s",
		    err_text(err));
}

static int
merge_try(struct merging *merging, struct store *reader, int64_t base_id,
    enum merge_want want)
{
	int err;

	merging->part_id = 0;
	err = store_merge_plan(reader, base_id, want, &merging->plan);
	if (err < 0 || merging->plan.count == 0)
		return err;
	err = store_merge_make(reader, &merging->plan, piece_put, merging,
	    &merging->made);
	if (err == 0)
		err = merging_do(merging, end_apply);
	if (err < 0 && merging->part_id != 0)
		(void)merging_do(merging, drop_apply);
	return err;
}

bool
janitor_merge_one(struct engine *engine, struct store *reader,
    int64_t base_id, enum merge_want want, const atomic_bool *stop)
{
	struct merging merging = {.engine = engine, .stop = stop};
	int err, tries = 0;

	/* The writer may merge one of the parts itself meanwhile, or the base
	 * may go. */
	do
		err = merge_try(&merging, reader, base_id, want);
	while (err == ERR_NOT_FOUND && ++tries < TRIES);
	if (err < 0 && err != ERR_CLOSED)
		log_warn("full text could not be merged: %s", err_text(err));
	sweep(&merging, reader);
	return err == 0 && merging.plan.count > 0;
}
