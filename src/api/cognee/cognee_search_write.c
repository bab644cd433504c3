/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was found, as it is said: to a search one element for each dataset, to
 * a recall one item for each thing.
 */
#include <string.h>

#include "api/cognee/cognee_said.h"
#include "api/cognee/cognee_search.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "engine/engine.h"
#include "store/store.h"

#define SCORE_DIGITS 6
#define IMPORTANCE 0.5 /* the original's weight of what nobody weighed */
#define NOTHING_FOUND "Nothing in the dataset answers the question."
#define REFERENCES_MAX 15u /* sources that stand below an answer */

/* ---- payloads ------------------------------------------------------------ */

static void
put_uuid(struct jsonw *w, const char *name, const struct uuid *uuid)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(uuid, text);
	jsonw_nstring(w, name, text);
}

/* The sets that the document's data were put into. */
static void
put_sets(struct jsonw *w, const struct document *document)
{
	json_t *metadata = json_loads(document->own_metadata, 0, NULL);
	const json_t *sets = json_object_get(metadata, COGNEE_NODE_SET), *set;
	size_t i;

	jsonw_name(w, "belongs_to_set");
	jsonw_array(w);
	for (i = 0; i < json_array_size(sets); i++) {
		set = json_array_get(sets, i);
		if (json_is_string(set))
			jsonw_string(w, json_string_value(set));
	}
	jsonw_array_end(w);
	json_decref(metadata);
}

void
cognee_write_chunk(struct jsonw *w, const struct result *result,
    const char *summary)
{
	const struct segment *segment = result->segment;
	int64_t created_us = segment->created_us != 0
	    ? segment->created_us : result->document->indexed_us;
	int64_t updated_us = segment->updated_us != 0
	    ? segment->updated_us : created_us;

	jsonw_object(w);
	put_uuid(w, "id", &result->segment_id);
	jsonw_nstring(w, "type",
	    summary != NULL ? "TextSummary" : "DocumentChunk");
	jsonw_name(w, "text");
	if (summary != NULL)
		jsonw_string(w, summary);
	else
		jsonw_stringn(w, result->text, result->text_len);
	put_uuid(w, "document_id", &result->document_id);
	jsonw_nstring(w, "document_name", result->name);
	jsonw_nuint(w, "chunk_index", result->position);
	put_uuid(w, "source_chunk_id", &result->segment_id);
	jsonw_nreal(w, "importance_weight", IMPORTANCE, 1);
	put_sets(w, result->document);
	jsonw_name(w, "metadata");
	jsonw_object(w);
	jsonw_name(w, "index_fields");
	jsonw_array(w);
	jsonw_string(w, "text");
	jsonw_array_end(w);
	jsonw_object_end(w);
	jsonw_nint(w, "version", 1);
	jsonw_nint(w, "created_at", created_us / 1000);
	jsonw_nint(w, "updated_at", updated_us / 1000);
	jsonw_nreal(w, "score", result->score, SCORE_DIGITS);
	jsonw_object_end(w);
}

static const struct cognee_hit *
hit_at(const struct cognee_search *search, const struct cognee_found *found,
    size_t i)
{
	return &search->hits[found->first + i];
}

static void
put_payloads(struct jsonw *w, const struct cognee_search *search,
    const struct cognee_found *found)
{
	const struct cognee_hit *hit;
	size_t i;

	jsonw_array(w);
	for (i = 0; i < found->count; i++) {
		hit = hit_at(search, found, i);
		jsonw_raw(w, search->texts.data + hit->json, hit->json_len);
	}
	jsonw_array_end(w);
}

/* ---- answers ------------------------------------------------------------- */

const char *
cognee_answer_text(const struct cognee_found *found)
{
	const struct answer *answer = &found->answer;

	return answer->text == NULL || answer->text[0] == '\0'
	    ? NOTHING_FOUND : answer->text;
}

