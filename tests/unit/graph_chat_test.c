/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The graph that a chat model answers with: right ones, and rubbish.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "graph/chat_graph.h"
#include "graph/graph.h"

static const char text[] =
    "Ada Lovelace worked with Charles Babbage. Ada Lovelace died in London.";

static int
read_answer(const char *answer, struct graph *graph, size_t *dropped)
{
	struct err_note note = {""};
	int err;

	err = chat_graph_read(answer, strlen(answer), text, strlen(text),
	    graph, dropped, &note);
	assert_true((err == 0) == (note.text[0] == '\0') || err == ERR_NOMEM);
	return err;
}

static const char right[] =
    "{\"nodes\":["
    "{\"id\":\"1\",\"name\":\"Charles Babbage\",\"type\":\"person\","
    "\"description\":\"An inventor.\"},"
    "{\"id\":\"2\",\"name\":\"Ada Lovelace\",\"type\":\"Mathematician\","
    "\"description\":\"\"},"
    "{\"id\":\"3\",\"name\":\"London\",\"type\":\"PLACE\"},"
    "{\"id\":\"4\",\"name\":\"Computing\"}],"
    "\"edges\":["
    "{\"source_node_id\":\"2\",\"target_node_id\":\"1\","
    "\"relationship_name\":\"Worked With\"},"
    "{\"source_node_id\":\"2\",\"target_node_id\":\"London\","
    "\"relationship_name\":\"died_in\"},"
    "{\"source_node_id\":\"2\",\"target_node_id\":\"3\","
    "\"relationship_name\":\"died-in\"},"
    "{\"source_node_id\":\"2\",\"target_node_id\":\"4\","
    "\"relationship_name\":\"knows\"}]}";

static void
check_right(const struct graph *graph)
{
	const struct graph_entity *ada = &graph->entities[0];

	assert_int_equal(graph->maker, GRAPH_BY_MODEL);
	assert_int_equal(graph->entity_count, 4);
	assert_string_equal(ada->name, "Ada Lovelace");
	assert_string_equal(ada->key, "ada lovelace");
	assert_int_equal(ada->type, GRAPH_CONCEPT);
	assert_string_equal(ada->type_name, "Mathematician");
	assert_null(ada->description);
	assert_int_equal(ada->mention_count, 2);
	assert_int_equal(ada->mentions[1].start, 42);
	assert_int_equal(ada->mentions[1].end, 54);
	assert_string_equal(graph->entities[1].name, "Charles Babbage");
	assert_int_equal(graph->entities[1].type, GRAPH_PERSON);
	assert_string_equal(graph->entities[1].type_name, "Person");
	assert_string_equal(graph->entities[1].description, "An inventor.");
	assert_string_equal(graph->entities[2].name, "London");
	assert_int_equal(graph->entities[2].type, GRAPH_PLACE);
	assert_string_equal(graph->entities[3].name, "Computing");
	assert_int_equal(graph->entities[3].mention_count, 0);

	assert_int_equal(graph->relation_count, 3);
	assert_string_equal(graph->relations[0].label, "worked_with");
	assert_int_equal(graph->relations[0].evidence.end, 40);
	assert_string_equal(graph->relations[1].label, "died_in");
	assert_int_equal(graph->relations[1].weight, 2);
	assert_int_equal(graph->relations[1].object, 2);
	assert_string_equal(graph->relations[2].label, "knows");
	assert_int_equal(graph->relations[2].evidence.end, 0);
}

static void
test_right(void **state)
{
	struct graph graph;
	size_t dropped = 99;
	char fenced[2048];

	(void)state;
	assert_int_equal(read_answer(right, &graph, &dropped), 0);
	assert_int_equal(dropped, 0);
	check_right(&graph);
	graph_fini(&graph);

	(void)snprintf(fenced, sizeof(fenced),
	    "Here {is} it:\n```json\n%s\n```\nAnything else?", right);
	assert_int_equal(read_answer(fenced, &graph, &dropped), 0);
	check_right(&graph);
	graph_fini(&graph);

	assert_int_equal(read_answer("{\"nodes\":[],\"edges\":[]}", &graph,
		&dropped), 0);
	assert_int_equal(graph.entity_count, 0);
	graph_fini(&graph);
}

