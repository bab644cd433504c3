/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault: what a fault test can let fail, and when.  Included after cmocka.h.
 *
 * One kind at a time: the nth allocation of ours, the nth of SQLite's, the nth
 * change of a file by SQLite (write, flush, truncate), with a full disk or a
 * broken one, the nth write of ours.  Each fails once, but a disk can also
 * stay full from the nth change on.
 *
 * fault_install() before SQLite is used: it puts SQLite's allocator and its
 * files behind ones that count.
 */
#ifndef TESTS_FAULT_FAULT_H
#define TESTS_FAULT_FAULT_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sys/fs.h"

enum fault { FAULT_MEMORY, FAULT_SQLITE_MEMORY, FAULT_DISK_FULL,
	FAULT_DISK_BROKEN, FAULT_WRITE, FAULT_COUNT };

static const char *const fault_names[FAULT_COUNT] = {
    [FAULT_MEMORY] = "allocation",
    [FAULT_SQLITE_MEMORY] = "allocation of SQLite",
    [FAULT_DISK_FULL] = "change of a file (full)",
    [FAULT_DISK_BROKEN] = "change of a file (broken)",
    [FAULT_WRITE] = "write",
};

/* Countdown of a kind: fails when it comes to 0; negative is never. */
struct fault_counter {
	atomic_long left;
	atomic_bool stays; /* and goes on failing */
	atomic_bool has_failed;
};

static struct fault_counter fault_memory, fault_disk;
static atomic_int fault_disk_code;

static inline bool
fault_must_fail(struct fault_counter *counter)
{
	long left;

	if (atomic_load(&counter->left) < 0)
		return false;
	left = atomic_fetch_sub(&counter->left, 1) - 1;
	if (left > 0)
		return false;
	if (atomic_load(&counter->stays))
		atomic_store(&counter->left, 0);
	else
		atomic_store(&counter->left, -1);
	atomic_store(&counter->has_failed, true);
	return true;
}

static inline void
fault_counter_set(struct fault_counter *counter, long nth, bool stays)
{
	atomic_store(&counter->left, -1);
	atomic_store(&counter->has_failed, false);
	atomic_store(&counter->stays, stays);
	atomic_store(&counter->left, nth == 0 ? -1 : nth);
}

/* ---- SQLite's memory ----------------------------------------------------- */

static sqlite3_mem_methods fault_real_memory;

static inline void *
fault_malloc(int size)
{
	return fault_must_fail(&fault_memory)
	    ? NULL
	    : fault_real_memory.xMalloc(size);
}

static inline void *
fault_realloc(void *block, int size)
{
	return fault_must_fail(&fault_memory)
	    ? NULL
	    : fault_real_memory.xRealloc(block, size);
}

/* ---- SQLite's files ------------------------------------------------------ */

struct fault_file {
	sqlite3_file base;
	sqlite3_file *real; /* behind this, in the same block */
};

static sqlite3_vfs *fault_real_vfs;
static sqlite3_vfs fault_vfs;

static inline sqlite3_file *
fault_real(sqlite3_file *file)
{
	return ((struct fault_file *)(void *)file)->real;
}

#define REAL(file) (fault_real(file)->pMethods)

static inline int
fault_close(sqlite3_file *file)
{
	return REAL(file)->xClose(fault_real(file));
}

static inline int
fault_read(sqlite3_file *file, void *to, int len, sqlite3_int64 at)
{
	return REAL(file)->xRead(fault_real(file), to, len, at);
}

static inline int
fault_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 at)
{
	int code = atomic_load(&fault_disk_code);

	/* What has been written before the disk was full stays there. */
	if (fault_must_fail(&fault_disk)) {
		(void)REAL(file)->xWrite(fault_real(file), from, len / 2, at);
		return code;
	}
	return REAL(file)->xWrite(fault_real(file), from, len, at);
}

static inline int
fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return fault_must_fail(&fault_disk)
	    ? SQLITE_IOERR_TRUNCATE
	    : REAL(file)->xTruncate(fault_real(file), size);
}

static inline int
fault_sync(sqlite3_file *file, int flags)
{
	return fault_must_fail(&fault_disk)
	    ? SQLITE_IOERR_FSYNC
	    : REAL(file)->xSync(fault_real(file), flags);
}

static inline int
fault_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return REAL(file)->xFileSize(fault_real(file), size);
}

static inline int
fault_lock(sqlite3_file *file, int lock)
{
	return REAL(file)->xLock(fault_real(file), lock);
}

static inline int
fault_unlock(sqlite3_file *file, int lock)
{
	return REAL(file)->xUnlock(fault_real(file), lock);
}

static inline int
fault_check_lock(sqlite3_file *file, int *is_locked)
{
	return REAL(file)->xCheckReservedLock(fault_real(file), is_locked);
}

