/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A draft as the graph that callers see: nodes of entities in the draft's
 * order, then of types, segments and documents; edges of entities, the heaviest
 * first, then those of the others.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/graph_draft.h"
#include "engine/graphs.h"
#include "store/store_graph.h"

#define TEXT_SHOWN_BYTES 400u /* of a segment */
#define NAME_SHOWN_BYTES (UPLOAD_NAME_BYTES_MAX + 32u)

/* What is to be given of the texts. */
struct chosen {
	struct three *homes; /* segments, with their documents and weights */
	size_t count;
};

struct giving {
	struct graph_draft *draft;
	struct base_graph *graph;
	struct text_store texts; /* the graph's own */
	uint32_t *types;	 /* word of each entity; TABLE_NONE: none */
	const char **words;	 /* the graph's own, NULL: not copied yet */
	uint32_t *type_nodes;	 /* of each word; TABLE_NONE: none yet */
	uint32_t *document_nodes, *segment_nodes;
	struct chosen chosen;
	size_t nodes_size, edges_size;
};

static int
keep(struct giving *g, const char *text, const char **ret_text)
{
	if (text == NULL) {
		*ret_text = NULL;
		return 0;
	}
	return text_store_put(&g->texts, text, strlen(text), ret_text);
}

static int
keep_word(struct giving *g, uint32_t word, const char **ret_text)
{
	int err = 0;

	if (g->words[word] == NULL)
		err = keep(g, g->draft->words.list[word], &g->words[word]);
	if (err == 0)
		*ret_text = g->words[word];
	return err;
}

static struct graph_node *
node_next(struct giving *g, enum graph_node_kind kind)
{
	struct graph_node *node = &g->graph->nodes[g->graph->node_count];

	ASSERT(g->graph->node_count < g->nodes_size);
	memset(node, 0, sizeof(*node));
	node->kind = kind;
	g->graph->node_count++;
	return node;
}

static void
edge_put(struct giving *g, uint32_t source, uint32_t target,
    const char *label, uint64_t weight)
{
	ASSERT(g->graph->edge_count < g->edges_size);
	g->graph->edges[g->graph->edge_count++] =
	    (struct graph_edge){source, target, label, weight};
}

/* ---- entities ------------------------------------------------------------ */

/* Of each entity the type that most of what names it says. */
static void
types_choose(struct giving *g)
{
	const struct graph_draft *d = g->draft;
	const struct three *three;
	uint64_t best = 0;
	size_t i;

	/* One pass for the weights, which stand in for the best so far. */
	for (i = 0; i < d->count; i++)
		g->types[i] = TABLE_NONE;
	for (i = 0; i < d->types.count; i++) {
		three = &d->types.list[i];
		if (g->types[three->a] != TABLE_NONE)
			best = d->types.list[g->types[three->a]].weight;
		if (g->types[three->a] == TABLE_NONE ||
		    three->weight > best ||
		    (three->weight == best &&
			strcmp(d->words.list[three->b],
			    d->words.list[d->types.list[g->types[three->a]]
					      .b]) < 0))
			g->types[three->a] = (uint32_t)i;
	}
	for (i = 0; i < d->count; i++)
		if (g->types[i] != TABLE_NONE)
			g->types[i] = d->types.list[g->types[i]].b;
}

static int
entities_give(struct giving *g)
{
	const struct draft_entity *entity;
	struct graph_node *node;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < g->draft->count; i++) {
		entity = &g->draft->entities[i];
		node = node_next(g, GRAPH_NODE_ENTITY);
		node->uuid = uuid_of_kind(&g->draft->base, UUID_KIND_ENTITY,
		    (uint64_t)entity->id);
		node->weight = entity->weight;
		node->segments = entity->segments;
		node->documents = entity->documents;
		err = keep(g, entity->name, &node->name);
		if (err == 0)
			err = keep(g, entity->description,
			    &node->description);
		if (err == 0 && g->types[i] != TABLE_NONE)
			err = keep_word(g, g->types[i], &node->type);
	}
	g->graph->entity_count = g->draft->count;
	return err;
}

static uint32_t
lesser(const struct three *three)
{
	return three->a < three->b ? three->a : three->b;
}

/* The heaviest first; of those, what is about the first entities. */
static int
edge_order(const void *left, const void *right)
{
	const struct three *a = left, *b = right;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	if (lesser(a) != lesser(b))
		return lesser(a) < lesser(b) ? -1 : 1;
	if (a->a != b->a)
		return a->a < b->a ? -1 : 1;
	if (a->b != b->b)
		return a->b < b->b ? -1 : 1;
	return a->c < b->c ? -1 : a->c > b->c;
}

