/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * package: documents that are a ZIP file with parts in it (OOXML, ODF, EPUB).
 *
 * libzip reads the directory through input_read_at().  Parts are inflated
 * piece by piece; all parts of a package together may not unpack to more than
 * UNPACK_RATIO_MAX times the file above UNPACK_FREE_BYTES, whatever the
 * directory promises.
 */
#ifndef EXTRACTOR_PACKAGE_H
#define EXTRACTOR_PACKAGE_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err_note;
struct input;
struct package;
struct part;

#define PACKAGE_PARTS_MAX 100000u

/* What a file of so many bytes may unpack to, in all. */
uint64_t package_unpacked_max(uint64_t file_bytes);

/* input is borrowed until package_close().  ERR_SYNTAX: no ZIP file, or a
 * damaged one; ERR_TOO_BIG: more than PACKAGE_PARTS_MAX parts. */
int package_open(struct input *input, struct package **ret_package,
    struct err_note *note);
void package_close(struct package *package);

/* How many parts; the name of one (as stored, valid until the package is
 * closed, NULL when it has none) and its size when unpacked, as promised. */
long package_count(const struct package *package);
const char *package_name(struct package *package, long index);
uint64_t package_size(struct package *package, long index);

/* The part of that name: its index, or -1.  A slash at the start does not
 * count, nor does the case of letters, nor which way slashes lean. */
long package_find(struct package *package, const char *name);

/*
 * Read a part from its start.  ERR_NOT_FOUND (index is -1), ERR_FORBIDDEN: it
 * is encrypted; ERR_UNSUPPORTED: packed in an unknown way; ERR_SYNTAX.
 */
int part_open(struct package *package, long index, struct part **ret_part,
    struct err_note *note);
void part_close(struct part *part);

/* Up to size bytes; returns how many, 0 at the end, or ERR_SYNTAX (damaged) or
 * ERR_TOO_BIG (unpacks to too much). */
long part_read(struct part *part, void *bytes, size_t size,
    struct err_note *note);

/* A whole part of at most max bytes into out, which is cleared first:
 * ERR_TOO_BIG when it is longer, otherwise as above. */
int package_load(struct package *package, const char *name, size_t max,
    struct buf *out, struct err_note *note);

#endif
