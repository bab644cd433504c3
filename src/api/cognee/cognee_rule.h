/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_rule: how a dataset is to be made into a graph, from what requests
 * say of it, in its base's settings (engine/rule.h).
 *
 * Floor 6.  What a request says stays said for the dataset, until another one
 * says something else.
 */
#ifndef API_COGNEE_COGNEE_RULE_H
#define API_COGNEE_COGNEE_RULE_H

#include <stdint.h>

struct cognee_dataset;
struct http_reply;
struct http_request;
struct json_t;

/* A chunk's tokens, of about four characters each.  Ours have at most 2000 of
 * them: what allows more allows those. */
#define COGNEE_CHUNK_TOKENS_MIN 16
#define COGNEE_CHUNK_TOKENS_MAX 1000000

struct cognee_rule {
	const char *prompt;   /* orders for the chat model; NULL or "": ours */
	int64_t chunk_tokens; /* the most of a chunk; 0: as it is */
};

/*
 * What of a request cannot be done here: ERR_INVALID with words for the client
 * in the request's note.  graph_model: as it came, NULL: absent; ontology: the
 * first key that it names, NULL: none.
 */
int cognee_rule_check(struct http_request *request,
    const struct cognee_rule *rule, const struct json_t *graph_model,
    const char *ontology);

/* The dataset is to be a graph from now on, and what the rule says.
 * ERR_NOT_FOUND: it is gone; ERR_INVALID, ERR_TOO_BIG with words. */
int cognee_rule_set(struct http_request *request,
    const struct cognee_dataset *dataset, const struct cognee_rule *rule);

/* The same in settings: 0: changed; 1: they are so already; ERR_NOMEM. */
int cognee_rule_change(const struct cognee_rule *rule,
    struct json_t *settings);

#endif
