/* SPDX-License-Identifier: Apache-2.0 */
/* The graph of a base: merged, cut, and what is around a question. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "engine/graphs.h"
#include "engine_world.h"
#include "graph/graph.h"
#include "store/store_graph.h"

#define NOW 1700000000000000LL
#define ENDS_MAX 8u /* of one segment here */

/* ---- what is written ----------------------------------------------------- */

/* A segment: who it names, "key" or "key=alias", and what it says of two. */
struct said {
	const char *names[ENDS_MAX]; /* NULL behind the last */
	struct {
		unsigned subject;
		const char *label; /* NULL behind the last */
		unsigned object;
	} links[ENDS_MAX];
	const char *type;	 /* of all of them; NULL "Thing" */
	const char *description; /* of the first */
};

struct draft {
	struct world *w;
	struct store *store;
	int64_t base_id;
	struct revision revision;
};

static int
id_take(void *arg, const struct base *base)
{
	*(int64_t *)arg = base->id;
	return 0;
}

static void
draft_begin(struct world *w, const char *uri, unsigned graph,
    struct draft *draft)
{
	struct revision *r = &draft->revision;
	static uint8_t n;

	memset(draft, 0, sizeof(*draft));
	draft->w = w;
	draft->store = w->engine->store;
	assert_int_equal(store_begin(draft->store, NULL), 0);
	assert_int_equal(store_base_find(draft->store, w->caller.account_id,
			     &w->base, NULL, id_take, &draft->base_id), 0);
	*r = (struct revision){.base_id = draft->base_id, .rule = 1,
	    .title = "", .media_type = "text/plain", .language = "en",
	    .summary = "", .keyphrases = "[]", .graph = graph};
	memset(r->hash, ++n, sizeof(r->hash));
	assert_int_equal(store_document_put(draft->store, draft->base_id, uri,
			     uri, "{}", 0, 0, NOW, &r->document_id), 0);
	assert_int_equal(store_revision_add(draft->store, r, &r->id), 0);
}

static void
draft_segment(struct draft *draft, const struct segment_graph *graph)
{
	struct segment segment = {.ordinal = draft->revision.stored,
	    .section = "", .text = "Some words.", .text_len = 11, .chars = 11,
	    .graph = graph};

	assert_int_equal(store_segments_add(draft->store, &draft->revision,
			     &segment, 1), 0);
	draft->revision.segments = ++draft->revision.stored;
}

static int64_t
draft_end(struct draft *draft)
{
	assert_int_equal(store_revision_publish(draft->store,
			     &draft->revision, NOW), 0);
	assert_int_equal(store_commit(draft->store, NULL), 0);
	return draft->revision.document_id;
}

static void
say(struct draft *draft, const struct said *said)
{
	struct mention mentions[ENDS_MAX];
	struct relation relations[ENDS_MAX];
	struct segment_graph graph = {mentions, 0, relations, 0};
	char keys[ENDS_MAX][64];
	char *alias;
	uint32_t i;

	for (i = 0; i < ENDS_MAX && said->names[i] != NULL; i++) {
		(void)snprintf(keys[i], sizeof(keys[i]), "%s",
		    said->names[i]);
		alias = strchr(keys[i], '=');
		if (alias != NULL)
			*alias++ = '\0';
		mentions[i] = (struct mention){.key = keys[i],
		    .name = keys[i], .alias_key = alias, .weight = 1,
		    .type = said->type == NULL ? "Thing" : said->type,
		    .description = i == 0 ? said->description : NULL};
	}
	graph.mention_count = i;
	for (i = 0; i < ENDS_MAX && said->links[i].label != NULL; i++)
		relations[i] = (struct relation){said->links[i].subject,
		    said->links[i].object, said->links[i].label, 1};
	graph.relation_count = i;
	draft_segment(draft, &graph);
}

