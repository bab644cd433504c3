/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is around some texts and a question.
 *
 * The core is what the question names and what the texts name, those first
 * that the question does, then those that more of the texts do; as many as are
 * wanted.  What is linked with the core takes the places that are left.  All
 * there is to read of one entity is bounded, the newest first, so that the work
 * goes by what is wanted and not by the base.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "engine/graph_draft.h"
#include "engine/graph_int.h"
#include "engine/graph_near.h"
#include "engine/graphs.h"
#include "store/store_graph.h"

#define NODES_DEFAULT 64u
#define NODES_LIMIT 4096u
#define EDGES_DEFAULT 128u
#define SEGMENTS_LIMIT QUERY_LIMIT_MAX
#define ROWS_READ 256u	  /* of one entity, of each kind */
#define LINKS_MAX (1u << 18)
#define WORDS_MAX (1u << 16)
#define WORDS_BYTES_MAX (4 * MIB)
#define SEEN_MAX (1u << 20)

struct around {
	struct store *reader;
	struct near_table nears;
	uint32_t *order; /* nears, the nearest first */
	size_t core, count; /* of them, and with what is linked */
	struct three_table links; /* nears and word */
	struct word_table words;  /* labels, and short forms */
	struct graph_draft draft;
	/* Where an entity was seen, whatever it was called there. */
	struct id_table segments, documents;
	struct three_table seen;
	uint32_t asked; /* how many the question has named */
	/* Of the walk. */
	uint32_t near;
	int64_t member_id;
	size_t rows;
	bool is_cut;
};

static void
around_init(struct around *a, struct store *reader, int64_t base_id)
{
	memset(a, 0, sizeof(*a));
	a->reader = reader;
	near_table_init(&a->nears, reader, base_id);
	three_table_init(&a->links, LINKS_MAX);
	word_table_init(&a->words, WORDS_MAX, WORDS_BYTES_MAX);
	id_table_init(&a->segments, SEEN_MAX);
	id_table_init(&a->documents, SEEN_MAX);
	three_table_init(&a->seen, SEEN_MAX);
}

static void
around_fini(struct around *a)
{
	near_table_fini(&a->nears);
	three_table_fini(&a->links);
	word_table_fini(&a->words);
	graph_draft_fini(&a->draft);
	id_table_fini(&a->segments);
	id_table_fini(&a->documents);
	three_table_fini(&a->seen);
	mem_free(a->order);
}

/* What has no room is left out. */
static int
left_out(struct around *a, int err)
{
	if (err != ERR_TOO_BIG)
		return err;
	a->is_cut = true;
	return 0;
}

/* ---- what is asked about ------------------------------------------------- */

static int
asked_take(void *arg, const char *key)
{
	struct around *a = arg;
	uint32_t near = TABLE_NONE;
	int err;

	err = near_of_key(&a->nears, key, &near);
	if (err < 0 || near == TABLE_NONE)
		return err;
	if (a->nears.list[near].asked == TABLE_NONE)
		a->nears.list[near].asked = a->asked++;
	return 1;
}

static int
named_take(void *arg, const struct mention_row *row)
{
	struct around *a = arg;
	uint32_t number = TABLE_NONE;
	struct near *near;
	int err;

	err = near_of_id(&a->nears, row->entity_id, &number);
	if (err < 0 || number == TABLE_NONE)
		return err;
	near = &a->nears.list[number];
	near->segments += near->last_segment_id != row->segment_id;
	near->last_segment_id = row->segment_id;
	near->weight += row->weight;
	return 0;
}

static int
document_take(void *arg, const struct segment *segment)
{
	*(int64_t *)arg = segment->document_id;
	return 0;
}

/* The row of a segment of the base; 0: it is not there, or not any more. */
static int
segment_row(struct store *reader, const struct uuid *base,
    const struct uuid *segment, int64_t *ret_id)
{
	int64_t id = (int64_t)uuid_row(segment), document_id = 0;
	struct uuid document, own;
	int err;

	*ret_id = 0;
	if (id == 0)
		return 0;
	err = store_segment_get(reader, id, document_take, &document_id);
	if (err == ERR_NOT_FOUND)
		return 0;
	document = uuid_of_row(base, (uint64_t)document_id);
	own = uuid_of_row(&document, (uint64_t)id);
	if (err == 0 && uuid_is_equal(&own, segment))
		*ret_id = id;
	return err;
}

/* Each of the segments, if it is there. */
static int
segments_each(struct around *a, const struct uuid *base,
    const struct uuid *segments, size_t count, mention_fn *fn)
{
	int64_t id;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < count && i < SEGMENTS_LIMIT; i++) {
		err = segment_row(a->reader, base, &segments[i], &id);
		if (err == 0 && id != 0)
			err = store_graph_of_segment(a->reader, id, fn, NULL,
			    a);
	}
	a->is_cut |= count > SEGMENTS_LIMIT;
	return err;
}

/* ---- who is nearest ------------------------------------------------------ */

