/* SPDX-License-Identifier: Apache-2.0 */
/*
 * native_webhook_view: webhooks, and what they were told, as JSON.  Pure.
 *
 * Floor 6.
 */
#ifndef API_NATIVE_NATIVE_WEBHOOK_VIEW_H
#define API_NATIVE_NATIVE_WEBHOOK_VIEW_H

#include <stdint.h>

struct delivery;
struct delivery_attempt;
struct event;
struct jsonw;
struct webhook;

/* secret NULL: it is not shown, as always but once. */
void native_view_webhook(struct jsonw *w, const struct webhook *webhook,
    const char *secret);
/* name: as the webhook's requests have it. */
void native_view_delivery(struct jsonw *w, const struct delivery *delivery,
    const struct event *event, const char *name);
void native_view_attempt(struct jsonw *w,
    const struct delivery_attempt *attempt);

#endif
