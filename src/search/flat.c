/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeping rows.
 *
 * Chunks are as large as all before them together, between two bounds, so
 * that a base of ten segments takes little.  Chunks are never moved; a draft
 * copies the list of them and, when rows go, the bits that say which.
 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "search/cells.h"
#include "search/flat_int.h"

/* ---- chunks ------------------------------------------------------------- */

static void
chunk_unref(struct flat_chunk *chunk)
{
	if (chunk == NULL || atomic_fetch_sub(&chunk->refs, 1) != 1)
		return;
	mem_free(chunk->rows);
	mem_free(chunk);
}

static size_t
row_bytes(const struct flat *flat)
{
	return flat->stride + flat->words * sizeof(uint64_t) +
	    2 * sizeof(int64_t) + sizeof(float);
}

/* What is aligned to more goes first; a row is a multiple of 64 bytes. */
static void
chunk_divide(const struct flat *flat, struct flat_chunk *chunk,
    int8_t *memory)
{
	void *at = memory;

	chunk->rows = memory;
	at = memory + chunk->size * flat->stride;
	chunk->blocks = at;
	at = chunk->blocks + chunk->size * flat->words;
	chunk->segments = at;
	at = chunk->segments + chunk->size;
	chunk->revisions = at;
	at = chunk->revisions + chunk->size;
	chunk->scales = at;
}

static struct flat_chunk *
chunk_new(const struct flat *flat)
{
	struct flat_chunk *chunk;
	int8_t *memory;
	size_t size = flat->rows / FLAT_CHUNK_ROWS_MIN * FLAT_CHUNK_ROWS_MIN;

	if (size < FLAT_CHUNK_ROWS_MIN)
		size = FLAT_CHUNK_ROWS_MIN;
	if (size > FLAT_CHUNK_ROWS_MAX)
		size = FLAT_CHUNK_ROWS_MAX;
	chunk = mem_zalloc(sizeof(*chunk));
	memory = mem_array(size, row_bytes(flat));
	if (chunk == NULL || memory == NULL) {
		mem_free(memory);
		mem_free(chunk);
		return NULL;
	}
	mem_read_through(memory, size * row_bytes(flat));
	atomic_init(&chunk->refs, 1);
	chunk->first = flat->rows;
	chunk->size = size;
	chunk->segment_min = chunk->revision_min = INT64_MAX;
	chunk->segment_max = chunk->revision_max = INT64_MIN;
	chunk_divide(flat, chunk, memory);
	return chunk;
}

static int
chunk_append(struct flat *draft)
{
	struct flat_chunk **chunks, *chunk;
	size_t room;

	if (draft->chunk_count == draft->chunk_room) {
		room = draft->chunk_room == 0 ? 16 : draft->chunk_room * 2;
		chunks = mem_resize(draft->chunks, room, sizeof(*chunks));
		if (chunks == NULL)
			return ERR_NOMEM;
		draft->chunks = chunks;
		draft->chunk_room = room;
	}
	chunk = chunk_new(draft);
	if (chunk == NULL)
		return ERR_NOMEM;
	draft->chunks[draft->chunk_count++] = chunk;
	draft->bytes += sizeof(*chunk) + chunk->size * row_bytes(draft);
	return 0;
}

/* ---- flats -------------------------------------------------------------- */

struct flat *
flat_ref(struct flat *flat)
{
	(void)atomic_fetch_add(&flat->refs, 1);
	return flat;
}

void
flat_unref(struct flat *flat)
{
	size_t i;

	if (flat == NULL || atomic_fetch_sub(&flat->refs, 1) != 1)
		return;
	for (i = 0; i < flat->chunk_count; i++)
		chunk_unref(flat->chunks[i]);
	cells_unref(flat->cells);
	mem_free(flat->chunks);
	mem_free(flat->gone);
	mem_free(flat);
}

int
flat_new(size_t dimensions, struct flat **ret_flat)
{
	struct flat *flat;

	ASSERT(dimensions > 0 && dimensions <= DIMENSIONS_MAX);
	flat = mem_zalloc(sizeof(*flat));
	if (flat == NULL)
		return ERR_NOMEM;
	atomic_init(&flat->refs, 1);
	flat->dimensions = dimensions;
	flat->stride = near_stride(dimensions);
	flat->words = near_words(dimensions);
	flat->bytes = sizeof(*flat);
	*ret_flat = flat;
	return 0;
}

