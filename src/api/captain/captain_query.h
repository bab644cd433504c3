/* SPDX-License-Identifier: Apache-2.0 */
/*
 * captain_query: what a query asks for, what it finds, and how that is said.
 *
 * Floor 6.  A query is read and searched on the request's thread; reranking
 * and inference may have to wait for other services and go on without the
 * request (captain_query.c), so that a struct captain_query owns all it needs.
 */
#ifndef API_CAPTAIN_CAPTAIN_QUERY_H
#define API_CAPTAIN_CAPTAIN_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/jsonw.h"
#include "base/uuid.h"
#include "engine/answer.h"

struct http_reply;
struct http_request;
struct result;
struct segment;

#define CAPTAIN_QUERY_BASES_MAX 10u
#define CAPTAIN_QUERY_CHARS_MAX 8192u /* in UTF-8 at most QUERY_BYTES_MAX */
#define CAPTAIN_WISH_CHARS_MAX 4000u
#define CAPTAIN_PASSAGES 10u /* that an answer is made of */

enum captain_warning {
#define CAPTAIN_WARNING(name, words) CAPTAIN_WARN_##name,
#include "api/captain/captain_warning_tbl.h"
	CAPTAIN_WARNING_COUNT
};

/* The bit of a warning. */
#define CAPTAIN_WARNS(name) (1u << CAPTAIN_WARN_##name)

/* ---- what is asked (captain_query_read.c) -------------------------------- */

enum captain_version { CAPTAIN_V2, CAPTAIN_V3 };

/* What v3's results are to have beside themselves; bits. */
enum captain_include {
	CAPTAIN_WITH_DOCUMENT = 1,
	CAPTAIN_WITH_METADATA = 2,
	CAPTAIN_WITH_DOCUMENT_METADATA = 4,
	CAPTAIN_WITH_NEIGHBOURS = 8,
};

struct captain_asked {
	enum captain_version version;
	const char *text, *wish; /* wish NULL: none */
	const json_t *filter;	 /* checked; NULL: none */
	size_t limit;		 /* results that are given */
	size_t candidates;	 /* that are reranked */
	size_t per_document_max; /* 0: any number */
	double semantic_ratio;
	bool is_inference, is_stream, is_rerank;
	bool finds_nothing; /* every type of chunk is excluded */
	unsigned include;
	unsigned warnings; /* bits */
};

/*
 * The request's body as a query of that version; what ret_asked points to
 * belongs to the request.  Returns 0; 1 when the reply is written (400, 422);
 * or an error to be returned.
 */
int captain_asked_read(struct http_request *request,
    struct http_reply *reply, enum captain_version version,
    struct captain_asked *ret_asked);

/* ---- what is found (captain_query_find.c) -------------------------------- */

/* Offsets are in captain_query's bufs. */
struct captain_hit {
	struct uuid document;
	double score;  /* 0..1 */
	double rerank; /* NAN: none */
	size_t json, json_len; /* its object, without "rerank_score" */
	size_t name, text, text_len;
};

struct captain_query {
	struct captain_asked asked; /* text and wish owned, filter NULL */
	char request_id[40];
	char run_id[40], call_id[40];
	int64_t start_us; /* monotonic */
	struct captain_hit *hits; /* as the search has them */
	size_t hit_count, hit_size;
	size_t *order; /* of hits, best first */
	size_t result_count; /* of order, that are results */
	bool is_reranked;
	struct buf json, texts;
	struct answer answer; /* of an inference */
	int64_t seq; /* of the last event */
};

/* Everything but the search; asked's texts are copied.  Returns owned
 * (captain_query_free); ERR_NOMEM. */
int captain_query_new(struct http_request *request,
    const struct captain_asked *asked, struct captain_query **ret_query);
void captain_query_free(void *query);

struct captain_base;
/* Search bases, and keep what is found.  Errors are to be returned. */
int captain_query_find(struct http_request *request,
    const struct captain_base *bases, size_t base_count,
    const json_t *filter, struct captain_query *query);

/* The first results as passages; passages has room for count. */
void captain_query_passages(const struct captain_query *query,
    struct passage *passages, size_t count);

/* ---- how it is said (captain_query_write.c) ------------------------------ */

/* The object of one result; neighbours NULL: not asked for. */
struct captain_neighbour {
	uint32_t position;
	size_t text, text_len; /* in texts */
};
void captain_write_hit(struct jsonw *w, const struct captain_query *query,
    const struct result *result, const char *collection,
    const struct captain_neighbour *neighbours, size_t neighbour_count);

/* What an inference answers, in whatever way it was made. */
const char *captain_answer_text(const struct captain_query *query);
/* The whole answer, an object... */
void captain_write_answer(struct jsonw *w, const struct captain_query *query);
/* ...and events of its stream, with "data: " and an empty line. */
void captain_write_tool_start(struct buf *out, struct captain_query *query);
void captain_write_tool_end(struct buf *out, struct captain_query *query);
void captain_write_delta(struct buf *out, struct captain_query *query,
    const char *text, size_t len);
void captain_write_complete(struct buf *out, struct captain_query *query);
void captain_write_stream_error(struct buf *out,
    struct captain_query *query, const char *words);

#endif
