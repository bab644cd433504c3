/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net_int: what the files of net share.
 */
#ifndef NET_NET_INT_H
#define NET_NET_INT_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/net.h"

#define NET_HOST_SIZE 256
#define NET_ADDRESS_SIZE 64

/* Who an address leads to. */
struct net_host {
	char name[NET_HOST_SIZE]; /* as in a policy: no brackets, no dot at
				     the end, lower case */
	char where[NET_HOST_SIZE + 16]; /* for people: with the port, if one
					   is written */
};

/* net_url_check(), and whom it leads to. */
int net_url_host(const char *url, struct net_host *ret_host,
    struct err_note *note);

struct net_client {
	CURL *easy;
	CURLM *multi;
	char **hosts;
	size_t host_count;
	bool allows_any, uses_env_proxy;
};

struct transfer {
	struct net_client *client;
	const struct net_request *request;
	struct net_limits limits; /* none is 0 */
	struct net_host host;
	bool is_host_allowed;
	bool is_opened; /* a socket, to an address that is allowed */
	const char *refused; /* the kind of an address that is not */
	char refused_address[NET_ADDRESS_SIZE];
	struct net_answer *answer;
	net_bytes_fn *fn; /* NULL: into answer->body */
	void *arg;
	uint64_t head_bytes, body_bytes;
	int64_t moved_us; /* when a byte was seen to move */
	uint64_t moved;	  /* bytes by then */
	struct curl_slist *headers;
	struct err_note *note;
	int err;
};

/* net.c: keep the first error, with words (NULL: none) behind the host's
 * name. */
void transfer_fail(struct transfer *transfer, int err, const char *words);

/* ---- setup.c ----------------------------------------------------------- */

/* Make the easy handle ready for the request; ERR_INVALID, ERR_NOMEM. */
int transfer_setup(struct transfer *transfer);

/* ---- hear.c: libcurl calls all but the first with the transfer --------- */

/* What the head said so far does not count. */
void transfer_forget(struct transfer *transfer);

curl_socket_t transfer_socket(void *arg, curlsocktype purpose,
    struct curl_sockaddr *address);
size_t transfer_header(char *line, size_t size, size_t count, void *arg);
size_t transfer_body(char *bytes, size_t size, size_t count, void *arg);

#endif
