/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_backup: copies of the whole store, and looking into one.
 *
 * Floor 3.  A copy is made page by page from one snapshot that stays pinned
 * meanwhile: the writer goes on committing, only its log grows.  An image is a
 * store that is looked at and never changed, of whatever schema this program
 * knows or an earlier one wrote: it is not migrated.
 */
#ifndef STORE_STORE_BACKUP_H
#define STORE_STORE_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/uuid.h"
#include "store/store.h"

struct err_note;
struct store_image;
struct store_snap;

/* Take DIR/lock, as a writer does: closing *ret_fd gives it back.  ERR_BUSY:
 * another process has the folder. */
int store_lock(const char *dir, int *ret_fd, struct err_note *note);

/* Put the log into the main file, which is all of the store then.  The caller
 * holds the lock. */
int store_settle(const char *dir, struct err_note *note);

/* Pin the store of that folder as it is now.  Returns owned
 * (store_snap_close). */
int store_snap_open(const char *dir, struct store_snap **ret_snap,
    struct err_note *note);
/* NULL is fine; what was copied stays. */
void store_snap_close(struct store_snap *snap);
/* How large the copy becomes. */
uint64_t store_snap_bytes(const struct store_snap *snap);
/* Copy a few megabytes more of it into the file path (the same each time, and
 * not there before the first).  ERR_STORAGE_FULL... */
int store_snap_copy(struct store_snap *snap, const char *path,
    bool *ret_is_done, struct err_note *note);

/* is_live: somebody may be writing to it, or its log is not settled; else the
 * file alone is all of it.  Returns owned (store_image_close).  ERR_CORRUPT:
 * it is no store; ERR_UNSUPPORTED: a later program's. */
int store_image_open(const char *path, bool is_live,
    struct store_image **ret_image, struct err_note *note);
void store_image_close(struct store_image *image);

struct store_facts {
	int schema;
	int64_t revision, generation;
	uint64_t bases, documents, jobs;
	uint64_t page_bytes, pages, free_pages;
};
int store_image_facts(struct store_image *image,
    struct store_facts *ret_facts, struct err_note *note);

/*
 * The uploads that are files and that the store refers to, by their hashes,
 * in ascending order: 1 a hash, 0 no more, or an error.  After 0, or
 * store_image_rewind(), it begins again.
 */
int store_image_blob_next(struct store_image *image,
    uint8_t ret_hash[HASH_SIZE]);
void store_image_rewind(struct store_image *image);

/* All bases, whoever's; of a store of this program's schema. */
typedef int image_base_fn(void *arg, int64_t account_id,
    const struct uuid *uuid, const char *name);
int store_image_bases_each(struct store_image *image, image_base_fn *fn,
    void *arg);

/* What made the vectors that are there: its name, and how long they are. */
typedef int image_embedder_fn(void *arg, const char *name,
    uint64_t dimensions);
int store_image_embedders_each(struct store_image *image,
    image_embedder_fn *fn, void *arg);

/* Is there nothing in it that would run by itself, and does every page fit the
 * others?  ERR_CORRUPT with words, SQLite's first ones on what does not. */
int store_image_check(struct store_image *image, struct err_note *note);

#endif
