/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rerank: how well texts answer a question, as a reranking service sees it.
 *
 * Floor 3.  Speaks to whatever answers POST .../rerank with {"model", "query",
 * "documents"} as the services of Cohere, Jina, Voyage and the servers that
 * people run themselves do.  A client belongs to one thread at a time.
 * Sentences in a note name the service's host, and never hold the key, the
 * question or a text.
 */
#ifndef RERANK_RERANK_H
#define RERANK_RERANK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct err_note;
struct net_meter;
struct rerank_client;

struct rerank_config {
	/* "https://api.example.com/v1" or the same without "/v1", or with
	 * "/rerank" behind it.  It is the operator's own, so it may lead
	 * anywhere. */
	const char *url;
	const char *model;
	const char *key;     /* NULL or "": none is sent */
	unsigned timeout_ms; /* of one answer; 0: RERANK_TIMEOUT_MS */
	struct net_meter *meter; /* that counts; kept; NULL: none */
};

struct rerank_text {
	const char *text; /* UTF-8; only RERANK_TEXT_BYTES_MAX are sent */
	size_t len;
};

struct rerank_score {
	double score; /* higher is better; on no scale that is known */
	bool is_known; /* false: the service left the text out */
};

/*
 * Copies the config; nobody is asked yet.  Returns owned
 * (rerank_client_free).  ERR_INVALID with words: url, model or key cannot be
 * used; ERR_NOMEM.
 */
int rerank_client_new(const struct rerank_config *config,
    struct rerank_client **ret_client, struct err_note *note);
void rerank_client_free(struct rerank_client *client);

/*
 * Ask and wait: a score for each of count texts, 1 to RERANK_DOCUMENTS_MAX,
 * at the text's place in ret_scores.  stop: true breaks it off; NULL: none.
 *
 *	ERR_BUSY	408, 425 or 429: again later
 *	ERR_UPSTREAM	5xx, no connection, or an answer that makes no sense: a
 *			text that there is not, one twice, a score that is no
 *			number
 *	ERR_TIMEOUT, ERR_CLOSED
 *	ERR_INVALID	refused for good (any other status), with its words
 *	ERR_TOO_BIG	question and texts over RERANK_BODY_BYTES_MAX, or the
 *			answer over RERANK_ANSWER_BYTES_MAX
 *	ERR_CANCELLED	*stop became true
 *	ERR_NOMEM
 */
int rerank_run(struct rerank_client *client, const char *query,
    const struct rerank_text *texts, size_t count, const atomic_bool *stop,
    struct rerank_score *ret_scores, struct err_note *note);

/*
 * Read the body of an answer in the 200s about count texts: an array in
 * "results" or "data", or alone, of {"index", "relevance_score" or "score"}.
 * ERR_UPSTREAM with words (without the host), ERR_NOMEM.  Pure.
 */
int rerank_body_read(const char *json, size_t len, size_t count,
    struct rerank_score *ret_scores, struct err_note *note);

#endif
