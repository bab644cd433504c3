/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <xxhash.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "engine/graph_table.h"
#include "sys/rng.h"

#define LIST_FIRST 64u /* entries that there is room for at first */
#define TEXT_BLOCK_BYTES (32 * KIB)

/* ---- slots --------------------------------------------------------------- */

static void
slots_init(struct table_slots *where)
{
	memset(where, 0, sizeof(*where));
	rng_bytes(&where->seed, sizeof(where->seed));
}

typedef uint64_t hash_fn(const void *table, uint32_t number);

/* Slots for size entries, at most half of them taken. */
static int
slots_grow(struct table_slots *where, size_t size, size_t count,
    hash_fn *hash, const void *table)
{
	uint32_t *slots;
	size_t i, at;

	slots = mem_array(2 * size, sizeof(*slots));
	if (slots == NULL)
		return ERR_NOMEM;
	memset(slots, 0, 2 * size * sizeof(*slots));
	for (i = 0; i < count; i++) {
		at = hash(table, (uint32_t)i) & (2 * size - 1);
		while (slots[at] != 0)
			at = (at + 1) & (2 * size - 1);
		slots[at] = (uint32_t)i + 1;
	}
	mem_free(where->slots);
	where->slots = slots;
	where->size = 2 * size;
	return 0;
}

/* A list that is full, with the slots of its entries. */
struct growth {
	size_t entry_bytes, count, max;
	struct table_slots *where;
	hash_fn *hash;
	const void *table;
};

/* Room for more, in the slots as well.  ERR_TOO_BIG: max of them are there. */
static int
list_grow(const struct growth *growth, void *list, size_t *size,
    void **ret_list)
{
	size_t bigger = *size == 0 ? LIST_FIRST : 2 * *size;
	void *grown;
	int err;

	if (growth->count >= growth->max)
		return ERR_TOO_BIG;
	ASSERT(bigger < TABLE_NONE / 2);
	err = slots_grow(growth->where, bigger, growth->count, growth->hash,
	    growth->table);
	if (err < 0)
		return err;
	grown = mem_resize(list, bigger, growth->entry_bytes);
	if (grown == NULL)
		return ERR_NOMEM;
	*ret_list = grown;
	*size = bigger;
	return 0;
}

static void
slot_take(struct table_slots *where, uint64_t hash, size_t number)
{
	size_t at = hash & (where->size - 1);

	while (where->slots[at] != 0)
		at = (at + 1) & (where->size - 1);
	where->slots[at] = (uint32_t)number + 1;
}

/* ---- texts --------------------------------------------------------------- */

struct text_block {
	struct text_block *next;
	size_t used, size;
	char bytes[];
};

void
text_store_init(struct text_store *store, size_t max)
{
	*store = (struct text_store){NULL, 0, max};
}

void
text_blocks_free(struct text_block *newest)
{
	struct text_block *next;

	for (; newest != NULL; newest = next) {
		next = newest->next;
		mem_free(newest);
	}
}

void
text_store_fini(struct text_store *store)
{
	text_blocks_free(store->newest);
	store->newest = NULL;
	store->bytes = 0;
}

int
text_store_put(struct text_store *store, const char *text, size_t len,
    const char **ret_text)
{
	struct text_block *block = store->newest;
	size_t size;
	char *copy;

	if (len >= store->max - store->bytes)
		return ERR_TOO_BIG;
	if (block == NULL || block->size - block->used <= len) {
		size = len + 1 > TEXT_BLOCK_BYTES ? len + 1
						  : TEXT_BLOCK_BYTES;
		block = mem_alloc(sizeof(*block) + size);
		if (block == NULL)
			return ERR_NOMEM;
		*block = (struct text_block){store->newest, 0, size};
		store->newest = block;
	}
	copy = block->bytes + block->used;
	memcpy(copy, text, len);
	copy[len] = '\0';
	block->used += len + 1;
	store->bytes += len + 1;
	*ret_text = copy;
	return 0;
}

/* ---- words --------------------------------------------------------------- */

void
word_table_init(struct word_table *table, size_t count_max, size_t bytes_max)
{
	memset(table, 0, sizeof(*table));
	slots_init(&table->where);
	table->max = count_max;
	text_store_init(&table->texts, bytes_max);
}

void
word_table_fini(struct word_table *table)
{
	mem_free(table->where.slots);
	mem_free(table->list);
	text_store_fini(&table->texts);
	memset(table, 0, sizeof(*table));
}

static uint64_t
word_hash(const void *table, uint32_t number)
{
	const struct word_table *words = table;
	const char *text = words->list[number];

	return XXH3_64bits_withSeed(text, strlen(text), words->where.seed);
}

static int
word_table_grow(struct word_table *table)
{
	const struct growth growth = {sizeof(*table->list), table->count,
	    table->max, &table->where, word_hash, table};
	void *list;
	int err;

	if (table->count < table->size && table->count < table->max)
		return 0;
	err = list_grow(&growth, table->list, &table->size, &list);
	if (err == 0)
		table->list = list;
	return err;
}

