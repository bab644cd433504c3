/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening, transactions and the log.
 *
 * WAL with synchronous=FULL: a commit that has returned survives the loss of
 * power.  Up to version 3.51.2 SQLite has a rare race when two connections
 * commit and checkpoint at once, so all writes and all checkpoints go through
 * the one writer, and every connection has wal_autocheckpoint off.  The writer
 * also holds DIR/lock, so that two processes cannot both think they are it.
 * secure_delete: what is deleted is overwritten, in the index's pages too.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store/sqlite/sqlite_index.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_backup.h"

#define BUSY_MS 5000
#define EMPTY_MS 50 /* that emptying the log waits for readers */
#define PROGRESS_STEPS 20000 /* of SQLite's machine: a millisecond or so */
#define PAGE_BYTES 4096u /* SQLite's own default, which is what we take */
#define LOCK_TRIES 100
#define LOCK_TRY_NS 20000000

static const char pragmas_writer[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA wal_autocheckpoint = 0;"
    "PRAGMA secure_delete = ON;"
    "PRAGMA cache_size = -32768;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA trusted_schema = OFF;";

static const char pragmas_reader[] =
    "PRAGMA wal_autocheckpoint = 0;"
    "PRAGMA query_only = ON;"
    "PRAGMA cache_size = -8192;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA trusted_schema = OFF;";

/*
 * A child of a server that was killed holds its lock until it becomes another
 * program: whoever starts the next server at once finds it taken, for a few
 * milliseconds.  So it is tried for two seconds.
 */
static int
lock_wait(int fd)
{
	const struct timespec pause = {.tv_nsec = LOCK_TRY_NS};
	int tries;

	for (tries = 1; flock(fd, LOCK_EX | LOCK_NB) < 0; tries++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_from_errno(errno);
		if (tries == LOCK_TRIES)
			return ERR_BUSY;
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

int
store_lock(const char *dir, int *ret_fd, struct err_note *note)
{
	char path[URI_BYTES_MAX];
	int fd, err;

	if ((size_t)snprintf(path, sizeof(path), "%s/lock", dir) >=
	    sizeof(path))
		return err_set(note, ERR_TOO_BIG, "path too long");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(note, err_from_errno(errno), "%s: %s", path,
		    strerror(errno));
	err = lock_wait(fd);
	if (err < 0) {
		(void)close(fd);
		return err_set(note, err, "another process works on %s", dir);
	}
	*ret_fd = fd;
	return 0;
}

static int
counter_get(struct store *store, const char *name, int64_t *ret_value)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_META_GET);
	q_text(&q, name);
	got = q_step(&q);
	if (got > 0)
		*ret_value = q_col_int(&q, 0);
	return q_close(&q, got == 0 ? ERR_CORRUPT : got < 0 ? got : 0);
}

static int
counter_set(struct store *store, const char *name, int64_t value)
{
	struct q q;

	q_open(&q, store, STMT_META_SET);
	q_text(&q, name);
	q_int(&q, value);
	return q_run(&q);
}

/* After each commit that has written: how long the log is now. */
static int
log_grown(void *arg, sqlite3 *db, const char *schema, int pages)
{
	struct store *store = arg;

	(void)db;
	(void)schema;
	if (pages < store->log_pages)
		store->log_copied = 0; /* all was copied: from its start */
	store->log_pages = pages;
	return SQLITE_OK;
}

static int
store_setup(struct store *store, const char *path, struct err_note *note)
{
	int code, err, flags;

	flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
	    SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_READWRITE;
	if (store->mode == STORE_WRITER)
		flags |= SQLITE_OPEN_CREATE;
	code = sqlite3_open_v2(path, &store->db, flags, NULL);
	if (code != SQLITE_OK)
		return store_error_note(store, code, note);
	(void)sqlite3_busy_timeout(store->db, BUSY_MS);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
	    NULL);
	err = store_exec(store,
	    store->mode == STORE_WRITER ? pragmas_writer : pragmas_reader,
	    note);
	if (err < 0)
		return err;
	err = part_register(store);
	if (err < 0)
		return err_set(note, err, "no folding of case in ICU");
	err = store_migrate(store, note);
	if (err < 0)
		return err;
	err = index_open(store, path);
	if (err < 0)
		return err_set(note, err, "%s: %s", path, err_text(err));
	if (store->mode == STORE_READER)
		return 0;
	(void)sqlite3_wal_hook(store->db, log_grown, store);
	err = counter_get(store, "rev", &store->rev);
	if (err == 0)
		err = counter_get(store, "generation", &store->generation);
	if (err < 0)
		return err_set(note, err, "the store's counters are missing");
	store->rev_committed = store->rev;
	store->generation_committed = store->generation;
	err = index_build(store);
	return err < 0 ? err_set(note, err, "the index of words: %s",
			     err_text(err))
		       : 0;
}

