/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of a base are read twice.  First each entity is counted, and short
 * forms are followed, which says who is heaviest; then what there is to say of
 * these is gathered.  So memory goes by the number of different entities, with
 * little for each, and not by that of rows.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "engine/graph_draft.h"
#include "engine/graph_merge.h"
#include "store/store_graph.h"

/* Of one base; what comes behind them is left out.  Some 100 MiB together. */
#define ENTITIES_READ_MAX (1u << 19)
#define NAMES_BYTES_MAX (32 * MIB)
#define RELATIONS_READ_MAX (1u << 20)

/* ---- entities ------------------------------------------------------------ */

static int
entity_new(struct graph_merge *merge, const struct mention_row *row,
    uint32_t *ret_number)
{
	struct merge_entity *entities;
	const char *name = NULL;
	int err;

	err = text_store_put(&merge->names, row->name, strlen(row->name),
	    &name);
	if (err == 0)
		err = id_table_put(&merge->ids, row->entity_id, ret_number);
	if (err < 0)
		return err;
	if (merge->ids.size > merge->size) {
		entities = mem_resize(merge->entities, merge->ids.size,
		    sizeof(*entities));
		if (entities == NULL)
			return ERR_NOMEM;
		merge->entities = entities;
		merge->size = merge->ids.size;
	}
	merge->entities[*ret_number] = (struct merge_entity){name, 0,
	    *ret_number, TABLE_NONE};
	return 0;
}

static int
count_mention(void *arg, const struct mention_row *row)
{
	struct graph_merge *merge = arg;
	uint32_t number;
	int err = 0;

	number = id_table_find(&merge->ids, row->entity_id);
	if (number == TABLE_NONE)
		err = entity_new(merge, row, &number);
	if (err == ERR_TOO_BIG) {
		merge->is_cut = true;
		return 0;
	}
	if (err == 0)
		merge->entities[number].weight += row->weight;
	return err;
}

/* Who an entity is in the end. */
static uint32_t
entity_root(const struct graph_merge *merge, uint32_t number)
{
	struct merge_entity *entities = merge->entities;

	while (entities[number].into != number) {
		entities[number].into = entities[entities[number].into].into;
		number = entities[number].into;
	}
	return number;
}

/* ---- short forms --------------------------------------------------------- */

/* Entities that have the same short form come one after the other. */
struct alias_walk {
	struct graph_merge *merge;
	char key[ENTITY_KEY_BYTES_MAX + 1]; /* "": none yet */
	int64_t target;			    /* of that key; 0: none is */
	int64_t other;			    /* has it for a short form */
	size_t others;
};

static int
id_take(void *arg, const struct entity *entity)
{
	*(int64_t *)arg = entity->id;
	return 0;
}

/* A short form is complete: is it one of exactly one other? */
static void
alias_end(struct alias_walk *walk)
{
	struct graph_merge *merge = walk->merge;
	uint32_t target, other;

	if (walk->target == 0 || walk->others != 1)
		return;
	target = id_table_find(&merge->ids, walk->target);
	other = id_table_find(&merge->ids, walk->other);
	if (target == TABLE_NONE || other == TABLE_NONE)
		return;
	other = entity_root(merge, other);
	/* Two may each be the short form of the other. */
	if (merge->entities[target].into == target && other != target)
		merge->entities[target].into = other;
}

static int
alias_row(void *arg, const char *alias_key, int64_t entity_id)
{
	struct alias_walk *walk = arg;
	int err = 0;

	if (strlen(alias_key) >= sizeof(walk->key))
		return ERR_CORRUPT;
	if (strcmp(alias_key, walk->key) != 0) {
		alias_end(walk);
		memcpy(walk->key, alias_key, strlen(alias_key) + 1);
		walk->target = walk->other = 0;
		walk->others = 0;
		err = store_entity_find(walk->merge->reader,
		    walk->merge->base_id, alias_key, id_take, &walk->target);
		if (err == ERR_NOT_FOUND)
			err = 0;
	}
	if (err == 0 && entity_id != walk->target) {
		walk->other = entity_id;
		walk->others++;
	}
	return err;
}

static int
aliases_follow(struct graph_merge *merge)
{
	struct alias_walk walk = {.merge = merge};
	uint32_t root;
	size_t i;
	int err;

	err = store_aliases_each(merge->reader, merge->base_id, alias_row,
	    &walk);
	if (err < 0)
		return err;
	alias_end(&walk);
	for (i = 0; i < merge->ids.count; i++) {
		root = entity_root(merge, (uint32_t)i);
		if (root == i)
			merge->count++;
		else
			merge->entities[root].weight +=
			    merge->entities[i].weight;
	}
	return 0;
}

int
graph_merge_read(struct graph_merge *merge, struct store *reader,
    int64_t base_id)
{
	int err;

	memset(merge, 0, sizeof(*merge));
	merge->reader = reader;
	merge->base_id = base_id;
	id_table_init(&merge->ids, ENTITIES_READ_MAX);
	text_store_init(&merge->names, NAMES_BYTES_MAX);
	err = store_graph_each(reader, base_id, count_mention, NULL, merge);
	return err < 0 ? err : aliases_follow(merge);
}

void
graph_merge_fini(struct graph_merge *merge)
{
	id_table_fini(&merge->ids);
	text_store_fini(&merge->names);
	mem_free(merge->entities);
	memset(merge, 0, sizeof(*merge));
}

/* ---- the heaviest -------------------------------------------------------- */

