/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * archive_name: the names of an archive's members, as UTF-8.
 *
 * Old archives say nothing about the charset of their names, and one name is
 * too short to tell it from: all of them together are the sample, of a ZIP
 * file before the first of them is needed.
 */
#ifndef EXTRACTOR_ARCHIVE_NAME_H
#define EXTRACTOR_ARCHIVE_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct charset;
struct input;

/* Of a longer path the end counts: it has the extension. */
#define ARCHIVE_PATH_MAX 4096u

struct archive_names {
	struct input *input; /* of the archive */
	struct buf sample;   /* names that are no UTF-8, a line each */
	size_t told_at;	     /* its length when the charset was told */
	struct charset *charset;
	bool is_dos; /* the archive is a ZIP file */
	bool has_looked; /* through the ZIP file's directory */
	char name[3 * ARCHIVE_PATH_MAX + 16];
};

/* input is kept. */
void archive_names_init(struct archive_names *names, struct input *input);
void archive_names_fini(struct archive_names *names);

/*
 * raw, which may be any bytes, as UTF-8 without control characters; valid
 * until the next call.  Never empty.  *ret_len is its length.
 */
const char *archive_name(struct archive_names *names, const char *raw,
    size_t *ret_len);

/* A single compressed file: what it was called before filters programs
 * compressed it, told from its name; valid until the next call. */
const char *archive_name_bare(struct archive_names *names, int filters,
    size_t *ret_len);

/* Nobody means this one when they pack a folder: what file managers and
 * version control leave behind. */
bool archive_name_is_litter(const char *name);

#endif
