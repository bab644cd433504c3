/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of the same thing: a short form that the text puts in brackets behind
 * the long one; a surname, or a first name that only one person has; a
 * company without its form ("Siemens" of "Siemens AG").
 */
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "graph/extract_int.h"

#define SURNAMES_MAX 64u /* people of one name that are looked at */

struct part {
	uint64_t word;
	uint32_t first_at, entity;
};

static int
compare_parts(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->word != y->word)
		return x->word < y->word ? -1 : 1;
	if (x->first_at != y->first_at)
		return x->first_at < y->first_at ? -1 : 1;
	return x->entity < y->entity ? -1 : x->entity > y->entity;
}

/* The first part with the word, or count. */
static size_t
find_part(const struct part *parts, size_t count, uint64_t word)
{
	size_t low = 0, high = count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (parts[middle].word < word)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && parts[low].word == word ? low : count;
}

static bool
ends_as_company(const struct graph_extractor *x,
    const struct draft_entity *entity)
{
	const struct cue *cue = lexicon_cue(&x->lexicon, entity->last_word);

	return entity->words == 2 && cue != NULL &&
	    (cue->roles[LANGUAGE_OTHER] & CUE_ORGEND) != 0;
}

/* One word, or with particles: "van der Waals". */
static bool
is_surname(const struct draft_entity *entity)
{
	return entity->words == 1 ||
	    (entity->words > 1 && entity->name[0] >= 'a' &&
		entity->name[0] <= 'z' &&
		entity->votes[GRAPH_PERSON] > 0);
}

static size_t
gather(const struct graph_extractor *x, bool is_last, struct part *parts)
{
	const struct draft_entity *entity;
	enum graph_type type;
	size_t count = 0;
	uint32_t i;

	for (i = 0; i < x->build.entity_count; i++) {
		entity = &x->build.entities[i];
		if (entity->words < 2 || entity->short_of != GRAPH_NONE ||
		    is_surname(entity))
			continue;
		type = graph_build_type(entity);
		if (type != GRAPH_PERSON &&
		    (is_last || !ends_as_company(x, entity)))
			continue;
		parts[count].word = is_last ? entity->last_word :
					      entity->first_word;
		parts[count].first_at = entity->first_at;
		parts[count++].entity = i;
	}
	if (count > 0)
		qsort(parts, count, sizeof(*parts), compare_parts);
	return count;
}

/* Of those with that surname the one that is mentioned most by its whole
 * name, else the last one before. */
static uint32_t
by_surname(const struct graph_extractor *x, const struct part *parts,
    size_t count, const struct draft_entity *entity)
{
	size_t at = find_part(parts, count, entity->last_word), i;
	uint32_t best = GRAPH_NONE, most = 0, mentions;

	for (i = at; i < count && i < at + SURNAMES_MAX &&
	    parts[i].word == entity->last_word; i++) {
		mentions = x->build.entities[parts[i].entity].mentions;
		if (best != GRAPH_NONE && (mentions < most ||
			(mentions == most &&
			    parts[i].first_at > entity->first_at)))
			continue;
		best = parts[i].entity;
		most = mentions;
	}
	return best;
}

static uint32_t
by_first(const struct part *parts, size_t count,
    const struct draft_entity *entity)
{
	size_t at = find_part(parts, count, entity->first_word);

	if (at == count ||
	    (at + 1 < count && parts[at + 1].word == entity->first_word))
		return GRAPH_NONE;
	return parts[at].entity;
}

static void
merge(struct graph_extractor *x, uint32_t other, uint32_t entity,
    bool is_alias)
{
	/* What it is the same as may be the same as another by now. */
	while (x->build.entities[entity].same_as != GRAPH_NONE)
		entity = x->build.entities[entity].same_as;
	if (entity == other)
		return;
	if (is_alias && x->build.entities[entity].alias_key == NULL)
		x->build.entities[entity].alias_key =
		    x->build.entities[other].key;
	graph_build_same(&x->build, other, entity);
}

static void
merge_short(struct graph_extractor *x, const struct part *lasts,
    size_t last_count, const struct part *firsts, size_t first_count)
{
	const struct draft_entity *entity;
	enum graph_type type;
	uint32_t i, whole;

	for (i = 0; i < x->build.entity_count; i++) {
		entity = &x->build.entities[i];
		if (entity->short_of != GRAPH_NONE || !is_surname(entity))
			continue;
		type = graph_build_type(entity);
		if (type == GRAPH_DATE || type == GRAPH_AMOUNT ||
		    type == GRAPH_IDENTIFIER || type == GRAPH_WORK)
			continue;
		whole = type != GRAPH_PERSON && type != GRAPH_CONCEPT ?
			GRAPH_NONE : by_surname(x, lasts, last_count, entity);
		if (whole == GRAPH_NONE)
			whole = by_first(firsts, first_count, entity);
		if (whole != GRAPH_NONE)
			merge(x, i, whole, ends_as_company(x,
				&x->build.entities[whole]));
	}
}

int
extract_merge(struct graph_extractor *x)
{
	struct part *lasts, *firsts;
	size_t last_count, first_count;
	uint32_t i;
	int err = ERR_NOMEM;

	lasts = mem_array(x->build.entity_count, sizeof(*lasts));
	firsts = mem_array(x->build.entity_count, sizeof(*firsts));
	if (lasts == NULL || firsts == NULL)
		goto out;
	last_count = gather(x, true, lasts);
	first_count = gather(x, false, firsts);
	merge_short(x, lasts, last_count, firsts, first_count);
	for (i = 0; i < x->build.entity_count; i++) {
		if (x->build.entities[i].short_of != GRAPH_NONE &&
		    x->build.entities[i].same_as == GRAPH_NONE)
			merge(x, i, x->build.entities[i].short_of, true);
	}
	err = 0;
out:
	mem_free(lasts);
	mem_free(firsts);
	return err;
}