static int64_t
put(struct world *w, const char *uri, const struct said *said, size_t count)
{
	struct draft draft;
	size_t i;

	draft_begin(w, uri, GRAPH_OF_RULES, &draft);
	for (i = 0; i < count; i++)
		say(&draft, &said[i]);
	return draft_end(&draft);
}

static void
forget(struct world *w, int64_t document_id)
{
	struct store *store = w->engine->store;

	assert_int_equal(store_begin(store, NULL), 0);
	assert_int_equal(store_document_delete(store, document_id), 0);
	assert_int_equal(store_commit(store, NULL), 0);
}

/* ---- what is read -------------------------------------------------------- */

static void
make(struct world *w, const struct graph_wish *wish, struct base_graph *graph)
{
	static const struct graph_wish all = {0, 0, false};
	struct store *reader = NULL;
	struct err_note note = {""};

	assert_int_equal(engine_reader(w->engine, &reader, &note), 0);
	assert_int_equal(engine_graph(w->engine, reader,
			     w->caller.account_id, &w->base,
			     wish == NULL ? &all : wish, graph, &note), 0);
	store_close(reader);
}

static void
around(struct world *w, const char *question, const struct uuid *segments,
    size_t count, const struct graph_wish *wish, struct base_graph *graph)
{
	static const struct graph_wish all = {0, 0, false};
	struct store *reader = NULL;
	struct err_note note = {""};

	assert_int_equal(engine_reader(w->engine, &reader, &note), 0);
	assert_int_equal(engine_graph_around(w->engine, reader,
			     w->caller.account_id, &w->base, question,
			     segments, count, wish == NULL ? &all : wish,
			     graph, &note), 0);
	store_close(reader);
}

static const char *
text_of(const struct base_graph *graph)
{
	static char text[8192];
	const struct graph_node *node;
	const struct graph_edge *edge;
	struct buf out;
	size_t i;

	buf_init(&out, sizeof(text) - 1);
	for (i = 0; i < graph->node_count; i++) {
		node = &graph->nodes[i];
		assert_int_equal(node->kind == GRAPH_NODE_ENTITY,
		    i < graph->entity_count);
		(void)buf_puts(&out, node->name);
		if (node->kind == GRAPH_NODE_ENTITY)
			(void)buf_printf(&out, "/%s*%llu(%u,%u)",
			    node->type == NULL ? "-" : node->type,
			    (unsigned long long)node->weight, node->segments,
			    node->documents);
		if (node->description != NULL)
			(void)buf_printf(&out, ":%s", node->description);
		if (node->text != NULL)
			(void)buf_printf(&out, ":%s", node->text);
		(void)buf_putc(&out, ' ');
	}
	(void)buf_putc(&out, '|');
	for (i = 0; i < graph->edge_count; i++) {
		edge = &graph->edges[i];
		assert_true(edge->source < graph->node_count);
		assert_true(edge->target < graph->node_count);
		(void)buf_printf(&out, " %s-%s>%s*%llu",
		    graph->nodes[edge->source].name, edge->label,
		    graph->nodes[edge->target].name,
		    (unsigned long long)edge->weight);
	}
	assert_int_equal(out.err, 0);
	memcpy(text, buf_text(&out), out.len + 1);
	buf_fini(&out);
	return text;
}

static void
expect(struct world *w, const struct graph_wish *wish, const char *wanted)
{
	struct base_graph graph;

	make(w, wish, &graph);
	assert_string_equal(text_of(&graph), wanted);
	base_graph_fini(&graph);
}

static void
expect_around(struct world *w, const char *question, const char *wanted)
{
	struct base_graph graph;

	around(w, question, NULL, 0, NULL, &graph);
	assert_string_equal(text_of(&graph), wanted);
	base_graph_fini(&graph);
}

