/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching: words through the full-text index, nearness through a flat scan
 * of the quantised vectors, fused; all in one snapshot of the store, whose
 * generation the answer carries (promise 4).
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "engine/engine_int.h"
#include "engine/query_int.h"
#include "engine/terms.h"
#include "search/filter.h"
#include "search/fuse.h"

/* Each list gives more than is asked for, so that what both find rises. */
#define CANDIDATES_MIN 50u
/* A query takes so many snapshots at most, each newer than the last. */
#define SNAPSHOTS_MAX 8u

/* ---- candidates --------------------------------------------------------- */

static int
revision_compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

bool
allowed_has(const struct allowed *allowed, int64_t revision_id)
{
	return allowed->count > 0 &&
	    bsearch(&revision_id, allowed->revisions, allowed->count,
		sizeof(int64_t), revision_compare) != NULL;
}

bool
search_allows(const struct search *search, int64_t revision_id)
{
	return (search->query->filter == NULL &&
		   !search_asks(search, ASK_OF_DOCUMENT)) ||
	    allowed_has(&search->allowed, revision_id);
}

int
allowed_put(struct allowed *allowed, int64_t revision_id)
{
	int64_t *revisions;
	size_t size;

	if (allowed->count == allowed->size) {
		size = allowed->size == 0 ? 256 : allowed->size * 2;
		revisions = mem_resize(allowed->revisions, size,
		    sizeof(*revisions));
		if (revisions == NULL)
			return ERR_NOMEM;
		allowed->revisions = revisions;
		allowed->size = size;
	}
	allowed->revisions[allowed->count++] = revision_id;
	return 0;
}

void
allowed_settle(struct allowed *allowed)
{
	if (allowed->count > 1)
		qsort(allowed->revisions, allowed->count, sizeof(int64_t),
		    revision_compare);
}

bool
search_filter_holds(const struct search *search,
    const struct document *document)
{
	struct uuid uuid = uuid_of_row(&document->base_uuid,
	    (uint64_t)document->id);
	struct filter_subject subject;
	char id[UUID_TEXT_SIZE];
	json_t *metadata;
	bool holds;

	if (search->query->filter == NULL)
		return true;
	uuid_format(&uuid, id);
	metadata = json_loads(document->metadata, 0, NULL);
	subject = (struct filter_subject){.metadata = metadata,
	    .name = document->name, .uri = document->uri,
	    .created_us = document->created_us,
	    .updated_us = document->updated_us, .id = id};
	holds = filter_holds(search->query->filter, &subject);
	json_decref(metadata);
	return holds;
}

static int
filter_document(void *arg, const struct document *document)
{
	struct search *search = arg;

	if (document->revision_id == 0 || !search_takes(search, document) ||
	    !search_filter_holds(search, document))
		return 0;
	return allowed_put(&search->allowed, document->revision_id);
}

int
search_documents(struct search *search, int64_t base_id, document_fn *fn,
    void *arg)
{
	const struct document_filter all = {.base_id = base_id,
	    .limit = INT32_MAX};

	/* Operators ask little of a document, filters anything. */
	return search->query->filter == NULL
	    ? store_documents_found(search->reader, base_id, fn, arg)
	    : store_documents_each(search->reader, &all, fn, arg);
}

/* The filter first, over all documents: then both lists hold only what it lets
 * through, however few that are. */
static int
search_filter(struct search *search)
{
	size_t i;
	int err = 0;

	if (search->query->filter == NULL &&
	    !search_asks(search, ASK_OF_DOCUMENT))
		return 0;
	for (i = 0; err == 0 && i < search->base_count; i++)
		err = search_documents(search, search->bases[i].id,
		    filter_document, search);
	allowed_settle(&search->allowed);
	return err;
}

/* ---- answers ------------------------------------------------------------ */

/* Several models are no less than the best of them. */
static double
search_ratio(const struct search *search)
{
	size_t i;

	for (i = 0; i < search->vector_count; i++)
		if (!search->vectors[i].is_by_spelling)
			return search->semantic_ratio;
	return fuse_spelling_ratio(search->semantic_ratio);
}

/* What is asked for by words and by nearness, fused; *ret_count of them. */
static int
search_rank(struct search *search, size_t *ret_count)
{
	bool has_words = search->semantic_ratio < 1 || search_demands(search);
	bool has_vectors = search->vector_count > 0;
	int err;

	err = search_filter(search);
	if (err == 0 && has_words && has_vectors &&
	    !search_asks(search, ASK_OF_SEGMENT)) {
		err = search_both(search);
	} else {
		if (err == 0 && has_words)
			err = search_words(search);
		if (err == 0 && has_vectors)
			err = search_asks(search, ASK_OF_SEGMENT)
			    ? search_vectors_accepted(search)
			    : search_vectors(search);
	}
	if (err == 0)
		*ret_count = fuse(search->candidates, search->lexical_count,
		    has_vectors ? search->top.count : 0,
		    search->query->fusion, search_ratio(search));
	return err;
}

static int
search_run(struct search *search, struct giving *giving)
{
	const struct query *query = search->query;
	size_t i, count = 0;
	int err;

	/* A query of blanks and signs asks for nothing: whatever is nearest to
	 * it by chance is no answer. */
	if (search->terms.count == 0 && !search->is_list)
		return 0;
	if (search->is_list) {
		err = search_list(search);
		count = search->lexical_count;
	} else {
		err = search_rank(search, &count);
	}
	for (i = 0; err == 0 && i < count && giving->results < query->limit &&
	    search->candidates[i].score >= query->score_min; i++)
		err = query_give(giving, &search->candidates[i]);
	return err;
}