struct pick {
	uint64_t weight;
	const char *name;
	int64_t id;
	uint32_t number;
};

static int
pick_order(const void *left, const void *right)
{
	const struct pick *a = left, *b = right;
	int order;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	order = strcmp(a->name, b->name);
	return order != 0 ? order : a->id < b->id ? -1 : a->id > b->id;
}

/* The first of them get their ranks, and their places in the draft. */
static int
picks_rank(struct graph_merge *merge, const struct pick *picks,
    const struct uuid *base, size_t nodes_max, struct graph_draft *draft)
{
	size_t count = merge->count, i;
	int err;

	if (count > nodes_max) {
		merge->is_cut = true;
		count = nodes_max;
	}
	err = graph_draft_init(draft, merge->reader, base, count);
	for (i = 0; err == 0 && i < count; i++) {
		merge->entities[picks[i].number].rank = (uint32_t)i;
		draft->entities[i].id = picks[i].id;
		draft->entities[i].name = picks[i].name;
	}
	return err;
}

static int
picks_make(struct graph_merge *merge, const struct uuid *base,
    size_t nodes_max, struct graph_draft *draft)
{
	struct pick *picks;
	size_t count = 0, i;
	int err;

	picks = mem_array(merge->count + 1, sizeof(*picks));
	if (picks == NULL)
		return ERR_NOMEM;
	for (i = 0; i < merge->ids.count; i++)
		if (merge->entities[i].into == i)
			picks[count++] = (struct pick){
			    merge->entities[i].weight,
			    merge->entities[i].name, merge->ids.list[i],
			    (uint32_t)i};
	if (count > 1)
		qsort(picks, count, sizeof(*picks), pick_order);
	err = picks_rank(merge, picks, base, nodes_max, draft);
	mem_free(picks);
	return err;
}

/* ---- what there is to say of them ---------------------------------------- */

/* Segments come one after the other, and so do those of a document. */
struct last_seen {
	int64_t segment_id, document_id;
};

struct gather {
	struct graph_merge *merge;
	struct graph_draft *draft;
	struct last_seen *seen; /* of each in the draft */
	bool with_texts;
	struct id_table others; /* relations of who is not in it: hashes */
};

/* TABLE_NONE: there was no room for it. */
static uint32_t
number_of(const struct graph_merge *merge, int64_t id)
{
	uint32_t number = id_table_find(&merge->ids, id);

	return number == TABLE_NONE ? number : entity_root(merge, number);
}

static int
gather_mention(void *arg, const struct mention_row *row)
{
	struct gather *gather = arg;
	struct last_seen *seen;
	struct draft_entity *entity;
	uint32_t number, rank;
	int err;

	number = number_of(gather->merge, row->entity_id);
	if (number == TABLE_NONE)
		return 0;
	rank = gather->merge->entities[number].rank;
	if (rank == TABLE_NONE)
		return 0;
	entity = &gather->draft->entities[rank];
	seen = &gather->seen[rank];
	entity->segments += row->segment_id != seen->segment_id;
	entity->documents += row->document_id != seen->document_id;
	*seen = (struct last_seen){row->segment_id, row->document_id};
	err = graph_draft_mention(gather->draft, rank, row);
	if (err == 0 && gather->with_texts)
		err = graph_draft_text(gather->draft, rank, row);
	return err;
}

/* Of those that are not in the draft only how many there are. */
static int
other_count(struct gather *gather, uint32_t subject, uint32_t object,
    const char *label)
{
	const uint64_t ends = (uint64_t)subject << 32 | object;
	uint64_t hash = XXH3_64bits_withSeed(label, strlen(label), ends);
	uint32_t number;
	int err;

	err = id_table_put(&gather->others, (int64_t)hash, &number);
	if (err != ERR_TOO_BIG)
		return err;
	gather->merge->is_cut = true;
	return 0;
}

static int
gather_relation(void *arg, const struct relation_row *row)
{
	struct gather *gather = arg;
	const struct merge_entity *entities = gather->merge->entities;
	uint32_t subject, object;

	subject = number_of(gather->merge, row->subject_id);
	object = number_of(gather->merge, row->object_id);
	if (subject == TABLE_NONE || object == TABLE_NONE ||
	    subject == object)
		return 0;
	if (entities[subject].rank == TABLE_NONE ||
	    entities[object].rank == TABLE_NONE)
		return other_count(gather, subject, object, row->label);
	return graph_draft_relation(gather->draft, entities[subject].rank,
	    entities[object].rank, row->label, row->weight);
}

int
graph_merge_draft(struct graph_merge *merge, const struct uuid *base,
    size_t nodes_max, bool with_texts, struct graph_draft *draft,
    uint64_t *ret_relations)
{
	struct gather gather = {.merge = merge, .draft = draft,
	    .with_texts = with_texts};
	int err;

	err = picks_make(merge, base, nodes_max, draft);
	if (err < 0)
		return err;
	id_table_init(&gather.others, RELATIONS_READ_MAX);
	gather.seen = mem_array(draft->count + 1, sizeof(*gather.seen));
	if (gather.seen == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	memset(gather.seen, 0, (draft->count + 1) * sizeof(*gather.seen));
	err = store_graph_each(merge->reader, merge->base_id,
	    draft->count > 0 ? gather_mention : NULL, gather_relation,
	    &gather);
	if (err == 0)
		*ret_relations = draft->edges.count + gather.others.count;
out:
	mem_free(gather.seen);
	id_table_fini(&gather.others);
	return err;
}
