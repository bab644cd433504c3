/* SPDX-License-Identifier: Apache-2.0 */
/*
 * captain: Captain's collections, jobs and queries.  Floor 6.
 */
#ifndef API_CAPTAIN_CAPTAIN_H
#define API_CAPTAIN_CAPTAIN_H

struct http_dialect;
struct webhook_face;

extern const struct http_dialect captain_dialect;
/* How Captain tells of events (engine/webhooks.h); failures: its word for a
 * job that some files of failed, as the setting has it. */
const struct webhook_face *captain_webhook_face(const char *failures);

#endif