int
flat_draft(struct flat *flat, struct flat **ret_draft)
{
	struct flat *draft;
	size_t i;
	int err;

	err = flat_new(flat->dimensions, &draft);
	if (err < 0)
		return err;
	draft->chunks = mem_array(flat->chunk_count + 1,
	    sizeof(struct flat_chunk *));
	if (flat->gone_words > 0)
		draft->gone = mem_array(flat->gone_words, sizeof(uint64_t));
	if (draft->chunks == NULL ||
	    (flat->gone_words > 0 && draft->gone == NULL)) {
		flat_unref(draft);
		return ERR_NOMEM;
	}
	draft->chunk_room = flat->chunk_count + 1;
	draft->chunk_count = flat->chunk_count;
	for (i = 0; i < flat->chunk_count; i++) {
		draft->chunks[i] = flat->chunks[i];
		(void)atomic_fetch_add(&draft->chunks[i]->refs, 1);
	}
	if (flat->gone_words > 0)
		memcpy(draft->gone, flat->gone,
		    flat->gone_words * sizeof(uint64_t));
	draft->gone_words = flat->gone_words;
	draft->rows = flat->rows;
	draft->dead = flat->dead;
	draft->bytes = flat->bytes;
	if (flat->cells != NULL)
		draft->cells = cells_ref(flat->cells);
	*ret_draft = draft;
	return 0;
}

int
flat_add(struct flat *draft, const struct flat_row *row)
{
	struct flat_chunk *chunk;
	int8_t *bytes;
	size_t at;
	int err;

	if (draft->rows >= FLAT_ROWS_MAX)
		return ERR_TOO_BIG;
	chunk = draft->chunk_count == 0
	    ? NULL
	    : draft->chunks[draft->chunk_count - 1];
	if (chunk == NULL || draft->rows == chunk->first + chunk->size) {
		err = chunk_append(draft);
		if (err < 0)
			return err;
		chunk = draft->chunks[draft->chunk_count - 1];
	}
	at = draft->rows - chunk->first;
	chunk->segments[at] = row->segment_id;
	chunk->revisions[at] = row->revision_id;
	chunk->scales[at] = row->scale;
	bytes = chunk->rows + at * draft->stride;
	near_row(row->vector, draft->dimensions, bytes);
	near_code(bytes, draft->stride, NEAR_LANES,
	    flat_code(chunk->blocks, draft->words, at));
	if (row->segment_id < chunk->segment_min)
		chunk->segment_min = row->segment_id;
	if (row->segment_id > chunk->segment_max)
		chunk->segment_max = row->segment_id;
	if (row->revision_id < chunk->revision_min)
		chunk->revision_min = row->revision_id;
	if (row->revision_id > chunk->revision_max)
		chunk->revision_max = row->revision_id;
	draft->rows++;
	return 0;
}

/* ---- rows that go ------------------------------------------------------- */

static int
gone_room(struct flat *draft)
{
	size_t words = (draft->rows + 63) / 64;
	uint64_t *gone;

	if (words <= draft->gone_words)
		return 0;
	gone = mem_resize(draft->gone, words, sizeof(*gone));
	if (gone == NULL)
		return ERR_NOMEM;
	memset(gone + draft->gone_words, 0,
	    (words - draft->gone_words) * sizeof(*gone));
	draft->bytes += (words - draft->gone_words) * sizeof(*gone);
	draft->gone = gone;
	draft->gone_words = words;
	return 0;
}

/* Is one of the ids, ascending, between min and max?  The first of those. */
static size_t
first_from(const int64_t *ids, size_t count, int64_t min)
{
	size_t low = 0, high = count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (ids[middle] < min)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
kill_in(struct flat *draft, const struct flat_chunk *chunk,
    const int64_t *column, const int64_t *ids, size_t count)
{
	size_t i, row, rows, at;

	rows = draft->rows - chunk->first;
	if (rows > chunk->size)
		rows = chunk->size;
	for (i = 0; i < rows; i++) {
		at = first_from(ids, count, column[i]);
		row = chunk->first + i;
		if (at == count || ids[at] != column[i] ||
		    flat_is_gone(draft, row))
			continue;
		draft->gone[row / 64] |= 1ULL << (row % 64);
		draft->dead++;
	}
}

int
flat_kill_segments(struct flat *draft, const int64_t *ids, size_t count)
{
	const struct flat_chunk *chunk;
	size_t i, at;
	int err;

	err = gone_room(draft);
	for (i = 0; err == 0 && i < draft->chunk_count; i++) {
		chunk = draft->chunks[i];
		at = first_from(ids, count, chunk->segment_min);
		if (at < count && ids[at] <= chunk->segment_max)
			kill_in(draft, chunk, chunk->segments, ids + at,
			    count - at);
	}
	return err;
}

int
flat_kill_revisions(struct flat *draft, const int64_t *ids, size_t count)
{
	const struct flat_chunk *chunk;
	size_t i, at;
	int err;

	err = gone_room(draft);
	for (i = 0; err == 0 && i < draft->chunk_count; i++) {
		chunk = draft->chunks[i];
		at = first_from(ids, count, chunk->revision_min);
		if (at < count && ids[at] <= chunk->revision_max)
			kill_in(draft, chunk, chunk->revisions, ids + at,
			    count - at);
	}
	return err;
}

/* ---- numbers ------------------------------------------------------------ */

size_t
flat_dimensions(const struct flat *flat)
{
	return flat->dimensions;
}

size_t
flat_rows(const struct flat *flat)
{
	return flat->rows;
}

size_t
flat_dead(const struct flat *flat)
{
	return flat->dead;
}

size_t
flat_bytes(const struct flat *flat)
{
	return flat->bytes;
}
