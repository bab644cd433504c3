/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is sent because somebody asks for it: a made-up event, one again, or all
 * that did not arrive.  Each is a delivery that is due now, with all its tries
 * before it; couriers do the rest.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "engine/engine_int.h"
#include "engine/webhook_int.h"
#include "engine/writer.h"
#include "sys/rng.h"

#define RECOVER_ROWS 200u /* looked at in one operation */

struct replay {
	struct engine *engine;
	int64_t account_id;
	const struct uuid *uuid; /* of the webhook */
	const struct uuid *event;
	struct event test; /* to be made */
	int64_t since_us;
	struct event_place from, next; /* next is set */
	uint64_t count;		       /* set: in this operation */
	bool has_more;		       /* set */
};

/* ERR_CONFLICT when it is switched off; the caller frees *copy. */
static int
replay_webhook(struct write_tx *tx, const struct replay *replay,
    struct webhook_copy *copy, struct err_note *note)
{
	int err;

	err = store_webhook_find(tx_store(tx), replay->account_id,
	    replay->uuid, webhook_copy_take, copy);
	if (err == ERR_NOT_FOUND)
		return err_set(note, err, "there is no such webhook");
	if (err < 0)
		return err;
	if (copy->row.stop == WEBHOOK_RUNS)
		return 0;
	webhook_copy_fini(copy);
	return err_set(note, ERR_CONFLICT, "the webhook is switched off");
}

/* The event is due at the webhook now. */
static int
delivery_ask(struct write_tx *tx, int64_t webhook_id, int64_t event_id)
{
	struct delivery delivery;
	int64_t now_us = tx_now_us(tx);
	int err;

	err = store_delivery_find(tx_store(tx), webhook_id, event_id,
	    &delivery);
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	if (err == ERR_NOT_FOUND)
		delivery = (struct delivery){.webhook_id = webhook_id,
		    .event_id = event_id, .created_us = now_us};
	/* A courier that sends it now knows by the time that it was asked
	 * for again. */
	delivery.due_us = now_us == delivery.due_us ? now_us + 1 : now_us;
	delivery.state = DELIVERY_DUE;
	delivery.tries = 0;
	delivery.is_manual = true;
	delivery.finished_us = 0;
	return err == 0
	    ? store_delivery_save(tx_store(tx), &delivery)
	    : store_delivery_add(tx_store(tx), &delivery, &delivery.id);
}

/* ---- a test ------------------------------------------------------------- */

/* A job of one document that never was, ended as type says. */
static void
test_make(struct event *event, enum event_type type, const struct uuid *name)
{
	static const enum job_state states[EVENT_TYPE_COUNT] = {
	    [EVENT_JOB_COMPLETED] = JOB_COMPLETED,
	    [EVENT_JOB_COMPLETED_WITH_ERRORS] = JOB_COMPLETED_WITH_FAILURES,
	    [EVENT_JOB_FAILED] = JOB_FAILED,
	    [EVENT_JOB_CANCELLED] = JOB_CANCELLED};
	struct job *job = &event->job;
	bool has_failed = type == EVENT_JOB_FAILED ||
	    type == EVENT_JOB_COMPLETED_WITH_ERRORS;

	*event = (struct event){.type = type, .is_test = true};
	job->uuid = *name;
	job->base_uuid = rng_uuid();
	(void)snprintf(job->base_name, sizeof(job->base_name), "example");
	job->kind = JOB_KIND_UPLOAD;
	job->dialect = DIALECT_NATIVE;
	job->state = states[type];
	job->scan = SCAN_DONE;
	job->counts.completed = type == EVENT_JOB_COMPLETED ||
	    type == EVENT_JOB_COMPLETED_WITH_ERRORS;
	job->counts.failed = has_failed;
	job->counts.cancelled = type == EVENT_JOB_CANCELLED;
	job->counts.total = job->counts.completed + job->counts.failed +
	    job->counts.cancelled;
	if (type == EVENT_JOB_CANCELLED)
		(void)snprintf(job->cancelled_by, sizeof(job->cancelled_by),
		    "example");
}

static int
test_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct replay *replay = arg;
	struct event *event = &replay->test;
	struct webhook_copy copy;
	int err;

	err = replay_webhook(tx, replay, &copy, note);
	if (err < 0)
		return err;
	event->account_id = replay->account_id;
	event->created_us = tx_now_us(tx);
	event->job.created_us = event->job.started_us =
	    event->job.finished_us = event->created_us;
	err = store_event_add(tx_store(tx), event, &event->id);
	if (err == 0)
		err = delivery_ask(tx, copy.row.id, event->id);
	webhook_copy_fini(&copy);
	return err;
}

