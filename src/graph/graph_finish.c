/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a graph's making, see graph_build.c.  Everything is sorted, so
 * that time is n log n whatever a text says.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "graph/graph_build.h"
#include "graph/graph_memory.h"

struct rank {
	uint32_t first_at, draft;
};

static int
compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int
compare_ranks(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;
	int order = compare(x->first_at, y->first_at);

	return order != 0 ? order : compare(x->draft, y->draft);
}

static int
compare_mentions(const void *a, const void *b)
{
	const struct draft_mention *x = a, *y = b;
	int order = compare(x->entity, y->entity);

	if (order == 0)
		order = compare(x->range.start, y->range.start);
	return order != 0 ? order : compare(x->range.end, y->range.end);
}

/* Most labels are one and the same text. */
static int
compare_labels(const char *a, const char *b)
{
	return a == b ? 0 : strcmp(a, b);
}

static bool
is_mentioned(const struct graph_relation *relation)
{
	return relation->label[0] == 'm' &&
	    strcmp(relation->label, GRAPH_MENTIONED_WITH) == 0;
}

/* The pair as a number, whatever its direction. */
static uint64_t
pair_of(const struct graph_relation *r)
{
	return r->subject < r->object ?
	    (uint64_t)r->subject << 32 | r->object :
	    (uint64_t)r->object << 32 | r->subject;
}

/* By pair, those that say something first; the same ones side by side. */
static int
compare_pairs(const void *a, const void *b)
{
	const struct graph_relation *x = a, *y = b;
	int order = compare(pair_of(x), pair_of(y));

	if (order == 0)
		order = is_mentioned(x) - is_mentioned(y);
	if (order == 0)
		order = compare_labels(x->label, y->label);
	if (order == 0)
		order = compare(x->subject, y->subject);
	if (order == 0)
		order = compare(x->evidence.start, y->evidence.start);
	return order != 0 ? order : compare(x->evidence.end, y->evidence.end);
}

static int
compare_places(const void *a, const void *b)
{
	const struct graph_relation *x = a, *y = b;
	int order = compare(x->evidence.start, y->evidence.start);

	if (order == 0)
		order = compare(x->subject, y->subject);
	if (order == 0)
		order = compare(x->object, y->object);
	return order != 0 ? order : compare_labels(x->label, y->label);
}

/* Which entity of the graph each draft is; returns how many there are. */
static uint32_t
rank_entities(const struct graph_build *build, uint32_t *map,
    struct rank *ranks)
{
	uint32_t count = 0, i, root;

	for (i = 0; i < build->entity_count; i++) {
		if (build->entities[i].same_as != GRAPH_NONE)
			continue;
		ranks[count].first_at = build->entities[i].first_at;
		ranks[count++].draft = i;
	}
	if (count > 0)
		qsort(ranks, count, sizeof(*ranks), compare_ranks);
	for (i = 0; i < count; i++)
		map[ranks[i].draft] = i;
	for (i = 0; i < build->entity_count; i++) {
		for (root = i; build->entities[root].same_as != GRAPH_NONE;)
			root = build->entities[root].same_as;
		map[i] = map[root];
	}
	return count;
}

static int
put_entities(struct graph_build *build, const struct rank *ranks,
    struct graph *graph)
{
	const struct draft_entity *draft;
	struct graph_entity *entity;
	uint32_t i;

	graph->entities = graph_memory_get(&build->memory,
	    graph->entity_count, sizeof(*graph->entities));
	if (graph->entities == NULL)
		return ERR_NOMEM;
	for (i = 0; i < graph->entity_count; i++) {
		draft = &build->entities[ranks[i].draft];
		entity = &graph->entities[i];
		memset(entity, 0, sizeof(*entity));
		entity->name = draft->name;
		entity->key = draft->key;
		entity->alias_key = draft->alias_key;
		entity->description = draft->description;
		entity->type = graph_build_type(draft);
		entity->type_name = draft->type_name != NULL ?
		    draft->type_name : graph_type_name(entity->type);
	}
	return 0;
}

static int
put_mentions(struct graph_build *build, const uint32_t *map,
    struct graph *graph)
{
	struct graph_range *ranges;
	const struct draft_mention *mention;
	struct graph_entity *entity;
	uint32_t i;

	ranges = graph_memory_get(&build->memory, build->mention_count,
	    sizeof(*ranges));
	if (ranges == NULL)
		return ERR_NOMEM;
	for (i = 0; i < build->mention_count; i++)
		build->mentions[i].entity = map[build->mentions[i].entity];
	if (build->mention_count > 0)
		qsort(build->mentions, build->mention_count,
		    sizeof(*build->mentions), compare_mentions);
	for (i = 0; i < build->mention_count; i++) {
		mention = &build->mentions[i];
		ranges[i] = mention->range;
		entity = &graph->entities[mention->entity];
		if (entity->mention_count++ == 0)
			entity->mentions = &ranges[i];
	}
	return 0;
}

/* Leave each relation once, at the list's begin; returns how many. */
static uint32_t
merge_relations(struct graph_relation *list, uint32_t count)
{
	uint64_t known = UINT64_MAX;
	struct graph_relation *last = NULL;
	uint32_t i, left = 0;

	for (i = 0; i < count; i++) {
		if (last != NULL && list[i].subject == last->subject &&
		    list[i].object == last->object &&
		    compare_labels(list[i].label, last->label) == 0) {
			last->weight += list[i].weight;
			continue;
		}
		if (!is_mentioned(&list[i]))
			known = pair_of(&list[i]);
		else if (pair_of(&list[i]) == known)
			continue;
		list[left] = list[i];
		last = &list[left++];
	}
	return left;
}

static int
put_relations(struct graph_build *build, const uint32_t *map,
    struct graph *graph)
{
	struct graph_relation *list = build->relations, *r;
	uint32_t i, count = 0, other;

	for (i = 0; i < build->relation_count; i++) {
		r = &list[count];
		*r = list[i];
		r->subject = map[r->subject];
		r->object = map[r->object];
		if (r->subject > r->object && is_mentioned(r)) {
			other = r->subject;
			r->subject = r->object;
			r->object = other;
		}
		count += r->subject != r->object;
	}
	if (count > 0)
		qsort(list, count, sizeof(*list), compare_pairs);
	count = merge_relations(list, count);
	if (count > 0)
		qsort(list, count, sizeof(*list), compare_places);
	graph->relations = graph_memory_get(&build->memory, count,
	    sizeof(*list));
	if (graph->relations == NULL)
		return ERR_NOMEM;
	if (count > 0)
		memcpy(graph->relations, list, count * sizeof(*list));
	graph->relation_count = count;
	return 0;
}

int
graph_build_end(struct graph_build *build, enum graph_maker maker,
    struct graph *ret_graph)
{
	struct graph graph = {.maker = maker, .is_cut = build->is_cut};
	uint32_t *map;
	struct rank *ranks;
	int err = ERR_NOMEM;

	map = mem_array(build->entity_count, sizeof(*map));
	ranks = mem_array(build->entity_count, sizeof(*ranks));
	if (map == NULL || ranks == NULL)
		goto out;
	graph.entity_count = rank_entities(build, map, ranks);
	err = put_entities(build, ranks, &graph);
	if (err == 0)
		err = put_mentions(build, map, &graph);
	if (err == 0)
		err = put_relations(build, map, &graph);
	if (err < 0)
		goto out;
	graph.memory = build->memory;
	build->memory = NULL;
	graph_build_fini(build);
	*ret_graph = graph;
out:
	mem_free(map);
	mem_free(ranks);
	return err;
}
