/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Couriers: a few threads that bring what is due to where it is wanted.
 *
 * The truth is in the store: a delivery is due at its due_us until it is done
 * or given up.  A courier claims a webhook, sends its first delivery that is
 * due, and writes what came of it down in one operation; then it lets the
 * webhook go.  A webhook is served by one courier at a time, and they take
 * webhooks in turn (by id, behind the one that was taken last), so that one
 * that is slow keeps one courier busy and no other webhook waiting for ever.
 * What was claimed is in memory only: a server that dies while it sends, sends
 * again.
 *
 * A delivery may be asked for again while it is being sent.  It then has
 * another due_us than the one that the courier read: the attempt is noted, and
 * the delivery stays due.
 *
 * A webhook that is switched off is not served; its deliveries wait, and go
 * with their events.
 *
 * lock guards what struct couriers says; a courier's other members are its own
 * thread's.  Nobody holds lock while the store or the network is asked.
 */
#include <pthread.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/remote.h"
#include "engine/webhook_int.h"
#include "engine/writer.h"
#include "net/net.h"
#include "sys/clock.h"
#include "sys/rng.h"
#include "sys/thread.h"

#define COURIERS 4u
#define SECOND_US 1000000LL
#define LOOK_US (60 * SECOND_US) /* the wall clock may be set */
#define RETRY_US (10 * SECOND_US)
#define PRUNE_US (3600 * SECOND_US)
#define PRUNE_ROWS 200u /* at once */
#define KEPT_US (EVENT_KEPT_DAYS * 86400 * SECOND_US)

struct courier {
	struct couriers *all;
	pthread_t thread;
	bool is_started;
	struct store *reader;
	struct net_client *client;
	int64_t serving; /* by lock: the webhook's row, 0 none */
};

struct couriers {
	struct engine *engine;
	struct courier list[COURIERS];
	atomic_bool stop;
	pthread_mutex_t lock;
	pthread_cond_t woken;
	uint64_t wakes;	      /* by lock: how often there was news */
	int64_t last_id;      /* by lock: the webhook taken last */
	int64_t prune_us;     /* by lock: when to prune, monotonic */
	bool is_in_trouble;   /* by lock: and said so */
};

/* ---- what came of it ---------------------------------------------------- */

struct record {
	struct engine *engine;
	const struct webhook *webhook;
	const struct delivery *seen;
	const struct webhook_outcome *outcome;
	uint32_t random;
	bool is_changed;	/* set: the webhook, since it was read */
	enum webhook_stop stop; /* set: it was switched off */
};

/* Where it was sent is not wanted any more. */
static bool
is_gone(const struct record *record)
{
	return record->outcome->status == 410 && !record->is_changed;
}

/* The state that follows from the outcome; tries counts it already. */
static void
delivery_settle(struct delivery *delivery, const struct record *record,
    int64_t now_us)
{
	const struct webhook_outcome *outcome = record->outcome;
	int64_t rest_us = webhook_rest_us(delivery->tries, record->random);
	int64_t asked_us = outcome->retry_after_s * SECOND_US;

	if (webhook_is_taken(outcome) || is_gone(record) || rest_us < 0) {
		delivery->state = webhook_is_taken(outcome)
		    ? DELIVERY_DONE
		    : DELIVERY_GIVEN_UP;
		delivery->finished_us = now_us;
		return;
	}
	delivery->due_us = now_us + (asked_us > rest_us ? asked_us : rest_us);
}

/* What it means for the webhook itself. */
static int
webhook_settle(struct store *store, const struct delivery *delivery,
    struct record *record, int64_t now_us)
{
	const struct webhook *webhook = record->webhook;

