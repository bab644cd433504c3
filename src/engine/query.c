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
#include "engine/terms.h"
#include "search/filter.h"
#include "search/fuse.h"
#include "search/vector.h"

/* Each list gives more than is asked for, so that what both find rises. */
#define CANDIDATES_MIN 100u

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
	struct base_ref bases[QUERY_BASES_MAX]; /* each once */
	size_t base_count;
	/* Room for size from words of each base, and size from vectors. */
	struct candidate *candidates;
	size_t lexical_count, size;
	struct top top;
	struct terms terms;
	/* The query's; dimensions 0: it was not embedded. */
	int8_t vector[DIMENSIONS_MAX];
	float scale;
	size_t dimensions;
	/* The segment whose vectors come by, and the nearest of them. */
	int64_t near_segment;
	double near_cosine;
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
	struct uuid uuid = uuid_of_row(&document->base_uuid,
	    (uint64_t)document->id);
	struct filter_subject subject;
	char id[UUID_TEXT_SIZE];
	json_t *metadata;
	bool holds;

	if (document->revision_id == 0)
		return 0;
	uuid_format(&uuid, id);
	metadata = json_loads(document->metadata, 0, NULL);
	subject = (struct filter_subject){.metadata = metadata,
	    .name = document->name, .uri = document->uri,
	    .created_us = document->created_us,
	    .updated_us = document->updated_us, .id = id};
	holds = filter_holds(search->query->filter, &subject);
	json_decref(metadata);
	return holds ? allow(&search->allowed, document->revision_id) : 0;
}

/* The filter first, over all documents: then both lists hold only what it lets
 * through, however few that are. */
static int
search_filter(struct search *search)
{
	struct document_filter all = {.limit = INT32_MAX};
	size_t i;
	int err = 0;

	if (search->query->filter == NULL)
		return 0;
	for (i = 0; err == 0 && i < search->base_count; i++) {
		all.base_id = search->bases[i].id;
		err = store_documents_each(search->reader, &all,
		    filter_document, search);
	}
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

static int
search_words(struct search *search)
{
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < search->base_count; i++)
		err = store_search_terms(search->reader, search->bases[i].id,
		    search->terms.list, search->terms.count, search->size,
		    lexical_hit, search);
	return err;
}

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
vector_hit(void *arg, int64_t segment_id, int64_t child_id,
    int64_t revision_id, const int8_t *vector, size_t dimensions, float scale)
{
	struct search *search = arg;
	double cosine;

	(void)child_id;
	/* Made by another embedder: not comparable. */
	if (dimensions != search->dimensions ||
	    !is_allowed(search, revision_id))
		return 0;
	cosine = (double)vector_dot(search->vector, vector, dimensions) *
	    (double)search->scale * (double)scale;
	if (segment_id != search->near_segment) {
		near_flush(search);
		search->near_segment = segment_id;
		search->near_cosine = cosine;
	} else if (cosine > search->near_cosine) {
		search->near_cosine = cosine;
	}
	return 0;
}

/* The query as a vector. */
static int
search_embed(struct search *search, struct err_note *note)
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
	if (err == 0)
		vector_quantise(components, embedder->dimensions,
		    search->vector, &search->scale);
	mem_free(components);
	return err;
}

static int
search_vectors(struct search *search, struct err_note *note)
{
	size_t i;
	int err;

	err = search_embed(search, note);
	top_init(&search->top, search->candidates + search->lexical_count,
	    search->size);
	for (i = 0; err == 0 && i < search->base_count; i++) {
		err = store_vectors_each(search->reader, search->bases[i].id,
		    vector_hit, search);
		near_flush(search);
	}
	return err;
}

/* ---- children ----------------------------------------------------------- */

/* The children of one segment that the query is nearest to, best first. */
struct nearest {
	struct search *search;
	struct {
		int64_t id;
		double score;
	} list[RESULT_CHILDREN_MAX];
	size_t count;
};

static int
nearest_put(void *arg, int64_t segment_id, int64_t child_id,
    int64_t revision_id, const int8_t *vector, size_t dimensions, float scale)
{
	struct nearest *nearest = arg;
	struct search *search = nearest->search;
	double score;
	size_t i;

	(void)segment_id;
	(void)revision_id;
	if (child_id == 0 || dimensions != search->dimensions)
		return 0;
	score = (double)vector_dot(search->vector, vector, dimensions) *
	    (double)search->scale * (double)scale;
	score = score < 0 ? 0 : score > 1 ? 1 : score;
	if (nearest->count < RESULT_CHILDREN_MAX)
		nearest->count++;
	else if (score <= nearest->list[nearest->count - 1].score)
		return 0;
	for (i = nearest->count - 1; i > 0 &&
	    nearest->list[i - 1].score < score; i--)
		nearest->list[i] = nearest->list[i - 1];
	nearest->list[i].id = child_id;
	nearest->list[i].score = score;
	return 0;
}

/* ---- answers ------------------------------------------------------------ */

/* How many segments of a document were given. */
struct given {
	int64_t document_id;
	size_t count;
};

struct giving {
	struct search *search;
	struct given *given; /* NULL: nobody counts; limit of them */
	size_t given_count;
	size_t results; /* that fn has had */
	struct result result;
	struct nearest nearest;
	struct result_child children[RESULT_CHILDREN_MAX];
	struct buf texts; /* of the children */
	result_fn *fn;
	void *arg;
};

