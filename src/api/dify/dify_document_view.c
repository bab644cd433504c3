/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document as the wire has it, in the order of its keys.
 *
 * The original gives an upload and a rule ids of their own.  Those of
 * documents that came through this dialect are stored with them; for others
 * the upload's is made of the document's, and the rule has none.
 */
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_document.h"
#include "api/dify/dify_rule.h"
#include "api/dify/dify_upload.h"
#include "api/dify/dify_view.h"

#define CHARACTERS_PER_TOKEN 4
#define US_PER_SECOND 1000000.0
/* No row of the store has that number. */
#define ROW_NONE ((1ULL << 48) - 1)

uint64_t
dify_tokens(const struct dify_dataset *dataset, uint64_t characters)
{
	if (dify_dataset_is_economy(dataset))
		return 0;
	return characters / CHARACTERS_PER_TOKEN +
	    (characters % CHARACTERS_PER_TOKEN != 0);
}

static enum dify_word
word_of(const struct dify_document *document)
{
	struct job job = {.state = JOB_RUNNING};

	/* Kept, until somebody asks for it to be indexed. */
	if (document->row.held_us != 0)
		return DIFY_WAITING;
	/* Without an item nothing is known but that it is wanted. */
	if (document->is_new_run || document->item.id == 0)
		return document->row.revision_id != 0 && !document->is_new_run
		    ? DIFY_COMPLETED : DIFY_WAITING;
	return dify_word_of(&job, &document->item);
}

static const char *const display_words[] = {
    [DOCUMENT_WAITING] = "queuing",
    [DOCUMENT_PAUSED] = "paused",
    [DOCUMENT_RUNNING] = "indexing",
    [DOCUMENT_BROKEN] = "error",
    [DOCUMENT_AVAILABLE] = "available",
    [DOCUMENT_DISABLED] = "disabled",
    [DOCUMENT_ARCHIVED] = "archived",
};

const char *
dify_display_word(enum document_standing standing)
{
	return display_words[standing];
}

const char *
dify_display_status(const struct dify_document *document)
{
	return display_words[document->is_new_run
	    ? DOCUMENT_WAITING : document_standing(&document->row)];
}

void
dify_document_upload(const struct dify_document *document,
    struct dify_upload_view *ret_view)
{
	const struct document *row = &document->row;
	const json_t *upload = dify_object(document->dify, "upload");
	struct dify_upload_view view = {
	    .name = dify_text(upload, "name"),
	    .extension = dify_text(upload, "extension"),
	    .mime_type = dify_text(upload, "mime_type"),
	    .size = (uint64_t)dify_integer(upload, "size",
		(int64_t)row->bytes),
	    .created_us = dify_integer(upload, "created_us",
		row->created_us),
	};
	const char *id = dify_text(upload, "id");
	struct uuid own;

	if (id == NULL || uuid_parse(id, strlen(id), &own) < 0)
		own = uuid_of_row(&document->uuid, ROW_NONE);
	uuid_format(&own, view.id);
	if (view.name == NULL)
		view.name = row->name;
	if (view.extension == NULL)
		view.extension = dify_extension(row->name);
	if (view.mime_type == NULL)
		view.mime_type = row->media_type == NULL ||
		    row->media_type[0] == '\0'
		    ? dify_media_type(view.extension) : row->media_type;
	*ret_view = view;
}

/* {"id", "name", ..., "created_at"}: the only time that is no whole number. */
static void
put_upload(struct jsonw *w, const struct dify_document_view *view)
{
	struct dify_upload_view upload;

	dify_document_upload(view->document, &upload);
	jsonw_name(w, "upload_file");
	jsonw_object(w);
	jsonw_nstring(w, "id", upload.id);
	jsonw_nstring(w, "name", upload.name);
	jsonw_nuint(w, "size", upload.size);
	jsonw_nstring(w, "extension", upload.extension);
	jsonw_nstring(w, "mime_type", upload.mime_type);
	jsonw_nstring(w, "created_by", view->account);
	jsonw_nreal(w, "created_at",
	    (double)upload.created_us / US_PER_SECOND, 6);
	jsonw_object_end(w);
}