static void
expect_totals(struct world *w, uint64_t entities, uint64_t relations)
{
	struct graph_made made;
	struct base_graph graph;
	struct store *reader = NULL;
	struct err_note note = {""};

	make(w, NULL, &graph);
	assert_int_equal(graph.entities, entities);
	assert_int_equal(graph.relations, relations);
	/* That there is one is known without making it. */
	assert_int_equal(engine_reader(w->engine, &reader, &note), 0);
	mem_fail_at(1);
	assert_int_equal(engine_graph_made(w->engine, reader,
			     w->caller.account_id, &w->base, &made, &note), 0);
	mem_fail_at(0);
	store_close(reader);
	assert_int_equal(made.is_there, entities > 0);
	assert_int_equal(made.by_rules, graph.by_rules);
	assert_int_equal(made.by_model, graph.by_model);
	base_graph_fini(&graph);
}

/* ---- merging ------------------------------------------------------------- */

static const struct said curie = {
    .names = {"marie curie", "polonium", "paris"},
    .links = {{0, "discovered", 1}, {0, "lived_in", 2}}};
static const struct said again = {.names = {"marie curie", "paris"},
    .links = {{0, "lived_in", 1}}};

static void
test_nothing(void **state)
{
	struct base_graph graph;
	struct world *w = *state;
	struct draft draft;

	make(w, NULL, &graph);
	assert_string_equal(text_of(&graph), "|");
	assert_false(graph.is_cut || graph.by_rules || graph.by_model);
	base_graph_fini(&graph);
	base_graph_fini(&graph);
	draft_begin(w, "a", GRAPH_OF_NOBODY, &draft);
	draft_segment(&draft, NULL);
	(void)draft_end(&draft);
	expect(w, NULL, "|");
	expect_around(w, "Who is Marie Curie?", "|");
	expect_totals(w, 0, 0);
}

static void
test_documents_are_merged(void **state)
{
	struct world *w = *state;
	struct base_graph graph;

	(void)put(w, "a", &curie, 1);
	(void)put(w, "b", (struct said[]){again, curie}, 2);
	make(w, NULL, &graph);
	assert_string_equal(text_of(&graph),
	    "marie curie/Thing*3(3,2) paris/Thing*3(3,2) "
	    "polonium/Thing*2(2,2) | marie curie-lived_in>paris*3"
	    " marie curie-discovered>polonium*2");
	assert_true(graph.by_rules && !graph.by_model && !graph.is_cut);
	assert_int_equal(graph.entity_count, 3);
	assert_int_equal(graph.relation_count, 2);
	base_graph_fini(&graph);
	expect_totals(w, 3, 2);
}

static void
test_what_goes_is_gone(void **state)
{
	struct world *w = *state;
	int64_t id;

	id = put(w, "a", &curie, 1);
	(void)put(w, "b", &again, 1);
	forget(w, id);
	expect(w, NULL, "marie curie/Thing*1(1,1) paris/Thing*1(1,1) |"
	    " marie curie-lived_in>paris*1");
	/* A document that is indexed anew replaces what it said. */
	(void)put(w, "b", &(struct said){.names = {"paris", "seine"},
	    .links = {{1, "is_in", 0}}}, 1);
	expect(w, NULL, "paris/Thing*1(1,1) seine/Thing*1(1,1) |"
	    " seine-is_in>paris*1");
	expect_totals(w, 2, 1);
}

static void
test_the_heaviest_type_and_the_longest_words(void **state)
{
	struct world *w = *state;

	(void)put(w, "a", (struct said[]){
	    {.names = {"java"}, .type = "Place", .description = "long text"},
	    {.names = {"java"}, .type = "Language", .description = "other"},
	    {.names = {"java"}, .type = "Language",
		.description = "aong text"}}, 3);
	expect(w, NULL, "java/Language*3(3,1):aong text |");
	/* As often: the first in the alphabet. */
	(void)put(w, "b", (struct said[]){
	    {.names = {"java"}, .type = "Place"}}, 1);
	expect(w, NULL, "java/Language*4(4,2):aong text |");
}

