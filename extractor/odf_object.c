/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects inside of a document.  Charts, formulas and OpenDocument tables are
 * read where they stand; a file of another program is a document of its own.
 * Each is read once, however often it is named.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/bytes.h"
#include "extractor/emit.h"
#include "extractor/odf.h"
#include "extractor/package.h"

#define OBJECTS_MAX 1000u
#define OBJECT_DEPTH_MAX 3u
#define OBJECT_PIECE (16 * KIB)
#define OBJECT_HEAD 8u

/* Names of streams in compound files of programs that can be read. */
static const struct {
	const char *name; /* as it is stored */
	size_t len;
} ole_streams[] = {
#define STREAM(name) {name, sizeof(name) - 1}
    STREAM("W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"),
    STREAM("W\0o\0r\0k\0b\0o\0o\0k\0"),
    STREAM("B\0o\0o\0k\0\0"),
    STREAM("P\0o\0w\0e\0r\0P\0o\0i\0n\0t\0 \0D\0o\0c\0"),
    STREAM("P\0a\0c\0k\0a\0g\0e\0\0"),
#undef STREAM
};
#define OLE_STREAM_NAME_MAX 32u

/* The first reading of a part marks it. */
static bool
is_first(struct odf *odf, long index)
{
	struct odf_objects *objects = odf->objects;

	if (objects->seen == NULL) {
		objects->seen =
		    mem_zalloc((size_t)package_count(odf->package));
		if (objects->seen == NULL) {
			odf->emit->err = ERR_NOMEM;
			return false;
		}
	}
	if (objects->seen[index] != 0)
		return false;
	objects->seen[index] = 1;
	return true;
}

static int
read_inside(struct odf *odf, const char *part)
{
	struct odf child;
	struct err_note unused;
	int err;

	odf_init(&child);
	child.emit = odf->emit;
	child.note = &unused;
	child.package = odf->package;
	child.objects = odf->objects;
	child.object_depth = odf->object_depth + 1;
	err = odf_parse(&child, part, &odf_content_events, &child);
	/* What a damaged one left open is closed; the document goes on. */
	while (child.level_count > 0)
		odf_pop(&child);
	(void)emit_close(odf->emit);
	odf_fini(&child);
	return err == ERR_NOMEM ? err : odf->emit->err;
}

/* Is there one of the names in the part? */
static int
find_stream(struct odf *odf, long index, bool *ret_is_found)
{
	char bytes[OBJECT_PIECE + OLE_STREAM_NAME_MAX];
	struct part *part;
	size_t len = 0, i;
	bool is_found = false;
	long n;
	int err;

	err = part_open(odf->package, index, &part, NULL);
	if (err < 0)
		return err;
	while (!is_found &&
	    (n = part_read(part, bytes + len, OBJECT_PIECE, NULL)) > 0) {
		len += (size_t)n;
		for (i = 0; i < sizeof(ole_streams) / sizeof(ole_streams[0]);
		     i++)
			is_found = is_found ||
			    bytes_find(bytes, len, ole_streams[i].name,
				ole_streams[i].len) != NULL;
		if (len > OLE_STREAM_NAME_MAX) {
			memmove(bytes, bytes + len - OLE_STREAM_NAME_MAX,
			    OLE_STREAM_NAME_MAX);
			len = OLE_STREAM_NAME_MAX;
		}
	}
	part_close(part);
	*ret_is_found = is_found;
	return 0;
}

/* Does the part begin like a document that can be read? */
static int
is_document(struct odf *odf, long index, bool *ret_is_document)
{
	static const char *const begins[] = {"PK\3\4", "%PDF-", "{\\rtf"};
	char head[OBJECT_HEAD];
	struct part *part;
	size_t i;
	long n;
	int err;

	*ret_is_document = false;
	err = part_open(odf->package, index, &part, NULL);
	if (err < 0)
		return err;
	n = part_read(part, head, sizeof(head), NULL);
	part_close(part);
	if (n < (long)sizeof(head))
		return 0;
	for (i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (memcmp(head, begins[i], strlen(begins[i])) == 0)
			*ret_is_document = true;
	if (memcmp(head, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) == 0)
		return find_stream(odf, index, ret_is_document);
	return 0;
}

static int
send_member(struct odf *odf, long index, const char *name)
{
	struct emit *emit = odf->emit;
	char bytes[OBJECT_PIECE];
	struct part *part;
	bool is_wanted;
	long n;

	if (is_document(odf, index, &is_wanted) < 0 || !is_wanted)
		return 0;
	if (emit->members_max == 0)
		return 0; /* nobody wants any */
	if (part_open(odf->package, index, &part, NULL) < 0)
		return 0;
	(void)emit_member_begin(emit, name, strlen(name)); /* errors stick */
	n = emit->err;
	while (emit->err == 0 &&
	    (n = part_read(part, bytes, sizeof(bytes), NULL)) > 0)
		(void)emit_member_bytes(emit, bytes, (size_t)n);
	if (emit->is_in_member)
		(void)emit_member_end(emit,
		    n == 0		 ? ITEM_CODE_NONE
			: n == ERR_TOO_BIG ? ITEM_CODE_EXTRACTION_LIMIT
					   : ITEM_CODE_EXTRACTION_FAILED,
		    NULL);
	part_close(part);
	return emit->err;
}

int
odf_object_read(struct odf *odf, const char *href, size_t len)
{
	static const char content[] = "/content.xml";
	char name[ODF_NAME_MAX], part[ODF_NAME_MAX + sizeof(content)];
	long index;

	if (len > 0 && *href == '#') { /* OpenOffice.org 1 */
		href++;
		len--;
	}
	if (len >= 2 && memcmp(href, "./", 2) == 0) {
		href += 2;
		len -= 2;
	}
	while (len > 0 && href[len - 1] == '/')
		len--;
	if (len == 0 || len >= sizeof(name) ||
	    odf->object_depth >= OBJECT_DEPTH_MAX ||
	    odf->objects->count >= OBJECTS_MAX)
		return 0;
	odf->objects->count++;
	(void)snprintf(name, sizeof(name), "%.*s", (int)len, href);
	(void)snprintf(part, sizeof(part), "%s%s", name, content);
	index = package_find(odf->package, part);
	if (index >= 0)
		return is_first(odf, index) ? read_inside(odf, part)
					    : odf->emit->err;
	index = package_find(odf->package, name);
	if (index < 0 || !is_first(odf, index))
		return odf->emit->err;
	return send_member(odf, index, name);
}