int
word_table_put(struct word_table *table, const char *text,
    uint32_t *ret_number)
{
	size_t len = strlen(text), at;
	uint64_t hash = XXH3_64bits_withSeed(text, len, table->where.seed);
	int err;

	for (at = hash; table->where.size > 0; at++) {
		at &= table->where.size - 1;
		if (table->where.slots[at] == 0)
			break;
		if (strcmp(table->list[table->where.slots[at] - 1], text) ==
		    0) {
			*ret_number = table->where.slots[at] - 1;
			return 0;
		}
	}
	err = word_table_grow(table);
	if (err == 0)
		err = text_store_put(&table->texts, text, len,
		    &table->list[table->count]);
	if (err < 0)
		return err;
	slot_take(&table->where, hash, table->count);
	*ret_number = (uint32_t)table->count++;
	return 0;
}

/* ---- ids ----------------------------------------------------------------- */

void
id_table_init(struct id_table *table, size_t max)
{
	memset(table, 0, sizeof(*table));
	slots_init(&table->where);
	table->max = max;
}

void
id_table_fini(struct id_table *table)
{
	mem_free(table->where.slots);
	mem_free(table->list);
	memset(table, 0, sizeof(*table));
}

static uint64_t
id_hash(const void *table, uint32_t number)
{
	const struct id_table *ids = table;

	return XXH3_64bits_withSeed(&ids->list[number], sizeof(int64_t),
	    ids->where.seed);
}

uint32_t
id_table_find(const struct id_table *table, int64_t id)
{
	size_t at;

	if (table->where.size == 0)
		return TABLE_NONE;
	for (at = XXH3_64bits_withSeed(&id, sizeof(id), table->where.seed);;
	    at++) {
		at &= table->where.size - 1;
		if (table->where.slots[at] == 0)
			return TABLE_NONE;
		if (table->list[table->where.slots[at] - 1] == id)
			return table->where.slots[at] - 1;
	}
}

static int
id_table_grow(struct id_table *table)
{
	const struct growth growth = {sizeof(*table->list), table->count,
	    table->max, &table->where, id_hash, table};
	void *list;
	int err;

	if (table->count < table->size && table->count < table->max)
		return 0;
	err = list_grow(&growth, table->list, &table->size, &list);
	if (err == 0)
		table->list = list;
	return err;
}

int
id_table_put(struct id_table *table, int64_t id, uint32_t *ret_number)
{
	uint32_t number = id_table_find(table, id);
	int err = 0;

	if (number == TABLE_NONE) {
		err = id_table_grow(table);
		if (err < 0)
			return err;
		number = (uint32_t)table->count++;
		table->list[number] = id;
		slot_take(&table->where, id_hash(table, number), number);
	}
	*ret_number = number;
	return 0;
}

/* ---- threes -------------------------------------------------------------- */

void
three_table_init(struct three_table *table, size_t max)
{
	memset(table, 0, sizeof(*table));
	slots_init(&table->where);
	table->max = max;
}

void
three_table_fini(struct three_table *table)
{
	mem_free(table->where.slots);
	mem_free(table->list);
	memset(table, 0, sizeof(*table));
}

static uint64_t
three_hash(const void *table, uint32_t number)
{
	const struct three_table *threes = table;
	const struct three *three = &threes->list[number];
	const uint32_t key[3] = {three->a, three->b, three->c};

	return XXH3_64bits_withSeed(key, sizeof(key), threes->where.seed);
}

static int
three_table_grow(struct three_table *table)
{
	const struct growth growth = {sizeof(*table->list), table->count,
	    table->max, &table->where, three_hash, table};
	void *list;
	int err;

	if (table->count < table->size && table->count < table->max)
		return 0;
	err = list_grow(&growth, table->list, &table->size, &list);
	if (err == 0)
		table->list = list;
	return err;
}

int
three_table_add(struct three_table *table, uint32_t a, uint32_t b, uint32_t c,
    uint64_t weight)
{
	const uint32_t key[3] = {a, b, c};
	uint64_t hash = XXH3_64bits_withSeed(key, sizeof(key),
	    table->where.seed);
	struct three *three;
	size_t at;
	int err;

	for (at = hash; table->where.size > 0; at++) {
		at &= table->where.size - 1;
		if (table->where.slots[at] == 0)
			break;
		three = &table->list[table->where.slots[at] - 1];
		if (three->a == a && three->b == b && three->c == c) {
			three->weight += weight;
			return 0;
		}
	}
	err = three_table_grow(table);
	if (err < 0)
		return err;
	table->list[table->count] = (struct three){a, b, c, weight};
	slot_take(&table->where, hash, table->count);
	table->count++;
	return 0;
}
