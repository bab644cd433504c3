/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openai: an embedder that is a service.
 *
 * Floor 3.  Speaks to whatever answers POST .../embeddings with {"model",
 * "input"} as the service of OpenAI does: so do the servers that people run
 * themselves.  Sentences in a note name the service's host, and never hold the
 * key or a text.
 */
#ifndef EMBED_OPENAI_H
#define EMBED_OPENAI_H

#include <stddef.h>
#include <stdint.h>

struct embedder;
struct err_note;
struct net_meter;

/* Each 0: the default of base/limits.h. */
struct openai_config {
	/* "https://api.example.com/v1" or the same without "/v1", or with
	 * "/embeddings" behind it.  It is the operator's own, so it may lead
	 * anywhere. */
	const char *url;
	const char *model;
	const char *key; /* NULL or "": none is sent */
	/* That the service is asked to give; 0: as many as its model has. */
	size_t dimensions;
	unsigned concurrency; /* requests at once, without those of queries */
	size_t texts_max;     /* in one request */
	size_t tokens_max;    /* in one request, estimated by its bytes */
	unsigned timeout_ms;  /* of one answer... */
	unsigned awaited_ms;  /* ...that somebody waits for */
	struct net_meter *meter; /* that counts; kept; NULL: none */
};

/*
 * Copies the config; nobody is asked yet.  Its name is "openai MODEL", with the
 * dimensions behind it where they are asked for.  Returns owned
 * (embedder->close).  ERR_INVALID with words: url, model, key or a number
 * cannot be used; ERR_NOMEM.
 *
 * What it says: ERR_BUSY, ERR_UPSTREAM, ERR_TIMEOUT and ERR_CLOSED pass;
 * ERR_INVALID, ERR_TOO_BIG: the text was refused, or what came back for it is
 * no vector; ERR_CANCELLED.
 */
int embed_openai_new(const struct openai_config *config,
    struct embedder **ret_embedder, struct err_note *note);

/*
 * Read the body of an answer in the 200s about count texts: "data", an array of
 * {"index", "embedding"}.  *dimensions 0: as many as the first one has.
 * Vectors (count * DIMENSIONS_MAX floats of room where *dimensions is 0) are
 * made of unit length; *ret_tokens is what was counted, 0 when nothing was.
 * ERR_UPSTREAM: it is not JSON at all.  ERR_INVALID with words (without the
 * host): it is no list of such vectors; *ret_at is the first text without a
 * good one, or count.  ERR_NOMEM.  Pure.
 */
int openai_body_read(const char *json, size_t len, size_t count,
    size_t *dimensions, float *vectors, uint64_t *ret_tokens,
    size_t *ret_at, struct err_note *note);

#endif
