/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_search: questions to datasets, as they are asked, as what is found for
 * them is kept, and as it is said.  Floor 6.
 *
 * Each dataset is asked on its own: what is the best of one is the best of it
 * whatever the others have.  What is found is written at once as the answer
 * will have it, and its texts are kept beside that, as the rows of the store
 * are gone when somebody answers from them.
 */
#ifndef API_COGNEE_COGNEE_SEARCH_H
#define API_COGNEE_COGNEE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "api/cognee/cognee_dataset.h"
#include "base/buf.h"
#include "engine/answer.h"

struct http_reply;
struct http_request;
struct jsonw;
struct result;

#define COGNEE_SEARCH_DATASETS_MAX 256u /* that one search goes over */

enum cognee_search_type {
#define SEARCH(name, gathers, answer, kind) COGNEE_SEARCH_##name,
#include "api/cognee/cognee_search_tbl.h"
	COGNEE_SEARCH_COUNT
};

enum cognee_gathering {
	COGNEE_GATHER_NOTHING,
	COGNEE_GATHER_CHUNKS,
	COGNEE_GATHER_WORDS,	  /* chunks, by their words alone */
	COGNEE_GATHER_SUMMARIES,  /* chunks, each by a sentence of its own */
	COGNEE_GATHER_HYBRID,	  /* the graph around chunks, and these */
	COGNEE_GATHER_GRAPH,	  /* the graph around chunks */
	COGNEE_GATHER_GRAPH_WIDE, /* more of it */
	COGNEE_GATHER_GRAPH_SUMMARY, /* the graph, and summaries of chunks */
	COGNEE_GATHER_DATES,	  /* chunks with the question's years first */
	COGNEE_GATHER_REPORT,	  /* the whole graph */
	COGNEE_GATHER_LUCKY,	  /* what the question looks like */
};

enum cognee_answering { COGNEE_LISTS, COGNEE_ANSWERS, COGNEE_REFUSED };

struct cognee_search_way {
	const char *name, *kind;
	enum cognee_gathering gathers;
	enum cognee_answering answer;
};
const struct cognee_search_way *cognee_search_way(
    enum cognee_search_type type);
/* ended by NULL, for checking bodies */
extern const char *const cognee_search_names[];

/* ---- what is asked (cognee_search_read.c) -------------------------------- */

struct cognee_asked {
	const char *question;
	const char *wish; /* of an answer; NULL: none */
	enum cognee_search_type type;
	size_t limit;
	bool only_context, verbose, with_references;
	/* Names and ids of datasets, and of node sets: arrays of strings of the
	 * body; NULL: none. */
	const json_t *names, *ids, *sets;
};

/* Fields of a body that searches have: an initializer of cognee_field. */
#define COGNEE_SEARCH_FIELDS                                                  \
	{.name = "search_type", .type = COGNEE_TEXT,                          \
	    .words = cognee_search_names},                                    \
	    {.name = "datasets", .type = COGNEE_TEXTS},                       \
	    {.name = "dataset_ids", .type = COGNEE_UUIDS},                    \
	    {.name = "query", .type = COGNEE_TEXT},                           \
	    {.name = "system_prompt", .type = COGNEE_TEXT},                   \
	    {.name = "node_name", .type = COGNEE_TEXTS},                      \
	    {.name = "top_k", .type = COGNEE_INT},                            \
	    {.name = "only_context", .type = COGNEE_BOOL},                    \
	    {.name = "verbose", .type = COGNEE_BOOL},                         \
	    {.name = "skills", .type = COGNEE_TEXTS},                         \
	    {.name = "tools", .type = COGNEE_TEXTS},                          \
	    {.name = "max_iter", .type = COGNEE_INT},                         \
	    {.name = "include_references", .type = COGNEE_BOOL},              \
	    {.name = "code_query", .type = COGNEE_ANY}

/* A checked body.  is_recall: a type of null is chosen by the question, and
 * references are wanted unless they are not.  0; 1: it cannot be done, and the
 * reply says why. */
int cognee_asked_read(struct http_reply *reply, const json_t *body,
    bool is_recall, struct cognee_asked *ret_asked);

/* The way that suits a question: its words in quotes CHUNKS_LEXICAL, an
 * overview SUMMARIES, a time TEMPORAL; else GRAPH_COMPLETION where there is a
 * graph, and RAG_COMPLETION where there is none.  Pure. */
