/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Embedded objects: hexadecimal digits of an OLE 1 object ([MS-OLEDS]): a
 * version and a kind, three names with their lengths before them, and the
 * native data of the program.  That may be a file in the manner of the
 * packager, or a compound file: a document, or a storage with the object in
 * one of its streams.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "extractor/emit.h"
#include "extractor/input.h"
#include "extractor/le.h"
#include "extractor/ole.h"
#include "extractor/rtf.h"
#include "extractor/sniff.h"

#define OBJECT_VERSION 0x501u
#define OBJECT_EMBEDDED 2u
#define OBJECT_NAME_SIZE 40u

static const struct {
	const char *bytes;
	size_t len;
	const char *extension;
} beginnings[] = {
    {"%PDF-", 5, ".pdf"}, {"PK\3\4", 4, ".zip"}, {"{\\rtf", 5, ".rtf"},
};

static int
hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void
rtf_object_hex(struct rtf *rtf, const unsigned char *hex, size_t len)
{
	char bytes[256];
	size_t i, n = 0;
	int digit;

	for (i = 0; i < len; i++) {
		digit = hex_digit(hex[i]);
		if (digit < 0)
			continue;
		if (rtf->object_nibble < 0) {
			rtf->object_nibble = digit;
			continue;
		}
		bytes[n++] = (char)(rtf->object_nibble << 4 | digit);
		rtf->object_nibble = -1;
		if (n == sizeof(bytes)) {
			(void)buf_put(&rtf->object, bytes, n); /* sticks */
			n = 0;
		}
	}
	(void)buf_put(&rtf->object, bytes, n);
}

/* Go past a name and its length. */
static bool
skip_name(const char *bytes, size_t len, size_t *at)
{
	uint32_t n;

	if (len - *at < 4)
		return false;
	n = le32(bytes + *at);
	if (n > len - *at - 4)
		return false;
	*at += 4 + n;
	return true;
}

/* The native data of an OLE 1 object; what is none is taken as it is. */
static size_t
native_data(const char *bytes, size_t len, const char **ret_data)
{
	size_t at = 8, size;

	*ret_data = bytes;
	if (len < 8 || (le32(bytes) & 0xFFFF) != OBJECT_VERSION ||
	    le32(bytes + 4) != OBJECT_EMBEDDED)
		return len;
	if (!skip_name(bytes, len, &at) || !skip_name(bytes, len, &at) ||
	    !skip_name(bytes, len, &at) || len - at < 4)
		return 0;
	size = le32(bytes + at);
	at += 4;
	*ret_data = bytes + at;
	return size < len - at ? size : len - at;
}

static int
emit_whole(struct emit *emit, const char *extension, const char *data,
    size_t len)
{
	char name[OBJECT_NAME_SIZE];
	int n;

	n = snprintf(name, sizeof(name), "object-%u%s", emit->members + 1,
	    extension);
	if (emit_member_begin(emit, name, (size_t)n) == 0 &&
	    emit_member_bytes(emit, data, len) == 0)
		(void)emit_member_end(emit, ITEM_CODE_NONE, NULL);
	return emit->err;
}

/* A compound file that is a document, or has one in it. */
static int
emit_compound(struct emit *emit, const char *data, size_t len)
{
	struct input input = {.fd = -1, .memory = data, .size = len};
	char media_type[WIRE_MEDIA_TYPE_MAX + 1], extension[8];
	enum format_id id;
	struct ole *ole;
	int err;

	err = ole_tell(&input, &id, media_type, sizeof(media_type), NULL);
	if (err == 0) {
		/* The first of its extensions is the usual one. */
		(void)snprintf(extension, sizeof(extension), ".%.*s",
		    (int)strcspn(formats[id].extensions + 1, " "),
		    formats[id].extensions + 1);
		return emit_whole(emit, extension, data, len);
	}
	if (err == ERR_NOMEM || err == ERR_SYNTAX ||
	    ole_open(&input, &ole, NULL) < 0)
		return err == ERR_NOMEM ? err : ERR_NOT_FOUND;
	err = ole_embedded(ole, "", emit, NULL);
	ole_close(ole);
	return err;
}

void
rtf_object_end(struct rtf *rtf)
{
	struct emit *emit = rtf->emit;
	const char *data;
	size_t len, i;
	int err;

	if (emit->members_max == 0 || emit->err < 0)
		return;
	if (rtf->object.err == ERR_TOO_BIG) {
		if (emit_member_begin(emit, "object", 6) == 0)
			(void)emit_member_end(emit,
			    ITEM_CODE_EXTRACTION_LIMIT,
			    "the embedded object is larger than the limit");
		return;
	}
	len = native_data(buf_text(&rtf->object), rtf->object.len, &data);
	err = rtf->object.err;
	if (err == 0)
		err = ole_native_emit(data, len, emit);
	if (err == ERR_NOT_FOUND && len >= 8 &&
	    memcmp(data, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) == 0)
		err = emit_compound(emit, data, len);
	for (i = 0; err == ERR_NOT_FOUND &&
	     i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (len >= beginnings[i].len && memcmp(data,
			beginnings[i].bytes, beginnings[i].len) == 0)
			err = emit_whole(emit, beginnings[i].extension, data,
			    len);
	/* A picture or a formula: nothing that has a text. */
	if (err < 0 && err != ERR_NOT_FOUND && emit->err == 0)
		emit->err = err;
	buf_clear(&rtf->object);
}
