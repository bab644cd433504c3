/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A graph as a report: numbers, what is named most, and groups of things that
 * hang together.
 *
 * Groups come of labels that are passed on: everything begins as a group of
 * its own and takes, in the order of weight, the group that the weights of its
 * links speak for most; of equals the one of the heaviest thing.  Nothing is
 * drawn by lot, so that the same graph gives the same report.  A round looks
 * at each link twice; after ROUNDS_MAX of them what still moves to and fro
 * stays where it is.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/graphs.h"

#define ROUNDS_MAX 12u
#define TOP_MAX 20u	   /* things that are told one by one */
#define TOP_LINKS_MAX 6u   /* links of each */
#define TYPES_MAX 20u	   /* rows of the table of types */
#define GROUPS_MAX 12u	   /* groups that are told one by one */
#define GROUP_NAMES_MAX 12u /* things of each */
#define GROUP_LINKS_MAX 5u

struct link {
	uint32_t edge, other;
};

/* The links of entity i, the heaviest first, are links[first[i]] up to
 * links[first[i + 1]]. */
struct report {
	const struct base_graph *graph;
	struct buf *out;
	uint32_t *first;
	struct link *links;
	uint32_t *group;    /* of each entity: its heaviest member */
	uint32_t *size;	    /* of each group */
	uint64_t *votes;    /* while groups are looked for */
	uint32_t *seen;	    /* those that have votes */
};

/* ---- words --------------------------------------------------------------- */

/* Names are texts of strangers: nothing in them is Markdown, and all of it
 * stands on one line. */
static void
put_plain(struct buf *out, const char *text)
{
	static const char marks[] = "\\`*_{}[]<>#|~&!";
	size_t len;

	/* At the start of a line it would be a list in the list. */
	if (*text == '-' || *text == '+')
		(void)buf_putc(out, '\\');
	for (; *text != '\0'; text++) {
		for (len = 0; (unsigned char)text[len] >= ' ' &&
		     strchr(marks, text[len]) == NULL; len++)
			continue;
		(void)buf_put(out, text, len);
		text += len;
		if (*text == '\0')
			return;
		if ((unsigned char)*text >= ' ')
			(void)buf_printf(out, "\\%c", *text);
		else
			(void)buf_putc(out, ' ');
	}
}

static void
put_count(struct buf *out, uint64_t count, const char *one, const char *many)
{
	(void)buf_printf(out, "%" PRIu64 " %s", count,
	    count == 1 ? one : many);
}

/* ---- links and groups ---------------------------------------------------- */

static bool
is_loop(const struct graph_edge *edge)
{
	return edge->source == edge->target;
}

static int
links_make(struct report *report)
{
	const struct base_graph *graph = report->graph;
	const struct graph_edge *edge;
	size_t i, entities = graph->entity_count;
	uint32_t *next;

	report->first = mem_zalloc((entities + 2) * sizeof(uint32_t));
	report->links = mem_array(2 * graph->relation_count + 1,
	    sizeof(*report->links));
	report->group = mem_array(entities + 1, sizeof(uint32_t));
	report->size = mem_zalloc((entities + 1) * sizeof(uint32_t));
	report->votes = mem_zalloc((entities + 1) * sizeof(uint64_t));
	report->seen = mem_array(entities + 1, sizeof(uint32_t));
	if (report->first == NULL || report->links == NULL ||
	    report->group == NULL || report->size == NULL ||
	    report->votes == NULL || report->seen == NULL)
		return ERR_NOMEM;
	/* first[i + 1] is where entity i's next link goes, until all have
	 * gone there and it is where they end. */
	for (edge = graph->edges; edge < graph->edges + graph->relation_count;
	     edge++)
		if (!is_loop(edge)) {
			report->first[edge->source + 2]++;
			report->first[edge->target + 2]++;
		}
	for (i = 2; i < entities + 2; i++)
		report->first[i] += report->first[i - 1];
	next = report->first + 1;
	for (i = 0; i < graph->relation_count; i++) {
		edge = &graph->edges[i];
		if (is_loop(edge))
			continue;
		report->links[next[edge->source]++] =
		    (struct link){(uint32_t)i, edge->target};
		report->links[next[edge->target]++] =
		    (struct link){(uint32_t)i, edge->source};
	}
	return 0;
}

