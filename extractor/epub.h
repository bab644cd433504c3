/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * epub: what the files that read EPUB share: the book's package document and
 * the ways to its parts.
 */
#ifndef EXTRACTOR_EPUB_H
#define EXTRACTOR_EPUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct emit;
struct err_note;
struct package;

#define EPUB_PATH_MAX 1024u

/* What the manifest says of a part; places in struct epub's strings. */
struct epub_item {
	uint32_t id, href, media_type;
	uint32_t order; /* in the manifest */
	bool is_nav;	/* the table of contents */
	bool is_read;
};

struct epub_reference {
	uint32_t id;
	bool is_linear;
};

struct epub_name {
	const char *name; /* the package's */
	long index;
};

struct epub {
	struct package *package;
	struct err_note *note;
	char opf[EPUB_PATH_MAX]; /* the package document's path */

	struct buf strings;
	struct epub_item *items; /* sorted by id */
	size_t item_count, item_size;
	struct epub_reference *spine;
	size_t spine_count, spine_size;

	struct epub_name *names; /* of all parts, sorted */
	size_t name_count;
	uint8_t *locked; /* of each part: encrypted for a reader's program */
};

static inline const char *
epub_string(const struct epub *epub, uint32_t at)
{
	return epub->strings.data + at;
}

/* ---- paths (epub_path.c) ------------------------------------------------ */

/* List the package's parts by name; 0 or ERR_NOMEM. */
int epub_list_parts(struct epub *epub);

/* The part of that path, whatever the case of its letters, or -1. */
long epub_find(const struct epub *epub, const char *path);

/*
 * Where href leads from the part called base: without fragment and query, its
 * percent signs decoded, "." and ".." resolved inside of the package.  False
 * when that is no path in it.
 */
bool epub_resolve(const char *base, const char *href, char *path,
    size_t size);

/* ---- the package document (epub_opf.c) ---------------------------------- */

/*
 * Read the package document: properties to emit, manifest and spine.  Errors
 * as of xml_parse_part(); a document that is damaged behind its spine is
 * taken.
 */
int epub_read_opf(struct epub *epub, struct emit *emit);

/* What the spine means by id, or NULL. */
struct epub_item *epub_item(struct epub *epub, uint32_t id);

/* The items in the order of the manifest. */
void epub_sort_by_order(struct epub *epub);

/* ---- locks (epub_lock.c) ------------------------------------------------ */

/* META-INF/encryption.xml: which parts are locked; 0 or ERR_NOMEM. */
int epub_read_locks(struct epub *epub);

#endif
