/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup: a data folder as one tar file, and a data folder of one.
 *
 * Floor 4.  The file, in this order: manifest.json (what it is, and of what),
 * tidemark.db, secret-key and api-key where the folder has them, the uploads
 * that the store refers to by ascending hash, SHA256SUMS (of all before it, as
 * sha256sum writes it).  docs/formats/backup.md has it in full.
 *
 * It is made piece by piece, as whoever takes it wants more.  The store in it
 * is that of one moment: a copy made first, which is what the data folder
 * needs room for.  Uploads are never changed, and none of a running server goes
 * (janitor.c collects them at the start), so that those the copy refers to are
 * still there when their turn comes.
 */
#ifndef ENGINE_BACKUP_H
#define ENGINE_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "store/store.h"

struct backup;
struct buf;
struct engine;
struct err_note;

#define BACKUP_FORMAT 1
#define BACKUP_MANIFEST_BYTES_MAX (64 * KIB)
#define BACKUP_KEY_BYTES_MAX (4 * KIB) /* of secret-key and api-key */
#define BACKUP_MISSING_MAX 65536u      /* uploads that are not there */
#define BACKUP_RESERVE_BYTES (64 * MIB) /* left free beside the copy */
#define BACKUP_VERSION_SIZE 64u
/* Where a restore works, within its folder; as long as it is there, the folder
 * is not a whole one. */
#define BACKUP_PART "restore.part"

/* What the manifest says. */
struct backup_facts {
	char version[BACKUP_VERSION_SIZE]; /* of the program that made it */
	int64_t created_us;
	int schema;
	int64_t revision, generation;
	uint64_t bases, documents, jobs;
	uint64_t store_bytes;
	uint64_t uploads, upload_bytes, uploads_missing;
	bool has_secret_key, has_api_key;
};

/* Asked now and then: is it to be broken off? */
typedef bool backup_stop_fn(void *arg);

/*
 * Of a folder that a server works on: copies the store, which may take a
 * while.  version: the program's.  ERR_STORAGE_FULL: no room for the copy;
 * ERR_BUSY: another backup is being made; ERR_CANCELLED: stop said so.
 * Returns owned (backup_close).
 */
int engine_backup_open(struct engine *engine, const char *version,
    backup_stop_fn *stop, void *arg, struct backup **ret_backup,
    struct err_note *note);
/* Of a folder that nobody works on: the caller holds its lock (store_lock).
 * The store is taken as it is, also that of an earlier version. */
int backup_open(const char *dir, const char *version,
    struct backup **ret_backup, struct err_note *note);
void backup_close(struct backup *backup);

const struct backup_facts *backup_facts(const struct backup *backup);
/* How long the whole file becomes. */
uint64_t backup_bytes(const struct backup *backup);
/* Append the next piece (less than BACKUP_PIECE_BYTES) to out: 1, and 0 with
 * the last one.  ERR_CORRUPT: an upload is not what its name says. */
#define BACKUP_PIECE_BYTES (1 * MIB)
int backup_read(struct backup *backup, struct buf *out,
    struct err_note *note);

/* ---- reading one --------------------------------------------------------- */

/* At most size bytes of the file: how many, 0 at its end, or an error. */
typedef int64_t backup_read_fn(void *arg, void *bytes, size_t size);

/* Who takes what is in it; functions may be NULL.  An error ends it. */
struct backup_sink {
	/* The manifest was read: is it wanted? */
	int (*facts)(void *arg, const struct backup_facts *facts,
	    struct err_note *note);
	/* A file begins: one of the folder's own names. */
	int (*begin)(void *arg, const char *name, uint64_t bytes,
	    struct err_note *note);
	int (*write)(void *arg, const void *bytes, size_t len,
	    struct err_note *note);
	/* It is whole; what is in it is looked at when the sums have come. */
	int (*end)(void *arg, struct err_note *note);
	void *arg;
};

/*
 * Read all of a backup, and hold it against its sums.  It may be anybody's:
 * names, sizes, order and number of members are what the manifest and this
 * header say, or it is refused.  ERR_SYNTAX, ERR_CORRUPT, ERR_TOO_BIG,
 * ERR_UNSUPPORTED (a later format, or a later program's store), and whatever
 * read and sink say.
 */
int backup_parse(backup_read_fn *read, void *read_arg,
    const struct backup_sink *sink, struct backup_facts *ret_facts,
    struct err_note *note);

/*
 * Into DIR/restore.part.  The caller holds DIR's lock and has seen that it is
 * empty.  What an earlier one has left there goes first; what this one has
 * written goes when it fails.
 */
int restore_unpack(const char *dir, backup_read_fn *read, void *read_arg,
    struct backup_facts *ret_facts, struct err_note *note);
/* Is there anything in DIR but the lock and what a restore has left?
 * ERR_EXISTS, with words. */
int restore_check_folder(const char *dir, struct err_note *note);
/* Has a restore into DIR begun and not come to its end?  ERR_CONFLICT, with
 * words: what is there is not all of it. */
int restore_check_done(const char *dir, struct err_note *note);
/* Put it in its place: from then on DIR is a data folder. */
int restore_place(const char *dir, struct err_note *note);
/* Forget it. */
void restore_discard(const char *dir);

#endif