enum cognee_search_type cognee_search_guess(const char *question,
    bool has_graph);

/* Years (1000 to 2999) that a question names, the first ones.  Pure. */
#define COGNEE_YEARS_MAX 16u
#define COGNEE_YEAR_DIGITS 4u
struct cognee_years {
	char list[COGNEE_YEARS_MAX][COGNEE_YEAR_DIGITS];
	size_t count;
};
void cognee_years_of(const char *question, struct cognee_years *ret_years);
/* Does text name one of them? */
bool cognee_years_are_in(const struct cognee_years *years, const char *text,
    size_t len);

/* ---- what is found (cognee_search_find.c, cognee_context.c) -------------- */

struct cognee_hit {
	struct uuid segment, document;
	uint32_t position; /* of the segment, from 0 */
	size_t json, json_len;	 /* its payload, an object; in texts */
	size_t text, text_len;	 /* what it says, which is a summary's */
	size_t name;		 /* of its document; terminated */
	double score;
};

/* Of one dataset. */
struct cognee_found {
	struct cognee_dataset dataset;
	enum cognee_search_type type; /* in which way it was asked */
	bool has_graph, is_by_model; /* the graph; else rules made it */
	size_t first, count; /* of the hits */
	/* What an answer is made of; in texts. */
	size_t context, context_len;
	/* What of the context is the graph; 0: none of it is. */
	size_t graph, graph_len;
	struct answer answer; /* of ways that have one, once it is made */
};

struct cognee_search {
	struct cognee_asked asked; /* question and wish are owned; the arrays
				      are of the request, and gone later */
	int64_t account_id;	   /* who asks */
	struct cognee_found *found;
	size_t count;
	struct cognee_hit *hits;
	size_t hit_count, hit_size;
	struct buf texts;
	json_t *filter; /* of documents; NULL: none */
	bool is_recall;
	/* Of a recall: items that come first, JSON with commas between. */
	struct buf items;
};

/* Copies what is asked.  Returns owned (cognee_search_free); ERR_NOMEM. */
int cognee_search_new(struct http_request *request,
    const struct cognee_asked *asked, struct cognee_search **ret_search);
void cognee_search_free(void *search);

/*
 * The datasets that are asked for, then what is found in each.  0; 1: it
 * cannot be done, and the reply says why; or an error to be returned.
 */
int cognee_search_resolve(struct http_request *request,
    struct http_reply *reply, struct cognee_search *search);
int cognee_search_find(struct http_request *request,
    struct http_reply *reply, struct cognee_search *search);

/* Appends text and a zero; where it begins. */
size_t cognee_keep(struct cognee_search *search, const char *text,
    size_t len);

/* Of what was found in one dataset: what stands in its context, and the graph
 * that is around it. */
int cognee_context_make(struct http_request *request, struct store *reader,
    struct cognee_search *search, struct cognee_found *found);

/* Passages that an answer is made of, the first of found; the array has room
 * for count, and as many are set as are returned. */
size_t cognee_passages(const struct cognee_search *search,
    const struct cognee_found *found, bool with_graph,
    struct passage *passages, size_t count);

/* ---- how it is said (cognee_search_write.c) ------------------------------ */

/* A chunk, or its summary, as the payload of the original. */
void cognee_write_chunk(struct jsonw *w, const struct result *result,
    const char *summary);

/* The text of an answer; never empty. */
const char *cognee_answer_text(const struct cognee_found *found);
/* "model", "extract"; NULL: nobody answered. */
const char *cognee_answer_maker(const struct cognee_found *found);

/* All of it: a list with an element for each dataset. */
void cognee_write_search(struct jsonw *w, const struct cognee_search *search);
/* All of a recall: a list with an item for each thing that was found. */
void cognee_write_recall(struct jsonw *w, const struct cognee_search *search);

/* ---- answering (cognee_search.c) ----------------------------------------- */

/* Answer what was found, now or when a model has; takes search. */
int cognee_search_reply(struct http_request *request,
    struct http_reply *reply, struct cognee_search *search);

/* {"detail":"message [name]"}; returns 1. */
int cognee_search_refuse(struct http_reply *reply, int status,
    const char *name, const char *message);

#endif
