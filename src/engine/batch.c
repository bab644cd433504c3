/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/graph_pack.h"
#include "engine/outcome.h"
#include "search/vector.h"
#include "store/store_graph.h"

#define ROOM_FIRST 16u /* of what grows; it doubles */

struct batch_graph {
	size_t len; /* packed */
	struct segment_graph graph;
};

struct segment_batch *
segment_batch_new(size_t size)
{
	struct segment_batch *batch;

	batch = mem_zalloc(sizeof(*batch));
	if (batch == NULL)
		return NULL;
	buf_init(&batch->data, SIZE_MAX / 2);
	batch->segments = mem_array(size, sizeof(*batch->segments));
	if (batch->segments == NULL) {
		segment_batch_free(batch);
		return NULL;
	}
	batch->size = size;
	return batch;
}

void
segment_batch_free(struct segment_batch *batch)
{
	if (batch == NULL)
		return;
	mem_free(batch->segments);
	mem_free(batch->children);
	mem_free(batch->graphs);
	mem_free(batch->mentions);
	mem_free(batch->relations);
	buf_fini(&batch->data);
	mem_free(batch);
}

static void
put_text(struct segment_batch *batch, const char *text)
{
	if (text != NULL)
		(void)buf_put(&batch->data, text, strlen(text) + 1);
}

/* Each segment's section (terminated) is followed by its text, then by answer,
 * keywords and children where it has them (all terminated) and its packed
 * graph, and all of them stand in order, so lengths are enough to find them
 * again. */
int
segment_batch_add(struct segment_batch *batch, const struct segment *segment)
{
	struct segment *s;

	ASSERT(batch->count < batch->size);
	s = &batch->segments[batch->count];
	*s = *segment;
	s->children = NULL;
	s->child_count = 0;
	s->graph = NULL;
	put_text(batch, segment->section);
	(void)buf_put(&batch->data, segment->text, segment->text_len);
	put_text(batch, segment->answer);
	put_text(batch, segment->keywords);
	if (batch->data.err == 0)
		batch->count++;
	return batch->data.err;
}

/* Room for so many in an array that doubles; returns it, NULL: no memory. */
static void *
grow(void *array, size_t wanted, size_t *size, size_t each)
{
	size_t more = *size < ROOM_FIRST ? ROOM_FIRST : *size;
	void *grown;

	if (array != NULL && wanted <= *size)
		return array;
	while (more < wanted)
		more *= 2;
	grown = mem_resize(array, more, each);
	if (grown != NULL)
		*size = more;
	return grown;
}

int
segment_batch_child(struct segment_batch *batch, const char *text, size_t len,
    uint32_t chars)
{
	struct segment *s = &batch->segments[batch->count - 1];
	struct child *children;

	ASSERT(batch->count > 0 && s->graph == NULL);
	children = grow(batch->children, batch->child_count + 1,
	    &batch->child_size, sizeof(*children));
	if (children == NULL)
		return ERR_NOMEM;
	batch->children = children;
	(void)buf_put(&batch->data, text, len);
	(void)buf_putc(&batch->data, '\0');
	if (batch->data.err < 0)
		return batch->data.err;
	batch->children[batch->child_count++] = (struct child){
	    .ordinal = (uint32_t)s->child_count++, .chars = chars,
	    .text_len = len};
	return 0;
}

static int
graph_room(struct segment_batch *batch, const struct graph_pack_size *size)
{
	struct relation *relations;
	struct mention *mentions;

	if (batch->graphs == NULL)
		batch->graphs = mem_array(batch->size,
		    sizeof(*batch->graphs));
	mentions = grow(batch->mentions,
	    batch->mention_count + size->mentions, &batch->mention_size,
	    sizeof(*mentions));
	if (mentions != NULL)
		batch->mentions = mentions;
	relations = grow(batch->relations,
	    batch->relation_count + size->relations, &batch->relation_size,
	    sizeof(*relations));
	if (relations != NULL)
		batch->relations = relations;
	return batch->graphs == NULL || mentions == NULL || relations == NULL
	    ? ERR_NOMEM : 0;
}

