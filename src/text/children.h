/* SPDX-License-Identifier: Apache-2.0 */
/*
 * children: cuts the text of a segment into smaller pieces.
 *
 * Floor 2, pure, for this folder only.
 */
#ifndef TEXT_CHILDREN_H
#define TEXT_CHILDREN_H

#include "text/chunk.h"
#include "text/split.h"

struct err_note;
struct outline;

struct children {
	struct chunk_cut cut;
	struct split split;
	struct outline *outline; /* instead of it, by structure */
	const char *text;
	struct chunk_child *list;
	size_t count, size;
};

/* 0 or ERR_NOMEM.  A zeroed one may be finished. */
int children_init(struct children *children, const struct chunk_cut *cut);
void children_fini(struct children *children);

/* Put the children of text in list, which may stay empty; valid until the
 * next call.  0, ERR_NOMEM, or ERR_TOO_BIG with words. */
int children_cut(struct children *children, const char *text, size_t len,
    struct err_note *note);

#endif