int
engine_webhook_test(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, enum event_type type, struct uuid *ret_event,
    struct err_note *note)
{
	struct replay replay = {.engine = engine, .account_id = account_id,
	    .uuid = uuid};
	struct uuid name = rng_uuid();
	int err;

	test_make(&replay.test, type, &name);
	err = writer_do(engine->writer, test_apply, &replay, note);
	if (err < 0)
		return err;
	couriers_wake(engine->couriers);
	*ret_event = name;
	return 0;
}

/* ---- one again ---------------------------------------------------------- */

static int
event_take(void *arg, const struct event *event)
{
	*(struct event *)arg = *event;
	return 0;
}

static int
resend_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct replay *replay = arg;
	struct webhook_copy copy;
	struct delivery delivery;
	struct event event;
	int err;

	err = replay_webhook(tx, replay, &copy, note);
	if (err < 0)
		return err;
	err = store_event_find(tx_store(tx), replay->account_id,
	    replay->event, event_take, &event);
	/* A made-up event is for the one that it was made for. */
	if (err == 0 && event.is_test)
		err = store_delivery_find(tx_store(tx), copy.row.id,
		    event.id, &delivery);
	if (err == ERR_NOT_FOUND)
		err = err_set(note, err, "there is no such event");
	if (err == 0)
		err = delivery_ask(tx, copy.row.id, event.id);
	webhook_copy_fini(&copy);
	return err;
}

int
engine_webhook_resend(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, const struct uuid *event, struct err_note *note)
{
	struct replay replay = {.engine = engine, .account_id = account_id,
	    .uuid = uuid, .event = event};
	int err;

	err = writer_do(engine->writer, resend_apply, &replay, note);
	if (err == 0)
		couriers_wake(engine->couriers);
	return err;
}

/* ---- all that did not arrive -------------------------------------------- */

struct missed {
	const struct webhook *webhook;
	struct missed_event {
		int64_t id;
		bool is_wanted;
	} list[RECOVER_ROWS];
	size_t count;
};

static int
missed_take(void *arg, const struct event *event)
{
	struct missed *missed = arg;
	struct missed_event *row = &missed->list[missed->count++];

	row->id = event->id;
	row->is_wanted = webhook_wants(missed->webhook, event);
	return 0;
}

static int
missed_ask(struct write_tx *tx, const struct missed *missed,
    uint64_t *ret_count)
{
	int64_t webhook_id = missed->webhook->id;
	struct delivery delivery;
	uint64_t count = 0;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < missed->count; i++) {
		err = store_delivery_find(tx_store(tx), webhook_id,
		    missed->list[i].id, &delivery);
		if (err == ERR_NOT_FOUND && !missed->list[i].is_wanted) {
			err = 0;
			continue;
		}
		if (err == 0 || err == ERR_NOT_FOUND)
			err = delivery_ask(tx, webhook_id,
			    missed->list[i].id);
		count++;
	}
	*ret_count = count;
	return err;
}

static int
recover_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct replay *replay = arg;
	struct webhook_copy copy;
	struct missed missed = {.count = 0};
	int64_t since_us = replay->since_us;
	int err;

	err = replay_webhook(tx, replay, &copy, note);
	if (err < 0)
		return err;
	missed.webhook = &copy.row;
	/* What ended before it was made it has not missed. */
	if (since_us < copy.row.created_us)
		since_us = copy.row.created_us;
	replay->next = replay->from;
	err = store_events_missed(tx_store(tx), replay->account_id,
	    copy.row.id, since_us, RECOVER_ROWS, missed_take, &missed,
	    &replay->next, &replay->has_more);
	if (err == 0)
		err = missed_ask(tx, &missed, &replay->count);
	webhook_copy_fini(&copy);
	return err;
}

int
engine_webhook_recover(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, int64_t since_us, uint64_t *ret_count,
    struct err_note *note)
{
	struct replay replay = {.engine = engine, .account_id = account_id,
	    .uuid = uuid, .since_us = since_us};
	uint64_t count = 0;
	int err;

	do {
		err = writer_do(engine->writer, recover_apply, &replay, note);
		count += replay.count;
		replay.from = replay.next;
	} while (err == 0 && replay.has_more);
	if (err < 0)
		return err;
	couriers_wake(engine->couriers);
	*ret_count = count;
	return 0;
}
