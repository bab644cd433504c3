/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/outcome.h"
#include "search/vector.h"

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
	buf_fini(&batch->data);
	mem_free(batch);
}

/* Each segment's section (terminated) is followed by its text, and all of
 * them stand in order, so lengths are enough to find them again. */
int
segment_batch_add(struct segment_batch *batch, const struct segment *segment)
{
	struct segment *s;

	ASSERT(batch->count < batch->size);
	s = &batch->segments[batch->count];
	*s = *segment;
	(void)buf_put(&batch->data, segment->section,
	    strlen(segment->section) + 1);
	(void)buf_put(&batch->data, segment->text, segment->text_len);
	if (batch->data.err == 0)
		batch->count++;
	return batch->data.err;
}

/* Walk over the data and let each segment's pointers lead into it. */
static void
batch_point(const struct segment_batch *batch)
{
	const char *at = batch->data.data;
	struct segment *s;
	size_t i;

	for (i = 0; i < batch->count; i++) {
		s = &batch->segments[i];
		s->section = at;
		s->text = at + strlen(at) + 1;
		at = s->text + s->text_len;
	}
}

void
segment_batch_texts(const struct segment_batch *batch)
{
	batch_point(batch);
}

int
segment_batch_seal(struct segment_batch *batch, const float *vectors,
    size_t dimensions)
{
	size_t i, texts = batch->data.len;
	struct segment *s;
	int err;

	err = buf_reserve(&batch->data, batch->count * dimensions);
	if (err < 0)
		return err;
	batch_point(batch);
	for (i = 0; i < batch->count; i++) {
		s = &batch->segments[i];
		s->dimensions = dimensions;
		s->vector = (const int8_t *)batch->data.data + texts +
		    i * dimensions;
		vector_quantise(vectors + i * dimensions, dimensions,
		    (int8_t *)batch->data.data + texts + i * dimensions,
		    &s->scale);
	}
	batch->data.len += batch->count * dimensions;
	return 0;
}
