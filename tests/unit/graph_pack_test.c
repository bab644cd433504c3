/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Graphs as bytes: what went in comes out, and bytes that are none are told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/graph_pack.h"
#include "store/store_graph.h"

static struct graph_entity entities[] = {
	{.name = "World Health Organization",
	    .key = "world health organization", .alias_key = "who",
	    .type_name = "Organization", .mention_count = 3},
	{.name = "Geneva", .key = "geneva", .type_name = "City",
	    .description = "Where it is.", .mention_count = 0},
};
static struct graph_relation relations[] = {
	{.subject = 0, .object = 1, .label = "located_in", .weight = 2},
	{.subject = 1, .object = 0, .label = "mentioned_with"},
};

static void
pack(struct buf *out)
{
	const struct graph graph = {.entities = entities, .entity_count = 2,
	    .relations = relations, .relation_count = 2};

	buf_init(out, GRAPH_PACK_BYTES_MAX);
	/* At an address that suits nothing. */
	assert_int_equal(buf_putc(out, 'x'), 0);
	assert_int_equal(graph_pack(&graph, out), 0);
}

static void
test_there_and_back(void **state)
{
	struct segment_graph graph;
	struct graph_pack_size size;
	struct mention mentions[2];
	struct relation rows[2];
	struct buf out;

	(void)state;
	pack(&out);
	assert_int_equal(graph_pack_size(out.data + 1, out.len - 1, &size),
	    0);
	assert_int_equal(size.mentions, 2);
	assert_int_equal(size.relations, 2);
	graph_unpack(out.data + 1, out.len - 1, mentions, rows, &graph);
	assert_ptr_equal(graph.mentions, mentions);
	assert_int_equal(graph.mention_count, 2);
	assert_int_equal(graph.relation_count, 2);
	assert_string_equal(mentions[0].key, "world health organization");
	assert_string_equal(mentions[0].name, "World Health Organization");
	assert_string_equal(mentions[0].type, "Organization");
	assert_string_equal(mentions[0].alias_key, "who");
	assert_null(mentions[0].description);
	assert_int_equal(mentions[0].weight, 3);
	assert_string_equal(mentions[1].name, "Geneva");
	assert_null(mentions[1].alias_key);
	assert_string_equal(mentions[1].description, "Where it is.");
	assert_int_equal(mentions[1].weight, 1);
	assert_int_equal(rows[0].object, 1);
	assert_string_equal(rows[0].label, "located_in");
	assert_int_equal(rows[0].weight, 2);
	assert_int_equal(rows[1].subject, 1);
	assert_int_equal(rows[1].weight, 1);
	buf_fini(&out);
}

/* Cut anywhere, longer than it is, and with counts and ends that are wrong. */
static void
test_corrupt(void **state)
{
	struct graph_pack_size size;
	uint32_t many = GRAPH_ENTITIES_MAX + 1, none = 1;
	struct buf out;
	char *copy;
	size_t len;

	(void)state;
	pack(&out);
	for (len = 0; len + 1 < out.len; len++) {
		copy = mem_alloc(len);
		assert_non_null(copy);
		memcpy(copy, out.data + 1, len);
		assert_int_equal(graph_pack_size(copy, len, &size),
		    ERR_CORRUPT);
		mem_free(copy);
	}
	assert_int_equal(buf_putc(&out, '\0'), 0);
	assert_int_equal(graph_pack_size(out.data + 1, out.len - 1, &size),
	    ERR_CORRUPT);
	out.len--;
	memcpy(out.data + 1, &many, sizeof(many));
	assert_int_equal(graph_pack_size(out.data + 1, out.len - 1, &size),
	    ERR_CORRUPT);
	memcpy(out.data + 1, &none, sizeof(none));
	assert_int_equal(graph_pack_size(out.data + 1, out.len - 1, &size),
	    ERR_CORRUPT);
	buf_fini(&out);
}

static void
test_none(void **state)
{
	const struct graph graph = {.entity_count = 0};
	struct graph_pack_size size = {9, 9};
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	assert_int_equal(graph_pack(&graph, &out), 0);
	assert_int_equal(graph_pack_size(out.data, out.len, &size), 0);
	assert_int_equal(size.mentions, 0);
	assert_int_equal(size.relations, 0);
	buf_fini(&out);
	buf_init(&out, 4);
	assert_int_equal(graph_pack(&graph, &out), ERR_TOO_BIG);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_corrupt),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
