/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is embedded in a document of Office is a storage of its own.  Which of
 * its streams holds the object depends on the program that made it.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "extractor/codepage.h"
#include "extractor/emit.h"
#include "extractor/le.h"
#include "extractor/ole.h"

#define EMBEDDED_PATH_MAX 1024u
#define EMBEDDED_PACK_MAX (64 * MIB)
#define NATIVE_HEAD_MAX (16 * KIB) /* names in front of the file */
#define NATIVE_PACKAGE 2u	   /* the kind that holds a file */

/* A file inside of an Ole10Native stream. */
struct native {
	const char *name;
	size_t name_len;
	size_t offset; /* of its bytes */
	uint64_t size;
};

/* Streams that hold the object itself, if it is of a kind that begins so. */
static const char *const contents[] = {"Package", "CONTENTS", "EmbeddedOdf",
    "Contents"};

static const struct {
	const char *bytes;
	size_t len;
} beginnings[] = {
    {"%PDF-", 5}, {"PK\3\4", 4}, {"{\\rtf", 5},
    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8},
};

/* Storages that are documents, by their main stream, and how such a file is
 * called. */
static const struct {
	const char *stream, *extension;
} documents[] = {
    {"WordDocument", ".doc"}, {"Workbook", ".xls"}, {"Book", ".xls"},
    {"PowerPoint Document", ".ppt"}, {"__properties_version1.0", ".msg"},
};

/* Go past a terminated text, and a short one; false at the end. */
static bool
skip_text(const char *bytes, size_t len, size_t *at)
{
	size_t n = strnlen(bytes + *at, len - *at);

	if (n == len - *at)
		return false;
	*at += n + 1;
	return true;
}

/*
 * Label, file name, two numbers, the path of a temporary file (with its
 * length before it), the length and the bytes: le32 and le16 of them stand
 * before the label in a stream and in an OLE 1 object alike.
 */
static bool
native_head(const char *bytes, size_t len, struct native *ret_native)
{
	struct native native;
	size_t at = 2, label = 2, i;
	uint32_t path_len;

	if (len < 2 || le16(bytes) != NATIVE_PACKAGE ||
	    !skip_text(bytes, len, &at))
		return false;
	native.name = bytes + label;
	native.name_len = at - 1 - label;
	label = at;
	if (!skip_text(bytes, len, &at))
		return false;
	/* The path says more than a label that the user may have changed. */
	if (native.name_len == 0 || memchr(native.name, '.',
		native.name_len) == NULL) {
		native.name = bytes + label;
		native.name_len = at - 1 - label;
	}
	if (len - at < 8)
		return false;
	path_len = le32(bytes + at + 4);
	at += 8;
	if (path_len > len - at || len - at - path_len < 4)
		return false;
	at += path_len;
	native.size = le32(bytes + at);
	native.offset = at + 4;
	for (i = native.name_len; i > 0; i--)
		if (native.name[i - 1] == '\\' || native.name[i - 1] == '/')
			break;
	native.name += i;
	native.name_len -= i;
	*ret_native = native;
	return true;
}

/* Names are in the code page of the machine that wrote them, which nobody
 * noted down. */
static int
native_begin(const struct native *native, struct emit *emit)
{
	struct buf name;
	int err;

	buf_init(&name, 4 * NATIVE_HEAD_MAX);
	(void)codepage_put(utf8_is_valid(native->name, native->name_len)
		? CODEPAGE_UTF_8
		: CODEPAGE_LATIN, native->name, native->name_len, true, &name);
	err = name.err;
	if (err == 0)
		err = emit_member_begin(emit, buf_text(&name), name.len);
	buf_fini(&name);
	return err;
}

static int
member_end(struct emit *emit, bool is_whole)
{
	return emit_member_end(emit,
	    is_whole ? ITEM_CODE_NONE : ITEM_CODE_EXTRACTION_FAILED,
	    is_whole ? NULL : "the embedded file is cut off");
}

int
ole_native_emit(const char *bytes, size_t len, struct emit *emit)
{
	struct native native;
	bool is_whole = true;
	int err;

	if (!native_head(bytes, len < NATIVE_HEAD_MAX ? len
						      : NATIVE_HEAD_MAX,
		&native))
		return ERR_NOT_FOUND;
	if (emit->members_max == 0)
		return emit->err;
	if (native.size > len - native.offset) {
		native.size = len - native.offset;
		is_whole = false;
	}
	err = native_begin(&native, emit);
	if (err == 0)
		err = emit_member_bytes(emit, bytes + native.offset,
		    (size_t)native.size);
	return err < 0 ? err : member_end(emit, is_whole);
}

/* size bytes from offset on, as the open member's. */
static int
emit_stream(struct ole_stream *stream, uint64_t offset, uint64_t size,
    struct emit *emit)
{
	char bytes[4096];
	size_t part;
	long n = 0;
	int err = 0;

