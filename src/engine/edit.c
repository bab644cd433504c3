/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing by hand: documents, and what all edits have in common.
 *
 * An edit that embeds does so before its operation, in the calling thread:
 * the writer must not wait for a model.  So the operation finds a store that
 * may have changed since.  It compares what the preparation depended on, and
 * where that has changed it fails as stale, without having written, and all of
 * it begins anew.  Each time somebody else has come further, so this ends; for
 * who is overtaken time and again, after EDIT_TRIES.
 *
 * An edit is one of the live revision.  A revision that is being built knows
 * nothing of it and replaces it when it is published.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "base/mem.h"
#include "engine/edit.h"
#include "engine/engine_int.h"
#include "engine/writer.h"
#include "store/store_model.h"

#define EDIT_TRIES 32
/* Of one call; an operation holds up the others. */
#define DOCUMENT_EDITS_MAX 10000u

/* ---- places ------------------------------------------------------------- */

static int
place_document(void *arg, const struct document *document)
{
	struct edit_place *place = arg;

	place->revision_id = document->revision_id;
	place->segments = document->segments;
	place->has_vectors = document->has_vectors;
	return 0;
}

static int
place_segment(void *arg, const struct segment *segment)
{
	struct edit_place *place = arg;
	struct uuid uuid = uuid_of_row(place->document, (uint64_t)segment->id);

	if (segment->document_id != place->document_id ||
	    !uuid_is_equal(&uuid, place->segment))
		return ERR_NOT_FOUND;
	place->segment_id = segment->id;
	return 0;
}

static int
place_child(void *arg, const struct child *child)
{
	struct edit_place *place = arg;
	struct uuid uuid = uuid_of_child(place->segment, (uint64_t)child->id);

	if (child->segment_id != place->segment_id ||
	    !uuid_is_equal(&uuid, place->child))
		return ERR_NOT_FOUND;
	place->child_id = child->id;
	return 0;
}

static int
place_find_segment(struct store *store, struct edit_place *place)
{
	uint64_t row = uuid_row(place->segment);

	return row == 0 ? ERR_NOT_FOUND
			: store_segment_get(store, (int64_t)row,
			      place_segment, place);
}

static int
place_find_child(struct store *store, struct edit_place *place)
{
	uint64_t row = uuid_row(place->child);

	return row == 0 ? ERR_NOT_FOUND
			: store_child_get(store, (int64_t)row, place_child,
			      place);
}

int
edit_place_find(struct store *store, struct edit_place *place,
    struct err_note *note)
{
	int64_t wanted_id;
	int err;

	err = document_ref_find(store, place->account_id, place->document,
	    &place->document_id, &place->base_id);
	if (err == 0)
		err = store_document_get(store, place->document_id,
		    place_document, place);
	if (err < 0)
		return err == ERR_NOT_FOUND
		    ? err_set(note, err, "there is no such document")
		    : err;
	err = store_base_embedders(store, place->base_id, &place->embedder_id,
	    &wanted_id);
	if (err < 0)
		return err;
	if (place->segment != NULL) {
		err = place_find_segment(store, place);
		if (err == ERR_NOT_FOUND)
			(void)err_set(note, err, "there is no such segment");
	}
	if (err == 0 && place->child != NULL) {
		err = place_find_child(store, place);
		if (err == ERR_NOT_FOUND)
			(void)err_set(note, err, "there is no such child");
	}
	return err;
}

/* NULL stays NULL. */
static int
text_copy(const char *text, char **ret_copy)
{
	if (text == NULL)
		return 0;
	*ret_copy = mem_strdup(text);
	return *ret_copy == NULL ? ERR_NOMEM : 0;
}

static int
look_take(void *arg, const struct segment *segment)
{
	struct edit_look *look = arg;
	int err;

	look->segment = *segment;
	(void)snprintf(look->disabled_by, sizeof(look->disabled_by), "%s",
	    segment->disabled_by == NULL ? "" : segment->disabled_by);
	err = text_copy(segment->section, &look->section);
	if (err == 0) {
		look->text = mem_strndup(segment->text, segment->text_len);
		err = look->text == NULL ? ERR_NOMEM : 0;
	}
	if (err == 0)
		err = text_copy(segment->answer, &look->answer);
	if (err == 0)
		err = text_copy(segment->keywords, &look->keywords);
	return err;
}

int
edit_look(struct store *store, const struct edit_place *place,
    struct edit_look *ret_look)
{
	struct segment *segment = &ret_look->segment;
	int err;

