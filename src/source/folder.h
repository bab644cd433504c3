/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder: walks files and folders of this machine, in a fixed order.
 *
 * Floor 3.  Roots are walked in the order of their bytes, each once; in a
 * folder the files come first, sorted by their bytes, then the folders beside
 * them in the same way: a walk that is repeated finds the same entries in the
 * same order when nothing changed.  A root below another one is walked as a
 * root and left out there.  Symbolic links are followed when what they lead to
 * lies below one of the walk's roots; a loop is left out, and a folder is
 * entered through a link once in a walk.  Pipes, sockets and devices are left
 * out.  Version control folders (.git, .hg, .svn) are left out unless a part
 * of an include pattern is just that name.
 */
#ifndef SOURCE_FOLDER_H
#define SOURCE_FOLDER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/item_code.h"

struct buf;
struct err_note;

struct folder_rule {
	const char *const *roots; /* absolute, canonical (realpath) */
	size_t root_count;
	/* gitignore's patterns, matched against the path below its root.  A
	 * file is taken when include is empty or one matches, and no exclude
	 * matches (within each list the last match decides, ! turns it).
	 * What is inside of a folder that matches goes with it: an excluded
	 * one is not looked into, an included one is taken but for what a
	 * pattern with ! matches. */
	const char *const *include;
	size_t include_count;
	const char *const *exclude;
	size_t exclude_count;
};

struct folder_entry {
	const char *path; /* absolute; its address fits URI_BYTES_MAX */
	const char *name; /* below its root, as UTF-8: other bytes are
			     percent-encoded; the file's own name for a file
			     that is a root itself */
	uint64_t bytes;
	int64_t mtime_us;
	/* Not ITEM_CODE_NONE: it cannot be read (a file, or a folder whose
	 * content, or some of it, stays unknown); message, a part of a
	 * sentence, says why. */
	enum item_code code;
	const char *message;
	/* Only with a code.  What is stored of files below may still be
	 * there: it has not vanished, it was not seen. */
	bool is_folder;
};

/* entry is valid during the call; a negative return ends the walk. */
typedef int folder_entry_fn(void *arg, const struct folder_entry *entry);

/*
 * Walk over all roots.  stop (may be NULL) is looked at between entries: true
 * ends the walk with ERR_CANCELLED.  ERR_NOT_FOUND or ERR_FORBIDDEN when a
 * root itself is not there or may not be read: then no entry was given at all
 * (all roots are looked at first).  ERR_TOO_BIG beyond FOLDER_DEPTH_MAX is not
 * an error of the walk: that folder is an entry with a code.
 */
int folder_walk(const struct folder_rule *rule, const atomic_bool *stop,
    folder_entry_fn *fn, void *arg, struct err_note *note);

/*
 * Open the file at path for reading and make sure that what was opened is a
 * regular file below one of the roots (links may have changed meanwhile).
 * Returns a descriptor (the caller closes it), ERR_NOT_FOUND, ERR_FORBIDDEN,
 * or another error of opening.
 */
int folder_open_file(const char *const *roots, size_t root_count,
    const char *path, struct err_note *note);

/* Is path (canonical) one of the roots or below one? */
int folder_is_below(const char *const *roots, size_t root_count,
    const char *path);

/*
 * Append the absolute path as an address (RFC 8089): "file://" and the path,
 * percent-encoded but for unreserved characters and slashes, so that any
 * bytes make an ASCII address and each path has just one.  The addresses of
 * what is below a folder begin with the folder's and a slash.  ERR_INVALID
 * when path is not absolute, or what out says.
 */
int folder_uri(const char *path, struct buf *out);

/* How many bytes that takes. */
size_t folder_uri_bytes(const char *path);

/* Append the path in such an address; ERR_SYNTAX when it is none, has another
 * host than this one, or holds a zero byte; nothing is appended then. */
int folder_path_of_uri(const char *uri, struct buf *out);

#endif
