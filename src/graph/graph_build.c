/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gathering, and the end of it: entities that are the same become one, in the
 * order of their first mentions; relations between the same two with the same
 * label become one; that two are mentioned together is only said of those of
 * whom nothing more is known.
 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "graph/graph_build.h"
#include "graph/graph_memory.h"
#include "graph/lexicon.h"

#define SLOTS_MIN 64u

void
graph_build_init(struct graph_build *build)
{
	memset(build, 0, sizeof(*build));
}

void
graph_build_fini(struct graph_build *build)
{
	graph_memory_free(build->memory);
	mem_free(build->entities);
	mem_free(build->mentions);
	mem_free(build->relations);
	mem_free(build->slots);
	memset(build, 0, sizeof(*build));
}

char *
graph_build_text(struct graph_build *build, const char *text, size_t len)
{
	char *copy = graph_memory_get(&build->memory, len + 1, 1);

	if (copy == NULL)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

/* Room for one more in a list of items of size bytes. */
static int
grow(void *list, uint32_t count, uint32_t *room, size_t size)
{
	void **items = list, *more;
	uint32_t next = *room == 0 ? 32 : *room * 2;

	if (count < *room)
		return 0;
	more = mem_resize(*items, next, size);
	if (more == NULL)
		return ERR_NOMEM;
	*items = more;
	*room = next;
	return 0;
}

static uint32_t
find(const struct graph_build *build, uint64_t hash, const char *key,
    size_t len)
{
	const struct draft_entity *entity;
	uint32_t slot, i;

	if (build->slot_count == 0)
		return GRAPH_NONE;
	slot = (uint32_t)hash & (build->slot_count - 1);
	while ((i = build->slots[slot]) != 0) {
		entity = &build->entities[i - 1];
		if (entity->hash == hash && entity->key_len == len &&
		    memcmp(entity->key, key, len) == 0)
			return i - 1;
		slot = (slot + 1) & (build->slot_count - 1);
	}
	return GRAPH_NONE;
}

static void
put_slot(uint32_t *slots, uint32_t count, uint64_t hash, uint32_t entity)
{
	uint32_t slot = (uint32_t)hash & (count - 1);

	while (slots[slot] != 0)
		slot = (slot + 1) & (count - 1);
	slots[slot] = entity + 1;
}

/* Slots are at least twice as many as entities. */
static int
grow_slots(struct graph_build *build)
{
	uint32_t count, i, *slots;

	if (build->entity_count * 2 < build->slot_count)
		return 0;
	count = build->slot_count == 0 ? SLOTS_MIN : build->slot_count * 2;
	slots = mem_zalloc(count * sizeof(*slots));
	if (slots == NULL)
		return ERR_NOMEM;
	for (i = 0; i < build->entity_count; i++)
		put_slot(slots, count, build->entities[i].hash, i);
	mem_free(build->slots);
	build->slots = slots;
	build->slot_count = count;
	return 0;
}

uint32_t
graph_build_find(const struct graph_build *build, const char *key, size_t len)
{
	return find(build, word_hash(key, len), key, len);
}

int
graph_build_entity(struct graph_build *build, const char *name, size_t len,
    uint32_t *ret_entity)
{
	char key[GRAPH_KEY_BYTES_MAX];
	struct draft_entity *entity;
	size_t key_len;
	uint64_t hash;
	uint32_t known;

	key_len = graph_key(name, len, key);
	if (key_len == 0) {
		*ret_entity = GRAPH_NONE;
		return 0;
	}
	hash = word_hash(key, key_len);
	known = find(build, hash, key, key_len);
	if (known == GRAPH_NONE && build->entity_count == GRAPH_ENTITIES_MAX)
		build->is_cut = true;
	if (known != GRAPH_NONE || build->is_cut) {
		*ret_entity = known;
		return 0;
	}
	if (grow_slots(build) < 0 || grow(&build->entities,
		build->entity_count, &build->entity_size,
		sizeof(*build->entities)) < 0)
		return ERR_NOMEM;
	entity = &build->entities[build->entity_count];
	memset(entity, 0, sizeof(*entity));
	entity->name = graph_build_text(build, name, len);
	entity->key = graph_build_text(build, key, key_len);
	if (entity->name == NULL || entity->key == NULL)
		return ERR_NOMEM;
	entity->name_len = (uint32_t)len;
	entity->key_len = (uint32_t)key_len;
	entity->hash = hash;
	entity->same_as = entity->short_of = GRAPH_NONE;
	entity->first_at = UINT32_MAX;
	put_slot(build->slots, build->slot_count, hash, build->entity_count);
	*ret_entity = build->entity_count++;
	return 0;
}

int
graph_build_mention(struct graph_build *build, uint32_t entity,
    uint32_t start, uint32_t end)
{
	struct draft_mention *mention;

	ASSERT(entity < build->entity_count && start <= end);
	if (build->mention_count == GRAPH_MENTIONS_MAX) {
		build->is_cut = true;
		return 0;
	}
	if (grow(&build->mentions, build->mention_count, &build->mention_size,
		sizeof(*mention)) < 0)
		return ERR_NOMEM;
	mention = &build->mentions[build->mention_count++];
	mention->range.start = start;
	mention->range.end = end;
	mention->entity = entity;
	build->entities[entity].mentions++;
	if (start < build->entities[entity].first_at)
		build->entities[entity].first_at = start;
	return 0;
}

int
graph_build_relation(struct graph_build *build, uint32_t subject,
    uint32_t object, const char *label, uint32_t start, uint32_t end)
{
	struct graph_relation *relation;

	ASSERT(subject < build->entity_count && object < build->entity_count);
	if (subject == object)
		return 0;
	if (build->relation_count == GRAPH_RELATIONS_MAX) {
		build->is_cut = true;
		return 0;
	}
	if (grow(&build->relations, build->relation_count,
		&build->relation_size, sizeof(*relation)) < 0)
		return ERR_NOMEM;
	relation = &build->relations[build->relation_count++];
	memset(relation, 0, sizeof(*relation));
	relation->subject = subject;
	relation->object = object;
	relation->label = label;
	relation->evidence.start = start;
	relation->evidence.end = end;
	relation->weight = 1;
	return 0;
}

void
graph_build_same(struct graph_build *build, uint32_t other, uint32_t entity)
{
	struct draft_entity *from = &build->entities[other];
	struct draft_entity *to = &build->entities[entity];
	int i;

	ASSERT(other != entity && from->same_as == GRAPH_NONE &&
	    to->same_as == GRAPH_NONE);
	from->same_as = entity;
	for (i = 0; i < GRAPH_TYPE_END; i++)
		to->votes[i] += from->votes[i];
	if (to->alias_key == NULL)
		to->alias_key = from->alias_key;
	if (from->first_at < to->first_at)
		to->first_at = from->first_at;
}

enum graph_type
graph_build_type(const struct draft_entity *entity)
{
	enum graph_type best = GRAPH_CONCEPT;
	int i;

	for (i = GRAPH_PERSON; i < GRAPH_TYPE_END; i++) {
		if (entity->votes[i] > entity->votes[best] ||
		    (entity->votes[i] == entity->votes[best] &&
			entity->votes[i] > 0 && i < (int)best))
			best = (enum graph_type)i;
	}
	return best;
}
