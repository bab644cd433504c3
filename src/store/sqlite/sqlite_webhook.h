/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite_webhook: what the files about webhooks share.
 */
#ifndef STORE_SQLITE_SQLITE_WEBHOOK_H
#define STORE_SQLITE_SQLITE_WEBHOOK_H

#include <stddef.h>
#include <stdint.h>

#include "store/store_webhook.h"

struct q;

/* Rows that are deleted in one call: so many hold up the writer for a short
 * time only. */
#define ROWS_AT_ONCE 256u

/* The event of a row that begins with EVENT_COLUMNS.  ERR_CORRUPT. */
#define EVENT_COLUMN_COUNT 26
int event_columns(struct q *q, struct event *ret_event);

/* The ids in the first column of all rows, at most limit; closes q.  Rows are
 * deleted after the walk, so that none is deleted under it. */
int ids_take(struct q *q, int64_t *ids, size_t limit, size_t *ret_count);

#endif
