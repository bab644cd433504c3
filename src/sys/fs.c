/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "sys/fs.h"

/* Only fault tests change them. */
static atomic_ulong fs_fail_nth;
static atomic_ulong fs_made;

static int
fs_must_fail(void)
{
	unsigned long nth;

	nth = atomic_load_explicit(&fs_fail_nth, memory_order_relaxed);
	if (nth == 0)
		return 0;
	return atomic_fetch_add(&fs_made, 1) + 1 == nth;
}

void
fs_fail_at(unsigned long nth)
{
	atomic_store(&fs_made, 0);
	atomic_store(&fs_fail_nth, nth);
}

unsigned long
fs_count(void)
{
	return atomic_load(&fs_made);
}

int
fs_write(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;
	ssize_t got;

	if (fs_must_fail())
		return ERR_STORAGE_FULL;
	while (len > 0) {
		got = write(fd, at, len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_from_errno(errno);
		at += got;
		len -= (size_t)got;
	}
	return 0;
}

int
fs_read_at(int fd, void *bytes, size_t len, uint64_t offset)
{
	char *at = bytes;
	ssize_t got;

	while (len > 0) {
		got = pread(fd, at, len, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_from_errno(errno);
		if (got == 0)
			return ERR_CLOSED;
		at += got;
		len -= (size_t)got;
		offset += (uint64_t)got;
	}
	return 0;
}

int
fs_make_folders(const char *path, mode_t mode, struct err_note *note)
{
	char copy[URI_BYTES_MAX];
	size_t i, len = strlen(path);
	struct stat st;

	if (len == 0 || len >= sizeof(copy))
		return err_set(note, ERR_INVALID, "path empty or too long");
	memcpy(copy, path, len + 1);
	for (i = 1; i <= len; i++) {
		if (copy[i] != '/' && copy[i] != '\0')
			continue;
		copy[i] = '\0';
		if (mkdir(copy, mode) < 0 && errno != EEXIST)
			return err_set(note, err_from_errno(errno),
			    "cannot make folder %s: %s", copy,
			    strerror(errno));
		if (i < len)
			copy[i] = '/';
	}
	/* What was there already may be a file. */
	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return err_set(note, ERR_EXISTS, "%s is not a folder", path);
	return 0;
}

static int
fs_fill(int fd, const void *bytes, size_t len)
{
	int err;

	err = fs_write(fd, bytes, len);
	if (err < 0)
		return err;
	return fsync(fd) < 0 ? err_from_errno(errno) : 0;
}

int
fs_replace(const char *path, const void *bytes, size_t len, mode_t mode,
    struct err_note *note)
{
	char beside[URI_BYTES_MAX + 8];
	const char *slash = strrchr(path, '/');
	char folder[URI_BYTES_MAX];
	int fd, err;

	if (slash == NULL || slash == path ||
	    (size_t)(slash - path) >= sizeof(folder))
		return err_set(note, ERR_INVALID, "not a path: %s", path);
	(void)snprintf(beside, sizeof(beside), "%s.new", path);
	memcpy(folder, path, (size_t)(slash - path));
	folder[slash - path] = '\0';

	(void)unlink(beside); /* left by a crash, if at all */
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return err_set(note, err_from_errno(errno), "%s: %s", beside,
		    strerror(errno));
	err = fs_fill(fd, bytes, len);
	(void)close(fd); /* flushed already */
	if (err == 0 && rename(beside, path) < 0)
		err = err_from_errno(errno);
	if (err == 0)
		err = fs_sync_folder(folder);
	if (err < 0) {
		(void)unlink(beside);
		return err_set(note, err, "cannot write %s: %s", path,
		    err_text(err));
	}
	return 0;
}

/* All that is to be had of fd, which is closed. */
static int
read_all(int fd, const char *path, struct buf *out, struct err_note *note)
{
	char piece[4096];
	ssize_t got = 0;
	int err = 0;

	/* By way of piece: room for one more is not asked of out, which may
	 * hold just as much as the file. */
	do {
		got = read(fd, piece, sizeof(piece));
		if (got > 0)
			err = buf_put(out, piece, (size_t)got);
	} while (err == 0 && (got > 0 || (got < 0 && errno == EINTR)));
	if (err == 0 && got < 0)
		err = err_from_errno(errno);
	(void)close(fd);
	return err < 0 ? err_set(note, err, "cannot read %s", path) : 0;
}

int
fs_read_file(const char *path, struct buf *out, struct err_note *note)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(note, err_from_errno(errno), "%s: %s", path,
		    strerror(errno));
	return read_all(fd, path, out, note);
}

int
fs_read_plain_file(const char *path, struct buf *out, struct err_note *note)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return err_set(note, err_from_errno(errno), "%s: %s", path,
		    strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return err_set(note, ERR_IO, "%s is not a file", path);
	}
	return read_all(fd, path, out, note);
}

int
fs_sync_folder(const char *path)
{
	int fd, err = 0;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_from_errno(errno);
	if (fsync(fd) < 0)
		err = err_from_errno(errno);
	(void)close(fd);
	return err;
}

int
fs_temporary(const char *folder)
{
	char path[URI_BYTES_MAX];
	int fd;

	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
		return err_from_errno(errno);
	/* A file system without O_TMPFILE. */
	(void)snprintf(path, sizeof(path), "%s/spool-XXXXXX", folder);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return err_from_errno(errno);
	(void)unlink(path);
	return fd;
}
