/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outcome: the operations by which a worker's results reach the store.
 *
 * Floor 4.  A batch of segments, and the end of an item: published, skipped or
 * failed.
 */
#ifndef ENGINE_OUTCOME_H
#define ENGINE_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/log.h"
#include "model/item.h"
#include "store/store.h"

struct batch_graph;
struct engine;
struct job;
struct member_batch;
struct mention;
struct relation;
struct run;
struct work;
struct write_tx;

/*
 * Segments that an operation owns, with their children, graphs, texts and
 * vectors in one block of memory.  The block moves while it is filled: texts
 * and graphs are there after segment_batch_texts() or _room(), vectors after
 * that.
 */
struct segment_batch {
	struct segment *segments;
	size_t count, size;
	struct child *children; /* of all segments, in order */
	size_t child_count, child_size;
	struct batch_graph *graphs; /* for each segment; NULL: none has one */
	struct mention *mentions;   /* of all segments, in order */
	size_t mention_count, mention_size;
	struct relation *relations;
	size_t relation_count, relation_size;
	bool of_children; /* these have the vectors */
	size_t vectors_at; /* where these begin in data */
	size_t dimensions;
	int64_t embedder_id; /* that makes them; set before there is room */
	struct buf data;
};

/* Room for size segments.  Returns owned (segment_batch_free), NULL: no
 * memory. */
struct segment_batch *segment_batch_new(size_t size);
void segment_batch_free(struct segment_batch *batch);
/* Add a segment whose text, section, answer and keywords are copied; batch has
 * room.  Its children are added one by one. */
int segment_batch_add(struct segment_batch *batch,
    const struct segment *segment);
/* Add a child to the segment that was added last. */
int segment_batch_child(struct segment_batch *batch, const char *text,
    size_t len, uint32_t chars);
/* Give the segment that was added last its graph, behind its children: len
 * bytes as graph_pack() makes them, which are copied.  ERR_CORRUPT. */
int segment_batch_graph(struct segment_batch *batch, const char *packed,
    size_t len);
/* What all that was added takes of memory, about. */
size_t segment_batch_bytes(const struct segment_batch *batch);
/* Let texts be read; until the next _add. */
void segment_batch_texts(const struct segment_batch *batch);
/* The same, and room for vectors of that many dimensions: nothing is added
 * any more. */
int segment_batch_room(struct segment_batch *batch, size_t dimensions);
/* How many vectors it has; the text of one; and its quantised components. */
size_t segment_batch_vectors(const struct segment_batch *batch);
const char *segment_batch_text(const struct segment_batch *batch, size_t i,
    size_t *ret_len);
void segment_batch_vector(struct segment_batch *batch, size_t i,
    const float *vector);
/* _room() and all vectors at once, row by row. */
int segment_batch_seal(struct segment_batch *batch, const float *vectors,
    size_t dimensions);

/* A tag of a content: what tells it from another one, in two parts perhaps. */
#define CONTENT_TAG_SIZE 256

/* What publishing needs; texts are fixed-size copies. */
struct published {
	int64_t document_id, base_id;
	uint8_t hash[HASH_SIZE];
	uint64_t rule;
	uint64_t characters, bytes;
	int64_t mtime_us;
	uint32_t pages;
	char title[256], media_type[80], language[16];
	unsigned stems; /* whose rules make its stems (text/language.h) */
	char summary[SUMMARY_BYTES_MAX + 1];
	/* Of what was fetched, where that is not what was listed: the tag of
	 * the content, and (not "") what it is called. */
	bool has_etag;
	char etag[CONTENT_TAG_SIZE];
	char name[UPLOAD_NAME_BYTES_MAX + 1];
	char *keyphrases; /* JSON array; owned */
	char *properties; /* JSON object; owned; NULL: none */
	bool has_vectors;
	int64_t embedder_id; /* that makes them; 0: it has none */
	unsigned graph; /* who makes its segments' graphs; GRAPH_OF_... */
	bool may_be_duplicate; /* look for the same content first */
};

/* Store a batch of a revision that is being built (begun when batch starts at
 * 0 or none is there).  Takes *batch.  Blocks while the writer is behind. */
int outcome_batch(struct engine *engine, struct run *run,
    const struct published *what, struct segment_batch **batch);

/* Add the members of a document to its job.  Takes *batch. */
int outcome_members(struct engine *engine, struct run *run,
    struct member_batch **batch);

/* The last batch (may be empty) and the publication, in one transaction with
 * the item's end (promise 4).  Takes *batch, what->keyphrases
 * and what->properties. */
int outcome_publish(struct engine *engine, struct run *run,
    struct published *what, struct segment_batch **batch);

/* End the item as code says; the sentence is message, or the code's own.  rule:
 * by which it was tried (its fingerprint), 0: it did not come that far. */
int outcome_end(struct engine *engine, struct run *run, enum item_code code,
    const char *message, uint64_t rule);

/* Count an item that has ended for the engine's figures. */
void outcome_count(struct engine *engine, const struct item *item);

/* On the writer thread: a line of the log about an item, with its job and its
 * base.  error NULL: none. */
void outcome_log(struct engine *engine, enum log_level level,
    const char *message, const struct item *item, const char *error);

/* On the writer thread, without waiting for room in its queue: end the item as
 * failed by an error of our own. */
void outcome_fail(struct engine *engine, struct run *run, const char *words);

/* Within an operation: the document is called name now, which came with its
 * content, unless somebody has called it otherwise than it was listed. */
int outcome_rename(struct write_tx *tx, const struct job *job,
    const struct item *item, const char *name);

/* UNCHANGED: also remember size, time and tag for the next first look. */
int outcome_unchanged(struct engine *engine, struct run *run,
    const struct published *what);

#endif