/* From id to position and where it comes from. */
static void
put_head(struct jsonw *w, const struct dify_document_view *view,
    bool is_detail)
{
	const struct dify_document *document = view->document;
	struct dify_upload_view upload;

	jsonw_nstring(w, "id", document->id_text);
	jsonw_nuint(w, "position", document->row.position);
	jsonw_nstring(w, "data_source_type", "upload_file");
	jsonw_name(w, "data_source_info");
	jsonw_object(w);
	if (is_detail) {
		put_upload(w, view);
	} else {
		dify_document_upload(document, &upload);
		jsonw_nstring(w, "upload_file_id", upload.id);
	}
	jsonw_object_end(w);
	if (!is_detail) {
		jsonw_name(w, "data_source_detail_dict");
		jsonw_object(w);
		put_upload(w, view);
		jsonw_object_end(w);
	}
	jsonw_nstring(w, "dataset_process_rule_id",
	    dify_text(dify_document_rule(document), "id"));
}

/* name, created_from, created_by, created_at, tokens, indexing_status. */
static void
put_origin(struct jsonw *w, const struct dify_document_view *view)
{
	const struct dify_document *document = view->document;
	const char *from = dify_text(document->dify, "created_from");

	jsonw_nstring(w, "name", document->row.name);
	jsonw_nstring(w, "created_from", from == NULL ? "api" : from);
	jsonw_nstring(w, "created_by", view->account);
	dify_seconds(w, "created_at", document->row.created_us);
	if (document->row.revision_id == 0)
		jsonw_nnull(w, "tokens");
	else
		jsonw_nuint(w, "tokens", dify_tokens(view->dataset,
		    document->row.characters));
	jsonw_nstring(w, "indexing_status",
	    dify_word_name(word_of(document)));
}

static void
put_switch(struct jsonw *w, const struct dify_document_view *view)
{
	const struct document *row = &view->document->row;

	jsonw_nbool(w, "enabled", row->disabled_us == 0);
	dify_seconds(w, "disabled_at", row->disabled_us);
	jsonw_nstring(w, "disabled_by",
	    row->disabled_us == 0 ? NULL : view->account);
	jsonw_nbool(w, "archived", row->is_archived);
}

static void
put_error(struct jsonw *w, const struct dify_document *document)
{
	jsonw_nstring(w, "error", word_of(document) == DIFY_ERROR
	    ? dify_error_words(&document->item) : NULL);
}

void
dify_write_document(struct jsonw *w, const struct dify_document_view *view)
{
	const struct dify_document *document = view->document;

	jsonw_object(w);
	put_head(w, view, false);
	put_origin(w, view);
	put_error(w, document);
	put_switch(w, view);
	jsonw_nstring(w, "display_status", dify_display_status(document));
	if (document->row.revision_id == 0)
		jsonw_nnull(w, "word_count");
	else
		jsonw_nuint(w, "word_count", document->row.characters);
	jsonw_nint(w, "hit_count", 0);
	jsonw_nstring(w, "doc_form", dify_document_form(document));
	jsonw_name(w, "doc_metadata");
	dify_write_metadata(w, view->dataset, &document->row, false);
	jsonw_nnull(w, "summary_index_status");
	jsonw_nbool(w, "need_summary", false);
	jsonw_object_end(w);
}

/* ---- in detail ---------------------------------------------------------- */

static void
put_json(struct jsonw *w, const json_t *json)
{
	char *text = json == NULL ? NULL
	    : json_dumps(json, JSON_ENCODE_ANY | JSON_ENSURE_ASCII |
		  JSON_COMPACT);

	if (text == NULL)
		jsonw_null(w);
	else
		jsonw_raw(w, text, strlen(text));
	free(text);
}

