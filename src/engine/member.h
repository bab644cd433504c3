/* SPDX-License-Identifier: Apache-2.0 */
/*
 * member: documents inside of the document that a worker reads (members of an
 * archive, attachments of a mail) on their way to be items of their own.
 *
 * Floor 4.  A member's bytes become a blob, like an upload's; its item is added
 * to the job of the document it is in, in batches, before that document ends.
 * So a job cannot end before it knows of all members, and when a document is
 * read again after a crash, what the job knows already is left out.  Names,
 * counts and bytes come from the file and are untrusted.
 */
#ifndef ENGINE_MEMBER_H
#define ENGINE_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "model/item_code.h"
#include "store/store.h"

struct engine;
struct err_note;
struct run;
struct upload;
struct work;

#define MEMBER_BATCH 128u

struct member {
	char *uri, *name;
	struct upload *upload; /* until it is stored in a file */
	uint8_t hash[HASH_SIZE];
	uint64_t bytes;
	enum item_code code; /* why it cannot be read */
	char message[256];
};

/* Some members; owned by the worker, then by the operation that adds them. */
struct member_batch {
	struct member list[MEMBER_BATCH];
	size_t count;
};

/* How often a name came along in one document. */
struct name_counts {
	uint64_t *hashes; /* 0: free */
	uint32_t *counts;
	size_t used, size;
	uint64_t seed; /* which names fall together is not for a file to say */
};

/* Of one document that is read; one thread's. */
struct members {
	struct engine *engine;
	const struct work *work;
	struct run *run;
	struct store *reader;
	struct member_batch *batch; /* NULL: none yet */
	struct name_counts names;
	struct member *open; /* in batch */
	/* What may still be below the outermost document. */
	uint64_t count_left, bytes_left;
	bool is_counted, is_too_deep, is_over;
};

#define MEMBERS_TOO_MANY_FORMAT                                               \
	"there are more than %u documents or %llu bytes inside"

void members_init(struct members *members, struct engine *engine);
/* Forget what was not posted. */
void members_clear(struct members *members);
/* All three are kept until members_clear(). */
void members_begin(struct members *members, const struct work *work,
    struct run *run, struct store *reader);

/*
 * As the extractor tells of them (extract/extract.h).  Each may fail with what
 * storing the bytes fails with; with ERR_TOO_BIG and is_too_deep set when
 * documents are nested too deeply, or is_over when there are too many, or too
 * many bytes, below the outermost one.
 */
int members_add(struct members *members, const char *name);
int members_bytes(struct members *members, const void *bytes, size_t len);
int members_end(struct members *members, enum item_code code,
    const char *message);

/* Hand on what is gathered; the items are there before what the worker posts
 * next.  A member without an end fails: its document broke off in it. */
int members_post(struct members *members);

/*
 * Has a document members, at any depth, that somebody else is to blame for
 * (cancelled, the embedding service failed, the disk was full)?  Then it is
 * worth reading again although it is unchanged.
 */
int members_are_undone(struct store *store, int64_t document_id,
    bool *ret_are_undone);

void member_batch_free(struct member_batch *batch);
/* The memory it takes. */
size_t member_batch_bytes(const struct member_batch *batch);

#endif