static void
test_short_forms(void **state)
{
	struct world *w = *state;

	(void)put(w, "a", (struct said[]){
	    {.names = {"world health organization=who", "geneva"},
		.links = {{0, "is_in", 1}}}}, 1);
	(void)put(w, "b", (struct said[]){
	    {.names = {"who", "geneva", "world health organization"},
		.links = {{0, "is_in", 1}, {2, "is", 0}, {1, "hosts", 0}}}},
	    1);
	expect(w, NULL, "world health organization/Thing*3(2,2) "
	    "geneva/Thing*2(2,2) |"
	    " world health organization-is_in>geneva*2"
	    " geneva-hosts>world health organization*1");
	expect_totals(w, 2, 2);
	/* Of two others it is nobody's. */
	(void)put(w, "c", (struct said[]){
	    {.names = {"whole heartedly organized=who"}}}, 1);
	expect(w, NULL, "geneva/Thing*2(2,2) "
	    "world health organization/Thing*2(2,2) who/Thing*1(1,1) "
	    "whole heartedly organized/Thing*1(1,1) | geneva-hosts>who*1"
	    " world health organization-is_in>geneva*1 who-is_in>geneva*1"
	    " world health organization-is>who*1");
	expect_totals(w, 4, 4);
}

/* Each the short form of the next one, and of one another. */
static void
test_short_forms_of_short_forms(void **state)
{
	struct world *w = *state;

	(void)put(w, "a", (struct said[]){
	    {.names = {"bbb=aa", "aa=a", "a", "x=y", "y=z", "z=x"}}}, 1);
	expect(w, NULL, "bbb/Thing*3(1,1) z/Thing*3(1,1) |");
	expect_totals(w, 2, 0);
	expect_around(w, "a?", "bbb/Thing*3(1,1) |");
	expect_around(w, "x", "z/Thing*3(1,1) |");
	expect_around(w, "y", "z/Thing*3(1,1) |");
	expect_around(w, "z", "z/Thing*3(1,1) |");
}

/* ---- what is shown with it ----------------------------------------------- */

static void
test_texts(void **state)
{
	static const struct graph_wish texts = {0, 0, true};
	struct world *w = *state;
	struct base_graph graph;
	struct uuid document, segment;
	int64_t id;

	id = put(w, "a.txt", (struct said[]){curie,
	    {.names = {"paris"}, .type = "City"},
	    {.names = {"paris"}, .type = "City"}}, 3);
	make(w, &texts, &graph);
	assert_string_equal(text_of(&graph),
	    "paris/City*3(3,1) marie curie/Thing*1(1,1) "
	    "polonium/Thing*1(1,1) City Thing "
	    "a.txt #1:Some words. a.txt #2:Some words. a.txt #3:Some words. "
	    "a.txt | marie curie-lived_in>paris*1"
	    " marie curie-discovered>polonium*1"
	    " paris-is_a>City*3 marie curie-is_a>Thing*1"
	    " polonium-is_a>Thing*1"
	    " a.txt #1-contains>paris*1 a.txt #1-contains>marie curie*1"
	    " a.txt #1-contains>polonium*1 a.txt #2-contains>paris*1"
	    " a.txt #3-contains>paris*1"
	    " a.txt #1-is_part_of>a.txt*1 a.txt #2-is_part_of>a.txt*1"
	    " a.txt #3-is_part_of>a.txt*1");
	assert_int_equal(graph.nodes[3].kind, GRAPH_NODE_TYPE);
	assert_int_equal(graph.nodes[5].kind, GRAPH_NODE_SEGMENT);
	assert_int_equal(graph.nodes[8].kind, GRAPH_NODE_DOCUMENT);
	document = uuid_of_row(&w->base, (uint64_t)id);
	assert_true(uuid_is_equal(&graph.nodes[8].uuid, &document));
	segment = uuid_of_row(&document, uuid_row(&graph.nodes[5].uuid));
	assert_true(uuid_is_equal(&graph.nodes[5].uuid, &segment));
	base_graph_fini(&graph);
}

