/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching by nearness: in the bases' vectors in memory (mirror.h), and where
 * there is no room for them through those of the store.
 *
 * Both are of the query's snapshot.  Revisions that it does not find are few,
 * or as many as were replaced within the hours that they are kept, so their
 * ids are read first and left out; so is what a filter does not let through.
 *
 * Where there are many vectors, and all of them in memory, they are looked at
 * by another thread (beside.h) while this one asks the store for words: they
 * share the search, but of what changes in it each has its own.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/beside.h"
#include "engine/mirror.h"
#include "engine/query_int.h"
#include "search/flat.h"
#include "store/store_vector.h"

/* Fewer vectors are looked at sooner than another thread wakes up. */
#define BESIDE_ROWS 65536u

/* ---- taking -------------------------------------------------------------- */

int
search_mirrors(struct search *search)
{
	const struct query_vector *vector;
	struct mirror_want want;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < search->base_count; i++) {
		vector = search_vector(search, &search->bases[i]);
		if (vector == NULL)
			continue;
		want = (struct mirror_want){.base_id = search->bases[i].id,
		    .embedder_id = vector->embedder_id,
		    .dimensions = vector->dimensions};
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
		mem_free(search->hidden[i].revisions);
		search->hidden[i] = (struct allowed){.revisions = NULL};
	}
}

static int
hide(void *arg, int64_t revision_id)
{
	return allowed_put(arg, revision_id);
}

/* What queries do not find of those bases whose vectors are in memory. */
static int
read_hidden(struct search *search)
{
	struct allowed *hidden;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < search->base_count; i++) {
		if (search->flats[i] == NULL)
			continue;
		hidden = &search->hidden[i];
		hidden->count = 0;
		err = store_revisions_hidden(search->reader,
		    search->bases[i].id, hide, hidden);
		allowed_settle(hidden);
	}
	return err;
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

static int
vector_hit(void *arg, const struct vector_kept *vector)
{
	struct search *search = arg;
	double cosine;

	if (!search_allows(search, vector->revision_id) ||
	    !search_cosine(search, search->near_base, vector, &cosine))
		return 0;
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
search_stored(struct search *search, const struct base_ref *base)
{
	int err;

	search->near_base = base;
	err = store_vectors_each(search->reader, base->id, vector_hit,
	    search);
	near_flush(search);
	return err;
}

/* ---- in memory ----------------------------------------------------------- */

struct scan {
	const struct search *search;
	const struct allowed *hidden;
};

static bool
is_found(void *arg, int64_t revision_id)
{
	const struct scan *scan = arg;

	return !allowed_has(scan->hidden, revision_id) &&
	    search_allows(scan->search, revision_id);
}

static int
search_flat(struct search *search, size_t i)
{
	const struct query_vector *vector =
	    search_vector(search, &search->bases[i]);
	struct scan scan = {search, &search->hidden[i]};
	const struct flat_query query = {.vector = vector->bytes,
	    .scale = vector->scale, .accept = is_found, .arg = &scan};

	return flat_search(search->flats[i], &query, &search->top);
}

/* ---- several embedders --------------------------------------------------- */

/* The nearest of those bases that answer by the i-th vector's embedder, into
 * search->top. */
static int
search_group(struct search *search, size_t which)
{
	const struct base_ref *base;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < search->base_count; i++) {
		base = &search->bases[i];
		if (search_vector(search, base) != &search->vectors[which])
			continue;
		err = search->flats[i] == NULL
		    ? search_stored(search, base)
		    : search_flat(search, i);
	}
	return err;
}

static double
best_of(const struct candidate *list, size_t count)
{
	double best = 0;
	size_t i;

	for (i = 0; i < count; i++)
		if (list[i].cosine > best)
			best = list[i].cosine;
	return best;
}

/*
 * What one model calls 0.9 another one calls 0.4: cosines of different models
 * are no common measure.  So the nearest of each is taken for as near as the
 * others' nearest, namely the mean of these, and what is behind it keeps its
 * share of it.  One embedder's cosines stay as they are.
 */
static void
groups_level(struct candidate *list, const size_t *counts, size_t groups)
{
	double best, sum = 0;
	size_t i, k, at = 0, found = 0;

	for (i = 0; i < groups; at += counts[i++]) {
		best = best_of(list + at, counts[i]);
		sum += best;
		found += best > 0;
	}
	if (found < 2)
		return;
	for (i = 0, at = 0; i < groups; at += counts[i++]) {
		best = best_of(list + at, counts[i]);
		for (k = 0; best > 0 && k < counts[i]; k++)
			list[at + k].cosine *= sum / (double)found / best;
	}
}

/* All groups lie one behind the other from list on, each with what is the
 * nearest of it. */
static int
find_nearest(struct search *search, struct candidate *list)
{
	size_t counts[QUERY_EMBEDDERS_MAX] = {0}, i, all = 0;
	int err = 0;

	top_init(&search->top, list, search->size);
	for (i = 0; err == 0 && i < search->vector_count; i++) {
		top_init(&search->top, list + all, search->size);
		err = search_group(search, i);
		counts[i] = search->top.count;
		all += counts[i];
	}
	if (err < 0)
		return err;
	groups_level(list, counts, search->vector_count);
	search->top.heap = list;
	search->top.count = all;
	return 0;
}

int
search_vectors(struct search *search)
{
	int err = read_hidden(search);

	return err < 0 ? err : find_nearest(search,
	    search->candidates + search->lexical_count);
}

/* ---- beside the words ---------------------------------------------------- */

/* Are they many, and all in memory? */
static bool
is_worth_a_thread(const struct search *search)
{
	size_t i, rows = 0;

	for (i = 0; i < search->base_count; i++) {
		if (search_vector(search, &search->bases[i]) == NULL)
			continue;
		if (search->flats[i] == NULL)
			return false;
		rows += flat_rows(search->flats[i]);
	}
	return rows >= BESIDE_ROWS;
}

/* Behind as many as words can find: how many they do is not known yet. */
static int
half_run(void *arg)
{
	struct search *search = arg;

	return find_nearest(search,
	    search->candidates + search->base_count * search->size);
}

int
search_both(struct search *search)
{
	struct beside_half half = {.fn = half_run, .arg = search};
	struct candidate *list;
	int err, err_near;

	if (!is_worth_a_thread(search)) {
		err = search_words(search);
		return err < 0 ? err : search_vectors(search);
	}
	err = read_hidden(search);
	if (err < 0)
		return err;
	if (!beside_begin(search->engine->beside, &half)) {
		err = search_words(search);
		return err < 0 ? err : find_nearest(search,
		    search->candidates + search->lexical_count);
	}
	err = search_words(search);
	err_near = beside_end(search->engine->beside, &half);
	if (err == 0)
		err = err_near;
	if (err < 0)
		return err;
	list = search->candidates + search->lexical_count;
	memmove(list, search->top.heap, search->top.count * sizeof(*list));
	search->top.heap = list;
	return 0;
}
