/* SPDX-License-Identifier: Apache-2.0 */
/*
 * item: one document within one job, and the only function that moves it.
 *
 * Floor 2, pure: times come in as arguments, in microseconds since 1970 UTC
 * (0 means not yet).  One thread owns a struct item at a time.
 */
#ifndef MODEL_ITEM_H
#define MODEL_ITEM_H

#include <stdbool.h>
#include <stdint.h>

#include "model/item_code.h"

enum item_state {
#define ITEM(name, value, to, counter, kind) ITEM_##name = (value),
#include "model/item_tbl.h"
	ITEM_STATE_COUNT
};

/* The six steps of the pipeline, in order; as in stored and shown stages. */
enum stage {
	STAGE_NONE = 0,
	STAGE_EXTRACTING = 1,
	STAGE_CLEANING = 2,
	STAGE_CHUNKING = 3,
	STAGE_TAGGING = 4,
	STAGE_EMBEDDING = 5,
	STAGE_FINALIZING = 6,
	STAGE_COUNT /* 7: arrays are indexed by stage, 0 unused */
};

/* What an item or a job waits for (promise 9).  Stored values. */
enum waiting_for {
	WAITING_NOTHING = 0,
	WAITING_WORKER = 1,   /* queued: all workers are busy */
	WAITING_UPSTREAM = 2, /* a chat model */
	WAITING_STORAGE = 3,  /* the disk is full or fails */
	WAITING_RETRY = 4,    /* a transient error; due_us says until when */
	WAITING_PAUSED = 5,
	WAITING_SOURCE = 6, /* where documents come from is out of order */
	WAITING_EMBEDDING = 7, /* the service that embeds does not answer */
	WAITING_COUNT
};

struct step_time {
	int64_t start_us, end_us;
};

struct item {
	int64_t id;	  /* row; its uuid is uuid_of_row(job's uuid, id) */
	int64_t job_id;
	int64_t document_id;
	/* A member of another document (of an archive, a mail): the document
	 * it is in, the outermost one, and how deep below that it is; 0 when
	 * it stands for itself.  Set once. */
	int64_t parent_id, root_id;
	uint32_t depth;
	int64_t source_id; /* the source it came from; 0 none; set once */
	uint32_t seq;	  /* order of discovery within the job, from 1 */
	enum item_state state;
	enum stage stage; /* the furthest step it has come to */
	uint32_t attempt; /* from 1; rises with each transient error */
	uint32_t interruptions; /* times the server died on it */
	enum waiting_for waiting_for;
	int64_t due_us;	  /* WAITING: not before */
	uint64_t bytes;	  /* of the file */
	uint64_t bytes_done; /* share of bytes that is dealt with */
	int64_t mtime_us; /* of the file; 0 unknown */
	uint32_t segments_total, segments_completed;
	enum item_code code; /* FAILED and SKIPPED: why */
	enum stage error_stage;
	char message[256]; /* a sentence for people; "" when there is none */
	struct step_time steps[STAGE_COUNT];
	int64_t queued_us, finished_us, updated_us;
	int64_t rev; /* the store's revision of its last change */
};

/* Names as the native API writes them: "queued", "extracting"... */
const char *item_state_name(enum item_state state);
const char *stage_name(enum stage stage);
/* "worker", "upstream", "storage", "retry", "paused", "source",
 * "embedding"; NULL for nothing. */
const char *waiting_for_name(enum waiting_for waiting_for);

/* Names and stored numbers from outside; 0, ERR_NOT_FOUND or ERR_CORRUPT. */
int item_state_parse_name(const char *name, enum item_state *ret_state);
int item_state_parse(long long stored, enum item_state *ret_state);
int stage_parse(long long stored, enum stage *ret_stage);
int waiting_for_parse(long long stored, enum waiting_for *ret_waiting_for);

bool item_may_become(enum item_state from, enum item_state to);
bool item_state_is_final(enum item_state state);
/* A step of the pipeline; STAGE_NONE when state is none. */
enum stage item_state_stage(enum item_state state);
enum item_state stage_item_state(enum stage stage);

/*
 * The one mover.  item must be allowed to become to.  Sets stage, the times
 * of entering and leaving steps, finished_us, and clears what belongs to the
 * state left (waiting_for, due_us).  A move to the state it is in changes
 * nothing but updated_us.
 */
void item_move(struct item *item, enum item_state to, int64_t now_us);

/* Asserts the invariants of the item's state. */
void item_check(const struct item *item);

#endif
