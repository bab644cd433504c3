/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows are read twice: to see how much there is, and into one block that
 * holds all of it.  Rows name entities by their ids, which are those of the
 * base that is read; segments that are added name their own mentions.  Mentions
 * come in order of the ids.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/base_copy_graph.h"
#include "store/store_copy.h"
#include "store/store_graph.h"

struct block {
	struct segment_graph graph;
	struct mention *mentions;
	struct relation *relations;
	int64_t *ids; /* of the mentions */
	char *text;
	size_t mention_count, relation_count, text_bytes; /* in it */
	size_t mention_size, relation_size, text_size; /* that have room */
};

static size_t
text_size(const char *text)
{
	return text == NULL ? 0 : strlen(text) + 1;
}

static int
mention_measure(void *arg, const struct mention_row *row)
{
	struct block *block = arg;

	block->mention_size++;
	block->text_size += text_size(row->key) + text_size(row->name) +
	    text_size(row->type) + text_size(row->alias_key) +
	    text_size(row->description);
	return 0;
}

static int
relation_measure(void *arg, const struct relation_row *row)
{
	struct block *block = arg;

	block->relation_size++;
	block->text_size += text_size(row->label);
	return 0;
}

/* NULL stays NULL. */
static const char *
text_put(struct block *block, const char *text)
{
	size_t size = text_size(text);
	char *copy = block->text + block->text_bytes;

	if (text == NULL)
		return NULL;
	memcpy(copy, text, size);
	block->text_bytes += size;
	return copy;
}

static int
mention_put(void *arg, const struct mention_row *row)
{
	struct block *block = arg;
	struct mention *m;

	if (block->mention_count == block->mention_size)
		return ERR_CORRUPT;
	block->ids[block->mention_count] = row->entity_id;
	m = &block->mentions[block->mention_count++];
	m->key = text_put(block, row->key);
	m->name = text_put(block, row->name);
	m->type = text_put(block, row->type);
	m->alias_key = text_put(block, row->alias_key);
	m->description = text_put(block, row->description);
	m->weight = row->weight;
	return 0;
}

static int
id_compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static int
end_find(const struct block *block, int64_t id, uint32_t *ret_index)
{
	const int64_t *at = NULL;

	if (block->mention_count > 0)
		at = bsearch(&id, block->ids, block->mention_count,
		    sizeof(id), id_compare);
	if (at == NULL)
		return ERR_CORRUPT;
	*ret_index = (uint32_t)(at - block->ids);
	return 0;
}

static int
relation_put(void *arg, const struct relation_row *row)
{
	struct block *block = arg;
	struct relation *r;
	int err;

	if (block->relation_count == block->relation_size)
		return ERR_CORRUPT;
	r = &block->relations[block->relation_count++];
	r->label = text_put(block, row->label);
	r->weight = row->weight;
	err = end_find(block, row->subject_id, &r->subject);
	return err < 0 ? err : end_find(block, row->object_id, &r->object);
}

/* One block with room for what was measured; its parts stand in the order of
 * their alignment. */
static struct block *
block_new(const struct block *measured, size_t *ret_bytes)
{
	struct block *block;
	size_t bytes;

	bytes = sizeof(*block) +
	    measured->mention_size * sizeof(struct mention) +
	    measured->mention_size * sizeof(int64_t) +
	    measured->relation_size * sizeof(struct relation) +
	    measured->text_size;
	block = mem_alloc(bytes);
	if (block == NULL)
		return NULL;
	*block = *measured;
	block->mentions = (struct mention *)(block + 1);
	block->ids = (int64_t *)(block->mentions + block->mention_size);
	block->relations =
	    (struct relation *)(block->ids + block->mention_size);
	block->text = (char *)(block->relations + block->relation_size);
	*ret_bytes = bytes;
	return block;
}

int
segment_graph_read(struct store *reader, int64_t segment_id,
    struct segment_graph **ret_graph, size_t *ret_bytes)
{
	struct block measured = {.mention_count = 0}, *block = NULL;
	size_t bytes = 0;
	int err;

	err = store_copy_graph(reader, segment_id, mention_measure,
	    relation_measure, &measured);
	if (err == 0 && measured.mention_size > SEGMENT_MENTIONS_MAX)
		err = ERR_CORRUPT;
	if (err == 0 && measured.relation_size > SEGMENT_RELATIONS_MAX)
		err = ERR_CORRUPT;
	if (err == 0 && measured.mention_size > 0) {
		block = block_new(&measured, &bytes);
		err = block == NULL ? ERR_NOMEM
				    : store_copy_graph(reader, segment_id,
					  mention_put, relation_put, block);
	}
	if (err < 0) {
		mem_free(block);
		return err;
	}
	*ret_graph = NULL;
	*ret_bytes = bytes;
	if (block == NULL)
		return 0;
	block->graph = (struct segment_graph){block->mentions,
	    (uint32_t)block->mention_count, block->relations,
	    (uint32_t)block->relation_count};
	*ret_graph = &block->graph;
	return 0;
}
