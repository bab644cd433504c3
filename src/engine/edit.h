/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edit: what the files that change documents by hand share.
 *
 * Floor 4.  An edit is prepared in the calling thread: it looks through a
 * reader, cuts and embeds.  Then one operation of the writer looks again and
 * writes.  What of the preparation does not fit any more (another revision
 * was published, another text was given) makes it stale, and it begins anew.
 */
#ifndef ENGINE_EDIT_H
#define ENGINE_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/uuid.h"
#include "engine/rule.h"
#include "store/store.h"

struct engine;
struct err_note;
struct write_tx;

/* ---- what is edited (edit.c) -------------------------------------------- */

/* A document, a segment of it, a child of that. */
struct edit_place {
	/* Asked for; what is not is NULL. */
	int64_t account_id;
	const struct uuid *document, *segment, *child;
	/* Found: */
	int64_t base_id, document_id, segment_id, child_id;
	int64_t revision_id; /* the live one; 0 none */
	uint32_t segments;
	bool has_vectors;
	int64_t embedder_id; /* that its base answers by */
};

/* They belong together and to the account, or ERR_NOT_FOUND. */
int edit_place_find(struct store *store, struct edit_place *place,
    struct err_note *note);
/* The rule of the document that was found. */
int edit_rule_load(struct store *store, const struct edit_place *place,
    struct rule *ret_rule, struct err_note *note);

/* A text of a segment or a child: not blank, UTF-8, at most max bytes. */
int edit_text_check(const char *text, size_t max, struct err_note *note);
/* What a segment of that rule may hold. */
size_t edit_text_max(const struct rule *rule);

/* A segment as it is now. */
struct edit_look {
	struct segment segment; /* points into what follows */
	char *section, *text, *answer, *keywords;
	char disabled_by[64];
	uint64_t children;
};
/* Of the segment that was found.  ret_look is empty, or was filled and is
 * filled anew (edit_look_fini). */
int edit_look(struct store *store, const struct edit_place *place,
    struct edit_look *ret_look);
void edit_look_fini(struct edit_look *look);

/* All but a text's length, which hangs on the document's rule. */
struct segment_edit;
int edit_segment_check(const struct segment_edit *edit,
    struct err_note *note);

/*
 * Prepare (through a new reader, in one snapshot) and apply, both with arg,
 * again while apply fails with *is_stale set; ERR_CONFLICT when that goes on.
 */
struct edit {
	int (*prepare)(struct store *reader, void *arg,
	    struct err_note *note);
	int (*apply)(struct write_tx *tx, void *arg, struct err_note *note);
	void *arg;
	bool *is_stale;
	const int64_t *base_id; /* the base it was, once it is done */
};
int edit_run(struct engine *engine, const struct edit *edit,
    struct err_note *note);

/* ---- texts and their vectors (edit_pieces.c) ---------------------------- */

struct piece {
	size_t at, len; /* in the pieces' text, terminated */
	uint32_t chars;
	float scale;
};

struct pieces {
	struct buf text;
	struct piece *list;
	size_t count, size;
	int8_t *vectors; /* dimensions for each; NULL: not embedded */
	size_t dimensions;
	int64_t embedder_id; /* that made them */
};

void pieces_init(struct pieces *pieces);
void pieces_fini(struct pieces *pieces);
void pieces_clear(struct pieces *pieces);
/* Copies text, which is valid UTF-8.  ERR_TOO_BIG over CHILDREN_MAX of them or
 * too many bytes. */
int pieces_add(struct pieces *pieces, const char *text, size_t len);
/* Add the children that cut makes of text; there may be none. */
int pieces_cut(struct pieces *pieces, const struct chunk_cut *cut,
    const char *text, size_t len);
/* By the embedder of the place, which has been found. */
int pieces_embed(struct pieces *pieces, struct engine *engine,
    struct store *reader, const struct edit_place *place,
    struct err_note *note);
/* Were they embedded by another one than it is now? */
bool pieces_are_stale(const struct pieces *pieces,
    const struct edit_place *place);
const char *pieces_text(const struct pieces *pieces, size_t i);
/* NULL when they are not embedded. */
const int8_t *pieces_vector(const struct pieces *pieces, size_t i);
/* Pieces as children made by a rule; they point into pieces.  with_vectors:
 * those that there are. */
void pieces_children(const struct pieces *pieces, size_t first, size_t count,
    bool with_vectors, struct child *children);

#endif