const char *
cognee_answer_maker(const struct cognee_found *found)
{
	if (found->answer.text == NULL)
		return NULL;
	switch (found->answer.maker) {
	case ANSWER_BY_MODEL:
		return "model";
	case ANSWER_BY_EXTRACT:
	case ANSWER_BY_EXTRACT_AFTER_FAILURE:
		return "extract";
	case ANSWER_BY_NOBODY:
		break;
	}
	return NULL;
}

static void
put_context(struct jsonw *w, const struct cognee_search *search,
    const struct cognee_found *found)
{
	jsonw_stringn(w, buf_text(&search->texts) + found->context,
	    found->context_len);
}

/* The answer and, where they are wanted, what it was made of. */
static void
put_answer(struct jsonw *w, const struct cognee_search *search,
    const struct cognee_found *found)
{
	const struct cognee_hit *hit;
	struct buf text;
	size_t i;

	buf_init(&text, CHAT_ANSWER_BYTES_MAX + QUERY_LIMIT_MAX * KIB);
	(void)buf_puts(&text, cognee_answer_text(found));
	if (search->asked.with_references && found->count > 0)
		(void)buf_puts(&text, "\n\nReferences:");
	for (i = 0; search->asked.with_references && i < found->count &&
	     i < REFERENCES_MAX; i++) {
		hit = hit_at(search, found, i);
		(void)buf_printf(&text, "\n- %s, chunk %u",
		    search->texts.data + hit->name, hit->position);
	}
	jsonw_stringn(w, buf_text(&text), text.len);
	if (text.err < 0 && w->out->err == 0)
		w->out->err = text.err;
	buf_fini(&text);
}

static bool
is_list(const struct cognee_found *found)
{
	return cognee_search_way(found->type)->answer == COGNEE_LISTS;
}

/* Of ways that have no hits of their own. */
static bool
is_report(const struct cognee_found *found)
{
	return cognee_search_way(found->type)->gathers ==
	    COGNEE_GATHER_REPORT;
}

static void
put_texts(struct jsonw *w, const struct cognee_search *search,
    const struct cognee_found *found)
{
	const struct cognee_hit *hit;
	size_t i;

	jsonw_array(w);
	if (search->asked.only_context || is_report(found))
		put_context(w, search, found);
	else if (!is_list(found))
		put_answer(w, search, found);
	for (i = 0; !search->asked.only_context && is_list(found) &&
	     i < found->count; i++) {
		hit = hit_at(search, found, i);
		jsonw_stringn(w, search->texts.data + hit->text,
		    hit->text_len);
	}
	jsonw_array_end(w);
}

static void
put_verbose(struct jsonw *w, const struct cognee_search *search,
    const struct cognee_found *found)
{
	jsonw_name(w, "text_result");
	if (search->asked.only_context)
		jsonw_null(w);
	else
		put_texts(w, search, found);
	jsonw_name(w, "context_result");
	put_context(w, search, found);
	jsonw_name(w, "objects_result");
	put_payloads(w, search, found);
	jsonw_nstring(w, "search_type",
	    cognee_search_way(found->type)->name);
	jsonw_nstring(w, "answered_by", cognee_answer_maker(found));
}

static void
put_result(struct jsonw *w, const struct cognee_search *search,
    const struct cognee_found *found)
{
	jsonw_name(w, "search_result");
	if (search->asked.only_context && found->context_len > 0)
		put_context(w, search, found);
	else if (!search->asked.only_context &&
	    (!is_list(found) || is_report(found)))
		put_texts(w, search, found);
	else
		put_payloads(w, search, found);
}