static void
test_rubbish(void **state)
{
	static const char *const answers[] = { "", "I cannot do that.", "{",
		"{{{{{{{{{{", "[]", "null", "{}", "{\"nodes\":[]}",
		"{\"nodes\":{},\"edges\":[]}", "{\"nodes\":[],\"edges\":7}",
		"{\"nodes\":[{\"id\":\"1\",\"name\":\"Ada\"",
		"{\"nodes\":[],\"nodes\":[],\"edges\":[]}",
		"{\"nodes\":[{\"name\":\"\\ud800\"}],\"edges\":[]}",
		"{\"nodes\":[\"\xFF\"],\"edges\":[]}" };
	struct graph graph;
	size_t dropped, i;

	(void)state;
	for (i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		assert_int_equal(read_answer(answers[i], &graph, &dropped),
		    ERR_UPSTREAM);
}

/* What is wrong is left out, and counted; the rest stays. */
static void
test_dropped(void **state)
{
	struct graph graph;
	size_t dropped = 0;

	(void)state;
	assert_int_equal(read_answer("{\"nodes\":["
		"{\"id\":\"a\",\"name\":\"Ada\"},"
		"{\"id\":\"b\",\"name\":\"Bo\"},"
		"{\"id\":\"ada2\",\"name\":\"ADA\"},"
		"7,null,[],{},{\"id\":\"\"},{\"name\":9},"
		"{\"id\":\"c\",\"name\":\"a\\nb\\u0007\"}],"
		"\"edges\":[1,{},"
		"{\"source_node_id\":\"a\",\"target_node_id\":\"b\"},"
		"{\"source_node_id\":\"a\",\"target_node_id\":\"x\","
		"\"relationship_name\":\"r\"},"
		"{\"source_node_id\":\"a\",\"target_node_id\":\"ada2\","
		"\"relationship_name\":\"r\"},"
		"{\"source_node_id\":\"a\",\"target_node_id\":\"b\","
		"\"relationship_name\":\" - \"},"
		"{\"source_node_id\":\"b\",\"target_node_id\":\"ada2\","
		"\"relationship_name\":\"knows\"}]}",
		&graph, &dropped), 0);
	/* The node with control characters has an id that is a name. */
	assert_int_equal(graph.entity_count, 3);
	assert_int_equal(graph.relation_count, 1);
	assert_string_equal(graph.relations[0].label, "knows");
	assert_int_equal(dropped, 6 + 6);
	graph_fini(&graph);
}

static void
test_too_many(void **state)
{
	struct graph graph;
	struct buf answer;
	size_t dropped, i, count;

	(void)state;
	for (count = CHAT_GRAPH_NODES_MAX; count <= CHAT_GRAPH_NODES_MAX + 1;
	     count++) {
		buf_init(&answer, MIB);
		(void)buf_puts(&answer, "{\"edges\":[],\"nodes\":[");
		for (i = 0; i < count; i++)
			(void)buf_printf(&answer, "%s{\"id\":\"n%zu\"}",
			    i > 0 ? "," : "", i);
		(void)buf_puts(&answer, "]}");
		if (count > CHAT_GRAPH_NODES_MAX) {
			assert_int_equal(read_answer(buf_text(&answer),
				&graph, &dropped), ERR_UPSTREAM);
		} else {
			assert_int_equal(read_answer(buf_text(&answer),
				&graph, &dropped), 0);
			assert_int_equal(graph.entity_count, count);
			graph_fini(&graph);
		}
		buf_fini(&answer);
	}
}

static void
test_no_memory(void **state)
{
	struct graph graph;
	size_t dropped;
	unsigned long n;
	int err = ERR_NOMEM;

	(void)state;
	for (n = 1; err == ERR_NOMEM; n++) {
		mem_fail_at(n);
		err = read_answer(right, &graph, &dropped);
		mem_fail_at(0);
	}
	assert_int_equal(err, 0);
	assert_true(n > 6);
	check_right(&graph);
	graph_fini(&graph);
}

static void
test_too_big(void **state)
{
	struct err_note note = {""};
	struct graph graph;
	size_t dropped;

	(void)state;
	assert_int_equal(chat_graph_make(NULL, NULL, "",
		CHAT_GRAPH_TEXT_BYTES_MAX + 1, NULL, &graph, &dropped, &note),
	    ERR_TOO_BIG);
	assert_true(note.text[0] != '\0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right),
		cmocka_unit_test(test_rubbish),
		cmocka_unit_test(test_dropped),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_too_big),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
