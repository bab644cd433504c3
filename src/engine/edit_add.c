/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments added by hand, behind those that there are.  Where the document's
 * rule cuts segments into children, these are cut, too.
 */
#include <jansson.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/edit.h"
#include "engine/edit_graph.h"
#include "engine/engine_int.h"
#include "engine/writer.h"
#include "store/store_graph.h"

/* Of one call. */
#define SEGMENT_EDITS_MAX 1000u
#define KEYWORDS_BYTES_MAX (16 * KIB) /* of one segment, as JSON */

/* ---- what is asked for -------------------------------------------------- */

static int
keywords_check(const char *keywords, struct err_note *note)
{
	bool are_strings;
	json_t *json, *word;
	size_t i;

	if (strlen(keywords) > KEYWORDS_BYTES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the keywords take more than %u bytes",
		    (unsigned)KEYWORDS_BYTES_MAX);
	json = json_loads(keywords, 0, NULL);
	are_strings = json_is_array(json);
	json_array_foreach(json, i, word)
		are_strings = are_strings && json_is_string(word);
	json_decref(json);
	return are_strings ? 0
			   : err_set(note, ERR_INVALID,
				 "keywords must be an array of strings");
}

int
edit_segment_check(const struct segment_edit *edit, struct err_note *note)
{
	int err = 0;

	if (edit->text != NULL)
		err = edit_text_check(edit->text, WHOLE_BYTES_MAX, note);
	if (err == 0 && edit->keywords != NULL)
		err = keywords_check(edit->keywords, note);
	if (err < 0 || edit->answer == NULL)
		return err;
	if (strlen(edit->answer) > ANSWER_BYTES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the answer has more than %u bytes",
		    (unsigned)ANSWER_BYTES_MAX);
	if (!utf8_is_valid(edit->answer, strlen(edit->answer)))
		return err_set(note, ERR_INVALID, "the answer is not UTF-8");
	return 0;
}

static int
not_indexed(struct err_note *note)
{
	return err_set(note, ERR_CONFLICT,
	    "nothing of the document is indexed yet");
}

/* ---- adding ------------------------------------------------------------- */

struct add {
	struct engine *engine;
	struct edit_place place;
	const struct segment_edit *edits;
	size_t count;
	struct pieces pieces;
	struct edit_graphs graphs; /* one for each segment, or none */
	struct child *children; /* one for each piece */
	struct part {		/* of pieces, for each segment */
		size_t first, count;
		bool is_own; /* it is the segment's text, not a child */
	} *parts;
	int64_t revision_id;
	bool is_stale;
	struct uuid *uuids;
};

/* Its children or, when it has none, itself. */
static int
add_cut(struct add *add, const struct rule *rule, size_t i)
{
	const char *text = add->edits[i].text;
	struct part *part = &add->parts[i];
	int err = 0;

	part->first = add->pieces.count;
	if (rule->chunk.child.chars_max > 0)
		err = pieces_cut(&add->pieces, &rule->chunk.child, text,
		    strlen(text));
	part->count = add->pieces.count - part->first;
	part->is_own = part->count == 0;
	if (err == 0 && part->is_own) {
		err = pieces_add(&add->pieces, text, strlen(text));
		part->count = 1;
	}
	return err;
}

static int
add_prepare(struct store *reader, void *arg, struct err_note *note)
{
	struct add *add = arg;
	struct rule rule;
	size_t i;
	int err;

	err = edit_place_find(reader, &add->place, note);
	if (err < 0)
		return err;
	if (add->place.revision_id == 0)
		return not_indexed(note);
	add->revision_id = add->place.revision_id;
	err = edit_rule_load(reader, &add->place, &rule, note);
	pieces_clear(&add->pieces);
	if (err == 0)
		err = edit_graphs_begin(&add->graphs, reader, &add->place,
		    &rule);
	for (i = 0; err == 0 && i < add->count; i++) {
		err = edit_text_check(add->edits[i].text,
		    edit_text_max(&rule), note);
		if (err == 0)
			err = add_cut(add, &rule, i);
		if (err == 0)
			err = edit_graphs_add(&add->graphs,
			    add->edits[i].text, strlen(add->edits[i].text),
			    add->edits[i].answer, note);
	}
	if (err == 0 && add->place.has_vectors)
		err = pieces_embed(&add->pieces, add->engine, reader,
		    &add->place, note);
	if (err < 0)
		return err;
	mem_free(add->children);
	add->children = mem_array(add->pieces.count, sizeof(*add->children));
	return add->children == NULL ? ERR_NOMEM : 0;
}

