/* SPDX-License-Identifier: Apache-2.0 */
/*
 * native: Tidemark's own API, below /tidemark/v1 (docs/api/native.md).
 *
 * Floor 6.
 */
#ifndef API_NATIVE_NATIVE_H
#define API_NATIVE_NATIVE_H

struct http_dialect;
struct webhook_face;

extern const struct http_dialect native_dialect;
/* How the native API tells of events (engine/webhooks.h). */
extern const struct webhook_face native_webhook_face;

#endif
