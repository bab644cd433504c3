/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A graph as Cognee's, as a page's data, and as the page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <openssl/evp.h>

#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_graph_view.h"
#include "api/cognee/cognee_page.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "sys/sha256.h"

#define HOSTILE "</script><img src=x onerror=alert(1)><!-- & \xE2\x80\xA8" \
	"\xE2\x80\xA9\xE2\x80\xA7 \xE2"

#define ID(n) "00000000-0000-4000-8000-00000000000" #n

static struct graph_node nodes[] = {
    {.kind = GRAPH_NODE_ENTITY, .name = "Marie Curie", .type = "Person",
	.description = "a physicist", .weight = 12, .segments = 5,
	.documents = 2},
    {.kind = GRAPH_NODE_ENTITY, .name = HOSTILE, .type = "Concept",
	.weight = 3, .segments = 2, .documents = 1},
    {.kind = GRAPH_NODE_TYPE, .name = "Person"},
    {.kind = GRAPH_NODE_SEGMENT, .name = "", .text = "Marie Curie was"},
    {.kind = GRAPH_NODE_DOCUMENT, .name = "a.txt"},
};
static struct graph_edge edges[] = {
    {.source = 0, .target = 1, .label = "discovered", .weight = 2},
    {.source = 0, .target = 2, .label = "is_a", .weight = 1},
    {.source = 3, .target = 0, .label = "contains", .weight = 4},
    {.source = 3, .target = 4, .label = "is_part_of", .weight = 1},
};
static struct base_graph graph = {.nodes = nodes, .node_count = 5,
    .entity_count = 2, .edges = edges, .edge_count = 4,
    .relation_count = 1, .entities = 70, .relations = 90, .is_cut = true,
    .by_rules = true, .generation = 17};
static struct cognee_dataset dataset = {.text = ID(9), .name = "a & b"};

static int
number_nodes(void **state)
{
	char id[] = ID(0);

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		id[sizeof(id) - 2] = (char)('0' + i);
		if (uuid_parse(id, sizeof(id) - 1, &nodes[i].uuid) < 0)
			return -1;
	}
	return 0;
}

/* The texts are the same JSON. */
static void
assert_json(struct buf *out, const char *expected)
{
	json_t *got, *wanted;

	assert_int_equal(out->err, 0);
	got = json_loads(buf_text(out), 0, NULL);
	wanted = json_loads(expected, 0, NULL);
	assert_non_null(got);
	assert_non_null(wanted);
	if (!json_equal(got, wanted))
		fail_msg("%s", buf_text(out));
	json_decref(got);
	json_decref(wanted);
	buf_fini(out);
}

#define SAFE "</script><img src=x onerror=alert(1)><!-- & \\u2028\\u2029" \
	"\\u2027 \\uFFFD"

static void
test_graph(void **state)
{
	struct jsonw w;
	struct buf out;

	(void)state;
	buf_init(&out, 65536);
	jsonw_init(&w, &out);
	cognee_write_graph(&w, &graph);
	assert_json(&out, "{\"nodes\": ["
	    "{\"id\": \"" ID(0) "\", \"label\": \"Marie Curie\", "
	    "\"type\": \"Entity\", \"properties\": {"
	    "\"entity_type\": \"Person\", \"description\": \"a physicist\", "
	    "\"weight\": 12, \"chunks\": 5, \"documents\": 2}},"
	    "{\"id\": \"" ID(1) "\", \"label\": \"" SAFE "\", "
	    "\"type\": \"Entity\", \"properties\": {"
	    "\"entity_type\": \"Concept\", \"weight\": 3, \"chunks\": 2, "
	    "\"documents\": 1}},"
	    "{\"id\": \"" ID(2) "\", \"label\": \"Person\", "
	    "\"type\": \"EntityType\", \"properties\": {}},"
	    "{\"id\": \"" ID(3) "\", \"label\": \"DocumentChunk_" ID(3) "\", "
	    "\"type\": \"DocumentChunk\", \"properties\": {"
	    "\"text\": \"Marie Curie was\"}},"
	    "{\"id\": \"" ID(4) "\", \"label\": \"a.txt\", "
	    "\"type\": \"TextDocument\", \"properties\": {}}],"
	    "\"edges\": ["
	    "{\"source\": \"" ID(0) "\", \"target\": \"" ID(1) "\", "
	    "\"label\": \"discovered\"},"
	    "{\"source\": \"" ID(0) "\", \"target\": \"" ID(2) "\", "
	    "\"label\": \"is_a\"},"
	    "{\"source\": \"" ID(3) "\", \"target\": \"" ID(0) "\", "
	    "\"label\": \"contains\"},"
	    "{\"source\": \"" ID(3) "\", \"target\": \"" ID(4) "\", "
	    "\"label\": \"is_part_of\"}]}");
}

