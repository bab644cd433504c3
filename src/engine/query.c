/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching: words through the full-text index, nearness through a flat scan
 * of the quantised vectors, fused; all in one snapshot of the store, whose
 * generation the answer carries (promise 4).
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "engine/engine_int.h"
#include "search/filter.h"
#include "search/fuse.h"
#include "search/vector.h"
#include "text/stop.h"
#include "text/words.h"
#include "text/words_scan.h"

#define TERMS_MAX 64
/* Each list gives more than is asked for, so that what both find rises. */
#define CANDIDATES_MIN 100u

/* ---- the query's terms -------------------------------------------------- */

struct terms {
	char text[TERMS_MAX][WORD_BYTES_MAX + 1];
	const char *list[TERMS_MAX];
	size_t count;
};

static int
terms_put(void *arg, const char *term, size_t len, size_t start, size_t end)
{
	struct terms *terms = arg;
	size_t i;

	(void)start;
	(void)end;
	for (i = 0; i < terms->count; i++)
		if (strlen(terms->text[i]) == len &&
		    memcmp(terms->text[i], term, len) == 0)
			return 0;
	memcpy(terms->text[terms->count], term, len);
	terms->text[terms->count][len] = '\0';
	terms->list[terms->count] = terms->text[terms->count];
	terms->count++;
	return terms->count == TERMS_MAX;
}

static bool
term_is_stop(const struct stop_set *stops, const char *term)
{
	struct words_scan scan;

	words_scan_init(&scan, term, strlen(term));
	return words_scan_next(&scan) &&
	    stop_set_has(stops, words_scan_hash(&scan));
}

/*
 * A term that nearly every segment holds costs the most and says the least:
 * function words are dropped, unless there is nothing else.
 */
static void
terms_thin(struct terms *terms)
{
	struct stop_set stops;
	size_t i, n = 0;

	stop_set_init(&stops);
	for (i = 0; i < terms->count; i++)
		if (!term_is_stop(&stops, terms->list[i]))
			terms->list[n++] = terms->list[i];
	if (n > 0)
		terms->count = n;
}

/* ---- candidates --------------------------------------------------------- */

/* Live revisions of the documents that a filter lets through, ascending. */
struct allowed {
	int64_t *revisions;
	size_t count, size;
};

struct search {
	struct allowed allowed;
	struct engine *engine;
	struct store *reader;
	const struct query *query;
	int64_t base_id;
	struct candidate *candidates;
	size_t lexical_count, size;
	struct top top;
	int8_t vector[DIMENSIONS_MAX];
	float scale;
	size_t dimensions;
};

static int
revision_compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static bool
is_allowed(const struct search *search, int64_t revision_id)
{
	if (search->query->filter == NULL)
		return true;
	return search->allowed.count > 0 &&
	    bsearch(&revision_id, search->allowed.revisions,
		search->allowed.count, sizeof(int64_t),
		revision_compare) != NULL;
}

static int
allow(struct allowed *allowed, int64_t revision_id)
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

static int
filter_document(void *arg, const struct document *document)
{
	struct search *search = arg;
	json_t *metadata;
	bool holds;

	if (document->revision_id == 0)
		return 0;
	metadata = json_loads(document->metadata, 0, NULL);
	holds = filter_holds(search->query->filter, metadata, document->name,
	    document->uri);
	json_decref(metadata);
	return holds ? allow(&search->allowed, document->revision_id) : 0;
}

/* The filter first, over all documents: then both lists hold only what it lets
 * through, however few that are. */
static int
search_filter(struct search *search)
{
	struct document_filter all = {.base_id = search->base_id,
	    .limit = INT32_MAX};
	int err;

	if (search->query->filter == NULL)
		return 0;
	err = store_documents_each(search->reader, &all, filter_document,
	    search);
	if (search->allowed.count > 1)
		qsort(search->allowed.revisions, search->allowed.count,
		    sizeof(int64_t), revision_compare);
	return err;
}

static int
lexical_hit(void *arg, int64_t segment_id, int64_t revision_id, double score)
{
	struct search *search = arg;
	struct candidate *c;

	if (!is_allowed(search, revision_id))
		return HIT_PASSED;
	c = &search->candidates[search->lexical_count++];
	memset(c, 0, sizeof(*c));
	c->segment_id = segment_id;
	/* BM25 of a term that most segments hold may come out as zero. */
	c->lexical = score > 1e-9 ? score : 1e-9;
	c->is_lexical = true;
	return 0;
}

/* A query of blanks and signs asks for nothing: whatever is nearest to it by
 * chance is no answer. */
static bool
query_is_wordless(const struct query *query)
{
	struct terms terms = {.count = 0};

	(void)words_each(query->text, strlen(query->text), terms_put, &terms);
	return terms.count == 0;
}

static int
search_words(struct search *search)
{
	struct terms terms = {.count = 0};

	(void)words_each(search->query->text, strlen(search->query->text),
	    terms_put, &terms);
	terms_thin(&terms);
	return store_search_terms(search->reader, search->base_id, terms.list,
	    terms.count, search->size, lexical_hit, search);
}

