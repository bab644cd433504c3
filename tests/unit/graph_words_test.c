/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A graph in words, and as a report.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/graphs.h"

static struct graph_node curies[] = {
    {.kind = GRAPH_NODE_ENTITY, .name = "Marie Curie", .type = "Person",
	.description = "a physicist\nand chemist", .weight = 12,
	.segments = 5, .documents = 2},
    {.kind = GRAPH_NODE_ENTITY, .name = "Pierre Curie", .type = "Person",
	.weight = 6, .segments = 3, .documents = 2},
    {.kind = GRAPH_NODE_ENTITY, .name = "polonium", .type = "Concept",
	.weight = 3, .segments = 2, .documents = 1},
    {.kind = GRAPH_NODE_ENTITY, .name = "Oslo *", .type = "Place",
	.weight = 1, .segments = 1, .documents = 1},
    {.kind = GRAPH_NODE_ENTITY, .name = "Bergen", .type = "Place",
	.weight = 1, .segments = 1, .documents = 1},
    {.kind = GRAPH_NODE_ENTITY, .name = "- alone", .type = NULL,
	.weight = 1, .segments = 1, .documents = 1},
    {.kind = GRAPH_NODE_TYPE, .name = "Person"},
};
static struct graph_edge curie_edges[] = {
    {.source = 0, .target = 1, .label = "married", .weight = 3},
    {.source = 0, .target = 2, .label = "discovered", .weight = 2},
    {.source = 1, .target = 2, .label = "discovered", .weight = 1},
    {.source = 3, .target = 4, .label = "part_of", .weight = 1},
    {.source = 0, .target = 0, .label = "met", .weight = 1},
    {.source = 0, .target = 6, .label = "is_a", .weight = 1},
};
static const struct base_graph curie = {
    .nodes = curies, .node_count = 7, .entity_count = 6,
    .edges = curie_edges, .edge_count = 6, .relation_count = 5,
    .entities = 6, .relations = 5, .by_rules = true,
};

#define NODES \
	"Nodes:\n" \
	"Marie Curie (Person): a physicist and chemist\n" \
	"Pierre Curie (Person)\n" \
	"polonium (Concept)\n" \
	"Oslo * (Place)\n" \
	"Bergen (Place)\n" \
	"- alone\n"
#define EDGES \
	"Connections:\n" \
	"Marie Curie --[married]--> Pierre Curie\n" \
	"Marie Curie --[discovered]--> polonium\n" \
	"Pierre Curie --[discovered]--> polonium\n" \
	"Oslo * --[part_of]--> Bergen\n" \
	"Marie Curie --[met]--> Marie Curie\n"

static void
assert_written(size_t bytes_max, const char *expected)
{
	struct buf out;

	buf_init(&out, 65536);
	assert_int_equal(base_graph_write(&curie, bytes_max, &out), 0);
	assert_true(out.len <= bytes_max);
	assert_string_equal(buf_text(&out), expected);
	buf_fini(&out);
}

static void
test_all_of_it(void **state)
{
	(void)state;
	assert_written(65536, NODES EDGES);
	assert_written(sizeof(NODES EDGES) - 1, NODES EDGES);
}

static void
test_what_does_not_fit(void **state)
{
	(void)state;
	/* The lightest go, of both. */
	assert_written(200,
	    "Nodes:\n"
	    "Marie Curie (Person): a physicist and chemist\n"
	    "Pierre Curie (Person)\n"
	    "polonium (Concept)\n"
	    "Connections:\n"
	    "Marie Curie --[married]--> Pierre Curie\n"
	    "Marie Curie --[discovered]--> polonium\n");
	assert_written(60,
	    "Connections:\n"
	    "Marie Curie --[married]--> Pierre Curie\n");
	assert_written(10, "");
	assert_written(0, "");
	/* Never more than was said, and never half a line. */
	for (size_t max = 0; max < sizeof(NODES EDGES); max++) {
		struct buf out;

		buf_init(&out, 65536);
		assert_int_equal(base_graph_write(&curie, max, &out), 0);
		assert_true(out.len <= max);
		if (out.len > 0)
			assert_int_equal(out.data[out.len - 1], '\n');
		buf_fini(&out);
	}
}