static void
test_words(void **state)
{
	char words[COGNEE_GRAPH_WORDS_SIZE];
	struct base_graph huge = {.entities = UINT64_MAX,
	    .relations = UINT64_MAX, .entity_count = SIZE_MAX,
	    .relation_count = SIZE_MAX, .generation = INT64_MIN,
	    .by_rules = true, .by_model = true};

	(void)state;
	cognee_graph_words(&graph, words);
	assert_string_equal(words, "entities=2, entities-in-all=70, "
	    "relations=1, relations-in-all=90, cut=?1, made-by=\"rules\", "
	    "generation=17");
	assert_int_equal(cognee_graph_nodes(&graph), 73);
	assert_int_equal(cognee_graph_edges(&graph), 93);
	cognee_graph_words(&huge, words);
	assert_non_null(strstr(words, ", cut=?0, made-by=\"rules model\", "
	    "generation=-9223372036854775808"));
}

#define SHOWN_SET(cut, made) \
	"{\"id\": \"" ID(9) "\", \"name\": \"a & b\", \"made_by\": " made ", " \
	"\"generation\": 17, \"is_cut\": " cut ", \"entities\": 70, " \
	"\"relations\": 90}"
#define SHOWN_NODES(set) \
	"{\"id\": \"" ID(0) "\", \"dataset\": " set ", \"kind\": \"entity\", " \
	"\"name\": \"Marie Curie\", \"type\": \"Person\", " \
	"\"description\": \"a physicist\", \"weight\": 12, \"segments\": 5, " \
	"\"documents\": 2}," \
	"{\"id\": \"" ID(1) "\", \"dataset\": " set ", \"kind\": \"entity\", " \
	"\"name\": \"" SAFE "\", \"type\": \"Concept\", \"weight\": 3, " \
	"\"segments\": 2, \"documents\": 1}," \
	"{\"id\": \"" ID(2) "\", \"dataset\": " set ", \"kind\": \"type\", " \
	"\"name\": \"Person\"}," \
	"{\"id\": \"" ID(3) "\", \"dataset\": " set ", \"kind\": \"text\", " \
	"\"name\": \"\", \"text\": \"Marie Curie was\"}," \
	"{\"id\": \"" ID(4) "\", \"dataset\": " set ", " \
	"\"kind\": \"document\", \"name\": \"a.txt\"}"

static void
write_shown(struct buf *out, size_t count, const char *query)
{
	struct base_graph other = graph;
	struct cognee_shown shown[] = {{&dataset, &graph},
	    {&dataset, &other}};
	struct jsonw w;

	other.by_model = true;
	other.is_cut = false;
	buf_init(out, 65536);
	jsonw_init(&w, out);
	cognee_write_shown(&w, shown, count, query, 1000000);
}

static void
test_shown(void **state)
{
	struct buf out;

	(void)state;
	write_shown(&out, 2, "tides");
	assert_json(&out, "{\"made_at\": \"1970-01-01T00:00:01.000000Z\", "
	    "\"query\": \"tides\", \"datasets\": ["
	    SHOWN_SET("true", "[\"rules\"]") ","
	    SHOWN_SET("false", "[\"rules\", \"model\"]") "], "
	    "\"nodes\": [" SHOWN_NODES("0") "," SHOWN_NODES("1") "], "
	    "\"links\": ["
	    "{\"source\": 0, \"target\": 1, \"label\": \"discovered\", "
	    "\"weight\": 2},"
	    "{\"source\": 0, \"target\": 2, \"label\": \"is_a\", "
	    "\"weight\": 1},"
	    "{\"source\": 3, \"target\": 0, \"label\": \"contains\", "
	    "\"weight\": 4},"
	    "{\"source\": 3, \"target\": 4, \"label\": \"is_part_of\", "
	    "\"weight\": 1},"
	    "{\"source\": 5, \"target\": 6, \"label\": \"discovered\", "
	    "\"weight\": 2},"
	    "{\"source\": 5, \"target\": 7, \"label\": \"is_a\", "
	    "\"weight\": 1},"
	    "{\"source\": 8, \"target\": 5, \"label\": \"contains\", "
	    "\"weight\": 4},"
	    "{\"source\": 8, \"target\": 9, \"label\": \"is_part_of\", "
	    "\"weight\": 1}]}");
}

