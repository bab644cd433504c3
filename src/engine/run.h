/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run: one item in a worker's hands, and how its progress reaches the store.
 *
 * Two threads share a run.  The worker moves `item` from step to step; the
 * writer stores where it has come to with its next group, so that a document
 * which passes several steps between two commits costs one row written, and
 * a long one shows each step (promise 3: shown once committed).
 */
#ifndef ENGINE_RUN_H
#define ENGINE_RUN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "engine/writer.h"
#include "model/item.h"

struct engine;
struct run;

/* Returns owned (run_unref); item as it is in the store. */
struct run *run_new(struct engine *engine, const struct item *item);
void run_ref(struct run *run);
void run_unref(struct run *run);

/* The worker's view of the item; only the worker calls these. */
const struct item *run_item(const struct run *run);

/* Back from waiting: go on in the step it had come to. */
void run_resume(struct run *run);
/* To be tried again at due_us; is_counted: it used up an attempt. */
void run_wait(struct run *run, enum waiting_for reason, int64_t due_us,
    bool is_counted, const char *message);
/* Stopped at a border: it keeps its state and says what it waits for. */
void run_put_back(struct run *run, enum waiting_for reason);
/* Enter a step, if the item has not come further already. */
void run_enter(struct run *run, enum stage stage);
/* Segments known; they only rise. */
void run_set_segments(struct run *run, uint32_t total);
/* What the item is, found when its file was opened.  bytes only rise. */
void run_set_file(struct run *run, uint64_t bytes, int64_t mtime_us);
/* So many tokens were counted for it; once they are stored with an outcome of
 * the item they are taken. */
void run_add_tokens(struct run *run, uint64_t tokens);
uint64_t run_take_tokens(struct run *run);
/* The server had died on it. */
void run_set_interrupted(struct run *run);

/* Somebody else moved the item (cancelled, deleted): drop it. */
bool run_is_lost(const struct run *run);

/* The segments stored so far are gone: begin the item anew.  Asking forgets
 * it. */
void run_set_torn(struct run *run);
bool run_was_torn(struct run *run);

/* ---- on the writer thread, within an operation ------------------------- */

/* The item as this transaction sees it; copy, change, run_store() it. */
struct item run_staged(struct run *run, struct write_tx *tx);
/* The worker's view as it is now. */
struct item run_snapshot(struct run *run);
/* Guarded save; ERR_CONFLICT: lost, if this transaction comes to pass. */
int run_store(struct run *run, struct write_tx *tx, struct item *to);
/* After the commit that stored it. */
void run_committed(struct run *run);
/* After the commit of a transaction in which it was not stored, for
 * ERR_CONFLICT: the run is lost, if that is why. */
void run_refused(struct run *run);

#endif
