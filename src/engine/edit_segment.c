/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments changed and deleted by hand.
 *
 * A segment is found by nearness through its own vector or, when it has
 * children, through theirs; never both.  One that is switched off has none of
 * them, so what brings it back is embedded again.
 */
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/edit.h"
#include "engine/edit_graph.h"
#include "engine/engine_int.h"
#include "engine/writer.h"
#include "store/store_graph.h"

/* ---- changing ----------------------------------------------------------- */

/* What is done about vectors. */
enum change_way {
	CHANGE_OWN,  /* the segment has one of its own */
	CHANGE_CUT,  /* it gets other children */
	CHANGE_KEPT, /* its children stay */
};

struct change {
	struct engine *engine;
	struct edit_place place;
	const struct segment_edit *edit;
	const char *by;
	struct edit_look look;
	bool cuts; /* asked for, and the rule says how */
	struct chunk_cut child;
	/* As it was prepared. */
	int64_t revision_id;
	enum change_way way;
	bool is_embedded;
	char *text; /* that was cut or embedded, when the edit has none */
	struct pieces pieces;
	struct child *children;
	size_t child_count;
	uint64_t digest; /* of children that stay */
	struct edit_graphs graphs; /* that of the new text, or none */
	bool is_stale;
};

static bool
change_turns_on(const struct change *change)
{
	const struct segment_edit *edit = change->edit;

	return edit->sets_enabled ? edit->is_enabled
				  : change->look.segment.disabled_us == 0;
}

static enum change_way
change_way(const struct change *change)
{
	if (change->cuts)
		return CHANGE_CUT;
	return change->look.children > 0 ? CHANGE_KEPT : CHANGE_OWN;
}

/* Children that stay have their vectors, unless the segment was off. */
static bool
change_embeds(const struct change *change)
{
	return change->place.has_vectors && change_turns_on(change) &&
	    (change_way(change) != CHANGE_KEPT ||
		change->look.segment.disabled_us != 0);
}

static const char *
change_text(const struct change *change)
{
	return change->edit->text != NULL ? change->edit->text
					  : change->look.segment.text;
}

/* Does it leave everything as it is? */
static bool
change_is_idle(const struct change *change)
{
	const struct segment_edit *edit = change->edit;

	return edit->text == NULL && edit->answer == NULL &&
	    edit->keywords == NULL && !change->cuts &&
	    change_turns_on(change) ==
	    (change->look.segment.disabled_us == 0);
}

static const char *
change_answer(const struct change *change)
{
	return change->edit->answer != NULL ? change->edit->answer
					    : change->look.segment.answer;
}

/* Does the segment say something else?  Then its graph is another. */
static bool
change_rewrites(const struct change *change)
{
	const struct segment *old = &change->look.segment;
	const char *answer = change_answer(change);

	return strcmp(change_text(change), old->text) != 0 ||
	    (answer != NULL &&
		(old->answer == NULL || strcmp(answer, old->answer) != 0));
}

static int
change_graph(struct store *reader, struct change *change,
    const struct rule *rule, struct err_note *note)
{
	const char *text = change_text(change);
	int err;

	if (!change_rewrites(change))
		return 0;
	err = edit_graphs_begin(&change->graphs, reader, &change->place,
	    rule);
	return err < 0
	    ? err
	    : edit_graphs_add(&change->graphs, text, strlen(text),
		  change_answer(change), note);
}

/* The store has dropped the old one with what the segment said. */
static int
change_write_graph(struct store *store, struct change *change)
{
	const struct segment_graph *graph = NULL;
	struct segment_graph room;
	int err;

	if (!change_rewrites(change))
		return 0;
	err = edit_graphs_get(&change->graphs, 0, &room, &graph);
	return err < 0 || graph == NULL
	    ? err
	    : store_segment_graph(store, change->place.segment_id, graph);
}

struct kept {
	struct change *change; /* NULL: only the digest is wanted */
	uint64_t digest;
	size_t size;
};

static int
kept_take(void *arg, const struct child *child)
{
	struct kept *kept = arg;
	struct change *change = kept->change;
	int err;

	kept->digest = XXH3_64bits_withSeed(&child->id, sizeof(child->id),
	    kept->digest);
	kept->digest = XXH3_64bits_withSeed(child->text, child->text_len,
	    kept->digest);
	if (change == NULL)
		return 0;
	if (change->child_count == kept->size)
		return ERR_CORRUPT;
	err = pieces_add(&change->pieces, child->text, child->text_len);
	if (err == 0)
		change->children[change->child_count++] = *child;
	return err;
}