static int
add_one(struct write_tx *tx, struct add *add, size_t i)
{
	const struct segment_edit *edit = &add->edits[i];
	const struct part *part = &add->parts[i];
	struct segment segment = {.revision_id = add->revision_id,
	    .document_id = add->place.document_id, .section = "",
	    .text = edit->text, .text_len = strlen(edit->text),
	    .answer = edit->answer, .keywords = edit->keywords,
	    .disabled_by = "", .created_us = tx_now_us(tx),
	    .updated_us = tx_now_us(tx)};
	struct child *children = add->children + part->first;
	bool is_on = !edit->sets_enabled || edit->is_enabled;
	struct segment_graph graph;
	int64_t id = 0;
	int err;

	segment.chars = (uint32_t)utf8_count(segment.text, segment.text_len);
	segment.dimensions = add->pieces.dimensions;
	segment.embedder_id = add->pieces.embedder_id;
	if (!is_on)
		segment.disabled_us = tx_now_us(tx);
	if (!part->is_own) {
		pieces_children(&add->pieces, part->first, part->count,
		    is_on, children);
		segment.children = children;
		segment.child_count = part->count;
	} else if (is_on) {
		segment.vector = pieces_vector(&add->pieces, part->first);
		segment.scale = add->pieces.list[part->first].scale;
	}
	err = edit_graphs_get(&add->graphs, i, &graph, &segment.graph);
	if (err == 0)
		err = store_segment_insert(tx_store(tx), &segment,
		    tx_now_us(tx), &id);
	if (err == 0)
		add->uuids[i] = uuid_of_row(add->place.document,
		    (uint64_t)id);
	return err;
}

static int
add_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct add *add = arg;
	size_t i;
	int err;

	err = edit_place_find(tx_store(tx), &add->place, note);
	if (err < 0)
		return err;
	add->is_stale = add->place.revision_id != add->revision_id ||
	    pieces_are_stale(&add->pieces, &add->place);
	if (add->is_stale)
		return ERR_CONFLICT;
	if (add->count > SEGMENTS_MAX - add->place.segments)
		return err_set(note, ERR_TOO_BIG,
		    "the document would have more than %u segments",
		    SEGMENTS_MAX);
	for (i = 0; err == 0 && i < add->count; i++)
		err = add_one(tx, add, i);
	return err;
}

static int
add_check(const struct segment_edit *edits, size_t count,
    struct err_note *note)
{
	size_t i;
	int err = 0;

	if (count > SEGMENT_EDITS_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "more than %u segments at once", SEGMENT_EDITS_MAX);
	for (i = 0; err == 0 && i < count; i++)
		err = edits[i].text == NULL
		    ? err_set(note, ERR_INVALID, "a segment needs a text")
		    : edit_segment_check(&edits[i], note);
	return err;
}

int
engine_segments_add(struct engine *engine, int64_t account_id,
    const struct uuid *document, const struct segment_edit *edits,
    size_t count, struct uuid *ret_segments, struct err_note *note)
{
	struct add add = {.engine = engine, .edits = edits, .count = count,
	    .place = {.account_id = account_id, .document = document}};
	const struct edit edit = {.prepare = add_prepare, .apply = add_apply,
	    .arg = &add, .is_stale = &add.is_stale,
	    .base_id = &add.place.base_id};
	int err;

	err = add_check(edits, count, note);
	if (err < 0)
		return err;
	pieces_init(&add.pieces);
	edit_graphs_init(&add.graphs);
	add.parts = mem_array(count, sizeof(*add.parts));
	add.uuids = mem_array(count, sizeof(*add.uuids));
	if (add.parts == NULL || add.uuids == NULL)
		err = err_set(note, ERR_NOMEM, "out of memory");
	if (err == 0)
		err = edit_run(engine, &edit, note);
	if (err == 0)
		memcpy(ret_segments, add.uuids, count * sizeof(*add.uuids));
	mem_free(add.parts);
	mem_free(add.uuids);
	mem_free(add.children);
	pieces_fini(&add.pieces);
	edit_graphs_fini(&add.graphs);
	return err;
}