int
segment_batch_graph(struct segment_batch *batch, const char *packed,
    size_t len)
{
	struct graph_pack_size size;
	struct batch_graph *graph;
	int err;

	ASSERT(batch->count > 0);
	err = graph_pack_size(packed, len, &size);
	if (err == 0)
		err = graph_room(batch, &size);
	if (err == 0)
		err = buf_put(&batch->data, packed, len);
	if (err < 0)
		return err;
	batch->mention_count += size.mentions;
	batch->relation_count += size.relations;
	graph = &batch->graphs[batch->count - 1];
	graph->len = len;
	/* What it points to is told by segment_batch_texts(). */
	batch->segments[batch->count - 1].graph = &graph->graph;
	return 0;
}

size_t
segment_batch_bytes(const struct segment_batch *batch)
{
	return batch->data.len + batch->count * sizeof(struct segment) +
	    batch->child_count * sizeof(struct child) +
	    batch->mention_count * sizeof(struct mention) +
	    batch->relation_count * sizeof(struct relation);
}

static const char *
point_text(const char **at, bool is_there)
{
	const char *text = *at;

	if (!is_there)
		return NULL;
	*at += strlen(text) + 1;
	return text;
}

void
segment_batch_texts(const struct segment_batch *batch)
{
	const char *at = batch->data.data;
	struct child *child = batch->children;
	struct mention *mention = batch->mentions;
	struct relation *relation = batch->relations;
	struct batch_graph *graph;
	struct segment *s;
	size_t i, k;

	for (i = 0; i < batch->count; i++) {
		s = &batch->segments[i];
		s->section = point_text(&at, true);
		s->text = at;
		at += s->text_len;
		s->answer = point_text(&at, s->answer != NULL);
		s->keywords = point_text(&at, s->keywords != NULL);
		s->children = child;
		for (k = 0; k < s->child_count; k++, child++) {
			child->text = at;
			at += child->text_len + 1;
		}
		if (s->graph == NULL)
			continue;
		graph = &batch->graphs[i];
		graph_unpack(at, graph->len, mention, relation, &graph->graph);
		at += graph->len;
		mention += graph->graph.mention_count;
		relation += graph->graph.relation_count;
	}
}

size_t
segment_batch_vectors(const struct segment_batch *batch)
{
	return batch->of_children ? batch->child_count : batch->count;
}

const char *
segment_batch_text(const struct segment_batch *batch, size_t i,
    size_t *ret_len)
{
	if (batch->of_children) {
		*ret_len = batch->children[i].text_len;
		return batch->children[i].text;
	}
	*ret_len = batch->segments[i].text_len;
	return batch->segments[i].text;
}

int
segment_batch_room(struct segment_batch *batch, size_t dimensions)
{
	size_t size = segment_batch_vectors(batch) * dimensions, i;
	int err;

	err = buf_reserve(&batch->data, size);
	if (err < 0)
		return err;
	batch->vectors_at = batch->data.len;
	batch->dimensions = dimensions;
	batch->data.len += size;
	for (i = 0; i < batch->count; i++) {
		batch->segments[i].dimensions = dimensions;
		batch->segments[i].embedder_id = batch->embedder_id;
	}
	segment_batch_texts(batch);
	return 0;
}

void
segment_batch_vector(struct segment_batch *batch, size_t i,
    const float *vector)
{
	int8_t *to = (int8_t *)batch->data.data + batch->vectors_at +
	    i * batch->dimensions;

	if (batch->of_children) {
		vector_quantise(vector, batch->dimensions, to,
		    &batch->children[i].scale);
		batch->children[i].vector = to;
	} else {
		vector_quantise(vector, batch->dimensions, to,
		    &batch->segments[i].scale);
		batch->segments[i].vector = to;
	}
}

int
segment_batch_seal(struct segment_batch *batch, const float *vectors,
    size_t dimensions)
{
	size_t i, count;
	int err;

	err = segment_batch_room(batch, dimensions);
	count = err < 0 ? 0 : segment_batch_vectors(batch);
	for (i = 0; i < count; i++)
		segment_batch_vector(batch, i, vectors + i * dimensions);
	return err;
}