static int
kept_digest(struct store *store, const struct change *change,
    struct change *takes, uint64_t *ret_digest)
{
	struct kept kept = {.change = takes, .size = change->look.children};
	int err;

	err = store_children_page(store, change->place.segment_id, NULL, 0,
	    CHILDREN_MAX + 1, kept_take, &kept);
	if (err == 0)
		*ret_digest = kept.digest;
	return err;
}

/* They keep their ids; only their vectors were lost. */
static int
change_keep(struct store *reader, struct change *change)
{
	struct child *child;
	size_t i;
	int err;

	change->children = mem_array(change->look.children,
	    sizeof(*change->children));
	if (change->children == NULL)
		return ERR_NOMEM;
	err = kept_digest(reader, change, change, &change->digest);
	for (i = 0; err == 0 && i < change->child_count; i++) {
		child = &change->children[i];
		child->text = pieces_text(&change->pieces, i);
		child->text_len = change->pieces.list[i].len;
	}
	return err;
}

static int
change_cut(struct change *change, const char *text)
{
	int err;

	err = pieces_cut(&change->pieces, &change->child, text, strlen(text));
	change->child_count = change->pieces.count;
	if (err == 0 && change->child_count == 0)
		err = pieces_add(&change->pieces, text, strlen(text));
	if (err < 0)
		return err;
	change->children = mem_array(change->pieces.count,
	    sizeof(*change->children));
	return change->children == NULL ? ERR_NOMEM : 0;
}

static int
change_pieces(struct store *reader, struct change *change,
    struct err_note *note)
{
	const char *text = change_text(change);
	size_t i;
	int err = 0;

	if (change->edit->text == NULL) {
		change->text = mem_strdup(text);
		if (change->text == NULL)
			return ERR_NOMEM;
	}
	change->way = change_way(change);
	change->is_embedded = change_embeds(change);
	if (change->way == CHANGE_CUT)
		err = change_cut(change, text);
	else if (change->is_embedded && change->way == CHANGE_KEPT)
		err = change_keep(reader, change);
	else if (change->is_embedded)
		err = pieces_add(&change->pieces, text, strlen(text));
	if (err == 0 && change->is_embedded)
		err = pieces_embed(&change->pieces, change->engine, reader,
		    &change->place, note);
	for (i = 0; err == 0 && i < change->child_count &&
	    change->way == CHANGE_KEPT; i++) {
		change->children[i].vector = pieces_vector(&change->pieces,
		    i);
		change->children[i].scale = change->pieces.list[i].scale;
		change->children[i].embedder_id = change->pieces.embedder_id;
	}
	return err;
}

static void
change_clear(struct change *change)
{
	edit_look_fini(&change->look);
	mem_free(change->text);
	mem_free(change->children);
	change->text = NULL;
	change->children = NULL;
	change->child_count = 0;
	change->way = CHANGE_OWN;
	change->is_embedded = false;
	pieces_clear(&change->pieces);
	edit_graphs_fini(&change->graphs);
}

/* Is it allowed, as the segment is now? */
static int
change_check(const struct change *change, struct err_note *note)
{
	const struct segment_edit *edit = change->edit;

	if (edit->text != NULL && change->look.segment.disabled_us != 0 &&
	    !change_turns_on(change))
		return err_set(note, ERR_CONFLICT,
		    "the segment is switched off");
	return 0;
}

static int
change_prepare(struct store *reader, void *arg, struct err_note *note)
{
	struct change *change = arg;
	struct rule rule;
	int err;

	change_clear(change);
	err = edit_place_find(reader, &change->place, note);
	if (err == 0)
		err = edit_look(reader, &change->place, &change->look);
	if (err == 0)
		err = change_check(change, note);
	if (err == 0)
		err = edit_rule_load(reader, &change->place, &rule, note);
	if (err == 0 && change->edit->text != NULL)
		err = edit_text_check(change->edit->text,
		    edit_text_max(&rule), note);
	if (err < 0)
		return err;
	change->revision_id = change->place.revision_id;
	change->child = rule.chunk.child;
	change->cuts = change->edit->recuts_children &&
	    rule.chunk.child.chars_max > 0;
	if (change_is_idle(change))
		return 0;
	err = change_pieces(reader, change, note);
	return err < 0 ? err : change_graph(reader, change, &rule, note);
}

