/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "engine/graph_draft.h"
#include "store/store_graph.h"

/* Of one draft: together some 100 MiB at most. */
#define WORDS_MAX (1u << 17)
#define WORDS_BYTES_MAX (8 * MIB)
#define TYPES_MAX (1u << 18)
#define EDGES_MAX (1u << 19)
#define SEGMENTS_READ_MAX (1u << 19)
#define CONTAINS_MAX (1u << 20)

int
graph_draft_init(struct graph_draft *draft, struct store *reader,
    const struct uuid *base, size_t count)
{
	memset(draft, 0, sizeof(*draft));
	draft->reader = reader;
	draft->base = *base;
	word_table_init(&draft->words, WORDS_MAX, WORDS_BYTES_MAX);
	three_table_init(&draft->types, TYPES_MAX);
	three_table_init(&draft->edges, EDGES_MAX);
	id_table_init(&draft->segments, SEGMENTS_READ_MAX);
	id_table_init(&draft->documents, SEGMENTS_READ_MAX);
	three_table_init(&draft->homes, SEGMENTS_READ_MAX);
	three_table_init(&draft->contains, CONTAINS_MAX);
	draft->entities = mem_array(count + 1, sizeof(*draft->entities));
	if (draft->entities == NULL)
		return ERR_NOMEM;
	memset(draft->entities, 0, (count + 1) * sizeof(*draft->entities));
	draft->count = count;
	return 0;
}

void
graph_draft_fini(struct graph_draft *draft)
{
	size_t i;

	for (i = 0; i < draft->count; i++)
		mem_free(draft->entities[i].description);
	mem_free(draft->entities);
	word_table_fini(&draft->words);
	three_table_fini(&draft->types);
	three_table_fini(&draft->edges);
	id_table_fini(&draft->segments);
	id_table_fini(&draft->documents);
	three_table_fini(&draft->homes);
	three_table_fini(&draft->contains);
	memset(draft, 0, sizeof(*draft));
}

/* What has no room is left out. */
static int
left_out(struct graph_draft *draft, int err)
{
	if (err != ERR_TOO_BIG)
		return err;
	draft->is_cut = true;
	return 0;
}

/* The longest tells most; of two as long the first in the alphabet, so that
 * nothing depends on their order. */
static int
description_take(struct draft_entity *entity, const char *text)
{
	size_t len, have;
	char *copy;

	if (text == NULL)
		return 0;
	if (entity->description != NULL) {
		len = strlen(text);
		have = strlen(entity->description);
		if (len < have ||
		    (len == have && strcmp(text, entity->description) >= 0))
			return 0;
	}
	copy = mem_strdup(text);
	if (copy == NULL)
		return ERR_NOMEM;
	mem_free(entity->description);
	entity->description = copy;
	return 0;
}

int
graph_draft_mention(struct graph_draft *draft, uint32_t entity,
    const struct mention_row *row)
{
	uint32_t type;
	int err;

	ASSERT(entity < draft->count);
	draft->entities[entity].weight += row->weight;
	err = description_take(&draft->entities[entity], row->description);
	if (err < 0)
		return err;
	err = word_table_put(&draft->words, row->type, &type);
	if (err == 0)
		err = three_table_add(&draft->types, entity, type, 0,
		    row->weight);
	return left_out(draft, err);
}

int
graph_draft_relation(struct graph_draft *draft, uint32_t subject,
    uint32_t object, const char *label, uint32_t weight)
{
	uint32_t word;
	int err;

	ASSERT(subject < draft->count && object < draft->count);
	ASSERT(subject != object);
	err = word_table_put(&draft->words, label, &word);
	if (err == 0)
		err = three_table_add(&draft->edges, subject, object, word,
		    weight);
	return left_out(draft, err);
}

int
graph_draft_text(struct graph_draft *draft, uint32_t entity,
    const struct mention_row *row)
{
	uint32_t segment, document;
	int err;

	err = id_table_put(&draft->segments, row->segment_id, &segment);
	if (err == 0)
		err = id_table_put(&draft->documents, row->document_id,
		    &document);
	if (err == 0)
		err = three_table_add(&draft->homes, segment, document, 0,
		    row->weight);
	if (err == 0)
		err = three_table_add(&draft->contains, segment, entity, 0,
		    row->weight);
	return left_out(draft, err);
}
