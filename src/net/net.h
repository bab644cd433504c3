/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net: HTTP requests that the server makes of others.
 *
 * Floor 2.  HTTP and HTTPS only.  No redirect is followed (an answer in the
 * 300s is an answer like others), no cookie kept, no password file read; TLS
 * is verified.  A client belongs to one thread at a time and keeps its
 * connections open between requests.  Who calls has SIGPIPE blocked or
 * ignored.
 *
 * Sentences in a note name the host and the cause, never a header, a body or
 * a path.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err_note;
struct net_client;

/*
 * Whom a client may connect to.  All false and empty: public addresses only
 * (net/address.h).  It is the address of the connection itself that is
 * looked at, not the name: what a name leads to may change between two looks.
 */
struct net_policy {
	/* Any address: for what the operator wrote down as an endpoint. */
	bool allows_any;
	/* These names lead wherever they lead; as in an address, without
	 * port, in any case; an IPv6 address without its brackets. */
	const char *const *hosts;
	size_t host_count;
	/* Take a proxy from the environment (http_proxy, https_proxy,
	 * no_proxy).  Only with allows_any, as nobody can see whom a proxy
	 * connects to. */
	bool uses_env_proxy;
};

/* Each 0: the default of base/limits.h. */
struct net_limits {
	unsigned connect_ms; /* until a connection (and TLS) is there */
	unsigned total_ms;   /* for all of it */
	unsigned stall_ms;   /* without a byte, also before the first one */
	size_t bytes_max;    /* of the answer's body */
};

struct net_header {
	const char *name;
	const char *value; /* not empty */
};

/*
 * A header of the answer that the caller wants.  The value is put there as
 * soon as it comes, so it is known when the body's first byte is, and also
 * of an answer that breaks off later; the last one counts.  "" when it is
 * not said, does not fit, or has a control character in it.
 */
struct net_wanted {
	const char *name;
	char *value; /* size bytes, terminated; borrowed */
	size_t size;
};

struct net_request {
	const char *method; /* NULL: GET, or POST with a body */
	const char *url;
	const struct net_header *headers;
	size_t header_count;
	const void *body; /* NULL: none */
	size_t body_len;
	const struct net_wanted *wanted;
	size_t wanted_count; /* at most NET_WANTED_MAX */
	/* Ask for the path as it stands: /./ and /../ are sent, too. */
	bool is_path_literal;
	struct net_limits limits;
	const atomic_bool *stop; /* NULL: none; true breaks it off */
};

#define NET_TYPE_SIZE 128

struct net_answer {
	unsigned status;
	char content_type[NET_TYPE_SIZE]; /* "": none, or far too long */
	int64_t retry_after_s; /* Retry-After as seconds from now; -1: none */
	struct buf body;
};

/*
 * Called with the answer's body piece by piece; head has no body.  A
 * negative value breaks the transfer off and is what net_stream() returns.
 */
typedef int net_bytes_fn(void *arg, const struct net_answer *head,
    const void *bytes, size_t len);

/* policy is copied.  Returns owned (net_client_free).  ERR_INVALID: a proxy
 * without allows_any; ERR_TOO_BIG over NET_HOSTS_MAX. */
int net_client_new(const struct net_policy *policy,
    struct net_client **ret_client, struct err_note *note);
void net_client_free(struct net_client *client);

/*
 * Make the request and wait for the whole answer, whatever its status; the
 * answer is the caller's to free (net_answer_fini), and untouched on error:
 *
 *	ERR_INVALID	url, method or header cannot be sent
 *	ERR_FORBIDDEN	the policy refuses every address of the host
 *	ERR_CANCELLED	*stop became true; seen within a tenth of a second
 *	ERR_TIMEOUT	a limit of time is over
 *	ERR_TOO_BIG	the answer's head or body is over its limit
 *	ERR_CLOSED	the connection ended early
 *	ERR_UPSTREAM	no connection, or no HTTP on it
 *	ERR_NOMEM
 */
int net_run(struct net_client *client, const struct net_request *request,
    struct net_answer *ret_answer, struct err_note *note);
/* The same, with the body given to fn instead; ret_answer's is empty. */
int net_stream(struct net_client *client, const struct net_request *request,
    net_bytes_fn *fn, void *arg, struct net_answer *ret_answer,
    struct err_note *note);
void net_answer_fini(struct net_answer *answer);

/*
 * Can url be asked for: http or https, a host, no user and password, not
 * over NET_URL_BYTES_MAX?  0 or ERR_INVALID with words; ERR_NOMEM.
 */
int net_url_check(const char *url, struct err_note *note);

/*
 * For an address that somebody else wrote down: net_url_check(), and either the
 * policy lets its host through, or it is https and not plainly an address that
 * is not public.  What a name leads to shows when it is connected to.
 * ERR_FORBIDDEN with words.
 */
int net_url_guard(const char *url, const struct net_policy *policy,
    struct err_note *note);

/* The value of a Retry-After header, seconds or a date, as seconds from
 * now_s (since 1970); -1 when it is neither, at most NET_RETRY_SECONDS_MAX. */
int64_t net_retry_after(const char *value, int64_t now_s);

#endif
