/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_int: what looking for segments (query.c) and giving them to whoever
 * asks (query_give.c) share.
 */
#ifndef ENGINE_QUERY_INT_H
#define ENGINE_QUERY_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "engine/engine_int.h"
#include "engine/terms.h"
#include "search/ask.h"
#include "search/fuse.h"

struct asked;
struct flat;

/* Revisions, ascending: those of the documents that a filter lets through, or
 * those that queries do not find. */
struct allowed {
	int64_t *revisions;
	size_t count, size;
};

/* A query that is asked of bases with more embedders than that finds those of
 * the others by words. */
#define QUERY_EMBEDDERS_MAX 8u

struct query_vector {
	int64_t embedder_id;
	bool is_by_spelling; /* as struct embedder has it */
	size_t dimensions;
	float scale;
	int8_t bytes[DIMENSIONS_MAX];
};

struct search {
	struct allowed allowed;
	struct engine *engine;
	struct store *reader;
	const struct query *query;
	const char *text; /* what words and vectors are asked for */
	struct asked *asked; /* what is demanded beside; NULL: nothing */
	bool is_list; /* it is demanded alone: nothing is scored */
	struct base_ref bases[QUERY_BASES_MAX]; /* each once */
	size_t base_count;
	/* Room for size from words of each base, and size from vectors; where
	 * segments are looked at, for QUERY_LIMIT_MAX each, and twice those
	 * from words, as each of them gets its nearness. */
	struct candidate *candidates;
	size_t lexical_count, size;
	struct top top;
	struct terms terms;
	double semantic_ratio; /* 0 where the query could not be embedded */
	/* The query's, one for each embedder that a base answers by, as far as
	 * there are; 0: it was not embedded. */
	struct query_vector vectors[QUERY_EMBEDDERS_MAX];
	size_t vector_count;
	/* The bases as they were when the query was embedded. */
	struct base_ref asked_of[QUERY_BASES_MAX];
	size_t asked_count;
	struct flat *flats[QUERY_BASES_MAX]; /* of bases; NULL: not in memory */
	/* Of those in memory: revisions that queries do not find. */
	struct allowed hidden[QUERY_BASES_MAX];
	/* The base and the segment whose vectors come by, and the nearest of
	 * them. */
	const struct base_ref *near_base;
	int64_t near_segment;
	double near_cosine;
};

/* The children of one segment that the query is nearest to, best first. */
struct nearest {
	struct search *search;
	const struct base_ref *base; /* it is of */
	struct {
		int64_t id;
		double score;
	} list[RESULT_CHILDREN_MAX];
	size_t count;
};

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

/* Settled: ascending, as allowed_has() wants it.  ERR_NOMEM. */
int allowed_put(struct allowed *allowed, int64_t revision_id);
void allowed_settle(struct allowed *allowed);
bool allowed_has(const struct allowed *allowed, int64_t revision_id);
/* Does the query's filter let it through? */
bool search_allows(const struct search *search, int64_t revision_id);

/* query.c: does the query's filter hold for the document? */
bool search_filter_holds(const struct search *search,
    const struct document *document);
/* Each of the base that may be found, with what is asked of it; some that
 * may not be among them. */
int search_documents(struct search *search, int64_t base_id, document_fn *fn,
    void *arg);

/*
 * query_ask.c: what the query demands: read from its text, and dropped at the
 * end.  ERR_NOMEM.
 */
int search_operators(struct search *search);
void search_operators_drop(struct search *search);
/* What must be there joins search->terms, at their front. */
void search_operators_terms(struct search *search);
/* Is anything asked of segments, of documents? */
bool search_asks(const struct search *search, enum ask_level level);
/* Is there something that a segment must have? */
bool search_demands(const struct search *search);
/* Must full text have that term? */
bool search_must(const struct search *search, const char *term);
/* May words find it?  For struct search_request: arg is the search. */
int search_accept(void *arg, int64_t segment_id, int64_t revision_id);
/* As many segments may be looked at as at the beginning. */
void search_look_anew(struct search *search);
/* What is asked of documents holds for it. */
bool search_takes(struct search *search, const struct document *document);
/* As search_vectors(), with nothing in search->top that must not be found, and
 * all that words have found. */
int search_vectors_accepted(struct search *search);
/* The first that all holds for, into search->candidates, lexical_count of
 * them, with score 1 each. */
int search_list(struct search *search);

/*
 * query_embed.c: cut into words, and embedded where nearness is asked for, by
 * each embedder that the bases answer by: before there is a snapshot, which
 * nobody is to hold while a service thinks.  A service that fails leaves the
 * words.
 */
int search_ask(struct search *search, int64_t account_id,
    const struct uuid *bases, size_t base_count, struct err_note *note);
/* Within the snapshot: has a base come to answer by another embedder since?
 * Then it is asked again, a few times at most. */
bool search_is_overtaken(const struct search *search);
/* The query's vector for a base; NULL: there is none. */
const struct query_vector *search_vector(const struct search *search,
    const struct base_ref *base);
/* How near a vector of the base is; false: it is not what the base answers
 * by. */
bool search_cosine(const struct search *search, const struct base_ref *base,
    const struct vector_kept *vector, double *ret_cosine);

/* query_words.c: the best segments by words, of each base, into
 * search->candidates. */
int search_words(struct search *search);

/* query_near.c: the bases' vectors in memory, as of the reader's snapshot;
 * ERR_CONFLICT: it is too old for them. */
int search_mirrors(struct search *search);
void search_mirrors_drop(struct search *search);
/* The nearest segments of all bases, into search->top, which lies in
 * search->candidates behind those that words have found. */
int search_vectors(struct search *search);
/* search_words() and search_vectors(), at the same time where that is worth
 * it. */
int search_both(struct search *search);

/* One result, with all that is told of it, unless its document has had all
 * that it may; a segment that is gone is none.  What fn says, and the store's
 * errors. */
int query_give(struct giving *giving, const struct candidate *candidate);

#endif
