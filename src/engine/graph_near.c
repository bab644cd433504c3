/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "engine/graph_near.h"
#include "store/store_graph.h"

/* Entities that one question comes across. */
#define NEARS_MAX 16384u
#define NEAR_NAMES_BYTES_MAX (4 * MIB)
#define HOPS_MAX 8u /* short forms of short forms that are followed */
#define OTHERS_ASKED 3u /* tells one from several, whoever else is there */

struct hop {
	int64_t id;
	char key[ENTITY_KEY_BYTES_MAX + 1];
	char name[ENTITY_NAME_BYTES_MAX + 1];
};

void
near_table_init(struct near_table *table, struct store *reader,
    int64_t base_id)
{
	memset(table, 0, sizeof(*table));
	table->reader = reader;
	table->base_id = base_id;
	id_table_init(&table->ids, NEARS_MAX);
	id_table_init(&table->member_ids, NEARS_MAX);
	text_store_init(&table->names, NEAR_NAMES_BYTES_MAX);
}

void
near_table_fini(struct near_table *table)
{
	id_table_fini(&table->ids);
	id_table_fini(&table->member_ids);
	text_store_fini(&table->names);
	mem_free(table->list);
	mem_free(table->members);
	memset(table, 0, sizeof(*table));
}

/* ---- following short forms ----------------------------------------------- */

static int
hop_take(void *arg, const struct entity *entity)
{
	struct hop *hop = arg;

	if (strlen(entity->key) >= sizeof(hop->key) ||
	    strlen(entity->name) >= sizeof(hop->name))
		return ERR_CORRUPT;
	hop->id = entity->id;
	memcpy(hop->key, entity->key, strlen(entity->key) + 1);
	memcpy(hop->name, entity->name, strlen(entity->name) + 1);
	return 0;
}

struct others {
	int64_t self, other;
	size_t count;
};

static int
other_take(void *arg, const char *alias_key, int64_t entity_id)
{
	struct others *others = arg;

	(void)alias_key;
	if (entity_id == others->self)
		return 0;
	others->other = entity_id;
	others->count++;
	return 0;
}

/* The only other entity whose short form that key is; 0: none, or several. */
static int
other_of(struct near_table *table, const char *key, int64_t self,
    int64_t *ret_other)
{
	struct others others = {.self = self};
	int err;

	err = store_entity_alias(table->reader, table->base_id, key,
	    OTHERS_ASKED, other_take, &others);
	if (err == 0)
		*ret_other = others.count == 1 ? others.other : 0;
	return err;
}

/*
 * From hops[0] to who it is.  Where short forms lead around in a circle it is
 * the one of them with the last key, as when all of the base is merged in the
 * order of keys.
 */
static int
hops_follow(struct near_table *table, struct hop *hops,
    const struct hop **ret_end)
{
	const struct hop *end;
	size_t n, i, from;
	int64_t other = 0;
	int err;

	for (n = 0; n + 1 < HOPS_MAX; n++) {
		err = other_of(table, hops[n].key, hops[n].id, &other);
		if (err < 0)
			return err;
		if (other == 0)
			break;
		for (from = 0; from <= n && hops[from].id != other; from++)
			continue;
		if (from <= n) {
			end = &hops[from];
			for (i = from; i <= n; i++)
				if (strcmp(hops[i].key, end->key) > 0)
					end = &hops[i];
			*ret_end = end;
			return 0;
		}
		err = store_entity_get(table->reader, other, hop_take,
		    &hops[n + 1]);
		if (err == ERR_NOT_FOUND)
			break;
		if (err < 0)
			return err;
	}
	*ret_end = &hops[n];
	return 0;
}

/* ---- the table ----------------------------------------------------------- */

static int
near_put(struct near_table *table, const struct hop *hop, uint32_t *ret_near)
{
	const char *name = NULL;
	struct near *list;
	uint32_t number = id_table_find(&table->ids, hop->id);
	int err;

	*ret_near = number;
	if (number != TABLE_NONE)
		return 0;
	err = text_store_put(&table->names, hop->name, strlen(hop->name),
	    &name);
	if (err == 0)
		err = id_table_put(&table->ids, hop->id, &number);
	if (err < 0)
		return err;
	if (table->ids.size > table->size) {
		list = mem_resize(table->list, table->ids.size,
		    sizeof(*list));
		if (list == NULL)
			return ERR_NOMEM;
		table->list = list;
		table->size = table->ids.size;
	}
	table->list[number] = (struct near){.id = hop->id, .name = name,
	    .asked = TABLE_NONE, .rank = TABLE_NONE, .first = TABLE_NONE,
	    .last = TABLE_NONE};
	*ret_near = number;
	return 0;
}

/* Another id of it, behind those it has. */
static int
member_put(struct near_table *table, uint32_t near, int64_t id)
{
	struct near_member *members;
	struct near *n = &table->list[near];
	uint32_t number;
	int err;

	if (id_table_find(&table->member_ids, id) != TABLE_NONE)
		return 0;
	err = id_table_put(&table->member_ids, id, &number);
	if (err < 0)
		return err;
	if (table->member_ids.size > table->member_size) {
		members = mem_resize(table->members, table->member_ids.size,
		    sizeof(*members));
		if (members == NULL)
			return ERR_NOMEM;
		table->members = members;
		table->member_size = table->member_ids.size;
	}
	table->members[number] = (struct near_member){near, TABLE_NONE};
	if (n->first == TABLE_NONE)
		n->first = number;
	else
		table->members[n->last].next = number;
	n->last = number;
	return 0;
}

/* hops[0] is known. */
static int
near_of_hop(struct near_table *table, struct hop *hops, uint32_t *ret_near)
{
	const struct hop *end = NULL;
	uint32_t near = TABLE_NONE;
	int err;

	err = hops_follow(table, hops, &end);
	if (err == 0)
		err = near_put(table, end, &near);
	if (err == 0)
		err = member_put(table, near, end->id);
	if (err == 0)
		err = member_put(table, near, hops[0].id);
	if (err == ERR_TOO_BIG) {
		table->is_cut = true;
		near = TABLE_NONE;
		err = 0;
	}
	if (err == 0)
		*ret_near = near;
	return err;
}

int
near_of_id(struct near_table *table, int64_t id, uint32_t *ret_near)
{
	uint32_t member = id_table_find(&table->member_ids, id);
	struct hop hops[HOPS_MAX];
	int err;

	if (member != TABLE_NONE) {
		*ret_near = table->members[member].near;
		return 0;
	}
	err = store_entity_get(table->reader, id, hop_take, &hops[0]);
	if (err == ERR_NOT_FOUND) {
		*ret_near = TABLE_NONE;
		return 0;
	}
	return err < 0 ? err : near_of_hop(table, hops, ret_near);
}

int
near_of_key(struct near_table *table, const char *key, uint32_t *ret_near)
{
	struct hop hops[HOPS_MAX];
	int64_t other = 0;
	int err;

	err = store_entity_find(table->reader, table->base_id, key, hop_take,
	    &hops[0]);
	if (err == 0)
		return near_of_hop(table, hops, ret_near);
	if (err == ERR_NOT_FOUND)
		err = other_of(table, key, 0, &other);
	if (err < 0)
		return err;
	*ret_near = TABLE_NONE;
	return other == 0 ? 0 : near_of_id(table, other, ret_near);
}
