/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A query's answer in JSON, and as events.  Old and new clients look for the
 * same under different names: a result has all of them.
 */
#include <stdio.h>
#include <string.h>

#include "api/captain/captain_query.h"
#include "base/utf8.h"
#include "engine/engine.h"
#include "store/store.h"
#include "sys/clock.h"

#define SCORE_DIGITS 6
#define SCORE_BYTES_MAX 512u /* with its name, however large */
#define EXCERPT_BYTES 600u
#define TOOL "searchKnowledgeBase"
#define NOTHING_FOUND "Nothing in the collection matches the query."

static const char *const warning_words[CAPTAIN_WARNING_COUNT] = {
#define CAPTAIN_WARNING(name, words) [CAPTAIN_WARN_##name] = words,
#include "api/captain/captain_warning_tbl.h"
};

_Static_assert(CAPTAIN_WARNING_COUNT <= 32, "a set of warnings is 32 bits");

/* ---- parts --------------------------------------------------------------- */

static void
put_uuid(struct jsonw *w, const char *name, const struct uuid *uuid)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(uuid, text);
	jsonw_nstring(w, name, text);
}

static void
put_page(struct jsonw *w, const char *name, uint32_t page)
{
	if (page == 0)
		jsonw_nnull(w, name);
	else
		jsonw_nuint(w, name, page);
}

/* An object of the store's. */
static void
put_object(struct jsonw *w, const char *name, const char *json)
{
	jsonw_name(w, name);
	if (json == NULL || json[0] != '{')
		json = "{}";
	jsonw_raw(w, json, strlen(json));
}

static void
put_warnings(struct jsonw *w, const struct captain_query *query)
{
	size_t i;

	jsonw_name(w, "warnings");
	jsonw_array(w);
	for (i = 0; i < CAPTAIN_WARNING_COUNT; i++)
		if ((query->asked.warnings >> i & 1) != 0)
			jsonw_string(w, warning_words[i]);
	jsonw_array_end(w);
}

/* What the model's service told; nothing else costs tokens. */
static void
put_tokens(struct jsonw *w, const struct chat_usage *usage)
{
	jsonw_name(w, "tokens_used");
	jsonw_object(w);
	if (usage->total > 0) {
		jsonw_nuint(w, "prompt_tokens", usage->prompt);
		jsonw_nuint(w, "completion_tokens", usage->completion);
		jsonw_nuint(w, "total_tokens", usage->total);
	}
	jsonw_object_end(w);
}

static void
put_end(struct jsonw *w, const struct captain_query *query)
{
	jsonw_nint(w, "execution_time_ms",
	    (clock_mono_us() - query->start_us) / 1000);
	jsonw_nstring(w, "request_id", query->request_id);
	put_tokens(w, &query->answer.usage);
	jsonw_nnull(w, "token_balance");
	put_warnings(w, query);
}

/* ---- results ------------------------------------------------------------- */

static void
write_hit_v2(struct jsonw *w, const struct result *result)
{
	jsonw_object(w);
	jsonw_nreal(w, "score", result->score, SCORE_DIGITS);
	jsonw_name(w, "content");
	jsonw_stringn(w, result->text, result->text_len);
	put_uuid(w, "document_id", &result->document_id);
	jsonw_nstring(w, "filename", result->name);
	jsonw_nuint(w, "chunk_index", result->position);
	put_page(w, "page_start", result->page_start);
	put_page(w, "page_end", result->page_end);
	jsonw_nstring(w, "modality", "text");
	put_object(w, "metadata", result->document->own_metadata);
	jsonw_object_end(w);
}

static void
put_chunk_id(struct jsonw *w, const struct result *result,
    uint32_t position)
{
	char document[UUID_TEXT_SIZE], text[UUID_TEXT_SIZE + 16];

	uuid_format(&result->document_id, document);
	(void)snprintf(text, sizeof(text), "%s:%u", document, position);
	jsonw_nstring(w, "chunk_id", text);
}

/* "s3" of "s3://bucket/key". */
static void
put_source(struct jsonw *w, const char *uri)
{
	static const char *const kinds[][2] = {
	    {"http://", "url"}, {"https://", "url"},
	};
	const char *end = strstr(uri, "://");
	size_t i;

	jsonw_name(w, "source");
	jsonw_object(w);
	jsonw_name(w, "type");
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(uri, kinds[i][0], strlen(kinds[i][0])) == 0)
			break;
	if (i < sizeof(kinds) / sizeof(kinds[0]))
		jsonw_string(w, kinds[i][1]);
	else
		jsonw_stringn(w, uri, end == NULL ? 0 : (size_t)(end - uri));
	jsonw_nstring(w, "uri", uri);
	jsonw_object_end(w);
}

static void
put_document(struct jsonw *w, const struct result *result)
{
	jsonw_name(w, "document");
	jsonw_object(w);
	put_uuid(w, "id", &result->document_id);
	jsonw_nstring(w, "filename", result->name);
	put_source(w, result->uri);
	jsonw_object_end(w);
}

