/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job: one run over a source, its counters, and the function that says what
 * state it is in.
 *
 * Floor 2, pure.  Plain data without pointers: it is copied whole between the
 * store, the board and an answer.  Times in microseconds since 1970 UTC, 0
 * not yet.
 */
#ifndef MODEL_JOB_H
#define MODEL_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/uuid.h"
#include "model/item.h"

enum job_state {
#define JOB(name, value, to, kind) JOB_##name = (value),
#include "model/job_tbl.h"
	JOB_STATE_COUNT
};

/* Where the documents come from.  Stored: append, never renumber. */
enum job_kind {
	JOB_KIND_FOLDER = 1, /* files read in place */
	JOB_KIND_UPLOAD = 2, /* files sent in a request */
	JOB_KIND_TEXT = 3,   /* texts sent in a JSON body */
	JOB_KIND_SOURCES = 4, /* the base's sources: model/source.h */
	JOB_KIND_IMPORT = 5,  /* sources that are the job's own */
	JOB_KIND_KEEP = 6,    /* contents kept, to be indexed later */
	JOB_KIND_KEPT = 7,    /* what the base keeps */
	JOB_KIND_EMBED = 8,   /* what is indexed, by another model */
	JOB_KIND_COUNT
};

/* Who started it.  Stored: append, never renumber. */
enum dialect {
	DIALECT_NATIVE = 1,
	DIALECT_DIFY = 2,
	DIALECT_DIGITALOCEAN = 3,
	DIALECT_CAPTAIN = 4,
	DIALECT_COGNEE = 5,
	DIALECT_COUNT
};

enum scan_state {
	SCAN_WAITING = 0,
	SCAN_RUNNING = 1,
	SCAN_DONE = 2,
	SCAN_FAILED = 3,
	SCAN_STATE_COUNT
};

struct counts {
	uint64_t total, queued, processing, completed, failed, skipped,
	    cancelled;
};

/* One more in state, or with (uint64_t)-1 one less. */
void counts_add(struct counts *counts, enum item_state state, uint64_t one);

struct stage_stats {
	uint64_t items;	  /* in this stage now */
	uint64_t done;	  /* that have left it */
	uint64_t busy_us; /* spent in it, all items together */
};

/* A batch: 14 digits of UTC time and 6 random ones, as Dify has them. */
#define BATCH_SIZE 21

#define JOB_FORM_SIZE 64

struct job {
	int64_t id;
	struct uuid uuid;
	int64_t account_id;
	int64_t base_id;
	struct uuid base_uuid;
	char base_name[NAME_BYTES_MAX + 1];
	char batch[BATCH_SIZE];
	enum job_kind kind;
	enum dialect dialect;
	/* What its dialect calls it and keeps with it, in its own words; ""
	 * nothing. */
	char form[JOB_FORM_SIZE];
	/* What it replaces is kept for a while, so that it can be undone. */
	bool keeps_replaced;
	enum job_state state;
	enum scan_state scan;
	bool is_paused;	   /* asked for */
	bool is_finalized; /* what comes after the last item is done */
	uint32_t attempt;  /* 1, or one more than the job it retries */
	struct counts counts;
	uint64_t removed; /* documents whose files had vanished */
	uint64_t unchanged, empty; /* of skipped: by their code */
	uint64_t bytes_total, bytes_done;
	uint64_t bytes_completed; /* of completed items */
	uint64_t segments_total, segments_completed;
	uint64_t characters; /* of the segments of completed items */
	uint64_t embedding_tokens; /* as whoever embeds counts them */
	struct stage_stats stages[STAGE_COUNT];
	uint32_t percent_hundredths; /* shown so far: never falls */
	/* Why the job as a whole failed or, when its scan is done, the first
	 * of its sources that could not be read. */
	enum item_code code;
	char message[256];
	char cancelled_by[64]; /* label of the key; "" when not cancelled */
	int64_t created_us, started_us, updated_us, finished_us, cancelled_us;
	int64_t undone_us; /* 0: it was not */
	int64_t paused_us; /* when is_paused was asked for; 0: it is not */
	int64_t rev;	    /* the store's revision of its last change */
	int64_t generation; /* the index's generation then */

	/* Live only, not stored: set when an answer is made. */
	enum waiting_for waiting_for;
};

const char *job_state_name(enum job_state state); /* "completed" */
const char *job_kind_name(enum job_kind kind);	  /* "folder" */
const char *dialect_name(enum dialect dialect);	  /* "native" */
/* Is it over sources, each with a share of it? */
bool job_kind_has_shares(enum job_kind kind);

/* From outside: 0, ERR_NOT_FOUND (names) or ERR_CORRUPT (numbers). */
int job_state_parse_name(const char *name, enum job_state *ret_state);
int job_state_parse(long long stored, enum job_state *ret_state);
int job_kind_parse(long long stored, enum job_kind *ret_kind);
int dialect_parse(long long stored, enum dialect *ret_dialect);
int scan_state_parse(long long stored, enum scan_state *ret_scan);

bool job_may_become(enum job_state from, enum job_state to);
bool job_state_is_final(enum job_state state);

/* Its items are done, and what comes after the last one is not.  That is
 * FINALIZING, but for jobs that embed again, which may go on. */
bool job_is_closing(const struct job *job);

/* The state that follows from everything else in job. */
enum job_state job_state_of(const struct job *job);

/*
 * Count an item: with from == NULL one that is new (in whatever state), else
 * the difference between what it was (from) and what it is (to).
 */
void job_count(struct job *job, const struct item *from,
    const struct item *to);

/*
 * A job over anything but a folder is finalized with its last item; a folder
 * when what has vanished from it is dealt with, and one that embeds again when
 * nothing has changed meanwhile (is_finalized is set then).
 * What has vanished from a source is dealt with before its scan is done.
 *
 * Bring state, percent, started, paused, updated and finished times in line
 * after a change.  The one place where job->state is written.
 */
void job_settle(struct job *job, int64_t now_us);

/* Asserts promise 1 and the invariants of the state. */
void job_check(const struct job *job);

/* The stage for pages that show one per job: the earliest that any item not
 * finished is in; STAGE_NONE when there is none. */
enum stage job_stage(const struct job *job);

#endif