static int
give_child(void *arg, const struct child *child)
{
	struct giving *giving = arg;
	struct result *result = &giving->result;
	struct result_child *out = &giving->children[result->child_count];

	out->id = uuid_of_child(&result->segment_id, (uint64_t)child->id);
	out->position = child->ordinal;
	out->text_len = child->text_len;
	out->score = giving->nearest.list[result->child_count].score;
	result->child_count++;
	(void)buf_put(&giving->texts, child->text, child->text_len);
	return buf_putc(&giving->texts, '\0');
}

/* The texts lie one behind the other once all of them are there. */
static void
children_place(struct giving *giving)
{
	const char *text = giving->texts.data;
	size_t i;

	for (i = 0; i < giving->result.child_count; i++) {
		giving->children[i].text = text;
		text += giving->children[i].text_len + 1;
	}
	giving->result.children = giving->children;
}

static int
give_children(struct giving *giving, const struct segment *segment)
{
	struct nearest *nearest = &giving->nearest;
	struct search *search = giving->search;
	size_t i;
	int err;

	nearest->search = search;
	nearest->count = 0;
	buf_clear(&giving->texts);
	if (search->dimensions == 0)
		return 0;
	err = store_vectors_of(search->reader,
	    giving->result.document->base_id, segment->id, nearest_put,
	    nearest);
	for (i = 0; err == 0 && i < nearest->count; i++)
		err = store_child_get(search->reader, nearest->list[i].id,
		    give_child, giving);
	if (err == 0)
		children_place(giving);
	return err;
}

/* The document's row must stay while fn runs, so it is asked for inside. */
static int
give_with_document(void *arg, const struct document *document)
{
	struct giving *giving = arg;
	struct result *result = &giving->result;
	int err;

	result->document_id = uuid_of_row(&document->base_uuid,
	    (uint64_t)document->id);
	result->segment_id = uuid_of_row(&result->document_id,
	    (uint64_t)result->segment->id);
	result->document = document;
	result->name = document->name;
	result->uri = document->uri;
	result->metadata = document->metadata;
	err = give_children(giving, result->segment);
	if (err < 0)
		return err;
	giving->results++;
	return giving->fn(giving->arg, result);
}

/* Has the document had all that it may?  If not, it has one more now. */
static bool
is_exhausted(struct giving *giving, int64_t document_id)
{
	struct given *given = giving->given;
	size_t i;

	if (given == NULL)
		return false;
	for (i = 0; i < giving->given_count; i++)
		if (given[i].document_id == document_id)
			return ++given[i].count >
			    giving->search->query->per_document_max;
	if (giving->given_count == giving->search->query->limit)
		return true;
	given[giving->given_count++] =
	    (struct given){.document_id = document_id, .count = 1};
	return false;
}

static int
give_row(void *arg, const struct segment *segment)
{
	struct giving *giving = arg;
	struct result *result = &giving->result;

	if (is_exhausted(giving, segment->document_id))
		return 0;
	result->segment = segment;
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
	giving->result.lexical = candidate->lexical;
	giving->result.cosine = candidate->cosine;
	err = store_segment_get(giving->search->reader, candidate->segment_id,
	    give_row, giving);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int
search_run(struct search *search, struct giving *giving,
    struct err_note *note)
{
	const struct query *query = search->query;
	size_t i, count, vectors = 0;
	int err;

	/* A query of blanks and signs asks for nothing: whatever is nearest to
	 * it by chance is no answer. */
	terms_of(query->text, &search->terms);
	if (search->terms.count == 0)
		return 0;
	err = search_filter(search);
	if (err == 0 && query->semantic_ratio < 1)
		err = search_words(search);
	if (err == 0 && query->semantic_ratio > 0) {
		err = search_vectors(search, note);
		vectors = search->top.count;
	}
	if (err < 0)
		return err;
	count = fuse(search->candidates, search->lexical_count, vectors,
	    query->semantic_ratio);
	for (i = 0; err == 0 && i < count && giving->results < query->limit &&
	    search->candidates[i].score >= query->score_min; i++)
		err = give(giving, &search->candidates[i]);
	return err;
}

/* What a search works with, by how much it is asked for. */
static int
search_room(struct search *search, struct giving *giving,
    size_t base_count)
{
	const struct query *query = search->query;

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
	search->candidates = mem_array((base_count + 1) * search->size,
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

int
engine_query_bases(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *bases, size_t base_count,
    const struct query *query, int64_t *ret_generation, result_fn *fn,
    void *arg, struct err_note *note)
{
	struct giving giving = {.fn = fn, .arg = arg};
	struct search *search;
	int64_t rev;
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
	err = search_room(search, &giving, base_count);
	if (err == 0)
		err = store_begin(reader, note);
	if (err < 0)
		goto out;
	err = search_bases(search, account_id, bases, base_count, note);
	if (err == 0)
		err = store_stamp(reader, &rev, ret_generation);
	if (err == 0)
		err = search_run(search, &giving, note);
	store_end(reader);
	atomic_fetch_add(&engine->counters.queries, 1);
out:
	buf_fini(&giving.texts);
	mem_free(giving.given);
	mem_free(search->allowed.revisions);
	mem_free(search->candidates);
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