/* Sorted by what it points to, which does not move meanwhile. */
struct ranked {
	const struct near *near;
	uint32_t number;
};

static int
name_order(const struct near *a, const struct near *b)
{
	int order = strcmp(a->name, b->name);

	return order != 0 ? order : a->id < b->id ? -1 : a->id > b->id;
}

static int
near_order(const void *left, const void *right)
{
	const struct near *a = ((const struct ranked *)left)->near;
	const struct near *b = ((const struct ranked *)right)->near;

	if (a->asked != b->asked) /* TABLE_NONE is above all */
		return a->asked < b->asked ? -1 : 1;
	if (a->segments != b->segments)
		return a->segments > b->segments ? -1 : 1;
	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	if (a->links != b->links)
		return a->links > b->links ? -1 : 1;
	return name_order(a, b);
}

static bool
is_reached(const struct near *near)
{
	return near->asked != TABLE_NONE || near->segments > 0 ||
	    near->links > 0;
}

/* Give the nearest that have no rank the next ranks, up to nodes_max in all. */
static int
nears_rank(struct around *a, size_t nodes_max)
{
	struct ranked *list;
	size_t count = 0, i;

	list = mem_array(a->nears.ids.count + 1, sizeof(*list));
	if (list == NULL)
		return ERR_NOMEM;
	for (i = 0; i < a->nears.ids.count; i++)
		if (a->nears.list[i].rank == TABLE_NONE &&
		    is_reached(&a->nears.list[i]))
			list[count++] = (struct ranked){&a->nears.list[i],
			    (uint32_t)i};
	if (count > 1)
		qsort(list, count, sizeof(*list), near_order);
	a->is_cut |= count > nodes_max - a->count;
	for (i = 0; i < count && a->count < nodes_max; i++) {
		a->nears.list[list[i].number].rank = (uint32_t)a->count;
		a->order[a->count++] = list[i].number;
	}
	mem_free(list);
	return 0;
}

/* ---- what there is to say of them ---------------------------------------- */

/* Is it the first time that the entity is seen there? */
static int
seen_put(struct around *a, struct id_table *ids, uint32_t kind, int64_t id,
    uint32_t *count)
{
	size_t before = a->seen.count;
	uint32_t number;
	int err;

	err = id_table_put(ids, id, &number);
	if (err == 0)
		err = three_table_add(&a->seen, a->near, number, kind, 0);
	if (err == 0)
		*count += a->seen.count > before;
	return left_out(a, err);
}

/* What the short form that a row has is called, too. */
static int
alias_follow(struct around *a, const char *alias_key)
{
	size_t before = a->words.count;
	uint32_t word, near;
	int err;

	err = word_table_put(&a->words, alias_key, &word);
	if (err < 0)
		return left_out(a, err);
	/* Looked at already. */
	if (a->words.count == before)
		return 0;
	return near_of_key(&a->nears, alias_key, &near);
}

static int
tell_mention(void *arg, const struct mention_row *row)
{
	struct around *a = arg;
	uint32_t rank = a->nears.list[a->near].rank;
	struct draft_entity *entity = &a->draft.entities[rank];
	int err;

	a->rows++;
	err = graph_draft_mention(&a->draft, rank, row);
	if (err == 0)
		err = seen_put(a, &a->segments, 0, row->segment_id,
		    &entity->segments);
	if (err == 0)
		err = seen_put(a, &a->documents, 1, row->document_id,
		    &entity->documents);
	if (err == 0 && row->alias_key != NULL)
		err = alias_follow(a, row->alias_key);
	return err;
}

/* All rows of an entity, under each id that it has; more of these may turn up
 * meanwhile. */
static int
near_tell(struct around *a, uint32_t near)
{
	const struct near *n = &a->nears.list[near];
	struct draft_entity *entity = &a->draft.entities[n->rank];
	uint32_t member;
	int err = 0;

	a->near = near;
	entity->id = n->id;
	entity->name = n->name;
	for (member = n->first; err == 0 && member != TABLE_NONE;
	    member = a->nears.members[member].next) {
		a->rows = 0;
		err = store_graph_mentions(a->reader,
		    a->nears.member_ids.list[member], ROWS_READ,
		    tell_mention, a);
		a->is_cut |= a->rows == ROWS_READ;
	}
	return err;
}

static int
link_take(void *arg, const struct relation_row *row)
{
	struct around *a = arg;
	uint32_t subject = TABLE_NONE, object = TABLE_NONE, word;
	int err;

	a->rows++;
	err = near_of_id(&a->nears, row->subject_id, &subject);
	if (err == 0)
		err = near_of_id(&a->nears, row->object_id, &object);
	if (err < 0 || subject == TABLE_NONE || object == TABLE_NONE ||
	    subject == object)
		return err;
	/* Between two of the core it comes by twice. */
	if (row->subject_id != a->member_id &&
	    a->nears.list[subject].rank < a->core)
		return 0;
	a->nears.list[subject].links += row->weight;
	a->nears.list[object].links += row->weight;
	err = word_table_put(&a->words, row->label, &word);
	if (err == 0)
		err = three_table_add(&a->links, subject, object, word,
		    row->weight);
	return left_out(a, err);
}