static void
test_uuids_are_lasting_and_nobody_elses(void **state)
{
	static const struct graph_wish texts = {0, 0, true};
	struct world *w = *state;
	struct base_graph graph, later;
	size_t i, j;

	(void)put(w, "a", (struct said[]){curie, again}, 2);
	make(w, &texts, &graph);
	for (i = 0; i < graph.node_count; i++)
		for (j = i + 1; j < graph.node_count; j++)
			assert_false(uuid_is_equal(&graph.nodes[i].uuid,
			    &graph.nodes[j].uuid));
	(void)put(w, "b", &again, 1);
	make(w, &texts, &later);
	for (i = 0; i < graph.entity_count; i++)
		for (j = 0; j < later.entity_count; j++)
			assert_int_equal(strcmp(graph.nodes[i].name,
					     later.nodes[j].name) == 0,
			    uuid_is_equal(&graph.nodes[i].uuid,
				&later.nodes[j].uuid));
	base_graph_fini(&graph);
	base_graph_fini(&later);
}

/* ---- limits -------------------------------------------------------------- */

static void
test_the_lightest_are_left_out(void **state)
{
	struct graph_wish wish = {.nodes_max = 2};
	struct world *w = *state;
	struct base_graph graph;

	(void)put(w, "a", (struct said[]){curie, again, again}, 3);
	make(w, &wish, &graph);
	assert_string_equal(text_of(&graph),
	    "marie curie/Thing*3(3,1) paris/Thing*3(3,1) |"
	    " marie curie-lived_in>paris*3");
	assert_true(graph.is_cut);
	assert_int_equal(graph.entities, 3);
	assert_int_equal(graph.relations, 2);
	base_graph_fini(&graph);

	wish = (struct graph_wish){.edges_max = 1};
	make(w, &wish, &graph);
	assert_string_equal(text_of(&graph),
	    "marie curie/Thing*3(3,1) paris/Thing*3(3,1) "
	    "polonium/Thing*1(1,1) | marie curie-lived_in>paris*3");
	assert_true(graph.is_cut);
	base_graph_fini(&graph);

	wish = (struct graph_wish){1, 1, true};
	make(w, &wish, &graph);
	assert_string_equal(text_of(&graph),
	    "marie curie/Thing*3(3,1) Thing a #1:Some words. a |"
	    " marie curie-is_a>Thing*3 a #1-contains>marie curie*1"
	    " a #1-is_part_of>a*1");
	assert_true(graph.is_cut);
	base_graph_fini(&graph);

	wish = (struct graph_wish){3, 2, false};
	make(w, &wish, &graph);
	assert_false(graph.is_cut);
	base_graph_fini(&graph);
}

static void
test_refusals(void **state)
{
	static const struct graph_wish wish = {0, 0, false};
	struct world *w = *state;
	struct uuid other = w->base;
	struct store *reader = NULL;
	struct base_graph graph;
	struct graph_made made;
	struct err_note note = {""};

	other.bytes[0] ^= 1;
	assert_int_equal(engine_reader(w->engine, &reader, &note), 0);
	assert_int_equal(engine_graph(w->engine, reader,
			     w->caller.account_id, &other, &wish, &graph,
			     &note), ERR_NOT_FOUND);
	assert_string_equal(note.text, "there is no such base");
	assert_int_equal(engine_graph(w->engine, reader,
			     w->caller.account_id + 1, &w->base, &wish,
			     &graph, &note), ERR_NOT_FOUND);
	assert_int_equal(engine_graph_made(w->engine, reader,
			     w->caller.account_id, &other, &made, &note),
	    ERR_NOT_FOUND);
	assert_int_equal(engine_graph_around(w->engine, reader,
			     w->caller.account_id, &other, "x", NULL, 0,
			     &wish, &graph, &note), ERR_NOT_FOUND);
	store_close(reader);
}

/* ---- around a question --------------------------------------------------- */

