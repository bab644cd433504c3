/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook_int: what the files about webhooks share, and the rest of the engine
 * calls.
 */
#ifndef ENGINE_WEBHOOK_INT_H
#define ENGINE_WEBHOOK_INT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/webhooks.h"

struct buf;
struct couriers;
struct net_client;
struct write_tx;

/* ---- webhook_event.c: on the writer thread ------------------------------ */

/* Within a transaction: the job ends with it, as it is in job. */
int event_note(struct engine *engine, struct write_tx *tx,
    const struct job *job);
/* The base goes, and those of its jobs that have not ended end with it. */
int event_note_base(struct engine *engine, struct write_tx *tx,
    int64_t account_id, int64_t base_id);
/* Does the webhook want to know? */
bool webhook_wants(const struct webhook *webhook, const struct event *event);

/* ---- webhook_copy.c ----------------------------------------------------- */

/* A webhook as it is stored, copied; what row points to is owned
 * (webhook_copy_fini). */
struct webhook_copy {
	struct webhook row;
	char *url, *description, *bases, *settings;
	void *secret, *old_secret;
};
/* A webhook_fn; arg is a struct webhook_copy, which is overwritten. */
int webhook_copy_take(void *arg, const struct webhook *webhook);
void webhook_copy_fini(struct webhook_copy *copy);

/* ---- webhook_sign.c: pure, but for its random numbers ------------------- */

#define WEBHOOK_KEY_SIZE 32u

/* key as its owner is given it. */
void webhook_secret_format(const uint8_t key[WEBHOOK_KEY_SIZE],
    char out[WEBHOOK_SECRET_SIZE]);
/* Append "v1,..." to out, behind a space when there is something already. */
int webhook_sign(const void *key, size_t key_len, const char *id,
    int64_t timestamp_s, const void *body, size_t body_len, struct buf *out);

/* How long to wait after so many tries (from 1) that failed, random at most a
 * fifth longer; -1: it is given up.  random is any number. */
#define WEBHOOK_TRIES_MAX 10u
int64_t webhook_rest_us(uint32_t tries, uint32_t random);

/* ---- webhook_send.c: one attempt ---------------------------------------- */

struct webhook_outcome {
	int64_t began_us, took_us;
	unsigned status;	/* HTTP's; 0: no answer came */
	int64_t retry_after_s;	/* -1: not said */
	char message[256];	/* why it failed; "" it did not */
};
/* Any status of the 200s. */
bool webhook_is_taken(const struct webhook_outcome *outcome);
/* Sign and send.  What goes wrong is an outcome, too; ERR_CANCELLED: *stop
 * became true, and nothing is known; ERR_NOMEM. */
int webhook_send(struct engine *engine, struct net_client *client,
    const struct webhook *webhook, const struct event *event,
    const atomic_bool *stop, struct webhook_outcome *ret_outcome);

/* ---- webhook_courier.c: the threads ------------------------------------- */

/* Keeps engine.  Returns owned (couriers_free), NULL: no memory. */
struct couriers *couriers_new(struct engine *engine);
void couriers_free(struct couriers *couriers);
int couriers_start(struct couriers *couriers);
void couriers_stop(struct couriers *couriers);
/* Something may have become due. */
void couriers_wake(struct couriers *couriers);

#endif
