/* SPDX-License-Identifier: Apache-2.0 */
/*
 * captain_webhook: webhook endpoints in Captain's words.
 *
 * Floor 6.  An endpoint's filters are an object,
 *
 *	{"event_types":[],"collection_ids":[],"sync_ids":[],"sources":[],
 *	 "include_collection_name":true}
 *
 * whose empty arrays let everything through.  The engine knows types and bases;
 * the rest is kept in the webhook's settings.  No job here is of a sync, and
 * all come from the API, so an endpoint that asks for syncs is told of none.
 */
#ifndef API_CAPTAIN_CAPTAIN_WEBHOOK_H
#define API_CAPTAIN_CAPTAIN_WEBHOOK_H

#include <jansson.h>

#include "engine/webhooks.h"

struct jsonw;

/* "whe_" and a UUID. */
#define CAPTAIN_ENDPOINT_SIZE (4 + UUID_TEXT_SIZE)
void captain_format_endpoint(const struct uuid *uuid,
    char out[CAPTAIN_ENDPOINT_SIZE]);
/* Takes the bare UUID, too; ERR_SYNTAX. */
int captain_parse_endpoint(const char *text, struct uuid *ret_uuid);

/* The filters of a webhook, also of one that another API made; returns owned
 * (json_decref), NULL: no memory. */
json_t *captain_filters(const struct webhook *webhook);

/* The name of the last delivery's state, and when it came to be; NULL: there
 * is none. */
struct captain_last {
	const char *status;
	int64_t us;
};
/* secret NULL: it is not shown. */
void captain_write_endpoint(struct jsonw *w, const struct webhook *webhook,
    const json_t *filters, const struct captain_last *last,
    const char *secret);

const char *captain_delivery_word(enum delivery_state state);
void captain_write_delivery(struct jsonw *w, const struct delivery *delivery,
    const struct event *event, const char *name);
void captain_write_attempt(struct jsonw *w,
    const struct delivery_attempt *attempt);

/* {"event_types":[...]}: what may be sent, with schemas and examples. */
void captain_write_event_types(struct jsonw *w);

#endif