	record->stop = WEBHOOK_RUNS;
	if (delivery->state == DELIVERY_DONE)
		return store_webhook_succeeded(store, webhook->id, now_us);
	/* It may have another address by now, or was switched on again. */
	if (record->is_changed)
		return 0;
	if (is_gone(record))
		record->stop = WEBHOOK_GONE;
	else if (delivery->state == DELIVERY_GIVEN_UP &&
	    webhook->succeeded_us < delivery->created_us)
		record->stop = WEBHOOK_FAILING;
	return record->stop == WEBHOOK_RUNS
	    ? 0
	    : store_webhook_stop(store, webhook->id, record->stop, now_us);
}

static int
changed_take(void *arg, const struct webhook *now)
{
	struct record *record = arg;

	record->is_changed = now->updated_us != record->webhook->updated_us;
	return 0;
}

static int
record_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct record *record = arg;
	const struct webhook_outcome *outcome = record->outcome;
	struct store *store = tx_store(tx);
	struct delivery_attempt attempt = {.delivery_id = record->seen->id,
	    .is_manual = record->seen->is_manual,
	    .began_us = outcome->began_us, .took_us = outcome->took_us,
	    .status = outcome->status, .message = outcome->message};
	struct delivery delivery;
	int err;

	(void)note;
	err = store_delivery_get(store, record->seen->id, &delivery);
	record->is_changed = false;
	if (err == 0)
		err = store_webhook_get(store, record->webhook->id,
		    changed_take, record);
	if (err < 0)
		return err; /* deleted meanwhile */
	attempt.seq = ++delivery.attempts;
	/* Else it was asked for again. */
	if (delivery.state == DELIVERY_DUE &&
	    delivery.due_us == record->seen->due_us) {
		delivery.tries++;
		delivery.is_manual = false;
		delivery_settle(&delivery, record, tx_now_us(tx));
	}
	err = store_delivery_save(store, &delivery);
	if (err == 0)
		err = store_attempt_add(store, &attempt);
	if (err == 0)
		err = webhook_settle(store, &delivery, record,
		    tx_now_us(tx));
	return err;
}

static void
record_tell(const struct record *record)
{
	if (record->stop == WEBHOOK_RUNS)
		return;
	log_with(LOG_WARN, "a webhook is switched off",
	    LOG_UUID("webhook", &record->webhook->uuid),
	    LOG_TEXT("why", record->stop == WEBHOOK_GONE
		? "it is gone (410)" : "nothing has arrived for days"));
}

/* ---- one delivery ------------------------------------------------------- */

struct parcel {
	struct webhook_copy webhook;
	struct delivery delivery;
	struct event event;
};

static int
parcel_take(void *arg, const struct delivery *delivery,
    const struct event *event)
{
	struct parcel *parcel = arg;

	parcel->delivery = *delivery;
	parcel->event = *event;
	return 0;
}

/* Send it, and write down what came of it. */
static int
parcel_bring(struct courier *courier, struct parcel *parcel)
{
	struct engine *engine = courier->all->engine;
	struct webhook_outcome outcome;
	struct record record = {.engine = engine,
	    .webhook = &parcel->webhook.row, .seen = &parcel->delivery,
	    .outcome = &outcome};
	int err;

	err = webhook_send(engine, courier->client, &parcel->webhook.row,
	    &parcel->event, &courier->all->stop, &outcome);
	if (err < 0)
		return err;
	atomic_fetch_add(webhook_is_taken(&outcome)
		? &engine->counters.deliveries
		: &engine->counters.delivery_failures, 1);
	rng_bytes(&record.random, sizeof(record.random));
	err = writer_do_surely(engine->writer, record_apply, &record, NULL);
	if (err == 0)
		record_tell(&record);
	return err;
}

/* The first delivery that is due of the webhook; ERR_NOT_FOUND: none is, or
 * it was deleted or switched off a moment ago. */
