/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a query's results, answers and events. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/captain/captain_query.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "store/store.h"
#include "sys/clock.h"

#define DOCUMENT "00000000-0000-4000-8000-000000000001"

struct world {
	struct captain_query query;
	struct document document;
	struct result result;
	struct buf out;
};

static int
setup(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));
	struct uuid id;

	assert_non_null(w);
	assert_int_equal(uuid_parse(DOCUMENT, strlen(DOCUMENT), &id), 0);
	w->document.own_metadata = "{\"year\":2024}";
	w->result = (struct result){.document_id = id, .name = "a\"b.md",
	    .uri = "s3://bucket/a.md", .text = "One.\nTwo.", .text_len = 9,
	    .position = 3, .page_start = 2, .page_end = 4, .score = 0.5,
	    .is_lexical = true, .is_vector = true, .lexical = 3.25,
	    .cosine = 0.125, .document = &w->document};
	w->query.asked.text = "q";
	w->query.asked.limit = 10;
	w->query.start_us = clock_mono_us();
	(void)snprintf(w->query.request_id, sizeof(w->query.request_id),
	    "req_1_0a0b0c0d");
	(void)snprintf(w->query.run_id, sizeof(w->query.run_id), "run_1");
	(void)snprintf(w->query.call_id, sizeof(w->query.call_id), "call_1");
	buf_init(&w->query.json, 1 << 20);
	buf_init(&w->query.texts, 1 << 20);
	buf_init(&w->out, 1 << 20);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	buf_fini(&w->query.json);
	buf_fini(&w->query.texts);
	buf_fini(&w->out);
	mem_free(w->query.hits);
	mem_free(w->query.order);
	mem_free(w);
	return 0;
}

/* The result becomes count hits, as if they had been found. */
static void
hits_make(struct world *w, size_t count)
{
	struct captain_query *query = &w->query;
	struct captain_hit *hit;
	struct jsonw j;
	size_t i;

	query->hits = mem_array(count, sizeof(*query->hits));
	query->order = mem_array(count, sizeof(*query->order));
	assert_true(query->hits != NULL && query->order != NULL);
	for (i = 0; i < count; i++) {
		hit = &query->hits[i];
		*hit = (struct captain_hit){
		    .document = w->result.document_id, .score = 0.5,
		    .rerank = i == 0 ? (double)NAN : 1.5,
		    .json = query->json.len, .name = query->texts.len};
		(void)buf_put(&query->texts, w->result.name,
		    strlen(w->result.name) + 1);
		hit->text = query->texts.len;
		hit->text_len = w->result.text_len;
		(void)buf_put(&query->texts, w->result.text,
		    w->result.text_len + 1);
		w->result.position = (uint32_t)i;
		jsonw_init(&j, &query->json);
		captain_write_hit(&j, query, &w->result, "docs", NULL, 0);
		hit->json_len = query->json.len - hit->json;
		query->order[i] = count - 1 - i;
	}
	query->hit_count = query->result_count = count;
}

/* How long it took is a number, and anybody's: 0. */
static void
forget_time(char *text)
{
	static const char name[] = "\"execution_time_ms\":";
	char *at = strstr(text, name);
	size_t digits;

	if (at == NULL)
		return;
	at += sizeof(name) - 1;
	digits = strspn(at, "0123456789");
	assert_in_range(digits, 1, 9);
	*at = '0';
	memmove(at + 1, at + digits, strlen(at + digits) + 1);
}

static const char *
written(struct world *w)
{
	struct jsonw j;

	buf_clear(&w->out);
	jsonw_init(&j, &w->out);
	captain_write_answer(&j, &w->query);
	assert_int_equal(w->out.err, 0);
	forget_time(w->out.data);
	return buf_text(&w->out);
}

#define END                                                                   \
	"\"execution_time_ms\":0,\"request_id\":\"req_1_0a0b0c0d\","          \
	"\"tokens_used\":{},\"token_balance\":null,\"warnings\":[]}"

#define HIT_V2(index, rerank)                                                 \
	"{\"rerank_score\":" rerank ",\"score\":0.5,\"content\":"             \
	"\"One.\\nTwo.\",\"document_id\":\"" DOCUMENT "\",\"filename\":"      \
	"\"a\\\"b.md\",\"chunk_index\":" index ",\"page_start\":2,"           \
	"\"page_end\":4,\"modality\":\"text\",\"metadata\":{\"year\":2024}}"

static void
test_v2(void **state)
{
	struct world *w = *state;

	assert_string_equal(written(w), "{\"success\":true,\"query\":\"q\","
	    "\"inference\":false,\"total_results\":0,\"top_k\":10,"
	    "\"search_results\":[]," END);
	hits_make(w, 2);
	assert_string_equal(written(w), "{\"success\":true,\"query\":\"q\","
	    "\"inference\":false,\"total_results\":2,\"top_k\":10,"
	    "\"search_results\":[" HIT_V2("1", "1.5") ","
	    HIT_V2("0", "null") "]," END);
}