/* What is between the first from and the next to behind it; owned. */
static char *
between(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from), *end;

	assert_non_null(at);
	at += strlen(from);
	end = strstr(at, to);
	assert_non_null(end);
	return mem_strndup(at, (size_t)(end - at));
}

static size_t
count_of(const char *text, const char *what)
{
	size_t count = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		count++;
	return count;
}

static void
assert_hashed(const char *policy, const char *kind, const char *text)
{
	uint8_t hash[SHA256_SIZE];
	char words[128], base64[64];

	sha256_of(text, strlen(text), hash);
	(void)EVP_EncodeBlock((unsigned char *)base64, hash, SHA256_SIZE);
	(void)snprintf(words, sizeof(words), "; %s 'sha256-%s'; ", kind,
	    base64);
	assert_non_null(strstr(policy, words));
}

#define DATA "<script id=\"data\" type=\"application/json\">"

static void
test_page(void **state)
{
	char policy[COGNEE_POLICY_SIZE], *data, *script, *style, *meta;
	struct buf json, out, kept;

	(void)state;
	write_shown(&json, 1, NULL);
	buf_init(&out, 1 << 20);
	assert_int_equal(cognee_write_page(&out, json.data, json.len), 0);
	data = between(buf_text(&out), DATA, "</script>");
	/* Nothing in it is markup, and it is the same data still. */
	assert_null(strpbrk(data, "<>&"));
	assert_null(strstr(data, "\xE2\x80\xA8"));
	assert_null(strstr(data, "\xE2\x80\xA9"));
	assert_non_null(strstr(data, "\\u2028\\u2029\xE2\x80\xA7"));
	buf_init(&kept, 65536);
	(void)buf_puts(&kept, data);
	assert_json(&kept, buf_text(&json));
	/* Two scripts, of which one is data; the policy knows the other. */
	assert_int_equal(count_of(buf_text(&out), "<script"), 2);
	assert_int_equal(count_of(buf_text(&out), "</script"), 2);
	assert_int_equal(count_of(buf_text(&out), "<style"), 1);
	script = between(buf_text(&out), "<script>", "</script>");
	style = between(buf_text(&out), "<style>", "</style>");
	meta = between(buf_text(&out), "http-equiv=\"Content-Security-Policy\""
	    " content=\"", "\">");
	cognee_page_policy(policy);
	assert_hashed(policy, "script-src", script);
	assert_hashed(policy, "style-src", style);
	assert_int_equal(strncmp(policy, meta, strlen(meta)), 0);
	assert_string_equal(policy + strlen(meta),
	    "; frame-ancestors 'none'; sandbox allow-scripts");
	assert_int_equal(strncmp(meta, "default-src 'none'; ", 20), 0);
	/* It needs nothing from anywhere. */
	assert_null(strstr(buf_text(&out), "://"));
	assert_null(strstr(buf_text(&out), "url("));
	assert_null(strstr(buf_text(&out), "<img"));
	assert_null(strstr(buf_text(&out), "<link"));
	mem_free(data);
	mem_free(script);
	mem_free(style);
	mem_free(meta);
	buf_fini(&json);
	buf_fini(&out);
}

/* JSON that ends in the middle of what would be replaced. */
static void
test_page_of_odd_bytes(void **state)
{
	static const char *const rows[][2] = {
	    {"", ""}, {"\xE2", "\xE2"}, {"\xE2\x80", "\xE2\x80"},
	    {"<", "\\u003c"}, {"<\xE2\x80", "\\u003c\xE2\x80"},
	    {"a\xE2\x80\xA8<>b", "a\\u2028\\u003c\\u003eb"},
	};
	struct buf out;
	char *data;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&out, 1 << 20);
		assert_int_equal(cognee_write_page(&out, rows[i][0],
		    strlen(rows[i][0])), 0);
		data = between(buf_text(&out), DATA, "</script>");
		assert_string_equal(data, rows[i][1]);
		mem_free(data);
		buf_fini(&out);
	}
	buf_init(&out, 100);
	assert_int_equal(cognee_write_page(&out, "{}", 2), ERR_TOO_BIG);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_graph),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_shown),
	    cmocka_unit_test(test_page),
	    cmocka_unit_test(test_page_of_odd_bytes),
	};

	return cmocka_run_group_tests(tests, number_nodes, NULL);
}
