/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool: bytes written once at the end and read back from the start, in
 * memory while they are few and in an unlinked file when they are many.
 *
 * Floor 1.  What lies between two steps of the pipeline is a spool: memory
 * stays bounded whatever the document's size.  One thread at a time.
 */
#ifndef SYS_SPOOL_H
#define SYS_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct spool {
	struct buf memory;  /* all of it, or the window being written */
	struct buf window;  /* what reading from the file has fetched */
	const char *folder; /* for the file; kept */
	int fd;		    /* -1 while everything is in memory */
	size_t memory_max;
	uint64_t len;	    /* written so far */
	uint64_t flushed;   /* of it in the file */
	uint64_t at;	    /* read so far */
	uint64_t window_at; /* where window stands in the file */
};

void spool_init(struct spool *spool, const char *folder, size_t memory_max);
void spool_fini(struct spool *spool);
/* Forget the content, keep the memory, close the file. */
void spool_clear(struct spool *spool);

/* 0, ERR_NOMEM, ERR_STORAGE_FULL, ERR_IO. */
int spool_put(struct spool *spool, const void *bytes, size_t len);

/* Start reading at the front. */
void spool_rewind(struct spool *spool);

/* The next len bytes, contiguous; valid until the next call.  ERR_CLOSED at
 * the end; len must not go beyond what was written together. */
int spool_get(struct spool *spool, size_t len, const char **ret_bytes);

#endif
