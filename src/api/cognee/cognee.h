/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee: Cognee's datasets, runs and searches.  Floor 6.
 */
#ifndef API_COGNEE_COGNEE_H
#define API_COGNEE_COGNEE_H

struct http_dialect;

extern const struct http_dialect cognee_dialect;

#endif