static void
put_matches(struct jsonw *w, const struct result *result, bool has_scores)
{
	jsonw_name(w, "match_sources");
	jsonw_array(w);
	if (result->is_vector)
		jsonw_string(w, "vector");
	if (result->is_lexical)
		jsonw_string(w, "bm25");
	jsonw_array_end(w);
	if (!has_scores)
		return;
	jsonw_name(w, "metadata");
	jsonw_object(w);
	if (result->is_vector)
		jsonw_nreal(w, "vectorScore", result->cosine, SCORE_DIGITS);
	if (result->is_lexical)
		jsonw_nreal(w, "bm25Score", result->lexical, SCORE_DIGITS);
	jsonw_object_end(w);
}

static void
put_neighbours(struct jsonw *w, const struct captain_query *query,
    const struct result *result, const struct captain_neighbour *neighbours,
    size_t count)
{
	size_t i;

	jsonw_name(w, "neighboring_chunks");
	jsonw_array(w);
	for (i = 0; i < count; i++) {
		jsonw_object(w);
		put_chunk_id(w, result, neighbours[i].position);
		jsonw_nuint(w, "chunk_index", neighbours[i].position);
		jsonw_name(w, "text");
		jsonw_stringn(w, query->texts.data + neighbours[i].text,
		    neighbours[i].text_len);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void
write_hit_v3(struct jsonw *w, const struct captain_query *query,
    const struct result *result, const char *collection,
    const struct captain_neighbour *neighbours, size_t neighbour_count)
{
	unsigned include = query->asked.include;

	jsonw_object(w);
	put_chunk_id(w, result, result->position);
	jsonw_nuint(w, "chunk_index", result->position);
	jsonw_name(w, "text");
	jsonw_stringn(w, result->text, result->text_len);
	jsonw_nreal(w, "score", result->score, SCORE_DIGITS);
	jsonw_nstring(w, "modality", "text");
	jsonw_nstring(w, "collection_name", collection);
	put_uuid(w, "document_id", &result->document_id);
	jsonw_nstring(w, "filename", result->name);
	put_matches(w, result, (include & CAPTAIN_WITH_METADATA) != 0);
	if ((include & CAPTAIN_WITH_DOCUMENT) != 0)
		put_document(w, result);
	if ((include & CAPTAIN_WITH_DOCUMENT_METADATA) != 0)
		put_object(w, "document_metadata",
		    result->document->own_metadata);
	jsonw_name(w, "location");
	jsonw_object(w);
	put_page(w, "page_start", result->page_start);
	put_page(w, "page_end", result->page_end);
	jsonw_object_end(w);
	jsonw_name(w, "regions");
	jsonw_array(w);
	jsonw_array_end(w);
	if ((include & CAPTAIN_WITH_NEIGHBOURS) != 0)
		put_neighbours(w, query, result, neighbours,
		    neighbour_count);
	jsonw_object_end(w);
}

void
captain_write_hit(struct jsonw *w, const struct captain_query *query,
    const struct result *result, const char *collection,
    const struct captain_neighbour *neighbours, size_t neighbour_count)
{
	if (query->asked.version == CAPTAIN_V2)
		write_hit_v2(w, result);
	else
		write_hit_v3(w, query, result, collection, neighbours,
		    neighbour_count);
}

/* The objects as they were kept, each with its rerank_score in front. */
static void
put_results(struct jsonw *w, const char *name,
    const struct captain_query *query)
{
	const struct captain_hit *hit;
	struct buf score;
	struct jsonw number;
	size_t i;

	buf_init(&score, SCORE_BYTES_MAX);
	jsonw_name(w, name);
	jsonw_array(w);
	for (i = 0; i < query->result_count; i++) {
		hit = &query->hits[query->order[i]];
		buf_clear(&score);
		jsonw_init(&number, &score);
		jsonw_object(&number);
		/* null when there is none. */
		jsonw_nreal(&number, "rerank_score", hit->rerank,
		    SCORE_DIGITS);
		(void)buf_putc(&score, ',');
		if (score.err < 0 && w->out->err == 0)
			w->out->err = score.err;
		jsonw_raw(w, buf_text(&score), score.len);
		(void)buf_put(w->out, query->json.data + hit->json + 1,
		    hit->json_len - 1);
	}
	jsonw_array_end(w);
	buf_fini(&score);
}

/* ---- whole answers ------------------------------------------------------- */

/* Is the hit of order[i] the first one of its document? */
static bool
is_first(const struct captain_query *query, size_t i)
{
	const struct uuid *document = &query->hits[query->order[i]].document;
	size_t j;

	for (j = 0; j < i; j++)
		if (uuid_is_equal(document,
			&query->hits[query->order[j]].document))
			return false;
	return true;
}

/* Each document once, by its best passage. */
static void
put_relevant(struct jsonw *w, const struct captain_query *query)
{
	const struct captain_hit *hit;
	const char *text;
	size_t i, len;

	jsonw_name(w, "relevant_documents");
	jsonw_array(w);
	for (i = 0; i < query->result_count; i++) {
		if (!is_first(query, i))
			continue;
		hit = &query->hits[query->order[i]];
		text = query->texts.data + hit->text;
		len = hit->text_len;
		if (len > EXCERPT_BYTES)
			len = utf8_floor(text, len, EXCERPT_BYTES);
		jsonw_object(w);
		jsonw_nreal(w, "relevancy_score", hit->score, SCORE_DIGITS);
		put_uuid(w, "document_id", &hit->document);
		jsonw_nstring(w, "filename", query->texts.data + hit->name);
		jsonw_name(w, "excerpt");
		jsonw_stringn(w, text, len);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

const char *
captain_answer_text(const struct captain_query *query)
{
	return query->answer.maker == ANSWER_BY_NOBODY ||
		query->answer.text == NULL
	    ? NOTHING_FOUND
	    : query->answer.text;
}

/* What an answer of v2 has, without the braces around it. */
static void
put_v2(struct jsonw *w, const struct captain_query *query)
{
	jsonw_nbool(w, "success", true);
	jsonw_nstring(w, "query", query->asked.text);
	jsonw_nbool(w, "inference", query->asked.is_inference);
	jsonw_nuint(w, "total_results", query->result_count);
	if (query->asked.is_inference) {
		jsonw_nstring(w, "summary", captain_answer_text(query));
		jsonw_nstring(w, "response", captain_answer_text(query));
		put_relevant(w, query);
	} else {
		jsonw_nuint(w, "top_k", query->asked.limit);
		put_results(w, "search_results", query);
	}
	put_end(w, query);
}

void
captain_write_answer(struct jsonw *w, const struct captain_query *query)
{
	jsonw_object(w);
	if (query->asked.version == CAPTAIN_V2) {
		put_v2(w, query);
	} else {
		jsonw_nstring(w, "query", query->asked.text);
		put_results(w, "results", query);
		jsonw_nuint(w, "total_results", query->result_count);
		jsonw_nuint(w, "limit", query->asked.limit);
		jsonw_nbool(w, "rerank", query->is_reranked);
		put_end(w, query);
	}
	jsonw_object_end(w);
}

/* ---- events -------------------------------------------------------------- */

static void
event_begin(struct jsonw *w, struct buf *out, struct captain_query *query,
    const char *type)
{
	(void)buf_puts(out, "data: ");
	jsonw_init(w, out);
	jsonw_object(w);
	jsonw_nstring(w, "type", type);
	jsonw_nint(w, "seq", ++query->seq);
	jsonw_nstring(w, "run_id", query->run_id);
}

/* JSON of ours has no line breaks in it. */
static void
event_end(struct jsonw *w)
{
	jsonw_object_end(w);
	(void)buf_puts(w->out, "\n\n");
}

static void
put_tool(struct jsonw *w, const struct captain_query *query)
{
	jsonw_nstring(w, "tool_call_id", query->call_id);
	jsonw_nstring(w, "name", TOOL);
}

void
captain_write_tool_start(struct buf *out, struct captain_query *query)
{
	struct jsonw w;

	event_begin(&w, out, query, "tool.start");
	put_tool(&w, query);
	jsonw_name(&w, "args");
	jsonw_object(&w);
	jsonw_nstring(&w, "query", query->asked.text);
	jsonw_object_end(&w);
	event_end(&w);
}

void
captain_write_tool_end(struct buf *out, struct captain_query *query)
{
	struct jsonw w;

	event_begin(&w, out, query, "tool.end");
	put_tool(&w, query);
	jsonw_nbool(&w, "ok", true);
	jsonw_name(&w, "result_summary");
	jsonw_object(&w);
	jsonw_nuint(&w, "resultCount", query->result_count);
	jsonw_object_end(&w);
	event_end(&w);
}

void
captain_write_delta(struct buf *out, struct captain_query *query,
    const char *text, size_t len)
{
	struct jsonw w;

	event_begin(&w, out, query, "text.delta");
	jsonw_name(&w, "data");
	jsonw_stringn(&w, text, len);
	event_end(&w);
}

/* Beside what its clients look for it has what a plain answer has: nobody has
 * to ask twice. */
void
captain_write_complete(struct buf *out, struct captain_query *query)
{
	struct jsonw w;

	event_begin(&w, out, query, "stream_complete");
	jsonw_name(&w, "metadata");
	jsonw_object(&w);
	jsonw_nuint(&w, "totalResults", query->result_count);
	jsonw_nuint(&w, "totalSearches", 1);
	jsonw_object_end(&w);
	jsonw_name(&w, "stats");
	jsonw_object(&w);
	jsonw_nuint(&w, "totalTokens", query->answer.usage.total);
	jsonw_object_end(&w);
	put_v2(&w, query);
	event_end(&w);
}

void
captain_write_stream_error(struct buf *out, struct captain_query *query,
    const char *words)
{
	struct jsonw w;

	event_begin(&w, out, query, "stream_error");
	jsonw_nstring(&w, "error", words);
	event_end(&w);
}