static inline int
fault_control(sqlite3_file *file, int op, void *arg)
{
	return REAL(file)->xFileControl(fault_real(file), op, arg);
}

static inline int
fault_sector(sqlite3_file *file)
{
	return REAL(file)->xSectorSize(fault_real(file));
}

static inline int
fault_traits(sqlite3_file *file)
{
	return REAL(file)->xDeviceCharacteristics(fault_real(file));
}

static inline int
fault_shm_map(sqlite3_file *file, int page, int size, int extend,
    void volatile **ret)
{
	return REAL(file)->xShmMap(fault_real(file), page, size, extend, ret);
}

static inline int
fault_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	return REAL(file)->xShmLock(fault_real(file), offset, n, flags);
}

static inline void
fault_shm_barrier(sqlite3_file *file)
{
	REAL(file)->xShmBarrier(fault_real(file));
}

static inline int
fault_shm_unmap(sqlite3_file *file, int delete)
{
	return REAL(file)->xShmUnmap(fault_real(file), delete);
}

static const sqlite3_io_methods fault_methods = {
    .iVersion = 2, /* without mapped reading */
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_check_lock,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector,
    .xDeviceCharacteristics = fault_traits,
    .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_shm_barrier,
    .xShmUnmap = fault_shm_unmap,
};

static inline int
fault_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file,
    int flags, int *ret_flags)
{
	struct fault_file *f = (struct fault_file *)(void *)file;
	int code;

	(void)vfs;
	f->real = (sqlite3_file *)(void *)(f + 1);
	code = fault_real_vfs->xOpen(fault_real_vfs, name, f->real, flags,
	    ret_flags);
	f->base.pMethods = f->real->pMethods == NULL ? NULL : &fault_methods;
	return code;
}

/* Where these are, SQLite's first use is: before any store is opened. */
static inline void
fault_install(void)
{
	sqlite3_mem_methods memory;

	(void)sqlite3_config(SQLITE_CONFIG_GETMALLOC, &fault_real_memory);
	memory = fault_real_memory;
	memory.xMalloc = fault_malloc;
	memory.xRealloc = fault_realloc;
	(void)sqlite3_config(SQLITE_CONFIG_MALLOC, &memory);
	fault_counter_set(&fault_memory, 0, false);
	fault_counter_set(&fault_disk, 0, false);

	fault_real_vfs = sqlite3_vfs_find(NULL);
	fault_vfs = *fault_real_vfs;
	fault_vfs.zName = "fault";
	fault_vfs.szOsFile = (int)sizeof(struct fault_file) +
	    fault_real_vfs->szOsFile;
	fault_vfs.xOpen = fault_open;
	(void)sqlite3_vfs_register(&fault_vfs, 1);
}

/* ---- ordering them ------------------------------------------------------- */

/* Nothing fails any more. */
static inline void
fault_clear(void)
{
	mem_fail_at(0);
	fs_fail_at(0);
	fault_counter_set(&fault_memory, 0, false);
	fault_counter_set(&fault_disk, 0, false);
}

static unsigned long fault_nth;

/* Let the nth of that kind fail, from now on. */
static inline void
fault_set(enum fault fault, unsigned long nth)
{
	fault_clear();
	fault_nth = nth;
	switch (fault) {
	case FAULT_MEMORY:
		mem_fail_at(nth);
		break;
	case FAULT_SQLITE_MEMORY:
		fault_counter_set(&fault_memory, (long)nth, false);
		break;
	case FAULT_DISK_FULL:
		atomic_store(&fault_disk_code, SQLITE_FULL);
		fault_counter_set(&fault_disk, (long)nth, false);
		break;
	case FAULT_DISK_BROKEN:
		atomic_store(&fault_disk_code, SQLITE_IOERR_WRITE);
		fault_counter_set(&fault_disk, (long)nth, false);
		break;
	case FAULT_WRITE:
		fs_fail_at(nth);
		break;
	case FAULT_COUNT:
		break;
	}
}

/* From the nth change on the disk stays full, until fault_clear(). */
static inline void
fault_disk_stays_full(unsigned long nth)
{
	fault_clear();
	atomic_store(&fault_disk_code, SQLITE_FULL);
	fault_counter_set(&fault_disk, (long)nth, true);
}

/* Has what was ordered happened?  Ask before fault_clear(). */
static inline bool
fault_happened(enum fault fault)
{
	switch (fault) {
	case FAULT_MEMORY:
		return mem_count() >= fault_nth;
	case FAULT_SQLITE_MEMORY:
		return atomic_load(&fault_memory.has_failed);
	case FAULT_DISK_FULL:
	case FAULT_DISK_BROKEN:
		return atomic_load(&fault_disk.has_failed);
	case FAULT_WRITE:
		return fs_count() >= fault_nth;
	case FAULT_COUNT:
		break;
	}
	return false;
}

#endif
