/* SPDX-License-Identifier: Apache-2.0 */
/*
 * remote: sources that are asked over the network: with what keys, at which
 * address, and who may be connected to.
 *
 * Floor 4.
 */
#ifndef ENGINE_REMOTE_H
#define ENGINE_REMOTE_H

#include <stdint.h>

#include "engine/source_copy.h"
#include "net/net.h"
#include "source/s3.h"

struct engine;
struct err_note;
struct json_t;

/* What opens a bucket: {"key_id": "...", "secret_key": "...",
 * "session_token": "..."}, the last one only for keys that expire. */
struct s3_keys {
	struct json_t *json;
	const char *key_id, *secret_key, *session_token; /* its own */
};

/* ERR_INVALID with words that name the member. */
int s3_keys_read(const char *text, struct s3_keys *ret_keys,
    struct err_note *note);
/* Wipes them. */
void s3_keys_fini(struct s3_keys *keys);

/* Can a source of that config be asked at all?  ERR_INVALID with words. */
int remote_check(const struct engine *engine, enum source_kind kind,
    const struct source_config *config, struct err_note *note);

/* A client for the source's bucket; wait as struct s3_config has it.  Returns
 * owned (s3_client_free).  ERR_INVALID, ERR_FORBIDDEN: its keys cannot be
 * opened. */
int remote_s3_open(const struct engine *engine,
    const struct source_copy *source, s3_wait_fn *wait, void *wait_arg,
    struct s3_client **ret_client, struct err_note *note);

/* Are these words what struct engine_config wants?  ERR_INVALID with words,
 * ERR_TOO_BIG. */
int remote_words_check(const char *const *s3_endpoints,
    size_t s3_endpoint_count, size_t net_allow_count, struct err_note *note);

/* Public addresses, and the hosts that the operator allows. */
struct net_policy remote_policy(const struct engine *engine);

/* Why a source of a job that has ended cannot be asked. */
#define REMOTE_FORGOTTEN_TEXT \
	"the keys were forgotten with the job's end; index it again"

/* Jobs take turns, so that many sources are asked one after the other. */
#define REMOTE_KEPT_MAX 4u

/* Clients of the sources that were asked last, and the one for pages; one
 * thread's.  Zeroed at the beginning. */
struct remote_kept {
	struct remote_slot {
		struct s3_client *client; /* NULL: it is free */
		int64_t source_id, updated_us;
	} slots[REMOTE_KEPT_MAX];
	unsigned next; /* slot to be taken for another one */
	struct net_client *web;
};
/* The client for source, kept. */
int remote_kept_open(struct remote_kept *kept, const struct engine *engine,
    const struct source_copy *source, struct s3_client **ret_client,
    struct err_note *note);
/* A client for what lies at any URL, kept. */
int remote_kept_web(struct remote_kept *kept, const struct engine *engine,
    struct net_client **ret_client, struct err_note *note);
void remote_kept_fini(struct remote_kept *kept);

#endif