static void
test_behind_others(void **state)
{
	struct base_graph empty = {.by_model = true};
	struct buf out;

	(void)state;
	buf_init(&out, 65536);
	(void)buf_puts(&out, "before\n");
	assert_int_equal(base_graph_write(&empty, 1000, &out), 0);
	assert_string_equal(buf_text(&out), "before\n");
	assert_int_equal(base_graph_write(&curie, 60, &out), 0);
	assert_string_equal(buf_text(&out), "before\nConnections:\n"
	    "Marie Curie --[married]--> Pierre Curie\n");
	buf_fini(&out);
	/* A buffer that has no room is an error, not a shorter text. */
	buf_init(&out, 20);
	assert_int_equal(base_graph_write(&curie, 1000, &out), ERR_TOO_BIG);
	buf_fini(&out);
}

static void
assert_report(const struct base_graph *graph, const char *name,
    const char *expected)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	assert_int_equal(base_graph_report(graph, name, &out), 0);
	assert_string_equal(buf_text(&out), expected);
	buf_fini(&out);
}

static void
test_report(void **state)
{
	(void)state;
	assert_report(&curie, "tides_and*stars\n",
	    "# Graph of tides\\_and\\*stars \n"
	    "\n"
	    "- 6 things that the texts name, and 5 links between them\n"
	    "- made by rules over the texts' surface, without a model: names "
	    "and what stands next to them, not what is meant\n"
	    "\n"
	    "## What they are\n"
	    "\n"
	    "| type | things |\n"
	    "|---|---|\n"
	    "| Person | 2 |\n"
	    "| Place | 2 |\n"
	    "| (none) | 1 |\n"
	    "| Concept | 1 |\n"
	    "\n"
	    "## Named most\n"
	    "\n"
	    "- **Marie Curie** (Person), named 12 times in 5 texts of 2 "
	    "documents. a physicist and chemist\n"
	    "  - married → Pierre Curie; discovered → polonium\n"
	    "- **Pierre Curie** (Person), named 6 times in 3 texts of 2 "
	    "documents\n"
	    "  - Marie Curie → married; discovered → polonium\n"
	    "- **polonium** (Concept), named 3 times in 2 texts of 1 "
	    "document\n"
	    "  - Marie Curie → discovered; Pierre Curie → discovered\n"
	    "- **Oslo \\*** (Place), named 1 time in 1 text of 1 document\n"
	    "  - part\\_of → Bergen\n"
	    "- **Bergen** (Place), named 1 time in 1 text of 1 document\n"
	    "  - Oslo \\* → part\\_of\n"
	    "- **\\- alone**, named 1 time in 1 text of 1 document\n"
	    "\n"
	    "## What hangs together\n"
	    "\n"
	    "2 groups of things that are linked more with each other than "
	    "with others; 1 stands alone.\n"
	    "\n"
	    "### Group 1: Marie Curie (3 things)\n"
	    "\n"
	    "Marie Curie, Pierre Curie, polonium\n"
	    "\n"
	    "- Marie Curie → married → Pierre Curie\n"
	    "- Marie Curie → discovered → polonium\n"
	    "- Pierre Curie → discovered → polonium\n"
	    "- Marie Curie → met → Marie Curie\n"
	    "\n"
	    "### Group 2: Oslo \\* (2 things)\n"
	    "\n"
	    "Oslo \\*, Bergen\n"
	    "\n"
	    "- Oslo \\* → part\\_of → Bergen\n");
}

static void
test_report_of_nothing(void **state)
{
	struct base_graph graph = {.by_rules = false};

	(void)state;
	assert_report(&graph, "x",
	    "# Graph of x\n\nNo graph was made of these texts yet.\n");
	graph.by_model = true;
	assert_report(&graph, "x",
	    "# Graph of x\n\nThe texts name nothing that was found.\n");
}

