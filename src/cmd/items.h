/* SPDX-License-Identifier: Apache-2.0 */
/*
 * items: the items of a job that are in one state, page after page.
 */
#ifndef CMD_ITEMS_H
#define CMD_ITEMS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "cmd/frame.h"

struct client;
struct err_note;

#define ITEMS_CURSOR_MAX 512u

/* False ends the walk. */
typedef bool items_fn(void *arg, const json_t *item);

/* fn gets each item, in the order of discovery. */
int items_each(struct client *client, const char *job, const char *state,
    items_fn *fn, void *arg, struct err_note *note);

/* Where the newest failures of a job were last looked for. */
struct failures_seen {
	uint64_t count; /* that the job had then */
	char cursor[ITEMS_CURSOR_MAX]; /* of the last page; "" the first */
};

/*
 * Look whether job has failures that are newer than those there are.  Items
 * come in the order of discovery, which is nearly that of their ends: pages
 * that were full are not looked at again, so that a job with many failures is
 * read once and not once for each.
 */
int failures_refresh(struct client *client, const char *job, uint64_t failed,
    struct failures_seen *seen, struct failures *failures,
    struct err_note *note);

/* Put an item in if it is newer; true: it was. */
bool failures_add(struct failures *failures, const json_t *item);

#endif