	edit_look_fini(ret_look);
	err = store_segment_get(store, place->segment_id, look_take,
	    ret_look);
	if (err == 0)
		err = store_children_count(store, place->segment_id, NULL,
		    &ret_look->children);
	if (err < 0) {
		edit_look_fini(ret_look);
		return err;
	}
	segment->section = ret_look->section;
	segment->text = ret_look->text;
	segment->answer = ret_look->answer;
	segment->keywords = ret_look->keywords;
	segment->disabled_by = ret_look->disabled_by;
	segment->vector = NULL;
	segment->children = NULL;
	segment->child_count = 0;
	return 0;
}

void
edit_look_fini(struct edit_look *look)
{
	mem_free(look->section);
	mem_free(look->text);
	mem_free(look->answer);
	mem_free(look->keywords);
	memset(look, 0, sizeof(*look));
}

struct rule_texts {
	struct uuid base_uuid;
	char *base, *source, *document;
	int64_t source_id;
};

static int
rule_document(void *arg, const struct document *document)
{
	struct rule_texts *texts = arg;

	texts->base_uuid = document->base_uuid;
	texts->source_id = document->source_id;
	texts->document = mem_strdup(document->settings);
	return texts->document == NULL ? ERR_NOMEM : 0;
}

static int
rule_base(void *arg, const struct base *base)
{
	struct rule_texts *texts = arg;

	texts->base = mem_strdup(base->settings);
	return texts->base == NULL ? ERR_NOMEM : 0;
}

int
edit_rule_load(struct store *store, const struct edit_place *place,
    struct rule *ret_rule, struct err_note *note)
{
	struct rule_texts texts = {.base = NULL};
	int err;

	err = store_document_get(store, place->document_id, rule_document,
	    &texts);
	if (err == 0)
		err = store_base_find(store, place->account_id,
		    &texts.base_uuid, NULL, rule_base, &texts);
	if (err == 0)
		err = rule_source_settings(store, texts.source_id,
		    &texts.source);
	if (err == 0)
		err = rule_read(texts.base, texts.source, texts.document,
		    ret_rule, note);
	mem_free(texts.base);
	mem_free(texts.source);
	mem_free(texts.document);
	return err;
}

/* ---- texts -------------------------------------------------------------- */

static bool
text_is_blank(const char *text, size_t len)
{
	uint32_t c;
	size_t i, n;

	for (i = 0; i < len; i += n) {
		c = utf8_decode(text + i, len - i, &n);
		/* White space beyond ASCII, as its standard lists it. */
		if (c > ' ' && c != 0x7F && c != 0x85 && c != 0xA0 &&
		    c != 0x1680 && !(c >= 0x2000 && c <= 0x200B) &&
		    c != 0x2028 && c != 0x2029 && c != 0x202F &&
		    c != 0x205F && c != 0x3000 && c != 0xFEFF)
			return false;
	}
	return true;
}

int
edit_text_check(const char *text, size_t max, struct err_note *note)
{
	size_t len = strlen(text);

	if (len > max)
		return err_set(note, ERR_TOO_BIG,
		    "the text has more than %zu bytes", max);
	if (!utf8_is_valid(text, len))
		return err_set(note, ERR_INVALID, "the text is not UTF-8");
	if (text_is_blank(text, len))
		return err_set(note, ERR_INVALID, "the text is empty");
	return 0;
}

size_t
edit_text_max(const struct rule *rule)
{
	return rule->chunk.cut.method == CHUNK_WHOLE ? WHOLE_BYTES_MAX
						     : SEGMENT_BYTES_MAX;
}

/* ---- prepare, apply, again ---------------------------------------------- */

static int
edit_prepare(struct store *reader, const struct edit *edit,
    struct err_note *note)
{
	int err;

	err = store_begin(reader, note);
	if (err < 0)
		return err;
	err = edit->prepare(reader, edit->arg, note);
	store_end(reader);
	return err;
}

int
edit_run(struct engine *engine, const struct edit *edit,
    struct err_note *note)
{
	struct store *reader = NULL;
	int err, tries = 0;

	err = engine_reader(engine, &reader, note);
	if (err < 0)
		return err;
	do {
		err = edit_prepare(reader, edit, note);
		*edit->is_stale = false;
		if (err == 0)
			err = writer_do(engine->writer, edit->apply,
			    edit->arg, note);
	} while (err == ERR_CONFLICT && *edit->is_stale &&
	    ++tries < EDIT_TRIES);
	store_close(reader);
	if (err == ERR_CONFLICT && *edit->is_stale)
		err = err_set(note, err,
		    "others change the same all the time");
	if (err == 0)
		janitor_lost(engine->janitor);
	return err;
}

