/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked, as words and as a vector.
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
search_embed(struct search *search, struct err_note *note)
{
	struct engine *engine = search->engine;
	struct embed_text text = {search->text, strlen(search->text)};
	struct embed_call call = {.is_awaited = true, .is_query = true};
	size_t dimensions = engine->embedder->dimensions;
	float *components;
	int err;

	components = mem_array(dimensions, sizeof(*components));
	if (components == NULL)
		return ERR_NOMEM;
	err = embedding_run(engine, &call, &text, 1, components, note);
	if (err == 0) {
		vector_quantise(components, dimensions, search->vector,
		    &search->scale);
		search->dimensions = dimensions;
	}
	mem_free(components);
	return err;
}

int
search_ask(struct search *search, struct err_note *note)
{
	const struct query *query = search->query;
	int err;

	search->semantic_ratio = query->semantic_ratio;
	terms_of(search->text, &search->engine->stops, &search->terms);
	search_operators_terms(search);
	if (search->terms.count == 0 || search->is_list ||
	    search->semantic_ratio <= 0)
		return 0;
	/* It has not made a vector yet: there is nothing to compare with. */
	err = search->engine->embedder->dimensions == 0
	    ? err_set(note, ERR_UPSTREAM, "nothing is embedded yet")
	    : search_embed(search, note);
	if (err == 0 || err == ERR_NOMEM ||
	    search->engine->embedder->ask == NULL)
		return err;
	log_debug("a query is answered by its words: %s",
	    err_words(note, err));
	if (note != NULL)
		note->text[0] = '\0';
	search->semantic_ratio = 0;
	if (query->ret_is_by_words != NULL)
		*query->ret_is_by_words = true;
	return 0;
}
