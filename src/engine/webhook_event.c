/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events come to be where jobs end: the writer calls event_note() for each job
 * that is final in its group and was not before, whatever ended it, and a base
 * that is deleted calls it for the jobs that go with it.  An event has its
 * job's uuid, which is unique in the table, so a job that ends has one,
 * however often somebody says so.
 *
 * All of it is the writer thread's.
 */
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "engine/engine_int.h"
#include "engine/webhook_int.h"
#include "engine/writer.h"

/* Every state that is not final. */
#define LIVE                                                                  \
	((1u << JOB_PENDING) | (1u << JOB_SCANNING) | (1u << JOB_RUNNING) |   \
	    (1u << JOB_PAUSED) | (1u << JOB_FINALIZING))

bool
webhook_wants(const struct webhook *webhook, const struct event *event)
{
	char text[UUID_TEXT_SIZE];

	if (webhook->is_silent ||
	    (webhook->types != 0 && (webhook->types & 1u << event->type) == 0))
		return false;
	if (strcmp(webhook->bases, "[]") == 0)
		return true;
	/* The array is our own, of ids as they are written here. */
	uuid_format(&event->job.base_uuid, text);
	return strstr(webhook->bases, text) != NULL;
}

/* Those of an account that are to be told. */
struct telling {
	const struct event *event;
	int64_t webhooks[WEBHOOKS_MAX];
	size_t count;
};

static int
telling_take(void *arg, const struct webhook *webhook)
{
	struct telling *telling = arg;

	if (telling->count < WEBHOOKS_MAX &&
	    webhook->stop == WEBHOOK_RUNS &&
	    webhook_wants(webhook, telling->event))
		telling->webhooks[telling->count++] = webhook->id;
	return 0;
}

static void
told(void *arg, int64_t id)
{
	struct engine *engine = arg;

	(void)id;
	couriers_wake(engine->couriers);
}

int
event_note(struct engine *engine, struct write_tx *tx, const struct job *job)
{
	struct event event = {.account_id = job->account_id,
	    .type = event_type_of(job), .created_us = tx_now_us(tx),
	    .job = *job};
	struct telling telling = {.event = &event};
	struct delivery delivery = {.state = DELIVERY_DUE,
	    .due_us = event.created_us, .created_us = event.created_us};
	size_t i;
	int err;

	/* Nothing was indexed, and nobody waits for its end: it came with the
	 * answer. */
	if (job->kind == JOB_KIND_KEEP)
		return 0;
	err = store_event_add(tx_store(tx), &event, &event.id);
	if (err < 0 || event.id == 0)
		return err;
	err = store_webhooks_each(tx_store(tx), event.account_id,
	    telling_take, &telling);
	/* A row that makes no sense does not keep jobs from ending. */
	if (err == ERR_CORRUPT) {
		log_error("a webhook's row is damaged: it is not told");
		err = 0;
	}
	delivery.event_id = event.id;
	for (i = 0; err == 0 && i < telling.count; i++) {
		delivery.webhook_id = telling.webhooks[i];
		err = store_delivery_add(tx_store(tx), &delivery,
		    &delivery.id);
	}
	if (err == 0 && telling.count > 0)
		tx_on_commit(tx, told, engine, 0);
	return err;
}

struct ending {
	struct engine *engine;
	struct write_tx *tx;
};

static int
ending_take(void *arg, const struct job *stored)
{
	struct ending *ending = arg;
	const struct job *own = tx_job(ending->tx, stored->id);
	struct job job = own == NULL ? *stored : *own;
	uint64_t open = job.counts.queued + job.counts.processing;

	job.counts.cancelled += open;
	job.counts.queued = job.counts.processing = 0;
	job.state = JOB_CANCELLED;
	job.cancelled_us = job.finished_us = tx_now_us(ending->tx);
	return event_note(ending->engine, ending->tx, &job);
}

int
event_note_base(struct engine *engine, struct write_tx *tx,
    int64_t account_id, int64_t base_id)
{
	struct ending ending = {engine, tx};
	struct job_filter filter = {.account_id = account_id,
	    .base_id = base_id, .states = LIVE, .limit = JOBS_LIVE_MAX};

	return store_jobs_each(tx_store(tx), &filter, ending_take, &ending);
}
