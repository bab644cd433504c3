/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_webhook: where accounts want to be told of jobs that ended, what there
 * is to tell, and what became of it.
 *
 * Floor 3; everything said in store/store.h holds.
 */
#ifndef STORE_STORE_WEBHOOK_H
#define STORE_STORE_WEBHOOK_H

#include "model/event.h"
#include "store/store.h"

/* ---- webhooks ----------------------------------------------------------- */

/* Why nothing is sent to a webhook.  Stored: append, never renumber. */
enum webhook_stop {
	WEBHOOK_RUNS = 0,
	WEBHOOK_STOPPED = 1, /* its account wants it so */
	WEBHOOK_GONE = 2,    /* it answered 410 */
	WEBHOOK_FAILING = 3, /* nothing has arrived for long */
	WEBHOOK_STOP_COUNT
};

struct webhook {
	int64_t id;
	struct uuid uuid;
	int64_t account_id;
	enum dialect dialect; /* in whose words it is told */
	const char *url, *description;
	const void *secret; /* sealed (sys/seal.h) */
	size_t secret_len;
	/* Sealed; signs as well until old_until_us.  NULL: none. */
	const void *old_secret;
	size_t old_secret_len;
	int64_t old_until_us;
	uint32_t types;	   /* of events: bit (1 << type); 0 all */
	const char *bases; /* a JSON array of their ids; "[]" all */
	bool is_silent;	   /* nothing fits what settings ask for */
	const char *settings; /* a JSON object: what a dialect keeps */
	enum webhook_stop stop;
	int64_t stopped_us;
	int64_t succeeded_us; /* when something arrived last; 0 never */
	int64_t created_us, updated_us;
};
typedef int webhook_fn(void *arg, const struct webhook *webhook);

int store_webhook_add(struct store *store, const struct webhook *webhook,
    int64_t *ret_id);
/* Everything but id, uuid, account, dialect and created_us.
 * ERR_NOT_FOUND. */
int store_webhook_save(struct store *store, const struct webhook *webhook);
/* Something has arrived there. */
int store_webhook_succeeded(struct store *store, int64_t webhook_id,
    int64_t now_us);
/* Switch it off, if it runs.  It may be gone. */
int store_webhook_stop(struct store *store, int64_t webhook_id,
    enum webhook_stop stop, int64_t now_us);
/* The row alone: its deliveries are store_deliveries_drop()'s. */
int store_webhook_delete(struct store *store, int64_t webhook_id);
/* ERR_NOT_FOUND. */
int store_webhook_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, webhook_fn *fn, void *arg);
int store_webhook_get(struct store *store, int64_t webhook_id, webhook_fn *fn,
    void *arg);
/* Of an account, oldest first. */
int store_webhooks_each(struct store *store, int64_t account_id,
    webhook_fn *fn, void *arg);
int store_webhooks_count(struct store *store, int64_t account_id,
    uint64_t *ret_count);

/* Webhooks that run and have a delivery due at now_us, with ids above after_id,
 * in order; how many were put into ids. */
int store_webhooks_due(struct store *store, int64_t now_us, int64_t after_id,
    int64_t *ids, size_t limit, size_t *ret_count);
/* When the first delivery is due after now_us, of webhooks that run; 0 none. */
int store_webhooks_next(struct store *store, int64_t now_us,
    int64_t *ret_next_us);

/* ---- events ------------------------------------------------------------- */

typedef int event_fn(void *arg, const struct event *event);

/* *ret_id is 0 when there is an event of that name already. */
int store_event_add(struct store *store, const struct event *event,
    int64_t *ret_id);
/* ERR_NOT_FOUND. */
int store_event_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, event_fn *fn, void *arg);
/*
 * Events of real jobs that have not arrived at the webhook: it has no delivery
 * of them, or one that is not done.  In order of their times, from since_us on
 * and behind *place.  So many as limit are looked at, missed or not: *place is
 * that of the last one then, and *ret_more says whether there may be others.
 */
struct event_place {
	int64_t us, id;
};
int store_events_missed(struct store *store, int64_t account_id,
    int64_t webhook_id, int64_t since_us, size_t limit, event_fn *fn,
    void *arg, struct event_place *place, bool *ret_more);
/* Is one older than before_us?  For a reader. */
int store_events_are_old(struct store *store, int64_t before_us,
    bool *ret_are_old);
/* Delete at most limit of those made before before_us, with their deliveries
 * and attempts; *ret_more: there may be more of them. */
int store_events_prune(struct store *store, int64_t before_us, size_t limit,
    bool *ret_more);

/* ---- deliveries --------------------------------------------------------- */

/* Stored: append, never renumber. */
enum delivery_state {
	DELIVERY_DUE = 1, /* at due_us; tried before perhaps */
	DELIVERY_DONE = 2,
	DELIVERY_GIVEN_UP = 3,
	DELIVERY_STATE_COUNT
};

struct delivery {
	int64_t id;
	int64_t webhook_id, event_id; /* together unique */
	enum delivery_state state;
	uint32_t attempts; /* ever */
	uint32_t tries;	   /* of them since it was last asked for */
	bool is_manual;	   /* the next attempt was asked for */
	int64_t due_us, created_us, finished_us;
};
/* event is NULL unless it was asked for. */
typedef int delivery_fn(void *arg, const struct delivery *delivery,
    const struct event *event);

int store_delivery_add(struct store *store, const struct delivery *delivery,
    int64_t *ret_id);
/* Everything but id, webhook_id, event_id and created_us.  ERR_NOT_FOUND. */
int store_delivery_save(struct store *store, const struct delivery *delivery);
/* ERR_NOT_FOUND. */
int store_delivery_get(struct store *store, int64_t delivery_id,
    struct delivery *ret_delivery);
int store_delivery_find(struct store *store, int64_t webhook_id,
    int64_t event_id, struct delivery *ret_delivery);
/* The webhook's that is due first, with its event; ERR_NOT_FOUND: none is due
 * at now_us. */
int store_delivery_next(struct store *store, int64_t webhook_id,
    int64_t now_us, delivery_fn *fn, void *arg);
/* Newest event first, those below before_event (0: from the newest), with
 * their events. */
int store_deliveries_page(struct store *store, int64_t webhook_id,
    int64_t before_event, size_t limit, delivery_fn *fn, void *arg);
/* Delete at most limit of a webhook's, with their attempts. */
int store_deliveries_drop(struct store *store, int64_t webhook_id,
    size_t limit, bool *ret_more);

struct delivery_attempt {
	int64_t delivery_id;
	uint32_t seq; /* from 1 */
	bool is_manual;
	int64_t began_us, took_us;
	unsigned status;     /* HTTP's; 0: no answer came */
	const char *message; /* why it failed; "" it did not */
};
typedef int attempt_fn(void *arg, const struct delivery_attempt *attempt);

#define DELIVERY_ATTEMPTS_KEPT 100u
/* The oldest beyond DELIVERY_ATTEMPTS_KEPT are deleted. */
int store_attempt_add(struct store *store,
    const struct delivery_attempt *attempt);
/* Newest first, those below before_seq (0: from the newest). */
int store_attempts_page(struct store *store, int64_t delivery_id,
    uint32_t before_seq, size_t limit, attempt_fn *fn, void *arg);

#endif
