/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching by nearness: in the bases' vectors in memory (mirror.h), and where
 * there is no room for them through those of the store.
 *
 * Both are of the query's snapshot.  Revisions that it does not find are few,
 * or as many as were replaced within the hours that they are kept, so their
 * ids are read first and left out; so is what a filter does not let through.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/mirror.h"
#include "engine/query_int.h"
#include "search/flat.h"
#include "search/vector.h"
#include "store/store_vector.h"

/* ---- taking -------------------------------------------------------------- */

int
search_mirrors(struct search *search)
{
	struct mirror_want want = {.dimensions = search->dimensions,
	    .embedder_id = search->engine->embedder_id};
	size_t i;
	int err = 0;

	if (search->dimensions == 0)
		return 0;
	for (i = 0; err == 0 && i < search->base_count; i++) {
		want.base_id = search->bases[i].id;
		err = mirrors_take(search->engine->mirrors, search->reader,
		    &want, &search->flats[i]);
		/* Then it goes through the store. */
		if (err == ERR_TOO_BIG || err == ERR_NOMEM)
			err = 0;
	}
	return err;
}

void
search_mirrors_drop(struct search *search)
{
	size_t i;

	for (i = 0; i < QUERY_BASES_MAX; i++) {
		flat_unref(search->flats[i]);
		search->flats[i] = NULL;
	}
}

/* ---- through the store --------------------------------------------------- */

/* The nearest of a segment's children stands for the segment. */
static void
near_flush(struct search *search)
{
	if (search->near_segment != 0)
		top_put(&search->top, search->near_segment,
		    search->near_cosine);
	search->near_segment = 0;
}

bool
search_compares(const struct search *search,
    const struct vector_kept *vector)
{
	return vector->embedder_id == search->engine->embedder_id &&
	    vector->dimensions == search->dimensions;
}

static int
vector_hit(void *arg, const struct vector_kept *vector)
{
	struct search *search = arg;
	double cosine;

	if (!search_compares(search, vector) ||
	    !search_allows(search, vector->revision_id))
		return 0;
	cosine = (double)vector_dot(search->vector, vector->bytes,
		     vector->dimensions) *
	    (double)search->scale * (double)vector->scale;
	if (vector->segment_id != search->near_segment) {
		near_flush(search);
		search->near_segment = vector->segment_id;
		search->near_cosine = cosine;
	} else if (cosine > search->near_cosine) {
		search->near_cosine = cosine;
	}
	return 0;
}

static int
search_stored(struct search *search, int64_t base_id)
{
	int err;

	err = store_vectors_each(search->reader, base_id, vector_hit, search);
	near_flush(search);
	return err;
}

/* ---- in memory ----------------------------------------------------------- */

struct scan {
	const struct search *search;
	struct allowed hidden; /* that queries do not find, ascending */
};

static int
hide(void *arg, int64_t revision_id)
{
	struct scan *scan = arg;

	return allowed_put(&scan->hidden, revision_id);
}

static bool
is_found(void *arg, int64_t revision_id)
{
	const struct scan *scan = arg;

	return !allowed_has(&scan->hidden, revision_id) &&
	    search_allows(scan->search, revision_id);
}

static int
search_flat(struct search *search, int64_t base_id, const struct flat *flat)
{
	struct scan scan = {.search = search};
	const struct flat_query query = {.vector = search->vector,
	    .scale = search->scale, .accept = is_found, .arg = &scan};
	int err;

	err = store_revisions_hidden(search->reader, base_id, hide, &scan);
	allowed_settle(&scan.hidden);
	if (err == 0)
		err = flat_search(flat, &query, &search->top);
	mem_free(scan.hidden.revisions);
	return err;
}

int
search_vectors(struct search *search)
{
	size_t i;
	int err = 0;

	top_init(&search->top, search->candidates + search->lexical_count,
	    search->size);
	for (i = 0; err == 0 && i < search->base_count; i++)
		err = search->flats[i] == NULL
		    ? search_stored(search, search->bases[i].id)
		    : search_flat(search, search->bases[i].id,
			  search->flats[i]);
	return err;
}
