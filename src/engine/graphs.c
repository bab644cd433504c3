/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/err.h"
#include "engine/graph_draft.h"
#include "engine/graph_int.h"
#include "engine/graph_merge.h"
#include "engine/graphs.h"
#include "graph/chat_graph.h"
#include "graph/graph.h"
#include "store/store_graph.h"

/* What makers give fits into the store, which cannot know of them. */
_Static_assert(SEGMENT_MENTIONS_MAX == GRAPH_ENTITIES_MAX, "entities");
_Static_assert(SEGMENT_RELATIONS_MAX == GRAPH_RELATIONS_MAX, "relations");
_Static_assert(ENTITY_NAME_BYTES_MAX == GRAPH_NAME_BYTES_MAX, "names");
_Static_assert(ENTITY_KEY_BYTES_MAX == GRAPH_KEY_BYTES_MAX, "keys");
_Static_assert(ENTITY_TYPE_BYTES_MAX >= CHAT_GRAPH_TYPE_BYTES_MAX, "types");
_Static_assert(RELATION_LABEL_BYTES_MAX == GRAPH_LABEL_BYTES_MAX, "labels");
_Static_assert(
    ENTITY_DESCRIPTION_BYTES_MAX >= CHAT_GRAPH_DESCRIPTION_BYTES_MAX,
    "descriptions");

static int
base_take(void *arg, const struct base *base)
{
	*(int64_t *)arg = base->id;
	return 0;
}

int
graph_base_find(struct store *reader, int64_t account_id,
    const struct uuid *base, struct graph_base *ret_base,
    struct err_note *note)
{
	struct graph_base found = {.id = 0};
	unsigned makers = 0;
	int err;

	err = store_base_find(reader, account_id, base, NULL, base_take,
	    &found.id);
	if (err == ERR_NOT_FOUND)
		return err_set(note, err, "there is no such base");
	if (err == 0)
		err = store_base_generation(reader, found.id,
		    &found.generation);
	if (err == 0)
		err = store_graph_makers(reader, found.id, &makers);
	if (err < 0)
		return err;
	found.by_rules = (makers & 1u << GRAPH_OF_RULES) != 0;
	found.by_model = (makers & 1u << GRAPH_OF_MODEL) != 0;
	*ret_base = found;
	return 0;
}

static int
graph_make(struct store *reader, const struct graph_base *base,
    const struct uuid *uuid, const struct graph_wish *wish,
    struct base_graph *graph)
{
	size_t nodes_max = wish->nodes_max == 0 ? GRAPH_NODES_MAX
						: wish->nodes_max;
	size_t edges_max = wish->edges_max == 0 ? GRAPH_EDGES_MAX
						: wish->edges_max;
	struct graph_draft draft = {.reader = NULL};
	struct graph_merge merge;
	int err;

	err = graph_merge_read(&merge, reader, base->id);
	if (err == 0)
		err = graph_merge_draft(&merge, uuid, nodes_max,
		    wish->with_texts, &draft, &graph->relations);
	graph->entities = merge.count;
	graph->is_cut = merge.is_cut;
	if (err == 0)
		err = graph_draft_give(&draft, edges_max,
		    wish->with_texts ? nodes_max : 0, graph);
	graph_draft_fini(&draft);
	graph_merge_fini(&merge);
	return err;
}

int
engine_graph(struct engine *engine, struct store *reader, int64_t account_id,
    const struct uuid *base, const struct graph_wish *wish,
    struct base_graph *ret_graph, struct err_note *note)
{
	struct base_graph graph = {.nodes = NULL};
	struct graph_base found;
	int err;

	(void)engine;
	err = store_begin(reader, note);
	if (err < 0)
		return err;
	err = graph_base_find(reader, account_id, base, &found, note);
	if (err == 0)
		err = graph_make(reader, &found, base, wish, &graph);
	store_end(reader);
	if (err < 0)
		return err;
	graph.by_rules = found.by_rules;
	graph.by_model = found.by_model;
	graph.generation = found.generation;
	*ret_graph = graph;
	return 0;
}

static int
stop_at_once(void *arg, const struct mention_row *row)
{
	(void)arg;
	(void)row;
	return 1;
}

int
engine_graph_made(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *base,
    struct graph_made *ret_made, struct err_note *note)
{
	struct graph_base found;
	int err;

	(void)engine;
	err = store_begin(reader, note);
	if (err < 0)
		return err;
	err = graph_base_find(reader, account_id, base, &found, note);
	if (err == 0)
		err = store_graph_each(reader, found.id, stop_at_once, NULL,
		    NULL);
	store_end(reader);
	if (err >= 0)
		*ret_made = (struct graph_made){err == 1, found.by_rules,
		    found.by_model};
	return err < 0 ? err : 0;
}
