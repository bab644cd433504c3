/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A data folder from a backup.
 *
 *	DIR/lock		held from before the first look to the end
 *	DIR/restore.part/	everything is unpacked here, held against its
 *				sums, flushed; the caller opens it and counts
 *	DIR/...			then it is renamed, the store last
 *
 * As long as restore.part is there the folder is not a whole one, and no
 * server starts over it.  Beside DIR would be no place for it: DIR may be a
 * mount point, and what is around it is often not the user's.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "engine/backup.h"
#include "sys/fs.h"

#define WALK_FDS 16

struct unpack {
	char part[URI_BYTES_MAX]; /* DIR/restore.part */
	int fd;
};

static int
path_put(char out[URI_BYTES_MAX], const char *dir, const char *name)
{
	int len = snprintf(out, URI_BYTES_MAX, "%s/%s", dir, name);

	return len < 0 || (size_t)len >= URI_BYTES_MAX ? ERR_TOO_BIG : 0;
}

/* ---- the folder ------------------------------------------------------ */

int
restore_check_done(const char *dir, struct err_note *note)
{
	char part[URI_BYTES_MAX];

	if (path_put(part, dir, BACKUP_PART) < 0 || access(part, F_OK) < 0)
		return 0;
	return err_set(note, ERR_CONFLICT, "a restore into %s was broken "
	    "off: empty the folder and restore again", dir);
}