static void
test_a_question_names_entities(void **state)
{
	struct world *w = *state;

	(void)put(w, "a", (struct said[]){curie,
	    {.names = {"paris", "seine"}, .links = {{1, "is_in", 0}}},
	    {.names = {"curie", "c++", "\xE6\x9D\xB1\xE4\xBA\xAC"}}}, 3);
	/* The widest name; what is linked with it comes behind it. */
	expect_around(w, "What did Marie Curie's sister discover?",
	    "marie curie/Thing*1(1,1) paris/Thing*2(2,1) "
	    "polonium/Thing*1(1,1) | marie curie-lived_in>paris*1"
	    " marie curie-discovered>polonium*1");
	/* In the order in which they are asked for. */
	expect_around(w, "(Seine), or \"Paris\"?",
	    "seine/Thing*1(1,1) paris/Thing*2(2,1) marie curie/Thing*1(1,1) |"
	    " seine-is_in>paris*1 marie curie-lived_in>paris*1");
	expect_around(w, "is C++?", "c++/Thing*1(1,1) |");
	expect_around(w, "Curie", "curie/Thing*1(1,1) |");
	expect_around(w,
	    "\xE7\xA7\x81\xE3\x81\xAF\xE6\x9D\xB1\xE4\xBA\xAC"
	    "\xE3\x81\xAB\xE8\xA1\x8C\xE3\x81\x8F",
	    "\xE6\x9D\xB1\xE4\xBA\xAC/Thing*1(1,1) |");
	expect_around(w, "nothing of it", "|");
	expect_around(w, "", "|");
	expect_around(w, NULL, "|");
	expect_around(w, "\xFF\xFE", "|");
}

static void
test_a_question_names_short_forms(void **state)
{
	struct world *w = *state;

	(void)put(w, "a", (struct said[]){
	    {.names = {"world health organization=who", "geneva"},
		.links = {{0, "is_in", 1}}}}, 1);
	/* The short form alone is no entity here. */
	expect_around(w, "Where is WHO?",
	    "world health organization/Thing*1(1,1) geneva/Thing*1(1,1) |"
	    " world health organization-is_in>geneva*1");
	(void)put(w, "b", (struct said[]){{.names = {"who", "bern"},
	    .links = {{0, "met_in", 1}}}}, 1);
	expect_around(w, "Where is WHO?",
	    "world health organization/Thing*2(2,2) bern/Thing*1(1,1) "
	    "geneva/Thing*1(1,1) | world health organization-met_in>bern*1"
	    " world health organization-is_in>geneva*1");
	/* From the other end: bern is linked with it under its short name. */
	expect_around(w, "the World Health Organization",
	    "world health organization/Thing*2(2,2) bern/Thing*1(1,1) "
	    "geneva/Thing*1(1,1) | world health organization-met_in>bern*1"
	    " world health organization-is_in>geneva*1");
}

static int
segment_uuid(void *arg, const struct segment *segment)
{
	struct uuid *uuid = arg;

	*uuid = uuid_of_row(uuid, (uint64_t)segment->id);
	return 1;
}

static struct uuid
segment_of(struct world *w, int64_t document_id, uint32_t ordinal)
{
	struct uuid uuid = uuid_of_row(&w->base, (uint64_t)document_id);

	assert_int_equal(store_segments_each(w->engine->store, document_id,
			     ordinal, 1, segment_uuid, &uuid), 1);
	return uuid;
}

