/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_int: what the files of the planner share (scan*.c).
 *
 * Floor 4.  A scanner is one of the planner's threads; what it holds is its
 * own but for what scan.c says is guarded.
 */
#ifndef ENGINE_SCAN_INT_H
#define ENGINE_SCAN_INT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/item_code.h"
#include "model/job.h"
#include "store/store.h"

struct engine;
struct err_note;
struct planner;
struct source_copy;
struct upload;

#define SCAN_BATCH 256u
#define UNSEEN_PAGE 128u
#define SCAN_TRIES 5u	       /* of a walk or a listing, in one go */
#define SCAN_RETRY_US 1000000 /* before the second; doubles */

struct scanner {
	struct planner *planner;
	struct engine *engine;
	pthread_t thread;
	bool is_started;
	struct store *reader;
	/* The job that it has in its hands, by the planner's lock; 0: none. */
	int64_t job_id, base_id;
	bool is_remote;	 /* it is over sources */
	bool is_waiting; /* for a source that is out of order */
	/* True: the program stops, or the job has ended. */
	atomic_bool stop;
};

/* Let us microseconds pass, or less when the scanner is to stop.  for_source:
 * meanwhile the job says that it waits for its source. */
void scanner_rest(struct scanner *scanner, int64_t us, bool for_source);

/* ---- scan_batch.c: what a scan finds becomes items, page by page --------- */

/* A document that was come across; strings are owned. */
struct found {
	char *uri, *name;
	char *etag; /* NULL: nothing is known */
	uint64_t bytes;
	int64_t mtime_us;
	enum item_code code; /* why it cannot be read */
	char message[256];
	bool has_blob;
	uint8_t blob[HASH_SIZE];
	/* The content that belongs to blob, when it came with the listing;
	 * owned, finished. */
	struct upload *upload;
};

/* What an import wants of all its listings. */
struct scan_wish {
	bool is_forced; /* unchanged or not: no first look */
	char *metadata; /* of each document; owned; NULL: none was given */
	/* So many documents may still be found, whatever becomes of them:
	 * what the job has an item of already does not count again. */
	uint64_t left;
};

struct scan {
	struct scanner *scanner;
	int64_t job_id;
	int64_t source_id; /* 0: the job is over a folder */
	struct scan_wish *wish; /* borrowed; NULL: nothing special */
	uint64_t left; /* as wish has it, after the page being applied */
	struct found found[SCAN_BATCH];
	size_t count;
};

/* Returns owned (scan_free), NULL: no memory.  wish must outlive it. */
struct scan *scan_new(struct scanner *scanner, const struct job *job,
    int64_t source_id, struct scan_wish *wish);
void scan_free(struct scan *scan);
/* Put *found, whose strings and upload are taken whatever happens.  A full
 * page is handed on first: ERR_CANCELLED when the job has ended, or has as
 * many documents as it wants (scan_is_full()). */
int scan_put(struct scan *scan, struct found *found);
bool scan_is_full(const struct scan *scan);
/* Make items of what was put; after that they are in the store. */
int scan_flush(struct scan *scan);

/* ---- scan_end.c: how a scan ends, and what comes after it ---------------- */

/* The code for a scan that ended with err, which is no success. */
enum item_code scan_code_of(int err);
/* The job's only scan is over: err is 0, or says why it failed. */
int scan_end(struct scanner *scanner, int64_t job_id, int err,
    const struct err_note *note);
/* What comes after the last item is done. */
int scan_finish(struct scanner *scanner, const struct job *job);

/* ---- scan_folder.c ------------------------------------------------------- */

/* Walk the job's folders, or (FINALIZING) remove what has vanished from
 * them. */
int scan_folder_look(struct scanner *scanner, const struct job *job,
    struct err_note *note);

/* ---- scan_kept.c --------------------------------------------------------- */

/* When it is the job's turn, look for what the base keeps, to the end of the
 * job's scan. */
int scan_kept_look(struct scanner *scanner, const struct job *job,
    struct err_note *note);

/* ---- scan_embed.c -------------------------------------------------------- */

/* Look for what is not embedded as the base wants it, to the end of the job's
 * scan; or (it is closing) for what came meanwhile, and turn the base. */
int scan_embed_look(struct scanner *scanner, const struct job *job,
    struct err_note *note);

/* ---- scan_source.c ------------------------------------------------------- */

/* List the job's sources, one after the other, to the end of the job's
 * scan. */
int scan_sources_look(struct scanner *scanner, const struct job *job,
    struct err_note *note);

/* What the job was asked for with, and what is left of that (import.c);
 * ret_wish->metadata is the caller's to free (mem_free). */
int import_wish(struct store *reader, int64_t job_id,
    struct scan_wish *ret_wish);

/* The listing of one source. */
struct listing {
	struct scan *scan;
	const struct source_copy *source;
	const struct job *job;
	/* Not all was seen: what was not listed has not vanished. */
	bool is_partial;
	bool has_any; /* something was listed */
};

#endif
