/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfile: data files that a library opens when it needs them, which is after
 * the sandbox has closed.
 *
 * This program's fopen() and opendir() stand before the C library's, for all
 * libraries as well.  A file that was mapped is read from memory, at any time.
 * Once vfile_close() was called every other one does not exist: the library
 * gets an error that it knows how to handle, where the system call would end
 * the process.
 *
 * It is a convenience for libraries, no wall: the sandbox is the wall.
 */
#ifndef EXTRACTOR_VFILE_H
#define EXTRACTOR_VFILE_H

struct err_note;

/*
 * Map all files below directory, by their paths as they are found there.  One
 * that does not exist has no files.  0, ERR_NOMEM, or ERR_TOO_BIG with note.
 */
int vfile_map(const char *directory, struct err_note *note);

/* From now on there are no other files. */
void vfile_close(void);

#endif