static int
courier_serve(struct courier *courier, int64_t webhook_id)
{
	struct parcel parcel = {.webhook = {.url = NULL}};
	int err;

	err = store_webhook_get(courier->reader, webhook_id,
	    webhook_copy_take, &parcel.webhook);
	if (err == 0 && parcel.webhook.row.stop != WEBHOOK_RUNS)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = store_delivery_next(courier->reader, webhook_id,
		    clock_wall_us(), parcel_take, &parcel);
	if (err == 0)
		err = parcel_bring(courier, &parcel);
	webhook_copy_fini(&parcel.webhook);
	return err;
}

/* ---- whose turn it is --------------------------------------------------- */

static bool
is_served(const struct couriers *all, int64_t webhook_id)
{
	size_t i;

	for (i = 0; i < COURIERS; i++)
		if (all->list[i].serving == webhook_id)
			return true;
	return false;
}

/* The first of ids that nobody serves; 0: none. */
static int64_t
claim(struct courier *courier, const int64_t *ids, size_t count)
{
	struct couriers *all = courier->all;
	int64_t id = 0;
	size_t i;

	(void)pthread_mutex_lock(&all->lock);
	for (i = 0; id == 0 && i < count; i++)
		if (!is_served(all, ids[i]))
			id = ids[i];
	if (id != 0)
		courier->serving = all->last_id = id;
	(void)pthread_mutex_unlock(&all->lock);
	return id;
}

/* The others serve one less than there are couriers, so that many are enough
 * to find one that is free. */
static int
courier_claim(struct courier *courier, int64_t *ret_id)
{
	struct couriers *all = courier->all;
	int64_t ids[COURIERS], after_id, now_us = clock_wall_us();
	size_t count;
	int err;

	(void)pthread_mutex_lock(&all->lock);
	after_id = all->last_id;
	(void)pthread_mutex_unlock(&all->lock);
	err = store_webhooks_due(courier->reader, now_us, after_id, ids,
	    COURIERS, &count);
	if (err < 0)
		return err;
	*ret_id = claim(courier, ids, count);
	if (*ret_id != 0 || after_id == 0)
		return 0;
	err = store_webhooks_due(courier->reader, now_us, 0, ids, COURIERS,
	    &count);
	if (err == 0)
		*ret_id = claim(courier, ids, count);
	return err;
}

static void
courier_release(struct courier *courier)
{
	struct couriers *all = courier->all;

	(void)pthread_mutex_lock(&all->lock);
	courier->serving = 0;
	/* More of the same may be due, and this one may turn to another. */
	all->wakes++;
	(void)pthread_cond_signal(&all->woken);
	(void)pthread_mutex_unlock(&all->lock);
}

/* ---- pruning ------------------------------------------------------------ */

struct prune {
	bool has_more;
};

static int
prune_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct prune *prune = arg;

	(void)note;
	return store_events_prune(tx_store(tx), tx_now_us(tx) - KEPT_US,
	    PRUNE_ROWS, &prune->has_more);
}

static int
courier_prune(struct courier *courier)
{
	struct couriers *all = courier->all;
	struct prune prune = {false};
	bool is_due;
	int err;

	(void)pthread_mutex_lock(&all->lock);
	is_due = clock_mono_us() >= all->prune_us;
	if (is_due)
		all->prune_us = clock_mono_us() + PRUNE_US;
	(void)pthread_mutex_unlock(&all->lock);
	if (!is_due)
		return 0;
	/* Mostly there is none, and the writer is left alone. */
	err = store_events_are_old(courier->reader,
	    clock_wall_us() - KEPT_US, &prune.has_more);
	while (err == 0 && prune.has_more && !atomic_load(&all->stop))
		err = writer_do_quietly(all->engine->writer, prune_apply,
		    &prune, NULL);
	return err;
}

/* ---- the threads -------------------------------------------------------- */