/* The group that the links of an entity speak for. */
static uint32_t
group_vote(struct report *report, uint32_t entity)
{
	uint32_t best = report->group[entity], count = 0, group, at;

	for (at = report->first[entity]; at < report->first[entity + 1];
	     at++) {
		group = report->group[report->links[at].other];
		if (report->votes[group] == 0)
			report->seen[count++] = group;
		report->votes[group] +=
		    report->graph->edges[report->links[at].edge].weight + 1;
	}
	for (at = 0; at < count; at++) {
		group = report->seen[at];
		if (report->votes[group] > report->votes[best] ||
		    (report->votes[group] == report->votes[best] &&
			group < best))
			best = group;
	}
	for (at = 0; at < count; at++)
		report->votes[report->seen[at]] = 0;
	return best;
}

/* A group is known by its heaviest member, whichever label won. */
static void
groups_name(struct report *report)
{
	uint32_t *heaviest = report->seen, i;
	uint32_t count = (uint32_t)report->graph->entity_count;

	memset(heaviest, 0xFF, count * sizeof(*heaviest));
	for (i = 0; i < count; i++) {
		if (heaviest[report->group[i]] == UINT32_MAX)
			heaviest[report->group[i]] = i;
		report->group[i] = heaviest[report->group[i]];
	}
	for (i = 0; i < count; i++)
		report->size[report->group[i]]++;
}

static void
groups_make(struct report *report)
{
	uint32_t count = (uint32_t)report->graph->entity_count;
	uint32_t i, group, round;
	bool is_moving = true;

	for (i = 0; i < count; i++)
		report->group[i] = i;
	for (round = 0; round < ROUNDS_MAX && is_moving; round++) {
		is_moving = false;
		for (i = 0; i < count; i++) {
			group = group_vote(report, i);
			is_moving |= group != report->group[i];
			report->group[i] = group;
		}
	}
	groups_name(report);
}

/* ---- numbers ------------------------------------------------------------- */

static const char *
maker_words(const struct base_graph *graph)
{
	if (graph->by_rules && graph->by_model)
		return "a chat model and, where that was not asked, rules "
		       "over the texts' surface";
	if (graph->by_model)
		return "a chat model";
	return "rules over the texts' surface, without a model: names and "
	       "what stands next to them, not what is meant";
}

static void
put_numbers(struct report *report)
{
	const struct base_graph *graph = report->graph;
	struct buf *out = report->out;

	(void)buf_puts(out, "- ");
	put_count(out, graph->entities, "thing", "things");
	(void)buf_puts(out, " that the texts name, and ");
	put_count(out, graph->relations, "link", "links");
	(void)buf_puts(out, " between them\n- made by ");
	(void)buf_puts(out, maker_words(graph));
	(void)buf_putc(out, '\n');
	if (!graph->is_cut)
		return;
	(void)buf_printf(out, "- **not all of it was looked at**: the %zu "
	    "things and %zu links of the most weight are what is told below\n",
	    graph->entity_count, graph->relation_count);
}

struct tally {
	const char *type;
	size_t count;
};

static int
tally_by_name(const void *a, const void *b)
{
	return strcmp(((const struct tally *)a)->type,
	    ((const struct tally *)b)->type);
}

static int
tally_by_count(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->type, y->type);
}