/* Statistics of memory cost a lock at every allocation. */
static void
library_setup(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int
store_open(const char *dir, enum store_mode mode, struct store **ret_store,
    struct err_note *note)
{
	char path[URI_BYTES_MAX];
	struct store *store;
	int err;

	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, library_setup);
	store = mem_zalloc(sizeof(*store));
	if (store == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	store->mode = mode;
	store->lock_fd = -1;
	if ((size_t)snprintf(path, sizeof(path), "%s/tidemark.db", dir) >=
	    sizeof(path)) {
		err = err_set(note, ERR_TOO_BIG, "path too long");
		goto out;
	}
	if (mode == STORE_WRITER) {
		err = store_lock(dir, &store->lock_fd, note);
		if (err < 0)
			goto out;
	}
	err = store_setup(store, path, note);
	if (err < 0)
		goto out;
	*ret_store = store;
	store = NULL;
out:
	store_close(store);
	return err;
}

void
store_close(struct store *store)
{
	size_t i;

	if (store == NULL)
		return;
	if (store->in_transaction)
		store_rollback(store);
	for (i = 0; i < STMT_COUNT; i++)
		(void)sqlite3_finalize(store->stmts[i]);
	index_close(store);
	(void)sqlite3_close_v2(store->db);
	part_close(store);
	if (store->lock_fd >= 0)
		(void)close(store->lock_fd); /* gives the lock back */
	mem_free(store);
}

int
store_begin(struct store *store, struct err_note *note)
{
	int64_t rev;
	int err;

	ASSERT(!store->in_transaction);
	err = store_exec(store,
	    store->mode == STORE_WRITER ? "BEGIN IMMEDIATE" : "BEGIN", note);
	if (err < 0)
		return err;
	store->in_transaction = true;
	store->is_index_changed = false;
	store->changes_begun = store_changes(store);
	/* A reader's snapshot begins with its first read, not with BEGIN. */
	if (store->mode == STORE_READER) {
		err = counter_get(store, "rev", &rev);
		if (err < 0)
			store_end(store);
	}
	return err;
}

static int
commit_counters(struct store *store)
{
	int err;

	err = index_settle(store);
	if (store->is_index_changed)
		store->generation++;
	/* Also a commit that touches neither job nor item (a deletion, a new
	 * base) is a revision: what is kept as of one must not outlive it. */
	if (store->rev == store->rev_committed &&
	    store_changes(store) != store->changes_begun)
		store->rev++;
	if (err == 0 && store->rev != store->rev_committed)
		err = counter_set(store, "rev", store->rev);
	if (err == 0 && store->generation != store->generation_committed)
		err = counter_set(store, "generation", store->generation);
	return err;
}

int
store_commit(struct store *store, struct err_note *note)
{
	int err;

	ASSERT(store->mode == STORE_WRITER && store->in_transaction);
	err = commit_counters(store);
	if (err < 0)
		(void)err_set(note, err, "store: %s",
		    sqlite3_errmsg(store->db));
	else
		err = store_exec(store, "COMMIT", note);
	if (err < 0) {
		store_rollback(store);
		return err;
	}
	store->in_transaction = false;
	store->rev_committed = store->rev;
	store->generation_committed = store->generation;
	return 0;
}

void
store_rollback(struct store *store)
{
	if (!store->in_transaction)
		return;
	/* A disk that is full may have ended the transaction already. */
	if (sqlite3_get_autocommit(store->db) == 0)
		(void)store_exec(store, "ROLLBACK", NULL);
	store->in_transaction = false;
	index_forget(store);
	store->rev = store->rev_committed;
	store->generation = store->generation_committed;
}

void
store_end(struct store *store)
{
	ASSERT(store->mode == STORE_READER);
	store_rollback(store);
}

int
store_stamp(struct store *store, int64_t *ret_rev, int64_t *ret_generation)
{
	int err;

	if (store->mode == STORE_WRITER) {
		*ret_rev = store->rev;
		*ret_generation = store->generation +
		    (store->in_transaction && store->is_index_changed);
		return 0;
	}
	err = counter_get(store, "rev", ret_rev);
	if (err == 0)
		err = counter_get(store, "generation", ret_generation);
	return err;
}

int64_t
store_next_rev(struct store *store)
{
	ASSERT(store->in_transaction);
	return ++store->rev;
}

int64_t
store_changes(struct store *store)
{
	return sqlite3_total_changes64(store->db);
}

uint64_t
store_log_bytes(const struct store *store)
{
	return (uint64_t)(store->log_pages - store->log_copied) * PAGE_BYTES;
}

void
store_on_progress(struct store *store, int (*fn)(void *arg), void *arg)
{
	sqlite3_progress_handler(store->db, PROGRESS_STEPS, fn, arg);
}

int
store_checkpoint(struct store *store, bool is_idle)
{
	int log = 0, done = 0, code;

	ASSERT(store->mode == STORE_WRITER && !store->in_transaction);
	code = sqlite3_wal_checkpoint_v2(store->db, NULL,
	    SQLITE_CHECKPOINT_PASSIVE, &log, &done);
	if (is_idle && code == SQLITE_OK && log == done) {
		/* Who comes now would wait, too, while a backup reads. */
		(void)sqlite3_busy_timeout(store->db, EMPTY_MS);
		code = sqlite3_wal_checkpoint_v2(store->db, NULL,
		    SQLITE_CHECKPOINT_TRUNCATE, &log, &done);
		(void)sqlite3_busy_timeout(store->db, BUSY_MS);
	}
	if (log >= 0) {
		store->log_pages = log;
		store->log_copied = done;
	}
	/* A reader in the way is no error: the next one will do it. */
	return code == SQLITE_BUSY || code == SQLITE_LOCKED
	    ? 0
	    : store_error(store, code);
}
