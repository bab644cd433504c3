/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_int: what the files of the web source share.
 */
#ifndef SOURCE_WEB_INT_H
#define SOURCE_WEB_INT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "net/net.h"
#include "source/web.h"
#include "source/web_frontier.h"
#include "source/web_robots.h"
#include "source/web_url.h"

struct err_note;

/* ---- web_url.c --------------------------------------------------------- */

/* The byte that the escape (%41) at the front of len bytes means, or -1. */
int web_escape_read(const char *at, size_t len);

/* Append len bytes of a path or a query with their escapes as they should
 * be; errors stick in out. */
void web_escape(const char *text, size_t len, struct buf *out);

/* ---- a crawl ----------------------------------------------------------- */

/* A scheme, a host and a port that are asked. */
struct web_host {
	char *url; /* of its robots.txt; owned */
	struct web_robots robots;
	bool has_robots; /* they were asked for */
	char why[128];	 /* refuses_all: the part of a sentence; "" */
	enum item_code why_code;
	int64_t next_us; /* no request before, by the monotonic clock */
	unsigned failures; /* in a row */
};

/* What is known of an address' kind before or after it was asked. */
enum web_kind { WEB_KIND_PAGE, WEB_KIND_MEDIA, WEB_KIND_OTHER };

struct web_crawl {
	const struct web_config *config;
	struct net_client *client;
	const atomic_bool *stop;
	const struct web_calls *calls;
	struct web_tally tally;
	struct web_frontier frontier;
	struct web_host hosts[WEB_HOSTS_MAX];
	size_t host_count;
	/* What the scope is measured by: host and path may move apart when
	 * the first page redirects. */
	char *host_url, *path_url;
	int64_t end_us; /* of time_s */
	uint32_t again; /* the node that is to be visited next, or NONE */
	struct err_note *note;
};

/* One request as the crawl makes it: the answer's body goes to fd or to
 * body. */
struct web_ask {
	const char *url;
	const struct web_known *known; /* NULL: whatever it is */
	struct buf *body; /* NULL: to fd */
	int fd;
	/* Break off unless the answer is of a kind that is taken. */
	bool checks_kind, takes_media;
	bool cuts; /* what is over bytes_max is left out, and that is fine */
	bool is_unread; /* its links are not looked for: any size will do */
	uint64_t bytes_max;
};

#define WEB_DISPOSITION_SIZE 1024

struct web_got {
	unsigned status;
	char type[NET_TYPE_SIZE];
	char location[WEB_URL_BYTES_MAX + 1];
	char etag[REMOTE_TAG_SIZE];
	char last_modified[WEB_DATE_SIZE];
	char wish[NET_TYPE_SIZE]; /* X-Robots-Tag */
	char coding[32];	  /* Content-Encoding */
	char disposition[WEB_DISPOSITION_SIZE];
	int64_t retry_after_s;
	uint64_t bytes;
	bool is_unwanted; /* broken off for its kind */
};

/* ---- web_fetch.c ------------------------------------------------------- */

/*
 * Ask, with the pause that the host wants before, and again when that may
 * help.  0: there is an answer, whatever its status.  ERR_CANCELLED,
 * ERR_NOMEM, ERR_IO, ERR_STORAGE_FULL end the crawl; the others of net_run()
 * are about the site.  ERR_TOO_BIG over bytes_max.
 */
int web_fetch(struct web_crawl *crawl, struct web_host *host,
    const struct web_ask *ask, struct web_got *ret_got,
    struct err_note *note);

/* One attempt, at once. */
int web_ask_once(struct web_crawl *crawl, const struct web_ask *ask,
    struct web_got *got, struct err_note *note);

/* What an answer's status says: it leads elsewhere; it is worth another try;
 * or why there is nothing to be had. */
bool web_status_redirects(unsigned status);
bool web_status_passes(unsigned status);
enum item_code web_status_code(unsigned status);

/* The host of a normalised address.  ERR_TOO_BIG over WEB_HOSTS_MAX,
 * ERR_NOMEM. */
int web_host_of(struct web_crawl *crawl, const char *url,
    struct web_host **ret_host);

/* Does an error end the crawl? */
bool web_error_is_ours(int err);

/* ---- web_rules.c ------------------------------------------------------- */

/* See to it that the host's robots.txt was asked for.  0 or an error that
 * ends the crawl. */
int web_rules_have(struct web_crawl *crawl, struct web_host *host);

/* May the host be asked for url? */
bool web_rules_allow(const struct web_host *host, const char *url);

/*
 * Fetch what lies at the end of a way into body (cleared first).
 * *ret_status is 0 when the way was too long or closed.  Errors as
 * web_fetch(), and ERR_TOO_BIG for too many hosts.
 */
struct web_way {
	const char *url;
	unsigned redirects; /* as many are followed */
	bool obeys; /* robots.txt is asked */
	bool cuts;  /* as in web_ask */
};
int web_follow(struct web_crawl *crawl, const struct web_way *way,
    struct buf *body, unsigned *ret_status, struct err_note *note);

/* ---- web_scope.c ------------------------------------------------------- */

/* By the extension of its path. */
enum web_kind web_kind_of_path(const struct web_url *url);
/* By its type, and where that says nothing, its path. */
enum web_kind web_kind_of_answer(const char *type, const char *url);
/* Is an answer HTML?  Without a type, when its address may be a page's. */
bool web_is_html(const char *type, const char *url);

bool web_scope_has(const struct web_crawl *crawl, const char *url,
    bool is_media);

/* The first page redirects to target: let the scope move with it, if that is
 * the same site.  0: it is in the scope now; ERR_NOT_FOUND; ERR_NOMEM. */
int web_scope_move(struct web_crawl *crawl, const char *target);

/*
 * Put an address into the queue, unless it is there, out of the scope, or
 * beyond a limit.  template: what its node is to hold.  *ret_index is its
 * node or NONE.  0 or an error that ends the crawl.
 */
int web_enqueue(struct web_crawl *crawl, const char *url,
    const struct web_node *template, uint32_t *ret_index);

/* ---- web_list.c -------------------------------------------------------- */

/* Put what the sitemaps list into the queue; when there is none, give an
 * entry that says so. */
int web_list(struct web_crawl *crawl);

/* ---- web_visit.c ------------------------------------------------------- */

/* Fetch a node and make of it what it is. */
int web_visit(struct web_crawl *crawl, uint32_t index);

/* Give an entry with a code. */
int web_give_failure(struct web_crawl *crawl, uint32_t index,
    const char *url, enum item_code code, const char *message);

#endif
