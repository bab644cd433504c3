/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service: what clients of services that the operator named (a chat model, a
 * reranker) do alike: the address, the key, and the words of a refusal.
 *
 * Floor 2.
 */
#ifndef NET_SERVICE_H
#define NET_SERVICE_H

#include <stddef.h>

struct buf;
struct err_note;
struct net_answer;

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
