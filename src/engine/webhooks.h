/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhooks: accounts are told of jobs that ended, wherever they want.
 *
 * Floor 4.  Calls that change something return after their commit; any
 * thread.  Reading is store/store_webhook.h's.
 *
 * Each job's end is one event, written in the transaction that ends the job,
 * together with its deliveries to the account's webhooks.  So nothing is lost
 * with the server: what is due is in the store.  An event is sent until the
 * webhook takes it (a status of the 200s), and may arrive more than once; its
 * name is always the same one.  Sent as Standard Webhooks 1.0 says:
 *
 *	POST URL
 *	webhook-id: evt_...		the event's name
 *	webhook-timestamp: 1764000000	of this attempt, seconds since 1970
 *	webhook-signature: v1,BASE64	HMAC-SHA-256 of "ID.TIMESTAMP.BODY"
 */
#ifndef ENGINE_WEBHOOKS_H
#define ENGINE_WEBHOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "store/store_webhook.h"

struct engine;
struct err_note;
struct jsonw;

/* "evt_" and the name of a job, in [A-Za-z0-9_-]. */
#define EVENT_NAME_SIZE 80

/*
 * How a dialect tells of events.  What it writes hangs on webhook and event
 * alone, so that each attempt is the same.  Any thread.
 */
struct webhook_face {
	void (*name)(const struct event *event, char out[EVENT_NAME_SIZE]);
	/* One JSON object, at most WEBHOOK_BODY_BYTES_MAX. */
	void (*body)(struct jsonw *w, const struct webhook *webhook,
	    const struct event *event);
};

/* What the webhook's requests call the event: its dialect's name for it. */
void engine_event_name(const struct engine *engine,
    const struct webhook *webhook, const struct event *event,
    char out[EVENT_NAME_SIZE]);
/* "evt_...UUID", with whatever a dialect has between them, or the bare UUID.
 * ERR_SYNTAX. */
int event_name_parse(const char *text, struct uuid *ret_uuid);

/* "whsec_", 32 random bytes in base64, and a zero. */
#define WEBHOOK_SECRET_SIZE 51

/* What a webhook is to be; of one that is there, NULL and what is not set stay
 * as they are. */
struct webhook_request {
	/* https, or a host that struct engine_config's net_allow has. */
	const char *url;
	const char *description;
	bool sets_types;
	uint32_t types; /* of events: bit (1 << type); 0 all */
	bool sets_bases;
	const struct uuid *bases; /* of any account; none: all */
	size_t base_count;
	bool sets_silent, is_silent; /* what settings ask for fits nothing */
	const char *settings;	     /* a JSON object, whole; NULL: {} */
	bool sets_stopped, is_stopped;
	/* Its updated_us when it was read: ERR_CONFLICT if it was changed
	 * since; 0: no matter. */
	int64_t seen_us;
};

/* The secret is given once, here.  ERR_INVALID, ERR_FORBIDDEN (the address);
 * ERR_CONFLICT: the account has WEBHOOKS_MAX; all with words. */
int engine_webhook_create(struct engine *engine, int64_t account_id,
    enum dialect dialect, const struct webhook_request *request,
    struct uuid *ret_uuid, char ret_secret[WEBHOOK_SECRET_SIZE],
    struct err_note *note);
/* ERR_NOT_FOUND here and below: the account has no such webhook. */
int engine_webhook_change(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, const struct webhook_request *request,
    struct err_note *note);
/* With its deliveries. */
int engine_webhook_delete(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct err_note *note);
/* A new secret.  For WEBHOOK_ROTATION_US the one before signs as well. */
#define WEBHOOK_ROTATION_US (24LL * 3600 * 1000000)
int engine_webhook_rotate(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, char ret_secret[WEBHOOK_SECRET_SIZE],
    int64_t *ret_old_until_us, struct err_note *note);

/*
 * Send to it at once.  ERR_CONFLICT, with words: it is switched off.
 *
 * test	an event that was made up; *ret_event is its name
 * resend	an event of the account, whatever became of it before;
 *		ERR_NOT_FOUND, with other words, when there is none
 * recover	those since since_us that have not arrived, and would have been
 *		sent; *ret_count is how many
 */
int engine_webhook_test(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, enum event_type type, struct uuid *ret_event,
    struct err_note *note);
int engine_webhook_resend(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, const struct uuid *event,
    struct err_note *note);
int engine_webhook_recover(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, int64_t since_us, uint64_t *ret_count,
    struct err_note *note);

#endif
