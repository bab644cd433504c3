/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify: the Dify Knowledge API.  Floor 6.
 */
#ifndef API_DIFY_DIFY_H
#define API_DIFY_DIFY_H

struct http_dialect;

extern const struct http_dialect dify_dialect;

#endif
