/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked, as words and as vectors.
 *
 * Bases may answer by different embedders, so the query has a vector of each.
 * Which these are is looked up before it is embedded, and again in the snapshot
 * that is searched: a base that has changed in between is asked again.
 */
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "engine/embedding.h"
#include "engine/query_int.h"
#include "engine/terms.h"
#include "search/vector.h"

static int
vector_make(struct search *search, const struct embedding *embedding,
    struct err_note *note)
{
	struct query_vector *vector = &search->vectors[search->vector_count];
	struct embed_text text = {search->text, strlen(search->text)};
	struct embed_call call = {.is_awaited = true, .is_query = true};
	size_t dimensions = embedding->embedder->dimensions;
	float *components;
	int err;

	/* It has not made a vector yet: there is nothing to compare with. */
	if (dimensions == 0)
		return err_set(note, ERR_UPSTREAM, "nothing is embedded yet");
	components = mem_array(dimensions, sizeof(*components));
	if (components == NULL)
		return ERR_NOMEM;
	err = embedding_run(embedding, &call, &text, 1, components, note);
	if (err == 0) {
		vector_quantise(components, dimensions, vector->bytes,
		    &vector->scale);
		vector->dimensions = dimensions;
		vector->embedder_id = embedding->id;
		vector->is_by_spelling = embedding->embedder->is_by_spelling;
		search->vector_count++;
	}
	mem_free(components);
	return err;
}

const struct query_vector *
search_vector(const struct search *search, const struct base_ref *base)
{
	size_t i;

	for (i = 0; i < search->vector_count; i++)
		if (search->vectors[i].embedder_id == base->embedder_id)
			return &search->vectors[i];
	return NULL;
}

bool
search_cosine(const struct search *search, const struct base_ref *base,
    const struct vector_kept *vector, double *ret_cosine)
{
	const struct query_vector *query = search_vector(search, base);

	if (query == NULL || vector->embedder_id != base->embedder_id ||
	    vector->dimensions != query->dimensions)
		return false;
	*ret_cosine = (double)vector_dot(query->bytes, vector->bytes,
			  vector->dimensions) *
	    (double)query->scale * (double)vector->scale;
	return true;
}

/* By the embedder of one base, unless it has been: 0, or why there is no
 * vector; ERR_NOMEM. */
static int
base_embed(struct search *search, const struct base_ref *base,
    struct err_note *note)
{
	const struct embedding *embedding;
	int err;

	if (search_vector(search, base) != NULL)
		return 0;
	if (search->vector_count == QUERY_EMBEDDERS_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the bases answer by more than %u models",
		    QUERY_EMBEDDERS_MAX);
	err = embedding_of(search->engine, search->reader, base->embedder_id,
	    &embedding, note);
	return err < 0 ? err : vector_make(search, embedding, note);
}

/* Which bases there are is found out again in the snapshot. */
static int
bases_embed(struct search *search, int64_t account_id,
    const struct uuid *bases, size_t base_count, struct err_note *note)
{
	bool is_by_words = false;
	struct base_ref base;
	size_t i;
	int err;

	search->asked_count = 0;
	for (i = 0; i < base_count; i++) {
		err = base_ref_find(search->reader, account_id, &bases[i],
		    &base);
		if (err == ERR_NOT_FOUND)
			return err_set(note, err, "there is no such base");
		if (err < 0)
			return err;
		search->asked_of[search->asked_count++] = base;
		err = base_embed(search, &base, note);
		if (err == ERR_NOMEM)
			return err;
		if (err < 0) {
			log_debug("a base is asked by words: %s",
			    err_words(note, err));
			is_by_words = true;
		}
		if (note != NULL)
			note->text[0] = '\0';
	}
	if (search->vector_count == 0)
		search->semantic_ratio = 0;
	if (search->query->ret_is_by_words != NULL)
		*search->query->ret_is_by_words = is_by_words;
	return 0;
}

int
search_ask(struct search *search, int64_t account_id,
    const struct uuid *bases, size_t base_count, struct err_note *note)
{
	search->semantic_ratio = search->query->semantic_ratio;
	search->vector_count = search->asked_count = 0;
	terms_of(search->text, &search->engine->stops, &search->terms);
	search_operators_terms(search);
	if (search->terms.count == 0 || search->is_list ||
	    search->semantic_ratio <= 0)
		return 0;
	return bases_embed(search, account_id, bases, base_count, note);
}

bool
search_is_overtaken(const struct search *search)
{
	size_t i, k;

	for (i = 0; i < search->base_count && search->asked_count > 0; i++)
		for (k = 0; k < search->asked_count; k++)
			if (search->asked_of[k].id == search->bases[i].id &&
			    search->asked_of[k].embedder_id !=
				search->bases[i].embedder_id)
				return true;
	return false;
}
