/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steps: what is done to one document, in order.
 *
 * Floor 4.  The runner (worker.c) owns all control flow: it opens the file,
 * runs each step of the table, looks for pause and cancel between them, and
 * turns what they return into the item's fate.  Every step can be run again
 * from the file: after a restart all of them are, and what is stored already
 * is not stored twice.
 */
#ifndef ENGINE_STEPS_H
#define ENGINE_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "embed/embed.h"
#include "engine/member.h"
#include "engine/outcome.h"
#include "engine/remote.h"
#include "engine/rule.h"
#include "model/item.h"
#include "sys/spool.h"

struct chat_client;
struct embedding;
struct engine;
struct extractor;
struct graph_extractor;
struct run;
struct store;
struct tagger;
struct work;

/* What a worker keeps from item to item; one thread's. */
struct bench {
	struct engine *engine;
	struct store *reader;
	struct extractor *extractor;
	struct extractor *ocr; /* the same with OCR; NULL until wanted */
	struct tagger *tagger;
	struct spool blocks;  /* as extracted */
	struct spool cleaned; /* the same, cleaned */
	struct spool chunks;
	struct spool pairs; /* of question and answer, instead of chunks */
	struct spool graphs; /* of chunks, in their order */
	struct buf record;  /* of a spool, as it is put together */
	struct chat_client *chat; /* NULL until wanted */
	struct graph_extractor *grapher; /* NULL until wanted */
	struct buf orders; /* for the model that makes the item's graph */
	struct buf packed; /* a graph, as it is put together */
	struct members members;
	struct buf properties; /* a JSON object, as it grows */
	struct jsonw properties_json;
	struct buf scratch;
	float *vectors; /* of as many texts as are embedded at once */
	size_t vectors_dimensions;
	struct remote_kept remote; /* where the last object came from */
};

/* One item under way. */
struct task {
	struct bench *bench;
	struct work *work;
	struct run *run;
	int fd;
	int64_t source_id; /* of the document; 0 none */
	bool is_frozen;	  /* nobody else can change what fd is of */
	bool is_cut;	  /* it is not the whole of its blob */
	bool is_fetching; /* from elsewhere: errors are of that place */
	struct rule rule; /* of base and document (open.c) */
	/* What is live is of that rule, and its content's hash. */
	bool is_same_rule;
	uint8_t live_hash[HASH_SIZE];
	uint32_t chunk_count;
	/* Segments whose graphs were stored by an earlier try, and what those
	 * of the others take in batches. */
	uint32_t graphs_from;
	uint64_t graphs_bytes;
	/* The chat model failed at this segment: those before it are stored,
	 * then the item waits.  0: it did not. */
	int graphs_err;
	uint32_t graphs_until;
	struct err_note graphs_note;
	uint32_t pages_bare; /* with a picture and no text */
	bool has_members;    /* documents inside of it */
	bool is_asking;	     /* a chat model: its errors are those */
	bool is_comparing;   /* sentences: errors are the embedder's */
	bool is_embedding;   /* likewise, in any step */
	struct embed_call embed; /* how the last one went */
	int64_t embedder_id;	 /* that the base answers by */
	const struct embedding *embedding; /* the same; NULL: not asked for */
	bool is_single;	     /* it goes with its publication, as a whole */
	bool has_batches;    /* stored before its publication */
	struct segment_batch *last; /* embedded, to go with the publication */
	struct published what;
	/* The verdict of a step that ended the item. */
	enum item_code code;
	char message[256];
};

/* A step's return, beside 0 (go on) and an error. */
#define STEP_ENDED 1 /* task->code says how */

struct step {
	enum stage stage;
	int (*run)(struct task *task, struct err_note *note);
};

#define STEP_COUNT 6
extern const struct step steps[STEP_COUNT];

int bench_open(struct bench *bench, struct engine *engine,
    struct err_note *note);
void bench_close(struct bench *bench);
/* Empty for the next item. */
void bench_clear(struct bench *bench);

/* Open the item's file and look whether there is anything to do: 0, STEP_ENDED
 * or an error.  (open.c) */
int task_open(struct task *task, struct err_note *note);
/* What the store says of the document when all that was posted before is in
 * it: as task_open() looked first. */
int task_look_again(struct task *task, struct err_note *note);
/* Is it to be indexed although nothing has changed? */
bool task_is_forced(const struct task *task);
/* Has it vectors, or is it cut by them?  Then its embedder is at hand, and in
 * order as far as is known; ERR_UPSTREAM, task->embed says how long that may
 * last. */
int task_embedding(struct task *task, struct err_note *note);
/* embedding_run() by the task's embedder, which may be broken off; what it
 * counts is the item's. */
int task_embed(struct task *task, const struct embed_text *texts,
    size_t count, float *vectors, struct err_note *note);
/* All there is to do for an item of a job that embeds again: what is stored
 * gets the vectors that its base wants.  (steps_again.c) */
int task_reembed(struct task *task, struct err_note *note);
/* The file is still what it was when it was opened; or ERR_BUSY. */
int task_recheck(struct task *task, struct err_note *note);
/* End the item with code: returns STEP_ENDED. */
int task_end(struct task *task, enum item_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
