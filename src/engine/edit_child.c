/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Children of segments added, changed and deleted by hand.
 *
 * With its first child a segment loses the vector of its own, and with its
 * last one it gets it back.
 */
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/edit.h"
#include "engine/engine_int.h"
#include "engine/writer.h"

struct child_edit {
	struct engine *engine;
	struct edit_place place;
	struct edit_look look;
	const char *text; /* the child's; NULL when it goes */
	struct pieces pieces; /* the child's text, or the segment's */
	struct uuid uuid;
	bool is_stale;
};

/* Nothing of it hangs on what can change meanwhile: a segment that is found
 * again is of the same revision. */
static int
child_prepare(struct store *reader, void *arg, struct err_note *note)
{
	struct child_edit *edit = arg;
	int err;

	pieces_clear(&edit->pieces);
	err = edit_place_find(reader, &edit->place, note);
	if (err == 0)
		err = pieces_add(&edit->pieces, edit->text,
		    strlen(edit->text));
	if (err == 0 && edit->place.has_vectors)
		err = pieces_embed(&edit->pieces, edit->engine, reader,
		    &edit->place, note);
	return err;
}

static int
child_look(struct write_tx *tx, struct child_edit *edit,
    struct err_note *note)
{
	int err;

	edit->is_stale = false;
	err = edit_place_find(tx_store(tx), &edit->place, note);
	if (err < 0)
		return err;
	edit->is_stale = pieces_are_stale(&edit->pieces, &edit->place);
	return edit->is_stale
	    ? ERR_CONFLICT
	    : edit_look(tx_store(tx), &edit->place, &edit->look);
}

/* The child as it is to be stored. */
static struct child
child_make(const struct child_edit *edit, int64_t now_us)
{
	struct child child = {.id = edit->place.child_id,
	    .segment_id = edit->place.segment_id, .text = edit->text,
	    .text_len = edit->pieces.list[0].len,
	    .chars = edit->pieces.list[0].chars, .is_custom = true,
	    .created_us = now_us, .updated_us = now_us};

	/* One that is switched off has no vectors. */
	if (edit->look.segment.disabled_us == 0) {
		child.vector = pieces_vector(&edit->pieces, 0);
		child.scale = edit->pieces.list[0].scale;
		child.embedder_id = edit->pieces.embedder_id;
	}
	return child;
}

static int
child_add_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct child_edit *edit = arg;
	struct child child;
	int64_t id = 0;
	int err;

	err = child_look(tx, edit, note);
	if (err < 0)
		return err;
	if (edit->look.children >= CHILDREN_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the segment would have more than %u children",
		    CHILDREN_MAX);
	child = child_make(edit, tx_now_us(tx));
	err = store_child_insert(tx_store(tx), &child,
	    edit->pieces.dimensions, tx_now_us(tx), &id);
	if (err == 0)
		edit->uuid = uuid_of_child(edit->place.segment, (uint64_t)id);
	return err;
}

static int
child_change_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct child_edit *edit = arg;
	struct child child;
	int err;

	err = child_look(tx, edit, note);
	if (err < 0)
		return err;
	child = child_make(edit, tx_now_us(tx));
	return store_child_replace(tx_store(tx), &child,
	    edit->pieces.dimensions, tx_now_us(tx));
}

/* The segment has a vector again, once it has no children. */
static bool
child_is_last(const struct child_edit *edit)
{
	return edit->look.children == 1 && edit->place.has_vectors &&
	    edit->look.segment.disabled_us == 0;
}

static int
child_delete_prepare(struct store *reader, void *arg, struct err_note *note)
{
	struct child_edit *edit = arg;
	int err;

	pieces_clear(&edit->pieces);
	err = edit_place_find(reader, &edit->place, note);
	if (err == 0)
		err = edit_look(reader, &edit->place, &edit->look);
	if (err < 0 || !child_is_last(edit))
		return err;
	err = pieces_add(&edit->pieces, edit->look.segment.text,
	    edit->look.segment.text_len);
	if (err == 0)
		err = pieces_embed(&edit->pieces, edit->engine, reader,
		    &edit->place, note);
	return err;
}

static int
child_delete_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct child_edit *edit = arg;
	struct segment segment;
	int err;

	err = child_look(tx, edit, note);
	if (err < 0)
		return err;
	segment = edit->look.segment;
	edit->is_stale = child_is_last(edit) &&
	    (edit->pieces.count == 0 ||
		strcmp(pieces_text(&edit->pieces, 0), segment.text) != 0);
	if (edit->is_stale)
		return ERR_CONFLICT;
	err = store_child_delete(tx_store(tx), edit->place.child_id);
	if (err < 0 || !child_is_last(edit))
		return err;
	segment.vector = pieces_vector(&edit->pieces, 0);
	segment.scale = edit->pieces.list[0].scale;
	segment.dimensions = edit->pieces.dimensions;
	segment.embedder_id = edit->pieces.embedder_id;
	return store_segment_replace(tx_store(tx), &segment, false,
	    tx_now_us(tx));
}

static int
child_run(struct child_edit *asked,
    int (*prepare)(struct store *reader, void *arg, struct err_note *note),
    int (*apply)(struct write_tx *tx, void *arg, struct err_note *note),
    struct err_note *note)
{
	const struct edit edit = {.prepare = prepare, .apply = apply,
	    .arg = asked, .is_stale = &asked->is_stale,
	    .base_id = &asked->place.base_id};
	int err = 0;

	if (asked->text != NULL)
		err = edit_text_check(asked->text, SEGMENT_BYTES_MAX, note);
	if (err < 0)
		return err;
	pieces_init(&asked->pieces);
	err = edit_run(asked->engine, &edit, note);
	edit_look_fini(&asked->look);
	pieces_fini(&asked->pieces);
	return err;
}

int
engine_child_add(struct engine *engine, int64_t account_id,
    const struct uuid *document, const struct uuid *segment,
    const char *text, struct uuid *ret_child, struct err_note *note)
{
	struct child_edit edit = {.engine = engine, .text = text,
	    .place = {.account_id = account_id, .document = document,
		.segment = segment}};
	int err;

	err = child_run(&edit, child_prepare, child_add_apply, note);
	if (err == 0)
		*ret_child = edit.uuid;
	return err;
}

int
engine_child_change(struct engine *engine, int64_t account_id,
    const struct uuid *document, const struct uuid *segment,
    const struct uuid *child, const char *text, struct err_note *note)
{
	struct child_edit edit = {.engine = engine, .text = text,
	    .place = {.account_id = account_id, .document = document,
		.segment = segment, .child = child}};

	return child_run(&edit, child_prepare, child_change_apply, note);
}

int
engine_child_delete(struct engine *engine, int64_t account_id,
    const struct uuid *document, const struct uuid *segment,
    const struct uuid *child, struct err_note *note)
{
	struct child_edit edit = {.engine = engine,
	    .place = {.account_id = account_id, .document = document,
		.segment = segment, .child = child}};

	return child_run(&edit, child_delete_prepare, child_delete_apply,
	    note);
}
