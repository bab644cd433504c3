/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ole: OLE2 compound files ([MS-CFB]): storages and streams in one file, what
 * .doc, .xls, .ppt and .msg are made of.
 *
 * The reader is our own: libgsf walks the directory recursively and sorts each
 * folder by insertion, so that a crafted file overflows its stack or keeps it
 * busy for hours; and it gives up on a file that is cut off, of which most can
 * be read.  Ours is bounded by the file's size, whatever its tables say: a
 * chain of sectors ends where it comes back to itself or leaves the file.
 */
#ifndef EXTRACTOR_OLE_H
#define EXTRACTOR_OLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OLE_ENTRIES_MAX 65536u /* storages and streams */
#define OLE_NAME_SIZE 97u      /* 31 UTF-16 units as UTF-8 and a zero */

struct buf;
struct emit;
struct err_note;
struct input;
struct ole;
struct ole_stream;

/* input is kept until ole_close().  ERR_SYNTAX: no compound file, or one
 * without a directory; ERR_TOO_BIG: more than OLE_ENTRIES_MAX; ERR_NOMEM. */
int ole_open(struct input *input, struct ole **ret_ole,
    struct err_note *note);
void ole_close(struct ole *ole);

/*
 * Folders and streams by path: names with slashes between them, "" is the
 * root; a slash at the start and the case of ASCII letters do not count.
 * Control characters at the start of a name belong to it
 * ("\005SummaryInformation").
 */
bool ole_has(const struct ole *ole, const char *path);

/*
 * Call fn for each entry of a folder, in the order of names; a value that is
 * not 0 ends it and is returned.  ERR_NOT_FOUND: there is no such folder.
 * name is valid UTF-8, without control characters but at its start.
 */
typedef int ole_each_fn(void *arg, const char *name, bool is_folder,
    uint64_t size);
int ole_each(const struct ole *ole, const char *folder, ole_each_fn *fn,
    void *arg);

/* The class of a storage ("" for the root) as it stands in the file: true and
 * 16 bytes, or false when it has none. */
bool ole_class(const struct ole *ole, const char *folder,
    unsigned char ret_class[16]);

/* ERR_NOT_FOUND, ERR_NOMEM or ERR_IO.  The stream is to be closed before ole
 * is. */
int ole_stream_open(struct ole *ole, const char *path,
    struct ole_stream **ret_stream);
void ole_stream_close(struct ole_stream *stream);

/* Its size, or how much of it the tables still lead to, if that is less. */
uint64_t ole_stream_size(const struct ole_stream *stream);

/* Up to len bytes at offset: how many there were (fewer only at the end of the
 * stream, or where the file is cut off), or ERR_IO. */
long ole_stream_read_at(struct ole_stream *stream, uint64_t offset,
    void *bytes, size_t len);

/* A whole stream into out, which is cleared first.  ERR_NOT_FOUND,
 * ERR_TOO_BIG: it has more than max bytes; ERR_NOMEM, ERR_IO. */
int ole_load(struct ole *ole, const char *path, size_t max, struct buf *out,
    struct err_note *note);

/*
 * Title, subject, author, keywords and so on from the two property sets that
 * Office writes, as the document's.  Without them, or when they are damaged,
 * there is less to emit, and no error: returns emit->err, ERR_NOMEM or ERR_IO.
 * (ole_properties.c)
 */
int ole_properties(struct ole *ole, struct emit *emit, struct err_note *note);

/*
 * Emit the document that is embedded at path, a storage or a stream, as a
 * member: the file in an Ole10Native stream, the stream CONTENTS or Package if
 * it is a document of a known kind, or a storage that is itself a document of
 * Office, as a compound file of its own.  ERR_NOT_FOUND: there is nothing at
 * path that could be read.  (ole_embedded.c)
 */
int ole_embedded(struct ole *ole, const char *path, struct emit *emit,
    struct err_note *note);

/*
 * The same for bytes that are what an Ole10Native stream holds after its
 * length: a file with its name.  ERR_NOT_FOUND: they are something else.
 */
int ole_native_emit(const char *bytes, size_t len, struct emit *emit);

/*
 * The storage at path and all below as a compound file of its own into out,
 * which is cleared first; ERR_TOO_BIG when that takes more than max bytes.
 * (ole_pack.c)
 */
int ole_pack(struct ole *ole, const char *path, size_t max, struct buf *out);

#endif