static int
put_types(struct report *report)
{
	const struct base_graph *graph = report->graph;
	struct tally *tallies;
	size_t i, count = 0;

	tallies = mem_array(graph->entity_count, sizeof(*tallies));
	if (tallies == NULL)
		return ERR_NOMEM;
	for (i = 0; i < graph->entity_count; i++)
		tallies[i] = (struct tally){graph->nodes[i].type == NULL
			? "" : graph->nodes[i].type, 1};
	qsort(tallies, graph->entity_count, sizeof(*tallies), tally_by_name);
	for (i = 0; i < graph->entity_count; i++)
		if (count > 0 &&
		    strcmp(tallies[count - 1].type, tallies[i].type) == 0)
			tallies[count - 1].count++;
		else
			tallies[count++] = tallies[i];
	qsort(tallies, count, sizeof(*tallies), tally_by_count);
	(void)buf_puts(report->out, "\n## What they are\n\n"
	    "| type | things |\n|---|---|\n");
	for (i = 0; i < count && i < TYPES_MAX; i++) {
		(void)buf_puts(report->out, "| ");
		put_plain(report->out, tallies[i].type[0] == '\0'
		    ? "(none)" : tallies[i].type);
		(void)buf_printf(report->out, " | %zu |\n", tallies[i].count);
	}
	if (count > TYPES_MAX)
		(void)buf_printf(report->out, "\nand %zu more types\n",
		    count - TYPES_MAX);
	mem_free(tallies);
	return 0;
}

/* ---- one by one ---------------------------------------------------------- */

static void
put_link(struct report *report, uint32_t entity, const struct link *link)
{
	const struct base_graph *graph = report->graph;
	const struct graph_edge *edge = &graph->edges[link->edge];

	bool is_out = edge->source == entity;

	put_plain(report->out, is_out ? edge->label
				      : graph->nodes[link->other].name);
	(void)buf_puts(report->out, " → ");
	put_plain(report->out, is_out ? graph->nodes[link->other].name
				      : edge->label);
}

static void
put_thing(struct report *report, uint32_t entity)
{
	const struct graph_node *node = &report->graph->nodes[entity];
	uint32_t at = report->first[entity], end = report->first[entity + 1];
	struct buf *out = report->out;
	uint32_t links = end - at;

	(void)buf_puts(out, "- **");
	put_plain(out, node->name);
	(void)buf_puts(out, "**");
	if (node->type != NULL) {
		(void)buf_puts(out, " (");
		put_plain(out, node->type);
		(void)buf_putc(out, ')');
	}
	(void)buf_puts(out, ", named ");
	put_count(out, node->weight, "time", "times");
	(void)buf_puts(out, " in ");
	put_count(out, node->segments, "text", "texts");
	(void)buf_puts(out, " of ");
	put_count(out, node->documents, "document", "documents");
	if (node->description != NULL && node->description[0] != '\0') {
		(void)buf_puts(out, ". ");
		put_plain(out, node->description);
	}
	(void)buf_putc(out, '\n');
	if (links == 0)
		return;
	(void)buf_puts(out, "  - ");
	for (; at < end && at < report->first[entity] + TOP_LINKS_MAX; at++) {
		if (at > report->first[entity])
			(void)buf_puts(out, "; ");
		put_link(report, entity, &report->links[at]);
	}
	if (links > TOP_LINKS_MAX)
		(void)buf_printf(out, "; and %u more", links - TOP_LINKS_MAX);
	(void)buf_putc(out, '\n');
}

static void
put_things(struct report *report)
{
	size_t count = report->graph->entity_count;
	uint32_t i;

	(void)buf_puts(report->out, "\n## Named most\n\n");
	for (i = 0; i < count && i < TOP_MAX; i++)
		put_thing(report, i);
}

/* ---- groups -------------------------------------------------------------- */

struct group {
	uint32_t size, head;
};

static int
group_compare(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return x->head < y->head ? -1 : x->head > y->head;
}