/* ---- documents ---------------------------------------------------------- */

struct documents_plan {
	int64_t account_id;
	const struct document_edit *edits;
	size_t count;
	const char *by;
};

struct document_switches {
	int64_t disabled_us;
	char disabled_by[64];
	bool is_archived;
};

static int
switches_take(void *arg, const struct document *document)
{
	struct document_switches *now = arg;

	now->disabled_us = document->disabled_us;
	(void)snprintf(now->disabled_by, sizeof(now->disabled_by), "%s",
	    document->disabled_by);
	now->is_archived = document->is_archived;
	return 0;
}

static int
document_edit_apply(struct write_tx *tx, const struct documents_plan *plan,
    const struct document_edit *edit, struct err_note *note)
{
	struct document_change change = {.name = edit->name,
	    .metadata = edit->metadata, .settings = edit->settings};
	struct document_switches now;
	int64_t id, base_id;
	int err;

	err = document_ref_find(tx_store(tx), plan->account_id,
	    &edit->document, &id, &base_id);
	if (err == 0)
		err = store_document_get(tx_store(tx), id, switches_take,
		    &now);
	if (err < 0)
		return err == ERR_NOT_FOUND
		    ? err_set(note, err, "there is no such document")
		    : err;
	if (edit->sets_enabled && edit->is_enabled) {
		now.disabled_us = 0;
		now.disabled_by[0] = '\0';
	} else if (edit->sets_enabled && now.disabled_us == 0) {
		now.disabled_us = tx_now_us(tx);
		(void)snprintf(now.disabled_by, sizeof(now.disabled_by),
		    "%s", plan->by);
	}
	if (edit->sets_archived)
		now.is_archived = edit->is_archived;
	change.disabled_us = now.disabled_us;
	change.disabled_by = now.disabled_by;
	change.is_archived = now.is_archived;
	return store_document_change(tx_store(tx), id, &change,
	    tx_now_us(tx));
}

/* One that is not there fails the operation, and with it what was written. */
static int
documents_edit_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct documents_plan *plan = arg;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < plan->count; i++)
		err = document_edit_apply(tx, plan, &plan->edits[i], note);
	return err;
}

static int
document_name_check(const char *name, struct err_note *note)
{
	size_t i, len = strlen(name);

	if (len == 0 || !utf8_is_valid(name, len))
		return err_set(note, ERR_INVALID,
		    "a document needs a name, in UTF-8");
	if (len > UPLOAD_NAME_BYTES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "a document's name has more than %u bytes",
		    UPLOAD_NAME_BYTES_MAX);
	for (i = 0; i < len; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7F)
			return err_set(note, ERR_INVALID,
			    "a name may not hold control characters");
	return 0;
}

static int
object_check(const char *what, const char *text, struct err_note *note)
{
	bool is_object;
	json_t *json;

	if (strlen(text) > METADATA_BYTES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "%s take more than %u bytes", what,
		    (unsigned)METADATA_BYTES_MAX);
	json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	is_object = json_is_object(json);
	json_decref(json);
	return is_object ? 0
			 : err_set(note, ERR_INVALID, "%s must be an object",
			       what);
}

static int
document_edit_check(const struct document_edit *edit, struct err_note *note)
{
	struct rule rule;
	int err = 0;

	if (edit->name != NULL)
		err = document_name_check(edit->name, note);
	if (err == 0 && edit->metadata != NULL)
		err = object_check("metadata", edit->metadata, note);
	if (err == 0 && edit->settings != NULL)
		err = object_check("settings", edit->settings, note);
	if (err == 0 && edit->settings != NULL)
		err = rule_read(NULL, NULL, edit->settings, &rule, note);
	return err;
}

int
engine_documents_edit(struct engine *engine, int64_t account_id,
    const struct document_edit *edits, size_t count, const char *by,
    struct err_note *note)
{
	struct documents_plan plan = {.account_id = account_id,
	    .edits = edits, .count = count, .by = by};
	size_t i;
	int err = 0;

	if (count > DOCUMENT_EDITS_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "more than %u documents at once", DOCUMENT_EDITS_MAX);
	for (i = 0; err == 0 && i < count; i++)
		err = document_edit_check(&edits[i], note);
	if (err < 0 || count == 0)
		return err;
	return writer_do(engine->writer, documents_edit_apply, &plan, note);
}
