/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts that are to become segments or children, all in one buffer, and their
 * vectors, quantised a batch at a time: components take four times the room.
 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "embed/embed.h"
#include "engine/edit.h"
#include "engine/embedding.h"
#include "engine/engine_int.h"
#include "model/block.h"
#include "search/vector.h"

#define PIECES_BYTES_MAX (32 * MIB) /* of one call */
#define EMBED_BATCH 64u
/* Room for the first ones; it doubles. */
#define PIECES_FEW 16u

void
pieces_init(struct pieces *pieces)
{
	memset(pieces, 0, sizeof(*pieces));
	buf_init(&pieces->text, PIECES_BYTES_MAX);
}

void
pieces_fini(struct pieces *pieces)
{
	buf_fini(&pieces->text);
	mem_free(pieces->list);
	mem_free(pieces->vectors);
	memset(pieces, 0, sizeof(*pieces));
}

void
pieces_clear(struct pieces *pieces)
{
	buf_clear(&pieces->text);
	pieces->count = 0;
	mem_free(pieces->vectors);
	pieces->vectors = NULL;
}

static int
pieces_grow(struct pieces *pieces)
{
	size_t size = pieces->size == 0 ? PIECES_FEW : 2 * pieces->size;
	struct piece *list;

	list = mem_resize(pieces->list, size, sizeof(*list));
	if (list == NULL)
		return ERR_NOMEM;
	pieces->list = list;
	pieces->size = size;
	return 0;
}

int
pieces_add(struct pieces *pieces, const char *text, size_t len)
{
	struct piece *piece;
	int err;

	if (pieces->count == CHILDREN_MAX)
		return ERR_TOO_BIG;
	if (pieces->count == pieces->size) {
		err = pieces_grow(pieces);
		if (err < 0)
			return err;
	}
	piece = &pieces->list[pieces->count];
	memset(piece, 0, sizeof(*piece));
	piece->at = pieces->text.len;
	piece->len = len;
	piece->chars = (uint32_t)utf8_count(text, len);
	(void)buf_put(&pieces->text, text, len);
	err = buf_putc(&pieces->text, '\0');
	if (err == 0)
		pieces->count++;
	return err;
}

static int
cut_chunk(void *arg, const struct chunk *chunk)
{
	struct pieces *pieces = arg;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < chunk->child_count; i++)
		err = pieces_add(pieces, chunk->text +
			chunk->children[i].start, chunk->children[i].len);
	return err;
}

/* A text is a document of one segment, whose children are wanted. */
int
pieces_cut(struct pieces *pieces, const struct chunk_cut *cut,
    const char *text, size_t len)
{
	struct chunk_rule rule = chunk_rule_default;
	struct block block = {.kind = BLOCK_PARAGRAPH};
	struct chunker *chunker;
	size_t at = 0;
	int err = 0;

	rule.cut.method = CHUNK_WHOLE;
	rule.child = *cut;
	chunker = chunker_new(&rule, cut_chunk, pieces);
	if (chunker == NULL)
		return ERR_NOMEM;
	while (err == 0 && at < len) {
		block.text = text + at;
		block.len = utf8_floor(text + at, len - at, BLOCK_BYTES_MAX);
		block.is_continued = at > 0;
		at += block.len;
		err = chunker_add(chunker, &block);
	}
	if (err == 0)
		err = chunker_end(chunker);
	chunker_free(chunker);
	return err;
}

static int
embed_batch(struct pieces *pieces, size_t first,
    const struct embedding *embedding, float *floats, struct err_note *note)
{
	struct embed_call call = {.is_awaited = true};
	struct embed_text texts[EMBED_BATCH] = {{NULL, 0}};
	size_t dimensions = pieces->dimensions, i, count;
	int err;

	count = pieces->count - first;
	if (count > EMBED_BATCH)
		count = EMBED_BATCH;
	for (i = 0; i < count; i++) {
		texts[i].text = pieces_text(pieces, first + i);
		texts[i].len = pieces->list[first + i].len;
	}
	err = embedding_run(embedding, &call, texts, count, floats, note);
	for (i = 0; err == 0 && i < count; i++)
		vector_quantise(floats + i * dimensions, dimensions,
		    pieces->vectors + (first + i) * dimensions,
		    &pieces->list[first + i].scale);
	return err;
}

int
pieces_embed(struct pieces *pieces, struct engine *engine,
    struct store *reader, const struct edit_place *place,
    struct err_note *note)
{
	struct embed_call call = {.is_awaited = true};
	const struct embedding *embedding = NULL;
	float *floats = NULL;
	size_t first;
	int err;

	ASSERT(pieces->vectors == NULL);
	pieces->embedder_id = place->embedder_id;
	err = embedding_of(engine, reader, place->embedder_id, &embedding,
	    note);
	/* What is missing is nothing that was asked for. */
	if (err == ERR_NOT_FOUND)
		err = ERR_UPSTREAM;
	if (err == 0)
		err = embedding_ready(engine, embedding, &call,
		    &pieces->dimensions, note);
	if (err == 0) {
		floats = mem_array(EMBED_BATCH * pieces->dimensions,
		    sizeof(*floats));
		pieces->vectors = mem_array(pieces->count,
		    pieces->dimensions);
		if (floats == NULL || pieces->vectors == NULL)
			err = err_set(note, ERR_NOMEM, "out of memory");
	}
	for (first = 0; err == 0 && first < pieces->count;
	    first += EMBED_BATCH)
		err = embed_batch(pieces, first, embedding, floats, note);
	mem_free(floats);
	if (err < 0)
		err_wrap(note, "embedding the text");
	return err;
}

bool
pieces_are_stale(const struct pieces *pieces, const struct edit_place *place)
{
	return pieces->vectors != NULL &&
	    pieces->embedder_id != place->embedder_id;
}

const char *
pieces_text(const struct pieces *pieces, size_t i)
{
	ASSERT(i < pieces->count);
	return pieces->text.data + pieces->list[i].at;
}

const int8_t *
pieces_vector(const struct pieces *pieces, size_t i)
{
	ASSERT(i < pieces->count);
	return pieces->vectors == NULL
	    ? NULL
	    : pieces->vectors + i * pieces->dimensions;
}

void
pieces_children(const struct pieces *pieces, size_t first, size_t count,
    bool with_vectors, struct child *children)
{
	const struct piece *piece;
	size_t i;

	for (i = 0; i < count; i++) {
		piece = &pieces->list[first + i];
		memset(&children[i], 0, sizeof(children[i]));
		children[i].ordinal = (uint32_t)i;
		children[i].chars = piece->chars;
		children[i].text = pieces_text(pieces, first + i);
		children[i].text_len = piece->len;
		if (with_vectors)
			children[i].vector = pieces_vector(pieces, first + i);
		children[i].scale = piece->scale;
		children[i].embedder_id = pieces->embedder_id;
	}
}