/* Entities are in the order of weight, and so are the members. */
static void
put_members(struct report *report, uint32_t head)
{
	const struct base_graph *graph = report->graph;
	uint32_t i, told = 0;

	for (i = head; i < graph->entity_count && told < GROUP_NAMES_MAX;
	     i++) {
		if (report->group[i] != head)
			continue;
		(void)buf_puts(report->out, told++ == 0 ? "" : ", ");
		put_plain(report->out, graph->nodes[i].name);
	}
	if (report->size[head] > told)
		(void)buf_printf(report->out, " and %u more",
		    report->size[head] - told);
	(void)buf_puts(report->out, "\n");
}

static void
put_inner_links(struct report *report, uint32_t head)
{
	const struct base_graph *graph = report->graph;
	const struct graph_edge *edge;
	size_t i, told = 0;

	(void)buf_putc(report->out, '\n');
	for (i = 0; i < graph->relation_count && told < GROUP_LINKS_MAX;
	     i++) {
		edge = &graph->edges[i];
		if (report->group[edge->source] != head ||
		    report->group[edge->target] != head)
			continue;
		told++;
		(void)buf_puts(report->out, "- ");
		put_plain(report->out, graph->nodes[edge->source].name);
		(void)buf_puts(report->out, " → ");
		put_plain(report->out, edge->label);
		(void)buf_puts(report->out, " → ");
		put_plain(report->out, graph->nodes[edge->target].name);
		(void)buf_putc(report->out, '\n');
	}
}

static void
put_group(struct report *report, const struct group *group, size_t nth)
{
	(void)buf_printf(report->out, "\n### Group %zu: ", nth);
	put_plain(report->out, report->graph->nodes[group->head].name);
	(void)buf_printf(report->out, " (%u things)\n\n", group->size);
	put_members(report, group->head);
	put_inner_links(report, group->head);
}

static int
put_groups(struct report *report)
{
	const struct base_graph *graph = report->graph;
	struct group *groups;
	size_t i, count = 0, alone = 0;

	groups = mem_array(graph->entity_count, sizeof(*groups));
	if (groups == NULL)
		return ERR_NOMEM;
	for (i = 0; i < graph->entity_count; i++) {
		alone += report->size[i] == 1;
		if (report->size[i] > 1)
			groups[count++] = (struct group){report->size[i],
			    (uint32_t)i};
	}
	qsort(groups, count, sizeof(*groups), group_compare);
	(void)buf_puts(report->out, "\n## What hangs together\n\n");
	put_count(report->out, count, "group", "groups");
	(void)buf_puts(report->out, " of things that are linked more with "
	    "each other than with others");
	(void)buf_printf(report->out, "; %zu %s alone.\n", alone,
	    alone == 1 ? "stands" : "stand");
	for (i = 0; i < count && i < GROUPS_MAX; i++)
		put_group(report, &groups[i], i + 1);
	if (count > GROUPS_MAX)
		(void)buf_printf(report->out,
		    "\nThe other %zu groups are smaller.\n",
		    count - GROUPS_MAX);
	mem_free(groups);
	return 0;
}

/* ---- all of it ----------------------------------------------------------- */

static int
put_whole(struct report *report)
{
	int err;

	put_numbers(report);
	err = links_make(report);
	if (err == 0)
		err = put_types(report);
	if (err < 0)
		return err;
	groups_make(report);
	put_things(report);
	return put_groups(report);
}

int
base_graph_report(const struct base_graph *graph, const char *name,
    struct buf *out)
{
	struct report report = {.graph = graph, .out = out};
	int err = 0;

	(void)buf_puts(out, "# Graph of ");
	put_plain(out, name);
	(void)buf_puts(out, "\n\n");
	if (!graph->by_rules && !graph->by_model)
		(void)buf_puts(out, "No graph was made of these texts yet.\n");
	else if (graph->entity_count == 0)
		(void)buf_puts(out, "The texts name nothing that was found.\n");
	else
		err = put_whole(&report);
	mem_free(report.first);
	mem_free(report.links);
	mem_free(report.group);
	mem_free(report.size);
	mem_free(report.votes);
	mem_free(report.seen);
	return err < 0 ? err : out->err;
}
