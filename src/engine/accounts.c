/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An organization has an account for each environment that was ever asked for.
 * All that belongs to somebody names an account, so what is in one environment
 * is not there for another, without anybody having to look out for it.
 */
#include <stdio.h>

#include "base/err.h"
#include "engine/accounts.h"
#include "engine/board.h"
#include "engine/engine_int.h"
#include "engine/writer.h"
#include "sys/rng.h"

struct account_plan {
	int64_t account_id;
	enum environment environment;
	int64_t found_id;
};

/* Within an operation: found, or made. */
static int
account_in(struct write_tx *tx, const struct account_plan *plan,
    int64_t *ret_id)
{
	struct store *store = tx_store(tx);
	struct account own, account;
	int err;

	err = store_account_get(store, plan->account_id, &own);
	if (err < 0)
		return err;
	err = store_account_of(store, &own.organization, plan->environment,
	    &account);
	if (err == 0)
		*ret_id = account.id;
	if (err != ERR_NOT_FOUND)
		return err;
	account = own;
	account.uuid = rng_uuid();
	account.environment = plan->environment;
	account.created_us = tx_now_us(tx);
	return store_account_add(store, &account, ret_id);
}

static int
account_in_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct account_plan *plan = arg;

	(void)note;
	return account_in(tx, plan, &plan->found_id);
}

int
engine_account_in(struct engine *engine, int64_t account_id,
    enum environment environment, int64_t *ret_account_id,
    struct err_note *note)
{
	struct account_plan plan = {.account_id = account_id,
	    .environment = environment};
	int err;

	err = writer_do(engine->writer, account_in_apply, &plan, note);
	if (err == 0)
		*ret_account_id = plan.found_id;
	return err;
}

/* ---- moving a base ------------------------------------------------------- */

struct move_plan {
	struct engine *engine;
	int64_t account_id, target_id;
	struct uuid base;
	enum environment to;
	int64_t base_id;
	struct base_move move;
};

static int
move_base_take(void *arg, const struct base *base)
{
	struct move_plan *plan = arg;

	plan->base_id = base->id;
	plan->move.documents = base->documents;
	return 0;
}

static int
live_seen(void *arg, const struct job *job)
{
	(void)job;
	*(bool *)arg = true;
	return 0;
}

/* A job that is under way has its account in many places. */
static int
move_jobs_check(struct store *store, const struct move_plan *plan,
    struct err_note *note)
{
	struct job_filter filter = {.account_id = plan->account_id,
	    .base_id = plan->base_id, .limit = 1};
	bool has_live = false;
	int state, err;

	for (state = 0; state < JOB_STATE_COUNT; state++)
		if (!job_state_is_final((enum job_state)state))
			filter.states |= 1u << state;
	err = store_jobs_each(store, &filter, live_seen, &has_live);
	return err == 0 && has_live
	    ? err_set(note, ERR_CONFLICT, "jobs of the base have not ended")
	    : err;
}

static void
base_moved(void *arg, int64_t base_id)
{
	const struct move_plan *plan = arg;

	board_move_base(plan->engine->board, base_id, plan->target_id);
}

static int
move_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct store *store = tx_store(tx);
	struct move_plan *plan = arg;
	struct account_plan target = {.account_id = plan->account_id,
	    .environment = plan->to};
	struct account own;
	int err;

	err = store_base_find(store, plan->account_id, &plan->base, NULL,
	    move_base_take, plan);
	if (err < 0)
		return err_set(note, err, "there is no such base");
	err = store_account_get(store, plan->account_id, &own);
	if (err == 0 && own.environment == plan->to)
		return err_set(note, ERR_INVALID,
		    "the base is in that environment already");
	if (err == 0)
		err = move_jobs_check(store, plan, note);
	if (err == 0)
		err = account_in(tx, &target, &plan->target_id);
	if (err < 0)
		return err;
	plan->move.from = own.environment;
	err = store_base_move(store, plan->base_id, plan->target_id);
	if (err == ERR_EXISTS)
		return err_set(note, err,
		    "that environment has a base of its name");
	if (err == 0)
		tx_on_commit(tx, base_moved, plan, plan->base_id);
	return err;
}

int
engine_base_move(struct engine *engine, int64_t account_id,
    const struct uuid *base, enum environment to, struct base_move *ret_move,
    struct err_note *note)
{
	struct move_plan plan = {.engine = engine, .account_id = account_id,
	    .base = *base, .to = to};
	int err;

	err = writer_do(engine->writer, move_apply, &plan, note);
	if (err == 0)
		*ret_move = plan.move;
	return err;
}