static int
relations_give(struct giving *g, size_t edges_max)
{
	struct three_table *edges = &g->draft->edges;
	const char *label;
	size_t i;
	int err = 0;

	if (edges->count > 1)
		qsort(edges->list, edges->count, sizeof(*edges->list),
		    edge_order);
	if (edges->count > edges_max)
		g->graph->is_cut = true;
	for (i = 0; err == 0 && i < edges->count && i < edges_max; i++) {
		err = keep_word(g, edges->list[i].c, &label);
		if (err == 0)
			edge_put(g, edges->list[i].a, edges->list[i].b, label,
			    edges->list[i].weight);
	}
	g->graph->relation_count = g->graph->edge_count;
	return err;
}

/* ---- types --------------------------------------------------------------- */

/* In the order of the entities: the types of the heaviest first. */
static int
types_give(struct giving *g)
{
	struct graph_node *node;
	uint32_t word;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < g->draft->count; i++) {
		word = g->types[i];
		if (word == TABLE_NONE || g->type_nodes[word] != TABLE_NONE)
			continue;
		g->type_nodes[word] = (uint32_t)g->graph->node_count;
		node = node_next(g, GRAPH_NODE_TYPE);
		err = keep_word(g, word, &node->name);
		if (err == 0)
			node->uuid = uuid_of_kind(&g->draft->base,
			    UUID_KIND_TYPE,
			    XXH3_64bits(node->name, strlen(node->name)) >>
				16);
	}
	for (i = 0; err == 0 && i < g->draft->count; i++)
		if (g->types[i] != TABLE_NONE)
			edge_put(g, (uint32_t)i, g->type_nodes[g->types[i]],
			    "is_a", g->draft->entities[i].weight);
	return err;
}

/* ---- texts --------------------------------------------------------------- */

static int
home_by_weight(const void *left, const void *right)
{
	const struct three *a = left, *b = right;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return a->a < b->a ? -1 : a->a > b->a;
}

static int
home_by_place(const void *left, const void *right)
{
	const struct three *a = left, *b = right;

	return a->a < b->a ? -1 : a->a > b->a;
}

/* Those that name most, and then in the order in which they came. */
static void
texts_choose(struct giving *g, size_t texts_max)
{
	struct three_table *homes = &g->draft->homes;

	g->chosen.homes = homes->list;
	g->chosen.count = homes->count;
	if (homes->count <= texts_max)
		return;
	qsort(homes->list, homes->count, sizeof(*homes->list),
	    home_by_weight);
	g->chosen.count = texts_max;
	g->graph->is_cut = true;
	qsort(homes->list, texts_max, sizeof(*homes->list), home_by_place);
}

struct text_take {
	struct giving *g;
	struct graph_node *node;
	const char *document; /* its name */
	int err;
};

static int
segment_take(void *arg, const struct segment *segment)
{
	struct text_take *take = arg;
	struct buf name;
	size_t len;

	buf_init(&name, NAME_SHOWN_BYTES);
	(void)buf_printf(&name, "%s #%u", take->document,
	    segment->ordinal + 1);
	take->err = name.err;
	if (take->err == 0)
		take->err = keep(take->g, buf_text(&name),
		    &take->node->name);
	buf_fini(&name);
	len = utf8_floor(segment->text, segment->text_len, TEXT_SHOWN_BYTES);
	if (take->err == 0)
		take->err = text_store_put(&take->g->texts, segment->text,
		    len, &take->node->text);
	return take->err;
}

static int
document_take(void *arg, const struct document *document)
{
	struct text_take *take = arg;
	size_t len;

	len = utf8_floor(document->name, strlen(document->name),
	    UPLOAD_NAME_BYTES_MAX);
	take->err = text_store_put(&take->g->texts, document->name, len,
	    &take->node->name);
	return take->err;
}

/* Segments are named after them, though they come first: nodes are there. */
static int
documents_give(struct giving *g)
{
	struct text_take take = {.g = g};
	const struct three *home;
	int64_t id;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < g->chosen.count; i++) {
		home = &g->chosen.homes[i];
		if (g->document_nodes[home->b] != TABLE_NONE)
			continue;
		id = g->draft->documents.list[home->b];
		g->document_nodes[home->b] = (uint32_t)g->graph->node_count;
		take.node = node_next(g, GRAPH_NODE_DOCUMENT);
		take.node->uuid = uuid_of_row(&g->draft->base, (uint64_t)id);
		err = store_document_get(g->draft->reader, id, document_take,
		    &take);
	}
	return err;
}

static int
segments_give(struct giving *g, size_t first)
{
	struct graph_node *document;
	struct text_take take = {.g = g};
	const struct three *home;
	int64_t id;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < g->chosen.count; i++) {
		home = &g->chosen.homes[i];
		id = g->draft->segments.list[home->a];
		document = &g->graph->nodes[g->document_nodes[home->b]];
		g->segment_nodes[home->a] = (uint32_t)(first + i);
		take.node = &g->graph->nodes[first + i];
		take.document = document->name;
		take.node->kind = GRAPH_NODE_SEGMENT;
		take.node->uuid = uuid_of_row(&document->uuid, (uint64_t)id);
		err = store_segment_get(g->draft->reader, id, segment_take,
		    &take);
	}
	return err;
}