static void
test_around_texts(void **state)
{
	static const struct graph_wish texts = {0, 0, true};
	struct world *w = *state;
	struct base_graph graph;
	struct uuid segments[4];
	int64_t id;

	id = put(w, "a", (struct said[]){curie, again,
	    {.names = {"seine", "paris", "le havre"},
		.links = {{0, "is_in", 1}, {0, "ends_in", 2}}}}, 3);
	segments[0] = segment_of(w, id, 0);
	segments[1] = segment_of(w, id, 1);
	/* One of another base, or of nobody. */
	segments[2] = segments[0];
	segments[2].bytes[15] ^= 1;
	segments[3] = uuid_of_row(&segments[0], 77);
	/* What both name, then what one names, then what is linked. */
	around(w, "the Seine?", segments, 4, NULL, &graph);
	assert_string_equal(text_of(&graph),
	    "seine/Thing*1(1,1) marie curie/Thing*2(2,1) paris/Thing*3(3,1) "
	    "polonium/Thing*1(1,1) le havre/Thing*1(1,1) |"
	    " marie curie-lived_in>paris*2 seine-is_in>paris*1"
	    " seine-ends_in>le havre*1 marie curie-discovered>polonium*1");
	assert_int_equal(graph.entities, 5);
	assert_int_equal(graph.relations, 4);
	assert_false(graph.is_cut);
	base_graph_fini(&graph);
	around(w, "", segments, 1, &texts, &graph);
	assert_string_equal(text_of(&graph),
	    "marie curie/Thing*2(2,1) paris/Thing*3(3,1) "
	    "polonium/Thing*1(1,1) seine/Thing*1(1,1) Thing a #1:Some words. "
	    "a | marie curie-lived_in>paris*2"
	    " marie curie-discovered>polonium*1 seine-is_in>paris*1"
	    " marie curie-is_a>Thing*2 paris-is_a>Thing*3"
	    " polonium-is_a>Thing*1 seine-is_a>Thing*1"
	    " a #1-contains>marie curie*1 a #1-contains>paris*1"
	    " a #1-contains>polonium*1 a #1-is_part_of>a*1");
	base_graph_fini(&graph);
}

static void
test_around_is_cut(void **state)
{
	static const struct graph_wish few = {2, 1, false};
	struct world *w = *state;
	struct base_graph graph;

	(void)put(w, "a", &curie, 1);
	around(w, "Marie Curie", NULL, 0, &few, &graph);
	assert_string_equal(text_of(&graph), "marie curie/Thing*1(1,1) "
	    "paris/Thing*1(1,1) | marie curie-lived_in>paris*1");
	assert_true(graph.is_cut);
	assert_int_equal(graph.entities, 3);
	assert_int_equal(graph.relations, 2);
	base_graph_fini(&graph);
}

/* ---- much ---------------------------------------------------------------- */

#define CROWD 4000u

/* Segments of 16 each; each is linked with the next, and all with the first. */
static void
crowd_put(struct world *w, uint32_t count)
{
	static char names[CROWD][16];
	struct mention mentions[17];
	struct relation relations[32];
	struct segment_graph graph = {mentions, 17, relations, 31};
	struct draft draft;
	uint32_t at, i;

	draft_begin(w, "crowd", GRAPH_OF_MODEL, &draft);
	for (i = 0; i < count; i++)
		(void)snprintf(names[i], sizeof(names[i]), "n%05u", i);
	for (at = 0; at < count; at += 16) {
		mentions[16] = (struct mention){.key = "hub", .name = "hub",
		    .type = "Hub", .weight = 1};
		for (i = 0; i < 16; i++) {
			mentions[i] = (struct mention){.key = names[at + i],
			    .name = names[at + i], .type = names[at + i],
			    .weight = 1};
			relations[i] = (struct relation){i, 16, "knows", 1};
			if (i > 0)
				relations[15 + i] = (struct relation){i - 1,
				    i, names[at + i], 1};
		}
		draft_segment(&draft, &graph);
	}
	(void)draft_end(&draft);
}

