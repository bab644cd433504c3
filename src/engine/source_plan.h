/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source_plan: a source that is added or changed, on its way into the store.
 *
 * Floor 4.  What it says is checked before the operation, as far as that needs
 * no store; what it leads to (an uploaded object) within it, so that nothing
 * comes in between.
 */
#ifndef ENGINE_SOURCE_PLAN_H
#define ENGINE_SOURCE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/uuid.h"
#include "engine/source_copy.h"
#include "engine/sources.h"

struct engine;
struct err_note;
struct write_tx;

/* The first five members are the caller's to set, before _init(). */
struct source_plan {
	struct engine *engine;
	int64_t account_id;
	struct uuid base, uuid;
	struct source_request request;
	bool is_import; /* it is of one job alone */
	struct source_config config; /* of request.config; json NULL: none */
	struct buf sealed;	     /* request.secret */
	/* Made within the operation, anew each time it is applied. */
	struct source_copy old;
	char *text; /* the config with what was found out; free() */
	char *name;
};

void source_plan_init(struct source_plan *plan);
/* What of the request is not NULL; before the operation, once. */
int source_plan_check(struct source_plan *plan, enum source_kind kind,
    struct err_note *note);
void source_plan_fini(struct source_plan *plan);

/* ---- within the operation ------------------------------------------------ */

/* Forget what an application that was rolled back has made. */
void source_plan_clear(struct source_plan *plan);
/* What the config leads to is there, and is noted in it: sets text and name. */
int source_plan_make(struct write_tx *tx, struct source_plan *plan,
    enum source_kind kind, struct err_note *note);
/* Make it and add its row; job_id 0: it is the base's. */
int source_plan_add(struct write_tx *tx, struct source_plan *plan,
    int64_t base_id, int64_t job_id, int64_t *ret_id, struct err_note *note);

#endif
