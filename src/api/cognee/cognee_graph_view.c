/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_graph_view.h"
#include "base/jsonw.h"

static const struct {
	const char *type; /* Cognee's word */
	const char *kind; /* ours, of a page */
} kinds[] = {
    [GRAPH_NODE_ENTITY] = {"Entity", "entity"},
    [GRAPH_NODE_TYPE] = {"EntityType", "type"},
    [GRAPH_NODE_SEGMENT] = {"DocumentChunk", "text"},
    [GRAPH_NODE_DOCUMENT] = {"TextDocument", "document"},
};

static void
put_id(struct jsonw *w, const char *name, const struct graph_node *node)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(&node->uuid, text);
	jsonw_nstring(w, name, text);
}

/* ---- Cognee's ------------------------------------------------------------ */

static void
put_label(struct jsonw *w, const struct graph_node *node)
{
	char id[UUID_TEXT_SIZE], text[UUID_TEXT_SIZE + 32];

	if (node->name != NULL && node->name[0] != '\0') {
		jsonw_nstring(w, "label", node->name);
		return;
	}
	uuid_format(&node->uuid, id);
	(void)snprintf(text, sizeof(text), "%s_%s", kinds[node->kind].type,
	    id);
	jsonw_nstring(w, "label", text);
}

/* What is not known is left out. */
static void
put_properties(struct jsonw *w, const struct graph_node *node)
{
	jsonw_name(w, "properties");
	jsonw_object(w);
	if (node->type != NULL)
		jsonw_nstring(w, "entity_type", node->type);
	if (node->description != NULL)
		jsonw_nstring(w, "description", node->description);
	if (node->text != NULL)
		jsonw_nstring(w, "text", node->text);
	if (node->kind == GRAPH_NODE_ENTITY) {
		jsonw_nuint(w, "weight", node->weight);
		jsonw_nuint(w, "chunks", node->segments);
		jsonw_nuint(w, "documents", node->documents);
	}
	jsonw_object_end(w);
}

void
cognee_write_graph(struct jsonw *w, const struct base_graph *graph)
{
	const struct graph_edge *edge;
	const struct graph_node *node;

	jsonw_object(w);
	jsonw_name(w, "nodes");
	jsonw_array(w);
	for (node = graph->nodes; node < graph->nodes + graph->node_count;
	     node++) {
		jsonw_object(w);
		put_id(w, "id", node);
		put_label(w, node);
		jsonw_nstring(w, "type", kinds[node->kind].type);
		put_properties(w, node);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	jsonw_name(w, "edges");
	jsonw_array(w);
	for (edge = graph->edges; edge < graph->edges + graph->edge_count;
	     edge++) {
		jsonw_object(w);
		put_id(w, "source", &graph->nodes[edge->source]);
		put_id(w, "target", &graph->nodes[edge->target]);
		jsonw_nstring(w, "label", edge->label);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	jsonw_object_end(w);
}

static const char *
makers(const struct base_graph *graph)
{
	if (graph->by_rules && graph->by_model)
		return "rules model";
	return graph->by_rules ? "rules" : graph->by_model ? "model" : "";
}

void
cognee_graph_words(const struct base_graph *graph,
    char out[COGNEE_GRAPH_WORDS_SIZE])
{
	(void)snprintf(out, COGNEE_GRAPH_WORDS_SIZE,
	    "entities=%zu, entities-in-all=%" PRIu64 ", relations=%zu, "
	    "relations-in-all=%" PRIu64 ", cut=?%d, made-by=\"%s\", "
	    "generation=%" PRId64, graph->entity_count, graph->entities,
	    graph->relation_count, graph->relations, graph->is_cut,
	    makers(graph), graph->generation);
}

uint64_t
cognee_graph_nodes(const struct base_graph *graph)
{
	return graph->entities + (graph->node_count - graph->entity_count);
}

uint64_t
cognee_graph_edges(const struct base_graph *graph)
{
	return graph->relations + (graph->edge_count - graph->relation_count);
}

/* ---- of a page ----------------------------------------------------------- */

static void
put_shown_dataset(struct jsonw *w, const struct cognee_shown *shown)
{
	const struct base_graph *graph = shown->graph;

	jsonw_object(w);
	jsonw_nstring(w, "id", shown->dataset->text);
	jsonw_nstring(w, "name", shown->dataset->name);
	jsonw_name(w, "made_by");
	jsonw_array(w);
	if (graph->by_rules)
		jsonw_string(w, "rules");
	if (graph->by_model)
		jsonw_string(w, "model");
	jsonw_array_end(w);
	jsonw_nint(w, "generation", graph->generation);
	jsonw_nbool(w, "is_cut", graph->is_cut);
	jsonw_nuint(w, "entities", graph->entities);
	jsonw_nuint(w, "relations", graph->relations);
	jsonw_object_end(w);
}

static void
put_shown_node(struct jsonw *w, const struct graph_node *node, size_t dataset)
{
	jsonw_object(w);
	put_id(w, "id", node);
	jsonw_nuint(w, "dataset", dataset);
	jsonw_nstring(w, "kind", kinds[node->kind].kind);
	jsonw_nstring(w, "name", node->name == NULL ? "" : node->name);
	if (node->type != NULL)
		jsonw_nstring(w, "type", node->type);
	if (node->description != NULL)
		jsonw_nstring(w, "description", node->description);
	if (node->text != NULL)
		jsonw_nstring(w, "text", node->text);
	if (node->kind == GRAPH_NODE_ENTITY) {
		jsonw_nuint(w, "weight", node->weight);
		jsonw_nuint(w, "segments", node->segments);
		jsonw_nuint(w, "documents", node->documents);
	}
	jsonw_object_end(w);
}

/* first: the place of the graph's first node among all nodes. */
static void
put_shown_links(struct jsonw *w, const struct base_graph *graph,
    uint64_t first)
{
	const struct graph_edge *edge;

	for (edge = graph->edges; edge < graph->edges + graph->edge_count;
	     edge++) {
		jsonw_object(w);
		jsonw_nuint(w, "source", first + edge->source);
		jsonw_nuint(w, "target", first + edge->target);
		jsonw_nstring(w, "label", edge->label);
		jsonw_nuint(w, "weight", edge->weight);
		jsonw_object_end(w);
	}
}

void
cognee_write_shown(struct jsonw *w, const struct cognee_shown *shown,
    size_t count, const char *query, int64_t now_us)
{
	uint64_t first = 0;
	size_t i, j;

	jsonw_object(w);
	jsonw_ntime(w, "made_at", now_us);
	jsonw_nstring(w, "query", query);
	jsonw_name(w, "datasets");
	jsonw_array(w);
	for (i = 0; i < count; i++)
		put_shown_dataset(w, &shown[i]);
	jsonw_array_end(w);
	jsonw_name(w, "nodes");
	jsonw_array(w);
	for (i = 0; i < count; i++)
		for (j = 0; j < shown[i].graph->node_count; j++)
			put_shown_node(w, &shown[i].graph->nodes[j], i);
	jsonw_array_end(w);
	jsonw_name(w, "links");
	jsonw_array(w);
	for (i = 0; i < count; first += shown[i++].graph->node_count)
		put_shown_links(w, shown[i].graph, first);
	jsonw_array_end(w);
	jsonw_object_end(w);
}