static int
near_link(struct around *a, uint32_t near)
{
	uint32_t member;
	int err = 0;

	for (member = a->nears.list[near].first;
	    err == 0 && member != TABLE_NONE;
	    member = a->nears.members[member].next) {
		a->rows = 0;
		a->member_id = a->nears.member_ids.list[member];
		err = store_graph_of_entity(a->reader, a->member_id,
		    ROWS_READ, link_take, a);
		a->is_cut |= a->rows == ROWS_READ;
	}
	return err;
}

static int
links_tell(struct around *a)
{
	const struct three *three;
	uint32_t subject, object;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < a->links.count; i++) {
		three = &a->links.list[i];
		subject = a->nears.list[three->a].rank;
		object = a->nears.list[three->b].rank;
		if (subject != TABLE_NONE && object != TABLE_NONE)
			err = graph_draft_relation(&a->draft, subject, object,
			    a->words.list[three->c],
			    three->weight > UINT32_MAX
				? UINT32_MAX
				: (uint32_t)three->weight);
	}
	return err;
}

static int
text_take(void *arg, const struct mention_row *row)
{
	struct around *a = arg;
	uint32_t near = TABLE_NONE;
	int err;

	err = near_of_id(&a->nears, row->entity_id, &near);
	if (err < 0 || near == TABLE_NONE ||
	    a->nears.list[near].rank == TABLE_NONE)
		return err;
	return graph_draft_text(&a->draft, a->nears.list[near].rank, row);
}

/* ---- all of it ----------------------------------------------------------- */

struct wanted {
	const char *question;
	const struct uuid *base, *segments;
	size_t count, nodes_max, edges_max;
	bool with_texts;
};

/* The core with what is linked with it, in its order. */
static int
around_find(struct around *a, const struct wanted *w)
{
	size_t i;
	int err = 0;

	a->order = mem_array(w->nodes_max, sizeof(*a->order));
	if (a->order == NULL)
		return ERR_NOMEM;
	if (w->question != NULL)
		err = graph_question_keys(w->question, asked_take, a);
	if (err == 0)
		err = segments_each(a, w->base, w->segments, w->count,
		    named_take);
	if (err == 0)
		err = nears_rank(a, w->nodes_max);
	a->core = a->count;
	if (err == 0)
		err = graph_draft_init(&a->draft, a->reader, w->base,
		    w->nodes_max);
	/* First what else they are called, then what is linked with that. */
	for (i = 0; err == 0 && i < a->core; i++)
		err = near_tell(a, a->order[i]);
	for (i = 0; err == 0 && i < a->core; i++)
		err = near_link(a, a->order[i]);
	if (err == 0)
		err = nears_rank(a, w->nodes_max);
	for (i = a->core; err == 0 && i < a->count; i++)
		err = near_tell(a, a->order[i]);
	return err;
}

static int
around_give(struct around *a, const struct wanted *w,
    struct base_graph *graph)
{
	size_t i;
	int err;

	a->draft.count = a->count;
	err = links_tell(a);
	if (err == 0 && w->with_texts)
		err = segments_each(a, w->base, w->segments, w->count,
		    text_take);
	if (err < 0)
		return err;
	for (i = 0; i < a->nears.ids.count; i++)
		graph->entities += is_reached(&a->nears.list[i]);
	graph->relations = a->links.count;
	graph->is_cut = a->is_cut || a->nears.is_cut;
	return graph_draft_give(&a->draft, w->edges_max,
	    w->with_texts ? SEGMENTS_LIMIT : 0, graph);
}

int
engine_graph_around(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *base, const char *question,
    const struct uuid *segments, size_t count, const struct graph_wish *wish,
    struct base_graph *ret_graph, struct err_note *note)
{
	struct wanted w = {question, base, segments, count, wish->nodes_max,
	    wish->edges_max, wish->with_texts};
	struct base_graph graph = {.nodes = NULL};
	struct graph_base found;
	struct around around;
	int err;

	(void)engine;
	w.nodes_max = w.nodes_max == 0 ? NODES_DEFAULT : w.nodes_max;
	w.nodes_max = w.nodes_max > NODES_LIMIT ? NODES_LIMIT : w.nodes_max;
	w.edges_max = w.edges_max == 0 ? EDGES_DEFAULT : w.edges_max;
	err = store_begin(reader, note);
	if (err < 0)
		return err;
	err = graph_base_find(reader, account_id, base, &found, note);
	if (err == 0) {
		around_init(&around, reader, found.id);
		err = around_find(&around, &w);
		if (err == 0)
			err = around_give(&around, &w, &graph);
		around_fini(&around);
	}
	store_end(reader);
	if (err < 0)
		return err;
	graph.by_rules = found.by_rules;
	graph.by_model = found.by_model;
	graph.generation = found.generation;
	*ret_graph = graph;
	return 0;
}