/* Returns how long nothing is due; 0: it has done something, or tried to. */
static int64_t
courier_look(struct courier *courier, int *ret_err)
{
	int64_t id = 0, next_us = 0, rest_us = LOOK_US, now_us;
	int err;

	err = courier_prune(courier);
	if (err == 0)
		err = courier_claim(courier, &id);
	if (err == 0 && id != 0) {
		err = courier_serve(courier, id);
		courier_release(courier);
		rest_us = 0;
		if (err == ERR_NOT_FOUND)
			err = 0;
	} else if (err == 0) {
		now_us = clock_wall_us();
		err = store_webhooks_next(courier->reader, now_us, &next_us);
		if (err == 0 && next_us != 0 && next_us - now_us < rest_us)
			rest_us = next_us - now_us;
	}
	*ret_err = err;
	return err < 0 ? RETRY_US : rest_us;
}

/* Say so once, not each time. */
static void
couriers_note_trouble(struct couriers *all, int err)
{
	bool is_news;

	if (err == ERR_CANCELLED)
		return;
	(void)pthread_mutex_lock(&all->lock);
	is_news = err < 0 && !all->is_in_trouble;
	all->is_in_trouble = err < 0;
	(void)pthread_mutex_unlock(&all->lock);
	if (is_news)
		log_warn("webhooks wait: %s", err_text(err));
}

static void *
courier_run(void *arg)
{
	struct courier *courier = arg;
	struct couriers *all = courier->all;
	int64_t rest_us;
	uint64_t seen;
	int err;

	(void)pthread_mutex_lock(&all->lock);
	while (!atomic_load(&all->stop)) {
		seen = all->wakes;
		(void)pthread_mutex_unlock(&all->lock);
		rest_us = courier_look(courier, &err);
		couriers_note_trouble(all, err);
		(void)pthread_mutex_lock(&all->lock);
		if (rest_us > 0 && (err < 0 || seen == all->wakes) &&
		    !atomic_load(&all->stop))
			thread_wait_us(&all->woken, &all->lock, rest_us);
	}
	(void)pthread_mutex_unlock(&all->lock);
	return NULL;
}

struct couriers *
couriers_new(struct engine *engine)
{
	struct couriers *all;
	size_t i;

	all = mem_zalloc(sizeof(*all));
	if (all == NULL)
		return NULL;
	all->engine = engine;
	for (i = 0; i < COURIERS; i++)
		all->list[i].all = all;
	(void)pthread_mutex_init(&all->lock, NULL);
	thread_cond_init(&all->woken);
	return all;
}

void
couriers_free(struct couriers *all)
{
	size_t i;

	if (all == NULL)
		return;
	for (i = 0; i < COURIERS; i++) {
		store_close(all->list[i].reader);
		net_client_free(all->list[i].client);
	}
	(void)pthread_cond_destroy(&all->woken);
	(void)pthread_mutex_destroy(&all->lock);
	mem_free(all);
}

int
couriers_start(struct couriers *all)
{
	struct net_policy policy = remote_policy(all->engine);
	struct courier *courier;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < COURIERS; i++) {
		courier = &all->list[i];
		err = engine_reader(all->engine, &courier->reader, NULL);
		if (err == 0)
			err = net_client_new(&policy, &courier->client, NULL);
		if (err == 0)
			err = thread_start(&courier->thread, "tm-courier",
			    courier_run, courier);
		courier->is_started = err == 0;
	}
	return err;
}

void
couriers_stop(struct couriers *all)
{
	size_t i;

	if (all == NULL)
		return;
	(void)pthread_mutex_lock(&all->lock);
	atomic_store(&all->stop, true);
	(void)pthread_cond_broadcast(&all->woken);
	(void)pthread_mutex_unlock(&all->lock);
	for (i = 0; i < COURIERS; i++)
		if (all->list[i].is_started)
			(void)pthread_join(all->list[i].thread, NULL);
	for (i = 0; i < COURIERS; i++)
		all->list[i].is_started = false;
}

void
couriers_wake(struct couriers *all)
{
	(void)pthread_mutex_lock(&all->lock);
	all->wakes++;
	(void)pthread_cond_broadcast(&all->woken);
	(void)pthread_mutex_unlock(&all->lock);
}
