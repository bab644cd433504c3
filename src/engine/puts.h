/* SPDX-License-Identifier: Apache-2.0 */
/*
 * puts: what the files that make a job over puts share.
 *
 * Floor 4.  What does not depend on the store (addresses, checks) is done
 * before the transaction, by the caller's thread; the transaction then finds
 * or makes the documents and adds the items.
 */
#ifndef ENGINE_PUTS_H
#define ENGINE_PUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/uuid.h"
#include "model/job.h"
#include "store/store.h"

struct base_ref;
struct engine;
struct err_note;
struct item_row;
struct job_request;
struct plan;
struct put;
struct store;
struct write_tx;

/* Where a put goes. */
struct place {
	/* Owned; NULL: the document that was named, or one that gets a number.
	 */
	char *uri;
	char *name; /* with its number; owned, NULL: as the put says */
	/* Set by the transaction: */
	struct uuid document;
	uint32_t position;
};

struct puts {
	struct put *list;
	struct place *places;
	size_t count;
	bool is_forced;
	bool is_keep; /* nothing is indexed: items end as they are made */
	struct buf source;
	bool has_superseded; /* older items were cancelled */
};

/* ---- put_place.c: before the transaction -------------------------------- */

/* Check what was given and fill places (places_free). */
int places_make(struct puts *puts, enum job_kind kind, struct err_note *note);
void places_free(struct puts *puts);
/* Within the transaction: name and address of a put that gets a number; of
 * others nothing. */
int place_find_number(struct store *store, int64_t base_id,
    const struct put *put, enum job_kind kind, struct place *place);

/* ---- put_target.c: the document ----------------------------------------- */

/* A document that is there, as far as a put needs it. */
struct target {
	int64_t id, base_id, item_id;
	struct uuid base_uuid;
	uint64_t bytes;
	int64_t mtime_us, disabled_us;
	bool is_archived, is_member;
	/* The content that is indexed. */
	bool is_indexed, is_edited, is_held;
	uint8_t hash[HASH_SIZE];
	uint32_t position;
	char *uri, *name, *disabled_by; /* owned */
};

void target_fini(struct target *target);
/* id 0 with success: it has to be made.  ERR_NOT_FOUND: what was named is not
 * there, or in another base. */
int target_find(struct store *store, int64_t base_id, const struct put *put,
    const struct place *place, struct target *target);
/* Make it, or change of it what was given, and cancel what older jobs have open
 * of it with another content. */
int target_put(struct write_tx *tx, struct puts *puts, struct job *job,
    size_t i, struct target *target, const struct item_row *row,
    struct err_note *note);

/* The document's address becomes place's.  ERR_EXISTS. */
int target_move(struct write_tx *tx, const struct place *place,
    struct target *target, struct err_note *note);

/* ---- puts.c ------------------------------------------------------------- */

/* A job over puts, whose list and count are set. */
int puts_run(struct engine *engine, const struct job_request *request,
    enum job_kind kind, struct puts *puts, const char *batch,
    struct job *ret_job, struct err_note *note);

/* ---- kept.c: puts that are not indexed ----------------------------------- */

/* How the item of a put ends, in row->item.code, when target_put() has been
 * called... */
int keep_look(struct write_tx *tx, const struct target *target,
    struct item_row *row, int64_t *ret_open_id);
/* ...and what of it is noted on the document, when the item is there. */
int keep_note(struct write_tx *tx, const struct item_row *row,
    int64_t open_id);

/* ---- put_source.c: what the job is started with ------------------------- */

/* Sets plan->source, in the transaction. */
int puts_source(struct write_tx *tx, struct plan *plan,
    const struct base_ref *base, struct err_note *note);

#endif
