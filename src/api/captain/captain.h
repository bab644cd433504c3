/* SPDX-License-Identifier: Apache-2.0 */
/*
 * captain: Captain's collections, jobs and queries.  Floor 6.
 */
#ifndef API_CAPTAIN_CAPTAIN_H
#define API_CAPTAIN_CAPTAIN_H

struct http_dialect;
struct webhook_face;

extern const struct http_dialect captain_dialect;
/* How Captain tells of events (engine/webhooks.h). */
extern const struct webhook_face captain_webhook_face;

#endif