/* What a search works with, by how much it is asked for. */
static int
search_room(struct search *search, struct giving *giving,
    size_t base_count)
{
	const struct query *query = search->query;
	/* Each has its nearest. */
	size_t groups = base_count < QUERY_EMBEDDERS_MAX ? base_count
							 : QUERY_EMBEDDERS_MAX;
	bool is_asked = search_asks(search, ASK_OF_SEGMENT);

	search->size = query->limit > CANDIDATES_MIN ? query->limit
						     : CANDIDATES_MIN;
	if (query->per_document_max > 0) {
		/* Who is left out makes room for the next. */
		search->size = QUERY_LIMIT_MAX;
		giving->given = mem_array(query->limit,
		    sizeof(*giving->given));
		if (giving->given == NULL)
			return ERR_NOMEM;
	}
	/* The nearest of those that it is true of, and not of those with the
	 * best words alone. */
	if (search->vector_count > 0 && search_demands(search))
		search->size = QUERY_LIMIT_MAX;
	search->candidates = mem_array(is_asked
		? (2 * base_count + groups) * QUERY_LIMIT_MAX
		: (base_count + groups) * search->size,
	    sizeof(*search->candidates));
	return search->candidates == NULL ? ERR_NOMEM : 0;
}

/* Each base once. */
static int
search_bases(struct search *search, int64_t account_id,
    const struct uuid *bases, size_t base_count, struct err_note *note)
{
	struct base_ref *ref;
	size_t i, j;
	int err;

	for (i = 0; i < base_count; i++) {
		for (j = 0; j < i; j++)
			if (uuid_is_equal(&bases[j], &bases[i]))
				break;
		if (j < i)
			continue;
		ref = &search->bases[search->base_count];
		err = base_ref_find(search->reader, account_id, &bases[i],
		    ref);
		if (err < 0)
			return err_set(note, err, "there is no such base");
		search->base_count++;
	}
	return 0;
}

/*
 * A snapshot, with the bases and what there is of their vectors in memory.
 * When others have brought these on to a newer one, it is let go for a newer
 * one, too; where that goes on and on the query goes through the store.
 */
static int
search_begin(struct search *search, int64_t account_id,
    const struct uuid *bases, size_t base_count, int64_t *ret_generation,
    struct err_note *note)
{
	unsigned tries;
	int64_t rev;
	int err;

	for (tries = 1;; tries++) {
		err = store_begin(search->reader, note);
		if (err < 0)
			return err;
		search->base_count = 0;
		err = search_bases(search, account_id, bases, base_count,
		    note);
		if (err == 0)
			err = store_stamp(search->reader, &rev,
			    ret_generation);
		if (err == 0)
			err = search_mirrors(search);
		if (err == ERR_CONFLICT && tries == SNAPSHOTS_MAX)
			err = 0;
		/* Whoever has come this far without luck is asked by words. */
		if (err == 0 && search_is_overtaken(search) &&
		    tries < SNAPSHOTS_MAX)
			err = ERR_CONFLICT;
		if (err == 0)
			return 0;
		search_mirrors_drop(search);
		store_end(search->reader);
		if (err == ERR_CONFLICT && search_is_overtaken(search))
			err = search_ask(search, account_id, bases,
			    base_count, note);
		if (err != ERR_CONFLICT && err != 0)
			return err;
	}
}

int
engine_query_bases(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *bases, size_t base_count,
    const struct query *query, int64_t *ret_generation, result_fn *fn,
    void *arg, struct err_note *note)
{
	struct giving giving = {.fn = fn, .arg = arg};
	struct search *search;
	int err;

	if (base_count == 0 || base_count > QUERY_BASES_MAX)
		return err_set(note, ERR_INVALID,
		    "a query goes over 1 to %u bases", QUERY_BASES_MAX);
	buf_init(&giving.texts,
	    RESULT_CHILDREN_MAX * (WHOLE_BYTES_MAX + 1));
	search = mem_zalloc(sizeof(*search));
	if (search == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	search->engine = engine;
	search->reader = reader;
	search->query = query;
	giving.search = search;
	if (query->ret_is_by_words != NULL)
		*query->ret_is_by_words = false;
	if (query->ret_is_partial != NULL)
		*query->ret_is_partial = false;
	err = search_operators(search);
	if (err == 0)
		err = search_ask(search, account_id, bases, base_count,
		    note);
	if (err == 0)
		err = search_room(search, &giving, base_count);
	if (err == 0)
		err = search_begin(search, account_id, bases, base_count,
		    ret_generation, note);
	if (err < 0)
		goto out;
	err = search_run(search, &giving);
	search_mirrors_drop(search);
	store_end(reader);
	atomic_fetch_add(&engine->counters.queries, 1);
out:
	buf_fini(&giving.texts);
	mem_free(giving.given);
	mem_free(search->allowed.revisions);
	mem_free(search->candidates);
	search_operators_drop(search);
	mem_free(search);
	return err;
}

int
engine_query(struct engine *engine, struct store *reader, int64_t account_id,
    const struct uuid *base, const struct query *query,
    int64_t *ret_generation, result_fn *fn, void *arg, struct err_note *note)
{
	return engine_query_bases(engine, reader, account_id, base, 1, query,
	    ret_generation, fn, arg, note);
}
