/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Property sets ([MS-OLEPS]): a header, one or two sections, in each a table
 * of (number, offset) and typed values.  Offsets count from the section's
 * start.  Strings are in the code page that property 1 names.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "extractor/codepage.h"
#include "extractor/emit.h"
#include "extractor/le.h"
#include "extractor/ole.h"

#define SET_BYTES_MAX (4 * MIB) /* thumbnails are in it */
#define SET_PROPERTIES_MAX 1000u
#define SET_TEXT_MAX (64 * KIB)

enum {
	TYPE_I2 = 2,
	TYPE_I4 = 3,
	TYPE_BSTR = 8,
	TYPE_LPSTR = 30,
	TYPE_LPWSTR = 31,
	TYPE_FILETIME = 64,
};

/* From 1601 to 1970, and what a file time counts in. */
#define FILETIME_EPOCH 11644473600ll
#define FILETIME_PER_SECOND 10000000u

/* Marks for what is no property of ours. */
#define TO_TITLE PROPERTY_COUNT
#define TO_PAGES (PROPERTY_COUNT + 1)
#define PAGES_MAX 1000000u

struct known {
	uint32_t number;
	int to;
};

static const struct known summary[] = {
    {2, TO_TITLE}, {3, PROPERTY_SUBJECT}, {4, PROPERTY_AUTHOR},
    {5, PROPERTY_KEYWORDS}, {6, PROPERTY_DESCRIPTION},
    {12, PROPERTY_CREATED}, {13, PROPERTY_MODIFIED},
    {14, TO_PAGES}, {18, PROPERTY_GENERATOR}, {0, 0},
};

static const struct known document_summary[] = {
    {2, PROPERTY_CATEGORY}, {15, PROPERTY_PUBLISHER}, {0, 0},
};

struct set {
	const char *section;
	size_t len;
	uint32_t count;
	unsigned codepage;
	struct emit *emit;
	struct buf *text;
};

/* The bytes of property number, which begin with its type: how many there are
 * up to the section's end; 0 when it is not there. */
static size_t
set_find(const struct set *set, uint32_t number, const char **ret_value)
{
	uint32_t i, offset;

	for (i = 0; i < set->count; i++) {
		if (le32(set->section + 8 + 8 * i) != number)
			continue;
		offset = le32(set->section + 12 + 8 * i);
		if (offset >= set->len || set->len - offset < 8)
			return 0;
		*ret_value = set->section + offset;
		return set->len - offset;
	}
	return 0;
}

static void
emit_text(const struct set *set, int to, const char *value, size_t len)
{
	uint16_t type = le16(value);
	uint64_t bytes = le32(value + 4);
	unsigned codepage = set->codepage;

	if (type == TYPE_LPWSTR) {
		bytes *= 2;
		codepage = CODEPAGE_UTF_16LE;
	}
	if (bytes > len - 8)
		bytes = len - 8;
	if (bytes > SET_TEXT_MAX / 4)
		bytes = SET_TEXT_MAX / 4;
	buf_clear(set->text);
	if (codepage_put(codepage, value + 8, (size_t)bytes, true,
		set->text) < 0)
		return;
	if (to == TO_TITLE)
		emit_title(set->emit, buf_text(set->text), set->text->len);
	else
		(void)emit_property(set->emit, (enum property)to,
		    buf_text(set->text), set->text->len); /* sticks */
}

/* A time of zero, and the spans that some programs put there, say nothing. */
static void
emit_time(const struct set *set, int to, const char *value, size_t len)
{
	uint64_t ticks;

	if (len < 12)
		return;
	ticks = le64(value + 4);
	if (ticks / FILETIME_PER_SECOND > FILETIME_EPOCH)
		(void)emit_property_time(set->emit, (enum property)to,
		    (int64_t)(ticks / FILETIME_PER_SECOND) - FILETIME_EPOCH);
}

static void
set_emit(struct set *set, const struct known *known)
{
	const char *value = NULL;
	size_t len;

	set->codepage = CODEPAGE_LATIN;
	len = set_find(set, 1, &value);
	if (len > 0 && le16(value) == TYPE_I2)
		set->codepage = le16(value + 4);
	for (; known->number != 0; known++) {
		len = set_find(set, known->number, &value);
		if (len == 0)
			continue;
		switch (le16(value)) {
		case TYPE_BSTR:
		case TYPE_LPSTR:
		case TYPE_LPWSTR:
			if (known->to != TO_PAGES)
				emit_text(set, known->to, value, len);
			break;
		case TYPE_I4:
			if (known->to == TO_PAGES && set->emit->pages == 0 &&
			    le32(value + 4) <= PAGES_MAX)
				set->emit->pages = le32(value + 4);
			break;
		case TYPE_FILETIME:
			if (known->to == PROPERTY_CREATED ||
			    known->to == PROPERTY_MODIFIED)
				emit_time(set, known->to, value, len);
			break;
		default:
			break;
		}
	}
}

/* The first section of the set in bytes; what is beyond it belongs to the
 * user. */
static void
set_read(const struct buf *bytes, const struct known *known,
    struct emit *emit, struct buf *text)
{
	struct set set = {.emit = emit, .text = text};
	uint32_t offset;

	if (bytes->len < 48 || le16(bytes->data) != 0xFFFE ||
	    le32(bytes->data + 24) == 0)
		return;
	offset = le32(bytes->data + 44);
	if (offset >= bytes->len || bytes->len - offset < 8)
		return;
	set.section = bytes->data + offset;
	/* The size that the section says it has is often wrong. */
	set.len = bytes->len - offset;
	set.count = le32(set.section + 4);
	if (set.count > SET_PROPERTIES_MAX)
		set.count = SET_PROPERTIES_MAX;
	if (set.count > (set.len - 8) / 8)
		set.count = (uint32_t)((set.len - 8) / 8);
	set_emit(&set, known);
}

int
ole_properties(struct ole *ole, struct emit *emit, struct err_note *note)
{
	static const struct {
		const char *path;
		const struct known *known;
	} sets[] = {
	    {"\005SummaryInformation", summary},
	    {"\005DocumentSummaryInformation", document_summary},
	};
	struct buf bytes, text;
	size_t i;
	int err = 0;

	buf_init(&bytes, SET_BYTES_MAX);
	buf_init(&text, SET_TEXT_MAX);
	for (i = 0; err == 0 && i < sizeof(sets) / sizeof(sets[0]); i++) {
		err = ole_load(ole, sets[i].path, SET_BYTES_MAX, &bytes, note);
		if (err == 0)
			set_read(&bytes, sets[i].known, emit, &text);
		else if (err == ERR_NOT_FOUND || err == ERR_TOO_BIG)
			err = 0;
	}
	if (err == 0)
		err = emit->err;
	buf_fini(&bytes);
	buf_fini(&text);
	return err;
}