static void
test_thousands(void **state)
{
	static const struct graph_wish texts = {0, 0, true};
	struct graph_wish wish = {.nodes_max = 3};
	struct world *w = *state;
	struct base_graph graph;

	crowd_put(w, CROWD);
	expect_totals(w, CROWD + 1, CROWD + CROWD / 16 * 15);
	make(w, &texts, &graph);
	assert_int_equal(graph.entity_count, CROWD + 1);
	assert_string_equal(graph.nodes[0].name, "hub");
	assert_int_equal(graph.nodes[0].weight, CROWD / 16);
	assert_string_equal(graph.nodes[1].name, "n00000");
	assert_string_equal(graph.nodes[CROWD].name, "n03999");
	/* As many types, the segments and the document. */
	assert_int_equal(graph.node_count,
	    2 * (CROWD + 1) + CROWD / 16 + 1);
	assert_false(graph.is_cut);
	assert_true(graph.by_model && !graph.by_rules);
	base_graph_fini(&graph);
	expect(w, &wish, "hub/Hub*250(250,1) n00000/n00000*1(1,1) "
	    "n00001/n00001*1(1,1) | n00000-knows>hub*1"
	    " n00001-knows>hub*1 n00000-n00001>n00001*1");
	/* Of the hub the newest are read. */
	around(w, "hub", NULL, 0, &wish, &graph);
	assert_string_equal(text_of(&graph),
	    "hub/Hub*250(250,1) n03744/n03744*1(1,1) n03745/n03745*1(1,1) |"
	    " n03744-knows>hub*1 n03745-knows>hub*1");
	assert_true(graph.is_cut);
	base_graph_fini(&graph);
}

/* The longest question there may be. */
static void
test_a_long_question(void **state)
{
	struct world *w = *state;
	struct base_graph graph;
	char *question;
	size_t i;

	crowd_put(w, 64);
	question = mem_alloc(32769);
	assert_non_null(question);
	for (i = 0; i < 32768; i += 8)
		memcpy(question + i, " n000077", 8);
	question[32768] = '\0';
	around(w, question, NULL, 0, NULL, &graph);
	assert_int_equal(graph.node_count, 0);
	base_graph_fini(&graph);
	memset(question, 'x', 32768);
	memcpy(question, "n00007 ", 7);
	around(w, question, NULL, 0, NULL, &graph);
	assert_string_equal(graph.nodes[0].name, "n00007");
	base_graph_fini(&graph);
	mem_free(question);
}

/* ---- no memory ----------------------------------------------------------- */

static void
test_without_memory(void **state)
{
	static const struct graph_wish texts = {0, 0, true};
	struct world *w = *state;
	struct base_graph graph;
	struct uuid segment;
	struct store *reader = NULL;
	struct err_note note = {""};
	unsigned long nth, failed = 0;
	int err = ERR_NOMEM;

	segment = segment_of(w, put(w, "a", (struct said[]){curie,
	    {.names = {"paris=p", "p"}, .description = "d"}}, 2), 1);
	assert_int_equal(engine_reader(w->engine, &reader, &note), 0);
	for (nth = 1; err == ERR_NOMEM; nth++) {
		mem_fail_at(nth);
		err = engine_graph(w->engine, reader, w->caller.account_id,
		    &w->base, &texts, &graph, &note);
		mem_fail_at(0);
		failed += err == ERR_NOMEM;
	}
	assert_int_equal(err, 0);
	base_graph_fini(&graph);
	for (nth = 1, err = ERR_NOMEM; err == ERR_NOMEM; nth++) {
		mem_fail_at(nth);
		err = engine_graph_around(w->engine, reader,
		    w->caller.account_id, &w->base, "Marie Curie", &segment,
		    1, &texts, &graph, &note);
		mem_fail_at(0);
		failed += err == ERR_NOMEM;
	}
	assert_int_equal(err, 0);
	base_graph_fini(&graph);
	assert_true(failed > 40);
	store_close(reader);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_up, world_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_nothing),
	    TEST(test_documents_are_merged),
	    TEST(test_what_goes_is_gone),
	    TEST(test_the_heaviest_type_and_the_longest_words),
	    TEST(test_short_forms),
	    TEST(test_short_forms_of_short_forms),
	    TEST(test_texts),
	    TEST(test_uuids_are_lasting_and_nobody_elses),
	    TEST(test_the_lightest_are_left_out),
	    TEST(test_refusals),
	    TEST(test_a_question_names_entities),
	    TEST(test_a_question_names_short_forms),
	    TEST(test_around_texts),
	    TEST(test_around_is_cut),
	    TEST(test_thousands),
	    TEST(test_a_long_question),
	    TEST(test_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