/* What texts name most; of those in the order of the texts. */
static int
contains_order(const void *left, const void *right)
{
	const struct three *a = left, *b = right;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	if (a->a != b->a)
		return a->a < b->a ? -1 : 1;
	return a->b < b->b ? -1 : a->b > b->b;
}

static void
text_edges_give(struct giving *g, size_t edges_max)
{
	struct three_table *contains = &g->draft->contains;
	const struct three *three;
	size_t i, given = 0;

	if (contains->count > 1)
		qsort(contains->list, contains->count,
		    sizeof(*contains->list), contains_order);
	for (i = 0; i < contains->count; i++) {
		three = &contains->list[i];
		if (g->segment_nodes[three->a] == TABLE_NONE)
			continue;
		if (given == edges_max) {
			g->graph->is_cut = true;
			break;
		}
		edge_put(g, g->segment_nodes[three->a], three->b, "contains",
		    three->weight);
		given++;
	}
	for (i = 0; i < g->chosen.count; i++)
		edge_put(g, g->segment_nodes[g->chosen.homes[i].a],
		    g->document_nodes[g->chosen.homes[i].b], "is_part_of", 1);
}

/* Segments come before documents. */
static int
texts_give(struct giving *g, size_t edges_max)
{
	size_t first = g->graph->node_count, i;
	int err;

	for (i = 0; i < g->chosen.count; i++)
		(void)node_next(g, GRAPH_NODE_SEGMENT);
	err = documents_give(g);
	if (err == 0)
		err = segments_give(g, first);
	if (err == 0)
		text_edges_give(g, edges_max);
	return err;
}

/* ---- all of it ----------------------------------------------------------- */

static uint32_t *
numbers_new(size_t count)
{
	uint32_t *numbers = mem_array(count + 1, sizeof(*numbers));
	size_t i;

	for (i = 0; numbers != NULL && i <= count; i++)
		numbers[i] = TABLE_NONE;
	return numbers;
}

static size_t
at_most(size_t count, size_t max)
{
	return count < max ? count : max;
}

/* With texts_max 0 neither types nor texts. */
static int
room_make(struct giving *g, size_t edges_max, size_t texts_max)
{
	const struct graph_draft *d = g->draft;
	size_t texts = at_most(d->homes.count, texts_max);

	g->nodes_size = d->count + 1;
	g->edges_size = at_most(d->edges.count, edges_max) + 1;
	if (texts_max > 0) {
		g->nodes_size += at_most(d->words.count, d->count) +
		    2 * texts;
		g->edges_size += d->count + texts +
		    at_most(d->contains.count, edges_max);
	}
	g->graph->nodes = mem_array(g->nodes_size, sizeof(struct graph_node));
	g->graph->edges = mem_array(g->edges_size, sizeof(struct graph_edge));
	g->types = numbers_new(d->count);
	g->words = mem_array(d->words.count + 1, sizeof(*g->words));
	g->type_nodes = numbers_new(d->words.count);
	g->document_nodes = numbers_new(d->documents.count);
	g->segment_nodes = numbers_new(d->segments.count);
	if (g->graph->nodes == NULL || g->graph->edges == NULL ||
	    g->types == NULL || g->words == NULL || g->type_nodes == NULL ||
	    g->document_nodes == NULL || g->segment_nodes == NULL)
		return ERR_NOMEM;
	memset(g->words, 0, (d->words.count + 1) * sizeof(*g->words));
	return 0;
}

int
graph_draft_give(struct graph_draft *draft, size_t edges_max,
    size_t texts_max, struct base_graph *graph)
{
	struct giving g = {.draft = draft, .graph = graph};
	int err;

	text_store_init(&g.texts, SIZE_MAX);
	graph->nodes = NULL;
	graph->edges = NULL;
	graph->node_count = graph->entity_count = 0;
	graph->edge_count = graph->relation_count = 0;
	graph->is_cut = graph->is_cut || draft->is_cut;
	err = room_make(&g, edges_max, texts_max);
	if (err == 0) {
		types_choose(&g);
		err = entities_give(&g);
	}
	if (err == 0)
		err = relations_give(&g, edges_max);
	if (err == 0 && texts_max > 0)
		err = types_give(&g);
	if (err == 0 && texts_max > 0) {
		texts_choose(&g, texts_max);
		err = texts_give(&g, edges_max);
	}
	mem_free(g.types);
	mem_free(g.words);
	mem_free(g.type_nodes);
	mem_free(g.document_nodes);
	mem_free(g.segment_nodes);
	graph->memory = g.texts.newest;
	if (err < 0)
		base_graph_fini(graph);
	return err;
}

void
base_graph_fini(struct base_graph *graph)
{
	mem_free(graph->nodes);
	mem_free(graph->edges);
	text_blocks_free(graph->memory);
	memset(graph, 0, sizeof(*graph));
}