static void
test_report_of_a_part(void **state)
{
	struct base_graph graph = curie;
	struct buf out;

	(void)state;
	graph.entities = 70000;
	graph.relations = 1;
	graph.is_cut = graph.by_model = true;
	graph.by_rules = false;
	buf_init(&out, 1 << 20);
	assert_int_equal(base_graph_report(&graph, "x", &out), 0);
	assert_non_null(strstr(buf_text(&out),
	    "- 70000 things that the texts name, and 1 link between them\n"
	    "- made by a chat model\n"
	    "- **not all of it was looked at**: the 6 things and 5 links of "
	    "the most weight are what is told below\n"));
	graph.by_rules = true;
	buf_clear(&out);
	assert_int_equal(base_graph_report(&graph, "x", &out), 0);
	assert_non_null(strstr(buf_text(&out), "- made by a chat model and, "
	    "where that was not asked, rules over the texts' surface\n"));
	buf_fini(&out);
}

#define RINGS 40u
#define RING 50u
#define MANY (RINGS * RING)

/* Rings with one bridge from each to the next: every ring is a group, and the
 * same graph gives the same report. */
static void
test_report_of_many(void **state)
{
	struct graph_node *nodes = mem_zalloc(MANY * sizeof(*nodes));
	struct graph_edge *edges = mem_zalloc(7 * MANY * sizeof(*edges));
	static char names[MANY][16];
	struct base_graph graph = {.nodes = nodes, .node_count = MANY,
	    .entity_count = MANY, .edges = edges, .entities = MANY,
	    .by_rules = true};
	struct buf first, second;
	size_t i, j, n = 0;

	(void)state;
	for (i = 0; i < MANY; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "n%zu-%zu",
		    i % RINGS, i / RINGS);
		nodes[i] = (struct graph_node){.name = names[i], .type = "T",
		    .weight = MANY - i, .segments = 1, .documents = 1};
		for (j = 1; j <= 6; j++)
			edges[n++] = (struct graph_edge){.source = (uint32_t)i,
			    .target = (uint32_t)((i + j * RINGS) % MANY),
			    .label = "near", .weight = 10};
	}
	for (i = 0; i + 1 < RINGS; i++)
		edges[n++] = (struct graph_edge){.source = (uint32_t)i,
		    .target = (uint32_t)i + 1, .label = "far", .weight = 1};
	graph.relations = graph.relation_count = graph.edge_count = n;
	buf_init(&first, 1 << 20);
	buf_init(&second, 1 << 20);
	assert_int_equal(base_graph_report(&graph, "x", &first), 0);
	assert_int_equal(base_graph_report(&graph, "x", &second), 0);
	assert_string_equal(buf_text(&first), buf_text(&second));
	assert_non_null(strstr(buf_text(&first), "\n40 groups of things that "
	    "are linked more with each other than with others; 0 stand "
	    "alone.\n"));
	assert_non_null(strstr(buf_text(&first),
	    "### Group 12: n11-0 (50 things)\n\nn11-0, n11-1, "));
	assert_null(strstr(buf_text(&first), "### Group 13"));
	assert_non_null(strstr(buf_text(&first),
	    "\nThe other 28 groups are smaller.\n"));
	buf_fini(&first);
	buf_fini(&second);
	mem_free(nodes);
	mem_free(edges);
}

/* Whichever allocation fails: said so, nothing lost. */
static void
test_no_memory(void **state)
{
	unsigned long nth;
	struct buf out;
	int err;

	(void)state;
	for (nth = 1;; nth++) {
		buf_init(&out, 65536);
		mem_fail_at(nth);
		err = base_graph_report(&curie, "x", &out);
		if (err == 0)
			err = base_graph_write(&curie, 1000, &out);
		mem_fail_at(0);
		buf_fini(&out);
		if (err == 0)
			break;
		assert_int_equal(err, ERR_NOMEM);
	}
	assert_true(nth > 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_of_it),
	    cmocka_unit_test(test_what_does_not_fit),
	    cmocka_unit_test(test_behind_others),
	    cmocka_unit_test(test_report),
	    cmocka_unit_test(test_report_of_nothing),
	    cmocka_unit_test(test_report_of_a_part),
	    cmocka_unit_test(test_report_of_many),
	    cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