static int
vector_hit(void *arg, int64_t segment_id, int64_t child_id,
    int64_t revision_id, const int8_t *vector, size_t dimensions, float scale)
{
	struct search *search = arg;
	int32_t dot;

	(void)child_id;
	/* Made by another embedder: not comparable. */
	if (dimensions != search->dimensions ||
	    !is_allowed(search, revision_id))
		return 0;
	dot = vector_dot(search->vector, vector, dimensions);
	top_put(&search->top, segment_id,
	    (double)dot * (double)search->scale * (double)scale);
	return 0;
}

static int
search_vectors(struct search *search, struct err_note *note)
{
	struct embedder *embedder = search->engine->embedder;
	struct embed_text text = {search->query->text,
	    strlen(search->query->text)};
	float *components;
	int err;

	search->dimensions = embedder->dimensions;
	components = mem_array(embedder->dimensions, sizeof(*components));
	if (components == NULL)
		return ERR_NOMEM;
	err = embedder->run(embedder, &text, 1, components, note);
	if (err == 0) {
		vector_quantise(components, embedder->dimensions,
		    search->vector, &search->scale);
		top_init(&search->top,
		    search->candidates + search->lexical_count,
		    search->size);
		err = store_vectors_each(search->reader, search->base_id,
		    vector_hit, search);
	}
	mem_free(components);
	return err;
}

/* ---- answers ------------------------------------------------------------ */

struct giving {
	struct search *search;
	struct base_ref base;
	struct result result;
	result_fn *fn;
	void *arg;
};

static int
give_document(void *arg, const struct document *document)
{
	struct giving *giving = arg;
	struct result *result = &giving->result;

	result->document_id = uuid_of_row(&document->base_uuid,
	    (uint64_t)document->id);
	result->name = document->name;
	result->uri = document->uri;
	result->metadata = document->metadata;
	return 0;
}

/* The document's row must stay while fn runs, so it is asked for inside. */
static int
give_with_document(void *arg, const struct document *document)
{
	struct giving *giving = arg;
	struct result *result = &giving->result;
	uint64_t segment = uuid_row(&result->segment_id);

	(void)give_document(giving, document);
	result->segment_id = uuid_of_row(&result->document_id, segment);
	return giving->fn(giving->arg, result);
}

static int
give_row(void *arg, const struct segment *segment)
{
	struct giving *giving = arg;
	struct result *result = &giving->result;

	result->segment_id = uuid_of_row(&giving->base.uuid,
	    (uint64_t)segment->id);
	result->section = segment->section;
	result->text = segment->text;
	result->text_len = segment->text_len;
	result->position = segment->ordinal;
	result->page_start = segment->page_start;
	result->page_end = segment->page_end;
	return store_document_get(giving->search->reader,
	    segment->document_id, give_with_document, giving);
}

static int
give(struct giving *giving, const struct candidate *candidate)
{
	int err;

	memset(&giving->result, 0, sizeof(giving->result));
	giving->result.score = candidate->score;
	giving->result.is_lexical = candidate->is_lexical;
	giving->result.is_vector = candidate->is_vector;
	err = store_segment_get(giving->search->reader, candidate->segment_id,
	    give_row, giving);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int
search_run(struct search *search, struct giving *giving,
    struct err_note *note)
{
	size_t i, count, vectors = 0;
	int err;

	if (query_is_wordless(search->query))
		return 0;
	err = search_filter(search);
	if (err == 0 && search->query->semantic_ratio < 1)
		err = search_words(search);
	if (err == 0 && search->query->semantic_ratio > 0) {
		err = search_vectors(search, note);
		vectors = search->top.count;
	}
	if (err < 0)
		return err;
	count = fuse(search->candidates, search->lexical_count, vectors,
	    search->query->semantic_ratio);
	if (count > search->query->limit)
		count = search->query->limit;
	for (i = 0; err == 0 && i < count; i++)
		err = give(giving, &search->candidates[i]);
	return err;
}

int
engine_query(struct engine *engine, struct store *reader, int64_t account_id,
    const struct uuid *base, const struct query *query,
    int64_t *ret_generation, result_fn *fn, void *arg, struct err_note *note)
{
	struct giving giving = {.fn = fn, .arg = arg};
	struct search *search;
	int64_t rev;
	int err;

	search = mem_zalloc(sizeof(*search));
	if (search == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	search->engine = engine;
	search->reader = reader;
	search->query = query;
	search->size = query->limit > CANDIDATES_MIN ? query->limit
						     : CANDIDATES_MIN;
	search->candidates = mem_array(2 * search->size,
	    sizeof(*search->candidates));
	giving.search = search;
	err = search->candidates == NULL ? ERR_NOMEM
					 : store_begin(reader, note);
	if (err < 0)
		goto out;
	err = base_ref_find(reader, account_id, base, &giving.base);
	if (err < 0) {
		err = err_set(note, err, "there is no such base");
	} else {
		search->base_id = giving.base.id;
		err = store_stamp(reader, &rev, ret_generation);
	}
	if (err == 0)
		err = search_run(search, &giving, note);
	store_end(reader);
	atomic_fetch_add(&engine->counters.queries, 1);
out:
	mem_free(search->allowed.revisions);
	mem_free(search->candidates);
	mem_free(search);
	return err;
}
