/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders that jobs are given: cancel, pause and resume.
 *
 * Cancelling is exact (promise 7) because it is one transaction: every item
 * that is not final becomes CANCELLED in it.  A worker that holds one of them
 * finds its next save refused, so nothing of the item can become visible
 * afterwards.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/board.h"
#include "engine/dispatch.h"
#include "engine/engine_int.h"
#include "engine/writer.h"

struct order {
	struct engine *engine;
	int64_t account_id;
	struct uuid uuid;
	enum job_order order;
	char by[64];
};

#define CANCEL_PAGE 256

struct cancel_page {
	struct item items[CANCEL_PAGE];
	size_t count;
};

static int
cancel_row(void *arg, const struct item_row *row)
{
	struct cancel_page *page = arg;

	page->items[page->count++] = row->item;
	return 0;
}

static int
cancel_item(struct write_tx *tx, const struct item *from, const char *words)
{
	struct item to = *from;

	to.code = ITEM_CODE_CANCELLED;
	to.error_stage = to.stage;
	(void)snprintf(to.message, sizeof(to.message), "%s", words);
	item_move(&to, ITEM_CANCELLED, tx_now_us(tx));
	return tx_item_save(tx, from, &to);
}

/* A page at a time: rows leave the index of open items while it goes. */
static int
cancel_items(struct write_tx *tx, int64_t job_id, enum job_kind kind)
{
	struct cancel_page *page;
	uint32_t after = 0;
	size_t i;
	int err;

	page = mem_alloc(sizeof(*page));
	if (page == NULL)
		return ERR_NOMEM;
	do {
		page->count = 0;
		err = store_items_open(tx_store(tx), job_id, after,
		    CANCEL_PAGE, cancel_row, page);
		for (i = 0; err == 0 && i < page->count; i++) {
			after = page->items[i].seq;
			err = cancel_item(tx, &page->items[i],
			    item_code_text(ITEM_CODE_CANCELLED));
			/* What is being built is another job's. */
			if (err == 0 && page->items[i].document_id != 0 &&
			    kind != JOB_KIND_EMBED)
				err = store_revision_abandon(tx_store(tx),
				    page->items[i].document_id);
		}
	} while (err == 0 && page->count == CANCEL_PAGE);
	mem_free(page);
	return err;
}

int
document_items_cancel(struct write_tx *tx, int64_t document_id,
    int64_t job_id, const char *words)
{
	struct cancel_page *page;
	size_t i, others;
	int err;

	page = mem_alloc(sizeof(*page));
	if (page == NULL)
		return ERR_NOMEM;
	do {
		page->count = others = 0;
		err = store_items_of_document(tx_store(tx), document_id,
		    CANCEL_PAGE, cancel_row, page);
		for (i = 0; err == 0 && i < page->count; i++) {
			if (job_id == 0 || page->items[i].job_id == job_id)
				err = cancel_item(tx, &page->items[i], words);
			else
				others++;
		}
		/* Those of others would come again. */
	} while (err == 0 && page->count == CANCEL_PAGE && others == 0);
	mem_free(page);
	return err;
}

static void
count_cancelled(void *arg, int64_t id)
{
	struct engine *engine = arg;

	(void)id;
	/* What was built for them is dead now. */
	janitor_wake(engine->janitor);
}

static int
order_cancel(struct write_tx *tx, const struct order *order, struct job *job)
{
	uint64_t before = job->counts.cancelled;
	int err;

	if (job->cancelled_us != 0)
		return 0;
	err = cancel_items(tx, job->id, job->kind);
	if (err < 0)
		return err;
	job->cancelled_us = tx_now_us(tx);
	(void)snprintf(job->cancelled_by, sizeof(job->cancelled_by), "%s",
	    order->by);
	tx_on_commit(tx, count_cancelled, order->engine,
	    (int64_t)(job->counts.cancelled - before));
	return 0;
}

static int
order_run(struct write_tx *tx, const struct order *order, struct job *job)
{
	switch (order->order) {
	case JOB_ORDER_CANCEL:
		return order_cancel(tx, order, job);
	case JOB_ORDER_PAUSE:
		job->is_paused = true;
		return 0;
	case JOB_ORDER_RESUME:
		job->is_paused = false;
		return 0;
	}
	return ERR_INTERNAL;
}

static int
order_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct order *order = arg;
	struct job found, *job;
	int err;

	err = store_job_find(tx_store(tx), order->account_id, &order->uuid,
	    &found);
	if (err < 0)
		return err_set(note, err, "there is no such job");
	/* To ask for a job is to save it: one that has ended stays untouched,
	 * revision and all. */
	if (job_state_is_final(found.state))
		return 0;
	job = tx_job(tx, found.id);
	/* Old jobs are not on the board, and all of them are final. */
	if (job == NULL || job_state_is_final(job->state))
		return 0;
	return order_run(tx, order, job);
}

/* A pause holds the job's lane from the moment it is asked for, not only once
 * it is stored: so after the answer each worker ends at most the step it is
 * in.  Returns the job's row, 0 when nothing was held. */
static int64_t
order_hold(struct engine *engine, const struct order *asked)
{
	struct job job;

	if (asked->order != JOB_ORDER_PAUSE ||
	    !board_get(engine->board, &asked->uuid, &job) ||
	    job.account_id != asked->account_id)
		return 0;
	dispatch_hold(engine->dispatch, job.id, true);
	return job.id;
}

int
engine_job_order(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, enum job_order order, const char *by,
    struct job *ret_job, struct err_note *note)
{
	struct order asked = {.engine = engine, .account_id = account_id,
	    .uuid = *uuid, .order = order};
	struct store *reader = NULL;
	int64_t held;
	int err;

	(void)snprintf(asked.by, sizeof(asked.by), "%s",
	    by[0] == '\0' ? "user" : by);
	held = order_hold(engine, &asked);
	err = writer_do(engine->writer, order_apply, &asked, note);
	if (held != 0)
		dispatch_hold(engine->dispatch, held, false);
	if (err < 0)
		return err;
	err = engine_job_get(engine, NULL, account_id, uuid, ret_job);
	if (err != ERR_NOT_FOUND)
		return err;
	err = engine_reader(engine, &reader, note);
	if (err == 0)
		err = engine_job_get(engine, reader, account_id, uuid,
		    ret_job);
	store_close(reader);
	return err;
}