static void
put_rules(struct jsonw *w, const struct dify_document_view *view)
{
	const json_t *latest = dify_object(view->dataset->dify,
	    "process_rule");
	const json_t *own = dify_document_rule(view->document);
	json_t *fallback = dify_rule_default();

	if (latest == NULL)
		latest = fallback;
	jsonw_name(w, "dataset_process_rule");
	jsonw_object(w);
	jsonw_nstring(w, "mode", dify_text(latest, "mode"));
	jsonw_name(w, "rules");
	put_json(w, json_object_get(latest, "rules"));
	jsonw_object_end(w);
	jsonw_name(w, "document_process_rule");
	jsonw_object(w);
	if (own != NULL) {
		jsonw_nstring(w, "id", dify_text(own, "id"));
		jsonw_nstring(w, "dataset_id", view->dataset->id_text);
		jsonw_nstring(w, "mode", dify_text(own, "mode"));
		jsonw_name(w, "rules");
		put_json(w, json_object_get(own, "rules"));
	}
	jsonw_object_end(w);
	json_decref(fallback);
}

/* How long it took to be indexed: what comes behind the cutting. */
static double
latency_of(const struct item *item)
{
	int64_t from = item->steps[STAGE_EMBEDDING].start_us;

	if (from == 0)
		from = item->steps[STAGE_FINALIZING].start_us;
	if (from == 0 || item->finished_us < from)
		return 0;
	return (double)(item->finished_us - from) / US_PER_SECOND;
}

/* From completed_at to archived. */
static void
put_outcome(struct jsonw *w, const struct dify_document_view *view)
{
	const struct dify_document *document = view->document;
	bool is_completed = word_of(document) == DIFY_COMPLETED;
	int64_t us = document->item.finished_us;

	if (us == 0)
		us = document->row.indexed_us;
	dify_seconds(w, "completed_at", is_completed ? us : 0);
	dify_seconds(w, "updated_at", document->row.updated_us);
	if (is_completed)
		jsonw_nreal(w, "indexing_latency",
		    latency_of(&document->item), 6);
	else
		jsonw_nnull(w, "indexing_latency");
	put_error(w, document);
	put_switch(w, view);
}

static void
put_metadata(struct jsonw *w, const struct dify_document_view *view)
{
	jsonw_nnull(w, "doc_type");
	jsonw_name(w, "doc_metadata");
	dify_write_metadata(w, view->dataset, &view->document->row, true);
}

static void
put_counts(struct jsonw *w, const struct dify_document_view *view)
{
	const struct dify_document *document = view->document;
	const char *language = dify_text(document->dify, "doc_language");
	uint32_t segments = document->row.revision_id == 0
	    ? 0 : document->row.segments;

	jsonw_nuint(w, "segment_count", segments);
	jsonw_nuint(w, "average_segment_length",
	    segments == 0 ? 0 : document->row.characters / segments);
	jsonw_nint(w, "hit_count", 0);
	jsonw_nstring(w, "display_status", dify_display_status(document));
	jsonw_nstring(w, "doc_form", dify_document_form(document));
	jsonw_nstring(w, "doc_language", language);
	jsonw_nnull(w, "summary_index_status");
	jsonw_nbool(w, "need_summary", false);
}

void
dify_write_document_detail(struct jsonw *w,
    const struct dify_document_view *view, enum dify_metadata metadata)
{
	jsonw_object(w);
	if (metadata == DIFY_METADATA_ONLY) {
		jsonw_nstring(w, "id", view->document->id_text);
		put_metadata(w, view);
	} else {
		put_head(w, view, true);
		put_rules(w, view);
		put_origin(w, view);
		put_outcome(w, view);
		if (metadata == DIFY_METADATA_ALL)
			put_metadata(w, view);
		put_counts(w, view);
	}
	jsonw_object_end(w);
}