/* Does what was prepared suit the segment as it is now? */
static int
change_compare(struct store *store, struct change *change)
{
	uint64_t digest = 0;
	int err = 0;

	change->is_stale = change->place.revision_id != change->revision_id ||
	    pieces_are_stale(&change->pieces, &change->place) ||
	    change->way != change_way(change) ||
	    (change_embeds(change) && !change->is_embedded);
	if (!change->is_stale && change->way != CHANGE_KEPT &&
	    change->edit->text == NULL)
		change->is_stale = change->text == NULL ||
		    strcmp(change->text, change->look.segment.text) != 0;
	if (!change->is_stale && change->way == CHANGE_KEPT &&
	    change_embeds(change)) {
		err = kept_digest(store, change, NULL, &digest);
		change->is_stale = err == 0 && digest != change->digest;
	}
	if (change_rewrites(change) &&
	    !edit_graphs_are_of(&change->graphs, change_text(change),
		change_answer(change)))
		change->is_stale = true;
	return change->is_stale ? ERR_CONFLICT : err;
}

static int
change_write(struct write_tx *tx, struct change *change)
{
	const struct segment_edit *edit = change->edit;
	struct segment segment = change->look.segment;
	bool is_on = change_turns_on(change), embeds = change_embeds(change);
	struct store *store = tx_store(tx);
	size_t i;
	int err;

	segment.text = change_text(change);
	segment.text_len = strlen(segment.text);
	segment.chars = (uint32_t)utf8_count(segment.text, segment.text_len);
	if (edit->answer != NULL)
		segment.answer = edit->answer;
	if (edit->keywords != NULL)
		segment.keywords = edit->keywords;
	if (is_on) {
		segment.disabled_us = 0;
		segment.disabled_by = "";
	} else if (segment.disabled_us == 0) {
		segment.disabled_us = tx_now_us(tx);
		segment.disabled_by = change->by;
	}
	segment.updated_us = tx_now_us(tx);
	segment.dimensions = change->pieces.dimensions;
	segment.embedder_id = change->pieces.embedder_id;
	if (change->way == CHANGE_CUT) {
		pieces_children(&change->pieces, 0, change->child_count,
		    is_on, change->children);
		segment.children = change->children;
		segment.child_count = change->child_count;
	}
	if (embeds && change->way != CHANGE_KEPT &&
	    segment.child_count == 0) {
		segment.vector = pieces_vector(&change->pieces, 0);
		segment.scale = change->pieces.list[0].scale;
	}
	err = store_segment_replace(store, &segment,
	    change->way == CHANGE_CUT, tx_now_us(tx));
	for (i = 0; err == 0 && embeds && change->way == CHANGE_KEPT &&
	    i < change->child_count; i++)
		err = store_child_replace(store, &change->children[i],
		    change->pieces.dimensions,
		    change->children[i].updated_us);
	return err < 0 ? err : change_write_graph(store, change);
}

static int
change_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct change *change = arg;
	int err;

	edit_look_fini(&change->look);
	change->is_stale = false;
	err = edit_place_find(tx_store(tx), &change->place, note);
	if (err == 0)
		err = edit_look(tx_store(tx), &change->place, &change->look);
	if (err == 0)
		err = change_check(change, note);
	if (err < 0 || change_is_idle(change))
		return err;
	err = change_compare(tx_store(tx), change);
	return err < 0 ? err : change_write(tx, change);
}

int
engine_segment_change(struct engine *engine, int64_t account_id,
    const struct uuid *document, const struct uuid *segment,
    const struct segment_edit *asked, const char *by, struct err_note *note)
{
	struct change change = {.engine = engine, .edit = asked, .by = by,
	    .place = {.account_id = account_id, .document = document,
		.segment = segment}};
	const struct edit edit = {.prepare = change_prepare,
	    .apply = change_apply, .arg = &change,
	    .is_stale = &change.is_stale, .base_id = &change.place.base_id};
	int err;

	err = edit_segment_check(asked, note);
	if (err < 0)
		return err;
	pieces_init(&change.pieces);
	err = edit_run(engine, &edit, note);
	change_clear(&change);
	pieces_fini(&change.pieces);
	return err;
}

/* ---- deleting ----------------------------------------------------------- */

static int
delete_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct edit_place *place = arg;
	int err;

	err = edit_place_find(tx_store(tx), place, note);
	return err < 0 ? err
		       : store_segment_delete(tx_store(tx),
			     place->segment_id);
}

int
engine_segment_delete(struct engine *engine, int64_t account_id,
    const struct uuid *document, const struct uuid *segment,
    struct err_note *note)
{
	struct edit_place place = {.account_id = account_id,
	    .document = document, .segment = segment};
	int err;

	err = writer_do(engine->writer, delete_apply, &place, note);
	if (err == 0)
		janitor_lost(engine->janitor);
	return err;
}
