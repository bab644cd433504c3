/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Documents inside of OOXML packages.  Those of programs that know OOXML are
 * parts like any other.  Those of other programs are compound files with the
 * document in one of their streams, which is what is sent; a compound file
 * that is a document itself is sent whole.
 */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "extractor/emit.h"
#include "extractor/input.h"
#include "extractor/ole.h"
#include "extractor/ooxml.h"
#include "extractor/package.h"

#define OOXML_PIECE (16 * KIB)
/* A compound file is looked into in memory; a larger one is sent whole. */
#define OOXML_OLE_MAX (64 * MIB)

static enum item_code
member_code(int err)
{
	switch (err) {
	case ERR_FORBIDDEN:
		return ITEM_CODE_ENCRYPTED_DOCUMENT;
	case ERR_TOO_BIG:
	case ERR_NOMEM:
		return ITEM_CODE_EXTRACTION_LIMIT;
	default:
		return ITEM_CODE_EXTRACTION_FAILED;
	}
}

int
ooxml_member(struct package *package, long index, const char *called,
    struct emit *emit, struct err_note *note)
{
	struct err_note why = {{0}};
	struct part *part = NULL;
	char bytes[OOXML_PIECE];
	const char *name;
	long n;

	(void)note;
	name = called == NULL ? package_name(package, index) : called;
	if (name == NULL)
		return 0;
	if (called == NULL && strrchr(name, '/') != NULL)
		name = strrchr(name, '/') + 1;
	if (emit_member_begin(emit, name, strlen(name)) < 0)
		return emit->err;
	n = part_open(package, index, &part, &why);
	while (n == 0) {
		n = part_read(part, bytes, sizeof(bytes), &why);
		if (n <= 0)
			break;
		n = emit_member_bytes(emit, bytes, (size_t)n);
	}
	part_close(part);
	if (emit->err < 0)
		return emit->err;
	return emit_member_end(emit,
	    n < 0 ? member_code((int)n) : ITEM_CODE_NONE,
	    why.text[0] == '\0' ? NULL : why.text);
}

/* The first bytes of a part say what it is. */
static bool
is_ole(struct package *package, long index)
{
	struct part *part;
	char bytes[8];
	long n;

	if (part_open(package, index, &part, NULL) < 0)
		return false;
	n = part_read(part, bytes, sizeof(bytes), NULL);
	part_close(part);
	return n == (long)sizeof(bytes) &&
	    memcmp(bytes, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) == 0;
}

/* The document in a compound file.  ERR_NOT_FOUND: it is that itself, or of
 * an unknown program. */
static int
ole_member(const struct buf *bytes, struct emit *emit, struct err_note *note)
{
	static const char *const streams[] = {"\001Ole10Native", "Package",
	    "CONTENTS", "EmbeddedOdf"};
	struct input input = {.fd = -1, .memory = bytes->data,
	    .size = bytes->len};
	struct ole *ole;
	size_t i;
	int err;

	err = ole_open(&input, &ole, NULL);
	if (err < 0)
		return err == ERR_NOMEM ? err : ERR_NOT_FOUND;
	err = ERR_NOT_FOUND;
	for (i = 0; err == ERR_NOT_FOUND &&
	     i < sizeof(streams) / sizeof(streams[0]); i++)
		if (ole_has(ole, streams[i]))
			err = ole_embedded(ole, streams[i], emit, note);
	/* A formula is no document. */
	if (err == ERR_NOT_FOUND && ole_has(ole, "Equation Native"))
		err = 0;
	ole_close(ole);
	return err;
}

int
ooxml_embedded(struct package *package, long index, struct emit *emit,
    struct err_note *note)
{
	struct buf bytes;
	int err = ERR_NOT_FOUND;

	if (emit->members_max == 0)
		return 0;
	buf_init(&bytes, OOXML_OLE_MAX);
	if (is_ole(package, index)) {
		err = package_load(package, package_name(package, index),
		    OOXML_OLE_MAX, &bytes, NULL);
		if (err == 0)
			err = ole_member(&bytes, emit, note);
		if (err < 0 && err != ERR_NOMEM && emit->err == 0)
			err = ERR_NOT_FOUND;
	}
	buf_fini(&bytes);
	return err == ERR_NOT_FOUND
	    ? ooxml_member(package, index, NULL, emit, note)
	    : err;
}

int
ooxml_members(struct package *package, const char *folder, struct emit *emit,
    struct err_note *note)
{
	size_t len = strlen(folder);
	const char *name;
	long i, count;
	int err = 0;

	count = emit->members_max == 0 ? 0 : package_count(package);
	for (i = 0; i < count && err == 0; i++) {
		name = package_name(package, i);
		while (name != NULL && *name == '/')
			name++;
		if (name == NULL || strncasecmp(name, folder, len) != 0 ||
		    name[len] == '\0' || name[strlen(name) - 1] == '/' ||
		    strstr(name + len, "_rels/") != NULL)
			continue;
		err = ooxml_embedded(package, i, emit, note);
	}
	return err;
}
