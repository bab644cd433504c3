/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service: what clients of services that the operator named (a chat model, a
 * reranker) do alike: the address, the key, the request around a JSON body, and
 * the words of a refusal.
 *
 * Floor 2.
 */
#ifndef NET_SERVICE_H
#define NET_SERVICE_H

#include <stdatomic.h>
#include <stddef.h>

#include "net/net.h"

struct buf;
struct err_note;

struct net_service_config {
	const char *url;  /* as net_service_url() takes it */
	const char *path; /* "/rerank" */
	const char *model;
	const char *key; /* NULL or "": none is sent */
	unsigned timeout_ms; /* of one answer */
};

/* Belongs to one thread at a time; zeroed before it is opened.  Members are
 * for reading. */
struct net_service {
	struct net_client *net;
	char *url; /* whole */
	char *model;
	char *bearer; /* NULL: no key */
	unsigned timeout_ms;
};

/*
 * Copies the config; nobody is asked yet.  The address is the operator's own,
 * so it may lead anywhere.  To be closed, also after an error: ERR_INVALID with
 * words (url, model or key cannot be used), ERR_NOMEM.
 */
int net_service_open(struct net_service *service,
    const struct net_service_config *config, struct err_note *note);
void net_service_close(struct net_service *service);

/* A POST of a JSON body (borrowed) to it, to be run by net_run() or
 * net_stream() with service->net.  Nothing may come for all of timeout_ms:
 * models think. */
struct net_service_post {
	struct net_request request;
	struct net_header headers[3];
};
void net_service_post(const struct net_service *service,
    const struct buf *body, const char *accept, size_t answer_bytes_max,
    const atomic_bool *stop, struct net_service_post *post);

/* "api.example.com:8080: " is put before the note's words; returns err. */
int net_service_wrap(const struct net_service *service, int err,
    struct err_note *note);

/* Its key, for what no words may show; NULL: there is none. */
const char *net_service_key(const struct net_service *service);

/*
 * The whole address of a service's operation path ("/chat/completions"): url
 * has it already, or stands before it, with "/v1" in between where url is a
 * host alone.  Returns owned (mem_free); ERR_INVALID with words, ERR_NOMEM.
 */
int net_service_url(const char *url, const char *path, char **ret_url,
    struct err_note *note);

/* "Bearer KEY", as a header has it.  Returns owned (mem_free); ERR_INVALID
 * with words: what cannot be a key; ERR_NOMEM. */
int net_service_bearer(const char *key, char **ret_bearer,
    struct err_note *note);

/* "api.example.com:8080", out of an address that was checked. */
#define NET_SERVICE_HOST_SIZE 128
void net_service_host(const char *url, char out[NET_SERVICE_HOST_SIZE]);

/*
 * The error of an answer that is not in the 200s, with the words of its body
 * and without the host: ERR_BUSY (408, 425, 429: again later), ERR_UPSTREAM
 * (5xx), ERR_INVALID (refused for good).  bearer: no piece of its key is
 * shown; NULL: there is none.
 */
int net_service_refusal(const struct net_answer *answer,
    const struct buf *body, const char *bearer, struct err_note *note);

#define NET_REASON_SIZE 192

/* The service's own words in the body of a refusal, made fit to be shown: one
 * line, no control characters, no piece of key.  "" when there are none. */
void net_reason_read(const char *body, size_t len, const char *key,
    char out[NET_REASON_SIZE]);

#endif
