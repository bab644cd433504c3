/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fs: files, with errors as the rest of the program knows them.  Floor 1.
 *
 * Writing goes through fs_write(), where a fault test can let one fail.
 */
#ifndef SYS_FS_H
#define SYS_FS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;
struct err_note;

/* Write all of it to fd; ERR_STORAGE_FULL, ERR_IO... */
int fs_write(int fd, const void *bytes, size_t len);
/* Read len bytes at offset; ERR_CLOSED when the file ends before. */
int fs_read_at(int fd, void *bytes, size_t len, uint64_t offset);

/* Make the folder and its parents; one that is there is fine. */
int fs_make_folders(const char *path, mode_t mode, struct err_note *note);

/* Make path hold exactly these bytes, or leave it as it was: written beside,
 * flushed, renamed. */
int fs_replace(const char *path, const void *bytes, size_t len, mode_t mode,
    struct err_note *note);

/* Append the file's content to out (whose max bounds it). */
int fs_read_file(const char *path, struct buf *out, struct err_note *note);
/* The same of what others have put together: whoever put a pipe or a device in
 * a file's place is told so (ERR_IO), and holds nobody. */
int fs_read_plain_file(const char *path, struct buf *out,
    struct err_note *note);

/* Make the names in the folder durable. */
int fs_sync_folder(const char *path);

/* A new unlinked file in folder; returns its descriptor or an error. */
int fs_temporary(const char *folder);

/* For fault tests: the nth fs_write from now fails with a full disk, once;
 * 0 none.  fs_count() is how many there were since. */
void fs_fail_at(unsigned long nth);
unsigned long fs_count(void);

#endif