int
restore_check_folder(const char *dir, struct err_note *note)
{
	static const char *const fine[] = {".", "..", "lock", "lost+found",
	    BACKUP_PART};
	struct dirent *entry;
	DIR *folder;
	size_t i;
	int err = 0;

	folder = opendir(dir);
	if (folder == NULL)
		return err_set(note, err_from_errno(errno), "%s: %s", dir,
		    strerror(errno));
	while (err == 0 && (entry = readdir(folder)) != NULL) {
		for (i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
			if (strcmp(entry->d_name, fine[i]) == 0)
				break;
		if (i == sizeof(fine) / sizeof(fine[0]))
			err = err_set(note, ERR_EXISTS, "%s is not empty: "
			    "restore into a new folder, or move away what is "
			    "in it", dir);
	}
	(void)closedir(folder);
	return err;
}

static int
remove_one(const char *path, const struct stat *st, int kind,
    struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	(void)remove(path); /* what cannot go keeps its folder */
	return 0;
}

void
restore_discard(const char *dir)
{
	char part[URI_BYTES_MAX];

	if (path_put(part, dir, BACKUP_PART) == 0)
		(void)nftw(part, remove_one, WALK_FDS,
		    FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* ---- unpacking ------------------------------------------------------- */

/* Told before anything is written. */
static int
unpack_facts(void *arg, const struct backup_facts *facts,
    struct err_note *note)
{
	struct unpack *unpack = arg;
	uint64_t wanted = facts->store_bytes + facts->upload_bytes +
	    BACKUP_RESERVE_BYTES;
	struct statvfs fs;
	uint64_t free_bytes;

	if (statvfs(unpack->part, &fs) < 0)
		return err_set(note, err_from_errno(errno), "%s: %s",
		    unpack->part, strerror(errno));
	free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	return free_bytes >= wanted
	    ? 0
	    : err_set(note, ERR_STORAGE_FULL, "%llu MB are needed, and %llu "
		  "MB are free", (unsigned long long)(wanted / 1000000),
		  (unsigned long long)(free_bytes / 1000000));
}

/* name is one of those that backup_parse() lets through. */
static int
unpack_begin(void *arg, const char *name, uint64_t bytes,
    struct err_note *note)
{
	struct unpack *unpack = arg;
	char path[URI_BYTES_MAX], *slash;
	int err;

	(void)bytes;
	err = path_put(path, unpack->part, name);
	if (err < 0)
		return err_set(note, err, "path too long");
	if (strchr(name, '/') != NULL) {
		slash = strrchr(path, '/');
		*slash = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return err_set(note, err_from_errno(errno), "%s: %s",
			    path, strerror(errno));
		*slash = '/';
	}
	unpack->fd = open(path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (unpack->fd < 0)
		return err_set(note, err_from_errno(errno), "%s: %s", path,
		    strerror(errno));
	return 0;
}

static int
unpack_write(void *arg, const void *bytes, size_t len, struct err_note *note)
{
	struct unpack *unpack = arg;
	int err;

	err = fs_write(unpack->fd, bytes, len);
	return err < 0 ? err_set(note, err, "%s: %s", unpack->part,
			     err_text(err))
		       : 0;
}

static int
unpack_end(void *arg, struct err_note *note)
{
	struct unpack *unpack = arg;
	int fd = unpack->fd;

	unpack->fd = -1;
	return close(fd) < 0 ? err_set(note, err_from_errno(errno), "%s: %s",
				   unpack->part, strerror(errno))
			     : 0;
}

static int
unpack_folders(struct unpack *unpack, struct err_note *note)
{
	char path[URI_BYTES_MAX];
	int err;

	err = path_put(path, unpack->part, "blobs");
	if (err < 0)
		return err_set(note, err, "path too long");
	if (mkdir(unpack->part, 0700) < 0 || mkdir(path, 0700) < 0)
		return err_set(note, err_from_errno(errno), "%s: %s", path,
		    strerror(errno));
	return 0;
}

/* All of it at once: there may be a million files. */
static int
unpack_flush(const struct unpack *unpack, struct err_note *note)
{
	int fd, err = 0;

	fd = open(unpack->part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || syncfs(fd) < 0)
		err = err_set(note, err_from_errno(errno), "%s: %s",
		    unpack->part, strerror(errno));
	if (fd >= 0)
		(void)close(fd); /* only read */
	return err;
}

int
restore_unpack(const char *dir, backup_read_fn *read, void *read_arg,
    struct backup_facts *ret_facts, struct err_note *note)
{
	struct unpack unpack = {.fd = -1};
	struct backup_sink sink = {.facts = unpack_facts,
	    .begin = unpack_begin, .write = unpack_write, .end = unpack_end,
	    .arg = &unpack};
	int err;

	if (path_put(unpack.part, dir, BACKUP_PART) < 0)
		return err_set(note, ERR_TOO_BIG, "path too long");
	restore_discard(dir);
	err = unpack_folders(&unpack, note);
	if (err == 0)
		err = backup_parse(read, read_arg, &sink, ret_facts, note);
	if (unpack.fd >= 0)
		(void)close(unpack.fd); /* it failed already */
	if (err == 0)
		err = unpack_flush(&unpack, note);
	if (err < 0)
		restore_discard(dir);
	return err;
}

/* ---- putting it in its place ----------------------------------------- */

int
restore_place(const char *dir, struct err_note *note)
{
	/* The log before the file that it belongs to. */
	static const char *const names[] = {"blobs", "secret-key", "api-key",
	    "tidemark.db-wal", "tidemark.db"};
	char part[URI_BYTES_MAX], from[URI_BYTES_MAX], to[URI_BYTES_MAX];
	size_t i;
	int err;

	err = path_put(part, dir, BACKUP_PART);
	for (i = 0; err == 0 && i < sizeof(names) / sizeof(names[0]); i++) {
		err = path_put(from, part, names[i]);
		if (err == 0)
			err = path_put(to, dir, names[i]);
		if (err == 0 && rename(from, to) < 0 && errno != ENOENT)
			err = err_from_errno(errno);
	}
	if (err == 0)
		err = fs_sync_folder(dir);
	if (err < 0)
		return err_set(note, err, "%s: %s", dir, err_text(err));
	restore_discard(dir);
	err = fs_sync_folder(dir);
	return err < 0 ? err_set(note, err, "%s: %s", dir, err_text(err)) : 0;
}
