/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One attempt to deliver.  A redirect is a refusal like others: what is signed
 * for one address is not shown to another.  Of the answer only its status
 * counts; its body is read so that the connection can be used again, up to a
 * limit, and is kept nowhere.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "engine/engine_int.h"
#include "engine/remote.h"
#include "engine/webhook_int.h"
#include "net/net.h"
#include "sys/clock.h"
#include "sys/seal.h"

#define SECOND_US 1000000LL
#define HEADERS 4

/* What is sent, and what came of it. */
struct sending {
	char name[EVENT_NAME_SIZE], timestamp[24];
	struct buf body, signature;
	unsigned status;   /* as soon as it is known */
	size_t answer_len; /* of its body, so far */
};

static int
secret_sign(const struct engine *engine, const struct webhook *webhook,
    const void *sealed, size_t sealed_len, int64_t now_s,
    struct sending *sending)
{
	char context[UUID_TEXT_SIZE], *secret;
	size_t len;
	int err;

	uuid_format(&webhook->uuid, context);
	err = seal_get(engine->seal, context, sealed, sealed_len, &secret,
	    &len);
	if (err < 0)
		return err;
	err = webhook_sign(secret, len, sending->name, now_s,
	    buf_text(&sending->body), sending->body.len,
	    &sending->signature);
	seal_wipe(secret, len);
	return err;
}

static int
sending_make(struct engine *engine, const struct webhook *webhook,
    const struct event *event, int64_t now_us, struct sending *sending,
    struct err_note *note)
{
	const struct webhook_face *face =
	    engine->webhook_faces[webhook->dialect];
	int64_t now_s = now_us / SECOND_US;
	struct jsonw w;
	int err;

	if (face == NULL)
		return err_set(note, ERR_UNSUPPORTED,
		    "this server does not speak the webhook's dialect");
	face->name(event, sending->name);
	(void)snprintf(sending->timestamp, sizeof(sending->timestamp),
	    "%" PRId64, now_s);
	jsonw_init(&w, &sending->body);
	face->body(&w, webhook, event);
	err = sending->body.err;
	if (err < 0)
		return err;
	err = secret_sign(engine, webhook, webhook->secret,
	    webhook->secret_len, now_s, sending);
	if (err == 0 && webhook->old_secret != NULL &&
	    now_us < webhook->old_until_us)
		err = secret_sign(engine, webhook, webhook->old_secret,
		    webhook->old_secret_len, now_s, sending);
	return err != ERR_CORRUPT
	    ? err
	    : err_set(note, err, "the secret was sealed with another key than "
		  "that of this data folder");
}

static int
answer_take(void *arg, const struct net_answer *head, const void *bytes,
    size_t len)
{
	struct sending *sending = arg;

	(void)bytes;
	sending->status = head->status;
	sending->answer_len += len;
	return sending->answer_len > WEBHOOK_ANSWER_BYTES_MAX ? ERR_TOO_BIG
							      : 0;
}

static int
sending_run(struct net_client *client, const struct webhook *webhook,
    struct sending *sending, const atomic_bool *stop,
    int64_t *ret_retry_after_s, struct err_note *note)
{
	const struct net_header headers[HEADERS] = {
	    {"content-type", "application/json"},
	    {"webhook-id", sending->name},
	    {"webhook-timestamp", sending->timestamp},
	    {"webhook-signature", buf_text(&sending->signature)}};
	const struct net_request request = {.method = "POST",
	    .url = webhook->url, .headers = headers, .header_count = HEADERS,
	    .body = buf_text(&sending->body), .body_len = sending->body.len,
	    .limits = {.connect_ms = WEBHOOK_CONNECT_MS,
		.total_ms = WEBHOOK_TOTAL_MS,
		.stall_ms = WEBHOOK_STALL_MS,
		.bytes_max = WEBHOOK_ANSWER_BYTES_MAX + 1},
	    .stop = stop};
	struct net_answer answer;
	int err;

	err = net_stream(client, &request, answer_take, sending, &answer,
	    note);
	if (err < 0)
		return err;
	sending->status = answer.status;
	*ret_retry_after_s = answer.retry_after_s;
	net_answer_fini(&answer);
	return 0;
}

bool
webhook_is_taken(const struct webhook_outcome *outcome)
{
	return outcome->status >= 200 && outcome->status < 300;
}

int
webhook_send(struct engine *engine, struct net_client *client,
    const struct webhook *webhook, const struct event *event,
    const atomic_bool *stop, struct webhook_outcome *ret_outcome)
{
	struct webhook_outcome outcome = {.began_us = clock_wall_us(),
	    .retry_after_s = -1};
	int64_t began_us = clock_mono_us();
	struct sending sending = {.status = 0};
	struct net_policy policy = remote_policy(engine);
	struct err_note note = {""};
	int err;

	buf_init(&sending.body, WEBHOOK_BODY_BYTES_MAX);
	buf_init(&sending.signature, NET_HEADER_BYTES_MAX);
	err = sending_make(engine, webhook, event, outcome.began_us,
	    &sending, &note);
	/* It was checked when it came; the operator's rules may be others
	 * by now. */
	if (err == 0)
		err = net_url_guard(webhook->url, &policy, &note);
	if (err == 0)
		err = sending_run(client, webhook, &sending, stop,
		    &outcome.retry_after_s, &note);
	outcome.took_us = clock_mono_us() - began_us;
	/* The status is known although the rest of the answer is too long or
	 * never came. */
	outcome.status = sending.status;
	if (webhook_is_taken(&outcome))
		err = 0;
	else if (outcome.status != 0)
		(void)snprintf(outcome.message, sizeof(outcome.message),
		    "HTTP %u", outcome.status);
	else
		(void)snprintf(outcome.message, sizeof(outcome.message), "%s",
		    err_words(&note, err));
	buf_fini(&sending.body);
	buf_fini(&sending.signature);
	if (err == ERR_CANCELLED || err == ERR_NOMEM)
		return err;
	*ret_outcome = outcome;
	return 0;
}