static void
test_v3(void **state)
{
	struct world *w = *state;

	w->query.asked.version = CAPTAIN_V3;
	w->query.asked.include = CAPTAIN_WITH_DOCUMENT |
	    CAPTAIN_WITH_METADATA;
	hits_make(w, 1);
	assert_string_equal(written(w), "{\"query\":\"q\",\"results\":["
	    "{\"rerank_score\":null,\"chunk_id\":\"" DOCUMENT ":0\","
	    "\"chunk_index\":0,\"text\":\"One.\\nTwo.\",\"score\":0.5,"
	    "\"modality\":\"text\",\"collection_name\":\"docs\","
	    "\"document_id\":\"" DOCUMENT "\",\"filename\":\"a\\\"b.md\","
	    "\"match_sources\":[\"vector\",\"bm25\"],\"metadata\":{"
	    "\"vectorScore\":0.125,\"bm25Score\":3.25},\"document\":{"
	    "\"id\":\"" DOCUMENT "\",\"filename\":\"a\\\"b.md\","
	    "\"source\":{\"type\":\"s3\",\"uri\":\"s3://bucket/a.md\"}},"
	    "\"location\":{\"page_start\":2,\"page_end\":4},\"regions\":[]}"
	    "],\"total_results\":1,\"limit\":10,\"rerank\":false," END);
}

static void
test_inference(void **state)
{
	static char text[] = "At six.";
	struct world *w = *state;

	w->query.asked.is_inference = true;
	w->query.answer = (struct answer){.text = text, .len = 7,
	    .usage = {3, 4, 7}};
	w->query.asked.warnings = CAPTAIN_WARNS(BBOX) | CAPTAIN_WARNS(TOP_K);
	hits_make(w, 2);
	/* Two passages of one document are one. */
	assert_string_equal(written(w), "{\"success\":true,\"query\":\"q\","
	    "\"inference\":true,\"total_results\":2,\"summary\":\"At six.\","
	    "\"response\":\"At six.\",\"relevant_documents\":[{"
	    "\"relevancy_score\":0.5,\"document_id\":\"" DOCUMENT "\","
	    "\"filename\":\"a\\\"b.md\",\"excerpt\":\"One.\\nTwo.\"}],"
	    "\"execution_time_ms\":0,\"request_id\":\"req_1_0a0b0c0d\","
	    "\"tokens_used\":{\"prompt_tokens\":3,\"completion_tokens\":4,"
	    "\"total_tokens\":7},\"token_balance\":null,\"warnings\":["
	    "\"top_k: not used with inference\","
	    "\"include_bbox: where text stands on its page is not "
	    "recorded\"]}");
}

#define EVENT(type, seq)                                                      \
	"data: {\"type\":\"" type "\",\"seq\":" seq ",\"run_id\":\"run_1\""
#define TOOL                                                                  \
	",\"tool_call_id\":\"call_1\",\"name\":\"searchKnowledgeBase\""

static void
test_events(void **state)
{
	struct world *w = *state;

	captain_write_tool_start(&w->out, &w->query);
	captain_write_tool_end(&w->out, &w->query);
	captain_write_delta(&w->out, &w->query, "a\n\ndata: b", 10);
	captain_write_complete(&w->out, &w->query);
	captain_write_stream_error(&w->out, &w->query, "no");
	assert_int_equal(w->out.err, 0);
	assert_string_equal(w->out.data,
	    EVENT("tool.start", "1") TOOL ",\"args\":{\"query\":\"q\"}}\n\n"
	    EVENT("tool.end", "2") TOOL ",\"ok\":true,\"result_summary\":{"
	    "\"resultCount\":0}}\n\n"
	    /* No text can end its event. */
	    EVENT("text.delta", "3") ",\"data\":\"a\\n\\ndata: b\"}\n\n"
	    EVENT("stream_complete", "4") ",\"metadata\":{\"totalResults\":0,"
	    "\"totalSearches\":1},\"stats\":{\"totalTokens\":0},"
	    "\"success\":true,\"query\":\"q\",\"inference\":false,"
	    "\"total_results\":0,\"top_k\":10,\"search_results\":[]," END
	    "\n\n"
	    EVENT("stream_error", "5") ",\"error\":\"no\"}\n\n");
}

/* What is no document's own metadata, and addresses of all kinds. */
static void
test_sources(void **state)
{
	static const struct {
		const char *uri, *type;
	} rows[] = {
	    {"https://a.example/b", "url"}, {"http://a.example/b", "url"},
	    {"r2://b/k", "r2"}, {"upload:///a.md", "upload"},
	    {"text:///a.md", "text"}, {"file:///srv/a.md", "file"},
	    {"odd", ""},
	};
	struct world *w = *state;
	char wanted[64];
	struct jsonw j;
	size_t i;

	w->query.asked.version = CAPTAIN_V3;
	w->query.asked.include = CAPTAIN_WITH_DOCUMENT |
	    CAPTAIN_WITH_DOCUMENT_METADATA;
	w->document.own_metadata = "";
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w->result.uri = rows[i].uri;
		buf_clear(&w->out);
		jsonw_init(&j, &w->out);
		captain_write_hit(&j, &w->query, &w->result, "docs", NULL, 0);
		(void)snprintf(wanted, sizeof(wanted),
		    "\"source\":{\"type\":\"%s\",\"uri\":\"%s\"}",
		    rows[i].type, rows[i].uri);
		assert_non_null(strstr(w->out.data, wanted));
		assert_non_null(strstr(w->out.data,
		    "\"document_metadata\":{}"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_v2, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_v3, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_inference, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_events, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_sources, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