void
cognee_write_search(struct jsonw *w, const struct cognee_search *search)
{
	const struct cognee_found *found;
	size_t i;

	jsonw_array(w);
	for (i = 0; i < search->count; i++) {
		found = &search->found[i];
		jsonw_object(w);
		if (search->asked.verbose)
			put_verbose(w, search, found);
		else
			put_result(w, search, found);
		jsonw_nstring(w, "dataset_id", found->dataset.text);
		jsonw_nstring(w, "dataset_name", found->dataset.name);
		jsonw_nnull(w, "dataset_tenant_id");
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

/* ---- items of a recall --------------------------------------------------- */

static void
item_begin(struct jsonw *w, const struct cognee_found *found)
{
	const struct cognee_search_way *way = cognee_search_way(found->type);

	jsonw_object(w);
	jsonw_nstring(w, "source", "graph");
	jsonw_nstring(w, "kind", way->kind);
	jsonw_nstring(w, "search_type", way->name);
}

static void
item_end(struct jsonw *w, const struct cognee_found *found)
{
	jsonw_nstring(w, "dataset_id", found->dataset.text);
	jsonw_nstring(w, "dataset_name", found->dataset.name);
	jsonw_nnull(w, "structured");
	jsonw_object_end(w);
}

static void
put_place(struct jsonw *w, const struct cognee_search *search,
    const struct cognee_hit *hit)
{
	put_uuid(w, "chunk_id", &hit->segment);
	put_uuid(w, "document_id", &hit->document);
	jsonw_nstring(w, "document_name", search->texts.data + hit->name);
	jsonw_nuint(w, "chunk_index", hit->position);
}

static void
put_hit(struct jsonw *w, const struct cognee_search *search,
    const struct cognee_found *found, const struct cognee_hit *hit)
{
	item_begin(w, found);
	jsonw_name(w, "text");
	jsonw_stringn(w, search->texts.data + hit->text, hit->text_len);
	jsonw_nreal(w, "score", hit->score, SCORE_DIGITS);
	jsonw_name(w, "metadata");
	jsonw_object(w);
	put_place(w, search, hit);
	jsonw_object_end(w);
	jsonw_name(w, "raw");
	jsonw_raw(w, search->texts.data + hit->json, hit->json_len);
	item_end(w, found);
}

static void
put_references(struct jsonw *w, const struct cognee_search *search,
    const struct cognee_found *found)
{
	const struct cognee_hit *hit;
	size_t i;

	jsonw_name(w, "references");
	jsonw_array(w);
	for (i = 0; search->asked.with_references && i < found->count &&
	     i < REFERENCES_MAX; i++) {
		hit = hit_at(search, found, i);
		jsonw_object(w);
		put_place(w, search, hit);
		jsonw_nreal(w, "score", hit->score, SCORE_DIGITS);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

/* An answer, a report or a context: one item with all of it. */
static void
put_whole(struct jsonw *w, const struct cognee_search *search,
    const struct cognee_found *found)
{
	bool is_context = search->asked.only_context || is_report(found);

	item_begin(w, found);
	jsonw_name(w, "text");
	if (is_context)
		put_context(w, search, found);
	else
		jsonw_string(w, cognee_answer_text(found));
	jsonw_nnull(w, "score");
	jsonw_name(w, "metadata");
	jsonw_object(w);
	jsonw_nstring(w, "answered_by", cognee_answer_maker(found));
	put_references(w, search, found);
	jsonw_object_end(w);
	jsonw_name(w, "raw");
	jsonw_object(w);
	if (search->asked.verbose) {
		jsonw_name(w, "context_result");
		put_context(w, search, found);
		jsonw_name(w, "objects_result");
		put_payloads(w, search, found);
	}
	jsonw_object_end(w);
	item_end(w, found);
}

static void
put_found(struct jsonw *w, const struct cognee_search *search,
    const struct cognee_found *found)
{
	size_t i;

	/* What found nothing is left out: its text would be empty. */
	if (found->context_len == 0)
		return;
	if (search->asked.only_context || !is_list(found) ||
	    is_report(found)) {
		put_whole(w, search, found);
		return;
	}
	for (i = 0; i < found->count; i++)
		put_hit(w, search, found, hit_at(search, found, i));
}

void
cognee_write_recall(struct jsonw *w, const struct cognee_search *search)
{
	size_t i;

	jsonw_array(w);
	if (search->items.len > 0)
		jsonw_raw(w, search->items.data, search->items.len);
	for (i = 0; i < search->count; i++)
		put_found(w, search, &search->found[i]);
	jsonw_array_end(w);
}
