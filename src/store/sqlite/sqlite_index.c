/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Full text, as it is written.
 *
 * What a transaction posts is gathered in memory and becomes a part of each
 * base before the commit, in the same transaction: what is published is found
 * with it, and what is rolled back leaves nothing.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store/sqlite/sqlite_index.h"
#include "store/sqlite/sqlite_int.h"
#include "text/stem.h"

#define SLOTS 4u
/* Of words in one builder, which needs about as much again. */
#define GATHERED_BYTES_MAX (8 * MIB)
#define PART_BYTES_MAX (GIB)

/* What was posted of one base. */
struct slot {
	int64_t base_id; /* 0: free */
	struct part_builder *builder;
	int64_t first_id, last_id;
	uint64_t bytes; /* of its words */
	uint32_t languages;
};

struct index {
	struct slot slots[SLOTS];
	unsigned next; /* the slot that is taken next */
	/* Bases that have got parts in this transaction; when they are more,
	 * those that come next wait for their next change. */
	int64_t grown[SLOTS * 8];
	size_t grown_count;
};

int
index_open(struct store *store, const char *path)
{
	size_t i;

	if (store->mode == STORE_READER)
		return pages_open(path, &store->pages);
	store->index = mem_zalloc(sizeof(*store->index));
	if (store->index == NULL)
		return ERR_NOMEM;
	for (i = 0; i < SLOTS; i++) {
		store->index->slots[i].builder = part_builder_new();
		if (store->index->slots[i].builder == NULL)
			return ERR_NOMEM;
	}
	return 0;
}

void
index_close(struct store *store)
{
	size_t i;

	pages_close(store->pages);
	stemmer_free(store->stemmer);
	for (i = 0; store->index != NULL && i < SLOTS; i++)
		part_builder_free(store->index->slots[i].builder);
	mem_free(store->index);
}

static void
slot_clear(struct slot *slot)
{
	if (slot->base_id != 0)
		part_builder_clear(slot->builder);
	slot->base_id = 0;
	slot->bytes = 0;
	slot->languages = 0;
}

static void
grown_put(struct index *index, int64_t base_id)
{
	size_t i;

	for (i = 0; i < index->grown_count; i++)
		if (index->grown[i] == base_id)
			return;
	if (index->grown_count < sizeof(index->grown) / sizeof(int64_t))
		index->grown[index->grown_count++] = base_id;
}

static int
slot_flush(struct store *store, struct slot *slot)
{
	struct part_row row = {.base_id = slot->base_id,
	    .first_id = slot->first_id, .last_id = slot->last_id,
	    .languages = slot->languages};
	struct buf bytes;
	int err = 0;

	row.docs = (int64_t)part_builder_docs(slot->builder);
	if (row.docs > 0) {
		buf_init(&bytes, PART_BYTES_MAX);
		err = part_builder_end(slot->builder, &bytes);
		row.bytes = bytes.len;
		if (err == 0)
			err = part_store(store, &row, bytes.data);
		buf_fini(&bytes);
		grown_put(store->index, slot->base_id);
	}
	if (err == 0)
		slot_clear(slot);
	return err;
}

int
index_flush(struct store *store)
{
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && store->index != NULL && i < SLOTS; i++)
		if (store->index->slots[i].base_id != 0)
			err = slot_flush(store, &store->index->slots[i]);
	return err;
}

int
index_settle(struct store *store)
{
	struct index *index = store->index;
	size_t i;
	int err;

	err = index_flush(store);
	for (i = 0; err == 0 && i < index->grown_count; i++)
		err = index_merge_now(store, index->grown[i]);
	index->grown_count = 0;
	return err;
}

void
index_forget(struct store *store)
{
	size_t i;

	if (store->index == NULL)
		return;
	for (i = 0; i < SLOTS; i++)
		slot_clear(&store->index->slots[i]);
	store->index->grown_count = 0;
}

static struct slot *
slot_of(struct index *index, int64_t base_id)
{
	size_t i;

	for (i = 0; i < SLOTS; i++)
		if (index->slots[i].base_id == base_id)
			return &index->slots[i];
	return NULL;
}

/* A slot that takes the segment next: ids of one part rise. */
static int
slot_take(struct store *store, const struct posting *posting,
    struct slot **ret_slot)
{
	struct index *index = store->index;
	struct slot *slot;
	int err = 0;

	slot = slot_of(index, posting->base_id);
	if (slot == NULL)
		slot = &index->slots[index->next++ % SLOTS];
	if (slot->base_id != 0 && (slot->base_id != posting->base_id ||
		slot->last_id >= posting->segment_id ||
		slot->bytes >= GATHERED_BYTES_MAX))
		err = slot_flush(store, slot);
	if (err < 0)
		return err;
	if (slot->base_id == 0)
		slot->first_id = posting->segment_id;
	slot->base_id = posting->base_id;
	slot->last_id = posting->segment_id;
	*ret_slot = slot;
	return 0;
}

int
index_add(struct store *store, const struct posting *posting)
{
	struct slot *slot;
	uint64_t bytes = 0;
	int err;

	err = slot_take(store, posting, &slot);
	if (err == 0)
		err = part_builder_doc(slot->builder, posting->segment_id,
		    posting->stamp);
	if (err == 0)
		err = index_words(store, posting, slot->builder, &bytes);
	if (err < 0)
		return err;
	slot->bytes += bytes;
	slot->languages |= 1u << posting->stems;
	return 0;
}

int
index_lose(struct store *store, int64_t base_id, int64_t first_id,
    int64_t last_id)
{
	struct slot *slot = slot_of(store->index, base_id);
	struct q q;
	int err = 0;

	/* What is not a part yet can lose nothing. */
	if (slot != NULL && last_id >= slot->first_id)
		err = slot_flush(store, slot);
	if (err < 0)
		return err;
	q_open(&q, store, STMT_PARTS_LOSE);
	q_int(&q, base_id);
	q_int(&q, first_id);
	q_int(&q, last_id);
	return q_run(&q);
}

int
index_base_drop(struct store *store, int64_t base_id)
{
	struct slot *slot = slot_of(store->index, base_id);
	int err;

	if (slot != NULL)
		slot_clear(slot);
	err = stmt_run_1(store, STMT_BASE_DELETE_PART_PAGES, base_id);
	return err < 0 ? err
		       : stmt_run_1(store, STMT_BASE_DELETE_PARTS, base_id);
}