	while (size > 0 && err == 0) {
		part = size < sizeof(bytes) ? (size_t)size : sizeof(bytes);
		n = ole_stream_read_at(stream, offset, bytes, part);
		if (n <= 0)
			break;
		err = emit_member_bytes(emit, bytes, (size_t)n);
		offset += (uint64_t)n;
		size -= (uint64_t)n;
	}
	if (n < 0 && err == 0)
		err = (int)n;
	return err < 0 ? err : member_end(emit, size == 0);
}

static int
emit_native(struct ole *ole, const char *path, struct emit *emit)
{
	struct ole_stream *stream = NULL;
	struct native native;
	struct buf head;
	long n;
	int err;

	buf_init(&head, NATIVE_HEAD_MAX);
	err = ole_stream_open(ole, path, &stream);
	if (err < 0)
		goto out;
	err = buf_reserve(&head, NATIVE_HEAD_MAX);
	if (err < 0)
		goto out;
	n = ole_stream_read_at(stream, 4, head.data, NATIVE_HEAD_MAX);
	if (n < 0) {
		err = (int)n;
		goto out;
	}
	if (!native_head(head.data, (size_t)n, &native)) {
		err = ERR_NOT_FOUND;
		goto out;
	}
	err = native_begin(&native, emit);
	if (err == 0)
		err = emit_stream(stream, 4 + native.offset, native.size,
		    emit);
out:
	ole_stream_close(stream);
	buf_fini(&head);
	return err;
}

/* A stream that is a document of a known kind. */
static int
emit_contents(struct ole *ole, const char *path, const char *name,
    struct emit *emit)
{
	struct ole_stream *stream = NULL;
	char start[8];
	size_t i;
	long n;
	int err;

	err = ole_stream_open(ole, path, &stream);
	if (err < 0)
		return err;
	n = ole_stream_read_at(stream, 0, start, sizeof(start));
	err = n < 0 ? (int)n : ERR_NOT_FOUND;
	for (i = 0; n > 0 && i < sizeof(beginnings) / sizeof(beginnings[0]);
	     i++) {
		if ((size_t)n < beginnings[i].len || memcmp(start,
			beginnings[i].bytes, beginnings[i].len) != 0)
			continue;
		err = emit_member_begin(emit, name, strlen(name));
		if (err == 0)
			err = emit_stream(stream, 0, ole_stream_size(stream),
			    emit);
		break;
	}
	ole_stream_close(stream);
	return err;
}

static int
emit_storage(struct ole *ole, const char *path, const char *name,
    struct emit *emit)
{
	char file[EMBEDDED_PATH_MAX];
	struct buf packed;
	int err;

	buf_init(&packed, EMBEDDED_PACK_MAX);
	(void)snprintf(file, sizeof(file), "%s", name);
	err = emit_member_begin(emit, file, strlen(file));
	if (err < 0)
		goto out;
	err = ole_pack(ole, path, EMBEDDED_PACK_MAX, &packed);
	if (err == ERR_TOO_BIG) {
		err = emit_member_end(emit, ITEM_CODE_EXTRACTION_LIMIT,
		    "the embedded document is larger than the limit");
		goto out;
	}
	if (err == 0)
		err = emit_member_bytes(emit, packed.data, packed.len);
	if (err == 0)
		err = emit_member_end(emit, ITEM_CODE_NONE, NULL);
out:
	buf_fini(&packed);
	return err;
}

int
ole_embedded(struct ole *ole, const char *path, struct emit *emit,
    struct err_note *note)
{
	char inner[EMBEDDED_PATH_MAX];
	const char *name = strrchr(path, '/');
	size_t i;
	int err;

	(void)note;
	name = name == NULL ? path : name + 1;
	if (*name == '\0')
		name = "object";
	if (strlen(path) > sizeof(inner) - 32)
		return ERR_NOT_FOUND;
	if (emit->members_max == 0)
		return ole_has(ole, path) ? emit->err : ERR_NOT_FOUND;
	err = strcmp(name, "\001Ole10Native") == 0
	    ? emit_native(ole, path, emit)
	    : emit_contents(ole, path, name, emit);
	(void)snprintf(inner, sizeof(inner), "%s/\001Ole10Native", path);
	if (err == ERR_NOT_FOUND)
		err = emit_native(ole, inner, emit);
	for (i = 0; err == ERR_NOT_FOUND &&
	     i < sizeof(contents) / sizeof(contents[0]); i++) {
		(void)snprintf(inner, sizeof(inner), "%s/%s", path,
		    contents[i]);
		err = emit_contents(ole, inner, name, emit);
	}
	for (i = 0; err == ERR_NOT_FOUND &&
	     i < sizeof(documents) / sizeof(documents[0]); i++) {
		(void)snprintf(inner, sizeof(inner), "%s/%s", path,
		    documents[i].stream);
		if (!ole_has(ole, inner))
			continue;
		(void)snprintf(inner, sizeof(inner), "%s%s", name,
		    documents[i].extension);
		err = emit_storage(ole, path, inner, emit);
	}
	return err;
}
